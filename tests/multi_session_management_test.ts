import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { choosePtyHost } from "../lib/host/pty.ts";
import { infoOf, isInstalled } from "./support/cli.ts";
import { Person } from "./support/person.ts";
import { eventually, Onlooker, type SessionTest, withSessions } from "./support/sessions.ts";
import { sleep } from "./support/pty.ts";

const host = await choosePtyHost();
const hasTmux = await isInstalled("tmux");
const ignore = host.name !== "libc" || !hasTmux;
if (ignore) console.log("    skipped: for Linux with tmux");

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

test("a person makes a session, leaves it, comes back from a terminal of another size, and finds all as it was", async () => {
  await withSessions(async (test) => {
    const one = await Person.at(test, "one", "80x24");
    await one.types("echo before", "Enter");
    await one.types("term2ai session new work -- env PS1='inside> ' bash --norc", "Enter");
    await one.sees(/^inside>/m);
    await one.types("printf '\\033[31mred\\033[0m\\n'; tput cols; printf '\\033]2;my title\\007'", "Enter");
    await one.sees(/^80$/m);
    await one.types("C-]", "d");
    await one.sees(/\[detached from work\]/);
    match(await one.screen("-S", "-100"), /before/);
    equal(await one.fact("#{mouse_any_flag}#{alternate_on}#{cursor_flag}"), "001");
    const other = await Person.at(test, "other", "100x30");
    await other.types("term2ai session attach wo", "Enter");
    await other.sees(/^red$/m);
    match(await other.screen("-e"), /\x1b\[31mred/);
    equal(await other.fact("#{pane_title}"), "my title");
    await other.types("tput cols", "Enter");
    await other.sees(/^100$/m);
    await other.types("exit 7", "Enter");
    await other.sees(/\[work has ended: exit code 7\]/);
    await other.types("echo status=$?", "Enter");
    await other.sees(/^status=7$/m);
  });
});

test("a full-screen program is whole after attaching, with its modes, and its terminal is clean after leaving", async () => {
  await withSessions(async (test) => {
    const one = await Person.at(test, "one");
    const program =
      "printf '\\033[?1049h\\033[?1000h\\033[?2004h\\033[?25l\\033[?1h\\033[5;10H\\033[7mFULL\\033[0m'; read x";
    await test.run("session", "new", "-d", "full", "--", "sh", "-c", program);
    await one.types("term2ai session attach full", "Enter");
    await one.sees(/FULL/);
    equal(await one.fact("#{alternate_on}#{mouse_standard_flag}#{cursor_flag}#{keypad_cursor_flag}"), "1101");
    await one.types("C-]", "d");
    await one.sees(/detached/);
    equal(await one.fact("#{alternate_on}#{mouse_standard_flag}#{cursor_flag}#{keypad_cursor_flag}"), "0010");
    await one.types("echo fine", "Enter");
    await one.sees(/^fine$/m);
  });
});

test("the prefix twice is the prefix, keys after it switch between sessions, mark and explain", async () => {
  await withSessions(async (test) => {
    const one = await Person.at(test, "one");
    for (const name of ["alpha", "beta"]) {
      await test.run(
        "session",
        "new",
        "-d",
        name,
        "--record",
        `${name}.t2a`,
        "--",
        "sh",
        "-c",
        `echo this is ${name}; exec cat -v`,
      );
    }
    await one.types("term2ai session attach --prefix C-a alpha", "Enter");
    await one.sees(/this is alpha/);
    await one.types("C-a", "C-a", "Enter");
    await one.sees(/\^A/);
    await one.types("C-a", "m");
    await one.sees(/Label of the marker/);
    await one.types("here", "Enter");
    await one.types("C-a", "n");
    await one.sees(/this is beta/);
    await one.types("C-a", "s");
    await one.sees(/Switch to:/);
    await one.types("alp", "Enter");
    await one.sees(/this is alpha/);
    await one.types("C-a", "?");
    await one.sees(/d detach/);
    await one.types("C-a", "d");
    await one.sees(/detached from alpha/);
    await test.run("session", "kill", "alpha");
    deepEqual((await infoOf(`${test.folder}/alpha.t2a`)).markerList.map(({ label }: { label: string }) => label), [
      "here",
    ]);
  });
});

test("inside a session, attaching is refused kindly, and switch and detach work from its shell", async () => {
  await withSessions(async (test) => {
    const one = await Person.at(test, "one");
    await test.run("session", "new", "-d", "other", "--", "sh", "-c", "echo this is the other; exec cat");
    await one.types("term2ai session new mine -- env PS1='mine> ' bash --norc", "Enter");
    await one.sees(/^mine>/m);
    await one.types("term2ai session attach other", "Enter");
    await one.sees(/inside session mine/);
    await one.types("clear; term2ai session new third", "Enter");
    await one.sees(/inside session mine/);
    await one.types("clear; term2ai session switch other", "Enter");
    await one.sees(/this is the other/);
    await one.types("C-]", "d");
    await one.sees(/detached from other/);
    await one.types("clear; term2ai session attach mine", "Enter");
    await one.sees(/^mine>/m);
    await one.types("clear; term2ai session detach", "Enter");
    await one.sees(/detached from mine/);
  });
});

test("two terminals of different sizes: the one that types has its size, a viewer sees what fits and changes nothing", async () => {
  await withSessions(async (test) => {
    const big = await Person.at(test, "big", "100x30");
    const small = await Person.at(test, "small", "40x10");
    const viewer = await Person.at(test, "viewer", "50x12");
    await big.types("term2ai session new pair -- env PS1='$ ' bash --norc", "Enter");
    await big.sees(/^\$/m);
    await viewer.types("term2ai session attach --viewer pair", "Enter");
    await viewer.sees(/pair is 100x30, this terminal 50x12/);
    await viewer.types("echo from the viewer", "Enter");
    await big.types("tput cols", "Enter");
    await big.sees(/^100$/m);
    await viewer.sees(/^100$/m);
    await small.types("term2ai session attach pair", "Enter");
    await big.sees(/pair is 40x10, this terminal 100x30/);
    await small.types("tput cols", "Enter");
    await small.sees(/^40$/m);
    await big.sees(/^40$/m);
    await sleep(1100);
    await big.types("clear; tput cols", "Enter");
    await big.sees(/^100$/m);
    ok(!(await big.screen()).includes("viewer"), "what a viewer types must go nowhere");
    const clients = JSON.parse((await test.run("session", "clients", "pair", "--json")).text);
    deepEqual(clients.map(({ role, leads }: Record<string, unknown>) => [role, leads]).sort(), [["operator", false], [
      "operator",
      true,
    ], ["viewer", false]]);
    await big.types("C-]", "d");
    await small.sees(/^100$/m);
  });
});

test("scripts: new, ls, send, peek, wait, mark, rename, record and kill", async () => {
  await withSessions(async ({ run, folder }) => {
    equal(
      (await run("session", "new", "--detach", "web", "--record", "web.t2a", "--", "env", "PS1=$ ", "bash", "--norc"))
        .text,
      "web\n",
    );
    equal((await run("session", "new", "-d", "web", "--", "true")).status, 2);
    equal((await run("session", "send", "web", "echo he''llo", "Enter")).status, 0);
    equal((await run("session", "wait", "web", "--text", "^hello$", "--timeout", "20s")).status, 0);
    match((await run("session", "peek", "web")).text, /^hello$/m);
    match((await run("session", "peek", "web", "--ansi")).text, /\x1b\[.*hello/);
    deepEqual(Object.keys(JSON.parse((await run("session", "peek", "--json", "web")).text)), [
      "cols",
      "rows",
      "cursor",
      "title",
      "lines",
    ]);
    equal((await run("session", "wait", "web", "--text", "never", "--timeout", "300ms")).status, 1);
    equal((await run("session", "wait", "web", "--quiet", "300ms", "--timeout", "20s")).status, 0);
    equal((await run("session", "wait", "web", "--exit", "--timeout", "300ms")).status, 1);
    await run("session", "send", "web", "--literal", "echo", "Enter");
    await run("session", "send", "web", "Enter", "sleep 100", "Enter");
    await sleep(300);
    await run("session", "send", "web", "C-c", "echo st=$?", "Enter");
    equal((await run("session", "wait", "web", "--text", "^st=130$", "--timeout", "20s")).status, 0);
    match((await run("session", "peek", "web")).text, /^Enter$/m);
    const [listed] = JSON.parse((await run("session", "ls", "--json")).text);
    for (
      const name of [
        "name",
        "id",
        "pid",
        "command",
        "cwd",
        "cols",
        "rows",
        "clients",
        "recording",
        "idleSeconds",
        "memoryBytes",
        "cpuSeconds",
      ]
    ) {
      ok(name in listed, name);
    }
    deepEqual([listed.name, listed.recording, listed.cols, listed.rows, listed.clients], ["web", "on", 80, 24, 0]);
    match((await run("session", "ls")).text, /^NAME +COMMAND[^]*\nweb +env 'PS1=\$ ' bash/);
    equal((await run("session", "mark", "web", "a marker")).status, 0);
    equal((await run("session", "rename", "web", "site")).status, 0);
    match((await run("session", "peek", "web")).errors, /there are site/);
    equal((await run("session", "record", "site", "off")).text, `${folder}/web.t2a\n`);
    equal((await infoOf(`${folder}/web.t2a`)).markerList[0].label, "a marker");
    equal((await run("session", "record", "site", "on", "two.t2a")).text, `${folder}/two.t2a\n`);
    match((await run("session", "top", "--once")).text, /^NAME +CPU[^]*\nsite /);
    equal((await run("session", "kill", "si")).status, 0);
    equal((await run("session", "wait", "site", "--exit", "--timeout", "5s")).status, 0);
    equal((await infoOf(`${folder}/two.t2a`)).complete, true);
    equal((await run("session", "ls", "--json")).text, "[]\n");
    equal((await run("session", "new", "odd", "--detach", "--", "sh", "-c", "sleep 60 # \x1b[31m")).status, 0);
    const [head, row] = (await run("session", "ls")).text.split("\n");
    match(row!, /\\u\{1b\}\[31m/);
    equal(row!.slice(head!.indexOf("SIZE")).split(" ")[0], "80x24", "columns stay below each other");
    equal((await run("session", "kill", "odd")).status, 0);
    for (
      const wrong of [["send", "site", "x"], ["peek", "site"], ["kill", "site"], ["rename", "site", "y"], [
        "wait",
        "nosuch",
        "--exit",
      ]]
    ) {
      const { status, errors } = await run("session", ...wrong);
      equal(status, 1, errors);
      match(errors, /Cannot find a session/);
    }
    equal((await run("session", "wait", "x")).status, 2);
    equal((await run("session", "nosuch")).status, 2);
    match((await run("session")).text, /attach/);
  });
});

test("a session tells what was run in its shell, unless nobody wants to know", async () => {
  await withSessions(async ({ run, folder }) => {
    const shell = ["--detach", "--record"];
    await run("session", "new", "told", ...shell, "told.t2a", "--", "bash");
    await run("session", "new", "untold", ...shell, "untold.t2a", "--no-shell-integration", "--", "bash");
    for (const name of ["told", "untold"]) {
      await run("session", "send", name, "(exit 3)", "Enter", "exit", "Enter");
      equal((await run("session", "wait", name, "--exit", "--timeout", "20s")).status, 0);
    }
    const commandsOf = async (file: string) =>
      JSON.parse((await run("analyze", "commands", "--json", `${folder}/${file}`)).text)
        .map(({ text, exitCode }: { text: string; exitCode: number }) => [text, exitCode]);
    deepEqual((await commandsOf("told.t2a"))[0], ["(exit 3)", 3]);
    deepEqual(await commandsOf("untold.t2a"), []);
  });
});

test("a recording by rec can be looked at, marked and stopped, and typed into only with --attachable", async () => {
  await withSessions(async (test) => {
    const one = await Person.at(test, "one");
    await one.types(`term2ai rec ${test.folder}/demo.t2a -- env PS1='rec> ' bash --norc`, "Enter");
    await one.sees(/^rec>/m);
    await one.types("echo vis''ible", "Enter");
    await one.sees(/^visible$/m);
    await eventually("it is listed", async () => (await test.run("session", "ls")).text.includes("demo"));
    match((await test.run("session", "peek", "demo")).text, /^visible$/m);
    await one.types("echo la''ter", "Enter");
    await one.sees(/^later$/m);
    match((await test.run("session", "peek", "demo")).text, /^visible\n.*\nlater$/m);
    equal((await test.run("session", "mark", "demo", "from outside")).status, 0);
    match((await test.run("session", "send", "demo", "x")).errors, /rec --attachable/);
    match((await test.run("session", "record", "demo", "off")).errors, /this is what rec is for/);
    equal((await test.run("session", "kill", "demo")).status, 0);
    await one.sees(/READY>/);
    equal((await infoOf(`${test.folder}/demo.t2a`)).markers, 1);
    await one.types(`clear; term2ai rec --attachable ${test.folder}/open.t2a -- env PS1='open> ' bash --norc`, "Enter");
    await one.sees(/^open>/m);
    const session = await eventuallySession(test, "open");
    const other = await Onlooker.at(session, { name: "bob" });
    other.type("echo from b''ob\r");
    await other.until("from bob");
    await one.sees(/^from bob$/m);
    await other.leave();
    await one.types("exit", "Enter");
    await one.sees(/READY>/);
    await one.types(`clear; term2ai rec --no-socket ${test.folder}/off.t2a -- env PS1='off> ' bash --norc`, "Enter");
    await one.sees(/^off>/m);
    await sleep(600);
    equal((await test.run("session", "ls", "--json")).text, "[]\n");
  });
});

async function eventuallySession({ manager }: SessionTest, name: string) {
  await eventually(`${name} is there`, async () => (await manager.listSessions()).some((info) => info.name === name));
  return await manager.getSession(name);
}

test("templates: several sessions by one name, with their folders, limits and environment, and clear words for what is wrong", async () => {
  await withSessions(async ({ run, folder }) => {
    await Deno.mkdir(`${folder}/.term2ai/templates`, { recursive: true });
    await Deno.mkdir(`${folder}/sub`);
    const put = (name: string, text: string) => Deno.writeTextFile(`${folder}/.term2ai/${name}`, text);
    await put("config.toml", '[session]\nsize = "90x20"\n[session.limits]\nprocesses = 500\n');
    await put(
      "templates/dev.toml",
      `
description = "Two"
[[session]]
name = "one"
command = "echo $WORD in $(pwd); exec cat"
cwd = "sub"
env = { WORD = "hello" }
env_allow = ["PATH", "LC_*"]
[session.recording]
folder = "recordings"
tags = ["dev"]
[session.limits]
memory = "512M"
[[session]]
name = "two"
command = ["cat"]
recording = false
`,
    );
    const shown = JSON.parse((await run("template", "show", "dev")).text);
    equal(shown[0].limits.memoryBytes, 512 << 20);
    deepEqual([shown[0].cols, shown[0].limits.processes, shown[1].recording], [90, 500, false]);
    match((await run("template", "ls")).text, /dev +project/);
    equal((await run("template", "check", "dev")).status, 0);
    equal((await run("session", "new", "-d", "--template", "dev")).text, "one\ntwo\n");
    equal((await run("session", "wait", "one", "--text", `hello in ${folder}/sub`, "--timeout", "20s")).status, 0);
    const all = JSON.parse((await run("session", "ls", "--json")).text);
    deepEqual(all.map(({ name, recording }: Record<string, unknown>) => [name, recording]), [["one", "on"], [
      "two",
      "off",
    ]]);
    match(all[0].recordingPath, new RegExp(`^${folder}/recordings/one-`));
    await run("session", "kill", "--all");
    await put(
      "templates/bad.toml",
      '[[session]]\nnam = "x"\ninput = "all"\nsize = 5\n[session.limits]\nmemory = "lots"\nspeed = 1\n',
    );
    const { status, errors } = await run("template", "check", "bad");
    equal(status, 2);
    for (
      const part of [
        /there is no "nam"/,
        /input: found "all"/,
        /size: found 5/,
        /limits.memory: .*"lots"/,
        /limits.speed/,
      ]
    ) match(errors, part);
    await put("templates/worse.json", "{");
    match((await run("template", "show", "worse")).errors, /Cannot read .*worse.json/);
    match((await run("session", "new", "-d", "-T", "nosuch")).errors, /there are bad, dev, worse/);
  });
});

Deno.test("SessionManager.getSession() asks no other session about a name that is whole", async () => {
  await withSessions(async ({ manager, folder }) => {
    await manager.createSession({ name: "one", command: ["cat"], recording: false });
    const path = `${folder}/run/one-more.sock`;
    const other = Deno.listen({ transport: "unix", path });
    let asked = 0;
    const asking = (async () => {
      for await (const connection of other) {
        asked++;
        connection.close();
      }
    })();
    equal((await manager.getSession("one")).name, "one");
    await sleep(50);
    equal(asked, 0);
    await rejects(manager.getSession("../run/one"), /Cannot find a session/);
    await eventually("the beginning of a name is looked for among all", () => asked > 0);
    other.close();
    await asking;
    await Deno.remove(path).catch(() => {});
  });
});

Deno.test("Session.attach() tells that the session was asked before there is an answer", async () => {
  await withSessions(async ({ manager, folder }) => {
    await manager.createSession({ name: "real", command: ["cat"], recording: false });
    const real = await manager.getSession("real");
    const path = `${folder}/run/slow.sock`;
    using listener = Deno.listen({ transport: "unix", path });
    const slow = listener.accept();
    const session = await manager.getSession("slow");
    (await slow).close();
    const asked = Promise.withResolvers<void>();
    const attaching = session.attach({}, asked.resolve);
    const connection = await listener.accept();
    await asked.promise;
    connection.close();
    await rejects(attaching, /Cannot reach session slow/);
    await Deno.remove(path);
    const attached = await real.attach({ cols: 80, rows: 24 });
    const hello = await attached.next();
    const { type, session: facts } = JSON.parse(hello && "text" in hello ? hello.text : "{}");
    deepEqual([type, facts.name, facts.cols, "memoryBytes" in facts], ["hello", "real", 80, false]);
    attached.close();
    await attached.sent();
  });
});
