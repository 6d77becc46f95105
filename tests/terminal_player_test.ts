import { deepEqual, equal, match, ok } from "node:assert/strict";
import { SECOND } from "../lib/event.ts";
import { crop, follow, highlight, shrink } from "../lib/replay/terminal/cells.ts";
import { KeyParser } from "../lib/replay/terminal/key_parser.ts";
import { Painter, rowOf } from "../lib/replay/terminal/painter.ts";
import { clockTime, columns, fit, statusLine } from "../lib/replay/terminal/status_line.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();
const encode = (text: string) => new TextEncoder().encode(text);

function stateOf(text: string | Uint8Array, size = { cols: 12, rows: 4 }) {
  const emulator = make(size);
  emulator.write(typeof text === "string" ? encode(text) : text);
  return emulator.snapshot();
}

const textOf = (rows: readonly (readonly { text: string }[])[]) =>
  rows.map((cells) => cells.map(({ text }) => text || " ").join("").trimEnd());

Deno.test("crop() shows a part as it is, and half of a wide character as a blank", () => {
  const state = stateOf("abcdefghij\r\n漢字漢字\r\nthird");
  deepEqual(textOf(crop(state, { cols: 4, rows: 2 }, { col: 1, row: 1 }).rows), [" 字", "hird"]);
  deepEqual(textOf(crop(state, { cols: 3, rows: 9 }, { col: 0, row: 0 }).rows), ["abc", "漢", "thi", ""]);
  deepEqual(crop(state, { cols: 12, rows: 4 }, { col: 0, row: 0 }).cursor, { col: 5, row: 2 });
  equal(crop(state, { cols: 3, rows: 4 }, { col: 0, row: 0 }).cursor, undefined);
  equal(crop(stateOf("\x1b[?25lx"), { cols: 12, rows: 4 }, { col: 0, row: 0 }).cursor, undefined);
});

Deno.test("follow() moves no more than it must for the cursor to be seen, and not at all where it is hidden", () => {
  const room = { cols: 5, rows: 2 };
  const at = (text: string, before = { col: 0, row: 0 }) => follow(stateOf(text), room, before);
  deepEqual(at("\x1b[1;1H"), { col: 0, row: 0 });
  deepEqual(at("\x1b[4;12H"), { col: 7, row: 2 });
  deepEqual(at("\x1b[3;9H", { col: 7, row: 2 }), { col: 7, row: 2 });
  deepEqual(at("\x1b[?25l\x1b[4;12H", { col: 1, row: 1 }), { col: 1, row: 1 });
  deepEqual(follow(stateOf("x"), { cols: 100, rows: 50 }, { col: 9, row: 9 }), { col: 0, row: 0 });
});

Deno.test("shrink() keeps shapes: of the cells that share a place the first with something in it shows", () => {
  const { rows, cursor } = shrink(stateOf("ab  ef\r\n    gh\r\n漢"), { cols: 6, rows: 2 });
  deepEqual(textOf(rows), ["a e", "▪"]);
  deepEqual(cursor, { col: 1, row: 1 });
});

Deno.test("highlight() inverts what is searched for, in small letters and large ones", () => {
  const rows = crop(stateOf("An \x1b[7merror\x1b[0m Err"), { cols: 12, rows: 1 }, { col: 0, row: 0 }).rows;
  const inverse = (text: string) =>
    highlight(rows, text)[0]!.filter(({ style }) => style.inverse).map((cell) => cell.text).join("");
  equal(inverse("err"), "or" + "Err");
  equal(inverse("Err"), "error" + "Err");
  equal(inverse(""), "error");
});

Deno.test("Painter draws on a terminal what the recording's terminal shows, whatever that was sent, and only what has changed", () => {
  for (let seed = 0; seed < 150; seed++) {
    const random = randomOf(seed), size = { cols: 30, rows: 8 };
    const painter = new Painter(), viewer = make(size), recorded = make(size);
    viewer.write(encode(painter.enter()));
    for (let frame = 0; frame < 4; frame++) {
      recorded.write(anyBytes(random, 30));
      const state = recorded.snapshot();
      const room = { cols: state.cols, rows: state.rows };
      const drawn = painter.paint(crop(state, room, { col: 0, row: 0 }), room);
      ok(!/\x1b\]|\x1bP|\x1b\[c|\x1b\[\d*n|[\x00-\x06\x08-\x1a]/.test(drawn));
      viewer.write(encode(drawn));
      deepEqual(screenText(viewer.snapshot()), screenText({ ...state, ...unwrapped(state) }), `seed ${seed}`);
      equal(painter.paint(crop(state, room, { col: 0, row: 0 }), room), "");
    }
    viewer.write(encode(painter.leave()));
    equal(viewer.isAlternate, false);
    deepEqual(viewer.snapshot().modes, {});
  }
});

/** What is drawn row by row does not wrap. */
function unwrapped({ normal, alternate, active }: ReturnType<typeof stateOf>) {
  const rows = (active === "alternate" ? alternate! : normal).rows.map(({ cells }) => ({ cells }));
  return active === "alternate" ? { alternate: { rows } } : { normal: { rows } };
}

Deno.test("Painter puts lines of our own over the picture, and hides a cursor under them", () => {
  const painter = new Painter(), room = { cols: 12, rows: 4 };
  const picture = crop(stateOf("\x1b[4;3Hx"), room, { col: 0, row: 0 });
  match(painter.paint(picture, room, new Map([[3, "ours"]])), /\x1b\[4;1H\x1b\[0mours\x1b\[\?25l\x1b\[\?2026l$/);
  match(painter.paint(picture, room), /\x1b\[4;4H\x1b\[\?25h/);
  equal(rowOf([{ text: "a\x1b]0;x\x07", width: 1, style: {} }]).includes("\x1b]"), false);
});

Deno.test("Painter tells colours that a program changed as they are, in a form that older terminals know", () => {
  const row = (text: string) => rowOf(crop(stateOf(text), { cols: 12, rows: 1 }, { col: 0, row: 0 }).rows[0]!);
  match(row("\x1b]4;1;rgb:01/02/03\x07\x1b[31mx"), /38;2;1;2;3mx/);
  match(row("\x1b]10;rgb:0a/0b/0c\x07x"), /38;2;10;11;12mx/);
  match(row("\x1b[38;5;200mx"), /38;5;200mx/);
});

Deno.test("KeyParser gives keys however their bytes are split, and none for what a terminal answers", () => {
  const typed = encode("a\x1b[C\x1b[1;2D\x1bOB\r\x7f\x03é\x1b[?1;2c\x1b]11;rgb:0/0/0\x07\x1bP1$r0m\x1b\\\x1b[5~q\x01");
  const keys = ["a", "right", "S-left", "down", "enter", "backspace", "C-c", "é", "q"];
  deepEqual(new KeyParser().push(typed), keys);
  const parser = new KeyParser();
  deepEqual([...typed].flatMap((byte) => parser.push(Uint8Array.of(byte))), keys);
  deepEqual(parser.push(encode("\x1b")), []);
  equal(parser.isWaiting, true);
  deepEqual(parser.flush(), ["escape"]);
  deepEqual(parser.push(encode("\x1b\x1b[A")), ["escape", "up"]);
  deepEqual([parser.push(encode("\x1b[")), parser.flush()], [[], []]);
});

Deno.test("statusLine() fits its width, shows how far it is, and every marker", () => {
  const state = { phase: "paused", position: 30 * SECOND, speed: 0.25 } as const;
  const status = {
    state,
    duration: 60 * SECOND,
    complete: true,
    markers: [{ time: 45 * SECOND, label: "a" }],
    words: "words",
  };
  const line = statusLine(status, 60);
  match(line, /^ ‖ 0:30\.000\/1:00 ━+●─+┿─+ 0\.25x words $/);
  for (const width of [0, 1, 10, 30, 60, 200]) equal(columns(statusLine(status, width)), width);
  const playing = {
    ...status,
    complete: false,
    words: "",
    state: { phase: "playing", position: 0, speed: Infinity, seeking: true } as const,
  };
  match(statusLine({ ...playing, duration: 0 }, 60), /^ » 0:00\/0:00\+ ●.* max $/);
  equal(clockTime(3723.5 * SECOND, true), "1:02:03.500");
  equal(fit("a\x1b漢字", 5), "a·漢 ");
});
