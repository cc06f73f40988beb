#!/usr/bin/env bats
# tests/headers.bats: every header compiles alone, so no file depends on what another has included before; and the public
# headers of ring/ compile in the languages and with the compilers of those who link it.

load helpers

export BATS_TEST_TIMEOUT=300

root=${BATS_TEST_DIRNAME%/tests}
public=(
	arch/errno.h
	arch/span.h
	ring/atomic.h
	ring/buffers.h
	ring/cqe.h
	ring/engine.h
	ring/explain.h
	ring/names.h
	ring/probe.h
	ring/register.h
	ring/ring.h
	ring/sqe.h
	ring/sqe_entry.h
	ring/sqe_events.h
	ring/sqe_files.h
	ring/sqe_rings.h
	ring/sqe_sockets.h
	ring/trace.h
)

setup() {
	cd "$BATS_TEST_TMPDIR"
}

# alone HEADER...: makes a C file here that includes it and declares one thing (it may not be empty), for each; prints its name.
alone() {
	local header
	for header; do
		printf '#include "%s"\nextern int not_empty;\n' "$header" >"${header//\//-}.c"
		printf '%s\n' "${header//\//-}.c"
	done
}

# each_alone TREE MACHINE: compiles all headers of a tree alone, as the project compiles.
each_alone() {
	local tree=$1 machine=$2 flags headers kconfig
	mapfile -t flags < <(c_flags)
	((${#flags[@]} > 10))
	uapi "$machine"
	kconfig=${uapi[1]%/ziglang/lib/*}
	RINGLET_KCONFIG=$kconfig "$root/configs/kconfig" genconfig autoconf.h
	mapfile -t headers < <(cd "$tree" && find arch crt ring apps -name '*.h' -not -path 'arch/*/*' && find "arch/$machine" -name '*.h' -printf '%f\n')
	echo "$machine: ${#headers[@]} headers"
	mapfile -t files < <(alone "${headers[@]}")
	"$root/zigw" cc -target "$machine-linux-none" -c -I"$tree" -I"$tree/arch/$machine" -I. "${uapi[@]}" "${flags[@]}" "${files[@]}"
}

@test "every header alone, on every machine" {
	for machine in "${machines[@]}"; do
		each_alone "$root" "$machine"
		((${#files[@]} > 30))
	done
}

@test "a header that lacks an include is named" {
	mkdir -p tree/arch/x86_64 tree/crt tree/ring tree/apps
	echo 'struct a { int a; };' >tree/crt/good.h
	each_alone "$PWD/tree" x86_64
	echo 'struct b { size_t b; };' >tree/crt/bad.h
	run each_alone "$PWD/tree" x86_64
	echo "$output"
	((status != 0))
	[[ $output == *"crt/bad.h:1:12: error: unknown type name 'size_t'"* ]]
}

# in_language COMPILER...: compiles the public headers, with all warnings.
in_language() {
	local file
	for file in $(alone "${public[@]}"); do
		echo "$* $file"
		"$@" -I"$root" -Wall -Wextra -Wpedantic -Werror -c "$file" -o public.o
	done
}

@test "the public headers of ring/ as C11 and C++17, every machine" {
	for machine in "${machines[@]}"; do
		in_language "$root/zigw" cc -target "$machine-linux-gnu" -x c -std=c11
		in_language "$root/zigw" c++ -target "$machine-linux-musl" -x c++ -std=c++17
	done
}

@test "the public headers of ring/ by this machine's gcc, with its own kernel headers" {
	command -v gcc >/dev/null || skip 'there is no gcc'
	in_language gcc -x c -std=c11
	in_language gcc -x c -std=c17
	# g++ needs no library for this, but cc1plus, which a C compiler's package does not bring.
	g++ -x c++ -std=c++17 -c -o empty.o /dev/null 2>/dev/null || skip 'there is no g++'
	in_language g++ -x c++ -std=c++17
	in_language g++ -x c++ -std=c++20
}

@test "the public headers of ring/ by this machine's gcc, with the pinned kernel headers" {
	command -v gcc >/dev/null || skip 'there is no gcc'
	uapi "$(uname -m)"
	in_language gcc -x c -std=c11 "${uapi[@]}"
}
