/**
 * A screen as the escape sequences that draw it.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellRun, ScreenBuffer, ScreenCursor, ScreenState } from "../event.ts";
import { concat } from "../stream/collect.ts";
import { sgr } from "./sgr.ts";

/**
 * The bytes that make a terminal, which was just reset, show what `state` tells, and go on from there.
 *
 * What no sequence can say is not in them: scrollback, the inactive alternate screen, a first row that goes on from one above
 * it, which character REP would repeat, and the margins and tab stops of the screen that does not show.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { loadEmulator } from "@term2ai/term2ai";
 *
 * const make = await loadEmulator();
 * const [one, other] = [make({ cols: 80, rows: 24 }), make({ cols: 80, rows: 24 })];
 * one.write(new TextEncoder().encode("\x1b[3;5H\x1b[1;31mred\x1b[?25l"));
 * other.write(screenToAnsi(one.snapshot()));
 * equal(JSON.stringify(other.snapshot().normal), JSON.stringify(one.snapshot().normal));
 * ```
 */
export function screenToAnsi(state: ScreenState): Uint8Array {
  const text = new AnsiWriter(state).write();
  return concat([new TextEncoder().encode(text), state.pending ?? new Uint8Array(0)]);
}

/** Modes that are set when all is drawn, since they change how drawing works, or where the cursor is. */
const LATE_MODES = new Set(["4", "20", "?6", "?7"]);

class AnsiWriter {
  readonly #state: ScreenState;
  #style = 0; // how the next character would look; all off

  constructor(state: ScreenState) {
    this.#state = state;
  }

  write(): string {
    const { normal, alternate, active } = this.#state;
    const isAlternate = active === "alternate" && alternate !== undefined;
    const shown = isAlternate ? alternate : normal;
    return [
      this.#names(),
      this.#buffer(normal),
      isAlternate ? this.#look(0) + "\x1b[?47h" + this.#buffer(alternate) : "",
      this.#tabs(),
      this.#modes((mode) => !LATE_MODES.has(mode)),
      this.#margins(),
      this.#modes((mode) => mode === "?6" || mode === "?7"),
      this.#place(this.#state.cursor, shown),
      this.#modes((mode) => mode === "4" || mode === "20"),
    ].join("");
  }

  /** Title, icon and colours. */
  #names(): string {
    const { title, icon, colors = {}, cursorShape } = this.#state;
    const changed = Object.entries(colors).map(([name, color]) => {
      const spec = `rgb:${color.slice(1, 3)}/${color.slice(3, 5)}/${color.slice(5, 7)}`;
      return command(/^1[0-2]$/.test(name) ? `${name};${spec}` : `4;${name};${spec}`);
    });
    return [
      ...(icon ? [command(`1;${plain(icon)}`)] : []),
      ...(title ? [command(`2;${plain(title)}`)] : []),
      ...changed,
      ...(cursorShape === undefined ? [] : [`\x1b[${cursorShape} q`]),
    ].join("");
  }

  #buffer({ rows, saved }: ScreenBuffer): string {
    const shown = rows.slice(0, this.#state.rows);
    const wrapped = shown.map((row, index) => row.wraps && index + 1 < this.#state.rows ? this.#wrap(index) : "").join(
      "",
    );
    const drawn = shown.map(({ cells }, row) =>
      cells.length > 0 ? at(row, 0) + cells.map((run) => this.#run(run)).join("") : ""
    );
    return wrapped + drawn.join("") + (saved ? this.#saved(saved) : "");
  }

  /** Wraps from a row to the next, and wipes what that took: the terminal remembers that the line goes on. */
  #wrap(row: number): string {
    const wipe = (row: number, col: number) => `${at(row, col)}\x1b[X`;
    return `${at(row, this.#state.cols - 1)}xx${wipe(row, this.#state.cols - 1)}${wipe(row + 1, 0)}`;
  }

  #run([style, what]: CellRun): string {
    const look = this.#look(style);
    return look + (typeof what === "number" ? `\x1b[${what}X\x1b[${what}C` : what);
  }

  #look(style: number): string {
    if (style === this.#style) return "";
    const before = this.#state.styles[this.#style] ?? {}, after = this.#state.styles[style] ?? {};
    this.#style = style;
    // Some terminals lose the protection with SGR 0, some do not.
    const protects = before.protected || after.protected ? `\x1b[${after.protected ? 1 : 0}"q` : "";
    const links = before.link === after.link ? "" : this.#link(after.link);
    return `\x1b[${sgr(after)}m${protects}${links}`;
  }

  #link(index: number | undefined): string {
    const { uri = "", id } = this.#state.links?.[index ?? -1] ?? {};
    return command(`8;${id === undefined ? "" : `id=${plain(id)}`};${plain(uri)}`);
  }

  /** DECSC, with all that it keeps. */
  #saved(saved: ScreenCursor): string {
    const origin = saved.origin ? ["\x1b[?6h", "\x1b[?6l"] : ["", ""];
    const place = at(Math.min(saved.row, this.#state.rows - 1), Math.min(saved.col, this.#state.cols - 1));
    return origin[0] + place + this.#look(saved.style) + sets(saved) + "\x1b7" + USUAL_SETS + origin[1];
  }

  #tabs(): string {
    const { tabs } = this.#state;
    return tabs ? "\x1b[3g" + tabs.map((col) => `${at(0, col)}\x1bH`).join("") : "";
  }

  #margins(): string {
    const [top, bottom] = this.#state.margins ?? [-1, -1];
    return top < 0 ? "" : `\x1b[${top + 1};${bottom + 1}r`;
  }

  #modes(isWanted: (mode: string) => boolean): string {
    const wanted = Object.entries(this.#state.modes).filter(([mode]) => isWanted(mode) && /^\??\d{1,5}$/.test(mode));
    return wanted.map(([mode, value]) => `\x1b[${mode}${value ? "h" : "l"}`).join("");
  }

  /** The cursor, and how it writes. One that is about to wrap has written the last character of its row. */
  #place({ row, col, style, ...more }: ScreenCursor, { rows }: ScreenBuffer): string {
    const { cols, margins, modes } = this.#state;
    const top = modes["?6"] ? margins?.[0] ?? 0 : 0;
    const [run, start] = col < cols ? [undefined, col] : lastCell(rows[row]?.cells ?? [], cols);
    const placed = at(Math.max(0, row - top), start) + (run ? this.#run(run) : "");
    return placed + this.#look(style) + sets(more);
  }
}

/** Row and column from 0. */
function at(row: number, col: number): string {
  return `\x1b[${row + 1};${col + 1}H`;
}

function command(body: string): string {
  return `\x1b]${body}\x1b\\`;
}

/** Nothing in a name ends the command that it stands in. */
function plain(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, "");
}

/** ASCII in all of them, and the first in use. */
const USUAL_SETS = "\x1b(B\x1b)B\x1b*B\x1b+B\x0f";

function sets({ charsets, charset }: Pick<ScreenCursor, "charsets" | "charset">): string {
  const designated = charsets.map((letter, index) =>
    letter === "B" && index > 0 ? "" : `\x1b${"()*+"[index]}${letter}`
  );
  return designated.join("") + ["\x0f", "\x0e", "\x1bn", "\x1bo"][charset];
}

/** The run of the last cell of a row, and the column that it begins in. */
function lastCell(cells: readonly CellRun[], cols: number): [CellRun, number] {
  const [style, what, width] = cells.at(-1) ?? [0, " "];
  if (typeof what === "number") return [[style, " "], cols - 1];
  return width === undefined ? [[style, [...what].at(-1)!], cols - 1] : [[style, what, width], cols - width];
}
