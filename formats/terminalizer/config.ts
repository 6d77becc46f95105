/**
 * The `config` of a Terminalizer recording as a session's header.
 *
 * This module is browser compatible.
 * @module
 */

import { type Json, MILLISECOND, type Nanos, type SessionHeader, type Theme } from "../../lib/event.ts";
import { USUAL_ENV } from "../../lib/record/metadata_recorder.ts";

const USUAL = { cols: 80, rows: 24 };
const MAX_SIZE = 2048; // cells that are believed, each way
const MAX_LIMIT = 1e12; // ms; 31 years
const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const PALETTE = [...COLORS, ...COLORS.map((name) => `bright${name[0]!.toUpperCase()}${name.slice(1)}`)];
const OWN_NAMES = new Set(["command", "cwd", "env", "cols", "rows", "maxIdleTime", "theme"]);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Hears what is wrong with a field.
 *
 * @example
 * ```ts
 * const loud: ConfigWarning = (code, message) => console.warn(`${code}: ${message}`);
 * ```
 */
export type ConfigWarning = (code: string, message: string) => void;

/**
 * Reads a configuration: what is valid is used, `warn` hears of the rest.
 *
 * `maxIdleTime`, which shortens pauses when the recording is shown, becomes the header's idle limit. Of the environment only
 * what is harmless is taken over. How a picture of the recording is to look (`frameBox`, `fontSize` …) is kept in `extra.config`.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const header = readConfig({ cols: 100, rows: "auto", command: "bash -l", maxIdleTime: 2000, quality: 100 }, () => {});
 * deepEqual(header, { cols: 100, rows: 24, command: "bash -l", idleLimit: 2e9, extra: { config: { quality: 100 } } });
 * ```
 */
export function readConfig(config: unknown, warn: ConfigWarning): SessionHeader {
  const fields = isObject(config) ? config : {};
  const env = environmentOf(fields.env);
  const header: SessionHeader = {
    cols: sizeOf("cols", fields.cols, warn),
    rows: sizeOf("rows", fields.rows, warn),
    command: textOf(fields.command),
    cwd: textOf(fields.cwd),
    shell: env?.SHELL,
    term: env?.TERM,
    env,
    theme: themeOf(fields.theme),
    idleLimit: limitOf(fields.maxIdleTime, warn),
    extra: extraOf(fields, warn),
  };
  return Object.fromEntries(
    Object.entries(header).filter(([, value]) => value !== undefined),
  ) as unknown as SessionHeader;
}

/** `auto` is the size of the terminal that was recorded, which nobody wrote down. */
function sizeOf(name: "cols" | "rows", value: unknown, warn: ConfigWarning): number {
  if (value === "auto") return USUAL[name];
  const size = typeof value === "number" && value >= 1 ? Math.min(MAX_SIZE, Math.floor(value)) : USUAL[name];
  if (size !== value) warn(`header-${name}`, `the number of ${name} is not told or absurd, and ${size} was taken`);
  return size;
}

function limitOf(value: unknown, warn: ConfigWarning): Nanos | undefined {
  if (value === undefined || value === null || value === "auto") return undefined;
  if (typeof value === "number" && value >= 0 && value <= MAX_LIMIT) return Math.round(value * MILLISECOND);
  return void warn("header-idle", "a maxIdleTime that is no length of time was left out");
}

function environmentOf(value: unknown): Readonly<Record<string, string>> | undefined {
  const pairs = Object.entries(isObject(value) ? value : {});
  const allowed = pairs.filter(([name, text]) => USUAL_ENV.includes(name) && typeof text === "string");
  return allowed.length > 0 ? Object.fromEntries(allowed) as Record<string, string> : undefined;
}

/** Colours, if all of them are plain ones: Terminalizer also knows `transparent`. */
function themeOf(value: unknown): Theme | undefined {
  const colors = isObject(value) ? ["foreground", "background", ...PALETTE].map((name) => colorOf(value[name])) : [];
  const [foreground, background, ...palette] = colors.filter((color) => color !== undefined);
  return palette.length === PALETTE.length ? { foreground: foreground!, background: background!, palette } : undefined;
}

function colorOf(value: unknown): string | undefined {
  return typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value) ? value : undefined;
}

/** The rest, if JSON can hold it: YAML's aliases can build what has no end. */
function extraOf(fields: Fields, warn: ConfigWarning): SessionHeader["extra"] {
  const others = Object.entries(fields).filter(([name]) => !OWN_NAMES.has(name));
  if (others.length === 0) return undefined;
  try {
    return { config: JSON.parse(JSON.stringify(Object.fromEntries(others))) as Json };
  } catch {
    return void warn("header-config", "settings that are nested without end were left out");
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/**
 * Whether a value is an object with named members.
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
