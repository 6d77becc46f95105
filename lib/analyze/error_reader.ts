/**
 * Finds errors in the lines that one command printed.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import { ERROR_SHAPES, ERROR_WORDS, type ErrorKind, type ErrorShape } from "./error_shapes.ts";
import { PlainLines, plainLinesOf } from "./plain_lines.ts";
import { StackReader } from "./stack_reader.ts";

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

/** How many errors of one command are kept, and how many lines of its end. */
const MAX_ERRORS = 100;
const TAIL = 20;
const TAIL_BYTES = 4096;

/** An error, and how sure that is. */
interface Candidate {
  readonly error: FoundError;
  readonly shape: ErrorShape;
}

/**
 * Output in, errors out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const reader = new ErrorReader();
 * reader.push(new TextEncoder().encode("main.c:3:5: error: expected ';'\nmake: *** [main.o] Error 1\n"), 0);
 * deepEqual(reader.errors({ failed: true }).map(({ file, line }) => [file, line]), [["main.c", 3]]);
 * ```
 */
export class ErrorReader {
  readonly #lines = new PlainLines();
  #candidates: Candidate[] = [];
  #open: { shape: ErrorShape; stack: StackReader; text: string; time: Nanos } | undefined;
  #place: string | undefined; // a line that was nothing but a path: linters print it once, above what they found there
  #tail = "";

  /** Takes what was printed. */
  push(data: Uint8Array, time: Nanos): void {
    const text = this.#lines.push(data);
    if (text !== "") this.#read(text, time);
  }

  /** No more output; a last line without an end counts as well. */
  flush(time: Nanos): void {
    const rest = this.#lines.flush();
    if (rest !== "") this.#read(rest, time);
    this.#close();
  }

  /** The last lines. */
  get tail(): string[] {
    return plainLinesOf(this.#tail).filter((line) => line.trim() !== "").slice(-TAIL);
  }

  /**
   * What was found; of a command that failed also what would mean nothing otherwise.
   *
   * @param context `failed`: whether its exit code was not 0, `undefined` where that is not known.
   */
  errors({ failed }: { readonly failed: boolean | undefined }): FoundError[] {
    const sure = this.#candidates.filter(({ shape }) => shape.certain || failed);
    const telling = sure.filter(({ shape }) => !shape.follows);
    const specific = telling.filter(({ error }) => error.kind !== "other");
    const best = specific.length > 0 ? specific : telling.length > 0 ? telling : sure;
    return best.map(({ error }) => error);
  }

  #read(text: string, time: Nanos): void {
    this.#tail = text.length >= TAIL_BYTES ? text.slice(-TAIL_BYTES) : (this.#tail + text).slice(-TAIL_BYTES);
    if (!this.#open && !ERROR_WORDS.test(text)) {
      this.#rememberPlace(text);
      return;
    }
    for (const line of plainLinesOf(text)) this.#line(line, time);
  }

  /** Only the last lines can stand above what comes next. */
  #rememberPlace(text: string): void {
    const last = plainLinesOf(text.slice(-400)).findLast((line) => line !== "");
    this.#place = last !== undefined && isPath(last) ? last : undefined;
  }

  #line(line: string, time: Nanos): void {
    if (this.#open) {
      if (this.#open.stack.takes(line)) return;
      this.#close();
    }
    if (isPath(line)) this.#place = line;
    if (this.#candidates.length >= MAX_ERRORS || line === "") return;
    for (const shape of ERROR_SHAPES) {
      const match = shape.pattern.exec(line);
      if (match) return this.#found(shape, match.groups ?? {}, line, time);
    }
  }

  #found(shape: ErrorShape, groups: Readonly<Record<string, string | undefined>>, text: string, time: Nanos): void {
    const { message = "", file = groups.line === undefined ? undefined : this.#place, line } = groups;
    const place = { ...(file !== undefined && { file }), ...(line !== undefined && { line: Number(line) }) };
    if (shape.opens) this.#open = { shape, stack: new StackReader(shape.opens, message, place), text, time };
    else this.#keep(shape, { kind: shape.kind, message: message || text, ...place, text, time });
  }

  #close(): void {
    if (!this.#open) return;
    const { shape, stack, text, time } = this.#open;
    this.#open = undefined;
    // Without the lines that belong to it, a line that may be one is taken for what it says.
    const certain = stack.confirmed || shape.certain;
    if (!certain && shape.opens !== "arrow" && !/(?:Error|Exception)\b.*: /.test(text)) return;
    const message = stack.message || text;
    const kind = certain ? refine(shape.kind, message) : "other";
    this.#keep({ ...shape, certain }, { kind, message, ...stack.place, text, time });
  }

  #keep(shape: ErrorShape, error: FoundError): void {
    this.#candidates.push({ shape, error });
  }
}

/** What a language throws when the system has refused something is the system's error. */
function refine(kind: ErrorKind, message: string): ErrorKind {
  if (kind !== "exception") return kind;
  const system = ERROR_SHAPES.find((shape) => SYSTEM.has(shape.kind) && shape.pattern.test(message));
  return system?.kind ?? (/^(?:\w+\.)*MemoryError/.test(message) ? "memory" : kind);
}

const SYSTEM = new Set<ErrorKind>(["memory", "disk", "permission", "network"]);

function isPath(line: string): boolean {
  return line.length < 300 && /^(?:\.{0,2}\/)?(?:[\w.@-]+\/)*[\w.@-]+\.\w{1,5}$/.test(line);
}
