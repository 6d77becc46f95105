/**
 * Times as asciicast writes them, decimal seconds, and as we keep them, whole nanoseconds.
 *
 * This module is browser compatible.
 * @module
 */

import { type Nanos, SECOND } from "../../lib/event.ts";

/**
 * The nanosecond nearest to a number of seconds, exact up to 97 days.
 *
 * Whole seconds and the rest are converted apart: the product of both at once would be rounded a second time.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(nanosOf(8_000_000.123456789), 8_000_000_123_456_789);
 * equal(nanosOf(-0.5), -500_000_000);
 * ```
 */
export function nanosOf(seconds: number): Nanos {
  const whole = Math.trunc(seconds);
  return whole * SECOND + Math.round((seconds - whole) * SECOND);
}

/**
 * Nanoseconds as decimal seconds: as many decimals as there is time to tell, and at least one as asciinema writes it.
 *
 * @param nanos Not negative.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(formatSeconds(0), "0.0");
 * equal(formatSeconds(12_300_000_000), "12.3");
 * equal(formatSeconds(1_000_000_001), "1.000000001");
 * ```
 */
export function formatSeconds(nanos: Nanos): string {
  const fraction = nanos % SECOND;
  const whole = (nanos - fraction) / SECOND;
  if (fraction === 0) return `${whole}.0`;
  const digits = String(SECOND + fraction); // a 1, then nine digits
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === 48) end--;
  return `${whole}.${digits.slice(1, end)}`;
}
