import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../lib/errors.ts";
import { filterKeys, type KeyAction, keyName, keyState, parseKey } from "../lib/host/keys.ts";

const bindings = { pause: "\x1c", mark: "\x1d", discard: "\x1f" };

/** Feeds pieces of typed text and tells what was passed on and what was asked for. */
function typed(...pieces: string[]): { pass: string; actions: KeyAction[] } {
  const state = keyState(bindings);
  let pass = "";
  const actions: KeyAction[] = [];
  for (const piece of pieces) {
    const result = filterKeys(state, new TextEncoder().encode(piece));
    pass += new TextDecoder().decode(result.pass);
    actions.push(...result.actions);
  }
  return { pass, actions };
}

Deno.test("filterKeys() finds a key in the middle of fast typing", () => {
  deepEqual(typed("ls\x1c -l\r"), { pass: "ls -l\r", actions: [{ key: "pause" }] });
  deepEqual(typed("\x1c\x1c"), { pass: "", actions: [{ key: "pause" }, { key: "pause" }] });
  deepEqual(typed("a\x1fb"), { pass: "ab", actions: [{ key: "discard" }] });
});

Deno.test("filterKeys() takes keys inside a bracketed paste as text", () => {
  const paste = "\x1b[200~one\x1ctwo\x1d\x1b[201~";
  deepEqual(typed(paste + "\x1c"), { pass: paste, actions: [{ key: "pause" }] });
  deepEqual(typed("\x1b[200~one", "\x1c", "\x1b[201~").actions, []);
});

Deno.test("filterKeys() knows a key as the kitty keyboard protocol spells it", () => {
  deepEqual(typed("\x1b[92;5u"), { pass: "", actions: [{ key: "pause" }] });
  deepEqual(typed("\x1b[97;5u"), { pass: "\x1b[97;5u", actions: [] });
});

Deno.test("filterKeys() keeps everything up to Enter after the mark key as the label", () => {
  deepEqual(typed("\x1dfirst\x7f\x7fal strüp\r", "x"), { pass: "x", actions: [{ key: "mark", label: "firal strüp" }] });
  deepEqual(typed("\x1d", "ü", "\x7f", "\r"), { pass: "", actions: [{ key: "mark", label: "" }] });
});

Deno.test("filterKeys() forgets a label at Escape and Ctrl-C", () => {
  deepEqual(typed("\x1dnever", "\x1b", "y"), { pass: "y", actions: [] });
  deepEqual(typed("\x1dnever\x03y"), { pass: "y", actions: [] });
});

Deno.test("filterKeys() never holds Escape back", () => {
  deepEqual(typed("\x1b"), { pass: "\x1b", actions: [] });
  deepEqual(typed("\x1b["), { pass: "\x1b[", actions: [] });
  deepEqual(typed("\x1bOA\x1b[A\x1b[1;5C\x1bx"), { pass: "\x1bOA\x1b[A\x1b[1;5C\x1bx", actions: [] });
});

Deno.test("filterKeys() passes on everything but keys, however it is split", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (pieces) => {
    const state = keyState({ pause: "", mark: "", discard: "" });
    const passed = pieces.flatMap((piece) => [...filterKeys(state, piece).pass]);
    deepEqual(passed, pieces.flatMap((piece) => [...piece]));
  }));
});

Deno.test("parseKey() reads the usual ways of writing a control key", () => {
  for (const name of ["C-\\", "c-\\", "ctrl-\\", "Ctrl+\\", "^\\"]) equal(parseKey(name), "\x1c");
  equal(parseKey("C-a"), "\x01");
  equal(parseKey("none"), "");
});

Deno.test("parseKey() refuses what is no control key, and Escape", () => {
  for (const name of ["", "x", "F5", "C-", "C-1", "C-[", "C-ab"]) throws(() => parseKey(name), UsageError);
});

Deno.test("keyName() tells a key as people write it", () => {
  equal(keyName("\x1c"), "Ctrl-\\");
  equal(keyName(""), "none");
});
