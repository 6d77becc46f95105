import { equal, ok } from "node:assert/strict";
import { MILLISECOND, type Nanos, SECOND } from "../lib/event.ts";
import { WallTime } from "../lib/transform/wall_time.ts";
import { clockEvent, header, marker } from "./support/events.ts";
import { SimulatedClock } from "./support/simulated_clock.ts";

/** What a recorder does: a `clock` event before the next one wherever wall clock and session went apart by a millisecond. */
function recording(clock: SimulatedClock, startedAt: number) {
  let written: Nanos = 0;
  return () => {
    const drift = Math.round((clock.wall() - startedAt) * MILLISECOND - clock.now());
    const moved = Math.abs(drift - written) >= MILLISECOND;
    if (moved) written = drift;
    return moved ? [clockEvent(clock.now(), drift), marker(clock.now())] : [marker(clock.now())];
  };
}

for (const skew of [100, -100]) {
  Deno.test(`WallTime is right to 1 ms under steps of an hour and a skew of ${skew} ppm`, async () => {
    const clock = new SimulatedClock({ skew });
    const startedAt = clock.wall();
    const write = recording(clock, startedAt);
    const wall = new WallTime();
    wall.of(header({ startedAt }));
    const steps = new Map([[100, 3_600_000], [200, -3_600_000], [300, -3_600_000], [400, 0.4]]);
    for (let second = 1; second <= 1000; second++) {
      await clock.advance(second % 7 * 0.3 * SECOND);
      clock.step(steps.get(second) ?? 0);
      for (const event of write()) {
        const error = wall.of(event)! - clock.wall();
        ok(Math.abs(error) <= 1, `wrong by ${error} ms after ${second} steps`);
      }
    }
  });
}

Deno.test("WallTime keeps microseconds", () => {
  const wall = new WallTime();
  equal(wall.of(header({ startedAt: 1_767_225_600_000.25 })), 1_767_225_600_000.25);
  equal(wall.of(marker(1_500_000)), 1_767_225_600_001.75);
});

Deno.test("WallTime is unknown in a session that does not tell when it began, and starts afresh with each header", () => {
  const wall = new WallTime();
  equal(wall.of(marker(5)), undefined);
  wall.of(header({ startedAt: 1000 }));
  equal(wall.of(clockEvent(0, SECOND)), 2000);
  equal(wall.of(header({ startedAt: 5000 })), 5000);
  equal(wall.of(header()), undefined);
  equal(wall.of(marker(5)), undefined);
});
