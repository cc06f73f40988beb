"""qemu/parts/debian.py: packages of Debian's, fetched without a change to the system.

apt does it, and checks Debian's signatures with the keys that this system has; its state, lists and configuration are
throw-away ones in a folder that the caller gives. It knows apt and the form of a package. It does not know what is in one.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from parts.child import with_us
from parts.said import Problem

SUITE = "trixie"  # has the series of kernels that we follow, 6.12
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
CURE = "give a kernel with --kernel FILE, or a Debian mirror that can be reached with --mirror URL."


def system_mirror():
    """The first Debian mirror among the system's own sources, which are read by the rules of sources.list(5)."""
    release = dict(re.findall(r"^(\w+)=\"?([^\"\n]*)", Path("/etc/os-release").read_text(), re.M))
    if release.get("ID") != "debian":
        raise Problem(
            f"this is {release.get('NAME', 'not Debian')}, whose mirrors do not have Debian's packages: {CURE}"
        )
    wanted = (release.get("VERSION_CODENAME"), SUITE, "stable", "testing", "unstable", "sid")
    for uri, suites in system_sources():
        if any(suite in wanted for suite in suites.split()) and "security" not in uri:
            return uri
    raise Problem(f"the sources of this system name no Debian mirror: {CURE}")


def system_sources():
    """Yields (address, suites) of the binary packages' sources. They are read by us, since apt tells of those alone whose lists
    are on disk, and some systems remove the lists."""
    parts = Path(setting("Dir::Etc::sourceparts/d"))
    lists = [Path(setting("Dir::Etc::sourcelist/f")), *sorted(parts.glob("*.list"))]
    for text in (path.read_text() for path in lists if path.is_file()):
        yield from re.findall(r"^[ \t]*deb[ \t]+(?:\[[^\]]*\][ \t]*)?(\S+)[ \t]+(\S+)", text, re.M)
    for path in sorted(parts.glob("*.sources")):
        text = re.sub(r"^#.*\n?", "", path.read_text(), flags=re.M)
        for stanza in re.split(r"\n\s*\n", text):
            # A field goes on as long as the lines begin with a blank. [deb822(5)]
            rows = re.findall(r"^([\w-]+):\s*(.*(?:\n[ \t].*)*)", stanza, re.M)
            fields = {name.lower(): value for name, value in rows}
            if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").lower() != "no":
                for uri in fields.get("uris", "").split():
                    yield uri, fields.get("suites", "")


def setting(name):
    """A path of apt's configuration."""
    shown = subprocess.run(["apt-config", "shell", "VALUE", name], check=True, text=True, capture_output=True).stdout
    return shown.strip().removeprefix("VALUE=").strip("'")


class Apt:
    """apt with a state of its own in a folder, for one architecture; its lists are fetched. `tell` takes a line of progress."""

    def __init__(self, folder, mirror, architecture, tell, with_sources=False):
        if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
            raise Problem(
                "there is no apt-get here, with which Debian's packages are fetched and their signatures checked: give a"
                " kernel with --kernel FILE, or use a system with apt-get and name a Debian mirror with --mirror URL."
            )
        if not os.path.exists(KEYS):
            raise Problem(
                f"{KEYS}, Debian's keys, is missing: install the package debian-archive-keyring, or give a kernel with"
                " --kernel FILE."
            )
        self.folder, self.tell = folder, tell
        self.mirror = mirror or system_mirror()
        for name in ("state/lists/partial", "cache/archives/partial"):
            (folder / name).mkdir(parents=True)
        sources = f"deb [signed-by={KEYS} target=Packages] {self.mirror} {SUITE} main\n"
        if with_sources:
            sources += f"deb-src [signed-by={KEYS}] {self.mirror} {SUITE} main\n"
        (folder / "sources.list").write_text(sources)
        # Read after the system's own configuration, whose proxies hold. #clear ends hooks that other packages put there.
        (folder / "apt.conf").write_text(f"""
Dir::State "{folder}/state";
Dir::State::status "/dev/null";
Dir::Cache "{folder}/cache";
Dir::Etc::SourceList "{folder}/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
#clear APT::Architectures;
APT::Architecture "{architecture}";
APT::Architectures {{ "{architecture}"; }};
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
""")

    def update(self):
        """Fetches the lists of packages."""
        self.call("apt-get", "update")

    def describe(self, package):
        """The fields of a package's newest version."""
        return dict(re.findall(r"^([\w-]+): (.*)", self.call("apt-cache", "show", "--no-all-versions", package), re.M))

    def download(self, package):
        """The package's file, and its fields. Tells how far it is."""
        fields = self.describe(package)
        total = int(fields["Size"])
        self.tell(f"fetching {package} {fields['Version']}, {total / 1e6:.0f} MB")
        command = ("apt-get", "download", package)
        begin = time.monotonic()
        process = self.start(*command)
        while process.poll() is None:
            time.sleep(0.2)
            done = sum(path.stat().st_size for path in self.folder.glob("*.deb") if path.exists())
            if sys.stderr.isatty() and done:
                left = (time.monotonic() - begin) * (total - done) / done
                print(
                    f"\r\033[K{done / 1e6:.0f} of {total / 1e6:.0f} MB, {left:.0f} s left",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)
        self.finish(process, command)
        return next(self.folder.glob("*.deb")), fields

    def download_source(self, package):
        """The files of a source package."""
        self.tell(f"fetching the source of {package}")
        self.call("apt-get", "source", "--download-only", package)
        return sorted(self.folder.glob(f"{package}_*"))

    def call(self, *command):
        """Standard output of one of apt's commands."""
        return self.finish(self.start(*command), command)

    def start(self, program, *words):
        return subprocess.Popen(
            [program, "-q", "-c", self.folder / "apt.conf", *words],
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
            preexec_fn=with_us,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )

    def finish(self, process, command):
        out, err = process.communicate()
        if process.returncode == 0:
            return out
        words = [line.partition(":")[2].strip() for line in err.splitlines() if line.startswith("E:")]
        reason = words[0].rstrip(".") if words else f"status {process.returncode}"
        raise Problem(f"'{' '.join(command[:2])}' failed on {self.mirror} ({reason}): {CURE}")


def members(package, wanted):
    """Yields (path, content) of the files of a .deb whose path wanted(path) takes."""
    unpack = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE, preexec_fn=with_us)
    with tarfile.open(fileobj=unpack.stdout, mode="r|") as archive:
        for member in archive:
            if member.isfile() and wanted(member.name):
                yield member.name, archive.extractfile(member).read()
    if unpack.wait() != 0:
        raise Problem(f"{package.name} cannot be unpacked: is the disk full?")
