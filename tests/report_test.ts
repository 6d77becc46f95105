import { deepEqual, equal } from "node:assert/strict";
import { describeFinding, Report } from "../lib/report.ts";

Deno.test("Report counts findings by code, and keeps the first message and place", () => {
  const report = new Report();
  report.warn("b", "first of b", { line: 3 });
  report.warn("a", "first of a");
  report.warn("b", "second of b", { line: 9 });
  deepEqual(report.warnings, [
    { code: "b", message: "first of b", count: 2, first: { line: 3 } },
    { code: "a", message: "first of a", count: 1, first: {} },
  ]);
});

Deno.test("Report adds up losses by kind, and says nothing of kinds that lost nothing", () => {
  const report = new Report();
  report.lose("input");
  report.lose("input", 4);
  report.lose("marker", 0);
  deepEqual([...report.losses], [["input", 5]]);
});

Deno.test("Report knows nothing about the end until a reader says so", () => {
  const report = new Report();
  equal(report.completeness, "unknown");
  equal(report.tornBytes, 0);
});

Deno.test("describeFinding() names the place, and the count where there is more than one", () => {
  const finding = { code: "x", message: "a byte was left out" };
  equal(describeFinding({ ...finding, count: 1, first: {} }), "a byte was left out");
  equal(describeFinding({ ...finding, count: 1, first: { line: 7 } }), "a byte was left out (at line 7)");
  equal(describeFinding({ ...finding, count: 1, first: { byte: 0 } }), "a byte was left out (at byte 0)");
  equal(describeFinding({ ...finding, count: 2, first: {} }), "a byte was left out (2 times)");
  equal(
    describeFinding({ ...finding, count: 2, first: { byte: 8 } }),
    "a byte was left out (2 times, first at byte 8)",
  );
});
