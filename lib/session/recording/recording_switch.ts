/**
 * Switches the recording of a running session on and off.
 *
 * A recording that begins midway begins with the screen as it is then, and its times count from there. Pausing leaves a gap in
 * the file; switching off ends the file, and the next one is another.
 * @module
 */

import { SessionError } from "../../errors.ts";
import type { EventBatch, Json, Nanos, ScreenState, SessionEvent, SessionHeader } from "../../event.ts";
import type { RecordingSink } from "./recording_sink.ts";

/** A file that a recording goes to. */
export interface OpenRecording {
  readonly path: string;
  readonly sink: RecordingSink;
  /** How long it is by now. */
  bytes(): Promise<number>;
}

/** Opens the file for a recording; `path` is absent where it may choose. */
export type RecordingOpener = (path: string | undefined) => Promise<OpenRecording>;

/** The switch, as others see it. */
export interface RecordingSwitch {
  readonly state: "on" | "paused" | "off";
  readonly path: string | undefined;
  readonly bytes: number | undefined;
  /** Begins a recording. */
  start(path: string | undefined): Promise<string>;
  /** Ends it; its file is whole when this resolves. */
  stop(): Promise<void>;
  /** Leaves out what happens from now on. */
  pause(): Promise<void>;
  /** Goes on, with the screen as it is then. */
  resume(): Promise<void>;
  /** Looks how long the file is; {@linkcode bytes} tells from then on. */
  measure(): Promise<number>;
}

/** What a recording that begins now has to know. */
export interface Now {
  readonly time: Nanos;
  /** Batches that the screen has seen. */
  readonly fed: number;
  readonly header: SessionHeader;
  screen(): Promise<ScreenState>;
}

/** The recording of a session that a host runs. */
export class HostRecording implements RecordingSwitch {
  readonly #open: RecordingOpener;
  readonly #now: () => Now;
  readonly #onend: (path: string, why: string | undefined) => void;
  #current: OpenRecording | undefined;
  #since: Nanos = 0; // session time at which the file begins
  #seen = 0; // batches that the screen at its beginning, or after a pause, has in it
  #missed: number | undefined; // bytes of output since the pause began
  #bytes: number | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    open: RecordingOpener,
    now: () => Now,
    onend: (path: string, why: string | undefined) => void,
  ) {
    this.#open = open;
    this.#now = now;
    this.#onend = onend;
  }

  get state(): "on" | "paused" | "off" {
    if (!this.#current) return "off";
    return this.#missed === undefined ? "on" : "paused";
  }

  get path(): string | undefined {
    return this.#current?.path;
  }

  get bytes(): number | undefined {
    return this.#current && this.#bytes;
  }

  /** When {@linkcode write} wants to be called again, in session time. */
  get deadline(): Nanos {
    return this.#current ? this.#since + this.#current.sink.deadline : Infinity;
  }

  /** What went wrong while storing, if anything did. */
  get trouble(): string | undefined {
    return this.#current?.sink.trouble?.reason;
  }

  /** The file that the session's first event goes to. */
  begin(recording: OpenRecording): void {
    this.#current = recording;
    this.#since = 0;
  }

  async start(path: string | undefined): Promise<string> {
    if (this.#current) throw new SessionError(`Cannot start recording: the session is being recorded to ${this.path}`);
    const recording = await this.#open(path);
    return await this.#locked(async () => {
      if (this.#current) throw new SessionError(`Cannot start recording: somebody else has just done so`);
      const state = await this.#now().screen();
      const { header, time, fed } = this.#now();
      const startedAt = (header.startedAt ?? 0) + time / 1e6;
      const { cols, rows } = state;
      this.#since = time;
      this.#seen = fed;
      this.#missed = undefined;
      this.#current = recording;
      const first = { ...header, id: freshId(), cols, rows, startedAt };
      await recording.sink.write([{ kind: "header", time: 0, header: first }, { kind: "screen", time: 0, state }], 0);
      return recording.path;
    });
  }

  async stop(): Promise<void> {
    if (!this.#current) throw new SessionError("Cannot stop recording: the session is not being recorded");
    await this.#locked(() => this.#finish(undefined));
  }

  async pause(): Promise<void> {
    this.#mustRecord("pause");
    await this.#locked(async () => {
      if (this.#missed !== undefined || !this.#current) return;
      const time = Math.max(0, this.#now().time - this.#since);
      this.#seen = this.#now().fed;
      this.#missed = 0;
      await this.#current.sink.write([{ kind: "gap", time, reason: "paused" }], time);
    });
  }

  async resume(): Promise<void> {
    this.#mustRecord("resume");
    await this.#locked(async () => {
      if (this.#missed === undefined || !this.#current) return;
      const state = await this.#now().screen();
      const time = Math.max(0, this.#now().time - this.#since);
      const gap = { kind: "gap", time, reason: "resumed", bytes: this.#missed } as const;
      this.#seen = this.#now().fed;
      this.#missed = undefined;
      await this.#current.sink.write([gap, { kind: "screen", time, state }], time);
    });
  }

  /**
   * Stores events; what cannot be stored ends the recording, not the session.
   *
   * @param fed How many batches the screen has seen, this one included.
   */
  async write(batch: EventBatch, now: Nanos, fed: number): Promise<void> {
    await this.#locked(async () => {
      const since = this.#since;
      if (!this.#current || (fed <= this.#seen && this.#missed === undefined)) return;
      const kept = this.#missed === undefined ? batch : batch.filter((event) => this.#outlastsPause(event));
      const moved = since === 0 ? kept : kept.map((event) => ({ ...event, time: Math.max(0, event.time - since) }));
      try {
        await this.#current.sink.write(moved, now - since);
      } catch (error) {
        await this.#finish(error instanceof Error ? error.message : String(error));
      }
    });
  }

  #mustRecord(what: string): void {
    if (!this.#current) throw new SessionError(`Cannot ${what} recording: the session is not being recorded`);
  }

  #outlastsPause(event: SessionEvent): boolean {
    if (event.kind === "output") this.#missed! += event.data.length;
    return event.kind !== "output" && event.kind !== "input";
  }

  /** Looks how long the file is. */
  async measure(): Promise<number> {
    this.#bytes = await this.#current?.bytes().catch(() => this.#bytes);
    return this.#bytes ?? 0;
  }

  /** Ends the recording because of `why`, if there is one; the last it holds is a note of that, where one is given. */
  async end(why: string | undefined, note?: { readonly topic: string; readonly data: Json }): Promise<void> {
    await this.#locked(async () => {
      const time = Math.max(0, this.#now().time - this.#since);
      if (note) await this.#current?.sink.write([{ kind: "note", time, ...note }], time).catch(() => {});
      await this.#finish(why);
    });
  }

  async #finish(why: string | undefined): Promise<void> {
    const recording = this.#current;
    if (!recording) return;
    this.#current = undefined;
    try {
      await recording.sink.close();
    } catch (error) {
      why ??= error instanceof Error ? error.message : String(error);
    }
    const { trouble, tampering, unhidden } = recording.sink;
    this.#onend(recording.path, why ?? trouble?.reason ?? tampering ?? unhidden);
  }

  /** One after the other: a batch that is being written goes to one file. */
  #locked<Result>(body: () => Promise<Result>): Promise<Result> {
    const result = this.#writing.then(body);
    this.#writing = result.then(() => {}, () => {});
    return result;
  }
}

function freshId(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
