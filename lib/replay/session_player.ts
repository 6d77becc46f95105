/**
 * Plays a recorded session: the same events, each when it is due.
 *
 * A player is a stream like any other: what comes out can be shown on a terminal, sent to viewers or written to a pipe. Its
 * reader sets the pace too: nothing is read ahead of what is taken, but for one batch.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventStream, Nanos, SessionEvent } from "../event.ts";
import type { Clock } from "../ports.ts";
import { UsageError } from "../errors.ts";
import { BlockReader, type EventCursor, type Position } from "./block_reader.ts";
import { Pacer } from "./pacer.ts";
import { PlaybackController } from "./playback_controller.ts";
import { ReadAhead } from "./read_ahead.ts";
import { SeekController } from "./seek_controller.ts";
import { type SeekRequest, Seeks } from "./seeks.ts";
import { SpeedController } from "./speed_controller.ts";
import { Timeline } from "./timeline.ts";

/**
 * How to play.
 *
 * @example
 * ```ts
 * import type { Clock } from "@term2ai/term2ai";
 *
 * const fast = (clock: Clock): PlayerOptions => ({ clock, speed: 4, idleLimit: 1e9 });
 * ```
 */
export interface PlayerOptions {
  /** What time it is, and how to wait. */
  readonly clock: Clock;
  /** Session seconds per second, from 0.01 to 1000, or `Infinity` for no waiting; 1 if absent. */
  readonly speed?: number;
  /** Longest pause to play; `Infinity` plays all. If absent, each recording's own wish holds. */
  readonly idleLimit?: Nanos;
  /** Whether to pause after each marker; no if absent. */
  readonly pauseOnMarkers?: boolean;
  /** Whether to begin paused; no if absent. */
  readonly paused?: boolean;
  /** Whether to begin again when the end is reached; no if absent. Only a timeline can. */
  readonly loop?: boolean;
  /** Session time to begin at; the beginning if absent. Only a timeline has others. */
  readonly at?: Nanos;
}

/**
 * A session, or several one after the other, paced by a clock and driven by controllers.
 *
 * - Time begins with the first read. Events that are due at the same moment come in one batch.
 * - Spans in which recording was switched off take no time, pauses no more than `idleLimit`. Times in the events and in the
 *   state stay those of the recording.
 * - The next session of a stream begins where the one before it ended.
 * - Events of a source that is still growing are shown as they come, with the waits between them as recorded.
 * - A timeline can be entered anywhere. After each seek a `keyframe` comes first, with all that shows there, then the events
 *   behind it; no event from before a seek comes after its keyframe, and no other keyframe is passed on. The timeline is its
 *   owner's to close.
 *
 * @example Two seconds at ten times the speed take a fifth of a second
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { SECOND, streamOf } from "@term2ai/term2ai";
 *
 * let time = 0;
 * const clock = { now: () => time, wall: () => time / 1e6, until: (then: number) => Promise.resolve(void (time = then)) };
 * const recording = streamOf(
 *   { kind: "header", time: 0, header: { cols: 80, rows: 24 } },
 *   { kind: "output", time: 2 * SECOND, data: new TextEncoder().encode("hello") },
 * );
 * const player = new SessionPlayer(recording, { clock, speed: 10 });
 * for await (const batch of player.events) equal(time, batch[0]!.time / 10);
 * equal(player.playback.state.phase, "ended");
 * ```
 */
export class SessionPlayer {
  /** The events, each when it is due. Cancelling it stops everything. */
  readonly events: EventStream;
  /** Play, pause, step, stop, and where it stands. */
  readonly playback: PlaybackController;
  /** How fast it plays. */
  readonly speed: SpeedController;
  /** To any other moment. */
  readonly seek: SeekController;

  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #timeline: Timeline | undefined;
  readonly #seeks = new Seeks();
  #source: EventCursor;
  #starved: Nanos | undefined; // since when there was nothing to do but wait for the source

  /**
   * Plays a stream of events once, or a timeline.
   *
   * @throws {UsageError} If the speed is not from 0.01 to 1000, or `Infinity`, or if a stream is to be played from its middle or
   * more than once.
   * @throws {RangeError} If the idle limit is negative.
   */
  constructor(source: EventStream | Timeline, options: PlayerOptions) {
    const { clock, speed = 1, paused = false, pauseOnMarkers = false, idleLimit, loop = false, at } = options;
    this.#clock = clock;
    const limit = idleLimit === undefined ? {} : { idleLimit };
    this.#pacer = new Pacer(clock, { speed, paused, pauseOnMarkers, ...limit });
    this.#timeline = source instanceof Timeline ? source : undefined;
    if (!this.#timeline && (loop || at !== undefined)) {
      throw new UsageError("Cannot play a stream from its middle, or again: it can be read once only");
    }
    this.#source = source instanceof Timeline ? source.read(source.beginning) : new ReadAhead(source);
    this.playback = new PlaybackController(this.#pacer);
    this.playback.loop = loop;
    this.speed = new SpeedController(this.#pacer);
    this.seek = new SeekController(this.#pacer, this.#seeks, this.#timeline, () => this.#place);
    if (at !== undefined) this.seek.to(at);
    this.events = this.#open();
  }

  get #place(): Position {
    return this.#source instanceof BlockReader ? this.#source.place : { block: 0, index: 0, time: 0 };
  }

  #open(): EventStream {
    let open = true;
    return new ReadableStream<EventBatch>({
      start: (controller) => {
        this.#pacer.ended.then(() => {
          this.#seeks.close();
          if (!open) return;
          open = false;
          controller.close();
          this.#source.cancel().catch(() => {}); // whoever stopped it does not care for what was left
        });
      },
      pull: async (controller) => {
        try {
          const batch = await this.#nextBatch();
          if (batch.length > 0 && open) controller.enqueue(batch);
        } catch (error) {
          open = false;
          this.#pacer.end("end");
          throw error;
        }
      },
      cancel: async (reason) => {
        open = false;
        this.#pacer.end("stop");
        await this.#source.cancel(reason);
      },
    }, { highWaterMark: 0 });
  }

  /** Waits until something is due, and returns all of it; nothing at the end. */
  async #nextBatch(): Promise<EventBatch> {
    while (this.playback.state.phase !== "ended") {
      const request = this.#seeks.request;
      const event = this.#source.peek();
      if (request) {
        const batch = await this.#move(request);
        if (batch) return batch;
      } else if (event && this.#pacer.admits(event)) {
        const batch = this.#takeDue();
        if (batch.length > 0) return batch;
      } else if (event) await this.#pacer.wait(event);
      else if (this.#source.ended) await this.#finish();
      else await this.#fetch();
    }
    return [];
  }

  #takeDue(): EventBatch {
    const batch: SessionEvent[] = [];
    for (let event = this.#source.peek(); event && this.#pacer.admits(event); event = this.#source.peek()) {
      this.#pacer.show(event);
      this.#source.skip();
      if (!this.#timeline || event.kind !== "keyframe") batch.push(event);
    }
    return batch;
  }

  /** Waits for the source; a stop cancels it, which ends this wait too, and a seek need not wait for it. */
  async #fetch(): Promise<void> {
    this.#starved ??= this.#clock.now();
    const more = this.#source.more();
    await (this.#timeline ? Promise.race([more, this.#pacer.interrupted()]) : more);
    const event = this.#source.peek();
    if (!event) return;
    this.#pacer.meet(event, this.#starved);
    this.#starved = undefined;
  }

  /** There is nothing left. Whoever is paused at the end of a timeline may go back. */
  async #finish(): Promise<void> {
    if (this.#timeline && this.playback.state.phase === "paused") await this.#pacer.interrupted();
    else if (this.playback.loop && this.seek.duration > 0) this.seek.to(0);
    else this.#pacer.end("end");
  }

  /** Does a seek; nothing comes of one that another has replaced meanwhile. */
  async #move(request: SeekRequest): Promise<EventBatch | undefined> {
    const timeline = this.#timeline!, { signal } = request;
    const place = await request.find(this.#place, signal);
    if (signal.aborted) return undefined;
    if (!place) {
      this.#seeks.settle(request, false);
      return void this.#pacer.stay();
    }
    const state = await timeline.screen(place, signal);
    const isOff = !signal.aborted && await timeline.isOff(place);
    const reader = timeline.read(place);
    if (timeline.complete && !signal.aborted) await reader.more();
    if (signal.aborted || this.playback.state.phase === "ended") return undefined;
    await this.#source.cancel();
    this.#source = reader;
    this.#starved = undefined;
    this.#pacer.arrive(timeline.header, place.time, { isOff, atEnd: timeline.complete && reader.ended });
    this.#seeks.settle(request, true);
    return [{ kind: "keyframe", time: place.time, state }];
  }
}
