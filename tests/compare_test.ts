import { deepEqual, equal } from "node:assert/strict";
import { analyze } from "../lib/analyze/analyze.ts";
import { type ComparedCommand, compareScreens, compareSessions } from "../lib/analyze/compare.ts";
import { normalizeLine } from "../lib/analyze/normalize.ts";
import { SessionDigest } from "../lib/analyze/session_digest.ts";
import { streamOf } from "../lib/stream/collect.ts";
import { header, output } from "./support/events.ts";
import { perform, random, type Scripted } from "./support/scripted_sessions.ts";

const one = (text: string, more: Partial<Scripted> = {}): Scripted => (
  { text, code: 0, cwd: "/src", took: 1000, silent: 10, output: `${text} done\r\n`, thinks: 300, errors: [], ...more }
);
const SCRIPT: readonly Scripted[] = [
  one("make"),
  one("make test", { output: "2026-11-27 10:00:01 ran 3 tests in 1.5s (pid 4711)\r\nall passed\r\n" }),
  one("git commit -m x", { output: "[main 1a2b3c4] x\r\n 1 file changed\r\n" }),
  one("ls"),
];

async function digest(script: readonly Scripted[], seed = 1) {
  const digest = new SessionDigest();
  await analyze(streamOf(...perform(script, random(seed), Date.UTC(2026, 0, seed)).events), [digest]);
  return digest.result();
}

async function different(a: readonly Scripted[], b: readonly Scripted[]) {
  return (await compareSessions(await digest(a, 1), await digest(b, 2))).filter(({ differences }) =>
    differences.length > 0
  );
}

const short = (all: readonly ComparedCommand[]) =>
  all.map(({ a, b, differences }) => `${(b ?? a)?.command?.text}: ${differences.join()}`);

/** The script with one command changed. */
const changed = (at: number, more: Partial<Scripted>) =>
  SCRIPT.map((one, index) => index === at ? { ...one, ...more } : one);

Deno.test("a session and the same one run again do not differ, though times, ids and durations do", async () => {
  const again = [
    one("make", { took: 1400 }),
    one("make test", { output: "2026-11-28 11:30:59 ran 3 tests in 1.8s (pid 99)\r\nall passed\r\n" }),
    one("git commit -m x", { output: "[main 9f8e7d6] x\r\n 1 file changed\r\n" }),
    one("ls"),
  ];
  deepEqual(await different(SCRIPT, again), []);
});

Deno.test("an exit code, a slower command, a line of output and a folder each show, alone", async () => {
  deepEqual(short(await different(SCRIPT, changed(0, { code: 2 }))), ["make: exit"]);
  deepEqual(short(await different(SCRIPT, changed(0, { took: 2000 }))), ["make: slower"]);
  deepEqual(short(await different(SCRIPT, changed(0, { took: 400 }))), ["make: faster"]);
  deepEqual(short(await different(SCRIPT, changed(0, { cwd: "/other" }))), ["make: cwd"]);
  const [{ output } = { output: [] }] = await different(
    SCRIPT,
    changed(1, { output: "ran 3 tests in 9s\r\n1 failed\r\n" }),
  );
  deepEqual(output.filter(({ side }) => side !== "both").map(({ side }) => side).sort().join(""), "aabb");
  deepEqual(short(await different(SCRIPT, changed(1, { output: "2026-11-28 ran\r\n" }))), ["make test: output"]);
});

Deno.test("a difference that noise could explain does not show", async () => {
  const quick = [one("true", { took: 2, silent: 2, output: "" })];
  deepEqual(await different(quick, [one("true", { took: 60, silent: 60, output: "" })]), []);
});

Deno.test("commands that were added, removed or rewritten are told as that", async () => {
  deepEqual(short(await different(SCRIPT, SCRIPT.filter((_, at) => at !== 1))), ["make test: removed"]);
  deepEqual(short(await different(SCRIPT, [...SCRIPT, one("pwd")])), ["pwd: added"]);
  deepEqual(short(await different(SCRIPT, changed(1, { text: "make check" }))), ["make check: text"]);
  deepEqual(await compareSessions([], []), []);
});

Deno.test("where no commands are known the whole output is compared", async () => {
  const printed = async (text: string) => {
    const digest = new SessionDigest();
    await analyze(streamOf(header(), output(1, text)), [digest]);
    return digest.result();
  };
  deepEqual(short(await compareSessions(await printed("a\r\n"), await printed("a\r\n"))), ["undefined: "]);
  deepEqual(short(await compareSessions(await printed("a\r\n"), await printed("b\r\n"))), ["undefined: output"]);
});

Deno.test("output beyond what is kept line by line still counts", async () => {
  const long = (
    last: string,
  ) => [one("seq", { output: Array.from({ length: 6000 }, (_, at) => `${at}\r\n`).join("") + last })];
  deepEqual(await different(long("x\r\n"), long("x\r\n")), []);
  deepEqual(short(await different(long("x\r\n"), long("y\r\n"))), ["seq: output"]);
});

Deno.test("normalizeLine() takes out what differs from run to run, and leaves what does not", () => {
  const cases: [string, string][] = [
    ["[10:31:09.123] ok", "[<time>] ok"],
    ["Fri Nov 27 23:20:29 UTC 2026", "<time>"],
    ["took 1m3.2s", "took <duration>"],
    ["took 350 ms", "took <duration>"],
    ["at 0x7ffdab9ffc70", "at <address>"],
    ["wrote /tmp/ab.12/x.log", "wrote <temporary>"],
    ["8c1e7b3a-0f6d-4c55-9f0a-2f5f7f2e9b11", "<id>"],
    ["version 1.2.3", "version 1.2.3"],
    ["12 passed, 3 failed", "12 passed, 3 failed"],
    ["deadbeef", "deadbeef"],
  ];
  for (const [line, normal] of cases) equal(normalizeLine(line), normal);
});

Deno.test("compareScreens() tells the rows that differ", () => {
  deepEqual(compareScreens(["a", "b"], ["a"]), [{ row: 1, a: "b", b: "" }]);
  deepEqual(compareScreens([], []), []);
});
