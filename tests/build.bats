#!/usr/bin/env bats
# tests/build.bats: what ./zigw build says when it cannot do what it was asked, and what it writes for editors. (That it builds,
# and builds what was configured, elf.bats and kconfig.bats show.)

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
