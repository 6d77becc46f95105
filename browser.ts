/**
 * What of the library runs in a browser: events, stages, replay, drawing, search, analysis, and each format by its name. No file,
 * no process, no terminal; where a codec or a digest is needed it is given.
 *
 * This module is browser compatible.
 *
 * @example Read a recording that a page has loaded
 * ```ts
 * import { equal } from "node:assert/strict";
 * import { asciicastV3, blobSource, collect, Report } from "./browser.ts";
 *
 * const loaded = new Blob(['{"version":3,"term":{"cols":80,"rows":24}}\n[0.5,"o","hello"]\n']);
 * const events = asciicastV3.open(blobSource("hello.cast", loaded), new Report());
 * equal((await collect(events)).some((event) => event.kind === "output"), true);
 * ```
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
export * from "./lib/transform/keyframe_every.ts";
export * from "./lib/transform/keyframes.ts";
export * from "./lib/transform/join.ts";
export * from "./lib/transform/commands.ts";
export * from "./lib/transform/open_end.ts";
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
export * from "./lib/analyze/mod.ts";
export * from "./lib/render/screen_at.ts";
export * from "./lib/render/excerpt.ts";
export { type SegmentFile, segments } from "./lib/render/segmented.ts";
export * from "./lib/render/html.ts";
export { chooseFonts } from "./lib/render/choose_fonts.ts";
export type { FontSet, FontShelf } from "./lib/render/font_set.ts";
export type { FontFile } from "./lib/render/font_file.ts";
export * from "./lib/render/pictures.ts";
export * from "./lib/search/id.ts";
export * from "./lib/search/query.ts";
export * from "./lib/search/regex_literals.ts";
export * from "./lib/search/extract_text.ts";
export * from "./lib/search/text_extractor.ts";
export * from "./lib/search/text_file.ts";
export * from "./lib/search/search.ts";
export { asciicastV1 } from "./formats/asciicast_v1.ts";
export { asciicastV2 } from "./formats/asciicast_v2.ts";
export { asciicastV3 } from "./formats/asciicast_v3.ts";
export { jsonl } from "./formats/jsonl.ts";
export { raw } from "./formats/raw.ts";
export { script } from "./formats/script.ts";
export { sudoLogFormat } from "./formats/sudo_log.ts";
export { t2a, t2aFormat } from "./formats/t2a.ts";
export { terminalizerFormat } from "./formats/terminalizer.ts";
export { text } from "./formats/text.ts";
export { tlog } from "./formats/tlog.ts";
export { ttyrec } from "./formats/ttyrec.ts";
export { vhs } from "./formats/vhs.ts";
