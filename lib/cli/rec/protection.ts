/**
 * Signing and encrypting while a session is recorded.
 *
 * An agent may have gone, or wait for somebody to confirm: the session does not wait for it. What could not be signed is not,
 * and the end of the run says so.
 * @module
 */

import type { Protection } from "../../../formats/t2a/assembler.ts";
import type { Sign } from "../../ports.ts";
import { loadSigner, wrapWithFlags } from "../keys/key_sources.ts";
import type { RecFlags } from "./flags.ts";

/** How long one signature may take, in milliseconds. */
const PATIENCE = 2000;

/** What a recorder is to do, and what became of it. */
export interface RecordingProtection extends Protection {
  /** Signatures that could not be made. */
  readonly missed: { count: number; reason: string };
}

/**
 * Loads the keys.
 *
 * @throws {UsageError} If one cannot be used: then nothing is recorded.
 */
export async function protectionOf({ sign: key, encryptTo }: RecFlags): Promise<RecordingProtection> {
  const missed = { count: 0, reason: "" };
  const encrypt = encryptTo && await wrapWithFlags({ to: encryptTo, passphrase: false });
  if (key === undefined) return { encrypt, missed };
  const { sign } = await loadSigner(key);
  await sign(new Uint8Array(0)); // a key that does not work is better known before the session than after it
  return { encrypt, missed, sign: patiently(sign, missed) };
}

/** Gives no signature rather than an error, or one that comes too late. */
export function patiently(sign: Sign, missed: { count: number; reason: string }, patience = PATIENCE): Sign {
  return async (content) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no signature came within ${patience / 1000} s`)), patience);
    });
    try {
      return await Promise.race([sign(content), late]);
    } catch (error) {
      missed.count++;
      missed.reason ||= error instanceof Error ? error.message : String(error);
      return new Uint8Array(0);
    } finally {
      clearTimeout(timer);
    }
  };
}
