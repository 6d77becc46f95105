/**
 * Charts of a session over time, as SVG and HTML; each point is a link to its moment.
 * @module
 */

import type { Nanos } from "../../event.ts";
import { escaped } from "../../terminal/screen_svg.ts";
import { shortTime } from "./text.ts";

/** Something that took a while. */
export interface Span {
  readonly start: Nanos;
  readonly end: Nanos;
  readonly label: string;
  readonly color: "good" | "bad" | "doubt";
}

/** Something that happened at a time. */
export interface Moment {
  readonly time: Nanos;
  readonly label: string;
}

const WIDTH = 1000;

/** A link to a moment. */
export function momentLink(time: Nanos, content: string, label: string, kind: "html" | "svg" = "html"): string {
  const seconds = (Math.max(0, time) / 1e9).toFixed(3);
  const title = kind === "svg" ? `<title>${escaped(label)}</title>` : "";
  return `<a href="#t=${seconds}" data-time="${seconds}"${
    kind === "html" ? ` title="${escaped(label)}"` : ` aria-label="${escaped(label)}"`
  }>${title}${content}</a>`;
}

/** Bars for how much there was in each slot of time. The scale is logarithmic: a flood would hide all else. */
export function barChart(
  values: readonly number[],
  slot: Nanos,
  duration: Nanos,
  unit: (value: number) => string,
): string {
  const most = Math.log1p(Math.max(1, ...values));
  const bars = values.flatMap((value, at) => {
    if (value === 0) return [];
    const height = Math.max(2, 100 * Math.log1p(value) / most);
    const x = WIDTH * at * slot / duration, width = Math.max(1.5, WIDTH * slot / duration - 0.5);
    const bar = `<rect x="${x.toFixed(1)}" y="${(100 - height).toFixed(1)}" width="${width.toFixed(1)}" height="${
      height.toFixed(1)
    }"/>`;
    return [momentLink(at * slot, bar, `${shortTime(at * slot)}: ${unit(value)}`, "svg")];
  });
  return chart("bars", 100, bars.join(""));
}

/** A strip on which spans and moments lie. */
export function stripChart(spans: readonly Span[], moments: readonly Moment[], duration: Nanos): string {
  const x = (time: Nanos) => WIDTH * time / duration;
  const bars = spans.map(({ start, end, label, color }) => {
    const width = Math.max(2, x(end) - x(start));
    return momentLink(
      start,
      `<rect class="${color}" x="${x(start).toFixed(1)}" y="14" width="${width.toFixed(1)}" height="22"/>`,
      label,
      "svg",
    );
  });
  const signs = moments.map(({ time, label }) => {
    const at = x(time).toFixed(1);
    return momentLink(
      time,
      `<rect class="error" x="${(Number(at) - 2).toFixed(1)}" y="0" width="4" height="12"/>`,
      label,
      "svg",
    );
  });
  return chart("strip", 40, bars.join("") + signs.join(""));
}

function chart(name: string, height: number, content: string): string {
  return `<svg class="${name}" viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" role="group">${content}</svg>`;
}

/** Times below a chart. */
export function timeAxis(duration: Nanos): string {
  const labels = [0, 0.25, 0.5, 0.75, 1].map((part) => `<span>${escaped(shortTime(part * duration))}</span>`);
  return `<div class="axis">${labels.join("")}</div>`;
}

/** Bars that lie, each with its name. */
export function rows(
  all: readonly { readonly label: string; readonly value: number; readonly text: string; readonly color?: string }[],
): string {
  const most = Math.max(1, ...all.map(({ value }) => value));
  return `<ul class="rows">${
    all.map(({ label, value, text, color = "" }) =>
      `<li><span class="label">${label}</span><span class="track"><span class="bar ${color}" style="width:${
        Math.max(1, 100 * value / most).toFixed(1)
      }%"></span></span><span class="value">${escaped(text)}</span></li>`
    ).join("")
  }</ul>`;
}

export const CHART_STYLE = `
svg { display: block; width: 100% } svg.bars { height: 7rem; border-bottom: 1px solid var(--line) } svg.strip { height: 2.5rem; margin-top: .25rem }
svg rect { fill: var(--blue) } svg a:hover rect, svg a:focus rect { fill: var(--amber) } svg .good { fill: var(--green) } svg .bad { fill: var(--red) } svg .doubt { fill: var(--soft) } svg .error { fill: var(--red) }
.axis { display: flex; justify-content: space-between; font-size: .8rem; color: var(--soft) }
.rows { list-style: none; margin: 0; padding: 0 } .rows li { display: grid; grid-template-columns: minmax(0, 2fr) 3fr 5.5rem; gap: .5rem; align-items: center; padding: .1rem 0 }
.rows .label { overflow: hidden; text-overflow: ellipsis; white-space: nowrap } .rows .value { text-align: right; font-size: .85rem; white-space: nowrap }
.track { background: var(--card); height: .8rem; border-radius: .2rem } .bar { display: block; height: 100%; background: var(--blue); border-radius: .2rem } .bar.good { background: var(--green) } .bar.bad { background: var(--red) } .bar.doubt { background: var(--soft) }
`;
