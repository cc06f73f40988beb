#!/usr/bin/env bats
# tests/httpd_workers.bats: where httpd listens, and the processes that it is: workers, the parent that keeps them, generations.
#
# Each test starts its own server, which dies with it, on ports that the kernel chooses. HTTPD_ENGINE names who works the ring off.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120

load helpers

setup() {
	httpd=$out/$(uname -m)/bin/httpd
	engine=(${HTTPD_ENGINE:+--engine "$HTTPD_ENGINE"})
	before=()
	cd "$BATS_TEST_TMPDIR" || return
	mkdir www
	echo hello >www/a.txt
}

teardown() {
	[[ ! ${pid-} ]] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
}

# serve PLACES ARGUMENT...: starts the server, the log to the file "log", and waits until it has said where it serves, as many times
# as there are places. pid is its own, urls are what it said; what it says then comes from said.
serve() {
	local places=$1
	shift
	rm -f says
	mkfifo says
	setpriv --pdeathsig KILL "${before[@]}" "$httpd" "${engine[@]}" --port 0 "$@" >>log 2>says 3>&- &
	pid=$!
	exec {says}<says
	urls=()
	while ((${#urls[@]} < places)); do
		said
		[[ $sentence == "httpd: serving 'www' at "* ]]
		urls+=("${sentence##* at }")
	done
}

# said: the next sentence of the server.
said() {
	IFS= read -r -t 20 sentence <&"$says"
	echo "$sentence"
}

# ended SIGNAL: the server ends by this signal, with status 0 and without another word.
ended() {
	kill -s "$1" "$pid"
	wait "$pid"
	run ! read -r -t 1 _ <&"$says"
	pid=
}

fetch() {
	curl --silent --show-error --globoff --max-time 20 "$@"
}

# fails STATUS SENTENCE ARGUMENT...: the server does not start; it says this, in one line, and no more.
fails() {
	local status_expected=$1 expected=$2
	shift 2
	run --separate-stderr timeout -k 1 10 "${before[@]}" "$httpd" "$@"
	echo "status $status: $output / $stderr"
	[ "$status" -eq "$status_expected" ]
	[ -z "$output" ]
	expected=${expected//'('/[(]} # or "*(x)" would be a pattern of its own
	[[ $stderr == "httpd: "$expected ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

# given SOCKET...: the options of this are listening sockets that are given to what is started with it: tcp, tcp6, unix:PATH, udp
# (which does not listen), idle (which could), nonblocking.
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
	before=(python3 "$PWD/given.py" "$1")
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
	port=${urls[0]%/} port=${port##*:}
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
