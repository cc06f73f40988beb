#!/usr/bin/env bats
# tests/httpd_failures.bats: calls that fail: at the start, each of them in turn; later, those that a full machine makes fail. Never a
# crash, never a leak; a word where somebody can do something about it; and service goes on.
#
# strace makes them fail. To the kernel they are calls of no number then, at which a filter of system calls ends the process; so httpd is
# told that there are no such filters (tests/programs/forbid.c). What goes through the ring it does not see, so while httpd serves it is
# the emulated ring whose calls fail; how httpd answers the errors is the same.

# shellcheck disable=SC2016 # what is quoted so is meant so
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=300

load helpers
load httpd

setup() {
	command -v strace >/dev/null || skip 'there is no strace'
	httpd=$out/$(uname -m)/bin/httpd
	unfiltered=("$out/$(uname -m)/tests/forbid" seccomp=EINVAL)
	# One process serves, so that one process fails.
	one=(--workers 1)
	cd "$BATS_TEST_TMPDIR" || return
	mkdir -p www/sub
	echo hello >www/a.txt
	head -c 200000 /dev/urandom >www/large
}

teardown() {
	kill_server
}

# serve INJECTION [OPTION]...: starts the server with these calls failing. Sets pid, which is strace's, and url.
serve() {
	local line='' inject=$1
	shift
	rm -f says
	mkfifo says
	setpriv --pdeathsig KILL strace -f -qq -o calls -e "inject=$inject" -e "trace=${inject%%:*}" -e 'signal=none' \
		setpriv --pdeathsig KILL "${unfiltered[@]}" "$httpd" "${one[@]}" --port 0 "$@" www >>log 2>says 3>&- &
	pid=$!
	exec {says}<says
	while [[ $line != "httpd: serving "* ]]; do
		IFS= read -r -t 60 line <&"$says"
		echo "$line"
	done
	url=${line##*" at "}
}

# serving: the number of the process that serves: the youngest of the family.
serving() {
	local last=$pid next
	while next=$(pgrep -P "$last" | tail -n 1) && [[ $next ]]; do
		last=$next
	done
	echo "$last"
}

# ended: it ends by SIGTERM, with status 0.
ended() {
	kill "$(pgrep -P "$pid" | head -n 1)"
	wait "$pid"
	pid=
	exec {says}<&-
}

descriptors() {
	find "/proc/$(serving)/fd" -mindepth 1 2>/dev/null | wc -l
}

# Waits until the server has as many descriptors as COUNT again.
descriptors_are() {
	local left=200
	until (($(descriptors) == $1)); do
		((left-- > 0))
		sleep 0.05
	done
}

# Which calls it makes before it waits for the first client, as lines of "name how many-th".
calls_of_start() {
	strace -f -qq -o all -e 'signal=none' "${unfiltered[@]}" "$httpd" "${one[@]}" "$@" --port 0 www 2>says.start >/dev/null &
	local tracer=$!
	until grep -q '^httpd: serving' says.start; do
		sleep 0.05
	done
	kill "$(pgrep -P "$tracer" | head -n 1)"
	wait "$tracer" || true
	# Each process has its own count. Of the program's own only: from its execve on. "resumed" lines were counted when they began.
	awk '/ execve\(/ { split("", count); split("", seen); began = 1; lines = ""; next }
		/ write\(2, "httpd: serving/ { over = 1 }
		!began || over || /resumed>/ { next }
		{ name = $2; sub(/\(.*/, "", name) }
		/ (io_uring_enter|epoll_pwait)\(/ { done[$1] = 1 }
		done[$1] || name !~ /^[a-z_0-9]+$/ { next }
		{ count[$1 name]++; if (!((name, count[$1 name]) in seen)) { seen[name, count[$1 name]] = 1; lines = lines name " " count[$1 name] "\n" } }
		END { printf "%s", lines }' all |
		grep -vE '^(write|exit_group|exit|execve|rt_sigreturn|clock_gettime|getpid|getppid|gettid|ppoll|wait4) '
}

# fails_well NAME NTH ERROR OPTION...: with this call failing httpd either says one sentence and ends with 1, or serves.
fails_well() {
	local name=$1 nth=$2 error=$3 status=0 line
	shift 3
	: >says.one
	setpriv --pdeathsig KILL timeout -s KILL 60 strace -f -qq -o /dev/null -e "inject=$name:error=$error:when=$nth" -e "trace=$name" \
		-e signal=none setpriv --pdeathsig KILL "${unfiltered[@]}" "$httpd" "${one[@]}" "$@" --port 0 www 2>says.one >/dev/null 3>&- &
	pid=$!
	until grep -q '^httpd: serving' says.one; do
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.02
	done
	if grep -q '^httpd: serving' says.one; then
		line=$(sed -n 's/^httpd: serving .* at //p' says.one)
		[ "$(fetch "${line}a.txt")" = hello ] || grep -q 'another takes its place' says.one || status=200
		kill "$(pgrep -P "$(pgrep -P "$pid" strace)" | head -n 1)"
		wait "$pid" || status=$?
		# A worker that fails in this way has others take its place, which fail likewise, until it is told to stop.
		(($(grep -vcE 'another takes its place|orders of its parent' says.one) <= 3)) || status=201
	else
		wait "$pid" || status=$?
		sed -i '/; going on without$/d' says.one
		# The run-time of the program has no more words than these. [crt/start.c]
		if [[ $(<says.one) == 'crt: set-up refused' ]]; then
			((status == 127)) && status=0
		elif ((status == 1 && $(grep -c '^httpd: ' says.one) >= 1 && $(wc -l <says.one) <= 2)); then
			status=0
		else
			status=$((status ? status : 202))
		fi
	fi
	pid=
	((status == 0)) && return
	echo "$name, the ${nth}th, with $error: status $status, and it said:"
	cat says.one
	return 1
}

start_fails() {
	local name nth bad=0
	calls_of_start "$@" >list
	echo "# $(wc -l <list) calls: $(tr '\n' ';' <list)" >&3
	(($(wc -l <list) > 20))
	while read -r name nth; do
		# setpriv and forbid, which strace starts, make calls too, in the same process: what is counted begins there.
		nth=$((nth + $(calls_before "$name")))
		fails_well "$name" "$nth" EIO "$@" || bad=$((bad + 1))
	done <list
	((bad == 0))
}

# calls_before NAME: how often setpriv and forbid make the call before they become httpd.
calls_before() {
	[ -e setpriv.calls ] || strace -f -qq -o setpriv.calls -e signal=none setpriv --pdeathsig KILL "${unfiltered[@]}" "$httpd" --version >/dev/null
	awk -v name="$1" '/ execve\(/ { if (++execs == 3) exit } $2 ~ "^" name "\\(" { count++ } END { print count + 0 }' setpriv.calls
}

@test "each call of the start fails in turn: a sentence and status 1, or it serves without" {
	start_fails --engine kernel
}

@test "each call of the start fails in turn, emulated" {
	start_fails --engine emulated
}

@test "accept fails for want of anything: a word, a pause, and it goes on" {
	for error in EMFILE ENFILE ENOBUFS ENOMEM; do
		serve "accept4:error=$error:when=1..2" --engine emulated
		[ "$(fetch "${url}a.txt")" = hello ]
		said
		[[ $sentence == "httpd: "*"($error)"* ]]
		before=$(descriptors)
		for _ in 1 2 3; do
			[ "$(fetch "${url}a.txt")" = hello ]
		done
		descriptors_are "$before"
		ended
	done
}

@test "open fails for want of anything: 503, and the next is answered" {
	for error in EMFILE ENFILE ENOMEM; do
		serve "openat2:error=$error:when=4..40" --engine emulated
		before=$(descriptors)
		statuses=
		for _ in {1..60}; do
			statuses+=$(fetch --output body --write-out '%{http_code} ' "${url}a.txt")
		done
		echo "$statuses"
		[[ $statuses == *503* && $statuses == *'200 ' ]]
		descriptors_are "$before"
		ended
	done
}

@test "what a connection needs fails: it is closed, its descriptors with it, and others are served" {
	while read -r call error when; do
		serve "$call:error=$error:when=${when:-3..8}" --engine emulated
		before=$(descriptors)
		good=0
		for _ in {1..30}; do
			# What is short is no answer: curl must notice. [RFC 9112 §8]
			if fetch --fail --output body "${url}large" && cmp body www/large; then
				good=$((good + 1))
			fi
			fetch --fail "${url}sub/" >page || true
			fetch --header 'Host: a b' "$url" >page || true # malformed: what else comes on the connection is read and dropped
		done
		echo "$call $error: $good"
		((good >= 15))
		descriptors_are "$before"
		ended
		grep -q '(INJECTED)$' calls
	done <<-'EOF'
		recvfrom ENOMEM
		recvmsg ENOMEM
		sendto ENOBUFS
		sendmsg ENOBUFS
		sendfile EIO
		preadv2 EIO
		getdents64 EIO
		statx ENOMEM
		lseek EIO
		writev EIO
		madvise ENOMEM 20..30
		epoll_ctl ENOMEM 8..12
		epoll_ctl ENOSPC 8..12
		shutdown ENOTCONN
		inotify_add_watch ENOSPC
		read EIO
	EOF
}

@test "a log that is full: a word, and service goes on" {
	for engine in kernel emulated; do
		mkfifo full.says
		setpriv --pdeathsig KILL "$httpd" "${one[@]}" --engine "$engine" --port 0 www >/dev/full 2>full.says 3>&- &
		pid=$!
		exec {says}<full.says
		rm full.says
		said
		url=${sentence##*" at "}
		for _ in {1..5}; do
			[ "$(fetch "${url}a.txt")" = hello ]
		done
		said
		[[ $sentence == 'httpd: '*'log'*'(ENOSPC)'* ]]
		kill "$pid"
		wait "$pid"
		pid=
	done
}

@test "a folder that is replaced, or removed, while it is served: the one of the start, and no crash" {
	for engine in kernel emulated; do
		mkdir -p first
		echo first >first/a.txt
		mkfifo says
		setpriv --pdeathsig KILL "$httpd" "${one[@]}" --engine "$engine" --port 0 first >log 2>says 3>&- &
		pid=$!
		exec {says}<says
		rm says
		said
		url=${sentence##*" at "}
		[ "$(fetch "${url}a.txt")" = first ]
		mv first second
		mkdir first
		echo other >first/a.txt
		[ "$(fetch "${url}a.txt")" = first ]
		[[ $(fetch "$url") == *a.txt* ]]
		rm -r second
		# What is kept of a file may be kept for a second.
		for _ in {1..100}; do
			status=$(fetch --output /dev/null --write-out '%{http_code}' "${url}a.txt")
			[[ $status == 200 ]] || break
			sleep 0.05
		done
		[[ $status == 404 ]]
		[[ $(fetch --output /dev/null --write-out '%{http_code}' "$url") =~ ^(200|404)$ ]]
		kill "$pid"
		wait "$pid"
		pid=
		rm -r first
	done
}
