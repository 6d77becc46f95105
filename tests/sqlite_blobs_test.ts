import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { BlobStore } from "../lib/ports.ts";
import { SqliteBlobs } from "../storage/sqlite/blobs.ts";
import { Database } from "../storage/sqlite/database.ts";
import { MIGRATIONS } from "../storage/sqlite/migrations.ts";
import { blobContract, noise, pieces } from "./contracts/blob_contract.ts";
import { withFolder } from "./support/cli.ts";
import { openTogether } from "./support/database_openers.ts";

async function temporary(): Promise<BlobStore> {
  const folder = await Deno.makeTempDir({ prefix: "term2ai-test-" });
  const database = Database.open(`${folder}/x.db`);
  const blobs = new SqliteBlobs(database);
  blobs.close = async () => {
    database.close();
    await Deno.remove(folder, { recursive: true });
  };
  return blobs;
}

blobContract("SqliteBlobs", { open: temporary });

Deno.test("a database of ours is private, with the files that SQLite puts beside it", async () => {
  await withFolder(async (folder) => {
    const umask = Deno.umask(0);
    const database = Database.open(`${folder}/x.db`);
    await new SqliteBlobs(database).put("x", pieces(noise(1000)), "refuse");
    Deno.umask(umask);
    const modes = [...Deno.readDirSync(folder)].map(({ name }) => Deno.statSync(`${folder}/${name}`).mode! & 0o777);
    deepEqual(modes, [0o600, 0o600, 0o600]);
    database.close();
    await Deno.symlink(`${folder}/x.db`, `${folder}/link.db`);
    await rejects(() => Promise.resolve().then(() => Database.open(`${folder}/link.db`)), /it is a symbolic link/);
  });
});

Deno.test("a database is told by its version: a later one is refused, no database is told as such", async () => {
  await withFolder(async (folder) => {
    const other = new DatabaseSync(`${folder}/later.db`);
    other.exec("PRAGMA user_version = 99");
    other.close();
    await rejects(
      () => Promise.resolve().then(() => Database.open(`${folder}/later.db`)),
      /it has version 99, and this program knows \d+\n.*later version/,
    );
    await Deno.writeTextFile(`${folder}/text.db`, "this is no database at all ".repeat(100));
    await rejects(
      () => Promise.resolve().then(() => Database.open(`${folder}/text.db`)),
      /Cannot use .*text.db: it is no SQLite database/,
    );
    await rejects(
      () => Promise.resolve().then(() => Database.open(`${folder}/nowhere/x.db`)),
      /Cannot open .*nowhere\/x.db: there is no such file/,
    );
    const database = Database.open(`${folder}/x.db`);
    equal(database.one("PRAGMA user_version")!.user_version, MIGRATIONS.length);
    database.close();
    Database.open(`${folder}/x.db`).close();
  });
});

Deno.test("SqliteBlobs.sweep() removes chunks whose put was killed, once they are old enough", async () => {
  const database = Database.open(":memory:");
  const blobs = new SqliteBlobs(database);
  await blobs.put("x", pieces(noise(10)), "refuse");
  database.run("INSERT INTO blobs (id, key, size, modified, whole) VALUES (77, 'y', 0, 1000, 0)");
  database.run("INSERT INTO chunks VALUES (77, 0, ?)", new Uint8Array(500));
  equal(await blobs.stat("y"), undefined);
  deepEqual(await blobs.sweep(1000, false), { count: 0, bytes: 0 });
  deepEqual(await blobs.sweep(2000, true), { count: 1, bytes: 500 });
  deepEqual(await blobs.sweep(2000, false), { count: 1, bytes: 500 });
  equal(database.one("SELECT count(*) AS count FROM chunks")!.count, 1);
  ok(await blobs.stat("x"));
  database.close();
});

Deno.test("several may make and open the same database at the same moment", async () => {
  await withFolder(async (folder) => deepEqual(await openTogether(folder, 100), []));
});

Deno.test("who waits for a locked database is told, and nothing is lost", async () => {
  await withFolder(async (folder) => {
    const database = Database.open(`${folder}/x.db`);
    const blobs = new SqliteBlobs(database);
    await blobs.put("x", pieces(noise(10)), "refuse");
    database.run("PRAGMA busy_timeout = 50");
    const other = new DatabaseSync(`${folder}/x.db`);
    other.exec("BEGIN IMMEDIATE");
    await rejects(blobs.put("y", pieces(noise(10)), "refuse"), /another process has been writing to it/);
    deepEqual((await blobs.stat("x"))?.size, 10); // readers are not held up
    other.exec("ROLLBACK");
    other.close();
    await blobs.put("y", pieces(noise(10)), "refuse");
    database.close();
  });
});
