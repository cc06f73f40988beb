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
