/**
 * `term2ai store export` and `import`: recordings as one tar file, and back.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { chunked } from "../../host/file.ts";
import { findRecording, loadStorage, withStore } from "../source/chosen_store.ts";
import { OVERWRITE } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { Exit } from "../program/failure.ts";
import { openForReading, print, refuseTerminal, stdoutSink, tell } from "../source/stdio.ts";
import { writeToFile } from "../output/output.ts";

export const exportCommand: Command<Context> = buildCommand({
  async func({ overwrite }: { overwrite: boolean }, out: string, ...ids: string[]) {
    if (out === "-") refuseTerminal("a tar file");
    const { exportArchive } = await loadStorage();
    await withStore(async (storage) => {
      const chosen = ids.length === 0 ? (await storage.list({}, Infinity)).reverse() : [];
      for (const id of ids) chosen.push(await findRecording(storage, id));
      const tar = exportArchive(storage, chosen);
      await (out === "-" ? tar.pipeTo(stdoutSink()) : writeToFile(out, tar, overwrite));
    });
  },
  parameters: {
    flags: { overwrite: OVERWRITE },
    positional: {
      kind: "array",
      parameter: {
        parse: String,
        brief: "the tar file, - for stdout; then recordings, all if none",
        placeholder: "OUT [ID]",
      },
      minimum: 1,
    },
  },
  docs: {
    brief: "write recordings to a tar file",
    fullDescription: `Writes recordings, with what is known about them and their text, to a tar file.

  term2ai store export backup.tar
  term2ai store export - last | ssh other term2ai store import -`,
  },
});

export const importCommand: Command<Context> = buildCommand({
  async func(_flags: Record<never, never>, path: string) {
    const { importArchive } = await loadStorage();
    const tar = path === "-" ? Deno.stdin.readable : chunked(await openForReading(path));
    const { imported, skipped, problems } = await withStore((storage) => importArchive(storage, tar));
    for (const problem of problems) tell(`term2ai store import: ${problem}\n`);
    await print(`${imported} recordings imported${skipped > 0 ? `, ${skipped} were there already` : ""}\n`);
    if (problems.length > 0) throw new Exit(1);
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "a tar file of store export; - is stdin", placeholder: "IN" }],
    },
  },
  docs: {
    brief: "take in the recordings of a tar file",
    fullDescription: "Takes in recordings from a tar file that store export made, and checks each by its hash.",
  },
});
