/**
 * A real browser, where one is installed.
 * @module
 */

import type { Browser } from "playwright-core";

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Runs `body` with a browser; without one it skips, with a notice. */
export async function withBrowser(body: (browser: Browser) => Promise<void>): Promise<void> {
  const executablePath = PLACES.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  if (!executablePath) return console.log("  skipped: there is no Chromium");
  // Loaded behind the emulator: the other way round, the emulator's package never finishes loading.
  const { chromium } = await import("playwright-core");
  const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
  const browser = await chromium.launch({ executablePath, args, headless: true });
  try {
    await body(browser);
  } finally {
    await browser.close();
  }
}
