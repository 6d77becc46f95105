/**
 * What a session may use, and the means by which the system holds it to that.
 *
 * `confine.ts` chooses the best means that works here when a session starts; `watchdog.ts` does what they cannot.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * What a session may use. What is absent is not limited.
 *
 * @example
 * ```ts
 * const modest: SessionLimits = { memoryBytes: 512 << 20, processes: 100, lifetimeSeconds: 3600 };
 * ```
 */
export interface SessionLimits {
  /** Memory of all its processes together. */
  readonly memoryBytes?: number;
  /** Share of one processor, 100 for all of one. */
  readonly cpuPercent?: number;
  /** Processor time in all; the session is ended when it is used up. */
  readonly cpuSeconds?: number;
  /** Processes at one time. */
  readonly processes?: number;
  /** Files that each process may have open. */
  readonly openFiles?: number;
  /** Output; a program that prints more has to wait. */
  readonly outputBytesPerSecond?: number;
  /** Size of the recording; recording ends there, the session goes on. */
  readonly recordingBytes?: number;
  /** Time without output and input, after which the session is ended. */
  readonly idleSeconds?: number;
  /** Time after which the session is ended. */
  readonly lifetimeSeconds?: number;
}

/** What holds the processes of one session. */
export interface Confinement {
  readonly name: "systemd" | "cgroup" | "prlimit";
  /** The limits that the kernel itself keeps, for the session as a whole. */
  readonly holds: readonly (keyof SessionLimits)[];
  /** Takes the program in, as early as possible. */
  take(pid: number): Promise<void>;
  /** How often the kernel has ended something for want of memory. */
  killed(): number;
  /** Gives up what was made for it. */
  release(): Promise<void>;
}

/** Whether a means works here, and why not. */
export interface Means {
  readonly name: Confinement["name"];
  readonly works: boolean;
  readonly detail: string;
}
