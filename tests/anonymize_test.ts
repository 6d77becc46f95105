import fc from "fast-check";
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { t2a } from "../formats/mod.ts";
import type { SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collect, concat, streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { anonymize, learnNames, Names } from "../lib/transform/anonymize.ts";
import { write } from "./contracts/format_contract.ts";
import { term2ai, withFolder } from "./support/cli.ts";
import { everyKind, header, keyframe, marker, output } from "./support/events.ts";
import { chunkSizes, cut, sessions } from "./support/generate.ts";

const ADA = header({ user: "ada", host: "engine.example.org", cwd: "/home/ada/Secret Plan/src" });
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (events: readonly SessionEvent[], kind: "output" | "input" = "output") =>
  new TextDecoder().decode(concat(events.flatMap((event) => event.kind === kind ? [event.data] : [])));
const run = (events: readonly SessionEvent[], names?: Names) =>
  collect(streamOf(...events).pipeThrough(anonymize(names)));

/** What is printed in ADA's session, and what is left of it. */
const PRINTED: readonly [text: string, hidden: string][] = [
  ["ada@engine:~$ ", "user@host:~$ "],
  ["ADA and Ada, but not canada or ada2", "USER and USER".toLowerCase() + ", but not canada or ada2"],
  ["/home/ada/Secret Plan/src/a.ts", "/home/user/dir1/src/a.ts"],
  ["ssh ada@engine.example.org", "ssh user@host"],
  ["\x1b[32ma\x1b[1md\x1b[0ma\x1b[m@\x1b[33;1meng\x1b[Kine:", "\x1b[32muser\x1b[1m\x1b[0m\x1b[m@\x1b[33;1mhost\x1b[K:"],
  ["ad\ra", "ad\ra"], // the cursor moved
  ["\x1b]0;ada@engine: ~\x07x\x1b]2;budget\x1b\\", "\x1b]0;title1\x07x\x1b]2;title2\x1b\\"],
  ["\x1b]7;file://engine/home/ada/Other\x07 Other", "\x1b]7;file://host/home/user/dir2\x07 dir2"],
  ["\x1b]7;file://engine/home/bob/x%20y\x1b\\ bob x y", "\x1b]7;file://host/home/user2/dir2\x1b\\ user2 dir2"],
  ["\x1b]1337;CurrentDir=/srv/acme\x07acme", "\x1b]1337;CurrentDir=/srv/dir2\x07dir2"],
  ["\x1b]1337;RemoteHost=eve@mars\x07eve on mars", "\x1b]1337;RemoteHost=user2@host2\x07user2 on host2"],
  ["\x1b]1337;SetUserVar=a=YWRh\x07\x1b]52;c;YWRh\x07\x1b]1337;SetMark\x07", "\x1b]1337;SetMark\x07"],
  ["\x1b]1337;File=name=YWRh;inline=1:AAAA\x07", "\x1b]1337;File=inline=1:AAAA\x07"],
  ["\x1b]633;P;Cwd=/home/ada/Secret Plan\x07", "\x1b]633;P;Cwd=/home/user/dir1\x07"],
  ["\x1b]8;;file://engine/home/ada/x\x07x\x1b]8;;\x07", "\x1b]8;;file://host/home/user/x\x07x\x1b]8;;\x07"],
  ["\x1bktitle of ada\x1b\\", "\x1bktitle1\x1b\\"],
  ["\x1bP+q ada \x1b\\\x1b_ada\x1b\\", "\x1bP+q user \x1b\\\x1b_user\x1b\\"],
  ["é\xff ada é", "é\xff user é"],
];

Deno.test("anonymize() replaces names in what is printed, wherever they stand", async () => {
  for (const [text, hidden] of PRINTED) equal(decode(await run([ADA, output(1, text + "\n")])), hidden + "\n");
});

Deno.test("anonymize() takes names with any characters that names may have", async () => {
  const session = header({ user: "ada-l.(x)", host: "mars-1+[a].example-net.org", cwd: "/home/ada-l.(x)/a-b/c^d$e" });
  const text = decode(await run([session, output(1, "ada-l.(x)@mars-1+[a] a-b c^d$e a.b mars-11\n")]));
  equal(text, "user@host dir1 dir2 a.b mars-11\n");
});

Deno.test("anonymize() finds the same names however the bytes are split over events", async () => {
  const property = fc.asyncProperty(fc.constantFrom(...PRINTED), chunkSizes, async ([text, hidden], sizes) => {
    const events = cut(encode(text + "\n"), sizes).map((data, at) => ({ kind: "output", time: at + 1, data }) as const);
    equal(decode(await run([ADA, ...events])), hidden + "\n");
  });
  await fc.assert(property, { numRuns: 200 });
});

Deno.test("anonymize() changes nothing where nobody is named, and keeps times, kinds and bytes that are no text", async () => {
  const property = fc.asyncProperty(sessions({ sessions: 2 }), async (all) => {
    const nobody = all.filter(({ kind }) =>
      !["keyframe", "screen", "note", "command", "marker", "custom"].includes(kind)
    )
      .map((event): SessionEvent => {
        if (event.kind === "header") return header();
        if (event.kind === "input") return { kind: "input", time: event.time, data: event.data };
        return event;
      }).filter((event) => event.kind !== "output" || !event.data.includes(0x1b));
    deepStrictEqual(await run(nobody), nobody);
  });
  await fc.assert(property, { numRuns: 100 });
});

Deno.test("anonymize() puts a name that was typed key by key where its first letter was, and shows the rest on time", async () => {
  const keys = [..."cd ada "].flatMap((key, at): SessionEvent[] => [
    { kind: "input", time: 2 * at, data: encode(key) },
    output(2 * at + 1, key),
  ]);
  const events = await run([ADA, ...keys]);
  const text = (kind: string) =>
    events.flatMap((event) =>
      event.kind === kind && "data" in event ? [[event.time, decode([event] as never, kind as never)]] : []
    );
  deepStrictEqual(text("output"), [[1, "c"], [3, "d"], [5, " "], [7, "user"], [13, " "]]);
  deepStrictEqual(text("input"), [[0, "c"], [2, "d"], [4, " "], [6, "user"], [12, " "]]);
  ok(events.every(({ time }, at) => at === 0 || time >= events[at - 1]!.time));
});

Deno.test("anonymize() holds back only what may be the beginning of a name", async () => {
  const { readable, writable } = anonymize();
  const writer = writable.getWriter(), reader = readable.getReader();
  const send = (event: SessionEvent) => void writer.write([event]);
  const next = async () => decode((await reader.read()).value!);
  send(ADA);
  await next();
  send(output(1, "canada, and $ "));
  equal(await next(), "canada, and $ ");
  send(output(2, "canada, an ad"));
  send(marker(3, "waits too, so that the order stays"));
  send(output(4, "d"));
  equal(await next(), "canada, an add");
  await reader.cancel();
});

Deno.test("anonymize() replaces names in every kind of event, and the same name by the same placeholder", async () => {
  const [first] = await run([header({
    ...ADA.header,
    title: "ada's demo",
    command: "ssh ada@engine",
    shell: "/home/ada/bin/fish",
    tags: ["ada"],
    env: { HOME: "/home/ada", LANG: "C" },
    extra: { note: ["by ada"] },
  })]);
  ok(first!.kind === "header");
  deepStrictEqual(first.header, {
    ...{ cols: 80, rows: 24, user: "user", host: "host", cwd: "/home/user/dir1/src", title: "user's demo" },
    ...{ command: "ssh user@host", shell: "/home/user/bin/fish", tags: ["user"] },
    env: { HOME: "/home/user", LANG: "C" },
    extra: { note: ["by user"] },
  });
  const events = await run([
    ADA,
    { kind: "input", time: 1, data: encode("x"), by: "ada" },
    { kind: "input", time: 1, data: encode("x"), by: "Eve" },
    marker(1, "ada arrives"),
    { kind: "note", time: 1, topic: "clients", data: { ada: ["ada", 1, null] } },
    { kind: "custom", time: 1, code: "z", data: encode("ada") },
    { kind: "custom", time: 1, code: "z", data: Uint8Array.of(0xff) },
    { kind: "command", time: 1, phase: "done", text: "ls /home/ada/New", cwd: "/home/ada/New", code: 0 },
    { kind: "exit", time: 1, status: { code: 0 } },
  ]);
  deepStrictEqual(events.slice(1).map(({ time: _, kind: __, ...rest }) => rest), [
    { data: encode("x"), by: "user" },
    { data: encode("x"), by: "person1" },
    { label: "user arrives" },
    { topic: "clients", data: { user: ["user", 1, null] } },
    { code: "z", data: encode("user") },
    { code: "z", data: Uint8Array.of(0xff) },
    { phase: "done", text: "ls /home/user/dir2", cwd: "/home/user/dir2", code: 0 },
    { status: { code: 0 } },
  ]);
});

Deno.test("anonymize() replaces names on screens cell by cell, leaves keyframes out, and goes on with what was pending", async () => {
  const terminal = (await loadEmulator())({ cols: 12, rows: 4 });
  terminal.write(encode("\x1b]2;of ada\x07hello on \x1b[1mengine.example.org, 漢 ada\x1b]0;ad"));
  const report = new Report();
  const events = await collect(
    streamOf(ADA, { kind: "screen", time: 1, state: terminal.snapshot() }, keyframe(2), output(3, "a\x07ok"), {
      kind: "opaque",
      time: 4,
      type: 200,
      data: encode("ada"),
    }).pipeThrough(anonymize(new Names(), report)),
  );
  deepStrictEqual(events.map(({ kind }) => kind), ["header", "screen", "output", "opaque"]);
  const screen = events[1]!;
  ok(screen.kind === "screen");
  deepStrictEqual(screenText(screen.state), ["hello on host              , 漢 use"]);
  deepStrictEqual([screen.state.title, screen.state.pending], ["title1", undefined]);
  equal(decode(events), "\x1b]0;title2\x07ok");
  deepStrictEqual(report.warnings.map(({ code }) => code), ["opaque-block"]);
});

Deno.test("anonymize() survives anything a program may print, and no sequence is lost or torn", async () => {
  const bytes = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 30 }),
      fc.constantFrom("\x1b]0;", "\x1bP", "ada", "\x07", "\x1b\\").map(encode),
    ),
  );
  const property = fc.asyncProperty(bytes, async (all) => {
    const events = all.map((data, at) => ({ kind: "output", time: at, data }) as const);
    const whole = [ADA, { kind: "output", time: 0, data: concat(all) } as const];
    equal(decode(await run([ADA, ...events])), decode(await run(whole)));
  });
  await fc.assert(property, { numRuns: 200 });
});

Deno.test("learnNames() finds names that come up late, and every kind passes", async () => {
  const late = [header(), output(1, "eve says\n"), output(2, "\x1b]0;eve@mars: ~/plans\x07")];
  equal(decode(await run(late)), "eve says\n\x1b]0;title1\x07");
  equal(decode(await run(late, await learnNames(streamOf(...late)))), "user says\n\x1b]0;title1\x07");
  equal((await run(everyKind())).length, everyKind().length - 1);
});

Deno.test("term2ai anonymize leaves no name in a file or down a pipe", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.t2a`;
    const events = [ADA, output(1, "Grace says hello to ada\n"), output(2, "\x1b]0;eve@mars\x07 eve\n")];
    await Deno.writeFile(path, await write(t2a, events));
    const { text, status } = await term2ai(["anonymize", "--name", "grace", "--as", "jsonl", path]);
    equal(status, 0);
    ok(!/ada|eve|mars|grace|engine|Secret/i.test(text), text);
    match(text, /name1 says hello to user/);
    const piped = await term2ai(["anonymize", "--as", "jsonl"], { stdin: await Deno.readFile(path) });
    ok(!/ada|engine|Secret/.test(piped.text), piped.text);
  });
});
