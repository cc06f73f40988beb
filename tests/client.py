#!/usr/bin/env -S python3 -IS
"""tests/client.py WHAT HOST PORT ARGUMENT...: clients of httpd that curl cannot be: rude, slow, and many at once.

Each function below whose name begins with client_ is one WHAT. It ends with status 0 if the server did as it must; else it says
what happened instead. No socket waits longer than PATIENCE seconds.
"""

import ctypes
import hashlib
import os
import random
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time

PATIENCE = 20


def connect(host, port, receive_bytes=None, segment_bytes=None):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    client = socket.socket(family, socket.SOCK_STREAM)
    client.settimeout(PATIENCE)
    if receive_bytes:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    if segment_bytes:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment_bytes)
    client.connect((host, int(port)))
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


def get(path, *fields):
    return "\r\n".join((f"GET {path} HTTP/1.1", "Host: a", *fields, "", "")).encode()


def head_of(client):
    """The head of a response, and what of its content came with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(65536)
        if not part:
            raise EOFError(f"the connection ended after {data!r}")
        data += part
    head, _, content = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:])
    return int(lines[0].split(" ")[1]), fields, content


def response(client):
    status, fields, content = head_of(client)
    content = bytearray(content)
    while len(content) < int(fields["content-length"]):
        part = client.recv(65536)
        if not part:
            raise EOFError(f"the content ended after {len(content)} bytes")
        content += part
    return status, fields, bytes(content)


def rest(client):
    data = bytearray()
    while part := client.recv(65536):
        data += part
    return data


def client_send(host, port, *how):
    """Sends the standard input and writes what comes until the server closes. `half`: says first that no more will be sent;
    `bytes`: sends one byte at a time."""
    request = sys.stdin.buffer.read()
    with connect(host, port) as client:
        if "bytes" in how:
            for byte in request:
                client.sendall(bytes((byte,)))
        else:
            client.sendall(request)
        if "half" in how:
            client.shutdown(socket.SHUT_WR)
        sys.stdout.buffer.write(rest(client))


def client_parts(host, port, path, name, ranges, *expected):
    """Several ranges: a multipart, taken apart by its boundary, whose parts are those bytes of the file, in that order."""
    with open(name, "rb") as file:
        whole = file.read()
    with connect(host, port) as client:
        client.sendall(get(path, f"Range: bytes={ranges}"))
        status, fields, content = response(client)
        assert status == 206 and "content-range" not in fields, (status, fields)
        kind, _, boundary = fields["content-type"].partition("; boundary=")
        assert kind == "multipart/byteranges", fields
        empty, *parts, end = content.split(b"\r\n--" + boundary.encode())
        assert empty == b"" and end == b"--\r\n", (empty, end)
        assert len(parts) == len(expected), parts
        for part, wanted in zip(parts, expected):
            head, _, data = part.partition(b"\r\n\r\n")
            first, last = map(int, wanted.split("-"))
            assert head == f"\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {wanted}/{len(whole)}".encode(), head
            assert data == whole[first : last + 1], wanted
        client.sendall(get(path, "Range: bytes=0-0"))  # the connection goes on
        assert response(client)[2] == whole[:1]


def client_trickle(host, port, path):
    """Two fields a second, without end, while another client is served: 408, and the other does not notice."""
    with connect(host, port) as slow, connect(host, port) as other:
        slow.sendall(f"GET {path} HTTP/1.1\r\n".encode())
        while not select.select([slow], [], [], 0.05)[0]:
            slow.sendall(b"A: b\r\n")
            other.sendall(get(path))
            assert response(other)[0] == 200
        status, fields, _ = response(slow)
        assert status == 408 and fields["connection"] == "close", (status, fields)


def client_slow_body(host, port, path):
    """A body that comes a byte at a time, sized or in chunks, is not waited for without end: 408."""
    for framing, byte in (("Content-Length: 100000", b"x"), ("Transfer-Encoding: chunked", b"1\r\nx\r\n")):
        with connect(host, port) as slow:
            slow.sendall(get(path, framing))
            end = time.monotonic() + PATIENCE
            while not select.select([slow], [], [], 0.05)[0]:
                assert time.monotonic() < end, "it was waited for"
                slow.sendall(byte)
            status, fields, _ = response(slow)
            assert status == 408 and fields["connection"] == "close", (status, fields)


def client_expect(host, port, path):
    """A client that sends no body before it is told to, twice on one connection."""
    with connect(host, port) as client:
        for framing, body in (("Content-Length: 3", b"abc"), ("Transfer-Encoding: chunked", b"3\r\nabc\r\n0\r\n\r\n")):
            client.sendall(get(path, "Expect: 100-continue", framing))
            invitation = b"HTTP/1.1 100 Continue\r\n\r\n"
            told = client.recv(len(invitation), socket.MSG_WAITALL)
            assert told == invitation, told
            assert not select.select([client], [], [], 0)[0], "it was answered before the body"
            client.sendall(body)
            status, _, content = response(client)
            assert status == 200 and content == b"hello\n", (status, content)


def client_pipeline(host, port, count):
    """`count` requests in a row, every third with a body; the answers are read only where no more can be sent. Each is the one
    that was asked for."""
    count, digit = int(count), lambda at: at * 7 % 10
    fields = (), ("Content-Length: 5",), ("Transfer-Encoding: chunked",)
    bodies = b"", b"GET /", b"5;a=b\r\nGET /\r\n0\r\nA: b\r\n\r\n"
    requests = b"".join(get(f"/{digit(at)}", *fields[at % 3]) + bodies[at % 3] for at in range(count))
    answers = bytearray()
    with connect(host, port) as client:
        client.setblocking(False)
        while requests or answers.count(b"\r\n\r\nthis is ") < count:
            can_read, can_write, _ = select.select([client], [client] if requests else [], [], PATIENCE)
            assert can_read or can_write, f"{len(answers)} bytes came, {len(requests)} are still to be sent"
            if can_write:
                requests = requests[client.send(requests[:65536]):]
            else:
                part = client.recv(1 << 20)
                assert part, f"the connection ended after {len(answers)} bytes"
                answers += part
    found = re.findall(rb"\r\n\r\nthis is ([0-9])", answers)
    assert found == [b"%d" % digit(at) for at in range(count)]


def client_idle(host, port, path):
    """A connection that is idle too long is closed without a word, whether or not it has had an answer."""
    with connect(host, port) as new, connect(host, port) as used:
        used.sendall(get(path))
        assert response(used)[0] == 200
        assert rest(new) == b"" and rest(used) == b""


def client_stuck(host, port, path, log):
    """A client that takes nothing loses its connection in the end. The log tells of the answer that was cut off, with the bytes
    that are on their way: so many arrive."""
    with connect(host, port, 262144) as client, open(log, encoding="ascii") as lines:
        client.sendall(get(path))
        end, text = time.monotonic() + PATIENCE, ""
        while f"GET {path} " not in text:
            assert time.monotonic() < end, "it was kept"
            select.select([], [], [], 0.05)
            text += lines.read()
        told = re.search(f'"GET {re.escape(path)} HTTP/1.1" 200 ([0-9]+)\n', text)
        _, fields, content = head_of(client)
        came = len(content) + len(rest(client))
        assert 0 < came < int(fields["content-length"]), came
        assert told and int(told[1]) == came, (text, came)


def client_dripping(host, port, path, log):
    """A client that takes some bytes now and then, less than it must, loses its connection; one that takes more, at the end of a line
    that is slow too, keeps it for many times as long."""
    with connect(host, port, 262144) as slow, connect(host, port, 4096) as dripping, open(log, encoding="ascii") as lines:
        slow.sendall(get(path + "?slow"))
        dripping.sendall(get(path + "?dripping"))
        begin, text, came = time.monotonic(), "", 0
        while f"GET {path}?dripping " not in text or time.monotonic() < begin + 6:
            assert time.monotonic() < begin + PATIENCE, "it was kept"
            came += len(slow.recv(100000))
            if f"GET {path}?dripping " not in text:
                assert dripping.recv(10)
            time.sleep(0.05)
            text += lines.read()
        assert f"GET {path}?slow " not in text, text
        assert came > 6 * 524288, came


def client_stingy(host, port, path):
    """A client that takes a part of what is sent in each period, less than it must, gets no other period for what it took. (Segments
    are small, and with them the server's buffer: so there is room in it again before enough was taken.)"""
    with connect(host, port, 4096, 536) as client:
        client.sendall(get(path))
        _, fields, content = head_of(client)
        came = len(content)
        try:
            while part := client.recv(3000):
                came += len(part)
                time.sleep(0.01)
        except ConnectionResetError:
            pass
        assert came < int(fields["content-length"]), "it was waited for"


def client_lingering(host, port, count):
    """Clients that are refused and go on sending, across the end of the time that the server listens on for their sake, and then hold
    the connection: it is closed nevertheless."""
    clients = [connect(host, port) for _ in range(int(count))]
    for client in clients:
        client.sendall(b"bad\r\n\r\n")
    for client in clients:
        assert rest(client).startswith(b"HTTP/1.1 400 ")
    end, flood, gone = time.monotonic() + 3, bytes(65536), set()
    while time.monotonic() < end and len(gone) < len(clients):
        for client in clients:
            try:
                client.send(flood, socket.MSG_DONTWAIT)
            except BlockingIOError:
                pass
            except (BrokenPipeError, ConnectionResetError):
                gone.add(client)
    poll = select.poll()
    for client in set(clients) - gone:
        poll.register(client, 0)  # errors, and the end of both sides
        assert poll.poll(PATIENCE * 1000), "it is still open"
        poll.unregister(client)


def client_listings(host, port, path, places):
    """As many clients as there are places for listings take nothing of theirs; the next is told to come again, and may when one
    of them has left."""
    ask = get(path)
    slow = [connect(host, port, 4096) for _ in range(int(places))]
    for client in slow:
        client.sendall(ask)
        assert client.recv(1) == b"H"  # it has its place
    with connect(host, port) as other:
        other.sendall(ask)
        status, fields, _ = response(other)
        assert status == 503, status
    end = time.monotonic() + PATIENCE
    slow[0].close()
    while status == 503:
        assert time.monotonic() < end, "the place was not given back"
        with connect(host, port) as other:
            other.sendall(ask)
            status, fields, _ = response(other)
    assert status == 200, status


def client_crowd(host, port, path, count, places):
    """`count` clients at once, each of which gets the file, though the server has only `places`."""
    count, places = int(count), int(places)
    clients = [connect(host, port) for _ in range(count)]
    for client in clients:
        client.sendall(get(path)[:20])
    for client in clients:
        client.sendall(get(path)[20:])
    poll = select.poll()
    waiting = {client.fileno(): client for client in clients}
    for client in clients:
        poll.register(client, select.POLLIN)
    contents, served = set(), []
    while waiting:
        # Who has been answered and keeps its connection keeps its place.
        ready = poll.poll(PATIENCE * 1000 if len(served) < min(places, len(waiting) + len(served)) else 300)
        if not ready:
            assert len(served) == places, f"{len(served)} of {count} were answered at once"
            for client in served:
                client.close()
            served, places = [], count
        for number, _ in ready:
            client = waiting.pop(number)
            poll.unregister(client)
            status, _, content = response(client)
            assert status == 200, status
            contents.add(content)
            served.append(client)
            assert len(served) <= places, "more were served than there are places"
    assert len(contents) == 1


def client_line(host, port, path, places, count):
    """Slow clients take all the places there are for requests; `count` others ask meanwhile, and as many say nothing. Those who ask
    are answered as soon as one of the slow has been given up, and not before; those who say nothing are in nobody's way."""
    slow = [connect(host, port) for _ in range(int(places))]
    for client in slow:
        client.sendall(b"G")
    others = [connect(host, port) for _ in range(2 * int(count))]
    for client in others[: int(count)]:
        client.sendall(get(path))
    assert select.select(others, [], [], PATIENCE)[0], "nobody was answered"
    assert select.select(slow, [], [], 0)[0], "all were answered at once"
    for client in others[: int(count)]:
        assert response(client)[0] == 200
    for client in slow:
        assert response(client)[0] == 408


def client_line_ends(host, port, path, places, pid):
    """Who is in line when the server is told to end is not answered, and does not keep it."""
    slow = [connect(host, port) for _ in range(int(places))]
    for client in slow:
        client.sendall(b"G")
    with connect(host, port) as other:
        other.sendall(get(path))
        os.kill(int(pid), signal.SIGTERM)
        try:
            assert rest(other) == b""
        except ConnectionResetError:
            pass


def client_idlers(host, port, path, count, *command):
    """Runs a command while `count` connections, each of which has had an answer, are idle; then all of them ask again at once."""
    clients = []
    for _ in range(int(count)):
        clients.append(connect(host, port))
        clients[-1].sendall(get(path))
        assert response(clients[-1])[0] == 200
    subprocess.run(command, check=True)
    for client in clients:
        client.sendall(get(path))
    for client in clients:
        assert response(client)[0] == 200


def client_rounds(host, port, path, count):
    """`count` clients that stay connected: each is answered before the next one comes, then all ask again at once.

    For a server behind QEMU's user network, which forwards a port with a listen backlog of 1 [libslirp src/misc.c]: of
    clients that come at once the host drops most, and the server never hears of them."""
    clients, contents = [], set()

    def answer(client):
        status, _, content = response(client)
        assert status == 200, status
        contents.add(content)

    for _ in range(int(count)):
        clients.append(connect(host, port))
        clients[-1].sendall(get(path))
        answer(clients[-1])
    for client in clients:
        client.sendall(get(path))
    for client in clients:
        answer(client)
    assert len(contents) == 1


def client_hostile(host, port, seed, count, secret, outside):
    """Paths that try to leave the folder; none may bring `secret` from the folder `outside`."""
    random_ = random.Random(int(seed))
    ups = ["..", "%2e%2e", ".%2e", "%2E.", "%252e%252e", "..%2f", "%2e%2e%2f", "..%5c", "..\\", "%c0%ae%c0%ae", "..;", "...", "..%00"]
    names = ["sub", "sub", "out", "out-file", "up", "loop", "in", "%00", "etc", "passwd", "", ".", "a" * 300, "%ff", "%", "%2", "proc", "self",
             "root", "fifo", "socket", "dev", ".hidden", "%2ehidden", outside.strip("/"), outside.strip("/").replace("/", "%2f"), "secret", "secret"]
    client, answers = None, {}
    for at in range(int(count)):
        parts = [random_.choice(ups if random_.random() < 0.5 else names) for _ in range(random_.randint(1, 12))]
        path = random_.choice(["/", "//", "", "/./", "http://a/", "\\", "/" + outside, "file:///"]) + "/".join(parts)
        if random_.random() < 0.5:
            path += random_.choice(["/secret", "/etc/passwd", "?/../secret", "#/", "/secret/", "%2fsecret"])
        if random_.random() < 0.1:
            path = "".join(chr(random_.randint(33, 126)) if random_.random() < 0.9 else "/" for _ in range(random_.randint(1, 200)))
        if at % 10 == 0:
            path = "/sub/../sub/file"
        if client is None:
            client = connect(host, port)
        try:
            client.sendall(get(path))
            status, fields, content = response(client)
        except Exception as error:
            raise AssertionError(f"seed {seed}, path {at}: {path!r}: {error!r}") from error
        told = f"seed {seed}, path {at}: {path!r} was answered {status}: {content[:200]!r}"
        assert secret.encode() not in content and b"root:" not in content, told
        assert status in (200, 301, 400, 404, 414), told
        answers[status] = answers.get(status, 0) + 1
        if fields.get("connection") == "close":
            client.close()
            client = None
    print(f"seed {seed}: {answers}")
    assert min(answers.get(status, 0) for status in (200, 400, 404)) > 0, answers
    with connect(host, port) as client:
        client.sendall(get("/"))
        assert response(client)[0] == 200


def client_unopened(host, port, folder, opened, *paths):
    """Asks for `paths`: nothing in `folder` is opened to read for them, as inotify(7) tells. For the path `opened`, if there is
    one, something is: so it does tell."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    in_open, in_isdir = 0x20, 0x40000000
    assert watch >= 0 and libc.inotify_add_watch(watch, folder.encode(), in_open) >= 0, os.strerror(ctypes.get_errno())

    def names():
        try:
            data, found = os.read(watch, 65536), []
        except BlockingIOError:
            return []
        while data:
            _, mask, _, length = struct.unpack_from("iIII", data)
            if not mask & in_isdir:
                found.append(data[16:16 + length].rstrip(b"\0").decode())
            data = data[16 + length:]
        return found

    with connect(host, port) as client:
        for path in paths:
            client.sendall(get("/" + path))
            status = response(client)[0]
            told = names()
            assert told == [], (path, status, told)
            assert status == (200 if path.endswith("/") else 404), (path, status)
        if opened:
            client.sendall(get("/" + opened))
            assert response(client)[0] == 200 and names() == [opened]


def settled(*paths):
    """Waits until all that lies below was last changed so long ago that it is remembered when it is asked for again."""
    names = [path for top in paths for path in (top, *(os.path.join(*at) for at in walk(top)))]
    while (newest := max(os.lstat(name).st_ctime for name in names)) > (now := time.time()) - 3.1:
        time.sleep(newest + 3.2 - now)


def walk(top):
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            yield folder, name


def same(client, path, count, *fields):
    """The answer to several requests in a row, which are all the same but for Date."""
    answers = []
    for _ in range(count):
        client.sendall(get(path, *fields))
        status, head, content = response(client)
        head.pop("date")
        answers.append((status, head, content))
    assert all(answer == answers[0] for answer in answers), (path, answers)
    return answers[0]


def opened(watch):
    """How many events there are; those alike in a row are one. [inotify(7)]"""
    return len(os.read(watch, 65536)) // 32 if select.select([watch], [], [], 0)[0] else 0


def client_remembered(host, port, folder):
    """What is asked for again is not opened again, but once in a while, and answered as at first: whole, as a head, conditions and
    ranges, by either version, compressed or not."""
    settled(folder)
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    assert watch >= 0 and libc.inotify_add_watch(watch, folder.encode(), 0x20) >= 0, os.strerror(ctypes.get_errno())  # IN_OPEN
    gzip = "Accept-Encoding: gzip"
    with connect(host, port) as client:
        for path in "/small", "/middle", "/large", "/", "/coded":
            client.sendall(get(path))
            _, fields, _ = response(client)
            tag, date = fields["etag"], fields["last-modified"].title().replace("Gmt", "GMT")
            first = {}
            for at in range(30):
                for more in ((), (gzip,), (gzip, "Range: bytes=1-2"), ("Range: bytes=1-2",), ("Range: bytes=0-0,5-6",),
                             (f"If-None-Match: {tag}",), (f"If-Modified-Since: {date}",), ("If-Match: \"x\"",),
                             ("Range: bytes=99999999-",), ("Accept-Encoding: identity;q=0",), ("Accept-Encoding: br, zstd;q=0.5",)):
                    client.sendall(get(path, *more))
                    if "If-None-Match" in str(more) or "If-Modified" in str(more):
                        status, fields, content = head_of(client)
                    else:
                        status, fields, content = response(client)
                    for volatile in ("date", "content-type") if ",5-6" in str(more) else ("date",):
                        fields.pop(volatile, None)
                    content = re.sub(rb"--ringlet-[0-9a-f]{16}", b"--", content)
                    answer = first.setdefault(more, (status, fields, content))
                    assert answer == (status, fields, content), (path, more, at, answer, fields, content)
            statuses = [first[more][0] for more in first]
            assert statuses == [200, 200, 206, 206, 206, 304, 304, 412, 416, 406, 200], statuses
            for version, more, kept in (("1.1", "Connection: close", "close"), ("1.0", "A: b", "close"),
                                        ("1.0", "Connection: keep-alive", "keep-alive"), ("1.1", "A: b", None)):
                for method in "GET", "HEAD":
                    with connect(host, port) as other:
                        other.sendall(f"{method} {path} HTTP/{version}\r\nHost: a\r\n{more}\r\n\r\n".encode())
                        status, fields, content = head_of(other) if method == "HEAD" else response(other)
                        assert (status, fields.get("connection")) == (200, kept), (path, version, more, fields)
                        assert method == "GET" or not select.select([other], [], [], 0)[0] or other.recv(1) == b""
                        assert content == (first[()][2] if method == "GET" else b""), (path, method, version)
        for path in "/small", "/middle", "/large", "/coded":
            same(client, path, 3)
            opened(watch)
            begun = time.monotonic()
            count = sum(min(1, len(same(client, path, 1)) * opened(watch)) for _ in range(200))
            assert count <= 2 * (time.monotonic() - begun) + 2, (path, count)
        write(os.path.join(folder, "fresh"), b"fresh", "wb")
        for _ in range(5):
            opened(watch)
            tag = same(client, "/fresh", 1)[1]["etag"]
            assert opened(watch) or not tag.startswith("w/"), "what was changed just now is remembered"


def replace(path, content):
    with open(path + ".new", "wb") as file:
        file.write(content)
    os.rename(path + ".new", path)


def write(path, content, mode="r+b"):
    with open(path, mode) as file:
        file.write(content)


def link(target, path):
    os.symlink(target, path + ".new")
    os.rename(path + ".new", path)


def client_changes(host, port, top, outside, is_told):
    """Each way in which what is remembered can change: the next answer knows it, or, where nobody tells of it, one within two
    seconds."""
    big = os.urandom(200_000)
    at = lambda name: os.path.join(top, name)
    for name in "write", "append", "truncate", "rename", "unlink", "gz", "gz-goes", "touch", "mode", "mapped", "clean.html", "hard":
        write(at(name), b"old " + name.encode(), "wb")
        write(at(name + "-big"), big, "wb")
    for name in "dir", "above/sub", "one", "two", "index":
        os.makedirs(at(name))
        write(at(name + "/f"), b"f in " + name.encode(), "wb")
    write(at("gz-goes.gz"), b"gz", "wb")
    write(at("index/index.html"), b"the index", "wb")
    os.symlink("one", at("link"))
    os.symlink("one/f", at("link-f"))
    os.rename(at("hard"), os.path.join(outside, "hard"))
    os.link(os.path.join(outside, "hard"), at("hard"))
    settled(top, outside)
    gzip = "Accept-Encoding: gzip"
    told, untold = [], []

    def case(path, old, change, new, status=200, fields=(), is_seen=True):
        (told if is_seen else untold).append((path, old, change, new, status, fields))

    case("write", b"old write", lambda: write(at("write"), b"new"), b"new write")
    case("write-big", big, lambda: write(at("write-big"), b"new"), b"new" + big[3:])
    case("append", b"old append", lambda: write(at("append"), b"!", "ab"), b"old append!")
    case("append-big", big, lambda: write(at("append-big"), b"!", "ab"), big + b"!")
    case("truncate", b"old truncate", lambda: os.truncate(at("truncate"), 3), b"old")
    case("truncate-big", big, lambda: os.truncate(at("truncate-big"), 100_000), big[:100_000])
    case("rename", b"old rename", lambda: replace(at("rename"), b"new"), b"new")
    case("rename-big", big, lambda: replace(at("rename-big"), b"new"), b"new")
    case("unlink", b"old unlink", lambda: os.unlink(at("unlink")), None, 404)
    case("unlink-big", big, lambda: os.unlink(at("unlink-big")), None, 404)
    case("gz", b"old gz", lambda: write(at("gz.gz"), b"small", "wb"), b"small", 200, (gzip,))
    case("gz-goes", b"gz", lambda: os.unlink(at("gz-goes.gz")), b"old gz-goes", 200, (gzip,))
    case("clean", b"old clean.html", lambda: write(at("clean"), b"the name itself", "wb"), b"the name itself")
    case("mode", b"old mode", lambda: os.chmod(at("mode"), 0), None, 403)
    case("mode-big", big, lambda: os.chmod(at("mode-big"), 0), None, 403)
    case("dir/f", b"f in dir", lambda: os.rename(at("dir"), at("elsewhere")), None, 404)
    case("above/sub/f", b"f in above/sub", lambda: (os.rename(at("above"), at("other")), os.makedirs(at("above/sub")),
                                                    write(at("above/sub/f"), b"another", "wb")), b"another")
    case("above/sub/f", b"another", lambda: write(at("above/sub/f"), b"ANOTHER"), b"ANOTHER")
    case("link/f", b"f in one", lambda: link("two", at("link")), b"f in two")
    case("link/f", b"f in two", lambda: write(at("two/f"), b"F"), b"F in two")
    case("index/", b"the index", lambda: replace(at("index/index.html"), b"another index"), b"another index")
    case("link-f", b"f in one", lambda: link("two/f", at("link-f")), b"F in two")
    case("hard", b"old hard", lambda: write(os.path.join(outside, "hard"), b"new"), b"new hard", is_seen=False)
    case("hard-big", big, lambda: write(at("hard-big"), b"new"), b"new" + big[3:])
    with connect(host, port) as client:
        for path, old, change, new, status, fields in told:
            answer = same(client, "/" + path, 4, *fields)
            assert answer[0] == 200 and answer[2] == old, (path, answer[0], answer[2][:40])
            change()
            if is_told == "yes":
                answer = same(client, "/" + path, 2, *fields)
                assert answer[0] == status and new in (None, answer[2]), (path, answer[0], answer[2][:40])
            else:
                untold.append((path, None, lambda: None, new, status, fields))
                changed(client, *untold.pop())
        before = same(client, "/touch", 4)[1]
        os.utime(at("touch"), (1, 1))
        if is_told == "yes":
            after = same(client, "/touch", 2)[1]
            assert after["last-modified"].endswith("1970 00:00:01 gmt") and after["etag"] != before["etag"], after
        for one in untold:
            changed(client, *one)


def changed(client, path, old, change, new, status, fields):
    """A change that is noticed within two seconds, and not undone after that."""
    if old is not None:
        assert same(client, "/" + path, 4, *fields)[2] == old, path
    change()
    end = time.monotonic() + 2
    while True:
        client.sendall(get("/" + path, *fields))
        got, _, content = response(client)
        if got == status and new in (None, content):
            return
        assert time.monotonic() < end, (path, got, content[:40])
        select.select([], [], [], 0.02)


def client_flood(host, port, top, pid):
    """More changes than inotify keeps in mind, while the server stands still: it is told that some are lost, and finds all anew."""
    write(os.path.join(top, "kept"), b"old", "wb")
    settled(top)
    with open("/proc/sys/fs/inotify/max_queued_events", encoding="ascii") as file:
        most = int(file.read())
    others = [os.path.join(top, f"other-{at}") for at in range(2)]
    write(others[0], b"", "wb")
    with connect(host, port) as client:
        assert same(client, "/kept", 4)[2] == b"old"
        os.kill(int(pid), signal.SIGSTOP)
        for at in range(most // 2 + 1):  # two events each
            os.rename(others[at % 2], others[1 - at % 2])
        replace(os.path.join(top, "kept"), b"new")
        client.sendall(get("/kept"))
        os.kill(int(pid), signal.SIGCONT)
        assert response(client)[2] == b"new"
        assert same(client, "/kept", 4)[2] == b"new"


def client_give_back(host, port, top, files, count):
    """`files` large files are remembered, nearly as many as there are descriptors; then `count` clients come, who need those."""
    for at in range(int(files)):
        write(os.path.join(top, f"{at}"), b"%d" % at * 100_000, "wb")
    settled(top)
    with connect(host, port) as client:
        for at in range(int(files)):
            for _ in range(3):
                client.sendall(get(f"/{at}"))
                assert response(client)[0] == 200
        others = [connect(host, port) for _ in range(int(count))]
        for other in others:
            other.sendall(get("/0"))
            assert response(other)[0] == 200, "the descriptors of others were kept"


def client_mix(host, port, top, count):
    """Files that are replaced again and again while they are asked for: an answer's length, tag and content are of one of them.
    One way is a new file each time; another a link that points now to one folder, now to another, in which files are at rest, and
    so remembered."""
    sizes = {"small": (3000, 5000), "middle": (90_000, 150_000), "large": (200_000, 300_000)}
    tags = {}
    for name, (one, two) in sizes.items():
        for folder, size in ("one", one), ("two", two):
            os.makedirs(os.path.join(top, folder), exist_ok=True)
            write(os.path.join(top, folder, name), folder.encode() + os.urandom(size), "wb")
        content = os.urandom(one)
        replace(os.path.join(top, name), content + hashlib.sha256(content).digest())
    link("one", os.path.join(top, "now"))
    settled(top)
    child = os.fork()
    if child == 0:
        for at in range(int(count)):
            link(("one", "two")[at % 2], os.path.join(top, "now"))
            for name, ends in sizes.items():
                content = b"%d " % at + bytes((at % 256,)) * ends[at % 2]
                replace(os.path.join(top, name), content + hashlib.sha256(content).digest())
            time.sleep(0.001 * (at % 7))
        os._exit(0)
    answers = 0
    with connect(host, port) as client, connect(host, port) as other:
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            for name, ends in sizes.items():
                client.sendall(get(f"/now/{name}"))
                other.sendall(get(f"/{name}"))
                status, fields, content = response(client)
                assert status == 200
                assert tags.setdefault((name, fields["etag"]), content) == content, (name, fields)
                status, fields, content = response(other)
                assert status == 200 and hashlib.sha256(content[:-32]).digest() == content[-32:], (status, fields)
                answers += 2
    assert len(tags) == 6 and answers > 100, (len(tags), answers)


def client_many(host, port, top, count, rounds):
    """More files than are remembered, each asked for again and again, in an order that is the worst one, and in another."""
    random_ = random.Random(1)
    order = list(range(int(count)))
    for at in order:
        write(os.path.join(top, f"{at}"), b"%d" % at * 1000, "wb")
    settled(top)
    with connect(host, port) as client:
        for _ in range(int(rounds)):
            for at in order:
                for _ in range(3):
                    client.sendall(get(f"/{at}"))
                    status, _, content = response(client)
                    assert status == 200 and content == b"%d" % at * 1000, (at, status, content[:40])
            random_.shuffle(order)


def client_last(host, port, path):
    """A client that has said that it sends nothing more is not listened to: what it sends all the same is reset at once. Who has
    only been told so is listened to for a while."""
    for request, is_last in (
        (get(path, "Connection: close"), True),
        (f"GET {path} HTTP/1.0\r\n\r\n".encode(), True),
        (get(path + "\0"), False),
    ):
        with connect(host, port) as client:
            client.sendall(request)
            assert rest(client).startswith(b"HTTP/1.1 ")
            client.sendall(b"more")
            poll = select.poll()
            poll.register(client, 0)  # errors only
            if is_last:
                assert poll.poll(PATIENCE * 1000), ("not reset", request)
            else:
                client.sendall(b"and more")
                assert not poll.poll(0), ("reset", request)


def client_abort(host, port, path, count):
    """Clients that go away in the middle of an answer, with a reset."""
    for _ in range(int(count)):
        with connect(host, port) as client:
            client.sendall(get(path))
            assert head_of(client)[0] == 200
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def client_shrink(host, port, path, file):
    """A file that is cut short while it is sent: the connection ends early, and nothing is made up."""
    with connect(host, port, 4096) as client:
        client.sendall(get(path))
        status, fields, content = head_of(client)
        assert status == 200
        os.truncate(file, 10_000_000)
        try:
            content += rest(client)
        except ConnectionResetError:
            pass
        assert len(content) < int(fields["content-length"]), "it was padded"


def client_beside(host, port, big, small):
    """A client that reads nothing of a large file does not keep others waiting."""
    with connect(host, port, 4096) as slow, connect(host, port) as other:
        slow.sendall(get(big))
        assert head_of(slow)[0] == 200
        for _ in range(200):
            slow.recv(1)
            other.sendall(get(small))
            assert response(other)[0] == 200


def client_drain(host, port, path, pid, signals):
    """Begins to read a file, has the server told to end, and reads the rest, slowly. Prints the content's SHA-256, or that it was
    cut off."""
    with connect(host, port, 65536) as client, connect(host, port) as idle:
        idle.sendall(get("/empty"))
        assert response(idle)[0] == 200
        client.sendall(get(path))
        _, fields, content = head_of(client)
        process = os.pidfd_open(int(pid))
        for name in signals.split(","):
            signal.pidfd_send_signal(process, getattr(signal, name))
            if "," not in signals:
                assert rest(idle) == b"", "the idle connection is still open"
            else:
                select.select([idle], [], [], PATIENCE)  # closed: the signal has been noticed
        if "," in signals:
            assert select.select([process], [], [], 1)[0], "the second signal did not end it"
        told, count = hashlib.sha256(content), len(content)
        try:
            while part := client.recv(65536):
                told.update(part)
                if count // 10_000_000 != (count + len(part)) // 10_000_000:
                    time.sleep(0.05)  # slow, but not too slow: half a second in all
                count += len(part)
        except ConnectionResetError:
            pass
        print(told.hexdigest() if count == int(fields["content-length"]) else "cut off")


def client_hold(host, port, path, pid):
    """Neither a client that takes nothing nor one whose request does not end keeps the server from its own end."""
    with connect(host, port, 4096) as client, connect(host, port) as other:
        other.sendall(b"GET / HT")
        client.sendall(get(path))
        assert head_of(client)[0] == 200
        process = os.pidfd_open(int(pid))
        signal.pidfd_send_signal(process, signal.SIGTERM)
        assert select.select([process], [], [], PATIENCE)[0], "it did not end"


def client_exhaust(host, port, path, count):
    """More connections than the server has descriptors: those that do not fit wait until others go."""
    clients = [connect(host, port) for _ in range(int(count))]
    for client in clients:
        client.sendall(get(path))
    statuses = {}
    while clients:
        ready, _, _ = select.select(clients, [], [], PATIENCE)
        assert ready, f"{len(clients)} clients wait for ever"
        for client in ready:
            status = response(client)[0]
            statuses[status] = statuses.get(status, 0) + 1
            clients.remove(client)
            client.close()
    print(statuses)
    assert set(statuses) <= {200, 503}, statuses
    with connect(host, port) as client:
        client.sendall(get(path))
        assert response(client)[0] == 200


if __name__ == "__main__":
    globals()["client_" + sys.argv[1]](*sys.argv[2:])
