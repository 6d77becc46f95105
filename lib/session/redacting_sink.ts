/**
 * Hides secrets on the way into a recording.
 * @module
 */

import type { EventBatch, Nanos, SessionEvent } from "../event.ts";
import { Redactor, SecretFindings, type Secrets } from "../security/redact.ts";
import type { RecordingSink, StoreTrouble } from "./recording_sink.ts";

/**
 * A sink before another one. What may be the beginning of a secret waits here, for 250 ms at the most; a recorder that is killed
 * meanwhile has not written it.
 */
export class RedactingSink implements RecordingSink {
  /** What was hidden. */
  readonly findings = new SecretFindings();
  readonly #sink: RecordingSink;
  readonly #redactor: Redactor;
  #ready: SessionEvent[] = [];

  constructor(sink: RecordingSink, secrets: Secrets) {
    this.#sink = sink;
    this.#redactor = new Redactor(secrets, (event) => this.#ready.push(event), this.findings);
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
    await this.#sink.close();
  }

  async #pass(now: Nanos): Promise<void> {
    if (this.#ready.length === 0 && now < this.#sink.deadline) return;
    await this.#sink.write(this.#ready.splice(0), now);
  }
}
