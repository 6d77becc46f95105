/**
 * Shell scripts inside TypeScript.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * A script as it is written, with `%{` where the shell wants `${`: a template would take that for its own.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(script`echo "%{HOME}\n"`, 'echo "$' + '{HOME}\\n"');
 * ```
 */
export function script({ raw }: TemplateStringsArray): string {
  return raw.join("").replaceAll("%{", "${");
}
