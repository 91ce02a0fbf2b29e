#!/bin/sh
# mi-token verify: whether a token that somebody brought is good, with the keys of a simulated Entra.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/verify-lib.sh
. "$(dirname "$0")/verify-lib.sh"

# check [ARGUMENT...]: verifies $T/token.
# shellcheck disable=SC2119,SC2120 # often without
check()
{
	mi-token verify --audience api://orders --tenant $tenant "$@" <"$T/token"
}

# refused WORD TEXT [ARGUMENT...]
refused()
{
	word=$1 text=$2
	shift 2
	expect 5 '' "~mi-token: the token is refused ($word): $text" -- check "$@"
}

# aged SECONDS: the keys that are kept were fetched so long ago.
aged()
{
	for lib_file in "$XDG_RUNTIME_DIR"/mi-token-verify/*.json; do
		at=$(($(date +%s) - $1))
		sed "s/\"fetched\":[0-9]*,\"tried\":[0-9]*/\"fetched\":$at,\"tried\":$at/" "$lib_file" >"$T/aged"
		cat "$T/aged" >"$lib_file"
	done
}

forget()
{
	rm -rf "$XDG_RUNTIME_DIR/mi-token-verify"
	sim_reset
}

sim_start vm-system

it 'a good token is told with its claims, as JSON or as lines'
token
expect 0 '~{"aud":"api://orders","iss":"https://sts.windows.net/*,"appid":"'$client'",*"roles":\["Orders.Read"],*"ver":"1.0"}' '' -- check
is 'lines' "$(wc -l <"$T/out")" 1
is 'by name' "$(check -o json | mi-token query appid -o tsv)" $client
expect 0 '~aud          api://orders
iss *
exp          *[0-9] (20*T*Z)
*' '' -- check -o text

it 'it is read from a file, standard input or a pipe, with what people copy along'
expect 0 '~{*}' '' -- mi-token verify -a api://orders -t $tenant "$T/token"
expect 0 '~{*}' '' -- check -
expect 0 '~{*}' '' -- sh -c "cat $T/token | mi-token verify -a api://orders -t $tenant /dev/stdin"
for before in 'Bearer ' 'bearer  ' 'Authorization: Bearer ' '
 authorization:Bearer '; do
	{ printf '%s' "$before"; cat "$T/token"; printf ' \r\n\n'; } >"$T/pasted"
	expect 0 '~{*}' '' -- sh -c "mi-token verify -a api://orders -t $tenant <$T/pasted"
done

it 'both versions and all three algorithms are good'
for way in RS256 PS256 ES256; do
	forget # ES256's key is published with the first token
	for v in 1 2; do
		token alg=$way version=$v
		expect 0 '~{*}' '' -- check
	done
done

it 'the token that mi-token gives is one that verify takes'
sed '0,/{/s//{ "resources": ["api:\/\/orders"],/' "$scenarios/vm-system.json" >"$T/api.json"
sim_scenario "$T/api.json"
mi-token --resource api://orders >"$T/token" || bad 'no token'
expect 0 '~*"xms_mirid":"/subscriptions/*' '' -- check --app-only --allow-appid $client --allow-oid $object

it 'what is wrong is told, each by its own word'
token aud=api://other
refused audience "it is for 'api://other', not for 'api://orders'"
token aud=api://orders/
refused audience-slash "it is for 'api://orders/', which differs from 'api://orders' by the slash at the end"
token aud=https://management.azure.com/
refused audience-microsoft "it is for Azure Resource Manager ('https://management.azure.com/'), a service of Microsoft's, and not for this one"
token exp=$(($(date +%s) - 400))
refused expired 'it expired at 20*; the clock here says 20*'
token nbf=$(($(date +%s) + 400))
refused not-yet-valid 'it is not valid before 20*'
token tid=91880000-0000-4000-8000-00000000a002
refused tenant '*'
token tid=91880000-0000-4000-8000-00000000a002 iss=https://sts.windows.net/91880000-0000-4000-8000-00000000a002/
refused tenant "it is from the tenant '91880000-0000-4000-8000-00000000a002', not from '$tenant'"
token iss=https://evil.example/
refused issuer '*'
token name=nobody
refused no-client '*an ID token is no access token'
token more=',"aud":"api://orders"'
refused duplicate '*'
token exp='"9999999999"'
refused bad-claim "its claim 'exp' is no whole number of seconds since 1970"
token
printf x >>"$T/token"
refused malformed '*'
printf '%s' 'eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.' >"$T/token"
refused alg-none "it is not signed ('alg' is 'none')"
: >"$T/token"
refused empty 'there is none'
head -c 65600 /dev/zero | tr '\0' a >"$T/token"
refused too-large 'it has more than 65536 bytes'
token
head -c 70000 /dev/zero | tr '\0' ' ' >>"$T/token"
echo more >>"$T/token"
refused too-large 'there are more than 65792 bytes'
token
printf '\0' >>"$T/token"
refused malformed '*'

it 'a signature is not good for other claims'
token roles='["Admin"]'
cut -d. -f1,2 "$T/token" >"$T/forged"
token
printf '%s.%s' "$(cat "$T/forged")" "$(cut -d. -f3 "$T/token")" >"$T/token.new"
mv "$T/token.new" "$T/token"
refused signature 'its signature is not that of the key it names'

it 'who may come in is said by application, identity, role and kind'
token
expect 0 - '' -- check --allow-appid $client --allow-oid $object --require-role Orders.Read --app-only
expect 0 - '' -- check --allow-appid $object --allow-appid $client
refused appid "the application '$client' is not allowed" --allow-appid $object
refused oid "the identity '$object' is not allowed" --allow-oid $client
refused role "it lacks the role 'Orders.Write'; assign it to the identity '$object'" --require-role Orders.Read --require-role Orders.Write
token idtyp=user
refused user '*' --app-only
expect 0 - '' -- check

it 'clocks may differ by what is said'
token exp=$(($(date +%s) - 60))
expect 0 - '' -- check
expect 0 - '' -- check --skew 2m
refused expired '*' --skew 0
refused expired '*' --skew 30s

it 'an issuer is of one version'
token
expect 0 - '' -- mi-token verify -a api://orders --issuer https://sts.windows.net/$tenant/ "$T/token"
expect 5 '' '~*(issuer)*' -- mi-token verify -a api://orders --issuer https://login.microsoftonline.com/$tenant/v2.0 "$T/token"

it 'keys are fetched once, from the tenant, and kept where nobody else can write'
forget
token
check -o json >"$T/out" && check -o json >"$T/out"
token version=2
check -o json >"$T/out" && check -o json >"$T/out"
is 'requests' "$(sim_counter entra)" 4
for document in .well-known/openid-configuration discovery/keys v2.0/.well-known/openid-configuration discovery/v2.0/keys; do
	is "requests for $document" "$(sim_log entra | grep -c "GET /$tenant/$document HTTP")" 1
done
is 'mode of the folder' "$(stat -c %a "$XDG_RUNTIME_DIR/mi-token-verify")" 700
is 'mode of a file' "$(stat -c %a "$XDG_RUNTIME_DIR/mi-token-verify/keys-public-$tenant-v1.json")" 600
case $(cat "$XDG_RUNTIME_DIR"/mi-token-verify/*) in *eyJ*) bad 'a token is kept' ;; esac

it 'without a folder they are fetched each time'
forget
token
for _ in 1 2; do
	expect 0 - '' -- env -u XDG_RUNTIME_DIR mi-token verify -a api://orders -t $tenant "$T/token"
done
is 'requests' "$(sim_counter entra)" 4

it 'a folder of its own is ours, or it is an error'
forget
mkdir -p "$T/cache"
expect 0 - '' -- check --cache "$T/cache"
is 'files' "$(ls "$T/cache")" "keys-public-$tenant-v1.json"
expect 0 - '' -- env -u XDG_RUNTIME_DIR CACHE_DIRECTORY="$T/cache:/other" mi-token verify -a api://orders -t $tenant "$T/token"
is 'requests' "$(sim_counter entra)" 2
chmod 777 "$T/cache"
expect 3 '' "mi-token: '$T/cache' can be written by others (chmod go-w)" -- check --cache "$T/cache"
expect 3 '' "~mi-token: cannot open the folder '/none': *" -- check --cache /none

it 'new keys are fetched when a token names one, but not twice in five minutes'
forget
token
expect 0 - '' -- check
sim_control /rotate -X POST
refused_old=$(cat "$T/token")
token
refused unknown-kid "its issuer has no key with the id '*'"
is 'requests' "$(sim_counter entra)" 2
aged 301
expect 0 - '' -- check
is 'requests then' "$(sim_counter entra)" 4
printf %s "$refused_old" >"$T/token"
refused unknown-kid '*'
is 'requests for the old one' "$(sim_counter entra)" 4

it 'when Entra is away keys are good for three days'
forget
token
expect 0 - '' -- check
sim_faults '[{"service":"entra","status":503}]'
aged $((86400 - 60))
expect 0 - '' -- check
is 'requests' "$(sim_counter entra)" 2
aged 90000
expect 0 - '' -- check
is 'requests after a day' "$(sim_counter entra)" 3
aged $((3 * 86400 + 10))
expect 6 '' "~mi-token: 'https://login.microsoftonline.com/*' answers with HTTP status 503" -- check

it 'status 6 is that keys cannot be had'
for fault in '"status":500' '"status":429' '"cut":1,"reset":true' '"cut":20,"reset":true'; do
	forget
	sim_faults "[{\"service\":\"entra\",$fault}]"
	expect 6 '' '~mi-token: *' -- check
done

it 'status 7 is that what answers is not to be trusted'
for fault in '"status":302,"headers":{"Location":"https://evil.example/"}' '"status":401' \
	'"body":"<html>sign in</html>"' '"set":{"issuer":"https://evil.example/"}' \
	'"set":{"issuer":"https://sts.windows.net/91880000-0000-4000-8000-00000000a002/"}' \
	'"set":{"jwks_uri":"https://evil.example/keys"}' '"set":{"jwks_uri":"http://login.microsoftonline.com/keys"}' \
	'"set":{"jwks_uri":"https://login.chinacloudapi.cn/keys"}' '"body":"x","repeat":300000' \
	'"ends":"/keys","set":{"keys":[]}' '"ends":"/keys","set":{"keys":[{"kty":"RSA","kid":"a"}]}' \
	'"ends":"/keys","status":200,"body":"[]"'; do
	forget
	sim_faults "[{\"service\":\"entra\",$fault}]"
	expect 7 '' '~mi-token: *' -- check
	is "kept after $fault" "$(ls "$XDG_RUNTIME_DIR/mi-token-verify")" ''
done
sim_faults '[]'

it 'nobody is asked at another host, and no redirect is followed'
sim_faults '[{"service":"entra","status":302,"headers":{"Location":"https://login.microsoftonline.com/'$tenant'/discovery/keys"}}]'
forget
expect 7 '' '~*answers with HTTP status 302; redirects are not followed' -- check
is 'requests' "$(sim_counter requests)" 1
sim_faults '[]'

it 'a tenant that Entra does not know is a wrong setting'
forget
token tid=91880000-0000-4000-8000-00000000a009 iss=https://sts.windows.net/91880000-0000-4000-8000-00000000a009/
expect 3 '' '~*answers with HTTP status 400; the tenant is not known there*' -- mi-token verify -a api://orders -t 91880000-0000-4000-8000-00000000a009 "$T/token"

it 'a tenant may be named by its domain, and then is what Entra says'
forget
token
expect 0 - '' -- mi-token verify -a api://orders -t Contoso.com "$T/token"
expect 0 - '' -- mi-token verify -a api://orders -t Contoso.com "$T/token"
is 'requests' "$(sim_counter entra)" 2
token tid=91880000-0000-4000-8000-00000000a002 iss=https://sts.windows.net/91880000-0000-4000-8000-00000000a002/
expect 5 '' '~*(tenant)*' -- mi-token verify -a api://orders -t contoso.com "$T/token"

it 'without network keys come from a file'
token
curl -fsSo "$T/keys.json" https://login.microsoftonline.com/$tenant/discovery/keys
forget
expect 0 - '' -- check --jwks "$T/keys.json"
is 'requests' "$(sim_counter entra)" 0
token version=2
expect 0 - '' -- check --jwks "$T/keys.json"
curl -fsSo "$T/keys2.json" https://login.microsoftonline.com/$tenant/discovery/v2.0/keys
expect 0 - '' -- check --jwks "$T/keys2.json"
token
refused key-issuer '*' --jwks "$T/keys2.json"
chmod 666 "$T/keys.json"
expect 3 '' "mi-token: '$T/keys.json' can be written by others (chmod go-w)" -- check --jwks "$T/keys.json"
chmod 600 "$T/keys.json"
echo '{"keys":[]}' >"$T/keys.json"
expect 7 '' "~mi-token: '$T/keys.json': *" -- check --jwks "$T/keys.json"
expect 3 '' "~mi-token: cannot open '/none': *" -- check --jwks /none
expect 2 '' '~*with --jwks the tenant is a GUID*' -- mi-token verify -a api://orders -t contoso.com --jwks "$T/keys.json" "$T/token"

it 'each cloud has its own issuers and authority'
for row in usgov:login.microsoftonline.us:sts.windows.net china:login.partner.microsoftonline.cn:sts.chinacloudapi.cn; do
	cloud=${row%%:*} login=${row#*:}
	sts=${login#*:} login=${login%:*}
	forget
	sim_scenario "vm-$cloud"
	for v in 1 2; do
		if [ $v = 1 ]; then set -- iss="https://$sts/$tenant/"; else set -- version=2 iss="https://$login/$tenant/v2.0"; fi
		token "$@"
		expect 0 - '' -- check --cloud "$cloud"
		is "host for $cloud" "$(sim_log entra | grep -v "$login")" ''
	done
	token version=2 iss="https://$login/$tenant/v2.0"
	refused issuer '*'
done
sim_scenario vm-system

it 'an environment for OpenSSL has no part in it'
printf 'openssl_conf = none\n[' >"$T/broken.cnf"
forget
token version=2
expect 0 - '' -- env OPENSSL_CONF="$T/broken.cnf" mi-token verify -a api://orders -t $tenant --jwks "$T/keys2.json" "$T/token"

it 'wrong usage is status 2 and says why'
token
expect 2 '' "~mi-token: whose tokens? --tenant or --issuer is missing; *anybody's token would be good" -- mi-token verify -a api://orders "$T/token"
expect 2 '' '~mi-token: for whom? --audience is missing; *' -- mi-token verify -t $tenant "$T/token"
expect 2 '' "~mi-token: --tenant is a GUID or a domain, not 'common'; *" -- mi-token verify -a api://orders -t common "$T/token"
expect 2 '' '~mi-token: --tenant and --issuer: one of them*' -- check --issuer https://sts.windows.net/$tenant/
expect 2 '' "~mi-token: 'https://issuer.example/' is no issuer of Entra's*" -- mi-token verify -a api://orders --issuer https://issuer.example/
expect 2 '' "~mi-token: --audience 'https://vault.azure.net' is Key Vault, not an API of yours; *" -- check -a https://vault.azure.net
expect 2 '' "~mi-token: --audience is empty*" -- check -a ''
expect 2 '' '~mi-token: --cloud is public, usgov or china*' -- check --cloud mars
expect 2 '' '~mi-token: --skew is at most 15m*' -- check --skew 16m
expect 2 '' '~mi-token: --skew is a time*' -- check --skew long
expect 2 '' "~mi-token: --allow-appid is a GUID*" -- check --allow-appid me
expect 2 '' '~mi-token: --output is json or text*' -- check -o xml
expect 2 '' '~mi-token: --jwks and --cache*' -- check --jwks a --cache b
expect 2 '' '~mi-token: --listen and --verbose go with --serve*' -- check --listen unix:/x
expect 2 '' '~mi-token: where? --listen is missing*' -- check --serve
expect 2 '' '~mi-token: --listen is unix:PATH or 127.0.0.1:PORT*' -- check --serve --listen 0.0.0.0:80
expect 2 '' '~mi-token: --serve reads no token from a file*' -- check --serve --listen unix:/x file
expect 2 '' '~mi-token: more than one file*' -- check a b
expect 2 '' "~mi-token: cannot open '/none'*" -- check /none
expect 0 '~usage: mi-token verify *' '' -- mi-token help verify
expect 0 '~mi-token *' '' -- mi-token verify --version
expect 5 '' '~{"code": "denied", "message": "the token is refused (audience)*}' -- mi-token verify --error-format json -a api://x -t $tenant "$T/token"

it 'no part of a token is told, whatever becomes of it'
secret=$(cat "$T/token")
expect 2 '' '~mi-token: the token is read from stdin or a file; a token on a command line*' -- check "$secret"
for args in '' '-a api://other' '--require-role x' '--jwks /none'; do
	# shellcheck disable=SC2086 # several words
	mi-token verify -a api://orders -t $tenant $args "$T/token" >"$T/said" 2>&1
	mi-token verify -a api://other -t $tenant "$secret" >>"$T/said" 2>&1
done
cut -d. -f1 "$T/token" >"$T/parts"
cut -d. -f2 "$T/token" >>"$T/parts"
cut -d. -f3 "$T/token" >>"$T/parts"
is 'pieces' "$(pieces "$T/parts" <"$T/said")" ''

it 'each word of a refusal is in the manual'
sed -n 's/^\t\[REASON_[A-Z0-9_]*\] *= { *"\([a-z0-9-]*\)".*/\1/p' "$root/helper/verify/reason.c" >"$T/words"
[ "$(wc -l <"$T/words")" -ge 38 ] || bad "only $(wc -l <"$T/words") words found"
while read -r word; do
	grep -qE "^\.It Sy .*\b$word\b" "$root/man/mi-token-verify.1" || bad "mi-token-verify(1) lacks $word"
done <"$T/words"
