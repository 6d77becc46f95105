/**
 * What the middle of the library asks of its edges. Leaves implement these; nothing else knows which leaf it talks to.
 *
 * No member is optional and nothing registers itself: `mod.ts` is the one place where defaults are joined.
 *
 * This module is browser compatible.
 * @module
 */

export type * from "./ports/clock.ts";
export type * from "./ports/pty.ts";
export type * from "./ports/host_facts.ts";
export type * from "./ports/emulator.ts";
export type * from "./ports/source.ts";
export type * from "./ports/format.ts";
export type * from "./ports/codec.ts";
export type * from "./ports/crypto.ts";
export type * from "./ports/analyzer.ts";
export type * from "./ports/blob_store.ts";
export type * from "./ports/catalog.ts";
export type * from "./ports/fonts.ts";
export type * from "./ports/rasterizer.ts";
