/**
 * `term2ai store`: what can be done with stored recordings.
 * @module
 */

import { buildRouteMap, type RouteMap } from "@stricli/core";
import type { Context } from "./program/context.ts";
import { exportCommand, importCommand } from "./store/archive.ts";
import { gc } from "./store/gc.ts";
import { get } from "./store/get.ts";
import { ls } from "./store/ls.ts";
import { migrateCommand } from "./store/migrate.ts";
import { reindex } from "./store/reindex.ts";
import { decryptCommand, encryptCommand, redactCommand } from "./store/replace.ts";
import { rm } from "./store/rm.ts";
import { stat } from "./store/stat.ts";
import { tag, untag } from "./store/tag.ts";

export const command: RouteMap<Context> = buildRouteMap({
  routes: {
    ls,
    get,
    rm,
    tag,
    untag,
    stat,
    redact: redactCommand,
    encrypt: encryptCommand,
    decrypt: decryptCommand,
    migrate: migrateCommand,
    reindex,
    gc,
    export: exportCommand,
    import: importCommand,
  },
  docs: {
    brief: "list, get, tag, move and clean up stored recordings",
    fullDescription:
      `Works on the recordings of a store. Where an ID is wanted its beginning is enough, and last is the newest.

  term2ai store ls --since 1d                             what was recorded since yesterday
  term2ai store get last - | term2ai info -               a recording as it is
  term2ai store redact last                               hide its secrets, there and in the catalog
  term2ai store migrate file:///old s3://recordings/me    to another store; what was interrupted goes on
  term2ai store gc --older-than 90d --keep-tag keep       what need not be kept

--store URL names the store; see term2ai --help.`,
  },
});
