import { deepEqual, equal, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Catalog } from "../lib/ports.ts";
import { SqliteCatalog } from "../storage/sqlite/catalog.ts";
import { Database } from "../storage/sqlite/database.ts";
import { parseQuery } from "../lib/search/query.ts";
import { search } from "../lib/search/search.ts";
import { MIGRATIONS } from "../storage/sqlite/migrations.ts";
import { add, catalogContract, recording } from "./contracts/catalog_contract.ts";
import { withFolder } from "./support/cli.ts";

function temporary(): Promise<Catalog> {
  const database = Database.open(":memory:");
  const catalog = new SqliteCatalog(database, 1200); // small, so that there are many
  catalog.close = () => Promise.resolve(database.close());
  return Promise.resolve(catalog);
}

catalogContract("SqliteCatalog", temporary);

Deno.test("Database.compact() gives back what is unused, also in a file of an earlier version, while others read", async () => {
  await withFolder((folder) => {
    for (const isOld of [false, true]) {
      const path = `${folder}/${isOld}.db`;
      if (isOld) {
        const old = new DatabaseSync(path);
        old.exec("PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL; CREATE TABLE first (x)");
        old.close();
      }
      const database = Database.open(path), other = Database.open(path);
      const size = () => Deno.statSync(path).size;
      database.run("CREATE TABLE many (text)");
      for (let n = 0; n < 500; n++) database.run("INSERT INTO many VALUES (?)", `hippopotamus ${n} `.repeat(500));
      database.compact();
      const before = size();
      database.run("DELETE FROM many WHERE rowid > 10");
      database.compact();
      ok(size() < before / 10, `${before} -> ${size()}`);
      equal(other.one("SELECT count(*) AS rows FROM many")!.rows, 10);
      database.run("DELETE FROM many");
      database.compact();
      for (const name of [path, `${path}-wal`]) {
        ok(!new TextDecoder("latin1").decode(Deno.readFileSync(name)).includes("hippopotamus"), name);
      }
      database.close();
      other.close();
    }
    return Promise.resolve();
  });
});

Deno.test("SqliteCatalog takes in anew what an earlier version had indexed", async () => {
  await withFolder(async (folder) => {
    const old = new DatabaseSync(`${folder}/old.db`), its = recording(1, { title: "old" });
    for (const migration of MIGRATIONS.slice(0, 3)) old.exec(migration);
    old.prepare(
      `INSERT INTO recordings (base, id, started, duration, bytes, tags, about, passages, text, meta)
       VALUES (1, ?, ?, 0, 0, '', 'old', 1, 5, ?)`,
    ).run(its.id, its.startedAt, JSON.stringify(its));
    old.exec(
      `INSERT INTO passages VALUES (1048576, 'o0', 'alpha'); INSERT INTO words (rowid, text) VALUES (1048576, 'alpha');
      PRAGMA user_version = 3`,
    );
    old.close();
    const database = Database.open(`${folder}/old.db`), catalog = new SqliteCatalog(database);
    deepEqual(await catalog.get(its.id), its);
    deepEqual(await catalog.unindexed(), [its.id]);
    equal((await Array.fromAsync(search(catalog, parseQuery("alpha")))).length, 0);
    await add(catalog, its, "alpha");
    equal((await Array.fromAsync(search(catalog, parseQuery("alpha")))).length, 1);
    database.close();
  });
});
