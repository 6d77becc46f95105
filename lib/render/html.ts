/**
 * A page that plays a recording, with nothing outside of it: asciinema's player and the recording are in it, so it works from
 * a file, in a mail and behind any policy.
 *
 * Nothing in a recording becomes part of the page but as data: the recording is JSON that is never run, the title is text, and
 * the page's own policy allows its two scripts by their hashes, no other, and no network.
 *
 * This module is browser compatible.
 * @module
 */

import { escaped } from "../terminal/screen_svg.ts";
import { inScript, scriptHash } from "./page_script.ts";

/**
 * The player, as text.
 *
 * @example
 * ```ts
 * const nothing: PlayerAssets = { script: "", style: "" };
 * ```
 */
export interface PlayerAssets {
  /** What defines `AsciinemaPlayer`. */
  readonly script: string;
  /** Its style sheet. */
  readonly style: string;
}

/**
 * What the page shows.
 *
 * @example
 * ```ts
 * const page: PageOptions = { title: "Demo", recording: '{"version":3,"term":{"cols":80,"rows":24}}\n', player: { loop: true } };
 * ```
 */
export interface PageOptions {
  /** Above the player, and on the window. */
  readonly title: string;
  /** The recording as asciicast; or the address of a recording in pieces, beside the page. */
  readonly recording: string | { readonly index: string };
  /** Options of asciinema-player. */
  readonly player: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The page.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * const page = await htmlPage({ title: "<b>", recording: "", player: {} }, { script: "", style: "" });
 * match(page, /<title>&lt;b&gt;<\/title>/);
 * ```
 */
export async function htmlPage({ title, recording, player }: PageOptions, assets: PlayerAssets): Promise<string> {
  const scripts = [assets.script, START].map(inScript);
  const data = JSON.stringify({
    source: typeof recording === "string" ? { data: recording } : { url: recording.index, format: "segmented" },
    options: player,
  });
  const hashes = await Promise.all(scripts.map(scriptHash));
  const policy = [
    "default-src 'none'",
    `script-src ${hashes.join(" ")} 'wasm-unsafe-eval'`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    `connect-src ${typeof recording === "string" ? "'none'" : "'self'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${assets.style.replace(/<\/style/gi, "<\\/style")}</style>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<main id="player"></main>
<noscript><p>This recording is played by a script.</p></noscript>
<script type="application/json" id="recording">${data.replaceAll("<", "\\u003c")}</script>
<script>${scripts[0]}</script>
<script>${scripts[1]}</script>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark }
body { margin: 0 auto; padding: 1rem; max-width: 75rem; font: 1rem system-ui, sans-serif }
h1 { font-size: 1.1rem; overflow-wrap: anywhere }
`;

/** Begins; `player` can be driven from the console. */
const START = `
const { source, options } = JSON.parse(document.getElementById("recording").textContent);
globalThis.player = AsciinemaPlayer.create(source, document.getElementById("player"), options);
`;
