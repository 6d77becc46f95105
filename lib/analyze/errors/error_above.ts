/**
 * What the lines above an error tell of it: most programs that do not name the file in it name it in a heading.
 *
 * This module is browser compatible.
 * @module
 */

import { placeAlone, placeBelow, placeIn, type SourcePlace } from "./error_place.ts";

/** The line that is nothing but a place and stands above: linters print it once for all that they found there. */
export function placeAbove(lines: readonly string[]): SourcePlace | undefined {
  return lines.reduceRight<SourcePlace | undefined>((found, line) => found ?? placeAlone(line), undefined);
}

/** A line not far above that says where, and nothing else, or what an indented line is said of. */
export function headingAbove(lines: readonly string[], line = ""): SourcePlace | undefined {
  for (const each of lines.slice(-6).reverse()) {
    const place = placeBelow(each);
    if (place?.file !== undefined) return place;
    if (/rror\b/.test(each)) break;
  }
  const head = lines.at(-1) ?? "";
  return /^\s+\S/.test(line) && /^\S.*(?:rror|ailed)\b/.test(head) ? placeIn(head) : undefined;
}

/** The file that TeX has opened last. */
export function inputAbove(lines: readonly string[]): SourcePlace | undefined {
  const file = [...lines.join("\n").matchAll(/\((\.?\/?[^\s()]+\.(?:tex|sty|cls|ltx))\b/g)].at(-1)?.[1];
  return file === undefined ? undefined : { file };
}

/** What stands above source that is shown with an arrow below it. */
export function placeOfSource(lines: readonly string[]): SourcePlace | undefined {
  const last = lines.slice(-6);
  const arrow = last.findLastIndex((line) => /^\s+\^+$/.test(line));
  return arrow < 2 ? undefined : placeAlone(last[arrow - 2]!.replace(/^file:\/\//, ""));
}

/** The line right above, if that is what an arrow below it shows; not of what is no error. */
export function headOf(lines: readonly string[]): string | undefined {
  const line = lines.at(-1)?.trim() ?? "";
  return line === "" || /^(?:warning|note|help|info|hint)\b/i.test(line) ? undefined : line;
}
