#!/usr/bin/env bats
# tests/zigw.bats: zigw from outside: what it installs, what it says when it cannot, and that it leaves nothing half done.
#
# No test here needs the network: a copy of zigw installs two tiny wheels, made below, in place of the real ones, with the
# real pip where pip's own behaviour matters and with a stub where a moment or a failure is to be chosen.

# shellcheck disable=SC2016 # what is quoted so is a stub's script
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=60

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p copy/configs bin
	cp "$root/zigw" copy/
	cp "$root/configs/pinned.sh" copy/configs/
	# pip takes its files from here and nowhere else, and reads no settings of this machine.
	export XDG_CACHE_HOME=$PWD/cache PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels PIP_CONFIG_FILE=/dev/null
	unset ZIG_GLOBAL_CACHE_DIR ZIG_BUILD_ERROR_STYLE
	tools=$XDG_CACHE_HOME/ringlet/toolchain
	jobs=-j$(($(nproc) + 4)) # what zigw gives zig unless it is told
}

# wheels: makes a "ziglang" whose zig prints its arguments and environment, and a "kconfiglib", and pins them.
wheels() {
	mkdir -p wheels
	python3 - >copy/toolchain.txt <<-'EOF'
		import hashlib, zipfile
		zig = '#!/bin/sh\nprintf "%s\\n" "arguments:$*" "$RINGLET_CWD" "$RINGLET_KCONFIG" "$ZIG_GLOBAL_CACHE_DIR" "$ZIG_BUILD_ERROR_STYLE"\n'
		for name, path, text in (("ziglang", "ziglang/zig", zig), ("kconfiglib", "kconfiglib.py", "")):
		    info = f"{name}-1.0.dist-info"
		    wheel = f"wheels/{name}-1.0-py3-none-any.whl"
		    with zipfile.ZipFile(wheel, "w") as out:
		        entry = zipfile.ZipInfo(path)
		        entry.external_attr = 0o100755 << 16
		        out.writestr(entry, text)
		        out.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
		        out.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
		        out.writestr(f"{info}/RECORD", f"{path},,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
		    print(f"{name}==1.0 --hash=sha256:{hashlib.sha256(open(wheel, 'rb').read()).hexdigest()}")
	EOF
}

# installed: how many folders of tools there are, temporary ones included.
installed() {
	find "$tools" -mindepth 1 -maxdepth 1 | wc -l
}

# stub NAME: its script comes on the standard input, into the folder that only() puts on the PATH.
stub() {
	{
		echo '#!/bin/sh'
		cat
	} >"bin/$1"
	chmod +x "bin/$1"
}

# only: a PATH of the few tools that zigw uses, without Python, and the stubs.
only() {
	local tool
	for tool in sh sha256sum uname mkdir mktemp mv rm grep sed tail cat readlink flock; do
		[ -e "bin/$tool" ] || ln -s "$(command -v "$tool")" "bin/$tool"
	done
	PATH=$PWD/bin
}

# A python3 that has pip; what its `install` does is the argument. The install's --target is in $target.
stub_pip() {
	stub python3 <<-EOF
		[ "\$*" = '-m pip --version' ] && exit 0
		while [ "\$1" != --target ]; do shift; done
		target=\$2
		$1
	EOF
}

# zigw: runs the copy; its messages are in $output. (bats's own `run` needs more of the PATH than only() leaves.)
zigw() {
	output=$(copy/zigw "$@" 2>&1) && status=0 || status=$?
}

# refused SENTENCE: it failed with status 1, said SENTENCE last, and left no file.
refused() {
	echo "status $status: $output"
	[ "$status" -eq 1 ]
	[ "${output##*$'\n'}" = "zigw: $1" ]
	[ ! -d cache ] || [ -z "$(find cache -mindepth 3 -o -type f)" ]
}

# in_stubs COMMAND...: runs it with only()'s PATH.
in_stubs() {
	saved=$PATH
	only
	"$@"
	PATH=$saved
}

@test "the first run installs by real pip, says so in one line, and runs zig" {
	wheels
	run --separate-stderr copy/zigw one 'two three'
	echo "$output / $stderr"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'arguments:one two three' ]
	[ "${#stderr_lines[@]}" -eq 1 ]
	key=$(sha256sum copy/toolchain.txt | cut -c1-16)
	[ "$stderr" = "zigw: fetching what toolchain.txt pins (about 100 MB, once) into $tools/$key" ]
	[ "$(ls -A "$tools")" = "$key" ]
}

@test "zig learns the caller's folder, Kconfiglib's and its own cache" {
	wheels
	copy/zigw >/dev/null
	mkdir elsewhere
	cd elsewhere
	run ../copy/zigw version
	[ "${lines[1]}" = "$BATS_TEST_TMPDIR/elsewhere" ]
	[ "${lines[2]}" = "$tools/$(ls "$tools")" ]
	[ -e "${lines[2]}/kconfiglib.py" ]
	[ "${lines[3]}" = "$XDG_CACHE_HOME/ringlet/zig" ]
	[ "${lines[4]}" = minimal ]
	ZIG_GLOBAL_CACHE_DIR=/mine ZIG_BUILD_ERROR_STYLE=verbose run ../copy/zigw version
	[ "${lines[3]}" = /mine ]
	[ "${lines[4]}" = verbose ]
}

@test "build means this project from any folder, unless --build-file names another" {
	wheels
	copy/zigw >/dev/null
	mkdir elsewhere
	cd elsewhere
	here=$BATS_TEST_TMPDIR/copy
	run ../copy/zigw build test -Da=b
	[ "${lines[0]}" = "arguments:build $jobs --build-file $here/build.zig test -Da=b" ]
	run ../copy/zigw build fmt -- FILE --build-file
	[ "${lines[0]}" = "arguments:build $jobs --build-file $here/build.zig fmt -- FILE --build-file" ]
	run ../copy/zigw build --build-file mine.zig
	[ "${lines[0]}" = "arguments:build $jobs --build-file mine.zig" ]
	run ../copy/zigw build -j1 test
	[ "${lines[0]}" = "arguments:build --build-file $here/build.zig -j1 test" ]
	run ../copy/zigw cc -c x.c
	[ "${lines[0]}" = 'arguments:cc -c x.c' ]
	ln -s ../copy/zigw link
	run ./link build
	[ "${lines[0]}" = "arguments:build $jobs --build-file $here/build.zig" ]
	cd ../copy
	run sh zigw build
	[ "${lines[0]}" = "arguments:build $jobs --build-file $here/build.zig" ]
}

@test "build serve builds by zig, and then is the server" {
	wheels
	copy/zigw >/dev/null
	mkdir copy/.zig-cache
	printf '%s\n' '#!/bin/sh' 'echo "server $$ in $PWD: $*"; exit 7' >copy/.zig-cache/httpd
	chmod +x copy/.zig-cache/httpd
	copy/zigw build -Da=b serve -- DIR 'two words' -- >out 3>&- &
	wait "$!" && status=0 || status=$?
	[ "$status" -eq 7 ]
	[ "$(sed -n 1p out)" = "arguments:build $jobs --build-file $PWD/copy/build.zig -Da=b serve -- DIR two words --" ]
	[ "$(tail -n 1 out)" = "server $! in $PWD: DIR two words --" ]
	run copy/zigw build serve
	[[ ${lines[-1]} == "server "*" in $PWD: " ]]
	for other in 'build serve --help' 'build -l serve' 'build fmt -- serve' 'build --build-file mine.zig serve' 'serve'; do
		# shellcheck disable=SC2086 # words
		run copy/zigw $other
		echo "$other: $output"
		[ "$status" -eq 0 ]
		[[ $output != *server* ]]
	done
	printf '%s\n' '#!/bin/sh' 'exit 3' >"$tools"/*/ziglang/zig
	run copy/zigw build serve
	[ "$status" -eq 3 ]
	[ "$output" = '' ]
}

@test "the second run starts no Python and needs no network" {
	wheels
	copy/zigw >/dev/null
	rm -r wheels
	in_stubs zigw again
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${output%%$'\n'*}" = 'arguments:again' ]
}

@test "settings of pip with which it refuses a folder do no harm" {
	wheels
	PIP_USER=1 PIP_REQUIRE_VIRTUALENV=1 run copy/zigw version
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "a changed pin is a new folder beside the old one" {
	wheels
	copy/zigw >/dev/null
	echo '# changed' >>copy/toolchain.txt
	copy/zigw >/dev/null
	[ "$(installed)" -eq 2 ]
}

@test "a folder that someone emptied is made whole" {
	wheels
	copy/zigw >/dev/null
	rm "$tools"/*/kconfiglib.py
	run copy/zigw version
	echo "$output"
	[ "$status" -eq 0 ]
	[ -e "$tools/$(ls -A "$tools")/kconfiglib.py" ]
}

@test "no python3 is a sentence" {
	wheels
	in_stubs zigw version
	refused 'python3 is missing, and the pinned tools are installed with it; install it (Debian: apt-get install python3 python3-pip).'
}

@test "no pip is a sentence" {
	wheels
	stub python3 <<<'echo "No module named pip" >&2; exit 1'
	in_stubs zigw version
	refused 'python3 has no pip, and the pinned tools are installed with it; install it (Debian: apt-get install python3-pip).'
}

@test "neither HOME nor XDG_CACHE_HOME is a sentence" {
	wheels
	unset HOME XDG_CACHE_HOME
	zigw version
	refused 'no place for the tools, because neither HOME nor XDG_CACHE_HOME (an absolute path) is set; set one of them.'
}

@test "a relative XDG_CACHE_HOME counts as unset" {
	wheels
	HOME=$PWD/home XDG_CACHE_HOME=relative zigw version
	[ "$status" -eq 0 ]
	[ -d home/.cache/ringlet/toolchain ]
	[ ! -e relative ]
}

@test "a cache that cannot be written is a sentence" {
	wheels
	touch obstacle
	XDG_CACHE_HOME=$PWD/obstacle zigw version
	refused "cannot write into $PWD/obstacle/ringlet/toolchain, where the tools go; make it a writable folder, or set XDG_CACHE_HOME to one."
	mkdir -p cache/ringlet
	touch cache/ringlet/toolchain
	zigw version
	[ "$status" -eq 1 ]
	[[ $output == 'zigw: cannot write into '* ]]
}

@test "another host is a sentence" {
	wheels
	stub uname <<<'[ "$1" = -s ] && echo Linux || echo s390x'
	in_stubs zigw version
	refused 'this host is Linux s390x, for which toolchain.txt pins no tools; use a Linux host, x86_64 or aarch64.'
}

@test "no toolchain.txt is a sentence" {
	zigw version
	[ "$status" -eq 1 ]
	[[ ${output##*$'\n'} == 'zigw: cannot compute the hash of '*'/copy/toolchain.txt; is the checkout whole, and sha256sum (coreutils) installed?' ]]
}

@test "a wrong hash is refused by real pip, and nothing is left" {
	wheels
	sed -i '1s/sha256:....../sha256:000000/' copy/toolchain.txt
	zigw version
	refused 'what was downloaded is not what toolchain.txt pins (wrong hash), so nothing was installed; if the file is unchanged, distrust the mirror or proxy between.'
	[[ $output == *'    pip: '* ]]
}

@test "an index that has nothing is a sentence about the network" {
	wheels
	rm wheels/*
	zigw version
	refused 'the download failed, because pip cannot reach its package index; check the network (or pip'\''s proxy and index settings) and try again.'
}

@test "a network that fails is a sentence, with the end of pip's log" {
	wheels
	stub_pip 'mkdir -p "$target/half"
		echo "WARNING: Retrying after connection broken by NewConnectionError: Temporary failure in name resolution"
		echo "ERROR: No matching distribution found for ziglang"
		exit 1'
	in_stubs zigw version
	refused 'the download failed, because pip cannot reach its package index; check the network (or pip'\''s proxy and index settings) and try again.'
	[[ $output == *'    pip: ERROR: No matching distribution found for ziglang'* ]]
}

@test "an index without a file for this host is a sentence" {
	wheels
	stub_pip 'echo "ERROR: No matching distribution found for ziglang"; exit 1'
	in_stubs zigw version
	refused "pip's package index has no file that toolchain.txt pins for this host; check pip's index settings, or update pip."
}

@test "a full disk is a sentence" {
	wheels
	stub_pip 'echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"; exit 1'
	in_stubs zigw version
	refused "no space left below $PWD/cache/ringlet; free some, or set XDG_CACHE_HOME to a larger disk."
}

@test "any other failure of pip is a sentence with its status" {
	wheels
	stub_pip 'echo odd; exit 7'
	in_stubs zigw version
	refused 'pip failed with status 7, so nothing was installed; its last lines follow.'
}

@test "tools that come without zig are a sentence" {
	wheels
	stub_pip 'mkdir -p "$target"; : >"$target/kconfiglib.py"'
	in_stubs zigw version
	refused 'pip installed no ziglang/zig; check that toolchain.txt pins the right packages.'
}

@test "tools that cannot be moved to their place are a sentence" {
	wheels
	stub mv <<<'exit 1'
	PATH=$PWD/bin:$PATH zigw version
	refused "cannot move the tools to $tools/$(sha256sum copy/toolchain.txt | cut -c1-16); remove what is there and try again."
}

# signalled NAME STATUS: a signal in the middle of pip's work ends zigw with STATUS, stops pip and leaves nothing.
signalled() {
	wheels
	mkfifo ready never
	stub_pip 'mkdir -p "$target/half"; echo $$ >ready; read -r x <never'
	saved=$PATH
	only
	# A background program of a script ignores SIGINT, and all that nohup runs ignores SIGHUP; env gives them their defaults.
	env=$(PATH=$saved command -v env)
	"$env" --default-signal=HUP,INT copy/zigw version 2>messages 3>&- &
	runner=$!
	PATH=$saved
	read -r pip <ready
	[ -n "$(find cache -name half)" ]
	kill "-$1" "$runner"
	wait "$runner" && ended=0 || ended=$?
	echo "ended with $ended"
	[ "$ended" -eq "$2" ]
	! kill -0 "$pip"
	[ -z "$(find cache -mindepth 3)" ]
	[ "$(wc -l <messages)" -eq 1 ] # that it was fetching
}

@test "SIGTERM in the middle leaves nothing" {
	signalled TERM 143
}

@test "Ctrl-C in the middle leaves nothing" {
	signalled INT 130
}

@test "SIGHUP in the middle leaves nothing" {
	signalled HUP 129
}

@test "what a killed run has left, the next one removes" {
	wheels
	mkfifo ready never held
	stub_pip 'mkdir -p "$target/half"; exec 4>held; echo >ready; read -r x <never'
	saved=$PATH
	only
	copy/zigw version 2>/dev/null 3>&- &
	runner=$!
	PATH=$saved
	cat held 3>&- & # until the orphan has ended
	orphan=$!
	read -r _ <ready
	kill -KILL "$runner"
	wait "$runner" || true
	[ "$(installed)" -eq 1 ]
	# The orphan still works in its folder: that is no leftover yet.
	run copy/zigw version
	echo "$output"
	[ "$status" -eq 0 ]
	[ "$(installed)" -eq 2 ]
	: >never
	wait "$orphan"
	echo '# changed' >>copy/toolchain.txt
	copy/zigw version
	[ "$(installed)" -eq 2 ] # two pins, and nothing else
	[ -z "$(find "$tools" -maxdepth 1 -name '.tmp.*')" ]
}

@test "of two runs at once both succeed, and one folder is left" {
	wheels
	mkfifo ready go1 go2
	# Each pip announces itself, waits to be let go, and then delivers; so both have begun before either has finished.
	stub_pip 'mkdir -p "$target/ziglang"; : >"$target/kconfiglib.py"
		printf "#!/bin/sh\necho zig of $RUN\n" >"$target/ziglang/zig"; chmod 755 "$target/ziglang/zig"
		echo "$RUN" >ready; read -r x <"go$RUN"'
	ln -s "$(command -v chmod)" bin/chmod
	saved=$PATH
	only
	RUN=1 copy/zigw >out1 2>&1 3>&- &
	first=$!
	RUN=2 copy/zigw >out2 2>&1 3>&- &
	second=$!
	PATH=$saved
	exec 4<>ready
	read -r -u 4 _
	read -r -u 4 _
	exec 4>&-
	echo >go1
	wait "$first"
	echo >go2
	wait "$second"
	tail -n 1 out1 out2
	[ "$(tail -n 1 out1)" = 'zig of 1' ]
	[ "$(tail -n 1 out2)" = 'zig of 1' ] # the loser uses the winner's
	[ "$(installed)" -eq 1 ]
}

@test "the real pins are in pip's format, with a hash for each kind of host" {
	run grep -c -E '^[a-z-]+==[0-9.]+ \\$' "$root/toolchain.txt"
	[ "$output" -eq 2 ]
	run grep -c -E '^    --hash=sha256:[0-9a-f]{64}( \\)?$' "$root/toolchain.txt"
	[ "$output" -eq 3 ]
}
