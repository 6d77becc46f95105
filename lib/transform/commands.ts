/**
 * Derives which commands ran from the marks that shells print around them.
 *
 * The marks stay where they are: whoever drops the `command` events and derives them again gets the same ones. Recordings
 * without marks have one command when the recorder ran a program, and otherwise such as can be guessed from prompts.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Nanos, SessionEvent } from "../event.ts";
import type { EmulatorMaker } from "../ports.ts";
import { Stage, type StageCore } from "../stream/stage.ts";
import { exitCodeOf } from "../text/signals.ts";
import { CommandMarks } from "./commands/command_marks.ts";
import { Echo } from "./commands/echo.ts";
import { PromptGuess } from "./commands/prompt_guess.ts";
import { isShellCommand } from "./commands/shell_command.ts";
import { type Mark, readMark } from "./commands/mark.ts";
import { type EnteredLine, TypedLine } from "./commands/typed_line.ts";
import { MarkScanner } from "./commands/mark_scanner.ts";
import { NonceCheck } from "./commands/nonce_check.ts";

/**
 * How commands are derived.
 *
 * @example
 * ```ts
 * const forAnalysis: DeriveCommandsOptions = { cut: true };
 * ```
 */
export interface DeriveCommandsOptions {
  /** Where a terminal comes from that reads lines off the screen; without it, a line that no mark tells stays unknown. */
  readonly emulator?: EmulatorMaker;
  /**
   * Cuts output events at the marks and leaves the marks out, so that what stands between two `command` events was printed
   * between the two. Otherwise output passes as it is, and the commands that its marks tell follow it.
   */
  readonly cut?: boolean;
}

/**
 * Returns a stage that adds `command` events. Those that are there stay in a session without marks, and go where there are some.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const data = new TextEncoder().encode("\x1b]633;E;make\x07\x1b]633;C\x07done\r\n\x1b]633;D;0\x07");
 * const events = await collect(streamOf({ kind: "output", time: 5, data }).pipeThrough(deriveCommands()));
 * deepEqual(events.map((event) => event.kind === "command" ? event.text ?? event.code : event.kind), ["output", "make", 0]);
 * ```
 */
export function deriveCommands(options: DeriveCommandsOptions = {}): Stage {
  return new Stage((emit) => new CommandDeriver(options, emit));
}

class CommandDeriver implements StageCore {
  readonly #options: DeriveCommandsOptions;
  readonly #emit: (event: SessionEvent) => void;
  #scanner = this.#newScanner();
  #marks = this.#newMarks(new NonceCheck(undefined));
  #guess = this.#newGuess();
  #echo: Echo | undefined;
  #typed: TypedLine | undefined;
  #cols = 80;
  #time: Nanos = 0;
  #last: Nanos = 0; // of what was emitted
  #hasMarks = false;
  #program: EventOf<"command"> | undefined; // what the recorder ran, while it runs
  #sign: EventOf<"output"> | undefined; // what zsh may have put before its prompt
  #found: SessionEvent[] = []; // commands that follow the output at hand

  constructor(options: DeriveCommandsOptions, emit: (event: SessionEvent) => void) {
    this.#options = options;
    this.#emit = emit;
    if (!options.emulator) return;
    this.#echo = new Echo(options.emulator);
    this.#typed = new TypedLine(options.emulator);
  }

  push(event: SessionEvent): void {
    if (event.kind === "header") this.#flushScanner();
    this.#time = event.time;
    switch (event.kind) {
      case "output":
        return this.#output(event);
      case "command":
        if (!this.#hasMarks) this.#tell(event);
        return;
      case "header":
        return this.#begin(event);
      case "exit":
        this.#end(event);
        break;
      case "gap":
      case "screen":
        this.#flushScanner();
        this.#marks.gap();
        this.#guess.gap();
        this.#echo?.end();
        break;
      case "resize":
        this.#cols = event.cols;
        this.#typed?.resize(event.cols);
        break;
      case "clock":
        this.#marks.clock(event.drift);
        break;
      case "input":
        this.#guess.input(event.data);
    }
    this.#tell(event);
  }

  flush(): void {
    this.#flushScanner();
  }

  #begin(event: EventOf<"header">): void {
    const { header } = event;
    this.#marks = this.#newMarks(new NonceCheck(header.nonceSha256));
    this.#guess = this.#newGuess();
    this.#hasMarks = false;
    this.#cols = header.cols;
    this.#typed?.resize(header.cols);
    this.#tell(event);
    const { command: text, cwd, recorder } = header;
    this.#program = undefined;
    if (text === undefined || text === "" || isShellCommand(text)) return;
    // What another recorder calls the command may be anything.
    const isCertain = recorder?.startsWith("term2ai ") ?? false;
    this.#program = {
      kind: "command",
      time: 0,
      phase: "output",
      text,
      ...(cwd !== undefined && { cwd }),
      ...(!isCertain && { confidence: "reported" as const }),
    };
    this.#tell(this.#program);
  }

  /** What the recorder ran ends with the session; its status is the session's. */
  #end({ status, time }: EventOf<"exit">): void {
    this.#flushScanner();
    this.#marks.exit(status, time);
    this.#send();
    if (this.#program) {
      const { phase: _phase, text: _text, cwd: _cwd, ...same } = this.#program;
      this.#tell({ ...same, time, phase: "done", code: exitCodeOf(status) });
    }
    this.#program = undefined;
  }

  #output(event: EventOf<"output">): void {
    if (!this.#options.cut) this.#tell(event);
    this.#scanner.push(event.data);
    this.#send();
  }

  #flushScanner(): void {
    this.#scanner.flush();
    this.#release();
    this.#send();
  }

  #send(): void {
    for (const event of this.#found.splice(0)) this.#tell(event);
  }

  /** What was found out later than it began must not go back in time. */
  #tell(event: SessionEvent): void {
    if (event.kind === "header") this.#last = 0;
    this.#last = Math.max(this.#last, event.time);
    this.#emit(event.time < this.#last ? { ...event, time: this.#last } as SessionEvent : event);
  }

  /** Output between marks. */
  #bytes(data: Uint8Array): void {
    this.#marks.printed(data, this.#time);
    this.#pass(data);
  }

  #pass(data: Uint8Array): void {
    this.#typed?.push(data);
    if (!this.#marks.running) this.#echo?.push(data);
    if (!this.#hasMarks && !this.#program) this.#guess.output(data, this.#time);
    if (!this.#options.cut) return;
    this.#release();
    const kept = this.#marks.running ? unfinishedLineSign(data) : data.length;
    if (kept > 0) this.#found.push({ kind: "output", time: this.#time, data: data.subarray(0, kept) });
    if (kept < data.length) this.#sign = { kind: "output", time: this.#time, data: data.subarray(kept) };
  }

  /** The sign was printed by the command after all, or the command has ended before it. */
  #release(): void {
    if (this.#sign) this.#found.push({ ...this.#sign, time: this.#time });
    this.#sign = undefined;
  }

  #mark(body: string, data: Uint8Array): void {
    if (body.startsWith("?")) return this.#paste(body.endsWith("h"), data);
    const mark = readMark(body);
    // A program that was run on its own has no shell whose commands could be told; what it prints as marks is its own affair.
    if (!mark || this.#program || !this.#marks.admits(mark)) {
      if (this.#options.cut) this.#found.push({ kind: "output", time: this.#time, data });
      return;
    }
    if (mark.kind !== "done") this.#release();
    if (mark.kind !== "cwd") this.#hasMarks = true;
    if (mark.kind === "prompt" && !this.#marks.running) this.#echo?.begin(this.#cols);
    this.#marks.take(mark, this.#time);
    this.#release();
    this.#listen(mark);
  }

  /** Shells switch bracketed paste on when they ask for a line, and off when it is entered. */
  #paste(on: boolean, data: Uint8Array): void {
    if (this.#hasMarks && !this.#program) on ? this.#marks.asks(this.#time) : this.#marks.enters(this.#time);
    this.#pass(data);
  }

  #listen({ kind, nonce }: Mark): void {
    // We tell the prompt behind the line that was typed at it; others tell it in front.
    if (kind === "shown" && nonce !== undefined && !this.#marks.running) this.#echo?.hold();
    else if (kind === "output") this.#echo?.end();
    else if (kind === "prompt") this.#echo?.begin(this.#cols);
    else if (kind === "input") this.#echo?.input();
  }

  #newScanner(): MarkScanner {
    return new MarkScanner({
      bytes: (data) => this.#bytes(data),
      mark: (body, data) => this.#mark(body, data),
    });
  }

  #newMarks(check: NonceCheck): CommandMarks {
    const options = {
      isOurs: (nonce: string) => check.isOurs(nonce),
      hasNonce: check.hasNonce,
      echo: (shown: string | undefined) => this.#echo?.line(shown),
      typed: () => this.#typed?.line() ?? UNREADABLE,
    };
    return new CommandMarks(options, (event) => this.#found.push(event));
  }

  #newGuess(): PromptGuess {
    return new PromptGuess((event) => this.#found.push(event));
  }
}

const UNREADABLE: EnteredLine = { read: () => undefined, learn: () => {} };

/**
 * Where the sign begins that zsh prints before a prompt (PROMPT_SP: a mark, as many blanks as the terminal is wide, a return), so
 * that a line without an end is not overwritten; the length where there is none. It comes before zsh can tell that the command has ended.
 */
function unfinishedLineSign(data: Uint8Array): number {
  if (data.at(-1) !== 0x0d || data.at(-2) !== 0x20) return data.length;
  const tail = Array.from(data.subarray(-2200), (byte) => String.fromCharCode(byte)).join("");
  const sign = /\x1b\[1m\x1b\[7m[%#]\x1b\[27m\x1b\[1m\x1b\[0m {8,}\r \r$/.exec(tail);
  return sign ? data.length - sign[0].length : data.length;
}
