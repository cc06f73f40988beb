#!/usr/bin/env bats
# tests/fuzz.bats: no fuzz target finds anything in ten seconds, from its seeds; and tests/fuzz/run tells when one does.

export BATS_TEST_TIMEOUT=300

setup() {
	cd "$BATS_TEST_DIRNAME/.." || return
	command -v clang-19 >/dev/null || skip 'clang-19 is missing'
	# What other runs have found stays out of it: a test begins with the seeds.
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR
}

# fuzz TARGET: runs it and shows what it says.
fuzz() {
	run tests/fuzz/run "$1"
	echo "$output"
	[ "$status" -eq 0 ] && [[ $output == *number_of_executed_units* ]]
}

@test "account" {
	fuzz account
}

@test "body" {
	fuzz body
}

@test "date" {
	fuzz date
}

@test "dhcp" {
	fuzz dhcp
}

@test "ip" {
	fuzz ip
}

@test "listing" {
	fuzz listing
}

@test "mime" {
	fuzz mime
}

@test "range" {
	fuzz range
}

@test "request" {
	fuzz request
}

@test "target" {
	fuzz target
}

@test "wishes" {
	fuzz wishes
}

@test "every target has its test here, and seeds" {
	for file in tests/fuzz/*.c; do
		name=$(basename "$file" .c)
		echo "$name"
		grep -q "fuzz $name\$" tests/fuzz.bats
		[ -n "$(ls "tests/fuzz/corpus/$name")" ]
	done
}

@test "what is found is a failure" {
	# A tree in which every name is served, hidden or not.
	mkdir "$BATS_TEST_TMPDIR/tree"
	cp -r apps arch crt "$BATS_TEST_TMPDIR/tree"
	mkdir "$BATS_TEST_TMPDIR/tree/tests"
	cp -r tests/fuzz "$BATS_TEST_TMPDIR/tree/tests"
	cd "$BATS_TEST_TMPDIR/tree"
	sed -i 's|if (!target_is_served(name, len == 0, with_hidden))|if ((void)with_hidden, false)|' apps/httpd/target.c
	run tests/fuzz/run target
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *"deadly signal"* ]]
	compgen -G "$XDG_CACHE_HOME/ringlet/fuzz/target-crash-*"
}

@test "wrong words" {
	run tests/fuzz/run nothing
	[ "$status" -eq 2 ]
	run tests/fuzz/run -s 0
	[ "$status" -eq 2 ]
	run tests/fuzz/run -s
	[ "$status" -eq 2 ]
}
