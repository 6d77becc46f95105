/**
 * What fish is told, so that it marks its commands.
 *
 * Events of fish tell when a prompt, a command and its end come, and the line as it was typed; a variable, how long it took. From version 4 on fish prints
 * marks itself; those are read then.
 *
 * This module is browser compatible.
 * @module
 */

import { quoteArgument } from "../metadata_recorder.ts";
import { script } from "./script.ts";

/**
 * The text of the file that fish reads after its configuration.
 *
 * @param nonce The word that makes marks ours: letters and digits.
 * @param file Where the text will stand; it removes itself and its folder.
 *
 * @example
 * ```ts
 * import { match } from "node:assert/strict";
 * match(fishScript("0123abcd", "/tmp/x/fish"), /633;E;%s;0123abcd/);
 * ```
 */
export function fishScript(nonce: string, file: string): string {
  const folder = file.slice(0, file.lastIndexOf("/"));
  return `command rm -f -- ${quoteArgument(file)}; command rmdir -- ${quoteArgument(folder)}
${SCRIPT.replaceAll("NONCE", nonce)}`;
}

const SCRIPT = script`
if string match -qr '^[0-3]\.' -- $version
  and not set -q VSCODE_SHELL_INTEGRATION
  and not set -q KITTY_SHELL_INTEGRATION
  and not functions -q __ghostty_mark_prompt_start __vsc_fish_prompt __wezterm_semantic_precmd
  function __term2ai_escape
    set -l text (string replace -a -- '\\' '\\\\' $argv[1] | string collect)
    set text (string replace -a -- \n '\\x0a' $text)
    set text (string replace -a -- ';' '\\x3b' $text)
    if string match -qr '[\x01-\x1f\x7f]' -- $text
      for code in 01 02 03 04 05 06 07 08 09 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 7f
        set text (string replace -a -- (builtin printf "\x$code") '\\x'$code $text)
      end
    end
    builtin printf %s $text
  end
  function __term2ai_prompt --on-event fish_prompt
    builtin printf '\e]633;P;Cwd=%s;NONCE\a\e]633;A;NONCE\a' (__term2ai_escape $PWD) >/dev/tty
  end
  function __term2ai_preexec --on-event fish_preexec
    set -g __term2ai_before "$status_generation"
    # Blanks and comments are no command.
    if string match -qr '^\s*[^\s#]' -- (string split \n -- $argv[1])
      builtin printf '\e]633;P;Cwd=%s;NONCE\a\e]633;E;%s;NONCE\a\e]633;C;NONCE\a' (__term2ai_escape $PWD) (__term2ai_escape "$argv[1]") >/dev/tty
    end
  end
  function __term2ai_postexec --on-event fish_postexec
    set -l code $status
    if not set -q __term2ai_before
      if string match -qr '^\s*[^\s#]' -- (string split \n -- $argv[1])
        builtin printf '\e]633;E;%s;NONCE\a\e]633;D;;NONCE;unseen\a' (__term2ai_escape "$argv[1]") >/dev/tty
      end
    else
      # What gives no status of its own (set, a job in the background or stopped) leaves the one of the command before it.
      if test "$status_generation" = $__term2ai_before
        set code
      end
      # It tells milliseconds.
      set -l took ";took=$CMD_DURATION""000"
      string match -qr '^;took=\d+$' -- $took
      or set took
      builtin printf '\e]633;D;%s;NONCE%s\a' "$code" "$took" >/dev/tty
      set -e __term2ai_before
    end
  end
end
`;
