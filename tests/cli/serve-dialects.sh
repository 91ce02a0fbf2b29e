#!/bin/sh
# mi-token serve: what each client writes gets a token, in the words of its dialect.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/serve-lib.sh
. "$(dirname "$0")/serve-lib.sh"

sim_start vm-both
token=$(mi-token --resource $vault)
exp=$(mi-token --resource $vault -o exp)
client=6f0c0000-0000-4000-8000-0000000000c1
serve --imds
imds=$origin/metadata/identity/oauth2/token
shell=$origin/oauth2/token

# gets CURL-ARGUMENT...: 200, and the token
gets()
{
	http 200 - '~{"access_token":"*"}' "$@"
	is 'token' "$(json_field access_token <"$T/body")" "$token"
}

it 'the variables name loopback and a secret of 256 bits, and nothing else'
is 'names' "$(sed 's/=.*//' "$T/env" | tr '\n' ' ')" \
	'IDENTITY_ENDPOINT IDENTITY_HEADER MSI_ENDPOINT MSI_SECRET ARM_MSI_ENDPOINT AZURE_POD_IDENTITY_AUTHORITY_HOST '
is 'endpoint' "$IDENTITY_ENDPOINT" '~http://127.0.0.1:[0-9]*/msi/token'
is 'secret' "$(printf %s "$IDENTITY_HEADER" | tr -d 0-9a-f | wc -c) ${#IDENTITY_HEADER}" '0 64'

it 'App Service 2019: Go, JS, C++, Python and object_store'
gets -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$vault_encoded"
gets -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" -H 'Metadata: true' "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$vault"
gets -H "x-identity-header: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT/?resource=$vault&api-version=2019-08-01"
gets -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$vault&client_id=$client"
is 'members' "$(json <"$T/body" | sed 's/=.*//' | sort | tr '\n' ' ')" \
	'access_token client_id expires_on resource token_type '
is 'expires_on is a text' "$(grep -c "\"expires_on\":\"$exp\"" "$T/body")" 1
is 'resource as asked' "$(json_field resource <"$T/body")" "$vault"
is 'client_id' "$(json_field client_id <"$T/body")" "$client"

it 'App Service 2017: the header secret, and clientid'
gets -H "secret: $MSI_SECRET" "$MSI_ENDPOINT?api-version=2017-09-01&resource=$vault"
gets -H "Secret: $MSI_SECRET" -H 'Metadata: true' "$MSI_ENDPOINT?api-version=2017-09-01&resource=$vault_encoded&clientid=$client"

it 'IMDS: Python, JS with a slash, Go, Terraform, Snowflake'
gets -H 'Metadata: true' "$imds?api-version=2018-02-01&resource=$vault"
gets -H 'Metadata: true' "$imds/?api-version=2018-02-01&resource=$vault_encoded"
gets -H 'Metadata: True' "$imds?resource=$vault&api-version=2018-02-01&client_id=$client"
gets -H 'Metadata: true' "$imds?api-version=2019-08-01&resource=$vault"
is 'members' "$(json <"$T/body" | sed 's/=.*//' | sort | tr '\n' ' ')" \
	'access_token client_id expires_in expires_on ext_expires_in not_before resource token_type '
is 'numbers are texts' "$(grep -cE '"expires_in":"[0-9]+".*"expires_on":"[0-9]+"' "$T/body")" 1

it 'Cloud Shell: a form by POST'
gets -H 'Metadata: true' -d "resource=$vault_encoded" "$shell"
gets -H 'Metadata: true' -d "resource=$vault" -H 'Content-Type:' "$shell/"
gets -H 'Metadata: true' -d "resource=$vault" -H 'Expect: 100-continue' "$shell"

it 'a probe is answered at once, with 400, and without a request to the platform'
sim_reset
http 400 - '{"error":"invalid_request","error_description":"Required metadata header not specified"}' "$imds"
http 400 - - "$imds?api-version=2018-02-01&resource=$vault"
http 400 - - "$imds/"
is 'requests' "$(sim_counter imds)" 0

it 'a user-assigned identity is served by any of its names'
sed -n 's/.*"resource_id": *"\([^"]*userAssigned[^"]*\)".*/\1/p' "$scenarios/vm-both.json" | head -n 1 >"$T/id"
for query in "mi_res_id=$(cat "$T/id")" "msi_res_id=$(cat "$T/id")"; do
	http 200 - - -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$vault&$query"
	is 'another token' "$([ "$(json_field access_token <"$T/body")" != "$token" ] && echo yes)" yes
done

it 'answers are not to be kept, and a connection serves many'
curl -sS -D "$T/headers" -o "$T/body" -H 'Metadata: true' "$imds?api-version=2018-02-01&resource=$vault"
is 'cache' "$(grep -ci '^cache-control: no-store' "$T/headers")" 1
curl -sS -o "$T/body" -o "$T/body2" -w '%{num_connects}' -H 'Metadata: true' \
	"$imds?api-version=2018-02-01&resource=$vault" "$imds?api-version=2018-02-01&resource=$vault" >"$T/connects"
is 'connections' "$(cat "$T/connects")" 10

it 'what the platform refuses comes back as 400 or 403, in the words of the dialect'
sim_faults '[{"service":"imds","status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}]'
http 400 - '~{"error":"*","error_description":"*"}' -H 'Metadata: true' "$imds?api-version=2018-02-01&resource=https://a.example"
http 400 - '~{"statusCode":400,"message":"*","correlationId":"*-*"}' \
	-H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=https://a.example"
http 400 - '~{"error":{"code":"*","message":"*"}}' -H 'Metadata: true' -d 'resource=https://a.example' "$shell"
sim_faults '[{"service":"imds","status":404,"body":"x"}]'
http 400 - - -H 'Metadata: true' "$imds?api-version=2018-02-01&resource=https://b.example"
sim_faults '[]'

it 'the server ends with status 0, and nothing is left'
serve_end
is 'status' "$?" 0
is 'stderr' "$(cat "$T/serve.err")" ''
is 'left' "$(left)" ''

it 'without --imds the dialects without a secret are refused'
serve
sim_reset
http 403 - '~*--imds*' -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$vault"
http 403 - '~*--imds*' -H 'Metadata: true' -d "resource=$vault" "$origin/oauth2/token"
is 'requests' "$(sim_counter imds)" 0
is 'variables' "$(grep -c 'ARM\|AUTHORITY' "$T/env")" 0
gets -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$vault"
serve_end
