/** Every reader bears what was damaged on purpose. `bench/mutants.ts` reads ten thousand of each. */

import { ok } from "node:assert/strict";
import { mutantOf, outcomeOf, soundRecordings } from "./support/mutants.ts";

const COUNT = Number(Deno.env.get("TERM2AI_MUTANTS") ?? 150);
/** Far more than any takes: machines differ, and this is to find what never ends. */
const MOST_MILLIS = 20_000;
const MOST_BYTES = 1.5e9;

for (const [reader, sound] of await soundRecordings()) {
  Deno.test(`${reader.name}.open() reads ${COUNT} damaged recordings, or refuses them and tells where`, async () => {
    let events = 0;
    for (let seed = 1; seed <= COUNT; seed++) {
      try {
        const outcome = await outcomeOf(reader, mutantOf(sound, reader, seed), seed);
        ok(outcome.millis < MOST_MILLIS, `it took ${outcome.millis} ms`);
        events += outcome.events;
      } catch (error) {
        throw new Error(`seed ${seed} is not borne`, { cause: error });
      }
    }
    ok(events > COUNT, "most of what was sound is read"); // damage is no reason to give up
    ok(Deno.memoryUsage().rss < MOST_BYTES);
  });
}
