#!/usr/bin/env bats
# tests/httpd_sandbox.bats: what httpd gives up before its first client, as whom it serves, and what it says where it cannot.
#
# That each part of the sandbox holds what it promises is tried in tests/unit/httpd_sandbox.c; here, that httpd enters it. And all of
# tests/httpd.bats and tests/httpd_emulated.bats runs inside.

# shellcheck disable=SC2016 # what is quoted so is meant so
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120

load helpers
load httpd

setup() {
	root=${BATS_TEST_DIRNAME%/tests}
	httpd=$out/$(uname -m)/bin/httpd
	forbid=$out/$(uname -m)/tests/forbid
	before=()
	cd "$BATS_TEST_TMPDIR" || return
	chmod 755 .
	mkdir www
	echo hello >www/a.txt
}

teardown() {
	kill_server
}

# serve [OPTION]...: starts the server for www, behind the words of the array before. Sets pid, url, and words: what it said until it
# listened.
serve() {
	local line=''
	mkfifo says
	setpriv --pdeathsig KILL "${before[@]}" "$httpd" --workers 1 --port 0 "$@" www >log 2>says 3>&- &
	pid=$!
	exec {says}<says
	rm says
	words=()
	while [[ $line != "httpd: serving "* ]]; do
		IFS= read -r -t 30 line <&"$says"
		echo "$line"
		words+=("$line")
	done
	unset 'words[-1]'
	url=${line##*" at "}
}

# worker: the number of the process that serves.
worker() {
	pgrep -P "$pid" -x httpd
}

# of FIELD: what /proc says of it.
of() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$(worker)/status"
}

# ends STATUS PATTERN ARGUMENT...: httpd ends with this status, and says this.
ends() {
	local expected=$1 pattern=$2
	shift 2
	run timeout -k 5 30 "${before[@]}" "$httpd" --workers 1 --port 0 "$@" www
	echo "status $status: $output"
	[ "$status" -eq "$expected" ]
	# shellcheck disable=SC2053
	[[ $output == $pattern ]]
}

# with_landlock: skips the test where this kernel has none.
with_landlock() {
	# landlock_create_ruleset(nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION), which has this number on every machine.
	python3 -c 'import ctypes; exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)' || skip 'this kernel has no Landlock'
}

as_root() {
	(($(id -u) == 0)) || skip 'only root can become another user'
}

@test "the process that serves has no way to more, few calls, and of root's powers only that to read" {
	for engine in kernel emulated; do
		serve --engine "$engine"
		[ "$(of NoNewPrivs)" = 1 ]
		[ "$(of Seccomp)" = 2 ]
		for set in CapInh CapPrm CapEff CapAmb; do
			(((0x$(of $set) & ~4) == 0)) # CAP_DAC_READ_SEARCH [capability.h]
		done
		[ "$(curl --silent --max-time 20 "${url}a.txt")" = hello ]
		kill "$pid"
		wait "$pid"
	done
	pid=
}

# Which of its calls makes it: with what strace sees, in its order, none behind the first that waits for a client.
@test "all parts of the sandbox are entered, in their order, before the first client" {
	command -v strace >/dev/null || skip 'there is no strace'
	with_landlock
	before=(strace -f -o calls -e 'trace=execve,prctl,capset,landlock_restrict_self,io_uring_register,seccomp,io_uring_enter'
		setpriv --pdeathsig KILL)
	serve
	curl --silent --max-time 20 "${url}a.txt" >body
	[[ $(<body) == hello ]]
	kill "$(pgrep -P "$pid" -x httpd | head -1)"
	wait "$pid" || true
	pid=
	sed -E 's/^[0-9]+ +//; /^prctl/{/NO_NEW_PRIVS/!d}; /^(---|\+\+\+)/d; /resumed/d' calls | tac | sed '/^execve/,$d' | tac | sed -E 's/\(.*(RESTRICTIONS|ENABLE).*= 0/ \1/; s/\(.*= 0$//; s/\(.*//' |
		grep -vx io_uring_register | uniq | sed '/^io_uring_enter$/q' >order
	cat order
	diff order - <<-'EOF'
		prctl
		capset
		landlock_restrict_self
		io_uring_register RESTRICTIONS
		io_uring_register ENABLE
		seccomp
		io_uring_enter
	EOF
}

@test "the ring may do what the files of httpd push, and no more" {
	cd "$root"
	used=$(sed -n 's|//.*||; s/sqe_poll(/sqe_poll_add(/g; s/sqe_cancel(/sqe_async_cancel(/g; s/sqe_\([a-z0-9_]*\)(/\n\U\1\E\n/gp' apps/httpd/*.c |
		grep -x '[A-Z0-9_]*' | grep -vxE 'BUFFER_GROUP|POLL_FIRST|' | sort -u)
	allowed=$(grep -o 'OPERATION([A-Z0-9_]*)' apps/httpd/restrict.c | sed 's/.*(\(.*\))/\1/' | sort -u)
	diff <(echo "$used") <(echo "$allowed")
}

@test "what the kernel lacks is told in one line, and done without; or, with --require-sandbox, an error" {
	with_landlock
	while read -r call error lacks; do
		before=("$forbid" "$call=$error")
		serve
		[[ "${words[*]}" == "httpd: this kernel lacks $lacks; going on without" ]]
		[ "$(curl --silent --max-time 20 "${url}a.txt")" = hello ]
		kill "$pid"
		wait "$pid"
		ends 1 "*httpd: this kernel lacks $lacks, which --require-sandbox wants*" --require-sandbox
	done <<-'EOF'
		landlock_create_ruleset ENOSYS Landlock (ENOSYS)
		landlock_create_ruleset EOPNOTSUPP Landlock (EOPNOTSUPP)
		landlock_restrict_self E2BIG Landlock (E2BIG)
		seccomp EINVAL filters of system calls (EINVAL)
		capset ENOSYS capabilities that can be given up (ENOSYS)
	EOF
	pid=
	before=()
	serve --require-sandbox
	((${#words[@]} == 0))
	kill "$pid"
	wait "$pid"
	pid=
}

@test "--user: by name with its groups, by numbers" {
	as_root
	cat >passwd <<-'EOF'
		root:x:0:0:root:/root:/bin/sh
		server:x:4242:4243:::
		broken:x:42:::
	EOF
	cat >group <<-'EOF'
		root:x:0:
		server:x:4243:server
		logs:x:4244:other,server
		more:x:4245:server
	EOF
	chmod 644 passwd group
	echo secret >www/secret
	chmod 600 www/secret
	unshare --mount true 2>/dev/null || skip 'no namespace of mounts may be made here'
	before=(unshare --mount sh -c 'mount --bind passwd /etc/passwd && mount --bind group /etc/group && exec "$@"' sh)
	serve --user server
	[ "$(of Uid)" = $'4242\t4242\t4242\t4242' ]
	[ "$(of Gid)" = $'4243\t4243\t4243\t4243' ]
	read -ra groups <<<"$(of Groups)"
	[ "${groups[*]}" = '4244 4245' ]
	for set in CapInh CapPrm CapEff CapAmb; do
		((0x$(of $set) == 0))
	done
	[ "$(curl --silent --max-time 20 "${url}a.txt")" = hello ]
	[ "$(curl --silent --max-time 20 --output body --write-out '%{http_code}' "${url}secret")" = 403 ]
	kill "$pid"
	wait "$pid"
	ends 1 "httpd: there is no user 'nobody' in /etc/passwd *" --user nobody
	ends 1 "httpd: a line about 'broken' in /etc/passwd is not as it should be" --user broken
	ends 1 "httpd: --user 'root' is root, and wants somebody else" --user root
	before=()
	serve --user 4242:4200
	[ "$(of Uid)" = $'4242\t4242\t4242\t4242' ]
	[ "$(of Gid)" = $'4200\t4200\t4200\t4200' ]
	[ "$(of Groups)" = '' ]
	kill "$pid"
	wait "$pid"
	serve --user 4242
	[ "$(of Gid)" = $'4242\t4242\t4242\t4242' ]
	kill "$pid"
	wait "$pid"
	pid=
	ends 1 "httpd: --user '0:5' is root, and wants somebody else" --user 0:5
	for wrong in 33: 33:x 33:44:55 4294967296; do
		ends 2 "httpd: --user wants a name, or numbers such as 33 or 33:33, not '$wrong'" --user "$wrong"
	done
}

@test "--user, of one who is not root: an error" {
	as_root
	before=(setpriv --reuid 4242 --regid 4242 --clear-groups)
	ends 1 '*httpd: cannot become the user of --user (only root can): not permitted (EPERM)*' --user 4243
}
