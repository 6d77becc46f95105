/**
 * The files of the page: all of them are served from here, so that no browser asks anybody else.
 * @module
 */

import { loadPlayerAssets } from "../../host/player_assets.ts";
import type { Reply } from "./request.ts";

const HTML = "text/html; charset=utf-8", SCRIPT = "text/javascript; charset=utf-8", STYLE = "text/css; charset=utf-8";

/** Answers by path; read when the first one is asked for. */
export async function loadAssets(): Promise<ReadonlyMap<string, Reply>> {
  const [player, page, terminal] = await Promise.all([loadPlayerAssets(), loadPage(), loadTerminal()]);
  const replies = new Map<string, Reply>();
  const add = (path: string, type: string, body: string) => replies.set(path, { status: 200, type, body });
  add("/", HTML, page.html);
  add("/assets/page.js", SCRIPT, page.script);
  add("/assets/page.css", STYLE, page.style);
  add("/assets/player.js", SCRIPT, player.script);
  add("/assets/player.css", STYLE, player.style);
  add("/assets/terminal.js", SCRIPT, terminal.script);
  add("/assets/terminal.css", STYLE, terminal.style);
  return replies;
}

async function loadPage() {
  const [html, script, style] = await Promise.all([
    import("./page/page.html", { with: { type: "text" } }),
    import("./page/page.js", { with: { type: "text" } }),
    import("./page/page.css", { with: { type: "text" } }),
  ]);
  return { html: text(html), script: text(script), style: text(style) };
}

/** xterm.js, for whoever types. */
async function loadTerminal() {
  const [script, style] = await Promise.all([
    import("@xterm/xterm/lib/xterm.js", { with: { type: "text" } }),
    import("@xterm/xterm/css/xterm.css", { with: { type: "text" } }),
  ]);
  return { script: text(script), style: text(style) };
}

/** The types of a text module are those of the script in it. */
function text(module: { readonly default: unknown }): string {
  return module.default as string;
}
