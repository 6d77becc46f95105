/**
 * What every catalog has to promise, as one suite. A catalog's test calls it and adds what is its own.
 * @module
 */

import fc from "fast-check";
import { deepEqual, equal, ok } from "node:assert/strict";
import { SECOND } from "../../lib/event.ts";
import { CommandAnalyzer } from "../../lib/analyze/commands/command_analyzer.ts";
import type { CommandRecord, SearchHit, StoredRecording, TextLine } from "../../lib/models.ts";
import type { Catalog, RecordingFilter } from "../../lib/ports.ts";
import { newId } from "../../lib/search/id.ts";
import { matcherFor, parseQuery } from "../../lib/search/query.ts";
import { search, type SearchOptions } from "../../lib/search/search.ts";

/** How a catalog is opened for one test; `undefined` where it cannot be had here. */
export type OpenCatalog = () => Promise<Catalog | undefined>;

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);

/** A recording that began `at` days after the start. */
export function recording(at: number, more: Partial<StoredRecording> = {}): StoredRecording {
  const id = more.id ?? newId(START + at * DAY);
  return {
    ...{ id, owner: "ada", blob: `${id}.t2a`, format: "t2a", bytes: 1000, sha256: "00".repeat(32), storedAt: START },
    ...{ startedAt: START + at * DAY, duration: 60 * SECOND, outputBytes: 5000, isComplete: true, tags: [] },
    ...more,
  };
}

/** Lines a second apart. */
export function lines(...texts: string[]): TextLine[] {
  return texts.map((text, at) => ({ time: at * SECOND, until: at * SECOND, kind: "output", text }));
}

/** Puts a recording with its text. */
export async function add(catalog: Catalog, its: StoredRecording, ...texts: string[]): Promise<void> {
  await catalog.put(its);
  await catalog.index((async function* () {
    yield {
      id: its.id,
      lines: (async function* () {
        yield lines(...texts);
      })(),
    };
  })());
}

/** Commands as sessions have them: of one recording, `sessions` of them. */
const someCommands = (sessions: number): fc.Arbitrary<CommandRecord[]> =>
  fc.array(
    fc.record({
      session: fc.nat(sessions - 1),
      start: fc.nat(1e12),
      took: fc.option(fc.oneof(fc.nat(1e11), fc.constantFrom(0, 1, 5e9)), { nil: undefined }),
      text: fc.option(
        fc.constantFrom("make", "make test", "git log | head -3", "sudo ls; ls", "echo '\0 \n\ud800 漢'", "", "x=1"),
        { nil: undefined },
      ),
      code: fc.option(fc.constantFrom(0, 0, 1, 2, 130), { nil: undefined }),
      cwd: fc.option(fc.constantFrom("/src", "/home/ü\n"), { nil: undefined }),
      startedAt: fc.option(fc.integer({ min: -1e6, max: 2e12 }).map((time) => time + 0.25), { nil: undefined }),
      confidence: fc.constantFrom("exact" as const, "reported" as const, "guessed" as const),
    }),
    { maxLength: 30 },
  ).map((all) =>
    all.sort((a, b) => a.session - b.session).map(({ took, start, ...more }, index) => {
      const command = { ...more, index, start, outputBytes: index, ...(took !== undefined && { end: start + took }) };
      return JSON.parse(JSON.stringify(command)); // without what is undefined
    })
  );

/** What an analyzer says of recordings that it is given one after the other. */
function analyzed(recordings: readonly { sessions: number; commands: readonly CommandRecord[] }[]) {
  const analyzer = new CommandAnalyzer({ minutesFromUtc: 90 });
  let before = 0;
  for (const { sessions, commands } of recordings) {
    for (let session = 0; session < sessions; session++) {
      analyzer.push({ kind: "header", time: 0, header: { cols: 80, rows: 24 } });
      for (const command of commands) {
        if (command.session === session) analyzer.add({ ...command, session: before + session });
      }
    }
    before += sessions;
  }
  return analyzer.result();
}

/** What a search finds, as `title: excerpt`. */
async function found(catalog: Catalog, query: string, options: SearchOptions = {}): Promise<string[]> {
  const hits: SearchHit[] = await Array.fromAsync(search(catalog, parseQuery(query), options));
  return hits.map(({ recording, excerpt }) => `${recording.title ?? "?"}: ${excerpt}`);
}

/** Runs the suite. */
export function catalogContract(name: string, open: OpenCatalog): void {
  const test = (promise: string, body: (catalog: Catalog) => Promise<void>) =>
    Deno.test(`${name}: ${promise}`, async () => {
      const catalog = await open();
      if (!catalog) return;
      try {
        await body(catalog);
      } finally {
        await catalog.close();
      }
    });

  test("what was put comes back, also when it changes", async (catalog) => {
    const one = recording(1, {
      title: "Ünïcode \u0000 \ud83d\ude42",
      command: "make\n-j2",
      exit: { signal: "SIGKILL" },
      tags: ["a b", "ci"],
    });
    await catalog.put(one);
    deepEqual(await catalog.get(one.id), one);
    const other = { ...one, title: "other", tags: [] };
    await catalog.put(other);
    deepEqual(await catalog.get(one.id), other);
    equal((await catalog.list({}, 10)).length, 1);
    equal(await catalog.get(newId()), undefined);
  });

  test("lists are of the newest, newest first, however they came, even of one millisecond", async (catalog) => {
    const all = [3, 1, 2, 2, 2].map((at) => recording(at));
    for (const one of all) await catalog.put(one);
    const days = (await catalog.list({}, 10)).map(({ startedAt }) => (startedAt - START) / DAY);
    deepEqual(days, [3, 2, 2, 2, 1]);
    equal((await catalog.list({}, 2)).length, 2);
    deepEqual((await catalog.list({}, 1))[0], all[0]);
  });

  test("ids are found by their beginnings", async (catalog) => {
    const ids = [newId(1), newId(1), newId(2 ** 40)];
    for (const id of ids) await catalog.put(recording(1, { id }));
    deepEqual(await catalog.resolve(ids[2]!.slice(0, 3), 5), [ids[2]]);
    deepEqual(await catalog.resolve("0000", 5), ids.slice(0, 2).sort());
    equal((await catalog.resolve("", 2)).length, 2);
    deepEqual(await catalog.resolve("zzz", 5), []);
  });

  test("filters let through what all of them say", async (catalog) => {
    const one = recording(1, {
      title: "Deploy",
      user: "ada",
      host: "engine",
      tags: ["ci", "prod"],
      exit: { code: 3 },
      bytes: 500,
    });
    const two = recording(2, {
      command: "make test",
      user: "grace",
      tags: ["ci"],
      exit: { code: 0 },
      duration: 5 * SECOND,
    });
    for (const its of [one, two]) await catalog.put(its);
    const expected: [RecordingFilter, StoredRecording[]][] = [
      [{}, [two, one]],
      [{ user: "ada" }, [one]],
      [{ host: "engine" }, [one]],
      [{ host: "nowhere" }, []],
      [{ tags: ["ci"] }, [two, one]],
      [{ tags: ["ci", "prod"] }, [one]],
      [{ tags: ["c"] }, []],
      [{ exitCode: 3 }, [one]],
      [{ exitCode: 0 }, [two]],
      [{ since: START + 2 * DAY }, [two]],
      [{ until: START + 2 * DAY }, [one]],
      [{ minDuration: 30 * SECOND }, [one]],
      [{ maxDuration: 5 * SECOND }, [two]],
      [{ minBytes: 501 }, [two]],
      [{ maxBytes: 500 }, [one]],
      [{ about: "DEPLOY" }, [one]],
      [{ about: "make" }, [two]],
      [{ about: "100%_" }, []],
      [{ user: "grace", exitCode: 3 }, []],
    ];
    for (const [filter, list] of expected) deepEqual(await catalog.list(filter, 10), list, JSON.stringify(filter));
  });

  test("change() changes what is there while nobody else does", async (catalog) => {
    const its = recording(1);
    await catalog.put(its);
    const addTag = (tag: string) => catalog.change(its.id, (before) => ({ ...before, tags: [...before.tags, tag] }));
    await Promise.all(["a", "b", "c", "d"].map(addTag));
    deepEqual([...(await catalog.get(its.id))!.tags].sort(), ["a", "b", "c", "d"]);
    equal(await catalog.change(newId(), (before) => before), undefined);
  });

  test("words, phrases, parts of words and regular expressions are found, in capitals or not", async (catalog) => {
    await add(
      catalog,
      recording(1, { title: "one" }),
      "Connection refused by 10.0.0.7",
      "foo_bar baz",
      "ls",
      "naïve Straße 漢字テスト",
    );
    await add(catalog, recording(2, { title: "two" }), "connection reset, then refused", "foo bar-baz", "xls sheet");
    const expected: [string, string[]][] = [
      ["refused", ["two: connection reset, then refused", "one: Connection refused by 10.0.0.7"]],
      ["REFUSED", ["two: connection reset, then refused", "one: Connection refused by 10.0.0.7"]],
      ["fused", []],
      ["*fused", ["two: connection reset, then refused", "one: Connection refused by 10.0.0.7"]],
      ["refus*", ["two: connection reset, then refused", "one: Connection refused by 10.0.0.7"]],
      ["*efus*", ["two: connection reset, then refused", "one: Connection refused by 10.0.0.7"]],
      ['"connection refused"', ["one: Connection refused by 10.0.0.7"]],
      ["connection refused", ["two: connection reset, then refused", "one: Connection refused by 10.0.0.7"]],
      ["connection baz", []],
      ["ls", ["one: ls"]],
      ["foo", ["two: foo bar-baz"]],
      ["foo_bar", ["one: foo_bar baz"]],
      ["10.0.0.7", ["one: Connection refused by 10.0.0.7"]],
      ["0.0", ["one: Connection refused by 10.0.0.7"]],
      ['"bar-baz"', ["two: foo bar-baz"]],
      ["/re(set|fused)$/", ["two: connection reset, then refused"]],
      ["/^connection/i", ["two: connection reset, then refused", "one: Connection refused by 10.0.0.7"]],
      ["/^Connection/", ["one: Connection refused by 10.0.0.7"]],
      ["/l.$/", ["one: ls"]],
      ["naïve", ["one: naïve Straße 漢字テスト"]],
      ["*漢字*", ["one: naïve Straße 漢字テスト"]],
      ["straße", ["one: naïve Straße 漢字テスト"]],
      ["*%*", []],
    ];
    for (const [query, hits] of expected) deepEqual(await found(catalog, query), hits, query);
    const exact = parseQuery("connection", { matchCase: true });
    deepEqual((await Array.fromAsync(search(catalog, exact))).map(({ excerpt }) => excerpt), [
      "connection reset, then refused",
    ]);
  });

  test("hits come newest first, in each recording the latest first, and tell the time", async (catalog) => {
    await add(catalog, recording(1, { title: "old" }), "hit", "miss", "hit");
    await add(catalog, recording(3, { title: "new" }), "miss", "hit");
    await add(catalog, recording(2, { title: "middle", tags: ["hit"] }), "hit");
    const hits = await Array.fromAsync(search(catalog, parseQuery("hit")));
    const told = hits.map(({ recording, time, kind }) => `${recording.title} ${time / SECOND} ${kind}`);
    deepEqual(told, ["new 1 output", "middle 0 output", "middle 0 tag", "old 2 output", "old 0 output"]);
    equal((await found(catalog, "hit", { limit: 2 })).length, 2);
    deepEqual(await found(catalog, "hit", { filter: { until: START + 2 * DAY } }), ["old: hit", "old: hit"]);
    deepEqual(await found(catalog, "hit", { filter: { tags: ["none"] } }), []);
  });

  test("titles, commands, tags, users and machines are found without any text", async (catalog) => {
    await catalog.put(
      recording(1, {
        title: "The great build",
        command: "make -j2 all",
        user: "ada",
        host: "engine7",
        tags: ["night"],
      }),
    );
    for (const query of ["great", "make", "ada", "engine7", "night", "/j\\d/"]) {
      equal((await found(catalog, query)).length, 1, query);
    }
  });

  test("the best recordings are those with most of it for their length", async (catalog) => {
    const filler = Array.from(
      { length: 300 },
      (_, at) => `nothing to see in line ${at}, only padding and more padding`,
    );
    await add(catalog, recording(3, { title: "one of many" }), "error here", ...filler);
    await add(catalog, recording(1, { title: "full of it" }), ...filler.map((line) => `error ${line}`));
    await add(catalog, recording(2, { title: "none" }), ...filler);
    const hits = await found(catalog, "error", { order: "best" });
    deepEqual(new Set(hits.map((hit) => hit.split(":")[0])), new Set(["full of it", "one of many"]));
    ok(hits[0]!.startsWith("full of it"), hits[0]);
    equal(hits.length, 6, "five of one at the most");
  });

  test("text is replaced, forgotten with its recording, and counted", async (catalog) => {
    const its = recording(1, { title: "x" });
    await catalog.put(its);
    deepEqual(await catalog.unindexed(), [its.id]);
    equal((await catalog.totals()).unindexed, 1);
    await add(catalog, its, "alpha", "beta");
    deepEqual(await catalog.unindexed(), []);
    await add(catalog, its, "beta", "gamma");
    deepEqual(await found(catalog, "alpha"), []);
    deepEqual(await found(catalog, "gamma"), ["x: gamma"]);
    const totals = await catalog.totals();
    deepEqual([totals.recordings, totals.bytes, totals.duration, totals.unindexed], [1, 1000, 60 * SECOND, 0]);
    ok(totals.textBytes >= 9 && totals.textBytes < 20);
    await catalog.put({ ...its, title: "y" });
    deepEqual(await found(catalog, "gamma"), ["y: gamma"]);
    equal(await catalog.delete(its.id), true);
    equal(await catalog.delete(its.id), false);
    deepEqual(await found(catalog, "gamma"), []);
    equal((await catalog.totals()).textBytes, 0);
    await add(catalog, recording(1, { title: "z" }), "delta"); // the same number, which must not bring the old text back
    deepEqual([await found(catalog, "gamma"), await found(catalog, "delta")], [[], ["z: delta"]]);
  });

  test("commands come back, are replaced, filtered, and forgotten with their recording", async (catalog) => {
    const command = (text: string, code: number): CommandRecord => (
      { session: 0, index: 0, start: 5, end: 9, text, code, outputBytes: 1, confidence: "exact" }
    );
    const [old, recent] = [recording(1, { host: "engine" }), recording(2, { user: "ada" })];
    for (const its of [recent, old]) await catalog.put(its);
    deepEqual(await catalog.withoutCommands({}), [recent.id, old.id]);
    await catalog.putCommands(recent.id, { sessions: 2, commands: [command("make", 1), command("ls", 0)] });
    deepEqual(await catalog.withoutCommands({}), [old.id]);
    deepEqual(await catalog.withoutCommands({ user: "ada" }), []);
    await catalog.putCommands(old.id, { sessions: 1, commands: [] });
    await catalog.putCommands(old.id, { sessions: 1, commands: [command("old", 0)] });
    await catalog.putCommands(newId(), { sessions: 1, commands: [command("lost", 0)] });
    const all = async (filter: RecordingFilter) => await Array.fromAsync(catalog.commands(filter));
    deepEqual(await all({}), [
      { id: old.id, host: "engine", sessions: 1, commands: [command("old", 0)] },
      { id: recent.id, sessions: 2, commands: [command("make", 1), command("ls", 0)] },
    ]);
    deepEqual((await all({ since: START + 2 * DAY })).map(({ id }) => id), [recent.id]);
    const told = await catalog.commandStatistics({}, 0);
    deepEqual([told.sessions, told.commands, told.failed], [3, 3, 1]);
    deepEqual(told.history.map(({ session, text }) => [session, text]), [[0, "old"], [1, "make"], [1, "ls"]]);
    equal((await catalog.commandStatistics({ host: "engine" }, 0)).commands, 1);
    equal((await catalog.commandStatistics({ host: "nowhere" }, 0)).commands, 0);
    await catalog.put({ ...old, title: "changed" });
    equal((await catalog.commandStatistics({}, 0)).commands, 3);
    await catalog.delete(recent.id);
    deepEqual((await catalog.commandStatistics({}, 0)).history.map(({ text }) => text), ["old"]);
    await catalog.clear();
    equal((await catalog.commandStatistics({}, 0)).commands, 0);
    await catalog.put(old); // the same number, which must not bring the old commands back
    deepEqual([await all({}), await catalog.withoutCommands({})], [[], [old.id]]);
  });

  test("statistics of commands are those that an analyzer makes of the same sessions", async (catalog) => {
    const sessions = fc.integer({ min: 1, max: 3 }).chain((sessions) =>
      someCommands(sessions).map((commands) => ({ sessions, commands }))
    );
    await fc.assert(
      fc.asyncProperty(fc.array(sessions, { maxLength: 5 }), async (recordings) => {
        await catalog.clear();
        for (const [at, commands] of recordings.entries()) {
          const its = recording(at);
          await catalog.put(its);
          await catalog.putCommands(its.id, commands);
        }
        deepEqual(await catalog.commandStatistics({}, 90), analyzed(recordings));
      }),
      { numRuns: 25 },
    );
  });

  test("statistics of many commands are those of an analyzer too, where it keeps no more than the last thousand", async (catalog) => {
    const commands = fc.sample(someCommands(1), { seed: 7, numRuns: 150 }).flat();
    const recordings = Array.from({ length: 4 }, (_, at) => ({
      sessions: 1,
      commands: commands.map((command, index) => ({ ...command, index, start: command.start + at })),
    }));
    for (const [at, its] of recordings.entries()) {
      const one = recording(at);
      await catalog.put(one);
      await catalog.putCommands(one.id, its);
    }
    const told = await catalog.commandStatistics({}, 90);
    ok(told.commands > 2000 && told.history.length === 1000, `${told.commands}`);
    deepEqual(told, analyzed(recordings));
  });

  test("text of a recording that is not there is left out", async (catalog) => {
    await catalog.index((async function* () {
      yield {
        id: newId(),
        lines: (async function* () {
          yield lines("lost");
        })(),
      };
    })());
    deepEqual(await found(catalog, "lost"), []);
  });

  test("clear() forgets everything", async (catalog) => {
    await add(catalog, recording(1), "alpha");
    await catalog.clear();
    deepEqual([await catalog.list({}, 10), await found(catalog, "alpha")], [[], []]);
    await add(catalog, recording(1, { title: "again" }), "beta");
    deepEqual([await found(catalog, "alpha"), await found(catalog, "beta")], [[], ["again: beta"]]);
  });

  test("purge() takes nothing away that is not deleted", async (catalog) => {
    const one = recording(1, { title: "one" });
    await add(catalog, one, "alpha beta");
    await add(catalog, recording(2, { title: "two" }), "alpha gamma");
    await catalog.delete(one.id);
    await catalog.purge();
    deepEqual([await found(catalog, "alpha"), await found(catalog, "beta")], [["two: alpha gamma"], []]);
    await add(catalog, recording(3, { title: "three" }), "beta");
    deepEqual(await found(catalog, "beta"), ["three: beta"]);
  });

  test("whatever lines hold, a search finds the lines that a look at all of them finds", async (catalog) => {
    const word = fc.constantFrom(
      "error",
      "Error",
      "err",
      "no_such",
      "file",
      "a",
      "42",
      "über",
      "ÜBER",
      "disk",
      "DISK",
      "di\u017fk",
      "\u212aernel",
      "kernel",
      "漢字",
      "x-y",
      "\u0301e",
      '"',
      "'",
      "%",
      "\\",
      "'; --",
    );
    const text = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => words.join(" "));
    const session = fc.array(
      fc.oneof({ weight: 5, arbitrary: text }, { weight: 1, arbitrary: text.map((line) => line.repeat(200)) }),
      { minLength: 1, maxLength: 40 },
    );
    const query = fc.oneof(
      word.filter((part) => !/["\\]/.test(part)),
      word.filter((part) => !/["\\]/.test(part)).map((part) => `*${part}*`),
      fc.tuple(word, word).filter((pair) => !/["\\]/.test(pair.join(""))).map(([one, other]) => `"${one} ${other}"`),
      fc.constantFrom("/err|42/", "/[eE]rror f/", "/no_such file/", "/(a )+/i", "/isk/i", "/KERNEL/i", "/\\d\\d file/"),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(session, { minLength: 1, maxLength: 3 }),
        fc.array(query, { minLength: 1, maxLength: 5 }),
        async (sessions, queries) => {
          await catalog.clear();
          for (const [at, texts] of sessions.entries()) await add(catalog, recording(at), ...texts);
          for (const one of queries) {
            const matches = matcherFor(parseQuery(one));
            const wanted = sessions.flatMap((texts) => texts.filter((line) => line.length <= 1024 && matches(line)));
            const got = await Array.fromAsync(search(catalog, parseQuery(one), { limit: Infinity }));
            const short = got.filter(({ excerpt }) => excerpt.length <= 160).map(({ excerpt }) => excerpt);
            for (const line of wanted) {
              if (line.length <= 160) {
                ok(short.includes(line.trim()), `${one} should find ${line}`);
              }
            }
            for (const line of short) ok(matches(line) || line.includes("…"), `${one} should not find ${line}`);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  test("what is found is the same when it has become packs, was dropped from them, and they were joined", async (catalog) => {
    const word = (at: number) => `w${(at * 2654435761 % 2 ** 32).toString(36)}`;
    const text = (of: number) =>
      Array.from({ length: 60 }, (_, at) => `${word(of)} ${word(1e6 + of * 1000 + at)} `.repeat(12));
    const all = Array.from({ length: 150 }, (_, at) => recording(150 - at, { title: `${at}` }));
    const textsOf = async function* (from: number, to: number) {
      for (let at = from; at < to; at++) {
        yield {
          id: all[at]!.id,
          lines: (async function* () {
            yield lines(...text(at));
          })(),
        };
      }
    };
    for (const one of all) await catalog.put(one);
    for (const [from, to] of [[0, 3], [3, 70], [70, 72], [72, 140], [140, 150]] as const) {
      await catalog.index(textsOf(from, to));
    }
    await catalog.index(textsOf(20, 22)); // once more
    await catalog.delete(all[40]!.id);
    const look = async () => {
      for (const at of [0, 2, 3, 21, 69, 70, 100, 149]) {
        equal((await found(catalog, word(at), { limit: Infinity })).length, 60, `${at}`);
        deepEqual((await found(catalog, word(1e6 + at * 1000 + 7))).map((hit) => hit.split(":")[0]), [`${at}`]);
        equal((await found(catalog, word(at), { order: "best" })).length, 5);
      }
      deepEqual(await found(catalog, word(40)), []);
    };
    await look();
    await catalog.purge();
    await look();
    await catalog.index(textsOf(50, 117)); // more than what is dropped there is room for in one
    await look();
    await catalog.purge();
    await look();
  });

  test("hits are those of a look at each line, in the same order, wherever a passage ends", async (catalog) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(someLine, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 4 }),
        fc.array(someQuery, { minLength: 1, maxLength: 12 }),
        async (sessions, queries) => {
          await catalog.clear();
          const all = sessions.map((_, at) => recording(at));
          for (const [at, texts] of sessions.entries()) await add(catalog, all[at]!, ...texts);
          for (const asked of queries) {
            const query = parseQuery(queryOf(asked, sessions.flat()));
            const matches = matcherFor(query);
            const wanted = sessions.flatMap((texts, at) =>
              texts.flatMap((line, second) => matches(line) ? [`${all[at]!.id} ${second}`] : [])
            ).reverse();
            const got = await Array.fromAsync(search(catalog, query, { limit: Infinity }));
            deepEqual(
              got.map(({ recording: { id }, time }) => `${id} ${time / SECOND}`),
              wanted,
              JSON.stringify(query),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
  });
}

/** Words whose letters fold in all the ways that there are. */
const someWord = fc.oneof(
  fc.constantFrom(...[
    "error",
    "Error:",
    "err",
    "a",
    "42",
    "x_y",
    "--no-such",
    "disk",
    "di\u017fk",
    "\u212aernel",
    "kernel",
  ]),
  fc.constantFrom(...[
    "über",
    "ÜBER",
    "straße",
    "STRA\u1e9eE",
    "\u0130stanbul",
    "istanbul",
    "ΟΔΟΣ",
    "οδος",
    "ﬁle",
    "\u0345ι",
  ]),
  fc.constantFrom(...["漢字テスト", "😀", "\ud801\udc00x", "\ud801\udc28X", "a\u0308b", "%_%", "(.*)", "'; --", "\\"]),
  fc.string({ minLength: 1, maxLength: 9, unit: fc.constantFrom(..."abcdeABCDE") }),
);
const someLine = fc.oneof(
  { weight: 8, arbitrary: fc.array(someWord, { minLength: 1, maxLength: 9 }).map((words) => words.join(" ")) },
  { weight: 1, arbitrary: fc.array(someWord, { minLength: 60, maxLength: 90 }).map((words) => words.join(" ")) },
  { weight: 1, arbitrary: fc.constantFrom("", " ", "  indented") },
).map((line) => line.slice(0, 1000).toWellFormed());

/** Something of a line, in other letters perhaps, and how it is asked for. */
const someQuery = fc.record({
  ...{
    line: fc.nat(),
    from: fc.nat(),
    length: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 7, max: 40 })),
  },
  letters: fc.constantFrom("as they are", "capitals", "small"),
  kind: fc.constantFrom("word", "part", "phrase", "part of a phrase", "regex", "regex in any case", "two"),
});

function queryOf(
  { line, from, length, letters, kind }: typeof someQuery extends fc.Arbitrary<infer Value> ? Value : never,
  lines: readonly string[],
): string {
  const text = lines[line % lines.length]! || "-", characters = [...text];
  const start = from % characters.length;
  const part = characters.slice(start, start + length).join("");
  const words = text.split(" ").filter((word) => word !== ""), word = words[from % words.length] ?? "-";
  const cased = (text: string) =>
    letters === "capitals" ? text.toUpperCase() : letters === "small" ? text.toLowerCase() : text;
  const quoted = (text: string) => `"${cased(text).replace(/["\\]/g, "\\$&")}"`;
  const pattern = cased(part).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const asked = {
    "word": () => quoted(word),
    "part": () => quoted(`*${[...word].slice(from % 3, from % 3 + length).join("")}*`),
    "phrase": () => quoted(part.trim()),
    "part of a phrase": () => quoted(`*${part}*`),
    "regex": () => `/${pattern}/`,
    "regex in any case": () => `/${pattern}.?/i`,
    "two": () => `${quoted(word)} ${quoted(words.at(-1) ?? "-")}`,
  }[kind]();
  return /^(["*]*|\/\/)$/.test(asked) ? "error" : asked;
}
