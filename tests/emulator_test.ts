import { deepStrictEqual, equal, ok } from "node:assert/strict";
import type { ScreenState } from "../lib/event.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { createEngine } from "../lib/terminal/engine.ts";
import { XtermEmulator } from "../lib/terminal/xterm_emulator.ts";
import { openRecording } from "../formats/mod.ts";
import { FormatError } from "../lib/errors.ts";
import { collect } from "../lib/stream/collect.ts";
import { blobSource } from "../lib/stream/source.ts";
import { withFolder } from "./support/cli.ts";
import { castNames, sharedCast } from "./support/shared_casts.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();
const encode = (text: string) => new TextEncoder().encode(text);
const SIZE = { cols: 20, rows: 8 };

/** What shows after some output. */
function shown(text: string, size = SIZE): ScreenState {
  const emulator = make(size);
  emulator.write(encode(text));
  return emulator.snapshot();
}

Deno.test("Emulator.restore() gives the state it was given, for anything that a program may have printed", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = randomOf(seed), emulator = make(SIZE);
    emulator.write(anyBytes(random, 60));
    const state = emulator.snapshot(), other = make({ cols: 80, rows: 24 });
    other.restore(state);
    deepStrictEqual(other.snapshot(), state, `seed ${seed}`);
  }
});

Deno.test("Emulator.restore() goes on as if there had been no interruption, wherever it was", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = randomOf(1e6 + seed), whole = make(SIZE), other = make(SIZE);
    const bytes = anyBytes(random, 80), cut = random(bytes.length + 1);
    whole.write(bytes.subarray(0, cut));
    other.restore(whole.snapshot());
    const [cols, rows] = random(8) === 0 ? [10 + random(30), 2 + random(12)] : [SIZE.cols, SIZE.rows];
    for (const emulator of [whole, other]) {
      emulator.resize(cols, rows);
      emulator.write(bytes.subarray(cut));
    }
    deepStrictEqual(other.snapshot(), whole.snapshot(), `seed ${seed}`);
  }
});

Deno.test("Emulator.restore() goes on with every recording of the collection, wherever its output is split", async () => {
  for (const name of castNames()) {
    const bytes = await sharedCast(name);
    const { events } = await openRecording(blobSource(name, new Blob([bytes!]))).catch(ignoreOthers);
    const all = await collect(events).catch(ignoreOthers);
    if (!Array.isArray(all) || all[0]?.kind !== "header") continue;
    const random = randomOf(name.length), { cols, rows } = all[0].header;
    const splits = new Set(Array.from({ length: 12 }, () => random(all.length)));
    const whole = make({ cols, rows });
    const others: ReturnType<typeof make>[] = [];
    for (const [at, event] of all.entries()) {
      if (event.kind === "resize") [whole, ...others].forEach((emulator) => emulator.resize(event.cols, event.rows));
      if (event.kind !== "output") continue;
      const cut = splits.has(at) ? random(event.data.length + 1) : 0;
      [whole, ...others].forEach((emulator) => emulator.write(event.data.subarray(0, cut)));
      if (splits.has(at)) {
        const state = whole.snapshot(), other = make({ cols: 80, rows: 24 });
        other.restore(state);
        deepStrictEqual(other.snapshot(), state, name);
        others.push(other);
      }
      [whole, ...others].forEach((emulator) => emulator.write(event.data.subarray(cut)));
    }
    for (const other of others) deepStrictEqual(other.snapshot(), whole.snapshot(), name);
  }
});

/** Not every file there is a recording. */
function ignoreOthers(error: unknown): never[] & { events: ReadableStream<never> } {
  if (error instanceof FormatError) return Object.assign([], { events: ReadableStream.from([]) });
  throw error;
}

Deno.test("Emulator.write() shows the same however the bytes are split", () => {
  for (let seed = 0; seed < 2000; seed++) {
    const random = randomOf(2e6 + seed), whole = make(SIZE), parts = make(SIZE);
    const bytes = anyBytes(random, 60);
    whole.write(bytes);
    for (let at = 0; at < bytes.length;) parts.write(bytes.subarray(at, at += 1 + random(5)));
    deepStrictEqual(parts.snapshot(), whole.snapshot(), `seed ${seed}`);
  }
});

Deno.test("Emulator.snapshot() tells cells, their looks, and where the cursor is", () => {
  const state = shown("a\x1b[1;31mb\x1b[0m\x1b[5Cx\r\n漢👍🏽\x1b[4:3;58;5;9mu");
  deepStrictEqual(
    state.styles,
    [{ underline: 3, underlineColor: 9 }, { foreground: 1, bold: true }].toSpliced(0, 0, {} as never).sort(
      (a, b) =>
        state.styles.findIndex((style) => JSON.stringify(style) === JSON.stringify(a)) -
        state.styles.findIndex((style) => JSON.stringify(style) === JSON.stringify(b)),
    ),
  );
  const [first, second] = state.normal.rows;
  const red = state.styles.findIndex((style) => style.bold), curly = state.styles.findIndex((style) => style.underline);
  deepStrictEqual(first, { cells: [[0, "a"], [red, "b"], [0, 5], [0, "x"]] });
  deepStrictEqual(second, { cells: [[0, "漢", 2], [0, "👍🏽", 2], [curly, "u"]] });
  deepStrictEqual([state.cursor.col, state.cursor.row, state.cursor.style], [5, 1, curly]);
});

Deno.test("Emulator.snapshot() tells modes, title, margins, tabs, links, colours and character sets", () => {
  const state = shown(
    "\x1b[?2004h\x1b[?25l\x1b[?1006h\x1b[4h\x1b]2;name\x07\x1b[2;5r\x1b[3g\x1b[1;4H\x1bH\x1b(0\x0e\x1b]8;id=i;http://x/\x07q\x1b]4;3;#010203\x07\x1b[5 q",
  );
  deepStrictEqual(state.modes, { "4": true, "?2004": true, "?1006": true, "?25": false });
  deepStrictEqual([state.title, state.margins, state.tabs, state.cursorShape], ["name", [1, 4], [3], 5]);
  deepStrictEqual([state.links, state.colors], [[{ uri: "http://x/", id: "i" }], { "3": "#010203" }]);
  deepStrictEqual([state.cursor.charsets, state.cursor.charset], [["0", "B", "B", "B"], 1]);
});

Deno.test("Emulator.snapshot() keeps what is half read: a character, a sequence, a title", () => {
  for (const text of ["\x1b", "\x1b[3", "\x1b]0;ti", "\x1bP1;2q#0"]) {
    deepStrictEqual(shown("done" + text).pending, encode(text));
  }
  const emulator = make(SIZE);
  emulator.write(Uint8Array.of(0x41, 0xe2, 0x82));
  deepStrictEqual(emulator.snapshot().pending, Uint8Array.of(0xe2, 0x82));
  emulator.write(Uint8Array.of(0xac));
  deepStrictEqual([emulator.snapshot().pending, emulator.snapshot().normal.rows[0]], [undefined, {
    cells: [[0, "A€"]],
  }]);
});

Deno.test("Emulator keeps both screens, and the cursor that each of them saved", () => {
  const state = shown("normal\x1b[3;4H\x1b7\x1b[?1049h\x1b[Halt\x1b[5;5H\x1b7");
  equal(state.active, "alternate");
  deepStrictEqual([state.normal.rows[0], state.alternate?.rows[0]], [{ cells: [[0, "normal"]] }, {
    cells: [[0, "alt"]],
  }]);
  deepStrictEqual([state.normal.saved?.col, state.normal.saved?.row], [3, 2]);
  deepStrictEqual([state.alternate?.saved?.col, state.alternate?.saved?.row], [4, 4]);
});

Deno.test("Emulator survives what ends its engine, and goes on right behind it", () => {
  // Erasing above from the last cell of the last row.
  const state = shown("\x1b[8;20Hx\x1b[1J\x1b[Hafter");
  deepStrictEqual(state.normal.rows, [{ cells: [[0, "after"]] }]);
});

/** A terminal whose engine throws at `CSI z`, and what it has thrown so far. */
function fragile(options: { cols: number; rows: number; keepLines?: boolean }) {
  let faults = 0;
  const emulator = new XtermEmulator(options, (cols, rows) => {
    const engine = createEngine(cols, rows);
    engine._inputHandler._parser.registerCsiHandler({ final: "z" }, () => {
      faults++;
      throw new Error("the engine has failed");
    });
    return engine;
  });
  return { emulator, faults: () => faults };
}

Deno.test("Emulator mends an error of its engine, losing only the sequence that caused it", () => {
  const { emulator, faults } = fragile({ cols: 10, rows: 2, keepLines: true });
  emulator.write(encode("one\r\ntwo\r\nthr\x1b[1mee"));
  emulator.write(encode("\x1b[31m\x1b[zand\x1b[z on\r\nfour"));
  ok(faults() > 0);
  const sound = make({ cols: 10, rows: 2, keepLines: true });
  sound.write(encode("one\r\ntwo\r\nthr\x1b[1mee\x1b[31mand on\r\nfour"));
  deepStrictEqual(emulator.snapshot(), sound.snapshot());
  deepStrictEqual(emulator.takeLines(), sound.takeLines());
});

Deno.test("Emulator mends one error after the other in time that grows with the bytes only", () => {
  const { emulator } = fragile(SIZE);
  const started = performance.now();
  emulator.write(encode("\x1b[zx".repeat(50_000)));
  ok(performance.now() - started < 20_000);
  equal(emulator.snapshot().normal.rows.length, SIZE.rows);
});

Deno.test("Emulator does nothing for minutes, whatever number it is told to repeat something", () => {
  const started = performance.now();
  for (const final of "@LMPSTXZIbABCDEFGHdae") shown(`x\x1b[2147483647${final}y`, { cols: 200, rows: 60 });
  for (const more of [" @", " A", "'}", "'~"]) shown(`x\x1b[2147483647${more}y`, { cols: 200, rows: 60 });
  ok(performance.now() - started < 20_000);
});

Deno.test("Emulator takes sizes that no terminal has as the nearest that it can have", () => {
  const sizes = [[0, 0], [1, 1], [1e9, 1]].map(([cols, rows]) => {
    const emulator = make({ cols: cols!, rows: rows! });
    return [emulator.cols, emulator.rows];
  });
  deepStrictEqual(sizes, [[2, 1], [2, 1], [2048, 1]]);
});

Deno.test("Emulator bounds what strings without an end, titles and links take", () => {
  const emulator = make(SIZE);
  emulator.write(encode("\x1b]2;" + "x".repeat(200_000)));
  ok(emulator.snapshot().pending!.length <= 65_536);
  emulator.write(encode("\x07"));
  equal(emulator.snapshot().title?.length, 1024);
  for (let link = 0; link < 20_000; link++) emulator.write(encode(`\x1b[H\x1b]8;;http://${link}/\x07x`));
  deepStrictEqual(emulator.snapshot().links, [{ uri: "http://19999/" }]);
});

Deno.test("loadEmulator() works whatever others keep in the memory that Buffers share", async () => {
  const script = `
    import { Buffer } from "node:buffer";
    Buffer.allocUnsafe(100).fill(Number(Deno.args[0]));
    const { loadEmulator } = await import(${
    JSON.stringify(new URL("../lib/terminal/emulator.ts", import.meta.url).href)
  });
    const emulator = (await loadEmulator())({ cols: 20, rows: 2 });
    emulator.write(new TextEncoder().encode("日本👩‍👩‍👧e\u0301|"));
    console.log(emulator.snapshot().cursor.col, typeof process, Buffer === globalThis.Buffer);`;
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/load.ts`, script);
    const config = new URL("../deno.json", import.meta.url).pathname;
    for (const filling of ["0", "7", "255"]) {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--quiet", "--config", config, `${folder}/load.ts`, filling],
        signal: AbortSignal.timeout(60_000),
      }).output();
      const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      equal(text, "8 object true\n", errors);
    }
  });
});

Deno.test("Emulator.takeLines() gives the lines that scrolled off, those that were wrapped joined", () => {
  const emulator = make({ cols: 10, rows: 2, keepLines: true });
  emulator.write(encode("short\r\n" + "0123456789abcdefghij\r\nlast 漢\r\n"));
  deepStrictEqual(emulator.takeLines(), ["short", "0123456789abcdefghij"]);
  emulator.write(encode("x".repeat(25)));
  deepStrictEqual([emulator.takeLines(), emulator.partialLine], [["last 漢"], "x".repeat(10)]);
  emulator.resize(10, 1);
  deepStrictEqual([emulator.takeLines(), emulator.partialLine], [[], "x".repeat(20)]);
  deepStrictEqual(make(SIZE).takeLines(), []);
});

Deno.test("Emulator.takeLines() has nothing of the alternate screen, nor of what scrolls inside of margins", () => {
  const emulator = make({ cols: 10, rows: 4, keepLines: true });
  emulator.write(encode("\x1b[?1049h" + "alt\r\n".repeat(9) + "\x1b[?1049l\x1b[2;3r\x1b[3H" + "in\r\n".repeat(9)));
  deepStrictEqual(emulator.takeLines(), []);
});
