#!/bin/sh
# Which bad news is worth another try, and that the timeout bounds everything.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sim_start vm-system
vault=https://vault.azure.net

# timed COMMAND...: as it is; $took is how many milliseconds it took.
timed()
{
	timed_begin=$(date +%s%3N)
	"$@"
	timed_status=$?
	took=$(($(date +%s%3N) - timed_begin))
	echo "$took" >"$T/took"
	return $timed_status
}

# tries FAULT REQUESTS LEAST MOST [ARGUMENT]...: a token after so many requests and
# milliseconds.
tries()
{
	tries_fault=$1 tries_requests=$2 tries_least=$3 tries_most=$4
	shift 4
	mi-token cache clear >"$T/cleared"
	sim_faults "[{\"service\":\"imds\",$tries_fault}]"
	sim_reset
	expect 0 '~ey*' '' -- timed mi-token --resource "$vault" "$@"
	is "requests after $tries_fault" "$(sim_counter imds)" "$tries_requests"
	if [ "$took" -lt "$tries_least" ] || [ "$took" -gt "$tries_most" ]; then
		bad "$tries_fault: it took $took ms, not $tries_least to $tries_most"
	fi
}

it 'what passes by itself is asked again after a second or so'
tries '"first":1,"status":500' 2 950 1700
tries '"first":1,"status":503' 2 950 1700
tries '"first":1,"status":404,"body":"{\"error\":\"Not Found\"}"' 2 950 1700
tries '"first":1,"status":421' 2 950 1700
tries '"first":1,"cut":0,"reset":true' 2 950 1700
tries '"first":1,"connect":true,"reset":true' 1 950 1700

it '429 is asked again when the service said so, in seconds or as a date'
tries '"first":1,"status":429,"headers":{"Retry-After":"1"}' 2 900 1700
tries '"first":1,"status":429,"headers":{"retry-after-ms":"300"}' 2 250 900
tries '"first":1,"status":429,"headers":{"Retry-After":"'"$(LC_ALL=C date -u -d '+2 seconds' '+%a, %d %b %Y %H:%M:%S GMT')"'"}' 2 0 2900

it '410 with the default timeout ends at once, with the reason and the cure'
sim_faults '[{"service":"imds","status":410,"body":"Gone"}]'
mi-token cache clear >"$T/cleared"
sim_reset
expect 6 '' '~*comes back within 70 s*--timeout 80s*' -- timed mi-token --resource "$vault"
[ "$took" -le 500 ] || bad "it took $took ms"
is 'requests' "$(sim_counter imds)" 1

it '410 is waited for when the timeout allows it'
tries '"first":1,"status":410,"body":"Gone"' 2 9500 11500 --timeout 80s

it 'what no waiting cures is asked once'
for fault in '"status":400' '"status":401' '"status":403' '"status":405' '"status":302' '"status":200,"body":"<html>"' \
	'"status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"'; do
	sim_faults "[{\"service\":\"imds\",$fault}]"
	sim_reset
	mi-token cache clear >"$T/cleared"
	expect '~[4567]' '' - -- mi-token --resource "$vault"
	is "requests after $fault" "$(sim_counter imds)" 1
done

it 'a dead service is asked a few times within the timeout, not more'
sim_faults '[{"service":"imds","status":500}]'
sim_reset
expect 6 '' '~mi-token: *' -- timed mi-token --resource "$vault"
[ "$(sim_counter imds)" -le 4 ] || bad "$(sim_counter imds) requests"
[ "$took" -le 5500 ] || bad "it took $took ms"

it '--timeout bounds every kind of slowness to half a second'
for fault in '"drip":5' '"endless":"headers","drip":50' '"endless":"1xx","drip":50' '"endless":"body","drip":50' \
	'"silence":true' '"connect":true,"silence":true' '"delay_ms":20000' '"status":500' \
	'"status":429,"headers":{"Retry-After":"1"}' '"status":410'; do
	mi-token cache clear >"$T/cleared"
	sim_faults "[{\"service\":\"imds\",$fault}]"
	expect '~[67]' '' '~mi-token: *' -- timed mi-token --timeout 600ms --resource "$vault"
	[ "$took" -le 1100 ] || bad "$fault: it took $took ms"
	mi-token cache clear >"$T/cleared"
	expect '~[67]' '' '~mi-token: *' -- timed mi-token --timeout 600ms arm
	[ "$took" -le 1100 ] || bad "$fault, with an alias: it took $took ms"
done

it 'also where two requests are needed: Arc, and the lock of another process'
sim_scenario arc
sim_faults '[{"service":"arc","delay_ms":700}]'
expect 6 '' '~mi-token: *' -- timed as arc mi-token --timeout 1s --resource "$vault"
[ "$took" -le 1500 ] || bad "it took $took ms"
sim_faults '[]'

it 'the configured timeout holds without the option'
sim_scenario vm-system
sim_faults '[{"service":"imds","silence":true}]'
expect 6 '' '~mi-token: *' -- timed env MI_TOKEN_TIMEOUT=300ms mi-token --resource "$vault"
[ "$took" -le 800 ] || bad "it took $took ms"
