#!/usr/bin/env bats
# tests/docs.bats: what the documents name exists, and what they tell a newcomer to do works.

# shellcheck disable=SC2016 # the backquotes are Markdown's

export BATS_TEST_TIMEOUT=300

load helpers

documents=(README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md arch/README.md ring/README.md)

setup() {
	root=$(cd "$BATS_TEST_DIRNAME/.." && pwd -P)
	cd "$root" || return
}

# block LANGUAGE: the one block of that language in the README.
block() {
	awk -v start='```'"$1" '$0 == "```" { inside = 0 } inside { print } $0 == start { inside = 1; count++ } END { exit count != 1 }' README.md
}

@test "every link of a document leads to a file" {
	local document target bad=0 count=0
	for document in "${documents[@]}"; do
		while read -r target; do
			count=$((count + 1))
			[[ -e ${document%"${document##*/}"}$target ]] || { echo "$document: $target"; bad=1; }
		done < <(grep -oE '\]\([^)#:]+\)' "$document" | sed 's/^](//; s/)$//')
	done
	((count > 5)) # the search finds links
	((bad == 0))
}

# A name in backquotes that begins with a folder of the tree is a file or a folder. <machine>, NAME and * in it stand for
# anything of which there is at least one.
@test "every file that a document names in backquotes is there" {
	local document name pattern bad=0 count=0
	for document in "${documents[@]}"; do
		while read -r name; do
			count=$((count + 1))
			pattern=$(sed -E 's/<machine>|\<NAME\>/*/g' <<<"$name")
			compgen -G "$pattern" >/dev/null || { echo "$document: $name"; bad=1; }
		done < <(grep -oE '`[^` ]+`' "$document" | tr -d '`' |
			grep -E '^(\.ci|apps|arch|configs|crt|ring|tests)/|^(build\.zig|Kconfig|zigw|toolchain\.txt)')
	done
	((count > 20))
	((bad == 0))
}

@test "every test that ARCHITECTURE.md names is there" {
	local file test bad=0 count=0
	while IFS='|' read -r file test; do
		count=$((count + 1))
		grep -qF -e "@test \"$test\"" -e "UNIT($test)" "$file" || { echo "$file has no test \"$test\""; bad=1; }
	done < <(grep -oE '`tests/[^`]+`, "[^"]+"' ARCHITECTURE.md | sed -E 's/^`([^`]+)`, "(.*)"$/\1|\2/')
	((count > 5))
	((bad == 0))
}

@test "every step that is named exists, and help names every step" {
	./zigw build -l </dev/null 3>&- | awk '{ print $1 }' | grep -v -e '^install$' -e '^uninstall$' | sort >"$BATS_TEST_TMPDIR/there"
	grep -q '^serve$' "$BATS_TEST_TMPDIR/there"
	grep -ohE '\./zigw build [a-z]+' configs/help.txt | awk '{ print $3 }' | sort -u | diff "$BATS_TEST_TMPDIR/there" -
	grep -ohE '\./zigw build [a-z]+' "${documents[@]}" | awk '{ print $3 }' | sort -u >"$BATS_TEST_TMPDIR/named"
	[ -s "$BATS_TEST_TMPDIR/named" ]
	[ "$(comm -13 "$BATS_TEST_TMPDIR/there" "$BATS_TEST_TMPDIR/named")" = '' ]
}

@test "help prints configs/help.txt" {
	diff <(./zigw build help </dev/null 2>/dev/null 3>&-) configs/help.txt
}

@test "the README's hello is at most 20 lines, compiles as it stands, and runs on all machines" {
	local copy=$BATS_TEST_TMPDIR/tree machine
	(($(block c | wc -l) <= 20))
	mkdir -p "$copy/apps/hello"
	cp -r arch crt ring configs Kconfig build.zig build.zig.zon zigw toolchain.txt "$copy"
	block c >"$copy/apps/hello/main.c"
	block kconfig >"$BATS_TEST_TMPDIR/option"
	block zig >"$BATS_TEST_TMPDIR/line"
	sed -i "/^menu \"Programs\"/r $BATS_TEST_TMPDIR/option" "$copy/Kconfig"
	sed -i "/^const programs = /r $BATS_TEST_TMPDIR/line" "$copy/build.zig"
	# Only the hello: there are no folders for the others.
	printf '%s\n' CONFIG_APP_HELLO=y CONFIG_APP_HTTPD=n CONFIG_APP_CAT=n CONFIG_APP_LESSONS=n CONFIG_APP_RINGINFO=n >"$copy/.config"
	env -C "$copy" ./zigw build -p "$copy/out" </dev/null 3>&-
	# shellcheck disable=SC2034 # run_on reads it
	out=$copy/out
	for machine in "${machines[@]}"; do
		run run_on "$machine" bin/hello you
		echo "$machine: $status $output"
		[ "$status" -eq 0 ]
		[[ $output =~ ^'hello, you; a page here has '[0-9]+' bytes'$ ]]
	done
}
