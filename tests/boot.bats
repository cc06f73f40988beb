#!/usr/bin/env bats
# tests/boot.bats: programs as the first process of real machines: what crt/pid1 sets up and puts away, what comes out of the
# machine, and everything else that a real kernel on that machine is needed for, io_uring first.
#
# Kernels: the stock ones of all machines; the tiny ones where they are built already, or where RINGLET_TINY=1 asks for them.

# shellcheck disable=SC2016 # what is quoted so is meant so
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=600

load helpers

root=${BATS_TEST_DIRNAME%/tests}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	# The name of a test ends in ": MACHINE", or in ": MACHINE, KERNEL".
	machine=${BATS_TEST_DESCRIPTION##*: } kernel=stock
	[[ $machine != *,* ]] || kernel=${machine#*, } machine=${machine%,*}
	[[ $machine =~ ^(x86_64|aarch64|riscv64)$ ]] || return 0
	declare -A emulator=([x86_64]=x86_64 [aarch64]=aarch64 [riscv64]=riscv64)
	command -v "qemu-system-${emulator[$machine]}" >/dev/null || skip "there is no qemu-system-${emulator[$machine]}"
	if [[ $kernel == stock ]]; then
		local why
		why=$("$root/qemu/kernel/stock" "$machine" 2>&1 >/dev/null) || skip "no stock kernel can be had: ${why##*$'\n'}"
	fi
	[[ $kernel != tiny ]] || tiny_kernel "$machine"
}

teardown() {
	local each
	for each in ${pid-} ${server-}; do
		{ kill -KILL "$each" && wait "$each"; } 2>/dev/null || true
	done
}

# machine_command: sets the array command to qemu/boot for the machine of the test. timeout(1) passes signals on to it.
machine_command() {
	command=(timeout -k 5 480 "$root/qemu/boot" --machine "$machine" --kernel "$kernel")
}

# boot ARGUMENT...: the same, at once.
boot() {
	machine_command
	"${command[@]}" "$@" </dev/null 3>&-
}

# guest [OPTION]... WHAT...: what tests/guest/guest.c does, in the machine. Sets status and output, and said: standard error
# without its first line, which is about the machine.
guest() {
	local options=() program=${program-$out/$machine/tests/guest}
	while [[ $1 == --* ]]; do
		options+=("$1" "$2")
		shift 2
	done
	run --separate-stderr boot "${options[@]}" "$program" "$@"
	echo "guest $*: status $status"
	echo "$output"
	# shellcheck disable=SC2154
	echo "$stderr"
	[[ ${stderr%%$'\n'*} == "boot: $machine ("* ]]
	said=${stderr#*$'\n'}
}

statuses() {
	guest exit 42 # 0 is that of the unit tests, below
	((status == 42))
	guest kill 9
	((status == 137))
	[[ $output == *'pid1: /bin/guest was ended by signal 9 (SIGKILL)'* ]]
	guest panic
	((status == 134))
	[[ $output == 'panic: as asked for'* ]]
	[[ $output == *'pid1: /bin/guest was ended by signal 6 (SIGABRT)'* ]]
	guest first 11 # SIGSEGV
	((status == 139))
	[[ $output == 'panic: segmentation fault, sent by a process'* && $output == *'pid1: this was process 1 itself, '* ]]
}

@test "the status of the program comes out: x86_64" { statuses; }
@test "the status of the program comes out: aarch64" { statuses; }
@test "the status of the program comes out: riscv64" { statuses; }
@test "the status of the program comes out: x86_64, tiny" { statuses; }
@test "the status of the program comes out: aarch64, tiny" { statuses; }
@test "the status of the program comes out: riscv64, tiny" { statuses; }

# What the program finds, in one boot.
finds() {
	guest show /proc/mounts /proc/cmdline /proc/self/limits /etc/hosts /etc/resolv.conf /proc/sys/kernel/hostname /proc/net/route /proc/net/dev /etc/hello \
		+ env + orphans + signals + terminal + leftovers
	((status == 0))
	[[ $said == "${stderr%%$'\n'*}" || ! $said ]]
	for mount in 'proc /proc proc' 'sysfs /sys sysfs' 'devtmpfs /dev devtmpfs' 'devpts /dev/pts devpts' \
		'tmpfs /dev/shm tmpfs' 'tmpfs /tmp tmpfs' 'tmpfs /run tmpfs'; do
		[[ $output == *"$mount rw,"* ]]
	done
	[[ $output == *$'== /etc/hosts\n127.0.0.1 localhost\n::1 localhost\n127.0.1.1 ringlet\n=='* ]]
	[[ $output == *$'== /etc/resolv.conf\nnameserver 10.0.2.3\n=='* ]]
	[[ $output == *$'== /proc/sys/kernel/hostname\nringlet\n=='* ]]
	[[ $output == *$'\neth0\t00000000\t0202000A\t0003\t'* ]] # the way out: 10.0.2.2 [proc(5), /proc/net/route]
	[[ $output == *$'\neth0\t0002000A\t00000000\t0001\t'* ]] # and 10.0.2.0, which is near
	[[ $output =~ $'\n''Max open files'\ +1024\ +1048576\  ]]
	[[ $output == *'hello from a machine'* ]]
	[[ $output == *$'\nip=10.0.2.15:'* && $output == *$'\nown machine\n'* ]] # what the kernel does not know is the environment's
	[[ $output == *$'\nguest: all put away' ]]                            # by then it had more than a second, whoever else ended
}

@test "what the program finds: x86_64" { finds; }
@test "what the program finds: aarch64" { finds; }
@test "what the program finds: riscv64" { finds; }
@test "what the program finds: x86_64, tiny" { finds; }

# A first process that comes before ours has mounted some of it, a /dev without a console, and closed the standard streams: that
# is fine. And IPv6, and a list of modules whose last line does not end, with one that is not there.
late() {
	local program=$out/$machine/tests/early
	echo "/bin/guest 0755 0 <- $out/$machine/tests/guest" >table
	"$root/qemu/kernel/$kernel" "$machine" 2>/dev/null | { read -r folder && cat "$folder/modules.list"; } >list || [[ $kernel == tiny ]]
	printf '\nnone.ko' >>list
	echo '192.0.2.1 ours' >hosts
	printf '%s\n' '/lib/modules/list 0644 0 <- list' '/etc/hosts 0644 0 <- hosts' >>table
	guest --table table --ip :::::eth0:off --ip '[fec0::15]::[fec0::2]:56:six.example:eth0:off:[fec0::3]' --ip :::::none:dhcp \
		show /proc/mounts /tmp/early /proc/net/if_inet6 /proc/net/ipv6_route /etc/hosts /proc/sys/kernel/hostname /etc/resolv.conf \
		+ streams + bind fec0::15 + env + terminal
	((status == 0))
	[[ $said == $'pid1: cannot load the module none.ko: '*$'\npid1: there is no network interface none: '* ]]
	(($(wc -l <<<"$said") == 2))
	[ "$(grep -c '^[a-z]* /proc ' <<<"$output")" -eq 1 ]
	[[ $output == *$'\ntmpfs /dev tmpfs '* && $output == *$'\nmine /tmp tmpfs '* && $output != *$'\ntmpfs /tmp '* ]]
	[[ $output == *$'\ndevpts /dev/pts '* && $output == *$'\ntmpfs /run '* ]]
	[[ $output == *$'\n== /tmp/early\nthere\n'* ]]
	# Permanent, and not in doubt. [Linux include/uapi/linux/if_addr.h]
	[[ $output == *$'\nfec00000000000000000000000000015 '??' 38 '??\ 82\ +(\ )$'eth0\n'* ]]
	[[ $output == *$'\n00000000000000000000000000000000 00 00000000000000000000000000000000 00 fec00000000000000000000000000002 '*'eth0'* ]]
	[[ $output == *$'\n00000000000000000000000000000001 01 80 '??$' 80       lo\n'* ]]
	[[ $output == *$'\n== /etc/hosts\n192.0.2.1 ours\n== /proc/sys/kernel/hostname\nsix.example\n'* ]] # the image's own file stays
	[[ $output == *$'\nnameserver fec0:0:0:0:0:0:0:3\n'* ]]
	[[ $output == *$'\nown machine' ]]
}

@test "what the program finds where somebody was before: x86_64" { late; }
@test "what the program finds where somebody was before: aarch64" { late; }
@test "what the program finds where somebody was before: riscv64" { late; }

# The address by DHCP, from QEMU's own server; and a connection that comes to it.
asks() {
	mkfifo says
	machine_command
	"${command[@]}" --ip dhcp --port 0:8080 "$out/$machine/tests/guest" streams + answer 8080 /etc/resolv.conf /etc/hosts \
		/proc/net/route /proc/net/fib_trie </dev/null >says 2>said 3>&- &
	pid=$!
	exec {told}<says
	IFS= read -r -t 200 line <&"$told"
	cat said
	[[ $line == waiting ]]
	[[ $(<said) =~ ^[^$'\n']*127\.0\.0\.1:([0-9]+)$ ]] # and nothing else was said
	timeout 100 nc -d 127.0.0.1 "${BASH_REMATCH[1]}" >answer
	exec {told}<&-
	cat answer
	local result=0
	wait "$pid" || result=$?
	pid=
	((result == 0))
	[[ $(<answer) == *$'== /etc/resolv.conf\nnameserver 10.0.2.3\n== /etc/hosts\n'*'127.0.1.1 ringlet'* ]]
	[[ $(<answer) == *$'\neth0\t00000000\t0202000A\t0003\t'* && $(<answer) == *$'\neth0\t0002000A\t00000000\t0001\t'* ]]
	[[ $(<answer) == *'-- 10.0.2.15'* ]]
}

@test "DHCP: x86_64" { asks; }
@test "DHCP: aarch64" { asks; }
@test "DHCP: riscv64" { asks; }

# Ctrl-C on a machine's console, which is what qemu/boot makes of a signal to itself, is a SIGINT for the program.
interrupted() {
	mkfifo says
	machine_command
	"${command[@]}" "$out/$machine/tests/guest" wait </dev/null >says 2>said 3>&- &
	pid=$!
	exec {told}<says
	IFS= read -r -t 200 line <&"$told"
	[[ $line == waiting ]]
	kill -s TERM "$pid"
	local result=0
	wait "$pid" || result=$?
	pid=
	cat said
	exec {told}<&-
	((result == 42))
}

@test "Ctrl-C reaches the program: x86_64" { interrupted; }
@test "Ctrl-C reaches the program: aarch64" { interrupted; }
@test "Ctrl-C reaches the program: riscv64" { interrupted; }

# A server that answers with garbage, grants short leases, changes the address, takes it back, and goes away. The network is
# ours: what QEMU would have on its user network goes to tests/dhcp_server.py, which checks what the machine does. The code is the
# same on all machines, and its parts are tested there (tests/unit/pid1_dhcp.c).
@test "a lease from its beginning to its end: x86_64" {
	mkdir bin
	cat >"bin/qemu-system-$machine" <<-END
		#!/usr/bin/env bash
		PATH=\${PATH#*:}
		for word; do
		    [[ \$word != user,id=net* ]] || word="dgram,id=net,local.type=unix,local.path=$PWD/q,remote.type=unix,remote.path=$PWD/s"
		    words+=("\$word")
		done
		exec "qemu-system-$machine" "\${words[@]}"
	END
	chmod +x "bin/qemu-system-$machine"
	timeout -k 5 500 "$BATS_TEST_DIRNAME/dhcp_server.py" s q go >played 2>&1 3>&- &
	server=$!
	mkfifo says
	machine_command
	PATH=$PWD/bin:$PATH "${command[@]}" --ip :::::eth0:dhcp "$out/$machine/tests/guest" wait + show /etc/hosts /etc/resolv.conf \
		/proc/sys/kernel/hostname </dev/null >says 2>said 3>&- &
	pid=$!
	exec {told}<says
	IFS= read -r -t 200 line <&"$told"
	cat said
	[[ $line == waiting ]]
	[[ $(<said) == *$'\npid1: no DHCP server has answered yet; the program starts without an address' ]]
	echo go >go
	cat <&"$told" >rest &
	exec {told}<&-
	local result=0
	wait "$server" || result=$?
	server=
	cat played
	((result == 0))
	kill -s TERM "$pid"
	wait "$pid" || result=$?
	pid=
	((result == 42))
	cat rest
	[[ $(<rest) == 'pid1: the server has given another address to the network
pid1: a server has taken the network'\''s address back
pid1: the lease of the network'\''s address has ended, and no server renewed it
'*'== /etc/hosts
127.0.0.1 localhost
::1 localhost
127.0.1.1 three
== /etc/resolv.conf
search three.example
nameserver 10.9.8.55
== /proc/sys/kernel/hostname
three' ]]
}

# Every unit test of this build, in the machine: on its real kernel, with its io_uring; and those that run on either engine
# also on the emulation. The second kernel, tiny, is given those that ask something of a kernel. One may be skipped only for what this kernel or the emulation lacks, and says so.
units() {
	local file name expected=0 emulated=0 skipped
	for file in "$out/$machine"/tests/unit-*; do
		name=${file##*/}
		[[ $kernel != tiny || $name =~ ^unit-(ring|arena|clock|out|say|signal) ]] || continue
		echo "/tests/$name 0755 0 <- $file" >>table
		expected=$((expected + 1))
		grep -qxF '// For either engine.' "$BATS_TEST_DIRNAME/unit/${name#unit-}.c" || continue
		echo "/emulated/$name 0777 0 -> /tests/$name" >>table
		emulated=$((emulated + 1))
	done
	((expected > 15))
	local result=0
	boot --memory 256M --table table "$out/$machine/tests/runner" RINGLET_SLOW=1 >told || result=$?
	grep -vE '^(ok|1\.\.|== (emulated )?unit-)' told || true
	((result == 0))
	[ "$(grep -cE '^== unit-[a-z0-9_]+: 0$' told)" -eq "$expected" ]
	[ "$(grep -cE '^== emulated unit-[a-z0-9_]+: 0$' told)" -eq "$emulated" ]
	((expected > 15 && $(grep -c '^ok' told) > 200))
	run ! grep -E '^not ok' told
	skipped=$(grep -i '# skip' told) || return 0
	sed -n 's/^ok [0-9]* - \(.*\) # SKIP \(.*\)/\2/p' <<<"$skipped" | sort | uniq -c | sed "s/^/# in the machine, $machine:/" >&3
	! grep -vE '# SKIP (this kernel |kernel [0-9.]+[^ ]* has no |(the )?emulation has no |an emulated ring is |needs Linux |CQE_MIXED, Linux |built without |this file system |no file here )' <<<"$skipped" || return 1
}

@test "the unit tests in the machine: x86_64" { units; }
@test "the unit tests in the machine: aarch64" { units; }
@test "the unit tests in the machine: riscv64" { units; }
@test "the unit tests in the machine: x86_64, tiny" { units; }
@test "the unit tests in the machine: aarch64, tiny" { units; }
@test "the unit tests in the machine: riscv64, tiny" { units; }

client() {
	timeout -k 5 200 "$BATS_TEST_DIRNAME/client.py" "$1" 127.0.0.1 "$port" "${@:2}"
}

# answered STATUS REQUEST: the first answer to these bytes, and that the connection ends after it. REQUEST is printf's format.
answered() {
	# shellcheck disable=SC2059
	printf "$2" | client send >answer
	echo "${2:0:60} -> $(head -1 answer)"
	[[ $(head -1 answer) == "HTTP/1.1 $1 "* ]]
	[ "$(grep -c '^HTTP/1.1 ' answer)" -eq 1 ]
}

# serves [OPTION]... [-- ARGUMENT]...: httpd, from here. Options are the machine's, arguments httpd's.
serves() {
	local options=()
	while (($# > 0)) && [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift || true
	mkdir -p www/sub
	head -c 10485760 /dev/urandom >www/big
	head -c 10000 /dev/urandom >www/middle
	printf 'hello\n' >www/a.txt
	echo '<p>index' >www/sub/index.html
	ln -s ../../etc/hello www/escape
	mkfifo says
	machine_command
	"${command[@]}" "${options[@]}" --root www --port 0 httpd "$@" </dev/null >says 2>said 3>&- &
	pid=$!
	exec {log}<says
	IFS= read -r -t 200 line <&"$log"
	cat said
	[[ $line == "httpd: serving '.' at http://"* ]]
	[[ $(head -1 said) =~ http://127\.0\.0\.1:([0-9]+)/ ]]
	port=${BASH_REMATCH[1]}
	cat <&"$log" >lines &
	exec {log}<&-
	local url=http://127.0.0.1:$port fetch=(curl --silent --show-error --path-as-is --max-time 100)

	"${fetch[@]}" "$url/big" | cmp - www/big
	"${fetch[@]}" --head "$url/a.txt" | tr -d '\r' >first
	grep -x 'Content-Length: 6' first
	grep -x 'Content-Type: text/plain; charset=utf-8' first
	[ "$("${fetch[@]}" "$url/a.txt" "$url/sub/")" = $'hello\n<p>index' ]
	[[ $("${fetch[@]}" "$url/") == *'href="./a.txt"'* ]]
	[ "$("${fetch[@]}" --output /dev/null --write-out '%{http_code} %{redirect_url}' "$url/sub")" = "301 $url/sub/" ]
	[ "$("${fetch[@]}" --output /dev/null --write-out '%{http_code}' "$url/escape")" = 404 ]
	local date
	date=$("${fetch[@]}" --head "$url/a.txt" | tr -d '\r' | sed -n 's/^Last-Modified: //p')
	[ "$("${fetch[@]}" --output /dev/null --write-out '%{http_code}' --header "If-Modified-Since: $date" "$url/a.txt")" = 304 ]
	answered 400 'GET / HTTP/1.1\r\n\r\n'
	answered 400 'GET /%%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 404 'GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 405 'DELETE /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 414 "GET /$(printf 'a%.0s' {1..9000}) HTTP/1.1\r\nHost: a\r\n\r\n"
	answered 431 "GET / HTTP/1.1\r\nHost: a\r\nA: $(printf 'a%.0s' {1..9000})\r\n\r\n"
	answered 501 'BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 505 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'
	client rounds /middle 100

	kill -s TERM "$pid"
	local result=0
	wait "$pid" || result=$?
	pid=
	((result == 0))
	# The terminal in the machine shows that Ctrl-C, as "^C", in the middle of whatever is being written.
	[ "$(sed 's/\^C//' lines | grep -c '"GET /middle HTTP/1.1" 200 10000$')" -eq 200 ]
}

@test "httpd in the machine: x86_64" { serves; }
@test "httpd in the machine: aarch64" { serves; }
@test "httpd in the machine: riscv64" { serves; }
@test "httpd in the machine, two workers on two processors: x86_64" { serves --cpus 2 -- --workers 2; }
@test "httpd in the machine: x86_64, tiny" { serves; }
@test "httpd in the machine: aarch64, tiny" { serves; }
@test "httpd in the machine: riscv64, tiny" { serves; }

@test "in a container a program is no keeper of machines" {
	printf 'hello\n' >file
	unshare --user --map-root-user --pid --fork true 2>/dev/null || skip 'no namespaces may be made here'
	for more in --mount-proc ''; do
		# shellcheck disable=SC2086
		[ "$(timeout 20 unshare --user --map-root-user --pid --fork $more "$out/$(uname -m)/bin/cat" file)" = hello ]
		# shellcheck disable=SC2086
		run -0 timeout 20 unshare --user --map-root-user --pid --fork $more "$out/$(uname -m)/tests/guest" env
		[[ $output == *'no machine' ]]
	done
	# A root of its own, in which nothing is mounted.
	mkdir container
	cp "$out/$(uname -m)/tests/guest" container/
	run -0 timeout 20 unshare --user --map-root-user --pid --fork --mount --root="$PWD/container" /guest env
	[[ $output == *'no machine' ]]
	[ "$(ls container)" = "$(printf 'guest')" ] || [ "$(ls container)" = $'guest\nproc' ]
}
