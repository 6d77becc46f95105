/**
 * Holds a session to the limits that the system does not hold it to, and tells what happens at them.
 *
 * It looks at the processes a few times a second while they work, and once in two while they rest. What it does is recorded as a
 * `note` of topic `limit` and told to everybody attached; what the session uses is recorded as `usage`.
 * @module
 */

import type { Json } from "../../event.ts";
import { reapOrphan } from "../../host/process_limits.ts";
import type { Confinement, SessionLimits } from "../limits.ts";
import type { Monitor } from "./monitor.ts";
import type { Usage } from "./processes.ts";

const BUSY_MS = 100;
const RESTING_MS = 2000;
/** Between two samples that are recorded; an idle session has fewer. */
const SAMPLE_MS = 10_000;
const REST_SAMPLE_MS = 60_000;
/** So often a session may go over its number of processes, within ten seconds, before it is ended. */
const STRIKES = 3;
const STRIKES_MS = 10_000;

/** What the watchdog sees and does. */
export interface Watched {
  readonly monitor: Monitor;
  readonly confinement: Confinement;
  /** Process id of the program. */
  readonly pid: number;
  /** Milliseconds since the last output or input. */
  quiet(): number;
  /** Bytes in the recording. */
  recordedBytes(): Promise<number>;
  /** Ends the recording; `data` is the note that it ends with. */
  stopRecording(why: string, data: Json): Promise<void>;
  /** Ends the session; by force where it would not listen. */
  stop(force: boolean): void;
  announce(topic: string, data: Json, text: string): void;
  sample(data: Json): void;
}

/** Looks, and acts. */
export class Watchdog {
  readonly #limits: SessionLimits;
  readonly #watched: Watched;
  readonly #startedAt = performance.now();
  readonly #told = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;
  #last: Usage | undefined;
  #lastSample = -Infinity;
  #killed = 0;
  #strikes: number[] = [];

  constructor(limits: SessionLimits, watched: Watched) {
    this.#limits = limits;
    this.#watched = watched;
  }

  /** Begins to look. */
  start(): void {
    this.#schedule(BUSY_MS);
  }

  /** Looks no more. */
  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #schedule(wait: number): void {
    this.#timer = setTimeout(async () => {
      await this.#look().catch(() => {});
      if (!this.#over) this.#schedule(this.#nextLook());
    }, wait);
  }

  /** Soon again while something is going on that could go over a limit. */
  #nextLook(): number {
    const { memoryBytes, processes, cpuSeconds, idleSeconds, lifetimeSeconds } = this.#limits;
    const isBusy = this.#watched.quiet() < 1000 || this.#isWorking;
    const looks = memoryBytes ?? processes ?? cpuSeconds;
    const due = Math.min(
      idleSeconds === undefined ? Infinity : idleSeconds * 1000 - this.#watched.quiet(),
      lifetimeSeconds === undefined ? Infinity : this.#startedAt + lifetimeSeconds * 1000 - performance.now(),
    );
    const usual = looks !== undefined && isBusy ? BUSY_MS : RESTING_MS;
    return Math.max(20, Math.min(usual, due));
  }

  #isWorking = true;

  async #look(): Promise<void> {
    const { monitor } = this.#watched;
    const usage = monitor.group.measure();
    this.#isWorking = !this.#last || usage.cpuSeconds > this.#last.cpuSeconds ||
      usage.processes !== this.#last.processes || usage.memoryBytes > this.#last.memoryBytes * 1.05;
    this.#last = usage;
    for (const pid of monitor.group.zombies()) reapOrphan(pid);
    this.#sample();
    this.#holdMemory(usage);
    this.#holdProcesses(usage);
    this.#holdTimes(usage);
    await this.#holdRecording();
  }

  #sample(): void {
    const now = performance.now();
    const every = this.#watched.quiet() < SAMPLE_MS ? SAMPLE_MS : REST_SAMPLE_MS;
    if (now - this.#lastSample < every) return;
    this.#lastSample = now;
    const { usage, hostMemoryBytes } = this.#watched.monitor.look();
    this.#watched.sample({ ...usage, hostMemoryBytes });
  }

  #holdMemory(usage: Usage): void {
    const { memoryBytes: limit } = this.#limits;
    if (limit === undefined) return;
    const killed = this.#watched.confinement.killed();
    if (killed > this.#killed) {
      this.#tell("memory", limit, `the system has ended ${killed - this.#killed} of its processes`);
    }
    this.#killed = killed;
    if (this.#watched.confinement.holds.includes("memoryBytes")) return;
    if (usage.memoryBytes > 0.9 * limit && usage.memoryBytes <= limit) {
      this.#once("memory-near", () => this.#tell("memory", limit, "it has nine tenths of that"));
    }
    if (usage.memoryBytes <= limit) return;
    const exact = this.#watched.monitor.group.measure(true); // pages that processes share were counted for each
    if (exact.memoryBytes <= limit) return;
    const largest = this.#watched.monitor.group.largest();
    if (!largest) return;
    kill(largest.pid, "SIGKILL");
    this.#tell("memory", limit, `its largest process, ${largest.pid} with ${mega(largest.memoryBytes)}, was ended`);
  }

  /** All are stopped first, so that none goes on making others while they are ended; the program goes on afterwards. */
  #holdProcesses({ processes }: Usage): void {
    const { processes: limit } = this.#limits;
    if (limit === undefined || processes <= limit) return;
    const { monitor, pid } = this.#watched;
    const others = new Set<number>();
    kill(pid, "SIGSTOP"); // or, on a busy machine, it might make others faster than they are found
    for (let found = -1; found < others.size;) {
      found = others.size;
      for (const one of monitor.group.pids()) {
        if (one === pid || others.has(one)) continue;
        others.add(one);
        kill(one, "SIGSTOP");
      }
    }
    for (const one of others) kill(one, "SIGKILL");
    kill(pid, "SIGCONT");
    const now = performance.now();
    this.#strikes = [...this.#strikes.filter((time) => now - time < STRIKES_MS), now];
    const ends = this.#strikes.length >= STRIKES;
    this.#tell("processes", limit, `${others.size} were ended${ends ? ", and now the session" : ""}`);
    if (ends) this.#watched.stop(true);
  }

  #holdTimes({ cpuSeconds }: Usage): void {
    const { cpuSeconds: cpu, idleSeconds: idle, lifetimeSeconds: life } = this.#limits;
    const end = (limit: string, value: number) =>
      this.#once(limit, () => {
        this.#tell(limit, value, "the session is ended");
        this.#watched.stop(limit === "cpu");
      });
    if (cpu !== undefined && cpuSeconds >= cpu) end("cpu", cpu);
    if (idle !== undefined && this.#watched.quiet() >= idle * 1000) end("idle", idle);
    if (life !== undefined && performance.now() - this.#startedAt >= life * 1000) end("lifetime", life);
  }

  async #holdRecording(): Promise<void> {
    const { recordingBytes: limit } = this.#limits;
    if (limit === undefined || this.#told.has("recording")) return;
    if (await this.#watched.recordedBytes() < limit) return;
    this.#told.add("recording");
    const what = "recording has ended, the session goes on";
    await this.#watched.stopRecording("it has the size it may have", { limit: "recording", value: limit, what });
    this.#tell("recording", limit, what);
  }

  #once(what: string, act: () => void): void {
    if (this.#told.has(what)) return;
    this.#told.add(what);
    act();
  }

  #tell(limit: string, value: number, what: string): void {
    this.#watched.announce("limit", { limit, value, what }, `The limit of ${limit} is reached: ${what}`);
  }
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // it has ended meanwhile
  }
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}
