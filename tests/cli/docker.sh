#!/bin/sh
# docker-credential-mi-token: the protocol of docker's credential helpers, and the exchange.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

registry=registry.azurecr.io
nobody=00000000-0000-0000-0000-000000000000
foreign='credentials not found in native keychain'

sim_start vm-system

# helper OPERATION STDIN
helper()
{
	printf %s "$2" | docker-credential-mi-token "$1"
}

# in_registry USER SECRET: whether the registry lets them in, by its own two steps.
in_registry()
{
	access=$(curl -sS --noproxy '*' -u "$1:$2" \
		"https://$registry/oauth2/token?service=$registry&scope=repository:app:pull" | json_field access_token)
	curl -sS --noproxy '*' -o "$T/body" -w '%{http_code}' -H "Authorization: Bearer $access" \
		"https://$registry/v2/app/manifests/latest"
}

it 'get gives what the registry lets in, for a host and for a URL'
for server in $registry https://$registry "https://$registry/v2/" REGISTRY.azurecr.io; do
	expect 0 "~{\"ServerURL\":\"$server\",\"Username\":\"$nobody\",\"Secret\":\"ey*\"}" '' -- helper get "$server"
	is 'the registry' "$(in_registry $nobody "$(json_field Secret <"$T/out")")" 200
done
expect 0 '~{*' '' -- helper get "$registry
"

it 'the exchange is for the registry and its tenant, with a token for registries'
sim_reset
expect 0 - '' -- helper get $registry
sim_request acr | tr '&' '\n' | tr -d '\r' >"$T/form"
is 'path' "$(head -n 1 "$T/form")" 'POST /oauth2/exchange HTTP/1.1'
for field in service=$registry "tenant=$SIM_TENANT" grant_type=access_token; do
	is "$field" "$(grep -cx "$field" "$T/form")" 1
done
is 'audience' "$(sed -n 's/^access_token=//p' "$T/form" | jwt_claims | json | sed -n 's/^aud=//p')" \
	https://containerregistry.azure.net
is 'another get' "$(helper get $registry | json_field Username) $(sim_counter imds)" "$nobody 0"

it 'other servers are not found, and nobody is asked for a token'
sim_reset
for server in https://index.docker.io/v1/ registry.azurecr.io.evil.example registry.eastus.data.azurecr.io \
	http://$registry "$registry:5000" ''; do
	expect 1 "$foreign" '' -- helper get "$server"
done
is 'requests' "$(sim_counter requests)" 0

it 'store takes what it need not keep, and refuses what would be lost'
expect 0 '' '' -- helper store '{"ServerURL":"'$registry'","Username":"me","Secret":"SECRET-1"}'
expect 1 '~mi-token: *credHelpers*' '' -- helper store '{"ServerURL":"https://index.docker.io/v1/","Username":"me","Secret":"SECRET-1"}'
is 'echo' "$(grep -c SECRET "$T/out")" 0
expect 1 '~mi-token: *no JSON*' '' -- helper store SECRET-1
expect 0 '' '' -- helper erase $registry
expect 0 '{}' '' -- helper list ''
expect 0 '~docker-credential-mi-token [0-9]*' '' -- helper version ''

it 'what goes wrong is one line on stdout, with status 1'
while IFS='|' read -r message fault; do
	sim_faults "[{\"service\":\"acr\",$fault}]"
	expect 1 "~mi-token: *$message*" '' -- helper get $registry
	is "lines with $fault" "$(wc -l <"$T/out")" 1
done <<'END'
AcrPull|"status":401
AcrPull|"status":403
try again later|"status":503
try again later|"status":429
no refresh_token|"body":"{}"
registry.azurecr.io|"body":"<html>"
registry.azurecr.io|"cut":100,"reset":true
AcrPull|"status":302,"headers":{"Location":"https://demo.blob.core.windows.net/"}
END
sim_faults '[]'
mi-token cache clear >"$T/cleared"
sim_faults '[{"service":"imds","path":"/metadata/identity","status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}]'
expect 1 '~mi-token: *' '' -- helper get $registry
sim_faults '[]'
expect 1 '~mi-token: no such operation; *' '' -- helper frobnicate ''
expect 1 '~mi-token: one operation is wanted; *' '' -- docker-credential-mi-token
expect 1 '~mi-token: one operation is wanted; *' '' -- docker-credential-mi-token get list
head -c 100000 /dev/zero | tr '\0' a >"$T/large"
expect 1 '~mi-token: too much on stdin' '' -- sh -c "docker-credential-mi-token get <$T/large"
expect 1 '~mi-token: cannot read stdin: *' '' -- sh -c 'docker-credential-mi-token get <&-'
expect 0 '~usage: docker-credential-mi-token *' '' -- docker-credential-mi-token --help
expect 0 '~docker-credential-mi-token [0-9]*' '' -- docker-credential-mi-token --version

it 'rules of root decide which identity goes to which registry'
sim_scenario vm-users
cat >/etc/mi-token/mi-token.conf <<'END'
rules = (
	{ host = "registry.azurecr.io"; identity = "client-id:6f0c0000-0000-4000-8000-0000000000a2"; },
	{ host = ".azurecr.io"; deny = true; }
);
END
sim_reset
expect 0 - '' -- helper get $registry
is 'identity' "$(sim_request acr | tr '&' '\n' | sed -n 's/^access_token=//p' | jwt_claims | json | sed -n 's/^appid=//p')" \
	6f0c0000-0000-4000-8000-0000000000a2
expect 1 '~mi-token: *' '' -- helper get other.azurecr.io
rm /etc/mi-token/mi-token.conf
