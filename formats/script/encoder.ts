/**
 * Writes what script(1) would have recorded: a log of what was printed, and beside it one of when and one of what was typed.
 *
 * This module is browser compatible.
 * @module
 */

import {
  type EventBatch,
  type EventKind,
  type EventOf,
  MICROSECOND,
  type Nanos,
  type SessionEvent,
  type SessionHeader,
} from "../../lib/event.ts";
import type { WriteSettings } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import { concat } from "../../lib/stream/collect.ts";
import { OneSession } from "../../lib/stream/one_session.ts";
import { exitCodeOf } from "../../lib/text/signals.ts";
import { writeDate, writeFirstLine, writeLastLine } from "./log.ts";
import { writeEntry } from "./timing.ts";

/**
 * The kinds of event that script has an entry for.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(KEPT_KINDS.has("signal"), true);
 * ```
 */
export const KEPT_KINDS: ReadonlySet<EventKind> = new Set(
  ["header", "output", "input", "resize", "signal", "exit"] as const,
);

const KEPT_FIELDS = new Set(["cols", "rows", "startedAt", "command", "shell", "term"] as const);

/** What a chunk adds to each of the files. */
interface Pieces {
  readonly output: Uint8Array;
  readonly timing: Uint8Array;
  readonly input: Uint8Array;
}

/**
 * A stage from events to the output log; the timing log goes to the sibling `.timing`, what was typed to `.in`.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, Report, streamOf } from "@term2ai/term2ai";
 *
 * const sibling = () => Promise.resolve(new WritableStream<Uint8Array>());
 * const encoder = scriptEncoder({ report: new Report(), timeUnit: 1, sibling });
 * const events = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24, startedAt: 0 } });
 * const log = new TextDecoder().decode(await collectBytes(events.pipeThrough(encoder)));
 * equal(log.split("\n")[0], 'Script started on 1970-01-01 00:00:00+00:00 [COLUMNS="80" LINES="24"]');
 * ```
 */
export function scriptEncoder(settings: WriteSettings): TransformStream<EventBatch, Uint8Array> {
  const writer = new ScriptWriter(settings);
  const timing = new Beside(() => settings.sibling(".timing"));
  const input = new Beside(() => settings.sibling(".in"));
  const send = async (controller: TransformStreamDefaultController<Uint8Array>) => {
    const pieces = writer.take();
    if (pieces.output.length > 0) controller.enqueue(pieces.output);
    await timing.write(pieces.timing);
    await input.write(pieces.input);
  };
  const transformer: Transformer<EventBatch, Uint8Array> & { cancel(reason: unknown): Promise<void> } = {
    async transform(batch, controller) {
      for (const event of batch) writer.push(event);
      await send(controller);
    },
    async flush(controller) {
      writer.finish();
      await send(controller);
      await timing.close();
      await input.close();
    },
    async cancel(reason) {
      await timing.abort(reason);
      await input.abort(reason);
    },
  };
  return new TransformStream(transformer);
}

/** A file beside the first, which exists only if there is something in it. */
class Beside {
  readonly #open: () => Promise<WritableStream<Uint8Array>>;
  #writer: WritableStreamDefaultWriter<Uint8Array> | undefined;

  constructor(open: () => Promise<WritableStream<Uint8Array>>) {
    this.#open = open;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    this.#writer ??= (await this.#open()).getWriter();
    await this.#writer.write(bytes);
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }

  async abort(reason: unknown): Promise<void> {
    await this.#writer?.abort(reason).catch(() => {});
  }
}

/** Makes the bytes of the three files. */
class ScriptWriter {
  readonly #report: Report;
  readonly #session: OneSession;
  readonly #unit: number; // steps of time, in microseconds
  readonly #encoder = new TextEncoder();
  #output: Uint8Array[] = [];
  #timing = "";
  #input: Uint8Array[] = [];
  #header: SessionHeader | undefined;
  #typed = false; // the input log has been begun
  #written = 0; // time of the last entry, in microseconds
  #exit: EventOf<"exit"> | undefined; // which is the last event only if nothing follows

  constructor({ report, timeUnit }: WriteSettings) {
    this.#report = report;
    this.#session = new OneSession({ name: "script", keeps: KEPT_KINDS, fields: KEPT_FIELDS, report });
    this.#unit = Math.max(1, timeUnit / MICROSECOND);
  }

  push(raw: SessionEvent): void {
    const event = this.#session.admit(raw);
    if (!event) return;
    if (this.#exit) this.#report.lose("exit before the end");
    this.#exit = undefined;
    switch (event.kind) {
      case "header":
        return this.#begin(event.header);
      case "output":
        return this.#data("O", event.data, this.#output);
      case "input":
        if (event.by !== undefined) this.#report.lose("who typed");
        return this.#typedData(event.data);
      case "resize":
        return this.#entry("S", `SIGWINCH ROWS=${event.rows} COLS=${event.cols}`);
      case "signal":
        return this.#signal(event.name);
      case "exit":
        this.#exit = event;
    }
  }

  finish(): void {
    if (!this.#header || !this.#exit) return;
    const { status, time } = this.#exit;
    if ("signal" in status) this.#report.lose("name of the signal that ended the session");
    const code = exitCodeOf(status);
    const micros = this.#micros(time);
    this.#fact("DURATION", `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`);
    this.#fact("EXIT_CODE", String(code));
    const last = this.#encoder.encode(writeLastLine((this.#header.startedAt ?? 0) + micros / 1000, code));
    this.#output.push(last);
    if (this.#typed) this.#input.push(last);
  }

  take(): Pieces {
    const pieces = {
      output: concat(this.#output),
      timing: this.#encoder.encode(this.#timing),
      input: concat(this.#input),
    };
    this.#output = [];
    this.#timing = "";
    this.#input = [];
    return pieces;
  }

  #begin(header: SessionHeader): void {
    const clean = (name: "command" | "shell" | "term") => this.#oneLine(name, header[name]);
    const { cols, rows, startedAt } = header;
    const named = { command: clean("command"), shell: clean("shell"), term: clean("term") };
    this.#header = { cols, rows, ...startedAt === undefined ? {} : { startedAt }, ...named };
    this.#output.push(this.#encoder.encode(writeFirstLine(this.#header)));
    if (startedAt !== undefined) this.#fact("START_TIME", writeDate(startedAt));
    this.#fact("COLUMNS", String(cols));
    this.#fact("LINES", String(rows));
    for (const [name, value] of Object.entries(named)) if (value) this.#fact(name.toUpperCase(), value);
  }

  /** A log has no way to spell out a line feed. */
  #oneLine(name: string, value: string | undefined): string | undefined {
    const line = value?.replace(/[\0-\x1f\x7f]/g, " ");
    if (line !== value) this.#report.lose(`control characters in header field ${name}`);
    return line === "" ? undefined : line;
  }

  #fact(name: string, value: string): void {
    this.#timing += writeEntry("H", 0, `${name} ${value}`);
  }

  #micros(time: Nanos): number {
    return Math.round(time / MICROSECOND / this.#unit) * this.#unit;
  }

  /** From the session's start and not from the entry before, or rounding would add up. */
  #entry(letter: string, rest: string): void {
    const micros = this.#micros(this.#session.end);
    this.#timing += writeEntry(letter, micros - this.#written, rest);
    this.#written = micros;
  }

  #data(letter: "O" | "I", data: Uint8Array, log: Uint8Array[]): void {
    if (data.length === 0) return;
    this.#entry(letter, String(data.length));
    log.push(data);
  }

  #typedData(data: Uint8Array): void {
    if (!this.#typed && data.length > 0) this.#input.push(this.#encoder.encode(writeFirstLine(this.#header!)));
    this.#typed ||= data.length > 0;
    this.#data("I", data, this.#input);
  }

  #signal(name: string): void {
    if (/^\w{1,32}$/.test(name)) this.#entry("S", name);
    else this.#report.lose("signal of an odd name");
  }
}
