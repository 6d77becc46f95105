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

/**
 * A colour of a cell: `null` for the terminal's own, a number for the 256-colour palette, `#rrggbb` for a direct colour.
 *
 * @example
 * ```ts
 * const colours: CellColor[] = [null, 196, "#ff8800"];
 * ```
 */
export type CellColor = null | number | string;

/**
 * How the cells of a run look. What is absent is off.
 *
 * @example
 * ```ts
 * const warning: CellStyle = { foreground: 1, bold: true, underline: 3 };
 * ```
 */
export interface CellStyle {
  /** Colour of the text. */
  readonly foreground?: CellColor;
  /** Colour behind the text. */
  readonly background?: CellColor;
  /** SGR 1. */
  readonly bold?: true;
  /** SGR 2. */
  readonly dim?: true;
  /** SGR 3. */
  readonly italic?: true;
  /** 1 single, 2 double, 3 curly, 4 dotted, 5 dashed. */
  readonly underline?: 1 | 2 | 3 | 4 | 5;
  /** Colour of the underline (SGR 58). */
  readonly underlineColor?: CellColor;
  /** SGR 5. */
  readonly blink?: true;
  /** SGR 7. */
  readonly inverse?: true;
  /** SGR 8. */
  readonly hidden?: true;
  /** SGR 9. */
  readonly strike?: true;
  /** SGR 53. */
  readonly overline?: true;
  /** Selective erase (DECSCA) leaves this cell alone. */
  readonly protected?: true;
  /** Index into {@linkcode ScreenState.links}. */
  readonly link?: number;
}

/**
 * Neighbouring cells of one style; the first member is an index into {@linkcode ScreenState.styles}.
 *
 * - `[style, 5]`: five erased cells.
 * - `[style, "text"]`: each code point fills one cell.
 * - `[style, "👍🏽", 2]`: one cluster that fills that many cells.
 *
 * @example
 * ```ts
 * const row: CellRun[] = [[0, "$ ls"], [1, 3], [0, "漢", 2]];
 * ```
 */
export type CellRun = readonly [number, number] | readonly [number, string] | readonly [number, string, number];

/**
 * One row of a screen. Erased cells in the default style at its end may be left out.
 *
 * @example
 * ```ts
 * const wrapped: ScreenRow = { cells: [[0, "the end of this line is on the next row"]], wraps: true };
 * ```
 */
export interface ScreenRow {
  /** From the left. */
  readonly cells: readonly CellRun[];
  /** The line goes on in the next row: it was too long, nobody ended it. */
  readonly wraps?: true;
}

/**
 * A cursor, as it stands or as it was saved (DECSC).
 *
 * @example
 * ```ts
 * const home: ScreenCursor = { col: 0, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 };
 * ```
 */
export interface ScreenCursor {
  /** Column from 0. Equal to the width when a character was written in the last column and the next one will wrap. */
  readonly col: number;
  /** Row of the screen from 0. */
  readonly row: number;
  /** Index into {@linkcode ScreenState.styles}: what is written next looks like this. */
  readonly style: number;
  /** G0 to G3, each by the final byte of its designation (`B` ASCII, `0` line drawing …). */
  readonly charsets: readonly [string, string, string, string];
  /** Which of them is in use (GL). */
  readonly charset: 0 | 1 | 2 | 3;
  /** Origin mode as saved. */
  readonly origin?: true;
}

/**
 * One of the two screens of a terminal.
 *
 * @example
 * ```ts
 * const blank: ScreenBuffer = { rows: [] };
 * ```
 */
export interface ScreenBuffer {
  /** From the top; rows at the bottom that were never written may be left out. */
  readonly rows: readonly ScreenRow[];
  /** Lines above the screen, oldest first, where they were kept. */
  readonly scrollback?: readonly ScreenRow[];
  /** The cursor that DECSC saved while this screen showed. */
  readonly saved?: ScreenCursor;
  /** The first row goes on from a line above it, which is not here. */
  readonly continued?: true;
  /** Margins of this screen while the other one shows; absent when they are the whole screen. */
  readonly margins?: readonly [top: number, bottom: number];
  /** Tab stops of this screen while the other one shows; absent when every eighth column has one. */
  readonly tabs?: readonly number[];
}

/**
 * Everything that a terminal shows or has pending, told without the terms of any one emulator.
 *
 * Feeding a terminal that was set to this state gives the same screen as one that was never interrupted. `formats/T2A.md`
 * specifies each member.
 *
 * @example
 * ```ts
 * const cursor: ScreenCursor = { col: 2, row: 0, style: 0, charsets: ["B", "B", "B", "B"], charset: 0 };
 * const prompt: ScreenState = {
 *   cols: 80, rows: 24, styles: [{}], normal: { rows: [{ cells: [[0, "$ "]] }] }, cursor, modes: { "?25": true },
 * };
 * ```
 */
export interface ScreenState {
  /** Width in cells. */
  readonly cols: number;
  /** Height in cells. */
  readonly rows: number;
  /** All styles in use; runs and cursors refer to them by index. */
  readonly styles: readonly CellStyle[];
  /** Targets of OSC 8 links; styles refer to them by index. */
  readonly links?: readonly { readonly uri: string; readonly id?: string }[];
  /** The screen with scrollback. */
  readonly normal: ScreenBuffer;
  /** Present while the alternate screen shows, or while it keeps what a program left there. */
  readonly alternate?: ScreenBuffer;
  /** Which screen shows; absent for the normal one. */
  readonly active?: "alternate";
  /** Where and how the next character is written. */
  readonly cursor: ScreenCursor;
  /** DECSCUSR parameter, 0 to 6. */
  readonly cursorShape?: number;
  /** DECSTBM of the screen that shows, rows from 0, both included; absent when it is the whole screen. */
  readonly margins?: readonly [top: number, bottom: number];
  /** Columns of the screen that shows with a tab stop; absent when every eighth has one. */
  readonly tabs?: readonly number[];
  /** Modes that differ from a terminal just switched on: `"?2004": true` for DEC private modes, `"4": true` for ANSI ones. */
  readonly modes: Readonly<Record<string, boolean | number>>;
  /** Window title. */
  readonly title?: string;
  /** Icon name. */
  readonly icon?: string;
  /** Palette entries that a program changed (OSC 4), and `10`, `11`, `12` (default colours, cursor) under those names. */
  readonly colors?: Readonly<Record<string, string>>;
  /** The printed character that REP would repeat. */
  readonly last?: string;
  /** Bytes read since the parser was last at rest: a character or an escape sequence that is not complete yet. */
  readonly pending?: Uint8Array;
}
