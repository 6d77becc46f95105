/** The store on the command line, as scripts and people use it. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { term2ai, withFolder } from "./support/cli.ts";
import { isId } from "../lib/search/id.ts";

const CAST = '{"version":3,"term":{"cols":80,"rows":24},"title":"demo","command":"make"}\n' +
  '[1,"o","all is well\\r\\n"]\n[2,"o","error: no such file\\r\\n"]\n[0.5,"x","2"]\n';

/** A store with one recording, and a way to run commands on it. */
async function withStore(
  body: (run: (...args: string[]) => ReturnType<typeof term2ai>, id: string, folder: string) => Promise<void>,
) {
  await withFolder(async (folder) => {
    const env = {
      TERM2AI_STORE: `file://${folder}/store`,
      XDG_DATA_HOME: `${folder}/data`,
      XDG_CONFIG_HOME: `${folder}/config`,
    };
    const run = (...args: string[]) => term2ai(args, { env, cwd: folder });
    await Deno.writeTextFile(`${folder}/demo.cast`, CAST);
    const { text, errors } = await run("upload", "--tag", "ci", "demo.cast");
    equal(errors, "");
    ok(isId(text.trim()), text);
    await body(run, text.trim(), folder);
  });
}

Deno.test("upload prints the id alone; ls and search print what scripts rely on", async () => {
  await withStore(async (run, id) => {
    const [listed] = JSON.parse((await run("store", "ls", "--json")).text);
    const { title, durationSeconds, bytes, command, exitCode, tags } = listed;
    deepEqual({ id: listed.id, title, durationSeconds, bytes, command, exitCode, tags }, {
      ...{ id, title: "demo", durationSeconds: 3.5, bytes: CAST.length, command: "make", exitCode: 2, tags: ["ci"] },
    });
    match(listed.startedAt, /^\d{4}-\d\d-\d\dT/);
    const [hit, ...others] = JSON.parse((await run("search", "--json", "no such file")).text);
    deepEqual([hit.id, hit.time, hit.kind, hit.excerpt, others.length], [id, 3, "output", "error: no such file", 0]);
    match((await run("store", "ls")).text, new RegExp(`^ID .*\n${id}  .* 2     demo #ci\n$`));
    match((await run("search", "/no .uch/")).text, new RegExp(`^${id}@3 +output +error: no such file\n$`));
    deepEqual(JSON.parse((await run("store", "ls", "--json", "--tag", "other")).text), []);
    deepEqual(JSON.parse((await run("search", "--json", "nothing")).text), []);
  });
});

Deno.test("recordings are named by the beginning of their ids, by last, or store:ID; a file goes before an id", async () => {
  await withStore(async (run, id, folder) => {
    for (const name of [id, id.slice(0, 8).toUpperCase(), "last", `store:${id.slice(0, 4)}`]) {
      match((await run("cat", name)).text, /^all is well\r\n/, name);
    }
    equal(JSON.parse((await run("info", "--json", "last")).text).durationSeconds, 3.5);
    equal((await run("convert", "last", "out.t2a")).status, 0);
    equal((await run("speed", "--factor", "2", "last", "fast.cast")).status, 0);
    await Deno.writeTextFile(`${folder}/${id.slice(0, 6)}`, CAST.replace("all is well", "a file"));
    match((await run("cat", id.slice(0, 6))).text, /^a file/);
    match((await run("cat", `store:${id.slice(0, 6)}`)).text, /^all is well/);
    const { status, errors } = await run("cat", "zzzz");
    equal(status, 2);
    match(errors, /Cannot read zzzz: there is no such file, and no recording of that id in .*store/);
    match((await run("cat", "store:zzzz")).errors, /Cannot find a recording zzzz in .*\n.*store ls/);
  });
});

Deno.test("play ID@TIME starts there", async () => {
  await withStore(async (run, id) => {
    const { text, status } = await run("play", "--speed", "max", `${id}@3`);
    equal(status, 0);
    ok(text.includes("error: no such file"), text);
    ok(!(await run("play", "--speed", "max", `${id}@1`)).errors);
    equal((await run("play", `${id}@nonsense`)).status, 2);
  });
});

Deno.test("record, compress, upload leaves what rec leaves", async () => {
  await withFolder(async (folder) => {
    const store = `file://${folder}/store`;
    const script = `T() { ${Deno.execPath()} run --quiet -A ${new URL("../cli.ts", import.meta.url).pathname} "$@"; }
      T rec x.t2a -- echo hello; T compress x.t2a direct.t2a
      T compress < x.t2a | T upload --store ${store} > id && T store get "$(cat id)" stored.t2a --store ${store}
      cmp direct.t2a stored.t2a && echo same`;
    const { stdout } = await new Deno.Command("bash", {
      args: ["-c", script],
      cwd: folder,
      stdin: "null",
      env: { XDG_DATA_HOME: folder },
    }).output();
    match(new TextDecoder().decode(stdout), /same\n$/);
    deepEqual([...Deno.readDirSync(`${folder}/term2ai/outbox`)], [], "nothing is kept twice");
  });
});

Deno.test("rec --store keeps the recording, its index follows, and the command's status is kept", async () => {
  await withFolder(async (folder) => {
    const store = `file://${folder}/store`;
    const recorded = await term2ai(["rec", "--store", store, "--title", "t", "--", "sh", "-c", "echo needle; exit 3"], {
      cwd: folder,
    });
    deepEqual([recorded.status, recorded.text.trim()], [3, "needle"]);
    const search = async () => JSON.parse((await term2ai(["search", "--json", "needle", "--store", store])).text);
    let hits = await search();
    for (let tries = 0; hits.length === 0 && tries < 100; tries++) hits = await search(); // the index follows by itself
    ok(hits.some(({ kind }: { kind: string }) => kind === "output"), JSON.stringify(hits));
    equal(hits[0].recording.title, "t");
    equal(Deno.statSync(`${folder}/store`).mode! & 0o777, 0o700);
    for (
      let waited = 0;
      [...Deno.readDirSync(`${folder}/store/.recording`)].length > 0 && waited < 20_000;
      waited += 50
    ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const sqlite = `sqlite://${folder}/x.db`;
    equal(
      (await term2ai(["rec", "--store", sqlite, "--to", "asciicast-v3", "--", "echo", "two"], {
        env: { XDG_DATA_HOME: folder },
      })).status,
      0,
    );
    equal(JSON.parse((await term2ai(["store", "ls", "--json", "--store", sqlite])).text)[0].format, "asciicast-v3");
    const full = await term2ai(["rec", "--store", `${sqlite}?quota=1B`, "--", "echo", "three"], {
      env: { XDG_DATA_HOME: folder },
    });
    match(full.errors, /quota would be exceeded/);
    equal(full.text, "", "it was not even begun");
  });
});

Deno.test("tag, untag, stat, gc, rm, migrate, reindex, export and import do what they say", async () => {
  await withStore(async (run, id, folder) => {
    equal((await run("store", "tag", id, "keep", "two")).status, 0);
    equal((await run("store", "untag", "last", "two", "absent")).status, 0);
    deepEqual(JSON.parse((await run("store", "ls", "--json")).text)[0].tags, ["ci", "keep"]);
    equal(JSON.parse((await run("store", "stat", "--json")).text).recordings, 1);
    match((await run("store", "stat")).text, /recordings: +1\nsize: /);
    match(
      (await run("store", "gc", "--max-size", "1B", "--keep-tag", "keep", "--dry-run")).text,
      /would remove 0 recordings/,
    );
    match(
      (await run("store", "gc", "--max-size", "1B", "--dry-run")).text,
      new RegExp(`would remove ${id}.*\nwould remove 1 recordings`),
    );
    equal((await run("store", "export", "all.tar")).status, 0);
    match((await run("store", "import", "all.tar", "--store", `${folder}/other`)).text, /^1 recordings imported\n$/);
    match(
      (await run("store", "import", "all.tar", "--store", `${folder}/other`)).text,
      /^0 recordings imported, 1 were there already\n$/,
    );
    match((await run("search", "well", "--store", `${folder}/other`)).text, /all is well/);
    match(
      (await run("store", "migrate", `${folder}/other`, `sqlite://${folder}/x.db`, "--move")).text,
      /^1 recordings moved and verified\n$/,
    );
    match((await run("store", "reindex", "--all")).text, /^1 recordings indexed, 1 found, 0 gone\n$/);
    equal((await run("store", "rm", id.slice(0, 10))).status, 0);
    equal((await run("store", "ls")).text, "");
    match((await run("store", "import", "demo.cast")).errors, /Cannot import this: it is no whole tar file/);
  });
});

Deno.test("the store is that of --store, of TERM2AI_STORE, of the configuration file, or a folder in the data directory", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/demo.cast`, CAST);
    await Deno.mkdir(`${folder}/config/term2ai`, { recursive: true });
    const env = { XDG_DATA_HOME: `${folder}/data`, XDG_CONFIG_HOME: `${folder}/config`, TERM2AI_STORE: "" };
    const storeOf = async (more: Record<string, string> = {}, ...args: string[]) =>
      JSON.parse((await term2ai(["store", "stat", "--json", ...args], { env: { ...env, ...more } })).text).store;
    equal(await storeOf(), `${folder}/data/term2ai/recordings`);
    await Deno.writeTextFile(
      `${folder}/config/term2ai/config.json`,
      JSON.stringify({ store: `file://${folder}/configured` }),
    );
    equal(await storeOf(), `${folder}/configured`);
    equal(await storeOf({ TERM2AI_STORE: `${folder}/named` }), `${folder}/named`);
    equal(await storeOf({ TERM2AI_STORE: `${folder}/named` }, `--store=${folder}/flag`), `${folder}/flag`);
    await Deno.writeTextFile(`${folder}/config/term2ai/config.json`, "{oops");
    const { status, errors } = await term2ai(["store", "ls"], { env });
    equal(status, 2);
    match(errors, /Cannot read .*config.json: it is no JSON/);
  });
});

Deno.test("wrong usage of the store is told, with status 2, and never with a stack trace", async () => {
  await withStore(async (run) => {
    const wrong: [string[], RegExp][] = [
      [["store", "ls", "--store", "ftp://x"], /Cannot use "ftp:\/\/x" as a store/],
      [["store", "ls", "--store"], /Cannot use --store without a URL/],
      [["store", "ls", "--since", "yesterday"], /Cannot read "yesterday" as a date/],
      [["store", "ls", "--limit", "many"], /Cannot read "many" as a number/],
      [["store", "ls", "--exit", "x"], /Cannot read "x" as an exit code/],
      [["store", "ls", "--min-size", "big"], /Cannot read "big" as a size/],
      [["store", "tag", "last"], /a tag is expected/],
      [["store", "tag", "last", ""], /Cannot use "" as a tag/],
      [["store", "rm"], /Cannot remove nothing/],
      [["store", "rm", "last", "zzzz"], /Cannot find a recording zzzz/],
      [["store", "nosuch"], /nosuch/],
      [["search"], /Cannot search for nothing/],
      [["search", "/(/"], /Cannot search for \/\(\//],
      [["upload", "--title", "x", "demo.cast", "demo.cast"], /several recordings one title/],
      [["upload", "nosuch.cast"], /nosuch.cast/],
    ];
    for (const [args, words] of wrong) {
      const { status, errors } = await run(...args);
      equal(status, 2, args.join(" "));
      match(errors, words);
      ok(!/\n\s+at /.test(errors), errors);
    }
    equal(JSON.parse((await run("store", "ls", "--json")).text).length, 1, "nothing was removed by half");
  });
});
