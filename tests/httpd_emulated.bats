#!/usr/bin/env bats
# tests/httpd_emulated.bats: all of tests/httpd.bats once more, with a ring that is emulated: what a client sees, and what the
# log says, is the same.

export BATS_TEST_TIMEOUT=1200

@test "httpd.bats, emulated" {
	local log=$BATS_TEST_TMPDIR/tap plan
	HTTPD_ENGINE=emulated bats --formatter tap "$BATS_TEST_DIRNAME/httpd.bats" >"$log" 3>&- || true
	grep -A 20 '^not ok' "$log" || true
	grep ' # skip' "$log" | sed 's/^/# /' >&3 || true
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$log")
	((plan > 40))
	(($(grep -c '^ok ' "$log") == plan))
}
