#!/bin/sh
# The simulator itself: literal bodies, strictness, faults, signatures.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# imds STATUS LENGTH BODY QUERY CURL-ARGUMENT...
imds()
{
	imds_status=$1 imds_length=$2 imds_body=$3 imds_query=$4
	shift 4
	http "$imds_status" "$imds_length" "$imds_body" "$@" -H 'Metadata: true' \
		"$SIM_IMDS/metadata/identity/oauth2/token?$imds_query"
}

good='api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net'
not_found='{"error":"invalid_request","error_description":"Identity not found"}'
several='{"error":"invalid_request","error_description":"Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"}'
no_metadata='{"error":"invalid_request","error_description":"Required metadata header not specified"}'
bad_version='{"error":"Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds","newest-versions":["2025-04-07","2024-07-17","2024-03-15"]}'
user=6f0c0000-0000-4000-8000-0000000000a1
system=6f0c0000-0000-4000-8000-0000000000c1
mirid=/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/demo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/invoicing

sim_start vm-none

it 'azure-sim explains itself, and refuses options and scenarios it does not know'
expect 0 '~usage: azure-sim*' '' -- azure-sim --help
expect 2 '' '~*wrong usage; see azure-sim --help' -- azure-sim --frobnicate
echo '{"sytem":{}}' >"$T/scenario.json"
expect 1 '' "azure-sim: $T/scenario.json: a scenario has no member 'sytem'" -- \
	azure-sim --only control --listen control=127.0.0.1:0 --scenario "$T/scenario.json" --state "$T"

it 'a machine without identities answers "Identity not found" in 68 bytes'
imds 400 68 "$not_found" "$good"

it 'a request without the Metadata header is refused in 88 bytes'
http 400 88 "$no_metadata" "$SIM_IMDS/metadata/identity/oauth2/token?$good"
http 400 88 "$no_metadata" -H 'Metadata: True' "$SIM_IMDS/metadata/identity/oauth2/token?$good"
http 400 88 "$no_metadata" "$SIM_IMDS/metadata/identity/oauth2/token"

it 'the other spelling of the same refusal, Arc'\''s, has 88 bytes as well'
http 400 88 '{"error":"bad_request_102","error_description":"Required metadata header not specified"}' \
	"$SIM_ARC/metadata/identity/oauth2/token?api-version=2020-06-01&resource=x"

it 'two user-assigned identities and no name are refused in 168 bytes'
sim_scenario vm-users
imds 400 168 "$several" "$good"
imds 200 - "~*\"client_id\":\"$user\"*" "$good&client_id=$user"

it 'ids that are not assigned answer "Identity not found", whatever their kind'
for id in client_id object_id msi_res_id; do
	imds 400 68 "$not_found" "$good&$id=6f0c0000-0000-4000-8000-0000000000ff"
done

it 'each kind of id finds the identity, without case'
imds 200 - "~*\"client_id\":\"$user\"*" "$good&client_id=6F0C0000-0000-4000-8000-0000000000A1"
imds 200 - "~*\"client_id\":\"$user\"*\"object_id\":\"0b1e0000-*" \
	"$good&object_id=0b1e0000-0000-4000-8000-0000000000a1"
imds 200 - "~*\"client_id\":\"$user\"*\"msi_res_id\":\"/subscriptions*" "$good&msi_res_id=$mirid"

it 'the spelling of another endpoint'\''s parameter names no identity'
imds 400 168 "$several" "$good&mi_res_id=$mirid"

it 'two ids, and repeated or broken parameters, are refused'
imds 400 - '~*Only one of*' "$good&client_id=$user&object_id=0b1e0000-0000-4000-8000-0000000000a1"
imds 400 - '~*repeated*' "$good&resource=https%3A%2F%2Fvault.azure.net"
imds 400 - '~*repeated*' "$good&client_id=%zz"

it 'the only user-assigned identity is the default of a machine without a system-assigned one'
sim_scenario vm-user
imds 200 - "~*\"client_id\":\"$user\"*" "$good"

it 'the system-assigned identity is the default where there is one'
sim_scenario vm-both
imds 200 - "~*\"client_id\":\"$system\"*" "$good"

it 'a missing or unknown api-version lists the newest'
imds 400 - "$bad_version" 'resource=https%3A%2F%2Fvault.azure.net'
imds 400 - "$bad_version" 'api-version=2017-08-01&resource=https%3A%2F%2Fvault.azure.net'
imds 400 - "$bad_version" 'api-version=2018-02-02&resource=https%3A%2F%2Fvault.azure.net'

it 'methods other than GET get 405, proxied requests 400'
imds 405 0 '' "$good" -X POST
imds 400 - '~*X-Forwarded-For*' "$good" -H 'X-Forwarded-For: 10.0.0.1'

it 'an unknown resource gets Entra'\''s AADSTS500011'
imds 400 - '~{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named https://foo was not found in the tenant named 91880000-*"error_codes":\[500011\],*"error_uri":"https://login.microsoftonline.com/error?code=500011"}' \
	'api-version=2018-02-01&resource=https%3A%2F%2Ffoo'

it 'a grant has the documented members, all of them texts, in their order'
sim_reset
imds 200 - '~{"access_token":"ey*","client_id":"'"$system"'","expires_in":"8639[89]","expires_on":"??????????","ext_expires_in":"8639[89]","not_before":"??????????","resource":"https://vault.azure.net","token_type":"Bearer"}' "$good"
life=$(($(json_field expires_on <"$T/body") - $(json_field not_before <"$T/body")))
is 'life of the token' "$life" 86700
curl -sSi -H Metadata:true "$SIM_IMDS/metadata/identity/oauth2/token?$good" >"$T/head"
is 'Server' "$(grep -c '^Server: IMDS/150.870.65.512' "$T/head")" 1
is 'Content-Type' "$(grep -c '^Content-Type: application/json; charset=utf-8' "$T/head")" 1

it 'the platform caches a token per identity and resource, and it ages'
sim_reset
imds 200 - - "$good"
first=$(json_field access_token <"$T/body")
sleep 1.1
imds 200 - - "$good"
is 'second token' "$(json_field access_token <"$T/body")" "$first"
is 'expires_in' "$(json_field expires_in <"$T/body")" '~8639[5-8]'
imds 200 - - 'api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F'
is 'tokens issued' "$(sim_counter tokens)" 2
is 'requests' "$(sim_counter imds)" 3

it 'the log has the bytes of a request'
sim_reset
printf 'GET /metadata/versions HTTP/1.1\r\nHost: x\r\nMetadata: true\r\nConnection: close\r\n\r\n' >"$T/want"
curl -sS -o "$T/body" -H Metadata:\ true -H 'User-Agent:' -H 'Accept:' -H 'Host: x' \
	-H 'Connection: close' "$SIM_IMDS/metadata/versions"
sim_request imds >"$T/got"
is 'bytes' "$(sort "$T/got")" "$(sort "$T/want")"
is 'log' "$(sim_log imds)" '~{"n":1,"service":"imds","listener":"imds","head":"GET /metadata/versions*'

it 'instance metadata is there as JSON and leaf by leaf'
instance=$SIM_IMDS/metadata/instance/compute
http 200 - '~{"azEnvironment":"AzurePublicCloud","location":"westeurope",*' \
	-H Metadata:true "$instance?api-version=2021-02-01"
http 200 16 AzurePublicCloud -H Metadata:true \
	"$instance/azEnvironment?api-version=2021-02-01&format=text"
http 404 24 '{ "error": "Not found" }' -H Metadata:true "$instance/nothing?api-version=2021-02-01&format=text"
http 404 21 '{"error":"Not Found"}' -H Metadata:true "$SIM_IMDS/metadata/identity"
http 200 51 '{"tenantId":"91880000-0000-4000-8000-00000000a001"}' -H Metadata:true \
	"$SIM_IMDS/metadata/identity/info?api-version=2018-02-01"
sim_scenario vm-usgov
http 200 22 AzureUSGovernmentCloud -H Metadata:true \
	"$instance/azEnvironment?api-version=2021-02-01&format=text"

it 'tokens are signed with the published key and have the documented claims'
sim_scenario vm-user
imds 200 - - "$good"
token=$(json_field access_token <"$T/body")
is 'length' "${#token}" '~1[4-9]??'
curl -sS "https://login.microsoftonline.com/$SIM_TENANT/discovery/keys" >"$T/keys"
printf %s "$token" | cut -d. -f1 | base64url_decode >"$T/header"
is 'kid' "$(json_field kid <"$T/header")" "$(json_field kid <"$T/keys")"
is 'claims' "$(echo "$token" | jwt_claims)" '~{"aud":"https://vault.azure.net","iss":"https://sts.windows.net/91880000-0000-4000-8000-00000000a001/",*"xms_mirid":"'"$mirid"'"*'
if command -v openssl >/dev/null; then
	sed 's/.*"x5c":\["\([^"]*\).*/\1/' "$T/keys" | base64 -d >"$T/key.der"
	openssl x509 -inform DER -in "$T/key.der" -noout -pubkey >"$T/key.pem"
	printf %s "${token%.*}" >"$T/signed"
	printf %s "${token##*.}" | base64url_decode >"$T/signature"
	expect 0 'Verified OK' '' -- openssl dgst -sha256 -verify "$T/key.pem" \
		-signature "$T/signature" "$T/signed"
else
	skip 'no openssl command'
fi

it 'OpenID configuration names issuer and keys, version by version'
http 200 - '~*"issuer":"https://sts.windows.net/t/"*' https://login.microsoftonline.com/t/.well-known/openid-configuration
http 200 - '~*"issuer":"https://login.microsoftonline.us/t/v2.0"*' https://login.microsoftonline.us/t/v2.0/.well-known/openid-configuration
is 'keys' "$(json_field jwks_uri <"$T/body")" https://login.microsoftonline.us/t/discovery/v2.0/keys

it 'storage tells good tokens from others in its own words'
sim_scenario vm-system
imds 200 - - 'api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F'
token=$(json_field access_token <"$T/body")
list='https://demo.blob.core.windows.net/docs?restype=container&comp=list'
http 200 - '~*<Name>hello.txt</Name>*' -H "Authorization: Bearer $token" -H 'x-ms-version: 2021-08-06' "$list"
http 403 279 '~*<Code>AuthorizationPermissionMismatch</Code>*' -H "Authorization: Bearer $token" \
	-H 'x-ms-version: 2021-08-06' https://other.blob.core.windows.net/docs/hello.txt
is 'byte order mark' "$(head -c 3 "$T/body" | od -An -tx1)" ' ef bb bf'
http 403 - '~*Authentication scheme Bearer is not supported in this version.*' \
	-H "Authorization: Bearer $token" "$list"
http 401 - '~*NoAuthenticationInformation*' "$list"
http 401 - '~*Signature validation failed*' -H "Authorization: Bearer ${token}x" \
	-H 'x-ms-version: 2021-08-06' "$list"
imds 200 - - "$good"
http 401 - '~*Audience validation failed. Audience did not match.*' -D "$T/head" \
	-H "Authorization: Bearer $(json_field access_token <"$T/body")" -H 'x-ms-version: 2021-08-06' "$list"
is 'challenge' "$(tr -d '\r' <"$T/head" | sed -n 's/^WWW-Authenticate: //p')" \
	"Bearer authorization_uri=https://login.microsoftonline.com/$SIM_TENANT/oauth2/authorize resource_id=https://storage.azure.com"
