#!/usr/bin/env bash
# An S3 server for tests: OpenStack Swift with s3api, from Debian's python3-swift. Needs no root, no memcached, no /etc/swift.
#
#   tests/servers/swift.sh start FOLDER    prints what to export, once it answers
#   tests/servers/swift.sh restart FOLDER  what faces the clients, as after a crash
#   tests/servers/swift.sh stop FOLDER
set -euo pipefail
action=${1:?start, restart or stop} folder=$(realpath -m "${2:?a folder}")
python=/usr/bin/python3 # another one earlier in the PATH does not see Debian's modules

stop() {
  local pid
  for pid in "$folder"/run/*.pid; do
    [ -e "$pid" ] || continue
    kill "$(cat "$pid")" 2>/dev/null || true
    rm -f "$pid"
  done
}

config() { # NAME PORT: the configuration of a storage server
  cat <<END
[DEFAULT]
swift_dir = $folder/etc
devices = $folder/srv
mount_check = false
bind_ip = 127.0.0.1
bind_port = $2
workers = 0
user = $(id -un)
recon_cache_path = $folder/run
log_name = $1
[pipeline:main]
pipeline = $1-server
[app:$1-server]
use = egg:swift#$([ "$1" = object ] && [ "$xattrs" = no ] && echo mem_object || echo "$1")
END
}

proxy_config() { # PORT
  cat <<END
[DEFAULT]
swift_dir = $folder/etc
bind_ip = 127.0.0.1
bind_port = $1
workers = 0
user = $(id -un)
log_name = proxy
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats s3api tempauth bulk copy slo dlo versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
location = us-east-1
check_bucket_owner = false
min_segment_size = 5242880
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
END
  for filter in catch_errors gatekeeper healthcheck listing_formats bulk copy slo dlo; do
    printf '[filter:%s]\nuse = egg:swift#%s\n' "$filter" "$filter"
  done
}

ring() { # NAME PORT
  for step in "create 4 1 0" "add r1z1-127.0.0.1:$2/d1 1" rebalance; do
    (cd "$folder/etc" && "$python" -W ignore -c '
import sys
sys.argv[0] = "swift-ring-builder" # read when it is imported
from swift.cli.ringbuilder import main
main()' "$1.builder" $step >/dev/null) || [ $? = 1 ] # 1: it warns of there being one device
  done
}

start() {
  "$python" -c 'import swift' 2>/dev/null || { echo "python3-swift is not installed" >&2; exit 1; }
  mkdir -p "$folder"/{etc,srv/d1,run}
  xattrs=$("$python" -c '
import os, sys
path = sys.argv[1]
try:
    os.setxattr(path, "user.term2ai", b"1")
    print("yes")
except OSError:
    print("no")' "$folder/srv/d1")
  local object container account proxy
  read -r object container account proxy < <("$python" -c '
import socket
sockets = [socket.socket() for _ in range(4)]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*[each.getsockname()[1] for each in sockets])')
  cat >"$folder/etc/swift.conf" <<END
[swift-hash]
swift_hash_path_suffix = a
swift_hash_path_prefix = b
[storage-policy:0]
name = p0
default = yes
END
  config object "$object" >"$folder/etc/object-server.conf"
  config container "$container" >"$folder/etc/container-server.conf"
  config account "$account" >"$folder/etc/account-server.conf"
  proxy_config "$proxy" >"$folder/etc/proxy-server.conf"
  ring object "$object"
  ring container "$container"
  ring account "$account"
  cat >"$folder/run.py" <<'END'
import sys
from swift.common import utils
folder, name = sys.argv[1:3]
utils.set_swift_dir(folder)
from swift.common.wsgi import run_wsgi
extra = {}
if name == "object":
    from swift.obj import server
    extra["global_conf_callback"] = server.global_conf_callback
sys.exit(run_wsgi(f"{folder}/{name}-server.conf", f"{name}-server", **extra))
END
  for name in account container object proxy; do serve "$name"; done
  echo "$proxy" >"$folder/run/port"
  answers || { echo "swift does not answer; see $folder/run/*.log" >&2; stop; exit 1; }
  echo "export TERM2AI_TEST_S3=http://127.0.0.1:$proxy TERM2AI_TEST_S3_KEY=test:tester TERM2AI_TEST_S3_SECRET=testing"
}

restart() {
  kill -9 "$(cat "$folder/run/proxy.pid")"
  serve proxy
  answers
}

serve() { # NAME
  "$python" -W ignore "$folder/run.py" "$folder/etc" "$1" </dev/null >>"$folder/run/$1.log" 2>&1 &
  echo $! >"$folder/run/$1.pid"
}

answers() {
  for _ in $(seq 150); do
    if "$python" -c '
import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=2)' "http://127.0.0.1:$(cat "$folder/run/port")/healthcheck" 2>/dev/null; then
      return 0
    fi
    sleep 0.2
  done
  return 1
}

"$action"
