/**
 * Commands as analysis sees them: what ran, where, from when to when, how it ended, how much it printed.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Nanos, SessionEvent, SessionHeader } from "../../event.ts";
import type { CommandRecord } from "../../models.ts";
import { TypedEcho } from "../performance/typed_echo.ts";

/**
 * What a collector tells.
 *
 * @example
 * ```ts
 * const quiet: CommandListener = { begin: () => {}, output: () => {}, end: () => {} };
 * ```
 */
export interface CommandListener {
  /** A command has begun. */
  begin(command: CommandRecord): void;
  /** Something was printed while it ran; `own` is that without the echo of what was typed. */
  output(command: CommandRecord, event: EventOf<"output">, own: Uint8Array): void;
  /** It has ended; `end` is absent when the recording ends before it. */
  end(command: CommandRecord): void;
}

type Open = { -readonly [Key in keyof CommandRecord]: CommandRecord[Key] };

/**
 * Joins `command` events and output to commands. The events have to come from `deriveCommands({ cut: true })`.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import type { CommandRecord } from "@term2ai/term2ai";
 *
 * const ended: CommandRecord[] = [];
 * const collector = new CommandCollector({ begin: () => {}, output: () => {}, end: (command) => ended.push(command) });
 * collector.push({ kind: "command", time: 3, phase: "output", text: "true" });
 * collector.push({ kind: "command", time: 8, phase: "done", code: 0 });
 * deepEqual(ended.map(({ text, code, start, end }) => [text, code, start, end]), [["true", 0, 3, 8]]);
 * ```
 */
export class CommandCollector {
  readonly #listener: CommandListener;
  #session = -1;
  #index = 0;
  #startedAt: number | undefined;
  #drift: Nanos = 0;
  #open: Open | undefined;
  readonly #echo = new TypedEcho();
  #late = false; // when it began is not known

  /** Tells `listener`. */
  constructor(listener: CommandListener) {
    this.#listener = listener;
  }

  /** Takes the next event. */
  push(event: SessionEvent): void {
    switch (event.kind) {
      case "header":
        return this.#begin(event.header);
      case "clock":
        this.#drift = event.drift;
        return;
      case "output":
        if (this.#open && event.data.length > 0) this.#output(this.#open, event);
        return;
      case "input":
        if (this.#open) this.#echo.input(event);
        return;
      case "command":
        if (event.phase === "output") this.#start(event);
        else if (event.phase === "done") this.#end(event);
    }
  }

  /** The stream is over: what still runs has no end. */
  flush(): void {
    if (this.#open) this.#listener.end(this.#open);
    this.#open = undefined;
  }

  #begin({ startedAt }: SessionHeader): void {
    this.flush();
    this.#session++;
    this.#index = 0;
    this.#startedAt = startedAt;
    this.#drift = 0;
  }

  #start({ time, text, cwd, late, ...more }: EventOf<"command">): void {
    const { confidence = "exact" }: { confidence?: CommandRecord["confidence"] } = more;
    this.flush();
    this.#late = late === true;
    this.#echo.forget();
    this.#open = { session: Math.max(0, this.#session), index: this.#index++, start: time, outputBytes: 0, confidence };
    if (text !== undefined) this.#open.text = text;
    if (cwd !== undefined) this.#open.cwd = cwd;
    if (this.#startedAt !== undefined) this.#open.startedAt = this.#startedAt + (time + this.#drift) / 1e6;
    this.#listener.begin(this.#open);
  }

  #output(command: Open, event: EventOf<"output">): void {
    const own = this.#echo.without(event);
    if (own.length > 0) command.firstOutput ??= event.time;
    command.outputBytes += own.length;
    this.#listener.output(command, event, own);
  }

  #beginEarlier(command: Open, by: Nanos): void {
    command.start = Math.max(0, command.start - by);
    if (command.startedAt !== undefined) command.startedAt -= by / 1e6;
  }

  /** What was noticed late has no duration, and its end makes it no surer than its beginning. */
  #end({ time, code, text, late, ago = 0, earlier = 0, confidence }: EventOf<"command">): void {
    if (!this.#open) return;
    if (earlier > 0) this.#beginEarlier(this.#open, earlier);
    if (!late && !this.#late) this.#open.end = Math.max(this.#open.start, time - ago);
    if (code !== undefined) this.#open.code = code;
    if (text !== undefined) this.#open.text = text;
    if (confidence === "guessed" || this.#open.confidence === "exact") {
      this.#open.confidence = confidence ?? this.#open.confidence;
    }
    this.flush();
  }
}
