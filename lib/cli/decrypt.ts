/**
 * `term2ai decrypt`: makes an encrypted recording one that everybody can read.
 * @module
 */

import { rewriteBlocks } from "../../formats/t2a/rewrite.ts";
import { loadCodec } from "../host/codec.ts";
import type { UnwrapKey } from "../ports.ts";
import { unwrapWithFlags } from "./keys/key_sources.ts";
import { rewrite, rewriteCommand } from "./output/rewrite.ts";
import { harmless, tell } from "./source/stdio.ts";

export const command = rewriteCommand({
  brief: "make an encrypted recording readable for all",
  text: `Decrypts a recording. Its blocks are then what they were before it was encrypted, and a signature stays good.

FILE of --identity is one of age-keygen, or a private SSH key (Ed25519). TERM2AI_IDENTITY can name it for all commands: play,
cat, info and the filters read encrypted recordings as they read others.

  term2ai decrypt --identity key.txt secret.t2a demo.t2a
  term2ai decrypt --identity ~/.ssh/id_ed25519 < secret.t2a | term2ai play -`,
  flags: {},
  aliases: { i: "identity" },
  async run(flags, input, output) {
    const open = unwrapWithFlags(flags);
    let wasEncrypted = false;
    const unwrap: UnwrapKey = (wrapped) => {
      wasEncrypted = true;
      return open(wrapped);
    };
    await rewrite(
      { input, output, overwrite: flags.overwrite },
      (source) => rewriteBlocks(source.bytes(), { name: source.name, loadCodec, unwrap }),
    );
    if (!wasEncrypted) tell(`${harmless(input)}: it was not encrypted, and is copied as it is\n`);
  },
});
