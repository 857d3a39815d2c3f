# Sourced by the walks: starts servers on loopback, waits for them, and always stops them.
#
# The script that sources this sets, before, `top` (the root of the project) and `work` (a folder
# for logs). On a failure the end of each server's log is printed.
# shellcheck shell=bash

: "${top:?}" "${work:?}"
python=$top/integration/.work/venv/bin/python
binary=${PASSERELLE_BIN:-${CARGO_TARGET_DIR:-$top/target}/debug/passerelle}
start_limit=30   # seconds for one server to listen
stop_limit=5     # seconds for one server to end by itself

# Nothing here goes through a proxy, whatever the shell was told.
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export NO_PROXY='*' no_proxy='*' PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

server_names=() server_pids=()
awaited=()   # name, process and address of what does not listen yet
scratch=()   # folders elsewhere, which are removed at the end

# True when something listens at the host and port of this URL.
listens() {
  local at=${1#http://}
  at=${at%%/*}
  (exec 3<>"/dev/tcp/${at%:*}/${at#*:}") 2>/dev/null
}

# launch NAME URL... -- COMMAND...: in the background; `listening` waits until it listens at each URL.
launch() {
  local name=$1 url urls=()
  shift
  while [[ $1 != -- ]]; do urls+=("$1"); shift; done
  shift
  for url in "${urls[@]}"; do
    if listens "$url"; then
      echo "$name cannot have $url: another program listens there (see the port at the top of $0)" >&2
      return 1
    fi
  done
  "$@" >"$work/$name.log" 2>&1 </dev/null &
  server_names+=("$name") server_pids+=("$!")
  for url in "${urls[@]}"; do awaited+=("$name $! $url"); done
}

# Until everything that was launched listens.
listening() {
  local each name pid url waited=0
  for each in "${awaited[@]}"; do
    read -r name pid url <<<"$each"
    until listens "$url"; do
      if ! kill -0 "$pid" 2>/dev/null; then
        echo "$name ended before it listened at $url" >&2
        return 1
      fi
      if ((waited++ >= start_limit * 10)); then
        echo "$name does not listen at $url after $start_limit s" >&2
        return 1
      fi
      sleep 0.1
    done
  done
  awaited=()
}

# start NAME URL... -- COMMAND...: in the background, until it listens at each URL.
start() {
  launch "$@"
  listening
}

# Ends what was started, the last first; whoever does not end by itself is killed.
stop_servers() {
  local i pid waited
  for ((i = ${#server_pids[@]} - 1; i >= 0; i--)); do kill "${server_pids[i]}" 2>/dev/null || true; done
  for pid in "${server_pids[@]}"; do
    for ((waited = 0; waited < stop_limit * 10; waited++)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
    kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  server_names=() server_pids=() awaited=()
}

# An empty folder for logs and databases.
fresh_work() {
  stop_servers
  rm -rf "${work:?}"
  mkdir -p "$work"
}

need_python() {
  [[ -x $python ]] && return
  echo "no virtual environment yet; run integration/run setup" >&2
  return 1
}

need_binary() {
  [[ -x $binary ]] && return
  echo "no program at $binary; run cargo build --locked, or set PASSERELLE_BIN" >&2
  return 1
}

end_of_script() {
  local code=$? name
  trap '' PIPE   # who reads along may have left: what was started is stopped all the same
  if ((code != 0)); then
    for name in "${server_names[@]}"; do
      echo "--- the end of ${work#"$top"/}/$name.log"
      tail -n 25 "$work/$name.log" || true
    done
  fi
  stop_servers
  ((${#scratch[@]} == 0)) || rm -rf "${scratch[@]}"
  exit "$code"
}
trap end_of_script EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
