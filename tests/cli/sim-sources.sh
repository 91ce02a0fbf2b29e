#!/bin/sh
# The simulator's other endpoints: as strict as the services they stand for.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

vault='resource=https%3A%2F%2Fvault.azure.net'
secret="X-IDENTITY-HEADER: sim-identity-secret"
user=6f0c0000-0000-4000-8000-0000000000a1
mirid=/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/demo/providers/Microsoft.ManagedIdentity/userAssignedIdentities/invoicing

# app STATUS BODY QUERY CURL-ARGUMENT...
app()
{
	app_status=$1 app_body=$2 app_query=$3
	shift 3
	http "$app_status" - "$app_body" "$@" "$SIM_APP_SERVICE?$app_query"
}

sim_start app-service
v2019="api-version=2019-08-01&$vault"
v2017="api-version=2017-09-01&$vault"

it 'App Service answers with an upper-case client id and no expires_in'
app 200 '~{"access_token":"ey*","expires_on":"??????????","resource":"https://vault.azure.net","token_type":"Bearer","client_id":"6F0C0000-0000-4000-8000-0000000000C1"}' \
	"$v2019" -H "$secret"
http 200 - '~{"access_token":*' -H "$secret" "${SIM_APP_SERVICE%/msi/token}/MSI/token/?$v2019"

it 'App Service refuses wrong secrets, methods, versions and repeated parameters'
app 401 '~{"statusCode":401,"message":"*","correlationId":"*"}' "$v2019"
app 401 - "$v2019" -H 'X-IDENTITY-HEADER: other'
app 401 - "$v2019" -H 'secret: sim-identity-secret'
app 405 - "$v2019" -H "$secret" -X POST
app 400 - "$vault" -H "$secret"
app 400 - "$v2019&$vault" -H "$secret"
app 500 '~{"statusCode":500,*' 'api-version=2019-08-01&resource=https%3A%2F%2Ffoo' -H "$secret"

it 'App Service finds user-assigned identities by each of its names for ids'
for id in client_id=$user principal_id=0b1e0000-0000-4000-8000-0000000000a1 \
	object_id=0b1e0000-0000-4000-8000-0000000000a1 mi_res_id=$mirid; do
	app 200 '~*"client_id":"6F0C0000-0000-4000-8000-0000000000A1"}' "$v2019&$id" -H "$secret"
done
app 400 - "$v2019&client_id=6f0c0000-0000-4000-8000-0000000000ff" -H "$secret"

it 'without an id App Service has the system-assigned identity or none'
sim_scenario vm-user
app 400 '~*No managed identity was found*' "$v2019" -H "$secret"

it 'App Service of 2017 has other names, and its date as the scenario says'
sim_scenario app-service
app 200 '~*"expires_on":"??/??/???? ??:??:?? +00:00"*' "$v2017" -H 'secret: sim-identity-secret'
app 200 - "$v2017&clientid=$user" -H 'secret: sim-identity-secret'
app 401 - "$v2017" -H "$secret"
for format in 'number ~*"expires_on":??????????,*' 'windows ~*"expires_on":"*/*/20??' \
	'iso ~*"expires_on":"????-??-??T??:??:??.0000000+00:00"*' 'epoch ~*"expires_on":"??????????"*'; do
	sed "s/\"about\"/\"app_service\": { \"expires_on\": \"${format%% *}\" }, &/" \
		"$scenarios/app-service.json" >"$T/scenario.json"
	sim_scenario "$T/scenario.json"
	app 200 "${format#* }*" "$v2019" -H "$secret"
done

it 'Azure Machine Learning takes clientid, and an empty one for the default'
sim_scenario app-service
http 200 - '~{"access_token":"ey*","expires_on":"??????????",*' -H 'secret: sim-identity-secret' \
	"$SIM_ML?$v2017&clientid="
http 200 - - -H 'secret: sim-identity-secret' "$SIM_ML?$v2017&clientid=$user"
http 401 - - "$SIM_ML?$v2017&clientid="
http 400 - - -H 'secret: sim-identity-secret' "$SIM_ML?$v2019"

it 'Cloud Shell takes a form by POST, and a few audiences'
http 200 - '~{"access_token":"ey*"expires_in":"*' -H Metadata:true -d 'resource=https%3A%2F%2Fmanagement.azure.com%2F' "$SIM_CLOUD_SHELL"
is 'a person' "$(json_field access_token <"$T/body" | jwt_claims)" '~*"idtyp":"user"*"upn":*'
http 400 - '~{"error":{"code":"AudienceNotSupported","message":"Audience https://servicebus.azure.net/ isn*' \
	-H Metadata:true -d 'resource=https%3A%2F%2Fservicebus.azure.net%2F' "$SIM_CLOUD_SHELL"
http 400 - - -d "$vault" "$SIM_CLOUD_SHELL"
http 405 - - -H Metadata:true "$SIM_CLOUD_SHELL?$vault"

it 'Service Fabric shows a certificate of its own, known by its thumbprint'
fabric="$SIM_FABRIC?api-version=2019-07-01-preview&$vault"
http 200 - '~{"token_type":"Bearer","access_token":"ey*","expires_on":??????????,"resource":"https://vault.azure.net"}' \
	-k -H 'Secret: sim-identity-secret' "$fabric"
curl -sS -o "$T/body" -H 'Secret: sim-identity-secret' "$fabric" 2>"$T/err"
is 'curl without -k' "$?" 60
if command -v openssl >/dev/null; then
	got=$(openssl s_client -connect 127.0.0.1:2377 </dev/null 2>/dev/null |
		openssl x509 -noout -fingerprint -sha1 | tr -d :)
	is 'thumbprint' "${got#*=}" "$SIM_FABRIC_THUMBPRINT"
fi

it 'Service Fabric names what is wrong with a request'
http 400 - '~{"error":{"correlationId":"*","code":"SecretHeaderNotFound","message":"Secret is not found in the request headers."}}' -k "$fabric"
http 404 - '~*ManagedIdentityNotFound*' -k -H 'Secret: x' "$fabric"
http 400 - '~*InvalidApiVersion*' -k -H 'Secret: sim-identity-secret' "$SIM_FABRIC?$vault"
http 400 - '~*ArgumentNullOrEmpty*' -k -H 'Secret: sim-identity-secret' "$SIM_FABRIC?api-version=2020-05-01"

# arc STATUS BODY [QUERY]: both steps, as an honest client does them.
arc()
{
	url="$SIM_ARC/metadata/identity/oauth2/token?api-version=2020-06-01&$vault${3-}"
	http 401 - - -D "$T/head" -H Metadata:true "$url"
	key=$(tr -d '\r' <"$T/head" | sed -n 's/^Www-Authenticate: Basic realm=//p')
	# shellcheck disable=SC2088 # a pattern for same()
	is 'place of the key' "$key" '~/var/opt/azcmagent/tokens/????????-*.key'
	basic=$(cat "$key")
	http "$1" - "$2" -H Metadata:true -H "Authorization: Basic $basic" "$url"
}

it 'Arc gives a token for the content of the key file, once'
sim_scenario arc
arc 200 '~{"access_token":"ey*","resource":"https://vault.azure.net","token_type":"Bearer"}'
http 401 - - -H Metadata:true -H "Authorization: Basic $basic" "$url"
is 'the key file' "$(ls "$key" 2>/dev/null)" ''

it 'Arc refuses a key that is encoded once more'
http 401 - - -D "$T/head" -H Metadata:true "$url"
basic=$(cat "$(tr -d '\r' <"$T/head" | sed -n 's/^Www-Authenticate: Basic realm=//p')")
http 401 - - -H Metadata:true -H "Authorization: Basic $(printf %s "$basic" | base64 | tr -d "\n")" "$url"
http 200 - - -H Metadata:true -H "Authorization: Basic $basic" "$url"

it 'an older Arc agent ignores ids without a word, a newer one says whose token it is'
arc 200 '~*"token_type":"Bearer"}' "&client_id=$user"
is 'claims' "$(json_field access_token <"$T/body" | jwt_claims)" '~*6f0c0000-0000-4000-8000-0000000000c1*'
sim_scenario arc-users
arc 200 "~*\"client_id\":\"$user\",\"object_id\":*" "&client_id=$user"
arc 200 "~*\"client_id\":\"$user\"*\"msi_res_id\":*" "&msi_res_id=$mirid"
arc 404 '~*identity_not_found*' '&client_id=6f0c0000-0000-4000-8000-0000000000ff'

# entra STATUS BODY [NAME=VALUE]...: the token request; what is given replaces or, when
# the value is "-", removes a member of the form.
# shellcheck disable=SC2034 # read by eval
entra()
{
	entra_status=$1 entra_body=$2
	shift 2
	grant_type=client_credentials client_id=$user client_assertion=$assertion
	client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
	scope=https://vault.azure.net/.default resource=-
	for pair in "$@"; do
		eval "${pair%%=*}=\${pair#*=}"
	done
	set --
	value=''
	for name in grant_type client_id client_assertion client_assertion_type scope resource; do
		eval "value=\$$name" # one of ours
		[ "$value" = - ] || set -- "$@" --data-urlencode "$name=$value"
	done
	http "$entra_status" - "$entra_body" "$@" "$entra_url"
}

it 'Entra gives a token for a federated assertion, with numbers in its answer'
sim_scenario workload
assertion=$(sim_assertion)
entra_url=https://login.microsoftonline.com/$SIM_TENANT/oauth2/v2.0/token
entra 200 '~{"token_type":"Bearer","expires_in":*,"ext_expires_in":*,"access_token":"ey*"}'

# code AADSTS STATUS ERROR [NAME=VALUE]...
code()
{
	code_number=$1 code_status=$2 code_error=$3
	shift 3
	entra "$code_status" "~{\"error\":\"$code_error\",\"error_description\":\"AADSTS$code_number: *Trace ID: *Correlation ID: *Timestamp: *\"error_codes\":\[$code_number\],\"timestamp\":\"*\",\"trace_id\":\"*\",\"correlation_id\":\"*\",\"error_uri\":\"https://login.microsoftonline.com/error?code=$code_number\"}" "$@"
}

it 'Entra names each fault of a token request by its code'
code 900144 400 invalid_request grant_type=-
code 70003 400 unsupported_grant_type grant_type=password
code 901002 400 invalid_request resource=https://vault.azure.net
code 7000218 401 invalid_client client_assertion=-
code 7000218 401 invalid_client client_assertion_type=jwt
code 50027 400 invalid_request client_assertion=nonsense
code 50013 401 invalid_client client_assertion="${assertion}AAAA"
code 700024 401 invalid_client client_assertion="$(sim_assertion life=-10)"
code 700016 400 unauthorized_client client_id=6f0c0000-0000-4000-8000-0000000000ff
code 700211 400 invalid_request client_assertion="$(sim_assertion issuer=https%3A%2F%2Fother)"
code 700213 400 invalid_request client_assertion="$(sim_assertion subject=other)"
code 7002138 400 invalid_request client_assertion="$(sim_assertion subject=system:serviceaccount:Demo:app)"
code 700212 400 invalid_request client_assertion="$(sim_assertion audience=other)"
code 70011 400 invalid_scope scope=https://vault.azure.net
code 70011 400 invalid_scope scope='https://vault.azure.net/.default https://graph.microsoft.com/.default'
code 500011 400 invalid_resource scope=https://foo/.default
entra_url=https://login.microsoftonline.com/YOUR_TENANT/oauth2/v2.0/token
code 900023 400 invalid_request
entra_url=https://login.microsoftonline.com/91880000-0000-4000-8000-0000000000ff/oauth2/v2.0/token
code 90002 400 invalid_request
entra_url=https://login.microsoftonline.us/$SIM_TENANT/oauth2/v2.0/token
code 90002 400 invalid_request

it 'a client without a federated credential gets the generic code'
sed 's/"issuer"/"audience_of_nothing"/' "$scenarios/workload.json" >"$T/scenario.json"
sim_scenario "$T/scenario.json"
entra_url=https://login.microsoftonline.com/$SIM_TENANT/oauth2/v2.0/token
code 70021 400 invalid_request

it 'the AKS proxy passes token requests on, under its own name and authority'
sim_scenario workload
address=${SIM_PROXY#https://} address=${address%%/*}
set -- --cacert "$SIM_PROXY_CA" --connect-to "$SIM_PROXY_NAME:${address#*:}:127.0.0.1:${address#*:}" \
	--data-urlencode "client_assertion=$assertion" -d "client_id=$user&grant_type=client_credentials" \
	--data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
	-d scope=https%3A%2F%2Fvault.azure.net%2F.default
proxy=https://$SIM_PROXY_NAME:${address#*:}
http 200 - '~*"access_token":"ey*' "$@" "$proxy/proxy/$SIM_TENANT/oauth2/v2.0/token"
http 404 - '' "$@" "$proxy/proxy/$SIM_TENANT/v2.0/.well-known/openid-configuration"
http 404 - '' "$@" "$proxy/$SIM_TENANT/oauth2/v2.0/token"
curl -sk -o "$T/body" "$SIM_PROXY/x"
is 'curl without the name' "$?" 35
