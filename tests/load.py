#!/usr/bin/env python3
"""tests/load.py URL [--keep N] [--close N] [--path PATH] --until FILE|COUNT: clients that ask without pause, until there is such a file, or
that many answers; and that never ask twice: what is not answered is lost.

Clients of --keep stay connected as long as the server lets them; those of --close ask to be disconnected after each answer. It
writes how many requests were answered, how many were lost (reset, closed, refused, or answered wrongly), and the most that one
client lost.
"""

import argparse
import os
import selectors
import socket
import sys
import time
from urllib.parse import urlsplit

PATIENCE = 20
BODY = b"hello\n"


class Client:
    def __init__(self, load, keeps):
        self.load, self.keeps, self.lost, self.socket = load, keeps, 0, None
        self.ask()

    def ask(self):
        self.answer = b""
        self.since = time.monotonic()
        try:
            if self.socket is None:
                self.socket = socket.create_connection(self.load.address, timeout=PATIENCE)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.load.selector.register(self.socket, selectors.EVENT_READ, self)
            field = "" if self.keeps else "Connection: close\r\n"
            self.socket.sendall(f"GET {self.load.path} HTTP/1.1\r\nHost: a\r\n{field}\r\n".encode())
        except OSError as error:
            self.lose(error)

    def hang_up(self):
        if self.socket is not None:
            self.load.selector.unregister(self.socket)
            self.socket.close()
            self.socket = None

    def lose(self, why):
        print(f"load.py: {why}", file=sys.stderr)
        self.lost += 1
        self.hang_up()
        if self.lost > 1000:
            raise SystemExit("load.py: a client lost a thousand requests")

    def readable(self):
        try:
            part = self.socket.recv(65536)
        except OSError as error:
            part = b""
            self.lose(error)
        else:
            if not part:
                self.lose(f"the end, after {self.answer!r}")
            self.answer += part
        if self.socket is None:
            self.next()
            return
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found or len(body) < len(BODY):
            return
        if not head.startswith(b"HTTP/1.1 200 ") or body != BODY:
            self.lose(f"not what was asked for: {self.answer!r}")
        else:
            self.load.answered += 1
            if b"\r\nConnection: close" in head:
                self.hang_up()
        self.next()

    def next(self):
        if not self.load.is_over:
            self.ask()
        else:
            self.hang_up()
            self.load.waiting -= 1


class Load:
    def __init__(self, arguments):
        where = urlsplit(arguments.url)
        self.address, self.path, self.until = (where.hostname, where.port), arguments.path, arguments.until
        self.selector = selectors.DefaultSelector()
        self.answered, self.is_over = 0, False
        self.waiting = arguments.keep + arguments.close
        self.clients = [Client(self, i < arguments.keep) for i in range(self.waiting)]

    def run(self):
        while self.waiting > 0:
            for key, _ in self.selector.select(0.1):
                key.data.readable()
            self.is_over = self.answered >= int(self.until) if self.until.isdigit() else os.path.exists(self.until)
            for client in self.clients:
                if client.socket is not None and time.monotonic() - client.since > PATIENCE:
                    client.lose(f"nothing for {PATIENCE} seconds")
                    client.next()
        lost = [client.lost for client in self.clients]
        print("answered", self.answered, "lost", sum(lost), "worst", max(lost))


parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("--keep", type=int, default=0)
parser.add_argument("--close", type=int, default=0)
parser.add_argument("--path", default="/a.txt")
parser.add_argument("--until", required=True)
Load(parser.parse_args()).run()
