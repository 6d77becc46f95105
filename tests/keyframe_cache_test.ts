import { deepEqual, equal, match, ok } from "node:assert/strict";
import { openRecording } from "../formats/mod.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { collect } from "../lib/stream/collect.ts";
import { infoOf, term2ai, withFolder } from "./support/cli.ts";

/** A recording of half a megabyte. */
const cast = '{"version":2,"width":80,"height":24}\n' +
  Array.from({ length: 4000 }, (_, at) => `[${at / 10},"o","line ${at} ${"words ".repeat(20)}\\r\\n"]\n`).join("");

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
/** Deno's own cache stays where it is. */
const DENO_DIR = Deno.env.get("DENO_DIR") ??
  `${Deno.env.get("XDG_CACHE_HOME") || `${Deno.env.get("HOME")}/.cache`}/deno`;
const play = (folder: string, home: string) => {
  const env = { HOME: home, XDG_CACHE_HOME: "", DENO_DIR };
  return term2ai(["play", "-s", "max", "--at", "399", "x.cast"], { cwd: folder, env });
};

Deno.test("play keeps the keyframes of a foreign recording beside it where only its owner may look, and uses them again", async () => {
  await withFolder(async (folder) => {
    await Deno.chmod(folder, 0o700);
    await Deno.writeTextFile(`${folder}/x.cast`, cast);
    match((await play(folder, folder)).text, /line 3999/);
    const kept = names(folder).find((name) => name !== "x.cast"), recording = "x.cast";
    deepEqual([recording, /^\.x\.cast\.[0-9a-f]{12}\.keyframes$/.test(kept!)], ["x.cast", true]);
    equal(Deno.statSync(`${folder}/${kept}`).mode! & 0o777, 0o600);
    const written = Deno.statSync(`${folder}/${kept}`).mtime;
    match((await play(folder, folder)).text, /line 3999/);
    deepEqual([names(folder).length, Deno.statSync(`${folder}/${kept}`).mtime], [2, written]);
    // One that is damaged is made again, and so is one of a recording that has changed.
    await Deno.truncate(`${folder}/${kept}`, 1000);
    match((await play(folder, folder)).text, /line 3999/);
    ok(Deno.statSync(`${folder}/${kept}`).size > 1000);
    await Deno.writeTextFile(`${folder}/x.cast`, cast + '[400,"o","more"]\n');
    match((await play(folder, folder)).text, /more$/);
    equal(names(folder).length, 3);
  });
});

Deno.test("play keeps keyframes in the user's cache directory where others may look, and plays where it can keep none", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/open`, { mode: 0o755 });
    await Deno.chmod(`${folder}/open`, 0o755);
    await Deno.writeTextFile(`${folder}/open/x.cast`, cast);
    match((await play(`${folder}/open`, folder)).text, /line 3999/);
    deepEqual(names(`${folder}/open`), ["x.cast"]);
    const kept = `${folder}/.cache/term2ai/keyframes`;
    equal(names(kept).length, 1);
    equal(Deno.statSync(kept).mode! & 0o777, 0o700);
    equal(Deno.statSync(`${kept}/${names(kept)[0]}`).mode! & 0o777, 0o600);
    await Deno.chmod(kept, 0o755); // somebody else may look: nothing is put there any more
    await Deno.remove(`${kept}/${names(kept)[0]}`);
    match((await play(`${folder}/open`, folder)).text, /line 3999/);
    equal(names(kept).length, 0);
    match((await play(`${folder}/open`, "nowhere")).text, /line 3999/);
  });
});

Deno.test("keyframes adds keyframes, which change nothing else, and says what it cannot", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x.cast`, cast);
    equal((await term2ai(["keyframes", "x.cast", "x.t2a"], { cwd: folder })).status, 0);
    equal((await term2ai(["keyframes", "--every", "32k", "x.t2a", "y.t2a"], { cwd: folder })).status, 0);
    const kinds = async (name: string) =>
      (await collect((await openRecording(await openSource(`${folder}/${name}`))).events)).map(({ kind }) => kind);
    const [few, many] = [await kinds("x.t2a"), await kinds("y.t2a")];
    const count = (all: string[]) => all.filter((kind) => kind === "keyframe").length;
    deepEqual([count(few), count(many)], [4, 16]);
    deepEqual(few.filter((kind) => kind !== "keyframe"), many.filter((kind) => kind !== "keyframe"));
    equal((await infoOf(`${folder}/y.t2a`)).complete, true);
    const wrong = await term2ai(["keyframes", "--every", "0", "x.t2a"], { cwd: folder });
    deepEqual([wrong.status, /expected bytes of output/.test(wrong.errors)], [2, true]);
  });
});
