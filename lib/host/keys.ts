/**
 * The recorder's own keys, found in what is typed.
 *
 * They are looked for byte by byte, so a key is found in the middle of fast typing as well, and not inside a bracketed
 * paste, where a control character is text. A terminal that speaks the kitty keyboard protocol sends Ctrl combinations as
 * `CSI code ; 5 u`; those are recognised too.
 *
 * After the mark key everything typed up to Enter is the marker's label and goes nowhere else; Escape or Ctrl-C takes it back.
 * @module
 */

import { UsageError } from "../errors.ts";

/** The byte string of each key, empty for none. */
export interface KeyBindings {
  readonly pause: string;
  readonly mark: string;
  readonly discard: string;
}

/** What a key asks for. */
export type KeyAction = { readonly key: "pause" | "discard" } | { readonly key: "mark"; readonly label: string };

/** Where a {@linkcode KeyBindings} search stands. Plain data, so that it can move to another thread. */
export interface KeyState {
  readonly bindings: KeyBindings;
  pasting: boolean;
  /** The label typed so far, while one is typed. */
  label: number[] | undefined;
  /** The beginning of an escape sequence that may become one of our keys or a paste bracket. */
  held: number[];
}

/** A search that has seen nothing yet. */
export function keyState(bindings: KeyBindings): KeyState {
  return { bindings, pasting: false, label: undefined, held: [] };
}

const ESC = 0x1b;
const PASTE_START = "\x1b[200~";
const PASTE_END = "\x1b[201~";

/** Splits what was typed into the bytes to pass on and the keys that are ours. */
export function filterKeys(state: KeyState, typed: Uint8Array): { pass: Uint8Array; actions: KeyAction[] } {
  if (nothingOfOurs(state, typed)) return { pass: typed, actions: [] };
  const pass: number[] = [];
  const actions: KeyAction[] = [];
  for (const byte of typed) take(state, byte, pass, actions);
  // A sequence that stops at the end of what was read is passed on: a lone Escape must not wait for the next key.
  if (state.held.length > 0) {
    const held = String.fromCharCode(...state.held);
    state.held = [];
    takePlain(state, held, pass, actions);
  }
  return { pass: Uint8Array.from(pass), actions };
}

/** The usual case, told without looking at each byte twice: no key, no escape sequence, no label being typed. */
function nothingOfOurs({ bindings, label }: KeyState, typed: Uint8Array): boolean {
  if (label !== undefined || typed.includes(ESC)) return false;
  return [bindings.pause, bindings.mark, bindings.discard].every((key) =>
    key === "" || !typed.includes(key.charCodeAt(0))
  );
}

function take(state: KeyState, byte: number, pass: number[], actions: KeyAction[]): void {
  if (state.held.length === 0 && byte !== ESC) return takePlain(state, String.fromCharCode(byte), pass, actions);
  state.held.push(byte);
  const held = String.fromCharCode(...state.held);
  if (mayGrow(held)) return;
  state.held = [];
  takePlain(state, held, pass, actions);
}

/** Whether `held` is the beginning of `ESC [ digits ; digits u` or of a paste bracket, and not all of it. */
function mayGrow(held: string): boolean {
  return held.length < 12 && /^\x1b(\[[\d;]*)?$/.test(held);
}

function takePlain(state: KeyState, key: string, pass: number[], actions: KeyAction[]): void {
  if (state.label !== undefined) return takeLabel(state, key, actions);
  if (key === PASTE_START) state.pasting = true;
  if (key === PASTE_END) state.pasting = false;
  const name = state.pasting ? undefined : boundTo(state.bindings, key);
  if (name === "mark") state.label = [];
  else if (name !== undefined) actions.push({ key: name });
  else for (let at = 0; at < key.length; at++) pass.push(key.charCodeAt(at));
}

function boundTo(bindings: KeyBindings, key: string): keyof KeyBindings | undefined {
  const names = ["pause", "mark", "discard"] as const;
  return names.find((name) => bindings[name] !== "" && (key === bindings[name] || key === asKitty(bindings[name])));
}

/** How the kitty keyboard protocol spells a control character. */
function asKitty(key: string): string {
  const code = key.charCodeAt(0);
  return code < 32 ? `\x1b[${code < 27 ? code + 96 : code + 64};5u` : key;
}

function takeLabel(state: KeyState, key: string, actions: KeyAction[]): void {
  const label = state.label!;
  if (key === "\r" || key === "\n") {
    actions.push({ key: "mark", label: new TextDecoder().decode(Uint8Array.from(label)).trim() });
    state.label = undefined;
  } else if (key === "\x1b" || key === "\x03") state.label = undefined;
  else if (key === "\x7f" || key === "\b") dropCharacter(label);
  else if (key.length === 1 && key >= " ") label.push(key.charCodeAt(0));
}

/** Takes the last character of a label away, all bytes of its UTF-8. */
function dropCharacter(label: number[]): void {
  while (label.length > 0 && (label.pop()! & 0xc0) === 0x80);
}

/**
 * The byte that a key's name stands for: `C-\`, `ctrl-p` or `^p`; empty for `none`.
 *
 * @throws {UsageError} If it is none of these.
 */
export function parseKey(name: string): string {
  if (name === "none") return "";
  const match = /^(?:\^|c-|ctrl[-+])(.)$/i.exec(name);
  const code = match ? match[1]!.toUpperCase().charCodeAt(0) : 0;
  if (code < 0x40 || code > 0x5f || code === 0x5b) {
    throw new UsageError(
      `Cannot use ${JSON.stringify(name)} as a key: expected C- and a letter or one of \\ ] ^ _, or none`,
    );
  }
  return String.fromCharCode(code & 0x1f);
}

/** A key's name as people write it. */
export function keyName(key: string): string {
  return key === "" ? "none" : `Ctrl-${String.fromCharCode(key.charCodeAt(0) + 64)}`;
}
