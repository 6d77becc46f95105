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

/** Types a password as somebody does, 60 ms from key to key; `answer` is what the program prints 1 ms behind each. */
function typePassword({ out, key }: ReturnType<typeof guarded>, password: string, answer: (letter: string) => string) {
  let at = 0;
  for (const letter of password) {
    key(at, letter, RAW);
    if (answer(letter) !== "") out(at + 1, answer(letter));
    at += 60;
  }
  key(at, "\r", RAW);
  return at;
}

const kept = (told: readonly string[]) => told.filter((entry) => !entry.startsWith("out:"));

/** What vim prints behind Enter. Every letter of it was typed within a quarter of a second before. */
const VIM_ASKS_AGAIN = "\r\x1b[?25l\x1b[24;1H\x1b[K\x1b[24;1HEnter same key again: \x1b[?25h";

for (
  const [program, answer, next] of [
    ["vim -x", "*", VIM_ASKS_AGAIN],
    ["a program that shows nothing", "", VIM_ASKS_AGAIN],
    ["a program that shows nothing and asks on the next line", "", "\r\nEnter same key again: "],
    ["pinentry", "*\x1b(B\x1b[m", "\x1b[24;1H\x1b[?1049l\x1b[23;0;0t\r\x1b[?1l\x1b>gpg: done, same key again"],
    ["a program with dots", "\u2022", "\r\nagain: same"],
  ] as const
) {
  Deno.test(`InputGuard keeps no letter of a password at ${program}, though the next prompt holds the last ones`, () => {
    for (const password of ["xf2MvQyGsame", "hunter2again", "0gqn87b1Enter", "aE"]) {
      const terminal = guarded();
      const at = typePassword(terminal, password, () => answer);
      terminal.out(at + 2, next);
      typePassword(terminal, "", () => "");
      terminal.guard.flush();
      deepEqual(kept(terminal.told), ["input-withheld", "in:\r", "in:\r"], `${program}: ${password}`);
    }
  });
}

Deno.test("InputGuard takes no clock and no status line for the echo of a key", () => {
  const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 27";
  for (const around of [["\x1b7\x1b[1;50H", "\x1b8"], ["\x1b[s\x1b[1;1H", "\x1b[u"], ["\x1b[1;1H  ", "\x1b[5;5H"]]) {
    const terminal = guarded();
    typePassword(terminal, "k7WmQz", () => around.join(alphabet));
    terminal.guard.flush();
    deepEqual(kept(terminal.told), ["input-withheld", "in:\r"]);
  }
});

Deno.test("InputGuard keeps the first letter at most where each is shown before it is masked", () => {
  const terminal = guarded();
  for (const [n, letter] of [..."hunter2"].entries()) {
    terminal.key(n * 100, letter, RAW);
    terminal.out(n * 100 + 1, letter);
    terminal.out(n * 100 + 30, "\b*");
  }
  terminal.key(800, "\r", RAW);
  terminal.key(900, "l", RAW);
  terminal.out(901, "l");
  deepEqual(kept(terminal.told), ["in:h", "input-withheld", "in:\r", "in:l"]);
});

Deno.test("InputGuard keeps what line editors, editors and drawn screens show, however they draw it", () => {
  const shown: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
    ["readline, in the middle of a line", [["x", "xyz\b\b"], ["*", "*yz\b\b"]]],
    ["a shell, a pattern", [["l", "l"], ["s", "s"], [" ", " "], ["*", "*"]]],
    ["zsh, coloured anew", [["g", "\x1b[4mg\x1b[24m"], ["i", "\b\x1b[31mgi\x1b[39m"], [
      "t",
      "\b\b\x1b[32mgit\x1b[39m",
    ]]],
    ["fish, with a suggestion", [["l", "l\x1b[38;5;8ms -la /etc\x1b[11D"], ["s", "s\x1b[38;5;8m -la /etc\x1b[10D"]]],
    ["vim", [["q", "\x1b[?25lq\x1b[24;63H1,2\x1b[1;6H\x1b[?25h"], ["f", "\x1b[?25l\b\x1b[38;5;130mqf\x1b[m\x1b[1;8H"]]],
    ["a box", [["h", "\x1b[2K\x1b[1A│ > h       │\r\n"], ["e", "\x1b[2K\x1b[1A│ > he      │\r\n"]]],
    ["a word with an accent", [["é", "é"], ["t", "t"]]],
  ];
  for (const [name, keys] of shown) {
    const { told, key, out, guard } = guarded();
    for (const [n, [letter, drawn]] of keys.entries()) {
      key(n * 80, letter, RAW);
      out(n * 80 + 1, drawn);
    }
    guard.flush();
    deepEqual(kept(told), keys.map(([letter]) => `in:${letter}`), name);
  }
});

Deno.test("InputGuard keeps a line that fish draws from its start when Enter comes with it", () => {
  const { told, key, out } = guarded();
  key(0, "echo hello world\r", RAW);
  out(1, "echo \r\x1b[27Chello \r\x1b[33Cworld\r\x1b[38C\x1b[16Decho hello world\r\x1b[38C\r\n");
  deepEqual(kept(told), ["in:echo hello world\r"]);
});

Deno.test("InputGuard keeps what came at once and is shown at once: a command of vim, a line with its corrections", () => {
  const { told, key, out } = guarded();
  key(0, ":q!\r", RAW);
  out(1, "\x1b[?25l\x1b[24;1H:q!\r\x1b[?2004l");
  key(100, "git status\x7f\x7f\x7fsh\r", RAW);
  out(101, "git \r\x1b[27Cstash\r\n");
  deepEqual(kept(told), ["in::q!\r", "in:git status\x7f\x7f\x7fsh\r"]);
});

Deno.test("InputGuard does not find a password that was pasted in the screen that comes behind it", () => {
  const { told, key, out, guard } = guarded();
  key(0, "tea4two\r", RAW);
  out(1, `\r\n${"the quick brown fox 4 jumps over the lazy dog and two more\r\n".repeat(20)}`);
  guard.flush();
  deepEqual(kept(told), ["input-withheld"]);
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
