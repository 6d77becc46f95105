#!/bin/sh
# term2ai @VERSION@ for @TARGET@: the program and the runtime it needs, in one file.
# The first start unpacks it into a private folder of the cache, later ones run it from there at once.
name=@NAME@ sum=@SUM@ crc=@CRC@ skip=@SKIP@ size=@SIZE@ megabytes=@MEGABYTES@
case $0 in
*/*) self=$0 ;;
*) if [ -f "$0" ]; then self=./$0; else self=$(command -v -- "$0"); fi ;;
esac

# Complete, ours, and no link that somebody else has laid there.
usable() { [ -O "$1" ] && [ ! -L "$1" ] && [ -x "$1/deno" ] && [ -f "$1/start" ]; }

fail() {
  printf 'term2ai: %s\n' "$1" >&2
  [ "$2" = rec ] && exit 125
  exit 1
}

intact() {
  [ "$(wc -c <"$self" | tr -d ' ')" = "$size" ] || return 1
  if command -v sha256sum >/dev/null 2>&1; then found=$(tail -c "+$skip" "$self" | sha256sum)
  elif command -v shasum >/dev/null 2>&1; then found=$(tail -c "+$skip" "$self" | shasum -a 256)
  else
    found=$(tail -c "+$skip" "$self" | cksum)
    [ "${found%% *}" = "$crc" ]
    return
  fi
  [ "${found%% *}" = "$sum" ]
}

# Into a folder of its own first, which then gets its name in one step: nobody ever sees a half of it. Prints why not.
unpack() (
  umask 077
  base=$1
  mkdir -p "$base" 2>&1 || exit 1
  [ -O "$base" ] && [ ! -L "$base" ] || { echo "$base is not a folder of this user"; exit 1; }
  chmod 700 "$base" 2>&1 || exit 1
  find "$base" -maxdepth 1 -name '.new.*' -mmin +60 -exec rm -rf {} + 2>/dev/null # of those that were killed
  new=$(mktemp -d "$base/.new.XXXXXX" 2>&1) || { echo "$new"; exit 1; }
  trap 'rm -rf "$new"' EXIT
  trap 'exit 130' HUP INT TERM
  said=$(tail -c "+$skip" "$self" | gzip -dc 2>/dev/null | tar -xf - -C "$new" 2>&1) && [ -f "$new/start" ] ||
    { echo "$base: ${said%%
*} (it takes $megabytes MB)"; exit 1; }
  said=$("$new/deno" --version 2>&1 >/dev/null) || { echo "$base: nothing can be run there, or not this runtime: ${said%%
*}"; exit 1; }
  sync "$new/deno" 2>/dev/null # a name must not outlive a power cut without what it names
  mv "$new" "$base/$name" 2>&1 || { usable "$base/$name" && exit 0; exit 1; }
  rm -rf "$base/$name/${new##*/}" # somebody was faster: then ours has gone into theirs
  find "$base" -mindepth 2 -maxdepth 2 -name used -mtime +90 2>/dev/null | # versions that nobody has started for so long
    while IFS= read -r used; do rm -rf "${used%/used}"; done
  usable "$base/$name"
)

home=
if [ -n "$XDG_CACHE_HOME" ]; then home=$XDG_CACHE_HOME/term2ai
elif [ -n "$HOME" ] && [ -O "$HOME" ]; then home=$HOME/.cache/term2ai
fi
case $home in /*) ;; *) home= ;; esac
if [ -n "$home" ] && usable "$home/$name"; then place=$home/$name
else
  temporary=${TMPDIR:-/tmp}/term2ai-cache-$(id -u)
  if usable "$temporary/$name"; then place=$temporary/$name
  else
    intact || fail "$self is damaged, or cannot be read: get it again" "$1"
    if [ -n "$home" ] && why=$(unpack "$home"); then place=$home/$name
    elif other=$(unpack "$temporary"); then place=$temporary/$name
    else fail "Cannot unpack itself: ${why:+$why; }$other" "$1"
    fi
  fi
fi
. "$place/start"
exit 1
