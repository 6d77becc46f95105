/**
 * One message of tlog: a line of JSON that holds some of a recording's input, output and timing.
 *
 * Lines come as tlog writes them, or inside the entries that `journalctl -o json` prints. Nothing in a line is believed to be of
 * the type it should be.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * What a line says, as far as it makes sense.
 *
 * @example
 * ```ts
 * const shown = (message: Message) => `message ${message.id} of ${message.rec} on ${message.host}`;
 * ```
 */
export interface Message {
  /** Name of the machine; empty if it is not told. */
  readonly host: string;
  /** The recording's id on that machine. */
  readonly rec: string;
  /** Login name; empty if it is not told. */
  readonly user: string;
  /** Value of `TERM`; empty if it is not told. */
  readonly term: string;
  /** The audit session, unless it is unset. */
  readonly session?: number;
  /** Number of the message in the recording, from 1; absent if it is none. */
  readonly id?: number;
  /** Milliseconds from the recording's start to where the delays of this message begin; absent if it is no such number. */
  readonly pos?: number;
  /** Wall clock at `pos`, in milliseconds since 1970. */
  readonly wall?: number;
  /** How input and output follow each other. */
  readonly timing: string;
  /** What was typed. */
  readonly input: Payload;
  /** What was printed. */
  readonly output: Payload;
  /** Number of the line, for warnings. */
  readonly line: number;
  /** About how many bytes of memory it takes. */
  readonly size: number;
}

/**
 * One direction of a message: text, in which U+FFFD may stand for bytes that are none, and those bytes.
 *
 * @example
 * ```ts
 * const latin1: Payload = { text: "caf\ufffd", bytes: [0xe9] };
 * ```
 */
export interface Payload {
  /** Characters. */
  readonly text: string;
  /** Numbers from 0 to 255; `undefined` if something else was there. */
  readonly bytes: readonly number[] | undefined;
}

const UNSET_SESSION = 2 ** 32 - 1;
const MAX_NAME = 1024; // UTF-16 units of a host or an id; those are kept for as long as a recording may go on
const OVERHEAD = 512; // bytes of an object, beside what its line holds

/**
 * The message in a line; `undefined` if there is none.
 *
 * @param line Its number, for warnings.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const message = readMessage('{"ver": "2.3", "rec": "a", "id": 1, "pos": 0, "timing": ">2", "out_txt": "hi"}', 1);
 * equal(message?.output.text, "hi");
 * equal(readMessage('{"version": 2}', 1), undefined);
 * ```
 */
export function readMessage(text: string, line: number): Message | undefined {
  const fields = unwrap(parseObject(text));
  if (!fields || !isVersion(fields.ver) || typeof fields.rec !== "string" || typeof fields.timing !== "string") return;
  const { host, rec, timing, session } = fields;
  if (rec.length > MAX_NAME || stringOf(host).length > MAX_NAME) return;
  return {
    host: stringOf(host),
    rec,
    user: stringOf(fields.user),
    term: stringOf(fields.term),
    ...(isCount(session) && session !== UNSET_SESSION && { session }),
    ...(isCount(fields.id) && { id: fields.id }),
    ...(isTime(fields.pos) && { pos: fields.pos }),
    ...(isTime(fields.time) && { wall: Math.round(fields.time * 1000) }),
    timing,
    input: { text: stringOf(fields.in_txt), bytes: bytesOf(fields.in_bin) },
    output: { text: stringOf(fields.out_txt), bytes: bytesOf(fields.out_bin) },
    line,
    size: text.length + OVERHEAD,
  };
}

/**
 * Whether a recording that begins with these bytes is one of tlog's: by its first line, or the beginning of a longer one.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(beginsWithMessage(new TextEncoder().encode('{"ver":"2.3","rec":"a","timing":""}\n')), true);
 * equal(beginsWithMessage(new TextEncoder().encode('{"version":2,"width":80,"height":24}\n')), false);
 * ```
 */
export function beginsWithMessage(prefix: Uint8Array): boolean {
  const text = new TextDecoder().decode(prefix).trimStart();
  if (!text.startsWith("{")) return false;
  const end = text.indexOf("\n");
  const line = end < 0 ? text : text.slice(0, end);
  if (readMessage(line, 1)) return true;
  return end < 0 && (hasNames(line, '"') || hasNames(line, '\\"'));
}

/** Whether the names that every message begins with are there, in the quotes given. */
function hasNames(line: string, quote: string): boolean {
  return ["ver", "rec", "timing"].every((name) => line.includes(`${quote}${name}${quote}:`));
}

/**
 * Whether a line is an entry of the journal, whatever it holds: journals have entries of many programs.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isJournalEntry('{"__CURSOR": "s=1", "MESSAGE": "Started Session 7"}'), true);
 * equal(isJournalEntry('{"ver": "2.3"}'), false);
 * ```
 */
export function isJournalEntry(line: string): boolean {
  const fields = parseObject(line);
  return fields !== undefined && Object.hasOwn(fields, "MESSAGE");
}

type Fields = Readonly<Record<string, unknown>>;

function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : undefined;
  } catch {
    return undefined;
  }
}

/** What is inside of a journal's entry, which is text, or bytes where the text is not fit to print; other objects as they are. */
function unwrap(fields: Fields | undefined): Fields | undefined {
  const inside = fields?.MESSAGE;
  if (typeof inside === "string") return parseObject(inside);
  const bytes = inside === undefined ? undefined : bytesOf(inside);
  return bytes ? parseObject(new TextDecoder().decode(Uint8Array.from(bytes))) : fields;
}

/** Text since version 2, a number before. */
function isVersion(value: unknown): boolean {
  return typeof value === "number" || typeof value === "string" && /^\d+(\.\d+)?$/.test(value);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function bytesOf(value: unknown): readonly number[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every(isByte) ? value : undefined;
}

function isByte(value: unknown): boolean {
  return isCount(value) && value < 256;
}
