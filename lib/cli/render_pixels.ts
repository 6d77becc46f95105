/**
 * `term2ai render` to png and gif: pictures that need fonts.
 * @module
 */

import { SECOND } from "../event.ts";
import { hostFonts } from "../host/fonts.ts";
import { loadRasterizer } from "../host/rasterizer.ts";
import { chooseFonts } from "../render/choose_fonts.ts";
import { filmOf } from "../render/film.ts";
import type { FontSet } from "../render/font_set.ts";
import { checkSize, gifOf } from "../render/gif.ts";
import { Tiles } from "../render/tiles.ts";
import { loadEmulator } from "../terminal/emulator.ts";
import { cellSize, screenSvg, USUAL_PADDING, USUAL_SIZE } from "../terminal/screen_svg.ts";
import { writeBytes } from "./output.ts";
import { bytesOf, type Drawn, momentOf } from "./render_formats.ts";
import { partOf } from "./render_part.ts";
import { tell } from "./stdio.ts";
import { themeNamed } from "./themes.ts";

export async function drawPng(drawn: Drawn): Promise<void> {
  const { flags: { theme, font, fontSize = USUAL_SIZE, padding = USUAL_PADDING, noCursor }, output } = drawn;
  const fonts = await chooseFonts(hostFonts, font);
  const { state, header } = await momentOf(drawn);
  checkSize(state.cols, state.rows, cellSize(fontSize, fonts.aspect), padding);
  const options = { theme: themeNamed(theme, header?.theme), fontSize, padding, cursor: !noCursor, fonts };
  const svg = screenSvg(state, options);
  const png = (await loadRasterizer()).png(svg, fonts.buffers);
  await writeBytes(output, bytesOf(png));
  tellMissing(fonts);
}

export async function drawGif(drawn: Drawn): Promise<void> {
  const { flags, output } = drawn;
  const { theme, font, fontSize = USUAL_SIZE, padding = USUAL_PADDING, noCursor, fps = 30, hold = 3 * SECOND } = flags;
  const fonts = await chooseFonts(hostFonts, font);
  const tiles = new Tiles(fontSize, fonts, await loadRasterizer());
  const make = await loadEmulator();
  const film = await filmOf(partOf(drawn, make), make, {
    theme: (recorded) => themeNamed(theme, recorded),
    fps,
    cursor: !noCursor,
    check: (cols, rows) => checkSize(cols, rows, tiles, padding),
  });
  await writeBytes(output, ReadableStream.from(gifOf(film, tiles, { padding, hold, loop: !flags.once })));
  tellMissing(fonts);
}

/** Kinds of characters that come with fonts of their own, and what such a font is called at Debian's. */
const KINDS: readonly (readonly [RegExp, string, string])[] = [
  [/\p{Emoji_Presentation}|\ufe0f/u, "emoji", "fonts-noto-color-emoji"],
  [/[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Hang}\uff00-\uffef]/u, "Chinese, Japanese or Korean", "fonts-noto-cjk"],
  [/[\ue000-\uf8ff\u{f0000}-\u{fffff}]/u, "symbols of a patched font", "a Nerd Font"],
];

/** Says once which characters no font has. */
function tellMissing({ missing }: FontSet): void {
  if (missing.size === 0) return;
  const kinds = KINDS.filter(([kind]) => [...missing].some((text) => kind.test(text)));
  const shown = [...missing].slice(0, 8).map((text) => {
    const code = text.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    return `U+${code}`;
  });
  const more = missing.size > shown.length ? ` and ${missing.size - shown.length} more` : "";
  const install = kinds.map(([, what, name]) => `${what}: ${name}`).join("; ");
  tell(
    `no font here has ${shown.join(", ")}${more}: boxes, or nothing, stand for them\n` +
      `  Install one${install === "" ? "" : ` (${install})`}, or name one with --font\n`,
  );
}
