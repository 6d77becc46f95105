/**
 * Where `term2ai rec` puts a recording that goes to the store.
 *
 * Nothing of a database or a network is loaded while a shell is recorded. Into a store of files the recording is written where it
 * will stay; whoever opens the store next takes it in, and a process that we leave behind does so at once. For any other store it is
 * kept on this machine, and sent when the session is over.
 * @module
 */

import { newId } from "../../search/id.ts";
import type { StorageUrl } from "../../../storage/sessions/url.ts";
import { ownCommand } from "../program/built.ts";
import { isStoreChosen, openStore, storeUrl } from "../source/chosen_store.ts";
import { messageFor } from "../program/failure.ts";
import { lazy } from "../lazy.ts";
import { openSource } from "../source/stdio.ts";

/** A place for one recording. */
export interface StorePlace {
  /** The recording's id. */
  readonly id: string;
  /** The file to write. */
  readonly path: string;
  /** The store, for people. */
  readonly store: string;
  /** Brings it into the store; returns what went wrong. */
  settle(): Promise<string[]>;
  /** There is nothing to bring into the store. */
  abandon(): Promise<void>;
}

/**
 * Finds a place for a recording with an extension.
 *
 * @throws {UsageError} If the store's URL is none.
 * @throws {StorageError} If there is no place, or the quota is used up.
 */
export async function placeInStore(extension: string): Promise<StorePlace> {
  const { parseStorageUrl } = await lazy<typeof import("../../../storage/sessions/url.ts")>(
    "../../storage/sessions/url.ts",
  );
  const url = parseStorageUrl(storeUrl());
  if (url.quota < Infinity) await checkQuota(url.quota);
  const id = newId();
  return url.scheme === "file" ? await placeInFolder(url, id, extension) : await placeInOutbox(id, extension);
}

async function placeInFolder({ place }: StorageUrl, id: string, extension: string): Promise<StorePlace> {
  const { makePrivateFolder } = await loadFiles();
  await makePrivateFolder(place);
  const folder = `${place}/.recording`;
  await makePrivateFolder(folder);
  const path = `${folder}/${id}.${extension}`;
  const lockPath = `${path}.lock`;
  const lock = await Deno.open(lockPath, { write: true, createNew: true, mode: 0o600 });
  lock.tryLockSync(true);
  const settle = () => {
    lock.close();
    indexLater();
    return Promise.resolve([]);
  };
  const abandon = async () => {
    await Deno.remove(lockPath).catch(() => {});
    lock.close();
  };
  return { id, path, store: place, settle, abandon };
}

async function placeInOutbox(id: string, extension: string): Promise<StorePlace> {
  const { makePrivateFolder } = await loadFiles();
  const { dataFolder } = await lazy<typeof import("../../host/user_folders.ts")>("../host/user_folders.ts");
  const folder = `${dataFolder()}/outbox`;
  await makePrivateFolder(folder);
  const path = `${folder}/${id}.${extension}`;
  const store = withoutSecrets(storeUrl());
  const settle = async () => {
    try {
      const storage = await openStore();
      await storage.store(await openSource(path), { id });
      await storage.close();
      await Deno.remove(path);
      return [];
    } catch (error) {
      const again = `term2ai upload ${isStoreChosen() ? `--store ${store} ` : ""}${path}`;
      return [`the recording is not in ${store}: ${messageFor(error)}`, `it is kept; try again with: ${again}`];
    }
  };
  return { id, path, store, settle, abandon: () => Promise.resolve() };
}

/** Before a recording starts, since afterwards it would be too late. */
async function checkQuota(quota: number): Promise<void> {
  const storage = await openStore();
  try {
    if ((await storage.totals()).bytes < quota) return;
  } finally {
    await storage.close();
  }
  const { quotaError } = await lazy<typeof import("../../../storage/sessions/ingest.ts")>(
    "../../storage/sessions/ingest.ts",
  );
  throw quotaError(withoutSecrets(storeUrl()));
}

/** A process of its own, so that nobody waits at a prompt for an index. Where it cannot run, the next look at the store does its work. */
function indexLater(): void {
  try {
    if (Deno.permissions.querySync({ name: "run" }).state !== "granted") return;
    const [program, ...words] = ownCommand();
    const args = [...words, "store", "reindex", "--arrivals", "--store", storeUrl()];
    const quiet = { stdin: "null", stdout: "null", stderr: "null", detached: true } as const;
    new Deno.Command(program!, { args, ...quiet }).spawn().unref();
  } catch {
    // the next look at the store does it
  }
}

function loadFiles(): Promise<typeof import("../../../storage/file.ts")> {
  return lazy<typeof import("../../../storage/file.ts")>("../../storage/file.ts");
}

/** A URL as it may be shown. */
function withoutSecrets(url: string): string {
  return url.replace(/(\/\/[^/@:]*):[^/@]*@/, "$1@");
}

/** Whether a recording without a FILE goes to the store although stdout is no terminal: somebody has said so. */
export function isStoreWanted(path: string | undefined): boolean {
  return path === undefined && (isStoreChosen() || Deno.stdout.isTerminal());
}
