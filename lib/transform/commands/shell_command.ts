/**
 * Which command lines are shells that somebody sits at.
 *
 * This module is browser compatible.
 * @module
 */

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
  if (/^(?:ssh|mosh|su|sudo|tmux|screen|zellij|docker|podman|kubectl|script|newgrp|nix-shell|poetry|env)$/.test(name)) {
    return true;
  }
  return SHELLS.includes(name) && options.every((option) => option.startsWith("-") && !/^-\w*c/.test(option));
}
