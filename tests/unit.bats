#!/usr/bin/env bats
# tests/unit.bats: every unit program (tests/unit/*.c), on every machine. A test's name says which: "PROGRAM on MACHINE".

load helpers

export BATS_TEST_TIMEOUT=120

# unit: runs the program that the test's name says; "emulated NAME" runs it on the emulation of io_uring. What its TAP skips is
# shown; if it skips all, so does this test.
unit() {
	local machine=${BATS_TEST_DESCRIPTION#* on } program=${BATS_TEST_DESCRIPTION% on *} plan passed skipped
	[[ $program != emulated\ * ]] || local -x RINGLET_ENGINE=emulated
	[[ $machine == "$(uname -m)" ]] || local -x RINGLET_SLOW=1 # a twentieth of the long ones (ring_scale.h)
	program=unit-${program#emulated }
	run run_on "$machine" "tests/$program"
	grep -v '^ok' <<<"$output" || true
	((status == 0))
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' <<<"$output")
	passed=$(grep -c '^ok ' <<<"$output") || true
	((plan > 0 && passed == plan))

	skipped=$(grep -c '^ok .* # SKIP' <<<"$output") || true
	((skipped)) || return 0
	((skipped < plan)) || skip "$(sed -n '0,/ # SKIP /s/.* # SKIP //p' <<<"$output")"
	# One line for each reason.
	sed -n 's/^ok [0-9]* - \(.*\) # SKIP \(.*\)/\2\t\1/p' <<<"$output" | awk -F '\t' -v who="$BATS_TEST_DESCRIPTION" '
		{ count[$1]++; name[$1] = $2 }
		END { for (why in count) print "# " who " skipped " (count[why] > 1 ? count[why] " tests" : name[why]) ": " why }' >&3
}

# The tests of each program follow: one for each machine, and, where a line of the file is "// For either engine.", as many
# again on the emulation.
@test "every unit program has its tests here" {
	for file in "$BATS_TEST_DIRNAME"/unit/*.c; do
		name=$(basename "$file" .c)
		[[ $name != unit ]] || continue # the harness
		names=("$name")
		! grep -qx '// For either engine\.' "$file" || names+=("emulated $name")
		for name in "${names[@]}"; do
			for machine in "${machines[@]}"; do
				line="@test \"$name on $machine\" { unit; }"
				grep -qxF "$line" "$BATS_TEST_FILENAME" || {
					echo "add: $line"
					missing=yes
				}
			done
		done
	done
	[[ ! ${missing-} ]]
}

@test "arena on x86_64" { unit; }
@test "arena on aarch64" { unit; }
@test "arena on riscv64" { unit; }
@test "args on x86_64" { unit; }
@test "args on aarch64" { unit; }
@test "args on riscv64" { unit; }
@test "clock on x86_64" { unit; }
@test "clock on aarch64" { unit; }
@test "clock on riscv64" { unit; }
@test "errno on x86_64" { unit; }
@test "errno on aarch64" { unit; }
@test "errno on riscv64" { unit; }
@test "httpd_account on x86_64" { unit; }
@test "httpd_account on aarch64" { unit; }
@test "httpd_account on riscv64" { unit; }
@test "httpd_address on x86_64" { unit; }
@test "httpd_address on aarch64" { unit; }
@test "httpd_address on riscv64" { unit; }
@test "httpd_body on x86_64" { unit; }
@test "httpd_body on aarch64" { unit; }
@test "httpd_body on riscv64" { unit; }
@test "httpd_cache on x86_64" { unit; }
@test "httpd_cache on aarch64" { unit; }
@test "httpd_cache on riscv64" { unit; }
@test "httpd_coding on x86_64" { unit; }
@test "httpd_coding on aarch64" { unit; }
@test "httpd_coding on riscv64" { unit; }
@test "httpd_conditions on x86_64" { unit; }
@test "httpd_conditions on aarch64" { unit; }
@test "httpd_conditions on riscv64" { unit; }
@test "httpd_date on x86_64" { unit; }
@test "httpd_date on aarch64" { unit; }
@test "httpd_date on riscv64" { unit; }
@test "httpd_deadline on x86_64" { unit; }
@test "httpd_deadline on aarch64" { unit; }
@test "httpd_deadline on riscv64" { unit; }
@test "httpd_files on x86_64" { unit; }
@test "httpd_files on aarch64" { unit; }
@test "httpd_files on riscv64" { unit; }
@test "httpd_filter on x86_64" { unit; }
@test "httpd_filter on aarch64" { unit; }
@test "httpd_filter on riscv64" { unit; }
@test "httpd_listing on x86_64" { unit; }
@test "httpd_listing on aarch64" { unit; }
@test "httpd_listing on riscv64" { unit; }
@test "httpd_log on x86_64" { unit; }
@test "httpd_log on aarch64" { unit; }
@test "httpd_log on riscv64" { unit; }
@test "httpd_mime on x86_64" { unit; }
@test "httpd_mime on aarch64" { unit; }
@test "httpd_mime on riscv64" { unit; }
@test "httpd_peers on x86_64" { unit; }
@test "httpd_peers on aarch64" { unit; }
@test "httpd_peers on riscv64" { unit; }
@test "httpd_range on x86_64" { unit; }
@test "httpd_range on aarch64" { unit; }
@test "httpd_range on riscv64" { unit; }
@test "httpd_request on x86_64" { unit; }
@test "httpd_request on aarch64" { unit; }
@test "httpd_request on riscv64" { unit; }
@test "httpd_response on x86_64" { unit; }
@test "httpd_response on aarch64" { unit; }
@test "httpd_response on riscv64" { unit; }
@test "httpd_sandbox on x86_64" { unit; }
@test "httpd_sandbox on aarch64" { unit; }
@test "httpd_sandbox on riscv64" { unit; }
@test "emulated httpd_sandbox on x86_64" { unit; }
@test "emulated httpd_sandbox on aarch64" { unit; }
@test "emulated httpd_sandbox on riscv64" { unit; }
@test "httpd_spool on x86_64" { unit; }
@test "httpd_spool on aarch64" { unit; }
@test "httpd_spool on riscv64" { unit; }
@test "httpd_target on x86_64" { unit; }
@test "httpd_target on aarch64" { unit; }
@test "httpd_target on riscv64" { unit; }
@test "mem on x86_64" { unit; }
@test "mem on aarch64" { unit; }
@test "mem on riscv64" { unit; }
@test "out on x86_64" { unit; }
@test "out on aarch64" { unit; }
@test "out on riscv64" { unit; }
@test "pid1_dhcp on x86_64" { unit; }
@test "pid1_dhcp on aarch64" { unit; }
@test "pid1_dhcp on riscv64" { unit; }
@test "pid1_ip on x86_64" { unit; }
@test "pid1_ip on aarch64" { unit; }
@test "pid1_ip on riscv64" { unit; }
@test "pid1_words on x86_64" { unit; }
@test "pid1_words on aarch64" { unit; }
@test "pid1_words on riscv64" { unit; }
@test "ring on x86_64" { unit; }
@test "ring on aarch64" { unit; }
@test "ring on riscv64" { unit; }
@test "emulated ring on x86_64" { unit; }
@test "emulated ring on aarch64" { unit; }
@test "emulated ring on riscv64" { unit; }
@test "ring_buffers on x86_64" { unit; }
@test "ring_buffers on aarch64" { unit; }
@test "ring_buffers on riscv64" { unit; }
@test "emulated ring_buffers on x86_64" { unit; }
@test "emulated ring_buffers on aarch64" { unit; }
@test "emulated ring_buffers on riscv64" { unit; }
@test "ring_close on x86_64" { unit; }
@test "ring_close on aarch64" { unit; }
@test "ring_close on riscv64" { unit; }
@test "emulated ring_close on x86_64" { unit; }
@test "emulated ring_close on aarch64" { unit; }
@test "emulated ring_close on riscv64" { unit; }
@test "ring_cqe on x86_64" { unit; }
@test "ring_cqe on aarch64" { unit; }
@test "ring_cqe on riscv64" { unit; }
@test "ring_do on x86_64" { unit; }
@test "ring_do on aarch64" { unit; }
@test "ring_do on riscv64" { unit; }
@test "emulated ring_do on x86_64" { unit; }
@test "emulated ring_do on aarch64" { unit; }
@test "emulated ring_do on riscv64" { unit; }
@test "ring_do_each on x86_64" { unit; }
@test "ring_do_each on aarch64" { unit; }
@test "ring_do_each on riscv64" { unit; }
@test "emulated ring_do_each on x86_64" { unit; }
@test "emulated ring_do_each on aarch64" { unit; }
@test "emulated ring_do_each on riscv64" { unit; }
@test "ring_emulate on x86_64" { unit; }
@test "ring_emulate on aarch64" { unit; }
@test "ring_emulate on riscv64" { unit; }
@test "ring_engine on x86_64" { unit; }
@test "ring_engine on aarch64" { unit; }
@test "ring_engine on riscv64" { unit; }
@test "ring_explain on x86_64" { unit; }
@test "ring_explain on aarch64" { unit; }
@test "ring_explain on riscv64" { unit; }
@test "ring_failing on x86_64" { unit; }
@test "ring_failing on aarch64" { unit; }
@test "ring_failing on riscv64" { unit; }
@test "emulated ring_failing on x86_64" { unit; }
@test "emulated ring_failing on aarch64" { unit; }
@test "emulated ring_failing on riscv64" { unit; }
@test "ring_ops_events on x86_64" { unit; }
@test "ring_ops_events on aarch64" { unit; }
@test "ring_ops_events on riscv64" { unit; }
@test "ring_ops_files on x86_64" { unit; }
@test "ring_ops_files on aarch64" { unit; }
@test "ring_ops_files on riscv64" { unit; }
@test "ring_ops_modifiers on x86_64" { unit; }
@test "ring_ops_modifiers on aarch64" { unit; }
@test "ring_ops_modifiers on riscv64" { unit; }
@test "ring_ops_rings on x86_64" { unit; }
@test "ring_ops_rings on aarch64" { unit; }
@test "ring_ops_rings on riscv64" { unit; }
@test "ring_ops_sockets on x86_64" { unit; }
@test "ring_ops_sockets on aarch64" { unit; }
@test "ring_ops_sockets on riscv64" { unit; }
@test "ring_poller on x86_64" { unit; }
@test "ring_poller on aarch64" { unit; }
@test "ring_poller on riscv64" { unit; }
@test "ring_probe on x86_64" { unit; }
@test "ring_probe on aarch64" { unit; }
@test "ring_probe on riscv64" { unit; }
@test "ring_queues on x86_64" { unit; }
@test "ring_queues on aarch64" { unit; }
@test "ring_queues on riscv64" { unit; }
@test "emulated ring_queues on x86_64" { unit; }
@test "emulated ring_queues on aarch64" { unit; }
@test "emulated ring_queues on riscv64" { unit; }
@test "ring_random on x86_64" { unit; }
@test "ring_random on aarch64" { unit; }
@test "ring_random on riscv64" { unit; }
@test "emulated ring_random on x86_64" { unit; }
@test "emulated ring_random on aarch64" { unit; }
@test "emulated ring_random on riscv64" { unit; }
@test "ring_register on x86_64" { unit; }
@test "ring_register on aarch64" { unit; }
@test "ring_register on riscv64" { unit; }
@test "emulated ring_register on x86_64" { unit; }
@test "emulated ring_register on aarch64" { unit; }
@test "emulated ring_register on riscv64" { unit; }
@test "ring_register_files on x86_64" { unit; }
@test "ring_register_files on aarch64" { unit; }
@test "ring_register_files on riscv64" { unit; }
@test "emulated ring_register_files on x86_64" { unit; }
@test "emulated ring_register_files on aarch64" { unit; }
@test "emulated ring_register_files on riscv64" { unit; }
@test "ring_resize on x86_64" { unit; }
@test "ring_resize on aarch64" { unit; }
@test "ring_resize on riscv64" { unit; }
@test "ring_setup on x86_64" { unit; }
@test "ring_setup on aarch64" { unit; }
@test "ring_setup on riscv64" { unit; }
@test "emulated ring_setup on x86_64" { unit; }
@test "emulated ring_setup on aarch64" { unit; }
@test "emulated ring_setup on riscv64" { unit; }
@test "ring_sqe on x86_64" { unit; }
@test "ring_sqe on aarch64" { unit; }
@test "ring_sqe on riscv64" { unit; }
@test "ring_sqe_events on x86_64" { unit; }
@test "ring_sqe_events on aarch64" { unit; }
@test "ring_sqe_events on riscv64" { unit; }
@test "ring_sqe_files on x86_64" { unit; }
@test "ring_sqe_files on aarch64" { unit; }
@test "ring_sqe_files on riscv64" { unit; }
@test "ring_sqe_rings on x86_64" { unit; }
@test "ring_sqe_rings on aarch64" { unit; }
@test "ring_sqe_rings on riscv64" { unit; }
@test "ring_sqe_sockets on x86_64" { unit; }
@test "ring_sqe_sockets on aarch64" { unit; }
@test "ring_sqe_sockets on riscv64" { unit; }
@test "ring_storm on x86_64" { unit; }
@test "ring_storm on aarch64" { unit; }
@test "ring_storm on riscv64" { unit; }
@test "emulated ring_storm on x86_64" { unit; }
@test "emulated ring_storm on aarch64" { unit; }
@test "emulated ring_storm on riscv64" { unit; }
@test "ring_trace on x86_64" { unit; }
@test "ring_trace on aarch64" { unit; }
@test "ring_trace on riscv64" { unit; }
@test "ring_wide on x86_64" { unit; }
@test "ring_wide on aarch64" { unit; }
@test "ring_wide on riscv64" { unit; }
@test "say on x86_64" { unit; }
@test "say on aarch64" { unit; }
@test "say on riscv64" { unit; }
@test "signal on x86_64" { unit; }
@test "signal on aarch64" { unit; }
@test "signal on riscv64" { unit; }
@test "str on x86_64" { unit; }
@test "str on aarch64" { unit; }
@test "str on riscv64" { unit; }
