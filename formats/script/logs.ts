/**
 * Opens the logs that belong to one recording of script.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { SessionHeader } from "../../lib/event.ts";
import type { Source } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import { ByteReader } from "../../lib/stream/byte_reader.ts";
import { Facts } from "./facts.ts";
import { plainName, timingBeside, timingNames } from "./files.ts";
import { isFirstLine, MAX_LOG_LINE, readFirstLine } from "./log.ts";
import { readEntry, type TimingEntry } from "./timing.ts";
import { TimingLog } from "./timing_log.ts";

/**
 * The logs of a recording, each behind its first line, and what is known from those.
 *
 * @example
 * ```ts
 * const isTimed = (logs: ScriptLogs) => logs.timing !== undefined;
 * ```
 */
export interface ScriptLogs {
  /** What was printed. */
  readonly output: ByteReader;
  /** What was typed; the same log as the output where script kept both in one. */
  readonly input: ByteReader | undefined;
  /** When; absent where nobody kept it. */
  readonly timing: { next(): Promise<TimingEntry[] | undefined> } | undefined;
  /** What the timing log told so far. */
  readonly facts: Facts;
  /** What the first line of the output log told. */
  readonly first: Partial<SessionHeader>;
}

/**
 * Opens a recording by its data log, or by an advanced timing log, which names the others.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, Report } from "@term2ai/term2ai";
 *
 * const log = new Blob(['Script started on … [COMMAND="sh"]\nhi\n']);
 * const opener = new LogOpener(blobSource("typescript", log), new Report());
 * equal((await opener.open()).first.command, "sh");
 * await opener.cancel();
 * ```
 */
export class LogOpener {
  readonly #source: Source;
  readonly #report: Report;
  readonly #facts = new Facts();
  readonly #opened: { cancel(reason?: unknown): Promise<void> }[] = [];
  #cancelled = false;

  /** What is odd about the logs goes to `report`. */
  constructor(source: Source, report: Report) {
    this.#source = source;
    this.#report = report;
  }

  /** Lets go of all that was opened, and of what is being opened. */
  async cancel(reason?: unknown): Promise<void> {
    this.#cancelled = true;
    for (const log of this.#opened.splice(0)) await log.cancel(reason).catch(() => {});
  }

  /**
   * Opens them.
   *
   * @throws {FormatError} If the source is neither.
   */
  async open(): Promise<ScriptLogs> {
    const primary = this.#keep(new ByteReader(this.#source.bytes()));
    const line = await firstLine(primary);
    return readEntry(line.trimEnd())?.letter === "H"
      ? await this.#byTiming(line, primary)
      : await this.#byOutput(line, primary);
  }

  async #byOutput(line: string, output: ByteReader): Promise<ScriptLogs> {
    const timing = await timingBeside(this.#source);
    if (!timing && !isFirstLine(line)) this.#refuse(line);
    const names = this.#names();
    if (!timing) this.#report.warn("no-timing", `no timing log was found (${names}), so all is at time 0`, { line: 1 });
    const entries = timing && await this.#timing(timing.bytes());
    return { ...await this.#joined(output, entries), first: readFirstLine(line) };
  }

  async #byTiming(line: string, primary: ByteReader): Promise<ScriptLogs> {
    const entries = await this.#timing(asStream(line, primary));
    const name = this.#facts.get("OUTPUT_LOG") ?? "";
    const source = await this.#source.sibling(plainName(name));
    if (!source) this.#refuseTiming(name);
    const output = this.#keep(new ByteReader(source!.bytes()));
    const first = readFirstLine(await firstLine(output));
    return { ...await this.#joined(output, entries), first };
  }

  async #joined(output: ByteReader, timing: ScriptLogs["timing"]) {
    return {
      output,
      timing,
      input: timing && await this.#input(output),
      facts: this.#facts,
    };
  }

  #keep<Log extends { cancel(reason?: unknown): Promise<void> }>(log: Log): Log {
    this.#opened.push(log);
    if (this.#cancelled) void this.cancel();
    return log;
  }

  /** The entries of a timing log; the facts at its head are read at once, since they come before anything that happened. */
  async #timing(bytes: ReadableStream<Uint8Array>): Promise<NonNullable<ScriptLogs["timing"]>> {
    const log = this.#keep(new TimingLog(bytes, this.#report));
    let ahead: TimingEntry[] | undefined;
    do {
      ahead = await log.next();
      while (ahead?.[0]?.letter === "H") this.#facts.add(ahead.shift()!);
    } while (ahead?.length === 0);
    return {
      next: () => {
        const entries = ahead;
        ahead = undefined;
        return entries ? Promise.resolve(entries) : log.next();
      },
    };
  }

  async #input(output: ByteReader): Promise<ByteReader | undefined> {
    const name = plainName(this.#facts.get("INPUT_LOG") ?? "");
    if (name !== "" && name === plainName(this.#facts.get("OUTPUT_LOG") ?? "")) return this.#warnAboutSecrets(output);
    const base = plainName(this.#source.name);
    for (const candidate of [name, `${base}.in`, `${base.replace(/\.[^.]+$/, "")}.in`]) {
      const source = candidate === "" ? undefined : await this.#source.sibling(candidate);
      if (!source) continue;
      const input = this.#keep(new ByteReader(source.bytes()));
      await firstLine(input);
      return this.#warnAboutSecrets(input);
    }
    return undefined;
  }

  #warnAboutSecrets(input: ByteReader): ByteReader {
    this.#report.warn("may-hold-secrets", "script also records what is typed at password prompts");
    return input;
  }

  #names(): string {
    return timingNames(this.#source.name).slice(0, 3).join(", ");
  }

  #refuse(line: string): never {
    const found = line === "" ? "it is empty" : `line 1 is ${JSON.stringify(line.slice(0, 40))}`;
    const expected =
      `a line such as 'Script started on … [COMMAND="sh"]', or a timing log beside it (${this.#names()})`;
    const message = `Cannot read ${this.#source.name} as a recording of script: ${found}; expected ${expected}`;
    throw new FormatError(message, { line: 1 });
  }

  #refuseTiming(name: string): never {
    const missing = name === ""
      ? "does not name its output log"
      : `names ${JSON.stringify(name)}, which is not beside it`;
    throw new FormatError(`Cannot read ${this.#source.name}: it is a timing log that ${missing}`, { line: 1 });
  }
}

async function firstLine(log: ByteReader): Promise<string> {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await log.line(MAX_LOG_LINE));
}

/** A stream that begins again with the line that was read from it. */
function asStream(line: string, rest: ByteReader): ReadableStream<Uint8Array> {
  let head: Uint8Array | undefined = new TextEncoder().encode(line);
  return new ReadableStream({
    async pull(controller) {
      const chunk = head ?? await rest.chunk();
      head = undefined;
      if (chunk.length > 0) controller.enqueue(chunk);
      else controller.close();
    },
    cancel: (reason) => rest.cancel(reason),
  });
}
