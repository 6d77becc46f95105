/**
 * Writes the manual as packages have it: a page for each command, in `dist/man`.
 *
 *     deno task man [FOLDER]
 *
 * @module
 */

import { describeAll } from "../lib/cli/program/command_table.ts";
import { commandPage, programPage } from "../lib/cli/manual/page.ts";

const folder = Deno.args[0] ?? decodeURIComponent(new URL("../dist/man", import.meta.url).pathname);
const commands = await describeAll();
await Deno.mkdir(folder, { recursive: true });
await Deno.writeTextFile(`${folder}/term2ai.1`, programPage(commands));
for (const command of commands) {
  await Deno.writeTextFile(`${folder}/${["term2ai", ...command.words].join("-")}.1`, commandPage(command));
}
console.log(`${folder}: ${commands.length + 1} pages`);
