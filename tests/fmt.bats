#!/usr/bin/env bats
# tests/fmt.bats: the sources are in shape, and tests/fmt does what it says.

export BATS_TEST_TIMEOUT=300

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	cd "$BATS_TEST_TMPDIR" || return
}

@test "every C and Zig file of the tree is in shape" {
	run "$root/tests/fmt" --check
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "--check names what is not in shape and changes nothing" {
	printf 'int  x ;\n' >bad.c
	printf 'int x;\n' >good.c
	printf 'const x  = 1;\n' >bad.zig
	sha256sum ./* >before
	run "$root/tests/fmt" --check bad.c good.c bad.zig
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[0]}" = bad.c ]
	[ "${lines[1]}" = bad.zig ]
	[ "${lines[2]}" = 'fmt: 2 files are not in shape; run tests/fmt (or ./zigw build fmt).' ]
	[ "${#lines[@]}" -eq 3 ]
	sha256sum --quiet -c before
}

@test "without --check files are put in shape" {
	printf 'int  x ;\n' >bad.c
	printf 'const x  = 1;\n' >bad.zig
	"$root/tests/fmt" bad.c bad.zig
	[ "$(<bad.c)" = 'int x;' ]
	[ "$(<bad.zig)" = 'const x = 1;' ]
	"$root/tests/fmt" --check bad.c bad.zig
}

@test "a file that has no shape is a failure" {
	printf 'const = ;\n' >bad.zig
	run "$root/tests/fmt" bad.zig
	echo "$output"
	[ "$status" -eq 1 ]
	[ "${lines[-1]}" = 'fmt: 1 files could not be formatted.' ]
}

@test "a table between the marks, and the lines of a comment, stay as they are" {
	cat >table.c <<-'EOF'
		// one
		// two, which is short
		// clang-format off
		int  a[] = { 1,
		            2 };
		// clang-format on
	EOF
	"$root/tests/fmt" --check table.c
}

@test "tabs indent and continue, braces and stars are the kernel's" {
	printf '%s\n' 'int take(struct str *from, int count) { if (!from) return -1; while (count) { count--; } return 0; }' >kernel.c
	"$root/tests/fmt" kernel.c
	printf '%b\n' 'int take(struct str *from, int count)' '{' '\tif (!from)' '\t\treturn -1;' '\twhile (count) {' \
		'\t\tcount--;' '\t}' '\treturn 0;' '}' | diff kernel.c -
}

@test "what is not a file, not an option, not a clang-format is a sentence" {
	run "$root/tests/fmt" none.c
	[ "$status" -eq 2 ]
	[ "$output" = 'fmt: none.c is not a file that can be read and written.' ]
	run "$root/tests/fmt" --wrong
	[ "$status" -eq 2 ]
	[ "$output" = 'fmt: there is no option --wrong; there is --check.' ]
	touch a.c
	RINGLET_CLANG_FORMAT=/none run "$root/tests/fmt" a.c
	[ "$status" -eq 1 ]
	[ "$output" = 'fmt: /none does not run; set RINGLET_CLANG_FORMAT to a clang-format 21, or unset it for the pinned one.' ]
}
