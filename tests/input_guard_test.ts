import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { MILLISECOND, type SessionEvent } from "../lib/event.ts";
import { HOLD, InputGuard } from "../lib/record/input_guard.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const ms = (time: number) => time * MILLISECOND;

/** A guard, and what it has let through so far, told shortly: `in:text`, `out:text`, or the topic of a note. */
function guarded() {
  const told: string[] = [];
  const times: number[] = [];
  const guard = new InputGuard((event) => {
    times.push(event.time);
    if (event.kind === "input") told.push(`in:${new TextDecoder().decode(event.data)}`);
    else if (event.kind === "output") told.push(`out:${new TextDecoder().decode(event.data)}`);
    else told.push(event.kind === "note" ? event.topic : event.kind);
  });
  const out = (time: number, text: string) => guard.pass({ kind: "output", time: ms(time), data: bytes(text) });
  const key = (time: number, text: string, modes: { echo: boolean; canonical: boolean }) =>
    guard.type({ time: ms(time), data: bytes(text), ...modes });
  return { guard, told, times, out, key };
}

const COOKED = { echo: true, canonical: true };
const PASSWORD = { echo: false, canonical: true };
const RAW = { echo: false, canonical: false };

Deno.test("InputGuard records what the terminal echoes, at once", () => {
  const { told, key } = guarded();
  key(0, "ls\r", COOKED);
  deepEqual(told, ["in:ls\r"]);
});

Deno.test("InputGuard never records what is typed at a password prompt, and tells it once", () => {
  const { told, key, out } = guarded();
  for (const [at, letter] of [..."secret"].entries()) key(at, letter, PASSWORD);
  key(6, "\r", PASSWORD);
  out(7, "\r\n");
  deepEqual(told, ["input-withheld", "out:\r\n"]);
});

Deno.test("InputGuard records what a shell echoes itself, with the time it was typed", () => {
  const { told, times, key, out } = guarded();
  key(100, "l", RAW);
  deepEqual(told, []);
  out(102, "\x1b[1ml\x1b[m");
  deepEqual(told, ["in:l", "out:\x1b[1ml\x1b[m"]);
  deepEqual(times, [ms(100), ms(102)]);
});

Deno.test("InputGuard withholds what nobody shows within 250 ms, and lets nothing overtake it", () => {
  const { guard, told, key, out } = guarded();
  key(0, "s", RAW);
  key(50, "e", RAW);
  out(60, "\r\nplease wait\r\n".replace(/[se]/g, "."));
  equal(guard.deadline, HOLD);
  guard.release(HOLD - 1);
  deepEqual(told, []);
  guard.release(ms(50) + HOLD);
  deepEqual(told, ["input-withheld", "out:\r\npl.a.. wait\r\n"]);
  equal(guard.deadline, undefined);
});

Deno.test("InputGuard withholds what is shown as mask characters", () => {
  const { guard, told, key, out } = guarded();
  for (const [at, letter] of [..."hunter2"].entries()) {
    key(at * 10, letter, RAW);
    out(at * 10 + 1, "*");
  }
  guard.flush();
  deepEqual(told.filter((entry) => !entry.startsWith("out:")), ["input-withheld"]);
});

Deno.test("InputGuard keeps keys that print nothing", () => {
  const { told, key } = guarded();
  key(0, "\x1b[A", RAW);
  key(1, "\x1bOB", RAW);
  key(2, "\r", RAW);
  key(3, "\x03", RAW);
  deepEqual(told, ["in:\x1b[A", "in:\x1bOB", "in:\r", "in:\x03"]);
});

Deno.test("InputGuard tells each secret once", () => {
  const { guard, told, key } = guarded();
  for (const [at, letter] of [..."one"].entries()) key(at, letter, RAW);
  key(5, "\r", RAW);
  guard.release(ms(300));
  for (const [at, letter] of [..."two"].entries()) key(400 + at, letter, RAW);
  guard.flush();
  deepEqual(told, ["input-withheld", "in:\r", "input-withheld"]);
});

Deno.test("InputGuard records a paste that the shell shows piece by piece", () => {
  const { told, key, out } = guarded();
  key(0, "echo hello\r", RAW);
  out(1, "echo h");
  out(2, "ello\r\n");
  deepEqual(told, ["in:echo hello\r", "out:echo h", "out:ello\r\n"]);
});

Deno.test("InputGuard emits every other event exactly once and in order, whatever is typed", () => {
  const happening = fc.oneof(
    fc.record({ text: fc.string({ maxLength: 4 }), modes: fc.constantFrom(COOKED, PASSWORD, RAW) }),
    fc.record({ output: fc.string({ maxLength: 6 }) }),
  );
  fc.assert(fc.property(fc.array(happening), (happenings) => {
    const emitted: SessionEvent[] = [];
    const guard = new InputGuard((event) => emitted.push(event));
    const outputs: string[] = [];
    happenings.forEach((one, at) => {
      guard.release(ms(40 * at));
      if ("output" in one) {
        outputs.push(one.output);
        guard.pass({ kind: "output", time: ms(40 * at), data: bytes(one.output) });
      } else guard.type({ time: ms(40 * at), data: bytes(one.text), ...one.modes });
    });
    guard.flush();
    deepEqual(
      emitted.flatMap((event) => event.kind === "output" ? [new TextDecoder().decode(event.data)] : []),
      outputs,
    );
    const times = emitted.map((event) => event.time);
    deepEqual(times, times.toSorted((a, b) => a - b));
  }));
});
