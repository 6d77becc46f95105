/**
 * The lines after the first of an error: stack traces, and the arrows of compilers.
 *
 * This module is browser compatible.
 * @module
 */

import { placeWithLine, type SourcePlace } from "./error_place.ts";
import type { ErrorShape } from "./error_shapes.ts";

const MAX_BEFORE = 20; // lines of source and the like between an error and its first frame
const MAX_TOLD = 60; // lines of what a test expected, and the like
const MAX_LINES = 200; // of a trace; deeper ones end here

/**
 * Reads on behind a line that opened an error, until the first line that does not belong to it.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const reader = new StackReader("python", "");
 * for (const line of ['  File "a.py", line 3, in <module>', "    f()", "ValueError: no"]) reader.takes(line);
 * deepEqual([reader.message, reader.place], ["ValueError: no", { file: "a.py", line: 3 }]);
 * ```
 */
export class StackReader {
  readonly #kind: NonNullable<ErrorShape["opens"]>;
  #message: string;
  #place: SourcePlace;
  #lines = 0; // that belonged to it
  #ended = false;
  #frames = 0;
  #before = 0; // lines before the first frame
  #isForeign = false; // whether the place is that of a library
  #isCompiled = false; // whether the place is that of source that was refused

  /** Begins behind a line with this message, at this place where it told one. */
  constructor(kind: NonNullable<ErrorShape["opens"]>, message: string, place: SourcePlace = {}) {
    this.#kind = kind;
    this.#message = message;
    this.#place = place;
    this.#isForeign = place.file !== undefined && isForeign(place.file);
    if (kind !== "frames" || place.file !== undefined) return;
    const told = placeWithLine(message);
    if (told) [this.#place, this.#isCompiled] = [told, true];
  }

  /** What went wrong. */
  get message(): string {
    return this.#message;
  }

  /** Where, as far as the lines have told. */
  get place(): SourcePlace {
    return this.#place;
  }

  /** Whether what went wrong is that source was refused. */
  get isCompiled(): boolean {
    return this.#isCompiled;
  }

  /** Whether it happened in a library, as far as the lines have told. */
  get isForeign(): boolean {
    return this.#isForeign;
  }

  /** Whether any line has confirmed that it is one. */
  get confirmed(): boolean {
    if (this.#isCompiled) return true;
    if (this.#kind === "frames" || this.#kind === "arrow" || this.#kind === "test") return this.#frames > 0;
    if (this.#kind === "next") return this.#ended;
    return this.#lines > 0 && (this.#kind !== "python" || this.#ended);
  }

  /** Takes the next line; `false` when it does not belong to it any more. */
  takes(line: string): boolean {
    if (this.#ended || this.#lines > MAX_LINES) return false;
    const belongs = this[this.#kind](line);
    if (belongs) this.#lines++;
    return belongs;
  }

  /** The last frame of the program itself is where it happened, and the first line that is not indented says what. */
  private python(line: string): boolean {
    const frame = /^(?:\s*\|)? +File "([^"]+)", line (\d+)/.exec(line);
    if (frame && (this.#place.file === undefined || this.#isForeign || !isLibrary(frame[1]!))) {
      this.#isForeign = isLibrary(frame[1]!);
      this.#place = { file: frame[1], line: Number(frame[2]) };
    }
    if (frame || /^\s/.test(line) || line === "") return true;
    const what = /^(?:[\w.]+(?:Error|Exception|Exit|Interrupt|Warning|Iteration|Group)|[\w.]+)(?:: .*)?$/.test(line);
    if (!what || this.#place.file === undefined) return false;
    this.#message = line;
    return this.#ended = true;
  }

  /** Java, JavaScript, C#, Ruby: the first frame that names a file of the program itself. A few lines may stand before the frames. */
  private frames(line: string): boolean {
    if (this.#message === "" && this.#frames === 0) {
      this.#message = THROWN.exec(line)?.[1] ?? (this.#before > 0 ? "" : line.trim());
    }
    const julia = /^\s+@ (?!Base |Core )(?:\S+ )?(\S+\.jl):(\d+)|^in expression starting at (\S+):(\d+)$/.exec(line);
    if (julia) this.#place = { file: julia[1] ?? julia[3], line: Number(julia[2] ?? julia[4]) };
    const elixir = /^\s+(?:\((\w+) [\d.]+\) )?([^\s:]+\.exs?):(\d+): /.exec(line);
    if (elixir && this.#place.file === undefined && !/^(?:elixir|stdlib|ex_unit|mix|logger)$/.test(elixir[1] ?? "")) {
      this.#place = { file: elixir[2], line: Number(elixir[3]) };
    }
    if (elixir || julia || /^(?:Stacktrace:| *\[\d+\] |\s+@ (?:Base|Core) )/.test(line)) return ++this.#frames > 0;
    const ruby = /^\s*(?:from )?([^\s:]+\.\w+):(\d+):in [`']/.exec(line);
    if (ruby) {
      this.#frames++;
      if (this.#place.file === undefined || (this.#isForeign && !isForeign(line))) {
        this.#place = { file: ruby[1], line: Number(ruby[2]) };
        this.#isForeign = isForeign(line);
      }
      return true;
    }
    if (!/^\s+at |^#\d+ /.test(line)) {
      if (this.#frames === 0) {
        if (this.#place.file === undefined) this.#take(line);
        return ++this.#before <= MAX_BEFORE;
      }
      return /^\s*(?:Caused by: |\.\.\. \d+ more|Suppressed: |--- End of )/.test(line);
    }
    this.#frames++;
    const java = /\(([\w$]+\.\w+):(\d+)\)/.exec(line);
    const dotnet = / in (.+):line (\d+)/.exec(line);
    const script = /\(?((?:file:\/\/)?\/?[^\s():]+\.\w+):(\d+)(?::\d+)?\)?(?: \{)?$/.exec(line);
    const [, file, number] = java ?? dotnet ?? (script && !/node:|ext:|\(dart:/.test(line) ? script : []);
    if (
      file !== undefined && (this.#place.file === undefined || this.#isForeign) && !(this.#isForeign && isForeign(line))
    ) {
      this.#isForeign = isForeign(line);
      this.#place = { file: file.replace(/^file:\/\//, ""), line: Number(number) };
    }
    return true;
  }

  /** What a compiler says where it is run by something that throws. */
  #take(line: string): void {
    const place = /^\s*[^\s:]+:\d+:\d+(?: - |: )(?:error|ERROR)\b/.test(line) ? placeWithLine(line) : undefined;
    if (!place) return;
    this.#place = place;
    this.#isCompiled = true;
  }

  /** The first place in the lines that tell how a test failed; all of them belong to it, until the next one begins. */
  private test(line: string): boolean {
    if (NEXT_TEST.test(line)) return false;
    if (this.#message === "") this.#message = line.trim();
    if (/^ERROR collecting/.test(this.#message)) this.#message = /^E {3}(\S.*)/.exec(line)?.[1] ?? this.#message;
    const found = this.#place.line === undefined && !isSource(line) && !isForeign(line)
      ? PLACE.exec(line.replace(/#<[^>]*>/g, "")) ??
        /(?:\(in test f|^ *F)ile "?([^\s,"]+)"?, line (\d+)|^# +at (\S+) line (\d+)/.exec(line)
      : null;
    const path = (found?.[1] ?? found?.[3])?.replace(/^file:\/\//, "");
    const file = this.#place.file ?? path;
    if (found && path!.endsWith(file!)) {
      this.#place = { file, line: Number(found[2] ?? found[4]) };
      return ++this.#frames > 0;
    }
    return this.#frames === 0 ? ++this.#before <= MAX_TOLD : line === "" || /^ {4}|^\s+(?:at|❯) |^E {2}/.test(line);
  }

  /** The first frame outside the runtime. */
  private go(line: string): boolean {
    const frame = /^\t(\S+\.go):(\d+)/.exec(line);
    if (
      frame && this.#place.file === undefined &&
      !/\/(?:usr\/)?lib\/go|\/usr\/local\/go\/|\/src\/runtime\//.test(frame[1]!)
    ) {
      this.#place = { file: frame[1], line: Number(frame[2]) };
    }
    return frame !== null || line === "" ||
      /^(?:goroutine \d|\[signal|\t|created by |[\w./*()]+\(.*\)$|exit status \d|main\.|runtime\.)/.test(line);
  }

  /** The message may stand on the next line. */
  private rust(line: string): boolean {
    if (this.#lines === 0 && this.#message === "") {
      this.#message = line;
      return true;
    }
    return /^note: |^stack backtrace:|^ +\d+: |^ +at /.test(line);
  }

  /** The place stands behind an arrow, or alone, or after `on`; what follows shows it. */
  private arrow(line: string): boolean {
    const arrow = ARROWS.map((pattern) => pattern.exec(line)).find((match) => match !== null);
    if (arrow) {
      this.#frames++;
      if (this.#place.file === undefined) this.#place = { file: arrow[1], line: Number(arrow[2]) };
      return true;
    }
    if (this.#frames === 0) {
      const goesOn = /^ *(?:\d+ )?[|│]|^$/.test(line) || (this.#message.endsWith(":") && /^\w/.test(line));
      return goesOn && ++this.#before <= MAX_BEFORE;
    }
    return /^ *(?:\d+ )?[|=│]|^\.\.\.$/.test(line);
  }

  /** What it is stands on one of the next lines, behind source that is shown. */
  private next(line: string): boolean {
    if (this.#message !== "" && this.#place.file !== undefined) return false;
    if (/^(?:Warning|Alert)\b/.test(line) || ++this.#before > MAX_BEFORE) return false;
    const place = /^#? +at (\S+) line (\d+)\.?$/.exec(line) ??
      /(?:^\s*|\[)(?:\.\/)?([\w./@-]+\.\w+):(\d+)\]?:?$/.exec(line);
    if (place && this.#place.file === undefined) this.#place = { file: place[1], line: Number(place[2]) };
    if (place && this.#message !== "") return this.#ended = true;
    if (/^\s*(?:\d+ [|│].*|[|│][\s\d^~]*|[\^~.]*)$/.test(line)) return true;
    if (this.#message === "") this.#message = line.trim().replace(/^(?:> )?(?:Error: )?/, "");
    return this.#ended = true;
  }
}

const THROWN = /^(?:Uncaught )?((?:[\w$]+\.)*(?:[A-Z]\w*)?(?:Error|Exception)\b(?: \[\w+\])?(?::.*)?)$/;
const PLACE =
  /(?:^|[\s([])((?:file:\/\/)?(?:\.{0,2}\/)?\w[\w@.+-]*(?:\/[\w@.+-]+)*\.(?!com|org|net|io\b)[a-zA-Z]\w{0,4}):(\d+)(?::\d+)?(?=[\s)\]:,]|$)/;
const NEXT_TEST =
  /^\s*(?:\d+\) |[●✓✔✗✘×✖] |Failure\/Error: |\S+ > .* FAILED$|--- (?:FAIL|PASS|SKIP)|_{3,} |===|PASS\b|FAIL\b|(?:not )?ok\s|Traceback |Tests?:|Test (?:Suites|Files)\b|Finished |Failed examples|Failures:|\d+ (?:tests?|examples?|runs|failing|passing)\b)/;

/** Whether a frame is one of a runtime or a library. */
export function isForeign(line: string): boolean {
  return /^\s*at (?:\w+\/\/?)?(?:[\w.]+(?:@[\w.]+)?\/)?(?:javax?|jdk|sun|kotlin|scala|groovy|org\.(?:junit|opentest4j|hamcrest|assertj|mockito|testng|gradle|apache|springframework))\.|\/node_modules\/|\/(?:site|dist)-packages\/|\/vendor\/|\/gems\/|\/lib\/ruby\/|\/(?:usr\/)?(?:local\/|lib\/)go[-\d.]*\/|\/lib\/python/
    .test(line);
}

/** Whether a Python file is one of a library, or no file. */
function isLibrary(path: string): boolean {
  return /\/(?:site|dist)-packages\/|\/lib\/python[\d.]+\/|^<frozen |^<string>$|^<__array/.test(path);
}

function isSource(line: string): boolean {
  return /^\s*[>❯]?\s*\d*\s*[|│]/.test(line);
}

const ARROWS = [
  /^[ │]*(?:-->|at|[┌╭└]─|╭▸|,-)[ [(]{1,2}(?:file:\/\/)?(.+?):(\d+)(?::\d+)?(?: ?[\]):]*|: .*)$/,
  /^[ │]* on (\S+) line (\d+)[,:].*$/,
  /^ {4}([^\s:]+\.\w+):(\d+):\d+:$/,
];
