/**
 * What takes too long for every change, and is to hold every night:
 *
 *     deno task nightly [--only NAME]
 *
 * - `mutants`: a million damaged inputs to everything that reads, from the same seeds each time;
 * - `soak`: a session of half an hour with a fault every ten seconds, and `soak-signed` another that is signed while it grows;
 * - `passwords`: 50 passwords typed at each kind of prompt;
 * - `properties`: all tests, with properties looked for from a seed of chance, which a failure names.
 *
 * One after the other, since each wants the machine for itself. Ends with 1 if one of them fails; the others run all the same.
 * @module
 */

import { fromFileUrl } from "./support/path.ts";

const TASKS: Readonly<Record<string, readonly string[]>> = {
  mutants: ["run", "-A", "bench/mutants.ts", "--in-all", "1000000"],
  soak: ["run", "-A", "bench/soak.ts", "30"],
  "soak-signed": ["run", "-A", "bench/soak.ts", "30", "--signed"],
  passwords: ["run", "-A", "bench/passwords.ts", "50"],
  properties: ["test", "-A", "--quiet", "--preload=tests/support/seed.ts", "tests"],
};

/** What has not ended by then never will. */
const LONGEST_MS = 3 * 3600 * 1000;

const only = Deno.args.includes("--only") ? Deno.args[Deno.args.indexOf("--only") + 1] : undefined;
const chosen = Object.entries(TASKS).filter(([name]) => only === undefined || only === name);
if (chosen.length === 0) {
  console.error(`There is no ${only}: expected ${Object.keys(TASKS).join(", ")}`);
  Deno.exitCode = 2;
}
for (const [name, args] of chosen) {
  console.log(`== ${name}`);
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: fromFileUrl(new URL("..", import.meta.url)),
    env: { TERM2AI_TEST_SEED: "random" },
    stdout: "inherit",
    stderr: "inherit",
    signal: AbortSignal.timeout(LONGEST_MS),
  }).output();
  if (!success) Deno.exitCode = 1;
  console.log(`== ${name} ${success ? "holds" : "FAILED"}`);
}
