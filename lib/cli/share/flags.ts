/**
 * The options of commands that make links.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { Role } from "../../session/control/protocol.ts";
import { parseSeconds } from "../../session/template/quantities.ts";

const DAY = 86_400;
/** Longest time that a link is good for. */
const LONGEST = 366 * DAY;

/** @throws {UsageError} If it is none. */
export function parseRole(text: string): Role {
  if (text === "viewer" || text === "operator") return text;
  throw new UsageError(`Cannot share as ${JSON.stringify(text)}: expected viewer or operator`);
}

function parseExpires(text: string): number {
  const seconds = parseSeconds(text);
  if (seconds >= 1 && seconds <= LONGEST) return seconds;
  throw new UsageError(`Cannot let a link expire after ${text}: expected from 1s to 366d`);
}

/** `--expires`. */
export const EXPIRES = {
  kind: "parsed",
  parse: parseExpires,
  brief: "how long the link lets anybody in, such as 30m or 2d",
  placeholder: "TIME",
  default: "24h",
} as const;
