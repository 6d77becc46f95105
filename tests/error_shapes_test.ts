import { deepEqual, equal, ok } from "node:assert/strict";
import { ErrorAnalyzer } from "../lib/analyze/errors/error_analyzer.ts";
import type { FoundError } from "../lib/analyze/errors/error_causes.ts";
import { ERROR_SHAPES } from "../lib/analyze/errors/error_shapes.ts";
import logs from "./fixtures/error_logs.json" with { type: "json" };
import tools from "./fixtures/error_logs_tools.json" with { type: "json" };
import tools2 from "./fixtures/error_logs_tools_2.json" with { type: "json" };
import tools3 from "./fixtures/error_logs_tools_3.json" with { type: "json" };
import tools4 from "./fixtures/error_logs_tools_4.json" with { type: "json" };
import tools5 from "./fixtures/error_logs_tools_5.json" with { type: "json" };
import tools6 from "./fixtures/error_logs_tools_6.json" with { type: "json" };
import tools9 from "./fixtures/error_logs_tools_9.json" with { type: "json" };
import tools10 from "./fixtures/error_logs_tools_10.json" with { type: "json" };
import tools8 from "./fixtures/error_logs_tools_8.json" with { type: "json" };
import tools7 from "./fixtures/error_logs_tools_7.json" with { type: "json" };

/**
 * What a command printed, and what a person found in it: kind, or several that are as right, file and line.
 *
 * `error_logs` is what programs of a Debian 12 printed on a terminal, taken in three lots after the table of shapes was written, and
 * labelled by hand: recall was 87, 81 and 92 %, precision 95, 94 and 100 %. The next five are written after what other tools print,
 * set after set, and each was measured before anything was learned from it: recall 81, 89, 92, 83 and 94 %, precision 93, 96, 90, 95
 * and 96 %. The next two, of which half is what programs printed, ask for a file and a line wherever a person sees them, which the
 * others seldom do: recall 74 and 78 %, precision 71 and 84 %; by kind alone 94 and 94 %, 93 and 95 %. After the first of them had been
 * learned from, the other stood at 84 and 89 %, by kind alone at 95 and 96 %. The next is what 172 commands printed that were made to
 * fail, chosen and labelled by someone who knew the table by then: 84 and 84 %, by kind alone 95 and 99 %. The last two were taken in
 * lots, each measured before anything was learned from it: 505 commands of a Debian 12 and of npm in four lots (recall 69, 84, 87 and
 * 93 %, precision 68, 82, 87 and 97 %), and logs written after what tools print that are not at hand, of seldom used ones (76 and 77 %)
 * and of those that are used most (98 and 95 %). What they taught went into the table, so by now they hold what has been reached.
 */
interface Log {
  readonly text: string;
  readonly code: number;
  readonly output: string;
  readonly errors: readonly string[];
}

const SETS: Readonly<Record<string, readonly Log[]>> = {
  "real programs": logs,
  "other tools": tools,
  "more tools": tools2,
  "compilers, shells and systems": tools3,
  "frameworks and clouds": tools4,
  "what developers run most": tools5,
  "places in what programs print, one half": tools6,
  "places in what programs print, the other half": tools7,
  "commands that were made to fail": tools8,
  "505 commands that were made to fail": tools9,
  "what tools print that are not at hand": tools10,
};

function found({ text, code, output }: Log): readonly FoundError[] {
  const analyzer = new ErrorAnalyzer();
  analyzer.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
  analyzer.push({ kind: "command", time: 0, phase: "output", text });
  analyzer.push({ kind: "output", time: 1, data: new TextEncoder().encode(output) });
  analyzer.push({ kind: "command", time: 2, phase: "done", code });
  return analyzer.result().failures.flatMap(({ errors }) => errors);
}

function fits(label: string, { kind, file, line }: FoundError): boolean {
  const [kinds, wantedFile, wantedLine] = label.split(" ");
  return kinds!.split("|").includes(kind) && (wantedFile === undefined || (file ?? "").endsWith(wantedFile)) &&
    (wantedLine === undefined || line === Number(wantedLine));
}

for (const [name, set] of Object.entries(SETS)) {
  Deno.test(`errors in logs of ${name}: recall and precision are 95 % or more`, () => measure(set));
}

function measure(set: readonly Log[]): void {
  let wanted = 0, recalled = 0, told = 0, right = 0;
  const missed: string[] = [], wrong: string[] = [];
  for (const log of set) {
    const errors = found(log);
    wanted += log.errors.length;
    for (const label of log.errors) {
      if (errors.some((error) => fits(label, error))) recalled++;
      else missed.push(`${log.text}: ${label}`);
    }
    told += errors.length;
    for (const error of errors) {
      if (log.errors.some((label) => fits(label, error))) right++;
      else wrong.push(`${log.text}: ${error.kind} ${error.file}:${error.line} ${error.message}`);
    }
  }
  console.log(`  recall ${recalled} of ${wanted}, precision ${right} of ${told}`, { missed, wrong });
  ok(recalled >= 0.95 * wanted, `recall ${recalled} of ${wanted}: ${missed.join("; ")}`);
  ok(right >= 0.95 * told, `precision ${right} of ${told}: ${wrong.join("; ")}`);
}

Deno.test("every shape fits only lines that have one of its words", () => {
  for (const log of Object.values(SETS).flat()) {
    for (const line of log.output.replace(/\x1b\[[\d;]*[mK]/g, "").split(/\r?\n/)) {
      for (const { pattern, words, certain, kind } of ERROR_SHAPES) {
        if (!certain || !pattern.test(line)) continue;
        ok(words.some((word) => line.includes(word)), `${kind}: ${line}`);
      }
    }
  }
});

Deno.test("errors are found however the output is cut, in colours too", () => {
  const log = logs[0] as Log;
  const whole = found(log);
  equal(whole.length, 2);
  const bytes = new TextEncoder().encode(log.output);
  for (const size of [1, 7, 100]) {
    const analyzer = new ErrorAnalyzer();
    analyzer.push({ kind: "command", time: 0, phase: "output", text: log.text });
    for (let at = 0; at < bytes.length; at += size) {
      analyzer.push({ kind: "output", time: 1, data: bytes.slice(at, at + size) });
    }
    analyzer.push({ kind: "command", time: 2, phase: "done", code: 1 });
    deepEqual(analyzer.result().failures[0]?.errors, whole);
  }
});

/** What a command printed, and what is to be found in it: kind, message, file, line. */
const SINGLE: Readonly<Record<string, readonly [text: string, code: number, output: string, ...found: string[]]>> = {
  "an interpreter that reads a program is no file": [
    "awk '{print $1' data",
    2,
    "awk: line 2: missing } near end of file",
    "other missing } near end of file undefined:undefined",
  ],
  "the file that an interpreter reads has a line": [
    "awk -f p.awk data",
    2,
    "awk: p.awk: line 3: syntax error at or near {",
    "compiler p.awk: line 3: syntax error at or near { p.awk:3",
  ],
  "a program on the command line is a place too": [
    "ruby -e foo",
    1,
    "-e:1:in `<main>': undefined local variable or method `foo' for main:Object (NameError)",
    "exception undefined local variable or method `foo' for main:Object (NameError) -e:1",
  ],
  "a heading alone is no error where nothing failed": ["./show.sh", 0, "Traceback (most recent call last):\ndone"],
  "what follows from a cause is not the cause": [
    "tar czf b.tgz site",
    2,
    "tar: site/cache: file changed as we read it\ntar: Exiting with failure status due to previous errors",
    "other site/cache: file changed as we read it site/cache:undefined",
  ],
  "a place may stand below, after lines of other things": [
    "tclsh run.tcl",
    1,
    'can\'t read "y": no such variable\n    while executing\n"expr {$x + $y}"\n    (file "run.tcl" line 4)',
    'other can\'t read "y": no such variable run.tcl:4',
  ],
  "an answer is no failure, and no reason is looked for": ["grep -c error log", 1, "0"],
};

for (const [promise, [text, code, output, ...wanted]] of Object.entries(SINGLE)) {
  Deno.test(`errors: ${promise}`, () => {
    const errors = found({ text, code, output: output + "\n", errors: [] });
    deepEqual(errors.map(({ kind, message, file, line }) => `${kind} ${message} ${file}:${line}`), wanted);
  });
}
