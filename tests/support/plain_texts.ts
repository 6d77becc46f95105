/**
 * Text as programs print it that is no secret, though it looks as random: always the same for a seed.
 * @module
 */

/** Numbers from 0 to 1. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = Math.imul(state, 1_664_525) + 1_013_904_223 >>> 0) / 2 ** 32;
}

const WORDS =
  ("src lib build error warning compile node_modules index main linking object tests passed function return undefined token " +
    "password secret key parser session user config server client authorization request header value cache value auth login " +
    "publish release debug target install package version update download mirror license author description").split(
      " ",
    );
const NAMES =
  "get set next is has read write parse current last token password secret key value name Id Type Of For From".split(
    " ",
  );
const from = (set: string, length: number, next: () => number) =>
  Array.from({ length }, () => set[Math.floor(next() * set.length)]).join("");
const HEX = "0123456789abcdef";
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

type Maker = (next: () => number) => string;
const pick = <Value>(all: readonly Value[], next: () => number) => all[Math.floor(next() * all.length)]!;
const words = (count: number, next: () => number) => Array.from({ length: count }, () => pick(WORDS, next)).join(" ");
const name = (next: () => number) =>
  pick(NAMES, next) + pick(NAMES, next).replace(/^./, (letter) => letter.toUpperCase());

/** A line of each kind. */
export const PLAIN: Readonly<Record<string, Maker>> = {
  "a build log": (next) =>
    pick<Maker>([
      () => `[${Math.floor(next() * 2000)}/2000] Building CXX object ${words(3, next).replaceAll(" ", "/")}.cpp.o`,
      () => `\x1b[33mwarning\x1b[0m: ${words(8, next)} (${name(next)}:${Math.floor(next() * 900)})`,
      () => `  ${words(2, next)}: ${words(4, next)} in ${(next() * 10).toFixed(2)}s`,
      () =>
        `npm http fetch GET 200 https://registry.example.org/${pick(WORDS, next)}/-/${pick(WORDS, next)}-1.2.${
          Math.floor(next() * 99)
        }.tgz`,
      () => `resolved sha512-${from(BASE64, 86, next)}== integrity ok`,
      () => `    at ${name(next)} (/home/ada/src/${pick(WORDS, next)}.ts:${Math.floor(next() * 500)}:12)`,
    ], next)(next),
  "git": (next) =>
    pick<Maker>([
      () => `commit ${from(HEX, 40, next)}`,
      () => `${from(HEX, 7, next)} ${words(5, next)}`,
      () => `index ${from(HEX, 7, next)}..${from(HEX, 7, next)} 100644`,
      () => `-const ${name(next)} = ${name(next)}.${name(next)}(${name(next)});`,
      () => `+  ${pick(["password", "token", "secret", "apiKey"], next)}: ${name(next)}.${name(next)},`,
    ], next)(next),
  "Base64": (next) => from(BASE64, 76, next),
  "UUIDs": (next) =>
    `${from(HEX, 8, next)}-${from(HEX, 4, next)}-4${from(HEX, 3, next)}-a${from(HEX, 3, next)}-${from(HEX, 12, next)}`,
  "minified JavaScript": (next) =>
    Array.from({ length: 12 }, () =>
      pick<Maker>([
        () =>
          `function ${from("abcdefgh", 2, next)}(e,t){return e.${name(next)}===t.${name(next)}?${
            from("abc", 1, next)
          }:null}`,
        () => `${pick(["token", "password", "secret", "key"], next)}:${from("etnr", 1, next)}.${name(next)},`,
        () => `type:"password",name:"${name(next)}",placeholder:"${words(2, next)}"`,
        () => `var ${from("abcdefgh", 2, next)}=${Math.floor(next() * 1e6)},${from("ijkl", 1, next)}="${name(next)}";`,
      ], next)(next)).join(""),
};

/** Lines of one kind, `bytes` or a few more of them. */
export function plainText(kind: string, bytes: number, seed = 1): string {
  const next = random(seed), lines: string[] = [];
  for (let length = 0; length < bytes;) {
    const line = PLAIN[kind]!(next);
    lines.push(line);
    length += line.length + 2;
  }
  return lines.join("\r\n") + "\r\n";
}
