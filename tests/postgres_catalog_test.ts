import { deepEqual, equal } from "node:assert/strict";
import type { Catalog } from "../lib/ports.ts";
import { PostgresCatalog } from "../storage/postgres/catalog.ts";
import { PostgresDatabase } from "../storage/postgres/database.ts";
import { search } from "../lib/search/search.ts";
import { parseQuery } from "../lib/search/query.ts";
import { MIGRATIONS } from "../storage/postgres/migrations.ts";
import { add, catalogContract, recording } from "./contracts/catalog_contract.ts";
import { testDatabase } from "./support/servers.ts";

async function temporary(): Promise<Catalog | undefined> {
  const url = await testDatabase();
  if (!url) return undefined;
  const database = await PostgresDatabase.open(url);
  const catalog = new PostgresCatalog(database, 1200); // small, so that there are many
  catalog.close = () => database.close();
  return catalog;
}

catalogContract("PostgresCatalog", temporary);

Deno.test("PostgresCatalog takes in anew what an earlier version had indexed", async () => {
  const url = await testDatabase();
  if (!url) return;
  const { default: postgres } = await import("postgres");
  const its = recording(1, { title: "old" });
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.unsafe(`CREATE SCHEMA term2ai; CREATE TABLE term2ai.version (version integer NOT NULL);
    CREATE EXTENSION pg_trgm WITH SCHEMA term2ai; INSERT INTO term2ai.version VALUES (4)`);
  for (const migration of MIGRATIONS.slice(0, 4)) await sql.unsafe(migration("term2ai"));
  await sql`INSERT INTO term2ai.recordings (base, id, started, duration, bytes, tags, about, passages, text, meta)
    VALUES (1, ${its.id}, ${its.startedAt}, 0, 0, '{}', 'old', 1, 5, ${JSON.stringify(its)})`;
  await sql`INSERT INTO term2ai.passages (place, times, text) VALUES (1048576, 'o0', 'alpha')`;
  await sql.end();
  const database = await PostgresDatabase.open(url), catalog = new PostgresCatalog(database);
  try {
    deepEqual(await catalog.get(its.id), its);
    deepEqual(await catalog.unindexed(), [its.id]);
    equal((await Array.fromAsync(search(catalog, parseQuery("alpha")))).length, 0);
    await add(catalog, its, "alpha");
    equal((await Array.fromAsync(search(catalog, parseQuery("alpha")))).length, 1);
  } finally {
    await database.close();
  }
});
