import fc from "fast-check";
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { loadCodec } from "../lib/host/codec.ts";

for (const [id, name, levels] of [[1, "zstd", [1, 3, 19]], [2, "brotli", [0, 5, 11]]] as const) {
  Deno.test(`loadCodec(${id}) is ${name} and gives back what it compressed, at every level`, async () => {
    const codec = (await loadCodec(id))!;
    deepStrictEqual([codec.id, codec.name], [id, name]);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), fc.constantFrom(...levels), (data, level) => {
      deepStrictEqual(codec.decompress(codec.compress(data, level), data.length), data);
    }));
  });

  Deno.test(`loadCodec(${id}) tries harder at a higher level`, async () => {
    const codec = (await loadCodec(id))!;
    let state = 1;
    const words = Array.from({ length: 20_000 }, () => `${(state = state * 48271 % 0x7fffffff) % 1000} `).join("");
    const data = new TextEncoder().encode(words);
    const [fast, , thorough] = levels.map((level) => codec.compress(data, level).length);
    ok(thorough! < fast!, `${thorough} bytes at the highest level, ${fast} at the lowest`);
  });

  Deno.test(`loadCodec(${id}) refuses to give more or less than it is told`, async () => {
    const codec = (await loadCodec(id))!;
    const bomb = codec.compress(new Uint8Array(100e6), 1);
    throws(() => codec.decompress(bomb, 1000));
    throws(() => codec.decompress(codec.compress(new Uint8Array(9), 1), 10), /gave 9 bytes, expected 10/);
    throws(() => codec.decompress(codec.compress(new Uint8Array(9), 1), 0));
    throws(() => codec.decompress(bomb.subarray(0, bomb.length >> 1), 100e6));
    throws(() => codec.decompress(Uint8Array.of(1, 2, 3), 3));
  });
}

Deno.test("loadCodec() knows no other numbers", async () => {
  for (const id of [0, 3, 255, -1]) equal(await loadCodec(id), undefined);
});
