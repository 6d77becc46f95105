import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { SessionDirectory } from "../lib/session/directory.ts";
import { withFolder } from "./support/cli.ts";

const ignore = Deno.build.os !== "linux";
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

test("the directory of sockets is made private, and nobody else's is used", async () => {
  await withFolder(async (folder) => {
    const directory = await SessionDirectory.open(`${folder}/a/b`);
    equal((await Deno.stat(directory.path)).mode! & 0o777, 0o700);
    await Deno.chmod(directory.path, 0o755);
    await SessionDirectory.open(`${folder}/a/b`);
    equal((await Deno.stat(directory.path)).mode! & 0o777, 0o700);
    await Deno.symlink(directory.path, `${folder}/link`);
    await rejects(SessionDirectory.open(`${folder}/link`), /it is no directory/);
    await Deno.writeTextFile(`${folder}/file`, "");
    await rejects(SessionDirectory.open(`${folder}/file`), { code: "session" });
    if (Deno.uid() === 0) {
      await Deno.mkdir(`${folder}/theirs`);
      await Deno.chown(`${folder}/theirs`, 12345, 12345);
      await rejects(SessionDirectory.open(`${folder}/theirs`), /belongs to user 12345/);
    }
  });
});

test("names become free ones, and a path that no socket can have is refused", async () => {
  await withFolder(async (folder) => {
    const directory = await SessionDirectory.open(folder);
    await Deno.writeTextFile(`${folder}/sh.sock`, "");
    equal(await directory.freeName("sh"), "sh-2");
    equal(await directory.freeName("a b/ü!"), "a-b-");
    equal(await directory.freeName("..."), "session");
    deepEqual(await directory.names(), ["sh"]);
    await directory.removeStale("sh");
    deepEqual(await directory.names(), []);
    const deep = await SessionDirectory.open(`${folder}/${"x".repeat(80)}`);
    throws(() => deep.checkName("n"), /107 are possible/);
  });
});

test("how sessions have ended is remembered for a while, and not for ever", async () => {
  await withFolder(async (folder) => {
    const directory = await SessionDirectory.open(folder);
    for (let at = 0; at <= 100; at++) {
      await directory.remember({ name: `s${at}`, id: "", status: { code: at }, endedAt: at });
    }
    deepEqual((await directory.ended("s100"))?.status, { code: 100 });
    equal(await directory.ended("s0"), undefined);
    equal((await directory.allEnded()).length, 50);
    await Deno.writeTextFile(`${folder}/broken.ended`, "{");
    equal(await directory.ended("broken"), undefined);
    match((await directory.allEnded())[0]!.name, /^s100$/);
  });
});
