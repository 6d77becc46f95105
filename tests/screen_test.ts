import { deepStrictEqual, equal, ok } from "node:assert/strict";
import type { ScreenState, SessionEvent } from "../lib/event.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenToAnsi } from "../lib/terminal/screen_ansi.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { ScreenTracker } from "../lib/terminal/screen_tracker.ts";
import { blank, header, keyframe, output } from "./support/events.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();
const encode = (text: string) => new TextEncoder().encode(text);

function stateOf(bytes: Uint8Array, cols = 20, rows = 8): ScreenState {
  const emulator = make({ cols, rows });
  emulator.write(bytes);
  return emulator.snapshot();
}

/** What escape sequences can say of a state, with styles in the cells, since their order may differ. */
function sayable(state: ScreenState): unknown {
  const { styles, links, normal, alternate, active, last: _, ...rest } = state;
  const style = (index: number) => {
    const { link, ...its } = styles[index]!;
    return link === undefined ? its : { ...its, link: links![link] };
  };
  const cursor = ({ style: index, ...its }: ScreenState["cursor"]) => ({ ...its, style: style(index) });
  /** An erased cell has a background and nothing else. */
  const cellsOf = (cells: ScreenState["normal"]["rows"][number]["cells"]) => {
    const runs: [unknown, unknown, unknown?][] = [];
    for (const [index, what, width] of cells) {
      const its = style(index) as { background?: unknown }, last = runs.at(-1);
      const looks = typeof what === "string" ? its : its.background === undefined ? {} : { background: its.background };
      const isLike = JSON.stringify(last?.[0]) === JSON.stringify(looks) && typeof last?.[1] === "number";
      if (typeof what === "number" && isLike) last![1] = (last![1] as number) + what;
      else runs.push([looks, what, width]);
    }
    while (typeof runs.at(-1)?.[1] === "number" && JSON.stringify(runs.at(-1)![0]) === "{}") runs.pop();
    return runs;
  };
  const buffer = ({ rows, saved }: ScreenState["normal"]) => ({
    rows: rows.map(({ cells, wraps }) => ({ wraps, cells: cellsOf(cells) })),
    saved: saved && cursor({ ...saved, col: Math.min(saved.col, state.cols - 1) }),
  });
  return {
    ...rest,
    active,
    cursor: cursor(state.cursor),
    normal: buffer(normal),
    alternate: active && buffer(alternate!),
  };
}

/** The cursor is about to wrap, behind a cell that was erased since: no sequence brings it there without writing. */
function wrapsBehindNothing({ cols, cursor, normal, alternate, active }: ScreenState): boolean {
  const row = (active ? alternate! : normal).rows[cursor.row];
  const width = row?.cells.reduce(
    (sum, [, what, columns]) => sum + (typeof what === "number" ? what : columns ?? [...what].length),
    0,
  );
  return cursor.col === cols && (width !== cols || typeof row?.cells.at(-1)?.[1] === "number");
}

Deno.test("screenToAnsi() draws the same screen on a terminal that was reset", () => {
  let drawn = 0;
  for (let seed = 0; seed < 2000; seed++) {
    const state = stateOf(anyBytes(randomOf(3e6 + seed), 60));
    if (wrapsBehindNothing(state)) continue;
    deepStrictEqual(sayable(stateOf(screenToAnsi(state))), sayable(state), `seed ${seed}`);
    drawn++;
  }
  ok(drawn > 1900, `${drawn} of 2000`);
});

Deno.test("screenToAnsi() lets no title, link or mode end its sequence and say something else", () => {
  const hostile = {
    ...blank(),
    title: "a\x07\x1b[31mb",
    links: [{ uri: "http://\x1b\\x" }],
    styles: [{ link: 0 }],
    modes: { "?1h\x1b[5n": true },
  };
  const text = new TextDecoder().decode(screenToAnsi({ ...hostile, normal: { rows: [{ cells: [[0, "x"]] }] } }));
  equal(text.includes("[31m\x1b") || text.includes("\x07"), false);
  equal(text.includes("5n"), false);
  equal(text.includes("2;a[31mb\x1b\\"), true);
});

Deno.test("screenText() joins rows that were wrapped, and leaves out blanks at the end", () => {
  const lines = (text: string) => screenText(stateOf(encode(text), 10, 8));
  deepStrictEqual(lines("0123456789abc  \r\n\r\n  x \r\n\r\n"), ["0123456789abc", "", "  x"]);
  deepStrictEqual(lines("012345678漢字"), ["012345678漢字"], "a wide character that had no room any more");
  deepStrictEqual(lines("\x1b[?1049halt\x1b[3Cx"), ["alt   x"]);
  deepStrictEqual(lines(""), []);
});

Deno.test("ScreenTracker follows output, sizes and screens; a header begins anew, keyframes and gaps change nothing", () => {
  const tracker = new ScreenTracker(make);
  const text = (event: SessionEvent) => {
    tracker.push(event);
    return [tracker.state.cols, ...screenText(tracker.state)].join();
  };
  equal(text(header({ cols: 10, rows: 4 })), "10");
  equal(text(output(1, "one")), "10,one");
  equal(text({ kind: "resize", time: 2, cols: 20, rows: 4 }), "20,one");
  equal(text(keyframe(3)), "20,one");
  equal(text({ kind: "gap", time: 4, reason: "overload" }), "20,one");
  equal(
    text({ kind: "screen", time: 5, state: { ...blank(), normal: { rows: [{ cells: [[0, "two"]] }] } } }),
    "80,two",
  );
  equal(text(header({ cols: 30 })), "30");
});
