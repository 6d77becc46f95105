import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { SessionError, UsageError } from "../mod.ts";
import { MILLISECOND, SECOND } from "../lib/event.ts";
import { ALIS_END, ALIS_MAGIC, AlisWriter } from "../lib/session/share/alis.ts";
import { Doorkeeper, GuessCounter } from "../lib/session/share/guard.ts";
import { type Asked, Refusal } from "../lib/session/share/request.ts";
import { RemoteServer } from "../lib/session/share/remote_session.ts";
import { FolderShelf } from "../lib/session/share/shelf.ts";
import { Shelves, StoreShelf } from "../lib/session/share/store_shelf.ts";
import { eventsOf } from "../lib/stream/collect.ts";
import { openStorage } from "../storage/mod.ts";
import { withFolder } from "./support/cli.ts";
import { marker, output } from "./support/events.ts";
import { blobSource } from "../lib/stream/source.ts";

const bytes = (...parts: (number | string)[]) =>
  Uint8Array.from(parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : [part]));

Deno.test("AlisWriter writes what ALiS v1 says, byte for byte", () => {
  deepEqual(ALIS_MAGIC, bytes("ALiS", 1));
  deepEqual(ALIS_END, bytes(4));
  const writer = new AlisWriter();
  deepEqual(writer.screen({ cols: 80, rows: 24 }, bytes("hi")), bytes(1, 0, 0, 80, 24, 0, 2, "hi"));
  // 125,000 µs are C8 D0 07; the documentation's own example has other bytes.
  deepEqual(writer.event(output(125 * MILLISECOND, "é")), bytes("o", 1, 0xc8, 0xd0, 0x07, 2, "é"));
  deepEqual(
    writer.event({ kind: "resize", time: 125 * MILLISECOND, cols: 300, rows: 50 }),
    bytes("r", 2, 0, 0xac, 2, 50),
  );
  deepEqual(writer.event(marker(125 * MILLISECOND + 1000, "here")), bytes("m", 3, 1, 4, "here"));
  deepEqual(writer.event({ kind: "input", time: SECOND, data: bytes("secret") }), undefined);
  deepEqual(writer.event(output(0, "back")), bytes("o", 4, 0, 4, "back")); // time does not run backwards
  // Whoever comes now goes on with the next event as everybody else.
  deepEqual(writer.screen({ cols: 1, rows: 2 }, bytes("")), bytes(1, 4, 0xc9, 0xd0, 0x07, 1, 2, 0, 0));
  deepEqual(writer.event({ kind: "exit", time: 125 * MILLISECOND + 3000, status: { code: 3 } }), bytes("x", 5, 2, 3));
  const palette = Array.from({ length: 8 }, (_, at) => `#00000${at}`);
  const theme = { foreground: "#ffffff", background: "#010203", palette };
  const dressed = writer.screen({ cols: 1, rows: 1 }, bytes(""), theme);
  deepEqual(dressed.subarray(7, 14), bytes(8, 255, 255, 255, 1, 2, 3));
  equal(dressed.length, 7 + 1 + 30 + 1);
  const odd = writer.screen({ cols: 1, rows: 1 }, bytes(""), { ...theme, background: "red" });
  deepEqual(odd.subarray(7), bytes(0, 0));
});

Deno.test("GuessCounter forgets after a minute, and remembers no more addresses than it has room for", () => {
  const counter = new GuessCounter();
  const status = (address: string, now: number) => {
    try {
      counter.refuse(address, "no", now);
    } catch (error) {
      return (error as Refusal).status;
    }
  };
  const all = Array.from({ length: 25 }, () => status("a", 1000));
  deepEqual([all.indexOf(429), status("b", 1000), status("a", 60_999), status("a", 61_001)], [20, 401, 429, 401]);
  for (let at = 0; at < 20_000; at++) status(`address ${at}`, 70_000);
  equal(status("a", 70_000), 401);
});

Deno.test("Doorkeeper knows hosts by name, whatever the port and case", () => {
  const keeper = new Doorkeeper(["Term.example.org", "::1"]);
  const check = (headers: Record<string, string>) =>
    keeper.check({ headers: new Map(Object.entries(headers)) } as unknown as Asked);
  check({ host: "term.EXAMPLE.org:8443", origin: "https://term.example.org:8443" });
  check({ host: "[::1]:80" });
  for (const host of ["example.org", "term.example.org.evil", "x[::1]", "[::1"]) {
    throws(() => check({ host }), Refusal, host);
  }
  throws(() => check({ host: "term.example.org", origin: "https://term.example.org:1" }), Refusal);
  const proxied = new Doorkeeper(["127.0.0.1"], "https://term.example.org");
  const asked = (origin: string) =>
    ({ headers: new Map([["host", "127.0.0.1:7822"], ["origin", origin]]) }) as unknown as Asked;
  proxied.check(asked("https://term.example.org"));
  throws(() => proxied.check(asked("http://term.example.org")), Refusal);
});

Deno.test("RemoteServer.of() takes links and nothing else, and tells what cannot be reached", async () => {
  const token = "A".repeat(43);
  for (const link of ["", "x", `ftp://h/#${token}`, "https://h/", `https://h/#${token}x`, `https://h/?${token}`]) {
    throws(() => RemoteServer.of(link), UsageError, link);
  }
  const error: unknown = await RemoteServer.of(`http://127.0.0.1:1/#${token}`).me().catch((error) => error);
  ok(error instanceof SessionError && error.cause !== undefined);
  await rejects(RemoteServer.of(`http://127.0.0.1:1/#${token}`).session("x").attach({}), /Cannot reach 127.0.0.1:1/);
});

Deno.test("shelves find recordings of a directory and of a store, there by what was on screen, too", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/files`);
    const cast = (title: string, text: string) =>
      `{"version":3,"term":{"cols":80,"rows":24},"title":"${title}","timestamp":1700000000}\n[0.5,"o","${text}"]\n`;
    await Deno.writeTextFile(`${folder}/files/one.cast`, cast("In a file", "alpha"));
    const store = await openStorage(`file://${folder}/store`);
    try {
      const { id } = await store.store(blobSource("x.cast", new Blob([cast("In the store", "permission denied")])));
      const shelves = new Shelves(new FolderShelf(`${folder}/files`), new StoreShelf(store));
      const titles = async (query: string) => (await shelves.search(query)).map(({ title }) => title).sort();
      deepEqual(await titles(""), ["In a file", "In the store"]);
      deepEqual(await titles("in the STORE"), ["In the store"]);
      deepEqual(await titles("permission denied"), ["In the store"]);
      deepEqual(await titles('"half a query'), []);
      for (const item of [await shelves.find(id), await shelves.find("one.cast")]) {
        const kinds: string[] = [];
        for await (const { kind } of eventsOf(await shelves.open(item!))) kinds.push(kind);
        deepEqual(kinds, ["header", "output"]);
      }
      equal(await shelves.find("nothing"), undefined);
      equal(await shelves.find("0".repeat(26)), undefined);
      await rejects(shelves.open({ ...(await shelves.find(id))!, id: "gone" }), UsageError);
      deepEqual(await new FolderShelf(`${folder}/nowhere`).search(""), []);
    } finally {
      await store.close();
    }
  });
});
