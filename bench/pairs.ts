/** Runs commands in turn, A B A B …, so that a machine whose speed changes changes both. */

const CLI = decodeURIComponent(new URL("../cli.ts", import.meta.url).pathname);

/** The words that start the program from source. */
export const TERM2AI: readonly string[] = [Deno.execPath(), "run", "-A", CLI];

/** Milliseconds from start to end of a whole process. */
export async function millisecondsOf([program, ...args]: readonly string[]): Promise<number> {
  const started = performance.now();
  const { success } = await new Deno.Command(program!, { args, stdin: "null", stdout: "null", stderr: "null" })
    .output();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed`);
  return performance.now() - started;
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
