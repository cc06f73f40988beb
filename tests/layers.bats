#!/usr/bin/env bats
# tests/layers.bats: arrows between the layers point down, only arch/MACHINE/ knows machines, and what is never there is not
# there. tests/layers.py checks; here it checks the tree, and is itself checked.

layers=$BATS_TEST_DIRNAME/layers.py

@test "the tree" {
	python3 "$layers" "${BATS_TEST_DIRNAME%/tests}"
}

# tree: a tree of one file for each layer, in order.
tree() {
	cd "$BATS_TEST_TMPDIR"
	rm -rf -- *
	mkdir -p arch/x86_64 crt ring apps/httpd apps/cat apps/lessons/01 apps/lessons/02 tests/unit
	printf '%s\n' '#if defined(__x86_64__)' '#endif' >arch/x86_64/syscall.h
	printf '%s\n' '#include <asm/unistd.h>' '#include <stddef.h>' '#include "syscall.h"' '#include "arch/span.h"' >arch/sys.h
	printf '%s\n' '#include <linux/elf.h>' '#include "syscall.h"' '#include "arch/span.h"' '#include "autoconf.h"' '#include "crt/b.h"' >crt/a.c
	printf '%s\n' '#include "arch/sys.h"' '#include "ring/own.h"' '/* aarch64 */ int alarm64; // riscv64' 'char *s = "//"; int x;' >ring/a.c
	printf '%s\n' '#include "arch/sys.h"' '#include "arch/span.h"' '#include "arch/errno.h"' '#include "crt/a.h"' \
		'#include "ring/ring.h"' '#include "apps/httpd/b.h"' '#include "autoconf.h"' >apps/httpd/a.c
	printf '%s\n' '#include "apps/lessons/01/b.h"' >apps/lessons/01/a.c
	printf '%s\n' '#include <stdio.h>' '#include "apps/httpd/b.h"' '#include "ring/own.h"' 'int riscv64;' >tests/unit/a.c
}

@test "a tree in order is let through" {
	tree
	run python3 "$layers" .
	echo "$output"
	((status == 0))
	[[ $output == '7 files, 0 violations' ]]
}

# refused FILE LINES WHAT: these lines, added to this file, are named, by the first of them.
refused() {
	local file=$1 line=$2 what=$3 number
	tree
	mkdir -p "$(dirname "$file")"
	touch "$file"
	number=$(($(wc -l <"$file") + 1))
	printf '%s\n' "$line" >>"$file"
	run python3 "$layers" .
	echo "$file: $line"
	echo "$output"
	((status == 1))
	[[ ${lines[0]} == "$file:$number: "*"$what"* && ${lines[1]} == *' 1 violations' ]]
}

@test "an arrow upward or sideways is named" {
	refused arch/sys.h '#include "crt/a.h"' 'arch may not include crt'
	refused arch/sys.h '#include "ring/ring.h"' 'arch may not include ring'
	refused arch/x86_64/syscall.h '#include "crt/a.h"' 'arch may not include crt'
	refused arch/x86_64/start.S '#include "crt/start.h"' 'arch may not include crt'
	refused crt/a.c '#include "ring/ring.h"' 'crt may not include ring'
	refused crt/a.c '#include "apps/httpd/b.h"' 'crt may not include apps'
	refused crt/pid1/a.c '  #  include "ring/ring.h"' 'crt may not include ring'
	refused ring/a.c '#include "crt/str.h"' 'ring may not include crt'
	refused ring/a.c '#include "autoconf.h"' 'ring may not include config'
	refused ring/a.c '/* */ #include "crt/str.h"' 'ring may not include crt'
	refused ring/compat/a.c '#include "tests/unit/unit.h"' 'ring may not include tests'
	refused apps/httpd/a.c '#include "apps/cat/a.h"' 'apps may not include apps'
	refused apps/lessons/01/a.c '#include "apps/lessons/02/a.h"' 'apps may not include apps'
	refused apps/httpd/a.c '#include "arch/socket.h"' 'apps may not include arch'
	refused apps/httpd/a.c '#include "syscall.h"' 'apps may not include arch'
	refused apps/httpd/a.c '#include "b.h"' 'of no layer'
}

@test "a C library's header is named" {
	refused arch/sys.h '#include <string.h>' 'neither UAPI'
	refused crt/a.c '#include <stdio.h>' 'neither UAPI'
	refused ring/a.c '#include <sys/uio.h>' 'neither UAPI'
	refused apps/httpd/a.c '#include <netinet/in.h>' 'neither UAPI'
}

@test "a machine in code is named" {
	refused crt/a.c '#ifdef __x86_64__' 'names the machine x86_64'
	refused arch/sys.h '#elif defined(__riscv)' 'names the machine riscv'
	refused ring/a.c 'int size = sizeof("//"); int aarch64;' 'names the machine aarch64'
	refused apps/httpd/a.c 'x = EM_X86_64;' 'names the machine X86_64'
	refused apps/httpd/a.c 'puts("amd64");' 'names the machine amd64'
	refused crt/a.c 'int arm64_pages; /* here' 'names the machine arm64'
}

@test "an option in an #if is named" {
	refused crt/a.c '#ifdef CONFIG_PID1' 'an option cuts a function in two'
	refused ring/a.c ' # if defined(CONFIG_RING_TRACE)' 'an option cuts'
	refused apps/httpd/a.c '#elif CONFIG_A > 3' 'an option cuts'
	refused arch/sys.h '#elifndef CONFIG_A' 'an option cuts'
}

@test "a handler of signals is named" {
	refused apps/httpd/a.c 'x = signal_catch(15, f, 0);' 'a handler of signals'
	refused crt/a.c 'x = sys_rt_sigaction(15, &a, 0);' 'a handler of signals'
	tree
	echo 'signal_catch(11, f, 0);' | tee crt/panic_faults.c >tests/unit/b.c
	python3 "$layers" .
}

@test "errno, and a call that does more than call, are named" {
	refused crt/a.c 'return errno;' 'there is no errno'
	refused ring/a.c 'int errno = 0;' 'there is no errno'
	refused arch/sys.h $'static inline int sys_a(int a)\n{\n\twhile (syscall6(a) == -4) { }\n}' 'sys_a is not one system call'
	refused arch/sys.h $'[[nodiscard]] static inline int sys_b(int a,\n\tint b)\n{\n\treturn syscall6(a) < 0 ? syscall6(b) : 0;\n}' 'sys_b is not one system call'
	refused arch/sys.h $'static inline void sys_exit_group(int a)\n{\n\tfor (;;)\n\t\tif (syscall6(a)) break;\n}' 'sys_exit_group is not one'
	tree
	echo 'static inline int sys_a(void) { return 0; }' >>arch/sys.h
	run python3 "$layers" .
	((status == 1))
	[[ $output == 'arch/sys.h:1: has a function of another shape'* ]]
	tree
	printf '%s\n' '[[noreturn]] static inline void sys_exit_group(int a)' '{' $'\tfor (;;)' $'\t\t(void)syscall6(a);' '}' >>arch/sys.h
	python3 "$layers" .
}

@test "an empty tree is no success" {
	cd "$BATS_TEST_TMPDIR"
	run python3 "$layers" .
	((status == 1))
}
