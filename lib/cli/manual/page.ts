/**
 * Pages of the manual, in roff with the macros of man(7), which groff and mandoc read.
 * @module
 */

import { type Argument, type DescribedCommand, GENERAL, type Option } from "../program/command_table.ts";
import { VERSION, VERSION_DATE } from "../program/version.ts";

/** The page of one command, or of a group. */
export function commandPage(command: DescribedCommand): string {
  const name = ["term2ai", ...command.words].join("-");
  const { usage, options, arguments: places, commands } = command;
  return [
    ...head(name, command.brief),
    ".SH SYNOPSIS",
    ...usage.flatMap((line) => synopsis(command.words, line)).slice(1),
    ".SH DESCRIPTION",
    ...prose(command.description),
    ...section("COMMANDS", Object.entries(commands).map(([word, brief]) => item(bold(word), brief))),
    ...section("ARGUMENTS", places.map(argument)),
    ...section("OPTIONS", [...options, ...GENERAL].map(option)),
    ".SH EXIT STATUS",
    ...prose(isRunning(command.words) ? RUNNING : USUAL),
    ".SH SEE ALSO",
    ...seeAlso(command),
    "",
  ].join("\n");
}

/** The page of the program, with all commands. */
export function programPage(commands: readonly DescribedCommand[]): string {
  const first = commands.filter(({ words }) => words.length === 1);
  return [
    ...head("term2ai", "record, replay and describe terminal sessions"),
    ".SH SYNOPSIS",
    ...synopsis([], "COMMAND [options] …").slice(1),
    ".SH DESCRIPTION",
    ...prose(PROGRAM),
    ".SH COMMANDS",
    ...first.flatMap(({ words, brief }) => item(bold(words.join(" ")), brief)),
    ".SH OPTIONS",
    ...GENERAL.flatMap(option),
    ...item(`${bold("--version")}, ${bold("-V")}`, "the version, how the program was built, and which Deno runs it"),
    ".SH EXIT STATUS",
    ...prose(USUAL),
    ".SH ENVIRONMENT",
    ...ENVIRONMENT.flatMap(([name, what]) => item(bold(name), what)),
    ".SH SEE ALSO",
    list(first.map(({ words }) => reference(words))),
    "",
  ].join("\n");
}

const USUAL = "0 if it was done, 1 if not, 2 if it was asked for in a wrong way.";
const RUNNING =
  "That of the program that runs in the session, 128 and the signal's number if one ended it, 126 or 127 if it could not be run or found, 125 if it could not be recorded.";
const PROGRAM =
  `Records terminal sessions, replays them as they happened, and converts, searches, shares and analyses them. Commands join by pipes.

Where a recording is wanted, give a file, - for stdin, or the id of a recording in the store: the beginning of it is enough, and last is the newest. A file goes before an id; store:ID is never a file.

  term2ai rec demo.t2a           record your shell until you leave it
  term2ai play demo.t2a          watch it again
  term2ai man rec | man -l -     the page of one command`;
const ENVIRONMENT = [
  ["TERM2AI_STORE", "the store that is meant, by its URL; --store says it for one command"],
  ["TERM2AI_IDENTITY", "a file with your key, for encrypted recordings"],
  ["TERM2AI_PREFIX", "the key that commands to an attached terminal begin with"],
  ["NO_COLOR", "if it is set, nothing is coloured"],
] as const;

const isRunning = (words: readonly string[]) => words.join(" ") === "rec";

function head(name: string, brief: string): string[] {
  return [
    `.TH ${name.toUpperCase().replaceAll("-", "\\-")} 1 "${VERSION_DATE}" "term2ai ${VERSION}" "term2ai"`,
    ".nh", // names of options and files are not to be taken apart
    ".ad l",
    ".SH NAME",
    `${escaped(name)} \\- ${escaped(brief)}`,
  ];
}

function synopsis(words: readonly string[], usage: string): string[] {
  const parts = usage.split(/(<?\b[A-Z][A-Z|]*\b>?)/).map((part, at) => at % 2 ? italic(part) : escaped(part));
  return [".br", ".B term2ai", ...words.map((word) => `.B ${escaped(word)}`), line(parts.join(""))];
}

function section(title: string, items: readonly (readonly string[])[]): string[] {
  return items.length === 0 ? [] : [`.SH ${title}`, ...items.flat()];
}

function argument({ name, brief, isRepeatable }: Argument): string[] {
  return item(italic(name) + (isRepeatable ? " ..." : ""), brief);
}

function option({ name, alias, brief, value, values, standard, isRepeatable, needsValue }: Option): string[] {
  const shown = value === undefined ? "" : needsValue ? ` ${italic(value)}` : `[=${italic(value)}]`;
  const counted = values.length > 0 && !values.every((word) => brief.includes(word)) ? [values.join(", ")] : [];
  const more = [...counted, ...standard === undefined ? [] : [`${standard} if left out`]].join("; ");
  return item(
    (alias ? `${bold(alias)}, ` : "") + bold(name) + shown + (isRepeatable ? " ..." : ""),
    more === "" ? brief : `${brief} (${more})`,
  );
}

function item(title: string, text: string): string[] {
  return [".TP", line(title), line(escaped(text))];
}

/** Paragraphs; what is indented is an example, and stays as it is. */
function prose(text: string): string[] {
  return text.trim().split(/\n\s*\n/).flatMap((paragraph) => {
    const lines = paragraph.split("\n");
    const blocks: string[] = [];
    let isExample: boolean | undefined;
    for (const each of lines) {
      const isIndented = /^ {2}/.test(each);
      if (isIndented !== isExample) {
        if (isExample) blocks.push(".EE", ".RE");
        blocks.push(...isIndented ? [".PP", ".RS 4", ".EX"] : [".PP"]);
        isExample = isIndented;
      }
      blocks.push(line(escaped(isIndented ? each.slice(2) : each)));
    }
    return isExample ? [...blocks, ".EE", ".RE"] : blocks;
  }).filter((line, at) => at > 0 || line !== ".PP"); // a section begins with a paragraph
}

function seeAlso({ words, commands }: DescribedCommand): string[] {
  const above = words.length > 1 ? [words.slice(0, -1)] : [];
  const below = Object.keys(commands).map((word) => [...words, word]);
  return [list([[], ...above, ...below].map(reference))];
}

const reference = (words: readonly string[]) => `${bold(["term2ai", ...words].join("-"))}(1)`;
const list = (items: readonly string[]) => items.join(",\n");
const bold = (text: string) => `\\fB${escaped(text)}\\fR`;
const italic = (text: string) => `\\fI${escaped(text)}\\fR`;

/** Text that roff shows as it is. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("'", "\\(aq").replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha").replaceAll("~", "\\(ti").replaceAll("…", "...")
    .replace(/[^\x00-\x7f]/gu, (char) => `\\[u${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`);
}

/** A line of text is none of roff's own. */
function line(text: string): string {
  return /^[.']/.test(text) ? `\\&${text}` : text;
}
