import { deepEqual, equal, match, ok } from "node:assert/strict";
import { candidatesFor } from "../lib/cli/completion/candidates.ts";
import { describeAll, valuesIn } from "../lib/cli/program/command_table.ts";
import { isInstalled, term2ai } from "./support/cli.ts";
import { Person } from "./support/person.ts";
import { type SessionTest, withSessions } from "./support/sessions.ts";

async function wordsFor(...line: string[]): Promise<string[]> {
  return (await candidatesFor(line)).words.map(([word]) => word);
}

/** What bash is answered, without what it adds itself. */
async function bashWords(...line: string[]): Promise<string[]> {
  const { text } = await term2ai(["completion", "candidates", "bash", "--", ...line]);
  return text.trim().split("\n").slice(1).map((row) => row.split("\t")[0]!);
}

Deno.test("commands, groups and their commands are completed by their beginnings", async () => {
  deepEqual(await wordsFor("co"), ["convert", "compress", "completion"]);
  deepEqual(await wordsFor("session", "a"), ["attach"]);
  deepEqual(await wordsFor("store", "re"), ["redact", "reindex"]);
  deepEqual(await wordsFor("nothing", ""), []);
  ok((await wordsFor("")).length > 30);
});

Deno.test("every option of every command is completed, once unless it may be given again", async () => {
  for (const { words, options, commands } of await describeAll()) {
    if (Object.keys(commands).length > 0) continue;
    const found = await wordsFor(...words, "--");
    for (const { name } of options) ok(found.includes(name), `${words.join(" ")} ${name}`);
    for (const { name } of options.slice(0, 1)) {
      deepEqual(await wordsFor(...words, name.slice(0, -1)).then((all) => all.includes(name)), true);
    }
  }
  ok(!(await wordsFor("rec", "--overwrite", "--")).includes("--overwrite"));
  ok((await wordsFor("rec", "--tag", "x", "--")).includes("--tag"));
});

Deno.test("values are completed where help lists them, behind a blank and behind =", async () => {
  deepEqual(await wordsFor("convert", "--to", "asciicast-v"), ["asciicast-v3", "asciicast-v2", "asciicast-v1"]);
  deepEqual(await wordsFor("convert", "--to=t"), ["--to=t2a", "--to=tlog", "--to=ttyrec", "--to=text"]);
  deepEqual(await wordsFor("convert", "--time-unit", ""), ["ns", "us", "ms"]);
  deepEqual(await wordsFor("session", "record", "name", "o"), ["on", "off"]);
  deepEqual(await wordsFor("completion", ""), ["bash", "zsh", "fish"]);
  deepEqual(await wordsFor("share", "--role", ""), ["viewer", "operator"]);
  deepEqual(await candidatesFor(["render", "--theme", "dra"]), { words: [["dracula", ""]], orElse: "files" });
  deepEqual(valuesIn("keep this"), []);
  deepEqual(valuesIn("what: a, b, or a file; else a"), ["a", "b"]);
  deepEqual(valuesIn("on, off, pause or resume"), ["on", "off", "pause", "resume"]);
});

Deno.test("a first word that is another than those behind it is completed alone, and those behind it as recordings", async () => {
  deepEqual(await candidatesFor(["export", "ma"]), { words: [["markdown", ""]], orElse: "nothing" });
  deepEqual(await candidatesFor(["export", "json", "./a"]), { words: [], orElse: "files" });
  deepEqual(await candidatesFor(["analyze", "ti"]), { words: [["timing", ""]], orElse: "files" });
  deepEqual(await candidatesFor(["analyze", "timing", "./a"]), { words: [], orElse: "files" });
});

Deno.test("man is completed with the commands that have a page", async () => {
  deepEqual(await wordsFor("man", "re"), ["rec", "render", "repair", "redact"]);
  deepEqual(await wordsFor("man", "session", "att"), ["attach"]);
  deepEqual(await wordsFor("man", "rec", ""), []);
});

Deno.test("files, folders and programs are left to the shell, which knows them best", async () => {
  equal((await candidatesFor(["play", ""])).orElse, "files");
  equal((await candidatesFor(["convert", "a.t2a", "./b"])).orElse, "files");
  equal((await candidatesFor(["sign", "--key", ""])).orElse, "files");
  equal((await candidatesFor(["rec", "x.t2a", "--", "ma"])).orElse, "commands");
  equal((await candidatesFor(["rec", "x.t2a", "--", "make", "te"])).orElse, "files");
  equal((await candidatesFor(["rec", "--title", ""])).orElse, "nothing");
});

Deno.test("bash, which splits words at = and :, is answered with what replaces the last piece", async () => {
  deepEqual(await bashWords("convert", "--to", "=", "asciicast-v3"), ["asciicast-v3"]);
  deepEqual(await bashWords("convert", "--time-unit", "="), ["ns", "us", "ms"]);
  deepEqual(await bashWords("conv"), ["convert"]);
});

Deno.test("completion refuses shells it does not know", async () => {
  const { status, errors } = await term2ai(["completion", "tcsh"]);
  equal(status, 2);
  match(errors, /Cannot complete in "tcsh": known are bash, zsh, fish/);
});

Deno.test("sessions that run and recordings in the store are completed by name and id", async () => {
  await withSessions(async ({ run, folder }) => {
    equal((await run("session", "new", "builder", "--detach", "--", "sleep", "60")).status, 0);
    const ask = async (...line: string[]) => (await run("completion", "candidates", "zsh", "--", ...line)).text;
    equal(await ask("session", "attach", "bu"), "nothing\nbuilder\tsleep 60\n");
    equal(await ask("store", "get", "las"), "nothing\n", "completing makes no store");
    equal(
      (await run("rec", "--store", storeOf(await run("store", "stat", "--json")), "-t", "a title", "--", "true"))
        .status,
      0,
    );
    const id = (await run("store", "ls", "--json")).text.match(/"id": "(\w+)"/)![1]!;
    equal(await ask("store", "get", id.slice(0, 4)), `nothing\n${id}\ta title\n`);
    equal(await ask("play", id.slice(0, 4)), `files\n${id}\ta title\n`);
    equal(await ask("play", `store:${id.slice(0, 4)}`), `files\nstore:${id}\ta title\n`);
    match(await ask("share", "--revoke", ""), /^nothing\nall\tevery link\n$/);
    equal((await run("share", "builder", "--expires", "5s")).status, 0);
    match(
      await ask("share", "--revoke", ""),
      /^nothing\nall\t.*\n\w+\tviewer of builder\nbuilder\tall links to this session\n$/,
    );
    await Deno.mkdir(`${folder}/config/term2ai/templates`, { recursive: true });
    await Deno.writeTextFile(`${folder}/config/term2ai/templates/web.toml`, "");
    match(await ask("session", "new", "--template", "w"), /^nothing\nweb\t/);
    equal((await run("share", "--revoke", "all")).status, 0);
  });
});

const storeOf = ({ text }: { text: string }) => JSON.parse(text).url ?? JSON.parse(text).store;

/** Somebody who has this shell complete, with a file and a session there. */
async function atShell(shell: string, start: string, body: (person: Person, test: SessionTest) => Promise<void>) {
  if (!await isInstalled(shell) || !await isInstalled("tmux")) {
    return console.log(`  skipped: ${shell} or tmux is missing`);
  }
  await withSessions(async (test) => {
    await test.run("session", "new", "builder", "--detach", "--", "sleep", "60");
    await Deno.writeTextFile(`${test.folder}/recorded.t2a`, "");
    const person = await Person.at(test, "window", "100x30");
    await person.types(`cd '${test.folder}' && clear && ${start}`, "Enter");
    await body(person, test);
  });
}

/** Types, has it completed, and sees what came; then begins anew. */
async function completes(person: Person, typed: string, wanted: RegExp): Promise<void> {
  await person.types("-l", typed);
  await person.types("Tab");
  await person.sees(wanted);
  await person.types("C-c");
}

const EVERYWHERE: readonly [typed: string, wanted: RegExp][] = [
  ["term2ai conv", /term2ai convert$/m],
  ["term2ai convert --keep", /convert --keep-marks/],
  ["term2ai convert --to=js", /--to=jsonl/],
  ["term2ai convert --time-unit n", /--time-unit ns/],
  ["term2ai session attach bu", /attach builder/],
  ["term2ai info rec", /info recorded\.t2a/],
];

Deno.test("bash completes commands, options, values, sessions and files", async () => {
  await atShell("bash", 'eval "$(term2ai completion bash)"; PS1="DONE> "', async (person, { folder }) => {
    await person.sees(/DONE>/);
    for (const [typed, wanted] of EVERYWHERE) await completes(person, typed, wanted);
    await Deno.writeTextFile(`${folder}/two\nlines.t2a`, "");
    await completes(person, "term2ai info tw", /info two\^Jlines\.t2a|info two\$'\\nlines|info "?'?two\n? ?lines\.t2a/);
    await completes(person, "term2ai convert --to=t2a rec", /--to=t2a recorded\.t2a/);
    await completes(person, "term2ai sign --key=rec", /--key=recorded\.t2a/);
  });
});

Deno.test("zsh completes commands, options, values, sessions and files", async () => {
  const start = `PS1='DONE> ' zsh -f`;
  await atShell("zsh", start, async (person) => {
    await person.sees(/DONE>/);
    await person.types(
      "autoload -U compinit && compinit -u -D && source <(term2ai completion zsh) && PS1='READY''2> '",
      "Enter",
    );
    await person.sees(/READY2>/);
    for (const [typed, wanted] of EVERYWHERE) await completes(person, typed, wanted);
  });
});

Deno.test("fish completes commands, options, values, sessions and files", async () => {
  if (!await isInstalled("fish")) return console.log("  skipped: fish is not installed");
  await withSessions(async (test) => {
    await test.run("session", "new", "builder", "--detach", "--", "sleep", "60");
    await Deno.writeTextFile(`${test.folder}/recorded.t2a`, "");
    const person = await Person.at(test, "window"); // makes the command term2ai
    await person.leaves();
    const ask = async (line: string) => {
      const script = `term2ai completion fish | source; complete -C "${line}"`;
      const env = { ...test.env, HOME: test.folder, PATH: `${test.folder}:${Deno.env.get("PATH")}` };
      const { stdout } = await new Deno.Command("fish", { args: ["--no-config", "-c", script], cwd: test.folder, env })
        .output();
      return new TextDecoder().decode(stdout);
    };
    match(await ask("term2ai conv"), /^convert\tchange a recording's format$/m);
    match(await ask("term2ai convert --keep"), /^--keep-marks\t/m);
    match(await ask("term2ai convert --to=asc"), /^--to=asciicast-v3\b/m);
    match(await ask("term2ai session attach bu"), /^builder\tsleep 60$/m);
    match(await ask("term2ai info rec"), /^recorded\.t2a\b/m);
    match(await ask("term2ai sign --key=rec"), /^--key=recorded\.t2a\b/m);
  });
});
