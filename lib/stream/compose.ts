/**
 * Several stages as one.
 *
 * This module is browser compatible.
 * @module
 */

import { Stage, type StageCore } from "./stage.ts";

/**
 * Fuses stages into one that does the same as piping through each of them in turn, with one queue instead of several.
 *
 * The stages given are only asked for their cores; they stay unused and can be composed again. No stages give the one that
 * passes everything on.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, Stage, streamOf } from "@term2ai/term2ai";
 *
 * const twice = new Stage((emit) => ({ push: (event) => { emit(event); emit(event); }, flush: () => {} }));
 * const events = await collect(streamOf({ kind: "marker", time: 0, label: "a" }).pipeThrough(compose(twice, twice)));
 * deepEqual(events.length, 4);
 * ```
 */
export function compose(...stages: readonly Stage[]): Stage {
  return new Stage((emit) => {
    const last: StageCore = { push: emit, flush: () => {} };
    return stages.reduceRight((next, stage) => chain(stage.make((event) => next.push(event)), next), last);
  });
}

function chain(core: StageCore, next: StageCore): StageCore {
  return {
    push: (event) => core.push(event),
    flush() {
      core.flush();
      next.flush();
    },
  };
}
