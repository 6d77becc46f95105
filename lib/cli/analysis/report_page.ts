/**
 * All that analysis tells, as a page with charts and, for one recording, a player.
 * @module
 */

import type { CommandRecord, CommandStatistics } from "../../models.ts";
import type { ErrorSummary, Failure } from "../../analyze/errors/error_analyzer.ts";
import type { PerformanceSummary } from "../../analyze/performance/performance_analyzer.ts";
import type { Nanos } from "../../event.ts";
import { inScript, scriptHash } from "../../render/page_script.ts";
import { hasFailed } from "../../analyze/commands/command_line.ts";
import { formatBytes, formatTime } from "../program/time.ts";
import { barChart, CHART_STYLE, type Moment, momentLink, rows, type Span, stripChart, timeAxis } from "./charts.ts";
import { escaped } from "../../terminal/screen_svg.ts";
import { STYLE } from "./page.ts";
import { shortTime } from "./text.ts";

/** What the page shows. */
export interface Report {
  readonly title: string;
  /** When, who and where, a line each. */
  readonly facts: readonly string[];
  readonly commands: CommandStatistics;
  readonly timing: PerformanceSummary;
  readonly errors: ErrorSummary;
  /** Where each session begins on the time line of all. */
  readonly bases: readonly Nanos[];
  /** The recording as asciicast, and the player for it; absent when there are several, or it is too large. */
  readonly player?: { readonly recording: string; readonly script: string; readonly style: string };
}

const MAX_ROWS = 500;

/** The page. */
export async function reportPage(report: Report): Promise<string> {
  const { title, facts, player } = report;
  const scripts = player ? [player.script, START].map(inScript) : [];
  const hashes = await Promise.all(scripts.map(scriptHash));
  const policy = [
    "default-src 'none'",
    `script-src ${hashes.length > 0 ? `${hashes.join(" ")} 'wasm-unsafe-eval'` : "'none'"}`,
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${escaped(title)}</title>
${player ? `<style>${player.style.replace(/<\/style/gi, "<\\/style")}</style>` : ""}
<style>${STYLE}${CHART_STYLE}${OWN}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="soft">${facts.map(escaped).join("<br>")}</p>
${tiles(report)}
${player ? '<section class="screen"><div id="player"></div></section>' : ""}
${timeline(report)}
${durations(report)}
${exitCodes(report)}
${failures(report)}
${table(report)}
${
    player
      ? `<script type="application/json" id="recording">${
        JSON.stringify(player.recording).replaceAll("<", "\\u003c")
      }</script>`
      : ""
  }
${scripts.map((text) => `<script>${text}</script>`).join("\n")}
</body>
</html>
`;
}

const OWN = `
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem; margin: 1rem 0 }
.tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .5rem .75rem } .tile b { display: block; font-size: 1.3rem } .tile span { color: var(--soft); font-size: .85rem }
.screen { margin: 1rem 0; border: 1px solid var(--line); border-radius: .4rem; overflow: hidden } .wide { overflow-x: auto } table.commands td:nth-child(4) { min-width: 12rem }
`;

/** Links play from their moment; so does an address that ends in one. */
const START = `
const recording = JSON.parse(document.getElementById("recording").textContent);
const screen = document.getElementById("player");
const player = globalThis.player = AsciinemaPlayer.create({ data: recording }, screen, { preload: true, fit: "width", poster: "npt:1" });
const go = async (time) => { await player.seek(time); player.play(); screen.scrollIntoView({ behavior: "smooth", block: "nearest" }); };
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-time]");
  if (!link) return;
  event.preventDefault();
  history.replaceState(null, "", "#t=" + link.dataset.time);
  go(Number(link.dataset.time));
});
const moment = /^#t=([0-9.]+)$/.exec(location.hash);
if (moment) go(Number(moment[1]));
`;

function tiles({ commands, timing, errors }: Report): string {
  const all: [string, string][] = [
    [String(commands.commands), commands.commands === 1 ? "command" : "commands"],
    [String(commands.failed), "failed"],
    [formatTime(timing.duration), "duration"],
    [timing.duration > 0 ? `${Math.round(100 * timing.busy / timing.duration)} %` : "–", "busy"],
    [formatBytes(timing.outputBytes), "output"],
    [String(Object.values(errors.kinds).reduce((sum, count) => sum + count, 0)), "errors recognised"],
  ];
  if (timing.echo) all.push([shortTime(timing.echo.p50), "echo, half within"]);
  return `<div class="tiles">${
    all.map(([value, name]) => `<div class="tile"><b>${escaped(value)}</b><span>${name}</span></div>`).join("")
  }</div>`;
}

function timeline({ commands, timing, errors, bases }: Report): string {
  const duration = Math.max(1, timing.duration);
  const at = (session: number, time: Nanos) => (bases[session] ?? 0) + time;
  const spans: Span[] = commands.history.map(({ session, start, end, text, code }) => ({
    start: at(session, start),
    end: at(session, end ?? start),
    label: `${text ?? "(unknown)"}${code === undefined ? "" : `, exit ${code}`}, ${shortTime((end ?? start) - start)}`,
    color: colorOf({ code, text }),
  }));
  const moments: Moment[] = errors.failures.flatMap(({ session, errors, command }) =>
    errors.length > 0
      ? errors.map(({ time, kind, message }) => ({ time: at(session, time), label: `${kind}: ${message}` }))
      : [{ time: at(session, command?.end ?? 0), label: `${command?.text ?? ""} failed` }]
  );
  const { slot, bytes } = timing.outputRate;
  return `<h2>Activity</h2>
<p class="soft">How much was printed when (logarithmic), the commands, and above them the errors. Choose a point to see it.</p>
${barChart(bytes, slot, duration, (value) => `${formatBytes(value)} printed`)}
${stripChart(spans, moments, duration)}
${timeAxis(duration)}`;
}

function colorOf({ code, text }: Pick<CommandRecord, "code" | "text">): "good" | "bad" | "doubt" {
  return code === undefined ? "doubt" : hasFailed(code, text) ? "bad" : "good";
}

function durations({ commands, bases }: Report): string {
  if (commands.slowest.length === 0) return "";
  const bars = commands.slowest.map(({ session, start, end, text, code }) => ({
    label: momentLink((bases[session] ?? 0) + start, `<code>${escaped(text ?? "(unknown)")}</code>`, text ?? ""),
    value: end! - start,
    text: shortTime(end! - start),
    color: colorOf({ code, text }),
  }));
  return `<h2>What took longest</h2>\n${rows(bars)}`;
}

function exitCodes({ commands: { exitCodes, unknownExit } }: Report): string {
  if (exitCodes.length === 0) return "";
  const bars = exitCodes.map(({ code, count }) => ({
    label: `exit ${code}`,
    value: count,
    text: String(count),
    color: colorOf({ code }),
  }));
  const unknown = unknownExit > 0
    ? [{ label: "not known", value: unknownExit, text: String(unknownExit), color: "doubt" }]
    : [];
  return `<h2>How commands ended</h2>\n${rows([...bars, ...unknown])}`;
}

function failures({ errors, bases }: Report): string {
  if (errors.failures.length === 0) return "";
  const shown = errors.failures.slice(-50).map((failure) => failureOf(failure, bases)).join("\n");
  const more = errors.failures.length > 50 ? `<p class="soft">The last 50 of ${errors.failures.length}.</p>` : "";
  return `<h2>What failed</h2>${more}\n${shown}`;
}

function failureOf({ command, session, errors, lines, recoveredAfter }: Failure, bases: readonly Nanos[]): string {
  const time = (bases[session] ?? 0) + (errors[0]?.time ?? command?.start ?? 0);
  const head = momentLink(time, `<code>${escaped(command?.text ?? "in the output")}</code>`, "see it");
  const facts = [
    command?.code === undefined ? "" : `<span class="bad">exit ${command.code}</span>`,
    ...new Set(errors.map(({ kind }) => escaped(kind))),
    recoveredAfter === undefined ? "" : `<span class="good">mended after ${escaped(shortTime(recoveredAfter))}</span>`,
  ].filter((fact) => fact !== "");
  return `<p>${head} ${facts.join(" · ")}</p><pre>${lines.map(escaped).join("\n")}</pre>`;
}

function table({ commands: { history, commands }, bases }: Report): string {
  if (history.length === 0) return "<p>No commands are known of this recording.</p>";
  const body = history.slice(-MAX_ROWS).map((command) => rowOf(command, bases)).join("\n");
  const more = commands > MAX_ROWS
    ? `<p class="soft">The last ${Math.min(MAX_ROWS, history.length)} of ${commands}.</p>`
    : "";
  return `<h2>Commands</h2>${more}
<div class="wide"><table class="commands"><thead><tr><th class="number">at</th><th class="number">took</th><th class="number">exit</th><th>command</th><th>folder</th></tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}

function rowOf({ session, start, end, code, text, cwd, confidence }: CommandRecord, bases: readonly Nanos[]): string {
  const time = (bases[session] ?? 0) + start;
  const took = end === undefined ? "–" : shortTime(end - start);
  const doubt = confidence === "exact" ? "" : ` <span class="doubt">${confidence}</span>`;
  return `<tr><td class="number">${momentLink(time, escaped(formatTime(time)), "see it")}</td><td class="number">${
    escaped(took)
  }</td>` +
    `<td class="number ${colorOf({ code, text })}">${code ?? "?"}</td><td><code>${
      escaped(text ?? "(unknown)")
    }</code>${doubt}</td><td class="soft">${escaped(cwd ?? "")}</td></tr>`;
}
