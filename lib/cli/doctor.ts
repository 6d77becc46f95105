/**
 * `term2ai doctor`: what works on this machine.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { PtyHost } from "../ports.ts";
import { loadCodec } from "../host/codec.ts";
import { hostFacts } from "../host/facts.ts";
import { choosePtyHost, loadPtyHost, type PtyHostName } from "../host/pty.ts";
import { openUserTerminal, terminalSize } from "../host/tty.ts";
import { JSON_ARRAY } from "./program/common_flags.ts";
import type { Context } from "./program/context.ts";
import { Exit, messageFor } from "./program/failure.ts";
import { PrivateFile } from "../host/private_file.ts";
import { lazy } from "./lazy.ts";
import { harmless, print } from "./source/stdio.ts";
import { VERSION } from "./program/version.ts";

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  /** Recording and replaying do not work without it. */
  readonly needed: boolean;
  readonly detail: string;
}

export const command: Command<Context> = buildCommand({
  async func({ json }: { json: boolean }) {
    const findings = await examine();
    await print(json ? JSON.stringify(findings, null, 2) + "\n" : findings.map(asLine).join(""));
    if (findings.some(({ ok, needed }) => needed && !ok)) throw new Exit(1);
  },
  parameters: {
    flags: { json: JSON_ARRAY },
  },
  docs: {
    brief: "tell what works on this machine",
    fullDescription:
      "Tells what works on this machine: pseudo-terminals, this terminal, compression, permissions, where recordings go.\nEnds with status 1 when recording would not work.",
  },
});

function asLine({ what, ok, needed, detail }: Finding): string {
  return `${ok ? "ok  " : needed ? "FAIL" : "--  "}  ${what.padEnd(22)}${harmless(detail)}\n`;
}

async function examine(): Promise<Finding[]> {
  return [
    { what: "term2ai", ok: true, needed: true, detail: `${VERSION}, Deno ${Deno.version.deno}, ${Deno.build.target}` },
    await tried("pseudo-terminals", true, chosenHost),
    await tried("  by libc", false, () => runOn("libc")),
    await tried("  by node-pty", false, () => runOn("node-pty")),
    await tried("terminal", false, describeTerminal),
    await tried("zstd", false, () => roundTrip(1)),
    await tried("brotli", false, () => roundTrip(2)),
    await tried("permissions", true, describePermissions),
    await tried("recordings go to", true, describeStore),
    await tried("sessions", false, describeSessions),
    ...await describeLimits(),
    await tried("shell", false, () => Promise.resolve(hostFacts().shell)),
  ];
}

async function tried(what: string, needed: boolean, attempt: () => Promise<string>): Promise<Finding> {
  try {
    return { what, ok: true, needed, detail: await attempt() };
  } catch (error) {
    return { what, ok: false, needed, detail: messageFor(error) };
  }
}

async function chosenHost(): Promise<string> {
  const host = await choosePtyHost();
  await runEcho(host);
  return `${host.name} is used`;
}

async function runOn(name: PtyHostName): Promise<string> {
  const started = performance.now();
  await runEcho(await loadPtyHost(name));
  return `works, ${(performance.now() - started).toFixed(0)} ms for a program that prints and exits`;
}

/** Runs a program that prints a word, and checks that it arrives. */
async function runEcho(host: PtyHost): Promise<void> {
  const { env, cwd } = hostFacts();
  const pty = host.open({
    command: ["echo", "term2ai"],
    cols: 80,
    rows: 24,
    cwd,
    env,
    whenFull: "wait",
    queueBytes: 1 << 16,
    tellTyped: false,
  });
  let text = "";
  for (let batch = await pty.next(); batch; batch = await pty.next()) {
    for (const happening of batch) if (happening.kind === "output") text += new TextDecoder().decode(happening.data);
  }
  await pty.exited;
  await pty.close();
  if (text.trim() !== "term2ai") throw new Error(`a program printed "term2ai", ${JSON.stringify(text)} arrived`);
}

function describeTerminal(): Promise<string> {
  const size = terminalSize();
  const terminal = openUserTerminal();
  terminal?.close();
  if (!terminal) throw new Error("this process has none; sessions run at 80x24");
  const { cols, rows } = size ?? { cols: 0, rows: 0 };
  return Promise.resolve(
    `${Deno.env.get("TERM") ?? "TERM is not set"}${size ? `, ${cols}x${rows}` : ", its size is not known"}`,
  );
}

async function roundTrip(id: number): Promise<string> {
  const codec = await loadCodec(id);
  if (!codec) throw new Error("this runtime does not have it; recordings are stored without");
  const data = new TextEncoder().encode("term2ai ".repeat(100));
  const small = codec.compress(data, 3);
  const back = codec.decompress(small, data.length);
  if (back.length !== data.length) throw new Error("what was compressed does not come back");
  return `works, ${data.length} bytes in ${small.length}`;
}

async function describePermissions(): Promise<string> {
  const names = ["read", "write", "env", "run", "ffi", "sys"] as const;
  const states = await Promise.all(names.map((name) => Deno.permissions.query({ name })));
  const missing = names.filter((_, at) => states[at]!.state !== "granted");
  if (missing.length === 0) return "all that recording needs are granted";
  throw new Error(`not granted in full: ${missing.join(", ")}; recording needs --allow-${missing.join(" --allow-")}`);
}

async function describeSessions(): Promise<string> {
  const { SessionDirectory } = await lazy<typeof import("../session/directory.ts")>("../session/directory.ts");
  const directory = await SessionDirectory.open();
  const count = (await directory.names()).length;
  return `${directory.path}, private, ${count} socket${count === 1 ? "" : "s"}`;
}

/** By what means sessions are held to their limits, the best first; the first that works is used. */
async function describeLimits(): Promise<Finding[]> {
  const { availableMeans } = await lazy<typeof import("../session/limits/confine.ts")>("../session/limits/confine.ts");
  const means = await availableMeans();
  const used = means.find(({ works }) => works);
  return means.map((one) => ({
    what: `limits by ${one.name}`,
    ok: one.works,
    needed: false,
    detail: one === used ? `used: ${one.detail}` : one.detail,
  }));
}

async function describeStore(): Promise<string> {
  const { storeUrl } = await lazy<typeof import("./source/chosen_store.ts")>("./source/chosen_store.ts");
  const { parseStorageUrl } = await lazy<typeof import("../../storage/sessions/url.ts")>(
    "../../storage/sessions/url.ts",
  );
  const { dataFolder } = await lazy<typeof import("../host/user_folders.ts")>("../host/user_folders.ts");
  const { scheme, place } = parseStorageUrl(storeUrl());
  if (scheme === "file") return `${place}, which ${await tryWriting(place)} (rec without FILE)`;
  const outbox = `${dataFolder()}/outbox`;
  return `a store by ${scheme}, by way of ${outbox}, which ${await tryWriting(outbox)} (rec without FILE)`;
}

/** In the folder, or where it would be made. */
async function tryWriting(folder: string): Promise<string> {
  let at = folder;
  while (at !== "" && !await Deno.stat(at).then(({ isDirectory }) => isDirectory, () => false)) {
    at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
  }
  const file = await PrivateFile.create(`${at}/.term2ai-doctor-${crypto.randomUUID().slice(0, 8)}`, "refuse");
  await file.discard();
  return at === folder ? "can be written to" : "can be made";
}
