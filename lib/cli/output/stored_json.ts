/**
 * A stored recording as scripts see it.
 * @module
 */

import type { StoredRecording } from "../../models.ts";
import { toSeconds } from "../program/time.ts";

/** The members that `store ls --json` promises, and what else is known. */
export function asJson(recording: StoredRecording) {
  const { id, title, startedAt, duration, bytes, command, exit, tags } = recording;
  const { owner, user, host, format, outputBytes, isComplete, sha256, superseded, storedAt } = recording;
  return {
    id,
    title: title ?? null,
    startedAt: new Date(startedAt).toISOString(),
    durationSeconds: toSeconds(duration),
    bytes,
    command: command ?? null,
    exitCode: exit && "code" in exit ? exit.code : null,
    signal: exit && "signal" in exit ? exit.signal : null,
    tags,
    owner,
    user: user ?? null,
    host: host ?? null,
    format,
    outputBytes,
    complete: isComplete,
    sha256,
    superseded: superseded ?? [],
    storedAt: new Date(storedAt).toISOString(),
  };
}
