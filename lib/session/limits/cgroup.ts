/**
 * A control group (version 2) for each session, where one was delegated to us to make them in.
 * @module
 */

import type { Confinement, SessionLimits } from "../limits.ts";

/** A group that we may make groups in. */
export interface DelegatedGroup {
  readonly path: string;
}

const CONTROLLERS = ["memory", "pids", "cpu"];

/**
 * Our own control group, if we may make others in it that have the controllers we need; else why not.
 *
 * @param root Where the kernel's files are, for tests: `/` usually; ends with a slash.
 */
export function findDelegatedGroup(root = "/"): DelegatedGroup | string {
  const own = /^0::(.*)$/m.exec(read(`${root}proc/self/cgroup`) ?? "")?.[1];
  const mount = read(`${root}proc/self/mountinfo`)?.split("\n").find((line) => line.includes(" - cgroup2 "))?.split(
    " ",
  )[4];
  if (own === undefined || mount === undefined) return "there are no control groups of version 2";
  const path = `${root.slice(0, -1)}${mount}${own === "/" ? "" : own}`;
  const there = read(`${path}/cgroup.controllers`)?.split(/\s+/) ?? [];
  const missing = CONTROLLERS.filter((name) => !there.includes(name));
  if (missing.length > 0) return `${path} lacks the controllers ${missing.join(", ")}`;
  const given = read(`${path}/cgroup.subtree_control`)?.split(/\s+/) ?? [];
  const wanted = CONTROLLERS.filter((name) => !given.includes(name));
  if (wanted.length === 0 || write(`${path}/cgroup.subtree_control`, wanted.map((name) => `+${name}`).join(" "))) {
    return mayMakeGroups(path) ? { path } : `${path} is not delegated to us`;
  }
  return `${path} does not hand its controllers on: it has processes of its own, or is not delegated to us`;
}

/** Holds a session in a control group of its own. */
export class CgroupConfinement implements Confinement {
  readonly name = "cgroup";
  readonly holds: readonly (keyof SessionLimits)[] = ["memoryBytes", "cpuPercent", "processes"];
  readonly #path: string;
  readonly #limits: SessionLimits;

  constructor(group: DelegatedGroup, id: string, limits: SessionLimits) {
    this.#path = `${group.path}/term2ai-${id}`;
    this.#limits = limits;
  }

  take(pid: number): Promise<void> {
    const { memoryBytes, processes, cpuPercent } = this.#limits;
    Deno.mkdirSync(this.#path, { recursive: true });
    if (memoryBytes !== undefined) {
      this.#set("memory.max", String(memoryBytes));
      write(`${this.#path}/memory.swap.max`, "0");
    }
    if (processes !== undefined) this.#set("pids.max", String(processes));
    if (cpuPercent !== undefined) this.#set("cpu.max", `${Math.round(cpuPercent * 1000)} 100000`);
    this.#set("cgroup.procs", String(pid));
    return Promise.resolve();
  }

  killed(): number {
    return Number(/^oom_kill (\d+)/m.exec(read(`${this.#path}/memory.events`) ?? "")?.[1] ?? 0);
  }

  release(): Promise<void> {
    write(`${this.#path}/cgroup.kill`, "1");
    return Deno.remove(this.#path).catch(() => {});
  }

  #set(file: string, value: string): void {
    Deno.writeTextFileSync(`${this.#path}/${file}`, value);
  }
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).trimEnd();
  } catch {
    return undefined;
  }
}

function write(path: string, text: string): boolean {
  try {
    Deno.writeTextFileSync(path, text, { create: false });
    return true;
  } catch {
    return false;
  }
}

function mayMakeGroups(path: string): boolean {
  const trial = `${path}/term2ai-trial-${Deno.pid}`;
  try {
    Deno.mkdirSync(trial);
    Deno.removeSync(trial);
    return true;
  } catch {
    return false;
  }
}
