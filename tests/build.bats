#!/usr/bin/env bats
# tests/build.bats: what ./zigw build says when it cannot do what it was asked, what it writes for editors, and that it makes the same
# in every copy of the tree. (That it builds, and builds what was configured, elf.bats and kconfig.bats show.)

bats_require_minimum_version 1.5.0
export BATS_TEST_TIMEOUT=120

setup() {
	root=${BATS_TEST_DIRNAME%/tests}
	cd "$BATS_TEST_TMPDIR" || return
}

# fails SENTENCE ARGUMENT...: the build fails and says this.
fails() {
	local sentence=$1
	shift
	run "$root/zigw" build "$@" </dev/null 3>&-
	echo "status $status: $output"
	((status != 0))
	grep -qxF -- "error: $sentence" <<<"$output"
}

@test "a machine that is not there is a sentence" {
	fails '-Dmachine=mips: no such machine; there are x86_64, aarch64 and riscv64' -Dmachine=mips
}

@test "nothing to serve is a sentence" {
	local nothing='there is no httpd for this machine in this configuration: leave out -Dmachine, and set APP_HTTPD'
	echo '# CONFIG_APP_HTTPD is not set' >config
	fails "$nothing" serve -Dconfig=config
	for machine in aarch64 riscv64 x86_64; do
		[[ $machine == "$(uname -m)" ]] || fails "$nothing" serve -Dmachine="$machine"
	done
}

@test "a plain zig is told of zigw" {
	zig=$("$root/zigw" env | sed -n 's/^ *\.zig_exe = "\(.*\)",$/\1/p')
	run env -u RINGLET_KCONFIG "$zig" build --build-file "$root/build.zig" help </dev/null 3>&-
	echo "$output"
	((status != 0))
	[[ $output == *"Kconfig's tool is not at hand: run ./zigw build, which fetches it, instead of zig build"* ]]
}

# With a cache of its own: from a shared one the copy would be given what the tree has compiled. (httpd names its commit, and members of
# libring.a are called as Zig's cache calls them.)
@test "a program, with all that debuggers read, is the same wherever the tree lies" {
	local options=(-Dtests=false -Dmachine="$(uname -m)" -Dconfig="$PWD/config")
	printf '%s\n' '# CONFIG_APP_HTTPD is not set' >config
	mkdir copy
	(cd "$root" && cp -r apps arch crt ring configs Kconfig build.zig build.zig.zon zigw toolchain.txt "$BATS_TEST_TMPDIR/copy")
	env -C "$root" ./zigw build "${options[@]}" -p "$PWD/one" </dev/null 3>&-
	ZIG_LOCAL_CACHE_DIR=$PWD/cache env -C copy ./zigw build "${options[@]}" -p "$PWD/two" </dev/null 3>&-
	for program in bin/cat debug/cat bin/ringinfo debug/ringinfo debug/lesson01; do
		cmp one/*/"$program" two/*/"$program"
	done
}

@test "compdb tells editors how each file is compiled" {
	"$root/zigw" build compdb </dev/null 3>&-
	python3 - "$root" <<-'EOF'
		import json, pathlib, subprocess, sys
		root = pathlib.Path(sys.argv[1])
		commands = {c["file"]: c for c in json.loads((root / "compile_commands.json").read_text())}
		files = {str(p.relative_to(root)) for folder in ("arch", "crt", "ring", "apps") for p in (root / folder).rglob("*.c")}
		missing = files - commands.keys() - {"crt/panic_brief.c", "crt/panic_backtrace.c", "ring/trace.c", "crt/trace.c", "crt/trace_none.c", "ring/emulate_none.c", "apps/httpd/sandbox_none.c"}
		assert files and not missing, missing
		for file in ("crt/str.c", "apps/httpd/server.c"):
		    command = commands[file]
		    subprocess.run(["clang-19", "-fsyntax-only", *command["arguments"][1:]], cwd=command["directory"], check=True)
	EOF
}
