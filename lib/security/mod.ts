/**
 * Keys and secrets: who may read a recording, who vouches for it, and what nobody is to read in it.
 *
 * Recordings are encrypted for recipients of age, SSH keys among them, and signed as `ssh-keygen -Y sign` does. This module is apart
 * from the others because the cryptography behind it takes a while to load, and few programs need it.
 *
 * This module is browser compatible.
 *
 * @example Encrypt a recording for somebody, and read it with their key
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { blobSource, collect, collectBytes, openRecording, streamOf, t2a } from "@term2ai/term2ai";
 * import { noPassphrase, unwrapWith, wrapFor } from "./mod.ts";
 *
 * const identity = "AGE-SECRET-KEY-10Z3VDAPQRKMP7C3V646SW7R9NVKSVS2KKPFF2ZPZ5G72ZHZG2KZSRLX3U0"; // of age-keygen
 * const recipient = "age17yadhtwr0ddp5dxx295m7su563cnsdrudjld0mvs0fzjq7y4qddslp4lye";
 *
 * const events = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24, title: "secret" } });
 * const bytes = await collectBytes(events.pipeThrough(t2a.encoder({ encrypt: wrapFor([recipient]) })));
 *
 * const unwrap = await unwrapWith([{ name: "key.txt", text: identity }], noPassphrase);
 * const recording = await openRecording(blobSource("secret.t2a", new Blob([bytes])), { unwrap });
 * equal((await collect(recording.events)).length, 1);
 * ```
 * @module
 */

export * from "./age_keys.ts";
export * from "./allowed_signers.ts";
export * from "./ssh_key.ts";
export * from "./sshsig.ts";
export {
  findSecrets,
  redact,
  type RedactionPlan,
  redactPlanned,
  type SecretFinding,
  SecretFindings,
  type SecretOptions,
  type SecretPlace,
  Secrets,
} from "./redact.ts";
export type { TextSearch } from "./redaction/matcher.ts";
