/**
 * Takes out the marks that the recorded shell printed for us.
 *
 * They tell folders and command lines, and no terminal shows them: whoever is given a recording need not get them. Only marks
 * with the word that the header has the SHA-256 of are ours; what another integration printed is the user's own and stays.
 *
 * This module is browser compatible.
 * @module
 */

import type { EventOf, SessionEvent } from "../event.ts";
import { concat } from "../stream/collect.ts";
import { Stage } from "../stream/stage.ts";
import { readMark } from "./commands/mark.ts";
import { MarkScanner } from "./commands/mark_scanner.ts";
import { NonceCheck } from "./commands/nonce_check.ts";

/**
 * Returns a stage that takes our marks out of the output, and `nonceSha256` out of the header. Output of which nothing is left is
 * dropped; `command` events stay, since nobody could derive them again.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const nonceSha256 = "1be2e452b46d7a0d9656bbb1f768e8248eba1b75baed65f5d99eafa948899a6a"; // of "0123"
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24, nonceSha256 } } as const;
 * const data = new TextEncoder().encode("\x1b]633;A;0123\x07$ \x1b]633;A;else\x07");
 * const [, event] = await collect(streamOf(header, { kind: "output", time: 5, data }).pipeThrough(withoutMarks()));
 * deepEqual(event?.kind === "output" && new TextDecoder().decode(event.data), "$ \x1b]633;A;else\x07");
 * ```
 */
export function withoutMarks(): Stage {
  return new Stage((emit) => {
    let check = new NonceCheck(undefined);
    let kept: Uint8Array[] = [];
    let time = 0;
    const isOurs = (body: string) => {
      const nonce = readMark(body)?.nonce;
      return nonce !== undefined && check.isOurs(nonce);
    };
    const newScanner = () =>
      new MarkScanner({
        bytes: (data) => kept.push(data),
        mark: (body, data) => isOurs(body) || kept.push(data),
      });
    let scanner = newScanner();
    const show = (event: EventOf<"output">): SessionEvent | undefined => {
      const data = kept.length === 1 ? kept[0]! : concat(kept);
      kept = [];
      return data.length === 0 ? undefined : data === event.data ? event : { ...event, data };
    };
    const finish = () => {
      scanner.flush();
      const rest = show({ kind: "output", time, data: new Uint8Array(0) });
      if (rest) emit(rest);
    };
    return {
      push(event) {
        if (event.kind === "header") {
          finish();
          check = new NonceCheck(event.header.nonceSha256);
          scanner = newScanner();
          const { nonceSha256: _, ...header } = event.header;
          return emit(check.hasNonce ? { ...event, header } : event);
        }
        time = event.time;
        if (event.kind !== "output" || !check.hasNonce) return emit(event);
        scanner.push(event.data);
        const shown = show(event);
        if (shown) emit(shown);
      },
      flush: finish,
    };
  });
}
