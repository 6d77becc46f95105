import { equal, ok } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Catalog } from "../lib/ports.ts";
import { SqliteCatalog } from "../storage/sqlite/catalog.ts";
import { Database } from "../storage/sqlite/database.ts";
import { catalogContract } from "./contracts/catalog_contract.ts";
import { withFolder } from "./support/cli.ts";

function temporary(): Promise<Catalog> {
  const database = Database.open(":memory:");
  const catalog = new SqliteCatalog(database);
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
