/**
 * Many who look on at one session over the web: what a key takes with them and without, and how they keep up.
 *
 *     deno run -A bench/viewers.ts [--full] [--viewers N]
 *
 * A session prints up to 2 MB a second, as fast as its shell gets to it, and echoes lines. Lines are typed by its owner, at its own socket, first with nobody else
 * there, then while N viewers read over the network, a tenth of them too slowly. The session, the server and the viewers are
 * processes of their own; all share the machine. Viewers are in step as far as one message reaches the first and the last of them
 * at the same time.
 *
 * @module
 */

import { SessionManager } from "../mod.ts";
import { Wire } from "../lib/session/control/http.ts";
import { SocketConnection } from "../lib/session/control/web_socket.ts";
import { fromFileUrl } from "./support/path.ts";

const full = Deno.args.includes("--full");
const count = Deno.args.includes("--viewers") ? Number(Deno.args[Deno.args.indexOf("--viewers") + 1]) : 100;
const SECONDS = full ? 60 : 8;
const CLI = [Deno.execPath(), "run", "--quiet", "-A", fromFileUrl(new URL("../cli.ts", import.meta.url))];

if (Deno.args[0] === "read") await readAll(Deno.args[1]!, Number(Deno.args[2]), Number(Deno.args[3]));
else await measure();

async function measure(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "term2ai-bench-" });
  const env = { TERM2AI_SESSIONS: `${folder}/run`, XDG_DATA_HOME: `${folder}/data`, TERM2AI_SESSION: "" };
  const words = ["env", ...Object.entries(env).map(([name, value]) => `${name}=${value}`), ...CLI];
  const manager = new SessionManager({ directory: env.TERM2AI_SESSIONS, hostCommand: words });
  try {
    await Deno.writeTextFile(`${folder}/block`, ("0123456789".repeat(7) + "\n").repeat(2816));
    const flood = `stty -echo; (while :; do cat ${folder}/block; sleep 0.1; done) & exec cat`;
    const session = await manager.createSession({ name: "x", command: ["sh", "-c", flood], detached: true });
    const alone = await echoes(session, SECONDS);
    const link = await start(words, ["share", "x"]);
    // Viewers are on machines of their own, as a rule; here they are only to take what the others leave.
    const reader = new Deno.Command("nice", {
      args: [
        "-n",
        "19",
        Deno.execPath(),
        "run",
        "--quiet",
        "-A",
        fromFileUrl(new URL(import.meta.url)),
        "read",
        link,
        String(count),
        String(SECONDS + 4),
      ],
      stdout: "piped",
    }).spawn();
    await sleep(3000);
    const before = (await session.info()).outputBytes;
    const watched = await echoes(session, SECONDS);
    const printed = ((await session.info()).outputBytes - before) / SECONDS / 1e6;
    const { inStep, behind, rate, apart } = JSON.parse(new TextDecoder().decode((await reader.output()).stdout));
    console.log(`the session prints ${printed.toFixed(2)} MB/s`);
    console.log(`a line typed and echoed, nobody else there: p50 ${ms(alone, 0.5)}, p99 ${ms(alone, 0.99)}`);
    console.log(`the same with ${count} viewers: p50 ${ms(watched, 0.5)}, p99 ${ms(watched, 0.99)}`);
    console.log(
      `viewers that read: ${inStep.length}, ${
        stats(inStep)
      } screens each, ${rate} MB/s each; the last of them gets a message ${ms(apart, 0.5)} after the first, p95 ${
        ms(apart, 0.95)
      }`,
    );
    console.log(`viewers that read 100 kB/s: ${behind.length}, dropped to the next screen ${stats(behind)} times each`);
    await start(words, ["share", "--revoke", "all"]);
  } finally {
    await manager.deleteSession("x").catch(() => {});
    await Deno.remove(folder, { recursive: true });
  }
}

async function start([program, ...words]: string[], args: string[]): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command(program!, { args: [...words, ...args] }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim();
}

/** Milliseconds from typing a line to seeing it. */
async function echoes(session: Awaited<ReturnType<SessionManager["getSession"]>>, seconds: number): Promise<number[]> {
  const connection = await session.attach({ role: "operator", name: "bench" });
  const seen = new Map<string, () => void>();
  const reading = (async () => {
    let tail = "";
    for (let message = await connection.next(); message; message = await connection.next()) {
      if (!("bytes" in message)) continue;
      tail = (tail + new TextDecoder().decode(message.bytes)).slice(-200_000);
      for (const [word, found] of seen) if (tail.includes(word)) found();
    }
  })();
  const times: number[] = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
    const word = `<${crypto.randomUUID()}>`;
    const { promise, resolve } = Promise.withResolvers<void>();
    seen.set(word, resolve);
    const startedAt = performance.now();
    connection.send(new TextEncoder().encode(`${word}\n`));
    await promise;
    times.push(performance.now() - startedAt);
    seen.delete(word);
    await sleep(40);
  }
  connection.close();
  await reading;
  return times;
}

/** Viewers, in a process of their own. */
async function readAll(link: string, count: number, seconds: number): Promise<void> {
  const url = new URL(link);
  const ends: { bytes: number; screens: number }[] = [];
  const arrivals = new Map<number, { first: number; last: number }>();
  const viewers = Array.from({ length: count }, async (_, at) => {
    const wire = new Wire(await Deno.connect({ hostname: url.hostname, port: Number(url.port) }));
    const headers = [
      `host: ${url.host}`,
      `authorization: Bearer ${url.hash.slice(1)}`,
      "sec-websocket-protocol: v1.alis",
    ];
    const connection = await SocketConnection.over(wire, "/live/x", headers);
    const isSlow = at % 10 === 9;
    const end = ends[at] = { bytes: 0, screens: 0 };
    const until = performance.now() + seconds * 1000;
    for (
      let message = await connection.next();
      message && performance.now() < until;
      message = await connection.next()
    ) {
      if (!("bytes" in message)) continue;
      end.bytes += message.bytes.length;
      if (message.bytes[0] === 1) end.screens++;
      else if (!isSlow) note(arrivals, idIn(message.bytes));
      if (isSlow) await sleep(message.bytes.length / 100);
    }
    connection.drop();
    return isSlow;
  });
  const slow = await Promise.all(viewers);
  const of = (isSlow: boolean) => ends.filter((_, at) => slow[at] === isSlow);
  const bytes = of(false).map(({ bytes }) => bytes);
  console.log(JSON.stringify({
    inStep: of(false).map(({ screens }) => screens),
    behind: of(true).map(({ screens }) => screens - 1),
    rate: (Math.max(...bytes) / seconds / 1e6).toFixed(2),
    apart: [...arrivals.values()].map(({ first, last }) => last - first),
  }));
}

/** The number of a message: LEB128 behind its type. */
function idIn(bytes: Uint8Array): number {
  let id = 0;
  for (let at = 1, scale = 1; at < bytes.length; at++, scale *= 128) {
    id += (bytes[at]! & 127) * scale;
    if (bytes[at]! < 128) break;
  }
  return id;
}

function note(arrivals: Map<number, { first: number; last: number }>, id: number): void {
  const now = performance.now(), known = arrivals.get(id);
  if (known) known.last = now;
  else arrivals.set(id, { first: now, last: now });
}

function ms(times: readonly number[], share: number): string {
  const sorted = [...times].sort((a, b) => a - b);
  return `${sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!.toFixed(1)} ms`;
}

function stats(all: readonly number[]): string {
  return all.length === 0 ? "0" : `${Math.min(...all)} to ${Math.max(...all)}`;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
