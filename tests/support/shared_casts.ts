/**
 * The collection of recordings that lies beside the project on some machines, and is never part of it.
 * @module
 */

const FOLDER = new URL("../../../shared/casts/", import.meta.url);

/** The bytes of a recording of the collection; `undefined`, with a notice, where there is no collection. */
export async function sharedCast(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await Deno.readFile(new URL(name, FOLDER));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`  skipped: ../shared/casts/${name} is absent`);
  }
}

/** The names of all its recordings; none, with a notice, where there is no collection. */
export function castNames(folder = ""): string[] {
  try {
    return [...Deno.readDirSync(new URL(folder, FOLDER))].flatMap(({ name, isDirectory }) =>
      isDirectory ? castNames(`${folder}${name}/`) : /\.(md|nh)$|^README/.test(name) ? [] : [folder + name]
    ).sort();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log("  skipped: ../shared/casts is absent");
    return [];
  }
}
