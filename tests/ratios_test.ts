import { deepEqual, equal, match } from "node:assert/strict";
import { garbageIn } from "../bench/garbage.ts";
import { baselineOf, ratioOf, ratioTable, regressions } from "../bench/support/ratios.ts";

Deno.test("a ratio is a regression when even its better pairs are worse than what was kept", () => {
  const slower = ratioOf("start-up", "less", [2, 2.2, 2.4, 2], [1, 1, 1, 1]);
  deepEqual(regressions([slower], { "start-up": 1.9 }), []);
  equal(regressions([slower], { "start-up": 1 }).length, 1);
  match(regressions([slower], { "start-up": 1 })[0]!, /^start-up: 2\.20, and 2\.00 at best, was 1\.00$/);
  const noisy = ratioOf("start-up", "less", [1, 9, 1, 9], [1, 1, 1, 1]);
  deepEqual(regressions([noisy], { "start-up": 1 }), [], "a busy machine is none");
});

Deno.test("of throughput more is better, and what was never kept is no regression", () => {
  const half = ratioOf("throughput", "more", [1, 1, 1], [2, 2, 2]);
  equal(regressions([half], { throughput: 1 }).length, 1);
  deepEqual(regressions([half], { throughput: 0.5 }), []);
  deepEqual(regressions([half], {}), []);
  deepEqual(baselineOf([half]), { throughput: 0.5 });
});

Deno.test("the table of ratios says which promises are kept", () => {
  const ratios = [ratioOf("fast", "more", [3], [1]), ratioOf("small", "less", [3], [1])];
  const table = ratioTable(ratios, { fast: 2, small: 2 });
  match(table, /\| fast \| 3\.00 \| 1 \| ≥ 2 \| yes \|/);
  match(table, /\| small \| 3\.00 \| 1 \| ≤ 2 \| no \|/);
});

Deno.test("the garbage of each thread is added up by itself, from V8's trace", () => {
  const trace =
    `[8472:0x7f51]      719 ms: Scavenge 4.0 (5.2) -> 3.0 (5.8) MB, pooled: 0.0 MB, 3.83 / 0.00 ms (average) allocation failure;
[8472:0x5592]     1772 ms: Scavenge 8.0 (11.2) -> 7.0 (12.0) MB, pooled: 0.0 MB, 19.89 / 0.00 ms (average) allocation failure;
line of the program
[8472:0x7f51]      901 ms: Mark-Compact 5.0 (5.2) -> 4.0 (5.8) MB, pooled: 0.0 MB, 1.50 / 0.00 ms (average) allocation failure;`;
  deepEqual(garbageIn(trace), { bytes: 14e6, pauses: [3.83, 19.89, 1.5] });
});
