#!/usr/bin/env bats
# tests/tiny.bats: the kernels of qemu/kernel/tiny: they have what their fragments ask for, are as small as promised, run cat and
# httpd in the memory that is promised, and have what the stock kernels lack somewhere: a disk with a file system that is only
# read and with one that is written, a folder of the host's, sockets by vsock, Landlock, seccomp.
#
# They run where the kernel is built already, or where RINGLET_TINY=1 asks for it. tests/boot.bats has more of them.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=600

load helpers

root=${BATS_TEST_DIRNAME%/tests}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	machine=${BATS_TEST_DESCRIPTION##*: }
	command -v "qemu-system-$machine" >/dev/null || skip "there is no qemu-system-$machine"
	tiny_kernel "$machine"
	# shellcheck disable=SC2154 # helpers.bash sets it
	kernel=$tiny
}

teardown() {
	[[ ! ${pid-} ]] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
}

# Every line of the fragments, looked up anew in the configuration that was built: Kconfig drops in silence what it cannot give.
kept() {
	local line count=0
	while IFS= read -r line; do
		if [[ $line =~ ^'# '(CONFIG_[A-Z0-9_]+)' is not set'$ ]]; then
			run ! grep "^${BASH_REMATCH[1]}=" "$kernel/config"
		elif [[ $line == CONFIG_* ]]; then
			grep -Fx -- "$line" "$kernel/config"
		else
			continue
		fi
		count=$((count + 1))
	done < <(cat "$root/qemu/kernel/common.config" "$root/qemu/kernel/$machine.config")
	((count > 60))
}

@test "every wish is kept: x86_64" { kept; }
@test "every wish is kept: aarch64" { kept; }
@test "every wish is kept: riscv64" { kept; }

@test "a wish that Kconfig drops is told, and nothing is built: x86_64" {
	cp -r "$root/qemu" ours
	echo 'CONFIG_FB_HYPERV=y' >>ours/kernel/common.config
	run --separate-stderr ours/kernel/tiny "$machine" --config-only
	((status == 1))
	# shellcheck disable=SC2154
	[[ ! $output && $stderr == *'Kconfig did not keep what the fragments say: CONFIG_FB_HYPERV=y.'* ]]
}

# smaller FILE BYTES: it is at most as large.
smaller() {
	local bytes
	bytes=$(stat -c %s "$kernel/$1")
	echo "$1: $bytes bytes, at most $2"
	((bytes <= $2))
}

# The bzImage 2.2 MiB; the others what a first try came to.
@test "as small as promised: x86_64" { smaller bzImage 2306867; }
@test "as small as promised: aarch64" { smaller kernel 5700000; }
@test "as small as promised: riscv64" { smaller kernel 4900000; }

# boot ARGUMENT...: qemu/boot on that kernel.
boot() {
	timeout -k 5 240 "$root/qemu/boot" --machine "$machine" --kernel "$kernel" "$@" </dev/null 3>&-
}

# cat, and httpd in the least memory.
runs() {
	mkdir www
	head -c 300000 /dev/urandom >www/file
	[ "$(boot --memory 20M --root www cat file | wc -c)" -ge 300000 ]
	boot --memory 20M cat /etc/hello | grep -q 'hello from a machine'
	mkfifo says
	timeout -k 5 240 "$root/qemu/boot" --machine "$machine" --kernel "$kernel" --memory 20M --root www --port 0 httpd \
		</dev/null >says 2>said 3>&- &
	pid=$!
	exec {log}<says
	local line
	IFS= read -r -t 200 line <&"$log"
	cat said
	[[ $line == "httpd: serving '.' at http://"* ]]
	[[ $(head -1 said) =~ http://127\.0\.0\.1:([0-9]+)/ ]]
	curl --silent --show-error --max-time 100 "http://127.0.0.1:${BASH_REMATCH[1]}/file" | cmp - www/file
	kill -s TERM "$pid"
	local result=0
	wait "$pid" || result=$?
	pid=
	exec {log}<&-
	((result == 0))
}

@test "cat, and httpd in 20 MiB: x86_64" { runs; }
@test "cat, and httpd in 20 MiB: aarch64" { runs; }
@test "cat, and httpd in 20 MiB: riscv64" { runs; }

has() {
	mkdir content share
	head -c 200000 /dev/zero >content/packed
	echo 'from the image' >content/file
	mksquashfs content squashed -comp gzip -all-root -quiet -no-progress
	truncate -s 4M disk
	mke2fs -q -t ext2 disk
	echo 'from the host' >share/file
	local type=9p options=trans=virtio,version=9p2000.L
	local devices=$out/$machine/tests/devices
	# Two machines, since the kernel gives 32 arguments to process 1.
	run -0 --separate-stderr boot --disk squashed:ro --disk disk "$devices" \
		mount /dev/vda /tmp/a squashfs ro + show /tmp/a/file + refused /tmp/a/file \
		+ mount /dev/vdb /tmp/b ext2 '' + write /tmp/b/new written + show /tmp/b/new
	echo "$output"
	[ "$output" = $'from the image\nwritten' ]
	run -0 --separate-stderr boot --share share "$devices" mount share /tmp/c "$type" "$options" + show /tmp/c/file \
		+ write /tmp/c/back answer + vsock + landlock + seccomp
	echo "$output"
	[ "$output" = 'from the host' ]
	[ "$(debugfs -R 'cat /new' disk 2>/dev/null)" = written ]
	# Process 1 has unmounted it, so it is clean. [e2fsck(8)]
	e2fsck -fn disk
	dumpe2fs -h disk 2>/dev/null | grep -E '^Filesystem state: +clean$'
	[ "$(<share/back)" = answer ]
	# What is shared to be read is not written.
	run -4 boot --share share:ro "$devices" mount share /tmp/c "$type" "$options" + show /tmp/c/file \
		+ landlock + write /tmp/c/file changed
	[ "$(<share/file)" = 'from the host' ]
}

@test "a disk, a folder, vsock, Landlock, seccomp: x86_64" { has; }
@test "a disk, a folder, vsock, Landlock, seccomp: aarch64" { has; }
@test "a disk, a folder, vsock, Landlock, seccomp: riscv64" { has; }
