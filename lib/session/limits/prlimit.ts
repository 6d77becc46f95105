/**
 * Limits of single processes: what every Linux has.
 *
 * They hold each process by itself, so ten processes may have ten times as much: the watchdog adds up. The number of processes
 * is limited for the user as a whole, and not at all for root.
 * @module
 */

import { endEarlier, limitProcess, setNiceness } from "../../host/process_limits.ts";
import type { Confinement, Means, SessionLimits } from "../limits.ts";

/** Sessions are ended before anything else of the user when memory runs out. */
const OOM_SCORE = 500;
/** How a session with a bound on its share of the processor is put behind others, which is all that can be done. */
const NICENESS = 10;

/** Holds each process of a session. */
export class ProcessConfinement implements Confinement {
  static readonly means: Means = {
    name: "prlimit",
    works: Deno.build.os === "linux",
    detail: Deno.build.os === "linux"
      ? "limits of single processes, added up by looking; shares of the processor become a lower priority"
      : "limits are for Linux",
  };
  readonly name = "prlimit";
  readonly holds: readonly (keyof SessionLimits)[] = [];
  readonly #limits: SessionLimits;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  take(pid: number): Promise<void> {
    const { memoryBytes, cpuSeconds, openFiles, cpuPercent, processes } = this.#limits;
    if (Object.keys(this.#limits).length > 0) endEarlier(pid, OOM_SCORE);
    if (memoryBytes !== undefined) limitProcess(pid, "dataBytes", memoryBytes);
    if (cpuSeconds !== undefined) limitProcess(pid, "cpuSeconds", Math.ceil(cpuSeconds));
    if (openFiles !== undefined) limitProcess(pid, "openFiles", openFiles);
    if (processes !== undefined && Deno.uid() !== 0) limitProcess(pid, "processes", processesOfUser() + processes);
    if (cpuPercent !== undefined) setNiceness(pid, NICENESS);
    return Promise.resolve();
  }

  killed(): number {
    return 0;
  }

  release(): Promise<void> {
    return Promise.resolve();
  }
}

/** Threads count too, for this limit. */
function processesOfUser(): number {
  const uid = Deno.uid();
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc")) {
    if (name.charCodeAt(0) > 57) continue;
    try {
      const status = Deno.readTextFileSync(`/proc/${name}/status`);
      if (Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]) === uid) count += Number(/^Threads:\s+(\d+)/m.exec(status)?.[1]);
    } catch {
      // it has ended meanwhile
    }
  }
  return count;
}
