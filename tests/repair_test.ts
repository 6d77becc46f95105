import { deepEqual, equal, match, ok } from "node:assert/strict";
import { READERS, t2a, WRITERS } from "../formats/mod.ts";
import type { SessionEvent } from "../lib/event.ts";
import { collectBytes, concat } from "../lib/stream/collect.ts";
import { infoOf, term2ai, withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";
import { AGE_IDENTITY, AGE_RECIPIENT } from "./support/keys.ts";
import { blocksOf } from "./support/t2a_blocks.ts";

const EVENTS: readonly SessionEvent[] = [
  header({ title: "to be damaged" }),
  ...Array.from({ length: 60 }, (_, n) => output((n + 1) * 1e9, `line ${n} of a session\r\n`)),
  { kind: "exit", time: 61e9, status: { code: 0 } },
];

async function write(events: readonly SessionEvent[] = EVENTS): Promise<Uint8Array<ArrayBuffer>> {
  return await collectBytes(ReadableStream.from([events]).pipeThrough(t2a.encoder({ blockBytes: 200, codec: 0 })));
}

Deno.test("repair makes a whole recording of a damaged one, says what was lost, and leaves the damaged one as it is", async () => {
  await withFolder(async (folder) => {
    const bytes = await write();
    const blocks = blocksOf(bytes);
    bytes[blocks[3]!.at + 40]! ^= 1;
    const cut = bytes.subarray(0, blocks[8]!.at + 10);
    await Deno.writeFile(`${folder}/x.t2a`, cut);
    const run = (args: string[]) => term2ai(args, { cwd: folder });
    const { status, errors } = await run(["repair", "x.t2a"]);
    equal(status, 0);
    match(errors, /block 3 at byte \d+ is altered: its checksum is/);
    match(errors, /x\.t2a: \d+ events of .* are in x\.repaired\.t2a; 2 gaps, \d+ B of output known to be missing\n$/);
    deepEqual(await Deno.readFile(`${folder}/x.t2a`), cut);
    equal((await run(["verify", "x.repaired.t2a"])).status, 0);
    const info = await infoOf(`${folder}/x.repaired.t2a`);
    deepEqual([info.complete, info.gaps, info.header.title], [true, 2, "to be damaged"]);
    match((await run(["repair", "x.t2a"])).errors, /x\.repaired\.t2a: it exists; --overwrite/);
    equal((await run(["repair", "--overwrite", "x.t2a"])).status, 0);
    match((await run(["repair", "x.repaired.t2a", "again.t2a"])).errors, /2 gaps/);
    // Without its beginning it is recognised by its blocks.
    await Deno.writeFile(`${folder}/y.t2a`, concat([new Uint8Array(500), bytes.subarray(500)]));
    equal((await run(["repair", "y.t2a"])).status, 0);
    match((await run(["cat", "y.repaired.t2a"])).text, /line 59 of a session\r\n$/);
    const piped = await term2ai(["repair", "-"], { stdin: cut });
    equal((await term2ai(["verify", "-"], { stdin: piped.stdout })).status, 0);
  });
});

Deno.test("repair salvages torn and damaged recordings of every format that has one file", async () => {
  await withFolder(async (folder) => {
    const writers = WRITERS.filter(({ name }) =>
      !["t2a", "script", "raw"].includes(name) && READERS.some((reader) => reader.name === name)
    );
    ok(writers.length >= 5, writers.map(({ name }) => name).join());
    for (const { name, extensions } of writers) {
      const file = `${folder}/${name}.${extensions[0] ?? "log"}`;
      await Deno.writeFile(`${folder}/whole.t2a`, await write());
      equal((await term2ai(["convert", "--overwrite", "--to", name, `${folder}/whole.t2a`, file])).status, 0, name);
      const bytes = await Deno.readFile(file);
      bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 20);
      await Deno.writeFile(file, bytes.subarray(0, bytes.length - 9));
      const { status, errors } = await term2ai(["repair", file, `${folder}/${name}.t2a`]);
      equal(status, 0, `${name}: ${errors}`);
      equal((await term2ai(["verify", `${folder}/${name}.t2a`])).status, 0, name);
      match((await term2ai(["cat", `${folder}/${name}.t2a`])).text, /line 0 of a session/, name);
      ok(errors.split("\n").length > 2, `${name}: what was wrong is told: ${errors}`);
    }
  });
});

Deno.test("repair keeps secret what was secret, unless it is told otherwise", async () => {
  await withFolder(async (folder) => {
    const run = (args: string[]) => term2ai(args, { cwd: folder });
    await Deno.writeTextFile(`${folder}/key.txt`, AGE_IDENTITY);
    await Deno.writeFile(`${folder}/x.t2a`, await write());
    await run(["encrypt", "--to", AGE_RECIPIENT, "x.t2a", "s.t2a"]);
    const bytes = await Deno.readFile(`${folder}/s.t2a`);
    bytes[blocksOf(bytes)[4]!.at + 50]! ^= 1;
    bytes[60]! ^= 1; // in the key
    await Deno.writeFile(`${folder}/s.t2a`, bytes);
    const refused = await run(["repair", "--identity", "key.txt", "s.t2a"]);
    equal(refused.status, 2);
    match(refused.errors, /it is encrypted; say for whom/);
    equal(await Deno.stat(`${folder}/s.repaired.t2a`).catch(() => undefined), undefined);
    const kept = await run(["repair", "--identity", "key.txt", "--to", AGE_RECIPIENT, "s.t2a"]);
    equal(kept.status, 0, kept.errors);
    match(kept.errors, /1 gap, \d+ B of output/);
    equal((await run(["verify", "--identity", "key.txt", "s.repaired.t2a"])).status, 0);
    equal((await run(["repair", "--identity", "key.txt", "--plain", "s.t2a", "p.t2a"])).status, 0);
    match((await run(["cat", "p.t2a"])).text, /line 0/);
    match((await run(["repair", "s.t2a", "q.t2a"])).errors, /no key that was given opens it/);
  });
});

Deno.test("repair refuses what holds nothing, with one clear message", async () => {
  await withFolder(async (folder) => {
    const run = (args: string[]) => term2ai(args, { cwd: folder });
    await Deno.writeFile(`${folder}/zero.t2a`, new Uint8Array(5000));
    await Deno.writeFile(`${folder}/header.t2a`, (await write()).subarray(0, 120));
    for (
      const [args, status, expected] of [
        [["repair", "zero.t2a"], 1, /Cannot read zero\.t2a: it begins with/],
        [["repair", "header.t2a"], 1, /0 events/],
        [["repair", "missing.t2a"], 2, /no such file/],
        [["repair", "zero.t2a", "x.nothing"], 2, /Cannot tell the format/],
        [["repair", "--to", AGE_RECIPIENT, "zero.t2a", "x.cast"], 2, /only T2A/],
      ] as [string[], number, RegExp][]
    ) {
      const found = await run(args);
      equal(found.status, status, `${args.join(" ")}: ${found.errors}`);
      match(found.errors, expected);
      ok(!/^ +at /m.test(found.errors), found.errors);
    }
  });
});

Deno.test("filters and convert say in the recording that what they read had no end", async () => {
  await withFolder(async (folder) => {
    const bytes = await write();
    await Deno.writeFile(`${folder}/cut.t2a`, bytes.subarray(0, blocksOf(bytes)[8]!.at + 10));
    await Deno.writeFile(`${folder}/whole.t2a`, bytes);
    for (
      const command of [["compress"], ["idle"], ["speed", "--factor", "2"], ["anonymize"], ["convert", "--to", "t2a"]]
    ) {
      const gapsOf = async (name: string) => {
        equal((await term2ai([...command, "--overwrite", name, "out.t2a"], { cwd: folder })).status, 0);
        const { complete, gaps } = await infoOf(`${folder}/out.t2a`);
        return [complete, gaps];
      };
      deepEqual([await gapsOf("cut.t2a"), await gapsOf("whole.t2a")], [[true, 1], [true, 0]], command.join(" "));
    }
  });
});
