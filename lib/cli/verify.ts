/**
 * `term2ai verify`: whether a recording is still what was recorded.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { findRecipients } from "../../formats/t2a/locate.ts";
import { type Fault, type Verdict, verifyBlocks } from "../../formats/t2a/verify.ts";
import type { SignatureCheck } from "../../formats/t2a/trust.ts";
import { UsageError } from "../errors.ts";
import { loadCodec } from "../host/codec.ts";
import type { Source } from "../ports.ts";
import { type AllowedSigner, isPattern, refusalOf, signerOf } from "../security/allowed_signers.ts";
import { fingerprint } from "../security/ssh_key.ts";
import { toPem } from "../security/ssh_wire.ts";
import { JSON_OBJECT } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { Exit } from "./program/failure.ts";
import { type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { ALLOWED_SIGNERS, readSigners } from "./keys/signers.ts";
import { lazy } from "./lazy.ts";
import { writeToFile } from "./output/output.ts";
import { harmless, openSource, print } from "./source/stdio.ts";
import { formatBytes, formatTime, toSeconds } from "./program/time.ts";

interface VerifyFlags extends ReadKeyFlags {
  readonly allowUnfinished: boolean;
  readonly allowUnsignedTail: boolean;
  readonly allowedSigners?: string;
  readonly seal?: string;
  readonly overwrite: boolean;
  readonly json: boolean;
  readonly secrets: boolean;
}

/** A verdict, and what it means here. */
interface Judged {
  readonly verdict: Verdict;
  /** In a word or a few. */
  readonly state: string;
  readonly isGood: boolean;
  readonly lines: readonly string[];
  readonly signer: string | undefined;
  readonly tail: Tail;
}

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: VerifyFlags, file: string) {
    if (flags.secrets) return await lookForSecrets(file, flags);
    if (flags.allowUnsignedTail && !(flags.allowUnfinished && flags.allowedSigners !== undefined)) {
      throw new UsageError("Cannot use --allow-unsigned-tail alone: expected --allow-unfinished and --allowed-signers");
    }
    const signers = flags.allowedSigners === undefined ? undefined : await readSigners(flags.allowedSigners);
    const source = await openSource(file);
    const verdicts = await verify(source, flags);
    if (flags.seal !== undefined) await writeSeals(flags.seal, verdicts, flags.overwrite);
    const judged = await Promise.all(verdicts.map((verdict) => judge(verdict, flags, signers)));
    await print(flags.json ? asJson(judged) : judged.map((one, n) => asText(file, one, n, judged.length)).join(""));
    if (!judged.every(({ isGood }) => isGood)) throw new Exit(1);
  },
  parameters: {
    flags: {
      allowUnfinished: {
        kind: "boolean",
        brief: "a recording without an end is good too, as far as it goes",
        default: false,
        withNegated: false,
      },
      allowUnsignedTail: {
        kind: "boolean",
        brief: "with both: what stands behind its last signed checkpoint may be unsigned",
        default: false,
        withNegated: false,
      },
      allowedSigners: ALLOWED_SIGNERS,
      seal: {
        kind: "parsed",
        parse: String,
        brief: "write what was signed to FILE and the signature to FILE.sig, for ssh-keygen -Y verify",
        placeholder: "FILE",
        optional: true,
      },
      overwrite: {
        kind: "boolean",
        brief: "replace FILE and FILE.sig if they exist",
        default: false,
        withNegated: false,
      },
      secrets: {
        kind: "boolean",
        brief: "look for passwords, keys and tokens instead, in a recording of any format",
        default: false,
        withNegated: false,
      },
      json: JSON_OBJECT,
      ...readKeyFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "a T2A recording; - is stdin", placeholder: "FILE" }],
    },
  },
  docs: {
    brief: "tell whether a recording is what was recorded",
    fullDescription:
      `Tells whether every byte of a T2A recording is what was recorded, and if not, what happened to it and where first.

Ends with 0 only for a recording that is complete and unaltered, else with 1. A signature says who vouches for it; whose key
that is, only --allowed-signers can tell. Without a signature, somebody may have made all of it anew. What a recording itself says
is missing in it, its gaps, is told and is no fault.

A signed recording that a crash has cut is signed up to its last checkpoint, a few seconds before; with --allowed-signers what
stands behind that is a fault also where --allow-unfinished is given, unless --allow-unsigned-tail is. repair --signed-part keeps
what is signed.

With --secrets it tells instead which passwords, keys and tokens are in a recording, without showing them, and ends with 1 if
there are any, with 2 if it could not look; redact hides them.

  term2ai verify demo.t2a
  term2ai verify --secrets public.cast
  term2ai verify --allowed-signers ~/.ssh/allowed_signers demo.t2a
  term2ai verify --seal seal demo.t2a &&
    ssh-keygen -Y verify -f allowed_signers -I ada@example.com -n term2ai-recording -s seal.sig < seal`,
  },
});

async function lookForSecrets(file: string, flags: VerifyFlags): Promise<void> {
  const { tellSecrets } = await lazy<typeof import("./redact.ts")>("./redact.ts");
  await tellSecrets(file, { ...flags, report: true, check: true }, "verify");
}

async function verify(source: Source, flags: VerifyFlags): Promise<Verdict[]> {
  return await verifyBlocks(source.bytes(), {
    name: source.name,
    loadCodec,
    unwrap: unwrapWithFlags(flags),
    spare: (from) => spareKey(source, from),
  });
}

/** Another copy of the key of an encrypted recording, where there is a file to look for it. */
export async function spareKey(source: Source, from: number): Promise<Uint8Array | undefined> {
  const ranges = await source.ranges();
  try {
    return ranges && await findRecipients((start, length) => ranges.read(start, length), ranges.size, from);
  } finally {
    ranges?.close();
  }
}

/** The files that `ssh-keygen` wants; further recordings of a file get a number. */
/** Files that are there stay as they are, the recording among them, unless they are to be replaced. */
async function writeSeals(path: string, verdicts: readonly Verdict[], overwrite: boolean): Promise<void> {
  const signed = verdicts.flatMap(({ signed }) => signed ? [signed] : []);
  if (signed.length === 0) throw new UsageError(`Cannot write ${path}: there is no signature to check`);
  for (const [n, { content, signature }] of signed.entries()) {
    const name = n === 0 ? path : `${path}.${n + 1}`;
    const pem = new TextEncoder().encode(toPem(signature, "SSH SIGNATURE"));
    await writeToFile(name, ReadableStream.from([content]), overwrite, { ".sig": pem });
  }
}

async function judge(verdict: Verdict, flags: VerifyFlags, signers: AllowedSigner[] | undefined): Promise<Judged> {
  const { fault } = verdict;
  const isShort = fault?.kind === "unfinished" || fault?.kind === "truncated";
  const who = await signature(verdict, signers);
  const tail = tailOf(verdict);
  const isTailGood = !signers || tail.blocks === 0 || flags.allowUnsignedTail;
  const isGood = (!fault || (isShort && flags.allowUnfinished)) && who.isAccepted && isTailGood;
  const unchecked = await uncheckedLines(verdict);
  const lines = [
    ...(fault ? faultLines(fault) : []),
    ...(unchecked.length > 0 ? unchecked : who.lines),
    ...checkpointLines(verdict),
    ...(isTailGood || !who.isAccepted ? [] : tailLines(tail)),
    ...extras(verdict),
  ];
  return {
    verdict,
    state: stateOf(verdict, who),
    isGood: isGood && unchecked.length === 0,
    lines,
    signer: who.name,
    tail,
  };
}

function stateOf({ fault, signature }: Verdict, { isAccepted }: Who): string {
  if (fault) return fault.kind;
  if (signature?.isUnchecked) return "intact and signed, but the signature could not be checked";
  if (!isAccepted) return "intact, but not signed by whom it must be";
  return signature ? "intact and signed" : "intact, but not signed";
}

/** Of signatures by keys that only others can check. */
async function uncheckedLines({ signature, checkpoints }: Verdict): Promise<string[]> {
  const checks = [...(signature ? [signature] : []), ...checkpoints];
  const unchecked = checks.find((check) => check.isUnchecked)?.signature?.publicKey;
  if (!unchecked) return [];
  const lines = [
    `signed with the key ${await fingerprint(unchecked)} of type ${
      harmless(unchecked.type)
    }; only ssh-ed25519 is checked here`,
  ];
  if (!signature?.isUnchecked) return lines;
  const verify = "ssh-keygen -Y verify -f ALLOWED_SIGNERS -I WHO -n term2ai-recording -s seal.sig < seal";
  return [...lines, `check it with: term2ai verify --seal seal FILE; ${verify}`];
}

interface Who {
  readonly isAccepted: boolean;
  readonly lines: readonly string[];
  readonly name: string | undefined;
}

/** Who vouches for it: the seal, or in an unfinished recording the checkpoints. */
async function signature(
  { signature, checkpoints, fault }: Verdict,
  signers: AllowedSigner[] | undefined,
): Promise<Who> {
  const checks: readonly SignatureCheck[] = [...(signature ? [signature] : []), ...checkpoints];
  const keys = new Map<string, SignatureCheck>();
  for (const check of checks) {
    if (check.valid && check.signature) keys.set(await fingerprint(check.signature.publicKey), check);
  }
  if (!signers) {
    const lines = [...keys.keys()].map((print) => `signed with the key ${print}; no list of allowed signers was given`);
    return { isAccepted: true, lines, name: [...keys.keys()][0] };
  }
  const needed = signature !== undefined || (fault !== undefined && checkpoints.length > 0);
  if (!needed || keys.size === 0) {
    return {
      isAccepted: false,
      lines: ["it is not signed, and one of the allowed signers must have signed it"],
      name: undefined,
    };
  }
  const lines: string[] = [];
  let isAccepted = checks.every(({ valid }) => valid);
  let name: string | undefined;
  for (const [print, check] of keys) {
    const signer = signerOf(signers, check.signature!.publicKey, Date.now());
    isAccepted &&= signer !== undefined;
    name ??= signer && (isPattern(signer.principals) ? print : signer.principals);
    lines.push(
      signer
        ? isPattern(signer.principals)
          ? `signed with the key ${print}, which is listed for ${harmless(signer.principals)}`
          : `signed by ${harmless(signer.principals)} with the key ${print}`
        : `signed with the key ${print}, ${harmless(refusalOf(signers, check.signature!.publicKey, Date.now()))}`,
    );
  }
  return { isAccepted, lines, name };
}

function faultLines(fault: Fault): string[] {
  const { what, goodBlocks, goodUntil } = fault;
  const good = goodBlocks === 0
    ? "nothing before it is known to be good"
    : `the ${goodBlocks === 1 ? "block" : `${goodBlocks} blocks`} before it (0:00 to ${formatTime(goodUntil)}) ${
      goodBlocks === 1 ? "is" : "are"
    } intact`;
  return [harmless(what), `${good}; keep what is good with: term2ai repair`];
}

function checkpointLines({ checkpoints, fault, duration }: Verdict): string[] {
  const last = checkpoints.findLast(({ valid }) => valid);
  if (!last || !fault) return [];
  const when = new Date(last.wall).toISOString();
  const left = `${formatTime(Math.max(0, duration - last.time))} after it has no signature`;
  return [`the last of ${checkpoints.length} signed checkpoints stands at ${formatTime(last.time)} (${when}); ${left}`];
}

/** What nobody has signed, behind what somebody has. */
interface Tail {
  /** Up to where a good signature vouches for it; `undefined` where none does. */
  readonly signedUntil: number | undefined;
  /** Blocks of its chain behind that, and how long they take. */
  readonly blocks: number;
  readonly duration: number;
}

function tailOf({ signature, checkpoints, blocks, duration }: Verdict): Tail {
  if (signature?.valid) return { signedUntil: duration, blocks: 0, duration: 0 };
  const last = checkpoints.findLast(({ valid }) => valid);
  if (!last) return { signedUntil: undefined, blocks, duration };
  return {
    signedUntil: last.time,
    blocks: Math.max(0, blocks - last.blocks - 1), // the checkpoint is a block itself
    duration: Math.max(0, duration - last.time),
  };
}

function tailLines({ blocks, duration }: Tail): string[] {
  const what = blocks === 1 ? "block is" : `${blocks} blocks are`;
  return [
    `the last ${what} signed by nobody (${formatTime(duration)}): anybody can have put them there`,
    "keep what is signed with: term2ai repair --signed-part; or take it as it is with --allow-unsigned-tail",
  ];
}

function gapLines({ gaps: { count, bytes } }: Verdict): string[] {
  if (count === 0) return [];
  const known = bytes === 0 ? "how much is not known" : `${formatBytes(bytes)} are known to be missing`;
  return [`it says itself that something is missing in it: ${count === 1 ? "1 gap" : `${count} gaps`}, ${known}`];
}

function extras(verdict: Verdict): string[] {
  const { unlisted, encrypted } = verdict;
  const blocks = unlisted === 1
    ? "1 block of keyframes or commands was"
    : `${unlisted} blocks of keyframes or commands were`;
  return [
    ...(unlisted > 0 ? [`${blocks} added after it was signed, and will not be used`] : []),
    ...(encrypted ? ["it is encrypted"] : []),
    ...gapLines(verdict),
  ];
}

function asText(name: string, { verdict, state, lines }: Judged, n: number, of: number): string {
  const { blocks, events, duration, fault } = verdict;
  const which = of > 1 ? `${harmless(name)}, recording ${n + 1} of ${of}` : harmless(name);
  const size = fault ? [] : [`${blocks} blocks, ${events} events, ${formatTime(duration)}`];
  return [`${which}: ${state}`, ...[...lines, ...size].map((line) => `  ${line}`)].join("\n") + "\n";
}

function signatureState(check: SignatureCheck | undefined): "valid" | "wrong" | "unchecked" | null {
  if (!check) return null;
  return check.isUnchecked ? "unchecked" : check.valid ? "valid" : "wrong";
}

function asJson(judged: readonly Judged[]): string {
  const recordings = judged.map(({ verdict, state, isGood, signer, tail }) => ({
    good: isGood,
    state: verdict.fault?.kind ?? "intact",
    summary: state,
    signed: verdict.signature?.valid ?? false,
    signature: signatureState(verdict.signature),
    signer: signer ?? null,
    signedUntilSeconds: tail.signedUntil === undefined ? null : toSeconds(tail.signedUntil),
    unsignedBlocks: tail.blocks,
    encrypted: verdict.encrypted,
    fault: verdict.fault
      ? { ...verdict.fault, block: verdict.fault.block ?? null, goodUntil: toSeconds(verdict.fault.goodUntil) }
      : null,
    checkpoints: verdict.checkpoints.map(({ valid, blocks, time, wall }) => ({
      valid,
      blocks,
      time: toSeconds(time),
      at: new Date(wall).toISOString(),
    })),
    unlistedBlocks: verdict.unlisted,
    gaps: verdict.gaps,
    blocks: verdict.blocks,
    events: verdict.events,
    durationSeconds: toSeconds(verdict.duration),
  }));
  return JSON.stringify({ good: judged.every(({ isGood }) => isGood), recordings }, null, 2) + "\n";
}
