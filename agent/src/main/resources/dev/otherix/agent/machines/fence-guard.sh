# Ends machines whose node has lost the server for longer than was promised, while no agent runs to
# do it. $1 is the agent's folder. It ends by itself when nothing is promised any more.
trap '' INT HUP
while [ -d "$1/vms" ]; do
  read -r now rest </proc/uptime
  now=${now%%.*}
  last=0
  if [ -f "$1/renewed" ] && read -r boot millis <"$1/renewed"; then
    read -r present </proc/sys/kernel/random/boot_id
    [ "$boot" = "$present" ] && last=$((millis / 1000))
  fi
  promised=no
  for record in "$1"/vms/*/record.json; do
    limit=$(sed -n 's/.*"fencedAfterSeconds" *: *\([0-9][0-9]*\).*/\1/p' "$record" 2>/dev/null)
    [ -n "$limit" ] || continue
    promised=yes
    [ $((now - last)) -ge "$limit" ] || continue
    uid=${record%/record.json}
    uid=${uid##*/}
    for process in /proc/[0-9]*; do
      case "$(tr '\0' ' ' 2>/dev/null <"$process/cmdline")" in
      *qemu-system-*" -uuid $uid "*) kill -9 "${process#/proc/}" 2>/dev/null ;;
      esac
    done
  done
  [ "$promised" = yes ] || exit 0
  sleep 1
done
