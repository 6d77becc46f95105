/**
 * `term2ai session new`: makes a live session.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../../errors.ts";
import type { InputPolicy } from "../../record/event_recorder.ts";
import type { SessionConfig } from "../../session/template/config.ts";
import type { SessionLimits } from "../../session/limits.ts";
import type { RedactionRules } from "../../session/template/redaction_rules.ts";
import { parseLimit } from "../../session/template/quantities.ts";
import { attachTo, mustBeAttachable } from "../live/attach.ts";
import { PREFIX } from "../live/attach_flags.ts";
import { isStoreChosen, storeUrl } from "../source/chosen_store.ts";
import { ENV, INPUT, SHELL_INTEGRATION, TAG, TITLE } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { Exit } from "../program/failure.ts";
import { lazy } from "../lazy.ts";
import { sessionManager } from "../live/sessions.ts";
import { print } from "../source/stdio.ts";
import { parseSize } from "../program/time.ts";

interface NewFlags {
  readonly detach: boolean;
  readonly nested: boolean;
  readonly prefix: string;
  readonly size?: { cols: number; rows: number };
  readonly cwd?: string;
  readonly record?: string;
  readonly noRecord: boolean;
  readonly shellIntegration: boolean;
  readonly redact: boolean;
  readonly readOnly: boolean;
  readonly input?: InputPolicy;
  readonly title?: string;
  readonly tag?: readonly string[];
  readonly env?: readonly string[];
  readonly limit?: readonly Partial<SessionLimits>[];
  readonly template?: string;
}

export { spellOutInput as prepare } from "../program/common_flags.ts";

export const command: Command<Context> = buildCommand({
  async func(this: Context, flags: NewFlags, name?: string) {
    if (this.commandLine?.length === 0) throw new UsageError("Cannot run nothing: a command is expected behind --");
    if (!flags.detach) mustBeAttachable(name ?? "NAME", flags);
    const configs = await configsFor(flags, name, this.commandLine);
    const manager = sessionManager();
    const made = [];
    for (const config of configs) made.push(await manager.createSession({ ...config, detached: true }));
    if (flags.detach) return await print(made.map((session) => `${session.name}\n`).join(""));
    throw new Exit(await attachTo(made[0]!, { viewer: false, ...flags }));
  },
  parameters: {
    aliases: { d: "detach", t: "title", i: "input", T: "template" },
    flags: {
      detach: {
        kind: "boolean",
        brief: "leave it alone: print its name and return",
        default: false,
        withNegated: false,
      },
      nested: { kind: "boolean", brief: "attach even inside another session", default: false, withNegated: false },
      prefix: PREFIX,
      size: {
        kind: "parsed",
        parse: parseSize,
        brief: "size until somebody attaches, 80x24 by itself",
        placeholder: "COLSxROWS",
        optional: true,
      },
      cwd: { kind: "parsed", parse: String, brief: "where it starts", placeholder: "FOLDER", optional: true },
      record: {
        kind: "parsed",
        parse: String,
        brief: "the file of its recording",
        placeholder: "FILE",
        optional: true,
      },
      noRecord: { kind: "boolean", brief: "do not record it", default: false, withNegated: false },
      shellIntegration: SHELL_INTEGRATION,
      redact: {
        kind: "boolean",
        brief: "hide passwords, keys and tokens in its recording, as rec --redact does",
        default: false,
        withNegated: false,
      },
      readOnly: { kind: "boolean", brief: "nobody can ever type into it", default: false, withNegated: false },
      input: INPUT,
      title: TITLE,
      tag: TAG,
      env: ENV,
      limit: {
        kind: "parsed",
        parse: parseLimit,
        brief:
          "what it may use: memory=512M, cpu=50%, cpu-time=10m, processes=100, open-files=256, output=1M, recording=1G, idle=1h, lifetime=8h",
        placeholder: "WHAT=VALUE",
        variadic: true,
        optional: true,
      },
      template: {
        kind: "parsed",
        parse: String,
        brief: "make the sessions of a template; see term2ai template",
        placeholder: "NAME",
        optional: true,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{ parse: String, brief: "what to call it", placeholder: "NAME", optional: true }],
    },
  },
  docs: {
    brief: "make a session and attach to it",
    customUsage: ["[options] [NAME] [-- COMMAND…]"],
    fullDescription: `Makes a session that runs your shell, or COMMAND, and outlives this terminal.

It is recorded from its first moment, to a file in your data directory unless --record names another; with --store URL that
file goes to the store when it has ended. Ctrl-] d leaves it running; term2ai session attach NAME comes back, from any terminal. Ends with the status of the command when that ends
while you are attached, and with 0 when you leave.

  term2ai session new work                                your shell, to leave and come back to
  term2ai session new --detach build -- make watch        a command that runs on its own
  term2ai session new -d web --limit memory=1G -- npm run dev`,
  },
});

async function configsFor(
  flags: NewFlags,
  name: string | undefined,
  command: readonly string[] | undefined,
): Promise<SessionConfig[]> {
  if (flags.record !== undefined && flags.noRecord) {
    throw new UsageError("Cannot use --record and --no-record together");
  }
  if (flags.template === undefined) return [await withFlags(await defaults(), flags, name, command)];
  const { loadTemplate } = await lazy<typeof import("../../session/template/template.ts")>(
    "../session/template/template.ts",
  );
  const configs = await loadTemplate(flags.template);
  if (configs.length > 1 && (name !== undefined || command !== undefined || flags.record !== undefined)) {
    throw new UsageError(
      `Cannot name one session or command: template ${flags.template} has ${configs.length}, which have names of their own`,
    );
  }
  return await Promise.all(configs.map((config) => withFlags(config, flags, name, command)));
}

/** What the user's and the project's configuration say about all sessions. */
async function defaults(): Promise<SessionConfig> {
  const { loadDefaults } = await lazy<typeof import("../../session/template/template.ts")>(
    "../session/template/template.ts",
  );
  return await loadDefaults();
}

async function rulesForAll(): Promise<RedactionRules> {
  const { loadRedaction } = await lazy<typeof import("../../session/template/template.ts")>(
    "../session/template/template.ts",
  );
  return await loadRedaction();
}

/** What is said on the command line comes before what a template says. */
async function withFlags(
  config: SessionConfig,
  flags: NewFlags,
  name: string | undefined,
  command: readonly string[] | undefined,
): Promise<SessionConfig> {
  const { size, cwd, record, title, tag, env, input, shellIntegration } = flags;
  const limits: SessionLimits = Object.assign({}, config.limits, ...(flags.limit ?? []));
  const given = {
    ...(record !== undefined && { path: await absolute(record) }),
    ...(title !== undefined && { title }),
    ...(tag && { tags: tag }),
    ...(env && { keepEnv: env }),
    ...(input && { input }),
  };
  const isOff = flags.noRecord || (config.recording === false && Object.keys(given).length === 0);
  return {
    ...config,
    ...(name !== undefined && { name }),
    ...(command && { command }),
    ...(size && size),
    ...(cwd !== undefined && { cwd: await folder(cwd) }),
    ...(flags.redact && !config.redaction && { redaction: await rulesForAll() }),
    ...(isStoreChosen() && { storage: await wholeUrl(storeUrl()) }),
    ...(flags.readOnly && { input: "nobody" as const }),
    limits,
    recording: isOff
      ? false
      : { ...(config.recording || {}), ...given, ...(!shellIntegration && { shellIntegration }) },
  };
}

/** @throws {UsageError} If there is no such folder. */
async function folder(path: string): Promise<string> {
  try {
    const real = await Deno.realPath(path);
    if ((await Deno.stat(real)).isDirectory) return real;
  } catch {
    // said below
  }
  throw new UsageError(`Cannot start in ${path}: there is no such folder`);
}

/** A store's URL, or a folder as seen from anywhere. */
async function wholeUrl(url: string): Promise<string> {
  return /^[a-z][a-z0-9+.-]*:/i.test(url) ? url : await absolute(url);
}

/** The host works elsewhere. */
function absolute(path: string): Promise<string> {
  return Promise.resolve(path.startsWith("/") ? path : `${Deno.cwd()}/${path}`);
}
