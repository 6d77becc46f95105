/**
 * ALiS v1, the asciinema live stream: what asciinema's player is sent over a WebSocket to show a terminal that goes on.
 *
 * Its documentation has wrong numbers in its examples; this was checked against the player's own decoder.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, ScreenState, SessionEvent, Theme } from "../../event.ts";
import { concat } from "../../stream/collect.ts";

/** What both sides of the WebSocket call it. */
export const ALIS = "v1.alis";

/** The first message, alone. */
export const ALIS_MAGIC: Uint8Array = Uint8Array.of(0x41, 0x4c, 0x69, 0x53, 0x01);

/** The stream is over; another one may begin on the same connection. */
export const ALIS_END: Uint8Array = Uint8Array.of(0x04);

const INIT = 0x01, OUTPUT = 0x6f, RESIZE = 0x72, MARKER = 0x6d, EXIT = 0x78;

/**
 * Writes the messages of one stream. All viewers can be sent the same ones, whenever they came: times count from the event
 * before, and a late viewer's first message has the time of that one.
 */
export class AlisWriter {
  #id = 0;
  #micros = 0; // time of the last message

  /** The whole screen as of the last event, drawn by `init`; whoever gets it goes on with what follows. */
  screen({ cols, rows }: Pick<ScreenState, "cols" | "rows">, init: Uint8Array, theme?: Theme): Uint8Array {
    return message(
      INIT,
      number(this.#id),
      number(this.#micros),
      number(cols),
      number(rows),
      colours(theme),
      text(init),
    );
  }

  /** What happened; `undefined` for what viewers are not told. Output is whole characters of UTF-8. */
  event(event: SessionEvent): Uint8Array | undefined {
    switch (event.kind) {
      case "output":
        return message(OUTPUT, ...this.#stamp(event.time), text(event.data));
      case "resize":
        return message(RESIZE, ...this.#stamp(event.time), number(event.cols), number(event.rows));
      case "marker":
        return message(MARKER, ...this.#stamp(event.time), text(new TextEncoder().encode(event.label)));
      case "exit":
        return message(EXIT, ...this.#stamp(event.time), number("code" in event.status ? event.status.code : 128));
    }
  }

  /** Its number, and the time since the one before it. */
  #stamp(time: Nanos): Uint8Array[] {
    const micros = Math.max(this.#micros, Math.round(time / 1000));
    const since = micros - this.#micros;
    this.#micros = micros;
    return [number(++this.#id), number(since)];
  }
}

function message(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return concat([Uint8Array.of(type), ...parts]);
}

/** LEB128. */
function number(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let left = Math.max(0, Math.floor(value));; left = Math.floor(left / 128)) {
    if (left < 128) return Uint8Array.of(...bytes, left);
    bytes.push(left % 128 + 128);
  }
}

function text(bytes: Uint8Array): Uint8Array {
  return concat([number(bytes.length), bytes]);
}

/** Foreground, background and 8 or 16 more; none where one of them is no `#rrggbb`. */
function colours(theme: Theme | undefined): Uint8Array {
  const all = theme ? [theme.foreground, theme.background, ...theme.palette] : [];
  const isKnown = (all.length === 10 || all.length === 18) && all.every((colour) => /^#[0-9a-f]{6}$/i.test(colour));
  if (!isKnown) return Uint8Array.of(0);
  const channels = all.flatMap((colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)));
  return Uint8Array.of(all.length - 2, ...channels);
}
