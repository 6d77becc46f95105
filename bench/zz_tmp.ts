import process from "node:process";
import { findSecrets, redact, Secrets } from "../lib/security/redact.ts";
import { PLAIN, plainText } from "../tests/support/plain_texts.ts";
const secs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
function* outs(data: Uint8Array): any { yield { kind: "header", time: 0, header: { cols: 120, rows: 40 } }; for (let at = 0; at < data.length; at += 16384) yield { kind: "output", time: at, data: data.subarray(at, at + 16384) }; }
const so = (e: any) => ReadableStream.from((function* () { for (const x of e) yield [x]; })());
for (const kind of (Deno.args[0] ? Array(4).fill(Deno.args[0]) : Object.keys(PLAIN))) {
  const data = new TextEncoder().encode(plainText(kind, 6e6, 3));
  const s = secs(); for await (const _ of so(outs(data)).pipeThrough(redact(new Secrets()) as any)); const t = secs() - s;
  const s2 = secs(); const { findings } = await findSecrets(() => so(outs(data)) as any); const t2 = secs() - s2;
  console.log(kind.padEnd(22), (data.length / 1e6 / t).toFixed(1), "live", (data.length / 1e6 / t2).toFixed(1), "stored", findings.list.length, "false");
}
if (!Deno.args[0]) { const d = new TextEncoder().encode("password=".repeat(1820)); const s = secs();
const ev = (function* () { yield { kind: "header", time: 0, header: { cols: 120, rows: 40 } }; for (let i = 0; i < 120; i++) yield { kind: "output", time: i, data: d }; })();
for await (const _ of so(ev).pipeThrough(redact(new Secrets()) as any)); console.log("password=", (d.length * 120 / 1e6 / (secs() - s)).toFixed(2), "MB/s"); }
