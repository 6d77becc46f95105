/**
 * Runs a session from the terminal to the file: what `term2ai rec` does once its options are read.
 * @module
 */

import { PtyError, UsageError } from "../errors.ts";
import type { ExitStatus } from "../event.ts";
import { EmulatorThread } from "../host/emulator_thread.ts";
import { hostFacts } from "../host/facts.ts";
import { choosePtyHost } from "../host/pty.ts";
import { openUserTerminal, terminalSize, type UserTerminal } from "../host/tty.ts";
import type { HostFacts, PtyAttachment } from "../ports.ts";
import { SessionRecorder, type SessionRecorderOptions } from "../record/session_recorder.ts";
import { exitCodeOf } from "../text/signals.ts";
import { formatTime } from "./time.ts";
import type { PreparedShell } from "../session/integrated_shell.ts";
import { messageFor } from "./failure.ts";
import { ControlledSink } from "../session/controlled_sink.ts";
import { lazy } from "./lazy.ts";
import { type Destination, openDestination } from "./destination.ts";
import type { RecFlags } from "./rec_flags.ts";
import { recordTo } from "../session/record_to.ts";
import type { RecordingSink } from "../session/recording_sink.ts";
import type { RedactingSink } from "../session/redacting_sink.ts";
import { harmless, tell } from "./stdio.ts";
import { VERSION } from "./version.ts";

/** What says what is hidden. */
const RULES = ["text", "textFrom", "pattern", "allow", "allowPattern", "without"] as const;

/** Our own failure, as `env` and `docker run` tell it. */
const FAILED = 125;

/** Records one session and returns the status to exit with. */
export async function recordSession(
  flags: RecFlags,
  path: string | undefined,
  command: readonly string[] | undefined,
): Promise<number> {
  checkUsage(flags, path, command);
  let terminal: UserTerminal | undefined;
  try {
    const destination = await openDestination(flags, path);
    const redaction = flags.redact ? await openRedaction(flags, destination) : undefined;
    terminal = Deno.stdin.isTerminal() ? openUserTerminal() : undefined;
    const session = await start(flags, terminal, destination, command, redaction).catch(async (error) => {
      await destination.discard();
      throw error;
    });
    return await session.run();
  } catch (error) {
    if (error instanceof UsageError || error instanceof PtyError) throw error;
    terminal?.restore();
    tell(`term2ai rec: ${messageFor(error)}\n`);
    return FAILED;
  } finally {
    terminal?.close();
  }
}

/** What hides secrets on the way to a destination, and learns passwords as they are typed. */
interface Redaction {
  readonly sink: RedactingSink;
  readonly options: Pick<SessionRecorderOptions, "unseen">;
}

async function openRedaction(flags: RecFlags, destination: Destination): Promise<Redaction> {
  const { RedactingSink } = await lazy<typeof import("../session/redacting_sink.ts")>("../session/redacting_sink.ts");
  const { secretsFrom } = await lazy<typeof import("./secrets_flags.ts")>("./secrets_flags.ts");
  const secrets = await secretsFrom(flags);
  return { sink: new RedactingSink(destination.sink, secrets), options: { unseen: (line) => secrets.learn(line) } };
}

function checkUsage(flags: RecFlags, path: string | undefined, command: readonly string[] | undefined): void {
  if (flags.overwrite && flags.append) throw new UsageError("Cannot use --overwrite and --append together");
  if (flags.append && (path === undefined || path === "-")) {
    throw new UsageError("Cannot append: --append needs a FILE");
  }
  const keys = [flags.pauseKey, flags.markKey, flags.discardKey].filter((key) => key !== "");
  if (new Set(keys).size < keys.length) throw new UsageError("Cannot use one key for two things: see --pause-key");
  const rules = RULES.find((name) => flags[name] !== undefined);
  if (rules !== undefined && !flags.redact) {
    const option = rules.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`Cannot use --${option} alone: it says what --redact hides`);
  }
  if (flags.attachable && flags.noSocket) throw new UsageError("Cannot use --attachable and --no-socket together");
  if (command?.length === 0) throw new UsageError("Cannot run nothing: a command is expected behind --");
}

async function start(
  flags: RecFlags,
  terminal: UserTerminal | undefined,
  destination: Destination,
  command: readonly string[] | undefined,
  redaction: Redaction | undefined,
): Promise<RunningSession> {
  const host = await choosePtyHost();
  // Only somebody who starts a shell of ours is spoken to: the output of a command stays the command's.
  const speaks = terminal !== undefined && command === undefined && !flags.quiet;
  if (speaks) tell(`term2ai: recording to ${harmless(destination.name)}; exit or Ctrl-D ends it\n`);
  const facts = sessionFacts();
  const shell = flags.shellIntegration ? await integratedShell(command ?? [facts.shell], facts.env) : undefined;
  const session = new RunningSession(flags, destination, terminal, speaks, { shell, redaction });
  try {
    const options = { ...recorderOptions(flags, terminal, destination, command, facts), ...redaction?.options };
    session.open(() => new SessionRecorder(host, { ...options, ...(shell && { integration: shell }) }));
    await destination.publish();
  } catch (error) {
    session.close();
    throw error;
  }
  return session;
}

function recorderOptions(
  flags: RecFlags,
  terminal: UserTerminal | undefined,
  destination: Destination,
  command: readonly string[] | undefined,
  facts: HostFacts,
): SessionRecorderOptions {
  const size = flags.size ?? terminal?.size() ?? terminalSize() ?? { cols: 80, rows: 24 };
  return {
    ...size,
    ...(flags.keyframes && destination.keepsScreens && { screen: new EmulatorThread(size) }),
    facts,
    ...(command && { command }),
    input: flags.input ?? "off",
    attachment: attachmentOf(flags, terminal, destination),
    eager: flags.attachable,
    whenFull: flags.requireRecording ? "wait" : "drop",
    metadata: {
      ...(flags.title !== undefined && { title: flags.title }),
      ...(flags.idleLimit !== undefined && { idleLimit: flags.idleLimit }),
      tags: flags.tag ?? [],
      keepEnv: flags.env ?? [],
      recorder: `term2ai ${VERSION}`,
    },
  };
}

/** The user's terminal, else stdin and stdout, where stdout is not taken by the recording. */
function attachmentOf(
  { pauseKey: pause, markKey: mark, discardKey: discard }: RecFlags,
  terminal: UserTerminal | undefined,
  destination: Destination,
): PtyAttachment {
  if (!terminal) {
    return { input: 0, output: destination.usesStdout ? -1 : 1, keys: { pause: "", mark: "", discard: "" } };
  }
  return { input: terminal.input, output: terminal.output, keys: { pause, mark, discard } };
}

/** Shells tell of their commands where they know how to; what is needed for that is loaded only for shells. */
async function integratedShell(command: readonly string[], env: HostFacts["env"]): Promise<PreparedShell | undefined> {
  if (!/(?:^|\/)(?:bash|zsh|fish)$/.test(command[0]!)) return undefined;
  return (await lazy<typeof import("../session/integrated_shell.ts")>("../session/integrated_shell.ts"))
    .prepareShell(command, env);
}

/** The environment of the session: ours, with a terminal type that programs can work with, and a sign that it is recorded. */
function sessionFacts(): HostFacts {
  const facts = hostFacts();
  return { ...facts, env: { ...facts.env, TERM: facts.env.TERM || "xterm-256color", TERM2AI_REC: "1" } };
}

class RunningSession {
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
      const { openRecControl } = await lazy<typeof import("../session/rec_control.ts")>("../session/rec_control.ts");
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
    tell(`term2ai: secrets may be in the recording that could be told only later: ${unhidden}\n`);
    tell(`term2ai: hide them with: term2ai redact ${usesStdout ? "IN OUT" : `${harmless(name)} OUT`}\n`);
  }

  #exitStatus(status: ExitStatus): number {
    if (this.#endedBy) return exitCodeOf({ signal: this.#endedBy });
    return exitCodeOf(status);
  }
}
