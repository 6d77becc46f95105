/**
 * Two sessions side by side, as a page.
 * @module
 */

import type { ComparedCommand, OutputChange } from "../../analyze/compare.ts";
import type { DigestedCommand } from "../../analyze/session_digest.ts";
import type { Nanos } from "../../event.ts";
import { formatTime } from "../program/time.ts";
import { escaped } from "../../terminal/screen_svg.ts";
import { STYLE } from "./page.ts";
import { shortTime } from "./text.ts";

/** Two screens at one time. */
export interface ComparedScreen {
  readonly time: Nanos;
  readonly rows: readonly { readonly row: number; readonly a: string; readonly b: string }[];
}

/** What is compared. */
export interface Differences {
  readonly a: string;
  readonly b: string;
  readonly commands: readonly ComparedCommand[];
  readonly screens: readonly ComparedScreen[];
}

/** The page. */
export function differencePage({ a, b, commands, screens }: Differences): string {
  const different = commands.filter(({ differences }) => differences.length > 0).length;
  const rows = commands.map(commandRows).join("\n");
  const shown = screens.map(({ time, rows }) =>
    `<h2>The screens at ${formatTime(time)}</h2>${
      rows.length === 0 ? "<p>They show the same.</p>" : sideBySide(rows.map(({ a, b }) => [a, b]))
    }`
  ).join("\n");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(a)} and ${escaped(b)}</title>
<style>${STYLE}${OWN}</style>
</head>
<body>
<h1>${different === 0 ? "Nothing differs" : `${different} of ${commands.length} commands differ`}</h1>
<table class="sides">
<thead><tr><th>${escaped(a)}</th><th>${escaped(b)}</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
${shown}
</body>
</html>
`;
}

const OWN = `
table.sides { table-layout: fixed } .sides td { width: 50%; overflow-wrap: anywhere } .sides pre { white-space: pre-wrap }
tr.differs > td { border-left: .25rem solid var(--amber) } .sides .cut { background: var(--cut) } .sides .add { background: var(--add) } .sides .none { color: var(--soft) }
`;

function commandRows(compared: ComparedCommand): string {
  const { a, b, differences, output } = compared;
  const name = differences.length === 0 ? "same" : "differs";
  const head = `<tr class="${name}"><td>${side(a, differences, "cut")}</td><td>${
    side(b, differences, "add")
  }</td></tr>`;
  if (output.length === 0) return head;
  const lines = (own: "a" | "b", kind: string) =>
    output.filter(({ side }) => side !== (own === "a" ? "b" : "a")).map((change) => lineOf(change, kind)).join("");
  return `${head}\n<tr class="${name}"><td><pre>${lines("a", "cut")}</pre></td><td><pre>${
    lines("b", "add")
  }</pre></td></tr>`;
}

function lineOf({ side, line }: OutputChange, kind: string): string {
  return side === "both" ? `${escaped(line)}\n` : `<span class="${kind}">${escaped(line)}</span>\n`;
}

function side(
  digested: DigestedCommand | undefined,
  differences: ComparedCommand["differences"],
  kind: string,
): string {
  if (!digested) return '<span class="none">–</span>';
  const { command } = digested;
  if (!command) return "the whole output";
  const mark = (text: string, differs: boolean) => differs ? `<span class="${kind}">${text}</span>` : text;
  const isNew = differences.includes("added") || differences.includes("removed") || differences.includes("text");
  const took = command.end === undefined ? "did not end" : shortTime(command.end - command.start);
  return [
    mark(`<code>$ ${escaped(command.text ?? "(unknown)")}</code>`, isNew),
    '<br><span class="soft">',
    mark(`exit ${command.code ?? "?"}`, differences.includes("exit")),
    " · ",
    mark(took, differences.includes("slower") || differences.includes("faster")),
    command.cwd === undefined ? "" : ` · ${mark(escaped(command.cwd), differences.includes("cwd"))}`,
    "</span>",
  ].join("");
}

function sideBySide(rows: readonly (readonly [string, string])[]): string {
  const cells = rows.map(([a, b]) =>
    `<tr><td><pre class="cut">${escaped(a)}</pre></td><td><pre class="add">${escaped(b)}</pre></td></tr>`
  );
  return `<table class="sides"><tbody>${cells.join("")}</tbody></table>`;
}
