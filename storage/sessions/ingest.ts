/**
 * Takes a recording in: its bytes as they are, and in the same pass all that can be known from them.
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import { CommandCollector } from "../../lib/analyze/commands/command_record.ts";
import { StorageError } from "../../lib/errors.ts";
import type { EventBatch, EventStream, SessionHeader } from "../../lib/event.ts";
import type { CommandRecord, SessionCommands, StoredRecording } from "../../lib/models.ts";
import type { BlobStore, EmulatorMaker, SessionReader, Source, UnwrapKey } from "../../lib/ports.ts";
import { Report } from "../../lib/report.ts";
import { writeCommandLines } from "../../lib/search/command_lines.ts";
import { extractText } from "../../lib/search/extract_text.ts";
import { textEncoder } from "../../lib/search/text_file.ts";
import { fork } from "../../lib/stream/fork.ts";
import { streamSource } from "../../lib/stream/source.ts";
import type { StageCore } from "../../lib/stream/stage.ts";
import { loadEmulator } from "../../lib/terminal/emulator.ts";
import { deriveCommands } from "../../lib/transform/commands.ts";
import { StatsCounter } from "../../lib/transform/stats.ts";
import { textKey, writeMeta } from "./meta.ts";
import type { SessionFormats, StorageParts } from "./parts.ts";

/** What may be said about a recording that is taken in. */
export interface IngestOptions {
  /** Its name in the store. */
  readonly id: string;
  /** A name for people, instead of the recording's own. */
  readonly title?: string;
  /** Tags beside the recording's own. */
  readonly tags?: readonly string[];
  /** When it was stored first; now, if left out. */
  readonly storedAt?: number;
  /** Bytes that there is room for. */
  readonly room: number;
  /** Hears what was odd about it. */
  readonly report?: Report;
  /** Opens an encrypted recording, whose text and facts are then kept as those of any other. */
  readonly unwrap?: UnwrapKey;
  /** What it takes the place of. */
  readonly replaces?: StoredRecording;
}

/** These have several files; what is stored is one, so they are stored as T2A. */
const SEVERAL_FILES: ReadonlySet<string> = new Set(["script", "sudo"]);

/** Stores a recording with its sidecars; nothing is seen of it when that fails. */
export async function ingest(parts: StorageParts, source: Source, options: IngestOptions): Promise<StoredRecording> {
  const { blobs, formats, owner } = parts;
  const { id, room, report = new Report(), unwrap, replaces } = options;
  const [toStore, toRead] = fork(source.bytes());
  const stop = new AbortController(); // of reading what is not kept
  const read = toRead.pipeThrough(new TransformStream<Uint8Array, Uint8Array>(), { signal: stop.signal });
  const { reader, events } = await formats.open({ ...source, bytes: () => read }, report, unwrap).catch(
    async (error) => {
      await toStore.cancel(error);
      throw error;
    },
  );
  if (SEVERAL_FILES.has(reader.name)) {
    await toStore.cancel();
    const t2a = events.pipeThrough(t2aEncoder(formats, report));
    return await ingest(parts, streamSource(`${source.name}.t2a`, t2a), options);
  }
  const blob = `${id}.${extensionOf(source.name, reader)}`;
  let reading: Promise<void> | undefined;
  try {
    const seal = new Sealing(blobs.name, room);
    const facts = new Facts(await loadEmulator());
    reading = putText(blobs, id, facts.textOf(events), report)
      .catch((error) => {
        if (!stop.signal.aborted) report.warn("no-text", `its text could not be read: ${(error as Error).message}`);
      });
    await blobs.put(blob, toStore.pipeThrough(seal.passing()), replaces ? "replace" : "refuse");
    await reading;
    const storedAt = options.storedAt ?? replaces?.storedAt ?? Date.now();
    const stored = { id, owner: replaces?.owner ?? owner, blob, format: reader.name, ...seal.result(), storedAt };
    const superseded = replaces && [...replaces.superseded ?? [], replaces.sha256];
    const recording = { ...stored, ...facts.about(storedAt, report, options), ...(superseded && { superseded }) };
    await writeMeta(blobs, recording);
    if (replaces && replaces.blob !== blob) await blobs.delete(replaces.blob);
    return recording;
  } catch (error) {
    stop.abort(error);
    await reading; // it would still be writing the text
    if (!replaces) { for (const key of [blob, textKey(id)]) await blobs.delete(key).catch(() => {}); }
    throw error;
  }
}

/**
 * Puts the text of a recording beside it. That of an encrypted one is empty if nobody has opened it: nothing of it is to lie about
 * elsewhere, and there is nothing to try again.
 */
export async function putText(
  blobs: BlobStore,
  id: string,
  text: ReadableStream<Uint8Array>,
  report: Report,
): Promise<void> {
  const put = (text: ReadableStream<Uint8Array>) => blobs.put(textKey(id), text, "replace");
  try {
    await put(text);
  } catch (error) {
    if (!report.encrypted) throw error;
    await put(ReadableStream.from([[]]).pipeThrough(textEncoder()));
    report.warn("not-indexed", "it is encrypted, and neither its words nor its title and command are in the catalog");
  }
}

/** What T2A is written with. */
function t2aEncoder({ writers }: SessionFormats, report: Report): TransformStream<EventBatch, Uint8Array> {
  const sibling = () => Promise.reject(new Error("T2A has one file"));
  return writers.find(({ name }) => name === "t2a")!.encoder({ report, timeUnit: 1, sibling });
}

/** The one that the recording has, if its format knows it, so that it opens as before. */
function extensionOf(name: string, { extensions }: SessionReader): string {
  const [, own = "", packed = ""] = /\.([a-z0-9]+)(\.(?:gz|bz2|zst))?$/i.exec(name) ?? [];
  if (extensions.includes(own.toLowerCase())) return (own + packed).toLowerCase();
  return extensions[0] ?? "bin";
}

/** Counts and hashes what passes, and stops where there is no more room. */
export class Sealing {
  readonly #hash: Hash = createHash("sha256");
  readonly #name: string;
  readonly #room: number;
  #bytes = 0;

  constructor(name: string, room: number) {
    this.#name = name;
    this.#room = room;
  }

  passing(): TransformStream<Uint8Array, Uint8Array> {
    return new TransformStream({
      transform: (chunk, controller) => {
        this.#bytes += chunk.length;
        if (this.#bytes > this.#room) throw quotaError(this.#name);
        this.#hash.update(chunk);
        controller.enqueue(chunk);
      },
    });
  }

  result(): { bytes: number; sha256: string } {
    return { bytes: this.#bytes, sha256: this.#hash.digest("hex") };
  }
}

/** Says that a store is full. */
export function quotaError(name: string): StorageError {
  return new StorageError(
    `Cannot store more in ${name}: its quota would be exceeded; nothing was changed\n` +
      "  Make room with: term2ai store gc --max-size SIZE, or raise the quota",
    name,
  );
}

/** What is known from the events of a recording. */
export class Facts {
  readonly #emulator: EmulatorMaker;
  readonly #stats = new StatsCounter();
  readonly #commands: CommandRecord[] = [];
  readonly #collector = new CommandCollector({
    begin: () => {},
    output: () => {},
    end: (command) => this.#commands.push(command),
  });
  readonly #deriver: StageCore;
  #header: SessionHeader | undefined;

  constructor(emulator: EmulatorMaker) {
    this.#emulator = emulator;
    this.#deriver = deriveCommands({ emulator, cut: true }).make((event) => this.#collector.push(event));
  }

  /** The file of a recording's text and commands; while it is read, the rest becomes known. */
  textOf(events: EventStream): ReadableStream<Uint8Array> {
    return events.pipeThrough(this.#passing()).pipeThrough(extractText(this.#emulator))
      .pipeThrough(textEncoder(() => writeCommandLines(this.#found())));
  }

  #found(): SessionCommands {
    this.#deriver.flush();
    this.#collector.flush();
    return { sessions: this.#stats.result().sessions, commands: this.#commands };
  }

  #passing(): TransformStream<EventBatch, EventBatch> {
    return new TransformStream({
      transform: (batch, controller) => {
        for (const event of batch) {
          if (event.kind === "header") this.#header ??= event.header;
          this.#stats.push(event);
          this.#deriver.push(event);
        }
        controller.enqueue(batch);
      },
    });
  }

  about(storedAt: number, { completeness }: Report, { title, tags = [] }: Pick<IngestOptions, "title" | "tags">) {
    const { command, user, host, startedAt, title: own, tags: ownTags = [] } = this.#header ?? {};
    const { duration, outputBytes, exit } = this.#stats.result();
    const name = title ?? own;
    return {
      startedAt: startedAt !== undefined && startedAt > 0 ? startedAt : storedAt,
      duration,
      outputBytes,
      isComplete: completeness !== "unfinished",
      ...(name && { title: name }),
      ...(command && { command }),
      ...(user && { user }),
      ...(host && { host }),
      ...(exit && { exit }),
      tags: [...new Set([...ownTags, ...tags])],
    };
  }
}
