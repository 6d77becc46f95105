import { equal, ok } from "node:assert/strict";
import { term2ai } from "./support/cli.ts";
import { fromFileUrl } from "./support/path.ts";

const root = new URL("../", import.meta.url);
const readme = await Deno.readTextFile(new URL("README.md", root));

Deno.test("the README's library code runs and says what it promises", async () => {
  const code = /```ts[^\n]*\n([^]*?)```/.exec(readme)![1]!;
  const file = new URL("readme_example_tmp.ts", import.meta.url);
  await Deno.writeTextFile(file, code);
  try {
    const { stdout, code: status } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", fromFileUrl(file)],
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    equal(status, 0);
    equal(new TextDecoder().decode(stdout).trim(), "{ code: 0 }");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("every file that the README links to is there, and every command it lists exists", async () => {
  for (const [, path] of readme.matchAll(/\]\(([\w./]+)\)/g)) ok((await Deno.stat(new URL(path!, root))).isFile, path);
  const { text } = await term2ai(["--help"]);
  for (const [, command] of readme.matchAll(/^\| `(\w+)/gm)) ok(text.includes(`\n  ${command}`), command);
});
