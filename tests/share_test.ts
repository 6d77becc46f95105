import { deepEqual, doesNotMatch, equal, match, ok, rejects } from "node:assert/strict";
import { choosePtyHost, collect, openRecording, SECOND, streamSource } from "../mod.ts";
import { SessionDirectory } from "../lib/session/directory.ts";
import { Sharing } from "../lib/session/share/serve.ts";
import { FolderShelf } from "../lib/session/share/shelf.ts";
import { sleep } from "./support/pty.ts";
import { eventually } from "./support/sessions.ts";
import { connect, connectRaw, exchange, request, Watcher, withSharing } from "./support/sharing.ts";

const host = await choosePtyHost();
const ignore = host.name !== "libc";
if (ignore) console.log("    skipped: sessions are for Linux");

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

const SHELL = {
  command: ["sh"],
  recording: false,
  env: { PATH: Deno.env.get("PATH")!, PS1: "> ", TERM: "xterm-256color" },
} as const;

test("a viewer sees the screen at once and what follows, harmless, and a late one the same", async () => {
  await withSharing(async ({ manager, share, port }) => {
    const session = await manager.createSession({ ...SHELL, name: "x", cols: 60, rows: 10 });
    await session.press("echo be''fore", "Enter");
    ok(await session.waitForText(/before$/m, 20 * SECOND));
    const { token } = await share(session);
    const early = new Watcher(await connect(port, "/live/x?name=eve&cols=20&rows=5", token));
    await eventually("the screen is there", () => early.text.includes("before"));
    await session.press("printf 'af''ter \\342\\202\\254 \\033]52;c;c2VjcmV0\\007\\033[c'", "Enter");
    await eventually("what follows is there", () => early.text.includes("after €"));
    const late = new Watcher(await connect(port, "/live/x", token));
    await eventually("the late one has it too", () => late.text.includes("after €"));
    for (const { text } of [early, late]) doesNotMatch(text, /\x1b\]52|\x1b\[c/);
    const screen = early.messages.find(({ type }) => type === "screen")!;
    deepEqual([screen.cols, screen.rows], [60, 10]);
    equal((await session.info()).cols, 60); // a viewer's terminal changes nothing
    equal((await session.info()).clients, 1); // the server, however many look on
    await session.resize(70, 12);
    await eventually(
      "everybody has the new size",
      () => [early, late].every(({ messages }) => messages.some(({ type, cols }) => type === "screen" && cols === 70)),
    );
    await manager.deleteSession("x");
    await Promise.all([early.over, late.over]);
    deepEqual([early, late].map(({ socket }) => socket.closed?.code), [4000, 4000]);
    equal(early.messages.at(-1)!.type, "exit");
  });
});

test("1,000 attempts to write with a viewer's link have no effect", async () => {
  await withSharing(async ({ manager, share, port, folder }) => {
    const recording = { path: `${folder}/x.t2a`, input: "all" } as const;
    const session = await manager.createSession({ ...SHELL, name: "x", command: ["cat"], recording });
    await session.allow("operators"); // others may type
    const { token } = await share(session);
    const before = await session.info();
    let refused = 0;
    const targets = [
      "/v1/input",
      "/v1/keys",
      "/v1/size",
      "/v1/stop",
      "/v1/markers",
      "/v1/signal",
      "/v1/name",
      "/api/sessions",
    ];
    for (let at = 0; at < 200; at++) {
      const { status } = await request(port, targets[at % targets.length]!, { method: "POST", token });
      if (status >= 400) refused++;
    }
    equal(refused, 200);
    for (const query of ["as=operator", "as=owner", "as=operator&role=operator&via=terminal"]) {
      await rejects(connect(port, `/live/x?${query}`, token));
    }
    for (const protocol of ["v1.term2ai", "v1.alis"]) {
      for (let at = 0; at < 40; at++) {
        const watcher = new Watcher(await connect(port, "/live/x?role=operator&as=viewer", token, protocol));
        for (let message = 0; message < 10; message++) {
          watcher.socket.send(new TextEncoder().encode(`typed ${at}\r\x03\x04`));
          watcher.socket.send(JSON.stringify(
            [{ type: "size", cols: 33, rows: 7 }, { type: "mark", label: "no" }, {
              type: "input",
              data: "x",
            }][message % 3],
          ));
        }
        await watcher.leave();
      }
    }
    const after = await session.info();
    equal(await session.screen(), "");
    deepEqual([after.cols, after.rows, after.name, after.pid], [before.cols, before.rows, "x", before.pid]);
    await manager.deleteSession("x");
    const { readable } = await Deno.open(`${folder}/x.t2a`);
    const events = await collect((await openRecording(streamSource("x", readable))).events);
    deepEqual(events.filter(({ kind }) => kind === "input" || kind === "resize" || kind === "marker"), []);
  });
});

test("an operator types, and the recording tells who; without the owner's leave nobody does", async () => {
  await withSharing(async ({ manager, share, port, folder }) => {
    const recording = { path: `${folder}/x.t2a`, input: "all" } as const;
    const session = await manager.createSession({ ...SHELL, name: "x", recording });
    const { link, token } = await share(session, "operator");
    const named = await share(session, "operator", 600, "ada");
    const one = new Watcher(await connect(port, "/live/x?as=operator&name=bob<script>&cols=90&rows=20", token));
    const two = new Watcher(await connect(port, "/live/x?as=operator&name=mallory", named.token));
    await eventually("both are there", () => one.screens > 0 && two.screens > 0);
    one.socket.send(new TextEncoder().encode("echo fr''om bob\r"));
    ok(await session.waitForText(/from bob$/m, 20 * SECOND));
    two.socket.send(new TextEncoder().encode("echo fr''om ada\r"));
    ok(await session.waitForText(/from ada$/m, 20 * SECOND));
    const clients = await session.clients();
    deepEqual(clients.map(({ name, via, role }) => [name, via, role]).sort(), [
      ["ada", "web", "operator"],
      [`bobscript (link ${link.id})`, "web", "operator"],
    ]);
    await session.allow("owner");
    two.socket.send(new TextEncoder().encode("echo se''cond\r"));
    await rejects(connect(port, "/live/x?as=operator", token), /takes no input from here/);
    await sleep(300);
    doesNotMatch(await session.screen(), /cond/);
    await Promise.all([one.leave(), two.leave()]);
    await manager.deleteSession("x");
    const { readable } = await Deno.open(`${folder}/x.t2a`);
    const events = await collect((await openRecording(streamSource("x", readable))).events);
    const by = new Set(events.flatMap((event) => event.kind === "input" ? [event.by] : []));
    deepEqual([...by].filter((name) => name !== "term2ai").sort(), ["ada", `bobscript (link ${link.id})`]);
  });
});

test("a session that was made for nobody's input takes none, whatever link there is", async () => {
  await withSharing(async ({ manager, book, port }) => {
    const session = await manager.createSession({ ...SHELL, name: "x", command: ["cat"], input: "nobody" });
    const { id, name } = await session.info();
    const { token } = await book.add({ role: "operator", seconds: 600, session: { id, name } });
    await rejects(connect(port, "/live/x?as=operator", token), /takes no input/);
    await rejects(session.allow("operators"), /made so that nobody/);
    const viewer = new Watcher(await connect(port, "/live/x", token));
    await eventually("it can be looked at", () => viewer.screens > 0);
    await viewer.leave();
  });
});

test("links that are wrong, expired, revoked, or for another session open nothing, and whoever came by one is sent away within a second", async () => {
  await withSharing(async ({ manager, share, book, port }) => {
    const session = await manager.createSession({ ...SHELL, name: "x", command: ["cat"] });
    await manager.createSession({ ...SHELL, name: "y", command: ["cat"] });
    const viewer = await share(session),
      operator = await share(session, "operator"),
      short = await share(session, "viewer", 2);
    const status = async (target: string, token: string) => (await request(port, target, { token })).status;
    equal(await status("/api/me", viewer.token), 200);
    equal(await status("/api/me", viewer.token.slice(0, -1) + "!"), 401);
    equal(await status("/api/me", viewer.link.hash), 401);
    await rejects(connect(port, "/live/y", viewer.token), /no session y for this link/);
    const { body } = await request(port, "/api/sessions", { token: viewer.token });
    deepEqual(JSON.parse(body).map(({ name }: { name: string }) => name), ["x"]);
    equal(await status("/api/recordings/x.t2a/index.json", viewer.token), 404);

    const watchers = await Promise.all([
      ["/live/x", viewer.token, "v1.alis"],
      ["/live/x", viewer.token, "v1.term2ai"],
      ["/live/x?as=operator", operator.token, "v1.term2ai"],
    ].map(async ([target, token, protocol]) => new Watcher(await connect(port, target!, token!, protocol))));
    const expiring = new Watcher(await connect(port, "/live/x", short.token));
    await book.revoke(({ id }) => id !== short.link.id);
    const revokedAt = performance.now();
    await Promise.all(watchers.map(({ over }) => over));
    const took = performance.now() - revokedAt;
    deepEqual(
      watchers.map(({ socket }) => socket.closed),
      Array(3).fill({ code: 4001, reason: "The link was revoked" }),
    );
    ok(took < 5000, `it took ${took} ms`); // 250 on a machine that is not busy
    for (const { token } of [viewer, operator]) equal(await status("/api/me", token), 401);
    await rejects(connect(port, "/live/x", viewer.token), /not valid/);
    await expiring.over;
    equal(expiring.socket.closed?.reason, "The link has expired");
    equal(await status("/api/me", short.token), 401);
    deepEqual(await book.all(), []);
  });
});

test("a link is for a session and not for its name", async () => {
  await withSharing(async ({ manager, share, port }) => {
    const session = await manager.createSession({ ...SHELL, name: "x", command: ["cat"] });
    const { token } = await share(session);
    await session.rename("z");
    const watcher = new Watcher(await connect(port, "/live/z", token));
    await watcher.leave();
    await manager.deleteSession("z");
    await manager.createSession({ ...SHELL, name: "x", command: ["cat"] });
    await sleep(600);
    await rejects(connect(port, "/live/x", token), /no session x/);
  });
});

test("after 20 wrong tokens there is 429, and right ones still open", async () => {
  await withSharing(async ({ share, port }) => {
    const { token } = await share(undefined);
    const wrong = async () => (await request(port, "/api/me", { token: "A".repeat(43) })).status;
    for (let at = 0; at < 20; at++) equal(await wrong(), 401);
    equal(await wrong(), 429);
    match((await request(port, "/api/me", { token: "short" })).head, /retry-after: 60/);
    match((await request(port, "/live/x?ticket=guess", { "sec-websocket-protocol": "v1.alis" })).head, /429/);
    equal((await request(port, "/api/me", { token })).status, 200);
  });
});

test("forged hosts, other origins and requests that are none are refused, and no page can be framed or load from elsewhere", async () => {
  await withSharing(async ({ manager, share, port }) => {
    const session = await manager.createSession({ ...SHELL, name: "x", command: ["cat"] });
    const { token } = await share(session);
    const status = async (headers: Record<string, string>, target = "/api/me") =>
      (await request(port, target, { token, ...headers })).status;
    for (
      const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example", "", "8.8.8.8", "localhost@evil"]
    ) {
      equal(await status({ host }), 421, host);
    }
    for (const host of [`localhost:${port}`, `[::1]:${port}`, "127.0.0.1"]) equal(await status({ host }), 200, host);
    const here = `127.0.0.1:${port}`;
    for (
      const origin of ["https://evil.example", "null", `http://${here}.evil.example`, `http://127.0.0.1:${port + 1}`]
    ) {
      equal(await status({ origin }), 403, origin);
      await rejects(connect(port, "/live/x", token, "v1.term2ai", [`origin: ${origin}`]), /other origins/);
    }
    equal(await status({ origin: `http://${here}` }), 200);
    equal(await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" }), 403);
    equal(
      await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }),
      403,
    );
    equal(
      await status({ "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }, "/"),
      200,
    );
    const { head } = await request(port, "/");
    match(head, /default-src 'none'/);
    match(head, /frame-ancestors 'none'/);
    match(head, /referrer-policy: no-referrer/);
    doesNotMatch(head, /access-control/i);

    const odd = [
      "GET\r\n\r\n",
      "GET http://x/ HTTP/1.1\r\nhost: x\r\n\r\n",
      `GET / HTTP/1.1\r\nhost: ${here}\r\nhost: evil\r\n\r\n`,
      `GET / HTTP/1.1\r\nhost: ${here}\r\n folded: yes\r\n\r\n`,
      `POST /api/tickets HTTP/1.1\r\nhost: ${here}\r\ntransfer-encoding: chunked\r\n\r\n`,
      `POST /api/tickets HTTP/1.1\r\nhost: ${here}\r\ncontent-length: 99999999\r\n\r\n`,
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ];
    for (const text of odd) match(await exchange(port, text), /^HTTP\/1\.1 4\d\d /, JSON.stringify(text));
    equal(await exchange(port, `GET /${"x".repeat(30_000)}`).catch(() => ""), "");
    equal(await status({}, "/../../etc/passwd"), 404);
    equal(await status({}, "/assets/../page.html"), 404);
    equal(await session.screen(), "");
  });
});

test("oversized frames, garbage and floods end the connection they came on, and no other", async () => {
  await withSharing(async ({ manager, share, port }) => {
    const session = await manager.createSession({ ...SHELL, name: "x", command: ["cat"] });
    const { token } = await share(session), { token: typing } = await share(session, "operator");
    const bystander = new Watcher(await connect(port, "/live/x", token));
    const longFrame = new Uint8Array(14);
    longFrame.set([0x82, 0xff]);
    new DataView(longFrame.buffer).setBigUint64(2, 1n << 40n);
    const faults: [string, Uint8Array, number][] = [
      ["a frame of a terabyte", longFrame, 1009],
      ["a frame without mask", Uint8Array.of(0x82, 1, 65), 1002],
      ["reserved bits", Uint8Array.of(0xf2, 0x80, 0, 0, 0, 0), 1002],
      ["an unknown opcode", Uint8Array.of(0x85, 0x80, 0, 0, 0, 0), 1002],
      ["a ping in pieces", Uint8Array.of(0x09, 0x80, 0, 0, 0, 0), 1002],
      ["a long ping", Uint8Array.of(0x89, 0xfe, 1, 0, 0, 0, 0, 0), 1002],
      ["the rest of nothing", Uint8Array.of(0x80, 0x80, 0, 0, 0, 0), 1002],
      ["garbage", crypto.getRandomValues(new Uint8Array(4096)).fill(0x7f, 0, 8), 1002],
    ];
    for (const [what, bytes, code] of faults) {
      for (const [target, token_] of [["/live/x", token], ["/live/x?as=operator", typing]] as const) {
        const { socket, connection } = await connectRaw(port, target, token_);
        await connection.write(bytes);
        const watcher = new Watcher(socket);
        await watcher.over;
        equal(socket.closed?.code, code, `${what} to ${target}`);
      }
    }
    const pieces = await connect(port, "/live/x?as=operator", typing);
    pieces.send(new Uint8Array(65_537));
    const tooLong = new Watcher(pieces);
    await tooLong.over;
    equal(pieces.closed?.code, 1009);
    const flood = new Watcher(await connect(port, "/live/x", token));
    for (let at = 0; at < 500; at++) flood.socket.send(JSON.stringify({ type: "refresh" }));
    await flood.over;
    equal(flood.socket.closed?.code, 1008);
    ok(flood.screens < 20, `${flood.screens} screens`);
    await session.press("still here", "Enter");
    await eventually("the bystander saw it", () => bystander.text.includes("still here"));
    await bystander.leave();
    match(await session.screen(), /^still here\nstill here\n/); // and nothing else was typed
  });
});

test("who takes long to ask is not waited for, and does not keep others out", async () => {
  await withSharing(async ({ share, port }) => {
    const { token } = await share(undefined);
    const slow: Deno.TcpConn[] = [];
    for (let at = 0; at < 260; at++) {
      const connection = await Deno.connect({ port, hostname: "127.0.0.1" });
      await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nhost: "));
      slow.push(connection);
    }
    equal((await request(port, "/api/me", { token })).status, 200);
    // The first ones made way for the others; the last ones are hung up on when their time is over.
    const ended = async (connection: Deno.Conn) => await connection.read(new Uint8Array(10)).catch(() => null);
    for (const connection of slow.slice(0, 50)) equal(await ended(connection), null);
    const startedAt = performance.now();
    equal(await ended(slow.at(-1)!), null);
    ok(performance.now() - startedAt < 30_000);
    for (const connection of slow) connection.close();
  }, { patience: 2000 });
});

test("a viewer that does not read is dropped to the next screen, and holds up neither others nor the session", async () => {
  await withSharing(async ({ manager, share, port }) => {
    const session = await manager.createSession({ ...SHELL, name: "x" });
    const { token } = await share(session);
    const all = new Watcher(await connect(port, "/live/x", token));
    const stuck = await connectRaw(port, "/live/x", token);
    await eventually(
      "both are there",
      async () => JSON.parse((await request(port, "/api/sessions", { token })).body)[0].visitors.length === 2,
    );
    await session.press("yes 0123456789012345678901234567890123456789 | head -c 20000000; echo d''one", "Enter");
    ok(await session.waitForText(/done$/m, 60 * SECOND));
    await eventually("the reader has seen the end", () => all.text.includes("done"));
    const slow = new Watcher(stuck.socket); // reads from now on
    await eventually("the slow one has a screen with the end", () => slow.text.includes("done"), 20_000);
    ok(slow.bytes < 5e6, `${slow.bytes} bytes`); // of 20 MB: what may be on its way, what may wait, and screens
    ok(slow.screens >= 2, `${slow.screens} screens`);
    await Promise.all([all.leave(), slow.leave()]);
  });
});

test("a viewer whose connection drops comes back to a whole screen; one that vanishes leaves the session alone", async () => {
  await withSharing(async ({ manager, share, port, sharing }) => {
    const session = await manager.createSession({ ...SHELL, name: "x", command: ["cat"] });
    const { token } = await share(session, "operator");
    for (const target of ["/live/x", "/live/x?as=operator"]) {
      const { connection, socket } = await connectRaw(port, target, token);
      await socket.next();
      connection.close();
      await eventually("it is gone", () => sharing.access.visitors.size === 0);
    }
    await session.press("meanwhile", "Enter");
    ok(await session.waitForText(/meanwhile\nmeanwhile/, 20 * SECOND));
    const again = new Watcher(await connect(port, "/live/x", token));
    await eventually("the whole screen is there", () => again.text.includes("meanwhile"));
    await again.leave();
    await eventually("nobody holds on to the session", async () => (await session.info()).clients === 0);
  });
});

test("recordings are listed, found and played in pieces, without what was typed", async () => {
  await withSharing(async ({ share, port, folder }) => {
    const { token } = await share(undefined), shelf = `${folder}/recordings`;
    await Deno.writeTextFile(
      `${shelf}/one.cast`,
      `{"version":3,"term":{"cols":80,"rows":24},"title":"The deploy <b>","tags":["ops"],"timestamp":1700000000}\n[0.5,"o","hello"]\n[0.1,"i","hunter2"]\n[1,"o"," world"]\n`,
    );
    await Deno.writeTextFile(
      `${shelf}/two words.cast`,
      `{"version":2,"width":80,"height":24,"command":"make test"}\n[0.5,"o","x"]\n`,
    );
    await Deno.writeTextFile(`${shelf}/.hidden.cast`, `{"version":2,"width":80,"height":24}\n`);
    await Deno.writeTextFile(`${folder}/outside.cast`, `{"version":2,"width":80,"height":24}\n[1,"o","secret"]\n`);
    await Deno.symlink(`${folder}/outside.cast`, `${shelf}/link.cast`);
    await Deno.writeFile(`${shelf}/noise.bin`, crypto.getRandomValues(new Uint8Array(1000)).fill(0, 0, 4));
    const search = async (query: string) => {
      const { recordings } = JSON.parse(
        (await request(port, `/api/recordings?q=${encodeURIComponent(query)}`, { token })).body,
      );
      return recordings.map(({ id }: { id: string }) => id).sort();
    };
    deepEqual(await search(""), ["one.cast", "two words.cast"]);
    deepEqual(await search("deploy OPS"), ["one.cast"]);
    deepEqual(await search("make"), ["two words.cast"]);
    deepEqual(await search("nothing"), []);
    const index = await request(port, "/api/recordings/one.cast/index.json", { token });
    deepEqual(JSON.parse(index.body).segments, [{ start: 0, url: "0.json" }]);
    const piece = await request(port, "/api/recordings/one.cast/0.json", { token });
    match(piece.body, /hello/);
    doesNotMatch(piece.body, /hunter2/);
    equal((await request(port, "/api/recordings/two%20words.cast/index.json", { token })).status, 200);
    for (const id of ["link.cast", "..%2Foutside.cast", ".hidden.cast", "%2e%2e", "%E0%A4%A", "none.cast"]) {
      equal((await request(port, `/api/recordings/${id}/index.json`, { token })).status, 404, id);
    }
    equal((await request(port, "/api/recordings/one.cast/..%2findex.json", { token })).status, 404);
    equal((await request(port, "/api/recordings/one.cast/index.json")).status, 401);
  });
});

test("Sharing.start() lets no other machine in without TLS, unless it is told to", async () => {
  await withSharing(async ({ manager, folder }) => {
    const directory = await SessionDirectory.open(`${folder}/run`);
    const options = { directory, manager, shelf: new FolderShelf(folder), port: 0 };
    for (const hostname of ["0.0.0.0", "::", "192.0.2.1", "example.org", "127.0.0.1.example.org"]) {
      await rejects(Sharing.start({ ...options, hostname, allowsPlain: false }), /without TLS/, hostname);
    }
    const open = await Sharing.start({
      ...options,
      hostname: "0.0.0.0",
      allowsPlain: true,
      url: "https://term.example.org",
    });
    const link = await open.ownLink({ role: "viewer", seconds: 60 });
    match(link, /^https:\/\/term\.example\.org\/#[\w-]{43}$/);
    await open.close();
  });
});

test("tokens are kept only as hashes, in a file that only its owner can read", async () => {
  await withSharing(async ({ share, folder, book }) => {
    const made = await Promise.all(Array.from({ length: 20 }, () => share(undefined)));
    equal((await book.all()).length, 20); // none was lost to another
    equal(new Set(made.map(({ token }) => token)).size, 20);
    const text = await Deno.readTextFile(`${folder}/run/links.json`);
    for (const { token, link } of made) {
      ok(!text.includes(token));
      ok(text.includes(link.hash));
    }
    equal((await Deno.stat(`${folder}/run/links.json`)).mode! & 0o777, 0o600);
    await Deno.writeTextFile(`${folder}/run/links.json`, "{broken");
    deepEqual(await book.all(), []);
  });
});
