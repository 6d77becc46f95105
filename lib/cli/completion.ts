/**
 * `term2ai completion`: what shells complete its command lines with.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import { UsageError } from "../errors.ts";
import { candidatesFor } from "./completion/candidates.ts";
import { SCRIPTS } from "./completion/scripts.ts";
import type { Context } from "./program/context.ts";
import { harmless, print } from "./source/stdio.ts";

/** Somebody waits at a prompt: an answer that comes later than this is none. Milliseconds. */
const PATIENCE = 2000;

export const command: Command<Context> = buildCommand({
  async func(this: Context, _flags: Record<never, never>, shell: string, asking?: string) {
    if (shell === "candidates" && this.commandLine) return await answer(asking, this.commandLine);
    const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
    if (script === undefined) {
      throw new UsageError(`Cannot complete in ${JSON.stringify(shell)}: known are ${Object.keys(SCRIPTS).join(", ")}`);
    }
    await print(script);
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [
        { parse: String, brief: "which shell: bash, zsh or fish", placeholder: "SHELL" },
        { parse: String, brief: "the shell that asks for candidates", placeholder: "ASKING", optional: true },
      ],
    },
  },
  docs: {
    brief: "have your shell complete commands, options, files, sessions and recordings",
    customUsage: ["SHELL"],
    fullDescription:
      `Prints what your shell has to run, so that it completes commands, options and their values, files, the names of sessions that run,
and recordings in the store.

  term2ai completion bash > ~/.local/share/bash-completion/completions/term2ai
  term2ai completion zsh > ~/.zfunc/_term2ai           with fpath+=(~/.zfunc) before compinit in ~/.zshrc
  term2ai completion fish > ~/.config/fish/completions/term2ai.fish
  eval "$(term2ai completion bash)"                    for this shell only

It stays right when the program changes: shells ask it, by term2ai completion candidates SHELL -- WORD…, what may come next.`,
  },
});

/** Whatever goes wrong, nothing is shown at a prompt. */
async function answer(shell: string | undefined, line: readonly string[]): Promise<void> {
  const words = shell === "bash" ? joined(line) : line;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((give) => timer = setTimeout(() => give(undefined), PATIENCE));
  const found = await Promise.race([candidatesFor(words).catch(() => undefined), late]);
  clearTimeout(timer);
  if (!found) return await print("files\n");
  const cut = shell === "bash" ? replacedFrom(line) : 0;
  const rows = found.words.map(([word, about]) => `${harmless(word.slice(cut))}\t${harmless(about)}\n`);
  await print(`${found.orElse}\n${rows.join("")}`);
}

/** bash splits `--to=t2a` into `--to`, `=` and `t2a`, and `store:3f` likewise. */
function joined(line: readonly string[]): string[] {
  const words: string[] = [];
  let isOpen = false;
  for (const piece of line) {
    const joins = isBreak(piece) || isOpen;
    if (joins && words.length > 0 && (isOpen || /^--|^store$/.test(words.at(-1)!))) words.push(words.pop()! + piece);
    else words.push(piece);
    isOpen = isBreak(piece);
  }
  return words;
}

const isBreak = (piece: string) => piece === "=" || piece === ":";

/** How much of the last word stands before the last break: bash replaces only what is behind it. */
function replacedFrom(line: readonly string[]): number {
  const word = joined(line).at(-1) ?? "";
  const last = line.at(-1) ?? "";
  return isBreak(last) ? word.length : word.length - last.length;
}
