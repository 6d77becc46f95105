import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { MILLISECOND, type SessionEvent } from "../lib/event.ts";
import {
  findSecrets,
  isSensitiveName,
  redact,
  Redactor,
  redactPlanned,
  SecretFindings,
  Secrets,
} from "../lib/security/redact.ts";
import { compilePatterns, wholeMatch } from "../lib/security/redaction/patterns.ts";
import { collect, concat, streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { header, keyframe, marker, output } from "./support/events.ts";
import { PLAIN, plainText } from "./support/plain_texts.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const run = (events: readonly SessionEvent[], secrets?: Secrets, findings?: SecretFindings) =>
  collect(streamOf(...events).pipeThrough(redact(secrets, findings)));
const stored = async (events: readonly SessionEvent[], secrets = new Secrets()) =>
  await collect(streamOf(...events).pipeThrough(redactPlanned(await findSecrets(() => streamOf(...events), secrets))));
const text = (events: readonly SessionEvent[], kind: "output" | "input" = "output") =>
  new TextDecoder().decode(concat(events.flatMap((event) => event.kind === kind ? [event.data] : [])));

Deno.test("redact() hides values of sensitive variables, texts and what was typed unseen, wherever they show", async () => {
  const secrets = new Secrets({
    literals: ["Bluebird", "\u6f22\u5b57\u3042\u3044"],
    env: { APP_SECRET: "long-enough-value", HOME: "/home/ada/long" },
  });
  secrets.learn("tiger");
  const printed = "Blue\x1b[1mbird long-enough-value /home/ada/long tiger tigers [\u6f22\u5b57\u3042\u3044]\r\n";
  const hidden = "****\x1b[1m**** ***************** /home/ada/long ***** tigers [********]\r\n";
  equal(text(await run([header(), output(1, printed)], secrets)), hidden);
});

Deno.test("redact() hides a known value from its eighth character on although nobody could wait for the rest", async () => {
  const secrets = new Secrets({ literals: ["correct-horse-battery"] });
  const keys = [..."$ correct-horse-battery"].map((key, n) => output(n * 300 * MILLISECOND, key));
  const shown = text(await run([header(), ...keys, output(9e9, "\r\n")], secrets));
  match(shown, /^\$ correct?\*+\r\n$/);
});

Deno.test("redact() hides in later places what one place has told by its context; a stored recording also in earlier ones", async () => {
  const events = [header(), output(1, "x9Kq2Lm4Z\r\npassword: x9Kq2Lm4Z\r\nx9Kq2Lm4Z\r\n")];
  equal(text(await run(events)), "x9Kq2Lm4Z\r\npassword: *********\r\n*********\r\n");
  equal(text(await stored(events)), "*********\r\npassword: *********\r\n*********\r\n");
});

Deno.test("redact() hides a secret that is whole in the bytes though it is wider than the screen and drawn over and over", async () => {
  const token = "github_pat_" + "aB3xY9".repeat(14).slice(0, 82);
  for (const before of ["\r", "\r\x1b[K$ ", "\x1b[5G"]) {
    for (const step of [1, 4]) {
      const lengths = Array.from({ length: 24 / step }, (_, n) => 70 + n * step);
      const events = [...lengths.map((length) => token.slice(0, length)), `${token}\r\n`]
        .map((frame, n) => output(n * 10 * MILLISECOND, before + frame));
      const shown = text(await stored([header(), ...events]));
      ok(!shown.includes("aB3x"), JSON.stringify(shown));
      const live = await run([header(), ...events]);
      ok(!text(live).includes(token), JSON.stringify(text(live)));
      deepEqual((await findSecrets(() => streamOf(...live))).findings.list, []);
    }
  }
});

Deno.test("redact() hides what is pasted or typed right behind other keys", async () => {
  const token = "xoxb-" + "123456789012-".repeat(2) + "aB3xY9".repeat(4),
    hidden = `xoxb-${"*".repeat(token.length - 5)}`;
  const paste = (pasted: string) => `\x1b[200~${pasted}\x1b[201~`;
  for (
    const keys of [
      ["i", paste(token), "\x1b", ":wq\r"],
      [paste(token), paste(token), "\r"],
      ["A\x1bOB", token, "\r"],
      ["i", token, "x\r"],
      ["ab\x1b[200~", ...token, "\x1b[201~c\r"],
      ["export TOKEN=", paste(token), "\r"],
      ["i", paste(token.slice(0, 30) + "x\x7f" + token.slice(30)), "\r"],
    ]
  ) {
    const typed = [header(), ...keys.map((key, n): SessionEvent => ({ kind: "input", time: n, data: encode(key) }))];
    for (const events of [await stored(typed), await run(typed)]) {
      ok(!text(events, "input").includes("aB3x"), JSON.stringify(text(events, "input")));
    }
    if (keys.length === 4) equal(text(await run(typed), "input"), keys.join("").replaceAll(token, hidden));
  }
});

Deno.test("redact() hides secrets in every kind of event, and leaves keyframes out", async () => {
  const key = "ghp_" + "aB3".repeat(12);
  const terminal = (await loadEmulator())({ cols: 20, rows: 4 });
  terminal.write(encode(`key ${key} \u6f22\x1b]2;${key}\x07`));
  const events = await run([
    header({ command: `curl -H ${key}`, env: { LANG: "C", API_TOKEN: "plain" }, extra: { list: [key, 1, null] } }),
    marker(1, key),
    { kind: "note", time: 1, topic: "t", data: { [key]: [key], password: "anything" } },
    { kind: "custom", time: 1, code: "z", data: encode(key) },
    { kind: "command", time: 1, phase: "done", text: `x ${key}`, cwd: `/${key}`, code: 0 },
    { kind: "screen", time: 1, state: { ...terminal.snapshot(), links: [{ uri: `https://x/${key}` }] } },
    keyframe(2),
    { kind: "input", time: 3, data: encode(key), by: "ada" },
  ]);
  deepEqual(events.map(({ kind }) => kind), ["header", "marker", "note", "custom", "command", "screen", "input"]);
  const all = JSON.stringify(
    events,
    (_, value) => value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
  );
  ok(!all.includes("aB3aB3aB3") && !all.includes("anything") && !all.includes('"plain"'), all);
  const screen = events[5]!;
  ok(screen.kind === "screen");
  deepEqual(screenText(screen.state), ["key ghp_************************************ \u6f22"]);
});

Deno.test("redact() finds what a recorded screen began and the output goes on with", async () => {
  const terminal = (await loadEmulator())({ cols: 80, rows: 4 });
  terminal.write(encode("$ export DB_PASSWORD=abc\x1b]0;TOKEN=abc"));
  const state = terminal.snapshot();
  const events = [header(), { kind: "screen", time: 1, state } as const, output(2, "def123\x07def123ghi\r\n")];
  for (const result of [await run(events), await stored(events)]) {
    equal(text(result), "\x1b]0;TOKEN=*********\x07*********\r\n");
  }
});

Deno.test("redact() waits 250 ms or 4 KiB and no longer, and passes on at once what is no beginning of a secret", () => {
  const got: SessionEvent[] = [];
  const redactor = new Redactor(new Secrets(), (event) => got.push(event));
  redactor.push(header());
  redactor.push(output(1, "$ ls\r\n"));
  equal(got.length, 2);
  redactor.push(output(10, "sk-ant-api"));
  equal(got.length, 2);
  equal(redactor.deadline, 10 + 250 * MILLISECOND);
  redactor.release(9 + 250 * MILLISECOND);
  equal(got.length, 2);
  redactor.release(10 + 250 * MILLISECOND);
  equal(text(got.slice(2)), "sk-ant-***");
  redactor.push(output(1e9, `\r\n${"x".repeat(8000)} sk-ant-api`));
  equal(text(got).length, "$ ls\r\nsk-ant-***\r\n".length + 8001 + "sk-ant-".length);
  redactor.flush(); // as when the recorder is stopped
  match(text(got), /x sk-ant-\*\*\*$/);
});

Deno.test("redact() leaves alone what is allowed, and rules that are left out", async () => {
  const events = [header(), output(1, "AKIAIOSFODNN7EXAMPLE password: hunter2x1\r\n")];
  const shown = async (secrets: Secrets) => text(await run(events, secrets));
  equal(await shown(new Secrets({ allow: ["IOSFODNN7EXAMPLE"] })), "AKIAIOSFODNN7EXAMPLE password: *********\r\n");
  equal(await shown(new Secrets({ allow: [wholeMatch("hunter.*")] })), "AKIA**************** password: hunter2x1\r\n");
  equal(await shown(new Secrets({ without: ["aws-access-key-id"] })), "AKIAIOSFODNN7EXAMPLE password: *********\r\n");
  const patterns = compilePatterns(["EX.*E pass", "[0-9]x1"]);
  equal(await shown(new Secrets({ patterns })), "AKIA*********************word: *********\r\n");
  throws(() => compilePatterns(["("]), /Cannot use the regular expression "\("/);
  throws(() => compilePatterns(["a*"]), /matches nothing/);
  throws(() => new Secrets({ without: ["nonsense"] }), /no such rule/);
  throws(() => new Secrets({ literals: ["abc"] }), /3 characters/);
});

Deno.test("findings tell secrets apart without telling them, one for each however often it is drawn", async () => {
  const findings = new SecretFindings();
  const key = "ghp_" + "aB3".repeat(12), other = "ghp_" + "xY7".repeat(12);
  await run([header(), output(5, `${key}\r\n${other}\r\n`), output(9, `\x1b]0;${key}\x07`)], undefined, findings);
  const told = findings.list.map(({ id: _, ...rest }) => rest);
  deepEqual(told, [
    { rule: "github-token", time: 5, places: ["output", "terminal-string"], count: 2 },
    { rule: "github-token", time: 5, places: ["output"], count: 1 },
  ]);
  ok(findings.list.every(({ id }) => /^[0-9a-f]{8}$/.test(id)) && findings.list[0]!.id !== findings.list[1]!.id);
});

Deno.test("rules take fewer than one thing in a megabyte for a secret that is none", async () => {
  for (const kind of Object.keys(PLAIN)) {
    const { findings } = await findSecrets(() =>
      streamOf(header({ cols: 200, rows: 50 }), output(1, plainText(kind, 1e6)))
    );
    deepEqual(findings.list, [], kind);
  }
});

Deno.test("isSensitiveName() knows names of variables that hold secrets, and those that only seem so", () => {
  for (const name of ["DB_PASSWORD", "GITHUB_TOKEN", "apiKey", "AWS_SECRET_ACCESS_KEY", "client_secret"]) {
    ok(isSensitiveName(name), name);
  }
  for (const name of ["PWD", "SSH_AUTH_SOCK", "KEYBOARD", "AWS_ACCESS_KEY_ID", "HOME", "TOKENIZERS_PARALLELISM"]) {
    ok(!isSensitiveName(name), name);
  }
});

Deno.test("redact() takes linear time and bounded memory for whatever a program prints", async () => {
  const hostile: Readonly<Record<string, (n: number) => string>> = {
    "a string without an end": (n) => "\x1b]52;c;" + "QUJD".repeat(n / 4),
    "a line without an end": (n) => "x".repeat(n),
    "beginnings of secrets": (n) => "password=".repeat(n / 9),
    "tokens in tokens": (n) => "sk-eyJ:AA://".repeat(n / 12),
    "nested escapes": (n) => "\x1b[\x1b]\x1b\x1bP\x1b[1;".repeat(n / 11),
    "drawn over and over": (n) => "\rTOKEN=abcdefgh1 \x1b[5D".repeat(n / 21),
    "spaces before a value": (n) => "password :  ".repeat(n / 12),
  };
  for (const [name, make] of Object.entries(hostile)) {
    const time = async (n: number) => {
      const data = encode(make(n)), events: SessionEvent[] = [header()];
      for (let at = 0; at < data.length; at += 16_384) {
        events.push({ kind: "output", time: at, data: data.subarray(at, at + 16_384) });
      }
      const start = performance.now();
      await run(events);
      return performance.now() - start;
    };
    await time(1e5);
    const [small, large] = [await time(2e5), await time(8e5)];
    ok(large < 16 * small + 400, `${name}: ${small} ms, four times as much ${large} ms`);
  }
});
