/**
 * Hides secrets on the way into a recording.
 * @module
 */

import type { EventBatch, EventStream, Nanos, SessionEvent } from "../../event.ts";
import { findSecrets, Redactor, redactPlanned, SecretFindings, type Secrets } from "../../security/redact.ts";
import type { Stage } from "../../stream/stage.ts";
import { PassedOn, staysIn } from "./passed_on.ts";
import type { RecordingSink, StoreTrouble } from "./recording_sink.ts";

/**
 * A sink before another one. What may be the beginning of a secret waits here, for 250 ms at the most; a recorder that is killed
 * meanwhile has not written it. What was stored before it could be told is hidden when the recording closes, by a second pass.
 */
export class RedactingSink implements RecordingSink {
  /** What was hidden. */
  readonly findings = new SecretFindings();
  /** What is in the recording that was stored before it could be told, and could not be taken out afterwards, and why. */
  unhidden: string | undefined;
  readonly #sink: RecordingSink;
  readonly #secrets: Secrets;
  readonly #known: number; // values, when the recording began
  readonly #redactor: Redactor;
  #ready: SessionEvent[] = [];
  #remains: number | undefined; // places that the second pass has found
  readonly #passedOn: PassedOn | undefined; // where there is no second pass

  constructor(sink: RecordingSink, secrets: Secrets) {
    this.#sink = sink;
    this.#secrets = secrets;
    this.#known = secrets.values.size;
    this.#passedOn = sink.closeRevised ? undefined : new PassedOn();
    const emit = (event: SessionEvent) => void this.#ready.push(marked(event));
    this.#redactor = new Redactor(secrets, emit, this.findings, !!sink.closeRevised);
  }

  get deadline(): Nanos {
    return Math.min(this.#sink.deadline, this.#redactor.deadline);
  }

  get trouble(): StoreTrouble | undefined {
    return this.#sink.trouble;
  }

  get tampering(): string | undefined {
    return this.#sink.tampering;
  }

  /** How many bytes of secrets had been written before they could be told. */
  get late(): number {
    return this.#redactor.late;
  }

  async write(batch: EventBatch, now: Nanos): Promise<void> {
    for (const event of batch) this.#redactor.push(event);
    this.#redactor.release(now);
    await this.#pass(now);
  }

  async close(): Promise<void> {
    this.#redactor.flush();
    await this.#pass(0);
    // What was learned on the way may stand before the place that told it.
    const isUnsure = this.late > 0 || this.#secrets.values.size > this.#known;
    if (isUnsure && this.#sink.closeRevised) {
      const why = await this.#sink.closeRevised((open) => this.#secondPass(open));
      if (why !== undefined) this.unhidden = `${this.#told()}: ${why}`;
    } else {
      await this.#sink.close();
      const what = isUnsure ? await this.#passedOn?.secrets(this.#secrets, this.late > 0) : undefined;
      if (what !== undefined) this.unhidden = `${what}: ${this.#sink.stays ?? "it cannot be written again"}`;
    }
  }

  #told(): string {
    if (this.#remains === undefined) return "secrets that were told only later may stay in what was written before";
    return staysIn(this.#remains);
  }

  /** By now everything is known that is to be hidden. */
  async #secondPass(open: () => EventStream): Promise<Stage | undefined> {
    const plan = await findSecrets(open, this.#secrets);
    this.#remains = plan.findings.list.length;
    return this.#remains > 0 ? redactPlanned(plan) : undefined;
  }

  async #pass(now: Nanos): Promise<void> {
    if (this.#ready.length === 0 && now < this.#sink.deadline) return;
    const events = this.#ready.splice(0);
    if (this.#passedOn) { for (const event of events) this.#passedOn.push(event); }
    await this.#sink.write(events, now);
  }
}

/** A recording whose end is missing has had no second pass: by this a reader knows that one was to come. */
function marked(event: SessionEvent): SessionEvent {
  if (event.kind !== "header") return event;
  const { extra } = event.header, own = extra?.term2ai;
  const fields = typeof own === "object" && own !== null && !Array.isArray(own) ? own : {};
  return { ...event, header: { ...event.header, extra: { ...extra, term2ai: { ...fields, redact: true } } } };
}
