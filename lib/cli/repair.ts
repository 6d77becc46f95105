/**
 * `term2ai repair`: saves what is good of a damaged recording.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording, READERS, type Recording, t2a, wholeBytes } from "../../formats/mod.ts";
import { FormatError, UsageError } from "../errors.ts";
import type { EventBatch } from "../event.ts";
import type { SessionWriter, Source, UnwrapKey, WrapKey } from "../ports.ts";
import { Report } from "../report.ts";
import { openEnd } from "../transform/open_end.ts";
import { StatsCounter } from "../transform/stats.ts";
import { OVERWRITE } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { Exit } from "./program/failure.ts";
import {
  type EncryptFlags,
  encryptFlags,
  type ReadKeyFlags,
  readKeyFlags,
  unwrapWithFlags,
  wrapWithFlags,
} from "./keys/key_sources.ts";
import { ALLOWED_SIGNERS } from "./keys/signers.ts";
import { lazy } from "./lazy.ts";
import { checkOutput, isDevice, writeRecording } from "./output/output.ts";
import { harmless, openSource, tell } from "./source/stdio.ts";
import { formatBytes, formatTime } from "./program/time.ts";
import { warnAbout } from "./program/warnings.ts";
import { namesOf, writerFor } from "./output/writers.ts";

interface RepairFlags extends EncryptFlags, ReadKeyFlags {
  readonly from?: string;
  readonly plain: boolean;
  readonly signedPart: boolean;
  readonly allowedSigners?: string;
  readonly overwrite: boolean;
}

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: RepairFlags, input: string, out?: string) {
    const output = out ?? nameFor(input);
    if (flags.signedPart) return await keepSignedPart(input, output, flags);
    if (flags.allowedSigners !== undefined) {
      throw new UsageError("Cannot use --allowed-signers alone: it says whose --signed-part it is");
    }
    const writer = output === "-" || await isDevice(output) ? t2a : writerFor(undefined, output, "an extension");
    const wantsKey = flags.passphrase || (flags.to?.length ?? 0) + (flags.recipientsFile?.length ?? 0) > 0;
    if (wantsKey && writer !== t2a) throw new UsageError(`Cannot encrypt ${output}: only T2A recordings can be`);
    checkOutput(output, writer);
    const encrypt = wantsKey ? await wrapWithFlags(flags) : undefined;
    const recording = await open(await openSource(input), flags, unwrapWithFlags(flags));
    const salvage = new Salvage(recording, encrypt !== undefined || flags.plain);
    const { report } = recording;
    await writeRecording({ path: output, overwrite: flags.overwrite }, writer, (sibling) => {
      const events = recording.events.pipeThrough(openEnd(recording.report)).pipeThrough(salvage.stage);
      return events.pipeThrough(encoderOf(writer, encrypt, { report, sibling }));
    });
    warnAbout(input, report, writer.name);
    tell(salvage.summary(input, output));
    if (!salvage.hasAny) throw new Exit(1);
  },
  parameters: {
    flags: {
      from: {
        kind: "parsed",
        parse: String,
        brief: `format of FILE, where its bytes do not tell any more: ${namesOf(READERS)}`,
        placeholder: "NAME",
        optional: true,
      },
      plain: {
        kind: "boolean",
        brief: "FILE is encrypted, and OUT is not to be",
        default: false,
        withNegated: false,
      },
      signedPart: {
        kind: "boolean",
        brief: "keep the bytes up to the last signed checkpoint, as they are, and nothing else",
        default: false,
        withNegated: false,
      },
      allowedSigners: {
        ...ALLOWED_SIGNERS,
        brief: "for --signed-part, who must have signed it: a file as Git reads it",
      },
      overwrite: OVERWRITE,
      ...encryptFlags,
      ...readKeyFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "a damaged recording of any format; - is stdin", placeholder: "FILE" },
        { parse: String, brief: "the whole one; FILE.repaired.t2a if left out", placeholder: "OUT", optional: true },
      ],
    },
  },
  docs: {
    brief: "save what is good of a damaged recording",
    fullDescription:
      `Writes all that is good of a damaged or unfinished recording of any format to OUT, as a whole recording. FILE stays as it
is. Where something is missing there is a gap, which says how much output is lost where that is known; what was wrong
is told. With --signed-part OUT is the beginning of FILE, up to where a signature vouches for it: no whole recording, but one
of which verify --allowed-signers --allow-unfinished accepts all.

  term2ai repair demo.t2a                       writes demo.repaired.t2a
  term2ai repair crashed.cast whole.cast
  term2ai repair --identity key.txt --to age1… secret.t2a`,
  },
});

/** What is written anew is not signed; this stays as it was. */
async function keepSignedPart(input: string, output: string, flags: RepairFlags): Promise<void> {
  const without = ["from", "plain", "passphrase", "to", "recipientsFile"] as const;
  const other = without.find((name) => flags[name] !== undefined && flags[name] !== false);
  if (other) throw new UsageError(`Cannot use --signed-part together with --${other}: nothing is written anew`);
  checkOutput(output, t2a);
  const { signedPart } = await lazy<typeof import("./source/signed_part.ts")>("./source/signed_part.ts");
  const { bytes, until } = await signedPart(input, flags);
  await writeRecording({ path: output, overwrite: flags.overwrite }, t2a, () => bytes);
  tell(`${harmless(input)}: what is signed, up to ${formatTime(until)}, is in ${harmless(output)}\n`);
  tell("  By whom, tells: term2ai verify --allow-unfinished --allowed-signers FILE OUT\n");
}

function nameFor(input: string): string {
  return input === "-" ? "-" : input.replace(/\/+$/, "").replace(/\.[^./]+$/, "") + ".repaired.t2a";
}

/** A T2A recording whose beginning is lost is recognised by nothing, and still full of blocks. */
async function open(source: Source, { from }: RepairFlags, unwrap: UnwrapKey): Promise<Recording> {
  const report = new Report();
  try {
    return await openRecording(source, { report, unwrap, ...(from !== undefined && { format: from }) });
  } catch (error) {
    const isLost = !(error instanceof FormatError) || from !== undefined || source.name === "stdin";
    if (isLost || await wholeBytes(source.bytes()) === 0) throw error;
    return await openRecording(source, { report: new Report(), unwrap, format: "t2a" });
  }
}

function encoderOf(
  writer: SessionWriter,
  encrypt: WrapKey | undefined,
  settings: Pick<Parameters<SessionWriter["encoder"]>[0], "report" | "sibling">,
) {
  return writer === t2a ? t2a.encoder({ ...settings, encrypt }) : writer.encoder({ ...settings, timeUnit: 1 });
}

/** Counts what comes through. */
class Salvage {
  readonly #stats = new StatsCounter();
  readonly #report: Report;
  readonly #mayBePlain: boolean;

  constructor({ report }: Recording, mayBePlain: boolean) {
    this.#report = report;
    this.#mayBePlain = mayBePlain;
  }

  /** Whether there was anything but a header. */
  get hasAny(): boolean {
    return this.#saved > 0;
  }

  get #saved(): number {
    const { events, sessions, gaps } = this.#stats.result();
    return events - sessions - gaps;
  }

  get stage(): TransformStream<EventBatch, EventBatch> {
    return new TransformStream({
      transform: (batch, controller) => {
        this.#mayGoOn();
        controller.enqueue(this.#count(batch));
      },
    });
  }

  summary(input: string, output: string): string {
    const { duration, gaps, missingBytes } = this.#stats.result();
    const events = this.#saved === 1 ? "1 event" : `${this.#saved} events`;
    const count = gaps === 1 ? "1 gap" : `${gaps} gaps`;
    const lost = missingBytes > 0 ? `${formatBytes(missingBytes)} of output known to be missing` : "of unknown size";
    const what = gaps === 0 ? "nothing is known to be missing" : `${count}, ${lost}`;
    return `${harmless(input)}: ${events} of ${formatTime(duration)} are in ${harmless(output)}; ${what}\n`;
  }

  /** What was secret does not become readable because it was damaged. */
  #mayGoOn(): void {
    if (!this.#report.encrypted || this.#mayBePlain) return;
    throw new UsageError(
      "Cannot repair it: it is encrypted; say for whom the repaired one is to be (--to, --passphrase), or --plain",
    );
  }

  #count(batch: EventBatch): EventBatch {
    for (const event of batch) this.#stats.push(event);
    return batch;
  }
}
