/** asciinema's own programs read what we write. Skipped, with a notice, where they are not installed. */

import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { asciicastV2 } from "../formats/asciicast_v2.ts";
import { type AsciicastFormat, asciicastV3 } from "../formats/asciicast_v3.ts";
import type { SessionEvent } from "../lib/event.ts";
import { collectBytes, concat, streamOf } from "../lib/stream/collect.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A session with everything that asciicast can hold, and bytes that are hard to hold. */
const SESSION: readonly SessionEvent[] = [
  {
    kind: "header",
    time: 0,
    header: {
      cols: 100,
      rows: 50,
      startedAt: 1_700_000_000_123.5,
      term: "xterm-256color",
      title: 'Tests, "quoted"',
      env: { SHELL: "/bin/bash" },
      tags: ["a"],
      host: "mars",
      idleLimit: 1_500_000_000,
      theme: { foreground: "#ffffff", background: "#000000", palette: Array(16).fill("#123456") },
      extra: { duration: 7 },
    },
  },
  { kind: "output", time: 0, data: encode('$ \x1b[1mls\x1b[0m\r\n\0\x7f\u009b€😀\u2028\\"') },
  { kind: "input", time: 123_456_000, data: encode("q\r") },
  { kind: "marker", time: 1_000_000_000, label: "here" },
  { kind: "resize", time: 1_000_001_000, cols: 80, rows: 24 },
  { kind: "custom", time: 2_000_000_000, code: "rlib", data: encode("x") },
  { kind: "output", time: 61_000_000_000, data: encode("bye\n") },
  { kind: "exit", time: 61_000_000_000, status: { code: 3 } },
];
const PRINTED = concat(SESSION.flatMap((event) => event.kind === "output" ? [event.data] : []));

async function written(format: AsciicastFormat): Promise<Uint8Array<ArrayBuffer>> {
  return await collectBytes(streamOf(...SESSION).pipeThrough(format.encoder()));
}

/** Runs a shell command on a terminal of its own, as `asciinema cat` needs one. */
async function onTerminal(command: string): Promise<{ code: number; output: string }> {
  const { code, stdout } = await new Deno.Command("script", {
    args: ["-qec", command, "/dev/null"],
    stdin: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout) };
}

async function asciinemaVersion(): Promise<string | undefined> {
  try {
    return new TextDecoder().decode((await new Deno.Command("asciinema", { args: ["--version"] }).output()).stdout);
  } catch {
    return undefined;
  }
}

Deno.test("asciicast-v2.encoder() writes what asciinema 2 prints byte for byte", async () => {
  const version = await asciinemaVersion();
  if (!version?.startsWith("asciinema 2.")) return console.log(`  skipped: asciinema 2 is not installed (${version})`);
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/a.cast`, await written(asciicastV2));
    const { code, output } = await onTerminal(`asciinema cat ${folder}/a.cast > ${folder}/printed`);
    deepStrictEqual([code, output], [0, ""]);
    deepStrictEqual(new Uint8Array(await Deno.readFile(`${folder}/printed`)), PRINTED);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** What asciinema-player makes of a file. */
interface Parsed {
  readonly cols: number;
  readonly rows: number;
  readonly idleTimeLimit: number;
  readonly theme: { readonly foreground: string; readonly palette: readonly string[] };
  readonly events: { toArray(): [number, string, string][] };
}

const PLAYER = "npm:asciinema-player@3.18.0";

/**
 * The parser inside of asciinema-player, which does not export it: a copy of the module that holds it, with one more export.
 * `undefined` where the package cannot be had.
 */
async function playerParser(folder: string): Promise<((data: Response) => Promise<Parsed>) | undefined> {
  await import(PLAYER).catch(() => {}); // fetches it; it fails for lack of a window
  try {
    const dist = new URL(".", import.meta.resolve(PLAYER));
    const files = [...Deno.readDirSync(dist)].map((entry) => entry.name).filter((name) =>
      /^(core|logging)-/.test(name)
    );
    for (const name of files) {
      const source = await Deno.readTextFile(new URL(name, dist));
      await Deno.writeTextFile(
        `${folder}/${name}`,
        name.startsWith("core") ? source + "\nexport { PARSERS };" : source,
      );
    }
    await Deno.writeTextFile(`${folder}/package.json`, '{"type": "module"}');
    const core = files.find((name) => name.startsWith("core"));
    return (await import(`file://${folder}/${core}`)).PARSERS.get("asciicast");
  } catch (error) {
    console.log(`  skipped: ${PLAYER} cannot be had: ${error}`);
  }
}

for (const format of [asciicastV2, asciicastV3]) {
  Deno.test(`${format.name}.encoder() writes what asciinema-player parses`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const parse = await playerParser(folder);
      if (!parse) return;
      const { cols, rows, idleTimeLimit, theme, events } = await parse(new Response(await written(format)));
      deepStrictEqual([cols, rows, idleTimeLimit], [100, 50, 1.5]);
      deepStrictEqual([theme.foreground, theme.palette[15]], ["#ffffff", "#123456"]);
      const all = events.toArray();
      const times = [0, 123.456, 1000, 1000.001, 2000, 61000, 61000];
      all.forEach(([time], index) => ok(Math.abs(time - times[index]!) < 1e-6));
      equal(all.map(([, code]) => code).join(), "o,i,m,r,rlib,o,x");
      deepStrictEqual(encode(all.filter(([, code]) => code === "o").map(([, , data]) => data).join("")), PRINTED);
      deepStrictEqual(all.filter(([, code]) => code !== "o").map(([, , data]) => data), [
        "q\r",
        "here",
        "80x24",
        "x",
        "3",
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
