/**
 * Everybody who is attached to a session, and whose turn it is.
 *
 * One operator leads: the one who typed last. The session has its size, and its terminal answers the questions that programs
 * ask. All others see the same without the questions; viewers see only what draws. Whoever is too slow misses output and then
 * gets a whole screen; the session never waits for anybody.
 * @module
 */

import type { EventBatch, ScreenState, SessionEvent } from "../../event.ts";
import { Branch } from "../../stream/branch.ts";
import { screenToAnsi } from "../../terminal/screen_ansi.ts";
import { Sieve } from "../../transform/inert/sieve.ts";
import type { ClientInfo, ToClient } from "../control/protocol.ts";
import { QuerySieve } from "../screen/queries.ts";

/** What may wait for a client: a second of a terminal that prints as fast as people can be shown. */
const BOUND = 1 << 20;
/** Whoever typed within this time keeps the lead, however much others type. */
const HYSTERESIS_MS = 1000;

/** Who wants to be attached. */
export type Applicant = Pick<ClientInfo, "name" | "role" | "via" | "tag" | "cols" | "rows">;

/** What takes the messages for a client. */
export interface Link {
  /** Passes events on; its `write` resolves when they are on their way. */
  readonly events: WritableStream<EventBatch>;
  /** Whether it wants events as they are, or as what a terminal is to be sent. */
  readonly isRaw: boolean;
  /** Says something beside the events. */
  tell(message: ToClient): void;
  close(): void;
}

/** One who is attached. */
export class Client {
  readonly id: string = crypto.randomUUID().slice(0, 8);
  readonly applicant: Applicant;
  readonly link: Link;
  readonly branch: Branch;
  readonly attachedAt: number = Date.now();
  cols: number | undefined;
  rows: number | undefined;
  /** When it last typed; attaching counts. */
  wroteAt: number = performance.now();
  leads = false;
  #sieve: { sift(data: Uint8Array): Uint8Array } = new Sieve();
  readonly #drawn: WeakMap<SessionEvent, Uint8Array>;

  constructor(applicant: Applicant, link: Link, drawn: WeakMap<SessionEvent, Uint8Array>, leave: () => void) {
    this.applicant = applicant;
    this.link = link;
    this.cols = applicant.cols;
    this.rows = applicant.rows;
    this.#drawn = drawn;
    this.branch = new Branch({ name: this.id, events: link.events, bound: BOUND, whenFull: "drop" }, leave, true);
  }

  get info(): ClientInfo {
    const { name, role, via, tag } = this.applicant;
    return {
      id: this.id,
      name,
      role,
      via,
      ...(tag === undefined ? {} : { tag }),
      ...(this.cols && this.rows ? { cols: this.cols, rows: this.rows } : {}),
      attachedAt: this.attachedAt,
      leads: this.leads,
      isBehind: this.branch.isBehind,
    };
  }

  /** Whether all of so much output would reach it. */
  takes(bytes: number): boolean {
    return !this.branch.isBehind && this.branch.waiting + bytes < BOUND / 2;
  }

  /** Passes events on, output with the questions only `asks`. */
  offer(batch: EventBatch, asks: boolean): void {
    this.branch.offer(this.link.isRaw || asks ? batch : batch.flatMap((event) => this.#sifted(event)));
  }

  /** Passes a whole screen on. */
  show(time: number, state: ScreenState): void {
    const event: SessionEvent = { kind: "keyframe", time, state };
    if (!this.link.isRaw) {
      this.#sieve = this.applicant.role === "viewer" ? new Sieve() : new QueriesOut();
      const bytes = screenToAnsi(state);
      this.#drawn.set(event, this.leads ? bytes : this.#sieve.sift(bytes));
    }
    this.branch.offer([event]);
  }

  #sifted(event: SessionEvent): SessionEvent[] {
    if (event.kind !== "output") return [event];
    const data = this.#sieve.sift(event.data);
    return data.length === 0 ? [] : [{ ...event, data }];
  }
}

/** How long somebody who leaves may take to read what is left. */
const PATIENCE_MS = 2000;

async function part({ branch, link }: Client, last: ToClient | undefined): Promise<void> {
  const patience = Promise.withResolvers<void>();
  const timer = setTimeout(patience.resolve, PATIENCE_MS);
  await Promise.race([branch.close(), patience.promise]);
  clearTimeout(timer);
  if (last) link.tell(last);
  link.close();
}

class QueriesOut {
  readonly #queries = new QuerySieve();

  sift(data: Uint8Array): Uint8Array {
    return this.#queries.sift(data).rest;
  }
}

/** All who are attached. */
export class Audience {
  /** Hears that the session is to have another size. */
  onsize: (cols: number, rows: number) => void = () => {};
  /** Hears who needs a new screen, because another one leads. */
  onlead: (changed: readonly Client[]) => void = () => {};
  /** Hears who came and went. */
  onchange: (client: Client, what: "attached" | "detached", why: string) => void = () => {};
  readonly #clients = new Map<string, Client>();
  readonly #partings = new Set<Promise<void>>();
  readonly #canLead: boolean;
  readonly #drawn: WeakMap<SessionEvent, Uint8Array>;

  /**
   * @param canLead Whether clients decide about size and answers, or a terminal that the session already has.
   * @param drawn Where the bytes of whole screens are left for links that send them.
   */
  constructor(canLead: boolean, drawn: WeakMap<SessionEvent, Uint8Array>) {
    this.#canLead = canLead;
    this.#drawn = drawn;
  }

  /** All of them. */
  get clients(): readonly Client[] {
    return [...this.#clients.values()];
  }

  /** The one whose terminal answers, if there is one. */
  get leader(): Client | undefined {
    return this.clients.find(({ leads }) => leads);
  }

  /** Lets somebody in; `greet` is called before it is shown anything. */
  add(applicant: Applicant, link: Link, greet: (client: Client) => void = () => {}): Client {
    const client: Client = new Client(applicant, link, this.#drawn, () => this.remove(client, "gone"));
    this.#clients.set(client.id, client);
    this.onchange(client, "attached", "");
    if (this.#mayLead(client)) this.#lead(client, greet);
    else greet(client);
    return client;
  }

  /** Somebody has left, or is to, once all before `last` has arrived. */
  remove(client: Client, why: string, last?: ToClient): void {
    if (!this.#clients.delete(client.id)) return;
    const parting = part(client, last).finally(() => this.#partings.delete(parting));
    this.#partings.add(parting);
    this.onchange(client, "detached", why);
    if (!client.leads) return;
    const [next] = this.clients.filter((one) => this.#mayLead(one)).sort((a, b) => b.wroteAt - a.wroteAt);
    if (next) this.#lead(next);
  }

  /** Resolves when all who were to leave have been told everything. */
  async parted(): Promise<void> {
    await Promise.all(this.#partings);
  }

  /** A client has typed: it leads from now on, unless another one types just now. */
  typed(client: Client): void {
    const now = performance.now();
    client.wroteAt = now;
    const { leader } = this;
    if (client === leader || !this.#mayLead(client)) return;
    if (leader && now - leader.wroteAt < HYSTERESIS_MS) return;
    this.#lead(client);
  }

  /** A client's terminal has another size. */
  resized(client: Client, cols: number, rows: number): void {
    client.cols = cols;
    client.rows = rows;
    if (client.leads) this.onsize(cols, rows);
  }

  /** Passes events on to all; `leaderAsked` says whether the leader gets the questions. */
  offer(batch: EventBatch, leaderAsked: boolean): void {
    for (const client of this.#clients.values()) client.offer(batch, leaderAsked && client.leads);
  }

  /** Gives a whole screen to all who wait for one and have room for it. */
  catchUp(time: number, screen: () => ScreenState | undefined): void {
    let state: ScreenState | undefined;
    for (const client of this.#clients.values()) {
      if (!client.branch.isBehind || client.branch.waiting > 0) continue;
      state ??= screen();
      if (state) client.show(time, state);
    }
  }

  /** Tells all. */
  tell(message: ToClient): void {
    for (const { link } of this.#clients.values()) link.tell(message);
  }

  #mayLead(client: Client): boolean {
    return this.#canLead && client.applicant.role === "operator" && !client.link.isRaw;
  }

  /** The one before and this one need a new screen: what they are sent changes. */
  #lead(client: Client, greet: (client: Client) => void = () => {}): void {
    const { leader } = this;
    if (leader) leader.leads = false;
    client.leads = true;
    greet(client);
    if (client.cols && client.rows) this.onsize(client.cols, client.rows);
    this.onlead(leader ? [leader, client] : [client]);
  }
}
