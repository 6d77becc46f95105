import fc from "fast-check";
import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { text } from "../formats/text.ts";
import { UsageError } from "../lib/errors.ts";
import type { SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { collectBytes, streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { write } from "./contracts/format_contract.ts";
import { term2ai, withFolder } from "./support/cli.ts";
import { everyKind, header, marker, output } from "./support/events.ts";
import { chunkSizes, cut } from "./support/generate.ts";

const SMALL = header({ cols: 20, rows: 4 });
const RULE = "─".repeat(40) + "\n";

async function textOf(...events: SessionEvent[]): Promise<string> {
  return new TextDecoder().decode(await write(text, events));
}

/** What is printed on a small screen, and the text of it. */
const TABLE: Readonly<Record<string, [printed: string, text: string]>> = {
  "lines that scroll off": ["1\r\n2\r\n3\r\n4\r\n5\r\n6", "1\n2\n3\n4\n5\n6\n"],
  "lines that were wrapped": [`${"x".repeat(70)}\r\ny`, `${"x".repeat(70)}\ny\n`],
  "a line longer than the screen": ["a" + "b".repeat(200) + "c\r\n", "a" + "b".repeat(200) + "c\n"],
  "what was typed wrong": ["$ lss\b \b\r\nok", "$ ls\nok\n"],
  "a bar of progress": ["10 %\r20 %\r100 %\r\ndone", "100 %\ndone\n"],
  "colours, blanks and titles": ["\x1b]0;t\x07\x1b[31mred\x1b[0m   \r\n\r\nx", "red\n\nx\n"],
  "wide characters": ["漢字👍🏽é\r\n", "漢字👍🏽é\n"],
  "what was cleared": ["one\r\ntwo\x1b[H\x1b[2Jthree", "one\ntwo\nthree\n"],
  "what was reset": ["one\x1bctwo", "one\ntwo\n"],
  "pictures drawn over and over": [
    "\x1b[H\x1b[2Jcpu 1\r\nmem 5\x1b[H\x1b[2Jcpu 2\r\nmem 7\x1b[H\x1b[2Jcpu 3\r\nmem 9",
    "cpu 3\nmem 9\n",
  ],
  "a line half scrolled off when it is cleared": [
    `${"x".repeat(100)}\x1b[2J\x1b[H1\r\n2\r\n3\r\n4\r\n5`,
    `${"x".repeat(100)}\n1\n2\n3\n4\n5\n`,
  ],
  "a full-screen program": [
    "$ vi\r\n\x1b[?1049h\x1b[2J\x1b[Hfile\r\n~\x1b[?1049l$ exit",
    `$ vi\n${RULE}file\n~\n${RULE}$ exit\n`,
  ],
  "a full-screen program between lines that scroll": [
    "1\r\n2\r\n3\r\n\x1b[?1049h\x1b[Hfull\x1b[?1049l4\r\n5\r\n6\r\n7\r\n8",
    `1\n2\n3\n${RULE}full\n${RULE}4\n5\n6\n7\n8\n`,
  ],
  "a full-screen program that never ends": ["$ top\r\n\x1b[?1049h\x1b[Hcpu", `$ top\n${RULE}cpu\n${RULE}`],
  "two full-screen programs": [
    "\x1b[?47h\x1b[Ha\x1b[?47l\x1b[Hb\r\n\x1b[?1047h\x1b[Hc\x1b[?1047l",
    `${RULE}a\n${RULE}b\n${RULE}c\n${RULE}`,
  ],
  "nothing": ["", ""],
};

for (const [name, [printed, expected]] of Object.entries(TABLE)) {
  Deno.test(`text.encoder() writes ${name}`, async () => {
    const shown = await textOf(SMALL, output(1, printed));
    // What a full-screen program covers comes back behind it: where the cursor was.
    equal(shown, expected);
  });
}

Deno.test("text.encoder() writes the same text however the output is split", async () => {
  const all = Object.values(TABLE).map(([printed]) => printed + "\r\n").join("");
  const whole = await textOf(SMALL, output(1, all));
  await fc.assert(
    fc.asyncProperty(chunkSizes, async (sizes) => {
      const pieces = cut(new TextEncoder().encode(all), sizes);
      equal(await textOf(SMALL, ...pieces.map((data) => ({ kind: "output", time: 1, data }) as const)), whole);
    }),
    { numRuns: 40 },
  );
});

Deno.test("text.encoder() begins each line with its second where asked: when there first was something in it", async () => {
  const bytes = await collectBytes(
    streamOf(
      SMALL,
      output(1e9, "$ "),
      output(2e9, "ls"),
      output(2.5e9, "\r\n"),
      output(3e9, "a\r\nb\r\n"),
      output(4.25e9, "c\r\nd\r\ne\r\n"),
      output(5e9, "\x1b[?1049h\x1b[Hfull"),
      output(6e9, "\x1b[?1049l"),
      output(7e9, "x"),
    ).pipeThrough(text.encoder({ times: true })),
  );
  deepStrictEqual(
    new TextDecoder().decode(bytes).replaceAll(RULE, "").trimEnd().split("\n").map((line) => line.trim()),
    [
      ...["1.000  $ ls", "3.000  a", "3.000  b", "4.250  c", "4.250  d", "4.250  e", "6.000  full", "7.000  x"],
    ],
  );
});

Deno.test("text.encoder() writes sessions one behind the other, and screens that stand for what is missing", async () => {
  const terminal = (await loadEmulator())({ cols: 20, rows: 4 });
  terminal.write(new TextEncoder().encode("later"));
  const screen: SessionEvent = { kind: "screen", time: 3, state: terminal.snapshot() };
  equal(await textOf(SMALL, output(1, "early"), screen, output(4, "!"), SMALL, output(1, "b")), "early\nlater!\nb\n");
});

Deno.test("text.encoder() tells what it loses", async () => {
  const report = new Report();
  await write(text, [...everyKind(), output(15, "\x1b[1mx")], { report });
  const kinds = everyKind().map(({ kind }) => kind).filter((kind) => !text.keeps.has(kind));
  for (const what of [...kinds, "times", "colours and everything else but text", "header field title"]) {
    equal(report.losses.get(what), 1, what);
  }
  const timed = new Report();
  await collectBytes(streamOf(header(), output(5, "x")).pipeThrough(text.encoder({ report: timed, times: true })));
  deepStrictEqual([...timed.losses], []);
});

Deno.test("text.encoder() wants a header first, and gives lines as soon as they are final", async () => {
  await rejects(textOf(marker(1)), UsageError);
  const { readable, writable } = text.encoder();
  const writer = writable.getWriter(), reader = readable.getReader();
  writer.write([SMALL]);
  writer.write([output(1, "1\r\n2\r\n3\r\n4\r\n5\r\n")]);
  equal(new TextDecoder().decode((await reader.read()).value), "1\n2\n");
  await reader.cancel();
});

Deno.test("convert --to text prints the lines, with --times their seconds, and says what is lost", async () => {
  await withFolder(async (folder) => {
    const cast = '{"version":2,"width":80,"height":24}\n[1.5,"o","\\u001b[1mhi\\u001b[0m\\r\\n"]\n[2.5,"i","x"]\n';
    await Deno.writeTextFile(`${folder}/a.cast`, cast);
    const plain = await term2ai(["convert", "--to", "text", `${folder}/a.cast`, "-"]);
    equal(plain.text, "hi\n");
    match(plain.errors, /text has no place for it: .*times, colours.*, input/);
    equal((await term2ai(["convert", "--times", `${folder}/a.cast`, `${folder}/a.txt`])).status, 0);
    equal((await Deno.readTextFile(`${folder}/a.txt`)).trim(), "1.500  hi");
    const wrong = await term2ai(["convert", "--times", "--to", "raw", `${folder}/a.cast`, "-"]);
    equal(wrong.status, 2);
    ok(wrong.errors.includes("--times is for --to text"));
  });
});
