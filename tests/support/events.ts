/**
 * Short ways to write events down.
 * @module
 */

import type {
  EventBatch,
  EventOf,
  EventStream,
  Nanos,
  ScreenState,
  SessionEvent,
  SessionHeader,
} from "../../lib/event.ts";

/** A session of 80x24 begins. */
export function header(more: Partial<SessionHeader> = {}): EventOf<"header"> {
  return { kind: "header", time: 0, header: { cols: 80, rows: 24, ...more } };
}

/** Text is printed. */
export function output(time: Nanos, text: string): EventOf<"output"> {
  return { kind: "output", time, data: new TextEncoder().encode(text) };
}

/** A mark is set. */
export function marker(time: Nanos, label = ""): EventOf<"marker"> {
  return { kind: "marker", time, label };
}

/** The wall clock is `drift` ahead. */
export function clockEvent(time: Nanos, drift: Nanos): EventOf<"clock"> {
  return { kind: "clock", time, drift };
}

/** A keyframe of an empty screen. */
export function keyframe(time: Nanos): EventOf<"keyframe"> {
  return { kind: "keyframe", time, state: blank() };
}

/** An empty screen. */
export function blank(): ScreenState {
  const cursor = { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 } as const;
  return { cols: 80, rows: 24, styles: [{}], normal: { rows: [] }, cursor, modes: {} };
}

/** One event of every kind. */
export function everyKind(): SessionEvent[] {
  return [
    header({ title: "all" }),
    output(1, "a"),
    { kind: "input", time: 2, data: Uint8Array.of(3), by: "me" },
    { kind: "resize", time: 3, cols: 1, rows: 2 },
    marker(4, "m"),
    { kind: "signal", time: 5, name: "SIGINT" },
    clockEvent(6, 7),
    { kind: "screen", time: 7, state: blank() },
    { kind: "gap", time: 8, reason: "overload", bytes: 9 },
    { kind: "note", time: 9, topic: "usage", data: { cpu: 1 } },
    { kind: "custom", time: 10, code: "x", data: Uint8Array.of(1) },
    { kind: "opaque", time: 11, type: 200, data: Uint8Array.of(2) },
    keyframe(12),
    { kind: "command", time: 13, phase: "done", code: 0 },
    { kind: "exit", time: 14, status: { code: 3 } },
  ];
}

/** A stream of batches, given one for each read. */
export function batches(...all: readonly EventBatch[]): EventStream {
  return ReadableStream.from(all);
}

/** A stream that a test feeds by hand, and what it was cancelled with. */
export function handFed(): {
  events: EventStream;
  feed: (...events: SessionEvent[]) => void;
  close: () => void;
  fail: (error: unknown) => void;
  cancelled: () => unknown;
} {
  let controller!: ReadableStreamDefaultController<EventBatch>;
  let reason: unknown;
  const events = new ReadableStream<EventBatch>({
    start: (its) => void (controller = its),
    cancel: (why) => void (reason = why ?? "cancelled"),
  });
  return {
    events,
    feed: (...batch) => controller.enqueue(batch),
    close: () => controller.close(),
    fail: (error) => controller.error(error),
    cancelled: () => reason,
  };
}
