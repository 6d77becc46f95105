/**
 * Modules that few sessions need, loaded by the first that does.
 * @module
 */

/**
 * Imports a module of ours. Its name is handed over as a value: one that is written out would be loaded with the program.
 *
 * @param specifier Relative to `lib/session/`.
 */
export async function later<Module>(specifier: string): Promise<Module> {
  return await import(new URL(specifier, import.meta.url).href);
}
