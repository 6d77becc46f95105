/**
 * Makes pixels of SVG pictures, by resvg in WebAssembly (2.5 MB, read when the first picture is drawn).
 * @module
 */

import type { CustomFontsOptions } from "@resvg/resvg-wasm";
import type { Rasterizer } from "../ports.ts";

let loaded: Promise<Rasterizer> | undefined;

/**
 * The rasterizer, loaded once.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const rasterizer = await loadRasterizer();
 * equal(rasterizer.pixels('<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"/>', []).data.length, 24);
 * ```
 */
export function loadRasterizer(): Promise<Rasterizer> {
  return loaded ??= load();
}

async function load(): Promise<Rasterizer> {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  // Read as a file, since its glue asks for the bytes; `import … from "x.wasm"` would link it to modules that are not there.
  await initWasm(await Deno.readFile(new URL(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"))));
  const draw = <Result>(svg: string, fonts: readonly Uint8Array[], take: (image: Image) => Result): Result => {
    const picture = new Resvg(svg, { font: fontOptions(fonts) });
    const image = picture.render();
    try {
      return take(image);
    } finally {
      image.free();
      picture.free();
    }
  };
  return {
    pixels: (svg, fonts) => draw(svg, fonts, ({ width, height, pixels: data }) => ({ width, height, data })),
    png: (svg, fonts) => draw(svg, fonts, (image) => image.asPng()),
  };
}

type Image = ReturnType<InstanceType<typeof import("@resvg/resvg-wasm").Resvg>["render"]>;

function fontOptions(fonts: readonly Uint8Array[]): CustomFontsOptions {
  return { fontBuffers: [...fonts] };
}
