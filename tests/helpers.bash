# tests/helpers.bash: what several .bats files need. They say `load helpers`.
# shellcheck shell=bash

# The machines, as zig-out/ and arch/ name their folders.
# shellcheck disable=SC2034 # for those who load this
machines=(x86_64 aarch64 riscv64)

# Where the build put things; RINGLET_OUT names another build.
out=${RINGLET_OUT:-${BATS_TEST_DIRNAME%/tests}/zig-out}

# run_on MACHINE PROGRAM ARGUMENT...: runs zig-out/MACHINE/PROGRAM, under qemu-user where this machine is another one. The
# status is the program's, 128 and the number of the signal that ended it, or 124 if it took more than 60 seconds. qemu-user
# reports a signal on standard error, too. No core is dumped.
run_on() {
	local machine=$1 program=$2 emulator=()
	shift 2
	[[ $machine == "$(uname -m)" ]] || emulator=("qemu-$machine-static")
	(ulimit -c 0 && exec timeout -k 5 60 "${emulator[@]}" "$out/$machine/$program" "$@")
}

# uapi MACHINE: sets the array uapi to the options that show a compiler the kernel's headers, as the pinned Zig brings them.
uapi() {
	local lib
	lib=$("${BATS_TEST_DIRNAME%/tests}/zigw" env | sed -n 's/^ *\.lib_dir = "\(.*\)",$/\1/p')
	declare -A folder=([x86_64]=x86 [aarch64]=aarch64 [riscv64]=riscv)
	uapi=(-isystem "$lib/libc/include/${folder[$1]}-linux-any" -isystem "$lib/libc/include/any-linux-any")
}

# c_flags: the flags of every C file, as build.zig lists them, one a line.
c_flags() {
	sed -n '/^const c_flags /,/^};/p' "${BATS_TEST_DIRNAME%/tests}/build.zig" | sed 's,//.*,,' | grep -oE '"-[^"]*"' | tr -d '"'
}

# tiny_kernel MACHINE: sets the variable tiny to the folder of the tiny kernel, which RINGLET_TINY=1 builds. Skips the test where it is not there.
tiny_kernel() {
	local builder=${BATS_TEST_DIRNAME%/tests}/qemu/kernel/tiny
	if [[ ${RINGLET_TINY-} == 1 ]]; then
		tiny=$("$builder" "$1")
	else
		tiny=$("$builder" "$1" --cached 2>/dev/null) || skip "the tiny kernel of $1 is not built (RINGLET_TINY=1 builds it)"
	fi
}
