/**
 * What is built is what is in the sources: the same tests of the command line, with the bundle where there is nothing else, and
 * with the single file; and that file where it is hard to unpack.
 */

import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { cksum } from "../build/single_file.ts";
import { BUNDLE_FLAGS } from "../lib/cli/program/built.ts";
import { VERSION } from "../lib/cli/program/version.ts";
import { isInstalled, withFolder } from "./support/cli.ts";
import { fromFileUrl } from "./support/path.ts";

const TESTS = fromFileUrl(new URL("./", import.meta.url));

/** One for each part that is loaded in a way of its own: workers, packages, WebAssembly, assets, databases, programs of our own. */
const REPRESENTATIVE = [
  "cat prints output only",
  "convert to asciicast v3 and back",
  "play without a terminal",
  "rec FILE -- CMD needs no terminal",
  "ssh-keygen accepts what sign has signed",
  "an encrypted recording shows nothing",
  "term2ai redact leaves no secret",
  "render draws each format",
  "upload prints the id alone",
  "rec --store keeps the recording",
  "export writes each format",
];
/** Of the same code. */
const SHORT = ["rec FILE -- CMD needs no terminal", "rec --store keeps the recording", "render draws each format"];
const FILES = ["commands", "rec", "security", "redact", "render", "store", "analyze"];

let built: Promise<string> | undefined;

/** The folder with a fresh build; the operating system clears it away if this process cannot. */
function build(): Promise<string> {
  return built ??= (async () => {
    const folder = await Deno.makeTempDir({ prefix: "term2ai-test-built-" });
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    const output = `${folder}/term2ai`;
    const { status, text, errors } = await run(
      [Deno.execPath(), "run", "-A", "--quiet", `${TESTS}../build/compile.ts`],
      ["--single-file", "--quick", "--output", output],
    );
    equal(status, 0, errors);
    match(text, /^\S+\/term2ai: built of Deno [\d.]+ and the bundle, .*, \d+\.\d MB, in \d+ s\n$/);
    return folder;
  })();
}

async function run(
  [program, ...words]: readonly string[],
  args: readonly string[],
  { env, cwd, clear = false }: { env?: Record<string, string>; cwd?: string; clear?: boolean } = {},
): Promise<{ status: number; text: string; errors: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program!, {
    args: [...words, ...args],
    ...(cwd !== undefined && { cwd }),
    clearEnv: clear,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { status: code, text: decode(stdout), errors: decode(stderr) };
}

/** Runs tests with another program. */
async function passes(command: readonly string[], tests = REPRESENTATIVE): Promise<void> {
  const filter = `/^(?:${tests.map((name) => name.replace(/[.*+?()[\]]/g, "\\$&")).join("|")})/`;
  const files = FILES.map((name) => `${TESTS}cli_${name}_test.ts`);
  const { status, text } = await run(
    [Deno.execPath(), "test", "-A", "--quiet", "--no-check", "--filter", filter],
    files,
    {
      env: { TERM2AI_COMMAND: command.join(" ") },
    },
  );
  equal(status, 0, text);
  match(text, new RegExp(`\\b${tests.length} passed`), "names of tests have changed");
}

/** Words that run a program without any network, where that is allowed. */
async function withoutNetwork(): Promise<string[]> {
  const { success } = await new Deno.Command("unshare", { args: ["-n", "true"], stderr: "null" }).output()
    .catch(() => ({ success: false }));
  return success ? ["unshare", "-n"] : [];
}

Deno.test("the bundle passes the command line's tests with an empty cache and no network", async () => {
  const folder = await build();
  await withFolder(async (empty) => {
    const env = [
      "env",
      `DENO_DIR=${empty}/cache`,
      "NPM_CONFIG_REGISTRY=http://127.0.0.1:9",
      "http_proxy=http://127.0.0.1:9",
    ];
    const start = [
      ...await withoutNetwork(),
      ...env,
      Deno.execPath(),
      "run",
      ...BUNDLE_FLAGS,
      `${folder}/bundle/cli.js`,
    ];
    equal(
      (await run(start, ["--version"], { cwd: empty })).text,
      `term2ai ${VERSION} (bundle, Deno ${Deno.version.deno})\n`,
    );
    await passes(start);
  });
});

Deno.test("the single file passes the command line's tests", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (cache) => {
    await passes(["env", `XDG_CACHE_HOME=${cache}`, file], SHORT);
  });
});

Deno.test("the single file makes sessions, whose hosts are of the same file, and changes no environment", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const env = {
      XDG_CACHE_HOME: `${folder}/cache`,
      XDG_RUNTIME_DIR: folder,
      HOME: folder,
      DENO_DIR: "/kept as it was",
    };
    const term2ai = (...args: string[]) => run([file], args, { env });
    deepEqual((await term2ai("session", "new", "one", "--detach", "--", "sh")).errors, "");
    equal(
      (await term2ai("session", "send", "one", "env | grep -E 'DENO_|TERM2AI_[UO]'; echo en''d", "Enter")).status,
      0,
    );
    equal((await term2ai("session", "wait", "one", "--text", "end", "--timeout", "20s")).status, 0);
    const { text } = await term2ai("session", "peek", "one");
    match(text, /^DENO_DIR=\/kept as it was$/m);
    ok(!/^(?:DENO_NO|TERM2AI_[UO])/m.test(text), text);
    equal((await term2ai("session", "kill", "one")).status, 0);
  });
});

Deno.test("the single file says its version and how it was built, from a folder where it is alone", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    for (const [name, days] of [["0.0.1-old", 100], ["0.0.2-recent", 10]] as const) {
      await Deno.mkdir(`${folder}/term2ai/${name}`, { recursive: true });
      await Deno.writeTextFile(`${folder}/term2ai/${name}/used`, "");
      await Deno.utime(`${folder}/term2ai/${name}/used`, new Date(), new Date(Date.now() - days * 86_400_000));
    }
    const { text } = await run([file], ["--version"], { env: { XDG_CACHE_HOME: folder }, cwd: folder });
    equal(text, `term2ai ${VERSION} (single file, Deno ${Deno.version.deno})\n`);
    const names = [...Deno.readDirSync(`${folder}/term2ai`)].map(({ name }) => name).sort();
    deepEqual(
      [names.length, names[0]],
      [2, "0.0.2-recent"],
      "versions that nobody starts any more go when a new one comes",
    );
    const place = `${folder}/term2ai/${names[1]}`;
    equal(Deno.statSync(`${folder}/term2ai`).mode! & 0o777, 0o700);
    equal(Deno.statSync(place!).mode! & 0o777, 0o700);
    const there = Deno.statSync(`${place}/deno`).ino;
    await run([file], ["--version"], { env: { XDG_CACHE_HOME: folder } });
    equal(Deno.statSync(`${place}/deno`).ino, there, "later starts unpack nothing");
  });
});

Deno.test("two first starts of the single file at once both work, and leave one folder", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const starts = await Promise.all([1, 2].map(() => run([file], ["--version"], { env: { XDG_CACHE_HOME: folder } })));
    deepEqual(starts.map(({ status, errors }) => [status, errors]), [[0, ""], [0, ""]]);
    const [place, ...others] = [...Deno.readDirSync(`${folder}/term2ai`)];
    deepEqual(others, []);
    deepEqual(
      [...Deno.readDirSync(`${folder}/term2ai/${place!.name}`)].filter(({ name }) => name.startsWith(".new")),
      [],
    );
  });
});

Deno.test("a single file that was killed while it unpacked starts the next time", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const start = new Deno.Command(file, { args: ["--version"], env: { XDG_CACHE_HOME: folder }, stdout: "null" })
      .spawn();
    const unpacking = () =>
      [...Deno.readDirSync(folder)].length > 0 && [...Deno.readDirSync(`${folder}/term2ai`)].length > 0;
    while (!unpacking()) await new Promise((go) => setTimeout(go, 5));
    start.kill("SIGKILL");
    await start.status;
    equal((await run([file], ["--version"], { env: { XDG_CACHE_HOME: folder } })).status, 0);
  });
});

Deno.test("without a home, or with one that cannot be written to, the single file unpacks among temporary files", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const PATH = Deno.env.get("PATH")!;
    await Deno.writeTextFile(`${folder}/file`, "");
    const places: Record<string, string>[] = [{}, { HOME: "/proc" }, { XDG_CACHE_HOME: `${folder}/file` }, {
      HOME: "nowhere",
    }];
    for (const env of places) {
      const all = { PATH, TMPDIR: folder, ...env };
      const { status, text, errors } = await run([file], ["--version"], { env: all, clear: true });
      deepEqual([status, errors], [0, ""], JSON.stringify(env));
      match(text, /single file/);
    }
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["file", `term2ai-cache-${Deno.uid()}`]);
  });
});

Deno.test("the single file runs nothing that lies behind a link or that is not this user's", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/trap`);
    await Deno.symlink(`${folder}/trap`, `${folder}/term2ai-cache-${Deno.uid()}`);
    const env = { PATH: Deno.env.get("PATH")!, TMPDIR: folder };
    const { status, errors } = await run([file], ["rec", "x.t2a"], { env, clear: true, cwd: folder });
    equal(status, 125);
    match(errors, /^term2ai: Cannot unpack itself: .*is not a folder of this user\n$/);
    deepEqual([...Deno.readDirSync(`${folder}/trap`)], []);
  });
});

/** Nobody, and somebody else; only root can be both. */
const [VICTIM, ATTACKER] = [65534, 65533];

Deno.test("whatever another user has laid where the single file unpacks, none of it runs", async () => {
  if (Deno.uid() !== 0 || !await isInstalled("setpriv")) {
    return console.log("  skipped: only root can be two users, by setpriv");
  }
  const built = await Deno.readFile(`${await build()}/term2ai`);
  await withFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    await Deno.writeFile(`${folder}/term2ai`, built, { mode: 0o755 });
    const own = (path: string, user: number, mode: number) => {
      Deno.chownSync(path, user, user);
      Deno.chmodSync(path, mode);
    };
    const folderOf = (path: string, user: number, mode = 0o755) => {
      Deno.mkdirSync(path);
      own(path, user, mode);
      return path;
    };
    const start = (env: Record<string, string>) => {
      const victim = ["setpriv", `--reuid=${VICTIM}`, "--clear-groups", `${folder}/term2ai`];
      return run(victim, ["--version"], { env: { PATH: Deno.env.get("PATH")!, ...env }, clear: true, cwd: "/" });
    };
    const home = folderOf(`${folder}/home`, VICTIM);
    const works = [0, `term2ai ${VERSION} (single file, Deno ${Deno.version.deno})\n`, ""];
    const outcome = async (env: Record<string, string>) => {
      const { status, text, errors } = await start(env);
      return [status, text, errors];
    };
    deepEqual(await outcome({ HOME: home }), works);
    const good = `${home}/.cache/term2ai`;
    const name = [...Deno.readDirSync(good)][0]!.name;

    /** What looks complete, and says so when it runs. */
    const trap = (path: string) => {
      Deno.mkdirSync(`${path}/bundle`, { recursive: true });
      Deno.writeTextFileSync(`${path}/deno`, "#!/bin/sh\necho caught\n", { mode: 0o755 });
      for (const piece of ["start", "dated", "bundle/cli.js"]) {
        Deno.writeTextFileSync(`${path}/${piece}`, "echo caught\n");
      }
      for (const piece of ["", "/deno", "/start", "/dated", "/bundle", "/bundle/cli.js"]) {
        own(`${path}${piece}`, ATTACKER, 0o755);
      }
    };
    const base = `term2ai-cache-${VICTIM}`;
    let count = 0;
    /** A folder for temporary files that everybody may write to. */
    const shared = (user = 0, mode = 0o1777) => folderOf(`${folder}/tmp${++count}`, user, mode);
    const refused = async (TMPDIR: string, why: RegExp) => {
      const { status, text, errors } = await start({ TMPDIR });
      deepEqual([status, text], [1, ""], `${TMPDIR}: ${errors}`);
      match(errors, why);
    };

    const theirs = shared();
    trap(`${folderOf(`${theirs}/${base}`, ATTACKER)}/${name}`);
    await refused(theirs, /is not a folder of this user/);
    deepEqual(await outcome({ TMPDIR: theirs, HOME: home }), works, "what is among temporary files harms no home");

    const linked = shared();
    trap(`${folderOf(`${linked}/real`, ATTACKER)}/${name}`);
    Deno.symlinkSync(`${linked}/real`, `${linked}/${base}`);
    await refused(linked, /is not a folder of this user/);

    const ours = shared();
    Deno.symlinkSync(good, `${ours}/${base}`);
    await refused(ours, /is not a folder of this user/); // what a link leads to can be changed

    const moved = shared(ATTACKER, 0o1777);
    await run(["cp", "-a"], [good, `${moved}/${base}`]);
    await refused(moved, /is not safe: others could put another folder in its place/);
    const free = shared(0, 0o777);
    await run(["cp", "-a"], [good, `${free}/${base}`]);
    await refused(free, /is not safe: others could put another folder in its place/);

    const open = shared();
    trap(`${folderOf(`${open}/${base}`, VICTIM, 0o777)}/${name}`);
    deepEqual(
      await outcome({ TMPDIR: open }),
      works,
      "its own folder, which somebody has opened, is closed and cleared",
    );
    equal(Deno.statSync(`${open}/${base}`).mode! & 0o777, 0o700);
    equal(Deno.statSync(`${open}/${base}/${name}`).uid, VICTIM);

    const cache = shared();
    trap(`${folderOf(`${cache}/term2ai`, ATTACKER)}/${name}`);
    deepEqual(
      await outcome({ XDG_CACHE_HOME: cache, TMPDIR: open }),
      works,
      "a cache elsewhere is looked at as closely",
    );
  });
});

Deno.test("an unpacked folder that cannot be written to any more starts all the same, in any shell", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const env = { XDG_CACHE_HOME: folder };
    equal((await run([file], ["--version"], { env })).status, 0);
    const script = `mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 77
      shift; for shell in sh dash "bash --posix"; do $shell "$@" || exit; done`;
    const { status, text, errors } = await run(
      ["unshare", "-m", "sh", "-c", script, "sh"],
      [folder, file, "--version"],
      {
        env,
      },
    ).catch(() => ({ status: 77, text: "", errors: "" }));
    if (status === 77 || /unshare/.test(errors)) {
      return console.log("  skipped: file systems can only be mounted by root");
    }
    deepEqual([status, errors], [0, ""]);
    equal(text, `term2ai ${VERSION} (single file, Deno ${Deno.version.deno})\n`.repeat(3));
  });
});

Deno.test("what is recorded by the single file has the environment that the user has, whatever is in it", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const cache = { XDG_CACHE_HOME: `${folder}/cache`, TERM: "xterm" };
    const taken = "name sum crc skip size megabytes self home place why other found temporary base new said used".split(
      " ",
    );
    const plain = { ...cache, PATH: "/usr/bin:/bin", PWD: folder, SHLVL: "4", OLDPWD: "/", _: "/bin/x" };
    const environments: Record<string, string>[] = [
      { ...cache },
      { ...cache, SHLVL: "1", PWD: folder, DENO_DIR: "/x", DENO_NO_UPDATE_CHECK: "0", DENO_DISABLE_NODE_SHIM: "" },
      { ...plain, ...Object.fromEntries(taken.map((name) => [name, `my ${name}\n$(x)`])) },
    ];
    for (const env of environments) {
      for (const shell of ["dash", "bash --posix"].filter((shell) => existsOnPath(shell.split(" ")[0]!))) {
        const args = ["rec", "--no-shell-integration", "--no-socket", "--overwrite", `${folder}/x.t2a`, "--"];
        const words = shell.split(" ").map((word) => word === "dash" || word === "bash" ? `/bin/${word}` : word);
        const { text, errors } = await run([...words, file], [...args, "/usr/bin/env", "-0"], {
          env: { ...env, NO_COLOR: "1" },
          clear: true,
          cwd: folder,
        });
        const found = text.split("\0").map((pair) => pair.replaceAll("\r", "")).filter((pair) => pair !== "").sort();
        const wanted = { ...env, NO_COLOR: "1", TERM2AI_REC: "1" };
        deepEqual(
          found,
          Object.entries(wanted).map(([name, value]) => `${name}=${value}`).sort(),
          `${shell}: ${errors}`,
        );
      }
    }
  });
});

function existsOnPath(program: string): boolean {
  try {
    return Deno.statSync(`/bin/${program}`).isFile;
  } catch {
    return false;
  }
}

Deno.test("an unpacked folder that has been damaged is unpacked again", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const env = { XDG_CACHE_HOME: folder };
    const version = () => run([file], ["--version"], { env });
    const whole = (await version()).text;
    match(whole, /single file/);
    const place = `${folder}/term2ai/${[...Deno.readDirSync(`${folder}/term2ai`)][0]!.name}`;
    const damages: (() => void)[] = [
      () => Deno.truncateSync(`${place}/bundle/cli.js`),
      () => {
        Deno.truncateSync(`${place}/deno`, 1_000_000);
        Deno.removeSync(`${place}/bundle/lib/cli/rec.js`);
      },
    ];
    for (const damage of damages) {
      damage();
      const { status, text, errors } = await version();
      deepEqual([status, text, errors], [0, whole, ""]);
      deepEqual([...Deno.readDirSync(`${folder}/term2ai`)].length, 1, "what was damaged is gone");
    }
    equal((await run([file], ["rec", "--help"], { env })).status, 0);
  });
});

Deno.test("the single file clears away, an hour later, what first starts that were killed have left", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const env = { XDG_CACHE_HOME: folder };
    await run([file], ["--version"], { env });
    for (const [name, minutes] of [["old", 90], ["fresh", 5]] as const) {
      Deno.mkdirSync(`${folder}/term2ai/.new.${name}`);
      Deno.utimeSync(`${folder}/term2ai/.new.${name}`, new Date(), new Date(Date.now() - minutes * 60_000));
    }
    await run([file], ["--version"], { env });
    const left = [...Deno.readDirSync(`${folder}/term2ai`)].map(({ name }) => name).filter((name) => name[0] === ".");
    deepEqual(left, [".new.fresh"]);
  });
});

Deno.test("from a folder that does not exist any more the single file tells its version, and says why it does no more", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const gone = (args: string) => {
      const script = `mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone" && exec "$2" ${args}`;
      return run(["sh", "-c", script, "sh"], [folder, file], { env: { XDG_CACHE_HOME: folder } });
    };
    match((await gone("--version")).text, /single file/);
    match((await gone("rec --help")).text, /FILE/);
    for (const [args, wanted] of [["rec x.t2a -- true", 125], ["info x.t2a", 1]] as const) {
      const { status, errors } = await gone(args);
      equal(status, wanted);
      match(
        errors,
        /^term2ai: The folder that this was started in does not exist any more: go to one that does, with cd\n$/m,
      );
      ok(!/backtrace|panic/.test(errors), errors);
    }
  });
});

Deno.test("without a home, TMPDIR is no place to unpack to where it is relative, and what PATH lacks is told", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/bin`);
    for (const name of ["sh", "find", "id", "ls", "mkdir", "sync", "rm", "mv", "tail", "chmod", "mktemp", "gzip"]) {
      const { text } = await run(["sh", "-c", 'command -v "$1"', "sh"], [name]);
      Deno.symlinkSync(text.trim(), `${folder}/bin/${name}`);
    }
    const { status, errors } = await run([file], ["--version"], {
      env: { PATH: `${folder}/bin`, HOME: folder },
      clear: true,
    });
    deepEqual([status, errors], [1, "term2ai: Cannot unpack itself: not found in PATH: tar wc\n"]);

    const standard = `/tmp/term2ai-cache-${Deno.uid()}`;
    const before = await run(["ls", "-A"], [standard]);
    const env = { PATH: Deno.env.get("PATH")!, TMPDIR: "relative" };
    equal((await run([file], ["--version"], { env, clear: true, cwd: folder })).status, 0);
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["bin"]);
    for (const { name } of Deno.readDirSync(standard)) {
      if (!before.text.split("\n").includes(name)) Deno.removeSync(`${standard}/${name}`, { recursive: true });
    }
    if (before.status !== 0) Deno.removeSync(standard);
  });
});

Deno.test("where there is no room, or nothing may be run, the single file says what could not be done, and leaves nothing", async () => {
  const file = `${await build()}/term2ai`;
  for (
    const [options, words] of [["size=30m", /No space left|Wrote only/], [
      "size=300m,noexec",
      /nothing can be run there/,
    ]] as const
  ) {
    await withFolder(async (folder) => {
      const look = `"$1" rec x.t2a; echo "status $?"; find "$2/full" -type f`;
      const script = `mkdir "$2/full" && mount -t tmpfs -o ${options} none "$2/full" || exit 77; ${look}`;
      const env = { XDG_CACHE_HOME: `${folder}/full`, TMPDIR: `${folder}/full` };
      const { status, text, errors } = await run(["unshare", "-m", "sh", "-c", script, "sh"], [file, folder], { env })
        .catch(() => ({ status: 77, text: "", errors: "" }));
      if (status === 77 || /unshare/.test(errors)) {
        return console.log("  skipped: file systems can only be mounted by root");
      }
      deepEqual([text, errors.split("\n").length], ["status 125\n", 2], errors);
      match(errors, words);
    });
  }
});

Deno.test("a damaged single file says so, and runs nothing", async () => {
  const file = `${await build()}/term2ai`;
  await withFolder(async (folder) => {
    const bytes = await Deno.readFile(file);
    for (
      const damaged of [
        bytes.slice(0, bytes.length - 1000),
        bytes.with(bytes.length >> 1, bytes[bytes.length >> 1]! ^ 1),
      ]
    ) {
      await Deno.writeFile(`${folder}/term2ai`, damaged, { mode: 0o755 });
      const { status, text, errors } = await run([`${folder}/term2ai`], ["--version"], {
        env: { XDG_CACHE_HOME: folder },
      });
      deepEqual([status, text], [1, ""]);
      match(errors, /^term2ai: \S+ is damaged, or cannot be read: get it again\n$/);
    }
    ok(![...Deno.readDirSync(folder)].some(({ isDirectory }) => isDirectory));
  });
});

Deno.test("where deno compile builds what is no term2ai, a file that unpacks itself is built", async () => {
  await withFolder(async (folder) => {
    const compile = [Deno.execPath(), "run", "-A", "--quiet", `${TESTS}../build/compile.ts`];
    const env = { DENORT_BIN: Deno.execPath() }; // a program, but no base runtime
    const { status, text, errors } = await run(compile, ["--quick", "--output", `${folder}/term2ai`], { env });
    deepEqual([status, errors.split("\n").length], [0, 2]);
    match(errors, /^deno compile cannot build for \S+ here: what it has built is no term2ai/);
    match(text, /a file that unpacks itself/);
  });
});

Deno.test("compile refuses systems that Deno does not have", async () => {
  const compile = [Deno.execPath(), "run", "-A", "--quiet", `${TESTS}../build/compile.ts`];
  const { status, errors } = await run(compile, ["--target", "vax-dec-vms"]);
  equal(status, 2);
  match(errors, /^Cannot build for "vax-dec-vms": known are x86_64-unknown-linux-gnu, /);
});

Deno.test("cksum() is the checksum of POSIX", async () => {
  await withFolder(async (folder) => {
    const bytes = new TextEncoder().encode("term2ai".repeat(1000));
    await Deno.writeFile(`${folder}/x`, bytes);
    const { text } = await run(["cksum"], [`${folder}/x`]);
    equal(cksum(bytes), Number(text.split(" ")[0]));
    notEqual(cksum(bytes), cksum(bytes.subarray(1)));
  });
});
