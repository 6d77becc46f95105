import { deepEqual, equal } from "node:assert/strict";
import { MILLISECOND } from "../lib/event.ts";
import { EventRecorder } from "../lib/record/event_recorder.ts";

const data = new Uint8Array(10);
const typed = { kind: "typed", time: 5, data: new TextEncoder().encode("x\r"), echo: true, canonical: true } as const;

Deno.test("EventRecorder keeps no input unless asked, and passwords only with `all`", () => {
  const kinds = (input: "off" | "on" | "all", echo: boolean) => {
    const recorder = new EventRecorder({ input });
    recorder.take({ ...typed, echo });
    recorder.flush();
    return recorder.drain().map((event) => event.kind).join();
  };
  equal(kinds("off", true), "");
  equal(kinds("on", true), "input");
  equal(kinds("on", false), "note");
  equal(kinds("all", false), "input");
});

Deno.test("EventRecorder keeps nothing that was typed unseen where somebody hides it, whatever the input is to be", () => {
  for (const input of ["off", "on", "all"] as const) {
    const lines: string[] = [];
    const recorder = new EventRecorder({ input, unseen: (line) => lines.push(line) });
    const data = new TextEncoder().encode("hunter2\r");
    recorder.take({ kind: "typed", time: 1, data, echo: false, canonical: true });
    recorder.take({ kind: "typed", time: 2, data: new TextEncoder().encode("ls\r"), echo: true, canonical: true });
    recorder.flush();
    deepEqual(recorder.drain().map(({ kind }) => kind), input === "off" ? [] : ["note", "input"]);
    deepEqual(lines, ["hunter2"]);
  }
});

Deno.test("EventRecorder opens and closes a gap around a pause, and counts what it missed", () => {
  const recorder = new EventRecorder({ input: "all" });
  recorder.take({ kind: "output", time: 1, data });
  recorder.pause(2);
  recorder.pause(3);
  equal(recorder.paused, true);
  recorder.take({ kind: "output", time: 4, data });
  recorder.take(typed);
  recorder.take({ kind: "dropped", time: 6, bytes: 7 });
  recorder.add({ kind: "resize", time: 7, cols: 100, rows: 30 });
  recorder.resume(8);
  recorder.resume(9);
  recorder.take({ kind: "output", time: 10, data });
  deepEqual(recorder.drain(), [
    { kind: "output", time: 1, data },
    { kind: "gap", time: 2, reason: "paused" },
    { kind: "resize", time: 7, cols: 100, rows: 30 },
    { kind: "gap", time: 8, reason: "resumed", bytes: 17 },
    { kind: "output", time: 10, data },
  ]);
  deepEqual(recorder.drain(), []);
});

Deno.test("EventRecorder says how much an overload has cost", () => {
  const recorder = new EventRecorder({ input: "off" });
  recorder.take({ kind: "dropped", time: 3, bytes: 4096 });
  deepEqual(recorder.drain(), [{ kind: "gap", time: 3, reason: "overload", bytes: 4096 }]);
});

Deno.test("EventRecorder never lets time run backwards", () => {
  const recorder = new EventRecorder({ input: "off" });
  recorder.add({ kind: "marker", time: 100, label: "late" });
  recorder.take({ kind: "output", time: 90, data });
  deepEqual(recorder.drain().map((event) => event.time), [100, 100]);
});

Deno.test("EventRecorder tells when it has to decide about typed text", () => {
  const recorder = new EventRecorder({ input: "on" });
  equal(recorder.deadline, undefined);
  recorder.take({ ...typed, echo: false, canonical: false });
  equal(recorder.deadline, 5 + 250 * MILLISECOND);
  recorder.release(5 + 250 * MILLISECOND);
  deepEqual(recorder.drain().map((event) => event.kind), ["note"]);
});
