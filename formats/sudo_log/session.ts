/**
 * Makes a session's events of the files of a sudo I/O log.
 *
 * The timing is read line by line and each stream only as far as it goes, so a session of any length needs the memory of a few
 * chunks.
 *
 * This module is browser compatible.
 * @module
 */

import { FormatError } from "../../lib/errors.ts";
import type { EventBatch, EventStream, Nanos, SessionEvent, SessionHeader } from "../../lib/event.ts";
import type { Source } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import { formatJson } from "../../lib/text/json_writer.ts";
import { type LogFacts, readLog, signalName } from "./log.ts";
import { type Gunzip, Part } from "./part.ts";
import { type StreamName, STREAMS, type Timing } from "./timing.ts";
import { TimingLines } from "./timing_lines.ts";

const MAX_LOG = 8 << 20; // bytes of the file that tells of the session as a whole; Linux gives a command 2 MiB at the most
const MAX_SIZE = 2048; // cells that are believed, each way
const MAX_TIME: Nanos = 2 ** 62; // 146 years
const MAX_DATA = 1 << 20; // bytes of one event; sudo logs 64 KiB at once
const BATCH_BYTES = 256 << 10;
const USUAL = { cols: 80, rows: 24 };
const EXAMPLE = "a directory of sudo's with log.json or log, timing and ttyout";

/**
 * The events of a log, whose file `log.json` or `log` the source is.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, collect, Report, type Source } from "@term2ai/term2ai";
 *
 * const files: Record<string, string> = {
 *   log: "1795382254:ada:root::/dev/pts/0:24:80\n/\n/bin/sh\n",
 *   timing: "4 0.5 2\n",
 *   ttyout: "hi",
 * };
 * const sourceOf = (name: string): Source => ({
 *   ...blobSource(name, new Blob([files[name] ?? ""])),
 *   sibling: (other) => Promise.resolve(other in files ? sourceOf(other) : undefined),
 * });
 * const events = await collect(sudoSession(sourceOf("log"), (bytes) => bytes, new Report()));
 * equal(events.map(({ kind, time }) => `${kind} ${time / 1e9}`).join(), "header 0,output 0.5");
 * ```
 */
export function sudoSession(source: Source, gunzip: Gunzip, report: Report): EventStream {
  const session = new SudoSession(source, gunzip, report);
  const batches = session.batches();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await batches.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        await session.cancel(error);
        throw error;
      }
    },
    cancel: (reason) => session.cancel(reason),
  }, { highWaterMark: 0 });
}

class SudoSession {
  readonly #source: Source;
  readonly #report: Report;
  readonly #log: Part;
  readonly #timing: Part;
  readonly #streams: Readonly<Record<StreamName, Part>>;
  readonly #short = new Set<StreamName>(); // those that hold less than the timing says
  #hasBegun = false;
  #isCancelled = false;
  #events: SessionEvent[] = [];
  #bytes = 0; // of the events
  #time: Nanos = 0;
  #inGap = false;
  #line = 0;

  constructor(source: Source, gunzip: Gunzip, report: Report) {
    const part = (find: () => Promise<Source | undefined>) => new Part(find, gunzip, report);
    this.#source = source;
    this.#report = report;
    this.#log = part(() => Promise.resolve(source));
    this.#timing = part(() => source.sibling("timing"));
    const streams = STREAMS.map((name) => [name, part(() => source.sibling(name))]);
    this.#streams = Object.fromEntries(streams) as Record<StreamName, Part>;
  }

  async *batches(): AsyncGenerator<EventBatch> {
    this.#hasBegun = true;
    const { header, exit, duration = 0 } = await this.#facts();
    this.#push({ kind: "header", time: 0, header: this.#sized(header) });
    if (!await this.#timing.exists()) {
      this.#fault("no-timing", "the file timing is absent, and all was put at the same time");
    }
    yield this.#take();
    const lines = new TimingLines(this.#timing, this.#report);
    for (let timing = await lines.next(); timing && !this.#isCancelled; timing = await lines.next()) {
      this.#line = lines.line;
      for await (const batch of this.#play(timing)) yield batch;
      if (this.#bytes >= BATCH_BYTES || this.#events.length >= 1024) yield this.#take();
    }
    for (const name of STREAMS) yield* this.#rest(name);
    const isWhole = this.#report.tornBytes === 0 && this.#short.size === 0;
    this.#report.completeness = !isWhole ? "unfinished" : exit ? "complete" : "unknown";
    this.#advance(Math.max(0, duration - this.#time));
    if (exit) this.#push({ kind: "exit", time: this.#time, status: exit });
    if (this.#events.length > 0) yield this.#take();
  }

  async cancel(reason?: unknown): Promise<void> {
    this.#isCancelled = true;
    if (!this.#hasBegun) return await this.#source.bytes().cancel(reason);
    const parts = [this.#log, this.#timing, ...Object.values(this.#streams)];
    await Promise.allSettled(parts.map((part) => part.cancel(reason)));
  }

  /** Of a log that makes no sense nothing is known; it is refused only if there are no other files either. */
  async #facts(): Promise<LogFacts> {
    const bytes = await this.#log.take(MAX_LOG);
    await this.#log.cancel();
    const text = new TextDecoder().decode(bytes);
    const facts = readLog(text);
    if (!facts && !await this.#timing.exists()) {
      const found = bytes.length === 0 ? "it is empty" : `it begins with ${formatJson(text.slice(0, 40))}`;
      throw new FormatError(`Cannot read ${this.#source.name} as sudo's log: ${found}; expected ${EXAMPLE}`, {
        byte: 0,
      });
    }
    if (!facts) this.#warn("bad-log", "the file that tells of the session as a whole makes no sense");
    return facts ?? { header: { cols: 0, rows: 0 } };
  }

  #sized(header: SessionHeader): SessionHeader {
    const size = this.#sizeOf(header.cols, header.rows);
    if (!size) this.#warn("header-size", "the session's size is not told, and 80x24 was taken");
    return { ...header, ...(size ?? USUAL) };
  }

  async *#play(timing: Timing | "gap"): AsyncGenerator<EventBatch> {
    if (timing === "gap") return this.#gap();
    this.#advance(timing.delay);
    if (timing.kind === "data") yield* this.#data(timing.stream, timing.count);
    else if (timing.kind === "window") this.#resize(timing.cols, timing.rows);
    else if (timing.kind === "suspend") {
      this.#push({ kind: "signal", time: this.#time, name: signalName(timing.signal) });
    } else this.#warn("unknown-type", "a kind of event that is not known was left out");
  }

  async *#data(name: StreamName, count: number): AsyncGenerator<EventBatch> {
    for (let left = count; left > 0;) {
      const data = await this.#streams[name].take(Math.min(left, MAX_DATA));
      if (data.length > 0) this.#push(eventOf(name, this.#time, data));
      left -= data.length;
      if (data.length < MAX_DATA && left > 0) return this.#shorten(name);
      if (this.#bytes >= BATCH_BYTES) yield this.#take();
    }
  }

  #shorten(name: StreamName): void {
    this.#short.add(name);
    if (!this.#isCancelled) this.#fault("short-data", "a file holds less than the timing says");
  }

  /** What a stream holds beyond what the timing speaks of: the log was cut off, or is being written. */
  async *#rest(name: StreamName): AsyncGenerator<EventBatch> {
    for (;;) {
      const data = this.#isCancelled ? new Uint8Array(0) : await this.#streams[name].take(MAX_DATA);
      if (data.length === 0) return;
      this.#warn("untimed-data", "data that the timing does not speak of was put at the end");
      this.#push(eventOf(name, this.#time, data));
      yield this.#take();
    }
  }

  #resize(cols: number, rows: number): void {
    const size = this.#sizeOf(cols, rows);
    if (size) this.#push({ kind: "resize", time: this.#time, ...size });
    else this.#warn("bad-resize", "a new size that is none was left out");
  }

  #sizeOf(cols: number, rows: number): { cols: number; rows: number } | undefined {
    if (cols === 0 || rows === 0) return undefined;
    if (cols > MAX_SIZE || rows > MAX_SIZE) this.#warn("big-resize", `a size was cut to ${MAX_SIZE} cells each way`);
    return { cols: Math.min(cols, MAX_SIZE), rows: Math.min(rows, MAX_SIZE) };
  }

  #advance(delay: Nanos): void {
    const next = this.#time + delay;
    if (next <= MAX_TIME) this.#time = next;
    else this.#warn("absurd-time", "a time of more than 146 years was held");
  }

  #fault(code: string, message: string): void {
    this.#warn(code, message);
    this.#gap();
  }

  #gap(): void {
    if (!this.#inGap) this.#events.push({ kind: "gap", time: this.#time, reason: "damage" });
    this.#inGap = true;
  }

  #push(event: SessionEvent): void {
    this.#events.push(event);
    this.#bytes += "data" in event && event.data instanceof Uint8Array ? event.data.length : 0;
    this.#inGap = false;
  }

  #take(): EventBatch {
    const events = this.#events;
    this.#events = [];
    this.#bytes = 0;
    return events;
  }

  #warn(code: string, message: string): void {
    this.#report.warn(code, message, this.#line > 0 ? { line: this.#line } : {});
  }
}

/** What was typed and printed on the terminal; pipes to and from the command are no part of it, and are kept apart. */
function eventOf(name: StreamName, time: Nanos, data: Uint8Array): SessionEvent {
  if (name === "ttyin" || name === "ttyout") return { kind: name === "ttyin" ? "input" : "output", time, data };
  return { kind: "custom", time, code: `sudo-${name}`, data };
}
