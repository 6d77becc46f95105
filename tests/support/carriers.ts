/**
 * The ways in which a text comes into a recording.
 * @module
 */

import { MILLISECOND, type SessionEvent } from "../../lib/event.ts";
import { Secrets } from "../../lib/security/redact.ts";
import { type Below, KEY_END } from "../../lib/security/redaction/below.ts";
import { textOf } from "../../lib/security/redaction/matcher.ts";
import { concat } from "../../lib/stream/collect.ts";
import { header, output } from "./events.ts";

/** One way; for some there are several. */
export interface Carrier {
  readonly name: string;
  carry(text: string): Iterable<readonly SessionEvent[]>;
}

const encode = (text: string) => new TextEncoder().encode(text);
const typed = (time: number, text: string): SessionEvent => ({ kind: "input", time, data: encode(text) });
const screen = (cols = 80) => header({ cols, rows: 24 });
const end = (time: number) => output(time + 1, "\r\n$ ");
const graphemes = (text: string) => [...text];

/** All of them. */
export const CARRIERS: readonly Carrier[] = [
  {
    name: "plain",
    carry: (text) => [[screen(400), output(1, `$ ${text}\r\n`)], [screen(), output(1, `$ ${text}\r\n`)]],
  },
  {
    name: "one character per event",
    *carry(text) {
      for (const step of [1, 400 * MILLISECOND]) {
        yield [
          screen(200),
          ...graphemes(text).map((char, n) => output(1 + n * step, char)),
          end(1 + text.length * step),
        ];
      }
    },
  },
  {
    name: "split at every offset",
    *carry(text) {
      const bytes = encode(text);
      for (let at = 1; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
        yield [screen(), { kind: "output", time: 1, data: bytes.slice(0, at) }, {
          kind: "output",
          time: 2,
          data: bytes.slice(at),
        }, end(3)];
      }
    },
  },
  {
    name: "colours inside",
    *carry(text) {
      const colours = ["\x1b[31m", "\x1b[0;1;38;5;200m", "\x1b[m", "\x1b[4:3m"];
      const between = (every: number) =>
        graphemes(text).map((char, n) => n % every === 0 ? colours[n % colours.length] + char : char).join("");
      for (const every of [1, 2, 5]) yield [screen(), output(1, between(every) + "\x1b[0m\r\n")];
    },
  },
  {
    name: "wrapped at column 80",
    *carry(text) {
      for (const before of [40, 60, 70, 76]) {
        const line = "> ".padEnd(before, "=-") + " " + text;
        yield [screen(), output(1, line + "\r\n")];
        if (text.includes("\r\n")) continue;
        // What readline writes at the margin, and what programs write that fold lines themselves.
        yield [screen(), output(1, line.replace(/(.{80})(?=.)/g, "$1 \r") + "\r\n")];
        yield [screen(), output(1, line.replace(/(.{80})(?=.)/g, "$1\r\n") + "\r\n")];
      }
    },
  },
  {
    name: "bracketed paste",
    *carry(text) {
      const keys = text.replaceAll("\r\n", "\r");
      yield [screen(), typed(1, `\x1b[200~${keys}\x1b[201~\r`)];
      yield [screen(), ...graphemes(`${keys}\r`).map((key, n) => typed(n * 300 * MILLISECOND, key))];
      const corrected = graphemes(keys).map((key, n) => n % 7 === 6 ? `${key}x\x7f` : key).join("");
      yield [screen(), typed(1, corrected + "\r")];
    },
  },
  {
    name: "strings that never show",
    *carry(text) {
      const base64 = encode(text).toBase64();
      const escaped = text.replace(/[\\;\r\n ]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
      for (
        const string of [
          ...(text.includes("\r\n") ? [] : [`0;${text}`]), // a title has no lines
          `52;c;${base64}`,
          `633;E;${escaped};1234-ab`,
          `1337;SetUserVar=x=${base64}`,
          `8;;https://example.org/?q=${encodeURIComponent(text)}`,
          `7;file://host/${encodeURIComponent(text)}`,
        ]
      ) {
        const bytes = encode(`\x1b]${string}\x1b\\$ `);
        yield [screen(), { kind: "output", time: 1, data: bytes }];
        yield [
          screen(),
          ...Array.from(bytes, (byte, n) => ({
            kind: "output" as const,
            time: n,
            data: Uint8Array.of(byte),
          })),
        ];
      }
    },
  },
  {
    name: "drawn again at every key",
    *carry(text) {
      if (text.includes("\r\n")) return yield [screen(), output(1, text + "\r\n")];
      for (const step of [1, 300 * MILLISECOND]) {
        // fish: the line from its start; zsh: back, erase, and the end of it.
        yield [
          screen(300),
          ...graphemes(text).map((_, n) => output(n * step, `\r\x1b[K\x1b[32m$ \x1b[0m${text.slice(0, n + 1)}`)),
          end(text.length * step),
        ];
        yield [
          screen(300),
          ...graphemes(text).map((char, n) =>
            output(n * step, n < 3 ? char : `\x1b[3D\x1b[K${text.slice(n - 3, n + 1)}`)
          ),
          end(text.length * step),
        ];
      }
    },
  },
];

const { matcher } = new Secrets();

/** The secret part of a sample: what is hidden when it stands alone. */
export function secretIn(text: string): string {
  if (text.includes("\r\n")) return secretLines(text).join("");
  return secretInLine(text);
}

function secretInLine(text: string): string {
  const cells = Uint32Array.from(text, (char) => char.charCodeAt(0));
  const [found] = matcher.look(cells, cells.length, -1).found;
  return found ? textOf(cells, found.start, found.end) : "";
}

/** What lines hold of which the ones above tell, or the one below. */
function secretLines(text: string): string[] {
  const secrets: string[] = [], lines = text.split("\r\n");
  let above: Below | undefined;
  for (const line of lines) {
    const cells = Uint32Array.from(line, (char) => char.charCodeAt(0));
    const { opens } = matcher.look(cells, cells.length, -1);
    if (opens === KEY_END && secrets.length === 0) return lines.slice(1, -1);
    const taken = above?.take(line);
    if (taken && taken.end > taken.start) secrets.push(line.slice(taken.start, taken.end));
    above = opens ?? taken?.below ?? (line === "" && above?.skipsEmpty ? above : undefined);
  }
  return secrets;
}

const SEQUENCES = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[0-?]*[ -/]*[@-~]|[\0-\x1f\x7f]| (?=\r)/g;

/** A piece of a secret that is still somewhere in the bytes of a recording: eight characters, or all of a shorter one. */
export function residue(events: readonly SessionEvent[], secret: string): string | undefined {
  const bytes = concat(
    events.flatMap((event) => event.kind === "output" || event.kind === "input" ? [event.data] : []),
  );
  const raw = new TextDecoder().decode(bytes);
  const decoded = raw.replace(/%([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  const base64 = [...raw.matchAll(/[=;]([A-Za-z0-9+/]{12,}={0,2})\x1b/g)].map(([, text]) =>
    new TextDecoder().decode(Uint8Array.fromBase64(text!.length % 4 === 1 ? text!.slice(0, -1) : text!))
  );
  const texts = [raw, decoded, raw.replace(SEQUENCES, ""), ...base64];
  const length = Math.min(8, secret.length), pieces = new Set<string>();
  for (let at = 0; at + length <= secret.length; at++) pieces.add(secret.slice(at, at + length));
  for (const text of texts) {
    for (let at = 0; at + length <= text.length; at++) {
      const piece = text.slice(at, at + length);
      if (pieces.has(piece)) return piece;
    }
  }
  return undefined;
}
