/**
 * Draws pictures on the terminal of whoever watches, with nothing but cells in them.
 *
 * A recording's own sequences never get there: it cannot ask that terminal anything, nor change its title or its clipboard.
 * Only rows that have changed are drawn.
 *
 * This module is browser compatible.
 * @module
 */

import type { CellStyle } from "../../event.ts";
import { sgr } from "../../terminal/sgr.ts";
import type { Cell, Picture, Size } from "./cells.ts";

/** The alternate screen, without wrapping, its cursor hidden until a picture has one. */
const ENTER = "\x1b[?1049h\x1b[?7l\x1b[?25l\x1b[0m\x1b[2J";
const LEAVE = "\x1b[?2026l\x1b[0m\x1b[0 q\x1b[?7h\x1b[?25h\x1b[?1049l";

/** Knows what is drawn, and draws what is different. */
export class Painter {
  #drawn: (string | undefined)[] = [];
  #cursor = "";

  /** What to send first. */
  enter(): string {
    this.forget();
    return ENTER;
  }

  /** What to send last: the terminal is as it was. */
  leave(): string {
    return LEAVE;
  }

  /** Nothing of what was drawn is there any more. */
  forget(): void {
    this.#drawn = [];
    this.#cursor = "";
  }

  /** What draws a picture, and lines of our own over it by row; empty when all of it is there already. */
  paint(picture: Picture, room: Size, lines: ReadonlyMap<number, string> = new Map(), shape = 0): string {
    let changes = "";
    for (let row = 0; row < room.rows; row++) {
      const drawn = lines.get(row) ?? rowOf(picture.rows[row] ?? []);
      if (this.#drawn[row] === drawn) continue;
      this.#drawn[row] = drawn;
      changes += `\x1b[${row + 1};1H\x1b[0m${drawn}`;
    }
    const { cursor } = picture;
    const isCovered = cursor && lines.has(cursor.row);
    const place = cursor && !isCovered
      ? `\x1b[${shape} q\x1b[${cursor.row + 1};${cursor.col + 1}H\x1b[?25h`
      : "\x1b[?25l";
    if (changes === "" && place === this.#cursor) return "";
    this.#cursor = place;
    return `\x1b[?2026h\x1b[?25l${changes}${place}\x1b[?2026l`;
  }
}

/** A row as the sequences that wipe it and draw it, from its first column on. Wiping behind it could take its last cell along. */
export function rowOf(cells: readonly Cell[]): string {
  let [row, looks, col] = ["\x1b[K", "", 0];
  for (const { text, width, style } of cells) {
    const next = look(style);
    if (next !== looks) row += `\x1b[${next}m`;
    looks = next;
    row += text === "" ? " " : harmless(text);
    col += width;
    // Terminals differ in how wide a cluster is.
    if (width > 1 || text.length > 1 || text > "\u02ff") row += `\x1b[${col + 1}G`;
  }
  return looks === "" || looks === "0" ? row : `${row}\x1b[0m`;
}

/** Parameters of SGR, in the form that older terminals know too. Links are not passed on. */
function look(style: CellStyle): string {
  if (Object.keys(style).length === 0) return "0";
  return sgr(style)
    .replace(/([34]8):2::(\d+):(\d+):(\d+)/g, "$1;2;$2;$3;$4")
    .replace(/([34]8):5:(\d+)/g, "$1;5;$2");
}

/** No cell holds a control character; if one did, it would do nothing. */
function harmless(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, "");
}
