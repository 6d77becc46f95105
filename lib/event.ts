/**
 * The words of the project: a session is a stream of events, and this is every kind of event there is.
 *
 * Recording, conversion, analysis, live sharing and replay all read and write this one type, in batches, so any of
 * them can stand before or after any other. Events are *recorded* (what happened, written once, never invented) or
 * *derived* (computable again from the recorded ones: keyframes, commands). Dropping every derived event loses nothing.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState } from "./screen_state.ts";

// An event may be a whole screen, so whoever reads events reads those too.
export type * from "./screen_state.ts";

/**
 * Whole nanoseconds since the session's header.
 *
 * A plain number: exact for the first 104 days of a session, in steps of 2 ns after that.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const coffee: Nanos = 90 * SECOND + 250 * MILLISECOND;
 * equal(coffee, 90_250_000_000);
 * ```
 */
export type Nanos = number;

/**
 * One microsecond in {@linkcode Nanos}.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(1000 * MICROSECOND, MILLISECOND);
 * ```
 */
export const MICROSECOND: Nanos = 1_000;

/**
 * One millisecond in {@linkcode Nanos}.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(1000 * MILLISECOND, SECOND);
 * ```
 */
export const MILLISECOND: Nanos = 1_000_000;

/**
 * One second in {@linkcode Nanos}.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(SECOND, 1e9);
 * ```
 */
export const SECOND: Nanos = 1_000_000_000;

/**
 * Anything that JSON can hold.
 *
 * @example
 * ```ts
 * const settings: Json = { columns: [80, 132], comment: null };
 * JSON.stringify(settings);
 * ```
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/**
 * The colours that the recorded terminal used, as `#rrggbb`; the palette has 8 or 16 entries.
 *
 * @example
 * ```ts
 * const paper: Theme = { foreground: "#222222", background: "#ffffff", palette: Array(8).fill("#808080") };
 * ```
 */
export interface Theme {
  /** Colour of plain text. */
  readonly foreground: string;
  /** Colour behind plain text. */
  readonly background: string;
  /** ANSI colours 0 to 7 or 0 to 15. */
  readonly palette: readonly string[];
}

/**
 * What is known about a session from its first moment on. It is the payload of the first event of every session.
 *
 * Only the size is certain: foreign formats may tell nothing else.
 *
 * @example
 * ```ts
 * const header: SessionHeader = { cols: 80, rows: 24, startedAt: Date.UTC(2026, 0, 1), title: "New year", tags: ["demo"] };
 * ```
 */
export interface SessionHeader {
  /** Width of the terminal in cells. */
  readonly cols: number;
  /** Height of the terminal in cells. */
  readonly rows: number;
  /** The recording's own name: 16 random bytes as 32 hexadecimal digits. */
  readonly id?: string;
  /** Wall clock at time 0, in milliseconds since 1970-01-01T00:00:00Z like `Date.now()`, kept to the microsecond. */
  readonly startedAt?: number;
  /** The command line that ran, quoted as one would type it. */
  readonly command?: string;
  /** Path of the shell that ran, or that ran the command. */
  readonly shell?: string;
  /** Login name of whoever recorded. */
  readonly user?: string;
  /** Name of the machine. */
  readonly host?: string;
  /** Working directory at the start. */
  readonly cwd?: string;
  /** Value of `TERM` inside the session. */
  readonly term?: string;
  /** What the terminal says it is (its answer to XTVERSION). */
  readonly termVersion?: string;
  /** A name for people. */
  readonly title?: string;
  /** Words to find it by. */
  readonly tags?: readonly string[];
  /** The environment variables that were chosen to be kept; never the whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Colours of the terminal it was recorded on. */
  readonly theme?: Theme;
  /** A wish of the recording's author: play no pause longer than this. */
  readonly idleLimit?: Nanos;
  /** Name and version of the program that recorded. */
  readonly recorder?: string;
  /** SHA-256, as 64 hexadecimal digits, of the word that marks of commands carry when they are the recorded shell's own. */
  readonly nonceSha256?: string;
  /** Header fields of other formats or later versions, kept as they were. */
  readonly extra?: Readonly<Record<string, Json>>;
}

/**
 * How a session ended.
 *
 * @example
 * ```ts
 * const failed: ExitStatus = { code: 7 };
 * const killed: ExitStatus = { signal: "SIGKILL" };
 * ```
 */
export type ExitStatus = { readonly code: number } | { readonly signal: string };

/**
 * Why something is missing at a {@linkcode SessionEvent} of kind `gap`.
 *
 * - `paused` … `resumed`: recording was switched off between these two; the second one tells how much went by.
 * - `overload`: the recorder could not keep up, and the shell does not wait.
 * - `storage`: the recording could not be written (a full disk, say).
 * - `damage`: the stored recording is unreadable here.
 * - `slow-reader`: a live viewer fell behind.
 *
 * @example
 * ```ts
 * const reason: GapReason = "overload";
 * ```
 */
export type GapReason = "paused" | "resumed" | "overload" | "storage" | "damage" | "slow-reader";

/**
 * How sure it is what a `command` event tells: `reported` by marks that any program could have printed, or `guessed` from what
 * was on the screen. Without it, it is certain: the recorded shell told it, or the recorder ran that command.
 *
 * @example
 * ```ts
 * const doubtful: CommandConfidence[] = ["reported", "guessed"];
 * ```
 */
export type CommandConfidence = "reported" | "guessed";

/**
 * One thing that happened in a session.
 *
 * `data` is bytes: bytes are the truth, text is derived from them. Time never runs backwards between two headers. A
 * stream may hold several sessions one after the other; each `header` starts afresh.
 *
 * @example
 * ```ts
 * const hello: SessionEvent = { kind: "output", time: 12 * MILLISECOND, data: new TextEncoder().encode("hello") };
 * const bigger: SessionEvent = { kind: "resize", time: 3 * SECOND, cols: 132, rows: 43 };
 * ```
 */
export type SessionEvent =
  | { readonly kind: "header"; readonly time: Nanos; readonly header: SessionHeader }
  | { readonly kind: "output"; readonly time: Nanos; readonly data: Uint8Array }
  /** `by`: who typed it, in a shared session. */
  | { readonly kind: "input"; readonly time: Nanos; readonly data: Uint8Array; readonly by?: string }
  | { readonly kind: "resize"; readonly time: Nanos; readonly cols: number; readonly rows: number }
  | { readonly kind: "marker"; readonly time: Nanos; readonly label: string }
  | { readonly kind: "signal"; readonly time: Nanos; readonly name: string }
  /** `drift`: wall clock minus (`startedAt` + `time`). */
  | { readonly kind: "clock"; readonly time: Nanos; readonly drift: Nanos }
  /** Stands where no earlier event can tell what the screen shows: after a gap, a pause, a cut. */
  | { readonly kind: "screen"; readonly time: Nanos; readonly state: ScreenState }
  /** Something is missing here; `bytes` of output where that is known. */
  | { readonly kind: "gap"; readonly time: Nanos; readonly reason: GapReason; readonly bytes?: number }
  /** Facts beside the terminal's own: usage samples, clients coming and going, input withheld. */
  | { readonly kind: "note"; readonly time: Nanos; readonly topic: string; readonly data: Json }
  /** An event of another format, kept as it was. */
  | { readonly kind: "custom"; readonly time: Nanos; readonly code: string; readonly data: Uint8Array }
  /** A piece of a native recording that this version does not know, passed on as it is. */
  | { readonly kind: "opaque"; readonly time: Nanos; readonly type: number; readonly data: Uint8Array }
  | { readonly kind: "exit"; readonly time: Nanos; readonly status: ExitStatus }
  | { readonly kind: "keyframe"; readonly time: Nanos; readonly state: ScreenState }
  | {
    readonly kind: "command";
    readonly time: Nanos;
    readonly phase: "prompt" | "input" | "output" | "done";
    readonly text?: string;
    readonly code?: number;
    readonly cwd?: string;
    readonly confidence?: CommandConfidence;
    /** It was noticed only now: when it began or ended is not known. */
    readonly late?: true;
    /** By the shell's own clock it ended that long before. */
    readonly ago?: Nanos;
    /** By the shell's own clock it began that much earlier than was told. */
    readonly earlier?: Nanos;
  };

/**
 * The name of a kind of event.
 *
 * @example
 * ```ts
 * const spoken: EventKind[] = ["output", "input"];
 * ```
 */
export type EventKind = SessionEvent["kind"];

/**
 * The event of one kind.
 *
 * @example
 * ```ts
 * const label = (event: EventOf<"marker">) => event.label;
 * label({ kind: "marker", time: 0, label: "here" });
 * ```
 */
export type EventOf<Kind extends EventKind> = Extract<SessionEvent, { kind: Kind }>;

/**
 * Several events that travel together. Streams carry batches because a queue hop for each event costs more than the event.
 *
 * @example
 * ```ts
 * const batch: EventBatch = [{ kind: "marker", time: 0, label: "a" }, { kind: "marker", time: 1, label: "b" }];
 * ```
 */
export type EventBatch = readonly SessionEvent[];

/**
 * A session, or several one after the other, on its way from somewhere to somewhere.
 *
 * @example
 * ```ts
 * const stream: EventStream = ReadableStream.from([[{ kind: "marker", time: 0, label: "only" } as const]]);
 * await stream.cancel();
 * ```
 */
export type EventStream = ReadableStream<EventBatch>;

/**
 * Says whether an event can be computed again from the others.
 *
 * @example Dropping what is derived loses nothing
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isDerived({ kind: "command", time: 0, phase: "prompt" }), true);
 * equal(isDerived({ kind: "marker", time: 0, label: "x" }), false);
 * ```
 */
export function isDerived(event: SessionEvent): boolean {
  return event.kind === "keyframe" || event.kind === "command";
}
