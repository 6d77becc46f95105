/**
 * The first line of an asciicast, and our header: one maps to the other without loss, in both versions.
 *
 * What asciicast has no field for (`user`, `host`, `cwd`, the recording's id …) goes into one extra field named `term2ai`,
 * which other programs ignore, and what we have no field for goes into `header.extra`. So a recording keeps its whole header
 * through any number of conversions.
 *
 * This module is browser compatible.
 * @module
 */

import { type Json, SECOND, type SessionHeader, type Theme } from "../../lib/event.ts";
import { nanosOf } from "./seconds.ts";

/**
 * The versions of asciicast that are a header and a line for each event.
 *
 * @example
 * ```ts
 * const newest: Version = 3;
 * ```
 */
export type Version = 2 | 3;

/**
 * A JSON object that nobody has looked into yet.
 *
 * @example
 * ```ts
 * const fields: Fields = JSON.parse('{"version": 2}');
 * ```
 */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * Hears what is wrong with a field, by the field's name.
 *
 * @example
 * ```ts
 * const loud: FieldWarning = (field, fault) => console.warn(`${field} ${fault}`);
 * ```
 */
export type FieldWarning = (field: string, fault: string) => void;

const OWN = "term2ai";
const OWN_STRINGS = ["user", "host", "cwd", "termVersion", "recorder", "nonceSha256"] as const;
const OWN_NAMES = new Set<string>([...OWN_STRINGS, "id", "startedAt", "shell", "term", "extra"]);
const TERM_NAMES = new Set(["cols", "rows", "type", "version", "theme"]);
const SHARED_NAMES = ["version", "timestamp", "idle_time_limit", "command", "title", "env", "tags", OWN];
const NAMES: Readonly<Record<Version, ReadonlySet<string>>> = {
  2: new Set([...SHARED_NAMES, "width", "height", "theme"]),
  3: new Set([...SHARED_NAMES, "term"]),
};

const DEFAULT_COLS = 80, DEFAULT_ROWS = 24;
const MAX_DEPTH = 64; // JSON.stringify goes down by recursion
const MAX_TIMESTAMP = 8.64e12; // the last second that a Date can tell

/**
 * The largest width and height that are believed, in cells.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(MAX_SIZE, 2048);
 * ```
 */
export const MAX_SIZE = 2048;

/**
 * Reads a header leniently: what is valid is used, `warn` hears of the rest, and `null` counts as absent.
 *
 * `env.TERM` of version 2 is also `header.term`, and `env.SHELL` also `header.shell`. Fields of no meaning to us, such as
 * version 2's `duration`, go to `extra` as they are.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const header = readHeader({ version: 2, width: 80, height: 24, title: "x", duration: 1.5 }, 2, () => {});
 * deepEqual(header, { cols: 80, rows: 24, title: "x", extra: { duration: 1.5 } });
 * ```
 */
export function readHeader(fields: Fields, version: Version, warn: FieldWarning): SessionHeader {
  const read = new FieldReader(fields, warn);
  const inside = (outer: string): FieldWarning => (name, fault) => warn(`${outer}.${name}`, fault);
  const own = new FieldReader(isObject(fields[OWN]) ? fields[OWN] : {}, inside(OWN));
  const term = version === 3 ? new FieldReader(isObject(fields.term) ? fields.term : {}, inside("term")) : undefined;
  const env = read.env();
  return onlyDefined({
    cols: term ? term.size("cols", DEFAULT_COLS) : read.size("width", DEFAULT_COLS),
    rows: term ? term.size("rows", DEFAULT_ROWS) : read.size("height", DEFAULT_ROWS),
    startedAt: startOf(read, own),
    command: read.string("command"),
    shell: own.has("shell") ? own.string("shell") : env?.SHELL,
    ...Object.fromEntries(OWN_STRINGS.map((name) => [name, own.string(name)])),
    id: own.id(),
    ...(term
      ? { term: term.string("type"), termVersion: term.string("version") }
      : { term: own.has("term") ? own.string("term") : env?.TERM }),
    title: read.string("title"),
    tags: read.tags(),
    env: version === 2 ? withoutAddedTerm(env, own) : env,
    theme: (term ?? read).theme(),
    idleLimit: read.idleLimit(),
    extra: readExtra(read, own, term, version),
  });
}

/**
 * The fields of a header as the file has them, in the order in which asciinema writes them.
 *
 * A fraction of a second in `startedAt`, which `timestamp` cannot hold, is kept in the `term2ai` field. Version 2 tells
 * `header.term` as `env.TERM`.
 *
 * @param lose Hears of fields that cannot be written.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const fields = writeHeader({ cols: 80, rows: 24, term: "xterm", host: "mars" }, 3, () => {});
 * deepEqual(fields, { version: 3, term: { cols: 80, rows: 24, type: "xterm" }, term2ai: { host: "mars" } });
 * ```
 */
export function writeHeader(header: SessionHeader, version: Version, lose: (field: string) => void): Fields {
  const { cols, rows, startedAt, idleLimit, command, title, tags } = header;
  const theme = writeTheme(header.theme, lose);
  const extra = sortExtra(header.extra ?? {}, version, lose);
  const term = { cols, rows, type: header.term, version: header.termVersion, theme };
  const own = onlyDefined({ ...ownFields(header, version), ...extra.own });
  return onlyDefined({
    version,
    ...(version === 2 ? { width: cols, height: rows } : { term: onlyDefined({ ...term, ...extra.term }) }),
    timestamp: startedAt === undefined ? undefined : Math.floor(startedAt / 1000),
    idle_time_limit: idleLimit === undefined ? undefined : idleLimit / SECOND,
    command,
    title,
    env: version === 2 ? withTerm(header) : header.env,
    theme: version === 2 ? theme : undefined,
    tags,
    ...extra.top,
    [OWN]: Object.keys(own).length > 0 ? own : undefined,
  });
}

/**
 * Whether a value is a JSON object.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isObject({}), true);
 * equal(isObject([]), false);
 * ```
 */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Takes fields of the type they should have. */
class FieldReader {
  readonly fields: Fields;
  readonly warn: FieldWarning;

  constructor(fields: Fields, warn: FieldWarning) {
    this.fields = fields;
    this.warn = warn;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.fields, name);
  }

  string(name: string): string | undefined {
    return this.#take(name, "is not a string", (value) => typeof value === "string" ? value : undefined);
  }

  /** The name of a recording. */
  id(): string | undefined {
    const isId = (value: unknown) => typeof value === "string" && /^[0-9a-f]{32}$/.test(value) ? value : undefined;
    return this.#take("id", "is not 32 hexadecimal digits", isId);
  }

  /** Fields that our writer put here because their names were taken. */
  moved(): Record<string, Json> {
    const moved = this.fields.extra;
    return isObject(moved) ? new FieldReader(moved, this.warn).others(new Set()) : {};
  }

  /** A number, or a string that tells one. */
  number(name: string): number | undefined {
    return this.#take(name, "is not a number", (value) => {
      if (typeof value === "number") return value;
      if (typeof value !== "string" || value.trim() === "" || !Number.isFinite(Number(value))) return undefined;
      this.warn(name, "is a number in quotes");
      return Number(value);
    });
  }

  /** A whole number of cells from 1 to {@linkcode MAX_SIZE}, made so if need be. */
  size(name: string, usual: number): number {
    const value = this.number(name);
    const size = value !== undefined && value >= 1 ? Math.min(MAX_SIZE, Math.floor(value)) : usual;
    if (size !== value) this.warn(name, `is ${value ?? "absent"} and was taken for ${size}`);
    return size;
  }

  idleLimit(): number | undefined {
    const seconds = this.number("idle_time_limit");
    if (seconds === undefined || seconds >= 0 && seconds < MAX_TIMESTAMP) return seconds && nanosOf(seconds);
    this.warn("idle_time_limit", "is no length of time");
  }

  tags(): readonly string[] | undefined {
    return this.#take("tags", "is not a list of strings", (value) => {
      if (!Array.isArray(value)) return undefined;
      const tags = value.filter((tag) => typeof tag === "string");
      if (tags.length < value.length) this.warn("tags", "has members that are not strings");
      return tags;
    });
  }

  /** Variables whose value is `null` exist in the wild: they were not set. */
  env(): Readonly<Record<string, string>> | undefined {
    return this.#take("env", "is not an object", (value) => {
      if (!isObject(value)) return undefined;
      const all = Object.entries(value).filter(([, text]) => text !== null);
      const texts = all.filter((entry): entry is [string, string] => typeof entry[1] === "string");
      if (texts.length < all.length) this.warn("env", "has values that are not strings");
      return Object.fromEntries(texts);
    });
  }

  theme(): Theme | undefined {
    return this.#take("theme", "is not a foreground, a background and 8 or 16 more colours as #rrggbb", (value) => {
      if (!isObject(value) || typeof value.palette !== "string") return undefined;
      const theme = { foreground: value.fg, background: value.bg, palette: value.palette.split(":") } as Theme;
      return isTheme(theme) ? theme : undefined;
    });
  }

  #take<Value>(name: string, fault: string, convert: (value: unknown) => Value | undefined): Value | undefined {
    const value = this.has(name) ? this.fields[name] : undefined;
    if (value === undefined || value === null) return undefined;
    const converted = convert(value);
    if (converted === undefined) this.warn(name, fault);
    return converted;
  }

  /** The fields that are not in `names`, without those nested too deep to be written again. */
  others(names: ReadonlySet<string>): Record<string, Json> {
    const others = Object.entries(this.fields).filter(([name]) => !names.has(name)) as [string, Json][];
    return Object.fromEntries(others.filter(([name, value]) => {
      const fine = !isTooDeep(value);
      if (!fine) this.warn(name, `is nested deeper than ${MAX_DEPTH} levels`);
      return fine;
    }));
  }
}

/** `timestamp`, unless our own field tells the same second more precisely. */
function startOf(read: FieldReader, own: FieldReader): number | undefined {
  const precise = own.number("startedAt");
  const seconds = read.number("timestamp");
  if (seconds === undefined) return undefined;
  if (precise !== undefined && Math.floor(precise / 1000) === seconds) return precise;
  if (!(Math.abs(seconds) <= MAX_TIMESTAMP)) return void read.warn("timestamp", "is no time that a calendar has");
  if (Number.isInteger(seconds)) return seconds * 1000;
  read.warn("timestamp", "is not a whole number");
  return Math.round(seconds * 1e6) / 1e3;
}

/** Fields without meaning to us, in the file, in its `term` and in our own field, and those that our writer moved there. */
function readExtra(
  read: FieldReader,
  own: FieldReader,
  term: FieldReader | undefined,
  version: Version,
): SessionHeader["extra"] {
  const extra = read.others(NAMES[version]);
  const termExtra = term?.others(TERM_NAMES) ?? {};
  const ownExtra = own.others(OWN_NAMES);
  if (Object.keys(termExtra).length > 0) extra.term = termExtra;
  if (Object.keys(ownExtra).length > 0) extra[OWN] = ownExtra;
  const foreign = read.fields[OWN];
  if (foreign !== undefined && !isObject(foreign)) extra[OWN] = foreign as Json;
  const all = { ...extra, ...own.moved() };
  return Object.keys(all).length > 0 ? all : undefined;
}

/** What `header.extra` holds by where it goes: beside the fields we know, into `term`, or into our own field. */
function sortExtra(extra: Readonly<Record<string, Json>>, version: Version, lose: (field: string) => void) {
  const top: [string, Json][] = [], moved: [string, Json][] = [];
  let term: Fields = {}, own: Fields = {};
  for (const [name, value] of Object.entries(extra)) {
    if (isTooDeep(value)) lose(name);
    else if (name === OWN && isFreeOf(value, OWN_NAMES)) own = value;
    else if (name === "term" && version === 3 && isFreeOf(value, TERM_NAMES)) term = value;
    else (NAMES[version].has(name) ? moved : top).push([name, value]);
  }
  if (moved.length > 0) own = { ...own, extra: Object.fromEntries(moved) };
  return { top: Object.fromEntries(top), term, own };
}

/** Whether a value is an object of fields that can join others without a clash. */
function isFreeOf(value: Json, names: ReadonlySet<string>): value is { readonly [name: string]: Json } {
  const keys = isObject(value) ? Object.keys(value) : [];
  return keys.length > 0 && !keys.some((key) => names.has(key));
}

/** What asciicast has no field for. `null` says that what the environment suggests is not so. */
function ownFields(header: SessionHeader, version: Version): Fields {
  const { startedAt, env, shell, term } = header;
  return {
    id: header.id,
    ...Object.fromEntries(OWN_STRINGS.map((name) => [name, header[name]])),
    termVersion: version === 2 ? header.termVersion : undefined,
    startedAt: startedAt !== undefined && startedAt % 1000 !== 0 ? startedAt : undefined,
    shell: shell === env?.SHELL ? undefined : shell ?? null,
    term: version === 3 || term === env?.TERM ? undefined : term ?? null,
  };
}

/** The environment with `TERM`, where version 2 readers look for it; our own field says that it was added. */
function withTerm({ env, term }: SessionHeader): SessionHeader["env"] {
  return term === undefined || env?.TERM !== undefined ? env : { ...env, TERM: term };
}

function withoutAddedTerm(env: SessionHeader["env"], own: FieldReader): SessionHeader["env"] {
  if (env?.TERM === undefined || own.fields.term !== env.TERM) return env;
  const { TERM: _added, ...rest } = env;
  return Object.keys(rest).length > 0 ? rest : undefined;
}

function writeTheme(theme: Theme | undefined, lose: (field: string) => void): Fields | undefined {
  if (!theme) return undefined;
  if (!isTheme(theme)) return void lose("theme");
  return { fg: theme.foreground, bg: theme.background, palette: theme.palette.join(":") };
}

function isTheme({ foreground, background, palette }: Theme): boolean {
  const colors = [foreground, background, ...palette];
  return (palette.length === 8 || palette.length === 16) &&
    colors.every((color) => typeof color === "string" && /^#[0-9a-f]{6}$/i.test(color));
}

function isTooDeep(value: Json): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth++) {
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return level.length > 0;
}

function isContainer(value: Json): value is Extract<Json, object> {
  return typeof value === "object" && value !== null;
}

function onlyDefined<Shape extends object>(fields: Shape): Shape {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Shape;
}
