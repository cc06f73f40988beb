"""qemu/parts/kvm.py: whether KVM really runs a guest here.

That /dev/kvm is there proves nothing: on a nested hypervisor a guest may hang before its first process. So a guest is
started that has to say a word and to leave in time: the very kernel that is wanted, with a first process of a few
instructions. The answer is kept as long as this system is up and QEMU is the same.
"""

import hashlib
import json
import os
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

from parts import cache, cpio
from parts.child import Memory, with_us
from parts.machines import HOST

WORD = b"ringlet: kvm works\n"
SECONDS_MAX = 5  # a stock kernel takes less than one
ADDRESS = 0x400000
# reboot(LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, command) [linux/reboot.h]
MAGIC1, MAGIC2, POWER_OFF, RESTART = 0xFEE1DEAD, 672274793, 0x4321FEDC, 0x01234567


def code_x86_64(word_address, command):
    def call(number, *arguments):  # mov $number, %eax; mov $argument, %edi, %esi, %edx; syscall
        loads = zip((0xBF, 0xBE, 0xBA), arguments)
        return struct.pack("<BI", 0xB8, number) + b"".join(struct.pack("<BI", *load) for load in loads) + b"\x0f\x05"

    return call(1, 1, word_address, len(WORD)) + call(169, MAGIC1, MAGIC2, command)


def code_aarch64(word_address, command):
    def load(register, value):  # movz, and movk for the upper half
        return struct.pack(
            "<II", 0xD2800000 | (value & 0xFFFF) << 5 | register, 0xF2A00000 | (value >> 16) << 5 | register
        )

    def call(number, *arguments):  # to x0, x1, x2, the number to x8; svc #0
        loads = b"".join(load(register, value) for register, value in enumerate(arguments))
        return loads + load(8, number) + struct.pack("<I", 0xD4000001)

    return call(64, 1, word_address, len(WORD)) + call(142, MAGIC1, MAGIC2, command)


CODES = {"x86_64": code_x86_64, "aarch64": code_aarch64}


def program(machine, command):
    """The bytes of a program that writes WORD and makes that reboot(2): one segment, header and all."""
    head = 64 + 56
    length = len(CODES[machine.name](0, command))
    code = CODES[machine.name](ADDRESS + head + length, command)
    size = head + length + len(WORD)
    elf = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, machine.elf, 1, ADDRESS + head, 64, 0, 0, 64, 56, 1, 0, 0, 0
    )
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, ADDRESS, ADDRESS, size, size, 0x1000)
    return elf + segment + code + WORD


def image(machine, board):
    entries = [
        cpio.Entry(b"dev", 0o040755),
        cpio.Entry(b"dev/console", 0o020600, device=(5, 1)),
        cpio.Entry(b"init", 0o100755, data=program(machine, RESTART if board == "microvm" else POWER_OFF)),
    ]
    return {entry.name: entry for entry in entries}


def refusal(guest):
    """Why KVM cannot be used for such a guest; an empty text if it can."""
    if guest.machine.name != HOST or not os.path.exists("/dev/kvm"):
        return "no /dev/kvm for this machine"
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "/dev/kvm may not be opened; the group kvm may"
    if guest.machine.name not in CODES:
        return "KVM was never tried on this machine"
    version = subprocess.run([guest.machine.emulator, "--version"], capture_output=True).stdout
    boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    folder = cache.folder("kvm")
    key = f"{hashlib.sha256(boot).hexdigest()[:16]}-{hashlib.sha256(version).hexdigest()[:16]}-{guest.board}"
    path = folder / f"{key}.json"
    if not path.exists():
        with cache.locked(folder / "lock", lambda: None):
            if not path.exists():
                for old in folder.glob("*.json"):
                    if not old.name.startswith(key[:16]):  # of an earlier boot
                        old.unlink()
                answer = probe(guest)
                partial = folder / f"{key}.partial"
                partial.write_text(json.dumps({"refusal": answer}))
                partial.rename(path)
    return json.loads(path.read_text())["refusal"]


def probe(guest):
    """Runs the guest. Why it did not do what it should, or an empty text."""
    memory = Memory("initramfs")
    with open(memory.path, "wb") as out:
        cpio.write(out, image(guest.machine, guest.board), 0)
    trial = replace(
        guest,
        accelerator="kvm",
        initramfs=memory.path,
        forwards=[],
        disks=[],
        share=None,
        gdb_port=None,
        memory_mib=max(guest.memory_mib, 256),
    )
    line = " ".join(["panic=-1", "quiet", f"console={guest.machine.console}", *trial.board_words()])
    try:
        done = subprocess.run(
            trial.command(line),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS_MAX,
            preexec_fn=with_us,
            pass_fds=(memory.fd,),
        )
    except subprocess.TimeoutExpired:
        return f"a guest hangs: it did not leave within {SECONDS_MAX} s"
    if done.returncode == 0 and WORD.strip() in done.stdout:
        return ""
    words = done.stderr.decode(errors="replace").strip().splitlines()
    return (
        words[-1].removeprefix(f"{guest.machine.emulator}: ") if words else "a guest did not come to its first process"
    )
