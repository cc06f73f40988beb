#!/usr/bin/env bats
# tests/cat.bats: cat copies every byte, and tells the truth about those that it cannot copy.
#
# Each test runs cat in four ways: on the three machines (io_uring natively, none under qemu-user) and natively
# with io_uring forbidden. What the system's cat gives is right, wherever both promise the same.

load helpers

export BATS_TEST_TIMEOUT=300

ways=("${machines[@]}" forbidden)
native=$(uname -m)

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	: >empty
	printf x >one
	printf 'first\nsecond\nthird\n' >lines
	printf 'dash\n' >-x
	printf 'help\n' >--help
	head -c 104857600 /dev/urandom >big # 100 MiB: 800 blocks
	# A block is CONFIG_CAT_BUFFER_BYTES, 131072 by default, which these tests take for granted.
	for bytes in 4095 4096 4097 131071 131072 131073 262143 262144 262145 393216; do
		head -c "$bytes" big >"bytes-$bytes"
	done
}

setup() {
	cd "$BATS_FILE_TMPDIR" || return
}

# forbid CALL=HOW ARGUMENT...: runs the native cat, and the kernel refuses it this call of io_uring.
forbid() {
	run_on "$native" tests/forbid "$1" "$out/$native/bin/cat" "${@:2}"
}

# Cat ARGUMENT...: runs cat in the way of the hour.
Cat() {
	case $way in
	system) timeout 60 /bin/cat "$@" ;;
	forbidden) forbid io_uring_setup=EPERM "$@" ;;
	*) run_on "$way" bin/cat "$@" ;;
	esac
}

# try COMMAND: runs it, with its standard output in the file got, its standard error in $said, its status in $status.
try() {
	status=0
	eval "$1" >"$BATS_TEST_TMPDIR/got" 2>"$BATS_TEST_TMPDIR/said" || status=$?
	said=$(<"$BATS_TEST_TMPDIR/said")
	echo "$way: $1: status $status: $said"
}

# same COMMAND: in every way, the same output and status as with the system's cat, and a message where that has one.
same() {
	way=system
	try "$1"
	mv "$BATS_TEST_TMPDIR/got" "$BATS_TEST_TMPDIR/wanted"
	local wanted=$status message=${said:+yes}
	for way in "${ways[@]}"; do
		try "$1"
		((status == wanted))
		cmp "$BATS_TEST_TMPDIR/got" "$BATS_TEST_TMPDIR/wanted"
		[[ ${said:+yes} == "$message" ]]
	done
}

# says COMMAND STATUS MESSAGE: in every way, this status and exactly this on standard error.
says() {
	for way in "${ways[@]}"; do
		try "$1"
		((status == $2))
		[[ $said == "$3" ]]
	done
}

@test "files of every size about a block" {
	for file in empty one lines bytes-*; do
		same "Cat $file"
		same "Cat <$file"
		same "Cat $file | /bin/cat"
	done
}

@test "100 MiB, to a pipe and to a file" {
	wanted=$(sha256sum <big)
	for way in "${ways[@]}"; do
		[[ $(Cat big | sha256sum) == "$wanted" ]]
		[[ $(Cat <big | sha256sum) == "$wanted" ]]
		Cat big >"$BATS_TEST_TMPDIR/copy"
		cmp big "$BATS_TEST_TMPDIR/copy"
	done
}

@test "a large file that is not in memory" {
	sync big
	for way in "${ways[@]}"; do
		dd if=big iflag=nocache count=0 status=none # the kernel forgets what it has cached
		Cat big | cmp - big
	done
}

@test "several operands, and standard input among them" {
	same 'Cat one lines one'
	same 'Cat bytes-131072 one bytes-262145 empty bytes-393216 lines'
	same 'Cat - <lines'
	same 'Cat one - lines <bytes-262144'
	same 'Cat one - lines - <one'
	same 'Cat -u -u one - <lines'
	same 'Cat -- one'
	same 'Cat -u -- -x --help'
	same 'Cat ./-x'
	same '/bin/cat lines | Cat one - one'
}

@test "a file that cannot be read does not stop the next" {
	mkdir -p folder
	same 'Cat one missing lines'
	same 'Cat missing'
	same 'Cat ""'
	same 'Cat folder'
	same 'Cat one folder lines'
	same 'Cat one/below lines'
	same 'Cat one /proc/self/mem lines'
	same 'Cat one - lines <&-'
	same 'Cat <&-'
	says 'Cat one missing' 1 "cat: cannot open 'missing': no such file or directory (ENOENT)"
	says 'Cat one/below' 1 "cat: cannot open 'one/below': not a directory (ENOTDIR)"
	says 'Cat folder' 1 "cat: cannot read 'folder': is a directory (EISDIR)"
	says 'Cat /proc/self/mem' 1 "cat: cannot read '/proc/self/mem': the device reports an input or output error (EIO)"
	says 'Cat <.' 1 'cat: cannot read standard input: is a directory (EISDIR)'
	says 'Cat - <&-' 1 'cat: cannot read standard input: not an open descriptor (EBADF)'
}

@test "a file without permission" {
	(($(id -u) != 0)) || skip 'root may read everything'
	install -m 000 one "$BATS_TEST_TMPDIR/secret"
	says "Cat '$BATS_TEST_TMPDIR/secret'" 1 "cat: cannot open '$BATS_TEST_TMPDIR/secret': permission denied (EACCES)"
}

@test "what is not a regular file" {
	same 'Cat /dev/null'
	same 'Cat /proc/version /proc/filesystems'
	same 'Cat /dev/zero | head -c 1000000'
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	for way in "${ways[@]}"; do
		/bin/cat bytes-393216 >"$BATS_TEST_TMPDIR/fifo" &
		Cat "$BATS_TEST_TMPDIR/fifo" | cmp - bytes-393216
		wait $!
	done
}

@test "an output that takes nothing ends it at once" {
	same 'Cat one >/dev/full'
	same 'Cat empty >/dev/full'
	same 'Cat one >&-'
	same 'Cat empty >&-'
	same 'Cat >&- <&-'
	full='cat: cannot write standard output: no space left on the device (ENOSPC)'
	closed='cat: cannot write standard output: not an open descriptor (EBADF)'
	says 'Cat big missing >/dev/full' 1 "$full"
	says 'Cat --help >/dev/full' 1 "$full"
	says 'Cat --version >&-' 1 "$closed"
	says 'Cat one missing >&-' 1 "$closed"
}

@test "without a standard error the status tells" {
	same 'Cat one missing lines 2>&-'
	same 'Cat bytes-393216 - <&- 2>&-'
}

# Whether the shell's own file positions and ours agree.
@test "standard input is shared with who comes before and after" {
	same '{ read -r _; Cat; } <lines'
	same '{ Cat; Cat; } <bytes-393216'
	same '{ Cat - one -; echo end; Cat; } <bytes-262144'
}

@test "two that write to one output lose nothing" {
	for way in "${ways[@]}"; do
		for file in bytes-393216 big; do
			{
				Cat "$file" &
				Cat "$file"
				wait $!
			} >"$BATS_TEST_TMPDIR/both"
			(($(stat -c %s "$BATS_TEST_TMPDIR/both") == 2 * $(stat -c %s "$file")))
		done
	done
}

# fresh: the file a, of three lines, with its second name b.
fresh() {
	cp "$BATS_FILE_TMPDIR/lines" a
	ln -f a b
}

# left STATUS MESSAGE COMMAND: what try ran ended so, and a now has what the command prints.
left() {
	((status == $1))
	[[ $said == "$2" ]]
	eval "$3" | cmp a -
}

@test "an input that is the output is refused only where it would never end" {
	local three=$BATS_FILE_TMPDIR/lines
	cd "$BATS_TEST_TMPDIR"
	for way in "${ways[@]}"; do
		for name in a b; do
			fresh
			try "Cat $name >>a"
			left 1 "cat: '$name': input file is output file" "/bin/cat '$three'"
		done
		fresh
		try 'Cat <a >>a'
		left 1 'cat: standard input: input file is output file' "/bin/cat '$three'"
		fresh
		try "Cat '$three' a '$three' >>a"
		left 1 "cat: 'a': input file is output file" "/bin/cat '$three' '$three' '$three'"
		fresh
		try "Cat '$three' a >a"
		left 1 "cat: 'a': input file is output file" "/bin/cat '$three'"

		fresh
		try 'Cat a >a' # the shell has emptied it
		left 0 '' ':'
		try 'Cat a >>a' # and it stays so
		left 0 '' ':'
		fresh
		try 'Cat a 1<>a' # each byte over itself
		left 0 '' "/bin/cat '$three'"
		fresh
		try '{ read -r _; Cat; } <a 1<>a' # the rest to the beginning
		left 0 '' 'printf "second\nthird\nthird\n"'
		fresh
		try '{ printf 12345; : >a; Cat a; } 1<>a' # nothing to read, and written behind it
		left 0 '' ':'
		fresh
		try '{ /bin/cat >/dev/null; Cat; } <a >>a' # nothing is left to read
		left 0 '' "/bin/cat '$three'"
	done
}

@test "a reader that goes away: killed by SIGPIPE, or quiet with status 1" {
	for way in "${ways[@]}"; do
		for source in 'big' '<big'; do
			eval "Cat $source 2>'$BATS_TEST_TMPDIR/said' | true; status=\${PIPESTATUS[0]}"
			echo "$way $source: status $status"
			((status == 141))
			# qemu-user has something to say about the signal; cat has not.
			[[ $(<"$BATS_TEST_TMPDIR/said") != *cat:* ]]
		done
	done
	for way in "${ways[@]}"; do
		(trap '' PIPE && Cat big) 2>"$BATS_TEST_TMPDIR/said" | true
		status=${PIPESTATUS[0]}
		echo "$way ignoring: status $status"
		((status == 1))
		[[ ! -s $BATS_TEST_TMPDIR/said ]]
	done
}

@test "no delay, and no spinning where a pipe is non-blocking" {
	for way in "${ways[@]}"; do
		program=("$out/$way/bin/cat")
		case $way in
		"$native") ;;
		forbidden) program=("$out/$native/tests/forbid" io_uring_setup=EPERM "$out/$native/bin/cat") ;;
		*) program=("qemu-$way-static" "${program[@]}") ;;
		esac
		echo "$way"
		timeout -k 5 60 python3 "$BATS_TEST_DIRNAME/cat_pipes.py" big "${program[@]}"
	done
}

@test "io_uring is used for a large file, and for nothing else" {
	way=$native
	for small in one bytes-131071 '-u lines' /proc/filesystems '<big' '- one <big' '/dev/null empty' '/bin/cat big | Cat'; do
		[[ $small == *Cat ]] || small="Cat $small"
		try "${small//Cat/forbid io_uring_setup=kill}"
		((status == 0))
	done
	(($(forbid io_uring_setup=kill /dev/zero | head -c 300000 | wc -c) == 300000))
	for call in setup enter; do
		try "forbid io_uring_$call=kill big"
		((status == 128 + 31)) # SIGSYS
	done
	for error in io_uring_setup=ENOSYS io_uring_setup=EPERM io_uring_setup=ENOMEM io_uring_setup=EMFILE io_uring_setup=EINVAL io_uring_enter=EPERM io_uring_enter=ENOSYS io_uring_enter=EAGAIN; do
		try "forbid $error big bytes-393216 one"
		((status == 0))
		[[ ! $said ]]
		cmp "$BATS_TEST_TMPDIR/got" <(/bin/cat big bytes-393216 one)
	done
	# One descriptor beside the three, and none for the ring.
	try "prlimit --nofile=4:4 '$out/$native/bin/cat' big 3>&-"
	((status == 0))
	[[ ! $said ]]
	cmp "$BATS_TEST_TMPDIR/got" big
}

@test "names from anybody are harmless in messages" {
	says "Cat $'a\\nb\\e[31m\\x9b\\\\c\\xff'" 1 "cat: cannot open 'a\\x0ab\\x1b[31m\\x9b\\x5cc\\xff': no such file or directory (ENOENT)"
	says 'Cat grüße' 1 "cat: cannot open 'grüße': no such file or directory (ENOENT)"
	says "Cat $'a\\nb/' one" 1 "cat: cannot open 'a\\x0ab/': no such file or directory (ENOENT)"
	long=$(printf 'x%.0s' {1..5000})
	for way in "${ways[@]}"; do
		try "Cat '$long'"
		((status == 1))
		[[ $said == "cat: cannot open 'xxx"*'xxx...: the name is too long (ENAMETOOLONG)' ]]
	done
}

@test "very many operands" {
	mapfile -t operands < <(yes one | head -n 20000)
	for way in "${ways[@]}"; do
		(($(Cat "${operands[@]}" | wc -c) == 20000))
	done
}

@test "options" {
	says 'Cat --nonsense' 2 "cat: unknown option '--nonsense'; try 'cat --help'"
	says 'Cat -x' 2 "cat: unknown option '-x'; try 'cat --help'"
	says 'Cat one -u' 1 "cat: cannot open '-u': no such file or directory (ENOENT)"
	says 'Cat -u --version' 0 ''
	for way in "${ways[@]}"; do
		[[ $(Cat --version) == "cat (Ringlet) $(sed -n 's/^#define RINGLET_VERSION "\(.*\)"/\1/p' "$BATS_TEST_DIRNAME/../crt/version.h")" ]]
		Cat --help >"$BATS_TEST_TMPDIR/help"
		grep -q '^Usage: cat \[-u\] \[FILE\]\.\.\.$' "$BATS_TEST_TMPDIR/help"
		grep -q '^  2  ' "$BATS_TEST_TMPDIR/help"
		(($(wc -L <"$BATS_TEST_TMPDIR/help") <= 80))
	done
}
