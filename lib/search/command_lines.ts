/**
 * The commands of a recording in its text file, `ID.text`, where they are comments: whoever wants only the text passes over them.
 *
 *     # command {"session":0,"index":0,"start":1200000000,"text":"make","outputBytes":80,"confidence":"exact"}
 *     # sessions 1
 *
 * The line that tells how many sessions there are stands behind all commands, and says that these are all.
 *
 * This module is browser compatible.
 * @module
 */

import type { CommandRecord, SessionCommands } from "../models.ts";

const COMMAND = "# command ", SESSIONS = "# sessions ";

/**
 * The lines of commands, each with its line feed.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(writeCommandLines({ sessions: 1, commands: [] }), "# sessions 1\n");
 * ```
 */
export function writeCommandLines({ sessions, commands }: SessionCommands): string {
  return commands.map((command) => `${COMMAND}${JSON.stringify(command)}\n`).join("") + `${SESSIONS}${sessions}\n`;
}

/**
 * Finds commands among the lines of a file.
 *
 * @example
 * ```ts
 * import { deepEqual, equal } from "node:assert/strict";
 *
 * const reader = new CommandLineReader();
 * equal(reader.result(), undefined);
 * for (const line of ["# term2ai text 1", "# sessions 1"]) reader.push(line);
 * deepEqual(reader.result(), { sessions: 1, commands: [] });
 * ```
 */
export class CommandLineReader {
  readonly #commands: CommandRecord[] = [];
  #sessions: number | undefined;

  /** Takes a line without its end. */
  push(line: string): void {
    if (line.startsWith(COMMAND)) {
      const command = parse(line.slice(COMMAND.length));
      if (command) this.#commands.push(command);
    } else if (line.startsWith(SESSIONS)) this.#sessions = Number(line.slice(SESSIONS.length)) || 0;
  }

  /** All commands; `undefined` where the file does not tell of any, or breaks off. */
  result(): SessionCommands | undefined {
    return this.#sessions === undefined ? undefined : { sessions: this.#sessions, commands: this.#commands };
  }
}

/** A command; `undefined` for what is none. */
function parse(text: string): CommandRecord | undefined {
  try {
    const command = JSON.parse(text);
    return REQUIRED.every((name) => typeof command[name] === "number") &&
        ["exact", "reported", "guessed"].includes(command.confidence) &&
        OPTIONAL.every(([name, type]) => ["undefined", type].includes(typeof command[name]))
      ? command
      : undefined;
  } catch {
    return undefined;
  }
}

const REQUIRED = ["session", "index", "start", "outputBytes"];
const OPTIONAL = [
  ["end", "number"],
  ["firstOutput", "number"],
  ["startedAt", "number"],
  ["code", "number"],
  ["text", "string"],
  ["cwd", "string"],
] as const;
