#!/usr/bin/env bats
# tests/httpd.bats: the web server from outside: what it answers, to whom, and what it says to the person who started it.
#
# Each test starts its own server on a port that the kernel chooses, and knows that it listens from what it says. The server
# dies with the test. tests/client.py plays the clients that curl cannot play.
#
# HTTPD_ENGINE names who works the ring off (--engine); tests/httpd_emulated.bats runs all of this so.

# shellcheck disable=SC2016 # what is quoted so is meant so
bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=300 # one of them builds

load helpers
load httpd

setup_file() {
	# 100 MiB that no test changes. (Zeros would hide that a part came twice, or from elsewhere.)
	head -c 104857600 /dev/urandom >"$BATS_FILE_TMPDIR/big"
	sha256sum <"$BATS_FILE_TMPDIR/big" | cut -d ' ' -f 1 >"$BATS_FILE_TMPDIR/sum"
}

setup() {
	httpd=$out/$(uname -m)/bin/httpd
	limited=() forbidden=() engine=(${HTTPD_ENGINE:+--engine "$HTTPD_ENGINE"})
	cd "$BATS_TEST_TMPDIR" || return
	mkdir www outside
	echo 'top secret' >outside/secret
	printf 'hello\n' >www/a.txt
	: >www/empty
	old www/a.txt www/empty
}

# old FILE...: last written to long ago, so that their tags are strong, and stay so.
old() {
	touch -d '1994-11-06 08:49:37 UTC' "$@"
}

teardown() {
	kill_server
	# A worker that made a call which is not in the list of seccomp.c has another take its place: no test would notice.
	local line
	while [[ ${says-} ]] && IFS= read -r -t 1 line <&"$says"; do
		[[ $line != *SIGSYS* ]] || { echo "$line" && return 1; }
	done 2>/dev/null
}

# forbid CALL=ERROR: the kernel refuses this call, too, to what is started next.
forbid() {
	forbidden+=("$out/$(uname -m)/tests/forbid" "$1")
}

# serve [OPTION]... [DIR]: starts the server, the log to the file "log". pid, host, port and url are its own; few is what it says
# of the limit on open files, if it does; what it says after the line that tells the address comes from said.
serve() {
	mkfifo says
	"${limited[@]}" setpriv --pdeathsig KILL "${forbidden[@]}" "$httpd" "${engine[@]}" --port 0 "$@" >log 2>says 3>&- &
	pid=$!
	exec {says}<says
	rm says
	IFS= read -r -t 30 first <&"$says"
	few=
	if [[ $first == *' files may be open '* ]]; then
		few=$first
		IFS= read -r -t 30 first <&"$says"
	fi
	echo "$first"
	[[ $first =~ ^"httpd: serving '".*"' at "(http://(.*):([0-9]+))/$ ]]
	url=${BASH_REMATCH[1]} host=${BASH_REMATCH[2]} port=${BASH_REMATCH[3]}
	host=${host//[][]/}
}

# serve_alone ARGUMENT...: serves with one worker, so that a test can look into the process that serves: worker is its number.
serve_alone() {
	serve --workers 1 "$@"
	worker=$(pgrep -P "$pid")
}

# ended SIGNAL: the server ends by this signal, with status 0 and without another word.
ended() {
	kill -s "$1" "$pid"
	wait "$pid"
	run ! read -r -t 1 _ <&"$says"
	pid=
}

# ended_by_itself: the server ends, or has ended, with status 0 and without another word.
ended_by_itself() {
	wait "$pid"
	run ! read -r -t 1 _ <&"$says"
	pid=
}

# status_of PATH [OPTION]...: the status alone, of the path as it is.
status_of() {
	local path=$1
	shift
	fetch --output body --write-out '%{http_code}' "$@" "$url$path"
}

# header NAME OPTION...: the value of one header field.
header() {
	local name=$1
	shift
	fetch --dump-header - --output /dev/null "$@" | tr -d '\r' | sed -n "s/^$name: //pI"
}

client() {
	local what=$1
	shift
	timeout -k 5 100 "$BATS_TEST_DIRNAME/client.py" "$what" "$host" "$port" "$@"
}

# raw REQUEST [HOW]...: what the server sends to these bytes until it closes. REQUEST is printf's format.
raw() {
	local request=$1
	shift
	# shellcheck disable=SC2059
	printf "$request" | client send "$@"
}

# answered STATUS REQUEST: the first answer to these bytes, and that the connection ends after it.
answered() {
	raw "$2" >answer
	echo "$2 -> $(head -1 answer)"
	[[ $(head -1 answer) == "HTTP/1.1 $1 "* ]]
	[ "$(grep -c '^HTTP/1.1 ' answer)" -eq 1 ]
}

@test "GET: the file, its length, type and date" {
	touch -d '1994-11-06 08:49:37 UTC' www/a.txt
	serve www
	fetch --dump-header whole "$url/a.txt" >body
	cmp body www/a.txt
	tr -d '\r' <whole >plain
	[[ $(sed -n 1p plain) == 'HTTP/1.1 200 OK' ]]
	grep -x 'Content-Type: text/plain; charset=utf-8' plain
	grep -x 'Content-Length: 6' plain
	grep -x 'Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT' plain
	date=$(sed -n 's/^Date: //p' plain)
	[[ $date =~ ^[A-Z][a-z]{2},\ [0-9]{2}\ [A-Z][a-z]{2}\ [0-9]{4}\ [0-9:]{8}\ GMT$ ]]
	((EPOCHSECONDS - $(date -d "$date" +%s) < 5))
	[ "$(status_of /empty)" = 200 ]
	[ ! -s body ]
	[ "$(header content-length "$url/empty")" = 0 ]
}

@test "HEAD: the same head as GET, and no content, whatever is asked for" {
	mkdir www/sub
	serve www
	for path in / /a.txt /empty /sub /sub/ /none /%%zz; do
		raw "GET $path HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" >of-get
		raw "HEAD $path HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" >of-head
		diff <(sed '/^Date/d; /^\r$/q' of-get) <(sed '/^Date/d' of-head)
	done
	# and the next answer begins where it should
	raw 'HEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >both
	[ "$(grep -c ^hello both)" -eq 1 ]
	[ "$(grep -c '^HTTP/1.1 200' both)" -eq 2 ]
}

@test "a connection carries one request after another" {
	serve www
	fetch -v "$url/a.txt" "$url/none" "$url/a.txt" >body 2>trace
	[ "$(grep -c ^hello body)" -eq 2 ]
	[ "$(grep -c '^\* Connected to' trace)" -eq 1 ]
	# HTTP/1.0 only if asked to
	raw 'GET /a.txt HTTP/1.0\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n' >body
	[ "$(grep -c ^hello body)" -eq 1 ]
	grep '^Connection: close' body
	raw 'GET /a.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n' >body
	[ "$(grep -c ^hello body)" -eq 2 ]
	grep '^Connection: keep-alive' body
}

@test "twenty requests in one write are answered in order" {
	for i in {1..20}; do
		echo "answer $i" >"www/$i"
	done
	old www/* # or a tag might change between the answers that are compared
	serve www
	for i in {1..19}; do
		printf 'GET /%d HTTP/1.1\r\nHost: a\r\n\r\n' "$i"
	done >requests
	printf 'GET /20 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >>requests
	client send <requests >answers
	diff <(grep ^answer answers) <(cat www/{1..20})
	# one byte at a time is the same
	client send bytes <requests >again
	diff <(grep -v ^Date answers) <(grep -v ^Date again)
	# errors and large files keep their place
	ln "$BATS_FILE_TMPDIR/big" www/big 2>/dev/null || cp "$BATS_FILE_TMPDIR/big" www/big
	raw 'GET /none HTTP/1.1\r\nHost: a\r\n\r\nPOST / HTTP/1.1\r\nHost: a\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\n\r\nGET /7 HTTP/1.0\r\n\r\n' >answers
	[ "$(grep -ao 'HTTP/1.1 [0-9]* [A-Z]' answers | cut -d ' ' -f 2 | tr '\n' ' ')" = '404 405 200 200 ' ]
	[ "$(tail -n 1 answers)" = 'answer 7' ]
}

@test "a folder: its index, or a redirect to its slash, or what is in it" {
	mkdir -p www/with www/without/deeper
	echo '<p>index' >www/with/index.html
	echo x >'www/without/<b>&"'\''.txt'
	echo x >$'www/without/\xff ä%.txt'
	echo x >www/without/.hidden
	ln -s a.txt www/without/dangling
	ln -s ../a.txt www/without/linked
	serve www
	[ "$(fetch "$url/with/")" = '<p>index' ]
	[[ $(header content-type "$url/with/") == text/html* ]]
	[ "$(status_of /with)" = 301 ]
	[ "$(header location "$url/with")" = /with/ ]
	[ "$(header location "$url/with?a=b&c")" = '/with/?a=b&c' ]
	[ "$(header location "$url//with")" = /with/ ]
	[ "$(header location "$url/%77ith")" = /with/ ]
	[ "$(fetch --location "$url/with")" = '<p>index' ]
	[ "$(status_of /with/index.html/)" = 404 ]
	[ "$(status_of /a.txt/)" = 404 ]

	fetch "$url/without/" >page
	[[ $(header content-type "$url/without/") == 'text/html; charset=utf-8' ]]
	grep -F 'href="./%3Cb%3E%26%22%27.txt">&lt;b&gt;&amp;&quot;&#39;.txt</a>' page
	grep -F 'href="./%FF%20%C3%A4%25.txt">' page
	grep -F 'href="./deeper/">deeper/</a>' page
	grep -F 'href="../">' page
	grep -F 'href="./linked">' page
	run ! grep -E '<b>|hidden|dangling' page
	[ "$(fetch "$url/without/%FF%20%C3%A4%25.txt")" = x ]
	fetch "$url/" >page
	grep -F 'href="./without/">' page
	run ! grep -F 'href="../"' page
}

@test "an index.html that is no regular file is no index: the folder is listed" {
	mkdir -p www/folder/index.html www/fifo www/link www/out
	mkfifo www/fifo/index.html
	ln -s ../a.txt www/link/index.html
	ln -s "$PWD/outside/secret" www/out/index.html
	serve www
	fetch "$url/folder/" >page
	grep -F 'href="./index.html/"' page
	[ "$(status_of /folder/index.html)" = 301 ]
	[ "$(fetch "$url/link/")" = hello ]
	for path in fifo out; do
		fetch "$url/$path/" >page
		grep -F "<title>/$path/</title>" page
		run ! grep -F -e 'index.html' -e secret page
	done
}

@test "a folder of ten thousand names" {
	mkdir www/many
	(cd www/many && seq -f 'a-rather-long-name-of-a-file-%05.0f' 10000 | xargs touch)
	serve www
	fetch "$url/many/" >page
	[ "$(grep -c '<tr><td><a href="./' page)" -eq 10000 ]
	grep -o 'href="./[^"]*"' page | LC_ALL=C sort -c
	[ "$(header content-length "$url/many/")" -eq "$(wc -c <page)" ]
}

@test "types, by name" {
	serve www
	while read -r name type; do
		echo x >"www/$name"
		[ "$(header content-type "$url/$name")" = "$type" ]
	done <<-'EOF'
		a.html text/html; charset=utf-8
		a.css text/css; charset=utf-8
		a.js text/javascript; charset=utf-8
		a.json application/json
		a.wasm application/wasm
		a.SVG image/svg+xml
		a.png image/png
		a.tar.gz application/gzip
		a application/octet-stream
	EOF
}

@test "304 where the client's copy is good" {
	touch -d '1994-11-06 08:49:37 UTC' www/a.txt
	serve www
	for date in 'Sun, 06 Nov 1994 08:49:37 GMT' 'Sunday, 06-Nov-94 08:49:38 GMT' 'Sun Nov  6 08:49:37 1994'; do
		[ "$(status_of /a.txt -H "If-Modified-Since: $date")" = 304 ]
		[ ! -s body ]
	done
	for date in 'Sun, 06 Nov 1994 08:49:36 GMT' 'yesterday' ''; do
		[ "$(status_of /a.txt -H "If-Modified-Since: $date")" = 200 ]
	done
	[ "$(status_of /a.txt --head -H 'If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT')" = 304 ]
	# nothing follows the head, so the next answer is where it should be
	raw 'GET /a.txt HTTP/1.1\r\nHost: a\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n' >both
	[ "$(grep -c '^HTTP/1.1 ' both)" -eq 2 ]
	[ "$(grep -c ^hello both)" -eq 1 ]
}

@test "validators: strong when the file has been at rest for two seconds, weak before; another file has another" {
	serve www
	touch www/a.txt
	[[ $(header etag "$url/a.txt") =~ ^W/\"[0-9a-f]+-6\"$ ]]
	touch -d '1 hour' www/a.txt # a time to come says nothing
	[[ $(header etag "$url/a.txt") == W/* ]]
	old www/a.txt
	tag=$(header etag "$url/a.txt")
	[ "$tag" = '"ae1b981bc490a00-6"' ]
	[ "$(header etag --head "$url/a.txt")" = "$tag" ]
	[ "$(header accept-ranges "$url/a.txt")" = bytes ]
	printf 'hullo\n' >www/a.txt
	touch -d '1994-11-06 08:49:37.000000001 UTC' www/a.txt
	[ "$(header etag "$url/a.txt")" != "$tag" ]
	# What is made on the spot has none.
	[ -z "$(header etag "$url/")$(header last-modified "$url/")$(header accept-ranges "$url/")" ]
}

@test "conditions, in the order of RFC 9110, section 13.2.2" {
	old www/a.txt
	tag='"ae1b981bc490a00-6"'
	date='Sun, 06 Nov 1994 08:49:37 GMT' before='Sun, 06 Nov 1994 08:49:36 GMT'
	serve --cache-control no-cache www
	while IFS='|' read -r expected fields; do
		IFS='+' read -r -a each <<<"${fields//TAG/$tag}"
		options=()
		for field in "${each[@]}"; do
			options+=(--header "$field")
		done
		echo "$expected ${options[*]}"
		[ "$(status_of /a.txt "${options[@]}")" = "$expected" ]
		[ "$(status_of /a.txt --head "${options[@]}")" = "$expected" ]
		[ "$(status_of /none "${options[@]}")" = 404 ] # of a file that is not there they say nothing
	done <<-EOF
		304|If-None-Match: TAG
		304|If-None-Match: "x", W/TAG
		304|If-None-Match: "x"+If-None-Match: TAG
		304|If-None-Match: *
		200|If-None-Match: "x"
		200|If-None-Match: "x"+If-Modified-Since: $date
		200|If-Match: TAG
		200|If-Match: *
		200|If-Match: "x"+If-Match: TAG
		412|If-Match: "x"
		412|If-Match: W/TAG
		412|If-Match: "x"+If-None-Match: TAG
		304|If-Match: TAG+If-None-Match: TAG
		200|If-Unmodified-Since: $date
		412|If-Unmodified-Since: $before
		200|If-Unmodified-Since: $before+If-Match: TAG
		200|If-Unmodified-Since: soon
		412|If-Unmodified-Since: $before+If-None-Match: TAG
	EOF
	# 304 has the fields that say which copy is good, and nothing about content.
	raw "GET /a.txt HTTP/1.1\r\nHost: a\r\nIf-None-Match: $tag\r\nConnection: close\r\n\r\n" >answer
	diff <(tr -d '\r' <answer | sed 's/^Date: .*/Date/') - <<-EOF
		HTTP/1.1 304 Not Modified
		Date
		ETag: $tag
		Cache-Control: no-cache
		Connection: close

	EOF
	[ "$(status_of / -H 'If-None-Match: *')" = 304 ]
	[ "$(status_of / -H 'If-Match: "x"')" = 412 ]
}

# part RANGE EXPECTED BYTES [OPTION]...: the status, Content-Range and content of /digits for this Range.
part() {
	local range=$1 status_expected=$2 range_expected=$3 bytes=$4
	shift 4
	fetch --dump-header fields --output body -H "Range: $range" "$@" "$url/digits"
	echo "$range: $(head -1 fields)"
	[[ $(head -1 fields) == "HTTP/1.1 $status_expected "* ]]
	[ "$(tr -d '\r' <fields | sed -n 's/^Content-Range: //p')" = "$range_expected" ]
	[[ $status_expected == 416 || $(<body) == "$bytes" ]]
}

@test "one range: 206, 416 with the size, or the whole where it is none" {
	printf 0123456789 >www/digits
	old www/digits
	serve www
	part bytes=0-1 206 'bytes 0-1/10' 01 # how Safari finds out whether it may play
	part bytes=0- 206 'bytes 0-9/10' 0123456789
	part bytes=7-99 206 'bytes 7-9/10' 789
	part bytes=-3 206 'bytes 7-9/10' 789
	part bytes=-99 206 'bytes 0-9/10' 0123456789
	part bytes=9-9 206 'bytes 9-9/10' 9
	part bytes=10- 416 'bytes */10' ''
	part bytes=-0 416 'bytes */10' ''
	part bytes=5-4 200 '' 0123456789
	part lines=1-2 200 '' 0123456789
	part bytes=x 200 '' 0123456789
	[ "$(header content-length -H 'Range: bytes=2-4' "$url/digits")" = 3 ]
	# Of HEAD, a range is no matter.
	[ "$(status_of /digits --head -H 'Range: bytes=0-1')" = 200 ]
	[ "$(header content-length --head -H 'Range: bytes=0-1' "$url/digits")" = 10 ]
	# On one connection, the next answer is where it should be.
	raw 'GET /digits HTTP/1.1\r\nHost: a\r\nRange: bytes=3-5\r\n\r\nGET /digits HTTP/1.1\r\nHost: a\r\nRange: bytes=99-\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n' >answers
	[ "$(grep -ao 'HTTP/1.1 [0-9]*' answers | tr '\n' ' ')" = 'HTTP/1.1 206 HTTP/1.1 416 HTTP/1.1 200 ' ]
	[ "$(tail -n 1 answers)" = hello ]
	[ "$(status_of /empty -H 'Range: bytes=0-')" = 416 ]
	[ "$(status_of /empty -H 'Range: bytes=-1')" = 200 ]
	[ "$(status_of / -H 'Range: bytes=0-1')" = 200 ] # a listing has no ranges
}

@test "If-Range: the range if the copy is the same, else the whole" {
	printf 0123456789 >www/digits
	old www/digits
	serve www
	tag=$(header etag "$url/digits")
	part bytes=0-1 206 'bytes 0-1/10' 01 -H "If-Range: $tag"
	part bytes=0-1 206 'bytes 0-1/10' 01 -H 'If-Range: Sun, 06 Nov 1994 08:49:37 GMT'
	part bytes=0-1 200 '' 0123456789 -H 'If-Range: "other"'
	part bytes=0-1 200 '' 0123456789 -H "If-Range: W/$tag"
	part bytes=0-1 200 '' 0123456789 -H 'If-Range: Sun, 06 Nov 1994 08:49:38 GMT'
	part bytes=0-1 200 '' 0123456789 -H 'If-Range: Sun, 06 Nov 1994 08:49:36 GMT'
	part bytes=99- 200 '' 0123456789 -H 'If-Range: "other"'
	touch www/digits # a weak tag is no proof that the bytes are the same
	part bytes=0-1 200 '' 0123456789 -H "If-Range: $(header etag "$url/digits")"
}

@test "many ranges: parts that are as they should be, overlaps merged, too many ignored" {
	head -c 3000000 "$BATS_FILE_TMPDIR/big" >www/digits.bin
	serve www
	client parts /digits.bin www/digits.bin 0-9,100-199 0-9 100-199
	client parts /digits.bin www/digits.bin 500-599,0-9,-100 500-599 0-9 2999900-2999999
	client parts /digits.bin www/digits.bin 0-1000000,2000000-2999999,5000000- 0-1000000 2000000-2999999
	client parts /digits.bin www/digits.bin 0-5,3-9,20-29,9-15 0-15 20-29
	sixteen=$(for i in {0..15}; do echo "$((2 * i))-$((2 * i))"; done)
	# shellcheck disable=SC2086 # each is a word
	client parts /digits.bin www/digits.bin "${sixteen//$'\n'/,}" $sixteen
	# What is one in the end is sent as one.
	[ "$(header content-range -H 'Range: bytes=0-5,3-9' "$url/digits.bin")" = 'bytes 0-9/3000000' ]
	# Seventeen, and a million times the same byte: the whole, once.
	many=$(for i in {0..16}; do printf '%d-%d,' $((2 * i)) $((2 * i)); done)
	[ "$(status_of /digits.bin -H "Range: bytes=$many")" = 200 ]
	cmp body www/digits.bin
	[ "$(status_of /digits.bin -H "Range: bytes=0-,0-,0-,0-,0-,0-,0-,0-,0-")" = 206 ]
	cmp body www/digits.bin
	ended TERM
	grep -F ' 206 ' log
}

# compressed FILE: FILE.gz, FILE.br and FILE.zst beside it. Which was sent is told by the content, which nobody unpacks here.
compressed() {
	for extension in gz br zst; do
		echo "as $extension" >"$1.$extension"
	done
}

# coded CODING CONTENT PATH [OPTION]...: what is sent, and that a cache is told on what it depends.
coded() {
	local coding=$1 content=$2 path=$3
	shift 3
	fetch --dump-header fields --output body "$@" "$url$path"
	echo "$*: $(tr -d '\r' <fields | tr '\n' '|')"
	[ "$(tr -d '\r' <fields | sed -n 's/^Content-Encoding: //p')" = "$coding" ]
	[ "$(cat body)" = "$content" ]
	grep -x $'Vary: Accept-Encoding\r' fields
	grep -x $'Content-Type: text/javascript; charset=utf-8\r' fields
}

@test "compressed files beside the file: by Accept-Encoding, with Vary, and with a tag of their own" {
	echo plain >www/s.js
	compressed www/s.js
	old www/s.js*
	serve www
	coded '' plain /s.js
	coded '' plain /s.js -H 'Accept-Encoding;' # there, and empty
	coded '' plain /s.js -H 'Accept-Encoding: deflate'
	coded '' plain /s.js -H 'Accept-Encoding: gzip;q=0.5, identity'
	coded gzip 'as gz' /s.js -H 'Accept-Encoding: gzip'
	coded br 'as br' /s.js -H 'Accept-Encoding: gzip, deflate, br'
	coded zstd 'as zst' /s.js -H 'Accept-Encoding: gzip, deflate, br, zstd'
	coded gzip 'as gz' /s.js -H 'Accept-Encoding: br;q=0.1' -H 'Accept-Encoding: gzip;q=0.2'
	coded zstd 'as zst' /s.js -H 'Accept-Encoding: *'
	coded br 'as br' /s.js -H 'Accept-Encoding: zstd;q=0, *;q=0.5'
	coded gzip 'as gz' /s.js -H 'Accept-Encoding: identity;q=0, gzip;q=0.1'
	rm www/s.js.zst
	coded br 'as br' /s.js -H 'Accept-Encoding: zstd, br;q=0.1'
	rm www/s.js.br
	coded '' plain /s.js -H 'Accept-Encoding: zstd, br;q=0.1'
	[ "$(status_of /s.js -H 'Accept-Encoding: zstd, identity;q=0')" = 406 ]
	[ "$(status_of /s.js -H 'Accept-Encoding: *;q=0')" = 406 ]
	# Another representation: another tag, with conditions and ranges of its own.
	plain=$(header etag "$url/s.js") gz=$(header etag -H 'Accept-Encoding: gzip' "$url/s.js")
	[[ $plain == '"'*'"' && $gz == '"'*'-gzip"' ]]
	[ "$(status_of /s.js -H 'Accept-Encoding: gzip' -H "If-None-Match: $gz")" = 304 ]
	[ "$(status_of /s.js -H 'Accept-Encoding: gzip' -H "If-None-Match: $plain")" = 200 ]
	[ "$(header vary -H "If-None-Match: $plain" "$url/s.js")" = Accept-Encoding ]
	[ "$(fetch -H 'Accept-Encoding: gzip' -r 3-4 "$url/s.js")" = gz ]
	# By its own name it is what it is.
	[ "$(header content-type -H 'Accept-Encoding: gzip' "$url/s.js.gz")" = application/gzip ]
	[ -z "$(header content-encoding -H 'Accept-Encoding: gzip' "$url/s.js.gz")" ]
}

@test "compressed files that are not sent: older than the file, no file, outside, or not wanted" {
	echo plain >www/s.js
	compressed www/s.js
	old www/s.js*
	touch -d '1994-11-06 08:49:38 UTC' www/s.js
	serve www
	all='Accept-Encoding: gzip, br, zstd'
	[ "$(fetch -H "$all" "$url/s.js")" = plain ] # they were made from another one
	[ -z "$(header vary -H "$all" "$url/s.js")" ]
	rm www/s.js.*
	mkdir www/s.js.zst
	mkfifo www/s.js.br
	ln -s ../outside/secret www/s.js.gz
	[ "$(fetch -H "$all" "$url/s.js")" = plain ]
	[ -z "$(header vary -H "$all" "$url/s.js")" ]
	ended TERM
	rm -r www/s.js.*
	compressed www/s.js
	serve --no-precompressed www
	[ "$(fetch -H "$all" "$url/s.js")" = plain ]
	[ -z "$(header vary -H "$all" "$url/s.js")" ]
}

@test "--mime-types: types from a file, before those that are built in; a bad line is told" {
	cat >types <<-'EOF'
		# comment

		text/x-nim		nim NIMS
		application/x-mine	js b.css
		application/x-nothing
	EOF
	touch www/a.nim www/a.NIMS www/a.js www/a.css www/a.b.css
	serve --mime-types types www
	[ "$(header content-type "$url/a.nim")" = 'text/x-nim; charset=utf-8' ]
	[ "$(header content-type "$url/a.NIMS")" = 'text/x-nim; charset=utf-8' ]
	[ "$(header content-type "$url/a.js")" = application/x-mine ]
	[ "$(header content-type "$url/a.b.css")" = application/x-mine ]
	[ "$(header content-type "$url/a.css")" = 'text/css; charset=utf-8' ]
	ended TERM
	if [ -e /etc/mime.types ]; then
		serve --mime-types /etc/mime.types www
		[ "$(header content-type "$url/a.css")" = 'text/css; charset=utf-8' ]
		ended TERM
	fi
	printf 'text/html htm\nhtml\ntext/css .css\na/%0200d x\n' 0 >types
	run -1 --separate-stderr timeout 10 "$httpd" --port 0 -m types www
	[ "$stderr" = "httpd: types:2: a line begins with a type, such as text/html, or with #
httpd: types:3: behind the type stand extensions, without a dot before them, such as html
httpd: types:4: the type is longer than 127 bytes" ]
	fails 1 "cannot read 'none' (give --mime-types *(ENOENT)" --port 0 -m none www
	fails 1 "cannot read 'www' (give --mime-types *(EISDIR)" --port 0 -m www www
	head -c 300000 /dev/zero >types
	fails 1 "cannot read 'types' (give --mime-types *(EFBIG)" --port 0 -m types www
}

@test "--clean-urls: /page serves page.html" {
	mkdir -p www/both www/folder
	echo '<p>page' >www/page.html
	echo '<p>both' >www/both.html
	echo '<p>in' >www/folder/in.html
	serve www
	[ "$(status_of /page)" = 404 ]
	ended TERM
	serve --clean-urls www
	[ "$(fetch "$url/page")" = '<p>page' ]
	[[ $(header content-type "$url/page") == text/html* ]]
	[ "$(fetch "$url/folder/in?x")" = '<p>in' ]
	[ "$(fetch "$url/page.html")" = '<p>page' ]
	[ "$(fetch "$url/both")" = '<p>both' ] # the folder has its slash
	[ "$(status_of /both/)" = 200 ]
	[ "$(header location "$url/folder")" = /folder/ ]
	[ "$(status_of /page/)" = 404 ]
	[ "$(status_of /none)" = 404 ]
	[ "$(fetch "$url/a.txt")" = hello ]
	[ "$(status_of "/$(printf 'a%.0s' {1..253})")" = 404 ] # .html makes the name too long
}

@test "--fallback: one page for all that is not there, but not for missing pictures and scripts" {
	echo '<p>app' >www/index.html
	mkdir www/sub
	serve -f index.html -c '*.html: no-cache' www
	for path in /none /a/b/c /users/john.doe /none/ /a.txt/; do
		[ "$(status_of "$path")" = 200 ]
		[ "$(<body)" = '<p>app' ]
	done
	[ "$(header cache-control "$url/none")" = no-cache ]
	[ "$(status_of /none -H "If-None-Match: $(header etag "$url/index.html")")" = 304 ]
	[ "$(status_of /assets/none.js)" = 404 ]
	[ "$(status_of /none.PNG)" = 404 ]
	[ "$(status_of /%zz)" = 400 ]
	[ "$(fetch "$url/a.txt")" = hello ]
	fetch "$url/sub/" | grep -F '<title>/sub/</title>'
	ended TERM
	serve --fallback=index.html --no-listing www
	[ "$(fetch "$url/sub/")" = '<p>app' ]
	rm www/index.html
	[ "$(status_of /none)" = 404 ]
	fails 1 "--fallback wants a file in the folder that is served, such as index.html, not 'none': *(ENOENT)" --port 0 -f none www
	fails 1 "--fallback wants *, not 'sub'" --port 0 -f sub www
	fails 1 "--fallback wants *, not '../outside/secret': *" --port 0 -f ../outside/secret www
}

@test "--no-listing: a folder without an index is not there" {
	mkdir -p www/sub www/with
	echo '<p>index' >www/with/index.html
	serve --no-listing www
	[ "$(status_of /)" = 404 ]
	[ "$(status_of /sub/)" = 404 ]
	[ "$(fetch "$url/with/")" = '<p>index' ]
}

@test "--cache-control: the last rule that fits the file" {
	mkdir -p www/assets www/sub
	touch www/assets/a.js www/index.html www/sub/index.html www/a.js
	echo gz >www/a.js.gz
	serve -c max-age=60 --cache-control='*.html: no-cache' -c '/assets/*:public, max-age=31536000, immutable' www
	[ "$(header cache-control "$url/a.txt")" = max-age=60 ]
	[ "$(header cache-control "$url/")" = no-cache ]
	[ "$(header cache-control "$url/sub/")" = no-cache ]
	[ "$(header cache-control "$url/assets/a.js")" = 'public, max-age=31536000, immutable' ]
	[ "$(header cache-control -H 'Accept-Encoding: gzip' "$url/a.js")" = max-age=60 ]
	[ "$(header cache-control -r 0-1 "$url/a.txt")" = max-age=60 ]
	[ -z "$(header cache-control "$url/none")" ] # an error is nobody's to keep
	[ -z "$(header cache-control "$url/sub")" ]
	fails 2 '--cache-control wants a value *' -c '' www
	fails 2 '--cache-control wants a value *' -c '*.html' www
	fails 2 '--cache-control wants a value *' -c $'a\r\nX: y' www
	local rules=()
	for _ in {1..17}; do rules+=(-c no-cache); done
	fails 2 '--cache-control may be given 16 times, not more' "${rules[@]}" www
}

@test "pages of errors from the root: 404.html and its like" {
	echo '<p>nothing here' >www/404.html
	echo '<p>do not' >www/405.html
	echo '<p>what?' >www/400.html
	echo '<p>too far' >www/416.html
	mkdir www/412.html
	serve --cache-control no-cache www
	for path in /none /sub/none /.hidden; do
		[ "$(status_of "$path")" = 404 ]
		[ "$(<body)" = '<p>nothing here' ]
	done
	fetch --dump-header fields --output body --head "$url/none"
	grep -x $'Content-Length: 16\r' fields
	run ! grep -iE '^(etag|last-modified|cache-control|accept-ranges)' fields
	[[ $(header content-type "$url/none") == text/html* ]]
	[ "$(status_of /a.txt -X DELETE)" = 405 ]
	[ "$(<body)" = '<p>do not' ]
	[ -n "$(header allow -X DELETE "$url/a.txt")" ]
	answered 400 'GET / HTTP/1.1\r\n\r\n'
	[ "$(tail -n 1 answer)" = '<p>what?' ]
	[ "$(status_of /a.txt -r 99-)" = 416 ]
	[ "$(<body)" = '<p>too far' ]
	[ "$(header content-range -r 99- "$url/a.txt")" = 'bytes */6' ]
	[ "$(status_of /a.txt -H 'If-Match: "x"')" = 412 ] # a folder is no page
	grep -F 'Precondition Failed' body
	[ "$(status_of /404.html)" = 200 ]
	# Its place in a row of answers is kept.
	raw 'GET /x HTTP/1.1\r\nHost: a\r\n\r\nHEAD /y HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n' >answers
	[ "$(grep -ao 'HTTP/1.1 [0-9]*' answers | tr '\n' ' ')" = 'HTTP/1.1 404 HTTP/1.1 404 HTTP/1.1 200 ' ]
	[ "$(grep -c 'nothing here' answers)" -eq 1 ]
	[ "$(tail -n 1 answers)" = hello ]
}

@test "requests that are refused" {
	serve www
	answered 400 'GET / HTTP/1.1\r\n\r\n'
	answered 400 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
	answered 400 'GET / HTTP/1.1\nHost: a\n\n'
	answered 400 'GET /%%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 400 'GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n'
	answered 400 'GET /%%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 400 '\x16\x03\x01\x02\n'
	answered 404 'GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 405 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc'
	grep -x $'Allow: GET, HEAD, OPTIONS\r' answer
	answered 405 'DELETE /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 414 "GET /$(printf 'a%.0s' {1..9000}) HTTP/1.1\r\nHost: a\r\n\r\n"
	answered 431 "GET / HTTP/1.1\r\nHost: a\r\nA: $(printf 'a%.0s' {1..9000})\r\n\r\n"
	answered 501 'BREW / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 501 'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'
	answered 505 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'
	answered 505 'GET / HTTP/9.9\r\nHost: a\r\n\r\n'
	[ "$(status_of /a.txt)" = 200 ]
	[ "$(status_of "/$(printf 'a%.0s' {1..300})")" = 404 ]
}

@test "what two readers could understand in two ways is 400, and what follows it is not read" {
	local h='HTTP/1.1\r\nHost: a\r\n' next='GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n' field chunked='Transfer-Encoding: chunked'
	serve www
	for field in ' A: b' 'A: b\r\n c' 'A : b' 'A\t: b' 'A' ': b' 'A B: c' 'A(: c' 'A: b\0' 'A: b\x7f' 'A: b\rc' 'A: b\nB: c' 'Host: a' \
		'Content-Length: 1\r\nContent-Length: 1' 'Content-Length: 1, 1' 'Content-Length: +1' 'Content-Length: 0x1' \
		'Content-Length:' 'Content-Length: 1 1' 'Content-Length: 18446744073709551616' "Content-Length: 5\r\n$chunked" \
		"$chunked\r\nContent-Length: 5" "$chunked\r\n$chunked" "$chunked, chunked" "$chunked, gzip" 'Transfer-Encoding: x' \
		'Transfer-Encoding: identity' 'Transfer-Encoding:' 'Transfer-Encoding: \vchunked' 'Transfer-Encoding : chunked'; do
		answered 400 "GET / ${h}$field\r\n\r\n0\r\n\r\n$next"
		grep -x $'Connection: close\r' answer
	done
	for line in 'GET  / HTTP/1.1' ' GET / HTTP/1.1' 'GET / HTTP/1.1 ' 'GET\t/ HTTP/1.1' 'GET / HTTP/1.1\r' 'GET / http/1.1' 'GET /#a HTTP/1.1' \
		'GET a HTTP/1.1' 'GET http:/a/ HTTP/1.1' 'GET http://a@b/ HTTP/1.1' 'GET http:///a HTTP/1.1' 'GET / HTTP/1.1\r\n X: y'; do
		answered 400 "$line\r\nHost: a\r\n\r\n$next"
	done
	answered 400 "GET / HTTP/1.0\r\n$chunked\r\n\r\n0\r\n\r\n$next"
	# the absolute form goes before the field, which must be there all the same
	answered 400 "GET http://a/ HTTP/1.1\r\n\r\n$next"
	raw 'GET http://b/a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >answer
	[ "$(tail -n 1 answer)" = hello ]
}

@test "empty lines before a request are skipped, as many as fit a head" {
	serve www
	raw '\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n' >answer
	[ "$(grep -c ^hello answer)" -eq 2 ]
	answered 400 "$(printf '%.0s\\r\\n' {1..4096})GET /a.txt HTTP/1.0\r\n\r\n"
	answered 400 '\nGET /a.txt HTTP/1.0\r\n\r\n'
}

@test "ten thousand requests that wait for no answer, with bodies between them" {
	for i in {0..9}; do
		echo "this is $i" >"www/$i"
	done
	serve www
	client pipeline 10000
}

@test "a refusal arrives even where the client has much more to say" {
	serve www
	[ "$(status_of /a.txt -H 'Expect:' --data-binary "@$BATS_FILE_TMPDIR/big")" = 405 ]
	[ "$(status_of /a.txt -H "Cookie: $(printf 'a%.0s' {1..100000})")" = 431 ]
	# Also where the client has said that it is its last request, but not that it would keep its body.
	{ printf 'GET /a.txt HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\nConnection: close\r\nContent-Length: 5000000\r\n\r\n'; head -c 5000000 /dev/zero; } |
		client send >answer
	[[ $(head -1 answer) == 'HTTP/1.1 417 '* ]]
}

@test "who says that it is its last request is not waited for" {
	serve www
	client last /a.txt
}

@test "OPTIONS: the methods, of any target or of the server" {
	serve www
	for target in '*' / /a.txt '/none?x' http://a http://a/b; do
		answered 200 "OPTIONS $target HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
		grep -x $'Allow: GET, HEAD, OPTIONS\r' answer
		grep -x $'Content-Length: 0\r' answer
		[ "$(tail -n 1 answer)" = $'\r' ]
	done
	answered 400 'OPTIONS /%%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	answered 400 'OPTIONS *x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
	run ! grep ^Allow <(fetch --head "$url/a.txt")
}

# statuses: those of all answers in the file "answers", in order.
statuses() {
	grep -a '^HTTP/1.1 ' answers | cut -d ' ' -f 2 | tr '\n' ' '
}

@test "a body is dropped, and the connection goes on behind it" {
	local h='HTTP/1.1\r\nHost: a\r\n' chunks='5;a=b\r\nGET /\r\n00\r\nTrailer: x\r\n\r\n'
	serve www
	# what stands in a body is no request, however it comes
	requests="GET /a.txt ${h}Content-Length: 43\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\nX: 4567890\r\n\r\n"
	requests+="POST /a.txt ${h}Transfer-Encoding: chunked\r\n\r\n$chunks"
	requests+="HEAD /a.txt ${h}Transfer-Encoding: chunked\r\n\r\n$chunks"
	requests+="OPTIONS * ${h}Content-Length: 1\r\n\r\nx"
	requests+="BREW /none ${h}Content-Length: 1\r\n\r\nx"
	requests+="GET /a.txt HTTP/1.0\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc"
	requests+="GET /none ${h}Content-Length: 1\r\nConnection: close\r\n\r\nx"
	for how in '' bytes; do
		raw "$requests" $how >answers
		statuses
		[ "$(statuses)" = '200 405 200 200 501 200 404 ' ]
		[ "$(grep -ac ^hello answers)" -eq 2 ]
	done
	# larger than any buffer
	head -c 1000000 "$BATS_FILE_TMPDIR/big" >million
	for framing in 'Content-Type: a/b' 'Transfer-Encoding: chunked'; do
		fetch -v -H Expect: -H "$framing" -X GET --data-binary @million "$url/a.txt" --next "$url/a.txt" >body 2>trace
		[ "$(<body)" = $'hello\nhello' ]
		[ "$(grep -c '^\* Connected to' trace)" -eq 1 ]
	done
	# a chunked body that cannot be read is a request that cannot be
	for chunks in 'x\r\n\r\n' '1\nx\r\n0\r\n\r\n' '1\r\nxx\r\n0\r\n\r\n' '1 \r\nx\r\n0\r\n\r\n' '0\r\nA: b\r\n c\r\n\r\n'; do
		answered 400 "GET /a.txt ${h}Transfer-Encoding: chunked\r\n\r\n${chunks}GET /a.txt $h\r\n"
	done
	answered 400 "POST / ${h}Transfer-Encoding: chunked\r\n\r\nx"
	# one that never ends is not answered
	raw "GET /a.txt ${h}Content-Length: 9\r\n\r\nhalf" half >answer
	[ ! -s answer ]
	ended TERM
	[ "$(grep -c 'HTTP/1.[01]" 200' log)" -eq 12 ]
	run ! grep 'GET /none HTTP/1.1" 200' log
}

@test "--max-body: a longer one is 413, or what would have been said in any case, and the end" {
	local h='HTTP/1.1\r\nHost: a\r\n'
	serve --max-body 10 www
	raw "GET /a.txt ${h}Content-Length: 10\r\n\r\n0123456789GET /a.txt HTTP/1.0\r\n\r\n" >answers
	[ "$(statuses)" = '200 200 ' ]
	raw "GET /a.txt ${h}Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n" >answers
	[ "$(statuses)" = '200 200 ' ]
	answered 413 "GET /a.txt ${h}Content-Length: 11\r\n\r\n0123456789a"
	grep -x $'Connection: close\r' answer
	answered 413 "GET /a.txt ${h}Content-Length: 18446744073709551615\r\n\r\nx"
	answered 413 "GET /a.txt ${h}Transfer-Encoding: chunked\r\n\r\n5\r\n01234\r\n6\r\n567890\r\n0\r\n\r\n"
	answered 413 "GET /a.txt ${h}Transfer-Encoding: chunked\r\n\r\n0;$(printf 'a%.0s' {1..9000})"
	answered 405 "PUT /a.txt ${h}Content-Length: 11\r\n\r\n0123456789a"
	ended TERM
	serve www
	answered 413 "GET /a.txt ${h}Content-Length: 1048577\r\n\r\n"
	ended TERM
	serve --max-body=0 www
	answered 413 "GET /a.txt ${h}Content-Length: 1\r\n\r\nx"
	raw "GET /a.txt ${h}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n" >answers
	[ "$(statuses)" = '200 200 ' ]
	fails 2 "--max-body wants a size from 0 to 1073741824 bytes *, not '2g'*" --max-body 2g www
}

@test "Expect: 100-continue is answered, and others are 417" {
	local h='HTTP/1.1\r\nHost: a\r\n'
	serve www
	client expect /a.txt
	# who sends the body already is not told to
	raw "GET /a.txt ${h}Expect: 100-continue\r\nContent-Length: 1\r\n\r\nxGET /a.txt HTTP/1.0\r\n\r\n" >answers
	[ "$(statuses)" = '200 200 ' ]
	raw "GET /a.txt HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx" bytes >answers
	[ "$(statuses)" = '200 ' ]
	raw "GET /a.txt ${h}Expect: 100-continue\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n" >answers
	[ "$(statuses)" = '200 200 ' ]
	# a refusal takes the place of the 100, and the body does not come
	head -c 2000000 "$BATS_FILE_TMPDIR/big" >large
	[ "$(fetch -o body -w '%{http_code} %{size_upload}' -H 'Expect: 100-continue' --data-binary @large "$url/a.txt")" = '405 0' ]
	[ "$(fetch -o body -w '%{http_code} %{size_upload}' -X GET -H 'Expect: 100-continue' --data-binary @large "$url/a.txt")" = '413 0' ]
	answered 417 "GET /a.txt ${h}Expect: tea\r\nContent-Length: 1\r\n\r\nx"
	raw "GET /a.txt ${h}Expect: tea\r\n\r\nGET /a.txt HTTP/1.0\r\n\r\n" >answers
	[ "$(statuses)" = '417 200 ' ]
}

# ticks: the processor time that the server has used, in hundredths of a second.
ticks() {
	awk '{ sum += $14 + $15 } END { print sum }' "/proc/$pid/stat" "/proc/$worker/stat"
}

@test "a server with nothing to do does nothing" {
	limited=(prlimit --nofile=20:20)
	serve_alone www
	client exhaust /a.txt 40 >/dev/null # so that it pauses, and goes on
	before=$(ticks)
	exec {idle}<>"/dev/tcp/$host/$port"
	run timeout 1 cat <&"$idle"
	(($(ticks) - before < 10))
}

@test "escapes are decoded, once" {
	echo space >'www/a b+c.txt'
	echo percent >'www/%41'
	serve www
	[ "$(fetch "$url/a%20b+c.txt")" = space ]
	[ "$(fetch "$url/%61%20b%2bc.txt?x=%20")" = space ]
	[ "$(fetch "$url/%2541")" = percent ]
	[ "$(status_of /%41)" = 404 ]
	[ "$(fetch "$url/./sub/..//a%2etxt")" = hello ]
}

# traps: links and files of which some lead out of the folder.
traps() {
	mkdir -p www/sub/deep
	echo inside >www/sub/file
	echo hidden >www/.hidden
	ln -s "$PWD/outside/secret" www/absolute
	ln -s "$PWD/www/a.txt" www/absolute-inside
	ln -s ../outside/secret www/out-file
	ln -s ../outside www/out
	ln -s .. www/up
	ln -s loop www/loop
	ln -s /proc/self/root www/root
	ln -s ../a.txt www/sub/good
	ln -s sub www/in
	ln -s ../../../outside/secret www/sub/deep/bad
	mkfifo www/fifo
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("www/socket")'
	mknod www/dev c 1 5 2>/dev/null || true
}

# kept_in: nothing outside the folder is reached, and nothing in it hangs.
kept_in() {
	for path in /../outside/secret /%2e%2e/outside/secret /sub/../../outside/secret /.%2E/outside/secret; do
		[ "$(status_of "$path")" = 400 ]
	done
	for path in /..%2foutside/secret /absolute /absolute-inside /out-file /out/secret /out /out/ /up /up/ /up/outside/secret /loop /loop/x /root/ \
		/root/etc/passwd /sub/deep/bad /.hidden /%2ehidden /fifo /socket /dev /fifo/ /dev/x; do
		echo "$path"
		[ "$(status_of "$path")" = 404 ]
		run ! grep secret body
	done
	for path in sub/file ./sub/./file sub/deep/../file; do
		[ "$(fetch "$url/$path")" = inside ]
	done
	fetch "$url/" >page
	run ! grep -E 'href="\./(absolute|out|up|loop|root|fifo|socket|dev|\.hidden)' page
	grep -F 'href="./sub/"' page
}

@test "no way out of the folder: links within it work" {
	traps
	serve www
	kept_in
	[ "$(fetch "$url/sub/good")" = hello ]
	[ "$(fetch "$url/in/file")" = inside ]
	grep -F 'href="./in/"' page
}

@test "no way out of the folder without openat2: no link is followed" {
	traps
	forbid openat2=ENOSYS
	serve www
	kept_in
	[ "$(status_of /sub/good)" = 404 ]
	[ "$(status_of /in/file)" = 404 ]
	run ! grep -F 'href="./in/"' page
	echo '<p>index' >www/sub/index.html
	[ "$(fetch "$url/sub/")" = '<p>index' ]
	rm www/sub/index.html
	ln -s ../../outside/secret www/sub/index.html
	fetch "$url/sub/" >page
	run ! grep secret page
}

@test "--dotfiles: names that begin with a dot are like others" {
	traps
	mkdir www/.git
	echo config >www/.git/config
	serve www
	[ "$(status_of /.git/config)" = 404 ]
	ended TERM
	serve --dotfiles www
	[ "$(fetch "$url/.git/config")" = config ]
	[ "$(fetch "$url/.hidden")" = hidden ]
	fetch "$url/" >page
	grep -F 'href="./.git/"' page
	grep -F 'href="./.hidden"' page
	run ! grep -E 'href="\./\.\.?/?"' page
	for path in /.. /../outside/secret /.git/../../outside/secret /.git/%2e%2e/%2e%2e/outside/secret; do
		[ "$(status_of "$path")" = 400 ]
	done
	client hostile 1 500 'top secret' "$PWD/outside"
}

@test "devices, FIFOs and sockets are never opened, not even to find out what they are" {
	mkdir www/fifos
	mkfifo www/fifo www/fifos/index.html
	ln -s fifo www/linked
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("www/socket")'
	mknod www/null c 1 3 2>/dev/null || echo 'no device can be made here'
	for known in openat2 no-openat2; do
		[ $known = openat2 ] || forbid openat2=ENOSYS
		serve www
		client unopened www a.txt fifo linked null socket none
		client unopened www/fifos '' fifos/ fifos/index.html
		# A writer that waits for a reader still waits, and what it writes is lost to nobody.
		echo whole >www/fifo 3>&- &
		writer=$!
		[ "$(status_of /fifo)" = 404 ]
		[ "$(timeout 10 cat www/fifo)" = whole ]
		wait $writer
		ended TERM
	done
}

@test "two thousand hostile paths" {
	traps
	seed=$((16#$(od -An -N4 -tx4 /dev/urandom | tr -d ' ')))
	serve www
	client hostile "$seed" 2000 'top secret' "$PWD/outside"
	forbid openat2=ENOSYS
	ended TERM
	serve www
	client hostile "$seed" 2000 'top secret' "$PWD/outside"
	ended TERM
}

@test "the access log: Common Log Format, one line a request, whatever the request holds" {
	serve www
	fetch "$url/a.txt" "$url/none" >/dev/null
	fetch --head "$url/a.txt" >/dev/null
	raw 'GET /x"\\\xff HTTP/1.1\r\nHost: a\r\n\r\n' >/dev/null
	raw 'GET /\x1b[31m HTTP/1.1\r\nHost: a\r\n\r\n' >/dev/null # the line ends where it went wrong
	raw '\r\nGET /y\n127.0.0.1 - - [01/Jan/2000:00:00:00 +0000] "GET /forged HTTP/1.1" 200 1\r\n\r\n' >/dev/null
	ended TERM
	cat log
	shape='^127\.0\.0\.1 - - \[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}(:[0-9]{2}){3} \+0000\] "[ -~]*" [0-9]{3} ([0-9]+|-)$'
	run ! env LC_ALL=C grep -vE "$shape" log
	sed 's/\[.*\]/[]/' log >short
	[ "$(sed -n 1p short)" = '127.0.0.1 - - [] "GET /a.txt HTTP/1.1" 200 6' ]
	[[ $(sed -n 2p short) =~ ^'127.0.0.1 - - [] "GET /none HTTP/1.1" 404 '[1-9][0-9]+$ ]]
	[ "$(sed -n 3p short)" = '127.0.0.1 - - [] "HEAD /a.txt HTTP/1.1" 200 -' ]
	[[ $(sed -n 4p short) == *' [] "GET /x\x22\x5c\xff HTTP/1.1" 400 '* ]]
	[[ $(sed -n 5p short) == *' [] "GET /" 400 '* ]]
	[ "$(wc -l <short)" -eq 6 ]
	run ! grep -F '] "GET /forged' short
}

@test "--quiet writes no log" {
	serve --quiet www
	fetch "$url/a.txt" >/dev/null
	ended INT
	[ ! -s log ]
}

@test "without a reader for the log the server says so once and goes on" {
	for sink in /dev/full closed pipe; do
		mkfifo says
		case $sink in
		closed) setpriv --pdeathsig KILL "$httpd" "${engine[@]}" --port 0 --workers 1 www >&- 2>says 3>&- & ;;
		pipe) setpriv --pdeathsig KILL "$httpd" "${engine[@]}" --port 0 --workers 1 www > >(:) 2>says 3>&- & ;;
		*) setpriv --pdeathsig KILL "$httpd" "${engine[@]}" --port 0 --workers 1 www >"$sink" 2>says 3>&- & ;;
		esac
		pid=$!
		exec {says}<says
		rm says
		said
		url=${sentence##* at } url=${url%/} host=127.0.0.1 port=${url##*:}
		for _ in 1 2 3; do
			[ "$(fetch "$url/a.txt")" = hello ]
		done
		said
		[[ $sentence == 'httpd: cannot write the access log to standard output (going on without): '* ]]
		ended TERM
	done
}

@test "a reader of the log that stops does not stop the server, and is told what it missed" {
	mkfifo says log
	exec {hold}<>log # so that the server can open it
	# 13,000 lines of a thousand bytes; a pipe takes 64 KiB [pipe(7)], and httpd keeps 9 MiB.
	printf 'url = URL/a.txt?%0900d\noutput = /dev/null\n' $(seq 13000) >urls
	for way in blocking nonblocking; do
		exec {reader}<log
		[ $way = blocking ] || nonblock=(python3 -c 'import os, sys; os.set_blocking(1, False); os.execv(sys.argv[1], sys.argv[1:])')
		setpriv --pdeathsig KILL "${nonblock[@]}" "$httpd" "${engine[@]}" --port 0 www >log 2>says 3>&- &
		pid=$!
		exec {says}<says
		said
		url=${sentence##* at } url=${url%/} host=127.0.0.1 port=${url##*:}
		sed "s|URL|$url|" urls | fetch --config - --write-out '%{http_code} %{size_download}\n' | sort | uniq -c >answers
		[[ $(cat answers) =~ ^' '*'13000 200 6'$ ]]
		cat <&"$reader" {hold}>&- >lines &
		cat=$!
		exec {reader}<&-
		said
		[[ $sentence =~ ^'httpd: '([0-9]+)' lines of the access log were dropped: who reads standard output is too slow'$ ]]
		dropped=${BASH_REMATCH[1]}
		((dropped > 100))
		fetch "$url/a.txt" >/dev/null
		ended TERM
		exec {hold}>&- {says}<&-
		wait $cat
		[ $((dropped + $(wc -l <lines))) -eq 13001 ]
		run ! grep -vE '^127\.0\.0\.1 .* 200 6$' lines
		exec {hold}<>log
	done
}

@test "zigw build serve is the server: its sentence, its status, its signals" {
	printf '%s\n' '#!/bin/sh' "exec '${BATS_TEST_DIRNAME%/tests}/zigw' build serve -- \"\$@\"" >by-zigw
	chmod +x by-zigw
	httpd=$PWD/by-zigw
	run -1 "$httpd" --port 0 none # what has to be built is built now, however long that takes
	[ "$output" = "httpd: cannot serve 'none' (give a folder that can be read): no such file or directory (ENOENT)" ]
	run -2 "$httpd" --nonsense
	[ "$output" = "httpd: unknown option '--nonsense'; try 'httpd --help'" ]
	serve www
	[ "$(fetch "$url/a.txt")" = hello ]
	ended TERM
	run ! fetch "$url/a.txt"
}

@test "--help and --version" {
	run -0 --separate-stderr timeout 10 "$httpd" --help
	[ -z "$stderr" ]
	for word in --address --cache-control --clean-urls --fallback --mime-types --no-listing --no-precompressed --port --quiet --help --version 'sage: httpd'; do
		[[ $output == *"$word"* ]]
	done
	run -0 --separate-stderr timeout 10 "$httpd" --version
	[[ ${lines[0]} =~ ^'httpd (Ringlet) '[0-9.]+$ ]]
	[ "${lines[1]}" = "machine: $(uname -m)" ]
	[[ ${lines[2]} =~ ^'commit: '([0-9a-z.-]+)$ ]]
	[[ ${lines[3]} =~ ^'engine: '(kernel$|'emulated: '.*'('E.*')'$) ]]
	[[ ${lines[4]} == 'built with:' && $output == *$'\n  HTTPD_WORKERS_MAX='* ]]
	forbid io_uring_setup=EPERM
	run -0 --separate-stderr "${forbidden[@]}" "$httpd" --version
	[[ ${lines[3]} == 'engine: emulated: a seccomp filter forbids io_uring here'*'(EPERM)' ]]
	run -0 "$httpd" --help
	((${#lines[@]} <= 35)) # a screen, nearly
	run -1 --separate-stderr bash -c 'timeout 10 "$1" --help >/dev/full' - "$httpd"
	[[ $stderr == 'httpd: cannot write to standard output: '* ]]
}

@test "--address: IPv4" {
	serve --address 127.0.0.2 www
	[ "$host" = 127.0.0.2 ]
	[ "$(fetch "$url/a.txt")" = hello ]
	run fetch "http://127.0.0.1:$port/a.txt"
	[ "$status" -eq 7 ]
	ended TERM
	serve -a0.0.0.0 www
	[ "$(fetch "http://127.0.0.3:$port/a.txt")" = hello ]
}

@test "--address: IPv6, and both" {
	[[ -e /proc/net/if_inet6 && $(</proc/net/if_inet6) == 00000000000000000000000000000001* || $(cat /proc/net/if_inet6 2>/dev/null) == *' lo'* ]] ||
		skip 'this machine has no ::1'
	serve --address ::1 www
	[[ $url == 'http://[::1]:'* ]]
	[ "$(fetch "$url/a.txt")" = hello ]
	ended TERM
	[[ $(<log) == '::1 - - ['* ]]
	serve --address=:: www
	[ "$(fetch "http://[::1]:$port/a.txt")" = hello ]
	[ "$(fetch "http://127.0.0.1:$port/a.txt")" = hello ]
	ended TERM
	[[ $(<log) == '::1 - - ['*$'\n127.0.0.1 - - ['* ]]
}

# powerless: what is started from now on has no more rights than an ordinary user, even if root runs the tests.
powerless() {
	local powers=-dac_override,-dac_read_search,-net_bind_service
	((EUID != 0)) || limited=(setpriv "--bounding-set=$powers" "--inh-caps=$powers")
}

@test "called wrongly: status 2 and why" {
	fails 2 "*'--nonsense'*" --nonsense
	fails 2 "*'www'*" outside www
	fails 2 '*--port*' --port 65536
	fails 2 '*--port*' --port -1
	fails 2 '*--port*' --port http
	fails 2 '*--port*' --port ''
	fails 2 '*--port*' --port
	fails 2 '--address wants *localhost*' --address localhost
	fails 2 '--address wants *' --address 127.0.0.256
	fails 2 '--address wants *' --address '[::1]'
	fails 2 '--address wants *' --address ''
}

@test "cannot start: status 1 and why" {
	serve www
	fails 1 "cannot listen at *$port/ (another program does*(EADDRINUSE)" --port "$port" www
	fails 1 "cannot serve 'none' *(ENOENT)" --port 0 none
	fails 1 "cannot serve 'www/a.txt' *(ENOTDIR)" --port 0 www/a.txt
	fails 1 "cannot serve '' *(ENOENT)" --port 0 ''
	fails 1 'cannot listen at http://192.0.2.1*(EADDRNOTAVAIL)' --port 0 --address 192.0.2.1 www
	[ "$(fetch "$url/a.txt")" = hello ]
}

@test "cannot start for want of permission: status 1 and why" {
	powerless
	mkdir -m 0 closed
	fails 1 "cannot serve 'closed' *(EACCES)" --port 0 closed
	(($(</proc/sys/net/ipv4/ip_unprivileged_port_start) > 99)) || skip 'no port is privileged here'
	fails 1 'cannot listen at http://127.0.0.1:99/ (ports below 1024 *(EACCES)' --port 99 www
}

@test "a file or folder that may not be read is 403" {
	powerless
	chmod 0 www/a.txt
	mkdir -m 0 www/closed
	serve www
	[ "$(status_of /a.txt)" = 403 ]
	[ "$(status_of /closed/)" = 403 ]
	[ "$(status_of /closed/x)" = 403 ]
	[ "$(status_of /empty)" = 200 ]
}

# names COUNT FOLDER: that many empty files with names of 240 bytes, each a kilobyte of a listing.
names() {
	mkdir "$2"
	python3 -c 'import sys
for i in range(int(sys.argv[1])): open(sys.argv[2] + f"/{i:05}" + "\u00e9" * 117, "w").close()' "$1" "$2"
}

@test "more long listings at once than there is room for: 503, until one has been taken" {
	names 4000 www/long
	serve_alone www # of its room it is
	(($(fetch "$url/long/" | wc -c) > 3500000)) # more than the kernel takes off the server's hands
	client listings /long/ 8
}

@test "a folder with too many names for a listing: 500, and a word on standard error" {
	names 10000 www/long
	serve www
	[ "$(status_of /long/)" = 500 ]
	said
	[[ $sentence == "httpd: cannot list the folder of 'GET /long/ HTTP/1.1': it has too many names "* ]]
	[ "$(fetch "$url/a.txt")" = hello ]
}

@test "a call that the kernel refuses: one sentence, and status 1 where nothing can be done without it" {
	forbid mmap=ENOMEM
	fails 1 'cannot get memory (allow it more*(ENOMEM)' --port 0 www
	forbidden=()
	forbid signalfd4=EPERM
	fails 1 'cannot get a descriptor for signals*(EPERM)' --port 0 www
	forbidden=()
	forbid socket=EAFNOSUPPORT
	fails 1 'cannot listen at * (this kernel has no such addresses; choose the other kind with --address): *(EAFNOSUPPORT)' --port 0 www
	forbidden=()
	forbid io_uring_enter=EPERM
	fails 1 'the ring failed: *(EPERM)' --port 0 www
	forbidden=()
	forbid clone=EAGAIN
	fails 1 'cannot start a worker: *(EAGAIN)' --port 0 www
	forbidden=()
	forbid rt_sigaction=EPERM
	run -0 --separate-stderr "${forbidden[@]}" "$httpd" --version
	[[ $output == 'httpd (Ringlet) '* && $stderr == 'httpd: faults will not be explained: '*'(EPERM)' ]]
}

@test "a file that cannot be asked about: 500, and a word on standard error" {
	forbid statx=EIO
	serve www
	[ "$(status_of /a.txt)" = 500 ]
	said
	[[ $sentence == "httpd: cannot answer 'GET /a.txt HTTP/1.1': "*'(EIO)' ]]
	[ "$(status_of /)" = 500 ]
}

@test "no io_uring: a word says why, and it is emulated" {
	engine=()
	while IFS='|' read -r call why; do
		forbidden=() pid=
		forbid "$call"
		mkfifo says
		setpriv --pdeathsig KILL "${forbidden[@]}" "$httpd" --port 0 www >log 2>says 3>&- &
		pid=$!
		exec {says}<says
		rm says
		said
		[[ $sentence == "httpd: "*"$why"*'until then it is emulated, which is slower: '*"(${call#*=})" ]]
		said
		url=${sentence##* at }
		[ "$(fetch "${url}a.txt")" = hello ]
		ended SIGTERM
	done <<-'END'
		io_uring_setup=EPERM|a seccomp filter forbids io_uring here
		io_uring_setup=ENOSYS|a seccomp filter forbids io_uring here
	END
}

@test "--engine kernel, and there is no io_uring: status 1 and why" {
	forbid io_uring_setup=EPERM
	fails 1 'cannot use io_uring: a seccomp filter forbids io_uring here*(EPERM)' --engine kernel --port 0 www
	forbidden=()
	forbid io_uring_setup=ENOSYS
	fails 1 'cannot use io_uring: a seccomp filter forbids io_uring here*(ENOSYS)' --engine=kernel --port 0 www
	fails 2 "--engine wants 'kernel' or 'emulated', not 'liburing'" --engine liburing www
	# Only that one reason is a reason to emulate.
	forbidden=()
	forbid io_uring_setup=ENFILE
	fails 1 'cannot use io_uring: this machine has too many files open*(ENFILE)' --port 0 www
}

@test "--engine emulated: no call of io_uring is made" {
	engine=(--engine emulated)
	forbid io_uring_setup=kill
	serve www
	[ "$(fetch "$url/a.txt")" = hello ]
	ended SIGINT
}

@test "on the other machines, by qemu-user, which has no io_uring: it is emulated" {
	for machine in "${machines[@]}"; do
		[[ $machine != "$(uname -m)" ]] || continue
		[ -e "$out/$machine/bin/httpd" ] || skip "no httpd for $machine was built"
		mkfifo says
		setpriv --pdeathsig KILL "qemu-$machine-static" "$out/$machine/bin/httpd" --port 0 www >log 2>says 3>&- &
		pid=$!
		exec {says}<says
		rm says
		said
		[[ $sentence == 'httpd: '*'until then it is emulated, which is slower: '*'(ENOSYS)' ]]
		said
		[[ $sentence == 'httpd: this kernel lacks Landlock (ENOSYS), '*'; going on without' ]]
		said
		url=${sentence##* at }
		[ "$(fetch "${url}a.txt")" = hello ]
		head -c 3000000 /dev/urandom >www/random
		fetch "${url}random" | cmp - www/random
		ended SIGTERM
	done
}

# big: www/big, the 100 MiB, and its sum.
big() {
	ln "$BATS_FILE_TMPDIR/big" www/big 2>/dev/null || cp "$BATS_FILE_TMPDIR/big" www/big
	sum=$(<"$BATS_FILE_TMPDIR/sum")
}

@test "a hundred MiB arrive as they are" {
	big
	serve www
	[ "$(fetch "$url/big" | sha256sum)" = "$sum  -" ]
}

@test "what is being sent when the server is told to end arrives whole" {
	big
	for signal in SIGTERM SIGINT; do
		serve www
		[ "$(client drain /big "$pid" "$signal")" = "$sum" ]
		wait "$pid"
	done
	tail -1 log
	[[ $(tail -1 log) == *'"GET /big HTTP/1.1" 200 104857600' ]]
}

@test "a second signal ends the server at once" {
	big
	serve www
	[ "$(client drain /big "$pid" SIGTERM,SIGINT)" = 'cut off' ]
	wait "$pid"
}

@test "clients that never finish do not keep the server from its end" {
	big
	serve www
	client hold /big "$pid"
	wait "$pid"
}

@test "idle servers end at once" {
	serve www
	SECONDS=0
	ended TERM
	((SECONDS <= 1))
}

@test "a thousand clients at once, and a hundred more than there are places" {
	ulimit -n 4096 || skip 'fewer than 4096 descriptors are allowed here'
	head -c 100000 "$BATS_FILE_TMPDIR/big" >www/middle
	limited=(prlimit --nofile=2080:2080)
	serve_alone www # of its places it is
	[ "$few" = 'httpd: serves at most 1024 connections at once, because 2080 files may be open (raise the hard limit, ulimit -Hn)' ]
	client crowd /middle 1000 1024
	client crowd /middle 1100 1024
	ended TERM
	[ "$(grep -c '"GET /middle HTTP/1.1" 200 100000$' log)" -eq 2100 ]
}

@test "--per-address: a further connection of one address is answered 503, until another has ended" {
	for address in 127.0.0.1 ::1; do
		serve --address "$address" --workers 1 --per-address 3 www
		timeout -k 5 60 python3 - "$host" "$port" <<-'EOF'
			import socket, sys, time
			def get(client):
			    client.sendall(b"GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n")
			    return client.recv(65536)[9:12]
			clients = [socket.create_connection(sys.argv[1:], 20) for _ in range(3)]
			assert all(get(client) == b"200" for client in clients)
			for _ in range(5):
			    with socket.create_connection(sys.argv[1:], 20) as more:
			        answer = get(more)
			        assert answer == b"503", answer
			        assert more.recv(1) == b"" # and the end, not a reset
			assert all(get(client) == b"200" for client in clients)
			clients.pop().close()
			until = time.monotonic() + 20
			while True:
			    with socket.create_connection(sys.argv[1:], 20) as more:
			        if get(more) == b"200":
			            break
			    assert time.monotonic() < until
		EOF
		ended TERM
	done
}

# resident: bytes of memory that the server uses.
resident() {
	awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$worker/status"
}

@test "two thousand idle connections: memory for their state, and for no buffer" {
	ulimit -n 4096 || skip 'fewer than 4096 descriptors are allowed here'
	serve_alone --quiet www
	(($(resident) <= 1 << 20))
	curl --silent "$url/a.txt?[1-100]" >answer # so that what is used in any case is there
	before=$(resident)
	client idlers /a.txt 2000 awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$worker/status" >held
	grown=$((($(cat held) - before) / 2000))
	echo "$before bytes, then $(cat held): $grown each"
	# The emulation keeps the operation that waits, which else the kernel does.
	if [ "${HTTPD_ENGINE-}" = emulated ]; then
		((grown <= 640))
	else
		((grown <= 256))
	fi
	ended TERM
}

@test "a client that is slow to read does not disturb others" {
	big
	serve www
	client beside /big /a.txt
	# nor does one that goes away
	client abort /big 20
	[ "$(fetch "$url/a.txt")" = hello ]
	ended TERM
}

@test "a client that says that it will send no more gets its answer" {
	serve www
	raw 'GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n' half >answer
	[ "$(tail -n 1 answer)" = hello ]
	raw 'GET /a.txt HTTP/1.1\r\nHo' half >answer
	[ ! -s answer ]
	raw '' half >answer
	[ ! -s answer ]
}

@test "clients that are refused and send without end, then hold the connection: it is closed" {
	serve_alone www
	client lingering 8
	ended TERM
}

@test "a file that shrinks while it is sent is not padded" {
	cp "$BATS_FILE_TMPDIR/big" www/shrinks
	serve www
	client shrink /shrinks www/shrinks
	[ "$(fetch "$url/a.txt")" = hello ]
	ended TERM
}

@test "clients that are too slow: 408, or the end; those in line behind them; and the trace, if it was asked for" {
	cat >config <<-'EOF'
		CONFIG_HTTPD_EXCHANGES_MAX=2
		CONFIG_HTTPD_HEADER_MS_MAX=500
		CONFIG_HTTPD_IDLE_MS_MAX=1000
		CONFIG_HTTPD_RATE_MIN=524288
		CONFIG_RING_TRACE=y
		# CONFIG_APP_CAT is not set
		# CONFIG_APP_LESSONS is not set
	EOF
	(cd "$BATS_TEST_DIRNAME/.." && ./zigw build -Dconfig="$BATS_TEST_TMPDIR/config" -Dmachine="$(uname -m)" -Dtests=false -p "$BATS_TEST_TMPDIR/short") ||
		[ -e short/"$(uname -m)"/bin/httpd ]
	httpd=$PWD/short/$(uname -m)/bin/httpd
	big
	serve_alone www # with two exchanges in all
	client trickle /a.txt
	client idle /a.txt
	client slow_body /a.txt
	client stuck /big log
	client dripping /big log
	names 4000 www/long
	client stingy /long/
	client line /a.txt 2 40
	ended TERM
	[ "$(grep -c '"GET /a.txt HTTP/1.1" 408 ' log)" -eq 3 ]
	[ "$(grep -c '" 408 ' log)" -eq 5 ]
	# Each of the two is given back, however a request ends: else the next ones would stand in line for ever.
	traps
	serve_alone www
	client hostile 1 300 'top secret' "$PWD/outside"
	client abort /big 5
	for _ in 1 2 3; do
		fetch "$url/a.txt" "$url/" "$url/long/" "$url/sub" "$url/fifo" "$url/none" "$url/big" >/dev/null
	done
	client line /a.txt 2 40
	ended TERM
	serve_alone www # nobody who is in line keeps it from ending
	client line_ends /a.txt 2 "$pid"
	ended_by_itself
	limited=(env RING_TRACE=1)
	mkfifo says
	"${limited[@]}" setpriv --pdeathsig KILL "$httpd" "${engine[@]}" --port 0 --workers 1 www >log 2>says 3>&- &
	pid=$!
	exec {says}<says
	until [[ ${sentence-} == "httpd: serving 'www' at "* ]]; do # the worker's first entries are before that
		said
	done
	url=${sentence##* at } url=${url%/} host=127.0.0.1 port=${url##*:}
	[ "$(fetch "$url/a.txt")" = hello ]
	for operation in accept openat2 send; do
		until [[ ${sentence-} == *"$operation"* ]]; do
			said
		done
	done
	# What was asked for at once is sent at once, when it is remembered, and each answer is told of.
	fetch "$url/a.txt" "$url/a.txt" >/dev/null
	request='GET /a.txt HTTP/1.1\r\nHost: a\r\n' all=
	for _ in {1..15}; do
		all+="$request\r\n"
	done
	: >log
	raw "$all${request}Connection: close\r\n\r\n" >answer
	[ "$(grep -c '^hello' answer)" -eq 16 ]
	kill -TERM "$pid"
	grep ' send ' <&"$says" >sends
	(($(wc -l <sends) <= 4)) # two of them for the fetches
	[ "$(grep -c '"GET /a.txt HTTP/1.1" 200 6$' log)" -eq 16 ]
}

@test "a kernel without pools of buffers: the same" {
	[ "${HTTPD_ENGINE-}" != emulated ] || skip 'the emulation has them'
	forbid io_uring_register:22=EINVAL # IORING_REGISTER_PBUF_RING
	traps
	big
	serve_alone www # with its two places for requests
	client crowd /a.txt 500 1024
	client hostile 1 100 'top secret' "$PWD/outside"
	client abort /big 5
	raw 'GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' bytes >answer
	[ "$(grep -c '^hello' answer)" -eq 2 ]
	[ "$(fetch "$url/big" | sha256sum | cut -d ' ' -f 1)" = "$(cat "$BATS_FILE_TMPDIR/sum")" ]
	ended TERM
}

@test "no descriptors left: says so, waits, goes on" {
	limited=(prlimit --nofile=40:40)
	serve_alone www # else each of them says so
	[[ $few == *'at most 4 connections'* ]]
	client exhaust /a.txt 40
	# fewer than it was told at the start
	prlimit --pid "$worker" --nofile=3:
	for _ in {1..5}; do # what waits already for a connection may have it [Linux io_uring/net.c, io_accept_prep]
		exec {one}<>"/dev/tcp/$host/$port"
		exec {one}<&-
	done
	said
	[[ $sentence == 'httpd: cannot accept a connection (it waits; raise ulimit -n)'*'(EMFILE)' ]]
	prlimit --pid "$worker" --nofile=40:
	[ "$(fetch "$url/a.txt")" = hello ]
	ended TERM
}

# round: all kinds of requests, and what the server holds when they are over: descriptors, and KiB of memory.
round() {
	client crowd /a.txt 500 1024
	client hostile 1 300 'top secret' "$PWD/outside"
	client abort /big 5
	for _ in {1..10}; do # more pages than there is room for at once
		fetch --fail "$url/many/" >/dev/null
	done
	fetch "$url/big" "$url/" "$url/fifo" "$url/none" >/dev/null
	SECONDS=0
	until held=$(find "/proc/$worker/fd" -mindepth 1 | wc -l) && ((held <= descriptors)); do
		((SECONDS < 10))
		sleep 0.02
	done
	memory=$(awk '/^VmRSS/ { print $2 }' "/proc/$worker/status")
}

# space: KiB of address space that the server has.
space() {
	awk '/^VmSize/ { print $2 }' "/proc/$worker/status"
}

@test "what is asked for again is not opened again, and answered as at first" {
	head -c 1000 /dev/urandom >www/small
	head -c 100000 /dev/urandom >www/middle
	head -c 300000 /dev/urandom >www/large
	printf 'the index\n' >www/index.html
	printf 'as it is\n' >www/coded
	printf 'compressed\n' >www/coded.gz
	cp www/coded.gz www/index.html.br
	serve www
	client remembered "$PWD/www"
}

@test "what is remembered is what is there: a change is known to the next answer" {
	powerless
	serve --clean-urls www
	client changes "$PWD/www" "$PWD/outside" yes
}

@test "without inotify a change is known within two seconds" {
	powerless
	forbid inotify_init1=ENOSYS
	serve --clean-urls www
	client changes "$PWD/www" "$PWD/outside" no
	ended TERM
}

@test "no descriptor for inotify: a word, and it goes on" {
	forbid inotify_init1=EMFILE
	mkfifo says
	setpriv --pdeathsig KILL "${forbidden[@]}" "$httpd" "${engine[@]}" --port 0 --workers 1 www >log 2>says 3>&- &
	pid=$!
	exec {says}<says
	said
	[[ $sentence == 'httpd: cannot watch for changes, which are seen within a second then ('*max_user_instances*'(EMFILE)' ]]
	said
	[ "$(fetch "${sentence##* at }a.txt")" = hello ]
	ended TERM
}

@test "more changes than inotify keeps in mind: all is found anew" {
	serve_alone www
	client flood "$PWD/www" "$worker"
}

@test "descriptors of remembered files are given back where there are no others" {
	limited=(prlimit --nofile=128:128)
	serve_alone www # 48 connections
	client give_back "$PWD/www" 100 45
	ended TERM # without a word: no client had to wait
}

@test "files that are replaced while they are asked for are never mixed" {
	serve www
	client mix "$PWD/www" 500
}

@test "more files than are remembered, and no descriptor is kept" {
	head -c 300000 /dev/urandom >www/large
	serve_alone www
	descriptors=$(find "/proc/$worker/fd" -mindepth 1 | wc -l)
	client many "$PWD/www" 600 2
	fetch "$url/large" "$url/large" "$url/large" >/dev/null
	(($(find "/proc/$worker/fd" -mindepth 1 | wc -l) > descriptors))
	SECONDS=0
	until held=$(find "/proc/$worker/fd" -mindepth 1 | wc -l) && ((held <= descriptors)); do
		((SECONDS < 10))
		sleep 0.02
	done
}

@test "nothing leaks" {
	traps
	big
	mkdir www/many
	(cd www/many && seq -f 'file-%05.0f' 3000 | xargs touch)
	serve_alone www
	descriptors=$(find "/proc/$worker/fd" -mindepth 1 | wc -l)
	taken=$(space)
	round
	# As many exchanges are used as were ever needed at once, which a crowd leaves to chance; and the kernel, or the emulation, takes
	# them in turn, so that what is long is composed in others each time: some 200 KiB a round, until all have been touched. Nothing
	# can be allocated (the space is the same), so what leaks is descriptors, or an exchange for each of two thousand requests.
	for _ in {1..8}; do
		before=$memory
		round
		echo "descriptors $descriptors, then $held; KiB $before, then $memory; of addresses $taken, then $(space)"
		(($(space) == taken))
		((memory > before + 512)) || break
	done
	((memory <= before + 512))
}
