/**
 * Which command lines are shells that somebody sits at.
 *
 * This module is browser compatible.
 * @module
 */

/** Programs that give a session elsewhere, which has commands of its own. */
const DOORS = [
  ..."ssh mosh su sudo doas tmux screen zellij docker podman kubectl lxc machinectl nsenter unshare chroot script newgrp"
    .split(" "),
  ..."nix-shell poetry pipenv env login toolbox distrobox vagrant adb asciinema term2ai".split(" "),
];
const SHELLS = [
  "bash",
  "zsh",
  "fish",
  "sh",
  "dash",
  "ash",
  "ksh",
  "mksh",
  "csh",
  "tcsh",
  "nu",
  "elvish",
  "xonsh",
  "pwsh",
];

/**
 * Says whether a recorder's command line starts a shell that reads commands from its terminal.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isShellCommand("/bin/bash -l"), true);
 * equal(isShellCommand("bash -c 'make test'"), false);
 * equal(isShellCommand("make test"), false);
 * ```
 */
export function isShellCommand(commandLine: string): boolean {
  const [program = "", ...options] = commandLine.trim().split(/\s+/);
  const name = program.slice(program.lastIndexOf("/") + 1).replace(/^-/, "");
  // A session on another machine, as another user or in another terminal has commands of its own as well.
  if (DOORS.includes(name)) return true;
  return SHELLS.includes(name) && options.every((option) => option.startsWith("-") && !/^-\w*c/.test(option));
}

/**
 * Says whether a line may start a shell, anywhere in it, whose prompts are not those of the shell that the line was typed at.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(mayStartShell("cd /srv && exec sudo -i"), true);
 * equal(mayStartShell(". ~/.bashrc"), false);
 * ```
 */
export function mayStartShell(line: string): boolean {
  return line.split(/[\s;&|()`'"]+/).some((word) => {
    const name = word.slice(word.lastIndexOf("/") + 1);
    return SHELLS.includes(name) || DOORS.includes(name);
  });
}
