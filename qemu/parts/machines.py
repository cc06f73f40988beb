"""qemu/parts/machines.py: the machines as QEMU has them, as data, and the command line that starts one.

A machine is a processor; a board is what QEMU puts it on:
    microvm   x86_64, for a kernel that finds virtio devices by virtio_mmio.device=, such as our tiny one
    q35       x86_64, a PC with PCI and ACPI
    virt      aarch64, riscv64; the device tree lists its virtio devices
It knows QEMU's words. It does not know what runs in the machine.
"""

import ctypes
import mmap
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Machine:
    name: str
    elf: int  # e_machine [elf.h]
    emulator: str
    package: str  # Debian's, that has it
    console: str
    boards: tuple
    processor: str  # under TCG
    line_bytes: int  # COMMAND_LINE_SIZE [Linux arch/*/include/uapi/asm/setup.h], with the NUL at the end


MACHINES = {
    machine.name: machine
    for machine in (
        Machine("x86_64", 62, "qemu-system-x86_64", "qemu-system-x86", "ttyS0", ("q35", "microvm"), "max", 2048),
        Machine("aarch64", 183, "qemu-system-aarch64", "qemu-system-arm", "ttyAMA0", ("virt",), "cortex-a72", 2048),
        Machine("riscv64", 243, "qemu-system-riscv64", "qemu-system-misc", "ttyS0", ("virt",), "rv64", 1024),
    )
}

HOST = {"arm64": "aarch64"}.get(platform.machine(), platform.machine())

# By board: what stands behind -machine. microvm: with ACPI a power-off hangs; the clock is the PIT's, the time of day
# the RTC's; QEMU would write the devices behind the arguments of init, so we write them ourselves.
BOARD_OPTIONS = {"microvm": ",acpi=off,pit=on,pic=on,rtc=on,auto-kernel-cmdline=off"}
# Where microvm has its virtio devices: 8 places, each with an interrupt. [QEMU hw/i386/microvm.c] The fourth place has that
# of the clock. Both of the others have at least as many places as this.
MMIO_BASE, MMIO_BYTES, MMIO_IRQ = 0xFEB00000, 0x200, 5
MMIO_PLACES = (0, 1, 2, 4, 5, 6, 7)


@dataclass
class Guest:
    """One machine to be started."""

    machine: Machine
    board: str
    kernel: Path
    initramfs: Path
    memory_mib: int
    cpus: int = 1
    accelerator: str = "tcg"
    arguments: tuple = ()  # of init
    words: tuple = ()  # of the kernel's command line, before init's arguments
    forwards: list = field(default_factory=list)  # (port here, port there)
    ip: list = field(default_factory=list)  # what stands behind ip=, for each
    disks: list = field(default_factory=list)  # (file, whether it is only read)
    share: tuple | None = None  # (folder, whether it is only read)
    gdb_port: int | None = None

    def command(self, line):
        """QEMU's command, for that kernel command line. The console is standard input and output."""
        model = self.machine.processor if self.accelerator == "tcg" else "host"
        network = "user,id=net" + "".join(f",hostfwd=tcp:127.0.0.1:{here}-:{there}" for here, there in self.forwards)
        return [
            self.machine.emulator,
            "-nodefaults",
            "-no-user-config",
            "-display",
            "none",
            "-no-reboot",
            "-machine",
            self.board + BOARD_OPTIONS.get(self.board, ""),
            "-accel",
            self.accelerator,
            "-cpu",
            model,
            "-m",
            str(self.memory_mib),
            "-smp",
            str(self.cpus),
            "-chardev",
            "stdio,id=console,signal=off",
            "-serial",
            "chardev:console",
            "-kernel",
            str(self.kernel),
            "-initrd",
            str(self.initramfs),
            "-append",
            line,
            "-netdev",
            network,
            *self.devices(),
            *(["-S", "-gdb", f"tcp:127.0.0.1:{self.gdb_port}"] if self.gdb_port is not None else []),
        ]

    def devices(self):
        """The network, the disks in their order, and the shared folder."""
        drivers, words = ["virtio-net,netdev=net"], []
        if self.board == "q35":
            drivers[0] += ",romfile="
        for number, (path, read_only) in enumerate(self.disks):
            mode = f"format=raw,read-only={'on' if read_only else 'off'}"
            words += ["-drive", f"if=none,id=disk{number},{mode},file={value(path)}"]
            drivers.append(f"virtio-blk,drive=disk{number}")
        if self.share:
            path, read_only = self.share
            words += ["-fsdev", f"local,id=share,security_model=none,path={value(path)}"]
            words[-1] += ",readonly=on" if read_only else ""
            drivers.append("virtio-9p,fsdev=share,mount_tag=share")
        if self.board != "q35":
            words += ["-global", "virtio-mmio.force-legacy=false"]
        # riscv64's device tree lists the places from the last to the first, and so the kernel numbers the disks.
        places = MMIO_PLACES[::-1] if self.machine.name == "riscv64" else MMIO_PLACES
        for place, driver in zip(places, drivers):
            kind, _, rest = driver.partition(",")
            if self.board == "q35":
                words += ["-device", f"{kind}-pci,{rest}"]
            else:
                words += ["-device", f"{kind}-device,{rest},bus=virtio-mmio-bus.{place}"]
        return words

    def ip_words(self):
        return [f"ip={text}" for text in self.ip]

    def board_words(self):
        """What the kernel has to be told about this board."""
        if self.board != "microvm":
            return []
        used = MMIO_PLACES[: 1 + len(self.disks) + bool(self.share)]
        places = (f"{MMIO_BYTES}@{MMIO_BASE + place * MMIO_BYTES:#x}:{MMIO_IRQ + place}" for place in used)
        return ["reboot=t", *(f"virtio_mmio.device={place}" for place in places)]

    def speed_words(self):
        """What spares the kernel work that takes long under TCG: comparing clocks, trying out the timer's interrupt, rewriting
        thousands of lock prefixes, and the rate of the local APIC's timer, which only several processors need."""
        if self.board != "microvm" or self.accelerator != "tcg" or HOST != "x86_64":
            return []
        words = [f"tsc_early_khz={tsc_khz()}", "tsc=reliable", "no_timer_check", "noreplace-smp"]
        return [*words, "nolapic_timer"] if self.cpus == 1 else words


def tsc_khz():
    """The rate of this processor's time stamp counter, which TCG shows to the guest as it is.

    A microvm has neither ACPI nor HPET, so its kernel would compare the counter with the PIT, which fails under TCG as
    soon as the host has other work; the clock then has only the tick's resolution."""
    with mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as page:
        page.write(bytes.fromhex("0f31 48c1e220 4809d0 c3"))  # rdtsc; shl $32, %rdx; or %rdx, %rax; ret
        code = ctypes.c_char.from_buffer(page)
        ticks = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(code))

        def sample():  # the time and the ticks that were read nearest to each other
            return min(
                ((time.monotonic_ns(), ticks(), time.monotonic_ns()) for _ in range(5)),
                key=lambda read: read[2] - read[0],
            )

        first = sample()
        time.sleep(0.03)
        last = sample()
        del ticks, code  # they hold the page
    return (last[1] - first[1]) * 2000000 // (last[0] + last[2] - first[0] - first[2])


def value(path):
    """A path as the value of one of QEMU's options, in which a comma is written twice. [qemu(1)]"""
    return str(path).replace(",", ",,")


def quoted(word):
    """A word of the kernel's command line. Its parser ends a word at what Latin-1 takes for a blank, 0xA0 included,
    unless it stands in double quotes. [Linux lib/cmdline.c, next_arg]"""
    return word if word and all("!" <= letter <= "~" for letter in word) else f'"{word}"'
