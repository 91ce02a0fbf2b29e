#!/bin/sh
# Why nobody answers: each reason of the kernel has its own words and status.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# in_state STATE STATUS LEAST MOST MESSAGE: without a simulator; milliseconds it may take.
in_state()
{
	state_begin=$(date +%s%3N)
	expect "$2" '' "~mi-token: the VM's metadata service: *$5*" -- \
		"$root/tests/netns" --imds "$1" mi-token --timeout 2s --resource https://vault.azure.net
	state_took=$(($(date +%s%3N) - state_begin))
	is 'lines' "$(wc -l <"$T/err")" 1
	[ "$state_took" -ge "$3" ] || bad "it took $state_took ms only"
	[ "$state_took" -le "$4" ] || bad "it took $state_took ms"
}

it 'a prohibit route is a rule of this machine: refused at once, and whose rule it may be'
in_state prohibit 5 0 1000 'may not connect*systemd-imdsd*Guest Proxy Agent'

it 'no route and an unreachable one: not a VM, at once'
in_state absent 4 0 1000 'there is no route*not an Azure VM'
in_state unreachable 4 0 1000 'there is no route*not an Azure VM'

it 'a blackhole route is called by its name'
in_state blackhole 4 0 1000 'blackhole route*not an Azure VM'

it 'nothing listens: temporary, after one more try'
in_state up 6 900 2000 'nothing listens there*after 2 tries*azure-proxy-agent'

# Packets that disappear: nobody takes connections from this queue.
it 'packets that disappear: the timeout, and who may swallow them'
sim_start vm-system
sim_faults '[{"service":"imds","connect":true,"silence":true}]'
expect 6 '' '~*no answer in time*firewall*--timeout*' -- mi-token --timeout 500ms --resource https://vault.azure.net
sim_faults '[{"service":"imds","silence":true}]'
expect 6 '' '~*no answer in time*' -- mi-token --timeout 500ms --resource https://vault.azure.net

it 'a connection that breaks off: a reset, an early end, half an answer'
for how in '"connect":true,"reset":true' '"cut":0' '"cut":300' '"cut":1000,"reset":true'; do
	sim_faults "[{\"service\":\"imds\",$how}]"
	expect 6 '' "~*the connection broke off*" -- mi-token --timeout 500ms --resource https://vault.azure.net
done

it 'what is no HTTP: something else listens there'
for raw in 'SSH-2.0-x\r\n' '{\"access_token\":\"x\"}' 'HTTP/0.9 200\r\n\r\n' 'HTTP/2 200\r\n\r\n' '\u0000\u0001'; do
	sim_faults "[{\"service\":\"imds\",\"raw\":\"$raw\"}]"
	expect '~[67]' '' '~mi-token: *' -- mi-token --timeout 500ms --resource https://vault.azure.net
	is 'lines' "$(wc -l <"$T/err")" 1
done

it 'answers without end, and too large ones, are cut off early'
for fault in '"endless":"body"' '"endless":"chunks"' '"endless":"headers"' '"endless":"1xx"' '"pad":307200' \
	'"body":"[","repeat":300000' '"body":"0123456789abcdef","repeat":1638400' \
	'"headers":{"Content-Encoding":"gzip"},"body":"x"'; do
	sim_faults "[{\"service\":\"imds\",$fault}]"
	begin=$(date +%s%3N)
	expect '~[67]' '' '~mi-token: *' -- mi-token --timeout 2s --resource https://vault.azure.net
	took=$(($(date +%s%3N) - begin))
	[ "$took" -le 2500 ] || bad "$fault: it took $took ms"
	is 'lines' "$(wc -l <"$T/err")" 1
done

it 'JSON that is no token is refused, and nothing of it is printed'
while read -r body; do
	printf '[{"service":"imds","status":200,"body_base64":"%s"}]' \
		"$(printf %b "$body" | base64 | tr -d '\n')" >"$T/faults"
	sim_control /faults --data-binary "@$T/faults"
	expect 7 '' '~mi-token: *' -- mi-token --refresh --timeout 500ms --resource https://vault.azure.net
	is "lines for $body" "$(wc -l <"$T/err")" 1
	is "echo of $body" "$(grep -c 'secret' "$T/err")" 0
done <<'END'
{}
[]
null
"secret"
{"access_token":"secret"}
{"access_token":null,"expires_in":"99"}
{"access_token":{"secret":1},"expires_in":"99"}
{"access_token":12345,"expires_in":"99"}
{"access_token":"","expires_in":"99"}
{"access_token":"secret secret","expires_in":"99"}
{"access_token":"secret\\\\r\\\\nX: y","expires_in":"99"}
{"access_token":"secret\\\\u0000","expires_in":"99"}
{"access_token":"secret","access_token":"secret2","expires_in":"99"}
{"access_token":"secret","expires_in":"-1"}
{"access_token":"secret","expires_in":"99999999999999999999"}
{"access_token":"secret","expires_on":"1"x
{"access_token":"secret","expires_on":"1727193299"}
{"access_token":"secret","expires_in":"99","token_type":"mac"}
{"access_token":"secret","expires_in":"99","resource":"https://graph.microsoft.com/"}
{"access_token":"secret","expires_in":"99"}{"a":1}
{"access_token":"secret","expires_in":"99"} trailing
{"access_token":"secret\\xff","expires_in":"99"}
{"access_token":"secret","expires_in":"99",}
{'access_token':'secret','expires_in':'99'}
END
sim_faults '[{"service":"imds","status":200,"body":"[","repeat":100000}]'
expect 7 '' '~mi-token: *' -- mi-token --refresh --timeout 500ms --resource https://vault.azure.net
