/** Keys for tests: the same ones on every run, so that nothing has to be generated. */

import { parsePrivateKey, type SshPrivateKey } from "../../lib/security/ssh_key.ts";
import { keySigner, signMessage } from "../../lib/security/sshsig.ts";
import type { Sign, UnwrapKey, WrapKey } from "../../lib/ports.ts";
import { noPassphrase } from "../../lib/security/age_keys.ts";

/** Nobody's key: made for these tests with ssh-keygen. */
export const PRIVATE_KEY = `-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACDIncGfHl6+BY7Cdr8lj01Mh6r9lUD7hYYHDl7tvwN4vwAAAIijGw83oxsP
NwAAAAtzc2gtZWQyNTUxOQAAACDIncGfHl6+BY7Cdr8lj01Mh6r9lUD7hYYHDl7tvwN4vw
AAAEDPz2/ohd2Gen0Zn4V8wAUvq1QYJUcftz81VW/gHPDz1MidwZ8eXr4FjsJ2vyWPTUyH
qv2VQPuFhgcOXu2/A3i/AAAABXRlc3Rz
-----END OPENSSH PRIVATE KEY-----
`;
export const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMidwZ8eXr4FjsJ2vyWPTUyHqv2VQPuFhgcOXu2/A3i/ tests";

/** Made with age-keygen. */
export const AGE_IDENTITY = "AGE-SECRET-KEY-10Z3VDAPQRKMP7C3V646SW7R9NVKSVS2KKPFF2ZPZ5G72ZHZG2KZSRLX3U0";
export const AGE_RECIPIENT = "age17yadhtwr0ddp5dxx295m7su563cnsdrudjld0mvs0fzjq7y4qddslp4lye";

/** The private key, read. */
export async function testKey(): Promise<SshPrivateKey> {
  return await parsePrivateKey(PRIVATE_KEY, noPassphrase);
}

/** Signs with it. */
export async function testSign(): Promise<Sign> {
  const signer = await keySigner(await testKey());
  return (content) => signMessage(content, signer);
}

/** Wraps by adding one to each byte: quick, and not the key itself. */
export const wrapPlainly: WrapKey = (key) => Promise.resolve(key.map((byte) => byte + 1));
/** Undoes it. */
export const unwrapPlainly: UnwrapKey = (key) => Promise.resolve(key.map((byte) => byte - 1));
