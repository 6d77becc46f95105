/**
 * How quickly a catalog tells the statistics of commands: of 10,000 sessions with 20 commands each on average, of those of one week,
 * and of one machine's.
 *
 *     deno run -A bench/catalog_stats.ts [--full] [--json]
 *
 * PostgreSQL is the one that `TERM2AI_TEST_POSTGRES` names; `tests/servers/postgres.sh` starts one.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import { CommandAnalyzer } from "../lib/analyze/commands/command_analyzer.ts";
import { SECOND } from "../lib/event.ts";
import type { CommandRecord, CommandStatistics, StoredRecording } from "../lib/models.ts";
import type { Catalog, RecordingFilter } from "../lib/ports.ts";
import { describe, postgresql, sqlite, type Subject, timed } from "./search.ts";
import { seeded } from "./support/corpora.ts";
import { median, quantile, withFolder } from "./support/measure.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

const SESSIONS = 10_000;
const HOSTS = 8;

/** What people type: a third of the lines are short and come again and again, the others have names of their own. */
class Typist {
  readonly #random = seeded(23);

  #below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  #line(): string {
    const name = () => `file${this.#below(3000)}`;
    const often = [
      "ls",
      "git status",
      "make",
      "make test",
      "cd ..",
      "git diff",
      "npm test",
      "vim",
      "exit",
      "docker ps -a",
    ];
    const named = [
      () => `vim src/${name()}.ts`,
      () => `git commit -am 'change ${name()}'`,
      () => `git log --oneline ${name()} | head -${this.#below(30)}`,
      () => `grep -rn ${name()} src | sort | uniq -c`,
      () => `sudo systemctl restart ${name()}`,
      () => `tool${this.#below(200)} --input ${name()}`,
      () => `cargo test ${name()} && cargo build --release`,
      () => `python -m pytest tests/${name()}.py`,
    ];
    return this.#random() < 1 / 3 ? often[this.#below(often.length)]! : named[this.#below(named.length)]!();
  }

  session(startedAt: number): CommandRecord[] {
    let time = 0;
    const folders = Array.from({ length: 1 + this.#below(4) }, () => `/home/ada/project${this.#below(40)}`);
    return Array.from({ length: 5 + this.#below(31) }, (_, index) => {
      const start = time += Math.floor(this.#random() * 20 * SECOND);
      const end = time += Math.floor(this.#random() ** 6 * 100 * SECOND) + 1_000_000;
      const code = this.#random() < 0.12 ? [1, 2, 127, 130][this.#below(4)]! : 0;
      return {
        ...{ session: 0, index, start, end, firstOutput: start + 1_000_000, text: this.#line(), code },
        ...{ cwd: folders[this.#below(folders.length)]!, outputBytes: this.#below(5000), confidence: "exact" },
        startedAt: startedAt + start / 1e6,
      };
    });
  }
}

/** Sessions, the same each time. */
export function sessions(count: number): { recording: StoredRecording; commands: CommandRecord[] }[] {
  const typist = new Typist();
  return Array.from({ length: count }, (_, at) => {
    const recording = { ...describe(at), host: `host${at % HOSTS}` };
    return { recording, commands: typist.session(recording.startedAt) };
  });
}

export async function fill(catalog: Catalog, all: ReturnType<typeof sessions>): Promise<void> {
  for (const { recording, commands } of all) {
    await catalog.put(recording);
    await catalog.putCommands(recording.id, { sessions: 1, commands });
  }
}

/** What an analyzer says, which the catalog must say as well. */
function analyzed(all: ReturnType<typeof sessions>): CommandStatistics {
  const analyzer = new CommandAnalyzer();
  for (const [session, { commands }] of all.entries()) {
    analyzer.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
    for (const command of commands) analyzer.add({ ...command, session });
  }
  return analyzer.result();
}

async function measure({ name, catalog }: Subject, all: ReturnType<typeof sessions>) {
  const seconds = await timed(() => fill(catalog, all));
  const middle = all[all.length >> 1]!.recording.startedAt;
  const questions: readonly (readonly [string, RecordingFilter])[] = [
    ["all", {}],
    ["one week", { since: middle, until: middle + 7 * 86_400_000 }],
    ["one machine", { host: "host3" }],
  ];
  deepEqual(await catalog.commandStatistics({}, 0), analyzed(all));
  const rows: (string | number)[][] = [];
  const runs: Record<string, number[]> = {};
  for (const [question, filter] of questions) {
    const times = runs[question] = [] as number[];
    const { sessions, commands } = await catalog.commandStatistics(filter, 0);
    for (let round = 0; round < 20; round++) {
      times.push(1000 * await timed(() => catalog.commandStatistics(filter, 0)));
    }
    const figures = [median(times), quantile(times, 0.95), Math.max(...times)].map((time) => time.toFixed(0));
    rows.push([name, question, sessions, commands, ...figures]);
  }
  return { rows, runs, note: `${name} takes in ${(all.length / seconds).toFixed(0)} sessions a second.` };
}

/** Fills catalogs, and asks them. */
export async function catalogStatistics({ full }: BenchOptions): Promise<Table> {
  const all = sessions(full ? SESSIONS : SESSIONS / 10);
  return await withFolder(async (folder) => {
    const results = [];
    for (const open of [() => Promise.resolve(sqlite(folder)), postgresql]) {
      const subject = await open();
      if (!subject) continue;
      results.push(await measure(subject, all));
      await subject.close();
    }
    return {
      title: `Statistics of commands from the catalog, ${all.length.toLocaleString("en")} sessions`,
      columns: ["catalog", "of", "sessions", "commands", "median ms", "95th percentile ms", "most ms"],
      rows: results.flatMap(({ rows }) => rows),
      note: `All equal to what the analyzer makes of the same commands. ${results.map(({ note }) => note).join(" ")}`,
      runs: results.map(({ runs }) => runs),
    };
  });
}

if (import.meta.main) await runAlone(catalogStatistics);
