/**
 * Programs that ask for a password, recorded while somebody types one.
 * @module
 */

import { concat } from "../../lib/stream/collect.ts";
import { choosePtyHost } from "../../lib/host/pty.ts";
import { term2ai, term2aiOnTerminal } from "./cli.ts";
import { reading, sleep } from "./pty.ts";

/** A program that asks. */
export interface Asker {
  readonly name: string;
  /** The command line. */
  readonly command: (folder: string) => readonly string[];
  /** What it prints when it is ready for the password. */
  readonly prompt: string;
  /** What it prints when it asks again. */
  readonly again?: string;
}

const python = (code: string) => () => ["python3", "-c", code];

/** Those that need nothing but themselves. */
export const ASKERS: readonly Asker[] = [
  { name: "read -s", command: () => ["bash", "-c", "read -rsp 'Secret: ' x; echo; echo ok"], prompt: "Secret: " },
  { name: "getpass", command: python("import getpass; getpass.getpass('Key: '); print('ok')"), prompt: "Key: " },
  {
    name: "a prompt split byte by byte",
    command: python(
      "import sys,time,termios\nt=termios.tcgetattr(0); n=termios.tcgetattr(0); n[3]&=~termios.ECHO; termios.tcsetattr(0,0,n)\n" +
        "for c in 'API token: ': sys.stdout.write(c); sys.stdout.flush(); time.sleep(0.01)\n" +
        "sys.stdin.readline(); termios.tcsetattr(0,0,t); print('ok')",
    ),
    prompt: "token: ",
  },
  {
    name: "stars as it is typed",
    command: python(
      "import sys,os,tty,termios\nt=termios.tcgetattr(0); tty.setcbreak(0)\nos.write(1,b'Pin: ')\n" +
        "while os.read(0,1) not in b'\\r\\n': os.write(1,b'*')\ntermios.tcsetattr(0,0,t); print('ok')",
    ),
    prompt: "Pin: ",
  },
  {
    name: "vim -x",
    command: (folder) => ["vim", "-u", "NONE", "-x", `${folder}/note`, "-c", "q!"],
    prompt: "encryption key: ",
    again: "key again: ",
  },
];

/** A password that stands nowhere else. */
export function newPassword(): string {
  return "q" + crypto.randomUUID().slice(0, 13).replaceAll("-", "Z") + "!";
}

/** Records a program with its input, types a password, and returns everything that the recording holds. */
export async function recordPassword(
  { command, prompt, again }: Asker,
  password: string,
  folder: string,
  options: readonly string[] = ["--input"],
): Promise<{ readonly stored: string; readonly text: string }> {
  const file = `${folder}/${crypto.randomUUID()}.t2a`;
  const pty = term2aiOnTerminal(await choosePtyHost(), ["rec", ...options, file, "--", ...command(folder)], folder);
  const screen = reading(pty);
  for (const wanted of again ? [prompt, again] : [prompt]) {
    await screen.until(wanted);
    await sleep(30); // some flush what was typed before they switch echo off
    await pty.write(new TextEncoder().encode(password + "\r"));
  }
  await screen.rest();
  await pty.close();
  const { text, errors, status } = await term2ai(["convert", "--to", "jsonl", file, "-"]);
  if (status !== 0) throw new Error(errors);
  const raw = new TextDecoder("latin1").decode(concat([await Deno.readFile(file)]));
  return { stored: raw + text, text };
}
