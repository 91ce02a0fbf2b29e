#!/bin/sh
# TLS of the openssl program with keys in vaults, on either side; the other side is a second
# openssl that knows nothing of us. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/azkv-openssl-lib.sh
. "$root/tests/cli/azkv-openssl-lib.sh"
sim_start azkv

port=4433 server=''

# serve COMMAND ARGUMENT...: s_server by COMMAND (plain or openssl) in the background.
serve()
{
	serve_by=$1
	shift
	serve_stop
	: >"$T/served"
	[ "$serve_by" = openssl ] || OPENSSL_CONF=/dev/null
	openssl s_server -accept 127.0.0.1:$port -rev "$@" >"$T/served" 2>&1 </dev/null &
	server=$!
	OPENSSL_CONF=$T/openssl.cnf
	tries=0
	until grep -q '^ACCEPT' "$T/served"; do
		if [ $tries = 500 ] || ! kill -0 $server 2>/dev/null; then
			bad "s_server $*" "$(cat "$T/served")"
			return
		fi
		tries=$((tries + 1))
		sleep 0.02
	done
}

serve_stop()
{
	[ -n "$server" ] || return 0
	kill "$server" 2>/dev/null
	wait "$server" 2>/dev/null
	server=''
}

# client COMMAND WANT ARGUMENT...: a handshake, whose summary is WANT, as for same().
client()
{
	client_by=$1 client_want=$2
	shift 2
	"$client_by" s_client -connect 127.0.0.1:$port -servername site.example -brief "$@" >"$T/out" 2>"$T/err" </dev/null
	is "status of s_client $*" "$?" 0
	is "s_client $*" "$(cat "$T/err")" "$client_want"
}

# refused COMMAND ARGUMENT...: a handshake that fails.
refused()
{
	refused_by=$1
	shift
	fails - "$refused_by" s_client -connect 127.0.0.1:$port -brief "$@"
}

# own NAME: a certificate $T/NAME.crt of the vault's key, that is its own issuer.
own()
{
	run openssl pkey -in "$vault/keys/$1" -out "$T/$1.ref"
	run openssl req -x509 -new -key "$T/$1.ref" -subj "/CN=$1" -days 1 -out "$T/$1.crt" \
		-addext subjectAltName=DNS:site.example
}

for name in site site-ec; do
	openssl storeutl -certs "$vault/certificates/$name?chain=yes" >"$T/$name.chain"
	openssl x509 -in "$T/$name.chain" -out "$T/$name.crt"
	sed '1,/^-----END/d' "$T/$name.chain" >"$T/$name.issuer"
	openssl pkey -in "$vault/certificates/$name" -out "$T/$name.ref"
done
for name in rsa4096 p384 p521; do
	own $name
	cp "$T/$name.crt" "$T/$name.chain"
done
plain req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=plain \
	-addext subjectAltName=DNS:site.example -days 1 -keyout "$T/plain.key" -out "$T/plain.crt" 2>/dev/null
cp "$T/plain.crt" "$T/plain.chain"
cat "$SIM_CA" "$T/plain.crt" "$T"/rsa4096.crt "$T"/p384.crt "$T"/p521.crt >"$T/trusted"
trusting="-CAfile $T/trusted -verify_hostname site.example -verify_return_error"

it 'a server with its key in a vault: every kind of key, TLS 1.2 and 1.3'
for name in site rsa4096 site-ec p384 p521; do
	serve openssl -cert "$T/$name.crt" -cert_chain "$T/$name.chain" -key "$T/$name.ref"
	sim_reset
	for version in 2 3; do
		# shellcheck disable=SC2086 # it is several options
		client plain "~*Protocol version: TLSv1.$version*Verification: OK*" -tls1_$version $trusting
	done
	is "signatures for $name" "$(sim_counter vault-sign) $(sim_counter vault)" '2 2'
	is "connections for $name" "$(sim_counter demo.vault.azure.net-connections)" 1
done

it 'keys are named by URI as well'
serve openssl -cert "$vault/certificates/site-ec" -cert_chain "$T/site-ec.issuer" -key "$vault/certificates/site-ec"
for version in 2 3; do
	# shellcheck disable=SC2086
	client plain "~*Protocol version: TLSv1.$version*Verified peername: site.example*" -tls1_$version $trusting
done

it 'clients choose the signature, and get it'
for row in site:RSA+SHA256 site:RSA+SHA512 site:RSA-PSS+SHA256 site:RSA-PSS+SHA384 site:RSA-PSS+SHA512 \
	site-ec:ECDSA+SHA256 site-ec:ECDSA+SHA512 p384:ECDSA+SHA256 p384:ECDSA+SHA384 p521:ECDSA+SHA256 \
	p521:ECDSA+SHA512; do
	name=${row%:*} algorithm=${row#*:}
	[ "$name" = "${served-}" ] || serve openssl -cert "$T/$name.crt" -cert_chain "$T/$name.chain" -key "$T/$name.ref"
	served=$name
	# shellcheck disable=SC2086
	client plain "~*Hash used: ${algorithm#*+}
*" -tls1_2 -sigalgs $algorithm -CAfile "$T/trusted"
done
served=''

it 'a session is resumed without the vault'
serve openssl -cert "$T/site-ec.crt" -key "$T/site-ec.ref"
for version in 2 3; do
	# In TLS 1.3 the session comes after the handshake.
	sleep 0.3 | plain s_client -connect 127.0.0.1:$port -tls1_$version -sess_out "$T/session" >"$T/out" 2>&1
	sim_reset
	plain s_client -connect 127.0.0.1:$port -tls1_$version -sess_in "$T/session" >"$T/out" 2>&1 </dev/null
	is "resumed with 1.$version" "$(grep -c '^Reused, ' "$T/out") $(sim_counter vault)" '1 0'
done

it 'the RSA key exchange of TLS 1.2 is done when it is allowed, and not before'
exchange='-tls1_2 -cipher AES128-SHA256'
serve openssl -cert "$T/site.crt" -key "$T/site.ref"
sim_reset
# shellcheck disable=SC2086
refused plain $exchange
is 'requests' "$(sim_counter vault)" 0
sed 's/^module = .*/&\ntls-rsa = yes/' "$T/openssl.cnf" >"$T/tls-rsa.cnf"
mv "$T/openssl.cnf" "$T/strict.cnf" && cp "$T/tls-rsa.cnf" "$T/openssl.cnf"
serve openssl -cert "$T/site.crt" -cert_chain "$T/site.chain" -key "$T/site.ref"
# shellcheck disable=SC2086
client plain '~*Ciphersuite: AES128-SHA256*Verification: OK*' $exchange $trusting
mv "$T/strict.cnf" "$T/openssl.cnf"

it 'a client with its certificate and key in a vault'
serve plain -cert "$T/plain.crt" -key "$T/plain.key" -Verify 4 -CAfile "$T/trusted" -verify_return_error
for name in site rsa4096 site-ec p384 p521; do
	for version in 2 3; do
		client openssl "~*Protocol version: TLSv1.$version*Verification: OK*" -tls1_$version \
			-CAfile "$T/plain.crt" -cert "$T/$name.crt" -cert_chain "$T/$name.chain" -key "$T/$name.ref"
	done
done
client openssl '~*Verification: OK*' -CAfile "$T/plain.crt" -cert "$vault/certificates/site" \
	-cert_chain "$T/site.issuer" -key "$vault/certificates/site"
refused openssl -tls1_2 -CAfile "$T/plain.crt"

it 'a vault that does not answer fails the handshake, and the next one works'
serve openssl -cert "$T/site-ec.crt" -cert_chain "$T/site-ec.chain" -key "$T/site-ec.ref"
sim_faults '[{ "service": "vault", "status": 403, "body": "{}" }]'
refused plain
sim_faults '[]'
sleep 1.2 # as long as a failure is remembered
# shellcheck disable=SC2086
client plain '~*Verification: OK*' $trusting
is 'what the server says' "$(grep -c ':azkv:' "$T/served")" 1

it 'with azkv before default both kinds of keys serve'
mv "$T/openssl.cnf" "$T/strict.cnf" && cp "$T/reversed.cnf" "$T/openssl.cnf"
for name in plain site-ec site; do
	key=$T/$name.ref
	[ -f "$key" ] || key=$T/plain.key
	serve openssl -cert "$T/$name.crt" -cert_chain "$T/$name.chain" -key "$key"
	for version in 2 3; do
		for groups in P-256 P-384:P-256 X25519:P-256; do
			# shellcheck disable=SC2086
			client plain "~*Protocol version: TLSv1.$version*Verification: OK*" -tls1_$version -groups $groups $trusting
		done
	done
done
mv "$T/strict.cnf" "$T/openssl.cnf"
serve_stop
