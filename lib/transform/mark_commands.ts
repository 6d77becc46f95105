/**
 * Sets a marker where each command begins.
 *
 * This module is browser compatible.
 * @module
 */

import { Stage } from "../stream/stage.ts";

/**
 * Returns a stage that puts a marker, labelled with the command line, where each command begins; commands must have been
 * derived, see `deriveCommands`. A command that nobody knows the line of gets none.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const command = { kind: "command", time: 5, phase: "output", text: "make\ntest" } as const;
 * const [, marker] = await collect(streamOf(command).pipeThrough(markCommands()));
 * deepEqual(marker, { kind: "marker", time: 5, label: "make ⏎ test" });
 * ```
 */
export function markCommands(): Stage {
  return new Stage((emit) => ({
    push(event) {
      emit(event);
      if (event.kind !== "command" || event.phase !== "output" || event.text === undefined) return;
      const label = event.text.trim().replace(/\s*\n\s*/g, " ⏎ ");
      emit({ kind: "marker", time: event.time, label: label.length > 200 ? `${label.slice(0, 199)}…` : label });
    },
    flush: () => {},
  }));
}
