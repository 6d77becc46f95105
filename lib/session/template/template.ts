/**
 * Templates: sessions that are made by one name, from files that people write.
 *
 * A template is a file `NAME.toml` or `NAME.json` in `.term2ai/templates` of a project or in `term2ai/templates` of the user's
 * configuration; `config.toml` beside `templates` holds what all sessions have. `template.schema.json` describes both to editors.
 * Everything in them is checked, and what is not known is refused: a limit that is spelled wrong would be none.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { parseStorageUrl } from "../../../storage/sessions/url.ts";
import { reason } from "../../host/file.ts";
import { readWholeText } from "../../host/whole_file.ts";
import { checkConfig, type SessionConfig } from "./config.ts";
import type { RedactionRules } from "./redaction_rules.ts";
import { readSettings, readTemplate, type Settings, type TemplateContext, withRules } from "./template_fields.ts";

/** A template file. */
export interface TemplateFile {
  readonly name: string;
  readonly path: string;
  /** Whether it belongs to the project around the working directory, or to the user. */
  readonly of: "project" | "user";
}

const EXTENSIONS = [".toml", ".json"];
/** The variable that has projects left alone. */
const NO_PROJECT = "TERM2AI_NO_PROJECT";

/** All templates that can be used here; one of the project hides one of the user that is called the same. */
export async function listTemplates(): Promise<TemplateFile[]> {
  const found: TemplateFile[] = [];
  for (const { path, of } of await folders()) {
    for await (const { name, isFile } of entriesOf(`${path}/templates`)) {
      const extension = EXTENSIONS.find((ending) => name.endsWith(ending));
      if (!isFile || !extension) continue;
      const plain = name.slice(0, -extension.length);
      if (!found.some((other) => other.name === plain)) {
        found.push({ name: plain, path: `${path}/templates/${name}`, of });
      }
    }
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * Finds a template by name, or by the path of its file.
 *
 * @throws {UsageError} If there is none.
 */
export async function findTemplate(name: string): Promise<TemplateFile> {
  if (name.includes("/") || EXTENSIONS.some((extension) => name.endsWith(extension))) {
    return { name, path: name, of: "user" };
  }
  const all = await listTemplates();
  const found = all.find((template) => template.name === name);
  if (found) return found;
  const there = all.length === 0 ? "there are none" : `there are ${all.map(({ name }) => name).join(", ")}`;
  throw new UsageError(`Cannot find a template ${name}: ${there}; make one with: term2ai template edit ${name}`);
}

/**
 * The sessions of a template, with what all sessions have.
 *
 * @throws {UsageError} If it cannot be read or is wrong; the message names every fault.
 */
export async function loadTemplate(name: string): Promise<SessionConfig[]> {
  const template = await findTemplate(name);
  return await readTemplateFile(template.path);
}

/** The same by path. */
export async function readTemplateFile(path: string): Promise<SessionConfig[]> {
  const values = await parseFile(path);
  const faults: string[] = [];
  const configs = readTemplate(values, await loadSettings(), contextOf(path), faults);
  if (faults.length === 0) checkAll(configs, faults);
  if (faults.length > 0) throw new UsageError(`Cannot use ${path}: ${faults.join("\n  ")}`);
  return configs;
}

/** What `config.toml` of user and project say about all sessions. */
export async function loadDefaults(): Promise<SessionConfig> {
  const { session, redaction } = await loadSettings();
  return withRules(session, redaction);
}

/** What they say about secrets, wherever those are looked for. Who may not look for a configuration has none. */
export async function loadRedaction(): Promise<RedactionRules> {
  try {
    return (await loadSettings()).redaction;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return {};
    throw error;
  }
}

/** Where a rule of `[redaction]` stands: the file, its line if that can be told, and which entry of which list it is. */
export async function placeOfRule(list: keyof RedactionRules, rule: string): Promise<string | undefined> {
  const name = list.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  for (const { path } of await folders()) {
    for (const extension of EXTENSIONS) {
      const file = `${path}/config${extension}`;
      const values = await exists(file) ? await parseFile(file) as { redaction?: Record<string, unknown> } : undefined;
      const rules = values?.redaction?.[name];
      const at = Array.isArray(rules) ? rules.findIndex((one) => one === rule) : -1;
      if (at < 0) continue;
      const line = lineOf(rule, await readWholeText(file));
      return `entry ${at + 1} of redaction.${name} in ${file}${line === undefined ? "" : `, line ${line}`}`;
    }
  }
  return undefined;
}

/** The line that a text in quotes stands in, if that is one. */
function lineOf(value: string, text: string): number | undefined {
  const lines = text.split("\n");
  const found = [...lines.keys()].filter((n) =>
    [JSON.stringify(value), `'${value}'`].some((it) => lines[n]!.includes(it))
  );
  return found.length === 1 ? found[0]! + 1 : undefined;
}

/** Where a new template of this name is to be put: with the project where there is one. */
export async function pathForNew(name: string): Promise<string> {
  const [first] = await folders();
  return `${first!.path}/templates/${name}.toml`;
}

async function loadSettings(): Promise<Settings> {
  let merged: Settings = { session: {}, redaction: {} };
  for (const { path, of } of (await folders()).toReversed()) {
    for (const extension of EXTENSIONS) {
      const file = `${path}/config${extension}`;
      if (!await exists(file)) continue;
      merged = await readConfig(file, merged).catch((error) => {
        throw of === "project" ? ofProject(error, path) : error;
      });
    }
  }
  return merged;
}

async function readConfig(file: string, before: Settings): Promise<Settings> {
  const faults: string[] = [];
  const settings = readSettings(await parseFile(file), before, contextOf(file), faults);
  if (faults.length > 0) throw new UsageError(`Cannot use ${file}: ${faults.join("\n  ")}`);
  return settings;
}

/** Whoever happens to be in a folder of somebody else has to be able to go on. */
function ofProject(error: unknown, folder: string): unknown {
  if (!(error instanceof UsageError)) return error;
  const how = `set ${NO_PROJECT}=1, or go to another folder`;
  return new UsageError(`${error.message}\n  It belongs to the project in ${folder}; to go on without it, ${how}`, {
    cause: error,
  });
}

function checkAll(configs: readonly SessionConfig[], faults: string[]): void {
  for (const config of configs) {
    try {
      checkConfig(config);
      if (config.storage !== undefined) parseStorageUrl(config.storage);
    } catch (error) {
      faults.push((error as Error).message);
    }
  }
  const names = configs.map(({ name }) => name);
  const twice = names.find((name, at) => name !== undefined && names.indexOf(name) !== at);
  if (twice !== undefined) faults.push(`two sessions are called ${twice}`);
}

/** Paths in a project's template start at the project, in a user's at the working directory. */
function contextOf(path: string): TemplateContext {
  const project = /^(.*)\/\.term2ai\//.exec(path)?.[1];
  return {
    folder: project ?? Deno.cwd(),
    isForeign: project !== undefined,
    home: Deno.env.get("HOME") ?? "/",
    shell: Deno.env.get("SHELL") || "/bin/sh",
    env: Deno.env.toObject(),
    now: new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString(),
  };
}

async function parseFile(path: string): Promise<unknown> {
  return await parseText(await readWholeText(path), path);
}

/**
 * The values in the text of a configuration or template.
 *
 * @param path Where it stands: `.json` is JSON, all else TOML.
 * @throws {UsageError} If it is none.
 */
export async function parseText(text: string, path: string): Promise<unknown> {
  try {
    if (path.endsWith(".json")) return JSON.parse(text);
    const { parse } = await import("smol-toml");
    return parse(text);
  } catch (error) {
    const [first = ""] = String((error as Error).message).split("\n");
    const line = (error as { line?: number }).line;
    throw new UsageError(`Cannot read ${path}${line === undefined ? "" : `, line ${line}`}: ${first}`, {
      cause: error,
    });
  }
}

/** Where templates and configuration are, the nearest first. */
async function folders(): Promise<{ path: string; of: "project" | "user" }[]> {
  const found: { path: string; of: "project" | "user" }[] = [];
  const home = Deno.env.get("HOME");
  const start = Deno.env.get(NO_PROJECT) ? "" : Deno.cwd();
  for (let folder = start; folder !== "" && folder !== home; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    if (!await exists(`${folder}/.term2ai`)) continue;
    found.push({ path: `${folder}/.term2ai`, of: "project" });
    break;
  }
  found.push({ path: `${Deno.env.get("XDG_CONFIG_HOME") || `${home ?? ""}/.config`}/term2ai`, of: "user" });
  return found;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function* entriesOf(path: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw new UsageError(`Cannot read ${path}: ${reason(error)}`);
  }
}
