/**
 * Runs the pump: in the main thread for the first moments, then in a Worker of its own.
 *
 * Starting a Worker takes longer than many a short recording takes in all, so there is none before a terminal has been open
 * for {@linkcode WORKER_AFTER}. From then on typing is passed on however busy the main thread is. Where no Worker can
 * run, the pump stays in the main thread, waiting in one thread of the runtime's pool for all terminals together.
 * @module
 */

import type { Nanos } from "../event.ts";
import { int, libc, O_CLOEXEC, O_NONBLOCK } from "./libc.ts";
import { now } from "./pump_calls.ts";
import { PumpCore } from "./pump_core.ts";
import { IN_FLIGHT, type Line, WANTS_WAKING } from "./pump_line.ts";
import type { LineNews, PumpCommand, PumpMessage, PumpNews, PumpReply } from "./pump_messages.ts";
import { drainPipe, LOOK, MESSAGE } from "./pump_wake.ts";

/** `rec -- true` as a whole process takes less than this where an empty script takes 30 ms. */
const WORKER_AFTER: Nanos = 40_000_000;

let running: Pump | undefined;

/** One life of the pump: from the first line that needs it to the end of the last. */
export class Pump {
  readonly #wakeRead: number;
  readonly #wakeWrite: number;
  readonly #core: PumpCore;
  readonly #listeners = new Map<number, (news: LineNews) => void>();
  readonly #alarms = new Map<number, Nanos>();
  readonly #stopped = Promise.withResolvers<void>();
  #worker: Worker | undefined;
  readonly #workerDue: Nanos = now() + WORKER_AFTER;
  #alarmTimer: ReturnType<typeof setTimeout> | undefined;
  #workerFailed = false;
  #looping = false;
  #phase: "here" | "moving" | "there" | "over" = "here";

  private constructor() {
    const ends = new Int32Array(2);
    if (int(libc().pipe2(new Uint8Array(ends.buffer), O_NONBLOCK | O_CLOEXEC)) !== 0) {
      throw new Error("Cannot make a pipe: too many open files");
    }
    [this.#wakeRead, this.#wakeWrite] = ends as unknown as [number, number];
    this.#core = new PumpCore(this.#wakeRead, (news) => this.#hear(news));
  }

  /** Serves a line with the pump that runs, or starts it; `listener` hears all about the line. */
  static serve(line: Line, listener: (news: LineNews) => void): Pump {
    const pump = running ??= new Pump();
    pump.#listeners.set(line.id, listener);
    pump.command({ op: "serve", line });
    if (!pump.#looping) pump.#runHere();
    return pump;
  }

  /** Passes a command on to wherever the pump runs. */
  command(command: PumpCommand): void {
    if (this.#phase === "over") return;
    if (this.#phase === "there") return this.#send(command);
    this.#core.command(command);
    this.#wake(LOOK);
  }

  /** Tells the pump that `bytes` of a line's output were taken from the queue. */
  taken(line: Line, bytes: number): void {
    Atomics.sub(line.shared, IN_FLIGHT, bytes);
    if (Atomics.exchange(line.shared, WANTS_WAKING, 0) === 1 && this.#phase !== "over") this.#wake(LOOK);
  }

  /** Tells the line's listener when `time` has come; replaces its earlier alarm. */
  alarm(line: Line, time: Nanos): void {
    this.#alarms.set(line.id, time);
    if (this.#phase === "there") this.#setAlarmTimer();
    else if (this.#phase !== "over") this.#wake(LOOK);
  }

  /** Resolves at once while lines are open, else when the Worker and its pipe are gone. */
  async settled(): Promise<void> {
    if (this.#listeners.size === 0) await this.#stopped.promise;
  }

  #send(message: PumpMessage): void {
    this.#worker!.postMessage(message);
    this.#wake(MESSAGE);
  }

  #wake(why: typeof MESSAGE | typeof LOOK): void {
    libc().write(this.#wakeWrite, Uint8Array.of(why), 1n);
  }

  /**
   * The pump's loop while it runs in the main thread. It does without `setTimeout`, whose first use alone takes longer than
   * all the rest of a short recording: whatever is due shortens the wait in `poll`.
   */
  async #runHere(): Promise<void> {
    this.#looping = true;
    while (this.#phase === "here" && !this.#core.idle) {
      const { pollfds, count, timeout } = this.#core.prepare();
      await libc().pollInPool(pollfds, BigInt(count), this.#waitAtMost(timeout));
      if (this.#core.handle()) drainPipe(this.#wakeRead);
      this.#fireAlarms();
      if (this.#phase === "here" && !this.#worker && !this.#workerFailed && now() >= this.#workerDue) {
        this.#startWorker();
      }
    }
    if (this.#phase === "moving") this.#move();
  }

  #waitAtMost(timeout: number): number {
    const due = Math.min(...this.#alarms.values(), this.#worker || this.#workerFailed ? Infinity : this.#workerDue);
    if (due === Infinity) return timeout;
    const wait = Math.max(0, Math.ceil((due - now()) / 1e6));
    return timeout < 0 ? wait : Math.min(timeout, wait);
  }

  #fireAlarms(): void {
    for (const [id, time] of this.#alarms) {
      if (now() < time) continue;
      this.#alarms.delete(id);
      this.#listeners.get(id)?.({ news: "alarm" });
    }
  }

  #setAlarmTimer(): void {
    clearTimeout(this.#alarmTimer);
    if (this.#alarms.size === 0) return;
    const wait = Math.max(0, Math.ceil((Math.min(...this.#alarms.values()) - now()) / 1e6));
    this.#alarmTimer = setTimeout(() => {
      this.#fireAlarms();
      this.#setAlarmTimer();
    }, wait);
  }

  #startWorker(): void {
    const worker = new Worker(new URL("./pump_worker.ts", import.meta.url).href, { type: "module", name: "pump" });
    worker.onerror = (event) => {
      event.preventDefault();
      if (this.#phase === "there") throw new Error(`The pump has stopped: ${event.message}`);
      worker.terminate();
      this.#worker = undefined;
      this.#workerFailed = true;
    };
    worker.onmessage = ({ data }: MessageEvent<PumpReply>) => {
      if (this.#phase === "over") return; // on its way when the last line ended; our pipe may be somebody else's by now
      if (data.news === "ready") this.#phase = "moving";
      else if (data.news === "stopped") return this.#finish();
      else return this.#hear(data);
      this.#wake(LOOK);
    };
    this.#worker = worker;
  }

  #move(): void {
    this.#phase = "there";
    const message: PumpMessage = { op: "start", wakeFd: this.#wakeRead, lines: this.#core.surrender() };
    this.#worker!.postMessage(message);
    this.#setAlarmTimer();
  }

  #hear(news: PumpNews): void {
    this.#listeners.get(news.id)?.(news);
    if (news.news !== "ended") return;
    this.#listeners.delete(news.id);
    this.#alarms.delete(news.id);
    if (this.#listeners.size === 0) this.#stop();
  }

  #stop(): void {
    if (running === this) running = undefined;
    if (this.#phase === "there") return this.#send({ op: "stop" });
    // At once: a worker that is just ready must not be given the pipe, whose number may be another pump's by the time it polls.
    this.#phase = "over";
    queueMicrotask(() => this.#finish());
  }

  #finish(): void {
    this.#phase = "over";
    if (this.#alarmTimer !== undefined) clearTimeout(this.#alarmTimer);
    this.#worker?.terminate();
    libc().close(this.#wakeRead);
    libc().close(this.#wakeWrite);
    this.#stopped.resolve();
  }
}
