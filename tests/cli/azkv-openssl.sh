#!/bin/sh
# The openssl program with keys in vaults; all that it makes is checked by a second openssl
# that knows nothing of us. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/azkv-openssl-lib.sh
. "$root/tests/cli/azkv-openssl-lib.sh"
sim_start azkv

rsa_keys='rsa2048 rsa3072 rsa4096' ec_keys='p256 p384 p521 k256'

# reference NAME: $T/NAME.ref and the public key $T/NAME.pub.
reference()
{
	[ -f "$T/$1.ref" ] && return
	openssl pkey -in "$vault/keys/$1" -out "$T/$1.ref"
	openssl pkey -in "$T/$1.ref" -pubout -out "$T/$1.pub"
}

# verified NAME DIGEST OPTION...: the signature $T/sig of $T/text.
verified()
{
	verified_name=$1 verified_md=$2
	shift 2
	plain dgst -"$verified_md" -verify "$T/$verified_name.pub" -signature "$T/sig" "$@" "$T/text" >"$T/out" 2>&1 ||
		bad "not verified: $verified_name $verified_md $*" "$(cat "$T/out")"
}

it 'loading the provider asks nobody, and takes no file'
sim_reset
expect 0 '~*  azkv*name: mi-token: keys in Azure Key Vault*status: active*' '' -- openssl list -providers
requests 0 0

it 'storeutl lists keys and certificates, and each of them loads itself'
run openssl storeutl -noout "$vault/"
is 'list' "$(grep -c "^[0-9]*: Name: $vault/keys/" "$T/out") $(grep -c "^[0-9]*: Name: $vault/certificates/" "$T/out")" '15 3'
is 'last line' "$(tail -n 1 "$T/out")" 'Total found: 18'
run openssl storeutl -noout -r "$vault/"
is 'keys' "$(grep -c '^  [0-9]*: Pkey$' "$T/out")" 18
is 'certificates' "$(grep -c '^  [0-9]*: Certificate$' "$T/out")" 3
run openssl storeutl -noout -r -certs "$vault/"
is 'certificates alone' "$(grep -c '^  [0-9]*: Certificate$' "$T/out") $(grep -c Pkey "$T/out")" '3 0'
run openssl storeutl -noout "$hsm/"
is 'keys of an HSM' "$(grep -c "^[0-9]*: Name: $hsm/keys/" "$T/out") $(tail -n 1 "$T/out")" '9 Total found: 9'
expect 0 '~0: Certificate
1: Pkey
Total found: 2' '' -- openssl storeutl -noout "$vault/certificates/site"
expect 0 '~0: Certificate
1: Certificate
2: Pkey
Total found: 3' '' -- openssl storeutl -noout "$vault/certificates/site?chain=yes"
expect 0 '~0: Pkey*
Total found: 1' '' -- openssl storeutl -noout azkv:https://demo.vault.azure.net/keys/p256
expect 0 '~0: Pkey*' '' -- openssl storeutl -noout managedhsm:demo-hsm:p256
expect 0 '~0: Pkey*' '' -- openssl storeutl -noout keyvault:demo:p256

it 'a certificate comes with its issuers, and is trusted'
run openssl storeutl -certs -out "$T/chain.pem" "$vault/certificates/site?chain=yes"
run openssl x509 -in "$vault/certificates/site" -out "$T/site.crt"
run plain verify -CAfile "$SIM_CA" -untrusted "$T/chain.pem" "$T/site.crt"
run openssl verify -partial_chain -CAstore "$vault/certificates/site?chain=yes" "$T/site.crt"
fails '~*unable to get local issuer certificate*' openssl verify -partial_chain -CAstore "$vault/certificates/site-ec" "$T/site.crt"
is 'subject' "$(plain x509 -in "$T/site.crt" -noout -subject -nameopt RFC2253)" subject=CN=site.example
plain x509 -in "$T/site.crt" -noout -pubkey >"$T/site.pub"
expect 0 "$(cat "$T/site.pub")" '' -- openssl pkey -in "$vault/certificates/site" -pubout
expect 0 "$(cat "$T/site.pub")" '' -- openssl pkey -in "$vault/keys/site" -pubout

it 'pkey writes the reference with version and public key, and tells the name'
for name in $rsa_keys $ec_keys; do
	reference "$name"
	is "label of $name" "$(sed -n '1p;$p' "$T/$name.ref")" '-----BEGIN AZURE KEY VAULT PRIVATE KEY-----
-----END AZURE KEY VAULT PRIVATE KEY-----'
	run plain pkey -pubin -in "$T/$name.pub" -noout -text
	expect 0 "~Private-Key: $vault/keys/$name/????????????????????????????????
$(cat "$T/out")" '' -- openssl pkey -in "$vault/keys/$name" -noout -text
	expect 0 "$(cat "$T/out")" '' -- openssl pkey -in "$T/$name.ref" -noout -text
	expect 0 "$(cat "$T/$name.ref")" '' -- openssl pkey -in "$T/$name.ref"
	expect 0 "$(cat "$T/$name.pub")" '' -- openssl pkey -pubin -in "$vault/keys/$name" -pubout
done
expect 0 '~*INTEGER *:01*UTF8STRING *:azkv://demo.vault.azure.net/keys/p256/????????????????????????????????*OBJECT *:prime256v1*' '' -- \
	plain asn1parse -in "$T/p256.ref"

it 'the private half comes out in no form'
for arguments in '-outform DER' '-traditional' '-aes256 -passout pass:word'; do
	# The arguments are split into words on purpose.
	# shellcheck disable=SC2086
	fails - openssl pkey -in "$vault/keys/rsa2048" $arguments
	is "stdout with $arguments" "$(cat "$T/out")" ''
done
fails '~*:the private key stays in its vault:*' openssl pkey -in "$vault/keys/rsa2048" -aes256 -passout pass:word
fails - openssl pkcs8 -topk8 -in "$T/rsa2048.ref" -nocrypt -outform DER

it 'loading a reference file makes no request, in whatever file it stands'
cat "$T/site.crt" "$T/p256.ref" >"$T/after"
cat "$T/p256.ref" "$T/site.crt" >"$T/before"
{ printf 'subject=CN = x\n\n' && cat "$T/p256.ref"; } >"$T/text-first"
{ printf '\357\273\277' && cat "$T/p256.ref"; } >"$T/bom"
sed 's/$/\r/' "$T/p256.ref" >"$T/crlf"
cat "$T/p256.ref" "$T/rsa2048.ref" >"$T/two"
sim_reset
for file in after before text-first bom crlf two; do
	expect 0 "$(cat "$T/p256.pub")" '' -- openssl pkey -in "$T/$file" -pubout
	is "$file on stdin" "$(openssl pkey -pubout <"$T/$file")" "$(cat "$T/p256.pub")"
	# shellcheck disable=SC2002 # so that it is a pipe
	is "$file through a pipe" "$(cat "$T/$file" | openssl pkey -pubout)" "$(cat "$T/p256.pub")"
done
expect 0 "$(cat "$T/site.crt")" '' -- openssl x509 -in "$T/after"
expect 0 "$(cat "$T/site.crt")" '' -- openssl x509 -in "$T/before"
expect 0 '~*Total found: 2' '' -- openssl storeutl -noout "$T/after"
requests 0 0

it 'a reference is a public key as little, or as much, as a private key is'
run plain genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$T/own-p256"
plain pkey -pubin -in "$T/own-p256" -pubout >"$T/out" 2>&1
expect $? - - -- openssl pkey -pubin -in "$T/p256.ref" -pubout

it 'a damaged reference is named, and asks for no password'
for command in s/^M/*/ '/^-----END/d' 's/^-----END AZURE/-----END X/' '2,3d'; do
	sed "$command" "$T/p256.ref" >"$T/damaged"
	fails "~Could not *:not a good reference file:*" openssl pkey -in "$T/damaged"
	fails "~Could not *:not a good reference file:*" openssl dgst -sign "$T/damaged" "$T/text"
done
fails '~*Could not *' plain pkey -in "$T/p256.ref"

it 'dgst signs with every key and any digest, by URI and by file'
for name in $rsa_keys $ec_keys; do
	for md in sha1 sha224 sha256 sha384 sha512 sha3-256; do
		run openssl dgst -$md -sign "$T/$name.ref" -out "$T/sig" "$T/text"
		verified "$name" $md
	done
	run openssl dgst -sha256 -sign "$vault/keys/$name" -out "$T/sig" "$T/text"
	verified "$name" sha256
done
for name in $rsa_keys; do
	for md in sha256 sha384 sha512; do
		for length in digest auto; do
			run openssl dgst -$md -sign "$T/$name.ref" -sigopt rsa_padding_mode:pss \
				-sigopt rsa_pss_saltlen:$length -out "$T/sig" "$T/text"
			verified "$name" $md -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest
		done
	done
done
fails '~*:not among what a vault can do:*' openssl dgst -sha256 -sign "$T/rsa2048.ref" \
	-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max "$T/text"

it 'one signature is one POST, with one token for all'
sim_reset
run openssl dgst -sha256 -sign "$T/p256.ref" -out "$T/sig" "$T/text"
is 'with a reference' "$(sim_counter vault) $(sim_counter vault-sign)" '1 1'
run openssl dgst -sha256 -sign "$vault/keys/p256" -out "$T/sig" "$T/text"
is 'with a URI as well' "$(sim_counter vault) $(sim_counter vault-sign) $(sim_counter vault-key-get)" '3 2 1'
requests 3 0

it 'keys of a Managed HSM sign too'
for name in rsa2048 p256 p384 p521 k256; do
	run openssl pkey -in "$hsm/keys/$name" -pubout -out "$T/hsm-$name.pub"
	for md in sha256 sha384 sha512; do
		run openssl dgst -$md -sign "$hsm/keys/$name" -out "$T/sig" "$T/text"
		verified hsm-$name $md
	done
done
fails '~*:not among what a vault can do:*' openssl dgst -sha1 -sign "$hsm/keys/rsa2048" "$T/text"

it 'pkeyutl signs what is digested already'
for name in $rsa_keys $ec_keys; do
	for md in sha256 sha384; do
		plain dgst -$md -binary -out "$T/digest" "$T/text"
		run openssl pkeyutl -sign -inkey "$T/$name.ref" -in "$T/digest" -out "$T/sig" -pkeyopt digest:$md
		run plain pkeyutl -verify -pubin -inkey "$T/$name.pub" -in "$T/digest" -sigfile "$T/sig" -pkeyopt digest:$md
		run openssl pkeyutl -verify -inkey "$T/$name.ref" -in "$T/digest" -sigfile "$T/sig" -pkeyopt digest:$md
	done
done
run openssl pkeyutl -sign -inkey "$T/rsa2048.ref" -in "$T/text" -out "$T/sig"
run plain pkeyutl -verifyrecover -pubin -inkey "$T/rsa2048.pub" -in "$T/sig"
is 'what was signed as it is' "$(cat "$T/out")" "$(cat "$T/text")"

it 'pkeyutl decrypts what a public key encrypted'
for name in $rsa_keys; do
	for option in rsa_padding_mode:pkcs1 rsa_padding_mode:oaep 'rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256'; do
		# The option is split into words on purpose.
		# shellcheck disable=SC2086
		run plain pkeyutl -encrypt -pubin -inkey "$T/$name.pub" -in "$T/text" -out "$T/box" -pkeyopt $option
		# shellcheck disable=SC2086
		run openssl pkeyutl -decrypt -inkey "$T/$name.ref" -in "$T/box" -pkeyopt $option
		is "$name $option" "$(cat "$T/out")" "$(cat "$T/text")"
	done
done
run openssl pkeyutl -encrypt -inkey "$T/rsa2048.ref" -in "$T/text" -out "$T/box"
run openssl pkeyutl -decrypt -inkey "$T/rsa2048.ref" -in "$T/box" -out "$T/out2"
is 'encrypted here' "$(cat "$T/out2")" "$(cat "$T/text")"
run plain pkeyutl -encrypt -pubin -inkey "$T/hsm-rsa2048.pub" -in "$T/text" -out "$T/box" -pkeyopt rsa_padding_mode:oaep
run openssl pkeyutl -decrypt -inkey "$hsm/keys/rsa2048" -in "$T/box" -out "$T/out2" -pkeyopt rsa_padding_mode:oaep
is 'by the HSM' "$(cat "$T/out2")" "$(cat "$T/text")"

it 'an AlgorithmIdentifier is byte for byte what OpenSSL writes'
# algorithm FILE: of the signature on a request or certificate, in hexadecimal digits.
algorithm()
{
	plain asn1parse -in "$1" >"$T/asn1"
	# The second element of the outer SEQUENCE: its offset, and both lengths.
	# shellcheck disable=SC2046
	set -- "$1" $(sed -n 's/^ *\([0-9]*\):d=1 *hl=\([0-9]*\) l= *\([0-9]*\) .*/\1 \2 \3/p' "$T/asn1" | sed -n 2p)
	grep -v '^-' "$1" | base64 -d | tail -c +$(($2 + 1)) | head -c $(($3 + $4)) | od -An -v -tx1 | tr -d ' \n'
}
run plain genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$T/own-rsa2048"
for name in rsa2048 p256; do
	for md in sha1 sha224 sha256 sha384 sha512; do
		run openssl req -new -key "$T/$name.ref" -subj /CN=x -$md -out "$T/csr"
		run plain req -verify -noout -in "$T/csr"
		run plain req -config "$OPENSSL_CONF" -new -key "$T/own-$name" -subj /CN=x -$md -out "$T/own"
		is "$name $md" "$(algorithm "$T/csr")" "$(algorithm "$T/own")"
	done
done
for md in sha256 sha384 sha512; do
	run openssl req -new -key "$T/rsa2048.ref" -subj /CN=x -$md -sigopt rsa_padding_mode:pss \
		-sigopt rsa_pss_saltlen:digest -out "$T/csr"
	run plain req -verify -noout -in "$T/csr"
	run plain req -config "$OPENSSL_CONF" -new -key "$T/own-rsa2048" -subj /CN=x -$md -sigopt rsa_padding_mode:pss \
		-sigopt rsa_pss_saltlen:digest -out "$T/own"
	is "PSS $md" "$(algorithm "$T/csr")" "$(algorithm "$T/own")"
	run openssl req -new -key "$vault/keys/rsa2048" -subj /CN=x -$md -sigopt rsa_padding_mode:pss -out "$T/csr"
	run plain req -verify -noout -in "$T/csr"
	is "PSS $md without a salt length" "$(algorithm "$T/csr")" "$(algorithm "$T/own")"
done
run openssl req -new -key "$T/p256.ref" -subj /CN=x -sha256 -out "$T/csr"
is 'ECDSA has no parameters' "$(algorithm "$T/csr")" 300a06082a8648ce3d040302
run openssl req -new -key "$T/rsa2048.ref" -subj /CN=x -sha256 -out "$T/csr"
is 'PKCS#1 v1.5 has NULL' "$(algorithm "$T/csr")" 300d06092a864886f70d01010b0500

it 'a request and a CA of every kind of key are verified'
for name in rsa3072 p256 p384 p521 k256; do
	run openssl req -x509 -new -key "$vault/keys/$name" -subj "/CN=CA $name" -days 2 -out "$T/$name.ca" \
		-addext basicConstraints=critical,CA:TRUE
	run openssl req -new -key "$T/rsa2048.ref" -subj /CN=leaf -out "$T/csr"
	run openssl x509 -req -in "$T/csr" -CA "$T/$name.ca" -CAkey "$vault/keys/$name" -CAcreateserial -days 1 -out "$T/leaf"
	run plain verify -CAfile "$T/$name.ca" "$T/leaf"
	run openssl x509 -req -in "$T/csr" -CA "$T/$name.ca" -CAkey "$T/$name.ref" -set_serial 7 -days 1 -out "$T/leaf"
	run plain verify -CAfile "$T/$name.ca" "$T/leaf"
done
run openssl x509 -req -in "$T/csr" -CA "$T/rsa3072.ca" -CAkey "$T/rsa3072.ref" -set_serial 8 -days 1 \
	-sigopt rsa_padding_mode:pss -out "$T/leaf"
run plain verify -CAfile "$T/rsa3072.ca" "$T/leaf"
fails - openssl x509 -req -in "$T/csr" -CA "$T/rsa3072.ca" -CAkey "$T/rsa4096.ref" -set_serial 8 -out "$T/leaf"

it 'ca issues, revokes, and signs its list'
mkdir -p "$T/ca" && : >"$T/ca/index" && echo 01 >"$T/ca/serial" && echo 01 >"$T/ca/number"
cat >>"$T/openssl.cnf" <<END
[ca]
default_ca = tried
[tried]
new_certs_dir = $T/ca
database = $T/ca/index
serial = $T/ca/serial
crlnumber = $T/ca/number
default_md = sha256
default_days = 1
default_crl_days = 1
policy = any
[any]
commonName = supplied
END
run openssl ca -batch -in "$T/csr" -cert "$T/p384.ca" -keyfile "$vault/keys/p384" -out "$T/leaf"
run plain verify -CAfile "$T/p384.ca" "$T/leaf"
run openssl ca -revoke "$T/ca/01.pem" -cert "$T/p384.ca" -keyfile "$T/p384.ref"
run openssl ca -gencrl -cert "$T/p384.ca" -keyfile "$T/p384.ref" -out "$T/crl"
cat "$T/p384.ca" "$T/crl" >"$T/ca-and-crl"
fails '~*certificate revoked*' plain verify -crl_check -CAfile "$T/ca-and-crl" "$T/leaf"

it 'cms signs and decrypts'
openssl storeutl -certs "$vault/certificates/site?chain=yes" | sed '1,/^-----END/d' >"$T/issuer.pem"
for cert in site site-ec; do
	run openssl x509 -in "$vault/certificates/$cert" -out "$T/$cert.crt"
	for md in sha256 sha384; do
		run openssl cms -sign -binary -md $md -signer "$T/$cert.crt" -certfile "$T/issuer.pem" \
			-inkey "$vault/certificates/$cert" -in "$T/text" -out "$T/signed"
		run plain cms -verify -binary -CAfile "$SIM_CA" -purpose any -in "$T/signed" -out "$T/out2"
		is "$cert $md" "$(cat "$T/out2")" "$(cat "$T/text")"
	done
done
run openssl cms -sign -binary -signer "$T/site.crt" -inkey "$vault/certificates/site" -keyopt rsa_padding_mode:pss \
	-keyopt rsa_pss_saltlen:digest -certfile "$T/issuer.pem" -in "$T/text" -out "$T/signed"
run plain cms -verify -binary -CAfile "$SIM_CA" -certfile "$T/issuer.pem" -purpose any -in "$T/signed" -out "$T/out2"
for option in '' '-keyopt rsa_padding_mode:oaep' '-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:sha256'; do
	# The option is split into words on purpose.
	# shellcheck disable=SC2086
	run plain cms -encrypt -binary -aes256 -recip "$T/site.crt" $option -in "$T/text" -out "$T/box"
	run openssl cms -decrypt -binary -recip "$T/site.crt" -inkey "$vault/certificates/site" -in "$T/box" -out "$T/out2"
	is "decrypted $option" "$(cat "$T/out2")" "$(cat "$T/text")"
done

it 'messages say how they are signed as those of OpenSSL do'
# signed KEY CERTIFICATE OPTION...: the AlgorithmIdentifiers of the signer.
signed()
{
	signed_key=$1 signed_cert=$2
	shift 2
	run openssl cms -sign -binary -nocerts -noattr -signer "$signed_cert" -inkey "$signed_key" "$@" -in "$T/text" -outform DER -out "$T/cms"
	run plain cms -cmsout -print -noout -inform DER -in "$T/cms"
	sed -n '/digestAlgorithm:/,/signature:/p' "$T/out"
}
for name in rsa2048 p256; do
	run plain req -config "$OPENSSL_CONF" -x509 -new -key "$T/own-$name" -subj /CN=own -days 1 -out "$T/own.crt"
	run openssl req -x509 -new -key "$T/$name.ref" -subj /CN=vault -days 1 -out "$T/vault.crt"
	for option in '-md sha256' '-md sha384' '-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest'; do
		case $name$option in p256-keyopt*) continue ;; esac
		# The option is split into words on purpose.
		# shellcheck disable=SC2086
		is "$name $option" "$(signed "$T/$name.ref" "$T/vault.crt" $option)" "$(signed "$T/own-$name" "$T/own.crt" $option)"
	done
done
is 'they are there' "$(grep -c 'signatureAlgorithm' "$T/out")" 1

it 'a rotated key signs with the version that was loaded'
reference rotated
sim_control '/vault/rotate?vault=demo&key=rotated' -X POST
run openssl dgst -sha256 -sign "$T/rotated.ref" -out "$T/sig" "$T/text"
verified rotated sha256
run openssl dgst -sha256 -sign "$vault/keys/rotated" -out "$T/sig" "$T/text"
fails - plain dgst -sha256 -verify "$T/rotated.pub" -signature "$T/sig" "$T/text"
run openssl pkey -in "$vault/keys/rotated" -pubout -out "$T/rotated.pub"
verified rotated sha256

it 'what fails is told with the key, the reason and the cure'
# refused MESSAGE URI: signing with it fails, in one line of ours.
refused()
{
	fails "~*:error:*:azkv:*$1*" openssl dgst -sha256 -sign "$2" "$T/text"
	is "lines of ours for $2" "$(grep -c ':azkv:' "$T/err")" 1
	is "secrets for $2" "$(grep -c 'eyJ' "$T/err")" 0
}
refused "refused by the vault:*$vault/keys/disabled/*403 Forbidden (*KeyDisabled*request id *" "$vault/keys/disabled"
refused "refused by the vault:*$vault/keys/expired/*KeyExpired*" "$vault/keys/expired"
refused "refused by the vault:*$vault/keys/early/*KeyNotYetValid*" "$vault/keys/early"
refused "*azkv://other.vault.azure.net/keys/rsa2048*ForbiddenByRbac*'Key Vault Crypto User'*0b1e0000-0000-4000-8000-0000000000d1*" azkv://other.vault.azure.net/keys/rsa2048
refused "*azkv://other-hsm.managedhsm.azure.net/keys/rsa2048*'Managed HSM Crypto User'*" azkv://other-hsm.managedhsm.azure.net/keys/rsa2048
refused '*azkv://partner.vault.azure.net/keys/p256*401*' azkv://partner.vault.azure.net/keys/p256
refused "*$vault/keys/none*KeyNotFound*" "$vault/keys/none"
refused 'not the name of a key in a vault:*has a port*' azkv://demo.vault.azure.net:8443/keys/p256
refused "*'vault.example' is no host of Key Vault*" azkv://vault.example/keys/p256
refused 'not the name of a key in a vault:*' "$vault/keys/p256?frogs=1"
plain pkeyutl -encrypt -pubin -inkey "$T/rsa2048.pub" -in "$T/text" -out "$T/box"
fails "~*refused by the vault:*$vault/keys/signonly/*KeyOperationForbidden*" openssl pkeyutl -decrypt \
	-inkey "$vault/keys/signonly" -in "$T/box"
fails '~*operation not supported for this keytype*' openssl pkeyutl -derive -inkey "$T/p256.ref" -peerkey "$T/p256.pub"
sim_faults '[{ "service": "vault", "status": 503 }]'
refused "the vault does not answer:*$vault/keys/p256/*503*" "$T/p256.ref"
sim_faults '[]'
refused "no token for the vault:*$vault/keys/p384*" "$vault/keys/p384?identity=client-id:11111111-2222-4333-8444-555555555555"

it 'without the provider a reference is no key, and nothing crashes'
fails '~Could not *' plain dgst -sha256 -sign "$T/p256.ref" "$T/text"
fails '~*' plain storeutl -noout "$vault/"

# What follows is without a vault.
sim_stop

it 'other keys are made, written and read as ever, also with azkv before default'
for conf in openssl reversed; do
	export OPENSSL_CONF="$T/$conf.cnf"
	for kind in '-algorithm RSA -pkeyopt rsa_keygen_bits:2048' '-algorithm EC -pkeyopt ec_paramgen_curve:P-384' \
		'-algorithm ED25519'; do
		# The kind is split into words on purpose.
		# shellcheck disable=SC2086
		run openssl genpkey $kind -out "$T/key"
		run plain pkey -in "$T/key" -check -noout
		for form in '' -traditional '-outform DER' -pubout -text; do
			# Ed25519 has no traditional form.
			# shellcheck disable=SC2086
			plain pkey -in "$T/key" $form -out "$T/want" 2>/dev/null || continue
			# shellcheck disable=SC2086
			run openssl pkey -in "$T/key" $form -out "$T/got"
			cmp "$T/want" "$T/got" >"$T/out" || bad "$conf $kind $form: $(cat "$T/out")"
		done
		run openssl pkey -in "$T/key" -aes256 -passout pass:word -out "$T/locked"
		fails - openssl pkey -in "$T/locked" -passin pass:other
		expect 0 "$(cat "$T/key")" '' -- openssl pkey -in "$T/locked" -passin pass:word
		expect 0 "$(cat "$T/key")" '' -- plain pkey -in "$T/locked" -passin pass:word
		run openssl pkcs8 -topk8 -in "$T/key" -v2 aes-128-cbc -passout pass:word -out "$T/locked"
		expect 0 "$(cat "$T/key")" '' -- plain pkey -in "$T/locked" -passin pass:word
		run openssl req -x509 -new -key "$T/key" -subj /CN=own -days 1 -out "$T/crt"
		run openssl pkcs12 -export -inkey "$T/key" -in "$T/crt" -passout pass:word -out "$T/p12"
		expect 0 - '' -- openssl pkcs12 -in "$T/p12" -passin pass:word -nodes -nocerts -out "$T/got"
		expect 0 "$(cat "$T/key")" '' -- openssl pkey -in "$T/got"
	done
	for kind in 'rsa:2048' 'ec -pkeyopt ec_paramgen_curve:P-256'; do
		# shellcheck disable=SC2086
		run openssl req -x509 -newkey $kind -subj /CN=own -passout pass:word -keyout "$T/locked" -out "$T/crt"
		run plain verify -CAfile "$T/crt" "$T/crt"
		run plain pkey -in "$T/locked" -passin pass:word -pubout -out "$T/pub"
		expect 0 "$(cat "$T/pub")" '' -- plain x509 -in "$T/crt" -noout -pubkey
	done
done
