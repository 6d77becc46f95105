/** People at terminals, as tmux shows them. */

import { TERM2AI } from "./cli.ts";
import { eventually, type SessionTest } from "./sessions.ts";

/** Somebody at a terminal, which tmux draws. */
export class Person {
  readonly #socket: string;
  readonly #window: string;

  private constructor(socket: string, window: string) {
    this.#socket = socket;
    this.#window = window;
  }

  static async at(test: SessionTest, window: string, size = "80x24"): Promise<Person> {
    const [cols, rows] = size.split("x") as [string, string];
    const person = new Person(`${test.folder}/tmux`, window);
    const command = TERM2AI.map((word) => `'${word}'`).join(" ");
    await Deno.writeTextFile(`${test.folder}/term2ai`, `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
    const env = Object.entries({ ...test.env, PATH: `${test.folder}:${Deno.env.get("PATH")}`, PS1: "READY> " });
    const words = env.map(([name, value]) => `${name}='${value}'`).join(" "); // a login shell in between would set its own PATH
    const start = ["new-session", "-d", "-s", window, "-x", cols, "-y", rows, `exec env ${words} bash --norc`];
    test.afterwards(() => person.leaves());
    await person.tmux("-f", "/dev/null", ...start);
    await person.sees(/READY>/);
    return person;
  }

  async tmux(...args: string[]): Promise<string> {
    const command = new Deno.Command("tmux", {
      args: ["-S", this.#socket, ...args],
      stderr: "piped",
      env: { TMUX: "" },
    });
    const { stdout } = await command.output();
    return new TextDecoder().decode(stdout);
  }

  async types(...keys: string[]): Promise<void> {
    await this.tmux("send-keys", "-t", this.#window, ...keys);
  }

  async screen(...flags: string[]): Promise<string> {
    return await this.tmux("capture-pane", "-p", ...flags, "-t", this.#window);
  }

  async sees(wanted: RegExp): Promise<void> {
    await eventually(`${wanted} on the screen`, async () => wanted.test(await this.screen())).catch(async (error) => {
      throw new Error(`${error.message}\n${await this.screen()}`);
    });
  }

  async fact(format: string): Promise<string> {
    return (await this.tmux("display-message", "-p", "-t", this.#window, format)).trim();
  }

  async leaves(): Promise<void> {
    await this.tmux("kill-session", "-t", this.#window);
  }
}
