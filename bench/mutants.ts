/**
 * Damages everything that is read and may come from anybody, and reads it: recordings of every format, frames and words of
 * protocols, configurations, templates, keys. No crash, no hang, no memory without end.
 *
 *     deno run -A bench/mutants.ts [COUNT] [READER]
 *     deno run -A bench/mutants.ts --in-all 1000000
 *
 * COUNT is for each reader, 10,000 if left out; with `--in-all` for all of them together. The same COUNT is the same inputs. Ends
 * with 1 if an input took more than ten seconds or was not refused as it should, or memory grew beyond 2 GB.
 *
 * @module
 */

import { mutantOf, type Outcome, outcomeOf, soundRecordings } from "../tests/support/mutants.ts";
import { inputReaders, outcomeOfInput } from "../tests/support/other_inputs.ts";

const MOST_MILLIS = 10_000;
const MOST_BYTES = 2e9;

/** Something that is read: `read` makes the mutant of a number and tells what came of it. */
interface Subject {
  readonly name: string;
  read(seed: number): Promise<Outcome>;
}

async function subjects(): Promise<Subject[]> {
  const recordings = [...await soundRecordings()].map(([reader, sound]) => ({
    name: reader.name,
    read: (seed: number) => outcomeOf(reader, mutantOf(sound, reader, seed), seed),
  }));
  const others = (await inputReaders()).map((reader) => {
    const sound = reader.sound.map((bytes) => ({ "": bytes }));
    return {
      name: reader.name,
      read: (seed: number) => outcomeOfInput(reader, mutantOf(sound, reader, seed)[""]!, seed),
    };
  });
  return [...recordings, ...others];
}

/** Reads `count` mutants; returns how many there were and whether all was well. */
async function bear({ name, read }: Subject, count: number): Promise<boolean> {
  const started = performance.now();
  let slowest = { seed: 0, millis: 0 }, refused = 0, crashed = 0, memory = 0;
  for (let seed = 1; seed <= count; seed++) {
    try {
      const outcome = await read(seed);
      if (outcome.refused) refused++;
      if (outcome.millis > slowest.millis) slowest = { seed, millis: outcome.millis };
    } catch (error) {
      if (crashed++ < 3) console.log(`${name}: seed ${seed}: ${detailsOf(error)}`);
    }
    if (seed % 50 === 0) memory = Math.max(memory, Deno.memoryUsage().rss);
  }
  const took = ((performance.now() - started) / 1000).toFixed(0);
  console.log(
    `${name}: ${count} inputs, ${refused} refused, ${crashed} not borne; slowest ${slowest.millis.toFixed(0)} ms ` +
      `(seed ${slowest.seed}); peak memory ${(memory / 1e6).toFixed(0)} MB; ${took} s`,
  );
  return crashed === 0 && slowest.millis < MOST_MILLIS && memory < MOST_BYTES;
}

/** An error may hold all of an input. */
function detailsOf(error: unknown): string {
  const { message = "", stack = "" } = error as Error;
  return `${message.slice(0, 200)}${stack.slice(stack.indexOf("\n    at")).slice(0, 1000)}`;
}

const isTogether = Deno.args.includes("--in-all");
const [given, only] = Deno.args.filter((arg) => arg !== "--in-all");
const all = (await subjects()).filter(({ name }) => only === undefined || name === only);
const total = isTogether ? Number(given ?? 1_000_000) : Number(given ?? 10_000) * all.length;
let read = 0;
for (const [at, subject] of all.entries()) {
  const count = Math.floor(total * (at + 1) / all.length) - read; // what cannot be divided goes to the later ones
  if (!await bear(subject, count)) Deno.exitCode = 1;
  read += count;
}
console.log(`${read} inputs to ${all.length} readers${Deno.exitCode === 1 ? ": NOT all were borne" : ""}`);
