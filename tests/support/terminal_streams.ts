/**
 * Streams of terminal output as nobody would write them: every sequence that moves, erases, scrolls, switches or names
 * something, in any order, with text of any width, cut anywhere.
 * @module
 */

/** A reproducible source of numbers from 0 up to `below`. */
export function randomOf(seed: number): (below: number) => number {
  let state = (seed * 2654435761 + 1) >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * below);
  };
}

const TEXTS = [
  "a",
  "hello",
  "the quick brown fox ",
  "é",
  "漢字",
  "한",
  "👍🏽",
  "👨‍👩‍👧",
  "e\u0301",
  "🇩🇪",
  "\u200b",
  "x\ufe0f",
  "界".repeat(9),
];
const FINALS = "@ABCDEFGHIJKLMPSTXZ`abdefghlmnrstu";
const MODES = [
  "4",
  "20",
  "?1",
  "?3",
  "?5",
  "?6",
  "?7",
  "?9",
  "?12",
  "?25",
  "?45",
  "?47",
  "?66",
  "?1000",
  "?1002",
  "?1003",
  "?1004",
  "?1006",
  "?1016",
  "?1047",
  "?1048",
  "?1049",
  "?2004",
  "?2026",
];
const ESCAPES = [
  "7",
  "8",
  "D",
  "E",
  "H",
  "M",
  "=",
  ">",
  "c",
  "n",
  "o",
  "|",
  "}",
  "~",
  "(0",
  "(B",
  ")0",
  "*A",
  "+K",
  "#8",
  "%G",
];
const STRINGS = [
  "]0;title\x07",
  "]2;\u00e9t\x1b\\",
  "]1;icon\x07",
  "]4;1;rgb:ff/00/80\x07",
  "]104\x07",
  "]10;#123456\x07",
  "]110\x07",
  "]8;;http://x/\x07",
  "]8;id=1;http://y/\x07",
  "]8;;\x07",
  "P$q\x1b\\",
  "]52;c;aGk=\x07",
  "_app\x1b\\",
];
const STYLES = [
  "0",
  "1",
  "2",
  "3",
  "4",
  "4:3",
  "4:0",
  "5",
  "7",
  "8",
  "9",
  "21",
  "22",
  "24",
  "27",
  "31",
  "38;5;200",
  "38;2;1;2;3",
  "39",
  "48;5;17",
  "48;2;9;9;9",
  "49",
  "53",
  "55",
  "58;5;9",
  "58;2;4;5;6",
  "59",
  "97",
  "104",
];
const CONTROLS = ["\r", "\n", "\r\n", "\b", "\t", "\x0b", "\x0c", "\x0e", "\x0f", "\x07", "\0", "\x18"];

/** One thing that a program may print. */
export function anyOutput(random: (below: number) => number): string {
  const one = (list: readonly string[]) => list[random(list.length)]!;
  const number = () => random(20) === 0 ? one(["0", "", "99999", "2147483647"]) : String(random(14));
  switch (random(12)) {
    case 0:
    case 1:
    case 2:
      return one(TEXTS);
    case 3:
      return one(CONTROLS);
    case 4:
    case 5:
      return `\x1b[${number()};${number()}H`;
    case 6:
      return `\x1b[${one(STYLES)}m`;
    case 7:
      return `\x1b[${one(MODES)}${one(["h", "l"])}`;
    case 8:
      return `\x1b${one(ESCAPES)}`;
    case 9:
      return random(4) === 0 ? `\x1b${one(STRINGS)}` : `\x1b[${random(6)};${5 + random(8)}r`;
    case 10:
      return random(8) === 0
        ? one([
          "\x1b[!p",
          '\x1b[1"q',
          '\x1b[0"q',
          "\x1b[3 q",
          "\x1b[0 q",
          "\x1b[5b",
          "\x1b[2'}",
          "\x1b[1'~",
          "\x1b[?1J",
          "\x1b[?K",
          "\u009b1m",
          "\u0090x",
          "\u009c",
        ])
        : `\x1b[${number()}${FINALS[random(FINALS.length)]}`;
    default:
      return `\x1b[${random(4)}${one(["J", "K"])}`;
  }
}

/** Some output, as bytes; now and then not even that. */
export function anyBytes(random: (below: number) => number, count: number): Uint8Array {
  const text = Array.from({ length: count }, () => anyOutput(random)).join("");
  const bytes = new TextEncoder().encode(text);
  if (random(10) === 0 && bytes.length > 0) bytes[random(bytes.length)] = random(256);
  return bytes;
}
