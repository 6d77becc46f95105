/**
 * A session as others see it while it runs: its screen, who is attached, and what may be asked of it.
 *
 * It is fed the events of a recorder, whoever runs that: a host process of its own, a library's, or `rec` on somebody's
 * terminal. It answers the questions of programs where nobody's terminal does, and says who typed what.
 * @module
 */

import { SessionError } from "../errors.ts";
import type { EventBatch, ExitStatus, Json, ScreenState, SessionEvent, SessionHeader } from "../event.ts";
import type { SessionRecorder } from "../record/session_recorder.ts";
import { answerTo } from "./screen/answers.ts";
import { type Applicant, Audience, type Client, type Link } from "./attach/audience.ts";
import { typed } from "./attach/key_names.ts";
import type { InputAccess, SessionFacts, SessionInfo } from "./control/protocol.ts";
import { QuerySieve } from "./screen/queries.ts";
import type { RecordingSwitch } from "./recording/recording_switch.ts";
import type { ScreenSource } from "./screen/screens.ts";
import type { Monitor } from "./limits/monitor.ts";

/** Bytes that may wait for a program that does not read what is typed. */
const INPUT_BOUND = 1 << 20;

/** What a session is made of. */
export interface LiveParts {
  readonly kind: "session" | "rec";
  readonly name: string;
  readonly recorder: SessionRecorder;
  readonly screen: ScreenSource;
  readonly recording: RecordingSwitch;
  readonly monitor: Monitor;
  readonly input: InputAccess;
  readonly version: string;
  /** Moves the socket where a new name has it. */
  rename(from: string, to: string): Promise<void>;
}

/** A session that runs, and can be reached. */
export class LiveSession {
  readonly kind: "session" | "rec";
  readonly audience: Audience;
  readonly recorder: SessionRecorder;
  readonly recording: RecordingSwitch;
  readonly monitor: Monitor;
  /** Hears how many are attached, each time that changes. */
  onclients: (count: number) => void = () => {};
  /** Bytes of whole screens, for links that send them to terminals. */
  readonly drawn: WeakMap<SessionEvent, Uint8Array> = new WeakMap();
  /** Resolves when the program has ended and everything is told. */
  readonly ended: Promise<ExitStatus>;
  readonly #screen: ScreenSource;
  readonly #version: string;
  readonly #move: (from: string, to: string) => Promise<void>;
  readonly #queries = new QuerySieve();
  readonly #end = Promise.withResolvers<ExitStatus>();
  readonly #watchers = new Set<() => void>();
  #input: InputAccess;
  #header: SessionHeader = { cols: 80, rows: 24 };
  #name: string;
  #cols = 80;
  #rows = 24;
  #resizing = false; // a new size was asked for and has not come through yet
  #time = 0;
  #fed = 0;
  #activeAt = performance.now();
  #outputBytes = 0;
  #inputWaiting = 0;

  constructor(parts: LiveParts) {
    this.kind = parts.kind;
    this.recorder = parts.recorder;
    this.recording = parts.recording;
    this.monitor = parts.monitor;
    this.#input = parts.input;
    this.ended = this.#end.promise;
    this.#name = parts.name;
    this.#screen = parts.screen;
    this.#version = parts.version;
    this.#move = parts.rename;
    this.audience = new Audience(parts.kind === "session", this.drawn);
    this.audience.onsize = (cols, rows) => this.#setSize(cols, rows);
    this.audience.onlead = (changed) => this.#show(changed);
    this.audience.onchange = (client, what, why) => this.#noteClient(client, what, why);
  }

  get name(): string {
    return this.#name;
  }

  /** Whose typing it takes. */
  get input(): InputAccess {
    return this.#input;
  }

  /**
   * Changes whose typing it takes.
   *
   * @throws {SessionError} If it was made to take nobody's: that is for ever.
   */
  allow(input: InputAccess): void {
    if (this.#input === "nobody" && input !== "nobody") {
      throw new SessionError(`Cannot let anybody type into ${this.#name}: it was made so that nobody can`);
    }
    this.#input = input;
    this.recorder.note("access", { input });
  }

  get header(): SessionHeader {
    return this.#header;
  }

  /** Session time of the last event. */
  get time(): number {
    return this.#time;
  }

  /** Batches taken so far. */
  get fed(): number {
    return this.#fed;
  }

  /** Bytes printed so far; grows with every change of the screen. */
  get outputBytes(): number {
    return this.#outputBytes;
  }

  /** Milliseconds since the last output or input. */
  get quietFor(): number {
    return performance.now() - this.#activeAt;
  }

  /** Takes what has happened. Everything here is done before it returns. */
  feed(batch: EventBatch): void {
    this.#fed++;
    const bytes = batch.reduce((sum, event) => sum + (event.kind === "output" ? event.data.length : 0), 0);
    const asked = this.audience.leader?.takes(bytes) === true;
    for (const event of batch) this.#look(event);
    this.audience.offer(batch, asked);
    for (const event of batch) this.#follow(event, !asked);
    this.#outputBytes += bytes;
    if (bytes > 0) this.#activeAt = performance.now();
    this.#catchUp();
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** The program has ended: tells everybody. */
  finish(status: ExitStatus): void {
    for (const client of this.audience.clients) this.audience.remove(client, "exit", { type: "exit", status });
    this.#end.resolve(status);
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Calls `watcher` after each change, until the function that is returned is called. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The screen now. */
  async screen(): Promise<{ state: ScreenState; isExact: boolean }> {
    const state = await this.#screen.current();
    return { state, isExact: this.#screen.isExact };
  }

  /**
   * Says whether somebody may be attached, and gets ready for it.
   *
   * @throws {SessionError} If not.
   */
  async mayAttach(applicant: Applicant): Promise<void> {
    if (this.kind === "rec" && this.#input === "nobody") {
      throw new SessionError(
        `Cannot attach to ${this.#name}: it belongs to a terminal; rec --attachable lets others in`,
      );
    }
    if (applicant.role === "operator") this.#mustTakeInput(applicant.via);
    await this.#screen.current();
  }

  /** Lets somebody look on, or take part, who may. */
  async attach(applicant: Applicant, link: Link): Promise<Client> {
    await this.mayAttach(applicant);
    const greet = ({ info }: Client) => link.tell({ type: "hello", client: info, session: this.#facts() });
    const client = this.audience.add(applicant, link, greet);
    if (link.isRaw) client.branch.offer([{ kind: "header", time: 0, header: this.#header }]);
    if (link.isRaw) client.show(this.#time, this.#screen.now!);
    this.#catchUp();
    return client;
  }

  /** Takes what an attached client types; what a viewer types goes nowhere. */
  typedBy(client: Client, data: Uint8Array): void {
    if (client.applicant.role !== "operator" || !this.#takesInput(client.applicant.via)) return;
    if (this.#inputWaiting + data.length > INPUT_BOUND) return client.link.tell(FULL);
    this.audience.typed(client);
    this.#write(data, client.applicant.name);
  }

  /** A client whose link has room again. */
  roomFor(client: Client): void {
    if (client.branch.isBehind) this.#catchUp();
  }

  /** Gives one client a whole screen. */
  refresh(client: Client): void {
    const { now } = this.#screen;
    if (now && !this.#resizing) client.show(this.#time, now);
  }

  /**
   * Types for somebody who is not attached.
   *
   * @throws {SessionError} If the session takes no input, or its program reads none.
   */
  type(data: Uint8Array, by: string, via: string): void {
    this.#mustTakeInput(via);
    if (this.#inputWaiting + data.length > INPUT_BOUND) throw new SessionError(FULL.text);
    this.#write(data, by);
  }

  /** Presses keys by name; other words are typed as they are. */
  async press(words: readonly string[], by: string, via: string): Promise<void> {
    this.#mustTakeInput(via);
    const { modes } = await this.#screen.current();
    this.type(new TextEncoder().encode(words.map((word) => typed(word, modes)).join("")), by, via);
  }

  /** Gives the session another size. */
  resize(cols: number, rows: number): void {
    if (this.kind === "rec") throw new SessionError(`Cannot resize ${this.#name}: it has the size of its terminal`);
    this.#setSize(cols, rows);
  }

  /** Sets a marker. */
  mark(label: string): void {
    this.recorder.mark(label);
  }

  /**
   * Takes another name.
   *
   * @throws {UsageError} If it is taken or none.
   */
  async rename(name: string): Promise<void> {
    const before = this.#name;
    await this.#move(before, name);
    this.#name = name;
    this.recorder.note("renamed", { from: before, to: name });
  }

  /** Sends clients away: one, or those with a tag, or all; returns how many. */
  dismiss(which: { id?: string; tag?: string }, reason: string, to?: string): number {
    const chosen = this.audience.clients.filter(({ id, applicant }) =>
      (which.id === undefined || id === which.id) && (which.tag === undefined || applicant.tag === which.tag)
    );
    for (const client of chosen) {
      this.audience.remove(client, reason, { type: "leave", reason, ...(to === undefined ? {} : { to }) });
    }
    return chosen.length;
  }

  /** Something that everybody attached should know, and the recording too. */
  announce(topic: string, data: Json, text: string): void {
    this.recorder.note(topic, data);
    this.audience.tell({ type: "notice", text });
  }

  /** What the session tells about itself. */
  info(): SessionInfo {
    const { usage, hostMemoryBytes } = this.monitor.look();
    return { ...this.#facts(), ...usage, hostMemoryBytes };
  }

  #facts(): SessionFacts {
    const header = this.#header;
    const title = this.#screen.now?.title;
    return {
      name: this.#name,
      id: header.id ?? "",
      kind: this.kind,
      hostPid: Deno.pid,
      pid: this.recorder.pid,
      command: header.command ?? "",
      cwd: this.monitor.cwd ?? header.cwd ?? "",
      cols: this.#cols,
      rows: this.#rows,
      ...(title ? { title } : {}),
      tags: header.tags ?? [],
      startedAt: Math.round(header.startedAt ?? 0),
      clients: this.audience.clients.length,
      recording: this.recording.state,
      ...(this.recording.path === undefined ? {} : { recordingPath: this.recording.path }),
      ...(this.recording.bytes === undefined ? {} : { recordingBytes: this.recording.bytes }),
      input: this.input,
      idleSeconds: Math.floor(this.quietFor / 1000),
      outputBytes: this.#outputBytes,
      limits: this.monitor.limits,
    };
  }

  #mustTakeInput(via: string): void {
    if (this.#takesInput(via)) return;
    if (this.#input === "owner") throw new SessionError(`Cannot type into ${this.#name}: only its owner can`);
    const hint = this.kind === "rec" ? "rec --attachable lets others type" : "it was made so";
    throw new SessionError(`Cannot type into ${this.#name}: it takes no input (${hint})`);
  }

  /** Who comes straight to the socket is the owner: nobody else can open it. */
  #takesInput(via: string): boolean {
    return this.#input === "operators" || (this.#input === "owner" && (via === "terminal" || via === "api"));
  }

  #write(data: Uint8Array, by: string): void {
    this.#inputWaiting += data.length;
    this.#activeAt = performance.now();
    this.recorder.write(data, by).then(() => this.#inputWaiting -= data.length);
  }

  /** What has to be known before anybody is told. */
  #look(event: SessionEvent): void {
    this.#time = event.time;
    if (event.kind === "header") this.#header = event.header;
    if (event.kind === "header") [this.#cols, this.#rows] = [event.header.cols, event.header.rows];
  }

  /** Keeps the screen up to date, and answers questions as of where they stand in the output. */
  #follow(event: SessionEvent, answers: boolean): void {
    if (event.kind === "resize") return this.#resized(event);
    // The terminal that a recording is made on answers for itself; a sixth of a flood's work was to look for questions.
    if (event.kind !== "output" || this.kind === "rec") return this.#screen.push([event]);
    let at = 0;
    for (const query of this.#queries.sift(event.data).queries) {
      if (!answers) continue;
      this.#screen.push([{ ...event, data: event.data.subarray(at, query.end) }]);
      at = query.end;
      const answer = answerTo(query, { screen: () => this.#screen.now!, version: this.#version });
      if (answer !== "") this.#write(new TextEncoder().encode(answer), "term2ai");
    }
    this.#screen.push([at === 0 ? event : { ...event, data: event.data.subarray(at) }]);
  }

  #resized(event: SessionEvent & { kind: "resize" }): void {
    [this.#cols, this.#rows] = [event.cols, event.rows];
    this.#resizing = false;
    this.#screen.push([event]);
    this.audience.tell({ type: "size", cols: event.cols, rows: event.rows });
    this.#show(this.audience.clients);
  }

  #setSize(cols: number, rows: number): void {
    if (cols === this.#cols && rows === this.#rows && !this.#resizing) return;
    this.#resizing = true;
    this.recorder.resize(cols, rows);
  }

  #show(clients: readonly Client[]): void {
    const { now } = this.#screen;
    if (!now || this.#resizing) return;
    for (const client of clients) if (!client.link.isRaw) client.show(this.#time, now);
  }

  /** Not before a new size has come through: a screen of the old one would be wrong at once. */
  #catchUp(): void {
    if (this.#resizing || this.audience.clients.length === 0) return;
    this.audience.catchUp(this.#time, () => this.#screen.now);
  }

  #noteClient(client: Client, what: "attached" | "detached", why: string): void {
    this.onclients(this.audience.clients.length);
    const { name, role, via } = client.applicant;
    this.recorder.note("client", { what, id: client.id, name, role, via, ...(why === "" ? {} : { why }) });
  }
}

const FULL = { type: "notice", text: "Cannot type: the program does not read what was typed before" } as const;
