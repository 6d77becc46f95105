/** Names of recordings, and of what is written, on all command lines that have them. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { COMMANDS } from "../lib/cli/main.ts";
import { isInstalled, term2ai, withFolder } from "./support/cli.ts";
import { fromFileUrl } from "./support/path.ts";

const CAST = '{"version":3,"term":{"cols":80,"rows":5}}\n[1,"o","one\\r\\n"]\n[1,"o","two\\r\\n"]\n';

/** Every command that takes a recording: how it is written with the recording `$` and nothing else missing. */
const TAKERS: readonly string[] = [
  "play --plain $",
  "cat $",
  "cat good.cast $",
  "info $",
  "convert $ out.cast",
  "render $",
  "render $ out.svg",
  "compress $ out.t2a",
  "trim --from 1 $ out.t2a",
  "trim --from 10% $ out.t2a",
  "cut --from 1 $ out.t2a",
  "idle $ out.t2a",
  "speed --factor 2 $ out.t2a",
  "mark --clear $ out.t2a",
  "keyframes $ out.t2a",
  "verify $",
  "verify --secrets $",
  "sign --key key $ out.t2a",
  "encrypt --to key.pub $ out.t2a",
  "decrypt $ out.t2a",
  "repair $ out.t2a",
  "join $ out.t2a",
  "join good.cast out.t2a --with $",
  "redact $ out.t2a",
  "redact --report $",
  "anonymize $ out.t2a",
  "upload $",
  "analyze $",
  "analyze commands $",
  "analyze report --output out.html $",
  "diff $ good.cast",
  "diff good.cast $",
  "export json $",
  "export asciicast $",
  "export markdown --output out.md $",
];

/** Commands that take none, or only ids. */
const OTHERS = "rec search store session template share serve demo doctor completion man".split(" ");

/** Those that take a moment behind the name. */
const WITH_MOMENTS = /^(?:play|render|analyze|diff|export) /;

interface Said {
  readonly args: readonly string[];
  readonly status: number;
  readonly errors: string;
}

/** Runs command lines in one process, behind the words of `around`. */
async function runAll(folder: string, lines: readonly string[], around: readonly string[] = []): Promise<Said[]> {
  const driver = fromFileUrl(new URL("./support/many_commands.ts", import.meta.url));
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const words = [...around, Deno.execPath(), "run", "--quiet", "-A", "--config", config, driver];
  const child = new Deno.Command(words[0]!, {
    args: words.slice(1),
    cwd: folder,
    env: {
      XDG_DATA_HOME: `${folder}/data`,
      XDG_CONFIG_HOME: `${folder}/config`,
      TERM2AI_STORE: `file://${folder}/store`,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const [{ stdout }] = await Promise.all([
    child.output(),
    new Blob([JSON.stringify(lines.map((line) => line.split(" ")))]).stream().pipeTo(child.stdin),
  ]);
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith('{"args"')).map((line) =>
    JSON.parse(line)
  );
}

async function withNames(body: (folder: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/good.cast`, CAST);
    await Deno.writeTextFile(`${folder}/empty.t2a`, "");
    await Deno.writeTextFile(`${folder}/denied.t2a`, CAST, { mode: 0o000 });
    await Deno.mkdir(`${folder}/folder`);
    const { success } = await new Deno.Command("ssh-keygen", {
      args: ["-q", "-t", "ed25519", "-N", "", "-f", `${folder}/key`],
    }).output();
    ok(success);
    await body(folder);
  });
}

Deno.test("the table of commands that take a recording has all of them", () => {
  const taking = new Set(TAKERS.map((line) => line.split(" ")[0]!));
  deepEqual(Object.keys(COMMANDS).sort(), [...taking, ...OTHERS].sort());
});

Deno.test("a name that is no recording is told in the same words by all commands, and nothing is written", async () => {
  const EXPECTED = "\n  Expected a file, - for stdin, or the id of a recording in the store: term2ai store ls\n$";
  const cases: readonly [name: string, said: RegExp, status: number[]][] = [
    ["nosuch.t2a", new RegExp(`Cannot read nosuch.t2a: there is no such file${EXPECTED}`), [2]],
    ["no@where.t2a", new RegExp(`Cannot read no@where.t2a: there is no such file${EXPECTED}`), [2]],
    [
      "0zzz",
      new RegExp(`Cannot read 0zzz: there is no such file, and no recording of that id in .*/store${EXPECTED}`),
      [2],
    ],
    ["store:0zzz", /Cannot find a recording 0zzz in .*\/store\n {2}See: term2ai store ls\n$/, [2]],
    [
      "folder",
      new RegExp(`Cannot read folder: it is a directory, and none in which sudo has logged a session${EXPECTED}`),
      [2],
    ],
    ["empty.t2a", /Cannot \w+ empty.t2a: it is empty.*\n {2}[^]+\n$/, [1, 2]],
  ];
  await withNames(async (folder) => {
    const before = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name !== "store");
    for (const [name, said, statuses] of cases) {
      const all = await runAll(folder, TAKERS.map((line) => line.replace("$", name)));
      equal(all.length, TAKERS.length);
      for (const { args, status, errors } of all) {
        match(errors, said, args.join(" "));
        ok(statuses.includes(status), `${args.join(" ")}: ${status}`);
        ok(errors.startsWith(`term2ai ${args[0]}: `), errors);
        equal(errors.match(/Cannot/g)?.length, 1, errors);
      }
    }
    const left = [...Deno.readDirSync(folder)].map(({ name }) => name);
    deepEqual(left.filter((name) => !["store", "data"].includes(name)).sort(), before.sort());
  });
});

Deno.test("a recording that may not be read is told by all commands, with what tells whose it is", async () => {
  const isRoot = Deno.uid() === 0;
  if (isRoot && !await isInstalled("setpriv")) return console.log("skipped: root reads everything without setpriv");
  const around = isRoot ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];
  await withNames(async (folder) => {
    for (const said of await runAll(folder, TAKERS.map((line) => line.replace("$", "denied.t2a")), around)) {
      match(said.errors, /: Cannot read denied.t2a: permission denied\n {2}Recordings are private: ls -l .*\n$/);
      equal(said.status, 2, said.args.join(" "));
    }
  });
});

Deno.test("a time behind a name is told where it has no use, and is a time where it has", async () => {
  await withNames(async (folder) => {
    const others = TAKERS.filter((line) => !WITH_MOMENTS.test(line));
    for (
      const { args, status, errors } of await runAll(
        folder,
        others.map((line) => line.replace("$", "good.cast@1")),
      )
    ) {
      match(errors, /Cannot read good.cast@1: there is no such file\n {2}A time behind @ is for play, render, /);
      equal(status, 2, args.join(" "));
    }
    const takers = TAKERS.filter((line) => WITH_MOMENTS.test(line));
    for (const { errors } of await runAll(folder, takers.map((line) => line.replace("$", "good.cast@soon")))) {
      match(errors, /Cannot read "soon" as a time: expected/);
    }
    for (
      const { args, status, errors } of await runAll(
        folder,
        takers.map((line) => line.replace("$", "good.cast@1")),
      )
    ) {
      ok(status < 2, `${args.join(" ")}: ${errors}`);
    }
  });
});

Deno.test("render FILE@TIME draws what --at draws, and refuses a second say in what to draw", async () => {
  await withNames(async (folder) => {
    const run = (...args: string[]) => term2ai(args, { cwd: folder });
    deepEqual(
      [(await run("render", "good.cast@1")).text, (await run("render", "--at", "2", "good.cast")).text],
      ["one\n\n\n\n\n", "one\ntwo\n\n\n\n"],
    );
    const lines = ["--at 1 good.cast@1 -", "--from 1 good.cast@1 x.gif", "--to 1 good.cast@1 x.gif"];
    for (const { errors, status } of await runAll(folder, lines.map((line) => `render ${line}`))) {
      match(errors, /Cannot use --(?:at|from|to) with good.cast@1: the time behind @ says already what to draw/);
      equal(status, 2);
    }
    const [gif] = await runAll(folder, ["render good.cast@1 x.gif"]);
    match(
      gif!.errors,
      /Cannot draw a moment as gif: expected good.cast without @1, or with --from 1 what comes from there on/,
    );
    equal(gif!.status, 2);
    equal((await run("render", "good.cast@1", "x.html")).errors, "");
    match((await run("render", "good.cast@9", "y.html")).errors, /it ends at 2\.000 s/);
  });
});

Deno.test("a part that begins behind the end is refused alike by render, trim and cut, and nothing is drawn", async () => {
  await withNames(async (folder) => {
    const lines = ["x.gif", "x.html", "x --format segmented"].map((out) => `render --from 99 good.cast ${out}`);
    const all = await runAll(folder, [...lines, "trim --from 99 good.cast x.t2a", "cut --from 99 good.cast x.t2a"]);
    for (const { args, status, errors } of all) {
      match(errors, /Cannot find 99 s in the recording: it ends at 2 s/, args.join(" "));
      equal(status, 2, args.join(" "));
    }
    deepEqual([...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("x")), []);
    const [edge] = await runAll(folder, ["render --from 2 good.cast x.html"]);
    equal(edge!.errors, "", "what shows at the end is there to be drawn");
  });
});

Deno.test("what search prints leads to where the hit shows, at odd nanoseconds and typed piece by piece", async () => {
  await withNames(async (folder) => {
    const seconds = ["1.000000123", "1.0999999", "0.000000002", "0.05", "0.0600007", "5"];
    const texts = ["$ ma", "ke nee", "dle\\r\\n", "mid", "point\\r\\n", "\\u001b[2J\\u001b[Hend"];
    const events = texts.map((text, at) => `[${seconds[at]},"o","${text}"]\n`);
    await Deno.writeTextFile(`${folder}/odd.cast`, CAST.split("\n")[0] + "\n" + events.join(""));
    const env = { TERM2AI_STORE: `file://${folder}/store` };
    const run = (...args: string[]) => term2ai(args, { cwd: folder, env });
    equal((await run("upload", "odd.cast")).status, 0);
    for (const word of ["needle", "midpoint", "end"]) {
      const [place] = (await run("search", word)).text.split(" ");
      match(place!, /^\w{26}@\d+(?:\.\d+)?$/);
      const { text, errors } = await run("render", place!);
      match(text, new RegExp(word), place);
      equal(errors, "", "a hit in the last event is not behind the end");
      ok((await run("play", "--speed", "max", place!)).text.includes(word));
    }
  });
});

Deno.test("a device takes what a file takes, needs no --overwrite, and stays what it is", async () => {
  await withNames(async (folder) => {
    const lines = [
      "compress good.cast $",
      "trim --from 1 good.cast $",
      "convert --to t2a good.cast $",
      "render good.cast $",
      "render --format png good.cast $",
      "encrypt --to key.pub good.cast $",
      "repair good.cast $",
      "export json good.cast --output $",
      "analyze report --output $ good.cast",
    ];
    for (const { args, status, errors } of await runAll(folder, lines.map((line) => line.replace("$", "/dev/null")))) {
      equal(status, 0, `${args.join(" ")}: ${errors}`);
    }
    for (const { args, status, errors } of await runAll(folder, lines.map((line) => line.replace("$", "/dev/full")))) {
      match(errors, /Cannot write \/dev\/full: No space left on device/, args.join(" "));
      equal(status, 1, args.join(" "));
    }
    const [script, pieces] = await runAll(folder, [
      "convert --to script good.cast /dev/null",
      "render --format segmented good.cast /dev/null",
    ]);
    match(script!.errors, /Cannot write script to \/dev\/null: it has a second file/);
    match(pieces!.errors, /Cannot write segmented to \/dev\/null: it has many files/);
    ok(Deno.statSync("/dev/null").isCharDevice);
    ok(Deno.statSync("/dev/full").isCharDevice);
  });
});
