/**
 * `term2ai anonymize`: takes out who recorded, and where.
 * @module
 */

import { openRecording } from "../../formats/mod.ts";
import { StorageError, UsageError } from "../errors.ts";
import { reason } from "../host/file.ts";
import { PrivateFile } from "../host/private_file.ts";
import { readWhole } from "../host/whole_file.ts";
import { Report } from "../report.ts";
import { addresses, pseudonymsBy } from "../security/addresses.ts";
import { anonymize, learnNames, Names } from "../transform/anonymize.ts";
import { filterCommand } from "./output/filter.ts";
import { passphraseIn, type ReadKeyFlags } from "./keys/key_sources.ts";
import { lazy } from "./lazy.ts";
import { isStored } from "./source/spool.ts";

interface AnonymizeFlags {
  readonly name?: readonly string[];
  readonly key?: string;
  readonly mapping?: string;
  readonly mappingTo?: readonly string[];
  readonly passphraseFile?: string;
  readonly overwrite?: boolean;
}

const lists = new WeakMap<AnonymizeFlags, Names>(); // of the run with these options

const many = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, variadic: true, optional: true }) as const;
const file = (brief: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder: "FILE", optional: true }) as const;

export const command = filterCommand<AnonymizeFlags>({
  brief: "take out who recorded, and where",
  text:
    `Puts placeholders where the user, the host, home and working directories, IP and e-mail addresses are named, and for all titles
of windows: in what was printed and typed, in the header, in markers and notes. The same name gets the same placeholder, with
--key in all recordings. Names come from the header, from what shells tell terminals, and from --name. A file is read for names
first; on a pipe a name is only replaced behind where it came up, and the beginning of one waits for what follows.

--mapping keeps which name became which placeholder, apart from the recording and always encrypted; age -d opens it.

This is no redaction: what else somebody typed or printed stays, passwords among it.

  term2ai anonymize demo.t2a public.t2a
  term2ai anonymize --name "Ada Lovelace" --name acme < demo.cast | term2ai convert - public.cast
  term2ai anonymize --key team.key --mapping names.age --mapping-to age1… demo.t2a public.t2a`,
  flags: {
    name: many("one more name to replace; may be given again", "NAME"),
    key: file("makes the same placeholders in all recordings: a file of 16 bytes or more that is kept secret"),
    mapping: file("where to keep which name became which placeholder, encrypted"),
    mappingTo: many("who may read the mapping: age1… or ssh-ed25519 …; may be given again", "RECIPIENT"),
    passphraseFile: file("a passphrase that opens the mapping, in place of recipients"),
  },
  async stages(flags, { source, report, unwrap }) {
    const names = new Names(flags.key === undefined ? undefined : pseudonymsBy(await keyIn(flags.key)));
    lists.set(flags, names);
    for (const name of flags.name ?? []) {
      if (names.learn(name)) continue;
      const wanted = "expected 2 to 255 characters, and more than 4 where all are digits";
      throw new UsageError(
        `Cannot replace the name ${JSON.stringify(name)}: it would be found where nobody is meant; ${wanted}`,
      );
    }
    if (!await isStored(source)) return [addresses(names), anonymize(names, report)];
    const { events } = await openRecording(source, { report: new Report(), unwrap });
    await learnNames(events.pipeThrough(addresses(names, true)), names);
    return [anonymize(names, report)];
  },
  async around(flags, input, output, filter) {
    if (flags.mapping !== undefined) await refuseToReplace(flags.mapping, { ...flags, input, output });
    const mapping = await openMapping(flags);
    try {
      await filter();
    } catch (error) {
      await mapping?.file.discard();
      throw error;
    }
    await mapping?.write(lists.get(flags)!).catch(async (error) => {
      await mapping.file.discard().catch(() => {});
      throw unkept(mapping.file.path, output, error);
    });
  },
});

/** A mapping is a file of its own: one that is read, or the recording that is written, would be lost for it. */
async function refuseToReplace(
  mapping: string,
  { input, output, key, passphraseFile, identity = [] }:
    & AnonymizeFlags
    & ReadKeyFlags
    & Record<"input" | "output", string>,
): Promise<void> {
  const others = [
    ["the recording that is read", input === "-" ? undefined : input],
    ["the recording that is written", output === "-" ? undefined : output],
    ["the file of --key", key],
    ["the file of --passphrase-file", passphraseFile],
    ...identity.map((path) => ["a file of --identity", path] as const),
  ] as const;
  for (const [what, path] of others) {
    if (path === undefined || (path !== mapping && !await isSameFile(path, mapping))) continue;
    throw new UsageError(`Cannot keep the mapping in ${mapping}: it is ${what}; name another file`);
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((path) => Deno.stat(path).catch(() => undefined)));
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev;
}

async function keyIn(path: string): Promise<Uint8Array> {
  const key = await readWhole(path, { isNamed: true });
  if (key.length >= 16) return key;
  throw new UsageError(`Cannot use the key in ${path}: it has ${key.length} bytes, expected 16 or more`);
}

/** A mapping that will be written. */
interface Mapping {
  readonly file: PrivateFile;
  readonly write: (names: Names) => Promise<void>;
}

function unkept(path: string, output: string, error: unknown): StorageError {
  const made = output === "-" ? "What went to stdout" : output;
  const what = `${made} is anonymized, but which name became which placeholder in it is kept nowhere`;
  return new StorageError(`Cannot write ${path}: ${reason(error)}\n  ${what}`, path, { cause: error });
}

/** Makes sure that a mapping can be kept, before anything is done for it. */
async function openMapping(flags: AnonymizeFlags): Promise<Mapping | undefined> {
  const { mapping, mappingTo = [], passphraseFile } = flags;
  if (mapping === undefined) {
    if (mappingTo.length === 0 && passphraseFile === undefined) return undefined;
    throw new UsageError("Cannot encrypt a mapping that is not kept: expected --mapping FILE");
  }
  if ((mappingTo.length > 0) === (passphraseFile !== undefined)) {
    throw new UsageError(
      "Cannot keep a mapping unencrypted: expected --mapping-to RECIPIENT or --passphrase-file FILE, one of them",
    );
  }
  const keys = await lazy<typeof import("../security/age_keys.ts")>("../security/age_keys.ts");
  const wrap = passphraseFile === undefined
    ? keys.wrapFor(mappingTo)
    : keys.wrapByPassphrase(await passphraseIn(passphraseFile));
  const file = await PrivateFile.create(mapping, flags.overwrite ? "replace" : "refuse");
  const write = async (names: Names) => {
    await file.write(await wrap(new TextEncoder().encode(JSON.stringify(names.mapping, null, 2) + "\n")));
    await file.publish();
    file.close();
  };
  return { file, write };
}
