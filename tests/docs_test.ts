import { deepEqual, ok } from "node:assert/strict";
import { exportedSymbols } from "./support/documentation.ts";

Deno.test("every name that the library exports has an example", async () => {
  const symbols = await exportedSymbols();
  ok(symbols.length > 50);
  deepEqual(symbols.filter(({ hasExample }) => !hasExample).map(({ name }) => name), []);
});
