/**
 * `term2ai redact`: hides passwords, keys and tokens.
 * @module
 */

import { openRecording } from "../../formats/mod.ts";
import type { Source, UnwrapKey } from "../ports.ts";
import { Report } from "../report.ts";
import {
  findSecrets,
  redact,
  Redactor,
  redactPlanned,
  type SecretFinding,
  SecretFindings,
  type Secrets,
} from "../security/redact.ts";
import { Stage } from "../stream/stage.ts";
import { Exit } from "./program/failure.ts";
import { filterCommand } from "./output/filter.ts";
import { type ReadKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { SECRETS_FLAGS, type SecretsFlags, secretsFrom } from "./output/secrets_flags.ts";
import { lazy } from "./lazy.ts";
import { isStored } from "./source/spool.ts";
import { harmless, openSource, print, tell } from "./source/stdio.ts";
import { formatTime } from "./program/time.ts";

interface RedactFlags extends SecretsFlags {
  readonly report: boolean;
  readonly check: boolean;
  readonly json: boolean;
}

const reports = new WeakMap<RedactFlags, SecretFindings>(); // of the run with these options
const redactors = new WeakMap<RedactFlags, Redactor>(); // where it goes through a pipe

export const command = filterCommand<RedactFlags>({
  brief: "hide passwords, keys and tokens",
  text:
    `Puts a star in place of each character of a secret, wherever it stands: printed or typed, letter by letter, with colours in
it, wrapped, drawn again at every key; in titles, links, clipboards, the header, markers, notes. What it looks for: the usual
keys and tokens by some 150 rules, values of this environment's variables whose names say so, and what --text and --pattern add.

A file is read as a whole before; on a pipe 250 ms or 4 KiB are waited for the end of what may be a secret. Keyframes are left
out, they can be computed again. What a pipe can tell only when some of it has gone by stays whole, which is told: a second pass
over the file finds it.

--report tells what was hidden, not the secrets themselves; without OUT nothing is written. --check looks whether any are left,
and ends with status 1 if so.

  term2ai redact demo.t2a public.t2a
  term2ai rec | term2ai redact --text-from names.txt | term2ai convert - public.cast
  term2ai redact --report demo.t2a
  term2ai redact --check public.t2a && scp public.t2a www:`,
  flags: {
    ...SECRETS_FLAGS,
    report: { kind: "boolean", brief: "tell what was hidden", default: false, withNegated: false },
    check: { kind: "boolean", brief: "only tell whether there are secrets", default: false, withNegated: false },
    json: { kind: "boolean", brief: "tell it as one JSON object a line", default: false, withNegated: false },
  },
  async stages(flags, { source, unwrap }) {
    const secrets = await secretsFrom(flags);
    if (await isStored(source)) {
      const plan = await findSecrets(() => eventsOf(source, unwrap), secrets);
      reports.set(flags, plan.findings);
      return [redactPlanned(plan)];
    }
    const findings = new SecretFindings();
    reports.set(flags, findings);
    return [
      new Stage((emit) => {
        const redactor = new Redactor(secrets, emit, findings);
        redactors.set(flags, redactor);
        return redactor;
      }),
    ];
  },
  async around(flags, input, output, filter) {
    if (flags.check || (flags.report && output === "-")) return await tellSecrets(input, flags);
    await filter();
    await forgetKeyframes(input, output);
    if ((redactors.get(flags)?.late ?? 0) > 0) tell(PASSED_ON);
    if (flags.report) tell(asText(reports.get(flags)!.list, flags.json));
  },
});

const PASSED_ON = `term2ai redact: a secret was told only when some of it had been passed on, and is in what was written
  Hide it with a second pass over the file: term2ai redact IN OUT
`;

/** What players have kept of either may hold what was hidden; it is computed again at will. */
async function forgetKeyframes(input: string, output: string): Promise<void> {
  const { purgeKeyframes } = await lazy<typeof import("./play/keyframe_cache.ts")>("./play/keyframe_cache.ts");
  for (const path of new Set([input, output])) await purgeKeyframes(path);
}

async function eventsOf(source: Source, unwrap: UnwrapKey) {
  return (await openRecording(source, { report: new Report(), unwrap })).events;
}

/** Tells what secrets a recording holds; with `check`, ends with status 1 if there are any. */
export async function tellSecrets(input: string, flags: RedactFlags & ReadKeyFlags, name = "redact"): Promise<void> {
  const source = await openSource(input);
  const list = await secretsIn(source, await secretsFrom(flags), unwrapWithFlags(flags));
  await print(asText(list, flags.json));
  if (!flags.check || list.length === 0) return;
  tell(`term2ai ${name}: ${harmless(input)} holds ${list.length} ${list.length === 1 ? "secret" : "secrets"}\n`);
  throw new Exit(1);
}

/**
 * The secrets that a recording holds, told without showing them. What has been hidden counts for none.
 *
 * A pipe passes by once: a value that only its context tells is not found in what came before.
 */
export async function secretsIn(
  source: Source,
  secrets: Secrets,
  unwrap: UnwrapKey,
): Promise<readonly SecretFinding[]> {
  if (await isStored(source)) return (await findSecrets(() => eventsOf(source, unwrap), secrets)).findings.list;
  const findings = new SecretFindings();
  for await (const _ of (await eventsOf(source, unwrap)).pipeThrough(redact(secrets, findings)));
  return findings.list;
}

function asText(list: readonly SecretFinding[], json: boolean): string {
  if (json) return list.map((finding) => JSON.stringify(finding) + "\n").join("");
  return list.map(({ time, rule, id, places, count }) =>
    `${formatTime(time)}  ${rule.padEnd(26)} #${id}  ${places.join(", ")}${count > 1 ? `, ${count} times` : ""}\n`
  ).join("");
}
