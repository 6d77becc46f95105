/**
 * The socket of a recording on somebody's terminal: it can be looked at, marked and stopped, and, where its owner said so,
 * attached to.
 * @module
 */

import { SessionError } from "../../errors.ts";
import type { EventBatch } from "../../event.ts";
import type { SessionRecorder } from "../../record/session_recorder.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import type { ControlMaker } from "../recording/controlled_sink.ts";
import { ControlServer } from "./control_server.ts";
import { SessionDirectory } from "../directory.ts";
import { LiveSession } from "../live_session.ts";
import { Monitor } from "../limits/monitor.ts";
import { RecordedScreen } from "../screen/recorded_screen.ts";
import type { RecordingSwitch } from "../recording/recording_switch.ts";
import { FollowedScreen } from "../screen/screens.ts";

/** What is known of the recording. */
export interface RecOptions {
  readonly recorder: SessionRecorder;
  /** Its file; `undefined` where it goes down a pipe. */
  readonly path: string | undefined;
  readonly attachable: boolean;
  readonly version: string;
}

/** Opens the socket. */
export async function openRecControl(options: RecOptions): Promise<ControlMaker> {
  const { recorder, path, attachable, version } = options;
  const directory = await SessionDirectory.open();
  const base = path === undefined ? `rec-${Deno.pid}` : path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  const name = await directory.freeName(base);
  const followed = attachable ? new FollowedScreen(await loadEmulator()) : undefined;
  const server = await ControlServer.bind(directory, name);
  return (before) => {
    const live = new LiveSession({
      kind: "rec",
      name,
      recorder,
      screen: followed ?? new RecordedScreen(path, before),
      recording: new RecRecording(recorder, path),
      monitor: new Monitor(recorder.pid, false, {}),
      input: attachable ? "owner" : "nobody",
      version,
      rename: (from, to) => server.rename(from, to),
    });
    for (const batch of attachable ? before.batches : [[before.header]]) live.feed(batch);
    server.serve(live);
    return {
      feed: (batch: EventBatch) => live.feed(batch),
      async close() {
        const status = await recorder.exited;
        live.finish(status);
        await live.audience.parted();
        const ended = { name: live.name, id: before.header.header.id ?? "", status, endedAt: Date.now() };
        await directory.remember({ ...ended, ...(path === undefined ? {} : { recordingPath: path }) }).catch(() => {});
        await server.close();
      },
    };
  };
}

/** The recording belongs to whoever started it: others may only pause it. */
class RecRecording implements RecordingSwitch {
  readonly path: string | undefined;
  readonly #recorder: SessionRecorder;
  #bytes: number | undefined;

  constructor(recorder: SessionRecorder, path: string | undefined) {
    this.#recorder = recorder;
    this.path = path;
  }

  get state(): "on" | "paused" {
    return this.#recorder.paused ? "paused" : "on";
  }

  get bytes(): number | undefined {
    return this.#bytes;
  }

  async measure(): Promise<number> {
    if (this.path !== undefined) this.#bytes = await Deno.stat(this.path).then(({ size }) => size, () => undefined);
    return this.#bytes ?? 0;
  }

  start(): Promise<string> {
    return Promise.reject(new SessionError("Cannot start recording: rec is recording this session already"));
  }

  stop(): Promise<void> {
    return Promise.reject(
      new SessionError("Cannot stop recording: this is what rec is for; stop the session, or pause"),
    );
  }

  pause(): Promise<void> {
    return Promise.resolve(this.#recorder.pause());
  }

  resume(): Promise<void> {
    return Promise.resolve(this.#recorder.resume());
  }
}
