/**
 * SHA-256 without waiting, of the few bytes of a word or a name.
 *
 * The platform's digest answers later, and a stage has to know at once whether a mark is ours. For anything long use that.
 * Source: FIPS 180-4.
 *
 * This module is browser compatible.
 * @module
 */

const primes = Array.from({ length: 312 }, (_, number) => number).filter(isPrime);
const ROOTS = Uint32Array.from(primes.slice(0, 64), (prime) => fraction(Math.cbrt(prime)));
const START = Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

function isPrime(number: number): boolean {
  if (number < 2) return false;
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false;
  return true;
}

/** The first 32 bits behind the point. */
function fraction(value: number): number {
  return Math.floor((value - Math.floor(value)) * 2 ** 32);
}

/**
 * The hash of a text in UTF-8, as 64 hexadecimal digits.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * match(sha256Of("abc"), /^ba7816bf8f01cfea414140de5dae2223.*f20015ad$/);
 * ```
 */
export function sha256Of(text: string): string {
  const message = padded(new TextEncoder().encode(text));
  const state = START.slice();
  for (let at = 0; at < message.byteLength; at += 64) compress(state, message, at);
  return [...state].map((word) => word.toString(16).padStart(8, "0")).join("");
}

/** With a one, zeros, and the length in bits. */
function padded(data: Uint8Array): DataView {
  const length = Math.ceil((data.length + 9) / 64) * 64;
  const all = new Uint8Array(length);
  all.set(data);
  all[data.length] = 0x80;
  const view = new DataView(all.buffer);
  view.setBigUint64(length - 8, BigInt(data.length) * 8n);
  return view;
}

function compress(state: Uint32Array, message: DataView, at: number): void {
  const words = new Uint32Array(64);
  for (let index = 0; index < 64; index++) {
    if (index < 16) {
      words[index] = message.getUint32(at + 4 * index);
      continue;
    }
    const [early, late] = [words[index - 15]!, words[index - 2]!];
    const first = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const second = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    words[index] = words[index - 16]! + first + words[index - 7]! + second;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let index = 0; index < 64; index++) {
    const choice = (e & f) ^ (~e & g);
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + ROOTS[index]! + words[index]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
    [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index]! += word;
}

const turn = (word: number, bits: number) => (word >>> bits) | (word << (32 - bits));
