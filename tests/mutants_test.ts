/** Every reader bears what was damaged on purpose. `bench/mutants.ts` reads 50,000 inputs in CI, a million every night. */

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readSettings, readTemplate } from "../lib/session/template/template_fields.ts";
import { parseSeconds } from "../lib/session/template/quantities.ts";
import { parseText } from "../lib/session/template/template.ts";
import { parseStorageUrl } from "../storage/sessions/url.ts";
import { mutantOf, outcomeOf, soundRecordings } from "./support/mutants.ts";
import { inputReaders, outcomeOfInput } from "./support/other_inputs.ts";

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

for (const reader of await inputReaders()) {
  Deno.test(`whoever reads ${reader.name} bears ${COUNT} damaged ones, or refuses them`, async () => {
    const sound = reader.sound.map((bytes) => ({ "": bytes }));
    for (const bytes of reader.sound) ok(await reader.read(bytes, 1) > 0, "what is sound is read");
    for (let seed = 1; seed <= COUNT; seed++) {
      try {
        const { millis } = await outcomeOfInput(reader, mutantOf(sound, reader, seed)[""]!, seed);
        ok(millis < MOST_MILLIS, `it took ${millis} ms`);
      } catch (error) {
        throw new Error(`seed ${seed} is not borne`, { cause: error });
      }
    }
    ok(Deno.memoryUsage().rss < MOST_BYTES);
  });
}

Deno.test("env_allow takes any pattern, however long, and * for anything", () => {
  const env = { LC_ALL: "C", LC_TIME: "C", LANG: "C", PATH: "/bin", aXbYc: "1" };
  const taken = (...patterns: string[]) => {
    const faults: string[] = [];
    const context = { folder: "/", home: "/", shell: "sh", env, now: "", isForeign: false };
    const value = { session: { env_allow: patterns } };
    return Object.keys(readTemplate(value, { session: {}, redaction: {} }, context, faults)[0]?.env ?? {});
  };
  deepEqual(taken("LC_*", "PATH"), ["LC_ALL", "LC_TIME", "PATH"]);
  deepEqual(taken("a*b*c"), ["aXbYc"]);
  deepEqual(taken("a*bYc*c", "L*G*G", "LANG*LANG", "x".repeat(1e5) + "*"), []);
  deepEqual(taken("*"), Object.keys(env));
  deepEqual(taken("LANG*", "**TIME"), ["LC_TIME", "LANG"]);
});

Deno.test("a time of four hundred digits is read at once, and one without a number refused", () => {
  equal(parseSeconds("1h30m"), 5400);
  equal(parseSeconds("1h30"), 3630);
  equal(parseSeconds("1.5"), 1.5);
  throws(() => parseSeconds("9".repeat(400) + "x"), /as a time/);
  for (const wrong of ["", "h", "1x", "1h 2m", "1.h"]) throws(() => parseSeconds(wrong), /as a time/);
});

Deno.test("a store's URL with a stray % is none, and a size that is a table is a fault", async () => {
  equal(parseStorageUrl("s3://bucket/100%").place, "bucket/100%");
  const faults: string[] = [];
  const context = { folder: "/", home: "/", shell: "sh", env: {}, now: "2026-11-28T00:00:00Z", isForeign: false };
  const values = await parseText("[session]\nsize = {a = 1}\n", "config.toml");
  readSettings(values, { session: {}, redaction: {} }, context, faults);
  equal(faults.length, 1);
});
