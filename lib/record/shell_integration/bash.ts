/**
 * What bash is told, so that it marks its commands.
 *
 * Neither the user's prompt nor traps nor history are touched. What stands in `PS0` and `PROMPT_COMMAND` has no command of its own,
 * only expansions and function definitions: none of these sets off a DEBUG trap or is traced, and bash gives `$?` and `$_` back
 * between the words of `PROMPT_COMMAND`. The marks are printed in command substitutions, that inherit no such trap, except under
 * `set -T`, and whose trace goes nowhere, except where `BASH_XTRACEFD` leads. In these two cases nothing is run at all: bash itself
 * prints that a command began, and the rest stays unknown. (`set -v` shows the words of `PROMPT_COMMAND`, and nothing hides them.)
 *
 * That a command begins is the last of what `PS0` shows, printed by bash itself: what the user has there comes before it. That it
 * has ended is told by a process, which takes its time. So the clock is read in the shell, with nothing between it and the command, and
 * the mark of the end tells how long the command took, and how long ago that was.
 *
 * `history 1` is the line only if the history grew by one since the prompt; with `ignorespace` and `ignoredups` it may not.
 * Then the prompt is told instead, and whoever reads finds the line behind it on the screen. Where somebody has overwritten the
 * first word of `PROMPT_COMMAND`, the last one tells what can be told so late; where it was `PS0`, the prompt after a command
 * tells that there was one.
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
${INSTALL.replaceAll("NONCE", nonce)}`;
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

/** Microseconds since 1970, or 0 where bash does not tell (before 5.0). */
const NOW = script`10#0%{EPOCHREALTIME+%{EPOCHREALTIME//[^0-9]/}}`;

// The functions run in subshells only, so what they set is gone with them. They write to the terminal itself: stdout and
// stderr may be redirected. In POSIX mode `set` and `unset` are what they are, whatever functions the user calls so.
const FUNCTIONS = script`
__term2ai_own() {
  POSIXLY_CORRECT=
  set +xveuTE
  unset -f builtin printf local history break exit return unset set
  unset POSIXLY_CORRECT
}
__term2ai_escape() {
  local LC_ALL=C character code
  escaped=%{1//\\/\\\\}
  escaped=%{escaped//;/\\x3b}
  if [[ $escaped == *[$'\x01'-$'\x1f\x7f']* ]]; then
    for code in 0{1..9} 0{a..f} 1{0..9} 1{a..f} 7f; do
      printf -v character "\\x$code"
      escaped=%{escaped//"$character"/\\x$code}
    done
  fi
}
__term2ai_line() {
  HISTTIMEFORMAT=
  text=$(history 1; printf .)
  text=%{text%??}
  text=%{text#"%{text%%[![:space:]]*}"}
  text=%{text#"%{text%%[!0-9]*}"}
  text=%{text:2}
  __term2ai_escape "%{text%$'\n'}"
}
__term2ai_prompt() {
  __term2ai_own
  local IFS=$' \t\n' text escaped word code=$1 late=$3 before=
  if [[ $__term2ai_verbose != 0 ]]; then late=late; fi # these words are printed, and look like output
  for word in "%{PROMPT_COMMAND[@]}"; do
    if [[ $word == *__term2ai_* ]]; then break; fi
  done
  [[ $word == '{ __term2ai_'* ]] || { code=; late=late; } # something has run before this one, and the status is its own
  if [[ $PS0 != *__term2ai_run* ]]; then
    late+=%{late:+;}unseen
    if [[ $2 == $((__term2ai_number + 1)) ]]; then
      __term2ai_line
      before=$'\e]633;E;'"$escaped"$';NONCE\a'
    fi
  fi
  if [[ -z $late ]] && ((0 < __term2ai_begin && __term2ai_begin <= __term2ai_end)); then
    late="took=$((__term2ai_end - __term2ai_begin));ago=$((NOW - __term2ai_end))"
  fi
  __term2ai_escape "$PWD"
  printf '%s\e]633;D;%s;NONCE%s\a\e]633;P;Cwd=%s;NONCE\a\e]633;A;NONCE\a' "$before" "$code" "%{late:+;$late}" "$escaped" >/dev/tty
  exit 0
}
__term2ai_status() { return "$1"; }
__term2ai_run() {
  __term2ai_code=$?
  __term2ai_own
  local IFS=$' \t\n' text escaped last cwd
  __term2ai_escape "$PWD"
  cwd=$escaped
  for last in "%{PROMPT_COMMAND[@]}"; do :; done
  if [[ $1 == $((__term2ai_number + 1)) && $last == *'__term2ai_last@P}'* ]]; then
    __term2ai_line
    text="E;$escaped"
  else
    __term2ai_status "$__term2ai_code"
    text=%{PS1@P}
    __term2ai_escape "$text"
    text="P;Prompt=$escaped"
  fi
  printf '\e]633;P;Cwd=%s;NONCE\a\e]633;%s;NONCE\a' "$cwd" "$text" >/dev/tty
  if [[ -t 9 ]]; then printf '\e]633;C;NONCE\a'; else printf '\e]633;C;NONCE\a' >/dev/tty; fi
}`.replaceAll("NOW", NOW);

/** Not 0 where nothing may be run (in POSIX mode `!` is the history number, so `^` stands for it); 36# has digits up to Z, so that any letters are a number. */
const TRACED = script`36#0%{-//[^T]/}%{BASH_XTRACEFD:+%{-//[^x]/}}`;

// Where another integration is at work, its marks are there to be read, and a second set would only confuse its terminal.
// Element 0 of an array whose other elements do not exist makes expansions depend on a number; assignments stand in its index. No
// child inherits an array, so what stands in its element 99 is printed by this shell alone.
// Before 5.1 PROMPT_COMMAND is one text; it stays one where children inherit it, who then find no variable and go on. What the
// user's part of it finds in $? has to be put there, and must set off neither an ERR trap nor `set -e`; so it stands between && and ||.
const INSTALL = script`
if [[ $BASH_VERSION == @([5-9].|4.[4-9]|[1-9][0-9].)* ]] && builtin shopt -q promptvars &&
  [[ "%{PS0-}%{PS1-}%{PROMPT_COMMAND[*]-}" != *']'@(133|633)';'* && -z "%{VSCODE_SHELL_INTEGRATION-}%{_ksi_prompt[*]-}" ]] &&
  ! builtin declare -F __vsc_prompt_cmd __ghostty_precmd __wezterm_semantic_precmd __iterm2_preexec >/dev/null
then
  __term2ai_if=([0]= [99]=$'\e]633;C;NONCE\a')
  __term2ai_number=0 __term2ai_told=0 __term2ai_begin=0
  __term2ai_first='%{__term2ai_if[0*(__term2ai_end=NOW,__term2ai_verbose=36#0%{-//[^v]/})]}%{__term2ai_if[TRACED]+$(__term2ai_prompt $? \!)}%{__term2ai_if[0*(__term2ai_told=1,__term2ai_begin=0)]}'
  __term2ai_last='%{__term2ai_if[0*(__term2ai_verbose=36#0%{-//[^v]/})]}%{__term2ai_if[TRACED+__term2ai_told]+$(__term2ai_prompt $? \! late)}%{__term2ai_if[0*(__term2ai_told=0,__term2ai_number=\!)]}'
  PS0=%{PS0-}'%{__term2ai_if[TRACED]-%{__term2ai_if[99]-}}%{__term2ai_if[TRACED]+$({ __term2ai_run \!; } 9>&2 2>/dev/null)}%{__term2ai_if[0*(__term2ai_begin=NOW)]}'
  if [[ $BASH_VERSION == @(4.|5.0)* || "%{PROMPT_COMMAND+%{PROMPT_COMMAND@a}}" == *x* ]]; then
    PROMPT_COMMAND='{ __term2ai_noted() { :; }; } 2>/dev/null <&$((0*(__term2ai_status=$?)-(__term2ai_status!=0)))%{__term2ai_first+%{__term2ai_first@P}} ||
      { { __term2ai_noted() { :; }; } 2>/dev/null <&$((-(TRACED))) && (POSIXLY_CORRECT=; exit $__term2ai_status) 2>/dev/null; } &&
      { __term2ai_noted() { :; }; }'$'\n'"%{PROMPT_COMMAND-}"$'\n''{ __term2ai_noted() { :; }; } 2>/dev/null <&0%{__term2ai_last+%{__term2ai_last@P}}'
  else
    PROMPT_COMMAND=('{ __term2ai_noted() { :; }; } 2>/dev/null <&0%{__term2ai_first@P}' "%{PROMPT_COMMAND[@]}" '{ __term2ai_noted() { :; }; } 2>/dev/null <&0%{__term2ai_last@P}')
  fi
else
  builtin unset -f __term2ai_own __term2ai_escape __term2ai_line __term2ai_prompt __term2ai_status __term2ai_run
fi
`.replaceAll("TRACED", TRACED).replaceAll("NOW", NOW);
