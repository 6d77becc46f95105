/**
 * Signs with a key that an agent keeps: the protocol of `ssh-agent` on a Unix socket (draft-ietf-sshm-ssh-agent).
 *
 * The key never leaves the agent; it is asked for each signature anew.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { SshPublicKey } from "../../security/ssh_key.ts";
import { sshNumber, SshReader, sshString } from "../../security/ssh_wire.ts";
import type { SshSigner } from "../../security/sshsig.ts";
import { concat } from "../../stream/collect.ts";

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
/** No agent says more in one answer. */
const MAX_ANSWER = 1 << 20;

/**
 * A signer with a key of the agent on a socket.
 *
 * @throws {UsageError} If there is no agent, or it does not have that key.
 */
export async function agentSigner(publicKey: SshPublicKey, socket: string | undefined): Promise<SshSigner> {
  if (!socket) {
    throw new UsageError("Cannot sign with this public key: no ssh-agent is running (SSH_AUTH_SOCK is not set)");
  }
  const answer = new SshReader(await ask(socket, Uint8Array.of(REQUEST_IDENTITIES), IDENTITIES_ANSWER));
  const wanted = publicKey.blob.toHex();
  let comment: string | undefined;
  for (let left = answer.number(); left > 0; left--) {
    const [blob, about] = [answer.string(), answer.text()];
    if (blob.toHex() === wanted) comment = about;
  }
  if (comment === undefined) {
    throw new UsageError("Cannot sign with this public key: the ssh-agent does not have its other half");
  }
  return {
    publicKey: { ...publicKey, comment },
    async sign(data) {
      const request = concat([Uint8Array.of(SIGN_REQUEST), sshString(publicKey.blob), sshString(data), sshNumber(0)]);
      return new SshReader(await ask(socket, request, SIGN_RESPONSE)).string();
    },
  };
}

/** One question, one answer; what stands behind the answer's type is returned. */
async function ask(socket: string, request: Uint8Array, expected: number): Promise<Uint8Array> {
  let connection: Deno.UnixConn;
  try {
    connection = await Deno.connect({ transport: "unix", path: socket });
  } catch (error) {
    throw new UsageError(`Cannot reach the ssh-agent at ${socket}`, { cause: error });
  }
  try {
    const writer = connection.writable.getWriter();
    await writer.write(sshString(request));
    const length = new SshReader(await readExactly(connection, 4)).number();
    if (length < 1 || length > MAX_ANSWER) {
      throw new UsageError("Cannot understand the ssh-agent: its answer has no sense");
    }
    const answer = await readExactly(connection, length);
    if (answer[0] === expected) return answer.subarray(1);
    throw new UsageError("Cannot sign: the ssh-agent refused");
  } finally {
    try {
      connection.close();
    } catch {
      // it hung up first
    }
  }
}

async function readExactly(from: Deno.UnixConn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const read = await from.read(bytes.subarray(filled));
    if (read === null) throw new UsageError("Cannot understand the ssh-agent: it hung up in the middle of an answer");
    filled += read;
  }
  return bytes;
}
