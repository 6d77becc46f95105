import Ajv2020 from "ajv/dist/2020.js";
import fc from "fast-check";
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { t2a } from "../formats/mod.ts";
import { jsonl } from "../formats/jsonl.ts";
import schema from "../formats/jsonl.schema.json" with { type: "json" };
import { UsageError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { speed } from "../lib/transform/speed.ts";
import { formatContract, read, write } from "./contracts/format_contract.ts";
import { everyKind, header, marker } from "./support/events.ts";
import { sessions } from "./support/generate.ts";

formatContract(jsonl);

const HEADER = '{"term2ai":1,"kind":"header","time":0,"header":{"cols":80,"rows":24}}';
const encode = (text: string) => new TextEncoder().encode(text);
const lines = (...all: string[]) => encode(all.join("\n") + "\n");

Deno.test("jsonl holds everything that T2A holds, both ways", async () => {
  await fc.assert(
    fc.asyncProperty(sessions({ sessions: 2 }), async (all) => {
      const first = await read(jsonl, [await write(jsonl, await read(t2a, [await write(t2a, all)]))]);
      deepStrictEqual(await read(t2a, [await write(t2a, first)]), await read(t2a, [await write(t2a, all)]));
    }),
    { numRuns: 50 },
  );
});

Deno.test("every line that jsonl writes is as its schema says, and the schema refuses what is none", async () => {
  // deno-lint-ignore no-explicit-any
  const validate = new (Ajv2020 as any)({ strict: false }).compile(schema) as (value: unknown) => boolean;
  await fc.assert(
    fc.asyncProperty(sessions({ sessions: 1 }), async (all) => {
      const text = new TextDecoder().decode(await write(jsonl, [...all, ...everyKind()]));
      for (const line of text.trimEnd().split("\n")) ok(validate(JSON.parse(line)), line);
    }),
    { numRuns: 30 },
  );
  ok(validate({ kind: "of tomorrow", time: 1, anything: true }));
  for (
    const wrong of [
      "{}",
      '{"kind":"output","time":0}',
      '{"kind":"marker","time":-1,"label":""}',
      '{"kind":"exit","time":1}',
    ]
  ) {
    equal(validate(JSON.parse(wrong)), false, wrong);
  }
});

Deno.test("jsonl passes lines of unknown kinds on, at the time they have by then", async () => {
  const line = '{"kind":"of tomorrow","time":10,"deep":{"list":[1,2.5,null]},"é":"\\u2028"}';
  const bytes = lines(HEADER, line);
  const events = await read(jsonl, [bytes]);
  equal(events[1]?.kind === "custom" && events[1].code, "jsonl:of tomorrow");
  deepStrictEqual(await write(jsonl, events), bytes);
  const slower = await collect(streamOf(...events).pipeThrough(speed(0.5)));
  equal(new TextDecoder().decode(await write(jsonl, slower)).split("\n")[1], line.replace("10", "20"));
});

Deno.test("jsonl keeps header fields that it does not know", async () => {
  const first = '{"term2ai":1,"kind":"header","time":0,"header":{"cols":80,"rows":24,"mood":["calm"]}}';
  deepStrictEqual(await write(jsonl, await read(jsonl, [lines(first)])), lines(first));
});

Deno.test("jsonl leaves out lines that are no events, says why, and where", async () => {
  const report = new Report();
  const wrong = [
    "rubbish",
    "[1]",
    '{"kind":7,"time":0}',
    '{"kind":"marker","time":1.5,"label":""}',
    '{"kind":"marker","time":5}',
  ];
  const after = '{"kind":"marker","time":9,"label":"good"}';
  const events = await read(jsonl, [lines(HEADER, ...wrong, after)], report);
  deepStrictEqual(events, [header(), { kind: "gap", time: 0, reason: "damage" }, marker(9, "good")] as SessionEvent[]);
  deepStrictEqual(report.warnings.map(({ count, first }) => [count, first.line]), [[5, 2]]);
});

Deno.test("jsonl refuses a recording whose first event is no header, in both directions", async () => {
  await rejects(read(jsonl, [lines('{"kind":"marker","time":5,"label":""}', HEADER)]), /line 1 is of kind marker/);
  await rejects(write(jsonl, [marker(5)]), UsageError);
});

Deno.test("jsonl says so of a recording whose one and only line is torn, and how far it goes", async () => {
  await rejects(
    read(jsonl, [encode(HEADER.slice(0, 42))]),
    /cut off within its first line, after 42 bytes; expected a/,
  );
});

Deno.test("jsonl is known by its first line, whatever the order of its members", () => {
  equal(jsonl.detect(encode('{"header":{"rows":2,"cols":3},"time":0,"kind":"header"}\n')), true);
  equal(jsonl.detect(encode(HEADER.slice(0, 45))), true, "a prefix that ends in the header");
  equal(jsonl.detect(encode('{"kind":"header","time":0,"header":{}}\n')), false);
});
