/**
 * One pseudo-terminal as the pump sees it: plain data, which is what moves when the Worker takes over, and how long its program waits
 * for a queue that is full.
 * @module
 */

import type { ExitStatus, Nanos } from "../event.ts";
import type { PtyAttachment } from "../ports.ts";
import { type KeyState, keyState } from "./keys.ts";
import { F_GETFL, int, libc, O_NONBLOCK } from "./libc.ts";
import { now } from "./pump_calls.ts";

/** Index into {@linkcode Line.shared}: bytes posted that nobody has taken yet. */
export const IN_FLIGHT = 0;
/** Index into {@linkcode Line.shared}: 1 while the pump wants to be woken when bytes are taken. */
export const WANTS_WAKING = 1;

/**
 * How long a program may wait for a full queue, in all, before its output is dropped instead, where it may be. A wait in which the
 * recorder takes a byte each {@linkcode PACE} is free: it only paces a flood that is faster than the recorder, on a busy machine
 * too. Longer ones come from a disk that is stuck, and are felt at the keyboard. A second without them gives
 * {@linkcode REGAINED} of the patience back.
 */
const PATIENCE: Nanos = 2_000_000_000;
const PACE: Nanos = 1_000;
const REGAINED = 0.1;

/** One pseudo-terminal as the pump sees it. */
export interface Line {
  readonly id: number;
  /** The master, which does not block. */
  readonly fd: number;
  readonly pid: number;
  /** Polls readable when the program has ended; -1 where the kernel has none. */
  readonly pidfd: number;
  readonly whenFull: "wait" | "drop";
  readonly queueBytes: number;
  readonly shared: Int32Array<SharedArrayBuffer>;
  input: number;
  output: number;
  /** Whether {@linkcode output} must be asked before each write, because it blocks. */
  careful: boolean;
  readonly tellTyped: boolean;
  /** Output is posted at once where none was posted just before: somebody waits for it behind the queue. */
  readonly eager: boolean;
  /** When output was last posted. */
  postedAt: Nanos;
  /** The last byte from {@linkcode input} ended a line, or there was none. */
  endedLine: boolean;
  /** When the program is told next that {@linkcode input} has ended; `Infinity` while it has not. */
  endDue: Nanos;
  /** How often it was told. */
  endsTold: number;
  keys: KeyState;
  /** What the program is still to get; a `ticket` is posted back once all of it was taken. */
  toChild: { data: Uint8Array; ticket: number }[];
  /** What the user's terminal has not taken yet; nothing more is read before it has. */
  toUser: Uint8Array[];
  /** Since when the queue has been full; 0 while it is not. */
  fullSince: Nanos;
  /** How full it was then. */
  fullBytes: number;
  /** How much longer the program would wait for a full queue, as of the time behind it. */
  patience: Nanos;
  patienceAt: Nanos;
  /** The queue was full for too long: output is shown and not posted. */
  dropping: boolean;
  /** Bytes that were not posted because of that. */
  dropped: number;
  /** No program holds the terminal open just now. */
  hungUp: boolean;
  exit: ExitStatus | undefined;
  /** Since when, after the exit, there has been nothing to read; 0 while there is. */
  quietSince: Nanos;
  /** Bytes read since the exit. */
  afterExit: number;
}

/** A line that has moved nothing yet. */
export function newLine(
  attachment: PtyAttachment | undefined,
  opened: Pick<Line, "id" | "fd" | "pid" | "pidfd" | "whenFull" | "queueBytes" | "shared" | "tellTyped" | "eager">,
): Line {
  const line: Line = {
    ...opened,
    input: -1,
    output: -1,
    careful: false,
    endedLine: true,
    endDue: Infinity,
    endsTold: 0,
    keys: keyState({ pause: "", mark: "", discard: "" }),
    toChild: [],
    toUser: [],
    fullSince: 0,
    fullBytes: 0,
    patience: PATIENCE,
    patienceAt: 0,
    dropping: false,
    dropped: 0,
    postedAt: 0,
    hungUp: false,
    exit: undefined,
    quietSince: 0,
    afterExit: 0,
  };
  if (attachment) attach(line, attachment);
  return line;
}

/** Gives it the user's side. */
export function attach(line: Line, { input, output, keys }: PtyAttachment): void {
  line.input = input;
  line.output = output;
  line.keys = keyState(keys);
  line.careful = output >= 0 && (int(libc().fcntl(output, F_GETFL, 0)) & O_NONBLOCK) === 0;
}

/** Takes the user's side away. */
export function detach(line: Line): void {
  line.input = line.output = -1;
  line.toUser = [];
}

/** The queue is full from now on. */
export function beginWait(line: Line): void {
  line.fullSince = now();
  line.fullBytes = Atomics.load(line.shared, IN_FLIGHT);
  line.patience = Math.min(PATIENCE, line.patience + REGAINED * (line.fullSince - line.patienceAt));
}

/** The queue has room again; says that nobody must wait. */
export function endWait(line: Line): false {
  if (line.fullSince === 0) return false;
  line.patienceAt = now();
  const taken = line.fullBytes - Atomics.load(line.shared, IN_FLIGHT);
  line.patience = Math.min(PATIENCE, line.patience + taken * PACE - (line.patienceAt - line.fullSince));
  line.fullSince = 0;
  return false;
}
