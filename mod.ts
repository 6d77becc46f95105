/**
 * Records, replays, converts and describes terminal sessions: everything is a WHATWG stream of session events.
 * @module
 */
export * from "./lib/event.ts";
export * from "./lib/errors.ts";
export * from "./lib/report.ts";
export * from "./lib/models.ts";
export * from "./lib/ports.ts";
export * from "./lib/stream/stage.ts";
export * from "./lib/stream/compose.ts";
export * from "./lib/stream/collect.ts";
export * from "./lib/stream/byte_queue.ts";
export * from "./lib/stream/fan_out.ts";
export * from "./lib/stream/peek.ts";
export * from "./lib/record/timing_recorder.ts";
export * from "./lib/record/metadata_recorder.ts";
export * from "./lib/record/event_recorder.ts";
export * from "./lib/record/session_recorder.ts";
export { choosePtyHost, loadPtyHost, type PtyHostName } from "./lib/host/pty.ts";
export { hostFacts } from "./lib/host/facts.ts";
export { systemClock } from "./lib/host/clock.ts";
