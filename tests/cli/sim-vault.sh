#!/bin/sh
# The keys of the simulator's Key Vault and Managed HSM: plain openssl agrees with what they
# compute, and they refuse what the service refuses. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/sim-vault-lib.sh
. "$root/tests/cli/sim-vault-lib.sh"

# verified KEY-FILE DIGEST OPTION...: openssl accepts the signature $T/sig of $T/text.
verified()
{
	verified_key=$1 verified_md=$2
	shift 2
	openssl dgst -"$verified_md" -binary "$T/text" >"$T/md"
	openssl pkeyutl -verify -inkey "$verified_key" -in "$T/md" -sigfile "$T/sig" "$@" >"$T/out" 2>&1 ||
		bad "not verified: $verified_key $verified_md $*" "$(cat "$T/out")"
}

# own KEY KIND OPTION...: a private key of our own, that a vault has as well.
own()
{
	own_name=$1 own_kind=$2
	shift 2
	openssl genpkey -quiet -algorithm "$own_kind" "$@" -out "$T/$own_name.pem" 2>/dev/null ||
		openssl genpkey -algorithm "$own_kind" "$@" -out "$T/$own_name.pem" 2>/dev/null
	own_keys="${own_keys-}${own_keys+,}\"$own_name\":{\"pem\":\"$T/$own_name.pem\"}"
}

it 'each cloud has its vaults and HSMs, with a challenge that names the audience'
for suffix in vault.azure.net vault.azure.cn vault.usgovcloudapi.net managedhsm.azure.net \
	managedhsm.chinacloudapi.cn managedhsm.usgovcloudapi.net; do
	case $suffix in managedhsm.*) name=demo-hsm ;; *) name=demo ;; esac
	http 401 - '~{"error":{"code":"Unauthorized","message":"AKV10000: *"}}' -D "$T/head" "https://$name.$suffix/keys/p256?$v"
	is "challenge of $suffix" "$(tr -d '\r' <"$T/head" | grep -i '^www-auth')" \
		"WWW-Authenticate: Bearer authorization=\"https://login.microsoftonline.com/$SIM_TENANT\", resource=\"https://$suffix\""
	http 200 - - -H "Authorization: Bearer $(token "https://$suffix")" "https://$name.$suffix/keys/p256?$v"
	is "kid of $suffix" "$(json_field kid <"$T/body")" "~https://$name.$suffix/keys/p256/*"
done
http 401 - '~*"AKV10022: Invalid audience. Expected https://managedhsm.azure.net, found: https://vault.azure.net."*' \
	-H "@$T/to-vault" "$hsm/keys/p256?$v"
http 401 - '~*AKV10022*' -H "@$T/to-hsm" "$vault/keys/p256?$v"
http 401 - '~*AKV10032*' -H "@$T/to-vault" "https://partner.vault.azure.net/keys/p256?$v"
get 404 '' "https://demo.managedhsm.azure.net/keys/p256?$v" --connect-to ::127.0.0.1:443
get 404 '' "https://demo-hsm.vault.azure.net/keys/p256?$v" --connect-to ::127.0.0.1:443

it 'a key is a JWK with the version that it is of'
get 200 '~{"key":{"kid":"'$vault'/keys/rsa2048/*","kty":"RSA","key_ops":\["sign","verify","wrapKey","unwrapKey","encrypt","decrypt"\],"n":"*","e":"AQAB"},"attributes":{"enabled":true,"created":*,"updated":*,"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90},"tags":{}}' "$vault/keys/rsa2048?$v"
kid=$(json_field kid <"$T/body")
is 'length of the version' "$(printf %s "${kid##*/}" | tr -d '0-9a-f' | wc -c) ${#kid}" "0 $((${#vault} + 14 + 32))"
is 'length of n' "$(json_field n <"$T/body" | base64url_decode | wc -c)" 256
get 200 "$(cat "$T/body")" "$kid?$v"
get 200 '~{"key":{"kid":"'$vault'/keys/rsa2048/*' "$vault/KEYS/RSA2048/$(echo "${kid##*/}" | tr a-f A-F)?$v"
get 200 '~*"kty":"RSA-HSM",*' "$hsm/keys/rsa2048?$v"
for curve in p256:P-256:32 p384:P-384:48 p521:P-521:66 k256:P-256K:32; do
	name=${curve%%:*} size=${curve##*:} crv=${curve#*:}
	get 200 '~*"kty":"EC","key_ops":\["sign","verify"\],"crv":"'"${crv%:*}"'","x":"*","y":"*"},*' "$vault/keys/$name?$v"
	is "x of $name" "$(json_field x <"$T/body" | base64url_decode | wc -c)" "$size"
	is "y of $name" "$(json_field y <"$T/body" | base64url_decode | wc -c)" "$size"
	get 200 '~*"kty":"EC-HSM",*' "$hsm/keys/$name?$v"
done
get 200 '~*"enabled":false*' "$vault/keys/disabled?$v"
get 200 '~*"key_ops":\["sign"\]*' "$vault/keys/signonly?$v"
get 200 '~*"exp":1600000000*' "$vault/keys/expired?$v"

it 'what is not there is not found'
get 404 '~{"error":{"code":"KeyNotFound","message":"A key with (name/id) none was not found in this key vault. *"}}' "$vault/keys/none?$v"
get 404 '~*(name/id) rsa2048/0123 was not found*' "$vault/keys/rsa2048/0123?$v"
post 404 '~*KeyNotFound*' keys/none/sign '{"alg":"RS256","value":"AA"}'
for path in '' keys/rsa2048/x/y keys/rsa2048/sign/x frogs keys//sign; do
	get 404 '' "$vault/$path?$v"
done
get 405 '' "$vault/keys/rsa2048/sign?$v"
get 405 '' "$vault/keys/rsa2048?$v" -X DELETE
get 400 '~*"api-version is missing*' "$vault/keys/rsa2048"
get 400 '~*"api-version is missing*' "$vault/keys/rsa2048?api-version=1.0"

it 'lists have no key material, and pages on the same host'
get 200 '~{"value":\[{"kid":"'$vault'/keys/rsa2048","attributes":{*},"tags":{}},{*/keys/rsa3072",*\],"nextLink":"'$vault'/keys?api-version=7.4&$skiptoken=2&maxresults=2"}' "$vault/keys?$v&maxresults=2"
seen='' url="$vault/keys?$v&maxresults=4" pages=0
while [ "$url" ]; do
	get 200 '~{"value":*' "$url"
	seen="$seen $(grep -o 'keys/[a-z0-9-]*"' "$T/body" | tr -d '\n')"
	url=$(sed -n 's/.*"nextLink":"\([^"]*\)".*/\1/p' "$T/body") pages=$((pages + 1))
done
is 'pages' $pages 4
is 'names' "$(echo "$seen" | grep -o keys/ | grep -c .)" 15
get 200 '~{"value":\[*/keys/site","attributes":{*},"tags":{},"managed":true},*' "$vault/keys?$v&%24skiptoken=12"
get 400 '~*maxresults*' "$vault/keys?$v&maxresults=26"
get 200 '~{"value":\[*\],"nextLink":null}' "$vault/keys/rotated/versions?$v"
is 'versions' "$(grep -o '"kid"' "$T/body" | grep -c .)" 3

it 'a new version signs from then on, and the old ones when they are asked for'
get 200 - "$vault/keys/rotated?$v"
old=$(json_field kid <"$T/body") x=$(json_field x <"$T/body")
sim_control "/vault/rotate?vault=demo&key=rotated" -X POST
get 200 - "$vault/keys/rotated?$v"
new=$(json_field kid <"$T/body")
[ "$old" != "$new" ] || bad 'it is the old one'
[ "$x" != "$(json_field x <"$T/body")" ] || bad 'it is the old key'
json="{\"alg\":\"ES256\",\"value\":\"$(digest sha256)\"}"
post 200 "~{\"kid\":\"$new\",\"value\":\"*\"}" keys/rotated/sign "$json"
post 200 "~{\"kid\":\"$new\",\"value\":\"*\"}" keys/rotated//sign "$json"
post 200 "~{\"kid\":\"$old\",\"value\":\"*\"}" "keys/rotated/${old##*/}/sign" "$json"
get 200 "~*\"x\":\"$x\"*" "$old?$v"
sim_control "/vault/rotate?vault=demo&key=rotated" --data '{"enabled":false}'
forbidden KeyDisabled 'Operation sign is not allowed on a disabled key.' post keys/rotated/sign "$json"
post 200 - "keys/rotated/${new##*/}/sign" "$json"
http 400 - "~vault 'demo', x: no key or certificate 'x'" -X POST "$SIM_CONTROL/vault/rotate?vault=demo&key=x"
http 400 - "~vault 'demo', p256: *" "$SIM_CONTROL/vault/rotate?vault=demo&key=p256" --data '{"frogs":1}'

it 'disabled, expired and single-purpose keys refuse what the service refuses'
rsa="{\"alg\":\"RS256\",\"value\":\"$(digest sha256)\"}"
for operation in sign decrypt unwrapkey; do
	forbidden KeyDisabled 'Operation * is not allowed on a disabled key.' post keys/disabled/$operation "$rsa"
done
post 200 - keys/disabled/encrypt '{"alg":"RSA-OAEP","value":"AAAA"}'
secret=$(json_field value <"$T/body")
forbidden KeyExpired 'Operation sign is not allowed on an expired key.' post keys/expired/sign "$rsa"
forbidden KeyExpired 'Operation wrapKey is not allowed on an expired key.' post keys/expired/wrapkey "$rsa"
post 400 '~*cannot be processed*' keys/expired/decrypt "{\"alg\":\"RSA-OAEP\",\"value\":\"$secret\"}"
forbidden KeyNotYetValid 'Operation sign is not allowed on a not yet valid key.' post keys/early/sign "$rsa"
post 200 - keys/signonly/sign "$rsa"
forbidden KeyOperationForbidden 'Operation decrypt is not permitted on this key.' post keys/signonly/decrypt "$rsa"
forbidden KeyOperationForbidden 'Operation unwrapKey is not permitted on this key.' post keys/signonly/unwrapkey "$rsa"

it 'a body that is not as it is written is refused'
sum=$(digest sha256)
get 415 '~*UnsupportedMediaType*' "$vault/keys/rsa2048/sign?$v" --data "$rsa"
get 415 - "$vault/keys/rsa2048/sign?$v" -H 'Content-Type: application/jsonp' --data "$rsa"
get 200 - "$vault/keys/rsa2048/sign?$v" -H 'Content-Type: application/json; charset=utf-8' --data "$rsa"
for body in '' '[]' '{' "$rsa x" "{'alg':'RS256'}" "${rsa%\}},}" "$(printf '{"alg":"\377"}')"; do
	bad_parameter 'The body is not a JSON object.' keys/rsa2048/sign "$body"
done
bad_parameter "Property 'iv' is not known." keys/rsa2048/sign "${rsa%\}},\"iv\":\"AA\"}"
bad_parameter "Property 'digest' is not known." keys/rsa2048/sign "${rsa%\}},\"digest\":\"$sum\"}"
for value in "\"$sum=\"" "\"$sum\n\"" '"+/+/"' '""' 5 null; do
	bad_parameter "The parameter 'value' is missing, empty or not base64url." keys/rsa2048/sign "{\"alg\":\"RS256\",\"value\":$value}"
done
for alg in '"rs256"' '"RSA-OAEP"' '"HS256"' '""' 5 null; do
	bad_parameter "Invalid value for 'alg': '*' is not supported for sign." keys/rsa2048/sign "{\"alg\":$alg,\"value\":\"$sum\"}"
done
bad_parameter "Invalid value for 'alg': 'RS256' is not supported for decrypt." keys/rsa2048/decrypt "$rsa"

it 'the algorithm must be the key'\''s, and the digest exactly as long'
bad_parameter "Invalid length of 'value': 50 bytes. ES256 requires 32 bytes, encoded with base64url." keys/p256/sign "{\"alg\":\"ES256\",\"value\":\"$(head -c 50 /dev/zero | base64url)\"}"
for row in p256:ES256:31 p384:ES384:32 p521:ES512:66 k256:ES256K:33 rsa2048:RS256:20 rsa2048:PS512:48; do
	alg=${row#*:}
	bad_parameter "Invalid length of 'value': * requires * bytes, encoded with base64url." "keys/${row%%:*}/sign" \
		"{\"alg\":\"${alg%:*}\",\"value\":\"$(head -c "${row##*:}" /dev/zero | base64url)\"}"
done
bad_parameter "Invalid length of 'value': 246 bytes. RSNULL requires at most 245 bytes, *" keys/rsa2048/sign "{\"alg\":\"RSNULL\",\"value\":\"$(head -c 246 /dev/zero | base64url)\"}"
bad_parameter "Invalid length of 'value': 255 bytes. RSA1_5 requires 256 bytes, *" keys/rsa2048/decrypt "{\"alg\":\"RSA1_5\",\"value\":\"$(head -c 255 /dev/zero | base64url)\"}"
bad_parameter "Key and signing algorithm are incompatible. Key $vault/keys/p384/* uses curve 'P-384', and algorithm 'ES256' can only be used with curve 'P-256'." keys/p384/sign "{\"alg\":\"ES256\",\"value\":\"$sum\"}"
bad_parameter "*uses curve 'P-256K', and algorithm 'ES256' *" keys/k256/sign "{\"alg\":\"ES256\",\"value\":\"$sum\"}"
bad_parameter "*is of type 'RSA', and algorithm 'ES256' can only be used with a key of type 'EC' or 'EC-HSM'." keys/rsa2048/sign "{\"alg\":\"ES256\",\"value\":\"$sum\"}"
bad_parameter "*is of type 'EC', and algorithm 'RS256' can only be used with a key of type 'RSA' or 'RSA-HSM'." keys/p256/sign "$rsa"
base=$hsm
bad_parameter "Invalid value for 'alg': 'RSNULL' is not supported for sign." keys/rsa2048/sign "{\"alg\":\"RSNULL\",\"value\":\"$sum\"}"
post 200 - keys/rsa2048/sign "$rsa"
base=$vault

own rsa2048 RSA -pkeyopt rsa_keygen_bits:2048
own rsa3072 RSA -pkeyopt rsa_keygen_bits:3072
own p256 EC -pkeyopt ec_paramgen_curve:P-256
own p384 EC -pkeyopt ec_paramgen_curve:P-384
own p521 EC -pkeyopt ec_paramgen_curve:P-521
own k256 EC -pkeyopt ec_paramgen_curve:secp256k1
own small RSA -pkeyopt rsa_keygen_bits:1024
scenario "\"demo\":{\"keys\":{$own_keys,\"gone\":{\"pem\":\"$T/none\"}}},\"demo-hsm\":{\"hsm\":true,\"keys\":{$own_keys}}"

it 'keys from files are those of the files'
get 200 '~*"kty":"RSA",*' "$vault/keys/rsa3072?$v"
is 'n' "$(json_field n <"$T/body" | base64url_decode | od -An -v -tx1 | tr -d ' \n' | tr a-f A-F)" \
	"$(openssl rsa -in "$T/rsa3072.pem" -noout -modulus | cut -d= -f2)"
get 200 '~*"crv":"P-256K",*' "$vault/keys/k256?$v"
is 'x and y' "$({ json_field x <"$T/body" | base64url_decode; json_field y <"$T/body" | base64url_decode; } | od -An -v -tx1)" \
	"$(openssl ec -in "$T/k256.pem" -pubout -outform DER 2>/dev/null | tail -c 64 | od -An -v -tx1)"
get 200 '~*"kty":"EC-HSM",*"crv":"P-384",*' "$hsm/keys/p384?$v"
get 500 - "$vault/keys/gone?$v"
get 500 - "$vault/keys/small?$v"

it 'RSA signatures verify: PKCS #1, and PSS with a salt as long as the digest'
for key in rsa2048 rsa3072; do
	for bits in 256 384 512; do
		post 200 "~{\"kid\":\"$vault/keys/$key/*\",\"value\":\"*\"}" keys/$key/sign "{\"alg\":\"RS$bits\",\"value\":\"$(digest sha$bits)\"}"
		value >"$T/sig"
		verified "$T/$key.pem" sha$bits -pkeyopt digest:sha$bits
		post 200 - keys/$key/sign "{\"alg\":\"PS$bits\",\"value\":\"$(digest sha$bits)\"}"
		value >"$T/sig"
		verified "$T/$key.pem" sha$bits -pkeyopt digest:sha$bits -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest
	done
done

it 'RSNULL of a DigestInfo is what RS256 gives'
post 200 - keys/rsa2048/sign "$rsa"
want=$(json_field value <"$T/body")
{ printf '\060\061\060\015\006\011\140\206\110\001\145\003\004\002\001\005\000\004\040' && openssl dgst -sha256 -binary "$T/text"; } >"$T/info"
post 200 - keys/rsa2048/sign "{\"alg\":\"RSNULL\",\"value\":\"$(base64url <"$T/info")\"}"
is 'signature' "$(json_field value <"$T/body")" "$want"

it 'ECDSA signatures are r and s, each as long as a coordinate, and verify'
for row in p256:256:ES256:32 p384:384:ES384:48 p521:512:ES512:66 k256:256:ES256K:32; do
	IFS=: read -r key bits alg size <<-END
		$row
	END
	for _ in 1 2 3 4; do
		post 200 "~{\"kid\":\"$vault/keys/$key/*\",\"value\":\"*\"}" "keys/$key/sign" "{\"alg\":\"$alg\",\"value\":\"$(digest "sha$bits")\"}"
		value | der "$size" >"$T/sig"
		verified "$T/$key.pem" "sha$bits"
	done
	sig=$(json_field value <"$T/body")
	post 200 '{"value":true}' "keys/$key/verify" "{\"alg\":\"$alg\",\"digest\":\"$(digest "sha$bits")\",\"value\":\"$sig\"}"
	post 200 '{"value":false}' "keys/$key/verify" "{\"alg\":\"$alg\",\"digest\":\"$(digest "sha$bits" "$T/rs")\",\"value\":\"$sig\"}"
	post 200 '{"value":false}' "keys/$key/verify" "{\"alg\":\"$alg\",\"digest\":\"$(digest "sha$bits")\",\"value\":\"${sig#????}\"}"
done

it 'what openssl signs verifies'
openssl pkeyutl -sign -inkey "$T/rsa2048.pem" -in "$T/md" -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss -pkeyopt rsa_pss_saltlen:digest -out "$T/sig"
sig=$(base64url <"$T/sig") md=$(base64url <"$T/md")
post 200 '{"value":true}' keys/rsa2048/verify "{\"alg\":\"PS256\",\"digest\":\"$md\",\"value\":\"$sig\"}"
post 200 '{"value":false}' keys/rsa2048/verify "{\"alg\":\"RS256\",\"digest\":\"$md\",\"value\":\"$sig\"}"
bad_parameter "Invalid length of 'digest': *" keys/rsa2048/verify "{\"alg\":\"PS384\",\"digest\":\"$md\",\"value\":\"$sig\"}"
bad_parameter "The parameter 'digest' is missing*" keys/rsa2048/verify "{\"alg\":\"PS256\",\"value\":\"$sig\"}"

it 'what openssl encrypts is decrypted, and the other way round'
printf 'a secret' >"$T/plain"
for row in RSA1_5:decrypt:encrypt:pkcs1: RSA-OAEP:unwrapkey:wrapkey:oaep:sha1 RSA-OAEP-256:decrypt:wrapkey:oaep:sha256; do
	IFS=: read -r alg open close padding md <<-END
		$row
	END
	set -- -pkeyopt "rsa_padding_mode:$padding" ${md:+-pkeyopt "rsa_oaep_md:$md"}
	openssl pkeyutl -encrypt -inkey "$T/rsa2048.pem" -in "$T/plain" -out "$T/sealed" "$@"
	post 200 "~{\"kid\":\"$vault/keys/rsa2048/*\",\"value\":\"*\"}" "keys/rsa2048/$open" "{\"alg\":\"$alg\",\"value\":\"$(base64url <"$T/sealed")\"}"
	is "$alg opened" "$(value)" 'a secret'
	post 200 - "keys/rsa2048/$close" "{\"alg\":\"$alg\",\"value\":\"$(base64url <"$T/plain")\"}"
	value >"$T/sealed"
	is "$alg closed" "$(openssl pkeyutl -decrypt -inkey "$T/rsa2048.pem" -in "$T/sealed" "$@")" 'a secret'
done
bad_parameter 'The value cannot be processed with this key.' keys/rsa2048/decrypt "{\"alg\":\"RSA-OAEP\",\"value\":\"$(base64url <"$T/sealed")\"}"
bad_parameter 'The value cannot be processed with this key.' keys/rsa2048/encrypt "{\"alg\":\"RSA-OAEP\",\"value\":\"$(head -c 215 /dev/zero | base64url)\"}"
bad_parameter 'Key and encryption algorithm are incompatible. *' keys/p256/encrypt '{"alg":"RSA-OAEP","value":"AAAA"}'
