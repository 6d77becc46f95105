/**
 * Damages recordings of every format, and reads them: no crash, no hang, no memory without end.
 *
 *     deno run -A bench/mutants.ts [COUNT] [READER]
 *
 * COUNT is for each reader, 10,000 if left out. Ends with 1 if an input took more than a second or was not refused as it should.
 *
 * @module
 */

import { mutantOf, outcomeOf, soundRecordings } from "../tests/support/mutants.ts";

const count = Number(Deno.args[0] ?? 10_000);
const only = Deno.args[1];

for (const [reader, sound] of await soundRecordings()) {
  if (only !== undefined && reader.name !== only) continue;
  const started = performance.now();
  let slowest = { seed: 0, millis: 0 }, refused = 0, crashed = 0, memory = 0;
  for (let seed = 1; seed <= count; seed++) {
    const files = mutantOf(sound, reader, seed);
    try {
      const outcome = await outcomeOf(reader, files, seed);
      if (outcome.refused) refused++;
      if (outcome.millis > slowest.millis) slowest = { seed, millis: outcome.millis };
    } catch (error) {
      if (crashed++ < 3) console.log(`${reader.name}: seed ${seed}:`, error);
    }
    if (seed % 50 === 0) memory = Math.max(memory, Deno.memoryUsage().rss);
  }
  const took = (performance.now() - started) / 1000;
  console.log(
    `${reader.name}: ${count} inputs, ${refused} refused, ${crashed} not borne; slowest ${
      slowest.millis.toFixed(0)
    } ms ` +
      `(seed ${slowest.seed}); peak memory ${(memory / 1e6).toFixed(0)} MB; ${took.toFixed(0)} s`,
  );
  if (crashed > 0 || slowest.millis > 1000) Deno.exitCode = 1;
}
