/**
 * Whether a piece of output is the echo of keys: whether it shows them where they were typed, and not by chance.
 *
 * Programs that read key by key answer a key by printing it at the cursor, or by drawing the line anew. Prompts, clocks and
 * screens hold letters too, and within a quarter of a second of a key any of them may be printed. So a single letter counts as shown
 * only where it is the first that is printed, stands alone, or ends what has been typed of the line so far; several
 * letters only where they stand together; and nothing that is printed behind a move to another line, once Enter was pressed.
 *
 * This module is browser compatible.
 * @module
 */

const latin1 = new TextDecoder("latin1"); // a character for each byte: characters split over reads compare as well
const SEQUENCES =
  /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[ -~]|\x1b[ -/]*[0-~]|[\0-\x1f\x7f]/g;
/** What is written elsewhere while the cursor waits: clocks, status lines. */
const ASIDES = /\x1b7.*?(?:\x1b8|$)|\x1b\[s.*?(?:\x1b\[u|$)/gs;
const MOVES_AWAY = /^(?:[\r\n]|\x1b\[[0-?]*[ABEFHJdf]|\x1b\[\?(?:47|1047|1049)[hl]|\x1b[DEM])$/;
/** `*`, and in UTF-8 `·`, `•`, `∙`, `●`. */
const MASKS = "\\*|\xc2\xb7|\xe2\x80\xa2|\xe2\x88\x99|\xe2\x97\x8f";
const ALL_MASKS = new RegExp(`^(?:${MASKS})+$`);
const MASK = new RegExp(MASKS, "g");
const STEPS_BACK = new RegExp(`^(?:\\x08|\\x1b\\[1?D)(?:${MASKS})[^\\x08\\x1b]{0,2}$`);
const OF_WORD = /[0-9A-Za-z\x80-\xff]/;

/** So many characters may stand between two of those that were pasted: where a line wraps or is indented. */
const GAP = 4, LONG_GAP = 16, LONG = 24;
/** Where to begin is tried at so many places. */
const MOST_TRIES = 256;
/** So much of the line is remembered. */
const TAIL = 64;

/** What would stand on the screen: without control characters and escape sequences. */
export function printable(data: Uint8Array): string {
  return latin1.decode(data).replace(SEQUENCES, "");
}

/** The same, without the characters that Backspace took back. */
export function corrected(data: Uint8Array): string {
  let text = latin1.decode(data);
  if (!/[\x08\x7f]/.test(text)) return printable(data);
  for (let before = ""; before !== text;) [before, text] = [text, text.replace(/[ -~\x80-\xff][\x08\x7f]/, "")];
  return text.replace(SEQUENCES, "");
}

/** Whether only mask characters were printed. */
export function isAllMasks(text: string): boolean {
  return ALL_MASKS.test(text);
}

/** Whether the letter that was shown last is masked now, as telephones do it; `line` is what was typed of it. */
export function masksWhatItShowed(data: Uint8Array, line: string): boolean {
  if (data.length > 64 || line === "" || line.includes("*")) return false;
  return STEPS_BACK.test(latin1.decode(data));
}

/** What was typed since the line began, as far as no key but letters and Backspace was pressed. */
export class TypedTail {
  text = "";

  /** Takes keys, and the characters among them. */
  type(data: Uint8Array, characters: string): void {
    if (characters === "" && data.length === 1 && (data[0] === 0x7f || data[0] === 0x08)) {
      this.text = this.text.slice(0, -1);
    } else if (data.some((code) => code < 0x20)) this.text = "";
    else this.text = (this.text + characters).slice(-TAIL);
  }
}

/** One piece of output. */
export class Echo {
  /** What it prints where the cursor is. */
  readonly text: string;
  readonly #runs = new Set<number>(); // where one begins, behind a sequence
  readonly #moved: number; // how much stands before it goes to another line
  #at = 0; // what stands before was the echo of other keys

  /** Looks at output. */
  constructor(data: Uint8Array) {
    const all = latin1.decode(data).replace(ASIDES, "");
    let text = "", from = 0, moved = Infinity;
    for (const { 0: sequence, index } of all.matchAll(SEQUENCES)) {
      text += all.slice(from, index);
      from = index + sequence.length;
      this.#runs.add(text.length);
      if (MOVES_AWAY.test(sequence) && !isWithinLine(sequence, all, from)) moved = Math.min(moved, text.length);
    }
    this.text = text + all.slice(from);
    this.#moved = moved;
  }

  /** How many mask characters it prints. */
  get masks(): number {
    return this.text.match(MASK)?.length ?? 0;
  }

  /** Whether it went to another line. */
  get hasMoved(): boolean {
    return this.#moved < Infinity;
  }

  /**
   * How many of these characters it shows, in order, behind what was found in it before.
   *
   * @param before What was typed of the line before them.
   * @param isEnded Whether Enter was pressed behind them.
   */
  shows(characters: string, before: string, isEnded: boolean): number {
    const end = isEnded ? Math.min(this.#moved, this.text.length) : this.text.length;
    const { shown, to } = characters.length === 1
      ? this.#single(characters, before, end)
      : this.#together(characters, end);
    if (shown > 0) this.#at = to;
    return shown;
  }

  /** Whether it shows all of several characters; what it does not is left for others. */
  showsAll(characters: string, isEnded: boolean): boolean {
    const { shown, to } = this.#together(characters, isEnded ? Math.min(this.#moved, this.text.length) : Infinity);
    if (shown === characters.length) this.#at = to;
    return shown === characters.length;
  }

  #single(letter: string, before: string, end: number): Reach {
    for (let at = this.text.indexOf(letter, this.#at); at >= 0 && at < end; at = this.text.indexOf(letter, at + 1)) {
      const last = before.at(-1);
      const continues = last !== undefined && at > 0 && this.text[at - 1] === last;
      if (at === this.#at || continues || this.#isAlone(at)) return { shown: 1, to: at + 1 };
    }
    return NOTHING;
  }

  #isAlone(at: number): boolean {
    const begins = at === 0 || this.#runs.has(at) || !OF_WORD.test(this.text[at - 1]!);
    const ends = at + 1 === this.text.length || this.#runs.has(at + 1) || !OF_WORD.test(this.text[at + 1]!);
    return begins && ends;
  }

  /** All of them, or as many as stand at the end of the piece: the rest comes with the next one. */
  #together(characters: string, end: number): Reach {
    // What begins with exactly this is its echo on any line, such as that of vim's commands.
    if (this.#at === 0 && characters.length > 2 && this.text.startsWith(characters)) {
      return { shown: characters.length, to: characters.length };
    }
    const gap = characters.length < LONG ? GAP : LONG_GAP;
    let at = this.text.indexOf(characters[0]!, this.#at);
    for (let tries = 0; at >= 0 && at < end && tries < MOST_TRIES; tries++) {
      const reach = this.#reach(characters, at, end, gap);
      if (reach.shown === characters.length || this.text.length - reach.to < gap) return reach;
      at = this.text.indexOf(characters[0]!, at + 1);
    }
    return NOTHING;
  }

  #reach(characters: string, from: number, end: number, gap: number): Reach {
    let shown = 1, to = from + 1;
    while (shown < characters.length) {
      const next = this.text.indexOf(characters[shown]!, to);
      if (next < 0 || next - to > gap || next >= end) break;
      to = next + 1;
      shown++;
    }
    return { shown, to };
  }
}

/** A return that a step to the right follows, as fish moves within its line. */
function isWithinLine(sequence: string, all: string, next: number): boolean {
  return sequence === "\r" && /^\x1b\[\d*C/.test(all.slice(next, next + 8));
}

/** How many characters, and up to where. */
interface Reach {
  readonly shown: number;
  readonly to: number;
}

const NOTHING: Reach = { shown: 0, to: 0 };
