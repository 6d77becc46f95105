/**
 * Copies recordings from one store to another, or moves them.
 *
 * Each recording is read back from where it went and its hash compared before it counts as done, or is deleted where it was.
 * What is there already, with the same hash, is left alone: so an interrupted migration goes on where it was.
 * @module
 */

import { StorageError, UsageError } from "../../lib/errors.ts";
import type { StoredRecording } from "../../lib/models.ts";
import type { BlobStore, SessionWriter } from "../../lib/ports.ts";
import { Report } from "../../lib/report.ts";
import { streamSource } from "../../lib/stream/source.ts";
import { ingest, quotaError, Sealing } from "./ingest.ts";
import { textKey, writeMeta } from "./meta.ts";
import { indexSidecar } from "./reindex.ts";
import type { SessionStorage } from "./session_storage.ts";

/**
 * How to migrate.
 *
 * @example
 * ```ts
 * const options: MigrateOptions = { move: true, onProgress: ({ done, of }) => console.log(`${done} of ${of}`) };
 * ```
 */
export interface MigrateOptions {
  /** Deletes each recording where it was, once its copy is verified. */
  readonly move?: boolean;
  /** Writes recordings in this format, by name; as they are, if left out. */
  readonly format?: string;
  /** Hears how far it is. */
  readonly onProgress?: (progress: MigrateProgress) => void;
}

/**
 * How far a migration is.
 *
 * @example
 * ```ts
 * const percent = ({ done, of }: MigrateProgress) => Math.floor(100 * done / of);
 * ```
 */
export interface MigrateProgress {
  /** Recordings that are copied, left alone or given up. */
  readonly done: number;
  /** All. */
  readonly of: number;
  /** Bytes of those. */
  readonly bytes: number;
  /** Bytes of all. */
  readonly ofBytes: number;
}

/**
 * What a migration has done.
 *
 * @example
 * ```ts
 * const isDone = ({ problems }: MigrateResult) => problems.length === 0;
 * ```
 */
export interface MigrateResult {
  /** Recordings that were copied and verified. */
  readonly copied: number;
  /** Recordings that were there already. */
  readonly skipped: number;
  /** Recordings that could not be copied, and why; they are where they were. */
  readonly problems: readonly string[];
}

/**
 * Migrates all recordings of a store, oldest first. One that is damaged stops none of the others.
 *
 * @throws {UsageError} If both are the same store, or there is no such format.
 * @throws {StorageError} If the new store takes nothing.
 *
 * @example
 * ```ts
 * import { openStorage } from "@term2ai/term2ai/storage";
 *
 * const [from, to] = [await openStorage("memory:"), await openStorage("memory:")];
 * console.assert((await migrate(from, to)).copied === 0);
 * await from.close();
 * await to.close();
 * ```
 */
export async function migrate(
  from: SessionStorage,
  to: SessionStorage,
  { move = false, format, onProgress = () => {} }: MigrateOptions = {},
): Promise<MigrateResult> {
  if (from.name === to.name && from.name !== "memory") throw new UsageError(`Cannot migrate ${from.name} to itself`);
  const writer = format === undefined ? undefined : writerNamed(format, to);
  const all = (await from.list({}, Infinity)).reverse();
  const ofBytes = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const problems: string[] = [];
  let copied = 0, skipped = 0, bytes = 0;
  for (const [at, recording] of all.entries()) {
    onProgress({ done: at, of: all.length, bytes, ofBytes });
    try {
      if (await isThere(recording, to, format)) skipped++;
      else {
        await (writer ? convert(recording, from, to, writer) : copy(recording, from, to));
        copied++;
      }
      if (move) await from.delete(recording.id);
    } catch (error) {
      if (!(error instanceof DamagedError)) throw error;
      problems.push(error.message);
    }
    bytes += recording.bytes;
  }
  onProgress({ done: all.length, of: all.length, bytes, ofBytes });
  if (move && copied > 0) await from.purge();
  return { copied, skipped, problems };
}

/** A recording that is not what it was when it was stored. */
class DamagedError extends StorageError {}

function writerNamed(name: string, { parts }: SessionStorage): SessionWriter {
  const { writers } = parts.formats;
  const writer = writers.find((writer) => writer.name === name);
  if (writer) return writer;
  throw new UsageError(
    `Cannot migrate to format ${JSON.stringify(name)}: expected ${writers.map(({ name }) => name).join(", ")}`,
  );
}

async function isThere(recording: StoredRecording, to: SessionStorage, format?: string): Promise<boolean> {
  const there = await to.get(recording.id);
  if (!there || !await to.parts.blobs.stat(there.blob)) return false;
  return format === undefined ? there.sha256 === recording.sha256 : there.format === format;
}

async function copy(recording: StoredRecording, from: SessionStorage, to: SessionStorage): Promise<void> {
  const { blobs, catalog, owner, quota } = to.parts;
  if (quota < Infinity && (await catalog.totals()).bytes + recording.bytes > quota) throw quotaError(to.name);
  const bytes = await from.parts.blobs.get(recording.blob);
  if (!bytes) {
    throw new DamagedError(`Cannot copy ${recording.id}: its bytes are missing in ${from.name}`, recording.id);
  }
  const seal = new Sealing(to.name, Infinity);
  await blobs.put(recording.blob, bytes.pipeThrough(seal.passing()), "replace");
  await verify(recording.id, seal.result().sha256, recording.sha256, blobs, recording.blob, from.name);
  const text = await from.parts.blobs.get(textKey(recording.id));
  if (text) await blobs.put(textKey(recording.id), text, "replace");
  const copied = { ...recording, owner };
  await writeMeta(blobs, copied);
  await catalog.put(copied);
  await indexSidecar(to.parts, recording.id);
}

/** What was read must be what was stored then; what is there now must be what was read. */
async function verify(
  id: string,
  read: string,
  expected: string,
  blobs: BlobStore,
  key: string,
  source: string,
): Promise<void> {
  const there = read === expected ? await hashOf(blobs, key) : read;
  if (there === expected) return;
  await blobs.delete(key);
  if (read === expected) throw new StorageError(`Cannot verify ${id} in ${blobs.name}: it came back changed`, id);
  throw new DamagedError(
    `Cannot copy ${id}: it is damaged in ${source}\n  Its SHA-256 is ${read}, expected ${expected}; nothing of it was changed`,
    id,
  );
}

async function hashOf(blobs: BlobStore, key: string): Promise<string | undefined> {
  const seal = new Sealing(blobs.name, Infinity);
  await (await blobs.get(key))?.pipeThrough(seal.passing()).pipeTo(new WritableStream());
  return seal.result().sha256;
}

/** In another format: it is read as if it came from outside, and keeps its name, title and tags. */
async function convert(
  recording: StoredRecording,
  from: SessionStorage,
  to: SessionStorage,
  writer: SessionWriter,
): Promise<void> {
  const { id, title, tags, storedAt } = recording;
  const report = new Report();
  const sibling = () => Promise.reject(new UsageError(`Cannot keep ${writer.name} in a store: it has several files`));
  try {
    const { events } = await from.parts.formats.open(from.source(recording), report);
    const bytes = events.pipeThrough(writer.encoder({ report, timeUnit: 1, sibling }));
    const source = streamSource(`${id}.${writer.extensions[0]}`, bytes);
    await forget(to, id);
    const about = { id, tags, storedAt, room: Infinity, ...(title !== undefined && { title }) };
    const stored = await ingest(to.parts, source, about);
    if (await hashOf(to.parts.blobs, stored.blob) !== stored.sha256) {
      throw new StorageError(`Cannot verify ${id} in ${to.name}: it came back changed`, id);
    }
    await to.parts.catalog.put(stored);
    await indexSidecar(to.parts, id);
  } catch (error) {
    if (error instanceof UsageError || error instanceof StorageError) throw error;
    throw new DamagedError(`Cannot convert ${id}: ${(error as Error).message}`, id, { cause: error });
  }
}

/** What an interrupted migration, or one to another format, has left. */
async function forget({ parts: { blobs } }: SessionStorage, id: string): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of blobs.list(`${id}.`, "")) keys.push(key);
  for (const key of keys) await blobs.delete(key);
}
