/**
 * The file that a message is about, and the line of it: by the few ways in which programs write places, whichever program it is.
 *
 * This module is browser compatible.
 * @module
 */

/** Where something is in a source. */
export interface SourcePlace {
  readonly file?: string;
  readonly line?: number;
}

const NAME = /(?:file:\/\/)?(?!\/\/)(?<file>(?:[A-Za-z]:[\\/])?[^\s:"'‘’“”`()<>|,;=[\]{}*]+)/.source;
const COLUMNS = /(?:[.:,]\d+)?(?:-\d+(?:[.:]\d+)?)?/.source;
const START = /(?<![\w/.@\\-]|node:)/.source;

/** Ways to write a place with a line, the surer first, and what each has in it: most lines are spared the search. */
const WITH_LINE = ([
  [/:\d/, `${START}${NAME}:(?<line>\\d+)${COLUMNS}(?![\\w.%/-]|:\\d)`], // a.c:3:5
  [/\(\d/, `${START}${NAME}\\((?<line>\\d+)(?:[,:] ?\\d+)?\\)(?= ?:|$)`], // a.cs(3,5):
  [/ines?:? \d/, `${START}${NAME}["'’”]?[,:]? (?:\\(|on |at )?lines?:? (?<line>\\d+)\\b`], // "a.py", line 3; a.fish (line 3)
  [/\[\d/, `${START}${NAME}\\[(?<line>\\d+)\\](?=: )`], // a.sh[3]:
  [/\(\d+:/, `${START}${NAME}:? \\((?<line>\\d+):\\d+\\)`], // a.js (3:5)
  [/\(\d+:\d+\)$/, `${START}${NAME}: .*\\((?<line>\\d+):\\d+\\)$`], // a.js: no such name (3:5)
  [/ \d+:\d/, `${START}${NAME} (?<line>\\d+):\\d+(?= |$)`], // a.scss 3:5
  [/ine \d/, `\\b[Ll]ine (?<line>\\d+)(?::\\d+|,? col(?:umn)? \\d+)?,? (?:of|in|from) (?:file )?["'‘“]?${NAME}`], // line 3 of a.c
  [/:\[\d/, `${START}${NAME}:\\[(?<line>\\d+),\\d+\\]`], // A.java:[3,5]
] as const).map(([mark, source]) => ({ mark, pattern: new RegExp(source, "g") }));
/** Shells name a script at the beginning of the line, whatever its name looks like. */
const SCRIPT = new RegExp(`^(?:[\\w.+-]+: )?${NAME}:(?: line)? (?<line>\\d+): `);

/** Paths alone: in quotes, behind what is done with files, or where programs put what they speak of. */
const ALONE = [
  /['‘"“`](?:file:\/\/)?((?!\/[\w-]*["'])[^\s'’"”`:(){}<>*|]*(?:\/|\.[a-zA-Z])[^\s'’"”`:(){}<>*|]*|[\w-]+(?=['’"”]+: ))['’"”`]/,
  /\b(?:file|path|directory|repository|open|stat|statx|read|access|remove|create|touch|load|chdir) ['‘"“`](\/?[\w-]+)['’"”`]/,
  /\b(?:pars|read|open|load|writ|process|compil)ing (?:file )?([^\s:'"]+\.\w+)\b/,
  /\b(?:stat|open|read|access|load|from|jarfile|file:?|zipfile) ((?:[^\s:'"()]*\/)?[^\s:'"()/]+\.[a-zA-Z]\w*)(?=[\s:)]|$)/,
  /\b(?:can't|[Cc]annot|[Cc]ould not|unable to) (?:open|read|stat|access) ([^\s:'"‘()]+): /,
  /^(?!(?:\w+ )?[\w.]*(?:Error|error|ERROR|fatal): )[\w.+-]+(?:\[\d+\])?: (?:(?:line )?\d+: |(?:fatal )?error: )?([^\s:'"‘()]+): (?:[A-Z]\w+ |(?<=[/.]\w+: )[a-z]\w+ )/,
  /: [A-Z]\w+(?: \w+)+ (?:-- |: )([^\s:'"()]+\.\w+)(?: \(|$)/,
  /(?:^|[\s(])((?:\/[\w.@+-]*\w){2,})(?:[.,:;)]*(?:\s|$))/,
  /^([\w./@+-]+\.[A-Za-z]\w*)$/,
  /\bin (?:file )?([\w./@+-]+\.[A-Za-z]\w{0,5})$/,
  /(?:^|[\s(])((?:[\w.@+-]*\/)*[\w@+-][\w.@+-]*\.[A-Za-z]\w{0,5}): /,
];

/** What has a number behind it and is no file. */
const NO_FILE =
  /^(?:[\d.]+|[\d-]+T\d\d|localhost|(?:[\w-]+\.)+(?:com|org|net|io|dev|local|invalid|example|internal|test)|\W+|\w+@.*)$/;
/** What reads programs is no program text. */
const INTERPRETERS =
  /^(?:\S*\/)?(?:-?(?:ba|z|da|k|mk|fi|a|c|tc|pdk|x)?sh|[mgno]?awk|busybox|sed|bc|dc|perl|python[\d.]*|ruby|node|php|lua[\d.]*|psql|sqlite3|environment|cmd\.?|stdin|-c|main|error|Error|ERROR|warning|fatal|make|near)$/;
const LIKE_A_FILE =
  /[\\/]|\.[A-Za-z]\w{0,9}$|^-e$|(?:^|\/)(?:\w*[a-z]file|(?:GNU)?Makefile|configure|crontab|sudoers|fstab|hosts|BUILD|WORKSPACE|SConstruct)(?:\.\w+)?$/;

/**
 * Where a line says it is, if it names a file and a line of it.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual(placeWithLine("luac: cart.lua:3: ',' expected"), { file: "cart.lua", line: 3 });
 * deepEqual(placeWithLine("rules.nft:3:16-19: Error: syntax error"), { file: "rules.nft", line: 3 });
 * deepEqual(placeWithLine("sed: file e.sed line 2: unterminated `s' command"), { file: "e.sed", line: 2 });
 * deepEqual(placeWithLine("r: 2: cd: can't cd to /nope"), { file: "r", line: 2 });
 * deepEqual(placeWithLine("awk: line 2: syntax error"), undefined);
 * deepEqual(placeWithLine("cannot connect to localhost:8080"), undefined);
 * ```
 */
export function placeWithLine(text: string): SourcePlace | undefined {
  if (!/\d/.test(text)) return undefined;
  if (text.length > 1500) text = `${text.slice(0, 1000)} ${text.slice(-500)}`; // the patterns take a square of its length
  for (const { mark, pattern } of WITH_LINE) {
    if (!mark.test(text)) continue;
    for (const { groups } of text.matchAll(pattern)) {
      const { file, line } = groups as { file: string; line: string };
      if (isFile(file) && LIKE_A_FILE.test(file)) return { file, line: Number(line) };
    }
  }
  const { file, line } = SCRIPT.exec(text)?.groups ?? {};
  return file !== undefined && isFile(file) ? { file, line: Number(line) } : undefined;
}

/** Whether a name that stands where files do may be that of one. */
export function isFile(name: string): boolean {
  return !NO_FILE.test(name) && !INTERPRETERS.test(name);
}

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
  const place = placeWithLine(message);
  if (place) return place;
  const file = ALONE.map((pattern) => pattern.exec(message)?.[1]).find((path) => path !== undefined);
  if (file === undefined) return undefined;
  const line = /\bline:? (\d+)\b/.exec(message)?.[1];
  return { file, ...(line !== undefined && { line: Number(line) }) };
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
    /^([^\s:]*(?:Docker|Container)file[^\s:]*):(\d+)$/.exec(line) ?? /^([^\s:]+):(\d+):\d+ \S.* ━{3,}$/.exec(line);
  const ruled = /^== \[(\S+)\] FAIL$/.exec(line);
  if (ruled) return { file: ruled[1] };
  return found ? { file: found[1], line: Number(found[2]) } : undefined;
}

/** What may stand before a place on a line that tells nothing else. */
const LEAD =
  /^[\s│|*>]*(?:==\d+== +)?(?:#\d+ +)?(?:(?:at|by|in) 0x[\da-f]+: \S+ |(?:0x[\da-f]+ )?in \S+ (?=.*\/))?#?\s*(?:(?:[Aa]t|[Ii]n|on|from|(?:Build )?[Ff]ile|\([Ff]ile|-->|[└╰]─+>?|[┌╭]─+|,-+|❯|→|@|(?:[Ll]ocation|[Ss]ource|[Ff]ile|[Ww]here)\s*:|[Cc]alled from|The error (?:appears to be|occurred) in|[Ee]rror occurred (?:at|in)|loaded from|in file)\s*)*["'‘“([\s]*(?=[\w./~-])/;
const TRAIL =
  /^["'’”)\],:.\s]*(?:,? (?:col(?:umn)?|char(?:acter)?) \d+)?["'’”)\],:.]*(?:\s*$|,? (?:in|but|but may|character|root stylesheet)\b|:in [`'])/;

/**
 * The place below an error: a line that says where, and nothing else.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * deepEqual(placeBelow('    (file "run.tcl" line 4)'), { file: "run.tcl", line: 4 });
 * deepEqual(placeBelow('  in "ci.yml", line 3, column 5'), { file: "ci.yml", line: 3 });
 * deepEqual(placeBelow("u.fish (line 2):"), { file: "u.fish", line: 2 });
 * deepEqual(placeBelow("see also a.c:3"), undefined);
 * ```
 */
export function placeBelow(line: string): SourcePlace | undefined {
  if (line.length >= 300 || !/\d/.test(line)) return undefined;
  const tex = /^l\.(\d+) /.exec(line);
  if (tex) return { line: Number(tex[1]) };
  const rest = line.slice(LEAD.exec(line)?.[0].length ?? 0);
  for (const { mark, pattern } of WITH_LINE) {
    if (!mark.test(rest)) continue;
    pattern.lastIndex = 0;
    const found = pattern.exec(rest);
    pattern.lastIndex = 0;
    if (!found || (found.index > 0 && found.groups!.file !== undefined && !rest.startsWith("line"))) continue;
    const { file, line: number } = found.groups as { file: string; line: string };
    if (isFile(file) && LIKE_A_FILE.test(file) && TRAIL.test(rest.slice(found[0].length))) {
      return { file, line: Number(number) };
    }
  }
  return undefined;
}
