import { equal, ok, throws } from "node:assert/strict";
import { PtyError } from "../lib/errors.ts";
import { findProgram } from "../lib/host/program.ts";
import { withFolder } from "./support/cli.ts";

/** Folders `a` and `b`, and in them programs, files and a folder. */
async function withPrograms(body: (folder: string) => void): Promise<void> {
  await withFolder(async (folder) => {
    for (const name of ["a", "b", "a/folder"]) await Deno.mkdir(`${folder}/${name}`);
    await Deno.writeTextFile(`${folder}/a/plain`, "", { mode: 0o644 });
    for (const name of ["b/plain", "a/tool", "b/tool", "b/only"]) {
      await Deno.writeTextFile(`${folder}/${name}`, "", { mode: 0o755 });
    }
    body(folder);
  });
}

function failure(errno: string, words: RegExp) {
  return (error: unknown) => {
    ok(error instanceof PtyError, String(error));
    equal(error.errno, errno);
    ok(words.test(error.message), error.message);
    return true;
  };
}

Deno.test("findProgram() takes the first on the path that can be run, as a shell does", async () => {
  await withPrograms((folder) => {
    const path = `${folder}/nowhere:${folder}/a:${folder}/b`;
    equal(findProgram("tool", "/", path), `${folder}/a/tool`);
    equal(findProgram("only", "/", path), `${folder}/b/only`);
    equal(findProgram("plain", "/", path), `${folder}/b/plain`);
    equal(findProgram("tool", `${folder}/b`, ":/bin"), `${folder}/b/tool`, "an empty part is the working directory");
  });
});

Deno.test("findProgram() takes a name with a slash as a path, from the working directory", async () => {
  await withPrograms((folder) => {
    equal(findProgram(`${folder}/a/tool`, "/", ""), `${folder}/a/tool`);
    equal(findProgram("./tool", `${folder}/a`, ""), `${folder}/a/./tool`);
    equal(findProgram("b/only", folder, ""), `${folder}/b/only`);
  });
});

Deno.test("findProgram() tells what is not found from what cannot be run", async () => {
  await withPrograms((folder) => {
    const path = `${folder}/a`;
    throws(() => findProgram("", "/", path), failure("ENOENT", /without a name/));
    throws(() => findProgram("nothing", "/", path), failure("ENOENT", /nothing: command not found/));
    throws(() => findProgram("./nothing", folder, path), failure("ENOENT", /\.\/nothing.*does not exist/));
    throws(() => findProgram("plain", "/", path), failure("EACCES", /plain is not executable/));
    throws(() => findProgram("folder", "/", path), failure("EACCES", /is a directory/));
    throws(() => findProgram(`${folder}/a/plain`, "/", path), failure("EACCES", /not executable/));
    throws(() => findProgram(`${folder}/a/plain/x`, "/", path), failure("ENOENT", /does not exist/));
  });
});
