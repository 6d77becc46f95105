/**
 * Real shells, driven key by key, with what they tell of their commands.
 * @module
 */

import { CommandCollector } from "../../lib/analyze/commands/command_record.ts";
import { hostFacts } from "../../lib/host/facts.ts";
import { loadPtyHost } from "../../lib/host/pty.ts";
import type { SessionEvent } from "../../lib/event.ts";
import type { CommandRecord } from "../../lib/models.ts";
import { SessionRecorder } from "../../lib/record/session_recorder.ts";
import { prepareShell } from "../../lib/session/integrated_shell.ts";
import { collect, streamOf } from "../../lib/stream/collect.ts";
import { loadEmulator } from "../../lib/terminal/emulator.ts";
import { deriveCommands } from "../../lib/transform/commands.ts";
import { sleep } from "./pty.ts";

/** What is typed, and what is waited for before it: a prompt, or that something shows, or some milliseconds. */
export interface Step {
  readonly keys: string;
  readonly after?: string | number | readonly string[];
}

/** How a shell is started. */
export interface ShellRun {
  readonly command: readonly string[];
  readonly home: string;
  readonly steps: readonly Step[];
  readonly integrated?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** What comes with each prompt, one after the other. */
  readonly prompt: readonly string[];
}

/** Types the steps into a shell and returns all that was recorded. */
export async function runInShell(run: ShellRun): Promise<SessionEvent[]> {
  const env = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    TERM: "xterm-256color",
    LC_ALL: "C.UTF-8",
    HOME: run.home,
    USER: "ada",
    ...run.env,
  };
  const shell = run.integrated === false ? undefined : await prepareShell(run.command, env);
  const facts = { ...hostFacts(), shell: run.command[0]!, cwd: run.home, env };
  const recorder = new SessionRecorder(await loadPtyHost("libc"), {
    command: run.command,
    facts,
    cols: 100,
    rows: 60,
    metadata: { recorder: "term2ai test" },
    ...(shell && { integration: shell }),
  });
  const events: SessionEvent[] = [];
  let unseen = "";
  const decoder = new TextDecoder();
  const reading = (async () => {
    for (let batch = await recorder.next(); batch; batch = await recorder.next()) {
      for (const event of batch) {
        events.push(event);
        if (event.kind === "output") unseen += decoder.decode(event.data, { stream: true });
      }
    }
  })();
  let ended = false;
  reading.then(() => ended = true);
  const waitFor = async (text: string, next: string) => {
    const start = Date.now();
    while (!unseen.includes(text) && !ended) {
      if (Date.now() - start > 15_000) {
        throw new Error(
          `Before ${JSON.stringify(next)}, ${JSON.stringify(text)} did not come: ${
            JSON.stringify(unseen.slice(-2000))
          }`,
        );
      }
      await sleep(3);
    }
    unseen = unseen.slice(unseen.indexOf(text) + text.length);
  };
  try {
    for (const { keys, after = run.prompt } of run.steps) {
      if (typeof after === "number") await sleep(after);
      else for (const text of [after].flat()) await waitFor(text, keys);
      // A shell that has just printed its prompt may still be switching the terminal to its own way of reading.
      await sleep(15);
      unseen = ""; // prompts are drawn again, and must not count twice
      if (keys !== "") await recorder.write(new TextEncoder().encode(keys)).catch(() => {});
    }
    for (const start = Date.now(); !ended && Date.now() - start < 10_000;) await sleep(5);
  } finally {
    await recorder.close();
    await reading;
    shell?.close();
  }
  return events;
}

/** The commands of a session, as analysis sees them. */
export async function commandsOf(events: readonly SessionEvent[]): Promise<CommandRecord[]> {
  const found: CommandRecord[] = [];
  const collector = new CommandCollector({ begin() {}, output() {}, end: (command) => found.push({ ...command }) });
  const stage = deriveCommands({ emulator: await loadEmulator(), cut: true });
  for (const event of await collect(streamOf(...events).pipeThrough(stage))) collector.push(event);
  collector.flush();
  return found;
}

/** A home with files of the user's, and a folder `sub`. */
export async function writeHome(home: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${home}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${home}/${path}`, text);
  }
  await Deno.mkdir(`${home}/sub`, { recursive: true });
}
