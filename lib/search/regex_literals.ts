/**
 * What every text that a regular expression matches must hold.
 *
 * With that, an index can tell which texts are worth trying. Only what is certain is told: what stands outside of groups,
 * classes and alternatives, and is not repeated zero times.
 *
 * This module is browser compatible.
 * @module
 */

/** Begins with a backslash, and stands for one kind of character or a place. */
const CLASS_ESCAPES = /^[dDwWsSbBkpPux0-9c]$/;

/**
 * The literal parts of a regular expression, each at least three characters long.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(literalsOf("error: .*not found$"), ["error: ", "not found"]);
 * deepEqual(literalsOf("cat|dog"), []);
 * ```
 */
export function literalsOf(source: string): string[] {
  const found: string[] = [];
  let run = "";
  const end = () => {
    if (run.length >= 3) found.push(run);
    run = "";
  };
  for (let at = 0; at < source.length;) {
    const { literal, length } = atomAt(source, at);
    if (literal === "|") return [];
    at += length;
    const { least, once, length: more } = quantifierAt(source, at);
    at += more;
    if (literal === undefined || least === 0) end();
    else {
      run += literal;
      if (!once) end();
    }
  }
  end();
  return found;
}

/** What stands at a place: a character, or `undefined` for anything else; `|` for an alternative. */
function atomAt(source: string, at: number): { literal: string | undefined; length: number } {
  const character = source[at]!;
  if (character === "\\") {
    const escaped = source[at + 1] ?? "";
    if (!CLASS_ESCAPES.test(escaped) && !/[a-zA-Z]/.test(escaped)) return { literal: escaped, length: 2 };
    if (/^[pP]$/.test(escaped) && source[at + 2] === "{") {
      return { literal: undefined, length: source.indexOf("}", at) - at + 1 };
    }
    const longer = /^\\(?:x[0-9a-f]{2}|u\{[0-9a-f]+\}|u[0-9a-f]{4}|c[a-z]|k<[^>]*>|[0-9]+)/i.exec(source.slice(at));
    return { literal: undefined, length: longer?.[0].length ?? 2 };
  }
  if (character === "[") return { literal: undefined, length: classLength(source, at) };
  if (character === "(") return { literal: undefined, length: groupLength(source, at) };
  if (character === "|") return { literal: "|", length: 1 };
  if (".^$)".includes(character)) return { literal: undefined, length: 1 };
  const whole = String.fromCodePoint(source.codePointAt(at)!);
  return { literal: whole, length: whole.length };
}

function classLength(source: string, start: number): number {
  let at = start + 1;
  while (at < source.length && source[at] !== "]") at += source[at] === "\\" ? 2 : 1;
  return at + 1 - start;
}

function groupLength(source: string, start: number): number {
  let at = start + 1;
  for (let depth = 1; at < source.length && depth > 0;) {
    if (source[at] === "[") at += classLength(source, at);
    else {
      if (source[at] === "(") depth++;
      if (source[at] === ")") depth--;
      at += source[at] === "\\" ? 2 : 1;
    }
  }
  return at - start;
}

/** How often the atom before a place may come. */
function quantifierAt(source: string, at: number): { least: number; once: boolean; length: number } {
  const match = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})\??/.exec(source.slice(at, at + 24));
  if (!match) return { least: 1, once: true, length: 0 };
  const least = match[1] !== undefined ? Number(match[1]) : match[0][0] === "+" ? 1 : 0;
  return { least, once: false, length: match[0].length };
}
