/**
 * A terminal without a window, by `@xterm/headless`.
 *
 * This module is browser compatible.
 * @module
 */

import type { ScreenState } from "../event.ts";
import type { Emulator, EmulatorOptions } from "../ports.ts";
import { Charsets } from "./charsets.ts";
import { clampCols, clampRows, createEngine, type EngineBuffer, type EngineColor, type EngineCore } from "./engine.ts";
import { Links } from "./links.ts";
import { PendingBytes } from "./pending.ts";
import { restoreState } from "./restore.ts";
import { ScrolledLines } from "./scrolled_lines.ts";
import { takeSnapshot } from "./snapshot.ts";

/** Bytes that the engine is given at once. */
const PIECE = 16 << 10;
/** Bytes after which a state is taken that an error of the engine can be mended from; it costs 1 % of reading them. */
const SAFE_EVERY = 64 << 10;
/** Names of the colours that are no palette entries, by the engine's index. */
const NAMED_COLORS: Readonly<Record<number, string>> = { 256: "10", 257: "11", 258: "12" };
const SET = 1, RESTORE = 2;

let charsets: Charsets | undefined;

/** The terminal. An error of the engine costs the sequence that caused it, and nothing else. */
export class XtermEmulator implements Emulator {
  readonly #make: typeof createEngine;
  readonly #lines: ScrolledLines | undefined;
  readonly #charsets = charsets ??= new Charsets();
  readonly #pending = new PendingBytes();
  #core!: EngineCore;
  #links!: Links;
  #colors = new Map<string, string>();
  #safe: ScreenState; // what showed before the bytes in the log
  #log: Uint8Array[] = [];
  #logged = 0; // bytes in the log
  #rowsAtSafe = 0; // rows that had scrolled off by then

  /** A terminal, just switched on; `make` makes its engines. */
  constructor({ cols, rows, keepLines = false }: EmulatorOptions, make = createEngine) {
    this.#make = make;
    this.#lines = keepLines ? new ScrolledLines() : undefined;
    this.#create(cols, rows);
    this.#safe = this.snapshot();
  }

  get cols(): number {
    return this.#core.cols;
  }

  get rows(): number {
    return this.#core.rows;
  }

  get isAlternate(): boolean {
    const { active, alt } = this.#core.buffers;
    return active === alt;
  }

  write(data: Uint8Array): void {
    for (let at = 0; at < data.length; at += PIECE) this.#write(data.subarray(at, at + PIECE));
  }

  resize(cols: number, rows: number): void {
    // The engine keeps cells, rows and stops that lie outside of a screen, and lays lines out anew by them. What nobody can see
    // must not matter: so it begins with what shows, and ends with it.
    this.#restore(this.snapshot());
    this.#resize(clampCols(cols), clampRows(rows));
    this.#restore(this.snapshot());
    this.#beSafe();
  }

  snapshot(): ScreenState {
    const around = { links: this.#links, charsets: this.#charsets, colors: this.#colors, pending: this.#pending.bytes };
    return takeSnapshot(this.#core, around);
  }

  restore(state: ScreenState): void {
    this.#restore(state);
    this.#lines?.forget();
    this.#beSafe();
  }

  takeLines(): string[] {
    return this.#lines?.take() ?? [];
  }

  get partialLine(): string {
    return this.#lines?.partial ?? "";
  }

  #resize(cols: number, rows: number): void {
    const { normal, alt, active } = this.#core.buffers;
    const { lines } = normal;
    // The screen that does not show is laid out anew around its cursor, which will be where this one's is.
    Object.assign(active === alt ? normal : alt, { x: active.x, y: active.y });
    // On a lower screen the rows at the top have no place any more.
    lines.trimStart = (count) => {
      this.#rowsLeave(lines, count);
      Object.getPrototypeOf(lines).trimStart.call(lines, count);
    };
    this.#core.resize(cols, rows);
    this.#core._inputHandler._parser.precedingJoinState = 0; // what was written last is somewhere else now
    this.#rowsLeave(lines, normal.ybase);
  }

  #rowsLeave(lines: EngineBuffer["lines"], count: number): void {
    for (let row = 0; row < count; row++) this.#rowLeaves(lines.get(row), lines.get(row + 1)?.isWrapped === true);
  }

  #create(cols: number, rows: number): void {
    const core = this.#make(cols, rows);
    this.#core = core;
    this.#links = new Links(() => linksOn(core));
    core._oscLinkService.registerLink = (link) => this.#links.register(link);
    core._oscLinkService.addLineToLink = () => {};
    this.#collectRows(core);
    core._inputHandler.onColor((colors) => this.#setColors(colors));
    core._inputHandler.onRequestReset(() => this.#hasReset(core));
    withoutTimers(core);
  }

  #hasReset(core: EngineCore): void {
    core.options.convertEol = core.options.cursorBlink = false;
    core._inputHandler._windowTitle = core._inputHandler._iconName = "";
    this.#colors.clear();
    withoutTimers(core);
  }

  #collectRows(core: EngineCore): void {
    const service = core._bufferService, { scroll } = service;
    if (!this.#lines) return;
    service.scroll = (attributes, isWrapped = false) => {
      const { active, normal } = core.buffers;
      if (active === normal && active.scrollTop === 0) {
        const below = core.rows > 1 ? active.lines.get(active.ybase + 1)?.isWrapped === true : isWrapped;
        this.#rowLeaves(active.lines.get(active.ybase), below);
      }
      scroll.call(service, attributes, isWrapped);
    };
  }

  #rowLeaves(row: Parameters<ScrolledLines["add"]>[0] | undefined, goesOn: boolean): void {
    if (row) this.#lines?.add(row, goesOn);
  }

  #setColors(colors: readonly EngineColor[]): void {
    for (const { type, index, color } of colors) {
      const name = index === undefined ? undefined : NAMED_COLORS[index] ?? String(index);
      if (type === SET && name && color) this.#colors.set(name, "#" + color.map(twoDigits).join(""));
      else if (type === RESTORE && name) this.#colors.delete(name);
      else if (type === RESTORE) {
        for (const known of [...this.#colors.keys()]) if (!/^1[012]$/.test(known)) this.#colors.delete(known);
      }
    }
  }

  #write(piece: Uint8Array): void {
    this.#log.push(piece.slice());
    this.#logged += piece.length;
    try {
      this.#parse(piece);
    } catch {
      this.#mend();
    }
    if (this.#logged >= SAFE_EVERY) this.#beSafe();
  }

  #parse(data: Uint8Array): void {
    const handler = this.#core._inputHandler;
    this.#pending.feed({
      parse: (bytes) => handler.parse(bytes),
      get isGround() {
        return handler._parser.currentState === 0;
      },
    }, data);
  }

  #beSafe(): void {
    this.#log = [];
    this.#logged = 0;
    this.#safe = this.snapshot();
    this.#rowsAtSafe = this.#lines?.count ?? 0;
  }

  #restore(state: ScreenState): void {
    this.#create(state.cols, state.rows);
    this.#pending.clear();
    restoreState(this.#core, state, this.#links, this.#charsets);
    this.#colors = new Map(Object.entries(state.colors ?? {}));
    if (state.pending) this.#parse(state.pending);
  }

  /** The engine has failed: goes back to a state it was well in, and on from there byte by byte, past what it cannot bear. */
  #mend(): void {
    const log = this.#log;
    this.#lines?.again(this.#lines.count - this.#rowsAtSafe);
    this.#restore(this.#safe);
    for (const piece of log) for (let at = 0; at < piece.length; at++) this.#tryByte(piece.subarray(at, at + 1));
    this.#beSafe();
  }

  #tryByte(byte: Uint8Array): void {
    try {
      this.#parse(byte);
    } catch {
      this.#core._inputHandler._parser.reset();
      this.#pending.clear();
    }
  }
}

function twoDigits(value: number): string {
  return value.toString(16).padStart(2, "0");
}

/** The numbers of links that some cell, or the next character, has. */
function linksOn({ buffers, rows, _inputHandler: { _curAttrData: pen } }: EngineCore): Set<number> {
  const used = new Set([pen.extended.urlId]);
  for (const buffer of [buffers.normal, buffers.alt]) {
    used.add(buffer.savedCurAttrData.extended.urlId);
    for (let row = 0; row < rows; row++) {
      for (const extended of Object.values(buffer.lines.get(buffer.ybase + row)?._extendedAttrs ?? {})) {
        if (extended) used.add(extended.urlId);
      }
    }
  }
  return used;
}

/** The engine tidies up in idle moments after a resize; a process should not wait for that. */
function withoutTimers({ buffers }: EngineCore): void {
  const never = { clear: () => {}, enqueue: () => {} };
  for (const buffer of [buffers.normal, buffers.alt]) Object.assign(buffer, { _memoryCleanupQueue: never });
}
