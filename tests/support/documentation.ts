/**
 * What the library exports, and what its documentation says about that.
 * @module
 */

import { deno } from "./imports.ts";

/** One exported name. */
export interface ExportedSymbol {
  /** As users import it. */
  readonly name: string;
  /** Whether a runnable example stands in its documentation. */
  readonly hasExample: boolean;
}

interface Declaration {
  readonly jsDoc?: { readonly tags?: readonly { readonly kind: string }[] };
}

interface DocumentedModule {
  readonly symbols: readonly { readonly name: string; readonly declarations: readonly Declaration[] }[];
}

/** All names that `mod.ts` exports, types included. */
export async function exportedSymbols(): Promise<ExportedSymbol[]> {
  const { nodes } = JSON.parse(await deno("doc", "--json", "mod.ts"));
  return (Object.values(nodes) as DocumentedModule[]).flatMap(({ symbols }) =>
    symbols.map(({ name, declarations }) => ({ name, hasExample: declarations.some(isExemplified) }))
  );
}

function isExemplified({ jsDoc }: Declaration): boolean {
  return jsDoc?.tags?.some(({ kind }) => kind === "example") ?? false;
}
