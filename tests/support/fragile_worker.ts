/** A terminal's thread that dies of certain bytes, as an engine may: out of a timer, where nothing catches. */

import "../../lib/host/emulator_worker.ts";
import type { EmulatorOrder } from "../../lib/host/emulator_worker.ts";

const thread = self as unknown as { onmessage: (event: MessageEvent<EmulatorOrder>) => void };
const { onmessage } = thread;
const latin1 = new TextDecoder("latin1");

let isDying = false;

thread.onmessage = (event) => {
  const order = event.data;
  const text = order.op === "write" ? order.data.map((data) => latin1.decode(data)).join("") : "";
  isDying ||= text.includes("DEADLY");
  if (!isDying) return onmessage(event);
  setTimeout(() => {
    throw new Error("the engine has died");
  });
};
