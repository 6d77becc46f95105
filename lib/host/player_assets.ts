/**
 * asciinema's player, to be put into pages; read when the first page is made.
 * @module
 */

/**
 * The player's script and style sheet.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * match((await loadPlayerAssets()).script, /AsciinemaPlayer/);
 * ```
 */
export async function loadPlayerAssets(): Promise<{ readonly script: string; readonly style: string }> {
  const [script, style] = await Promise.all([
    import("asciinema-player/dist/bundle/asciinema-player.min.js", { with: { type: "text" } }),
    import("asciinema-player/dist/bundle/asciinema-player.css", { with: { type: "text" } }),
  ]);
  return { script: script.default as unknown as string, style: style.default as unknown as string };
}
