/**
 * The part of a recording that is shown, and how fast.
 * @module
 */

import type { EventStream, SessionEvent } from "../../event.ts";
import type { EmulatorMaker } from "../../ports.ts";
import { excerpt } from "../../render/excerpt.ts";
import { compose } from "../../stream/compose.ts";
import { Stage } from "../../stream/stage.ts";
import { idleLimit } from "../../transform/idle_limit.ts";
import { speed } from "../../transform/speed.ts";
import type { Drawn } from "./drawn.ts";

/** Its events: a part first, then pauses, then speed, so that times mean what `info` shows. */
export function partOf({ events, flags }: Pick<Drawn, "events" | "flags">, make: EmulatorMaker): EventStream {
  const { from = 0, to = Infinity } = flags;
  const stages = [
    ...(from > 0 || to < Infinity ? [excerpt(make, from, to)] : []),
    idleLimit(flags.idleLimit),
    withoutWish(),
    ...(flags.speed === undefined ? [] : [speed(flags.speed)]),
  ];
  return events.pipeThrough(compose(...stages));
}

/** The wish for short pauses has been granted; players must not grant it again, to what is faster now. */
function withoutWish(): Stage {
  const granted = (event: SessionEvent): SessionEvent => {
    if (event.kind !== "header" || event.header.idleLimit === undefined) return event;
    const { idleLimit: _, ...header } = event.header;
    return { ...event, header };
  };
  return new Stage((emit) => ({ push: (event) => emit(granted(event)), flush: () => {} }));
}
