/**
 * The argument that names a template.
 * @module
 */

/** A template that must be named. */
export const TEMPLATE_NAME = {
  kind: "tuple",
  parameters: [{ parse: String, brief: "which template, or the path of its file", placeholder: "NAME" }],
} as const;
