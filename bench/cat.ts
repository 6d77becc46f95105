/**
 * Printing a whole recording as fast as it goes, beside `asciinema cat` of the same session.
 *
 *     deno run -A bench/cat.ts [--full] [--json]
 *
 * @module
 */

import { asciicastV2, t2a } from "../formats/mod.ts";
import { longSession } from "./support/long_session.ts";
import { median, runOnTerminal, runQuietly, withFolder } from "./support/measure.ts";
import { ratioOf } from "./support/ratios.ts";
import { isInstalled, TERM2AI } from "./support/recorders.ts";
import { type BenchOptions, runAlone, type Table } from "./support/report.ts";

/** In turn. */
export async function cat({ full }: BenchOptions): Promise<Table> {
  const megabytes = full ? 200 : 30;
  return await withFolder(async (folder) => {
    const [native, cast] = [`${folder}/a.t2a`, `${folder}/a.cast`];
    await longSession(megabytes * 1e6).pipeThrough(t2a.encoder()).pipeTo((await Deno.create(native)).writable);
    await longSession(megabytes * 1e6).pipeThrough(asciicastV2.encoder()).pipeTo((await Deno.create(cast)).writable);
    const commands = [[...TERM2AI, "cat", native]];
    if (await isInstalled("asciinema")) commands.push(["asciinema", "cat", cast]);
    const took = commands.map(() => [] as number[]);
    for (let round = 0; round < (full ? 9 : 3); round++) {
      for (const [at, command] of commands.entries()) took[at]!.push((await runOnTerminal(command)).wall);
    }
    const [ours, peer] = took;
    const quiet: number[] = [];
    for (let round = 0; round < ours!.length; round++) quiet.push((await runQuietly(commands[0]!)).wall);
    const row = (name: string, all: number[]) => [name, median(all).toFixed(2), (megabytes / median(all)).toFixed(0)];
    return {
      title: "Printing a recording at full speed",
      columns: ["", "wall s", "MB of output per second"],
      rows: [
        ...took.map((all, at) => row(["`cat` on a terminal", "`asciinema cat` on a terminal"][at]!, all)),
        row("`cat > /dev/null`", quiet),
      ],
      note:
        `The generated session over and over, ${megabytes} MB of output; whole processes on a terminal that is read and thrown away.`,
      runs: [...took, quiet],
      ratios: peer ? [ratioOf("cat, times faster than asciinema cat", "more", peer, ours!)] : [],
    };
  });
}

if (import.meta.main) await runAlone(cat);
