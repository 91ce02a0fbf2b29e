#!/bin/sh
# What every refusal becomes: an exit status, one line with the cure, nothing on stdout.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sim_start vm-users
user=6f0c0000-0000-4000-8000-0000000000a1
keys='aadsts code correlation_id hint http_status message source'
keys="$(echo "$keys" | tr ' ' '\n')"

# refused SOURCE STATUS MESSAGE HINT [ARGUMENT]...: MESSAGE and HINT are globs of what the
# two members contain; the line for people has both.
refused()
{
	refused_source=$1 refused_status=$2 refused_message=$3 refused_hint=$4
	shift 4
	mi-token cache clear >"$T/cleared"
	expect "$refused_status" '' "~mi-token: *$refused_message*" -- \
		as "$refused_source" mi-token --timeout "$patience" --resource https://vault.azure.net "$@"
	[ -z "$refused_hint" ] ||
		is "line for people" "$(cat "$T/err")" "~mi-token: *$refused_message*; *$refused_hint*"
	is 'lines' "$(wc -l <"$T/err")" 1
	mi-token cache clear >"$T/cleared"
	expect "$refused_status" '' - -- as "$refused_source" mi-token --timeout "$patience" \
		--error-format json --resource https://vault.azure.net "$@"
	json <"$T/err" >"$T/json" || bad 'the error is no JSON'
	is 'keys' "$(sed 's/=.*//' "$T/json" | sort)" "$keys"
	is 'message' "$(sed -n 's/^message=//p' "$T/json")" "~*$refused_message*"
	is 'hint' "$(sed -n 's/^hint=//p' "$T/json")" "~*$refused_hint*"
}

# table SERVICE SOURCE: rows `HTTP-STATUS BODY | STATUS | MESSAGE | HINT`, a body of - is none.
table()
{
	while IFS='|' read -r answer code message hint; do
		body=${answer#* } answer=${answer%% *}
		[ "$body" = - ] && body=
		{
			printf '[{"service":"%s","status":%s,"body_base64":"' "$1" "$answer"
			printf %s "$body" | base64 | tr -d '\n'
			printf '"}]'
		} >"$T/faults"
		sim_control /faults --data-binary "@$T/faults"
		refused "$2" "$code" "$message" "$hint"
		is 'status in JSON' "$(sed -n 's/^http_status=//p' "$T/json")" "$answer"
	done
	sim_faults '[]'
}

it 'several identities and none named: how to name one, and how to list them'
refused imds 4 'several user-assigned identities' '--identity client-id:GUID*az vm identity show'

it 'an id that is not assigned is quoted, with the command that assigns it'
refused imds 4 "client id '6f0c0000-0000-4000-8000-0000000000ff' is not assigned" 'az vm identity assign*--identities' \
	--client-id 6f0c0000-0000-4000-8000-0000000000ff
is 'code' "$(sed -n 's/^code=//p' "$T/json")" no-identity
is 'source' "$(sed -n 's/^source=//p' "$T/json")" imds

it 'a machine without identities: the command that assigns one'
sim_scenario vm-none
refused imds 4 'is not assigned to this machine' 'az vm identity assign'

it 'an unknown resource: Entra'\''s number, its correlation id and the usual mistakes'
sim_scenario vm-user
refused imds 5 'AADSTS500011' 'spelling' --resource https://foo
is 'aadsts' "$(sed -n 's/^aadsts=//p' "$T/json")" 500011
is 'correlation id' "$(sed -n 's/^correlation_id=//p' "$T/json")" '~????????-????-*'

it 'each answer of the metadata service that is no token'
table imds imds <<'END'
400 {"error":"invalid_request","error_description":"Identity not found"}|4|is not assigned|az vm identity assign
400 {"error":"invalid_request","error_description":"Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"}|4|several|--identity
400 {"error":"invalid_request","error_description":"Required metadata header not specified"}|7|did not arrive|drops headers
400 {"error":"bad_request_102","error_description":"Required metadata header not specified"}|7|did not arrive|drops headers
400 {"error":"Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds","newest-versions":["2025-04-07","2024-07-17","2024-03-15"]}|7|api-version|another service
401 {"error":"unknown_source","error_description":"Unknown Source http://localhost:50342"}|7|old VM extension|--source imds
400 {"error":"unauthorized_client","error_description":"x"}|4|not enabled|az vm identity assign
400 {"error":"access_denied","error_description":"x"}|5|denied|grant
400 {"error":"unsupported_response_type","error_description":"x"}|5|not given|configuration
400 {"error":"invalid_scope","error_description":"x"}|5|scope|spelling
403 connecting to 169.254.169.254:80: connecting to 169.254.169.254:80: dial tcp 169.254.169.254:80: connectex: A socket operation was attempted to an unreachable network.|4|Docker Desktop|not an Azure VM
403 -|5|Guest Proxy Agent|allow list
404 {"error":"Not Found"}|6|being updated|minute
404 { "error": "Not found" }|6|being updated|minute
405 -|7|is not Azure|proxy
410 Gone|6|comes back within 70 s|--timeout 80s
421 -|6|Guest Proxy Agent|azure-proxy-agent
429 -|6|too many requests|find who asks so often
500 -|6|failed|/var/log/azure-proxy-agent
500 {"error":"unknown","error_description":"Failed to retrieve token from the Active directory. For details see logs in C:\\log"}|6|cannot reach Entra|minute
502 -|6|Guest Proxy Agent|minute
502 <html><body>Bad Gateway</body></html>|7|not Azure's metadata service|proxy
503 {"error":"x","error_description":"y"}|6|failed|minute
504 <html>|7|not Azure's metadata service|proxy
200 <html><title>Sign in</title></html>|7|JSON|
200 -|7|empty answer|
404 <html>Not Found</html>|7|not Azure's metadata service|proxy
302 -|7|redirect|proxy
END

it 'a page where the name of the cloud should be is no answer of Azure'\''s'
sim_faults '[{"service":"imds","path":"/metadata/instance","status":200,"headers":{"Content-Type":"text/html"},"body":"<html>Sign in</html>"}]'
expect 7 '' '~mi-token: *what answers is not Azure'\''s metadata service (HTTP 200)*proxy*' -- mi-token arm
sim_faults '[]'

it 'each answer of App Service that is no token'
sim_scenario app-service
table app-service app-service <<'END'
400 {"statusCode":400,"message":"No managed identity was found for specified ClientId/ResourceId/PrincipalId.","correlationId":"11110000-0000-4000-8000-000000000009"}|4|not assigned to this application|az webapp identity
401 {"statusCode":401,"message":"Unauthorized","correlationId":"11110000-0000-4000-8000-000000000009"}|5|secret|environment
500 {"statusCode":500,"message":"An unexpected error occured while fetching the AAD Token.","correlationId":"11110000-0000-4000-8000-000000000009"}|6|failed|spelling
500 -|6|failed|minute
429 -|6|too many|
302 -|7|redirect|
200 {"access_token":"x"}|7|time of expiry|
END

it 'a wrong IDENTITY_HEADER is not shown to anybody'
expect 5 '' '~mi-token: *' -- as app-service IDENTITY_HEADER=wrong-secret-0123456789 \
	mi-token --refresh -v --resource https://vault.azure.net
is 'secret on stderr' "$(grep -c wrong-secret "$T/err")" 0

it 'Service Fabric names its reasons'
table fabric service-fabric <<'END'
400 {"error":{"correlationId":"7f30f4d3-0f3a-41e0-a417-527f21b3848f","code":"SecretHeaderNotFound","message":"Secret is not found in the request headers."}}|5|was not accepted|environment
404 {"error":{"correlationId":"7f30f4d3-0f3a-41e0-a417-527f21b3848f","code":"ManagedIdentityNotFound","message":"Managed identity not found."}}|4|not assigned|
400 {"error":{"correlationId":"7f30f4d3-0f3a-41e0-a417-527f21b3848f","code":"InvalidApiVersion","message":"x"}}|7|api-version|
500 {"error":{"correlationId":"7f30f4d3-0f3a-41e0-a417-527f21b3848f","code":"InternalServerError","message":"x"}}|6|failed|minute
END
is 'correlation id' "$(sed -n 's/^correlation_id=//p' "$T/json")" 7f30f4d3-0f3a-41e0-a417-527f21b3848f

it 'Cloud Shell has tokens for some audiences only'
refused cloud-shell 5 'no tokens for this resource' 'az login' --resource https://servicebus.azure.net/
refused cloud-shell 4 'cannot select an identity' 'name no identity' --client-id "$user"

it 'Arc: what the challenge may look like, and who may read its file'
sim_scenario arc
table arc arc <<'END'
404 {"error":"identity_not_found","error_description":"x"}|4|not assigned|
401 -|5|did not accept|
403 {"error":"x","error_description":"y"}|5|refused|
END
sim_faults '[{"service":"arc","status":200,"body":"{\"access_token\":\"ey.x.y\",\"expires_in\":\"99\"}"}]'
refused arc 7 'without a challenge' ''
sim_faults '[]'
if setpriv --reuid 65534 --regid 65534 --clear-groups true 2>"$T/setpriv"; then
	chmod 755 "$T"
	expect 5 '' '~*himds*' -- as arc XDG_RUNTIME_DIR= PATH="$(public_bin):$PATH" \
		setpriv --reuid 65534 --regid 65534 --clear-groups mi-token --resource https://vault.azure.net
else
	skip 'one user only'
fi

it 'each of Entra'\''s codes has its own words'
sim_scenario workload
while IFS='|' read -r query status message hint; do
	sim_assertion "$query" >"$T/assertion"
	refused workload "$status" "$message" "$hint"
done <<'END'
life=-10|5|AADSTS700024|clock
issuer=https%3A%2F%2Fother|5|AADSTS700211|last slash
subject=other|5|AADSTS700213|system:serviceaccount
subject=system:serviceaccount:Demo:app|5|upper and lower case (AADSTS7002138)|federated-credential
audience=other|5|AADSTS700212|api://AzureADTokenExchange
END
sim_assertion >"$T/assertion"
refused workload 5 AADSTS500011 spelling --resource https://foo
table entra workload <<'END'
429 -|6|too many|
503 {"error":"x","error_description":"y"}|6|failed|minute
503 -|6|proxy|HTTPS_PROXY
502 <html>|6|proxy|HTTPS_PROXY
404 <html>|7|not Entra|HTTPS_PROXY
400 {"error":"invalid_client","error_description":"AADSTS700027: x"}|5|signature|
401 {"error":"invalid_client","error_description":"AADSTS9999999: news"}|5|AADSTS9999999|login.microsoftonline.com/error
END

it 'workload identity names the variable that is missing or wrong, and opens no connection'
sim_reset
while IFS='|' read -r setting status message; do
	expect "$status" '' "~mi-token: *$message*" -- as workload "$setting" \
		mi-token --source workload --resource https://vault.azure.net
	is 'lines' "$(wc -l <"$T/err")" 1
done <<END
AZURE_TENANT_ID=|3|AZURE_TENANT_ID
AZURE_CLIENT_ID=|3|AZURE_CLIENT_ID
AZURE_TENANT_ID=a/../b|3|AZURE_TENANT_ID
AZURE_FEDERATED_TOKEN_FILE=$T/nothing|3|AZURE_FEDERATED_TOKEN_FILE
AZURE_FEDERATED_TOKEN_FILE=/etc/passwd|3|no JWT
AZURE_AUTHORITY_HOST=http://login.microsoftonline.com/|3|plain http
AZURE_AUTHORITY_HOST=https://evil.example/|3|not this machine
AZURE_KUBERNETES_TOKEN_PROXY=http://127.0.0.1:6443|3|https
AZURE_KUBERNETES_CA_FILE=$SIM_CA|3|AZURE_KUBERNETES_TOKEN_PROXY is not
END
is 'connections' "$(sim_counter azure-connections)" 0

it 'TLS that cannot be trusted is refused: another name, another authority'
expect 7 '' '~mi-token: *TLS*' -- as aks-proxy AZURE_KUBERNETES_CA_FILE="$SIM_CA" \
	mi-token --refresh --resource https://vault.azure.net
expect '~[67]' '' '~mi-token: *' -- as aks-proxy AZURE_KUBERNETES_SNI_NAME=other.example \
	mi-token --refresh --resource https://vault.azure.net
is 'requests' "$(sim_counter aks-proxy)" 0
