/** Who may see what: in a shared database, in a shared bucket. */

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { blobSource } from "../lib/stream/source.ts";
import { collectBytes } from "../lib/stream/collect.ts";
import { openStorage } from "../storage/mod.ts";
import { withFolder } from "./support/cli.ts";
import { testBucket, testDatabase } from "./support/servers.ts";

const cast = (text: string) =>
  blobSource("x.cast", new Blob([`{"version":3,"term":{"cols":80,"rows":24},"title":"${text}"}\n[1,"o","${text}"]\n`]));

Deno.test("in a shared PostgreSQL nobody sees, finds or changes what is another's", async () => {
  const url = await testDatabase();
  if (!url) return;
  const { default: postgres } = await import("postgres");
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  const [ada, eve] = ["ada", "eve"].map((name) => `${name}_${crypto.randomUUID().slice(0, 8)}`) as [string, string];
  const as = (name: string) => url.replace("//term2ai@", `//${name}@`);
  try {
    await admin.unsafe(`CREATE ROLE "${ada}" LOGIN; CREATE ROLE "${eve}" LOGIN`);
    await (await openStorage(url)).close(); // the administrator makes the tables
    await rejects(openStorage(as(eve)), /may not use the schema term2ai\n.*GRANT USAGE ON SCHEMA term2ai TO "eve/);
    await admin.unsafe(`GRANT USAGE ON SCHEMA term2ai TO "${ada}", "${eve}"`);
    const [hers, evil] = [await openStorage(as(ada)), await openStorage(as(eve))];
    const { id, blob } = await hers.store(cast("secret"));
    equal(hers.parts.owner, ada);
    deepEqual(await evil.list(), []);
    deepEqual(await Array.fromAsync(evil.search("secret")), []);
    deepEqual(await Array.fromAsync(evil.search("secret", { order: "best" })), []);
    deepEqual(await Array.fromAsync(evil.search("/secr.t/")), []);
    equal(await evil.get(id), undefined);
    equal(await evil.parts.blobs.get(blob), undefined);
    equal(await evil.delete(id), false);
    await rejects(evil.change(id, ({ tags }) => ({ tags })), /there is no such recording/);
    await evil.store(cast("mine"), { id }); // the same name is free for her, and is another recording
    equal((await evil.cleanUp({ olderThan: -1e15, keepTags: [], maxBytes: 0, dryRun: false })).removed.length, 1);

    // And past our own program, with statements of her own.
    const sql = postgres(as(eve), { max: 1, onnotice: () => {} });
    for (const table of ["blobs", "chunks", "recordings", "passages", "packs", "slices", "fresh", "commands"]) {
      equal((await sql.unsafe(`SELECT * FROM term2ai.${table}`)).length, 0, table);
      equal((await sql.unsafe(`DELETE FROM term2ai.${table}`)).count, 0, table);
    }
    await rejects(
      sql.unsafe(`INSERT INTO term2ai.blobs (owner, key, modified) VALUES ('${ada}', 'x', 0)`),
      /row-level security/,
    );
    await rejects(
      sql.unsafe(`INSERT INTO term2ai.fresh (owner, base, first, width, bits) VALUES ('${ada}', 0, 0, 0, '')`),
      /row-level security/,
    );
    await sql.end();

    equal((await Array.fromAsync(hers.search("secret"))).length, 2);
    ok((await collectBytes(hers.source(await hers.resolve(id)).bytes())).length > 50);
    await hers.close();
    await evil.close();
  } finally {
    await admin.end();
  }
});

Deno.test("in a shared bucket everybody has a prefix, and sees nothing beside it", async () => {
  const bucket = await testBucket();
  if (!bucket) return;
  await withFolder(async (folder) => {
    Deno.env.set("XDG_CACHE_HOME", folder);
    const [hers, evil] = [await openStorage(`${bucket.url}&owner=ada`), await openStorage(`${bucket.url}&owner=eve`)];
    const { id, blob } = await hers.store(cast("secret"));
    match(hers.name, /some\/prefix\/ada\/ at /);
    deepEqual([await evil.list(), await Array.fromAsync(evil.search("secret"))], [[], []]);
    equal(await evil.parts.blobs.get(blob), undefined);
    equal(await evil.delete(id), false);
    const again = await openStorage(`${bucket.url}&owner=eve`);
    deepEqual(await again.list(), []);
    for (const storage of [again, evil, hers]) await storage.close();
    await rejects(openStorage(`${bucket.url}&owner=a/b`), /Cannot use "a\/b" as an owner/);
  });
});

Deno.test("what is wrong with a bucket, its credentials or its server is told", async () => {
  const bucket = await testBucket();
  if (!bucket) return;
  await withFolder(async (folder) => {
    Deno.env.set("XDG_CACHE_HOME", folder);
    await rejects(
      openStorage(bucket.url.replace(/s3:\/\/[^/]*/, "s3://nowhere")),
      /there is no bucket nowhere; make it first/,
    );
    const secret = Deno.env.get("AWS_SECRET_ACCESS_KEY")!;
    try {
      Deno.env.set("AWS_SECRET_ACCESS_KEY", "wrong");
      await rejects(openStorage(bucket.url), /the secret key is not the one of this access key/);
      Deno.env.delete("AWS_SECRET_ACCESS_KEY");
      await Deno.writeTextFile(
        `${folder}/credentials`,
        `[default]\naws_access_key_id = ${Deno.env.get("AWS_ACCESS_KEY_ID")}\naws_secret_access_key=${secret}\n`,
      );
      Deno.env.set("AWS_SHARED_CREDENTIALS_FILE", `${folder}/credentials`);
      await (await openStorage(bucket.url)).close();
      Deno.env.set("AWS_PROFILE", "nobody");
      await rejects(openStorage(bucket.url), /there are no credentials\n.*the profile "nobody" of/);
    } finally {
      Deno.env.set("AWS_SECRET_ACCESS_KEY", secret);
      for (const name of ["AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE"]) Deno.env.delete(name);
    }
  });
});
