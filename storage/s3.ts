/**
 * Blobs as objects of an S3-compatible object storage, below a prefix for each user.
 * @module
 */

import { StorageError, UsageError } from "../lib/errors.ts";
import type { BlobInfo, BlobStore, Leftovers, Ranges } from "../lib/ports.ts";
import { elements, S3Client, S3Refusal } from "./s3/client.ts";
import { findCredentials, findRegion } from "./s3/credentials.ts";
import { BlockReader } from "./s3/block_reader.ts";
import { upload } from "./s3/upload.ts";

/** How often a download that was cut goes on. */
const RESUMES = 5;

/** What a URL says of an object storage. */
export interface S3Place {
  /** `bucket/prefix`. */
  readonly place: string;
  /** `endpoint`, `region`, and `style=virtual` where the bucket's name is part of the host's. */
  readonly settings: URLSearchParams;
  /** Whose prefix. */
  readonly owner: string;
}

/** A prefix of a bucket. */
export class S3Blobs implements BlobStore {
  readonly name: string;
  readonly client: S3Client;
  readonly #prefix: string;
  #isConditional: Promise<boolean> | undefined; // whether the server keeps what is there if asked

  private constructor(name: string, client: S3Client, prefix: string) {
    this.name = name;
    this.client = client;
    this.#prefix = prefix;
  }

  /**
   * Opens a bucket.
   *
   * @throws {UsageError} If none is named, or there are no credentials.
   */
  static open({ place, settings, owner }: S3Place): Promise<S3Blobs> {
    const [bucket = "", ...parts] = place.split("/").filter((part) => part !== "");
    if (bucket === "") throw new UsageError("Cannot use an S3 store without a bucket: write s3://bucket/prefix");
    if (owner.includes("/") || owner === "") throw new UsageError(`Cannot use ${JSON.stringify(owner)} as an owner`);
    const region = settings.get("region") ?? findRegion();
    const endpoint = settings.get("endpoint") || Deno.env.get("AWS_ENDPOINT_URL_S3") ||
      Deno.env.get("AWS_ENDPOINT_URL") ||
      `https://s3.${region}.amazonaws.com`;
    if (!URL.canParse(endpoint)) {
      throw new UsageError(`Cannot use ${JSON.stringify(endpoint)} as an endpoint: it is no URL`);
    }
    const virtualHost = settings.get("style") === "virtual";
    const client = new S3Client({ endpoint, bucket, region, credentials: findCredentials(), virtualHost });
    const prefix = [...parts, owner, ""].join("/");
    return Promise.resolve(new S3Blobs(`s3://${bucket}/${prefix} at ${new URL(endpoint).host}`, client, prefix));
  }

  async put(key: string, bytes: ReadableStream<Uint8Array>, ifPresent: "refuse" | "replace"): Promise<BlobInfo> {
    try {
      const condition = ifPresent === "refuse" ? await this.#refuse(key) : {};
      const size = await upload(this.client, this.#prefix + key, bytes, condition);
      return { key, size, modifiedAt: Date.now() };
    } catch (error) {
      if (!bytes.locked) await bytes.cancel(error).catch(() => {});
      if (error instanceof S3Refusal && error.status === 412) throw this.#taken(key);
      if (error instanceof StorageError) throw error;
      throw new StorageError(`Cannot store ${key} in ${this.name}: ${(error as Error).message}`, key, { cause: error });
    }
  }

  async get(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    const first = await this.client.send("GET", { key: this.#prefix + key, accept: [404] });
    if (first.status !== 404) return ReadableStream.from(this.#download(key, first));
    await first.body?.cancel();
  }

  async ranges(key: string): Promise<Ranges | undefined> {
    const info = await this.stat(key);
    if (!info) return undefined;
    const reader = new BlockReader(info.size, (start, length) => this.#range(key, start, length));
    return { size: info.size, read: (start, length) => reader.read(start, length), close: () => {} };
  }

  async stat(key: string): Promise<BlobInfo | undefined> {
    const { status, headers, body } = await this.client.send("HEAD", { key: this.#prefix + key, accept: [404] });
    await body?.cancel();
    if (status === 404) return undefined;
    const modifiedAt = Date.parse(headers.get("last-modified") ?? "") || 0;
    return { key, size: Number(headers.get("content-length")), modifiedAt };
  }

  async *list(prefix: string, after: string): AsyncGenerator<BlobInfo, void, void> {
    const from: Record<string, string> = after === "" ? {} : { "start-after": this.#prefix + after };
    const query = { "list-type": "2", prefix: this.#prefix + prefix, ...from };
    for (let next: string | undefined = "", more = {}; next !== undefined; more = { "continuation-token": next }) {
      const page = await this.client.text("GET", { query: { ...query, ...more } });
      for (const [, content] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const [key] = elements(content!, "Key"), [size] = elements(content!, "Size");
        const modifiedAt = Date.parse(elements(content!, "LastModified")[0] ?? "") || 0;
        const own = key!.slice(this.#prefix.length);
        if (own > after && !own.includes("/")) yield { key: own, size: Number(size), modifiedAt };
      }
      next = elements(page, "NextContinuationToken")[0];
    }
  }

  async delete(key: string): Promise<boolean> {
    if (!await this.stat(key)) return false;
    await this.client.text("DELETE", { key: this.#prefix + key, accept: [404] });
    return true;
  }

  async sweep(before: number, dryRun: boolean): Promise<Leftovers> {
    const page = await this.client.text("GET", { query: { uploads: "", prefix: this.#prefix } });
    let count = 0;
    for (const [, content] of page.matchAll(/<Upload>(.*?)<\/Upload>/gs)) {
      const [key] = elements(content!, "Key"), [uploadId] = elements(content!, "UploadId");
      const begun = Date.parse(elements(content!, "Initiated")[0] ?? "");
      if (!key?.startsWith(this.#prefix) || !uploadId || !(begun < before)) continue;
      count++;
      if (!dryRun) await this.client.text("DELETE", { key, query: { uploadId }, accept: [404] });
    }
    return { count, bytes: 0 };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The headers that keep what is there; where the server knows none, we look ourselves. */
  async #refuse(key: string): Promise<Record<string, string>> {
    if (await this.stat(key)) throw this.#taken(key);
    this.#isConditional ??= this.#probe();
    return await this.#isConditional ? { "if-none-match": "*" } : {};
  }

  /** Some servers refuse the header, others take it and write all the same; so it is tried, once. */
  async #probe(): Promise<boolean> {
    const key = `${this.#prefix}.probe-${crypto.randomUUID()}`;
    const put = async () => {
      const request = { key, body: "probe", headers: { "if-none-match": "*" }, accept: [400, 409, 412, 501] };
      const { status, body } = await this.client.send("PUT", request);
      await body?.cancel();
      return status;
    };
    const works = await put() < 300 && await put() === 412;
    await this.client.text("DELETE", { key, accept: [404] });
    return works;
  }

  #taken(key: string): StorageError {
    return new StorageError(`Cannot store ${key} in ${this.name}: it is there already`, key);
  }

  /** All bytes, and on from where a connection broke. */
  async *#download(key: string, first: Response): AsyncGenerator<Uint8Array, void, void> {
    const etag = first.headers.get("etag"), size = Number(first.headers.get("content-length"));
    let at = 0, body = first.body;
    for (let resumes = 0;; resumes++) {
      try {
        for await (const chunk of body ?? []) {
          at += chunk.length;
          yield chunk;
        }
        if (at >= size) return;
        throw new Error(`the connection ended after ${at} of ${size} bytes`);
      } catch (error) {
        if (at >= size) return;
        if (resumes === RESUMES) {
          throw new StorageError(`Cannot read ${key} in ${this.name}: ${(error as Error).message}`, key, {
            cause: error,
          });
        }
        const headers = { range: `bytes=${at}-`, ...(etag && { "if-match": etag }) };
        body = (await this.client.send("GET", { key: this.#prefix + key, headers })).body;
      }
    }
  }

  async #range(key: string, start: number, length: number): Promise<Uint8Array> {
    const headers = { range: `bytes=${start}-${start + length - 1}` };
    const response = await this.client.send("GET", { key: this.#prefix + key, headers });
    return new Uint8Array(await response.arrayBuffer());
  }
}
