import { equal } from "node:assert/strict";
import fc from "fast-check";
import { sha256Of } from "../lib/text/sha256.ts";
import { sha256 } from "./support/pty.ts";

Deno.test("sha256Of() is what the platform's digest tells, at every length around a block", async () => {
  for (let length = 0; length < 200; length++) {
    const text = "é".repeat(length);
    equal(sha256Of(text), await sha256(new TextEncoder().encode(text)), `${length}`);
  }
  await fc.assert(fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
    equal(sha256Of(text), await sha256(new TextEncoder().encode(text)));
  }));
});
