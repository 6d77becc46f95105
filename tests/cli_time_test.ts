import { equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { exactTime, formatBytes, formatTime, parseSize, parseTime, toSeconds } from "../lib/cli/program/time.ts";
import { UsageError } from "../lib/errors.ts";
import { MILLISECOND, SECOND } from "../lib/event.ts";

Deno.test("parseTime() reads seconds, units and clocks", () => {
  const cases: [string, number][] = [
    ["0", 0],
    ["90", 90 * SECOND],
    ["1.5", 1.5 * SECOND],
    ["90s", 90 * SECOND],
    ["250ms", 250 * MILLISECOND],
    ["1m30s", 90 * SECOND],
    ["1h2m3.5s", 3723.5 * SECOND],
    ["2d", 172_800 * SECOND],
    ["1m", 60 * SECOND],
    ["1m1ms", 60 * SECOND + MILLISECOND],
    ["01:30", 90 * SECOND],
    ["1:02:03.5", 3723.5 * SECOND],
    ["90:00", 5400 * SECOND],
    ["0.000000001", 1],
  ];
  for (const [text, time] of cases) equal(parseTime(text), time, text);
});

Deno.test("parseTime() refuses what is none, and quotes it", () => {
  for (
    const text of ["", " ", "soon", "-1", "-1s", "+1", "1m30", "1.s", "s", "1e3", "0x10", "1:2:3:4", ":30", "1:", "١"]
  ) {
    throws(
      () => parseTime(text),
      (error: unknown) => error instanceof UsageError && error.message.includes(JSON.stringify(text)),
      text,
    );
  }
});

Deno.test("parseTime() reads back every whole number of milliseconds, in either spelling", () => {
  fc.assert(fc.property(fc.nat(100_000_000), (ms) => {
    equal(parseTime(`${ms}ms`), ms * MILLISECOND);
    equal(parseTime(`${Math.floor(ms / 1000)}s${ms % 1000}ms`), ms * MILLISECOND);
    const clock = `${Math.floor(ms / 3_600_000)}:${Math.floor(ms / 60_000) % 60}:${(ms / 1000 % 60).toFixed(3)}`;
    equal(parseTime(clock), ms * MILLISECOND);
  }));
});

Deno.test("exactTime() is read back to the nanosecond by parseTime(), over more than a hundred days", () => {
  for (const [time, text] of [[0, "0"], [1, "0.000000001"], [3 * SECOND, "3"], [12.5 * SECOND, "12.5"]] as const) {
    equal(exactTime(time), text);
  }
  fc.assert(fc.property(fc.maxSafeNat(), (time) => equal(parseTime(exactTime(time)), time)));
});

Deno.test("formatTime() shows milliseconds up to ten seconds, then a clock", () => {
  const cases: [number, string][] = [
    [0, "0.000 s"],
    [1_234_567_890, "1.235 s"],
    [10 * SECOND, "00:10"],
    [90 * SECOND, "01:30"],
    [3599.9 * SECOND, "59:59"],
    [3723 * SECOND, "1:02:03"],
    [100 * 3600 * SECOND, "100:00:00"],
  ];
  for (const [time, text] of cases) equal(formatTime(time), text);
});

Deno.test("toSeconds() keeps the nanosecond", () => {
  equal(toSeconds(1), 1e-9);
  equal(toSeconds(3600 * SECOND + 1), 3600.000000001);
  equal(toSeconds(0.1 * SECOND), 0.1);
});

Deno.test("formatBytes() counts in powers of ten, with one decimal from a thousand on", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [1, "1 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [1549, "1.5 kB"],
    [1e6, "1.0 MB"],
    [1e9, "1.0 GB"],
    [2.5e12, "2.5 TB"],
    [1e15, "1000.0 TB"],
  ];
  for (const [bytes, text] of cases) equal(formatBytes(bytes), text);
});

Deno.test("formatBytes() never shows a thousand of one unit where the next one would do", () => {
  equal(formatBytes(999_949), "999.9 kB");
  equal(formatBytes(999_950), "1.0 MB");
  equal(formatBytes(999_999_999), "1.0 GB");
  fc.assert(fc.property(fc.integer({ min: 1000, max: 1e14 }), (bytes) => {
    const [count] = formatBytes(bytes).split(" ");
    ok(Number(count) >= 1 && Number(count) < 1000);
  }));
});

Deno.test("parseSize() reads COLSxROWS between 1x1 and 2048x2048, and nothing else", () => {
  equal(JSON.stringify(parseSize("80x24")), '{"cols":80,"rows":24}');
  equal(JSON.stringify(parseSize("2048X1")), '{"cols":2048,"rows":1}');
  for (
    const text of ["", "80", "80x", "x24", "0x24", "80x0", "2049x1", "1x2049", "-1x5", "8.5x2", "80x24x1", " 80x24"]
  ) {
    throws(
      () => parseSize(text),
      (error: unknown) => error instanceof UsageError && error.message.includes(JSON.stringify(text)),
      text,
    );
  }
});
