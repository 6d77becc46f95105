/**
 * Reads what script(1) recorded: a log of what was printed, one of when, and perhaps one of what was typed.
 *
 * The timing log leads; the bytes it counts are taken from the others as they are needed, so memory holds a piece of each.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventStream, Nanos, SessionEvent } from "../../lib/event.ts";
import type { Source } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import { LogOpener, type ScriptLogs } from "./logs.ts";
import { generatedStream } from "../../lib/stream/coding.ts";
import { readLastLine } from "./log.ts";
import type { TimingEntry } from "./timing.ts";

/** Bytes of output that travel together, and that one event holds at most. */
const PIECE = 1 << 16;
const MAX_TIME: Nanos = 2 ** 62; // 146 years
const MAX_LAST_LINE = 512;
const SIGWINCH = /^SIGWINCH ROWS=(\d{1,9}) COLS=(\d{1,9})\s*$/;

/**
 * The events of a recording; `source` is its data log, or an advanced timing log, which names the others. A
 * {@linkcode FormatError} comes from the stream if the source is neither.
 *
 * @example
 * ```ts
 * import { rejects } from "node:assert/strict";
 * import { blobSource, collect, Report } from "@term2ai/term2ai";
 *
 * const source = blobSource("x", new Blob(["hello\n"]));
 * await rejects(collect(readScript(source, new Report())), /expected a line such as/);
 * ```
 */
export function readScript(source: Source, report: Report): EventStream {
  const opener = new LogOpener(source, report);
  return generatedStream(batchesOf(opener, report), (reason) => opener.cancel(reason));
}

async function* batchesOf(opener: LogOpener, report: Report): AsyncGenerator<EventBatch, void, void> {
  try {
    yield* new ScriptReader(await opener.open(), report).batches();
  } finally {
    await opener.cancel();
  }
}

class ScriptReader {
  readonly #logs: ScriptLogs;
  readonly #report: Report;
  #time: Nanos = 0;
  #resized = ""; // the size, if the last event was a resize
  #short: "output" | "input" | undefined; // the log that has fewer bytes than the timing log counts
  #batch: SessionEvent[] = [];
  #bytes = 0; // of output and input in the batch

  constructor(logs: ScriptLogs, report: Report) {
    this.#logs = logs;
    this.#report = report;
  }

  async *batches(): AsyncGenerator<EventBatch, void, void> {
    const { facts, first, timing } = this.#logs;
    yield [{ kind: "header", time: 0, header: { cols: 80, rows: 24, ...first, ...facts.header } }];
    for (let entries = await timing?.next(); entries && !this.#short; entries = await timing?.next()) {
      for (const entry of entries) {
        if (entry.letter !== "O" && entry.letter !== "I") this.#other(entry);
        else yield* this.#data(entry);
        if (this.#short) break;
      }
      if (this.#batch.length > 0) yield this.#take();
    }
    yield* this.#end();
  }

  #take(): EventBatch {
    const batch = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    return batch;
  }

  #emit(event: SessionEvent): void {
    this.#batch.push(event);
    this.#resized = event.kind === "resize" ? `${event.cols}x${event.rows}` : "";
  }

  #advance({ delta }: TimingEntry): void {
    if (this.#time + delta <= MAX_TIME) this.#time += delta;
    else this.#report.warn("absurd-time", "a time of more than 146 years was held");
  }

  /** Output or input: as many bytes as the entry says, in pieces. */
  async *#data(entry: TimingEntry): AsyncGenerator<EventBatch, void, void> {
    this.#advance(entry);
    const kind = entry.letter === "O" ? "output" : "input", log = this.#logs[kind];
    const count = /^\d{1,15}$/.test(entry.rest) ? Number(entry.rest) : -1;
    if (count < 0) return this.#report.warn("bad-line", "an entry of the timing log that counts no bytes was left out");
    if (!log) return this.#report.warn("no-input", "what was typed is in a log that is not there, and was left out");
    for (let left = count; left > 0 || count === 0; left -= PIECE) {
      const length = Math.min(left, PIECE);
      if (!log.has(length)) await log.fill(length);
      const data = log.take(length);
      if (data.length > 0 || count === 0) this.#emit({ kind, time: this.#time, data });
      if (data.length < length) return void (this.#short = kind);
      if ((this.#bytes += length) >= PIECE) yield this.#take();
      if (count === 0) return;
    }
  }

  /** A signal, a fact, or an entry of a letter that this version does not know. */
  #other(entry: TimingEntry): void {
    if (entry.letter === "H") return this.#logs.facts.add(entry);
    this.#advance(entry);
    const time = this.#time, { letter, rest } = entry;
    if (letter !== "S") {
      return this.#emit({ kind: "custom", time, code: `script-${letter}`, data: new TextEncoder().encode(rest) });
    }
    const [, rows, cols] = SIGWINCH.exec(rest) ?? [];
    if (rows !== undefined) this.#resize(Number(cols), Number(rows));
    else this.#emit({ kind: "signal", time, name: rest.trim() });
  }

  /** Script writes two entries for one new size. */
  #resize(cols: number, rows: number): void {
    if (cols < 1 || rows < 1) return this.#report.warn("bad-resize", "a new size that is none was left out");
    const size = { cols: Math.min(cols, 2048), rows: Math.min(rows, 2048) };
    if (this.#resized !== `${size.cols}x${size.rows}`) this.#emit({ kind: "resize", time: this.#time, ...size });
  }

  /** What lies behind the last byte that has a time: a last line, or output without times. */
  async *#end(): AsyncGenerator<EventBatch, void, void> {
    if (this.#short) return yield* this.#endShort(this.#short);
    const { output, timing } = this.#logs;
    const { offset } = output;
    for (
      await output.fill(PIECE + MAX_LAST_LINE);
      output.length > MAX_LAST_LINE;
      await output.fill(PIECE + MAX_LAST_LINE)
    ) {
      this.#emit({
        kind: "output",
        time: this.#time,
        data: output.take(Math.min(PIECE, output.length - MAX_LAST_LINE)),
      });
      yield this.#take();
    }
    const rest = output.take(MAX_LAST_LINE);
    const last = this.#lastLine(rest);
    const untimed = rest.subarray(0, rest.length - last.length);
    if (untimed.length > 0) this.#emit({ kind: "output", time: this.#time, data: untimed });
    if (timing && output.offset - last.length > offset) this.#warnUntimed(offset, output.offset - last.length - offset);
    this.#exit(last.code);
    if (this.#batch.length > 0) yield this.#take();
  }

  *#endShort(log: "output" | "input"): Generator<EventBatch, void, void> {
    this.#report.warn("data-missing", `the ${log} log ends before what the timing log counts, and reading ends there`);
    this.#report.completeness = "unfinished";
    this.#emit({ kind: "gap", time: this.#time, reason: "damage" });
    yield this.#take();
  }

  #warnUntimed(byte: number, count: number): void {
    const why = "the timing log does not count them (script -a begins it anew, for one)";
    this.#report.warn("untimed", `${count} bytes of output have no time of their own, because ${why}`, { byte });
  }

  /** The last line in the rest of the output log, which says how the session ended. */
  #lastLine(rest: Uint8Array): { length: number; code: number | undefined } {
    const start = rest.subarray(0, -1).lastIndexOf(10);
    const line = start < 0 ? rest.subarray(rest.length) : rest.subarray(start);
    const told = readLastLine(new TextDecoder().decode(line));
    if (!told && this.#logs.timing && start === 0) this.#report.tornBytes += line.length;
    const isTorn = this.#report.tornBytes > 0;
    this.#report.completeness = told && !isTorn ? "complete" : "unfinished";
    if (told?.isFull) this.#emit({ kind: "gap", time: this.#time, reason: "storage" });
    return { length: told || (isTorn && start === 0) ? line.length : 0, code: told?.code };
  }

  #exit(code = this.#logs.facts.number("EXIT_CODE")): void {
    if (code === undefined) return;
    const duration = Math.round((this.#logs.facts.number("DURATION") ?? 0) * 1e6) * 1000;
    if (duration <= MAX_TIME) this.#time = Math.max(this.#time, duration);
    this.#emit({ kind: "exit", time: this.#time, status: { code } });
  }
}
