import { deepEqual, equal, match, ok } from "node:assert/strict";
import { t2a } from "../formats/mod.ts";
import { T2aWriter } from "../formats/t2a.ts";
import { rewriteBlocks } from "../formats/t2a/rewrite.ts";
import { BlockType } from "../formats/t2a/block.ts";
import { readRecipients } from "../formats/t2a/cipher.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { loadCodec } from "../lib/host/codec.ts";
import { noPassphrase, unwrapWith } from "../lib/security/age_keys.ts";
import { fromPem } from "../lib/security/ssh_wire.ts";
import { formatPublicKey, publicKeyOf } from "../lib/security/ssh_key.ts";
import { collectBytes, concat, streamOf } from "../lib/stream/collect.ts";
import { CLI, isInstalled, TERM2AI, term2ai, term2aiOnTerminal, withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, PRIVATE_KEY, PUBLIC_KEY, testSign } from "./support/keys.ts";
import { sleep } from "./support/pty.ts";
import { blocksOf } from "./support/t2a_blocks.ts";

/** Runs a line of shell in a folder. */
async function sh(cwd: string, line: string, env: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command("sh", { args: ["-c", line], cwd, env }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, stdout, text: decode(stdout), errors: decode(stderr) };
}

/** A folder with keys, and a short recording in it. */
async function withKeys(body: (folder: string, run: typeof term2ai) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/id`, PRIVATE_KEY, { mode: 0o600 });
    await Deno.writeTextFile(`${folder}/id.pub`, PUBLIC_KEY + "\n");
    await Deno.writeTextFile(`${folder}/key.txt`, `# created by age-keygen\n${AGE_IDENTITY}\n`, { mode: 0o600 });
    await Deno.writeTextFile(`${folder}/allowed`, `ada@example.com ${PUBLIC_KEY}\n`);
    const cast = [
      '{"version":3,"term":{"cols":80,"rows":24},"title":"hidden title"}',
      '[0.5,"o","hidden words\\r\\n"]',
      '[1,"x","0"]',
    ];
    await Deno.writeTextFile(`${folder}/a.cast`, cast.join("\n") + "\n");
    const run: typeof term2ai = (args, options = {}) => term2ai(args, { cwd: folder, ...options });
    equal((await run(["convert", "a.cast", "a.t2a"])).status, 0);
    await body(folder, run);
  });
}

const skip = async (...programs: string[]) => {
  for (const program of programs) {
    if (await isInstalled(program)) continue;
    console.log(`not tested: ${program} is not installed`);
    return true;
  }
  return false;
};

Deno.test("verify ends with 0 only for what is complete and unaltered, and names the first fault", async () => {
  await withKeys(async (folder, run) => {
    const whole = await run(["verify", "a.t2a"]);
    deepEqual([whole.status, whole.errors], [0, ""]);
    match(whole.text, /^a\.t2a: intact, but not signed\n {2}2 blocks, 2 events/);
    const bytes = await Deno.readFile(`${folder}/a.t2a`);
    const at = blocksOf(bytes)[1]!.at;
    await Deno.writeFile(`${folder}/altered.t2a`, bytes.map((byte, n) => n === at + 40 ? byte ^ 4 : byte));
    const altered = await run(["verify", "altered.t2a"]);
    equal(altered.status, 1);
    match(
      altered.text,
      /altered\.t2a: altered\n {2}block 1 at byte \d+: its checksum is [0-9a-f]{8}, expected [0-9a-f]{8}\n/,
    );
    match(altered.text, /the block before it \(0:00 to .*\) is intact; keep what is good with: term2ai repair/);
    const json = JSON.parse((await run(["verify", "--json", "altered.t2a"])).text);
    deepEqual([json.good, json.recordings[0].state, json.recordings[0].fault.block], [false, "altered", 1]);
    for (const length of [at, at + 50]) {
      await Deno.writeFile(`${folder}/cut.t2a`, bytes.subarray(0, length));
      equal((await run(["verify", "cut.t2a"])).status, 1);
      equal((await run(["verify", "--allow-unfinished", "cut.t2a"])).status, 0);
    }
    equal((await run(["verify", "-"], { stdin: bytes })).status, 0);
  });
});

Deno.test("verify refuses what it cannot verify with one clear message and no stack trace", async () => {
  await withKeys(async (_, run) => {
    for (
      const [args, status, expected] of [
        [["verify", "a.cast"], 1, /Cannot verify a\.cast: it begins with 7b22[^]*Only T2A recordings/],
        [["verify", "missing.t2a"], 2, /there is no such file/],
        [["verify"], 2, /FILE/],
        [["verify", "--allowed-signers", "nobody", "a.t2a"], 2, /Cannot read nobody/],
        [["verify", "--seal", "x", "a.t2a"], 2, /no signature/],
        [["sign", "a.t2a"], 2, /key/],
        [["sign", "--key", "a.cast", "a.t2a"], 2, /no private key/],
        [["sign", "--key", "id", "a.cast"], 2, /only T2A/],
        [["sign", "--key", "id.pub", "a.t2a"], 2, /no ssh-agent is running/],
        [["encrypt", "a.t2a", "b.t2a"], 2, /name a recipient with --to/],
        [["encrypt", "--to", "nonsense", "a.t2a", "b.t2a"], 2, /Cannot read nonsense/],
        [["encrypt", "--to", "age1nonsense", "a.t2a", "b.t2a"], 2, /expected age1… or ssh-ed25519/],
        [["encrypt", "--to", AGE_IDENTITY, "a.t2a", "b.t2a"], 2, /secret key: name the public one/],
        [["encrypt", "--to", "key.txt", "a.t2a", "b.t2a"], 2, /Cannot encrypt for "AGE-SECRET-KEY-…"/],
        [["encrypt", "--to", AGE_RECIPIENT, "--passphrase", "a.t2a", "b.t2a"], 2, /at once/],
        [["encrypt", "--to", AGE_RECIPIENT, "a.t2a", "a.cast"], 2, /ends in \.t2a/],
        [["encrypt", "--to", AGE_RECIPIENT, "a.t2a", "a.t2a"], 2, /it exists/],
        [["encrypt", "--rewrap", "--to", AGE_RECIPIENT, "a.t2a", "b.t2a"], 1, /not encrypted/],
        [["encrypt", "--passphrase", "a.t2a", "b.t2a"], 2, /no passphrase was told/],
        [["decrypt", "--identity", "none", "a.cast", "b.t2a"], 1, /no T2A|damage/],
        [["rec", "--sign", "missing", "x.t2a", "--", "true"], 2, /Cannot read missing/],
        [["rec", "--sign", "id", "x.cast", "--", "true"], 2, /only T2A/],
        [["rec", "--encrypt-to", "age1x", "x.t2a", "--", "true"], 2, /expected age1…/],
      ] as [string[], number, RegExp][]
    ) {
      const found = await run(args, { env: { SSH_AUTH_SOCK: "" } });
      equal(found.status, status, `${args.join(" ")}: ${found.status} ${found.errors}`);
      match(found.errors, expected, args.join(" "));
      ok(!/^ +at /m.test(found.errors), found.errors);
      ok(!found.errors.includes(AGE_IDENTITY.slice(0, 30)), "a secret was shown");
    }
  });
});

Deno.test("ssh-keygen accepts what sign has signed, and refuses what was altered", async () => {
  if (await skip("ssh-keygen")) return;
  await withKeys(async (folder, run) => {
    equal((await run(["sign", "--key", "id", "a.t2a"])).status, 0);
    const verified = await run(["verify", "--allowed-signers", "allowed", "--seal", "seal", "a.t2a"]);
    equal(verified.status, 0);
    match(verified.text, /intact and signed\n {2}signed by ada@example\.com with the key SHA256:/);
    const before = await Deno.readFile(`${folder}/a.t2a`);
    for (const path of ["a.t2a", "seal"]) { // which are there
      const refused = await run(["verify", "--seal", path, "a.t2a"]);
      deepEqual([refused.status, refused.errors.includes(`Cannot write ${path}: it exists`)], [2, true]);
    }
    deepEqual(await Deno.readFile(`${folder}/a.t2a`), before);
    equal((await run(["verify", "--seal", "seal", "--overwrite", "a.t2a"])).status, 0);
    const check = "ssh-keygen -Y verify -f allowed -I ada@example.com -n term2ai-recording -s seal.sig";
    match((await sh(folder, `${check} < seal`)).text, /Good "term2ai-recording" signature/);
    const seal = await Deno.readFile(`${folder}/seal`);
    for (let at = 0; at < seal.length; at += 7) {
      await Deno.writeFile(`${folder}/seal`, seal.map((byte, n) => n === at ? byte ^ 1 : byte));
      equal((await sh(folder, `${check} < seal`)).status, 255);
    }
    equal((await sh(folder, `${check.replace("term2ai-recording", "git")} < seal`)).status, 255);
    equal((await Deno.stat(`${folder}/a.t2a`)).mode! & 0o777, 0o600);
    // A list without this key, for another purpose, or of another time allows nothing.
    for (const options of ['namespaces="git"', 'valid-before="20200101"', "cert-authority"]) {
      await Deno.writeTextFile(`${folder}/others`, `ada@example.com ${options} ${PUBLIC_KEY}\n`);
      const refused = await run(["verify", "--allowed-signers", "others", "a.t2a"]);
      equal(refused.status, 1);
      match(refused.text, /not signed by whom it must be[^]*on the list/);
    }
    equal(
      (await run(["verify", "--allowed-signers", "allowed", "-"], { stdin: await Deno.readFile(`${folder}/a.t2a`) }))
        .status,
      0,
    );
    await run(["convert", "a.cast", "b.t2a"]);
    equal((await run(["verify", "--allowed-signers", "allowed", "b.t2a"])).status, 1);
  });
});

Deno.test("sign uses a key that ssh-agent keeps, and one with a passphrase", async () => {
  if (await skip("ssh-agent", "ssh-add", "ssh-keygen")) return;
  await withKeys(async (folder, run) => {
    await sh(
      folder,
      "ssh-keygen -q -t ed25519 -N 'two words' -C locked -f locked; printf 'two words\\n' > phrase; printf 'wrong\\n' > wrong",
    );
    equal((await run(["sign", "--key", "locked", "--passphrase-file", "phrase", "a.t2a", "b.t2a"])).status, 0);
    match(
      (await run(["sign", "--key", "locked", "--passphrase-file", "wrong", "a.t2a", "c.t2a"])).errors,
      /passphrase is wrong/,
    );
    match((await run(["sign", "--key", "locked", "a.t2a", "c.t2a"])).errors, /nobody told it/);
    const agent = await sh(folder, "ssh-agent -s -a $PWD/agent");
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(agent.text)?.[1]);
    const env = { SSH_AUTH_SOCK: `${folder}/agent` };
    try {
      match((await run(["sign", "--key", "id.pub", "a.t2a", "d.t2a"], { env })).errors, /does not have its other half/);
      await sh(folder, "ssh-add -q id", env);
      equal((await run(["sign", "--key", "id.pub", "a.t2a", "d.t2a"], { env })).status, 0);
      equal((await run(["verify", "--allowed-signers", "allowed", "d.t2a"])).status, 0);
    } finally {
      Deno.kill(pid, "SIGTERM");
    }
    match((await run(["sign", "--key", "id.pub", "a.t2a", "e.t2a"], { env })).errors, /Cannot reach the ssh-agent/);
  });
});

Deno.test("age opens our key wrapping, and we open what age has wrapped for SSH keys", async () => {
  if (await skip("age")) return;
  await withKeys(async (folder, run) => {
    equal((await run(["encrypt", "--to", AGE_RECIPIENT, "--to", "id.pub", "a.t2a", "s.t2a"])).status, 0);
    const { wrapped } = readRecipients(blocksOf(await Deno.readFile(`${folder}/s.t2a`))[0]!.payload);
    await Deno.writeFile(`${folder}/wrapped.age`, wrapped);
    const keys = await Promise.all(
      ["key.txt", "id"].map((identity) => sh(folder, `age -d -i ${identity} wrapped.age`)),
    );
    deepEqual(keys.map(({ status, stdout }) => [status, stdout.length]), [[0, 32], [0, 32]]);
    deepEqual(keys[0]!.stdout, keys[1]!.stdout);
    await sh(folder, `head -c 32 wrapped.age | age -R id.pub -r ${AGE_RECIPIENT} > theirs.age`);
    const theirs = await Deno.readFile(`${folder}/theirs.age`);
    for (const name of ["key.txt", "id"]) {
      const unwrap = await unwrapWith([{ name, text: await Deno.readTextFile(`${folder}/${name}`) }], noPassphrase);
      deepEqual(await unwrap(theirs), wrapped.slice(0, 32), name);
    }
    for (const identity of ["key.txt", "id"]) {
      equal((await run(["cat", "--identity", identity, "s.t2a"])).text, "hidden words\r\n");
    }
  });
});

Deno.test("an encrypted recording shows nothing, opens with its key in every command, and decrypts to the same bytes", async () => {
  await withKeys(async (folder, run) => {
    await run(["sign", "--key", "id", "a.t2a"]);
    equal((await run(["encrypt", "--to", AGE_RECIPIENT, "a.t2a", "s.t2a"])).status, 0);
    const bytes = await Deno.readFile(`${folder}/s.t2a`);
    ok(!new TextDecoder("latin1").decode(bytes).includes("hidden"));
    for (const command of ["cat", "info", "play", "verify"]) {
      const closed = await run([command, "s.t2a"]);
      equal(closed.status, 1);
      match(closed.errors, /s\.t2a: it is encrypted, and no key that was given opens it\n.*--identity FILE/);
      equal(closed.text, "");
    }
    match(
      (await run(["info", "--identity", "key.txt", "s.t2a"])).text,
      /protection: +encrypted, signed \(as it says; .*\)\n +title: +hidden title/,
    );
    const env = { TERM2AI_IDENTITY: `${folder}/key.txt` };
    equal((await run(["play", "-s", "max", "s.t2a"], { env })).text, "hidden words\r\n");
    equal((await run(["verify", "--allowed-signers", "allowed", "s.t2a"], { env })).status, 0);
    const filtered = await run(["speed", "--factor", "2", "s.t2a", "fast.t2a"], { env });
    match(
      filtered.errors,
      /it is encrypted, and what was made of it is not[^]*it is signed, and what was made of it is not/,
    );
    for (const filter of [["trim", "--from", "10%"], ["anonymize"], ["analyze", "summary"], ["render", "--at", "0"]]) {
      const out = filter[0] === "analyze" ? [] : [`${filter[0]}.${filter[0] === "render" ? "txt" : "t2a"}`];
      const found = await run([...filter, "s.t2a", ...out], { env });
      equal(found.status, 0, `${filter.join(" ")}: ${found.errors}`);
    }
    equal((await run(["decrypt", "-i", "key.txt", "s.t2a", "b.t2a"])).status, 0);
    deepEqual(await Deno.readFile(`${folder}/b.t2a`), await Deno.readFile(`${folder}/a.t2a`));
    match((await run(["decrypt", "-i", "key.txt", "a.t2a", "c.t2a"])).errors, /was not encrypted/);
    match(
      (await run(["cat", "--identity", "a.cast", "s.t2a"])).errors,
      /Cannot use a\.cast, line 1: it is no identity/,
    );
    const piped = await run(["encrypt", "--to", AGE_RECIPIENT], { stdin: await Deno.readFile(`${folder}/a.cast`) });
    equal((await run(["cat", "--identity", "key.txt", "-"], { stdin: piped.stdout })).text, "hidden words\r\n");
  });
});

Deno.test("encrypt --rewrap gives a recording to others, and leaves its boxes as they are", async () => {
  await withKeys(async (folder, run) => {
    await run(["encrypt", "--to", AGE_RECIPIENT, "a.t2a", "s.t2a"]);
    equal((await run(["encrypt", "--rewrap", "--identity", "key.txt", "--to", "id.pub", "s.t2a", "r.t2a"])).status, 0);
    const boxes = async (name: string) =>
      blocksOf(await Deno.readFile(`${folder}/${name}`)).filter(({ header }) => header.type === BlockType.box).map((
        { bytes },
      ) => bytes);
    deepEqual(await boxes("r.t2a"), await boxes("s.t2a"));
    equal((await run(["cat", "--identity", "id", "r.t2a"])).text, "hidden words\r\n");
    equal((await run(["cat", "--identity", "key.txt", "r.t2a"])).status, 1);
  });
});

Deno.test("a passphrase is read from a file or typed at the terminal, where it does not show", async () => {
  await withKeys(async (folder, run) => {
    await Deno.writeTextFile(`${folder}/phrase`, "correct horse\nand more\n");
    equal((await run(["encrypt", "--passphrase", "--passphrase-file", "phrase", "a.t2a", "s.t2a"])).status, 0);
    equal((await run(["cat", "--passphrase-file", "phrase", "s.t2a"])).text, "hidden words\r\n");
    await Deno.writeTextFile(`${folder}/other`, "wrong horse\n");
    const other = await run(["cat", "--passphrase-file", "other", "s.t2a"]);
    equal(other.text, "");
    match(other.errors, /encrypted with a passphrase: it is another one than was told/);
    equal(other.status, 1); // as with a key that does not open it
    equal((await run(["cat", "s.t2a"])).status, 1);
    const pty = term2aiOnTerminal(await choosePtyHost(), ["cat", "s.t2a"], folder);
    let shown = "";
    for (let happened = await pty.next(); happened; happened = await pty.next()) {
      for (const each of happened) if (each.kind === "output") shown += new TextDecoder().decode(each.data);
      if (shown.endsWith("Passphrase: ")) await pty.write(new TextEncoder().encode("correkt\x7f\x7fct horse\r"));
    }
    deepEqual(await pty.exited, { code: 0 });
    await pty.close();
    match(shown, /Passphrase: \r\nhidden words/);
    ok(!shown.includes("horse"));
  });
});

Deno.test("rec signs and encrypts while it records, and what a killed one has written can be proved", async () => {
  await withKeys(async (folder, run) => {
    const args = ["rec", "--sign", "id", "--encrypt-to", AGE_RECIPIENT, "r.t2a", "--", "sh", "-c"];
    const whole = await run([...args, "for i in 1 2 3; do echo hidden $i; sleep 0.05; done; exit 3"]);
    equal(whole.status, 3);
    const env = { TERM2AI_IDENTITY: `${folder}/key.txt` };
    match(
      (await run(["verify", "--allowed-signers", "allowed", "r.t2a"], { env })).text,
      /intact and signed\n +signed by ada/,
    );
    equal((await run(["cat", "r.t2a"], { env })).text, "hidden 1\r\nhidden 2\r\nhidden 3\r\n");
    const [program, ...words] = TERM2AI;
    const child = new Deno.Command(program!, {
      args: [...words, ...args.with(5, "k.t2a"), "while :; do echo hidden; sleep 0.1; done"],
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const checkpoints = async () => {
      const { text } = await run(["verify", "--json", "k.t2a"], { env });
      return text === "" ? 0 : JSON.parse(text).recordings[0]?.checkpoints.length ?? 0;
    };
    for (let tries = 0; await checkpoints() === 0 && tries < 60; tries++) await sleep(500);
    child.kill("SIGKILL");
    await child.status;
    const cut = await run(["verify", "--allowed-signers", "allowed", "k.t2a"], { env });
    equal(cut.status, 1);
    match(cut.text, /unfinished|truncated/);
    match(
      cut.text,
      /signed by ada@example\.com[^]*the last of \d+ signed checkpoints stands at .* after it has no signature/,
    );
    const trusting = ["verify", "--allowed-signers", "allowed", "--allow-unfinished"];
    equal((await run([...trusting, "--allow-unsigned-tail", "k.t2a"], { env })).status, 0);
    equal((await run(["repair", "--signed-part", "k.t2a", "p.t2a"], { env })).status, 0);
    equal((await run([...trusting, "p.t2a"], { env })).status, 0);
  });
});

/** Somebody else's. */
const OTHER_KEY = formatPublicKey(publicKeyOf(new Uint8Array(32)));

/** A signed recording with a checkpoint, cut behind it, and what somebody else put there. */
async function cutAndContinued(): Promise<{ cut: Uint8Array; forged: Uint8Array }> {
  const sign = await testSign();
  const blocksOfWriter = async (text: string, options: { sign?: typeof sign }) => {
    const writer = new T2aWriter({ loadCodec, codec: 0, ...options });
    const blocks: Uint8Array[] = [];
    writer.push([{ ...header(), header: { cols: 80, rows: 24, id: "0".repeat(32) } }]);
    for (let n = 1; n <= 6; n++) {
      writer.push([output(n * 1e9, `${text} ${n}\r\n`)]);
      writer.closeBlock();
      if (options.sign && n === 3) writer.checkpoint();
      for (let block = await writer.take(); block; block = await writer.take()) {
        blocks.push(block);
        writer.commit();
      }
    }
    return blocks;
  };
  const honest = await blocksOfWriter("honest", { sign });
  // As many blocks as the honest one has, and the same lengths, so that numbers and sums go on.
  const other = await blocksOfWriter("forged", { sign });
  const upTo = honest.findIndex((bytes) => bytes[4] === BlockType.checkpoint) + 1;
  return { cut: concat(honest.slice(0, upTo)), forged: concat([...honest.slice(0, upTo), ...other.slice(upTo)]) };
}

Deno.test("verify --allowed-signers accepts no tail that nobody has signed, unless it is told to; what is signed can be kept", async () => {
  await withKeys(async (folder, run) => {
    const { cut, forged } = await cutAndContinued();
    await Deno.writeFile(`${folder}/cut.t2a`, cut);
    await Deno.writeFile(`${folder}/forged.t2a`, forged);
    const trusting = ["verify", "--allowed-signers", "allowed", "--allow-unfinished"];
    equal((await run([...trusting, "cut.t2a"])).status, 0);
    const refused = await run([...trusting, "forged.t2a"]);
    equal(refused.status, 1);
    match(refused.text, /the last 3 blocks are signed by nobody \(3\.000 s\): anybody can have put them there/);
    match(refused.text, /term2ai repair --signed-part; or take it as it is with --allow-unsigned-tail/);
    const { good, recordings: [told] } = JSON.parse((await run([...trusting, "--json", "forged.t2a"])).text);
    deepEqual([good, told.good, told.signedUntilSeconds, told.unsignedBlocks], [false, false, 3, 3]);
    const whole = JSON.parse((await run([...trusting, "--json", "cut.t2a"])).text).recordings[0];
    deepEqual([whole.good, whole.signedUntilSeconds, whole.unsignedBlocks], [true, 3, 0]);
    equal((await run([...trusting, "--allow-unsigned-tail", "forged.t2a"])).status, 0);
    equal((await run(["verify", "--allow-unfinished", "forged.t2a"])).status, 0); // nobody was to have signed it
    match((await run(["verify", "--allow-unsigned-tail", "forged.t2a"])).errors, /--allow-unsigned-tail alone/);
    // What is signed can be kept, byte by byte; info tells what the recording says.
    match((await run(["repair", "--signed-part", "forged.t2a", "kept.t2a"])).errors, /what is signed, up to 3\.000 s/);
    deepEqual(await Deno.readFile(`${folder}/kept.t2a`), new Uint8Array(cut));
    match((await run(["info", "forged.t2a"])).text, /protection: +signed up to 3\.000 s \(as it says; verify tells/);
    equal(JSON.parse((await run(["info", "--json", "forged.t2a"])).text).signedUntilSeconds, 3);
    const theirs = ["repair", "--signed-part", "--allowed-signers", "allowed", "forged.t2a", "theirs.t2a"];
    equal((await run(theirs)).status, 0);
    await Deno.writeTextFile(`${folder}/others`, `eve@example.com ${OTHER_KEY}\n`);
    match((await run(theirs.with(3, "others").with(5, "o.t2a"))).errors, /there is none by one of the allowed signers/);
    match((await run(["repair", "--allowed-signers", "allowed", "forged.t2a"])).errors, /--allowed-signers alone/);
    match((await run(["repair", "--signed-part", "a.t2a", "none.t2a"])).errors, /signed part of a\.t2a: there is none/);
    await run(["sign", "--key", "id", "a.t2a", "s.t2a"]);
    match((await run(["repair", "--signed-part", "s.t2a", "o.t2a"])).errors, /all of it is signed, and intact/);
    match((await run(["repair", "--signed-part", "--plain", "s.t2a", "o.t2a"])).errors, /together with --plain/);
  });
});

Deno.test("verify says why a key that is listed does not count", async () => {
  await withKeys(async (folder, run) => {
    await run(["sign", "--key", "id", "a.t2a", "s.t2a"]);
    for (
      const [options, told] of [
        ['valid-before="20200101Z"', /on the list, but only until 2020-01-01T00:00:00Z \(valid-before\)/],
        ['valid-after="29990101Z"', /on the list, but only from 2999-01-01T00:00:00Z on \(valid-after\)/],
        ['namespaces="git"', /on the list, but only for git \(namespaces\), and this is term2ai-recording/],
        ["cert-authority", /on the list, but only for certificates \(cert-authority\), which are not looked at/],
      ] as const
    ) {
      await Deno.writeTextFile(`${folder}/signers`, `ada@example.com ${options} ${PUBLIC_KEY}\n`);
      const { status, text } = await run(["verify", "--allowed-signers", "signers", "s.t2a"]);
      equal(status, 1);
      match(text, told);
    }
  });
});

Deno.test("verify --secrets needs no environment, and ends with 2 where it could not look", async () => {
  await withKeys(async (folder, run) => {
    await run(["rec", "secret.t2a", "--", "echo", "export DB_PASSWORD=Zx9Kq2Lm4Z7w"]);
    const alone = async (...args: string[]) => {
      const permissions = ["--no-prompt", "--allow-read"];
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", ...permissions, CLI, ...args],
        cwd: folder,
      }).output();
      return { status: code, errors: new TextDecoder().decode(stderr) };
    };
    const found = await alone("verify", "--secrets", "secret.t2a");
    equal(found.status, 1);
    match(found.errors, /secrets of your environment .* are not looked for without --allow-env\n[^]*holds 1 secret/);
    equal((await alone("verify", "--secrets", "a.t2a")).status, 0);
    equal((await alone("redact", "secret.t2a", "-")).status, 0);
    for (const command of [["verify", "--secrets"], ["redact", "--check"]]) {
      equal((await run([...command, "nothing.t2a"])).status, 2);
      equal((await run([...command, "secret.t2a"])).status, 1);
    }
    equal((await run(["verify", "nothing.t2a"])).status, 2); // as it has always been
  });
});

Deno.test("rec without a terminal to show it on signs what goes down a pipe", async () => {
  await withKeys(async (_, run) => {
    const { stdout } = await run(["rec", "--sign", "id", "--", "echo", "hello"]);
    equal((await run(["verify", "--allowed-signers", "allowed", "-"], { stdin: stdout })).status, 0);
  });
});

Deno.test("keys and lists that cannot be used are told with file and line, and nothing is written", async () => {
  await withKeys(async (folder, run) => {
    const files = {
      recipients: `# us\n\n${AGE_RECIPIENT}\nage1short\n`,
      nobody: "# us\n",
      identities: `# created\n${AGE_RECIPIENT}\n`,
      empty: "",
      signers: `# us\nada@example.com ${PUBLIC_KEY}\ngarbage\n`,
    };
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await run(["encrypt", "--to", AGE_RECIPIENT, "a.t2a", "s.t2a"]);
    for (
      const [args, told] of [
        [
          ["encrypt", "-R", "recipients", "a.t2a", "o.t2a"],
          /"age1short" \(recipients, line 4\): it is damaged or cut short/,
        ],
        [["encrypt", "--to", "nobody", "a.t2a", "o.t2a"], /those in nobody: it names nobody/],
        [
          ["encrypt", "-p", "--passphrase-file", "empty", "a.t2a", "o.t2a"],
          /passphrase in empty: its first line is empty/,
        ],
        [
          ["encrypt", "--rewrap", "--to", AGE_RECIPIENT, "a.t2a", "o.t2a"],
          /a\.t2a: it is not encrypted.*\n {2}Encrypt it/,
        ],
        [["encrypt", "--rewrap", "--to", AGE_RECIPIENT, "a.cast", "o.t2a"], /a\.cast: it is no T2A recording/],
        [["decrypt", "--identity", "identities", "s.t2a", "o.t2a"], /identities, line 2: it is a recipient/],
        [["decrypt", "--identity", "empty", "s.t2a", "o.t2a"], /empty: it holds no identity; expected/],
        [["sign", "--key", "key.txt", "a.t2a", "o.t2a"], /Cannot use key\.txt: it holds an identity of age/],
        [["sign", "--key", "empty", "a.t2a", "o.t2a"], /Cannot use empty: it is empty; expected/],
        [["verify", "--allowed-signers", "signers", "a.t2a"], /Cannot use signers, line 3: there is no key in it/],
      ] as const
    ) {
      const { status, errors } = await run([...args]);
      match(errors, told);
      ok(status > 0);
    }
    equal([...Deno.readDirSync(folder)].some(({ name }) => name.includes("o.t2a")), false);
    const piped = await run(["encrypt", "--rewrap", "--to", AGE_RECIPIENT], {
      stdin: await Deno.readFile(`${folder}/a.t2a`),
    });
    deepEqual([piped.status, piped.stdout.length], [1, 0]);
  });
});

Deno.test("Ctrl-C at the question for a passphrase ends with 130 and leaves no file, and a signal does too", async () => {
  await withKeys(async (folder, run) => {
    await Deno.writeTextFile(`${folder}/pass`, "a passphrase\n");
    await run(["encrypt", "-p", "--passphrase-file", "pass", "a.t2a", "s.t2a"]);
    const host = await choosePtyHost();
    for (const args of [["encrypt", "-p", "a.t2a", "o.t2a"], ["decrypt", "s.t2a", "o.t2a"]]) {
      for (const how of ["key", "signal"]) {
        const pty = term2aiOnTerminal(host, args, folder);
        let shown = "", isAsked = false;
        for (let happened = await pty.next(); happened; happened = await pty.next()) {
          for (const each of happened) if (each.kind === "output") shown += new TextDecoder().decode(each.data);
          if (isAsked || !/passphrase: /i.test(shown)) continue;
          isAsked = true;
          if (how === "key") await pty.write(new TextEncoder().encode("abc\x03"));
          else pty.kill("SIGINT");
        }
        const status = await pty.exited;
        await pty.close();
        deepEqual([how, status, isAsked], [how, { code: 130 }, true], shown);
        ok(!/abc|error|Cannot/i.test(shown), shown);
      }
    }
    equal([...Deno.readDirSync(folder)].some(({ name }) => name.includes("o.t2a")), false);
  });
});

Deno.test("verify tells of a signature that it cannot check whose it is and what can check it, and of gaps without a fault", async () => {
  if (await skip("ssh-keygen")) return;
  await withKeys(async (folder, run) => {
    await sh(folder, "ssh-keygen -q -t rsa -b 2048 -N '' -f rsa");
    const sign = async (content: Uint8Array) => {
      await Deno.writeFile(`${folder}/content`, content);
      await sh(folder, "rm -f content.sig; ssh-keygen -q -Y sign -f rsa -n term2ai-recording content");
      return fromPem(await Deno.readTextFile(`${folder}/content.sig`), "SSH SIGNATURE")!;
    };
    const gap = { kind: "gap", time: 1, reason: "overload", bytes: 2048 } as const;
    const events = streamOf(header(), gap, { ...gap, time: 2 }, { kind: "exit", time: 3, status: { code: 0 } });
    const plain = await collectBytes(events.pipeThrough(t2a.encoder()));
    await Deno.writeFile(`${folder}/g.t2a`, plain);
    const intact = await run(["verify", "g.t2a"]);
    equal(intact.status, 0);
    match(intact.text, /something is missing in it: 2 gaps, 4\.1 kB are known to be missing/);
    deepEqual(JSON.parse((await run(["verify", "--json", "g.t2a"])).text).recordings[0].gaps, {
      count: 2,
      bytes: 4096,
    });
    const signed = rewriteBlocks(new Blob([plain]).stream(), { name: "g", loadCodec, sign });
    await Deno.writeFile(`${folder}/r.t2a`, await collectBytes(signed));
    await sh(folder, 'echo "ada@example.com $(cat rsa.pub)" > signers');
    for (const more of [[], ["--allowed-signers", "signers"]]) {
      const { status, text } = await run(["verify", ...more, "r.t2a"]);
      equal(status, 1);
      match(text, /r\.t2a: intact and signed, but the signature could not be checked\n/);
      match(text, /signed with the key SHA256:\S+ of type ssh-rsa; only ssh-ed25519/);
      match(text, /check it with: term2ai verify --seal/);
    }
    equal(JSON.parse((await run(["verify", "--json", "r.t2a"])).text).recordings[0].signature, "unchecked");
    await run(["verify", "--seal", "seal", "r.t2a"]);
    const check = "ssh-keygen -Y verify -f signers -I ada@example.com -n term2ai-recording -s seal.sig < seal";
    equal((await sh(folder, check)).status, 0);
  });
});

Deno.test("verify does not take a pattern for the name of a signer, and says for whom the key is listed", async () => {
  await withKeys(async (folder, run) => {
    await run(["sign", "--key", "id", "a.t2a", "s.t2a"]);
    await Deno.writeTextFile(`${folder}/patterns`, `*@example.com,!eve@example.com ${PUBLIC_KEY}\n`);
    const { status, text } = await run(["verify", "--allowed-signers", "patterns", "s.t2a"]);
    equal(status, 0);
    match(text, /signed with the key SHA256:\S+, which is listed for \*@example\.com,!eve@example\.com\n/);
    const { recordings } = JSON.parse((await run(["verify", "--json", "--allowed-signers", "patterns", "s.t2a"])).text);
    match(recordings[0].signer, /^SHA256:/);
    await Deno.writeTextFile(`${folder}/nobody`, `!eve@example.com ${PUBLIC_KEY}\n`);
    match((await run(["verify", "--allowed-signers", "nobody", "s.t2a"])).errors, /nobody, line 1: it names nobody/);
  });
});

Deno.test("keys and lists may come from pipes that a shell hands over, and have an end", async () => {
  await withKeys(async (folder, run) => {
    await run(["encrypt", "--to", AGE_RECIPIENT, "a.t2a", "e.t2a"]);
    await run(["sign", "--key", "id", "a.t2a", "s.t2a"]);
    const term2ai = TERM2AI.map((word) => `'${word}'`).join(" ");
    const bash = async (line: string) => {
      const { code, stdout } = await new Deno.Command("bash", { args: ["-c", line], cwd: folder }).output();
      return [code, new TextDecoder().decode(stdout)] as const;
    };
    deepEqual(await bash(`${term2ai} cat --identity <(cat key.txt) e.t2a`), [0, "hidden words\r\n"]);
    deepEqual(await bash(`${term2ai} cat --identity /dev/stdin e.t2a < key.txt`), [0, "hidden words\r\n"]);
    equal((await bash(`${term2ai} verify --allowed-signers <(cat allowed) s.t2a`))[0], 0);
    deepEqual(await bash(`${term2ai} redact --text-from <(echo hidden) --as raw a.cast`), [0, "****** words\r\n"]);
    if (Deno.build.os === "windows") return;
    for (
      const args of [
        ["cat", "--identity", "/dev/zero", "e.t2a"],
        ["verify", "--allowed-signers", "/dev/zero", "s.t2a"],
        ["sign", "--key", "/dev/zero", "a.t2a", "o.t2a"],
        ["anonymize", "--key", "/dev/zero", "a.t2a", "o.t2a"],
        ["redact", "--text-from", "/dev/zero", "a.t2a", "o.t2a"],
      ]
    ) {
      const { status, errors } = await run(args);
      ok(status > 0);
      match(errors, /Cannot read \/dev\/zero: it is (?:larger than 1 MiB|a device)/);
    }
  });
});
