/**
 * What the middle of the library asks of its edges. Leaves implement these; nothing else knows which leaf it talks to.
 *
 * No member is optional and nothing registers itself: `mod.ts` is the one place where defaults are joined.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventBatch, EventKind, EventStream, ExitStatus, Nanos, ScreenState, SessionEvent } from "./event.ts";
import type { CommandStatistics, SessionCommands, StoredRecording, TextLine } from "./models.ts";
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
 * One thing that a {@linkcode BlobStore} holds.
 *
 * @example
 * ```ts
 * const blob: BlobInfo = { key: "01k0.t2a", size: 48_213, modifiedAt: 1_700_000_000_000 };
 * ```
 */
export interface BlobInfo {
  /** Its name. */
  readonly key: string;
  /** Length in bytes. */
  readonly size: number;
  /** When it was put, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly modifiedAt: number;
}

/**
 * What interrupted puts have left behind.
 *
 * @example
 * ```ts
 * const nothing: Leftovers = { count: 0, bytes: 0 };
 * ```
 */
export interface Leftovers {
  /** How many. */
  readonly count: number;
  /** Bytes they take, where that is known. */
  readonly bytes: number;
}

/**
 * Keeps bytes under names. Names are made of letters, digits, `.`, `-` and `_`, and do not begin with a dot.
 *
 * A reader sees all of a blob or nothing of it. When another takes its place while it is read, reading goes on with the old one or
 * fails; the two are never mixed.
 *
 * @example
 * ```ts
 * const copy = async (from: BlobStore, to: BlobStore, key: string) => {
 *   const bytes = await from.get(key);
 *   return bytes && await to.put(key, bytes, "refuse");
 * };
 * ```
 */
export interface BlobStore {
  /** Where it is, for messages; holds no secrets. */
  readonly name: string;
  /**
   * Keeps all of `bytes`, and shows them under `key` when the last one is safe.
   *
   * @param ifPresent What happens when there is such a key already.
   * @throws {StorageError} If it cannot be kept, is there already, or `bytes` fails: then nothing has changed.
   */
  put(key: string, bytes: ReadableStream<Uint8Array>, ifPresent: "refuse" | "replace"): Promise<BlobInfo>;
  /** All of its bytes; `undefined` when there is no such key. */
  get(key: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Its bytes from anywhere; `undefined` when there is no such key. */
  ranges(key: string): Promise<Ranges | undefined>;
  /** What is known without reading it. */
  stat(key: string): Promise<BlobInfo | undefined>;
  /** Those whose keys begin with `prefix` and come behind `after`, in order of their keys. */
  list(prefix: string, after: string): AsyncIterable<BlobInfo>;
  /** Forgets a blob; says whether there was one. */
  delete(key: string): Promise<boolean>;
  /**
   * Removes what puts have left that began before a time and never ended.
   *
   * @param before In milliseconds since 1970-01-01T00:00:00Z.
   * @param dryRun Only tells what would be removed.
   */
  sweep(before: number, dryRun: boolean): Promise<Leftovers>;
  /** Lets go of files and connections. */
  close(): Promise<void>;
}

/**
 * Which recordings are meant: those for which all that is given holds.
 *
 * @example Those that failed last night on one machine
 * ```ts
 * const filter: RecordingFilter = { host: "build7", exitCode: 1, since: Date.UTC(2026, 0, 1, 20) };
 * ```
 */
export interface RecordingFilter {
  /** Login name. */
  readonly user?: string;
  /** Name of the machine. */
  readonly host?: string;
  /** All of these tags. */
  readonly tags?: readonly string[];
  /** How it ended. */
  readonly exitCode?: number;
  /** Began at this time or later, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly since?: number;
  /** Began before this time. */
  readonly until?: number;
  /** Took at least so long. */
  readonly minDuration?: Nanos;
  /** Took at most so long. */
  readonly maxDuration?: Nanos;
  /** Is at least so large. */
  readonly minBytes?: number;
  /** Is at most so large. */
  readonly maxBytes?: number;
  /** Title, command, tags, user or host hold this text, in capitals or not. */
  readonly about?: string;
}

/**
 * What a text must hold for a search to be worth looking at it.
 *
 * @example
 * ```ts
 * const need: TextNeed = { words: ["permission", "denied"], parts: [] };
 * ```
 */
export interface TextNeed {
  /** Whole words: letters, digits and `_`, in small letters. */
  readonly words: readonly string[];
  /** Parts of lines, in small letters. */
  readonly parts: readonly string[];
}

/**
 * Neighbouring lines of a recording, as a catalog keeps them.
 *
 * @example
 * ```ts
 * const size = ({ text }: Passage) => text.length;
 * ```
 */
export interface Passage {
  /** Whose. */
  readonly id: string;
  /** Its lines, with a line feed between them. */
  readonly text: string;
  /** The same with their times, in order of time. */
  lines(): readonly TextLine[];
}

/**
 * What a {@linkcode Catalog} holds.
 *
 * @example
 * ```ts
 * const nothing: CatalogTotals = { recordings: 0, bytes: 0, duration: 0, textBytes: 0, unindexed: 0 };
 * ```
 */
export interface CatalogTotals {
  /** How many. */
  readonly recordings: number;
  /** Their bytes together. */
  readonly bytes: number;
  /** Their durations together. */
  readonly duration: Nanos;
  /** Text that can be searched. */
  readonly textBytes: number;
  /** Recordings whose text is not in it. */
  readonly unindexed: number;
}

/**
 * The text of one recording, for {@linkcode Catalog.index}.
 *
 * @example
 * ```ts
 * const silent = (id: string): TextOf => ({ id, lines: (async function* () {})() });
 * ```
 */
export interface TextOf {
  /** Whose. */
  readonly id: string;
  /** In order of time, in batches. */
  readonly lines: AsyncIterable<readonly TextLine[]>;
}

/**
 * The commands of one recording, from {@linkcode Catalog.commands}.
 *
 * @example
 * ```ts
 * const failures = ({ commands }: CommandsOf) => commands.filter(({ code }) => code !== 0);
 * ```
 */
export interface CommandsOf extends SessionCommands {
  /** Whose. */
  readonly id: string;
  /** Name of the machine. */
  readonly host?: string;
}

/**
 * Keeps what is known about recordings, and finds them. All of it can be built again from the sidecars of a {@linkcode BlobStore}.
 *
 * @example
 * ```ts
 * const newest = async (catalog: Catalog) => (await catalog.list({}, 1))[0];
 * ```
 */
export interface Catalog {
  /** Where it is, for messages; holds no secrets. */
  readonly name: string;
  /** Takes what is known about a recording, new or changed. Its text stays as it is. */
  put(recording: StoredRecording): Promise<void>;
  /** What is known; `undefined` when there is no such recording. */
  get(id: string): Promise<StoredRecording | undefined>;
  /** Changes what is known while nobody else can; returns it, or `undefined` when there is no such recording. */
  change(id: string, change: (recording: StoredRecording) => StoredRecording): Promise<StoredRecording | undefined>;
  /** The first ids that begin with `prefix`, at most `limit`. */
  resolve(prefix: string, limit: number): Promise<string[]>;
  /** The newest that `filter` lets through, by when they began, newest first. */
  list(filter: RecordingFilter, limit: number): Promise<StoredRecording[]>;
  /** Takes the text of recordings, in the place of what was known of it before; one without a recording is left out. */
  index(texts: AsyncIterable<TextOf>): Promise<void>;
  /** The ids of recordings whose text is not here. */
  unindexed(): Promise<string[]>;
  /**
   * Text that may hold what is needed, newest recordings first, and in each the latest first. With nothing needed all text there
   * is. What it gives may hold less than what is needed, never the other way round.
   */
  passages(need: TextNeed, filter: RecordingFilter): AsyncIterable<Passage>;
  /** The ids of those recordings that hold most of what is needed for their length, best first. */
  best(need: TextNeed, filter: RecordingFilter, limit: number): Promise<string[]>;
  /** Takes the commands of a recording, in the place of those known before; where there is no such recording, nothing. */
  putCommands(id: string, commands: SessionCommands): Promise<void>;
  /** The commands of the recordings that `filter` lets through, the oldest recording first; those that are not known are left out. */
  commands(filter: RecordingFilter): AsyncIterable<CommandsOf>;
  /**
   * What a `CommandAnalyzer` says that is given the same commands in the same order.
   *
   * @param minutesFromUtc What the clock on the wall shows more than UTC, for the hours of the day.
   */
  commandStatistics(filter: RecordingFilter, minutesFromUtc: number): Promise<CommandStatistics>;
  /** The ids of those recordings whose commands are not here. */
  withoutCommands(filter: RecordingFilter): Promise<string[]>;
  /** Forgets a recording, its text and its commands; says whether there was one. */
  delete(id: string): Promise<boolean>;
  /** What it holds. */
  totals(): Promise<CatalogTotals>;
  /** Forgets everything. */
  clear(): Promise<void>;
  /** Takes what was deleted or replaced out of the catalog's files too, where it may still lie unused. */
  purge(): Promise<void>;
  /** Lets go of files and connections. */
  close(): Promise<void>;
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
 * Answers a question about sessions: takes their events in order, in one pass, and tells what it found so far at any time.
 *
 * What it keeps is bounded, however long the sessions are, so it can follow a live one. A `header` begins the next session.
 *
 * @example Your own
 * ```ts
 * import { equal } from "node:assert/strict";
 * import type { SessionEvent } from "@term2ai/term2ai";
 *
 * class BellCounter implements SessionAnalyzer<number> {
 *   #bells = 0;
 *   push(event: SessionEvent) {
 *     if (event.kind === "output" && event.data.includes(7)) this.#bells++;
 *   }
 *   result() { return this.#bells; }
 * }
 * const bells = new BellCounter();
 * bells.push({ kind: "output", time: 0, data: Uint8Array.of(7) });
 * equal(bells.result(), 1);
 * ```
 */
export interface SessionAnalyzer<Result> {
  /** Takes the next event. */
  push(event: SessionEvent): void;
  /** What was found so far; later events do not change what was returned. */
  result(): Result;
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
 * A terminal that is drawn elsewhere, while what it draws is already on its way to others: nobody waits for it.
 *
 * @example One that knows nothing
 * ```ts
 * const blind: ScreenWatcher = {
 *   backlog: 0,
 *   write: () => {},
 *   resize: () => {},
 *   snapshot: () => Promise.resolve(undefined),
 *   close: () => {},
 * };
 * ```
 */
export interface ScreenWatcher {
  /** Output that was not drawn yet, in bytes. */
  readonly backlog: number;
  /** Takes what a program printed; it must not change any more. */
  write(data: Uint8Array): void;
  /** Gives it another size. */
  resize(cols: number, rows: number): void;
  /** What shows behind all that was written until now, once that is drawn; `undefined` where it is not known. */
  snapshot(): Promise<ScreenState | undefined>;
  /** Lets go of it. */
  close(): void;
}

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
 * - `typed`: bytes that were passed on to the program; `echo` and `canonical` tell how the terminal stood then, `by` who typed
 *   them, where it was not whoever sits at the user's terminal.
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
    readonly by?: string;
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
  /** Output is handed on as soon as it comes, where none came just before; otherwise within some milliseconds, which costs less. */
  readonly eager?: boolean;
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
  /** Types `data`, for whoever is named; resolves when the terminal has taken all of it, however slowly the program reads it. */
  write(data: Uint8Array, by?: string): Promise<void>;
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

/**
 * A font that the machine has.
 *
 * @example
 * ```ts
 * const font: InstalledFont = { path: "/usr/share/fonts/x/XMono-Bold.ttf", family: "XMono", style: "Bold", isMono: true };
 * ```
 */
export interface InstalledFont {
  /** The file. */
  readonly path: string;
  /** Its family, or what the name of the file tells of it. */
  readonly family: string;
  /** Such as `Bold Oblique`. */
  readonly style: string;
  /** All letters are known to be of one width. */
  readonly isMono: boolean;
}

/**
 * What the machine has to draw text with.
 *
 * @example A machine without fonts
 * ```ts
 * const none: FontHost = { list: () => Promise.resolve([]), usual: () => Promise.resolve(""), read: () => new Uint8Array(0), find: () => undefined };
 * ```
 */
export interface FontHost {
  /** All fonts. */
  list(): Promise<readonly InstalledFont[]>;
  /** The family of fixed width that the user prefers; empty where nobody has said. */
  usual(): Promise<string>;
  /** The bytes of a file. */
  read(path: string): Uint8Array;
  /** A file that has a character, where the machine can tell. */
  find(code: number): string | undefined;
}

/**
 * Pixels, row by row from the upper left: red, green, blue and opacity of each, in bytes.
 *
 * @example
 * ```ts
 * const red: Pixels = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 255) };
 * ```
 */
export interface Pixels {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** Four bytes for each. */
  readonly data: Uint8Array;
}

/**
 * Makes pixels of SVG pictures, with the fonts it is given and no others.
 *
 * @example
 * ```ts
 * const widthOf = (rasterizer: Rasterizer, svg: string) => rasterizer.pixels(svg, []).width;
 * ```
 */
export interface Rasterizer {
  /** The picture. */
  pixels(svg: string, fonts: readonly Uint8Array[]): Pixels;
  /** The picture as a PNG file. */
  png(svg: string, fonts: readonly Uint8Array[]): Uint8Array;
}
