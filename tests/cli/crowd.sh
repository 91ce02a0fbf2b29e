#!/bin/sh
# 500 processes at once: one request, one answer, no pile-up behind a dead endpoint.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sim_start vm-system
mkdir "$T/crowd"
many=500
case $B in *san-*) many=40 ;; esac # each is many times as large and slow

# crowd_of COUNT ARGUMENT...: so many times mi-token, with a cold cache and new counters.
crowd_of()
{
	crowd_count=$1
	shift
	mi-token cache clear >"$T/cleared"
	sim_reset
	rm -f "$T"/crowd/*
	crowd "$crowd_count" "$T/crowd" mi-token "$@" >"$T/statuses" || bad 'the crowd did not start'
	longest=$(tail -n 1 "$T/statuses")
	sed -i '$d' "$T/statuses"
}

# texts SUFFIX: how many different ones there are.
texts()
{
	cat "$T"/crowd/*."$1" | sort -u | wc -l
}

# within MILLISECONDS
within()
{
	[ "$longest" -le "$1" ] || bad "the last one ended after $longest ms, not $1"
}

it '500 processes with a cold cache make one request and print one token'
sim_faults '[{"service":"imds","delay_ms":1500}]'
crowd_of $many --resource https://vault.azure.net
is 'statuses' "$(cat "$T/statuses")" "$many with status 0"
is 'requests' "$(sim_counter imds)" 1
is 'different tokens' "$(texts out)" 1
is 'tokens printed' "$(cat "$T"/crowd/*.out | wc -l)" $many
is 'bytes on stderr' "$(cat "$T"/crowd/*.err | wc -c)" 0
within 5000

it 'with an alias they make one request for the cloud and one for the token'
sim_faults '[{"service":"imds","delay_ms":500}]'
crowd_of $many arm
is 'statuses' "$(cat "$T/statuses")" "$many with status 0"
is 'requests for the cloud' "$(sim_log imds | grep -c /metadata/instance)" 1
is 'requests for the token' "$(sim_log imds | grep -c /metadata/identity)" 1
is 'different tokens' "$(texts out)" 1

it '6 resources are 6 requests, and never more than 4 of them at once'
sim_faults '[{"service":"imds","delay_ms":700}]'
mi-token cache clear >"$T/cleared"
sim_reset
rm -f "$T"/crowd/*
# shellcheck disable=SC2016 # the child's shell expands it
crowd 300 "$T/crowd" sh -c '
	set -- vault.azure.net storage.azure.com/ graph.microsoft.com/ management.azure.com/ \
		database.windows.net/ servicebus.azure.net/
	shift $(($$ % 6))
	exec mi-token --timeout 20s --resource "https://$1"' >"$T/statuses"
is 'statuses' "$(sed '$d' "$T/statuses")" '300 with status 0'
is 'requests' "$(sim_counter imds)" 6
is 'requests at once' "$(sim_counter imds-peak)" 4

it 'a listener that never answers: all end within one timeout and 2 s, and say why'
sim_faults '[{"service":"imds","silence":true}]'
crowd_of $many --timeout 3s --resource https://vault.azure.net
is 'statuses' "$(cat "$T/statuses")" "$many with status 6"
[ "$(sim_counter imds)" -le 10 ] || bad "$(sim_counter imds) requests"
is 'lines on stderr' "$(cat "$T"/crowd/*.err | wc -l)" $many
is 'bytes on stdout' "$(cat "$T"/crowd/*.out | wc -c)" 0
within 5000

it 'a refusal is shared: not one request for each process'
sim_faults '[{"service":"imds","status":400,"delay_ms":1000,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}]'
crowd_of $many --resource https://vault.azure.net
is 'statuses' "$(cat "$T/statuses")" "$many with status 4"
[ "$(sim_counter imds)" -le 5 ] || bad "$(sim_counter imds) requests"
is 'different lines' "$(texts err)" 1
within 5000

it '429 with Retry-After: a handful of requests in total, also for other resources'
sim_faults '[{"service":"imds","status":429,"headers":{"Retry-After":"30"},"delay_ms":300}]'
crowd_of $many --resource https://vault.azure.net
is 'statuses' "$(cat "$T/statuses")" "$many with status 6"
[ "$(sim_counter imds)" -le 5 ] || bad "$(sim_counter imds) requests"
before=$(sim_counter imds)
expect 6 '' '~*not asked again for*s*' -- mi-token --resource https://graph.microsoft.com/
is 'requests' "$(sim_counter imds)" "$before"
within 5000

it 'a stopped process that holds the lock does not stop the others'
mi-token cache clear >"$T/cleared"
sim_faults '[{"service":"imds","first":1,"silence":true}]'
sim_reset
mi-token --timeout 60s --resource https://vault.azure.net >"$T/stopped" 2>&1 &
holder=$!
while [ "$(sim_counter imds)" = 0 ]; do
	sleep 0.02
done
kill -STOP "$holder"
rm -f "$T"/crowd/*
crowd 50 "$T/crowd" mi-token --timeout 3s --resource https://vault.azure.net >"$T/statuses"
is 'statuses' "$(sed '$d' "$T/statuses")" '50 with status 0'
[ "$(sim_counter imds)" -le 6 ] || bad "$(sim_counter imds) requests"
kill -KILL "$holder"

it 'killed processes leave nothing that stops the next one'
mi-token cache clear >"$T/cleared"
sim_faults '[{"service":"imds","first":1,"silence":true}]'
sim_reset
mi-token --timeout 60s --resource https://vault.azure.net >"$T/stopped" 2>&1 &
holder=$!
while [ "$(sim_counter imds)" = 0 ]; do
	sleep 0.02
done
kill -KILL "$holder"
expect 0 '~ey*' '' -- mi-token --timeout 700ms --resource https://vault.azure.net

it 'nobody there, no route, packets thrown away: 500 processes end at once'
while read -r state status; do
	"$root/tests/netns" --imds "$state" sh -c 'mkdir /run/c && exec crowd "$0" /run/c "$@"' "$many" \
		mi-token --timeout 2s --resource https://vault.azure.net >"$T/statuses"
	longest=$(tail -n 1 "$T/statuses")
	within 4000
	is "statuses when $state" "$(sed '$d' "$T/statuses")" "$many with status $status"
done <<'END'
up 6
absent 4
prohibit 5
unreachable 4
blackhole 4
END
