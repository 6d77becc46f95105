/** Runs the program as its users do: as a process of its own. */

import { fromFileUrl } from "./path.ts";
import type { Pty, PtyHost } from "../../lib/ports.ts";
import { ptyOptions } from "./pty.ts";

/** The program's source. */
export const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url));

/** The words that start the program: from source, or as `TERM2AI_COMMAND` says, words with a space between them. */
export const TERM2AI: readonly string[] = Deno.env.get("TERM2AI_COMMAND")?.split(" ") ??
  [Deno.execPath(), "run", "--quiet", "-A", CLI];

/** What a finished command line has said. */
export interface Finished {
  readonly status: number;
  readonly stdout: Uint8Array<ArrayBuffer>;
  readonly text: string;
  readonly errors: string;
}

/** Runs a command line to its end, without a terminal. */
export async function term2ai(
  args: readonly string[],
  { stdin, cwd, env }: { stdin?: Uint8Array | string; cwd?: string; env?: Record<string, string> } = {},
): Promise<Finished> {
  const [program, ...words] = TERM2AI;
  const child = new Deno.Command(program!, {
    args: [...words, ...args],
    stdin: stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd && { cwd }),
    env: { NO_COLOR: "1", ...env },
  }).spawn();
  if (stdin !== undefined) feed(child.stdin, stdin);
  const { code, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, stdout, text: decode(stdout), errors: decode(stderr) };
}

async function feed(stdin: WritableStream<Uint8Array>, data: Uint8Array | string): Promise<void> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const writer = stdin.getWriter();
  await writer.write(bytes).catch(() => {});
  await writer.close().catch(() => {});
}

/** Starts a command line on a terminal of its own, as if somebody sat there. */
export function term2aiOnTerminal(host: PtyHost, args: readonly string[], cwd = "/"): Pty {
  const env = { ...Deno.env.toObject(), TERM: "xterm-256color", LC_ALL: "C.UTF-8", SHELL: "/bin/bash", NO_COLOR: "1" };
  return host.open(ptyOptions([...TERM2AI, ...args], { cwd, env }));
}

/** Runs `body` with a folder that is gone afterwards. */
export async function withFolder<Result>(body: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await Deno.makeTempDir({ prefix: "term2ai-test-" });
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What `info --json` tells about a recording. */
// deno-lint-ignore no-explicit-any -- tests look at single members
export async function infoOf(path: string): Promise<any> {
  const { text, errors, status } = await term2ai(["info", "--json", path]);
  if (status !== 0) throw new Error(errors);
  return JSON.parse(text);
}

/** Whether a program is installed. */
export async function isInstalled(program: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).output();
  return success;
}
