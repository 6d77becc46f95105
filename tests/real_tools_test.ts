/** The programs whose formats we read and write agree with us, both ways. Skipped, with a notice, where they are not installed. */

import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { openRecording } from "../formats/mod.ts";
import { script } from "../formats/script.ts";
import { ttyrec } from "../formats/ttyrec.ts";
import type { SessionEvent } from "../lib/event.ts";
import { openSource } from "../lib/cli/source/stdio.ts";
import { collect, concat } from "../lib/stream/collect.ts";
import { type Beside, write } from "./contracts/format_contract.ts";
import { withFolder } from "./support/cli.ts";
import { header, output } from "./support/events.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Six seconds of output that is hard to hold, typed letters, and a new size. */
const SESSION: readonly SessionEvent[] = [
  header({ cols: 100, rows: 40, startedAt: 1_795_382_322_250, command: "sh", shell: "/bin/sh", term: "xterm" }),
  output(0, "$ \x1b[1mls\x1b[0m é€🙂\r\n"),
  { kind: "input", time: 250_000_000, data: encode("ls\r") },
  { kind: "output", time: 1_000_001_000, data: Uint8Array.of(0xff, 0, 0xc3, 0x28, 10) },
  { kind: "resize", time: 2_000_000_000, cols: 80, rows: 24 },
  output(3_500_000_000, "x".repeat(70_000)),
  { kind: "signal", time: 4_000_000_000, name: "SIGINT" },
  output(6_000_000_000, "\nbye"),
  { kind: "exit", time: 6_000_000_000, status: { code: 3 } },
];

function printed(events: readonly SessionEvent[]): Uint8Array {
  return concat(events.flatMap((event) => event.kind === "output" ? [event.data] : []));
}

/** Runs a program that may be missing; its output, or `undefined` where it is. */
async function run(
  program: string,
  args: readonly string[],
  cwd: string,
  codes = [0],
): Promise<Uint8Array | undefined> {
  try {
    const { stdout, stderr, code } = await new Deno.Command(program, { args: [...args], cwd, stdin: "null" }).output();
    ok(codes.includes(code), `${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
    return stdout;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    console.log(`  skipped: ${program} is not installed`);
    return undefined;
  }
}

/** The events of what lies in a folder. */
async function readFile(path: string): Promise<SessionEvent[]> {
  return await collect((await openRecording(await openSource(path))).events);
}

const delays = (events: readonly SessionEvent[]) =>
  events.filter((event) => event.kind === "output").map(({ time }, index, all) =>
    time - (all[index - 1]?.time ?? time)
  );

Deno.test("ttyplay prints what ttyrec.encoder() wrote, behind the size", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a.ttyrec`, await write(ttyrec, SESSION));
    const shown = await run("ttyplay", ["-n", "a.ttyrec"], folder);
    if (shown) deepStrictEqual(shown, concat([encode("\x1b%G\x1b[8;40;100t"), printed(SESSION)]));
  });
});

Deno.test("ttytime counts as many seconds as ttyrec.encoder() wrote", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a.ttyrec`, await write(ttyrec, SESSION));
    const told = await run("ttytime", ["a.ttyrec"], folder);
    if (told) equal(new TextDecoder().decode(told).trim(), "6\ta.ttyrec");
  });
});

Deno.test("termcat copies what ttyrec.encoder() wrote, and ttyrec reads the copy the same", async () => {
  await withFolder(async (folder) => {
    await Deno.writeFile(`${folder}/a.ttyrec`, await write(ttyrec, SESSION));
    if (!await run("termcat", ["a.ttyrec", "b.ttyrec.gz"], folder)) return;
    const [own, copied] = [await readFile(`${folder}/a.ttyrec`), await readFile(`${folder}/b.ttyrec.gz`)];
    deepStrictEqual(printed(copied), printed(own));
    deepStrictEqual(delays(copied).filter(Boolean), delays(own).filter(Boolean)); // long output may be cut elsewhere
  });
});

Deno.test("ttyrec reads exactly what ttyrec and termrec recorded", async () => {
  for (const [program, args] of [["ttyrec", ["-e"]], ["termrec", ["-f", "ttyrec", "-e"]]] as const) {
    await withFolder(async (folder) => {
      const command = "printf 'h\\303\\251\\n'; sleep 0.3; printf 'x\\377y\\n'; sleep 0.1";
      if (!await run(program, ["--help"], folder, [0, 1])) return;
      // Both want a terminal of their own, and end at once when nobody types any more.
      const onTerminal = `sleep 2 | IT="$1" script -qec '${program} ${args.join(" ")} "$IT" r.ttyrec' /dev/null`;
      await run("sh", ["-c", onTerminal, "sh", command], folder);
      const events = await readFile(`${folder}/r.ttyrec`);
      const shown = await run("ttyplay", ["-n", "r.ttyrec"], folder);
      if (!shown) return;
      // termrec may end before it has read all of what the program printed: what it recorded is what counts.
      deepStrictEqual(printed(events), shown, program);
      ok(new TextDecoder().decode(shown).includes("hé\r\n"), program);
    });
  }
});

Deno.test("scriptreplay prints what script.encoder() wrote, and what was typed", async () => {
  await withFolder(async (folder) => {
    const beside: Beside = new Map();
    await Deno.writeFile(`${folder}/a`, await write(script, SESSION, { beside }));
    for (const [suffix, bytes] of beside) await Deno.writeFile(`${folder}/a${suffix}`, bytes);
    const replay = (...args: string[]) => run("scriptreplay", ["-T", "a.timing", "--divisor", "1000", ...args], folder);
    const shown = await replay("-O", "a");
    if (!shown) return;
    deepStrictEqual(shown, concat([printed(SESSION), encode("\n")]));
    deepStrictEqual(await replay("-I", "a.in"), encode("ls\n\n")); // it shows a return as a line feed
    const summary = new TextDecoder().decode(await run("scriptreplay", ["-T", "a.timing", "--summary"], folder));
    for (const fact of [/SHELL:\s+\/bin\/sh/, /COMMAND:\s+sh/, /DURATION:\s+6.000000/, /EXIT_CODE:\s+3/]) {
      ok(fact.test(summary), `${fact} in ${summary}`);
    }
  });
});

Deno.test("script reads exactly what script recorded, by either log", async () => {
  await withFolder(async (folder) => {
    const command = "printf 'h\\303\\251\\n'; sleep 0.3; printf 'x\\377y'; exit 5";
    const logs = ["--log-out", "s.out", "--log-in", "s.in", "--log-timing", "s.tm"];
    // script ends with the status of the command.
    const started = await run("sh", ["-c", `script -qec "$1" ${logs.join(" ")} || [ $? = 5 ]`, "sh", command], folder);
    if (!started) return;
    const events = await readFile(`${folder}/s.out`);
    deepStrictEqual(printed(events), concat([encode("hé\r\nx"), Uint8Array.of(0xff), encode("y")]));
    deepStrictEqual(events.at(-1)!.kind === "exit" && (events.at(-1) as { status: unknown }).status, { code: 5 });
    deepStrictEqual(await readFile(`${folder}/s.tm`), events);
    ok(events[0]!.kind === "header" && events[0]!.header.command === command);
  });
});

Deno.test("script reads what script recorded with the classic timing log", async () => {
  await withFolder(async (folder) => {
    if (
      !await run(
        "script",
        ["-qec", "echo a; sleep 0.2; echo b", "--log-out", "typescript", "--log-timing", "timing"],
        folder,
      )
    ) return;
    const events = await readFile(`${folder}/typescript`);
    deepStrictEqual(printed(events), encode("a\r\nb\r\n"));
    ok(events.at(-1)!.time > 0.15e9);
  });
});
