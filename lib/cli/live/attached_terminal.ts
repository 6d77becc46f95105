/**
 * This terminal, attached to a live session: from the first screen to the last key.
 *
 * The session's bytes go to the terminal as they are where it has the session's size; else they are drawn as they fit. Leaving
 * puts the terminal back as it was: modes, title, what was typed and not read. What stood on it before is in its scrollback.
 * @module
 */

import type { ExitStatus } from "../../event.ts";
import { keyName } from "../../host/keys.ts";
import type { UserTerminal } from "../../host/tty.ts";
import { TerminalModes } from "../../replay/terminal_modes.ts";
import type { FittedView } from "../../session/screen/fitted_view.ts";
import { PrefixKeys } from "../../session/attach/prefix_keys.ts";
import type { Role, ToClient } from "../../session/control/protocol.ts";
import type { AttachOptions } from "../../session/session.ts";
import { SocketConnection } from "../../session/control/web_socket.ts";
import type { Sieve } from "../../transform/inert/sieve.ts";
import { lazy } from "../lazy.ts";
import { harmless } from "../source/stdio.ts";

/** How it ended. */
export type Parting =
  | { readonly how: "detached"; readonly reason: string }
  | { readonly how: "switch"; readonly to: string }
  | { readonly how: "exit"; readonly status: ExitStatus }
  | { readonly how: "lost"; readonly why?: string };

/** A session that a terminal can be put into, wherever it is. */
export interface Attachable {
  readonly name: string;
  /** Connects; calls `onasked`, where it can, once it has only to wait for the answer. */
  attach(options: AttachOptions, onasked?: () => void): Promise<SocketConnection>;
}

/** A connection that was asked for before there was a terminal. */
export interface EarlyConnection {
  readonly connection: Promise<SocketConnection>;
  /** Of the terminal, as the session was told. */
  readonly size: { readonly cols: number; readonly rows: number };
}

/** What the attached terminal asks of others. */
export interface AttachSettings {
  readonly session: Attachable;
  readonly role: Role;
  readonly name: string;
  /** The prefix key's byte, empty for none. */
  readonly prefix: string;
  /** The name of the session `step` places further in the list, for switching. */
  neighbour(step: number): Promise<string | undefined>;
  /** Whether it makes no sense to try again after a connection could not be made, for this reason. */
  isOver(error: unknown): Promise<boolean>;
  /** How often a connection that broke is tried again. */
  readonly reconnects: number;
  /** A connection on which nothing came for so many milliseconds is broken; not looked at when absent. */
  readonly silence?: number;
  /** Whether somebody else sends what is shown: then it may draw and nothing else. */
  readonly isForeign?: boolean;
}

/** Longest time between two tries to connect again. */
const RECONNECT_MS = 3000;
/** Codes by which the other side tells that there is no sense in connecting again. */
const isFinal = (code: number) => code >= 4000 && code <= 4100;
const FRAME_MS = 16;
const NOTICE_MS = 3000;
/** What a terminal that was asked something just before may still send. */
const ANSWERS_MS = 60;
const TITLE_PUSH = "\x1b[22;0t", TITLE_POP = "\x1b[23;0t";

/** A terminal in the hands of a session. */
export class AttachedTerminal {
  readonly #terminal: UserTerminal;
  readonly #settings: AttachSettings;
  readonly #keys: PrefixKeys;
  readonly #modes = new TerminalModes();
  readonly #done = Promise.withResolvers<Parting>();
  #connection: SocketConnection | undefined;
  #early: Uint8Array[] = []; // typed before there was a connection
  #size = { cols: 80, rows: 24 };
  #session = { cols: 80, rows: 24 };
  #fitted: FittedView | undefined;
  #sieve: Sieve | undefined;
  #drawing = false;
  #expectsScreen = false;
  #prompt: { what: "switch" | "mark"; text: string } | undefined;
  #notice: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(terminal: UserTerminal, settings: AttachSettings) {
    this.#terminal = terminal;
    this.#settings = settings;
    this.#keys = new PrefixKeys(settings.prefix);
  }

  /** From attaching to leaving. The terminal is raw meanwhile. */
  async run(early?: EarlyConnection): Promise<Parting> {
    this.#size = this.#terminal.size() ?? early?.size ?? this.#size;
    this.#terminal.makeRaw();
    this.#connection = await (early?.connection ?? this.#attach());
    if (early && (early.size.cols !== this.#size.cols || early.size.rows !== this.#size.rows)) this.#tellSize();
    for (const typed of this.#early.splice(0)) this.type(typed);
    // What stands on the screen moves into the scrollback rather than being painted over.
    this.#terminal.write(`${TITLE_PUSH}\x1b[${this.#size.rows};1H${"\n".repeat(this.#size.rows)}\x1b[H`);
    this.#receive(this.#connection);
    const { silence } = this.#settings;
    const listening = silence !== undefined && this.#listen(silence); // no timer if not: the first takes 5 ms of attaching
    const parting = await this.#done.promise;
    this.#over = true;
    clearTimeout(this.#notice);
    if (listening) clearInterval(listening);
    this.#connection?.close();
    await this.#leave(parting);
    return parting;
  }

  /** Drops a connection that says nothing for too long. */
  #listen(silence: number): ReturnType<typeof setInterval> {
    return setInterval(() => {
      if (performance.now() - this.#connection!.heardAt > silence) this.#connection!.drop();
    }, 1000);
  }

  /** Takes what was typed. */
  type(bytes: Uint8Array): void {
    if (!this.#connection) return void this.#early.push(bytes);
    if (this.#prompt) return this.#typeAtPrompt(new TextDecoder().decode(bytes));
    for (const typing of this.#keys.take(bytes)) {
      if ("command" in typing) this.#command(typing.command);
      else if (this.#settings.role === "operator") this.#connection.send(typing.pass);
    }
  }

  /** The terminal has another size. */
  resized(): void {
    this.#size = this.#terminal.size() ?? this.#size;
    this.#tellSize();
  }

  #tellSize(): void {
    this.#tell({ type: "size", ...this.#size });
    this.#tell({ type: "refresh" });
  }

  /** Somebody else had the terminal meanwhile. */
  continued(): void {
    this.#terminal.makeRaw();
    this.resized();
  }

  /** Leaves, for a reason from outside. */
  detach(reason: string): void {
    this.#done.resolve({ how: "detached", reason });
  }

  #attach(): Promise<SocketConnection> {
    const { session, role, name } = this.#settings;
    return session.attach({ role, name, ...this.#size });
  }

  async #receive(connection: SocketConnection): Promise<void> {
    for (;;) {
      const message = await connection.next();
      if (this.#over) return;
      if (!message) {
        const { closed } = connection;
        if (closed && isFinal(closed.code)) {
          return this.#done.resolve({ how: "detached", reason: closed.reason || "detached" });
        }
        const next = await this.#reconnect();
        if (!(next instanceof SocketConnection)) return this.#done.resolve({ how: "lost", ...next });
        connection = this.#connection = next;
        continue;
      }
      if ("bytes" in message) await this.#show(message.bytes);
      else this.#hear(JSON.parse(message.text));
    }
  }

  /** A connection that breaks while the session lives is made again, and brings a whole screen. */
  async #reconnect(): Promise<SocketConnection | { readonly why?: string }> {
    const { reconnects, isOver } = this.#settings;
    let why: { readonly why?: string } = {};
    for (let attempt = 1; attempt <= reconnects && !this.#over; attempt++) {
      try {
        return await this.#attach();
      } catch (error) {
        if (error instanceof Error) why = { why: error.message };
        if (await isOver(error)) return why;
        if (attempt === 2) this.#say("The connection is lost; trying again");
        await new Promise((resolve) => setTimeout(resolve, Math.min(RECONNECT_MS, 50 * attempt)));
      }
    }
    return why;
  }

  #hear(message: ToClient): void {
    switch (message.type) {
      case "screen":
        this.#session = { cols: message.cols, rows: message.rows };
        this.#expectsScreen = true;
        return;
      case "notice":
        return this.#say(message.text);
      case "exit":
        return this.#done.resolve({ how: "exit", status: message.status });
      case "leave":
        return this.#done.resolve(
          message.to === undefined ? { how: "detached", reason: message.reason } : { how: "switch", to: message.to },
        );
    }
  }

  async #show(sent: Uint8Array): Promise<void> {
    if (this.#settings.isForeign && this.#expectsScreen) {
      const { Sieve } = await lazy<typeof import("../../transform/inert/sieve.ts")>("../transform/inert/sieve.ts");
      this.#sieve = new Sieve();
    }
    const bytes = this.#sieve?.sift(sent) ?? sent;
    if (this.#expectsScreen) {
      this.#expectsScreen = false;
      return await this.#showScreen(bytes);
    }
    if (this.#fitted) {
      this.#fitted.write(bytes);
      return this.#drawSoon();
    }
    if (this.#prompt) return; // a whole screen follows it
    await this.#pass(bytes);
  }

  async #showScreen(bytes: Uint8Array): Promise<void> {
    const { cols, rows } = this.#session;
    if (cols !== this.#size.cols || rows !== this.#size.rows) {
      const [{ FittedView }, { loadEmulator }] = await Promise.all([
        lazy<typeof import("../../session/screen/fitted_view.ts")>("../session/screen/fitted_view.ts"),
        lazy<typeof import("../../terminal/emulator.ts")>("../terminal/emulator.ts"),
      ]);
      this.#fitted = new FittedView(await loadEmulator(), cols, rows);
      this.#fitted.write(bytes);
      return this.#drawSoon();
    }
    this.#fitted = undefined;
    if (this.#prompt) return;
    await this.#pass(new TextEncoder().encode(`\x1b[?2026h${this.#modes.undo()}\x1b[!p\x1b[H\x1b[2J`));
    await this.#pass(bytes);
    await this.#pass(new TextEncoder().encode("\x1b[?2026l"));
  }

  async #pass(bytes: Uint8Array): Promise<void> {
    this.#modes.watch(bytes);
    await this.#terminal.show(bytes);
  }

  #drawSoon(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    setTimeout(async () => {
      if (this.#fitted && !this.#over && !this.#prompt) {
        const { cols, rows } = this.#size;
        await this.#pass(new TextEncoder().encode(this.#fitted.draw(cols, rows, this.#settings.session.name)));
      }
      this.#drawing = false;
    }, FRAME_MS);
  }

  async #command(key: string): Promise<void> {
    switch (key) {
      case "d":
        return this.detach("detached");
      case "n":
      case "p":
        return await this.#switchTo(await this.#settings.neighbour(key === "n" ? 1 : -1));
      case "s":
      case "m":
        this.#prompt = { what: key === "s" ? "switch" : "mark", text: "" };
        return this.#drawPrompt();
      case "r":
        return this.#tell({ type: "refresh" });
      case "?": {
        const prefix = keyName(this.#settings.prefix);
        return this.#say(`${prefix} then: d detach, s switch, n next, p previous, m mark, r redraw, ${prefix} itself`);
      }
      default:
        this.#terminal.write("\x07");
    }
  }

  #switchTo(to: string | undefined): void {
    if (to === undefined) return this.#say("There is no other session");
    this.#done.resolve({ how: "switch", to });
  }

  #typeAtPrompt(text: string): void {
    for (const key of text) {
      const prompt = this.#prompt;
      if (!prompt) return;
      if (key === "\r" || key === "\n") this.#endPrompt(prompt.what, prompt.text.trim());
      else if (key === "\x1b" || key === "\x03") this.#endPrompt(prompt.what, "");
      else if (key === "\x7f" || key === "\b") prompt.text = [...prompt.text].slice(0, -1).join("");
      else if (key >= " ") prompt.text += key;
    }
    if (this.#prompt) this.#drawPrompt();
  }

  #endPrompt(what: "switch" | "mark", text: string): void {
    this.#prompt = undefined;
    this.#tell({ type: "refresh" });
    if (what === "switch" && text !== "") this.#switchTo(text);
    if (what === "mark") this.#tell({ type: "mark", label: text });
  }

  #drawPrompt(): void {
    const { what, text } = this.#prompt!;
    this.#line(what === "switch" ? `Switch to: ${text}` : `Label of the marker: ${text}`, false);
  }

  /** Words on the last line, for a moment. */
  #say(text: string): void {
    this.#line(harmless(text), true);
    clearTimeout(this.#notice);
    this.#notice = setTimeout(() => this.#tell({ type: "refresh" }), NOTICE_MS);
  }

  #line(text: string, returns: boolean): void {
    const { cols, rows } = this.#size;
    const words = text.slice(-Math.max(1, cols - 1));
    const [before, after] = returns ? ["\x1b7", "\x1b8"] : ["", ""];
    this.#terminal.write(`${before}\x1b[${rows};1H\x1b[0;7m${words}\x1b[0m\x1b[K${after}`);
  }

  #tell(message: { type: string } & Record<string, unknown>): void {
    if (!this.#over) this.#connection?.send(JSON.stringify(message));
  }

  /** Gives the terminal back: first what the session has switched on, then title and screen, at last what came too late. */
  async #leave(parting: Parting): Promise<void> {
    const bottom = `\x1b[${this.#size.rows};1H`;
    const clears = parting.how === "detached" || parting.how === "switch";
    const screen = clears ? "\x1b[H\x1b[2J" : `${bottom}\r\n`;
    await this.#terminal.show(new TextEncoder().encode(`${this.#modes.undo()}\x1b[!p${screen}${TITLE_POP}`));
    await new Promise((resolve) => setTimeout(resolve, ANSWERS_MS));
    this.#terminal.discardInput();
    this.#terminal.restore();
  }
}
