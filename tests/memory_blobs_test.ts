import { MemoryBlobs } from "../storage/memory.ts";
import { blobContract } from "./contracts/blob_contract.ts";

blobContract("MemoryBlobs", { open: () => Promise.resolve(new MemoryBlobs()) });
