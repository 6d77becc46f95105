import fc from "fast-check";
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { vhs } from "../formats/vhs.ts";
import { MILLISECOND, type SessionEvent } from "../lib/event.ts";
import { Report } from "../lib/report.ts";
import { write } from "./contracts/format_contract.ts";
import { header, output } from "./support/events.ts";
import { everyKind, sessions } from "./support/generate.ts";

const typed = (millis: number, text: string): SessionEvent => ({
  kind: "input",
  time: millis * MILLISECOND,
  data: new TextEncoder().encode(text),
});
/** The lines of a tape behind its settings. */
async function tape(...events: SessionEvent[]): Promise<string[]> {
  const text = new TextDecoder().decode(await write(vhs, [header(), ...events]));
  return text.slice(text.indexOf("\n\n") + 2).split("\n").slice(0, -1);
}

Deno.test("vhs types what was typed at the speed at which it was, and pauses where nobody typed", async () => {
  deepStrictEqual(
    await tape(typed(1000, "l"), typed(1100, "s"), typed(1200, " "), typed(2000, "\r"), output(5e9, "x")),
    [
      ...["Sleep 1s", 'Type@100ms "ls "', "Sleep 800ms", "Enter", "Sleep 3s"],
    ],
  );
});

Deno.test("vhs has the names of keys, and counts them", async () => {
  const keys = "\x1b[A\x1bOB\x1b[C\x1b[D\x1b[H\x1b[4~\x1b[5~\x1b[6~\x1b[2~\x1b[3~\t\x7f\x7f\x7f\x01\x1bb\x1b[Z\x1b";
  deepStrictEqual(await tape(typed(0, keys)), [
    ...["Up", "Down", "Right", "Left", "Home", "End", "PageUp", "PageDown", "Insert", "Delete"],
    ...["Tab", "Backspace@0ms 3", "Ctrl+A", "Alt+b", "Shift+Tab", "Escape"],
  ]);
});

Deno.test("vhs joins keys and characters that were cut in two", async () => {
  const [head, tail] = [Uint8Array.of(0xe2, 0x82), Uint8Array.of(0xac)];
  const cut = [{ kind: "input", time: 0, data: head }, { kind: "input", time: 0, data: tail }] as const;
  deepStrictEqual(await tape(...cut, typed(0, "\x1b["), typed(0, "A")), ['Type@0ms "€"', "Up"]);
});

Deno.test("vhs types a paste at once, its lines with Enter", async () => {
  deepStrictEqual(await tape(typed(0, "\x1b[200~one\ntwo\x1b[201~")), ['Type@0ms "one"', "Enter", 'Type@0ms "two"']);
});

Deno.test("vhs chooses quotes that do not occur in the text, and splits it where all of them do", async () => {
  deepStrictEqual(await tape(typed(0, `say "hi"`)), [`Type@0ms 'say "hi"'`]);
  const all = await tape(typed(0, `a"b'c\`d`));
  equal(all.map((line) => line.slice("Type@0ms ".length + 1, -1)).join(""), `a"b'c\`d`);
  ok(all.length > 1);
});

Deno.test("vhs tells shell and size, and reports what a tape has no word for", async () => {
  const report = new Report();
  const mouse = typed(0, "\x1b[<0;1;1M");
  const events = [header({ shell: "/usr/bin/fish", title: "a\nb", user: "me" }), mouse, output(1, "x")];
  const text = new TextDecoder().decode(await write(vhs, events, { report }));
  ok(text.startsWith('# a b, 80x24\nSet Shell "fish"\nSet Width 1176\nSet Height 754\n'), text);
  deepStrictEqual([...report.losses], [["header field user", 1], ["keys that a tape has no word for", 1], [
    "output",
    1,
  ]]);
});

Deno.test("vhs writes lines of known commands only, whatever was typed", async () => {
  const known =
    /^(#.*|Set \w+ \S+|Sleep \d+m?s|Type@\d+ms ("[^"\n]*"|'[^'\n]*'|`[^`\n]*`)|[A-Z]\w+(\+.)?(@\d+ms \d+)?|)$/u;
  await fc.assert(fc.asyncProperty(sessions({ sessions: 2 }), async (all) => {
    for (const line of new TextDecoder().decode(await write(vhs, all)).split("\n")) ok(known.test(line), line);
  }));
});

Deno.test("vhs counts each event of a kind that it does not keep as lost", async () => {
  await fc.assert(fc.asyncProperty(everyKind(true), async (all) => {
    const report = new Report();
    await write(vhs, all, { report });
    for (const { kind } of all) equal(report.losses.get(kind), vhs.keeps.has(kind) ? undefined : 1, kind);
  }));
});
