/**
 * `term2ai play`: replays a recording in this terminal.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { TimelineSettings } from "../../formats/mod.ts";
import { indexedTimeline } from "../../formats/t2a_timeline.ts";
import { UsageError } from "../errors.ts";
import type { Nanos } from "../event.ts";
import { systemClock } from "../host/clock.ts";
import { loadCodec } from "../host/codec.ts";
import type { Clock, Source } from "../ports.ts";
import { SessionPlayer } from "../replay/session_player.ts";
import type { Timeline } from "../replay/timeline.ts";
import { Report } from "../report.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import type { Context } from "./program/context.ts";
import { Exit } from "./program/failure.ts";
import { followSource, untilExit } from "./source/follow.ts";
import { keyframeCache } from "./play/keyframe_cache.ts";
import { type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { lazy } from "./lazy.ts";
import { namedMoment } from "./source/moment.ts";
import { playPlainly } from "./play/plain.ts";
import { openSource } from "./source/stdio.ts";
import { parseTime } from "./program/time.ts";
import { warnAbout } from "./program/warnings.ts";

interface PlayFlags extends ReadKeyFlags {
  readonly speed: number;
  readonly idleLimit?: Nanos;
  readonly at?: Nanos;
  readonly pauseOnMarkers: boolean;
  readonly paused: boolean;
  readonly loop: boolean;
  readonly follow: boolean;
  readonly scale: boolean;
  readonly plain: boolean;
}

function parseSpeed(text: string): number {
  const speed = /^(max|inf)$/i.test(text) ? Infinity : Number(text.replace(/x$/, ""));
  if (speed === Infinity || (speed >= 0.01 && speed <= 1000)) return speed;
  throw new UsageError(`Cannot play at speed ${JSON.stringify(text)}: expected 0.01 to 1000, or max`);
}

async function play(flags: PlayFlags, path: string): Promise<number> {
  const { file, at = flags.at } = await namedMoment(path);
  if (file === "-" && (flags.follow || at !== undefined || flags.loop)) {
    const what = flags.follow ? "follow" : flags.loop ? "loop over" : "go to a time of";
    throw new UsageError(`Cannot ${what} stdin: it is read once, to its end; store it in a file first`);
  }
  if (flags.follow && (at !== undefined || flags.loop)) {
    throw new UsageError(
      "Cannot use --follow with a time or --loop: a recording that grows is played from its beginning",
    );
  }
  const moves = at !== undefined || flags.loop || Deno.stdout.isTerminal();
  const clock = systemClock();
  return file === "-" || flags.follow || !moves
    ? await playOnce(flags, file, clock)
    : await playAnywhere({ ...flags, ...(at !== undefined && { at }) }, file, clock);
}

/** Plays what comes, from its beginning. */
async function playOnce(flags: PlayFlags, file: string, clock: Clock): Promise<number> {
  const source = flags.follow ? await followSource(file) : await openSource(file);
  const { openRecording } = await allFormats();
  const { events, report } = await openRecording(source, { unwrap: unwrapWithFlags(flags) });
  const player = new SessionPlayer(flags.follow ? events.pipeThrough(untilExit()) : events, optionsOf(flags, clock));
  const status = await playPlainly(player);
  warnAbout(file, report);
  return status;
}

/** Plays what can be entered anywhere. */
async function playAnywhere(flags: PlayFlags, file: string, clock: Clock): Promise<number> {
  const report = new Report();
  const source = await openSource(file);
  const unwrap = unwrapWithFlags(flags);
  const timeline = await enter(source, { loadEmulator, report, unwrap, cache: await keyframeCache(file) });
  try {
    const player = new SessionPlayer(timeline, optionsOf(flags, clock));
    return await show(flags, player, timeline, clock);
  } finally {
    timeline.close();
    warnAbout(file, report);
  }
}

/** Our own format, with keyframes, needs none of the others: these are a third of what a start takes. */
async function enter(source: Source, settings: TimelineSettings): Promise<Timeline> {
  const indexed = await indexedTimeline(source, { ...settings, loadCodec });
  return indexed ?? await (await allFormats()).openTimeline(source, settings);
}

async function allFormats() {
  return await lazy<typeof import("../../formats/mod.ts")>("../../formats/mod.ts");
}

async function show(flags: PlayFlags, player: SessionPlayer, timeline: Timeline, clock: Clock): Promise<number> {
  if (flags.plain || !Deno.stdout.isTerminal()) return await playPlainly(player);
  const { playOnScreen } = await lazy<typeof import("./play/screen.ts")>("./play/screen.ts");
  const make = await loadEmulator();
  return await playOnScreen({ player, timeline, make, clock, scale: flags.scale }) ?? await playPlainly(player);
}

function optionsOf({ speed, idleLimit, pauseOnMarkers, paused, loop, at }: PlayFlags, clock: Clock) {
  const moment = at === undefined ? {} : { at }, limit = idleLimit === undefined ? {} : { idleLimit };
  return { clock, speed, pauseOnMarkers, paused, loop, ...moment, ...limit };
}

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: PlayFlags, path?: string) {
    throw new Exit(await play(flags, path ?? "-"));
  },
  parameters: {
    aliases: { s: "speed", i: "idleLimit" },
    flags: {
      speed: {
        kind: "parsed",
        parse: parseSpeed,
        brief: "session seconds per second, 0.01 to 1000, or max",
        default: "1",
        placeholder: "N",
      },
      idleLimit: {
        kind: "parsed",
        parse: parseTime,
        brief: "play no pause longer than this, whatever the recording wishes",
        placeholder: "TIME",
        optional: true,
      },
      at: {
        kind: "parsed",
        parse: parseTime,
        brief: "begin at this time; FILE@TIME does the same",
        placeholder: "TIME",
        optional: true,
      },
      pauseOnMarkers: { kind: "boolean", brief: "pause at each marker", default: false, withNegated: false },
      paused: { kind: "boolean", brief: "begin paused", default: false, withNegated: false },
      loop: { kind: "boolean", brief: "begin again at the end", default: false, withNegated: false },
      scale: {
        kind: "boolean",
        brief: "shrink what is larger than this terminal, instead of showing a part of it",
        default: false,
        withNegated: false,
      },
      plain: {
        kind: "boolean",
        brief: "pass the output on to this terminal, instead of drawing what it shows",
        default: false,
        withNegated: false,
      },
      follow: {
        kind: "boolean",
        brief: "FILE is still being recorded: wait for more until its session ends",
        default: false,
        withNegated: false,
      },
      ...readKeyFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "a recording; - or none is stdin", placeholder: "FILE", optional: true }],
    },
  },
  docs: {
    brief: "replay a recording in this terminal",
    fullDescription:
      `Replays a recording in this terminal, as it happened, on a screen of its own with a line that tells where it is.

Keys: space pauses and goes on, ? lists all of them: arrows, digits, [ ] { } , . and / lead anywhere in the recording; q or
Ctrl-C leaves. Nothing in a recording makes this terminal answer, or touches its title or the clipboard.

With --plain, of stdin and with --follow, the output is passed on to this terminal without what would make it answer, and
without that line. When stdout is no terminal, the output is passed on as it is.

  term2ai play demo.t2a
  term2ai play demo.t2a@1m30s                 from there on; -s 4 -i 1s: four times as fast, pauses of a second at most
  term2ai play last                           the newest recording in the store
  term2ai play --follow running.t2a           watch a recording while it is made
  cat a.t2a b.t2a | term2ai play -`,
  },
});
