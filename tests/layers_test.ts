import { deepEqual, equal, match, rejects } from "node:assert/strict";
import {
  cycleIn,
  deno,
  type Import,
  type ImportGraph,
  importsOf,
  loadedWith,
  ROOT,
  sourcesIn,
} from "./support/imports.ts";

/** The folders of `lib`, from the ground up: each imports only those before it, and the ground. */
const LAYERS = [
  "host",
  "terminal",
  "transform",
  "record",
  "replay",
  "render", // draws what a replay shows, with the stages that a replay has
  "search",
  "analyze",
  "security",
  "session",
  "cli",
];

/** The folders of `lib` that all others stand on. */
const GROUND = ["ports", "stream", "text"];

/** Files that may name `Deno` or a `node:` module. */
const AT_HOME = /^(?:lib\/(?:host|cli|session)\/|storage\/|formats\/mod\.ts$|mod\.ts$|cli\.ts$)/;
const SENTENCE = "This module is browser compatible.";

const files = [...sourcesIn("lib"), ...sourcesIn("formats"), ...sourcesIn("storage")];
const sources = new Map(files.map((file) => [file, Deno.readTextFileSync(ROOT + file)]));
const graph = await importsOf([...files, "mod.ts", "browser.ts", "cli.ts"]);

/** Why one file must not import another; `undefined` where it may. */
function objection(file: string, { target }: Import): string | undefined {
  if (target === "mod.ts" || target === "cli.ts") return "nothing inside imports what joins it";
  if (!/^(?:lib|formats|storage)\//.test(target)) return undefined;
  return file.startsWith("lib/") ? libObjection(file, target) : leafObjection(file, target);
}

/** 0 for the ground, then by the list. */
function layerOf(file: string): number {
  const folder = /^lib\/(\w+)\//.exec(file)?.[1] ?? "stream";
  return GROUND.includes(folder) ? 0 : LAYERS.indexOf(folder) + 1 || NaN;
}

function libObjection(file: string, target: string): string | undefined {
  const [own, other] = [layerOf(file), layerOf(target)];
  if (!target.startsWith("lib/")) {
    return own >= layerOf("lib/session/") ? undefined : "below sessions nothing knows formats and storages";
  }
  return other <= own ? undefined : "it is not above it in the order of layers";
}

/** A format or storage knows the library and its own helpers; `mod.ts` knows all its siblings. */
function leafObjection(file: string, target: string): string | undefined {
  const [folder, ...rest] = file.split("/") as [string, ...string[]];
  if (target.startsWith("lib/")) {
    if (/^lib\/(?:cli|session)\//.test(target)) return "a leaf knows no program";
    if (!target.startsWith("lib/host/") || folder === "storage") return undefined; // a store is at home on its host
    return rest[0] === "mod.ts" && /^lib\/host\/(?:codec|decompress)\.ts$/.test(target)
      ? undefined
      : "a leaf is given its host";
  }
  const name = rest[0]!.replace(/\.ts$/, "");
  const [otherFolder, otherName] = target.split("/") as [string, string];
  if (file === "storage/mod.ts" && target === "formats/mod.ts") return undefined; // it tells its stores how to read recordings
  if (otherFolder !== folder) return "formats and storages do not know each other";
  if (name === "mod") return undefined;
  const isHelper = !otherName.endsWith(".ts") && (name === otherName || name.startsWith(`${otherName}_`));
  return isHelper ? undefined : "it is a sibling, not a helper of its own";
}

const complain = (objects: (file: string, its: Import) => string | undefined) =>
  files.flatMap((file) =>
    (graph.get(file) ?? []).flatMap((its) => {
      const why = objects(file, its);
      return why ? [`${file} imports ${its.target}, but ${why}`] : [];
    })
  );

Deno.test("imports follow the order of the layers", () => {
  equal(graph.size >= files.length, true);
  deepEqual(complain(objection), []);
});

Deno.test("the rule of layers objects to what it should", () => {
  const why = (file: string, target: string) => objection(file, { target, kind: "static" });
  const wrong = [
    ["lib/event.ts", "lib/transform/stats.ts"],
    ["lib/stream/stage.ts", "lib/host/clock.ts"],
    ["lib/transform/stats.ts", "lib/replay/pacer.ts"],
    ["lib/record/session_recorder.ts", "formats/t2a.ts"],
    ["lib/record/session_recorder.ts", "mod.ts"],
    ["lib/nowhere/x.ts", "lib/host/clock.ts"],
    ["formats/t2a.ts", "formats/ttyrec.ts"],
    ["formats/t2a.ts", "formats/asciicast/decoder.ts"],
    ["formats/t2a.ts", "lib/host/codec.ts"],
    ["formats/mod.ts", "lib/host/pty.ts"],
    ["storage/s3.ts", "formats/t2a.ts"],
    ["storage/mod.ts", "formats/t2a.ts"],
    ["storage/s3.ts", "storage/file.ts"],
    ["storage/sessions/ingest.ts", "formats/mod.ts"],
  ] as const;
  for (const [file, target] of wrong) {
    match(why(file, target) ?? `${file} may import ${target}`, /know|above|inside|given|sibling/);
  }
  const right = [
    ["lib/replay/pacer.ts", "lib/transform/seen.ts"],
    ["lib/cli/rec.ts", "formats/t2a.ts"],
    ["formats/mod.ts", "formats/t2a.ts"],
    ["formats/mod.ts", "lib/host/codec.ts"],
    ["formats/t2a.ts", "formats/t2a/blocks.ts"],
    ["formats/t2a/blocks.ts", "formats/t2a/varint.ts"],
    ["formats/asciicast_v3.ts", "lib/text/lines.ts"],
    ["storage/mod.ts", "formats/mod.ts"],
    ["storage/mod.ts", "storage/s3.ts"],
    ["storage/file.ts", "lib/host/file.ts"],
  ] as const;
  for (const [file, target] of right) equal(why(file, target), undefined, `${file} imports ${target}`);
});

Deno.test("no files import each other in a ring", () => {
  equal(cycleIn(graph)?.join(" → "), undefined);
  const ring: ImportGraph = new Map([
    ["a", [{ target: "b", kind: "static" }]],
    ["b", [{ target: "c", kind: "type" }]],
    ["c", [{ target: "b", kind: "static" }]],
  ]);
  deepEqual(cycleIn(ring), ["b", "c", "b"]);
});

Deno.test("only hosts, programs and storages name Deno or a module of Node", () => {
  const named = [...sources].filter(([file, text]) => !AT_HOME.test(file) && /\bDeno\./.test(withoutComments(text)));
  deepEqual(named.map(([file]) => file), []);
  const nodes = complain((file, { target }) =>
    !AT_HOME.test(file) && target.startsWith("node:") ? "it is no host" : undefined
  );
  deepEqual(nodes, []);
});

function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, "").replace(/(^|\s)\/\/.*$/gm, "");
}

/** Packages that run in browsers as they are. */
const BROWSER_PACKAGES = [
  "@xterm/headless",
  "@xterm/addon-unicode-graphemes",
  "age-encryption",
  "@noble/ciphers",
  "@noble/curves",
  "@noble/hashes",
  "gifenc",
  "hyparquet-writer",
  "diff",
  "re2js",
];
const isForBrowsers = (target: string) =>
  BROWSER_PACKAGES.some((name) => target.replace("npm:/", "npm:").startsWith(`npm:${name}@`));

const compatible = [...files.filter((file) => sources.get(file)!.includes(SENTENCE)), "common.ts", "browser.ts"];

Deno.test("all other modules say that they are browser compatible, and load only such", () => {
  deepEqual(files.filter((file) => !AT_HOME.test(file) && !compatible.includes(file)), []);
  for (const file of compatible) {
    const others = loadedWith(graph, file).filter((loaded) => !compatible.includes(loaded) && !isForBrowsers(loaded));
    deepEqual(others, [], `${file} says that it is browser compatible`);
  }
});

Deno.test("modules that say they are browser compatible type-check with a browser's types alone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const config = `${folder}/deno.json`;
    const lib = ["dom", "dom.iterable", "dom.asynciterable", "esnext"];
    const compilerOptions = { lib, noUncheckedIndexedAccess: true, noImplicitOverride: true };
    const all: Record<string, string> = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`)).imports;
    const imports = Object.fromEntries(
      Object.entries(all).filter(([name]) => BROWSER_PACKAGES.includes(name.replace(/\/$/, ""))),
    );
    await Deno.writeTextFile(config, JSON.stringify({ compilerOptions, imports, nodeModulesDir: "none" }));
    await deno("check", "--config", config, ...compatible.map((file) => ROOT + file));
    const faulty = `${folder}/faulty.ts`;
    await Deno.writeTextFile(faulty, "Deno.exit(0);");
    await rejects(deno("check", "--config", config, faulty), /Cannot find name 'Deno'/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

for (const start of ["cli.ts", "lib/cli/rec.ts"]) {
  Deno.test(`${start} loads nothing heavy before a recording starts`, () => {
    equal(graph.has(start), true);
    const heavy = loadedWith(graph, start).filter((loaded) => /^(?:node|npm|jsr|https?):/.test(loaded));
    deepEqual(
      heavy.filter((loaded) => !loaded.startsWith("npm:@stricli/core@") && !loaded.startsWith("npm:/@stricli/core@")),
      [],
    );
  });
}
