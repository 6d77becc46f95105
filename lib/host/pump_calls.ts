/**
 * The system calls of the pump that need care: none of them waits.
 * @module
 */

import type { ExitStatus, Nanos } from "../event.ts";
import { signalName } from "../text/signals.ts";
import { CLOCK_MONOTONIC, clockNanos, EAGAIN, EINTR, errno, int, libc, POLLOUT, WNOHANG } from "./libc.ts";

/** A write to a terminal of more than this may stall although `poll` said it would not. */
export const WRITE_BYTES = 4_096;

/** Whether the call that just failed only found nothing to do yet. */
export function mayRetry(): boolean {
  const error = errno();
  return error === EAGAIN || error === EINTR;
}

/** By the clock that stamps what happens. */
export function now(): Nanos {
  return clockNanos(CLOCK_MONOTONIC);
}

/** Writes what fits without waiting; -1 when nothing can be written any more. */
export function writeSome(fd: number, bytes: Uint8Array, careful: boolean): number {
  for (let at = 0; at < bytes.length;) {
    if (careful && !takesMore(fd)) return at;
    const piece = bytes.subarray(at, at + WRITE_BYTES);
    const written = libc().write(fd, piece, BigInt(piece.length));
    if (written < 0) return mayRetry() ? at : -1;
    at += written;
  }
  return bytes.length;
}

const single = new Int32Array(2);
const singleBytes = new Uint8Array(single.buffer);

/** Whether a write of {@linkcode WRITE_BYTES} would not block. */
function takesMore(fd: number): boolean {
  single[0] = fd;
  single[1] = POLLOUT;
  return libc().poll(singleBytes, 1n, 0) > 0;
}

const waitStatus = new Int32Array(1);
const waitStatusBytes = new Uint8Array(waitStatus.buffer);

/** How the program ended, or `undefined` while it runs. Never waits for a process that is not ours. */
export function reap(pid: number): ExitStatus | undefined {
  if (int(libc().wait4(pid, waitStatusBytes, WNOHANG, null)) !== pid) return undefined;
  const status = waitStatus[0]!;
  const signal = status & 127;
  return signal === 0 ? { code: (status >> 8) & 255 } : { signal: signalName(signal) };
}
