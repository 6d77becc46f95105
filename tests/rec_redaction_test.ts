/** Hiding secrets while a session is recorded: what is told too late, and what users call a secret. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Secrets } from "../lib/security/redact.ts";
import { PassedOn } from "../lib/session/recording/passed_on.ts";
import { RedactingSink } from "../lib/session/recording/redacting_sink.ts";
import type { RecordingSink } from "../lib/session/recording/recording_sink.ts";
import { term2ai, withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, PRIVATE_KEY, PUBLIC_KEY } from "./support/keys.ts";
import { eventually, withSessions } from "./support/sessions.ts";
import { blocksOf } from "./support/t2a_blocks.ts";

/** What it is shows only half a second later. */
const LATE = "echo Zx9Kq2Lm4Z7w; sleep 0.5; echo export DB_PASSWORD=Zx9Kq2Lm4Z7w; sleep 0.1";
const HIDDEN = `${"*".repeat(12)}\r\nexport DB_PASSWORD=${"*".repeat(12)}\r\n`;

for (const name of ["a.t2a", "a.cast"]) {
  Deno.test(`rec --redact hides in ${name} what it was told too late`, async () => {
    await withFolder(async (folder) => {
      const run = await term2ai(["rec", "--redact", name, "--", "sh", "-c", LATE], { cwd: folder });
      deepEqual([run.status, run.errors], [0, ""]);
      equal((await term2ai(["cat", name], { cwd: folder })).text, HIDDEN);
      const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
      deepEqual(files, [name]);
    });
  });
}

/** Half of it is in the recording before anybody can tell what it is. */
const BACKWARDS = `token=ghp_$(printf aB3dE9%.0s 1 2 3 4 5 6); printf '\\033[60G'; n=\${#token}
while [ $n -gt 0 ]; do printf '%s\\033[2D' "$(expr substr "$token" $n 1)"; n=$((n - 1)); [ $n = 20 ] && sleep 0.6; done; echo`;

Deno.test("rec --redact hides a token that is drawn from its end to its beginning; down a pipe it stays to be found", async () => {
  await withFolder(async (folder) => {
    const run = (args: string[], stdin?: Uint8Array) => term2ai(args, { cwd: folder, ...(stdin && { stdin }) });
    equal((await run(["rec", "--redact", "a.t2a", "--", "bash", "-c", BACKWARDS])).errors, "");
    match((await run(["render", "--format", "txt", "a.t2a", "-"])).text, /ghp_\*{36}\n/);
    const piped = await run(["rec", "--redact", "--", "bash", "-c", BACKWARDS]);
    match(piped.errors, /told only later stays? in \d+ places? of what was written before: what has gone down a pipe/);
    await Deno.writeFile(`${folder}/b.t2a`, piped.stdout);
    equal((await run(["verify", "--secrets", "b.t2a"])).status, 1);
    const filtered = await run(["redact"], piped.stdout);
    match(
      filtered.errors,
      /told only later stays? in \d+ places? of what was written before: what has gone down a pipe/,
    );
    equal((await run(["redact", "b.t2a", "c.t2a"])).status, 0);
    match((await run(["render", "--format", "txt", "c.t2a", "-"])).text, /ghp_\*{36}\n/);
  });
});

Deno.test("rec --redact hides a text of the user's that is printed slowly, from its first letter", async () => {
  await withFolder(async (folder) => {
    const slowly = "for c in B l u e b i r d 7 7; do printf $c; sleep 0.3; done; echo";
    const rec = ["rec", "--redact", "--text", "Bluebird77", "a.t2a", "--", "bash", "-c", slowly];
    equal((await term2ai(rec, { cwd: folder })).errors, "");
    equal((await term2ai(["cat", "a.t2a"], { cwd: folder })).text, "**********\r\n");
  });
});

Deno.test("rec --redact hides it in a signed and encrypted recording, which stays signed and encrypted", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/id`, PRIVATE_KEY, { mode: 0o600 });
    await Deno.writeTextFile(`${folder}/key.txt`, AGE_IDENTITY + "\n");
    await Deno.writeTextFile(`${folder}/allowed`, `ada@example.com ${PUBLIC_KEY}\n`);
    const options = { cwd: folder, env: { TERM2AI_IDENTITY: "key.txt" } };
    const rec = ["rec", "--redact", "--sign", "id", "--encrypt-to", AGE_RECIPIENT, "a.t2a", "--", "sh", "-c", LATE];
    deepEqual((await term2ai(rec, options)).errors, "");
    equal((await term2ai(["cat", "a.t2a"], options)).text, HIDDEN);
    const verdict = await term2ai(["verify", "--allowed-signers", "allowed", "a.t2a"], options);
    deepEqual([verdict.status, verdict.errors], [0, ""]);
    match(verdict.text, /signed by ada@example\.com/);
    match((await term2ai(["info", "a.t2a"], { cwd: folder })).errors, /encrypted/);
  });
});

Deno.test("rec --redact --append leaves what was recorded before as it was", async () => {
  await withFolder(async (folder) => {
    const run = (...args: string[]) => term2ai(args, { cwd: folder });
    await run("rec", "a.t2a", "--", "echo", "before");
    const before = await Deno.readFile(`${folder}/a.t2a`);
    equal((await run("rec", "--redact", "--append", "a.t2a", "--", "sh", "-c", LATE)).errors, "");
    deepEqual((await Deno.readFile(`${folder}/a.t2a`)).subarray(0, before.length), before);
    equal((await run("cat", "a.t2a")).text, "before\r\n" + HIDDEN);
    equal((await run("verify", "a.t2a")).status, 0);
    await run("rec", "a.cast", "--", "echo", "before");
    const added = await run("rec", "--redact", "--append", "a.cast", "--", "sh", "-c", LATE);
    match(
      added.errors,
      /a secret that was told only later stays in 1 place of what was written before: the file held a recording/,
    );
    match(added.errors, /term2ai redact --text-from FILE a\.cast OUT/);
  });
});

Deno.test("RedactingSink tells what has gone down a pipe too late, and asks no sink for a second pass without need", async () => {
  const closed: string[] = [];
  const sink = (closeRevised?: RecordingSink["closeRevised"]): RecordingSink => ({
    deadline: Infinity,
    trouble: undefined,
    tampering: undefined,
    write: () => Promise.resolve(),
    close: () => Promise.resolve(void closed.push("close")),
    ...(closeRevised && { closeRevised }),
  });
  const feed = async (sink: RecordingSink, ...texts: string[]) => {
    const redacting = new RedactingSink(sink, new Secrets());
    await redacting.write([header()], 0);
    for (const [n, text] of texts.entries()) await redacting.write([output((n + 1) * 1e9, text)], (n + 1) * 1e9);
    await redacting.close();
    return redacting;
  };
  const slow = ["curl https://ada:", ..."Hq8Zw2Lk9PpQ", "@example.org\r\n"];
  const piped = await feed(sink(), ...slow);
  if (piped.late > 0) match(piped.unhidden ?? "", /stays in what was written before: it cannot be written again/);
  const revised = () => Promise.resolve("the disk is full");
  equal((await feed(sink(revised), "hello\r\n")).unhidden, undefined);
  equal(
    (await feed(sink(revised), "export DB_PASSWORD=Zx9Kq2Lm4Z7w\r\n")).unhidden,
    "secrets that were told only later may stay in what was written before: the disk is full",
  );
  deepEqual(closed, ["close", "close"]);
});

/**
 * It stands in the recording before anything tells what it is, and what tells it is masked: no second pass can know it. The header
 * has the command, so none of its pieces is long enough to show the value.
 */
const FIRST = "V=Zr8kL; V=${V}m3Qw; V=${V}9xTb2; echo first $V; sleep 0.6; echo password=$V";

Deno.test("what went down a pipe before it could be told is counted at the end, and the advice hides it", async () => {
  await withFolder(async (folder) => {
    const run = (args: string[], stdin?: Uint8Array) => term2ai(args, { cwd: folder, ...(stdin && { stdin }) });
    const told =
      /a secret that was told only later stays in 1 place of what was written before: what has gone down a pipe/;
    const piped = await run(["rec", "--redact", "-", "--", "bash", "-c", FIRST]);
    deepEqual([piped.status, told.test(piped.errors)], [0, true], piped.errors);
    match(piped.errors, /one secret a line: term2ai redact --text-from FILE IN OUT/);
    await Deno.writeFile(`${folder}/a.t2a`, piped.stdout);
    await Deno.writeTextFile(`${folder}/secrets`, "Zr8kLm3Qw9xTb2\n");
    await run(["redact", "--text-from", "secrets", "a.t2a", "b.t2a"]);
    const hidden = `first ${"*".repeat(14)}\r\npassword=${"*".repeat(14)}\r\n`;
    equal((await run(["cat", "b.t2a"])).text, hidden);
    // Nothing is told where nothing stays, though a value was learned on the way.
    const later = await run(["rec", "--redact", "-", "--", "bash", "-c", FIRST.replace("echo first $V; ", "")]);
    equal(later.errors, "");
    // A filter on a pipe tells it too; one that writes a file reads twice, and hides it.
    await run(["rec", "plain.t2a", "--", "bash", "-c", FIRST]);
    const plain = await Deno.readFile(`${folder}/plain.t2a`);
    match((await run(["redact"], plain)).errors, told);
    equal((await run(["redact", "-", "c.t2a"], plain)).errors, "");
    equal((await run(["cat", "c.t2a"])).text, hidden);
    // Where the recording must be good, it is not.
    equal((await run(["rec", "--redact", "--require-recording", "-", "--", "bash", "-c", FIRST])).status, 125);
  });
});

Deno.test("PassedOn counts what stays, and says so where it remembers the end alone", async () => {
  const learned = () => {
    const secrets = new Secrets();
    secrets.learn("Zr8kLm3Qw9xTb2");
    return secrets;
  };
  const passed = new PassedOn();
  passed.push(header());
  passed.push(output(1e9, "first Zr8kLm3Qw9xTb2 and password=**************\r\n"));
  equal(
    await passed.secrets(learned(), false),
    "a secret that was told only later stays in 1 place of what was written before",
  );
  const long = new PassedOn();
  long.push(header());
  long.push(output(1e9, "first Zr8kLm3Qw9xTb2\r\n"));
  for (let n = 0; n < 90; n++) long.push(output((n + 2) * 1e9, `${"calm line of no interest\r\n".repeat(2000)}`));
  match(await long.secrets(learned(), false) ?? "", /^secrets that were told only later may stay .* before \d+ s$/);
  equal(await new PassedOn().secrets(learned(), false), undefined);
  match(await new PassedOn().secrets(learned(), true) ?? "", /^some of a secret/);
});

Deno.test("a recording of rec --redact that was killed says that its second pass never ran, a whole one does not", async () => {
  await withFolder(async (folder) => {
    const run = (...args: string[]) => term2ai(args, { cwd: folder });
    equal((await run("rec", "--redact", "a.t2a", "--", "echo", "hello")).errors, "");
    const bytes = await Deno.readFile(`${folder}/a.t2a`);
    await Deno.writeFile(`${folder}/cut.t2a`, bytes.subarray(0, blocksOf(bytes)[2]!.at));
    const told = /recorded with --redact, whose second pass runs at the end, and did not/;
    for (
      const args of [["verify", "--secrets", "cut.t2a"], ["redact", "cut.t2a", "o.t2a"], ["repair", "cut.t2a", "r.t2a"]]
    ) {
      const { status, errors } = await run(...args);
      deepEqual([status, told.test(errors)], [0, true], `${args[0]}: ${errors}`);
    }
    match((await run("info", "cut.t2a")).text, told);
    for (const args of [["verify", "--secrets", "a.t2a"], ["redact", "a.t2a", "p.t2a"]]) {
      equal((await run(...args)).errors, "");
    }
    await run("rec", "b.t2a", "--", "echo", "hello");
    const other = await Deno.readFile(`${folder}/b.t2a`);
    await Deno.writeFile(`${folder}/cut.t2a`, other.subarray(0, blocksOf(other)[2]!.at));
    equal((await run("verify", "--secrets", "cut.t2a")).errors, "");
  });
});

Deno.test("a project's configuration that cannot be read is told with its folder, and can be left alone", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.term2ai`);
    await Deno.writeTextFile(`${folder}/.term2ai/config.toml`, "x = [");
    const rec = ["rec", "--redact", "a.t2a", "--", "true"];
    const broken = await term2ai(rec, { cwd: folder });
    equal(broken.status, 2);
    match(
      broken.errors,
      /config\.toml, line \d.*\n {2}It belongs to the project in .*\.term2ai; .* TERM2AI_NO_PROJECT=1/,
    );
    equal((await term2ai(rec, { cwd: folder, env: { TERM2AI_NO_PROJECT: "1" } })).status, 0);
  });
});

Deno.test("rec --redact takes the rules that redact takes, from options and from config.toml, and not without it", async () => {
  await withFolder(async (folder) => {
    const env = { XDG_CONFIG_HOME: `${folder}/config`, XDG_DATA_HOME: `${folder}/data` };
    await Deno.mkdir(`${folder}/config/term2ai`, { recursive: true });
    const config = (text: string) => Deno.writeTextFile(`${folder}/config/term2ai/config.toml`, text);
    await config('[redaction]\npattern = ["EMP-[0-9]{6}"]\nallow = ["hunter2xyz"]\n');
    await Deno.writeTextFile(`${folder}/names.txt`, "Project Bluebird\n");
    const run = (...args: string[]) => term2ai(args, { cwd: folder, env });
    const said = "echo Project Bluebird EMP-123456 EMP-000000 export DB_PASSWORD=hunter2xyz";
    const rec = ["rec", "--redact", "--text-from", "names.txt", "--allow-pattern", "EMP-0*", "a.t2a"];
    equal((await run(...rec, "--", "sh", "-c", said)).errors, "");
    const hidden = `${"*".repeat(16)} ${"*".repeat(10)} EMP-000000 export DB_PASSWORD=hunter2xyz\r\n`;
    equal((await run("cat", "a.t2a")).text, hidden);
    match((await run("rec", "--text", "Bluebird", "b.t2a", "--", "true")).errors, /--text alone.*--redact/);
    match((await run("rec", "--redact", "--pattern", "(", "b.t2a", "--", "true")).errors, /regular expression/);
    // The same rules for finished recordings.
    await run("rec", "plain.t2a", "--", "echo", "EMP-123456");
    equal((await run("redact", "--as", "raw", "plain.t2a")).text, `${"*".repeat(10)}\r\n`);
    equal((await run("verify", "--secrets", "plain.t2a")).status, 1);
    // A project may hide more, and show nothing.
    await Deno.mkdir(`${folder}/.term2ai`);
    await Deno.writeTextFile(`${folder}/.term2ai/config.toml`, '[redaction]\ntext = ["plum tart"]\n');
    await run("rec", "plum.t2a", "--", "echo", "plum tart");
    equal((await run("redact", "--as", "raw", "plum.t2a")).text, "*********\r\n");
    await Deno.writeTextFile(
      `${folder}/.term2ai/config.toml`,
      '[redaction]\nallow_pattern = [".*"]\nwithout = ["jwt"]\n',
    );
    match(
      (await run("redact", "--as", "raw", "plum.t2a")).errors,
      /redaction\.allow_pattern: only your own configuration/,
    );
    await config('[redaction]\nsecret = "x"\n');
    match((await run("redact", "plain.t2a", "out.t2a")).errors, /there is no "secret"/);
  });
});

Deno.test("a template hides secrets in the recordings of its sessions, and has them kept in a store", async () => {
  await withSessions(async ({ folder, run }) => {
    const templates = `${folder}/config/term2ai/templates`;
    await Deno.mkdir(templates, { recursive: true });
    await Deno.writeTextFile(
      `${folder}/config/term2ai/config.json`,
      JSON.stringify({ store: `file://${folder}/other` }),
    );
    const template = `[session]\nname = "one"\ncommand = ${JSON.stringify(LATE + "; echo Bluebird")}\n` +
      `storage = "store"\nredaction = { text = ["Bluebird"] }\n`;
    await Deno.writeTextFile(`${templates}/t.toml`, template);
    equal((await run("template", "check", "t")).status, 0);
    equal((await run("session", "new", "-d", "--template", "t")).text, "one\n");
    equal((await run("session", "wait", "one", "--exit", "--timeout", "30s")).status, 0);
    const says = async (wanted: string, ...args: string[]) =>
      await eventually(wanted, async () => (await run("cat", ...args)).text === wanted); // its recording ends a moment later
    await says(HIDDEN + "********\r\n", "--store", `file://${folder}/store`, "last");
    deepEqual([...Deno.readDirSync(`${folder}/data/term2ai/sessions`)], []);
    equal((await run("session", "new", "-d", "--redact", "two", "--", "sh", "-c", LATE)).errors, "");
    equal((await run("session", "wait", "two", "--exit", "--timeout", "30s")).status, 0);
    const sessions = `${folder}/data/term2ai/sessions`;
    const names = [...Deno.readDirSync(sessions)].map(({ name }) => name); // what takes its place may be there already
    await says(HIDDEN, `${sessions}/${names.find((name) => !name.endsWith(".new"))}`);
    await Deno.writeTextFile(`${templates}/bad.toml`, '[session]\nstorage = "ftp://x"\nredaction = { texts = 1 }\n');
    const { errors } = await run("template", "check", "bad");
    match(errors, /there is no "texts"/);
    ok(!errors.includes("at file:"), errors);
  });
});

Deno.test("a rule that cannot be used is told with its file, its line and its entry", async () => {
  await withFolder(async (folder) => {
    const env = { XDG_CONFIG_HOME: `${folder}/config` }, file = `${folder}/config/term2ai/config.toml`;
    await Deno.mkdir(`${folder}/config/term2ai`, { recursive: true });
    for (
      const [rules, told] of [
        ['pattern = ["ok",\n  "("]', `entry 2 of redaction.pattern in ${file}, line 3`],
        ['text = ["abc"]', `entry 1 of redaction.text in ${file}, line 2`],
        ["without = ['jwt', 'nope']", `entry 2 of redaction.without in ${file}, line 2`],
        ['allow_pattern = ["a*"]', `entry 1 of redaction.allow_pattern in ${file}, line 2`],
        ['text = ["abcd", 3]', `${file}: redaction.text: entry 2 is 3, expected a text`],
        ['text = "x"', `${file}: redaction.text: found "x", expected a list of texts`],
      ] as const
    ) {
      await Deno.writeTextFile(file, `[redaction]\n${rules}\n`);
      const { status, errors } = await term2ai(["rec", "--redact", "a.t2a", "--", "true"], { cwd: folder, env });
      deepEqual([status, errors.includes(told)], [2, true], errors);
    }
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["config"]); // nothing of the recording
    await Deno.remove(file);
    await Deno.writeTextFile(`${folder}/texts`, "long enough\nabc\n");
    const listed = await term2ai(["rec", "--redact", "--text-from", "texts", "a.t2a", "--", "true"], {
      cwd: folder,
      env,
    });
    match(listed.errors, /the text in texts, line 2: it has 3 characters, expected 4 or more/);
  });
});

Deno.test("a configuration that came with a folder cannot make what redacts wait or grow for ever", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/.term2ai/config.toml`;
    await Deno.mkdir(`${folder}/.term2ai`);
    const run = (...args: string[]) => term2ai(args, { cwd: folder });
    await run("rec", "a.t2a", "--", "echo", "hello");
    const fifo = async (path: string) => {
      await new Deno.Command("mkfifo", { args: [path] }).output();
    };
    await fifo(`${folder}/words`);
    const harms: [() => Promise<void>, RegExp][] = [
      [() => Deno.symlink("/dev/zero", file), /config\.toml: it is a device, expected a regular file/],
      [() => fifo(file), /config\.toml: it is a named pipe, expected a regular file/],
      [() => Deno.writeTextFile(file, "#".repeat(2 << 20)), /config\.toml: it is larger than 1 MiB/],
      [() => Deno.mkdir(file), /config\.toml: it is a directory/],
      [() => Deno.writeTextFile(file, '[redaction]\ntext_from = ["words"]\n'), /words: it is a named pipe/],
      [() => Deno.writeTextFile(file, '[redaction]\ntext_from = ["/dev/stdin"]\n'), /text_from: only your own/],
    ];
    for (const [harm, told] of harms) {
      await harm();
      const { status, errors } = await run("redact", "a.t2a", "b.t2a");
      equal(status, 2);
      match(errors, told);
      await Deno.remove(file);
    }
    await Deno.writeTextFile(`${folder}/mine.toml`, '[redaction]\ntext = ["hello"]\n');
    await Deno.symlink("../mine.toml", file);
    equal((await run("redact", "--as", "raw", "a.t2a")).text, "*****\r\n");
  });
});
