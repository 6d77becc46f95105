/**
 * The pump: passes bytes between the user's terminal and the programs, stamps them, and waits for nobody.
 *
 * One turn polls every descriptor, moves what can be moved, and posts what happened in batches. Encoding, serving and
 * storing happen elsewhere, so a busy recorder does not make typing slow. The same code runs in a Worker, blocking in
 * `poll`, and for the first moments of a process in the main thread, where starting a Worker would take longer than many a
 * recording. Its whole state is a list of plain {@linkcode Line}s, which is what moves when the Worker takes over.
 * @module
 */

import type { ExitStatus, Nanos } from "../event.ts";
import { filterKeys } from "./keys.ts";
import { bytesWaiting, inputModes, libc, POLLIN, POLLOUT } from "./libc.ts";
import { mayRetry, now, reap, WRITE_BYTES, writeSome } from "./pump_calls.ts";
import { attach, beginWait, detach, endWait, IN_FLIGHT, type Line, WANTS_WAKING } from "./pump_line.ts";
import type { PumpCommand, PumpNews } from "./pump_messages.ts";

/** Bytes read from one terminal before the others get their turn. */
const TURN_BYTES = 65_536;
/** Output is posted at the latest this long after it was read; each post wakes another thread. */
const POST_AFTER: Nanos = 4_000_000;
/**
 * What is read this soon behind the first byte of an event belongs to it. A terminal hands over 4 KiB at a time, so a flood would
 * be three times as many events, and as much work for everybody who ever reads them.
 */
const TOGETHER: Nanos = 200_000;
/** How long a line must be silent after its program's exit before it has told all, where somebody else still has it open. */
const QUIET: Nanos = 20_000_000;
const DRAIN_MS = 5;
/** The kernel's buffers hold less than this, so what comes after it was printed by somebody else after the exit. */
const DRAIN_BYTES = 1 << 20;
/**
 * A program is told that its input has ended by Ctrl-D, and told again, for some wait for lines only later: a shell that is
 * just starting flushes what it was typed before it shows a prompt. Each wait is twice the one before.
 */
const TELL_END_AFTER: Nanos = 50_000_000;
const TELL_END_AT_MOST: Nanos = 2_000_000_000;
const CTRL_D = 4;
/** How often to look again where nothing can wake us: a program without a pidfd, a terminal that nobody has open. */
const LOOK_MS = 20;

/** Output of one line that was read but not posted. */
interface Batch {
  data: Uint8Array<ArrayBuffer>;
  length: number;
  times: number[];
  ends: number[];
}

/** The lines, and what to do with them when they have something. */
export class PumpCore {
  readonly #post: (news: PumpNews, transfer: ArrayBuffer[]) => void;
  readonly #wakeFd: number;
  readonly #lines = new Map<number, Line>();
  readonly #batches = new Map<number, Batch>();
  #polled: { line: Line | undefined; role: "wake" | "master" | "exit" | "input" | "output" }[] = [];
  #pollfds = new Int32Array(16);

  /** @param wakeFd Becomes readable when the pump has to look up from `poll`. */
  constructor(wakeFd: number, post: (news: PumpNews, transfer: ArrayBuffer[]) => void) {
    this.#wakeFd = wakeFd;
    this.#post = post;
  }

  /** Whether there is anything to do. */
  get idle(): boolean {
    return this.#lines.size === 0;
  }

  /** Posts what is pending and gives all lines away. */
  surrender(): Line[] {
    for (const line of this.#lines.values()) this.#flush(line);
    const lines = [...this.#lines.values()];
    this.#lines.clear();
    return lines;
  }

  /** Does what it is told; commands for a line that has ended are too late and do nothing. */
  command(command: PumpCommand): void {
    if (command.op === "serve") return void this.#lines.set(command.line.id, command.line);
    const line = this.#lines.get(command.id);
    if (!line) return;
    if (command.op === "write") this.#type(line, command.data, now(), command.ticket, command.by);
    else if (command.op === "attach") attach(line, command.attachment);
    else detach(line);
  }

  /** Fills the list for `poll` and says how long it may wait, in milliseconds. */
  prepare(): { pollfds: Uint8Array<ArrayBuffer>; count: number; timeout: number } {
    this.#polled = [];
    let timeout = -1;
    const atMost = (ms: number) => timeout = timeout < 0 ? ms : Math.min(timeout, ms);
    this.#watch(undefined, "wake", this.#wakeFd, POLLIN);
    for (const line of this.#lines.values()) this.#prepareLine(line, atMost);
    for (const batch of this.#batches.values()) {
      if (batch.length > 0) atMost(Math.max(0, Math.ceil((batch.times[0]! + POST_AFTER - now()) / 1e6)));
    }
    return { pollfds: new Uint8Array(this.#pollfds.buffer), count: this.#polled.length, timeout };
  }

  #prepareLine(line: Line, atMost: (ms: number) => void): void {
    const wantsWrite = line.toChild.length > 0 && !line.hungUp;
    const events = (this.#mayRead(line) ? POLLIN : 0) | (wantsWrite ? POLLOUT : 0);
    if (events !== 0) this.#watch(line, "master", line.fd, events);
    if (line.fullSince > 0 && line.whenFull === "drop") atMost(LOOK_MS);
    if (wantsWrite) atMost(LOOK_MS); // a terminal may forget to say that it takes more
    if (line.exit === undefined && line.pidfd >= 0) this.#watch(line, "exit", line.pidfd, POLLIN);
    if ((line.exit === undefined && line.pidfd < 0) || line.hungUp) atMost(LOOK_MS);
    if (line.input >= 0 && line.toChild.length === 0) this.#watch(line, "input", line.input, POLLIN);
    if (line.output >= 0 && line.toUser.length > 0) this.#watch(line, "output", line.output, POLLOUT);
    if (line.exit !== undefined) atMost(DRAIN_MS);
    else if (line.endDue < Infinity) atMost(Math.max(0, Math.ceil((line.endDue - now()) / 1e6)));
  }

  #watch(line: Line | undefined, role: "wake" | "master" | "exit" | "input" | "output", fd: number, events: number) {
    const at = this.#polled.push({ line, role }) - 1;
    if (2 * at + 2 > this.#pollfds.length) {
      const larger = new Int32Array(2 * this.#pollfds.length);
      larger.set(this.#pollfds);
      this.#pollfds = larger;
    }
    this.#pollfds[2 * at] = fd;
    this.#pollfds[2 * at + 1] = events; // events in the lower half, and no returned events in the upper
  }

  /** Moves what `poll` found; true when somebody wrote to the wake pipe. */
  handle(): boolean {
    let woken = false;
    this.#polled.forEach(({ line, role }, at) => {
      const found = this.#pollfds[2 * at + 1]! >>> 16;
      if (found === 0) return;
      if (!line) woken = true;
      else if (role === "input") this.#readInput(line);
      else if (role === "output") this.#writeUser(line);
      else if (role === "exit") line.exit = reap(line.pid);
      else if ((found & ~POLLOUT) !== 0 && this.#mayRead(line)) this.#readMaster(line);
    });
    for (const line of this.#lines.values()) this.#settle(line);
    return woken;
  }

  /** Everything that is due on a line whatever `poll` found. */
  #settle(line: Line): void {
    if (line.toChild.length > 0 && !line.hungUp) this.#writeChild(line);
    if (line.hungUp) this.#readMaster(line);
    if (line.exit === undefined && now() >= line.endDue) this.#tellEnd(line);
    if (line.exit === undefined && line.pidfd < 0) line.exit = reap(line.pid);
    this.#tellDropped(line);
    const batch = this.#batches.get(line.id);
    if (batch && batch.length > 0 && now() - (line.eager ? line.postedAt : batch.times[0]!) >= POST_AFTER) {
      this.#flush(line);
    }
    if (line.exit !== undefined) this.#drain(line);
  }

  /** After the exit: reads on until there is nothing left of what the program printed. */
  #drain(line: Line): void {
    if (line.toUser.length > 0 || (!line.hungUp && !this.#mayRead(line))) return;
    if (!line.hungUp && bytesWaiting(line.fd) > 0) line.quietSince = 0;
    else line.quietSince ||= now();
    const silent = line.quietSince > 0 && now() - line.quietSince >= QUIET;
    if (line.hungUp || silent || line.afterExit >= DRAIN_BYTES) this.#end(line, line.exit!);
  }

  #end(line: Line, status: ExitStatus): void {
    if (line.dropped > 0) this.#tell(line, { news: "dropped", id: line.id, time: now(), bytes: line.dropped });
    for (const { ticket } of line.toChild) this.#tellWritten(line, ticket);
    this.#tell(line, { news: "ended", id: line.id, status });
    this.#lines.delete(line.id);
    this.#batches.delete(line.id);
  }

  #tell(line: Line, news: PumpNews): void {
    this.#flush(line); // what happened before must be told before
    this.#post(news, []);
  }

  /** Whether the next bytes of the program may be read: the user's terminal and the queue have room. */
  #mayRead(line: Line): boolean {
    if (line.hungUp || line.toUser.length > 0) return false;
    return line.dropping || !this.#mustWait(line);
  }

  #mustWait(line: Line): boolean {
    if (this.#full(line)) Atomics.store(line.shared, WANTS_WAKING, 1);
    // Looked at again, since the other side may have taken everything before it saw the flag.
    if (!this.#full(line)) return endWait(line);
    if (line.fullSince === 0) beginWait(line);
    if (line.whenFull === "drop" && now() - line.fullSince >= line.patience) line.dropping = true;
    return !line.dropping;
  }

  #full(line: Line): boolean {
    return Atomics.load(line.shared, IN_FLIGHT) >= line.queueBytes;
  }

  #readMaster(line: Line): void {
    if (line.toUser.length > 0) return;
    for (let taken = 0; taken < TURN_BYTES;) {
      const batch = this.#batch(line);
      const space = batch.data.subarray(batch.length);
      const got = libc().read(line.fd, space, BigInt(space.length));
      if (got <= 0) {
        line.hungUp = got === 0 || !mayRetry();
        return;
      }
      line.hungUp = false;
      taken += got;
      if (line.exit !== undefined) line.afterExit += got;
      this.#keep(line, batch, got);
      if (line.toUser.length > 0) return;
    }
  }

  #batch(line: Line): Batch {
    let batch = this.#batches.get(line.id);
    if (!batch || batch.length === batch.data.length) {
      if (batch) this.#flush(line);
      batch = { data: new Uint8Array(TURN_BYTES), length: 0, times: [], ends: [] };
      this.#batches.set(line.id, batch);
    }
    return batch;
  }

  /** Stamps `got` new bytes, shows them, and keeps them for the next post unless the queue is full. */
  #keep(line: Line, batch: Batch, got: number): void {
    const time = now();
    const shown = batch.data.subarray(batch.length, batch.length + got);
    this.#show(line, shown);
    if (line.dropping) return void (line.dropped += got);
    batch.length += got;
    if (time - batch.times.at(-1)! < TOGETHER) batch.ends[batch.ends.length - 1] = batch.length;
    else {
      batch.times.push(time);
      batch.ends.push(batch.length);
    }
    Atomics.add(line.shared, IN_FLIGHT, got);
  }

  #tellDropped(line: Line): void {
    if (!line.dropping || Atomics.load(line.shared, IN_FLIGHT) > line.queueBytes / 2) return;
    const bytes = line.dropped;
    line.dropped = 0;
    line.dropping = false;
    endWait(line);
    if (bytes > 0) this.#tell(line, { news: "dropped", id: line.id, time: now(), bytes });
  }

  /** Posts the output read so far. A batch that is mostly empty is copied, so that small ones stay small. */
  #flush(line: Line): void {
    const batch = this.#batches.get(line.id);
    if (!batch || batch.length === 0) return;
    const mostlyEmpty = batch.length < TURN_BYTES / 4;
    const data = mostlyEmpty ? batch.data.slice(0, batch.length) : batch.data.subarray(0, batch.length);
    line.postedAt = now();
    const times = Float64Array.from(batch.times);
    const ends = Uint32Array.from(batch.ends);
    if (mostlyEmpty) Object.assign(batch, { length: 0, times: [], ends: [] });
    else this.#batches.delete(line.id);
    this.#post({ news: "output", id: line.id, times, ends, data }, [data.buffer]);
  }

  #show(line: Line, bytes: Uint8Array): void {
    if (line.output < 0) return;
    const written = writeSome(line.output, bytes, line.careful);
    if (written < 0) line.output = -1; // nobody looks any more; recording goes on
    else if (written < bytes.length) line.toUser.push(bytes.slice(written));
  }

  #writeUser(line: Line): void {
    const bytes = line.toUser.shift();
    if (bytes) this.#show(line, bytes);
    if (line.output < 0) line.toUser = [];
  }

  #writeChild(line: Line): void {
    for (let first = line.toChild[0]; first; first = line.toChild[0]) {
      while (first.data.length > 0) {
        const piece = first.data.subarray(0, WRITE_BYTES);
        const written = libc().write(line.fd, piece, BigInt(piece.length));
        if (written === 0 || (written < 0 && mayRetry())) return;
        first.data = first.data.subarray(written < 0 ? first.data.length : written); // or nobody can ever read it
      }
      line.toChild.shift();
      this.#tellWritten(line, first.ticket);
    }
  }

  #tellWritten(line: Line, ticket: number): void {
    if (ticket > 0) this.#post({ news: "written", id: line.id, ticket }, []);
  }

  #readInput(line: Line): void {
    const typed = new Uint8Array(WRITE_BYTES);
    const got = libc().read(line.input, typed, BigInt(typed.length));
    if (got < 0 && mayRetry()) return;
    if (got <= 0) return this.#endInput(line);
    line.endedLine = typed[got - 1] === 10;
    const time = now();
    const { pass, actions } = filterKeys(line.keys, typed.subarray(0, got));
    if (pass.length > 0) this.#type(line, pass, time, 0);
    for (const action of actions) this.#tell(line, { news: "key", id: line.id, time, action });
  }

  #type(line: Line, data: Uint8Array, time: Nanos, ticket: number, by?: string): void {
    if (line.tellTyped) {
      const { echo = true, canonical = true } = inputModes(line.fd) ?? {};
      const who = by === undefined ? {} : { by };
      this.#tell(line, { news: "typed", id: line.id, time, data: data.slice(), echo, canonical, ...who });
    }
    line.toChild.push({ data, ticket });
    this.#writeChild(line);
  }

  /** What fed us has no more. */
  #endInput(line: Line): void {
    line.input = -1;
    this.#tellEnd(line);
  }

  /**
   * Tells the program, as a person would, with Ctrl-D, that there is nothing more to read. The first one after an unfinished
   * line only hands over that line, so it takes two. A terminal that shows every key as it is would print it: there it is left out.
   */
  #tellEnd(line: Line): void {
    line.endDue = now() + Math.min(TELL_END_AT_MOST, TELL_END_AFTER * 2 ** line.endsTold);
    if (line.toChild.length > 0) return; // it reads nothing at the moment
    const { canonical, echo, endOfFile } = inputModes(line.fd) ?? { canonical: false, echo: true, endOfFile: 0 };
    if (!canonical && echo) return;
    const count = canonical && !line.endedLine && line.endsTold === 0 ? 2 : 1;
    line.endsTold++;
    line.toChild.push({ data: new Uint8Array(count).fill(endOfFile || CTRL_D), ticket: 0 });
    this.#writeChild(line);
  }
}
