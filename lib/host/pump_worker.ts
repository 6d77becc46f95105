/**
 * The thread of the pump: blocks in `poll`, and between two polls takes commands.
 *
 * A thread that blocks cannot receive messages, so whoever posts one also writes a byte to the wake pipe.
 * @module
 */

import { libc } from "./libc.ts";
import { PumpCore } from "./pump_core.ts";
import type { PumpMessage, PumpReply } from "./pump_messages.ts";
import { drainPipe } from "./pump_wake.ts";

const thread = self as unknown as {
  onmessage: (event: MessageEvent<PumpMessage>) => void;
  postMessage(reply: PumpReply, transfer?: ArrayBuffer[]): void;
  close(): void;
};

let core: PumpCore;
let stopping = false;
let received = 0; // messages that a byte in the pipe announces
let next = Promise.withResolvers<void>(); // resolves with the next message

thread.onmessage = ({ data }) => {
  if (data.op === "start") {
    core = new PumpCore(data.wakeFd, (news, transfer) => thread.postMessage(news, transfer));
    for (const line of data.lines) core.command({ op: "serve", line });
    return void run(data.wakeFd);
  }
  received++;
  if (data.op === "stop") stopping = true;
  else core.command(data);
  next.resolve();
  next = Promise.withResolvers();
};
thread.postMessage({ news: "ready" });

/** Polls until told to stop, and does not block again before every announced message has arrived. */
async function run(wakeFd: number): Promise<void> {
  let announced = 0;
  while (!stopping) {
    const { pollfds, count, timeout } = core.prepare();
    libc().poll(pollfds, BigInt(count), timeout);
    if (!core.handle()) continue;
    announced += drainPipe(wakeFd);
    while (received < announced) await next.promise;
  }
  thread.postMessage({ news: "stopped" });
  thread.close();
}
