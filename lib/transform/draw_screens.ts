/**
 * Draws screens, for formats and viewers that only know what a program printed.
 *
 * This module is browser compatible.
 * @module
 */

import { Stage } from "../stream/stage.ts";
import { concat } from "../stream/collect.ts";
import { screenToAnsi } from "../terminal/screen_ansi.ts";

/** RIS: whatever was there before is gone. */
const RESET = Uint8Array.of(0x1b, 0x63);

/**
 * Returns a stage that makes output of each `screen` event: a reset, and what draws the screen. A `resize` comes before it
 * where the screen has another size than what came before.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, loadEmulator, streamOf } from "@term2ai/term2ai";
 *
 * const terminal = (await loadEmulator())({ cols: 80, rows: 24 });
 * terminal.write(new TextEncoder().encode("hello"));
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24 } } as const;
 * const screen = { kind: "screen", time: 5, state: terminal.snapshot() } as const;
 * const [, drawn] = await collect(streamOf(header, screen).pipeThrough(drawScreens()));
 * equal(drawn?.kind === "output" && new TextDecoder().decode(drawn.data).includes("hello"), true);
 * ```
 */
export function drawScreens(): Stage {
  return new Stage((emit) => {
    let cols = 0, rows = 0; // of the terminal
    return {
      push(event) {
        if (event.kind === "header") ({ cols, rows } = event.header);
        if (event.kind === "resize") ({ cols, rows } = event);
        if (event.kind !== "screen") return emit(event);
        const { time, state } = event;
        if (state.cols !== cols || state.rows !== rows) {
          emit({ kind: "resize", time, cols: cols = state.cols, rows: rows = state.rows });
        }
        emit({ kind: "output", time, data: concat([RESET, screenToAnsi(state)]) });
      },
      flush: () => {},
    };
  });
}
