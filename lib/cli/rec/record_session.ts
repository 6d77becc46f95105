/**
 * Runs a session from the terminal to the file: what `term2ai rec` does once its options are read.
 * @module
 */

import { PtyError, UsageError } from "../../errors.ts";
import { EmulatorThread } from "../../host/emulator_thread.ts";
import { hostFacts } from "../../host/facts.ts";
import { choosePtyHost } from "../../host/pty.ts";
import { openUserTerminal, terminalSize, type UserTerminal } from "../../host/tty.ts";
import type { HostFacts, PtyAttachment } from "../../ports.ts";
import { SessionRecorder, type SessionRecorderOptions } from "../../record/session_recorder.ts";
import type { PreparedShell } from "../../session/integrated_shell.ts";
import { type Destination, openDestination } from "./destination.ts";
import { messageFor } from "../program/failure.ts";
import { lazy } from "../lazy.ts";
import { checkUsage, type RecFlags } from "./flags.ts";
import { FAILED, type Redaction, RunningSession } from "./running_session.ts";
import { harmless, tell } from "../source/stdio.ts";
import { VERSION } from "../program/version.ts";

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

async function openRedaction(flags: RecFlags, destination: Destination): Promise<Redaction> {
  const { RedactingSink } = await lazy<typeof import("../../session/recording/redacting_sink.ts")>(
    "../session/recording/redacting_sink.ts",
  );
  const { secretsFrom } = await lazy<typeof import("../output/secrets_flags.ts")>("./output/secrets_flags.ts");
  const secrets = await secretsFrom(flags).catch(async (error) => {
    await destination.discard();
    throw error;
  });
  return { sink: new RedactingSink(destination.sink, secrets), options: { unseen: (line) => secrets.learn(line) } };
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
  return (await lazy<typeof import("../../session/integrated_shell.ts")>("../session/integrated_shell.ts"))
    .prepareShell(command, env);
}

/** The environment of the session: ours, with a terminal type that programs can work with, and a sign that it is recorded. */
function sessionFacts(): HostFacts {
  const facts = hostFacts();
  return { ...facts, env: { ...facts.env, TERM: facts.env.TERM || "xterm-256color", TERM2AI_REC: "1" } };
}
