/**
 * The options of all commands that attach.
 * @module
 */

import { parseKey } from "../../host/keys.ts";

/** The key that commands to the attached terminal begin with. */
export const PREFIX = {
  kind: "parsed",
  parse: parseKey,
  brief: "the key before d (detach), s (switch) and others; twice for itself",
  placeholder: "KEY",
  default: Deno.env.get("TERM2AI_PREFIX") || "C-]",
} as const;
