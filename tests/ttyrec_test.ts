import { deepEqual, deepStrictEqual, equal, rejects } from "node:assert/strict";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { concat } from "../lib/stream/collect.ts";
import { ttyrec } from "../formats/ttyrec.ts";
import { writeRecord } from "../formats/ttyrec/record.ts";
import { formatContract, read, write } from "./contracts/format_contract.ts";
import { header, output } from "./support/events.ts";
import { cut, sessions } from "./support/generate.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const record = (seconds: number, text: string) => writeRecord(Math.round(seconds * 1e6), encode(text));
const shown = (events: readonly SessionEvent[]) =>
  events.map((event) =>
    event.kind === "output"
      ? `${event.time / 1e9} ${new TextDecoder().decode(event.data)}`
      : `${event.time / 1e9} ${event.kind}`
  );

/** Sizes, beginnings to the microsecond, and output that is not empty. */
function kept(all: readonly SessionEvent[]): SessionEvent[] {
  const events = all.map((event): SessionEvent => {
    if (event.kind !== "header") return event;
    const { cols, rows, startedAt = 0 } = event.header;
    return { ...event, header: { cols, rows, startedAt: Math.round(startedAt * 1000) / 1000 } };
  });
  return events.filter((event) => event.kind !== "output" || event.data.length > 0);
}

formatContract(ttyrec, {
  events: sessions({ sessions: 1 }),
  kept,
  rounded: (time, unit) => Math.round(time / Math.max(1000, unit)) * Math.max(1000, unit),
});

Deno.test("ttyrec takes the size from a first record that tells nothing else", async () => {
  const bytes = await write(ttyrec, [header({ cols: 132, rows: 50, startedAt: 5000 }), output(1e9, "a")]);
  equal(new TextDecoder().decode(bytes.subarray(12, 26)), "\x1b%G\x1b[8;50;132t");
  deepStrictEqual(await read(ttyrec, [bytes]), [header({ cols: 132, rows: 50, startedAt: 5000 }), output(1e9, "a")]);
  const [, first] = await read(ttyrec, [concat([record(1, "\x1b%G\x1b[8;50;132t$ "), record(2, "b")])]);
  equal(first!.kind, "output");
});

Deno.test("ttyrec reads and writes times behind the 32 bits of 2106", async () => {
  const events = [header({ startedAt: 5_000_000_000_000.001 }), output(0, "a"), output(2_500_000, "b")];
  const bytes = await write(ttyrec, events);
  equal(bytes.subarray(0, 8).toHex(), "00f2052a" + "01001000");
  deepStrictEqual(await read(ttyrec, [bytes]), events);
});

Deno.test("ttyrec holds time where the clock ran backwards, and tells what the clock said", async () => {
  const report = new Report();
  const events = await read(ttyrec, [record(1000, "a"), record(999.5, "b"), record(1002, "c")], report);
  deepStrictEqual(shown(events), ["0 header", "0 a", "0 clock", "0 b", "2.5 c"]);
  deepEqual(report.warnings.map(({ code, count }) => [code, count]), [["clock-backwards", 1]]);
});

Deno.test("ttyrec goes on where the seconds ran over 32 bits", async () => {
  const report = new Report();
  const events = await read(ttyrec, [record(2 ** 32 - 6, "a"), record(2, "b")], report);
  deepStrictEqual(shown(events), ["0 header", "0 a", "8 b"]);
  equal(report.warnings[0]?.code, "clock-wrapped");
});

Deno.test("ttyrec reads the channels of NLE's ttyrec3", async () => {
  const nle = (time: number, channel: number, text: string) => {
    const classic = record(time, text);
    return concat([classic.subarray(0, 12), Uint8Array.of(channel), classic.subarray(12)]);
  };
  const bytes = concat([nle(1, 0, "map"), nle(2, 1, "j"), nle(2, 2, "\x05\0\0\0"), nle(3, 0, "moved"), nle(3, 3, "?")]);
  deepStrictEqual(await read(ttyrec, cut(bytes, [7])), [
    header({ startedAt: 1000 }),
    output(0, "map"),
    { kind: "input", time: 1e9, data: encode("j") },
    { kind: "custom", time: 1e9, code: "nle-score", data: encode("\x05\0\0\0") },
    output(2e9, "moved"),
    { kind: "custom", time: 2e9, code: "nle-channel-3", data: encode("?") },
  ]);
  for (const count of [1, 2, 3]) {
    const [, first] = await read(ttyrec, [bytes.subarray(0, [16, 30, 47][count - 1])]);
    deepStrictEqual(first, output(0, "map"), `${count} records are enough to tell the layout`);
  }
});

Deno.test("ttyrec refuses big-endian records and says so", async () => {
  const bytes = Uint8Array.fromHex("000003e80000000500000001" + "61" + "000003e90000000500000001" + "62");
  equal(ttyrec.detect(bytes), true);
  await rejects(read(ttyrec, [bytes]), (error) => error instanceof FormatError && /big-endian/.test(error.message));
});

Deno.test("ttyrec leaves a gap where a record is damaged, and finds the next one", async () => {
  const records = Array.from({ length: 9 }, (_, index) => record(index + 1, `line ${index}\r\n`));
  records[4]!.set([255, 255, 255, 255], 4);
  const report = new Report();
  const bytes = concat(records);
  const events = await read(ttyrec, [bytes], report);
  deepStrictEqual(shown(events).map((line) => line.trim()), [
    ...["0 header", "0 line 0", "1 line 1", "2 line 2", "3 line 3", "3 gap"],
    ...["5 line 5", "6 line 6", "7 line 7", "8 line 8"],
  ]);
  deepEqual(report.warnings.map(({ code, count, first }) => [code, count, first.byte]), [["bad-record", 1, 80]]);
  deepStrictEqual(await read(ttyrec, cut(bytes, [1])), events);
});

Deno.test("ttyrec gives up after 1 MiB without a record, in good time", async () => {
  const report = new Report();
  const rubbish = new Uint8Array(4 << 20).fill(255);
  const events = await read(ttyrec, [record(1, "a"), rubbish], report);
  deepStrictEqual(shown(events), ["0 header", "0 a", "0 gap"]);
  deepEqual(report.warnings.map(({ code }) => code), ["bad-record", "no-more-records"]);
});

Deno.test("ttyrec does not wait for the length a record claims to have", async () => {
  const claims = concat([record(1, "a"), Uint8Array.fromHex("02000000" + "00000000" + "ffffff7f"), encode("rest")]);
  const report = new Report();
  deepStrictEqual(shown(await read(ttyrec, [claims], report)), ["0 header", "0 a", "0 gap"]);
  equal(report.warnings[0]?.code, "bad-record");
});

Deno.test("ttyrec leaves out a record that is cut off at the end, and says how much", async () => {
  const report = new Report();
  const bytes = concat([record(1, "whole"), record(2, "cut off")]);
  deepStrictEqual(shown(await read(ttyrec, [bytes.subarray(0, -3)], report)), ["0 header", "0 whole"]);
  deepStrictEqual([report.completeness, report.tornBytes], ["unfinished", 16]);
  equal(report.warnings[0]?.first.byte, 17);
});

Deno.test("ttyrec cuts output that is longer than a record may be", async () => {
  const long = "x".repeat(150_000);
  const events = await read(ttyrec, [await write(ttyrec, [header({ startedAt: 0 }), output(1e9, long)])]);
  deepStrictEqual(events.slice(1).map((event) => event.kind === "output" && event.data.length), [65535, 65535, 18930]);
});

Deno.test("ttyrec names the header fields it cannot hold", async () => {
  const report = new Report();
  await write(ttyrec, [header({ startedAt: 0, title: "x", user: "me" })], { report });
  deepStrictEqual([...report.losses], [["header field title", 1], ["header field user", 1]]);
});
