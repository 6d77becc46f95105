/**
 * The user's own terminal: its size, its raw mode, and giving it back as it was.
 *
 * On Linux it is opened anew as `/dev/tty`, for two reasons: the recording may go down stdout at the same time, and only a
 * descriptor of our own can be made non-blocking without doing the same to the shell that started us. `Deno.stdin.setRaw`
 * is not used there because it leaves output processing on, which turns each `\r\n` of the session into `\r\r\n`, and it
 * does not restore anything when a signal ends the process.
 * @module
 */

import { writeAll } from "./file.ts";
import {
  cString,
  EAGAIN,
  EINTR,
  errno,
  int,
  libc,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDWR,
  POLLIN,
  POLLOUT,
  windowSize,
} from "./libc.ts";

/** A terminal that somebody sits at. */
export interface UserTerminal {
  /** Descriptor that what is typed comes from. */
  readonly input: number;
  /** Descriptor that the session is shown on. */
  readonly output: number;
  size(): { cols: number; rows: number } | undefined;
  /** Every key reaches the session, and every byte of the session reaches the screen as it is. */
  makeRaw(): void;
  /** Undoes {@linkcode makeRaw}; does nothing when there is nothing to undo. */
  restore(): void;
  /** Writes words of our own. */
  write(text: string): void;
  /** What is typed next; `undefined` when the terminal is gone. */
  read(): Promise<Uint8Array | undefined>;
  /** Shows bytes; resolves when the terminal has taken all of them. */
  show(bytes: Uint8Array): Promise<void>;
  /** Throws away what was typed and not read yet. */
  discardInput(): void;
  /** Restores and lets go. */
  close(): void;
}

/** The terminal this process was started from, or `undefined` without one. */
export function openUserTerminal(): UserTerminal | undefined {
  if (Deno.build.os !== "linux") return Deno.stdin.isTerminal() ? new PlainTerminal() : undefined;
  const fd = int(libc().open(cString("/dev/tty"), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 0));
  return fd < 0 ? undefined : new DevTty(fd);
}

/** The size of the terminal behind a standard descriptor, where it is one. */
export function terminalSize(): { cols: number; rows: number } | undefined {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { cols: columns, rows } : undefined;
  } catch {
    return undefined;
  }
}

const TCSANOW = 0;
const TERMIOS_BYTES = 64;

class DevTty implements UserTerminal {
  readonly #fd: number;
  #before: Uint8Array<ArrayBuffer> | undefined; // the settings to go back to

  constructor(fd: number) {
    this.#fd = fd;
  }

  get input(): number {
    return this.#fd;
  }

  get output(): number {
    return this.#fd;
  }

  size(): { cols: number; rows: number } | undefined {
    return windowSize(this.#fd);
  }

  makeRaw(): void {
    const settings = new Uint8Array(TERMIOS_BYTES);
    if (int(libc().tcgetattr(this.#fd, settings)) !== 0) return;
    this.#before ??= settings.slice();
    libc().cfmakeraw(settings);
    libc().tcsetattr(this.#fd, TCSANOW, settings);
  }

  restore(): void {
    if (this.#before) libc().tcsetattr(this.#fd, TCSANOW, this.#before);
    this.#before = undefined;
  }

  write(text: string): void {
    const bytes = new TextEncoder().encode(text);
    libc().write(this.#fd, bytes, BigInt(bytes.length));
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const found = await this.#ready(POLLIN, -1);
      const bytes = new Uint8Array(4096);
      const got = libc().read(this.#fd, bytes, BigInt(bytes.length));
      if (got > 0) return bytes.subarray(0, got);
      if (got === 0 || (found & ~POLLIN) !== 0 || (errno() !== EAGAIN && errno() !== EINTR)) return undefined;
    }
  }

  async show(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + 4096) as Uint8Array<ArrayBuffer>;
      const written = libc().write(this.#fd, piece, BigInt(piece.length));
      if (written > 0) at += written;
      else if (errno() === EAGAIN || errno() === EINTR) await this.#ready(POLLOUT, 100);
      else return; // it is gone; whoever reads it will notice
    }
  }

  discardInput(): void {
    const bytes = new Uint8Array(4096);
    while (libc().read(this.#fd, bytes, BigInt(bytes.length)) > 0);
  }

  close(): void {
    this.restore();
    libc().close(this.#fd);
  }

  async #ready(events: number, ms: number): Promise<number> {
    const pollfd = Int32Array.of(this.#fd, events);
    await libc().pollInPool(new Uint8Array(pollfd.buffer), 1n, ms);
    return pollfd[1]! >>> 16;
  }
}

/** Where there is no libc to call: what Deno offers. */
class PlainTerminal implements UserTerminal {
  readonly input = 0;
  readonly output = 1;
  #raw = false;

  size(): { cols: number; rows: number } | undefined {
    return terminalSize();
  }

  makeRaw(): void {
    Deno.stdin.setRaw(true);
    this.#raw = true;
  }

  restore(): void {
    if (this.#raw) Deno.stdin.setRaw(false);
    this.#raw = false;
  }

  write(text: string): void {
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  }

  async read(): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(4096);
    const got = await Deno.stdin.read(bytes).catch(() => null);
    return got === null ? undefined : bytes.subarray(0, got);
  }

  async show(bytes: Uint8Array): Promise<void> {
    await writeAll(Deno.stdout, bytes).catch(() => {});
  }

  discardInput(): void {
    // nothing tells what waits there
  }

  close(): void {
    this.restore();
  }
}
