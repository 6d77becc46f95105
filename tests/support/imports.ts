/**
 * Who imports whom, as Deno itself reads the sources.
 * @module
 */

import { fileURLToPath, pathToFileURL } from "node:url";

/** The project's folder, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** One import of a source file. */
export interface Import {
  /** Path from the project's folder, or a specifier such as `node:fs` or `npm:x@1`. */
  readonly target: string;
  /** `type` where nothing of it is left at run time, `dynamic` where it is loaded when needed. */
  readonly kind: "static" | "dynamic" | "type";
}

/** The imports of each source file, by path from the project's folder. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

interface Resolved {
  readonly specifier?: string;
}

interface Dependency {
  readonly specifier: string;
  readonly isDynamic?: boolean;
  readonly code?: Resolved;
  readonly type?: Resolved;
}

interface ModuleInfo {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
}

/** All TypeScript files of a folder, by path from the project's folder; none where there is no such folder. */
export function sourcesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(ROOT + folder)].flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) return sourcesIn(path);
      return path.endsWith(".ts") ? [path] : [];
    }).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The imports of these files, and of all files that they import. */
export async function importsOf(files: readonly string[]): Promise<ImportGraph> {
  const folder = await Deno.makeTempDir();
  try {
    const entry = `${folder}/all.ts`;
    await Deno.writeTextFile(
      entry,
      files.map((file) => `import ${JSON.stringify(pathToFileURL(ROOT + file).href)};`).join("\n"),
    );
    const { modules } = JSON.parse(await deno("info", "--json", "--config", `${ROOT}deno.json`, entry));
    const own = (modules as ModuleInfo[]).filter(({ specifier }) => fromRoot(specifier) !== specifier);
    return new Map(own.map((module) => [fromRoot(module.specifier), (module.dependencies ?? []).map(toImport)]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function toImport({ specifier, isDynamic, code, type }: Dependency): Import {
  const target = fromRoot(code?.specifier ?? type?.specifier ?? specifier);
  return { target, kind: code ? isDynamic ? "dynamic" : "static" : "type" };
}

function fromRoot(specifier: string): string {
  const root = pathToFileURL(ROOT).href;
  return specifier.startsWith(root) ? specifier.slice(root.length) : specifier;
}

/** Everything that is loaded when `start` is, without what it loads later. */
export function loadedWith(graph: ImportGraph, start: string): string[] {
  const loaded = new Set([start]);
  for (const file of loaded) {
    for (const { target, kind } of graph.get(file) ?? []) if (kind === "static") loaded.add(target);
  }
  return [...loaded];
}

/** A ring of files that import each other, types included; `undefined` where there is none. */
export function cycleIn(graph: ImportGraph): string[] | undefined {
  const finished = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (finished.has(file)) return undefined;
    path.push(file);
    for (const { target, kind } of graph.get(file) ?? []) {
      const cycle = kind === "dynamic" ? undefined : visit(target);
      if (cycle) return cycle;
    }
    path.pop();
    finished.add(file);
  };
  for (const file of graph.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}

/** What `deno` prints. */
export async function deno(...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`deno ${args[0]} failed:\n${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
