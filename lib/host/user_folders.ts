/**
 * Where this user's recordings and settings are, by the XDG base directories.
 * @module
 */

import { UsageError } from "../errors.ts";
import { readWholeTextSync } from "./whole_file.ts";

/** A folder of ours below one that a variable names, or below the home directory. */
function folder(variable: string, fallback: string): string {
  const named = Deno.env.get(variable);
  if (named?.startsWith("/")) return `${named}/term2ai`;
  const home = Deno.env.get("HOME");
  if (home) return `${home}/${fallback}/term2ai`;
  throw new UsageError(
    `Cannot find your data directory: neither ${variable} nor HOME is set; name a store with --store`,
  );
}

/**
 * The user's data: `recordings` is the store where nothing else is said, `outbox` keeps what is on its way to another.
 *
 * @throws {UsageError} If there is no home directory.
 */
export function dataFolder(): string {
  return folder("XDG_DATA_HOME", ".local/share");
}

/** What can be made again: catalogs of stores in the cloud. */
export function cacheFolder(): string {
  return folder("XDG_CACHE_HOME", ".cache");
}

/** Settings, `config.json`. */
export function configFolder(): string {
  return folder("XDG_CONFIG_HOME", ".config");
}

/**
 * The store that is meant when none is named: `TERM2AI_STORE`, else `store` in the configuration file, else a folder in the user's
 * data directory.
 *
 * @throws {UsageError} If the configuration file is not as it should be.
 */
export function defaultStore(): string {
  return Deno.env.get("TERM2AI_STORE") || configuredStore() || `file://${encodeURI(dataFolder())}/recordings`;
}

function configuredStore(): string | undefined {
  const path = `${configFolder()}/config.json`;
  let text: string;
  try {
    text = readWholeTextSync(path);
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
  return storeIn(text, path);
}

/**
 * The store that the text of a configuration file names, if it names one.
 *
 * @throws {UsageError} If it is not as it should be.
 */
export function storeIn(text: string, path: string): string | undefined {
  let settings: unknown;
  try {
    settings = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: it is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const store = typeof settings === "object" && settings !== null ? (settings as { store?: unknown }).store : settings;
  if (store === undefined || typeof store === "string") return store;
  throw new UsageError(
    `Cannot use ${path}: "store" is ${JSON.stringify(store)}, expected a URL such as "file:///recordings"`,
  );
}
