/**
 * Sessions as OpenTelemetry traces: a trace for each session, a span for each command.
 *
 * Source: opentelemetry-proto, `trace/v1/trace.proto`, in its JSON encoding: identifiers in hexadecimal, 64-bit numbers as text,
 * names in lower camel case. Attributes are named as the semantic conventions of OpenTelemetry name processes and hosts.
 *
 * This module is browser compatible.
 * @module
 */

import { UsageError } from "../../errors.ts";
import type { SessionEvent, SessionHeader } from "../../event.ts";
import type { CommandRecord } from "../../models.ts";
import type { SessionAnalyzer } from "../../ports.ts";
import { sha256Of } from "../../text/sha256.ts";
import { CommandCollector } from "../commands/command_record.ts";
import { hasFailed, parseCommandLine } from "../commands/command_line.ts";

/**
 * A value of an attribute.
 *
 * @example
 * ```ts
 * const value: OtlpValue = { intValue: "2" };
 * ```
 */
export type OtlpValue = { readonly stringValue: string } | { readonly intValue: string } | {
  readonly doubleValue: number;
};

/**
 * A name and a value.
 *
 * @example
 * ```ts
 * const attribute: OtlpAttribute = { key: "host.name", value: { stringValue: "engine" } };
 * ```
 */
export interface OtlpAttribute {
  /** The name. */
  readonly key: string;
  /** The value. */
  readonly value: OtlpValue;
}

/**
 * A span: a command, or the session around them.
 *
 * @example
 * ```ts
 * const nanos = ({ startTimeUnixNano, endTimeUnixNano }: OtlpSpan) => BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano);
 * ```
 */
export interface OtlpSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits. */
  readonly spanId: string;
  /** Of the session, in a command. */
  readonly parentSpanId?: string;
  /** What is shown. */
  readonly name: string;
  /** 1: internal. */
  readonly kind: 1;
  /** Nanoseconds since 1970. */
  readonly startTimeUnixNano: string;
  /** Nanoseconds since 1970. */
  readonly endTimeUnixNano: string;
  /** What is known about it. */
  readonly attributes: readonly OtlpAttribute[];
  /** 0 not known, 1 well, 2 failed. */
  readonly status: { readonly code: 0 | 1 | 2; readonly message?: string };
}

/**
 * What is sent: an `ExportTraceServiceRequest`.
 *
 * @example
 * ```ts
 * const spans = ({ resourceSpans }: OtlpTraces) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
 * spans({ resourceSpans: [] });
 * ```
 */
export interface OtlpTraces {
  /** One for each session. */
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly {
      readonly scope: { readonly name: string; readonly version?: string };
      readonly spans: readonly OtlpSpan[];
    }[];
  }[];
}

/** How many commands of a session are sent. */
const MAX_SPANS = 100_000;

/**
 * Events in, traces out.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 *
 * const tracer = new SessionTracer();
 * tracer.push({ kind: "header", time: 0, header: { cols: 80, rows: 24, startedAt: 1.7e12, host: "engine" } });
 * tracer.push({ kind: "command", time: 1e9, phase: "output", text: "make test" });
 * tracer.push({ kind: "command", time: 3e9, phase: "done", code: 2 });
 * const [session, make] = tracer.result().resourceSpans[0]!.scopeSpans[0]!.spans;
 * deepEqual([make?.name, make?.parentSpanId === session?.spanId, make?.status.code], ["make test", true, 2]);
 * ```
 */
export class SessionTracer implements SessionAnalyzer<OtlpTraces> {
  readonly #version: string | undefined;
  readonly #collector = new CommandCollector({
    begin: () => {},
    output: () => {},
    end: (command) => void (this.#commands.length < MAX_SPANS && this.#commands.push({ ...command })),
  });
  #finished: OtlpTraces["resourceSpans"][number][] = [];
  #header: SessionHeader | undefined;
  #commands: CommandRecord[] = [];
  #end = 0;
  #drift = 0;
  #status: OtlpSpan["status"] = { code: 0 };

  /** `version`: of the program that exports. */
  constructor({ version }: { readonly version?: string } = {}) {
    this.#version = version;
  }

  /**
   * Takes the next event; commands must have been derived, see `deriveCommands`.
   *
   * @throws {UsageError} If a session does not say when it began: a trace without times is none.
   */
  push(event: SessionEvent): void {
    this.#collector.push(event);
    if (event.kind === "header") return this.#begin(event.header);
    this.#end = Math.max(this.#end, event.time);
    if (event.kind === "clock") this.#drift = event.drift;
    if (event.kind !== "exit") return;
    const code = "code" in event.status ? event.status.code : undefined;
    this.#status = code === 0
      ? { code: 1 }
      : { code: 2, message: code === undefined ? "ended by a signal" : `exit ${code}` };
  }

  /** All sessions so far. */
  result(): OtlpTraces {
    this.#collector.flush();
    const last = this.#finish();
    return { resourceSpans: [...this.#finished, ...(last ? [last] : [])] };
  }

  #begin(header: SessionHeader): void {
    if (header.startedAt === undefined) {
      throw new UsageError("Cannot export traces: the recording does not say when it began");
    }
    const before = this.#finish();
    if (before) this.#finished.push(before);
    this.#header = header;
    this.#commands = [];
    this.#end = this.#drift = 0;
    this.#status = { code: 0 };
  }

  #finish(): OtlpTraces["resourceSpans"][number] | undefined {
    const header = this.#header;
    if (!header) return undefined;
    const traceId = /^[0-9a-f]{32}$/.test(header.id ?? "") ? header.id! : hash(JSON.stringify(header), 32);
    const session = this.#session(header, traceId);
    const spans = this.#commands.map((command) => this.#command(header, session, command));
    const scope = { name: "term2ai", ...(this.#version !== undefined && { version: this.#version }) };
    return { resource: { attributes: resourceOf(header) }, scopeSpans: [{ scope, spans: [session, ...spans] }] };
  }

  #session(header: SessionHeader, traceId: string): OtlpSpan {
    const { title, command } = header;
    return {
      traceId,
      spanId: hash(`${traceId} session`, 16),
      name: title ?? command ?? "terminal session",
      kind: 1,
      startTimeUnixNano: unixNanos(header.startedAt!, 0),
      endTimeUnixNano: unixNanos(header.startedAt!, this.#end + this.#drift),
      attributes: attributes({
        "terminal.columns": header.cols,
        "terminal.rows": header.rows,
        "session.id": header.id,
      }),
      status: this.#status,
    };
  }

  #command(header: SessionHeader, session: OtlpSpan, command: CommandRecord): OtlpSpan {
    const { text, code, cwd, start, end, outputBytes, confidence, index } = command;
    const drift = command.startedAt === undefined ? 0 : (command.startedAt - header.startedAt!) * 1e6 - start;
    return {
      traceId: session.traceId,
      spanId: hash(`${session.traceId} ${index}`, 16),
      parentSpanId: session.spanId,
      name: text === undefined ? "(unknown command)" : text.split("\n")[0]!.slice(0, 200),
      kind: 1,
      startTimeUnixNano: unixNanos(header.startedAt!, Math.round(start + drift)),
      endTimeUnixNano: unixNanos(header.startedAt!, Math.round((end ?? this.#end) + drift)),
      attributes: attributes({
        "process.command_line": text,
        "process.executable.name": text === undefined ? undefined : parseCommandLine(text).programs[0]?.program,
        "process.exit.code": code,
        "process.working_directory": cwd,
        "term2ai.output_bytes": outputBytes,
        "term2ai.confidence": confidence,
      }),
      status: code === 0 ? { code: 1 } : hasFailed(code, text) ? { code: 2, message: `exit ${code}` } : { code: 0 },
    };
  }
}

function resourceOf({ host, user, shell, term }: SessionHeader): OtlpAttribute[] {
  return attributes({
    "service.name": "terminal",
    "host.name": host,
    "process.owner": user,
    "process.executable.path": shell,
    "terminal.type": term,
  });
}

function attributes(all: Readonly<Record<string, string | number | undefined>>): OtlpAttribute[] {
  return Object.entries(all).flatMap(([key, value]) => value === undefined ? [] : [{ key, value: valueOf(value) }]);
}

function valueOf(value: string | number): OtlpValue {
  if (typeof value === "string") return { stringValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** Milliseconds with fractions and nanoseconds, exactly. */
function unixNanos(startedAt: number, time: number): string {
  const micros = BigInt(Math.round(startedAt * 1000));
  const nanos = micros * 1000n + BigInt(Math.round(time));
  return String(nanos > 0n ? nanos : 0n);
}

function hash(text: string, digits: number): string {
  return sha256Of(text).slice(0, digits);
}
