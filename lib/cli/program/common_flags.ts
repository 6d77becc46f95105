/**
 * Options that mean the same in several commands.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { InputPolicy } from "../../record/event_recorder.ts";

/** `--title`. */
export const TITLE = {
  kind: "parsed",
  parse: String,
  brief: "a name for people",
  placeholder: "TEXT",
  optional: true,
} as const;

/** `--tag`. */
export const TAG = {
  kind: "parsed",
  parse: String,
  brief: "a word to find it by; may be given again",
  placeholder: "WORD",
  variadic: true,
  optional: true,
} as const;

/** `--env`. */
export const ENV = {
  kind: "parsed",
  parse: String,
  brief: "a variable to keep in the recording; may be given again",
  placeholder: "NAME",
  variadic: true,
  optional: true,
} as const;

/** `--input`. */
export const INPUT = {
  kind: "parsed",
  parse: parseInput,
  brief: "also record what is typed, never at a password prompt; =all records that too, but with --redact",
  placeholder: "all",
  inferEmpty: true,
  optional: true,
} as const;

function parseInput(text: string): InputPolicy {
  if (text === "" || text === "on") return "on";
  if (text === "all") return "all";
  throw new UsageError(`Cannot use ${JSON.stringify(text)} for --input: expected nothing, or all`);
}

/** `--input` may stand alone, and must not take what is behind it for its value. */
export function spellOutInput(args: readonly string[]): readonly string[] {
  return args.map((arg) => arg === "--input" || arg === "-i" ? "--input=on" : arg);
}

/** `--no-shell-integration`. */
export const SHELL_INTEGRATION = {
  kind: "boolean",
  brief: "have bash, zsh or fish tell where commands begin and end; your files are not touched",
  default: true,
} as const;

const off = (brief: string) => ({ kind: "boolean", brief, default: false, withNegated: false }) as const;

/** `--overwrite`, where a recording goes to OUT. */
export const OVERWRITE = off("replace OUT if it exists");
/** `--overwrite`, where what is made goes to FILE. */
export const OVERWRITE_FILE = off("replace FILE if it exists");

/** `--json`. */
export const JSON_FLAG = off("for scripts");
/** `--json`, of one thing. */
export const JSON_OBJECT = off("one JSON object");
/** `--json`, of a list. */
export const JSON_ARRAY = off("one JSON array");
