#!/usr/bin/env bats
# tests/man.bats: the manual pages are well-formed, and say what the programs say and do.

export BATS_TEST_TIMEOUT=60

load helpers

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	cd "$root" || return
	mapfile -t pages < <(git ls-files --cached --others --exclude-standard -- 'apps/*.[1-8]' 'ring/*.[1-8]')
	echo "${pages[*]}"
	[[ " ${pages[*]} " == *' apps/httpd/httpd.8 '* ]] # the list is not empty by mistake
}

# page FILE: as it is read, without bold and underlining, in lines that are not broken.
page() {
	mandoc -T ascii -O width=200 "$1" | sed 's/.\x08//g'
}

@test "mandoc has no warning about any page" {
	mandoc -T lint -W warning "${pages[@]}"
}

@test "the options of a page are those of --help" {
	local file name
	for file in "${pages[@]}"; do
		name=${file##*/}
		name=${name%.*}
		[ -x "$out/$(uname -m)/bin/$name" ] || continue # a page about something else, or a program left out
		run_on "$(uname -m)" "bin/$name" --help | sed -nE 's/^  {1,6}(-[^ ,]*(, --[^ ]*)?).*/\1/p' | sort >"$BATS_TEST_TMPDIR/help"
		page "$file" | sed -nE 's/^ {1,8}(-[^ ,]*(, --[^ ]*)?)( .*)?$/\1/p' | sort >"$BATS_TEST_TMPDIR/page"
		echo "$name"
		grep -q -e --help "$BATS_TEST_TMPDIR/help"
		diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page"
	done
}

@test "the limits of httpd's page are Kconfig's, with their defaults" {
	awk '/^config / { name = $2 } /^\tdefault [0-9]/ && name ~ /^HTTPD_/ { print name, "(" $2 ")" }' Kconfig |
		sort >"$BATS_TEST_TMPDIR/kconfig"
	page apps/httpd/httpd.8 | sed -nE 's/^ +(HTTPD_[A-Z_]+ \([0-9]+\)).*/\1/p' | sort >"$BATS_TEST_TMPDIR/page"
	[ -s "$BATS_TEST_TMPDIR/kconfig" ]
	diff "$BATS_TEST_TMPDIR/kconfig" "$BATS_TEST_TMPDIR/page"
}

@test "the statuses of httpd's page are those that it sends" {
	sed -nE 's/^\tS\(([0-9]+),.*/\1/p' apps/httpd/status.h >"$BATS_TEST_TMPDIR/sends"
	page apps/httpd/httpd.8 | sed -nE 's/^ +([2-5][0-9][0-9])( .*)?$/\1/p' >"$BATS_TEST_TMPDIR/page"
	[ -s "$BATS_TEST_TMPDIR/sends" ]
	diff "$BATS_TEST_TMPDIR/sends" "$BATS_TEST_TMPDIR/page"
}
