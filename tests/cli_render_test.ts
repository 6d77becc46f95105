import { deepEqual, equal, match, ok } from "node:assert/strict";
import omggif from "omggif";
import { infoOf, TERM2AI, term2ai, withFolder } from "./support/cli.ts";
import { sleep } from "./support/pty.ts";
import { hasDejavu } from "./support/screens.ts";

const CAST = `{"version":3,"term":{"cols":10,"rows":4},"title":"a <b>","idle_time_limit":1}
[1,"o","one two three"]
[1,"o","\\r\\n\\u001b[31mred\\u001b[0m  "]
[10,"o","\\u001b[2J\\u001b[Hend"]
[1,"x","0"]
`;

async function withCast(body: (path: string, folder: string) => Promise<void>, cast = CAST): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/x.cast`, cast);
    await body(`${folder}/x.cast`, folder);
  });
}

Deno.test("render prints the rows of a moment as they are, or joined", async () => {
  await withCast(async (path) => {
    const at = async (...args: string[]) => (await term2ai(["render", ...args, path])).text;
    equal(await at("--at", "1"), "one two th\nree\n\n\n");
    equal(await at("--at", "2.5"), "one two th\nree\nred\n\n");
    equal(await at("--at", "2.5", "--join"), "one two three\nred\n");
    equal(await at(), "end\n\n\n\n");
    equal(await at("--at", "0"), "\n\n\n\n");
  });
});

Deno.test("render reads stdin, several sessions, recordings that are cut, and says when a session ended before", async () => {
  const torn = CAST.slice(0, CAST.indexOf("[10") + 9);
  const { text, errors, status } = await term2ai(["render", "--at", "1:00", "-", "-"], { stdin: torn });
  deepEqual([status, text], [0, "one two th\nree\nred\n\n"]);
  match(errors, /its last screen: it ends at 2.000 s/);
  await withCast(async (path, folder) => {
    for (const name of ["a", "b"]) await term2ai(["convert", path, `${folder}/${name}.t2a`]);
    const [a, b] = await Promise.all(["a", "b"].map((name) => Deno.readFile(`${folder}/${name}.t2a`)));
    await Deno.writeFile(`${folder}/ab.t2a`, new Uint8Array([...a!, ...b!]));
    equal((await term2ai(["render", "--at", "14.5", `${folder}/ab.t2a`])).text, "one two th\nree\n\n\n");
    equal((await term2ai(["render", "--format", "txt", "-"], { stdin: "" })).status, 1);
    const header = CAST.split("\n")[0] + "\n";
    equal((await term2ai(["render", "-"], { stdin: header })).text, "\n\n\n\n");
  });
});

Deno.test("render refuses a gif of more than a day, unless its pauses are shortened", async () => {
  if (!hasDejavu()) return;
  const years = '{"version":2,"width":20,"height":4}\n[0.1,"o","a"]\n[3000000000,"o","b"]\n';
  await withCast(async (path, folder) => {
    const { status, errors } = await term2ai(["render", path, `${folder}/x.gif`]);
    deepEqual([status, [...Deno.readDirSync(folder)].length], [2, 1]);
    match(errors, /Cannot draw a gif of 34722\.2 days: a day is the most\n +Shorten its pauses with --idle-limit/);
    equal((await term2ai(["render", "--idle-limit", "1s", path, `${folder}/x.gif`])).status, 0);
  }, years);
});

Deno.test("render leaves nothing of a picture that a signal has ended", async () => {
  if (!hasDejavu()) return;
  const lines = Array.from({ length: 1000 }, (_, at) => `[${at}.1,"o","line ${at}\\r\\n"]`);
  await withCast(async (path, folder) => {
    for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      const [program, ...words] = TERM2AI;
      const args = [...words, "render", "--idle-limit", "inf", path, `${folder}/x.gif`];
      const child = new Deno.Command(program!, { args, stdout: "null", stderr: "null" }).spawn();
      const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
      for (let waited = 0; names().length < 2 && waited < 30_000; waited += 20) await sleep(20);
      match(names()[1] ?? "", /^x\.gif\.\w+\.new$/);
      child.kill(signal);
      equal((await child.status).code, status);
      deepEqual(names(), ["x.cast"]);
    }
  }, ['{"version":2,"width":80,"height":24}', ...lines].join("\n"));
});

Deno.test("render draws a moment from the keyframe before it, without reading what came earlier", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/x.t2a`;
    const lines = Array.from({ length: 20_000 }, (_, at) => `[0.001,"o","line ${at}\\r\\n"]`);
    await Deno.writeTextFile(`${folder}/x.cast`, ['{"version":3,"term":{"cols":80,"rows":4}}', ...lines].join("\n"));
    equal((await term2ai(["keyframes", "--every", "32k", `${folder}/x.cast`, path])).status, 0);
    const bytes = await Deno.readFile(path);
    bytes.fill(0, 2000, 3000); // in the first block
    await Deno.writeFile(path, bytes);
    match((await term2ai(["info", path])).text, /block 1 at byte \d+ is altered/);
    const { text, errors } = await term2ai(["render", "--at", "15", path]);
    deepEqual([text, errors], ["line 14997\nline 14998\nline 14999\n\n", ""]);
  });
});

Deno.test("render draws each format by extension or name, in private files, and refuses to replace them", async () => {
  if (!hasDejavu()) return;
  await withCast(async (path, folder) => {
    const heads = { svg: "<svg", png: "PNG\r\n", gif: "GIF89a", html: "<!DOCTYPE", txt: "end" };
    for (const [format, head] of Object.entries(heads)) {
      const out = `${folder}/x.${format}`;
      const { status, errors } = await term2ai(["render", path, out]);
      deepEqual([status, errors], [0, ""], format);
      const bytes = await Deno.readFile(out);
      equal(new TextDecoder("latin1").decode(bytes.subarray(+(format === "png")).subarray(0, head.length)), head);
      equal((await Deno.stat(out)).mode! & 0o777, 0o600);
      const again = await term2ai(["render", path, out]);
      deepEqual([again.status, /it exists; --overwrite replaces it/.test(again.errors)], [2, true]);
      equal((await term2ai(["render", "--overwrite", "--format", format, path, out])).status, 0);
    }
    match(await Deno.readTextFile(`${folder}/x.svg`), /<title>a &lt;b&gt;<\/title>/);
  });
});

Deno.test("render --format segmented makes a directory, whole or not at all, and replaces only its own", async () => {
  await withCast(async (path, folder) => {
    const out = `${folder}/pieces`;
    const draw = (...args: string[]) => term2ai(["render", "--format", "segmented", ...args, path, out]);
    equal((await draw()).status, 0);
    deepEqual([...Deno.readDirSync(out)].map(({ name }) => name).sort(), ["0.json", "index.html", "index.json"]);
    match((await draw()).errors, /it exists; --overwrite replaces it/);
    equal((await draw("--overwrite", "--segment-size", "1")).status, 0);
    await Deno.writeTextFile(`${out}/mine`, "");
    match((await draw("--overwrite")).errors, /no recording in pieces, and is not replaced/);
    ok(await Deno.stat(`${out}/mine`));
    deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
      ["pieces", "x.cast"],
      "nothing is left over",
    );
    match((await term2ai(["render", "--format", "segmented", path])).errors, /many files; name a directory/);
  });
});

Deno.test("render --from --to --speed --idle-limit --fps --hold --once shape a gif, to the hundredth of a second", async () => {
  if (!hasDejavu()) return;
  await withCast(async (path, folder) => {
    const delays = async (...args: string[]) => {
      const out = `${folder}/x.gif`;
      const { errors, status } = await term2ai(["render", "--overwrite", "--hold", "2s", ...args, path, out]);
      deepEqual([status, errors], [0, ""]);
      const reader = new omggif.GifReader(await Deno.readFile(out));
      return [...Array.from({ length: reader.numFrames() }, (_, at) => reader.frameInfo(at).delay), reader.loopCount()];
    };
    deepEqual(await delays(), [100, 100, 100, 300, 0], "as the recording wishes");
    deepEqual(await delays("-i", "inf"), [100, 100, 1000, 300, 0]);
    deepEqual(await delays("-i", "500ms", "-s", "2"), [25, 25, 25, 225, 0]);
    deepEqual(await delays("--from", "1.5", "--to", "5"), [50, 200, 0]);
    deepEqual(await delays("--once"), [100, 100, 100, 300, null]);
    deepEqual(await delays("--fps", "0.5"), [200, 200, 200, 0]);
  });
});

Deno.test("render takes themes by name, from files, and from the recording", async () => {
  const themed = CAST.replace(
    '"rows":4',
    `"rows":4,"theme":{"fg":"#010203","bg":"#040506","palette":"${Array(8).fill("#070809").join(":")}"}`,
  );
  await withCast(async (path, folder) => {
    const svg = async (...args: string[]) => {
      const { text, errors } = await term2ai(["render", "--format", "svg", "--at", "2", ...args, path]);
      return text + errors;
    };
    match(await svg(), /fill="#040506"[^]*fill="#070809"[^>]*>red/);
    match(await svg("--theme", "light"), /fill="#ffffff"[^]*fill="#cf222e"[^>]*>red/);
    await Deno.writeTextFile(
      `${folder}/t.json`,
      JSON.stringify({ foreground: "#111111", background: "#222222", palette: Array(16).fill("#333333") }),
    );
    match(await svg("--theme", `${folder}/t.json`), /fill="#222222"[^]*fill="#333333"[^>]*>red/);
    await Deno.writeTextFile(`${folder}/bad.json`, "{}");
    match(await svg("--theme", `${folder}/bad.json`), /expected "foreground", "background" and a "palette"/);
    match(await svg("--theme", `${folder}/none.json`), /there is no such file/);
    match(await svg("--theme", "nosuch"), /expected one of dark, light/);
  }, themed);
  await withCast(async (path) => {
    match((await term2ai(["render", "--format", "svg", "--theme", "recorded", path])).errors, /it has none/);
  });
});

Deno.test("render refuses what makes no sense, before it reads anything", async () => {
  const refused: [string[], RegExp][] = [
    [["x.cast", "x.bmp"], /Cannot tell what to draw.*--format/],
    [["--format", "bmp", "x.cast"], /expected one of txt, svg, png, gif, html, segmented/],
    [["--fps", "10", "x.cast", "x.svg"], /Cannot use --fps for svg: it is for gif/],
    [["--at", "1", "x.cast", "x.gif"], /Cannot use --at for gif/],
    [["--at", "1", "--from", "1", "x.cast", "x.html"], /one is a moment/],
    [["--from", "5", "--to", "5", "x.cast", "x.gif"], /not behind the beginning/],
    [["--font-size", "1000", "x.cast", "x.svg"], /expected a number from 4 to 200/],
    [["--fps", "60", "x.cast", "x.gif"], /expected a number from 0.1 to 50/],
    [["--at", "-1", "x.cast"], /--at|time/],
    [["--font", "./x.ttf", "nowhere.cast", "x.svg"], /nowhere.cast: there is no such file|Cannot put the font/],
    [["nowhere.cast", "x.svg"], /nowhere.cast: there is no such file/],
  ];
  await withFolder(async (folder) => {
    for (const [args, message] of refused) {
      const { status, errors } = await term2ai(["render", ...args], { cwd: folder });
      deepEqual([status, message.test(errors)], [2, true], `${args.join(" ")}: ${errors}`);
    }
    deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("render refuses a png or gif of more pixels than programs show, and draws the same screen as svg", async () => {
  if (!hasDejavu()) return;
  await withCast(async (path, folder) => {
    for (const format of ["png", "gif"]) {
      const { status, errors } = await term2ai(["render", path, `${folder}/x.${format}`]);
      deepEqual([status, /Cannot draw 2048x2048 cells.*pixels[^]*smaller --font-size/.test(errors)], [2, true], errors);
    }
    equal((await term2ai(["render", path, `${folder}/x.svg`])).status, 0);
    deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), ["x.cast", "x.svg"]);
  }, CAST.replace('"cols":10,"rows":4', '"cols":2048,"rows":2048'));
});

Deno.test("a page that render makes holds a recording that convert would make", async () => {
  await withCast(async (path, folder) => {
    await term2ai(["render", "--from", "1.5", "--theme", "nord", "--at", "3", path, `${folder}/x.html`]).then((
      { status },
    ) => equal(status, 2));
    equal((await term2ai(["render", "--from", "1.5", "--theme", "nord", path, `${folder}/x.html`])).status, 0);
    const page = await Deno.readTextFile(`${folder}/x.html`);
    const data = JSON.parse(/id="recording">(.*?)<\/script>/.exec(page)![1]!);
    await Deno.writeTextFile(`${folder}/y.cast`, data.source.data);
    const info = await infoOf(`${folder}/y.cast`);
    deepEqual([info.durationSeconds, info.header.theme.background, info.header.idleLimit], [2.5, "#2e3440", undefined]);
    equal((await term2ai(["render", "--at", "0", `${folder}/y.cast`])).text, "one two th\nree\n\n\n");
  });
});
