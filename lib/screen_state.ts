/**
 * What a terminal shows, as plain data: the payload of events that are a whole screen.
 *
 * This module is browser compatible.
 * @module
 */

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
