#!/bin/sh
# A service principal of the environment: only where somebody has named that source.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

tenant=91880000-0000-4000-8000-00000000a001
app=a5500000-0000-4000-8000-0000000000f1
vault=https://vault.azure.net
secret='Abc8Q~secret.of.the-application_1'
export MI_TOKEN_CONFIG=/dev/null

# A key, its certificate and a CA's above it, and the same in other forms.
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/key.pem" -out "$T/cert.pem" -subj /CN=app -days 2 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/other-key.pem" -out "$T/other-cert.pem" -subj /CN=other -days 2 2>/dev/null
cat "$T/key.pem" "$T/cert.pem" >"$T/app.pem"
cat "$T/other-cert.pem" "$T/cert.pem" "$T/key.pem" >"$T/chain.pem"
cat "$T/other-key.pem" "$T/other-cert.pem" >"$T/other.pem"
openssl rsa -aes256 -passout pass:pw -in "$T/key.pem" -out "$T/locked-key.pem" 2>/dev/null
cat "$T/cert.pem" "$T/locked-key.pem" >"$T/locked.pem"
openssl pkcs12 -export -inkey "$T/key.pem" -in "$T/cert.pem" -passout pass:pw -out "$T/app.p12"
openssl pkcs12 -export -inkey "$T/key.pem" -in "$T/cert.pem" -passout pass: -out "$T/open.p12"

cat >"$T/scenario.json" <<END
{
	"about": "a virtual machine with applications that have secrets and certificates",
	"tenant": "$tenant",
	"system": {
		"client_id": "6f0c0000-0000-4000-8000-0000000000c1",
		"object_id": "0b1e0000-0000-4000-8000-0000000000b1",
		"resource_id": "/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/demo/providers/Microsoft.Compute/virtualMachines/vm1"
	},
	"applications": [
		{
			"client_id": "$app",
			"object_id": "a5500000-0000-4000-8000-0000000000e1",
			"secret": "$secret",
			"expired_secret": "old",
			"certificate": "$T/cert.pem"
		}
	]
}
END
sim_start "$T/scenario.json"

# sp ARGUMENT...: with the application's ids, and what stands before the command's name.
sp()
{
	env AZURE_TENANT_ID=$tenant AZURE_CLIENT_ID=$app "$@"
}

# certificate FILE [VARIABLE=VALUE]...: a new token by that file.
certificate()
{
	certificate_file=$1
	shift
	sp AZURE_CLIENT_CERTIFICATE_PATH="$T/$certificate_file" "$@" \
		mi-token --source environment --refresh --resource $vault
}

it 'a client secret, in the documented form'
expect 0 '~ey*.*.*' '' -- sp AZURE_CLIENT_SECRET="$secret" mi-token --source environment --resource $vault
claims=$(jwt_claims <"$T/out")
is 'application' "$claims" "~*\"appid\":\"$app\"*"
is 'request' "$(sim_request entra | tail -n 1)" \
	"client_id=$app&client_secret=Abc8Q~secret.of.the-application_1&grant_type=client_credentials&scope=https%3A%2F%2Fvault.azure.net%2F.default"
is 'where' "$(sim_request entra | head -n 1 | tr -d '\r')" "POST /$tenant/oauth2/v2.0/token HTTP/1.1"
is 'requests to IMDS' "$(sim_counter imds)" 0

it 'it is kept, and whoami tells what it is'
sim_reset
expect 0 "~identity     application
client id    $app*source       environment
*" '' -- sp AZURE_CLIENT_SECRET="$secret" mi-token whoami --source environment --resource $vault
is 'requests' "$(sim_counter requests)" 0

it 'it is never taken where nobody has named it'
expect 0 '~ey*' '' -- sp AZURE_CLIENT_SECRET="$secret" mi-token --resource $vault
is 'identity' "$(jwt_claims <"$T/out")" '~*"appid":"6f0c0000-0000-4000-8000-0000000000c1"*'
is 'sources' "$(sp AZURE_CLIENT_SECRET="$secret" mi-token sources | sed -n 's/^\* \([^ ]*\).*/\1/p')" imds
expect 4 '' "~mi-token: source 'environment' is not here: AZURE_TENANT_ID is not set*" -- \
	mi-token --source environment --resource $vault

it 'by the configuration, alone or in a list: the first that is there'
mkdir -p /etc/mi-token
echo 'source = ( "workload", "environment", "imds" );' >/etc/mi-token/mi-token.conf
expect 0 '~ey*' '' -- sp AZURE_CLIENT_SECRET="$secret" mi-token --resource $vault
is 'application' "$(jwt_claims <"$T/out")" "~*\"appid\":\"$app\"*"
is 'sources' "$(sp AZURE_CLIENT_SECRET="$secret" mi-token sources | sed -n 's/^\* \([^ ]*\).*/\1/p')" environment
expect 0 '~ey*' '' -- mi-token --resource $vault
is 'identity' "$(jwt_claims <"$T/out")" '~*"appid":"6f0c0000-0000-4000-8000-0000000000c1"*'
expect 0 '~*source = ( "workload", "environment", "imds" ); // /etc/mi-token/mi-token.conf:1*' '' -- mi-token config
expect 4 '' "~mi-token: none of the sources 'workload,environment' is here: workload: AZURE_FEDERATED_TOKEN_FILE is not set; environment: AZURE_TENANT_ID is not set" -- \
	env MI_TOKEN_SOURCE=workload,environment mi-token --resource $vault
echo 'source = ( "environment", "nowhere" );' >/etc/mi-token/mi-token.conf
expect 3 '' "~mi-token: /etc/mi-token/mi-token.conf:1: no source 'nowhere'*" -- mi-token config --check

it 'the first that is there is the only one asked'
echo 'source = ( "environment", "imds" );' >/etc/mi-token/mi-token.conf
sim_reset
expect 5 '' '~*AADSTS7000215*' -- sp AZURE_CLIENT_SECRET=wrong mi-token --refresh --resource $vault
is 'requests to IMDS' "$(sim_counter imds)" 0
rm /etc/mi-token/mi-token.conf

it 'a wrong secret and an old one, and what to do'
mi-token cache clear >"$T/cleared"
expect 5 '' '~*the client secret is wrong (AADSTS7000215)*not its id*az ad app credential reset*' -- \
	sp AZURE_CLIENT_SECRET=wrong mi-token --source environment --resource $vault
mi-token cache clear >"$T/cleared"
expect 5 '' '~*the client secret has expired (AADSTS7000222)*az ad app credential reset*' -- \
	sp AZURE_CLIENT_SECRET=old mi-token --source environment --resource $vault
mi-token cache clear >"$T/cleared"

it 'certificates in PEM and PKCS#12 sign an assertion that is verified'
expect 0 '~ey*' '' -- certificate app.pem
expect 0 '~ey*' '' -- certificate chain.pem
expect 0 '~ey*' '' -- certificate chain.pem AZURE_CLIENT_SEND_CERTIFICATE_CHAIN=true
expect 0 '~ey*' '' -- certificate locked.pem AZURE_CLIENT_CERTIFICATE_PASSWORD=pw
expect 0 '~ey*' '' -- certificate app.p12 AZURE_CLIENT_CERTIFICATE_PASSWORD=pw
expect 0 '~ey*' '' -- certificate open.p12
is 'application' "$(jwt_claims <"$T/out")" "~*\"appid\":\"$app\"*"

it 'the assertion names the certificate and the endpoint'
sim_reset
expect 0 '~ey*' '' -- certificate app.pem
jwt=$(sim_request entra | tail -n 1 | sed 's/.*client_assertion=\([^&]*\).*/\1/')
name=$(openssl x509 -in "$T/cert.pem" -outform DER | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
is 'header' "$(echo "$jwt" | cut -d. -f1 | base64url_decode)" "{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"$name\"}"
is 'claims' "$(echo "$jwt" | jwt_claims)" "~{\"aud\":\"https://login.microsoftonline.com/$tenant/oauth2/v2.0/token\",\"iss\":\"$app\",\"sub\":\"$app\",\"jti\":\"*"

it 'a certificate that the application does not know'
mi-token cache clear >"$T/cleared"
expect 5 '' '~*AADSTS700027*az ad app credential reset*--cert @*' -- certificate other.pem
mi-token cache clear >"$T/cleared"

it 'what cannot be used is named before anything is sent'
sim_reset
while IFS='|' read -r file variable says; do
	[ "$file" != writable.pem ] || { cp "$T/app.pem" "$T/writable.pem" && chmod 622 "$T/writable.pem"; }
	# shellcheck disable=SC2086 # none is no argument
	expect 3 '' "~mi-token: AZURE_CLIENT_CERTIFICATE_PATH: $says*" -- certificate "$file" $variable
done <<END
nowhere.pem||cannot open '$T/nowhere.pem': No such file or directory
cert.pem||'$T/cert.pem': no private key that can be read
key.pem||'$T/key.pem': no certificate
scenario.json||'$T/scenario.json': neither PEM nor PKCS#12
locked.pem||'$T/locked.pem': the private key is encrypted, and there is no password
locked.pem|AZURE_CLIENT_CERTIFICATE_PASSWORD=no|'$T/locked.pem': the private key is encrypted with another password
app.p12|AZURE_CLIENT_CERTIFICATE_PASSWORD=no|'$T/app.p12': encrypted with another password
app.p12||'$T/app.p12': encrypted, and there is no password
writable.pem||'$T/writable.pem' can be written by others
END
is 'requests' "$(sim_counter requests)" 0

it 'a private key that others can read is told, and used'
cp "$T/app.pem" "$T/public.pem"
chmod 644 "$T/public.pem"
expect 0 '~ey*' "mi-token: AZURE_CLIENT_CERTIFICATE_PATH: others can read the private key in '$T/public.pem'; chmod go= it" -- \
	certificate public.pem

it 'the authority is one of Entra'\''s, or in endpoints.allow_hosts'
expect 3 '' "~*AZURE_AUTHORITY_HOST points to 'evil.example'*allow_hosts*" -- sp AZURE_CLIENT_SECRET="$secret" \
	AZURE_AUTHORITY_HOST=https://evil.example mi-token --source environment --resource $vault
expect 5 '' '~*AADSTS90002*' -- sp AZURE_CLIENT_SECRET="$secret" AZURE_AUTHORITY_HOST=https://login.microsoftonline.us \
	mi-token --source environment --resource $vault

it 'nothing of the secret, the key or the assertion is told or kept'
mi-token cache clear >"$T/cleared"
echo "$secret" >"$T/secrets"
sed '/^-----/d' "$T/key.pem" >>"$T/secrets"
: >"$T/mark"
sp AZURE_CLIENT_SECRET="$secret" mi-token --source environment --refresh -v --resource $vault >"$T/out" 2>"$T/err"
is 'told' "$(pieces "$T/secrets" <"$T/err")" ''
sp AZURE_CLIENT_CERTIFICATE_PATH="$T/app.pem" mi-token --source environment --refresh -v --resource $vault >"$T/out" 2>"$T/err"
sim_request entra | tail -n 1 | sed 's/.*client_assertion=[^&]*\.\([^&]*\)&.*/\1/' >>"$T/secrets" # the signature
is 'told' "$(pieces "$T/secrets" <"$T/err")" ''
is 'kept' "$(cat "$XDG_RUNTIME_DIR"/mi-token/* | pieces "$T/secrets")" ''
