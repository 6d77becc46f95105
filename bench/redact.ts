/**
 * How fast secrets are looked for, how much is taken for one that is none, and what hostile output costs.
 *
 *     deno run -A bench/redact.ts [--full]
 *
 * Processor time of the whole process, so that a busy machine changes little.
 * @module
 */

import process from "node:process";
import type { SessionEvent } from "../lib/event.ts";
import { findSecrets, redact, Secrets } from "../lib/security/redact.ts";
import { PLAIN, plainText } from "../tests/support/plain_texts.ts";

const CHUNK = 16_384;

function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function* outputs(data: Uint8Array): Iterable<SessionEvent> {
  yield { kind: "header", time: 0, header: { cols: 120, rows: 40 } };
  for (let at = 0; at < data.length; at += CHUNK) {
    yield { kind: "output", time: at, data: data.subarray(at, at + CHUNK) };
  }
}

const streamOf = (events: Iterable<SessionEvent>) =>
  ReadableStream.from((function* () {
    for (const event of events) yield [event];
  })());

async function live(events: Iterable<SessionEvent>, secrets = new Secrets()): Promise<number> {
  const start = seconds();
  for await (const _ of streamOf(events).pipeThrough(redact(secrets)));
  return seconds() - start;
}

/** So many bytes of each kind of text that holds no secret. */
async function plain(bytes: number): Promise<void> {
  for (const kind of Object.keys(PLAIN)) {
    const data = new TextEncoder().encode(plainText(kind, bytes, 3)), megabytes = data.length / 1e6;
    const time = await live(outputs(data));
    const known = await live(outputs(data), new Secrets({ literals: ["correct-horse", "battery-staple"] }));
    const start = seconds();
    const { findings } = await findSecrets(() => streamOf(outputs(data)));
    const stored = seconds() - start;
    const speed = (time: number) => `${(megabytes / time).toFixed(0)} MB/s`.padStart(9);
    console.log(
      `${kind.padEnd(22)} as it comes ${speed(time)}, with known values ${speed(known)}, stored ${speed(stored)}, ` +
        `${findings.list.length} false in ${megabytes.toFixed(0)} MB`,
    );
  }
}

/** What a program prints that wants to do harm. */
async function hostile(bytes: number): Promise<void> {
  const piece = (text: string) => new TextEncoder().encode(text.repeat(Math.ceil(CHUNK / text.length)));
  const cases: Readonly<Record<string, readonly [first: string, rest: string]>> = {
    "a string without an end": ["\x1b]52;c;", "QUJDREVG"],
    "one line without an end": ["", "x"],
    "nested escapes": ["", "\x1b[\x1b]\x1b\x1bP\x1b[1;"],
    "beginnings of secrets": ["", "password="],
  };
  for (const [name, [first, rest]] of Object.entries(cases)) {
    const data = piece(rest);
    const events = function* (): Iterable<SessionEvent> {
      yield { kind: "header", time: 0, header: { cols: 120, rows: 40 } };
      yield { kind: "output", time: 0, data: new TextEncoder().encode(first) };
      for (let sent = 0, time = 1; sent < bytes; sent += data.length) yield { kind: "output", time: time++, data };
    };
    const before = Deno.memoryUsage().rss;
    const time = await live(events());
    const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
    console.log(`${name.padEnd(26)} ${bytes / 1e6} MB in ${time.toFixed(1)} s, memory grew by ${grown.toFixed(0)} MiB`);
  }
}

if (import.meta.main) {
  const isFull = Deno.args.includes("--full");
  await plain(isFull ? 10e6 : 2e6);
  await hostile(isFull ? 100e6 : 10e6);
}
