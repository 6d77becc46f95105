/**
 * Makes JavaScript of the program that needs no package, no network and no cache: a folder with a file for each module that
 * is loaded by its name (commands, workers, what only some commands need), and pieces that several of them share.
 *
 * Where sources stand tells the program where the others stand. So the bundle has the folders of the sources, and what they
 * say with `import.meta.url` is rewritten to mean the same there, wherever esbuild has put the code.
 * @module
 */

import * as esbuild from "esbuild";
import { createRequire } from "node:module";
import { npmFolder } from "./npm_folder.ts";

const ROOT = new URL("../", import.meta.url);

/** Where bundled code lies below the folder that is built; the rest of a path behind it is as in the sources. */
const FOLDER = "bundle";

/** Packages that read files beside their own code: kept as they are. */
const KEPT = ["@lydell/node-pty"];

/** Of these, the part for one system, by Deno's name of it. */
const NATIVE: Readonly<Record<string, string>> = {
  "x86_64-unknown-linux-gnu": "@lydell/node-pty-linux-x64",
  "aarch64-unknown-linux-gnu": "@lydell/node-pty-linux-arm64",
  "x86_64-apple-darwin": "@lydell/node-pty-darwin-x64",
  "aarch64-apple-darwin": "@lydell/node-pty-darwin-arm64",
  "x86_64-pc-windows-msvc": "@lydell/node-pty-win32-x64",
};

/** Writes the bundle to `folder/bundle`, and returns the path of its entry. */
export async function bundle(folder: string, target: string = Deno.build.target): Promise<string> {
  const outdir = `${folder}/${FOLDER}`;
  await Deno.mkdir(outdir, { recursive: true });
  const entries = await entryPoints();
  await esbuild.build({
    entryPoints: entries.map((path) => ({ in: pathOf(path), out: path.replace(/\.ts$/, "") })),
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    chunkNames: "pieces/[hash]",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: "eof",
    logLevel: "error",
    define: { TERM2AI_BUNDLED: "true" },
    plugins: [textPlugin, sourcePlugin(new Set(entries)), packagePlugin],
  });
  await esbuild.stop();
  await copyAssets(outdir, target);
  return `${outdir}/cli.js`;
}

/** Every module that something loads by its name, relative to the project. */
async function entryPoints(): Promise<string[]> {
  const found = new Set(["cli.ts"]);
  for (const path of await sources()) {
    const text = await Deno.readTextFile(pathOf(path));
    if (/^lib\/cli\/(?:\w+\/)?\w+\.ts$/.test(path) && /^export const command\b/m.test(text)) found.add(path);
    const from = /^lib\/(?:cli|session)\//.exec(path)?.[0] ?? path; // `lazy` and `later` are relative to their own folders
    for (const [, specifier] of text.matchAll(/\b(?:lazy|later)(?:<[^>]*>)?\(\s*"([^"]+\.ts)"/g)) add(specifier!, from);
    for (const [, specifier] of text.matchAll(/new URL\("([^"]+\.ts)", import\.meta\.url\)/g)) add(specifier!, path);
  }
  return [...found].sort();

  function add(specifier: string, from: string): void {
    found.add(new URL(specifier, new URL(from, ROOT)).href.slice(ROOT.href.length));
  }
}

async function sources(folder = "lib"): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(pathOf(folder))) {
    if (isDirectory) found.push(...await sources(`${folder}/${name}`));
    else if (name.endsWith(".ts")) found.push(`${folder}/${name}`);
  }
  return found.sort();
}

/** Files that are imported as text. */
const textPlugin: esbuild.Plugin = {
  name: "text",
  setup(build) {
    build.onLoad({ filter: /./ }, async ({ path, with: { type } }) => {
      if (type === "text") return { contents: await Deno.readTextFile(path), loader: "text" };
    });
  },
};

/**
 * Our own modules: `import.meta.url` stays where the source stood. They are called `.mts`, for then esbuild takes CommonJS as
 * Deno does: all that a module exports is its default.
 */
function sourcePlugin(entries: ReadonlySet<string>): esbuild.Plugin {
  return {
    name: "sources",
    setup(build) {
      build.onResolve({ filter: /^term2ai:place$/ }, ({ path }) => ({ path, namespace: "place" }));
      build.onLoad({ filter: /./, namespace: "place" }, () => ({ contents: PLACE }));
      build.onResolve({ filter: /^[./].*\.ts$/ }, ({ path, resolveDir }) => {
        return { path: filePath(new URL(path, `file://${resolveDir}/`).href).replace(/ts$/, "mts") };
      });
      build.onLoad({ filter: /\.mts$/ }, async ({ path }) => {
        const file = path.replace(/mts$/, "ts");
        const contents = await Deno.readTextFile(file);
        if (!contents.includes("import.meta.")) return { contents, loader: "ts" };
        return { contents: rewrite(contents, file.slice(pathOf("").length), entries), loader: "ts" };
      });
    },
  };
}

/** Where the bundle lies, whichever of its files this is in. */
const PLACE = `
const here = import.meta.url;
const root = here.slice(0, here.lastIndexOf("/${FOLDER}/") + ${FOLDER.length + 2});
export const place = (specifier, source) => new URL(specifier.replace(/\\.ts$/, ".js"), root + source);
`;

function rewrite(text: string, source: string, entries: ReadonlySet<string>): string {
  const placed = text
    .replace(/new URL\(([^()]+), import\.meta\.url\)/g, `place($1, ${JSON.stringify(source)})`)
    .replace(/new URL\(import\.meta\.resolve\("([^"]+\.wasm)"\)\)/g, (_, name) => `place("${assetOf(name)}", "")`);
  const left = placed.replace(/if \(import\.meta\.main\)/, "").match(/^(?!\s*(?:\*|\/\/)).*import\.meta\..*$/m);
  if (left) throw new Error(`${source} asks where it stands in a way that the bundle does not know: ${left[0].trim()}`);
  return placed === text && entries.has(source) ? text : `import { place } from "term2ai:place";\n${placed}`;
}

const assetOf = (specifier: string) => `assets/${specifier.slice(specifier.lastIndexOf("/") + 1)}`;

/** Finds packages as Deno does; without a copy of all of them in the project. */
const packagePlugin: esbuild.Plugin = {
  name: "packages",
  setup(build) {
    build.onResolve({ filter: /^node:/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind, namespace }) => {
      if (namespace !== "file" || kind === "entry-point" || path.startsWith("term2ai:")) return;
      if (KEPT.includes(path)) return { path, namespace: "kept" };
      if (isBuiltIn(path)) return kind === "require-call" ? { path, namespace: "built-in" } : builtIn(path);
      if (isOurs(importer)) return { path: filePath(import.meta.resolve(path)) };
      return { path: createRequire(importer).resolve(path) };
    });
    // What CommonJS asks of the runtime.
    build.onLoad({ filter: /./, namespace: "built-in" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
    build.onLoad({ filter: /./, namespace: "kept" }, ({ path }) => ({
      contents: `import { createRequire } from "node:module"; import { place } from "term2ai:place";
        export default createRequire(place("packages/", ""))(${JSON.stringify(path)});`,
    }));
  },
};

const builtIn = (name: string) => ({ path: name.startsWith("node:") ? name : `node:${name}`, external: true });

function isBuiltIn(name: string): boolean {
  return createRequire(import.meta.url)("node:module").isBuiltin(name) as boolean;
}

const isOurs = (path: string) => path.startsWith(pathOf("")) && !path.includes("/node_modules/");

/** What is read as a file. */
async function copyAssets(outdir: string, target: string): Promise<void> {
  await Deno.mkdir(`${outdir}/assets`, { recursive: true });
  const wasm = "@resvg/resvg-wasm/index_bg.wasm";
  await Deno.copyFile(filePath(import.meta.resolve(wasm)), `${outdir}/${assetOf(wasm)}`);
  const modules = `${outdir}/packages/node_modules`; // where `require` looks
  for (const name of KEPT) await copyFolder(folderOf(filePath(import.meta.resolve(name))), `${modules}/${name}`);
  const native = NATIVE[target]!;
  await copyFolder(await nativeFolder(native, target), `${modules}/${native}`);
}

async function nativeFolder(name: string, target: string): Promise<string> {
  const kept = filePath(import.meta.resolve(KEPT[0]!));
  if (target === Deno.build.target) return folderOf(createRequire(kept).resolve(`${name}/package.json`));
  const { optionalDependencies } = JSON.parse(await Deno.readTextFile(`${folderOf(kept)}/package.json`));
  return await npmFolder(name, optionalDependencies[name]);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else if (!/\.(?:md|map|pdb|d\.ts)$/.test(name)) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

const folderOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
const pathOf = (path: string) => filePath(new URL(path, ROOT).href);
const filePath = (url: string) => decodeURIComponent(new URL(url).pathname);
