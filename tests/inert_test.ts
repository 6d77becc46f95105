import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import type { SessionEvent } from "../lib/event.ts";
import { collect, concat, streamOf } from "../lib/stream/collect.ts";
import { inert } from "../lib/transform/inert.ts";
import { blank, everyKind, header, keyframe, marker, output } from "./support/events.ts";

/** Characters up to U+00FF as bytes of the same number. */
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const toLatin1 = (bytes: Uint8Array) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

async function siftBytes(...chunks: Uint8Array[]): Promise<Uint8Array> {
  const events = chunks.map((data, time): SessionEvent => ({ kind: "output", time, data }));
  const after = await collect(streamOf(...events).pipeThrough(inert()));
  return concat(after.map((event) => event.kind === "output" ? event.data : new Uint8Array(0)));
}

/** What is left of bytes written as characters. */
const sift = async (text: string) => toLatin1(await siftBytes(latin1(text)));

/** What is left, where the text itself is meant. */
const siftText = async (text: string) => new TextDecoder().decode(await siftBytes(new TextEncoder().encode(text)));

// deno-fmt-ignore
const DRAWS = [
  "plain text\r\n\t\b\x07\x0e\x0f\x00\x7f",
  "\x1b[m", "\x1b[1;31m", "\x1b[38:2::1:2:3m", "\x1b[4:3m", "\x1b[H", "\x1b[2;5H", "\x1b[2J", "\x1b[3J", "\x1b[?2J", "\x1b[K", "\x1b[5b",
  "\x1b[1;20r", "\x1b[s", "\x1b[u", "\x1b[1 q", "\x1b[!p", '\x1b[1"q', "\x1b[4h", "\x1b[4l", "\x1b[20h", "\x1b[2;3;4;5$z", "\x1b[2'}",
  "\x1b[?25l", "\x1b[?25h", "\x1b[?1049h", "\x1b[?7;25h", "\x1b[?2026h", "\x1b[?1049s", "\x1b[?1c",
  "\x1b7", "\x1b8", "\x1bc", "\x1bD", "\x1bM", "\x1bH", "\x1b(0", "\x1b)B", "\x1b#8", "\x1b\\", "\x1bk",
  "\x1b]0;title\x07", "\x1b]2;title\x1b\\", "\x1b]1;i\x9c", "\x1b]8;id=1;https://example.org/?a=b\x1b\\link\x1b]8;;\x1b\\",
  "\x1b]4;1;rgb:00/11/22\x07", "\x1b]11;#000000\x07", "\x1b]104\x07", "\x1b]104;1;2\x07", "\x1b]111\x07",
  "\x1bP0;1;0q\"1;1;2;2#0;2;0;0;0~-\r\n~\x1b\\", "\x9b31m", "\x9d0;t\x9c", "\x84\x85\x8d",
];

for (const sequence of DRAWS) {
  Deno.test(`inert() keeps ${JSON.stringify(sequence)}`, async () => {
    equal(await sift(`a${sequence}b`), `a${sequence}b`);
  });
}

// deno-fmt-ignore
const ACTS: Record<string, string[]> = {
  "questions who it is": ["\x05", "\x1bZ", "\x9a", "\x1b[c", "\x1b[0c", "\x1b[>c", "\x1b[>0;1c", "\x1b[=c", "\x1b[>q", "\x1b[>0q", "\x9b0c"],
  "questions how it stands": [
    "\x1b[5n", "\x1b[6n", "\x1b[?6n", "\x1b[?15n", "\x1b[?25$p", "\x1b[4$p", "\x1b[x", "\x1b[1x", "\x1b[1$w", "\x1b[1$u", "\x1b[?u", "\x1b[?4m",
    "\x1b[1;2;3;4;5;6*y", "\x1b[#|", "\x1b[?1;1;0S", '\x1b["v', "\x1b['|", "\x1bP$qm\x1b\\", "\x1bP+q544e\x1b\\", "\x1b[#R",
  ],
  "questions for colours": ["\x1b]4;1;?\x07", "\x1b]10;?\x1b\\", "\x1b]11;?\x07", "\x1b]12;?\x9c", "\x1b]4;1;#fff;2;?\x07", "\x1b]21;foreground=?\x07"],
  "clipboard, files, notifications": [
    "\x1b]52;c;cm0=\x07", "\x1b]52;c;?\x07", "\x9d52;c;cm0=\x9c", "\x1b]7;file://host/\x07", "\x1b]9;boo\x07", "\x1b]99;;boo\x1b\\",
    "\x1b]777;notify;a;b\x07", "\x1b]1337;File=:AAAA\x07", "\x1b]50;?\x07", "\x1b]60\x07", "\x1b]46;log\x07", "\x1b]3;P=v\x07", "\x1b]l\x1b\\", "\x1b]133;A\x07", "\x1b]\x07",
  ],
  "window, printer, console": [
    "\x1b[8;1;1t", "\x1b[14t", "\x1b[21t", "\x1b[22;0t", "\x1b[23;0t", "\x1b[>2t", "\x1b[5i", "\x1b[?4i", "\x1b[12;3]", "\x1b[24*|", "\x1b[132$|", "\x1b[1q", "\x1b[?40h",
  ],
  "keys, mouse, focus": [
    "\x1b[?1h", "\x1b[?1000h", "\x1b[?1000;1006h", "\x1b[?1004h", "\x1b[?2004h", "\x1b[?1000r", "\x1b[2h", "\x1b[12l", "\x1b[>4;2m", "\x1b[>1u", "\x1b[<u", "\x1b[=5u", "\x1b=", "\x1b>",
  ],
  "other languages and encodings": ["\x1b%@", "\x1b%G", "\x1b[?2l", "\x1b[?38h", "\x1b G", "\x1b<", '\x1b[61"p'],
  "strings that do not draw": [
    "\x1b_Gi=1;AAAA\x1b\\", "\x1b^private\x1b\\", "\x1bXsos\x1b\\", "\x1bP1;1|17/0d\x1b\\", "\x1bP!z\x1b\\", "\x90q0\x05\x9e\x9c".replace("q0\x05\x9e", "+p"),
    "\x9fapc\x9c", "\x98sos\x9c", "\x9epm\x9c",
  ],
  "what is broken": ["\x1b[1?2m", "\x1b[ 1m", "\x1b]0;a\nb\x07", "\x1b]0;a\x9bb\x07", "\x1bP\x07x\x1b\\", "\x1b]2;\x7f\x07"],
};

for (const [what, sequences] of Object.entries(ACTS)) {
  Deno.test(`inert() takes out ${what}`, async () => {
    for (const sequence of sequences) equal(await sift(`a${sequence}b`), "ab", JSON.stringify(sequence));
  });
}

Deno.test("inert() keeps the modes that draw out of a list with others", async () => {
  equal(await sift("\x1b[?1049;1000;25h\x9b?2004;7l\x1b[4;12h"), "\x1b[?1049;25h\x9b?7l\x1b[4h");
});

Deno.test("inert() opens tmux passthrough only to what draws", async () => {
  equal(await sift("\x1bPtmux;\x1b\x1b]52;c;cm0=\x07\x1b\\b"), "\x1b\\b");
  equal(await sift("\x1bPtmux;\x1b\x1b[31m\x1b\\b"), "\x1b[31m\x1b\\b");
});

Deno.test("inert() knows C1 controls from the bytes of characters", async () => {
  equal(await siftText("é 漢字 👍🏽 Û6n \u{1F19B}"), "é 漢字 👍🏽 Û6n \u{1F19B}"); // Û ends in 0x9b
  equal(await siftText("a\u009b6nb\u009a"), "ab"); // U+009B is CSI to a terminal
  equal(await siftText("\u009b1m\u0085"), "\u009b1m\u0085");
  equal(await siftText("\x1b]2;✜ title\x07"), "\x1b]2;✜ title\x07"); // ✜ ends in 0x9c, which ends strings
  equal(
    await sift("\xe0\x9b6n\xf0\x80\x9b6n\xed\xa0\x9b6n\xf4\x91\x9b6n\xc2A\xc1\x9b6n"),
    "\xe0\xf0\x80\xed\xa0\xf4\x91\xc2A\xc1",
  );
});

Deno.test("inert() does at once what controls inside a sequence do, and forgets what is cancelled", async () => {
  equal(await sift("\x1b[3\n1m"), "\n\x1b[31m");
  equal(await sift("\x1b[3\x051\x7fm"), "\x1b[31m");
  equal(await sift("\x1b[3\x18m\x1b]0;t\x1am"), "\x18m\x1am");
  equal(await sift("\x1b\x1b[3\x1b[1mé\x1b[1é"), "\x1b[1mé\xe9".replace("é\xe9", "éé"));
  equal(await sift("\x1b]0;t\x1b[1m"), "\x1b[1m");
});

Deno.test("inert() closes a picture that something breaks off, and shows none of it as text", async () => {
  equal(await sift("\x1bPq~~\x1b[5nb"), "\x1bPq~~\x1b\\b");
  equal(await sift("\x1bPq~~\x18b"), "\x1bPq~~\x18b");
  equal(await sift("\x1bPq~\x05\x07é\x9b~"), "\x1bPq~~\x1b\\");
  const events = await collect(streamOf(output(1, "\x1bPq~\x1b"), header(), output(0, "b")).pipeThrough(inert()));
  deepEqual(events, [output(1, "\x1bPq~"), header(), output(0, "\x1b\\b")]);
});

Deno.test("inert() drops a runaway string up to its end, and holds no more than 64 KiB of it", async () => {
  const long = "x".repeat(1 << 20);
  equal(await sift(`a\x1b]0;${long}\x07b`), "ab");
  equal(await sift(`a\x1b[${"1;".repeat(1 << 16)}mb`), "ab");
  equal((await sift(`a\x1b]0;${"x".repeat(60_000)}\x07b`)).length, 60_007);
});

Deno.test("inert() drops an unfinished sequence at the end", async () => {
  for (const start of ["\x1b", "\x1b[3", "\x1b]0;t", "\x1bP1", "\x1b_x", "\x1b]0;t\x1b"]) {
    equal(await sift(`a${start}`), "a");
  }
  equal(await sift("a\xc2"), "a\xc2");
});

Deno.test("inert() shows a split sequence with the event that ends it, and drops an event of which nothing is left", async () => {
  const events = await collect(
    streamOf(output(1, "a\x1b["), marker(2), output(3, "3"), output(4, "1mb"), output(5, "\x1b[6n")).pipeThrough(
      inert(),
    ),
  );
  deepEqual(events, [output(1, "a"), marker(2), output(4, "\x1b[31mb")]);
});

Deno.test("inert() passes plain output and all other events as they are", async () => {
  const events = everyKind();
  const after = await collect(streamOf(...events).pipeThrough(inert()));
  for (const [index, event] of events.entries()) equal(after[index], event);
});

Deno.test("inert() starts afresh with a screen, and takes over the bytes that wait in its state", async () => {
  const screen = (pending: string): SessionEvent => ({
    kind: "screen",
    time: 2,
    state: { ...blank(), pending: latin1(pending) },
  });
  const run = async (pending: string, rest: string) => {
    const events = streamOf(output(1, "\x1b]0;lost"), screen(pending), output(3, rest));
    return await collect(events.pipeThrough(inert()));
  };
  deepEqual(await run("\x1b[3", "1mb"), [{ kind: "screen", time: 2, state: blank() }, output(3, "\x1b[31mb")]);
  deepEqual((await run("\x1b[", "6nb")).at(-1), output(3, "b"));
  deepEqual((await run("\xe6\xbc", "\u00a2b")).length, 2);
});

Deno.test("inert() lets keyframes pass without notice", async () => {
  const events = await collect(streamOf(output(1, "\x1b[3"), keyframe(2), output(3, "1m")).pipeThrough(inert()));
  deepEqual(events.at(-1), output(3, "\x1b[31m"));
});

/** Bytes that are likelier than others to mean something. */
const nasty = fc.array(
  fc.oneof(
    fc.constantFrom(...DRAWS, ...Object.values(ACTS).flat()),
    fc.constantFrom(
      "\x1b",
      "[",
      "]",
      "P",
      "\\",
      "?",
      ";",
      "1",
      "m",
      "n",
      "c",
      "\x05",
      "\x07",
      "\x18",
      "\x9b",
      "\x9c",
      "\x9d",
      "\xc2",
      "\xe2",
      "\x80",
    ),
    fc.string({ unit: "grapheme", maxLength: 4 }).map((text) => toLatin1(new TextEncoder().encode(text))),
  ),
  { maxLength: 20 },
).map((parts) => latin1(parts.join("")));

Deno.test("inert() gives the same bytes however they are split", async () => {
  await fc.assert(
    fc.asyncProperty(nasty, fc.array(fc.nat(7)), async (bytes, lengths) => {
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const length of lengths) chunks.push(bytes.subarray(at, at += length));
      chunks.push(bytes.subarray(at));
      const split = await siftBytes(...chunks);
      deepEqual(split, await siftBytes(bytes));
      deepEqual(split, await siftBytes(...Array.from(bytes, (byte) => Uint8Array.of(byte))));
    }),
    { numRuns: 300 },
  );
});

Deno.test("inert() leaves what is inert alone, and leaves no question in anything", async () => {
  const question = /\x05|(?:\x1b\[|\x9b)[<=>?]?[\d;:]*(?:[cnx](?<!\?[\d;]*c)|\$p|t)|\x1b\](?:52|7|9|1337);|\x1b[Z_^X]/;
  await fc.assert(
    fc.asyncProperty(nasty, async (bytes) => {
      const once = await siftBytes(bytes);
      deepEqual(await siftBytes(once), once);
      const read = new TextDecoder().decode(once); // as a terminal does
      ok(!question.test(read), JSON.stringify(read));
    }),
    { numRuns: 1000 },
  );
  match("\x1b[6n", question);
});
