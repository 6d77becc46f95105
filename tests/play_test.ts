import { deepEqual, equal, match, ok } from "node:assert/strict";
import { isInstalled, TERM2AI, term2ai, withFolder } from "./support/cli.ts";
import { choosePtyHost } from "../lib/host/pty.ts";
import { ptyOptions, reading, sleep } from "./support/pty.ts";
import { atTerminal, type Person } from "./support/tmux.ts";

const PLAY = `${TERM2AI.join(" ")} play`;

/** A minute of lines, one a second, with three markers, a command, an error in two pieces and two colours. */
function minute(): string {
  const lines: unknown[] = [{ version: 2, width: 40, height: 10 }];
  for (let second = 1; second <= 60; second++) {
    lines.push([second, "o", `line ${second}\r\n`]);
    if (second % 20 === 0) lines.push([second, "m", `mark ${second}`]);
    if (second % 25 === 0) lines.push([second + 0.5, "o", `\x1b]133;C\x07run ${second}\r\n`]);
    if (second === 33) lines.push([second + 0.1, "o", "\x1b[31mEr"], [second + 0.2, "o", "ror\x1b[0m here\r\n"]);
  }
  return lines.map((line) => JSON.stringify(line)).join("\n") + "\n";
}

async function playing(
  options: string,
  size: { cols: number; rows: number },
  body: (person: Person, folder: string) => Promise<void>,
  recording = minute(),
): Promise<void> {
  if (!await isInstalled("tmux")) return console.log("    skipped: tmux is not installed");
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x.cast`, recording);
    await atTerminal({ ...size, folder }, async (person) => {
      await person.type(`${PLAY} ${options}`);
      await person.press("Enter");
      await body(person, folder);
    });
  });
}

/** The last line of the recording that shows. */
const lastLine = (rows: string[]) => rows.findLast((row) => /^(line|run|Error|Er)/.test(row));

Deno.test("play goes wherever each key says, and shows the screen of that moment", async () => {
  await playing("--paused x.cast", { cols: 60, rows: 14 }, async (person) => {
    const at = async (clock: string, last: string | undefined) => {
      const wanted = (rows: string[]) => rows.at(-1)!.includes(clock) && lastLine(rows) === last;
      return await person.until(wanted, `${clock} with ${last}`);
    };
    await at("‖ 0:00.000/1:00", undefined);
    await person.press("Right");
    await at("0:05.000", "line 5");
    await person.press("Right", "Right");
    await at("0:15.000", "line 15");
    await person.press("Left");
    await at("0:10.000", "line 10");
    await person.press("S-Right");
    await at("0:16.000", "line 16");
    await person.press("S-Left", "S-Left");
    await at("0:04.000", "line 4");
    await person.press("5");
    await at("0:30.000", "line 30");
    await person.press("0");
    await at("0:00.000", undefined);
    await person.press("]");
    await at("0:20.000", "line 20");
    await person.press("]", "]");
    await at("1:00.000", "line 60");
    await person.press("[");
    await at("0:40.000", "line 40");
    await person.press("{");
    await at("0:25.500", "run 25");
    await person.press("}");
    await at("0:50.500", "run 50");
    await person.press("}");
    await person.sees(/no command behind this/);
    await person.press(",");
    await at("0:50.000", "line 50");
    await person.press(",", ",");
    await at("0:48.000", "line 48");
    await person.press(".");
    await at("0:49.000", "line 49");
    await person.press("(");
    await at("0:48.000", "line 48");
    await person.press(")");
    await at("0:49.000", "line 49");
    await person.press("Home");
    await at("0:00.000", undefined);
    await person.press("End");
    await at("1:00.000", "line 60");
    await person.press("g");
    await person.sees(/go to: /);
    await person.type("0:07.5");
    await person.press("Enter");
    await at("0:07.500", "line 7");
    await person.press("g");
    await person.type("50%");
    await person.press("Enter");
    await at("0:30.000", "line 30");
    await person.press("g");
    await person.type("mark 20");
    await person.press("Enter");
    await at("0:20.000", "line 20");
    await person.press("g");
    await person.type("soon");
    await person.press("Enter");
    await person.sees(/Cannot read "soon" as a time/);
    await person.press("<");
    await person.sees(/ 0\.5x/);
    await person.press(">", ">");
    await person.sees(/ 2x/);
    await person.press("Space");
    await person.sees(/^ ▶ 0:2[1-9]/);
    await person.press("Space");
    await person.sees(/^ ‖/);
    await person.press("q");
    await person.until(
      (rows) => rows.at(-1) === "READY>" && !rows.some((row) => row.startsWith("line")),
      "a clean terminal",
    );
  });
});

Deno.test("play searches what was on the screen, lists markers, loops, and helps", async () => {
  await playing("--paused x.cast", { cols: 90, rows: 14 }, async (person) => {
    await person.sees(/‖ 0:00\.000/);
    await person.press("n");
    await person.sees(/nothing to search for yet/);
    await person.press("/");
    await person.type("errx");
    await person.press("BSpace");
    await person.type("or");
    await person.sees(/search: error/);
    await person.press("Enter");
    const found = await person.sees(/0:33\.200/);
    ok(found.includes("Error here") || found.some((row) => row.startsWith("Error")));
    match(await person.tmux("capture-pane", "-p", "-e"), /\x1b\[7m\x1b\[31mError|\x1b\[(?:\d+;)*7(?:;\d+)*mError/); // shown inverse
    await person.press("n");
    await person.sees(/"error" does not come behind this/);
    await person.press("/");
    await person.type("line 1");
    await person.press("Enter");
    await person.sees(/"line 1" does not come behind/);
    await person.press("N");
    await person.sees(/‖ 0:01\.000/);
    await person.press("/");
    await person.press("Escape");
    await person.sees(/^ ‖ 0:01/);
    await person.press("m");
    const list = await person.sees(/Markers: /);
    deepEqual(list.slice(1, 4).map((row) => row.trim()), ["▸     0:20  mark 20", "0:40  mark 40", "1:00  mark 60"]);
    await person.press("Down");
    await person.sees(/▸ +0:40/);
    await person.press("Enter");
    await person.sees(/^ ‖ 0:40\.000/);
    await person.press("m", "Escape");
    await sleep(200);
    await person.press("?");
    await person.sees(/space +pause, go on/);
    await person.press("x");
    await person.until((rows) => !rows.some((row) => /pause, go on/.test(row)), "no help");
    await person.press("l");
    await person.sees(/loop/);
    await person.press("9");
    await person.press(">", ">", ">", ">", "Space");
    await person.sees(/^ ▶ 0:[01]\d/);
    await person.press("C-c");
    await person.sees(/^READY>$/);
  });
});

Deno.test("play --at and FILE@TIME begin there, on a terminal and down a pipe", async () => {
  await playing("--paused x.cast@30s", { cols: 60, rows: 14 }, async (person, folder) => {
    await person.sees(/‖ 0:30\.000/);
    equal(lastLine(await person.screen()), "line 30");
    await person.press("q");
    for (const args of [["x.cast@58.5"], ["--at", "58.5", "x.cast"]]) {
      const { text, status } = await term2ai(["play", "-s", "max", ...args], { cwd: folder });
      equal(status, 0);
      match(text, /line 57\b[\s\S]*line 58\b[\s\S]*line 59\r\nline 60\r\n$/);
      ok(!text.includes("line 40"));
    }
    await Deno.copyFile(`${folder}/x.cast`, `${folder}/y@2`);
    equal((await term2ai(["play", "-s", "max", "y@2"], { cwd: folder })).text.includes("line 1\r\n"), true);
    const wrong = await term2ai(["play", "x.cast@soon"], { cwd: folder });
    deepEqual([wrong.status, wrong.errors.includes('Cannot read "soon" as a time')], [2, true]);
  });
});

Deno.test("play leaves what showed last when it has come to its end, and refuses what it cannot do", async () => {
  await playing("-s max x.cast", { cols: 60, rows: 14 }, async (person) => {
    const rows = await person.until((rows) => rows.at(-1) === "READY>", "the end");
    deepEqual(rows.slice(-10, -1), Array.from({ length: 9 }, (_, at) => `line ${52 + at}`));
  });
  for (const args of [["--at", "5", "-"], ["--loop", "-"], ["--follow", "-"], ["--follow", "--loop", "x"]]) {
    equal((await term2ai(["play", ...args], { stdin: "" })).status, 2);
  }
});

Deno.test("play shows a part of what is too large around its cursor, or shrinks it, and says so; and follows a new size", async () => {
  const wide = [
    { version: 2, width: 100, height: 30 },
    [0.1, "o", "\x1b[Htop left\x1b[1;92Htop right\x1b[30;1Hbottom left"],
    [50, "o", "\x1b[?25l\x1b[1;1Htip"],
  ].map((line) => JSON.stringify(line)).join("\n");
  await playing("x.cast", { cols: 50, rows: 12 }, async (person) => {
    await person.sees(/bottom left/);
    await person.press("Space");
    await person.sees(/cut: 100x30/);
    await person.press("1");
    await person.resize(110, 34);
    await person.sees(/top right$/);
    await person.until((rows) => rows[29] === "bottom left" && !rows.at(-1)!.includes("cut"), "all of it");
    await person.press("q");
  }, wide);
  await playing("--scale --paused --at 1 x.cast", { cols: 50, rows: 16 }, async (person) => {
    await person.sees(/shrunk: 100x30/);
    await person.sees(/^tplf +\S+$/);
  }, wide);
});

Deno.test("play lets no recording ask this terminal anything or name it, draws wide and coloured cells, and survives kill", async () => {
  const hostile = [
    { version: 2, width: 40, height: 5 },
    [0, "o", "a\x1b[cb\x1b[6nc\x1b]52;c;aGk=\x07d\x05e\x1b[21tf\x1b]0;named\x07 漢|👍🏽| \x1b[38;5;208morange\x1b[0m"],
    [100, "o", "never"],
  ].map((line) => JSON.stringify(line)).join("\n");
  await playing("x.cast", { cols: 60, rows: 10 }, async (person) => {
    await person.sees(/^abcdef 漢\|👍[^|]*\| orange/);
    match(await person.tmux("capture-pane", "-p", "-e"), /38;5;208m(?:\x1b\[\d+G)?orange/);
    ok(!(await person.tmux("display-message", "-p", "#{pane_title}")).includes("named"));
    await person.press("q");
    await person.until((rows) => rows.at(-1) === "READY>", "a prompt to which nothing was typed");
  }, hostile);
  for (const [signal, status] of [["TERM", 143], ["HUP", 129], ["INT", 130]] as const) {
    await withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/x.cast`, hostile);
      const host = await choosePtyHost();
      const env = { ...Deno.env.toObject(), TERM: "xterm-256color", PS1: "OUTER> " };
      const pty = host.open(ptyOptions(["bash", "--norc", "-i"], { cwd: folder, env }));
      const screen = reading(pty);
      const type = (text: string) => pty.write(new TextEncoder().encode(text));
      await screen.until("OUTER> ");
      await type("stty -a > before\r");
      await screen.until("OUTER> ");
      await type(
        `${PLAY} x.cast & wait -n; fg; echo\r`.replace(" & wait -n; fg; echo", ` ; echo "status=$?"; stty -a > after`),
      );
      const seen = await screen.until("orange");
      ok(!/\x1b\]52|\x1b\[6n|\x1b\[c|\x1b\[21t|\x05|named/.test(seen));
      await new Deno.Command("pkill", { args: [`-${signal}`, "-f", "cli.ts play x.cast$", "-t", await ttyOf(pty.pid)] })
        .output();
      await screen.until("\x1b[?1049l");
      match(await screen.until("OUTER> "), new RegExp(`status=${status}`));
      equal(await Deno.readTextFile(`${folder}/after`), await Deno.readTextFile(`${folder}/before`));
      await type("exit\r");
      await screen.rest();
      await pty.close();
    });
  }
});

/** The terminal that a process has, as pkill names it. */
async function ttyOf(pid: number): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "tty=", "-p", `${pid}`] }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("play --plain passes the output on, and its keys lead anywhere", async () => {
  await playing("--plain --paused x.cast", { cols: 60, rows: 14 }, async (person) => {
    await sleep(800);
    await person.press("5");
    await person.until((rows) => lastLine(rows) === "line 30", "line 30");
    await person.press(",");
    await person.until((rows) => lastLine(rows) === "line 29", "line 29");
    await person.press("q");
    await person.until((rows) => rows.at(-1) === "READY>", "a prompt");
  });
});

Deno.test("play shows what comes down a pipe", async () => {
  await playing("--help > /dev/null", { cols: 60, rows: 14 }, async (person) => {
    await person.type(`cat x.cast | ${PLAY} -s max -`);
    await person.press("Enter");
    await person.until((rows) => rows.at(-1) === "READY>" && rows.at(-2) === "line 60", "line 60 and a prompt");
  });
});
