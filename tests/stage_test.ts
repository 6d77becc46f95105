import { deepEqual, equal, rejects } from "node:assert/strict";
import { collect, streamOf } from "../lib/stream/collect.ts";
import { Stage } from "../lib/stream/stage.ts";
import { batches, everyKind, handFed, header, marker } from "./support/events.ts";

const same = () => new Stage((emit) => ({ push: emit, flush: () => {} }));

Deno.test("Stage hands events on as they are, batch by batch", async () => {
  const [a, b, c] = [header(), marker(1), marker(2)];
  const reader = batches([a, b], [c]).pipeThrough(same()).getReader();
  const first = await reader.read();
  equal(first.value?.[0], a);
  equal(first.value?.length, 2);
  deepEqual((await reader.read()).value, [c]);
  equal((await reader.read()).done, true);
});

Deno.test("Stage sends no empty batch when a core keeps everything", async () => {
  const deaf = new Stage(() => ({ push: () => {}, flush: () => {} }));
  const reader = batches([marker(0)], [marker(1)]).pipeThrough(deaf).getReader();
  equal((await reader.read()).done, true);
});

Deno.test("Stage sends what a core emits in flush() after everything else", async () => {
  const late = new Stage((emit) => {
    let count = 0;
    return { push: () => void count++, flush: () => emit(marker(9, `${count}`)) };
  });
  deepEqual(await collect(batches([marker(0)], [marker(1), marker(2)]).pipeThrough(late)), [marker(9, "3")]);
});

Deno.test("Stage fails its stream when a core throws", async () => {
  const strict = new Stage(() => ({
    push: () => {
      throw new TypeError("no");
    },
    flush: () => {},
  }));
  await rejects(collect(streamOf(marker(0)).pipeThrough(strict)), /no/);
});

Deno.test("Stage hands no batch on before it is asked", async () => {
  const { events, feed, cancelled } = handFed();
  for (let time = 0; time < 10; time++) feed(marker(time));
  const reader = events.pipeThrough(same()).getReader();
  deepEqual((await reader.read()).value, [marker(0)]);
  await reader.cancel("enough");
  equal(cancelled(), "enough");
});

Deno.test("Stage passes every kind of event", async () => {
  deepEqual(await collect(streamOf(...everyKind()).pipeThrough(same())), everyKind());
});
