import { equal, match, ok } from "node:assert/strict";
import { describe, describeAll } from "../lib/cli/program/command_table.ts";
import { commandPage, programPage } from "../lib/cli/manual/page.ts";
import { isInstalled, term2ai, withFolder } from "./support/cli.ts";

Deno.test("every command has a page with each of its options, and the program's page names every command", async () => {
  const all = await describeAll();
  const plain = (roff: string) => roff.replaceAll("\\-", "-").replace(/\\f./g, "");
  for (const command of all) {
    const page = plain(commandPage(command));
    for (const { name, brief } of command.options) {
      ok(page.includes(name), `${command.words.join(" ")} ${name}`);
      ok(brief !== "");
    }
    for (const name of Object.keys(command.commands)) match(page, new RegExp(`^${name}$`, "m"));
  }
  const page = plain(programPage(all));
  for (const { words } of all.filter(({ words }) => words.length === 1)) match(page, new RegExp(`^${words[0]}$`, "m"));
});

Deno.test("man readers find nothing to complain about", async () => {
  const readers: Readonly<Record<string, readonly string[]>> = {
    groff: ["-man", "-Tutf8", "-ww", "-z"],
    mandoc: ["-T", "lint", "-W", "warning"],
  };
  await withFolder(async (folder) => {
    const names: string[] = [];
    for (const command of await describeAll()) {
      names.push(`${folder}/${command.words.join("-")}.1`);
      await Deno.writeTextFile(names.at(-1)!, commandPage(command));
    }
    names.push(`${folder}/term2ai.1`);
    await Deno.writeTextFile(names.at(-1)!, programPage(await describeAll()));
    for (const [reader, args] of Object.entries(readers)) {
      if (!await isInstalled(reader)) console.log(`  skipped: ${reader} is not installed`);
      else for (const name of names) equal(await complaints(reader, [...args, name]), "");
    }
  });
});

/** A page that depends on no day has no date. */
async function complaints(reader: string, args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(reader, { args: [...args] }).output();
  const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return said.split("\n").filter((line) => !line.includes("missing date")).join("\n").trim();
}

Deno.test("what roff takes for its own shows as it is written", () => {
  const page = commandPage({
    words: ["x"],
    brief: "a\\b",
    description: ".TH not a macro\n'neither\n\n  example --here\\n\n  .dot",
    usage: ["[options] FILE"],
    options: [],
    arguments: [],
    commands: {},
  });
  match(page, /\\&\.TH not a macro\n\\\(aqneither/);
  match(page, /\.EX\nexample \\-\\-here\\en\n\\&\.dot|\.EX\nexample \\-\\-here\\en/);
  match(page, /a\\eb/);
});

Deno.test("term2ai man prints pages, and refuses commands there are not", async () => {
  match((await term2ai(["man", "session", "attach"])).text, /^\.TH TERM2AI\\-SESSION\\-ATTACH 1 /);
  match((await term2ai(["man"])).text, /^\.TH TERM2AI 1 "\d{4}-\d\d-\d\d" "term2ai /);
  const { status, errors } = await term2ai(["man", "nothing"]);
  equal(status, 2);
  match(errors, /there is no such command/);
  equal(await describe(["rec", "more"]), undefined);
});
