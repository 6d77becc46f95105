/**
 * The screen of a session that nobody has followed: told from what is recorded of it, once somebody asks.
 *
 * A recorder should not emulate a terminal for the rare moment in which somebody looks. So the recording's own file is read
 * up to the output that is known to be in it, and the session is followed from there.
 * @module
 */

import { eventsOf } from "../../stream/collect.ts";
import type { EventBatch, ScreenState, SessionEvent } from "../../event.ts";
import { streamSource } from "../../stream/source.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { ScreenTracker } from "../../terminal/screen_tracker.ts";
import type { Before } from "../recording/controlled_sink.ts";
import { later } from "../later.ts";
import type { ScreenSource } from "./screens.ts";

/** What was printed is in the file so many milliseconds later. */
const FLUSHED_MS = 80;
/** Of what goes down a pipe, so much is kept to look at. */
const TAIL_BYTES = 1 << 20;

/** A screen that is made when it is first asked for. */
export class RecordedScreen implements ScreenSource {
  readonly #path: string | undefined;
  readonly #header: SessionEvent & { kind: "header" };
  #size: { cols: number; rows: number };
  #outputBytes: number;
  #tail: SessionEvent[] = []; // without a file: the last output; with one: what came since somebody asked
  #tailBytes = 0;
  #isWhole: boolean;
  #asked: Promise<void> | undefined;
  #tracker: ScreenTracker | undefined;

  /** @param path The file, `undefined` for none. */
  constructor(path: string | undefined, { header, outputBytes }: Before) {
    this.#path = path;
    this.#header = header;
    this.#size = { cols: header.header.cols, rows: header.header.rows };
    this.#outputBytes = outputBytes;
    this.#isWhole = path !== undefined || outputBytes === 0;
  }

  get isExact(): boolean {
    return this.#isWhole;
  }

  get now(): ScreenState | undefined {
    return this.#tracker?.state;
  }

  push(batch: EventBatch): void {
    for (const event of batch) {
      if (event.kind === "output") this.#outputBytes += event.data.length;
      if (event.kind === "resize") this.#size = { cols: event.cols, rows: event.rows };
      if (event.kind === "gap") this.#isWhole = false;
      if (this.#tracker) this.#tracker.push(event);
      else if (this.#path === undefined || this.#asked) this.#keep(event);
    }
  }

  async current(): Promise<ScreenState> {
    await (this.#asked ??= this.#follow());
    return this.#tracker!.state;
  }

  #keep(event: SessionEvent): void {
    this.#tail.push(event);
    this.#tailBytes += event.kind === "output" ? event.data.length : 0;
    while (this.#path === undefined && this.#tailBytes > TAIL_BYTES) {
      const first = this.#tail.shift();
      this.#tailBytes -= first?.kind === "output" ? first.data.length : 0;
      this.#isWhole = false;
    }
  }

  async #follow(): Promise<void> {
    const target = this.#outputBytes;
    const size = this.#size;
    const tracker = new ScreenTracker(await loadEmulator());
    tracker.push(this.#header);
    if (this.#path !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, FLUSHED_MS));
      if (!await this.#read(this.#path, target, tracker).catch(() => false)) this.#isWhole = false;
      tracker.push({ kind: "resize", time: 0, ...size });
    }
    for (const event of this.#tail) tracker.push(event);
    this.#tail = [];
    this.#tracker = tracker;
  }

  /** Reads the file up to `target` bytes of this session's output; says whether there were as many. */
  async #read(path: string, target: number, tracker: ScreenTracker): Promise<boolean> {
    const { id } = this.#header.header;
    const { openRecording } = await later<typeof import("../../../formats/mod.ts")>("../../formats/mod.ts");
    const file = await Deno.open(path);
    const { events } = await openRecording(streamSource(path, file.readable));
    let [bytes, isOurs] = [0, false];
    for await (const event of eventsOf(events)) {
      if (event.kind === "header") {
        isOurs = event.header.id === undefined || event.header.id === id;
        bytes = 0;
      }
      if (!isOurs) continue;
      tracker.push(event);
      if (event.kind === "output") bytes += event.data.length;
      if (bytes >= target && event.kind !== "header") return bytes === target;
    }
    return bytes === target;
  }
}
