/**
 * `ID.meta.json`: what is known about a recording, beside it.
 * @module
 */

import { StorageError } from "../../lib/errors.ts";
import type { StoredRecording } from "../../lib/models.ts";
import type { BlobStore } from "../../lib/ports.ts";
import { isId } from "../../lib/search/id.ts";
import { collectBytes } from "../../lib/stream/collect.ts";

const VERSION = 1;
/** More than any title and tags; a file that is larger is none of ours. */
const LONGEST = 1 << 20;

/** The key of a recording's facts. */
export function metaKey(id: string): string {
  return `${id}.meta.json`;
}

/** The key of its text. */
export function textKey(id: string): string {
  return `${id}.text`;
}

/** The id that a key belongs to, and whether it is a sidecar; `undefined` for a key of another kind. */
export function keyParts(key: string): { id: string; part: "meta" | "text" | "recording" } | undefined {
  const dot = key.indexOf(".");
  const id = key.slice(0, dot);
  if (dot < 0 || !isId(id)) return undefined;
  return { id, part: key === metaKey(id) ? "meta" : key === textKey(id) ? "text" : "recording" };
}

/** Stores what is known. */
export async function writeMeta(blobs: BlobStore, recording: StoredRecording): Promise<void> {
  const text = JSON.stringify({ version: VERSION, ...recording }, null, 1) + "\n";
  await blobs.put(metaKey(recording.id), new Blob([text]).stream(), "replace");
}

/**
 * What is known about a recording; `undefined` when there is none of that name.
 *
 * @throws {StorageError} If its facts cannot be read.
 */
export async function readMeta(blobs: BlobStore, id: string): Promise<StoredRecording | undefined> {
  const key = metaKey(id);
  const info = await blobs.stat(key);
  const bytes = info && await blobs.get(key);
  if (!bytes) return undefined;
  const fail = (why: string) => new StorageError(`Cannot read ${key} in ${blobs.name}: ${why}`, key);
  if (info.size > LONGEST) {
    await bytes.cancel();
    throw fail(`it has ${info.size} bytes`);
  }
  const recording = parseMeta(new TextDecoder().decode(await collectBytes(bytes)));
  if (!recording) throw fail("it is not what this version of term2ai writes");
  return recording;
}

/** What a file of facts says; `undefined` if it is none, or one of a later version. */
export function parseMeta(text: string): StoredRecording | undefined {
  const found = parse(text);
  if (!found || found.version > VERSION) return undefined;
  const { version: _, ...recording } = found;
  return recording;
}

function parse(text: string): (StoredRecording & { version: number }) | undefined {
  try {
    const value = JSON.parse(text);
    return isMeta(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const REQUIRED: Readonly<Record<string, string>> = {
  version: "number",
  id: "string",
  owner: "string",
  blob: "string",
  format: "string",
  bytes: "number",
  sha256: "string",
  storedAt: "number",
  startedAt: "number",
  duration: "number",
  outputBytes: "number",
  isComplete: "boolean",
};

// deno-lint-ignore no-explicit-any -- that is what is found out
function isMeta(value: any): value is StoredRecording & { version: number } {
  const optional = ["title", "command", "user", "host"];
  return typeof value === "object" && value !== null &&
    Object.entries(REQUIRED).every(([name, type]) => typeof value[name] === type) &&
    optional.every((name) => ["undefined", "string"].includes(typeof value[name])) &&
    isTexts(value.tags) && (value.superseded === undefined || isTexts(value.superseded)) &&
    isId(value.id) && keyParts(value.blob)?.id === value.id;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
