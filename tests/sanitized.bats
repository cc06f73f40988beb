#!/usr/bin/env bats
# tests/sanitized.bats: the unit tests once more, built so that undefined behaviour traps (-Doptimize=Debug: Zig's
# -fsanitize=undefined in its trapping form) and with every assertion, natively.

load helpers

setup_file() {
	export BATS_TEST_TIMEOUT=300
	sanitized=$BATS_FILE_TMPDIR/out
	export sanitized
	env -C "${BATS_TEST_DIRNAME%/tests}" ./zigw build -Doptimize=Debug -Dmachine="$(uname -m)" -p "$sanitized"
}

@test "every unit test passes where undefined behaviour traps" {
	local program status failed=0 count=0
	for program in "$sanitized/$(uname -m)"/tests/unit-*; do
		count=$((count + 1))
		status=0
		RINGLET_SEQUENCES=2000 timeout -k 5 120 "$program" >"$BATS_TEST_TMPDIR/tap" 2>&1 || status=$?
		((status == 0)) && continue
		failed=1
		echo "${program##*/}: status $status"
		grep -v '^ok' "$BATS_TEST_TMPDIR/tap" | tail -n 80
	done
	((count > 15)) # the programs are there
	((failed == 0))
}

@test "signed overflow traps, and panics with a word" {
	run "$sanitized/$(uname -m)/tests/panic" overflow
	echo "$output"
	((status == 132)) # SIGILL
	[[ $output == 'panic: trap: a check in the program failed'* ]]
}
