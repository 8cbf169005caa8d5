# shellcheck shell=bash disable=SC2154
# Part of hack/e2e/cli: what needs nodes and machines, on a whole cluster in one process whose
# machines are simulated. It is started twice: the second time it goes on from there.
mkdir -p "$work/images"
head -c 65536 /dev/zero >"$work/images/a.img"
image=(--image-url "file://$work/images/a.img" --arch amd64)
wait=(--wait --wait-timeout 60s)

start_dev() {
  "$home/bin/otherixctl" dev --nodes 2 --simulate --image-folder "$work/images" \
    --data-dir "$work/dev" "$1" >"$work/ready" 2>"$work/log" &
  dev=$!
  await_line "$work/ready" 'Ctrl-C stops it' "$dev"
  settings=(OTHERIX_CONFIG="$work/dev/config")
  good "met condition=Ready" wait node/dev node/dev-2 --for=condition=Ready --timeout=60s
}

stop_dev() {
  kill -TERM "$dev"
  wait "$dev" || [ $? = 143 ] || fail "dev ended with another code"
  dev=
  ! grep -q 'error: ' "$work/log" || fail "dev told of an error when it was stopped"
}

machines() {
  good "vm running name=one" vm create one "${image[@]}" "${wait[@]}"
  bad 4 "AlreadyExists" vm create one "${image[@]}"
  fails_later 1 "is no file of this node" vm create none \
    --image-url "file://$work/images/none" --arch amd64 "${wait[@]}"
  good "one" vm list
  good "" vm logs one --tail 5
  bad 2 "needs a terminal" vm console one
  good "bound to: dev" vm explain-placement one
  good "running" get vm one -o 'jsonpath={.status.phase}'
  for action in pause resume reboot reset stop start poweroff; do
    good "$action task=" vm "$action" one "${wait[@]}"
  done
  bad 5 "NotFound" vm start nowhere
  for command in forward "vm forward"; do
    # shellcheck disable=SC2086 # A command is several words.
    bad 5 "NotFound" $command nowhere 80
  done
  for command in ssh "vm ssh"; do
    # shellcheck disable=SC2086
    bad 5 "NotFound" $command nowhere
  done
  bad 4 "it does not run" vm vnc one
  good "resized" vm resize one --memory-mb 1024
  good "snapshot ready name=first" vm snapshot one --name first "${wait[@]}"
  good "snapshot ready name=second" snapshot create one --name second "${wait[@]}"
  good "first" snapshot list --vm one
  good "second" snapshot get second
  good "" snapshot restore first "${wait[@]}"
  good "second" snapshot delete second --force
  bad 5 "NotFound" snapshot get second
  good "" top nodes
  good "one" top vms
}

nodes() {
  good "dev-2" node list
  good "dev" node get dev
  good "dev-2" node cordon dev-2
  good "dev-2" node uncordon dev-2
  # One of the two has a machine that could not be started: nothing waits for it.
  good "drain task=" node drain dev --stop "${wait[@]}"
  good "drain task=" node drain dev-2 --stop "${wait[@]}"
  good "dev" node uncordon dev
  good "dev-2" node uncordon dev-2
  bad 4 "it is ready, not gone" node readmit dev-2
  good "ca_fingerprint: " node join-token create --node-name new --ttl 1h
  good "new" node join-token list
  token=$(ctl node join-token list -o 'jsonpath={.items[0].metadata.name}')
  good "$token" node join-token revoke "$token"
  bad 5 "NotFound" node delete nowhere
}

storage_and_networks() {
  good "fast" pool create fast --path "$work/dev/pools/fast" --node dev
  good "fast" pool list
  good "fast" pool get fast
  good "" pool scan fast "${wait[@]}"
  good "fast" pool delete fast
  good "lan" network create lan --type bridge --bridge-name br-lan
  good "lan" network list
  good "lan" network get lan
  bad 1 "10.0.0.0/99" network create wrong --type bridge --subnet 10.0.0.0/99
  good "defaultNetwork" cluster default-network lan
  good "defaultNetwork" cluster default-network
  good "lan" network delete lan
  good "defaultPool" cluster default-pool default
  good "cluster" cluster settings
  good "" task list
  task=$(ctl get tasks -o 'jsonpath={.items[0].metadata.name}')
  good "$task" task get "$task"
  good "cancel task=" task cancel "$task"
}

people() {
  echo 'a long passphrase' >"$work/password"
  input=$work/password good "anna" user create anna --role operator --password-stdin
  good "anna" user list
  good "operator" user get anna
  input=$work/password good "anna" user set-password anna --password-stdin
  good "" api-token create ci --user anna
  good "ci" api-token list --user anna
  good "ci" api-token revoke ci
  good "ci" api-token delete ci
  printf 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: builder, namespace: default}\n' >"$work/account.yaml"
  good "created" create -f "$work/account.yaml"
  good "builder" service-account list
  good "ey" service-account token builder
  good "node-dev" cert list
  bad 4 "" server members
  bad 4 "" server remove one
  bad 5 "no certificate has the serial" cert revoke 1234
  good "phase: Stable" cert rotate-ca
}

# The same cluster over TLS, known by a kubeconfig and by a user's password.
configurations() {
  local kubeconfig=$work/dev/server/admin.kubeconfig
  good "copy" config import-kubeconfig --name copy "$kubeconfig"
  good "copy" config list
  good "name: copy" config show
  good "" config update-ca
  good "kind: Config" config export-kubeconfig copy
  local fingerprint server
  fingerprint=$(ctl cert rotate-ca | sed -n 's/^ca: \([^ ]*\).*/\1/p')
  server=$(ctl config show | sed -n 's/^server: //p')
  settings+=(OTHERIX_PASSWORD='a long passphrase')
  good "hers" config add cluster --name hers --server "$server" --ca-fingerprint "$fingerprint" --login anna
  good "anna" auth whoami
  bad 6 "Forbidden" user delete anna --force
  good "copy" config use copy
  good "hers" config remove hers --force
  good "dev" config use dev
  good "anna" user delete anna --force
}

# What a definition made possible, and what an editor left.
other_kinds() {
  cat >"$work/racks.yaml" <<'TXT'
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: racks.example.org}
spec:
  group: example.org
  scope: Cluster
  names: {plural: racks, kind: Rack}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {units: {type: integer}}}}}}
    subresources: {scale: {specReplicasPath: .spec.units, statusReplicasPath: .status.units}}
---
apiVersion: example.org/v1
kind: Rack
metadata: {name: left}
spec: {units: 1}
TXT
  good "created Rack/left" create -f "$work/racks.yaml"
  good "left" scale racks left --replicas 3
  good "3" get rack left -o 'jsonpath={.spec.units}'
  printf '#!/bin/sh\nsed -i "s/units: 3/units: 4/" "$1"\n' >"$work/editor"
  chmod +x "$work/editor"
  settings+=(EDITOR="$work/editor")
  good "left" edit rack left
  good "4" get rack left -o 'jsonpath={.spec.units}'
  good "left" delete -f "$work/racks.yaml"
}

# The store of a server that has stopped, and a host that is to become a node.
offline() {
  good "" server change-master-key --data-dir "$work/dev/server"
  bad 1 "" server migrate --data-dir "$work/nothing" --store etcd --etcd-endpoints http://127.0.0.1:1
  bad 1 "secrets.key is not there" server join --data-dir "$work/joining" --server https://127.0.0.1:1 --token t \
    --ca-fingerprint sha256:00 --etcd-peer https://127.0.0.2:2380
  bad 1 "" server restore --data-dir "$work/dev/server" "$work/password"
  bad 1 "has not joined a cluster" agent serve --data-dir "$work/agent"
  ctl agent doctor --data-dir "$work/agent" >"$work/stdout" 2>"$work/stderr" || true
  grep -q qemu "$work/stdout" || fail "agent doctor did not speak of qemu"
  ctl doctor >"$work/stdout" 2>"$work/stderr" || true
  grep -q "server" "$work/stdout" || fail "doctor did not speak of the server"
  passed=$((passed + 2))
}

bad 2 "add --simulate" dev --nodes 2
bad 2 "is not from 1 to 99" dev --nodes 0
start_dev --port=0
machines
nodes
stop_dev
start_dev --log-level=warn
good "one" get vms
storage_and_networks
people
configurations
other_kinds
good "first" snapshot delete first --force
good "one" vm delete one none --force
good "drain task=" node drain dev-2 "${wait[@]}"
good "dev-2" node delete dev-2 --force
stop_dev
offline
