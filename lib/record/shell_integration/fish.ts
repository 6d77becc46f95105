/**
 * What fish is told, so that it marks its commands.
 *
 * Events of fish tell when a prompt, a command and its end come, and the line as it was typed. From version 4 on fish prints
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
        set text (string replace -a -- (printf "\x$code") '\\x'$code $text)
      end
    end
    printf %s $text
  end
  function __term2ai_prompt --on-event fish_prompt
    printf '\e]633;P;Cwd=%s;NONCE\a\e]633;A;NONCE\a' (__term2ai_escape $PWD) >/dev/tty
  end
  function __term2ai_stopped
    jobs | string match -r '\tstopped\t' | count
  end
  function __term2ai_preexec --on-event fish_preexec
    set -g __term2ai_before (__term2ai_stopped)
    printf '\e]633;P;Cwd=%s;NONCE\a\e]633;E;%s;NONCE\a\e]633;C;NONCE\a' (__term2ai_escape $PWD) (__term2ai_escape "$argv[1]") >/dev/tty
  end
  function __term2ai_postexec --on-event fish_postexec
    set -l code $status
    # A job that is stopped leaves the status of the command before it.
    if test (__term2ai_stopped) -gt $__term2ai_before
      set code
    end
    printf '\e]633;D;%s;NONCE\a' "$code" >/dev/tty
  end
end
`;
