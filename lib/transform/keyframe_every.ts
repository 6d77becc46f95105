/**
 * How far keyframes are apart. It stands alone, for a recorder needs to know it before it needs anything that draws.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Output between two keyframes, in bytes: drawn in 4 ms.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(KEYFRAME_EVERY, 131_072);
 * ```
 */
export const KEYFRAME_EVERY = 128 << 10;
