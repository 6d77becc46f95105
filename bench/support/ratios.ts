/**
 * Ratios of what was measured pair by pair: they mean the same on every machine, so they can be kept and compared.
 * @module
 */

import type { Json } from "../../lib/event.ts";
import { median, quantile } from "./measure.ts";

/** What one of a pair took, divided by what the other took; for each pair. */
export interface Ratio {
  /** The same in all versions: baselines are found by it. */
  readonly name: string;
  readonly better: "less" | "more";
  readonly values: readonly number[];
}

/** The ratios that were promised, by name: a figure that is at least so good. */
export type Bars = Readonly<Record<string, number>>;

/** What is kept of a run: medians by name. */
export type Baseline = Readonly<Record<string, number>>;

/** How much worse than the baseline even the better half of the pairs has to be, before that is called a regression. */
const MARGIN = 1.2;

/** Pair by pair. */
export function ratioOf(
  name: string,
  better: Ratio["better"],
  mine: readonly number[],
  other: readonly number[],
): Ratio {
  return { name, better, values: mine.map((value, at) => value / other[at]!) };
}

/** Names of what has become worse, each with the figures; what the baseline does not know is no regression. */
export function regressions(ratios: readonly Ratio[], baseline: Baseline): string[] {
  return ratios.flatMap(({ name, better, values }) => {
    const before = baseline[name];
    if (before === undefined || values.length === 0) return [];
    const best = better === "less" ? quantile(values, 0.25) : quantile(values, 0.75);
    const isWorse = better === "less" ? best > before * MARGIN : best < before / MARGIN;
    return isWorse
      ? [`${name}: ${median(values).toFixed(2)}, and ${best.toFixed(2)} at best, was ${before.toFixed(2)}`]
      : [];
  });
}

/** A row for each: median, range, the promise and whether it is kept. */
export function ratioTable(ratios: readonly Ratio[], bars: Bars): string {
  const rows = ratios.filter(({ values }) => values.length > 0).map(({ name, better, values }) => {
    const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)];
    const bar = bars[name];
    const kept = bar === undefined ? "" : (better === "less" ? middle <= bar : middle >= bar) ? "yes" : "no";
    const promise = bar === undefined ? "" : `${better === "less" ? "≤" : "≥"} ${bar}`;
    const range = values.length > 1 ? ` (${shown(least)}–${shown(most)})` : "";
    return `| ${name} | ${shown(middle)}${range} | ${values.length} | ${promise} | ${kept} |`;
  });
  return `### Ratios\n\n| | median (least–most) | pairs | bar | kept |\n| --- | --- | --- | --- | --- |\n${
    rows.join("\n")
  }\n`;
}

const shown = (value: number) => value >= 100 ? value.toFixed(0) : value.toFixed(2);

/** The medians of a run, to be compared with. */
export function baselineOf(ratios: readonly Ratio[]): Baseline {
  return Object.fromEntries(
    ratios.filter(({ values }) => values.length > 0).map(({ name, values }) => [name, round(median(values))]),
  );
}

const round = (value: number) => Number(value.toPrecision(3));

/** For `--json`. */
export function ratiosAsJson(ratios: readonly Ratio[]): Json {
  return ratios.map(({ name, better, values }) => ({ name, better, median: median(values), pairs: [...values] }));
}
