/**
 * `term2ai encrypt`: makes a recording one that only some can read.
 * @module
 */

import { openRecording, t2a } from "../../formats/mod.ts";
import { rewrapKey, rewriteBlocks } from "../../formats/t2a/rewrite.ts";
import { UsageError } from "../errors.ts";
import { loadCodec } from "../host/codec.ts";
import type { Source, UnwrapKey, WrapKey } from "../ports.ts";
import { Report } from "../report.ts";
import { peek } from "../stream/peek.ts";
import { type EncryptFlags, encryptFlags, unwrapWithFlags, wrapWithFlags } from "./keys/key_sources.ts";
import { lazy } from "./lazy.ts";
import { rewrite, rewriteCommand } from "./output/rewrite.ts";
import { warnAbout } from "./program/warnings.ts";

interface Flags extends EncryptFlags {
  readonly rewrap: boolean;
}

export const command = rewriteCommand<Flags>({
  brief: "make a recording one that only some can read",
  text:
    `Encrypts a recording for those whom --to names, with keys of age (age1…) or of SSH (ssh-ed25519 …), or with a passphrase.
Everything is encrypted, down to the title and the times; what still shows is how long it is. Players still seek in it. A
signature stays good. Writes T2A; other formats become it.

Each time a new key is made. --rewrap keeps it: whoever could read the recording before, and kept the key, still can.

  term2ai encrypt --to age1… demo.t2a secret.t2a
  term2ai encrypt --to ~/.ssh/id_ed25519.pub < demo.t2a > secret.t2a
  term2ai encrypt --rewrap --identity key.txt --to age1… --to age1… secret.t2a shared.t2a`,
  flags: {
    ...encryptFlags,
    rewrap: {
      kind: "boolean",
      brief: "IN is encrypted: only change who can open it, and leave what is encrypted as it is",
      default: false,
      withNegated: false,
    },
  },
  aliases: { r: "to", R: "recipientsFile", p: "passphrase" },
  async run(flags, input, output) {
    if (flags.rewrap && flags.passphrase && flags.passphraseFile !== undefined && flags.identity === undefined) {
      const instead = "leave it out, and you are asked for both";
      throw new UsageError(`Cannot use one --passphrase-file for two passphrases: ${instead}`);
    }
    const encrypt = await wrapWithFlags(flags);
    const unwrap = unwrapWithFlags(flags);
    await rewrite({ input, output, overwrite: flags.overwrite }, (source) => {
      if (flags.rewrap) return rewrapKey(source.bytes(), source.name, unwrap, encrypt);
      return encrypted(source, unwrap, encrypt);
    });
    const { purgeKeyframes } = await lazy<typeof import("./play/keyframe_cache.ts")>("./play/keyframe_cache.ts");
    for (const path of new Set([input, output])) await purgeKeyframes(path); // they show what is encrypted now
  },
});

/** An encrypted recording: T2A block by block, everything else event by event. */
export async function encrypted(
  source: Source,
  unwrap: UnwrapKey,
  encrypt: WrapKey,
): Promise<ReadableStream<Uint8Array>> {
  const { prefix, bytes } = await peek(source.bytes(), (seen) => t2a.detect(seen), t2a.prefixLength);
  const found = { ...source, bytes: () => bytes };
  if (t2a.detect(prefix)) return rewriteBlocks(bytes, { name: source.name, loadCodec, unwrap, encrypt });
  const report = new Report();
  const { events } = await openRecording(found, { report });
  const told = new TransformStream<Uint8Array, Uint8Array>({ flush: () => warnAbout(source.name, report) });
  return events.pipeThrough(t2a.encoder({ report, encrypt })).pipeThrough(told);
}
