/**
 * Chooses sessions by what their headers say.
 *
 * This module is browser compatible.
 * @module
 */

import type { SessionHeader } from "../event.ts";
import { Stage } from "../stream/stage.ts";

/**
 * What a session has to be like; what is absent does not matter.
 *
 * @example
 * ```ts
 * const lastWeekHere: SessionQuery = { since: Date.now() - 7 * 86_400_000, host: "engine" };
 * ```
 */
export interface SessionQuery {
  /** Not begun before this, in milliseconds since 1970. */
  readonly since?: number;
  /** Not begun at this time or later. */
  readonly until?: number;
  /** The machine. */
  readonly host?: string;
  /** Who recorded. */
  readonly user?: string;
  /** Words that it must all have. */
  readonly tags?: readonly string[];
}

/**
 * Says whether a session is wanted. One that does not say when it began is not, where that matters.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * equal(isWanted({ cols: 80, rows: 24, host: "engine" }, { host: "other" }), false);
 * ```
 */
export function isWanted({ startedAt, host, user, tags }: SessionHeader, query: SessionQuery): boolean {
  const { since = -Infinity, until = Infinity } = query;
  if (query.since !== undefined || query.until !== undefined) {
    if (startedAt === undefined || startedAt < since || startedAt >= until) return false;
  }
  return (query.host === undefined || query.host === host) && (query.user === undefined || query.user === user) &&
    (query.tags ?? []).every((tag) => tags?.includes(tag));
}

/**
 * Returns a stage that lets through the sessions that are wanted, whole.
 *
 * @example
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { collect, streamOf } from "@term2ai/term2ai";
 *
 * const header = { kind: "header", time: 0, header: { cols: 80, rows: 24, host: "engine" } } as const;
 * const events = streamOf(header, { kind: "marker", time: 1, label: "a" });
 * equal((await collect(events.pipeThrough(sessionsLike({ host: "other" })))).length, 0);
 * ```
 */
export function sessionsLike(query: SessionQuery): Stage {
  return new Stage((emit) => {
    let wanted = true;
    return {
      push(event) {
        if (event.kind === "header") wanted = isWanted(event.header, query);
        if (wanted) emit(event);
      },
      flush: () => {},
    };
  });
}
