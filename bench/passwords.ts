/**
 * Passwords typed at everything that asks for one, while input is recorded: none of them may be in the file.
 *
 *     deno run -A bench/passwords.ts [RUNS]
 *
 * As root it also tries su, sudo, sudo with stars, and ssh, with a user of its own that is removed again. Ends with 1 if a password
 * was kept, or a session did not end as it should.
 * @module
 */

import { type Asker, ASKERS, newPassword, recordPassword } from "../tests/support/passwords.ts";
import { isInstalled } from "../tests/support/cli.ts";

const USER = "term2ai-bench";
const PORT = 22_522;
const SUDOERS = "/etc/sudoers.d/term2ai-bench";

async function run(command: string, stdin = ""): Promise<boolean> {
  const child = new Deno.Command("sh", { args: ["-c", command], stdin: "piped", stdout: "null", stderr: "null" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  return (await child.status).success;
}

/** Those that ask for the password of a user. */
function userAskers(): Asker[] {
  const asUser = (
    command: string,
  ) => ["setpriv", `--reuid=${USER}`, "--regid=1", "--clear-groups", "sh", "-c", command];
  const ssh = `ssh -p ${PORT} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR ` +
    `-o PubkeyAuthentication=no ${USER}@127.0.0.1 echo ok`;
  return [
    { name: "su", command: () => asUser(`su ${USER} -c 'echo ok'`), prompt: "assword: " },
    { name: "sudo", command: () => asUser("sudo -k; sudo -p 'Parole: ' echo ok"), prompt: "Parole: " },
    { name: "sudo with pwfeedback", command: () => asUser("sudo -k; sudo echo ok"), prompt: ": " },
    { name: "ssh", command: () => ["sh", "-c", ssh], prompt: "assword: " },
  ];
}

async function withUser(password: string, body: (askers: Asker[]) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  let sshd: Deno.ChildProcess | undefined;
  try {
    await run(`useradd -m ${USER}`);
    await run("chpasswd", `${USER}:${password}\n`);
    await Deno.writeTextFile(SUDOERS, `${USER} ALL=(ALL) ALL\nDefaults:${USER} pwfeedback,!lecture\n`, { mode: 0o440 });
    await run(`mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N '' -f ${folder}/host`);
    sshd = new Deno.Command("/usr/sbin/sshd", {
      args: [
        "-D",
        "-p",
        `${PORT}`,
        "-h",
        `${folder}/host`,
        "-f",
        "/dev/null",
        "-o",
        "ListenAddress=127.0.0.1",
        "-o",
        "PasswordAuthentication=yes",
        "-o",
        "KbdInteractiveAuthentication=no",
        "-o",
        "UsePAM=no",
        "-o",
        `PidFile=none`,
      ],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await body(userAskers());
  } finally {
    sshd?.kill("SIGTERM");
    await sshd?.status;
    await Deno.remove(SUDOERS).catch(() => {});
    await run(`userdel -r ${USER}`);
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(asker: Asker, runs: number, password = newPassword): Promise<void> {
  const folder = await Deno.makeTempDir();
  const options = [["--input"], ["--input", "--redact"], ["--redact"]];
  let kept = 0, wrong = 0;
  for (let n = 0; n < runs; n++) {
    const secret = password();
    const { stored, text } = await recordPassword(asker, secret, folder, options[n % options.length]);
    if (stored.includes(secret)) kept++;
    if (!text.includes('"exit"')) wrong++;
  }
  await Deno.remove(folder, { recursive: true });
  if (kept + wrong > 0) Deno.exitCode = 1;
  console.log(
    `${asker.name.padEnd(30)} ${runs} runs, password kept in ${kept}${wrong ? `, ${wrong} without an end` : ""}`,
  );
}

if (import.meta.main) {
  const runs = Number(Deno.args[0] ?? 50);
  for (const asker of ASKERS) {
    if (await isInstalled(asker.command("/")[0]!)) await measure(asker, runs);
  }
  if (
    Deno.uid() === 0 && await isInstalled("useradd") && await isInstalled("sudo") && await isInstalled("/usr/sbin/sshd")
  ) {
    const password = newPassword();
    await withUser(password, async (askers) => {
      for (const asker of askers) await measure(asker, runs, () => password);
    });
  } else console.log("su, sudo and ssh are left out: they need root, useradd, sudo and sshd");
}
