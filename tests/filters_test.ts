/** What holds of all filters: any order, any number, one process or several, and whatever a recording holds. */

import fc from "fast-check";
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { asciicastV2, asciicastV3, jsonl, t2a } from "../formats/mod.ts";
import type { EventStream, SessionEvent } from "../lib/event.ts";
import { compose } from "../lib/stream/compose.ts";
import { collect, collectBytes, streamOf } from "../lib/stream/collect.ts";
import type { Stage } from "../lib/stream/stage.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { anonymize } from "../lib/transform/anonymize.ts";
import { cut as cutOut } from "../lib/transform/cut.ts";
import { idleLimit } from "../lib/transform/idle_limit.ts";
import { join } from "../lib/transform/join.ts";
import { mark } from "../lib/transform/mark.ts";
import { speed } from "../lib/transform/speed.ts";
import { trim } from "../lib/transform/trim.ts";
import { read, write } from "./contracts/format_contract.ts";
import { TERM2AI, term2ai, withFolder } from "./support/cli.ts";
import { header, marker, output } from "./support/events.ts";
import { sessions } from "./support/generate.ts";

const make = await loadEmulator();
const S = 1e9;

/** Each filter as a stage, and as it is typed. */
const FILTERS: readonly [words: readonly string[], stage: () => Stage][] = [
  [["trim", "--from", "0.5", "--to", "3000s"], () => trim({ from: { time: 0.5 * S }, to: { time: 3000 * S } }, make)],
  [["cut", "--from", "1", "--to", "2"], () => cutOut({ from: { time: 1 * S }, to: { time: 2 * S } }, make)],
  [["idle", "--limit", "900ms"], () => idleLimit(0.9 * S)],
  [["speed", "--factor", "1.5"], () => speed(1.5)],
  [["mark", "--at", "1=x"], () => mark([{ time: 1 * S, label: "x" }])],
  [["join", "--pause", "1"], () => join(1 * S)],
  [["anonymize"], () => anonymize()],
];

/** What starts the program in a shell. */
const COMMAND = TERM2AI.map((word) => `'${word}'`).join(" ");

/** As `compress` writes. */
const compressed = (events: EventStream) =>
  collectBytes(events.pipeThrough(t2a.encoder({ codec: 1, level: 9, blockBytes: 256 << 10 })));
/** As filters write into pipes. */
const throughPipe = (events: EventStream) =>
  events.pipeThrough(t2a.encoder({ flushAfter: 40, codec: 0 })).pipeThrough(t2a.decoder());

/** A session that every filter has something to do with. */
function long(seconds = 12): SessionEvent[] {
  const events: SessionEvent[] = [header({ startedAt: 1e12, user: "ada", host: "engine", cwd: "/home/ada" })];
  for (let second = 0; second < seconds; second++) {
    events.push(
      output(second * S + 7, `\x1b[3${second % 8}mada@engine ${second}\x1b[0m\r\n`),
      marker(second * S + 8, `${second}`),
    );
  }
  return [...events, { kind: "exit", time: seconds * S, status: { code: 0 } }];
}

Deno.test("filters in any order, doubled and left out, give the same bytes in one process as in several", async () => {
  const chosen = fc.array(fc.constantFrom(...FILTERS), { maxLength: 5 });
  const property = fc.asyncProperty(sessions({ sessions: 2 }), chosen, async (generated, filters) => {
    const all = [...long(), ...generated];
    const stages = filters.map(([, stage]) => stage);
    const outcome = async (events: EventStream) => (await compressed(events).catch((error) => String(error.message)));
    const one = await outcome(streamOf(...all).pipeThrough(compose(...stages.map((stage) => stage()))));
    let several: EventStream = streamOf(...all);
    for (const stage of stages) several = throughPipe(several.pipeThrough(stage()));
    deepStrictEqual(await outcome(throughPipe(several)), one);
  });
  await fc.assert(property, { numRuns: 40 });
});

Deno.test("compress gives the same bytes whether filters were files, pipes or one command each, whatever came before", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.t2a`;
    await Deno.writeFile(path, await write(t2a, long()));
    const names = ["idle", "speed", "anonymize", "compress"];
    const typed = names.map((name) => [...(FILTERS.find(([[its]]) => its === name)?.[0] ?? [name])]);
    let stage = path;
    for (const [at, args] of typed.entries()) {
      const next = `${folder}/${at}.t2a`;
      equal((await term2ai([...args, stage, next])).errors, "");
      stage = next;
    }
    const pipe = typed.map((args) => `${COMMAND} ${args.join(" ")}`).join(" | ");
    const piped = await new Deno.Command("sh", { args: ["-c", `cat '${path}' | ${pipe}`], stdin: "null" }).output();
    equal(new TextDecoder().decode(piped.stderr), "");
    deepStrictEqual(piped.stdout, await Deno.readFile(stage));
    const stages = compose(...typed.slice(0, -1).map(([name]) => FILTERS.find(([[its]]) => its === name)![1]()));
    deepStrictEqual(await Deno.readFile(stage), await compressed(streamOf(...long()).pipeThrough(stages)));
    for (const more of [["--codec", "none"], ["--archive"], ["--level", "1"]]) {
      const again = await term2ai(["compress", ...more, stage]);
      deepStrictEqual((await term2ai(["compress"], { stdin: again.stdout })).stdout, await Deno.readFile(stage));
    }
  });
});

Deno.test("events flow through a pipe of filters while the session goes on", async () => {
  await withFolder(async (folder) => {
    const session =
      `echo first; i=0; until [ -e '${folder}/go' ] || [ $((i+=1)) -gt 600 ]; do sleep 0.1; done; echo second $i`;
    const filters = [
      "idle",
      "speed --factor 2",
      "mark --at 0",
      "anonymize",
      "trim --to 1h",
      "convert --to asciicast-v3 - -",
    ];
    const script = [`rec - -- sh -c "$1"`, ...filters].map((words) => `${COMMAND} ${words}`).join(" | ");
    const child = new Deno.Command("sh", {
      args: ["-c", script, "sh", session],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    })
      .spawn();
    let seen = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      seen += text;
      // The session goes on when its first word has come out at the other end.
      if (seen.includes("first")) await Deno.writeTextFile(`${folder}/go`, "");
    }
    equal((await child.status).code, 0);
    const turns = Number(/second (\d+)/.exec(seen)?.[1]);
    ok(turns <= 600, "nothing came through before the session's end");
  });
});

Deno.test("whoever closes a pipe early ends all filters quietly", async () => {
  const flood = `${COMMAND} rec - -- sh -c 'head -c 3000000 /dev/urandom | base64'`;
  for (const filters of [["compress"], ["idle", "anonymize"], ["speed --factor 2", "convert --to jsonl - -"]]) {
    const pipe = [flood, ...filters.map((filter) => `${COMMAND} ${filter}`), "head -c 100"].join(" | ");
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", `set -o pipefail; ${pipe} >/dev/null; echo "\${PIPESTATUS[*]}"`],
      stdin: "null",
    }).output();
    equal(code, 0);
    equal(new TextDecoder().decode(stderr), "", filters.join());
    match(new TextDecoder().decode(stdout), /^(?:(?:0|141) )+0\n$/);
  }
});

/** A recording of a later version: kinds, blocks and fields that this one does not know. */
const LATER: readonly SessionEvent[] = [
  header({ extra: { mood: "calm", depth: { later: [1, null] } } }),
  { kind: "opaque", time: 1 * S, type: 200 + 256, data: Uint8Array.of(1, 2, 3) },
  output(1.1 * S, "x"),
  { kind: "opaque", time: 1.2 * S, type: 77, data: new Uint8Array(0) },
  { kind: "custom", time: 1.3 * S, code: "zz", data: new TextEncoder().encode("payload") },
  { kind: "note", time: 1.4 * S, topic: "later", data: { a: [1, 2] } },
  { kind: "exit", time: 1.5 * S, status: { code: 0 } },
];

Deno.test("what a later version wrote passes through every filter and back unchanged", async () => {
  const neutral: Readonly<Record<string, () => Stage>> = {
    trim: () => trim({ from: { time: 0 } }, make),
    cut: () => cutOut({ from: { time: 90 * S } }, make),
    idle: () => idleLimit(5 * S),
    speed: () => speed(1),
    mark: () => mark([]),
    join: () => join(),
    anonymize: () => anonymize(),
  };
  const bytes = await write(t2a, LATER);
  deepStrictEqual(await read(t2a, [bytes]), LATER);
  deepStrictEqual(await read(jsonl, [await write(jsonl, LATER)]), LATER);
  for (const [name, stage] of Object.entries(neutral)) {
    const events = await collect(
      new Blob([bytes]).stream().pipeThrough(t2a.decoder()).pipeThrough(stage()).pipeThrough(t2a.encoder()).pipeThrough(
        t2a.decoder(),
      ),
    ).catch((error) => name === "cut" ? LATER : Promise.reject(error)); // a part that nobody has is an error
    deepStrictEqual(events, LATER, name);
  }
});

Deno.test("what a later version wrote keeps its place and content where filters move it", async () => {
  for (const [[name], stage] of FILTERS) {
    const events = await collect(streamOf(...LATER).pipeThrough(stage()));
    const foreign = (all: readonly SessionEvent[]) =>
      all.filter(({ kind }) => kind === "opaque" || kind === "custom" || kind === "note").map(({ time: _, ...rest }) =>
        rest
      );
    const kept = name === "cut" ? [] : foreign(LATER); // its part is where they are
    deepStrictEqual(foreign(events), kept, name);
    ok(
      events[0]!.kind === "header" &&
        JSON.stringify(events[0]!.header.extra) === JSON.stringify({ mood: "calm", depth: { later: [1, null] } }),
    );
  }
});

Deno.test("foreign events and fields of asciicast survive the way to T2A and back, to the byte", async () => {
  const v3 =
    '{"version":3,"term":{"cols":80,"rows":24,"type":"xterm","later":1},"title":"t","tags":["a"],"x-mood":{"a":[1,null,"é"]}}\n' +
    '# a comment\n[0.5, "o", "hi"]\n[0.25, "zz", "{\\"a\\":1}"]\n[0.0, "rlib", ""]\n#another\n[1.0, "m", ""]\n[0.0, "x", "0"]\n';
  const v2 =
    '{"version":2,"width":80,"height":24,"timestamp":1700000000,"env":{"TERM":"xterm"},"x-mood":[true]}\n[0.5, "o", "hi"]\n' +
    '[0.75, "zz", "payload"]\n[1.0, "b", "x"]\n';
  for (const [format, cast] of [[asciicastV3, v3], [asciicastV2, v2]] as const) {
    const events = await read(format, [new TextEncoder().encode(cast)]);
    const again = await read(t2a, [await write(t2a, events)]);
    deepStrictEqual(again, events);
    const back = new TextDecoder().decode(await write(format, again));
    const [first, ...lines] = back.split("\n"), [header, ...expected] = cast.split("\n");
    deepStrictEqual(JSON.parse(first!), JSON.parse(header!));
    deepStrictEqual(lines, expected);
  }
});
