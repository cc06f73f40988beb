#!/usr/bin/env bats
# tests/differential.bats: httpd's parser of requests beside llhttp, over mutated requests. For a million: tests/differential/run -n 1000000.

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=300

setup() {
	cd "$BATS_TEST_DIRNAME/.." || return
	command -v clang-19 >/dev/null || skip 'clang-19 is missing'
	command -v node >/dev/null || skip 'node is missing'
	local version
	version=$(node -p 'process.binding("http_parser").HTTPParser && process.versions.llhttp' 2>/dev/null) || skip 'this node does not show its parser'
	[[ $version == 9.* ]] || skip "the list of differences is about llhttp 9, and this node has $version"
}

@test "what httpd accepts, llhttp accepts, with the same meaning" {
	run -0 tests/differential/run
	echo "$output"
	[[ $output == *' 0 others'* ]]
}

# changed FILE SED: a tree in which this file of httpd is another.
changed() {
	rm -rf "$BATS_TEST_TMPDIR/tree"
	mkdir -p "$BATS_TEST_TMPDIR/tree/tests"
	cp -r apps arch crt "$BATS_TEST_TMPDIR/tree"
	cp -r tests/differential "$BATS_TEST_TMPDIR/tree/tests"
	sed -i "$2" "$BATS_TEST_TMPDIR/tree/apps/httpd/$1"
	run ! cmp "apps/httpd/$1" "$BATS_TEST_TMPDIR/tree/apps/httpd/$1"
}

@test "a parser that reads otherwise is noticed" {
	while IFS=@ read -r file change says; do
		changed "$file" "$change"
		run -1 "$BATS_TEST_TMPDIR/tree/tests/differential/run" -n 10000 -s 1
		echo "$file $change: $output"
		[[ $output == *"llhttp: $says"* ]]
	done <<-'EOF'
		request.c@s/request->has_length ||//@is refused: HPE_UNEXPECTED_CONTENT_LENGTH
		request.c@s/STR("Content-Length")/STR("Content-Width")/@ends later
		request.c@s/STR("Transfer-Encoding")/STR("Transfer-Decoding")/@ends later
		request.c@s/STR("close")/STR("closed")/@closes the connection
		request.c@s/if (!field.found || !is_token(name))/if (!field.found)/@is refused: HPE_INVALID_HEADER_TOKEN
		request.c@s/if (request->host.len == 0) .*/if (false)/@is for the host
		body.c@s/return byte == '.r' ? CHUNK_LF : BROKEN;/return CHUNK_LF;/@is refused
	EOF
}

@test "wrong words" {
	run -2 tests/differential/run -n
	run -2 tests/differential/run -n 0
	run -2 tests/differential/run -n 1x
	run -2 tests/differential/run x
}
