/**
 * Takes everything out of the engine that shows or is pending, and puts it into another.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellRun, ScreenBuffer, ScreenCursor, ScreenRow, ScreenState } from "../event.ts";
import type { Charsets } from "./charsets.ts";
import type { EngineBuffer, EngineCore, EngineLine } from "./engine.ts";
import type { Links } from "./links.ts";
import { StyleTable } from "./styles.ts";

/** What is kept beside the engine. */
export interface Surroundings {
  readonly links: Links;
  readonly charsets: Charsets;
  /** Colours that a program set. */
  readonly colors: ReadonlyMap<string, string>;
  /** Bytes since the parser was last at rest. */
  readonly pending: Uint8Array;
}

const MAX_TITLE = 1024;
const MAX_LAST = 32; // code points of one character
const DEFAULT_TAB = 8;

/** Everything that shows or is pending. */
export function takeSnapshot(core: EngineCore, around: Surroundings): ScreenState {
  const { normal, alt, active } = core.buffers, handler = core._inputHandler;
  const table = new StyleTable(around.links);
  const style = table.placeOfPen(handler._curAttrData);
  const cursor = { ...cursorOf(active.x, active.y, style, currentSets(core), around.charsets) };
  const buffers = { normal: bufferOf(normal, core, table, around), alternate: bufferOf(alt, core, table, around) };
  const [title, icon] = [handler._windowTitle.slice(0, MAX_TITLE), handler._iconName.slice(0, MAX_TITLE)];
  const shape = cursorShape(core);
  return {
    cols: core.cols,
    rows: core.rows,
    styles: table.styles,
    ...(table.links.length > 0 ? { links: table.links } : {}),
    normal: buffers.normal,
    ...(active === alt || Object.keys(buffers.alternate).length > 1 ? { alternate: buffers.alternate } : {}),
    ...(active === alt ? { active: "alternate" } : {}),
    cursor,
    ...(shape === undefined ? {} : { cursorShape: shape }),
    ...framesOf(active, core),
    modes: modesOf(core),
    ...(title === "" ? {} : { title }),
    ...(icon === "" ? {} : { icon }),
    ...(around.colors.size > 0 ? { colors: Object.fromEntries(around.colors) } : {}),
    ...lastOf(core),
    ...(around.pending.length > 0 ? { pending: around.pending.slice() } : {}),
  };
}

/** Character sets in use: four tables, and which of them. */
function currentSets({ _charsetService: sets, coreService }: EngineCore) {
  return { charsets: sets._charsets, glevel: sets.glevel, origin: coreService.decPrivateModes.origin === true };
}

function cursorOf(
  col: number,
  row: number,
  style: number,
  sets: NonNullable<EngineBuffer["savedMore"]>,
  names: Charsets,
): ScreenCursor {
  const letters = [0, 1, 2, 3].map((index) => names.letterOf(sets.charsets[index])) as [string, string, string, string];
  return {
    col,
    row,
    style,
    charsets: letters,
    charset: sets.glevel as 0 | 1 | 2 | 3,
    ...(sets.origin ? { origin: true } : {}),
  };
}

function bufferOf(buffer: EngineBuffer, core: EngineCore, table: StyleTable, { charsets }: Surroundings): ScreenBuffer {
  const first = buffer.lines.get(buffer.ybase);
  const saved = savedOf(buffer, table, charsets);
  return {
    rows: rowsOf(buffer, core.rows, table),
    ...(saved ? { saved } : {}),
    ...(first?.isWrapped ? { continued: true } : {}),
    ...(buffer === core.buffers.active ? {} : framesOf(buffer, core)),
  };
}

function rowsOf(buffer: EngineBuffer, count: number, table: StyleTable): ScreenRow[] {
  const rows: ScreenRow[] = [];
  for (let row = 0; row < count; row++) {
    const line = buffer.lines.get(buffer.ybase + row);
    if (!line) break;
    const cells = cellsOf(line, table), wraps = row + 1 < count && buffer.lines.get(buffer.ybase + row + 1)?.isWrapped;
    rows.push(wraps ? { cells, wraps: true } : { cells });
  }
  while (rows.length > 0 && rows.at(-1)!.cells.length === 0 && !rows.at(-2)?.wraps) rows.pop();
  return rows;
}

/** Runs of cells of one style; erased cells in style 0 at the end are left out. */
function cellsOf(line: EngineLine, table: StyleTable): CellRun[] {
  const runs: [number, string | number, number?][] = [];
  for (let col = 0; col < line.length;) {
    const width = line.getWidth(col), text = line.getString(col);
    const style = table.placeOf(line.getFg(col), line.getBg(col), line._extendedAttrs[col]);
    const last = runs.at(-1), isLike = last?.[0] === style && last.length === 2;
    const isOne = width === 1 && text.length <= 2 && [...text].length === 1;
    if (text === "" || width === 0) {
      if (isLike && typeof last![1] === "number") last![1]++;
      else runs.push([style, 1]);
    } else if (isOne) {
      if (isLike && typeof last![1] === "string") last![1] += text;
      else runs.push([style, text]);
    } else runs.push([style, text, width]);
    col += text === "" ? 1 : Math.max(1, width);
  }
  while (runs.length > 0 && runs.at(-1)![0] === 0 && typeof runs.at(-1)![1] === "number") runs.pop();
  return runs as unknown as CellRun[];
}

/** The saved cursor, unless nothing was ever saved. */
function savedOf(buffer: EngineBuffer, table: StyleTable, charsets: Charsets): ScreenCursor | undefined {
  if (!buffer.savedMore) return undefined;
  const row = Math.max(0, buffer.savedY - buffer.ybase);
  return cursorOf(buffer.savedX, row, table.placeOfPen(buffer.savedCurAttrData), buffer.savedMore, charsets);
}

/** Margins and tab stops, where they are not the usual ones. */
function framesOf(buffer: EngineBuffer, { cols, rows }: EngineCore): Pick<ScreenState, "margins" | "tabs"> {
  const { scrollTop, scrollBottom, tabs: stops } = buffer;
  const tabs = Object.keys(stops).map(Number).filter((col) => stops[col] && col < cols);
  const isUsual = tabs.length === Math.ceil(cols / DEFAULT_TAB) && tabs.every((col) => col % DEFAULT_TAB === 0);
  const isWhole = scrollTop === 0 && scrollBottom === rows - 1;
  return { ...(isWhole ? {} : { margins: [scrollTop, scrollBottom] }), ...(isUsual ? {} : { tabs }) };
}

/** DEC private modes by number: where the engine keeps them. */
export const PRIVATE_MODES: Readonly<Record<string, string>> = {
  "?1": "applicationCursorKeys",
  "?45": "reverseWraparound",
  "?66": "applicationKeypad",
  "?1004": "sendFocus",
  "?2004": "bracketedPasteMode",
  "?2026": "synchronizedOutput",
};

/** Which mouse events are reported. */
export const MOUSE_MODES: Readonly<Record<string, string>> = {
  "?9": "X10",
  "?1000": "VT200",
  "?1002": "DRAG",
  "?1003": "ANY",
};

/** And how. */
export const MOUSE_ENCODINGS: Readonly<Record<string, string>> = { "?1006": "SGR", "?1016": "SGR_PIXELS" };

function modesOf({ coreService, coreMouseService, options }: EngineCore): Record<string, boolean> {
  const { decPrivateModes: dec, modes, isCursorHidden } = coreService;
  const nameOf = (names: Readonly<Record<string, string>>, value: string) =>
    Object.keys(names).filter((mode) => names[mode] === value);
  const on = [
    ...(modes.insertMode ? ["4"] : []),
    ...(options.convertEol ? ["20"] : []),
    ...(dec.origin ? ["?6"] : []),
    ...(options.cursorBlink ? ["?12"] : []),
    ...Object.keys(PRIVATE_MODES).filter((mode) => dec[PRIVATE_MODES[mode]!]),
    ...nameOf(MOUSE_MODES, coreMouseService.activeProtocol),
    ...nameOf(MOUSE_ENCODINGS, coreMouseService.activeEncoding),
  ];
  const off = [...(dec.wraparound ? [] : ["?7"]), ...(isCursorHidden ? ["?25"] : [])];
  return Object.fromEntries([...on.map((mode) => [mode, true]), ...off.map((mode) => [mode, false])]);
}

const SHAPES = ["block", "underline", "bar"];

function cursorShape(
  { coreService: { decPrivateModes: { cursorStyle, cursorBlink } } }: EngineCore,
): number | undefined {
  const shape = SHAPES.indexOf(cursorStyle as string);
  return shape < 0 ? undefined : 2 * shape + (cursorBlink ? 1 : 2);
}

/** The character that was written last, unless something else came after it. */
function lastOf({ lastWritten, _inputHandler: { _parser: parser } }: EngineCore): { last?: string } {
  if (parser.precedingJoinState === 0 || lastWritten.length === 0) return {};
  return { last: String.fromCodePoint(...lastWritten.slice(0, MAX_LAST)) };
}
