/**
 * Plays a recording by passing its output on: to a pipe as it is, to a terminal without what would make that answer.
 * @module
 */

import type { EventBatch, EventKind, EventStream, SessionHeader } from "../../event.ts";
import { writeAll } from "../../host/file.ts";
import { terminalSize } from "../../host/tty.ts";
import type { SessionPlayer } from "../../replay/session_player.ts";
import { TerminalModes } from "../../replay/terminal_modes.ts";
import { navigate } from "../../replay/terminal/navigate.ts";
import { concat } from "../../stream/collect.ts";
import { Stage } from "../../stream/stage.ts";
import { screenToAnsi } from "../../terminal/screen_ansi.ts";
import { compose } from "../../stream/compose.ts";
import { inert } from "../../transform/inert.ts";
import { isBrokenPipe } from "../program/failure.ts";
import { tell } from "../source/stdio.ts";
import { EndSignals, Viewer } from "./viewer.ts";

/** Plays to the end, or to the key that ends it; returns the status to exit with. */
export async function playPlainly(player: SessionPlayer): Promise<number> {
  return await new PlainShow(player).run();
}

/** One showing, from the first event to the terminal being as it was. */
class PlainShow {
  readonly #player: SessionPlayer;
  readonly #modes = new TerminalModes();
  readonly #onTerminal = Deno.stdout.isTerminal();
  readonly #signals: EndSignals;
  #viewer: Viewer | undefined;
  #lastByte = 10;

  constructor(player: SessionPlayer) {
    this.#player = player;
    this.#signals = new EndSignals(() => player.playback.stop());
  }

  async run(): Promise<number> {
    try {
      if (this.#onTerminal) this.#viewer = Viewer.open((key) => this.#obey(key));
      if (!this.#viewer) this.#goOnAtEnd();
      await this.#showAll(this.#player.events);
    } catch (error) {
      if (!isBrokenPipe(error)) throw error;
    } finally {
      await this.#giveBack();
    }
    return this.#signals.status;
  }

  /** Who begins at the end, or behind it, stands still there to go back; without keys that would be for ever. */
  async #goOnAtEnd(): Promise<void> {
    const { playback, seek } = this.#player;
    for await (const { phase, position } of playback.states()) {
      if (phase === "paused" && position > 0 && position >= seek.duration) playback.play();
    }
  }

  async #showAll(events: EventStream): Promise<void> {
    const screens = drawn(new Set(this.#player.seek.isPossible ? ["screen", "keyframe"] : ["screen"]));
    for await (const batch of events.pipeThrough(this.#onTerminal ? compose(screens, inert()) : screens)) {
      for (const event of batch) if (event.kind === "header" && this.#onTerminal) warnAboutSize(event.header);
      await this.#show(outputOf(batch));
    }
  }

  async #show(output: Uint8Array): Promise<void> {
    if (output.length === 0) return;
    if (this.#onTerminal) this.#modes.watch(output);
    this.#lastByte = output.at(-1)!;
    await writeAll(Deno.stdout, output);
  }

  #obey(key: string): void {
    if (key === "q" || key === "C-c") this.#player.playback.stop();
    else navigate(this.#player, key);
  }

  async #giveBack(): Promise<void> {
    this.#signals.close();
    if (this.#onTerminal) {
      const farewell = this.#modes.undo() + (this.#lastByte === 10 ? "" : "\r\n");
      await writeAll(Deno.stdout, new TextEncoder().encode(farewell)).catch(() => {});
    }
    this.#viewer?.close();
  }
}

/** Wipes what a terminal shows and has set, without asking it for anything. */
const AFRESH = new TextEncoder().encode("\x1b[!p\x1b[?1049l\x1b[0m\x1b[H\x1b[2J");

/** A screen that is told as a whole becomes output that draws it. So does a keyframe, which tells where a seek led. */
function drawn(draws: ReadonlySet<EventKind>): Stage {
  return new Stage((emit) => ({
    push(event) {
      const isDrawn = draws.has(event.kind) && "state" in event;
      emit(isDrawn ? { kind: "output", time: event.time, data: concat([AFRESH, screenToAnsi(event.state)]) } : event);
    },
    flush: () => {},
  }));
}

function outputOf(batch: EventBatch): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const event of batch) if (event.kind === "output") chunks.push(event.data);
  return chunks.length === 1 ? chunks[0]! : concat(chunks);
}

function warnAboutSize({ cols, rows }: SessionHeader): void {
  const here = terminalSize();
  if (!here || (cols <= here.cols && rows <= here.rows)) return;
  tell(
    `term2ai: this was recorded at ${cols}x${rows} and this terminal is ${here.cols}x${here.rows}: lines may wrap\r\n`,
  );
}
