/**
 * A session in pieces, so that a browser seeks in hours of it and loads a few hundred kilobytes: the `segmented` source of
 * asciinema-player (3.17 and later).
 *
 * Each piece is a JSON file with the screen at its beginning, as the sequences that draw it, and the events that follow. An
 * index names them. The player checks that times agree to the last bit, so each time is written once, as microseconds, and
 * every file has the same number.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream, Nanos, ScreenState, SessionEvent, SessionHeader, Theme } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { eventsOf } from "../stream/collect.ts";
import { screenToAnsi } from "../terminal/screen_ansi.ts";
import { ScreenTracker } from "../terminal/screen_tracker.ts";

/** Bytes of output after which a piece ends. */
export const SEGMENT_BYTES = 256 << 10;

/**
 * A file of a recording in pieces.
 *
 * @example
 * ```ts
 * const file: SegmentFile = { name: "0.json", text: '{"snapshot":{"cols":80,"rows":24,"init":""},"events":[[0,"o",""]]}' };
 * ```
 */
export interface SegmentFile {
  /** Its place beside the index. */
  readonly name: string;
  /** JSON. */
  readonly text: string;
}

/** Seconds, what happened, and to what. */
type Entry = readonly [number, string, string];

/**
 * Cuts a session into pieces; the last file is `index.json`, which tells of the others.
 *
 * For one session without `screen` events: `join` and `screensAsOutput` make it one.
 *
 * @param bytes Of output, after which a piece ends.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { loadEmulator, streamOf } from "@term2ai/term2ai";
 *
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24 } } as const;
 * const output = { kind: "output", time: 1e9, data: new TextEncoder().encode("hi") } as const;
 * const files = await Array.fromAsync(segments(streamOf(header, output), await loadEmulator()));
 * deepEqual(files.map(({ name }) => name), ["0.json", "index.json"]);
 * ```
 */
export async function* segments(
  events: EventStream,
  make: EmulatorMaker,
  bytes = SEGMENT_BYTES,
): AsyncGenerator<SegmentFile, void, void> {
  const cutter = new Cutter(make, bytes);
  for await (const event of eventsOf(events)) {
    const file = cutter.push(event);
    if (file) yield file;
  }
  yield* cutter.end();
}

class Cutter {
  readonly #tracker: ScreenTracker;
  readonly #bytes: number;
  /** Characters that are cut between two events; those that were begun in one piece end in the next. */
  readonly #decoders = { o: decoder(), i: decoder() };
  readonly #starts: number[] = [0];
  readonly #markers: [number, string][] = [];
  #header: SessionHeader | undefined;
  #snapshot: Piece["snapshot"] = { cols: 80, rows: 24, init: "" };
  #entries: Entry[] = [];
  #taken = 0; // bytes of output in this piece
  #held: Piece | undefined; // the piece before, until this one is known to begin before the end, as the player asks for
  #last: Nanos = 0; // time of the last event of any kind

  constructor(make: EmulatorMaker, bytes: number) {
    this.#tracker = new ScreenTracker(make);
    this.#bytes = bytes;
  }

  /** Takes an event; returns the piece that has ended before it, if one has. */
  push(event: SessionEvent): SegmentFile | undefined {
    this.#last = event.time;
    const time = seconds(event.time), entry = this.#entryOf(event, time);
    const file = this.#release(time);
    if (entry && this.#taken >= this.#bytes && time > this.#entries.at(-1)![0]) this.#cut(time);
    if (event.kind === "header") this.#begin(event.header);
    this.#tracker.push(event);
    if (!entry) return file;
    this.#entries.push(entry);
    if (event.kind === "output") this.#taken += event.data.length;
    if (event.kind === "marker") this.#markers.push([time, event.label]);
    return file;
  }

  /** The last pieces, and the index. */
  *end(): Generator<SegmentFile, void, void> {
    const duration = seconds(this.#last);
    if (this.#held) this.#uncut(this.#held);
    if (this.#entries.at(-1)?.[0] !== duration) this.#entries.push([duration, "o", ""]);
    yield fileOf({ snapshot: this.#snapshot, events: this.#entries }, this.#starts.length - 1);
    const { cols, rows, theme, title } = this.#header ??
      this.#tracker.state as { cols: number; rows: number } & SessionHeader;
    const index = {
      version: 1,
      duration,
      term: { cols, rows, ...themeOf(theme) },
      ...(title !== undefined && { title }),
      markers: this.#markers,
      segments: this.#starts.map((start, at) => ({ start, url: `${at}.json` })),
    };
    yield { name: "index.json", text: JSON.stringify(index) + "\n" };
  }

  #begin(header: SessionHeader): void {
    this.#header ??= header;
    if (this.#entries.length === 0) this.#snapshot = { cols: header.cols, rows: header.rows, init: "" };
  }

  #entryOf(event: SessionEvent, time: number): Entry | undefined {
    switch (event.kind) {
      case "output":
        return [time, "o", this.#decoders.o.decode(event.data, { stream: true })];
      case "input":
        return [time, "i", this.#decoders.i.decode(event.data, { stream: true })];
      case "resize":
        return [time, "r", `${event.cols}x${event.rows}`];
      case "marker":
        return [time, "m", event.label];
    }
  }

  #cut(start: number): void {
    this.#held = { snapshot: this.#snapshot, events: this.#entries };
    this.#starts.push(start);
    this.#snapshot = snapshotOf(this.#tracker.state);
    this.#entries = [];
    this.#taken = 0;
  }

  /** The piece before this one, if there is no way back any more. */
  #release(time: number): SegmentFile | undefined {
    const held = this.#held;
    if (!held || time <= this.#starts.at(-1)!) return undefined;
    this.#held = undefined;
    return fileOf(held, this.#starts.length - 2);
  }

  #uncut({ snapshot, events }: Piece): void {
    this.#starts.pop();
    this.#snapshot = snapshot;
    this.#entries = [...events, ...this.#entries];
  }
}

/** What a file of a piece holds. */
interface Piece {
  readonly snapshot: { readonly cols: number; readonly rows: number; readonly init: string };
  readonly events: readonly Entry[];
}

function fileOf(piece: Piece, number: number): SegmentFile {
  return { name: `${number}.json`, text: JSON.stringify(piece) + "\n" };
}

function decoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}

/** Microseconds: times in steps that every reader of JSON makes the same numbers of. */
function seconds(time: Nanos): number {
  return Math.round(time / 1000) / 1e6;
}

/** Without the beginning of a character, which comes with the end of it in the first event. */
function snapshotOf(state: ScreenState) {
  return { cols: state.cols, rows: state.rows, init: decoder().decode(screenToAnsi(state), { stream: true }) };
}

function themeOf(theme: Theme | undefined) {
  if (!theme) return {};
  return { theme: { fg: theme.foreground, bg: theme.background, palette: theme.palette.join(":") } };
}
