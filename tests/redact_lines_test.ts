import { deepEqual, equal, ok } from "node:assert/strict";
import type { SessionEvent } from "../lib/event.ts";
import { MILLISECOND } from "../lib/event.ts";
import { findSecrets, redact, redactPlanned, Secrets } from "../lib/security/redact.ts";
import { sample } from "../lib/security/redaction/rule.ts";
import { collect, concat, streamOf } from "../lib/stream/collect.ts";
import { header, output } from "./support/events.ts";

const live = (events: readonly SessionEvent[]) => collect(streamOf(...events).pipeThrough(redact(new Secrets())));
const stored = async (events: readonly SessionEvent[]) =>
  await collect(
    streamOf(...events).pipeThrough(redactPlanned(await findSecrets(() => streamOf(...events), new Secrets()))),
  );
const both = [["live", live], ["stored", stored]] as const;
const printed = (events: readonly SessionEvent[]) =>
  new TextDecoder().decode(concat(events.flatMap((event) => event.kind === "output" ? [event.data] : [])));
const screen = (...pieces: string[]) => [
  header({ cols: 120, rows: 24 }),
  ...pieces.map((piece, n) => output(n + 1, piece)),
];

const KEY = Array.from({ length: 25 }, (_, n) => sample(`<b64>${" ".repeat(n)}`).trim());
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "OpenPGP": ["-----BEGIN PGP PRIVATE KEY BLOCK-----", "", ...KEY, "=aBcD", "-----END PGP PRIVATE KEY BLOCK-----"],
  "OpenPGP with headers": [
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "Version: GnuPG v2",
    "Comment: mine",
    "",
    ...KEY,
    "-----END PGP PRIVATE KEY BLOCK-----",
  ],
  "an encrypted PEM key": [
    "-----BEGIN RSA PRIVATE KEY-----",
    "Proc-Type: 4,ENCRYPTED",
    "DEK-Info: AES-256-CBC,0123456789ABCDEF0123456789ABCDEF",
    "",
    ...KEY,
    "-----END RSA PRIVATE KEY-----",
  ],
  "PuTTY": ["PuTTY-User-Key-File-3: ssh-rsa", "Private-Lines: 25", ...KEY, "Private-MAC: 0123456789abcdef"],
  "SSH2": [
    "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
    'Comment: "a comment that goes \\',
    'on"',
    "x-private: yes",
    ...KEY,
    "---- END SSH2 ENCRYPTED PRIVATE KEY ----",
  ],
};

for (const [name, run] of both) {
  Deno.test(`a private key is hidden to its last line, behind its headers and their empty line: ${name}`, async () => {
    for (const [kind, lines] of Object.entries(KEYS)) {
      for (const margin of ["", "    ", "\u2502 "]) {
        const text = lines.map((line) => margin + line).join("\r\n") + "\r\n$ ls\r\nREADME\r\n";
        for (const events of [screen(text), screen(...text.split(/(?<=\n)/)), screen(...text.split(/(.{7})/s))]) {
          const shown = printed(await run(events));
          deepEqual(KEY.filter((line) => shown.includes(line.slice(3, 15))), [], kind);
          ok(shown.endsWith("$ ls\r\nREADME\r\n"), kind);
        }
      }
    }
  });

  Deno.test(`a public key, and what follows the head of a private key that was broken off, stay: ${name}`, async () => {
    const text = [
      "-----BEGIN PGP PUBLIC KEY BLOCK-----",
      "",
      ...KEY,
      "-----END PGP PUBLIC KEY BLOCK-----",
      "$ head -1 key",
    ]
      .concat("-----BEGIN RSA PRIVATE KEY-----", "$ ls", "", "README").join("\r\n");
    equal(printed(await run(screen(text + "\r\n"))), text + "\r\n");
  });
}

Deno.test("the end of a private key is hidden in a stored recording although its beginning does not show", async () => {
  const text = ["$ tail key", ...KEY.slice(0, 4), "-----END PRIVATE KEY-----", "$ "].join("\r\n");
  const shown = printed(await stored(screen(text)));
  deepEqual(KEY.filter((line) => shown.includes(line.slice(0, 12))), []);
  ok(shown.startsWith("$ tail key\r\n****") && shown.endsWith("-----END PRIVATE KEY-----\r\n$ "));
});

const TOKEN = "ghp_" + sample("<A36>"), PASSWORD = "Zx9Kq2Lm4Zp7Wt3v";
const LINE = `\r\n${TOKEN}\r\n`;
const IN_PARTS: Readonly<Record<string, string>> = {
  "a split screen": `${LINE}\x1b[2J\x1b[2;1H${TOKEN.slice(0, 20)}\x1b[3;42H${TOKEN.slice(20)}\r\n`,
  "drawn over from its fourth character": `\x1b[H${TOKEN}\x1b[H${TOKEN.slice(3)}\x1b[K\r\n`,
  "a fold": `${LINE}${TOKEN.slice(0, 30)}\r\n${TOKEN.slice(30)}\r\n`,
  "a box": `${LINE}\u2502${TOKEN.slice(0, 20)}\u2502\r\n\u2502${TOKEN.slice(20)}\u2502\r\n`,
  "quoted-printable": `${LINE}${TOKEN.slice(0, 24)}=\r\n${TOKEN.slice(24)}\r\n`,
  "a sideways scroll": `password=${PASSWORD}\r\n` +
    Array.from({ length: 8 }, (_, n) => `\x1b[H${PASSWORD.slice(n + 1)}\x1b[K`).join("") + "\r\n",
};

for (const [name, run] of both) {
  Deno.test(`a part of a known secret that stands alone is hidden: ${name}`, async () => {
    for (const [kind, text] of Object.entries(IN_PARTS)) {
      const shown = printed(await run(screen(text)));
      for (const secret of [TOKEN.slice(4), PASSWORD]) {
        for (let at = 0; at + 8 <= secret.length; at++) {
          ok(!shown.includes(secret.slice(at, at + 8)), `${kind}: ${shown}`);
        }
      }
    }
  });
}

Deno.test("words that only share letters with a known secret stay", async () => {
  const text = 'password="correct horse battery staple9"\r\nthe correct horse, a battery; staple9s\r\n2024-11-05\r\n';
  ok(printed(await stored(screen(text))).endsWith("\r\nthe correct horse, a battery; staple9s\r\n2024-11-05\r\n"));
});

const TO_THE_END: readonly (readonly [text: string, hidden: string])[] = [
  ["password=Cq7xK2mN,pQ9r", "password=*************"],
  ["password=Hq7x)K2mNpQ9r", "password=*************"],
  ["password: Fq7x;K2mNpQ9r", "password: *************"],
  ["https://bob:Mq7x@K2mNpQ9r@host/", "https://bob:*************@host/"],
  ['curl -u "bob:Pq7x K2mNp" https://h', 'curl -u "bob:**********" https://h'],
  ["mysql -p'Rq7x K2mNp' db", "mysql -p'**********' db"],
  ["SECRET_KEY = 'dj-39zk*o&ow(5gs)7*p=l2f'", "SECRET_KEY = '************************'"],
  ["Server=x;Password=Ab1*Cd2)Ef3;Encrypt=true", "Server=x;Password=***********;Encrypt=true"],
  ["user=a,password=Tr0ub4dor,id=1", "user=a,password=*********,id=1"],
];

for (const [name, run] of both) {
  Deno.test(`a secret is hidden to its end, and the next field stays: ${name}`, async () => {
    for (const [text, hidden] of TO_THE_END) {
      equal(printed(await run(screen(`${text}\r\n`))), `${hidden}\r\n`);
      const keys = [...`${text}\r\n`].map((key, n) => output(1 + n * 20 * MILLISECOND, key));
      const typed = printed(await run([header({ cols: 120, rows: 24 }), ...keys]));
      ok([...hidden].every((char, at) => char !== "*" || typed[at] === "*"), typed);
    }
  });
}

Deno.test("letters alone are hidden at every drawing, as they come and afterwards alike", async () => {
  const frames = [0, 20, 40, 60, 80, 100].map((done) => `\r${done}% token=PmeMjvqPVStNKiaEdFrRgSnRxy`);
  for (const pause of [1, 100, 300, 1000]) {
    const events = [header(), ...frames.map((frame, n) => output(n * pause * MILLISECOND, frame)), output(9e9, "\r\n")];
    for (const [name, run] of both) {
      equal(printed(await run(events)).split("Pme").length, 1, `${name}, every ${pause} ms`);
    }
  }
});

Deno.test("what manuals and help texts write in the place of a password stays", async () => {
  const text = [
    "curl -u user:password --basic https://example.com",
    "curl --proxy-user user:passwd -x proxy https://example.com",
    "-E, --cert <certificate[:password]>",
    "[protocol://][user[:password]@]proxyhost[:port]",
    "--passwd user-id",
    "--passphrase string",
    "--password=password",
    "--token=bearer_token --password=basic_password",
    "help texts of --password stay",
    "[-k password] [-propquery propq] [password]",
    "'Set-Cookie: number=7\\r\\nSet-Cookie: string=seven'",
    "password: string, token: string",
    "PASS: tests/foo1.sh",
  ].join("\r\n") + "\r\n";
  equal(printed(await stored(screen(text))), text);
});
