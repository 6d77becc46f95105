/**
 * Removes what need not be kept.
 * @module
 */

import type { StoredRecording } from "../../lib/models.ts";
import type { Leftovers } from "../../lib/ports.ts";
import { keyParts } from "./meta.ts";
import type { StorageParts } from "./parts.ts";

/** An upload that has taken longer than this without an end is dead. */
const DEAD_AFTER_MS = 24 * 3600 * 1000;

/**
 * What need not be kept.
 *
 * @example Keep a month, and what has the tag `keep`
 * ```ts
 * const policy: CleanUpPolicy = { olderThan: 30 * 86_400_000, keepTags: ["keep"], maxBytes: Infinity, dryRun: true };
 * ```
 */
export interface CleanUpPolicy {
  /** Recordings that began longer ago than so many milliseconds; `Infinity` for none. */
  readonly olderThan: number;
  /** Recordings with one of these tags are kept in any case. */
  readonly keepTags: readonly string[];
  /** The oldest go until all together take no more than this; `Infinity` for no limit. */
  readonly maxBytes: number;
  /** Only tells what would be removed. */
  readonly dryRun: boolean;
  /** Milliseconds after which an upload without an end is dead; a day, if left out. */
  readonly deadAfter?: number;
}

/**
 * What was removed, or would be.
 *
 * @example
 * ```ts
 * const freed = ({ removed }: CleanUp) => removed.reduce((sum, { bytes }) => sum + bytes, 0);
 * ```
 */
export interface CleanUp {
  /** Recordings, oldest first. */
  readonly removed: readonly StoredRecording[];
  /** What interrupted uploads have left. */
  readonly leftovers: Leftovers;
}

/** Removes it, or tells what would be removed. */
export async function cleanUp(
  { blobs, catalog }: StorageParts,
  remove: (id: string) => Promise<boolean>,
  policy: CleanUpPolicy,
): Promise<CleanUp> {
  const removed = choose(await catalog.list({}, Infinity), policy);
  if (!policy.dryRun) { for (const { id } of removed) await remove(id); }
  const before = Date.now() - (policy.deadAfter ?? DEAD_AFTER_MS);
  const torn = await blobs.sweep(before, policy.dryRun);
  const orphans = await removeOrphans({ blobs }, before, policy.dryRun);
  return { removed, leftovers: { count: torn.count + orphans.count, bytes: torn.bytes + orphans.bytes } };
}

/** Those that a policy gives up, oldest first; `recordings` come newest first. */
function choose(recordings: readonly StoredRecording[], policy: CleanUpPolicy): StoredRecording[] {
  const limit = Date.now() - policy.olderThan;
  let bytes = recordings.reduce((sum, recording) => sum + recording.bytes, 0);
  return recordings.toReversed().filter((recording) => {
    if (recording.tags.some((tag) => policy.keepTags.includes(tag))) return false;
    if (recording.startedAt >= limit && bytes <= policy.maxBytes) return false;
    bytes -= recording.bytes;
    return true;
  });
}

/** Bytes and texts whose facts never came. */
async function removeOrphans(
  { blobs }: Pick<StorageParts, "blobs">,
  before: number,
  dryRun: boolean,
): Promise<Leftovers> {
  const there = new Set<string>(), others: { key: string; id: string; size: number; modifiedAt: number }[] = [];
  for await (const info of blobs.list("", "")) {
    const { id, part } = keyParts(info.key) ?? {};
    if (id && part === "meta") there.add(id);
    else if (id) others.push({ ...info, id });
  }
  const orphans = others.filter(({ id, modifiedAt }) => !there.has(id) && modifiedAt < before);
  if (!dryRun) { for (const { key } of orphans) await blobs.delete(key); }
  return { count: orphans.length, bytes: orphans.reduce((sum, { size }) => sum + size, 0) };
}
