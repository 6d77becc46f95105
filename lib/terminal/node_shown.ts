/**
 * Puts back what `node_hidden.ts` took away.
 *
 * This module is browser compatible.
 * @module
 */

import { hidden } from "./node_hidden.ts";

for (const { name, before } of hidden) {
  if (before?.configurable) Object.defineProperty(globalThis, name, before);
  else if (!before) Reflect.deleteProperty(globalThis, name);
}
