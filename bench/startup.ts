/** How much longer than an empty `deno run` a whole recording of `true` takes: 21 interleaved pairs after a warm-up. */

import { median, millisecondsOf, TERM2AI } from "./pairs.ts";

const folder = await Deno.makeTempDir();
const empty = `${folder}/empty.ts`;
await Deno.writeTextFile(empty, "");
const recording = [...TERM2AI, "rec", "--overwrite", `${folder}/x.t2a`, "--", "true"];
const bare = [Deno.execPath(), "run", empty];
await millisecondsOf(recording);
await millisecondsOf(bare);
const [ours, theirs]: [number[], number[]] = [[], []];
for (let pair = 0; pair < 21; pair++) {
  ours.push(await millisecondsOf(recording));
  theirs.push(await millisecondsOf(bare));
}
const more = median(ours.map((time, pair) => time - theirs[pair]!));
console.log(
  `startup: rec -- true ${median(ours).toFixed(1)} ms, empty deno run ${median(theirs).toFixed(1)} ms, ` +
    `${more.toFixed(1)} ms more (medians of 21 pairs)`,
);
await Deno.remove(folder, { recursive: true });
