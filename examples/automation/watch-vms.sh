#!/usr/bin/env bash
# Tells when a VM changes its phase, with curl and jq. Begins with those that are there; goes on from
# the last change when the connection ends, and begins again when that is too long ago.
# Usage: watch-vms.sh https://HOST:PORT CURL-OPTION..., such as --cacert CA.crt --oauth2-bearer TOKEN
set -euo pipefail
server=$1
shift
revision=0
while true; do
  while read -r seen change; do
    revision=$seen
    [ -z "$change" ] || echo "$change"
  done < <(
    curl --silent --show-error --no-buffer "$@" \
      "$server/apis/otherix/v1/vms?watch=true&allowWatchBookmarks=true&resourceVersion=$revision" |
      jq --unbuffered -r '
        if .type == "ERROR" or .type == null then "0"
        elif .type == "BOOKMARK" then .object.metadata.resourceVersion
        else "\(.object.metadata.resourceVersion) \(.type) \(.object.metadata.name): \(.object.status.phase // "Pending")"
        end'
  )
  sleep 1
done
