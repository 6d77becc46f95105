import { deepEqual, throws } from "node:assert/strict";
import { SECOND, type SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { type Mark, mark } from "../lib/transform/mark.ts";
import { header, marker, output } from "./support/events.ts";

const marked = async (marks: Mark[], ...events: SessionEvent[]) =>
  (await collect(streamOf(...events).pipeThrough(mark(marks)))).map((event) =>
    event.kind === "marker" ? `${event.label}@${event.time / SECOND}` : `${event.kind}@${event.time / SECOND}`
  );
const exit: SessionEvent = { kind: "exit", time: 9 * SECOND, status: { code: 0 } };

Deno.test("mark() sets markers behind the events of their time, those of one time in their order", async () => {
  const marks = [{ time: 5 * SECOND, label: "b" }, { time: 2 * SECOND, label: "a" }, { time: 5 * SECOND, label: "c" }];
  deepEqual(await marked(marks, header(), output(2 * SECOND, "x"), output(5 * SECOND, "y"), exit), [
    "header@0",
    "output@2",
    "a@2",
    "output@5",
    "b@5",
    "c@5",
    "exit@9",
  ]);
});

Deno.test("mark() sets a marker behind the end at the end, and before the exit", async () => {
  const late = [{ time: 60 * SECOND, label: "late" }];
  deepEqual(await marked(late, header(), exit), ["header@0", "late@9", "exit@9"]);
  deepEqual(await marked(late, header(), output(SECOND, "x")), ["header@0", "output@1", "late@1"]);
});

Deno.test("mark() sets its markers in each session", async () => {
  const session = [header(), output(SECOND, "x")];
  deepEqual(await marked([{ time: 0, label: "m" }, { time: 7 * SECOND, label: "end" }], ...session, ...session), [
    "header@0",
    "m@0",
    "output@1",
    "end@1",
    "header@0",
    "m@0",
    "output@1",
    "end@1",
  ]);
});

Deno.test("mark() keeps the markers that are there", async () => {
  deepEqual(await marked([{ time: 2, label: "new" }], header(), marker(1, "old")), [
    "header@0",
    "old@1e-9",
    "new@1e-9",
  ]);
});

Deno.test("mark() refuses a time that is none", () => {
  for (const time of [-1, NaN]) throws(() => mark([{ time, label: "" }]), RangeError);
});

Deno.test("mark() reports markers for times behind the end", async () => {
  const report = new Report();
  const marks = [{ time: 5 * SECOND, label: "there" }, { time: 99 * SECOND, label: "late" }];
  await collect(streamOf(header(), output(8 * SECOND, "x"), exit).pipeThrough(mark(marks, report)));
  deepEqual(report.warnings.map(({ code, count }) => [code, count]), [["late-marker", 1]]);
});
