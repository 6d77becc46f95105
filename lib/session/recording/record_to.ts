/**
 * Moves a session from its recorder into a file.
 *
 * The recorder and the sink share one clock, the recorder's: the recorder wakes up when the sink has something to do, so
 * neither needs a timer of its own. (The first `setTimeout` and the first stream of a process take 16 and 8 ms, more than all
 * the rest of a short recording.)
 * @module
 */

import type { SessionRecorder } from "../../record/session_recorder.ts";
import type { RecordingSink } from "./recording_sink.ts";

/** Stores everything that the recorder yields, to the end of the session. */
export async function recordTo(recorder: SessionRecorder, sink: RecordingSink): Promise<void> {
  try {
    for (let batch = await recorder.next(); batch; batch = await recorder.next()) {
      await sink.write(batch, recorder.now);
      recorder.alarm(sink.deadline);
    }
    await sink.close();
  } catch (error) {
    await recorder.close();
    throw error;
  }
}
