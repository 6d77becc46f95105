/**
 * Runs commands and measures them: on a terminal that throws everything away, or without one.
 *
 * A measured command runs on a fresh pseudo-terminal that this process reads with blocking calls, so the reading end costs the
 * same for everybody.
 * @module
 */

import {
  CLOCK_MONOTONIC,
  clockNanos,
  int,
  libc,
  O_CLOEXEC,
  O_NOCTTY,
  O_RDWR,
  POLLIN,
  setWindowSize,
} from "../../lib/host/libc.ts";

/** What a finished command has taken. */
export interface Cost {
  /** From the start to the last process reaped, in seconds. */
  readonly wall: number;
  /** User and system time of the command and all it waited for, in seconds. */
  readonly cpu: number;
  /** Bytes that came through the terminal. */
  readonly bytes: number;
}

const usage = Deno.dlopen("libc.so.6", { getrusage: { parameters: ["i32", "buffer"], result: "i32" } });
const RUSAGE_CHILDREN = -1;

/** Processor time of all children that have ended, in seconds. */
export function childrenTime(): number {
  const fields = new BigInt64Array(18);
  usage.symbols.getrusage(RUSAGE_CHILDREN, new Uint8Array(fields.buffer));
  return Number(fields[0]! + fields[2]!) + Number(fields[1]! + fields[3]!) / 1e6;
}

/** Runs a command without a terminal; its output goes nowhere. */
export async function runQuietly(command: readonly string[]): Promise<Cost> {
  const [program, ...args] = command;
  const before = childrenTime();
  const start = performance.now();
  const { success } = await new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "null" })
    .output();
  if (!success) throw new Error(`Cannot measure a command that fails: ${command.join(" ")}`);
  return { wall: (performance.now() - start) / 1000, cpu: childrenTime() - before, bytes: 0 };
}

/** Runs a command on a terminal and throws away what it prints. */
export async function runOnTerminal(command: readonly string[]): Promise<Cost> {
  const before = childrenTime();
  const start = performance.now();
  const terminal = new Terminal(command);
  const bytes = terminal.drain();
  if (!await terminal.close()) throw new Error(`Cannot measure a command that fails: ${command.join(" ")}`);
  return { wall: (performance.now() - start) / 1000, cpu: childrenTime() - before, bytes };
}

/** A pseudo-terminal that is read and written by blocking calls. */
export class Terminal {
  readonly #fd: number;
  readonly #child: Deno.ChildProcess;
  readonly #buffer = new Uint8Array(65_536);
  readonly #pollfd = new Int32Array(2);
  readonly #pollfdBytes = new Uint8Array(this.#pollfd.buffer);
  #hasSpoken = false;

  constructor([...command]: readonly string[]) {
    this.#fd = int(libc().posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
    libc().unlockpt(this.#fd);
    const name = new Uint8Array(64);
    libc().ptsname_r(this.#fd, name, 64n);
    const path = new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
    setWindowSize(this.#fd, 80, 24);
    this.#child = new Deno.Command("sh", {
      args: ["-c", `exec setsid --ctty "$@" <${path} >${path} 2>${path}`, "sh", ...command],
    }).spawn();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Reads to the end; returns how much there was. */
  drain(): number {
    let bytes = 0;
    for (let got = this.read(); got > 0; got = this.read()) bytes += got;
    return bytes;
  }

  /** Waits for output; 0 when nobody holds the other end any more. */
  read(): number {
    let got = this.#readOnce();
    // Before the child has opened its end there is nobody, which looks like the end.
    for (const start = now(); got <= 0 && !this.#hasSpoken && now() - start < 10e9; got = this.#readOnce()) wait(1);
    this.#hasSpoken = true;
    return Math.max(0, got);
  }

  #readOnce(): number {
    return libc().read(this.#fd, this.#buffer, BigInt(this.#buffer.length));
  }

  /** The last output read, `length` bytes of it, as text. */
  text(length: number): string {
    return new TextDecoder("latin1").decode(this.#buffer.subarray(0, length));
  }

  /** Whether output is there within `ms`. */
  hasOutput(ms: number): boolean {
    this.#pollfd[0] = this.#fd;
    this.#pollfd[1] = POLLIN;
    return libc().poll(this.#pollfdBytes, 1n, ms) > 0;
  }

  write(bytes: Uint8Array<ArrayBuffer>): void {
    libc().write(this.#fd, bytes, BigInt(bytes.length));
  }

  /** Waits for the command; says whether it succeeded. */
  async close(): Promise<boolean> {
    const { success } = await this.#child.status;
    libc().close(this.#fd);
    return success;
  }
}

/** Nanoseconds of a clock that never jumps. */
export function now(): number {
  return clockNanos(CLOCK_MONOTONIC);
}

/** Sleeps without giving up the thread. */
export function wait(ms: number): void {
  libc().poll(new Uint8Array(8), 0n, ms);
}

/** The value that stands at `part` of the sorted values. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.round(part * (sorted.length - 1))] ?? NaN;
}

/** The value in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Median, least and most of `mine[i] / other[i]`. */
export function ratios(mine: readonly number[], other: readonly number[]): string {
  const all = mine.map((value, at) => value / other[at]!);
  return `${median(all).toFixed(2)} (${Math.min(...all).toFixed(2)}–${Math.max(...all).toFixed(2)})`;
}

/** Runs `body` with a folder that is gone afterwards. */
export async function withFolder<Result>(body: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "term2ai-bench-" });
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
