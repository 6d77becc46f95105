/**
 * What was typed, as keys.
 *
 * This module is browser compatible.
 * @module
 */

/** Sequences by what they stand for; the numbers in them say with which other key. */
const SEQUENCES: Readonly<Record<string, string>> = {
  "[A": "up",
  "[B": "down",
  "[C": "right",
  "[D": "left",
  "OA": "up",
  "OB": "down",
  "OC": "right",
  "OD": "left",
  "[1;2C": "S-right",
  "[1;2D": "S-left",
  "[c": "S-right",
  "[d": "S-left",
  "[H": "home",
  "[F": "end",
  "OH": "home",
  "OF": "end",
  "[1~": "home",
  "[4~": "end",
};
const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\x7f": "backspace",
  "\b": "backspace",
  "\x03": "C-c",
  "\x15": "C-u",
};
/** A whole sequence, or a string such as a terminal's answer. */
const WHOLE = /^(?:\[[0-?]*[ -/]*[@-~]|O.|[PX\]^_][\s\S]*?(?:\x07|\x1b\\)|[^[OPX\]^_])/;
/** Nothing that is typed is as long. */
const LONGEST = 4096;

/** Takes bytes, gives keys. Answers of the terminal are no keys. */
export class KeyParser {
  readonly #decoder = new TextDecoder();
  #held = ""; // a sequence that is not complete

  /** Whether an escape sequence has begun; if nothing follows it was the Escape key. */
  get isWaiting(): boolean {
    return this.#held !== "";
  }

  /** The keys that are complete now. */
  push(bytes: Uint8Array): string[] {
    let text = this.#held + this.#decoder.decode(bytes, { stream: true });
    this.#held = "";
    const keys: string[] = [];
    while (text !== "") {
      if (text[0] !== "\x1b") {
        const [character] = text as Iterable<string>;
        keys.push(CONTROLS[character!] ?? character!);
        text = text.slice(character!.length);
        continue;
      }
      const whole = text.startsWith("\x1b\x1b") ? "" : WHOLE.exec(text.slice(1))?.[0];
      if (whole === undefined) {
        if (text.length < LONGEST) this.#held = text;
        return keys;
      }
      const key = whole === "" ? "escape" : SEQUENCES[whole];
      if (key) keys.push(key);
      text = text.slice(1 + whole.length);
    }
    return keys.filter((key) => key.length > 1 || key >= " ");
  }

  /** Nothing more has come: what is held was the Escape key, or nothing. */
  flush(): string[] {
    const held = this.#held;
    this.#held = "";
    return held === "\x1b" ? ["escape"] : [];
  }
}
