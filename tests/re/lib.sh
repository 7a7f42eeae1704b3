# What the scripts that start real servers share.  Sourced by casd, buildgrid and check.
#
# Everything lies below $STRAYLIGHT_RE_DIR (build/re): one venv for each package, and a directory for each run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
re_dir=${STRAYLIGHT_RE_DIR:-$root/build/re}
re_pid=

# re_venv NAME CHECK PACKAGE…: a venv with the packages, made when the file CHECK is not in it; prints its path.
# 77, which ctest takes for "skipped", when pip cannot get them.
re_venv() {
  local venv=$re_dir/$1 check=$2
  shift 2
  if ! ls $venv/$check >/dev/null 2>&1; then
    mkdir -p "$re_dir"
    rm -rf "$venv"
    if ! python3 -m venv "$venv" >"$venv.log" 2>&1; then
      echo "${0##*/}: python3 cannot make a venv (package python3-venv): see $venv.log" >&2
      return 77
    fi
    if ! "$venv/bin/pip" install --quiet --disable-pip-version-check "$@" >>"$venv.log" 2>&1; then
      rm -rf "$venv"
      echo "${0##*/}: pip cannot install '$*' (is a package registry in reach?): see $venv.log" >&2
      return 77
    fi
  fi
  echo "$venv"
}

re_port() {
  python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# re_start PORT LOG COMMAND…: starts it, and waits until it takes connections.  It ends with this script, by its id.
re_start() {
  local port=$1 log=$2 i
  shift 2
  "$@" >"$log" 2>&1 </dev/null &
  re_pid=$!
  trap re_stop EXIT
  trap 'exit 143' TERM
  trap 'exit 130' INT
  for i in $(seq 300); do
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      return 0
    fi
    kill -0 "$re_pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "${0##*/}: the server does not answer: see $log" >&2
  return 1
}

re_stop() {
  [ -n "$re_pid" ] || return 0
  kill "$re_pid" 2>/dev/null || true
  for pause in 0 0.01 0.02 0.05 $(yes 0.1 | head -n 50); do
    kill -0 "$re_pid" 2>/dev/null || break
    sleep $pause
  done
  kill -9 "$re_pid" 2>/dev/null || true
  wait "$re_pid" 2>/dev/null || true
  re_pid=
}

# re_serve PORT [COMMAND…]: runs the command with STRAYLIGHT_TEST_RE=grpc://…, and gives its exit code; without one
# prints the endpoint and waits for a signal.
re_serve() {
  local endpoint=grpc://127.0.0.1:$1 code=0
  shift
  if [ $# -gt 0 ]; then
    STRAYLIGHT_TEST_RE=$endpoint "$@" || code=$?
    exit $code
  fi
  echo "$endpoint"
  wait "$re_pid"
}
