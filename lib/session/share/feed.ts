/**
 * One session, passed on to all who look on: its host knows one reader, however many there are behind it.
 *
 * The host gives a reader that is too slow the next whole screen, and so does this for each viewer: a terminal is followed here, so
 * that whoever comes, or has missed something, begins with what it shows. Whatever would make a terminal answer, or touch its
 * owner's clipboard, is taken out once for all.
 * @module
 */

import { t2aFormat } from "../../../formats/t2a.ts";
import { SessionError } from "../../errors.ts";
import type { EventBatch, ExitStatus, Nanos, SessionEvent } from "../../event.ts";
import { loadCodec } from "../../host/codec.ts";
import { concat } from "../../stream/collect.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { ScreenTracker } from "../../terminal/screen_tracker.ts";
import { Sieve } from "../../transform/inert/sieve.ts";
import { type Applicant, Audience, type Client } from "../attach/audience.ts";
import { Wire } from "../control/http.ts";
import type { Session } from "../session.ts";
import type { SocketConnection } from "../control/web_socket.ts";
import { type Dialect, SharedFrames } from "./frames.ts";
import { ViewerLink } from "./viewer_link.ts";

/** A session that somebody looks at. */
export class Feed {
  /** Resolves when the session, or the way to it, has ended. */
  readonly over: Promise<void>;
  readonly #wire: Wire;
  readonly #audience = new Audience(false, new WeakMap());
  readonly #frames = new SharedFrames();
  readonly #tracker: ScreenTracker;
  #text = plainText();
  #time: Nanos = 0;
  #hasScreen = false;
  #left = false;

  private constructor(wire: Wire, tracker: ScreenTracker) {
    this.#wire = wire;
    this.#tracker = tracker;
    this.over = this.#run();
  }

  /**
   * Begins to read a session.
   *
   * @throws {SessionError} If it cannot be looked at.
   */
  static async open(session: Session): Promise<Feed> {
    const make = await loadEmulator();
    let wire: Wire;
    try {
      wire = await Wire.open(session.socket);
    } catch (error) {
      throw new SessionError(`Cannot reach session ${session.name}: it has ended`, { cause: error });
    }
    // HTTP/1.0: the answer is then the bytes themselves, without the lengths of pieces between them.
    await wire.write(new TextEncoder().encode("GET /v1/events?via=web&name=serve HTTP/1.0\r\nhost: session\r\n\r\n"));
    const { status } = await wire.head();
    if (status === 200) return new Feed(wire, new ScreenTracker(make));
    const body = await new Response(bytesOf(wire)).json().catch(() => ({}));
    throw new SessionError(body.error ?? `Cannot look at ${session.name}: it answers ${status}`);
  }

  /** How many look on. */
  get size(): number {
    return this.#audience.clients.length;
  }

  /** Lets somebody look on. */
  add(applicant: Applicant, connection: SocketConnection, dialect: Dialect): Client {
    const link = new ViewerLink(connection, dialect, this.#frames, () => {
      if (client.branch.isBehind) this.#catchUp();
    });
    const client: Client = this.#audience.add(applicant, link);
    this.#catchUp();
    return client;
  }

  /** Somebody is gone. The last one ends it. */
  remove(client: Client): void {
    this.#audience.remove(client, "gone");
    if (this.size === 0) this.close();
  }

  /** Gives somebody a whole screen. */
  refresh(client: Client): void {
    if (!this.#hasScreen) return;
    const { state } = this.#tracker;
    this.#frames.addScreen(state);
    client.show(this.#time, state);
  }

  /** Reads no more. */
  close(): void {
    this.#left = true;
    this.#wire.close();
  }

  async #run(): Promise<void> {
    let status: ExitStatus | undefined;
    try {
      const events = bytesOf(this.#wire).pipeThrough(t2aFormat({ loadCodec }).decoder());
      for await (const batch of events) {
        this.#take(batch);
        const last = batch.at(-1);
        if (last?.kind === "exit") status = last.status;
      }
    } catch {
      // the stream broke off; who looks on is told below
    }
    this.#wire.close();
    for (const client of this.#audience.clients) {
      const last = status
        ? { type: "exit", status } as const
        : { type: "leave", reason: "The session can no longer be looked at" } as const;
      this.#audience.remove(client, "over", this.#left ? undefined : last);
    }
    await this.#audience.parted();
  }

  #take(batch: EventBatch): void {
    const events = this.#passed(batch);
    if (events.length > 0) this.#audience.offer(events, false);
    this.#catchUp();
  }

  /** What viewers get of it, followed here first. */
  #passed(batch: EventBatch): SessionEvent[] {
    const passed: SessionEvent[] = [];
    let output: Uint8Array[] = [];
    const pass = (event: SessionEvent) => {
      this.#tracker.push(event);
      this.#frames.addEvent(event);
      passed.push(event);
    };
    const flush = () => {
      const data = this.#text(concat(output));
      output = [];
      if (data.length > 0) pass({ kind: "output", time: this.#time, data });
    };
    for (const event of batch) {
      if (event.kind !== "output") flush();
      this.#time = Math.max(this.#time, event.time);
      if (event.kind === "output") output.push(event.data);
      else if (event.kind === "header") this.#begin(event);
      else if (event.kind === "marker" || event.kind === "exit") pass(event);
      else if (event.kind === "resize") {
        this.#tracker.push(event);
        this.#restart(passed);
      } else if (event.kind === "keyframe" || event.kind === "screen") {
        // What is half read of a sequence is looked at like all output.
        const { pending, ...state } = event.state;
        this.#tracker.push({ kind: "screen", time: event.time, state });
        this.#text = plainText();
        this.#hasScreen = true;
        this.#restart(passed);
        if (pending) output.push(pending);
      }
    }
    flush();
    return passed;
  }

  #begin(event: SessionEvent & { kind: "header" }): void {
    this.#tracker.push(event);
    this.#frames.theme = event.header.theme;
  }

  /** Everybody gets a whole screen: terminals lay out anew what they are resized to, each in its way. */
  #restart(passed: SessionEvent[]): void {
    if (!this.#hasScreen || this.size === 0) return;
    this.#audience.offer(passed.splice(0), false);
    const { state } = this.#tracker;
    this.#frames.addScreen(state);
    for (const client of this.#audience.clients) client.show(this.#time, state);
  }

  #catchUp(): void {
    if (!this.#hasScreen) return;
    this.#audience.catchUp(this.#time, () => {
      const { state } = this.#tracker;
      this.#frames.addScreen(state);
      return state;
    });
  }
}

function bytesOf(wire: Wire): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      const bytes = await wire.read().catch(() => undefined);
      if (bytes) controller.enqueue(bytes as Uint8Array<ArrayBuffer>);
      else controller.close();
    },
    cancel: () => wire.close(),
  }, { highWaterMark: 0 });
}

/** Harmless output in whole characters. */
function plainText(): (data: Uint8Array) => Uint8Array {
  const sieve = new Sieve(), decoder = new TextDecoder("utf-8", { ignoreBOM: true }), encoder = new TextEncoder();
  return (data) => encoder.encode(decoder.decode(sieve.sift(data), { stream: true }));
}
