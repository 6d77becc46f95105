/**
 * What this machine and this process tell about a session that is about to start.
 * @module
 */

import type { HostFacts } from "../ports.ts";

/**
 * User, host, shell, working directory and environment of this process.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(hostFacts().cwd, Deno.cwd());
 * ```
 */
export function hostFacts(): HostFacts {
  const env = Deno.env.toObject();
  return {
    user: env.USER ?? env.LOGNAME,
    host: Deno.hostname(),
    shell: env.SHELL || "/bin/sh",
    cwd: Deno.cwd(),
    env,
  };
}
