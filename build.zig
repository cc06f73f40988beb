//! build.zig: what is built, for which machines, with which flags. Run it as `./zigw build`; `./zigw build help`
//! names the steps.
//!
//! The lists below are the whole of it: the machines, the programs, the flags. A folder is a unit: every C file
//! in crt/ goes into the runtime, every one in apps/httpd/ into httpd. Files that an option of Kconfig chooses between are
//! the exception, and are listed too.
//!
//! Only C and assembly are linked: no libc, none of Zig's runtime. `tests/elf.bats` holds that.

const std = @import("std");
const zon = @import("build.zig.zon");

const Machine = struct {
    name: []const u8, // the folder in arch/
    cpu: std.Target.Cpu.Arch,
    uapi: []const u8, // the folder of the kernel's headers in Zig's library
    /// Bytes of the largest page that a kernel for this machine may use. What is sealed at the start of a program (RELRO)
    /// ends on such a page, else a kernel with larger pages could not seal it.
    page_max: u64,
};

const machines = [_]Machine{
    .{ .name = "x86_64", .cpu = .x86_64, .uapi = "x86-linux-any", .page_max = 4096 },
    .{ .name = "aarch64", .cpu = .aarch64, .uapi = "aarch64-linux-any", .page_max = 65536 },
    .{ .name = "riscv64", .cpu = .riscv64, .uapi = "riscv-linux-any", .page_max = 4096 },
};

const Program = struct {
    name: []const u8,
    folder: []const u8,
    option: []const u8, // the Kconfig option that includes it
    ring: bool = false, // links ring/
    pid1: bool = true, // may be the first process of a machine, where PID1 is on
};

const programs = [_]Program{
    .{ .name = "httpd", .folder = "apps/httpd", .option = "APP_HTTPD", .ring = true },
    .{ .name = "cat", .folder = "apps/cat", .option = "APP_CAT", .ring = true },
    .{ .name = "ringinfo", .folder = "apps/ringinfo", .option = "APP_RINGINFO", .ring = true },
    .{ .name = "lesson01", .folder = "apps/lessons/01", .option = "APP_LESSONS", .pid1 = false },
};

/// Files of a folder of which an option takes one and leaves the other (empty: takes or leaves the one).
const Choice = struct { option: []const u8, yes: []const u8 = "", no: []const u8 = "", in_debug: bool = false };

const trace: Choice = .{ .option = "RING_TRACE", .yes = "ring/trace.c", .in_debug = true };
const choices = [_]Choice{
    trace,
    .{ .option = "PANIC_BACKTRACE", .yes = "crt/panic_backtrace.c", .no = "crt/panic_brief.c" },
    .{ .option = "RING_TRACE", .yes = "crt/trace.c", .no = "crt/trace_none.c", .in_debug = true },
    .{ .option = "HTTPD_SANDBOX", .yes = "apps/httpd/sandbox.c", .no = "apps/httpd/sandbox_none.c" },
    .{ .option = "RING_EMULATION", .no = "ring/emulate_none.c" },
};

/// What runs before the program is relocated and has a stack protector, once, and so is built for size.
const start_files = [_][]const u8{ "crt/start.c", "crt/reloc.c", "crt/thread.c", "crt/ssp.c" };
/// What compilers call behind one's back; it must not be turned into a call of itself.
const memory_files = [_][]const u8{"crt/mem.c"};

/// What runs once, at the start or when something fails, or once a request between several system calls, and is built for size in
/// every mode that is not Debug. All of crt/pid1/ and ring/emulate/ is such.
const cold_files = [_][]const u8{
    "crt/args.c",            "crt/panic.c",              "crt/panic_faults.c",        "crt/say.c",
    "crt/panic_backtrace.c", "crt/vdso_find.c",          "ring/open.c",               "ring/close.c",
    "ring/options.c",        "ring/wide.c",              "ring/probe.c",              "ring/map.c",
    "ring/resize.c",         "ring/register.c",          "ring/register_files.c",     "ring/explain.c",
    "ring/trace_line.c",     "ring/names.c",             "apps/httpd/main.c",         "apps/httpd/address.c",
    "apps/httpd/listen.c",   "apps/httpd/folder.c",      "apps/httpd/beneath.c",      "apps/httpd/date.c",
    "apps/httpd/listing.c",  "crt/out.c",                "apps/httpd/response.c",     "apps/cat/main.c",
    "apps/ringinfo/main.c",  "apps/ringinfo/report.c",   "apps/ringinfo/table.c",     "apps/ringinfo/json.c",
    "crt/ip.c",              "apps/httpd/mime.c",        "apps/httpd/target.c",       "apps/httpd/connection.c",
    "apps/httpd/answer.c",   "apps/httpd/plan.c",        "apps/httpd/conditions.c",   "apps/httpd/coding.c",
    "apps/httpd/etag.c",     "apps/httpd/range.c",       "apps/httpd/multipart.c",    "apps/httpd/wishes.c",
    "apps/httpd/cache.c",    "apps/httpd/mime_table.c",  "apps/httpd/mime_read.c",    "apps/httpd/body.c",
    "apps/httpd/drop.c",     "apps/httpd/find.c",        "apps/httpd/options.c",      "apps/httpd/places.c",
    "apps/httpd/given.c",    "apps/httpd/socket_file.c", "apps/httpd/learn.c",        "apps/httpd/watch.c",
    "apps/httpd/parent.c",   "apps/httpd/worker.c",      "apps/httpd/site.c",         "apps/httpd/version.c",
    "apps/httpd/workers.c",  "apps/httpd/sandbox.c",     "apps/httpd/sandbox_none.c", "apps/httpd/landlock.c",
    "apps/httpd/restrict.c", "apps/httpd/seccomp.c",     "apps/httpd/filter.c",       "apps/httpd/user.c",
    "apps/httpd/account.c",  "apps/httpd/whole.c",       "apps/httpd/peers.c",        "apps/httpd/descriptors.c",
};

/// What tells a user which httpd this is: it alone is built anew for each commit.
const version_file = "apps/httpd/version.c";

const c_flags = [_][]const u8{
    "-std=c23", "-ffreestanding", "-fvisibility=hidden",
    "-fno-omit-frame-pointer", // backtraces walk the frames
    "-mno-omit-leaf-frame-pointer",
    "-ffile-compilation-dir=.", // a debugger that is started here finds the files, wherever here is
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    // The loops here are short and run over text; unrolled and vectorised they only become long.
    "-fno-unroll-loops",
    "-fno-vectorize",
    "-ftls-model=local-exec", // a program has no other module whose storage one could ask for
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Wconversion",
    "-Wshadow",
    "-Werror",
};
/// What libring.a brings for programs that are not ours, in which the headers find each other by these names. A program may
/// also include what these do, so it is shown the kernel's headers that the archive was built with: a distribution's may be older.
const shared_headers = [_][]const u8{ "arch/span.h", "arch/errno.h" };
/// Headers of ring/ that only ring/ includes; all others are for its users.
const private_headers = [_][]const u8{ "ring/archive.h", "ring/map.h", "ring/misuse.h", "ring/options.h", "ring/own.h", "ring/traced.h" };
/// Of other layers: the names of errors, and what compilers call (ring/archive.h), under names that are no libc's.
const archive_files = [_][]const u8{ "arch/errno.c", "crt/mem.c" };
const archive_header = "ring/archive.h"; // included before each file of the archive
const archive_flags = [_][]const u8{"-fno-stack-protector"};
const archive_memory_flags = memory_flags ++ [_][]const u8{
    "-Dmemcpy=ring_memcpy", "-Dmemmove=ring_memmove", "-Dmemset=ring_memset", "-Dmemcmp=ring_memcmp",
};

/// Whole wherever the folder is moved to. The kernel's headers come before the system's own, which may be older.
const pkg_config =
    \\prefix=${{pcfiledir}}/../..
    \\includedir=${{prefix}}/include
    \\libdir=${{prefix}}/lib
    \\
    \\Name: libring
    \\Description: io_uring as a handle and a handful of verbs, without a libc
    \\Version: {s}
    \\Cflags: -I${{includedir}} -isystem ${{includedir}}/uapi
    \\Libs: -L${{libdir}} -lring
    \\
;

const assembly_flags = [_][]const u8{"-ffile-compilation-dir=."}; // as above
const protected_flags = [_][]const u8{"-fstack-protector-strong"};
const start_flags = [_][]const u8{ "-Os", "-momit-leaf-frame-pointer", "-fno-stack-protector", "-fno-builtin", "-fno-jump-tables", "-fno-sanitize=all" };
const memory_flags = [_][]const u8{ "-fno-stack-protector", "-fno-builtin", "-fno-jump-tables", "-fno-sanitize=all" };

pub fn build(b: *std.Build) void {
    const optimize = b.option(std.builtin.OptimizeMode, "optimize", "Debug, ReleaseSafe, ReleaseFast (the default) or ReleaseSmall") orelse .ReleaseFast;
    const only = b.option([]const u8, "machine", "Build for this machine only: x86_64, aarch64 or riscv64");
    const config_path = b.option([]const u8, "config", "The configuration (default: .config where there is one, else every default)");
    const with_tests = b.option(bool, "tests", "Build the programs that only the tests run, too (default: true)") orelse true;

    if (only) |name| if (machineNamed(name) == null) {
        std.process.fatal("-Dmachine={s}: no such machine; there are x86_64, aarch64 and riscv64", .{name});
    };

    const config = Config.read(b, config_path);
    const commit = commitOf(b);
    var commands: std.ArrayList(u8) = .empty; // compile_commands.json

    const serve = b.step("serve", "Serve a folder: ./zigw build serve -- DIR (default: this folder)");
    var served = false;
    const libring = b.step("libring", "Build the io_uring library for programs that are not ours: an archive, its headers, a file for pkg-config");
    b.getInstallStep().dependOn(libring);
    for (machines) |machine| {
        if (only) |name| if (!std.mem.eql(u8, name, machine.name)) continue;
        const is_host = machine.cpu == b.graph.host.result.cpu.arch;

        var unit: Unit = .{ .b = b, .machine = machine, .optimize = optimize, .config = config, .commit = commit };
        const crt = unit.library("crt", joined(b, &.{ filesIn(b, "arch"), filesIn(b, "crt"), &.{arch(b, machine, "start.S")} }));
        const ring = unit.library("ring", unit.ringFiles());
        const pid1 = unit.library("pid1", filesIn(b, "crt/pid1"));

        libring.dependOn(unit.installArchive());

        var parts: [programs.len]?*std.Build.Step.Compile = @splat(null);
        for (programs, &parts) |program, *part| {
            if (!config.has(program.option)) continue;
            var libraries: std.ArrayList(*std.Build.Step.Compile) = .empty;
            // All but main.c is a library, which its unit tests link too.
            const others = except(b, filesIn(b, program.folder), "/main.c");
            if (others.len > 0) {
                part.* = unit.library(b.fmt("{s}_parts", .{program.name}), others);
                libraries.append(b.allocator, part.*.?) catch @panic("OOM");
            }
            // Before crt: both define what stands between start and main (crt/run.h), and the linker takes the first.
            if (program.pid1 and config.has("PID1")) libraries.append(b.allocator, pid1) catch @panic("OOM");
            libraries.append(b.allocator, crt) catch @panic("OOM");
            if (program.ring) libraries.append(b.allocator, ring) catch @panic("OOM");
            const exe = unit.executable(program.name, "bin", b.fmt("{s}/main.c", .{program.folder}), libraries.items);
            if (is_host and std.mem.eql(u8, program.name, "httpd")) {
                // zigw runs it, so that it is its own process: with its own status, and gone when it is told to end.
                const copy = b.addUpdateSourceFiles();
                copy.addCopyFileToSource(exe.getEmittedBin(), ".zig-cache/httpd");
                serve.dependOn(&copy.step);
                served = true;
            }
        }
        if (with_tests) unit.tests(pid1, crt, ring, &parts);
        if (is_host) commands = unit.commands;
    }
    if (!served) serve.dependOn(&b.addFail("there is no httpd for this machine in this configuration: leave out -Dmachine, and set APP_HTTPD").step);

    const database = b.addUpdateSourceFiles();
    database.addBytesToSource(b.fmt("[\n{s}\n]\n", .{std.mem.trimEnd(u8, commands.items, ",\n")}), "compile_commands.json");
    b.step("compdb", "Write compile_commands.json for editors").dependOn(&database.step);

    _ = script(b, "test", "Build all and run every test, as tests/run does", &.{"tests/run"}, true);
    _ = script(b, "fmt", "Format the C and Zig files in place", &.{"tests/fmt"}, true);
    const size = script(b, "size", "Print how large each program is, beside the size it is held to", &.{ "tests/size", b.install_prefix }, false);
    size.dependOn(b.getInstallStep());
    inline for (.{
        .{ "menuconfig", "Choose programs, table sizes and options in a menu" },
        .{ "oldconfig", "Ask about the options that .config does not have yet" },
        .{ "olddefconfig", "Bring .config up to date with the defaults" },
        .{ "defconfig", "Start .config afresh: ./zigw build defconfig [-- NAME]" },
        .{ "savedefconfig", "Write what differs from the defaults to ./defconfig" },
        .{ "alldefconfig", "Start .config with every default" },
        .{ "allnoconfig", "Start .config with as little as can be" },
        .{ "allyesconfig", "Start .config with everything" },
        .{ "randconfig", "Start .config by chance; KCONFIG_SEED repeats one" },
    }) |each| _ = script(b, each[0], each[1], &.{ "configs/kconfig", each[0] }, true);

    const help = b.step("help", "Say which steps there are, in the order a newcomer needs them");
    const say = b.addSystemCommand(&.{ "cat", b.pathFromRoot("configs/help.txt") });
    say.stdio = .inherit;
    help.dependOn(&say.step);
}

/// What git calls this tree, "-dirty" behind it where files differ; "unknown" where it is not git's, or there is no git.
fn commitOf(b: *std.Build) []const u8 {
    b.build_root.handle.access(b.graph.io, ".git", .{}) catch return "unknown"; // a folder around it may be git's, and something else
    var code: u8 = 0;
    const argv = [_][]const u8{ "git", "--no-optional-locks", "-C", b.build_root.path orelse ".", "describe", "--always", "--dirty" };
    const name = b.runAllowFail(&argv, &code, .ignore) catch return "unknown";
    return std.mem.trim(u8, name, "\n");
}

fn machineNamed(name: []const u8) ?Machine {
    for (machines) |machine| if (std.mem.eql(u8, machine.name, name)) return machine;
    return null;
}

/// A file or folder of this tree: by its name from here where that leads there, so that what is compiled does not know where the tree
/// lies. Then every copy of the tree gives the same bytes, and Zig's cache, if they share one, has them already.
fn inTree(b: *std.Build, path: []const u8) std.Build.LazyPath {
    const is_here = std.mem.eql(u8, b.graph.cache.cwd, b.build_root.path orelse b.graph.cache.cwd);
    return if (is_here) .{ .cwd_relative = path } else b.path(path);
}

fn arch(b: *std.Build, machine: Machine, file: []const u8) []const u8 {
    return b.fmt("arch/{s}/{s}", .{ machine.name, file });
}

/// A step that runs a program of this tree, with the terminal as its own. Returns its run.
fn script(b: *std.Build, name: []const u8, text: []const u8, argv: []const []const u8, takes_args: bool) *std.Build.Step {
    const run = b.addSystemCommand(&.{b.pathFromRoot(argv[0])});
    run.addArgs(argv[1..]);
    run.stdio = .inherit;
    if (takes_args) run.addArgs(b.args orelse &.{});
    b.step(name, text).dependOn(&run.step);
    return &run.step;
}

/// The C files of a folder (not of its folders), by name, without those that an option leaves out. A folder that is not there
/// has none: a tree without its tests is built, too.
fn filesIn(b: *std.Build, folder: []const u8) []const []const u8 {
    return filesEnding(b, folder, ".c");
}

fn filesEnding(b: *std.Build, folder: []const u8, ending: []const u8) []const []const u8 {
    const io = b.graph.io;
    var files: std.ArrayList([]const u8) = .empty;
    var dir = b.build_root.handle.openDir(io, folder, .{ .iterate = true }) catch |err| switch (err) {
        error.FileNotFound => return &.{},
        else => std.process.fatal("cannot list {s}: {t}", .{ folder, err }),
    };
    defer dir.close(io);
    var entries = dir.iterate();
    while (entries.next(io) catch |err| std.process.fatal("cannot list {s}: {t}", .{ folder, err })) |entry| {
        if (entry.kind == .file and std.mem.endsWith(u8, entry.name, ending))
            files.append(b.allocator, b.fmt("{s}/{s}", .{ folder, entry.name })) catch @panic("OOM");
    }
    std.mem.sort([]const u8, files.items, {}, struct {
        fn less(_: void, left: []const u8, right: []const u8) bool {
            return std.mem.lessThan(u8, left, right);
        }
    }.less);
    return files.items;
}

/// The files of which the name does not end so.
fn except(b: *std.Build, files: []const []const u8, ending: []const u8) []const []const u8 {
    var rest: std.ArrayList([]const u8) = .empty;
    for (files) |file| if (!std.mem.endsWith(u8, file, ending)) rest.append(b.allocator, file) catch @panic("OOM");
    return rest.items;
}

fn joined(b: *std.Build, lists: []const []const []const u8) []const []const u8 {
    return std.mem.concat(b.allocator, []const u8, lists) catch @panic("OOM");
}

/// Whether a file may see the constants of the configuration: those of programs, and their unit tests. No other does, so that all
/// else is compiled once for every configuration.
fn isConfigured(b: *std.Build, file: []const u8) bool {
    for (programs) |program| if (std.mem.startsWith(u8, file, b.fmt("tests/unit/{s}_", .{program.name}))) return true;
    return std.mem.startsWith(u8, file, "apps/");
}

fn contains(list: []const []const u8, file: []const u8) bool {
    for (list) |each| if (std.mem.eql(u8, each, file)) return true;
    return false;
}

/// What Kconfig says: a header of constants for the C files, and which options are on for the lists above.
const Config = struct {
    header: []const u8,
    folder: []const u8, // of that header
    /// What is wrong with the configuration: then nothing can be built, but the steps that repair it can run.
    fault: ?*std.Build.Step,

    fn read(b: *std.Build, path: ?[]const u8) Config {
        const io = b.graph.io;
        const environ = &b.graph.environ_map;
        if (environ.get("RINGLET_KCONFIG") == null)
            std.process.fatal("Kconfig's tool is not at hand: run ./zigw build, which fetches it, instead of zig build", .{});

        const chosen_file = if (path) |file| b.pathResolve(&.{ environ.get("RINGLET_CWD") orelse ".", file }) else null;
        if (chosen_file) |file| environ.put("KCONFIG_CONFIG", file) catch @panic("OOM");
        // A file for each tree and configuration, so that two builds at once do not meet.
        const cache = b.cache_root.handle;
        const own = b.fmt("config/of-{x}", .{std.hash.Wyhash.hash(0, b.pathFromRoot(chosen_file orelse ""))});
        cache.createDirPath(io, own) catch |err|
            std.process.fatal("cannot write to {s}: {t}", .{ b.cache_root.path orelse ".", err });
        const header = b.fmt("{s}/autoconf.h", .{own});

        var code: u8 = 0;
        _ = b.runAllowFail(&.{ b.pathFromRoot("configs/kconfig"), "genconfig", inCache(b, header) }, &code, .inherit) catch |err| {
            const fault = b.addFail(b.fmt("the configuration is not usable ({t}); ./zigw build olddefconfig repairs it", .{err}));
            return .{ .header = "", .folder = "", .fault = &fault.step };
        };
        const text = cache.readFileAlloc(io, header, b.allocator, .limited(1 << 20)) catch |err|
            std.process.fatal("cannot read {s}: {t}", .{ header, err });
        // Equal ones are one, so that what was compiled with it is found again.
        const shared = b.fmt("config/{x}", .{std.hash.Wyhash.hash(0, text)});
        _ = cache.updateFile(io, header, cache, b.fmt("{s}/autoconf.h", .{shared}), .{}) catch |err|
            std.process.fatal("cannot write to {s}: {t}", .{ b.cache_root.path orelse ".", err });
        return .{ .header = text, .folder = inCache(b, shared), .fault = null };
    }

    fn inCache(b: *std.Build, name: []const u8) []const u8 {
        return b.cache_root.join(b.allocator, &.{name}) catch @panic("OOM");
    }

    /// The options that httpd is built with, as "NAME=value", a line each; 1 also stands for yes.
    fn chosen(config: Config, b: *std.Build) []const u8 {
        var text: std.ArrayList(u8) = .empty;
        var all = std.mem.splitScalar(u8, config.header, '\n');
        while (all.next()) |line| {
            var words = std.mem.tokenizeScalar(u8, line, ' ');
            if (!std.mem.eql(u8, words.next() orelse continue, "#define")) continue;
            const symbol = words.next() orelse continue;
            if (!std.mem.startsWith(u8, symbol, "CONFIG_")) continue;
            const name = symbol["CONFIG_".len..];
            if (std.mem.startsWith(u8, name, "APP_") or std.mem.startsWith(u8, name, "CAT_")) continue;
            text.appendSlice(b.allocator, b.fmt("  {s}={s}\\n", .{ name, words.rest() })) catch @panic("OOM");
        }
        return text.items;
    }

    fn has(config: Config, option: []const u8) bool {
        var lines = std.mem.splitScalar(u8, config.header, '\n');
        while (lines.next()) |line| {
            var words = std.mem.tokenizeScalar(u8, line, ' ');
            if (!std.mem.eql(u8, words.next() orelse continue, "#define")) continue;
            const symbol = words.next() orelse continue;
            if (std.mem.startsWith(u8, symbol, "CONFIG_") and std.mem.eql(u8, symbol["CONFIG_".len..], option)) return true;
        }
        return false;
    }
};

/// One machine's share of the build.
const Unit = struct {
    b: *std.Build,
    machine: Machine,
    optimize: std.builtin.OptimizeMode,
    config: Config,
    commit: []const u8,
    commands: std.ArrayList(u8) = .empty,

    fn module(unit: *Unit, strip: bool) *std.Build.Module {
        const b = unit.b;
        const target = b.resolveTargetQuery(.{ .cpu_arch = unit.machine.cpu, .os_tag = .linux, .abi = .none, .cpu_model = .baseline });
        const new = b.createModule(.{
            .target = target,
            .optimize = unit.optimize,
            .link_libc = false,
            .pic = true,
            .strip = strip,
            .stack_protector = false, // by flags: Zig's own wants Zig's runtime
            .stack_check = false,
            .unwind_tables = .none,
            .sanitize_c = switch (unit.optimize) {
                .Debug, .ReleaseSafe => .trap, // needs no runtime
                .ReleaseFast, .ReleaseSmall => .off,
            },
        });
        new.addIncludePath(inTree(b, "."));
        new.addIncludePath(inTree(b, b.fmt("arch/{s}", .{unit.machine.name})));
        for (unit.headers()) |folder| new.addSystemIncludePath(.{ .cwd_relative = folder });
        return new;
    }

    /// The kernel's headers, as Zig brings them. A target without a libc does not see them by itself.
    fn headers(unit: *Unit) [2][]const u8 {
        const b = unit.b;
        const lib = b.graph.zig_lib_directory.path orelse ".";
        return .{
            b.fmt("{s}/libc/include/{s}", .{ lib, unit.machine.uapi }),
            b.fmt("{s}/libc/include/any-linux-any", .{lib}),
        };
    }

    /// Whether a choice falls on its first file. Some always do in a Debug build, which has all that helps to find a fault.
    fn takes(unit: *Unit, choice: Choice) bool {
        return unit.config.has(choice.option) or (choice.in_debug and unit.optimize == .Debug);
    }

    fn addFiles(unit: *Unit, to: *std.Build.Module, files: []const []const u8) void {
        unit.addFilesFor(.ours, to, files);
    }

    /// Adds files to a module whose code goes into programs of ours, or of anyone's.
    fn addFilesFor(unit: *Unit, whose: enum { ours, anyones }, to: *std.Build.Module, files: []const []const u8) void {
        const b = unit.b;
        next: for (files) |file| {
            for (choices) |choice| {
                const left = if (unit.takes(choice)) choice.no else choice.yes;
                if (std.mem.eql(u8, file, left)) continue :next;
            }
            var flags: std.ArrayList([]const u8) = .empty;
            flags.appendSlice(b.allocator, &c_flags) catch @panic("OOM");
            flags.appendSlice(b.allocator, if (contains(&start_files, file))
                &start_flags
            else if (contains(&memory_files, file))
                (if (whose == .ours) &memory_flags else &archive_memory_flags)
            else
                (if (whose == .ours) &protected_flags else &archive_flags)) catch @panic("OOM");
            if (whose == .anyones and !contains(&memory_files, file))
                flags.appendSlice(b.allocator, &.{ "-include", inTree(b, archive_header).getPath(b) }) catch @panic("OOM");
            if (unit.optimize != .Debug and contains(&cold_files, file)) flags.append(b.allocator, "-Os") catch @panic("OOM");
            if (unit.optimize != .Debug and std.mem.startsWith(u8, file, "ring/emulate/")) flags.append(b.allocator, "-Os") catch @panic("OOM");
            if (unit.optimize != .Debug and std.mem.startsWith(u8, file, "crt/pid1/")) flags.append(b.allocator, "-Oz") catch @panic("OOM");
            if (std.mem.eql(u8, file, version_file)) flags.appendSlice(b.allocator, &.{
                b.fmt("-DRINGLET_COMMIT=\"{s}\"", .{unit.commit}),
                b.fmt("-DRINGLET_MACHINE=\"{s}\"", .{unit.machine.name}),
                b.fmt("-DRINGLET_OPTIONS=\"{s}\"", .{unit.config.chosen(b)}),
            }) catch @panic("OOM");
            // On x86-64 the guard would otherwise be beside the thread pointer, which not every program has.
            if (unit.machine.cpu == .x86_64) flags.append(b.allocator, "-mstack-protector-guard=global") catch @panic("OOM");
            if (isConfigured(b, file)) flags.append(b.allocator, b.fmt("-I{s}", .{unit.config.folder})) catch @panic("OOM");
            // ring/ knows no configuration, so what chooses ring/trace.c also tells who would call it (ring/traced.h).
            if (std.mem.startsWith(u8, file, "ring/") and unit.takes(trace)) flags.append(b.allocator, "-DRING_TRACE=1") catch @panic("OOM");
            const is_c = std.mem.endsWith(u8, file, ".c");
            to.addCSourceFile(.{ .file = inTree(b, file), .flags = if (is_c) flags.items else &assembly_flags });
            if (is_c and whose == .ours) unit.record(file, flags.items);
        }
    }

    /// The io_uring library's.
    fn ringFiles(unit: *Unit) []const []const u8 {
        const b = unit.b;
        const own = filesIn(b, "ring");
        return if (unit.config.has("RING_EMULATION")) joined(b, &.{ own, filesIn(b, "ring/emulate") }) else own;
    }

    fn library(unit: *Unit, name: []const u8, files: []const []const u8) *std.Build.Step.Compile {
        const b = unit.b;
        const root = unit.module(false);
        unit.addFiles(root, files);
        const new = b.addLibrary(.{ .name = name, .linkage = .static, .root_module = root });
        new.bundle_compiler_rt = false;
        new.bundle_ubsan_rt = false;
        new.link_function_sections = true;
        new.link_data_sections = true;
        if (unit.config.fault) |fault| new.step.dependOn(fault);
        return new;
    }

    /// Links a program twice from the same object and libraries: stripped, to run, and with its symbols beside it, to debug.
    /// Addresses are the same in both.
    fn executable(unit: *Unit, name: []const u8, folder: []const u8, file: []const u8, libraries: []const *std.Build.Step.Compile) *std.Build.Step.Compile {
        const b = unit.b;
        const own = unit.module(false);
        unit.addFiles(own, &.{file});
        const object = b.addObject(.{ .name = b.fmt("{s}_object", .{name}), .root_module = own });
        object.link_function_sections = true;
        object.link_data_sections = true;

        const stripped = unit.link(name, true, object, libraries);
        const debug = unit.link(name, false, object, libraries);
        unit.install(stripped, folder);
        unit.install(debug, "debug");
        return stripped;
    }

    /// What only the tests run: small programs (tests/programs/), what runs in machines (tests/guest/), unit tests.
    fn tests(unit: *Unit, pid1: *std.Build.Step.Compile, crt: *std.Build.Step.Compile, ring: *std.Build.Step.Compile, parts: []const ?*std.Build.Step.Compile) void {
        const b = unit.b;
        for (filesIn(b, "tests/programs")) |file|
            _ = unit.executable(std.fs.path.stem(file), "tests", file, &.{ crt, ring });
        for (filesIn(b, "tests/guest")) |file|
            _ = unit.executable(std.fs.path.stem(file), "tests", file, &.{ pid1, crt, ring });

        const harness = unit.library("unit", &.{"tests/unit/unit.c"});
        next: for (except(b, filesIn(b, "tests/unit"), "/unit.c")) |file| {
            const name = std.fs.path.stem(file);
            // httpd_NAME.c tests the parts of httpd, where the configuration has it; pid1_NAME.c those of the first process.
            // No test is one, so crt comes before pid1.
            const tested = for (programs, parts) |program, part| {
                if (std.mem.startsWith(u8, name, b.fmt("{s}_", .{program.name}))) break part orelse continue :next;
            } else pid1;
            _ = unit.executable(b.fmt("unit-{s}", .{name}), "tests", file, &.{ harness, tested, crt, ring });
        }
    }

    fn link(unit: *Unit, name: []const u8, strip: bool, objects: *std.Build.Step.Compile, libraries: []const *std.Build.Step.Compile) *std.Build.Step.Compile {
        const b = unit.b;
        const root = unit.module(strip);
        root.addObject(objects);
        for (libraries) |each| root.linkLibrary(each);
        const exe = b.addExecutable(.{ .name = name, .linkage = .static, .root_module = root });
        exe.pie = true;
        exe.entry = .{ .symbol_name = "_start" };
        exe.build_id = .sha1;
        exe.bundle_compiler_rt = false;
        exe.bundle_ubsan_rt = false;
        exe.link_gc_sections = true;
        exe.link_function_sections = true;
        exe.link_data_sections = true;
        exe.stack_size = 0; // the kernel's default; any other number would ask it for that much
        exe.link_z_max_page_size = unit.machine.page_max;
        exe.link_z_common_page_size = unit.machine.page_max;
        exe.setLinkerScript(inTree(b, "crt/program.ld"));
        return exe;
    }

    /// Installs ring/ for programs that are not ours: an archive that needs nothing from outside, its headers, and a file
    /// for pkg-config. `tests/libring.bats` holds what it promises.
    fn installArchive(unit: *Unit) *std.Build.Step {
        const b = unit.b;
        const root = unit.module(false);
        unit.addFilesFor(.anyones, root, unit.ringFiles());
        unit.addFilesFor(.anyones, root, &archive_files);
        const archive = b.addLibrary(.{ .name = "ring", .linkage = .static, .root_module = root });
        archive.bundle_compiler_rt = false;
        archive.bundle_ubsan_rt = false;
        archive.link_function_sections = true;
        archive.link_data_sections = true;
        if (unit.config.fault) |fault| return fault; // then nothing is installed, no header either

        const all = b.allocator.create(std.Build.Step) catch @panic("OOM");
        all.* = .init(.{ .id = .custom, .name = b.fmt("libring for {s}", .{unit.machine.name}), .owner = b });
        const lib: std.Build.InstallDir = .{ .custom = b.fmt("{s}/lib", .{unit.machine.name}) };
        const include: std.Build.InstallDir = .{ .custom = b.fmt("{s}/include", .{unit.machine.name}) };
        all.dependOn(&b.addInstallArtifact(archive, .{ .dest_dir = .{ .override = lib } }).step);
        for (shared_headers) |header| all.dependOn(&b.addInstallFileWithDir(b.path(header), include, header).step);
        for (filesEnding(b, "ring", ".h")) |header|
            if (!contains(&private_headers, header)) all.dependOn(&b.addInstallFileWithDir(b.path(header), include, header).step);
        // The machine's own after those for any machine, since it has some of the same names.
        var before: ?*std.Build.Step = null;
        var folders = std.mem.reverseIterator(&unit.headers());
        while (folders.next()) |folder| {
            const copy = b.addInstallDirectory(.{
                .source_dir = .{ .cwd_relative = folder },
                .install_dir = include,
                .install_subdir = "uapi",
            });
            if (before) |step| copy.step.dependOn(step);
            before = &copy.step;
        }
        all.dependOn(before.?);
        const pc = b.addWriteFiles().add("libring.pc", b.fmt(pkg_config, .{zon.version}));
        all.dependOn(&b.addInstallFileWithDir(pc, lib, "pkgconfig/libring.pc").step);
        return all;
    }

    fn install(unit: *Unit, exe: *std.Build.Step.Compile, folder: []const u8) void {
        const b = unit.b;
        const path = b.fmt("{s}/{s}", .{ unit.machine.name, folder });
        b.getInstallStep().dependOn(&b.addInstallArtifact(exe, .{ .dest_dir = .{ .override = .{ .custom = path } } }).step);
    }

    /// Remembers how a file is compiled, for compile_commands.json.
    fn record(unit: *Unit, file: []const u8, flags: []const []const u8) void {
        const b = unit.b;
        const where = unit.headers();
        var arguments: std.ArrayList([]const u8) = .empty;
        arguments.appendSlice(b.allocator, &.{ "clang", b.fmt("--target={s}-linux-none", .{unit.machine.name}), "-I.", b.fmt("-Iarch/{s}", .{unit.machine.name}), "-isystem", where[0], "-isystem", where[1] }) catch @panic("OOM");
        arguments.appendSlice(b.allocator, flags) catch @panic("OOM");
        arguments.appendSlice(b.allocator, &.{ "-c", file }) catch @panic("OOM");
        const entry = .{ .directory = b.pathFromRoot("."), .file = file, .arguments = arguments.items };
        const text = std.json.Stringify.valueAlloc(b.allocator, entry, .{}) catch @panic("OOM");
        unit.commands.appendSlice(b.allocator, b.fmt("{s},\n", .{text})) catch @panic("OOM");
    }
};
