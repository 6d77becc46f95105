import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { PrivateFile } from "../lib/host/private_file.ts";
import { T2aSink } from "../lib/session/recording/t2a_sink.ts";
import { SECOND } from "../lib/event.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { CLI, term2ai, withFolder } from "./support/cli.ts";
import { deno, ROOT } from "./support/imports.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, PRIVATE_KEY } from "./support/keys.ts";
import { openShell, sleep } from "./support/pty.ts";

const readme = await Deno.readTextFile(`${ROOT}README.md`);

/** The blocks of code in one language. */
function blocksOf(language: string): string[] {
  return [...readme.matchAll(/^```(\w+).*\n([^]*?)^```$/gm)].filter(([, its]) => its === language).map(([, , text]) =>
    text!
  );
}

/** The rows of the table that has this heading in its first column, cell by cell. */
function tableOf(heading: string): string[][] {
  const rows = readme.slice(readme.indexOf(`\n| ${heading} |`)).split("\n\n")[0]!.trim().split("\n").slice(2);
  return rows.map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** The words in backticks. */
function codeIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

/** Runs the program with these permissions and no others. */
async function withPermissions(permissions: readonly string[], args: readonly string[], cwd: string): Promise<number> {
  const cli = CLI;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, cli, ...args],
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  return (await command.output()).code;
}

Deno.test("the README's library code runs, and prints what its comments say", async () => {
  const blocks = blocksOf("ts");
  ok(blocks.length > 0);
  await withFolder(async (folder) => {
    for (const [at, code] of blocks.entries()) {
      const file = `${folder}/example${at}.ts`;
      await Deno.writeTextFile(file, code.replaceAll('"@term2ai/term2ai"', JSON.stringify(`file://${ROOT}mod.ts`)));
      const expected = [...code.matchAll(/console\.log.*\/\/ (.*)$/gm)].map(([, comment]) => comment);
      const printed = await deno("run", "--quiet", "-A", "--check", "--config", `${ROOT}deno.json`, file);
      deepEqual(printed.trim().split("\n"), expected);
    }
  });
});

Deno.test("every file that the README, the changelog and the benchmarks' README link to is there", async () => {
  for (const name of ["README.md", "CHANGELOG.md", "bench/README.md"]) {
    const text = await Deno.readTextFile(ROOT + name);
    const folder = ROOT + name.slice(0, name.lastIndexOf("/") + 1);
    for (const [, path] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) ok(await Deno.stat(folder + path), path);
  }
});

Deno.test("every file that the README names is there", async () => {
  const named = codeIn(readme.replace(/^```[^]*?^```$/gm, "")).filter((code) =>
    /^(?:tests|bench|docs|lib|formats|\.ci)\/[\w./]+$/.test(code)
  );
  ok(named.length > 5);
  for (const path of named) ok(await Deno.stat(ROOT + path).catch(() => undefined), path);
  const [layout] = blocksOf("text");
  for (const [, path] of layout!.matchAll(/^(\S+) {2}/gm)) {
    ok(await Deno.stat(ROOT + path).catch(() => undefined), path);
  }
});

Deno.test("the README's table of commands and --help list the same, and every option it names exists", async () => {
  const { text } = await term2ai(["--help"]);
  const listed = [...text.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name!).filter((name) =>
    name !== "term2ai"
  );
  const rows = tableOf("command");
  deepEqual(rows.map(([command]) => codeIn(command!)[0]!.split(" ")[0]), listed);
  for (const [command, what] of rows) {
    const [name] = codeIn(command!)[0]!.split(" ");
    const help = (await term2ai([name!, "--help"])).text;
    for (const option of codeIn(what!).filter((code) => code.startsWith("--"))) ok(help.includes(option), option);
  }
});

Deno.test("the README's tasks exist", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const named = [...readme.matchAll(/deno(?:@[\d.]+)? task (\w+)/g)].map(([, name]) => name!);
  ok(named.includes("demo") && named.includes("test"));
  for (const name of named) ok(Object.hasOwn(tasks, name), name);
});

Deno.test("the README's permissions are enough for each command, and none of those it cannot do without is left over", async () => {
  await withFolder(async (folder) => {
    await term2ai(["rec", `${folder}/x.t2a`, "--", "seq", "3000"]);
    const lines: Record<string, string[]> = {
      rec: ["rec", "--overwrite", "new.t2a", "--", "seq", "3"],
      play: ["play", "-s", "max", "x.t2a"],
      cat: ["cat", "x.t2a"],
      info: ["info", "x.t2a"],
      convert: ["convert", "--overwrite", "x.t2a", "x.cast"],
      verify: ["verify", "x.t2a"],
      "verify --secrets": ["verify", "--secrets", "x.t2a"],
      redact: ["redact", "x.t2a", "r.t2a", "--overwrite"],
      sign: ["sign", "--key", "id", "x.t2a", "y.t2a", "--overwrite"],
      encrypt: ["encrypt", "--to", AGE_RECIPIENT, "x.t2a", "s.t2a", "--overwrite"],
      decrypt: ["decrypt", "--identity", "key.txt", "e.t2a", "d.t2a", "--overwrite"],
      repair: ["repair", "x.t2a", "--overwrite"],
      demo: ["demo"],
    };
    await Deno.writeTextFile(`${folder}/id`, PRIVATE_KEY);
    await Deno.writeTextFile(`${folder}/key.txt`, AGE_IDENTITY);
    await term2ai(["encrypt", "--to", AGE_RECIPIENT, `${folder}/x.t2a`, `${folder}/e.t2a`]);
    const rows = tableOf("to run").flatMap(([commands, needs]) =>
      codeIn(commands!).map((name) => [name, codeIn(needs!)] as const)
    );
    deepEqual(rows.map(([name]) => name).sort(), Object.keys(lines).sort());
    for (const [name, permissions] of rows) {
      equal(await withPermissions(permissions, lines[name]!, folder), 0, `${name} ${permissions.join(" ")}`);
      for (const missing of permissions.filter((permission) => permission !== "--allow-run")) {
        const others = permissions.filter((permission) => permission !== missing);
        ok(await withPermissions(others, lines[name]!, folder) !== 0, `${name} needs ${missing}`);
      }
    }
  });
});

Deno.test("library code that reads and converts may read and write its files, and nothing else", async () => {
  await withFolder(async (folder) => {
    await term2ai(["rec", `${folder}/x.t2a`, "--", "seq", "3000"]);
    const code = `
      import { asciicastV3, openRecording, streamSource } from ${JSON.stringify(`file://${ROOT}mod.ts`)};
      const { readable } = await Deno.open("x.t2a");
      const source = streamSource("x.t2a", readable);
      const { events } = await openRecording(source);
      const { writable } = await Deno.open("x.cast", { write: true, createNew: true });
      await events.pipeThrough(asciicastV3.encoder()).pipeTo(writable);
    `;
    await Deno.writeTextFile(`${folder}/convert.ts`, code);
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--allow-read=x.t2a", "--allow-write=x.cast", "convert.ts"],
      cwd: folder,
    }).output();
    ok(success, new TextDecoder().decode(stderr));
    match(await Deno.readTextFile(`${folder}/x.cast`), /"3000\\r\\n"|3000\\r\\n"/);
  });
});

Deno.test("the README's list of requirements names each exactly once", () => {
  const ids = tableOf("requirement").map(([id]) => id!.split(" ")[0]);
  const all = [5, 5, 5, 5, 5].flatMap((count, chapter) =>
    Array.from({ length: count }, (_, at) => `${chapter + 1}.${at + 1}`)
  );
  deepEqual(ids, all);
});

Deno.test("the README's picture is small, is text, and shows commands that exist", async () => {
  const svg = await Deno.readTextFile(`${ROOT}docs/session.svg`);
  ok(svg.length < 16_384, `${svg.length} bytes`);
  const lines = [...svg.matchAll(/<text y[^>]*>(.*?)<\/text>/g)].map(([, spans]) => spans!.replace(/<[^>]*>/g, ""));
  const { text } = await term2ai(["--help"]);
  const commands = lines.flatMap((line) => /^\$ term2ai (\w+)/.exec(line)?.[1] ?? []);
  ok(commands.length >= 4);
  for (const command of commands) match(text, new RegExp(`^  ${command} `, "m"));
});

Deno.test("a recording is told to the disk at most 5 s after what it holds, and again while it grows", async () => {
  const synced: number[] = [];
  let [now, length] = [0, 0];
  const file = {
    start: 0,
    write: (bytes: Uint8Array) => Promise.resolve(void (length += bytes.length)),
    sync: () => Promise.resolve(void synced.push(now)),
    size: () => Promise.resolve(length),
    tampering: () => Promise.resolve(undefined),
  };
  const sink = new T2aSink({ file: file as unknown as PrivateFile, mustStore: true });
  await sink.write([{ kind: "header", time: 0, header: { cols: 80, rows: 24 } }], 0);
  const data = new TextEncoder().encode("a line\r\n");
  for (now = 0; now <= 60 * SECOND; now += SECOND / 20) await sink.write([{ kind: "output", time: now, data }], now);
  const waits = synced.map((time, at) => time - (synced[at - 1] ?? 0));
  ok(synced.length >= 11, `${synced.length} times in 60 s`);
  ok(Math.max(...waits) <= 5.1 * SECOND, `${Math.max(...waits) / SECOND} s`);
  ok(sink.deadline <= now + 5 * SECOND, "it wants to be woken for the next one");
});

Deno.test("a program waits two seconds in all for a recorder that stands still, and then not any more", async () => {
  const host = await choosePtyHost();
  if (host.name !== "libc") return console.log("    skipped: only where the C library makes the terminals");
  await withFolder(async (folder) => {
    const script = `stty raw; date +%s%N >${folder}/a; head -c 4000000 /dev/zero; date +%s%N >${folder}/b`;
    const pty = openShell(host, script, { whenFull: "drop", queueBytes: 65_536 });
    const time = async (name: string) => Number(await Deno.readTextFile(`${folder}/${name}`).catch(() => 0));
    for (let waited = 0; await time("b") === 0 && waited < 30_000; waited += 20) await sleep(20);
    const seconds = (await time("b") - await time("a")) / 1e9;
    await pty.close();
    ok(seconds > 1.5 && seconds < 10, `it waited ${seconds} s`);
  });
});
