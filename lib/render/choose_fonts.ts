/**
 * Chooses the fonts for pictures from those that a machine has, or that were asked for.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../errors.ts";
import type { FontHost, InstalledFont } from "../ports.ts";
import { FontFile } from "./font_file.ts";
import { FontSet } from "./font_set.ts";

/** Families for most of the text, best first, where the user has no preference. */
const MAIN = [
  "DejaVu Sans Mono",
  "JetBrains Mono",
  "Fira Code",
  "Cascadia Mono",
  "Source Code Pro",
  "Noto Sans Mono",
  "Liberation Mono",
  "Ubuntu Mono",
  "Menlo",
  "Consolas",
  "Courier New",
];

/** Families for what those do not have: signs, Chinese, Japanese and Korean, emoji. */
const OTHERS = [
  /^dejavusans$/,
  /^notosanssymbols/,
  /^symbola/,
  /^symbolsnerdfont/,
  /^notosansmonocjk/,
  /^notosanscjk/,
  /^sourcehan/,
  /^wenquanyi|^droidsansfallback|^pingfang|^hiragino|^applesdgothic|^ipa|^takao|^msgothic|^yugothic|^malgun|^simsun/,
  /^notocoloremoji/,
  /^notoemoji|^openmoji|^twemoji|^segoeuiemoji|^applecoloremoji/,
];

/**
 * The fonts to draw with.
 *
 * @param wanted Files or families: the first one is for most of the text, the others for what it does not have.
 * @throws {UsageError} If one that is wanted is not there, or nothing of fixed width is.
 * @throws {FormatError} If a file is no font.
 *
 * @example
 * ```ts ignore
 * const fonts = await chooseFonts(hostFonts, ["JetBrains Mono", "/home/ada/emoji.ttf"]);
 * ```
 */
export async function chooseFonts(host: FontHost, wanted: readonly string[] = []): Promise<FontSet> {
  const installed = await host.list();
  const chosen = wanted.map((name) => facesOf(name, installed));
  const main = chosen[0] ?? await usualFaces(host, installed);
  const read = (path: string) => new FontFile(host.read(path), path);
  const others = OTHERS.flatMap((family) =>
    installed.filter((font) => family.test(plain(font.family)) && isRegular(font))
  );
  return new FontSet({
    main: main.map(({ path }) => read(path)),
    others: [
      ...chosen.slice(1).flat().map(({ path }) => read(path)).map((font) => () => font),
      ...new Set(others.map(({ path }) => path)).values().map((path) => () => tried(() => read(path))),
    ],
    find: (code) => {
      const path = host.find(code);
      return path === undefined ? undefined : tried(() => read(path));
    },
  });
}

/** An installed font that cannot be read is one that is not there. */
function tried(read: () => FontFile): FontFile | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** The faces of what was asked for, the regular one first. */
function facesOf(name: string, installed: readonly InstalledFont[]): InstalledFont[] {
  if (/[/\\]|\.(?:ttf|otf|ttc|otc)$/i.test(name)) return [{ path: name, family: name, style: "Regular", isMono: true }];
  const faces = familyOf(name, installed);
  if (faces.length > 0) return faces;
  const some = [...new Set(installed.filter(({ isMono }) => isMono).map(({ family }) => family))].slice(0, 8);
  const there = some.length > 0 ? `installed are ${some.join(", ")}` : "no font of fixed width is installed";
  throw new UsageError(`Cannot find a font of the family ${JSON.stringify(name)}: ${there}; or name its file`);
}

async function usualFaces(host: FontHost, installed: readonly InstalledFont[]): Promise<InstalledFont[]> {
  const usual = await host.usual();
  const monos = installed.filter(({ isMono }) => isMono).map(({ family }) => family);
  const named = installed.filter(({ family }) => /mono/i.test(family)).map(({ family }) => family);
  for (const family of [usual, ...MAIN, ...monos, ...named]) {
    const faces = familyOf(family, installed);
    if (faces.length > 0) return faces;
  }
  throw new UsageError(
    "Cannot draw text: no font of fixed width was found\n  Install one (Debian: fonts-dejavu-core), or name a file with --font",
  );
}

function familyOf(name: string, installed: readonly InstalledFont[]): InstalledFont[] {
  const faces = installed.filter(({ family }) => name !== "" && plain(family) === plain(name));
  const isOne = (face: InstalledFont) => isRegular(face) ? 0 : 1;
  return faces.toSorted((one, other) => isOne(one) - isOne(other)).slice(0, 8);
}

function isRegular({ style }: InstalledFont): boolean {
  return /^(?:regular|book|roman|normal|medium|)$/i.test(style);
}

/** A name without what file names leave out. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}
