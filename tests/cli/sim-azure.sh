#!/bin/sh
# The simulator's ARM, Graph, Key Vault and container registries: who comes in, how others
# are refused. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

first=6f0c0000-0000-4000-8000-0000000000a1 # the client ids of vm-users
second=6f0c0000-0000-4000-8000-0000000000a2
reader=0b1e0000-0000-4000-8000-0000000000a1 # the object id of the first
subscription=11110000-0000-4000-8000-000000000001

# scenario MEMBERS: two identities and these members.
scenario()
{
	sed '$d' "$scenarios/vm-users.json" >"$T/scenario.json"
	echo "${1:+,$1}}" >>"$T/scenario.json"
	sim_scenario "$T/scenario.json"
}

# token RESOURCE [CLIENT-ID]: as the metadata service hands it out.
token()
{
	curl -sS --noproxy '*' -H Metadata:true "$SIM_IMDS/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1&client_id=${2-$first}" |
		json_field access_token
}

# get STATUS BODY TOKEN CURL-ARGUMENT...: with this token; its headers stay in $T/head.
get()
{
	get_status=$1 get_body=$2 get_token=$3
	shift 3
	http "$get_status" - "$get_body" -D "$T/head" -H "Authorization: Bearer $get_token" "$@"
}

# seen HEADER-LINE: the last answer has it, letter by letter.
seen()
{
	tr -d '\r' <"$T/head" | grep -qxF -e "$1" || bad "no $1" "$(cat "$T/head")"
}

# denied STATUS CODE MESSAGE TOKEN URL: an error of the form that Azure has.
denied()
{
	get "$1" "~{\"error\":{\"code\":\"$2\",\"message\":\"$3\"*}}" "$4" "$5"
}

sim_start vm-users
arm='https://management.azure.com'
arm_token=$(token https://management.azure.com/)
vault_token=$(token https://vault.azure.net)
list="$arm/subscriptions?api-version=2022-12-01"

it 'ARM lists subscriptions, for either audience'
get 200 '~{"value":\[{"id":"/subscriptions/'$subscription'",*"subscriptionId":"'$subscription'","tenantId":"'"$SIM_TENANT"'","displayName":"Contoso Demo","state":"Enabled",*\],"count":{"type":"Total","value":1}}' "$arm_token" "$list"
get 200 '~{"value":\[{*' "$(token https://management.core.windows.net/)" "$list"
get 200 '~*"tenantId":"'"$SIM_TENANT"'"*' "$arm_token" "$arm/tenants?api-version=2022-12-01"
get 200 '~{"id":"/subscriptions/*' "$arm_token" "$arm/subscriptions/$subscription?api-version=2022-12-01"

it 'ARM wants a token, and one for itself'
http 401 - '~*"AuthenticationFailed"*' -D "$T/head" "$list"
is 'challenge' "$(grep -c '^WWW-Authenticate: Bearer authorization_uri="https://login.windows.net/", error="invalid_token", ' "$T/head")" 1
denied 401 InvalidAuthenticationTokenAudience '*' "$vault_token" "$list"
denied 401 InvalidAuthenticationToken '*' "${arm_token}x" "$list"

it 'ARM wants a version'
denied 400 MissingApiVersionParameter '*' "$arm_token" "$arm/subscriptions"
denied 400 InvalidApiVersionParameter "The api-version 'x' is invalid.*" "$arm_token" "$arm/subscriptions?api-version=x"

it 'ARM lists in pages, and only what one may see'
scenario '"arm":{"page":1,"subscriptions":[{"id":"a","name":"A"},{"id":"b","name":"B","readers":["x"]},{"id":"c","name":"C","state":"Disabled"},{"id":"d","name":"D","tenant":"other"}],"resources":{"/subscriptions/a/resourceGroups/g":{"name":"g"}}}'
get 200 '~*"displayName":"A"*"nextLink":"'"$list"'&%24skiptoken=1",*' "$arm_token" "$list"
get 200 '~*"displayName":"C"*' "$arm_token" "$list&%24skiptoken=1"
grep -q 'nextLink' "$T/body" && bad 'more than two pages'
denied 403 AuthorizationFailed "The client '$reader' with object id '$reader' does not have authorization*" "$arm_token" "$arm/subscriptions/b?api-version=2022-12-01"
denied 401 InvalidAuthenticationTokenTenant "The access token is from the wrong issuer*" "$arm_token" "$arm/subscriptions/d?api-version=2022-12-01"
denied 404 SubscriptionNotFound "The subscription 'e' could not be found." "$arm_token" "$arm/subscriptions/e?api-version=2022-12-01"

it 'a resource is what the scenario says, and takes JSON'
at="$arm/subscriptions/A/resourcegroups/g?api-version=2021-04-01"
get 200 '{"name":"g"}' "$arm_token" "$at"
get 200 '{"a":1}' "$arm_token" "$at" -X PUT -d '{"a": 1}'
get 400 '~*InvalidRequestContent*' "$arm_token" "$at" -X PUT -d '{'
get 204 '' "$arm_token" "$at" -X DELETE
denied 404 ResourceNotFound '*' "$arm_token" "$arm/subscriptions/a/resourcegroups/h?api-version=2021-04-01"
get 200 '{"value":[]}' "$arm_token" "$arm/subscriptions/a/resources?api-version=2021-04-01"

it 'a vault tells who gives tokens for it'
scenario ''
vault=https://myvault.vault.azure.net
http 401 - '{"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}' -D "$T/head" "$vault/secrets/hello?api-version=7.4"
seen "WWW-Authenticate: Bearer authorization=\"https://login.microsoftonline.com/$SIM_TENANT\", resource=\"https://vault.azure.net\""
denied 401 Unauthorized 'AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://management.azure.com/.' "$arm_token" "$vault/secrets/hello?api-version=7.4"
denied 401 Unauthorized 'AKV10001: *' "${vault_token}x" "$vault/secrets/hello?api-version=7.4"
http 401 - - -D "$T/head" 'https://myvault.vault.usgovcloudapi.net/secrets/hello?api-version=7.4'
is 'audience' "$(grep -c 'resource="https://vault.usgovcloudapi.net"' "$T/head")" 1

it 'a secret has a value and versions'
scenario '"vaults":{"myvault":{"secrets":{"db":["old","new"],"off":{"value":"x","enabled":false},"typed":{"value":"t","contentType":"text/plain","tags":{"a":"b"}}}}}'
for path in db db/; do
	get 200 '~{"value":"new","id":"'$vault'/secrets/db/*","attributes":{"enabled":true,*},"tags":{}}' "$vault_token" "$vault/secrets/$path?api-version=7.4"
done
newest=$(sed -n 's,.*/secrets/db/\([0-9a-f]*\)".*,\1,p' "$T/body")
is 'length' ${#newest} 32
get 200 - "$vault_token" "$vault/secrets/db/versions?api-version=7.4"
oldest=$(grep -o 'db/[0-9a-f]*' "$T/body" | head -n 1)
get 200 '~{"value":"old",*' "$vault_token" "$vault/secrets/$oldest?api-version=7.4"
get 200 '~{"value":"new",*' "$vault_token" "$vault/secrets/db/$newest?api-version=7.4"
denied 404 SecretNotFound 'A secret with (name/id) db/0 was not found*' "$vault_token" "$vault/secrets/db/0?api-version=7.4"
denied 404 SecretNotFound 'A secret with (name/id) none was not found*' "$vault_token" "$vault/secrets/none?api-version=7.4"
get 403 '~*"innererror":{"code":"SecretDisabled"}}}' "$vault_token" "$vault/secrets/off?api-version=7.4"
get 200 '~*"contentType":"text/plain",*"tags":{"a":"b"}}' "$vault_token" "$vault/secrets/typed?api-version=7.4"
denied 400 BadParameter '*' "$vault_token" "$vault/secrets/db"
http 404 - - -H "Authorization: Bearer $vault_token" 'https://other.vault.azure.net/secrets/db?api-version=7.4'

it 'a list has no values, and pages'
get 200 '~{"value":\[{"id":"'$vault'/secrets/db",*,*secrets/off",*\],"nextLink":"'$vault'/secrets?api-version=7.4&$skiptoken=2&maxresults=2"}' "$vault_token" "$vault/secrets?api-version=7.4&maxresults=2"
get 200 '~{"value":\[{*typed*\],"nextLink":null}' "$vault_token" "$vault/secrets?api-version=7.4&%24skiptoken=2"

it 'who has no role is forbidden, with the reason'
for deny in ForbiddenByRbac ForbiddenByPolicy ForbiddenByFirewall ForbiddenByConnection; do
	scenario '"vaults":{"myvault":{"deny":"'$deny'","secrets":{}}}'
	get 403 "~{\"error\":{\"code\":\"Forbidden\",\"message\":\"*appid=$first;oid=$reader;iss=https://sts.windows.net/$SIM_TENANT/*\",\"innererror\":{\"code\":\"$deny\"}}}" "$vault_token" "$vault/secrets/db?api-version=7.4"
done
scenario '"vaults":{"myvault":{"readers":["'$reader'"],"secrets":{"db":"x"}}}'
get 200 - "$(token https://vault.azure.net)" "$vault/secrets/db?api-version=7.4"
get 403 '~*getSecret/action*ForbiddenByRbac*' "$(token https://vault.azure.net $second)" "$vault/secrets/db?api-version=7.4"
get 403 '~*readMetadata/action*' "$(token https://vault.azure.net $second)" "$vault/secrets?api-version=7.4"
scenario '"vaults":{"myvault":{"tenant":"other","secrets":{"db":"x"}}}'
denied 401 Unauthorized 'AKV10032: Invalid issuer. Expected one of https://sts.windows.net/other/, found https://sts.windows.net/*' "$vault_token" "$vault/secrets/db?api-version=7.4"
seen 'WWW-Authenticate: Bearer authorization="https://login.microsoftonline.com/other", resource="https://vault.azure.net"'

it 'Graph knows the identities, and nobody is "me"'
scenario ''
graph=https://graph.microsoft.com/v1.0
graph_token=$(token https://graph.microsoft.com/)
get 200 '~*"id":"'$reader'","appId":"'$first'",*"displayName":"invoicing","servicePrincipalType":"ManagedIdentity",*' "$graph_token" "$graph/servicePrincipals/$reader"
get 200 '~*"id":"'$reader'",*' "$graph_token" "$graph/servicePrincipals(appId='$first')"
get 200 '~*"value":\[{*"displayName":"backup"*}\]}' "$graph_token" -G --data-urlencode "\$filter=displayName eq 'backup'" "$graph/servicePrincipals"
get 400 '~*Request_UnsupportedQuery*' "$graph_token" -G --data-urlencode "\$filter=startswith(displayName,'b')" "$graph/servicePrincipals"
denied 404 Request_ResourceNotFound "Resource 'none' does not exist*" "$graph_token" "$graph/servicePrincipals/none"
denied 400 BadRequest '/me request is only valid with delegated authentication flow.' "$graph_token" "$graph/me"
denied 401 InvalidAuthenticationToken '*Invalid audience.' "$arm_token" "$graph/me"
http 401 - '~*Access token is empty.*' "$graph/me"
scenario '"graph":{"readers":[]}'
denied 403 Authorization_RequestDenied 'Insufficient privileges to complete the operation.' "$graph_token" "$graph/servicePrincipals/$reader"

# exchange STATUS BODY ENTRA-TOKEN [CURL-ARGUMENT...]
exchange()
{
	exchange_status=$1 exchange_body=$2 exchange_token=$3
	shift 3
	http "$exchange_status" - "$exchange_body" -d grant_type=access_token -d service=registry.azurecr.io \
		--data-urlencode "access_token=$exchange_token" "$@" https://registry.azurecr.io/oauth2/exchange
}

it 'a registry changes a token for itself or for ARM into its own'
scenario ''
acr_token=$(token https://containerregistry.azure.net)
for entra in "$acr_token" "$arm_token"; do
	exchange 200 '~{"refresh_token":"ey*"}' "$entra" -d "tenant=$SIM_TENANT"
done
exchange 200 - "$acr_token"
refresh=$(json_field refresh_token <"$T/body")
exchange 401 '~{"errors":\[{"code":"UNAUTHORIZED",*' "$vault_token"
exchange 401 - "$acr_token" -d tenant=other
exchange 401 - "${acr_token}x"
exchange 400 - ''  -d service=other.azurecr.io
http 400 - - -d grant_type=access_token -d service=other.azurecr.io -d "access_token=$acr_token" https://registry.azurecr.io/oauth2/exchange
http 404 - - https://registry.azurecr.io/oauth2/exchange

it 'its refresh token gives access tokens, as docker asks for them'
http 200 - '~{"access_token":"ey*' -d grant_type=refresh_token -d service=registry.azurecr.io -d scope=repository:app:pull,push -d "refresh_token=$refresh" https://registry.azurecr.io/oauth2/token
access=$(json_field access_token <"$T/body")
is 'access' "$(printf %s "$access" | jwt_claims)" '~*"access":\[{"type":"repository","name":"app","actions":\["pull","push"\]}\]}'
http 200 - - -u "00000000-0000-0000-0000-000000000000:$refresh" 'https://registry.azurecr.io/oauth2/token?service=registry.azurecr.io'
http 401 - - -u "me:$refresh" 'https://registry.azurecr.io/oauth2/token?service=registry.azurecr.io'
http 401 - - -u "00000000-0000-0000-0000-000000000000:$acr_token" 'https://registry.azurecr.io/oauth2/token?service=registry.azurecr.io'
http 401 - - -d grant_type=refresh_token -d service=other.azurecr.io -d "refresh_token=$refresh" https://other.azurecr.io/oauth2/token

it 'its door says where the token comes from'
http 401 - - -D "$T/head" https://registry.azurecr.io/v2/
seen 'WWW-Authenticate: Bearer realm="https://registry.azurecr.io/oauth2/token",service="registry.azurecr.io"'
get 401 - "$acr_token" https://registry.azurecr.io/v2/app/manifests/latest
seen 'WWW-Authenticate: Bearer realm="https://registry.azurecr.io/oauth2/token",service="registry.azurecr.io",scope="repository:app:pull",error="invalid_token"'
get 200 '{}' "$access" https://registry.azurecr.io/v2/
get 200 - "$access" https://registry.azurecr.io/v2/app/manifests/latest
get 401 - "$access" https://registry.azurecr.io/v2/other/manifests/latest

it 'a registry has readers too, and there are no others than the scenario has'
scenario '"registries":{"registry":{"readers":["'$reader'"]}}'
exchange 200 - "$(token https://containerregistry.azure.net)"
exchange 401 - "$(token https://containerregistry.azure.net $second)"
http 404 - - https://other.azurecr.io/v2/

it 'old tokens are refused everywhere'
scenario '"token":{"life":60,"age":61}'
denied 401 ExpiredAuthenticationToken '*' "$(token https://management.azure.com/)" "$list"
denied 401 Unauthorized 'AKV10001: *' "$(token https://vault.azure.net)" "$vault/secrets/hello?api-version=7.4"
denied 401 InvalidAuthenticationToken 'Lifetime validation failed, the token is expired.' "$(token https://graph.microsoft.com/)" "$graph/me"
exchange 401 - "$(token https://containerregistry.azure.net)"

it 'each has its counter, and faults'
sim_reset
sim_faults '[{"service":"vault","first":1,"status":503},{"service":"arm","first":1,"status":429,"headers":{"Retry-After":"3"},"body":"{}"}]'
http 503 - '' "$vault/secrets"
http 401 - - "$vault/secrets"
http 429 - '{}' "$list"
is 'requests' "$(sim_counter vault) $(sim_counter arm) $(sim_counter graph) $(sim_counter acr)" '2 1 0 0'
