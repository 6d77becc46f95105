/**
 * `term2ai render` to png and gif: pictures that need fonts.
 * @module
 */

import { hostFonts } from "../../host/fonts.ts";
import { loadRasterizer } from "../../host/rasterizer.ts";
import { chooseFonts } from "../../render/choose_fonts.ts";
import type { FontSet } from "../../render/font_set.ts";
import { type PixelTools, screenPng, sessionGif } from "../../render/pictures.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { writeBytes } from "../output/output.ts";
import { bytesOf, type Drawn, type Still } from "./drawn.ts";
import { partOf } from "./part.ts";
import { tell } from "../source/stdio.ts";
import { themeNamed } from "./themes.ts";

export async function drawPng({ flags: { theme, font, noCursor, ...flags }, output, moment }: Still): Promise<void> {
  const tools = await toolsFor(font);
  const { state, header } = moment;
  const { fontSize, padding } = flags;
  const size = { ...(fontSize !== undefined && { fontSize }), ...(padding !== undefined && { padding }) };
  const look = { theme: themeNamed(theme, header?.theme), cursor: !noCursor, ...size };
  await writeBytes(output, bytesOf(screenPng(state, tools, look)));
  tellMissing(tools.fonts);
}

export async function drawGif(drawn: Drawn): Promise<void> {
  const { flags: { theme, font, noCursor, once, fontSize, padding, fps, hold }, output } = drawn;
  const tools = await toolsFor(font), make = await loadEmulator();
  const given = { fontSize, padding, fps, hold };
  const gif = await sessionGif(partOf(drawn, make), make, tools, {
    theme: (recorded) => themeNamed(theme, recorded),
    cursor: !noCursor,
    loop: !once,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  });
  await writeBytes(output, gif);
  tellMissing(tools.fonts);
}

async function toolsFor(font: readonly string[] | undefined): Promise<PixelTools> {
  const fonts = await chooseFonts(hostFonts, font);
  return { fonts, rasterizer: await loadRasterizer() };
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
