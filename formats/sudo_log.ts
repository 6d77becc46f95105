/**
 * sudo's I/O log: a directory for each session, with a file that tells what it was (`log.json`, or `log` of older versions), one
 * that tells what happened when (`timing`), and one for each stream, most often compressed.
 *
 * Terminal output and input become events of their own kinds; what went through pipes (`stdin`, `stdout`, `stderr`) is kept as
 * `custom` events with codes such as `sudo-stdin`. Of the command's environment, all of which sudo logs, only the harmless part
 * is taken over.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionReader } from "../lib/ports.ts";
import { beginsLog } from "./sudo_log/log.ts";
import type { Gunzip } from "./sudo_log/part.ts";
import { sudoSession } from "./sudo_log/session.ts";

export type { Gunzip } from "./sudo_log/part.ts";

/**
 * What reading a log needs of its host.
 *
 * @example
 * ```ts
 * const plain: SudoLogHost = { gunzip: (bytes) => bytes };
 * ```
 */
export interface SudoLogHost {
  /** Opens files that are compressed. */
  readonly gunzip: Gunzip;
}

/**
 * Reader of sudo's I/O logs. Its sources are the files `log.json` or `log`, whose siblings are the other files.
 *
 * A log whose exit was not noted may have ended or been killed: that stays unknown. sudo takes the permission to write from
 * `timing` at the end of a session, but does so as well when the disk is full, so nobody looks at it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { sudoLog } from "@term2ai/term2ai/formats";
 *
 * equal(sudoLog.detect(new TextEncoder().encode("1795382254:ada:root::/dev/pts/0:24:80\n/\n/bin/sh\n")), true);
 * equal(sudoLogFormat({ gunzip: (bytes) => bytes }).name, sudoLog.name);
 * ```
 */
export function sudoLogFormat({ gunzip }: SudoLogHost): SessionReader {
  return {
    name: "sudo",
    title: "sudo I/O log",
    extensions: [],
    prefixLength: 16384,
    detect: beginsLog,
    open: (source, report) => sudoSession(source, gunzip, report),
  };
}
