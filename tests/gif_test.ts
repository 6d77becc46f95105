import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import omggif from "omggif";
import { UsageError } from "../lib/errors.ts";
import { MILLISECOND, SECOND, type SessionEvent } from "../lib/event.ts";
import { loadRasterizer } from "../lib/host/rasterizer.ts";
import { chooseFonts } from "../lib/render/choose_fonts.ts";
import { filmOf, type FilmOptions } from "../lib/render/film.ts";
import { gifOf } from "../lib/render/gif.ts";
import { checkSize } from "../lib/render/picture_size.ts";
import { Tiles } from "../lib/render/tiles.ts";
import { concat, streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenSvg } from "../lib/terminal/screen_svg.ts";
import { ScreenTracker } from "../lib/terminal/screen_tracker.ts";
import { THEMES } from "../lib/terminal/themes.ts";
import { header, marker, output } from "./support/events.ts";
import { DEJAVU, hasDejavu, SCREENS } from "./support/screens.ts";

const make = await loadEmulator();
const rasterizer = await loadRasterizer();
const PADDING = 5;

/** A GIF, read by a decoder that is not ours. */
interface Decoded {
  readonly width: number;
  readonly height: number;
  /** Hundredths of a second. */
  readonly delays: readonly number[];
  /** Pixels as they show, frame by frame. */
  readonly pictures: readonly Uint8Array[];
  readonly bytes: number;
}

const film = (events: readonly SessionEvent[], options: Partial<FilmOptions> = {}) =>
  filmOf(streamOf(...events), make, { theme: () => THEMES["dark"]!, fps: 50, cursor: true, ...options });

async function gif(
  events: readonly SessionEvent[],
  options: Partial<FilmOptions> = {},
  hold = SECOND,
): Promise<Decoded> {
  const tiles = new Tiles(15, await chooseFonts(DEJAVU), rasterizer);
  const bytes = concat([...gifOf(await film(events, options), tiles, { padding: PADDING, hold, loop: true })]);
  const reader = new omggif.GifReader(bytes);
  const shown = new Uint8Array(4 * reader.width * reader.height), pictures: Uint8Array[] = [], delays: number[] = [];
  for (let frame = 0; frame < reader.numFrames(); frame++) {
    reader.decodeAndBlitFrameRGBA(frame, shown);
    pictures.push(shown.slice());
    delays.push(reader.frameInfo(frame).delay);
  }
  return { width: reader.width, height: reader.height, delays, pictures, bytes: bytes.length };
}

/** How many values of a picture are not those of the screen that `events` lead to, drawn as a picture by itself. */
async function differing(picture: Uint8Array, events: readonly SessionEvent[], tolerance: number): Promise<number> {
  const tracker = new ScreenTracker(make);
  for (const event of events) tracker.push(event);
  const fonts = await chooseFonts(DEJAVU);
  const { data } = rasterizer.pixels(screenSvg(tracker.state, { fonts, padding: PADDING }), fonts.buffers);
  equal(picture.length, data.length);
  return picture.filter((value, at) => Math.abs(value - data[at]!) > tolerance).length / data.length;
}

Deno.test("a gif has a frame for each change, and its delays add up to the session and what the last one stays", async () => {
  if (!hasDejavu()) return;
  const events = [
    header({ cols: 20, rows: 4 }),
    output(0.5 * SECOND, "one"),
    output(0.5 * SECOND, " two"), // at the same time
    marker(SECOND),
    output(1.234_5 * SECOND, "\r\nthree"),
    output(2 * SECOND, "\x1b[m"), // changes nothing
    output(3 * SECOND, "\x1b[2J"),
    marker(4 * SECOND, "the end"),
  ];
  const { delays, width, height } = await gif(events, {}, 2.5 * SECOND);
  deepEqual(delays, [50, 73, 177, 350]);
  deepEqual([width, height], [20 * 9 + 10, 4 * 18 + 10]);
});

Deno.test("a gif never loses time to rounding, and has no more frames than asked for", async () => {
  if (!hasDejavu()) return;
  const events: SessionEvent[] = [header({ cols: 10, rows: 2 })];
  for (let at = 1; at <= 1000; at++) events.push(output(at * 7.3 * MILLISECOND, `\r${at}`));
  for (const fps of [50, 30, 7]) {
    const { delays } = await gif(events, { fps }, 0);
    const sum = delays.reduce((sum, delay) => sum + delay, 0);
    ok(sum >= 730 && sum <= 730 + 100 / fps, `${sum}`); // the last change may have to wait for its turn
    ok(delays.length <= 7.3 * fps + 2, `${delays.length} frames at ${fps} a second`);
    ok(delays.length >= 7.3 * fps * 0.8, `${delays.length} frames at ${fps} a second`);
    ok(delays.slice(0, -1).every((delay) => delay >= Math.floor(100 / fps)), delays.join());
  }
});

Deno.test("each frame of a gif shows what a picture of that moment shows", async () => {
  if (!hasDejavu()) return;
  const steps = [
    ...["styles", "lines"].map((name) => `\x1bc${SCREENS[name]}`),
    "\x1bc\x1b[4:3;58:2::0:255:0mcurly\x1b[5;20H\x1b[6 qé",
    "\x1b[2;3Hx\x1b[?25l",
    "\x1b[?1049h\x1b[44m\x1b[2J other screen",
    "\x1b[?1049l",
    "\x1b]11;rgb:00/40/00\x1b\\", // another background for all
  ];
  const events = [header({ cols: 34, rows: 10 }), ...steps.map((text, at) => output((at + 1) * SECOND, text))];
  const { pictures } = await gif(events);
  equal(pictures.length, steps.length + 1);
  for (const [at, picture] of pictures.entries()) {
    // Soft edges have 15 steps, and in the padding the first background stays.
    const part = await differing(picture, events.slice(0, at + 1), 30);
    ok(part < (at === pictures.length - 1 ? 0.15 : 0.004), `frame ${at}: ${part} of the values differ`);
  }
});

Deno.test("a gif has exact colours as long as there are 255, and near ones when there are more", async () => {
  if (!hasDejavu()) return;
  const cells = (count: number) =>
    Array.from({ length: count }, (_, at) => `\x1b[48;2;${at % 256};${(at * 7) % 256};${(at * 31) % 256}m `).join("");
  const few = [header({ cols: 40, rows: 26 }), output(SECOND, cells(200) + "\x1b[?25l")];
  equal(await differing((await gif(few)).pictures.at(-1)!, few, 0), 0);
  const many = [header({ cols: 40, rows: 26 }), output(SECOND, cells(1000) + "\x1b[?25l")];
  ok(await differing((await gif(many)).pictures.at(-1)!, many, 40) < 0.02);
});

Deno.test("a frame of a gif has what changed and nothing else", async () => {
  if (!hasDejavu()) return;
  const lines = Array.from({ length: 24 }, (_, at) => `${at} the quick brown fox jumps over the lazy dog`).join("\r\n");
  const still = [header(), output(0, lines)];
  const typing = [...still, ...Array.from({ length: 40 }, (_, at) => output((at + 1) * SECOND, "x"))];
  const [before, after] = [(await gif(still)).bytes, (await gif(typing)).bytes];
  ok((after - before) / 40 < 300, `${(after - before) / 40} bytes for each letter that was typed`);
});

Deno.test("a gif has room for every size that the terminal had, and pauses of any length", async () => {
  if (!hasDejavu()) return;
  const events: SessionEvent[] = [
    header({ cols: 10, rows: 5 }),
    output(SECOND, "a"),
    { kind: "resize", time: 2 * SECOND, cols: 20, rows: 3 },
    output(2000 * SECOND, "b"),
  ];
  const { width, height, delays } = await gif(events);
  deepEqual([width, height], [20 * 9 + 10, 5 * 18 + 10]);
  equal(delays.reduce((sum, delay) => sum + delay, 0), 2001 * 100);
  equal(Math.max(...delays), 65_535);
});

Deno.test("a gif of a session without output, or without anything, is one picture", async () => {
  if (!hasDejavu()) return;
  deepEqual((await gif([header({ cols: 5, rows: 2 }), marker(3 * SECOND)])).delays, [400]);
  deepEqual((await gif([])).delays, [100]);
});

Deno.test("a gif that would be too large is refused before anything is drawn, with what is possible", async () => {
  const check = (cols: number, rows: number) => checkSize(cols, rows, { width: 9, height: 18 }, 0);
  await rejects(film([header({ cols: 2048, rows: 2048 })], { check }), (error: unknown) => {
    return error instanceof UsageError && /2048x2048.*18432x36864 pixels[^]*--font-size/.test(error.message);
  });
  const grows: SessionEvent[] = [header(), output(1, "x"), { kind: "resize", time: 2, cols: 2000, rows: 200 }];
  await rejects(film(grows, { check }), /2000x200 cells/);
});

Deno.test("a gif of more changes than anybody could watch is refused", async () => {
  const events: SessionEvent[] = [header()];
  for (let at = 1; at < 8; at++) events.push(output(at * SECOND, `\x1b[4${at}m\x1b[2J`));
  equal((await film(events, { mostChanges: 20_000 })).frames.length, 8);
  await rejects(film(events, { mostChanges: 10_000 }), /more than 0.01 million cells change[^]*--from/);
});
