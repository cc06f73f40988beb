# tests/httpd.bash: what the .bats files about httpd share. They say `load httpd`, after `load helpers`.
#
# A test starts its own server, in ways that differ from file to file. What is the same: pid is its number, it dies with the test, and
# what it says comes from the descriptor says. limited and forbidden are words that stand before it on the command line: what else it
# runs under.
# shellcheck shell=bash disable=SC2154 # the file that loads this sets them

# kill_server: for teardown.
kill_server() {
	[[ ! ${pid-} ]] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
}

# said: the next sentence of the server.
said() {
	IFS= read -r -t 20 sentence <&"$says"
	echo "$sentence"
}

fetch() {
	curl --silent --show-error --path-as-is --globoff --max-time 60 "$@"
}

# fails STATUS SENTENCE ARGUMENT...: the server does not start; it says this, in one line, and no more.
fails() {
	local status_expected=$1 expected=$2
	shift 2
	run --separate-stderr timeout -k 1 10 "${limited[@]}" "${forbidden[@]}" "$httpd" "$@"
	echo "status $status: $output / $stderr"
	[ "$status" -eq "$status_expected" ]
	[ -z "$output" ]
	expected=${expected//'('/[(]} # or "*(x)" would be a pattern of its own
	[[ $stderr == "httpd: "$expected ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}
