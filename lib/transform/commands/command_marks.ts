/**
 * From marks to commands: the state machine.
 *
 * Shells redraw prompts, repeat marks and lose them; programs print marks of their own. So only the first `done` after an
 * `output` counts, everything else may be repeated, and where the recorded shell has a secret word, marks without it count only
 * as long as none with it has come (then another integration was at work, and what it says is `reported`). What is not known
 * for certain stays unknown.
 *
 * Where a mark is missing, the end of the command is unknown, and what is said of it `guessed`: where another command or a prompt
 * begins, where the shell itself says that it cannot tell beginnings any more, and where a line is entered at a prompt that no mark
 * tells. Lines that are entered from then on are commands too, until marks come again.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, ExitStatus, Nanos } from "../../event.ts";
import type { Mark } from "./mark.ts";
import type { EnteredLine } from "./typed_line.ts";
import { latenessOf } from "./lateness.ts";
import { isShellCommand, mayStartShell } from "./shell_command.ts";

type CommandEvent = EventOf<"command">;

/**
 * What the state machine needs to know.
 *
 * @example
 * ```ts
 * const trusting: CommandMarksOptions = {
 *   isOurs: () => false, hasNonce: false, echo: () => undefined, typed: () => ({ read: () => undefined, learn: () => {} }),
 * };
 * ```
 */
export interface CommandMarksOptions {
  /** Whether this is the word that the recorded shell's marks carry. */
  isOurs(nonce: string): boolean;
  /** Whether it has such a word. */
  readonly hasNonce: boolean;
  /** The line that stands on the screen behind `shown`, or behind where input began; `undefined` where that is not certain. */
  echo(shown: string | undefined): string | undefined;
  /** The line that was just entered. */
  typed(): EnteredLine;
}

/** A line that was entered, of which no mark has told yet. */
interface Entered {
  time: Nanos;
  readonly line: EnteredLine;
}

/**
 * Marks in, events of kind `command` out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const events: unknown[] = [];
 * const typed = () => ({ read: () => undefined, learn: () => {} });
 * const options = { isOurs: () => false, hasNonce: false, echo: () => undefined, typed };
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
  #coming: { readonly text?: string; readonly shown?: string } = {}; // told while a command still runs, of the next
  #doubtful = false; // output is missing since the command began: its end may be the end of another one
  #blind = false; // beginnings are not told any more
  #guessing = false; // no mark has told of the command that runs
  #asking = false; // for a line, just now
  #asks = false; // this shell switches bracketed paste on at its prompts
  #asked = false; // and somebody has, since the command began
  #entered: Entered | undefined;
  #askedAt: Nanos = 0; // when the latest prompt came
  #drift: Nanos = 0; // of the wall clock, which is the shell's
  #begun: { readonly time: Nanos; readonly drift: Nanos } = { time: 0, drift: 0 };

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
        if (this.running && !this.#guessing) this.#coming = { text: mark.value };
        else this.#text = mark.value;
        return;
      case "shown":
        if (this.running) this.#coming = { shown: mark.value };
        else this.#shown = mark.value;
        return;
      case "prompt":
        return this.#prompt(time);
      case "input":
        return this.#input(time);
      case "output":
        return this.#output(mark.text, time);
      case "done":
        return this.#told(mark, time);
    }
  }

  /** The wall clock has moved, as a `clock` event tells. */
  clock(drift: Nanos): void {
    this.#drift = drift;
  }

  /** A line is asked for. */
  asks(time: Nanos): void {
    if (this.#blind) this.#begin();
    this.#asking = true;
    if (!this.running) this.#asks ||= this.#state !== "idle";
    else if (!this.#guessing) this.#asked = true;
    else this.#done({ late: this.#text === undefined || mayStartShell(this.#text) }, time);
  }

  /** A line was entered. */
  enters(time: Nanos): void {
    const wasAsked = this.#asking, line = this.#options.typed();
    this.#asking = false;
    if (this.running) {
      if (this.#guessing || !this.#asked || this.#text === undefined) return;
      if (mayStartShell(this.#text) && !/^\s*exec\b/.test(this.#text)) return; // its end may yet be told
      if (line.read() === undefined) return;
      this.#lose(time);
      this.#blind = true;
    }
    if (wasAsked) this.#entered = { time, line };
  }

  /** Something was printed. */
  printed(data: Uint8Array, time: Nanos): void {
    if (!this.#entered) return;
    if (data.every((byte) => byte === 0x0a || byte === 0x0d)) this.#entered.time = time;
    else if (this.#blind) this.#begin();
  }

  /** Output is missing here, and marks with it. */
  gap(): void {
    this.#text = this.#shown = this.#entered = undefined;
    this.#coming = {};
    this.#doubtful = true;
  }

  /** The session ends, and with it what runs. Its status is that of the last command only where that one ended the shell. */
  exit(status: ExitStatus, time: Nanos): void {
    if (this.#blind) this.#begin();
    if (!this.running) return;
    const [, word, rest = ""] = /^\s*(exit|logout|exec)\b(.*)/s.exec(this.#text ?? "") ?? [];
    const isOther = this.#asked || this.#guessing || (word === "exec" && isShellCommand(rest));
    if (isOther || (word === undefined && !this.#asks)) this.#lose(time);
    else this.#done(word !== undefined && "code" in status ? { code: status.code } : {}, time);
  }

  #prompt(time: Nanos): void {
    if (this.running) this.#lose(time);
    if (this.#state === "idle") this.#send({ phase: "prompt", ...this.#where() }, time);
    this.#state = "prompt";
    this.#askedAt = time;
    this.#text = this.#shown = this.#entered = undefined;
  }

  #input(time: Nanos): void {
    if (this.#state !== "prompt") return;
    this.#state = "input";
    this.#send({ phase: "input" }, time);
  }

  #output(told: string | undefined, time: Nanos): void {
    if (this.running && !this.#ours) return;
    if (this.running) {
      this.#lose(time);
      this.#text = this.#coming.text;
      this.#shown = this.#coming.shown;
    }
    const certain = this.#text ?? told ?? this.#options.echo(this.#shown);
    const entered = this.#entered?.line;
    if (certain !== undefined) (entered ?? this.#options.typed()).learn(certain);
    const text = certain ?? (entered?.read() || undefined);
    this.#start({ text, ...(text !== certain && { confidence: "guessed" }) }, time);
  }

  /** The shell says that a command has ended, if one ran. */
  #told({ code, late, unseen, took, ago }: Mark & { kind: "done" }, time: Nanos): void {
    if (unseen && !this.running) this.#began(time);
    const isInner = this.#guessing && !unseen; // lines of a shell inside, after all
    const text = this.#guessing ? this.#text : undefined;
    if (isInner) this.#lose(time);
    else this.#done({ code, late, text, ...this.#timing(took, ago, time) }, time);
    this.#askedAt = time;
    this.#blind = unseen === true;
    this.#entered = undefined;
  }

  /** The shell has seen no beginning; where something was entered, there was one. */
  #began(time: Nanos): void {
    const told = this.#text;
    if (this.#entered && this.#blind) this.#begin();
    if (this.running) this.#text = told ?? this.#text;
    else if (told !== undefined || (this.#entered && this.#entered.line.read() !== "")) {
      const text = told ?? this.#entered?.line.read();
      this.#start({ text, confidence: "guessed", late: true }, time);
      this.#guessing = true;
    }
  }

  /** A line that was entered was a command, though no mark has told of it. */
  #begin(): void {
    const entered = this.#entered, text = entered?.line.read();
    this.#entered = undefined;
    if (!entered || text === "") return;
    this.#start({ text, confidence: "guessed" }, entered.time);
    this.#guessing = true;
  }

  /** By the shell's clock, which shows another time than has passed where it was set meanwhile. Nothing begins before its prompt. */
  #timing(took: Nanos | undefined, ago: Nanos | undefined, time: Nanos): Pick<CommandEvent, "ago" | "earlier"> {
    const moved = this.#drift - this.#begun.drift, observed = time - this.#begun.time;
    const late = latenessOf({ took: took === undefined ? undefined : took - moved, ago }, observed);
    if (late > 0) return { ago: late };
    const earlier = Math.min(-late, this.#begun.time - this.#askedAt);
    return earlier > 0 ? { earlier } : {};
  }

  #start(event: Pick<CommandEvent, "text" | "confidence" | "late">, time: Nanos): void {
    this.#text = event.text;
    this.#entered = undefined;
    this.#coming = {};
    this.#doubtful = this.#asked = this.#guessing = false;
    this.#state = "running";
    this.#begun = { time, drift: this.#drift };
    this.#send({ phase: "output", ...event, ...this.#where() }, time);
  }

  /** The mark of an end has not come. */
  #lose(time: Nanos): void {
    this.#done({ late: true }, time);
  }

  #done({ code, late, text, ...timing }: End, time: Nanos): void {
    if (!this.running) return;
    const isLate = late || this.#doubtful;
    const isGuess = isLate || this.#guessing;
    this.#state = "idle";
    this.#guessing = false;
    this.#text = this.#shown = undefined;
    const known = isLate ? { late: true as const } : timing;
    const fields = { code: this.#doubtful ? undefined : code, text, ...known };
    this.#send({ phase: "done", ...fields, ...(isGuess && { confidence: "guessed" }) }, time);
  }

  #where(): { cwd?: string } {
    return this.#cwd === undefined ? {} : { cwd: this.#cwd };
  }

  /** What is undefined is left out. */
  #send(event: Omit<Loose<CommandEvent>, "kind" | "time">, time: Nanos): void {
    const known = Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
    const reported = this.#ours ? {} : { confidence: "reported" as const };
    this.#emit({ kind: "command", time, phase: event.phase, ...reported, ...known });
  }
}

type End = Loose<Pick<CommandEvent, "text" | "code" | "ago" | "earlier">> & { readonly late?: boolean | undefined };
type Loose<T> = { readonly [Key in keyof T]: Key extends "phase" ? T[Key] : T[Key] | undefined };
