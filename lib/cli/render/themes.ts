/**
 * Colours by name, as they were recorded, or out of a file.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { Theme } from "../../event.ts";
import { isColor, THEMES } from "../../terminal/themes.ts";
import { readWholeTextSync } from "../../host/whole_file.ts";

/**
 * The theme that `name` means; without a name the one that was recorded, else `dark`.
 *
 * @throws {UsageError} If there is none.
 */
export function themeNamed(name: string | undefined, recorded: Theme | undefined): Theme {
  if (name === undefined) return recorded ?? THEMES["dark"]!;
  if (name === "recorded") {
    if (recorded) return recorded;
    throw new UsageError("Cannot use the theme of the recording: it has none; choose another with --theme");
  }
  if (Object.hasOwn(THEMES, name)) return THEMES[name]!;
  if (/[/\\.]/.test(name)) return themeIn(name);
  const known = [...Object.keys(THEMES), "recorded"].join(", ");
  throw new UsageError(`Cannot find a theme ${JSON.stringify(name)}: expected one of ${known}, or a JSON file`);
}

function themeIn(path: string): Theme {
  const text = readWholeTextSync(path, { isNamed: true });
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read the theme ${path}: it is not JSON`, { cause: error });
  }
  const theme = asTheme(read);
  if (theme) return theme;
  throw new UsageError(
    `Cannot use the theme ${path}: expected "foreground", "background" and a "palette" of 8 or 16 colours, each as "#rrggbb"`,
  );
}

/** Our words, or those of asciicast: `fg`, `bg`, and the palette in one text. */
function asTheme(read: unknown): Theme | undefined {
  const { fg, bg, foreground = fg, background = bg, palette } = Object(read);
  const colors: unknown = typeof palette === "string" ? palette.split(":") : palette;
  if (!isColor(foreground) || !isColor(background) || !Array.isArray(colors)) return undefined;
  return [8, 16].includes(colors.length) && colors.every(isColor)
    ? { foreground, background, palette: colors }
    : undefined;
}
