/**
 * The terminal emulator that we use, `@xterm/headless`, with what it lacks for recordings that nobody vouches for.
 *
 * It is driven synchronously and by its insides: a stage of a pipeline cannot wait for timers, and what a terminal has pending
 * is not told by its outside. All knowledge of its insides is in this file; versions are pinned.
 *
 * Guarded against: parameters that would keep it busy for minutes (`CSI 2147483647 L`), repetitions that would take all memory
 * (`CSI 2147483647 b`), links and titles without number or end, and an error of its own when a screen is erased up to its last cell.
 * Mended: saved cursors keep what DECSC is to save (all character sets, origin mode, underlines).
 *
 * This module is browser compatible.
 * @module
 */

import "./node_hidden.ts";
// @ts-types="npm:@xterm/addon-unicode-graphemes@0.4.0"
import { UnicodeGraphemesAddon } from "@xterm/addon-unicode-graphemes";
// @ts-types="npm:@xterm/headless@6.0.0"
import { Terminal } from "@xterm/headless";
import "./node_shown.ts";

/** A character set of the engine; its own table, told apart by identity only. */
export type EngineCharset = object | undefined;

/** Attributes beside colours and flags. `ext` holds underline style and colour. */
export interface EngineExtended {
  ext: number;
  _ext: number;
  urlId: number;
  clone(): EngineExtended;
}

/** How the next character is to look. */
export interface EngineAttributes {
  fg: number;
  bg: number;
  extended: EngineExtended;
  clone(): EngineAttributes;
}

/** One cell, as it is put into a line. */
export interface EngineCell {
  content: number;
  fg: number;
  bg: number;
  extended: EngineExtended;
  combinedData: string;
}

/** A row. */
export interface EngineLine {
  isWrapped: boolean;
  readonly length: number;
  readonly _extendedAttrs: Readonly<Record<number, EngineExtended | undefined>>;
  getWidth(col: number): number;
  getFg(col: number): number;
  getBg(col: number): number;
  getString(col: number): string;
  hasContent(col: number): number;
  setCell(col: number, cell: EngineCell): void;
  translateToString(trimRight: boolean): string;
}

/** One of the two screens. */
export interface EngineBuffer {
  lines: {
    readonly length: number;
    get(row: number): EngineLine | undefined;
    set(row: number, line: EngineLine): void;
    trimStart(count: number): void;
  };
  ybase: number;
  x: number;
  y: number;
  scrollTop: number;
  scrollBottom: number;
  tabs: Record<number, boolean | undefined>;
  savedX: number;
  savedY: number;
  savedCurAttrData: EngineAttributes;
  savedCharset: EngineCharset;
  /** Ours: what DECSC saves beside these. */
  savedMore?: SavedMore;
  getBlankLine(attributes: EngineAttributes): EngineLine;
  fillViewportRows(): void;
}

/** What DECSC saves and the engine does not. */
export interface SavedMore {
  readonly charsets: readonly EngineCharset[];
  readonly glevel: number;
  readonly origin: boolean;
}

/** A colour that a program set, asked for or gave back; `index` 256 to 258 are foreground, background and cursor. */
export interface EngineColor {
  readonly type: number;
  readonly index?: number;
  readonly color?: readonly [number, number, number];
}

/** The insides that we touch. */
export interface EngineCore {
  readonly cols: number;
  readonly rows: number;
  readonly options: { convertEol: boolean; cursorBlink: boolean };
  readonly buffers: {
    readonly normal: EngineBuffer;
    readonly alt: EngineBuffer;
    readonly active: EngineBuffer;
    activateAltBuffer(): void;
  };
  readonly coreService: {
    isCursorHidden: boolean;
    readonly modes: { insertMode: boolean };
    readonly decPrivateModes: Record<string, boolean | string | undefined>;
  };
  readonly coreMouseService: { activeProtocol: string; activeEncoding: string };
  readonly unicodeService: { charProperties(code: number, preceding: number): number };
  /** Ours: the code points of the character that was written last. */
  lastWritten: number[];
  readonly _bufferService: { scroll(attributes: EngineAttributes, isWrapped?: boolean): void };
  readonly _charsetService: {
    charset: EngineCharset;
    glevel: number;
    _charsets: EngineCharset[];
    setgLevel(level: number): void;
    setgCharset(index: number, charset: EngineCharset): void;
  };
  readonly _oscLinkService: {
    registerLink(data: { readonly id?: string; readonly uri: string }): number;
    addLineToLink(): void;
  };
  readonly _inputHandler: EngineHandler;
  resize(cols: number, rows: number): void;
}

/** The part of the engine that acts. */
export interface EngineHandler {
  _curAttrData: EngineAttributes;
  _windowTitle: string;
  _iconName: string;
  readonly _parser: {
    currentState: number;
    precedingJoinState: number;
    reset(): void;
    registerCsiHandler(id: { final: string; intermediates?: string; prefix?: string }, handler: Handler): unknown;
  };
  parse(data: Uint8Array): void;
  print(data: Uint32Array, start: number, end: number): void;
  saveCursor(): boolean;
  restoreCursor(): boolean;
  softReset(parameters: unknown): boolean;
  onRequestReset(listener: () => void): unknown;
  onColor(listener: (colors: readonly EngineColor[]) => void): unknown;
  _eraseInBufferLine(y: number, start: number, end: number, clearWrap: boolean, respectProtect: boolean): void;
  _resetBufferLine(y: number, respectProtect: boolean): void;
  _restrictCursor(maxCol: number): void;
}

type Handler = (parameters: { readonly length: number; readonly params: Int32Array | number[] }) => boolean;

/** Sizes beyond these are nobody's terminal. Less than two columns have no room for a wide character. */
const MIN_COLS = 2, MAX_CELLS = 2048;

/** A new terminal, just switched on. */
export function createEngine(cols: number, rows: number): EngineCore {
  const terminal = new Terminal({
    allowProposedApi: true,
    cols: clampCols(cols),
    rows: clampRows(rows),
    scrollback: 0, // and so lines that scroll off never move what DECSC saved
    logLevel: "off",
  });
  terminal.loadAddon(new UnicodeGraphemesAddon() as never);
  const core = (terminal as unknown as { readonly _core: EngineCore })._core;
  limitParameters(core);
  mendErase(core);
  mendCursor(core);
  rememberLast(core);
  mendPrint(core);
  return core;
}

/** A width that the engine can have. */
export function clampCols(cols: number): number {
  return Math.min(MAX_CELLS, Math.max(MIN_COLS, cols));
}

/** A height that the engine can have. */
export function clampRows(rows: number): number {
  return Math.min(MAX_CELLS, Math.max(1, rows));
}

/** Lets no sequence do more often what it does than there is room for. */
function limitParameters(core: EngineCore): void {
  const { _parser: parser } = core._inputHandler;
  const limit = (final: string, most: () => number, intermediates?: string) =>
    parser.registerCsiHandler({ final, ...(intermediates ? { intermediates } : {}) }, ({ params, length }) => {
      for (let at = 0; at < length; at++) params[at] = Math.min(params[at]!, most());
      return false;
    });
  for (const final of "LMST") limit(final, () => core.rows);
  for (const final of "@PXIZ") limit(final, () => core.cols);
  for (const final of "@A") limit(final, () => core.cols, " ");
  for (const final of "}~") limit(final, () => core.cols, "'");
  limit("b", () => core.cols * core.rows);
}

/** Erasing above, up to and with the last cell of the last row: the engine looks for a row below that and throws. */
function mendErase(core: EngineCore): void {
  const handler = core._inputHandler;
  const eraseAbove = (respectProtect: boolean) => {
    handler._restrictCursor(core.cols);
    const { active } = core.buffers;
    handler._eraseInBufferLine(active.y, 0, active.x + 1, true, respectProtect);
    const below = active.lines.get(active.ybase + active.y + 1);
    if (below && active.x + 1 >= core.cols) below.isWrapped = false;
    for (let row = active.y - 1; row >= 0; row--) handler._resetBufferLine(row, respectProtect);
    return true;
  };
  handler._parser.registerCsiHandler({ final: "J" }, ({ params }) => params[0] === 1 && eraseAbove(false));
  handler._parser.registerCsiHandler({ final: "J", prefix: "?" }, ({ params }) => params[0] === 1 && eraseAbove(true));
}

/** DECSC and DECRC with all that they are to keep. */
function mendCursor(core: EngineCore): void {
  const handler = core._inputHandler, sets = core._charsetService;
  const { restoreCursor, softReset } = handler;
  handler.saveCursor = () => {
    const { active } = core.buffers;
    active.savedX = active.x;
    active.savedY = active.ybase + active.y;
    active.savedCurAttrData = handler._curAttrData.clone();
    const origin = core.coreService.decPrivateModes.origin === true;
    active.savedMore = { charsets: [...sets._charsets], glevel: sets.glevel, origin };
    return true;
  };
  handler.restoreCursor = () => {
    const { active } = core.buffers;
    const { charsets, glevel, origin } = active.savedMore ?? NOTHING_MORE;
    active.savedCharset = undefined;
    restoreCursor.call(handler);
    handler._curAttrData = active.savedCurAttrData.clone();
    for (let index = 0; index < 4; index++) sets.setgCharset(index, charsets[index]);
    sets.setgLevel(glevel);
    core.coreService.decPrivateModes.origin = origin;
    return true;
  };
  handler.softReset = (parameters) => {
    const done = softReset.call(handler, parameters);
    const { active } = core.buffers;
    active.savedCurAttrData = handler._curAttrData.clone();
    active.savedMore = NOTHING_MORE;
    return done;
  };
}

/** What is restored where nothing was saved. */
const NOTHING_MORE: SavedMore = { charsets: [], glevel: 0, origin: false };

/** Without wrapping, what the engine makes of wide characters at the margin depends on how the bytes came; one by one it does not. */
function mendPrint(core: EngineCore): void {
  const handler = core._inputHandler;
  const { print } = handler;
  handler.print = (data, start, end) => {
    if (core.coreService.decPrivateModes.wraparound) return print.call(handler, data, start, end);
    for (let at = start; at < end; at++) print.call(handler, data, at, at + 1);
  };
}

/** Keeps the character that was written last: what joins it, and what repeats it, depends on all of its code points. */
function rememberLast(core: EngineCore): void {
  const service = core.unicodeService;
  const { charProperties } = service;
  core.lastWritten = [];
  service.charProperties = (code, preceding) => {
    const properties = charProperties.call(service, code, preceding);
    const last = core.lastWritten; // kept as it is: a new one for each character takes as long as all else here
    if (properties & JOINS) last.push(code);
    else {
      if (last.length > 1) last.length = 1;
      last[0] = code;
    }
    return properties;
  };
}

/** The bit that says that a code point belongs to the character before it. */
const JOINS = 1;
