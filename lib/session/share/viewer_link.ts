/**
 * The connection of somebody who looks on.
 * @module
 */

import type { EventBatch } from "../../event.ts";
import { concat } from "../../stream/collect.ts";
import type { Link } from "../attach/audience.ts";
import type { ToClient } from "../control/protocol.ts";
import { binaryFrame, type SocketConnection } from "../control/web_socket.ts";
import { ALIS_END, ALIS_MAGIC } from "./alis.ts";
import { type Dialect, messageFrame, type SharedFrames } from "./frames.ts";

/**
 * Codes with which connections are closed. asciinema's player takes 4000 to 4100 for the end, and shows the reason; after others
 * it connects again.
 */
export const CLOSING = { over: 4000, refused: 4001, again: 4101 } as const;

/** So many bytes are sent before the viewer has read them: a slow one is behind by these, and not by all that buffers hold. */
const WINDOW = 256 << 10;

/** Sends what happens as it was made for all viewers. */
export class ViewerLink implements Link {
  readonly isRaw = true;
  readonly events: WritableStream<EventBatch>;
  readonly #connection: SocketConnection;
  readonly #dialect: Dialect;
  #unread = 0; // bytes that the viewer has not said to have read
  #closing: { code: number; reason: string } = { code: CLOSING.again, reason: "" };

  /** @param onroom Hears each time that what was to be sent is on its way. */
  constructor(connection: SocketConnection, dialect: Dialect, frames: SharedFrames, onroom: () => void) {
    this.#connection = connection;
    this.#dialect = dialect;
    if (dialect === "alis") connection.sendFrames(binaryFrame(ALIS_MAGIC));
    this.events = new WritableStream({
      write: async (batch) => {
        const bytes = concat(batch.map((event) => frames.of(event, dialect)));
        if (bytes.length > 0) connection.sendFrames(bytes);
        this.#unread += bytes.length;
        if (this.#unread < WINDOW) await connection.sent();
        else {
          await connection.roundTrip();
          this.#unread = 0;
        }
        if (connection.isBroken) throw new Error("the viewer is gone");
        queueMicrotask(() => queueMicrotask(onroom)); // once the branch has counted it
      },
    });
  }

  tell(message: ToClient): void {
    if (message.type === "exit") this.#closing = { code: CLOSING.over, reason: "The session has ended" };
    if (message.type === "leave") this.#closing = { code: CLOSING.refused, reason: message.reason };
    if (this.#dialect === "terminal") this.#connection.sendFrames(messageFrame(message));
    else if (message.type === "exit") this.#connection.sendFrames(binaryFrame(ALIS_END));
  }

  close(): void {
    this.#connection.close(this.#closing.code, this.#closing.reason);
  }
}
