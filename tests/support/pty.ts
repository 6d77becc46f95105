/** Small programs on terminals, for tests. */

import { libc } from "../../lib/host/libc.ts";
import type { Pty, PtyHappening, PtyHost, PtyOptions } from "../../lib/ports.ts";
import { concat } from "../../lib/stream/collect.ts";

// The C library stays open once it is loaded; here rather than in the first test that needs it, which would seem to leak it.
if (Deno.build.os === "linux") libc();

/** The options of a program with nothing special about it. */
export function ptyOptions(command: readonly string[], special: Partial<PtyOptions> = {}): PtyOptions {
  const env = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin", TERM: "xterm-256color", LC_ALL: "C.UTF-8" };
  return {
    command,
    cols: 80,
    rows: 24,
    cwd: "/",
    env,
    whenFull: "wait",
    queueBytes: 8 << 20,
    tellTyped: false,
    ...special,
  };
}

/** Runs a shell script on a terminal. */
export function openShell(host: PtyHost, script: string, special: Partial<PtyOptions> = {}): Pty {
  return host.open(ptyOptions(["sh", "-c", script], special));
}

/** All that happens on a terminal. */
export async function* happeningsOf(pty: Pty): AsyncGenerator<PtyHappening, void, void> {
  for (let batch = await pty.next(); batch; batch = await pty.next()) yield* batch;
}

/** Everything that a program prints. */
export async function outputOf(pty: Pty): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  for await (const happening of happeningsOf(pty)) if (happening.kind === "output") chunks.push(happening.data);
  return concat(chunks);
}

/** How many bytes a program prints, without keeping them. */
export async function countOutput(pty: Pty): Promise<number> {
  let bytes = 0;
  for await (const happening of happeningsOf(pty)) if (happening.kind === "output") bytes += happening.data.length;
  return bytes;
}

/** Runs a shell script to its end and gives the terminal back. */
export async function runShell(host: PtyHost, script: string, special: Partial<PtyOptions> = {}) {
  const pty = openShell(host, script, special);
  const output = await outputOf(pty);
  const status = await pty.exited;
  await pty.close();
  return { output, text: new TextDecoder().decode(output), status };
}

/** Reads until the program has printed `wanted`. The stream goes on to be read through the function that is returned. */
export function reading(pty: Pty): { until(wanted: string): Promise<string>; rest(): Promise<string> } {
  const decoder = new TextDecoder();
  let text = "";
  const more = async (): Promise<boolean> => {
    const { promise: patience, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`Nothing more came for 20 s after ${JSON.stringify(text)}`)),
      20_000,
    );
    const happenings = await Promise.race([pty.next(), patience]).finally(() => clearTimeout(timer));
    for (const happening of happenings ?? []) {
      if (happening.kind === "output") text += decoder.decode(happening.data, { stream: true });
    }
    return happenings !== undefined;
  };
  return {
    async until(wanted) {
      while (!text.includes(wanted)) {
        if (!await more()) {
          throw new Error(`The program ended without printing ${JSON.stringify(wanted)}: ${JSON.stringify(text)}`);
        }
      }
      const end = text.indexOf(wanted) + wanted.length;
      const seen = text.slice(0, end);
      text = text.slice(end);
      return seen;
    },
    async rest() {
      while (await more());
      return text;
    },
  };
}

/** SHA-256 in hexadecimal. */
export async function sha256(data: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}

/** Resolves after some milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Descriptors that this process has open. */
export function openDescriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}
