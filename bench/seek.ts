/**
 * How long it takes to be anywhere in a recording of ten hours and 200 MB, in a fresh process, and what others take who feed a
 * terminal from the beginning.
 *
 *     deno run -A bench/seek.ts [--full] [--json]
 *
 * @module
 */

import { loadEmulator, openTimeline, SECOND } from "../mod.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { asciinemaTerminals } from "./support/asciinema_core.ts";
import { longRecording } from "./support/long_recording.ts";
import { median, quantile, Terminal, withFolder } from "./support/measure.ts";
import { fromFileUrl } from "./support/path.ts";
import { TERM2AI } from "./support/recorders.ts";
import { ratioOf } from "./support/ratios.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** What one fresh process has measured, in milliseconds. */
interface Visit {
  readonly open: number;
  readonly seek: number;
  readonly back: number;
  readonly rss: number;
}

/** One visit, in this process: opens, goes to a time, and takes a step back. */
async function visit(path: string, share: number): Promise<Visit> {
  const make = await loadEmulator();
  make({ cols: 80, rows: 24 }).write(new TextEncoder().encode("\x1b[1mwarm\x1b[0m\r\n"));
  await loadCodec(1); // now all modules are loaded
  const began = performance.now();
  const timeline = await openTimeline(await openSource(path), { loadEmulator });
  const opened = performance.now();
  const moment = await timeline.at(share * timeline.duration);
  await timeline.screen(moment);
  const there = performance.now();
  const before = await timeline.step(moment, -1);
  await timeline.screen(before!);
  const back = performance.now();
  timeline.close();
  return { open: opened - began, seek: there - began, back: back - there, rss: Deno.memoryUsage().rss / 1e6 };
}

/** Runs this file once more, in a process of its own. */
async function inOwnProcess(...args: string[]): Promise<Record<string, number>> {
  const own = fromFileUrl(new URL(import.meta.url));
  const { stdout, success, stderr } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", own, ...args] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** What a player does that has no keyframes: it feeds a terminal from the beginning. Measured on `limit` bytes at the most. */
async function fromTheStart(path: string, share: number): Promise<number> {
  const make = await loadEmulator();
  const emulator = make({ cols: 100, rows: 30 });
  const timeline = await openTimeline(await openSource(path), { loadEmulator });
  const end = await timeline.at(share * timeline.duration);
  const began = performance.now();
  for await (const event of timeline.forward(timeline.beginning, end)) {
    if (event.kind === "output") emulator.write(event.data);
  }
  timeline.close();
  return performance.now() - began;
}

/** The same with the terminal of asciinema's player, which does that for each seek. */
async function peerFromTheStart(path: string, share: number): Promise<number> {
  const terminal = (await asciinemaTerminals())(100, 30);
  const timeline = await openTimeline(await openSource(path), { loadEmulator });
  const end = await timeline.at(share * timeline.duration);
  const decoder = new TextDecoder();
  const began = performance.now();
  for await (const event of timeline.forward(timeline.beginning, end)) {
    if (event.kind === "output") terminal.feed(decoder.decode(event.data, { stream: true }));
  }
  timeline.close();
  return performance.now() - began;
}

/** Milliseconds from the start of `play --at` to the screen being drawn on its terminal. */
async function firstPicture(path: string, at: number): Promise<number> {
  const began = performance.now();
  const terminal = new Terminal([...TERM2AI, "play", "--paused", "--at", String(at), path]);
  let seen = "";
  while (!/line \d/.test(seen)) seen += terminal.text(terminal.read());
  const took = performance.now() - began;
  terminal.write(new TextEncoder().encode("q"));
  terminal.drain();
  await terminal.close();
  return took;
}

/** Visits in turn. */
export async function seek({ full }: BenchOptions): Promise<Table> {
  const rounds = full ? 20 : 8;
  const megabytes = full ? 200 : 50;
  return await withFolder(async (folder) => {
    const path = `${folder}/long.t2a`;
    const { bytes, duration } = await longRecording(path, megabytes * 1e6, 36_000 * SECOND);
    const visits: Record<string, number>[] = [], pictures: number[] = [], starts: number[] = [], peers: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const share = (round * 0.618034 + 0.1) % 1;
      visits.push(await inOwnProcess("--visit", path, String(share)));
      pictures.push(await firstPicture(path, Math.floor(share * duration / SECOND)));
      if (round >= 2) continue;
      starts.push((await inOwnProcess("--start", path, String(share))).ms!);
      peers.push((await inOwnProcess("--peer", path, String(share))).ms!);
    }
    const row = (
      name: string,
      values: readonly number[],
    ) => [name, median(values).toFixed(1), quantile(values, 0.95).toFixed(1)];
    return {
      title: `Anywhere in ${megabytes} MB of output over ten hours`,
      columns: ["", "p50", "p95"],
      rows: [
        row("open, ms", visits.map((each) => each.open!)),
        row("open and go to a random time, ms", visits.map((each) => each.seek!)),
        row("a step back from there, ms", visits.map((each) => each.back!)),
        row("resident memory, MB", visits.map((each) => each.rss!)),
        row("`play --at`: from the start of the process to the picture, ms", pictures),
        row("feeding our emulator from the beginning to there, ms", starts),
        row("feeding that of asciinema-player from the beginning to there, ms", peers),
      ],
      note: `${rounds} fresh processes each, file in the page cache (${(bytes / 1e6).toFixed(1)} MB).`,
      runs: { visits, pictures, starts, peers },
      ratios: [
        ratioOf(
          "a seek, times faster than feeding from the start",
          "more",
          starts,
          visits.map(({ seek }) => seek!).slice(0, 2),
        ),
      ],
    };
  });
}

if (import.meta.main) {
  const [what, path, share] = Deno.args;
  if (what === "--visit") console.log(JSON.stringify(await visit(path!, Number(share))));
  else if (what === "--peer") console.log(JSON.stringify({ ms: await peerFromTheStart(path!, Number(share)) }));
  else if (what === "--start") console.log(JSON.stringify({ ms: await fromTheStart(path!, Number(share)) }));
  else await runAlone(seek);
}
