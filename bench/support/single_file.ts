/**
 * The single file, built from the sources as they are.
 * @module
 */

import { fromFileUrl } from "./path.ts";

const COMPILE = fromFileUrl(new URL("../../build/compile.ts", import.meta.url));

let built: Promise<string> | undefined;

/** Its path. It is gone when this process ends. */
export function singleFile(): Promise<string> {
  return built ??= build();
}

async function build(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "term2ai-bench-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const output = `${folder}/term2ai`;
  const args = ["run", "--quiet", "-A", COMPILE, "--single-file", "--quick", "--output", output];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (!success) throw new Error(`Cannot build the single file: ${new TextDecoder().decode(stderr)}`);
  return output;
}
