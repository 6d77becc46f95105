/**
 * Modules that are loaded when they are needed, and not before.
 *
 * A dynamic `import("./x.ts")` with the name written out is loaded with the program, only run later: a hundred modules that
 * `rec` never runs would cost it 8 ms of its start. A name that is handed over as a value is not looked at before.
 * @module
 */

/**
 * Imports a module of ours.
 *
 * @param specifier Relative to `lib/cli/`.
 */
export async function lazy<Module>(specifier: string): Promise<Module> {
  return await import(new URL(specifier, import.meta.url).href);
}
