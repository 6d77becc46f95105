/**
 * What the benchmarks record: generated from seeds, so the same on every machine and in every run.
 *
 * - `plain`: lines of words, as a build or a log prints them.
 * - `colourful`: a full-screen program that repaints in 256 colours; nearly every word has an escape sequence.
 * - `tiny`: `plain`, written 10 bytes at a time.
 * - `session`: four minutes of somebody at a shell, with every key, pause, listing, log and editor screen.
 * @module
 */

import { MICROSECOND, MILLISECOND, SECOND, type SessionEvent } from "../../lib/event.ts";

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The names of the corpora that programs print. */
export type CorpusName = "plain" | "colourful" | "tiny";

/** At least so many bytes of a corpus, ending with a whole line. */
export function corpus(name: CorpusName, bytes: number): Uint8Array<ArrayBuffer> {
  const language = new Language(name === "colourful" ? 2 : 1);
  const line = name === "colourful" ? () => language.paintedRow() : () => language.sentence() + "\n";
  // A stretch of 4 MiB is repeated: longer than what any compressor here remembers.
  const stretch = encodeLines(line, Math.min(bytes, 4 << 20));
  const all = new Uint8Array(Math.ceil(bytes / stretch.length) * stretch.length);
  for (let at = 0; at < all.length; at += stretch.length) all.set(stretch, at);
  return all;
}

function encodeLines(line: () => string, bytes: number): Uint8Array {
  const lines: string[] = [];
  for (let length = 0; length < bytes; length += lines.at(-1)!.length) lines.push(line());
  return new TextEncoder().encode(lines.join(""));
}

/** Words and what is made of them. */
class Language {
  readonly random: () => number;
  readonly #words: string[];

  constructor(seed: number) {
    this.random = seeded(seed);
    const syllable = () => "bcdfghklmnprstvw"[this.below(16)]! + "aeiou"[this.below(5)]!;
    this.#words = Array.from({ length: 400 }, () => Array.from({ length: 1 + this.below(4) }, syllable).join(""));
  }

  below(bound: number): number {
    return Math.floor(this.random() * bound);
  }

  /** Some words are said far more often than others. */
  word(): string {
    return this.#words[Math.floor(this.random() ** 3 * this.#words.length)]!;
  }

  sentence(words = 4 + this.below(10)): string {
    return Array.from({ length: words }, () => this.word()).join(" ");
  }

  path(): string {
    return `${this.word()}/${this.word()}_${this.word()}.ts`;
  }

  hex(digits: number): string {
    return Array.from({ length: digits }, () => this.below(16).toString(16)).join("");
  }

  paintedRow(): string {
    const painted = Array.from({ length: 8 }, () => `\x1b[38;5;${this.below(256)}m${this.word()}`).join(" ");
    return `\x1b[${1 + this.below(24)};1H${painted}\x1b[0m\x1b[K\n`;
  }
}

/** An interactive session of about `seconds`, as a recorder would have seen it; times to the nanosecond. */
export function session(seconds = 240, seed = 3): SessionEvent[] {
  const typist = new Typist(seed);
  const acts = [
    () => typist.list(),
    () => typist.log(),
    () => typist.build(),
    () => typist.edit(),
    () => typist.watch(),
  ];
  for (let act = 0; typist.time < seconds * SECOND; act++) acts[act % acts.length]!();
  typist.events.push({ kind: "exit", time: typist.time, status: { code: 0 } });
  return typist.events;
}

/** Somebody at a shell, and the programs that answer. */
class Typist {
  time = 0;
  readonly events: SessionEvent[] = [{
    kind: "header",
    time: 0,
    header: { cols: 100, rows: 30, startedAt: Date.UTC(2026, 0, 1), term: "xterm-256color", shell: "/bin/bash" },
  }];
  readonly #language: Language;
  readonly #encoder = new TextEncoder();

  constructor(seed: number) {
    this.#language = new Language(seed);
  }

  list(): void {
    this.#type("ls -la " + this.#language.word());
    const lines = Array.from({ length: 12 + this.#below(40) }, () => {
      const size = String(this.#below(200_000)).padStart(7);
      const when = `Jan ${String(1 + this.#below(28)).padStart(2)} ${10 + this.#below(14)}:${10 + this.#below(50)}`;
      return `-rw-r--r-- 1 user user ${size} ${when} \x1b[01;3${
        1 + this.#below(6)
      }m${this.#language.path()}\x1b[0m\r\n`;
    });
    this.#print(lines.join(""), 4096, 300 * MICROSECOND);
  }

  log(): void {
    this.#type("git log --stat");
    for (let commit = 0; commit < 6; commit++) {
      const files = Array.from({ length: 1 + this.#below(6) }, () => {
        const added = 1 + this.#below(40);
        const bar = `\x1b[32m${"+".repeat(added)}\x1b[m\x1b[31m${"-".repeat(this.#below(20))}\x1b[m`;
        return ` ${this.#language.path().padEnd(30)} | ${String(added).padStart(3)} ${bar}\r\n`;
      });
      this.#print(
        `\x1b[33mcommit ${this.#language.hex(40)}\x1b[m\r\n\r\n    ${this.#language.sentence()}\r\n\r\n` +
          files.join(""),
        1024,
        2 * MILLISECOND,
      );
      this.#pause(2 * SECOND);
    }
  }

  build(): void {
    this.#type("make -j2");
    const steps = 40 + this.#below(60);
    for (let step = 1; step <= steps; step++) {
      const percent = String(Math.floor(step * 100 / steps)).padStart(3);
      const line = `[${percent}%] \x1b[32mBuilding object ${this.#language.path()}.o\x1b[0m\r\n`;
      this.#print(line, 4096, (20 + this.#below(200)) * MILLISECOND);
      if (this.#below(12) === 0) {
        this.#print(
          `${this.#language.path()}:${this.#below(900)}: \x1b[35mwarning:\x1b[0m ${this.#language.sentence()}\r\n`,
        );
      }
    }
  }

  /** A full-screen editor: a screen painted, then typing with a status line that follows. */
  edit(): void {
    this.#type("edit " + this.#language.path());
    this.#print("\x1b[?1049h\x1b[2J" + Array.from({ length: 28 }, (_, row) => this.#codeLine(row + 1)).join(""), 4096);
    for (let key = 0; key < 120; key++) {
      const [row, col] = [5 + Math.floor(key / 60), 8 + key % 60];
      const letter = key % 7 === 6 ? " " : "abcdefghijklmnopqrstuvwxyz"[this.#below(26)]!;
      this.#wait(this.#keyTime());
      this.#print(`\x1b[?25l\x1b[${row};${col}H${letter}\x1b[30;80H${row},${col}   \x1b[${row};${col + 1}H\x1b[?25h`);
    }
    this.#print("\x1b[?1049l");
  }

  /** A program that shows processes and repaints every second. */
  watch(): void {
    this.#type("top");
    for (let screen = 0; screen < 12; screen++) {
      const rows = Array.from({ length: 20 }, (_, row) => {
        const share = (this.#below(1000) / (row + 10)).toFixed(1).padStart(5);
        return `\x1b[${row + 8};1H${1000 + row * 37} user 20 0 ${share} ${this.#language.word().padEnd(20)}\x1b[K`;
      });
      this.#print(
        "\x1b[H\x1b[1m" + this.#language.sentence(8) + "\x1b[0m\x1b[K" + rows.join(""),
        4096,
        200 * MICROSECOND,
      );
      this.#wait(SECOND + this.#below(3_000_000));
    }
  }

  #codeLine(row: number): string {
    const indent = " ".repeat(2 * this.#below(4));
    const { word } = { word: () => this.#language.word() };
    return `\x1b[${row};1H\x1b[90m${
      String(row).padStart(3)
    }\x1b[0m ${indent}\x1b[35mconst\x1b[0m ${word()} = ${word()}(${word()});`;
  }

  /** A prompt, a thought, and a line typed key by key, each echoed. */
  #type(line: string): void {
    this.#print("\x1b[1;32muser@host\x1b[0m:\x1b[1;34m~/work\x1b[0m$ ");
    this.#pause(3 * SECOND);
    for (const key of line) {
      this.#wait(this.#keyTime());
      this.#print(key);
    }
    this.#wait(this.#keyTime());
    this.#print("\r\n");
  }

  /** Output as it arrives: in reads of at most `piece` bytes, a little time apart. */
  #print(text: string, piece = 4096, apart = 100 * MICROSECOND): void {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length; at += piece) {
      this.#wait(apart * (0.5 + this.#language.random()));
      this.events.push({ kind: "output", time: this.time, data: bytes.slice(at, at + piece) });
    }
  }

  #keyTime(): number {
    return (60 + 180 * this.#language.random()) * MILLISECOND;
  }

  #pause(most: number): void {
    this.#wait(most * this.#language.random());
  }

  #wait(time: number): void {
    this.time += Math.round(time);
  }

  #below(bound: number): number {
    return this.#language.below(bound);
  }
}
