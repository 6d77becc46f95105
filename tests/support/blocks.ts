/**
 * Recordings in memory that can be entered anywhere.
 * @module
 */

import type { EventOf, SessionEvent } from "../../lib/event.ts";
import type { EventBlocks } from "../../lib/replay/event_blocks.ts";
import { Timeline } from "../../lib/replay/timeline.ts";
import { loadEmulator } from "../../lib/terminal/emulator.ts";

/** The events in blocks of `size`. */
export function arrayBlocks(events: readonly SessionEvent[], size = 7): EventBlocks & { readonly reads: number[] } {
  const header = events[0] as EventOf<"header">;
  const blocks = Array.from(
    { length: Math.ceil(events.length / size) },
    (_, at) => events.slice(at * size, (at + 1) * size),
  );
  const keyframes = blocks.flatMap((block, at) =>
    block.filter(({ kind }) => kind === "keyframe").map(({ time }) => ({ time, block: at }))
  );
  const reads: number[] = [];
  return {
    header: header.header,
    duration: events.at(-1)!.time,
    times: blocks.map((block) => block[0]!.time),
    keyframes,
    markers: events.filter((event) => event.kind === "marker"),
    complete: true,
    grown: () => Promise.resolve(),
    read(block) {
      reads.push(block);
      return Promise.resolve(blocks[block]!);
    },
    close: () => {},
    reads,
  };
}

/** A timeline of events. */
export function timelineOf(events: readonly SessionEvent[], size?: number): Timeline {
  return new Timeline(arrayBlocks(events, size), { loadEmulator });
}
