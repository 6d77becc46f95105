/**
 * The C library of Linux, as far as terminals need it.
 *
 * Opened once for each thread and kept; every call here returns a plain number. Constants are those of glibc on x86_64 and
 * aarch64, which agree on all of them.
 * @module
 */

/**
 * An `int` that a function returns, told as a structure with one member: it comes back in the same register. Deno compiles a
 * fast path for every function with plain types when the library is opened, 0.4 ms each, and none for these; they are called
 * once or twice in a session, and 30 of them would take longer than all else that a short recording does.
 */
const SELDOM = { struct: ["i32"] } as const;

const SYMBOLS = {
  poll: { parameters: ["buffer", "usize", "i32"], result: "i32" },
  pollInPool: { name: "poll", parameters: ["buffer", "usize", "i32"], result: "i32", nonblocking: true },
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: SELDOM },
  tcgetattr: { parameters: ["i32", "buffer"], result: SELDOM },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  wait4: { parameters: ["i32", "buffer", "i32", "pointer"], result: SELDOM },
  open: { parameters: ["buffer", "i32", "i32"], result: SELDOM },
  close: { parameters: ["i32"], result: SELDOM },
  pipe2: { parameters: ["buffer", "i32"], result: SELDOM },
  nice: { parameters: ["i32"], result: SELDOM },
  fcntl: { parameters: ["i32", "i32", "i32"], result: SELDOM },
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: SELDOM },
  cfmakeraw: { parameters: ["buffer"], result: SELDOM },
  tcgetpgrp: { parameters: ["i32"], result: SELDOM },
  syscall: { parameters: ["isize", "isize", "isize"], result: SELDOM },
  posix_openpt: { parameters: ["i32"], result: SELDOM },
  unlockpt: { parameters: ["i32"], result: SELDOM },
  ptsname_r: { parameters: ["i32", "buffer", "usize"], result: SELDOM },
  posix_spawn_file_actions_init: { parameters: ["buffer"], result: SELDOM },
  posix_spawn_file_actions_addopen: { parameters: ["buffer", "i32", "buffer", "i32", "i32"], result: SELDOM },
  posix_spawn_file_actions_adddup2: { parameters: ["buffer", "i32", "i32"], result: SELDOM },
  posix_spawn_file_actions_addchdir_np: { parameters: ["buffer", "buffer"], result: SELDOM },
  posix_spawn_file_actions_addclosefrom_np: { parameters: ["buffer", "i32"], result: SELDOM },
  posix_spawn_file_actions_destroy: { parameters: ["buffer"], result: SELDOM },
  posix_spawnattr_init: { parameters: ["buffer"], result: SELDOM },
  posix_spawnattr_setflags: { parameters: ["buffer", "i32"], result: SELDOM },
  posix_spawnattr_setsigdefault: { parameters: ["buffer", "buffer"], result: SELDOM },
  posix_spawnattr_setsigmask: { parameters: ["buffer", "buffer"], result: SELDOM },
  posix_spawnattr_destroy: { parameters: ["buffer"], result: SELDOM },
  posix_spawnp: { parameters: ["buffer", "buffer", "buffer", "buffer", "buffer", "buffer"], result: SELDOM },
  __errno_location: { parameters: [], result: { struct: ["pointer"] } },
} as const;

/** The functions of {@linkcode libc}, as Deno binds them. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>["symbols"];

let library: Libc | undefined;

/**
 * The C library.
 *
 * @throws If this is not Linux with glibc 2.34 or later (what `posix_spawn` needs to close descriptors), or `--allow-ffi` is missing.
 */
export function libc(): Libc {
  return library ??= Deno.dlopen("libc.so.6", SYMBOLS).symbols;
}

export const O_RDWR = 0o2;
export const O_NOCTTY = 0o400;
export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const POLLIN = 1;
export const POLLOUT = 4;
export const WNOHANG = 1;
export const TIOCGWINSZ = 0x5413n;
export const TIOCSWINSZ = 0x5414n;
export const FIONREAD = 0x541bn;
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;
export const EINTR = 4;
export const EIO = 5;
export const EAGAIN = 11;
const SYS_PIDFD_OPEN = 434n; // the same number on every architecture

const ERRNO_NAMES: Readonly<Record<number, string>> = {
  1: "EPERM",
  2: "ENOENT",
  4: "EINTR",
  5: "EIO",
  7: "E2BIG",
  8: "ENOEXEC",
  9: "EBADF",
  11: "EAGAIN",
  12: "ENOMEM",
  13: "EACCES",
  20: "ENOTDIR",
  21: "EISDIR",
  22: "EINVAL",
  23: "ENFILE",
  24: "EMFILE",
  26: "ETXTBSY",
  28: "ENOSPC",
  32: "EPIPE",
  36: "ENAMETOOLONG",
  40: "ELOOP",
};

/** The number that a function of the seldom called kind returned. */
export function int(result: Uint8Array): number {
  return new DataView(result.buffer, result.byteOffset).getInt32(0, true);
}

/** `ENOENT` for 2, and so on; `E` and the number for what has no name here. */
export function errnoName(errno: number): string {
  return ERRNO_NAMES[errno] ?? `E${errno}`;
}

let errnoView: Deno.UnsafePointerView | undefined;

/** The error number of the call just made by this thread. */
export function errno(): number {
  errnoView ??= new Deno.UnsafePointerView(errnoLocation());
  return errnoView.getInt32();
}

function errnoLocation(): Deno.PointerObject {
  const address = libc().__errno_location();
  return Deno.UnsafePointer.create(new DataView(address.buffer, address.byteOffset).getBigUint64(0, true))!;
}

/** `text` as C wants it, with a zero byte behind. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text + "\0") as Uint8Array<ArrayBuffer>;
}

const timespec = new BigInt64Array(2);
const timespecBytes = new Uint8Array(timespec.buffer);

/** Nanoseconds of one of the system's clocks; a number keeps them exact for 104 days of uptime and in steps of 2 ns after that. */
export function clockNanos(clock: number): number {
  libc().clock_gettime(clock, timespecBytes);
  return Number(timespec[0]) * 1e9 + Number(timespec[1]);
}

/** A descriptor that polls readable once the process has ended, or -1 where the kernel has none (before 5.3). */
export function pidfdOpen(pid: number): number {
  return int(libc().syscall(SYS_PIDFD_OPEN, BigInt(pid), 0n));
}

/** How a terminal treats what is typed: whether it echoes, whether it hands over whole lines, and its end-of-file character. */
export interface InputModes {
  readonly echo: boolean;
  readonly canonical: boolean;
  readonly endOfFile: number;
}

const termios = new Uint8Array(64);
const termiosView = new DataView(termios.buffer);

/** The input modes of a terminal (works on a pseudo-terminal's master too), or `undefined` when `fd` is none. */
export function inputModes(fd: number): InputModes | undefined {
  if (int(libc().tcgetattr(fd, termios)) !== 0) return undefined;
  const flags = termiosView.getUint32(12, true);
  return { echo: (flags & 0o10) !== 0, canonical: (flags & 0o2) !== 0, endOfFile: termios[17 + 4]! };
}

/** The size of a terminal, or `undefined` when `fd` is none or has no size. */
export function windowSize(fd: number): { cols: number; rows: number } | undefined {
  const size = new Uint16Array(4);
  if (int(libc().ioctl(fd, TIOCGWINSZ, new Uint8Array(size.buffer))) !== 0) return undefined;
  const [rows, cols] = size;
  return rows && cols ? { cols, rows } : undefined;
}

/** Sets the size of a terminal; the kernel tells the programs in its foreground. */
export function setWindowSize(fd: number, cols: number, rows: number): void {
  libc().ioctl(fd, TIOCSWINSZ, new Uint8Array(Uint16Array.of(rows, cols, 0, 0).buffer));
}

/** Bytes that can be read at once, 0 when that cannot be told. */
export function bytesWaiting(fd: number): number {
  const count = new Int32Array(1);
  return int(libc().ioctl(fd, FIONREAD, new Uint8Array(count.buffer))) === 0 ? count[0]! : 0;
}
