/**
 * `term2ai session send`: types into a session.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { Context } from "../program/context.ts";
import { ownName, sessionManager } from "../live/sessions.ts";

export const command: Command<Context> = buildCommand({
  async func({ literal }: { literal: boolean }, name: string, ...words: string[]) {
    const session = await sessionManager().getSession(name);
    if (literal) await session.type(words.join(" "), ownName());
    else await session.press(...words);
  },
  parameters: {
    aliases: { l: "literal" },
    flags: {
      literal: {
        kind: "boolean",
        brief: "type the words as they are, with blanks between",
        default: false,
        withNegated: false,
      },
    },
    positional: {
      kind: "array",
      minimum: 2,
      parameter: { parse: String, brief: "which session, then what to type", placeholder: "NAME TEXT" },
    },
  },
  docs: {
    brief: "type into a session",
    customUsage: ["[--literal] NAME TEXT…"],
    fullDescription:
      `Types into a session without attaching to it. Each word is typed as it is, one after the other, unless it names a key:

  Enter Tab Escape Space BSpace Up Down Left Right Home End PageUp PageDown Insert Delete F1…F12
  C-x with Control, M-x with Meta, S-Up with Shift

  term2ai session send build "make test" Enter
  term2ai session send build C-c`,
  },
});
