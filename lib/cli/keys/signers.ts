/**
 * Lists of those who may have signed.
 * @module
 */

import { readWholeText } from "../../host/whole_file.ts";
import { type AllowedSigner, parseAllowedSigners } from "../../security/allowed_signers.ts";

/**
 * Reads such a list.
 *
 * @throws {UsageError} If it cannot be read, or a line of it is none.
 */
export async function readSigners(path: string): Promise<AllowedSigner[]> {
  return parseAllowedSigners(await readWholeText(path, { isNamed: true }), path);
}

/** The option that names one. */
export const ALLOWED_SIGNERS = {
  kind: "parsed",
  parse: String,
  brief: "who must have signed it: a file as ssh-keygen and Git read it",
  placeholder: "FILE",
  optional: true,
} as const;
