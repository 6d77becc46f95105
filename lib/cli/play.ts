/**
 * `term2ai play`: replays a recording in this terminal.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording } from "../../formats/mod.ts";
import { UsageError } from "../errors.ts";
import type { EventBatch, EventStream, Nanos, SessionHeader } from "../event.ts";
import { writeAll } from "../host/file.ts";
import { choosePtyHost } from "../host/pty.ts";
import { openUserTerminal, terminalSize, type UserTerminal } from "../host/tty.ts";
import { SessionPlayer } from "../replay/session_player.ts";
import { TerminalModes } from "../replay/terminal_modes.ts";
import { concat } from "../stream/collect.ts";
import { inert } from "../transform/inert.ts";
import type { Context } from "./context.ts";
import { Exit, isBrokenPipe } from "./failure.ts";
import { followSource, untilExit } from "./follow.ts";
import { openSource, tell } from "./stdio.ts";
import { parseTime } from "./time.ts";
import { warnAbout } from "./warnings.ts";

interface PlayFlags {
  readonly speed: number;
  readonly idleLimit?: Nanos;
  readonly pauseOnMarkers: boolean;
  readonly paused: boolean;
  readonly follow: boolean;
}

function parseSpeed(text: string): number {
  const speed = /^(max|inf)$/i.test(text) ? Infinity : Number(text.replace(/x$/, ""));
  if (speed === Infinity || (speed >= 0.01 && speed <= 1000)) return speed;
  throw new UsageError(`Cannot play at speed ${JSON.stringify(text)}: expected 0.01 to 1000, or max`);
}

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: PlayFlags, path?: string) {
    const file = path ?? "-";
    if (flags.follow && file === "-") {
      throw new UsageError("Cannot follow stdin: it is read to its end as it is; leave --follow out");
    }
    const source = flags.follow ? await followSource(file) : await openSource(file);
    const { events, report } = await openRecording(source);
    const show = new Show(
      flags,
      flags.follow ? events.pipeThrough(untilExit()) : events,
      (await choosePtyHost()).clock,
    );
    const status = await show.run();
    warnAbout(file, report);
    throw new Exit(status);
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
      pauseOnMarkers: { kind: "boolean", brief: "pause at each marker", default: false, withNegated: false },
      paused: { kind: "boolean", brief: "begin paused", default: false, withNegated: false },
      follow: {
        kind: "boolean",
        brief: "FILE is still being recorded: wait for more until its session ends",
        default: false,
        withNegated: false,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "a recording; - or none is stdin", placeholder: "FILE", optional: true }],
    },
  },
  docs: {
    brief: "replay a recording in this terminal",
    fullDescription: `Replays a recording in this terminal, as it happened.

Keys: space pauses and goes on, . steps to the next change while paused, < and > halve and double the speed, q or
Ctrl-C leaves. Escape sequences that would make this terminal answer, or touch the clipboard, are not passed on.

  term2ai play demo.t2a
  term2ai play -s 4 -i 1s demo.t2a            four times as fast, pauses of a second at most
  term2ai play --follow running.t2a           watch a recording while it is made
  cat a.t2a b.t2a | term2ai play -`,
  },
});

/** One showing, from the first event to the terminal being as it was. */
class Show {
  readonly #player: SessionPlayer;
  readonly #modes = new TerminalModes();
  readonly #onTerminal = Deno.stdout.isTerminal();
  readonly #listeners: [Deno.Signal, () => void][] = [];
  #terminal: UserTerminal | undefined;
  #keys: Deno.FsFile | undefined;
  #status = 0;
  #lastByte = 10;

  constructor(flags: PlayFlags, events: EventStream, clock: ConstructorParameters<typeof SessionPlayer>[1]["clock"]) {
    const { speed, idleLimit, pauseOnMarkers, paused } = flags;
    this.#player = new SessionPlayer(events, {
      clock,
      speed,
      pauseOnMarkers,
      paused,
      ...(idleLimit !== undefined && { idleLimit }),
    });
  }

  /** Plays to the end, or to the key that ends it; returns the status to exit with. */
  async run(): Promise<number> {
    this.#listen();
    try {
      if (this.#onTerminal) this.#takeTerminal();
      await this.#showAll();
    } catch (error) {
      if (!isBrokenPipe(error)) throw error;
    } finally {
      await this.#giveBack();
    }
    return this.#status;
  }

  async #showAll(): Promise<void> {
    const { events } = this.#player;
    for await (const batch of this.#onTerminal ? events.pipeThrough(inert()) : events) {
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

  /** What is typed steers the player, and is not echoed into the picture. */
  #takeTerminal(): void {
    this.#terminal = openUserTerminal();
    if (!this.#terminal) return;
    this.#terminal.makeRaw();
    this.#obeyKeys();
  }

  async #obeyKeys(): Promise<void> {
    try {
      this.#keys = await Deno.open("/dev/tty");
      const typed = new Uint8Array(64);
      for (let read = await this.#keys.read(typed); read !== null; read = await this.#keys.read(typed)) {
        // An escape sequence is an arrow key, or this terminal answering to somebody: none of ours.
        if (typed[0] === 0x1b) continue;
        for (const key of new TextDecoder().decode(typed.subarray(0, read))) this.#obey(key);
      }
    } catch {
      // without keys it plays on
    }
  }

  #obey(key: string): void {
    const { playback, speed } = this.#player;
    if (key === " ") playback.toggle();
    else if (key === ".") playback.step();
    else if (key === ">") speed.faster();
    else if (key === "<") speed.slower();
    else if (key === "q" || key === "\x03") playback.stop();
  }

  #listen(): void {
    const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
    for (const [signal, status] of Object.entries(statuses) as [Deno.Signal, number][]) {
      const listener = () => {
        this.#status = status;
        this.#player.playback.stop();
      };
      Deno.addSignalListener(signal, listener);
      this.#listeners.push([signal, listener]);
    }
  }

  async #giveBack(): Promise<void> {
    for (const [signal, listener] of this.#listeners) Deno.removeSignalListener(signal, listener);
    if (this.#onTerminal) {
      const farewell = this.#modes.undo() + (this.#lastByte === 10 ? "" : "\r\n");
      await writeAll(Deno.stdout, new TextEncoder().encode(farewell)).catch(() => {});
    }
    this.#terminal?.close();
  }
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
