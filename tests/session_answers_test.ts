import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { loadEmulator } from "../mod.ts";
import { answerTo } from "../lib/session/screen/answers.ts";
import { cropped, FittedView } from "../lib/session/screen/fitted_view.ts";
import { typed } from "../lib/session/attach/key_names.ts";
import { Pace } from "../lib/session/limits/pace.ts";
import { PrefixKeys } from "../lib/session/attach/prefix_keys.ts";
import { limitOf, parseBytes, parseLimit, parseSeconds } from "../lib/session/template/quantities.ts";
import { QuerySieve } from "../lib/session/screen/queries.ts";
import { screenText } from "../mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const makeEmulator = await loadEmulator();

/** Pieces of terminal output, among them every kind of question. */
const QUESTIONS = [
  // deno-fmt-ignore
  "\x1b[c",
  "\x1b[0c",
  "\x1b[>c",
  "\x1b[=c",
  "\x1b[5n",
  "\x1b[6n",
  "\x1b[?6n",
  "\x1b[>q",
  "\x1b[>0q",
  "\x1b[?2004$p",
  "\x1b[4$p",
  "\x1b[?u",
  "\x1b[18t",
  "\x1b[14t",
  "\x1b]10;?\x07",
  "\x1b]11;?\x1b\\",
  "\x1b]4;7;?\x07",
  "\x1bP$qm\x1b\\",
  "\x1bP+q544e\x1b\\",
  "\x1bZ",
];
const OTHERS = [
  "plain",
  "\x1b[31m",
  "\x1b[2J",
  "\x1b]2;a title\x07",
  "\x1b[?25l",
  "é",
  "\x1b[3;4H",
  "\x1b]10;#ff0000\x07",
  "\r\n",
  "\x1b[8;10;20t",
  "\x1b(B",
];

Deno.test("QuerySieve takes out every question and nothing else, however the bytes are split", () => {
  const pieces = fc.array(fc.constantFrom(...QUESTIONS, ...OTHERS), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(), { maxLength: 10 }), (parts, cuts) => {
      const all = bytes(parts.join(""));
      const ends = [...cuts.map((cut) => cut % (all.length + 1)), all.length].sort((a, b) => a - b);
      const sieve = new QuerySieve();
      let [rest, found, at] = ["", 0, 0];
      const kept: number[] = [];
      for (const end of ends) {
        const { rest: some, queries } = sieve.sift(all.subarray(at, end));
        kept.push(...some);
        found += queries.length;
        at = end;
      }
      rest = text(Uint8Array.from(kept));
      equal(found, parts.filter((part) => QUESTIONS.includes(part)).length);
      equal(rest, parts.filter((part) => OTHERS.includes(part)).join(""));
    }),
    { numRuns: 500 },
  );
});

Deno.test("QuerySieve says where a question stands, and gives up on a beginning that nothing ends", () => {
  const sieve = new QuerySieve();
  deepEqual(sieve.sift(bytes("ab\x1b[6ncd")).queries.map(({ end }) => end), [6]);
  deepEqual(sieve.sift(bytes("ab\x1b[")).queries, []);
  deepEqual(sieve.sift(bytes("6ncd")).queries.map(({ end }) => end), [2]);
  const endless = bytes("\x1b[" + "1;".repeat(5000));
  equal(sieve.sift(endless).rest.length, endless.length);
  sieve.sift(bytes("\x1b"));
  sieve.reset();
  equal(text(sieve.sift(bytes("[6n")).rest), "[6n");
});

/** What is answered to a program that has printed this. */
function answered(output: string): string[] {
  const emulator = makeEmulator({ cols: 80, rows: 24 });
  const { queries } = new QuerySieve().sift(bytes(output));
  emulator.write(bytes(output));
  return queries.map((query) => answerTo(query, { screen: () => emulator.snapshot(), version: "term2ai 1" }));
}

Deno.test("a session answers as a terminal of its size with its cursor, modes and colours would", () => {
  deepEqual(answered("\x1b[c\x1b[>c\x1b[5n"), ["\x1b[?62;22c", "\x1b[>1;277;0c", "\x1b[0n"]);
  deepEqual(answered("\x1b[3;7Hx\x1b[6n\x1b[?6n"), ["\x1b[3;8R", "\x1b[?3;8R"]);
  deepEqual(answered("\x1b[5;10r\x1b[?6h\x1b[2;3H\x1b[6n\x1bP$qr\x1b\\"), ["\x1b[2;3R", "\x1bP1$r5;10r\x1b\\"]);
  deepEqual(answered("\x1b[24;80Hx\x1b[6n"), ["\x1b[24;80R"]);
  deepEqual(answered("\x1b[>q\x1b[18t\x1bZ\x1b[=c"), [
    "\x1bP>|term2ai 1\x1b\\",
    "\x1b[8;24;80t",
    "\x1b[?62;22c",
    "\x1bP!|00000000\x1b\\",
  ]);
  deepEqual(answered("\x1b[?2004h\x1b[?2004$p\x1b[?25$p\x1b[?1049$p\x1b[?9999$p"), [
    "\x1b[?2004;1$y",
    "\x1b[?25;1$y",
    "\x1b[?1049;2$y",
    "\x1b[?9999;0$y",
  ]);
  deepEqual(answered("\x1b]11;?\x07\x1b]4;9;?\x1b\\\x1b]4;231;?\x07\x1b]4;244;?\x07"), [
    "\x1b]11;rgb:0000/0000/0000\x07",
    "\x1b]4;9;rgb:ffff/0000/0000\x1b\\",
    "\x1b]4;231;rgb:ffff/ffff/ffff\x07",
    "\x1b]4;244;rgb:8080/8080/8080\x07",
  ]);
  deepEqual(answered("\x1b]10;#102030\x07\x1b]10;?\x07"), ["\x1b]10;rgb:1010/2020/3030\x07"]);
  deepEqual(answered("\x1bP+q544e\x1b\\\x1bP$qm\x1b\\\x1b[4 q\x1bP$q q\x1b\\"), [
    "\x1bP0+r544e\x1b\\",
    "\x1bP0$r\x1b\\",
    "\x1bP1$r4 q\x1b\\",
  ]);
  deepEqual(answered("\x1b[?u\x1b[14t\x1b]4;999;?\x07\x1b[11t\x1b[19t"), ["", "", "", "\x1b[1t", "\x1b[9;24;80t"]);
});

Deno.test("typed() knows keys by name, with modifiers and modes, and types all else as it is", () => {
  const plain = (word: string) => typed(word, {});
  deepEqual(["Enter", "Tab", "Escape", "Space", "BSpace", "S-Tab"].map(plain), [
    "\r",
    "\t",
    "\x1b",
    " ",
    "\x7f",
    "\x1b[Z",
  ]);
  deepEqual(["C-c", "C-[", "C-@", "C-?", "M-x", "C-M-a", "C-Space", "M-Enter"].map(plain), [
    "\x03",
    "\x1b",
    "\0",
    "\x7f",
    "\x1bx",
    "\x1b\x01",
    "\0",
    "\x1b\r",
  ]);
  deepEqual(["Up", "C-Right", "S-Home", "F1", "F5", "M-F5", "PageUp", "Delete"].map(plain), [
    "\x1b[A",
    "\x1b[1;5C",
    "\x1b[1;2H",
    "\x1bOP",
    "\x1b[15~",
    "\x1b[15;3~",
    "\x1b[5~",
    "\x1b[3~",
  ]);
  equal(typed("Up", { "?1": true }), "\x1bOA");
  deepEqual(["hello world", "a", "", "-", "C-", "enter the room"].map(plain), [
    "hello world",
    "a",
    "",
    "-",
    "C-",
    "enter the room",
  ]);
  throws(() => plain("C-Nosuch"), /there is no such key/);
  throws(() => plain("C-1"), /there is no such key/);
});

Deno.test("PrefixKeys finds the prefix wherever it is typed, but not in a paste, and twice it is itself", () => {
  const told = (keys: PrefixKeys, typed: string) =>
    keys.take(bytes(typed)).map((typing) => "pass" in typing ? text(typing.pass) : { command: typing.command });
  const keys = new PrefixKeys("\x1d");
  deepEqual(told(keys, "ab\x1ddcd"), ["ab", { command: "d" }, "cd"]);
  deepEqual(told(keys, "\x1d"), []);
  deepEqual(told(keys, "n"), [{ command: "n" }]);
  deepEqual(told(keys, "x\x1d\x1dy"), ["x\x1dy"]);
  deepEqual(told(keys, "\x1b[200~a\x1ddb"), ["\x1b[200~a\x1ddb"]);
  deepEqual(told(keys, "\x1dd\x1b[201~\x1dd"), ["\x1dd\x1b[201~", { command: "d" }]);
  deepEqual(told(keys, "\x1b[93;5u\x1b[100u"), [{ command: "d" }]);
  deepEqual(told(keys, "é\x1b[A"), ["é\x1b[A"]);
  deepEqual(told(new PrefixKeys(""), "\x1dd"), ["\x1dd"]);
});

Deno.test("a session on a smaller terminal shows the part around the cursor, wide characters and all", () => {
  const emulator = makeEmulator({ cols: 20, rows: 6 });
  emulator.write(bytes("0123456789abcdefghij\r\n漢字漢字漢字漢字\r\nthree\x1b[6;16Hhere"));
  const state = cropped(emulator.snapshot(), 8, 3);
  deepEqual([state.cols, state.rows], [8, 3]);
  deepEqual(screenText(state), ["", "", "   here"].map((line) => line === "" ? "" : line.slice(0, 8)));
  emulator.write(bytes("\x1b[1;1H"));
  deepEqual(screenText(cropped(emulator.snapshot(), 7, 2)), ["0123456", "漢字漢"]);
  const view = new FittedView(makeEmulator, 20, 6);
  view.write(bytes("hello"));
  const shown = makeEmulator({ cols: 10, rows: 4 });
  shown.write(bytes(view.draw(10, 4, "x")));
  deepEqual(screenText(shown.snapshot()), ["hello", "", "", "[x is 20x6"]);
  equal(view.draw(10, 4, "x"), "", "nothing has changed");
});

Deno.test("Pace lets a burst of a second through and then keeps to its rate", () => {
  const pace = new Pace(1000, 0);
  const batch = (length: number) => [{ kind: "output", time: 0, data: new Uint8Array(length) }] as const;
  equal(pace.take(batch(900), 0), 0);
  equal(pace.take(batch(600), 0), 500);
  equal(pace.isFirst, true);
  equal(pace.take(batch(100), 500), 100);
  equal(pace.isFirst, false);
  equal(pace.take(batch(1000), 5000), 0);
  equal(new Pace(undefined).take(batch(1e9)), 0);
});

Deno.test("amounts are read as people write them, and refused where they are none", () => {
  deepEqual([parseBytes("512M"), parseBytes("1.5k"), parseBytes(7), parseBytes("2GiB")], [
    512 << 20,
    1536,
    7,
    2 * 1024 ** 3,
  ]);
  deepEqual([parseSeconds("1h30m"), parseSeconds("90"), parseSeconds("250ms")], [5400, 90, 0.25]);
  deepEqual(parseLimit("cpu=50%"), { cpuPercent: 50 });
  deepEqual(limitOf("cpu_time", "10m"), { cpuSeconds: 600 });
  deepEqual(limitOf("cpu", 0.5), { cpuPercent: 50 });
  for (
    const wrong of [
      "memory",
      "memory=",
      "memory=x",
      "memory=0",
      "processes=1.5",
      "cpu=x",
      "idle=soon",
      "nosuch=1",
      "constructor=1",
    ]
  ) {
    throws(() => parseLimit(wrong), { code: "usage" }, wrong);
  }
});
