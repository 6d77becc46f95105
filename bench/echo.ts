/**
 * How long a typed byte takes to come back, through a recorder and without one.
 *
 *     deno run -A bench/echo.ts [--full] [--json]
 *
 * @module
 */

import { median, now, quantile, Terminal, wait, withFolder } from "./support/measure.ts";
import { ratioOf } from "./support/ratios.ts";
import { BARE, installedPeers, OURS, type Recorder } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** Says that it is ready, then gives back so many bytes, each at once. */
const echoing = (bytes: number) => `stty raw -echo; printf READY; exec dd bs=1 count=${bytes} status=none`;
/** Far longer than any echo here takes. */
const PATIENCE_MS = 5000;

/** Every recorder once per round. */
export async function echo({ full }: BenchOptions): Promise<Table> {
  const recorders = [BARE, OURS, ...await installedPeers()];
  const rounds = full ? 9 : 3;
  const found = new Map(recorders.map((recorder) => [recorder, [] as number[][]]));
  const without: string[] = [];
  await withFolder(async (folder) => {
    for (let round = 0; round < rounds; round++) {
      for (const [recorder, all] of found) {
        try {
          all.push(await delays(recorder, `${folder}/x${round}`, full ? 2000 : 500));
        } catch (error) {
          if (recorder === OURS || recorder === BARE) throw error;
          found.delete(recorder);
          without.push(recorder.name);
        }
      }
    }
  });
  return {
    title: "Echo of a typed byte",
    columns: ["", "p50 µs", "p90 µs", "p99 µs", "most µs"],
    rows: [...found].map(([{ name }, all]) => [
      name,
      ...[0.5, 0.9, 0.99, 1].map((part) => median(all.map((round) => quantile(round, part) / 1000)).toFixed(1)),
    ]),
    note: `Median of ${rounds} rounds of ${full ? 2000 : 500} bytes, 1 ms apart.` +
      (without.length > 0 ? ` Not measured, since they do not give the bytes back: ${without.join(", ")}.` : ""),
    runs: [...found].map(([{ name }, rounds]) => ({ name, rounds })),
    ratios: [0.5, 0.99].flatMap((part) => {
      const ttyrec = [...found].find(([{ name }]) => name === "ttyrec")?.[1];
      const of = (all: readonly number[][]) => all.map((round) => quantile(round, part));
      return ttyrec ? [ratioOf(`echo, p${part * 100}, of ttyrec's`, "less", of(found.get(OURS)!), of(ttyrec))] : [];
    }),
  };
}

/** The round trips of so many bytes, in nanoseconds. */
async function delays(recorder: Recorder, file: string, bytes: number): Promise<number[]> {
  const terminal = new Terminal(recorder.line(echoing(bytes), file));
  let seen = "";
  for (const start = now(); !seen.includes("READY");) {
    if (now() - start > PATIENCE_MS * 1e6) return await giveUp(terminal, `${recorder.name}: it does not start`);
    if (terminal.hasOutput(20)) seen += terminal.text(terminal.read());
  }
  wait(300); // a recorder may still be warming up, as it is for nobody who types by hand
  const found: number[] = [];
  for (let at = 0; at < bytes; at++) {
    const sent = now();
    terminal.write(Uint8Array.of(97 + at % 26));
    if (!terminal.hasOutput(PATIENCE_MS)) return await giveUp(terminal, `${recorder.name}: a byte did not come back`);
    terminal.read();
    found.push(now() - sent);
    wait(1);
  }
  terminal.drain();
  await terminal.close();
  return found;
}

async function giveUp(terminal: Terminal, why: string): Promise<never> {
  Deno.kill(terminal.pid, "SIGKILL");
  await terminal.close();
  throw new Error(`Cannot measure ${why}`);
}

if (import.meta.main) await runAlone(echo);
