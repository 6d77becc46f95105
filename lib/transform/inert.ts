/**
 * Makes the output of a recording harmless to show on a real terminal.
 *
 * A terminal does more than show: it answers questions by typing for the user, sets the clipboard, prints, resizes its window,
 * notifies, writes files, locks the keyboard. A recording can ask for all of that when it is played, by malice or because the
 * program in it did; the answers then land in the player or, worse, in the shell after it. This stage lets through what
 * changes the picture, and nothing else; `inert/grammar.ts` lists what that is.
 *
 * Kept byte for byte: text, colours, cursor movement, scrolling, both screens, window titles (OSC 0 to 2), links (OSC 8),
 * changes of colours (OSC 4, 5, 10 to 19) and sixel pictures. Taken out: every question, all that switches keys, mouse or
 * focus reports, window and printer commands, the clipboard, notifications, files, macros, tmux passthrough, kitty graphics,
 * whatever is not known, and what is broken: a string with control characters in it, one of more than 64 KiB, one that
 * nothing ends. Times do not change.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, SessionEvent } from "../event.ts";
import { Stage } from "../stream/stage.ts";
import { Sieve } from "./inert/sieve.ts";

/**
 * Returns a stage that takes everything out of the output that does more than change the picture.
 *
 * However the bytes are split over events, the same bytes come out; an unfinished sequence waits for its rest in memory
 * (at most 64 KiB), and comes out with the event that ends it. An output event of which nothing is left is dropped. A
 * `header` and a `screen` start afresh: bytes that wait in the state of a `screen` are taken over, so that whoever draws it does not
 * have to show them. What else is in a state, or in the labels of markers, is for whoever draws it to make harmless.
 *
 * @example The question for the cursor's position goes, the colour stays
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const data = new TextEncoder().encode("\x1b[31mred\x1b[6n\x1b]52;c;cm0gLXJmIH4=\x07");
 * const [event] = await collect(streamOf({ kind: "output", time: 0, data }).pipeThrough(inert()));
 * equal(event?.kind === "output" && new TextDecoder().decode(event.data), "\x1b[31mred");
 * ```
 */
export function inert(): Stage {
  return new Stage((emit) => {
    let sieve = new Sieve();
    let time = 0;
    const show = (event: EventOf<"output">) => {
      const data = sieve.sift(event.data);
      if (data.length > 0) emit(data === event.data ? event : { ...event, data });
    };
    return {
      push(event) {
        time = event.time;
        if (event.kind === "output") return show(event);
        if (event.kind === "header") sieve = sieve.successor();
        if (event.kind !== "screen") return emit(event);
        sieve = sieve.successor();
        emit(takeOver(event, sieve));
      },
      flush() {
        const data = sieve.close();
        if (data.length > 0) emit({ kind: "output", time, data });
      },
    };
  });
}

/** Moves the bytes that wait in a screen's state into the sieve, where the rest of their sequence will meet them. */
function takeOver(event: EventOf<"screen">, sieve: Sieve): SessionEvent {
  const { pending, ...state } = event.state;
  if (pending === undefined) return event;
  sieve.prime(pending);
  return { ...event, state };
}
