import { deepEqual, equal, match, ok } from "node:assert/strict";
import { collectBytes, streamOf } from "../lib/stream/collect.ts";
import type { SessionEvent } from "../lib/event.ts";
import { t2a } from "../formats/mod.ts";
import { isInstalled, TERM2AI, term2ai, withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";
import { perform, random, type Scripted, scriptedSession } from "./support/scripted_sessions.ts";

async function store(path: string, events: readonly SessionEvent[]): Promise<void> {
  await Deno.writeFile(path, await collectBytes(streamOf(...events).pipeThrough(t2a.encoder())));
}

const one = (text: string, more: Partial<Scripted> = {}): Scripted => (
  { text, code: 0, cwd: "/src", took: 500, silent: 10, output: "fine\r\n", thinks: 300, errors: [], ...more }
);
const play = (script: readonly Scripted[], seed = 1) => perform(script, random(seed), Date.UTC(2026, 0, seed));

Deno.test("analyze commands --json prints one array with the promised members", async () => {
  await withFolder(async (folder) => {
    const { events, script } = scriptedSession(3);
    await store(`${folder}/a.t2a`, events);
    const { status, text, errors } = await term2ai(["analyze", "commands", "--json", `${folder}/a.t2a`]);
    deepEqual([status, errors], [0, ""]);
    const rows = JSON.parse(text);
    deepEqual(
      rows.map((
        { text, exitCode, cwd, durationSeconds }: Record<string, unknown>,
      ) => [text, exitCode, cwd, durationSeconds]),
      script.map(({ text, code, cwd, took }) => [text, code, cwd, took / 1000]),
    );
    for (const name of ["text", "exitCode", "cwd", "time", "durationSeconds", "outputBytes", "confidence"]) {
      ok(name in rows[0], name);
    }
    const lines = await term2ai(["analyze", "commands", `${folder}/a.t2a`]);
    equal(lines.text.split("\n").length, script.length + 2);
  });
});

Deno.test("analyze tells summary, timing and errors, as text and as JSON, over many files", async () => {
  await withFolder(async (folder) => {
    for (const seed of [1, 2]) await store(`${folder}/${seed}.t2a`, scriptedSession(seed).events);
    const files = [`${folder}/1.t2a`, `${folder}/2.t2a`];
    const all = [...scriptedSession(1).script, ...scriptedSession(2).script];
    const summary = JSON.parse((await term2ai(["analyze", "--json", ...files])).text);
    equal(summary.commands.commands, all.length);
    equal(summary.errors.failed, all.filter(({ code }) => code !== 0).length);
    equal(summary.commands.failed, summary.errors.failed);
    ok(summary.timing.durationSeconds > 0);
    match((await term2ai(["analyze", "timing", ...files])).text, /^duration .*\nbusy .*%/);
    match((await term2ai(["analyze", "errors", ...files])).text, /causes\n/);
    match((await term2ai(["analyze", "summary", ...files])).text, new RegExp(`commands +${all.length} in 2 sessions`));
  });
});

Deno.test("all JSON of analyze tells times in seconds, and commands as analyze commands does", async () => {
  await withFolder(async (folder) => {
    const script = [
      one("make", { code: 2, took: 1500, output: "make: *** [all] Error 2\r\n" }),
      one("make", { took: 2500 }),
      ...Array.from({ length: 3 }, () => one("sleep 1", { took: 1000 })),
      one("sleep 1", { took: 9000 }),
    ];
    const file = `${folder}/a.t2a`;
    await store(file, play(script).events);
    const json = async (...args: string[]) => JSON.parse((await term2ai(["analyze", ...args, "--json", file])).text);
    const rows = await json("commands");
    const { commands, timing, errors } = await json("summary");
    deepEqual([await json("timing"), await json("errors"), await json("commands", "--statistics")], [
      timing,
      errors,
      commands,
    ]);
    deepEqual(await json("report"), { commands, timing, errors });

    const asRow = ({ session, ...row }: Record<string, unknown>) => (equal(session, 0), { ...row, host: "engine" });
    deepEqual(commands.history.map(asRow), rows);
    deepEqual(asRow(commands.slowest[0]), rows.at(-1));
    deepEqual(asRow(errors.failures[0].command), rows[0]);
    const { count, total, min, max } = commands.durationSeconds;
    deepEqual([count, total, min, max], [6, 16, 1, 9]);
    deepEqual(commands.programs.find(({ name }: { name: string }) => name === "make").durationSeconds.max, 2.5);

    const [failure] = errors.failures, [group] = errors.groups;
    const began = rows[0].time, mended = rows[1].time + 2.5;
    ok(began < failure.errors[0].time && failure.errors[0].time < began + 1.5);
    equal(group.first.time, failure.errors[0].time);
    ok(Math.abs(failure.recoveredAfterSeconds - (mended - began - 1.5)) < 1e-6);
    ok(Math.abs(group.recoveredAfterSeconds - (mended - group.first.time)) < 1e-6);

    const [slow] = timing.regressions;
    deepEqual([slow.text, slow.durationSeconds, slow.usualSeconds, slow.time], ["sleep 1", 9, 1, rows.at(-1).time]);
    ok(Math.abs(timing.durationSeconds - timing.busySeconds - timing.idleSeconds) < 1e-6);
    ok(timing.runningSeconds >= 16 && timing.runningSeconds < timing.durationSeconds);
    ok(timing.firstOutputSeconds.max < 1 && timing.outputRate.slotSeconds >= 0.25);
    ok(timing.outputRate.peakBytesPerSecond > 0);
  });
});

Deno.test("of a damaged recording analyze and export tell what can be read and what is damaged, and end with 1", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/a.cast`;
    const mark = (fields: string) => `\\u001b]133;${fields}\\u0007`;
    const line = (text: string) => `[0.5, "o", "${text}"]\n`;
    const head = '{"version": 2, "width": 80, "height": 24, "timestamp": 1700000000}\n';
    const whole = head + line(`${mark("A")}$ make\\r\\n${mark("C;cmdline=make")}`) + line(mark("D;2"));
    const ways: readonly (readonly string[])[] = [
      ["analyze", "commands"],
      ["analyze", "summary"],
      ["export", "csv"],
      ["export", "asciicast"],
    ];
    for (const way of ways) {
      await Deno.writeTextFile(file, whole);
      const good = await term2ai([...way, file]);
      deepEqual([good.status, good.errors], [0, ""], way.join(" "));
      await Deno.writeTextFile(file, whole + "what is this\n");
      const bad = await term2ai([...way, file]);
      equal(bad.status, 1, way.join(" "));
      match(bad.errors, /a\.cast: a line that is not an event was left out \(at line 4\)\n/);
      if (way[1] !== "asciicast") {
        match(bad.errors, /it is damaged; what could be read of it, \d+ events up to .*\n.*term2ai repair/);
      }
      equal(bad.text, good.text, way.join(" "));
    }
    equal((await term2ai(["diff", file, file])).status, 2, "nobody knows that they are the same");
    await Deno.writeTextFile(file, head + "what is this\n");
    for (const what of ["commands", "summary"]) {
      const { status, text } = await term2ai(["analyze", what, file]);
      equal(status, 1);
      match(text, /no commands known in what could be read\n/);
    }
    await Deno.writeTextFile(file, head + line("hello"));
    const { status, text } = await term2ai(["analyze", "commands", file]);
    equal(status, 0);
    match(text, /no commands known: the recording has no marks/);
  });
});

Deno.test("export writes nothing of recordings that cannot be read", async () => {
  await withFolder(async (folder) => {
    const [none, junk, out] = ["none", "junk", "out"].map((name) => `${folder}/${name}`) as [string, string, string];
    await Deno.writeTextFile(junk, "hello world");
    await Deno.writeTextFile(out, "kept");
    const fails = async (...args: string[]) => {
      const { status, text } = await term2ai(["export", ...args]);
      deepEqual([status > 0, text], [true, ""], args.join(" "));
    };
    await fails("csv", none);
    await fails("asciicast", junk);
    for (const format of ["csv", "json", "parquet", "otlp", "markdown"]) await fails(format, none, junk);
    for (const files of [[junk], [none, junk]]) await fails("csv", "--overwrite", "-o", out, ...files);
    equal(await Deno.readTextFile(out), "kept");
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["junk", "out"]);
  });
});

Deno.test("analyze chooses sessions by time, host, user and tag", async () => {
  await withFolder(async (folder) => {
    const make = (name: string, more: object) =>
      store(`${folder}/${name}.t2a`, [header({ command: name, recorder: "term2ai x", ...more }), {
        kind: "exit",
        time: 1e9,
        status: { code: 0 },
      }]);
    await make("old", { host: "engine", startedAt: Date.now() - 30 * 86_400_000 });
    await make("new", { host: "engine", startedAt: Date.now() - 3600_000, tags: ["ci"] });
    await make("elsewhere", { host: "other", user: "ada", startedAt: Date.now() - 3600_000 });
    const files = ["old", "new", "elsewhere"].map((name) => `${folder}/${name}.t2a`);
    const told = async (...flags: string[]) =>
      JSON.parse((await term2ai(["analyze", "commands", "--json", ...flags, ...files])).text).map((
        { text }: { text: string },
      ) => text);
    deepEqual(await told("--since", "7d"), ["new", "elsewhere"]);
    deepEqual(await told("--since", "7d", "--host", "engine"), ["new"]);
    deepEqual(await told("--until", "7d"), ["old"]);
    deepEqual(await told("--user", "ada"), ["elsewhere"]);
    deepEqual(await told("--tag", "ci"), ["new"]);
    deepEqual(await told("--host", "nowhere"), []);
  });
});

Deno.test("analyze, diff and export take ids and queries over the store, and tell of it what they tell of the files", async () => {
  await withFolder(async (folder) => {
    const run = (...args: string[]) => term2ai(args, { env: { TERM2AI_STORE: `file://${folder}/store` }, cwd: folder });
    const [a, b] = await Promise.all([1, 2].map(async (seed) => {
      await store(`${folder}/${seed}.t2a`, scriptedSession(seed).events);
      return `${folder}/${seed}.t2a`;
    })) as [string, string];
    const ids = (await run("upload", "--tag", "ci", a)).text + (await run("upload", b)).text;
    const [one, two] = ids.trim().split("\n") as [string, string];
    const same = async (fromStore: string[], fromFiles: string[]) => {
      const [stored, files] = [await run(...fromStore), await run(...fromFiles)];
      deepEqual(
        [stored.status, stored.text, stored.errors],
        [files.status, files.text, files.errors],
        fromStore.join(" "),
      );
    };
    const commands = ["analyze", "commands", "--json"];
    await same([...commands, one], [...commands, a]);
    await same([...commands, "last"], [...commands, b]);
    await same([...commands, "--tag", "ci"], [...commands, a]);
    await same([...commands, "--since", "100000d"], [...commands, a, b]);
    await same([...commands, "--tag", "nobody"], [...commands, "--host", "nobody", a]);
    await same([...commands, "--failed", "--store", `file://${folder}/store`], [...commands, "--failed", a, b]);
    await same([...commands, "--statistics", "--tag", "ci"], [...commands, "--statistics", a]);
    await same(["analyze", "errors", "--json", one, two], ["analyze", "errors", "--json", a, b]);
    await same(["analyze", "--json", "--since", "100000d"], ["analyze", "--json", a, b]);
    await same(["diff", "--json", one, `store:${two}`], ["diff", "--json", a, b]);
    await same(["export", "csv", one], ["export", "csv", a]);
    equal(JSON.parse((await run(...commands, "--host", "nobody")).text).length, 0);
    match((await run(...commands, "zzzz")).errors, /there is no such file, and no recording of that id/);
  });
});

Deno.test("analyze says that no commands are known rather than inventing some, and one bad file stops no other", async () => {
  await withFolder(async (folder) => {
    await store(`${folder}/plain.t2a`, [header(), output(1, "$ make\r\nok\r\n$ \r\n")]);
    match((await term2ai(["analyze", "commands", `${folder}/plain.t2a`])).text, /^no commands known/);
    equal((await term2ai(["analyze", "commands", "--json", `${folder}/plain.t2a`])).text, "[]\n");
    await Deno.writeTextFile(`${folder}/bad.t2a`, "rubbish");
    await store(`${folder}/good.t2a`, play([one("make")]).events);
    const { status, text, errors } = await term2ai(["analyze", "commands", `${folder}/bad.t2a`, `${folder}/good.t2a`]);
    equal(status, 1);
    match(text, /make\n$/);
    match(errors, /bad\.t2a: /);
  });
});

Deno.test("analyze, diff and export refuse wrong usage with a message and status 2", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/a.t2a`;
    await store(file, play([one("make")]).events);
    const cases: [string[], RegExp][] = [
      [["analyze", "nonsense", file], /nonsense.*summary, commands/],
      [["analyze", "commands", "--since", "soon", file], /soon.*7d/],
      [["analyze", "errors", "--failed", file], /--failed/],
      [["analyze", "commands", "-o", "x", file], /--output/],
      [["analyze", `${folder}/nothing.t2a`], /no such file/],
      [["diff", file], /[Ee]xpected|[Mm]issing/],
      [["diff", "-", "-"], /stdin/],
      [["diff", "--slower", "1", file, file], /--slower/],
      [["diff", file, `${folder}/nothing.t2a`], /no such file/],
      [["export", "xml", file], /xml.*parquet/],
      [["export", "markdown", "--budget", "5", file], /budget/],
      [["export", "csv", "--endpoint", "http://x", file], /--endpoint/],
      [["export", "markdown", "--table", "commands", file], /--table with markdown: it belongs to json, csv, parquet/],
      [["export", "asciicast", "--table", "events", file], /--table with asciicast/],
      [["export", "csv", "--budget", "20k", file], /--budget with csv: it belongs to markdown/],
      [["export", "otlp", "--endpoint", "ftp://x", file], /http/],
      [["export", "otlp", "--header", "a=b", file], /--endpoint/],
      [["export", "csv", "--header", "a=b", file], /--header with csv/],
      [["export", "csv", "-o", file, file], /exists.*--overwrite/],
    ];
    const runs = await Promise.all(cases.map(async ([args, words]) => ({ args, words, ...await term2ai(args) })));
    for (const { args, words, status, text, errors } of runs) {
      deepEqual([args, status, text], [args, 2, ""], errors);
      match(errors, words);
      ok(!/^ +at /m.test(errors), errors);
    }
  });
});

Deno.test("summary, errors, statistics and --failed mean the same by a command that failed", async () => {
  await withFolder(async (folder) => {
    const codes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 130, 0];
    const script = [...codes.map((code) => one(`sh -c 'exit ${code}'`, { code })), one("exit 3", { code: 3 })];
    const file = `${folder}/a.t2a`;
    await store(file, play(script).events);
    const text = async (...args: string[]) => (await term2ai([...args, file])).text;
    const summary = await text("analyze", "summary");
    match(summary, /failed +10\n/);
    match(summary, /exit codes .*, and 3 more\n/);
    match(await text("analyze", "errors"), /failures +10\n/);
    const json = JSON.parse(await text("analyze", "--json"));
    deepEqual([json.commands.failed, json.errors.failed, json.errors.told], [10, 10, 10]);
    equal(JSON.parse(await text("analyze", "commands", "--json", "--failed")).length, 10);
    match(await text("analyze", "commands", "--statistics"), /failed +10\n/);
  });
});

Deno.test("diff ends with 1 where sessions differ, whoever has read enough of what it says", async () => {
  await withFolder(async (folder) => {
    const long = Array.from({ length: 700 }, (_, at): SessionEvent[] => [
      { kind: "command", time: 2 * at, phase: "output", text: `make ${at} ${"x".repeat(200)}` },
      { kind: "command", time: 2 * at + 1, phase: "done", code: 0 },
    ]);
    await store(`${folder}/a.t2a`, [header()]);
    await store(`${folder}/b.t2a`, [header(), ...long.flat()]);
    for (const more of [[], ["--json"]]) {
      const [program, ...words] = TERM2AI;
      const child = new Deno.Command(program!, {
        args: [...words, "diff", ...more, `${folder}/a.t2a`, `${folder}/b.t2a`],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const reader = child.stdout.getReader();
      await reader.read();
      await reader.cancel();
      const errors = await new Response(child.stderr).text();
      deepEqual([(await child.status).code, errors], [1, ""]);
    }
  });
});

Deno.test("help shows each argument on its own", async () => {
  const usage = async (...words: string[]) => (await term2ai([...words, "--help"])).text.split("\n")[1]!;
  match(await usage("export"), / <FORMAT> \[FILE\]\.\.\.$/);
  match(await usage("analyze"), / \[WHAT\] \[FILE\]\.\.\.$/);
  match(await usage("store", "tag"), / <ID> <TAG>\.\.\.$/);
});

Deno.test("diff ends with 0 for the same session run again, with 1 for a change, and tells it as text, JSON and a page", async () => {
  await withFolder(async (folder) => {
    const script = [one("make"), one("make test", { code: 0 }), one('ls <x> & "y"')];
    const [a, b, c] = ["a", "b", "c"].map((name) => `${folder}/${name}.t2a`) as [string, string, string];
    await store(a, play(script, 1).events);
    await store(b, play(script, 2).events);
    await store(
      c,
      play(script.map((one, at) => at === 1 ? { ...one, code: 2, output: "<script>alert(1)</script>\r\n" } : one), 3)
        .events,
    );
    const same = await term2ai(["diff", a, b]);
    deepEqual([same.status, same.text], [0, ""], same.errors);
    const differs = await term2ai(["diff", "--html", `${folder}/x.html`, "--at", "1s", a, c]);
    equal(differs.status, 1, differs.errors);
    const page = await Deno.readTextFile(`${folder}/x.html`);
    ok(page.includes("&lt;script&gt;alert(1)") && !page.includes("<script"), "text of a recording stays text");
    match((await term2ai(["diff", a, c])).text, /~ make test\n {4}exit code 0 → 2\n {4}- fine\n {4}\+ <script>/);
    const json = JSON.parse((await term2ai(["diff", "--json", a, c])).text);
    deepEqual([json.same, json.summary.different, json.summary.exit, json.commands[0].b.exitCode], [false, 1, 1, 2]);
    await Deno.writeTextFile(`${folder}/bad.t2a`, "rubbish");
    equal((await term2ai(["diff", a, `${folder}/bad.t2a`])).status, 2);
  });
});

Deno.test("export writes each format, and asciicast has a marker at each command and none of our marks", async () => {
  await withFolder(async (folder) => {
    const { events, script } = scriptedSession(5);
    await store(`${folder}/a.t2a`, events);
    const run = async (...args: string[]) => {
      const { status, text, errors } = await term2ai(["export", ...args, `${folder}/a.t2a`]);
      equal(status, 0, errors);
      return text;
    };
    equal(JSON.parse(await run("json")).length, script.length);
    equal((await run("csv")).trim().split("\r\n").length >= script.length + 1, true);
    equal(JSON.parse(await run("otlp")).resourceSpans[0].scopeSpans[0].spans.length, script.length + 1);
    ok((await run("markdown", "--budget", "5k")).length <= 5000);
    const cast = (await run("asciicast")).trim().split("\n").slice(1).map((line) => JSON.parse(line));
    deepEqual(cast.filter(([, kind]) => kind === "m").map(([, , label]) => label), script.map(({ text }) => text));
    ok(!JSON.stringify(cast).includes("633;"));
    await run("parquet", "-o", `${folder}/x.parquet`);
    equal((await Deno.stat(`${folder}/x.parquet`)).mode! & 0o777, 0o600);
  });
});

Deno.test("export otlp sends to an endpoint, and says what it answered when it refuses", async () => {
  await withFolder(async (folder) => {
    await store(`${folder}/a.t2a`, play([one("make")]).events);
    const got: { path: string; key: string | null; spans: number }[] = [];
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
      const body = await request.json();
      got.push({
        path: new URL(request.url).pathname,
        key: request.headers.get("x-key"),
        spans: body.resourceSpans[0].scopeSpans[0].spans.length,
      });
      return request.headers.get("x-key") === "good" ? Response.json({}) : new Response("no key", { status: 401 });
    });
    const endpoint = `http://127.0.0.1:${server.addr.port}`;
    equal(
      (await term2ai(["export", "otlp", "--endpoint", endpoint, "--header", "x-key=good", `${folder}/a.t2a`])).status,
      0,
    );
    deepEqual(got, [{ path: "/v1/traces", key: "good", spans: 2 }]);
    const refused = await term2ai(["export", "otlp", "--endpoint", endpoint, `${folder}/a.t2a`]);
    equal(refused.status, 1);
    match(refused.errors, /401 no key/);
    await server.shutdown();
    match((await term2ai(["export", "otlp", "--endpoint", endpoint, `${folder}/a.t2a`])).errors, /Cannot send traces/);
  });
});

Deno.test("convert leaves our marks out of other formats, and keeps them in ours or when asked", async () => {
  await withFolder(async (folder) => {
    await store(`${folder}/a.t2a`, play([one("make")]).events);
    const marks = async (to: string, ...flags: string[]) =>
      (await term2ai(["convert", ...flags, "--to", to, `${folder}/a.t2a`, "-"])).stdout;
    const has = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes).includes("633;A");
    equal(has(await marks("asciicast-v3")), false);
    equal(has(await marks("asciicast-v3", "--keep-marks")), true);
    const kept = await marks("t2a");
    const { text } = await term2ai(["analyze", "commands", "--json", "-"], { stdin: kept });
    equal(JSON.parse(text)[0].confidence, "exact");
    ok((await term2ai(["cat", `${folder}/a.t2a`])).text.includes("633;A"), "cat prints what was printed");
  });
});

Deno.test("rec has bash tell its commands, and --no-shell-integration does not", async () => {
  if (!await isInstalled("bash")) return console.log("  skipped: bash is not installed");
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/.bashrc`, "PS1='$ '\n");
    const env = { HOME: folder, SHELL: "/bin/bash", TERM: "xterm", XDG_RUNTIME_DIR: folder };
    const keys = "true\n(exit 3)\nexit 4\n";
    const { status } = await term2ai(["rec", `${folder}/a.t2a`], { stdin: keys, env, cwd: folder });
    equal(status, 4);
    const rows = JSON.parse((await term2ai(["analyze", "commands", "--json", `${folder}/a.t2a`])).text);
    deepEqual(rows.map(({ exitCode, confidence }: Record<string, unknown>) => [exitCode, confidence]), [[0, "exact"], [
      3,
      "exact",
    ], [4, "exact"]]);
    const plain = await term2ai(["rec", "--no-shell-integration", `${folder}/b.t2a`], {
      stdin: keys,
      env,
      cwd: folder,
    });
    equal(plain.status, 4);
    equal((await term2ai(["cat", `${folder}/b.t2a`])).text.includes("633;"), false);
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.startsWith("term2ai-")), []);
  });
});
