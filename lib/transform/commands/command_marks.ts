/**
 * From marks to commands: the state machine.
 *
 * Shells redraw prompts, repeat marks and lose them; programs print marks of their own. So only the first `done` after an
 * `output` counts, everything else may be repeated, and where the recorded shell has a secret word, marks without it count only
 * as long as none with it has come (then another integration was at work, and what it says is `reported`). What is not known
 * for certain stays unknown.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, ExitStatus, Nanos } from "../../event.ts";
import type { Mark } from "./mark.ts";

type CommandEvent = EventOf<"command">;

/**
 * What the state machine needs to know.
 *
 * @example
 * ```ts
 * const trusting: CommandMarksOptions = { isOurs: () => false, hasNonce: false, echo: () => undefined };
 * ```
 */
export interface CommandMarksOptions {
  /** Whether this is the word that the recorded shell's marks carry. */
  isOurs(nonce: string): boolean;
  /** Whether it has such a word. */
  readonly hasNonce: boolean;
  /** The line that stands on the screen behind `shown`, or behind where input began; `undefined` where that is not certain. */
  echo(shown: string | undefined): string | undefined;
}

/**
 * Marks in, events of kind `command` out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const events: unknown[] = [];
 * const options = { isOurs: () => false, hasNonce: false, echo: () => undefined };
 * const marks = new CommandMarks(options, (event) => events.push(`${event.phase} ${event.text ?? event.code ?? ""}`));
 * marks.take({ kind: "prompt" }, 0);
 * marks.take({ kind: "text", value: "make" }, 5);
 * marks.take({ kind: "output" }, 6);
 * marks.take({ kind: "done", code: 2 }, 9);
 * marks.take({ kind: "done", code: 2 }, 9); // again, after an empty Enter
 * deepEqual(events, ["prompt ", "output make", "done 2"]);
 * ```
 */
export class CommandMarks {
  readonly #options: CommandMarksOptions;
  readonly #emit: (event: CommandEvent) => void;
  #state: "idle" | "prompt" | "input" | "running" = "idle";
  #ours = false; // a mark with the secret word has come
  #cwd: string | undefined;
  #text: string | undefined;
  #shown: string | undefined;
  #doubtful = false; // output is missing since the command began: its end may be the end of another one

  /** Events go to `emit`. */
  constructor(options: CommandMarksOptions, emit: (event: CommandEvent) => void) {
    this.#options = options;
    this.#emit = emit;
  }

  /** Whether a command runs. */
  get running(): boolean {
    return this.#state === "running";
  }

  /** Says whether a mark counts, and remembers that one of ours has come. */
  admits(mark: Mark): boolean {
    if (!this.#options.hasNonce) return true;
    if (mark.nonce !== undefined && this.#options.isOurs(mark.nonce)) return this.#ours = true;
    return !this.#ours;
  }

  /** Takes a mark that counts. */
  take(mark: Mark, time: Nanos): void {
    switch (mark.kind) {
      case "cwd":
        this.#cwd = mark.value;
        return;
      case "text":
        if (!this.running) this.#text = mark.value;
        return;
      case "shown":
        if (!this.running) this.#shown = mark.value;
        return;
      case "prompt":
        return this.#prompt(time);
      case "input":
        return this.#input(time);
      case "output":
        return this.#output(mark.text, time);
      case "done":
        return this.#done(mark.code, time);
    }
  }

  /** Output is missing here, and marks with it. */
  gap(): void {
    this.#text = this.#shown = undefined;
    this.#doubtful = true;
  }

  /** The session ends, and with it what runs. Its status is that of the last command only where that one ended the shell. */
  exit(status: ExitStatus, time: Nanos): void {
    if (!this.running) return;
    const endsShell = this.#text !== undefined && /^\s*(?:exit|logout|exec)\b/.test(this.#text);
    this.#done(endsShell && "code" in status ? status.code : undefined, time);
  }

  #prompt(time: Nanos): void {
    if (this.running) this.#done(undefined, time);
    if (this.#state === "idle") this.#send({ phase: "prompt", ...this.#where() }, time);
    this.#state = "prompt";
    this.#text = this.#shown = undefined;
  }

  #input(time: Nanos): void {
    if (this.#state !== "prompt") return;
    this.#state = "input";
    this.#send({ phase: "input" }, time);
  }

  #output(told: string | undefined, time: Nanos): void {
    if (this.running) return;
    const text = this.#text ?? told ?? this.#options.echo(this.#shown);
    this.#text = text;
    this.#doubtful = false;
    this.#state = "running";
    this.#send({ phase: "output", ...(text !== undefined && { text }), ...this.#where() }, time);
  }

  #done(code: number | undefined, time: Nanos): void {
    if (!this.running) return;
    this.#state = "idle";
    this.#text = this.#shown = undefined;
    this.#send({ phase: "done", ...(code !== undefined && !this.#doubtful && { code }) }, time);
  }

  #where(): { cwd?: string } {
    return this.#cwd === undefined ? {} : { cwd: this.#cwd };
  }

  #send(event: Omit<CommandEvent, "kind" | "time">, time: Nanos): void {
    this.#emit({ kind: "command", time, ...event, ...(!this.#ours && { confidence: "reported" as const }) });
  }
}
