/**
 * How this program was built, and the words that start it again.
 * @module
 */

/** Set where the program is bundled. */
declare const TERM2AI_BUNDLED: boolean | undefined;

const isBundled = typeof TERM2AI_BUNDLED !== "undefined";

/** Of the bundle: nothing that lies around changes what runs, and nothing is fetched. */
export const BUNDLE_FLAGS: readonly string[] = [
  "--quiet",
  "-A",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--cached-only",
];

/** Where the single file has unpacked itself. */
let unpacked: string | undefined;

/** Takes what the single file says to this program out of the environment, before others inherit it. */
export function takeStartEnvironment(): void {
  if (!isBundled) return;
  unpacked = Deno.env.get("TERM2AI_UNPACKED");
  if (unpacked === undefined) return;
  const outer = Deno.env.get("TERM2AI_OUTER_DENO_DIR");
  for (const name of ["TERM2AI_UNPACKED", "TERM2AI_OUTER_DENO_DIR", "DENO_DIR"]) Deno.env.delete(name);
  if (outer !== undefined) Deno.env.set("DENO_DIR", outer);
  if (Deno.env.get("DENO_NO_UPDATE_CHECK") === "term2ai") Deno.env.delete("DENO_NO_UPDATE_CHECK");
}

/** How it was built, in words. */
export function buildWay(): string {
  if (Deno.build.standalone) return "compiled";
  if (!isBundled) return "from source";
  return unpacked === undefined ? "bundle" : "single file";
}

/** The words that start this program again, as it was started. */
export function ownCommand(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  if (unpacked !== undefined) return ["/bin/sh", `${unpacked}/start`];
  return [Deno.execPath(), "run", ...isBundled ? BUNDLE_FLAGS : ["--quiet", "-A"], cli().href];
}

function cli(): URL {
  return new URL("../../cli.ts", import.meta.url);
}
