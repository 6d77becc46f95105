/**
 * `term2ai diff`: what is different between two sessions.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { type ComparedCommand, compareScreens, compareSessions } from "../analyze/compare.ts";
import { rowOf } from "../analyze/commands/command_list.ts";
import { type DigestedCommand, SessionDigest } from "../analyze/session_digest.ts";
import { UsageError } from "../errors.ts";
import type { Nanos } from "../event.ts";
import { eventsOf } from "../stream/collect.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import { screenText } from "../terminal/screen_text.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";
import { type ComparedScreen, differencePage } from "./analysis/diff_page.ts";
import { openPart, readFile } from "./analysis/sessions.ts";
import { oneLine, shortTime } from "./analysis/text.ts";
import { JSON_OBJECT } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { Exit, isBrokenPipe, messageFor } from "./program/failure.ts";
import { writeBytes } from "./output/output.ts";
import { harmless, print, tell } from "./source/stdio.ts";
import { formatTime, parseTime, toSeconds } from "./program/time.ts";
import { chooseKeys, type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";

interface DiffFlags extends ReadKeyFlags {
  readonly json: boolean;
  readonly html?: string;
  readonly overwrite: boolean;
  readonly at?: readonly Nanos[];
  readonly slower: number;
  readonly noise: Nanos;
  readonly ignoreTime: boolean;
}

/** Of a damaged recording nobody can say that it is the same. */
const STATUS = { same: 0, different: 1, unknown: 2 } as const;

export const command: Command<Context> = buildCommand({
  async func(flags: DiffFlags, a: string, b: string) {
    chooseKeys(flags);
    if (a === "-" && b === "-") throw new UsageError("Cannot compare stdin with itself: name a file");
    if (flags.json && flags.html === "-") throw new UsageError("Cannot write JSON and a page to stdout");
    const found = await compare(flags, a, b).catch((error) => {
      if (error instanceof UsageError) throw error;
      tell(`term2ai diff: ${messageFor(error)}\n`);
      throw new Exit(2); // as diff does: 1 means that they differ
    });
    throw new Exit(STATUS[found]);
  },
  parameters: {
    flags: {
      json: JSON_OBJECT,
      html: {
        kind: "parsed",
        parse: String,
        brief: "a page with both side by side; - is stdout",
        placeholder: "FILE",
        optional: true,
      },
      overwrite: { kind: "boolean", brief: "replace the page if it exists", default: false, withNegated: false },
      at: {
        kind: "parsed",
        parse: parseTime,
        brief: "also compare what the screens showed then; may be given again",
        placeholder: "TIME",
        variadic: true,
        optional: true,
      },
      slower: {
        kind: "parsed",
        parse: parseFactor,
        brief: "a command is slower from this many times as long on",
        placeholder: "TIMES",
        default: "2",
      },
      noise: {
        kind: "parsed",
        parse: parseTime,
        brief: "and only when it takes this much longer",
        placeholder: "TIME",
        default: "100ms",
      },
      ignoreTime: { kind: "boolean", brief: "durations do not matter", default: false, withNegated: false },
      ...readKeyFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a recording, or an id in the store; - is stdin", placeholder: "A" },
        { parse: String, brief: "the other", placeholder: "B" },
      ],
    },
  },
  docs: {
    brief: "compare two sessions command by command",
    fullDescription:
      `Tells which commands were added, removed or changed, and of those in both what differs: exit code, folder, duration, output.
Times, ids, addresses, durations and temporary paths in the output do not count.

Ends with 0 when nothing differs, 1 when something does, 2 on trouble, such as a damaged recording that is the same as far as it goes.

  term2ai diff monday.t2a tuesday.t2a
  term2ai diff 06fk3 last                     recordings in the store
  term2ai diff --json a.t2a b.t2a | jq .summary
  term2ai diff --html changes.html --at 30s a.t2a b.t2a`,
  },
});

function parseFactor(text: string): number {
  const factor = Number(text);
  if (factor > 1 && factor <= 1e6) return factor;
  throw new UsageError(`Cannot use ${JSON.stringify(text)} for --slower: expected a number over 1`);
}

async function compare(flags: DiffFlags, a: string, b: string): Promise<keyof typeof STATUS> {
  const sides = [await digest(a), await digest(b)] as const;
  const [left, right] = [sides[0].commands, sides[1].commands];
  const options = flags.ignoreTime ? { noise: Infinity } : { slower: flags.slower, noise: flags.noise };
  const commands = await compareSessions(left, right, options);
  const screens = await compareAt(flags.at ?? [], a, b);
  const isSame = commands.every(({ differences }) => differences.length === 0) &&
    screens.every(({ rows }) => rows.length === 0);
  await write(flags, { a, b, commands, screens, isSame }).catch((error) => {
    // Who reads the beginning alone gets the answer all the same: diff never says 0 of what is different.
    if (!isBrokenPipe(error)) throw error;
  });
  if (!isSame) return "different";
  return sides.every(({ isWhole }) => isWhole) ? "same" : "unknown";
}

interface Compared {
  readonly a: string;
  readonly b: string;
  readonly commands: readonly ComparedCommand[];
  readonly screens: readonly ComparedScreen[];
  readonly isSame: boolean;
}

async function write(flags: DiffFlags, { a, b, commands, screens, isSame }: Compared): Promise<void> {
  if (flags.html !== undefined) {
    const page = new Blob([differencePage({ a, b, commands, screens })]);
    await writeBytes({ path: flags.html, overwrite: flags.overwrite }, page.stream());
  }
  if (flags.json) await print(JSON.stringify(asJson(commands, screens, isSame), null, 2) + "\n");
  else if (flags.html === undefined && !isSame) await print(asText(a, b, commands, screens));
}

async function digest(file: string): Promise<{ commands: readonly DigestedCommand[]; isWhole: boolean }> {
  const digest = new SessionDigest();
  const found = await readFile(file, {}, (event) => digest.push(event));
  return { commands: digest.result(), isWhole: found === "whole" };
}

async function compareAt(times: readonly Nanos[], a: string, b: string): Promise<ComparedScreen[]> {
  if (times.length === 0) return [];
  if (a === "-" || b === "-") throw new UsageError("Cannot use --at with stdin: it is read twice");
  const [left, right] = [await screensAt(a, times), await screensAt(b, times)];
  return times.map((time, at) => ({ time, rows: compareScreens(left[at]!, right[at]!) }));
}

async function screensAt(file: string, times: readonly Nanos[]): Promise<string[][]> {
  const tracker = new ScreenTracker(await loadEmulator());
  const { events } = await openPart(file, { unwrap: unwrapWithFlags({}) });
  const screens: string[][] = times.map(() => []);
  const waiting = [...times.entries()].sort(([, a], [, b]) => a - b);
  let sessions = 0;
  for await (const event of eventsOf(events)) {
    if (event.kind === "header" && ++sessions > 1) break;
    while (waiting[0] && event.time > waiting[0][1]) screens[waiting.shift()![0]] = screenText(tracker.state);
    if (waiting.length === 0) break;
    tracker.push(event);
  }
  for (const [at] of waiting) screens[at] = screenText(tracker.state);
  return screens;
}

function asJson(commands: readonly ComparedCommand[], screens: readonly ComparedScreen[], same: boolean): unknown {
  const count = (name: ComparedCommand["differences"][number]) =>
    commands.filter(({ differences }) => differences.includes(name)).length;
  const side = (digested: DigestedCommand | undefined) =>
    digested?.command ? rowOf(digested.command, digested.host) : null;
  return {
    same,
    summary: {
      commands: commands.length,
      different: commands.filter(({ differences }) => differences.length > 0).length,
      added: count("added"),
      removed: count("removed"),
      text: count("text"),
      exit: count("exit"),
      cwd: count("cwd"),
      slower: count("slower"),
      faster: count("faster"),
      output: count("output"),
    },
    commands: commands.filter(({ differences }) => differences.length > 0)
      .map(({ a, b, differences, output }) => ({ differences, a: side(a), b: side(b), output })),
    screens: screens.map(({ time, rows }) => ({ time: toSeconds(time), rows })),
  };
}

function asText(
  a: string,
  b: string,
  commands: readonly ComparedCommand[],
  screens: readonly ComparedScreen[],
): string {
  const lines = [`--- ${harmless(a)}`, `+++ ${harmless(b)}`];
  for (const compared of commands) if (compared.differences.length > 0) lines.push(...commandText(compared));
  for (const { time, rows } of screens) {
    if (rows.length > 0) lines.push(`the screens at ${formatTime(time)}`);
    for (const { row, a, b } of rows) lines.push(`  ${row + 1}  - ${harmless(a)}`, `  ${row + 1}  + ${harmless(b)}`);
  }
  return lines.join("\n") + "\n";
}

/** What differs about one command, each in a line. */
function facts({ a, b, differences }: ComparedCommand): string[] {
  const took = (digested: DigestedCommand | undefined) =>
    shortTime((digested?.command?.end ?? 0) - (digested?.command?.start ?? 0));
  const all: Partial<Record<ComparedCommand["differences"][number], string>> = {
    exit: `exit code ${a?.command?.code} → ${b?.command?.code}`,
    cwd: `folder ${a?.command?.cwd} → ${b?.command?.cwd}`,
    slower: `slower: ${took(a)} → ${took(b)}`,
    faster: `faster: ${took(a)} → ${took(b)}`,
  };
  return differences.flatMap((difference) => all[difference] ?? []);
}

function commandText(compared: ComparedCommand): string[] {
  const { a, b, differences, output } = compared;
  const name = (digested: DigestedCommand | undefined) =>
    digested?.command ? oneLine(digested.command.text) : "(the output)";
  if (!b) return [`- ${name(a)}`];
  if (!a) return [`+ ${name(b)}`];
  const heads = differences.includes("text") ? [`- ${name(a)}`, `+ ${name(b)}`] : [`~ ${name(b)}`];
  const signs = { a: "-", b: "+", both: " " } as const;
  return [
    ...heads,
    ...facts(compared).map((fact) => `    ${harmless(fact)}`),
    ...output.map(({ side, line }) => `    ${signs[side]} ${harmless(line)}`),
  ];
}
