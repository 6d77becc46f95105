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
export * from "./lib/stream/source.ts";
export * from "./lib/stream/pieces.ts";
export * from "./lib/stream/fork.ts";
export * from "./lib/terminal/emulator.ts";
export * from "./lib/terminal/screen_text.ts";
export * from "./lib/terminal/screen_log.ts";
export * from "./lib/terminal/screen_ansi.ts";
export { cellSize, screenSvg, type SvgFonts, type SvgOptions } from "./lib/terminal/screen_svg.ts";
export { THEMES } from "./lib/terminal/themes.ts";
export * from "./lib/terminal/screen_tracker.ts";
export * from "./lib/transform/seen.ts";
export * from "./lib/transform/move.ts";
export * from "./lib/transform/idle_limit.ts";
export * from "./lib/transform/skip_pauses.ts";
export * from "./lib/transform/speed.ts";
export * from "./lib/transform/mark.ts";
export * from "./lib/transform/without.ts";
export * from "./lib/transform/keyframes.ts";
export * from "./lib/transform/join.ts";
export * from "./lib/transform/commands.ts";
export * from "./lib/transform/without_marks.ts";
export * from "./lib/transform/mark_commands.ts";
export * from "./lib/transform/span.ts";
export * from "./lib/transform/session_state.ts";
export * from "./lib/transform/trim.ts";
export * from "./lib/transform/cut.ts";
export * from "./lib/transform/draw_screens.ts";
export * from "./lib/transform/anonymize.ts";
export * from "./lib/transform/stats.ts";
export * from "./lib/transform/wall_time.ts";
export * from "./lib/transform/inert.ts";
export * from "./lib/record/shell_integration/integrate.ts";
export * from "./lib/record/timing_recorder.ts";
export * from "./lib/record/metadata_recorder.ts";
export * from "./lib/record/event_recorder.ts";
export * from "./lib/record/session_recorder.ts";
export * from "./lib/replay/playback_state.ts";
export * from "./lib/replay/timebase.ts";
export * from "./lib/replay/due_times.ts";
export * from "./lib/replay/pacer.ts";
export * from "./lib/replay/read_ahead.ts";
export * from "./lib/replay/event_blocks.ts";
export * from "./lib/replay/block_cache.ts";
export * from "./lib/replay/block_reader.ts";
export { Timeline, type TimelineOptions } from "./lib/replay/timeline.ts";
export { type Direction, findChange, findCommand, findText } from "./lib/replay/find.ts";
export * from "./lib/replay/seeks.ts";
export * from "./lib/replay/seek_controller.ts";
export * from "./lib/replay/playback_controller.ts";
export * from "./lib/replay/speed_controller.ts";
export * from "./lib/replay/session_player.ts";
export * from "./lib/replay/terminal_modes.ts";
export * from "./lib/analyze/command_record.ts";
export * from "./lib/analyze/command_line.ts";
export * from "./lib/analyze/durations.ts";
export * from "./lib/analyze/output_rate.ts";
export * from "./lib/analyze/command_analyzer.ts";
export * from "./lib/analyze/performance_analyzer.ts";
export * from "./lib/analyze/error_shapes.ts";
export type { FoundError } from "./lib/analyze/error_reader.ts";
export * from "./lib/analyze/error_analyzer.ts";
export * from "./lib/analyze/command_list.ts";
export * from "./lib/analyze/session_filter.ts";
export * from "./lib/analyze/export/tables.ts";
export * from "./lib/analyze/export/csv.ts";
export * from "./lib/analyze/export/parquet.ts";
export * from "./lib/analyze/export/otlp.ts";
export * from "./lib/analyze/export/markdown.ts";
export * from "./lib/analyze/session_digest.ts";
export * from "./lib/analyze/compare.ts";
export * from "./lib/analyze/analyze.ts";
export * from "./lib/render/screen_at.ts";
export * from "./lib/render/excerpt.ts";
export { type SegmentFile, segments } from "./lib/render/segmented.ts";
export * from "./lib/render/html.ts";
export { chooseFonts } from "./lib/render/choose_fonts.ts";
export type { FontSet, FontShelf } from "./lib/render/font_set.ts";
export type { FontFile } from "./lib/render/font_file.ts";
export * from "./lib/render/pictures.ts";
export { hostFonts } from "./lib/host/fonts.ts";
export { loadRasterizer } from "./lib/host/rasterizer.ts";
export { loadPlayerAssets } from "./lib/host/player_assets.ts";
export * from "./lib/search/id.ts";
export * from "./lib/search/query.ts";
export * from "./lib/search/regex_literals.ts";
export * from "./lib/search/extract_text.ts";
export * from "./lib/search/text_extractor.ts";
export * from "./lib/search/text_file.ts";
export * from "./lib/search/search.ts";
export type { ClientInfo, InputAccess, Role, SessionInfo } from "./lib/session/protocol.ts";
export type { SessionConfig, SessionRecording } from "./lib/session/config.ts";
export type { SessionLimits } from "./lib/session/limits.ts";
export { type AttachOptions, Session } from "./lib/session/session.ts";
export { type Message, SocketConnection } from "./lib/session/web_socket.ts";
export { SessionManager, type SessionManagerOptions } from "./lib/session/session_manager.ts";
export { choosePtyHost, loadPtyHost, type PtyHostName } from "./lib/host/pty.ts";
export { EmulatorThread, type EmulatorThreadOptions } from "./lib/host/emulator_thread.ts";
export { hostFacts } from "./lib/host/facts.ts";
export { systemClock } from "./lib/host/clock.ts";
export { loadCodec } from "./lib/host/codec.ts";
export * from "./formats/mod.ts";
export * from "./storage/mod.ts";
export {
  findSecrets,
  redact,
  type RedactionPlan,
  redactPlanned,
  type SecretFinding,
  SecretFindings,
  type SecretOptions,
  type SecretPlace,
  Secrets,
} from "./lib/security/redact.ts";
export type { TextSearch } from "./lib/security/redaction/matcher.ts";
