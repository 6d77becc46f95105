/**
 * Draws `session.svg`, the picture in the README: records a real shell on a real terminal and draws what it printed, as text that
 * can be selected, with the time at which each line came.
 *
 *     deno run -A docs/draw_session.ts
 * @module
 */

import {
  cellSize,
  choosePtyHost,
  eventsOf,
  hostFacts,
  loadEmulator,
  type ScreenState,
  screenSvg,
  screenText,
  type SessionEvent,
  SessionRecorder,
  THEMES,
} from "../mod.ts";

const [COLS, ROWS, SIZE] = [80, 60, 13];
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

/** Everything on one screen that is high enough, and the second at which each of its rows was first written to. */
async function screenOf(events: readonly SessionEvent[]): Promise<{ state: ScreenState; times: number[] }> {
  const emulator = (await loadEmulator())({ cols: COLS, rows: ROWS });
  const times: number[] = [];
  for (const event of events) {
    if (event.kind !== "output") continue;
    for (const [line] of new TextDecoder().decode(event.data).matchAll(/[^\n]*\n|[^\n]+/g)) {
      emulator.write(new TextEncoder().encode(line));
      const { length } = screenText(emulator.snapshot());
      while (times.length < length) times.push(event.time / 1e9);
    }
  }
  return { state: emulator.snapshot(), times };
}

const FAINT = "#6f727c";
const [GUTTER, TOP] = [56, 34];

/** The drawn screen in a window, with the times on its left. */
function framed({ state, times }: { state: ScreenState; times: readonly number[] }): string {
  const rows = screenText(state).findLastIndex((line) => line !== "$ exit" && line !== "exit") + 1;
  const shown = { ...state, rows, modes: { ...state.modes, "?25": false } };
  const { width: cell, height } = cellSize(SIZE);
  const screen = screenSvg(shown, { fontSize: SIZE, padding: 0, title: "" }).replace(
    "<svg ",
    `<svg x="${GUTTER}" y="${TOP}" `,
  );
  const size = [GUTTER + COLS * cell + 10, TOP + rows * height + 10];
  const stamps = times.slice(0, rows).map((time, row) =>
    `<text x="${GUTTER - 12}" y="${TOP + row * height + 13}" text-anchor="end" fill="${FAINT}">${
      time.toFixed(2)
    }</text>`
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(" ")}" width="${size[0]}" height="${
    size[1]
  }" role="img">
<title>A terminal session recorded by term2ai, which records a program, describes it and replays it</title>
<rect x=".5" y=".5" width="${size[0]! - 1}" height="${size[1]! - 1}" rx="9" fill="${
    THEMES["dark"]!.background
  }" stroke="#808590" stroke-opacity=".5"/>
<circle cx="18" cy="17" r="5" fill="#f2777a"/><circle cx="35" cy="17" r="5" fill="#ffcc66"/><circle cx="52" cy="17" r="5" fill="#99cc99"/>
${screen}<g>
${stamps.join("\n")}
</g>
</svg>
`;
}

if (import.meta.main) {
  await Deno.writeTextFile(new URL("session.svg", import.meta.url), framed(await screenOf(await record())));
}
