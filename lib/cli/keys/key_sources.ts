/**
 * Where commands get keys from: files that options name, the agent, or somebody who types a passphrase.
 *
 * No key is ever part of a command line, where everybody on the machine could read it. Nothing is loaded before it is needed:
 * most recordings are neither signed nor encrypted.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { Sign, UnwrapKey, WrapKey } from "../../ports.ts";
import type { KeyUnlocker, SshPublicKey } from "../../security/ssh_key.ts";
import type { SshSigner } from "../../security/sshsig.ts";
import type { Recipient } from "../../security/age_keys.ts";
import { Exit } from "../program/failure.ts";
import { lazy } from "../lazy.ts";
import { readWhole, readWholeText } from "../../host/whole_file.ts";

/** Options of every command that reads recordings. */
export interface ReadKeyFlags {
  readonly identity?: readonly string[];
  readonly passphraseFile?: string;
}

const file = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const;

/** The same for the argument parser. */
export const readKeyFlags = {
  identity: {
    ...file("file with your key, for an encrypted recording; else TERM2AI_IDENTITY names it", "FILE"),
    variadic: true,
  },
  passphraseFile: file("file whose first line is the passphrase; else you are asked", "FILE"),
} as const;

/** Options of every command that encrypts. */
export interface EncryptFlags {
  readonly to?: readonly string[];
  readonly recipientsFile?: readonly string[];
  readonly passphrase: boolean;
}

/** The same for the argument parser. */
export const encryptFlags = {
  to: {
    ...file("who may read it: age1…, ssh-ed25519 …, or a file with such keys; may be given again", "RECIPIENT"),
    variadic: true,
  },
  recipientsFile: { ...file("a file with keys of those who may read it; may be given again", "FILE"), variadic: true },
  passphrase: { kind: "boolean", brief: "whoever knows a passphrase may read it", default: false, withNegated: false },
} as const;

/** What options name may come from `<(…)` of a shell. */
const NAMED = { isNamed: true };

let chosen: UnwrapKey | undefined;

/** The keys that this command line names, for all recordings that are opened with none of their own. A passphrase is asked for once. */
export function chooseKeys(flags: ReadKeyFlags): void {
  chosen = unwrapBy(flags);
}

/**
 * Opens the keys of encrypted recordings, with what the options name, else with what was chosen. Files are read and somebody is
 * asked only when there is something to open.
 */
export function unwrapWithFlags(flags: ReadKeyFlags = {}): UnwrapKey {
  if (flags.identity === undefined && flags.passphraseFile === undefined) return chosen ??= unwrapBy({});
  return unwrapBy(flags);
}

function unwrapBy(flags: ReadKeyFlags): UnwrapKey {
  let unwrap: Promise<UnwrapKey> | undefined;
  return async (wrapped) => {
    unwrap ??= loadIdentities(flags);
    return await (await unwrap)(wrapped);
  };
}

async function loadIdentities(flags: ReadKeyFlags): Promise<UnwrapKey> {
  const named = environment("TERM2AI_IDENTITY");
  const paths = flags.identity ?? (named ? [named] : []);
  const files = await Promise.all(paths.map(async (name) => ({ name, text: await readWhole(name, NAMED) })));
  const { unwrapWith } = await lazy<typeof import("../../security/age_keys.ts")>("../security/age_keys.ts");
  return await unwrapWith(files, await unlocker("Passphrase: ", flags.passphraseFile));
}

/** The variable, where we may look at it. */
function environment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}

/**
 * The passphrase in a file: its first line.
 *
 * @throws {UsageError} If it cannot be read, or there is none.
 */
export async function passphraseIn(path: string): Promise<string> {
  const [first = ""] = (await readWholeText(path, NAMED)).split(/\r?\n/, 1);
  if (first !== "") return first;
  throw new UsageError(`Cannot use the passphrase in ${path}: its first line is empty, expected the passphrase there`);
}

/** Asks once, and remembers. */
async function unlocker(question: string, path?: string): Promise<KeyUnlocker> {
  const { stretch } = await lazy<typeof import("./stretch.ts")>("./keys/stretch.ts");
  let told: Promise<string | undefined> | undefined;
  return {
    ask: () => told ??= path === undefined ? ask(question) : passphraseIn(path),
    stretch,
  };
}

async function ask(question: string): Promise<string | undefined> {
  const { askSecret, Interrupted } = await lazy<typeof import("../../host/secret.ts")>("../host/secret.ts");
  try {
    return await askSecret(question);
  } catch (error) {
    throw error instanceof Interrupted ? new Exit(error.status) : error;
  }
}

/**
 * Wraps keys for those whom the options name.
 *
 * @param flags `to` holds keys, or names of files with keys, as `age -r` and `age -R` take them.
 * @throws {UsageError} If nobody is named, or both somebody and a passphrase.
 */
export async function wrapWithFlags(flags: EncryptFlags & ReadKeyFlags): Promise<WrapKey> {
  const { wrapByPassphrase, wrapFor } = await lazy<typeof import("../../security/age_keys.ts")>(
    "../security/age_keys.ts",
  );
  const recipients = await recipientsOf(flags);
  if (flags.passphrase && recipients.length > 0) {
    throw new UsageError(
      "Cannot encrypt with a passphrase and for recipients at once: age opens such files for nobody",
    );
  }
  if (flags.passphrase) return wrapByPassphrase(await newPassphrase(flags.passphraseFile));
  if (recipients.length > 0) return wrapFor(recipients);
  throw new UsageError("Cannot encrypt for nobody: name a recipient with --to, or use --passphrase");
}

async function recipientsOf({ to = [], recipientsFile = [] }: EncryptFlags): Promise<(string | Recipient)[]> {
  const recipients: (string | Recipient)[] = [];
  for (const recipient of to) {
    if (/^(?:age1|ssh-ed25519\s)/.test(recipient)) recipients.push(recipient);
    else if (/^AGE-SECRET-KEY/i.test(recipient)) {
      throw new UsageError("Cannot encrypt to a secret key: name the public one, age1…");
    } else recipients.push(...await recipientsIn(recipient));
  }
  for (const path of recipientsFile) recipients.push(...await recipientsIn(path));
  return recipients;
}

async function recipientsIn(path: string): Promise<Recipient[]> {
  const { keyLines } = await lazy<typeof import("../../security/age_keys.ts")>("../security/age_keys.ts");
  const lines = keyLines(await readWholeText(path, NAMED));
  if (lines.length > 0) return lines.map(({ line, number }) => ({ key: line, place: `${path}, line ${number}` }));
  throw new UsageError(
    `Cannot encrypt for those in ${path}: it names nobody; expected age1… or ssh-ed25519 AAAA… in a line`,
  );
}

async function newPassphrase(path: string | undefined): Promise<string> {
  if (path !== undefined) return await passphraseIn(path);
  const first = await ask("New passphrase: ");
  const second = first && await ask("The same again: ");
  if (!first) throw new UsageError("Cannot encrypt: no passphrase was told, and there is no --passphrase-file");
  if (first !== second) throw new UsageError("Cannot encrypt: the two passphrases differ");
  return first;
}

/**
 * Signs with the key in a file: a private one, or a public one whose other half the agent has.
 *
 * @throws {UsageError} If it cannot be used.
 */
export async function loadSigner(
  path: string,
  passphraseFile?: string,
): Promise<{ sign: Sign; publicKey: SshPublicKey }> {
  const text = await readWholeText(path, NAMED);
  const keys = await lazy<typeof import("../../security/ssh_key.ts")>("../security/ssh_key.ts");
  const { keySigner, signMessage } = await lazy<typeof import("../../security/sshsig.ts")>("../security/sshsig.ts");
  const publicKey = keys.parsePublicKey(text);
  const signer: SshSigner = publicKey ? await agent(publicKey) : await keySigner(
    await keys.parsePrivateKey(text, await unlocker(`Passphrase of ${path}: `, passphraseFile), path),
  );
  return { sign: (content) => signMessage(content, signer), publicKey: signer.publicKey };
}

async function agent(publicKey: SshPublicKey): Promise<SshSigner> {
  const { agentSigner } = await lazy<typeof import("./ssh_agent.ts")>("./keys/ssh_agent.ts");
  return await agentSigner(publicKey, environment("SSH_AUTH_SOCK"));
}
