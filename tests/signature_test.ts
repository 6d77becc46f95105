import fc from "fast-check";
import { deepEqual, equal, ok } from "node:assert/strict";
import { foldUnit, inSmallLetters } from "../lib/search/fold.ts";
import { cleared, hitsIn, packOf, type Place, placesIn, placesOf, withoutSpans } from "../lib/search/pack.ts";
import { joined, type Signature, SignatureBuilder, slicesFor } from "../lib/search/signature.ts";

const units = Array.from({ length: 0x10000 }, (_, unit) => unit).filter((unit) => unit < 0xd800 || unit > 0xdfff);

Deno.test("foldUnit() makes the same of all that a regular expression takes for the same", () => {
  const classes = new Map<number, number[]>();
  for (const unit of units) {
    const folded = foldUnit(unit);
    ok(folded > 0);
    classes.set(folded, [...classes.get(folded) ?? [], unit]);
  }
  const all = units.map((unit) => String.fromCharCode(unit)).join("");
  const matching = (members: readonly number[]) => {
    const same = new RegExp(`[${members.map((unit) => `\\u{${unit.toString(16)}}`).join("")}]`, "giu");
    return (all.match(same) ?? []).map((text) => text.charCodeAt(0));
  };
  for (const members of classes.values()) if (members.length > 1) deepEqual(matching(members), members);
  const alone = [...classes.values()].filter(({ length }) => length === 1).flat().sort((a, b) => a - b);
  for (let at = 0; at < alone.length; at += 256) {
    const some = alone.slice(at, at + 256);
    deepEqual(matching(some), some);
  }
});

Deno.test("inSmallLetters() keeps the length of a text, and what it folds to", () => {
  fc.assert(fc.property(fc.array(fc.nat(0xffff)), (units) => {
    const text = String.fromCharCode(...units);
    const small = inSmallLetters(text);
    equal(small.length, text.length);
    for (let at = 0; at < text.length; at++) equal(foldUnit(small.charCodeAt(at)), foldUnit(text.charCodeAt(at)), text);
  }));
  equal(inSmallLetters("\u0130 ΟΔΟΣ Éa"), "\u0130 οδοσ éa");
});

function isSet({ width, bits }: Signature, column: number, row: number): boolean {
  return (bits[row * width + (column >> 3)]! & (0x80 >> (column & 7))) !== 0;
}

function inCapitals(text: string): string {
  return Array.from(text, (letter) => letter.toUpperCase().length === letter.length ? letter.toUpperCase() : letter)
    .join("");
}

const someText = fc.string({ unit: fc.constantFrom(..."abK\u212as\u017fß漢ü._ 09😀"), maxLength: 40 });

Deno.test("slicesFor() names only rows that are set for each text that holds what is needed", () => {
  const cases = fc.array(fc.array(someText, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 20 });
  fc.assert(fc.property(cases, fc.nat(), fc.nat(), (pieces, from, length) => {
    const builder = new SignatureBuilder();
    for (const lines of pieces) builder.add(lines);
    equal(builder.count, pieces.length);
    const signature = builder.take();
    equal(signature.width, Math.ceil(pieces.length / 8));
    for (const [column, lines] of pieces.entries()) {
      for (const line of lines) {
        const words = [...line.matchAll(/[\p{L}\p{N}\p{M}_]+/gu)].map(([word]) => inCapitals(word));
        const start = from % (line.length + 1), parts = [line.slice(start, start + 3 + length % 20)];
        for (const row of slicesFor({ words, parts })) ok(isSet(signature, column, row), `${words} ${parts}`);
      }
    }
  }));
});

Deno.test("SignatureBuilder tells texts apart", () => {
  const builder = new SignatureBuilder();
  const words = Array.from({ length: 203 }, (_, at) => `w${(at * 7919).toString(36)}zz`);
  for (const word of words) builder.add([word]);
  const signature = builder.take();
  equal(builder.count, 0);
  for (const [at, word] of words.entries()) {
    const rows = slicesFor({ words: [word], parts: [word] });
    const found = words.flatMap((_, column) => rows.every((row) => isSet(signature, column, row)) ? [column] : []);
    deepEqual(found, [at], word);
  }
});

/** A signature in which all rows say the same. */
function saying(...columns: boolean[]): Signature {
  const width = Math.ceil(columns.length / 8), row = new Uint8Array(width);
  for (const [at, is] of columns.entries()) if (is) row[at >> 3]! |= 0x80 >> (at & 7);
  const builder = new SignatureBuilder();
  for (const _ of columns) builder.add([]);
  const { bits } = builder.take();
  for (let at = 0; at < bits.length; at += width) bits.set(row, at);
  return { width, bits };
}

Deno.test("a pack's bits tell the passages of its recordings, without those that were dropped", () => {
  const one = saying(...[0, 0, 0, 0, 0, 1].map(Boolean)), two = saying(...Array(20).fill(true));
  const base = 1_767_225_600_123;
  const pack = packOf([{ ...one, base, first: 7 }, { ...two, base: base + 5, first: 0 }]);
  deepEqual([pack.low, pack.high, pack.signature.width], [base, base + 5, 4]);
  const row = pack.signature.bits.subarray(0, 4);
  const all = [{ base, number: 8 }, ...[0, 1, 2, 3, 4].map((number) => ({ base: base + 5, number }))];
  deepEqual(placesIn(pack.spans, row), all);
  equal(withoutSpans(pack.spans, new Set([base + 1])), undefined);
  equal(cleared(pack.spans), undefined);
  const spans = withoutSpans(pack.spans, new Set([base]))!;
  deepEqual(placesIn(spans, row), all.slice(1));
  const left = cleared(spans)!;
  deepEqual([...left.mask], [0, 255, 255, 255]);
  equal(cleared(left.spans), undefined, "once is enough");
  deepEqual(placesIn(left.spans, row), all.slice(1));
  deepEqual(joined([one, two]).bits, pack.signature.bits);
});

Deno.test("placesOf() gives each passage once, the newest recording first, however packs overlap", async () => {
  const place = fc.record({ base: fc.nat(12), number: fc.nat(4) });
  await fc.assert(fc.asyncProperty(fc.array(fc.array(place)), fc.array(place), async (packs, fresh) => {
    const source = {
      open: () =>
        Promise.resolve({
          fresh: [...fresh],
          packs: packs.map((places, pack) => ({ pack, high: Math.max(-1, ...places.map(({ base }) => base)) }))
            .sort((a, b) => b.high - a.high),
        }),
      inPacks: (asked: readonly number[]) => Promise.resolve(asked.flatMap((pack) => packs[pack]!)),
    };
    const got = (await Array.fromAsync(placesOf(source))).flat();
    const key = ({ base, number }: Place) => base * 10 + number;
    const wanted = [...new Set([...fresh, ...packs.flat()].map(key))].sort((a, b) => b - a);
    deepEqual(got.map(key), wanted);
    const hits = await hitsIn(source);
    equal([...hits.values()].reduce((sum, count) => sum + count, 0), fresh.length + packs.flat().length);
  }));
});
