/**
 * Hides secrets: passwords, keys and tokens, in all that a recording holds.
 *
 * A secret is found wherever it is whole for whoever reads the screen, however it got there: letter by letter, with colours between
 * its letters, wrapped, or drawn again at every key. It is found in titles, links, clipboards and other strings that never show,
 * in what was typed, with its corrections, in the header, in markers, notes, commands, foreign events and recorded screens. Each cell
 * of it becomes a star, so that the picture stays as it was; what leads to it, such as `password=` or `ghp_`, stays readable.
 *
 * - {@linkcode redact} hides as events come, live. It waits 4 KiB or 250 ms for the rest of what may be a secret, then hides what is
 *   likely to be the beginning of one.
 * - {@linkcode findSecrets} reads a stored recording as a whole before, and {@linkcode redactPlanned} hides what it found: earlier frames of a
 *   secret that took a minute to be typed, and all other places of one that is told by its context only once.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventStream, SessionEvent } from "../event.ts";
import { Stage, type StageCore } from "../stream/stage.ts";
import { SecretFindings } from "./redaction/findings.ts";
import { pendingWithOutput } from "./redaction/pending_bytes.ts";
import { Redactor } from "./redaction/redactor.ts";
import { Secrets } from "./redaction/secrets.ts";
import { Watch } from "./redaction/watch.ts";

export { type SecretFinding, SecretFindings, type SecretPlace } from "./redaction/findings.ts";
export { Redactor } from "./redaction/redactor.ts";
export { isSensitiveName, REDACTION_RULES, type SecretOptions, Secrets } from "./redaction/secrets.ts";

/**
 * Returns a stage that hides secrets as they come. Times do not change; keyframes are left out, since they can be computed again.
 *
 * @param secrets What to hide; what is found in one place is hidden in all later ones.
 * @param findings Hears what was hidden, without it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const data = new TextEncoder().encode("export DB_PASSWORD=hun\x1b[1mter2\r\n");
 * const [shown] = await collect(streamOf({ kind: "output", time: 0, data }).pipeThrough(redact()));
 * equal(shown?.kind === "output" && new TextDecoder().decode(shown.data), "export DB_PASSWORD=***\x1b[1m****\r\n");
 * ```
 */
export function redact(secrets: Secrets = new Secrets(), findings: SecretFindings = new SecretFindings()): Stage {
  return new Stage((emit) => new Redactor(secrets, emit, findings));
}

/**
 * What {@linkcode findSecrets} found, and where.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 *
 * const plan = await findSecrets(() => streamOf({ kind: "marker", time: 0, label: "sshpass -p hunter2 ssh host" }));
 * equal(plan.findings.list[0]?.rule, "sshpass-password");
 * ```
 */
export interface RedactionPlan {
  /** What is to be hidden. */
  readonly findings: SecretFindings;
}

/** Where the bytes of it are. */
const watches = new WeakMap<RedactionPlan, Watch>();

/** How often a recording is read at the most: once more for each time that values were learned from their context. */
const MOST_READINGS = 4;

/**
 * Reads a recording for its secrets, until nothing new comes up.
 *
 * @param open Opens the recording from its start, each time the same.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 *
 * equal((await findSecrets(() => streamOf())).findings.list.length, 0);
 * ```
 */
export async function findSecrets(
  open: () => EventStream | Promise<EventStream>,
  secrets: Secrets = new Secrets(),
): Promise<RedactionPlan> {
  for (let reading = 1;; reading++) {
    const known = secrets.values.learned, findings = new SecretFindings();
    const watch = new Watch(secrets, findings);
    const core = pendingWithOutput((event) => {
      watch.push(event);
      if (event.kind !== "output" && event.kind !== "input" && event.kind !== "keyframe") watch.text.inEvent(event);
    });
    for await (const batch of await open()) for (const event of batch) core.push(event);
    core.flush();
    watch.finish();
    if (secrets.values.learned !== known && reading < MOST_READINGS) continue;
    findings.close();
    const plan = { findings };
    watches.set(plan, watch);
    return plan;
  }
}

/**
 * Returns a stage that hides what was found in a recording before. It serves once, for the same recording.
 *
 * @throws {TypeError} If the plan is of no making of {@linkcode findSecrets}.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, streamOf, type SessionEvent } from "@term2ai/term2ai";
 *
 * const typed = (text: string): SessionEvent => ({ kind: "input", time: 0, data: new TextEncoder().encode(text) });
 * const session = [typed("TOKEN=abx"), typed("\x7fcd123\r")];
 * const plan = await findSecrets(() => streamOf(...session));
 * const [first] = await collect(streamOf(...session).pipeThrough(redactPlanned(plan)));
 * equal(first?.kind === "input" && new TextDecoder().decode(first.data), "TOKEN=***");
 * ```
 */
export function redactPlanned(plan: RedactionPlan): Stage {
  const watch = watches.get(plan);
  if (!watch) throw new TypeError("Cannot redact by this plan: expected one that findSecrets made");
  return new Stage((emit) => pendingWithOutput(planned(watch, emit).push));
}

function planned(watch: Watch, emit: (event: SessionEvent) => void): StageCore {
  const at = { output: 0, input: 0 };
  return {
    push(event) {
      if (event.kind === "keyframe") return;
      if (event.kind !== "output" && event.kind !== "input") return emit(watch.text.inEvent(event));
      const data = watch.edits[event.kind].apply(at[event.kind], event.data);
      at[event.kind] += event.data.length;
      if (data === event.data) emit(event);
      else if (data.length > 0) emit({ ...event, data });
    },
    flush: () => {},
  };
}
