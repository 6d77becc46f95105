/**
 * What viewers of one session are sent, made once for all of them.
 * @module
 */

import type { ScreenState, SessionEvent, Theme } from "../../event.ts";
import { concat } from "../../stream/collect.ts";
import { screenToAnsi } from "../../terminal/screen_ansi.ts";
import type { ToClient } from "../control/protocol.ts";
import { binaryFrame, textFrame } from "../control/web_socket.ts";
import { AlisWriter } from "./alis.ts";

/** How viewers want it: as asciinema's player does, or as our own terminals do. */
export type Dialect = "alis" | "terminal";

type Frames = Readonly<Record<Dialect, Uint8Array>>;

const NOTHING = new Uint8Array(0);

/** The frames of each event, and of each screen. */
export class SharedFrames {
  theme: Theme | undefined;
  readonly #alis = new AlisWriter();
  readonly #made = new WeakMap<SessionEvent | ScreenState, Frames>();

  /** Makes what viewers are sent of an event, in the order in which they happen. */
  addEvent(event: SessionEvent): void {
    const alis = this.#alis.event(event);
    this.#made.set(event, {
      alis: alis ? binaryFrame(alis) : NOTHING,
      terminal: event.kind === "output" ? binaryFrame(event.data) : NOTHING,
    });
  }

  /** Makes what draws a whole screen as of the last event. */
  addScreen(state: ScreenState): void {
    const { cols, rows, title = "" } = state;
    const bytes = screenToAnsi(state);
    // The beginning of a character comes with the end of it.
    const text = new TextEncoder().encode(
      new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes, { stream: true }),
    );
    this.#made.set(state, {
      alis: binaryFrame(this.#alis.screen(state, text, this.theme)),
      terminal: concat([messageFrame({ type: "screen", cols, rows, title }), binaryFrame(text)]),
    });
  }

  /** What somebody is sent of an event. */
  of(event: SessionEvent, dialect: Dialect): Uint8Array {
    return this.#made.get(event.kind === "keyframe" ? event.state : event)?.[dialect] ?? NOTHING;
  }
}

/** A message beside the bytes of the terminal. */
export function messageFrame(message: ToClient): Uint8Array {
  return textFrame(JSON.stringify(message));
}
