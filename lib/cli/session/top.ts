/**
 * `term2ai session top`: what sessions use, as it changes.
 * @module
 */

import { buildCommand, type Command } from "@stricli/core";
import type { SessionInfo } from "../../session/control/protocol.ts";
import { JSON_FLAG } from "../program/common_flags.ts";
import type { Context } from "../program/context.ts";
import { openUserTerminal } from "../../host/tty.ts";
import { ageOf, sessionManager, shortAge } from "../live/sessions.ts";
import { harmless, print } from "../source/stdio.ts";
import { formatBytes, parseTime } from "../program/time.ts";

interface TopFlags {
  readonly json: boolean;
  readonly once: boolean;
  readonly every: number;
}

export const command: Command<Context> = buildCommand({
  async func({ json, once, every }: TopFlags) {
    const isLive = !json && !once && Deno.stdout.isTerminal();
    const stop = isLive
      ? takeTerminal()
      : { over: () => false, key: () => new Promise<void>(() => {}), leave: () => {} };
    try {
      for (let before = new Map<string, Seen>(), first = true; !stop.over(); first = false) {
        const all = await sessionManager().listSessions();
        const rows = all.map((info) => rowOf(info, before.get(info.id)));
        if (json) await print(JSON.stringify(all) + "\n");
        else if (!first || !once) await print(isLive ? `\x1b[H${page(rows, true)}\x1b[J` : page(rows, false));
        if (once && (json || !first)) return;
        before = new Map(all.map((info) => [info.id, { info, at: performance.now() }]));
        await Promise.race([new Promise((resolve) => setTimeout(resolve, once ? 500 : every / 1e6)), stop.key()]);
      }
    } finally {
      stop.leave();
    }
  },
  parameters: {
    flags: {
      json: { ...JSON_FLAG, brief: "a line of JSON each time: the array of session ls" },
      once: { kind: "boolean", brief: "look once", default: false, withNegated: false },
      every: { kind: "parsed", parse: parseTime, brief: "how often to look", placeholder: "TIME", default: "2s" },
    },
  },
  docs: {
    brief: "show what sessions use, as it changes",
    fullDescription:
      "Shows processor, memory, processes and output of all sessions until q is pressed. Recordings keep the same as notes of topic usage.",
  },
});

interface Seen {
  readonly info: SessionInfo;
  readonly at: number;
}

function rowOf(info: SessionInfo, before: Seen | undefined): string[] {
  const seconds = before ? (performance.now() - before.at) / 1000 : Infinity;
  const rate = (now: number, then: number | undefined) => Math.max(0, now - (then ?? now)) / seconds;
  return [
    info.name,
    `${(100 * rate(info.cpuSeconds, before?.info.cpuSeconds)).toFixed(0)}%`,
    formatBytes(info.memoryBytes),
    String(info.processes),
    `${formatBytes(Math.round(rate(info.outputBytes, before?.info.outputBytes)))}/s`,
    String(info.clients),
    info.recording,
    shortAge(ageOf(info)),
    shortAge(info.idleSeconds),
    info.command.slice(0, 40),
  ];
}

const HEAD = ["NAME", "CPU", "MEMORY", "PROCESSES", "OUTPUT", "CLIENTS", "RECORDING", "AGE", "IDLE", "COMMAND"];

function page(rows: readonly string[][], isLive: boolean): string {
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, at) => Math.max(...all.map((row) => row[at]!.length)));
  const end = isLive ? "\x1b[K\r\n" : "\n";
  return all.map((row) => row.map((cell, at) => harmless(cell).padEnd(widths[at]!)).join("  ").trimEnd() + end).join(
    "",
  );
}

/** The alternate screen until q, Ctrl-C or a signal. */
function takeTerminal() {
  const terminal = openUserTerminal();
  let over = false;
  const pressed = Promise.withResolvers<void>();
  const end = () => {
    over = true;
    pressed.resolve();
  };
  terminal?.makeRaw();
  terminal?.write("\x1b[?1049h\x1b[?25l");
  (async () => {
    for (let typed = await terminal?.read(); typed; typed = await terminal?.read()) {
      if (typed.includes(0x71) || typed.includes(3)) break;
    }
    end();
  })();
  for (const signal of ["SIGTERM", "SIGHUP", "SIGINT"] as const) Deno.addSignalListener(signal, end);
  const leave = () => {
    terminal?.write("\x1b[?25h\x1b[?1049l");
    terminal?.close();
  };
  return { over: () => over, key: () => pressed.promise, leave };
}
