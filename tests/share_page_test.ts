import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import type { Page } from "playwright-core";
import { choosePtyHost, SECOND } from "../mod.ts";
import { SessionDirectory } from "../lib/session/directory.ts";
import { Sharing } from "../lib/session/share/serve.ts";
import { FolderShelf } from "../lib/session/share/shelf.ts";
import { withBrowser } from "./support/browser.ts";
import { sleep } from "./support/pty.ts";
import { eventually } from "./support/sessions.ts";
import { withSharing } from "./support/sharing.ts";

const host = await choosePtyHost();
const ignore = host.name !== "libc";
if (ignore) console.log("    skipped: sessions are for Linux");

/** Where pictures of the pages are left, for people to look at. */
const PICTURES = Deno.env.get("TERM2AI_TEST_PICTURES");

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

/** Waits until an expression is true on the page; its own policy forbids the browser's driver to wait there. */
async function comesTrue(page: Page, expression: string): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (await page.evaluate(expression)) return;
    await sleep(100);
  }
  ok(false, `${expression} never became true: ${await page.evaluate("document.body.innerText")}`);
}

const shows = (text: string) =>
  `document.querySelector(".ap-term-text, .ap-term")?.textContent.includes(${JSON.stringify(text)})`;
const typedShows = (text: string) =>
  `[...Array(globalThis.terminal?.rows ?? 0).keys()].some((row) => terminal.buffer.active.getLine(terminal.buffer.active.baseY + row)?.translateToString(true).includes(${
    JSON.stringify(text)
  }))`;

const HOSTILE = `<img src=x onerror="globalThis.harmed = 1">`;

Deno.test({
  name: "the page lists, plays, shows and types in a browser, and lets go of whoever is sent away",
  ignore,
  fn: async () => {
    await withSharing(async ({ manager, share, sharing, folder, book }) => {
      await Deno.writeTextFile(
        `${folder}/recordings/deploy.cast`,
        `{"version":3,"term":{"cols":60,"rows":10},"title":${
          JSON.stringify(`Deploy ${HOSTILE}`)
        },"timestamp":1764000000}\n` +
          `[0.5,"o","\\u001b[32mstored\\u001b[0m"]\n[0.5,"o"," words 漢字"]\n[2,"o"," end"]\n`,
      );
      const session = await manager.createSession({
        name: "work",
        command: ["sh"],
        recording: { path: `${folder}/work.t2a`, input: "all" },
        env: { PATH: Deno.env.get("PATH")!, PS1: "$ ", TERM: "xterm-256color" },
        cols: 80,
        rows: 20,
      });
      await session.press(`printf '\\033]0;%s\\007' '${HOSTILE}'; echo shown be''fore`, "Enter");
      ok(await session.waitForText(/shown before$/m, 30 * SECOND));
      const everything = await share(undefined), one = await share(session), two = await share(session);
      const operator = await share(session, "operator", 600, "ada");
      const linkOf = ({ token }: { token: string }) => sharing.linkTo(token);

      await withBrowser(async (browser) => {
        const requests: string[] = [], complaints: string[] = [];
        const open = async (link: string) => {
          const page = await (await browser.newContext({ viewport: { width: 1100, height: 760 } })).newPage();
          page.on("request", (request) => requests.push(request.url()));
          page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
          page.on("pageerror", (error) => complaints.push(String(error)));
          await page.goto(link);
          return page;
        };

        const list = await open(linkOf(everything));
        await comesTrue(list, "document.querySelectorAll('li').length === 2");
        doesNotMatch(list.url(), new RegExp(everything.token));
        match(await list.locator("#live").innerText(), /work[\s\S]*live/);
        match(await list.locator("#stored").innerText(), /Deploy <img/);
        await picture(list, "list");
        await list.fill("input[type=search]", "deploy");
        await comesTrue(list, "document.querySelectorAll('li').length === 1");
        await list.click("#stored li a");
        await comesTrue(list, "globalThis.player?.getDuration() > 0");
        equal(Math.round(await list.evaluate("player.getDuration()") as number), 3);
        await list.evaluate("player.seek(1.5)");
        await comesTrue(list, shows("stored words"));
        await picture(list, "recording");

        const viewers = [await open(linkOf(one)), await open(linkOf(two))];
        for (const page of viewers) await comesTrue(page, shows("shown before"));
        equal(await viewers[0]!.locator("#type").isHidden(), true);

        const typing = await open(linkOf(operator));
        await comesTrue(typing, "document.getElementById('type')?.hidden === false");
        await typing.click("#type");
        await comesTrue(typing, typedShows("shown before"));
        await typing.keyboard.type("echo ty''ped by ada; printf 'wide \\346\\274\\242 \\342\\202\\254\\n'\n");
        ok(await session.waitForText(/typed by ada$/m, 30 * SECOND));
        await comesTrue(typing, typedShows("typed by ada"));
        for (const page of viewers) {
          await comesTrue(page, shows("typed by ada"));
          await comesTrue(page, shows("€"));
        }
        const { cols } = await session.info();
        ok(cols > 80, `the operator's window gives the session its size, and not ${cols}`);
        await viewers[0]!.keyboard.type("echo fr''om a viewer\n");
        await comesTrue(viewers[0]!, "document.getElementById('people').textContent.includes('ada (types)')");
        await picture(viewers[0]!, "viewer");
        await picture(typing, "operator");

        await book.revoke(({ id }) => id === one.link.id);
        await comesTrue(
          viewers[0]!,
          "document.body.innerText.includes('not valid') || document.body.innerText.includes('revoked')",
        );
        await picture(viewers[0]!, "revoked");
        await eventually("one has left", () => [...sharing.access.visitors].length === 2);
        await session.press("echo go''es on", "Enter");
        await comesTrue(viewers[1]!, shows("goes on"));
        await comesTrue(typing, typedShows("goes on"));
        doesNotMatch(await session.screen(), /from a viewer/);

        const options = {
          directory: await SessionDirectory.open(`${folder}/run`),
          manager,
          shelf: new FolderShelf(folder),
        };
        const start = async (port: number) =>
          await Sharing.start({ ...options, hostname: "127.0.0.1", port, allowsPlain: false });
        const first = await start(0);
        const away = await open(first.linkTo(two.token)), typingAway = await open(first.linkTo(operator.token));
        await comesTrue(away, shows("goes on"));
        await comesTrue(typingAway, "document.getElementById('type')?.hidden === false");
        await typingAway.click("#type");
        await comesTrue(typingAway, typedShows("goes on"));
        await first.close();
        await session.press("echo mean''while", "Enter");
        await comesTrue(typingAway, "document.body.innerText.includes('trying again')");
        const second = await start(Number(new URL(first.url).port));
        await comesTrue(away, shows("meanwhile"));
        await comesTrue(typingAway, typedShows("meanwhile"));
        await Promise.all([away.close(), typingAway.close()]);
        await second.close();

        await manager.deleteSession("work");
        await comesTrue(typing, "document.body.innerText.includes('The session has ended')");
        equal(await typing.evaluate("globalThis.harmed"), undefined);
        equal(await list.evaluate("globalThis.harmed"), undefined);
        deepEqual(
          requests.filter((url) => !/^(?:http:\/\/127\.0\.0\.1:\d+\/|data:)/.test(url)),
          [],
        );
        deepEqual(requests.filter((url) => url.includes(one.token)).filter((url) => !url.includes("#")), []);
        deepEqual(
          complaints.filter((text) =>
            !/401|404|HTTP Authentication|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|Failed to fetch/.test(text)
          ),
          [],
        );
      });
    });
  },
});
