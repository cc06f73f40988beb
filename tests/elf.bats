#!/usr/bin/env bats
# tests/elf.bats: what a program's file is: a static PIE of ours alone, that a kernel maps as tightly as it can, and small.
# All programs that the build installs are held to it.

load helpers

export BATS_TEST_TIMEOUT=300

# Names that only a C library, a compiler's runtime or a sanitizer has. The last line: what compilers call for arithmetic that
# a machine lacks (__udivti3, __floatundidf, __aarch64_cas8_acq). [GCC Internals, The GCC low-level runtime library]
foreign='^(__libc.*|_IO_.*|.*printf|.*scanf|[a-z_]*(malloc|calloc|realloc|memalign)|free|strlen|strcpy|strcmp|__errno_location|environ'
foreign+='|__tls_get_addr|__cxa_.*|_Unwind_.*|__zig.*|zig_.*|_?_*(ubsan|asan|tsan|msan|sanitizer).*|__(mulo|[u]?div|[u]?mod|[u]?divmod|mul|ashl|ashr|lshr'
foreign+='|neg|cmp|ucmp|clz|ctz|ffs|parity|popcount|float|floatun|fix|fixuns|extend|trunc|add|sub|powi|bswap)[a-z]*[0-9]*|__aarch64_.*|__atomic_.*|__sync_.*)$'

# program_headers: of what readelf says, a line for each: TYPE OFFSET ADDRESS FILE-BYTES MEMORY-BYTES FLAGS, numbers in hexadecimal with 0x.
program_headers() {
	sed -nE 's/^  ([A-Z_]+) +(0x[0-9a-f]+) (0x[0-9a-f]+) 0x[0-9a-f]+ (0x[0-9a-f]+) (0x[0-9a-f]+) ([RWE ]{3}) 0x[0-9a-f]+ *$/\1 \2 \3 \4 \5 \6/p'
}

wrong() {
	echo "$1: $2"
	wrongs=$((${wrongs-0} + 1))
}

# look FILE TWIN PAGE: says what is wrong with a program; TWIN is the same with its symbols, PAGE the machine's largest page.
look() {
	local file=$1 twin=$2 page=$3 all headers symbols type offset address bytes memory flags end=0 last_end=''
	# Once for each file: it takes longer to start than to read.
	all=$(llvm-readelf --file-header --program-headers --dynamic --relocs --sections --wide "$file")
	headers=$(program_headers <<<"$all")
	[[ $headers == LOAD* ]] || wrong "$file" 'has no program headers that I can read'
	grep -qE '^  Type: +DYN' <<<"$all" || wrong "$file" 'is no PIE (ET_DYN)'

	! grep -q '^INTERP' <<<"$headers" || wrong "$file" 'wants a dynamic linker (PT_INTERP)'
	! grep -q '(NEEDED)' <<<"$all" || wrong "$file" 'wants a shared library (DT_NEEDED)'
	! grep -qE '\(TEXTREL\)|\(FLAGS\).*TEXTREL' <<<"$all" || wrong "$file" 'writes to its text (TEXTREL)'
	! grep -E ' R_[A-Z0-9_]+' <<<"$all" | grep -vqE ' R_(X86_64|AARCH64|RISCV)_RELATIVE ' ||
		wrong "$file" 'has relocations other than RELATIVE'
	! grep -qE ' (SYMTAB|DYNSYM) ' <<<"$all" || wrong "$file" 'has symbols'

	grep -q '^GNU_STACK .* 0x0*0 0x0*0 RW $' <<<"$headers" || wrong "$file" 'wants a stack of its own kind (PT_GNU_STACK)'
	(($(grep -c '^GNU_RELRO' <<<"$headers") == 1)) || wrong "$file" 'has not one PT_GNU_RELRO'
	while read -r type offset address bytes memory flags; do
		case $type in
		LOAD)
			[[ $flags != *W*E* ]] || wrong "$file" 'has a segment both W and X'
			# Each begins in the file where the last one ended, but for its alignment. (Unit tests have tables on pages.)
			[[ ! $last_end || $file == */unit-* ]] || ((offset - last_end < 64)) || wrong "$file" "has $((offset - last_end)) bytes of padding"
			last_end=$((offset + bytes))
			;;
		GNU_RELRO)
			end=$((address + memory))
			((end % page == 0)) || wrong "$file" "is sealed to $(printf '%x' "$end"), which is within a page"
			;;
		esac
	done <<<"$headers"

	all=$(llvm-readelf --program-headers --symbols --wide "$twin")
	[[ $(program_headers <<<"$all") == "$headers" ]] || wrong "$twin" 'lies in memory otherwise than the stripped one'
	symbols=$(awk '$1 ~ /^[0-9]+:$/ && NF >= 8 { print $7, $8 }' <<<"$all")
	(($(wc -l <<<"$symbols") > 5)) || wrong "$twin" 'has no symbols'
	! grep '^UND' <<<"$symbols" || wrong "$twin" 'has undefined symbols'
	! cut -d ' ' -f 2 <<<"$symbols" | grep -E "$foreign" || wrong "$twin" 'has symbols of somebody else'
}

# page_max MACHINE: bytes of the largest page that a kernel for it may use, as in build.zig.
page_max() {
	case $1 in
	aarch64) echo 65536 ;;
	*) echo 4096 ;;
	esac
}

@test "every program is a static PIE of ours alone" {
	looked=0
	for machine in "${machines[@]}"; do
		for file in "$out/$machine/bin"/* "$out/$machine/tests"/*; do
			look "$file" "$out/$machine/debug/${file##*/}" "$(page_max "$machine")"
			looked=$((looked + 1))
		done
		[[ -x $out/$machine/tests/hello ]]
	done
	echo "$looked programs"
	((looked >= 3 && ${wrongs-0} == 0))
}

# finds WHAT: look says this of ./program, with ./twin beside it.
finds() {
	run look program twin "${page:-4096}"
	echo "$output"
	[[ $output == *"$1"* ]]
}

@test "what is wrong with a program is found" {
	command -v gcc >/dev/null || skip 'there is no gcc'
	[[ $(uname -m) == x86_64 ]] || skip 'knows the sizes of x86_64 only'
	cd "$BATS_TEST_TMPDIR"
	hello=$out/x86_64/tests/hello
	cp "$hello" program
	cp "$out/x86_64/debug/hello" twin
	run look program twin 4096
	echo "$output"
	[[ ! $output ]]

	page=65536 finds 'is sealed to 2000, which is within a page'
	cp twin program
	finds 'has symbols'
	cp "$hello" program

	echo 'int printf(const char *, ...); int main(void) { return printf("%d", 1); }' >a.c
	gcc -pie -fPIE a.c -o program
	cp program twin
	finds 'wants a dynamic linker'
	finds 'wants a shared library'
	finds 'has relocations other than RELATIVE'
	finds 'has undefined symbols'
	gcc -static a.c -o program
	cp program twin
	finds 'is no PIE'
	finds 'has symbols of somebody else'
	finds '_IO_printf'
	echo 'void _start(void) { } __int128 __udivti3, a[9];' >a.c
	gcc -static-pie -nostdlib -fPIE a.c -Wl,-z,execstack,-z,norelro -o twin
	strip twin -o program
	finds "wants a stack of its own kind"
	finds '__udivti3'
	finds 'has not one PT_GNU_RELRO'
	gcc -static-pie -nostdlib -fPIE a.c -Wl,-N -o twin
	strip twin -o program
	finds 'both W and X'
	echo 'void _start(void) { } int b; __attribute__((section(".text"))) int *const a = &b;' >a.c
	gcc -static-pie -nostdlib -fPIE a.c -Wl,-z,notext -o twin 2>/dev/null
	strip twin -o program
	finds 'writes to its text'
}

@test "sizes are those of tests/sizes.tsv" {
	"$BATS_TEST_DIRNAME/size" --check "$out"
}

@test "the smallest program and the largest are no larger than promised" {
	(($(stat -c %s "$out/x86_64/tests/hello") <= 2048))
	for machine in aarch64 riscv64; do
		(($(stat -c %s "$out/$machine/tests/hello") <= 2304))
	done
	# httpd itself, without the care of a whole machine (PID1) and without what the kernel may lack (the emulation). Version 1 of
	# it had 64 KiB; validators, ranges, codings, rules and pages of errors came after that, then what is remembered of files, workers
	# with their parent, and the sandbox.
	cd "$BATS_TEST_TMPDIR"
	printf '# %s is not set\n' CONFIG_PID1 CONFIG_RING_EMULATION >config
	(cd "${BATS_TEST_DIRNAME%/tests}" && ./zigw build -Dconfig="$BATS_TEST_TMPDIR/config" -Dtests=false -p "$BATS_TEST_TMPDIR/plain")
	for machine in "${machines[@]}"; do
		(($(stat -c %s "plain/$machine/bin/httpd") <= 131072))
		[ ! -e "plain/$machine/tests" ]
	done
}

@test "size sees a program that grew, a new one and one that is gone" {
	mkdir -p "$BATS_TEST_TMPDIR/out"/{x86_64,aarch64,riscv64}/{bin,tests}
	cd "$BATS_TEST_TMPDIR"
	export RINGLET_SIZES=$PWD/sizes.tsv
	for machine in "${machines[@]}"; do
		printf '123' >"out/$machine/bin/one"
		printf '1234' >"out/$machine/tests/hello"
		printf '1' >"out/$machine/tests/other" # not in the table
	done
	"$BATS_TEST_DIRNAME/size" --update out
	printf 'hello\t4\t4\t4\none\t3\t3\t3\n' | diff - sizes.tsv
	"$BATS_TEST_DIRNAME/size" --check out

	printf '4' >>out/aarch64/bin/one
	run "$BATS_TEST_DIRNAME/size" --check out
	echo "$output"
	((status == 1))
	[[ $output == *'one          aarch64         4        3 <- +1'* && $output == *'1 sizes differ'*'tests/size --update out'* ]]
	"$BATS_TEST_DIRNAME/size" out # only prints
	rm out/aarch64/bin/one
	run "$BATS_TEST_DIRNAME/size" --check out
	((status == 1))
	[[ $output == *'one          aarch64      none        3 <-'* ]]
	printf '123' >out/aarch64/bin/one
	printf '1' >out/riscv64/bin/two
	run "$BATS_TEST_DIRNAME/size" --check out
	((status == 1))
	[[ $output == *'two          riscv64         1     none <-'* ]]

	run "$BATS_TEST_DIRNAME/size" --check empty
	((status == 1))
	run "$BATS_TEST_DIRNAME/size"
	((status == 2))
}
