#!/usr/bin/env bats
# tests/qemu.bats: the commands of qemu/, outside of the machine: an image has what it should and is the same every
# time; what is wrong is said in one sentence before anything starts; the console comes through byte for byte. Most
# tests have a small script for a QEMU, which reads its command line and plays a machine. What programs do in real
# machines, tests/boot.bats has.

bats_require_minimum_version 1.5.0

load helpers

export BATS_TEST_TIMEOUT=120

root=${BATS_TEST_DIRNAME%/tests}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir bin
	# A program that says that it is a process 1, for a machine that is not ours, so that nobody asks for KVM.
	machine=riscv64
	[[ $(uname -m) != riscv64 ]] || machine=aarch64
	our_program
	echo 'no kernel, but there' >kernel
}

# our_program: makes ./program, one for $machine that says of itself that it is a process 1.
our_program() {
	cp "$out/$machine/bin/cat" program
	echo ringlet.status >>program
}

# plays LINE...: the body, in Python, of what stands in for QEMU. It has: token; words, its command line; tell(bytes),
# which writes to the console; take(count), which reads from it.
plays() {
	cat - <(printf '%s\n' "$@") >"bin/qemu-system-$machine" <<-'END'
		#!/usr/bin/env python3
		import os, re, signal, sys, time
		words = sys.argv[1:]
		line = words[words.index("-append") + 1] if "-append" in words else ""
		token = re.search(r"ringlet\.status=(\w+)|$", line)[1] or ""
		def tell(data): os.write(1, data)
		def mark(word): tell(b"\x1eringlet " + token.encode() + b" " + word + b"\r\n")
		def take(count):
		    data = b""
		    while len(data) < count: data += os.read(0, count - len(data)) or sys.exit("no more input")
		    return data
	END
	chmod +x "bin/qemu-system-$machine"
}

# boots ARGUMENT...: qemu/boot with that QEMU, that kernel and that program.
boots() {
	PATH=$PWD/bin:$PATH "$root/qemu/boot" --machine "$machine" --kernel ./kernel "${before[@]}" ./program "$@" 3>&-
}

# refuses STATUS SENTENCE COMMAND...: the command ends with that status and says that sentence (a pattern of [[ ) and no
# more.
refuses() {
	local wanted=$1 sentence=$2
	shift 2
	run --separate-stderr "$@"
	echo "status $status: $output$stderr"
	((status == wanted))
	[[ ! $output ]]
	# shellcheck disable=SC2053 # it is a pattern
	[[ $stderr == $sentence ]]
	[[ $stderr != *$'\n'* ]]
}

# --- the image

# tree FOLDER: a folder to put into an image.
tree() {
	mkdir -p "$1/sub/empty"
	echo one >"$1/a"
	echo two >"$1/sub/b c"
	chmod 600 "$1/a"
	chmod 4755 "$1/sub/b c"
	chmod 700 "$1/sub/empty"
	chmod 755 "$1" "$1/sub"
	ln -s a "$1/link"
	ln -s /no/where "$1/sub/dangling"
}

@test "image: what is in it, read back by cpio" {
	tree site
	mkdir -p kernelfolder/modules
	printf 'b.ko.xz\na.ko.xz\n' >kernelfolder/modules.list
	echo A >kernelfolder/modules/a.ko.xz
	echo B >kernelfolder/modules/b.ko.xz
	"$root/qemu/image" --root site --kernel kernelfolder --output i.cpio program kernel
	TZ=UTC LC_ALL=C cpio -tvn <i.cpio 2>/dev/null | awk '{ $2 = ""; print }' | tr -s ' ' >listed
	cat listed
	diff listed - <<-END
		drwxr-xr-x 0 0 0 Jan 1 1970 bin
		-rwxr-xr-x 0 0 21 Jan 1 1970 bin/kernel
		-rwxr-xr-x 0 0 $(stat -c %s program) Jan 1 1970 bin/program
		drwxr-xr-x 0 0 0 Jan 1 1970 dev
		crw------- 0 0 5, 1 Jan 1 1970 dev/console
		drwxr-xr-x 0 0 0 Jan 1 1970 etc
		-rw-r--r-- 0 0 49 Jan 1 1970 etc/hello
		lrwxrwxrwx 0 0 11 Jan 1 1970 init -> bin/program
		drwxr-xr-x 0 0 0 Jan 1 1970 lib
		drwxr-xr-x 0 0 0 Jan 1 1970 lib/modules
		-rw-r--r-- 0 0 2 Jan 1 1970 lib/modules/a.ko.xz
		-rw-r--r-- 0 0 2 Jan 1 1970 lib/modules/b.ko.xz
		-rw-r--r-- 0 0 16 Jan 1 1970 lib/modules/list
		drwxr-xr-x 0 0 0 Jan 1 1970 proc
		drwxr-xr-x 0 0 0 Jan 1 1970 run
		drwxr-xr-x 0 0 0 Jan 1 1970 srv
		-rw------- 0 0 4 Jan 1 1970 srv/a
		lrwxrwxrwx 0 0 1 Jan 1 1970 srv/link -> a
		drwxr-xr-x 0 0 0 Jan 1 1970 srv/sub
		-rwsr-xr-x 0 0 4 Jan 1 1970 srv/sub/b c
		lrwxrwxrwx 0 0 9 Jan 1 1970 srv/sub/dangling -> /no/where
		drwx------ 0 0 0 Jan 1 1970 srv/sub/empty
		drwxr-xr-x 0 0 0 Jan 1 1970 sys
		drwxrwxrwt 0 0 0 Jan 1 1970 tmp
	END
	mkdir read
	(cd read && cpio -id --quiet --no-preserve-owner srv/a 'srv/sub/*' lib/modules/list bin/program <../i.cpio)
	cmp read/srv/a site/a
	cmp 'read/srv/sub/b c' 'site/sub/b c'
	cmp read/lib/modules/list kernelfolder/modules.list
	cmp read/bin/program program
}

@test "image: the same bytes every time, whatever the times, the inodes and the order of the folder" {
	tree one
	mkdir two # made in another order, with other times
	ln -s a two/link
	cp -r one/sub two/sub
	chmod 4755 'two/sub/b c'
	cp one/a two/a
	touch -d 2001-02-03 two/a two/sub
	diff -r --no-dereference one two
	"$root/qemu/image" --root one --output one.cpio program
	"$root/qemu/image" --root two program >two.cpio
	cmp one.cpio two.cpio
	SOURCE_DATE_EPOCH=86400 "$root/qemu/image" --root one --output day.cpio program
	run ! cmp -s one.cpio day.cpio
	[[ $(TZ=UTC LC_ALL=C cpio -tv --quiet <day.cpio | grep -v console | awk '{ print $6, $7, $8 }' | sort -u) == 'Jan 2 1970' ]]
	refuses 1 "image: SOURCE_DATE_EPOCH is 'x', and not a number of seconds from 0 to 4294967295." \
		env SOURCE_DATE_EPOCH=x "$root/qemu/image" --output i.cpio program
}

@test "image: a table adds things and changes modes and owners" {
	tree site
	cat >table <<-'END'
		# a comment
		/etc/passwd 0644 0 <- table   # relative to the table
		/etc/alias  0777 3:4 -> passwd
		"/var/a b/" 0700 5:6
		/dev/null   666 0 char 1:3
		/srv/a      0640 7
	END
	"$root/qemu/image" --root site --table table --output i.cpio program
	LC_ALL=C cpio -tvn --quiet <i.cpio | grep -E 'passwd|var|null|srv/a' | tr -s ' ' | tee listed
	diff <(awk '{ print $1, $3, $4 }' listed) - <<-'END'
		crw-rw-rw- 0 0
		lrwxrwxrwx 3 4
		-rw-r--r-- 0 0
		-rw-r----- 7 7
		drwxr-xr-x 0 0
		drwx------ 5 6
	END
}

@test "image: what cannot be in it is said" {
	local image=$root/qemu/image line
	mkdir devices
	mkfifo devices/pipe
	refuses 1 "image: devices/pipe is neither a file nor a folder nor a link *: leave it out." "$image" --root devices --output i.cpio program
	refuses 1 'image: --root nowhere is not a folder.' "$image" --root nowhere --output i.cpio program
	refuses 1 'image: the program nowhere cannot be read: No such file or directory.' "$image" --output i.cpio nowhere
	refuses 1 'image: two programs are named program, and there is one /bin.' "$image" --output i.cpio program ./program
	refuses 2 'image: the following arguments are required: PROGRAM; *' "$image" --output i.cpio
	while IFS='|' read -r line sentence; do
		printf '%s\n' "$line" >table
		refuses 1 "image: table:1: $sentence" "$image" --table table --output i.cpio program
	done <<-'END'
		/etc/x 0644|a line is PATH MODE OWNER*.
		etc/x/ 0644 0|the path 'etc/x/' has to begin with /*.
		/etc/x/ 0999 0|a mode is an octal number up to 7777, not '0999'.
		/etc/x/ 0755 root|an owner is a number up to 4294967295, not 'root'.
		/etc/x 0755 0|there is no /etc/x whose mode*.
		/etc/x 0755 0 <- nowhere|the file nowhere cannot be read: No such file or directory.
		/etc/x 0755 0 => y|'=>' is none of '<-', '->' and 'char'.
		/init/x/ 0755 0|'/init/x' cannot be in '/init', which is not a folder.
		/bin 0755 0 -> srv|'/bin' is a folder with something in it*.
		/a/../b/ 0755 0|the name '/a/../b' has an empty, '.' or '..' part*.
		/TRAILER!!! 0755 0 <- kernel|the name '/TRAILER!!!' ends a cpio archive*.
		/a"b 0755 0|No closing quotation.
	END
	printf '/%s/ 0755 0\n' "$(printf 'x%.0s' {1..256})" >table
	refuses 1 'image: table:1: the name *is longer than the 255 bytes*' "$image" --table table --output i.cpio program
	printf '/l 0755 0 -> %s\n' "$(printf 'x%.0s' {1..4096})" >table
	refuses 1 'image: table:1: the link *longer than the 4095 bytes*' "$image" --table table --output i.cpio program
	printf '/%s/ 0755 0\n' "$(printf 'long/%.0s' {1..820})" >table
	refuses 1 'image: table:1: the name *is longer than the 4095 bytes*' "$image" --table table --output i.cpio program
	mkdir big
	truncate -s 4G big/file
	refuses 1 'image: big/file is larger than the 4 GiB *' "$image" --root big --output i.cpio program
	[[ ! -e i.cpio && $(ls -A) != *.i.cpio* ]] # nothing half written
}

# --- what is checked before a machine starts

@test "boot: what is wrong is said before anything starts" {
	local boot=$root/qemu/boot
	before=()
	plays 'open("started", "w")'
	PATH=$PWD/bin:$PATH
	refuses 2 'boot: there is no program to boot; qemu/boot --help tells how it is called.' "$boot"
	refuses 2 'boot: there is no program to boot; *' "$boot" --machine aarch64 --
	refuses 2 'boot: argument --memory: expected one argument; *' "$boot" --memory
	refuses 2 'boot: unrecognized arguments: --nonsense; *' "$boot" --nonsense cat
	refuses 2 "boot: argument --machine: invalid choice: 'z80' *" "$boot" --machine z80 cat
	refuses 2 "boot: --memory wants a size such as 32M or 1G, not 'much'." "$boot" --memory much cat
	refuses 2 "boot: --cpus wants a number from 1 to 255, not '0'." "$boot" --cpus 0 cat
	refuses 2 "boot: --port wants *, not '80:'." "$boot" --port 80: cat
	refuses 2 "boot: --port wants *, not '65536'." "$boot" --port 65536 cat
	refuses 2 "boot: --ip wants *, not 'bootp': 'bootp' is no address (IPv6 stands in brackets)." "$boot" --ip bootp cat
	refuses 2 "boot: --ip wants *: 'fec0' is no address *" "$boot" --ip fec0::1 cat
	refuses 2 "boot: --ip wants *: '\\[fec0' is no address *" "$boot" --ip '[fec0::1' cat
	refuses 2 "boot: --ip wants *: 'x' is no address *" "$boot" --ip 10.0.2.15:::::::x cat
	refuses 2 "boot: --ip wants *: '33' is no mask, and no length of one." "$boot" --ip 10.0.2.15:::33 cat
	refuses 2 "boot: --ip wants *: '0.255.0.0' is no mask, *" "$boot" --ip 10.0.2.15:::0.255.0.0 cat
	refuses 2 "boot: --ip wants *: '255.0.0.0' is no mask, *" "$boot" --ip '[fec0::1]:::255.0.0.0' cat
	refuses 2 "boot: --ip wants *: 'rarp' is none of dhcp, on, *" "$boot" --ip ::::::rarp cat
	refuses 2 'boot: --ip wants *: the address and the gateway are not of one kind.' "$boot" --ip '10.0.2.15::[fec0::1]' cat
	refuses 2 'boot: --ip wants *: it has a blank, a quote, *' "$boot" --ip 'dhcp quiet' cat
	refuses 1 'boot: there is no program nosuch; there are *cat*' "$boot" nosuch
	refuses 1 'boot: the program ./nosuch cannot be read: No such file or directory.' "$boot" ./nosuch
	refuses 1 "boot: *run.bats is not a 64-bit ELF program; process 1 is one, and not a script." "$boot" "$BATS_TEST_DIRNAME/run.bats"
	refuses 1 "boot: ./program is a program for $machine, and not for x86_64; say --machine $machine." "$boot" --machine x86_64 ./program
	echo 'int main(void) { return 0; }' >dynamic.c
	cc dynamic.c -o dynamic
	refuses 1 'boot: ./dynamic needs a dynamic linker, and there is none in the machine: link it statically.' \
		"$boot" --machine "$(uname -m)" ./dynamic
	cp program 'a program'
	refuses 1 "boot: the program's name 'a program' cannot be written on the kernel's command line; *" "$boot" --machine "$machine" './a program'
	refuses 1 'boot: --root nowhere is not a folder.' "$boot" --machine "$machine" --root nowhere ./program
	mkdir devices
	mkfifo devices/pipe
	before=(--root devices)
	refuses 1 'boot: devices/pipe is neither *' boots
	before=(--table nowhere)
	refuses 1 'boot: the table nowhere cannot be read: No such file or directory.' boots
	before=(--kernel nowhere)
	refuses 1 'boot: --kernel nowhere is neither *' boots
	before=(--memory 16M)
	refuses 1 'boot: --memory 16M is not enough: *' boots
	before=(--board microvm)
	refuses 2 "boot: --board microvm is not one of $machine's: virt." boots
	[[ ! -e started ]]
}

@test "boot: arguments that the kernel would change are refused, and the others arrive" {
	before=()
	plays 'open("line", "w").write(line); mark(b"start"); mark(b"0")'
	refuses 1 'boot: the argument a"b has a double quote, *' boots 'a"b'
	refuses 1 'boot: the argument -- would end *' boots -- x
	refuses 1 "boot: the argument 'a?nb' has a control character*" boots $'a\nb'
	refuses 1 'boot: 33 arguments are more than the 32 *' boots {1..33}
	refuses 1 'boot: the arguments are too long: *' boots "$(printf 'x%.0s' {1..1000})$(printf 'x%.0s' {1..1000})"
	[[ ! -e line ]]
	boots {1..30} 'a b' ''
	[[ $(<line) == *' -- '*' 29 30 "a b" ""' ]]
	boots 'x=ü' --version # the last byte of some letters is a blank to the kernel
	[[ $(<line) == *' -- "x=ü" --version' ]]
	[[ $(<line) == 'console=tty'*' panic=-1 quiet rdinit=/bin/program ringlet.status='*' ip=10.0.2.15::10.0.2.2:255.255.255.0:ringlet:eth0:off:10.0.2.3 '* ]]
}

# appears FILE: waits until there is something in it.
appears() {
	for _ in {1..600}; do
		[[ ! -s $1 ]] || return 0
		sleep 0.05
	done
	echo "$1 did not appear"
	return 1
}

# A port that somebody listens on, until the test ends.
taken() {
	python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(100)' >port 3>&- &
	listener=$!
	appears port
	port=$(<port)
}

teardown() {
	[[ ! ${listener-} ]] || kill "$listener"
}

@test "boot: a port that is taken is said; a free one is found, told and handed to QEMU" {
	plays 'open("words", "w").write(" ".join(words)); mark(b"start"); mark(b"0")'
	taken
	before=(--port "$port:80")
	refuses 1 "boot: the port $port of 127.0.0.1 is taken by another program; stop that, or choose another with --port, such as --port *:80." boots
	[[ ! -e words ]]
	before=(--port 0)
	refuses 2 'boot: --port 0 wants to know the port in the machine: --port 0:THERE.' boots
	before=(--port 0:80 --port 0:81)
	run boots
	echo "$output"
	((status == 0))
	[[ $output =~ 127\.0\.0\.1:([0-9]+),\ 127\.0\.0\.1:([0-9]+)$ ]]
	[[ $(<words) == *"hostfwd=tcp:127.0.0.1:${BASH_REMATCH[1]}-:80,hostfwd=tcp:127.0.0.1:${BASH_REMATCH[2]}-:81"* ]]
	# httpd has a port without being asked, and listens where it can be reached.
	mv program httpd
	PATH=$PWD/bin:$PATH run "$root/qemu/boot" --machine "$machine" --kernel ./kernel --port 0 ./httpd --quiet 3>&-
	[[ $output =~ http://127\.0\.0\.1:([0-9]+)/$ ]]
	[[ $(<words) == *"-- --address 0.0.0.0 --port 8080 --quiet "* || $(<words) == *"-- --address 0.0.0.0 --port ${BASH_REMATCH[1]} --quiet "* ]]
}

# only_python: puts into bin/ what runs our commands, so that with PATH=bin there is nothing else.
only_python() {
	ln -s "$(python3 -c 'import sys; print(sys.executable)')" bin/python3
	ln -s "$(command -v env)" bin/env
}

@test "boot: no QEMU is a sentence that names the package" {
	before=()
	only_python
	refuses 1 "boot: qemu-system-$machine is not installed; on Debian: apt-get install qemu-system-*" \
		env PATH="$PWD/bin" "$root/qemu/boot" --machine "$machine" --kernel ./kernel ./program
}

@test "kernel/stock: no apt-get, no network, no Debian, no cache: a sentence each, and nothing half installed" {
	local stock=$root/qemu/kernel/stock
	export XDG_CACHE_HOME=$PWD/cache
	refuses 2 "kernel/stock: argument machine: invalid choice: 'z80' *" "$stock" z80
	refuses 2 "kernel/stock: --mirror wants a URL *, not 'here'." "$stock" --mirror here aarch64
	only_python
	refuses 1 'kernel/stock: there is no apt-get here, *--kernel FILE*--mirror URL.' env PATH="$PWD/bin" "$stock" aarch64
	refuses 1 'kernel/stock: there is no place for what is downloaded: set HOME or XDG_CACHE_HOME to an absolute path.' \
		env -u HOME -u XDG_CACHE_HOME "$stock" aarch64
	command -v apt-get >/dev/null || skip 'there is no apt-get'
	# Nobody listens there. (The lines before the last tell what it is about to do.)
	run --separate-stderr "$stock" --mirror http://127.0.0.1:9/debian aarch64
	echo "$stderr"
	((status == 1))
	[[ ! $output ]]
	[[ ${stderr_lines[-1]} == "kernel/stock: 'apt-get update' failed on http://127.0.0.1:9/debian ("*'): give a kernel with --kernel FILE, or a Debian mirror '* ]]
	before=(--kernel stock --mirror http://127.0.0.1:9/debian)
	plays 'open("started", "w")'
	run boots
	((status == 1))
	[[ ${lines[-1]} == "boot: there is no stock kernel for $machine; what was wrong is above." ]]
	[[ ! -e started ]]
	[[ $(find cache -not -name '*.lock' -type f) == '' ]]
	[[ $(find cache -name '*.partial') == '' ]]
}

# --- the console

@test "the console's bytes: \\r\\n is undone, marked lines are cut out, in whatever pieces they come" {
	PYTHONPATH=$root/qemu python3 - <<-'END'
		import random
		from parts.console import Cutter
		mark = b"\x1eringlet abc "
		text = b"one\ntwo\r\n\r\r\n\x1e\x1e\x1eringlet abcd 1\n\x1eringlet abc 1234\n\x1eringlet abc stop\n\x1eringlet abc \x00\xff" + bytes(range(256)) + b"no end"
		wire = b"banner\r\n" + mark + b"start\r\n" + text.replace(b"\n", b"\r\n") + mark + b"42\r\nreboot: Power down\r\n\x1e\r"
		cuts = [[at] for at in range(len(wire))] + [list(range(len(wire)))]
		cuts += [sorted(random.sample(range(len(wire)), 9)) for _ in range(200)]
		for cut in cuts:
		    cutter = Cutter("abc", True)
		    for begin, end in zip([0, *cut], [*cut, len(wire)]):
		        cutter.feed(wire[begin:end])
		    cutter.end()
		    assert cutter.output == text, (cut, cutter.output)
		    assert cutter.status == 42
		    assert cutter.beside == b"banner\nreboot: Power down\n\x1e\r", cutter.beside
		plain = Cutter("abc", False)  # a program that knows nothing of marked lines
		plain.feed(b"a\r\nb\x1e")
		plain.end()
		assert (plain.output, plain.status) == (b"a\nb\x1e", None)
	END
}

@test "boot: the output is the program's and nothing else, the status is the program's" {
	before=()
	local number
	for number in 0 1 42 130 255; do
		plays 'tell(b"OpenSBI\r\n"); mark(b"start"); tell(b"hello\r\nno end"); mark(b"'"$number"'"); tell(b"reboot: Power down\r\n")'
		run --separate-stderr boots </dev/null
		echo "$status: $output$stderr"
		((status == number))
		[[ $output == $'hello\nno end' ]]
		[[ $stderr == "boot: $machine (virt, 256 MiB), Linux of unknown version, TCG" ]]
	done
	before=(--verbose)
	run --separate-stderr boots
	((status == 255))
	[[ $output == $'hello\nno end' ]]
	[[ $stderr == *"qemu-system-$machine "*OpenSBI*'reboot: Power down'* ]]
}

@test "boot: what process 1 has to say before the program begins is said" {
	before=()
	plays 'tell(b"a\r\npid1: it is dark\r\nb pid1: c\r\npid1: it is cold\r\n"); mark(b"start"); tell(b"pid1: d\r\n"); mark(b"0")'
	run --separate-stderr boots </dev/null
	((status == 0))
	[[ $output == 'pid1: d' ]]
	[[ $stderr == *$'TCG\npid1: it is dark\npid1: it is cold' ]]
}

@test "boot: the address is what --ip says" {
	plays 'open("line", "w").write(line); mark(b"start"); mark(b"0")'
	local word
	for word in dhcp off '' :::::eth1:dhcp 10.0.2.15 '10.0.2.15:any:10.0.2.2:24:name:eth0:off:10.0.2.3:[fec0::3]:ntp' \
		'[fec0::15]::[fec0::2]:64::eth0:off'; do
		before=(--ip "$word")
		boots
		[[ $(<line) == *" ringlet.status="*" ip=$word" ]]
	done
	before=(--ip dhcp --ip '[fec0::15]')
	boots x
	[[ $(<line) == *' ip=dhcp ip=[fec0::15] -- x' ]]
	before=(--ip dhcp --image made)
	boots | grep -F 'quiet rdinit=/bin/program ip=... reboot=t'
	[[ $(<made/cmdline) == *' ip=dhcp' ]]
}

@test "boot: --disk and --share are QEMU's drives and file system, in their order" {
	plays 'open("words", "w").write("\n".join(words)); mark(b"start"); mark(b"0")'
	mkdir 'a,b'
	: >one
	: >two
	before=(--disk one --disk two:ro --share 'a,b:ro')
	boots
	grep -Fx "if=none,id=disk0,format=raw,read-only=off,file=$PWD/one" words
	grep -Fx "if=none,id=disk1,format=raw,read-only=on,file=$PWD/two" words
	grep -Fx "local,id=share,security_model=none,path=$PWD/a,,b,readonly=on" words
	grep '^virtio-' words | grep -v force-legacy >devices
	diff devices - <<-END
		virtio-net-device,netdev=net,bus=virtio-mmio-bus.7
		virtio-blk-device,drive=disk0,bus=virtio-mmio-bus.6
		virtio-blk-device,drive=disk1,bus=virtio-mmio-bus.5
		virtio-9p-device,fsdev=share,mount_tag=share,bus=virtio-mmio-bus.4
	END
	before=(--disk none)
	refuses 1 "boot: --disk $PWD/none is no file." boots
	before=(--share one)
	refuses 1 "boot: --share $PWD/one is not a folder." boots
	before=(--disk one --disk one --disk one --disk one --disk one --disk one)
	refuses 2 'boot: 6 disks are more than the 5 that every board has places for.' boots
}

@test "boot: no status is 125 and a sentence, with what the kernel said" {
	before=()
	plays 'tell(b"Kernel panic - not syncing\r\n")'
	run --separate-stderr boots
	echo "$status: $stderr"
	((status == 125))
	[[ ! $output ]]
	[[ $stderr == *$'Kernel panic - not syncing\nboot: the machine ended without telling the status of program: '* ]]
	plays 'sys.stderr.write("qemu: what is this\n"); sys.exit(1)'
	run --separate-stderr boots
	echo "$status: $stderr"
	((status == 125))
	[[ $stderr == *$'qemu: what is this\nboot: QEMU failed (status 1); '* ]]
	plays 'os.kill(os.getpid(), signal.SIGSEGV)'
	run --separate-stderr boots
	((status == 125))
	[[ $stderr == *'boot: QEMU failed (Segmentation fault); '* ]]
}

@test "boot: a program that is no process 1 of ours gets a word, and all the console" {
	before=()
	sed -i s/ringlet.status/ringlet.nothing/ program
	plays 'tell(b"banner\r\nhello\r\n")'
	run --separate-stderr boots
	echo "$status: $output$stderr"
	((status == 125))
	[[ $output == $'banner\nhello' ]]
	[[ ${stderr_lines[0]} == 'boot: program is not built as process 1 (crt/pid1), '* ]]
}

@test "boot: standard input reaches the program, and its end becomes Ctrl-D, once the console is open" {
	before=()
	plays 'time.sleep(0.5); os.set_blocking(0, False)' \
		'try: early = os.read(0, 100)' 'except BlockingIOError: early = b"nothing"' 'os.set_blocking(0, True)' \
		'mark(b"start"); tell(early + b" came early\r\n"); tell(repr(take(int(line.split()[-1]))).encode()); mark(b"0")'
	[[ $(printf 'one\ntwo' | boots 9 2>/dev/null) == $'nothing came early\nb\'one\\ntwo\\x04\\x04\'' ]]
	[[ $(printf 'one\n' | boots 5 2>/dev/null) == $'nothing came early\nb\'one\\n\\x04\'' ]]
	[[ $(boots 1 2>/dev/null <&-) == $'nothing came early\nb\'\\x04\'' ]]
}

# gone PID: waits until that process is dead, reaped or not.
gone() {
	for _ in {1..200}; do
		[[ $(sed 's/.*) \(.\).*/\1/' "/proc/$1/stat" 2>/dev/null) == [^Z] ]] || return 0
		sleep 0.05
	done
	echo "process $1 is still there"
	return 1
}

# ends SIGNAL STATUS: a machine that is running ends with that status when boot gets the signal, and leaves no process.
ends() {
	local pid status=0
	rm -f there
	PATH=$PWD/bin:$PATH "$root/qemu/boot" --machine "$machine" --kernel ./kernel ./program </dev/null >out 2>err 3>&- &
	pid=$!
	appears there
	kill "-$1" "$pid"
	wait "$pid" || status=$?
	echo "$1: $status, $(<out) $(<err)"
	((status == $2))
	gone "$(<there)"
}

@test "boot: a signal is Ctrl-C for the program; one that does not obey is ended, and so is its machine" {
	before=()
	plays 'mark(b"start"); tell(b"x")' 'take(1)' 'open("there", "w").write(str(os.getpid()))' 'take(1) == b"\3" or sys.exit(3)' 'tell(b"obeyed"); mark(b"7")'
	ends TERM 7
	[[ $(<out) == xobeyed ]]
	ends INT 7
	plays 'mark(b"start"); take(1)' 'open("there", "w").write(str(os.getpid()))' 'time.sleep(100)'
	ends TERM 143
	ends INT 130
	ends KILL 137
	# Before the program has started there is nobody to obey.
	plays 'open("there", "w").write(str(os.getpid()))' 'time.sleep(100)'
	ends TERM 143
}

@test "boot: a machine that does not power off after the status is ended" {
	before=()
	plays 'mark(b"start"); mark(b"9"); time.sleep(100)'
	run --separate-stderr boots
	echo "$stderr"
	((status == 9))
	[[ ${stderr_lines[-1]} == 'boot: the program has ended, but its machine did not power off; it was stopped.' ]]
}

@test "boot: a reader that goes away ends the machine" {
	before=()
	plays 'mark(b"start"); open("there", "w").write(str(os.getpid()))' 'while True: tell(b"y\r\n" * 1000)'
	set +o pipefail
	[[ $(boots 2>/dev/null </dev/null | head -n 1) == y ]]
	gone "$(<there)"
}

# at_terminal KEYS: boots at a terminal, with those keys pressed once it has told `ready`, and prints what the terminal
# showed, the status, and whether its state is what it was.
at_terminal() {
	PATH=$PWD/bin:$PATH python3 - "$1" "$root/qemu/boot" --machine "$machine" --kernel ./kernel ./program 3>&- <<-'END'
		import os, pty, signal, subprocess, sys, termios
		signal.alarm(60)
		keys = sys.argv[1].encode().decode("unicode_escape").encode()
		ours, theirs = pty.openpty()
		before = termios.tcgetattr(theirs)
		def child():
		    os.setsid()
		    import fcntl
		    fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)
		boot = subprocess.Popen(sys.argv[2:], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, preexec_fn=child)
		shown = b""
		while b"ready" not in shown:
		    shown += os.read(ours, 1000)
		os.write(ours, keys)
		status = boot.wait(60)
		same = termios.tcgetattr(theirs) == before
		os.write(theirs, b"|")
		while not shown.endswith(b"|"):
		    shown += os.read(ours, 1000)
		print(shown, status, "same" if same else "changed")
	END
}

@test "boot: at a terminal the keys go as they are, Ctrl-A x ends the machine, and the terminal's state is restored" {
	plays 'mark(b"start"); tell(b"ready\r\n"); tell(repr(take(6)).encode()); mark(b"5")'
	[[ $(at_terminal '\x03\r\x04\x01\x01\x1a\x1c') == "b\"ready\\r\\nb'\\\\x03\\\\r\\\\x04\\\\x01\\\\x1a\\\\x1c'|\" 5 same" ]]
	plays 'mark(b"start"); tell(b"ready\r\n"); time.sleep(100)'
	[[ $(at_terminal '\x01x') == "b'ready\\r\\n|' 130 same" ]]
}

@test "boot: --image writes the three files, and prints what can be done with them" {
	before=(--image made)
	rm -f bin/qemu-system-*
	run --separate-stderr boots 'a b'
	echo "$output"
	((status == 0))
	cmp made/kernel kernel
	[[ $(<made/cmdline) == 'console=tty'*' rdinit=/bin/program ip='*' -- "a b"' ]]
	[[ $(<made/cmdline) != *ringlet.status* ]]
	"$root/qemu/image" program | cmp - made/initramfs
	[[ $output == *'QEMU (tried)'*"qemu-system-$machine "*'Firecracker (virtio-mmio; not tried)'*'cloud-hypervisor (virtio-pci; not tried)'* ]]
}

@test "boot: --debug waits for gdb on a port that is free, and prints gdb's command" {
	plays 'open("words", "w").write(" ".join(words)); mark(b"start"); mark(b"0")'
	before=(--debug)
	run boots
	echo "$output"
	((status == 0))
	[[ $output =~ waiting\ for\ gdb:\ .*\'target\ remote\ (127\.0\.0\.1:[0-9]+)\' ]]
	[[ $(<words) == *"-S -gdb tcp:${BASH_REMATCH[1]}"* ]]
	[[ $(<words) == *' norandmaps '* ]]
}

@test "boot: a /dev/kvm on which a guest hangs is not used, is asked once, and does not hold up for long" {
	[[ -r /dev/kvm && -w /dev/kvm ]] || skip 'there is no /dev/kvm to be used'
	export XDG_CACHE_HOME=$PWD/cache
	machine=$(uname -m)
	our_program
	before=()
	plays 'if "--version" in words: print("a QEMU"); sys.exit()' \
		'if "kvm" in words: open("asked", "a").write("x"); time.sleep(100)' 'mark(b"start"); mark(b"0")'
	local begin=$SECONDS
	run boots
	echo "$output"
	((status == 0 && SECONDS - begin < 30))
	[[ $output == *', TCG (KVM is of no use here)' ]]
	before=(--verbose)
	run boots
	[[ $output == *', TCG (KVM is of no use here: a guest hangs: it did not leave within 5 s)'* ]]
	[[ $(<asked) == x ]]
	# And one that runs a guest is used.
	before=()
	plays 'if "--version" in words: print("another QEMU"); sys.exit()' \
		'if "kvm" in words and not token: print("ringlet: kvm works"); sys.exit()' 'mark(b"start"); mark(b"0" if "kvm" in words else b"1")'
	run boots
	echo "$output"
	((status == 0))
	[[ $output == *', KVM' ]]
}
