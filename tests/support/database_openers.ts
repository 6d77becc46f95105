/**
 * A worker that opens databases, each at the same moment as the other workers that share its counters.
 * @module
 */

import { Database } from "../../storage/sqlite/database.ts";

/** What {@linkcode openTogether} sends a worker: where the databases are, and for each how many are ready to open it. */
interface Order {
  readonly folder: string;
  readonly ready: Int32Array;
  readonly workers: number;
}

/** Opens `count` new databases from several threads at once; returns the errors. */
export async function openTogether(folder: string, count: number, workers = 3): Promise<string[]> {
  const ready = new Int32Array(new SharedArrayBuffer(4 * count));
  const errors = Array.from({ length: workers }, async () => {
    const worker = new Worker(import.meta.url, { type: "module", name: "opener" });
    const answer = new Promise<string[]>((resolve) => worker.onmessage = ({ data }) => resolve(data));
    worker.postMessage({ folder, ready, workers } satisfies Order);
    return await answer.finally(() => worker.terminate());
  });
  return (await Promise.all(errors)).flat();
}

function openAll({ folder, ready, workers }: Order): string[] {
  const errors: string[] = [];
  for (let at = 0; at < ready.length; at++) {
    Atomics.add(ready, at, 1);
    for (const until = Date.now() + 5_000; Atomics.load(ready, at) < workers && Date.now() < until;);
    try {
      Database.open(`${folder}/${at}.db`).close();
    } catch (error) {
      errors.push(String(error));
    }
  }
  return errors;
}

if (self.name === "opener") self.onmessage = ({ data }) => self.postMessage(openAll(data));
