/**
 * The recorders that are compared, and how each is called.
 * @module
 */

import { fromFileUrl } from "./path.ts";

const CLI = fromFileUrl(new URL("../../cli.ts", import.meta.url));

/** The words that start the program; `--quiet`, or Deno wipes a line of the terminal where it might have shown progress. */
export const TERM2AI: readonly string[] = [Deno.execPath(), "run", "--quiet", "-A", CLI];

/** A way to run a shell command, recorded to a file. */
export interface Recorder {
  readonly name: string;
  /** The command line that records `command` to `file`. */
  line(command: string, file: string): readonly string[];
}

/** The command without a recorder: what the terminal itself costs. */
export const BARE: Recorder = { name: "no recorder", line: (command) => ["sh", "-c", command] };

/** This project. */
export const OURS: Recorder = {
  name: "term2ai",
  line: (command, file) => [...TERM2AI, "rec", "--quiet", "--overwrite", file, "--", "sh", "-c", command],
};

const PEERS: readonly (Recorder & { readonly program: string })[] = [
  {
    name: "script -T",
    program: "script",
    line: (command, file) => ["script", "-q", "-T", `${file}.timing`, "-c", command, file],
  },
  { name: "ttyrec", program: "ttyrec", line: (command, file) => ["ttyrec", "-e", command, file] },
  { name: "termrec", program: "termrec", line: (command, file) => ["termrec", "-e", command, `${file}.ttyrec`] },
  {
    name: "tlog-rec",
    program: "tlog-rec",
    line: (command, file) => ["tlog-rec", "-w", "file", "-o", `${file}.json`, "sh", "-c", command],
  },
  {
    name: "asciinema",
    program: "asciinema",
    line: (command, file) => ["asciinema", "rec", "-q", "--overwrite", "-c", command, `${file}.cast`],
  },
];

/** Those of other projects that are installed here. */
export async function installedPeers(): Promise<Recorder[]> {
  const found = await Promise.all(PEERS.map(({ program }) => isInstalled(program)));
  return PEERS.filter((_, at) => found[at]);
}

/** Whether a program is there. */
export async function isInstalled(program: string): Promise<boolean> {
  const { success } = await new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).output();
  return success;
}
