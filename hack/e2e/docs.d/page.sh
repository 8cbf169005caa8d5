#!/usr/bin/env bash
# What the scripts that hack/e2e/docs makes of pages use. Each has an empty HOME, and nothing of the
# caller's environment but PATH.
set -euo pipefail
terminals=()
declare -A hosts=() addresses=()

finish() {
  local each
  for ((each = ${#terminals[@]} - 1; each >= 0; each--)); do
    kill "${terminals[each]}" 2>/dev/null || true
    wait "${terminals[each]}" 2>/dev/null || true
  done
  for each in "${hosts[@]}"; do kill "$each" 2>/dev/null || true; done
}
trap finish EXIT

block() { echo "$1" >>"$DOCS_BLOCKS"; }
skipped() { echo "skipped $1" >>"$DOCS_BLOCKS"; }

# A cluster of one simulated node, as other pages leave it: use it, and leave the node. Its images lie
# below any page's HOME. Without QEMU's tools a machine has no disk to speak of.
cluster() {
  truncate -s 1M "$HOME/blank.img"
  ln -s "$DOCS_CLUSTER" "$HOME/cluster"
  export OTHERIX_CONFIG=$HOME/cluster/config
}
# One that may be spoilt.
own_cluster() {
  begin "" ready <<<"otherixctl dev --simulate --data-dir $HOME/cluster --image-folder $HOME --port 0"
  export OTHERIX_CONFIG=$HOME/cluster/config
}
cluster_with_machine() {
  cluster
  ! command -v qemu-img >/dev/null ||
    otherixctl vm create "$1" --image-url "file://$HOME/blank.img" --arch amd64 --vcpus 1 --wait
}
# The address and the fingerprint of that cluster's server.
cluster_address() { sed -n 's/.*server: *"\{0,1\}\([^"]*\).*/\1/p' "$HOME/cluster/server/admin.kubeconfig"; }
fingerprint() { echo "sha256:$(openssl x509 -in "$1" -outform DER | sha256sum | cut -d' ' -f1)"; }

# begin HOST TEXT: a command in a terminal of its own, on a host or here, until ctrl_c or the page's
# end. Returns when it has printed the text.
begin() {
  local command enter=() output=$HOME/terminal.${#terminals[@]}
  command=$(cat)
  if [ -n "$1" ]; then
    host "$1"
    into "$1"
  fi
  # No function, whose shell would stand between us and the command.
  "${enter[@]}" bash -c "exec $command" >"$output" 2>&1 </dev/null &
  terminals+=("$!")
  for _ in $(seq 900); do
    ! grep -qF -- "$2" "$output" || return 0
    kill -0 "${terminals[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  cat "$output" >&2
  return 1
}
# Ends what the last terminal runs.
ctrl_c() {
  kill "${terminals[-1]}"
  wait "${terminals[-1]}" || true
  unset 'terminals[-1]'
}

# network NAME=ADDRESS...: what the page's hosts are called, and where they are.
network() {
  local each
  export HOSTS=$HOME/hosts
  mkdir -p "$HOSTS" "$HOME/bin"
  ip link set lo up
  ip link add world type bridge
  ip link set world up
  ip addr add 10.0.0.254/24 dev world
  cp /etc/hosts "$HOME/names"
  for each in "$@"; do
    addresses[${each%%[.=]*}]=${each#*=}
    echo "${each#*=} ${each%%=*} ${each%%[.=]*}" >>"$HOME/names"
  done
  mount --bind "$HOME/names" /etc/hosts
  # shellcheck disable=SC2016 # The script expands it.
  printf '#!/bin/sh\nexec cp -p "$HOSTS/${1%%%%:*}${1#*:}" "$2"\n' >"$HOME/bin/scp"
  chmod 755 "$HOME/bin/scp"
  export PATH=$HOME/bin:$PATH
}

# host NAME: makes it, unless it is there: a name, an address and some folders of its own.
host() {
  local name=$1 folder=$HOME/hosts/$1 each
  [ -z "${hosts[$name]:-}" ] || return 0
  for each in root srv run/otherix var/lib/otherix; do mkdir -p "$folder/$each"; done
  cp -a /etc "$folder/"
  # shellcheck disable=SC2016 # The inner shell expands it.
  unshare --net --mount --uts --propagation private sh -c '
    hostname "$1"
    for each in root srv run var/lib etc; do mount --bind "$2/$each" "/$each"; done
    touch "$2/made"
    exec sleep infinity' - "$name" "$folder" &
  hosts[$name]=$!
  for _ in $(seq 100); do
    [ ! -e "$folder/made" ] || break
    sleep 0.1
  done
  ip link add "$name" type veth peer name eth0 netns "${hosts[$name]}"
  ip link set "$name" master world up
  in_host "$name" sh -c "ip link set lo up && ip link set eth0 up && ip addr add ${addresses[$name]}/24 dev eth0"
}
# into NAME: what stands before a command to have it run there, in $enter.
into() { enter=(nsenter --target "${hosts[$1]}" --net --mount --uts --wd=/root env HOME=/root); }
in_host() { # NAME COMMAND...
  local enter
  into "$1"
  shift
  "${enter[@]}" "$@"
}
# at HOST: a block on a host; what it prints is in $said.
at() {
  local commands
  commands=$(cat)
  host "$1"
  in_host "$1" bash -euo pipefail -c "$commands" </dev/null | tee "$HOME/said"
  export said
  said=$(cat "$HOME/said")
}
