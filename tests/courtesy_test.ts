import { deepEqual, equal } from "node:assert/strict";
import { Courtesy } from "../lib/session/limits/courtesy.ts";
import { sleep } from "./support/pty.ts";
import { eventually, withSessions } from "./support/sessions.ts";

/** What a host asks of the kernel, which refuses as often as `refusals` says. */
function observed(refusals = 0): { courtesy: Courtesy; asked: number[] } {
  const asked: number[] = [];
  return { asked, courtesy: new Courtesy((niceness) => asked.push(niceness) > refusals) };
}

Deno.test("Courtesy stands back once nobody is attached for a moment, and is there at once when somebody comes", async () => {
  const { courtesy, asked } = observed();
  courtesy.attended(0);
  courtesy.attended(1);
  courtesy.attended(0);
  deepEqual(asked, [], "who is back at once changes nothing");
  await sleep(1300);
  deepEqual(asked, [10]);
  courtesy.attended(1);
  courtesy.attended(2);
  deepEqual(asked, [10, 0]);
  courtesy.attended(0);
  courtesy.stop();
  await sleep(1300);
  deepEqual(asked, [10, 0]);
});

Deno.test("Courtesy asks again where the kernel takes no change just now, unless it is not wanted any more", async () => {
  const { courtesy, asked } = observed(2);
  courtesy.attended(0);
  await sleep(1800);
  deepEqual(asked, [10, 10, 10]);
  courtesy.stop();
  const other = observed(Infinity);
  other.courtesy.attended(0);
  await sleep(1050);
  other.courtesy.attended(1);
  const tries = other.asked.length;
  await sleep(400);
  deepEqual([tries, other.asked.length], [1, 1]);
  other.courtesy.stop();
});

Deno.test("a session's host stands back while nobody is attached; its program never does", async () => {
  if (!await Deno.stat("/proc/self/autogroup").catch(() => undefined)) {
    return console.log("skipped: no autogroups here");
  }
  await withSessions(async ({ manager }) => {
    const session = await manager.createSession({ name: "one", command: ["cat"], recording: false, detached: true });
    const { hostPid, pid } = await session.info();
    const niceness = async (of: number) => (await Deno.readTextFile(`/proc/${of}/autogroup`)).trim().split(" ").at(-1);
    await eventually("the host stands back", async () => await niceness(hostPid) === "10");
    const connection = await session.attach({ cols: 80, rows: 24 });
    await eventually("the host is there", async () => await niceness(hostPid) === "0");
    equal(await niceness(pid), "0");
    connection.close();
    await eventually("the host stands back again", async () => await niceness(hostPid) === "10");
    equal(await niceness(pid), "0");
  });
});
