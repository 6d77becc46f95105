/**
 * IP and e-mail addresses in a recording, and pseudonyms that stay the same in all recordings.
 *
 * Addresses are looked for on the screen of cells on which secrets are, so that one that was typed letter by letter is found as well.
 *
 * This module is browser compatible.
 * @module
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { SessionEvent } from "../event.ts";
import { Stage, type StageCore } from "../stream/stage.ts";
import type { Names, Pseudonym } from "../transform/anonymize.ts";
import { textOf } from "./redaction/matcher.ts";
import { OutputReader } from "./redaction/output_reader.ts";
import { LineTexts } from "./redaction/line_texts.ts";
import { WrittenScreen } from "./redaction/written_screen.ts";

const MAIL = /(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\w-])/g;
const BYTE = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = new RegExp(`(?<![\\w.])(?:${BYTE}\\.){3}${BYTE}(?![\\w]|\\.\\d)`, "g");
const IPV6 = /(?<![\w:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]{1,38}(?![\w:])/g;
/** Of everybody's machine, or of none. */
const COMMON = /^(?:127\.|0\.0\.0\.0|255\.|::1?$)/;

/**
 * Learns all addresses in a text.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { Names } from "@term2ai/term2ai";
 *
 * const names = new Names();
 * learnAddresses("from 192.0.2.7 to ada@example.org at 12:30:45", names);
 * equal(names.inText("192.0.2.7 knows ada@example.org"), "ip1 knows email1");
 * ```
 */
export function learnAddresses(text: string, names: Names): void {
  for (const [mail] of text.matchAll(MAIL)) names.learnAddress(mail, "email");
  for (const [address] of text.matchAll(IPV4)) if (!COMMON.test(address)) names.learnAddress(address, "ip");
  for (const [address] of text.matchAll(IPV6)) {
    if (!COMMON.test(address) && URL.canParse(`http://[${address}]`)) names.learnAddress(address, "ip");
  }
}

/**
 * A stage that changes nothing, and learns all addresses that pass; it stands before `anonymize`.
 *
 * @param wholeLines Whether a line is looked at when it is whole. On its way to somebody it is looked at after each event, so that
 *   an address is known before it passes on; the beginning of one that comes letter by letter is then taken for another one.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, Names, streamOf } from "@term2ai/term2ai";
 *
 * const names = new Names();
 * await collect(streamOf({ kind: "marker", time: 0, label: "ping 192.0.2.7" }).pipeThrough(addresses(names)));
 * equal(names.inText("192.0.2.7"), "ip1");
 * ```
 */
export function addresses(names: Names, wholeLines = false): Stage {
  return new Stage((emit) => new AddressLearner(names, emit, wholeLines));
}

class AddressLearner implements StageCore {
  readonly #names: Names;
  readonly #emit: (event: SessionEvent) => void;
  readonly #lines: LineTexts;
  readonly #wholeLines: boolean;
  #reader: OutputReader;

  constructor(names: Names, emit: (event: SessionEvent) => void, wholeLines: boolean) {
    this.#wholeLines = wholeLines;
    this.#names = names;
    this.#emit = emit;
    this.#lines = new LineTexts((cells, length) => learnAddresses(textOf(cells, 0, length), names));
    this.#reader = this.#begin(80, 24);
  }

  #begin(cols: number, rows: number): OutputReader {
    return new OutputReader(new WrittenScreen(cols, rows, this.#lines), { take: () => {}, takeMore: () => {} });
  }

  push(event: SessionEvent): void {
    if (event.kind === "header") {
      this.#reader.finish();
      this.#reader = this.#begin(event.header.cols, event.header.rows);
    }
    if (event.kind === "output") {
      this.#reader.read(event.data, 0);
      if (!this.#wholeLines) this.#reader.screen.peek();
    } else if (event.kind === "resize") this.#reader.screen.resize(event.cols, event.rows);
    else if (event.kind === "input") learnAddresses(new TextDecoder().decode(event.data), this.#names);
    else if (event.kind !== "keyframe" && event.kind !== "opaque") learnAddresses(JSON.stringify(event), this.#names);
    this.#emit(event);
  }

  flush(): void {
    this.#reader.finish();
  }
}

/** Letters and digits that are not taken for one another. */
const LETTERS = "23456789abcdefghjkmnpqrstuvwxyz";

/**
 * Pseudonyms by a key: the same name has the same one in all recordings, and only who has the key can tell that a name was meant.
 *
 * @param key Any bytes; as many as a password of some use has.
 * @throws {RangeError} If the key has fewer than 16 bytes.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const key = new TextEncoder().encode("a long and secret sentence");
 * equal(pseudonymsBy(key)("user", "ada"), pseudonymsBy(key)("user", "ada"));
 * ```
 */
export function pseudonymsBy(key: Uint8Array): Pseudonym {
  if (key.length < 16) {
    throw new RangeError(`Cannot make pseudonyms by a key of ${key.length} bytes: expected 16 or more`);
  }
  return (kind, name) => {
    const hash = hmac(sha256, key, new TextEncoder().encode(`${kind}\0${name.toLowerCase()}`));
    return `${kind}_${Array.from(hash.subarray(0, 8), (byte) => LETTERS[byte % LETTERS.length]).join("")}`;
  };
}
