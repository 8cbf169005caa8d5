# Runs the command that it is given, tells its process id, and ends with it. When standard input
# ends, which it does however the server ends, the command is told to end, and killed when it does
# not.

# What a terminal sends to all of its processes is not for these: the server ends them in order.
trap '' INT HUP
exec 3<&0
setsid "$@" </dev/null 3<&- &
child=$!
echo "$child"
gone() { ! [ -d "/proc/$child" ] || grep -q '^State:.[ZX]' "/proc/$child/status"; }
(
  while read -r _ <&3; do :; done
  kill -TERM "$child" 2>/dev/null
  tries=0
  until gone || [ "$tries" -ge 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  gone || kill -KILL "$child" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
wait "$child"
kill "$watcher" 2>/dev/null
