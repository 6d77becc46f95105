/**
 * Chooses who makes pseudo-terminals here.
 * @module
 */

import type { PtyHost } from "../ports.ts";
import { libc } from "./libc.ts";

/**
 * The implementations, best first.
 *
 * @example
 * ```ts
 * const names: PtyHostName[] = ["libc", "node-pty"];
 * ```
 */
export type PtyHostName = "libc" | "node-pty";

/**
 * The best implementation that works on this system: the C library on Linux, else node-pty.
 *
 * @example
 * ```ts ignore
 * import { ok } from "node:assert/strict";
 * ok(["libc", "node-pty"].includes((await choosePtyHost()).name));
 * ```
 */
export async function choosePtyHost(): Promise<PtyHost> {
  return await loadPtyHost(canCallLibc() ? "libc" : "node-pty");
}

/**
 * A certain implementation, whether or not it is the best one here.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal((await loadPtyHost("node-pty")).name, "node-pty");
 * ```
 */
export async function loadPtyHost(name: PtyHostName): Promise<PtyHost> {
  if (name === "libc") return (await import("./pty_libc.ts")).libcPtyHost;
  return (await import("./pty_node.ts")).nodePtyHost;
}

function canCallLibc(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    libc();
    return true;
  } catch {
    return false;
  }
}
