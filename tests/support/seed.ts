/**
 * Every test of properties begins from the same seed, so that a change is judged by what it does and not by luck;
 * `TERM2AI_TEST_SEED` names another one, and `random` looks somewhere else each time, as `deno task nightly` does.
 * @module
 */

import fc from "fast-check";

const asked = Deno.env.get("TERM2AI_TEST_SEED") ?? "1";
const seed = asked === "random" ? Math.trunc(Math.random() * 0x7fffffff) : Number(asked);
if (!Number.isInteger(seed)) throw new Error(`TERM2AI_TEST_SEED is ${asked}: expected a whole number, or "random"`);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
