import { deepEqual } from "node:assert/strict";
import { exportedSymbols } from "./support/documentation.ts";
import { ROOT } from "./support/imports.ts";

/** The names that users were promised, and whether they exist yet. Turn the flag when one comes. */
const NAMES: Record<string, boolean> = {
  SessionManager: true,
  SessionRecorder: true,
  TimingRecorder: true,
  EventRecorder: true,
  MetadataRecorder: true,
  SessionPlayer: true,
  PlaybackController: true,
  SpeedController: true,
  SeekController: true,
  SessionStorage: true,
  FileStorage: true,
  DatabaseStorage: true,
  CloudStorage: true,
  SessionAnalyzer: true,
  CommandAnalyzer: true,
  PerformanceAnalyzer: true,
  ErrorAnalyzer: true,
  Session: true,
  SessionConfig: true,
  SessionEvent: true,
  RecordingStats: true,
  PlaybackState: true,
};

/** The same for the tests by which they are judged; one that measures may be a benchmark. */
const TESTS: Record<string, boolean> = {
  session_creation: true,
  session_recording: true,
  session_replay: true,
  session_persistence: true,
  multi_session_management: true,
  session_analysis: true,
  concurrent_sessions: true,
  large_session_handling: true,
  session_recovery: true,
  recording_performance: true,
  storage_efficiency: true,
};

const built = (list: Record<string, boolean>) => Object.keys(list).filter((name) => list[name]);

Deno.test("the library exports the promised names that are built, and no other of them yet", async () => {
  const exported = new Set((await exportedSymbols()).map(({ name }) => name));
  deepEqual(Object.keys(NAMES).filter((name) => exported.has(name)), built(NAMES));
});

Deno.test("the promised tests exist for what is built, and for nothing else yet", () => {
  const files = ["tests", "bench"].flatMap((folder) => [...Deno.readDirSync(ROOT + folder)].map(({ name }) => name));
  const exists = (name: string) => files.includes(`${name}_test.ts`) || files.includes(`${name}_bench.ts`);
  deepEqual(Object.keys(TESTS).filter(exists), built(TESTS));
});
