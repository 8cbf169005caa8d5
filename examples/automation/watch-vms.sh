#!/usr/bin/env bash
# Tells when a VM changes its phase, with curl and jq. Begins with those that are there; when the
# connection ends it begins again.
# Usage: watch-vms.sh https://HOST:PORT CA.crt CLIENT.crt CLIENT.key
set -euo pipefail
server=$1 authority=$2 certificate=$3 key=$4
while true; do
  curl --silent --show-error --no-buffer --cacert "$authority" --cert "$certificate" --key "$key" \
    "$server/apis/otherix/v1/vms?watch=true" |
    jq --unbuffered -r '"\(.type) \(.object.metadata.name): \(.object.status.phase // "Pending")"' ||
    true
  sleep 1
done
