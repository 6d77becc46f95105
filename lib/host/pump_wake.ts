/**
 * The pipe that wakes the pump from `poll`, and what its bytes say.
 * @module
 */

import { libc } from "./libc.ts";

/** What a byte in the wake pipe says: a message is on its way, or look again because something changed. */
export const MESSAGE = 1;
export const LOOK = 2;

/** Takes all wake-ups out of the pipe and says how many of them announce a message. */
export function drainPipe(fd: number): number {
  const bytes = new Uint8Array(256);
  let messages = 0;
  for (let got = 0; (got = libc().read(fd, bytes, 256n)) > 0;) {
    for (const why of bytes.subarray(0, got)) if (why === MESSAGE) messages++;
  }
  return messages;
}
