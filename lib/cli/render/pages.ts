/**
 * `term2ai render` to html and segmented: what browsers play.
 * @module
 */

import { asciicastV3 } from "../../../formats/mod.ts";
import { UsageError } from "../../errors.ts";
import { type EventStream, SECOND, type SessionEvent, type SessionHeader } from "../../event.ts";
import { loadPlayerAssets } from "../../host/player_assets.ts";
import { screensAsOutput } from "../../render/excerpt.ts";
import { htmlPage } from "../../render/html.ts";
import { SEGMENT_BYTES, segments } from "../../render/segmented.ts";
import { collectBytes } from "../../stream/collect.ts";
import { compose } from "../../stream/compose.ts";
import { Stage } from "../../stream/stage.ts";
import { loadEmulator } from "../../terminal/emulator.ts";
import { writeBytes } from "../output/output.ts";
import { bytesOf, type Drawn, familiesOf, type RenderFlags } from "./drawn.ts";
import { partOf } from "./part.ts";
import { PrivateFile } from "../../host/private_file.ts";
import { reason } from "../../host/file.ts";
import { readWholeText } from "../../host/whole_file.ts";
import { tell } from "../source/stdio.ts";
import { themeNamed } from "./themes.ts";
import { formatBytes } from "../program/time.ts";

/** A page of this size takes a browser seconds to open. */
const LARGE = 30e6;

export async function drawPage(drawn: Drawn): Promise<void> {
  const { flags, output, report } = drawn;
  const player = playerOptions(flags);
  const recording = await collectBytes((await playable(drawn)).pipeThrough(asciicastV3.encoder({ report })));
  const page = { title: titleOf(drawn), recording: new TextDecoder().decode(recording), player };
  await writeBytes(output, bytesOf(await htmlPage(page, await loadPlayerAssets())));
  if (recording.length > LARGE) {
    tell(
      `the page has ${formatBytes(recording.length)}, and browsers load all of it: --format segmented avoids that\n`,
    );
  }
}

/** What asciinema's player is told. */
function playerOptions({ at, font, fontSize, loop }: RenderFlags): Record<string, string | number | boolean> {
  const family = familiesOf(font, "html");
  const start: Record<string, string | number> = at === undefined
    ? {}
    : { startAt: at / SECOND, poster: `npt:${at / SECOND}` };
  return {
    preload: true,
    ...start,
    ...(family !== undefined && { terminalFontFamily: family }),
    ...(fontSize !== undefined && { terminalFontSize: `${fontSize}px`, fit: false }),
    ...(loop && { loop }),
  };
}

function titleOf({ flags: { title }, header }: Drawn): string {
  return title ?? header()?.title ?? header()?.command ?? "Terminal session";
}

/** Events as players know them, in the colours that were asked for. */
async function playable({ flags, ...drawn }: Drawn): Promise<EventStream> {
  const events = partOf({ flags, ...drawn }, await loadEmulator());
  const theme = (header: SessionHeader) => themeNamed(flags.theme, header.theme);
  const dressed = (event: SessionEvent): SessionEvent =>
    event.kind === "header"
      ? {
        ...event,
        header: {
          ...event.header,
          theme: theme(event.header),
          ...(flags.title !== undefined && { title: flags.title }),
        },
      }
      : event;
  const dress = new Stage((emit) => ({ push: (event) => emit(dressed(event)), flush: () => {} }));
  return events.pipeThrough(compose(screensAsOutput(), dress));
}

export async function drawSegments(drawn: Drawn): Promise<void> {
  const { flags: { segmentSize }, output: { path, overwrite } } = drawn;
  const folder = await NewFolder.create(path, overwrite);
  try {
    const bytes = segmentSize === undefined ? SEGMENT_BYTES : Math.round(segmentSize * 1000);
    for await (const { name, text } of segments(await playable(drawn), await loadEmulator(), bytes)) {
      await folder.write(name, text);
    }
    const page = { title: titleOf(drawn), recording: { index: "index.json" }, player: { preload: true } };
    await folder.write("index.html", await htmlPage(page, await loadPlayerAssets()));
    await folder.publish();
  } catch (error) {
    await folder.discard();
    throw error;
  }
}

/** A directory that appears under its name when it is whole, and that only its owner can read. */
class NewFolder {
  readonly #path: string;
  readonly #at: string;
  readonly #replaces: boolean;

  private constructor(path: string, at: string, replaces: boolean) {
    this.#path = path;
    this.#at = at;
    this.#replaces = replaces;
  }

  /** @throws {UsageError} If something is there that may not be replaced, or it cannot be made. */
  static async create(given: string, overwrite: boolean): Promise<NewFolder> {
    const path = given.replace(/(?<=.)\/+$/, "");
    const there = await Deno.lstat(path).catch(() => undefined);
    if (there && !overwrite) throw new UsageError(`Cannot write ${path}: it exists; --overwrite replaces it`);
    if (there && !await isOurs(path)) {
      throw new UsageError(`Cannot write ${path}: it is no recording in pieces, and is not replaced`);
    }
    const at = `${path}.${crypto.randomUUID().slice(0, 8)}.new`;
    try {
      await Deno.mkdir(at, { mode: 0o700 });
    } catch (error) {
      const missing = error instanceof Deno.errors.NotFound ? "its directory does not exist" : reason(error);
      throw new UsageError(`Cannot write ${path}: ${missing}`, { cause: error });
    }
    return new NewFolder(path, at, there !== undefined);
  }

  async write(name: string, text: string): Promise<void> {
    const file = await PrivateFile.create(`${this.#at}/${name}`, "refuse");
    try {
      await file.write(new TextEncoder().encode(text));
    } finally {
      file.close();
    }
  }

  async publish(): Promise<void> {
    const old = `${this.#at}.old`;
    if (this.#replaces) await Deno.rename(this.#path, old);
    await Deno.rename(this.#at, this.#path);
    if (this.#replaces) await Deno.remove(old, { recursive: true });
  }

  async discard(): Promise<void> {
    await Deno.remove(this.#at, { recursive: true }).catch(() => {});
  }
}

/** A directory with an index of pieces and nothing else but them. */
async function isOurs(path: string): Promise<boolean> {
  try {
    const names = [...Deno.readDirSync(path)].map(({ name }) => name);
    const { version, segments } = JSON.parse(await readWholeText(`${path}/index.json`, { most: 64 << 20 }));
    return version === 1 && Array.isArray(segments) &&
      names.every((name) => /^(?:index\.html|(?:index|\d+)\.json)$/.test(name));
  } catch {
    return false;
  }
}
