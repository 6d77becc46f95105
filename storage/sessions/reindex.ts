/**
 * Brings a catalog up to what the blobs say: after a crash, a copy by hand, a damaged catalog.
 * @module
 */

import type { StoredRecording, TextLine } from "../../lib/models.ts";
import type { BlobStore, TextOf } from "../../lib/ports.ts";
import { CommandLineReader } from "../../lib/search/command_lines.ts";
import { readText } from "../../lib/search/text_file.ts";
import { Report } from "../../lib/report.ts";
import { loadEmulator } from "../../lib/terminal/emulator.ts";
import { Facts, putText, Sealing } from "./ingest.ts";
import { keyParts, readMeta, textKey, writeMeta } from "./meta.ts";
import type { StorageParts } from "./parts.ts";

/**
 * What to do again.
 *
 * @example
 * ```ts
 * const options: ReindexOptions = { all: true, onProgress: (done, of) => console.log(`${done} of ${of}`) };
 * ```
 */
export interface ReindexOptions {
  /** Forgets the catalog, and builds it anew; else only what is missing is added. */
  readonly all?: boolean;
  /** Reads the text out of the recordings again, even where `ID.text` has it. */
  readonly text?: boolean;
  /** Only these; all, if left out. */
  readonly ids?: readonly string[];
  /** Hears how many recordings are done. */
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * What was done.
 *
 * @example
 * ```ts
 * const isFine = ({ problems }: ReindexResult) => problems.length === 0;
 * ```
 */
export interface ReindexResult {
  /** Recordings whose text is in the catalog now and was not before. */
  readonly indexed: number;
  /** Recordings that the catalog had not known. */
  readonly found: number;
  /** Recordings that it had known and that are gone. */
  readonly gone: number;
  /** What could not be read, and why. */
  readonly problems: readonly string[];
}

/** Does it. */
export async function reindex(parts: StorageParts, options: ReindexOptions): Promise<ReindexResult> {
  const { catalog } = parts;
  if (options.all) await catalog.clear();
  const problems: string[] = [];
  const { found, gone } = options.ids ? await findOnly(parts, options.ids, problems) : await findAll(parts, problems);
  const ids = options.text
    ? options.ids ?? (await catalog.list({}, Infinity)).map(({ id }) => id)
    : await catalog.unindexed();
  let indexed = 0;
  await catalog.index((async function* () {
    for (const [at, id] of ids.entries()) {
      const commands = new CommandLineReader();
      const text = await textOf(parts, id, options.text ?? false, problems, commands);
      if (text) {
        yield text;
        indexed++;
        await putCommands(parts, id, commands);
      }
      options.onProgress?.(at + 1, ids.length);
    }
  })());
  if (!options.ids) await findCommands(parts, new Set(ids), problems);
  return { indexed, found, gone, problems };
}

/** Of recordings that were indexed before commands were: they are read again. */
async function findCommands(parts: StorageParts, done: ReadonlySet<string>, problems: string[]): Promise<void> {
  for (const id of await parts.catalog.withoutCommands({})) {
    if (done.has(id)) continue;
    const commands = new CommandLineReader();
    const text = await textOf(parts, id, true, problems, commands);
    if (text) { for await (const _ of text.lines); }
    await putCommands(parts, id, commands);
  }
}

async function putCommands({ catalog }: StorageParts, id: string, reader: CommandLineReader): Promise<void> {
  const commands = reader.result();
  if (commands) await catalog.putCommands(id, commands);
}

/** Puts the text and the commands that lie beside a recording into the catalog. */
export async function indexSidecar(parts: StorageParts, id: string): Promise<void> {
  const bytes = await parts.blobs.get(textKey(id));
  if (!bytes) return;
  const commands = new CommandLineReader();
  await parts.catalog.index((async function* () {
    yield { id, lines: readText(bytes, commands) };
  })());
  await putCommands(parts, id, commands);
}

async function findOnly(parts: StorageParts, ids: readonly string[], problems: string[]) {
  let found = 0;
  for (const id of ids) if (await takeIn(parts, id, undefined, problems)) found++;
  return { found, gone: 0 };
}

/** All recordings that the blobs hold; those without facts are read for them. */
async function findAll(parts: StorageParts, problems: string[]): Promise<{ found: number; gone: number }> {
  const { blobs, catalog } = parts;
  const known = new Set((await catalog.list({}, Infinity)).map(({ id }) => id));
  const there = new Set<string>(), bare = new Map<string, string>();
  for await (const { key } of blobs.list("", "")) {
    const { id, part } = keyParts(key) ?? {};
    if (id && part === "meta") there.add(id);
    if (id && part === "recording") bare.set(id, key);
  }
  let found = 0, gone = 0;
  for (const id of there) if (!known.has(id) && await takeIn(parts, id, undefined, problems)) found++;
  for (const [id, key] of bare) if (!there.has(id) && await takeIn(parts, id, key, problems)) found++;
  for (const id of known) if (!there.has(id) && !bare.has(id) && await catalog.delete(id)) gone++;
  return { found, gone };
}

/** Puts a recording into the catalog; `key` is that of its bytes, where it has no facts yet. */
async function takeIn(
  parts: StorageParts,
  id: string,
  key: string | undefined,
  problems: string[],
): Promise<boolean> {
  try {
    const recording = key === undefined ? await readMeta(parts.blobs, id) : await readFacts(parts, id, key);
    if (!recording) return false;
    await parts.catalog.put({ ...recording, owner: parts.owner });
    return true;
  } catch (error) {
    problems.push((error as Error).message);
    return false;
  }
}

/** Reads a recording that came without facts: from a recorder, or by hand. Its text is read in the same pass. */
export async function readFacts(
  { blobs, formats, owner }: StorageParts,
  id: string,
  blob: string,
  more: { title?: string; tags?: readonly string[] } = {},
): Promise<StoredRecording | undefined> {
  const [info, bytes] = [await blobs.stat(blob), await blobs.get(blob)];
  if (!info || !bytes) return undefined;
  const report = new Report(), facts = new Facts(await loadEmulator()), seal = new Sealing(blobs.name, Infinity);
  const source = { name: blob, bytes: () => bytes.pipeThrough(seal.passing()), ranges: nothing, sibling: nothing };
  const { reader, events } = await formats.open(source, report);
  await putText(blobs, id, facts.textOf(events), report);
  const storedAt = info.modifiedAt;
  // Of an encrypted one not all has passed.
  const { bytes: size, sha256 } = report.encrypted ? await sealOf(blobs, blob) : seal.result();
  const recording = {
    ...{ id, owner, blob, format: reader.name, bytes: size, sha256, storedAt },
    ...facts.about(storedAt, report, more),
  };
  await writeMeta(blobs, recording);
  return recording;
}

async function sealOf(blobs: BlobStore, key: string): Promise<{ bytes: number; sha256: string }> {
  const seal = new Sealing(blobs.name, Infinity);
  await (await blobs.get(key))?.pipeThrough(seal.passing()).pipeTo(new WritableStream());
  return seal.result();
}

const nothing = () => Promise.resolve(undefined);

async function textOf(
  parts: StorageParts,
  id: string,
  again: boolean,
  problems: string[],
  commands: CommandLineReader,
): Promise<TextOf | undefined> {
  const { blobs, catalog } = parts;
  try {
    const known = await catalog.get(id);
    if (known && (again || !await blobs.stat(textKey(id)))) {
      await readFacts(parts, id, known.blob, {
        ...known.title !== undefined && { title: known.title },
        tags: known.tags,
      });
    }
    const bytes = await blobs.get(textKey(id));
    return bytes && { id, lines: readable(readText(bytes, commands), problems) };
  } catch (error) {
    problems.push((error as Error).message);
    return undefined;
  }
}

/** Lines up to where they cannot be read: what is wrong with one text is told, and costs no other. */
async function* readable(
  lines: AsyncIterable<readonly TextLine[]>,
  problems: string[],
): AsyncGenerator<readonly TextLine[], void, void> {
  try {
    yield* lines;
  } catch (error) {
    problems.push((error as Error).message);
  }
}
