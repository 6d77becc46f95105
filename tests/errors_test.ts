import { deepEqual, equal, ok } from "node:assert/strict";
import * as errors from "../lib/errors.ts";

const { FormatError, PtyError, SessionError, StorageError, Term2aiError, UsageError } = errors;

Deno.test("every error has a code of its own that never changes, its class as name, and is one of the family", () => {
  const cause = new Error("below");
  const all = [
    new UsageError("m", { cause }),
    new FormatError("m", {}, { cause }),
    new StorageError("m", "key", { cause }),
    new PtyError("m", "ENOENT", { cause }),
    new SessionError("m", { cause }),
  ];
  deepEqual(all.map((error) => error.code), ["usage", "format", "storage", "pty", "session"]);
  deepEqual(all.map((error) => error.name), ["UsageError", "FormatError", "StorageError", "PtyError", "SessionError"]);
  for (const error of all) {
    ok(error instanceof Term2aiError && error instanceof Error);
    equal(error.message, "m");
    equal(error.cause, cause);
  }
  equal(Object.keys(errors).length, all.length + 1);
});

Deno.test("errors tell what they are about", () => {
  deepEqual(new FormatError("m", { byte: 12 }).place, { byte: 12 });
  deepEqual(new FormatError("m").place, {});
  equal(new StorageError("m", "a/b.t2a").key, "a/b.t2a");
  equal(new PtyError("m", "EACCES").errno, "EACCES");
});
