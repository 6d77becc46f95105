/** What happens to stores when processes are killed, connections cut and servers gone. */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { collectBytes } from "../lib/stream/collect.ts";
import { blobSource } from "../lib/stream/source.ts";
import { openStorage, SessionStorage } from "../storage/mod.ts";
import { noise, pieces } from "./contracts/blob_contract.ts";
import { term2ai, withFolder } from "./support/cli.ts";
import { CuttingProxy } from "./support/cutting_proxy.ts";
import { S3Blobs } from "../storage/s3.ts";
import { PostgresBlobs } from "../storage/postgres/blobs.ts";
import { PostgresDatabase } from "../storage/postgres/database.ts";
import { bucketOn, ownServer, testBucket, testDatabase } from "./support/servers.ts";

/** A few moments here; `TERM2AI_TEST_KILLS=20` for more. */
const KILLS = Number(Deno.env.get("TERM2AI_TEST_KILLS") ?? 3);

const WRITER = `
  import { openStorage } from ${JSON.stringify(new URL("../storage/mod.ts", import.meta.url).href)};
  import { blobSource } from ${JSON.stringify(new URL("../lib/stream/source.ts", import.meta.url).href)};
  const storage = await openStorage(Deno.args[0]);
  const head = '{"version":3,"term":{"cols":80,"rows":24}}\\n';
  const line = () => JSON.stringify([0.01, "o", crypto.randomUUID().repeat(20) + "\\r\\n"]) + "\\n";
  const cast = new Blob([head, ...Array.from({ length: 2000 }, line)]);
  console.log("ready");
  for (;;) await storage.store(blobSource("x.cast", cast));`;

const STORES: Readonly<Record<string, (folder: string) => Promise<string | undefined>>> = {
  file: (folder) => Promise.resolve(`file://${folder}/store`),
  sqlite: (folder) => Promise.resolve(`sqlite://${folder}/x.db`),
  postgres: testDatabase,
  async s3(folder) {
    Deno.env.set("XDG_CACHE_HOME", folder);
    return (await testBucket())?.url;
  },
};

for (const [name, urlFor] of Object.entries(STORES)) {
  Deno.test(`kill -9 while a recording is stored in ${name} leaves it whole or not there, and gc removes the rest`, async () => {
    await withFolder(async (folder) => {
      const url = await urlFor(folder);
      if (url === undefined) return;
      await Deno.writeTextFile(`${folder}/writer.ts`, WRITER);
      for (let kill = 0; kill < KILLS; kill++) await storeAndKill(folder, url, 30 + Math.random() * 700);
      const storage = await openStorage(url);
      await storage.reindex();
      const there = await storage.list({}, Infinity);
      for (const recording of there) {
        const bytes = await collectBytes(storage.source(recording).bytes());
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
        deepEqual([bytes.length, hash], [recording.bytes, recording.sha256]);
      }
      await storage.cleanUp({
        olderThan: Infinity,
        keepTags: [],
        maxBytes: Infinity,
        dryRun: false,
        deadAfter: -60_000,
      });
      const again = await storage.cleanUp({
        olderThan: Infinity,
        keepTags: [],
        maxBytes: Infinity,
        dryRun: true,
        deadAfter: -60_000,
      });
      deepEqual(again.leftovers, { count: 0, bytes: 0 });
      equal((await storage.list({}, Infinity)).length, there.length);
      await storage.close();
    });
  });
}

async function storeAndKill(folder: string, url: string, millis: number): Promise<void> {
  const config = new URL("../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--config", config, `${folder}/writer.ts`, url],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  ok(!(await reader.read()).done, "it started");
  await new Promise((resolve) => setTimeout(resolve, millis));
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
}

function settingsOf(url: string): URLSearchParams {
  return new URLSearchParams(url.split("?")[1]);
}

/** The blobs in a bucket, with other settings than its URL has. */
async function openBucket(url: string, changed: Readonly<Record<string, string>> = {}): Promise<S3Blobs> {
  const settings = settingsOf(url);
  for (const [key, value] of Object.entries(changed)) settings.set(key, value);
  return await S3Blobs.open({ place: url.slice(5).split("?")[0]!, settings, owner: "ada" });
}

Deno.test("an upload to S3 goes on when connections are cut in the middle of it", async () => {
  const bucket = await testBucket();
  if (!bucket) return;
  const proxy = new CuttingProxy(new URL(settingsOf(bucket.url).get("endpoint")!));
  const blobs = await openBucket(bucket.url, { endpoint: `http://${proxy.host}` });
  const bytes = noise(18_000_000);
  proxy.cutAfter(3_000_000, 6_000_000, 1_000_000);
  await blobs.put("x", pieces(bytes), "refuse");
  equal(proxy.cut, 3);
  deepEqual((await collectBytes((await blobs.get("x"))!)).length, bytes.length);
  equal((await blobs.sweep(Date.now() + 60_000, true)).count, 0);
  await proxy.close();
});

Deno.test("an upload to PostgreSQL goes on when connections are cut in the middle of it", async () => {
  const url = await testDatabase();
  if (!url) return;
  const proxy = new CuttingProxy(new URL(url.replace("postgres:", "http:")));
  const database = await PostgresDatabase.open(url.replace(/@[^/]*/, `@${proxy.host}`));
  const blobs = new PostgresBlobs(database);
  const bytes = noise(4_000_000);
  proxy.cutAfter(1_500_000, 700_000);
  await blobs.put("x", pieces(bytes), "refuse");
  ok(proxy.cut >= 1, `${proxy.cut} were cut`);
  deepEqual(await collectBytes((await blobs.get("x"))!), bytes);
  await database.close();
  await proxy.close();
});

for (const name of ["postgres", "swift"] as const) {
  Deno.test(`a server (${name}) that crashes and starts again during an upload has all of it or nothing, and takes the next`, async () => {
    await withFolder(async (folder) => {
      const server = await ownServer(name, folder);
      if (!server) return;
      const blobs = name === "swift"
        ? await openBucket((await bucketOn(server.variables)).url)
        : new PostgresBlobs(await PostgresDatabase.open(server.variables.TERM2AI_TEST_POSTGRES!));
      const bytes = noise(18_000_000);
      let restarted: Promise<unknown> | undefined;
      const crash = afterBytes(7_000_000, () => restarted = server.restart());
      const failure = await blobs.put("x", pieces(bytes).pipeThrough(crash), "refuse").then(
        () => undefined,
        (error: Error) => error,
      );
      ok(restarted, "it was restarted");
      await restarted;
      const there = await blobs.get("x");
      if (failure) match(failure.message, /^Cannot .*x/s);
      deepEqual(there && await collectBytes(there), failure ? undefined : bytes);
      await blobs.sweep(Date.now() + 60_000, false);
      equal((await blobs.sweep(Date.now() + 60_000, true)).count, 0);
      await blobs.put("y", pieces(bytes), "refuse");
      deepEqual(await collectBytes((await blobs.get("y"))!), bytes);
      await blobs.close();
      await server.stop();
    });
  });
}

/** Does something once when so many bytes have passed. */
function afterBytes(limit: number, act: () => void): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let left = limit;
  return new TransformStream({
    transform(piece, controller) {
      if (left > 0 && (left -= piece.length) <= 0) act();
      controller.enqueue(piece);
    },
  });
}

Deno.test("when a store cannot be reached, what came down a pipe is kept on this machine, and a recording too", async () => {
  await withFolder(async (folder) => {
    const env = {
      XDG_DATA_HOME: folder,
      AWS_ACCESS_KEY_ID: "x",
      AWS_SECRET_ACCESS_KEY: "y",
      TERM2AI_STORE: "postgres://ada:hidden@127.0.0.1:1/x",
    };
    const cast = '{"version":3,"term":{"cols":80,"rows":24}}\n[1,"o","kept"]\n';
    const { status, errors, text } = await term2ai(["upload"], { stdin: cast, env });
    deepEqual([status, text], [1, ""]);
    match(
      errors,
      /Cannot open postgres:\/\/ada@127.0.0.1:1\/x: nobody answers there\n {2}It is kept; try again with: term2ai upload \//,
    );
    const [, kept] = /term2ai upload (\S+)/.exec(errors)!;
    equal(await Deno.readTextFile(kept!), cast);
    equal(Deno.statSync(kept!).mode! & 0o777, 0o600);

    const recorded = await term2ai(["rec", "--store", env.TERM2AI_STORE, "--", "sh", "-c", "echo also kept; exit 3"], {
      env,
    });
    equal(recorded.status, 3);
    match(recorded.errors, /the recording is not in postgres:\/\/ada@127.0.0.1:1\/x/);
    const [, path] = /(\S+\.t2a)/.exec(recorded.errors)!;
    match((await term2ai(["cat", path!])).text, /also kept/);
    const later = await term2ai(["upload", "--store", `file://${folder}/store`, path!, kept!], { env });
    deepEqual([later.status, later.text.trim().split("\n").length], [0, 2]);
  });
});

Deno.test("a full disk is told, and leaves nothing behind", async () => {
  const { success } = await new Deno.Command("unshare", { args: ["-rm", "true"], stderr: "null" }).output().catch(
    () => ({ success: false }),
  );
  if (!success) return console.log("    skipped: no file system of our own can be mounted here");
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/small`);
    const cast = `{"version":3,"term":{"cols":80,"rows":24}}\n${
      `[0.1,"o","${crypto.randomUUID().repeat(20)}"]\n`.repeat(4000)
    }`;
    await Deno.writeTextFile(`${folder}/x.cast`, cast);
    const cli = new URL("../cli.ts", import.meta.url).pathname;
    const upload = `${Deno.execPath()} run --quiet -A ${cli} upload ${folder}/x.cast --store`;
    const script = `mount -t tmpfs -o size=1m tmpfs ${folder}/small
      for store in file://${folder}/small/store sqlite://${folder}/small/x.db; do ${upload} $store; echo "status $?"; done
      find ${folder}/small/store -name '0*' -o -name '*.part' | wc -l`;
    const { stdout, stderr } = await new Deno.Command("unshare", { args: ["-rm", "sh", "-c", script] }).output();
    const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
    deepEqual(text.trim().split("\n"), ["status 1", "status 1", "0"], errors);
    match(errors, /Cannot store .* in .*store: .*[Nn]o space/);
    match(errors, /the disk is full/);
    ok(!/at .*\.ts/.test(errors), errors);
  });
});

Deno.test("bytes that were altered or are missing are told when they are read, and other recordings are not affected", async () => {
  await withFolder(async (folder) => {
    const store = `${folder}/store`;
    const storage = await openStorage(`file://${store}`);
    const cast = (text: string) =>
      blobSource("x.cast", new Blob([`{"version":3,"term":{"cols":80,"rows":24}}\n[1,"o","${text}"]\n`]));
    const [altered, missing, fine] = [
      await storage.store(cast("one")),
      await storage.store(cast("two")),
      await storage.store(cast("three")),
    ];
    await storage.close();
    await Deno.writeTextFile(`${store}/${altered.blob}`, '{"version":3,"term":{"cols":80,"rows":24}}\n[1,"o","XXX"]\n');
    await Deno.remove(`${store}/${missing.blob}`);
    const got = await term2ai(["store", "get", altered.id, `${folder}/out.cast`, "--store", store]);
    equal(got.status, 1);
    match(got.errors, /is damaged: its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}\n.*written as it is/);
    ok(await Deno.stat(`${folder}/out.cast`));
    match((await term2ai(["cat", missing.id, "--store", store])).errors, /its bytes are missing/);
    equal((await term2ai(["cat", fine.id, "--store", store])).text, "three");
    await rejects(Deno.stat(`${folder}/nothing`));
  });
});

const CAST = '{"version":3,"term":{"cols":80,"rows":24}}\n' + '[0.01,"o","some words of it\\r\\n"]\n'.repeat(20_000);

Deno.test("SessionStorage.store() leaves nothing of a recording that cannot be cataloged, or whose bytes cannot be kept", async () => {
  const whole = await openStorage("memory:");
  const { blobs, catalog } = whole.parts;
  const fails = <Port extends object>(port: Port, name: keyof Port, unless?: (...args: unknown[]) => unknown): Port =>
    new Proxy(port, {
      get(target, key) {
        if (key === name) {
          return (...args: unknown[]) => unless?.(...args) ?? Promise.reject(new Error("the disk is full"));
        }
        const value = Reflect.get(target, key);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  const isText = (key: unknown, bytes: unknown) =>
    String(key).endsWith(".text") ? blobs.put(String(key), bytes as ReadableStream<Uint8Array>, "replace") : undefined;
  for (
    const parts of [
      { ...whole.parts, catalog: fails(catalog, "put") },
      { ...whole.parts, catalog: fails(catalog, "index") },
      { ...whole.parts, blobs: fails(blobs, "put", isText) },
    ]
  ) {
    const storage = new SessionStorage(parts);
    await rejects(storage.store(blobSource("a.cast", new Blob([CAST]))), /the disk is full/);
    deepEqual(await Array.fromAsync(blobs.list("", "")), []);
    deepEqual(await catalog.list({}, Infinity), []);
  }
  await whole.close();
});

Deno.test("upload to a disk that becomes full leaves nothing, wherever it stops, or has all of it", async () => {
  await withFolder(async (folder) => {
    const disk = `${folder}/disk`;
    await Deno.mkdir(disk);
    const mount = (...args: string[]) => new Deno.Command(args[0]!, { args: args.slice(1), stderr: "null" }).output();
    const mounted = await mount("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk).catch(() => undefined);
    if (!mounted?.success) return console.log("not tested: a small file system cannot be mounted");
    try {
      const env = { TERM2AI_STORE: `file://${disk}/store` };
      await Deno.writeTextFile(`${folder}/a.cast`, CAST);
      await term2ai(["store", "ls"], { env });
      for (const left of [250, 500, 640, 800, 1_000]) {
        const { stdout } = await new Deno.Command("df", { args: ["-k", "--output=avail", disk] }).output();
        const free = Number(/\d+/.exec(new TextDecoder().decode(stdout))![0]);
        await Deno.writeFile(`${disk}/fill`, new Uint8Array((free - left) << 10));
        const { status, errors, text } = await term2ai(["upload", `${folder}/a.cast`], { env });
        await Deno.remove(`${disk}/fill`);
        const stored = JSON.parse((await term2ai(["store", "ls", "--json"], { env })).text);
        match(errors, /No space left|disk is full/, `${left} KiB`); // what it was that did not fit depends on what came first
        if (status === 0 && left << 10 > CAST.length) {
          deepEqual([stored.length, (await term2ai(["store", "get", text.trim(), "-"], { env })).text === CAST], [
            1,
            true,
          ]);
          await term2ai(["store", "rm", text.trim()], { env });
          continue;
        }
        const files = [...Deno.readDirSync(`${disk}/store`)].filter(({ isFile }) => isFile).map(({ name }) => name);
        deepEqual([status, files, stored.length], [1, [], 0], `${left} KiB: ${errors}`);
      }
    } finally {
      await mount("umount", disk);
    }
  });
});
