/**
 * What verifying a recording can find.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos, SessionHeader } from "../../lib/event.ts";
import type { Totals } from "./seal.ts";
import type { SignatureCheck } from "./trust.ts";

/**
 * What can be wrong with a recording:
 *
 * - `unfinished`: it ends between two blocks, before its seal. A crash does that, or somebody who cuts off a tail.
 * - `truncated`: it ends within a block, or behind the seal but before the end.
 * - `altered`: bytes are not what they were.
 * - `missing`, `repeated`, `reordered`: whole blocks were taken away, put in twice, or moved.
 * - `spliced`: a whole block stands where another was recorded.
 *
 * @example
 * ```ts
 * const kind: FaultKind = "spliced";
 * ```
 */
export type FaultKind = "unfinished" | "truncated" | "altered" | "missing" | "repeated" | "reordered" | "spliced";

/**
 * The first fault of a recording.
 *
 * @example
 * ```ts
 * const words = ({ kind, what }: Fault) => `${kind}: ${what}`;
 * ```
 */
export interface Fault {
  /** What happened. */
  readonly kind: FaultKind;
  /** The same in words, with what was found and expected. */
  readonly what: string;
  /** Number of the first bad block; `undefined` where it cannot be told. */
  readonly block: number | undefined;
  /** Where in the file. */
  readonly byte: number;
  /** Blocks before it that are as they were. */
  readonly goodBlocks: number;
  /** Time of the last event in them. */
  readonly goodUntil: Nanos;
}

/**
 * A checkpoint that was found.
 *
 * @example
 * ```ts
 * const isOld = ({ wall }: FoundCheckpoint) => wall < Date.now() - 86_400_000;
 * ```
 */
export interface FoundCheckpoint extends SignatureCheck {
  /** Blocks before it. */
  readonly blocks: number;
  /** Time of the last event before it. */
  readonly time: Nanos;
  /** When it was made, in milliseconds since 1970. */
  readonly wall: number;
  /** Where in the file it ends: up to there everything is vouched for. */
  readonly end: number;
}

/**
 * What there is to say about one recording.
 *
 * @example
 * ```ts
 * const isWhole = ({ fault }: Verdict) => fault === undefined;
 * ```
 */
export interface Verdict extends Totals {
  /** What it says about itself, if that could be read. */
  readonly header: SessionHeader | undefined;
  /** What is wrong with it; nothing where it is whole and as it was recorded. */
  readonly fault: Fault | undefined;
  /** Blocks in its chain. */
  readonly blocks: number;
  /** Whether it is encrypted. */
  readonly encrypted: boolean;
  /** What the seal's signature is worth; `undefined` where there is none. */
  readonly signature: SignatureCheck | undefined;
  /** What was signed and the signature, as `ssh-keygen` takes them. */
  readonly signed: { readonly content: Uint8Array; readonly signature: Uint8Array } | undefined;
  /** Its checkpoints. */
  readonly checkpoints: readonly FoundCheckpoint[];
  /** What it says itself is missing in it: how often, and how many bytes where that is known. */
  readonly gaps: { readonly count: number; readonly bytes: number };
  /** Blocks of derived events that a signed recording's seal does not list, and that nobody should use. */
  readonly unlisted: number;
}
