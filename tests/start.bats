#!/usr/bin/env bats
# tests/start.bats: a program comes up whole: relocated by RELA and by RELR, sealed, with its guard, its thread-local storage,
# its constructors, its arguments and its environment. tests/programs/relocated.c looks; every test starts it on all machines.

bats_require_minimum_version 1.5.0
load helpers

export BATS_TEST_TIMEOUT=300

root=${BATS_TEST_DIRNAME%/tests}

# relr MACHINE: compiles the runtime and the program, and links them with RELR for what has an even address and RELA for the
# rest, which build.zig cannot ask for. Into $BATS_FILE_TMPDIR/MACHINE/tests/relocated.
relr() {
	local machine=$1 page=4096 flags file files=()
	[[ $machine != aarch64 ]] || page=65536
	mkdir -p "$BATS_FILE_TMPDIR/$machine/tests"
	cd "$BATS_FILE_TMPDIR/$machine"
	mapfile -t flags < <(c_flags)
	uapi "$machine"
	for file in "$root"/crt/*.c; do
		case $file in
		*/panic_brief.c | */trace.c) ;; # panic_backtrace.c and trace_none.c are the other choices
		*) files+=("$file") ;;
		esac
	done
	"$root/zigw" cc -target "$machine-linux-none" -c -I"$root" -I"$root/arch/$machine" "${uapi[@]}" "${flags[@]}" -O2 -fPIE \
		-ffunction-sections -fdata-sections -fno-stack-protector -fno-builtin -fno-jump-tables \
		"${files[@]}" "$root/arch/errno.c" "$root/arch/$machine/start.S" "$root/tests/programs/relocated.c"
	"$root/zigw" ld.lld -pie --no-dynamic-linker --pack-dyn-relocs=relr -z relro -z now --gc-sections -e _start \
		-z "max-page-size=$page" -z "common-page-size=$page" -T "$root/crt/program.ld" ./*.o -o tests/relocated
}

setup_file() {
	local machine
	for machine in "${machines[@]}"; do
		relr "$machine"
	done
}

# each_form COMMAND...: runs it for both forms of the program on all machines, with $machine and $program set.
each_form() {
	local form
	for machine in "${machines[@]}"; do
		for form in "$out" "$BATS_FILE_TMPDIR"; do
			out=$form program=$form/$machine/tests/relocated
			echo "$program:"
			"$@"
		done
	done
}

# good ARGUMENT...: the program finds nothing wrong, and was given these arguments.
good() {
	run run_on "$machine" tests/relocated "$@"
	((status == 0)) || echo "status $status: $output"
	((status == 0))
	[[ ${lines[-1]} == good ]]
	diff <(printf 'arg %s\n' "$program" "$@") <(grep '^arg' <<<"$output")
}

# bytes TAG: the number beside a tag of the dynamic section on standard input.
bytes() {
	sed -n "s/.*($1) *\([0-9]*\) (bytes)\$/\1/p"
}

@test "the two forms are what they should be" {
	for machine in "${machines[@]}"; do
		sections=$(llvm-readelf -dW "$out/$machine/tests/relocated")
		echo "$sections"
		(($(bytes RELASZ <<<"$sections") >= 24 * 700))
		[[ ! $(bytes RELRSZ <<<"$sections") ]]

		sections=$(llvm-readelf -dW "$BATS_FILE_TMPDIR/$machine/tests/relocated")
		echo "$sections"
		(($(bytes RELASZ <<<"$sections") == 24))
		(($(bytes RELRSZ <<<"$sections") < 8 * 50)) # more than 700 words, most of them a bit each
	done
}

@test "started again and again, at other places, with other guards" {
	again() {
		local i
		: >"$BATS_TEST_TMPDIR/seen"
		for i in 1 2 3 4 5; do
			good
			grep -E '^(guard|base)' <<<"$output" >>"$BATS_TEST_TMPDIR/seen"
			grep -qE '^guard [0-9a-f]{14}00$' <<<"$output"
		done
		cat "$BATS_TEST_TMPDIR/seen"
		(($(grep guard "$BATS_TEST_TMPDIR/seen" | sort -u | wc -l) == 5))
		# qemu-user loads every program at the same place.
		[[ $machine != "$(uname -m)" || $(cat /proc/sys/kernel/randomize_va_space) == 0 ]] ||
			(($(grep base "$BATS_TEST_TMPDIR/seen" | sort -u | wc -l) > 1))
	}
	each_form again
}

@test "arguments and environment of every size" {
	sizes() {
		local i size value
		good one
		good one two 'three and four' '' five
		# The strings end at all distances from the arguments, which are aligned nonetheless.
		for i in {1..17}; do
			value=$(printf 'x%.0s' $(seq "$i"))
			SHOW=$value good "$value"
			grep -qxF "env SHOW=$value" <<<"$output"
		done
		for size in 1000 100000; do
			value=$(printf 'y%.0s' $(seq "$size"))
			SHOW_A='' SHOW_B=$value SHOW_C=c good "$value" z
			grep -qxF "env SHOW_A=" <<<"$output"
			grep -qxF "env SHOW_B=$value" <<<"$output"
			grep -qxF "env SHOW_C=c" <<<"$output"
		done
		mapfile -t many < <(seq 5000)
		good "${many[@]}"
	}
	each_form sizes
}

# exec_natively ARGV ENVP: execve(2) itself, which no shell and not even Python's own call shows; the two are Python lists.
exec_natively() {
	python3 -c '
import ctypes, sys
def pointers(strings): return (ctypes.c_char_p * (len(strings) + 1))(*[s.encode() for s in strings], None)
libc = ctypes.CDLL(None, use_errno=True)
libc.execve(sys.argv[1].encode(), pointers(eval(sys.argv[2])), pointers(eval(sys.argv[3])))
sys.exit("execve failed: %d" % ctypes.get_errno())' "$program" "$1" "$2"
}

@test "no arguments at all, empty ones, no environment" {
	machine=$(uname -m)
	for out in "$out" "$BATS_FILE_TMPDIR"; do
		program=$out/$machine/tests/relocated
		run exec_natively '[]' '[]'
		echo "$output"
		((status == 0))
		# Since Linux 5.18 the kernel puts one empty argument there. [execve(2), NOTES]
		(($(grep -c '^arg' <<<"$output") <= 1))
		[[ ${lines[-1]} == good ]]
		run exec_natively '["", "", "x"]' '["SHOW=1", "", "=", "no equals sign", "SHOW"]'
		echo "$output"
		((status == 0))
		[[ $(grep -E '^(arg|env)' <<<"$output" | tr '\n' ';') == 'arg ;arg ;arg x;env SHOW=1;env SHOW;' ]]
	done
}

@test "a program that cannot be sealed does not run, and says so" {
	run -127 "$out/$(uname -m)/tests/forbid" mprotect=EPERM "$out/$(uname -m)/tests/hello"
	[[ $output == 'crt: set-up refused' ]]
}
