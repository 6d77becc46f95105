/**
 * Leaves out events of some kinds.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventKind } from "../event.ts";
import { Stage } from "../stream/stage.ts";

/**
 * Returns a stage that drops all events of the given kinds.
 *
 * @example What was typed goes nowhere
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const typed = streamOf({ kind: "input", time: 0, data: Uint8Array.of(97) });
 * equal((await collect(typed.pipeThrough(without("input")))).length, 0);
 * ```
 */
export function without(...kinds: readonly Exclude<EventKind, "header">[]): Stage {
  const dropped = new Set<EventKind>(kinds);
  return new Stage((emit) => ({
    push(event) {
      if (!dropped.has(event.kind)) emit(event);
    },
    flush: () => {},
  }));
}
