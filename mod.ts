/**
 * Records, replays, converts and describes terminal sessions: everything is a WHATWG stream of session events.
 * @module
 */
export * from "./common.ts";
export { hostFonts } from "./lib/host/fonts.ts";
export { loadRasterizer } from "./lib/host/rasterizer.ts";
export { loadPlayerAssets } from "./lib/host/player_assets.ts";
export type { ClientInfo, InputAccess, Role, SessionInfo } from "./lib/session/control/protocol.ts";
export type { SessionConfig, SessionRecording } from "./lib/session/template/config.ts";
export type { RedactionRules } from "./lib/session/template/redaction_rules.ts";
export type { SessionLimits } from "./lib/session/limits.ts";
export { type AttachOptions, Session } from "./lib/session/session.ts";
export { type Message, SocketConnection } from "./lib/session/control/web_socket.ts";
export { SessionManager, type SessionManagerOptions } from "./lib/session/session_manager.ts";
export { choosePtyHost, loadPtyHost, type PtyHostName } from "./lib/host/pty.ts";
export { EmulatorThread, type EmulatorThreadOptions } from "./lib/host/emulator_thread.ts";
export { hostFacts } from "./lib/host/facts.ts";
export { systemClock } from "./lib/host/clock.ts";
export { loadCodec } from "./lib/host/codec.ts";
export * from "./formats/mod.ts";
export * from "./storage/mod.ts";
