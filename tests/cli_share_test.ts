import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { choosePtyHost, SECOND } from "../mod.ts";
import { Wire } from "../lib/session/control/http.ts";
import { acceptSocket, json, readRequest, replyBytes } from "../lib/session/share/request.ts";
import { SocketConnection } from "../lib/session/control/web_socket.ts";
import { isInstalled, TERM2AI, term2ai } from "./support/cli.ts";
import { Person } from "./support/person.ts";
import { eventually, type SessionTest, withSessions } from "./support/sessions.ts";
import { request } from "./support/sharing.ts";

const host = await choosePtyHost();
const hasTmux = await isInstalled("tmux");
const ignore = host.name !== "libc" || !hasTmux;
if (ignore) console.log("    skipped: for Linux with tmux");

const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

/** Starts `term2ai serve`; returns the first line it prints, and what it is niced to. */
async function serve({ env, folder, afterwards }: SessionTest, ...args: string[]) {
  const [program, ...words] = TERM2AI;
  const child = new Deno.Command(program!, {
    args: [...words, "serve", ...(args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"]), ...args],
    env,
    cwd: folder,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  afterwards(async () => {
    child.kill("SIGTERM");
    await child.status;
  });
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) text += (await reader.read()).value ?? "\n";
  await reader.cancel();
  return { url: text.trim(), child };
}

test("share makes links, join takes part by them, the owner sees who is there, sends them away and takes links back", async () => {
  await withSessions(async (test) => {
    const { url, child } = await serve(test);
    match(url, /^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/);
    const niceness = (await Deno.readTextFile(`/proc/${child.pid}/stat`)).replace(/^.*\) /, "").split(" ")[16];
    equal(niceness, "10");
    await test.run("session", "new", "-d", "work", "--size", "80x23", "--", "env", "PS1=inside> ", "bash", "--norc");
    const session = await test.manager.getSession("work");
    equal((await session.info()).input, "owner");
    const shared = await test.run("share", "work", "--role", "operator", "--name", "ada", "--expires", "1h");
    equal(shared.status, 0, shared.errors);
    const link = shared.text.trim();
    ok(link.startsWith(url.slice(0, url.indexOf("#"))), link);
    match(shared.errors, /^[0-9a-f]{8}: operator of work until/);
    equal((await session.info()).input, "operators");

    const [ada, eve] = [await Person.at(test, "ada", "90x20"), await Person.at(test, "eve", "60x15")];
    await ada.types(`term2ai join '${link}'`, "Enter");
    await ada.sees(/^inside>/m);
    await ada.types("tput cols; echo fr''om ada", "Enter");
    await ada.sees(/^90\nfrom ada$/m);
    const looking = (await test.run("share", "work")).text.trim();
    await eve.types(`term2ai join --name eve '${looking}'`, "Enter");
    await eve.sees(/from ada/);
    await eve.types("echo fr''om eve", "Enter");
    await ada.types("echo ag''ain", "Enter");
    await eve.sees(/^again$/m);
    doesNotMatch(await session.screen(), /from eve/);
    equal((await session.info()).cols, 90);

    const { links, visitors } = JSON.parse((await test.run("share", "--list", "--json")).text);
    deepEqual(links.map(({ role, name }: Record<string, string>) => [role, name]), [["operator", "ada"], [
      "viewer",
      undefined,
    ]]);
    doesNotMatch(JSON.stringify(links), /hash/);
    const people = visitors.map(({ name, role, by, address }: Record<string, string>) => [name, role, by, address])
      .sort();
    deepEqual(people, [["ada", "operator", "terminal", "127.0.0.1"], [
      `eve (link ${links[1].id})`,
      "viewer",
      "terminal",
      "127.0.0.1",
    ]]);
    const { id } = visitors.find(({ role }: { role: string }) => role === "viewer");
    match((await test.run("share", "--list")).text, new RegExp(`${id} .*eve`));
    equal((await test.run("share", "--kick", id)).status, 0);
    await eve.sees(/You were sent away: left work/);
    equal((await test.run("share", "--kick", id)).status, 2);

    equal((await test.run("share", "--revoke", "work")).status, 0);
    await ada.sees(/The link was revoked: left work/);
    equal((await session.info()).input, "owner");
    await ada.types("clear", "Enter");
    await ada.types(`term2ai join '${link}'`, "Enter");
    await ada.sees(/not valid: it may have expired/);
    equal((await test.run("share", "--revoke", "all")).status, 2);
  });
});

test("share starts a server where none runs, which ends with its last link", async () => {
  await withSessions(async (test) => {
    await test.run("session", "new", "-d", "work", "--read-only", "--", "sh", "-c", "echo there; exec cat");
    const refused = await test.run("share", "work", "--role", "operator");
    equal(refused.status, 1);
    match(refused.errors, /made so that nobody types/);
    const { text, errors } = await test.run("share", "work", "--json");
    const { links: [link], id, role } = JSON.parse(text);
    equal(role, "viewer", errors);
    const { port, hash } = new URL(link);
    const { body } = await request(Number(port), "/api/sessions", { token: hash.slice(1) });
    equal(JSON.parse(body)[0].name, "work");
    const { servers: [{ pid }] } = JSON.parse((await test.run("share", "--list", "--json")).text);
    await test.run("session", "new", "-d", "other", "--", "cat");
    await test.run("share", "other");
    equal((await test.run("share", "--revoke", id)).status, 0);
    await test.run("session", "kill", "other"); // its link opens nothing any more
    await eventually(
      "the server is gone",
      async () => !await Deno.stat(`/proc/${pid}`).then(() => true, () => false),
      30_000,
    );
    const session = await test.manager.getSession("work");
    ok(await session.waitForText(/there/, 20 * SECOND)); // unharmed
  });
});

test("join comes back by itself when the connection drops, over TLS, and ends with the session", async () => {
  await withSessions(async (test) => {
    const pem = await new Deno.Command("openssl", {
      args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"].concat([
        "-keyout",
        `${test.folder}/key.pem`,
        "-out",
        `${test.folder}/cert.pem`,
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
      ]),
      stderr: "null",
    }).output().catch(() => undefined);
    if (!pem?.success) return console.log("    skipped: for openssl");
    await test.run("session", "new", "-d", "work", "--", "env", "PS1=inside> ", "bash", "--norc");
    const first = await serve(test, "--tls-cert", "cert.pem", "--tls-key", "key.pem", "--no-link");
    match(first.url, /^https:/);
    const { port } = new URL(first.url);
    const link = (await test.run("share", "work", "--role", "operator")).text.trim().replace("127.0.0.1", "localhost");
    const one = await Person.at(test, "one");
    await one.types(`term2ai join --tls-ca ${test.folder}/cert.pem '${link}'`, "Enter");
    await one.sees(/^inside>/m);
    first.child.kill("SIGKILL"); // nobody says goodbye
    await first.child.status;
    await test.run("session", "send", "work", "echo mean''while", "Enter");
    await one.sees(/trying again/);
    await serve(test, "--listen", `127.0.0.1:${port}`, "--tls-cert", "cert.pem", "--tls-key", "key.pem", "--no-link");
    await one.sees(/^meanwhile$/m);
    await one.types("exit 3", "Enter");
    await one.sees(/\[work has ended: exit code 3\]/);
  });
});

test("join shows what a hostile server sends, and lets it do nothing else to the terminal", async () => {
  await withSessions(async (test) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr as Deno.NetAddr;
    const shown = Promise.withResolvers<void>();
    const serving = (async () => {
      for await (const connection of listener) {
        const wire = new Wire(connection);
        const asked = (await readRequest(wire, ""))!;
        if (asked.path.startsWith("/api/")) {
          const session = { name: "x", mayLook: true, mayType: false };
          const evil = { ...session, name: "\x1b]52;c;ZXZpbA==\x07" };
          await wire.write(replyBytes(json(asked.path === "/api/me" ? { role: "viewer" } : [session, evil])));
          wire.close();
          continue;
        }
        await acceptSocket(wire, asked, "v1.term2ai");
        const socket = new SocketConnection(wire, { longest: 1000, isServer: true });
        socket.send(JSON.stringify({ type: "screen", cols: 80, rows: 24, title: "" }));
        socket.send(new TextEncoder().encode("\x1b]52;c;c2Vj"));
        socket.send(new TextEncoder().encode("cmV0\x07harm\x1b[c\x1b[?1000hless"));
        await shown.promise;
        socket.close(4000, "bye \x1b]52;c;c2VjcmV0\x07");
        await socket.gone;
      }
    })();
    const one = await Person.at(test, "one");
    await one.tmux("set-option", "-s", "set-clipboard", "on");
    await one.types(`term2ai join 'http://127.0.0.1:${port}/#${"A".repeat(43)}'`, "Enter");
    await one.sees(/^harmless/);
    equal(await one.fact("#{mouse_any_flag}"), "0");
    shown.resolve();
    await one.sees(/^\[bye .*left x\]/m);
    equal(await one.tmux("show-buffer"), "");
    listener.close();
    await serving;
  });
});

test("share, serve and join say what is wrong, and with what", async () => {
  await withSessions(async ({ run, folder }) => {
    await Deno.writeTextFile(`${folder}/x.pem`, "no certificate");
    const wrong: [string[], number, RegExp][] = [
      [["serve", "--listen", "0.0.0.0:0"], 2, /without TLS/],
      [["serve", "--listen", "nowhere:99999"], 2, /PORT, HOST:PORT or HOST/],
      [["serve", "--tls-cert", "x.pem"], 2, /needed together/],
      [["serve", "--tls-cert", "x.pem", "--tls-key", "x.pem"], 2, /expected PEM/],
      [["serve", "--recordings", "nowhere"], 2, /no such directory/],
      [["serve", "--url", "term.example.org/x"], 2, /expected https/],
      [["share", "nosuch"], 1, /Cannot find a session nosuch/],
      [["share"], 2, /which session/],
      [["share", "--all", "x"], 2, /take no NAME/],
      [["share", "x", "--role", "admin"], 2, /viewer or operator/],
      [["share", "x", "--expires", "never"], 2, /Cannot read "never"/],
      [["share", "--revoke", "x"], 2, /no such link/],
      [["join", "https://127.0.0.1:1/"], 2, /Cannot (?:join|attach)/],
    ];
    const finished = await Promise.all(wrong.map(([args]) => run(...args)));
    for (const [at, { status, errors }] of finished.entries()) {
      const [args, code, message] = wrong[at]!;
      match(errors, message, args.join(" "));
      equal(status, code, args.join(" "));
      doesNotMatch(errors, /\n {4}at /);
    }
  });
  equal((await term2ai(["share", "--help"])).status, 0);
});
