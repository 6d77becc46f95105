/**
 * What every command is given.
 * @module
 */

import type { CommandContext } from "@stricli/core";

/** What a command gets beside its flags. */
export interface Context extends CommandContext {
  /** Everything behind `--`, where the command takes a command line there; `undefined` when there was no `--`. */
  readonly commandLine: readonly string[] | undefined;
}
