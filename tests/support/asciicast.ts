/**
 * What the tests of both asciicast versions share.
 * @module
 */

import type { SessionEvent } from "../../lib/event.ts";

/** What is left of events in asciicast: not who typed, and a signal only by its number. */
export function keptByAsciicast(events: readonly SessionEvent[]): SessionEvent[] {
  return events.map((event) => {
    if (event.kind === "input") return { kind: "input", time: event.time, data: event.data };
    if (event.kind !== "exit" || !("signal" in event.status)) return event;
    return { kind: "exit", time: event.time, status: { code: event.status.signal === "SIGKILL" ? 137 : 143 } };
  });
}

/** One event in a few characters, for tables: `output 1.5 hi`. */
export function brief(event: SessionEvent): string {
  const about = `${event.kind} ${event.time / 1e9}`;
  switch (event.kind) {
    case "header":
      return `header ${event.header.cols}x${event.header.rows}`;
    case "output":
    case "input":
      return `${about} ${decode(event.data)}`;
    case "custom":
      return `${about} ${event.code} ${decode(event.data)}`;
    case "resize":
      return `${about} ${event.cols}x${event.rows}`;
    case "marker":
      return `${about} ${event.label}`;
    case "exit":
      return `${about} ${JSON.stringify(event.status)}`;
    default:
      return about;
  }
}

function decode(data: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
}
