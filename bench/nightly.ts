/**
 * What takes too long for every change, and is to hold every night:
 *
 *     deno task nightly [--only NAME]
 *
 * - `mutants`: a million damaged inputs to everything that reads, from the same seeds each time;
 * - `soak`: a session of half an hour with a fault every ten seconds, and `soak-signed` another that is signed while it grows;
 * - `passwords`: 50 passwords typed at each kind of prompt.
 *
 * One after the other, since each wants the machine for itself. Ends with 1 if one of them fails; the others run all the same.
 * @module
 */

import { fromFileUrl } from "./support/path.ts";

const TASKS: Readonly<Record<string, readonly [script: string, ...args: string[]]>> = {
  mutants: ["mutants.ts", "--in-all", "1000000"],
  soak: ["soak.ts", "30"],
  "soak-signed": ["soak.ts", "30", "--signed"],
  passwords: ["passwords.ts", "50"],
};

/** What has not ended by then never will. */
const LONGEST_MS = 3 * 3600 * 1000;

const only = Deno.args.includes("--only") ? Deno.args[Deno.args.indexOf("--only") + 1] : undefined;
const chosen = Object.entries(TASKS).filter(([name]) => only === undefined || only === name);
if (chosen.length === 0) {
  console.error(`There is no ${only}: expected ${Object.keys(TASKS).join(", ")}`);
  Deno.exitCode = 2;
}
for (const [name, [script, ...args]] of chosen) {
  console.log(`== ${name}`);
  const path = fromFileUrl(new URL(script, import.meta.url));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", path, ...args],
    stdout: "inherit",
    stderr: "inherit",
    signal: AbortSignal.timeout(LONGEST_MS),
  }).output();
  if (!success) Deno.exitCode = 1;
  console.log(`== ${name} ${success ? "holds" : "FAILED"}`);
}
