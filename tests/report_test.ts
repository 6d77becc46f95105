import { deepEqual, equal, ok } from "node:assert/strict";
import { chromium } from "playwright-core";
import { collectBytes, streamOf } from "../lib/stream/collect.ts";
import { t2a } from "../formats/mod.ts";
import { isInstalled, term2ai, withFolder } from "./support/cli.ts";
import { sleep } from "./support/pty.ts";
import { scriptedSession } from "./support/scripted_sessions.ts";

const CHROMIUM = "/usr/bin/chromium";

Deno.test({
  name: "the report opens in a browser without a complaint, fits a phone, and its links play their moment",
  sanitizeOps: false, // the browser's driver keeps pipes of its own
  sanitizeResources: false,
  fn: async () => {
    if (!await isInstalled(CHROMIUM)) return console.log("  skipped: chromium is not installed");
    await withFolder(async (folder) => {
      const { events, script } = scriptedSession(7);
      const recording = `${folder}/<b>.t2a`, page = `${folder}/report.html`;
      await Deno.writeFile(recording, await collectBytes(streamOf(...events).pipeThrough(t2a.encoder())));
      const made = await term2ai(["analyze", "report", "-o", page, recording]);
      deepEqual([made.status, made.text, made.errors], [0, "", ""]);
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
      try {
        for (const width of [390, 1280]) {
          const tab = await browser.newPage({
            viewport: { width, height: 900 },
            colorScheme: width > 1000 ? "dark" : "light",
          });
          const complaints: string[] = [];
          tab.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
          tab.on("pageerror", (error) => complaints.push(String(error)));
          tab.on("request", (request) => void (/^https?:/.test(request.url()) && complaints.push(request.url())));
          await tab.goto(`file://${page}`);
          await tab.waitForSelector(".ap-player, .ap-wrapper");
          equal(await tab.locator("table.commands tbody tr").count(), script.length);
          ok(
            await tab.locator("svg.bars a").count() > 5 && await tab.locator("svg.strip rect").count() >= script.length,
          );
          ok(
            await tab.evaluate("document.documentElement.scrollWidth") as number <= width,
            "nothing is wider than the screen",
          );
          const link = tab.locator("table.commands a").last();
          const time = Number(await link.getAttribute("data-time"));
          await link.click();
          let now = 0; // the page lets nobody wait in it: its policy forbids what is not its own
          for (let turn = 0; turn < 100 && now < time - 0.5; turn++) {
            now = Number(await tab.evaluate("player.getCurrentTime()"));
            await sleep(50);
          }
          ok(now >= time - 0.5, `${now} after a link to ${time}`);
          await tab.emulateMedia({ media: "print" });
          equal(await tab.locator(".screen").isVisible(), false, "a player is no use on paper");
          deepEqual(complaints, []);
          await tab.close();
        }
      } finally {
        await browser.close();
      }
    });
  },
});

Deno.test("a report of several recordings has charts and no player; nothing of a recording becomes markup", async () => {
  await withFolder(async (folder) => {
    const files = await Promise.all([1, 2].map(async (seed) => {
      const path = `${folder}/${seed}.t2a`;
      await Deno.writeFile(
        path,
        await collectBytes(streamOf(...scriptedSession(seed).events).pipeThrough(t2a.encoder())),
      );
      return path;
    }));
    const { status, text } = await term2ai(["analyze", "report", ...files]);
    equal(status, 0);
    ok(!text.includes("<script") && text.includes("script-src 'none'") && text.includes('<svg class="bars"'));
    ok(text.includes("2 sessions"));
  });
});
