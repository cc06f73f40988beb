#!/usr/bin/env bats
# tests/shellcheck.bats: every shell script of the tree is clean under shellcheck.

export BATS_TEST_TIMEOUT=300

setup() {
	cd "$BATS_TEST_DIRNAME/.." || return
}

# files: what git knows of or would add, without what is removed.
files() {
	local file
	while IFS= read -r -d '' file; do
		[[ ! -f $file || -L $file ]] || printf '%s\n' "$file"
	done < <(git ls-files -z --cached --others --exclude-standard)
}

# scripts: those that a shell runs: by name, or by the first line.
scripts() {
	local file first
	while read -r file; do
		[[ $file != *.bats ]] || continue
		IFS= read -r first <"$file" || true
		if [[ $file == *.sh || $first =~ ^#!.*[/\ ](sh|bash|dash)( |$) ]]; then
			printf '%s\n' "$file"
		fi
	done < <(files 2>/dev/null) 2>/dev/null
}

@test "shell scripts" {
	mapfile -t found < <(scripts)
	printf '%s\n' "${found[@]}"
	# The list is not empty by mistake: these are always there.
	for known in zigw tests/run tests/fmt .ci/run configs/pinned.sh; do
		[[ " ${found[*]} " == *" $known "* ]]
	done
	shellcheck --external-sources "${found[@]}"
}

# Two checks ask for what bats makes needless: SC2154 (bats sets stderr and others) and SC2164 (a cd that fails ends the test).
# Two see a subshell in every test, and warn about variables that are meant to end with it: SC2030, SC2031.
@test "tests" {
	mapfile -t found < <(files | grep '\.bats$')
	printf '%s\n' "${found[@]}"
	[[ " ${found[*]} " == *' tests/shellcheck.bats '* ]]
	shellcheck --shell=bats --external-sources --exclude=SC2154,SC2164,SC2030,SC2031 "${found[@]}"
}
