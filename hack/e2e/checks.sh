# shellcheck shell=bash disable=SC2154
# What the scripts of this folder that run commands have in common. They set: home, of the
# distribution; work, a folder; settings, the environment that is not this shell's.
passed=0
failed=0
escape=$'\e['

fail() {
  echo "FAILED: $1" >&2
  head -20 "$work/stdout" "$work/stderr" >&2
  failed=$((failed + 1))
}

# ctl ARGUMENT...: with nothing of this shell's environment but what `settings` says.
ctl() {
  echo "$*" >>"$work/ran"
  env -i PATH=/usr/bin:/bin HOME="$work" "${settings[@]}" "$home/bin/otherixctl" "$@"
}

# good TEXT ARGUMENT...: exits with 0, prints TEXT, says nothing of an error, and sends no colours.
good() {
  local text=$1 status=0
  shift
  ctl "$@" >"$work/stdout" 2>"$work/stderr" <"${input:-/dev/null}" || status=$?
  [ "$status" = 0 ] || { fail "$* exited with $status"; return; }
  [ -z "$text" ] || grep -qF -- "$text" "$work/stdout" || fail "$* did not print \"$text\""
  ! grep -q 'error: ' "$work/stderr" || fail "$* told of an error"
  ! grep -qF "$escape" "$work/stdout" "$work/stderr" || fail "$* sent colours into a pipe"
  passed=$((passed + 1))
}

# bad CODE TEXT ARGUMENT...: exits with CODE, prints nothing, and tells of an error with TEXT.
bad() {
  local code=$1 text=$2 status=0
  shift 2
  ctl "$@" >"$work/stdout" 2>"$work/stderr" <"${input:-/dev/null}" || status=$?
  [ "$status" = "$code" ] || { fail "$* exited with $status, wanted $code"; return; }
  [ ! -s "$work/stdout" ] || fail "$* printed something"
  grep -q '^error: ' "$work/stderr" || fail "$* told of no error"
  grep -qF -- "$text" "$work/stderr" || fail "$* did not say \"$text\""
  ! grep -qF "$escape" "$work/stderr" || fail "$* sent colours into a pipe"
  passed=$((passed + 1))
}

# fails_later CODE TEXT ARGUMENT...: the same, after it printed what went well.
fails_later() {
  local code=$1 text=$2 status=0
  shift 2
  ctl "$@" >"$work/stdout" 2>"$work/stderr" </dev/null || status=$?
  [ "$status" = "$code" ] || { fail "$* exited with $status, wanted $code"; return; }
  grep '^error: ' "$work/stderr" | grep -F -- "$text" >/dev/null || fail "$* did not say \"$text\""
  passed=$((passed + 1))
}

# await_line FILE TEXT PID: until the process has said so, or has ended.
await_line() {
  for _ in $(seq 900); do
    grep -q "$2" "$1" && return
    kill -0 "$3" 2>/dev/null || break
    sleep 0.1
  done
  cat "$work/log" >&2
  return 1
}

# on_terminal COLUMNS COMMAND: what it shows there goes to stdout.
on_terminal() {
  env -i PATH=/usr/bin:/bin HOME="$work" TERM=xterm "${settings[@]}" \
    script -qec "stty cols $1; $2" /dev/null </dev/null >"$work/stdout" 2>"$work/stderr" || true
}

# leaves: the commands that do something, a line each.
leaves() {
  ctl reference cli | sed -n 's/^## otherixctl //p' >"$work/commands"
  while read -r command; do
    grep -q "^$command " "$work/commands" || echo "$command"
  done <"$work/commands"
}
