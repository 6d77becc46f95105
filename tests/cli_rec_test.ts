import { deepEqual, equal, match, ok } from "node:assert/strict";
import { infoOf, isInstalled, TERM2AI, term2ai, withFolder } from "./support/cli.ts";
import { sha256, sleep } from "./support/pty.ts";

const SILENT = ["rec", "--overwrite"];

Deno.test("rec FILE -- CMD needs no terminal, shows what is printed, and ends as the command does", async () => {
  await withFolder(async (folder) => {
    const file = `${folder}/x.t2a`;
    const { status, text, errors } = await term2ai(["rec", file, "--", "sh", "-c", "stty size; echo hello; exit 7"]);
    deepEqual([status, text, errors], [7, "24 80\r\nhello\r\n", ""]);
    const info = await infoOf(file);
    deepEqual(
      [info.format, info.complete, info.cols, info.rows, info.exitCode, info.signal, info.outputBytes, info.warnings],
      ["t2a", true, 80, 24, 7, null, 14, []],
    );
    equal((await term2ai(["cat", file])).text, "24 80\r\nhello\r\n");
  });
});

Deno.test("rec --size sets the size of a session without a terminal", async () => {
  await withFolder(async (folder) => {
    const { text } = await term2ai(["rec", "--size", "132x43", `${folder}/x.t2a`, "--", "stty", "size"]);
    equal(text, "43 132\r\n");
  });
});

Deno.test("rec tells an exit by signal as 128 + its number", async () => {
  await withFolder(async (folder) => {
    const { status } = await term2ai(["rec", `${folder}/x.t2a`, "--", "sh", "-c", "kill -KILL $$"]);
    equal(status, 137);
    equal((await infoOf(`${folder}/x.t2a`)).signal, "SIGKILL");
  });
});

Deno.test("rec ends with 126 and 127 when the command cannot be run or found, and leaves no file", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/plain`, "no program");
    for (
      const [command, status, words] of [["no-such", 127, /not found/], [
        `${folder}/plain`,
        126,
        /not executable/,
      ]] as const
    ) {
      const run = await term2ai(["rec", `${folder}/x.t2a`, "--", command]);
      equal(run.status, status);
      match(run.errors, words);
      equal(run.errors.trim().split("\n").length, 1);
    }
    deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), ["plain"]);
  });
});

Deno.test("rec refuses wrong usage with one clear message and status 2", async () => {
  await withFolder(async (folder) => {
    const there = `${folder}/there.t2a`;
    await term2ai(["rec", there, "--", "true"]);
    await Deno.symlink(there, `${folder}/link.t2a`);
    const before = await sha256(await Deno.readFile(there));
    const cases: [string[], RegExp][] = [
      [["rec", "--no-such-flag"], /--no-such-flag/],
      [["rec", "--size", "0x0", `${folder}/x.t2a`, "--", "true"], /0x0.*COLSxROWS/],
      [["rec", "--idle-limit", "soon", `${folder}/x.t2a`, "--", "true"], /soon.*1m30s/],
      [["rec", "--input=some", `${folder}/x.t2a`, "--", "true"], /--input.*all/],
      [["rec", "--pause-key", "F5", `${folder}/x.t2a`, "--", "true"], /F5.*key/],
      [["rec", there, "--", "true"], /exists.*--overwrite/],
      [["rec", "--overwrite", `${folder}/link.t2a`, "--", "true"], /symbolic link/],
      [["rec", "--overwrite", folder, "--", "true"], /directory/],
      [["rec", `${folder}/no/x.t2a`, "--", "true"], /directory does not exist/],
      [["rec", `${there}/x.t2a`, "--", "true"], /not a directory/],
      [["rec", "--append", "--overwrite", there, "--", "true"], /--overwrite and --append/],
      [["rec", "--append", "-", "--", "true"], /needs a FILE/],
      [["rec", `${folder}/x.gif`, "--", "true"], /\.gif.*\.t2a or \.cast/],
      [["rec", "--to", "gif", `${folder}/x`, "--", "true"], /gif.*t2a, asciicast-v2/],
      [["rec", `${folder}/x.t2a`, "--"], /command is expected/],
      [["rec", `${folder}/x.t2a`, "true"], /[Tt]oo many arguments/],
      [["recc"], /did you mean rec/],
      [["cat", `${folder}/nothing.t2a`], /no such file/],
      [["info", folder], /directory/],
    ];
    for (const [args, words] of cases) {
      const { status, text, errors } = await term2ai(args);
      deepEqual([args, status, text], [args, 2, ""], errors);
      match(errors, words);
      ok(!/^ +at /m.test(errors), `a stack trace: ${errors}`);
    }
    equal(await sha256(await Deno.readFile(there)), before);
    equal(await Deno.stat(`${folder}/x.t2a`).catch(() => "none"), "none");
  });
});

Deno.test("rec refuses a directory that cannot be written to", async () => {
  if (Deno.uid() === 0) return await refusesForOtherUser();
  await withFolder(async (folder) => {
    await Deno.chmod(folder, 0o500);
    const { status, errors } = await term2ai(["rec", `${folder}/x.t2a`, "--", "true"]);
    await Deno.chmod(folder, 0o700);
    equal(status, 2);
    match(errors, /permission denied/i);
  });
});

/** The superuser may write anywhere but to a file system that takes nothing. */
async function refusesForOtherUser(): Promise<void> {
  const { status, errors } = await term2ai(["rec", "/proc/x.t2a", "--", "true"]);
  equal(status, 2);
  match(errors, /Cannot write \/proc\/x\.t2a/);
}

Deno.test("rec creates private files, whatever the umask", async () => {
  await withFolder(async (folder) => {
    const words = TERM2AI.join(" ");
    const script =
      `umask 000; ${words} rec ${folder}/new.t2a -- true; ${words} rec ${folder}/x.cast -- true; touch ${folder}/old.t2a; chmod 666 ${folder}/old.t2a; ${words} rec --overwrite ${folder}/old.t2a -- seq 3000`;
    await new Deno.Command("sh", { args: ["-c", script], stdin: "null", stdout: "null" }).output();
    for (const name of ["new.t2a", "x.cast", "old.t2a"]) {
      equal((await Deno.stat(`${folder}/${name}`)).mode! & 0o777, 0o600, name);
    }
  });
});

Deno.test("rec writes to stdout when no FILE is named, and the session does not show there", async () => {
  await withFolder(async (folder) => {
    const { status, stdout } = await term2ai(["rec", "--", "sh", "-c", "echo hello; exit 3"]);
    equal(status, 3);
    deepEqual([...stdout.subarray(0, 4)], [0x89, 0x54, 0x32, 0x41]);
    await Deno.writeFile(`${folder}/x`, stdout);
    equal((await term2ai(["cat", `${folder}/x`])).text, "hello\r\n");
    const cast = await term2ai(["rec", "--to", "asciicast-v3", "-", "--", "echo", "hi"]);
    match(cast.text, /^\{"version":3.*\n.*"hi\\r\\n"/);
  });
});

Deno.test("rec writes asciicast where the extension says so", async () => {
  await withFolder(async (folder) => {
    await term2ai([...SILENT, `${folder}/x.cast`, "--", "sh", "-c", "echo hi; exit 2"]);
    const info = await infoOf(`${folder}/x.cast`);
    deepEqual([info.format, info.complete, info.exitCode], ["asciicast-v3", true, 2]);
    await term2ai([...SILENT, "--to", "asciicast-v2", `${folder}/x.cast`, "--", "echo", "hi"]);
    equal((await infoOf(`${folder}/x.cast`)).format, "asciicast-v2");
  });
});

Deno.test("rec types stdin into the session, and ends it as a person would", async () => {
  await withFolder(async (folder) => {
    const { text } = await term2ai([
      "rec",
      `${folder}/x.t2a`,
      "--",
      "sh",
      "-c",
      "stty -echo; while read line; do echo got $line; done; echo end",
    ], {
      stdin: "one\ntwo\nunfinished",
    });
    equal(text.replace(/^(one|two|unfinished)\r\n/gm, "").replace(/^unfinished/, ""), "got one\r\ngot two\r\nend\r\n");
    equal((await term2ai(["rec", `${folder}/y.t2a`, "--", "cat"])).status, 0);
  });
});

Deno.test("rec --append adds a session behind the ones that are there", async () => {
  await withFolder(async (folder) => {
    for (const [name, sessions] of [["x.t2a", 2], ["x.cast", 1]] as const) {
      const file = `${folder}/${name}`;
      await term2ai(["rec", "--append", file, "--", "echo", "one"]);
      await term2ai(["rec", "--append", file, "--", "echo", "two"]);
      equal((await term2ai(["cat", file])).text, "one\r\ntwo\r\n");
      const info = await infoOf(file);
      deepEqual([info.sessions, info.warnings, info.complete], [sessions, [], true]);
    }
  });
});

Deno.test("rec --append cuts a torn tail off first, and keeps it", async () => {
  await withFolder(async (folder) => {
    for (const name of ["x.t2a", "x.cast"]) {
      const file = `${folder}/${name}`;
      await term2ai(["rec", file, "--", "sh", "-c", "echo one; sleep 0.1; echo two"]);
      const whole = await Deno.readFile(file);
      await Deno.writeFile(file, whole.subarray(0, whole.length - 5));
      const { errors } = await term2ai(["rec", "--append", file, "--", "echo", "three"]);
      match(errors, /\.torn/);
      const text = (await term2ai(["cat", file])).text;
      ok(text.startsWith("one\r\n") && text.endsWith("three\r\n"), text);
      ok((await Deno.stat(`${file}.torn`)).size > 0);
      equal((await infoOf(file)).tornBytes, 0);
    }
  });
});

Deno.test("rec keeps title, tags and chosen variables, and no others", async () => {
  await withFolder(async (folder) => {
    const env = { WANTED: "yes", SECRET_TOKEN: "no" };
    await term2ai([
      "rec",
      "-t",
      "A title",
      "--tag",
      "one",
      "--tag",
      "two",
      "--env",
      "WANTED",
      "--idle-limit",
      "2s",
      `${folder}/x.t2a`,
      "--",
      "true",
    ], { env });
    const { header } = await infoOf(`${folder}/x.t2a`);
    deepEqual([header.title, header.tags, header.env.WANTED, header.idleLimit], [
      "A title",
      ["one", "two"],
      "yes",
      2e9,
    ]);
    equal((await term2ai(["info", "--json", `${folder}/x.t2a`])).text.includes("SECRET_TOKEN"), false);
  });
});

Deno.test("rec ends its recording properly on SIGTERM and SIGHUP", async () => {
  await withFolder(async (folder) => {
    for (const [signal, status] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      const file = `${folder}/${signal}.t2a`;
      const [program, ...words] = TERM2AI;
      const child = new Deno.Command(program!, {
        args: [...words, "rec", file, "--", "sh", "-c", "echo started; sleep 60"],
        stdin: "null",
        stdout: "null",
      }).spawn();
      while (!(await term2ai(["cat", file])).text.includes("started")) await sleep(20);
      child.kill(signal);
      equal((await child.status).code, status);
      const info = await infoOf(file);
      deepEqual([info.complete, info.signal, info.outputBytes], [true, "SIGHUP", 9]);
      match((await term2ai(["info", "--events", file])).text, new RegExp(`signal +${signal}`));
    }
  });
});

Deno.test("rec passes SIGINT on to the program", async () => {
  await withFolder(async (folder) => {
    const [program, ...words] = TERM2AI;
    const script = "trap 'echo interrupted; exit 5' INT; echo started; while :; do sleep 0.05; done";
    const child = new Deno.Command(program!, {
      args: [...words, "rec", `${folder}/x.t2a`, "--", "sh", "-c", script],
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGINT");
    reader.releaseLock();
    const { code, stdout } = await child.output();
    equal(code, 5);
    match(new TextDecoder().decode(stdout), /interrupted/);
  });
});

Deno.test("rec into a pipe that is closed ends quietly", async () => {
  const script = `${TERM2AI.join(" ")} rec -- seq 100000 | head -c 100 | wc -c`;
  const { stdout, stderr, code } = await new Deno.Command("sh", { args: ["-c", script], stdin: "null" }).output();
  deepEqual([new TextDecoder().decode(stdout).trim(), new TextDecoder().decode(stderr), code], ["100", "", 0]);
  const status = `{ ${TERM2AI.join(" ")} rec -- seq 100000; echo $? >&2; } | head -c 100 >/dev/null`;
  const asSignal = await new Deno.Command("sh", { args: ["-c", status], stdin: "null" }).output();
  equal(new TextDecoder().decode(asSignal.stderr).trim(), "141");
});

Deno.test("rec tells a shell and an interpreter that nobody types any more, whatever mode their terminal is in", async () => {
  await withFolder(async (folder) => {
    const env = { SHELL: "/bin/bash", HOME: folder };
    const programs = [["bash", "--norc"], ["python3", "-q"], ["sh", "-c", "cat; cat; sleep 0.3; cat"]];
    for (const [at, command] of programs.entries()) {
      if (!await isInstalled(command[0]!)) continue;
      equal((await term2ai(["rec", `${folder}/${at}.t2a`, "--", ...command], { env })).status, 0, command[0]);
      equal((await infoOf(`${folder}/${at}.t2a`)).exitCode, 0);
    }
    const { text } = await term2ai(["rec", `${folder}/typed.t2a`, "--", "bash", "--norc"], {
      env,
      stdin: "echo 4$((1+1))\n",
    });
    match(text, /42/);
  });
});

Deno.test("rec refuses to add to a recording, or replace one, that is being made", async () => {
  await withFolder(async (folder) => {
    const running = term2ai(["rec", `${folder}/x.t2a`, "--", "sh", "-c", "echo one; sleep 3; echo two"]);
    while (!(await term2ai(["cat", `${folder}/x.t2a`])).text.includes("one")) await sleep(50);
    for (const how of ["--append", "--overwrite"]) {
      const { status, errors } = await term2ai(["rec", how, `${folder}/x.t2a`, "--", "echo", "intruder"]);
      deepEqual([status, /somebody is writing it/.test(errors)], [2, true], errors);
    }
    equal((await running).status, 0);
    match((await term2ai(["cat", `${folder}/x.t2a`])).text, /^one\r\ntwo\r\n$/);
  });
});

Deno.test("rec says so when somebody has removed or changed its file meanwhile", async () => {
  await withFolder(async (folder) => {
    for (const [harm, words] of [["rm", /removed it/], [":>", /written to it, or cut it/]] as const) {
      const script = `echo one; sleep 0.5; ${harm} ${folder}/x.t2a; sleep 0.2; exit 3`;
      const { status, errors } = await term2ai(["rec", "--overwrite", `${folder}/x.t2a`, "--", "sh", "-c", script]);
      equal(status, 3);
      match(errors, words);
    }
  });
});

Deno.test("rec --append adds to recordings only, and to an asciicast in its own version", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/notes.t2a`, "my notes");
    const refused = await term2ai(["rec", "--append", `${folder}/notes.t2a`, "--", "echo", "hi"]);
    deepEqual([refused.status, /it holds no recording/.test(refused.errors)], [2, true]);
    equal(await Deno.readTextFile(`${folder}/notes.t2a`), "my notes");
    await term2ai(["rec", "--to", "asciicast-v2", `${folder}/old.cast`, "--", "echo", "one"]);
    equal((await term2ai(["rec", "--append", `${folder}/old.cast`, "--", "echo", "two"])).status, 0);
    match((await term2ai(["cat", `${folder}/old.cast`])).text, /^one\r\ntwo\r\n$/);
    const wrong = await term2ai(["rec", "--append", "--to", "asciicast-v3", `${folder}/old.cast`, "--", "echo"]);
    deepEqual([wrong.status, wrong.errors.includes("old.cast")], [125, true], wrong.errors);
  });
});

Deno.test("rec goes on when nobody reads what is shown any more", async () => {
  await withFolder(async (folder) => {
    const script = `${TERM2AI.join(" ")} rec ${folder}/x.t2a -- seq 20000 | head -c 100 | wc -c`;
    await new Deno.Command("sh", { args: ["-c", script], stdin: "null" }).output();
    match((await term2ai(["cat", `${folder}/x.t2a`])).text, /\r\n20000\r\n$/);
  });
});

Deno.test("rec tells of a full disk, keeps the command's status, and leaves a recording that opens", async () => {
  if (Deno.uid() !== 0) return console.log("    skipped: a small file system can only be mounted by root");
  await withFolder(async (folder) => {
    const mounted = await new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=128k", "none", folder],
      stderr: "null",
    }).output();
    if (!mounted.success) return console.log("    skipped: no small file system can be mounted here");
    try {
      const script = "head -c 300000 /dev/urandom | base64; echo END-MARK; exit 4";
      const { status, text, errors } = await term2ai(["rec", `${folder}/x.t2a`, "--", "sh", "-c", script]);
      equal(status, 4);
      match(text, /END-MARK/);
      match(errors, /not complete: \d+ writes failed, .*space/i);
      const recorded = (await term2ai(["cat", `${folder}/x.t2a`])).text;
      ok(recorded.length > 30_000 && text.startsWith(recorded.slice(0, 30_000)));
      const strict = await term2ai([
        "rec",
        "--overwrite",
        "--require-recording",
        `${folder}/x.t2a`,
        "--",
        "sh",
        "-c",
        script + "; sleep 60",
      ]);
      equal(strict.status, 125);
      match(strict.errors, /space/i);
    } finally {
      await new Deno.Command("umount", { args: [folder] }).output();
    }
  });
});
