import type { Catalog } from "../lib/ports.ts";
import { SqliteCatalog } from "../storage/sqlite/catalog.ts";
import { Database } from "../storage/sqlite/database.ts";
import { catalogContract } from "./contracts/catalog_contract.ts";

function temporary(): Promise<Catalog> {
  const database = Database.open(":memory:");
  const catalog = new SqliteCatalog(database);
  catalog.close = () => Promise.resolve(database.close());
  return Promise.resolve(catalog);
}

catalogContract("SqliteCatalog", temporary);
