import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Decrypter, generateIdentity, identityToRecipient } from "age-encryption";
import { t2a } from "../formats/mod.ts";
import type { SessionEvent } from "../lib/event.ts";
import { write } from "./contracts/format_contract.ts";
import { isInstalled, term2ai, withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";
import { ASKERS, newPassword, recordPassword } from "./support/passwords.ts";

const KEY = "ghp_" + "aB3".repeat(12);
const SESSION: readonly SessionEvent[] = [
  header({ command: `curl -u ada:x9Kq2Lm4Z https://example.org` }),
  output(1, `x9Kq2Lm4Z ${KEY}\r\n`),
];

Deno.test("term2ai redact leaves no secret in a file or down a pipe, tells what it hid without it, and checks", async () => {
  await withFolder(async (folder) => {
    const [path, hidden] = [`${folder}/a.t2a`, `${folder}/b.t2a`];
    await Deno.writeFile(path, await write(t2a, SESSION));
    const check = await term2ai(["redact", "--check", path]);
    equal(check.status, 1);
    match(check.errors, /holds 2 secrets/);
    const report = await term2ai(["redact", "--report", "--json", path]);
    deepEqual(report.text.trim().split("\n").map((line) => JSON.parse(line).rule).sort(), [
      "github-token",
      "user-password-option",
    ]);
    ok(!/aB3aB3|x9Kq/.test(report.text + check.text + check.errors));
    equal((await term2ai(["redact", path, hidden])).status, 0);
    equal((await term2ai(["verify", "--secrets", path])).status, 1);
    equal((await term2ai(["verify", "--secrets", hidden])).status, 0);
    equal((await term2ai(["cat", hidden])).text, `********* ghp_${"*".repeat(36)}\r\n`);
    equal((await term2ai(["redact", "--check", hidden])).status, 0);
    const piped = await term2ai(["redact", "--as", "jsonl"], { stdin: await Deno.readFile(path) });
    ok(!/aB3aB3|x9Kq/.test(piped.text), piped.text);
    equal((await term2ai(["redact", "--pattern", "(", path])).status, 2);
  });
});

Deno.test("term2ai rec --redact hides variables' values, and what is printed of a password typed before", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/a.t2a`;
    const command = ["sh", "-c", "echo $MY_TOKEN; echo export DB_PASSWORD=hunter2xyz"];
    const env = { MY_TOKEN: "a-value-of-the-environment" };
    equal((await term2ai(["rec", "--redact", file, "--", ...command], { env })).status, 0);
    equal((await term2ai(["cat", file])).text, `${"*".repeat(26)}\r\nexport DB_PASSWORD=**********\r\n`);
    const asker = {
      name: "shows it",
      command: () => ["bash", "-c", "read -rsp 'Secret: ' x; echo; sleep 0.1; echo \"it is $x\""],
      prompt: "Secret: ",
    };
    const password = newPassword();
    const { stored, text } = await recordPassword(asker, password, folder, ["--redact"]);
    ok(!stored.includes(password) && text.includes("it is ***"), text);
  });
});

for (const asker of ASKERS) {
  Deno.test(`no password is in a recording with input: ${asker.name}`, async () => {
    if (!await isInstalled(asker.command("/")[0]!)) return console.log(`skipped: ${asker.command("/")[0]} is missing`);
    await withFolder(async (folder) => {
      const password = newPassword();
      const { stored, text } = await recordPassword(asker, password, folder);
      ok(!stored.includes(password), "the password is in the file");
      match(text, /input-withheld/);
    });
  });
}

Deno.test("term2ai anonymize takes addresses out, by a key the same in all recordings, and keeps the mapping encrypted", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.t2a`, mapping = `${folder}/names.age`;
    await Deno.writeFile(
      path,
      await write(t2a, [
        header({ user: "ada", host: "engine" }),
        ...[..."ada 192.0.2.7 fe80::1 grace@example.org 12:30:45\r\n"].map((key, n) => output(n, key)),
      ]),
    );
    await Deno.writeTextFile(`${folder}/key`, "a long and secret sentence");
    const identity = await generateIdentity(), recipient = await identityToRecipient(identity);
    const plain = await term2ai(["anonymize", "--as", "raw", path]);
    equal(plain.text, "user ip1 ip2 email1 12:30:45\r\n");
    const keyed = ["anonymize", "--as", "raw", "--key", `${folder}/key`];
    const first = await term2ai([...keyed, "--mapping", mapping, "--mapping-to", recipient, path]);
    match(first.text, /^user_\w{8} ip_\w{8} ip_\w{8} email_\w{8} 12:30:45\r\n$/);
    equal((await term2ai([...keyed, path])).text, first.text);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const names = JSON.parse(await decrypter.decrypt(await Deno.readFile(mapping), "text"));
    equal(names["192.0.2.7"], /ip_\w{8}/.exec(first.text)![0]);
    equal((await Deno.stat(mapping)).mode! & 0o777, 0o600);
    equal((await term2ai(["anonymize", "--mapping", `${folder}/plain`, path])).status, 2);
  });
});

Deno.test("anonymize refuses names that it cannot find, and a mapping in the place of what it reads or writes", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a.t2a`, await write(t2a, SESSION));
    await Deno.writeTextFile(`${folder}/key`, "a long and secret sentence");
    await Deno.writeTextFile(`${folder}/empty`, "\n");
    await Deno.symlink("a.t2a", `${folder}/link`);
    const before = await Deno.readFile(`${folder}/a.t2a`);
    const recipient = await identityToRecipient(await generateIdentity());
    const run = (...args: string[]) => term2ai(["anonymize", ...args], { cwd: folder });
    for (const name of ["a", "", "2024", "x".repeat(256)]) {
      const { status, errors } = await run("--name", name, "a.t2a", "b.t2a");
      deepEqual([status, errors.includes(`Cannot replace the name ${JSON.stringify(name)}`)], [2, true], errors);
    }
    const to = ["--mapping-to", recipient, "--overwrite"];
    for (
      const [mapping, ...args] of [
        ["a.t2a", "a.t2a", "b.t2a"],
        ["link", "a.t2a", "b.t2a"],
        ["./a.t2a", "a.t2a", "b.t2a"],
        ["b.t2a", "a.t2a", "b.t2a"],
        ["key", "--key", "key", "a.t2a", "b.t2a"],
      ]
    ) {
      const { status, errors } = await run("--mapping", mapping!, ...to, ...args);
      equal(status, 2, errors);
      match(errors, /Cannot keep the mapping in .*: it is the (recording that is (read|written)|file of --key)/);
    }
    match(
      (await run("--mapping", "m", "--passphrase-file", "empty", "a.t2a")).errors,
      /in empty: its first line is empty/,
    );
    deepEqual(await Deno.readFile(`${folder}/a.t2a`), before);
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["a.t2a", "empty", "key", "link"]);
  });
});
