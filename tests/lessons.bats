#!/usr/bin/env bats
# tests/lessons.bats: a lesson does what its comment says.

load helpers

@test "lesson 1 exits with 42, on every machine" {
	local machine
	for machine in "${machines[@]}"; do
		run run_on "$machine" bin/lesson01
		echo "$machine: status $status: $output"
		((status == 42))
		[[ -z $output ]]
	done
}
