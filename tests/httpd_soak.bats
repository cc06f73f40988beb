#!/usr/bin/env bats
# tests/httpd_soak.bats: a minute of tests/soak/run, and that it tells what is wrong. On demand it runs for as long as one likes.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=300

load helpers

@test "a minute among good, broken, slow and aborting clients, on both engines" {
	run "$BATS_TEST_DIRNAME/soak/run" --minutes 1
	echo "$output"
	((status == 0))
	(($(grep -c 'good answers' <<<"$output") == 2))
}

@test "a log with a line too many is noticed" {
	# Of this httpd each hundredth line of the log is there twice.
	local machine
	machine=$(uname -m)
	mkdir -p "$BATS_TEST_TMPDIR/out/$machine/bin"
	cat >"$BATS_TEST_TMPDIR/out/$machine/bin/httpd" <<-EOF
		#!/bin/bash
		exec "$out/$machine/bin/httpd" "\$@" > >(awk '{ print } NR % 100 == 0 { print }')
	EOF
	chmod +x "$BATS_TEST_TMPDIR/out/$machine/bin/httpd"
	RINGLET_OUT=$BATS_TEST_TMPDIR/out run "$BATS_TEST_DIRNAME/soak/run" --minutes 0.1 --engine kernel
	echo "$output"
	((status == 1))
	[[ $output == *'good answers, and '*' lines of the log about them'* ]]
}
