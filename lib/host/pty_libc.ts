/**
 * Pseudo-terminals on Linux, by the C library.
 *
 * Nothing to install, nothing lost: a child that prints and exits at once is read to its last byte, a large write does not
 * stall, and an exit by signal is told as one. The recipe is posix_openpt, then posix_spawn into a new session whose
 * descriptor 0 is the slave, opened there so that it becomes the controlling terminal.
 * @module
 */

import type { ExitStatus, Nanos } from "../event.ts";
import { PtyError } from "../errors.ts";
import type { Pty, PtyAttachment, PtyHappening, PtyHost, PtyOptions } from "../ports.ts";
import { libcClock } from "./clock_libc.ts";
import {
  cString,
  errno,
  errnoName,
  F_SETFL,
  int,
  libc,
  O_CLOEXEC,
  O_NOCTTY,
  O_NONBLOCK,
  O_RDWR,
  pidfdOpen,
  setWindowSize,
} from "./libc.ts";
import { checkFolder, findProgram } from "./program.ts";
import { Pump } from "./pump.ts";
import { type Line, newLine } from "./pump_line.ts";
import type { LineNews, PumpNews } from "./pump_messages.ts";

/** Starts programs on pseudo-terminals of Linux. */
export const libcPtyHost: PtyHost = {
  name: "libc",
  clock: libcClock,
  open: (options) => new LibcPty(options),
};

let lines = 0; // opened so far, for their ids

class LibcPty implements Pty {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly #line: Line;
  readonly #pump: Pump;
  readonly #exit = Promise.withResolvers<ExitStatus>();
  readonly #tickets = new Map<number, () => void>();
  #lastTicket = 0;
  #open = true;
  #waiting: PtyHappening[][] = []; // told by the pump, not asked for yet
  #waitingBytes = 0;
  #wanted: (() => void) | undefined; // wakes whoever asked and found nothing
  #alarmed = false; // the time has come and nobody was told yet
  #cancelled = false;

  constructor(options: PtyOptions) {
    const master = openMaster(options);
    try {
      this.pid = spawnOn(master, options);
    } catch (error) {
      libc().close(master);
      throw error;
    }
    libc().fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK);
    this.exited = this.#exit.promise;
    const shared = new Int32Array(new SharedArrayBuffer(8));
    const { whenFull, queueBytes, tellTyped, eager = false, attachment } = options;
    const pidfd = pidfdOpen(this.pid);
    this.#line = newLine(attachment, {
      id: ++lines,
      fd: master,
      pid: this.pid,
      pidfd,
      whenFull,
      queueBytes,
      shared,
      tellTyped,
      eager,
    });
    this.#pump = Pump.serve(this.#line, (news) => this.#hear(news));
  }

  async next(): Promise<readonly PtyHappening[] | undefined> {
    while (this.#waiting.length === 0 && this.#open && !this.#alarmed) {
      await new Promise<void>((resolve) => this.#wanted = resolve);
    }
    this.#alarmed = false;
    if (this.#waiting.length === 0 && !this.#open) return undefined;
    this.#take();
    return this.#waiting.splice(0).flat();
  }

  alarm(time: Nanos): void {
    this.#alarmed = false;
    this.#pump.alarm(this.#line, time);
  }

  write(data: Uint8Array, by?: string): Promise<void> {
    if (!this.#open) return Promise.resolve();
    const ticket = ++this.#lastTicket;
    const taken = new Promise<void>((resolve) => this.#tickets.set(ticket, resolve));
    this.#pump.command({ op: "write", id: this.#line.id, data, ticket, ...(by === undefined ? {} : { by }) }); // may be done before this returns
    return taken;
  }

  resize(cols: number, rows: number): void {
    if (this.#open) setWindowSize(this.#line.fd, cols, rows);
  }

  kill(signal: string): void {
    if (!this.#open) return;
    const wholeSession = signal === "SIGHUP" || signal === "SIGKILL";
    const foreground = wholeSession ? 0 : int(libc().tcgetpgrp(this.#line.fd));
    try {
      // A negative pid names a process group; the program we started leads its own.
      Deno.kill(foreground > 0 ? -foreground : -this.pid, signal as Deno.Signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  attach(attachment: PtyAttachment): void {
    this.#pump.command({ op: "attach", id: this.#line.id, attachment });
  }

  detach(): void {
    this.#pump.command({ op: "detach", id: this.#line.id });
  }

  async close(): Promise<void> {
    if (this.#open) {
      this.#cancel();
      this.kill("SIGHUP");
      const patience = setTimeout(() => this.kill("SIGKILL"), 1000);
      await this.exited;
      clearTimeout(patience);
    }
    await this.#pump.settled();
  }

  #hear(news: LineNews): void {
    if (news.news === "alarm") {
      this.#alarmed = true;
      return this.#wanted?.();
    }
    if (news.news === "written") return this.#resolveTicket(news.ticket);
    if (news.news === "ended") return this.#end(news.status);
    const bytes = news.news === "output" ? news.data.length : 0;
    if (this.#cancelled) return this.#pump.taken(this.#line, bytes);
    this.#waiting.push(happeningsOf(news));
    this.#waitingBytes += bytes;
    this.#wanted?.();
  }

  #take(): void {
    this.#pump.taken(this.#line, this.#waitingBytes);
    this.#waitingBytes = 0;
  }

  #cancel(): void {
    this.#cancelled = true;
    this.#waiting = [];
    this.#take();
  }

  #resolveTicket(ticket: number): void {
    this.#tickets.get(ticket)?.();
    this.#tickets.delete(ticket);
  }

  #end(status: ExitStatus): void {
    this.#open = false;
    libc().close(this.#line.fd);
    if (this.#line.pidfd >= 0) libc().close(this.#line.pidfd);
    for (const ticket of [...this.#tickets.keys()]) this.#resolveTicket(ticket);
    this.#exit.resolve(status);
    this.#wanted?.();
  }
}

function happeningsOf(news: Exclude<PumpNews, { news: "written" | "ended" }>): PtyHappening[] {
  switch (news.news) {
    case "output": {
      const { times, ends, data } = news;
      return Array.from(times, (time, at) => ({
        kind: "output",
        time,
        data: data.subarray(at === 0 ? 0 : ends[at - 1], ends[at]),
      }));
    }
    case "typed":
      return [{
        kind: "typed",
        time: news.time,
        data: news.data,
        echo: news.echo,
        canonical: news.canonical,
        ...(news.by === undefined ? {} : { by: news.by }),
      }];
    case "key":
      return [{ kind: "key", time: news.time, ...news.action }];
    case "dropped":
      return [{ kind: "dropped", time: news.time, bytes: news.bytes }];
  }
}

/** A new terminal of the wanted size; its master, still blocking. */
function openMaster({ cols, rows }: PtyOptions): number {
  const master = int(libc().posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (master < 0) throw new PtyError(`Cannot open a pseudo-terminal: ${errnoName(errno())}`, errnoName(errno()));
  libc().unlockpt(master);
  setWindowSize(master, cols, rows);
  return master;
}

const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SETSID = 0x80;

/** Starts the program in a session of its own, on the slave of `master`; returns its pid. */
function spawnOn(master: number, { command, cwd, env }: PtyOptions): number {
  const c = libc();
  const path = env.PATH ?? "/usr/bin:/bin";
  // The system looks a name up on our own PATH, faster than we can; on any other we do it.
  const program = path === Deno.env.get("PATH") ? command[0] ?? "" : findProgram(command[0] ?? "", cwd, path);
  const slave = new Uint8Array(64);
  c.ptsname_r(master, slave, 64n);
  const actions = new Uint8Array(256); // larger than glibc's structures
  const attributes = new Uint8Array(512);
  const pid = new Int32Array(1);
  c.posix_spawn_file_actions_init(actions);
  c.posix_spawnattr_init(attributes);
  c.posix_spawnattr_setflags(attributes, SETSID | SETSIGDEF | SETSIGMASK);
  c.posix_spawnattr_setsigdefault(attributes, new Uint8Array(128).fill(0xff));
  c.posix_spawnattr_setsigmask(attributes, new Uint8Array(128));
  c.posix_spawn_file_actions_addopen(actions, 0, slave, O_RDWR, 0);
  c.posix_spawn_file_actions_adddup2(actions, 0, 1);
  c.posix_spawn_file_actions_adddup2(actions, 0, 2);
  c.posix_spawn_file_actions_addchdir_np(actions, cString(cwd));
  c.posix_spawn_file_actions_addclosefrom_np(actions, 3);
  const argv = new StringList(command);
  const environment = new StringList(Object.entries(env).map(([name, value]) => `${name}=${value}`));
  const result = c.posix_spawnp(
    new Uint8Array(pid.buffer),
    cString(program),
    actions,
    attributes,
    argv.pointers,
    environment.pointers,
  );
  const error = int(result);
  c.posix_spawn_file_actions_destroy(actions);
  c.posix_spawnattr_destroy(attributes);
  if (error === 0) return pid[0]!;
  checkFolder(command[0] ?? "", cwd);
  findProgram(command[0] ?? "", cwd, path); // throws, and says what is wrong, if that is what is wrong
  throw new PtyError(`Cannot run ${command[0]}: ${reasonFor(errnoName(error), cwd)}`, errnoName(error));
}

function reasonFor(errno: string, cwd: string): string {
  if (errno === "EACCES") return `permission denied, for it or for the folder that it starts in, ${cwd}`;
  if (errno === "ENOEXEC") return "it is neither a program of this machine nor a script with a #! line";
  if (errno === "ENOENT") return "the interpreter that its first line names does not exist";
  if (errno === "E2BIG") return "its arguments and environment are too long";
  return errno;
}

/** A list of C strings that lives as long as this object. */
class StringList {
  readonly pointers: Uint8Array<ArrayBuffer>;
  readonly strings: readonly Uint8Array<ArrayBuffer>[];

  constructor(strings: readonly string[]) {
    this.strings = strings.map(cString);
    const addresses = this.strings.map((string) => Deno.UnsafePointer.value(Deno.UnsafePointer.of(string)));
    this.pointers = new Uint8Array(BigUint64Array.from([...addresses, 0n]).buffer);
  }
}
