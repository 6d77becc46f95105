/**
 * What can be asked of a session over its socket; `API.md` is the same for readers.
 * @module
 */

import { SessionError, Term2aiError, UsageError } from "../../errors.ts";
import { screenToAnsi } from "../../terminal/screen_ansi.ts";
import { screenText } from "../../terminal/screen_text.ts";
import type { Applicant, Client } from "../attach/audience.ts";
import type { LiveSession } from "../live_session.ts";
import { isSize, MAX_BODY, MAX_MESSAGE, parseObject, readFromClient } from "./protocol.ts";
import { SocketLink, StreamLink } from "./socket_link.ts";

/** Longest that a request may wait for something, in seconds. */
const LONGEST_WAIT = 60;

type Fields = Readonly<Record<string, unknown>>;
type Handler = (session: LiveSession, request: Request, query: URLSearchParams) => Promise<Response> | Response;

const ROUTES: Readonly<Record<string, Handler>> = {
  "GET /v1/session": async (session) => {
    await session.recording.measure();
    return Response.json(session.info());
  },
  "GET /v1/clients": (session) => Response.json(session.audience.clients.map(({ info }) => info)),
  "DELETE /v1/clients": dismiss,
  "GET /v1/screen": screen,
  "GET /v1/wait": wait,
  "GET /v1/attach": attach,
  "GET /v1/events": events,
  "POST /v1/input": input,
  "POST /v1/keys": withFields(async (session, fields, query) => {
    const words = fields.keys;
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string")) {
      throw new UsageError('Cannot press keys: {"keys": [WORD…]} is expected');
    }
    await session.press(words, by(query), via(query));
  }),
  "POST /v1/size": withFields((session, { cols, rows }) => {
    if (!isSize(cols) || !isSize(rows)) {
      throw new UsageError("Cannot resize: cols and rows from 1 to 2048 are expected");
    }
    session.resize(cols, rows);
  }),
  "POST /v1/markers": withFields((session, { label = "" }) => session.mark(String(label).slice(0, 1024))),
  "POST /v1/signal": withFields((session, { name }) => {
    if (typeof name !== "string" || !/^SIG[A-Z0-9]+$/.test(name)) {
      throw new UsageError('Cannot send a signal: {"name": "SIGINT"} or the like is expected');
    }
    session.recorder.signal(name);
  }),
  "POST /v1/stop": withFields((session) => void session.recorder.stop()),
  "POST /v1/name": withFields(async (session, { name }) => await session.rename(String(name))),
  "POST /v1/access": withFields((session, { input }) => {
    if (input !== "nobody" && input !== "owner" && input !== "operators") {
      throw new UsageError('Cannot change access: {"input": "nobody"}, "owner" or "operators" is expected');
    }
    session.allow(input);
  }),
  "POST /v1/recording": recording,
  "POST /v1/notice": withFields((session, { text }) => session.audience.tell({ type: "notice", text: String(text) })),
};

/** Answers one request. */
export async function handleRequest(request: Request, session: LiveSession): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const handler = ROUTES[`${request.method} ${pathname}`];
  try {
    if (handler) return await handler(session, request, searchParams);
    const known = Object.keys(ROUTES).filter((route) => route.endsWith(` ${pathname}`));
    if (known.length > 0) {
      return refusal(
        405,
        `${pathname} takes ${known.map((route) => route.split(" ")[0]).join(", ")}`,
      );
    }
    return refusal(404, `there is no ${pathname}; see API.md`);
  } catch (error) {
    if (error instanceof SessionError) return refusal(409, error.message);
    if (error instanceof Term2aiError) return refusal(400, error.message);
    throw error;
  }
}

function refusal(status: number, error: string): Response {
  return Response.json({ error }, { status });
}

/** A request whose body is a JSON object, and whose answer says only that it was done. */
function withFields(
  act: (session: LiveSession, fields: Fields, query: URLSearchParams) => Promise<void> | void,
): Handler {
  return async (session, request, query) => {
    const text = new TextDecoder().decode(await bodyOf(request));
    const fields = text.trim() === "" ? {} : parseObject(text);
    if (!fields) throw new UsageError("Cannot read the request: its body is not a JSON object");
    await act(session, fields, query);
    return Response.json({ ok: true });
  };
}

/** @throws {UsageError} If it is too long. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  const bytes = await readAtMost(request.body, MAX_BODY);
  if (!bytes) throw new UsageError(`Cannot take more than ${MAX_BODY} bytes at once`);
  return bytes;
}

async function readAtMost(body: ReadableStream<Uint8Array> | null, limit: number): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of body ?? []) {
    length += piece.length;
    if (length > limit) return undefined;
    pieces.push(piece);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

function by(query: URLSearchParams): string {
  return (query.get("by") ?? "api").slice(0, 64);
}

function via(query: URLSearchParams): string {
  return (query.get("via") ?? "api").slice(0, 32);
}

async function input(session: LiveSession, request: Request, query: URLSearchParams): Promise<Response> {
  session.type(await bodyOf(request), by(query), via(query));
  return Response.json({ ok: true });
}

function dismiss(session: LiveSession, _: Request, query: URLSearchParams): Response {
  const which = {
    ...(query.has("id") && { id: query.get("id")! }),
    ...(query.has("tag") && { tag: query.get("tag")! }),
  };
  const to = query.get("to");
  const reason = query.get("reason") ?? "detached";
  return Response.json({ dismissed: session.dismiss(which, reason, ...(to === null ? [] : [to])) });
}

/** The screen, as text, as what draws it, or whole; with `since`, once more than so many bytes were printed. */
async function screen(session: LiveSession, _: Request, query: URLSearchParams): Promise<Response> {
  const since = query.get("since");
  const seconds = secondsOf(query, "timeout", 30);
  if (since !== null) await until(session, seconds, () => session.outputBytes > Number(since));
  const { state, isExact } = await session.screen();
  const headers = { "term2ai-output": String(session.outputBytes), "term2ai-exact": String(isExact) };
  switch (query.get("as") ?? "text") {
    case "text":
      return new Response(screenText(state).map((line) => line + "\n").join(""), { headers });
    case "ansi":
      return new Response(screenToAnsi(state) as Uint8Array<ArrayBuffer>, { headers });
    case "json":
      return Response.json({
        cols: state.cols,
        rows: state.rows,
        cursor: state.cursor,
        title: state.title ?? "",
        lines: screenText(state),
      }, { headers });
    default:
      throw new UsageError("Cannot show the screen like that: as=text, ansi or json is expected");
  }
}

/** Waits for the session's end, or until nothing is printed for a time. */
async function wait(session: LiveSession, _: Request, query: URLSearchParams): Promise<Response> {
  const timeout = secondsOf(query, "timeout", 30);
  if (query.get("for") === "exit") {
    let status: unknown;
    session.ended.then((ended) => status = ended);
    await until(session, timeout, () => status !== undefined);
    return Response.json({ happened: status !== undefined, ...(status === undefined ? {} : { status }) });
  }
  if (query.get("for") !== "quiet") throw new UsageError("Cannot wait: for=exit or for=quiet is expected");
  const quiet = secondsOf(query, "seconds", 1) * 1000;
  const happened = await until(session, timeout, () => session.quietFor >= quiet, quiet);
  return Response.json({ happened });
}

/** @throws {UsageError} If it is no time. */
function secondsOf(query: URLSearchParams, name: string, usual: number): number {
  const seconds = Number(query.get(name) ?? usual);
  if (!(seconds >= 0)) throw new UsageError(`Cannot wait for ${query.get(name)}: ${name} is a number of seconds`);
  return Math.min(seconds, LONGEST_WAIT);
}

/** Resolves with whether it came to be; looks after each change, and every `every` ms where that matters. */
async function until(
  session: LiveSession,
  seconds: number,
  isSo: () => boolean,
  every = 0,
): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => void (isSo() && resolve());
  const unwatch = session.watch(() => queueMicrotask(look));
  const timer = setTimeout(resolve, seconds * 1000);
  const again = every > 0 ? setInterval(look, Math.max(10, Math.min(every / 5, 100))) : undefined;
  session.ended.then(() => resolve());
  look();
  await promise;
  unwatch();
  clearTimeout(timer);
  clearInterval(again);
  return isSo();
}

async function recording(session: LiveSession, request: Request): Promise<Response> {
  const fields = parseObject(new TextDecoder().decode(await bodyOf(request))) ?? {};
  const path = typeof fields.path === "string" ? fields.path : undefined;
  switch (fields.state) {
    case "on":
      return Response.json({ ok: true, path: await session.recording.start(path) });
    case "off": {
      const { path } = session.recording;
      await session.recording.stop();
      return Response.json({ ok: true, path });
    }
    case "paused":
      await session.recording.pause();
      return Response.json({ ok: true, path: session.recording.path });
    case "resumed":
      await session.recording.resume();
      return Response.json({ ok: true, path: session.recording.path });
    default:
      throw new UsageError('Cannot switch recording: {"state": "on"}, "off", "paused" or "resumed" is expected');
  }
}

function applicantOf(query: URLSearchParams, role: "viewer" | "operator"): Applicant {
  const [cols, rows] = [Number(query.get("cols")), Number(query.get("rows"))];
  const tag = query.get("tag");
  return {
    name: (query.get("name") ?? "somebody").slice(0, 64),
    role,
    via: (query.get("via") ?? "terminal").slice(0, 32),
    ...(tag === null ? {} : { tag: tag.slice(0, 128) }),
    ...(isSize(cols) && isSize(rows) ? { cols, rows } : {}),
  };
}

/** Attaches a terminal. */
async function attach(session: LiveSession, request: Request, query: URLSearchParams): Promise<Response> {
  const role = query.get("role") ?? "operator";
  if (role !== "operator" && role !== "viewer") {
    throw new UsageError("Cannot attach like that: role=viewer or role=operator is expected");
  }
  const isWebSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!isWebSocket || !request.headers.has("sec-websocket-key")) {
    throw new UsageError("Cannot attach: this is for WebSocket");
  }
  const applicant = applicantOf(query, role);
  await session.mayAttach(applicant);
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = "arraybuffer";
  let client: Client | undefined;
  const link = new SocketLink(socket, session.drawn, () => client && session.roomFor(client));
  socket.onopen = async () => {
    client = await session.attach(applicant, link);
    if (socket.readyState !== WebSocket.OPEN) session.audience.remove(client, "gone");
  };
  socket.onmessage = ({ data }) => client && take(session, client, data);
  socket.onerror = () => {};
  socket.onclose = () => client && session.audience.remove(client, "gone");
  return response;
}

/** What an attached client sends: what is typed, or a message. */
function take(session: LiveSession, client: Client, data: unknown): void {
  if (data instanceof ArrayBuffer) {
    if (data.byteLength <= MAX_MESSAGE) session.typedBy(client, new Uint8Array(data));
    else client.link.tell({ type: "notice", text: `Cannot take more than ${MAX_MESSAGE} bytes at once` });
    return;
  }
  const message = readFromClient(String(data));
  if (message?.type === "refresh") session.refresh(client);
  if (message?.type === "size") session.audience.resized(client, message.cols, message.rows);
  if (message?.type === "mark" && client.applicant.role === "operator") session.mark(message.label);
}

/** The events from now on, as a T2A recording that begins with the screen. */
async function events(session: LiveSession, _: Request, query: URLSearchParams): Promise<Response> {
  const attached: { client?: Client } = {}; // not there yet when the link is made
  const link = new StreamLink(() => attached.client && session.roomFor(attached.client));
  const applicant = { ...applicantOf(query, "viewer"), via: query.get("via") ?? "events" };
  await session.mayAttach(applicant);
  attached.client = await session.attach(applicant, link);
  return new Response(link.body as ReadableStream<Uint8Array<ArrayBuffer>>, {
    headers: { "content-type": "application/vnd.term2ai.t2a" },
  });
}
