/**
 * What the pages of analysis have in common: one file with nothing outside of it, light and dark, readable on a phone and on paper.
 *
 * Nothing of a recording becomes part of a page but as text.
 * @module
 */

/** What every page looks like. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1c2128; --soft: #57606a; --line: #d0d7de; --paper: #fff; --card: #f6f8fa;
  --blue: #0969da; --green: #1a7f37; --red: #cf222e; --amber: #9a6700; --add: #dafbe1; --cut: #ffebe9 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --paper: #0d1117; --card: #151b23;
  --blue: #4493f8; --green: #3fb950; --red: #f85149; --amber: #d29922; --add: #12261e; --cut: #25171c } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
h1 { font-size: 1.4rem; margin: .5rem 0; overflow-wrap: anywhere } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
.soft { color: var(--soft) } code, pre { font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace }
pre { overflow-x: auto; margin: .25rem 0; padding: .5rem; background: var(--card); border-radius: .4rem }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--soft); font-weight: 600 } td.number, th.number { text-align: right; white-space: nowrap } td code { overflow-wrap: anywhere }
.good { color: var(--green) } .bad { color: var(--red) } .doubt { color: var(--amber) } a { color: var(--blue) }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --card: #fff } body { max-width: none } .screen { display: none } pre { white-space: pre-wrap } h2 { break-after: avoid } tr { break-inside: avoid } }
`;
