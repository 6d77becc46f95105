import type { Catalog } from "../lib/ports.ts";
import { PostgresCatalog } from "../storage/postgres/catalog.ts";
import { PostgresDatabase } from "../storage/postgres/database.ts";
import { catalogContract } from "./contracts/catalog_contract.ts";
import { testDatabase } from "./support/servers.ts";

async function temporary(): Promise<Catalog | undefined> {
  const url = await testDatabase();
  if (!url) return undefined;
  const database = await PostgresDatabase.open(url);
  const catalog = new PostgresCatalog(database);
  catalog.close = () => database.close();
  return catalog;
}

catalogContract("PostgresCatalog", temporary);
