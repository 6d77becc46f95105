/**
 * `term2ai session wait`: waits for something in a session.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import type { Nanos } from "../../event.ts";
import type { Session } from "../../session/session.ts";
import type { Context } from "../program/context.ts";
import { Exit } from "../program/failure.ts";
import { SESSION_NAME } from "../live/session_name.ts";
import { sessionManager } from "../live/sessions.ts";
import { parseTime } from "../program/time.ts";

interface WaitFlags {
  readonly exit: boolean;
  readonly text?: RegExp;
  readonly quiet?: Nanos;
  readonly timeout?: Nanos;
}

export const command: Command<Context> = buildCommand({
  async func(flags: WaitFlags, name: string) {
    const chosen = [flags.exit, flags.text !== undefined, flags.quiet !== undefined].filter(Boolean).length;
    if (chosen !== 1) throw new UsageError("Cannot wait: expected one of --exit, --text REGEX and --quiet TIME");
    if (!await happens(name, flags)) throw new Exit(1);
  },
  parameters: {
    flags: {
      exit: { kind: "boolean", brief: "until the session has ended", default: false, withNegated: false },
      text: {
        kind: "parsed",
        parse: pattern,
        brief: "until its screen shows this",
        placeholder: "REGEX",
        optional: true,
      },
      quiet: {
        kind: "parsed",
        parse: parseTime,
        brief: "until nothing was printed or typed for so long",
        placeholder: "TIME",
        optional: true,
      },
      timeout: { kind: "parsed", parse: parseTime, brief: "at most so long", placeholder: "TIME", optional: true },
    },
    positional: SESSION_NAME,
  },
  docs: {
    brief: "wait for something in a session",
    fullDescription:
      `Waits for the end of a session, for text on its screen, or until it is quiet. Ends with 0 when that has happened, and
with 1 when --timeout was over before. In REGEX, ^ and $ are the ends of lines.

  term2ai session wait build --text '^Done in' --timeout 5m && term2ai session peek build`,
  },
});

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, "m");
  } catch (error) {
    throw new UsageError(`Cannot look for ${JSON.stringify(text)}: ${(error as Error).message}`);
  }
}

async function happens(name: string, { exit, text, quiet, timeout = Infinity }: WaitFlags): Promise<boolean> {
  const session = await find(name, exit);
  if (session === undefined) return true;
  if (exit) return await session.waitForExit(timeout) !== undefined;
  if (text) return await session.waitForText(text, timeout);
  return await session.waitForQuiet(quiet!, timeout);
}

/** One that has ended already need not be waited for. */
async function find(name: string, forExit: boolean): Promise<Session | undefined> {
  const manager = sessionManager();
  try {
    return await manager.getSession(name);
  } catch (error) {
    if (forExit && await manager.endedSession(name)) return undefined;
    throw error;
  }
}
