/**
 * Cuts the text of a recording into the pieces that an index tells apart.
 *
 * A piece for each line would make an index that is larger than the text; one for a whole recording would find nothing quickly.
 *
 * This module is browser compatible.
 * @module
 */

import { MILLISECOND } from "../event.ts";
import type { TextKind, TextLine } from "../models.ts";

/** Characters that a piece holds, if nobody says so; a longer line is cut. */
const LENGTH = 1024;
/** Of a line that is cut, so much stands in both pieces: a word or phrase of that length is found whole. */
const OVERLAP = 64;

/**
 * Pieces of about a kilobyte, or another length; a line that is longer than `longest` is cut.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import type { TextLine } from "@term2ai/term2ai";
 * const line: TextLine = { time: 0, until: 0, kind: "output", text: "x".repeat(500) };
 * const pieces = await Array.fromAsync(passagesOf(ReadableStream.from([[line, line, line]])));
 * equal(pieces.length, 2);
 * ```
 */
export async function* passagesOf(
  batches: AsyncIterable<readonly TextLine[]>,
  length: number = LENGTH,
  longest: number = length,
): AsyncGenerator<readonly TextLine[], void, void> {
  let piece: TextLine[] = [], held = 0;
  for await (const batch of batches) {
    for (const line of batch.flatMap((line) => cut(line, longest))) {
      if (held > 0 && held + line.text.length > length) {
        yield piece;
        [piece, held] = [[], 0];
      }
      piece.push(line);
      held += line.text.length + 1;
    }
  }
  if (piece.length > 0) yield piece;
}

function cut(line: TextLine, length: number): TextLine[] {
  if (line.text.length <= length) return [line];
  const parts: TextLine[] = [];
  for (let at = 0; at < line.text.length - OVERLAP; at += length - OVERLAP) {
    parts.push({ ...line, text: line.text.slice(at, at + length) });
  }
  return parts;
}

/**
 * The text of a piece, as an index wants it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(plainText([{ time: 0, until: 0, kind: "output", text: "a" }, { time: 1, until: 1, kind: "output", text: "b" }]), "a\nb");
 * ```
 */
export function plainText(lines: readonly TextLine[]): string {
  return lines.map(({ text }) => text).join("\n");
}

/** Each kind as a letter. */
const LETTERS: Readonly<Record<TextKind, string>> = {
  output: "o",
  screen: "s",
  command: "c",
  title: "t",
  marker: "m",
  tag: "g",
  about: "a",
};
const KINDS = new Map(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind as TextKind]));

/**
 * What a piece says beside its text: the kind of each line, the milliseconds since the one before it began, and how many it went on
 * changing, in base 36. Times are rounded up.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(timesOf([{ time: 1e9, until: 3e9, kind: "output", text: "a" }, { time: 4e9, until: 4e9, kind: "title", text: "b" }]), "ors.1jk t2bc");
 * ```
 */
export function timesOf(lines: readonly TextLine[]): string {
  let last = 0;
  return lines.map(({ time, until, kind }) => {
    const at = Math.ceil(time / MILLISECOND), long = Math.ceil(until / MILLISECOND) - at;
    const told = `${LETTERS[kind]}${(at - last).toString(36)}${long > 0 ? "." + long.toString(36) : ""}`;
    last = at;
    return told;
  }).join(" ");
}

/**
 * The lines of a piece.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import type { TextLine } from "@term2ai/term2ai";
 * const lines: TextLine[] = [{ time: 1e6, until: 2e6, kind: "output", text: "a" }];
 * deepEqual(linesOf(timesOf(lines), plainText(lines)), lines);
 * ```
 */
export function linesOf(times: string, text: string): TextLine[] {
  const told = times.split(" ");
  let last = 0;
  return text.split("\n").map((text, at) => {
    const [since = "0", long = "0"] = (told[at] ?? "o0").slice(1).split(".");
    last += parseInt(since, 36) || 0;
    const time = last * MILLISECOND;
    return {
      time,
      until: time + (parseInt(long, 36) || 0) * MILLISECOND,
      kind: KINDS.get(told[at]?.[0] ?? "") ?? "output",
      text,
    };
  });
}
