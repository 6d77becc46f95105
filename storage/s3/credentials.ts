/**
 * Who we are to an object storage, from where other programs have it too.
 * @module
 */

import { UsageError } from "../../lib/errors.ts";
import { readWholeTextSync } from "../../lib/host/whole_file.ts";

/** What requests are signed with. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A profile's settings in files like those of AWS's own tools. */
type Profile = ReadonlyMap<string, string>;

/**
 * The usual environment variables, else the profile in the credentials file.
 *
 * @throws {UsageError} If neither has any.
 */
export function findCredentials(): Credentials {
  const env = (name: string) => Deno.env.get(name) || undefined;
  const [id, secret] = [env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY")];
  if (id && secret) return credentials(id, secret, env("AWS_SESSION_TOKEN"));
  const path = env("AWS_SHARED_CREDENTIALS_FILE") ?? `${env("HOME") ?? ""}/.aws/credentials`;
  const name = profileName();
  const profile = readProfile(path, [name]);
  const [ownId, ownSecret] = [profile?.get("aws_access_key_id"), profile?.get("aws_secret_access_key")];
  if (ownId && ownSecret) return credentials(ownId, ownSecret, profile?.get("aws_session_token"));
  throw new UsageError(
    "Cannot use an S3 store: there are no credentials\n" +
      `  Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or put them into the profile ${
        JSON.stringify(name)
      } of ${path}`,
  );
}

/** The region by environment or profile; `us-east-1`, which many servers take for theirs, if neither says. */
export function findRegion(): string {
  const path = Deno.env.get("AWS_CONFIG_FILE") || `${Deno.env.get("HOME") ?? ""}/.aws/config`;
  const name = profileName();
  return Deno.env.get("AWS_REGION") || Deno.env.get("AWS_DEFAULT_REGION") ||
    readProfile(path, [name, `profile ${name}`])?.get("region") || "us-east-1";
}

function profileName(): string {
  return Deno.env.get("AWS_PROFILE") || "default";
}

function credentials(accessKeyId: string, secretAccessKey: string, sessionToken?: string): Credentials {
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

function readProfile(path: string, names: readonly string[]): Profile | undefined {
  let text: string;
  try {
    text = readWholeTextSync(path);
  } catch {
    return undefined;
  }
  const found = new Map<string, string>();
  let isOurs = false;
  for (const line of text.split(/\r?\n/)) {
    const [, section, name, value] = /^\s*(?:\[\s*(.*?)\s*\]|([^#;=\s]+)\s*=\s*(.*?))\s*$/.exec(line) ?? [];
    if (section !== undefined) isOurs = names.includes(section);
    else if (isOurs && name !== undefined) found.set(name, value!);
  }
  return found;
}
