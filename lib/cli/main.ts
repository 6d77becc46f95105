/**
 * The command line: finds the command, hands it its arguments, and turns what it throws into a message and a status.
 *
 * Commands are loaded one at a time, so starting to record does not wait for the player.
 * @module
 */

import { buildApplication, type Command, type RouteMap, run, type StricliProcess, text_en } from "@stricli/core";
import { buildWay, takeStartEnvironment } from "./program/built.ts";
import { takeStoreFlag } from "./source/chosen_store.ts";
import type { Context } from "./program/context.ts";
import { messageFor, statusFor } from "./program/failure.ts";
import { reason } from "../host/file.ts";
import { lazy } from "./lazy.ts";
import { harmless, tell } from "./source/stdio.ts";
import { VERSION } from "./program/version.ts";

/** What a command's file has. */
export interface CommandModule {
  readonly command: Command<Context> | RouteMap<Context>;
  /** Spells out what the argument parser would misread. */
  readonly prepare?: (args: readonly string[]) => readonly string[];
}

/** A line of the help. */
export interface Entry {
  readonly brief: string;
  /** The commands of a group, and what each does. */
  readonly group?: Readonly<Record<string, string>>;
}

/** The table of the help, of completion and of the manual. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  rec: { brief: "record a terminal session" },
  play: { brief: "replay a recording in this terminal" },
  cat: { brief: "print what a session printed, byte for byte" },
  info: { brief: "tell what a recording holds" },
  convert: { brief: "change a recording's format" },
  render: { brief: "draw a recording: a picture, a moving one, a page" },
  compress: { brief: "make a recording small" },
  trim: { brief: "keep a part of a recording" },
  cut: { brief: "take a part out of a recording" },
  idle: { brief: "shorten the pauses in a recording" },
  speed: { brief: "make a recording faster or slower" },
  mark: { brief: "set markers in a recording" },
  keyframes: { brief: "add keyframes, so that players can go anywhere at once" },
  verify: { brief: "tell whether a recording is what was recorded" },
  sign: { brief: "sign a recording with an SSH key" },
  encrypt: { brief: "make a recording one that only some can read" },
  decrypt: { brief: "make an encrypted recording readable for all" },
  repair: { brief: "save what is good of a damaged recording" },
  join: { brief: "make one session of several; or join a session that somebody shares, by its link" },
  redact: { brief: "hide passwords, keys and tokens" },
  anonymize: { brief: "take out who recorded, and where" },
  upload: { brief: "keep recordings in the store" },
  search: { brief: "find what was on screen, in all stored recordings" },
  store: { brief: "list, get, tag, move and clean up stored recordings" },
  session: {
    brief: "sessions that go on without this terminal: new, ls, attach, send, wait …",
    group: {
      new: "make a session and attach to it",
      ls: "list the sessions that run",
      attach: "put this terminal into a session",
      detach: "send those who are attached away",
      switch: "go to another session, from inside one",
      peek: "print the screen of a session",
      send: "type into a session",
      wait: "wait for something in a session",
      mark: "set a marker in the recording of a session",
      rename: "call a session something else",
      kill: "end a session",
      top: "show what sessions use, as it changes",
      record: "switch the recording of a session",
      clients: "list who is attached to a session",
    },
  },
  template: {
    brief: "sessions that are made by one name: ls, show, edit, check",
    group: {
      ls: "list the templates there are",
      show: "print a template as it is understood",
      edit: "open a template in your editor, and check it",
      check: "tell what is wrong with a template",
    },
  },
  share: { brief: "let others look at a session, or type into it" },
  serve: { brief: "put live sessions and recordings on a web page" },
  analyze: { brief: "tell what ran in sessions, how long it took, what failed" },
  diff: { brief: "compare two sessions command by command" },
  export: { brief: "commands and events for other programs" },
  demo: { brief: "record, store and replay a small session, to see it work" },
  doctor: { brief: "tell what works on this machine" },
  completion: { brief: "have your shell complete commands, options, files, sessions and recordings" },
  man: { brief: "print the manual, as man reads it" },
};

/** Runs one command line and returns the status to exit with. */
export async function main(args: readonly string[]): Promise<number> {
  takeStartEnvironment();
  const [name = "--help", ...rest] = args;
  if (name === "--version" || name === "-V") return say(Deno.stdout, version(), 0);
  if (["--help", "-h", "help"].includes(name)) return say(Deno.stdout, overview(), 0);
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!entry) return say(Deno.stderr, unknownCommand(name), 2);
  if (entry.group) return await runGroup(name, entry, rest);
  return await runCommand(name, await lazy(`./${moduleOf(name, rest)}.ts`), rest);
}

/** With what a report of a fault has to tell. */
function version(): string {
  return `term2ai ${VERSION} (${buildWay()}, Deno ${Deno.version.deno})\n`;
}

/** `join` joins recordings, and with a link a session. */
function moduleOf(name: string, args: readonly string[]): string {
  return name === "join" && args.some((arg) => /^https?:\/\//.test(arg)) ? "share/join_link" : name;
}

async function runGroup(group: string, entry: Entry, [name = "--help", ...rest]: readonly string[]): Promise<number> {
  if (["--help", "-h", "help"].includes(name)) return say(Deno.stdout, groupOverview(group, entry), 0);
  const isHidden = group === "session" && name === "host"; // what `session new` starts
  if (!Object.hasOwn(entry.group!, name) && !isHidden) return say(Deno.stderr, unknownCommand(name, group), 2);
  return await runCommand(`${group} ${name}`, await lazy(`./${group}/${name}.ts`), rest);
}

/** Commands that take a command line behind `--`. */
const TAKES_COMMAND = new Set(["rec", "session new", "session attach", "completion"]);

async function runCommand(name: string, module: CommandModule, args: readonly string[]): Promise<number> {
  const { command, prepare = (args) => args } = module;
  const boundary = TAKES_COMMAND.has(name) ? args.indexOf("--") : -1;
  const all = boundary < 0 ? args : args.slice(0, boundary);
  const commandLine = boundary < 0 ? undefined : args.slice(boundary + 1);
  let own: readonly string[];
  try {
    own = prepare(takeStoreFlag(all));
  } catch (error) {
    return say(Deno.stderr, `term2ai ${name}: ${messageFor(error)}\n`, statusFor(error));
  }
  const odd = own.slice(0, own.indexOf("--") >>> 0).find((arg) => /^--[^=]*[^\w=-]/.test(arg) && !arg.includes(" "));
  if (odd !== undefined) return say(Deno.stderr, unknownFlag(name, odd), 2);
  // The two kinds differ in nothing that matters here.
  const application = buildApplication(command as Command<Context>, {
    name: `term2ai ${name}`,
    scanner: { caseStyle: "allow-kebab-for-camel", allowArgumentEscapeSequence: true },
    documentation: { caseStyle: "convert-camel-to-kebab", disableAnsiColor: true },
    localization: { text: wording(name) },
    determineExitCode: statusFor,
  });
  const stdout = new Output(Deno.stdout);
  const process: StricliProcess = { stdout, stderr: new Output(Deno.stderr), env: {} };
  await run(application, own, { process, commandLine });
  const status = Number(process.exitCode) || stdout.status;
  return status < 0 ? 2 : status; // negative: the argument parser found something wrong
}

/** The parser's words, with ours where a command fails. */
function wording(name: string): typeof text_en {
  const wrap = (message: string) => message === "" ? "" : `term2ai ${name}: ${message}`;
  return {
    ...text_en,
    noCommandRegisteredForInput: ({ input, corrections: [close] }) =>
      unknown(`term2ai ${name}`, input, close?.replaceAll("`", "")).trimEnd(),
    exceptionWhileParsingArguments: (error) => `${wrap(messageFor(error))}\n  See: term2ai ${name} --help`,
    exceptionWhileRunningCommand: (error) => wrap(messageFor(error)),
    commandErrorResult: (error) => wrap(messageFor(error)),
  };
}

/** What the parser itself prints: help, and what is wrong with arguments. */
class Output {
  readonly #stream: typeof Deno.stdout;
  status = 0;

  constructor(stream: typeof Deno.stdout) {
    this.#stream = stream;
  }

  write(text: string): void {
    if (text.trim() !== "") this.status ||= say(this.#stream, usageText(text), 0);
  }
}

/**
 * The parser knows one name for arguments of any number, and shows `<FORMAT [FILE]>...` where the first of them is another one: that
 * is `<FORMAT> [FILE]...`.
 */
export function usageText(text: string): string {
  return text.replace(
    /<([^<>\s]+(?: [^<>\s]+)+)>\.\.\./g,
    (_, names: string) => names.split(" ").map((name) => name.startsWith("[") ? name : `<${name}>`).join(" ") + "...",
  ).replace(/<(\[[^<>\s]+\])>\.\.\./g, "$1...");
}

function say(stream: typeof Deno.stdout, text: string, status: number): number {
  try {
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return status;
    if (stream !== Deno.stderr) tell(`term2ai: Cannot write to stdout: ${reason(error)}\n`);
    return 1;
  }
  return status;
}

/** Of the column of names. */
const WIDTH = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 2;

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { brief }]) => `  ${name.padEnd(WIDTH)}${brief}`);
  return `term2ai — record, replay and describe terminal sessions

Usage: term2ai COMMAND [options] …

${rows.join("\n")}

  term2ai rec demo.t2a           record your shell until you leave it
  term2ai play demo.t2a          watch it again
  term2ai COMMAND --help         options and examples of a command

Where a recording is wanted, give a file, - for stdin, or the id of a recording in the store: the beginning of it is enough,
and last is the newest. A file goes before an id; store:ID is never a file. --store URL, TERM2AI_STORE or "store" in
~/.config/term2ai/config.json say which store is meant: a folder in your data directory, if none of them does.
`;
}

/** The parser takes what is no word behind two dashes for a FILE of that name. */
function unknownFlag(name: string, flag: string): string {
  return `term2ai ${name}: there is no option ${harmless(flag)}\n  See: term2ai ${name} --help\n`;
}

function groupOverview(name: string, { brief, group }: Entry): string {
  const rows = Object.entries(group!).map(([name, what]) => `  ${name.padEnd(10)}${what}`);
  return `term2ai ${name} — ${brief}

Usage: term2ai ${name} COMMAND [options] …

${rows.join("\n")}

  term2ai ${name} COMMAND --help   options and examples of a command
`;
}

function unknownCommand(name: string, group?: string): string {
  const known = Object.keys(group === undefined ? COMMANDS : COMMANDS[group]!.group!);
  const close = known.find((known) => known.startsWith(name.slice(0, 2)) || known.includes(name));
  return unknown(group === undefined ? "term2ai" : `term2ai ${group}`, name, close);
}

function unknown(words: string, name: string, close: string | undefined): string {
  const hint = close ? `; did you mean ${close}?` : "";
  return `${words}: there is no command ${JSON.stringify(name)}${hint}\n  See: ${words} --help\n`;
}
