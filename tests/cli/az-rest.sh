#!/bin/sh
# az rest, keyvault secret show and acr login: where tokens go, and where not.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

PATH=$B/libexec/mi-token/shims:$PATH
group=/subscriptions/11110000-0000-4000-8000-000000000001/resourceGroups/demo
version=api-version=2021-04-01
mkdir -p "$HOME"
sim_start az

it 'a path is Azure Resource Manager, with a token'
expect 0 demo '' -- az rest --url "$group?$version" --query name -o tsv
expect 0 demo '' -- az rest -u "https://management.azure.com$group" --url-parameters $version --query name -o tsv
expect 0 demo '' -- az rest -u "$group" --uri-parameters '{"api-version": "2021-04-01"}' --query name -o tsv
expect 0 'Contoso Prod' '' -- az rest --url '/subscriptions/{subscriptionId}?api-version=2022-12-01' --query displayName -o tsv

it 'methods, bodies and headers'
expect 0 '{
  "a": 1
}' '' -- az rest --method PUT --url "$group?$version" --body '{"a":1}'
sim_reset
expect 0 - '' -- sh -c "echo '{\"a\":2}' | az rest -m patch --url '$group?$version' --body @- --headers X-Test=1 '{\"X-Other\":\"2\"}'"
sim_request arm | tr -d '\r' >"$T/request"
is 'first line' "$(head -n 1 "$T/request")" "PATCH $group?$version HTTP/1.1"
is 'type' "$(sed -n 's/^Content-Type: //p' "$T/request")" 'application/json'
is 'headers' "$(grep -c '^X-Test: 1$\|^X-Other: 2$' "$T/request")" 2
expect 0 '' '' -- az rest -m head --url "$group?$version"
expect 0 '' '' -- az rest -m delete --url "$group?$version"
expect 1 '' "ERROR: 'nonsense' is neither NAME=VALUE nor a JSON object" -- az rest --url /x --headers nonsense
expect 1 '' '~ERROR: *control characters*' -- az rest --url "$group?$version" --headers "X=a
Authorization: b"

it 'refusals are shown as the service worded them'
expect 1 '' '~ERROR: Not Found({"error":{"code":"SubscriptionNotFound"*})' \
	-- az rest --url '/subscriptions/nosuch?api-version=2022-12-01'

it 'a token goes to the very origin only'
# quiet URL...: nothing with a token was sent anywhere.
quiet()
{
	for url; do
		sim_reset
		az rest --url "$url" >"$T/out" 2>"$T/err"
		is "status for $url" "$?" 1
		# shellcheck disable=SC2119 # it has no arguments here
		is "tokens to $url" "$(sim_log | grep -ci '"authorization"')" 0
		is "tokens of $url" "$(sim_counter imds)" 0
	done
}
quiet "https://myvault.vault.azure.net/secrets/db?api-version=7.4" \
	"http://management.azure.com$group?$version" \
	"https://management.azure.com:8443$group" \
	"https://management.azure.com.evil.example/" \
	"https://management.azure.com@demo.blob.core.windows.net/" \
	"https://demo.blob.core.windows.net\\@management.azure.com/" \
	"https://management.azure.com\\.evil.example/" \
	"https://graph.microsoft.com.evil.example/" \
	"ftp://management.azure.com/" "https:///management.azure.com/x" "https://[::1]/"

it 'a resource of the own choice sends one elsewhere; no audience is told of when it mattered'
expect 0 "\"p4ss'\\\"\\\\word\"" '' -- az rest --url 'https://myvault.vault.azure.net/secrets/db?api-version=7.4' \
	--resource https://vault.azure.net --query value
expect 1 '' "~ERROR: Unauthorized(*)
Can't derive appropriate Azure AD resource from --url*" -- az rest --url 'https://myvault.vault.azure.net/secrets/db?api-version=7.4'
expect 1 '' '~ERROR: no token is sent to*' -- az rest --url http://myvault.vault.azure.net/ --resource https://vault.azure.net

it 'a redirect is not followed'
sim_faults '[{"service":"arm","status":302,"headers":{"Location":"https://demo.blob.core.windows.net/x"}}]'
sim_reset
expect 1 '' '~ERROR: Found: a redirect, which is not followed*' -- az rest --url "$group?$version"
is 'requests elsewhere' "$(sim_counter storage)" 0
sim_faults '[]'

it 'no header of ours when asked, or when there is one'
sim_reset
az rest --url "$group?$version" --skip-authorization-header >"$T/out" 2>&1
az rest --url "$group?$version" --headers 'Authorization=Bearer x' >"$T/out" 2>&1
is 'tokens' "$(sim_counter imds)" 0

it 'what is no JSON is printed as it is, or kept in a file'
sim_faults '[{"service":"arm","headers":{"Content-Type":"text/plain"},"body":"plain text"}]'
expect 0 'plain text' '' -- az rest --url "$group?$version" --query x
expect 0 '' '' -- az rest --url "$group?$version" --output-file "$T/file"
is 'file' "$(cat "$T/file")" 'plain text'
sim_faults '[]'

it 'a secret by its name or its id'
expect 0 "p4ss'\"\\word" '' -- az keyvault secret show --vault-name myvault -n db --query value -o tsv
expect 0 "p4ss'\"\\word" '' -- az keyvault secret show --id https://myvault.vault.azure.net/secrets/db --query value -o tsv
id=$(az keyvault secret show --vault-name myvault -n db --query id -o tsv)
expect 0 "$id" '' -- az keyvault secret show --id "$id" --query id -o tsv
expect 3 '' '~ERROR: (SecretNotFound) *' -- az keyvault secret show --vault-name myvault -n none
expect 1 '' '~ERROR: (Forbidden) *' -- az keyvault secret show --vault-name other -n db
sim_reset
for id in https://myvault.vault.azure.net.evil.example/secrets/db http://myvault.vault.azure.net/secrets/db \
	https://evil.example/.vault.azure.net/secrets/db https://a.b.vault.azure.net/secrets/db nonsense; do
	expect 2 '' "ERROR: '$id' is not a valid ID" -- az keyvault secret show --id "$id"
done
expect 1 '' '~ERROR: *' -- az keyvault secret show --vault-name evil.example/ -n db
is 'requests' "$(sim_counter requests)" 0

it 'a token for a registry'
expect 0 "~*\"loginServer\": \"registry.azurecr.io\"*\"username\": \"00000000-0000-0000-0000-000000000000\"*" '' \
	-- az acr login -n registry --expose-token
expect 0 'registry.azurecr.io' '' -- az acr login -n REGISTRY.azurecr.io -t --query loginServer -o tsv
expect 1 '' '~ERROR: *is no name of a registry' -- az acr login -n evil.example -t
expect 1 '' '~ERROR: *' -- az acr login -n other -t --query x
