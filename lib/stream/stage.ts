/**
 * A stage of a pipeline: events in, events out.
 *
 * Every filter of the project is one of these. A stage is a `TransformStream` and, inside, a synchronous core that sees one
 * event at a time, so several stages can be fused into one: five streams on single events pass 0.4 million events a
 * second, five cores in one stream on batches more than 20 million.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, SessionEvent } from "../event.ts";

/**
 * The synchronous inside of a stage.
 *
 * @example A core that drops what was typed
 * ```ts
 * import type { SessionEvent } from "@term2ai/term2ai";
 *
 * const deaf = (emit: (event: SessionEvent) => void): StageCore => ({
 *   push: (event) => event.kind === "input" || emit(event),
 *   flush: () => {},
 * });
 * ```
 */
export interface StageCore {
  /** Takes one event and emits any number. */
  push(event: SessionEvent): void;
  /** The stream is over: emits what was held back. */
  flush(): void;
}

/**
 * Makes a fresh core that hands its events to `emit`.
 *
 * @example
 * ```ts
 * const same: StageMaker = (emit) => ({ push: emit, flush: () => {} });
 * ```
 */
export type StageMaker = (emit: (event: SessionEvent) => void) => StageCore;

/**
 * A stage of a pipeline.
 *
 * @example Numbers the markers
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const numbered = new Stage((emit) => {
 *   let count = 0;
 *   return {
 *     push: (event) => emit(event.kind === "marker" ? { ...event, label: `${++count} ${event.label}` } : event),
 *     flush: () => {},
 *   };
 * });
 * const events = await collect(streamOf({ kind: "marker", time: 0, label: "start" }).pipeThrough(numbered));
 * deepEqual(events, [{ kind: "marker", time: 0, label: "1 start" }]);
 * ```
 */
export class Stage extends TransformStream<EventBatch, EventBatch> {
  /** Makes another core of the same kind; {@linkcode compose} fuses these. */
  readonly make: StageMaker;

  /** A stage around the core that `make` returns. */
  constructor(make: StageMaker) {
    let out: SessionEvent[] = [];
    const core = make((event) => out.push(event));
    const send = (controller: TransformStreamDefaultController<EventBatch>) => {
      if (out.length === 0) return;
      controller.enqueue(out);
      out = [];
    };
    super({
      transform(batch, controller) {
        for (const event of batch) core.push(event);
        send(controller);
      },
      flush(controller) {
        core.flush();
        send(controller);
      },
    });
    this.make = make;
  }
}
