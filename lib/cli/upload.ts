/**
 * `term2ai upload`: keeps recordings in the store.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { dataFolder } from "../host/user_folders.ts";
import { PrivateFile } from "../host/private_file.ts";
import type { UnwrapKey } from "../ports.ts";
import { Report } from "../report.ts";
import { TAG, TITLE } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { loadStorage, withStore } from "./source/chosen_store.ts";
import { type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { showProgress } from "./program/progress.ts";
import { harmless, openSource, print } from "./source/stdio.ts";
import { warnAbout } from "./program/warnings.ts";

interface UploadFlags extends ReadKeyFlags {
  readonly title?: string;
  readonly tag?: readonly string[];
  readonly index: boolean;
}

export const command: Command<Context> = buildCommand({
  async func({ title, tag, index, ...keys }: UploadFlags, ...files: string[]) {
    if (title !== undefined && files.length > 1) throw new UsageError("Cannot give several recordings one title");
    const unwrap = index ? unwrapWithFlags(keys) : undefined;
    const about = { ...(title !== undefined && { title }), tags: tag ?? [], ...(unwrap && { unwrap }) };
    for (const file of files.length > 0 ? files : ["-"]) {
      const local = file === "-" ? await keepStdin() : undefined;
      await print(await upload(local ?? file, about, local !== undefined) + "\n");
      if (local) await Deno.remove(local);
    }
  },
  parameters: {
    aliases: { t: "title" },
    flags: {
      title: TITLE,
      tag: TAG,
      index: {
        kind: "boolean",
        brief: "of encrypted ones too, put words, title and command into the catalog, where they are not encrypted",
        default: false,
        withNegated: false,
      },
      ...readKeyFlags,
    },
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "recordings of any format; - or none is stdin", placeholder: "FILE" },
    },
  },
  docs: {
    brief: "keep recordings in the store",
    fullDescription:
      `Keeps recordings in the store, byte for byte, and prints the id of each. What could be read on the screen goes into the index, but
of encrypted recordings only with --index.

Formats of several files (script, sudo) are stored as T2A. What comes from stdin is kept on this machine until the store has
all of it. --store URL names the store.

  term2ai upload demo.t2a
  term2ai rec -- make | term2ai compress | term2ai upload --tag ci --store s3://recordings/builds`,
  },
});

/** Stores a recording, and returns its id. */
async function upload(
  path: string,
  about: { title?: string; tags: readonly string[]; unwrap?: UnwrapKey },
  isKept: boolean,
): Promise<string> {
  const report = new Report();
  const progress = await showProgress(await openSource(path));
  try {
    const { id } = await withStore((storage) => storage.store(progress.source, { ...about, report }));
    return id;
  } catch (error) {
    if (isKept && error instanceof Error) error.message += `\n  It is kept; try again with: term2ai upload ${path}`;
    throw error;
  } finally {
    progress.end();
    warnAbout(harmless(path), report);
  }
}

/** A pipe cannot be asked again when a store refuses or a network fails, so it goes to a file first. */
async function keepStdin(): Promise<string> {
  const folder = `${dataFolder()}/outbox`;
  await (await loadStorage()).makePrivateFolder(folder);
  const file = await PrivateFile.create(`${folder}/${crypto.randomUUID()}.t2a`, "refuse");
  try {
    for await (const chunk of Deno.stdin.readable) await file.write(chunk);
  } catch (error) {
    await file.discard();
    throw error;
  }
  file.close();
  return file.path;
}
