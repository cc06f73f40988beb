#!/usr/bin/env python3
"""tests/layers.py ROOT: names every #include that breaks the table of layers below, every machine that C code outside
arch/MACHINE/ names, and what ARCHITECTURE.md says is never there: an option in an #if, a handler of signals but that for
faults, errno, and in arch/sys.h a function that does more than its one call. Status 1 if there is any.

    layer   may include
    arch    UAPI, compiler, arch
    crt     UAPI, compiler, arch, crt, the configuration
    ring    UAPI, compiler, arch, ring
    apps    UAPI, compiler, crt, ring, the configuration, its own program, and of arch sys.h, span.h, errno.h
    tests   all

A name without a folder is the configuration (autoconf.h) or a header that the machines' folders have. A machine is a
name of one in code; comments are taken out first, because they may cite a psABI. Tests may do all of it.
"""

import pathlib
import re
import sys

# What a freestanding compiler brings. [C23 4; clang's and gcc's lib/include]
COMPILER = {"float.h", "iso646.h", "limits.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdbit.h", "stdbool.h",
            "stdckdint.h", "stddef.h", "stdint.h", "stdnoreturn.h"}
UAPI = ("linux/", "asm/", "asm-generic/")
TO_APPS = {"arch/sys.h", "arch/span.h", "arch/errno.h"}
ALLOWED = {"arch": {"arch"}, "crt": {"arch", "crt", "config"}, "ring": {"arch", "ring"}, "apps": {"crt", "ring", "config"}}

# An underscore separates, a letter or digit does not: EM_X86_64 and __riscv are machines, "alarm64" is none.
MACHINE = re.compile(r"(?<![a-z0-9])(x86[-_]64|x86|amd64|aarch64|arm64|riscv|riscv64|rv64)(?![a-z0-9])", re.I)

# A comment, or a string or character, in which no comment begins.
TOKEN = re.compile(r"//(?:\\\n|[^\n])*|/\*.*?\*/|(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')", re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# What is never there: the pattern, the files in which it may be all the same, and what it is.
NEVER = (
    (re.compile(r"^[ \t]*#[ \t]*(?:el)?if[^\n]*\bCONFIG_\w+", re.M), (), "an option cuts a function in two"),
    (re.compile(r"\bsys_rt_sigaction\b"), ("arch/sys.h", "crt/signal.c"), "a handler of signals"),
    (re.compile(r"\bsignal_catch\b"), ("crt/signal.h", "crt/signal.c", "crt/panic_faults.c"), "a handler of signals"),
    (re.compile(r"(?<![\w/])errno(?![\w.])"), (), "there is no errno"),
)
FUNCTION = re.compile(r"^(?:\[\[\w+\]\] )?static inline [^{;]*?(\w+)\([^{;]*\)\n\{\n(.*?)^\}", re.M | re.S)
CONTROL = re.compile(r"\b(?:if|for|while|do|switch|goto)\b|\?")


def without_comments(text):
    """The same lines, with nothing where comments were."""
    return TOKEN.sub(lambda m: m.group(1) or " " + "\n" * m.group(0).count("\n"), text)


def program(path):
    """The folder of a program below apps/: apps/httpd, apps/lessons/01."""
    parts = path.split("/")
    return "/".join(parts[:3] if parts[1] == "lessons" else parts[:2])


def why_not(path, form, name, machine_headers):
    """Why the file may not include that; None if it may."""
    layer = path.split("/")[0]
    if layer == "tests":
        return None
    if form == "<":
        return None if name in COMPILER or name.startswith(UAPI) else "neither UAPI nor the compiler's"
    if "/" in name:
        target = name.split("/")[0]
    elif name == "autoconf.h":
        target = "config"
    elif name in machine_headers:
        target = "arch"
    else:
        return "of no layer"
    if layer == "apps" and (name in TO_APPS or target == "apps" and program(name) == program(path)):
        return None
    return None if target in ALLOWED[layer] else f"{layer} may not include {target}"


def not_one_call(text):
    """The functions of arch/sys.h that are not one system call and nothing else."""
    functions = list(FUNCTION.finditer(text))
    if len(functions) != text.count("static inline"):
        yield 0, "has a function of another shape than I can read"
    for function in functions:
        name, body = function[1], function[2]
        calls = body.count("syscall6(")
        loops = len(CONTROL.findall(body)) - (name == "sys_exit_group")  # which does not return, as its loop says
        if name.startswith("sys_") and name != "sys_failed" and (calls != 1 or loops):
            yield function.start(1), f"{name} is not one system call and nothing else"


def main(root):
    machine_headers = {p.name for p in (root / "arch").glob("*/*.h")}
    files = sorted(p for layer in [*ALLOWED, "tests"] for p in (root / layer).rglob("*") if p.suffix in (".c", ".h", ".S"))
    bad = 0
    for file in files:
        path = file.relative_to(root).as_posix()
        text = without_comments(file.read_text())
        found = [(m.start(2), f"#include {m[2]}: {why}") for m in INCLUDE.finditer(text)
                 if (why := why_not(path, m[1], m[2], machine_headers))]
        if not re.match(r"tests/|arch/[^/]+/", path):
            found += [(m.start(), f"names the machine {m[0]}") for m in MACHINE.finditer(text)]
        if not path.startswith("tests/"):
            found += [(m.start(), f"{m[0].strip()}: {why}") for pattern, but, why in NEVER if path not in but
                      for m in pattern.finditer(text)]
        if path == "arch/sys.h":
            found += not_one_call(text)
        for at, what in found:
            print(f"{path}:{text.count(chr(10), 0, at) + 1}: {what}")
        bad += len(found)
    print(f"{len(files)} files, {bad} violations")
    return 1 if bad or not files else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
