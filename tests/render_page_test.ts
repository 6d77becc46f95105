import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { asciicastV3 } from "../formats/mod.ts";
import { MILLISECOND, SECOND, type SessionEvent } from "../lib/event.ts";
import { htmlPage } from "../lib/render/html.ts";
import { screenAt } from "../lib/render/screen_at.ts";
import { collectBytes, streamOf } from "../lib/stream/collect.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenRows } from "../lib/terminal/screen_text.ts";
import { withBrowser } from "./support/browser.ts";
import { term2ai, withFolder } from "./support/cli.ts";
import { header, marker, output } from "./support/events.ts";
import { sleep } from "./support/pty.ts";

const make = await loadEmulator();
const HOSTILE = `</script><script>globalThis.harmed = 1</script><img src=x onerror="globalThis.harmed = 1">`;

/** Ten minutes, in which every second prints a line, in colours, on a screen with a status line. */
function session(): SessionEvent[] {
  const events: SessionEvent[] = [
    header({ cols: 60, rows: 12, title: HOSTILE, command: HOSTILE }),
    output(0, "\x1b[1;11r"),
  ];
  for (let at = 1; at <= 600; at++) {
    const status = `\x1b7\x1b[12;1H\x1b[7m${at} s ─ 漢字\x1b[K\x1b[0m\x1b8`;
    events.push(
      output(
        at * SECOND,
        `\r\n\x1b[3${at % 8}mline ${at}\x1b[0m ${"x".repeat(at % 30)} ${HOSTILE.slice(0, 20)}${status}`,
      ),
    );
    if (at % 100 === 0) events.push(marker(at * SECOND + MILLISECOND, `minute ${at / 60} ${HOSTILE}`));
  }
  return events;
}

async function writeCast(path: string): Promise<void> {
  await Deno.writeFile(path, await collectBytes(streamOf(...session()).pipeThrough(asciicastV3.encoder())));
}

/** What shows at a time, by our own emulator. */
async function rowsAt(time: number): Promise<string[]> {
  return screenRows((await screenAt(streamOf(...session()), make, time)).state);
}

/** What the page's player shows. */
async function shownIn(page: Page): Promise<string[]> {
  const rows: string[] = await page.evaluate(
    "[...document.querySelectorAll('.ap-term-text .ap-line')].map((row) => row.textContent)",
  );
  return rows.map((row) => row.trimEnd());
}

/** Waits until the page shows what it should; wide characters and lines that are drawn as shapes are not compared. */
async function comesToShow(page: Page, expected: readonly string[]): Promise<void> {
  const plain = (rows: readonly string[]) => rows.map((row) => row.replace(/[^\x21-\x7e]/g, ""));
  let shown: string[] = [];
  for (let waited = 0; waited < 10_000; waited += 50) {
    shown = plain(await shownIn(page));
    if (shown.join("\n") === plain(expected).join("\n")) return;
    await sleep(50);
  }
  deepEqual(shown, plain(expected));
}

/** Waits until an expression is true on the page; the page's own policy forbids the browser's driver to wait there. */
async function comesTrue(page: Page, expression: string): Promise<void> {
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (await page.evaluate(expression)) return;
    await sleep(50);
  }
  ok(false, `${expression} never became true`);
}

/** Everything that a page must not do. */
function watch(page: Page): { requests: string[]; complaints: string[] } {
  const seen = { requests: [] as string[], complaints: [] as string[] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on(
    "console",
    (message) => ["error", "warning"].includes(message.type()) && seen.complaints.push(message.text()),
  );
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  return seen;
}

const time = async (page: Page) => await page.evaluate("player.getCurrentTime()") as number;

Deno.test("render --format html makes a page that plays and seeks in a browser, from a file and without network", async () => {
  await withFolder(async (folder) => {
    await writeCast(`${folder}/x.cast`);
    equal((await term2ai(["render", `${folder}/x.cast`, `${folder}/x.html`])).errors, "");
    await withBrowser(async (browser) => {
      const page = await browser.newPage();
      const seen = watch(page);
      await page.goto(`file://${folder}/x.html`);
      await page.waitForSelector(".ap-term-text");
      await comesTrue(page, "player.getDuration() > 0");
      equal(Math.round(await page.evaluate("player.getDuration()") as number), 600);
      for (const at of [300.5, 10.5, 599.5]) {
        await page.evaluate(`player.seek(${at})`);
        await comesToShow(page, await rowsAt(at * SECOND));
      }
      await page.evaluate("player.seek({ marker: 1 })");
      await comesToShow(page, await rowsAt(200.5 * SECOND));
      const before = await time(page);
      await page.evaluate("player.play()");
      await comesTrue(page, `player.getCurrentTime() > ${before + 1.2}`);
      await page.evaluate("player.pause()");
      await comesToShow(page, await rowsAt(await time(page) * SECOND));
      equal(await page.evaluate("globalThis.harmed"), undefined);
      equal(await page.title(), HOSTILE);
      deepEqual(seen.requests, [`file://${folder}/x.html`]);
      deepEqual(seen.complaints, []);
    });
  });
});

Deno.test("render --format segmented makes pieces that a browser plays and seeks in without loading all of them", async () => {
  await withFolder(async (folder) => {
    await writeCast(`${folder}/x.cast`);
    const drawn = await term2ai([
      "render",
      "--format",
      "segmented",
      "--segment-size",
      "4",
      `${folder}/x.cast`,
      `${folder}/x/`,
    ]);
    equal(drawn.errors, "");
    const pieces = [...Deno.readDirSync(`${folder}/x`)].filter(({ name }) => /^\d+\.json$/.test(name)).length;
    ok(pieces > 10, `${pieces} pieces`);
    const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
      const name = new URL(request.url).pathname.slice(1) || "index.html";
      const type = name.endsWith(".html") ? "text/html" : "application/json";
      const bytes = await Deno.readFile(`${folder}/x/${name}`).catch(() => undefined);
      return new Response(bytes, { status: bytes ? 200 : 404, headers: { "content-type": type } });
    });
    try {
      await withBrowser(async (browser) => {
        const page = await browser.newPage();
        const seen = watch(page);
        await page.goto(`http://127.0.0.1:${server.addr.port}/index.html`);
        await page.waitForSelector(".ap-term-text");
        await comesTrue(page, "player.getDuration() > 0");
        for (const at of [580.5, 300.5, 301.5]) {
          await page.evaluate(`player.seek(${at})`);
          await comesToShow(page, await rowsAt(at * SECOND));
        }
        const before = await time(page);
        await page.evaluate("player.play()");
        await comesTrue(page, `player.getCurrentTime() > ${before + 1.2}`);
        await page.evaluate("player.pause()");
        await comesToShow(page, await rowsAt(await time(page) * SECOND));
        const loaded = new Set(seen.requests.filter((url) => /\/\d+\.json$/.test(url))).size;
        ok(loaded < pieces / 2, `${loaded} of ${pieces} pieces were loaded`);
        deepEqual(seen.complaints.filter((text) => !text.includes("404")), []);
        equal(await page.evaluate("globalThis.harmed"), undefined);
      });
    } finally {
      await server.shutdown();
    }
  });
});

Deno.test("htmlPage() lets nothing of a recording or title out of its place, and allows no script but its own", async () => {
  const recording = `{"version":3,"term":{"cols":80,"rows":24},"title":"${
    HOSTILE.replaceAll('"', '\\"')
  }"}\n[0,"o","<!--<script>"]\n`;
  const page = await htmlPage({ title: HOSTILE, recording, player: {} }, {
    script: 'x = "</script>"',
    style: "a{}</style><b>",
  });
  equal(page.match(/<script/g)?.length, 3);
  equal(page.match(/<\/script/g)?.length, 3);
  equal(page.match(/<\/style/g)?.length, 2);
  doesNotMatch(page, /<img|<!--/);
  match(page, /default-src 'none'; script-src 'sha256-[^;]* 'sha256-[^;]* 'wasm-unsafe-eval'; [^"]*connect-src 'none'/);
  const data = /<script type="application\/json" id="recording">(.*?)<\/script>/.exec(page)![1]!;
  equal(JSON.parse(data).source.data, recording);
});
