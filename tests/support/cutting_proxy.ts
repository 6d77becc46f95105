/**
 * A way to a server that breaks.
 * @module
 */

/** Passes bytes on, and cuts connections when it is told to. */
export class CuttingProxy {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: { hostname: string; port: number };
  readonly #open = new Set<Deno.Conn>();
  #cuts: number[] = []; // after how many bytes each of the next connections that carry as many is cut
  #accepting: Promise<void>;
  /** Connections that were cut. */
  cut = 0;

  constructor(target: URL) {
    this.#target = { hostname: target.hostname, port: Number(target.port) };
    this.#accepting = this.#accept();
  }

  /** Where it listens. */
  get host(): string {
    const { hostname, port } = this.#listener.addr as Deno.NetAddr;
    return `${hostname}:${port}`;
  }

  /** Cuts as many connections as there are numbers, each after so many bytes to the server. */
  cutAfter(...bytes: number[]): void {
    this.#cuts = bytes;
  }

  /** Cuts all, and lets nobody in any more. */
  async close(): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await this.#accepting;
  }

  async #accept(): Promise<void> {
    const all: Promise<void>[] = [];
    try {
      for await (const client of this.#listener) all.push(this.#pass(client));
    } catch {
      // it was closed
    }
    await Promise.all(all);
  }

  async #pass(client: Deno.Conn): Promise<void> {
    let server: Deno.Conn;
    try {
      server = await Deno.connect(this.#target);
    } catch {
      return close(client);
    }
    for (const end of [client, server]) this.#open.add(end);
    const both = () => [client, server].forEach(close);
    await Promise.all([
      this.#copy(client, server, true).finally(both),
      this.#copy(server, client, false).finally(both),
    ]);
    for (const end of [client, server]) this.#open.delete(end);
  }

  async #copy(from: Deno.Conn, to: Deno.Conn, counts: boolean): Promise<void> {
    const buffer = new Uint8Array(65_536);
    let passed = 0;
    try {
      for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
        passed += read;
        if (counts && passed >= (this.#cuts[0] ?? Infinity)) {
          this.#cuts.shift();
          this.cut++;
          return;
        }
        for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
      }
    } catch {
      // one of them has gone
    }
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // it is closed
  }
}
