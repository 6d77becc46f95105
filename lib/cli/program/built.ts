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

/** What the runtime is told by the single file. */
const TOLD = ["DENO_DIR", "DENO_NO_UPDATE_CHECK", "DENO_DISABLE_NODE_SHIM"];

/** Gives the environment back as it was before this program was started, before others inherit it. */
export function takeStartEnvironment(): void {
  if (isBundled) unpacked = Deno.env.get("TERM2AI_UNPACKED");
  if (unpacked === undefined) return removeNodeShim();
  const added = Deno.env.get("TERM2AI_ADDED") ?? "";
  for (const name of [...TOLD, ...added.split(" ").filter((name) => name !== "")]) Deno.env.delete(name);
  for (const name of [...TOLD, "_"]) {
    const outer = Deno.env.get(`TERM2AI_OUTER_${name}`);
    if (outer !== undefined && !added.includes(name)) Deno.env.set(name, outer);
    Deno.env.delete(`TERM2AI_OUTER_${name}`);
  }
  for (const name of ["TERM2AI_ADDED", "TERM2AI_UNPACKED"]) Deno.env.delete(name);
}

/** Where there is no `node`, Deno 2.9 puts itself into `PATH` by that name: nobody who is recorded has asked for that. */
function removeNodeShim(): void {
  if (Deno.permissions.querySync({ name: "env" }).state !== "granted") return; // nor is anything recorded then
  const [first, ...others] = (Deno.env.get("PATH") ?? "").split(":");
  if (!Deno.env.has("DENO_NODE_SHIM_ACTIVE") || !first!.endsWith("/node_compat_bin")) return;
  Deno.env.delete("DENO_NODE_SHIM_ACTIVE");
  if (others.length > 0) Deno.env.set("PATH", others.join(":"));
  else Deno.env.delete("PATH");
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
  return new URL("../../../cli.ts", import.meta.url);
}
