/**
 * Every command with its options and arguments: what help shows, told to whoever writes completion and the manual.
 * @module
 */

import { type Command, type RouteMap, text_en } from "@stricli/core";
import type { Context } from "./context.ts";
import { lazy } from "../lazy.ts";
import { type CommandModule, COMMANDS, usageText } from "../main.ts";

/** An option as it is written on a command line. */
export interface Option {
  /** With its dashes. */
  readonly name: string;
  /** With its dash. */
  readonly alias?: string;
  readonly brief: string;
  /** What its value is called; there is none where it takes no value. */
  readonly value?: string;
  /** All values there are, where they can be counted. */
  readonly values: readonly string[];
  readonly standard?: string;
  readonly isRepeatable: boolean;
  /** Whether a value is always behind it. */
  readonly needsValue: boolean;
}

/** What stands in a place of a command line. */
export interface Argument {
  readonly name: string;
  readonly brief: string;
  readonly values: readonly string[];
  readonly isOptional: boolean;
  readonly isRepeatable: boolean;
}

/** A command by the words that name it. */
export interface DescribedCommand {
  readonly words: readonly string[];
  readonly brief: string;
  /** In paragraphs; what is indented is to be shown as it is. */
  readonly description: string;
  /** How it is written, without the program's name. */
  readonly usage: readonly string[];
  readonly options: readonly Option[];
  readonly arguments: readonly Argument[];
  /** Of a group, instead of options and arguments. */
  readonly commands: Readonly<Record<string, string>>;
}

/** Options that all commands take. */
export const GENERAL: readonly Option[] = [
  { name: "--help", alias: "-h", brief: "options and examples", values: [], isRepeatable: false, needsValue: false },
  {
    name: "--store",
    brief: "the store that is meant, by its URL",
    value: "URL",
    values: [],
    isRepeatable: false,
    needsValue: true,
  },
];

/** A command or a group of them; nothing where there is none. */
export async function describe(words: readonly string[]): Promise<DescribedCommand | undefined> {
  const [name, second] = words;
  const entry = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry || words.length > 2) return undefined;
  if (entry.group && second === undefined) return groupOf(words, entry.brief, undefined, entry.group);
  if (entry.group && !Object.hasOwn(entry.group, second!)) return undefined;
  const { command } = await lazy<CommandModule>(entry.group ? `./${name}/${second}.ts` : `./${name}.ts`);
  if (!("getAllEntries" in command)) return second === undefined || entry.group ? told(words, command) : undefined;
  if (second === undefined) return groupOf(words, entry.brief, command.fullDescription, routesOf(command));
  const target = command.getAllEntries().find(({ name, hidden }) => !hidden && name.original === second)?.target;
  return target && told(words, target as Command<Context>);
}

/** All of them, in the order of the help; each group before its commands. */
export async function describeAll(): Promise<DescribedCommand[]> {
  const all: DescribedCommand[] = [];
  for (const name of Object.keys(COMMANDS)) {
    const command = (await describe([name]))!;
    all.push(command);
    for (const second of Object.keys(command.commands)) all.push((await describe([name, second]))!);
  }
  return all;
}

function routesOf(map: RouteMap<Context>): Record<string, string> {
  const shown = map.getAllEntries().filter(({ hidden }) => !hidden);
  return Object.fromEntries(shown.map(({ name, target }) => [name.original, target.brief]));
}

function groupOf(
  words: readonly string[],
  brief: string,
  description: string | undefined,
  commands: Readonly<Record<string, string>>,
): DescribedCommand {
  const usage = ["COMMAND [options] …"];
  return { words, brief, description: description ?? brief, usage, options: [], arguments: [], commands };
}

function told(words: readonly string[], command: Command<Context>): DescribedCommand {
  const { flags = {}, aliases = {}, positional } = command.parameters;
  const aliasOf = (flag: string) => Object.entries(aliases).find(([, name]) => name === flag)?.[0];
  return {
    words,
    brief: command.brief,
    description: command.fullDescription ?? command.brief,
    usage: usageOf(command),
    options: Object.entries(flags).filter(([, { hidden }]) => !hidden).map(([name, flag]) =>
      optionOf(name, flag as Flag, aliasOf(name))
    ),
    arguments: argumentsOf(positional as Positional | undefined),
    commands: {},
  };
}

/** How the parser shows it, without the line about help that all have. */
function usageOf(command: Command<Context>): string[] {
  const text = command.formatHelp({
    prefix: [],
    config: {
      useAliasInUsageLine: false,
      onlyRequiredInUsageLine: false,
      caseStyle: "convert-camel-to-kebab",
    },
    text: text_en,
    additionalFlags: [],
    includeArgumentEscapeSequenceFlag: false,
    includeHidden: false,
    ansiColor: false,
  });
  return usageText(text).split("\n\n")[0]!.split("\n").slice(1).map((line) => line.trim()).filter((line) =>
    line !== "--help"
  );
}

interface Flag {
  readonly kind: "boolean" | "counter" | "enum" | "parsed";
  readonly brief: string;
  readonly placeholder?: string;
  readonly values?: readonly string[];
  readonly default?: unknown;
  readonly variadic?: boolean | string;
  readonly inferEmpty?: boolean;
}

interface Parameter {
  readonly brief: string;
  readonly placeholder?: string;
  readonly optional?: boolean;
  readonly default?: string;
}

type Positional =
  | { readonly kind: "array"; readonly parameter: Parameter; readonly minimum?: number }
  | { readonly kind: "tuple"; readonly parameters: readonly Parameter[] };

function optionOf(name: string, flag: Flag, alias: string | undefined): Option {
  const takesValue = flag.kind === "enum" || flag.kind === "parsed";
  const values = flag.values ?? (takesValue ? valuesIn(flag.brief) : []);
  const standard = takesValue && flag.default !== undefined && flag.default !== "" ? String(flag.default) : undefined;
  return {
    name: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    ...(alias !== undefined && { alias: `-${alias}` }),
    brief: flag.brief,
    ...(takesValue && { value: flag.placeholder ?? (flag.values ? "WORD" : "VALUE") }),
    values,
    ...(standard !== undefined && { standard }),
    isRepeatable: Boolean(flag.variadic) || flag.kind === "counter",
    needsValue: takesValue && !flag.inferEmpty,
  };
}

function argumentsOf(positional: Positional | undefined): Argument[] {
  if (!positional) return [];
  const all = positional.kind === "array" ? [positional.parameter] : positional.parameters;
  return all.map(({ brief, placeholder = "WORD", optional, default: standard }) => ({
    name: placeholder,
    brief,
    values: valuesIn(brief),
    isOptional: optional === true || standard !== undefined ||
      positional.kind === "array" && (positional.minimum ?? 0) === 0,
    isRepeatable: positional.kind === "array",
  }));
}

/** Help lists values: `format of IN: t2a, jsonl, raw`, `on, off or pause`, `dark, light, or a file; else dark`. */
export function valuesIn(brief: string): string[] {
  const [, list] =
    /(?:^|: )((?:[\w.-]+, )+[\w.-]+(?: or [\w.-]+)?)(?:, or an? [^,;]+)?(?:; (?:then|else) .*)?$/.exec(brief) ?? [];
  return list?.split(/, | or /) ?? [];
}
