/**
 * A session as Markdown: its commands and what they printed, for an issue or for a language model.
 *
 * The text fits a budget. Command lines come first, then the output of what failed, then the rest; of a long output the beginning and the
 * end are kept. What is left out is said where it is missing.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent, SessionHeader } from "../../event.ts";
import type { CommandRecord } from "../../models.ts";
import type { SessionAnalyzer } from "../../ports.ts";
import { CommandCollector } from "../commands/command_record.ts";
import { hasFailed } from "../commands/command_line.ts";
import { plainLinesOf } from "../plain_lines.ts";

/** Of one output at most so much is held at its beginning, and so much at its end. */
const HELD = 32 << 10;
/** All outputs together; the oldest of commands that succeeded are let go first. */
const HELD_ALL = 32 << 20;

interface Entry {
  readonly command: CommandRecord;
  head: string;
  tail: string;
  cut: boolean;
  fullScreen: boolean;
}

/**
 * Events in, Markdown out.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 *
 * const transcript = new Transcript({ budget: 10_000 });
 * transcript.push({ kind: "command", time: 0, phase: "output", text: "echo hi" });
 * transcript.push({ kind: "output", time: 1, data: new TextEncoder().encode("hi\r\n") });
 * transcript.push({ kind: "command", time: 2e6, phase: "done", code: 0 });
 * match(transcript.result(), /console\n\$ echo hi\nhi/);
 * ```
 */
export class Transcript implements SessionAnalyzer<string> {
  readonly #budget: number;
  #header: SessionHeader | undefined;
  #entries: Entry[] = [];
  #open: Entry | undefined;
  #decoder = new TextDecoder();
  #held = 0;
  readonly #collector = new CommandCollector({
    begin: (command) => this.#begin(command),
    output: (_command, { data }) => this.#output(data),
    end: () => this.#end(),
  });

  /** `budget`: how many characters it may have, at least 200. */
  constructor({ budget }: { readonly budget: number }) {
    this.#budget = Math.max(200, budget);
  }

  /** Takes the next event; commands must have been derived, see `deriveCommands`. */
  push(event: SessionEvent): void {
    if (event.kind === "header") this.#header ??= event.header;
    this.#collector.push(event);
  }

  /** The text, never longer than the budget. */
  result(): string {
    const title = titleOf(this.#header);
    if (this.#entries.length === 0) return `${title}No commands are known of this session.\n`.slice(0, this.#budget);
    const bare = this.#entries.map((entry) => headOf(entry.command));
    const rooms = this.#share(this.#budget - title.length - 80, bare);
    const parts = this.#entries.map((entry, at) => rooms[at]! < 0 ? undefined : partOf(entry, bare[at]!, rooms[at]!));
    return fit(title, parts, this.#budget);
  }

  #begin(command: CommandRecord): void {
    this.#open = { command, head: "", tail: "", cut: false, fullScreen: false };
    this.#decoder = new TextDecoder();
    this.#entries.push(this.#open);
  }

  #output(data: Uint8Array): void {
    const entry = this.#open;
    if (!entry) return;
    const text = this.#decoder.decode(data, { stream: true });
    if (/\x1b\[\?(?:1049|1047|47)h/.test(text)) entry.fullScreen = true;
    const room = HELD - entry.head.length;
    entry.head += text.slice(0, Math.max(0, room));
    const rest = text.slice(Math.max(0, room));
    if (rest === "") return;
    entry.tail += rest;
    if (entry.tail.length > 2 * HELD) {
      entry.tail = entry.tail.slice(-HELD);
      entry.cut = true;
    }
  }

  #end(): void {
    const entry = this.#open;
    this.#open = undefined;
    if (!entry) return;
    this.#held += entry.head.length + entry.tail.length;
    for (const old of this.#entries) {
      if (this.#held <= HELD_ALL) return;
      if (old === entry || old.command.code !== 0 || old.head === "") continue;
      this.#held -= old.head.length + old.tail.length;
      old.head = old.tail = "";
      old.cut = true;
    }
  }

  /** How many characters of output each command may show; negative where not even its line has room. */
  #share(budget: number, bare: readonly string[]): number[] {
    const rooms: number[] = Array(bare.length).fill(-1);
    let left = budget;
    const byNeed = this.#entries.map((_, at) => at).sort((a, b) => this.#need(b) - this.#need(a) || b - a);
    for (const at of byNeed) {
      const cost = bare[at]!.length + 60;
      if (left < cost) continue;
      left -= cost;
      rooms[at] = 0;
    }
    for (const failed of [true, false]) {
      const wanting = byNeed.filter((at) => rooms[at]! >= 0 && this.#need(at) > 0 === failed);
      for (const [done, at] of wanting.entries()) {
        const { head, tail } = this.#entries[at]!;
        const fair = Math.floor(left / (failed ? Math.min(3, wanting.length - done) : wanting.length - done));
        rooms[at] = Math.max(0, Math.min(head.length + tail.length, fair));
        left -= rooms[at]!;
      }
    }
    return rooms;
  }

  /** What failed is needed more. */
  #need(at: number): number {
    const { code, text } = this.#entries[at]!.command;
    return hasFailed(code, text) ? 1 : 0;
  }
}

function titleOf(header: SessionHeader | undefined): string {
  const { title, command, host, user, startedAt } = header ?? {};
  const began = startedAt !== undefined && Math.abs(startedAt) <= 8.64e15
    ? new Date(startedAt).toISOString().slice(0, 19).replace("T", " ") + " UTC"
    : undefined;
  const facts = [[user, host].filter(Boolean).join("@"), began].filter(Boolean).join(", ");
  return `# ${inline(title ?? command ?? "Terminal session")}\n\n${facts === "" ? "" : `${inline(facts)}\n\n`}`;
}

function headOf({ text, code, cwd, start, end }: CommandRecord): string {
  const facts = [
    code === undefined ? "exit code unknown" : code === 0 ? "" : `**exit ${code}**`,
    end === undefined ? "did not end" : `${((end - start) / 1e9).toFixed(2)} s`,
    cwd === undefined ? "" : `in ${inline(cwd)}`,
  ].filter((fact) => fact !== "");
  return `${facts.join(", ")}\n\n$ ${shown(text ?? "(unknown command)").replaceAll("\n", "\n> ")}\n`;
}

function partOf(entry: Entry, bare: string, room: number): string {
  const split = bare.indexOf("\n\n") + 2;
  const output = entry.fullScreen ? "(a full-screen program)\n" : shorten(entry, room);
  const body = bare.slice(split) + output;
  // A fence is longer than any in what it holds.
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(Math.min(longest + 1, 40));
  return `${bare.slice(0, split)}${fence}console\n${body}${fence}\n\n`;
}

/** The output in so many characters: its beginning and its end. */
function shorten({ head, tail, cut }: Entry, room: number): string {
  const lines = plainLinesOf(head + (cut ? "\n[… output left out …]\n" : "") + tail).map((line) => line + "\n");
  const length = lines.reduce((sum, line) => sum + line.length, 0);
  if (length <= room) return lines.join("");
  const first: string[] = [], last: string[] = [];
  let left = room - 40;
  for (let from = 0, to = lines.length - 1; from <= to;) {
    // The end tells more than the beginning.
    const takeLast = last.length <= 2 * first.length;
    const line = takeLast ? lines[to]! : lines[from]!;
    if (line.length > left) break;
    left -= line.length;
    if (takeLast) last.unshift(lines[to--]!);
    else first.push(lines[from++]!);
  }
  const missing = lines.length - first.length - last.length;
  return [...first, `[… ${missing === 1 ? "1 line" : `${missing} lines`} left out …]\n`, ...last].join("");
}

/** Joins the parts, and cuts from the end what is still too long. */
function fit(title: string, parts: readonly (string | undefined)[], budget: number): string {
  let text = title, missing = 0;
  for (const part of parts) {
    if (part === undefined || text.length + part.length > budget - 60) missing++;
    else text += part;
  }
  if (missing > 0) text += `(${missing === 1 ? "1 command" : `${missing} commands`} left out for want of room)\n`;
  return text.slice(0, budget);
}

/** What would do something to a terminal, or turn text around, spelled out; lines and tabs stay. */
function shown(text: string): string {
  const controls = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
  return text.replace(controls, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

function inline(text: string): string {
  return shown(text).replace(/[\n\t]/g, " ").replace(/[\\`*_[\]<>#|~]/g, "\\$&").slice(0, 200);
}
