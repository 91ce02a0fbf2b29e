#!/bin/sh
# mi-token report: the page has what it is for, changes nothing, and says what it lacks.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sub=/subscriptions/11110000-0000-4000-8000-000000000001
vm=$sub/resourceGroups/demo/providers/Microsoft.Compute/virtualMachines/vm1
me=0b1e0000-0000-4000-8000-0000000000a1
other=0b1e0000-0000-4000-8000-0000000000a2
identity=$sub/resourcegroups/demo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/invoicing-prod-identity
tags=$identity/providers/Microsoft.Resources/tags/default

# world ASSIGNMENTS TAGS [MEMBERS-OF-SUBSCRIPTION]: a machine whose identity is named as it should.
world()
{
	cat >"$T/scenario.json" <<-END
		{ "tenant": "91880000-0000-4000-8000-00000000a001",
		  "machine": { "vmScaleSetName": "set|1" },
		  "users": [
			{ "client_id": "6f0c0000-0000-4000-8000-0000000000a1", "object_id": "$me", "resource_id": "$identity" },
			{ "client_id": "6f0c0000-0000-4000-8000-0000000000a2", "object_id": "$other", "resource_id": "${identity%/*}/other" } ],
		  "arm": {
			"subscriptions": [ { "id": "11110000-0000-4000-8000-000000000001", "name": "Contoso Prod"${3:+, $3} } ],
			"assignments": [$1],
			"resources": { "$tags": { "properties": { "tags": $2 } } } } }
	END
	sim_scenario "$T/scenario.json"
}

# has LINE...: the page has these lines.
has()
{
	for line; do
		grep -qxF -e "$line" "$T/out" || bad "no line: $line"
	done
}

report()
{
	mi-token report "$@"
}

mkdir -p "$T/home"
export HOME="$T/home"
sim_start vm-users
cat >/etc/mi-token/mi-token.conf <<'END'
identity = "invoicing";
identities = { invoicing = { client_id = "6f0c0000-0000-4000-8000-0000000000a1"; }; };
END
chmod 644 /etc/mi-token/mi-token.conf

it 'the page tells the machine, the identity, its roles, the tools, and how to repeat it'
world '{"principal":"'$me'","role":"Reader","scope":"'$sub'"},{"principal":"'$me'","role":"Owner","scope":"'$vm'"}' '{"Team":"billing|ops","Cost-Center":"4711","other":"x"}'
expect 0 - '' -- report
has '# Managed identity of vm1' '## Machine' '| name | vm1 |' '| scale set | set\|1 |' "| resource id | $vm |" '| region | westeurope |' \
	'## Identity' '| kind | user-assigned |' '| client id | 6f0c0000-0000-4000-8000-0000000000a1 |' "| object id | $me |" \
	'| tenant | 91880000-0000-4000-8000-00000000a001 |' "| resource id | $identity |" '| source | imds |' \
	'| name | invoicing-prod-identity: application invoicing, environment prod |' \
	'| tag: owner | Team = billing\|ops |' '| tag: application | none |' '| tag: cost centre | Cost-Center = 4711 |' \
	'### Configuration' '| identity | "invoicing" | /etc/mi-token/mi-token.conf:1 |' \
	'## Role assignments' '| Reader | subscription Contoso Prod |  | no | this identity | 2026-03-01 |  |' \
	'- **high** over-privileged-role: Owner at virtual machine vm1: manages everything, and gives roles to anybody' \
	'2 role assignments, 2 findings (1 high, 1 medium)' '## Tools' '### Units of systemd' \
	'## Again' '    mi-token report' '    mi-token roles'
is 'date and version' "$(sed -n 3p "$T/out")" '~Written on 20[0-9][0-9]-*T*Z by mi-token [0-9]*.'
is 'unknown tags' "$(grep -c 'other = x' "$T/out")" 0

it 'nothing is written, and no token is in it'
traces()
{
	find /run /dev/shm /var/opt "$HOME" -name '*mi-token*' ! -path "$SIM_STATE*"
}
is 'files' "$(traces)" ''
token=$(mi-token arm)
[ -n "$(traces)" ] || bad 'this test looks in the wrong places'
is 'pieces' "$(printf '%s' "$token" | pieces "$T/out")" ''
mi-token cache clear >"$T/cleared"
is 'writes to Azure' "$(sim_log arm | grep -vc '"head":"GET ')" 0

it 'the commands to repeat it have the identity that was asked for'
expect 0 - '' -- report --identity client-id:6f0c0000-0000-4000-8000-0000000000a1
has '    mi-token report --identity client-id:6f0c0000-0000-4000-8000-0000000000a1'

it 'a name of another form is told'
expect 5 - - -- report --identity client-id:6f0c0000-0000-4000-8000-0000000000a2
has '| name | other: not of the form {app}-{env}-identity |'

it 'the tools are told as they are set up'
git config --global credential.helper 2>/dev/null
mi-token git configure >"$T/configured" 2>&1 || cat "$T/configured" >&2
mkdir -p "$HOME/.docker"
echo '{"credHelpers":{"registry.azurecr.io":"mi-token"}}' >"$HOME/.docker/config.json"
mkdir -p "$T/bin"
ln -sf "$B/libexec/mi-token/mi-token-az" "$T/bin/az"
PATH=$T/bin:$PATH expect 0 - '' -- report
is 'az' "$(grep -c "^| ok | az | $T/bin/az is mi-token's |\$" "$T/out")" 1
is 'docker' "$(grep -c '^| ok | docker | asks .*docker-credential-mi-token for 1 registry |$' "$T/out")" 1
is 'git' "$(grep -c '^| ok | git | git helper: 1. mi-token (global' "$T/out")" 1
is 'openssl' "$(grep -c '^| [a-z]* | openssl.cnf | does not load azkv' "$T/out")" 1

it 'units that run mi-token are listed, with no more of their lines than the command'
mkdir -p /run/systemd/system
printf '[Service]\nExecStart=/usr/bin/mi-token exec --allow x -- /opt/run --password geheim\n' >/run/systemd/system/billing.service
printf '[Service]\nExecStart=/bin/true\n' >/run/systemd/system/other.service
printf '[Socket]\nListenStream=/run/x\n' >/run/systemd/system/mi-token-serve@.socket
chmod 644 /run/systemd/system/*
expect 0 - '' -- report
has '- billing.service runs mi-token exec: not enabled' '- mi-token-serve@.socket: not enabled'
is 'others' "$(grep -c 'other.service\|geheim' "$T/out")" 0

it 'what could not be read says why, and the status is that of the first'
world '' '{}' '"roleReaders":[]'
expect 5 - '~mi-token: the page is not whole: '$sub': (AuthorizationFailed) *; az role assignment create --assignee-object-id '$me' *' -- report
is 'in the page' "$(grep -c '^Not read: .*AuthorizationFailed' "$T/out")" 1
has "    az role assignment create --assignee-object-id $me --assignee-principal-type ServicePrincipal --role Reader --scope $sub" '| tag: owner | none |' '## Again'
world '' '{}'
sim_faults '[{"service":"arm","ends":"/tags/default","status":403,"body":"{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}"}]'
expect 5 - '~mi-token: the page is not whole: the tags of the identity: (AuthorizationFailed) no; az role *' -- report
has '## Role assignments' '0 role assignments, 0 findings'
sim_faults '[{"service":"arm","status":503}]'
expect 6 - '~mi-token: the page is not whole: *HTTP status 503*' -- report --timeout 5s
sim_faults '[]'

it 'without an identity the rest is there'
rm /etc/mi-token/mi-token.conf
world '' '{}'
expect 4 - '~mi-token: the page is not whole: *Multiple user assigned identities*' -- report
has '| name | vm1 |' 'Not asked for, without a token.' '## Tools' '## Again'

it 'wrong usage is told'
for wrong in word --all '--subscription x' '--timeout 5'; do
	# shellcheck disable=SC2086 # words
	expect 2 '' '~mi-token: *; see mi-token report --help' -- report $wrong
done
expect 0 '~usage: mi-token report *' '' -- report --help
