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
import { compose } from "../stream/compose.ts";
import { idleLimit } from "../transform/idle_limit.ts";
import { skipPauses } from "../transform/skip_pauses.ts";
import { Pacer } from "./pacer.ts";
import { PlaybackController } from "./playback_controller.ts";
import { ReadAhead } from "./read_ahead.ts";
import { SpeedController } from "./speed_controller.ts";

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
}

/**
 * A session, or several one after the other, paced by a clock and driven by controllers.
 *
 * - Time begins with the first read. Events that are due at the same moment come in one batch.
 * - Spans in which recording was switched off take no time, pauses no more than `idleLimit`; times in the events and in the
 *   state are those after that.
 * - The next session of a stream begins where the one before it ended.
 * - Events of a source that is still growing are shown as they come, with the waits between them as recorded.
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

  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #source: ReadAhead;

  /**
   * Plays `events`.
   *
   * @throws {UsageError} If the speed is not from 0.01 to 1000, or `Infinity`.
   * @throws {RangeError} If the idle limit is negative.
   */
  constructor(events: EventStream, options: PlayerOptions) {
    const { clock, speed = 1, paused = false, pauseOnMarkers = false } = options;
    this.#clock = clock;
    this.#pacer = new Pacer(clock, { speed, paused, pauseOnMarkers });
    this.#source = new ReadAhead(events.pipeThrough(compose(skipPauses(), idleLimit(options.idleLimit))));
    this.playback = new PlaybackController(this.#pacer);
    this.speed = new SpeedController(this.#pacer);
    this.events = this.#open();
  }

  #open(): EventStream {
    let open = true;
    return new ReadableStream<EventBatch>({
      start: (controller) => {
        this.#pacer.ended.then(() => {
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
      const event = this.#source.peek();
      if (event && this.#pacer.admits(event)) return this.#takeDue();
      if (event) await this.#pacer.wait(event);
      else if (this.#source.ended) this.#pacer.end("end");
      else await this.#fetch();
    }
    return [];
  }

  #takeDue(): EventBatch {
    const batch: SessionEvent[] = [];
    for (let event = this.#source.peek(); event && this.#pacer.admits(event); event = this.#source.peek()) {
      this.#pacer.show(event);
      this.#source.skip();
      batch.push(event);
    }
    return batch;
  }

  /** Waits for the source; a stop cancels it, which ends this wait too. */
  async #fetch(): Promise<void> {
    const since = this.#clock.now();
    await this.#source.more();
    const event = this.#source.peek();
    if (event) this.#pacer.arrive(event, since);
  }
}
