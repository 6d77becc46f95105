import { equal, ok } from "node:assert/strict";
import { openRecording } from "../formats/mod.ts";
import { analyze } from "../lib/analyze/analyze.ts";
import { CommandAnalyzer } from "../lib/analyze/commands/command_analyzer.ts";
import { ErrorAnalyzer } from "../lib/analyze/errors/error_analyzer.ts";
import { PerformanceAnalyzer } from "../lib/analyze/performance/performance_analyzer.ts";
import { FormatError } from "../lib/errors.ts";
import { blobSource } from "../lib/stream/source.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";

const FOLDER = new URL("../../shared/casts/", import.meta.url);

Deno.test("recordings from elsewhere are analysed without a crash, and no command is told as certain", async () => {
  const emulator = await loadEmulator();
  let files = 0, guessed = 0;
  try {
    for await (const { name, isFile } of Deno.readDir(FOLDER)) {
      if (!isFile || !/\.(?:cast|json)$/.test(name)) continue;
      const commands = new CommandAnalyzer(), timing = new PerformanceAnalyzer(), errors = new ErrorAnalyzer();
      const source = blobSource(name, new Blob([await Deno.readFile(new URL(name, FOLDER))]));
      const recording = await openRecording(source).catch((error) => {
        if (!(error instanceof FormatError)) throw error; // some are there because they are none
      });
      if (!recording) continue;
      await analyze(recording.events, [commands, timing, errors], { emulator });
      const { confidence, history } = commands.result();
      equal(confidence.exact, 0, `${name}: ${history.map(({ text }) => text)}`);
      ok(timing.result().duration >= 0);
      errors.result();
      guessed += confidence.guessed;
      if (confidence.guessed + confidence.reported > 0) {
        console.log(`  ${name}: ${history.map(({ text, confidence }) => `${confidence} ${text}`).join(" | ")}`);
      }
      files++;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return console.log("  skipped: ../shared/casts is absent");
  }
  ok(files > 20, `${files} files, ${guessed} guessed`);
});
