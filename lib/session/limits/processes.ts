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
    const children = childrenOf(this.#adoptive)?.map(readProcess) ??
      allProcesses().filter(({ parent }) => parent === this.#adoptive);
    return children.filter((its) => its?.state === "Z" && its.pid !== this.#root).map((its) => its!.pid);
  }

  /** What they use now. `exact` tells shared memory apart, which takes the kernel longer. */
  measure(exact = false): Usage {
    const members = this.#family() ?? this.#members();
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

  /**
   * The same as all members, from what the kernel lists as children; `undefined` where that does not tell.
   *
   * Each of many hosts looks again and again, and would read the processes of all others too: with fifty that took half a
   * processor. The list may lack somebody while others end, so who is to be ended is looked for among all.
   */
  #family(): Process[] | undefined {
    if (this.#adoptive === 0) return undefined; // whoever lost its parent is somewhere
    const found = new Map<number, Process>();
    const waiting = childrenOf(this.#adoptive);
    for (let pid = waiting?.pop(); pid !== undefined; pid = waiting!.pop()) {
      const its = found.has(pid) ? undefined : readProcess(pid);
      if (!its || its.state === "Z") continue;
      found.set(pid, its);
      waiting!.push(...childrenOf(pid) ?? []);
    }
    return waiting && [...found.values()];
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
      const its = name.charCodeAt(0) <= 57 ? readProcess(Number(name)) : undefined;
      if (its) found.push(its);
    }
  } catch {
    // no /proc here: nothing is known
  }
  return found;
}

/** Those that have this one for a parent; `undefined` where the kernel does not list them, or it has ended. */
function childrenOf(pid: number): number[] | undefined {
  const lists = threadsOf(pid).map((thread) => textOf(`/proc/${pid}/task/${thread}/children`));
  if (lists.every((list) => list === undefined)) return undefined;
  return lists.flatMap((list) => list?.split(" ") ?? []).filter((child) => child !== "").map(Number);
}

function threadsOf(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function textOf(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined; // it has ended meanwhile
  }
}

function readProcess(pid: number): Process | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name may hold anything, brackets and blanks included; it ends with the last bracket.
  const [state, ...fields] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 4]); // as proc(5) counts them
  return {
    pid,
    state: state!,
    parent: field(4),
    session: field(6),
    ticks: field(14) + field(15),
    reapedTicks: field(16) + field(17),
    pages: field(24),
  };
}

/** Memory of a process, with its share of what it shares; `undefined` where the kernel does not tell. */
export function proportionalSize(pid: number): number | undefined {
  const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`) ?? "") ?? [];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Where the program in the foreground works; `undefined` where that cannot be told. */
export function workingDirectory(pid: number): string | undefined {
  try {
    return Deno.readLinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
