/**
 * A recording as large and as long as anybody's, made from a seed.
 * @module
 */

import type { EventBatch, Nanos, SessionEvent } from "../../lib/event.ts";
import { keyframes, loadEmulator, t2a } from "../../mod.ts";
import { seeded } from "./corpora.ts";

/** Writes about `bytes` of output, spread over `duration`, as T2A with keyframes. Lines are numbered, coloured and uneven. */
export async function longRecording(
  path: string,
  bytes: number,
  duration: Nanos,
): Promise<{ bytes: number; duration: Nanos }> {
  const random = seeded(11), encoder = new TextEncoder();
  const words = Array.from({ length: 500 }, () => Math.floor(random() * 1e9).toString(36));
  let [written, number, last] = [0, 0, 0];
  const output = (): SessionEvent => {
    let text = random() < 0.02 ? "\x1b[2J\x1b[H" : ""; // no screen is empty: whoever waits for one sees it come
    for (let line = 0; line < 1 + random() * 12; line++) {
      const colour = 31 + Math.floor(random() * 6);
      text += `line ${number++} \x1b[${colour}m${
        Array.from({ length: 8 }, () => words[Math.floor(random() * 500)]).join(" ")
      }\x1b[0m\r\n`;
    }
    const data = encoder.encode(text);
    written += data.length;
    last = Math.round(written / bytes * duration);
    return { kind: "output", time: last, data };
  };
  const events = new ReadableStream<EventBatch>({
    start: (controller) => controller.enqueue([{ kind: "header", time: 0, header: { cols: 100, rows: 30 } }]),
    pull(controller) {
      if (written >= bytes) return controller.close();
      controller.enqueue(Array.from({ length: 200 }, output));
    },
  });
  const file = await Deno.open(path, { write: true, create: true, truncate: true });
  await events.pipeThrough(keyframes(await loadEmulator())).pipeThrough(t2a.encoder()).pipeTo(file.writable);
  return { bytes: (await Deno.stat(path)).size, duration: last };
}
