/**
 * Compares two sessions command by command.
 *
 * Commands are aligned by their lines; of those that stand for each other exit code, folder, duration and output are compared. Times,
 * ids, addresses and temporary paths in the output do not count, nor does a duration that noise could explain.
 *
 * This module is browser compatible.
 * @module
 */

import type { Nanos } from "../event.ts";
import { MILLISECOND } from "../event.ts";
import { parseCommandLine } from "./commands/command_line.ts";
import { normalizeLine } from "./normalize.ts";
import type { DigestedCommand } from "./session_digest.ts";

/**
 * A line of output that is only on one side, or on both.
 *
 * @example
 * ```ts
 * const removed: OutputChange = { side: "a", line: "3 passed" };
 * ```
 */
export interface OutputChange {
  /** Where it is. */
  readonly side: "a" | "b" | "both";
  /** The line; of lines on both sides it is that of the second session. */
  readonly line: string;
}

/**
 * Two commands that stand for each other, or one that has no counterpart.
 *
 * @example
 * ```ts
 * const isNew = ({ a }: ComparedCommand) => a === undefined;
 * ```
 */
export interface ComparedCommand {
  /** In the first session. */
  readonly a?: DigestedCommand;
  /** In the second session. */
  readonly b?: DigestedCommand;
  /** What differs; empty when nothing does. */
  readonly differences: readonly ("added" | "removed" | "text" | "exit" | "cwd" | "slower" | "faster" | "output")[];
  /** The lines of both, where the output differs, with up to three lines around each change. */
  readonly output: readonly OutputChange[];
}

/**
 * How strictly to compare.
 *
 * @example
 * ```ts
 * const strict: CompareOptions = { slower: 1.2, noise: 10e6 };
 * ```
 */
export interface CompareOptions {
  /** A command is slower when it takes this many times as long; 2 when absent. */
  readonly slower?: number;
  /** And this much longer; 100 ms when absent. */
  readonly noise?: Nanos;
}

/** Beyond this many changes lines are not aligned any more: that would take time for nothing. */
const MAX_EDITS = 4000;
const AROUND = 3;

/**
 * Aligns the commands of two sessions and tells what differs.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const made = (code: number) => [{
 *   command: { session: 0, index: 0, start: 0, end: 1e9, text: "make", code, outputBytes: 0, confidence: "exact" as const },
 *   output: [], more: { lines: 0, hash: 0 },
 * }];
 * deepEqual((await compareSessions(made(0), made(0))).map(({ differences }) => differences), [[]]);
 * deepEqual((await compareSessions(made(0), made(2))).map(({ differences }) => differences), [["exit"]]);
 * ```
 */
export async function compareSessions(
  a: readonly DigestedCommand[],
  b: readonly DigestedCommand[],
  options: CompareOptions = {},
): Promise<ComparedCommand[]> {
  const { diffArrays } = await import("diff");
  return align(a, b, diffArrays).map(([left, right]) => compareCommands(left, right, options, diffArrays));
}

type DiffArrays = typeof import("diff").diffArrays;

type Pair = readonly [DigestedCommand | undefined, DigestedCommand | undefined];

function align(a: readonly DigestedCommand[], b: readonly DigestedCommand[], diffArrays: DiffArrays): Pair[] {
  const changes = diffArrays(a.map(keyOf), b.map(keyOf), { maxEditLength: MAX_EDITS }) ??
    [{ value: a, removed: true, added: false, count: a.length }, {
      value: b,
      removed: false,
      added: true,
      count: b.length,
    }];
  const pairs: Pair[] = [];
  let left: DigestedCommand[] = [], right: DigestedCommand[] = [];
  let [atA, atB] = [0, 0];
  const settle = () => {
    pairs.push(...pairUp(left, right));
    [left, right] = [[], []];
  };
  for (const { value, added, removed } of changes) {
    if (removed) left = [...left, ...a.slice(atA, atA += value.length)];
    else if (added) right = [...right, ...b.slice(atB, atB += value.length)];
    else {
      settle();
      for (let count = value.length; count > 0; count--) pairs.push([a[atA++], b[atB++]]);
    }
  }
  settle();
  return pairs;
}

const keyOf = ({ command }: DigestedCommand) => command?.text?.trim() ?? "";

/** Commands between two that are the same: those of one program stand for each other, in their order. */
function pairUp(left: readonly DigestedCommand[], right: readonly DigestedCommand[]): Pair[] {
  const pairs: Pair[] = [];
  let from = 0;
  for (const one of left) {
    const at = right.findIndex((other, index) => index >= from && programOf(one) === programOf(other));
    if (at < 0) pairs.push([one, undefined]);
    else {
      for (; from < at; from++) pairs.push([undefined, right[from]]);
      pairs.push([one, right[at]]);
      from = at + 1;
    }
  }
  for (; from < right.length; from++) pairs.push([undefined, right[from]]);
  return pairs;
}

const programOf = (digested: DigestedCommand) => parseCommandLine(keyOf(digested)).programs[0]?.program ?? "";

function compareCommands(
  a: DigestedCommand | undefined,
  b: DigestedCommand | undefined,
  options: CompareOptions,
  diffArrays: DiffArrays,
): ComparedCommand {
  if (!a || !b) return { ...(a && { a }), ...(b && { b }), differences: [a ? "removed" : "added"], output: [] };
  const differences: ComparedCommand["differences"][number][] = [];
  const [left, right] = [a.command, b.command];
  if (keyOf(a) !== keyOf(b)) differences.push("text");
  if (left?.code !== right?.code && left?.code !== undefined && right?.code !== undefined) differences.push("exit");
  if (
    left?.cwd !== right?.cwd && left?.cwd !== undefined && right?.cwd !== undefined &&
    normalizeLine(left.cwd) !== normalizeLine(right.cwd)
  ) {
    differences.push("cwd");
  }
  const pace = compareDurations(durationOf(a), durationOf(b), options);
  if (pace) differences.push(pace);
  const output = compareOutput(a, b, diffArrays);
  if (output.length > 0) differences.push("output");
  return { a, b, differences, output };
}

function durationOf({ command }: DigestedCommand): Nanos | undefined {
  return command?.end === undefined ? undefined : command.end - command.start;
}

function compareDurations(
  a: Nanos | undefined,
  b: Nanos | undefined,
  { slower = 2, noise = 100 * MILLISECOND }: CompareOptions,
): "slower" | "faster" | undefined {
  if (a === undefined || b === undefined || Math.abs(a - b) < noise) return undefined;
  if (b >= slower * a) return "slower";
  return a >= slower * b ? "faster" : undefined;
}

/** The lines around what differs; none when nothing does. */
function compareOutput(a: DigestedCommand, b: DigestedCommand, diffArrays: DiffArrays): OutputChange[] {
  const options = { comparator: sameLine, maxEditLength: MAX_EDITS };
  const changes = diffArrays([...a.output], [...b.output], options);
  if (!changes) {
    return [{ side: "a", line: `(${a.output.length} lines)` }, { side: "b", line: `(${b.output.length} lines)` }];
  }
  const lines: OutputChange[] = changes.flatMap(({ value, added, removed }) =>
    value.map((line) => ({ side: removed ? "a" as const : added ? "b" as const : "both" as const, line }))
  );
  if (a.more.lines !== b.more.lines || a.more.hash !== b.more.hash) {
    lines.push({ side: "a", line: `(${a.more.lines} more lines)` }, {
      side: "b",
      line: `(${b.more.lines} other lines)`,
    });
  }
  return around(lines);
}

const sameLine = (a: string, b: string) => a === b || normalizeLine(a) === normalizeLine(b);

function around(lines: readonly OutputChange[]): OutputChange[] {
  const near = new Set<number>();
  for (const [at, { side }] of lines.entries()) {
    if (side !== "both") { for (let index = at - AROUND; index <= at + AROUND; index++) near.add(index); }
  }
  return lines.filter((_, at) => near.has(at));
}

/**
 * What two screens show differently.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * deepEqual(compareScreens(["$ ls", "a"], ["$ ls", "b"]), [{ row: 1, a: "a", b: "b" }]);
 * ```
 */
export function compareScreens(
  a: readonly string[],
  b: readonly string[],
): { readonly row: number; readonly a: string; readonly b: string }[] {
  const rows = Array.from(
    { length: Math.max(a.length, b.length) },
    (_, row) => ({ row, a: a[row] ?? "", b: b[row] ?? "" }),
  );
  return rows.filter((row) => row.a !== row.b);
}
