// tests/differential/compare.js OURS COUNT SEED: what httpd accepts, llhttp accepts too, with the same meaning.
//
// OURS is tests/differential/ours.c, built. llhttp is the parser of Node's http module. COUNT times a connection's bytes are made
// from good requests by mutation. Every request that httpd reads to its end must be one to llhttp as well, with the same
// method, target, version, Host and persistence, and must end at the same byte: not one earlier, not one later. What httpd
// refuses is not compared: it may be stricter.
//
// Prints what was found and ends with status 1 if there is a difference that is not in the list below.
"use strict";
process.noDeprecation = true;
const {spawnSync} = require("child_process");
const {HTTPParser, methods, allMethods} = process.binding("http_parser");
const names = allMethods || methods;

// The differences that are known and meant, each with its reason. `fits` is asked about a request of ours, what llhttp
// said of it, its text, and what came before it.
const DIFFERENCES = [
	{
		reason: "llhttp knows a list of methods; any token is one by RFC 9110 §9.1, and httpd answers 501",
		fits: (ours, theirs) => theirs.code === "HPE_INVALID_METHOD" && !names.includes(ours.method),
	},
	{
		reason: "llhttp takes HTTP/1.0 and 1.1 only; a higher minor version is answered as 1.1 by RFC 9110 §2.5",
		fits: (ours, theirs) => theirs.code === "HPE_INVALID_VERSION" && /^HTTP\/1\.[2-9]$/.test(ours.version),
	},
	{
		reason: "llhttp takes no blanks around ';' and '=' of a chunk's extension; RFC 9112 §7.1.1 has them, RFC 9110 §5.6.3 has one read them",
		fits: (ours, theirs, text) => /^HPE_(INVALID_CHUNK|STRICT)/.test(theirs.code) && /\r\n[0-9a-f]+([ \t]|;[^\r\n]*[ \t])[^\r\n]*\r\n/i.test(text),
	},
	{
		reason: "llhttp refuses trailers that are named like the fields of framing; they are to be ignored by RFC 9110 §6.5.1, and httpd drops all",
		fits: (ours, theirs, text) => theirs.method && /^HPE_INVALID_(TRANSFER_ENCODING|CONTENT_LENGTH)$/.test(theirs.code) &&
			/\r\n0+(;[^\r\n]*)?\r\n([^\r\n]+\r\n)*(transfer-encoding|content-length):[^\r\n]*\r\n([^\r\n]+\r\n)*\r\n$/i.test(text),
	},
	{
		reason: "llhttp closes the connection for a Connection: close in a trailer; the same",
		fits: (ours, theirs, text, before) => theirs.code === "HPE_CLOSED_CONNECTION" &&
			/\r\n0+(;[^\r\n]*)?\r\n([^\r\n]+\r\n)*connection:[^\r\n]*close[^\r\n]*\r\n([^\r\n]+\r\n)*\r\n$/i.test(before),
	},
	{
		reason: "llhttp does not know a length, chunked, close or keep-alive with a tab behind it; optional white space is space and tab by RFC 9110 §5.6.3",
		fits: (ours, theirs, text) => (/^HPE_INVALID_(TRANSFER_ENCODING|CONTENT_LENGTH)$/.test(theirs.code) || (!theirs.code && theirs.keep !== ours.keep)) &&
			/\r\n(content-length|transfer-encoding|connection):[^\r\n]*(\d|chunked|close|keep-alive) *\t/i.test(text),
	},
	{
		reason: "llhttp refuses 'chunked,' though it takes ',chunked'; empty members of a list are ignored by RFC 9110 §5.6.1.2",
		fits: (ours, theirs, text) => theirs.code === "HPE_INVALID_TRANSFER_ENCODING" &&
			/\r\ntransfer-encoding:[ \t,]*chunked[ \t,]*,[ \t,]*\r\n/i.test(text),
	},
	{
		reason: "HTTP/1.0 with both close and keep-alive: llhttp keeps the connection, httpd closes it, the safe side",
		fits: (ours, theirs) => ours.minor === 0 && !ours.keep && theirs.keep && theirs.closes,
	},
];

let state; // of the generator: xorshift32, so that a seed gives the same requests everywhere
function below(limit) {
	state ^= state << 13;
	state ^= state >>> 17;
	state ^= state << 5;
	return (state >>> 0) % limit;
}
const pick = (list) => list[below(list.length)];

const LINES = [
	"GET / HTTP/1.1", "GET /a%20b?x=1&y HTTP/1.1", "HEAD /a HTTP/1.1", "OPTIONS * HTTP/1.1", "POST /x HTTP/1.1", "PUT /x/ HTTP/1.0",
	"GET http://a.b:80/x?y HTTP/1.1", "GET http://[::1]/ HTTP/1.1", "DELETE /d HTTP/1.1", "GET / HTTP/1.0", "PATCH //a//b HTTP/1.1",
	"TRACE / HTTP/1.1", "BREW /pot HTTP/1.1", "GET /|[]{}^`\\\"<> HTTP/1.1", "GET HTTP://a HTTP/1.1", "GET https://a?b HTTP/1.1",
];
const FIELDS = [
	"Host: a", "host:a:80", "Host: [::1]:8080", "Connection: close", "Connection: keep-alive", "Connection: foo, close", "connection:,keep-alive,",
	"Accept: */*", "X-Y:", "X: \t y \t", "User-Agent: t\xc3\xa4st (x; y)", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "Expect: 100-continue",
	"Cookie: a=b; c=\"d\"", "!#$%&'*+-.^_`|~09azAZ: x", "TE: trailers", "Content-Type: a/b",
];
const BODIES = [
	["Content-Length: 5", "hello"], ["Content-Length: 0", ""], ["content-length:12 ", "GET / HTTP/1"],
	["Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"], ["Transfer-Encoding: chunked", "0\r\n\r\n"],
	["Transfer-Encoding: chunked", "10\r\n0123456789abcdef\r\n1F;x\r\n0123456789abcdef0123456789abcde\r\n0\r\n\r\n"],
	["transfer-encoding:, Chunked", "1;a=b\r\nX\r\n0a\r\n0123456789\r\n000\r\nA: b\r\nC:\r\n\r\n"],
	["Transfer-Encoding: chunked", "3 ; a = \"b\\\"c\" ;d\r\n\r\n0\r\n0;e\r\n\r\n"],
	["Transfer-Encoding: gzip, chunked", "0\r\n\r\n"], ["Content-Length: 3\r\nTransfer-Encoding: chunked", "0\r\n\r\n"],
	["Content-Length: 3\r\nContent-Length: 3", "abc"], ["Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n"],
];
// What is put in somewhere.
const WORDS = [
	"\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "\"", "\\", "/", "?", "#", "%", "@", "0", "1", "f", "x", "\x7f", "\x80", "\xff", "\x0b", "\x0c",
	"HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "Host: a\r\n", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "chunked", "close", "keep-alive",
	"\r\n\r\n", "0\r\n\r\n", ";a=b", "=\"", "http://", "*", "+", "-", "_", "0x", "18446744073709551616", "00000000000000000", " \r\n", "\r\n ", "identity",
];

function good() {
	const lines = [pick(LINES)];
	if (below(16) > 0)
		lines.push(pick(FIELDS.slice(0, 3)));
	for (let i = below(4); i > 0; i--)
		lines.push(pick(FIELDS.slice(3)));
	const [field, body] = below(2) ? pick(BODIES) : ["", ""];
	if (field)
		lines.splice(1 + below(lines.length), 0, field);
	return lines.join("\r\n") + "\r\n\r\n" + body;
}

function mutated(text) {
	const at = below(text.length + 1), len = 1 + below(8), word = pick(WORDS);
	switch (below(7)) {
	case 0: // a word put in
		return text.slice(0, at) + word + text.slice(at);
	case 1: // ... in the place of others
		return text.slice(0, at) + word + text.slice(at + word.length);
	case 2: // bytes taken out
		return text.slice(0, at) + text.slice(at + len);
	case 3: // ... or doubled
		return text.slice(0, at + len) + text.slice(at);
	case 4: // one byte that is any
		return text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
	case 5: { // a line taken from elsewhere
		const lines = text.split("\r\n"), line = pick(lines);
		lines.splice(below(lines.length), below(2), line);
		return lines.join("\r\n");
	}
	default: // upper and lower case
		return text.slice(0, at) + text.slice(at, at + len).replace(/[a-z]/gi, (c) => (c < "a" ? c.toLowerCase() : c.toUpperCase())) + text.slice(at + len);
	}
}

function connection() {
	let text = below(8) ? "" : "\r\n";
	for (let i = 1 + below(3); i > 0; i--)
		text += good();
	for (let i = below(4); i > 0; i--)
		text = mutated(text);
	return Buffer.from(text, "latin1");
}

function ask(ours, frames) {
	const parts = [];
	for (const frame of frames) {
		const head = Buffer.alloc(4);
		head.writeUInt32LE(frame.length);
		parts.push(head, frame);
	}
	const {stdout, status, stderr, error} = spawnSync(ours, [], {input: Buffer.concat(parts), maxBuffer: 1 << 30});
	if (status !== 0)
		throw error || new Error(`ours ended with ${status}: ${stderr}`);
	return stdout.toString("latin1").split("\n");
}

// The requests of a frame, from the line that ours.c wrote.
function requests(line, frame) {
	const numbers = line.trim().split(" ").map(Number), found = [];
	for (let i = 0; i + 7 <= numbers.length; i += 7) {
		const [end, at, len, host, hostLen, minor, keep] = numbers.slice(i, i + 7);
		const [method, target, version] = frame.latin1Slice(at, at + len).split(" ");
		found.push({end, method, target, version, host: frame.latin1Slice(host, host + hostLen), minor, keep: keep === 1});
	}
	return found;
}

const parser = new HTTPParser();
let told; // of the request in work
function addFields(fields) {
	for (let i = 0; i + 1 < fields.length; i += 2) {
		const name = fields[i].toLowerCase();
		if (name === "host")
			told.host = fields[i + 1];
		if (name === "connection")
			told.closes ||= /(^|,)[ \t]*close[ \t]*(,|$)/i.test(fields[i + 1]);
	}
}
parser[HTTPParser.kOnHeaders | 0] = (fields, target) => {
	if (told.method) // those of a trailer, which count for nothing
		return;
	addFields(fields);
	told.target += target;
};
parser[HTTPParser.kOnHeadersComplete | 0] = (major, minor, fields, method, target, status, reason, upgrade, keep) => {
	addFields(fields || []);
	Object.assign(told, {major, minor, method: names[method], keep, target: told.target + (target || "")});
	return 0;
};
parser[HTTPParser.kOnBody | 0] = () => {};
parser[HTTPParser.kOnMessageComplete | 0] = () => {
	told.whole++;
};

// What llhttp says of a request of ours: "" that it is the same, else in what it differs.
function difference(ours, bytes) {
	told = {whole: 0, host: "", target: "", closes: false};
	// All but the last byte: not yet whole. With the last: whole.
	let result = parser.execute(bytes.subarray(0, -1));
	if (result instanceof Error)
		return Object.assign(told, {code: result.code}), `is refused: ${result.code} ${result.reason}`;
	if (told.whole > 0)
		return "ends earlier";
	result = parser.execute(bytes.subarray(-1));
	if (result instanceof Error)
		return Object.assign(told, {code: result.code}), `is refused: ${result.code} ${result.reason}`;
	if (told.whole !== 1)
		return "ends later";
	if (told.method !== ours.method || told.target !== ours.target)
		return `is ${told.method} ${told.target}`;
	if (told.major !== 1 || told.minor !== ours.minor)
		return `is HTTP/${told.major}.${told.minor}`;
	if (/^[/*]/.test(ours.target) && told.host !== ours.host)
		return `is for the host ${told.host}`;
	if (told.keep !== ours.keep)
		return told.keep ? "keeps the connection" : "closes the connection";
	return "";
}

function main(ours, count, seed) {
	const counts = DIFFERENCES.map(() => 0);
	let same = 0, unexpected = 0, refused = 0;
	state = seed || 1;
	for (let done = 0; done < count;) {
		const frames = [];
		for (; frames.length < 20000 && done < count; done++)
			frames.push(connection());
		const lines = ask(ours, frames);
		frames.forEach((frame, at) => {
			parser.initialize(HTTPParser.REQUEST, {});
			let start = 0;
			const found = requests(lines[at], frame);
			refused += found.length === 0;
			for (const request of found) {
				const what = difference(request, frame.subarray(start, request.end));
				const from = start;
				start = request.end;
				if (what === "") {
					same++;
					continue;
				}
				const known = DIFFERENCES.findIndex((each) => each.fits(request, told, frame.latin1Slice(from, request.end), frame.latin1Slice(0, from)));
				if (known >= 0)
					counts[known]++;
				else if (++unexpected <= 10)
					console.log(`llhttp: ${what}\n  ${JSON.stringify(frame.latin1Slice(0, request.end))}`);
				break; // what llhttp makes of the rest says nothing
			}
		});
	}
	console.log(`differential: ${count} connections from seed ${seed}, ${refused} of them refused from the start; ` +
		`${same} requests accepted by both, with the same meaning (llhttp ${process.versions.llhttp})`);
	DIFFERENCES.forEach(({reason}, at) => console.log(`  ${counts[at]} known: ${reason}`));
	console.log(`  ${unexpected} others`);
	return unexpected > 0 || same < count / 4 ? 1 : 0;
}

process.exitCode = main(process.argv[2], Number(process.argv[3]), Number(process.argv[4]));
