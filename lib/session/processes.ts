/**
 * The processes of a session, and what they use, from `/proc`.
 *
 * A session's are the program, all that descends from it, and all in its kernel session. The host makes itself the parent of
 * what loses its own (`PR_SET_CHILD_SUBREAPER`), so that a daemon does not get away by forking twice.
 * @module
 */

/** One line of `/proc/PID/stat`, as far as it is needed. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly state: string;
  /** Clock ticks in user and system mode. */
  readonly ticks: number;
  /** The same of children that were waited for. */
  readonly reapedTicks: number;
  /** Resident pages. */
  readonly pages: number;
}

/** What a session's processes use at one moment. */
export interface Usage {
  readonly processes: number;
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
}

/** Nothing at all, or not known. */
export const NO_USAGE: Usage = { processes: 0, memoryBytes: 0, cpuSeconds: 0 };

const TICKS = 100; // USER_HZ, the same on every Linux
const PAGE = 4096;

/** Follows the processes of one session. */
export class ProcessGroup {
  readonly #root: number;
  readonly #adoptive: number; // who becomes the parent of orphans
  #ticks = 0; // most seen so far: what nobody waited for takes its time with it

  /**
   * @param root The program.
   * @param adoptive The process that inherits orphans of the session, or 0.
   */
  constructor(root: number, adoptive: number) {
    this.#root = root;
    this.#adoptive = adoptive;
  }

  /** Ids of all that live, the program first. */
  pids(): number[] {
    return this.#members().map(({ pid }) => pid);
  }

  /** Ids of orphans that have ended and that nobody has waited for. */
  zombies(): number[] {
    if (this.#adoptive === 0) return [];
    return allProcesses().filter((its) => its.parent === this.#adoptive && its.state === "Z" && its.pid !== this.#root)
      .map(({ pid }) => pid);
  }

  /** What they use now. `exact` tells shared memory apart, which takes the kernel longer. */
  measure(exact = false): Usage {
    const members = this.#members();
    const memory = members.map((its) => exact ? proportionalSize(its.pid) ?? its.pages * PAGE : its.pages * PAGE);
    // The time of a process that has ended is in its parent, once that has waited for it.
    this.#ticks = Math.max(this.#ticks, members.reduce((sum, its) => sum + its.ticks + its.reapedTicks, 0));
    return {
      processes: members.length,
      memoryBytes: memory.reduce((sum, bytes) => sum + bytes, 0),
      cpuSeconds: this.#ticks / TICKS,
    };
  }

  /** The one that has most memory. */
  largest(): { pid: number; memoryBytes: number } | undefined {
    const [first] = this.#members().toSorted((a, b) => b.pages - a.pages);
    return first && { pid: first.pid, memoryBytes: first.pages * PAGE };
  }

  #members(): Process[] {
    const all = allProcesses().filter(({ state }) => state !== "Z");
    const byParent = Map.groupBy(all, ({ parent }) => parent);
    const found = new Map<number, Process>();
    const visit = (its: Process) => {
      if (found.has(its.pid)) return;
      found.set(its.pid, its);
      for (const child of byParent.get(its.pid) ?? []) visit(child);
    };
    for (const its of all) if (its.pid === this.#root) visit(its);
    for (const its of all) if (its.session === this.#root) visit(its);
    for (const orphan of this.#adoptive === 0 ? [] : byParent.get(this.#adoptive) ?? []) visit(orphan);
    return [...found.values()];
  }
}

/** Every process that can be seen. */
function allProcesses(): Process[] {
  const found: Process[] = [];
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      const its = name.charCodeAt(0) <= 57 ? readProcess(name) : undefined;
      if (its) found.push(its);
    }
  } catch {
    // no /proc here: nothing is known
  }
  return found;
}

function readProcess(pid: string): Process | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/stat`);
    // The name may hold anything, brackets and blanks included; it ends with the last bracket.
    const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const field = (number: number) => Number(fields[number - 4]); // as proc(5) counts them
    return {
      pid: Number(pid),
      state: state!,
      parent: field(4),
      session: field(6),
      ticks: field(14) + field(15),
      reapedTicks: field(16) + field(17),
      pages: field(24),
    };
  } catch {
    return undefined; // it has ended meanwhile
  }
}

/** Memory of a process, with its share of what it shares; `undefined` where the kernel does not tell. */
export function proportionalSize(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`)) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Where the program in the foreground works; `undefined` where that cannot be told. */
export function workingDirectory(pid: number): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
