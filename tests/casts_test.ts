/** Recordings from the wild: all that are asciicast are read, and nothing crashes. Skipped where the folder is absent. */

import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { asciicastV2 } from "../formats/asciicast_v2.ts";
import { asciicastV3 } from "../formats/asciicast_v3.ts";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { describeFinding, Report } from "../lib/report.ts";
import { collectBytes } from "../lib/stream/collect.ts";
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
