import { deepEqual, deepStrictEqual, equal, rejects } from "node:assert/strict";
import { FormatError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { openRecording } from "../formats/mod.ts";
import { script } from "../formats/script.ts";
import { type Beside, formatContract, read, sourceOf, write } from "./contracts/format_contract.ts";
import { header, output } from "./support/events.ts";
import { cut, sessions } from "./support/generate.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const shown = (events: readonly SessionEvent[]) =>
  events.map((event) => {
    const time = event.time / 1e9;
    if (event.kind === "output" || event.kind === "input") {
      return `${time} ${event.kind} ${new TextDecoder().decode(event.data)}`;
    }
    if (event.kind === "resize") return `${time} ${event.cols}x${event.rows}`;
    return event.kind === "signal" ? `${time} ${event.name}` : `${time} ${event.kind}`;
  });

/** What script has an entry for: no empty data, an exit only at the end and by number, and headers of one line a field. */
function kept(all: readonly SessionEvent[]): SessionEvent[] {
  const oneLine = (text?: string) => text?.replace(/[\0-\x1f\x7f]/g, " ") || undefined;
  return all.flatMap((event, index): SessionEvent[] => {
    if (event.kind === "output") return event.data.length > 0 ? [event] : [];
    if (event.kind === "input") {
      return event.data.length > 0 ? [{ kind: "input", time: event.time, data: event.data }] : [];
    }
    if (event.kind === "exit") {
      const code = "code" in event.status ? event.status.code : event.status.signal === "SIGKILL" ? 137 : 143;
      return index === all.length - 1 ? [{ ...event, status: { code } }] : [];
    }
    if (event.kind !== "header") return [event];
    const { cols, rows, startedAt, command, shell, term } = event.header;
    const named = { command: oneLine(command), shell: oneLine(shell), term: oneLine(term) };
    const fields = { startedAt: startedAt && Math.round(startedAt * 1000) / 1000, ...named };
    return [{
      ...event,
      header: { cols, rows, ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) },
    }];
  });
}

/** Equal sizes one after the other are one, as script writes each twice. */
function merged(all: readonly SessionEvent[]): SessionEvent[] {
  const size = (event?: SessionEvent) => event?.kind === "resize" ? `${event.cols}x${event.rows}` : undefined;
  return kept(all).filter((event, index, events) =>
    size(event) === undefined || size(event) !== size(events[index - 1])
  );
}

formatContract(script, {
  events: sessions({ sessions: 1 }),
  kept: merged,
  rounded: (time, unit) => Math.round(time / Math.max(1000, unit)) * Math.max(1000, unit),
});

const LOG =
  'Script started on 2026-11-22 21:12:52+00:00 [COMMAND="sh -c "x" TERM="vt100" TTY="/dev/pts/4" COLUMNS="100" LINES="30"]\n';
const END = '\nScript done on 2026-11-22 21:12:53+00:00 [COMMAND_EXIT_CODE="3"]\n';
const opened = async (log: string, beside: Record<string, string> = {}, report = new Report()) => {
  const files: Beside = new Map(Object.entries(beside).map(([name, text]) => [name, encode(text)]));
  return await read(script, [encode(log)], report, files);
};

Deno.test("script reads the classic timing log, and the size from the first line", async () => {
  const report = new Report();
  const events = await opened(`${LOG}one\r\ntwo${END}`, { ".timing": "0.5 5\n1.25 3\n" }, report);
  const startedAt = Date.UTC(2026, 10, 22, 21, 12, 52);
  const facts = { cols: 100, rows: 30, startedAt, command: 'sh -c "x', term: "vt100" };
  deepStrictEqual(events[0], { kind: "header", time: 0, header: facts });
  deepStrictEqual(shown(events), ["0 header", "0.5 output one\r\n", "1.75 output two", "1.75 exit"]);
  deepStrictEqual([report.warnings, report.completeness], [[], "complete"]);
});

Deno.test("script reads both logs by the advanced timing log, whose facts take no time", async () => {
  const timing = "H 9.000000 SHELL /bin/sh\nO 0.100000 2\nI 0.200000 3\nH 0.000000 X y\nS 0.000050 SIGINT\n" +
    "S 1.000000 SIGWINCH ROWS=40 COLS=120\nS 0.000044 SIGWINCH ROWS=40 COLS=120\nZ 0.1 new\n" +
    "H 0.000000 DURATION 7.500000\nH 0.000000 EXIT_CODE 143\n";
  const report = new Report();
  const events = await opened(`${LOG}$ `, { ".tm": timing, ".in": `${LOG}ls\r${END}` }, report);
  deepStrictEqual(shown(events), [
    ...[
      "0 header",
      "0.1 output $ ",
      "0.3 input ls\r",
      "0.30005 SIGINT",
      "1.30005 120x40",
      "1.400094 custom",
      "7.5 exit",
    ],
  ]);
  deepStrictEqual(report.warnings.map(({ code }) => code), ["may-hold-secrets"]);
});

Deno.test("script reads input and output from one log, in their order", async () => {
  const timing = "H 0.0 OUTPUT_LOG /x/rz.io\nH 0.0 INPUT_LOG /x/rz.io\nO 0.1 1\nI 0.1 2\nO 0.1 3\n";
  const events = await opened(`${LOG}abbccc`, { ".time": timing });
  deepStrictEqual(shown(events), ["0 header", "0.1 output a", "0.2 input bb", "0.3 output ccc"]);
});

Deno.test("script opens an advanced timing log, and the files it names in its own folder only", async () => {
  const timing = "H 0.000000 OUTPUT_LOG /etc/demo.out\nH 0.000000 INPUT_LOG ../demo.typed\nO 0.100000 2\nI 0.1 2\n";
  const beside = new Map([[".out", encode(`${LOG}hi`)], [".typed", encode(`${LOG}ls`)]]);
  const events = await read(script, cut(encode(timing), [3]), undefined, beside);
  deepStrictEqual(shown(events), ["0 header", "0.1 output hi", "0.2 input ls"]);
  await rejects(
    read(script, [encode(timing)]),
    (error) => error instanceof FormatError && /names "\/etc\/demo.out", which is not beside it/.test(error.message),
  );
});

Deno.test("script is known by its brackets in any language, and without them by the timing log beside it", async () => {
  equal(script.detect(encode('Skript gestartet am 2026-11-22 [COMMAND="sh"]\n')), true);
  const source = (name: string) =>
    sourceOf([encode("Skript gestartet\nhi\n")], name, new Map([[".timing", encode("0.5 3\n")]]));
  const { reader, events } = await openRecording(source("demo"));
  equal(reader.name, "script");
  await events.cancel();
});

Deno.test("script without a timing log gives all output at once, and says so", async () => {
  const report = new Report();
  deepStrictEqual(shown(await opened(`${LOG}a\nb${END}`, {}, report)), ["0 header", "0 output a\nb", "0 exit"]);
  deepStrictEqual(report.warnings.map(({ code }) => code), ["no-timing"]);
});

Deno.test("script keeps output that the timing log does not count, and says how much", async () => {
  const report = new Report();
  const log = `${LOG}run1${END}${LOG}run2${END}`;
  const events = await opened(log, { ".timing": "0.010000 4\n" }, report);
  deepStrictEqual(shown(events).slice(0, 2), ["0 header", "0.01 output run1"]);
  equal(shown(events)[2], `0.01 output ${END}${LOG}run2`);
  deepEqual(report.warnings.map(({ code }) => code), ["untimed"]);
});

Deno.test("script stops where the timing log counts more than there is", async () => {
  const report = new Report();
  const events = await opened(`${LOG}abc`, { ".timing": "0.1 2\n0.1 1000000000\n0.1 5\n" }, report);
  deepStrictEqual(shown(events), ["0 header", "0.1 output ab", "0.2 output c", "0.2 gap"]);
  deepStrictEqual([report.completeness, report.warnings.map(({ code }) => code)], ["unfinished", ["data-missing"]]);
});

Deno.test("script leaves out a torn last line of the timing log, and lines that are none", async () => {
  const report = new Report();
  const events = await opened(`${LOG}abcdef`, { ".timing": "0.1 2\nrubbish\n0.1 2\n0.1 2" }, report);
  deepStrictEqual(shown(events), ["0 header", "0.1 output ab", "0.2 output cd", "0.2 output ef"]);
  deepStrictEqual(report.warnings.map(({ code }) => code), ["bad-line", "torn-end", "untimed"]);
  deepStrictEqual([report.completeness, report.tornBytes], ["unfinished", 5]);
});

Deno.test("script tells that the log had grown as large as it may", async () => {
  const full = "\nScript done on 2026-11-22 21:12:53+00:00 [<max output size exceeded>]\n";
  deepStrictEqual(shown(await opened(`${LOG}a${full}`, { ".timing": "0.1 1\n" })), [
    "0 header",
    "0.1 output a",
    "0.1 gap",
  ]);
});

Deno.test("script takes what the wild gives for sizes, and nothing absurd", async () => {
  const sizes = async (log: string) => {
    const [first] = await opened(`${log}x`, { ".timing": "0.1 1\n" });
    return first?.kind === "header" && `${first.header.cols}x${first.header.rows}`;
  };
  equal(await sizes('S [COMMAND="a" COLUMNS="0" LINES="-1"]\n'), "80x24");
  equal(await sizes('S [COMMAND="a" COLUMNS="99999" LINES="7"]\n'), "2048x7");
});

Deno.test("script writes times that do not add up their rounding, six digits each", async () => {
  const beside: Beside = new Map();
  const events = [header({ startedAt: 0 }), ...[1, 2, 3, 4].map((step) => output(step * 333_400, "x"))];
  await write(script, events, { beside });
  const lines = new TextDecoder().decode(beside.get(".timing")).split("\n").filter((line) => line.startsWith("O"));
  deepStrictEqual(lines, ["O 0.000333 1", "O 0.000334 1", "O 0.000333 1", "O 0.000334 1"]);
  equal(beside.has(".in"), false, "no input, no file for it");
});
