/**
 * What the middle of the library asks of its edges. Leaves implement these; nothing else knows which leaf it talks to.
 *
 * No member is optional and nothing registers itself: `mod.ts` is the one place where defaults are joined.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventKind, EventStream, ExitStatus, Nanos, ScreenState } from "./event.ts";
import type { Report } from "./report.ts";

/**
 * Where time comes from. A simulated one makes an hour of replay a test of milliseconds.
 *
 * @example A clock that a test moves by hand
 * ```ts
 * class HandClock implements Clock {
 *   time = 0;
 *   now() { return this.time; }
 *   wall() { return 1.7e12 + this.time / 1e6; }
 *   until(time: number) { this.time = Math.max(this.time, time); return Promise.resolve(); }
 * }
 * await new HandClock().until(5e9);
 * ```
 */
export interface Clock {
  /** Nanoseconds from an arbitrary start; never runs backwards, never jumps with the wall clock. */
  now(): Nanos;
  /** Wall clock, in milliseconds since 1970-01-01T00:00:00Z. */
  wall(): number;
  /** Resolves when {@linkcode now} has reached `time`, or at once when `signal` aborts. Never rejects. */
  until(time: Nanos, signal?: AbortSignal): Promise<void>;
}

/**
 * A compression. Both directions are synchronous: blocks are small, and a block is never split.
 *
 * @example The codec that does nothing
 * ```ts
 * const none: Codec = { id: 0, name: "none", compress: (data) => data, decompress: (data) => data };
 * ```
 */
export interface Codec {
  /** Its number inside a T2A file. */
  readonly id: number;
  /** The name users type. */
  readonly name: string;
  /**
   * Makes `data` smaller.
   *
   * @param level As the codec counts them; higher is smaller and slower.
   */
  compress(data: Uint8Array, level: number): Uint8Array;
  /**
   * Gives back what was compressed.
   *
   * @throws If the data is damaged or does not decompress to exactly `length` bytes.
   */
  decompress(data: Uint8Array, length: number): Uint8Array;
}

/**
 * Finds the codec with a number, loading it if need be; `undefined` when there is none.
 *
 * @example
 * ```ts
 * const nothing: CodecLoader = () => Promise.resolve(undefined);
 * await nothing(1);
 * ```
 */
export type CodecLoader = (id: number) => Promise<Codec | undefined>;

/**
 * A cryptographic hash, SHA-256 wherever this library does not say otherwise.
 *
 * @example
 * ```ts
 * const sha256: Digest = async (data) => new Uint8Array(await crypto.subtle.digest("SHA-256", data));
 * await sha256(new Uint8Array(3));
 * ```
 */
export type Digest = (data: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

/**
 * Wraps the secret key of a recording for those who may read it.
 *
 * @example
 * ```ts
 * const plainly: WrapKey = (key) => Promise.resolve(key); // for nobody who wants secrets
 * ```
 */
export type WrapKey = (key: Uint8Array) => Promise<Uint8Array>;

/**
 * Gives back the key that {@linkcode WrapKey} wrapped; `undefined` when this cannot open it.
 *
 * @example
 * ```ts
 * const nobody: UnwrapKey = () => Promise.resolve(undefined);
 * ```
 */
export type UnwrapKey = (wrapped: Uint8Array) => Promise<Uint8Array | undefined>;

/**
 * Signs what a recording is sealed with; the signature is SSHSIG without armour.
 *
 * @example
 * ```ts
 * const unsigned: Sign = () => Promise.resolve(new Uint8Array(0));
 * ```
 */
export type Sign = (content: Uint8Array) => Promise<Uint8Array>;

/**
 * Something stored whose bytes can be read from anywhere.
 *
 * @example The last bytes of it
 * ```ts
 * const tail = async (ranges: Ranges) => await ranges.read(Math.max(0, ranges.size - 56), 56);
 * ```
 */
export interface Ranges {
  /** Length in bytes, when it was opened. */
  readonly size: number;
  /** The bytes from `start` to `start + length`; fewer where it ends before that. */
  read(start: number, length: number): Promise<Uint8Array>;
  /** Lets go of it. */
  close(): void;
}

/**
 * Something stored that can be read: a file, a pipe, a blob. `streamSource` and `blobSource` make simple ones.
 *
 * @example A recording that is already in memory
 * ```ts
 * const source: Source = {
 *   name: "demo.cast",
 *   bytes: () => new Blob(['{"version":3,"term":{"cols":80,"rows":24}}\n']).stream(),
 *   ranges: () => Promise.resolve(undefined),
 *   sibling: () => Promise.resolve(undefined),
 * };
 * await source.bytes().cancel();
 * ```
 */
export interface Source {
  /** For messages, and for the extension. */
  readonly name: string;
  /** All bytes from the start. A pipe can be asked once. */
  bytes(): ReadableStream<Uint8Array>;
  /** Its bytes from anywhere, for whoever closes them again; `undefined` where they only pass by, as on a pipe. */
  ranges(): Promise<Ranges | undefined>;
  /** Another part of the same recording by file name, where a format has several; `undefined` when there is none. */
  sibling(name: string): Promise<Source | undefined>;
}

/**
 * Reads one format.
 *
 * Sessions follow each other in the stream, each opened by its `header`. A reader never throws for damage that leaves
 * something to read: it reports, says `gap` where something is missing, and goes on. It throws a `FormatError` when there is
 * nothing of its format to be found.
 *
 * @example
 * ```ts
 * const describe = (reader: SessionReader) => `${reader.name}: ${reader.title}`;
 * ```
 */
export interface SessionReader {
  /** The name users type, such as `asciicast-v3`. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** Without the dot; the first one is the usual one. */
  readonly extensions: readonly string[];
  /** How many bytes {@linkcode detect} wants to see, at most. */
  readonly prefixLength: number;
  /** Says from the first bytes whether they are of this format. */
  detect(prefix: Uint8Array): boolean;
  /** The events of a recording; findings go to `report`. */
  open(source: Source, report: Report): EventStream;
}

/**
 * How a writer is to write.
 *
 * @example
 * ```ts
 * import { Report } from "@term2ai/term2ai";
 *
 * const settings: WriteSettings = {
 *   report: new Report(),
 *   timeUnit: 1,
 *   sibling: () => Promise.reject(new Error("this format has one file")),
 * };
 * ```
 */
export interface WriteSettings {
  /** Hears of everything the format cannot keep. */
  readonly report: Report;
  /** Times are kept in steps of this many nanoseconds: 1, 1,000 or 1,000,000. */
  readonly timeUnit: Nanos;
  /** Opens another part of the same recording, where a format has several files. */
  sibling(suffix: string): Promise<WritableStream<Uint8Array>>;
}

/**
 * Writes one format.
 *
 * @example
 * ```ts
 * const losesInput = (writer: SessionWriter) => !writer.keeps.has("input");
 * ```
 */
export interface SessionWriter {
  /** The name users type. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly title: string;
  /** Without the dot; the first one is the usual one. */
  readonly extensions: readonly string[];
  /** Whether its bytes must not be shown on a terminal. */
  readonly binary: boolean;
  /** The kinds of event it can hold; each event of another kind is counted as lost in the report. */
  readonly keeps: ReadonlySet<EventKind>;
  /** A stage from events to the bytes of the recording. */
  encoder(settings: WriteSettings): TransformStream<EventBatch, Uint8Array>;
}

/**
 * How a terminal emulator begins.
 *
 * @example
 * ```ts
 * const options: EmulatorOptions = { cols: 80, rows: 24, keepLines: true };
 * ```
 */
export interface EmulatorOptions {
  /** Width in cells; 2 to 2,048 are possible, others become the nearest. */
  readonly cols: number;
  /** Height in cells; 1 to 2,048. */
  readonly rows: number;
  /** Whether lines that scroll off the top are kept for {@linkcode Emulator.takeLines}. */
  readonly keepLines?: boolean;
}

/**
 * A terminal without a window: bytes in, a screen to look at.
 *
 * It answers no questions and does nothing but show. No bytes make it fail or take more than a moment.
 *
 * @example
 * ```ts
 * const redraw = (emulator: Emulator, output: Uint8Array) => {
 *   emulator.write(output);
 *   return emulator.snapshot();
 * };
 * ```
 */
export interface Emulator {
  /** Width in cells. */
  readonly cols: number;
  /** Height in cells. */
  readonly rows: number;
  /** Whether the alternate screen shows. */
  readonly isAlternate: boolean;
  /** Takes what a program printed, in pieces of any size. */
  write(data: Uint8Array): void;
  /** Gives it another size. */
  resize(cols: number, rows: number): void;
  /** All that shows or is pending; scrollback is not part of it. */
  snapshot(): ScreenState;
  /** Makes it show what `state` tells, and go on from there as if it had never been interrupted. */
  restore(state: ScreenState): void;
  /** The lines that scrolled off the top of the normal screen since the last time, those that were wrapped joined. */
  takeLines(): string[];
  /** The beginning, which has scrolled off, of the line that the first row goes on with. */
  readonly partialLine: string;
}

/**
 * Switches a terminal on.
 *
 * @example
 * ```ts
 * const usual = (make: EmulatorMaker) => make({ cols: 80, rows: 24 });
 * ```
 */
export type EmulatorMaker = (options: EmulatorOptions) => Emulator;

/**
 * Bytes that a program printed, and when they were read from its terminal.
 *
 * @example
 * ```ts
 * const read: PtyRead = { time: 1_000_000, data: new Uint8Array([36, 32]) };
 * ```
 */
export interface PtyRead {
  /** By the {@linkcode Clock} of the machine, not since the session's start. */
  readonly time: Nanos;
  /** As the program wrote them. */
  readonly data: Uint8Array;
}

/**
 * Everything that can come out of a pseudo-terminal, in the order in which it happened.
 *
 * - `output`: bytes that the program printed.
 * - `typed`: bytes from the user's terminal, which were passed on; `echo` and `canonical` tell how the terminal stood then.
 * - `key`: one of our own keys, which was not passed on.
 * - `dropped`: output that went to the user but found the queue full, and is not going to be delivered.
 *
 * @example
 * ```ts
 * const happening: PtyHappening = { kind: "key", time: 0, key: "pause" };
 * ```
 */
export type PtyHappening =
  | { readonly kind: "output"; readonly time: Nanos; readonly data: Uint8Array }
  | {
    readonly kind: "typed";
    readonly time: Nanos;
    readonly data: Uint8Array;
    readonly echo: boolean;
    readonly canonical: boolean;
  }
  | { readonly kind: "key"; readonly time: Nanos; readonly key: "pause" | "discard" }
  | { readonly kind: "key"; readonly time: Nanos; readonly key: "mark"; readonly label: string }
  | { readonly kind: "dropped"; readonly time: Nanos; readonly bytes: number };

/**
 * How a program is to be started on a terminal of its own.
 *
 * @example
 * ```ts
 * const options: PtyOptions = {
 *   command: ["sh", "-c", "tput cols"], cols: 132, rows: 43, cwd: "/", env: { PATH: "/usr/bin:/bin" }, whenFull: "wait", queueBytes: 8 << 20, tellTyped: false,
 * };
 * ```
 */
export interface PtyOptions {
  /** Program and arguments; the program is looked for on the `PATH` of `env`. */
  readonly command: readonly string[];
  /** Width in cells. */
  readonly cols: number;
  /** Height in cells. */
  readonly rows: number;
  /** Working directory of the program. */
  readonly cwd: string;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
  /** What happens when output that nobody has taken yet reaches `queueBytes`: the program waits, or it waits for two seconds at the most and what it prints then is dropped, and told. */
  readonly whenFull: "wait" | "drop";
  /** How much output may wait to be taken. */
  readonly queueBytes: number;
  /** Whether what is typed or written to the program is told as happenings of kind `typed`. */
  readonly tellTyped: boolean;
  /** The user's side from the first byte on; without it nobody watches until {@linkcode Pty.attach}. */
  readonly attachment?: PtyAttachment;
}

/**
 * The user's side of a session: file descriptors to pass bytes between, and the keys that are ours.
 *
 * @example
 * ```ts
 * const silent: PtyAttachment = { input: -1, output: 1, keys: { pause: "", mark: "", discard: "" } };
 * ```
 */
export interface PtyAttachment {
  /** Descriptor that what is typed comes from, or -1. */
  readonly input: number;
  /** Descriptor that output is shown on, or -1. */
  readonly output: number;
  /** The byte string of each key, empty for none. */
  readonly keys: { readonly pause: string; readonly mark: string; readonly discard: string };
}

/**
 * A pseudo-terminal with a program on it.
 *
 * @example
 * ```ts
 * const restart = async (pty: Pty) => {
 *   pty.kill("SIGHUP");
 *   return await pty.exited;
 * };
 * ```
 */
export interface Pty {
  /** Process id of the program. */
  readonly pid: number;
  /**
   * What happened since the last time, as soon as there is something; `undefined` when the program has exited and everything
   * it printed was read. Empty when the time of {@linkcode alarm} has come before anything happened.
   */
  next(): Promise<readonly PtyHappening[] | undefined>;
  /** Lets {@linkcode next} return at `time` by the host's clock at the latest; each call replaces the one before. */
  alarm(time: Nanos): void;
  /** How the program ended. */
  readonly exited: Promise<ExitStatus>;
  /** Resolves when the terminal has taken all of `data`, however slowly the program reads it. */
  write(data: Uint8Array): Promise<void>;
  /** Tells kernel and program the new size. */
  resize(cols: number, rows: number): void;
  /** Sends a signal to the program in the foreground; `SIGHUP` and `SIGKILL` go to the one we started. */
  kill(signal: string): void;
  /** Passes bytes between the user's terminal and this one, waiting for nobody else, until {@linkcode detach}. */
  attach(attachment: PtyAttachment): void;
  /** Takes the user's terminal away; the program runs on. */
  detach(): void;
  /** Ends the program if it still runs, and gives everything back. */
  close(): Promise<void>;
}

/**
 * Starts programs on pseudo-terminals.
 *
 * @example
 * ```ts
 * const backend = (host: PtyHost) => `terminals by ${host.name}`;
 * ```
 */
export interface PtyHost {
  /** Which implementation this is. */
  readonly name: string;
  /** The clock that stamps what happens. */
  readonly clock: Clock;
  /**
   * Starts a program.
   *
   * @throws {PtyError} If it cannot be started: `ENOENT` not found, `EACCES` not executable.
   */
  open(options: PtyOptions): Pty;
}

/**
 * What the machine can tell: who, where, and all variables to choose from.
 *
 * @example
 * ```ts
 * const facts: HostFacts = { user: "ada", host: "engine", shell: "/bin/sh", cwd: "/home/ada", env: { TERM: "xterm" } };
 * ```
 */
export interface HostFacts {
  /** Login name. */
  readonly user?: string;
  /** Name of the machine. */
  readonly host?: string;
  /** Path of the user's shell. */
  readonly shell: string;
  /** Working directory. */
  readonly cwd: string;
  /** The whole environment; only names on the allow-list get into a recording. */
  readonly env: Readonly<Record<string, string>>;
}
