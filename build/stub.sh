#!/bin/sh
# term2ai @VERSION@ for @TARGET@: the program and the runtime it needs, in one file.
# The first start unpacks it into a private folder of the cache, later ones run it from there at once, without another process.
# What is exported to this script has to arrive unchanged: so its variables have names that nobody else has.
_t2a_last=${_-} # bash changes it with each command
_t2a_name=@NAME@ _t2a_sum=@SUM@ _t2a_crc=@CRC@ _t2a_skip=@SKIP@ _t2a_size=@SIZE@ _t2a_megabytes=@MEGABYTES@
case $0 in
*/*) _t2a_self=$0 ;;
*) if [ -f "$0" ]; then _t2a_self=./$0; else _t2a_self=$(command -v -- "$0"); fi ;;
esac

_t2a_fail() {
  printf 'term2ai: %s\n' "$1" >&2
  [ "$2" = rec ] && exit 125
  exit 1
}

# Ours, with nothing missing, emptied or changed: all that was unpacked is older than the piece that dates it. Sizes would take
# another process, which costs more than all else here; so a start of 100 ms takes 2 ms longer.
_t2a_whole() {
  [ -O "$1" ] && [ ! -L "$1" ] && [ -x "$1/deno" ] || return 1
  for _t2a_file in @FILES@; do
    [ "$1/$_t2a_file" -ot "$1/dated" ] || return 1
  done
}

# Whether nobody else can have put that folder there, told without another process: it lies in the home of this user, behind no
# link, and has the mark that `_t2a_unpack` sets: whatever else its mode is, others cannot replace there what is ours.
_t2a_near() {
  [ "${1%/*/*}" = "$HOME" ] && [ -O "$HOME" ] && [ ! -k "$HOME" ] && [ -O "${1%/*}" ] && [ ! -L "${1%/*}" ] &&
    [ -O "$1" ] && [ ! -L "$1" ] && [ -k "$1" ]
}

# Goes into a folder of this user that is no link. From then on it is the same folder, whatever becomes of its name.
_t2a_enter() {
  cd -P "${1%/*}/" 2>/dev/null && _t2a_above=${PWD%/} && cd -P "./${1##*/}" 2>/dev/null &&
    [ -O . ] && [ "$PWD" = "$_t2a_above/${1##*/}" ]
}

# Whether the folder entered is private, and nobody else can put another in its place: all above it belong to this user or to
# root, which is whom / belongs to, and others may write there only where they cannot rename what is not theirs.
_t2a_private() (
  _t2a_above=$PWD
  set --
  while [ -n "$_t2a_above" ]; do
    set -- "$_t2a_above" "$@"
    _t2a_above=${_t2a_above%/*}
  done
  LC_ALL=C ls -lnd . / "$@" 2>/dev/null | {
    read -r _t2a_mode _t2a_links _t2a_us _t2a_rest
    case $_t2a_mode in drwx-----[-T]*) ;; *) exit 1 ;; esac
    _t2a_root=
    while read -r _t2a_mode _t2a_links _t2a_owner _t2a_rest; do
      : "${_t2a_root:=$_t2a_owner}"
      [ "$_t2a_owner" = "$_t2a_us" ] || [ "$_t2a_owner" = "$_t2a_root" ] || exit 1
      case $_t2a_mode in d????-??-* | d????????[tT]*) ;; *) exit 1 ;; esac
    done
    [ -n "$_t2a_root" ]
  }
)

# Where it has been unpacked below a folder.
_t2a_found() {
  if _t2a_near "$1"; then _t2a_place=$1/$_t2a_name
  else _t2a_place=$(_t2a_enter "$1" && _t2a_private && printf %s "$PWD/$_t2a_name") || return 1
  fi
  _t2a_whole "$_t2a_place"
}

_t2a_intact() {
  [ "$(wc -c <"$_t2a_self")" -eq "$_t2a_size" ] 2>/dev/null || return 1
  if command -v sha256sum >/dev/null 2>&1; then _t2a_sums=$(tail -c "+$_t2a_skip" "$_t2a_self" | sha256sum)
  elif command -v shasum >/dev/null 2>&1; then _t2a_sums=$(tail -c "+$_t2a_skip" "$_t2a_self" | shasum -a 256)
  else
    _t2a_sums=$(tail -c "+$_t2a_skip" "$_t2a_self" | cksum)
    [ "${_t2a_sums%% *}" = "$_t2a_crc" ]
    return
  fi
  [ "${_t2a_sums%% *}" = "$_t2a_sum" ]
}

# Of those that were killed, below a folder.
_t2a_clean() { find "$1" -maxdepth 1 -name '.new.*' -mmin +60 -exec rm -rf {} + 2>/dev/null; }

# Ends with 1 where nothing can be unpacked: what is needed is told, or that this file is not whole.
_t2a_ready() {
  _t2a_missing=
  for _t2a_file in chmod find gzip id ls mkdir mktemp mv rm sync tail tar wc; do
    command -v "$_t2a_file" >/dev/null 2>&1 || _t2a_missing="$_t2a_missing $_t2a_file"
  done
  [ -z "$_t2a_missing" ] || _t2a_fail "Cannot unpack itself: not found in PATH:$_t2a_missing" "$1"
  _t2a_intact || _t2a_fail "$_t2a_self is damaged, or cannot be read: get it again" "$1"
}

# Into a folder of its own first, which then gets its name in one step: nobody ever sees a half of it. Prints why not.
_t2a_unpack() (
  umask 077
  mkdir -p "$1" 2>&1 || exit 1
  _t2a_enter "$1" && chmod 1700 . 2>/dev/null || { echo "$1 is not a folder of this user"; exit 1; }
  _t2a_near "$1" || _t2a_private || { echo "$1 is not safe: others could put another folder in its place"; exit 1; }
  _t2a_clean .
  _t2a_new=$(mktemp -d ./.new.XXXXXX 2>&1) || { echo "$1: $_t2a_new"; exit 1; }
  trap 'rm -rf "$_t2a_new" "$_t2a_new.old" 2>/dev/null' EXIT
  trap 'exit 130' HUP INT TERM
  rm -f .failed
  if ! _t2a_said=$(tail -c "+$_t2a_skip" | gzip -dc 2>/dev/null | tar -xf - -C "$_t2a_new" 2>&1)
  then _t2a_why="(it takes $_t2a_megabytes MB)"
  elif ! _t2a_said=$("$_t2a_new/deno" --version 2>&1 >/dev/null); then _t2a_why="(nothing can be run there, or not this runtime)"
  elif ! _t2a_whole "$_t2a_new"; then _t2a_why="what has been unpacked there is not what it should be"
  else _t2a_why=
  fi
  if [ -n "$_t2a_why" ]; then
    echo "$1: ${_t2a_said%%
*} $_t2a_why"
    exit 1
  fi
  find "$_t2a_new" -exec sync {} + 2>/dev/null || sync # a name must not outlive a power cut without what it names
  _t2a_whole "./$_t2a_name" && exit 0 # somebody was faster
  [ -e "./$_t2a_name" ] || [ -L "./$_t2a_name" ] && mv "./$_t2a_name" "$_t2a_new.old" 2>/dev/null # damaged, or not ours
  mv "$_t2a_new" "./$_t2a_name" 2>&1 || { _t2a_whole "./$_t2a_name" && exit 0; exit 1; }
  rm -rf "./$_t2a_name/${_t2a_new##*/}" # somebody was faster: then ours has gone into theirs
  sync . 2>/dev/null
  find . -mindepth 2 -maxdepth 2 -name used -mtime +90 2>/dev/null | # versions that nobody has started for so long
    while IFS= read -r _t2a_file; do rm -rf "${_t2a_file%/used}"; done
  _t2a_whole "./$_t2a_name"
) <"$_t2a_self"

# Below the home, else among temporary files. What failed in the home is not tried again on the same day.
_t2a_make() {
  _t2a_why=
  if [ -n "$_t2a_home" ] && [ -z "$(find "$_t2a_home/.failed" -mtime -1 2>/dev/null)" ]; then
    _t2a_ready "$1"
    _t2a_why=$(_t2a_unpack "$_t2a_home") && _t2a_found "$_t2a_home" && return
  fi
  _t2a_temporary=/tmp
  case $TMPDIR in /*) _t2a_temporary=$TMPDIR ;; esac
  _t2a_temporary=$_t2a_temporary/term2ai-cache-$(id -u)
  if ! _t2a_found "$_t2a_temporary"; then
    _t2a_ready "$1"
    _t2a_other=$(_t2a_unpack "$_t2a_temporary") && _t2a_found "$_t2a_temporary" ||
      _t2a_fail "Cannot unpack itself: ${_t2a_why:+$_t2a_why; }$_t2a_other" "$1"
  fi
  [ -z "$_t2a_why" ] || (_t2a_enter "$_t2a_home" && rm -f .failed && true >.failed) 2>/dev/null
}

# The runtime ends in a panic where it cannot tell which folder it is in; what names no file does as well in another.
if ! [ "$PWD" -ef . ] && ! env pwd -P >/dev/null 2>&1; then
  case " $* " in
  '  ' | ' --version ' | ' -V ' | ' help ' | *' --help ' | *' -h ') cd / ;;
  *) _t2a_fail "The folder that this was started in does not exist any more: go to one that does, with cd" "$1" ;;
  esac
fi
_t2a_home=
if [ -n "$XDG_CACHE_HOME" ]; then _t2a_home=${XDG_CACHE_HOME%/}/term2ai
elif [ -n "$HOME" ] && [ -O "$HOME" ]; then _t2a_home=$HOME/.cache/term2ai
fi
case $_t2a_home in /*) ;; *) _t2a_home= ;; esac
[ -n "$_t2a_home" ] && _t2a_found "$_t2a_home" || _t2a_make "$@"
for _t2a_file in "${_t2a_place%/*}"/.new.*; do
  [ ! -d "$_t2a_file" ] || { _t2a_clean "${_t2a_place%/*}"; break; }
done
. "$_t2a_place/start"
exit 1
