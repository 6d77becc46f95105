/**
 * An event in a few plain members, for lists.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent } from "../../event.ts";
import { toSeconds } from "../program/time.ts";

const EXCERPT_BYTES = 60;

/** The event without its payload's bulk: bytes as their number and the beginning of their text. */
export function describeEvent(event: SessionEvent): { kind: string; [member: string]: unknown } {
  const { kind } = event;
  switch (event.kind) {
    case "output":
    case "input":
      return { kind, bytes: event.data.length, text: excerpt(event.data) };
    case "header":
      return { kind, cols: event.header.cols, rows: event.header.rows, command: event.header.command ?? "" };
    case "resize":
      return { kind, cols: event.cols, rows: event.rows };
    case "marker":
      return { kind, label: event.label };
    case "signal":
      return { kind, name: event.name };
    case "clock":
      return { kind, driftSeconds: toSeconds(event.drift) };
    case "screen":
    case "keyframe":
      return { kind, cols: event.state.cols, rows: event.state.rows };
    case "gap":
      return event.bytes === undefined
        ? { kind, reason: event.reason }
        : { kind, reason: event.reason, bytes: event.bytes };
    case "note":
      return { kind, topic: event.topic, data: JSON.stringify(event.data) };
    case "custom":
      return { kind, code: event.code, bytes: event.data.length, text: excerpt(event.data) };
    case "opaque":
      return { kind, type: event.type, bytes: event.data.length };
    case "exit":
      return { kind, ...event.status };
    case "command":
      return { kind, phase: event.phase, text: event.text ?? "", code: event.code ?? "" };
  }
}

function excerpt(data: Uint8Array): string {
  const text = new TextDecoder().decode(data.subarray(0, EXCERPT_BYTES));
  return data.length > EXCERPT_BYTES ? text + "…" : text;
}
