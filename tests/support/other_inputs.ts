/**
 * What is read beside recordings, and may come from anybody: frames and words of protocols, configurations, templates, keys,
 * signatures, what lies beside stored recordings.
 * @module
 */

import { openRecording, t2a } from "../../formats/mod.ts";
import { Term2aiError } from "../../lib/errors.ts";
import { storeIn } from "../../lib/host/user_folders.ts";
import { Report } from "../../lib/report.ts";
import { readText, textEncoder } from "../../lib/search/text_file.ts";
import { parseQuery } from "../../lib/search/query.ts";
import { noPassphrase, unwrapWith, wrapFor } from "../../lib/security/age_keys.ts";
import { parseAllowedSigners } from "../../lib/security/allowed_signers.ts";
import { formatPublicKey, parsePrivateKey, parsePublicKey } from "../../lib/security/ssh_key.ts";
import { keySigner, parseSignature, signMessage } from "../../lib/security/sshsig.ts";
import { Wire } from "../../lib/session/control/http.ts";
import { readFromClient } from "../../lib/session/control/protocol.ts";
import { readRequest, Refusal } from "../../lib/session/share/request.ts";
import { readSettings, readTemplate, type TemplateContext } from "../../lib/session/template/template_fields.ts";
import { parseText } from "../../lib/session/template/template.ts";
import { binaryFrame, SocketConnection, textFrame } from "../../lib/session/control/web_socket.ts";
import { collectBytes, concat } from "../../lib/stream/collect.ts";
import { parseMeta } from "../../storage/sessions/meta.ts";
import { parseStorageUrl } from "../../storage/sessions/url.ts";
import { type Files, sourceOfFiles } from "../contracts/reader_contract.ts";
import { header, output } from "./events.ts";
import { AGE_IDENTITY, AGE_RECIPIENT, PRIVATE_KEY } from "./keys.ts";
import type { Outcome } from "./mutants.ts";

/** Somebody who reads something. */
export interface InputReader {
  readonly name: string;
  /** What is as it should be. */
  readonly sound: readonly Uint8Array[];
  /** Reads it; returns how much it was, and throws one of our own errors to refuse it. */
  read(bytes: Uint8Array, seed: number): number | Promise<number>;
}

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A connection on which these bytes come, cut somewhere, and then nothing more. */
function connectionOf(bytes: Uint8Array, seed: number): Deno.Conn {
  const cut = bytes.length === 0 ? 0 : seed % bytes.length;
  const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)].filter(({ length }) => length > 0);
  const read = (into: Uint8Array) => {
    const next = pieces.shift();
    if (!next) return Promise.resolve(null);
    const taken = next.subarray(0, into.length);
    into.set(taken);
    if (taken.length < next.length) pieces.unshift(next.subarray(taken.length));
    return Promise.resolve(taken.length);
  };
  const write = (bytes: Uint8Array) => Promise.resolve(bytes.length);
  return { read, write, closeWrite: () => Promise.resolve(), close: () => {} } as unknown as Deno.Conn;
}

async function messagesIn(bytes: Uint8Array, seed: number, isServer: boolean): Promise<number> {
  const connection = new SocketConnection(new Wire(connectionOf(bytes, seed)), { longest: 1 << 20, isServer });
  let count = 0;
  for (let message = await connection.next(); message; message = await connection.next()) {
    if ("text" in message) readFromClient(message.text);
    count++;
  }
  connection.drop();
  await connection.sent();
  return count;
}

/** Frames as a client sends them. */
function masked(frame: Uint8Array, headBytes: number): Uint8Array {
  const head = frame.slice(0, headBytes), mask = Uint8Array.of(1, 2, 3, 4);
  head[1]! |= 128;
  return concat([head, mask, frame.subarray(headBytes).map((byte, at) => byte ^ mask[at & 3]!)]);
}

const FRAMES = ['{"type":"size","cols":80,"rows":24}', '{"type":"mark","label":"é"}', '{"type":"refresh"}'].map(
  textFrame,
);

const CONTEXT: TemplateContext = {
  folder: "/project",
  home: "/home/ada",
  shell: "/bin/sh",
  env: { HOME: "/home/ada", LANG: "C" },
  now: "2026-11-28T10:00:00Z",
  isForeign: true,
};
const TEMPLATE = `description = "a server and its log"
[[session]]
name = "web"
command = ["npm", "run", "dev"]
cwd = "~/web"
size = "120x40"
env_allow = ["PATH", "LC_*"]
redaction = { text = ["Bluebird"], pattern = ["EMP-[0-9]{6}"] }
storage = "file:///recordings"
[session.env]
PORT = "8080"
[session.recording]
path = "logs/{name}-{date}.t2a"
input = true
tags = ["web"]
[session.limits]
memory = "512M"
cpu-time = "10m"
processes = 100
[[session]]
command = "tail -f log"
recording = false
`;
const CONFIG = `[session]
size = "100x30"
recording = { folder = "rec", keep_env = ["EDITOR"] }
[redaction]
text_from = ["names.txt"]
`;

async function template(bytes: Uint8Array, path: string): Promise<number> {
  const values = await parseText(decode(bytes), path);
  return readTemplate(values, { session: {}, redaction: {} }, CONTEXT, []).length;
}

async function settings(bytes: Uint8Array, path: string): Promise<number> {
  const { session } = readSettings(await parseText(decode(bytes), path), { session: {}, redaction: {} }, CONTEXT, []);
  return Object.keys(session).length;
}

const META = {
  version: 1,
  ...{ id: "01hzzzzzzzzzzzzzzzzzzzzzzz", owner: "ada", blob: "01hzzzzzzzzzzzzzzzzzzzzzzz.t2a", format: "t2a" },
  ...{ bytes: 10, sha256: "ab", storedAt: 1, startedAt: 1, duration: 1, outputBytes: 1, isComplete: true, tags: ["a"] },
};

/** All of them. What is encrypted is so with another key in every run; all else is the same. */
export async function inputReaders(): Promise<readonly InputReader[]> {
  const wrap = wrapFor([AGE_RECIPIENT]);
  const unwrap = await unwrapWith([{ name: "key", text: AGE_IDENTITY }], noPassphrase);
  const events = [header({ title: "secret" }), output(1e6, "hello ".repeat(500)), output(2e9, "bye")];
  const encrypted = await collectBytes(ReadableStream.from([events]).pipeThrough(t2a.encoder({ encrypt: wrap })));
  const text = await collectBytes(
    ReadableStream.from([[{ time: 1e9, until: 2e9, kind: "output" as const, text: "$ make é" }]])
      .pipeThrough(textEncoder()),
  );
  const key = await parsePrivateKey(PRIVATE_KEY, noPassphrase);
  const publicKey = formatPublicKey(key.publicKey);
  const signature = await signMessage(encode("content"), await keySigner(key));
  const request = "GET /v1/session?x=%20 HTTP/1.1\r\nhost: 127.0.0.1\r\norigin: http://127.0.0.1\r\n\r\n";
  return [
    {
      name: "encrypted t2a",
      sound: [encrypted],
      async read(bytes, seed) {
        const source = sourceOfFiles({ "": bytes } as Files, seed % 4 === 0 ? [1 + seed % 1000] : [65_536]);
        let count = 0;
        const recording = await openRecording(source, { report: new Report(), format: "t2a", unwrap });
        for await (const batch of recording.events) count += batch.length;
        return count;
      },
    },
    {
      name: "frames of clients",
      sound: [concat(FRAMES.map((frame) => masked(frame, 2))), masked(binaryFrame(encode("ls\r".repeat(100))), 4)],
      read: (bytes, seed) => messagesIn(bytes, seed, true),
    },
    {
      name: "frames of servers",
      sound: [concat([...FRAMES, binaryFrame(encode("hello".repeat(100))), Uint8Array.of(0x88, 2, 3, 232)])],
      read: (bytes, seed) => messagesIn(bytes, seed, false),
    },
    {
      name: "words of clients",
      sound: ['{"type":"size","cols":80,"rows":24}', '{"type":"mark","label":"é"}'].map(encode),
      read: (bytes) => readFromClient(decode(bytes)) ? 1 : 0,
    },
    {
      name: "requests",
      sound: [encode(request)],
      read: async (bytes, seed) =>
        (await readRequest(new Wire(connectionOf(bytes, seed)), "127.0.0.1"))?.headers.size ?? 0,
    },
    {
      name: "answers",
      sound: [encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: application/json\r\n\r\n{}")],
      async read(bytes, seed) {
        const head = await new Wire(connectionOf(bytes, seed)).head().catch((error) => {
          if (error instanceof Deno.errors.ConnectionReset) return undefined; // what whoever asks is told
          throw error;
        });
        return head?.headers.size ?? 0;
      },
    },
    { name: "templates (TOML)", sound: [encode(TEMPLATE)], read: (bytes) => template(bytes, "a.toml") },
    {
      name: "templates (JSON)",
      sound: [encode(JSON.stringify(await parseText(TEMPLATE, "a.toml")))],
      read: (bytes) => template(bytes, "a.json"),
    },
    { name: "config.toml", sound: [encode(CONFIG)], read: (bytes) => settings(bytes, "config.toml") },
    {
      name: "config.json",
      sound: [encode('{"store": "file:///recordings?quota=5G", "session": {"size": "80x24"}}')],
      async read(bytes) {
        const store = storeIn(decode(bytes), "config.json");
        if (store !== undefined) parseStorageUrl(store);
        return await settings(bytes, "config.json");
      },
    },
    {
      name: "URLs of stores",
      sound: ["file:///a%20b?quota=5G&owner=ada", "postgres://ada@host/db?sslmode=no", "s3://bucket/p?endpoint=x"]
        .map(encode),
      read: (bytes) => parseStorageUrl(decode(bytes)).place.length,
    },
    {
      name: "facts of recordings",
      sound: [encode(JSON.stringify(META, null, 1))],
      read: (bytes) => parseMeta(decode(bytes)) ? 1 : 0,
    },
    {
      name: "texts of recordings",
      sound: [text],
      async read(bytes) {
        let count = 0;
        for await (const lines of readText(new Blob([bytes.slice()]).stream())) count += lines.length;
        return count;
      },
    },
    {
      name: "queries",
      sound: ['make "exit code" /err(or)?s/ tag:ci since:7d -host:x'].map(encode),
      read: (bytes) => Object.keys(parseQuery(decode(bytes))).length,
    },
    {
      name: "public keys",
      sound: [encode(publicKey + " ada@engine")],
      read: (bytes) => parsePublicKey(decode(bytes)) ? 1 : 0,
    },
    {
      name: "private keys",
      sound: [encode(PRIVATE_KEY)],
      read: async (bytes) => (await parsePrivateKey(decode(bytes), noPassphrase)).seed.length,
    },
    { name: "signatures", sound: [signature], read: (bytes) => parseSignature(bytes).signature.length },
    {
      name: "allowed signers",
      sound: [encode(`# us\nada,*@x namespaces="term2ai-*",valid-after="20260101" ${publicKey} c\n`)],
      read: (bytes) => parseAllowedSigners(decode(bytes)).length,
    },
    {
      name: "wrapped keys",
      sound: [await wrap(new Uint8Array(32))],
      read: async (bytes) => (await unwrap(bytes))?.length ?? 0,
    },
  ];
}

/** Reads an input; what is refused with an error of ours is none. */
export async function outcomeOfInput(reader: InputReader, bytes: Uint8Array, seed: number): Promise<Outcome> {
  const start = performance.now();
  let events = 0, refused = false;
  try {
    events = await reader.read(bytes, seed);
  } catch (error) {
    if (!(error instanceof Term2aiError || error instanceof Refusal)) throw error;
    refused = true;
  }
  return { millis: performance.now() - start, events, refused };
}
