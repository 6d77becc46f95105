/**
 * `term2ai redact`: hides passwords, keys and tokens.
 * @module
 */

import { openRecording } from "../../formats/mod.ts";
import type { Source, UnwrapKey } from "../ports.ts";
import type { SessionEvent } from "../event.ts";
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
import { Exit, isBrokenPipe, messageFor } from "./program/failure.ts";
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
const pipes = new WeakMap<RedactFlags, PassingBy>(); // where it goes through a pipe

export const command = filterCommand<RedactFlags>({
  brief: "hide passwords, keys and tokens",
  text:
    `Puts a star in place of each character of a secret, wherever it stands: printed or typed, letter by letter, with colours in
it, wrapped, drawn again at every key; in titles, links, clipboards, the header, markers, notes. What it looks for: the usual
keys and tokens by some 150 rules, values of this environment's variables whose names say so, and what --text and --pattern add.

What goes to a file is read as a whole before. From a pipe to a pipe, 250 ms or 4 KiB are waited for the end of what may be a
secret; what can be told only when it has gone by stays, and is told at the end: a second pass with --text-from hides it.
Keyframes are left out, they can be computed again.

--report tells what was hidden, not the secrets themselves; without OUT nothing is written. --check looks whether any are left,
and ends with status 1 if so, with 2 if it could not look.

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
  readsTwice: (_, output) => output !== "-",
  async stages(flags, { source, unwrap }) {
    const secrets = await secretsFrom(flags);
    if (await isStored(source)) {
      const plan = await findSecrets(() => eventsOf(source, unwrap), secrets);
      reports.set(flags, plan.findings);
      return [redactPlanned(plan)];
    }
    const passing = await passingBy(secrets);
    reports.set(flags, passing.findings);
    pipes.set(flags, passing);
    return [passing.stage];
  },
  async around(flags, input, output, filter) {
    if (flags.check || (flags.report && output === "-")) return await tellSecrets(input, flags);
    await filter();
    await forgetKeyframes(input, output);
    const stays = await pipes.get(flags)?.stays();
    if (stays !== undefined) tell(`term2ai redact: ${stays}${WHAT_TO_DO}`);
    if (flags.report) tell(asText(reports.get(flags)!.list, flags.json));
  },
});

const WHAT_TO_DO = `: what has gone down a pipe cannot be taken back
  To hide it, write it into a file, one secret a line: term2ai redact --text-from FILE IN OUT
`;

/** A recording that goes from a pipe to a pipe. */
interface PassingBy {
  readonly findings: SecretFindings;
  readonly stage: Stage;
  /** What could not be hidden any more when it was told, in words. */
  stays(): Promise<string | undefined>;
}

async function passingBy(secrets: Secrets): Promise<PassingBy> {
  const { PassedOn } = await lazy<typeof import("../session/recording/passed_on.ts")>(
    "../session/recording/passed_on.ts",
  );
  const findings = new SecretFindings(), passedOn = new PassedOn(), known = secrets.values.size;
  let redactor: Redactor | undefined;
  const stage = new Stage((emit) => {
    const emitted = (event: SessionEvent) => {
      passedOn.push(event);
      emit(event);
    };
    return redactor = new Redactor(secrets, emitted, findings);
  });
  const stays = async () => {
    const late = (redactor?.late ?? 0) > 0;
    return late || secrets.values.size > known ? await passedOn.secrets(secrets, late) : undefined;
  };
  return { findings, stage, stays };
}

/** What players have kept of either may hold what was hidden; it is computed again at will. */
async function forgetKeyframes(input: string, output: string): Promise<void> {
  const { purgeKeyframes } = await lazy<typeof import("./play/keyframe_cache.ts")>("./play/keyframe_cache.ts");
  for (const path of new Set([input, output])) await purgeKeyframes(path);
}

async function eventsOf(source: Source, unwrap: UnwrapKey, report = new Report()) {
  return (await openRecording(source, { report, unwrap })).events;
}

/**
 * Tells what secrets a recording holds; with `check`, ends with status 1 if there are any, and with 2 where they could not be
 * looked for: a script must not take one for the other.
 */
export async function tellSecrets(input: string, flags: RedactFlags & ReadKeyFlags, name = "redact"): Promise<void> {
  try {
    await lookForSecrets(input, flags, name);
  } catch (error) {
    if (!flags.check || error instanceof Exit || isBrokenPipe(error)) throw error;
    tell(`term2ai ${name}: ${messageFor(error)}\n`);
    throw new Exit(2);
  }
}

async function lookForSecrets(input: string, flags: RedactFlags & ReadKeyFlags, name: string): Promise<void> {
  const source = await openSource(input);
  const report = new Report();
  const list = await secretsIn(source, await secretsFrom(flags), unwrapWithFlags(flags), report);
  await print(asText(list, flags.json));
  const unrevised = report.warnings.find(({ code }) => code === "not-revised");
  if (unrevised) tell(`term2ai ${name}: ${harmless(input)}: ${unrevised.message}\n`);
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
  report = new Report(),
): Promise<readonly SecretFinding[]> {
  if (await isStored(source)) return (await findSecrets(() => eventsOf(source, unwrap, report), secrets)).findings.list;
  const findings = new SecretFindings();
  for await (const _ of (await eventsOf(source, unwrap, report)).pipeThrough(redact(secrets, findings)));
  return findings.list;
}

function asText(list: readonly SecretFinding[], json: boolean): string {
  if (json) return list.map((finding) => JSON.stringify(finding) + "\n").join("");
  return list.map(({ time, rule, id, places, count }) =>
    `${formatTime(time)}  ${rule.padEnd(26)} #${id}  ${places.join(", ")}${count > 1 ? `, ${count} times` : ""}\n`
  ).join("");
}
