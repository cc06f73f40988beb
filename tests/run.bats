#!/usr/bin/env bats
# tests/run.bats: tests/run counts honestly, held on fake tests; and it says what it does not find.

# shellcheck disable=SC2016 # what is quoted so is a fake test's text, or a stub's script
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=60

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	cd "$BATS_TEST_TMPDIR" || return
	mkdir fakes tmp bin
	PATH=${PATH//"$BATS_LIBEXEC":/} # bats puts its own parts first, among them another program named bats
}

# fake FILE LINE...: writes a test file. (bats reads this file too, and takes every line that begins with @test for its own.)
fake() {
	local file=fakes/$1
	shift
	printf '%s\n' "$@" >"$file"
}

# counted [ARGUMENT...]: tests/run on the fakes. It inherits nothing of the bats that we run in.
counted() {
	run env -i PATH="$PATH" TMPDIR="$PWD/tmp" RINGLET_TESTS_DIR="$PWD/fakes" "${settings[@]}" "$root/tests/run" "$@" 3>&-
	echo "status $status: $output"
	[ -z "$(ls -A tmp)" ] # it cleans up
	[ "$(grep -c -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' <<<"$output")" -le 1 ]
	last=${lines[-1]}
}

@test "what passes is counted, with the time of each file" {
	fake a.bats '@test "one" { true; }' '@test "two" { true; }'
	fake b.bats '@test "three" { true; }'
	counted
	[ "$status" -eq 0 ]
	[ "$last" = '3 passed, 0 failed, 0 skipped' ]
	grep -E '^# a\.bats took [0-9]+\.[0-9]{3} s$' <<<"$output"
	grep -E '^# b\.bats took [0-9]+\.[0-9]{3} s$' <<<"$output"
	grep -x 'ok 2 two' <<<"$output"
}

@test "files run side by side, and what each says stays together" {
	mkfifo here there
	fake a.bats '@test "one" { echo >"'"$PWD"'/there"; cat "'"$PWD"'/here"; }' '@test "two" { true; }'
	fake b.bats '@test "three" { cat "'"$PWD"'/there"; }' '@test "four" { echo >"'"$PWD"'/here"; }'
	settings=(RINGLET_JOBS=2 BATS_TEST_TIMEOUT=20)
	counted
	[ "$status" -eq 0 ]
	[ "$last" = '4 passed, 0 failed, 0 skipped' ]
	[ "$(grep -c '^# ' <<<"$output")" -eq 5 ]
	[[ $output == *$'# a.bats\n1..2\nok 1 one\nok 2 two\n# a.bats took '* ]]
	[[ $output == *$'# b.bats\n1..2\nok 1 three\nok 2 four\n# b.bats took '* ]]
	[[ ${lines[-2]} =~ ^'# seconds: '[ab].bats\ [0-9]+,\ [ab].bats\ [0-9]+$ ]]
}

@test "a file whose runner is ended is a failure" {
	fake a.bats '@test "one" { true; }'
	fake b.bats '@test "two" { true; }'
	printf '%s\n' '#!/bin/sh' 'case $3 in *a.bats) kill -KILL $(cut -d" " -f4 /proc/$PPID/stat) ;; esac' \
		'echo 1..1' 'echo ok 1 one' >bin/bats
	chmod +x bin/bats
	settings=(RINGLET_JOBS=2 RINGLET_GROUP_SECONDS_MAX=5) # its own watch may outlive it
	PATH=$PWD/bin:$PATH counted
	[ "$status" -eq 1 ]
	[ "$last" = '1 passed, 1 failed, 0 skipped' ]
	[ "${lines[-2]}" = 'failed: a.bats: the file (who ran it was ended)' ]
}

@test "a number of files at a time that is none is a sentence and status 2" {
	for jobs in 0 x 100 -1; do
		settings=("RINGLET_JOBS=$jobs")
		counted
		[ "$status" -eq 2 ]
		[ "$output" = "run: RINGLET_JOBS=$jobs is not a number of files from 1 to 99." ]
	done
}

@test "files that are named are run, and no others" {
	fake a.bats '@test "one" { true; }'
	fake b.bats '@test "two" { false; }'
	counted fakes/a.bats
	[ "$status" -eq 0 ]
	[ "$last" = '1 passed, 0 failed, 0 skipped' ]
}

@test "a name that is no test file is a sentence and status 2" {
	counted fakes/none.bats
	[ "$status" -eq 2 ]
	[ "$output" = 'run: fakes/none.bats is not a .bats file that can be read.' ]
	counted "$root/tests/run"
	[ "$status" -eq 2 ]
}

@test "a failed test is a failure, and is named at the end" {
	fake a.bats '@test "good" { true; }' '@test "bad one" { false; }'
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '1 passed, 1 failed, 0 skipped' ]
	[ "${lines[-2]}" = 'failed: a.bats: bad one' ]
}

@test "a skipped test is neither, and is listed with its reason" {
	fake a.bats '@test "good" { true; }' '@test "other" { skip "no such kernel"; }' '@test "mute" { skip; }'
	counted
	[ "$status" -eq 0 ]
	[ "$last" = '1 passed, 0 failed, 2 skipped' ]
	[ "${lines[-3]}" = 'skipped: a.bats: other (no such kernel)' ]
	[ "${lines[-2]}" = 'skipped: a.bats: mute (no reason given)' ]
}

@test "tests that were planned and never reported are failures" {
	fake a.bats '@test "one" { true; }' '@test "dies" { kill -KILL $PPID; }' '@test "three" { true; }' '@test "four" { true; }'
	fake b.bats '@test "five" { true; }'
	counted
	[ "$status" -eq 1 ]
	grep -x 'failed: a.bats: test 4 of 4 (planned, never reported)' <<<"$output"
	[[ $last =~ ^([0-9])\ passed,\ ([0-9])\ failed,\ 0\ skipped$ ]]
	[ "$((BASH_REMATCH[1] + BASH_REMATCH[2]))" -eq 5 ]
	[ "${BASH_REMATCH[2]}" -ge 2 ]
}

@test "a file that cannot be read is a failure" {
	fake a.bats '@test "one" {'
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '0 passed, 1 failed, 0 skipped' ]
}

@test "a set-up that fails takes all its tests with it" {
	fake a.bats 'setup_file() { false; }' '@test "one" { true; }' '@test "two" { true; }'
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '0 passed, 2 failed, 0 skipped' ]
}

@test "a clean-up that fails is a failure beside the tests that passed" {
	fake a.bats 'teardown_file() { false; }' '@test "one" { true; }'
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '1 passed, 1 failed, 0 skipped' ]
}

@test "a bats that fails and names no test is a failure" {
	fake a.bats
	printf '%s\n' '#!/bin/sh' 'echo 1..1' 'echo ok 1 one' 'exit 3' >bin/bats
	chmod +x bin/bats
	PATH=$PWD/bin:$PATH counted
	[ "$status" -eq 1 ]
	[ "${lines[-2]}" = 'failed: a.bats: the file (bats ended with status 3 and named no test)' ]
	[ "$last" = '1 passed, 1 failed, 0 skipped' ]
}

@test "a bats that says nothing is a failure" {
	fake a.bats
	ln -s "$(type -P true)" bin/bats
	PATH=$PWD/bin:$PATH counted
	[ "$status" -eq 1 ]
	[ "${lines[-2]}" = 'failed: a.bats: the file (no plan: it cannot be read, or bats cannot run)' ]
	[ "$last" = '0 passed, 1 failed, 0 skipped' ]
}

@test "a number that comes twice, or unplanned, makes nothing pass" {
	fake a.bats
	printf '%s\n' '#!/bin/sh' 'echo 1..2' 'echo ok 1 one' 'echo ok 1 one' 'echo ok 3 three' 'echo 1..1' >bin/bats
	chmod +x bin/bats
	PATH=$PWD/bin:$PATH counted
	[ "$status" -eq 1 ]
	[ "$last" = '1 passed, 1 failed, 0 skipped' ]
}

@test "no test at all is a failure" {
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '0 passed, 1 failed, 0 skipped' ]
	[ "${lines[-2]}" = 'failed: no test was run' ]
	fake a.bats '# no tests here'
	counted
	[ "$status" -eq 1 ]
	fake a.bats '@test "one" { skip "all of them"; }'
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '0 passed, 1 failed, 1 skipped' ]
}

@test "in CI a required test may not be skipped; elsewhere it may" {
	fake a.bats '@test "one" { skip "no kernel"; }' '@test "two" { skip "no disk"; }' '@test "three" { true; }'
	printf '%s\n' '# a comment' '' 'a.bats: one' >fakes/required
	counted
	[ "$status" -eq 0 ]
	[ "$last" = '1 passed, 0 failed, 2 skipped' ]
	settings=(CI=true)
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '1 passed, 1 failed, 1 skipped' ]
	grep -x 'failed: a.bats: one (required, but skipped: no kernel)' <<<"$output"
	echo a.bats >fakes/required
	counted
	[ "$last" = '1 passed, 2 failed, 0 skipped' ]
}

@test "in CI a required test that is not there is a failure, unless only some files are run" {
	fake a.bats '@test "one" { true; }'
	printf '%s\n' 'a.bats: one' 'a.bats: renamed' 'gone.bats' >fakes/required
	settings=(CI=true)
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '1 passed, 2 failed, 0 skipped' ]
	grep -x 'failed: a.bats: renamed (required, but not run)' <<<"$output"
	counted fakes/a.bats
	[ "$status" -eq 0 ]
}

# left_running: makes the fake test leave a process behind with a pipe open for writing, and reads that pipe: `wait
# "$reader"` returns when the process is gone, and not before. (kill -0 would also find one that is dead and not yet
# reaped.) The pipe `there` tells when the test has come so far.
left_running() {
	mkfifo held there
	# It opens the pipe itself, and passes it on: one that is ended before it has opened would keep the reader for ever.
	fake a.bats '@test "one" { exec 4>"'"$PWD"'/held"; sleep 1000 & exec 4>&-; echo >"'"$PWD"'/there"; '"$1"' }'
	cat held 3>&- &
	reader=$!
}

@test "what a test leaves running is ended when the file's time is up" {
	left_running
	cat there 3>&- &
	settings=(RINGLET_GROUP_SECONDS_MAX=3)
	counted
	[ "$status" -eq 1 ]
	[ "$last" = '1 passed, 1 failed, 0 skipped' ]
	wait "$reader"
}

# interrupted JOBS
interrupted() {
	left_running 'wait;'
	fake b.bats '@test "two" { true; }'
	# A background program of a script ignores SIGINT; env gives it back its default.
	env -i --default-signal=INT PATH="$PATH" TMPDIR="$PWD/tmp" RINGLET_TESTS_DIR="$PWD/fakes" \
		RINGLET_JOBS="$1" "$root/tests/run" >out 2>&1 3>&- &
	runner=$!
	read -r _ <there || true
	kill -INT "$runner"
	wait "$runner" && ended=0 || ended=$?
	cat out
	[ "$ended" -eq 130 ]
	wait "$reader"
	[ -z "$(ls -A tmp)" ]
	run grep passed out
	[ "$status" -eq 1 ]
}

@test "Ctrl-C ends the tests and all they started, and leaves no file" { interrupted 1; }
@test "so it does where files run side by side" { interrupted 2; }

# tree: a checkout of its own, whose zigw, apt-get and so on are stubs that keep a diary.
tree() {
	mkdir -p tree/tests tree/configs
	cp "$root/tests/run" tree/tests/
	cp "$root/configs/pinned.sh" tree/configs/
	printf '%s\n' '# a comment' 'first   # why' 'second  # why' >tree/tests/packages
	printf '%s\n' '@test "one" { true; }' >tree/tests/a.bats
	stub zigw "echo \"zigw \$* in \$PWD\" >>'$PWD/diary'; echo \"\${ZIG_LOCAL_CACHE_DIR-none}\" >>'$PWD/caches'"
	mv bin/zigw tree/zigw
	stub dpkg-query 'case $* in *first) echo installed ;; *) exit 1 ;; esac'
	stub apt-get 'echo "apt-get $*" >>diary; exit ${APT_STATUS-0}'
	stub id 'echo ${FAKE_UID-0}'
	stub sudo 'echo "sudo $*" >>diary; [ "${SUDO-}" ] || exit 1; shift; exec "$@"'
}

stub() {
	printf '%s\n' '#!/bin/sh' "$2" >"bin/$1"
	chmod +x "bin/$1"
}

in_tree() {
	run env -i PATH="$PWD/bin:$PATH" TMPDIR="$PWD/tmp" "$@" tree/tests/run 3>&-
	echo "status $status: $output"
	[ ! -e diary ] || cat diary
	[ -z "$(ls -A tmp)" ]
}

@test "missing packages are installed by root, then all is built, then tested" {
	tree
	in_tree
	[ "$status" -eq 0 ]
	[ "$(sed -n 1p diary)" = 'apt-get -o DPkg::Lock::Timeout=300 update' ]
	[ "$(sed -n 2p diary)" = 'apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends second' ]
	[ "$(sed -n 3p diary)" = "zigw build in $PWD/tree" ]
	[ "${lines[0]}" = 'run: installing second' ]
	[ "${lines[-1]}" = '1 passed, 0 failed, 0 skipped' ]
}

@test "what was compiled goes where the next checkout finds it, which is emptied when it is too large and nobody uses it" {
	local cache=$PWD/home/.cache/ringlet/build
	tree
	in_tree HOME="$PWD/home"
	[ "$status" -eq 0 ]
	[ -d "$cache" ]
	in_tree HOME="$PWD/home" XDG_CACHE_HOME="$PWD/xdg"
	in_tree HOME="$PWD/home" ZIG_LOCAL_CACHE_DIR=/mine
	in_tree
	printf '%s\n' "$cache" "$PWD/xdg/ringlet/build" /mine none | diff - caches

	mkdir "$cache/o"
	head -c 3000000 /dev/urandom >"$cache/o/large"
	in_tree HOME="$PWD/home" RINGLET_BUILD_CACHE_MIB_MAX=3
	[ -e "$cache/o/large" ]
	(
		flock --shared 9
		in_tree HOME="$PWD/home" RINGLET_BUILD_CACHE_MIB_MAX=2
		[ "$status" -eq 0 ]
	) 9>>"$cache.lock"
	[ -e "$cache/o/large" ]
	in_tree HOME="$PWD/home" RINGLET_BUILD_CACHE_MIB_MAX=2
	[ "$status" -eq 0 ]
	[ ! -e "$cache/o" ]
}

@test "missing packages are installed through sudo when it asks nothing" {
	tree
	in_tree FAKE_UID=1000 SUDO=yes
	[ "$status" -eq 0 ]
	grep '^apt-get .* install' diary
}

@test "without the right to install, the one line to run is printed" {
	tree
	in_tree FAKE_UID=1000
	[ "$status" -eq 1 ]
	[ "$output" = 'run: packages are missing; run: sudo apt-get install -y --no-install-recommends second' ]
}

@test "an apt-get that fails is a sentence" {
	tree
	in_tree APT_STATUS=100
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'run: apt-get could not install second; its last lines are above.' ]
}

@test "elsewhere than on Debian the packages are named" {
	tree
	rm bin/dpkg-query bin/apt-get
	for tool in bash sh env mktemp realpath sed awk rm dirname cat nproc; do
		ln -s "$(command -v "$tool")" "bin/$tool"
	done
	run env -i PATH="$PWD/bin" TMPDIR="$PWD/tmp" tree/tests/run 3>&-
	echo "$output"
	[ "$status" -eq 1 ]
	[ "$output" = 'run: this is not Debian, so install by hand what these packages hold: first second' ]
}

@test "a build that fails is the one failure, with its output" {
	tree
	stub dpkg-query 'echo installed'
	printf '%s\n' '#!/bin/sh' 'echo the linker is sad >&2' 'exit 1' >tree/zigw
	in_tree
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = 'the linker is sad' ]
	[ "${lines[1]}" = 'run: the build failed, so no test was run.' ]
	[ "${lines[2]}" = '0 passed, 1 failed, 0 skipped' ]
	[ "${#lines[@]}" -eq 3 ]
}

@test "each line of tests/packages names a package and says why" {
	run grep -v -E '^#|^[a-z0-9][a-z0-9.+-]+ +# .+$' "$root/tests/packages"
	[ "$output" = '' ]
}
