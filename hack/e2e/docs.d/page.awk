# Makes one shell script of a page's blocks; fails where a block is of no kind that is known. What the
# comments mean stands in hack/e2e/docs.
function refuse(why) { print page ":" NR ": " why > "/dev/stderr"; bad = 1 }
function forget() { host = ""; program = ""; reason = ""; file = ""; background = 0; text = "ready" }

BEGIN { forget() }

!inside && /^<!--.*-->$/ {
  marker = $0
  gsub(/^<!-- *| *-->$/, "", marker)
  if (marker ~ /^given: /) print substr(marker, 8)
  else if (marker ~ /^in another terminal/) {
    background = 1
    if (sub(/^in another terminal until /, "", marker)) text = marker
    else if (marker != "in another terminal") refuse("unknown comment: " marker)
  }
  else if (marker ~ /^on [a-z0-9-]+$/) host = substr(marker, 4)
  else if (marker ~ /^needs [a-z0-9-]+$/) program = substr(marker, 7)
  else if (marker ~ /^not run: .+/) reason = substr(marker, 10)
  else if (marker ~ /^file: [A-Za-z0-9.-]+$/) file = substr(marker, 7)
  else refuse("unknown comment: " marker)
  next
}

!inside && /^```/ {
  inside = 1
  kind = substr($0, 4)
  if (kind == "") refuse("a block says what it is: sh, text, yaml, java ...")
  run = kind == "sh" && reason == ""
  if (kind == "sh") print (run ? "block " : "skipped ") NR
  if (run && program != "") print "if command -v " program " >/dev/null; then"
  if (run && background) print "begin \"" host "\" \"" text "\" <<\"OTHERIX_BLOCK\""
  else if (run && host != "") print "at " host " <<\"OTHERIX_BLOCK\""
  else if (file != "") print "cat >" file " <<\"OTHERIX_BLOCK\""
  next
}

inside && /^```$/ {
  if ((run && (background || host != "")) || file != "") print "OTHERIX_BLOCK"
  if (run && program != "") print "fi"
  forget()
  inside = 0
  next
}

inside && (run || file != "") { print }
!inside && !/^$/ { forget() }
END { if (inside) refuse("a block does not end"); exit bad }
