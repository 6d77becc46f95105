/**
 * Takes out who recorded, and where.
 *
 * Users, hosts, home and working directories become placeholders, the same one for the same name: in the header, in what was
 * printed and typed, on screens, in markers, notes, commands and foreign events. So do all titles of windows. A name is found
 * letter by letter, however it is split over events and whatever colours stand between its letters; not where the cursor moves
 * in the middle of it.
 *
 * Names come from the header (`user`, `host`, `cwd` and the environment), from the sequences by which shells tell them (OSC 7, 9;9,
 * 633, 1337, and titles such as `user@host: folder`), and from whoever calls. A name is only replaced behind where it was
 * learned; {@linkcode learnNames} reads a recording before. Folders that everybody has, and users such as root, keep their names.
 * Clipboards and iTerm2's variables, which may hold anything, are taken out.
 *
 * This is no redaction: what else somebody typed or printed stays, passwords among it.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, EventStream, Nanos, SessionEvent, SessionHeader } from "../event.ts";
import { Report } from "../report.ts";
import { Stage } from "../stream/stage.ts";
import { Names } from "./anonymize/names.ts";
import { screenWithout } from "./anonymize/screens.ts";
import { bytesOf, Slot, Veil } from "./anonymize/veil.ts";

export { Names, type Pseudonym } from "./anonymize/names.ts";

/** Events that may wait for the end of a name; a name that takes longer is not found. */
const MOST_WAITING = 4096;

/**
 * Returns a stage that puts placeholders where names stand. Times do not change. Keyframes are left out, since they can be
 * computed again; so is output of which nothing is left.
 *
 * What may be the beginning of a name waits for what follows it, at the end of a prompt, say, until somebody types.
 *
 * @param names What is known already.
 * @param report Hears of blocks that nobody can look into.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const header = { cols: 80, rows: 24, user: "ada", host: "engine", cwd: "/home/ada" };
 * const data = new TextEncoder().encode("\x1b]0;ada@engine\x07a\x1b[1mda@engine:~$ ");
 * const session = streamOf({ kind: "header", time: 0, header }, { kind: "output", time: 1, data });
 * const [, prompt] = await collect(session.pipeThrough(anonymize()));
 * equal(prompt?.kind === "output" && new TextDecoder().decode(prompt.data), "\x1b]0;title1\x07user\x1b[1m@host:~$ ");
 * ```
 */
export function anonymize(names: Names = new Names(), report: Report = new Report()): Stage {
  return new Stage((emit) => new Anonymizer(names, report, emit));
}

/**
 * Reads a session for the names in it.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { streamOf } from "@term2ai/term2ai";
 *
 * const session = streamOf({ kind: "header", time: 0, header: { cols: 80, rows: 24, host: "engine" } });
 * equal((await learnNames(session)).inText("on engine"), "on host");
 * ```
 */
export async function learnNames(events: EventStream, names: Names = new Names()): Promise<Names> {
  for await (const _ of events.pipeThrough(anonymize(names)));
  return names;
}

class Anonymizer {
  readonly #names: Names;
  readonly #report: Report;
  readonly #emit: (event: SessionEvent) => void;
  readonly #veils: { readonly output: Veil; readonly input: Veil };
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #queue: (SessionEvent | Slot)[] = [];
  #time: Nanos = 0;

  constructor(names: Names, report: Report, emit: (event: SessionEvent) => void) {
    this.#names = names;
    this.#report = report;
    this.#emit = emit;
    this.#veils = { output: new Veil(names), input: new Veil(names) };
  }

  push(event: SessionEvent): void {
    if (event.kind === "header" || event.kind === "screen") this.flush();
    this.#time = event.time;
    if (event.kind === "output" || event.kind === "input") {
      const slot = new Slot(event.kind === "input" ? this.#typed(event) : event);
      this.#queue.push(slot);
      this.#veils[event.kind].push(slot);
    } else if (event.kind !== "keyframe") this.#queue.push(this.#hidden(event));
    if (this.#queue.length > MOST_WAITING) this.#hurry();
    this.#release();
  }

  flush(): void {
    for (const kind of ["output", "input"] as const) {
      const slot = new Slot({ kind, time: this.#time, data: new Uint8Array(0) });
      this.#veils[kind].finish(slot);
      if (slot.done.length > 0) this.#queue.push(slot);
    }
    this.#release();
  }

  #hurry(): void {
    this.#veils.output.hurry();
    this.#veils.input.hurry();
  }

  #release(): void {
    let count = 0;
    for (const next of this.#queue) {
      if (!(next instanceof Slot)) this.#emit(next);
      else if (next.waiting > 0) break;
      else this.#emitSlot(next);
      count++;
    }
    if (count > 0) this.#queue.splice(0, count);
  }

  #emitSlot({ event, done, changed }: Slot): void {
    const text = done.join("");
    if (!changed && text.length === event.data.length) return this.#emit(event);
    if (text !== "") this.#emit({ ...event, data: bytesOf(text) });
  }

  #typed(event: EventOf<"input">): EventOf<"input"> {
    return event.by === undefined ? event : { ...event, by: this.#names.person(event.by) };
  }

  #hidden(event: Exclude<SessionEvent, { kind: "output" | "input" | "keyframe" }>): SessionEvent {
    const names = this.#names;
    switch (event.kind) {
      case "header":
        return { ...event, header: this.#header(event.header) };
      case "marker":
        return { ...event, label: names.inText(event.label) };
      case "note":
        return { ...event, topic: names.inText(event.topic), data: names.inJson(event.data) };
      case "custom":
        return this.#custom(event);
      case "command":
        return this.#command(event);
      case "screen":
        return this.#screen(event);
      case "opaque":
        this.#report.warn("opaque-block", "a block of a later version was passed on unseen: there may be names in it");
        return event;
      default:
        return event;
    }
  }

  #header(header: SessionHeader): SessionHeader {
    const names = this.#names;
    names.learnHeader(header);
    const { user, host, cwd } = header;
    const texts = names.inJson(JSON.parse(JSON.stringify(header))) as unknown as SessionHeader;
    return {
      ...texts,
      ...(user === undefined ? {} : { user: names.path(user) }),
      ...(host === undefined ? {} : { host: names.path(host) }),
      ...(cwd === undefined ? {} : { cwd: names.path(cwd) }),
    };
  }

  #custom(event: EventOf<"custom">): SessionEvent {
    try {
      const text = this.#decoder.decode(event.data), hidden = this.#names.inText(text);
      return hidden === text ? event : { ...event, data: new TextEncoder().encode(hidden) };
    } catch {
      return event; // no text
    }
  }

  #command(event: EventOf<"command">): SessionEvent {
    const { text, cwd } = event;
    if (cwd !== undefined) this.#names.learnPath(cwd);
    return {
      ...event,
      ...(text === undefined ? {} : { text: this.#names.inText(text) }),
      ...(cwd === undefined ? {} : { cwd: this.#names.path(cwd) }),
    };
  }

  /** Bytes that wait in the state go on with the output, and come out with it. */
  #screen(event: EventOf<"screen">): SessionEvent {
    const { pending, ...state } = event.state;
    if (pending) this.#veils.output.prime(pending);
    return { ...event, state: screenWithout(state, this.#names) };
  }
}
