/**
 * From drawings to pixels.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * Pixels, row by row from the upper left: red, green, blue and opacity of each, in bytes.
 *
 * @example
 * ```ts
 * const red: Pixels = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 255) };
 * ```
 */
export interface Pixels {
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
  /** Four bytes for each. */
  readonly data: Uint8Array;
}

/**
 * Makes pixels of SVG pictures, with the fonts it is given and no others.
 *
 * @example
 * ```ts
 * const widthOf = (rasterizer: Rasterizer, svg: string) => rasterizer.pixels(svg, []).width;
 * ```
 */
export interface Rasterizer {
  /** The picture. */
  pixels(svg: string, fonts: readonly Uint8Array[]): Pixels;
  /** The picture as a PNG file. */
  png(svg: string, fonts: readonly Uint8Array[]): Uint8Array;
}
