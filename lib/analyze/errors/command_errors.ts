/**
 * The errors of one command: what shapes have found in its output, seen with what was run and how it ended.
 *
 * This module is browser compatible.
 * @module
 */

import type { CommandRecord } from "../../models.ts";
import { parseCommandLine } from "../commands/command_line.ts";
import { type FoundError, isConsequence } from "./error_causes.ts";
import { placeBelow, placeIn, placeWithLine } from "./error_place.ts";
import { type ErrorReader, kindOf } from "./error_reader.ts";

/** Whoever prints no more than so many lines has not come far. */
const FEW = 3;
/** Programs that show what stands elsewhere. */
const VIEWERS =
  /^(?:cat|bat|less|more|most|head|tail|grep|e?grep|fgrep|rg|ag|ack|sed|awk|echo|printf|man|info|vim?|nvim|nano|emacs|diff|journalctl|dmesg|history|ls|find|tree|sort|uniq|strings|xxd|term2ai|asciinema)$/;
/** Words that lines have in which something says why it gives up. */
// deno-fmt-ignore
const TELLING = /^(?!.*(?:^\w+:$|\bhttps?:\/\/\S+$|\(warning\)|\b(?:0|no) (?:failed|failures?|errors?)\b|\b(?:failed|failures?|errors?)[:=] ?0\b|^[-+>] |\b--\w))\s*(?<message>.*\b(?:(?:[Ee]rrored|[Ff]ailed|FAILED|[Ff]ailures?|FAILURE|[Cc]annot|[Cc]ould not|[Uu]nable to|[Cc]onflicts?|CONFLICT|[Rr]ejected|[Aa]borted|[Ee]rrors?|ERROR|[Dd]enied|[Ii]nvalid|[Mm]issing|[Ee]xceeded|[Uu]nsupported|[Uu]nrecognized|[Uu]nknown|[Ee]xpired)\b|[Cc]an't|[Uu]navailable|not available|[Aa]ddress in use|not allowed|not valid|[Uu]nhandled|[Rr]efus(?:ed|ing|es)|not exist|already exists|already in use).*)$/;
/** What test runners say at the end. */
const TEST_SUMMARY =
  /^\W*(?:\d+ (?:tests?|scenarios?|features?|examples?|specs?|suites?)\b.*\bfail|.*\b\d+ passed, \d+ failed\b|[Ff]ailing (?:scenarios|tests|specs):)/;
/** Lines that begin with a place, and go on with what is wrong there. */
const PLACED = /^\s*(?:[\w.+-]+: )?[^\s:"']+(?::\d|\(\d|\[\d|: (?:line )?\d| \(line \d)[^\s]*:? .*[a-z]{3}/;
/** Programs whose exit code is an answer. */
const TESTERS = /^(?:test|\[|\[\[|expr|let|false|cmp|pgrep|kill|sh|bash|zsh|fish)$/;
const VIEWING = /^git (?:log|show|diff|blame|grep|stash|reflog)$|^(?:docker|kubectl|podman) logs$/;

/** What went wrong in a command, in its own words where no shape knows them; `failed` is `undefined` where that is not known. */
export function errorsOf(command: CommandRecord, reader: ErrorReader, failed: boolean | undefined): FoundError[] {
  const { text } = command;
  const errors = withArguments(withNeighbours(reader.errors({ failed }), reader.tail, failed), text);
  if (text === undefined || (errors.length === 0 && !failed)) return errors;
  const { programs } = parseCommandLine(text);
  const names = programs.map(({ program }) => program);
  if (errors.length === 0) return withArguments(ownWords(command, names, reader.tail), text);
  const onlyShows = programs.length > 0 &&
    programs.every(({ program, subcommand }) => VIEWERS.test(program) || VIEWING.test(`${program} ${subcommand}`));
  if (!onlyShows) return errors;
  // Of what it shows nothing is its own error, but what it says about itself.
  if (failed === false) return [];
  const own = errors.filter((error) => isBy(names, error.text) || /^(?:[Ee]rror|fatal)\b/.test(error.text));
  if (own.length > 0 || reader.tail.length > FEW) return own;
  return errors.length > 0 ? errors : ownWords(command, names, reader.tail);
}

/** Programs that say why they give up put their name before it. */
function ownWords(
  { text, end, start }: CommandRecord,
  names: readonly string[],
  lines: readonly string[],
): FoundError[] {
  const scripts = text!.split(/\s+/).map((word) => word.replace(/^.*\//, "")).filter((word) =>
    /^[\w.-]+\.\w+$/.test(word)
  );
  const causes = lines.filter((line) => !isConsequence(line));
  if (causes.length > 0) lines = causes;
  const placed = lines.filter((line) =>
    line.length < 1000 && PLACED.test(line) && !/\b(?:warning|note)\b/.test(line) && placeWithLine(line) !== undefined
  );
  const own = placed.length > 0 ? placed : lines.filter((line) => isBy([...names, ...scripts], line));
  const telling = names.every((name) => VIEWERS.test(name)) ? [] : lines.filter((line) => TELLING.test(line));
  const isTest = lines.some((line) => TEST_SUMMARY.test(line));
  const best = [own, telling, lastWords(names, lines)].find(({ length }) => length > 0) ?? [];
  const below = best.length === 1 ? lines.slice(lines.indexOf(best[0]!) + 1) : [];
  return best.map((line) => (
    {
      kind: isTest ? "test" : kindOf(line),
      message: line.replace(/^[^\s:]+(?: \(\w+\))?: +/, ""),
      ...(placeIn(line) ?? below.map(placeBelow).find((place) => place !== undefined)),
      text: line,
      time: end ?? start,
    }
  ));
}

/** Where one line `FILE:LINE:COLUMN: …` is an error, the others that are no remarks are errors too, whatever their words. */
function withNeighbours(
  errors: readonly FoundError[],
  lines: readonly string[],
  failed: boolean | undefined,
): readonly FoundError[] {
  const first = errors.find(({ text }) => FINDING.test(text));
  if (!failed || !first) return errors;
  const known = new Set(errors.map(({ text }) => text));
  const more = lines.filter((line) => FINDING.test(line) && !known.has(line)).map((line) => (
    { ...first, message: line.replace(/^\S+ /, ""), text: line, ...placeWithLine(line) }
  ));
  return [...errors, ...more.filter(({ file, line }) => !errors.some((one) => one.file === file && one.line === line))];
}

/** What a linter without severities says. */
const FINDING =
  /^[^\s:]+\.\w+:\d+:\d+: (?!(?:fatal )?(?:warning|note|info|error|hint|style|remark|debug|convention|refactor)|\[?[CRWI]\d*:|\[?[CRWIN]\d{4})\S/i;

/** A message without a place that names a file of the command line is about that file. */
function withArguments(errors: readonly FoundError[], text = ""): FoundError[] {
  const programs = new Set(parseCommandLine(text).programs.map(({ program }) => program));
  const words = text.split(/[\s"'=<>|;&()]+/).map((word) => word.replace(/\/+$/, "")).filter((word) =>
    /^(?!-)(?!.*:\/\/).*\w/.test(word) && word.length > 1 && !programs.has(word)
  );
  return errors.map((error) => {
    if (error.file !== undefined || !/^(?:compiler|permission|not-found|disk|other)$/.test(error.kind)) return error;
    const tokens = error.text.split(/[\s"'‘’“”`()<>,;[\]]+/).map((token) => token.replace(/[.:]+$/, ""));
    const speaksOfFiles = /\b(?:[Ff]ile|[Dd]irectory|[Oo]pen|stat|read|write|archive|repository)\b/.test(error.text);
    const file = words.find((word) =>
      tokens.includes(word) && (speaksOfFiles || /^\.{0,2}\/|\.[A-Za-z]\w*$/.test(word))
    );
    return file === undefined ? error : { ...error, file };
  });
}

/** Whoever prints hardly anything before giving up says why in the last of it. */
function lastWords(names: readonly string[], lines: readonly string[]): readonly string[] {
  const last = lines.at(-1);
  const isShort = lines.length <= FEW && last !== undefined && /^(?!nothing\b).*[A-Za-z]{2,}\S*(?: \S+)+/.test(last);
  return isShort && !names.every((name) => VIEWERS.test(name) || TESTERS.test(name)) ? [last] : [];
}

/** Whether a line begins with the name of one of the programs, of a helper of theirs, or of a shell. */
function isBy(names: readonly string[], line: string): boolean {
  const by = /^(?:\S*\/)?([\w.+-]+)(?:\[\d+\])?(?: \(\w+\))?:/.exec(line)?.[1];
  return by !== undefined &&
    (/^(?:(?:ba|z|fi|da|k|)sh|sudo|doas|su|env|xargs|timeout|nohup|nice|setsid|chroot)$/.test(by) ||
      names.some((name) => by === name || by.startsWith(`${name}-`)));
}
