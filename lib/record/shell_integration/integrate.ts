/**
 * Has an interactive shell tell where its commands begin and end, without touching the user's files.
 *
 * The shell is started so that it first reads a file of ours, which then has it read the user's own as always. From then on it
 * prints marks around prompts and commands (OSC 633, the sequences of VS Code) that terminals do not show. Each mark carries
 * a random word that only this shell knows, and the recording's header has the SHA-256 of that word: what any other program
 * prints is not taken for ours. The scripts are written for bash 4.4 and later, zsh 5.1 and fish 3.
 *
 * This module is browser compatible.
 * @module
 */

import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { zshScript } from "./zsh.ts";

/**
 * How a shell is to be started so that it marks its commands.
 *
 * @example
 * ```ts
 * const fish: IntegratedShell = {
 *   command: ["fish", "--init-command", "source /tmp/x/fish"], env: {}, file: "/tmp/x/fish", text: "# …",
 * };
 * ```
 */
export interface IntegratedShell {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** The file that it reads first; it removes the file, and the folder if nothing else is there. */
  readonly file: string;
  /** What has to be in that file. */
  readonly text: string;
}

type Integrate = (session: Session) => IntegratedShell | undefined;

interface Session {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly nonce: string;
}

const SHELLS: Readonly<Record<string, Integrate>> = { bash: integrateBash, zsh: integrateZsh, fish: integrateFish };

/**
 * Says whether a command line is an interactive shell that can be told to mark its commands.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isKnownShell(["/bin/zsh", "-l"], { TERM: "xterm" }), true);
 * equal(isKnownShell(["bash", "-c", "make"], { TERM: "xterm" }), false);
 * equal(isKnownShell(["bash"], { TERM: "dumb" }), false); // a terminal that shows marks
 * ```
 */
export function isKnownShell(command: readonly string[], env: Readonly<Record<string, string>>): boolean {
  return integrateShell({ command, env, folder: "/", nonce: "0" }) !== undefined;
}

/**
 * How to start `command` so that it marks its commands; `undefined` where it is no shell we know, or has arguments with which
 * it would not be interactive, or would not read a file of ours.
 *
 * @param session `folder`: an empty directory that only the user can enter. `nonce`: letters and digits that nobody can guess.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const shell = integrateShell({ command: ["bash"], env: { TERM: "xterm" }, folder: "/tmp/x", nonce: "0123abcd" });
 * deepEqual(shell?.command, ["bash", "--rcfile", "/tmp/x/bash"]);
 * ```
 */
export function integrateShell(
  session: {
    readonly command: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly folder: string;
    readonly nonce: string;
  },
): IntegratedShell | undefined {
  const { command: [program = "", ...args], env, folder, nonce } = session;
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (!Object.hasOwn(SHELLS, name) || !showsNoMarks(env.TERM)) return undefined;
  return SHELLS[name]!({ program, args, env, folder, nonce });
}

/** Terminals that do not know the form of sequences at all would print them. */
function showsNoMarks(term: string | undefined): boolean {
  return term !== undefined && term !== "" && term !== "dumb" && !term.startsWith("emacs") && !term.startsWith("vt52");
}

/** bash reads `--rcfile` only when it is no login shell; a login shell reads `$ENV`, and that only in POSIX mode. */
function integrateBash({ program, args, env, folder, nonce }: Session): IntegratedShell | undefined {
  const file = `${folder}/bash`;
  const options = [...args];
  let login = false, rcFile: string | undefined;
  while (options.length > 0) {
    const option = options.shift()!;
    if (/^-(?:i?l|li|-login)$/.test(option)) login = true;
    else if (/^--(?:rcfile|init-file)$/.test(option) && options.length > 0) rcFile = options.shift();
    else if (option !== "-i") return undefined;
  }
  const text = bashScript(nonce, file, { login, rcFile, env });
  if (!login) return { command: [program, "--rcfile", file, ...args.filter((arg) => arg === "-i")], env, file, text };
  const interactive = args.some((arg) => /^-\w*i/.test(arg)) ? ["-i"] : [];
  return { command: [program, "--posix", "-l", ...interactive], env: { ...env, ENV: file }, file, text };
}

function integrateZsh({ program, args, env, folder, nonce }: Session): IntegratedShell | undefined {
  if (!args.every((arg) => /^(?:-[il]+|--login|--interactive)$/.test(arg))) return undefined;
  const file = `${folder}/.zshenv`;
  return { command: [program, ...args], env: { ...env, ZDOTDIR: folder }, file, text: zshScript(nonce, file, env) };
}

function integrateFish({ program, args, env, folder, nonce }: Session): IntegratedShell | undefined {
  if (!args.every((arg) => /^(?:-[il]+|--login|--interactive)$/.test(arg))) return undefined;
  const file = `${folder}/fish`;
  const text = fishScript(nonce, file);
  return { command: [program, ...args, "--init-command", `source '${file}'`], env, file, text };
}
