import type { BlobStore } from "../lib/ports.ts";
import { PostgresBlobs } from "../storage/postgres/blobs.ts";
import { PostgresDatabase } from "../storage/postgres/database.ts";
import { blobContract } from "./contracts/blob_contract.ts";
import { testDatabase } from "./support/servers.ts";

async function temporary(): Promise<BlobStore | undefined> {
  const url = await testDatabase();
  if (!url) return undefined;
  const database = await PostgresDatabase.open(url);
  const blobs = new PostgresBlobs(database);
  blobs.close = () => database.close();
  return blobs;
}

blobContract("PostgresBlobs", { open: temporary, large: 2_500_000 });
