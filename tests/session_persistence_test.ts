/** Stores as a whole: every store keeps, finds, moves and gives back; nothing that goes wrong loses anything. */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { openRecording } from "../formats/mod.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { StorageError, UsageError } from "../lib/errors.ts";
import type { SearchHit } from "../lib/models.ts";
import { collectBytes } from "../lib/stream/collect.ts";
import { blobSource, streamSource } from "../lib/stream/source.ts";
import { countStats } from "../lib/transform/stats.ts";
import { FileStorage, migrate, openStorage, type SessionStorage } from "../storage/mod.ts";
import { withFolder } from "./support/cli.ts";
import { testBucket, testDatabase } from "./support/servers.ts";

/** A recording of somebody who prints lines, one a second. */
function castOf(title: string, ...lines: string[]): Blob {
  const header = {
    version: 3,
    term: { cols: 80, rows: 24 },
    timestamp: 1_767_225_600,
    title,
    command: "print",
    tags: ["own"],
  };
  const events = lines.map((line) => [1, "o", `${line}\r\n`]);
  return new Blob([[header, ...events, [0.5, "x", "3"]].map((line) => JSON.stringify(line) + "\n").join("")]);
}

const cast = (title: string, ...lines: string[]) => blobSource(`${title}.cast`, castOf(title, ...lines));
const hitsOf = async (storage: SessionStorage, query: string): Promise<SearchHit[]> =>
  await Array.fromAsync(storage.search(query));
const bytesOf = async (storage: SessionStorage, id: string) =>
  await collectBytes(storage.source(await storage.resolve(id)).bytes());
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();

/** All kinds of stores; those of servers only where there are servers. */
const STORES: Readonly<Record<string, (folder: string) => Promise<string | undefined>>> = {
  memory: () => Promise.resolve("memory:"),
  file: (folder) => Promise.resolve(`file://${folder}/store`),
  sqlite: (folder) => Promise.resolve(`sqlite://${folder}/x.db`),
  postgres: testDatabase,
  async s3(folder) {
    Deno.env.set("XDG_CACHE_HOME", folder);
    return (await testBucket())?.url;
  },
};

/** Runs `body` on a fresh store of each kind. */
function everywhere(
  promise: string,
  body: (storage: SessionStorage, url: string, folder: string) => Promise<void>,
): void {
  for (const [name, urlFor] of Object.entries(STORES)) {
    Deno.test(`a store in ${name} ${promise}`, async () => {
      await withFolder(async (folder) => {
        const url = await urlFor(folder);
        if (url === undefined) return;
        const storage = await openStorage(url);
        try {
          await body(storage, url, folder);
        } finally {
          await storage.close();
        }
      });
    });
  }
}

everywhere("keeps a recording byte for byte, knows what it is, and finds what was on screen", async (storage) => {
  const blob = castOf("demo", "hello world", "the build failed");
  const stored = await storage.store(blobSource("demo.cast", blob), { tags: ["ci"] });
  deepEqual(await bytesOf(storage, stored.id), new Uint8Array(await blob.arrayBuffer()));
  const { title, command, exit, tags, bytes, format, duration, startedAt, sha256: hash } = stored;
  deepEqual([title, command, exit, format], ["demo", "print", { code: 3 }, "asciicast-v3"]);
  deepEqual([[...tags].sort(), bytes, duration, startedAt], [["ci", "own"], blob.size, 2.5e9, 1_767_225_600_000]);
  equal(hash, await sha256(await collectBytes(blob.stream())));
  const [hit, ...others] = await hitsOf(storage, "build");
  deepEqual([hit?.recording.id, hit?.time, hit?.kind, hit?.excerpt], [stored.id, 2e9, "output", "the build failed"]);
  equal(others.length, 0);
  equal((await storage.resolve(stored.id.slice(0, 12).toUpperCase())).id, stored.id);
  const ranges = (await storage.source(stored).ranges())!;
  deepEqual(new TextDecoder().decode(await ranges.read(0, 11)), '{"version":');
  ranges.close();
});

everywhere("changes tags, forgets, and counts", async (storage) => {
  const { id } = await storage.store(cast("one", "first"));
  const other = await storage.store(cast("two", "second"));
  await storage.change(id, ({ tags }) => ({ title: "renamed", tags: [...tags, "new"] }));
  deepEqual([(await storage.resolve(id)).title, (await storage.list({ tags: ["new"] })).length], ["renamed", 1]);
  await storage.reindex({ all: true });
  deepEqual((await storage.resolve(id)).tags, ["own", "new"], "the change is in the store, not only in the catalog");
  equal((await hitsOf(storage, "first")).length, 1);
  equal((await storage.totals()).recordings, 2);
  equal(await storage.delete(id), true);
  equal(await storage.delete(id), false);
  deepEqual([await hitsOf(storage, "first"), await storage.get(id)], [[], undefined]);
  await rejects(storage.resolve(id), UsageError);
  const left = (await Array.fromAsync(storage.parts.blobs.list("", ""))).map(({ key }) => key.split(".")[0]);
  ok(left.filter((name) => name!.length === 26).every((name) => name === other.id), left.join());
});

everywhere("takes nothing that is no recording, and nothing of a recording that breaks off", async (storage) => {
  await rejects(storage.store(blobSource("x.txt", new Blob(["no recording"]))), /Cannot read x.txt/);
  let at = 0;
  const broken = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = new Uint8Array(await castOf("x", "line").arrayBuffer());
      if (at++ === 0) controller.enqueue(bytes);
      else controller.error(new Error("the network is gone"));
    },
  });
  await rejects(storage.store(streamSource("x.cast", broken)), /the network is gone/);
  deepEqual(await storage.list(), []);
  const left = (await Array.fromAsync(storage.parts.blobs.list("", ""))).filter(({ key }) => /^[0-9a-z]{26}/.test(key));
  deepEqual(left, []);
});

everywhere("refuses what its quota has no room for, before anything is lost", async (storage, url) => {
  const first = await storage.store(cast("one", "x".repeat(500)));
  if (url.startsWith("memory")) return;
  const small = await openStorage(`${url}${url.includes("?") ? "&" : "?"}quota=${first.bytes + 300}`);
  const large = castOf("two", "y".repeat(500));
  await rejects(small.store(blobSource("two.cast", large)), /quota would be exceeded.*\n.*gc --max-size/);
  await rejects(small.store(streamSource("two.cast", large.stream())), /quota/);
  await small.store(cast("three", "z"));
  deepEqual((await small.list()).map(({ title }) => title), ["three", "one"]);
  await small.close();
});

everywhere("gives up what a policy says, oldest first, and only tells of it when asked to", async (storage) => {
  const made = [];
  for (const title of ["oldest", "kept", "newest"]) made.push(await storage.store(cast(title, title)));
  await storage.change(made[1]!.id, ({ tags }) => ({ tags: [...tags, "keep"] }));
  const policy = {
    olderThan: Infinity,
    keepTags: ["keep"],
    maxBytes: made[0]!.bytes + made[1]!.bytes + 10,
    dryRun: true,
  };
  deepEqual((await storage.cleanUp(policy)).removed.map(({ title }) => title), ["oldest"]);
  equal((await storage.list()).length, 3);
  await storage.cleanUp({ ...policy, dryRun: false });
  deepEqual((await storage.list()).map(({ title }) => title), ["newest", "kept"]);
  await storage.cleanUp({ olderThan: 0, keepTags: ["keep"], maxBytes: Infinity, dryRun: false });
  deepEqual((await storage.list()).map(({ title }) => title), ["kept"]);
});

Deno.test("recordings go from file to SQLite to PostgreSQL to S3 and back, the same, also when interrupted", async () => {
  await withFolder(async (folder) => {
    const first = await openStorage(`file://${folder}/first`);
    const sources = await someCasts();
    for (const source of sources) await first.store(source);
    const hashes = async (storage: SessionStorage) =>
      (await storage.list({}, Infinity)).map(({ id, sha256, title, tags }) => JSON.stringify([id, sha256, title, tags]))
        .sort();
    const expected = await hashes(first);
    const texts = (await first.totals()).textBytes;
    let from = first;
    for (
      const urlFor of [
        STORES.sqlite!,
        STORES.postgres!,
        STORES.s3!,
        (folder: string) => Promise.resolve(`file://${folder}/last`),
      ]
    ) {
      const url = await urlFor(folder);
      if (url === undefined) continue;
      const to = await openStorage(url);
      await interrupted(from, to, Math.floor(expected.length / 2));
      const half = (await to.list({}, Infinity)).length;
      ok(half > 0 && half < expected.length, `${half} of ${expected.length}`);
      const result = await migrate(from, to);
      deepEqual([result.copied, result.skipped, result.problems], [expected.length - half, half, []]);
      deepEqual(await hashes(to), expected);
      // PostgreSQL cuts very long lines, into pieces that overlap a little.
      const { textBytes } = await to.totals();
      ok(textBytes >= texts && textBytes <= texts * 1.01, `${textBytes} bytes of text, where ${texts} were`);
      await from.close();
      from = to;
    }
    const target = await openStorage(`file://${folder}/moved`);
    equal((await migrate(from, target, { move: true })).copied, expected.length);
    deepEqual([await hashes(target), await from.list()], [expected, []]);
    for (const { id, sha256: hash } of await target.list({}, Infinity)) {
      equal(await sha256(await bytesOf(target, id)), hash);
    }
    await target.close();
    await from.close();
  });
});

/** All of the collection beside the project, where it is; else some of our own. */
async function someCasts() {
  const folder = new URL("../../shared/casts/", import.meta.url).pathname;
  const names = await Array.fromAsync(Deno.readDir(folder)).catch(() => []);
  const files = names.filter(({ name, isFile }) => isFile && /\.(cast|ttyrec|json|gz|t2a)$/.test(name)).map((
    { name },
  ) => folder + name);
  const readable = [];
  for (const file of files) {
    const opened = await openRecording(await openSource(file)).catch(() => undefined);
    await opened?.events.cancel();
    if (opened) readable.push(await openSource(file));
  }
  if (readable.length > 0) return readable;
  console.log("    skipped: ../shared/casts is absent, so only recordings of this test are moved");
  return Array.from({ length: 10 }, (_, at) => cast(`own ${at}`, `line ${at}`));
}

/** Migrates, until so many recordings are done. */
async function interrupted(from: SessionStorage, to: SessionStorage, after: number): Promise<void> {
  const onProgress = ({ done }: { done: number }) => {
    if (done === after) throw new Error("pulled the plug");
  };
  await rejects(migrate(from, to, { onProgress }), /pulled the plug/);
}

Deno.test("migrate() leaves damaged recordings where they are, tells of them, and copies the others", async () => {
  await withFolder(async (folder) => {
    const from = await openStorage(`file://${folder}/from`);
    const [one, two] = [await from.store(cast("one", "first")), await from.store(cast("two", "second"))];
    await Deno.writeTextFile(`${folder}/from/${one.blob}`, "altered");
    const to = await openStorage("memory:");
    const { copied, problems } = await migrate(from, to, { move: true });
    deepEqual([copied, problems.length], [1, 1]);
    match(
      problems[0]!,
      new RegExp(`Cannot copy ${one.id}: it is damaged in .*\\n.*SHA-256 is [0-9a-f]{64}, expected ${one.sha256}`),
    );
    deepEqual([(await from.list()).map(({ id }) => id), (await to.list()).map(({ id }) => id)], [[one.id], [two.id]]);
    await to.close();
    await from.close();
  });
});

Deno.test("migrate() changes formats, and what was recorded stays the same", async () => {
  const [from, to] = [await openStorage("memory:"), await openStorage("memory:")];
  const { id } = await from.store(cast("demo", "hello"), { tags: ["x"] });
  equal((await migrate(from, to, { format: "t2a" })).copied, 1);
  const stored = await to.resolve(id);
  deepEqual([stored.format, stored.title, stored.blob, [...stored.tags].sort()], ["t2a", "demo", `${id}.t2a`, [
    "own",
    "x",
  ]]);
  equal((await countStats((await openRecording(to.source(stored))).events)).outputBytes, 7);
  equal((await hitsOf(to, "hello")).length, 1);
  equal((await migrate(from, to, { format: "t2a" })).skipped, 1);
  await rejects(migrate(from, to, { format: "nosuch" }), /Cannot migrate to format "nosuch": expected t2a/);
  await from.close();
  await to.close();
});

Deno.test("a damaged catalog is set aside and built again from what lies beside the recordings", async () => {
  await withFolder(async (folder) => {
    const url = `file://${folder}/store`;
    const first = await openStorage(url);
    const { id } = await first.store(cast("demo", "hello"), { tags: ["x"] });
    await first.close();
    const path = `${folder}/store/.catalog/catalog.db`;
    await Deno.writeTextFile(path, "this was a database once, and is none any more ".repeat(50));
    const again = await openStorage(url);
    deepEqual([(await again.resolve(id)).tags, (await hitsOf(again, "hello")).length], [["own", "x"], 1]);
    await again.close();
    const names = [...Deno.readDirSync(`${folder}/store/.catalog`)].map(({ name }) => name);
    ok(names.some((name) => name.startsWith("catalog.db.damaged-")), names.join());
    await Deno.remove(`${folder}/store/.catalog`, { recursive: true });
    const third = await openStorage(url);
    equal((await third.resolve(id)).title, "demo");
    await third.close();
  });
});

Deno.test("recordings that were copied into the folder by hand are taken in, and those that are gone are forgotten", async () => {
  await withFolder(async (folder) => {
    const storage = await openStorage(`file://${folder}/store`);
    const { id, blob } = await storage.store(cast("gone", "gone"));
    for (const key of [blob, `${id}.meta.json`, `${id}.text`]) await Deno.remove(`${folder}/store/${key}`);
    const own = "01k0000000000000000000000a";
    await Deno.writeFile(`${folder}/store/${own}.cast`, new Uint8Array(await castOf("by hand", "hello").arrayBuffer()));
    await Deno.writeTextFile(`${folder}/store/01k0000000000000000000000b.cast`, "no recording");
    const { found, gone, indexed, problems } = await storage.reindex();
    deepEqual([found, gone, indexed, problems.length], [1, 1, 1, 1]);
    equal((await hitsOf(storage, "hello"))[0]?.recording.title, "by hand");
    equal(await storage.get(id), undefined);
    await Deno.writeTextFile(`${folder}/store/${own}.text`, "torn");
    match((await storage.reindex({ all: true })).problems.join(), /Cannot read the text/);
    equal((await storage.reindex({ text: true })).indexed, 1);
    equal((await hitsOf(storage, "hello")).length, 1);
    await storage.close();
  });
});

Deno.test("what a recorder leaves is taken in once it has ended, and set aside when it cannot be read", async () => {
  await withFolder(async (folder) => {
    const arrivals = `${folder}/store/.recording`;
    await Deno.mkdir(arrivals, { recursive: true });
    const ids = ["a", "b", "c", "d"].map((end) => `01k000000000000000000000${end}0`);
    const write = async (id: string, bytes: Blob | undefined) => {
      if (bytes) await Deno.writeFile(`${arrivals}/${id}.cast`, new Uint8Array(await bytes.arrayBuffer()));
      await Deno.writeTextFile(`${arrivals}/${id}.cast.lock`, "");
    };
    await write(ids[0]!, castOf("ended", "hello"));
    await write(ids[1]!, castOf("running", "hello"));
    await write(ids[2]!, new Blob(["no recording"]));
    await write(ids[3]!, undefined); // thrown away
    const lock = await Deno.open(`${arrivals}/${ids[1]}.cast.lock`, { write: true });
    await lock.lock(true);
    const storage = await FileStorage.open(`${folder}/store`);
    deepEqual((await storage.list()).map(({ title }) => title), ["ended"]);
    equal((await hitsOf(storage, "hello")).length, 1);
    lock.close(); // as when its recorder is killed
    deepEqual((await storage.takeArrivals()).map(({ title }) => title), ["running"]);
    equal((await storage.list()).length, 2);
    deepEqual([...Deno.readDirSync(arrivals)].map(({ name }) => name), ["broken"]);
    equal(await Deno.readTextFile(`${arrivals}/broken/${ids[2]}.cast`), "no recording");
    await storage.close();
  });
});

Deno.test("openStorage() tells what is wrong with a URL", async () => {
  for (const url of ["ftp://x/y", "file:", "sqlite://", "s3:", "s3://?endpoint=x", "memory:?quota=much"]) {
    await rejects(openStorage(url), UsageError, url);
  }
  await rejects(openStorage("ftp://x/y"), /expected a URL with file:, sqlite:, postgres: or s3:/);
  await rejects(openStorage("memory:?quota=much"), /Cannot read "much" as a size/);
  await rejects(openStorage("file:///proc/version/x"), StorageError);
  await rejects(openStorage("postgres://nobody@127.0.0.1:1/x"), /Cannot open .*: nobody answers there/);
});

Deno.test("sqlite:///path and sqlite://path both name a file, and a path alone a folder", async () => {
  await withFolder(async (folder) => {
    for (
      const url of [
        `sqlite://${folder}/a.db`,
        `sqlite:${folder}/b.db`,
        `${folder}/plain`,
        `file://localhost${folder}/c%20d`,
      ]
    ) {
      const storage = await openStorage(url);
      await storage.store(cast("x", "y"));
      await storage.close();
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    deepEqual(names, ["a.db", "b.db", "c d", "plain"]);
  });
});

Deno.test("two processes may use a store of files at the same time", async () => {
  await withFolder(async (folder) => {
    const code = `
      import { openStorage } from ${JSON.stringify(new URL("../storage/mod.ts", import.meta.url).href)};
      import { blobSource } from ${JSON.stringify(new URL("../lib/stream/source.ts", import.meta.url).href)};
      const storage = await openStorage("file://${folder}/store");
      for (let at = 0; at < 10; at++) {
        const cast = '{"version":3,"term":{"cols":80,"rows":24}}\\n[1,"o","line ' + at + '"]\\n';
        await storage.store(blobSource("x.cast", new Blob([cast])));
      }
      await storage.close();`;
    await Deno.writeTextFile(`${folder}/writer.ts`, code);
    const config = new URL("../deno.json", import.meta.url).pathname;
    const run = () =>
      new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--quiet", "--config", config, `${folder}/writer.ts`] })
        .output();
    const results = await Promise.all([run(), run()]);
    for (const { success, stderr } of results) ok(success, new TextDecoder().decode(stderr));
    const storage = await openStorage(`file://${folder}/store`);
    deepEqual([(await storage.list({}, Infinity)).length, (await hitsOf(storage, "line")).length], [20, 20]);
    await storage.close();
  });
});
