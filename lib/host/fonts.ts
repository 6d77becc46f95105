/**
 * The fonts of this machine: by fontconfig where it is there, else what lies in the usual directories.
 * @module
 */

import type { FontHost, InstalledFont } from "../ports.ts";

/**
 * The fonts that are installed here.
 *
 * @example
 * ```ts
 * const fonts = await hostFonts.list();
 * fonts.filter(({ isMono }) => isMono).map(({ family }) => family);
 * ```
 */
export const hostFonts: FontHost = {
  list: async () => await listByFontconfig() ?? listDirectories(),
  usual: async () => (await fontconfig("fc-match", ["-f", "%{family[0]}", "monospace"]))?.trim() ?? "",
  read: (path) => Deno.readFileSync(path),
  find,
};

/** What fontconfig calls fonts of one width. */
const MONO = "100";

async function listByFontconfig(): Promise<InstalledFont[] | undefined> {
  const text = await fontconfig("fc-list", ["-f", "%{file}\\t%{family[0]}\\t%{style[0]}\\t%{spacing}\\n"]);
  const lines = text?.split("\n").filter((line) => line.includes("\t"));
  if (!lines?.length) return undefined;
  const fonts = lines.map((line) => {
    const [path = "", family = "", style = "", spacing = ""] = line.split("\t");
    return { path, family, style, isMono: spacing === MONO };
  });
  return fonts.filter(({ path }) => isFont(path)).sort((one, other) => one.path < other.path ? -1 : 1);
}

async function fontconfig(program: string, args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args, stdin: "null", stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch {
    return undefined; // it is not installed, or may not be run
  }
}

/** The file of a font with a character, by fontconfig. */
function find(code: number): string | undefined {
  try {
    const args = ["-f", "%{file}\\n", `:charset=${code.toString(16)}`];
    const { stdout } = new Deno.Command("fc-list", { args, stdin: "null", stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout).split("\n").sort().find(isFont);
  } catch {
    return undefined;
  }
}

function isFont(path: string): boolean {
  return /\.(?:ttf|otf|ttc|otc)$/i.test(path);
}

/** Deeper than this nobody keeps fonts, but links may lead in circles. */
const DEEPEST = 5;

function listDirectories(): InstalledFont[] {
  return directories().flatMap((folder) => filesBelow(folder, DEEPEST)).filter(isFont).sort().map(byName);
}

function directories(): string[] {
  const get = (name: string) => {
    try {
      return Deno.env.get(name);
    } catch {
      return undefined;
    }
  };
  const [home, windows] = [get("HOME"), get("WINDIR")];
  return [
    ...(home ? [`${home}/.fonts`, `${home}/.local/share/fonts`, `${home}/Library/Fonts`] : []),
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    ...(windows ? [`${windows}/Fonts`] : []),
  ];
}

function filesBelow(folder: string, depth: number): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
      const path = `${folder}/${name}`;
      if (!isDirectory) return [path];
      return depth > 0 ? filesBelow(path, depth - 1) : [];
    });
  } catch {
    return []; // it is not there, or not ours
  }
}

/** `DejaVuSansMono-BoldOblique.ttf` names family and style. */
function byName(path: string): InstalledFont {
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.\w+$/, "");
  const [family = name, style = "Regular"] = name.split("-");
  return { path, family, style, isMono: /mono|courier|consola|menlo|cascadia|code/i.test(family) };
}
