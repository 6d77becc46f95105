/**
 * Scripts inside pages: as text that cannot end its own element, and by the hash that a page's policy allows them by.
 *
 * This module is browser compatible.
 * @module
 */

import { toBase64 } from "../text/json_value.ts";

/** A script must not name the end of its own element. */
export function inScript(text: string): string {
  return text.replace(/<(?=\/script|!--)/gi, "\\x3c");
}

/** What a Content-Security-Policy calls it. */
export async function scriptHash(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return `'sha256-${toBase64(digest)}'`;
}
