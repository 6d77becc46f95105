/**
 * The store that this command line is about, and recordings in it by name.
 *
 * `--store URL` may stand in every command line, as do `TERM2AI_STORE` and the configuration file. Nothing of a store is loaded
 * before a recording in it is wanted.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { defaultStore } from "../../host/user_folders.ts";
import type { Source } from "../../ports.ts";
import { isIdPrefix } from "../../search/id.ts";
import { lazy } from "../lazy.ts";
import { notFound } from "./recording_name.ts";

type StorageModule = typeof import("../../../storage/mod.ts");
/** A store that is open. */
export type SessionStorage = InstanceType<StorageModule["SessionStorage"]>;

let chosen: string | undefined;

/** What `--store` said. */
export function chooseStore(url: string): void {
  chosen = url;
}

/** Whether somebody has said on the command line which store is meant. */
export function isStoreChosen(): boolean {
  return chosen !== undefined;
}

/**
 * The URL of the store that is meant.
 *
 * @throws {UsageError} If the configuration file is not as it should be.
 */
export function storeUrl(): string {
  return chosen ?? defaultStore();
}

/** Takes `--store URL` out of a command's arguments. */
export function takeStoreFlag(args: readonly string[]): readonly string[] {
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const [flag, value] = args[at]!.split(/=(.*)/s);
    if (flag !== "--store") rest.push(args[at]!);
    else {
      const url = value ?? args[++at];
      if (!url) {
        throw new UsageError("Cannot use --store without a URL: expected file:///folder, s3://bucket or another");
      }
      chooseStore(url);
    }
  }
  return rest;
}

/** Loads what stores need. */
export function loadStorage(): Promise<StorageModule> {
  return lazy<StorageModule>("../../storage/mod.ts");
}

/** Opens the store that is meant. */
export async function openStore(): Promise<SessionStorage> {
  return await (await loadStorage()).openStorage(storeUrl());
}

let shared: Promise<SessionStorage> | undefined;

/** The store that is meant, opened once for all that is read from it: it stays open to the end of the command. */
export function openSharedStore(): Promise<SessionStorage> {
  return shared ??= openStore();
}

/** Does something with the store that is meant, and lets go of it. */
export async function withStore<Result>(body: (storage: SessionStorage) => Promise<Result>): Promise<Result> {
  const storage = await openStore();
  try {
    return await body(storage);
  } finally {
    await storage.close();
  }
}

/** Whether a word that is no file may name a stored recording: `store:ID`, the beginning of an id, or `last`. */
export function mayBeStored(name: string): boolean {
  return name.startsWith("store:") || name === "last" || (name.length >= 4 && isIdPrefix(name));
}

const fromStore = new WeakSet<Source>();

/** Whether a recording comes from a store, and can be read again. */
export function isFromStore(source: Source): boolean {
  return fromStore.has(source);
}

/**
 * A stored recording, to be read.
 *
 * @throws {UsageError} If there is none of that name.
 */
export async function openStored(name: string): Promise<Source> {
  const isSure = name.startsWith("store:");
  const id = isSure ? name.slice("store:".length) : name;
  const storage = await openSharedStore();
  try {
    const source = storage.source(await findRecording(storage, id));
    fromStore.add(source);
    return source;
  } catch (error) {
    if (isSure || !(error instanceof UsageError) || !error.message.startsWith("Cannot find")) throw error;
    throw notFound(name, `, and no recording of that id in ${storage.name}`);
  }
}

/**
 * The recording whose id begins so; `last` is the newest.
 *
 * @throws {UsageError} If there is none, or more than one.
 */
export async function findRecording(storage: SessionStorage, id: string) {
  if (id !== "last") return await storage.resolve(id.replace(/^store:/, ""));
  const [newest] = await storage.list({}, 1);
  if (newest) return newest;
  throw new UsageError(`Cannot find the last recording: there is none in ${storage.name}`);
}
