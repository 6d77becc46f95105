/**
 * Hides secrets on the way into a recording.
 * @module
 */

import type { EventBatch, EventStream, Nanos, SessionEvent } from "../../event.ts";
import { findSecrets, Redactor, redactPlanned, SecretFindings, type Secrets } from "../../security/redact.ts";
import type { Stage } from "../../stream/stage.ts";
import type { RecordingSink, StoreTrouble } from "./recording_sink.ts";

/**
 * A sink before another one. What may be the beginning of a secret waits here, for 250 ms at the most; a recorder that is killed
 * meanwhile has not written it. What was stored before it could be told is hidden when the recording closes, by a second pass.
 */
export class RedactingSink implements RecordingSink {
  /** What was hidden. */
  readonly findings = new SecretFindings();
  /** Why secrets are in the recording that were stored before they could be told, and could not be taken out afterwards. */
  unhidden: string | undefined;
  readonly #sink: RecordingSink;
  readonly #secrets: Secrets;
  readonly #known: number; // values, when the recording began
  readonly #redactor: Redactor;
  #ready: SessionEvent[] = [];

  constructor(sink: RecordingSink, secrets: Secrets) {
    this.#sink = sink;
    this.#secrets = secrets;
    this.#known = secrets.values.size;
    this.#redactor = new Redactor(secrets, (event) => this.#ready.push(event), this.findings, !!sink.closeRevised);
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
      this.unhidden = await this.#sink.closeRevised((open) => this.#secondPass(open));
    } else {
      await this.#sink.close();
      if (this.late > 0) this.unhidden = "what has gone down a pipe cannot be taken back";
    }
  }

  /** By now everything is known that is to be hidden. */
  async #secondPass(open: () => EventStream): Promise<Stage | undefined> {
    const plan = await findSecrets(open, this.#secrets);
    return plan.findings.list.length > 0 ? redactPlanned(plan) : undefined;
  }

  async #pass(now: Nanos): Promise<void> {
    if (this.#ready.length === 0 && now < this.#sink.deadline) return;
    await this.#sink.write(this.#ready.splice(0), now);
  }
}
