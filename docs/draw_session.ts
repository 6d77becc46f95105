/**
 * Draws `session.svg`, the picture in the README: records a real shell on a real terminal and draws what it printed, as text that
 * can be selected, with the time at which each line came.
 *
 *     deno run -A docs/draw_session.ts
 *
 * It knows colours and ends of lines; a program that moves the cursor is beyond it.
 * @module
 */

import { choosePtyHost, eventsOf, hostFacts, type SessionEvent, SessionRecorder } from "../mod.ts";

const COLS = 80;
const TYPED = [
  "term2ai rec tests.t2a -- ./run-tests",
  "echo $?",
  "term2ai info tests.t2a | grep -E 'state|duration|exit'",
  "term2ai cat tests.t2a | grep failed",
  "term2ai play --speed 4 tests.t2a",
  "exit",
];

/** A program as people record them: it is slow, it has colours, and it fails. */
const RUN_TESTS = `#!/bin/sh
for name in stage codec pacer; do sleep 0.2; printf '\\033[32m ok \\033[0m %s\\n' "$name"; done
sleep 0.4; printf '\\033[1;31mfail\\033[0m %s \\033[90m(expected 4, found 5)\\033[0m\\n' locate
printf '\\033[1m3 passed, 1 failed\\033[0m\\n'
exit 1
`;

/** Text of one look. */
interface Span {
  text: string;
  readonly color: string;
  readonly bold: boolean;
}

/** A line and the seconds at which its first character came. */
interface Line {
  readonly time: number;
  readonly spans: Span[];
}

/** Everything that a shell printed while somebody typed {@linkcode TYPED}. */
async function record(): Promise<SessionEvent[]> {
  const folder = await Deno.makeTempDir();
  try {
    const cli = new URL("../cli.ts", import.meta.url).pathname;
    await writeProgram(`${folder}/run-tests`, RUN_TESTS);
    await writeProgram(`${folder}/term2ai`, `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet -A '${cli}' "$@"\n`);
    const { env, ...facts } = hostFacts();
    const recorder = new SessionRecorder(await choosePtyHost(), {
      command: ["sh", "-i"],
      cols: COLS,
      facts: {
        ...facts,
        cwd: folder,
        env: { ...env, PATH: `${folder}:${env.PATH}`, PS1: "$ ", ENV: "", TERM: "xterm-256color" },
      },
    });
    const events: SessionEvent[] = [];
    const typing = type(recorder, () => events);
    for await (const event of eventsOf(recorder.events)) events.push(event);
    await typing;
    return events;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeProgram(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o755 });
}

/** Types each command once the prompt is there. */
async function type(recorder: SessionRecorder, events: () => readonly SessionEvent[]): Promise<void> {
  for (const [at, line] of TYPED.entries()) {
    while (promptsIn(textOf(events())) <= at) await sleep(20);
    await sleep(400);
    for (const key of line) {
      await recorder.write(new TextEncoder().encode(key));
      await sleep(35);
    }
    await recorder.write(new TextEncoder().encode("\r"));
  }
}

function promptsIn(text: string): number {
  return text.match(/(?:^|\n|\x1b\[0m)\$ /g)?.length ?? 0;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function textOf(events: readonly SessionEvent[]): string {
  const decoder = new TextDecoder();
  return events.map((event) => event.kind === "output" ? decoder.decode(event.data, { stream: true }) : "").join("");
}

const PALETTE: Readonly<Record<number, string>> = {
  31: "#f2777a",
  32: "#99cc99",
  33: "#ffcc66",
  34: "#6699cc",
  35: "#cc99cc",
  36: "#66cccc",
  90: "#8f9199",
};
const PLAIN = "#d9dbe0";
const FAINT = "#6f727c";
const BACK = "#24262d";

/** The lines as a terminal would show them, prompt by prompt. */
function linesOf(events: readonly SessionEvent[]): Line[] {
  const lines: Line[] = [];
  let [color, bold, open] = [PLAIN, false, false];
  const decoder = new TextDecoder();
  for (const event of events) {
    if (event.kind !== "output") continue;
    for (
      const [piece] of decoder.decode(event.data, { stream: true }).matchAll(
        /\x1b\[[0-?]*[ -/]*[@-~]|\r?\n|[^\x1b\r\n]+/g,
      )
    ) {
      if (piece.endsWith("\n")) open = false;
      else if (piece.startsWith("\x1b")) [color, bold] = styleAfter(piece, color, bold);
      else {
        if (!open) lines.push({ time: event.time / 1e9, spans: [] });
        open = true;
        lines.at(-1)!.spans.push({ text: piece, color, bold });
      }
    }
  }
  return lines;
}

function styleAfter(sequence: string, color: string, bold: boolean): [string, boolean] {
  if (!sequence.endsWith("m")) return [color, bold];
  for (const number of sequence.slice(2, -1).split(";").map(Number)) {
    if (number === 0) [color, bold] = [PLAIN, false];
    else if (number === 1) bold = true;
    else color = PALETTE[number] ?? color;
  }
  return [color, bold];
}

/** Neighbours of one look as one, so that the file stays small. */
function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last && last.color === span.color && last.bold === span.bold) last.text += span.text;
    else all.push({ ...span });
  }
  return all;
}

const [CELL, LEADING, GUTTER, TOP] = [7.8, 20, 62, 46];

function svg(lines: readonly Line[]): string {
  const [width, height] = [Math.ceil(GUTTER + COLS * CELL + 8), TOP + lines.length * LEADING + 6];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>A terminal session recorded by term2ai, which records a program, describes it and replays it</title>
<style>text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}.b{font-weight:bold}</style>
<rect x=".5" y=".5" width="${width - 1}" height="${
    height - 1
  }" rx="9" fill="${BACK}" stroke="#808590" stroke-opacity=".5"/>
<circle cx="18" cy="17" r="5" fill="#f2777a"/><circle cx="35" cy="17" r="5" fill="#ffcc66"/><circle cx="52" cy="17" r="5" fill="#99cc99"/>
${lines.map((line, row) => drawLine(line, TOP + row * LEADING)).join("\n")}
</svg>
`;
}

function drawLine({ time, spans }: Line, y: number): string {
  const stamp = `<text x="${GUTTER - 14}" y="${y}" fill="${FAINT}" text-anchor="end">${time.toFixed(2)}</text>`;
  let col = 0;
  const texts = joined(spans).map(({ text, color, bold }) => {
    const x = (GUTTER + col * CELL).toFixed(1);
    const length = (text.length * CELL).toFixed(1);
    col += text.length;
    return `<tspan x="${x}" fill="${color}" textLength="${length}"${bold ? ' class="b"' : ""}>${escaped(text)}</tspan>`;
  });
  return `${stamp}<text y="${y}" xml:space="preserve">${texts.join("")}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

if (import.meta.main) {
  const lines = linesOf(await record()).filter(({ spans }) => spans.map(({ text }) => text).join("") !== "$ exit");
  await Deno.writeTextFile(new URL("session.svg", import.meta.url), svg(lines));
}
