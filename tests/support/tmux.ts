/**
 * A person at a terminal: programs are driven through tmux, key by key, and what they show is looked at.
 * @module
 */

import { withFolder } from "./cli.ts";
import { sleep } from "./pty.ts";

/** Somebody who looks at a screen and types. */
export interface Person {
  /** Presses keys, by tmux's names. */
  press(...keys: string[]): Promise<void>;
  /** Types text as it is. */
  type(text: string): Promise<void>;
  /** The rows of the screen, without blanks at their ends and empty ones at its end. */
  screen(): Promise<string[]>;
  /** Waits until the screen is as wanted, and returns it. */
  until(isWanted: (rows: string[]) => boolean, what: string): Promise<string[]>;
  /** Waits until a row matches, and returns the screen. */
  sees(row: RegExp): Promise<string[]>;
  /** Gives the terminal another size. */
  resize(cols: number, rows: number): Promise<void>;
  /** Runs a tmux command. */
  tmux(...args: string[]): Promise<string>;
}

/** Runs a shell in a terminal of some size, for as long as `body` takes. */
export async function atTerminal(
  { cols, rows, folder }: { cols: number; rows: number; folder: string },
  body: (person: Person) => Promise<void>,
): Promise<void> {
  await withFolder(async (own) => {
    const tmux = async (...args: string[]) => {
      const env = { ...Deno.env.toObject(), LC_ALL: "C.UTF-8", NO_COLOR: "1" };
      const command = new Deno.Command("tmux", {
        args: ["-u", "-S", `${own}/s`, "-f", "/dev/null", ...args],
        cwd: folder,
        env,
      });
      return new TextDecoder().decode((await command.output()).stdout);
    };
    const screen = async () => {
      const rows = (await tmux("capture-pane", "-p")).split("\n").map((row) => row.trimEnd());
      while (rows.at(-1) === "") rows.pop();
      return rows;
    };
    const until = async (isWanted: (rows: string[]) => boolean, what: string) => {
      for (let look = 0; look < 200; look++) {
        const rows = await screen();
        if (isWanted(rows)) return rows;
        await sleep(40);
      }
      throw new Error(`${what} does not show, but\n${(await screen()).join("\n")}`);
    };
    await tmux("new-session", "-d", "-x", `${cols}`, "-y", `${rows}`, "env PS1='READY> ' bash --norc -i");
    try {
      await until((rows) => rows.some((row) => row.startsWith("READY>")), "a prompt");
      await body({
        tmux,
        screen,
        until,
        press: async (...keys) => void await tmux("send-keys", ...keys),
        type: async (text) => void await tmux("send-keys", "-l", text),
        sees: (row) => until((rows) => rows.some((each) => row.test(each)), String(row)),
        resize: async (cols, rows) => void await tmux("resize-window", "-x", `${cols}`, "-y", `${rows}`),
      });
    } finally {
      await tmux("kill-server");
    }
  });
}
