/**
 * Which of the lines that look like errors say why: not what was told before, nor what only follows from it.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../../event.ts";
import type { ErrorKind, ErrorShape } from "./error_shapes.ts";

/**
 * An error that was printed.
 *
 * @example
 * ```ts
 * const error: FoundError = { kind: "compiler", message: "expected ';'", file: "main.c", line: 3, text: "main.c:3:5: error: expected ';'", time: 0 };
 * ```
 */
export interface FoundError {
  /** What kind of error. */
  readonly kind: ErrorKind;
  /** What it says. */
  readonly message: string;
  /** The file that it names. */
  readonly file?: string;
  /** The line of that file. */
  readonly line?: number;
  /** The line of output that told. */
  readonly text: string;
  /** When that was printed. */
  readonly time: Nanos;
}

/** An error, and how sure that is. */
export interface Candidate {
  error: FoundError;
  /** Whether the program says where in a place of the line that is meant for it. */
  readonly isPlaced?: boolean;
  /** Whether it happened in a library. */
  readonly isForeign?: boolean;
  readonly shape: ErrorShape;
}

/** The errors that tell most: those of a kind or with a place, else what says that it is one, else what follows from one. */
export function causesOf(candidates: readonly Candidate[]): FoundError[] {
  const sure = withoutEchoes(candidates);
  const causes = sure.filter(({ error }) => !isConsequence(error.text));
  const telling = causes.filter(({ shape }) => !shape.follows);
  const specific = telling.filter(({ error, isPlaced }) =>
    error.kind !== "other" || error.line !== undefined || isPlaced
  );
  const best = [specific, telling, causes, sure].find(({ length }) => length > 0) ?? [];
  return best.map(({ error }) => error);
}

/** What only says that something above it went wrong. */
export function isConsequence(line: string): boolean {
  return CONSEQUENCE.test(line);
}

const CONSEQUENCE =
  /^Failed to compile\.?$|^(?:[✗✘×✖] )?(?:BUILD|Build) (?:FAILED|failed)|\b(?:previous errors?|[Cc]ould not apply|build could not read|problems were encountered|due to errors|[Ee]rrors?(?:\(s\))? (?:found|occurred) in|compilation aborted|BEGIN failed|aborted due to compilation errors|had compilation errors|[Ee]xiting (?:now|with)|not recoverable|Child returned status|errors? generated|too many errors|some files could not be|[Ss]ee (?:above|the log)|test failed$|fails to validate$|[Ee]rror while reading file|exited with (?:code|status)|[Cc]ommand failed with exit|ELIFECYCLE|xecution halted|returned (?:a )?non-zero)/;

/** What was told before, or is told again with a place: runners name a test when it has failed, and again where they tell why. */
function withoutEchoes(candidates: readonly Candidate[]): readonly Candidate[] {
  const seen = new Set<string>();
  const kinds = new Set(
    candidates.filter(({ error, shape }) => error.line !== undefined && !shape.follows).map(({ error }) => error.kind),
  );
  const placed = candidates.filter(({ error: { line } }) => line !== undefined);
  return candidates.filter(({ error, isForeign }) => {
    const key = `${error.kind} ${error.file}:${error.line} ${error.message}`;
    const test = error.kind === "test" ? `${error.message} ${error.file?.replace(/^.*\//, "")}` : key;
    const isKnown = error.line !== undefined && (seen.has(key) || seen.has(test));
    seen.add(key).add(test);
    if (isForeign && error.kind === "exception" && kinds.has("compiler")) return false; // the compiler's own
    if (error.kind === "crash" && error.line === undefined && kinds.has("crash")) return false;
    return !isKnown &&
      (error.kind !== "test" || error.line !== undefined || !placed.some((other) => isSameTest(error, other.error)));
  });
}

function isSameTest({ message, file, text }: FoundError, other: FoundError): boolean {
  if (file !== undefined && /^ERROR \S+$/.test(text) && other.file?.endsWith(file)) return true;
  const name = message.replace(/^test /, "");
  if (other.text.includes(name) || other.message.includes(name)) return true;
  return other.kind === "test" &&
    ((other.message.length > 3 && name.includes(other.message)) || (file !== undefined && other.file!.endsWith(file)));
}
