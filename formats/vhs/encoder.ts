/**
 * Writes a VHS tape: what was typed, as commands that type it again.
 *
 * This module is browser compatible.
 * @module
 */

import {
  type EventKind,
  type EventOf,
  MILLISECOND,
  type Nanos,
  SECOND,
  type SessionEvent,
  type SessionHeader,
} from "../../lib/event.ts";
import type { WriteSettings } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";
import type { EncoderCore } from "../../lib/stream/coding.ts";
import { concat } from "../../lib/stream/collect.ts";
import { OneSession } from "../../lib/stream/one_session.ts";
import { cutLength } from "../../lib/text/utf8.ts";
import { readKeys, type Typed } from "./keys.ts";

/**
 * The kinds of event that a tape can tell.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(KEPT_KINDS.has("output"), false);
 * ```
 */
export const KEPT_KINDS: ReadonlySet<EventKind> = new Set(["header", "input"] as const);

/** A pause from this on stands on a line of its own; shorter ones are the speed of typing. */
const PAUSE: Nanos = SECOND / 2;
/** A sequence longer than this is not waited for. */
const MAX_HELD = 4096;
const SHELLS = new Set(["bash", "zsh", "fish", "sh", "nu", "pwsh", "powershell", "cmd", "osh", "xonsh"]);

/** What is being typed at the moment: text, or one key some times in a row. */
interface Run {
  readonly text?: string;
  readonly key?: string;
  readonly count: number;
  readonly start: Nanos;
  readonly end: Nanos;
}

/**
 * The core of an encoder.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Report } from "@term2ai/term2ai";
 *
 * const tape = new TapeWriter({ report: new Report(), timeUnit: 1, sibling: () => Promise.reject() });
 * tape.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
 * tape.push({ kind: "input", time: 1e9, data: new TextEncoder().encode("ls\r") });
 * tape.finish();
 * equal(new TextDecoder().decode(tape.take()).includes('Sleep 1s\nType@0ms "ls"\nEnter\n'), true);
 * ```
 */
export class TapeWriter implements EncoderCore {
  readonly #report: Report;
  readonly #session: OneSession;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #lines: string[] = [];
  #cut: Uint8Array = new Uint8Array(0); // bytes of a character that the next input should complete
  #held = ""; // the beginning of a sequence that the next input should complete
  #run: Run | undefined;
  #told: Nanos = 0; // the time that the tape has come to

  /** What is lost goes to the settings' report. */
  constructor({ report }: WriteSettings) {
    this.#report = report;
    const fields = new Set(["cols", "rows", "shell", "title"] as const);
    this.#session = new OneSession({ name: "vhs", keeps: KEPT_KINDS, fields, report });
  }

  push(raw: SessionEvent): void {
    const event = this.#session.admit(raw);
    if (event?.kind === "header") this.#begin(event.header);
    if (event?.kind === "input") this.#typed(event);
  }

  finish(): void {
    this.#pieces(readKeys(this.#held), this.#session.end);
    this.#endRun();
    if (this.#told === 0 && this.#lines.length === 0) return;
    this.#sleep(this.#session.end);
  }

  take(): Uint8Array {
    return new TextEncoder().encode(this.#lines.splice(0).join(""));
  }

  #begin({ cols, rows, shell, title }: SessionHeader): void {
    const name = shell?.slice(shell.lastIndexOf("/") + 1) ?? "";
    this.#line(`# ${(title ?? "A terminal session").replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, " ")}, ${cols}x${rows}`);
    if (SHELLS.has(name)) this.#line(`Set Shell ${JSON.stringify(name)}`);
    // A cell of VHS's font at its usual size of 22 is 13.2 x 26.4 pixels; 60 are padding on each side.
    this.#line(`Set Width ${Math.ceil(cols * 13.2 + 120)}`);
    this.#line(`Set Height ${Math.ceil(rows * 26.4 + 120)}`);
    this.#line("");
  }

  #line(text: string): void {
    this.#lines.push(text + "\n");
  }

  #typed({ data, time, by }: EventOf<"input">): void {
    if (by !== undefined) this.#report.lose("who typed");
    const bytes = concat([this.#cut, data]), whole = bytes.length - cutLength(bytes);
    this.#cut = bytes.slice(whole);
    const text = this.#held + this.#decoder.decode(bytes.subarray(0, whole));
    const unfinished = /\x1b(?:\[[0-?]*[ -/]*|\[200~(?:(?!\x1b\[201~)[\s\S])*|O)$/.exec(text)?.[0] ?? "";
    this.#held = unfinished.length <= MAX_HELD ? unfinished : "";
    this.#pieces(readKeys(text.slice(0, text.length - this.#held.length)), time);
  }

  #pieces(pieces: readonly Typed[], time: Nanos): void {
    for (const piece of pieces) {
      if ("unknown" in piece) this.#report.lose("keys that a tape has no word for");
      else this.#add(piece, time);
    }
  }

  /** Adds to what is being typed if it goes on without a pause, else begins anew. */
  #add(piece: { text: string } | { key: string }, time: Nanos): void {
    const run = this.#run;
    const goesOn = run !== undefined && time - run.end < PAUSE;
    if (goesOn && "text" in piece && run.text !== undefined) {
      this.#run = { ...run, text: run.text + piece.text, end: time };
    } else if (goesOn && "key" in piece && run.key === piece.key) {
      this.#run = { ...run, count: run.count + 1, end: time };
    } else {
      this.#endRun();
      this.#run = { ...piece, count: 1, start: time, end: time };
    }
  }

  #endRun(): void {
    const run = this.#run;
    this.#run = undefined;
    if (!run) return;
    this.#sleep(run.start);
    const steps = run.text === undefined ? run.count : [...run.text].length;
    const speed = Math.round((run.end - run.start) / Math.max(1, steps - 1) / MILLISECOND);
    if (run.text !== undefined) { for (const part of quoted(run.text)) this.#line(`Type@${speed}ms ${part}`); }
    else this.#line(run.count > 1 ? `${run.key}@${speed}ms ${run.count}` : run.key!);
    this.#told = run.end;
  }

  #sleep(until: Nanos): void {
    const millis = Math.round((until - this.#told) / MILLISECOND);
    if (millis <= 0) return;
    this.#line(`Sleep ${millis % 1000 === 0 ? `${millis / 1000}s` : `${millis}ms`}`);
    this.#told = until;
  }
}

/** Text in quotes that do not occur in it, in as many parts as that takes: a tape has no way to escape one. */
function quoted(text: string): string[] {
  const quote = ['"', "'", "`"].find((mark) => !text.includes(mark));
  if (quote !== undefined) return [quote + text + quote];
  const end = Math.max(...['"', "'", "`"].map((mark) => text.indexOf(mark)));
  return [...quoted(text.slice(0, end)), ...quoted(text.slice(end))];
}
