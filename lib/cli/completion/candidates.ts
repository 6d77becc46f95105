/**
 * What may come next on a command line that is being typed.
 * @module
 */

import { openStore, storeUrl } from "../source/chosen_store.ts";
import { type Argument, describe, type DescribedCommand, GENERAL, type Option } from "../program/command_table.ts";
import { lazy } from "../lazy.ts";
import { COMMANDS } from "../main.ts";

/** What the shell completes better than we do. */
export type Else = "files" | "folders" | "commands" | "nothing";

/** Words, each with what is said about it, and what the shell adds. */
export interface Candidates {
  readonly words: readonly (readonly [word: string, about: string])[];
  readonly orElse: Else;
}

/** Of a command line without the program's name: the last word is the one that is being typed. */
export async function candidatesFor(line: readonly string[]): Promise<Candidates> {
  const partial = line.at(-1) ?? "";
  const [first, second] = line;
  if (line.length <= 1) return only(partial, briefs(COMMANDS, ([name, { brief }]) => [name, brief]));
  const group = await describe([first!]);
  if (!group) return NOTHING;
  if (Object.keys(group.commands).length === 0) return await within(group, line.slice(1));
  if (line.length === 2) return only(partial, Object.entries(group.commands));
  const command = await describe([first!, second!]);
  return command ? await within(command, line.slice(2)) : NOTHING;
}

const NOTHING: Candidates = { words: [], orElse: "nothing" };

function briefs<Value>(
  of: Readonly<Record<string, Value>>,
  tell: (entry: [string, Value]) => [string, string],
): [string, string][] {
  return Object.entries(of).map(tell);
}

function only(partial: string, words: readonly (readonly [string, string])[], orElse: Else = "nothing"): Candidates {
  return { words: words.filter(([word]) => word.startsWith(partial)), orElse };
}

/** Behind the words that name a command. */
async function within(command: DescribedCommand, line: readonly string[]): Promise<Candidates> {
  const before = line.slice(0, -1);
  const partial = line.at(-1)!;
  const options = [...command.options, ...GENERAL];
  const used = new Set<string>();
  const placed: string[] = [];
  let waiting: Option | undefined;
  for (const [at, word] of before.entries()) {
    if (waiting) waiting = undefined;
    else if (word === "--") return behindDashes(command, line.length - at - 2, partial, placed);
    else if (/^-./.test(word)) {
      const option = options.find(({ name, alias }) => [name, alias].includes(word.split("=")[0]));
      if (option) used.add(option.name);
      if (option?.needsValue && !word.includes("=")) waiting = option;
    } else placed.push(word);
  }
  if (waiting) return await valuesOf(waiting, partial, "");
  const [, name, value] = /^(--[^=]+)=(.*)$/s.exec(partial) ?? [];
  if (name !== undefined) {
    const option = options.find((option) => option.name === name && option.value !== undefined);
    return option ? await valuesOf(option, value!, `${name}=`) : NOTHING;
  }
  if (partial.startsWith("-")) {
    const left = options.filter(({ name, isRepeatable }) => isRepeatable || !used.has(name));
    return only(partial, left.map(({ name, brief }) => [name, brief] as const));
  }
  return await argumentAt(command, placed, partial);
}

/** `rec`, `session new` and `session attach` take a whole command line there; others more arguments. */
function behindDashes(
  command: DescribedCommand,
  nth: number,
  partial: string,
  placed: readonly string[],
): Candidates | Promise<Candidates> {
  if (!command.usage.some((line) => line.includes("--"))) {
    return argumentAt(command, [...placed, ...Array<string>(nth).fill("")], partial);
  }
  return { words: [], orElse: nth === 0 ? "commands" : "files" };
}

async function valuesOf({ values, value, brief }: Option, partial: string, prefix: string): Promise<Candidates> {
  const isPath = /^(?:FILE|OUT|PATH)$/.test(value!) || /\bfile\b/i.test(brief) && value !== "NAME";
  if (values.length > 0) {
    const words = values.map((word) => [word, ""] as const);
    return prefixed(only(partial, words, /\ba \w+ file\b/.test(brief) ? "files" : "nothing"), prefix);
  }
  if (value === "FOLDER") return { words: [], orElse: "folders" };
  if (isPath) return { words: [], orElse: "files" };
  if (/\btemplate\b/.test(brief) && value === "NAME") return prefixed(only(partial, await templates()), prefix);
  if (value?.startsWith("LINK|")) return prefixed(only(partial, await shared()), prefix);
  if (/\bsession\b/.test(brief) && value === "NAME") return prefixed(only(partial, await sessions()), prefix);
  return NOTHING;
}

function prefixed({ words, orElse }: Candidates, prefix: string): Candidates {
  return { words: words.map(([word, about]) => [prefix + word, about] as const), orElse };
}

async function argumentAt(
  command: DescribedCommand,
  placed: readonly string[],
  partial: string,
): Promise<Candidates> {
  const last = command.arguments.at(-1);
  const argument = command.arguments[placed.length] ?? (last?.isRepeatable ? last : undefined);
  if (!argument) return NOTHING;
  if (command.words[0] === "man") return only(partial, await below(placed));
  const [, rest] = argument.brief.split("; then "); // the first word is another than those behind it
  if (rest !== undefined && placed.length > 0) return await named(command, { name: "FILE", brief: rest }, partial);
  const words = argument.values.map((word) => [word, ""] as const);
  if (words.length === 0) return await named(command, argument, partial);
  if (rest === undefined || !argument.isOptional) return only(partial, words);
  const files = await named(command, { name: "FILE", brief: rest }, partial);
  return { ...files, words: [...only(partial, words).words, ...files.words] };
}

/** The commands behind words that name none, or a group. */
async function below(words: readonly string[]): Promise<(readonly [string, string])[]> {
  if (words.length === 0) return briefs(COMMANDS, ([name, { brief }]) => [name, brief]);
  return Object.entries((await describe(words))?.commands ?? {});
}

/** What there is on this machine by that name. */
async function named(
  { words }: DescribedCommand,
  { name, brief }: Pick<Argument, "name" | "brief">,
  partial: string,
): Promise<Candidates> {
  if (name === "NAME" && words[0] === "template") return only(partial, await templates(), "files");
  if (/^NAME/.test(name) && /\bsession\b/.test(brief) && words[1] !== "new") return only(partial, await sessions());
  if (name === "ID" && words[0] === "store") return only(partial, await stored());
  if (name === "FOLDER") return { words: [], orElse: "folders" };
  if (!/^(?:FILE|IN|OUT|A|B|ID)\b/.test(name)) return NOTHING;
  const isRead = /\brecordings?\b|\bsessions?\b/.test(brief) && partial !== "" && !/[/]/.test(partial);
  if (!isRead) return { words: [], orElse: "files" };
  const chosen = partial.startsWith("store:")
    ? prefixed({ words: await stored(), orElse: "files" }, "store:").words
    : await stored();
  return only(partial, chosen, "files");
}

async function sessions(): Promise<[string, string][]> {
  const { sessionManager } = await lazy<typeof import("../live/sessions.ts")>("./live/sessions.ts");
  const all = await sessionManager().listSessions();
  return all.map(({ name, command }) => [name, command]);
}

/** The links that are good, what they are to, and all of them. */
async function shared(): Promise<[string, string][]> {
  const { LinkBook } = await lazy<typeof import("../../session/share/links.ts")>("../session/share/links.ts");
  const { SessionDirectory } = await lazy<typeof import("../../session/directory.ts")>("../session/directory.ts");
  const links = await new LinkBook(await SessionDirectory.open()).all();
  const names = new Set(links.flatMap(({ session }) => session ? [session.name] : []));
  return [
    ["all", "every link"],
    ...links.map(({ id, role, session }) => [id, `${role} of ${session?.name ?? "everything"}`] as [string, string]),
    ...[...names].map((name) => [name, "all links to this session"] as [string, string]),
  ];
}

async function templates(): Promise<[string, string][]> {
  const { listTemplates } = await lazy<typeof import("../../session/template/template.ts")>(
    "../session/template/template.ts",
  );
  return (await listTemplates()).map(({ name, of }) => [name, of]);
}

/** The newest of the store, where there is one: completing makes none. */
async function stored(): Promise<[string, string][]> {
  const url = storeUrl();
  if (url.startsWith("file:") && !await exists(new URL(url))) return [];
  const storage = await openStore();
  try {
    const all = await storage.list({}, 50);
    return [["last", "the newest recording"], ...all.map(({ id, title }) => [id, title ?? ""] as [string, string])];
  } finally {
    await storage.close();
  }
}

async function exists(path: URL): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
