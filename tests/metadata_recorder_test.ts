import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { MetadataRecorder, quoteArgument } from "../lib/record/metadata_recorder.ts";

const facts = {
  user: "ada",
  host: "engine",
  shell: "/bin/zsh",
  cwd: "/home/ada",
  env: { TERM: "xterm-256color", LANG: "C.UTF-8", AWS_SECRET_ACCESS_KEY: "s3cret", EDITOR: "ed", HOME: "/home/ada" },
};
const session = { command: ["make", "all tests"], cols: 132, rows: 43, startedAt: 1.7e12 };

Deno.test("MetadataRecorder tells who, where, what and when", () => {
  const { id, ...header } = new MetadataRecorder(facts, {
    title: "Build",
    tags: ["ci"],
    idleLimit: 2e9,
    keepEnv: ["EDITOR", "NOT_SET"],
    recorder: "term2ai 1.2.3",
  }).header(session);
  match(id!, /^[0-9a-f]{32}$/);
  deepEqual(header, {
    cols: 132,
    rows: 43,
    startedAt: 1.7e12,
    command: "make 'all tests'",
    shell: "/bin/zsh",
    user: "ada",
    host: "engine",
    cwd: "/home/ada",
    term: "xterm-256color",
    title: "Build",
    tags: ["ci"],
    env: { TERM: "xterm-256color", LANG: "C.UTF-8", EDITOR: "ed" },
    idleLimit: 2e9,
    recorder: "term2ai 1.2.3",
  });
});

Deno.test("MetadataRecorder leaves out what is not known", () => {
  const header = new MetadataRecorder({ shell: "/bin/sh", cwd: "/", env: {} }).header(session);
  deepEqual(Object.keys(header).sort(), ["cols", "command", "cwd", "env", "id", "rows", "shell", "startedAt"]);
});

Deno.test("MetadataRecorder keeps no variable that is not on a list", () => {
  const header = new MetadataRecorder(facts).header(session);
  equal(JSON.stringify(header).includes("s3cret"), false);
  deepEqual(Object.keys(header.env!), ["LANG", "TERM"]);
});

Deno.test("MetadataRecorder gives every recording another id", () => {
  const recorder = new MetadataRecorder(facts);
  notEqual(recorder.header(session).id, recorder.header(session).id);
});

Deno.test("quoteArgument() writes what a shell reads back as one argument", async () => {
  const samples = fc.sample(fc.string({ unit: "binary-ascii" }), { numRuns: 40, seed: 1 })
    .filter((text) => !text.includes("\0"))
    .concat(["", "a b", "$HOME", "don't", "`x`", "ü", "-n", "a\\b", '"']);
  const script = samples.map((text) => `printf '%s\\0' ${quoteArgument(text)}`).join("\n");
  const { stdout } = await new Deno.Command("sh", { args: ["-c", script] }).output();
  deepEqual(new TextDecoder().decode(stdout).split("\0").slice(0, -1), samples);
});
