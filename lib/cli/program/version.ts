/** The version of the program, the same as in `deno.json`; a test compares them. */
export const VERSION = "0.1.0";

/** The day on which the version was made, for the manual. */
export const VERSION_DATE = "2026-11-28";
