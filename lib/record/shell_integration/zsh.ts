/**
 * What zsh is told, so that it marks its commands.
 *
 * zsh looks for its files in `ZDOTDIR`; ours there puts the user's own back first. The hooks are put in at the first prompt,
 * when everybody else's are there: `precmd` first, because the others take time, `preexec` last, because they print. Each puts the
 * other one back, where somebody has set the list of hooks anew. The clock is read last before a command and first behind it, and the
 * mark of the end tells how long that was.
 *
 * This module is browser compatible.
 * @module
 */

import { quoteArgument } from "../metadata_recorder.ts";
import { script } from "./script.ts";

/**
 * The text of the `.zshenv` that zsh reads first.
 *
 * @param nonce The word that makes marks ours: letters and digits.
 * @param file Where the text will stand; it removes itself and its folder.
 * @param env The environment that zsh was going to have.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * match(zshScript("0123abcd", "/tmp/x/.zshenv", { ZDOTDIR: "/home/ada/zsh" }), /ZDOTDIR=\/home\/ada\/zsh/);
 * ```
 */
export function zshScript(nonce: string, file: string, env: Readonly<Record<string, string>>): string {
  const folder = file.slice(0, file.lastIndexOf("/"));
  const restored = env.ZDOTDIR === undefined ? "unset ZDOTDIR" : `export ZDOTDIR=${quoteArgument(env.ZDOTDIR)}`;
  return `${restored}
command rm -f -- ${quoteArgument(file)}; command rmdir -- ${quoteArgument(folder)}
if [[ -o interactive ]]; then
  builtin typeset -gi __term2ai_code
  builtin typeset -g __term2ai_begin
  builtin emulate zsh ${OPTIONS} -c ${quoteArgument(FUNCTIONS.replaceAll("NONCE", nonce))}
  builtin typeset -ga precmd_functions
  precmd_functions+=(__term2ai_install)
fi
if [[ -r "\${ZDOTDIR-$HOME}/.zshenv" ]]; then builtin source "\${ZDOTDIR-$HOME}/.zshenv"; fi
`;
}

/** Microseconds since 1970, as prompts tell them: that needs no module. */
const NOW = script`%{(%):-%D{%s%6.}}`;

// Where the user has a function called `builtin`, nothing is said at all. `trap - DEBUG` comes first and takes the exit status along: until it has run nothing else may, or a trap of the user's would
// go off for it. It holds for the function alone (localtraps), as do the options.
const FUNCTIONS = script`
__term2ai_escape() {
  escaped=%{1//\\/\\\\}
  escaped=%{escaped//(#m)[$'\x01'-$'\x1f\x7f;']/\\x%{(l:2::0:)$(([##16]##$MATCH))}}
}
__term2ai_precmd() {
  BUILTIN trap - DEBUG %{%{:-$((__term2ai_code=$?))}:+}
  BUILTIN local escaped end=NOW took=
  if [[ $__term2ai_begin == <1-> && $end == <1-> && $end -ge $__term2ai_begin ]]; then took=";took=$((end - __term2ai_begin))"; fi
  __term2ai_begin=
  __term2ai_escape "$PWD"
  BUILTIN printf '\e]633;D;%s;NONCE%s\a\e]633;P;Cwd=%s;NONCE\a\e]633;A;NONCE\a' "$__term2ai_code" "$took" "$escaped" >/dev/tty
  if [[ -z "%{(M)preexec_functions:#__term2ai_preexec}" ]]; then preexec_functions+=(__term2ai_preexec); fi
}
__term2ai_preexec() {
  BUILTIN trap - DEBUG
  BUILTIN local escaped
  __term2ai_escape "$PWD"
  BUILTIN printf '\e]633;P;Cwd=%s;NONCE\a' "$escaped" >/dev/tty
  __term2ai_escape "$1"
  BUILTIN printf '\e]633;E;%s;NONCE\a\e]633;C;NONCE\a' "$escaped" >/dev/tty
  __term2ai_begin=NOW
  if [[ -z "%{(M)precmd_functions:#__term2ai_precmd}" ]]; then precmd_functions=(__term2ai_precmd $precmd_functions); fi
}
__term2ai_install() {
  builtin trap - DEBUG %{%{:-$((__term2ai_code=$?))}:+}
  precmd_functions=(%{precmd_functions:#__term2ai_install})
  builtin unfunction __term2ai_install
  if [[ "%{PS1-}%{PS2-}" == *']'(133|633)';'* || -n "%{VSCODE_SHELL_INTEGRATION-}%{KITTY_SHELL_INTEGRATION-}" ||
    -n "%{functions[(I)__vsc_precmd|_ksi_*|_ghostty_*|__wezterm_semantic_precmd|iterm2_precmd]}" ]]; then
    builtin unfunction __term2ai_precmd __term2ai_preexec __term2ai_escape
    builtin return
  fi
  builtin typeset -ga preexec_functions
  precmd_functions=(__term2ai_precmd $precmd_functions)
  preexec_functions+=(__term2ai_preexec)
  (builtin exit $__term2ai_code)
  __term2ai_precmd
}`.replaceAll("BUILTIN", "$" + "{$" + "{functions[builtin]+:}:-builtin}").replaceAll("NOW", NOW);

const OPTIONS = "-o extendedglob -o localoptions -o localtraps +o multibyte +o xtrace +o debugbeforecmd";
