/**
 * Fixed screens that show everything a picture has to get right. `deno run -A tests/support/screens.ts` draws the references in
 * `tests/fixtures/screens` anew; look at them before you keep them.
 * @module
 */

import type { ScreenState } from "../../lib/event.ts";
import type { FontHost, InstalledFont } from "../../lib/ports.ts";
import { loadRasterizer } from "../../lib/host/rasterizer.ts";
import { chooseFonts } from "../../lib/render/choose_fonts.ts";
import { loadEmulator } from "../../lib/terminal/emulator.ts";
import { screenSvg } from "../../lib/terminal/screen_svg.ts";

const SGR = (parameters: string, text: string) => `\x1b[${parameters}m${text}\x1b[0m`;
const LINK = (uri: string, text: string) => `\x1b]8;;${uri}\x1b\\${text}\x1b]8;;\x1b\\`;
const SWATCHES = Array.from({ length: 16 }, (_, at) => `\x1b[48;5;${at}m `).join("") + "\x1b[0m";
const RAINBOW = Array.from({ length: 30 }, (_, at) => `\x1b[48;2;${at * 8};${240 - at * 8};128m `).join("") + "\x1b[0m";

/** What is printed, by name: 34 columns and 10 rows at the most. */
export const SCREENS: Readonly<Record<string, string>> = {
  styles: [
    `plain ${SGR("1", "bold")} ${SGR("2", "dim")} ${SGR("3", "italic")} ${SGR("1;3", "both")}`,
    `${SGR("7", "inverse")} ${SGR("8", "secret")} ${SGR("9", "strike")} ${SGR("53", "overline")}`,
    `${SGR("4", "one")} ${SGR("4:2", "two")} ${SGR("4:3;58:2::255:0:0", "curly")} ${SGR("4:4", "dots")} ${
      SGR("4:5", "dashes")
    }`,
    SWATCHES,
    RAINBOW,
    `${SGR("38;5;208", "palette")} ${SGR("38;2;0;200;255", "truecolor")} ${SGR("41;97", "both")}`,
    `${LINK("https://example.com/?a=1&b=2", "a link")} ${LINK("javascript:alert(1)", "no link")}`,
    `<script>alert("x")</script> & 'q'`,
    "$ ",
  ].join("\r\n"),
  lines: [
    "┌──┬──┐ ┏━━┳━━┓ ╔══╦══╗ ╭──╮ ╒═╤═╕",
    "│  │  │ ┃  ┃  ┃ ║  ║  ║ │╳╱│ │ │ │",
    "├──┼──┤ ┣━━╋━━┫ ╠══╬══╣ │╲ │ ╞═╪═╡",
    "└──┴──┘ ┗━━┻━━┛ ╚══╩══╝ ╰──╯ ╘═╧═╛",
    "╓─╥─╖ ┄┅┆┇┈┉┊┋╌╍╎╏ ╴╵╶╷╸╹╺╻╼╽╾╿",
    "╟─╫─╢ ┝┞┟┠┡┢ ╃╄╅╆╇╈╉╊",
    "╙─╨─╜ ▀▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▐░▒▓▔▕",
    "▖▗▘▙▚▛▜▝▞▟ 🬀🬁🬂🬃🬞🬻 \ue0b0\ue0b1\ue0b2\ue0b3\x1b[?25l",
  ].join("\r\n"),
  wide: "漢字|カナ|한글|\r\n👍🏽|👨‍👩‍👧|🇩🇪|😀|\r\né ñ ж Ω ✔ ☎ ⣿\x1b[5 q\x1b[2;3H",
};

/** The screen of that name. */
export async function screenOf(name: string): Promise<ScreenState> {
  const emulator = (await loadEmulator())({ cols: 34, rows: 10 });
  emulator.write(new TextEncoder().encode(SCREENS[name]!));
  return emulator.snapshot();
}

const FOLDER = "/usr/share/fonts/truetype/dejavu";
const STYLES = { "": "Book", "-Bold": "Bold", "-Oblique": "Oblique", "-BoldOblique": "Bold Oblique" };

/** A machine with DejaVu Sans Mono and nothing else, so that pictures are the same everywhere. */
export const DEJAVU: FontHost = {
  list: () =>
    Promise.resolve(
      Object.entries(STYLES).map(([suffix, style]): InstalledFont => ({
        path: `${FOLDER}/DejaVuSansMono${suffix}.ttf`,
        family: "DejaVu Sans Mono",
        style,
        isMono: true,
      })).filter(({ path }) => isFile(path)),
    ),
  usual: () => Promise.resolve(""),
  read: (path) => Deno.readFileSync(path),
  find: () => undefined,
};

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Whether that font is installed; says so where it is not. */
export function hasDejavu(): boolean {
  const has = isFile(`${FOLDER}/DejaVuSansMono.ttf`);
  if (!has) console.log("  skipped: DejaVu Sans Mono is not installed (Debian: fonts-dejavu-core)");
  return has;
}

/** The picture of a screen as PNG, with DejaVu Sans Mono. */
export async function pngOf(state: ScreenState): Promise<Uint8Array> {
  const fonts = await chooseFonts(DEJAVU);
  return (await loadRasterizer()).png(screenSvg(state, { fonts }), fonts.buffers);
}

/** Where the references are. */
export const REFERENCES = new URL("../fixtures/screens/", import.meta.url);

if (import.meta.main) {
  await Deno.mkdir(REFERENCES, { recursive: true });
  for (const name of Object.keys(SCREENS)) {
    const state = await screenOf(name);
    await Deno.writeTextFile(new URL(`${name}.svg`, REFERENCES), screenSvg(state, { title: name }));
    if (name !== "wide") await Deno.writeFile(new URL(`${name}.png`, REFERENCES), await pngOf(state));
  }
}
