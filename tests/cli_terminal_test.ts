import { deepEqual, equal, match, ok } from "node:assert/strict";
import { choosePtyHost } from "../lib/host/pty.ts";
import type { Pty } from "../lib/ports.ts";
import { infoOf, isInstalled, TERM2AI, term2ai, term2aiOnTerminal, withFolder } from "./support/cli.ts";
import { ptyOptions, reading, sleep } from "./support/pty.ts";

const host = await choosePtyHost();
const keys = (text: string) => new TextEncoder().encode(text);

/** Somebody at a terminal: types, and reads what is on the screen. */
function sitAt(pty: Pty) {
  const screen = reading(pty);
  return { ...screen, type: (text: string) => pty.write(keys(text)), pty };
}

function recorded(args: readonly string[], folder: string) {
  return sitAt(term2aiOnTerminal(host, ["rec", ...args], folder));
}

/** A shell with a prompt that is easy to wait for, inside the recorder. */
const SHELL = ["--", "env", "PS1=READY> ", "bash", "--norc", "-i"];

Deno.test("rec on a terminal gives the shell job control, Ctrl-C, Ctrl-Z and the terminal's size", async () => {
  await withFolder(async (folder) => {
    const person = recorded(["x.t2a", ...SHELL], folder);
    await person.until("READY> ");
    await person.type("stty size; tty | cut -c1-9\r");
    await person.until("24 80\r\n/dev/pts/");
    await person.type("sleep 100\r");
    await sleep(300);
    await person.type("\x03");
    await person.until("READY> ");
    await person.type("echo status=$?\r");
    await person.until("status=130");
    await person.type("sleep 100\r");
    await sleep(300);
    await person.type("\x1a");
    await person.until("Stopped");
    await person.type("jobs\r");
    await person.until("READY> ");
    await person.type("fg\r");
    await sleep(300);
    await person.type("\x03");
    await person.until("READY> ");
    await person.type("exit 5\r");
    await person.rest();
    deepEqual(await person.pty.exited, { code: 5 });
    await person.pty.close();
    equal((await infoOf(`${folder}/x.t2a`)).exitCode, 5);
  });
});

Deno.test("rec --redact --input=all hides what is typed unseen, in the input and where it is printed later", async () => {
  await withFolder(async (folder) => {
    const script = 'read -rs -p "Password: " v; echo; sleep 0.4; echo "got $v"; read -r line; echo "said $line"';
    for (const [redact, isHidden] of [[["--redact"], true], [[], false]] as const) {
      const person = recorded(["--overwrite", ...redact, "--input=all", "x.t2a", "--", "bash", "-c", script], folder);
      await person.until("Password: ");
      await sleep(50);
      await person.type("Hq7xK2mNpQ\r");
      await person.until("got ");
      await sleep(100);
      await person.type("plain words\r");
      await person.rest();
      await person.pty.close();
      const { text } = await term2ai(["convert", "--to", "jsonl", "x.t2a", "-"], { cwd: folder });
      equal(text.includes("Hq7xK2mNpQ"), !isHidden);
      equal(/"kind":"input",[^\n]*Hq7xK2mNpQ/.test(text), !isHidden);
      match(text, /"kind":"input",[^\n]*plain words/);
      if (isHidden) match(text, /got \*{10}/);
    }
  });
});

Deno.test("rec passes a new size of the terminal on, and records it", async () => {
  await withFolder(async (folder) => {
    const person = recorded(["x.t2a", ...SHELL], folder);
    await person.until("READY> ");
    await person.type("trap 'stty size' WINCH\r");
    await person.until("READY> ");
    person.pty.resize(101, 31);
    await sleep(300);
    await person.type("\r");
    await person.until("31 101");
    await person.type("exit\r");
    await person.rest();
    await person.pty.close();
    match((await term2ai(["info", "--events", `${folder}/x.t2a`])).text, /resize +101 +31/);
  });
});

Deno.test("rec without FILE and with a shell says where the recording goes, and the store has it at once", async () => {
  await withFolder(async (folder) => {
    const store = `file://${folder}/store`;
    const person = sitAt(term2aiOnTerminal(host, ["rec", "--store", store], folder));
    await person.until("recording to 0");
    await person.type("PS1='READY'\"> \"\r");
    await person.until("READY> ");
    await person.type("echo found it here\r");
    await person.until("found it here\r\n");
    await person.type("exit\r");
    const [, id] = /term2ai: recorded [\d.:]+ s? ?to ([0-9a-z]{26})/.exec(await person.rest()) ?? [];
    ok(id);
    await person.pty.close();
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["store"]);
    const { text } = await term2ai(["search", "found it here", "--store", store]);
    match(text, new RegExp(`^${id}@[\\d.]+ +output +found it here$`, "m"));
    await settled(`${folder}/store`);
  });
});

/** The process that a recorder leaves behind to index the recording is done. */
async function settled(store: string): Promise<void> {
  for (let waited = 0; waited < 20_000; waited += 50) {
    if ([...Deno.readDirSync(`${store}/.recording`)].length === 0) return;
    await sleep(50);
  }
}

Deno.test("rec pauses and resumes with its key, and the pause is a gap", async () => {
  await withFolder(async (folder) => {
    const person = recorded(["x.t2a", ...SHELL], folder);
    await person.until("READY> ");
    await person.type("echo visi''ble\r");
    await person.until("visible\r\n");
    await person.type("\x1c");
    await person.until("\x07");
    await person.type("echo hid''den\r");
    await person.until("hidden\r\n");
    await person.type("\x1c");
    await person.until("\x07");
    await person.type("echo aga''in; exit\r");
    await person.until("again\r\n");
    await person.rest();
    await person.pty.close();
    const { text } = await term2ai(["cat", `${folder}/x.t2a`]);
    ok(text.includes("visible") && text.includes("again") && !text.includes("hidden"), text);
    equal((await infoOf(`${folder}/x.t2a`)).gaps, 2);
  });
});

Deno.test("rec sets a labelled marker with its key, and the label goes nowhere else", async () => {
  await withFolder(async (folder) => {
    const person = recorded(["--mark-key", "C-]", "x.t2a", ...SHELL], folder);
    await person.until("READY> ");
    await person.type("\x1dthe slow part\r");
    await person.until("\x07");
    await person.type("exit\r");
    equal((await person.rest()).includes("slow"), false);
    await person.pty.close();
    deepEqual((await infoOf(`${folder}/x.t2a`)).markerList.map((marker: { label: string }) => marker.label), [
      "the slow part",
    ]);
  });
});

Deno.test("rec throws the recording away with its key", async () => {
  await withFolder(async (folder) => {
    const person = recorded(["--discard-key", "C-_", "x.t2a", ...SHELL], folder);
    await person.until("READY> ");
    await person.type("\x1f");
    match(await person.rest(), /thrown away/);
    await person.pty.close();
    deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("rec --input records what is typed, and no password", async () => {
  await withFolder(async (folder) => {
    const person = recorded(["--input", "x.t2a", ...SHELL], folder);
    await person.until("READY> ");
    for (const key of "read -s -p 'Secret: ' x; echo\r") {
      await person.type(key);
      await sleep(5);
    }
    await person.until("Secret: ");
    await sleep(100);
    for (const key of "hunter2\r") {
      await person.type(key);
      await sleep(5);
    }
    await person.until("READY> ");
    await person.type("exit\r");
    await person.rest();
    await person.pty.close();
    const { text } = await term2ai(["info", "--events", "--json", `${folder}/x.t2a`]);
    const events = text.trim().split("\n").map((line) => JSON.parse(line));
    const typed = events.filter((event) => event.kind === "input").map((event) => event.text).join("");
    match(typed, /^read -s -p 'Secret: ' x; echo\r/);
    equal(text.includes("hunter2"), false);
    equal(events.filter((event) => event.topic === "input-withheld").length, 1);
  });
});

/** Starts a shell on a terminal, runs the program in it, and compares the terminal's settings before and after. */
async function settingsAround(
  folder: string,
  command: string,
  meanwhile: (person: ReturnType<typeof sitAt>) => Promise<void>,
) {
  const env = { ...Deno.env.toObject(), TERM: "xterm-256color", PS1: "OUTER> ", NO_COLOR: "1" };
  const person = sitAt(host.open(ptyOptions(["bash", "--norc", "-i"], { cwd: folder, env })));
  await person.until("OUTER> ");
  await person.type("stty -a > before\r");
  await person.until("OUTER> ");
  await person.type(`${command}\r`);
  await meanwhile(person);
  await person.until("OUTER> ");
  await person.type("stty -a > after; exit\r");
  await person.rest();
  await person.pty.close();
  equal(await Deno.readTextFile(`${folder}/after`), await Deno.readTextFile(`${folder}/before`));
}

Deno.test("rec gives the terminal back as it was: on exit, on error, on SIGTERM and on SIGHUP", async () => {
  await withFolder(async (folder) => {
    const rec = `${TERM2AI.join(" ")} rec --overwrite x.t2a`;
    await settingsAround(folder, `${rec} -- sh -c 'stty raw -echo; echo in''side; exit 3'`, async (person) => {
      await person.until("inside");
    });
    await settingsAround(folder, `${rec} -- no-such-program`, async (person) => {
      await person.until("not found");
    });
    for (const signal of ["TERM", "HUP"]) {
      await settingsAround(folder, `${rec} -- sh -c 'echo in''side; sleep 60'`, async (person) => {
        await person.until("inside");
        await new Deno.Command("pkill", { args: [`-${signal}`, "-f", `rec --overwrite x.t2a -- sh -c echo in`] })
          .output();
      });
    }
  });
});

Deno.test("play shows a recording, obeys its keys, and leaves the terminal clean", async () => {
  await withFolder(async (folder) => {
    const script = "printf '\\033[?1049h\\033[?25l'; echo first; sleep 1; echo second; sleep 60; echo never";
    const recording = term2ai(["rec", `${folder}/x.t2a`, "--", "timeout", "3", "sh", "-c", script]);
    await recording;
    await settingsAround(folder, `${TERM2AI.join(" ")} play --paused x.t2a`, async (person) => {
      await sleep(700);
      await person.type(" ");
      await person.until("first");
      await person.until("second");
      await person.type("q");
      await person.until("\x1b[?1049l");
    });
    await settingsAround(folder, `${TERM2AI.join(" ")} play -s 0.1 x.t2a`, async (person) => {
      await person.until("first");
      await person.type("\x03");
      await person.until("\x1b[?25h");
    });
  });
});

Deno.test("play never lets a recording ask this terminal anything", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/hostile.cast`,
      '{"version":3,"term":{"cols":80,"rows":24}}\n[0,"o","a\\u001b[cb\\u001b[6nc\\u001b]52;c;aGk=\\u0007d\\u0005e\\u001b[21tf\\r\\n"]\n',
    );
    const plain = sitAt(term2aiOnTerminal(host, ["play", "--plain", "hostile.cast"], folder));
    match(await plain.rest(), /abcdef\r\n\x1b\[0m$/);
    await plain.pty.close();
    const drawn = sitAt(term2aiOnTerminal(host, ["play", "hostile.cast"], folder));
    const shown = await drawn.rest();
    match(shown, /\x1b\[K(?:\x1b\[0m)?abcdef\r\n$/);
    equal(/\x1b\]|\x1b\[c|\x1b\[6n|\x1b\[21t|\x05/.test(shown), false);
    await drawn.pty.close();
  });
});

Deno.test("vim and less work inside rec, driven through tmux", async () => {
  for (const program of ["tmux", "vim", "less"]) {
    if (!await isInstalled(program)) return console.log(`    skipped: ${program} is not installed`);
  }
  await withFolder(async (folder) => {
    const tmux = async (...args: string[]) => {
      const { stdout } = await new Deno.Command("tmux", {
        args: ["-S", `${folder}/socket`, "-f", "/dev/null", ...args],
        cwd: folder,
      }).output();
      return new TextDecoder().decode(stdout);
    };
    const screenShows = async (wanted: RegExp) => {
      for (let look = 0; look < 100; look++) {
        const screen = await tmux("capture-pane", "-p");
        if (wanted.test(screen)) return screen;
        await sleep(50);
      }
      throw new Error(`${wanted} does not show: ${await tmux("capture-pane", "-p")}`);
    };
    await tmux(
      "new-session",
      "-d",
      "-x",
      "90",
      "-y",
      "20",
      `${TERM2AI.join(" ")} rec x.t2a -- env PS1='READY> ' bash --norc -i`,
    );
    try {
      await screenShows(/READY>\s*$/m);
      await tmux("send-keys", "vim -u NONE -N new.txt", "Enter");
      await screenShows(/"new\.txt" \[New\]/);
      await tmux("send-keys", "ione", "Enter", "two", "Escape", ":wq", "Enter");
      await screenShows(/READY>\s*$/m);
      equal(await Deno.readTextFile(`${folder}/new.txt`), "one\ntwo\n");
      await tmux("send-keys", "seq 500 | less", "Enter");
      await screenShows(/^1$/m);
      await tmux("send-keys", "G");
      const screen = await screenShows(/^500$/m);
      match(screen, /^\(END\)/m);
      await tmux("resize-window", "-x", "100", "-y", "30");
      await screenShows(/^~$/m);
      await tmux("send-keys", "q");
      await tmux("send-keys", "exit 6", "Enter");
      while (await tmux("list-sessions") !== "") await sleep(50);
    } finally {
      await tmux("kill-server");
    }
    const info = await infoOf(`${folder}/x.t2a`);
    deepEqual([info.complete, info.exitCode, info.cols, info.rows, info.resizes], [true, 6, 90, 20, 1]);
  });
});

Deno.test("rec on a terminal goes on when nobody reads the recording any more, and says so at the end", async () => {
  await withFolder(async (folder) => {
    const script = `${
      TERM2AI.join(" ")
    } rec -- sh -c 'for i in 1 2 3 4 5; do echo $i; sleep 0.2; done; exit 6' | head -c 10 > part; echo status=\${PIPESTATUS[0]}`;
    const person = sitAt(host.open(ptyOptions(["bash", "-c", script], { cwd: folder, env: Deno.env.toObject() })));
    const text = await person.rest();
    await person.pty.close();
    match(text, /5\r\n/);
    match(text, /recording on stdout is not complete: nobody reads it any more/);
    match(text, /status=6/);
    equal((await Deno.stat(`${folder}/part`)).size, 10);
  });
});
