/**
 * What a store of sessions is made of.
 * @module
 */

import type { EventStream } from "../../lib/event.ts";
import type { BlobStore, Catalog, SessionReader, SessionWriter, Source, UnwrapKey } from "../../lib/ports.ts";
import type { Report } from "../../lib/report.ts";

/**
 * The formats that recordings may have.
 *
 * @example
 * ```ts
 * import { openRecording, WRITERS } from "@term2ai/term2ai/formats";
 * const formats: SessionFormats = { open: (source, report, unwrap) => openRecording(source, { report, ...(unwrap && { unwrap }) }), writers: WRITERS };
 * ```
 */
export interface SessionFormats {
  /** Recognises a recording and opens it; `unwrap` opens the key of an encrypted one. */
  open(
    source: Source,
    report: Report,
    unwrap?: UnwrapKey,
  ): Promise<{ readonly reader: SessionReader; readonly events: EventStream }>;
  /** Those that can be written; one of them is T2A. */
  readonly writers: readonly SessionWriter[];
}

/**
 * The parts of a store.
 *
 * @example
 * ```ts
 * const place = ({ blobs, catalog }: StorageParts) => `${blobs.name}, known by ${catalog.name}`;
 * ```
 */
export interface StorageParts {
  /** Keeps recordings, and beside each `ID.meta.json` and `ID.text`. */
  readonly blobs: BlobStore;
  /** Knows about them. */
  readonly catalog: Catalog;
  /** Whose recordings these are. */
  readonly owner: string;
  /** How recordings are read. */
  readonly formats: SessionFormats;
  /** Bytes that all recordings together may take; `Infinity` for no limit. */
  readonly quota: number;
  /** Called when the store is closed, after its parts. */
  readonly onClose: () => Promise<void>;
}
