#!/usr/bin/env python3
"""tests/dhcp_server.py: the network of a machine that asks for its address, with one server, which plays a scenario.

    dhcp_server.py HERE THERE GO

HERE and THERE are Unix sockets over which Ethernet's frames go, a datagram each, as QEMU's -netdev dgram has them. Until
the file GO is there, everything that is answered is no answer; from then on the server grants an address, renews it,
replaces it, takes it back, and falls silent at last. Each step says what the machine has to do. Status 0: it did all of it;
1: a sentence says what it did instead.
"""

import os
import socket
import struct
import sys
import time

DISCOVER, OFFER, REQUEST, ACK, NAK = 1, 2, 3, 5, 6  # [RFC 2132 §9.6]
COOKIE = bytes((99, 130, 83, 99))  # [RFC 2131 §3]
HEAD_BYTES = 240  # of a message, before its options
BROADCAST_MAC = b"\xff" * 6
OUR_MAC = bytes.fromhex("020000000001")
OUR_IP, NOBODY, EVERYBODY = "10.9.8.1", "0.0.0.0", "255.255.255.255"
BOOT_SECONDS, ANSWER_SECONDS = 200, 30  # the longest that a busy host may need
EARLY_SECONDS = 0.3  # by which a guest's clock and ours may differ

ip = socket.inet_aton


def fail(why):
    sys.exit(f"dhcp_server: {why}")


def check(holds, what):
    if not holds:
        fail(f"not so: {what}")


def option(which, value):
    return bytes((which, len(value))) + value


def seconds_option(which, seconds):
    return option(which, struct.pack(">I", seconds))


class Message:
    """What the machine has said by DHCP."""

    def __init__(self, frame):
        self.to_mac = frame[:6]
        self.from_ip, self.to_ip = socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])
        self.body = frame[14 + (frame[14] & 15) * 4 + 8 :]
        self.at = time.monotonic()
        self.exchange, self.seconds, self.flags = struct.unpack(">IHH", self.body[4:12])
        self.client = socket.inet_ntoa(self.body[12:16])
        self.hardware = self.body[28:34]
        self.options = {}
        at = HEAD_BYTES
        while self.body[at] != 255:
            self.options[self.body[at]] = self.body[at + 2 : at + 2 + self.body[at + 1]]
            at += 2 + self.body[at + 1]
        self.kind = self.options[53][0]

    def __str__(self):
        kind = {DISCOVER: "DISCOVER", REQUEST: "REQUEST"}.get(self.kind, self.kind)
        return f"{kind} {self.exchange:08x} from {self.from_ip} to {self.to_ip}, for {self.client}"


class Wire:
    def __init__(self, here, there):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(here)
        self.there = there
        self.has_answered = set()  # the addresses that the machine has said to have

    def send(self, frame):
        self.socket.sendto(frame, self.there)

    def hear(self, seconds):
        """The next message, or None if there is none for so long. Says who we are to who asks."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                frame = self.socket.recv(2000)
            except TimeoutError:
                break
            kind = frame[12:14]
            if kind == b"\x08\x06":
                self.hear_arp(frame)
            elif kind == b"\x08\x00" and frame[23] == 17 and frame[36:38] == b"\x00\x43":
                message = Message(frame)
                print(message, flush=True)
                return message
        return None

    def expect(self, kind, seconds=ANSWER_SECONDS):
        message = self.hear(seconds)
        check(message is not None, f"a message of kind {kind} within {seconds} s")
        check(message.kind == kind, f"{message} is of kind {kind}")
        return message

    def hear_arp(self, frame):  # [RFC 826]
        operation, asked = frame[20:22], frame[38:42]
        if operation == b"\x00\x01" and asked == ip(OUR_IP):
            head = frame[6:12] + OUR_MAC + b"\x08\x06" + frame[14:20] + b"\x00\x02"
            self.send(head + OUR_MAC + asked + frame[22:32])
        elif operation == b"\x00\x02":
            self.has_answered.add(socket.inet_ntoa(frame[28:32]))

    def ask_arp(self, address):
        head = BROADCAST_MAC + OUR_MAC + bytes.fromhex("0806 0001 0800 06 04 0001")
        self.send(head + OUR_MAC + ip(OUR_IP) + bytes(6) + ip(address))

    def answer(self, message, kind, address=NOBODY, more=b"", server=OUR_IP):
        body = answer_body(message, option(53, bytes((kind,))) + (option(54, ip(server)) if server else b"") + more, address)
        self.send_body(message, body)

    def send_body(self, message, body):
        """To the machine, as it wants it: to the address that it has, or to everybody."""
        is_bound = message.client != NOBODY
        to_mac, to_ip = (message.hardware, message.client) if is_bound else (BROADCAST_MAC, EVERYBODY)
        udp = struct.pack(">HHHH", 67, 68, 8 + len(body), 0) + body  # the sum 0: none [RFC 768]
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + ip(OUR_IP) + ip(to_ip)
        total = sum(struct.unpack(">10H", head))
        total = (total & 0xFFFF) + (total >> 16)
        head = head[:10] + struct.pack(">H", ~(total + (total >> 16)) & 0xFFFF) + head[12:]
        self.send(to_mac + OUR_MAC + b"\x08\x00" + head + udp)


def answer_body(message, options, address, hardware=None, exchange=None, first=2, cookie=COOKIE):
    head = struct.pack(">BBBBIHH", first, 1, 6, 0, message.exchange if exchange is None else exchange, 0, 0)
    head += bytes(4) + ip(address) + bytes(8) + (hardware or message.hardware) + bytes(10 + 64 + 128) + cookie
    return head + options + b"\xff"


def garbage(message):
    """What is no offer to this machine."""
    said = option(53, bytes((OFFER,))), option(54, ip(OUR_IP)), seconds_option(51, 3600)
    whole = answer_body(message, b"".join(said), "10.9.8.200")
    yield from (whole[:size] for size in (0, 1, 100, 239, 240, 243, 249, 254))
    for left_out in range(3):
        yield answer_body(message, b"".join(said[:left_out] + said[left_out + 1 :]), "10.9.8.200")
    options = b"".join(said)
    yield answer_body(message, options, NOBODY)
    yield answer_body(message, options, "10.9.8.200", exchange=message.exchange ^ 1)
    yield answer_body(message, options, "10.9.8.200", hardware=b"\x52\x54\x00\x12\x34\x57")
    yield answer_body(message, options, "10.9.8.200", first=1)
    yield answer_body(message, options, "10.9.8.200", cookie=b"\x63\x82\x53\x64")
    yield from (answer_body(message, option(53, bytes((kind,))) + options[3:], "10.9.8.200") for kind in (ACK, NAK, 0))
    yield b"\xff" * 1472
    yield from [whole[:249] + b"\xff" * 50] * 100


def lease(seconds, renew, rebind, number, name):
    """The options of an offer: its times, and what else a machine wants to know."""
    return (
        seconds_option(51, seconds) + seconds_option(58, renew) + seconds_option(59, rebind)
        + option(1, ip("255.255.255.0")) + option(3, ip(OUR_IP)) + option(6, ip(f"10.9.8.{number}"))
        + option(12, name.encode()) + option(15, f"{name}.example".encode())
    )  # fmt: skip


def grant(wire, discover, address, more):
    """From an offer to an address."""
    wire.answer(discover, OFFER, address, more)
    request = wire.expect(REQUEST)
    check(request.exchange == discover.exchange, "a request is of the exchange of its offer")
    check(request.seconds == discover.seconds, "a request says the seconds of its DISCOVER")
    check((request.from_ip, request.to_ip, request.client) == (NOBODY, EVERYBODY, NOBODY), "all hear the request")
    check(request.options[50] == ip(address) and request.options[54] == ip(OUR_IP), "it is for what was offered")
    wire.answer(request, ACK, address, more)
    return request


def renewal(wire, since, seconds, address):
    """The request of a machine that has this address, to us alone, not before its time."""
    request = wire.expect(REQUEST)
    check(request.at >= since.at + seconds - EARLY_SECONDS, f"it was not asked before {seconds} s")
    check((request.from_ip, request.client) == (address, address), f"the machine has {address}")
    check((request.to_ip, request.to_mac) == (OUR_IP, OUR_MAC), "it asks us alone")
    check(50 not in request.options and 54 not in request.options, "nothing is in it that must not be")
    return request


def play(wire, go):
    # No answer is one.
    message = discover = wire.expect(DISCOVER, BOOT_SECONDS)
    while message is not None or not os.path.exists(go):
        if message is not None:
            check((message.kind, message.exchange) == (DISCOVER, discover.exchange), "what is no answer changes nothing")
            check((message.from_ip, message.to_ip) == (NOBODY, EVERYBODY), "who has no address asks everybody")
            discover = message
            for body in garbage(discover):
                wire.send_body(discover, body)
        message = wire.hear(0.2)

    # An address; renewed; renewed as another.
    request = grant(wire, discover, "10.9.8.7", lease(60, 2, 50, 53, "one"))
    request = renewal(wire, request, 2, "10.9.8.7")
    wire.answer(request, ACK, "10.9.8.7", lease(60, 2, 50, 53, "one"))
    request = renewal(wire, request, 2, "10.9.8.7")
    wire.answer(request, ACK, "10.9.8.8", lease(60, 2, 50, 54, "two"))
    request = renewal(wire, request, 2, "10.9.8.8")
    wire.has_answered.clear()
    wire.ask_arp("10.9.8.7")
    wire.ask_arp("10.9.8.8")

    # Taken back: it is used no more, and after a while another is wanted.
    end = time.monotonic() + ANSWER_SECONDS
    while "10.9.8.8" not in wire.has_answered and time.monotonic() < end:
        check(wire.hear(0.1) is None, "it has asked, and waits for the answer")
    check(wire.has_answered == {"10.9.8.8"}, f"it has the new address and not the old; {wire.has_answered}")
    wire.answer(request, NAK)
    time_of_nak = time.monotonic()
    discover = wire.expect(DISCOVER)
    check(discover.at >= time_of_nak + 4 - EARLY_SECONDS, "it does not ask at once again")
    check(discover.exchange != request.exchange and discover.client == NOBODY, "it begins anew")
    request = grant(wire, discover, "10.9.8.9", lease(10, 2, 6, 55, "three"))

    # And silence: first we alone are asked, then everybody, and then it is over.
    second = renewal(wire, request, 2, "10.9.8.9")
    third = wire.expect(REQUEST)
    check(third.at >= request.at + 6 - EARLY_SECONDS, "all are asked at T2")
    check((third.to_ip, third.client, third.exchange) == (EVERYBODY, "10.9.8.9", second.exchange), "all are asked the same")
    discover = wire.expect(DISCOVER)
    check(discover.at >= request.at + 10 - EARLY_SECONDS, "the lease holds to its end")
    check((discover.from_ip, discover.client) == (NOBODY, NOBODY), "and not longer")
    wire.has_answered.clear()
    wire.ask_arp("10.9.8.9")
    wire.expect(DISCOVER)
    check(not wire.has_answered, "who has no lease has no address")


if len(sys.argv) != 4:
    fail("it is called as dhcp_server.py HERE THERE GO")
play(Wire(*sys.argv[1:3]), sys.argv[3])
print("all as it should be")
