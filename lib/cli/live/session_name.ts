/**
 * The argument that names a session.
 * @module
 */

/** A session that must be named. */
export const SESSION_NAME = {
  kind: "tuple",
  parameters: [{ parse: String, brief: "which session: its name, or the beginning of it", placeholder: "NAME" }],
} as const;

/** A session that need not be named from inside it. */
export const OWN_OR_NAME = {
  kind: "tuple",
  parameters: [{
    parse: String,
    brief: "which session; by itself the one that this is run in",
    placeholder: "NAME",
    optional: true,
  }],
} as const;
