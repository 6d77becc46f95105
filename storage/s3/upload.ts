/**
 * Uploads whose length nobody knows: in one request if they are small, else in parts, which become visible together.
 * @module
 */

import { piecesOf } from "../../lib/stream/pieces.ts";
import { elements, type S3Client, S3Refusal } from "./client.ts";

/** S3 wants parts of 5 MiB at least, and no more than 10,000: the first thousand are of this size, later ones larger. */
const PART = 8 << 20;
/** Parts that are sent at the same time. */
const AT_ONCE = 2;

/**
 * Uploads all bytes under a key.
 *
 * @param condition Headers that the request that makes it visible is sent with.
 * @returns How many bytes there were.
 */
export async function upload(
  client: S3Client,
  key: string,
  bytes: ReadableStream<Uint8Array>,
  condition: Readonly<Record<string, string>>,
): Promise<number> {
  const parts = piecesOf(bytes, PART);
  try {
    const first = await parts.next();
    const second = first.done ? first : await parts.next();
    if (!second.done) return await uploadParts(client, key, rejoin(first.value!, second.value, parts), condition);
    const body = first.done ? new Uint8Array(0) : first.value.slice();
    await client.text("PUT", { key, body, headers: condition });
    return body.length;
  } finally {
    await parts.return(); // whoever makes the bytes hears that no more are wanted
  }
}

async function* rejoin(first: Uint8Array, second: Uint8Array, rest: AsyncGenerator<Uint8Array, void, void>) {
  yield first;
  yield second;
  yield* rest;
}

async function uploadParts(
  client: S3Client,
  key: string,
  parts: AsyncIterable<Uint8Array>,
  condition: Readonly<Record<string, string>>,
): Promise<number> {
  const [uploadId] = elements(await client.text("POST", { key, query: { uploads: "" } }), "UploadId");
  if (!uploadId) throw new Error("the server began no upload");
  const sending = new Set<Promise<void>>();
  try {
    const tags: string[] = [];
    let size = 0, failure: unknown;
    for await (const part of parts) {
      if (failure) throw failure;
      const number = tags.push("");
      size += part.length;
      const sent = sendPart(client, key, uploadId, number, part.slice()).then((tag) => void (tags[number - 1] = tag))
        .catch((error) => void (failure ??= error)).finally(() => sending.delete(sent));
      sending.add(sent);
      if (sending.size >= AT_ONCE) await Promise.race(sending);
    }
    await Promise.all(sending);
    if (failure) throw failure;
    await complete(client, key, uploadId, tags, condition);
    return size;
  } catch (error) {
    await Promise.all(sending);
    await client.text("DELETE", { key, query: { uploadId }, accept: [404] }).catch(() => {}); // gc finds what stays
    throw error;
  }
}

async function sendPart(
  client: S3Client,
  key: string,
  uploadId: string,
  number: number,
  body: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const response = await client.send("PUT", { key, query: { partNumber: String(number), uploadId }, body });
  await response.body?.cancel();
  return response.headers.get("etag") ?? "";
}

async function complete(
  client: S3Client,
  key: string,
  uploadId: string,
  tags: readonly string[],
  condition: Readonly<Record<string, string>>,
): Promise<void> {
  const list = tags.map((tag, at) => `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`).join("");
  const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`;
  const answer = await client.text("POST", { key, query: { uploadId }, body, headers: condition });
  const [code] = elements(answer, "Code"); // it may fail after it has said that all is well
  if (code) {
    throw new S3Refusal(`Cannot write ${key}: ${code}: ${elements(answer, "Message")[0] ?? ""}`, key, 200, code);
  }
}
