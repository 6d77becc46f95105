/**
 * Packages for other systems, which no package manager installs here.
 * @module
 */

const kept = new Map<string, Promise<string>>();

/** The folder with the files of a package from npm, gone when this process ends. */
export function npmFolder(name: string, version: string): Promise<string> {
  const key = `${name}@${version}`;
  if (!kept.has(key)) kept.set(key, fetchPackage(key));
  return kept.get(key)!;
}

async function fetchPackage(key: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "term2ai-package-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const file = (await run("npm", "pack", "--silent", "--pack-destination", folder, key)).trim().split("\n").at(-1)!;
  await run("tar", "-xzf", `${folder}/${file}`, "-C", folder);
  return `${folder}/package`;
}

async function run(program: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`${program} ${args.join(" ")} failed: ${new TextDecoder().decode(stderr).trim()}`);
}
