/**
 * Runs many command lines in one process, for tables that would take minutes otherwise: an array of them comes on stdin, and
 * for each a line of JSON goes to stdout, with its status and what it said on stderr.
 */

import { main } from "../../lib/cli/main.ts";

const { writeSync } = Deno.stdout;
let said = "";
Deno.stderr.writeSync = (bytes) => {
  said += new TextDecoder().decode(bytes);
  return bytes.length;
};
for (const args of JSON.parse(await new Response(Deno.stdin.readable).text()) as string[][]) {
  said = "";
  const status = await main(args);
  writeSync.call(Deno.stdout, new TextEncoder().encode(JSON.stringify({ args, status, errors: said }) + "\n"));
}
Deno.exit(0);
