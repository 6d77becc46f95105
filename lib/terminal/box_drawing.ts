/**
 * Characters that are drawn as shapes, so that lines and blocks meet their neighbours whatever the font: box drawing (U+2500),
 * blocks (U+2580), sextants (U+1FB00) and Powerline's triangles.
 *
 * This module is browser compatible.
 * @module
 */

/** A shape in the coordinates of a picture, as SVG writes paths. */
export interface Shape {
  /** What is filled. */
  readonly fill?: string;
  /** What is drawn with a pen of `pen` pixels. */
  readonly stroke?: string;
  readonly pen?: number;
  /** How much of the colour there is, 0 to 1; all of it if absent. */
  readonly opacity?: number;
}

/** Where a cell lies, in pixels. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The shape of a character; `undefined` where it has none and a font has to help. */
export function shapeOf(text: string, place: Place): Shape | undefined {
  const code = text.codePointAt(0) ?? 0;
  if (text.length !== String.fromCodePoint(code).length) return undefined;
  if (code >= 0x2500 && code < 0x2580) return line(code - 0x2500, place);
  if (code >= 0x2580 && code < 0x25a0) return block(code - 0x2580, place);
  if (code >= 0x1fb00 && code < 0x1fb3c) return { fill: sextant(code - 0x1fb00, place) };
  return code >= 0xe0b0 && code < 0xe0b4 ? triangle(code - 0xe0b0, place) : undefined;
}

/** For each of U+2500 to U+257F what leads left, up, right and down: 1 light, 2 heavy, 3 double; a letter has a way of its own. */
const ARMS = `
1010 2020 0101 0202 h3.. H3.. v3.. V3.. h4.. H4.. v4.. V4.. 0011 0021 0012 0022
1001 2001 1002 2002 0110 0120 0210 0220 1100 2100 1200 2200 0111 0121 0211 0112
0212 0221 0122 0222 1101 2101 1201 1102 1202 2201 2102 2202 1011 2011 1021 2021
1012 2012 1022 2022 1110 2110 1120 2120 1210 2210 1220 2220 1111 2111 1121 2121
1211 1112 1212 2211 1221 2112 1122 2221 2122 2212 1222 2222 h2.. H2.. v2.. V2..
3030 0303 0031 0013 0033 3001 1003 3003 0130 0310 0330 3100 1300 3300 0131 0313
0333 3101 1303 3303 3031 1013 3033 3130 1310 3330 3131 1313 3333 a... b... c...
d... /... \\... x... 1000 0100 0010 0001 2000 0200 0020 0002 1020 0102 2010 0201
`.trim().split(/\s+/);

/** Thickness of a light line, and of a heavy one. */
function pens({ width }: Place): [light: number, heavy: number] {
  const light = Math.max(1, Math.round(width / 9));
  return [light, light * 2 + 1];
}

function line(index: number, place: Place): Shape {
  const arms = ARMS[index]!;
  const [light, heavy] = pens(place);
  if (/^\d/.test(arms)) return { fill: joined([...arms].map(Number), place) };
  if (/^[hv]/i.test(arms)) {
    return { fill: dashes(arms[0]!.toLowerCase() === "v", Number(arms[1]), /[HV]/.test(arms) ? heavy : light, place) };
  }
  return { stroke: curve(arms[0]!, place), pen: light };
}

/** Four arms from the edges of the cell to its middle, and as far beyond it as makes them meet. */
function joined(arms: readonly number[], place: Place): string {
  return arms.flatMap((weight, direction) => arm(weight, direction, arms, place)).join("");
}

function arm(weight: number, direction: number, arms: readonly number[], place: Place): string[] {
  if (weight === 0) return [];
  const [light, heavy] = pens(place);
  const gap = light; // from the middle to the strands of a double line
  const half = light / 2, opposite = arms[(direction + 2) % 4]!;
  const sides = [arms[(direction + 3) % 4]!, arms[(direction + 1) % 4]!];
  if (weight < 3) {
    const doubles = sides.filter((side) => side === 3).length;
    const around = sides.includes(2) ? heavy / 2 : Math.max(...sides) > 0 ? half : 0;
    const start = opposite > 0 ? 0 : doubles === 2 ? gap + half : doubles === 1 ? -gap - half : -around;
    return [strand(direction, start, 0, weight === 2 ? heavy : light, place)];
  }
  return [-1, 1].map((side) => {
    const [near, far] = side < 0 ? sides as [number, number] : [sides[1]!, sides[0]!];
    const beyond = opposite === 3 ? 0 : far === 3 ? -gap - half : far > 0 ? -half : 0;
    const start = near === 3 ? gap - half : near > 0 ? -half : beyond;
    return strand(direction, start, side * gap, light, place);
  });
}

/**
 * A bar from the middle to an edge.
 *
 * @param direction 0 left, 1 up, 2 right, 3 down.
 * @param start Where it begins, outwards from the middle.
 * @param aside How far it is beside the middle, clockwise.
 */
function strand(direction: number, start: number, aside: number, pen: number, place: Place): string {
  const { x, y, width, height } = place;
  // The middle is where a light line of whole pixels has its own.
  const [light] = pens(place);
  const [midX, midY] = [Math.floor((width - light) / 2) + light / 2, Math.floor((height - light) / 2) + light / 2];
  const low = aside - pen / 2;
  if (direction === 0) return bar(x, y + midY - aside - pen / 2, midX - start, pen);
  if (direction === 1) return bar(x + midX + low, y, pen, midY - start);
  if (direction === 2) return bar(x + midX + start, y + midY + low, width - midX - start, pen);
  return bar(x + midX - aside - pen / 2, y + midY + start, pen, height - midY - start);
}

/** A rectangle. */
export function bar(x: number, y: number, width: number, height: number): string {
  return `M${short(x)} ${short(y)}h${short(width)}v${short(height)}h${short(-width)}z`;
}

/** A number without decimals that nobody sees. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function dashes(isVertical: boolean, count: number, pen: number, { x, y, width, height }: Place): string {
  const length = (isVertical ? height : width) / count, aside = Math.floor(((isVertical ? width : height) - pen) / 2);
  return Array.from({ length: count }, (_, at) => {
    const start = at * length + length * 0.2;
    return isVertical ? bar(x + aside, y + start, pen, length * 0.6) : bar(x + start, y + aside, length * 0.6, pen);
  }).join("");
}

function curve(name: string, place: Place): string {
  const { x, y, width, height } = place;
  const [light] = pens(place);
  const [midX, midY] = [
    x + Math.floor((width - light) / 2) + light / 2,
    y + Math.floor((height - light) / 2) + light / 2,
  ];
  const [falling, rising] = [`M${x} ${y}L${x + width} ${y + height}`, `M${x + width} ${y}L${x} ${y + height}`];
  if (name === "/") return rising;
  if (name === "\\") return falling;
  if (name === "x") return falling + rising;
  const toX = name === "a" || name === "d" ? x + width : x, toY = name === "a" || name === "b" ? y + height : y;
  const bend = Math.min(width, height) / 2;
  const [fromY, untilX] = [midY + Math.sign(toY - midY) * bend, midX + Math.sign(toX - midX) * bend];
  return `M${short(midX)} ${short(toY)}L${short(midX)} ${short(fromY)}Q${short(midX)} ${short(midY)} ${short(untilX)} ${
    short(midY)
  }L${short(toX)} ${short(midY)}`;
}

/** For each of U+2580 to U+2590 and U+2594, U+2595 left, top, right and bottom in eighths of the cell. */
const EIGHTHS = "0084 0788 0688 0588 0488 0388 0288 0188 0088 0078 0068 0058 0048 0038 0028 0018 4088".split(" ");
/** For each of U+2596 to U+259F the quarters: 1 upper left, 2 upper right, 4 lower left, 8 lower right. */
const QUARTERS = [4, 8, 1, 13, 9, 7, 11, 2, 6, 14];

function block(index: number, place: Place): Shape {
  const { x, y, width, height } = place;
  if (index >= 0x11 && index <= 0x13) return { fill: bar(x, y, width, height), opacity: (index - 0x10) / 4 };
  if (index >= 0x16) return { fill: tiles(QUARTERS[index - 0x16]!, 2, place) };
  const eighths = index === 0x14 ? "0081" : index === 0x15 ? "7088" : EIGHTHS[index]!;
  const [left, top, right, bottom] = [...eighths].map(Number) as [number, number, number, number];
  const [fromX, fromY, toX, toY] = [width * left, height * top, width * right, height * bottom].map((at) =>
    Math.round(at / 8)
  ) as [number, number, number, number];
  return { fill: bar(x + fromX, y + fromY, toX - fromX, toY - fromY) };
}

/** U+1FB00 and on have all patterns of six that no other character has. */
function sextant(index: number, place: Place): string {
  const pattern = index + 1;
  return tiles(pattern + (pattern >= 21 ? 1 : 0) + (pattern >= 41 ? 1 : 0), 3, place);
}

/** Two columns of tiles, one bit for each from the upper left, row by row. */
function tiles(bits: number, rows: number, { x, y, width, height }: Place): string {
  const half = Math.round(width / 2);
  return Array.from({ length: 2 * rows }, (_, at) => {
    if (!(bits >> at & 1)) return "";
    const [top, bottom] = [Math.floor(at / 2), Math.floor(at / 2) + 1].map((row) => Math.round(height * row / rows));
    return bar(x + (at % 2) * half, y + top!, at % 2 ? width - half : half, bottom! - top!);
  }).join("");
}

function triangle(index: number, place: Place): Shape {
  const { x, y, width, height } = place;
  const [base, tip] = index < 2 ? [x, x + width] : [x + width, x];
  const path = `M${short(base)} ${short(y)}L${short(tip)} ${short(y + height / 2)}L${short(base)} ${short(y + height)}`;
  return index % 2 === 0 ? { fill: path + "z" } : { stroke: path, pen: pens(place)[0] };
}
