/**
 * Sessions written by a script, with what analysis has to find in them.
 *
 * Times are made up and exact; the output of each command is cut into pieces by a seeded generator, in the middle of marks, lines
 * and characters. What is true of a session is counted here from the script alone, by other code than that under test.
 * @module
 */

import type { SessionEvent } from "../../lib/event.ts";

/** One command of a script. */
export interface Scripted {
  readonly text: string;
  readonly code: number;
  readonly cwd: string;
  /** Milliseconds from start to end, and to the first output. */
  readonly took: number;
  readonly silent: number;
  readonly output: string;
  /** Milliseconds that somebody thinks before typing it. */
  readonly thinks: number;
  /** Errors to be found: kind, file, line. */
  readonly errors: readonly (readonly [kind: string, file?: string, line?: number])[];
}

/** A session and its script. */
export interface ScriptedSession {
  readonly events: readonly SessionEvent[];
  readonly script: readonly Scripted[];
  readonly startedAt: number;
  /** Nanoseconds. */
  readonly duration: number;
  readonly idle: number;
  readonly typed: number;
  readonly corrections: number;
}

/** Numbers between 0 and 1 that are the same each time. */
export function random(seed: number): () => number {
  let state = seed * 2654435761 >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type Template = (pick: () => number) => Omit<Scripted, "cwd" | "thinks">;

const ok = (text: string, output: string, took: number, silent = 5): Omit<Scripted, "cwd" | "thinks"> => ({
  text,
  code: 0,
  took,
  silent: output === "" ? took : Math.min(silent, took),
  output,
  errors: [],
});

/** What people do: builds, tests, failures, pipelines, editors. */
const TEMPLATES: readonly Template[] = [
  (pick) => ok("ls -la --color", "total 8\r\n\x1b[01;34mdir\x1b[0m\r\nerror.log\r\n", 4 + Math.floor(pick() * 10)),
  () => ok("git status", "On branch main\r\nnothing to commit, working tree clean\r\n", 20),
  () => ok("git log --oneline | head -3", "1a2b3c4 fix: error: handling\r\n5d6e7f8 panic: less\r\n", 15),
  () => ok("grep -rn 'error:' src | sort | uniq -c", "   1 src/a.c:3:5: error: not a real one\r\n", 30),
  (pick) =>
    ok(
      "cargo build",
      `   \x1b[1m\x1b[32mCompiling\x1b[0m demo v0.1.0\r\n`.repeat(1 + Math.floor(pick() * 20)),
      1500,
      300,
    ),
  () => ok("npm test", "\x1b[32m✓\x1b[0m adds (2 ms)\r\nTests: 12 passed, 0 failed\r\n", 2500, 800),
  () =>
    ok("vim notes.txt", "\x1b[?1049h\x1b[22;0;0t\x1b[1;1Herror: text in an editor\x1b[24;1H:wq\x1b[?1049l", 40_000, 60),
  () => ok("true", "", 2),
  () => ({
    text: "gcc -c main.c",
    code: 1,
    took: 80,
    silent: 40,
    output:
      "main.c: In function ‘main’:\r\nmain.c:3:5: \x1b[31merror:\x1b[0m expected ‘;’ before ‘return’\r\n    3 |     int a\r\n",
    errors: [["compiler", "main.c", 3]],
  }),
  () => ({
    text: "make test",
    code: 2,
    took: 900,
    silent: 10,
    output:
      "cc -o app app.o\r\n/usr/bin/ld: app.o: in function `main':\r\napp.c:(.text+0x5): undefined reference to `run'\r\ncollect2: error: ld returned 1 exit status\r\nmake: *** [Makefile:2: app] Error 1\r\n",
    errors: [["compiler", "app.c"]],
  }),
  () => ({
    text: "python3 app.py",
    code: 1,
    took: 120,
    silent: 100,
    output:
      'start\r\nTraceback (most recent call last):\r\n  File "/src/app.py", line 9, in <module>\r\n    main()\r\n  File "/src/lib/deep.py", line 42, in main\r\n    raise ValueError("no")\r\nValueError: no\r\n',
    errors: [["exception", "/src/lib/deep.py", 42]],
  }),
  () => ({
    text: "go test ./...",
    code: 1,
    took: 3000,
    silent: 2000,
    output: "--- FAIL: TestAdd (0.00s)\r\n    add_test.go:7: got 3\r\nFAIL\r\nFAIL\texample.com/add\t0.002s\r\n",
    errors: [["test", "add_test.go", 7]],
  }),
  () => ({
    text: "cat /etc/shadow",
    code: 1,
    took: 3,
    silent: 2,
    output: "cat: /etc/shadow: Permission denied\r\n",
    errors: [["permission", "/etc/shadow"]],
  }),
  () => ({
    text: "deploy --now",
    code: 127,
    took: 30,
    silent: 20,
    output: "bash: deploy: command not found\r\n",
    errors: [["not-found"]],
  }),
  () => ({
    text: "curl -s http://localhost:9/",
    code: 7,
    took: 50,
    silent: 45,
    output: "curl: (7) Failed to connect to localhost port 9: Connection refused\r\n",
    errors: [["network"]],
  }),
  () => ({
    text: "cp big.iso /mnt/usb",
    code: 1,
    took: 5000,
    silent: 4900,
    output: "cp: error writing '/mnt/usb/big.iso': No space left on device\r\n",
    errors: [["disk", "/mnt/usb/big.iso"]],
  }),
  () => ({
    text: "node build.js",
    code: 134,
    took: 9000,
    silent: 100,
    output:
      "building\r\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\r\n 1: 0xb7 node::Abort() [node]\r\nAborted (core dumped)\r\n",
    errors: [["memory"], ["crash"]],
  }),
];

/** A session by its number. */
export function scriptedSession(seed: number): ScriptedSession {
  const pick = random(seed);
  const script: Scripted[] = [];
  const folders = ["/home/ada", "/home/ada/src", "/srv"];
  for (let count = 8 + Math.floor(pick() * 20); count > 0; count--) {
    const one = TEMPLATES[Math.floor(pick() * TEMPLATES.length)]!(pick);
    const cwd = folders[Math.floor(pick() * folders.length)]!;
    const thinks = 200 + Math.floor(pick() * 6000);
    script.push({ ...one, cwd, thinks });
    // What failed is tried again, sometimes until it works.
    if (one.code !== 0 && pick() < 0.6) {
      script.push({ ...one, cwd, thinks: 300 });
      if (pick() < 0.5) script.push({ ...one, cwd, thinks: 300, code: 0, output: "fine\r\n", errors: [] });
    }
  }
  return perform(script, pick, Date.UTC(2026, 0, 1 + seed, seed % 24, 30));
}

const NONCE = "5eed";
const NONCE_SHA256 = "253e2c69fc07d2cf6f83c79b0bf81b9122c816573477986ca87c6ef907a52a53";

/** Plays a script: prompt, keys with their echo, output in pieces, end. */
export function perform(script: readonly Scripted[], pick: () => number, startedAt: number): ScriptedSession {
  const events: SessionEvent[] = [];
  let now = 0, idle = 0, typed = 0, corrections = 0;
  const encode = (text: string) => new TextEncoder().encode(text);
  const print = (text: string) => events.push({ kind: "output", time: now, data: encode(text) });
  const wait = (ms: number) => {
    now += ms * 1e6;
    idle += Math.max(0, ms * 1e6 - 2e9);
  };
  const mark = (fields: string) => `\x1b]633;${fields};${NONCE}\x07`;
  const key = (text: string) => {
    events.push({ kind: "input", time: now, data: encode(text) });
    if (text === "\x7f") corrections++;
    else if (text >= " ") typed++;
  };
  events.push({
    kind: "header",
    time: 0,
    header: {
      cols: 80,
      rows: 24,
      startedAt,
      host: "engine",
      user: "ada",
      shell: "/bin/bash",
      command: "/bin/bash",
      nonceSha256: NONCE_SHA256,
    },
  });
  let cwd = script[0]!.cwd;
  wait(100);
  print(mark("D;0") + mark(`P;Cwd=${cwd}`) + mark("A") + "$ ");
  for (const [at, { text, code, took, silent, output, thinks }] of script.entries()) {
    cwd = script[at]!.cwd;
    wait(thinks);
    for (const character of text) {
      key(character);
      now += 4e6; // the echo
      print(character);
      now += 96e6;
    }
    if (pick() < 0.3) {
      key("x");
      now += 4e6;
      print("x");
      now += 96e6;
      key("\x7f");
      now += 100e6;
      print("\b \b");
    }
    key("\r");
    now += 1e6;
    print("\r\n");
    const escaped = text.replaceAll("\\", "\\\\").replaceAll(";", "\\x3b");
    print(mark(`P;Cwd=${cwd}`) + mark(`E;${escaped}`) + mark("C"));
    const start = now;
    now = start + silent * 1e6;
    for (const piece of pieces(encode(output), pick)) {
      events.push({ kind: "output", time: now, data: piece });
      now = Math.min(start + took * 1e6, now + 1e5);
    }
    now = start + took * 1e6;
    const after = script[at + 1]?.cwd ?? cwd;
    for (const piece of pieces(encode(mark(`D;${code}`) + mark(`P;Cwd=${after}`) + mark("A") + "$ "), pick, true)) {
      events.push({ kind: "output", time: now, data: piece });
    }
  }
  wait(1000);
  events.push({ kind: "exit", time: now, status: { code: 0 } });
  return { events, script, startedAt, duration: now, idle, typed, corrections };
}

/** Bytes cut anywhere. */
function* pieces(bytes: Uint8Array, pick: () => number, small = false): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = 1 + Math.floor(pick() * (small ? 20 : 400));
    yield bytes.slice(at, at + length);
    at += length;
  }
}
