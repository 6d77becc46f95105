import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { compose } from "../lib/stream/compose.ts";
import { Stage } from "../lib/stream/stage.ts";
import type { SessionEvent } from "../lib/event.ts";
import { everyKind, marker } from "./support/events.ts";

/** Holds each event until the next one comes; appends its name to markers, and sends one of its own at the end. */
const holding = (name: string) =>
  new Stage((emit) => {
    let held: SessionEvent | undefined;
    return {
      push(event) {
        if (held) emit(held);
        held = event.kind === "marker" ? { ...event, label: event.label + name } : event;
      },
      flush() {
        if (held) emit(held);
        emit(marker(99, name));
      },
    };
  });

/** Doubles markers, drops the rest. */
const doubling = () =>
  new Stage((emit) => ({
    push(event) {
      if (event.kind === "marker") emit(event), emit(event);
    },
    flush: () => {},
  }));

Deno.test("compose() does what piping through each stage does", async () => {
  const kinds = fc.array(fc.constantFrom("a", "b", "double"), { maxLength: 5 });
  await fc.assert(fc.asyncProperty(kinds, fc.nat(5), async (names, count) => {
    const stages = () => names.map((name) => name === "double" ? doubling() : holding(name));
    const events = Array.from({ length: count }, (_, time) => marker(time, `${time}`));
    const piped = stages().reduce((stream, stage) => stream.pipeThrough(stage), streamOf(...events));
    deepEqual(await collect(streamOf(...events).pipeThrough(compose(...stages()))), await collect(piped));
  }));
});

Deno.test("compose() of no stages passes everything on", async () => {
  deepEqual(await collect(streamOf(...everyKind()).pipeThrough(compose())), everyKind());
});

Deno.test("compose() leaves the stages unused, so they and their composition can be composed again", async () => {
  const stage = holding("x");
  const once = compose(stage);
  const twice = compose(once, once);
  equal(stage.readable.locked, false);
  const labels = (await collect(streamOf(marker(0, "0")).pipeThrough(twice))).map((event) =>
    "label" in event && event.label
  );
  deepEqual(labels, ["0xx", "xx", "x"]);
  deepEqual((await collect(streamOf(marker(0, "0")).pipeThrough(stage))).length, 2);
});
