/**
 * `term2ai cat`: what a session printed, byte for byte.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording } from "../../formats/mod.ts";
import type { EventBatch } from "../event.ts";
import { concat } from "../stream/collect.ts";
import type { Context } from "./program/context.ts";
import { isBrokenPipe } from "./program/failure.ts";
import { type ReadKeyFlags, readKeyFlags, unwrapWithFlags } from "./keys/key_sources.ts";
import { openSource, stdoutSink } from "./source/stdio.ts";
import { warnAbout } from "./program/warnings.ts";

export const command: Command<Context> = buildCommand({
  async func(flags: ReadKeyFlags, ...files: string[]) {
    const unwrap = unwrapWithFlags(flags);
    for (const file of files.length > 0 ? files : ["-"]) {
      const { events, report } = await openRecording(await openSource(file), { unwrap });
      try {
        await events.pipeThrough(outputOnly()).pipeTo(stdoutSink());
      } catch (error) {
        if (isBrokenPipe(error)) return;
        throw error;
      }
      warnAbout(file, report);
    }
  },
  parameters: {
    flags: readKeyFlags,
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "recordings, one after the other; - or none is stdin", placeholder: "FILE" },
    },
  },
  docs: {
    brief: "print what a session printed, byte for byte",
    fullDescription: `Prints what a session printed, byte for byte, without waiting.

  term2ai cat demo.t2a                 see how the screen looked at the end
  term2ai cat build.t2a | grep -a error`,
  },
});

/** The output of a batch in one piece: a write for each event would cost more than the event. */
function outputOnly(): TransformStream<EventBatch, Uint8Array> {
  return new TransformStream({
    transform(batch, controller) {
      const chunks: Uint8Array[] = [];
      for (const event of batch) if (event.kind === "output") chunks.push(event.data);
      if (chunks.length > 0) controller.enqueue(concat(chunks));
    },
  });
}
