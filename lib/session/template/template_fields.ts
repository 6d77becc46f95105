/**
 * What may stand in a template, and what becomes of it.
 *
 * Every fault is named with the place that it stands in, all at once, and nothing is guessed.
 *
 * This module is browser compatible.
 * @module
 */

import type { InputPolicy } from "../../record/event_recorder.ts";
import { isHandedOver } from "../../text/handed_over.ts";
import type { SessionConfig, SessionRecording } from "./config.ts";
import type { SessionLimits } from "../limits.ts";
import type { InputAccess } from "../control/protocol.ts";
import { limitOf } from "./quantities.ts";
import { joinRules, type RedactionRules } from "./redaction_rules.ts";

/** Where a template stands. */
export interface TemplateContext {
  /** What its paths are relative to. */
  readonly folder: string;
  readonly home: string;
  readonly shell: string;
  /** Of whoever uses it. */
  readonly env: Readonly<Record<string, string>>;
  /** Local time, as ISO 8601. */
  readonly now: string;
  /** It is a project's, which may come from anybody, not the user's own. */
  readonly isForeign: boolean;
}

/** What a configuration says. */
export interface Settings {
  /** About all sessions. */
  readonly session: SessionConfig;
  /** What is a secret, wherever secrets are looked for. */
  readonly redaction: RedactionRules;
}

type Fields = Readonly<Record<string, unknown>>;
type Faults = string[];

const ACCESS: readonly InputAccess[] = ["nobody", "owner", "operators"];
const POLICIES: readonly InputPolicy[] = ["off", "on", "all"];
const TOP = ["description", "session"];
const SHARED = ["size", "env_allow", "recording", "redaction", "storage", "limits"];
const SESSION = ["name", "command", "cwd", "env", "input", ...SHARED];
const REDACTION = ["text", "text_from", "pattern", "allow", "allow_pattern", "without"] as const;
/** With these, secrets that would be hidden show. */
const SHOWING: readonly string[] = ["allow", "allow_pattern", "without"];
const RECORDING = ["enabled", "folder", "path", "input", "title", "tags", "keep_env", "shell_integration"];

/** The sessions that a template describes; faults go to `faults`. */
export function readTemplate(
  value: unknown,
  { session: defaults, redaction }: Settings,
  context: TemplateContext,
  faults: Faults,
): SessionConfig[] {
  if (!isFields(value)) return fault(faults, "", "it holds no table", []);
  knownOnly(value, TOP, "", faults);
  if (value.description !== undefined) text(value.description, "description", faults);
  const sessions = Array.isArray(value.session) ? value.session : [value.session];
  if (value.session === undefined || sessions.length === 0) {
    return fault(faults, "session", "at least one [[session]] is expected", []);
  }
  return sessions.map((one, at) =>
    withRules(readSession(one, defaults, context, `session ${at + 1}`, faults), redaction)
  );
}

/** What a configuration says, over what one before it says. Its `store` is for commands. */
export function readSettings(value: unknown, before: Settings, context: TemplateContext, faults: Faults): Settings {
  if (!isFields(value)) return fault(faults, "", "it holds no table", before);
  knownOnly(value, ["session", "redaction", "store"], "", faults);
  const redaction = value.redaction === undefined
    ? before.redaction
    : joinRules(before.redaction, rulesOf(value.redaction, context, "redaction", faults));
  const session = value.session ?? {};
  if (!isFields(session)) return fault(faults, "session", "a table is expected", before);
  knownOnly(session, SHARED, "session", faults);
  return { session: readShared(session, before.session, context, "session", faults), redaction };
}

/** A session whose secrets are hidden, by the rules for all and its own. */
export function withRules(config: SessionConfig, rules: RedactionRules): SessionConfig {
  return config.redaction ? { ...config, redaction: joinRules(rules, config.redaction) } : config;
}

function readSession(
  value: unknown,
  defaults: SessionConfig,
  context: TemplateContext,
  at: string,
  faults: Faults,
): SessionConfig {
  if (!isFields(value)) return fault(faults, at, "a table is expected", {});
  knownOnly(value, SESSION, at, faults);
  const shared = readShared(value, defaults, context, at, faults);
  const env = value.env === undefined ? {} : strings(value.env, `${at}: env`, faults);
  return {
    ...shared,
    ...(value.name === undefined ? {} : { name: text(value.name, `${at}: name`, faults) }),
    ...(value.command === undefined ? {} : { command: commandOf(value.command, context, `${at}: command`, faults) }),
    cwd: pathOf(value.cwd === undefined ? "." : text(value.cwd, `${at}: cwd`, faults), context),
    ...(value.input === undefined ? {} : { input: oneOf(value.input, ACCESS, `${at}: input`, faults) }),
    ...(value.env === undefined && !shared.env ? {} : { env: { ...(shared.env ?? context.env), ...env } }),
  };
}

/** What sessions and configurations have in common. */
function readShared(
  value: Fields,
  before: SessionConfig,
  context: TemplateContext,
  at: string,
  faults: Faults,
): SessionConfig {
  const limits = value.limits === undefined ? {} : limitsOf(value.limits, `${at}: limits`, faults);
  return {
    ...before,
    ...(value.size === undefined ? {} : sizeOf(value.size, `${at}: size`, faults)),
    ...(value.env_allow === undefined ? {} : { env: allowed(value.env_allow, context, `${at}: env_allow`, faults) }),
    ...(value.recording === undefined
      ? {}
      : { recording: recordingOf(value, before.recording, context, `${at}: recording`, faults) }),
    ...(value.redaction === undefined
      ? {}
      : { redaction: redactionOf(value.redaction, before.redaction, context, `${at}: redaction`, faults) }),
    ...(value.storage === undefined ? {} : { storage: urlOf(text(value.storage, `${at}: storage`, faults), context) }),
    limits: { ...before.limits, ...limits },
  };
}

/** Whether secrets are hidden, and by which rules beside those for all. */
function redactionOf(
  value: unknown,
  before: RedactionRules | false | undefined,
  context: TemplateContext,
  at: string,
  faults: Faults,
): RedactionRules | false {
  if (value === false && context.isForeign && before) {
    return fault(faults, at, "only your own configuration can have secrets shown", before);
  }
  if (typeof value === "boolean") return value && (before || {});
  return joinRules(before || {}, rulesOf(value, context, at, faults));
}

function rulesOf(value: unknown, context: TemplateContext, at: string, faults: Faults): RedactionRules {
  if (!isFields(value)) return fault(faults, at, "a table is expected", {});
  knownOnly(value, REDACTION, at, faults);
  const shown = context.isForeign ? Object.keys(value).find((name) => SHOWING.includes(name)) : undefined;
  if (shown !== undefined) fault(faults, `${at}.${shown}`, "only your own configuration can have secrets shown", 0);
  const [literals, files, patterns, allow, allowPatterns, without] = REDACTION.map((name) =>
    value[name] === undefined ? [] : list(value[name], `${at}.${name}`, faults)
  ) as [string[], string[], string[], string[], string[], string[]];
  if (context.isForeign && files.some(isHandedOver)) {
    fault(faults, `${at}.text_from`, "only your own configuration can name an open file, such as /dev/stdin", 0);
  }
  return joinRules({}, {
    text: literals,
    textFrom: files.map((path) => pathOf(path, context)),
    pattern: patterns,
    allow,
    allowPattern: allowPatterns,
    without,
  });
}

/** A text is for the shell, a list is a program with its arguments. */
function commandOf(value: unknown, { shell }: TemplateContext, at: string, faults: Faults): string[] {
  return typeof value === "string" ? [shell, "-c", value] : list(value, at, faults);
}

function recordingOf(
  session: Fields,
  before: SessionRecording | false | undefined,
  context: TemplateContext,
  at: string,
  faults: Faults,
): SessionRecording | false {
  const value = session.recording;
  if (value === false) return false;
  if (value === true) return before || {};
  if (!isFields(value)) return fault(faults, at, "true, false or a table is expected", false as const);
  knownOnly(value, RECORDING, at, faults);
  if (value.enabled !== undefined && !yesOrNo(value.enabled, `${at}.enabled`, faults)) return false;
  const name = typeof session.name === "string" ? session.name : "session";
  const path = value.path === undefined ? undefined : text(value.path, `${at}.path`, faults);
  const folder = value.folder === undefined ? undefined : text(value.folder, `${at}.folder`, faults);
  const whole = path ?? (folder === undefined ? undefined : "{name}-{date}-{time}.t2a");
  const prefix = folder === undefined ? "" : `${folder}/`;
  return {
    ...(before || {}),
    ...(whole === undefined ? {} : { path: pathOf(filled(prefix + whole, name, context), context) }),
    ...(value.input === undefined ? {} : { input: policyOf(value.input, `${at}.input`, faults) }),
    ...(value.title === undefined ? {} : { title: text(value.title, `${at}.title`, faults) }),
    ...(value.tags === undefined ? {} : { tags: list(value.tags, `${at}.tags`, faults) }),
    ...(value.keep_env === undefined ? {} : { keepEnv: list(value.keep_env, `${at}.keep_env`, faults) }),
    ...(value.shell_integration === undefined
      ? {}
      : { shellIntegration: yesOrNo(value.shell_integration, `${at}.shell_integration`, faults) }),
  };
}

function yesOrNo(value: unknown, at: string, faults: Faults): boolean {
  return typeof value === "boolean" ? value : fault(faults, at, "true or false is expected", true);
}

function policyOf(value: unknown, at: string, faults: Faults): InputPolicy {
  return typeof value === "boolean" ? (value ? "on" : "off") : oneOf(value, POLICIES, at, faults);
}

/** `{name}`, `{date}` and `{time}` in the path of a recording. */
function filled(path: string, name: string, { now }: TemplateContext): string {
  const values: Readonly<Record<string, string>> = {
    name,
    date: now.slice(0, 10),
    time: now.slice(11, 19).replaceAll(":", ""),
  };
  return path.replace(/\{(\w+)\}/g, (all, key: string) => values[key] ?? all);
}

function pathOf(path: string, { folder, home }: TemplateContext): string {
  if (path === "." || path === "") return folder;
  if (path === "~" || path.startsWith("~/")) return home + path.slice(1);
  return path.startsWith("/") ? path : `${folder}/${path.replace(/^\.\//, "")}`;
}

/** A URL, or a folder. */
function urlOf(storage: string, context: TemplateContext): string {
  return /^[a-z][a-z0-9+.-]*:/i.test(storage) ? storage : pathOf(storage, context);
}

/** Only these variables, of those that there are; `*` stands for anything. */
function allowed(value: unknown, { env }: TemplateContext, at: string, faults: Faults): Record<string, string> {
  const patterns = list(value, at, faults).map((pattern) => pattern.split("*"));
  return Object.fromEntries(Object.entries(env).filter(([name]) => patterns.some((parts) => isLike(name, parts))));
}

/** Whether a name is these parts, with anything between them: each part is best found as early as it can be. */
function isLike(name: string, parts: readonly string[]): boolean {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (parts.length === 1) return name === first;
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last) || first.length > end) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= end;
}

function limitsOf(value: unknown, at: string, faults: Faults): SessionLimits {
  if (!isFields(value)) return fault(faults, at, "a table is expected", {});
  let limits: SessionLimits = {};
  for (const [name, amount] of Object.entries(value)) {
    if (typeof amount !== "string" && typeof amount !== "number") {
      fault(faults, `${at}.${name}`, "a text or number is expected", 0);
      continue;
    }
    try {
      limits = { ...limits, ...limitOf(name, amount) };
    } catch (error) {
      fault(faults, `${at}.${name}`, (error as Error).message, 0);
    }
  }
  return limits;
}

function sizeOf(value: unknown, at: string, faults: Faults): { cols: number; rows: number } {
  const [, cols, rows] = /^(\d{1,4})x(\d{1,4})$/i.exec(typeof value === "string" ? value : "") ?? [];
  if (cols === undefined) {
    return fault(faults, at, `found ${JSON.stringify(value)}, "80x24" or the like is expected`, { cols: 80, rows: 24 });
  }
  return { cols: Number(cols), rows: Number(rows) };
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function knownOnly(value: Fields, known: readonly string[], at: string, faults: Faults): void {
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) {
      fault(faults, at, `there is no ${JSON.stringify(name)}; expected ${known.join(", ")}`, 0);
    }
  }
}

function text(value: unknown, at: string, faults: Faults): string {
  return typeof value === "string" ? value : fault(faults, at, "a text is expected", "");
}

function list(value: unknown, at: string, faults: Faults): string[] {
  if (!Array.isArray(value)) return fault(faults, at, `found ${JSON.stringify(value)}, expected a list of texts`, []);
  const wrong = value.findIndex((one) => typeof one !== "string");
  if (wrong < 0) return value;
  return fault(faults, at, `entry ${wrong + 1} is ${JSON.stringify(value[wrong])}, expected a text`, []);
}

function strings(value: unknown, at: string, faults: Faults): Record<string, string> {
  const isTable = isFields(value) && Object.values(value).every((one) => typeof one === "string");
  return isTable ? value as Record<string, string> : fault(faults, at, "a table of texts is expected", {});
}

function oneOf<Value extends string>(value: unknown, all: readonly Value[], at: string, faults: Faults): Value {
  const found = all.find((one) => one === value);
  return found ?? fault(faults, at, `found ${JSON.stringify(value)}, expected ${all.join(", ")}`, all[0]!);
}

/** Notes a fault, and gives what to go on with, so that the others are found too. */
function fault<Value>(faults: Faults, at: string, what: string, instead: Value): Value {
  faults.push(at === "" ? what : `${at}: ${what}`);
  return instead;
}
