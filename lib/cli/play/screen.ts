/**
 * The player on a terminal: the recording's screen drawn cell by cell, and a line under it that tells where one is.
 *
 * The recording is shown by an emulator of its own; the terminal gets nothing but what cells hold. Its normal screen is left
 * alone until the end, when the last picture is put there.
 * @module
 */

import { type Nanos, SECOND } from "../../event.ts";
import { writeAll } from "../../host/file.ts";
import type { Clock } from "../../ports.ts";
import type { SessionPlayer } from "../../replay/session_player.ts";
import { type Corner, crop, follow, highlight, type Picture, shrink, type Size } from "../../replay/terminal/cells.ts";
import { HELP, navigate } from "../../replay/terminal/navigate.ts";
import { Painter, rowOf } from "../../replay/terminal/painter.ts";
import { clockTime, fit, statusLine } from "../../replay/terminal/status_line.ts";
import type { Timeline } from "../../replay/timeline.ts";
import { ScreenTracker } from "../../terminal/screen_tracker.ts";
import type { EmulatorMaker } from "../../ports.ts";
import { isBrokenPipe, messageFor } from "../program/failure.ts";
import { parseTime } from "../program/time.ts";
import { EndSignals, Viewer } from "./viewer.ts";

/** What a showing needs. */
export interface ScreenShowOptions {
  readonly player: SessionPlayer;
  readonly timeline: Timeline;
  readonly make: EmulatorMaker;
  readonly clock: Clock;
  /** Shrink what is too large, instead of showing a part of it. */
  readonly scale: boolean;
}

/** Plays to the end, or to the key that ends it; returns the status to exit with; `undefined` where there is no terminal. */
export async function playOnScreen(options: ScreenShowOptions): Promise<number | undefined> {
  const show = new ScreenShow(options);
  return show.open() ? await show.run() : undefined;
}

/** What the keys are for just now. */
type Mode =
  | { readonly kind: "play" }
  | { readonly kind: "help" }
  | { readonly kind: "markers"; at: number }
  | { readonly kind: "prompt"; readonly for: "/" | "g"; text: string };

const PLAY: Mode = { kind: "play" };
/** Time between two pictures; nobody sees more than 60 in a second. */
const FRAME: Nanos = SECOND / 60;
/** How often the time that is shown is looked at, in milliseconds. */
const TICK_MS = 100;
/** How long the line stays behind a key, and words in it, in milliseconds. */
const LINE_STAYS = 2500;

class ScreenShow {
  readonly #player: SessionPlayer;
  readonly #timeline: Timeline;
  readonly #clock: Clock;
  readonly #scale: boolean;
  readonly #tracker: ScreenTracker;
  readonly #painter = new Painter();
  readonly #signals: EndSignals;
  #viewer!: Viewer;
  #room: Size = { cols: 80, rows: 24 };
  #corner: Corner = { col: 0, row: 0 };
  #mode: Mode = PLAY;
  #query = "";
  #words = "";
  #lineUntil = 0; // by `performance.now()`
  #moves = 0; // keys that moved something
  #left = false; // by a key or a signal
  #over = false;
  #news = Promise.withResolvers<void>();

  constructor({ player, timeline, make, clock, scale }: ScreenShowOptions) {
    this.#player = player;
    this.#timeline = timeline;
    this.#clock = clock;
    this.#scale = scale;
    this.#tracker = new ScreenTracker(make);
    this.#tracker.push({ kind: "header", time: 0, header: timeline.header });
    this.#signals = new EndSignals(() => this.#leave());
  }

  /** Takes the terminal; says whether there is one. */
  open(): boolean {
    const viewer = Viewer.open((key) => this.#press(key));
    if (!viewer) {
      this.#signals.close();
      return false;
    }
    this.#viewer = viewer;
    this.#room = viewer.size() ?? this.#room; // a serial line knows of no size
    return true;
  }

  async run(): Promise<number> {
    this.#signals.on("SIGWINCH", () => this.#resize());
    this.#signals.on("SIGCONT", () => {
      this.#viewer.resume();
      this.#resize();
    });
    const tick = setInterval(() => {
      if (!this.#timeline.complete || this.#player.playback.state.phase === "playing") this.#change();
    }, TICK_MS);
    this.#timeline.known().then(() => this.#change(), () => {}); // who plays hears of what is wrong
    try {
      await this.#write(this.#painter.enter());
      const drawing = this.#drawAll();
      await this.#follow().finally(() => {
        this.#over = true;
        this.#change();
      });
      await drawing;
    } catch (error) {
      if (!isBrokenPipe(error)) throw error;
    } finally {
      clearInterval(tick);
      await this.#giveBack();
    }
    return this.#signals.status;
  }

  async #follow(): Promise<void> {
    for await (const batch of this.#player.events) {
      for (const event of batch) this.#tracker.push(event.kind === "keyframe" ? { ...event, kind: "screen" } : event);
      this.#change();
    }
  }

  /** Draws when something has changed, and not more often than can be seen or the terminal takes. */
  async #drawAll(): Promise<void> {
    while (!this.#over) {
      const due = this.#clock.now() + FRAME;
      const frame = this.#frame();
      if (frame !== "") await this.#write(frame);
      await this.#clock.until(due);
      await this.#news.promise;
      this.#news = Promise.withResolvers();
    }
  }

  #change(): void {
    this.#news.resolve();
  }

  #frame(): string {
    const state = this.#tracker.state;
    const lines = this.#lines(state);
    return this.#painter.paint(this.#picture(state), this.#room, lines, state.cursorShape);
  }

  #picture(state: ScreenTracker["state"]): Picture {
    const isLarge = state.cols > this.#room.cols || state.rows > this.#room.rows;
    if (isLarge && this.#scale) return shrink(state, this.#room);
    this.#corner = follow(state, this.#room, this.#corner);
    const picture = crop(state, this.#room, this.#corner);
    return this.#query === "" ? picture : { ...picture, rows: highlight(picture.rows, this.#query) };
  }

  /** Lines of our own that lie over the picture, by row. */
  #lines(state: Size): Map<number, string> {
    const own = (text: string) => `\x1b[7m${fit(text, this.#room.cols)}\x1b[0m`;
    const lines = new Map(this.#list().map((text, row) => [row, own(text)]));
    if (this.#showsLine(state)) lines.set(this.#room.rows - 1, own(this.#line(state)));
    return lines;
  }

  /** The line is there where it covers nothing, while nothing moves, and for a moment behind each key. */
  #showsLine({ rows }: Size): boolean {
    const { phase, seeking } = this.#player.playback.state;
    return this.#room.rows > rows || phase !== "playing" || seeking === true || this.#mode.kind !== "play" ||
      performance.now() < this.#lineUntil;
  }

  #line({ cols, rows }: Size): string {
    const mode = this.#mode;
    if (mode.kind === "prompt") return ` ${mode.for === "/" ? "search: " : "go to: "}${mode.text}▏`;
    const isLarge = cols > this.#room.cols || rows > this.#room.rows;
    const notice = isLarge ? `${this.#scale ? "shrunk" : "cut"}: ${cols}x${rows}` : "";
    const loop = this.#player.playback.loop ? "loop" : "";
    const words = [this.#words, notice, loop].filter((part) => part !== "").join(", ");
    const { duration, complete, markers } = this.#timeline;
    return statusLine({ state: this.#player.playback.state, duration, complete, markers, words }, this.#room.cols);
  }

  #list(): string[] {
    if (this.#mode.kind === "help") return ["", ...HELP.map((line) => `  ${line}`), ""].slice(0, this.#room.rows - 1);
    if (this.#mode.kind !== "markers") return [];
    const { at } = this.#mode, room = Math.max(1, this.#room.rows - 2), first = Math.max(0, at - room + 1);
    const rows = this.#timeline.markers.map(({ time, label }, index) =>
      `${index === at ? " ▸" : "  "} ${clockTime(time).padStart(8)}  ${label}`
    );
    return [" Markers: ↑ ↓, Enter goes there, Escape leaves", ...rows.slice(first, first + room)];
  }

  #press(key: string): void {
    this.#lineUntil = performance.now() + LINE_STAYS;
    if (key === "C-c") return this.#leave();
    const mode = this.#mode;
    if (mode.kind === "prompt") this.#edit(mode, key);
    else if (mode.kind === "markers") this.#choose(mode, key);
    else if (mode.kind === "help") this.#mode = PLAY;
    else this.#command(key);
    this.#change();
  }

  #command(key: string): void {
    const { seek } = this.#player;
    this.#words = "";
    if (key === "q") return this.#leave();
    if (key === "?") this.#mode = { kind: "help" };
    else if (key === "/" || key === "g") this.#mode = { kind: "prompt", for: key, text: "" };
    else if (key === "m" && this.#timeline.markers.length === 0) this.#words = "there are no markers";
    else if (key === "m") this.#mode = { kind: "markers", at: this.#nearestMarker() };
    else if (key === "n" || key === "N") this.#search(key === "n" ? 1 : -1);
    else if (key === "escape") {
      seek.giveUp();
      this.#query = "";
    } else {
      const move = navigate(this.#player, key);
      if (move) this.#wait(move.done, move.otherwise);
    }
  }

  #nearestMarker(): number {
    const { position } = this.#player.playback.state;
    return Math.max(0, this.#timeline.markers.findLastIndex(({ time }) => time <= position));
  }

  #choose(mode: Mode & { kind: "markers" }, key: string): void {
    const last = this.#timeline.markers.length - 1;
    if (key === "up" || key === "k") mode.at = Math.max(0, mode.at - 1);
    else if (key === "down" || key === "j") mode.at = Math.min(last, mode.at + 1);
    else if (key === "home") mode.at = 0;
    else if (key === "end") mode.at = last;
    else {
      this.#mode = PLAY;
      if (key === "enter") this.#wait(this.#player.seek.toMarker(mode.at), "");
    }
  }

  #edit(mode: Mode & { kind: "prompt" }, key: string): void {
    if (key === "enter") {
      this.#mode = PLAY;
      if (mode.for === "g") this.#goTo(mode.text.trim());
      else {
        if (mode.text !== "") this.#query = mode.text;
        this.#search(1);
      }
    } else if (key === "escape" || (key === "backspace" && mode.text === "")) this.#mode = PLAY;
    else if (key === "backspace") mode.text = [...mode.text].slice(0, -1).join("");
    else if (key === "C-u") mode.text = "";
    else if ([...key].length === 1) mode.text += key;
  }

  #goTo(text: string): void {
    const { seek } = this.#player;
    if (text === "") return;
    const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text);
    if (percent) return this.#wait(seek.toPercent(Number(percent[1])), "");
    if (this.#timeline.markers.some(({ label }) => label === text)) return this.#wait(seek.toMarker(text), "");
    try {
      this.#wait(seek.to(parseTime(text)), "");
    } catch (error) {
      this.#words = messageFor(error);
    }
  }

  #search(direction: 1 | -1): void {
    if (this.#query === "") {
      this.#words = "nothing to search for yet: type / first";
      return;
    }
    const move = this.#moves + 1;
    const told = (time: Nanos) => {
      if (move === this.#moves) this.#words = `searching ${clockTime(time)}`;
      this.#lineUntil = performance.now() + LINE_STAYS;
      this.#change();
    };
    const where = direction > 0 ? "behind" : "before";
    this.#wait(this.#player.seek.toText(this.#query, direction, told), `"${this.#query}" does not come ${where} this`);
  }

  /** Says how a move ended, unless another one has begun meanwhile. */
  #wait(done: Promise<boolean>, otherwise: string): void {
    const move = ++this.#moves;
    done.then((went) => {
      if (move !== this.#moves) return;
      this.#words = went ? "" : otherwise;
      this.#lineUntil = performance.now() + LINE_STAYS;
      this.#change();
    });
  }

  #leave(): void {
    this.#left = true;
    this.#player.playback.stop();
  }

  #resize(): void {
    this.#room = this.#viewer.size() ?? this.#room;
    this.#painter.forget();
    this.#change();
  }

  async #giveBack(): Promise<void> {
    this.#signals.close();
    await this.#write(this.#painter.leave() + (this.#left ? "" : this.#lastPicture())).catch(() => {});
    this.#viewer.close();
  }

  /** What showed at the end, to stay on the normal screen. */
  #lastPicture(): string {
    const rows = crop(this.#tracker.state, this.#room, this.#corner).rows.map((cells) => rowOf(cells));
    const last = rows.findLastIndex((row) => row !== rowOf([]));
    return rows.slice(0, last + 1).map((row) => `${row}\r\n`).join("");
  }

  async #write(text: string): Promise<void> {
    await writeAll(Deno.stdout, new TextEncoder().encode(text));
  }
}
