/**
 * What shells run to complete: each asks the program what may come next, so that they never know less than it does.
 *
 * The first line of the answer says what the shell adds itself (files, folders, commands or nothing); each other line has a word,
 * a tab, and what is said about it.
 * @module
 */

/** By the shell's name. */
export const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# term2ai completion bash > ~/.local/share/bash-completion/completions/term2ai
_term2ai() {
  local line first=1 else=nothing cur=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  # bash takes = and : for words of their own; the program joins them, and answers with what replaces the last of them.
  while IFS= read -r line; do
    if [ "$first" = 1 ]; then else=$line first=0; else COMPREPLY+=("\${line%%$'\\t'*}"); fi
  done < <("\${COMP_WORDS[0]}" completion candidates bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  case $cur in =|:) cur= ;; esac
  case $else in
  files) # readline finds them itself where there is nothing else; a line that is no file is part of a name of several lines
    compopt -o filenames -o default
    (( \${#COMPREPLY[@]} == 0 )) || while IFS= read -r line; do
      [[ -e \${line/#\\~/$HOME} ]] && COMPREPLY+=("$line")
    done < <(compgen -f -- "$cur") ;;
  folders) compopt -o filenames -o dirnames ;;
  commands) while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$cur") ;;
  esac
}
complete -F _term2ai term2ai
`,
  zsh: `#compdef term2ai
# term2ai completion zsh > a folder of your fpath, as _term2ai; or: source <(term2ai completion zsh)
_term2ai() {
  local line else= word
  local -a found
  for line in "\${(@f)$("\${words[1]}" completion candidates zsh -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ -z $else ]]; then else=$line; continue; fi
    word=\${line%%$'\\t'*}
    found+=("\${word//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( \${#found} )) && _describe -t words word found
  case $else in
  files) compset -P '*='; _files ;;
  folders) compset -P '*='; _files -/ ;;
  commands) _command_names -e ;;
  esac
}
if [[ $funcstack[1] == _term2ai ]]; then _term2ai "$@"; else compdef _term2ai term2ai; fi
`,
  fish: `# term2ai completion fish > ~/.config/fish/completions/term2ai.fish
function __term2ai_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l answer ($words[1] completion candidates fish -- $words[2..-1] "$current" 2>/dev/null)
    set -l value (string replace -r '^--[^=]*=' '' -- "$current")
    set -l before (string match -r '^--[^=]*=' -- "$current")
    string join \\n -- $answer[2..-1]
    switch "$answer[1]"
        case files
            __fish_complete_path "$value" | string replace -r '^' -- "$before"
        case folders
            __fish_complete_directories "$value" '' | string replace -r '^' -- "$before"
        case commands
            __fish_complete_command | string match -- "$current*"
    end
end
complete -c term2ai -f -a '(__term2ai_candidates)'
`,
};
