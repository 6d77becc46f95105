import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { analyze } from "../lib/analyze/analyze.ts";
import { harmless } from "../lib/text/harmless.ts";
import { csvHead, csvRow } from "../lib/analyze/export/csv.ts";
import { Transcript } from "../lib/analyze/export/markdown.ts";
import { SessionTracer } from "../lib/analyze/export/otlp.ts";
import { ParquetTable } from "../lib/analyze/export/parquet.ts";
import { type Cell, type TableName, TABLES } from "../lib/analyze/export/tables.ts";
import { UsageError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { deriveCommands } from "../lib/transform/commands.ts";
import { header, output } from "./support/events.ts";
import { scriptedSession } from "./support/scripted_sessions.ts";

const session = scriptedSession(4);
const derived = await collect(streamOf(...session.events).pipeThrough(deriveCommands({ cut: true })));

function rowsOf(name: TableName, events: readonly SessionEvent[]): (readonly Cell[])[] {
  const rows: (readonly Cell[])[] = [];
  const filler = TABLES[name].filler((row) => rows.push(row));
  for (const event of events) filler.push(event);
  filler.flush();
  return rows;
}

Deno.test("the table of commands has the script's commands, with an index from 0", () => {
  const rows = rowsOf("commands", derived);
  const column = (name: string) => TABLES.commands.columns.findIndex((column) => column.name === name);
  deepEqual(rows.map((row) => row[column("text")]), session.script.map(({ text }) => text));
  deepEqual(rows.map((row) => row[column("durationSeconds")]), session.script.map(({ took }) => took / 1000));
  deepEqual(rows.map((row) => row[column("index")]), session.script.map((_, index) => index));
  ok(rows.every((row) => row.length === TABLES.commands.columns.length));
});

/** What a spreadsheet does: RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows.at(-1)!.push(quoted?.replaceAll('""', '"') ?? plain ?? "");
    if (end === "\r\n") rows.push([]);
    if (end === "") break;
  }
  rows.pop();
  return rows;
}

Deno.test("CSV gives every cell back, and none that a spreadsheet would run, or a terminal obey", () => {
  const columns = [{ name: "a", type: "text" }, { name: "b", type: "text" }, { name: "n", type: "number" }] as const;
  const nasty = fc.oneof(
    fc.string(),
    fc.constantFrom(
      "=1+1",
      "+cmd|'/c calc'!A0",
      "-2",
      "@SUM(A1)",
      "\t=x",
      "\r=x",
      " =x",
      'a"b',
      "a,b",
      "a\nb",
      "=",
      "＝1",
      "é",
    ),
  );
  fc.assert(fc.property(nasty, nasty, fc.double({ noNaN: true, noDefaultInfinity: true }), (a, b, n) => {
    const [[first, second, number] = []] = parseCsv(csvRow({ columns }, [a, b, n]));
    for (const [cell, text] of [[first, a], [second, b]]) {
      const spelled = harmless(text!, "\n\t");
      ok(cell === spelled || cell === `'${spelled}`, `${cell} for ${text}`);
      // deno-lint-ignore no-control-regex
      ok(!/[\x00-\x08\x0b-\x1f\x7f-\x9f]/.test(cell!), cell);
      ok(!/^\s*[=+\-@\t\r＝＋－＠]/.test(cell!), cell);
    }
    equal(Number(number), n === 0 ? 0 : n);
  }));
  equal(csvHead(TABLES.usage), "session,host,user,time,name,value\r\n");
  equal(csvRow(TABLES.usage, [null, "h", null, 1.5, "cpu", -3]), ",h,,1.5,cpu,-3\r\n");
});

for (const name of ["commands", "events", "usage"] as const) {
  Deno.test(`Parquet of ${name} says the same to another reader`, async () => {
    const usage: SessionEvent = {
      kind: "note",
      time: 3e9,
      topic: "usage",
      data: { cpu: 0.25, memory: 1000, name: "x" },
    };
    const rows = rowsOf(name, [...derived, usage]);
    const table = await ParquetTable.of(TABLES[name]);
    for (const row of rows) table.add(row);
    const file = table.finish();
    const read = await parquetReadObjects({ file: file.buffer as ArrayBuffer });
    const wanted = rows.map((row) =>
      Object.fromEntries(TABLES[name].columns.map(({ name, type }, at) => [name, asRead(row[at]!, type)]))
    );
    deepEqual(read, wanted);
    ok(rows.length > 0);
  });
}

function asRead(cell: Cell, type: string): unknown {
  if (cell === null) return null;
  return type === "integer" ? BigInt(cell) : type === "time" ? new Date(Number(cell)) : cell;
}

/** From opentelemetry-proto, `collector/trace/v1`, `trace/v1`, `resource/v1` and `common/v1`, in their JSON encoding. */
const hex = (digits: number) => ({ type: "string", pattern: `^[0-9a-f]{${digits}}$` });
const nanos = { type: "string", pattern: "^[0-9]{1,20}$" };
const closed = (properties: Record<string, unknown>, ...required: string[]) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const anyValue = {
  type: "object",
  minProperties: 1,
  maxProperties: 1,
  properties: {
    stringValue: { type: "string" },
    boolValue: { type: "boolean" },
    intValue: { type: "string", pattern: "^-?[0-9]{1,19}$" },
    doubleValue: { type: "number" },
    arrayValue: { type: "object" },
    kvlistValue: { type: "object" },
    bytesValue: { type: "string" },
  },
  additionalProperties: false,
};
const attributes = {
  type: "array",
  items: closed({ key: { type: "string", minLength: 1 }, value: anyValue }, "key", "value"),
};
const event = closed(
  { timeUnixNano: nanos, name: { type: "string" }, attributes, droppedAttributesCount: { type: "integer" } },
  "timeUnixNano",
  "name",
);
const span = closed(
  {
    traceId: hex(32),
    spanId: hex(16),
    traceState: { type: "string" },
    parentSpanId: hex(16),
    flags: { type: "integer" },
    name: { type: "string", minLength: 1 },
    kind: { type: "integer", minimum: 0, maximum: 5 },
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    droppedAttributesCount: { type: "integer" },
    events: { type: "array", items: event },
    links: { type: "array" },
    status: closed({ message: { type: "string" }, code: { type: "integer", minimum: 0, maximum: 2 } }),
  },
  "traceId",
  "spanId",
  "name",
  "startTimeUnixNano",
  "endTimeUnixNano",
);
const scope = closed({
  name: { type: "string" },
  version: { type: "string" },
  attributes,
  droppedAttributesCount: { type: "integer" },
});
const scopeSpans = closed({ scope, spans: { type: "array", items: span }, schemaUrl: { type: "string" } }, "spans");
const resource = closed({ attributes, droppedAttributesCount: { type: "integer" } });
const resourceSpans = closed({
  resource,
  scopeSpans: { type: "array", items: scopeSpans },
  schemaUrl: { type: "string" },
}, "scopeSpans");
const validate = new Ajv2020().compile(
  closed({ resourceSpans: { type: "array", items: resourceSpans } }, "resourceSpans"),
);

Deno.test("traces are as OTLP's protocol says, with a span for each command inside its session's", async () => {
  const tracer = new SessionTracer({ version: "1" });
  for (const seed of [1, 2]) await analyze(streamOf(...scriptedSession(seed).events), [tracer]);
  const traces = JSON.parse(JSON.stringify(tracer.result()));
  equal(validate(traces), true, JSON.stringify(validate.errors));
  equal(traces.resourceSpans.length, 2);
  const { script, startedAt } = scriptedSession(2);
  const [root, ...commands] = traces.resourceSpans[1].scopeSpans[0].spans;
  deepEqual(commands.map(({ name }: { name: string }) => name), script.map(({ text }) => text));
  deepEqual(
    commands.map(({ status }: { status: { code: number } }) => status.code),
    script.map(({ code }) => code === 0 ? 1 : 2),
  );
  deepEqual(
    commands.map(({ startTimeUnixNano, endTimeUnixNano }: Record<string, string>) =>
      Number(BigInt(endTimeUnixNano!) - BigInt(startTimeUnixNano!))
    ),
    script.map(({ took }) => took * 1e6),
  );
  equal(root.startTimeUnixNano, `${startedAt}000000`);
  ok(
    commands.every((span: { parentSpanId: string; traceId: string }) =>
      span.parentSpanId === root.spanId && span.traceId === root.traceId
    ),
  );
  equal(new Set([root, ...commands].map(({ spanId }) => spanId)).size, commands.length + 1);
  for (const wrong of [{ spans: [] }, { resourceSpans: [{ scopeSpans: [{ spans: [{ ...root, traceId: "x" }] }] }] }]) {
    equal(validate(wrong), false);
  }
});

Deno.test("a recording that does not say when it began makes no trace", () => {
  throws(() => new SessionTracer().push(header()), UsageError);
});

function transcriptOf(events: readonly SessionEvent[], budget: number): string {
  const transcript = new Transcript({ budget });
  for (const event of events) transcript.push(event);
  return transcript.result();
}

Deno.test("a transcript never exceeds its budget, and what failed is the last to go", () => {
  const whole = transcriptOf(derived, 1e6);
  for (const { text } of session.script) ok(whole.includes(`$ ${text}`), text);
  ok(!whole.includes("\x1b"));
  ok(whole.includes("(a full-screen program)") === session.script.some(({ text }) => text.startsWith("vim")));
  for (const budget of [200, 500, 1000, 2000, 5000]) {
    const text = transcriptOf(derived, budget);
    ok(text.length <= budget, `${text.length} > ${budget}`);
    if (budget < whole.length && budget > 600) match(text, /left out/);
  }
  const failing = session.script.find(({ code, errors }) => code !== 0 && errors.length > 0)!;
  const short = transcriptOf(derived, Math.floor(whole.length / 2));
  ok(short.includes(failing.text), short);
});

Deno.test("a transcript keeps beginning and end of a long output, and its fences hold whatever is inside", () => {
  const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}`).join("\r\n");
  const events: SessionEvent[] = [
    header(),
    { kind: "command", time: 1, phase: "output", text: "cat <<E\n```\nE" },
    output(2, "```\r\n<script>\r\n"),
    output(3, lines + "\r\n"),
    { kind: "command", time: 4, phase: "done", code: 1 },
  ];
  const text = transcriptOf(events, 3000);
  ok(text.length <= 3000);
  match(text, /^````console$/m);
  ok(text.includes("line 49999") && text.includes("<script>") && /\d+ lines left out|output left out/.test(text), text);
  match(transcriptOf([header({ title: "# *x*" })], 1000), /\\# \\\*x\\\*[\s\S]*No commands are known/);
});

Deno.test("a transcript holds nothing that would do something to a terminal, whatever the recording is called", async () => {
  const hostile = header({ title: "t\x9b31m \u202ex", command: "a\x1b]52;c;SGk=\x07" });
  const end = { kind: "exit", time: 2, status: { code: 0 } } as const;
  const transcript = new Transcript({ budget: 10_000 });
  await analyze(streamOf(hostile, end), [transcript]);
  const text = transcript.result();
  match(text, /^# t\\\\u\{9b\}31m \\\\u\{202e\}x\n/);
  match(text, /\$ a\\u\{1b\}\]52;c;SGk=\\u\{7\}\n/);
});
