#!/bin/sh
# A managed identity vouches for an application in another tenant.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

home=91880000-0000-4000-8000-00000000a001
partner=91880000-0000-4000-8000-00000000b002
app=a4400000-0000-4000-8000-0000000000f1
user=6f0c0000-0000-4000-8000-0000000000a1
vouching=0b1e0000-0000-4000-8000-0000000000a1
vault=https://vault.azure.net
exchange=api%3A%2F%2FAzureADTokenExchange
# No file but what is written here.
export MI_TOKEN_CONFIG=/dev/null

sim_start federate

# federated ARGUMENT...: across to the partner, by the identity that is trusted there.
federated()
{
	mi-token --federate $app --tenant $partner --client-id $user "$@"
}

# fresh: no cache, no counters.
fresh()
{
	mi-token cache clear >"$T/cleared"
	sim_reset
}

it 'two steps: the identity'\''s token for the exchange, then the application'\''s for it'
expect 0 '~ey*.*.*' '' -- federated --resource $vault
claims=$(jwt_claims <"$T/out")
is 'application' "$claims" "~*\"appid\":\"$app\"*"
is 'tenant' "$claims" "~*\"tid\":\"$partner\"*"
is 'audience' "$claims" "~*\"aud\":\"$vault\"*"
sim_request imds 2 | head -n 1 | tr -d '\r' >"$T/first"
is 'first step' "$(cat "$T/first")" \
	"GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=$exchange&client_id=$user HTTP/1.1"
sim_request entra 1 >"$T/second"
is 'where' "$(head -n 1 "$T/second" | tr -d '\r')" "POST /$partner/oauth2/v2.0/token HTTP/1.1"
is 'what' "$(tail -n 1 "$T/second" | sed 's/client_assertion=[^&]*/client_assertion=JWT/')" \
	"client_assertion=JWT&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_id=$app&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default"

it 'a kept token is given without either step, and the first step is kept for the next resource'
sim_reset
expect 0 '~ey*' '' -- federated --resource $vault
is 'requests' "$(sim_counter requests)" 0
expect 0 '~ey*' '' -- federated --resource https://storage.azure.com/
is 'requests to IMDS' "$(sim_counter imds)" 0
is 'requests to Entra' "$(sim_counter entra)" 1

it 'it is kept apart from the identity'\''s own token, and from other tenants'\'''
sim_reset
expect 0 '~ey*' '' -- mi-token --client-id $user --resource $vault
is 'application' "$(jwt_claims <"$T/out")" "~*\"appid\":\"$user\"*"
expect 0 '~ey*' '' -- mi-token --federate $app --tenant $home --client-id $user --resource $vault
is 'tenant' "$(jwt_claims <"$T/out")" "~*\"tid\":\"$home\"*"
expect 0 '~ey*' '' -- federated --resource $vault
is 'tenant' "$(jwt_claims <"$T/out")" "~*\"tid\":\"$partner\"*"
is 'requests to Entra' "$(sim_counter entra)" 1
expect 0 "~*$vault*federate:$app@$partner by client-id:$user*" '' -- mi-token cache

it 'whoami tells of both'
expect 0 "~identity     application
client id    $app
object id    a4400000-0000-4000-8000-0000000000e1
tenant       $partner
audience     $vault*
vouched by   client-id:$user
*" '' -- federated whoami vault
expect 0 "~*\"identity\": \"application\"*\"vouched_by\": \"client-id:$user\"*" '' -- federated whoami vault -o json

it 'an endpoint that wants to rest keeps nobody who needs nothing of it'
fresh
mi-token --client-id $user --resource $vault >"$T/warm" # the cloud is known
mi-token --client-id $user token-exchange >"$T/warm"
sim_faults '[{"service":"imds","status":429,"headers":{"Retry-After":"100"}}]'
expect 6 '' '~*429*' -- mi-token --federate $app --tenant $partner --identity system --resource $vault
expect 0 '~ey*' '' -- federated --resource $vault
sim_faults '[]'

it 'twenty at once make one request of each step'
fresh
sim_faults '[{"service":"imds","delay_ms":200},{"service":"entra","delay_ms":200}]'
mi-token --resource $vault >"$T/warm" # the cloud is known
sim_reset
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	federated --timeout 20s --resource $vault >"$T/many.$n" 2>&1 &
done
wait
is 'tokens' "$(cat "$T"/many.* | sort -u | grep -c '^ey')" 1
is 'requests to IMDS' "$(sim_counter imds)" '~[12]' # the cloud, and the token
is 'requests to Entra' "$(sim_counter entra)" 1
sim_faults '[]'

it 'without a place for a cache it works as well'
sim_reset
chmod 755 "$XDG_RUNTIME_DIR/mi-token"
expect 0 '~ey*' '' -- federated --resource $vault
is 'requests to Entra' "$(sim_counter entra)" 1
is 'what the cache says' "$(mi-token cache | grep -c "$vault")" 0
chmod 700 "$XDG_RUNTIME_DIR/mi-token"

it 'the assertion is nowhere but in the cache of the first step, and is not told'
fresh
: >"$T/mark"
federated --resource $vault -v >"$T/token" 2>"$T/said"
mi-token --client-id $user token-exchange >"$T/assertion"
is 'told' "$(pieces "$T/assertion" <"$T/said")" ''
tail -c 40 "$T/assertion" >"$T/tail"
find /run /tmp /dev/shm "$HOME" -xdev -type f -newer "$T/mark" -exec grep -lFf "$T/tail" {} + 2>/dev/null |
	grep -v -e "^$T" -e '^/run/azure-sim' -e '^/run/.stage' >"$T/files"
is 'files' "$(wc -l <"$T/files")" 1
is 'file' "$(xargs grep -c '^key imds|' <"$T/files")" 1

# mismatch NUMBER MESSAGE SED-SCRIPT: the application's credential differs so.
mismatch()
{
	mismatch_number=$1 mismatch_says=$2
	sed "$3" "$scenarios/federate.json" >"$T/scenario.json"
	sim_scenario "$T/scenario.json"
	fresh
	expect 5 '' "~mi-token: no federated credential of application '$app' $mismatch_says (AADSTS$mismatch_number): presented were issuer 'https://login.microsoftonline.com/$home/v2.0', subject '$vouching', audience 'api://AzureADTokenExchange'; where the application is registered: az ad app federated-credential create --id $app --parameters '{\"name\":\"mi-token\",\"issuer\":\"https://login.microsoftonline.com/$home/v2.0\",\"subject\":\"$vouching\",\"audiences\":\\[\"api://AzureADTokenExchange\"]}'; a new one takes some minutes*" \
		-- federated --timeout 700ms --resource $vault
}

it 'each mismatch is named, with what was presented and the command that mends it'
mismatch 700211 "has the identity's issuer" 's|microsoftonline.com/91880000[^"]*/v2.0|microsoftonline.com/x/v2.0|'
mismatch 700212 "has the identity's audience" 's|"api://AzureADTokenExchange"|"api://Other"|'
mismatch 700213 "has the identity's subject" 's|"subject": "[^"]*"|"subject": "'$user'"|'
mismatch 7002138 'matches but for upper and lower case' 's|"subject": "0b1e|"subject": "0B1E|'
mismatch 70021 matches '/"federated": \[/,/^\t*\]$/c "federated": []'
sim_scenario federate

it 'its number and the command stand in the object, too'
sim_scenario "$T/scenario.json"
fresh
expect 5 '' "~*\"code\": \"denied\"*federated-credential create --id $app*\"source\": \"federate\"*\"aadsts\": 70021,*" \
	-- federated --timeout 700ms --resource $vault --error-format json
sim_scenario federate

it 'a credential that is not known everywhere yet is waited for'
refusal='{"error":"invalid_request","error_description":"AADSTS70021: No matching federated identity record found for presented assertion.","error_codes":[70021]}'
body=$(printf %s "$refusal" | sed 's/"/\\"/g')
fresh
sim_faults "[{\"service\":\"entra\",\"first\":1,\"status\":400,\"body\":\"$body\"}]"
expect 0 '~ey*' '' -- federated --timeout 10s --resource $vault
is 'requests to Entra' "$(sim_counter entra)" 2
sim_faults '[]'

it 'an assertion that is not valid now leads to one fresh one'
fresh
late=$(printf %s "$refusal" | sed 's/70021/700024/g; s/"/\\"/g')
sim_faults "[{\"service\":\"entra\",\"first\":1,\"status\":401,\"body\":\"$late\"}]"
expect 0 '~ey*' '' -- federated --resource $vault
is 'requests to Entra' "$(sim_counter entra)" 2
fresh
sim_faults "[{\"service\":\"entra\",\"status\":401,\"body\":\"$late\"}]"
expect 5 '' '~*AADSTS700024*clock*' -- federated --resource $vault
is 'requests to Entra' "$(sim_counter entra)" 2
sim_faults '[]'

it 'a system-assigned identity is tried, and its refusal explained'
fresh
expect 5 '' "~*subject '0b1e0000-0000-4000-8000-0000000000b1'*only user-assigned ones can vouch*--identity client-id:GUID" \
	-- mi-token --federate $app --tenant $partner --identity system --timeout 700ms --resource $vault

it 'who cannot get the first token is told so'
fresh
expect 4 '' "~mi-token: the identity that vouches for application '$app': *is not assigned to this machine*" \
	-- mi-token --federate $app --tenant $partner --client-id 99990000-0000-4000-8000-000000000000 --resource $vault
is 'requests to Entra' "$(sim_counter entra)" 0

it 'an application or a tenant that does not exist'
expect 5 '' '~*AADSTS700016*az ad sp create*' -- mi-token --federate $user --tenant $partner --client-id $user --resource $vault
expect 5 '' "~*AADSTS90002*" -- mi-token --federate $app --tenant 91880000-0000-4000-8000-00000000c003 \
	--client-id $user --resource $vault

it 'a token of another application or tenant is thrown away'
fresh
mi-token --client-id $user --resource $vault >"$T/other"
sim_faults "[{\"service\":\"entra\",\"set\":{\"access_token\":\"$(cat "$T/other")\"}}]"
expect 5 '' "~*its client id is '$user', but*'$app'*" -- federated --resource $vault
sim_faults '[]'
mi-token --federate $app --tenant $home --client-id $user --resource $vault >"$T/other"
sim_faults "[{\"service\":\"entra\",\"set\":{\"access_token\":\"$(cat "$T/other")\"}}]"
expect 5 '' "~*its tenant is '$home', but*'$partner'*" -- federated --resource $vault
sim_faults '[]'

it 'what makes no sense is refused before anything is sent'
sim_reset
while IFS='|' read -r arguments says; do
	# shellcheck disable=SC2086 # several arguments
	expect 2 '' "~mi-token: $says*" -- mi-token $arguments --resource $vault
done <<END
--federate $app|--federate and --tenant: both of them, or none
--tenant $partner|--federate and --tenant: both of them, or none
--federate x --tenant $partner|the application 'x' is not a GUID
--federate $app --tenant partner.example|the tenant 'partner.example' is not a GUID
END
is 'requests' "$(sim_counter requests)" 0

it 'other clouds have their own audience, issuer and endpoint'
for row in 'AzureUSGovernmentCloud login.microsoftonline.us api://AzureADTokenExchangeUSGov' \
	'AzureChinaCloud login.partner.microsoftonline.cn api://AzureADTokenExchangeChina'; do
	# shellcheck disable=SC2086 # three words
	set -- $row
	sed -e "s|\"about\"|\"cloud\": \"$1\", &|; s|login.microsoftonline.com|$2|; s|\"api://AzureADTokenExchange\"|\"$3\"|" \
		"$scenarios/federate.json" >"$T/scenario.json"
	sim_start "$T/scenario.json"
	mi-token cache clear >"$T/cleared"
	rm -rf "$XDG_RUNTIME_DIR/mi-token"
	expect 0 '~ey*' '' -- federated --resource $vault
	is 'host' "$(sim_request entra 1 | sed -n 's/^Host: //p' | tr -d '\r')" "$2"
done
sim_start federate
rm -rf "$XDG_RUNTIME_DIR/mi-token"

mkdir -p "$HOME"
cat >/etc/mi-token/mi-token.conf <<END
identities = {
  partner = {
    federate = { client_id = "$app"; tenant_id = "$partner"; };
    client_id = "$user";
    object_id = "$vouching";
  };
  invoicing = { client_id = "$user"; tenant_id = "$home"; };
};
rules = (
  { host = "dev.azure.com"; path = "/partner"; identity = "partner"; },
  { host = "partner.vault.azure.net"; identity = "partner"; }
);
END

it 'by a name of the configuration, a variable, or a rule'
for way in '--identity partner' '--source imds --identity partner'; do
	# shellcheck disable=SC2086 # several arguments
	expect 0 '~ey*' '' -- mi-token $way --resource $vault
	is 'application' "$(jwt_claims <"$T/out")" "~*\"appid\":\"$app\"*"
done
expect 0 '~ey*' '' -- env MI_TOKEN_IDENTITY=partner mi-token --resource $vault
is 'application' "$(jwt_claims <"$T/out")" "~*\"appid\":\"$app\"*"
expect 0 '~ey*' '' -- mi-token https://partner.vault.azure.net/secrets/x
is 'application' "$(jwt_claims <"$T/out")" "~*\"appid\":\"$app\"*"
expect 0 '~ey*' '' -- mi-token --client-id $user --resource $vault
is 'the identity itself' "$(jwt_claims <"$T/out")" "~*\"appid\":\"$user\"*"

it 'config prints it as it is written'
expect 0 "~*identities.partner = { client_id = \"$user\"; object_id = \"$vouching\"; federate = { client_id = \"$app\"; tenant_id = \"$partner\"; }; }; // /etc/mi-token/mi-token.conf:2
*" '' -- mi-token config

it 'what is pinned of the identity that vouches is verified in its token'
sed 's/object_id = "[^"]*"/object_id = "0b1e0000-0000-4000-8000-0000000000ff"/' /etc/mi-token/mi-token.conf >"$T/wrong.conf"
cp /etc/mi-token/mi-token.conf "$T/right.conf"
cat "$T/wrong.conf" >/etc/mi-token/mi-token.conf
sim_reset
expect 5 '' "~*the identity that vouches*its object id is '$vouching'*" -- mi-token --identity partner --resource $vault
is 'requests to Entra' "$(sim_counter entra)" 0
cat "$T/right.conf" >/etc/mi-token/mi-token.conf

it 'mistakes in it are found, with file and line'
while IFS='|' read -r text says; do
	echo "identities = { x = { $text }; };" >/etc/mi-token/conf.d-x
	mkdir -p /etc/mi-token/conf.d && mv /etc/mi-token/conf.d-x /etc/mi-token/conf.d/x.conf
	expect 3 '' "~mi-token: /etc/mi-token/conf.d/x.conf:1: $says*" -- mi-token config --check
done <<END
federate = { client_id = "$app"; };|the identity 'x' has only one of federate.client_id and federate.tenant_id
federate = { client_id = "x"; tenant_id = "$home"; };|federate.client_id 'x' is not a GUID
federate = "$app";|federate wants {
federate = { client = "$app"; };|unknown key 'client' of this group; did you mean 'client_id'?
federat = { };|unknown key 'federat' of an identity; did you mean 'federate'?
tenant_id = "$home";|the identity 'x' has no client_id, object_id or resource_id
END
rm -r /etc/mi-token/conf.d

it 'an identity that is federated cannot be federated once more'
expect 2 '' "~mi-token: the identity 'partner' (--identity) is federated already*" -- \
	mi-token --federate $app --tenant $home --identity partner --resource $vault

it 'az, by its name'
expect 0 "~*\"tenant\": \"$partner\"*" '' -- env PATH="$B/libexec/mi-token/shims:$PATH" MI_TOKEN_IDENTITY=partner \
	az account get-access-token --resource $vault
token=$(json_field accessToken <"$T/out")
is 'application' "$(echo "$token" | jwt_claims)" "~*\"appid\":\"$app\"*"

it 'git clones from an organisation of the other tenant, as its member'
git init -q --bare "$SIM_STATE/repos/partner/proj/repo"
expect 0 - - -- git -c credential.helper= -c credential.helper="$B/bin/git-credential-mi-token" \
	-c credential.useHttpPath=true clone -q https://dev.azure.com/partner/proj/_git/repo "$T/clone"
is 'clone' "$(git -C "$T/clone" rev-parse --is-inside-work-tree 2>&1)" true
is 'tokens were asked for in the other tenant' "$(sim_log entra | grep -c "/$partner/oauth2")" '~[1-9]*'
rm -rf "$T/clone"
expect '~[1-9]*' - - -- env MI_TOKEN_IDENTITY=invoicing git -c credential.helper= \
	-c credential.helper="$B/bin/git-credential-mi-token" -c credential.useHttpPath=true \
	clone -q https://dev.azure.com/partner/proj/_git/repo "$T/clone"
