import { deepEqual, equal } from "node:assert/strict";
import { isDerived, MICROSECOND, MILLISECOND, SECOND } from "../lib/event.ts";
import { everyKind } from "./support/events.ts";

Deno.test("isDerived() is true for keyframes and commands, and for nothing that was recorded", () => {
  deepEqual(everyKind().filter(isDerived).map((event) => event.kind), ["keyframe", "command"]);
});

Deno.test("Nanos are exact for 104 days", () => {
  equal(SECOND, 1000 * MILLISECOND);
  equal(MILLISECOND, 1000 * MICROSECOND);
  const days104 = 104 * 24 * 3600 * SECOND;
  equal(days104 + 1 - days104, 1);
});
