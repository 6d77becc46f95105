import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import fc from "fast-check";
import { FormatError, UsageError } from "../lib/errors.ts";
import { hostFonts } from "../lib/host/fonts.ts";
import type { FontHost } from "../lib/ports.ts";
import { chooseFonts } from "../lib/render/choose_fonts.ts";
import { ColorGlyphs } from "../lib/render/color_glyphs.ts";
import { FontFile } from "../lib/render/font_file.ts";
import { term2ai, withFolder } from "./support/cli.ts";
import { DEJAVU, hasDejavu } from "./support/screens.ts";

const EMOJI = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";
const CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

/** A font file of this machine; says so where there is none. */
function fontAt(path: string): FontFile | undefined {
  try {
    return new FontFile(Deno.readFileSync(path), path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`  skipped: ${path} is absent`);
  }
}

Deno.test("FontFile tells the family, the width of letters and which characters there are", () => {
  if (!hasDejavu()) return;
  const font = new FontFile(DEJAVU.read("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"));
  equal(font.family, "DejaVu Sans Mono");
  equal(font.unitsPerEm, 2048);
  equal(font.advanceOf("M".codePointAt(0)!).toFixed(3), "0.602");
  const has = (text: string) => font.glyphOf(text.codePointAt(0)!) !== 0;
  deepEqual(["a", "é", "─", "Ω", "漢", "😀", "\u{10ffff}"].map(has), [true, true, true, true, false, false, false]);
});

Deno.test("FontFile reads the first font of a collection", () => {
  const font = fontAt(CJK);
  if (!font) return;
  match(font.family, /^Noto Sans CJK/);
  ok(font.glyphOf("漢".codePointAt(0)!) > 0);
});

Deno.test("FontFile says of damaged files that they are no font, and never anything else", () => {
  throws(() => new FontFile(new Uint8Array(0), "x.ttf"), (error: unknown) => {
    return error instanceof FormatError && error.message === "Cannot read x.ttf: it is no TrueType or OpenType font";
  });
  if (!hasDejavu()) return;
  const whole = DEJAVU.read("/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 4000 }), fc.nat({ max: 255 })), { maxLength: 8 }),
      fc.nat(),
      (marks, end) => {
        const bytes = whole.slice(0, end % 3 === 0 ? end % whole.length : whole.length);
        for (const [at, value] of marks) if (at < bytes.length) bytes[at] = value;
        try {
          const font = new FontFile(bytes);
          for (const code of [0x41, 0x20ac, 0x1f600]) font.glyphOf(code);
        } catch (error) {
          ok(error instanceof FormatError, String(error));
        }
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("ColorGlyphs finds the picture of an emoji, and one picture for a cluster", () => {
  const font = fontAt(EMOJI);
  if (!font) return;
  const glyphs = new ColorGlyphs(font);
  const images = ["😀", "👍", "👍🏽", "👨‍👩‍👧", "🇩🇪", "☎\ufe0f"].map((text) => glyphs.imageOf(text));
  for (const image of images) deepEqual([...image!.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
  equal(new Set(images.map((image) => image!.toHex())).size, images.length, "each another one");
  equal(glyphs.imageOf("漢"), undefined);
});

/** A machine with these files. */
function machine(fonts: Record<string, string>, usual = ""): FontHost {
  const list = Object.entries(fonts).map(([family, path]) => ({
    path,
    family,
    style: "Regular",
    isMono: /Mono/.test(family),
  }));
  return {
    list: () => Promise.resolve(list),
    usual: () => Promise.resolve(usual),
    read: DEJAVU.read,
    find: () => undefined,
  };
}

Deno.test("chooseFonts() takes what was asked for, else what the user prefers, else what is known to be good", async () => {
  if (!hasDejavu()) return;
  const folder = "/usr/share/fonts/truetype/dejavu/";
  const fonts = { "Odd Mono": `${folder}DejaVuSansMono-Bold.ttf`, "DejaVu Sans Mono": `${folder}DejaVuSansMono.ttf` };
  const mainOf = async (host: FontHost, wanted: string[] = []) => (await chooseFonts(host, wanted)).buffers[0]!.length;
  const [odd, good] = Object.values(fonts).map((path) => DEJAVU.read(path).length);
  equal(await mainOf(machine(fonts)), good);
  equal(await mainOf(machine(fonts, "Odd Mono")), odd);
  equal(await mainOf(machine(fonts), ["odd mono"]), odd);
  equal(await mainOf(machine({}), [`${folder}DejaVuSansMono-Bold.ttf`]), odd, "a file needs no list");
  await rejects(
    chooseFonts(machine({})),
    (error: unknown) => error instanceof UsageError && /fonts-dejavu-core.*--font/.test(error.message),
  );
  await rejects(chooseFonts(machine(fonts), ["Nowhere"]), /"Nowhere": installed are Odd Mono, DejaVu Sans Mono/);
});

Deno.test("FontSet reads other fonts only when a character needs them, and remembers those that none has", async () => {
  if (!hasDejavu() || !fontAt(CJK)) return;
  const read: string[] = [];
  const host = machine({
    "DejaVu Sans Mono": "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "Noto Sans CJK JP": CJK,
  });
  const fonts = await chooseFonts({ ...host, read: (path) => (read.push(path), host.read(path)) });
  equal(fonts.familyOf("a"), "DejaVu Sans Mono");
  equal(read.length, 1);
  match(fonts.familyOf("漢"), /^Noto Sans CJK/);
  equal(read.length, 2);
  equal(fonts.buffers.length, 2);
  fonts.familyOf("\u{10fffd}");
  deepEqual([...fonts.missing], ["\u{10fffd}"]);
  equal(fonts.imageOf("😀"), undefined, "no font here has pictures");
});

Deno.test("hostFonts lists files that are there, with fontconfig and without", async () => {
  const all = await hostFonts.list();
  for (const { path } of all.slice(0, 5)) ok(Deno.statSync(path).isFile);
  await withFolder(async (folder) => {
    const code = `
      import { hostFonts } from ${JSON.stringify(new URL("../lib/host/fonts.ts", import.meta.url).href)};
      console.log(JSON.stringify([await hostFonts.list(), await hostFonts.usual(), hostFonts.find(65) ?? null]));`;
    await Deno.writeTextFile(`${folder}/list.ts`, code);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", `${folder}/list.ts`],
      env: { PATH: folder },
    });
    const [found, usual, other] = JSON.parse(new TextDecoder().decode((await command.output()).stdout));
    deepEqual([usual, other], ["", null]);
    deepEqual(
      found.map(({ path }: { path: string }) => path).sort().slice(0, 3),
      all.map(({ path }) => path).filter((path, at, paths) => paths.indexOf(path) === at).sort().slice(0, 3),
    );
  });
});

Deno.test("render says once which characters no font has, and which font would help", async () => {
  if (!hasDejavu()) return;
  await withFolder(async (folder) => {
    const cast = '{"version":3,"term":{"cols":20,"rows":2}}\n[0,"o","a\\udbff\\udffdb\\udbff\\udffd\\ue0a0"]\n';
    await Deno.writeTextFile(`${folder}/x.cast`, cast);
    const { errors, status } = await term2ai(["render", `${folder}/x.cast`, `${folder}/x.png`]);
    equal(status, 0);
    equal(errors.match(/U\+10FFFD/g)?.length, 1);
    match(errors, /no font here has U\+10FFFD[^]*--font/);
  });
});
