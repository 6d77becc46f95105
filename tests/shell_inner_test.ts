import { deepEqual, equal } from "node:assert/strict";
import { isInstalled, withFolder } from "./support/cli.ts";
import { commandsOf, runInShell, type Step, writeHome } from "./support/shells.ts";

/** A shell inside the recorded one, that has no marks: of it one line is told, the one that started it. */
interface Inner {
  readonly name: string;
  /** What has to be installed. */
  readonly needs: readonly string[];
  /** What is typed; what is waited for then. */
  readonly line: string;
  readonly prompt: string;
  /** It takes the place of the recorded shell, whose session ends with it. */
  readonly replaces?: true;
}

const INNER: readonly Inner[] = [
  { name: "sudo", needs: ["sudo", "bash"], line: "sudo bash --norc", prompt: "bash-5" },
  { name: "sudo -s", needs: ["sudo"], line: "env SHELL=/bin/sh sudo -s", prompt: "# " },
  { name: "su", needs: ["su"], line: "su root -s /bin/sh", prompt: "# " },
  { name: "dash", needs: ["dash"], line: "env PS1='inner ' dash", prompt: "inner " },
  { name: "exec zsh", needs: ["zsh"], line: "exec zsh -f", prompt: "\x1b[?2004h", replaces: true },
];

const SHELLS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bash: { ".bashrc": "PS1='@@ '\n" },
  zsh: { ".zshrc": "PS1='@@ '\nunsetopt beep\n" },
  fish: { ".config/fish/config.fish": "function fish_prompt; printf '@@ '; end\nset -g fish_greeting\n" },
};

/** In what is root's, without a password. */
const isRoot = Deno.uid() === 0;

/** An SSH server of our own on this machine that takes our key; `undefined` where there can be none. */
async function sshServer(folder: string): Promise<{ line: string; close: () => Promise<void> } | undefined> {
  if (!isRoot || !await isInstalled("sshd") || !await isInstalled("ssh")) return undefined;
  const run = async (program: string, ...args: string[]) => {
    const { success } = await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output();
    if (!success) throw new Error(`${program} failed`);
  };
  for (const name of ["host", "user"]) {
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${folder}/${name}`);
  }
  await Deno.copyFile(`${folder}/user.pub`, `${folder}/allowed`);
  await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const settings = {
    AuthorizedKeysFile: `${folder}/allowed`,
    HostKey: `${folder}/host`,
    StrictModes: "no",
    UsePAM: "no",
  };
  const args = Object.entries({ ...settings, PermitRootLogin: "yes", ListenAddress: "127.0.0.1", PidFile: "none" })
    .flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  const server = new Deno.Command("/usr/sbin/sshd", {
    args: ["-D", "-f", "/dev/null", "-p", `${port}`, ...args],
    stderr: "null",
  })
    .spawn();
  await Deno.writeTextFile(
    `${folder}/config`,
    `Host inner\n HostName 127.0.0.1\n Port ${port}\n User root\n IdentityFile ${folder}/user\n IdentitiesOnly yes\n` +
      ` StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel QUIET\n ConnectionAttempts 20\n`,
  );
  const close = async () => {
    server.kill();
    await server.status;
  };
  return { line: `ssh -F ${folder}/config -t inner bash --norc`, close };
}

async function check(name: string, inner: Inner): Promise<void> {
  await withFolder(async (folder) => {
    const home = await Deno.realPath(folder);
    await writeHome(home, SHELLS[name]!);
    const steps: Step[] = [
      { keys: "false\r" },
      { keys: `${inner.line}\r` },
      { keys: "echo inside\r", after: inner.prompt },
      { keys: "exit 5\r", after: ["inside\r\n", inner.prompt] },
      ...inner.replaces ? [] : [{ keys: "cd sub\r" }, { keys: "exit 3\r" }],
    ];
    const told = await commandsOf(
      await runInShell({
        command: [name],
        home,
        steps,
        prompt: ["\x1b]633;A;", "@@ "],
        env: { PATH: `${Deno.env.get("PATH")}` },
      }),
    );
    const behind = inner.replaces ? [] : [["cd sub", 0, home], ["exit 3", 3, `${home}/sub`]];
    deepEqual(told.map(({ text, code, cwd }) => [text, code, cwd]), [
      ["false", 1, home],
      [inner.line, inner.replaces ? undefined : 5, home],
      ...behind,
    ]);
    // What takes the place of the shell ends with nobody knowing when.
    equal(told.some(({ confidence }) => confidence === "guessed"), inner.replaces === true);
  });
}

for (const name of Object.keys(SHELLS)) {
  Deno.test(`of a shell inside of ${name} the line that started it is told, with its exit code, and nothing else`, async () => {
    if (!await isInstalled(name)) return console.log(`  skipped: ${name} is not installed`);
    for (const inner of INNER) {
      const missing = (await Promise.all(inner.needs.map(isInstalled))).includes(false);
      if (missing || (!isRoot && /^su/.test(inner.name))) console.log(`  skipped: ${inner.name}`);
      else await check(name, inner);
    }
  });
}

Deno.test("of a shell on another machine the line that led there is told, with its exit code, and nothing else", async () => {
  await withFolder(async (folder) => {
    const server = await sshServer(folder);
    if (!server) return console.log("  skipped: no SSH server can be started here");
    try {
      for (const name of Object.keys(SHELLS)) {
        if (await isInstalled(name)) await check(name, { name: "ssh", needs: [], line: server.line, prompt: "bash-5" });
      }
    } finally {
      await server.close();
    }
  });
});
