/**
 * Signatures of many recordings laid side by side, and the way from their bits to passages, newest first.
 *
 * A passage is four pieces of a signature. A pack's columns are those of its spans, one after the other: each is some of one
 * recording's passages. What is fresh lies by itself until there is enough of it for a pack.
 *
 * This module is browser compatible.
 * @module
 */

import type { Signature } from "./signature.ts";
import { joined } from "./signature.ts";

/** Pieces of a passage. */
export const PIECES = 4;
/**
 * Bytes in each row of bits of a pack, at the most. A row of that length, with what is around it, fills a page of PostgreSQL: to read
 * one costs the same whatever is in it.
 */
export const PACK_WIDTH = 7900;
/** Bytes in each row of bits from which on signatures are a pack at once. */
const PACK = 512;
/** Recordings that are in no pack, at the most, and how much of them. */
const FRESH = 128, FRESH_WIDTH = 1024;
/** A recording whose text was taken away; and where its columns are empty, too. */
const DROPPED = 2 ** 48 - 1, CLEARED = 2 ** 48 - 2;

/** Neighbouring columns of one recording. */
export interface Span {
  /** The recording's number. */
  readonly base: number;
  /** Its passage that the first column belongs to. */
  readonly first: number;
  /** Columns, in eights. */
  readonly width: number;
}

/** A span with its bits. */
export type SpanBits = Span & Signature;

/** A pack that is not kept yet. */
export interface Pack {
  readonly spans: Uint8Array<ArrayBuffer>;
  readonly signature: Signature;
  /** The lowest and the highest number of its recordings. */
  readonly low: number;
  readonly high: number;
}

/** A pack that is kept, when it is to be joined with others. */
export interface KeptPack {
  readonly pack: number;
  readonly width: number;
  readonly low: number;
  readonly high: number;
  readonly spans: Uint8Array;
}

/** Whether these are a pack at once, and need not wait for others. */
export function fillPack(parts: readonly SpanBits[]): boolean {
  return parts.reduce((sum, { width }) => sum + width, 0) >= PACK;
}

/** Whether what is fresh is enough for a pack. */
export function isEnough({ rows, width }: { readonly rows: number; readonly width: number }): boolean {
  return rows >= FRESH || width >= FRESH_WIDTH;
}

/** Signatures in groups that are to become packs: a large one, or so small ones that several fill a large one well. */
export function inPacks(parts: readonly SpanBits[], most: number): SpanBits[][] {
  const all = parts.reduce((sum, { width }) => sum + width, 0), enough = all > most * 0.9 ? Infinity : most / 4;
  const groups: SpanBits[][] = [];
  let width = 0;
  for (const part of parts) {
    if (groups.length === 0 || width + part.width > enough) {
      groups.push([]);
      width = 0;
    }
    groups.at(-1)!.push(part);
    width += part.width;
  }
  return groups;
}

/** The first small packs that together make one of nearly `most`, in their order; `undefined` while there are not enough of them. */
export function toJoin<Kept extends { readonly width: number }>(
  packs: readonly Kept[],
  most: number,
): Kept[] | undefined {
  const chosen: Kept[] = [];
  let width = 0;
  for (const pack of packs.filter(({ width }) => width < most / 2)) {
    if (width + pack.width > most) return chosen;
    width += pack.width;
    chosen.push(pack);
  }
  return undefined;
}

/** What is told of packs that have become one. */
export function joinedPack(
  packs: readonly KeptPack[],
): Omit<KeptPack, "pack"> & { readonly spans: Uint8Array<ArrayBuffer> } {
  const spans = new Uint8Array(packs.reduce((sum, { spans }) => sum + spans.length, 0));
  let before = 0;
  for (const { spans: its } of packs) {
    spans.set(its, before);
    before += its.length;
  }
  return {
    spans,
    width: packs.reduce((sum, { width }) => sum + width, 0),
    low: packs.reduce((least, { low }) => Math.min(least, low), Infinity),
    high: packs.reduce((most, { high }) => Math.max(most, high), 0),
  };
}

/** Makes one. */
export function packOf(parts: readonly SpanBits[]): Pack {
  const bases = parts.map(({ base }) => base);
  return {
    spans: writeSpans(parts),
    signature: joined(parts),
    low: bases.reduce((least, base) => Math.min(least, base)),
    high: bases.reduce((most, base) => Math.max(most, base)),
  };
}

/** Bytes that a span takes as it is kept. */
const SPAN = 14;

function writeSpans(spans: readonly Span[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(spans.length * SPAN), view = new DataView(bytes.buffer);
  for (const [at, { base, first, width }] of spans.entries()) {
    view.setUint16(at * SPAN, Math.floor(base / 2 ** 32));
    view.setUint32(at * SPAN + 2, base % 2 ** 32);
    view.setUint32(at * SPAN + 6, first);
    view.setUint32(at * SPAN + 10, width);
  }
  return bytes;
}

function readSpans(bytes: Uint8Array): Span[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: Math.floor(bytes.length / SPAN) }, (_, at) => ({
    base: view.getUint16(at * SPAN) * 2 ** 32 + view.getUint32(at * SPAN + 2),
    first: view.getUint32(at * SPAN + 6),
    width: view.getUint32(at * SPAN + 10),
  }));
}

/** The spans without those of some recordings; `undefined` when there are none of them. */
export function withoutSpans(bytes: Uint8Array, bases: ReadonlySet<number>): Uint8Array<ArrayBuffer> | undefined {
  const spans = readSpans(bytes);
  if (!spans.some(({ base }) => bases.has(base))) return undefined;
  return writeSpans(spans.map((span) => bases.has(span.base) ? { ...span, base: DROPPED } : span));
}

/** What is to stay of a row of bits so that nothing of dropped spans does; `undefined` when there are none. */
export function cleared(
  bytes: Uint8Array,
): { readonly mask: Uint8Array<ArrayBuffer>; readonly spans: Uint8Array<ArrayBuffer> } | undefined {
  const spans = readSpans(bytes);
  if (!spans.some(({ base }) => base === DROPPED)) return undefined;
  const mask = new Uint8Array(spans.reduce((sum, { width }) => sum + width, 0)).fill(0xff);
  let at = 0;
  for (const { base, width } of spans) {
    if (base === DROPPED) mask.fill(0, at, at + width);
    at += width;
  }
  return { mask, spans: writeSpans(spans.map((span) => span.base === DROPPED ? { ...span, base: CLEARED } : span)) };
}

/** A passage: a recording's number, and its own in there. */
export interface Place {
  readonly base: number;
  readonly number: number;
}

/** Passages that a row of bits tells, as its spans lie. */
export function placesIn(spans: Uint8Array, bits: Uint8Array): Place[] {
  const places: Place[] = [], view = new DataView(spans.buffer, spans.byteOffset, spans.length);
  let to = 0;
  for (let at = 0; at + SPAN <= spans.length; at += SPAN) { // one by one: there are tens of thousands in a gigabyte of text
    const from = to;
    to += view.getUint32(at + 10);
    if (!hasSome(bits, from, to)) continue;
    const base = view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
    if (base < CLEARED) addPlaces(places, base, view.getUint32(at + 6), bits.subarray(from, to));
  }
  return places;
}

function hasSome(bits: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bits[at] !== 0) return true;
  return false;
}

/** Passages of one span. */
export function addPlaces(places: Place[], base: number, first: number, bits: Uint8Array): void {
  for (let at = 0; at < bits.length; at++) {
    const eight = bits[at]!;
    if (eight === 0) continue;
    if (eight & 0xf0) places.push({ base, number: first + 2 * at });
    if (eight & 0x0f) places.push({ base, number: first + 2 * at + 1 });
  }
}

/** A pack as it is kept. */
export interface PackAt {
  readonly pack: number;
  /** The highest number of its recordings. */
  readonly high: number;
}

/** What a database is asked. */
export interface PackSource {
  /**
   * Passages of recordings that are in no pack yet, and packs that may hold recordings that are wanted, those first whose newest is
   * the newest. Both at one moment: meanwhile what is in none may become one.
   */
  open(): Promise<{ readonly fresh: Place[]; readonly packs: readonly PackAt[] }>;
  /** Passages of packs; `undefined` when one of them is no longer there, since it was joined with others. */
  inPacks(packs: readonly number[]): Promise<Place[] | undefined>;
}

/** Packs that are asked at first, how many times more each time, and at the most. */
const FIRST = 2, FACTOR = 4, MOST = 128;

/** Passages that may hold what is needed: the newest recordings first, of each the latest first. */
export async function* placesOf(source: PackSource): AsyncGenerator<Place[], void, void> {
  let last: Place = { base: Infinity, number: 0 }; // that was told
  for (let isDone = false; !isDone;) {
    const { fresh, packs } = await source.open();
    isDone = true;
    let held = fresh;
    for (let at = 0, some = FIRST; at < packs.length; some = Math.min(some * FACTOR, MOST)) {
      const asked = packs.slice(at, at + some), found = await source.inPacks(asked.map(({ pack }) => pack));
      if (!found) {
        isDone = false;
        held = [];
        break;
      }
      at += asked.length;
      const all = inOrder([...held, ...found]).filter((place) => inReverse(last, place) < 0);
      const next = packs[at]?.high ?? -1;
      const ready = all.findIndex(({ base }) => base <= next);
      held = ready < 0 ? [] : all.slice(ready);
      const told = ready < 0 ? all : all.slice(0, ready);
      if (told.length > 0) yield told;
      last = told.at(-1) ?? last;
    }
    if (held.length > 0) yield inOrder(held).filter((place) => inReverse(last, place) < 0);
  }
}

/** How many passages of each recording may hold what is needed. */
export async function hitsIn(source: PackSource): Promise<Map<number, number>> {
  for (;;) {
    const hits = new Map<number, number>();
    const count = (places: readonly Place[]) => {
      for (const { base } of places) hits.set(base, (hits.get(base) ?? 0) + 1);
    };
    const { fresh, packs } = await source.open();
    count(fresh);
    let found: Place[] | undefined = [];
    for (let at = 0; at < packs.length && found; at += MOST) {
      found = await source.inPacks(packs.slice(at, at + MOST).map(({ pack }) => pack));
      count(found ?? []);
    }
    if (found) return hits;
  }
}

/** Below 0 when `one` comes before `other`: the highest come first. */
function inReverse(one: Place, other: Place): number {
  return other.base - one.base || other.number - one.number;
}

/** The highest first, each once. */
function inOrder(places: Place[]): Place[] {
  places.sort(inReverse);
  return places.filter(({ base, number }, at) => {
    const before = places[at - 1];
    return before?.base !== base || before.number !== number;
  });
}
