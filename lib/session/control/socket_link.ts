/**
 * Links between a session and those attached to it: a WebSocket for terminals, a stream of T2A for programs.
 * @module
 */

import { t2aFormat } from "../../../formats/t2a.ts";
import type { EventBatch, SessionEvent } from "../../event.ts";
import { loadCodec } from "../../host/codec.ts";
import { concat } from "../../stream/collect.ts";
import type { Link } from "../attach/audience.ts";
import type { ToClient } from "./protocol.ts";

/** Bytes that may wait in a socket before the session counts them as waiting. */
const SOCKET_BYTES = 65_536;
/** How often a full socket is looked at; nothing tells when it has room again. */
const LOOK_MS = 4;
/** A block of a stream of events closes so long after its first event. */
const FLUSH_MS = 20;

/** The terminal of somebody who is attached by WebSocket. */
export class SocketLink implements Link {
  readonly isRaw = false;
  readonly events: WritableStream<EventBatch>;
  readonly #socket: WebSocket;
  readonly #drawn: WeakMap<SessionEvent, Uint8Array>;

  /** @param onroom Hears each time that what was to be sent is on its way. */
  constructor(socket: WebSocket, drawn: WeakMap<SessionEvent, Uint8Array>, onroom: () => void) {
    this.#socket = socket;
    this.#drawn = drawn;
    this.events = new WritableStream({
      write: async (batch) => {
        this.#send(batch);
        while (socket.bufferedAmount > SOCKET_BYTES && socket.readyState === WebSocket.OPEN) await sleep(LOOK_MS);
        if (socket.readyState !== WebSocket.OPEN) throw new Error("the client is gone");
        queueMicrotask(() => queueMicrotask(onroom)); // once the branch has counted it
      },
    });
  }

  tell(message: ToClient): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  close(): void {
    if (this.#socket.readyState <= WebSocket.OPEN) this.#socket.close(1000);
  }

  #send(batch: EventBatch): void {
    let output: Uint8Array[] = [];
    const flush = () => {
      if (output.length > 0 && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(bytesOf(output));
      output = [];
    };
    for (const event of batch) {
      if (event.kind === "output") output.push(event.data);
      else if (event.kind === "keyframe") {
        flush();
        const { cols, rows, title = "" } = event.state;
        this.tell({ type: "screen", cols, rows, title });
        output.push(this.#drawn.get(event) ?? new Uint8Array(0));
        flush();
      }
    }
    flush();
  }
}

function bytesOf(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return (pieces.length === 1 ? pieces[0]! : concat(pieces)) as Uint8Array<ArrayBuffer>;
}

/** Somebody who reads the events as a recording that begins with the screen of this moment. */
export class StreamLink implements Link {
  readonly isRaw = true;
  readonly events: WritableStream<EventBatch>;
  /** The recording, as it comes. */
  readonly body: ReadableStream<Uint8Array>;

  constructor(onroom: () => void) {
    const { readable, writable } = t2aFormat({ loadCodec }).encoder({ flushAfter: FLUSH_MS });
    const writer = writable.getWriter();
    this.events = new WritableStream({
      // Whoever reads may leave while nothing is to be sent.
      start: (controller) => void writer.closed.catch((error) => controller.error(error)),
      write: async (batch) => {
        await writer.write(batch);
        queueMicrotask(() => queueMicrotask(onroom));
      },
      close: () => writer.close(),
      abort: (reason) => writer.abort(reason),
    });
    this.body = readable;
  }

  tell(): void {
    // what there is to tell is in the events
  }

  close(): void {
    // its stream has ended
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
