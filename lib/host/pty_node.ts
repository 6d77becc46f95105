/**
 * Pseudo-terminals by `@lydell/node-pty`, for systems where the C library is not called directly.
 *
 * Two of its faults cannot be mended from here, and the contract tests show both: a reader that is paused when the program
 * exits loses what it has not read (3,000 bytes in 6 of 6 runs), and a single write of more than some 16 KB may never end.
 * @module
 */

import nodePty from "@lydell/node-pty";
import type { ExitStatus, Nanos } from "../event.ts";
import { PtyError } from "../errors.ts";
import type { Pty, PtyAttachment, PtyHappening, PtyHost, PtyOptions } from "../ports.ts";
import { systemClock } from "./clock.ts";
import { filterKeys, type KeyState, keyState } from "./keys.ts";
import { checkFolder, findProgram } from "./program.ts";

/** Starts programs on pseudo-terminals of any system that node-pty knows. */
export const nodePtyHost: PtyHost = {
  name: "node-pty",
  clock: systemClock(),
  open: (options) => new NodePty(options),
};

class NodePty implements Pty {
  readonly pid: number;
  readonly exited: Promise<ExitStatus>;
  readonly #options: PtyOptions;
  readonly #terminal: nodePty.IPty;
  #open = true;
  #waiting: PtyHappening[] = []; // not asked for yet
  #waitingBytes = 0;
  #wanted: (() => void) | undefined; // wakes whoever asked and found nothing
  #alarmed = false;
  #alarmTimer: ReturnType<typeof setTimeout> | undefined;
  #cancelled = false;
  #dropped = 0;
  #attachment: PtyAttachment | undefined;
  #keys: KeyState | undefined;
  #typing: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(options: PtyOptions) {
    const { command, cols, rows, cwd, env } = options;
    checkFolder(command[0] ?? "", cwd);
    const program = findProgram(command[0] ?? "", cwd, env.PATH ?? "/usr/bin:/bin");
    this.#options = options;
    try {
      // `encoding: null` yields bytes; the types of the package only know text.
      const settings = { cols, rows, cwd, env: { ...env }, encoding: null, name: env.TERM ?? "xterm-256color" };
      this.#terminal = nodePty.spawn(program, command.slice(1), settings);
    } catch (error) {
      throw new PtyError(`Cannot run ${command[0]}: ${error instanceof Error ? error.message : error}`, "EIO");
    }
    this.pid = this.#terminal.pid;
    if (options.attachment) this.attach(options.attachment);
    this.#terminal.onData((data) => this.#read(data as unknown as Uint8Array));
    this.exited = new Promise((resolve) => this.#terminal.onExit((exit) => resolve(this.#end(exit))));
  }

  async next(): Promise<readonly PtyHappening[] | undefined> {
    while (this.#waiting.length === 0 && this.#open && !this.#alarmed) {
      await new Promise<void>((resolve) => this.#wanted = resolve);
    }
    this.#alarmed = false;
    if (this.#waiting.length === 0 && !this.#open) return undefined;
    const happenings = this.#waiting.splice(0);
    this.#waitingBytes = 0;
    this.#resume();
    return happenings;
  }

  alarm(time: Nanos): void {
    clearTimeout(this.#alarmTimer);
    this.#alarmed = false;
    if (!this.#open) return;
    this.#alarmTimer = setTimeout(() => {
      this.#alarmed = true;
      this.#wanted?.();
    }, Math.max(0, (time - nodePtyHost.clock.now()) / 1e6));
  }

  write(data: Uint8Array, by?: string): Promise<void> {
    if (!this.#open) return Promise.resolve();
    // Whether the program echoes cannot be told here, so the strict reading is: it does not.
    const time = nodePtyHost.clock.now();
    if (this.#options.tellTyped) {
      const who = by === undefined ? {} : { by };
      this.#tell({ kind: "typed", time, data, echo: false, canonical: false, ...who });
    }
    this.#terminal.write(data as unknown as string);
    return Promise.resolve();
  }

  resize(cols: number, rows: number): void {
    if (this.#open) this.#terminal.resize(cols, rows);
  }

  kill(signal: string): void {
    if (this.#open) this.#terminal.kill(signal);
  }

  attach(attachment: PtyAttachment): void {
    this.#attachment = attachment;
    this.#keys = keyState(attachment.keys);
    if (attachment.input === 0) this.#type(Deno.stdin.readable.getReader());
  }

  detach(): void {
    this.#attachment = undefined;
    this.#typing?.cancel().catch(() => {});
  }

  async close(): Promise<void> {
    this.detach();
    if (!this.#open) return;
    this.#cancelled = true;
    this.#resume();
    this.kill("SIGHUP");
    const patience = setTimeout(() => this.kill("SIGKILL"), 1000);
    await this.exited;
    clearTimeout(patience);
  }

  #read(data: Uint8Array): void {
    const time = nodePtyHost.clock.now();
    if (this.#attachment?.output === 1) Deno.stdout.writeSync(data);
    if (this.#cancelled) return;
    const full = this.#waitingBytes >= this.#options.queueBytes;
    if (this.#dropped > 0 || (full && this.#options.whenFull === "drop")) return void (this.#dropped += data.length);
    this.#waitingBytes += data.length;
    this.#tell({ kind: "output", time, data: Uint8Array.from(data) });
    if (this.#waitingBytes >= this.#options.queueBytes && this.#options.whenFull === "wait") this.#terminal.pause();
  }

  #tell(happening: PtyHappening): void {
    this.#waiting.push(happening);
    this.#wanted?.();
  }

  #resume(): void {
    if (this.#dropped > 0) {
      this.#tell({ kind: "dropped", time: nodePtyHost.clock.now(), bytes: this.#dropped });
      this.#dropped = 0;
    }
    if (this.#open) this.#terminal.resume();
  }

  async #type(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    this.#typing = reader;
    for (let read = await reader.read(); !read.done && this.#open; read = await reader.read()) {
      const time = nodePtyHost.clock.now();
      const { pass, actions } = filterKeys(this.#keys!, read.value);
      if (pass.length > 0) await this.write(pass);
      for (const action of actions) this.#tell({ kind: "key", time, ...action });
    }
  }

  #end({ exitCode, signal }: { exitCode: number; signal?: number }): ExitStatus {
    this.#resume();
    this.#open = false;
    clearTimeout(this.#alarmTimer);
    this.#wanted?.();
    return signal ? { signal: signalName(signal) } : { code: exitCode };
  }
}

const COMMON_SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  6: "SIGABRT",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
};

function signalName(number: number): string {
  return COMMON_SIGNALS[number] ?? `SIG${number}`;
}
