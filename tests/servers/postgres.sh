#!/usr/bin/env bash
# A PostgreSQL for tests, from Debian's postgresql-15 or another version of it. As root it runs as the user postgres.
#
#   tests/servers/postgres.sh start FOLDER    prints what to export, once it answers
#   tests/servers/postgres.sh restart FOLDER  as after a crash: nobody is told, and it answers again
#   tests/servers/postgres.sh stop FOLDER
set -euo pipefail
action=${1:?start, restart or stop} folder=$(realpath -m "${2:?a folder}")
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)

as_owner() { # initdb refuses root
  if [ "$(id -u)" = 0 ]; then
    local words
    printf -v words '%q ' "$@"
    su postgres -s /bin/sh -c "cd / && $words"
  else
    "$@"
  fi
}

stop() {
  [ -d "$folder/data" ] || return 0
  as_owner "$bin/pg_ctl" -D "$folder/data" -m fast stop >/dev/null 2>&1 || true
}

restart() {
  as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate -w -l "$folder/log" restart >/dev/null
}

start() {
  [ -n "$bin" ] || { echo "PostgreSQL is not installed" >&2; exit 1; }
  mkdir -p "$folder"
  if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
  local port
  port=$(/usr/bin/env python3 -c '
import socket
with socket.socket() as each:
    each.bind(("127.0.0.1", 0))
    print(each.getsockname()[1])')
  as_owner "$bin/initdb" -D "$folder/data" -U term2ai -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder.initdb.log" 2>&1 ||
    { cat "$folder.initdb.log" >&2; exit 1; }
  as_owner "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off" start >/dev/null
  echo "export TERM2AI_TEST_POSTGRES=postgres://term2ai@127.0.0.1:$port/postgres"
}

"$action"
