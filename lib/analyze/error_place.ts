/**
 * The file that a message is about.
 *
 * This module is browser compatible.
 * @module
 */

import type { SourcePlace } from "./stack_reader.ts";

/** Paths with a line behind them, the surer first. */
const WITH_LINE = [
  /^(?!-?(?:ba|z|da|k|fi)?sh: )([^\s:]+): line (\d+): /,
  /["'‘“]((?:[^\s"'’”]*\/)?[^\s"'’”/]+\.\w+)["'’”](?::|,|:,)? ?(?:line )?(\d+)\b/,
  /\b(?:in|at|from) ((?:[\w.@+-]*\/)[\w.@+/-]+):(\d+)\b/,
];
/** Paths alone: in quotes, behind what is done with files, or where programs put what they speak of. */
const ALONE = [
  /['‘"“](?:file:\/\/)?((?!\/[\w-]*["'])[^\s'’"”:(){}<>*|]*(?:\/|\.[a-zA-Z])[^\s'’"”:(){}<>*|]*|[\w-]+(?=['’"”]+: ))['’"”]/,
  /\b(?:file|path|directory|repository|open|stat|statx|read|access|remove|create|touch|load|chdir) ['‘"“]([\w-]+)['’"”]/,
  /\b(?:pars|read|open|load|writ|process|compil)ing (?:file )?([^\s:'"]+\.\w+)\b/,
  /\b(?:stat|open|read|access|load|from|jarfile|file:?) ((?:[^\s:'"()]*\/)?[^\s:'"()/]+\.[a-zA-Z]\w*)(?=[\s:)]|$)/,
  /\b(?:can't|[Cc]annot|[Cc]ould not|unable to) (?:open|read|stat|access) ([^\s:'"‘()]+): /,
  /^(?!(?:\w+ )?[\w.]*(?:Error|error|ERROR|fatal): )[\w.+-]+(?:\[\d+\])?: (?:(?:line )?\d+: |(?:fatal )?error: )?([^\s:'"‘()]+): (?:[A-Z]\w+ |(?<=[/.]\w+: )[a-z]\w+ )/,
  /(?:^|[\s(])((?:\/[\w.@+-]*\w){2,})(?:[.,:;)]*(?:\s|$))/,
];

/**
 * The file that the words of a message name, and the line where they tell it.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual(placeIn("cp: error writing '/mnt/a.jpg': No space left on device"), { file: "/mnt/a.jpg" });
 * deepEqual(placeIn("unknown directive in /etc/nginx/shop.conf:22"), { file: "/etc/nginx/shop.conf", line: 22 });
 * deepEqual(placeIn("it did not work"), undefined);
 * ```
 */
export function placeIn(message: string): SourcePlace | undefined {
  for (const pattern of WITH_LINE) {
    const found = pattern.exec(message);
    if (found) return { file: found[1], line: Number(found[2]) };
  }
  const file = ALONE.map((pattern) => pattern.exec(message)?.[1]).find((path) => path !== undefined);
  return file === undefined ? undefined : { file };
}

/**
 * The place that a line consists of.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual(placeAlone("src/cart.js"), { file: "src/cart.js" });
 * deepEqual(placeAlone("In deploy.sh line 3:"), { file: "deploy.sh", line: 3 });
 * deepEqual(placeAlone("Dockerfile:8"), { file: "Dockerfile", line: 8 });
 * deepEqual(placeAlone("3 files"), undefined);
 * ```
 */
export function placeAlone(line: string): SourcePlace | undefined {
  if (line.length >= 300) return undefined;
  if (/^(?:\.{0,2}\/)?(?:[\w.@-]+\/)*[\w.@-]+\.\w{1,5}$/.test(line)) return { file: line };
  const found = /^(\.{0,2}\/[^\s:]+\.\w+):(\d+)(?::\d+)?$/.exec(line) ?? /^In (\S+) line (\d+):$/.exec(line) ??
    /^([^\s:]*(?:Docker|Container)file[^\s:]*):(\d+)$/.exec(line);
  return found ? { file: found[1], line: Number(found[2]) } : undefined;
}
