/**
 * Makes one executable file of a bundle and Deno: a shell script that unpacks what follows it, once, and starts it.
 *
 * The folder it unpacks to is named after what is in it, so versions never mix, and what is there is complete.
 * @module
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { packTar, type TarEntry } from "modern-tar";
import { BUNDLE_FLAGS } from "../lib/cli/program/built.ts";
import { VERSION } from "../lib/cli/program/version.ts";

/** What goes into a single file. */
export interface Ingredients {
  /** The runtime, an executable for `target`. */
  readonly deno: string;
  /** The folder that has `bundle` in it. */
  readonly folder: string;
  readonly target: string;
  readonly output: string;
  /** Of gzip, 1 to 9. */
  readonly level: number;
}

/** Writes the file, and returns its size. The same ingredients make the same bytes. */
export async function writeSingleFile({ deno, folder, target, output, level }: Ingredients): Promise<number> {
  const entries: TarEntry[] = [entry("deno", await Deno.readFile(deno), 0o700)];
  for (const path of await filesBelow(folder, "bundle")) {
    if (!/^[\w@.\/+-]+$/.test(path)) throw new Error(`${path} has a name that a shell would not take for one word`);
    entries.push(entry(path, await Deno.readFile(`${folder}/${path}`), 0o600));
  }
  const start = (await template("start.sh")).replace("@FLAGS@", () => BUNDLE_FLAGS.join(" "));
  entries.push(entry("start", new TextEncoder().encode(start), 0o600));
  const files = entries.map(({ header }) => header.name);
  entries.push(entry("dated", new TextEncoder().encode(`${VERSION}\n`), 0o600, DATED));
  const tar = await packTar(entries);
  const payload = gzipSync(tar, { level });
  const sum = createHash("sha256").update(payload).digest("hex");
  const known = {
    VERSION,
    TARGET: target,
    NAME: `${VERSION}-${sum.slice(0, 24)}`,
    SUM: sum,
    CRC: `${cksum(payload)}`,
    FILES: files.join(" "),
    MEGABYTES: `${Math.ceil(tar.length / 1e6)}`,
  };
  await Deno.writeFile(output, joined(await stub(known, payload.length), payload), { mode: 0o755 });
  await Deno.chmod(output, 0o755);
  return (await Deno.stat(output)).size;
}

/** The script, which has to know its own length. */
async function stub(known: Readonly<Record<string, string>>, payload: number): Promise<Uint8Array> {
  const text = await template("stub.sh");
  let script = new Uint8Array();
  for (let length = 0; length !== script.length || length === 0;) {
    length = script.length;
    const all: Record<string, string> = { ...known, SKIP: `${length + 1}`, SIZE: `${length + payload}` };
    script = new TextEncoder().encode(text.replace(/@([A-Z]+)@/g, (_, name) => all[name]!));
  }
  return script;
}

const template = (name: string) => Deno.readTextFile(new URL(name, import.meta.url));

/** What is unpacked says of itself that it is older than this one piece: whatever is newer, somebody has changed. */
const DATED = new Date("2001-01-01");

function entry(name: string, body: Uint8Array, mode: number, mtime = new Date("2000-01-01")): TarEntry {
  return { header: { name, size: body.length, mode, mtime, uid: 0, gid: 0 }, body };
}

async function filesBelow(root: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    found.push(...isDirectory ? await filesBelow(root, `${folder}/${name}`) : [`${folder}/${name}`]);
  }
  return found.sort();
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** What the `cksum` of POSIX prints: for systems that have no other. */
export function cksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ byte]!;
  for (let length = bytes.length; length > 0; length = Math.floor(length / 256)) {
    crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ (length & 255)]!;
  }
  return ~crc >>> 0;
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc;
});
