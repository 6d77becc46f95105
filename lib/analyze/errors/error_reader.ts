/**
 * Finds errors in the lines that one command printed.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../../event.ts";
import { concat } from "../../stream/collect.ts";
import { ERROR_SHAPES, type ErrorKind, type ErrorShape } from "./error_shapes.ts";
import { headingAbove, headOf, inputAbove, placeAbove, placeOfSource } from "./error_above.ts";
import { type Candidate, causesOf, type FoundError } from "./error_causes.ts";
import { isFile, placeBelow, placeIn, placeWithLine, type SourcePlace } from "./error_place.ts";
import { plainLinesOf } from "../plain_lines.ts";
import { ShapeIndex } from "./shape_index.ts";
import { isForeign, StackReader } from "./stack_reader.ts";
import { rarestEnd, WordFinder } from "./word_finder.ts";

/** How many errors of one command are kept, and how many lines of its end. */
const MAX_ERRORS = 100;
const TAIL = 20;
const TAIL_BYTES = 4096;
const MAX_LINE = 8192;
/** So many lines below an error may still say where it is. */
const BELOW = 12;
const LF = 10;
/** Colours may stand between a word and what surrounds it. */
const finder = new WordFinder(
  ERROR_SHAPES.flatMap(({ words }) => words.map((word) => rarestEnd(/\w.{2,}\w/.exec(word)?.[0] ?? word))),
);

const index = new ShapeIndex(ERROR_SHAPES);

interface Open {
  readonly shape: ErrorShape;
  readonly stack: StackReader;
  readonly text: string;
  readonly time: Nanos;
  /** The lines before it. */
  readonly above: readonly string[];
  /** The shape to try next, should it not be this one. */
  readonly next: number;
  /** The test that failed with it. */
  readonly test?: Candidate | "unnamed";
  /** The lines that were taken for a part of it. */
  readonly lines: string[];
}

/**
 * Output in, errors out. Only lines with a word in them that a shape asks for are looked at, and those that follow an error.
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
  readonly #decoder = new TextDecoder();
  #candidates: Candidate[] = [];
  #open: Open | undefined; // an error whose lines are still coming
  #placeless: { readonly candidate: Candidate; left: number } | undefined; // the lines below may say where it is
  #rest: Uint8Array = new Uint8Array(0); // a line whose end has not come yet
  #before: Uint8Array = new Uint8Array(0); // what came last before the chunk at hand

  /** Takes what was printed. */
  push(data: Uint8Array, time: Nanos): void {
    const bytes = this.#rest.length > 0 ? concat([this.#rest, data]) : data;
    const end = bytes.lastIndexOf(LF) + 1;
    this.#read(bytes, end, time);
    this.#before = lastOf(this.#before, bytes.subarray(0, end));
    // A line without an end is cut, not kept: what is wrong is told at its beginning or at its end.
    this.#rest = bytes.slice(Math.max(end, bytes.length - MAX_LINE));
  }

  /** No more output; a last line without an end counts as well. */
  flush(time: Nanos): void {
    if (this.#rest.length > 0) this.push(Uint8Array.of(LF), time);
    while (this.#open) this.#close();
  }

  /** The last lines. */
  get tail(): string[] {
    return plainLinesOf(this.#decoder.decode(this.#before)).filter((line) => line.trim() !== "").slice(-TAIL);
  }

  /**
   * What was found; of a command that failed also what would mean nothing otherwise.
   *
   * @param context `failed`: whether its exit code was not 0, `undefined` where that is not known.
   */
  errors({ failed }: { readonly failed: boolean | undefined }): FoundError[] {
    return causesOf(this.#candidates.filter(({ shape }) => shape.certain || failed));
  }

  #read(bytes: Uint8Array, end: number, time: Nanos): void {
    for (let at = 0; at < end;) {
      if (this.#candidates.length >= MAX_ERRORS) return;
      let start = at;
      if (!this.#open && !this.#placeless) {
        const hit = finder.find(bytes, at, end);
        if (hit < 0) return;
        start = Math.max(at, bytes.lastIndexOf(LF, hit) + 1);
        at = hit;
      }
      const next = bytes.indexOf(LF, at) + 1;
      const text = this.#decoder.decode(bytes.subarray(Math.max(start, next - MAX_LINE), next));
      let lines: readonly string[] | undefined; // most lines need none of those above them
      const above = () => lines ??= this.#linesAbove(bytes.subarray(0, start));
      this.#line(withoutStamp(plainLinesOf(text)[0] ?? ""), time, above);
      at = next;
    }
  }

  #linesAbove(bytes: Uint8Array): readonly string[] {
    return plainLinesOf(this.#decoder.decode(lastOf(this.#before, bytes)));
  }

  #line(line: string, time: Nanos, above: () => readonly string[]): void {
    if (this.#open) {
      if (this.#open.stack.takes(line)) return void this.#open.lines.push(line);
      this.#close();
      if (this.#open) return this.#line(line, time, above); // what was read again has opened another
    }
    if (line === "" || this.#isPlaceBelow(line)) return;
    this.#match(line, time, above, 0);
  }

  /** Whether the line says where the error above it is, and nothing else. */
  #isPlaceBelow(line: string): boolean {
    if (!this.#placeless) return false;
    const { candidate } = this.#placeless;
    const place = placeBelow(line);
    if (place) {
      const isSource = candidate.error.kind === "other" &&
        (/^\s*(?:-->|[┌╭└]─)/.test(line) || SYNTAX.test(candidate.error.message));
      candidate.error = { ...candidate.error, ...place, ...(isSource && { kind: "compiler" }) };
    }
    if (place || --this.#placeless.left === 0) this.#placeless = undefined;
    return place !== undefined;
  }

  /** Takes the first shape from `from` on that fits. */
  #match(line: string, time: Nanos, above: () => readonly string[], from: number): void {
    const isRemark = REMARK.test(line);
    for (const at of index.candidates(line)) {
      const shape = ERROR_SHAPES[at]!;
      if (at < from || (isRemark && shape.kind !== "compiler")) continue;
      const match = shape.pattern.exec(line);
      if (!match) continue;
      const groups: Readonly<Record<string, string | undefined>> = match.groups ?? {};
      const message = shape.under === "message" ? headOf(above()) : groups.message ?? "";
      if (message === undefined) continue;
      const place = placeOf(shape, groups, line, above);
      if (shape.opens) {
        const stack = new StackReader(shape.opens, message, place);
        const test = stack.isCompiled || shape.kind !== "exception" ? undefined : this.#testAbove(above());
        this.#open = { shape, stack, text: line, time, above: above(), next: at + 1, lines: [], ...(test && { test }) };
      } else if (!this.#goesOn(shape, line, above)) {
        const kind = shape.wraps
          ? refine(shape.kind, message, PASSED_ON)
          : shape.kind === "other" && place.line !== undefined && SYNTAX.test(message)
          ? "compiler"
          : shape.kind;
        const isPlaced = groups.file !== undefined;
        this.#keep(shape, { kind, message: message || line, ...place, text: line, time }, { isPlaced });
        const candidate = this.#candidates.at(-1)!;
        this.#placeless = place.line === undefined &&
            (kind === "compiler" && place.file !== undefined || kind === "crash" || NAMING.has(kind))
          ? { candidate, left: BELOW }
          : undefined;
      }
      return;
    }
  }

  /** The test that a heading not far above names, whose failure an exception is. */
  #testAbove(lines: readonly string[]): Candidate | "unnamed" | undefined {
    const heading = lines.slice(-5).findLast((line) => TEST_HEADING.test(line));
    if (heading === undefined) return undefined;
    const told = this.#candidates.findLast(({ error: { kind, text } }) => kind === "test" && text === heading);
    return told ?? (/^\s*\d+\) /.test(heading) ? "unnamed" : undefined);
  }

  /** Whether an indented line goes on with what an error above it tells, and tells no more. */
  #goesOn({ kind, certain }: ErrorShape, line: string, above: () => readonly string[]): boolean {
    if (certain || !/^(?: {2}|\t)/.test(line) || this.#candidates.length === 0) return false;
    const head = above().findLast((each) => /^\S/.test(each));
    if (head === undefined) return false;
    const { error } = this.#candidates.findLast(({ error: { text } }) => text === withoutStamp(head)) ?? {};
    return error !== undefined && (error.kind !== "other" || error.line !== undefined || kind === "other");
  }

  #close(): void {
    if (!this.#open) return;
    const { shape, stack, text, time, above, next, lines, test } = this.#open;
    this.#open = undefined;
    const message = stack.message || text;
    if (stack.confirmed && test !== undefined && test !== "unnamed") {
      // The test has been told already; what follows tells where.
      if (stack.place.line !== undefined) test.error = { ...test.error, ...stack.place };
    } else if (stack.confirmed || shape.certain) {
      // A heading that nothing follows is only a word, unless the command failed.
      this.#keep({ ...shape, certain: stack.confirmed || shape.opens !== "python" }, {
        kind: test
          ? "test"
          : stack.isCompiled && !stack.isForeign
          ? "compiler"
          : shape.wraps
          ? refine(shape.kind, message, PASSED_ON)
          : shape.kind === "exception"
          ? refine(shape.kind, message, stack.isForeign ? PASSED_ON : SYSTEM)
          : shape.kind,
        message,
        ...stack.place,
        text,
        time,
      }, { isForeign: stack.isForeign });
    } else this.#match(text, time, () => above, next);
    // It was not what it seemed: what was taken for a part of it is read again.
    if (!stack.confirmed) { for (const line of lines) this.#line(line, time, () => []); }
  }

  #keep(shape: ErrorShape, error: FoundError, more: Pick<Candidate, "isPlaced" | "isForeign"> = {}): void {
    this.#candidates.push({ shape, error, ...more });
  }
}

/** What a language throws when the system has refused something is the system's error. */
function refine(kind: ErrorKind, message: string, by: ReadonlySet<ErrorKind> = SYSTEM): ErrorKind {
  const system = ERROR_SHAPES.find((shape) =>
    by.has(shape.kind) && shape.words.some((word) => message.includes(word)) &&
    shape.pattern.test(message)
  );
  return system?.kind ?? (/^(?:\w+\.)*MemoryError/.test(message) ? "memory" : kind);
}

const SYSTEM = new Set<ErrorKind>(["memory", "disk", "permission", "network"]);
const PASSED_ON = new Set<ErrorKind>([...SYSTEM, "not-found"]);

/** What stands behind the time that loggers put first, or the seconds of a build. */
function withoutStamp(line: string): string {
  return (/^\s*[[\d#]/.test(line) ? line.replace(STAMP, "") : line).replace(/^(?:ERRO|FATA|PANI)\[\d+\] +/, "error: ");
}

const STAMP =
  /^\s*\[(?:javac|kapt|exec|junit)\] +|^(?:#\d+ )?(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|[+-]\d\d:?\d\d))?\]?:? +|\[?\d\d:\d\d:\d\d(?:[.,]\d+)?\]? +|\d+\.\d{1,3} +)/;

/** Where it is: as the line tells, or one above it. What has no severity of its own names files in its words. */
function placeOf(
  shape: ErrorShape,
  { file, line, message = "" }: Readonly<Record<string, string | undefined>>,
  whole: string,
  above: () => readonly string[],
): SourcePlace {
  if (file !== undefined && isFile(file)) return { file, ...(line !== undefined && { line: Number(line) }) };
  if (shape.under === "source") {
    const place = placeOfSource(above()) ??
      (message.startsWith("SyntaxError") ? placeAbove(above().slice(-6)) : undefined);
    return place && !isForeign(place.file!) ? place : {};
  }
  if (shape.under === "place") return placeAbove(above()) ?? {};
  if (shape.under === "heading") return placeAbove(above().slice(-4)) ?? placeIn(message) ?? {};
  if (shape.under === "input") return inputAbove(above()) ?? {};
  if (line !== undefined && file === undefined) {
    const path = placeAbove(above())?.file;
    return { ...(path !== undefined && { file: path }), line: Number(line) };
  }
  if (shape.opens) return shape.opens === "next" ? headingAbove(above()) ?? {} : {};
  const told = placeWithLine(whole) ?? (NAMING.has(shape.kind) ? placeIn(message) : undefined);
  return told ?? (NAMING.has(shape.kind) ? headingAbove(above(), whole) : undefined) ?? {};
}

/** What kind of error it is that no shape knows, but where it is. */
export function kindOf(message: string): ErrorKind {
  return SYNTAX.test(message) && placeWithLine(message) !== undefined ? "compiler" : "other";
}

/** What a compiler says that is no error. */
const REMARK =
  /^(?:[^\s:]+:)?[^\s:]+:\d+:(?:\d+:)? (?:warning|note|info|information|style|performance|portability|hint|debug|remark)\b/i;
/** What stands above the way in which a test failed. */
const TEST_HEADING = /^\s*(?:\d+\) \S|(?:✖|✗|×|●) \S|(?:FAIL|ERROR): \w+ \(|not ok \d|\S.* => (?:\.\/|file:))/;
const SYNTAX =
  /\b(?:syntax|parse) error|\b(?:unexpected|(?<!(?:operator|expression) )expected|[Ee]xpecting|[Uu]nterminated|undefined|undeclared|unmatched|unbalanced)\b|missing [`'"]?[()[\]{}'"]/i;
const NAMING = new Set<ErrorKind>(["permission", "not-found", "disk", "other"]);

/** The last bytes of two pieces. */
function lastOf(before: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.length >= TAIL_BYTES) return data.slice(-TAIL_BYTES);
  const all = data.length === 0 ? before : concat([before, data]);
  return all.length > TAIL_BYTES ? all.slice(-TAIL_BYTES) : all;
}
