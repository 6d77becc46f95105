/**
 * The errors of the project: one small family, each with a stable `code` to branch on and a message for people.
 *
 * A message says what could not be done, to what, and where; then what was found and expected, what is still good, and
 * what to do next.
 *
 * This module is browser compatible.
 * @module
 */

/**
 * What all errors of this library have in common.
 *
 * @example Telling ours from the rest
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const error: unknown = new UsageError("Cannot record: the size is 0x0");
 * equal(error instanceof Term2aiError && error.code, "usage");
 * ```
 */
export class Term2aiError extends Error {
  /** Names the kind of failure; stays the same when the message is reworded. */
  readonly code: string;

  /** Joins a stable `code` and a message for people. */
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/**
 * The caller asked for something that makes no sense; nothing was begun.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(new UsageError("Cannot play at speed 0").code, "usage");
 * ```
 */
export class UsageError extends Term2aiError {
  /** Code `usage`. */
  constructor(message: string, options?: ErrorOptions) {
    super("usage", message, options);
  }
}

/**
 * Where in a recording something is: by byte from its start, or by line from 1.
 *
 * @example
 * ```ts
 * const place: Place = { line: 17 };
 * ```
 */
export interface Place {
  /** Offset from 0. */
  readonly byte?: number;
  /** Line number from 1. */
  readonly line?: number;
}

/**
 * Bytes are not what their format says they should be.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 *
 * const error = new FormatError("Cannot read demo.cast: line 1 is not a JSON object", { line: 1 });
 * equal(error.place.line, 1);
 * ```
 */
export class FormatError extends Term2aiError {
  /** Where the fault is. */
  readonly place: Place;

  /** Code `format`, and the place of the fault. */
  constructor(message: string, place: Place = {}, options?: ErrorOptions) {
    super("format", message, options);
    this.place = place;
  }
}

/**
 * A recording could not be kept or fetched.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(new StorageError("Cannot write demo.t2a: the disk is full", "demo.t2a").key, "demo.t2a");
 * ```
 */
export class StorageError extends Term2aiError {
  /** What was to be kept or fetched: a path, or the key of a blob. */
  readonly key: string;

  /** Code `storage`, and the key. */
  constructor(message: string, key: string, options?: ErrorOptions) {
    super("storage", message, options);
    this.key = key;
  }
}

/**
 * A pseudo-terminal, or the program on it, could not be started or driven.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(new PtyError("Cannot run nosuch: command not found", "ENOENT").errno, "ENOENT");
 * ```
 */
export class PtyError extends Term2aiError {
  /** The system's name for what went wrong: `ENOENT`, `EACCES`, `EMFILE` … */
  readonly errno: string;

  /** Code `pty`, and the system's error name. */
  constructor(message: string, errno: string, options?: ErrorOptions) {
    super("pty", message, options);
    this.errno = errno;
  }
}

/**
 * A recording or a replay was asked for something that its state does not allow.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(new SessionError("Cannot set a marker: the session has ended").code, "session");
 * ```
 */
export class SessionError extends Term2aiError {
  /** Code `session`. */
  constructor(message: string, options?: ErrorOptions) {
    super("session", message, options);
  }
}
