/**
 * The words of a session's control API: what goes over its socket, in requests and on attached connections.
 *
 * `API.md` in the folder above tells it from outside, for curl.
 *
 * This module is browser compatible.
 * @module
 */

import type { ExitStatus, Json } from "../../event.ts";

/**
 * What a client may do. A viewer looks: it never types, resizes, marks or stops. An operator does all of that, as far as the
 * session lets anybody.
 *
 * @example
 * ```ts
 * const mayType = (role: Role) => role === "operator";
 * ```
 */
export type Role = "viewer" | "operator";

/**
 * Whose typing a session takes: nobody's, only that of clients that come straight to its socket (its owner's), or also that
 * of operators who come by way of somebody else, such as a web server.
 *
 * @example
 * ```ts
 * const sealed: InputAccess = "nobody";
 * ```
 */
export type InputAccess = "nobody" | "owner" | "operators";

/**
 * Somebody who is attached.
 *
 * @example
 * ```ts
 * const line = (client: ClientInfo) => `${client.name} (${client.role}) by ${client.via}`;
 * ```
 */
export interface ClientInfo {
  /** For requests about it. */
  readonly id: string;
  /** Who it is; recorded with all it types. */
  readonly name: string;
  /** What it may do. */
  readonly role: Role;
  /** How it came: `terminal`, or what whoever passes it on says, such as `web`. */
  readonly via: string;
  /** What whoever passes it on wants to find it by again, such as the hash of a token. */
  readonly tag?: string;
  /** Size of its terminal, where it told one. */
  readonly cols?: number;
  /** Size of its terminal, where it told one. */
  readonly rows?: number;
  /** Milliseconds since 1970. */
  readonly attachedAt: number;
  /** Whether the session has its size, and its terminal answers questions. */
  readonly leads: boolean;
  /** It could not keep up, and gets nothing before the next whole screen. */
  readonly isBehind: boolean;
}

/**
 * What a session tells about itself.
 *
 * @example
 * ```ts
 * const idle = (all: readonly SessionInfo[]) => all.filter(({ idleSeconds }) => idleSeconds > 3600).map(({ name }) => name);
 * ```
 */
export interface SessionInfo {
  /** What it is called; can be changed. */
  readonly name: string;
  /** What it is called by nobody and for ever: the id of its first recording, or one like it. */
  readonly id: string;
  /** `rec` sessions belong to a terminal: they can be looked at, marked and stopped. */
  readonly kind: "session" | "rec";
  /** Process that runs it. */
  readonly hostPid: number;
  /** The program. */
  readonly pid: number;
  /** As one would type it. */
  readonly command: string;
  /** Working directory, of the program in the foreground where that can be told. */
  readonly cwd: string;
  /** Width in cells. */
  readonly cols: number;
  /** Height in cells. */
  readonly rows: number;
  /** What the program calls its window. */
  readonly title?: string;
  /** Words to find it by. */
  readonly tags: readonly string[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** How many are attached. */
  readonly clients: number;
  /** Whether what happens is kept. */
  readonly recording: "on" | "paused" | "off";
  /** Where. */
  readonly recordingPath?: string;
  /** How much that is so far. */
  readonly recordingBytes?: number;
  /** Whose typing it takes. */
  readonly input: InputAccess;
  /** Since the last output or input. */
  readonly idleSeconds: number;
  /** Bytes printed so far. */
  readonly outputBytes: number;
  /** All processes of the session together: proportional set size where the kernel tells it. */
  readonly memoryBytes: number;
  /** Processor time of all its processes so far, those that have ended included where they were seen. */
  readonly cpuSeconds: number;
  /** How many processes it has. */
  readonly processes: number;
  /** Memory of the process that runs it. */
  readonly hostMemoryBytes: number;
  /** What bounds it, and by which means. */
  readonly limits: Json;
}

/** What a session knows of itself: all but what has to be measured, which takes longer than drawing its screen. */
export type SessionFacts = Omit<SessionInfo, "memoryBytes" | "cpuSeconds" | "processes" | "hostMemoryBytes">;

/** What an attached client is told, beside the bytes of the terminal, which come as binary messages. */
export type ToClient =
  /** First of all: who it is to the session. */
  | { readonly type: "hello"; readonly client: ClientInfo; readonly session: SessionFacts }
  /** The next binary message draws this whole screen on a terminal that was just reset. */
  | { readonly type: "screen"; readonly cols: number; readonly rows: number; readonly title: string }
  /** The session has another size; a screen follows. */
  | { readonly type: "size"; readonly cols: number; readonly rows: number }
  /** Words for whoever looks on. */
  | { readonly type: "notice"; readonly text: string }
  /** The program has ended; nothing follows. */
  | { readonly type: "exit"; readonly status: ExitStatus }
  /** It is to leave, and where `to` is named to attach there; nothing follows. */
  | { readonly type: "leave"; readonly reason: string; readonly to?: string };

/** What an attached client may say, beside the bytes that are typed, which go as binary messages. */
export type FromClient =
  | { readonly type: "size"; readonly cols: number; readonly rows: number }
  | { readonly type: "mark"; readonly label: string }
  /** Asks for a whole screen. */
  | { readonly type: "refresh" };

/** Largest message that a client may send. */
export const MAX_MESSAGE = 1 << 20;
/** Largest body of a request. */
export const MAX_BODY = 1 << 20;

/** Reads a text message of a client; `undefined` where it is none. */
export function readFromClient(text: string): FromClient | undefined {
  const message = parseObject(text);
  switch (message?.type) {
    case "size":
      return isSize(message.cols) && isSize(message.rows)
        ? { type: "size", cols: message.cols, rows: message.rows }
        : undefined;
    case "mark":
      return typeof message.label === "string" && message.label.length <= 1024
        ? { type: "mark", label: message.label }
        : undefined;
    case "refresh":
      return { type: "refresh" };
    default:
      return undefined;
  }
}

/** Whether a terminal can be so wide or high. */
export function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 2048;
}

/** A JSON object, or `undefined` for everything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}
