# Starts the program that lies beside this. Told by the single file where that is, or run by the program itself.
[ -n "${_t2a_place-}" ] || _t2a_last=${_-} _t2a_place=${0%/start}
true 2>/dev/null >"$_t2a_place/used"

# The program puts back what was in the environment: what the runtime is told here, and what the shell itself has changed.
if [ -n "${DENO_DIR+set}" ]; then export TERM2AI_OUTER_DENO_DIR="$DENO_DIR"; else unset TERM2AI_OUTER_DENO_DIR; fi
if [ -n "${DENO_NO_UPDATE_CHECK+set}" ]; then export TERM2AI_OUTER_DENO_NO_UPDATE_CHECK="$DENO_NO_UPDATE_CHECK"
else unset TERM2AI_OUTER_DENO_NO_UPDATE_CHECK
fi
if [ -n "${DENO_DISABLE_NODE_SHIM+set}" ]; then export TERM2AI_OUTER_DENO_DISABLE_NODE_SHIM="$DENO_DISABLE_NODE_SHIM"
else unset TERM2AI_OUTER_DENO_DISABLE_NODE_SHIM
fi
_t2a_added=
if [ -n "${BASH_VERSION-}" ]; then
  export TERM2AI_OUTER__="$_t2a_last"
  [ "${SHLVL-}" != 1 ] || _t2a_added="PWD SHLVL"
else
  unset TERM2AI_OUTER__
  [ -n "${SHLVL+set}${_+set}" ] || _t2a_added=PWD
fi
# Shells set PWD, and cannot tell whether it was there. What was is read byte by byte, 2 µs each: only where no other shell has
# started this, for that has set PWD too.
if [ -n "$_t2a_added" ] && [ -r /proc/self/environ ]; then
  _t2a_all=
  while IFS= read -r _t2a_line || [ -n "$_t2a_line" ]; do _t2a_all="$_t2a_all $_t2a_line"; done </proc/self/environ
  _t2a_maybe=$_t2a_added _t2a_added=
  for _t2a_line in $_t2a_maybe; do
    case $_t2a_all in *"$_t2a_line="*) ;; *) _t2a_added="$_t2a_added $_t2a_line" ;; esac
  done
else _t2a_added=
fi
[ -z "${BASH-}" ] || [ "$_t2a_last" != "$BASH" ] || _t2a_added="$_t2a_added _"
export TERM2AI_ADDED="$_t2a_added"
# What the runtime compiles is kept beside it. Where there is no `node`, it would put itself into PATH by that name.
export TERM2AI_UNPACKED="$_t2a_place" DENO_DIR="$_t2a_place/compiled" DENO_NO_UPDATE_CHECK=1 DENO_DISABLE_NODE_SHIM=1
[ "$1" != rec ] || trap 'exit 125' EXIT # where that fails
exec "$_t2a_place/deno" run @FLAGS@ "$_t2a_place/bundle/cli.js" "$@"
