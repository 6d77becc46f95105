/** Recordings from the wild: all that are asciicast are read, and nothing crashes. Skipped where the folder is absent. */

import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { openRecording } from "../formats/mod.ts";
import { asciicastV2 } from "../formats/asciicast_v2.ts";
import { asciicastV3 } from "../formats/asciicast_v3.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { describeFinding, Report } from "../lib/report.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { collect, collectBytes } from "../lib/stream/collect.ts";
import { read, write } from "./contracts/format_contract.ts";
import { cut } from "./support/generate.ts";

const FOLDER = new URL("../../shared/casts/", import.meta.url);
const FORMATS = [asciicastV2, asciicastV3];

/** What is wrong with those that are not flawless, as the report tells it. */
const FLAWS: Readonly<Record<string, string>> = {
  "server-v2-broken.cast": "a line that is not an event was left out (at line 3)",
  "server-v3-broken.cast": "a line that is not an event was left out (at line 3)",
  "server-v2-invalid-code.cast": "a line that is not an event was left out (at line 3)",
  "server-v2-invalid-data.cast": "a line that is not an event was left out (at line 3)",
  "server-v2-invalid-resize.cast": "a new size that is none was left out (at line 3)",
  "server-v2-invalid-time-1.cast": "time ran backwards and was held (at line 3)",
  "server-v2-invalid-time-2.cast": "a time in quotes was read as a number (at line 3)",
  "server-v2-wrong-event-length.cast": "elements after the third were ignored (at line 3)",
  "server-v2-empty-theme.cast":
    "the header's theme is not a foreground, a background and 8 or 16 more colours as #rrggbb (at line 1)",
  "server-v2-invalid-theme.cast":
    "the header's theme is not a foreground, a background and 8 or 16 more colours as #rrggbb (at line 1)",
  "termrec-asciicast-escapes.cast": "a header has a comma too many (at line 1)",
};

/** What line 1 is said to be in those that are no asciicast of version 2 or 3. */
const OTHERS: readonly [name: RegExp, found: RegExp][] = [
  [/^autom-hello_world\.cast$/, /line 1 is "\$ echo \\"Hello world\\""/],
  [/^autom-man_page\.cast$/, /line 1 is "\$ man echo"/],
  [/^([^/]*\.json|termrec-asciicast-v1\.cast|native-tools\/b\.cast-v1)$/, /asciicast version 1/],
  [/^native-tools\/.*\.json$/, /line 1 is (a JSON object without a version|"\{", as in a JSON document)/],
  [/\.nh$/, /line 1 is "/],
  [/^native-tools\//, /line \d is/],
];

/** A row of the table that describes them. */
interface Described {
  readonly size: string;
  readonly events: number;
  readonly seconds: number;
}

function exists(): boolean {
  try {
    return Deno.statSync(FOLDER).isDirectory;
  } catch {
    return false;
  }
}

function* files(folder = ""): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder, FOLDER))) {
    if (entry.isDirectory) yield* files(`${folder}${entry.name}/`);
    else if (!entry.name.endsWith(".md")) yield folder + entry.name;
  }
}

async function load(name: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await Deno.readFile(new URL(name, FOLDER));
  if (!name.endsWith(".gz")) return bytes;
  return await collectBytes(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
}

function describedFiles(): Map<string, Described> {
  const rows = Deno.readTextFileSync(new URL("README.md", FOLDER)).split("\n").map((row) => row.split(" | "));
  return new Map(
    rows.filter((cells) => cells.length >= 8).map(([name, , , , size, events, seconds]) => [
      name!.replace("| ", ""),
      { size: size!, events: Number(events), seconds: Number(seconds) },
    ]),
  );
}

async function checkCast(name: string, bytes: Uint8Array, described?: Described): Promise<void> {
  const format = FORMATS.find((format) => format.detect(bytes.subarray(0, format.prefixLength)))!;
  const report = new Report();
  const all = await read(format, cut(bytes, [65536]), report);
  equal(report.warnings.map(describeFinding).join(), FLAWS[name] ?? "");
  if (described && !FLAWS[name]) checkDescription(all, described);
  deepStrictEqual(await read(format, cut(bytes, [4093, 1, 7])), all);
  for (const writer of FORMATS) {
    const kept = all.filter((event) => event.kind !== "gap" && (writer === asciicastV3 || !isComment(event)));
    deepStrictEqual(await read(writer, [await write(writer, kept)]), kept);
  }
}

function isComment(event: SessionEvent): boolean {
  return event.kind === "custom" && event.code === "#";
}

function checkDescription(all: readonly SessionEvent[], { size, events, seconds }: Described): void {
  const header = all[0]!;
  ok(header.kind === "header");
  equal(`${header.header.cols}x${header.header.rows}`, size);
  equal(all.filter((event) => event.kind !== "header" && !isComment(event)).length, events);
  ok(Math.abs(all.at(-1)!.time / 1e9 - seconds) <= 0.051, `${all.at(-1)!.time} ns, not ${seconds} s`);
}

Deno.test("asciicast.open() reads every recording of the collection, and names what is none", async (t) => {
  if (!exists()) return console.log("  skipped: ../shared/casts is absent");
  const described = describedFiles();
  for (const name of [...files()].sort()) {
    await t.step(name, async () => {
      const bytes = await load(name);
      const found = OTHERS.find(([pattern]) => pattern.test(name))?.[1];
      const isCast = FORMATS.some((format) => format.detect(bytes.subarray(0, format.prefixLength)));
      if (isCast || !found) return await checkCast(name, bytes, described.get(name));
      for (const format of FORMATS) {
        await rejects(read(format, [bytes]), (error) => error instanceof FormatError && found.test(error.message));
      }
    });
  }
});

/** What each file that is no asciicast of version 2 or 3 is read as, with what was wrong; `!` where it is refused, and why. */
// deno-fmt-ignore
const NATIVE: Readonly<Record<string, string>> = {
  "autom-hello_world.cast": "! autom-hello_world.cast: it begins with \"$ echo \\\"Hello world\\\"\\r\\nHe\"",
  "autom-man_page.cast": "! autom-man_page.cast: it begins with 24 20 6d 61 6e 20 65 63",
  "cli-demo.json": "asciicast-v1 26 events",
  "cli-full-v1.json": "asciicast-v1 4 events",
  "cli-minimal-v1.json": "asciicast-v1 2 events",
  "cli-nulls-v1.json": "asciicast-v1 2 events",
  "native-tools/a.tty": "ttyrec 3 events",
  "native-tools/ap.out": "script 4 events; 165 bytes of output have no time of their own, because the timing log does not count them (script -a begins it anew, for one) (at byte 99)",
  "native-tools/ap.tm": "script 2 events; the output log ends before what the timing log counts, and reading ends there",
  "native-tools/b.cast-v1": "asciicast-v1 1 events",
  "native-tools/b.nh": "! b.nh: it begins with 00 00 00 00 00 1b 25 47",
  "native-tools/b.ttyrec": "ttyrec 1 events",
  "native-tools/be.tty": "! be.tty as ttyrec: its numbers are big-endian, and only little-endian ones are read; expected records of seconds, microseconds, length and data",
  "native-tools/big.tty": "! big.tty: it begins with e8 03 00 00 00 00 00 00",
  "native-tools/ext.tty": "ttyrec 2 events",
  "native-tools/in.log": "script 3 events; no timing log was found (in.log.timing, in.log.tm, in.log.time), so all is at time 0 (at line 1)",
  "native-tools/neg.tty": "ttyrec 5 events; the clock ran backwards, and time was held (at byte 26)",
  "native-tools/out.log": "script 3 events; no timing log was found (out.log.timing, out.log.tm, out.log.time), so all is at time 0 (at line 1)",
  "native-tools/rz.io": "script 7 events; script also records what is typed at password prompts",
  "native-tools/rz.tm": "script 7 events; script also records what is typed at password prompts",
  "native-tools/sudo-io/log": "sudo 9 events",
  "native-tools/sudo-io/log.json": "sudo 9 events",
  "native-tools/sudo-io/stderr": "! stderr: it is empty",
  "native-tools/sudo-io/stdin": "! stdin: it is empty",
  "native-tools/sudo-io/stdout": "! stdout: it is empty",
  "native-tools/sudo-io/timing": "! timing: it begins with \"4 0.004709727 10\\n3 0.602\"",
  "native-tools/sudo-io/ttyin": "! ttyin: it begins with \"*******\\rsplit-secret\\rtok\"",
  "native-tools/sudo-io/ttyout": "! ttyout: it begins with \"Password: \\r\\nPassword: \\r\\n\"",
  "native-tools/t.adv": "script 4 events; script also records what is typed at password prompts",
  "native-tools/t.classic": "! t.classic: it begins with \"0.262587 25\\n\"",
  "native-tools/t3.json": "tlog 4 events",
  "native-tools/t4.json": "tlog 3 events",
  "native-tools/tlog-50.json": "tlog 51 events",
  "native-tools/trunc.tty": "ttyrec 2 events; the last record is cut off and was left out (at byte 16)",
  "native-tools/y2106.tty": "ttyrec 3 events; the seconds ran over 32 bits and began again at 0 (at byte 26)",
  "player-hist-21195-v1.json": "asciicast-v1 371 events",
  "server-v1-full.json": "asciicast-v1 4 events",
  "server-v1-invalid-data.json": "asciicast-v1 4 events; an entry that is not a time and a text was left out (at byte 118)",
  "server-v1-invalid-time-1.json": "asciicast-v1 4 events; time ran backwards and was held (at byte 118)",
  "server-v1-invalid-time-2.json": "asciicast-v1 4 events; a time in quotes was read as a number (at byte 115)",
  "server-v1-invalid.json": "asciicast-v1 4 events; the header's width is absent and was taken for 80 (at byte 0)",
  "server-v1-minimal.json": "asciicast-v1 4 events",
  "server-v1-screenshot.json": "asciicast-v1 4 events",
  "server-v1-single-event.json": "asciicast-v1 2 events",
  "server-v1-wrong-event-length.json": "asciicast-v1 4 events; elements after the second were ignored (at byte 118)",
  "server-welcome.json": "asciicast-v1 786 events",
  "termrec-asciicast-v1.cast": "asciicast-v1 3 events",
  "termrec-splitutf.nh": "ttyrec 2 events; the last record is cut off and was left out (at byte 14)",
};

Deno.test("openRecording() reads every file of the collection, or says why not", async (t) => {
  if (!exists()) return console.log("  skipped: ../shared/casts is absent");
  for (const name of [...files()].sort()) {
    await t.step(name, async () => {
      const told = await tellOf(name);
      console.log(`    ${name}: ${told}`);
      if (NATIVE[name] !== undefined) equal(told, NATIVE[name]);
      else ok(/^asciicast-v[23] \d/.test(told), told);
    });
  }
});

/** A line about a file: its format, its events, and what was odd. */
async function tellOf(name: string): Promise<string> {
  const report = new Report();
  try {
    const source = await openSource(new URL(name, FOLDER).pathname);
    const { reader, events } = await openRecording(source, { report });
    const all = await collect(events);
    const odd = report.warnings.map(describeFinding);
    return [`${reader.name} ${all.length} events`, ...odd].join("; ");
  } catch (error) {
    ok(error instanceof FormatError, String(error));
    return `! ${error.message.split("\n")[0]!.replace(/^Cannot read \S*?([^/ ]+)(?=[ :])/, "$1")}`;
  }
}
