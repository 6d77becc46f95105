/**
 * Requests to an S3-compatible object storage: signed, tried again where that may help, and with answers turned into errors that say
 * what is wrong.
 * @module
 */

import { AwsClient } from "aws4fetch";
import { StorageError } from "../../lib/errors.ts";
import type { Credentials } from "./credentials.ts";

/** Where the bucket is, and who asks. */
export interface ClientOptions {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** The bucket's name is part of the host's, not of the path. */
  readonly virtualHost: boolean;
}

/** One request. */
export interface Request {
  /** The object, or nothing for the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Answers that are no errors, beside all of 200 to 299. */
  readonly accept?: readonly number[];
}

/** How often a request is tried, and the pause before the second time; each later one is twice as long. */
const TRIES = 6;
const FIRST_PAUSE_MS = 150;
const ANSWER_WITHIN_MS = 60_000;

/** Answers that another try may better. */
const isPassing = (status: number) =>
  status === 429 || status === 500 || status === 502 || status === 503 || status === 504;

/** A bucket. */
export class S3Client {
  readonly #options: ClientOptions;
  readonly #aws: AwsClient;
  readonly #base: string;
  /** Requests sent so far. */
  requests = 0;

  constructor(options: ClientOptions) {
    const { endpoint, bucket, region, credentials, virtualHost } = options;
    this.#options = options;
    this.#aws = new AwsClient({ ...credentials, service: "s3", region, retries: 0 });
    const url = new URL(endpoint);
    const path = url.pathname.replace(/\/+$/, "");
    this.#base = virtualHost
      ? `${url.protocol}//${bucket}.${url.host}${path}`
      : `${url.protocol}//${url.host}${path}/${encode(bucket)}`;
  }

  /**
   * Sends a request; the answer's body must be read or cancelled.
   *
   * @throws {StorageError} If the server cannot be reached, or refuses.
   */
  async send(method: string, request: Request): Promise<Response> {
    for (let attempt = 1;; attempt++) {
      const isLast = attempt === TRIES;
      let pause = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      try {
        const response = await this.#try(method, request);
        if (response.ok || request.accept?.includes(response.status)) return response;
        const text = await response.text();
        if (isLast || !isPassing(response.status)) throw this.#refusal(method, request, response.status, text);
        pause = Math.max(pause, Number(response.headers.get("retry-after") ?? 0) * 1000);
      } catch (error) {
        if (error instanceof StorageError) throw error;
        if (isLast) throw this.#unreachable(request, error);
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Sends a request whose answer is a short text. */
  async text(method: string, request: Request): Promise<string> {
    return await (await this.send(method, request)).text();
  }

  async #try(method: string, { key, query, headers = {}, body }: Request): Promise<Response> {
    const path = key === undefined ? "" : "/" + key.split("/").map(encode).join("/");
    const search = Object.entries(query ?? {}).map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&");
    const url = `${this.#base}${path}${search === "" ? "" : "?" + search}`;
    const signed = await this.#aws.sign(url, { method, headers, ...(body !== undefined && { body }) });
    this.requests++;
    return await fetch(signed, {
      signal: AbortSignal.timeout(body === undefined ? ANSWER_WITHIN_MS : 5 * ANSWER_WITHIN_MS),
    });
  }

  #unreachable({ key = "" }: Request, error: unknown): StorageError {
    const why = error instanceof Error ? error.message.replace(/^.*?: (?=client error|error)/, "") : String(error);
    return new StorageError(`Cannot reach ${this.#options.endpoint}: ${why}\n  It was tried ${TRIES} times`, key, {
      cause: error,
    });
  }

  #refusal(method: string, { key = "" }: Request, status: number, text: string): StorageError {
    const { bucket, endpoint } = this.#options;
    const code = /<Code>([^<]*)/.exec(text)?.[1] ?? `status ${status}`;
    const message = unescapeXml(/<Message>([^<]*)/.exec(text)?.[1] ?? "");
    const what = REASONS[code]?.(bucket, endpoint) ?? `${code}${message ? `: ${message}` : ""}`;
    return new S3Refusal(
      `Cannot ${VERBS[method] ?? "use"} ${key || bucket} at ${endpoint}: ${what}`,
      key,
      status,
      code,
    );
  }
}

/** The server has refused. */
export class S3Refusal extends StorageError {
  readonly status: number;
  readonly reason: string;

  constructor(message: string, key: string, status: number, reason: string) {
    super(message, key);
    this.status = status;
    this.reason = reason;
  }
}

const VERBS: Readonly<Record<string, string>> = {
  GET: "read",
  HEAD: "read",
  PUT: "write",
  POST: "write",
  DELETE: "delete",
};

const REASONS: Readonly<Record<string, (bucket: string, endpoint: string) => string>> = {
  NoSuchBucket: (bucket) => `there is no bucket ${bucket}; make it first, or correct the URL`,
  InvalidAccessKeyId: () => "it does not know the access key; see AWS_ACCESS_KEY_ID, or the profile",
  SignatureDoesNotMatch: () =>
    "the secret key is not the one of this access key; see AWS_SECRET_ACCESS_KEY, or the profile",
  AccessDenied: () => "access is denied: these credentials may not do this here",
  QuotaExceeded: () => "the bucket is full",
  EntityTooLarge: () => "it is larger than the server takes",
};

/** As S3 wants it: all but letters, digits, `-`, `.`, `_` and `~`. A literal `+` would be signed as a blank. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase(),
  );
}

/** Text out of an XML answer. */
export function unescapeXml(text: string): string {
  const names: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal) return String.fromCodePoint(Number(decimal));
    return hex ? String.fromCodePoint(parseInt(hex, 16)) : names[name] ?? whole;
  });
}

/** The contents of all elements of one name, in order. */
export function elements(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, content]) => unescapeXml(content!));
}
