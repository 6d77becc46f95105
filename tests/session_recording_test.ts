import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { asciicastV3, openRecording, t2a } from "../formats/mod.ts";
import type { EventOf, SessionEvent } from "../lib/event.ts";
import { PtyError, SessionError } from "../lib/errors.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { hostFacts } from "../lib/host/facts.ts";
import { SessionRecorder, type SessionRecorderOptions } from "../lib/record/session_recorder.ts";
import { collect, collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { StatsCounter } from "../lib/transform/stats.ts";
import { streamSource } from "../lib/stream/source.ts";
import { sha256, sleep } from "./support/pty.ts";

const host = await choosePtyHost();
const facts = {
  ...hostFacts(),
  cwd: "/",
  env: { PATH: "/usr/local/bin:/usr/bin:/bin", TERM: "xterm-256color", LC_ALL: "C.UTF-8" },
};

function recorderOf(command: readonly string[], options: Partial<SessionRecorderOptions> = {}): SessionRecorder {
  return new SessionRecorder(host, { command, facts, ...options });
}

function only<Kind extends SessionEvent["kind"]>(events: readonly SessionEvent[], kind: Kind): EventOf<Kind>[] {
  return events.filter((event): event is EventOf<Kind> => event.kind === kind);
}

function outputText(events: readonly SessionEvent[]): string {
  return new TextDecoder().decode(concat(only(events, "output").map((event) => event.data)));
}

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("SessionRecorder yields header first, exit last, and times that never run backwards", async () => {
  const events = await collect(recorderOf(["sh", "-c", "echo one; sleep 0.1; echo two; exit 3"]).events);
  equal(events[0]!.kind, "header");
  deepEqual(events.at(-1), { kind: "exit", time: events.at(-1)!.time, status: { code: 3 } });
  equal(outputText(events), "one\r\ntwo\r\n");
  const times = events.map((event) => event.time);
  deepEqual(times, times.toSorted((a, b) => a - b));
  equal(only(events, "clock").length >= 1, true);
});

Deno.test("SessionRecorder tells a signal that ended the program", async () => {
  const events = await collect(recorderOf(["sh", "-c", "kill -SEGV $$"]).events);
  deepEqual(only(events, "exit")[0]!.status, { signal: "SIGSEGV" });
});

Deno.test("SessionRecorder throws before anything starts when the program cannot be run", () => {
  try {
    recorderOf(["no-such-program"]);
    ok(false, "it started");
  } catch (error) {
    ok(error instanceof PtyError && error.errno === "ENOENT");
  }
});

Deno.test("SessionRecorder puts markers, sizes and signals where they happened", async () => {
  const recorder = recorderOf(["sh", "-c", "trap 'echo got it; exit' INT; echo start; while :; do sleep 0.05; done"]);
  const collected = collect(recorder.events);
  await sleep(200);
  recorder.mark("before");
  recorder.resize(120, 40);
  recorder.signal("SIGINT");
  const events = await collected;
  const kinds = events.filter((event) => event.kind !== "clock").map((event) => event.kind);
  deepEqual(kinds, ["header", "output", "marker", "resize", "signal", "output", "exit"]);
  await rejects(async () => await Promise.resolve(recorder.mark("late")), SessionError);
});

Deno.test("SessionRecorder leaves a gap for a pause, and the program runs on", async () => {
  const recorder = recorderOf(["sh", "-c", "echo before; sleep 0.4; echo hidden; sleep 0.4; echo after"]);
  const collected = collect(recorder.events);
  await sleep(200);
  recorder.pause();
  await sleep(400);
  recorder.resume();
  const events = await collected;
  equal(outputText(events), "before\r\nafter\r\n");
  deepEqual(only(events, "gap").map(({ reason, bytes }) => [reason, bytes]), [["paused", undefined], ["resumed", 8]]);
});

Deno.test("SessionRecorder records what is typed into it only if asked, and never a password", async () => {
  const script = "read name; stty -echo; read password; stty echo; echo done $name";
  const typed = async (input: "off" | "on" | "all") => {
    const recorder = recorderOf(["bash", "-c", script], { input });
    const events = collect(recorder.events);
    await sleep(200);
    await recorder.write(bytes("ada\n"));
    await sleep(200);
    await recorder.write(bytes("s3cret\n"));
    const all = await events;
    equal(outputText(all), "ada\r\ndone ada\r\n");
    return [only(all, "input").map((event) => new TextDecoder().decode(event.data)).join(""), only(all, "note").length];
  };
  deepEqual(await typed("off"), ["", 0]);
  deepEqual(await typed("on"), ["ada\n", 1]);
  deepEqual(await typed("all"), ["ada\ns3cret\n", 0]);
});

Deno.test("SessionRecorder records what a shell echoes itself", async () => {
  const recorder = recorderOf(["bash", "--norc", "-i"], { input: "on" });
  const events = collect(recorder.events);
  await sleep(300);
  for (const key of "echo hi\rexit\r") {
    await recorder.write(bytes(key));
    await sleep(20);
  }
  const typed = concat(only(await events, "input").map((event) => event.data));
  equal(new TextDecoder().decode(typed), "echo hi\rexit\r");
});

Deno.test("SessionRecorder keeps all 100 MB of random bytes that a program prints in raw mode", async () => {
  const folder = await Deno.makeTempDir();
  const script = `stty raw; head -c 100000000 /dev/urandom | tee ${folder}/printed`;
  const stored = recorderOf(["sh", "-c", script]).events.pipeThrough(t2a.encoder());
  await stored.pipeTo((await Deno.create(`${folder}/recording.t2a`)).writable);
  const { events } = await openRecording(
    streamSource("recording.t2a", Deno.openSync(`${folder}/recording.t2a`).readable),
  );
  const output: Uint8Array[] = [];
  for await (const batch of events) for (const event of batch) if (event.kind === "output") output.push(event.data);
  equal(await sha256(concat(output)), await sha256(await Deno.readFile(`${folder}/printed`)));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("SessionRecorder takes a paste of 1 MB whole", async () => {
  const paste = new Uint8Array(1_000_000).map((_, at) => at * 31 + (at >> 8));
  const recorder = recorderOf(["sh", "-c", "stty raw -echo; echo ready; head -c 1000000 | sha256sum"]);
  const events = collect(recorder.events);
  await sleep(200);
  await recorder.write(paste);
  equal(outputText(await events).slice(-68, -4), await sha256(paste));
});

Deno.test("SessionRecorder's recording of a shell converts to asciicast and back with every byte", async () => {
  const recorder = recorderOf(["bash", "--norc", "-i"], { cols: 100, rows: 30 });
  const typing = (async () => {
    for (const line of ["echo grüße 漢字 🎉\n", "printf '\\033[1;31mred\\033[m\\n'\n", "exit 4\n"]) {
      await sleep(150);
      await recorder.write(bytes(line));
    }
  })();
  const events = await collect(recorder.events);
  await typing;
  const native = await collectBytes(streamOf(...events).pipeThrough(t2a.encoder()));
  const fromNative = await collect(new Blob([native]).stream().pipeThrough(t2a.decoder()));
  deepEqual(fromNative, events);
  const cast = await collectBytes(streamOf(...fromNative).pipeThrough(asciicastV3.encoder()));
  const back = await collect(new Blob([cast]).stream().pipeThrough(asciicastV3.decoder()));
  equal(outputText(back), outputText(events));
  match(outputText(back), /grüße 漢字 🎉/);
  const counter = new StatsCounter();
  back.forEach((event) => counter.push(event));
  deepEqual(counter.result().exit, { code: 4 });
});

Deno.test("SessionRecorder ends the program when its events are cancelled", async () => {
  const recorder = recorderOf(["sleep", "60"]);
  const reader = recorder.events.getReader();
  await reader.read();
  await reader.cancel();
  deepEqual(await recorder.exited, { signal: "SIGHUP" });
});

Deno.test("SessionRecorder.stop() ends the program, and the events still come to their end", async () => {
  const recorder = recorderOf(["sh", "-c", "trap 'echo bye; exit 9' HUP; echo hi; while :; do sleep 0.05; done"]);
  const events = collect(recorder.events);
  await sleep(200);
  await recorder.stop();
  const all = await events;
  match(outputText(all), /^hi\r\n[^]*bye\r\n$/);
  deepEqual(only(all, "exit")[0]!.status, { code: 9 });
});

/** By how much the times between lines differ from those that the program noted itself, sorted. */
async function stampErrors(): Promise<number[]> {
  // The program prints the monotonic time of each line, taken just before it is written.
  const script = "import time,sys\nfor i in range(400):\n print(time.monotonic_ns(), flush=True)\n time.sleep(0.003)";
  const events = await collect(recorderOf(["python3", "-c", script]).events);
  const native = await collectBytes(streamOf(...events).pipeThrough(t2a.encoder()));
  const outputs = only(await collect(new Blob([native]).stream().pipeThrough(t2a.decoder())), "output");
  deepEqual(outputs.map((event) => event.time), only(events, "output").map((event) => event.time));
  const pairs = outputs.flatMap((event) => {
    const lines = new TextDecoder().decode(event.data).trim().split(/\s+/).map(Number);
    return lines.length === 1 ? [{ recorded: event.time, printed: lines[0]! }] : [];
  });
  ok(pairs.length > 100, `${pairs.length} lines came alone`);
  return pairs.slice(1).map((pair, at) =>
    Math.abs((pair.recorded - pairs[at]!.recorded) - (pair.printed - pairs[at]!.printed))
  ).sort((a, b) => a - b);
}

Deno.test("SessionRecorder stamps what a program prints within a millisecond of when it did", async () => {
  const share = (errors: readonly number[], part: number) => errors[Math.floor(errors.length * part)]! / 1e3;
  const tries: number[][] = [];
  // Whatever else runs may disturb a second of it, and hardly all of them.
  while (tries.length < 5 && !(share(tries.at(-1) ?? [], 0.9) < 1000)) tries.push(await stampErrors());
  const [median, most] = [share(tries.at(-1)!, 0.5), share(tries.at(-1)!, 0.99)];
  console.log(
    `    deltas are off by ${median.toFixed(0)} µs at the median, ${most.toFixed(0)} µs at the 99th percentile`,
  );
  ok(share(tries.at(-1)!, 0.9) < 1000, "nine of ten deltas are off by less than a millisecond");
});
