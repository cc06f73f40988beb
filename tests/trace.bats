#!/usr/bin/env bats
# tests/trace.bats: the trace of a ring, in programs that were built with it; and that nothing of it is in those that were not.
# (The lines themselves: tests/unit/ring_trace.c.)

export BATS_TEST_TIMEOUT=600

load helpers

# build NAME OPTION...: builds this machine's programs into NAME, whatever this checkout is configured for.
build() {
	local name=$1
	shift
	(cd "${BATS_TEST_DIRNAME%/tests}" && ./zigw build -Dmachine="$(uname -m)" -p "$BATS_FILE_TMPDIR/$name" "$@") </dev/null 3>&-
}

setup_file() {
	printf '%s\n' CONFIG_RING_TRACE=y '# CONFIG_APP_LESSONS is not set' >"$BATS_FILE_TMPDIR/config"
	: >"$BATS_FILE_TMPDIR/defaults"
	build traced -Dconfig="$BATS_FILE_TMPDIR/config"
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
	traced=$BATS_FILE_TMPDIR/traced/$(uname -m)
	head -c 300000 /dev/zero >zeros
}

# lines_of PROGRAM ARGUMENT...: what it says with RING_TRACE=1, without the time, which must be there.
lines_of() {
	RING_TRACE=1 timeout -k 5 60 "$@" 2>&1 >/dev/null | tee said |
		sed -nE 's/^ *[0-9]+\.[0-9]{6} (->|<-)/\1/p'
	! grep -vE '^ *[0-9]+\.[0-9]{6} (->|<-|!!) ' said
}

@test "a ring that was built with it tells of each entry and completion" {
	timeout -k 5 60 "$traced/tests/unit-ring_trace" | tee told
	[ "$(grep -c '^ok ' told)" -ge 12 ]
	run grep -e '^not ok' -e 'built without' told
	[ "$status" -eq 1 ]
}

@test "cat tells of its reads, and only if it is asked" {
	[ -x "$traced/bin/cat" ] || skip 'there is no cat in this configuration'
	lines_of "$traced/bin/cat" zeros >lines
	cat said lines
	grep -qxE -e '-> read fd=[0-9]+ len=131072 off=-1 token=0' lines
	grep -qx -e '<- token=0 res=131072' lines
	(($(grep -c '^->' lines) == $(grep -c '^<-' lines)))
	for value in 0 '' yes 11; do
		[ "$(RING_TRACE=$value "$traced/bin/cat" zeros 2>&1 | head -c 300001 | wc -c)" -eq 300000 ]
	done
	[ "$("$traced/bin/cat" zeros 2>&1 | head -c 300001 | wc -c)" -eq 300000 ]
}

@test "the time counts from the first line, and never goes back" {
	[ -x "$traced/bin/cat" ] || skip 'there is no cat in this configuration'
	lines_of "$traced/bin/cat" zeros >/dev/null
	awk 'NR == 1 { exit $1 != "0.000000" }' said
	awk '$1 < last { exit 1 } { last = $1 }' said
}

# trace_in FILE: whether words of the trace are in a program.
trace_in() {
	grep -qaE 'RING_TRACE| token=|SKIP_SUCCESS|!! overflow' "$1"
}

@test "nothing of it is in a program that was built without; all of it in a Debug build" {
	local program
	build plain -Dconfig="$BATS_FILE_TMPDIR/defaults" -Dtests=false
	for program in plain/"$(uname -m)"/bin/*; do
		echo "$program"
		case $program in */ringinfo) continue ;; esac # which knows the names of flags
		! trace_in "$program" || return 1
	done
	trace_in "$traced/bin/cat"
	trace_in "$traced/bin/httpd"
	build debug -Dconfig="$BATS_FILE_TMPDIR/defaults" -Dtests=false -Doptimize=Debug
	trace_in debug/"$(uname -m)"/bin/cat
	[ "$(lines_of debug/"$(uname -m)"/bin/cat zeros | grep -c '^->')" -ge 1 ]
}
