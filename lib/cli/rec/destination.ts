/**
 * Where `term2ai rec` puts a recording: a file, or stdout.
 * @module
 */

import type { AsciicastFormat } from "../../../formats/asciicast_v3.ts";
import { UsageError } from "../../errors.ts";
import { loadCodec } from "../../host/codec.ts";
import { Report } from "../../report.ts";
import { streamSource } from "../../stream/source.ts";
import { isBrokenPipe } from "../program/failure.ts";
import { lazy } from "../lazy.ts";
import { type IfExists, PrivateFile } from "../../host/private_file.ts";
import type { RecordingProtection } from "./protection.ts";
import type { RecFlags } from "./flags.ts";
import type { Rewriter } from "../../session/recording/file_revision.ts";
import { PipeSink } from "../../session/recording/pipe_sink.ts";
import { PlainSink } from "../../session/recording/plain_sink.ts";
import type { RecordingSink } from "../../session/recording/recording_sink.ts";
import { T2aSink, wholeLength } from "../../session/recording/t2a_sink.ts";
import { openForReading, refuseTerminal, stdoutSink } from "../source/stdio.ts";
import { isStoreWanted, placeInStore, type StorePlace } from "./store_destination.ts";

/** Where the events of a session go, and what to say about it afterwards. */
export interface Destination {
  readonly name: string;
  readonly sink: RecordingSink;
  /** Stdout carries the recording, so the session must not show there. */
  readonly usesStdout: boolean;
  /** Whether the format can hold what shows, beside what is printed. */
  readonly keepsScreens: boolean;
  /** Gives the file its name: the program has started, so there will be something in it. */
  publish(): Promise<void>;
  /** Leaves everything as it was before. */
  discard(): Promise<void>;
  /** Whether storing ended only because nobody reads any more. */
  readerIsGone(error: unknown): boolean;
  /** The session is over and the terminal given back: does what is still to be done. */
  settle(): Promise<void>;
  /** What went wrong, a line each. */
  complaints(): string[];
}

type FormatName = "t2a" | "asciicast-v2" | "asciicast-v3";

/**
 * Opens what the options ask for.
 *
 * @throws {UsageError} If it cannot be written, or is a terminal.
 */
export async function openDestination(flags: RecFlags, path: string | undefined): Promise<Destination> {
  const protection = flags.sign === undefined && flags.encryptTo === undefined
    ? undefined
    : await loadProtection(flags);
  if (isStoreWanted(path)) return await openInStore(flags, protection);
  if (path === undefined || path === "-") return await openStdout(flags, protection);
  return await openFile(flags, path, formatFor(flags.to, path), protection);
}

/** The format by name, else by extension; a file without one is T2A. */
function formatFor(name: string | undefined, path: string): FormatName {
  const names: Readonly<Record<string, FormatName>> = {
    t2a: "t2a",
    "asciicast-v2": "asciicast-v2",
    "asciicast-v3": "asciicast-v3",
  };
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase();
  if (name !== undefined) {
    if (Object.hasOwn(names, name)) return names[name]!;
    throw new UsageError(`Cannot record as ${JSON.stringify(name)}: expected ${Object.keys(names).join(", ")}`);
  }
  if (extension === undefined || extension === "t2a") return "t2a";
  if (extension === "cast") return "asciicast-v3";
  throw new UsageError(`Cannot tell the format of ${path} by its extension: use .t2a or .cast, or say it with --to`);
}

async function openInStore(flags: RecFlags, protection: RecordingProtection | undefined): Promise<Destination> {
  const format = formatFor(flags.to, "recording.t2a");
  const place = await placeInStore(format === "t2a" ? "t2a" : "cast");
  try {
    return await openFile(flags, place.path, format, protection, place);
  } catch (error) {
    await place.abandon();
    throw error;
  }
}

async function loadProtection(flags: RecFlags): Promise<RecordingProtection> {
  const { protectionOf } = await lazy<typeof import("./protection.ts")>("./rec/protection.ts");
  return await protectionOf(flags);
}

/** Only our own format has a place for signatures and keys. */
function checkProtection(protection: RecordingProtection | undefined, format: FormatName): void {
  if (!protection || format === "t2a") return;
  throw new UsageError(`Cannot sign or encrypt a recording in ${format}: only T2A can hold that`);
}

async function openStdout(flags: RecFlags, protection: RecordingProtection | undefined): Promise<Destination> {
  const format = formatFor(flags.to, "stdout");
  checkProtection(protection, format);
  if (format === "t2a") refuseTerminal("a T2A recording");
  const encoder = format === "t2a"
    ? (await loadT2a()).t2aFormat({ loadCodec }).encoder({ flushAfter: 40, ...protection })
    : await asciicastEncoder(format, new Report(), undefined);
  // Somebody at a terminal is in the middle of something; without one, a program ends as it does in any pipe.
  const sink = new PipeSink(encoder, stdoutSink(), Deno.stdin.isTerminal() && !flags.requireRecording);
  return {
    name: "stdout",
    usesStdout: true,
    keepsScreens: format === "t2a",
    sink,
    publish: () => Promise.resolve(),
    discard: () => Promise.resolve(),
    readerIsGone: isBrokenPipe,
    settle: () => Promise.resolve(),
    complaints: () => [
      ...(sink.trouble ? [`the recording on stdout is not complete: ${sink.trouble.reason}`] : []),
      ...complaintsOf("the recording", protection),
    ],
  };
}

function complaintsOf(name: string, protection: RecordingProtection | undefined): string[] {
  if (!protection?.missed.count) return [];
  const { count, reason } = protection.missed;
  return [`${name} lacks ${count === 1 ? "a signature" : `${count} signatures`}: ${reason}`];
}

async function openFile(
  flags: RecFlags,
  path: string,
  format: FormatName,
  protection: RecordingProtection | undefined,
  place?: StorePlace,
): Promise<Destination> {
  checkProtection(protection, format);
  const ifExists: IfExists = flags.overwrite ? "replace" : flags.append ? "append" : "refuse";
  const file = await PrivateFile.create(path, ifExists);
  const destination = new FileDestination(path, file, format === "t2a", protection, place);
  try {
    const options = { file, mustStore: flags.requireRecording };
    if (format === "t2a") {
      if (file.start > 0) await destination.cutTail(await wholeLength(file));
      destination.sink = new T2aSink(options, protection);
    } else {
      const same = file.start > 0 && flags.to === undefined ? await versionOf(file, format) : format;
      const continueFrom = file.start > 0 ? await destination.continueAsciicast(same) : undefined;
      const encoder = await asciicastEncoder(same, destination.report, continueFrom);
      const rewriter = continueFrom === undefined ? await asciicastRewriter(same) : undefined;
      destination.sink = new PlainSink(options, encoder, rewriter);
    }
  } catch (error) {
    file.close();
    throw error;
  }
  return destination;
}

async function asciicastEncoder(format: FormatName, report: Report, continueFrom: number | undefined) {
  return (await loadAsciicast(format)).encoder(continueFrom === undefined ? { report } : { report, continueFrom });
}

async function asciicastRewriter(format: FormatName): Promise<Rewriter> {
  const asciicast = await loadAsciicast(format);
  return {
    open: (source, report) => asciicast.open(source, report),
    encoder: () => asciicast.encoder({ report: new Report() }),
  };
}

/** What is added to a recording has to be of its version. */
async function versionOf(file: PrivateFile, format: FormatName): Promise<FormatName> {
  const old = await loadAsciicast("asciicast-v2");
  return old.detect(await file.read(0, old.prefixLength)) ? "asciicast-v2" : format;
}

function loadT2a(): Promise<typeof import("../../../formats/t2a.ts")> {
  return lazy("../../formats/t2a.ts");
}

async function loadAsciicast(format: FormatName): Promise<AsciicastFormat> {
  if (format === "asciicast-v2") {
    return (await lazy<typeof import("../../../formats/asciicast_v2.ts")>("../../formats/asciicast_v2.ts")).asciicastV2;
  }
  return (await lazy<typeof import("../../../formats/asciicast_v3.ts")>("../../formats/asciicast_v3.ts")).asciicastV3;
}

class FileDestination implements Destination {
  readonly name: string;
  readonly usesStdout = false;
  readonly keepsScreens: boolean;
  readonly report = new Report();
  sink!: RecordingSink;
  readonly #file: PrivateFile;
  readonly #place: StorePlace | undefined;
  readonly #protection: RecordingProtection | undefined;
  #torn: string | undefined; // where the torn tail of what was there before went
  #unsettled: string[] = [];

  constructor(
    path: string,
    file: PrivateFile,
    keepsScreens: boolean,
    protection: RecordingProtection | undefined,
    place: StorePlace | undefined,
  ) {
    this.name = place?.id ?? path;
    this.#file = file;
    this.keepsScreens = keepsScreens;
    this.#protection = protection;
    this.#place = place;
  }

  publish(): Promise<void> {
    return this.#file.publish();
  }

  async discard(): Promise<void> {
    await this.#file.discard();
    await this.#place?.abandon();
  }

  async settle(): Promise<void> {
    this.#unsettled = await this.#place?.settle() ?? [];
  }

  readerIsGone(): boolean {
    return false;
  }

  complaints(): string[] {
    const lines: string[] = [];
    const { trouble, tampering } = this.sink;
    if (trouble) {
      const { count, reason } = trouble;
      lines.push(`${this.name} is not complete: ${count} writes failed, the first because ${reason}`);
    }
    if (tampering) lines.push(`${this.name} does not hold this recording any more: ${tampering}`);
    if (this.#torn) lines.push(`the unfinished end of what was in ${this.name} before is in ${this.#torn}`);
    const { losses } = this.report;
    for (const [what, count] of losses) {
      if (what !== "clock") lines.push(`${this.name} cannot hold ${what}: ${count} left out`);
    }
    return [...lines, ...this.#unsettled, ...complaintsOf(this.name, this.#protection)];
  }

  /** Cuts off what a crash has left unfinished at the end of the old file. */
  async cutTail(whole: number): Promise<void> {
    if (whole === 0) {
      throw new UsageError(
        `Cannot append to ${this.name}: it holds no recording; name another file, or --overwrite it`,
      );
    }
    if (whole < this.#file.start) this.#torn = await this.#file.cutTail(whole);
  }

  /** The time at which an existing recording ends, after its torn tail was cut off. */
  async continueAsciicast(format: FormatName): Promise<number> {
    const report = new Report();
    const source = streamSource(this.name, (await openForReading(this.name)).readable);
    let last = 0;
    for await (const batch of (await loadAsciicast(format)).open(source, report)) last = batch.at(-1)?.time ?? last;
    if (report.tornBytes > 0) await this.cutTail(this.#file.start - report.tornBytes);
    return last;
  }
}
