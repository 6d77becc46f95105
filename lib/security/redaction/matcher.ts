/**
 * Finds what rules and known values say is secret in a line of cells.
 *
 * One pass over the cells looks for the first three characters of every rule's words in a table, then for the whole word; only
 * where it stands, text is made and the rule's lead compared. Characters that a secret is made of
 * are taken once, however many leads stand before them, so that the time stays linear whatever a recording holds.
 *
 * This module is browser compatible.
 * @module
 */

import type { Below } from "./below.ts";
import { EMPTY, WIDE_TAIL } from "./cells.ts";
import { type CharSet, isIn, type Rule } from "./rule.ts";
import type { KnownValues, ValueHearer } from "./values.ts";

/** Where a secret stands, in cells. */
export interface Found {
  readonly start: number;
  readonly end: number;
  readonly rule: string;
  /** Whether it is to be hidden elsewhere too. */
  readonly isValue: boolean;
  /** What it goes on with, if it is longer than what was looked at. */
  readonly chars: CharSet | undefined;
}

/** What one look at a line has found. */
export interface Look {
  readonly found: readonly Found[];
  /** Where something begins that may turn out to be a secret with the next character; `Infinity` for nowhere. */
  readonly holdFrom: number;
  /** The same, where it is likely enough to be hidden when nobody can wait for the rest. */
  readonly maskFrom: number;
  /** What is expected in the lines below. */
  readonly opens: Below | undefined;
}

/**
 * A search that has no place among the rules: a user's regular expressions.
 *
 * @example
 * ```ts
 * const everything: TextSearch = { name: "everything", search: (text, found) => found(0, text.length) };
 * ```
 */
export interface TextSearch {
  /** What findings call it. */
  readonly name: string;
  /** Calls back with each match, in order. */
  search(text: string, found: (start: number, end: number) => void): void;
}

/** What is looked for, and what stays although it was found. */
export interface MatcherOptions {
  readonly rules: readonly Rule[];
  readonly values: KnownValues;
  readonly searches: readonly TextSearch[];
  /** Whether something that was found is no secret. */
  readonly isAllowed: (text: string) => boolean;
}

const TABLE_BITS = 15;
const TABLE_SIZE = 1 << TABLE_BITS;

/** Letters in one case; everything that is in no word is 0. */
const FOLD = new Uint8Array(128);
for (let code = 0x21; code < 0x7f; code++) FOLD[code] = code >= 0x41 && code <= 0x5a ? code + 32 : code;
FOLD[0x20] = 0x20;

/** Looks at lines. */
export class Matcher {
  readonly #options: MatcherOptions;
  readonly #isBegun = new Uint8Array(TABLE_SIZE); // by three characters: whether a word of some rule begins so
  readonly #begun = new Map<number, Word[]>();

  constructor(options: MatcherOptions) {
    this.#options = options;
    for (const rule of options.rules) {
      for (const word of rule.words) this.#index(word, rule);
    }
  }

  #index(word: string, rule: Rule): void {
    const codes = Uint8Array.from(word, (char) => fold(char.charCodeAt(0)));
    const key = keyOf(codes[0]!, codes[1]!, codes[2]!);
    const words = this.#begun.get(key) ?? [];
    const same = words.find((other) =>
      other.codes.length === codes.length && other.codes.every((code, n) => code === codes[n])
    );
    if (!same) words.push({ codes, rules: [rule] });
    else if (!same.rules.includes(rule)) same.rules.push(rule);
    this.#begun.set(key, words);
    this.#isBegun[key] = 1;
  }

  /** Whether lines have to be looked at where no rule's words stand. */
  get #looksEverywhere(): boolean {
    return this.#options.searches.length > 0;
  }

  /**
   * Looks at the first `length` cells.
   *
   * @param cursor Where the next character comes, where that is in this line; else -1.
   */
  look(cells: Uint32Array, length: number, cursor: number): Look {
    const line = new Line(cells, length, cursor, this.#options);
    this.#lookForRules(line);
    this.#options.values.look(cells, length, cursor, line);
    if (this.#looksEverywhere) {
      for (const { name, search } of this.#options.searches) {
        search(line.text, (start, end) => line.add(start, end, name, false));
        if (cursor > 0) line.open(0, false);
      }
    }
    return line;
  }

  #lookForRules(line: Line): void {
    const { cells, length } = line, isBegun = this.#isBegun;
    let key = 0, past = 0; // where the last secret ended: what is inside belongs to it
    for (let at = 0; at < length; at++) {
      const code = cells[at]!;
      key = ((key << 5) ^ (code < 128 ? FOLD[code]! : 0)) & (TABLE_SIZE - 1);
      if (isBegun[key] === 0 || at - 2 < past) continue;
      for (const { codes, rules } of this.#begun.get(key)!) {
        if (at - 2 >= past && stands(codes, cells, at - 2, length)) past = Math.max(past, line.tryRules(rules, at - 2));
      }
    }
  }
}

/** A word that rules begin with, folded. */
interface Word {
  readonly codes: Uint8Array;
  readonly rules: Rule[];
}

function stands(codes: Uint8Array, cells: Uint32Array, at: number, length: number): boolean {
  if (at + codes.length > length) return false;
  for (let n = 0; n < codes.length; n++) if (fold(cells[at + n]!) !== codes[n]) return false;
  return true;
}

function fold(code: number): number {
  return code < 128 ? FOLD[code]! : 0;
}

function keyOf(first: number, second: number, third: number): number {
  return ((first << 10) ^ (second << 5) ^ third) & (TABLE_SIZE - 1);
}

/**
 * Whether the beginning of what may be a secret is likely to be one. Of an address it is not: `://host:8080` is no password, and
 * `://example` no token.
 */
function isLikely({ after, least }: Rule, text: string): boolean {
  if (after === undefined) return true;
  return least === 1 ? !/^\d{1,5}$/.test(text) : text.length >= 8 && /\d/.test(text);
}

type Behind = Readonly<Record<NonNullable<Rule["behind"]>, boolean>>;

/** How near the end of the line is, blanks included. */
const LONGEST_END = 90;
/** How long a name is, with the quotes and blanks behind it. */
const LONGEST_NAME = 64;
/** Letters, digits, `_` and `-`. */
const isOfName = (code: number) =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f ||
  code === 0x2d;
/** Blanks, quotes and backslashes; an empty cell is a blank. */
const isBetween = (code: number) =>
  code === 0x20 || code === EMPTY || code === 0x22 || code === 0x27 || code === BACKSLASH;
/** What a tail may begin with. */
const MAY_GO_ON = /^[,;)@|&]+$/;
const BACKSLASH = 0x5c;
/** How far before a secret the quote may stand. */
const FURTHEST_QUOTE = 80;
const isQuote = (code: number) => code === 0x22 || code === 0x27;
/** How much of what may be a secret is compared with what one looks like. */
const LOOKED_AT = 512;

/** One look at one line. */
class Line implements Look, ValueHearer {
  readonly cells: Uint32Array;
  readonly length: number;
  readonly #cursor: number;
  readonly #options: MatcherOptions;
  #text: string | undefined;
  #found: Found[] | undefined;
  holdFrom = Infinity;
  maskFrom = Infinity;
  opens: Below | undefined;
  #runs: Map<Rule, { readonly start: number; readonly end: number }> | undefined; // taken last, by rule

  constructor(cells: Uint32Array, length: number, cursor: number, options: MatcherOptions) {
    this.cells = cells;
    this.length = length;
    this.#cursor = cursor;
    this.#options = options;
  }

  get found(): readonly Found[] {
    return this.#found ?? NONE;
  }

  /** The line with one character for each cell. */
  get text(): string {
    return this.#text ??= textOf(this.cells, 0, this.length);
  }

  /** Tries rules of which a word may begin at a place; tells where what they found ends. */
  tryRules(rules: readonly Rule[], at: number): number {
    let furthest = 0, behind: Behind | undefined;
    for (const rule of rules) {
      if (rule.behind && !(behind ??= this.#behind(at))[rule.behind]) continue;
      rule.lead.lastIndex = at;
      if (!rule.lead.test(this.text)) continue;
      furthest = Math.max(furthest, this.#take(rule, rule.lead.lastIndex));
    }
    return furthest;
  }

  /** What stands behind the name at a place. */
  #behind(at: number): Behind {
    const { cells, length } = this, last = Math.min(length, at + LONGEST_NAME);
    while (at < last && isOfName(cells[at]!)) at++;
    const quote = at < length && (isQuote(cells[at]!) || cells[at] === BACKSLASH);
    while (at < last && isBetween(cells[at]!)) at++;
    const code = at < length ? cells[at]! : 0;
    return {
      sign: code === 0x3a || code === 0x3d,
      quote,
      bar: code === 0x7c || code === 0x2502 || code === 0,
      end: length - at < LONGEST_END,
    };
  }

  #take(rule: Rule, start: number): number {
    if (rule.opens) {
      this.opens = rule.opens(this.text, start) ?? this.opens;
      return 0;
    }
    const last = rule.isQuoted ? this.#quotedEnd(start, rule.most!) : this.#runEnd(rule, start);
    const end = this.#cut(rule, start, last);
    if (this.#isSecret(rule, start, end)) {
      if (rule.until && this.#cursor > end && this.#cursor <= last) this.open(end, false);
      const whole = rule.tail ? this.#tailEnd(rule.tail, end) : end;
      if (this.#found?.some((known) => known.start <= start && known.end >= end)) return whole;
      this.add(start, whole === this.#cursor ? end : whole, rule.name, rule.isValue === true, rule.chars);
      return whole;
    }
    const isOpen = this.#cursor >= start && (this.#cursor <= end || (rule.until !== undefined && this.#mayGoOn(end)));
    if (isOpen && end > start) this.open(start, isLikely(rule, this.text.slice(start, Math.min(end, start + 16))));
    return 0;
  }

  /** Where a tail ends, if there is one. That it goes on, or that it is the next field, the next characters may tell. */
  #tailEnd(tail: RegExp, start: number): number {
    tail.lastIndex = start;
    const end = tail.test(this.text) ? tail.lastIndex : start;
    if ((end > start && this.#cursor === end) || this.#mayGoOn(end)) this.open(start, true);
    return end;
  }

  /** Whether only what a secret may go on with stands between a place and the cursor. */
  #mayGoOn(end: number): boolean {
    return this.#cursor > end && this.#cursor - end < 8 && MAY_GO_ON.test(this.text.slice(end, this.#cursor));
  }

  #isSecret(rule: Rule, start: number, end: number): boolean {
    const length = end - start;
    if (length < rule.least || length > (rule.most ?? Infinity)) return false;
    if (rule.after !== undefined && this.text[end] !== rule.after) return false;
    if (rule.isQuoted && (end >= this.length || this.text[end] === " ")) return false;
    return rule.form === undefined ||
      rule.form.test(this.text.slice(start, Math.min(end, start + (rule.looksAt ?? LOOKED_AT))));
  }

  #cut({ until }: Rule, start: number, end: number): number {
    if (until === undefined || end === start) return end;
    const at = this.text.slice(start, Math.min(end, start + LOOKED_AT)).search(until);
    return at < 0 ? end : start + at;
  }

  /** Where the quote is that ends what the last one before `start` begins. */
  #quotedEnd(start: number, most: number): number {
    let before = start - 1;
    while (before > 0 && start - before < FURTHEST_QUOTE && !isQuote(this.cells[before]!)) before--;
    const quote = this.cells[before]!, isEscaped = this.cells[before - 1] === BACKSLASH;
    let end = start;
    for (const last = Math.min(this.length, start + most + 1); end < last; end++) {
      const code = this.cells[end]!;
      if (code === quote || code === EMPTY) break;
      if (code !== BACKSLASH) continue;
      if (isEscaped) break;
      end++;
    }
    return Math.min(end, this.length);
  }

  /** Where characters of a rule's set end. */
  #runEnd(rule: Rule, start: number): number {
    const last = this.#runs?.get(rule);
    if (last && start >= last.start && start <= last.end) return last.end;
    let end = start;
    while (end < this.length && isIn(rule.chars, this.cells[end]!) && this.cells[end] !== EMPTY) end++;
    (this.#runs ??= new Map()).set(rule, { start, end });
    return end;
  }

  isFound(start: number, end: number): boolean {
    return this.#found?.some((known) => known.start < end && known.end > start) ?? false;
  }

  readonly add = (start: number, end: number, rule: string, isValue: boolean, chars?: CharSet): void => {
    if (end <= start || this.#options.isAllowed(this.text.slice(start, end))) return;
    (this.#found ??= []).push({ start, end, rule, isValue, chars });
  };

  readonly open = (start: number, isLikely: boolean): void => {
    this.holdFrom = Math.min(this.holdFrom, start);
    if (isLikely) this.maskFrom = Math.min(this.maskFrom, start);
  };
}

const NONE: readonly Found[] = [];

/** Cells as text with one character for each, so that places in one are places in the other. */
export function textOf(cells: Uint32Array, start: number, end: number): string {
  let text = "";
  for (let from = start; from < end; from += UNITS.length) {
    const count = Math.min(end - from, UNITS.length);
    for (let n = 0; n < count; n++) UNITS[n] = unitOf(cells[from + n]!);
    text += String.fromCharCode.apply(null, UNITS.subarray(0, count) as unknown as number[]);
  }
  return text;
}

const UNITS = new Uint16Array(4096);

function unitOf(code: number): number {
  if (code === EMPTY) return 0x20;
  return code <= 0xffff ? code : code === WIDE_TAIL ? 0xe001 : 0xe000; // of the private use area: in no rule
}
