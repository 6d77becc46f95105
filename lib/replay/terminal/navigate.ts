/**
 * What each key of a player does to the replay.
 *
 * This module is browser compatible.
 * @module
 */

import { SECOND } from "../../event.ts";
import type { SessionPlayer } from "../session_player.ts";

/** What a key did: whether it led anywhere, and what to say if it did not. */
export interface Move {
  readonly done: Promise<boolean>;
  readonly otherwise: string;
}

const went = (otherwise = "") => ({ done: Promise.resolve(true), otherwise });

/** Keys that move the replay, by what they do. */
const MOVES: Readonly<Record<string, (player: SessionPlayer) => Move>> = {
  " ": ({ playback, seek }) => {
    const { phase, position } = playback.state;
    if (phase === "paused" && seek.isPossible && position >= seek.duration) seek.to(0);
    playback.toggle();
    return went();
  },
  "<": ({ speed }) => (speed.slower(), went()),
  ">": ({ speed }) => (speed.faster(), went()),
  "left": ({ seek }) => ({ done: seek.by(-5 * SECOND), otherwise: "" }),
  "right": ({ seek }) => ({ done: seek.by(5 * SECOND), otherwise: "" }),
  "S-left": ({ seek }) => ({ done: seek.by(-seek.duration / 10), otherwise: "" }),
  "S-right": ({ seek }) => ({ done: seek.by(seek.duration / 10), otherwise: "" }),
  "home": ({ seek }) => ({ done: seek.to(0), otherwise: "" }),
  "end": ({ seek }) => ({ done: seek.toPercent(100), otherwise: "" }),
  "[": ({ seek }) => ({ done: seek.toNextMarker(-1), otherwise: "no marker before this" }),
  "]": ({ seek }) => ({ done: seek.toNextMarker(1), otherwise: "no marker behind this" }),
  "{": ({ seek }) => ({ done: seek.toNextCommand(-1), otherwise: "no command before this" }),
  "}": ({ seek }) => ({ done: seek.toNextCommand(1), otherwise: "no command behind this" }),
  ",": ({ seek }) => ({ done: seek.step(-1), otherwise: "nothing before this" }),
  ".": ({ seek }) => ({ done: seek.step(1), otherwise: "" }),
  "(": ({ seek }) => ({ done: seek.toNextChange(-1), otherwise: "no other screen before this" }),
  ")": ({ seek }) => ({ done: seek.toNextChange(1), otherwise: "no other screen behind this" }),
  "l": ({ playback, seek }) => {
    if (seek.isPossible) playback.loop = !playback.loop;
    return went();
  },
};

/** Does what a key means; `undefined` where it means nothing to the replay. */
export function navigate(player: SessionPlayer, key: string): Move | undefined {
  if (/^\d$/.test(key)) return { done: player.seek.toPercent(10 * Number(key)), otherwise: "" };
  return Object.hasOwn(MOVES, key) ? MOVES[key]!(player) : undefined;
}

/** All keys, for people. */
export const HELP: readonly string[] = [
  "space       pause, go on                    ← →          5 seconds back, on",
  ", .         a step back, on                 shift ← →    10 % back, on",
  "( )         to another screen               0 … 9        to 0 % … 90 %",
  "< >         half, double the speed          home end     to the beginning, the end",
  "[ ]         marker before, behind           m            list of markers",
  "{ }         command before, behind          g            go to a time, a percentage, a marker",
  "/           search what was on the screen   n N          where it comes next, came before",
  "l           loop                            q            leave",
];
