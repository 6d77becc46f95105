/**
 * The terminal inside of asciinema's player, without the player: what it does to seek is to feed this from the beginning.
 * @module
 */

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";

/** A terminal that is fed text. */
export interface AsciinemaTerminal {
  feed(text: string): unknown;
}

/** Makes such terminals. The package does not export the part; it is taken out of the file that has it. */
export async function asciinemaTerminals(): Promise<(cols: number, rows: number) => AsciinemaTerminal> {
  const folder = dirname(createRequire(import.meta.url).resolve("asciinema-player"));
  const name = [...Deno.readDirSync(folder)].map((entry) => entry.name).find((name) => /^opts-.*\.js$/.test(name));
  if (!name) throw new Error("Cannot find the terminal of asciinema-player: another version is installed");
  const source = (await Deno.readTextFile(`${folder}/${name}`))
    .replaceAll(/from '\.\//g, `from '${pathToFileURL(folder).href}/`) +
    "\nexport { vt as engine, memory as ready };\n";
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    await Deno.writeTextFile(file, source);
    Object.assign(globalThis, { document: { addEventListener: () => {} }, window: globalThis });
    const { engine, ready } = await import(pathToFileURL(file).href);
    await ready;
    const { create } = await engine;
    return (cols, rows) => create(cols, rows, 0, true);
  } finally {
    await Deno.remove(file);
  }
}
