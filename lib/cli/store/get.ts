/**
 * `term2ai store get`: a recording as it is.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { createHash } from "node:crypto";
import { StorageError } from "../../errors.ts";
import { findRecording, withStore } from "../source/chosen_store.ts";
import { OVERWRITE } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { writeToFile } from "../output/output.ts";
import { refuseTerminal, stdoutSink } from "../source/stdio.ts";

export const get: Command<Context> = buildCommand({
  async func({ overwrite }: { overwrite: boolean }, id: string, out: string) {
    if (out === "-") refuseTerminal("a recording");
    await withStore(async (storage) => {
      const recording = await findRecording(storage, id);
      const hash = createHash("sha256");
      const counted = storage.source(recording).bytes().pipeThrough(hashing(hash));
      await (out === "-" ? counted.pipeTo(stdoutSink()) : writeToFile(out, counted, overwrite));
      const found = hash.digest("hex");
      if (found === recording.sha256) return;
      throw new StorageError(
        `Recording ${recording.id} in ${storage.name} is damaged: its SHA-256 is ${found}, expected ${recording.sha256}\n` +
          "  It was written as it is; term2ai info tells what can still be read",
        recording.id,
      );
    });
  },
  parameters: {
    flags: { overwrite: OVERWRITE },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a stored recording", placeholder: "ID" },
        { parse: String, brief: "where it goes; - is stdout", placeholder: "OUT" },
      ],
    },
  },
  docs: {
    brief: "write a recording to a file or a pipe",
    fullDescription: "Writes a recording as it is stored, byte for byte, and checks that it is what was stored then.",
  },
});

function hashing(hash: ReturnType<typeof createHash>): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      hash.update(chunk);
      controller.enqueue(chunk);
    },
  });
}
