/**
 * What bash is told, so that it marks its commands.
 *
 * Neither the user's prompt nor traps nor history are touched. The word that prints `D` and `A` is a subshell, the one that
 * remembers the history's number a function definition: neither sets off a DEBUG trap, and bash gives `$?` and `$_` back
 * between the words of `PROMPT_COMMAND`. `PS0` runs once for each line, before its first command.
 *
 * `history 1` is the line only if the history grew by one since the prompt; with `ignorespace` and `ignoredups` it may not.
 * Then the prompt is told instead, and whoever reads finds the line behind it on the screen.
 *
 * This module is browser compatible.
 * @module
 */

import { quoteArgument } from "../metadata_recorder.ts";
import { script } from "./script.ts";

/**
 * How bash was going to start.
 *
 * @example
 * ```ts
 * const plain: BashStart = { login: false, rcFile: undefined, env: { HOME: "/home/ada" } };
 * ```
 */
export interface BashStart {
  /** Whether it reads the profile files of a login shell. */
  readonly login: boolean;
  /** The file that it reads instead of `~/.bashrc`. */
  readonly rcFile: string | undefined;
  /** The environment that it starts with. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The text of the file that bash reads first.
 *
 * @param nonce The word that makes marks ours: letters and digits.
 * @param file Where the text will stand; it removes itself and its folder.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 *
 * const start = { login: false, rcFile: undefined, env: {} };
 * match(bashScript("0123abcd", "/tmp/x/bash", start), /633;D;%s;0123abcd/);
 * ```
 */
export function bashScript(nonce: string, file: string, start: BashStart): string {
  const folder = file.slice(0, file.lastIndexOf("/"));
  return `command rm -f -- ${quoteArgument(file)}; command rmdir -- ${quoteArgument(folder)}
${FUNCTIONS.replaceAll("NONCE", nonce)}
${start.login ? loginFiles(start.env) : rcFile(start.rcFile)}
${INSTALL}`;
}

function rcFile(path: string | undefined): string {
  const file = path === undefined ? '"$HOME/.bashrc"' : quoteArgument(path);
  return `if [ -r ${file} ]; then . ${file}; fi`;
}

/** A login shell was started in POSIX mode, because only then it reads a file of ours: out of that mode again. */
function loginFiles(env: Readonly<Record<string, string>>): string {
  return `set +o posix
shopt -u inherit_errexit
${env.ENV === undefined ? "unset ENV" : `ENV=${quoteArgument(env.ENV)}`}
${env.HISTFILE === undefined ? 'HISTFILE="$HOME/.bash_history"' : ""}
if [ -r /etc/profile ]; then . /etc/profile; fi
if [ -r ~/.bash_profile ]; then . ~/.bash_profile
elif [ -r ~/.bash_login ]; then . ~/.bash_login
elif [ -r ~/.profile ]; then . ~/.profile
fi`;
}

// The functions run in subshells only, so what they set is gone with them. They write to the terminal itself: stdout and
// stderr may be redirected.
const FUNCTIONS = script`
__term2ai_escape() {
  builtin local LC_ALL=C character code
  escaped=%{1//\\/\\\\}
  escaped=%{escaped//;/\\x3b}
  if [[ $escaped == *[$'\x01'-$'\x1f\x7f']* ]]; then
    for code in 0{1..9} 0{a..f} 1{0..9} 1{a..f} 7f; do
      builtin printf -v character "\\x$code"
      escaped=%{escaped//"$character"/\\x$code}
    done
  fi
}
__term2ai_prompt() {
  builtin set +xveu
  builtin local escaped word code=$1
  for word in "%{PROMPT_COMMAND[@]}"; do
    if [[ $word == '(__term2ai_'* ]]; then builtin break; fi
  done
  [[ $word == '(__term2ai_'* ]] || code= # something has run before this one, and the status is its own
  __term2ai_escape "$PWD"
  builtin printf '\e]633;D;%s;NONCE\a\e]633;P;Cwd=%s;NONCE\a\e]633;A;NONCE\a' "$code" "$escaped" >/dev/tty
  builtin exit 0
}
__term2ai_status() { builtin return "$1"; }
__term2ai_run() {
  builtin local status=$?
  builtin set +xveu
  builtin local IFS=$' \t\n' text escaped last cwd
  __term2ai_escape "$PWD"
  cwd=$escaped
  for last in "%{PROMPT_COMMAND[@]}"; do :; done
  if [[ $1 == $((__term2ai_number + 1)) && $last == *"$__term2ai_tail" ]]; then
    HISTTIMEFORMAT=
    text=$(builtin history 1; builtin printf .)
    text=%{text%??}
    text=%{text#"%{text%%[![:space:]]*}"}
    text=%{text#"%{text%%[!0-9]*}"}
    text=%{text:2}
    __term2ai_escape "%{text%$'\n'}"
    text="E;$escaped"
  else
    __term2ai_status "$status"
    text=%{PS1@P}
    __term2ai_escape "$text"
    text="P;Prompt=$escaped"
  fi
  builtin printf '\e]633;P;Cwd=%s;NONCE\a\e]633;%s;NONCE\a\e]633;C;NONCE\a' "$cwd" "$text" >/dev/tty
}`;

// Where another integration is at work, its marks are there to be read, and a second set would only confuse its terminal.
// Before 5.1 PROMPT_COMMAND is one text; it stays one where children inherit it, who then find no function and go on.
const INSTALL = script`
if [[ $BASH_VERSION == @([5-9].|4.[4-9]|[1-9][0-9].)* ]] &&
  [[ "%{PS0-}%{PS1-}%{PROMPT_COMMAND[*]-}" != *']'@(133|633)';'* && -z "%{VSCODE_SHELL_INTEGRATION-}%{_ksi_prompt[*]-}" ]] &&
  ! builtin declare -F __vsc_prompt_cmd __ghostty_precmd __wezterm_semantic_precmd __iterm2_preexec >/dev/null
then
  __term2ai_history='\!'
  __term2ai_tail='{ __term2ai_noted() { :; }; } <&$((0*(__term2ai_number=%{__term2ai_history@P})))'
  PS0=%{PS0-}'$({ __term2ai_run \!; } 2>/dev/null)'
  if [[ $BASH_VERSION == @(4.|5.0)* || "%{PROMPT_COMMAND+%{PROMPT_COMMAND@a}}" == *x* ]]; then
    PROMPT_COMMAND='(__term2ai_status=$?; builtin declare -F __term2ai_prompt >/dev/null && (__term2ai_prompt $__term2ai_status)
      if [[ $- == *e* ]]; then builtin exit 0; else builtin exit $__term2ai_status; fi) 2>/dev/null'$'\n'"%{PROMPT_COMMAND-}"$'\n'"$__term2ai_tail"
  else
    PROMPT_COMMAND=('(__term2ai_prompt $?) 2>/dev/null' "%{PROMPT_COMMAND[@]}" "$__term2ai_tail")
  fi
else
  builtin unset -f __term2ai_escape __term2ai_prompt __term2ai_status __term2ai_run
fi
`;
