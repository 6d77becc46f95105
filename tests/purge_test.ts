/** What is hidden, encrypted or removed is gone from catalogs, sidecars and caches too. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { purgeKeyframes } from "../lib/cli/play/keyframe_cache.ts";
import { openStorage } from "../storage/mod.ts";
import { blobSource } from "../lib/stream/source.ts";
import { collect } from "../lib/stream/collect.ts";
import { openRecording } from "../formats/mod.ts";
import { term2ai, withFolder } from "./support/cli.ts";
import { AGE_IDENTITY, AGE_RECIPIENT } from "./support/keys.ts";

const CAST = [
  '{"version":3,"term":{"cols":80,"rows":24},"title":"zebrafish","tags":["own"]}',
  ...Array.from({ length: 300 }, (_, n) => `[0.01,"o","hippopotamus line ${n} of many\\r\\n"]`),
  '[0.5,"o","export DB_PASSWORD=Zx9Kq2Lm4Z7w\\r\\n"]',
  '[1,"x","0"]',
].join("\n") + "\n";

/** Files below a folder that hold a text. */
function filesWith(folder: string, text: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return filesWith(path, text);
    return new TextDecoder("latin1").decode(Deno.readFileSync(path)).includes(text) ? [path] : [];
  });
}

/** A folder with a store, a recording in it, and keys. */
async function withStored(
  body: (folder: string, run: (...args: string[]) => ReturnType<typeof term2ai>, id: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/key.txt`, AGE_IDENTITY + "\n");
    await Deno.writeTextFile(`${folder}/a.cast`, CAST);
    const env = { TERM2AI_STORE: `file://${folder}/store`, XDG_CACHE_HOME: "", HOME: folder, DENO_DIR };
    const run = (...args: string[]) => term2ai(args, { cwd: folder, env });
    const { text, errors } = await run("upload", "--tag", "mine", "a.cast");
    equal(errors, "");
    await body(folder, run, text.trim());
  });
}

/** Deno's own cache stays where it is. */
const DENO_DIR = Deno.env.get("DENO_DIR") ??
  `${Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`}/deno`;

Deno.test("store redact hides secrets in the recording, its text and the catalog's files, and keeps what it was as superseded", async () => {
  await withStored(async (folder, run, id) => {
    const store = `${folder}/store`;
    equal(filesWith(store, "Zx9Kq2").length >= 2, true);
    const before = JSON.parse((await run("store", "ls", "--json")).text)[0].sha256;
    const redacted = await run("store", "redact", "--text", "zebrafish", id);
    deepEqual([redacted.text, redacted.errors], [`${id}\n`, ""]);
    deepEqual(filesWith(store, "Zx9Kq2"), []);
    deepEqual(filesWith(store, "zebrafish"), []);
    const [{ title, tags, superseded, format }] = JSON.parse((await run("store", "ls", "--json")).text);
    deepEqual([title, tags, superseded, format], ["*********", ["own", "mine"], [before], "asciicast-v3"]);
    match((await run("search", "hippopotamus")).text, new RegExp(id));
    equal((await run("search", "Zx9Kq2Lm4Z7w")).text, "");
    equal((await run("verify", "--secrets", id)).status, 0);
    const again = await run("store", "redact", id);
    deepEqual([again.text, again.errors], ["", `${id}: it holds no secrets, and stays as it is\n`]);
    match((await run("store", "decrypt", id)).errors, /it is not encrypted, and stays/);
  });
});

Deno.test("store encrypt leaves nothing of a recording in the open, --index its words; store decrypt has it found again", async () => {
  await withStored(async (folder, run, id) => {
    const store = `${folder}/store`;
    equal((await run("store", "encrypt", "--to", AGE_RECIPIENT, id)).errors, "");
    deepEqual([...filesWith(store, "hippopotamus"), ...filesWith(store, "zebrafish")], []);
    equal(filesWith(store, "# term2ai text 1").length, 1);
    const [{ title, tags }] = JSON.parse((await run("store", "ls", "--json")).text);
    deepEqual([title, tags], [null, ["mine"]]);
    equal((await run("search", "hippopotamus")).text, "");
    deepEqual((await run("store", "reindex")).text, "0 recordings indexed, 0 found, 0 gone\n");
    deepEqual((await run("store", "reindex", "--text")).errors, "");
    match((await run("cat", "--identity", "key.txt", id)).text, /hippopotamus line 299/);
    // Redacting it anew would otherwise leave it in the open.
    const refused = await run("store", "redact", "--identity", "key.txt", id);
    match(refused.errors, /it is encrypted; name with --to/);
    equal((await run("store", "redact", "--identity", "key.txt", "--to", AGE_RECIPIENT, id)).status, 0);
    match((await run("cat", "--identity", "key.txt", id)).text, /DB_PASSWORD=\*{12}/);
    equal((await run("store", "decrypt", "--identity", "key.txt", id)).errors, "");
    match((await run("search", "hippopotamus")).text, new RegExp(id));
    equal((await run("store", "encrypt", "--index", "--to", AGE_RECIPIENT, id)).errors, "");
    match((await run("search", "hippopotamus")).text, new RegExp(id));
    match((await run("cat", id)).errors, /it is encrypted/);
  });
});

Deno.test("store rm leaves nothing of a recording in the store's files", async () => {
  await withStored(async (folder, run, id) => {
    await run("upload", "--title", "stays", "a.cast");
    equal((await run("store", "rm", id)).errors, "");
    equal((await run("store", "rm", "last")).errors, "");
    const left = [...filesWith(`${folder}/store`, "potamus"), ...filesWith(`${folder}/store`, "zebrafish")];
    deepEqual(left, []);
  });
});

Deno.test("rec --encrypt-to and upload of encrypted recordings keep them out of the catalog, and in the store", async () => {
  await withStored(async (folder, run, id) => {
    await run("store", "rm", id);
    const url = `file://${folder}/store`;
    const rec = [
      "rec",
      "--store",
      url,
      "--encrypt-to",
      AGE_RECIPIENT,
      "--title",
      "zebrafish",
      "--",
      "echo",
      "hippopotamus",
    ];
    equal((await run(...rec)).errors, "");
    const [{ title, format, sha256 }] = JSON.parse((await run("store", "ls", "--json")).text);
    deepEqual([title, format], [null, "t2a"]);
    match((await run("cat", "--identity", "key.txt", "last")).text, /hippopotamus/);
    const got = await run("store", "get", "last", "got.t2a");
    deepEqual([got.status, got.errors, sha256.length], [0, "", 64]);
    const uploaded = await run("upload", "got.t2a");
    match(uploaded.errors, /it is encrypted, and neither its words nor its title/);
    equal((await run("search", "hippopotamus")).text, "");
    const asked = await run("upload", "--index", "--identity", "key.txt", "got.t2a");
    equal(asked.errors, "");
    match((await run("search", "hippopotamus")).text, new RegExp(asked.text.trim()));
  });
});

Deno.test("SessionStorage.replace() keeps the old recording where the new one is none", async () => {
  const storage = await openStorage("memory:");
  const { id } = await storage.store(blobSource("a.cast", new Blob([CAST])));
  const bad = storage.replace(id, blobSource("b.cast", new Blob([new Uint8Array(10)])));
  match(String(await bad.catch((error) => error)), /Cannot read b\.cast/);
  const { events } = await openRecording(storage.source((await storage.get(id))!));
  equal((await collect(events)).length > 300, true);
  match(String(await storage.replace("0".repeat(26), blobSource("b", new Blob([CAST]))).catch((e) => e)), /no such/);
  await storage.close();
});

Deno.test("redact and encrypt remove the keyframes that players have kept of what they read and write", async () => {
  await withFolder(async (folder) => {
    const cast = '{"version":2,"width":80,"height":24}\n' +
      Array.from({ length: 4000 }, (_, at) => `[${at / 10},"o","line ${at} ${"words ".repeat(20)}\\r\\n"]\n`).join("");
    const env = { HOME: folder, XDG_CACHE_HOME: "", DENO_DIR };
    for (const mode of [0o700, 0o755]) {
      const place = `${folder}/${mode}`;
      await Deno.mkdir(place);
      await Deno.chmod(place, mode);
      await Deno.writeTextFile(`${place}/x.cast`, cast);
      await Deno.writeTextFile(`${place}/.x.cast.notes.keyframes`, "somebody's own");
      const kept = () =>
        [place, `${folder}/.cache/term2ai/keyframes`].flatMap((where) => {
          try {
            return [...Deno.readDirSync(where)].filter(({ name }) => /\.[0-9a-f]{12}\.keyframes$/.test(name));
          } catch {
            return [];
          }
        });
      const run = (...args: string[]) => term2ai(args, { cwd: place, env });
      for (const command of [["redact", "x.cast", "y.cast"], ["encrypt", "--to", AGE_RECIPIENT, "x.cast", "z.t2a"]]) {
        await run("play", "-s", "max", "--at", "399", "x.cast");
        equal(kept().length, 1);
        equal((await run(...command)).status, 0);
        equal(kept().length, 0, command[0]);
      }
      ok(Deno.statSync(`${place}/.x.cast.notes.keyframes`).isFile);
    }
    await purgeKeyframes(`${folder}/nowhere/x.cast`); // there is nothing, and nothing is said
  });
});

Deno.test("every command that reads recordings opens encrypted ones with --identity", async () => {
  await withStored(async (folder, run) => {
    await run("encrypt", "--to", AGE_RECIPIENT, "a.cast", "e.t2a");
    const commands = [
      ["info"],
      ["cat"],
      ["play", "-s", "max"],
      ["convert", "--to", "text", "e.t2a", "-"],
      ["verify"],
      ["analyze"],
      ["analyze", "commands"],
      ["diff", "e.t2a"],
      ["export", "json"],
      ["render", "--format", "txt"],
      ["mark", "--at", "0=x", "--as", "raw"],
      ["redact", "--as", "raw"],
      ["anonymize", "--as", "raw"],
      ["repair", "--plain"],
    ];
    for (const command of commands) {
      const args = command.includes("-") ? command : [...command, "e.t2a"];
      const opened = await run(...args.slice(0, 1), "--identity", "key.txt", ...args.slice(1));
      ok(opened.status === 0 && !/no key that was given/.test(opened.errors), `${command.join(" ")}: ${opened.errors}`);
    }
    const shut = await run("analyze", "e.t2a");
    match(shut.errors, /it is encrypted, and no key that was given opens it\n {2}Name the file/);
    equal((await run("diff", "--identity", `${folder}/none.txt`, "e.t2a", "e.t2a")).status, 2);
  });
});

Deno.test("messages of several lines show as lines, with control characters escaped", async () => {
  await withStored(async (folder, run) => {
    await Deno.writeTextFile(`${folder}/bad\x1b[31m.cast`, "no recording");
    const { errors } = await run("upload", "bad\x1b[31m.cast");
    match(
      errors,
      /^term2ai upload: Cannot read bad\\u\{1b\}\[31m\.cast: .*\n {2}Expected a recording: .*\n {2}Bytes of/,
    );
    ok(!errors.includes("\\u{a}"));
  });
});
