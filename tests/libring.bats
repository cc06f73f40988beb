#!/usr/bin/env bats
# tests/libring.bats: ring/ as others have it: zig-out/MACHINE/lib/libring.a, its headers, and what pkg-config says of them,
# in programs with a C library, of three languages. And the example of ring/README.md works as it stands.

load helpers

export BATS_TEST_TIMEOUT=300

root=${BATS_TEST_DIRNAME%/tests}
hosted=$BATS_TEST_DIRNAME/programs-hosted
here=$(uname -m)

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	head -c 3000 "$root/LICENSE" >file
}

# symbols ARCHIVE: `U name` and `T name` for all undefined and all global names in it.
symbols() {
	llvm-nm --extern-only --format=just-symbols --undefined-only "$1" | sed '/:$/d; /^$/d; s/^/U /'
	llvm-nm --extern-only --format=just-symbols --defined-only "$1" | sed '/:$/d; /^$/d; s/^/T /'
}

# closed ARCHIVE: names what it needs from outside, and what it shows that may be someone else's name.
closed() {
	symbols "$1" >all
	(($(grep -c '^T' all) > 20))
	comm -23 <(sed -n 's/^U //p' all | sort -u) <(sed -n 's/^T //p' all | sort -u) | sed 's/^/needs /' >wrong
	sed -n 's/^T //p' all | grep -vE '^(ring|sqe|errno)_' | sed 's/^/shows /' >>wrong
	cat wrong
	[[ ! -s wrong ]]
}

# pc WORD...: pkg-config for this machine's archive.
pc() {
	PKG_CONFIG_PATH="$out/$here/lib/pkgconfig" pkg-config "$@" libring
}

# with COMPILER...: builds ./echo by it, with what pkg-config says, and runs it. The options are behind `--`, before is the compiler.
with() {
	local cflags libs
	read -ra cflags <<<"$(pc --cflags)"
	read -ra libs <<<"$(pc --libs)"
	echo "$*"
	"$@" -Wall -Wextra -Werror "${cflags[@]}" -o echo "${libs[@]}"
	echoes ./echo
}

# echoes COMMAND...: it gives back the file; or the test is skipped, because there is no io_uring here.
echoes() {
	local status=0
	timeout -k 5 60 "$@" file >back 2>why || status=$?
	((status != 77)) || skip "$(cat why)"
	cat why
	((status == 0))
	cmp file back
}

@test "the archive needs no symbol from outside, and shows only names of its own" {
	for machine in "${machines[@]}"; do
		echo "$machine"
		closed "$out/$machine/lib/libring.a"
	done
}

@test "so it does when it is built to be debugged, or small, or with a trace" {
	echo CONFIG_RING_TRACE=y >config
	env -C "$root" ./zigw build libring -Doptimize=Debug -Dconfig="$PWD/config" -p "$PWD/debug" </dev/null 3>&-
	env -C "$root" ./zigw build libring -Doptimize=ReleaseSmall -p "$PWD/small" </dev/null 3>&-
	for machine in "${machines[@]}"; do
		closed "debug/$machine/lib/libring.a"
		closed "small/$machine/lib/libring.a"
	done
}

@test "a symbol from outside, and a name that is not its own, are named" {
	command -v gcc >/dev/null || skip 'there is no gcc'
	cp "$out/$here/lib/libring.a" more.a
	echo 'int outside(void); int options(void); int options(void) { return outside(); }' | gcc -x c -c - -o more.o
	ar r more.a more.o
	run closed more.a
	echo "$output"
	((status != 0))
	[[ $output == *'needs outside'*'shows options'* ]]
}

@test "the installed headers are whole: each alone, as C11 and C++17, with no other" {
	local include compilers headers files=() header
	compilers=$("$root/zigw" env | sed -n 's/^ *\.lib_dir = "\(.*\)",$/\1/p')/include
	mapfile -t headers < <(cd "$out/$here/include" && find ring arch -name '*.h')
	((${#headers[@]} >= 6))
	for header in "${headers[@]}"; do
		files+=("${header//\//-}.c")
		printf '#include "%s"\nextern int not_empty;\n' "$header" >"${files[-1]}"
	done
	for machine in "${machines[@]}"; do
		include=$out/$machine/include
		"$root/zigw" cc -target "$machine-linux-none" -nostdinc -isystem "$compilers" -I"$include" -isystem "$include/uapi" \
			-std=c11 -Wall -Wextra -Wpedantic -Werror -c "${files[@]}"
	done
	# shellcheck disable=SC2046 # options, a word each
	gcc -std=c11 -Wall -Wextra -Wpedantic -Werror $(pc --cflags) -c "${files[@]}"
	command -v g++ >/dev/null || skip 'there is no g++'
	# shellcheck disable=SC2046 # options, a word each
	g++ -x c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror $(pc --cflags) -c "${files[@]}"
}

@test "the kernel's headers are the machine's own where it has some" {
	local uapi file looked=0
	for machine in "${machines[@]}"; do
		uapi "$machine" # -isystem MACHINE -isystem ANY
		for file in "${uapi[1]}"/asm/*.h; do
			cmp "$file" "$out/$machine/include/uapi/asm/${file##*/}"
			looked=$((looked + 1))
		done
	done
	((looked > 60))
}

@test "pkg-config leads to the headers that it was built with, wherever the folder is" {
	cp -r "$out/$here" moved
	echo '#include <linux/io_uring.h>' >one.c
	for folder in "$out/$here" "$PWD/moved"; do
		PKG_CONFIG_PATH=$folder/lib/pkgconfig pkg-config --validate libring
		# shellcheck disable=SC2046 # options, a word each
		gcc $(PKG_CONFIG_PATH=$folder/lib/pkgconfig pkg-config --cflags libring) -M one.c | tee needs
		grep -qF " $folder/include/uapi/linux/io_uring.h" needs
		[[ $(grep -c ' /usr/include/linux' needs) == 0 ]]
	done
	[[ $(pc --modversion) == "$(sed -n 's/^ *\.version = "\(.*\)",$/\1/p' "$root/build.zig.zon")" ]]
}

@test "a C program by gcc" {
	with gcc -std=gnu11 -O2 "$hosted/echo.c"
	with gcc -std=gnu11 -O0 "$hosted/echo.c"
	with gcc -std=gnu17 -O2 -no-pie "$hosted/echo.c"
	with gcc -std=gnu17 -O2 -flto "$hosted/echo.c"
}

@test "a static C program by gcc: two sets of memory functions do not meet" {
	with gcc -std=gnu11 -O2 -static "$hosted/echo.c"
	with gcc -std=gnu11 -O2 -static-pie "$hosted/echo.c"
	nm echo | grep -qiE ' [itw] memset$' # the C library's
}

@test "a shared object by gcc, which does not show what it has of the library" {
	local cflags libs
	read -ra cflags <<<"$(pc --cflags)"
	read -ra libs <<<"$(pc --libs)"
	gcc -std=gnu11 -O2 -fPIC -shared -Dmain=echo_main "${cflags[@]}" "$hosted/echo.c" -o libecho.so "${libs[@]}" -Wl,-z,defs
	[[ $(nm -D libecho.so | grep -c ' ring_') == 0 ]]
	echo 'int echo_main(int, char **); int main(int argc, char **argv) { return echo_main(argc, argv); }' >main.c
	gcc main.c -L. -lecho -o echo
	LD_LIBRARY_PATH=. echoes ./echo
}

@test "a C program by musl-gcc, static and dynamic" {
	command -v musl-gcc >/dev/null || skip 'there is no musl-gcc (musl-tools)'
	with musl-gcc -std=gnu11 -O2 -static "$hosted/echo.c"
	with musl-gcc -std=gnu11 -O2 "$hosted/echo.c"
}

@test "a C++ program by g++" {
	command -v g++ >/dev/null || skip 'there is no g++'
	with g++ -std=c++17 -O2 "$hosted/echo.cpp"
	with g++ -std=c++20 -O0 "$hosted/echo.cpp"
}

@test "a Rust program" {
	command -v rustc >/dev/null || skip 'there is no rustc'
	# shellcheck disable=SC2046 # options, a word each
	gcc -std=c11 -O2 -Wall -Werror $(pc --cflags) -c "$hosted/echo_shim.c" -o shim.o
	ar rc libshim.a shim.o
	rustc --edition 2021 -D warnings -L . -L "$(pc --variable=libdir)" -l static=shim -l static=ring "$hosted/echo.rs" -o echo
	echoes ./echo
}

@test "a C program for the other machines" {
	for machine in "${machines[@]}"; do
		[[ $machine != "$here" ]] || continue
		"$root/zigw" cc -target "$machine-linux-musl" -static -std=gnu11 -O2 -I"$out/$machine/include" -isystem "$out/$machine/include/uapi" \
			"$hosted/echo.c" "$out/$machine/lib/libring.a" -o "echo-$machine"
		echoes "qemu-$machine-static" "./echo-$machine"
		grep -qx emulated why # there is no io_uring under qemu-user
	done
}

# block LANGUAGE: the one block of that language in ring/README.md.
block() {
	awk -v start='```'"$1" '$0 == "```" { inside = 0 } inside { print } $0 == start { inside = 1; count++ } END { exit count != 1 }' "$root/ring/README.md"
}

@test "the program in ring/README.md, by the commands there" {
	[[ $here == x86_64 ]] || skip 'the commands are for x86_64'
	block c >show.c
	block sh >commands
	(($(wc -l <commands) == 4))
	# What has been built is here; to build it once more would only take longer.
	mkdir zig-out
	ln -s "$out/x86_64" zig-out/
	cp "$root/LICENSE" .
	sed -i '1s/.*/true/' commands
	run timeout -k 5 60 bash -euo pipefail commands
	[[ $output != *'show: E'* ]] || skip "$output"
	((status == 0))
	diff <(echo "$output") LICENSE
}
