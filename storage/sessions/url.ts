/**
 * The URLs of stores.
 * @module
 */

import { UsageError } from "../../lib/errors.ts";
import { parseSizeInBytes } from "../../lib/text/size.ts";

/**
 * A store's URL, taken apart.
 *
 * @example
 * ```ts
 * const url: StorageUrl = { scheme: "file", place: "/recordings", settings: new URLSearchParams(), quota: 5e9 };
 * ```
 */
export interface StorageUrl {
  /** Which kind. */
  readonly scheme: "memory" | "file" | "sqlite" | "postgres" | "s3";
  /** A path for files and SQLite, the whole URL without our settings for PostgreSQL, bucket and prefix for S3. */
  readonly place: string;
  /** What stands behind `?`. */
  readonly settings: URLSearchParams;
  /** Bytes that all recordings together may take. */
  readonly quota: number;
}

/** Settings that are ours in every URL. */
const OURS = ["quota", "owner"];

/**
 * Reads a store's URL; a path alone is a folder.
 *
 * @throws {UsageError} If it is none.
 */
export function parseStorageUrl(url: string): StorageUrl {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(url) ?? [undefined, "file", encodeURI(url)];
  const [place = "", query = ""] = rest!.split(/\?(.*)/s, 2);
  const settings = new URLSearchParams(query);
  const quota = parseQuota(settings.get("quota"), url);
  switch (scheme!.toLowerCase()) {
    case "memory":
      return { scheme: "memory", place: "", settings, quota };
    case "file":
      return { scheme: "file", place: pathIn(place.replace(/^\/\/(?:localhost)?(?=\/)/, ""), url), settings, quota };
    case "sqlite":
      return { scheme: "sqlite", place: pathIn(place.replace(/^\/\//, ""), url), settings, quota };
    case "postgres":
    case "postgresql": {
      for (const name of OURS) settings.delete(name);
      const more = settings.size > 0 ? `?${settings}` : "";
      return { scheme: "postgres", place: `postgres:${place}${more}`, settings, quota };
    }
    case "s3":
      return { scheme: "s3", place: decoded(place.replace(/^\/\//, "")), settings, quota };
  }
  throw new UsageError(
    `Cannot use ${JSON.stringify(url)} as a store: expected a URL with file:, sqlite:, postgres: or s3:, or a folder`,
  );
}

function pathIn(text: string, url: string): string {
  const path = decoded(text);
  if (path !== "" && !path.startsWith("//")) return path;
  throw new UsageError(`Cannot use ${JSON.stringify(url)} as a store: it names no path; write file:///path`);
}

function parseQuota(text: string | null, url: string): number {
  if (text === null) return Infinity;
  try {
    return parseSizeInBytes(text);
  } catch (error) {
    throw new UsageError(`Cannot use ${JSON.stringify(url)} as a store: its quota: ${(error as Error).message}`);
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a stray % in a name that nobody encoded
  }
}
