import { deepEqual, deepStrictEqual, equal, ok } from "node:assert/strict";
import type { ScreenState, SessionEvent } from "../lib/event.ts";
import { EmulatorThread } from "../lib/host/emulator_thread.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import type { ScreenWatcher } from "../lib/ports.ts";
import { ScreenRecorder } from "../lib/record/screen_recorder.ts";
import { SessionRecorder } from "../lib/record/session_recorder.ts";
import { loadEmulator } from "../lib/terminal/emulator.ts";
import { screenText } from "../lib/terminal/screen_text.ts";
import { ScreenTracker } from "../lib/terminal/screen_tracker.ts";
import { collect } from "../lib/stream/collect.ts";
import { openRecording, openTimeline } from "../formats/mod.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { term2aiOnTerminal, withFolder } from "./support/cli.ts";
import { blank, output } from "./support/events.ts";
import { reading, sleep } from "./support/pty.ts";

const host = await choosePtyHost();
const make = await loadEmulator();

/** A terminal that answers when it is told to. */
function slow(backlog = 0) {
  const asked: PromiseWithResolvers<ScreenState | undefined>[] = [];
  const watcher: ScreenWatcher = {
    backlog,
    write: () => {},
    resize: () => {},
    snapshot() {
      asked.push(Promise.withResolvers());
      return asked.at(-1)!.promise;
    },
    close: () => {},
  };
  return { watcher, asked };
}

const bytes = (length: number) => new Uint8Array(length);

Deno.test("ScreenRecorder asks for a keyframe behind 128 KiB, and holds what is behind it until it is known", async () => {
  const { watcher, asked } = slow();
  const screens = new ScreenRecorder(watcher);
  equal(screens.write(bytes(130_000), true), false);
  equal(screens.write(bytes(5000), true), true);
  const keyframe = screens.ask("keyframe", 7);
  equal(screens.write(bytes(5000), true), false);
  screens.hold([output(6, "before"), keyframe, output(8, "behind")]);
  deepEqual(screens.release().map(({ time }) => time), [6]);
  asked[0]!.resolve(blank());
  await screens.settled();
  deepEqual(screens.release(), [{ kind: "keyframe", time: 7, state: blank() }, output(8, "behind")]);
  equal(screens.isHolding, false);
});

Deno.test("ScreenRecorder does without a keyframe that takes too long, and asks again behind some more output", async () => {
  const { watcher } = slow();
  const screens = new ScreenRecorder(watcher);
  screens.write(bytes(140_000), true);
  screens.hold([screens.ask("keyframe", 7), output(8, "behind")]);
  await screens.settled();
  deepEqual(screens.release().map(({ kind }) => kind), ["output"]);
  equal(screens.write(bytes(30_000), true), false);
  equal(screens.write(bytes(5000), true), true);
});

Deno.test("ScreenRecorder asks for no keyframe where the terminal is far behind, nor of what is not recorded", () => {
  const behind = new ScreenRecorder(slow(2 << 20).watcher);
  equal(behind.write(bytes(1 << 20), true), false);
  const paused = new ScreenRecorder(slow().watcher);
  equal(paused.write(bytes(1 << 20), false), false);
});

/** Checks that each state a recording tells is the one that its output gives. */
function checkStates(events: readonly SessionEvent[]): number {
  const tracker = new ScreenTracker(make);
  let states = 0;
  for (const event of events) {
    if (event.kind !== "keyframe") tracker.push(event);
    else {
      deepStrictEqual(event.state, tracker.state);
      states++;
    }
  }
  return states;
}

Deno.test("SessionRecorder puts keyframes among the events of a real session, each exact", async () => {
  const screen = new EmulatorThread({ cols: 80, rows: 24 });
  const recorder = new SessionRecorder(host, {
    command: ["sh", "-c", "while :; do printf '\\033[3%dm' 1; seq 4000; sleep 0.1; done"],
    facts: { shell: "/bin/sh", cwd: "/", env: { PATH: Deno.env.get("PATH")! } },
    screen,
  });
  const events: SessionEvent[] = [];
  for (let batch = await recorder.next(); batch; batch = await recorder.next()) {
    events.push(...batch);
    // On a machine that is busy the first ones do not come; where none will, there is nothing to wait for.
    if (screen.isLost || batch.some(({ kind }) => kind === "keyframe")) recorder.stop();
  }
  ok(checkStates(events) >= 1);
  equal(events.at(-1)?.kind, "exit");
  ok(screen.isLost); // closed with the session
});

Deno.test("rec tells what shows where recording is switched on again, and play shows it", async () => {
  await withFolder(async (folder) => {
    const pty = term2aiOnTerminal(host, ["rec", "x.t2a", "--", "env", "PS1=READY> ", "bash", "--norc", "-i"], folder);
    const person = reading(pty);
    const type = (text: string) => pty.write(new TextEncoder().encode(text));
    await person.until("READY> ");
    await type("\x1c");
    await person.until("\x07");
    await type("echo while it was o''ff\r");
    await person.until("while it was off\r\n");
    await sleep(2000); // the emulator is loaded with the first pause
    await type("\x1c");
    await person.until("\x07");
    await type("echo beh''ind; exit\r");
    await person.until("behind\r\n");
    await person.rest();
    await pty.close();
    const events = await collect((await openRecording(await openSource(`${folder}/x.t2a`))).events);
    const kinds = events.map((event) => event.kind === "gap" ? event.reason : event.kind).filter((kind) =>
      kind !== "clock"
    );
    deepEqual(kinds.slice(kinds.indexOf("resumed"), kinds.indexOf("resumed") + 2), ["resumed", "screen"]);
    const timeline = await openTimeline(await openSource(`${folder}/x.t2a`), { loadEmulator });
    const lines = screenText(await timeline.screen(await timeline.at(timeline.duration)));
    ok(lines.includes("while it was off") && lines.includes("behind"), lines.join("\n"));
    timeline.close();
  });
});
