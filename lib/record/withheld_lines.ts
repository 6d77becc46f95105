/**
 * Puts what is typed at a password prompt together, line by line, so that it can be hidden wherever it shows later.
 *
 * Nothing of it is kept once the line has ended.
 *
 * This module is browser compatible.
 * @module
 */

const BS = 0x08, LF = 0x0a, CR = 0x0d, NAK = 0x15, ETB = 0x17, DEL = 0x7f;
/** No password is longer. */
const LONGEST = 4096;

/** Lines out of keys, with their corrections. */
export class WithheldLines {
  readonly #ended: (line: string) => void;
  #bytes: number[] = [];

  /** @param ended Hears each line. */
  constructor(ended: (line: string) => void) {
    this.#ended = ended;
  }

  /** Takes the next keys. */
  push(data: Uint8Array): void {
    for (const code of data) {
      if (code === CR || code === LF) this.#end();
      else if (code === DEL || code === BS) this.#bytes.pop();
      else if (code === NAK || code === ETB || code === 0x03) this.#bytes = [];
      else if (code >= 0x20 && this.#bytes.length < LONGEST) this.#bytes.push(code);
    }
  }

  #end(): void {
    const line = new TextDecoder().decode(Uint8Array.from(this.#bytes));
    this.#bytes.fill(0);
    this.#bytes = [];
    if (line !== "") this.#ended(line);
  }
}
