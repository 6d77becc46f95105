import { deepEqual, equal, ok } from "node:assert/strict";
import { analyze } from "../lib/analyze/analyze.ts";
import { CommandAnalyzer } from "../lib/analyze/commands/command_analyzer.ts";
import { DigestCounter, digestOf } from "../lib/analyze/commands/command_digest.ts";
import { hasFailed } from "../lib/analyze/commands/command_line.ts";
import { CommandList } from "../lib/analyze/commands/command_list.ts";
import { ErrorAnalyzer } from "../lib/analyze/errors/error_analyzer.ts";
import { SessionTracer } from "../lib/analyze/export/otlp.ts";
import { PerformanceAnalyzer } from "../lib/analyze/performance/performance_analyzer.ts";
import type { SessionEvent } from "../lib/event.ts";
import { streamOf } from "../lib/stream/collect.ts";
import { type Scripted, type ScriptedSession, scriptedSession } from "./support/scripted_sessions.ts";

const SESSIONS: readonly ScriptedSession[] = Array.from({ length: 20 }, (_, index) => scriptedSession(index + 1));
const ALL = SESSIONS.flatMap(({ script }) => script);
const median = (values: readonly number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.max(1, Math.ceil(part * values.length)) - 1];

function counts(names: readonly string[]): Map<string, number> {
  const all = new Map<string, number>();
  for (const name of names) all.set(name, (all.get(name) ?? 0) + 1);
  return all;
}

Deno.test("the list of commands is the script, command by command", async () => {
  for (const { events, script } of SESSIONS) {
    const list = new CommandList();
    await analyze(streamOf(...events), [list]);
    deepEqual(
      list.result().map(({ text, exitCode, cwd, durationSeconds, outputBytes, confidence }) => (
        { text, exitCode, cwd, durationSeconds, outputBytes, confidence }
      )),
      script.map(({ text, code, cwd, took, output }) => ({
        text,
        exitCode: code,
        cwd,
        durationSeconds: took / 1000,
        outputBytes: new TextEncoder().encode(output).length,
        confidence: "exact",
      })),
    );
  }
});

Deno.test("CommandAnalyzer counts over many sessions what their scripts say", async () => {
  const analyzer = new CommandAnalyzer();
  for (const { events } of SESSIONS) await analyze(streamOf(...events), [analyzer]);
  const result = analyzer.result();
  const took = ALL.map(({ took }) => took * 1e6);
  equal(result.sessions, 20);
  equal(result.commands, ALL.length);
  deepEqual(result.confidence, { exact: ALL.length, reported: 0, guessed: 0 });
  equal(result.failed, ALL.filter(({ code, text }) => hasFailed(code, text)).length);
  deepEqual(
    new Map(result.exitCodes.map(({ code, count }) => [String(code), count])),
    counts(ALL.map(({ code }) => String(code))),
  );
  const { count, total, p50, p95, max } = result.duration!;
  deepEqual([count, p50, p95, max], [ALL.length, median(took, 0.5), median(took, 0.95), Math.max(...took)]);
  ok(Math.abs(total - took.reduce((sum, value) => sum + value)) < 1);
  deepEqual(result.slowest.map(({ start, end }) => end! - start), [...took].sort((a, b) => b - a).slice(0, 10));
  deepEqual(new Map(result.directories.map(({ name, count }) => [name, count])), counts(ALL.map(({ cwd }) => cwd)));
  deepEqual(
    new Map(result.programs.map(({ name, count }) => [name, count])),
    counts(ALL.flatMap(({ text }) => text.split(" | ").map((part) => part.split(" ")[0]!))),
  );
  const piped = ALL.filter(({ text }) => text.includes(" | "));
  deepEqual(result.pipelines, {
    count: piped.length,
    longest: Math.max(...piped.map(({ text }) => text.split(" | ").length)),
  });
  const git = result.subcommands.find(({ name }) => name === "git status");
  equal(git?.count, ALL.filter(({ text }) => text === "git status").length);
  deepEqual(result.retries, SESSIONS.flatMap(({ script }) => retriesOf(script)));
  equal(result.hours.reduce((sum, count) => sum + count), ALL.length);
});

/** Lines that failed and came again, told in the order in which that ended; what never worked is told at the session's end. */
function retriesOf(script: readonly Scripted[]) {
  const failing = new Map<string, number>();
  const ended: { text: string; attempts: number; succeeded: boolean }[] = [];
  for (const { text, code } of script) {
    const attempts = (failing.get(text) ?? 0) + 1;
    if (code !== 0) failing.set(text, attempts);
    else {
      if (attempts > 1) ended.push({ text, attempts, succeeded: true });
      failing.delete(text);
    }
  }
  for (const [text, attempts] of failing) if (attempts > 1) ended.push({ text, attempts, succeeded: false });
  return ended;
}

Deno.test("PerformanceAnalyzer measures what the scripts took", async () => {
  for (const { events, script, duration, idle, typed, corrections } of SESSIONS) {
    const analyzer = new PerformanceAnalyzer();
    await analyze(streamOf(...events), [analyzer]);
    const result = analyzer.result();
    const output = events.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
    const marks = events.flatMap((event) =>
      event.kind === "output" ? [new TextDecoder("latin1").decode(event.data)] : []
    ).join("")
      .match(/\x1b\]633;[^\x07]*\x07/g)!.join("").length;
    deepEqual(
      [result.duration, result.idle, result.busy, result.outputBytes, result.typing?.keys, result.typing?.corrections],
      [duration, idle, duration - idle, output - marks, typed, corrections],
    );
    equal(result.running, script.reduce((sum, { took }) => sum + took * 1e6, 0));
    equal(result.outputRate.bytes.reduce((sum, bytes) => sum + bytes), output - marks);
    deepEqual([result.echo?.min, result.echo?.max], [4e6, 4e6]);
    const silent = script.filter(({ output }) => output !== "").map(({ silent }) => silent * 1e6);
    deepEqual([result.firstOutput?.count, result.firstOutput?.p50], [silent.length, median(silent, 0.5)]);
    ok(result.typing!.keysPerMinute > 550 && result.typing!.keysPerMinute <= 620, String(result.typing!.keysPerMinute));
  }
});

Deno.test("PerformanceAnalyzer tells a command that became slower than it used to be, and no other", async () => {
  const analyzer = new PerformanceAnalyzer();
  const times = [100, 110, 90, 105, 400, 100, 150];
  let now = 0;
  for (const took of times) {
    analyzer.push({ kind: "command", time: now, phase: "output", text: "make" });
    analyzer.push({ kind: "command", time: now += took * 1e6, phase: "done", code: 0 });
  }
  deepEqual(analyzer.result().regressions.map(({ duration, usual, runs }) => [duration, usual, runs]), [[
    400e6,
    100e6,
    4,
  ]]);
  await Promise.resolve();
});

Deno.test("ErrorAnalyzer finds the errors of the scripts, with their places, and no others", async () => {
  for (const { events, script } of SESSIONS) {
    const analyzer = new ErrorAnalyzer();
    await analyze(streamOf(...events), [analyzer]);
    const result = analyzer.result();
    const broken = script.filter(({ code }) => code !== 0);
    equal(result.failed, broken.length);
    deepEqual(
      result.failures.map((
        { command, errors },
      ) => [command?.text, errors.map(({ kind, file, line }) => [kind, file, line])]),
      broken.map(({ text, errors }) => [text, errors.map(([kind, file, line]) => [kind, file, line])]),
    );
    deepEqual(
      new Map(Object.entries(result.kinds)),
      counts(broken.flatMap(({ errors }) => errors.map(([kind]) => kind))),
    );
    const healed = result.failures.filter(({ recoveredAfter }) => recoveredAfter !== undefined).length;
    equal(
      healed,
      broken.filter((one) =>
        script.slice(script.indexOf(one) + 1).some(({ text, code }) => text === one.text && code === 0)
      ).length,
    );
  }
});

/** A command line, how it ended, and whether that is a failure. */
const ENDS: readonly (readonly [string, number, boolean])[] = [
  ["grep -q x log", 1, false],
  ["grep x /nope", 2, true],
  ["ps aux | grep shop", 1, false],
  ["make && grep x log", 1, true],
  ["make; grep x log", 1, false],
  ["diff a b > c", 1, false],
  ["cmp a b", 1, false],
  ["test -f a", 1, false],
  ["[ -f a ] && grep x a", 1, false],
  ["[[ -n $A ]]", 1, false],
  ["! make", 1, false],
  ["pgrep sshd", 1, false],
  ["expr 1 - 1", 1, false],
  ["which nosuch", 1, false],
  ["command -v nosuch", 1, false],
  ["command make", 1, true],
  ["sudo git diff --quiet", 1, false],
  ["git grep x", 1, false],
  ["git diff nosuch", 128, true],
  ["git commit", 1, true],
  ["systemctl is-active shop", 3, false],
  ["systemctl start shop", 1, true],
  ["false", 1, true],
  ["make", 130, false],
  ["exit 3", 3, false],
];

Deno.test("an exit code that answers is no failure, whoever counts", async () => {
  const errors = new ErrorAnalyzer(), commands = new CommandAnalyzer(), list = new CommandList();
  const spans = new SessionTracer();
  const events = ENDS.flatMap(([text, code], at): SessionEvent[] => [
    { kind: "command", time: 2 * at, phase: "output", text },
    { kind: "command", time: 2 * at + 1, phase: "done", code },
  ]);
  const header: SessionEvent = { kind: "header", time: 0, header: { cols: 80, rows: 24, startedAt: 1 } };
  const all = [header, ...events, { kind: "exit", time: 2 * ENDS.length, status: { code: 0 } } as const];
  await analyze(streamOf(...all), [errors, commands, list, spans]);
  const failing = ENDS.filter(([, , failed]) => failed).map(([text]) => text);
  deepEqual(ENDS.filter(([text, code]) => hasFailed(code, text)).map(([text]) => text), failing);
  deepEqual(errors.result().failures.map(({ command }) => command?.text), failing);
  equal(errors.result().failed, failing.length);
  equal(commands.result().failed, failing.length);
  const counter = new DigestCounter<string>();
  const records = commands.result().history;
  counter.add(["one"], digestOf({ sessions: 1, commands: records }));
  const { failed, programs } = counter.result(() => records);
  equal(failed, failing.length);
  deepEqual(programs, commands.result().programs);
  const status = spans.result().resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) => spans)
    .filter(({ parentSpanId }) => parentSpanId !== undefined).map(({ status }) => status.code);
  equal(status.filter((code) => code === 2).length, failing.length);
});
