# What the commands of the scenarios may use beside kubectl.

# await PATTERN FILE: until a line of the file matches, ten seconds at most.
await() {
  for _ in $(seq 200); do
    grep -qE -- "$1" "$2" 2>/dev/null && return 0
    sleep 0.05
  done
  echo "$2 has no line like $1:" >&2
  cat "$2" >&2
  return 1
}
