/**
 * The part of a signed recording that its last checkpoint vouches for.
 * @module
 */

import type { SignatureCheck } from "../../../formats/t2a/trust.ts";
import { verifyBlocks } from "../../../formats/t2a/verify.ts";
import { FormatError } from "../../errors.ts";
import type { Nanos } from "../../event.ts";
import { loadCodec } from "../../host/codec.ts";
import { type ReadKeyFlags, unwrapWithFlags } from "../keys/key_sources.ts";
import { signerOf } from "../../security/allowed_signers.ts";
import { readSigners } from "../keys/signers.ts";
import { openRereadable } from "./spool.ts";
import { harmless } from "./stdio.ts";

/**
 * The bytes of a recording up to the last checkpoint of which all is as it was, and the time of the last event in them.
 *
 * @throws {FormatError} If there is none, or the recording has an end that is signed.
 */
export async function signedPart(
  input: string,
  flags: ReadKeyFlags & { readonly allowedSigners?: string },
): Promise<{ bytes: ReadableStream<Uint8Array>; until: Nanos }> {
  const signers = flags.allowedSigners === undefined ? undefined : await readSigners(flags.allowedSigners);
  const source = await openRereadable(input);
  const verdicts = await verifyBlocks(source.bytes(), { name: source.name, loadCodec, unwrap: unwrapWithFlags(flags) });
  const verdict = verdicts.at(-1);
  const name = harmless(input);
  if (verdict?.signature?.valid && !verdict.fault) {
    throw new FormatError(`Cannot keep the signed part of ${name}: all of it is signed, and intact`);
  }
  const isTheirs = ({ valid, signature }: SignatureCheck) =>
    valid && (!signers || signerOf(signers, signature!.publicKey, Date.now()) !== undefined);
  const last = verdict?.checkpoints.findLast(isTheirs);
  if (!last) {
    const whose = signers ? " by one of the allowed signers" : "";
    throw new FormatError(
      `Cannot keep the signed part of ${name}: there is none${whose}; rec --sign writes a checkpoint every 5 s`,
    );
  }
  return { bytes: firstBytes(source.bytes(), last.end), until: last.time };
}

function firstBytes(bytes: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array> {
  let left = length;
  return bytes.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        if (left > 0) controller.enqueue(chunk.subarray(0, left));
        left -= chunk.length;
        if (left <= 0) controller.terminate();
      },
    }),
  );
}
