import { deepEqual, equal, ok } from "node:assert/strict";
import type { SessionEvent } from "../lib/event.ts";
import { MILLISECOND } from "../lib/event.ts";
import { streamOf } from "../lib/stream/collect.ts";
import { collect } from "../lib/stream/collect.ts";
import { findSecrets, redact, REDACTION_RULES, redactPlanned, Secrets } from "../lib/security/redact.ts";
import { sample } from "../lib/security/redaction/rule.ts";
import { type Carrier, CARRIERS, residue, secretIn } from "./support/carriers.ts";
import { header, output } from "./support/events.ts";

const live = (events: readonly SessionEvent[], secrets = new Secrets()) =>
  collect(streamOf(...events).pipeThrough(redact(secrets)));
const stored = async (events: readonly SessionEvent[], secrets = new Secrets()) =>
  await collect(streamOf(...events).pipeThrough(redactPlanned(await findSecrets(() => streamOf(...events), secrets))));

const NOTHING_ELSE = new Secrets();

/** What is wrong with a recording from which a secret should be gone. */
async function leaks(events: readonly SessionEvent[], secret: string): Promise<string | undefined> {
  const left = residue(events, secret);
  if (left !== undefined) return `left: ${left}`;
  const { findings } = await findSecrets(() => streamOf(...events), NOTHING_ELSE);
  return findings.list.length > 0 ? `found again: ${findings.list[0]!.rule}` : undefined;
}

async function check(carrier: Carrier, run: typeof live): Promise<string[]> {
  const faults: string[] = [];
  for (const rule of REDACTION_RULES) {
    const text = sample(rule.hides[0]!);
    for (const events of carrier.carry(text)) {
      const fault = await leaks(await run(events), secretIn(text));
      if (fault) faults.push(`${rule.name}: ${fault}`);
    }
  }
  return [...new Set(faults)];
}

for (const carrier of CARRIERS) {
  Deno.test(`redact() hides the secret of every rule: ${carrier.name}`, async () => {
    deepEqual(await check(carrier, live), []);
  });
  Deno.test(`findSecrets() and redactPlanned() hide the secret of every rule: ${carrier.name}`, async () => {
    deepEqual(await check(carrier, stored), []);
  });
}

/** Drawn from its end to its beginning, with a pause in it; not what has several lines. */
function backwards(text: string, pauseBehind: number): SessionEvent[] {
  const events: SessionEvent[] = [header({ cols: 600, rows: 24 }), output(0, `\x1b[${text.length + 4}G`)];
  [...text].reverse().forEach((char, n) =>
    events.push(output(1 + n + (n >= pauseBehind ? 400 * MILLISECOND : 0), char + "\x1b[2D"))
  );
  return [...events, output(900 * MILLISECOND, "\r\n$ ")];
}

Deno.test("redact() masks nothing in part that was passed on in part, so that findSecrets() finds it afterwards: drawn backwards", async () => {
  const faults: string[] = [];
  for (const rule of REDACTION_RULES) {
    const text = sample(rule.hides[0]!);
    if (text.includes("\r\n")) continue;
    for (const part of [0, 0.2, 0.5, 0.9]) {
      const events = backwards(text, Math.floor(part * text.length));
      const first = await live(events, new Secrets()), { findings } = await findSecrets(() => streamOf(...first));
      const secret = [...secretIn(text)].reverse().join("");
      const isLeft = residue(first, secret) !== undefined;
      if (isLeft && findings.list.length === 0) faults.push(`${rule.name}: not found any more after ${part}`);
      const fault = await leaks(await stored(first), secret);
      if (fault) faults.push(`${rule.name}: ${fault} after ${part}`);
    }
  }
  deepEqual(faults, []);
});

Deno.test("every rule of redaction finds its own samples, and none finds what only looks alike", () => {
  ok(REDACTION_RULES.length >= 40);
  equal(new Set(REDACTION_RULES.map(({ name }) => name)).size, REDACTION_RULES.length);
  for (const { name, hides, keeps } of REDACTION_RULES) {
    ok(hides.length > 0 && keeps.length > 0, name);
    for (const template of hides) ok(secretIn(sample(template)).length > 0, `${name} misses ${sample(template)}`);
    for (const template of keeps) equal(secretIn(sample(template)), "", `${name} takes ${sample(template)}`);
  }
});

Deno.test("redact() leaves everything else byte for byte as it was", async () => {
  const plain = [
    header({ title: "A build", env: { LANG: "C", TERM: "xterm" } }),
    output(1, "\x1b[1mhello\x1b[0m w\u00f6rld \u6f22\u5b57\r\n\x1b]0;~/src\x07$ "),
    { kind: "output", time: 2, data: Uint8Array.of(0xff, 0xfe, 0x1b, 0x5b, 0xc3) },
    { kind: "input", time: 3, data: new TextEncoder().encode("ls\x7f\x7f\x15cd\r") },
    { kind: "resize", time: 4, cols: 100, rows: 30 },
    { kind: "exit", time: 400 * MILLISECOND, status: { code: 0 } },
  ] satisfies SessionEvent[];
  deepEqual(await live(plain), plain);
  deepEqual(await stored(plain), plain);
});
