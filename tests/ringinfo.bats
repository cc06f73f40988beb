#!/usr/bin/env bats
# tests/ringinfo.bats: ringinfo shows what the kernel offers, as a program that shares nothing with it is told too; and where there
# is no io_uring it names the cause that is the case.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120

load helpers

native=$(uname -m)

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ringinfo=$out/$native/bin/ringinfo
}

# says SENTENCE NAME COMMAND...: status 1, nothing on standard output, and one line on the other that begins and ends so.
says() {
	local sentence=$1 name=$2
	shift 2
	run --separate-stderr timeout -k 5 60 "$@"
	echo "$*: status $status: $output / $stderr"
	((status == 1))
	[[ ! $output ]]
	[[ $stderr == "ringinfo: cannot use io_uring: $sentence"*" ($name)" ]]
	((${#stderr_lines[@]} == 1))
}

# forbid CALL=HOW COMMAND...: puts these before a command.
forbid=$out/$native/tests/forbid

@test "JSON is what the kernel tells an independent program" {
	"$ringinfo" --json >json
	python3 -m json.tool json >/dev/null
	uapi "$native"
	python3 "$BATS_TEST_DIRNAME/ringinfo_probe.py" json "${uapi[3]}"
	[ "$(python3 -c 'import json; print(json.load(open("json"))["kernel"])')" = "$(uname -r)" ]
	[ "$(python3 -c 'import json; print(json.load(open("json"))["limits"]["descriptors"])')" = "$(ulimit -n)" ]
}

@test "the table has the same, line by line" {
	"$ringinfo" -j >json
	"$ringinfo" >table
	python3 - <<-'END' >wanted
		import json
		for section, names in json.load(open("json")).items():
		    if section not in ("kernel", "engine", "limits"):
		        for name, about in (names or {}).items():
		            print("yes" if about["offered"] else "no", name, about["since"] or "")
	END
	awk '$1 == "yes" || $1 == "no" { print $1, $2, $3 }' table | diff - wanted
	(($(wc -l <wanted) > 100))
	grep -q "^io_uring of Linux $(uname -r): " table
	grep -qE '^  submissions in a ring +32768$' table
	(($(wc -L <table) <= 120))
}

@test "a seccomp filter is named, whatever error it gives" {
	says 'a seccomp filter forbids io_uring here' EPERM "$forbid" io_uring_setup=EPERM "$ringinfo"
	says 'a seccomp filter forbids io_uring here' ENOSYS "$forbid" io_uring_setup=ENOSYS "$ringinfo" --json
	says 'a seccomp filter forbids io_uring here' EACCES "$forbid" io_uring_setup=EACCES "$ringinfo"
}

@test "the emulation is asked instead, on every machine, and does not touch the kernel's io_uring" {
	local machine
	"$forbid" io_uring_setup=kill "$ringinfo" -j --engine=emulated >json
	for machine in "${machines[@]}"; do
		[[ -x $out/$machine/bin/ringinfo ]] || continue
		run_on "$machine" bin/ringinfo -j -e emulated >"$machine.json"
		grep -v -e '"kernel":' -e '"descriptors":' -e '"locked_memory_bytes":' json >wanted
		grep -v -e '"kernel":' -e '"descriptors":' -e '"locked_memory_bytes":' "$machine.json" | diff wanted -
	done
	python3 - <<-'END'
		import json
		report = json.load(open("json"))
		assert report["engine"] == "emulated"
		assert all(report["operations"][name]["offered"] for name in ("nop", "read", "accept", "timeout", "msg_ring"))
		assert not any(report["operations"][name]["offered"] for name in ("uring_cmd", "recv_zc"))
		assert report["setup_flags"]["CLAMP"]["offered"] and not report["setup_flags"]["IOPOLL"]["offered"]
		assert report["limits"]["entries"] > 0
	END
	"$ringinfo" -j --engine kernel | cmp - <("$ringinfo" -j)
	"$ringinfo" -e emulated | grep -q "^io_uring emulated on Linux $(uname -r): "
}

@test "want of descriptors and of memory" {
	says 'no descriptor is left for the ring; raise the limit' EMFILE prlimit --nofile=3:3 "$ringinfo"
	says 'this machine has too many files open' ENFILE "$forbid" io_uring_setup=ENFILE "$ringinfo"
	says 'no memory for the ring' ENOMEM "$forbid" io_uring_setup=ENOMEM "$ringinfo"
	says "this kernel's io_uring is too old" EINVAL "$forbid" io_uring_setup=EINVAL "$ringinfo"
}

@test "qemu-user is named; an old kernel is, too" {
	local machine
	for machine in "${machines[@]}"; do
		[[ $machine != "$native" ]] || continue
		[[ -x $out/$machine/bin/ringinfo ]] || skip "no ringinfo for $machine was built"
		[[ -e /proc/sys/kernel/io_uring_disabled ]] || skip 'this kernel has no sysctl of io_uring: Linux 6.6'
		says 'this kernel has io_uring, but what runs the program does not pass it on' ENOSYS \
			"qemu-$machine-static" "$out/$machine/bin/ringinfo"
		says "this kernel's io_uring is too old, or there is none yet" ENOSYS \
			"qemu-$machine-static" -r 4.4.0 "$out/$machine/bin/ringinfo"
	done
}

# in_place_of PATH SOURCE COMMAND...: runs a command that sees SOURCE at PATH; nothing on the machine changes.
in_place_of() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$2" "$1" "${@:3}"
}
export -f in_place_of

# The sysctl is another only to those who read it: to set it would forbid io_uring to all that runs here beside this. That the kernel
# says EPERM then is the kernel's; here a filter says it.
@test "the sysctl is named before a filter, for everybody or for most" {
	unshare --mount true 2>/dev/null || skip 'no mount namespaces here'
	local sysctl=/proc/sys/kernel/io_uring_disabled
	[[ -e $sysctl ]] || skip 'this kernel has no sysctl of io_uring: Linux 6.6'
	echo 2 >two
	echo 1 >one
	says 'io_uring is switched off on this machine' EPERM bash -c \
		'in_place_of "$@"' - $sysctl two "$forbid" io_uring_setup=EPERM "$ringinfo"
	says 'a seccomp filter forbids io_uring here' EPERM bash -c \
		'in_place_of "$@"' - $sysctl one "$forbid" io_uring_setup=EPERM "$ringinfo"
	says 'io_uring is for the privileged on this machine' EPERM bash -c \
		'in_place_of "$@"' - $sysctl one setpriv --bounding-set=-sys_admin "$forbid" io_uring_setup=EPERM "$ringinfo"
}

@test "without /proc the error must do" {
	unshare --mount true 2>/dev/null || skip 'no mount namespaces here'
	mkdir empty
	says 'io_uring is forbidden here, by a security module as it seems' EPERM bash -c \
		'in_place_of "$@"' - /proc empty "$forbid" io_uring_setup=EPERM "$ringinfo"
	says 'this kernel was built without io_uring, or an emulator hides it' ENOSYS bash -c \
		'in_place_of "$@"' - /proc empty "$forbid" io_uring_setup=ENOSYS "$ringinfo"
	bash -c 'in_place_of "$@"' - /proc empty "$ringinfo" >table
	grep -qE '^  kernel.io_uring_disabled +-$' table
}

@test "the sysctl itself" {
	[[ ${RINGLET_MAY_SET_SYSCTL-} == 1 ]] || skip 'it would forbid io_uring to all that runs here; RINGLET_MAY_SET_SYSCTL=1 allows it'
	local sysctl=/proc/sys/kernel/io_uring_disabled
	[[ -w $sysctl ]] || skip "$sysctl cannot be written"
	before=$(<$sysctl)
	echo 2 >$sysctl
	run --separate-stderr "$ringinfo"
	echo "$before" >$sysctl
	((status == 1))
	[[ $stderr == 'ringinfo: cannot use io_uring: io_uring is switched off on this machine'*'(EPERM)' ]]
}

@test "an output that takes nothing" {
	for option in '' --json --help --version; do
		# shellcheck disable=SC2086 # no option is none
		run --separate-stderr bash -c '"$@" >/dev/full' - "$ringinfo" $option
		((status == 1))
		[[ $stderr == 'ringinfo: cannot write to standard output: no space left on the device (ENOSPC)' ]]
	done
}

@test "called wrongly" {
	local machine
	for machine in "${machines[@]}"; do
		[[ -x $out/$machine/bin/ringinfo ]] || continue
		run --separate-stderr run_on "$machine" bin/ringinfo --nonsense
		((status == 2))
		[[ $stderr == "ringinfo: unknown option '--nonsense'; try 'ringinfo --help'" ]]
		run --separate-stderr run_on "$machine" bin/ringinfo here
		((status == 2))
		[[ $stderr == "ringinfo: there is nothing to do with 'here'; try 'ringinfo --help'" ]]
		run --separate-stderr run_on "$machine" bin/ringinfo --engine=none
		((status == 2))
		[[ $stderr == "ringinfo: --engine is kernel or emulated, not 'none'; try 'ringinfo --help'" ]]
		run_on "$machine" bin/ringinfo --help >help
		grep -q '^Usage: ringinfo \[OPTION\]\.\.\.$' help
		(($(wc -L <help) <= 80))
		[[ $(run_on "$machine" bin/ringinfo -V) == "ringinfo (Ringlet) "* ]]
	done
}
