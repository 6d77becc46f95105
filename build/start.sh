# Starts the program that lies beside this. Told by the single file where that is, or run by the program itself.
case $0 in */start) place=${0%/start} ;; esac
: >"$place/used" 2>/dev/null
# The runtime keeps what it has compiled there. The program puts back what was in the environment.
if [ -n "${DENO_DIR+set}" ]; then export TERM2AI_OUTER_DENO_DIR="$DENO_DIR"; else unset TERM2AI_OUTER_DENO_DIR; fi
export TERM2AI_UNPACKED="$place" DENO_DIR="$place/compiled" DENO_NO_UPDATE_CHECK=term2ai
exec "$place/deno" run @FLAGS@ "$place/bundle/cli.js" "$@"
