#!/bin/sh
# azkv as a guest: loaded by every program that uses OpenSSL, with ordinary keys, while neither
# the vault nor the identity can be reached.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/azkv-lib.sh
. "$(dirname "$0")/azkv-lib.sh"

# Nobody is at 169.254.169.254 or at any host of Azure: a request would fail, or be seen.
key=$T/site.key cert=$T/site.crt roots=$T/site.crt
echo word >"$T/word"

# quiet COMMAND...: it works, and neither resolves a name nor opens a connection or file of
# ours, but for those of its arguments.
quiet()
{
	"$@" >"$T/out" 2>"$T/err" </dev/null || bad "$*" "$(cat "$T/err")"
	if ! command -v strace >"$T/strace"; then
		skip 'strace is missing'
		return
	fi
	strace -f -o "$T/calls" "$@" >"$T/out" 2>"$T/err" </dev/null || bad "strace of $*"
	grep -q execve "$T/calls" || bad "no calls of $*"
	seen=$(grep -E 'connect\(.*AF_INET|mi-token\.conf|transport\.so|json\.so|libcurl' "$T/calls" | grep -v '/run/azkv/lib/ossl-modules' | head -n 3)
	is "what $1 does" "$seen" ''
}

for OPENSSL_CONF in "$azkv_conf" "$first_conf"; do
	export OPENSSL_CONF
	it "openssl does what it did, ${OPENSSL_CONF##*/}"
	quiet openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key"
	quiet openssl genpkey -algorithm EC -pkeyopt group:P-384 -out "$T/ec.key"
	quiet openssl req -x509 -key "$key" -out "$cert" -days 2 -subj /CN=site.example -addext subjectAltName=DNS:site.example
	quiet openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$T/other.key" -out "$T/other.crt" -subj /CN=other
	quiet openssl verify -CAfile "$cert" "$cert"
	for name in "$key" "$T/ec.key"; do
		quiet openssl pkey -in "$name" -text -noout
		quiet openssl pkey -in "$name" -aes256 -passout pass:secret -out "$T/encrypted.key"
		quiet openssl pkey -in "$T/encrypted.key" -passin pass:secret -pubout -out "$T/public.pem"
		quiet openssl dgst -sha256 -sign "$name" -out "$T/signature" "$cert"
		plainly openssl dgst -sha256 -verify "$T/public.pem" -signature "$T/signature" "$cert" >"$T/out" ||
			bad "the signature by $name"
	done
	quiet openssl pkeyutl -encrypt -inkey "$key" -in "$T/word" -out "$T/box"
	quiet openssl pkeyutl -decrypt -inkey "$key" -in "$T/box" -out "$T/clear"
	cmp -s "$T/clear" "$T/word" || bad 'it is not what was encrypted'

	it "curl and openssl speak TLS, ${OPENSSL_CONF##*/}"
	start 8443 openssl s_server -accept 127.0.0.1:8443 -key "$key" -cert "$cert" -www -groups P-256:X25519
	both_versions 8443
	expect 0 '~*Ciphers*' - -- curl -sS --cacert "$cert" --resolve site.example:8443:127.0.0.1 https://site.example:8443/
	stop_all

	it "nginx starts and serves, ${OPENSSL_CONF##*/}"
	if ! command -v nginx >"$T/which"; then
		skip 'nginx is not installed'
		continue
	fi
	nginx_conf "$cert" "$key" 'ssl_ecdh_curve prime256v1:secp384r1:X25519;' >"$T/nginx.conf"
	quiet nginx -t -c "$T/nginx.conf"
	start 8443 nginx -c "$T/nginx.conf"
	both_versions 8443
	stop_all
done

it 'without a vault it knows, a URI is an error with a reason'
OPENSSL_CONF=$azkv_conf
expect 1 '' '~*azkv*' -- openssl pkey -in azkv://demo.vault.azure.net/keys/rsa2048 -noout
expect 1 '' '~*azkv*evil.example*' -- openssl pkey -in azkv://evil.example/keys/rsa2048 -noout
