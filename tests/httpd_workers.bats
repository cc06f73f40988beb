#!/usr/bin/env bats
# tests/httpd_workers.bats: where httpd listens, and the processes that it is: workers, the parent that keeps them, generations.
#
# Each test starts its own server, which dies with it, on ports that the kernel chooses. HTTPD_ENGINE names who works the ring off.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120

load helpers
load httpd

setup() {
	httpd=$out/$(uname -m)/bin/httpd
	engine=(${HTTPD_ENGINE:+--engine "$HTTPD_ENGINE"})
	limited=()
	cd "$BATS_TEST_TMPDIR" || return
	mkdir www
	echo hello >www/a.txt
}

teardown() {
	kill_server
}

# serve PLACES ARGUMENT...: starts the server, the log to the file "log", and waits until it has said where it serves, as many times
# as there are places. pid is its own, urls are what it said; what it says then comes from said.
serve() {
	serve_as www "$@"
}

# serve_as FOLDER PLACES ARGUMENT...: the same, where the folder is called so.
serve_as() {
	local folder=$1 places=$2
	shift 2
	rm -f says
	mkfifo says
	setpriv --pdeathsig KILL "${limited[@]}" "$httpd" "${engine[@]}" --port 0 "$@" >>log 2>says 3>&- &
	pid=$!
	exec {says}<says
	urls=()
	while ((${#urls[@]} < places)); do
		said
		[[ $sentence == "httpd: serving '$folder' at "* ]]
		urls+=("${sentence##* at }")
	done
}

# port_of URL
port_of() {
	local port=${1%/}
	echo "${port##*:}"
}

# ended SIGNAL [SECONDS]: the server ends by this signal, with status 0 and without another word, and none of its processes is left. It has
# so many seconds for answers under way, by default none, and two more: what does not end by itself is cut off after three seconds and
# killed after five, with status 0 all the same.
ended() {
	local start=${EPOCHREALTIME/[.,]/} took
	kill -s "$1" "$pid"
	wait "$pid"
	took=$((${EPOCHREALTIME/[.,]/} - start))
	echo "it ended within $took us"
	((took < (${2-0} + 2) * 1000000))
	run -1 read -r -t 1 _ <&"$says" # the end of the pipe
	pid=
}

# workers: the processes of the server that serve, by number.
workers() {
	pgrep -P "$pid" | sort -n
}

# workers_are COUNT: waits until there are so many.
workers_are() {
	SECONDS=0
	until (($(workers | wc -l) == $1)); do
		((SECONDS < 20))
		sleep 0.02
	done
}

# logged COUNT: waits until so many lines are in the log.
logged() {
	SECONDS=0
	until (($(wc -l <log) >= $1)); do
		((SECONDS < 20))
		sleep 0.02
	done
}

# gone PROCESS...: waits until none of them is there.
gone() {
	local process
	SECONDS=0
	for process; do
		while kill -0 "$process" 2>/dev/null; do
			((SECONDS < 20))
			sleep 0.02
		done
	done
}

# load_it ARGUMENT...: tests/load.py, against the first place.
load_it() {
	timeout -k 5 60 "$BATS_TEST_DIRNAME/load.py" "${urls[0]}" "$@"
}

# given SOCKET...: the options of this are listening sockets that are given to what is started with it: tcp, unix:PATH, udp (which
# does not listen), idle (which could), nonblocking.
given() {
	cat >given.py <<-'END'
		import os, socket, sys
		kinds, command = sys.argv[1].split(","), sys.argv[2:]
		sockets = []
		for kind in kinds:
		    family = socket.AF_UNIX if kind.startswith("unix:") else socket.AF_INET
		    one = socket.socket(family, socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM)
		    one.bind(kind[5:] if family == socket.AF_UNIX else ("127.0.0.1", 0))
		    if kind not in ("udp", "idle"):
		        one.listen(100)
		    one.setblocking(kind != "nonblocking")
		    sockets.append(os.dup(one.fileno()) if one.fileno() < 100 else one.fileno())
		copies = [os.dup2(fd, 200 + i) for i, fd in enumerate(sockets)]
		for i, fd in enumerate(copies):
		    os.dup2(fd, 3 + i)
		    os.set_inheritable(3 + i, True)
		os.environ["LISTEN_FDS"] = os.environ.get("WRONG_FDS", str(len(sockets)))
		os.environ["LISTEN_PID"] = os.environ.get("WRONG_PID", str(os.getpid()))
		os.closerange(3 + len(sockets), 300)
		os.execvp(command[0], command)
	END
	limited=(python3 "$PWD/given.py" "$1")
}

@test "several addresses: each is told, and each is served" {
	serve 3 -a 127.0.0.1 --address 127.0.0.2 --address unix:sock www
	[[ ${urls[0]} =~ ^http://127\.0\.0\.1:[0-9]+/$ && ${urls[1]} =~ ^http://127\.0\.0\.2:[0-9]+/$ && ${urls[2]} == unix:sock ]]
	for _ in {1..20}; do # more than there are accepts in flight for each
		[ "$(fetch "${urls[0]}a.txt")" = hello ]
		[ "$(fetch "${urls[1]}a.txt")" = hello ]
		[ "$(fetch --unix-socket sock http://a/a.txt)" = hello ]
	done
	ended TERM
	[ "$(grep -c '^127\.0\.0\.1 - - \[.*"GET /a.txt HTTP/1.1" 200 6$' log)" -eq 40 ]
	[ "$(grep -c '^unix: - - \[.*"GET /a.txt HTTP/1.1" 200 6$' log)" -eq 20 ]
	mapfile -t many < <(printf -- '--address=127.0.0.%s\n' {1..17})
	fails 2 '--address may be given 16 times, not more' "${many[@]}" www
	fails 2 '--address wants *unix: and a path*' -a unix: www
}

@test "a port that is taken at one of several addresses: status 1, and nothing stays" {
	serve 1 www
	port=$(port_of "${urls[0]}")
	fails 1 "cannot listen at http://127.0.0.1:$port/ (another program does*(EADDRINUSE)" \
		-a unix:gone -a 127.0.0.1 -p "$port" www
	[ ! -e gone ]
	ended TERM
}

@test "a unix socket: for all, removed at the end, and not taken from who listens there" {
	serve 1 -a unix:sock www
	[ "$(stat -c '%a %F' sock)" = '666 socket' ]
	fails 1 'cannot listen at unix:sock (another program does; choose another path, or stop it): *(EADDRINUSE)' -a unix:sock www
	[ "$(fetch --unix-socket sock http://a/a.txt)" = hello ]
	ended TERM
	[ ! -e sock ]
	fails 1 'cannot listen at unix:www/a.txt (there is something that is no socket;*(EEXIST)' -a unix:www/a.txt www
	[ "$(<www/a.txt)" = hello ]
	fails 1 'cannot listen at unix:none/sock: *(ENOENT)' -a unix:none/sock www
	fails 1 'cannot listen at unix:*(the path of a socket has 107 bytes at most)*(ENAMETOOLONG)' -a "unix:$(printf %0108d 0)" www
	serve 1 -a "unix:$(printf %0107d 0)" www
	ended TERM
}

@test "a unix socket that was left behind is replaced; one that was replaced is left alone" {
	serve 1 -a unix:sock www
	kill -KILL "$pid"
	wait "$pid" || true
	until ! fetch --unix-socket sock http://a/a.txt >/dev/null 2>&1; do
		sleep 0.02
	done
	[ -S sock ]
	serve 1 -a unix:sock www
	[ "$(fetch --unix-socket sock http://a/a.txt)" = hello ]
	rm sock
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
	ended TERM
	[ -S sock ]
}

@test "LISTEN_FDS: sockets that were given are served, whatever they are" {
	given tcp,nonblocking,unix:sock
	serve 3 --quiet www
	[[ ${urls[0]} == http://127.0.0.1:* && ${urls[1]} == http://127.0.0.1:* && ${urls[2]} == unix:sock ]]
	for _ in {1..10}; do
		[ "$(fetch "${urls[0]}a.txt")" = hello ]
		[ "$(fetch "${urls[1]}a.txt")" = hello ]
		[ "$(fetch --unix-socket sock http://a/a.txt)" = hello ]
	done
	ended TERM
	[ -S sock ] # whose it is
	rm sock
	# And those that are chosen beside them.
	given tcp
	serve 2 -a unix:sock www
	[[ "${urls[*]}" == *unix:sock* && "${urls[*]}" == *http://* ]]
	ended TERM
}

@test "LISTEN_FDS for another process is nothing to us" {
	given idle
	export WRONG_PID=1
	serve 1 www
	[ "$(fetch "${urls[0]}a.txt")" = hello ]
	ended TERM
}

@test "LISTEN_FDS that are not what they are said to be: status 1 and why" {
	given tcp,udp
	fails 1 'descriptor 4, which LISTEN_FDS gives, is no listening stream socket: *(EPROTOTYPE)' www
	given idle
	fails 1 'descriptor 3, which LISTEN_FDS gives, is no listening stream socket: *(EINVAL)' www
	given tcp
	export WRONG_FDS=2
	fails 1 'descriptor 4, which LISTEN_FDS gives, is no listening stream socket: *(EBADF)' www
	export WRONG_FDS=17
	fails 1 'LISTEN_FDS is not a number of sockets, *' www
	export WRONG_FDS=x
	fails 1 'LISTEN_FDS is not a number of sockets, *' www
}

@test "as many workers as processors that may be used, or as many as are wanted" {
	serve 1 www
	workers_are "$(nproc)"
	ended TERM
	limited=(taskset -c 0)
	serve 1 www
	workers_are 1
	ended TERM
	limited=()
	serve 1 --workers 5 www
	workers_are 5
	ended TERM
	fails 2 '--workers wants a number from 1 to 64*' --workers 0 www
	fails 2 '--workers wants a number from 1 to 64*' --workers 65 www
}

@test "a worker that is killed has another take its place, and no client but its own notices" {
	serve 1 --workers 2 www
	mapfile -t old < <(workers)
	# 64 clients ask without pause, each by a connection of its own or by one that it keeps; one worker dies meanwhile.
	load_it --keep 32 --close 32 --until stop >lost &
	load=$!
	logged 500
	kill -KILL "${old[0]}"
	said
	[[ $sentence == "httpd: worker ${old[0]} was ended by signal 9 (SIGKILL); another takes its place in 100 ms" ]]
	workers_are 2
	logged $(($(wc -l <log) + 500))
	: >stop
	wait $load
	cat lost
	# Each client had one request on the way at most; those of the other worker lost none.
	[[ $(<lost) =~ ^'answered '([0-9]+)' lost '([0-9]+)' worst '([0-9]+)$ ]]
	((BASH_REMATCH[1] > 100 && BASH_REMATCH[2] <= 64 && BASH_REMATCH[3] <= 1))
	[ "$(workers | grep -cxF "${old[1]}")" -eq 1 ]
	ended TERM
}

@test "a worker that dies again and again is started again, after longer and longer" {
	serve 1 --workers 1 www
	for pause in 100 200 400; do
		workers_are 1
		[ "$(fetch --retry 5 "${urls[0]}a.txt")" = hello ]
		kill -SEGV "$(workers)" || true
		said # a fault is explained, in several lines
		until [[ $sentence == 'httpd: worker '* ]]; do
			said
		done
		[[ $sentence == *"; another takes its place in $pause ms" ]]
	done
	workers_are 1
	[ "$(fetch "${urls[0]}a.txt")" = hello ]
	ended INT
}

@test "when the parent is killed its workers end" {
	for kind in kernel emulated; do
		engine=(--engine "$kind")
		serve 1 --workers 2 www
		mapfile -t old < <(workers)
		exec {idle}<>"/dev/tcp/127.0.0.1/$(port_of "${urls[0]}")" # who does not keep them
		kill -KILL "$pid"
		wait "$pid" || true
		gone "${old[@]}"
		exec {idle}>&-
	done
	pid=
}

@test "signals that reach workers are nothing to them: the parent tells them" {
	serve 1 --workers 2 www
	for signal in TERM INT HUP; do
		workers | xargs kill -s "$signal"
	done
	mapfile -t old < <(workers)
	[ "$(fetch "${urls[0]}a.txt" "${urls[0]}a.txt")" = $'hello\nhello' ]
	[ "$(workers | tr '\n' ' ')" = "${old[*]} " ]
	ended TERM
}

@test "SIGHUP under load: ten generations, and not one request is lost or refused" {
	for kind in kernel emulated; do
		engine=(--engine "$kind")
		serve 1 --workers 2 www
		rm -f stop
		load_it --keep 16 --close 16 --until stop >lost &
		load=$!
		for _ in {1..10}; do
			mapfile -t old < <(workers)
			kill -HUP "$pid"
			gone "${old[@]}" # what they were asked has been answered, and their clients have come to the new ones
		done
		workers_are 2
		: >stop
		wait $load
		cat lost
		[[ $(<lost) =~ ^'answered '([0-9]+)' lost 0 worst 0'$ ]]
		((BASH_REMATCH[1] > 100))
		ended TERM
	done
}

@test "SIGHUP: the folder and the types are opened anew" {
	ln -s www current
	mkdir new
	echo new >new/a.txt
	echo 'text/x-old txt' >types
	serve_as current 1 --workers 2 --mime-types types current
	[ "$(fetch --write-out '%{content_type}' "${urls[0]}a.txt")" = $'hello\ntext/x-old; charset=utf-8' ]
	ln -sfn new current
	echo 'text/x-new txt' >types
	mapfile -t old < <(workers)
	kill -HUP "$pid"
	gone "${old[@]}"
	[ "$(fetch --write-out '%{content_type}' "${urls[0]}a.txt")" = $'new\ntext/x-new; charset=utf-8' ]

	# What is wrong then is told, and nothing changes.
	mapfile -t old < <(workers)
	echo 'nonsense' >types
	kill -HUP "$pid"
	said
	[[ $sentence == 'httpd: types:1: '* ]]
	said
	[ "$sentence" = 'httpd: after SIGHUP nothing has changed: the old workers go on' ]
	rm current
	kill -HUP "$pid"
	said
	[[ $sentence == "httpd: cannot serve 'current' "*'(ENOENT)' ]]
	said
	[ "$sentence" = 'httpd: after SIGHUP nothing has changed: the old workers go on' ]
	[ "$(workers | tr '\n' ' ')" = "${old[*]} " ]
	[ "$(fetch --write-out '%{content_type}' "${urls[0]}a.txt")" = $'new\ntext/x-new; charset=utf-8' ]
	ended TERM
}

@test "SIGHUP: a long answer is finished by the worker that began it, whatever SIGTERM would give it" {
	head -c 30000000 /dev/urandom >www/big
	serve 1 --workers 1 www
	first=$(workers)
	# Who asks takes a little, and the rest, which is more than sockets hold, after the three seconds that SIGTERM would leave it.
	exec {slow}<>"/dev/tcp/127.0.0.1/$(port_of "${urls[0]}")"
	printf 'GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&"$slow"
	head -c 100 <&"$slow" >got
	kill -HUP "$pid"
	workers_are 2
	[ "$(fetch "${urls[0]}a.txt")" = hello ]
	sleep 4
	[ "$(workers | grep -cxF "$first")" -eq 1 ]
	cat <&"$slow" >>got
	exec {slow}>&-
	tail -c 30000000 got | cmp - www/big
	gone "$first"
	ended TERM
}

@test "the end: what is being sent arrives whole, whichever worker sends it; a second signal is the end at once" {
	head -c 30000000 /dev/urandom >www/big
	for kind in kernel emulated; do
		engine=(--engine "$kind")
		serve 1 --workers 3 www
		for i in {1..6}; do
			fetch --limit-rate 20M "${urls[0]}big" >"got$i" &
			curls[i]=$!
		done
		for i in {1..6}; do
			until [ -s "got$i" ]; do sleep 0.02; done
		done
		ended TERM 2
		for i in {1..6}; do
			wait "${curls[i]}"
			cmp "got$i" www/big
		done
	done
	serve 1 --workers 2 www
	fetch --limit-rate 1M "${urls[0]}big" >got &
	curl=$!
	until [ -s got ]; do sleep 0.02; done
	mapfile -t old < <(workers)
	SECONDS=0
	kill -TERM "$pid"
	sleep 0.1
	kill -INT "$pid"
	wait "$pid"
	((SECONDS <= 1))
	run ! kill -0 "${old[@]}"
	run ! wait $curl
	pid=
}

@test "SIGHUP while the first workers start: they are replaced too, and hold nothing of each other" {
	mkfifo says
	setpriv --pdeathsig KILL "$httpd" "${engine[@]}" --port 0 --workers 8 www >>log 2>says 3>&- &
	pid=$!
	exec {says}<says
	SECONDS=0
	until first=$(pgrep -P "$pid" | head -1) && [[ $first ]]; do
		((SECONDS < 20))
		sleep 0.002
	done
	kill -s HUP "$pid"
	said
	gone "$first"
	workers_are 8
	for worker in $(workers); do
		(($(find "/proc/$worker/fd" -lname "$PWD/www" | wc -l) == 1))
	done
	ended TERM
}

@test "who ignores the end of children starts it: workers are replaced, and it ends" {
	limited=(python3 -c 'import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])')
	serve 1 --workers 2 www
	kill -KILL "$(workers | head -1)"
	said
	[[ $sentence == 'httpd: worker '*'SIGKILL'* ]]
	workers_are 2
	ended TERM
}

# The kernel's accept waits where another process was quicker. accept(2), behind a poll, must not: here each is so late that another
# always was.
@test "workers that emulate and have one socket do not wait for each other" {
	limited=(strace --daemonize --follow-forks --quiet=all --output=/dev/null --trace=accept4 --inject=accept4:delay_enter=50000)
	serve 1 --engine emulated --workers 2 --address "unix:$PWD/socket" www
	python3 - "$PWD/socket" <<-'END'
		import socket, sys
		def connect():
		    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		    one.settimeout(5)
		    one.connect(sys.argv[1])
		    return one
		def ask(one):
		    one.sendall(b"GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n")
		    assert one.recv(4096).startswith(b"HTTP/1.1 200 ")
		kept = [connect() for _ in range(8)]
		for _ in range(4):
		    ask(connect())
		    for one in kept:
		        ask(one)  # a worker that waits in accept(2) answers nobody
	END
	SECONDS=0
	ended TERM
	((SECONDS <= 3)) # one of them is what "without another word" takes
}

@test "the log of several workers has whole lines, in a file and in a pipe, and each of them" {
	for way in file pipe; do
		rm -f log stop says
		mkfifo says
		long=$(printf %0800d 0)
		if [ $way = pipe ]; then
			mkfifo pipe
			exec {hold}<>pipe # nobody reads yet, so that each worker has much to write at once
			setpriv --pdeathsig KILL "$httpd" "${engine[@]}" --port 0 --workers 4 www >pipe 2>says 3>&- &
		else
			setpriv --pdeathsig KILL "$httpd" "${engine[@]}" --port 0 --workers 4 www >log 2>says 3>&- & # not to append
		fi
		pid=$!
		exec {says}<says
		said
		urls=("${sentence##* at }")
		load_it --keep 40 --path "/a.txt?$long%22%ff" --until 8000 >lost
		cat lost
		if [ $way = pipe ]; then
			cat pipe >log {hold}>&- &
			cat=$!
			exec {hold}>&-
		fi
		ended TERM
		[[ $way = file ]] || wait "$cat"
		[[ $(<lost) =~ ^'answered '([0-9]+)' lost 0 worst 0'$ ]]
		answered=${BASH_REMATCH[1]}
		((answered >= 8000))
		shape="^127\\.0\\.0\\.1 - - \\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}(:[0-9]{2}){3} \\+0000\\] \"GET /a\\.txt\\?$long%22%ff HTTP/1\\.1\" 200 6\$"
		run ! grep -vE "$shape" log
		[ "$(wc -l <log)" -eq "$answered" ]
	done
}

# in_a_machine_of_its_own COMMAND...: with a network, processes, /run and /srv that nobody else has. /srv has a.txt and the folder dist.
in_a_machine_of_its_own() {
	timeout -k 5 100 "${own[@]}" bash -c '
		python3 -c "import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack(\"16sH14x\", b\"lo\", 1))" # SIOCSIFFLAGS, IFF_UP
		mount -t tmpfs none /run && mount -t tmpfs none /srv || exit
		mkdir /srv/dist && echo hello >/srv/a.txt && echo page >/srv/dist/index.html
		cd /srv && "$@"' - "$@"
}

# example COMMAND PLACES: what a user of httpd(8) would see. A server serves in so many places, where it says, until Ctrl-C; another
# command does something to one that serves, which has new workers then.
example() {
	local server says urls=() url old
	echo "== $1"
	if [[ $1 != httpd* ]]; then
		httpd 2>/run/says &
		server=$!
		until grep -q serving /run/says; do sleep 0.02; done
		mapfile -t old < <(pgrep -P "$server")
		eval "$1"
		until ! kill -0 "${old[@]}" 2>/dev/null; do sleep 0.02; done
		fetch http://127.0.0.1:8080/a.txt | grep -x hello
		kill -TERM "$server"
		wait "$server"
		return
	fi
	mkfifo /run/says
	eval "exec $1" 2>/run/says &
	server=$!
	exec {says}</run/says
	while ((${#urls[@]} < $2)); do
		IFS= read -r -t 20 url <&"$says"
		[[ $url == "httpd: serving '"*"' at "* ]] # and nothing else
		urls+=("${url##* at }")
	done
	for url in "${urls[@]}"; do
		echo "$url"
		case $url in
		unix:*) fetch --unix-socket "${url#unix:}" http://a/ ;;
		*'[::]'*) fetch "${url/::/::1}" ;;
		*) fetch "$url" ;;
		esac | grep -e a.txt -e page
	done
	kill -INT "$server"
	wait "$server"
}

@test "every example of httpd(8) does what it is there for" {
	own=(unshare --net --mount --pid --fork --mount-proc --kill-child)
	(($(id -u) == 0)) || own+=(--map-root-user)
	"${own[@]}" true 2>/dev/null || skip 'no namespaces may be made here'
	ln -s "$httpd" httpd
	PATH=$PWD:$PATH
	export -f example fetch
	mapfile -t examples < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAGNOSTICS/s/^\.Dl //p' "$BATS_TEST_DIRNAME/../apps/httpd/httpd.8")
	((${#examples[@]} > 4))
	for line in "${examples[@]}"; do
		[[ $line == *'-a ::'* && ! -e /proc/net/if_inet6 ]] && continue # a machine without IPv6
		places=$(grep -o -e ' -a ' <<<"$line" | wc -l)
		in_a_machine_of_its_own bash -euc 'example "$@"' - "$line" "$((places > 0 ? places : 1))"
	done
}
