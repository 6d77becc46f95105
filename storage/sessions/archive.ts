/**
 * Recordings of a store as one tar file, and back: to hand them to somebody, to keep them on a shelf.
 *
 * For each recording it has `ID.meta.json`, the recording itself and `ID.text`, in this order, as a store of files has them.
 * @module
 */

import { FormatError, StorageError } from "../../lib/errors.ts";
import type { StoredRecording } from "../../lib/models.ts";
import type { BlobStore } from "../../lib/ports.ts";
import { collectBytes } from "../../lib/stream/collect.ts";
import { Sealing } from "./ingest.ts";
import { keyParts, metaKey, parseMeta, textKey, writeMeta } from "./meta.ts";
import { indexSidecar } from "./reindex.ts";
import type { SessionStorage } from "./session_storage.ts";

/**
 * The recordings as a tar file.
 *
 * @example
 * ```ts
 * import type { SessionStorage } from "@term2ai/term2ai/storage";
 * const backup = async (storage: SessionStorage) => exportArchive(storage, await storage.list({}, Infinity));
 * ```
 */
export function exportArchive(
  { parts: { blobs } }: SessionStorage,
  recordings: readonly StoredRecording[],
): ReadableStream<Uint8Array> {
  const tar = async function* () {
    const { createTarPacker } = await import("modern-tar");
    const { readable, controller } = createTarPacker();
    addAll(blobs, recordings, controller).catch((error) => controller.error(error));
    yield* readable;
  };
  return ReadableStream.from(tar());
}

type Packer = ReturnType<typeof import("modern-tar").createTarPacker>["controller"];

async function addAll(blobs: BlobStore, recordings: readonly StoredRecording[], tar: Packer): Promise<void> {
  const add = async (key: string, isNeeded: boolean) => {
    const [info, bytes] = [await blobs.stat(key), await blobs.get(key)];
    if (info && bytes) {
      const mtime = new Date(info.modifiedAt);
      await bytes.pipeTo(tar.add({ name: key, size: info.size, mode: 0o600, mtime }));
    } else if (isNeeded) throw new StorageError(`Cannot export ${key}: it is missing in ${blobs.name}`, key);
  };
  for (const { id, blob } of recordings) {
    await add(metaKey(id), true);
    await add(blob, true);
    await add(textKey(id), false);
  }
  tar.finalize();
}

/**
 * What an import has done.
 *
 * @example
 * ```ts
 * const isDone = ({ problems }: ImportResult) => problems.length === 0;
 * ```
 */
export interface ImportResult {
  /** Recordings that were taken in. */
  readonly imported: number;
  /** Recordings that were there already. */
  readonly skipped: number;
  /** Recordings that could not be taken in, and why. */
  readonly problems: readonly string[];
}

/**
 * Takes in the recordings of a tar file that {@linkcode exportArchive} made. Each is verified by its hash.
 *
 * @throws {FormatError} If it is no tar file.
 *
 * @example
 * ```ts
 * import type { SessionStorage } from "@term2ai/term2ai/storage";
 * const restore = async (storage: SessionStorage, tar: ReadableStream<Uint8Array>) => (await importArchive(storage, tar)).imported;
 * ```
 */
export async function importArchive(storage: SessionStorage, tar: ReadableStream<Uint8Array>): Promise<ImportResult> {
  const { createTarDecoder } = await import("modern-tar");
  const importing = new Importing(storage);
  let isTar = false;
  try {
    for await (const { header, body } of tar.pipeThrough(createTarDecoder({ strict: true }))) {
      isTar = true;
      await importing.take(header.name, body as ReadableStream<Uint8Array>);
    }
    if (!isTar) throw new Error("there is nothing in it");
  } catch (error) {
    if (error instanceof StorageError) throw error;
    throw new FormatError(
      `Cannot import this: it is no whole tar file: ${(error as Error).message}\n` +
        `  ${importing.imported} recordings before that place were taken in`,
      {},
      { cause: error },
    );
  }
  return importing;
}

class Importing implements ImportResult {
  imported = 0;
  skipped = 0;
  readonly problems: string[] = [];
  readonly #storage: SessionStorage;
  #awaited: StoredRecording | undefined; // its facts came, its bytes are to come

  constructor(storage: SessionStorage) {
    this.#storage = storage;
  }

  async take(name: string, body: ReadableStream<Uint8Array>): Promise<void> {
    const { id, part } = keyParts(name) ?? {};
    if (part === "meta") return await this.#takeMeta(name, body);
    if (part === "text" && await this.#isNew(id!)) return await this.#takeText(id!, body);
    if (part === "recording" && this.#awaited?.blob === name) return await this.#takeRecording(this.#awaited, body);
    await body.cancel();
  }

  async #takeMeta(name: string, body: ReadableStream<Uint8Array>): Promise<void> {
    this.#awaited = undefined;
    const recording = parseMeta(new TextDecoder().decode(await collectBytes(body)));
    if (!recording || metaKey(recording.id) !== name) {
      this.problems.push(`Cannot import ${name}: it is not what this version of term2ai writes`);
    } else if ((await this.#storage.get(recording.id))?.sha256 === recording.sha256) this.skipped++;
    else this.#awaited = { ...recording, owner: this.#storage.parts.owner };
  }

  async #takeRecording(recording: StoredRecording, body: ReadableStream<Uint8Array>): Promise<void> {
    this.#awaited = undefined;
    const { blobs, catalog } = this.#storage.parts;
    const seal = new Sealing(blobs.name, Infinity);
    await blobs.put(recording.blob, body.pipeThrough(seal.passing()), "replace");
    const { sha256 } = seal.result();
    if (sha256 !== recording.sha256) {
      await blobs.delete(recording.blob);
      const why = `its SHA-256 is ${sha256}, expected ${recording.sha256}`;
      return void this.problems.push(`Cannot import ${recording.id}: it is damaged; ${why}`);
    }
    await writeMeta(blobs, recording);
    await catalog.put(recording);
    this.imported++;
  }

  async #takeText(id: string, body: ReadableStream<Uint8Array>): Promise<void> {
    await this.#storage.parts.blobs.put(textKey(id), body, "replace");
    await indexSidecar(this.#storage.parts, id);
  }

  /** Whether a recording is there and its text is not. */
  async #isNew(id: string): Promise<boolean> {
    return await this.#storage.get(id) !== undefined && !await this.#storage.parts.blobs.stat(textKey(id));
  }
}
