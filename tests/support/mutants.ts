/**
 * Recordings that were damaged on purpose, the same from the same seed: what a reader has to bear.
 * @module
 */

import { READERS, WRITERS } from "../../formats/mod.ts";
import { HEADER_BYTES, readHeader, SYNC, writeBlock } from "../../formats/t2a/block.ts";
import { FormatError } from "../../lib/errors.ts";
import type { SessionEvent } from "../../lib/event.ts";
import type { SessionReader, SessionWriter } from "../../lib/ports.ts";
import { Report } from "../../lib/report.ts";
import { concat } from "../../lib/stream/collect.ts";
import { type Beside, write } from "../contracts/format_contract.ts";
import { type Files, sourceOfFiles } from "../contracts/reader_contract.ts";
import { everyKind, header, output } from "./events.ts";

/** A number below a bound, the next of a row. */
export type Random = (below: number) => number;

/** The row of a seed (xorshift). */
export function randomFrom(seed: number): Random {
  let state = (seed * 2654435761 ^ 0x9e3779b9) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const encode = (text: string) => new TextEncoder().encode(text);

/** A short session with everything that formats have trouble with. */
const SESSION: readonly SessionEvent[] = [
  header({
    startedAt: 1_795_382_322_250,
    command: "sh",
    user: "ada",
    host: "mars",
    term: "xterm",
    title: "é",
    env: { A: "b" },
  }),
  output(1e6, "$ \x1b[1mls\x1b[0m é€🙂\r\n"),
  { kind: "input", time: 2e6, data: encode("ls\r") },
  { kind: "output", time: 3e9, data: Uint8Array.of(0xff, 0, 0xc3, 0x28, 10) },
  { kind: "resize", time: 4e9, cols: 100, rows: 30 },
  output(5e9, "x".repeat(3000)),
  ...everyKind().slice(1, -1).map((event) => ({ ...event, time: 6e9 + event.time })),
  output(7e9, "1.5 12 0.25 \n[1.0, 2]\n"),
  { kind: "exit", time: 8e9, status: { code: 3 } },
];

/** Sound recordings that have no writer, or of forms that no writer of ours makes. */
const OTHERS: Readonly<Record<string, readonly Files[]>> = {
  sudo: [{
    "": encode("1795382254:ada:root:wheel:/dev/pts/0:24:80\n/srv/demo\n/usr/bin/sh -c echo a;\necho b\n"),
    timing: encode("4 0.5 2\n3 1.000000001 3\n5 0.25 30 100\n7 0.1 TSTP\n7 2 CONT\n4 0.000000 5\n"),
    ttyin: encode("ls\r"),
    ttyout: encode("$ hello"),
  }],
  terminalizer: [{
    "": encode(
      "config:\n  command: bash\n  cols: 100\n  rows: 30\n  maxIdleTime: 2000\nrecords:\n" +
        '  - delay: 1517\n    content: "\\e[1mada\\e[0m$ "\n  - delay: 12\n    content: l\n  - delay: 5\n    content: |\n      ls\n      é\n',
    ),
  }],
  script: [{
    "": encode(
      'Script started on 2026-11-22 21:17:33+00:00 [COMMAND="sh" TERM="xterm" COLUMNS="80" LINES="24"]\nhello\r\nbye\n',
    ),
    ".timing": encode("0.100000 7\n0.250000 3\n"),
  }],
};

/** Sound recordings of each reader's format. */
export async function soundRecordings(): Promise<ReadonlyMap<SessionReader, readonly Files[]>> {
  const all = new Map<SessionReader, readonly Files[]>();
  for (const reader of READERS) {
    const writer = WRITERS.find(({ name }) => name === reader.name);
    all.set(reader, [...(writer ? [await written(writer)] : []), ...(OTHERS[reader.name] ?? [])]);
  }
  return all;
}

async function written(writer: SessionWriter): Promise<Files> {
  const beside: Beside = new Map();
  const bytes = await write(writer, SESSION, { beside });
  return { "": bytes, ...Object.fromEntries(beside) };
}

/** Ways to damage bytes. */
const DAMAGES: readonly ((bytes: Uint8Array, random: Random) => Uint8Array)[] = [
  (bytes, random) => bytes.subarray(0, random(bytes.length + 1)),
  (bytes, random) => bytes.subarray(random(bytes.length + 1)),
  (bytes, random) => {
    const copy = bytes.slice();
    for (let flips = 1 + random(16); flips > 0 && copy.length > 0; flips--) {
      copy[random(copy.length)]! ^= 1 << random(8);
    }
    return copy;
  },
  (bytes, random) => inserted(bytes, random, Uint8Array.from({ length: 1 + random(300) }, () => random(256))),
  (bytes, random) => inserted(bytes, random, encode('"[]{}\n,:<>=0'[random(12)]!.repeat(1 + random(5)))),
  // Nested so deep that whoever recurses runs out of stack.
  (bytes, random) =>
    inserted(
      bytes,
      random,
      encode(["[", "{", '{"a":', "[[0,", "- ", "? ", "!!x "][random(7)]!.repeat(1 << random(16))),
    ),
  (bytes, random) => inserted(bytes, random, new Uint8Array(1 << random(19)).fill([0, 10, 32, 97, 255][random(5)]!)),
  (bytes, random) => withNumber(bytes, random, HUGE[random(HUGE.length)]!),
  (bytes, random) => overwritten(bytes, random, CLAIMS[random(CLAIMS.length)]!),
  (bytes, random) => {
    const start = random(bytes.length + 1), end = start + random(bytes.length - start + 1);
    return concat([bytes.subarray(0, end), bytes.subarray(start, end), bytes.subarray(end)]);
  },
  (bytes, random) => {
    const start = random(bytes.length + 1), end = start + random(bytes.length - start + 1);
    return concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
];

/** Numbers that no recording has. */
const HUGE = [
  "9".repeat(400),
  "-1",
  "-0",
  "1e400",
  "1e-400",
  "99999999999999999999",
  "2147483648",
  "4294967296",
  "0x7fffffff",
  "NaN",
  "1".repeat(20) + "." + "1".repeat(50),
];
/** Lengths of a gigabyte and more, in every order of bytes, and as varints that do not end. */
const CLAIMS = [
  "00000040",
  "40000000",
  "ffffff7f",
  "7fffffff",
  "ffffffff",
  "8080808004",
  "ffffffff0f",
  "ffffffffffffffffffff",
  "0000004000000000",
]
  .map((hex) => Uint8Array.fromHex(hex));

function inserted(bytes: Uint8Array, random: Random, more: Uint8Array): Uint8Array {
  const at = random(bytes.length + 1);
  return concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

function overwritten(bytes: Uint8Array, random: Random, by: Uint8Array): Uint8Array {
  const copy = bytes.slice(), at = random(bytes.length + 1);
  copy.set(by.subarray(0, copy.length - at), at);
  return copy;
}

/** Puts a number where one stands. */
function withNumber(bytes: Uint8Array, random: Random, number: string): Uint8Array {
  let at = random(bytes.length + 1);
  while (at < bytes.length && !isDigit(bytes[at]!)) at++;
  let end = at;
  while (end < bytes.length && isDigit(bytes[end]!)) end++;
  return concat([bytes.subarray(0, at), encode(number), bytes.subarray(end)]);
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte < 58 || byte === 46;
}

/** T2A with checksums that are right again, so that damage comes as far as whoever believes them. */
function resealed(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  for (let at = 8; at + HEADER_BYTES <= copy.length; at++) {
    if (!SYNC.every((byte, index) => copy[at + index] === byte)) continue;
    const header = readHeader(bytes.subarray(at, at + HEADER_BYTES));
    if (!header) continue;
    const end = at + HEADER_BYTES + header.length;
    if (end > copy.length) break;
    const payload = copy.slice(at + HEADER_BYTES, end);
    copy.set(writeBlock(header, payload), at);
    at = end - 1;
  }
  return copy;
}

/** The mutant of a number, of what somebody of this name reads. */
export function mutantOf(sound: readonly Files[], { name: of }: { readonly name: string }, seed: number): Files {
  const random = randomFrom(seed);
  const files: Record<string, Uint8Array> = { ...sound[random(sound.length)]! };
  const names = Object.keys(files);
  for (let count = 1 + random(3); count > 0; count--) {
    const name = names[random(names.length)]!;
    files[name] = DAMAGES[random(DAMAGES.length)]!(files[name]!, random).slice(0, 4 << 20);
  }
  if (of === "t2a" && random(2) === 0) files[""] = resealed(files[""]!);
  return files;
}

/** What came of reading a mutant. */
export interface Outcome {
  readonly millis: number;
  readonly events: number;
  readonly refused: boolean;
}

/**
 * Reads a recording to its end.
 *
 * @throws What a reader must not throw: anything but a `FormatError` that tells where; and where time runs backwards.
 */
export async function outcomeOf(reader: SessionReader, files: Files, seed: number): Promise<Outcome> {
  const start = performance.now();
  let events = 0, refused = false;
  try {
    const sizes = seed % 4 === 0 ? [1 + seed % 1000] : [65_536];
    let time = 0;
    for await (const batch of reader.open(sourceOfFiles(files, sizes), new Report())) {
      for (const event of batch) {
        if (event.kind === "header") time = 0;
        if (!(event.time >= time)) throw new Error(`time runs backwards: ${event.time} after ${time}`);
        time = event.time;
        events++;
      }
    }
  } catch (error) {
    const isTold = error instanceof FormatError && (error.place.line !== undefined || error.place.byte !== undefined);
    if (!isTold) throw error;
    refused = true;
  }
  return { millis: performance.now() - start, events, refused };
}
