/**
 * Records a program on a pseudo-terminal: the program's terminal in, a stream of events out.
 *
 * It joins three smaller recorders: {@linkcode TimingRecorder} tells when, {@linkcode MetadataRecorder} tells who and where,
 * {@linkcode EventRecorder} tells what. Whoever reads {@linkcode SessionRecorder.events} may be slow; the terminal's queue
 * decides whether the program waits for it or output is dropped and a `gap` says so. The user's terminal never waits.
 *
 * This module is browser compatible.
 * @module
 */

import { SessionError } from "../errors.ts";
import {
  type EventStream,
  type ExitStatus,
  type Json,
  MILLISECOND,
  type Nanos,
  SECOND,
  type SessionEvent,
} from "../event.ts";
import type { HostFacts, Pty, PtyAttachment, PtyHappening, PtyHost, ScreenWatcher } from "../ports.ts";
import { EventRecorder, type InputPolicy } from "./event_recorder.ts";
import { type MetadataOptions, MetadataRecorder } from "./metadata_recorder.ts";
import { ScreenRecorder } from "./screen_recorder.ts";
import { TimingRecorder } from "./timing_recorder.ts";

/**
 * A shell that marks its commands, see {@linkcode integrateShell}.
 *
 * @example
 * ```ts
 * const integration: ShellIntegration = {
 *   command: ["bash", "--rcfile", "/tmp/x/bash"], env: { TERM: "xterm" }, nonceSha256: "0".repeat(64),
 * };
 * ```
 */
export interface ShellIntegration {
  /** What is run in the place of the command. */
  readonly command: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** For the header: by this the marks are known to be the shell's. */
  readonly nonceSha256: string;
}

/**
 * What to record, and how.
 *
 * @example
 * ```ts
 * const options: SessionRecorderOptions = {
 *   command: ["make", "test"],
 *   facts: { shell: "/bin/sh", cwd: "/tmp", env: { PATH: "/usr/bin:/bin", TERM: "xterm-256color" } },
 *   metadata: { title: "The tests", tags: ["ci"] },
 *   cols: 132,
 * };
 * ```
 */
export interface SessionRecorderOptions {
  /** Program and arguments; the user's shell when absent. */
  readonly command?: readonly string[];
  /** Who records, where, and the environment of the program. */
  readonly facts: HostFacts;
  /** Title, tags and the like. */
  readonly metadata?: MetadataOptions;
  /** Width of the terminal, 80 when absent. */
  readonly cols?: number;
  /** Height of the terminal, 24 when absent. */
  readonly rows?: number;
  /** What happens to typed bytes; `off` when absent. */
  readonly input?: InputPolicy;
  /** Hears each line that was typed while nothing of it showed: a password. It is kept nowhere. */
  readonly unseen?: (line: string) => void;
  /** Whether the program waits for a slow reader (the default) or output is dropped, with a `gap`, once `queueBytes` wait. */
  readonly whenFull?: "wait" | "drop";
  /** How much may wait for a slow reader, 1 MiB when absent. */
  readonly queueBytes?: number;
  /** Whether output is handed on at once, for somebody who waits for the events, or in larger pieces (the default). */
  readonly eager?: boolean;
  /** How to start `command`, a shell, so that it marks its commands. */
  readonly integration?: ShellIntegration;
  /** The terminal of whoever uses the program, from its first byte on. */
  readonly attachment?: PtyAttachment;
  /**
   * Draws the session's screen elsewhere. With it there is a `keyframe` behind each 128 KiB of output, where it keeps up, and a
   * `screen` where recording was switched on again; without it there are neither.
   */
  readonly screen?: ScreenWatcher;
}

/**
 * Output that may wait to be encoded. A flood fills any queue, so a larger one only costs memory: the peak of recording
 * 100 MB of random bytes is 130 MB with 1 MiB and 170 MB with 8.
 */
const QUEUE_BYTES = 1 << 20;
/** How long what we add ourselves waits for output that happened before it and is still under way. */
const SETTLE: Nanos = 15 * MILLISECOND;
/** How often the wall clock is looked at while nothing else happens. */
const LOOK_AT_CLOCK: Nanos = SECOND;

/**
 * A recording that is under way.
 *
 * @example
 * ```ts ignore
 * import { equal } from "node:assert/strict";
 * import { choosePtyHost, collect, hostFacts, SessionRecorder } from "@term2ai/term2ai";
 *
 * const recorder = new SessionRecorder(await choosePtyHost(), { command: ["echo", "hello"], facts: hostFacts() });
 * const events = await collect(recorder.events);
 * equal(events[0]?.kind, "header");
 * equal(events.at(-1)?.kind, "exit");
 * ```
 */
export class SessionRecorder {
  /** How the program ended. */
  readonly exited: Promise<ExitStatus>;
  /** Hears of the recorder's own keys (see {@linkcode PtyAttachment}); pause and mark have taken effect by then. */
  onkey: (key: "pause" | "mark" | "discard") => void = () => {};
  readonly #host: PtyHost;
  readonly #pty: Pty;
  readonly #timing: TimingRecorder;
  readonly #recorder: EventRecorder;
  readonly #screens: ScreenRecorder | undefined;
  #reading: Promise<void> | undefined; // what the terminal has to tell next
  #own: SessionEvent[] = []; // added by us, until the output before them has arrived
  #alarm: Nanos = Infinity; // when whoever reads wants to be woken
  #ended = false;
  #events: EventStream | undefined;

  /**
   * Starts the program and records it.
   *
   * @throws {PtyError} If the program cannot be started: `ENOENT` not found, `EACCES` not executable.
   */
  constructor(host: PtyHost, options: SessionRecorderOptions) {
    const { facts, cols = 80, rows = 24, input = "off", whenFull = "wait", queueBytes = QUEUE_BYTES, eager = false } =
      options;
    const command = options.command ?? [facts.shell];
    this.#host = host;
    this.#timing = new TimingRecorder(host.clock);
    this.#pty = host.open({
      command: options.integration?.command ?? command,
      cols,
      rows,
      cwd: facts.cwd,
      env: options.integration?.env ?? facts.env,
      whenFull,
      queueBytes,
      tellTyped: input !== "off" || options.unseen !== undefined,
      eager,
      ...(options.attachment && { attachment: options.attachment }),
    });
    this.#recorder = new EventRecorder({ input, ...(options.unseen && { unseen: options.unseen }) });
    this.#screens = options.screen && new ScreenRecorder(options.screen);
    this.exited = this.#pty.exited;
    const { nonceSha256 } = options.integration ?? {};
    const metadata = new MetadataRecorder(facts, { ...options.metadata, ...(nonceSha256 && { nonceSha256 }) });
    const header = metadata.header({ command, cols, rows, startedAt: this.#timing.startedAt });
    this.#recorder.add({ kind: "header", time: 0, header });
  }

  /** Everything that happens, from `header` to `exit`. Cancelling it ends the program. */
  get events(): EventStream {
    return this.#events ??= new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  /**
   * The events that are next, for whoever reads without {@linkcode events}; `undefined` when there are no more. Empty when
   * the time of {@linkcode alarm} has come.
   */
  async next(): Promise<readonly SessionEvent[] | undefined> {
    for (;;) {
      this.#observeClock();
      const events = this.#drain();
      if (events.length > 0) return events;
      if (this.#ended && !this.#screens?.isHolding) {
        this.#screens?.close();
        return undefined;
      }
      if (this.#timing.now() >= this.#alarm) {
        this.#alarm = Infinity;
        return events;
      }
      await this.#waitForMore();
    }
  }

  /** Lets {@linkcode next} return at session time `time` at the latest. */
  alarm(time: Nanos): void {
    this.#alarm = time;
    this.#setAlarm();
  }

  /** Session time of this moment. */
  get now(): Nanos {
    return this.#timing.now();
  }

  /** Process id of the program. */
  get pid(): number {
    return this.#pty.pid;
  }

  /** Whether recording is switched off at the moment. */
  get paused(): boolean {
    return this.#recorder.paused;
  }

  /** Types for the user, or for whoever is named; resolves once the terminal has taken all of it. Recorded under the same rules as typed keys. */
  async write(data: Uint8Array, by?: string): Promise<void> {
    await this.#pty.write(data, by);
  }

  /** Sets a marker here and now. */
  mark(label: string): void {
    this.#mustRun("set a marker");
    this.#add({ kind: "marker", time: this.#timing.now(), label });
  }

  /** Gives the program's terminal a new size. */
  resize(cols: number, rows: number): void {
    this.#mustRun("resize");
    this.#pty.resize(cols, rows);
    this.#add({ kind: "resize", time: this.#timing.now(), cols, rows });
  }

  /** Sends a signal to the program in the foreground, and records that. */
  signal(name: string): void {
    this.#mustRun(`send ${name}`);
    this.#add({ kind: "signal", time: this.#timing.now(), name });
    this.#pty.kill(name);
  }

  /** Notes a signal that reached the recorder itself. */
  noteSignal(name: string): void {
    if (!this.#ended) this.#add({ kind: "signal", time: this.#timing.now(), name });
  }

  /** Notes a fact beside the terminal's own. */
  note(topic: string, data: Json): void {
    if (!this.#ended) this.#add({ kind: "note", time: this.#timing.now(), topic, data });
  }

  /** Stops keeping what happens; the session goes on. */
  pause(): void {
    this.#pause(this.#timing.now());
    this.#setAlarm(0);
  }

  /** Goes on keeping it. */
  resume(): void {
    this.#resume(this.#timing.now());
    this.#setAlarm(0);
  }

  /** Ends the program as a terminal that is closed does, after a second by force; the events end with its exit. */
  async stop(): Promise<void> {
    this.#pty.kill("SIGHUP");
    const gone = new AbortController();
    this.exited.then(() => gone.abort());
    await this.#host.clock.until(this.#host.clock.now() + SECOND, gone.signal);
    if (!gone.signal.aborted) this.#pty.kill("SIGKILL");
    await this.exited;
  }

  /** Ends the program and forgets what was not read yet. */
  async close(): Promise<void> {
    this.#screens?.close();
    await this.#pty.close();
  }

  #mustRun(what: string): void {
    if (this.#ended) throw new SessionError(`Cannot ${what}: the session has ended`);
  }

  #add(event: SessionEvent): void {
    this.#own.push(event);
    this.#setAlarm();
  }

  async #pull(controller: ReadableStreamDefaultController<readonly SessionEvent[]>): Promise<void> {
    let events = await this.next();
    while (events?.length === 0) events = await this.next();
    if (events) controller.enqueue(events);
    else controller.close();
  }

  /** The events that are certain and wait for nothing. */
  #drain(): SessionEvent[] {
    const events = this.#recorder.drain();
    if (!this.#screens) return events;
    this.#screens.hold(events);
    return this.#screens.release();
  }

  /** Waits for the terminal, or for what showed on it. */
  async #waitForMore(): Promise<void> {
    const screens = this.#screens;
    if (this.#ended) return await screens!.settled();
    if (!screens?.isHolding && !this.#reading) return await this.#readOnce();
    this.#reading ??= this.#readOnce().finally(() => this.#reading = undefined);
    await (screens?.isHolding ? Promise.race([this.#reading, screens.settled()]) : this.#reading);
  }

  /** Waits until the terminal has something to tell, or until something else is due. */
  async #readOnce(): Promise<void> {
    this.#setAlarm();
    const happenings = await this.#pty.next();
    if (!happenings) return await this.#end();
    for (const happening of happenings) this.#take(happening);
    if (happenings.length === 0) this.#settle(this.#timing.now());
  }

  #setAlarm(due: Nanos = Infinity): void {
    const now = this.#timing.now();
    const own = this.#own[0] ? this.#own[0].time + SETTLE : Infinity;
    const next = Math.min(due, own, this.#recorder.deadline ?? Infinity, this.#alarm, now + LOOK_AT_CLOCK);
    this.#pty.alarm(this.#host.clock.now() + Math.max(0, next - now));
  }

  #take(happening: PtyHappening): void {
    const time = this.#timing.at(happening.time);
    while (this.#own[0] && this.#own[0].time <= time) this.#put(this.#own.shift()!);
    if (happening.kind !== "key") {
      this.#recorder.take({ ...happening, time });
      return this.#watch(happening, time);
    }
    if (happening.key === "mark") this.#recorder.add({ kind: "marker", time, label: happening.label });
    else if (happening.key === "pause") this.#recorder.paused ? this.#resume(time) : this.#pause(time);
    this.onkey(happening.key);
  }

  /** Draws what was printed, recorded or not. */
  #watch(happening: PtyHappening, time: Nanos): void {
    if (happening.kind !== "output" || !this.#screens?.write(happening.data, !this.#recorder.paused)) return;
    this.#recorder.add(this.#screens.ask("keyframe", time));
  }

  #put(event: SessionEvent): void {
    if (event.kind === "resize") this.#screens?.resize(event.cols, event.rows);
    this.#recorder.add(event);
  }

  #pause(time: Nanos): void {
    this.#recorder.pause(time);
    this.#screens?.prepare();
  }

  /** What was printed meanwhile is not recorded, so no event tells what shows now. */
  #resume(time: Nanos): void {
    if (!this.#recorder.paused) return;
    this.#recorder.resume(time);
    if (this.#screens) this.#recorder.add(this.#screens.ask("screen", time));
  }

  /** Nothing has arrived for a while: what waited for it need not wait longer. */
  #settle(time: Nanos): void {
    while (this.#own[0] && this.#own[0].time + SETTLE <= time) this.#put(this.#own.shift()!);
    this.#recorder.release(time);
  }

  #observeClock(): void {
    if (this.#ended) return;
    const event = this.#timing.observe();
    if (event) this.#own.push(event); // not at once: output from before it may be under way
  }

  async #end(): Promise<void> {
    const status = await this.#pty.exited;
    for (const event of this.#own.splice(0)) this.#put(event);
    this.#recorder.flush();
    this.#recorder.resume(this.#timing.now());
    this.#recorder.add({ kind: "exit", time: this.#timing.now(), status });
    this.#ended = true;
    await this.#pty.close();
  }
}
