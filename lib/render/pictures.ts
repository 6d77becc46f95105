/**
 * Pictures of pixels: a screen as PNG, a session as GIF.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import { type EventStream, type Nanos, type ScreenState, SECOND, type Theme } from "../event.ts";
import type { EmulatorMaker, Rasterizer } from "../ports.ts";
import { cellSize, screenSvg, type SvgOptions, USUAL_PADDING, USUAL_SIZE } from "../terminal/screen_svg.ts";
import { THEMES } from "../terminal/themes.ts";
import { filmOf } from "./film.ts";
import type { FontSet } from "./font_set.ts";
import { checkSize } from "./picture_size.ts";
import { Tiles } from "./tiles.ts";

/**
 * What pixels are made with.
 *
 * @example
 * ```ts ignore
 * const tools: PixelTools = { fonts: await chooseFonts(hostFonts), rasterizer: await loadRasterizer() };
 * ```
 */
export interface PixelTools {
  /** The fonts for text; they know afterwards which characters none of them has. */
  readonly fonts: FontSet;
  /** What draws. */
  readonly rasterizer: Rasterizer;
}

/**
 * Draws what a screen shows, as a PNG file.
 *
 * @throws {UsageError} If it would have more than 32 million pixels.
 *
 * @example
 * ```ts ignore
 * const png = screenPng(state, { fonts: await chooseFonts(hostFonts), rasterizer: await loadRasterizer() });
 * ```
 */
export function screenPng(
  state: ScreenState,
  { fonts, rasterizer }: PixelTools,
  options: Omit<SvgOptions, "fonts"> = {},
): Uint8Array {
  const { fontSize = USUAL_SIZE, padding = USUAL_PADDING } = options;
  checkSize(state.cols, state.rows, cellSize(fontSize, fonts.aspect), padding);
  const svg = screenSvg(state, { ...options, fonts });
  return rasterizer.png(svg, fonts.buffers);
}

/**
 * How a session is drawn as GIF.
 *
 * @example
 * ```ts
 * import { SECOND } from "@term2ai/term2ai";
 * const small: GifSettings = { fps: 10, fontSize: 10, hold: 5 * SECOND };
 * ```
 */
export interface GifSettings {
  /** Colours, by those that were recorded; without it those, or `dark`. */
  readonly theme?: (recorded: Theme | undefined) => Theme;
  /** Pictures in a second at the most, up to 50; 30 if left out. */
  readonly fps?: number;
  /** Whether the cursor is drawn; it is if left out. */
  readonly cursor?: boolean;
  /** In pixels; 15 if left out. */
  readonly fontSize?: number;
  /** Pixels around the screen; 12 if left out. */
  readonly padding?: number;
  /** How long the last picture stays; 3 s if left out. */
  readonly hold?: Nanos;
  /** Whether it begins again, for ever; it does if left out. */
  readonly loop?: boolean;
}

/**
 * Draws a session, one picture for each change, as the bytes of a GIF file.
 *
 * For one session; `join` makes one of several, `excerpt` takes a part, `idleLimit` shortens pauses.
 *
 * @throws {UsageError} If it would have more than 32 million pixels, more changes than 20 million cells, or go on for over a day.
 *
 * @example
 * ```ts ignore
 * const tools = { fonts: await chooseFonts(hostFonts), rasterizer: await loadRasterizer() };
 * const gif = await sessionGif(events, await loadEmulator(), tools);
 * await gif.pipeTo((await Deno.create("demo.gif")).writable);
 * ```
 */
export async function sessionGif(
  events: EventStream,
  make: EmulatorMaker,
  { fonts, rasterizer }: PixelTools,
  settings: GifSettings = {},
): Promise<ReadableStream<Uint8Array>> {
  const { theme = (recorded) => recorded ?? THEMES["dark"]!, fps = 30, cursor = true, loop = true } = settings;
  const { fontSize = USUAL_SIZE, padding = USUAL_PADDING, hold = 3 * SECOND } = settings;
  const tiles = new Tiles(fontSize, fonts, rasterizer);
  const check = (cols: number, rows: number) => checkSize(cols, rows, tiles, padding);
  const { gifOf } = await import("./gif.ts"); // with a package that nobody should need who draws none
  const film = await filmOf(events, make, { theme, fps, cursor, check });
  checkLength(film.end + hold);
  return ReadableStream.from(gifOf(film, tiles, { padding, hold, loop }));
}

const DAY = 86_400;

/** A frame says at the most that it stays for eleven minutes, so a pause of years would be millions of them. */
function checkLength(length: Nanos): void {
  if (length <= DAY * SECOND) return;
  const days = (length / SECOND / DAY).toFixed(1);
  throw new UsageError(
    `Cannot draw a gif of ${days} days: a day is the most\n` +
      "  Shorten its pauses with --idle-limit, or draw a part of it, with --from and --to",
  );
}
