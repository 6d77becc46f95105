/**
 * The header block: what a recording says about itself before anything happens in it.
 *
 * Its payload is never compressed, so that `strings` and a hex viewer can read it.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionHeader } from "../../lib/event.ts";
import type { Digest } from "../../lib/ports.ts";
import { headerFromJson, headerToJson } from "../../lib/text/header_json.ts";
import { parseJson } from "../../lib/text/json_value.ts";
import { ByteReader, ByteWriter, hex, textOf, utf8 } from "./bytes.ts";

/**
 * Version of the format that this code writes.
 *
 * A reader passes on what a later minor version adds; it warns of a later major version and reads what it can.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(VERSION.major, 1);
 * ```
 */
export const VERSION = { major: 1, minor: 0 } as const;

/** The id was computed from the header, nobody gave one. */
const ID_COMPUTED = 1;

/**
 * The payload of a header block.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { webDigest } from "./chain.ts";
 *
 * const payload = await writeSessionHeader({ cols: 80, rows: 24, title: "demo" }, webDigest);
 * equal(readSessionHeader(payload).header.title, "demo");
 * ```
 */
export async function writeSessionHeader(header: SessionHeader, digest: Digest): Promise<Uint8Array<ArrayBuffer>> {
  const { id = "", ...known } = header;
  const given = /^[0-9a-f]{32}$/.test(id);
  const json = utf8(JSON.stringify(headerToJson(given || !id ? known : { ...known, id })));
  const name = given
    ? Uint8Array.from(id.match(/../g)!, (pair) => parseInt(pair, 16))
    : (await digest(json)).subarray(0, 16);
  return new ByteWriter().bytes(name).byte(VERSION.major).byte(VERSION.minor).byte(given ? 0 : ID_COMPUTED).bytes(json)
    .finish();
}

/**
 * A header block's payload, read.
 *
 * @example
 * ```ts
 * const heading = ({ header, major, minor }: HeaderPayload) => `${header.title} (version ${major}.${minor})`;
 * ```
 */
export interface HeaderPayload {
  /** What it says about the session. */
  readonly header: SessionHeader;
  /** Version of the format. */
  readonly major: number;
  /** Version of the format. */
  readonly minor: number;
}

/**
 * Reads what {@linkcode writeSessionHeader} wrote.
 *
 * @throws {FormatError} If it tells no size, or is not JSON.
 *
 * @example
 * ```ts
 * import { throws } from "node:assert/strict";
 * throws(() => readSessionHeader(new Uint8Array(3)), /16 bytes/);
 * ```
 */
export function readSessionHeader(payload: Uint8Array): HeaderPayload {
  const reader = new ByteReader(payload);
  const name = hex(reader.take(16));
  const [major, minor, flags] = [reader.byte(), reader.byte(), reader.byte()];
  const header = headerFromJson(parseJson(textOf(reader.rest())));
  return { header: flags! & ID_COMPUTED ? header : { ...header, id: name }, major: major!, minor: minor! };
}
