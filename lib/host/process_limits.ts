/**
 * Calls of Linux about other processes: their limits, their priority, and whose children they become.
 *
 * A library of its own, so that recording does not wait until it is opened.
 * @module
 */

import { errno, errnoName, int, libc, WNOHANG } from "./libc.ts";

const SELDOM = { struct: ["i32"] } as const;

const SYMBOLS = {
  prlimit64: { parameters: ["i32", "i32", "buffer", "buffer"], result: SELDOM },
  setpriority: { parameters: ["i32", "u32", "i32"], result: SELDOM },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: SELDOM },
} as const;

let library: Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] | undefined;

function calls(): Deno.DynamicLibrary<typeof SYMBOLS>["symbols"] {
  return library ??= Deno.dlopen("libc.so.6", SYMBOLS).symbols;
}

/** What a single process can be limited in; numbers of `RLIMIT_*`. */
export const RESOURCES = { cpuSeconds: 0, fileBytes: 1, dataBytes: 2, processes: 6, openFiles: 7 } as const;

const UNLIMITED = 0xffff_ffff_ffff_ffffn;
const PR_SET_CHILD_SUBREAPER = 36;

/**
 * Limits a process that runs; what it starts from then on is limited alike. A limit that is lower already stays.
 *
 * @throws {Error} If the system refuses.
 */
export function limitProcess(pid: number, resource: keyof typeof RESOURCES, value: number): void {
  const before = new BigUint64Array(2);
  const number = RESOURCES[resource];
  if (int(calls().prlimit64(pid, number, null, new Uint8Array(before.buffer))) !== 0) throw refused(resource);
  const [, hard = UNLIMITED] = before;
  const wanted = BigInt(Math.max(0, Math.round(value)));
  const limit = wanted < hard ? wanted : hard;
  const after = new Uint8Array(BigUint64Array.of(limit, limit).buffer);
  if (int(calls().prlimit64(pid, number, after, null)) !== 0) throw refused(resource);
}

/** What a process is limited to; `Infinity` where it is not. */
export function limitOf(pid: number, resource: keyof typeof RESOURCES): number {
  const limits = new BigUint64Array(2);
  if (int(calls().prlimit64(pid, RESOURCES[resource], null, new Uint8Array(limits.buffer))) !== 0) {
    throw refused(resource);
  }
  return limits[0] === UNLIMITED ? Infinity : Number(limits[0]);
}

/** Gives a process less of the processor where others want it: 0 to 19. */
export function setNiceness(pid: number, niceness: number): boolean {
  return int(calls().setpriority(0, pid, niceness)) === 0;
}

/**
 * The same for all processes of this one's kernel session together, up to 19 and back to 0. Does nothing where the kernel does not
 * schedule them as a group. Returns `false` where it takes no change just now, because there was another one just before.
 */
export function setGroupNiceness(niceness: number): boolean {
  try {
    Deno.writeTextFileSync("/proc/self/autogroup", String(niceness), { create: false });
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.WouldBlock);
  }
}

/** Makes the kernel end a process earlier than others when memory runs out: 0 to 1000. */
export function endEarlier(pid: number, score: number): void {
  Deno.writeTextFileSync(`/proc/${pid}/oom_score_adj`, String(score));
}

/** This process becomes the parent of all descendants that lose theirs. */
export function adoptOrphans(): boolean {
  return int(calls().prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n)) === 0;
}

/** Lets go of an adopted child that has ended. */
export function reapOrphan(pid: number): void {
  libc().wait4(pid, new Uint8Array(4), WNOHANG, null);
}

function refused(resource: string): Error {
  return new Error(`Cannot limit ${resource} of a process: ${errnoName(errno())}`);
}
