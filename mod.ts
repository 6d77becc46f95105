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
export * from "./lib/stream/coding.ts";
export * from "./lib/stream/one_session.ts";
export * from "./lib/stream/fan_out.ts";
export * from "./lib/stream/peek.ts";
export * from "./lib/transform/seen.ts";
export * from "./lib/transform/move.ts";
export * from "./lib/transform/idle_limit.ts";
export * from "./lib/transform/skip_pauses.ts";
export * from "./lib/transform/speed.ts";
export * from "./lib/transform/mark.ts";
export * from "./lib/transform/without.ts";
export * from "./lib/transform/join.ts";
export * from "./lib/transform/stats.ts";
export * from "./lib/transform/wall_time.ts";
export * from "./lib/transform/inert.ts";
export * from "./lib/record/timing_recorder.ts";
export * from "./lib/record/metadata_recorder.ts";
export * from "./lib/record/event_recorder.ts";
export * from "./lib/record/session_recorder.ts";
export * from "./lib/replay/playback_state.ts";
export * from "./lib/replay/timebase.ts";
export * from "./lib/replay/pacer.ts";
export * from "./lib/replay/read_ahead.ts";
export * from "./lib/replay/playback_controller.ts";
export * from "./lib/replay/speed_controller.ts";
export * from "./lib/replay/session_player.ts";
export * from "./lib/replay/terminal_modes.ts";
export { choosePtyHost, loadPtyHost, type PtyHostName } from "./lib/host/pty.ts";
export { hostFacts } from "./lib/host/facts.ts";
export { systemClock } from "./lib/host/clock.ts";
export { loadCodec } from "./lib/host/codec.ts";
export * from "./formats/mod.ts";
