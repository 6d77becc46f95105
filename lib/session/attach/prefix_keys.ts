/**
 * The prefix key of somebody who is attached, found in what is typed: the key after it is a command, the prefix twice is itself.
 *
 * Not looked for inside a bracketed paste, where a control character is text. A terminal that speaks the kitty keyboard protocol
 * sends control characters as `CSI code ; 5 u`; those are found too.
 *
 * This module is browser compatible.
 * @module
 */

/** What was typed: bytes for the session, or a command. */
export type Typing = { readonly pass: Uint8Array } | { readonly command: string };

const TOKENS = /\x1b\[20[01]~|\x1b\[\d+(?:;[\d:]*)*u|[^]/g;
const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

const latin1 = new TextDecoder("latin1");

/** Splits what is typed. */
export class PrefixKeys {
  readonly #prefix: string;
  #pasting = false;
  #armed = false; // the prefix was pressed, a command follows

  /** @param prefix The control character; empty for none, when everything is the session's. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Takes what was typed, in pieces of any size. */
  take(typed: Uint8Array): Typing[] {
    if (this.#prefix === "" || (!this.#armed && !this.#pasting && !this.#mayConcern(typed))) return [{ pass: typed }];
    const found: Typing[] = [];
    let pass = "";
    const flush = () => {
      if (pass !== "") found.push({ pass: Uint8Array.from(pass, (character) => character.charCodeAt(0)) });
      pass = "";
    };
    for (const [token] of latin1.decode(typed).matchAll(TOKENS)) {
      const key = this.#pasting ? token : plainKey(token);
      if (this.#armed) {
        this.#armed = false;
        if (key === this.#prefix) pass += token;
        else {
          flush();
          found.push({ command: key });
        }
      } else if (key === this.#prefix && !this.#pasting) this.#armed = true;
      else pass += token;
      if (token === PASTE_START) this.#pasting = true;
      if (token === PASTE_END) this.#pasting = false;
    }
    flush();
    return found;
  }

  #mayConcern(typed: Uint8Array): boolean {
    return typed.includes(0x1b) || typed.includes(this.#prefix.charCodeAt(0));
  }
}

/** A key as a terminal without the kitty protocol sends it. */
function plainKey(token: string): string {
  const [, code, modifiers = "1"] = /^\x1b\[(\d+)(?::\d*)*(?:;(\d+))?.*u$/.exec(token) ?? [];
  if (code === undefined) return token;
  const letter = String.fromCodePoint(Math.min(Number(code), 0x10ffff));
  const control = ((Number(modifiers) - 1) & 4) !== 0;
  return control ? String.fromCharCode(letter.toUpperCase().charCodeAt(0) & 0x1f) : letter;
}
