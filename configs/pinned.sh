# shellcheck shell=sh
# configs/pinned.sh: installs what a file of pins names into the user's cache, once. Read by zigw and tests/fmt:
#
#     . configs/pinned.sh
#     pinned_cache                                    # sets $pinned_cache: .../ringlet
#     pinned toolchain.txt toolchain SIZE PROOF...    # sets $pinned: .../ringlet/toolchain/<hash of the pins>
#
# The folder is named after the pins, so it is right for ever once it is there: the fast path is one sha256sum and a
# look at the PROOF files, without Python and without network. The slow path fills a temporary sibling and renames it
# into place [rename(2): atomic on one file system]. So there is never half a folder under the final name, and of two
# runs at once the second to finish finds the place taken, removes its own and uses the first one's.
#
# It knows pip and the cache; it does not know what the tools are for. Every failure is one sentence and status 1.

# pinned_die SENTENCE: the last word of a program that cannot go on.
pinned_die() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit 1
}

# pinned_cache: finds the folder that all of Ringlet's cached things live in. A relative XDG_CACHE_HOME counts as unset, as its
# specification asks. [XDG Base Directory Specification, "Basics"]
pinned_cache() {
	case ${XDG_CACHE_HOME-} in
	/*) pinned_cache=$XDG_CACHE_HOME/ringlet ;;
	*)
		[ -n "${HOME-}" ] || pinned_die 'no place for the tools, because neither HOME nor XDG_CACHE_HOME (an absolute path) is set; set one of them.'
		pinned_cache=$HOME/.cache/ringlet
		;;
	esac
}

# pinned PINS NAME SIZE PROOF...: makes sure that what PINS names is installed, and sets $pinned to its folder. SIZE is
# for the user's eyes. Each PROOF is a path inside the folder that exists when the folder is whole.
pinned() {
	pinned_pins=$1 pinned_name=$2 pinned_size=$3
	shift 3
	pinned_key=$(sha256sum "$pinned_pins") || pinned_die "cannot compute the hash of $pinned_pins; is the checkout whole, and sha256sum (coreutils) installed?"
	pinned_key=${pinned_key#\\} # sha256sum marks a file name with odd characters so
	pinned_key=${pinned_key%"${pinned_key#????????????????}"}
	pinned=$pinned_cache/$pinned_name/$pinned_key
	pinned_whole "$pinned" "$@" || pinned_install "$@"
}

# pinned_whole FOLDER PROOF...: whether all of them are there; else $pinned_proof is one that is not.
pinned_whole() {
	pinned_folder=$1
	shift
	for pinned_proof; do
		[ -e "$pinned_folder/$pinned_proof" ] || return 1
	done
}

pinned_install() {
	# The pins have wheels for these hosts and no others.
	pinned_host="$(uname -s) $(uname -m)"
	case $pinned_host in
	'Linux x86_64' | 'Linux aarch64') ;;
	*) pinned_die "this host is $pinned_host, for which ${pinned_pins##*/} pins no tools; use a Linux host, x86_64 or aarch64." ;;
	esac
	command -v python3 >/dev/null || pinned_die 'python3 is missing, and the pinned tools are installed with it; install it (Debian: apt-get install python3 python3-pip).'
	python3 -m pip --version >/dev/null 2>&1 || pinned_die 'python3 has no pip, and the pinned tools are installed with it; install it (Debian: apt-get install python3-pip).'

	# The traps stand before the folder does, so there is no moment at which a signal leaves it behind. pip runs in the
	# background because a shell acts on a signal only between commands, or while it waits. A background child
	# ignores SIGINT [POSIX sh, 2.11], hence the SIGTERM that pinned_clean sends it.
	pinned_tmp='' pinned_pip=''
	trap 'pinned_clean' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	pinned_place
	[ -n "$pinned_tmp" ] || pinned_die "cannot write into $pinned_cache/$pinned_name, where the tools go; make it a writable folder, or set XDG_CACHE_HOME to one."

	printf '%s: fetching what %s pins (about %s, once) into %s\n' "${0##*/}" "${pinned_pins##*/}" "$pinned_size" "$pinned" >&2
	# TMPDIR: pip's own temporary files go away with ours, and need no second disk. The PIP_ variables undo settings with which
	# pip refuses --target (user, require-virtualenv) or waits for an answer to a question that only the log has seen.
	mkdir "$pinned_tmp/pip"
	TMPDIR=$pinned_tmp/pip PIP_USER=0 PIP_REQUIRE_VIRTUALENV=0 PIP_NO_INPUT=1 \
		python3 -m pip install --no-cache-dir --require-hashes --only-binary=:all: --no-deps \
		--target "$pinned_tmp/tree" -r "$pinned_pins" </dev/null >"$pinned_tmp/log" 2>&1 &
	pinned_pip=$!
	wait "$pinned_pip" || pinned_why "$?"
	pinned_pip=''

	pinned_whole "$pinned_tmp/tree" "$@" || pinned_die "pip installed no $pinned_proof; check that ${pinned_pins##*/} pins the right packages."
	# A folder that is there but not whole (someone removed half of it) moves aside, into what is removed at the end.
	pinned_whole "$pinned" "$@" || [ ! -e "$pinned" ] || mv -T "$pinned" "$pinned_tmp/broken" 2>/dev/null
	# With -T an existing folder is an obstacle, not a place to move into. If somebody was faster, theirs is as good.
	mv -T "$pinned_tmp/tree" "$pinned" 2>/dev/null
	pinned_whole "$pinned" "$@" || pinned_die "cannot move the tools to $pinned; remove what is there and try again."
	pinned_clean
	trap - EXIT
}

# pinned_place: makes $pinned_tmp, locked for as long as this shell or its pip lives, and removes what nobody has locked: a
# run that was killed could not. $pinned_tmp stays empty where there is no writing. flock(1) is of util-linux; without it
# nothing is locked and nothing removed.
pinned_place() {
	pinned_store=$pinned_cache/$pinned_name
	mkdir -p "$pinned_store" 2>/dev/null && [ -r "$pinned_store" ] || return
	exec 8<"$pinned_store" # locked meanwhile, so that nobody sees a folder before its own lock is there
	if flock -w 60 8 2>/dev/null; then
		for pinned_left in "$pinned_store"/.tmp.*; do
			[ ! -d "$pinned_left" ] || flock -n "$pinned_left" rm -rf "$pinned_left" 2>/dev/null
		done
	fi
	pinned_tmp=$(mktemp -d "$pinned_store/.tmp.XXXXXX" 2>/dev/null)
	if [ -n "$pinned_tmp" ]; then
		exec 9<"$pinned_tmp"
		flock 9 2>/dev/null
	fi
	exec 8<&-
}

# pinned_clean: stops pip if it runs, removes the temporary folder. Runs at every exit while a folder may be there.
pinned_clean() {
	trap '' HUP INT TERM
	if [ -n "$pinned_pip" ]; then
		kill "$pinned_pip" 2>/dev/null
		wait "$pinned_pip" 2>/dev/null # so that it writes nothing behind rm's back
	fi
	[ -z "$pinned_tmp" ] || rm -rf "$pinned_tmp"
	exec 9<&-
	pinned_tmp='' pinned_pip=''
	trap - HUP INT TERM
}

# pinned_why STATUS: pip has failed. Its log says why, in many words; find the cause, say it in one sentence with the
# cure, and show the log's end. Unable to ask its index, pip ends with "from versions: none"; one that has other files
# than the pinned ones, with "no matching distribution" alone.
pinned_why() {
	pinned_pip=''
	if grep -q -i 'do not match the hashes\|Hashes are required' "$pinned_tmp/log"; then
		pinned_cause="what was downloaded is not what ${pinned_pins##*/} pins (wrong hash), so nothing was installed; if the file is unchanged, distrust the mirror or proxy between."
	elif grep -q -i 'no space left' "$pinned_tmp/log"; then
		pinned_cause="no space left below $pinned_cache; free some, or set XDG_CACHE_HOME to a larger disk."
	elif grep -q -i 'connection\|timed out\|name resolution\|unreachable\|max retries\|ssl\|proxy\|from versions: none' "$pinned_tmp/log"; then
		pinned_cause="the download failed, because pip cannot reach its package index; check the network (or pip's proxy and index settings) and try again."
	elif grep -q -i 'no matching distribution' "$pinned_tmp/log"; then
		pinned_cause="pip's package index has no file that ${pinned_pins##*/} pins for this host; check pip's index settings, or update pip."
	else
		pinned_cause="pip failed with status $1, so nothing was installed; its last lines follow."
	fi
	tail -n 8 "$pinned_tmp/log" | sed 's/^/    pip: /' >&2
	pinned_die "$pinned_cause"
}
