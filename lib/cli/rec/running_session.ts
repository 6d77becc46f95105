/**
 * A session that `term2ai rec` records, from the first key to the exit: signals, our own keys, and the words at the end.
 * @module
 */

import type { ExitStatus } from "../../event.ts";
import type { UserTerminal } from "../../host/tty.ts";
import type { SessionRecorder, SessionRecorderOptions } from "../../record/session_recorder.ts";
import { ControlledSink } from "../../session/recording/controlled_sink.ts";
import type { PreparedShell } from "../../session/integrated_shell.ts";
import { recordTo } from "../../session/recording/record_to.ts";
import type { RecordingSink } from "../../session/recording/recording_sink.ts";
import type { RedactingSink } from "../../session/recording/redacting_sink.ts";
import { exitCodeOf } from "../../text/signals.ts";
import type { Destination } from "./destination.ts";
import { lazy } from "../lazy.ts";
import type { RecFlags } from "./flags.ts";
import { harmless, tell } from "../source/stdio.ts";
import { formatTime } from "../program/time.ts";
import { VERSION } from "../program/version.ts";

/** Our own failure, as `env` and `docker run` tell it. */
export const FAILED = 125;

/** What hides secrets on the way to a destination, and learns passwords as they are typed. */
export interface Redaction {
  readonly sink: RedactingSink;
  readonly options: Pick<SessionRecorderOptions, "unseen">;
}

/** It owns signals and the user's terminal until it is closed. */
export class RunningSession {
  readonly #flags: RecFlags;
  readonly #destination: Destination;
  readonly #terminal: UserTerminal | undefined;
  readonly #speaks: boolean;
  readonly #shell: PreparedShell | undefined;
  readonly #redaction: Redaction | undefined;
  readonly #listeners: [Deno.Signal, () => void][] = [];
  #recorder!: SessionRecorder;
  #endedBy: string | undefined; // the signal that made us stop, or would have
  #discard = false;
  #control: ControlledSink | undefined;

  constructor(
    flags: RecFlags,
    destination: Destination,
    terminal: UserTerminal | undefined,
    speaks: boolean,
    { shell, redaction }: { shell: PreparedShell | undefined; redaction: Redaction | undefined },
  ) {
    this.#redaction = redaction;
    this.#flags = flags;
    this.#destination = destination;
    this.#terminal = terminal;
    this.#speaks = speaks;
    this.#shell = shell;
  }

  /**
   * Starts the program. We listen for signals first: what comes once the program can be seen is meant for it, and none may
   * leave the terminal raw. No listener runs before this returns.
   */
  open(startRecorder: () => SessionRecorder): void {
    this.#listen();
    this.#terminal?.makeRaw();
    this.#recorder = startRecorder();
  }

  /** From the first key to the exit. */
  async run(): Promise<number> {
    const started = Date.now();
    try {
      this.#recorder.onkey = (key) => this.#onkey(key);
      await this.#store();
    } finally {
      this.close();
    }
    const status = await this.#recorder.exited;
    await (this.#discard ? this.#destination.discard() : this.#destination.settle());
    this.#sayGoodbye(started);
    return this.#exitStatus(status);
  }

  /** Gives signals and the terminal back. */
  close(): void {
    for (const [signal, listener] of this.#listeners.splice(0)) Deno.removeSignalListener(signal, listener);
    this.#terminal?.restore();
    this.#shell?.close();
  }

  get #sink(): RecordingSink {
    return this.#redaction?.sink ?? this.#destination.sink;
  }

  async #store(): Promise<void> {
    try {
      await recordTo(this.#recorder, this.#flags.noSocket ? this.#sink : this.#controlled());
    } catch (error) {
      if (!this.#destination.readerIsGone(error)) throw error;
      this.#endedBy ??= "SIGPIPE";
      await this.#recorder.exited;
    }
  }

  /** Others can look at the session, mark and stop it. */
  #controlled(): ControlledSink {
    const { name, usesStdout } = this.#destination;
    const { attachable } = this.#flags;
    const path = usesStdout ? undefined : name;
    return this.#control = new ControlledSink(this.#sink, async () => {
      const { openRecControl } = await lazy<typeof import("../../session/control/rec_control.ts")>(
        "../session/control/rec_control.ts",
      );
      const version = `term2ai ${VERSION}`;
      return await openRecControl({ recorder: this.#recorder, path, attachable, version });
    }, attachable);
  }

  /** Signals that end us end the session first, so that the recording has its end; others are passed on. */
  #listen(): void {
    this.#on("SIGXFSZ", () => {}); // a limit on the size of files is a full disk, and no reason to die
    for (const signal of ["SIGTERM", "SIGHUP"] as const) {
      this.#on(signal, () => {
        this.#endedBy ??= signal;
        this.#recorder.noteSignal(signal);
        this.#recorder.stop();
      });
    }
    for (const signal of ["SIGINT", "SIGQUIT"] as const) this.#on(signal, () => this.#recorder.signal(signal));
    if (!this.#terminal) return;
    if (!this.#flags.size) this.#on("SIGWINCH", () => this.#followSize());
    this.#on("SIGCONT", () => {
      this.#terminal!.makeRaw(); // the shell that stopped us took its own settings back
      this.#recorder.noteSignal("SIGCONT");
      if (!this.#flags.size) this.#followSize();
    });
  }

  #on(signal: Deno.Signal, listener: () => void): void {
    Deno.addSignalListener(signal, listener);
    this.#listeners.push([signal, listener]);
  }

  #followSize(): void {
    const size = this.#terminal!.size();
    if (size) this.#recorder.resize(size.cols, size.rows);
  }

  #onkey(key: "pause" | "mark" | "discard"): void {
    if (key === "discard") {
      this.#discard = true;
      this.#recorder.stop();
    } else if (!this.#flags.quiet) this.#terminal?.write("\x07");
  }

  #sayGoodbye(started: number): void {
    if (this.#discard) return tell("term2ai: the recording was thrown away\n");
    const failure = this.#flags.attachable ? this.#control?.failure : undefined;
    if (failure) tell(`term2ai: nobody could attach: ${failure}\n`);
    for (const line of this.#destination.complaints()) tell(`term2ai: ${line}\n`);
    this.#tellUnhidden();
    if (!this.#speaks) return;
    const time = formatTime((Date.now() - started) * 1e6);
    tell(`term2ai: recorded ${time} to ${harmless(this.#destination.name)}\n`);
  }

  #tellUnhidden(): void {
    const unhidden = this.#redaction?.sink.unhidden;
    if (unhidden === undefined) return;
    const { name, usesStdout } = this.#destination;
    tell(`term2ai: ${unhidden}\n`);
    const files = usesStdout ? "IN OUT" : `${harmless(name)} OUT`;
    tell(`term2ai: to hide it, write it into a file, one secret a line: term2ai redact --text-from FILE ${files}\n`);
    if (usesStdout) tell("term2ai: what is recorded to a .t2a file and not down a pipe is looked through at its end\n");
  }

  #exitStatus(status: ExitStatus): number {
    if (this.#flags.requireRecording && this.#redaction?.sink.unhidden !== undefined) return FAILED;
    if (this.#endedBy) return exitCodeOf({ signal: this.#endedBy });
    return exitCodeOf(status);
  }
}
