/**
 * `term2ai rec`: records a terminal session.
 *
 * Nothing heavy is imported here or on the way here: an empty recording takes little longer than starting Deno.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { parseKey } from "../host/keys.ts";
import { ENV, INPUT, OVERWRITE_FILE, SHELL_INTEGRATION, TAG, TITLE } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { Exit } from "./program/failure.ts";
import type { RecFlags } from "./rec/flags.ts";
import { recordSession } from "./rec/record_session.ts";
import { SECRETS_FLAGS } from "./output/secrets_flags.ts";
import { parseSize, parseTime } from "./program/time.ts";

const key = (brief: string, standard: string) =>
  ({ kind: "parsed", parse: parseKey, brief, placeholder: "KEY", default: standard }) as const;

/** `--input` may stand alone. */
export { spellOutInput as prepare } from "./program/common_flags.ts";

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: RecFlags, file?: string) {
    throw new Exit(await recordSession(flags, file, this.commandLine));
  },
  parameters: {
    aliases: { i: "input", t: "title", q: "quiet" },
    flags: {
      overwrite: OVERWRITE_FILE,
      append: { kind: "boolean", brief: "add to FILE if it exists", default: false, withNegated: false },
      size: {
        kind: "parsed",
        parse: parseSize,
        brief: "size of the session, whatever the terminal's",
        placeholder: "COLSxROWS",
        optional: true,
      },
      input: INPUT,
      redact: {
        kind: "boolean",
        brief: "hide passwords, keys and tokens while recording, as the redact command does",
        default: false,
        withNegated: false,
      },
      ...SECRETS_FLAGS,
      title: TITLE,
      tag: TAG,
      env: ENV,
      idleLimit: {
        kind: "parsed",
        parse: parseTime,
        brief: "play pauses no longer than this, e.g. 2s; stored times stay true",
        placeholder: "TIME",
        optional: true,
      },
      to: {
        kind: "parsed",
        parse: String,
        brief: "format, where the extension does not tell: t2a, asciicast-v2, asciicast-v3",
        placeholder: "NAME",
        optional: true,
      },
      requireRecording: {
        kind: "boolean",
        brief: "end the session when it cannot be recorded any more",
        default: false,
        withNegated: false,
      },
      shellIntegration: SHELL_INTEGRATION,
      keyframes: {
        kind: "boolean",
        brief: "tell now and then, and behind a pause, what shows as a whole, for players to go anywhere at once",
        default: true,
      },
      sign: {
        kind: "parsed",
        parse: String,
        brief: "sign it while it grows, every 5 s: an SSH key, or the .pub of one that ssh-agent has",
        placeholder: "KEY",
        optional: true,
      },
      encryptTo: {
        kind: "parsed",
        parse: String,
        brief: "only these may read it: age1…, ssh-ed25519 …, or a file with such keys; may be given again",
        placeholder: "RECIPIENT",
        variadic: true,
        optional: true,
      },
      quiet: { kind: "boolean", brief: "no words of our own on the terminal", default: false, withNegated: false },
      attachable: {
        kind: "boolean",
        brief: "let others attach to the session and type, by its socket",
        default: false,
        withNegated: false,
      },
      noSocket: {
        kind: "boolean",
        brief: "no socket: nobody can look at the session, mark or stop it",
        default: false,
        withNegated: false,
      },
      pauseKey: key("pauses and resumes recording", "C-\\"),
      markKey: key("sets a marker; type its label and press Enter", "none"),
      discardKey: key("ends the session and throws the recording away", "none"),
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        brief: "where the recording goes; - is stdout",
        placeholder: "FILE",
        optional: true,
      }],
    },
  },
  docs: {
    brief: "record a terminal session",
    customUsage: ["[options] [FILE] [-- COMMAND…]"],
    fullDescription: `Records a terminal session.

Runs your shell, or COMMAND, and writes the recording to FILE (the extension picks the format: .t2a, .cast). Without FILE
it goes to the store, where term2ai play last finds it, or to stdout when that is a pipe and no --store URL is given. The
session itself uses your terminal, so the recording can go down a pipe. Without a
terminal (cron, CI) it runs at 80x24, what is printed shows on stdout, and stdin is typed into it, with Ctrl-D at its end;
programs that read lines get 4,095 bytes of one at the most, as from any terminal.

Ctrl-\\ pauses and resumes recording; exit or Ctrl-D end it. Ends with the status of the command, 128 + N when
signal N ended it, 125 when recording failed, 126 or 127 when COMMAND cannot be run or found, 2 for wrong usage.

  term2ai rec                                 record your shell; term2ai play last shows it again
  term2ai rec demo.t2a                        record it to a file
  term2ai rec build.cast -- make test         record one command
  term2ai rec --redact --text-from names.txt  hide keys, passwords and what is in names.txt
  term2ai rec | term2ai play -                record, and watch it again at once`,
  },
});
