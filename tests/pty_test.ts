import { equal } from "node:assert/strict";
import { choosePtyHost, loadPtyHost } from "../lib/host/pty.ts";
import { ptyContract } from "./contracts/pty_contract.ts";
import { countOutput, openShell } from "./support/pty.ts";

ptyContract("libc", () => loadPtyHost("libc"));

ptyContract("node-pty", () => loadPtyHost("node-pty"), {
  pausedReaderLosesTail: "3000 bytes lost in 6 of 6 runs",
  largeWriteNeverEnds: "0 of 6 runs came to an end",
  signalGoesToLeader: "the program that was started gets it",
});

Deno.test("choosePtyHost() takes libc on Linux", async () => {
  equal((await choosePtyHost()).name, "libc");
});

Deno.test("a session that ends just as its pump moves to a thread leaves the next one alone", async () => {
  const host = await choosePtyHost();
  for (let ms = 70; ms < 95; ms++) { // the thread is ready about then
    const pty = openShell(host, `stty raw; sleep 0.0${ms}; printf x`);
    equal(await countOutput(pty), 1);
    await pty.close();
  }
});
