import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import type { ScreenState } from "../lib/event.ts";
import { loadRasterizer } from "../lib/host/rasterizer.ts";
import { shapeOf } from "../lib/terminal/box_drawing.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { looksOf } from "../lib/terminal/looks.ts";
import { screenSvg } from "../lib/terminal/screen_svg.ts";
import { ScreenColors, THEMES } from "../lib/terminal/themes.ts";
import { blank } from "./support/events.ts";
import { screenState } from "./support/generate.ts";
import { hasDejavu, pngOf, REFERENCES, screenOf, SCREENS } from "./support/screens.ts";
import { anyBytes, randomOf } from "./support/terminal_streams.ts";

const make = await loadEmulator();
const rasterizer = await loadRasterizer();

function stateOf(text: string, cols = 20, rows = 4): ScreenState {
  const emulator = make({ cols, rows });
  emulator.write(new TextEncoder().encode(text));
  return emulator.snapshot();
}

for (const name of Object.keys(SCREENS)) {
  Deno.test(`screenSvg() draws the screen "${name}" as its reviewed reference`, async () => {
    const reference = await Deno.readTextFile(new URL(`${name}.svg`, REFERENCES));
    equal(screenSvg(await screenOf(name), { title: name }), reference);
  });
}

for (const name of ["styles", "lines"]) {
  Deno.test(`a png of the screen "${name}" looks as its reviewed reference`, async () => {
    if (!hasDejavu()) return;
    const pixels = (png: Uint8Array, width: number, height: number) => {
      const image = `<image width="${width}" height="${height}" href="data:image/png;base64,${png.toBase64()}"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${image}</svg>`;
      return rasterizer.pixels(svg, []).data;
    };
    const [width, height] = [34 * 9 + 24, 10 * 18 + 24];
    const reference = await Deno.readFile(new URL(`${name}.png`, REFERENCES));
    const [found, expected] = [await pngOf(await screenOf(name)), reference].map((png) => pixels(png, width, height));
    equal(found!.length, 4 * width * height);
    const differing = found!.filter((value, at) => Math.abs(value - expected![at]!) > 64).length;
    ok(differing / found!.length < 0.01, `${differing} of ${found!.length} values differ`); // letters, by the font's version
  });
}

Deno.test("screenSvg() is well-formed XML without scripts, whatever the screen holds", () => {
  fc.assert(
    fc.property(screenState, fc.string({ unit: "binary" }), (state, title) => {
      const hostile = { ...state, colors: { "1": `"><script>`, "10": "url(x)", "11": "#fff" } };
      const svg = screenSvg(hostile, { title, theme: { foreground: `"/>`, background: "red", palette: ["<"] } });
      doesNotMatch(svg, /<script|javascript:|\son\w+=/i);
      rasterizer.pixels(svg.replace(/width="\d+" height="\d+" role/, 'width="9" height="9" role'), []);
    }),
    { numRuns: 60 },
  );
  for (let seed = 0; seed < 60; seed++) {
    const emulator = make({ cols: 20, rows: 8 });
    emulator.write(anyBytes(randomOf(9e6 + seed), 60));
    equal(rasterizer.pixels(screenSvg(emulator.snapshot(), { padding: 0 }), []).width, 180, `seed ${seed}`);
  }
});

Deno.test("screenSvg() has the text of a row in one piece, to be selected and searched, and no blanks behind it", () => {
  const texts = (state: ScreenState) =>
    [...screenSvg(state, { cursor: false }).matchAll(/<text[^>]*>(.*?)<\/text>/g)].map(([, spans]) =>
      spans!.replace(/<[^>]*>/g, "")
    );
  deepEqual(texts(stateOf("a \x1b[31mred\x1b[0m  word   \r\n┌─┐ 漢字\r\n   indented")), [
    "a red  word",
    "┌─┐ 漢字",
    "   indented",
  ]);
  deepEqual(texts(stateOf("\x1b[8msecret")), [], "what is hidden is not in the picture");
});

Deno.test("screenSvg() links to places on the net, and to nothing else", () => {
  const link = (uri: string) => screenSvg(stateOf(`\x1b]8;;${uri}\x1b\\x\x1b]8;;\x1b\\`));
  match(
    link("https://example.com/?a=1&b=2"),
    /<a href="https:\/\/example.com\/\?a=1&amp;b=2" rel="noopener noreferrer"/,
  );
  match(link("mailto:a@example.com"), /<a href="mailto/);
  for (
    const uri of ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//x"]
  ) {
    doesNotMatch(link(uri), /<a /, uri);
  }
});

Deno.test("screenSvg() draws the cursor as its shape says, over a wide character as wide, and not where it is hidden", () => {
  const under = (text: string, cursor = true) => screenSvg(stateOf(text), { padding: 0, cursor });
  match(under("ab"), /fill="#d9dbe0"[^>]* d="M18 0h9v18h-9z"/);
  match(under("漢\x1b[D"), /d="M0 0h18v18h-18z"/);
  match(under("\x1b[6 qab"), /d="M18 0h2v18h-2z"/);
  match(under("\x1b[4 qab"), /d="M18 16h9v2h-9z"/);
  match(under("x".repeat(20)), /d="M171 0h9v18h-9z"/, "about to wrap it stands on the last column");
  for (const svg of [under("ab\x1b[?25l"), under("ab", false)]) doesNotMatch(svg, /<path/);
});

Deno.test("colours come from the theme, the palette, and what a program changed of them", () => {
  const of = (text: string, theme = THEMES["xterm"]!) => {
    const state = stateOf(text);
    return looksOf(state, new ScreenColors(theme, state)).at(-1)!.color;
  };
  equal(of("\x1b[31mx"), "#cd0000");
  equal(of("\x1b[95mx"), "#ff00ff");
  equal(of("\x1b[38;5;16mx"), "#000000");
  equal(of("\x1b[38;5;208mx"), "#ff8700");
  equal(of("\x1b[38;5;255mx"), "#eeeeee");
  equal(of("\x1b[38;2;1;2;3mx"), "#010203");
  equal(of("\x1b[2mx"), "#7e7e7e");
  equal(of("\x1b[7mx"), "#000000");
  equal(of("\x1b]4;1;rgb:12/34/56\x1b\\\x1b[31mx"), "#123456");
  equal(new ScreenColors(THEMES["xterm"]!, stateOf("\x1b]11;rgb:12/34/56\x1b\\")).background, "#123456");
  equal(
    of("\x1b[95mx", { foreground: "#ffffff", background: "#000000", palette: Array(8).fill("#aabbcc") }),
    "#aabbcc",
  );
});

Deno.test("shapes of lines reach the edges of their cell, so that they meet the next", () => {
  const place = { x: 0, y: 0, width: 9, height: 18 };
  const ends = (text: string) => {
    const path = shapeOf(text, place)!.fill!;
    const bars = [...path.matchAll(/M([-\d.]+) ([-\d.]+)h([-\d.]+)v([-\d.]+)/g)].map((its) => its.slice(1).map(Number));
    const [left, top] = [Math.min(...bars.map(([x]) => x!)), Math.min(...bars.map(([, y]) => y!))];
    return [left, top, Math.max(...bars.map(([x, , w]) => x! + w!)), Math.max(...bars.map(([, y, , h]) => y! + h!))];
  };
  for (const text of "┼╋╬╪╫█") deepEqual(ends(text), [0, 0, 9, 18], text);
  for (const text of "─━═") deepEqual([ends(text)[0], ends(text)[2]], [0, 9], text);
  for (const text of "│┃║") deepEqual([ends(text)[1], ends(text)[3]], [0, 18], text);
  for (const text of "┌┏╔╒╓") deepEqual(ends(text).slice(2), [9, 18], text);
  for (let code = 0x2500; code < 0x25a0; code++) {
    const { fill = "", stroke = "" } = shapeOf(String.fromCodePoint(code), place)!;
    match(fill + stroke, /^M/, code.toString(16));
    doesNotMatch(fill + stroke, /NaN|undefined|Infinity/, code.toString(16));
  }
  equal(shapeOf("a", place), undefined);
  equal(shapeOf("─\u0301", place), undefined, "with an accent it is text");
  equal(shapeOf("", place), undefined);
});

Deno.test("screenSvg() of an empty screen, and of one that is larger than its rows, has the screen's size", () => {
  match(screenSvg(blank(), { padding: 0 }), /viewBox="0 0 720 432"/);
  match(screenSvg({ ...blank(), cols: 2048, rows: 2048 }, { fontSize: 10, padding: 1 }), /viewBox="0 0 12290 24578"/);
});
