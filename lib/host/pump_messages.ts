/**
 * What the pump is told, and what it tells: messages between threads, once it runs in a Worker.
 * @module
 */

import type { ExitStatus, Nanos } from "../event.ts";
import type { PtyAttachment } from "../ports.ts";
import type { KeyAction } from "./keys.ts";
import type { Line } from "./pump_line.ts";

/** What the pump is told. */
export type PumpCommand =
  | { readonly op: "serve"; readonly line: Line }
  | {
    readonly op: "write";
    readonly id: number;
    readonly data: Uint8Array;
    readonly ticket: number;
    readonly by?: string;
  }
  | { readonly op: "attach"; readonly id: number; readonly attachment: PtyAttachment }
  | { readonly op: "detach"; readonly id: number };

/** What the pump tells. Output of one turn travels as one piece of bytes with a time and an end for each read. */
export type PumpNews =
  | {
    readonly news: "output";
    readonly id: number;
    readonly times: Float64Array;
    readonly ends: Uint32Array;
    readonly data: Uint8Array;
  }
  | { readonly news: "dropped"; readonly id: number; readonly time: Nanos; readonly bytes: number }
  | {
    readonly news: "typed";
    readonly id: number;
    readonly time: Nanos;
    readonly data: Uint8Array;
    readonly echo: boolean;
    readonly canonical: boolean;
    readonly by?: string;
  }
  | { readonly news: "key"; readonly id: number; readonly time: Nanos; readonly action: KeyAction }
  | { readonly news: "written"; readonly id: number; readonly ticket: number }
  | { readonly news: "ended"; readonly id: number; readonly status: ExitStatus };

/** What travels to the Worker: commands, the lines it takes over, and the end. */
export type PumpMessage = PumpCommand | { readonly op: "start"; readonly wakeFd: number; readonly lines: Line[] } | {
  readonly op: "stop";
};

/** What comes back from the Worker. */
export type PumpReply = PumpNews | { readonly news: "ready" } | { readonly news: "stopped" };

/** What a line's owner hears: what the pump has to tell, and that the time of an alarm has come. */
export type LineNews = PumpNews | { readonly news: "alarm" };
