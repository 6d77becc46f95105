/**
 * Secrets of which one line tells, and that stand in the lines below it.
 *
 * A rule that {@link Rule.opens} says what it expects below. Line by line it is asked what of the next one is secret, and what is
 * expected after that, until a line is no part of it.
 *
 * This module is browser compatible.
 * @module
 */

/** What is expected below a line. */
export interface Below {
  /** The name of the rule. */
  readonly rule: string;
  /** One or two empty lines may stand between. */
  readonly skipsEmpty?: true;
  /** What is secret in the next line; `undefined` when it is no part of this. */
  take(text: string): Taken | undefined;
  /** Where something begins in a line that is not whole yet; what may be secret as soon as it is. */
  begins?(text: string): number | undefined;
}

/** What a line holds, and what is expected below it. */
export interface Taken {
  readonly start: number;
  readonly end: number;
  /** Also hidden wherever else it stands. */
  readonly isValue?: true;
  readonly below: Below | undefined;
}

/** A line that belongs to it, and hides nothing. */
export function passed(below: Below): Taken {
  return { start: 0, end: 0, below };
}

const PRIVATE_KEY = "private-key-block";
/** What pagers, editors and `diff` put before a line. */
const MARGIN = /^(?:\s*(?:[\u2502\u2503|>#*:]|\d{1,7}(?=[\s:|\u2502\u2503-])|[+-](?=[A-Z][a-z]+-[A-Z]))){0,3}\s*/;
const BASE64_LINE = /^[A-Za-z0-9+/=]+$/;
const ARMOR_HEADER = /^(?:x-[\w-]{1,62}|[A-Z][A-Za-z]{1,24}(?:-[A-Z][A-Za-z]{1,24})?): [^\n]*$/;

/** The lines of a private key, without the head. */
function keyLines(isInHeaders: boolean): Below {
  return {
    rule: PRIVATE_KEY,
    ...(isInHeaders && { skipsEmpty: true }),
    take(text) {
      const margin = MARGIN.exec(text)![0].length, body = text.slice(margin).trimEnd();
      const shift = /^[+-]/.test(body) && (body.length - 1) % 4 === 0 ? 1 : 0; // of a diff
      const start = margin + shift, end = margin + body.length;
      if (BASE64_LINE.test(body.slice(shift))) return { start, end, below: KEY_BODY };
      if (!isInHeaders) return undefined;
      if (body === "" || body === "+" || body === "-") return passed(KEY_HEADERS);
      const header = body.replace(/^[+-]/, "");
      if (!ARMOR_HEADER.test(header)) return undefined;
      return { start, end, below: header.endsWith("\\") ? CONTINUED_HEADER : KEY_HEADERS };
    },
  };
}

/** Below the head of a private key: headers, an empty line, and Base64. */
export const KEY_HEADERS: Below = keyLines(true);
const KEY_BODY: Below = keyLines(false);
/** RFC 4716 goes on with a header behind a backslash. */
const CONTINUED_HEADER: Below = {
  rule: PRIVATE_KEY,
  take: (text) => ({
    start: 0,
    end: text.trimEnd().length,
    below: /\\\s*$/.test(text) ? CONTINUED_HEADER : KEY_HEADERS,
  }),
};

/** Whether a line may be one of a private key although nothing above says so: it stands above others that are. */
export function isKeyLine(text: string): boolean {
  const taken = KEY_BODY.take(text);
  return taken !== undefined && taken.end - taken.start >= 16;
}

/** Below a line of a private key. */
export const KEY_LINES: Below = KEY_BODY;
/** Below the last line of one: nothing, but the lines above it are a key's. */
export const KEY_END: Below = { rule: PRIVATE_KEY, take: () => undefined };

/** Where the first group of an expression that ends with the text begins. */
export function beginsIn(begun: RegExp, text: string): number | undefined {
  const found = begun.exec(text)?.[1];
  return found === undefined ? undefined : text.length - found.length;
}

/**
 * Expects a line in which `value`, sticky or anchored, has what is secret in its group 1, behind at most `most` lines that `between`
 * describes.
 */
export function expected(
  rule: string,
  value: RegExp,
  { between, most = 4, again, skipsEmpty, begun }: {
    readonly between?: RegExp;
    readonly most?: number;
    /** The same is expected again below. */
    readonly again?: true;
    readonly skipsEmpty?: true;
    /** What a line looks like that ends within the secret, in its group 1. */
    readonly begun?: RegExp;
  } = {},
): Below {
  const below: Below = {
    rule,
    ...(skipsEmpty && { skipsEmpty }),
    ...(begun && { begins: (text) => beginsIn(begun, text) }),
    take(text) {
      const found = value.exec(text);
      if (found?.[1]?.includes("***") || found?.[1] === "*" || found?.[1] === "**") return passed(below);
      if (found?.[1] !== undefined) {
        const start = found.index + found[0].lastIndexOf(found[1]);
        return { start, end: start + found[1].length, isValue: true, below: again && below };
      }
      if (!between?.test(text) || most === 0) return undefined;
      return passed(expected(rule, value, { between, most: most - 1, ...(again && { again }) }));
    },
  };
  return below;
}
