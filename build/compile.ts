/**
 * Builds the program as one executable file, `dist/term2ai`: by `deno compile` where Deno's base runtime can be had, else as
 * a file that unpacks itself. Both hold the same bundle.
 *
 *     deno task compile [--target TARGET] [--output FILE] [--single-file] [--quick]
 *
 * `--single-file` does not try `deno compile`; `--quick` compresses less, for tests.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { bundle } from "./bundle.ts";
import { npmFolder } from "./npm_folder.ts";
import { writeSingleFile } from "./single_file.ts";

/** Systems that Deno has, and the npm package with its runtime for them. */
const RUNTIMES: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "@deno/linux-x64-glibc",
  "aarch64-unknown-linux-gnu": "@deno/linux-arm64-glibc",
  "x86_64-apple-darwin": "@deno/darwin-x64",
  "aarch64-apple-darwin": "@deno/darwin-arm64",
  "x86_64-pc-windows-msvc": "@deno/win32-x64",
};

interface Order {
  readonly target: string;
  readonly output: string;
  readonly singleFile: boolean;
  readonly quick: boolean;
}

async function compile({ target, output, singleFile, quick }: Order): Promise<number> {
  const started = performance.now();
  const folder = output.includes("/") ? output.slice(0, output.lastIndexOf("/")) : ".";
  await Deno.remove(`${folder}/bundle`, { recursive: true }).catch(() => {});
  await bundle(folder, target);
  const why = singleFile ? "as asked for" : await denoCompile(folder, target, output);
  if (why === undefined) return tell(output, "by deno compile", target, started);
  if (!singleFile) console.error(`deno compile cannot build for ${target} here: ${why}`);
  if (target.includes("windows")) {
    console.error("Cannot build a file that unpacks itself for Windows: only deno compile can");
    return 1;
  }
  const runtime = target === Deno.build.target ? Deno.execPath() : await runtimeFor(target);
  await writeSingleFile({ deno: runtime, folder, target, output, level: quick ? 1 : 9 });
  return tell(output, `of Deno ${Deno.version.deno} and the bundle, a file that unpacks itself`, target, started);
}

/** Returns why it cannot, or nothing. */
async function denoCompile(folder: string, target: string, output: string): Promise<string | undefined> {
  await Deno.remove(output).catch(() => {}); // it replaces only what it has made itself
  const all = await filesBelow(`${folder}/bundle`);
  const include = all.filter((path) => !path.endsWith("/bundle/cli.js")).flatMap((path) => ["--include", path]);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "--quiet", "-A", "--no-config", "--no-lock", "--no-npm", "--no-check", "--target", target]
      .concat(include, "--output", output, `${folder}/bundle/cli.js`),
    env: { NO_COLOR: "1" },
    stdout: "inherit",
  }).output();
  if (!success) return reasonIn(new TextDecoder().decode(stderr));
  return target === Deno.build.target ? await faultOf(output) : undefined;
}

/** What is wrong with a file that was built: Deno takes any program for its base runtime. */
async function faultOf(output: string): Promise<string | undefined> {
  const { stdout } = await new Deno.Command(output, { args: ["--version"] }).output();
  const said = new TextDecoder().decode(stdout).split("\n")[0]!;
  if (said.startsWith("term2ai ")) return undefined;
  return `what it has built is no term2ai, but says ${JSON.stringify(said)}`;
}

/** The line that says most. */
function reasonIn(said: string): string {
  const lines = said.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const request = lines.find((line) => line.includes("error sending request"))?.replace(/^\d+: /, "");
  if (request) return `its base runtime could not be downloaded (${request})`;
  return lines[0] ?? "it does not say why";
}

/** Deno for another system, from npm. */
async function runtimeFor(target: string): Promise<string> {
  const folder = await npmFolder(RUNTIMES[target]!, Deno.version.deno);
  return `${folder}/deno`;
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    found.push(...isDirectory ? await filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]);
  }
  return found.sort();
}

async function tell(output: string, how: string, target: string, started: number): Promise<number> {
  const megabytes = ((await Deno.stat(output)).size / 1e6).toFixed(1);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${output}: built ${how}, for ${target}, ${megabytes} MB, in ${seconds} s`);
  return 0;
}

function orderOf(args: string[]): Order | string {
  const { values } = parseArgs({
    args,
    options: {
      target: { type: "string" },
      output: { type: "string" },
      "single-file": { type: "boolean" },
      quick: { type: "boolean" },
    },
  });
  const target = values.target ?? Deno.build.target;
  if (!Object.hasOwn(RUNTIMES, target)) {
    return `Cannot build for ${JSON.stringify(target)}: known are ${Object.keys(RUNTIMES).join(", ")}`;
  }
  const suffix = target.includes("windows") ? ".exe" : "";
  const output = values.output ?? fromRoot(`dist/term2ai${suffix}`);
  return { target, output, singleFile: values["single-file"] ?? false, quick: values.quick ?? false };
}

const fromRoot = (path: string) => decodeURIComponent(new URL(`../${path}`, import.meta.url).pathname);

if (import.meta.main) {
  try {
    const order = orderOf(Deno.args);
    if (typeof order === "string") {
      console.error(order);
      Deno.exit(2);
    }
    Deno.exit(await compile(order));
  } catch (error) {
    console.error(`Cannot build: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
