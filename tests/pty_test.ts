import { equal } from "node:assert/strict";
import { choosePtyHost, loadPtyHost } from "../lib/host/pty.ts";
import { ptyContract } from "./contracts/pty_contract.ts";

ptyContract("libc", () => loadPtyHost("libc"));

ptyContract("node-pty", () => loadPtyHost("node-pty"), {
  pausedReaderLosesTail: "3000 bytes lost in 6 of 6 runs",
  largeWriteNeverEnds: "0 of 6 runs came to an end",
  signalGoesToLeader: "the program that was started gets it",
});

Deno.test("choosePtyHost() takes libc on Linux", async () => {
  equal((await choosePtyHost()).name, "libc");
});
