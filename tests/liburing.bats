#!/usr/bin/env bats
# tests/liburing.bats: struct io_uring lies in memory as liburing's does, so that one handle serves both.

load helpers

root=${BATS_TEST_DIRNAME%/tests}
hosted=$BATS_TEST_DIRNAME/programs-hosted

setup() {
	command -v gcc >/dev/null || skip 'there is no gcc'
	[[ -r /usr/include/liburing.h ]] || skip 'there is no liburing.h (liburing-dev)'
	cd "$BATS_TEST_TMPDIR"
	uapi "$(uname -m)"
	gcc -I"$root" "$hosted/liburing_layout.c" -o theirs
}

@test "sizes and offsets equal those of liburing's header" {
	gcc -std=c11 -I"$root" "${uapi[@]}" "$hosted/ring_layout.c" -o ours
	./theirs | tee theirs.txt
	(($(wc -l <theirs.txt) >= 39))
	diff <(./ours) theirs.txt
}

@test "a field in another place is seen" {
	mkdir -p ring
	cp "$root"/ring/*.h ring/
	# The first two members of the handle change places.
	sed -i '/^struct io_uring {/,/^};/ { s/struct io_uring_sq sq;/X/; s/struct io_uring_cq cq;/struct io_uring_sq sq;/; s/X/struct io_uring_cq cq;/ }' ring/ring.h
	gcc -std=c11 -I. -I"$root" "${uapi[@]}" "$hosted/ring_layout.c" -o ours
	run diff <(./ours) <(./theirs)
	echo "$output"
	((status == 1))
	[[ $output == *'< io_uring.sq: at 88'* ]]
}
