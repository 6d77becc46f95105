/**
 * `term2ai sign`: vouches for a recording.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { rewriteBlocks } from "../../formats/t2a/rewrite.ts";
import { loadCodec } from "../host/codec.ts";
import { fingerprint } from "../security/ssh_key.ts";
import { OVERWRITE } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { loadSigner, type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { rewrite } from "./output/rewrite.ts";
import { tell } from "./source/stdio.ts";

interface SignFlags extends ReadKeyFlags {
  readonly key: string;
  readonly overwrite: boolean;
}

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: SignFlags, file: string, out?: string) {
    const { sign, publicKey } = await loadSigner(flags.key, flags.passphraseFile);
    const options = { name: file, loadCodec, sign, keepKey: true, unwrap: unwrapWithFlags(flags) };
    const isInPlace = out === undefined && file !== "-";
    await rewrite(
      { input: file, output: out ?? file, overwrite: flags.overwrite || isInPlace },
      (source) => rewriteBlocks(source.bytes(), options),
    );
    tell(`term2ai: signed with the key ${await fingerprint(publicKey)}\n`);
  },
  parameters: {
    flags: {
      key: {
        kind: "parsed",
        parse: String,
        brief: "an SSH key (Ed25519): the private file, or the .pub of one that ssh-agent has",
        placeholder: "FILE",
      },
      overwrite: OVERWRITE,
      ...readKeyFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a finished T2A recording; - is stdin", placeholder: "FILE" },
        { parse: String, brief: "the signed one; FILE itself if left out", placeholder: "OUT", optional: true },
      ],
    },
  },
  docs: {
    brief: "sign a recording with an SSH key",
    fullDescription:
      `Signs a finished T2A recording, and the keyframes and commands that it holds now. What was recorded stays bit by bit what
it is; a signature that was there is replaced.

The signature is SSHSIG for the namespace term2ai-recording: verify checks it, and ssh-keygen -Y verify does too.

  term2ai sign --key ~/.ssh/id_ed25519 demo.t2a
  term2ai sign --key ~/.ssh/id_ed25519.pub demo.t2a signed.t2a      # by ssh-agent`,
  },
});
