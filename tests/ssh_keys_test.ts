import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { armor, Encrypter } from "age-encryption";
import { noPassphrase, unwrapWith, wrapByPassphrase, wrapFor } from "../lib/security/age_keys.ts";
import { parseAllowedSigners, signerOf } from "../lib/security/allowed_signers.ts";
import { patiently } from "../lib/cli/rec/protection.ts";
import { ed25519Of, fingerprint, parsePrivateKey, parsePublicKey, publicKeyOf } from "../lib/security/ssh_key.ts";
import { sshIdentity, sshRecipient } from "../lib/security/ssh_recipient.ts";
import { isSignatureOf, keySigner, parseSignature, signMessage } from "../lib/security/sshsig.ts";
import { fromPem, sshNumber, SshReader, sshString, toPem } from "../lib/security/ssh_wire.ts";
import { UsageError } from "../lib/errors.ts";
import { concat } from "../lib/stream/collect.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, PRIVATE_KEY, PUBLIC_KEY, testKey } from "./support/keys.ts";

const text = (value: string) => new TextEncoder().encode(value);
const key = await testKey();
const signer = await keySigner(key);

Deno.test("parsePublicKey() and parsePrivateKey() read what ssh-keygen wrote, and agree", async () => {
  const line = parsePublicKey(PUBLIC_KEY)!;
  deepEqual(line.blob, key.publicKey.blob);
  equal(line.comment, "tests");
  match(await fingerprint(line), /^SHA256:[\w+/]{43}$/);
  for (
    const other of ["", "ssh-ed25519", "ssh-ed25519 ????", "ssh-rsa " + PUBLIC_KEY.split(" ")[1], "ssh-ed25519 AAAA"]
  ) {
    equal(parsePublicKey(other), undefined, other);
  }
});

Deno.test("parsePrivateKey() refuses other keys, damaged files and unknown protection, and shows nothing of them", async () => {
  const bytes = fromPem(PRIVATE_KEY, "OPENSSH PRIVATE KEY")!;
  const pem = (data: Uint8Array) => toPem(data, "OPENSSH PRIVATE KEY");
  const replaced = (from: string, to: string) => {
    const latin = new TextDecoder("latin1").decode(bytes).replaceAll(from, to);
    return pem(Uint8Array.from(latin, (character) => character.charCodeAt(0)));
  };
  const protectedBy = (cipher: string, kdf: string) =>
    pem(
      concat([
        text("openssh-key-v1\0"),
        ...[cipher, kdf, ""].map(sshString),
        sshNumber(1),
        sshString(key.publicKey.blob),
        sshString("x"),
      ]),
    );
  const refused: [string, RegExp][] = [
    ["hello", /no private key/],
    [pem(bytes.subarray(0, 60)), /damaged/],
    [pem(bytes.subarray(1)), /no version/],
    [replaced("ssh-ed25519", "ssh-ed25518"), /type ssh-ed25518: expected ssh-ed25519/],
    [protectedBy("chacha20-poly1305@openssh.com", "bcrypt"), /protected by chacha20[^]*ssh-keygen -p -Z aes256-ctr/],
    [protectedBy("aes256-ctr", "argon"), /with argon/],
    [protectedBy("aes256-ctr", "bcrypt"), /nobody told it/],
    [
      pem(concat([text("openssh-key-v1\0"), ...["none", "none", ""].map(sshString), sshNumber(2)])),
      /holds 2, expected one/,
    ],
  ];
  for (const [file, expected] of refused) {
    await rejects(
      parsePrivateKey(file, noPassphrase),
      (error) => error instanceof UsageError && expected.test(error.message),
    );
  }
});

Deno.test("isSignatureOf() accepts this message in this namespace by this key, and nothing else", async () => {
  const signature = parseSignature(await signMessage(text("hello"), signer));
  equal(await isSignatureOf(signature, text("hello")), true);
  equal(await isSignatureOf(signature, text("hallo")), false);
  equal(await isSignatureOf(signature, text("hello"), "git"), false);
  equal(await isSignatureOf({ ...signature, hash: "md5" }, text("hello")), false);
  equal(
    await isSignatureOf({ ...signature, publicKey: publicKeyOf(new Uint8Array(32).fill(9)) }, text("hello")),
    false,
  );
  equal(
    await isSignatureOf({ ...signature, signature: concat([sshString("ssh-rsa"), sshString("x")]) }, text("hello")),
    false,
  );
  equal(
    await isSignatureOf({ ...signature, signature: concat([sshString("ssh-ed25519"), sshString("x")]) }, text("hello")),
    false,
  );
  const rsa = { type: "ssh-rsa", blob: concat([sshString("ssh-rsa"), sshString("x")]), comment: "" };
  await rejects(isSignatureOf({ ...signature, publicKey: rsa }, text("hello")), /type ssh-rsa: expected ssh-ed25519/);
  throws(() => ed25519Of({ ...rsa, blob: concat([sshString("ssh-ed25519"), sshString("x")]) }), /1 bytes: expected 32/);
  throws(() => parseSignature(concat([signature.signature, text("more")])), /no SSH signature/);
  throws(() => new SshReader(new Uint8Array(2)).number(), /only 2 are left/);
});

Deno.test("parseAllowedSigners() reads patterns, dates and options as ssh-keygen does", () => {
  const at = (time: string, line: string, namespace?: string) =>
    signerOf(parseAllowedSigners(line), key.publicKey, Date.parse(time), namespace)?.principals;
  equal(at("2026-01-01", `ada@x,bob@y ${PUBLIC_KEY}`), "ada@x,bob@y");
  equal(at("2026-01-01", `# ada ${PUBLIC_KEY}`), undefined);
  equal(at("2026-01-01", `ada namespaces="git,term2ai-*" ${PUBLIC_KEY}`), "ada");
  equal(at("2026-01-01", `ada namespaces="*,!term2ai-recording" ${PUBLIC_KEY}`), undefined);
  equal(at("2026-01-01", `ada namespaces="git" ${PUBLIC_KEY}`, "git"), "ada");
  equal(at("2026-01-01", `ada cert-authority ${PUBLIC_KEY}`), undefined);
  const dated = `ada valid-after="20250101Z",valid-before="202506011200Z" ${PUBLIC_KEY}`;
  equal(at("2025-03-01T00:00Z", dated), "ada");
  equal(at("2024-12-31T00:00Z", dated), undefined);
  equal(at("2025-06-01T12:01Z", dated), undefined);
  equal(parseAllowedSigners(`\n  # us\r\n\t\nada ${PUBLIC_KEY} c\r\n`).length, 1);
});

Deno.test("parseAllowedSigners() refuses a line that is none, and names it", () => {
  const refused = (line: string, why: RegExp) =>
    throws(() => parseAllowedSigners(`# us\nada ${PUBLIC_KEY}\n${line}\n`, "signers"), (error: Error) => {
      match(error.message, /^Cannot use signers, line 3: /);
      match(error.message, why);
      return true;
    });
  refused("ada", /no key/);
  refused("ada nonsense", /no key/);
  refused(PUBLIC_KEY, /begins with a key/);
  refused(`ada x y ${PUBLIC_KEY}`, /no option/);
  refused(`ada nmespaces="git" ${PUBLIC_KEY}`, /no option "nmespaces"/);
  refused(`ada valid-after="soon" ${PUBLIC_KEY}`, /dates/);
  refused("ada ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", /damaged/);
  refused("\x89PNG\x00", /no key/);
  refused(`!eve@x,"!mallory@x" ${PUBLIC_KEY}`, /names nobody who may sign/);
});

Deno.test("sshIdentity() opens what was wrapped for it, passes over other stanzas, and tells of damaged ones", async () => {
  const stanzas = await sshRecipient(key.publicKey).wrapFileKey(new Uint8Array(16).fill(5));
  const identity = sshIdentity(key);
  deepEqual(await identity.unwrapFileKey(stanzas), new Uint8Array(16).fill(5));
  const [stanza] = stanzas;
  equal(
    await identity.unwrapFileKey([{ ...stanza!, args: ["X25519", "x"] }, {
      ...stanza!,
      args: ["ssh-ed25519", "other", "x"],
    }]),
    null,
  );
  throws(() => identity.unwrapFileKey([{ ...stanza!, body: new Uint8Array(3) }]), /damaged/);
  throws(() => identity.unwrapFileKey([{ ...stanza!, body: stanza!.body.map((byte) => byte ^ 1) }]));
});

Deno.test("unwrapWith() takes files of age-keygen, SSH keys and files that age -p has encrypted", async () => {
  const wrapped = await wrapFor([AGE_RECIPIENT])(new Uint8Array(32).fill(3));
  const phrase = { ...noPassphrase, ask: () => Promise.resolve("two words") };
  const encrypter = new Encrypter();
  encrypter.setPassphrase("two words");
  encrypter.setScryptWorkFactor(4);
  const locked = await encrypter.encrypt(AGE_IDENTITY);
  for (const file of [`# made\n${AGE_IDENTITY}\n`, concat([locked]), armor.encode(locked)]) {
    const unwrap = await unwrapWith([{ name: "key.txt", text: file }], phrase);
    deepEqual(await unwrap(wrapped), new Uint8Array(32).fill(3));
  }
  await rejects(
    unwrapWith([{ name: "key.txt", text: concat([locked]) }], noPassphrase),
    /Cannot open key\.txt: it is encrypted/,
  );
  await rejects(unwrapWith([{ name: "key.txt", text: "# nothing\n" }], phrase), /holds no identity/);
  equal(await (await unwrapWith([], phrase))(wrapped), undefined);
  equal(await (await unwrapWith([{ name: "id", text: PRIVATE_KEY }], phrase))(wrapped), undefined);
  const secret = await wrapByPassphrase("two words", 4)(new Uint8Array(32));
  equal(await (await unwrapWith([], noPassphrase))(secret), undefined);
  const mistaken = await unwrapWith([], { ...phrase, ask: () => Promise.resolve("wrong") });
  await rejects(mistaken(secret), /it is another one than was told/);
  throws(() => wrapByPassphrase(""), /empty passphrase/);
  throws(() => wrapFor([]), /for nobody/);
  throws(() => wrapFor(["ssh-rsa " + "A".repeat(40)]), /Cannot encrypt for "ssh-rsa A/);
});

Deno.test("patiently() gives no signature rather than an error or a late one, and says why", async () => {
  const missed = { count: 0, reason: "" };
  const never = patiently(() => new Promise(() => {}), missed, 5);
  equal((await never(new Uint8Array(0))).length, 0);
  const failing = patiently(() => Promise.reject(new Error("the agent is gone")), missed);
  equal((await failing(new Uint8Array(0))).length, 0);
  deepEqual([missed.count, missed.reason], [2, "no signature came within 0.005 s"]);
});
