/**
 * Generated sessions, for properties that hold for every session.
 * @module
 */

import fc from "fast-check";
import type {
  CellRun,
  CellStyle,
  EventKind,
  EventOf,
  ScreenBuffer,
  ScreenCursor,
  ScreenState,
  SessionEvent,
  SessionHeader,
  Theme,
} from "../../lib/event.ts";

/** What generated sessions may hold. */
export interface SessionOptions {
  /** Payloads are whole UTF-8 characters, for formats that are text. */
  readonly text?: boolean;
  /** How many sessions one stream may hold, 1 if left out. */
  readonly sessions?: number;
}

/** Events that are not headers, by kind, all at time 0. */
type Timeless = { readonly [Kind in Exclude<EventKind, "header">]: fc.Arbitrary<EventOf<Kind>> };

/** An object of the members of `model`, of which those not in `required` may be absent. */
function record<Model extends object, Required extends keyof Model = keyof Model>(
  model: { [Name in keyof Model]: fc.Arbitrary<Model[Name]> },
  required = Object.keys(model) as Required[],
): fc.Arbitrary<Pick<Model, Required> & Partial<Model>> {
  return fc.record(model, { requiredKeys: required, noNullPrototype: true }) as never;
}

/** Any text: every plane, controls, no half surrogates. */
export const anyText: fc.Arbitrary<string> = fc.string({ unit: "binary", maxLength: 12 });

/** What a program may print: text, escape sequences, and bytes that are no text unless `text` forbids them. */
export function payload(text = false): fc.Arbitrary<Uint8Array> {
  const encoded = fc.oneof(anyText, fc.constantFrom("\x1b[1;31mred\x1b[0m\r\n", "é€🙂", "\ufeff", '"\\/')).map(encode);
  return text ? encoded : fc.oneof(encoded, fc.uint8Array({ maxLength: 24 }), fc.constantFrom(...NOT_UTF8));
}

/** Overlong forms, surrogates, what lies behind Unicode's end, and characters that are cut off. */
const NOT_UTF8: readonly Uint8Array[] = [
  "c0af",
  "e0809f",
  "eda080",
  "f0808080",
  "f4908080",
  "f8888080",
  "e282",
  "f09f98",
  "80",
]
  .map((hex) => Uint8Array.fromHex(hex));

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const color = fc.integer({ min: 0, max: 0xffffff }).map((rgb) => "#" + rgb.toString(16).padStart(6, "0"));

const theme: fc.Arbitrary<Theme> = record({
  foreground: color,
  background: color,
  palette: fc.constantFrom(8, 16).chain((length) => fc.array(color, { minLength: length, maxLength: length })),
});

/** Anything JSON can hold, as `JSON.parse` gives it back. */
export const anyJson = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));

const names = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 }),
  fc.constantFrom(
    "TERM",
    "SHELL",
    "width",
    "height",
    "term",
    "theme",
    "duration",
    "term2ai",
    "extra",
    "__proto__",
    "x-y",
  ),
);

/** A header with any of its members. */
export const header: fc.Arbitrary<SessionHeader> = record({
  cols: fc.integer({ min: 1, max: 2048 }),
  rows: fc.integer({ min: 1, max: 2048 }),
  id: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => id.toHex()),
  startedAt: fc.integer({ min: 0, max: 4e15 }).map((micros) => micros / 1000),
  command: anyText,
  shell: fc.constantFrom("/bin/bash", "/bin/fish"),
  user: anyText,
  host: anyText,
  cwd: anyText,
  term: fc.constantFrom("xterm-256color", "screen"),
  termVersion: anyText,
  title: anyText,
  tags: fc.array(anyText, { maxLength: 3 }),
  env: entries(fc.constantFrom("xterm-256color", "screen", "/bin/bash", "")),
  theme,
  idleLimit: fc.integer({ min: 0, max: 1e12 }),
  recorder: anyText,
  nonceSha256: anyText,
  extra: entries(anyJson),
}, ["cols", "rows"]);

/** At least one name and value. Not `fc.dictionary`, whose objects may lack a prototype. */
function entries<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Record<string, Value>> {
  return fc.array(fc.tuple(names, value), { minLength: 1, maxLength: 4 }).map((all) => Object.fromEntries(all));
}

const style: fc.Arbitrary<CellStyle> = record({
  foreground: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 255 }), color),
  background: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 255 }), color),
  bold: fc.constant(true as const),
  dim: fc.constant(true as const),
  italic: fc.constant(true as const),
  underline: fc.constantFrom(1, 2, 3, 4, 5),
  underlineColor: color,
  blink: fc.constant(true as const),
  inverse: fc.constant(true as const),
  hidden: fc.constant(true as const),
  strike: fc.constant(true as const),
  overline: fc.constant(true as const),
  protected: fc.constant(true as const),
  link: fc.constant(0),
}, []);

const run: fc.Arbitrary<CellRun> = fc.oneof(
  fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 9 })),
  fc.tuple(fc.nat(2), fc.string({ minLength: 1, maxLength: 5 })),
  fc.tuple(fc.nat(2), fc.constantFrom("漢", "👍🏽"), fc.constant(2)),
);

const rows = fc.array(
  record({ cells: fc.array(run, { maxLength: 3 }), wraps: fc.constant(true as const) }, ["cells"]),
  { maxLength: 3 },
);

const cursor: fc.Arbitrary<ScreenCursor> = record({
  col: fc.nat(80),
  row: fc.nat(23),
  style: fc.nat(2),
  charsets: fc.constantFrom(["B", "B", "B", "B"], ["0", "B", "A", "B"]) as fc.Arbitrary<ScreenCursor["charsets"]>,
  charset: fc.constantFrom(0, 1, 2, 3),
  origin: fc.constant(true as const),
}, ["col", "row", "style", "charsets", "charset"]);

const buffer: fc.Arbitrary<ScreenBuffer> = record(
  { rows, scrollback: rows, saved: cursor },
  ["rows"],
);

/** What a terminal may show. */
export const screenState: fc.Arbitrary<ScreenState> = record({
  cols: fc.constant(80),
  rows: fc.constant(24),
  styles: fc.array(style, { minLength: 3, maxLength: 3 }),
  links: fc.constantFrom([{ uri: "https://example.org/" }], [{ uri: "file:///x", id: "7" }]),
  normal: buffer,
  alternate: buffer,
  active: fc.constant("alternate" as const),
  cursor,
  cursorShape: fc.nat(6),
  margins: fc.constantFrom([0, 9], [3, 23]) as fc.Arbitrary<[number, number]>,
  tabs: fc.uniqueArray(fc.nat(79), { maxLength: 4 }).map((tabs) => tabs.sort((a, b) => a - b)),
  modes: fc.constantFrom<Record<string, boolean | number>>({}, { "?25": false }, { "?2004": true, "4": true }),
  title: anyText,
  icon: anyText,
  colors: fc.constantFrom<Record<string, string>>({ "10": "#ffffff" }, { "1": "#800000", "12": "#00ff00" }),
  last: fc.constantFrom("x", "漢"),
  pending: fc.uint8Array({ maxLength: 4 }),
}, ["cols", "rows", "styles", "normal", "cursor", "modes"]);

function timeless(text: boolean): Timeless {
  const data = payload(text), time = fc.constant(0);
  const is = <Kind extends EventKind>(kind: Kind) => fc.constant(kind);
  const size = fc.integer({ min: 1, max: 2048 });
  return {
    output: record({ kind: is("output"), time, data }),
    input: record({ kind: is("input"), time, data, by: anyText }, ["kind", "time", "data"]),
    resize: record({ kind: is("resize"), time, cols: size, rows: size }),
    marker: record({ kind: is("marker"), time, label: anyText }),
    signal: record({ kind: is("signal"), time, name: fc.constantFrom("SIGWINCH", "SIGTSTP") }),
    clock: record({ kind: is("clock"), time, drift: fc.integer({ min: -1e12, max: 1e12 }) }),
    screen: record({ kind: is("screen"), time, state: screenState }),
    gap: record({
      kind: is("gap"),
      time,
      reason: fc.constantFrom("paused", "resumed", "overload", "storage", "damage", "slow-reader"),
      bytes: fc.nat(),
    }, ["kind", "time", "reason"]),
    note: record({ kind: is("note"), time, topic: anyText, data: anyJson }),
    custom: record({ kind: is("custom"), time, code: fc.constantFrom("rlib", "stderr", "z"), data }),
    opaque: record({ kind: is("opaque"), time, type: fc.integer({ min: 200, max: 250 }), data: payload() }),
    exit: record({
      kind: is("exit"),
      time,
      status: fc.oneof(
        record({ code: fc.integer({ min: 0, max: 255 }) }),
        record({ signal: fc.constantFrom("SIGKILL", "SIGTERM") }),
      ),
    }),
    keyframe: record({ kind: is("keyframe"), time, state: screenState }),
    command: record({
      kind: is("command"),
      time,
      phase: fc.constantFrom("prompt", "input", "output", "done"),
      text: anyText,
      code: fc.nat(255),
      cwd: anyText,
      confidence: fc.constantFrom("reported", "guessed"),
    }, ["kind", "time", "phase"]),
  };
}

/** Time between two events: often none, up to an hour. */
const pause = fc.oneof(fc.constant(0), fc.nat(2_000_000), fc.integer({ min: 0, max: 3600e9 }));

/** One session: a header, then events of every kind in order of time. */
function session(text: boolean): fc.Arbitrary<SessionEvent[]> {
  const kinds = timeless(text);
  // Most of a session is output.
  const event = fc.oneof({ weight: 8, arbitrary: kinds.output }, ...Object.values(kinds)) as fc.Arbitrary<SessionEvent>;
  return fc.tuple(header, fc.array(fc.tuple(pause, event), { maxLength: 25 })).map(([header, timed]) => {
    const events: SessionEvent[] = [{ kind: "header", time: 0, header }];
    let time = 0;
    for (const [delta, event] of timed) events.push({ ...event, time: time += delta });
    return events;
  });
}

/** One or more sessions, one behind the other. */
export function sessions({ text = false, sessions = 1 }: SessionOptions = {}): fc.Arbitrary<SessionEvent[]> {
  return fc.array(session(text), { minLength: 1, maxLength: sessions }).map((all) => all.flat());
}

/** One event of every kind, with a header before them. */
export function everyKind(text = false): fc.Arbitrary<SessionEvent[]> {
  const { output, ...others } = timeless(text);
  return fc.tuple(header, output, ...Object.values(others) as fc.Arbitrary<SessionEvent>[])
    .map(([header, ...events]) => [{ kind: "header", time: 0, header }, ...events]);
}

/** Ways to cut a piece of bytes: the sizes of the chunks, used over and over. */
export const chunkSizes: fc.Arbitrary<readonly number[]> = fc.oneof(
  fc.constant([1]),
  fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
  fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 4 }),
);

/** The chunks of `bytes`, of the given sizes, used over and over. */
export function cut<Bytes extends Uint8Array>(bytes: Bytes, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    chunks.push(bytes.subarray(at, at += size));
  }
  return chunks;
}
