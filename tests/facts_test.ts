import { equal } from "node:assert/strict";
import { hostFacts } from "../lib/host/facts.ts";

/** Runs `body` with some variables set, or without them, and puts everything back. */
function withEnv(variables: Record<string, string | undefined>, body: () => void): void {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  const put = (name: string, value: string | undefined) =>
    value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
  try {
    for (const [name, value] of Object.entries(variables)) put(name, value);
    body();
  } finally {
    for (const [name, value] of before) put(name, value);
  }
}

Deno.test("hostFacts() tells who and where", () => {
  withEnv({ USER: "ada", LOGNAME: "other", SHELL: "/bin/zsh", MARK: "yes" }, () => {
    const facts = hostFacts();
    equal(facts.user, "ada");
    equal(facts.shell, "/bin/zsh");
    equal(facts.host, Deno.hostname());
    equal(facts.cwd, Deno.cwd());
    equal(facts.env.MARK, "yes");
  });
});

Deno.test("hostFacts() makes do where variables are missing or empty, as in cron", () => {
  withEnv({ USER: undefined, LOGNAME: "ada", SHELL: "" }, () => {
    equal(hostFacts().user, "ada");
    equal(hostFacts().shell, "/bin/sh");
  });
  withEnv({ USER: undefined, LOGNAME: undefined, SHELL: undefined }, () => {
    equal(hostFacts().user, undefined);
    equal(hostFacts().shell, "/bin/sh");
  });
});
