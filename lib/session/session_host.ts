/**
 * Runs one session: the program, its recording, its screen and its control socket, until the program ends.
 *
 * The same in a process of its own, where nothing else can end it, and within a program that uses the library.
 * @module
 */

import { SessionError } from "../errors.ts";
import { type EventBatch, type ExitStatus, type Json, MILLISECOND } from "../event.ts";
import { adoptOrphans } from "../host/process_limits.ts";
import type { PtyHost } from "../ports.ts";
import { SessionRecorder } from "../record/session_recorder.ts";
import type { Secrets } from "../security/redact.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import type { HostConfig } from "./template/config.ts";
import { confine } from "./limits/confine.ts";
import { ControlServer } from "./control/control_server.ts";
import { Courtesy } from "./limits/courtesy.ts";
import type { SessionDirectory } from "./directory.ts";
import type { Confinement } from "./limits.ts";
import { type PreparedShell, prepareShell } from "./integrated_shell.ts";
import { LiveSession } from "./live_session.ts";
import { Monitor } from "./limits/monitor.ts";
import { Pace } from "./limits/pace.ts";
import { HostRecording, type OpenRecording } from "./recording/recording_switch.ts";
import { FollowedScreen } from "./screen/screens.ts";
import { Watchdog } from "./limits/watchdog.ts";

/** Output that may wait; less where it is let through slowly, or a key that stops it would seem to do nothing. */
const QUEUE_BYTES = 1 << 20;

/** What a host is given. */
export interface HostParts {
  readonly pty: PtyHost;
  readonly directory: SessionDirectory;
  /** Opens the file of a recording of the session of that name. */
  readonly openRecording: (path: string | undefined, session: string, secrets?: Secrets) => Promise<OpenRecording>;
  /** Puts a recording that has ended into the store with this URL; returns its name there. */
  readonly keepRecording: (path: string, url: string) => Promise<string>;
  /** Name and version of the program. */
  readonly version: string;
  /** Whether this process runs nothing else: then it inherits the session's orphans. */
  readonly isAlone: boolean;
}

/** A session that is being run here. */
export class SessionHost {
  readonly live: LiveSession;
  /** Resolves when everything about it is over: the recording whole, the socket gone. */
  readonly over: Promise<ExitStatus>;
  readonly #recorder: SessionRecorder;
  readonly #recording: HostRecording;
  readonly #config: HostConfig;
  readonly #parts: HostParts;
  readonly #confinement: Confinement;
  readonly #shell: PreparedShell | undefined;
  readonly #watchdog: Watchdog;
  readonly #courtesy = new Courtesy();
  #server: ControlServer | undefined;
  #lastPath: string | undefined;
  readonly #toStore = new Set<string>(); // files that are here only until they are in the store
  #storing: Promise<void> = Promise.resolve();

  private constructor(config: HostConfig, parts: HostParts, made: Made) {
    this.#config = config;
    this.#parts = parts;
    this.#recorder = made.recorder;
    this.#confinement = made.confinement;
    this.#shell = made.shell;
    const now = () => ({
      time: this.live.time,
      fed: this.live.fed,
      header: this.live.header,
      screen: async () => (await this.live.screen()).state,
    });
    const open = async (path: string | undefined) => {
      const recording = await parts.openRecording(path, this.live.name, made.secrets);
      if (path === undefined) this.#toStore.add(recording.path);
      return recording;
    };
    this.#recording = new HostRecording(open, now, (path, why) => this.#recordingEnded(path, why));
    if (made.recording) this.#recording.begin(made.recording);
    if (made.recording && !(config.recording || {}).path) this.#toStore.add(made.recording.path);
    const monitor = new Monitor(this.#recorder.pid, parts.isAlone, describeLimits(config, made.confinement));
    this.live = new LiveSession({
      kind: "session",
      name: config.name,
      recorder: this.#recorder,
      screen: made.screen,
      recording: this.#recording,
      monitor,
      input: config.input ?? "owner",
      version: parts.version,
      rename: (from, to) => this.#rename(from, to),
    });
    this.#watchdog = new Watchdog(config.limits ?? {}, this.#watched(monitor));
    const isHeld = Object.keys(config.limits ?? {}).length > 0; // whoever holds it must not be slower than it is
    if (parts.isAlone && !isHeld) this.live.onclients = (count) => this.#courtesy.attended(count);
    this.live.onclients(0);
    this.over = this.#run();
  }

  /**
   * Starts the program and opens its socket.
   *
   * @throws {UsageError} If the name is taken.
   * @throws {PtyError} If the program cannot be started.
   */
  static async start(config: HostConfig, parts: HostParts): Promise<SessionHost> {
    const { directory } = parts;
    directory.checkName(config.name);
    if (parts.isAlone) adoptOrphans();
    const server = await ControlServer.bind(directory, config.name);
    let recording: OpenRecording | undefined;
    let shell: PreparedShell | undefined;
    try {
      const secrets = await secretsOfSession(config);
      if (config.recording !== false) {
        recording = await parts.openRecording(config.recording?.path, config.name, secrets);
      }
      const unseen = secrets && { unseen: (line: string) => secrets.learn(line) };
      const options = { ...recorderOptions(config, parts.version), ...unseen };
      if (marksCommands(config)) shell = await prepareShell(config.command ?? [options.facts.shell], options.facts.env);
      const recorder = new SessionRecorder(parts.pty, { ...options, ...(shell && { integration: shell }) });
      const confinement = await take(recorder, config);
      const screen = new FollowedScreen(await loadEmulator());
      const host = new SessionHost(config, parts, { recorder, confinement, recording, screen, shell, secrets });
      host.#server = server;
      server.serve(host.live);
      return host;
    } catch (error) {
      shell?.close();
      await server.close();
      await recording?.sink.close().catch(() => {});
      if (recording) await Deno.remove(recording.path).catch(() => {});
      throw error;
    }
  }

  /** Ends the program, as a terminal that is closed does. */
  async stop(): Promise<void> {
    await this.#recorder.stop();
  }

  async #run(): Promise<ExitStatus> {
    const pace = new Pace(this.#config.limits?.outputBytesPerSecond);
    this.#watchdog.start();
    for (let batch = await this.#recorder.next(); batch; batch = await this.#recorder.next()) {
      this.live.feed(batch);
      await this.#recording.write(batch, this.#recorder.now, this.live.fed);
      this.#recorder.alarm(this.#recording.deadline);
      await this.#hold(pace, batch);
    }
    const status = await this.#recorder.exited;
    this.#watchdog.stop();
    await this.#close(status);
    return status;
  }

  /** Lets output wait that comes faster than it may. */
  async #hold(pace: Pace, batch: EventBatch): Promise<void> {
    const limit = this.#config.limits?.outputBytesPerSecond;
    if (limit === undefined) return;
    const wait = pace.take(batch);
    if (wait === 0) return;
    if (pace.isFirst) {
      const what = "the program waits";
      this.live.announce("limit", { limit: "output", value: limit, what }, `The limit of output is reached: ${what}`);
    }
    let isOver = false;
    const exited = this.#recorder.exited.then(() => isOver = true); // what has ended need not keep to anything
    for (const until = performance.now() + wait; !isOver && performance.now() < until;) {
      await this.#sleep(Math.min(until - performance.now(), this.#untilDue()), exited);
      if (this.#untilDue() <= 0) await this.#recording.write([], this.#recorder.now, this.live.fed);
    }
  }

  /** Milliseconds until the recording has something to store, whether anything comes or not. */
  #untilDue(): number {
    return (this.#recording.deadline - this.#recorder.now) / MILLISECOND;
  }

  async #sleep(milliseconds: number, unless: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, milliseconds));
    await Promise.race([promise, unless]);
    clearTimeout(timer);
  }

  async #close(status: ExitStatus): Promise<void> {
    const { name, header } = this.live;
    this.live.finish(status);
    this.#courtesy.stop();
    await this.#recording.end(undefined);
    await this.#storing;
    const recordingPath = this.#lastPath;
    await this.#confinement.release();
    this.#shell?.close();
    const ended = { name, id: header.id ?? "", status, endedAt: Date.now() };
    await this.#parts.directory.remember({ ...ended, ...(recordingPath === undefined ? {} : { recordingPath }) })
      .catch(() => {});
    await this.live.audience.parted();
    await this.#server?.close();
  }

  #recordingEnded(path: string, why: string | undefined): void {
    this.#lastPath = path;
    if (why) this.live.announce("recording", { path, why }, `The recording ${path} has ended: ${why}`);
    const { storage } = this.#config;
    if (storage !== undefined && this.#toStore.delete(path)) {
      this.#storing = this.#storing.then(() => this.#store(path, storage));
    }
  }

  async #store(path: string, storage: string): Promise<void> {
    try {
      this.#lastPath = `store:${await this.#parts.keepRecording(path, storage)}`;
    } catch (error) {
      const why = `it is not in its store: ${error instanceof Error ? error.message : String(error)}`;
      this.live.announce("recording", { path, why }, `The recording ${path} is kept there: ${why}`);
    }
  }

  async #rename(from: string, to: string): Promise<void> {
    await this.#server?.rename(from, to);
  }

  #watched(monitor: Monitor) {
    return {
      monitor,
      confinement: this.#confinement,
      pid: this.#recorder.pid,
      quiet: () => this.live.quietFor,
      recordedBytes: () => this.#recording.measure(),
      stopRecording: (why: string, data: Json) => this.#recording.end(why, { topic: "limit", data }),
      stop: (force: boolean) => void (force ? this.#recorder.signal("SIGKILL") : this.#recorder.stop()),
      announce: (topic: string, data: Json, text: string) => this.live.announce(topic, data, text),
      sample: (data: Json) => this.#recorder.note("usage", data),
    };
  }
}

interface Made {
  readonly recorder: SessionRecorder;
  readonly confinement: Confinement;
  readonly recording: OpenRecording | undefined;
  readonly screen: FollowedScreen;
  readonly shell: PreparedShell | undefined;
  readonly secrets: Secrets | undefined;
}

/** What is hidden in the recordings of a session; loaded only where something is. */
async function secretsOfSession({ redaction, env }: HostConfig): Promise<Secrets | undefined> {
  if (!redaction) return undefined;
  const { secretsOf }: typeof import("./template/secrets.ts") = await import(
    new URL("./template/secrets.ts", import.meta.url).href
  );
  return await secretsOf(redaction, env);
}

/** Takes the program in before it has done much. */
async function take(recorder: SessionRecorder, { name, limits = {} }: HostConfig): Promise<Confinement> {
  const confinement = await confine(`${name}-${recorder.pid}`, limits);
  try {
    if (Object.keys(limits).length > 0) await confinement.take(recorder.pid);
    return confinement;
  } catch (error) {
    await recorder.close();
    const why = error instanceof Error ? error.message : String(error);
    throw new SessionError(`Cannot hold ${name} to its limits: ${why}`);
  }
}

/** Commands are for those who read the recording. */
function marksCommands({ recording }: HostConfig): boolean {
  return recording !== false && recording?.shellIntegration !== false;
}

function recorderOptions(config: HostConfig, version: string) {
  const recording = config.recording || {};
  const { env, cwd, name } = config;
  const session = { TERM: env.TERM || "xterm-256color", TERM2AI_SESSION: name, TERM2AI_SESSIONS: config.directory };
  const facts = {
    shell: env.SHELL || "/bin/sh",
    cwd,
    env: { ...env, ...session },
    host: Deno.hostname(),
    ...(env.USER ?? env.LOGNAME ? { user: env.USER ?? env.LOGNAME! } : {}),
  };
  return {
    ...(config.command && { command: config.command }),
    facts,
    cols: config.cols ?? 80,
    rows: config.rows ?? 24,
    input: recording.input ?? "off",
    whenFull: "wait",
    queueBytes: Math.min(QUEUE_BYTES, Math.max(16_384, config.limits?.outputBytesPerSecond ?? QUEUE_BYTES)),
    eager: true,
    metadata: {
      title: recording.title ?? name,
      tags: recording.tags ?? [],
      keepEnv: recording.keepEnv ?? [],
      recorder: version,
    },
  } as const;
}

function describeLimits({ limits = {} }: HostConfig, { name, holds }: Confinement): Json {
  if (Object.keys(limits).length === 0) return {};
  const cpu = limits.cpuPercent !== undefined && !holds.includes("cpuPercent");
  return { ...limits, by: name, ...(cpu ? { cpuPercentIs: "a lower priority" } : {}) };
}
