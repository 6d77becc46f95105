/**
 * Puts a screen state into an engine that was just switched on.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellRun, ScreenBuffer, ScreenCursor, ScreenRow, ScreenState } from "../event.ts";
import type { Charsets } from "./charsets.ts";
import type { EngineBuffer, EngineCell, EngineCore, EngineLine, SavedMore } from "./engine.ts";
import type { Links } from "./links.ts";
import { MOUSE_ENCODINGS, MOUSE_MODES, PRIVATE_MODES } from "./snapshot.ts";
import { type EngineStyle, engineStyles } from "./styles.ts";

const COMBINED = 0x200000, WIDTH_SHIFT = 22;

/** Sets everything but `pending`, which is to be parsed afterwards, and `colors`. */
export function restoreState(core: EngineCore, state: ScreenState, links: Links, charsets: Charsets): void {
  const restorer = new Restorer(core, state, links, charsets);
  restorer.restore();
}

class Restorer {
  readonly #core: EngineCore;
  readonly #state: ScreenState;
  readonly #charsets: Charsets;
  readonly #styles: readonly EngineStyle[];
  readonly #plain: EngineStyle;

  constructor(core: EngineCore, state: ScreenState, links: Links, charsets: Charsets) {
    this.#core = core;
    this.#state = state;
    this.#charsets = charsets;
    const blank = core._inputHandler._curAttrData.extended;
    this.#plain = engineStyles([{}], blank, [])[0]!;
    const numbers = (state.links ?? []).map((link) => links.register(link));
    this.#styles = engineStyles(state.styles, blank, numbers);
  }

  restore(): void {
    const { buffers } = this.#core, { normal, alternate, active } = this.#state;
    this.#buffer(buffers.normal, normal);
    if (active === "alternate") {
      this.#setFrames(buffers.normal, normal);
      buffers.activateAltBuffer();
    }
    if (alternate) this.#buffer(buffers.alt, alternate);
    if (alternate && active !== "alternate") this.#setFrames(buffers.alt, alternate);
    this.#setFrames(buffers.active, this.#state);
    this.#modes();
    this.#cursor();
    const handler = this.#core._inputHandler;
    handler._windowTitle = this.#state.title ?? "";
    handler._iconName = this.#state.icon ?? "";
    handler._parser.precedingJoinState = this.#joinState(this.#state.last ?? "");
  }

  #styleAt(index: number): EngineStyle {
    return this.#styles[index] ?? this.#plain;
  }

  #buffer(buffer: EngineBuffer, { rows, saved, continued }: ScreenBuffer): void {
    const count = Math.min(rows.length, this.#core.rows, buffer.lines.length);
    for (let row = 0; row < count; row++) this.#row(buffer.lines.get(row)!, rows[row]!);
    for (let row = 0; row < count && row + 1 < buffer.lines.length; row++) {
      buffer.lines.get(row + 1)!.isWrapped = rows[row]!.wraps === true;
    }
    const first = buffer.lines.get(0);
    if (first) first.isWrapped = continued === true;
    if (!saved) return;
    buffer.savedX = Math.min(saved.col, this.#core.cols);
    buffer.savedY = Math.min(saved.row, this.#core.rows - 1);
    buffer.savedCurAttrData = Object.assign(this.#core._inputHandler._curAttrData.clone(), this.#styleAt(saved.style));
    buffer.savedMore = this.#sets(saved);
  }

  #row(line: EngineLine, row: ScreenRow): void {
    let col = 0;
    for (const run of row.cells) col = this.#run(line, col, run);
  }

  /** Returns the column behind the run. */
  #run(line: EngineLine, col: number, [index, what, width]: CellRun): number {
    const style = this.#styleAt(index);
    if (typeof what === "number") {
      const end = Math.min(line.length, col + what);
      for (; col < end; col++) this.#cell(line, col, style, 1 << WIDTH_SHIFT);
      return col;
    }
    if (width !== undefined) return this.#cluster(line, col, style, what, width);
    for (const character of what) {
      if (col < line.length) this.#cell(line, col++, style, character.codePointAt(0)! | (1 << WIDTH_SHIFT));
    }
    return col;
  }

  #cluster(line: EngineLine, col: number, style: EngineStyle, text: string, width: number): number {
    if (col >= line.length) return col;
    const shown = Math.min(Math.max(1, width), 2);
    const isOne = [...text].length === 1;
    const content = (isOne ? text.codePointAt(0)! : COMBINED) | (shown << WIDTH_SHIFT);
    this.#cell(line, col, style, content, isOne ? "" : text);
    if (shown === 2 && col + 1 < line.length) this.#cell(line, col + 1, style, 0);
    return col + shown;
  }

  #cell(line: EngineLine, col: number, { fg, bg, extended }: EngineStyle, content: number, combinedData = ""): void {
    const cell: EngineCell = { content, fg, bg, extended, combinedData };
    line.setCell(col, cell);
  }

  #setFrames(buffer: EngineBuffer, { margins, tabs }: Pick<ScreenState, "margins" | "tabs">): void {
    const { rows, cols } = this.#core;
    const [top, bottom] = margins ?? [0, rows - 1];
    if (top < bottom && bottom < rows) [buffer.scrollTop, buffer.scrollBottom] = [top, bottom];
    if (tabs) buffer.tabs = Object.fromEntries(tabs.filter((col) => col < cols).map((col) => [col, true]));
  }

  #sets({ charsets, charset, origin }: ScreenCursor): SavedMore {
    return {
      charsets: charsets.map((letter) => this.#charsets.tableOf(letter)),
      glevel: charset,
      origin: origin === true,
    };
  }

  #modes(): void {
    const { modes, cursorShape = 0 } = this.#state, { coreService, coreMouseService, options } = this.#core;
    const isOn = (mode: string) => modes[mode] === true;
    coreService.modes.insertMode = isOn("4");
    options.convertEol = isOn("20");
    options.cursorBlink = isOn("?12");
    coreService.isCursorHidden = modes["?25"] === false;
    coreService.decPrivateModes.wraparound = modes["?7"] !== false;
    coreService.decPrivateModes.origin = isOn("?6");
    for (const [mode, name] of Object.entries(PRIVATE_MODES)) coreService.decPrivateModes[name] = isOn(mode);
    for (const [mode, name] of Object.entries(MOUSE_MODES)) if (isOn(mode)) coreMouseService.activeProtocol = name;
    for (const [mode, name] of Object.entries(MOUSE_ENCODINGS)) if (isOn(mode)) coreMouseService.activeEncoding = name;
    if (cursorShape < 1 || cursorShape > 6) return;
    coreService.decPrivateModes.cursorStyle = ["block", "underline", "bar"][Math.ceil(cursorShape / 2) - 1];
    coreService.decPrivateModes.cursorBlink = (cursorShape % 2 === 1) as never;
  }

  #cursor(): void {
    const { cursor } = this.#state, { buffers: { active }, cols, rows, _charsetService: service } = this.#core;
    active.x = Math.min(cursor.col, cols);
    active.y = Math.min(cursor.row, rows - 1);
    Object.assign(this.#core._inputHandler._curAttrData, this.#styleAt(cursor.style));
    const { charsets, glevel } = this.#sets(cursor);
    charsets.forEach((table, index) => service.setgCharset(index, table));
    service.setgLevel(glevel);
  }

  /** What the engine remembers of the character that was written last. */
  #joinState(last: string): number {
    const { unicodeService } = this.#core;
    return [...last].reduce((state, character) => unicodeService.charProperties(character.codePointAt(0)!, state), 0);
  }
}
