/**
 * The text of a recording as a file, `ID.text`: readable, and enough to build an index from without emulating a terminal again.
 *
 * The first line is `# term2ai text 1`. Each other line has four columns with tabs between them: the second at which the text
 * began to show, the seconds it went on changing, what it is, and the text.
 *
 *     12.250	0.480	output	make: *** [all] Error 2
 *
 * Lines that begin with `#` are comments; those behind all others tell the commands that ran, see `command_lines.ts`.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../errors.ts";
import { MILLISECOND } from "../event.ts";
import type { TextKind, TextLine } from "../models.ts";
import { concat } from "../stream/collect.ts";
import type { CommandLineReader } from "./command_lines.ts";

const FIRST = "# term2ai text 1";
const KINDS: ReadonlySet<string> = new Set<TextKind>(["output", "screen", "command", "title", "marker"]);

/**
 * A line of the file. Times are rounded up to milliseconds, so that what has begun to show by then shows.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(writeTextLine({ time: 1.5e9, until: 2e9, kind: "output", text: "$ ls" }), "1.500\t0.500\toutput\t$ ls");
 * ```
 */
export function writeTextLine({ time, until, kind, text }: TextLine): string {
  const [from, to] = [Math.ceil(time / MILLISECOND), Math.ceil(until / MILLISECOND)];
  return `${seconds(from)}\t${seconds(to - from)}\t${kind}\t${text}`;
}

function seconds(millis: number): string {
  return (millis / 1000).toFixed(3);
}

/**
 * Reads a line; `undefined` if it is none.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(readTextLine("1.500\t0.500\toutput\t$ ls")?.until, 2e9);
 * equal(readTextLine("# a comment"), undefined);
 * ```
 */
export function readTextLine(line: string): TextLine | undefined {
  const match = /^(\d+\.\d{3})\t(\d+\.\d{3})\t(\w+)\t(.*)$/.exec(line);
  if (!match || !KINDS.has(match[3]!)) return undefined;
  const time = Math.round(Number(match[1]) * 1000) * MILLISECOND;
  return {
    time,
    until: time + Math.round(Number(match[2]) * 1000) * MILLISECOND,
    kind: match[3] as TextKind,
    text: match[4]!,
  };
}

/**
 * The file of batches of lines.
 *
 * @param closing What stands behind them: whole lines that are comments.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes } from "@term2ai/term2ai";
 * const file = ReadableStream.from([[]]).pipeThrough(textEncoder());
 * equal(new TextDecoder().decode(await collectBytes(file)), "# term2ai text 1\n");
 * ```
 */
export function textEncoder(closing: () => string = () => ""): TransformStream<readonly TextLine[], Uint8Array> {
  const encoder = new TextEncoder();
  return new TransformStream(
    {
      start: (controller) => controller.enqueue(encoder.encode(FIRST + "\n")),
      transform(lines, controller) {
        if (lines.length > 0) controller.enqueue(encoder.encode(lines.map(writeTextLine).join("\n") + "\n"));
      },
      flush: (controller) => controller.enqueue(encoder.encode(closing())),
    },
    { highWaterMark: 1 },
    { highWaterMark: 1 },
  );
}

/**
 * The lines of a file, in batches. Lines that are none are left out.
 *
 * @param commands Hears of the lines that tell commands.
 * @throws {FormatError} If it does not begin as it should.
 *
 * @example
 * ```ts
 * const lines = async (bytes: ReadableStream<Uint8Array>) => (await Array.fromAsync(readText(bytes))).flat();
 * ```
 */
export async function* readText(
  bytes: ReadableStream<Uint8Array>,
  commands?: CommandLineReader,
): AsyncGenerator<TextLine[], void, void> {
  let rest: Uint8Array[] = [], isFirst = true;
  const decoder = new TextDecoder();
  const linesOf = (piece: Uint8Array) => {
    const lines = decoder.decode(piece).split("\n");
    if (isFirst && lines[0] !== FIRST) {
      throw new FormatError(`Cannot read the text of a recording: it does not begin with "${FIRST}"`, { line: 1 });
    }
    isFirst = false;
    for (const line of lines) if (line.startsWith("#")) commands?.push(line);
    return lines.map(readTextLine).filter((line) => line !== undefined);
  };
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(10);
    if (end < 0) {
      rest.push(chunk);
      continue;
    }
    const piece = concat([...rest, chunk.subarray(0, end)]);
    rest = [chunk.slice(end + 1)];
    yield linesOf(piece);
  }
  const last = concat(rest);
  if (last.length > 0 || isFirst) yield linesOf(last);
}
