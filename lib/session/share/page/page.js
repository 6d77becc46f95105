// The page of `term2ai serve`: what there is, what it plays, and a terminal for whoever may type.
// The link's token comes behind the # of the address, which no server and no other page is told.
"use strict";

const LIST_MS = 3000, RETRY_MS = [500, 1000, 2000, 4000, 8000];
const PASTE = 16_384; // bytes of a message, so that it is not too long for the server

const main = document.getElementById("main");
let token = takeToken();
let me;
let leave = () => {}; // ends what is shown

function takeToken() {
  const given = /^#([\w-]{43})$/.exec(location.hash)?.[1];
  if (given) {
    sessionStorage.setItem("token", given);
    history.replaceState(null, "", location.pathname + "#/");
  }
  return given ?? sessionStorage.getItem("token");
}

/** An element; strings become text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function notice(text) {
  const element = document.getElementById("notice");
  element.textContent = text;
  element.hidden = text === "";
}

async function ask(path, options = {}) {
  const response = await fetch(path, { ...options, headers: { authorization: `Bearer ${token}` } });
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const error = new Error(answer.error ?? `The server answers ${response.status}`);
  error.isRefusal = response.status === 401 || response.status === 429;
  throw error;
}

function ago(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} days`;
}

function size(bytes) {
  return bytes < 1000
    ? `${bytes} B`
    : bytes < 1e6
    ? `${(bytes / 1e3).toFixed(1)} kB`
    : `${(bytes / 1e6).toFixed(1)} MB`;
}

function say(where) {
  document.getElementById("where").textContent = where;
  document.body.classList.toggle("wide", where !== "");
  document.title = where === "" ? "term2ai" : `${where} · term2ai`;
}

// Everything there is

function sessionRow(session) {
  const { name, title, command, cols, rows, startedAt, idleSeconds, visitors, recording, mayLook, mayType } = session;
  const what = [title, command].filter((text) => text !== "" && text !== name).join(" · ");
  const facts = [`${cols}x${rows}`, `since ${ago(Date.now() - startedAt)}`, `idle ${ago(idleSeconds * 1000)}`];
  if (visitors.length > 0) facts.push(`${visitors.length} here`);
  const state = mayLook ? (recording === "on" ? "live, recorded" : "live") : "at a terminal, not shared";
  const attributes = mayLook ? { href: `#/live/${encodeURIComponent(name)}` } : {};
  return make(
    "li",
    { "data-name": name },
    make(
      "a",
      attributes,
      make("strong", {}, name),
      make("span", { class: "badge" }, mayType ? `${state}, you may type` : state),
      make("small", {}, what),
      make("small", {}, facts.join(" · ")),
    ),
  );
}

function recordingRow({ id, title, command, tags, startedAt, bytes }) {
  const what = [command === title ? "" : command, ...tags.map((tag) => `#${tag}`), id].filter((text) => text !== "");
  return make(
    "li",
    { "data-id": id },
    make(
      "a",
      { href: `#/recording/${encodeURIComponent(id)}` },
      make("strong", {}, title),
      make("span", {}, new Date(startedAt).toLocaleString()),
      make("small", {}, what.join(" · ")),
      make("small", {}, size(bytes)),
    ),
  );
}

function list(rows, empty) {
  return rows.length > 0 ? make("ul", {}, ...rows) : make("p", { class: "empty" }, empty);
}

function showAll() {
  say("");
  const search = make("input", {
    type: "search",
    placeholder: "Search sessions and recordings",
    "aria-label": "Search",
  });
  const live = make("section", { id: "live" }), stored = make("section", { id: "stored" });
  main.replaceChildren(search, live, stored);
  let over = false, asked = 0;
  async function refresh() {
    const mine = ++asked, words = search.value.toLowerCase().split(/\s+/);
    try {
      const [sessions, found] = await Promise.all([
        ask("/api/sessions"),
        ask(`/api/recordings?q=${encodeURIComponent(search.value)}`),
      ]);
      if (over || mine !== asked) return;
      notice("");
      const matching = sessions.filter(({ name, title, command }) => {
        const text = `${name}\n${title}\n${command}`.toLowerCase();
        return words.every((word) => text.includes(word));
      });
      live.replaceChildren(make("h2", {}, "Live"), list(matching.map(sessionRow), "No session runs."));
      if (me.session) return stored.replaceChildren();
      const { recordings, more } = found;
      stored.replaceChildren(
        make("h2", {}, "Recordings"),
        list(recordings.map(recordingRow), search.value ? "None has these words." : "There are none yet."),
        more > 0 ? make("p", { class: "empty" }, `… and ${more} more: search for them`) : "",
      );
    } catch (error) {
      if (!over && mine === asked) failed(error);
    }
  }
  search.addEventListener("input", refresh);
  const timer = setInterval(() => document.hidden || refresh(), LIST_MS);
  leave = () => {
    over = true;
    clearInterval(timer);
  };
  search.focus();
  return refresh();
}

function failed(error) {
  notice(error.message);
  if (error.isRefusal) askForLink();
}

function askForLink() {
  leave();
  leave = () => {};
  const input = make("input", { type: "text", placeholder: "Paste a link", "aria-label": "Link", autocomplete: "off" });
  const form = make(
    "form",
    {
      onsubmit: (event) => {
        event.preventDefault();
        const given = /#?([\w-]{43})$/.exec(input.value.trim())?.[1];
        if (!given) return notice("This is no link of term2ai");
        token = given;
        sessionStorage.setItem("token", given);
        start();
      },
    },
    make("h2", {}, "A link lets you in"),
    input,
  );
  main.replaceChildren(form);
}

// A recording

function showRecording(id) {
  say(id);
  const place = make("div", { id: "player" });
  main.replaceChildren(place);
  const fetchOpts = { headers: { authorization: `Bearer ${token}` } };
  const url = `/api/recordings/${encodeURIComponent(id)}/index.json`;
  const player = AsciinemaPlayer.create({ url, format: "segmented", fetchOpts }, place, {
    preload: true,
    fit: "both",
  });
  globalThis.player = player; // for the console
  leave = () => player.dispose();
}

// A live session

async function showLive(name) {
  say(name);
  const bar = make("div", { class: "bar" }), place = make("div", { id: "player" });
  main.replaceChildren(bar, place);
  let over = false, end = () => {};
  const people = make("span", { class: "grow", id: "people" });
  const button = make("button", { id: "type", hidden: "" }, "Type");
  bar.append(people, button);
  let types = false;
  async function restart() {
    end();
    end = () => {};
    place.replaceChildren();
    button.setAttribute("aria-pressed", String(types));
    try {
      end = types ? typeInto(name, place) : await watch(name, place, () => over || types || restart());
      notice("");
      if (over) end();
    } catch (error) {
      if (over) return;
      if (error.isRefusal) return failed(error);
      notice("The connection is lost; trying again");
      setTimeout(() => over || restart(), RETRY_MS[2]);
    }
  }
  button.addEventListener("click", () => {
    types = !types;
    restart();
  });
  async function refresh() {
    try {
      const session = (await ask("/api/sessions")).find((one) => one.name === name);
      if (over) return;
      people.textContent = session
        ? session.visitors.map((one) => `${one.name}${one.role === "operator" ? " (types)" : ""}`).join(", ")
        : "The session has ended";
      button.hidden = !session?.mayType && !types;
    } catch (error) {
      if (!over) failed(error);
    }
  }
  const timer = setInterval(() => document.hidden || refresh(), LIST_MS);
  leave = () => {
    over = true;
    clearInterval(timer);
    end();
  };
  await Promise.all([restart(), refresh()]);
}

async function addressOf(name, query = {}) {
  const { ticket } = await ask("/api/tickets", { method: "POST" });
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}/live/${encodeURIComponent(name)}?${new URLSearchParams({ ...query, ticket })}`;
}

/** The player connects again by itself; where that fails, its ticket may be no good any more, and it begins anew. */
async function watch(name, place, again) {
  const url = await addressOf(name);
  const reconnectDelay = (attempt) => {
    if (attempt === 2) setTimeout(again);
    return RETRY_MS[attempt] ?? 10_000;
  };
  const player = AsciinemaPlayer.create({ driver: "websocket", url, reconnectDelay }, place, {
    autoPlay: true,
    fit: "both",
  });
  globalThis.player = player;
  return () => player.dispose();
}

/** A terminal of the session's own: keys go to it, and it has the size that fits this window. */
function typeInto(name, place) {
  const box = make("div", { class: "terminal" });
  place.append(box);
  const terminal = new Terminal({
    fontSize: 14,
    scrollback: 1000,
    cursorBlink: true,
    theme: { background: "#121314" },
  });
  globalThis.terminal = terminal;
  terminal.open(box);
  let socket, over = false, tries = 0, isScreen = false, mine;
  const bytes = new TextEncoder();
  function send(data) {
    for (let at = 0; socket?.readyState === 1 && at < data.length; at += PASTE) socket.send(data.slice(at, at + PASTE));
  }
  terminal.onData((text) => send(bytes.encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
  function fitting() {
    const cell = box.querySelector(".xterm-screen").getBoundingClientRect();
    const [width, height] = [cell.width / terminal.cols, cell.height / terminal.rows];
    const cols = Math.floor((place.clientWidth - 32) / width);
    const rows = Math.floor((innerHeight - box.getBoundingClientRect().top - 48) / height);
    return { cols: Math.min(300, Math.max(20, cols)), rows: Math.min(100, Math.max(8, rows)) };
  }
  function tellSize() {
    if (socket?.readyState === 1) socket.send(JSON.stringify({ type: "size", ...fitting() }));
  }
  function hear(message) {
    if (message.type === "screen") {
      isScreen = true;
      mine = { cols: message.cols, rows: message.rows };
    } else if (message.type === "notice") notice(message.text);
    else if (message.type === "leave") notice(message.reason);
    else if (message.type === "exit") notice("The session has ended");
  }
  async function connect() {
    try {
      const address = await addressOf(name, { as: "operator", ...fitting() });
      if (over) return;
      socket = new WebSocket(address, "v1.term2ai");
    } catch (error) {
      if (over) return;
      return error.isRefusal ? failed(error) : retry();
    }
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") return hear(JSON.parse(data));
      if (isScreen) {
        isScreen = false;
        tries = 0;
        terminal.reset();
        terminal.resize(mine.cols, mine.rows);
      }
      terminal.write(new Uint8Array(data));
    };
    socket.onclose = ({ code, reason }) => {
      if (over) return;
      if (code >= 4000 && code <= 4100) return notice(reason || "The session has ended");
      retry();
    };
  }
  function retry() {
    const wait = RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)];
    notice("The connection is lost; trying again");
    setTimeout(() => over || connect().then(() => notice("")), wait);
  }
  addEventListener("resize", tellSize);
  connect();
  terminal.focus();
  return () => {
    over = true;
    removeEventListener("resize", tellSize);
    socket?.close();
    terminal.dispose();
  };
}

// Where we are

async function show() {
  leave();
  leave = () => {};
  const [, kind, name] = /^#\/(live|recording)\/(.+)$/.exec(location.hash) ?? [];
  try {
    if (kind === "live") await showLive(decodeURIComponent(name));
    else if (kind === "recording") showRecording(decodeURIComponent(name));
    else if (me.session) location.replace(`#/live/${encodeURIComponent(me.session)}`);
    else await showAll();
  } catch (error) {
    failed(error);
  }
}

async function start() {
  if (!token) return askForLink();
  try {
    me = await ask("/api/me");
  } catch (error) {
    return failed(error);
  }
  notice("");
  document.getElementById("who").textContent = `${me.name ? `${me.name}, ` : ""}${me.role}`;
  document.getElementById("home").hidden = me.session !== undefined;
  await show();
}

addEventListener("hashchange", () => {
  const given = takeToken();
  if (given !== token) {
    token = given;
    start();
  } else if (me) show();
});
start();
