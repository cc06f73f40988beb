#!/usr/bin/env bats
# tests/kconfig.bats: the steps of configuration do what users of Kconfig expect, an invalid configuration is refused, and
# what can be configured can be built.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=600 # a build of everything, on a slow machine

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	# The same Kconfiglib that ./zigw build uses.
	# shellcheck source=configs/pinned.sh
	. "$root/configs/pinned.sh"
	pinned_cache
	pinned "$root/toolchain.txt" toolchain '100 MB' ziglang/zig kconfiglib.py
	cd "$BATS_TEST_TMPDIR" || return
	export RINGLET_KCONFIG=$pinned KCONFIG_CONFIG=$PWD/config
	unset KCONFIG_SEED KCONFIG_ALLCONFIG
	steps='menuconfig, oldconfig, olddefconfig, defconfig, savedefconfig, alldefconfig, allnoconfig, allyesconfig, randconfig, genconfig'
}

kconfig() {
	"$root/configs/kconfig" "$@"
}

# header FILE: the constants that a configuration gives.
header() {
	KCONFIG_CONFIG=$1 kconfig genconfig "$1.h" >/dev/null
	sed -n '/^#define/p' "$1.h"
}

# refused SENTENCE STATUS ARGUMENT...: kconfig fails with STATUS and says SENTENCE, on the standard error output, and no more.
refused() {
	local sentence=$1 expected=$2
	shift 2
	run --separate-stderr kconfig "$@"
	echo "status $status: $output / $stderr"
	[ "$status" -eq "$expected" ]
	[ "$stderr" = "kconfig: $sentence" ]
	[ "$output" = '' ]
}

# invalid LINE SENTENCE: genconfig refuses a configuration of that line and writes no header; olddefconfig says the same and
# repairs it.
invalid() {
	printf '%s\n' "$1" >config
	run --separate-stderr kconfig genconfig header.h
	echo "status $status: $output / $stderr"
	[ "$status" -eq 1 ]
	[ "${stderr_lines[-2]}" = "kconfig: $PWD/config:$(wc -l <config): $2" ]
	[ "${stderr_lines[-1]}" = "kconfig: $PWD/config is not used, because of the above; edit it, or repair it with ./zigw build olddefconfig." ]
	[ ! -e header.h ]
	run --separate-stderr kconfig olddefconfig
	echo "status $status: $output / $stderr"
	[ "$status" -eq 0 ]
	[ "${stderr_lines[-2]}" = "kconfig: $PWD/config:$(wc -l <config.old): $2" ]
	[ "${stderr_lines[-1]}" = 'kconfig: olddefconfig repairs the above and keeps the other values.' ]
	kconfig genconfig header.h
	rm header.h
}

@test "no configuration means the defaults, and so does default_defconfig" {
	run grep -v '^#' "$root/configs/default_defconfig"
	[ "$output" = '' ]
	kconfig default_defconfig
	kconfig genconfig named.h
	# A tree without .config, whatever this checkout has.
	mkdir -p tree/configs
	cp "$root/Kconfig" tree/
	cp "$root"/configs/* tree/configs/
	KCONFIG_CONFIG='' tree/configs/kconfig genconfig none.h
	cmp named.h none.h
	grep -x '#define CONFIG_HTTPD_CONNECTIONS_MAX 16384' none.h
}

@test "the header has 1 for y, the number for a number, nothing for n" {
	printf '%s\n' '# CONFIG_APP_CAT is not set' CONFIG_RING_TRACE=y CONFIG_HTTPD_DRAIN_MS_MAX=0 >config
	kconfig genconfig header.h
	grep -x '#define CONFIG_RING_TRACE 1' header.h
	grep -x '#define CONFIG_HTTPD_DRAIN_MS_MAX 0' header.h
	run grep -E 'APP_CAT|CAT_BUFFER' header.h
	[ "$status" -eq 1 ]
}

@test "a header that does not change keeps its time" {
	kconfig alldefconfig
	kconfig genconfig header.h
	touch -d @1 header.h
	kconfig genconfig header.h
	[ "$(stat -c %Y header.h)" -eq 1 ]
}

@test "defaults and ranges are the ones that were designed" {
	kconfig alldefconfig
	header config >got
	diff got - <<-'EOF'
		#define CONFIG_APP_HTTPD 1
		#define CONFIG_APP_CAT 1
		#define CONFIG_APP_RINGINFO 1
		#define CONFIG_APP_LESSONS 1
		#define CONFIG_HTTPD_WORKERS_MAX 64
		#define CONFIG_HTTPD_CONNECTIONS_MAX 16384
		#define CONFIG_HTTPD_EXCHANGES_MAX 1024
		#define CONFIG_HTTPD_REQUEST_BYTES_MAX 8192
		#define CONFIG_HTTPD_BODY_BYTES_MAX 1048576
		#define CONFIG_HTTPD_FILES_MAX 256
		#define CONFIG_HTTPD_FILE_BYTES_MAX 163840
		#define CONFIG_HTTPD_LISTEN_BACKLOG 1024
		#define CONFIG_HTTPD_HEADER_MS_MAX 10000
		#define CONFIG_HTTPD_IDLE_MS_MAX 30000
		#define CONFIG_HTTPD_RATE_MIN 1024
		#define CONFIG_HTTPD_DRAIN_MS_MAX 3000
		#define CONFIG_HTTPD_SANDBOX 1
		#define CONFIG_CAT_BUFFER_BYTES 131072
		#define CONFIG_PID1 1
		#define CONFIG_PANIC_BACKTRACE 1
		#define CONFIG_RING_EMULATION 1
	EOF
	local name low high
	while read -r name low high; do
		printf '%s\n' "CONFIG_$name=$low" >config
		kconfig genconfig low.h
		printf '%s\n' "CONFIG_$name=$high" >config
		kconfig genconfig high.h
		invalid "CONFIG_$name=$((low - 1))" "CONFIG_$name is $low to $high, not $((low - 1))."
		invalid "CONFIG_$name=$((high + 1))" "CONFIG_$name is $low to $high, not $((high + 1))."
	done <<-'EOF'
		HTTPD_WORKERS_MAX 1 1024
		HTTPD_CONNECTIONS_MAX 1 16384
		HTTPD_EXCHANGES_MAX 1 16384
		HTTPD_REQUEST_BYTES_MAX 1024 65536
		HTTPD_BODY_BYTES_MAX 0 1073741824
		HTTPD_FILES_MAX 1 16384
		HTTPD_FILE_BYTES_MAX 8192 1048576
		HTTPD_LISTEN_BACKLOG 1 65535
		HTTPD_HEADER_MS_MAX 100 600000
		HTTPD_IDLE_MS_MAX 100 600000
		HTTPD_RATE_MIN 0 1048576
		HTTPD_DRAIN_MS_MAX 0 60000
		CAT_BUFFER_BYTES 4096 1048576
	EOF
}

@test "every option has a help text" {
	python3 - "$root" <<-'EOF'
		import os, sys
		sys.path.insert(0, os.environ["RINGLET_KCONFIG"])
		os.environ["srctree"] = sys.argv[1]
		import kconfiglib
		kconf = kconfiglib.Kconfig("Kconfig", warn_to_stderr=False)
		assert not kconf.warnings, kconf.warnings
		short = [s.name for s in kconf.unique_defined_syms if len(s.nodes[0].help or "") < 100]
		assert not short, short
	EOF
}

@test "allnoconfig, allyesconfig and alldefconfig" {
	kconfig allnoconfig
	header config >got
	[ ! -s got ]
	kconfig allyesconfig
	header config >got
	[ "$(grep -c ' 1$' got)" -eq 9 ] # the bools
	grep -x '#define CONFIG_RING_TRACE 1' got
	kconfig alldefconfig
	header config >got
	run grep RING_TRACE got
	[ "$status" -eq 1 ]
}

@test "named configurations: NAME_defconfig, defconfig NAME, defconfig" {
	kconfig minimal_defconfig
	cp config first
	grep -x 'CONFIG_APP_CAT=y' first
	grep -x '# CONFIG_APP_HTTPD is not set' first
	kconfig alldefconfig
	kconfig defconfig minimal
	cmp config first
	kconfig defconfig
	grep -x 'CONFIG_APP_HTTPD=y' config
}

@test "every named configuration is valid" {
	local file
	for file in "$root"/configs/*_defconfig; do
		kconfig "${file##*/}"
		kconfig genconfig header.h
	done
}

@test "savedefconfig writes what differs, and it leads back" {
	# It writes beside Kconfig, as Linux does; so in a tree of its own.
	mkdir -p tree/configs
	cp "$root/Kconfig" tree/
	cp "$root"/configs/* tree/configs/
	printf '%s\n' CONFIG_HTTPD_IDLE_MS_MAX=500 '# CONFIG_APP_CAT is not set' >config
	tree/configs/kconfig olddefconfig
	cp config before
	tree/configs/kconfig savedefconfig
	diff tree/defconfig - <<-'EOF'
		# CONFIG_APP_CAT is not set
		CONFIG_HTTPD_IDLE_MS_MAX=500
	EOF
	cp tree/defconfig tree/configs/mine_defconfig
	rm config
	tree/configs/kconfig mine_defconfig
	cmp config before
}

@test "olddefconfig keeps what is given and adds what is new" {
	echo CONFIG_HTTPD_IDLE_MS_MAX=500 >config
	run --separate-stderr kconfig olddefconfig
	[ "$status" -eq 0 ]
	[ "$stderr" = '' ]
	grep -x CONFIG_HTTPD_IDLE_MS_MAX=500 config
	grep -x CONFIG_HTTPD_CONNECTIONS_MAX=16384 config
}

@test "oldconfig asks about what is new, and only that" {
	kconfig alldefconfig
	sed -i '/CAT_BUFFER_BYTES/d' config
	run kconfig oldconfig <<<'65536'
	echo "$output"
	[ "$status" -eq 0 ]
	grep -x CONFIG_CAT_BUFFER_BYTES=65536 config
	run kconfig oldconfig </dev/null
	[ "$status" -eq 0 ]
}

@test "oldconfig without an answer is a sentence, and writes nothing" {
	echo CONFIG_RING_TRACE=y >config
	run --separate-stderr kconfig oldconfig </dev/null
	echo "$stderr"
	[ "$status" -eq 1 ]
	[ "$stderr" = 'kconfig: the input ended before all questions were answered, so nothing was written; to take the defaults, run ./zigw build olddefconfig.' ]
	[ "$(<config)" = CONFIG_RING_TRACE=y ]
}

@test "menuconfig without a terminal is a sentence; with one it draws and quits" {
	refused 'menuconfig needs a terminal; without one, edit .config and run ./zigw build olddefconfig.' 1 menuconfig
	kconfig alldefconfig
	# script(1) gives it a terminal: first one that cannot draw, then one that can, on which it is told to quit.
	TERM=nonsense run script -qec "'$root/configs/kconfig' menuconfig" /dev/null
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == *'kconfig: menuconfig cannot draw on the terminal nonsense; set TERM, or edit .config and run ./zigw build olddefconfig.'* ]]
	TERM=xterm run script -qec "'$root/configs/kconfig' menuconfig" /dev/null <<<q
	[ "$status" -eq 0 ]
	[[ $output == *'httpd'* ]]
}

@test "menuconfig without curses is a sentence" {
	mkdir none
	echo 'raise ImportError' >none/curses.py
	kconfig alldefconfig
	PYTHONPATH=$PWD/none TERM=xterm run script -qec "'$root/configs/kconfig' menuconfig" /dev/null
	echo "$output"
	[ "$status" -eq 1 ]
	[[ $output == "kconfig: menuconfig needs Python's curses module; install it, or edit .config and run ./zigw build olddefconfig."* ]]
}

@test "randconfig: valid, repeated by its seed, within the ranges" {
	run kconfig randconfig
	[ "$status" -eq 0 ]
	[[ ${lines[0]} =~ ^KCONFIG_SEED=([0-9]+)$ ]]
	cp config first
	KCONFIG_SEED=${BASH_REMATCH[1]} kconfig randconfig
	cmp config first
	KCONFIG_SEED=16 kconfig randconfig
	cp config decimal
	KCONFIG_SEED=0x10 kconfig randconfig
	cmp config decimal
	local seed
	for seed in 1 2 3 4 5 6 7 8 9 10; do
		KCONFIG_SEED=$seed kconfig randconfig
		kconfig genconfig "header$seed.h" # which refuses what is out of range
	done
	[ "$(sha256sum header*.h | cut -d' ' -f1 | sort -u | wc -l)" -gt 5 ]
}

@test "a seed that is no number is a sentence" {
	KCONFIG_SEED=dice refused 'KCONFIG_SEED is a whole number, not dice.' 2 randconfig
}

@test "what is invalid is refused by genconfig and repaired by olddefconfig" {
	invalid CONFIG_FOO=1 'there is no option CONFIG_FOO.'
	invalid '# CONFIG_FOO is not set' 'there is no option CONFIG_FOO.'
	invalid CONFIG_APP_CAT=yes 'CONFIG_APP_CAT is y or n, not yes.'
	invalid CONFIG_CAT_BUFFER_BYTES=many 'CONFIG_CAT_BUFFER_BYTES is a whole number, not many.'
	invalid CONFIG_HTTPD_IDLE_MS_MAX=0500 'CONFIG_HTTPD_IDLE_MS_MAX is a number without leading zeros (in C, 0500 would be octal).'
	invalid 'idle = 5' 'neither CONFIG_NAME=VALUE nor a comment: idle = 5'
	invalid $'CONFIG_RING_TRACE=y\nCONFIG_RING_TRACE=y' 'CONFIG_RING_TRACE was already given in line 1.'
	invalid $'# CONFIG_APP_CAT is not set\nCONFIG_CAT_BUFFER_BYTES=4096' \
		'CONFIG_CAT_BUFFER_BYTES=4096 has no effect: it depends on APP_CAT, which is n.'
}

@test "a value that other options decide is refused" {
	mkdir -p tree/configs
	cp "$root"/configs/* tree/configs/
	printf '%s\n' 'config A' $'\tbool "a"' $'\tselect B' 'config B' $'\tbool "b"' >tree/Kconfig
	printf '%s\n' CONFIG_A=y '# CONFIG_B is not set' >config
	run tree/configs/kconfig genconfig header.h
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "kconfig: $PWD/config:2: CONFIG_B=n has no effect: other options decide that it is y." ]
}

@test "a named configuration is refused by the same rules" {
	mkdir -p tree/configs
	cp "$root/Kconfig" tree/
	cp "$root"/configs/* tree/configs/
	echo CONFIG_FOO=1 >tree/configs/wrong_defconfig
	run tree/configs/kconfig wrong_defconfig
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = "kconfig: $PWD/tree/configs/wrong_defconfig:1: there is no option CONFIG_FOO." ]
	[ ! -e config ]
}

@test "unknown names are a sentence that lists what there is" {
	local named='default_defconfig, minimal_defconfig'
	refused "there is no step fooconfig; there are $steps, and the named configurations $named." 2 fooconfig
	refused "no step was given; there are $steps, and the named configurations $named." 2
	refused "there is no configs/foo_defconfig; there are $named." 2 defconfig foo
	refused 'allnoconfig takes no argument, but was given: x' 2 allnoconfig x
	refused 'genconfig takes one argument, the header to write.' 2 genconfig
	run kconfig --help
	[ "$status" -eq 0 ]
	[[ $output == *randconfig* ]]
}

@test "what is not there, or cannot be read or written, is a sentence" {
	refused "there is no configuration $PWD/config; write one with ./zigw build menuconfig, or name another." 1 genconfig header.h
	RINGLET_KCONFIG='' refused 'RINGLET_KCONFIG does not name the folder with kconfiglib.py; run ./zigw build allnoconfig, which sets it.' 1 allnoconfig
	RINGLET_KCONFIG=$PWD refused 'RINGLET_KCONFIG does not name the folder with kconfiglib.py; run ./zigw build allnoconfig, which sets it.' 1 allnoconfig
	printf '\377\376\n' >config
	refused "cannot read the configuration $PWD/config: it is not text; remove it, or set KCONFIG_CONFIG to another." 1 genconfig header.h
	rm config
	mkdir config
	refused "cannot read the configuration $PWD/config: Is a directory; remove it, or set KCONFIG_CONFIG to another." 1 allnoconfig
	rmdir config
	echo >config
	refused "cannot write $PWD/none/header.h: No such file or directory." 1 genconfig "$PWD/none/header.h"
}

# built [OPTION]...: the configuration builds, in a folder of its own, with the programs that it chooses and no others.
built() {
	env -C "$root" ./zigw build -Dconfig="$PWD/config" -Dmachine=x86_64 -p "$PWD/out" "$@" </dev/null 3>&-
	header config >got
	local program option
	while read -r program option; do
		if grep -q "^#define $option 1$" got; then
			[ -n "$(find out -name "$program")" ]
		else
			[ -z "$(find out -name "$program")" ]
		fi
	done <<-'EOF'
		httpd CONFIG_APP_HTTPD
		cat CONFIG_APP_CAT
		lesson01 CONFIG_APP_LESSONS
	EOF
}

@test "allnoconfig builds" {
	kconfig allnoconfig
	built
}

@test "allyesconfig builds" {
	kconfig allyesconfig
	built
}

@test "minimal_defconfig builds" {
	kconfig minimal_defconfig
	built -Dtests=false
}

@test "a random configuration builds" {
	kconfig randconfig >said
	cat said config # shown when it fails: KCONFIG_SEED repeats it
	echo "# $(head -n 1 said)" >&3
	built -Dtests=false
}

@test "an invalid configuration builds nothing and says why" {
	echo CONFIG_FOO=1 >config
	run "$root/zigw" build -Dconfig="$PWD/config" -Dmachine=x86_64 -p "$PWD/out" </dev/null 3>&-
	echo "$output"
	[ "$status" -ne 0 ]
	[[ $output == *"kconfig: $PWD/config:1: there is no option CONFIG_FOO."* ]]
	[ ! -e out ]
}
