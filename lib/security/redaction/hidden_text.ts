/**
 * Secrets in what is no output and no input: headers, markers, notes, foreign events and screens.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, Json, ScreenBuffer, ScreenRow, ScreenState, SessionEvent, SessionHeader } from "../../event.ts";
import { type Cell, cellsOf as runCells, runsOf } from "../../transform/anonymize/screens.ts";
import { type Below, KEY_HEADERS } from "./below.ts";
import { EMPTY, WIDE_TAIL } from "./cells.ts";
import { type TextHider, textIn } from "./payloads.ts";
import type { SecretPlace } from "./findings.ts";
import { isSensitiveName } from "./secrets.ts";
import { type Found, type Matcher, textOf } from "./matcher.ts";

/** Hears of a secret that was hidden in a text. */
export type FoundInText = (found: Found, cells: Uint32Array, place: SecretPlace) => void;

/** Hides secrets in texts. */
export class HiddenText {
  readonly #matcher: Matcher;
  readonly #found: FoundInText;

  constructor(matcher: Matcher, found: FoundInText) {
    this.#matcher = matcher;
    this.#found = found;
  }

  /** What hides secrets that stand at a place. */
  at(place: SecretPlace): TextHider {
    return (text) => this.#inText(text, place);
  }

  /** An event without its secrets. */
  inEvent(event: Exclude<SessionEvent, { kind: "output" | "input" | "keyframe" }>): SessionEvent {
    switch (event.kind) {
      case "header":
        return {
          ...event,
          header: this.#inJson(event.header as unknown as Json, "header") as unknown as SessionHeader,
        };
      case "marker":
        return { ...event, label: this.#inText(event.label, "marker") };
      case "note":
        return { ...event, topic: this.#inText(event.topic, "note"), data: this.#inJson(event.data, "note") };
      case "command":
        return this.#inCommand(event);
      case "custom":
        return this.#inCustom(event);
      case "screen":
        return { ...event, state: this.#inScreen(event.state) };
      default:
        return event;
    }
  }

  #inText(text: string, place: SecretPlace): string {
    if (text.length < 4) return text;
    const cells = unitsOf(text);
    const look = this.#matcher.look(cells, cells.length, -1);
    const all = [...look.found, ...(look.opens === KEY_HEADERS ? blocksIn(text) : [])];
    if (text.includes("\n")) all.push(...this.#inLines(text));
    if (all.length === 0) return text;
    const hidden = text.split("");
    for (const found of all) {
      for (let at = found.start; at < found.end; at++) hidden[at] = "*";
      this.#found(found, cells, place);
    }
    return hidden.join("");
  }

  /** What lines tell about the ones below them. */
  *#inLines(text: string): Iterable<Found> {
    let above: Below | undefined;
    for (const { 0: line, index } of text.matchAll(/[^\r\n]+/g)) {
      const { opens, found } = this.#matcher.look(unitsOf(line), line.length, -1);
      for (const each of found) yield { ...each, start: index + each.start, end: index + each.end };
      const taken = above?.take(line);
      if (taken && taken.end > taken.start) {
        const { start, end, isValue = false } = taken;
        yield { start: index + start, end: index + end, rule: above!.rule, isValue, chars: undefined };
      }
      above = opens ?? taken?.below;
    }
  }

  /** Texts in a value; one whose name says that it is a secret is hidden as a whole. */
  #inJson(value: Json, place: SecretPlace, name = ""): Json {
    if (typeof value === "string") {
      return isSensitiveName(name) && value !== "" && !/^\*+$/.test(value)
        ? this.#wholly(value, place)
        : this.#inText(value, place);
    }
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((each) => this.#inJson(each, place, name));
    return Object.fromEntries(
      Object.entries(value).filter(([, each]) => each !== undefined).map((
        [key, each],
      ) => [this.#inText(key, place), this.#inJson(each, place, key)]),
    );
  }

  #wholly(value: string, place: SecretPlace): string {
    const cells = Uint32Array.from(value, (char) => char.codePointAt(0)!);
    const whole = { start: 0, end: cells.length, rule: "sensitive-name", isValue: true, chars: undefined };
    this.#found(whole, cells, place);
    return "*".repeat(cells.length);
  }

  #inCommand(event: EventOf<"command">): SessionEvent {
    const hide = this.at("command");
    return {
      ...event,
      ...(event.text === undefined ? {} : { text: hide(event.text) }),
      ...(event.cwd === undefined ? {} : { cwd: hide(event.cwd) }),
    };
  }

  #inCustom(event: EventOf<"custom">): SessionEvent {
    const text = textIn(event.data);
    const hidden = text === undefined ? undefined : this.#inText(text, "custom");
    return hidden === text ? event : { ...event, data: new TextEncoder().encode(hidden) };
  }

  #inScreen(state: ScreenState): ScreenState {
    const hide = this.at("screen");
    const { title, icon, links, alternate } = state;
    return {
      ...state,
      ...(title === undefined ? {} : { title: hide(title) }),
      ...(icon === undefined ? {} : { icon: hide(icon) }),
      ...(links && { links: links.map(({ uri, ...more }) => ({ ...more, uri: hide(uri) })) }),
      normal: this.#inBuffer(state.normal),
      ...(alternate && { alternate: this.#inBuffer(alternate) }),
    };
  }

  #inBuffer(buffer: ScreenBuffer): ScreenBuffer {
    const { scrollback } = buffer;
    return {
      ...buffer,
      rows: this.#inRows(buffer.rows),
      ...(scrollback && { scrollback: this.#inRows(scrollback) }),
    };
  }

  #inRows(rows: readonly ScreenRow[]): ScreenRow[] {
    const cells = rows.map((row) => row.cells.flatMap(runCells));
    let above: Below | undefined;
    for (let first = 0, row = 0; row < rows.length; row++) {
      if (rows[row]!.wraps && row + 1 < rows.length) continue;
      above = this.#inLine(cells.slice(first, row + 1), above);
      first = row + 1;
    }
    return rows.map((row, at) => ({ ...row, cells: runsOf(cells[at]!) }));
  }

  /** Hides what is secret in a line; says what is expected in the next one. */
  #inLine(rows: readonly Cell[][], above: Below | undefined): Below | undefined {
    const places = rows.flatMap((row) => row.map((_, at) => ({ row, at })));
    const codes = Uint32Array.from(codesOf(rows.flat()));
    const { found: inside, opens } = this.#matcher.look(codes, codes.length, -1);
    const text = textOf(codes, 0, codes.length), taken = above?.take(text);
    const told = taken && taken.end > taken.start
      ? [{ ...taken, rule: above!.rule, isValue: taken.isValue === true, chars: undefined }]
      : [];
    for (const found of [...inside, ...told]) {
      let cell = 0;
      for (const { row, at } of places) {
        const { style, width, text } = row[at]!;
        if (cell >= found.start && cell < found.end && text !== undefined) {
          row[at] = { style, text: "*".repeat(width), width };
        }
        cell += width;
      }
      this.#found(found, codes, "screen");
    }
    return opens ?? taken?.below ?? (above?.skipsEmpty && text.trim() === "" ? above : undefined);
  }
}

function unitsOf(text: string): Uint32Array {
  const units = new Uint32Array(text.length);
  for (let at = 0; at < text.length; at++) units[at] = text.charCodeAt(at);
  return units;
}

/** Private keys of several lines; the breaks between them stay. */
function* blocksIn(text: string): Iterable<Found> {
  for (
    const { 0: head, 1: body, index } of text.matchAll(/-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----([^-]+)/g)
  ) {
    const before = index + head.length - body!.length;
    for (const { 1: line, index: at } of body!.matchAll(/\\(?:x[0-9a-fA-F]{2}|[^])|([A-Za-z0-9+/=]+)/g)) {
      if (line === undefined) continue;
      const start = before + at;
      yield { start, end: start + line.length, rule: "private-key-block", isValue: false, chars: undefined };
    }
  }
}

/** The cells of a row as the matcher sees them. */
export function codesOf(cells: readonly Cell[]): number[] {
  return cells.flatMap(({ text, width }) => [
    text === undefined ? EMPTY : text.codePointAt(0)!,
    ...Array.from({ length: width - 1 }, () => WIDE_TAIL),
  ]);
}

/** Rows of a recorded screen, for {@linkcode WrittenScreen.restore}. */
export function writtenRows({ rows }: ScreenBuffer): { codes: Uint32Array; wraps: boolean }[] {
  return rows.map((row) => ({
    codes: Uint32Array.from(codesOf(row.cells.flatMap(runCells))),
    wraps: row.wraps === true,
  }));
}
