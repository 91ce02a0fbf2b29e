#!/bin/sh
# Who may use the simulator's vaults and HSMs, the certificates there, what goes wrong on
# command, and what is counted. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/sim-vault-lib.sh
. "$root/tests/cli/sim-vault-lib.sh"

rsa="{\"alg\":\"RS256\",\"value\":\"$(digest sha256)\"}"
json="{\"alg\":\"ES256\",\"value\":\"$(digest sha256)\"}"

it 'who may not is told which action he lacks'
scenario '"demo":{"actions":["keys/sign/action"],"keys":{"k":{"kty":"EC"}}},"demo-hsm":{"hsm":true,"actions":["keys/read/action"],"keys":{"k":{"kty":"EC"}}},
	"other":{"deny":"ForbiddenByPolicy","keys":{}},"myvault":{"deny":"ForbiddenByPolicy","actions":["certificates/read"],"keys":{"k":{}}}'
post 200 - keys/k/sign "$json"
forbidden ForbiddenByRbac "Caller is not authorized*oid=$me;*Action: 'Microsoft.KeyVault/vaults/keys/read'*/vaults/demo/keys/k'*" get "$vault/keys/k?$v"
forbidden ForbiddenByRbac "*Action: 'Microsoft.KeyVault/vaults/keys/read'*/vaults/demo'*" get "$vault/keys?$v"
forbidden ForbiddenByRbac "*Action: 'Microsoft.KeyVault/vaults/keys/unwrap/action'*" post keys/none/unwrapkey "$json"
forbidden ForbiddenByRbac "*Action: 'Microsoft.KeyVault/vaults/certificates/read'*" get "$vault/certificates/k?$v"
forbidden ForbiddenByRbac "*Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'*" get "$vault/secrets/k?$v"
get 200 - "$hsm/keys/k?$v"
base=$hsm
forbidden ForbiddenByRbac "*Action: 'Microsoft.KeyVault/managedHsm/keys/sign/action'*" post keys/k/sign "$json"
base=https://other.vault.azure.net
forbidden ForbiddenByPolicy "The user*oid=$me;*does not have keys sign permission on key vault 'other;*" post keys/k/sign "$json"
forbidden ForbiddenByPolicy "*does not have secrets list permission*" get "$base/secrets?$v"
forbidden ForbiddenByPolicy "*does not have keys get permission on key vault 'myvault;*" get "https://myvault.vault.azure.net/keys/k?$v"
get 404 '~*CertificateNotFound*' "https://myvault.vault.azure.net/certificates/k?$v"
base=$vault

it 'a certificate of the vault is for its key, and its chain leads to the CA'
sim_scenario azkv
tokens
for name in site site-ec; do
	get 200 '~{"id":"'"$vault/certificates/$name"'/*","kid":"'"$vault/keys/$name"'/*","sid":"'"$vault/secrets/$name"'/*","attributes":{"enabled":true,*},"tags":{},"policy":{*"secret_props":{"contentType":"application/x-pem-file"},"key_props":{"exportable":false,*},*},"x5t":"*","cer":"*"}' "$vault/certificates/$name?$v"
	cp "$T/body" "$T/certificate"
	json_field cer <"$T/certificate" | base64 -d | openssl x509 -inform DER -out "$T/leaf.pem"
	openssl x509 -in "$T/leaf.pem" -noout -pubkey >"$T/public.pem"
	is 'names' "$(openssl x509 -in "$T/leaf.pem" -noout -subject -ext subjectAltName | tr -d '\n')" '~subject=CN = site.example*DNS:site.example, DNS:localhost'
	is 'x5t' "$(json_field x5t <"$T/certificate")" "$(openssl x509 -in "$T/leaf.pem" -outform DER | openssl dgst -sha1 -binary | base64url)"
	sid=$(json_field sid <"$T/certificate")
	get 200 '~{"contentType":"application/x-pem-file","id":"'"$sid"'",*"managed":true,"kid":"'"$vault/keys/$name/${sid##*/}"'","value":"-----BEGIN CERTIFICATE-----*"}' "$vault/secrets/$name?$v"
	json_field value <"$T/body" | sed 's/\\n/\n/g' >"$T/chain.pem"
	is 'blocks' "$(grep BEGIN "$T/chain.pem" | sort | uniq -c | tr -s ' ')" ' 2 -----BEGIN CERTIFICATE-----'
	is 'first' "$(openssl x509 -in "$T/chain.pem")" "$(cat "$T/leaf.pem")"
	expect 0 "$T/leaf.pem: OK" '' -- openssl verify -no-CApath -CAfile "$SIM_CA" -untrusted "$T/chain.pem" -verify_hostname localhost "$T/leaf.pem"
	expect 2 - - -- openssl verify -no-CApath -CAfile "$SIM_CA" "$T/leaf.pem"
	get 200 '~*"managed":true*' "$(json_field kid <"$T/certificate")?$v"
done
post 200 "~{\"kid\":\"$vault/keys/site-ec/*" keys/site-ec/sign "$json"
value | der 32 >"$T/sig"
openssl dgst -sha256 -binary "$T/text" >"$T/md"
expect 0 'Signature Verified Successfully' '' -- openssl pkeyutl -verify -pubin -inkey "$T/public.pem" -in "$T/md" -sigfile "$T/sig"

it 'what may leave the vault is in the PKCS #12, with an empty password'
get 200 '~{"contentType":"application/x-pkcs12",*"managed":true,*' "$vault/secrets/portable?$v"
value >"$T/p12"
openssl pkcs12 -in "$T/p12" -passin pass: -nodes -out "$T/p12.pem"
is 'certificates' "$(grep -c 'BEGIN CERTIFICATE' "$T/p12.pem")" 2
is 'key' "$(openssl pkey -in "$T/p12.pem" -pubout)" "$(openssl x509 -in "$T/p12.pem" -noout -pubkey)"
scenario '"demo":{"certificates":{"c":{"kty":"EC","sans":["10.0.0.1"]},"d":{"kty":"EC","exportable":true,"contentType":"application/x-pem-file"},"off":{"kty":"EC","enabled":false}}}'
get 200 - "$vault/secrets/c?$v"
value >"$T/p12"
openssl pkcs12 -in "$T/p12" -passin pass: -nodes -out "$T/p12.pem"
is 'keys' "$(grep -c 'BEGIN PRIVATE KEY' "$T/p12.pem")" 0
is 'address' "$(openssl x509 -in "$T/p12.pem" -noout -ext subjectAltName | tail -n 1 | tr -d ' ')" 'IPAddress:10.0.0.1'
get 200 '~*-----BEGIN PRIVATE KEY-----*-----BEGIN CERTIFICATE-----*-----BEGIN CERTIFICATE-----*' "$vault/secrets/d?$v"
forbidden SecretDisabled '*' get "$vault/secrets/off?$v"

it 'certificates have lists and versions, and turn with their keys'
get 200 '~{"value":\[{"id":"'$vault'/certificates/c",*},{*/certificates/d",*},{*\],"nextLink":null}' "$vault/certificates?$v"
get 200 '~{"value":\[{"contentType":"application/x-pkcs12","id":"'$vault'/secrets/c",*"managed":true},*' "$vault/secrets?$v"
get 200 - "$vault/certificates/c?$v"
cer=$(json_field cer <"$T/body") old=$(json_field kid <"$T/body")
sim_control '/vault/rotate?vault=demo&key=c' -X POST
get 200 - "$vault/certificates/c?$v"
[ "$cer" != "$(json_field cer <"$T/body")" ] || bad 'the old certificate'
get 200 "~*\"cer\":\"$cer\"*" "$vault/certificates/c/${old##*/}?$v"
for kind in certificates secrets keys; do
	get 200 - "$vault/$kind/c/versions?$v"
	is "versions of $kind" "$(grep -o "/$kind/c/[0-9a-f]*" "$T/body" | sort -u | grep -c .)" 2
done
get 404 '~{"error":{"code":"CertificateNotFound","message":"A certificate with *"}}' "$vault/certificates/none?$v"
get 404 '~*SecretNotFound*' "$vault/secrets/none?$v"
get 404 '' "$hsm/certificates/c?$v"
sim_scenario azkv
tokens
get 404 '' "$hsm/certificates?$v"
get 404 '' "$hsm/secrets?$v"

it 'a token that is revoked is refused, and the next one is good'
sim_control /revoke -X POST
get 401 '~*AKV10001*' "$vault/keys/p256?$v"
get 401 '~*AKV10001*' "$hsm/keys/p256?$v"
tokens
get 200 - "$vault/keys/p256?$v"

it 'faults are for an operation, a method and every n-th request'
sim_faults '[{"service":"vault","ends":"/sign","first":2,"status":429,"headers":{"Retry-After":"1"},"body":"{\"error\":{\"code\":\"Throttled\",\"message\":\"x\"}}"}]'
get 200 - "$vault/keys/p256?$v"
base=$hsm
post 200 - keys/p256/sign "$json"
base=$vault
post 429 '~*Throttled*' keys/p256/sign "$json"
is 'Retry-After' "$(grep -ic '^retry-after: 1.$' "$T/head")" 1
post 429 - keys/rsa2048/sign "$rsa"
post 200 - keys/p256/sign "$json"
sim_faults '[{"service":"hsm","path":"/keys/p256","method":"GET","after":1,"every":2,"status":503}]'
for want in 200 200 503 200 503; do
	get $want - "$hsm/keys/p256?$v"
	get 200 - "$hsm/keys/p384?$v"
done
sim_faults '[{"service":"vault","status":429,"retry_date":100}]'
get 429 '' "$vault/keys/p256?$v"
late=$(($(date -d "$(tr -d '\r' <"$T/head" | sed -n 's/^Retry-After: //p')" +%s) - $(date +%s)))
if [ "$late" -le 60 ] || [ "$late" -gt 101 ]; then bad "Retry-After is in $late s"; fi

it 'answers can be wrong in what clients have to check'
sim_faults '[{"service":"vault","ends":"/sign","set":{"kid":"https://demo.vault.azure.net/keys/p256/0"}}]'
post 200 '~{"kid":"https://demo.vault.azure.net/keys/p256/0","value":"*"}' keys/p256/sign "$json"
sim_faults '[{"service":"vault","ends":"/sign","append":{"value":"=="}}]'
post 200 '~*=="}' keys/p256/sign "$json"
is 'length' "$(json_field value <"$T/body" | tr -d '\n' | wc -c)" 88
sim_faults '[{"service":"vault","ends":"/sign","set":{"value":"AAAA"}}]'
post 200 '~*"value":"AAAA"*' keys/p256/sign "$json"
sim_faults '[{"service":"vault","status":401,"headers":{"WWW-Authenticate":"Bearer authorization=\"https://login.microsoftonline.com/x\", resource=\"https://evil.example\""}}]'
get 401 '' "$vault/keys/p256?$v"
is 'challenges' "$(grep -ic '^www-authenticate: .*evil' "$T/head")" 1
sim_faults '[{"service":"vault","status":302,"headers":{"Location":"https://demo.vault.azure.cn/keys/p256"}}]'
get 302 '' "$vault/keys/p256?$v"
for fault in '"append":{"value":"="},"frogs":1' '"close":"loudly"' '"every":"x"'; do
	http 400 - - "$SIM_CONTROL/faults" --data-binary "[{\"service\":\"vault\",$fault}]"
done

# visit HOST [OPTION]...: one request as openssl sends it.
visit()
{
	visit_host=$1
	shift
	printf 'GET /keys HTTP/1.1\r\nHost: %s\r\n\r\n' "$visit_host" |
		timeout 5 openssl s_client -quiet -connect "$visit_host:443" -servername "$visit_host" "$@" >"$T/out" 2>"$T/err"
}

it 'a connection ends after an answer, with close_notify or without'
sim_faults '[{"service":"vault","close":"notify"}]'
visit demo.vault.azure.net
is 'answers' "$(grep -c '^HTTP/1.1 401' "$T/out")" 1
is 'said so' "$(grep -ic '^connection: close' "$T/out")" 0
is 'errors' "$(grep -c 'unexpected eof' "$T/err")" 0
sim_faults '[{"service":"vault","close":"abrupt"}]'
visit demo.vault.azure.net
is 'answers' "$(grep -c '^HTTP/1.1 401' "$T/out")" 1
is 'errors' "$(grep -c 'unexpected eof' "$T/err")" 1
sim_faults '[{"service":"vault","every":3,"close":"abrupt"}]'
sim_reset
tokens
get 200 - "$vault/keys/p256?$v&[1-7]"
is 'connections' "$(sim_counter vault-connections)" 3
sim_faults '[]'

it 'operations, connections and resumptions are counted by host'
sim_reset
tokens
for counter in vault-sign hsm-sign hsm-key-get vault-connections hsm-resumed demo.vault.azure.net \
	demo.vault.azure.net-connections demo-hsm.managedhsm.azure.net-resumed; do
	is "$counter" "$(sim_counter $counter)" 0
done
for counter in hsm-secret-get vault-frogs demo.vault.example-connections demo.vault.azure.net-peak; do
	http 404 - - "$SIM_CONTROL/counters/$counter"
done
get 200 - "$vault/keys/p256?$v&[1-5]"
post 200 - keys/p256/sign "$json"
get 200 - "$hsm/keys/p256?$v"
http 200 - - https://login.microsoftonline.com/x/discovery/keys
is 'gets' "$(sim_counter vault-key-get)" 5
is 'signs' "$(sim_counter vault-sign)" 1
is 'gets of the HSM' "$(sim_counter hsm-key-get)" 1
is 'requests' "$(sim_counter vault)" 6
is 'requests of the host' "$(sim_counter demo.vault.azure.net)" 6
is 'connections' "$(sim_counter vault-connections)" 2
is 'connections of the host' "$(sim_counter demo.vault.azure.net-connections)" 2
is 'connections of the HSM' "$(sim_counter demo-hsm.managedhsm.azure.net-connections)" 1
is 'all connections' "$(sim_counter azure-connections)" 4
is 'handshakes' "$(sim_counter handshakes)" 4
sim_faults '[{"service":"vault","close":"notify"}]'
visit demo.vault.azure.net -sess_out "$T/session"
is 'resumed' "$(sim_counter resumed)" 0
visit demo.vault.azure.net -sess_in "$T/session"
is 'resumed' "$(sim_counter resumed)" 1
is 'resumed for vaults' "$(sim_counter vault-resumed)" 1
is 'resumed for the HSM' "$(sim_counter hsm-resumed)" 0
is 'resumed for the host' "$(sim_counter demo.vault.azure.net-resumed)" 1

it 'a slow service answers several at once'
sim_faults '[{"service":"vault","ends":"/sign","delay_ms":1500}]'
sim_reset
tokens
curl -sS -Z --parallel-immediate --parallel-max 4 -o "$T/o#1" -H "@$T/to-vault" -H 'Content-Type: application/json' --data-binary "$json" "$vault/keys/p256/sign?$v&[1-4]" 2>"$T/err"
is 'at once' "$(sim_counter vault-peak)" 4
is 'connections' "$(sim_counter vault-connections)" 4
sim_faults '[]'

it 'a scenario that says nonsense of a vault is refused'
while read -r want vaults; do
	sed -n '1,/^	},/p' "$scenarios/azkv.json" >"$T/scenario.json"
	echo "\"vaults\":$vaults}" >>"$T/scenario.json"
	http 400 - "~vault 'v'*: $(echo "$want" | tr _ ' ')" "$SIM_CONTROL/scenario" --data-binary "@$T/scenario.json"
done <<'END'
no_member_'frogs' {"v":{"frogs":1}}
no_member_'frogs' {"v":{"keys":{"k":{"frogs":1}}}}
no_member_'sans' {"v":{"keys":{"k":{"sans":["x"]}}}}
no_member_'frogs' {"v":{"keys":{"k":{"versions":[{},{"frogs":1}]}}}}
not_understood:_'versions' {"v":{"keys":{"k":{"versions":[]}}}}
not_understood:_'versions' {"v":{"keys":{"k":{"versions":[{"versions":[{}]}]}}}}
not_understood:_'kty' {"v":{"keys":{"k":{"kty":"oct"}}}}
not_understood:_'size' {"v":{"keys":{"k":{"size":1024}}}}
not_understood:_'crv' {"v":{"keys":{"k":{"crv":"P-224"}}}}
not_understood:_'deny' {"v":{"deny":"yes"}}
not_understood:_'contentType' {"v":{"certificates":{"c":{"contentType":"text/plain"}}}}
no_name:_'a.b' {"v":{"keys":{"a.b":{}}}}
no_object:_'k' {"v":{"keys":{"k":1}}}
no_object:_'v' {"v":1}
a_Managed_HSM_has_'keys' {"v":{"hsm":true,"certificates":{}}}
END
get 200 - "$vault/keys/p256?$v"
