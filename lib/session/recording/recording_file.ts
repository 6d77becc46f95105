/**
 * The file that a session is recorded to.
 * @module
 */

import { UsageError } from "../../errors.ts";
import { PrivateFile } from "../../host/private_file.ts";
import type { Secrets } from "../../security/redact.ts";
import type { RecordingSink } from "./recording_sink.ts";
import { T2aSink } from "./t2a_sink.ts";
import type { OpenRecording } from "./recording_switch.ts";

/**
 * Creates the file of a recording.
 *
 * @param path Where it is to be; by itself it goes to the user's data directory, named after session and time.
 * @param session Name of the session.
 * @param secrets What is hidden in it.
 * @throws {UsageError} If it exists, cannot be created, or has the extension of another format.
 */
export async function openRecordingFile(
  path: string | undefined,
  session: string,
  secrets?: Secrets,
): Promise<OpenRecording> {
  const extension = /\.([^./]+)$/.exec(path ?? "")?.[1]?.toLowerCase();
  if (extension !== undefined && extension !== "t2a") {
    throw new UsageError(
      `Cannot record to ${path}: sessions are recorded as .t2a; term2ai convert makes other formats of it`,
    );
  }
  if (path !== undefined) await makeFolderOf(path);
  const file = path === undefined ? await createFor(session) : await PrivateFile.create(path, "refuse");
  const plain = new T2aSink({ file, mustStore: false });
  const sink: RecordingSink = secrets ? await redacting(plain, secrets) : plain;
  const close = sink.close.bind(sink);
  sink.close = async () => {
    await close();
    file.close();
  };
  return { path: file.path, sink, bytes: () => file.size() };
}

async function redacting(sink: RecordingSink, secrets: Secrets): Promise<RecordingSink> {
  const specifier = new URL("./redacting_sink.ts", import.meta.url).href; // not loaded for sessions that hide nothing
  const { RedactingSink }: typeof import("./redacting_sink.ts") = await import(specifier);
  return new RedactingSink(sink, secrets);
}

async function makeFolderOf(path: string): Promise<void> {
  const folder = path.slice(0, path.lastIndexOf("/"));
  if (folder === "") return;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 }).catch(() => {}); // opening the file tells what is wrong
}

/** A name of the session and the second; a second one within it gets a number. */
async function createFor(session: string): Promise<PrivateFile> {
  const folder = recordingFolder();
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  const base = `${folder}/${session}-${now.slice(0, 10)}-${now.slice(11, 19).replaceAll(":", "")}`;
  for (let number = 1;; number++) {
    try {
      return await PrivateFile.create(`${base}${number === 1 ? "" : `-${number}`}.t2a`, "refuse");
    } catch (error) {
      if (number === 100) throw error;
    }
  }
}

/** Where recordings of sessions go that name no file. */
export function recordingFolder(): string {
  const data = Deno.env.get("XDG_DATA_HOME") || `${Deno.env.get("HOME") || "/tmp"}/.local/share`;
  return `${data}/term2ai/sessions`;
}
