import type { BlobStore } from "../lib/ports.ts";
import { S3Blobs } from "../storage/s3.ts";
import { blobContract } from "./contracts/blob_contract.ts";
import { testBucket } from "./support/servers.ts";

async function temporary(): Promise<BlobStore | undefined> {
  const bucket = await testBucket();
  if (!bucket) return undefined;
  const [place, query] = bucket.url.slice("s3://".length).split("?");
  return await S3Blobs.open({ place: place!, settings: new URLSearchParams(query), owner: "ada" });
}

// Swift has no conditional put, and shows one name less than it has for a moment after a large upload.
blobContract("S3Blobs", { open: temporary, refusesAtOnce: false, large: 18_000_000 });
