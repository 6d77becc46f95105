/**
 * Recordings that a recorder writes right into a store of files.
 *
 * A recorder must not wait for a database. It writes to the folder `.recording` of the store and holds a lock; whoever opens the
 * store later takes in what is there and whose recorder has ended, in whichever way.
 * @module
 */

/** The folder, inside the store. */
export const ARRIVALS = ".recording";

/** A recording whose recorder has ended. */
export interface Arrival {
  /** The name of its file, `ID.t2a`. */
  readonly name: string;
  /** Where it is. */
  readonly path: string;
  /** Takes it off the list. */
  done(): Promise<void>;
  /** Leaves it there for the next one. */
  leave(): void;
}

/** How long to wait for another process that takes recordings in: what it has taken is only then in the catalog. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 10;

/**
 * Does `body` while no other process that asks for the same lock does, or not at all if one is at it for a long time.
 * That one looks again before it ends, so nothing stays behind.
 */
export async function whileNobodyTakes(lockPath: string, body: () => Promise<void>): Promise<void> {
  const lock = await Deno.open(lockPath, { write: true, create: true, mode: 0o600 });
  try {
    for (const until = Date.now() + PATIENCE_MS; !lock.tryLockSync(true);) {
      if (Date.now() >= until) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    await body();
  } finally {
    lock.close();
  }
}

/** Those that nobody writes to any more. Each is locked until it is `done` or left. */
export async function* arrivals(folder: string): AsyncGenerator<Arrival, void, void> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`${folder}/${ARRIVALS}`)) if (name.endsWith(".lock")) names.push(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const lock of names.sort()) {
    const arrival = await lockArrival(`${folder}/${ARRIVALS}`, lock);
    if (arrival) yield arrival;
  }
}

async function lockArrival(folder: string, lock: string): Promise<Arrival | undefined> {
  const file = await Deno.open(`${folder}/${lock}`, { read: true, write: true }).catch(() => undefined);
  if (!file) return undefined;
  const isStillThere = async () => await Deno.lstat(`${folder}/${lock}`).then(() => true, () => false);
  if (!await file.tryLock(true) || !await isStillThere()) {
    file.close();
    return undefined;
  }
  const name = lock.slice(0, -".lock".length);
  return {
    name,
    path: `${folder}/${name}`,
    async done() {
      await Deno.remove(`${folder}/${lock}`).catch(() => {});
      file.close();
    },
    leave: () => file.close(),
  };
}
