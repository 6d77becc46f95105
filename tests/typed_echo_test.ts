import { deepEqual, equal } from "node:assert/strict";
import { CommandList } from "../lib/analyze/commands/command_list.ts";
import { TypedEcho } from "../lib/analyze/performance/typed_echo.ts";
import { ErrorAnalyzer } from "../lib/analyze/errors/error_analyzer.ts";
import type { SessionEvent } from "../lib/event.ts";
import { output } from "./support/events.ts";

const input = (time: number, text: string) => ({ kind: "input", time, data: new TextEncoder().encode(text) }) as const;
const MILLI = 1e6;

const textOf = (data: Uint8Array) => new TextDecoder().decode(data);

Deno.test("TypedEcho takes out the echo however it is cut, and nothing that was not typed just before", () => {
  const echo = new TypedEcho();
  echo.input(input(0, "make\r"));
  deepEqual(["ma", "k", "e\r\nok"].map((text) => textOf(echo.without(output(1, text)))), ["", "", "ok"]);
  echo.input(input(2, "\x03"));
  equal(textOf(echo.without(output(3, "^C\r\n"))), "\r\n");
  echo.input(input(4, "secret\r")); // not shown
  equal(textOf(echo.without(output(5, "sad\r\n"))), "sad\r\n");
  equal(textOf(echo.without(output(2000 * MILLI, "secret\r\n"))), "secret\r\n");
});

Deno.test("what is typed ahead is neither output nor an error of the command that runs", () => {
  const list = new CommandList(), errors = new ErrorAnalyzer();
  const events: SessionEvent[] = [
    { kind: "command", time: 0, phase: "output", text: "make" },
    input(5 * MILLI, "cat: nosuch: No such file or directory\r"),
    output(6 * MILLI, "cat: nosuch: No such file or directory\r\n"),
    output(9 * MILLI, "done\r\n"),
    { kind: "command", time: 10 * MILLI, phase: "done", code: 0 },
  ];
  for (const event of events) {
    list.push(event);
    errors.push(event);
  }
  deepEqual(list.result().map(({ outputBytes }) => outputBytes), [6]);
  equal(errors.result().told, 0);
  const blind = new CommandList();
  for (const event of events) if (event.kind !== "input") blind.push(event);
  deepEqual(blind.result().map(({ outputBytes }) => outputBytes), [46], "without the input nothing tells");
});
