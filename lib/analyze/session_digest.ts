/**
 * What is kept of a session to compare it with another: its commands, and what each printed, line by line.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionEvent } from "../event.ts";
import type { CommandRecord } from "../models.ts";
import type { SessionAnalyzer } from "../ports.ts";
import { CommandCollector } from "./commands/command_record.ts";
import { normalizeLine } from "./normalize.ts";
import { PlainLines, plainLinesOf } from "./plain_lines.ts";

/**
 * A command and what it printed.
 *
 * @example
 * ```ts
 * const lines = ({ output }: DigestedCommand) => output.length;
 * ```
 */
export interface DigestedCommand {
  /** The command; absent for the output of a session in which none is known. */
  readonly command?: CommandRecord;
  /** The machine it ran on, where the recording tells. */
  readonly host?: string;
  /** Its lines, without colours; the first 5,000. */
  readonly output: readonly string[];
  /** Lines beyond those, and a number that changes with what they say once times and the like are left out. */
  readonly more: { readonly lines: number; readonly hash: number };
}

const MAX_LINES = 5000;

/**
 * Events in, a digest out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const digest = new SessionDigest();
 * digest.push({ kind: "command", time: 0, phase: "output", text: "echo hi" });
 * digest.push({ kind: "output", time: 1, data: new TextEncoder().encode("hi\r\n") });
 * digest.push({ kind: "command", time: 2, phase: "done", code: 0 });
 * deepEqual(digest.result().map(({ output }) => output), [["hi"]]);
 * ```
 */
export class SessionDigest implements SessionAnalyzer<readonly DigestedCommand[]> {
  #done: DigestedCommand[] = [];
  #host: { readonly host?: string } = {};
  #reader = new LineKeeper();
  #outside: LineKeeper | undefined = new LineKeeper(); // of a session in which no command is known
  readonly #collector = new CommandCollector({
    begin: () => {
      this.#outside = undefined;
      this.#reader = new LineKeeper();
    },
    output: (_command, { data }) => this.#reader.push(data),
    end: (command) => this.#done.push({ command: { ...command }, ...this.#host, ...this.#reader.result() }),
  });

  /** Takes the next event; commands must have been derived, see `deriveCommands`. */
  push(event: SessionEvent): void {
    this.#collector.push(event);
    if (event.kind === "header") this.#host = event.header.host === undefined ? {} : { host: event.header.host };
    if (event.kind === "output") this.#outside?.push(event.data);
  }

  /** The commands so far, one that still runs included. */
  result(): readonly DigestedCommand[] {
    this.#collector.flush();
    const outside = this.#outside?.result();
    return outside && (outside.output.length > 0) ? [outside] : [...this.#done];
  }
}

class LineKeeper {
  readonly #lines = new PlainLines();
  readonly #kept: string[] = [];
  #more = 0;
  #hash = 0;

  push(data: Uint8Array): void {
    this.#take(this.#lines.push(data));
  }

  result(): Omit<DigestedCommand, "command"> {
    this.#take(this.#lines.flush());
    return { output: [...this.#kept], more: { lines: this.#more, hash: this.#hash } };
  }

  #take(text: string): void {
    if (text === "") return;
    for (const line of plainLinesOf(text)) {
      if (this.#kept.length < MAX_LINES) this.#kept.push(line);
      else {
        this.#more++;
        this.#hash = hashOf(this.#hash, normalizeLine(line));
      }
    }
  }
}

/** FNV-1a over UTF-16, good enough to notice a change. */
function hashOf(start: number, text: string): number {
  let hash = start ^ 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
