/**
 * Plain text: what a session said, for people, editors and search. Written, never read.
 *
 * Output goes through a terminal first. A line is there once, as it stood at last; lines that were wrapped are one again; blanks
 * at their ends are left out. Of a program that uses the whole screen, its last screen stands where it ran, between two rules.
 * What was wiped (`clear`) is there too, and of pictures that a program draws over and over the last one. Colours, times and all
 * that is no text are lost; with `times`, each line begins with the second at which there first was something in it.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventKind, SessionEvent } from "../lib/event.ts";
import { type Nanos, SECOND } from "../lib/event.ts";
import type { SessionWriter } from "../lib/ports.ts";
import { Report } from "../lib/report.ts";
import { UsageError } from "../lib/errors.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { type LogLine, ScreenLog } from "../lib/terminal/screen_log.ts";

/** What shows, or decides how it does. */
const KEPT_KINDS: ReadonlySet<EventKind> = new Set(["header", "output", "resize", "screen"] as const);

/**
 * How text is to be written. All of it may be left out.
 *
 * @example
 * ```ts
 * const settings: TextSettings = { times: true };
 * ```
 */
export interface TextSettings {
  /** Hears of everything that text cannot hold. */
  readonly report?: Report;
  /** Whether each line begins with its time in seconds. */
  readonly times?: boolean;
}

/**
 * The writer of plain text.
 *
 * @example
 * ```ts
 * const writeTimes = (format: TextFormat) => format.encoder({ times: true });
 * ```
 */
export interface TextFormat extends SessionWriter {
  /**
   * A stage from events to lines of text. Lines come when nothing can change them any more; the last ones at the end.
   *
   * @throws {UsageError} From the stream, if it does not begin with a `header`.
   */
  encoder(settings?: TextSettings): TransformStream<EventBatch, Uint8Array>;
}

/**
 * Writer of plain text.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collectBytes, streamOf } from "@term2ai/term2ai";
 *
 * const events = streamOf(
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "output", time: 1_500_000_000, data: new TextEncoder().encode("\x1b[1mbold\x1b[0m\r\nthw\bo") },
 * );
 * const bytes = await collectBytes(events.pipeThrough(text.encoder()));
 * equal(new TextDecoder().decode(bytes), "bold\ntho\n");
 * ```
 */
export const text: TextFormat = {
  name: "text",
  title: "plain text",
  extensions: ["txt"],
  binary: false,
  keeps: KEPT_KINDS,
  encoder: ({ report = new Report(), times = false } = {}) => textStream(report, times),
};

function textStream(report: Report, times: boolean): TransformStream<EventBatch, Uint8Array> {
  const encoder = new TextEncoder();
  const losses = new Losses(report, times);
  const shape = new Shape(times);
  let log: ScreenLog | undefined;
  const send = (controller: TransformStreamDefaultController<Uint8Array>, lines: readonly LogLine[], isEnd = false) => {
    const made = lines.map((line) => shape.line(line)).join("") + (isEnd ? shape.end() : "");
    if (made !== "") controller.enqueue(encoder.encode(made));
  };
  return new TransformStream({
    async transform(batch, controller) {
      log ??= new ScreenLog(await loadEmulator(), { times });
      for (const event of batch) {
        losses.count(event);
        log.push(event);
      }
      send(controller, log.take());
    },
    flush(controller) {
      log?.finish();
      if (log) send(controller, log.take(), true);
    },
  });
}

/** Lines as they are written. */
class Shape {
  readonly #times: boolean;
  #isFullScreen = false; // the line before was of a full screen

  constructor(times: boolean) {
    this.#times = times;
  }

  line({ time, text, isFullScreen }: LogLine): string {
    const rule = isFullScreen === this.#isFullScreen ? "" : RULE + "\n";
    this.#isFullScreen = isFullScreen;
    return `${rule}${this.#times ? seconds(time) + "  " : ""}${text}\n`;
  }

  /** After the last line. */
  end(): string {
    return this.#isFullScreen ? RULE + "\n" : "";
  }
}

/** Stands before and behind the last screen of a program that used the whole of it. */
const RULE = "─".repeat(40);

function seconds(time: Nanos): string {
  return (time / SECOND).toFixed(3).padStart(10);
}

/** Tells what text does not keep. */
class Losses {
  readonly #report: Report;
  readonly #told = new Set<string>();
  #begun = false;

  constructor(report: Report, times: boolean) {
    this.#report = report;
    if (times) this.#told.add("times");
  }

  /** @throws {UsageError} If the first event is no header. */
  count(event: SessionEvent): void {
    if (!this.#begun && event.kind !== "header") {
      throw new UsageError(`Cannot write text: the first event is of kind ${event.kind}, expected a header`);
    }
    this.#begun = true;
    if (!KEPT_KINDS.has(event.kind)) this.#report.lose(event.kind);
    if (event.time > 0) this.#once("times");
    if (event.kind === "output" && event.data.includes(0x1b)) this.#once("colours and everything else but text");
    if (event.kind !== "header") return;
    const names = Object.keys(event.header).filter((name) => name !== "cols" && name !== "rows");
    for (const name of names) this.#report.lose(`header field ${name}`);
  }

  #once(what: string): void {
    if (!this.#told.has(what)) this.#report.lose(what);
    this.#told.add(what);
  }
}
