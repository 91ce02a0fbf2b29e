#!/bin/sh
# mi-token wait: it ends when what it waits for is there, when there is no hope, or in time.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

one=6f0c0000-0000-4000-8000-0000000000a1
vault=https://vault.azure.net
gone='[{"service":"imds","status":410,"body":"Gone"}]'

# anew SCENARIO: another machine, nothing cached, no faults.
anew()
{
	sim_scenario "$1"
	sim_faults '[]'
	sim_reset
	mi-token cache clear >"$T/cleared" 2>&1
}

# later SECONDS COMMAND...: in the background; `wait` waits for it.
later()
{
	(
		sleep "$1"
		shift
		"$@" >"$T/later" 2>&1
	) &
	later=$!
}

# access MEMBERS: a machine with one identity and these members of the scenario, as anew.
access()
{
	sed '/"repos": {/,$d' "$scenarios/vm-user.json" | sed '$s/,$//' >"$T/scenario.json"
	echo "${1:+,$1}}" >>"$T/scenario.json"
	anew "$T/scenario.json"
}

# tokens: requests for tokens that the metadata service has seen.
tokens()
{
	sim_log imds | grep -c '/metadata/identity/oauth2/token'
}

sim_start vm-system

it 'where all is well it ends at once, without a word and with one request for a token'
anew vm-system
expect 0 '' '' -- mi-token wait
is 'requests' "$(tokens)" 1
expect 0 '' '' -- mi-token wait --for token --timeout 10s "$vault"
is 'resource' "$(sim_log imds | grep -c 'resource=https%3A%2F%2Fvault.azure.net')" 1

it 'a token from the cache is no proof that the endpoint answers'
expect 0 - '' -- mi-token --resource "$vault"
sim_faults '[{"service":"imds","status":500}]'
expect 6 '' '~mi-token: the time is up after 600ms: *HTTP 500*' -- \
	mi-token wait --quiet --timeout 600ms --resource "$vault"

it 'it waits for an identity that is attached later, and says what is missing, once'
anew vm-none
later 2.5 sim_scenario vm-system
expect 0 '' - -- mi-token wait --timeout 60s
wait "$later"
is 'lines' "$(wc -l <"$T/err")" 2
is 'first' "$(sed -n 1p "$T/err")" '~mi-token: waiting, 1 min left: the VM*s metadata service: *not assigned to this machine*Identity not found*; assign one: az vm identity assign*'
is 'last' "$(sed -n 2p "$T/err")" '~mi-token: after [3-9] s: there is a token for https://management.azure.com/, client id 6f0c*'

it 'it waits for one that is named, by its name in /etc too'
anew vm-system
mkdir -p /etc/mi-token
echo "identities = { one = { client_id = \"$one\"; }; };" >/etc/mi-token/mi-token.conf
later 1.5 sim_scenario vm-both
expect 0 '' "~*client id *$one*not assigned*after * s: there is a token for $vault, client id $one" -- \
	mi-token wait --timeout 60s --identity one "$vault"
wait "$later"
rm /etc/mi-token/mi-token.conf

it 'it sits out an update of the metadata service'
anew vm-system
sim_faults "$gone"
later 2 sim_faults '[]'
expect 0 '' '~mi-token: waiting, *updated and comes back*after * s: there is a token*' -- mi-token wait --timeout 60s
wait "$later"

it 'pauses grow, so that the service is not hammered'
anew vm-none
expect 6 '' - -- mi-token wait --quiet --timeout 9s vault
# at 0, about 1, 3 and 7 s, and once more before the end
is 'requests' "$(tokens)" '~[456]'

it 'when the time is up the last failure is told, with its cure, and the status is 6'
anew vm-none
expect 6 '' '~mi-token: the time is up after 700ms: the VM*Identity not found*; assign one: az vm identity assign*' -- \
	mi-token wait --quiet --timeout 700ms
expect 6 '' - -- mi-token wait --quiet --timeout 700ms --error-format json
is 'object' "$(json <"$T/err" | grep -c '^code=temporary$\|^http_status=400$\|^source=imds$')" 3

it 'with --error-format json every line is an object'
expect 6 '' - -- mi-token wait --timeout 700ms --error-format json
is 'lines' "$(wc -l <"$T/err")" 2
sed -n 1p "$T/err" | json >"$T/first" || bad 'the first line is no JSON'
is 'first' "$(sed -n 's/^message=//p' "$T/first")" '~waiting, 1 s left: *Identity not found*'
is 'code' "$(sed -n 's/^code=//p' "$T/first")" no-identity

it 'nothing that time does not cure is waited for'
anew vm-users
before=$(date +%s%N)
expect 4 '' '~mi-token: *none was named*' -- mi-token wait
expect 4 '' '~mi-token: *' -- mi-token wait --source arc
expect 5 '' - -- mi-token wait --identity "client-id:$one" --resource api://not-known
echo 'identity = 7;' >"$T/conf"
expect 3 '' "~mi-token: $T/conf:1: *" -- env MI_TOKEN_CONFIG="$T/conf" mi-token wait
cat >"$T/conf" <<-END
	identities = { pinned = { client_id = "$one"; object_id = "0b1e0000-0000-4000-8000-0000000000ff"; }; };
END
expect 5 '' - -- env MI_TOKEN_CONFIG="$T/conf" mi-token wait --identity pinned
echo "rules = ( { resource = \"$vault\"; deny = true; } );" >"$T/conf"
expect 5 '' - -- env MI_TOKEN_CONFIG="$T/conf" mi-token wait vault
sim_faults '[{"service":"imds","status":200,"body":"<html>"}]'
expect 7 '' - -- mi-token wait --identity "client-id:$one"
[ $((($(date +%s%N) - before) / 1000000)) -lt 5000 ] || bad 'that took more than 5 s'

it 'wrong usage is told'
sim_reset
expect 2 '' '~mi-token: nothing called *thing* can be waited for; there are: token, role*' -- mi-token wait --for thing
expect 2 '' '~mi-token: --timeout *soon* is no time*' -- mi-token wait --timeout soon
expect 2 '' '~mi-token: --timeout *25h* is no time*' -- mi-token wait --timeout 25h
expect 2 '' '~mi-token: more than one argument; see mi-token wait --help' -- mi-token wait vault arm
expect 2 '' '~mi-token: --resource and a target: *' -- mi-token wait --resource "$vault" arm
expect 2 '' '~mi-token: *' -- mi-token wait 'no such'
expect 2 '' '~mi-token: *identity*' -- mi-token wait --identity client-id:7
is 'requests' "$(sim_counter requests)" 0

blob='https://mystorage.blob.core.windows.net/docs/hello.txt'
secret=https://myvault.vault.azure.net/secrets/hello

it 'it waits until a role that was assigned has spread'
access '"access":{"mystorage":{"pending":2}}'
expect 0 '' '~mi-token: waiting, 1 min left: *role*az role assignment create*after [2-9] s: *' -- \
	mi-token wait --for role --timeout 60s "$blob"
is 'reads' "$(sim_log storage | grep -c hello.txt)" '~[34]'
expect 0 '' '' -- mi-token wait --for role "$blob"
is 'tokens for Storage' "$(sim_log imds | grep -c 'resource=https%3A%2F%2Fstorage')" 1
access '"access":{"mystorage":{"pending":1}}'
expect 0 '' '~mi-token: waiting, 15 min left: *after [1-9] s: *' -- mi-token wait --for role "$blob"
grep -q 'mi-token wait' "$T/err" && bad 'the advice to wait'

it 'it waits until a role is assigned, to the object id that the cure names'
access '"vaults":{"myvault":{"readers":[]}}'
later 2 access '"vaults":{"myvault":{}}'
expect 0 '' '~mi-token: waiting, *myvault*after * s: *' -- mi-token wait --for role --timeout 60s "$secret"
wait "$later"

it 'what is not there, but may be read, is there enough'
access '"access":{"mystorage":{"has":[]}}'
expect 0 '' '' -- mi-token wait --for role "$blob"

it 'without an identity it waits for that first'
sim_scenario vm-none
mi-token cache clear >"$T/cleared" 2>&1
later 1.5 access ''
expect 0 '' '~mi-token: waiting, *not assigned*after * s: *' -- mi-token wait --for role --timeout 60s "$blob"
wait "$later"

it 'when the time is up, the role and the scope that are missing are told'
access '"access":{"mystorage":{"readers":[]}}'
expect 6 '' '~mi-token: the time is up after 900ms: *az role assignment create --assignee-object-id *' -- \
	mi-token wait --quiet --for role --timeout 900ms "$blob"

it 'a service that is busy, or that nobody answers for, is waited for'
access ''
sim_faults '[{"service":"storage","first":2,"status":503,"body":""}]'
expect 0 '' '~mi-token: waiting, *after * s: *' -- mi-token wait --for role --timeout 60s "$blob"
sim_faults '[]'
expect 6 '' '~mi-token: the time is up after 900ms: *' -- \
	mi-token wait --quiet --for role --timeout 900ms https://nobody.blob.core.windows.net/

it 'a refusal that no time cures ends it at once, with its class and its cure'
access '"access":{"mystorage":{"deny":"disabled"},"api":{"audience":"api://other"}},"vaults":{"partner":{"tenant":"91880000-0000-4000-8000-00000000a009"}}'
before=$(date +%s%N)
expect 5 '' '~mi-token: *disabled*' -- mi-token wait --for role "$blob"
expect 5 '' '~mi-token: *tenant*' -- mi-token wait --for role https://partner.vault.azure.net/secrets/hello
expect 5 '' '~mi-token: *audience*' -- mi-token wait --for role --resource api://contoso-api https://api.contoso.example/
expect 2 '' '~mi-token: whether *cannot be found out by a read; wait for its token alone: --resource https://database.windows.net/' -- \
	mi-token wait --for role https://x.database.windows.net
[ $((($(date +%s%N) - before) / 1000000)) -lt 8000 ] || bad 'that took more than 8 s'

it 'a firewall is given some tries, not all the time'
access '"access":{"mystorage":{"deny":"network"}}'
expect 5 '' '~mi-token: waiting, *' -- mi-token wait --for role --timeout 90s "$blob"
is 'reads' "$(sim_log storage | grep -c hello.txt)" 4

it 'a role wants a URL'
expect 2 '' '~mi-token: --for role wants the URL *' -- mi-token wait --for role
expect 2 '' '~mi-token: --for role wants the URL *' -- mi-token wait --for role vault
expect 2 '' '~mi-token: --for role wants the URL *' -- mi-token wait --for role http://mystorage.blob.core.windows.net/
expect 2 '' '~mi-token: *' -- mi-token wait --for role https://example.com/

it 'SIGTERM and SIGINT end it where it is'
anew vm-none
for signal in 15 2; do
	before=$(date +%s%N)
	timeout -s $signal --preserve-status 1.3 mi-token wait --quiet >"$T/out" 2>"$T/err"
	is "status after $signal" $? $((128 + signal))
	[ $((($(date +%s%N) - before) / 1000000)) -lt 2500 ] || bad "$signal was not obeyed at once"
	is 'words' "$(cat "$T/out" "$T/err")" ''
done

it 'it waits where the network is not there yet, and ends with the endpoint'
sim_stop
expect 6 '' '~mi-token: waiting, *nothing listens there*the time is up after 1500ms: *nothing listens there*' -- \
	mi-token wait --timeout 1500ms

it 'the unit is one that systemd takes, and its command line one that wait takes'
unit=$B/systemd/mi-token-wait.service
if command -v systemd-analyze >/dev/null; then
	mkdir -p "$T/units"
	sed "s|^ExecStart=[^ ]*|ExecStart=$B/bin/mi-token|" "$unit" >"$T/units/mi-token-wait.service"
	expect 0 '' '' -- systemd-analyze verify --man=no "$T/units/mi-token-wait.service"
else
	skip 'no systemd-analyze'
fi
# shellcheck disable=SC2016 # a pattern
is 'options' "$(sed -n 's/^ExecStart=[^ ]* wait \(.*\) $WAIT/\1/p' "$unit")" '--timeout 10m'
is 'order' "$(grep -c '^Type=oneshot$\|^RemainAfterExit=yes$\|^After=network-online.target$' "$unit")" 3
