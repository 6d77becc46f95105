import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { TerminalModes } from "../lib/replay/terminal_modes.ts";
import { chunkSizes, cut } from "./support/generate.ts";

const RESET = "\x1b[0m";

function undoOf(...pieces: readonly (string | Uint8Array)[]): string {
  const modes = new TerminalModes();
  for (const piece of pieces) modes.watch(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
  return modes.undo();
}

Deno.test("TerminalModes.undo() switches off what was switched on, and on what was switched off", () => {
  const cases: [string, string][] = [
    ["plain text\r\n", ""],
    ["\x1b[?25l", "\x1b[?25h"],
    ["\x1b[?1049h", "\x1b[?1049l"],
    ["\x1b[?1000h\x1b[?1006h", "\x1b[?1000l\x1b[?1006l"],
    ["\x1b[?1000;1006h", "\x1b[?1000l\x1b[?1006l"],
    ["\x1b[?2004h", "\x1b[?2004l"],
    ["\x1b[?7l", "\x1b[?7h"],
    ["\x1b[?1h\x1b=", "\x1b>\x1b[?1l"],
    ["\x1b[3;20r", "\x1b7\x1b[r\x1b8"],
    ["\x1b[2 q", "\x1b[0 q"],
    ["\x1b[>1u", "\x1b[<99u"],
    ["\x1b(0", "\x1b(B"],
    ["\x1b[4h", "\x1b[4l"],
  ];
  for (const [sent, undo] of cases) equal(undoOf(sent), undo + RESET, JSON.stringify(sent));
});

Deno.test("TerminalModes.undo() says nothing of what the session has put back itself", () => {
  for (const sent of ["\x1b[?25l..\x1b[?25h", "\x1b[?1049h..\x1b[?1049l", "\x1b(0..\x1b(B", "\x1b[?7l\x1b[?7h"]) {
    equal(undoOf(sent), RESET, JSON.stringify(sent));
  }
  equal(undoOf("\x1b[?1049h\x1b[?25l\x1b=\x1b[2;3r\x1bc"), RESET, "a full reset");
});

Deno.test("TerminalModes.undo() leaves the window's size and the taste of the user alone", () => {
  equal(undoOf("\x1b[?3h\x1b[?12l\x1b[?12h\x1b[?40h"), RESET);
});

Deno.test("TerminalModes.undo() leaves the alternate screen last, so that nothing else is undone on the wrong one", () => {
  ok(undoOf("\x1b[?1049h\x1b[?25l\x1b[?2004h").endsWith(`\x1b[?1049l${RESET}`));
});

const sequence = fc.oneof(
  fc.tuple(
    fc.array(fc.constantFrom(1, 3, 7, 12, 25, 47, 1000, 1006, 1049, 2004), { minLength: 1, maxLength: 8 }),
    fc.constantFrom("h", "l"),
  ).map(([modes, end]) => `\x1b[?${modes.join(";")}${end}`),
  fc.constantFrom(
    "\x1b[r",
    "\x1b[2;5r",
    "\x1b[>3u",
    "\x1b[5 q",
    "\x1b=",
    "\x1b>",
    "\x1bc",
    "\x1b(0",
    "\x1b(B",
    "\x1b[4h",
  ),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.constantFrom("\x1b", "\x1b[", "\x1b[?", "\x1b[?25", "h", "\x1b]0;title\x07"),
);

Deno.test("TerminalModes.watch() sees the same however the bytes are split", () => {
  fc.assert(fc.property(fc.array(sequence, { maxLength: 12 }), chunkSizes, (sequences, sizes) => {
    const bytes = new TextEncoder().encode(sequences.join(""));
    equal(undoOf(...cut(bytes, sizes)), undoOf(bytes));
  }));
});

Deno.test("TerminalModes.watch() finds a mode in a list of parameters of any length that is split", () => {
  const long = `\x1b[?${Array(40).fill("1000").join(";")};1049h`;
  equal(undoOf(...long), undoOf(long));
  equal(undoOf(long), `\x1b[?1000l\x1b[?1049l${RESET}`);
});

Deno.test("TerminalModes.watch() is not slowed down by output without an end", () => {
  const modes = new TerminalModes();
  const piece = new TextEncoder().encode("\x1b[?" + "1;".repeat(500));
  for (let round = 0; round < 2000; round++) modes.watch(piece);
  equal(modes.undo(), RESET);
});
