#!/bin/sh
# Each source gives a token, for a request that is byte for byte the documented one.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

user=6f0c0000-0000-4000-8000-0000000000a1
object=0b1e0000-0000-4000-8000-0000000000a1
arm=/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/demo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/invoicing
arm_coded=$(echo "$arm" | sed 's|/|%2F|g')
system=6f0c0000-0000-4000-8000-0000000000c1
vault=https://vault.azure.net
coded=resource=https%3A%2F%2Fvault.azure.net
agent='User-Agent: mi-token'
accept='Accept: application/json'

sim_start vm-both

# token CLIENT-ID SOURCE [ARGUMENT]...: a token of that identity comes out.
token()
{
	token_client=$1 token_source=$2
	shift 2
	sim_reset
	mi-token cache clear >"$T/cleared"
	expect 0 '~ey*.*.*' '' -- as "$token_source" mi-token --resource "$vault" "$@"
	claims=$(jwt_claims <"$T/out")
	is 'identity' "$claims" "~*\"appid\":\"$token_client\"*"
	is 'audience' "$claims" "~*\"aud\":\"$vault\"*"
}

# sent SERVICE N LINE...: the n-th request's bytes, as lines; the last one is the body.
sent()
{
	sent_service=$1 sent_number=$2
	shift 2
	sim_request "$sent_service" "$sent_number" >"$T/got"
	sent_body=
	[ "$1" != -b ] || { sent_body=$2 && shift 2; }
	{ printf '%s\r\n' "$@" '' && printf %s "$sent_body"; } >"$T/want"
	cmp -s "$T/got" "$T/want" || bad "request $sent_number of $sent_service" "$(diff "$T/got" "$T/want")"
}

# chosen SOURCE NAME: what `mi-token sources` marks.
chosen()
{
	is "sources as $1" "$(as "$1" mi-token sources | sed -n 's/^\* \([^ ]*\).*/\1/p')" "$2"
}

imds='GET /metadata/identity/oauth2/token?api-version=2018-02-01&'
it 'a virtual machine: GET with the Metadata header, and the id in the query'
while read -r option value client query; do
	# shellcheck disable=SC2086 # no option and no value are no arguments
	token "$client" imds ${option#none} ${value#none}
	sent imds 1 "$imds$coded${query:+&$query} HTTP/1.1" 'Host: 169.254.169.254' "$agent" 'Metadata: true'
	is 'requests' "$(sim_counter requests)" 1
done <<END
none none $system
--identity system $system
--client-id $user $user client_id=$user
--object-id $object $user object_id=$object
--resource-id $arm $user msi_res_id=$arm_coded
END
chosen imds imds

it 'App Service: the secret in X-IDENTITY-HEADER, and no Metadata header'
sim_scenario app-service
while read -r option value client query; do
	# shellcheck disable=SC2086
	token "$client" app-service ${option#none} ${value#none}
	sent app-service 1 "GET /msi/token?api-version=2019-08-01&$coded${query:+&$query} HTTP/1.1" \
		'Host: 127.0.0.1:41013' "$agent" "X-IDENTITY-HEADER: $SIM_SECRET" "$accept"
done <<END
none none $system
--client-id $user $user client_id=$user
--object-id $object $user principal_id=$object
--resource-id $arm $user mi_res_id=$arm_coded
END
chosen app-service app-service

it 'an endpoint that has a query already keeps it, and no name comes twice'
sim_reset
expect 0 - '' -- as app-service IDENTITY_ENDPOINT="$SIM_APP_SERVICE/?a=b&api-version=1" \
	mi-token --refresh --resource "$vault"
sent app-service 1 "GET /msi/token/?a=b&api-version=2019-08-01&$coded HTTP/1.1" \
	'Host: 127.0.0.1:41013' "$agent" "X-IDENTITY-HEADER: $SIM_SECRET" "$accept"

it 'App Service of 2017: the secret in a header of that name, and clientid'
for date in linux windows; do
	sed "s/\"about\"/\"app_service\": { \"expires_on\": \"$date\" }, &/" \
		"$scenarios/app-service.json" >"$T/scenario.json"
	sim_scenario "$T/scenario.json"
	token "$system" app-service-2017
	sent app-service 1 "GET /msi/token?api-version=2017-09-01&$coded HTTP/1.1" \
		'Host: 127.0.0.1:41013' "$agent" "secret: $SIM_SECRET" "$accept"
	token "$user" app-service-2017 --client-id "$user"
	sent app-service 1 "GET /msi/token?api-version=2017-09-01&$coded&clientid=$user HTTP/1.1" \
		'Host: 127.0.0.1:41013' "$agent" "secret: $SIM_SECRET" "$accept"
done
chosen app-service-2017 app-service-2017

it 'Azure Machine Learning: clientid, with the default of its own variable'
sim_scenario app-service
token "$system" azure-ml
sent ml 1 "GET /MSI/auth?api-version=2017-09-01&$coded HTTP/1.1" \
	'Host: 127.0.0.1:46808' "$agent" "secret: $SIM_SECRET" "$accept"
DEFAULT_IDENTITY_CLIENT_ID=$user
export DEFAULT_IDENTITY_CLIENT_ID
token "$user" azure-ml
sent ml 1 "GET /MSI/auth?api-version=2017-09-01&$coded&clientid=$user HTTP/1.1" \
	'Host: 127.0.0.1:46808' "$agent" "secret: $SIM_SECRET" "$accept"
unset DEFAULT_IDENTITY_CLIENT_ID
chosen azure-ml azure-ml

it 'Cloud Shell: POST of a form'
sim_reset
expect 0 '~ey*' '' -- as cloud-shell mi-token --resource "$vault"
sent cloud-shell 1 -b "$coded" 'POST /oauth2/token HTTP/1.1' 'Host: 127.0.0.1:50342' "$agent" \
	'Metadata: true' 'Content-Type: application/x-www-form-urlencoded' "$accept" "Content-Length: ${#coded}"
chosen cloud-shell cloud-shell

it 'Service Fabric: the secret goes to the certificate of that thumbprint only'
token "$system" service-fabric
sent fabric 1 "GET /metadata/identity/oauth2/token?api-version=2019-07-01-preview&$coded HTTP/1.1" \
	'Host: 127.0.0.1:2377' "$agent" "Secret: $SIM_SECRET" "$accept"
chosen service-fabric service-fabric
sim_reset
expect 7 '' '~mi-token: *certificate*IDENTITY_SERVER_THUMBPRINT*' -- as service-fabric \
	IDENTITY_SERVER_THUMBPRINT=0000000000000000000000000000000000000000 \
	mi-token --refresh --resource "$vault"
is 'requests' "$(sim_counter requests)" 0

arc='GET /metadata/identity/oauth2/token?api-version=2020-06-01&'
it 'Arc: a challenge, then the same request with the bytes of the file'
sim_scenario arc
token "$system" arc
sent arc 1 "$arc$coded HTTP/1.1" 'Host: 127.0.0.1:40342' "$agent" 'Metadata: true'
sim_request arc 2 | grep -v '^Authorization: Basic [^ ]*.$' >"$T/got"
sim_request arc 1 | cmp -s - "$T/got" || bad 'the second request differs in more than Authorization'
is 'requests' "$(sim_counter requests)" 2
chosen arc arc
sim_scenario arc-users
while read -r option value query; do
	token "$user" arc "$option" "$value"
	sent arc 1 "$arc$coded&$query HTTP/1.1" 'Host: 127.0.0.1:40342' "$agent" 'Metadata: true'
done <<END
--client-id $user client_id=$user
--object-id $object object_id=$object
--resource-id $arm msi_res_id=$arm_coded
END

it 'Arc is found by its agent where variables are missing'
sim_scenario arc
mkdir -p /opt/azcmagent/bin && : >/opt/azcmagent/bin/himds
token "$system" imds
is 'requests to Arc' "$(sim_counter arc)" 2
chosen imds arc
rm -r /opt/azcmagent/bin

it 'an older Arc agent, which gives the system-assigned identity for any, is found out'
expect '~[457]' '' '~mi-token: *' -- as arc mi-token --resource "$vault" --client-id "$user"

it 'workload identity: the service account'\''s token is exchanged at Entra'
sim_scenario workload
sim_assertion >"$T/assertion"
form="client_assertion=$(cat "$T/assertion")&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_id=$user&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default"
token "$user" workload
sent entra 1 -b "$form" "POST /$SIM_TENANT/oauth2/v2.0/token HTTP/1.1" 'Host: login.microsoftonline.com' \
	"$agent" 'Content-Type: application/x-www-form-urlencoded' 'Accept: application/json' \
	"Content-Length: ${#form}"
chosen workload workload

it 'a workload in AKS asks through the token proxy, under its own name and authority'
token "$user" aks-proxy
sent aks-proxy 1 -b "$form" "POST /proxy/$SIM_TENANT/oauth2/v2.0/token HTTP/1.1" \
	'Host: 127.0.0.1:6443' "$agent" 'Content-Type: application/x-www-form-urlencoded' \
	'Accept: application/json' "Content-Length: ${#form}"
is 'requests to Entra itself' "$(sim_counter azure-connections)" 0

it 'a token that expired while it lay there is read once more, then refused'
sim_assertion life=-10 >"$T/assertion"
expect 5 '' '~*AADSTS700024*' -- as workload mi-token --refresh --resource "$vault"

it 'the first source that is there is the only one asked, and --source forces another'
sim_scenario vm-both
sim_assertion >"$T/assertion"
sim_reset
expect 5 '' '~mi-token: *' -- as workload mi-token --refresh --resource "$vault"
is 'requests to IMDS' "$(sim_counter imds)" 0
expect 0 '~ey*' '' -- as workload mi-token --source imds --resource "$vault"
is 'requests to IMDS' "$(sim_counter imds)" 1
expect 0 '~ey*' '' -- as workload MI_TOKEN_SOURCE=imds mi-token --resource "$vault"
expect 4 '' '~mi-token: *' -- mi-token --source arc --resource "$vault"
expect '~[234]' '' '~mi-token: *' -- mi-token --source nowhere --resource "$vault"
