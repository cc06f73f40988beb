#!/usr/bin/env bats
# tests/panic.bats: a program that goes wrong says why and where, and ends with the status of its signal.
# tests/programs/panic.c goes wrong; every test runs it on all machines.

load helpers

# panic_by WAY STATUS REASON: goes wrong in this way and holds the first line and the status.
panic_by() {
	run run_on "$machine" tests/panic "$1"
	echo "$machine $1: status $status"
	echo "$output"
	((status == $2))
	[[ ${lines[0]} == "panic: "$3 ]]
}

# called: the functions that the backtrace names, innermost first, in one line. It runs the command that the panic ends
# with, so that command is tested too.
called() {
	local hint
	hint=$(grep -o 'addr2line .*' <<<"$output")
	[[ $hint ]]
	${hint/debug\/PROGRAM/$out/$machine/debug/panic} | sed 's/^ *(inlined by) //; s/ at .*//' | tr '\n' ' '
}

# The calls that led to the mistake. (_start comes last; not every addr2line finds the name of a label in assembly.)
down='deep_three deep_two deep_one main crt_start '

@test "panic names its caller and the calls that led there" {
	for machine in "${machines[@]}"; do
		panic_by explicit 134 'as asked'
		[[ $(called) == "$down"* ]]
	done
}

@test "the line is that of the call" {
	line=$(grep -n 'STR("as asked")' "$BATS_TEST_DIRNAME/programs/panic.c" | cut -d : -f 1)
	for machine in "${machines[@]}"; do
		panic_by explicit 134 'as asked'
		address=$(grep -o 'PROGRAM [^ ]*' <<<"$output")
		[[ $(addr2line -se "$out/$machine/debug/panic" "${address#PROGRAM }") == "panic.c:$line"* ]]
	done
}

@test "runtime address minus load base is the address in the file" {
	for machine in "${machines[@]}"; do
		panic_by explicit 134 'as asked'
		bases=$(grep -E '^  0x[0-9a-f]{16}  0x[0-9a-f]+$' <<<"$output" | while read -r memory file; do
			printf '%x\n' $((memory - file))
		done | sort -u)
		[[ $bases =~ ^[0-9a-f]+000$ ]]
	done
}

@test "a store to nowhere: the address, why, the registers, the calls" {
	for machine in "${machines[@]}"; do
		panic_by null 139 'segmentation fault at address 0x1230 (SEGV_MAPERR: nothing is mapped there)'
		[[ $(called) == "$down"* ]]
		case $machine in
		x86_64) pc=rip sp=rsp ;;
		*) pc=pc sp=sp ;;
		esac
		pc=$(grep -oE "\<$pc 0x[0-9a-f]{16}" <<<"$output")
		grep -qE "^  ${pc#* }  0x[0-9a-f]+$" <<<"$output"
		grep -qE "\<$sp 0x[0-9a-f]{15}[08]" <<<"$output"
	done
}

@test "a store to a constant" {
	for machine in "${machines[@]}"; do
		panic_by constant 139 'segmentation fault at address 0x*[0-9a-f] (SEGV_ACCERR: mapped, but not for this use)'
		[[ $(called) == "$down"* ]]
	done
}

@test "a read behind the end of a file that is mapped" {
	for machine in "${machines[@]}"; do
		panic_by behind 135 'bus error at address 0x*000 (BUS_ADRERR: behind the end of the mapped file)'
		[[ $(called) == *"$down"* ]]
	done
}

@test "an address that cannot exist, and one that is not aligned, where the machine minds" {
	for machine in "${machines[@]}"; do
		if [[ $machine == x86_64 ]]; then
			panic_by impossible 139 'segmentation fault at address 0x0 (SI_KERNEL: an address that cannot exist, and that the machine does not name)'
			[[ $(called) == "$down"* ]]
			run run_on "$machine" tests/panic odd
			((status == 4))
			[[ ! $output ]]
		else
			panic_by odd 135 'bus error at address 0x*[0-9a-f] (BUS_ADRALN: not aligned)'
			[[ $(called) == "$down"* ]]
		fi
	done
}

@test "a jump to nowhere: the calls up to the one that jumped" {
	for machine in "${machines[@]}"; do
		panic_by wild 139 'segmentation fault at address 0x1230 (SEGV_MAPERR: nothing is mapped there)'
		grep -q '^  0x0000000000001230$' <<<"$output"
		[[ $(called) == "$down"* ]]
	done
}

@test "an exhausted stack, on the handler's own" {
	for machine in "${machines[@]}"; do
		panic_by stack 139 'segmentation fault at address 0x*'
		[[ $(called) == 'exhaust_stack exhaust_stack '* ]]
		(($(grep -cE '^  0x[0-9a-f]{16}  0x[0-9a-f]+$' <<<"$output") == 64))
	done
}

@test "a smashed stack names the function that did it" {
	for machine in "${machines[@]}"; do
		panic_by smash 134 'stack smashed*'
		[[ $(called) == '__stack_chk_fail smash_stack '* ]]
	done
}

@test "a trap ends by the machine's signal for it" {
	declare -A status_of=([x86_64]=132 [aarch64]=133 [riscv64]=132) # SIGILL, SIGTRAP
	for machine in "${machines[@]}"; do
		panic_by trap "${status_of[$machine]}" 'trap: a check in the program failed*'
		[[ $(called) == "$down"* ]]
	done
}

@test "a division by zero, where the machine minds" {
	for machine in "${machines[@]}"; do
		if [[ $machine == x86_64 ]]; then
			panic_by divide 136 'arithmetic fault at address 0x* (FPE_INTDIV: an integer divided by zero)'
			[[ $(called) == "$down"* ]]
		else
			run run_on "$machine" tests/panic divide
			((status == 4 || status == 3)) # the quotient is 0 or -1, and 4 was added
			[[ ! $output ]]
		fi
	done
}

@test "a torn chain of frames ends the backtrace, not the panic" {
	for machine in "${machines[@]}"; do
		for way in unmapped unaligned backward loop; do
			panic_by "tear-$way" 134 'chain torn'
			grep -q '^  the chain of frames is torn: frame pointer 0x[0-9a-f]*$' <<<"$output"
			[[ $(called) == 'tear_chain deep_three ' ]]
		done
		panic_by tear-upward 134 'chain torn' # where that leads, who knows; it ends
		[[ $(called) == 'tear_chain deep_three '* ]]
	done
}

@test "a fault inside a panic ends at once" {
	for machine in "${machines[@]}"; do
		run run_on "$machine" tests/panic twice
		((status == 139))
		[[ $output != *panic:* ]]
	done
}

@test "a signal that somebody sent is not taken for a fault" {
	for machine in "${machines[@]}"; do
		panic_by sent 139 'segmentation fault, sent by a process'
		[[ $(called) == *"$down"* ]]
	done
}

@test "without a standard error the status still tells" {
	for machine in "${machines[@]}"; do
		run bash -c "$(declare -f run_on); out='$out' run_on $machine tests/panic explicit 2>&-"
		((status == 134))
	done
}

# A shell cannot tell a signal from the exit status of that number. Python can: a signal is a negative number there.
@test "it is the signal that ends the process" {
	ulimit -c 0
	for machine in "${machines[@]}"; do
		emulator=()
		[[ $machine == "$(uname -m)" ]] || emulator=("qemu-$machine-static")
		for way in explicit:-6 null:-11 sent:-11 twice:-11; do
			ended=$(python3 -c '
import subprocess, sys
print(subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL, timeout=60).returncode)
' "${emulator[@]}" "$out/$machine/tests/panic" "${way%:*}")
			echo "$machine $way: $ended"
			[[ $ended == "${way#*:}" ]]
		done
	done
}

@test "process 1, which signals do not end, ends too" {
	unshare --pid --fork --kill-child true || skip 'may not make a PID namespace'
	for way in explicit:134 null:139; do
		run timeout -k 5 60 unshare --pid --fork --kill-child "$out/$(uname -m)/tests/panic" "${way%:*}"
		((status == ${way#*:}))
		[[ ${lines[0]} == 'panic: '* ]]
	done
}
