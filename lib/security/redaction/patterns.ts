/**
 * Regular expressions of users, which take linear time: RE2's syntax, by an engine that never goes back.
 *
 * Loaded only where somebody has one.
 *
 * This module is browser compatible.
 * @module
 */

import { RE2JS } from "re2js";
import { UsageError } from "../../errors.ts";
import type { TextSearch } from "./matcher.ts";

/**
 * Makes regular expressions ready to be looked for.
 *
 * @throws {UsageError} If one is none, or can match nothing at all.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => compilePatterns(["(?=look)ahead"]), /Cannot use/);
 * ```
 */
export function compilePatterns(sources: readonly string[]): TextSearch[] {
  return sources.map((source) => {
    const pattern = compiled(source);
    return {
      name: "pattern",
      search(text, found) {
        const matcher = pattern.matcher(text);
        while (matcher.find()) if (matcher.end() > matcher.start()) found(matcher.start(), matcher.end());
      },
    };
  });
}

/**
 * Whether the whole of a text is what some regular expression describes.
 *
 * @throws {UsageError} If it is none.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(wholeMatch("AKIA.*EXAMPLE")("AKIAIOSFODNN7EXAMPLE"), true);
 * ```
 */
export function wholeMatch(source: string): (text: string) => boolean {
  const pattern = compiled(source);
  return (text) => pattern.matcher(text).matches();
}

function compiled(source: string): RE2JS {
  try {
    const pattern = RE2JS.compile(source);
    if (pattern.matcher("").matches()) throw new Error("it matches nothing at all, and so everywhere");
    return pattern;
  } catch (error) {
    throw new UsageError(`Cannot use the regular expression ${JSON.stringify(source)}: ${(error as Error).message}`);
  }
}
