/**
 * A terminal in a thread of its own: takes orders one after the other, and says how far it has come.
 * @module
 */

import type { ScreenState } from "../event.ts";
import type { Emulator, EmulatorMaker } from "../ports.ts";
import { libc } from "./libc.ts";

/** What a terminal is told. */
export type EmulatorOrder =
  | {
    readonly op: "begin";
    readonly engine: string;
    readonly cols: number;
    readonly rows: number;
    readonly state?: ScreenState;
    /** One engine has died already: each order is waited for until it can do no harm any more. */
    readonly careful: boolean;
  }
  | { readonly op: "write"; readonly data: readonly Uint8Array[] }
  | { readonly op: "resize"; readonly cols: number; readonly rows: number }
  | { readonly op: "snapshot" };

/** That it has done the next order, with what shows where that was asked for; or that it cannot go on. */
export interface EmulatorReply {
  readonly state?: ScreenState;
  readonly died?: true;
}

const thread = self as unknown as {
  addEventListener(type: "error" | "unhandledrejection", listener: (event: Event) => void): void;
  onmessage: (event: MessageEvent<EmulatorOrder>) => void;
  postMessage(reply: EmulatorReply): void;
};

let emulator: Emulator;
let careful = false;
let turn = Promise.resolve();

thread.onmessage = ({ data }) => {
  turn = turn.then(() => obey(data)).then((reply) => thread.postMessage(reply));
};
// An engine may fail out of a timer. Left to itself, that would be shown on the user's terminal.
for (const type of ["error", "unhandledrejection"] as const) {
  thread.addEventListener(type, (event) => {
    event.preventDefault();
    thread.postMessage({ died: true });
  });
}

async function obey(order: EmulatorOrder): Promise<EmulatorReply> {
  switch (order.op) {
    case "begin":
      await begin(order);
      return {};
    case "write":
      for (const data of order.data) emulator.write(data);
      if (careful) await new Promise((resolve) => setTimeout(resolve, 20));
      return {};
    case "resize":
      emulator.resize(order.cols, order.rows);
      return {};
    case "snapshot":
      return { state: emulator.snapshot() };
  }
}

async function begin({ engine, cols, rows, state, ...how }: EmulatorOrder & { op: "begin" }): Promise<void> {
  careful = how.careful;
  giveWay();
  const { loadEmulator } = await import(engine) as { loadEmulator(): Promise<EmulatorMaker> };
  emulator = (await loadEmulator())({ cols, rows });
  if (state) emulator.restore(state);
}

/** What is drawn here can wait; those who move bytes on other threads cannot. On Linux each thread has a niceness of its own. */
function giveWay(): void {
  if (Deno.build.os !== "linux") return;
  try {
    libc().nice(10);
  } catch {
    // it is as important as the others then
  }
}
