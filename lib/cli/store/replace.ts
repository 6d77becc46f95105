/**
 * `term2ai store redact`, `encrypt` and `decrypt`: put other bytes in the place of stored recordings, and forget what was known of the
 * old ones.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording, t2a, WRITERS } from "../../../formats/mod.ts";
import { rewriteBlocks } from "../../../formats/t2a/rewrite.ts";
import { UsageError } from "../../errors.ts";
import { loadCodec } from "../../host/codec.ts";
import type { StoredRecording } from "../../models.ts";
import type { Source, UnwrapKey, WrapKey } from "../../ports.ts";
import { Report } from "../../report.ts";
import { findSecrets, redact, redactPlanned, type Secrets } from "../../security/redact.ts";
import { collect, streamOf } from "../../stream/collect.ts";
import { findRecording, type SessionStorage, withStore } from "../source/chosen_store.ts";
import type { Context } from "../program/context.ts";
import { encrypted } from "../encrypt.ts";
import { purgeKeyframes } from "../play/keyframe_cache.ts";
import {
  type EncryptFlags,
  encryptFlags,
  type ReadKeyFlags,
  readKeyFlags,
  unwrapWithFlags,
  wrapWithFlags,
} from "../keys/key_sources.ts";
import { SECRETS_FLAGS, type SecretsFlags, secretsFrom } from "../output/secrets_flags.ts";
import { spool } from "../source/spool.ts";
import { print, tell } from "../source/stdio.ts";
import { warnAbout } from "../program/warnings.ts";

/** What takes the place of a recording. */
interface Replacement {
  readonly extension: string;
  readonly bytes: ReadableStream<Uint8Array>;
  /** What people have called it; of the recording itself if left out. */
  readonly title?: string;
  readonly tags: readonly string[];
  /** Reads it for the catalog, where that may be. */
  readonly unwrap?: UnwrapKey;
}

/** Gives no replacement, but the reason, where a recording is to stay. */
type Make = (source: Source, recording: StoredRecording, report: Report) => Promise<Replacement | string>;

/** Players keep keyframes beside files; a store of files has such. */
export async function purgeCaches(storage: SessionStorage, recordings: readonly StoredRecording[]): Promise<void> {
  for (const { blob } of recordings) await purgeKeyframes(`${storage.name}/${blob}`);
}

async function replaceAll(ids: readonly string[], make: Make): Promise<void> {
  if (ids.length === 0) throw new UsageError("Cannot replace nothing: give the ids of recordings");
  await withStore(async (storage) => {
    const recordings: StoredRecording[] = [];
    for (const id of ids) recordings.push(await findRecording(storage, id));
    for (const recording of recordings) {
      const report = new Report();
      const made = await make(storage.source(recording), recording, report);
      if (typeof made === "string") {
        tell(`${recording.id}: ${made}, and stays as it is\n`);
        continue;
      }
      const { extension, bytes, ...about } = made;
      // Made to its end before anything changes: what is read and what is replaced are in the same store.
      const source = await spool(`${recording.id}.${extension}`, bytes);
      await storage.replace(recording.id, source, about);
      await purgeCaches(storage, [recording]);
      warnAbout(recording.id, report, "it");
      await print(`${recording.id}\n`);
    }
  });
}

const ids = {
  kind: "array",
  parameter: { parse: String, brief: "stored recordings", placeholder: "ID" },
} as const;

/** What people have called a recording, beside what it says of itself. */
async function givenTo(
  recording: StoredRecording,
  source: Source,
  unwrap: UnwrapKey,
): Promise<Pick<StoredRecording, "title" | "tags">> {
  const { events } = await openRecording(source, { report: new Report(), unwrap });
  for await (const [first] of events) {
    const { title, tags = [] } = first?.kind === "header" ? first.header : {};
    const own = new Set(tags);
    return {
      ...(recording.title !== undefined && recording.title !== title && { title: recording.title }),
      tags: recording.tags.filter((tag) => !own.has(tag)),
    };
  }
  return { tags: recording.tags };
}

/** A text without its secrets. */
async function hidden(text: string, secrets: Secrets): Promise<string> {
  const [event] = await collect(streamOf({ kind: "marker", time: 0, label: text }).pipeThrough(redact(secrets)));
  return event?.kind === "marker" ? event.label : "";
}

function redacting(secrets: Secrets, unwrap: UnwrapKey, encrypt: WrapKey | undefined): Make {
  return async (source, recording, report) => {
    const seen = new Report();
    const open = async () => (await openRecording(source, { report: seen, unwrap })).events;
    const plan = await findSecrets(open, secrets);
    if (seen.encrypted && !encrypt) {
      throw new UsageError(
        `Cannot redact ${recording.id}: it is encrypted; name with --to who may read it then, or use --passphrase`,
      );
    }
    const given = await givenTo(recording, source, unwrap);
    const title = given.title && await hidden(given.title, secrets);
    const tags = await Promise.all(given.tags.map((tag) => hidden(tag, secrets)));
    const isSame = title === given.title && tags.every((tag, at) => tag === given.tags[at]);
    if (isSame && plan.findings.list.length === 0 && !encrypt) return "it holds no secrets";
    const { events } = await openRecording(source, { report, unwrap });
    const writer = WRITERS.find(({ name }) => name === recording.format) ?? t2a;
    const sibling = () => Promise.reject(new UsageError("a stored recording has one file"));
    const encoder = encrypt ? t2a.encoder({ report, encrypt }) : writer.encoder({ report, timeUnit: 1, sibling });
    return {
      extension: (encrypt ? t2a : writer).extensions[0]!,
      bytes: events.pipeThrough(redactPlanned(plan)).pipeThrough(encoder),
      ...(title !== undefined && { title }),
      tags,
    };
  };
}

interface RedactFlags extends SecretsFlags, EncryptFlags, ReadKeyFlags {}

/** `store redact`. */
export const redactCommand: Command<Context> = buildCommand({
  async func(flags: RedactFlags, ...all: string[]) {
    const isSecret = flags.passphrase || flags.to || flags.recipientsFile;
    const encrypt = isSecret ? await wrapWithFlags(flags) : undefined;
    await replaceAll(all, redacting(await secretsFrom(flags), unwrapWithFlags(flags), encrypt));
  },
  parameters: { flags: { ...SECRETS_FLAGS, ...encryptFlags, ...readKeyFlags }, positional: ids },
  docs: {
    brief: "hide passwords, keys and tokens in stored recordings",
    fullDescription:
      `Hides secrets as term2ai redact does, and puts the result in the place of the recording. What was known of the old one is
removed: its words and title from the catalog and its files, what lies beside it, what players have kept. Its id and date stay,
and its SHA-256 is kept as superseded. A signature is lost.

  term2ai store redact last
  term2ai store redact --text-from names.txt 01jq4`,
  },
});

interface StoreEncryptFlags extends EncryptFlags, ReadKeyFlags {
  readonly index: boolean;
}

/** `store encrypt`. */
export const encryptCommand: Command<Context> = buildCommand({
  async func(flags: StoreEncryptFlags, ...all: string[]) {
    const [wrap, unwrap] = [await wrapWithFlags(flags), unwrapWithFlags(flags)];
    const opened = new Map<string, Uint8Array>();
    // Its own key is known while it is made, so that it can be read for the catalog without anybody's.
    const encrypt: WrapKey = async (key) => {
      const wrapped = await wrap(key);
      opened.set(wrapped.toHex(), key.slice());
      return wrapped;
    };
    const reopen: UnwrapKey = (wrapped) => Promise.resolve(opened.get(wrapped.toHex()));
    await replaceAll(all, async (source, recording) => {
      const { title, tags } = await givenTo(recording, source, unwrap);
      return {
        extension: "t2a",
        bytes: await encrypted(source, unwrap, encrypt),
        tags,
        ...(flags.index && { unwrap: reopen, ...(title !== undefined && { title }) }),
      };
    });
  },
  parameters: {
    aliases: { r: "to", R: "recipientsFile", p: "passphrase" },
    flags: {
      ...encryptFlags,
      index: {
        kind: "boolean",
        brief: "keep its words, title and command in the catalog, where they are not encrypted",
        default: false,
        withNegated: false,
      },
      ...readKeyFlags,
    },
    positional: ids,
  },
  docs: {
    brief: "make stored recordings ones that only some can read",
    fullDescription:
      `Encrypts as term2ai encrypt does, and puts the result in the place of the recording. Its words, title and command are removed from
the catalog and its files, from beside it and from what players have kept; tags that people have given it stay.

  term2ai store encrypt --to age1… last
  term2ai store encrypt --to ~/.ssh/id_ed25519.pub --index 01jq4`,
  },
});

/** `store decrypt`. */
export const decryptCommand: Command<Context> = buildCommand({
  async func(flags: ReadKeyFlags, ...all: string[]) {
    const open = unwrapWithFlags(flags);
    await replaceAll(all, async (source, recording) => {
      let isEncrypted = false;
      const unwrap: UnwrapKey = (wrapped) => {
        isEncrypted = true;
        return open(wrapped);
      };
      const { title, tags } = await givenTo(recording, source, unwrap);
      if (!isEncrypted) return "it is not encrypted";
      const bytes = rewriteBlocks(source.bytes(), { name: recording.id, loadCodec, unwrap });
      return { extension: "t2a", bytes, tags, ...(title !== undefined && { title }) };
    });
  },
  parameters: { aliases: { i: "identity" }, flags: readKeyFlags, positional: ids },
  docs: {
    brief: "make encrypted recordings in the store readable for all, and findable",
    fullDescription:
      `Decrypts as term2ai decrypt does, and puts the result in the place of the recording; search finds it then.

  term2ai store decrypt --identity key.txt last`,
  },
});
