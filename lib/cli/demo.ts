/**
 * `term2ai demo`: records a small scripted session on a real terminal, stores it, tells what it recorded and replays it.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { openRecording } from "../../formats/mod.ts";
import { countStats } from "../transform/stats.ts";
import { inert } from "../transform/inert.ts";
import { hostFacts } from "../host/facts.ts";
import { choosePtyHost } from "../host/pty.ts";
import { SessionRecorder } from "../record/session_recorder.ts";
import { SessionPlayer } from "../replay/session_player.ts";
import type { Context } from "./program/context.ts";
import { Exit } from "./program/failure.ts";
import { PrivateFile } from "../host/private_file.ts";
import { T2aSink } from "../session/recording/t2a_sink.ts";
import { recordTo } from "../session/recording/record_to.ts";
import { openSource, print, stdoutSink } from "./source/stdio.ts";
import { formatBytes, formatTime } from "./program/time.ts";
import { VERSION } from "./program/version.ts";

/** What somebody types, and the pause before it in milliseconds. */
const SCRIPT: readonly [number, string][] = [
  [300, "echo 'Hello from a real terminal'\r"],
  [200, "tty; stty size\r"],
  [200, `printf '\\033[1;3%dm colour %d \\033[0m' 1 1 2 2 4 4; echo\r`],
  [200, "for i in 1 2 3; do echo step $i; sleep 0.2; done\r"],
  [900, "exit 3\r"], // after the loop: typed ahead, it would show in the middle of it
];
const SPEED = 2;

export const command: Command<Context> = buildCommand({
  async func() {
    const folder = await Deno.makeTempDir({ prefix: "term2ai-demo-" });
    try {
      const path = `${folder}/demo.t2a`;
      await print("1. Recording a shell on a pseudo-terminal …\n");
      await record(path);
      await print(`2. Stored in ${path}, ${formatBytes((await Deno.stat(path)).size)}:\n`);
      await describe(path);
      await print(`3. Replaying it at ${SPEED} times its speed:\n\n`);
      await replay(path);
      await print("\nNow your own: term2ai rec my.t2a, then term2ai play my.t2a\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
  parameters: {},
  docs: {
    brief: "record, store and replay a small session, to see it work",
    fullDescription:
      "Records a small scripted shell session on a real terminal, stores it, tells what it recorded, and replays it.",
  },
});

async function record(path: string): Promise<void> {
  const facts = hostFacts();
  const recorder = new SessionRecorder(await choosePtyHost(), {
    command: ["sh", "-i"],
    facts: { ...facts, env: { ...facts.env, TERM: "xterm-256color", PS1: "$ ", ENV: "" } },
    metadata: { title: "term2ai demo", recorder: `term2ai ${VERSION}` },
    input: "on",
  });
  const file = await PrivateFile.create(path, "refuse");
  const stored = recordTo(recorder, new T2aSink({ file, mustStore: true }));
  for (const [pause, keys] of SCRIPT) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (keys.startsWith("for")) recorder.mark("a loop");
    await recorder.write(new TextEncoder().encode(keys));
  }
  await stored;
  file.close();
}

async function describe(path: string): Promise<void> {
  const { events, reader, report } = await openRecording(await openSource(path));
  const { events: count, outputBytes, markers, duration, exit } = await countStats(events);
  const ended = exit && "code" in exit ? `exit ${exit.code}` : "no exit";
  await print(
    `   ${reader.title}, ${report.completeness}: ${count} events, ${outputBytes} bytes of output, ` +
      `${markers} marker, ${formatTime(duration)}, ${ended}\n`,
  );
  if (report.completeness !== "complete" || outputBytes === 0) throw new Exit(1);
}

async function replay(path: string): Promise<void> {
  const { events } = await openRecording(await openSource(path));
  const { clock } = await choosePtyHost();
  const player = new SessionPlayer(events, { clock, speed: SPEED });
  const sink = stdoutSink().getWriter();
  for await (const batch of player.events.pipeThrough(inert())) {
    for (const event of batch) if (event.kind === "output") await sink.write(event.data);
  }
}
