/**
 * The text of a whole stream of events, batch by batch.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch } from "../event.ts";
import type { TextLine } from "../models.ts";
import type { EmulatorMaker } from "../ports.ts";
import { TextExtractor } from "./text_extractor.ts";

/**
 * A stage from events to the lines that could be read on the screen.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { loadEmulator, streamOf } from "@term2ai/term2ai";
 *
 * const events = streamOf(
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "output", time: 5, data: new TextEncoder().encode("hi") },
 * );
 * for await (const lines of events.pipeThrough(extractText(await loadEmulator()))) equal(lines[0]?.text, "hi");
 * ```
 */
export function extractText(make: EmulatorMaker): TransformStream<EventBatch, TextLine[]> {
  const extractor = new TextExtractor(make);
  const send = (controller: TransformStreamDefaultController<TextLine[]>) => {
    const lines = extractor.take();
    if (lines.length > 0) controller.enqueue(lines);
  };
  return new TransformStream({
    transform(batch, controller) {
      for (const event of batch) extractor.push(event);
      send(controller);
    },
    flush(controller) {
      extractor.finish();
      send(controller);
    },
  });
}
