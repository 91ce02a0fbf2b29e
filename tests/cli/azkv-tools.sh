#!/bin/sh
# mi-token keyref, keycert and keycheck.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/azkv-lib.sh
. "$(dirname "$0")/azkv-lib.sh"

sim_start azkv
unset OPENSSL_CONF
export OPENSSL_CONF="$plain_conf"
vault=https://demo.vault.azure.net
ref=$T/ref.pem

it 'keyref writes a reference to the current version, which needs no network later'
expect 0 '~# azkv://demo.vault.azure.net/keys/rsa2048/*, RSA, 2048 bits
-----BEGIN AZURE KEY VAULT PRIVATE KEY-----*-----END AZURE KEY VAULT PRIVATE KEY-----' '' -- mi-token keyref $vault/keys/rsa2048
cp "$T/out" "$T/first"
expect 0 '' '' -- mi-token keyref azkv://demo.vault.azure.net/keys/rsa2048 -o "$ref"
cmp -s "$ref" "$T/first" || bad 'two spellings give two files'
is 'mode' "$(stat -c %a "$ref")" 600
case $B in
*san-*) ;;
*)
	sim_reset
	OPENSSL_CONF=$azkv_conf expect 0 '' '' -- openssl pkey -in "$ref" -pubout -out "$T/public.pem"
	is 'requests' "$(sim_counter requests)" 0
	;;
esac

it 'the mode of the file is what the umask makes it, and stays what it was'
(umask 022 && mi-token keyref $vault/keys/p256 -o "$T/open.pem")
is 'mode' "$(stat -c %a "$T/open.pem")" 644
chmod 640 "$T/open.pem"
expect 0 '' '' -- mi-token keyref $vault/keys/p256 -o "$T/open.pem"
is 'mode' "$(stat -c %a "$T/open.pem")" 640

it 'a link stays a link, and a pipe a pipe'
ln -s open.pem "$T/link.pem"
mkfifo "$T/pipe"
cat "$T/pipe" >"$T/from-pipe" &
expect 0 '' '' -- mi-token keyref $vault/keys/p256 -o "$T/pipe"
wait $!
is 'through the pipe' "$(grep -c BEGIN "$T/from-pipe")" 1
[ -p "$T/pipe" ] || bad 'the pipe is gone'
expect 0 '' '' -- mi-token keyref $vault/keys/p521 -o "$T/link.pem"
is 'link' "$(readlink "$T/link.pem")" open.pem
grep -q keys/p521 "$T/open.pem" || bad 'it was not written through the link'

it 'a reference to the key of a certificate'
expect 0 '~# azkv://demo.vault.azure.net/keys/site/*' '' -- mi-token keyref $vault/certificates/site

it 'a reference can be pinned to an old version'
first=$(mi-token keyref $vault/keys/p384 | sed -n 's/^# \([^,]*\),.*/\1/p')
sim_control '/vault/rotate?vault=demo&key=p384' -X POST >"$T/rotated"
expect 0 "~# $first, *" '' -- mi-token keyref "$first"
second=$(mi-token keyref $vault/keys/p384 | sed -n 's/^# \([^,]*\),.*/\1/p')
[ "$first" != "$second" ] || bad 'it was not rotated'

it 'the identity is written into the reference'
expect 0 '~# azkv://demo.vault.azure.net/keys/p256/*?identity=system*' '' -- mi-token keyref $vault/keys/p256 --identity system

it 'keycert writes the leaf and its issuers'
expect 0 '' '' -- mi-token keycert $vault/certificates/site -o "$T/site.pem"
is 'certificates' "$(grep -c BEGIN "$T/site.pem")" 2
expect 0 "$T/site.pem: OK" '' -- openssl verify -CAfile "$SIM_CA" -untrusted "$T/site.pem" "$T/site.pem"

it 'keycert gives the leaf alone, with a warning, where the secret may not be read'
sed 's/"demo": {/&"actions": ["certificates\/read"],/' "$scenarios/azkv.json" >"$T/leaf.json"
sim_scenario "$T/leaf.json"
expect 0 '~-----BEGIN CERTIFICATE-----*' '~mi-token: only the leaf, without its issuers: *' -- mi-token keycert $vault/certificates/site
is 'certificates' "$(grep -c BEGIN "$T/out")" 1
sim_scenario azkv

it 'what a vault does not have, or refuses, is said with its cure'
expect 4 '' '~mi-token: *KeyNotFound*' -- mi-token keyref $vault/keys/nothing
expect 5 '' '~mi-token: *ForbiddenByRbac*Key Vault*az role assignment create*' -- mi-token keyref https://other.vault.azure.net/keys/rsa2048
expect 2 '' '~mi-token: *' -- mi-token keyref https://evil.example/keys/rsa2048
expect 2 '' '~mi-token: *names a key*certificates/NAME*' -- mi-token keycert $vault/keys/rsa2048
expect 2 '' "~mi-token: cannot open '$T/nowhere': No such file*" -- mi-token keyref "$T/nowhere"
expect 2 '' "~mi-token: cannot open 'rsa2048': *azkv://HOST/keys/NAME*" -- mi-token keyref rsa2048
expect 2 '' '~mi-token: *names no key*' -- mi-token keyref azkv://demo.vault.azure.net/
openssl genpkey -algorithm EC -pkeyopt group:P-256 -out "$T/plain.key" 2>"$T/log"
expect 2 '' '~mi-token: *is not a key in a vault*' -- mi-token keyref "$T/plain.key"
expect 2 '' '~mi-token: *--identity*reference*' -- mi-token keyref "$ref" --identity system
expect 2 '' '~mi-token: keyref needs the name of a key; see mi-token keyref --help' -- mi-token keyref

it 'a private key is not overwritten'
cp "$T/plain.key" "$T/precious.key"
expect 2 '' "~mi-token: '$T/precious.key' is a private key*" -- mi-token keyref $vault/keys/rsa2048 -o "$T/precious.key"
cmp -s "$T/plain.key" "$T/precious.key" || bad 'it is gone'

it 'a missing token has the status of its cause'
sim_faults '[{"service":"imds","path":"/metadata/identity/","status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}]'
mi-token cache clear >"$T/cleared"
expect 4 '' '~mi-token: *Identity not found*' -- mi-token keyref $vault/keys/p256
sim_faults '[]'
echo 'nonsense' >/etc/mi-token/mi-token.conf
expect 3 '' '~mi-token: */etc/mi-token/mi-token.conf*' -- mi-token keyref $vault/keys/p256
echo 'identities = { vm = { client_id = "6f0c0000-0000-4000-8000-0000000000d1"; tenant_id = "91880000-0000-4000-8000-00000000b0b0"; }; }; identity = "vm";' >/etc/mi-token/mi-token.conf
mi-token cache clear >"$T/cleared"
expect 5 '' '~mi-token: *' -- mi-token keyref $vault/keys/p256
rm /etc/mi-token/mi-token.conf

it 'keycheck finds that all is well'
OPENSSL_CONF=$azkv_conf expect 0 "~$ref
ok    openssl.cnf  loads default, then azkv
ok    provider     azkv *
ok    key          RSA, 2048 bits: azkv://demo.vault.azure.net/keys/rsa2048/*
ok    identity     default (default), object id 0b1e0000-0000-4000-8000-0000000000d1
ok    signature    verified; the first took * ms, the next * ms" '' -- mi-token keycheck "$ref"
OPENSSL_CONF=$azkv_conf expect 0 '~{*"mark": "ok", "fact": "signature"*"status": 0
}' '' -- mi-token keycheck --json azkv://demo.vault.azure.net/keys/p521

it 'keycheck names what is wrong with the configuration'
expect 3 '~*fail  openssl.cnf  does not load azkv*openssl-conf --install*ok    signature*' '' -- mi-token keycheck "$ref"
sed 's/^module = .*/module = nowhere.so/' "$azkv_conf" >"$T/lost.cnf"
OPENSSL_CONF=$T/lost.cnf expect 3 '~*fail  openssl.cnf  *names azkv, and OpenSSL cannot load it*' '' -- mi-token keycheck "$ref"
echo '[x' >"$T/broken.cnf"
OPENSSL_CONF=$T/broken.cnf expect 3 '~*fail  openssl.cnf  *' '' -- mi-token keycheck "$ref"
sed 's/^\[azkv_section\]/&\ntimeout = 10/' "$azkv_conf" >"$T/unit.cnf"
OPENSSL_CONF=$T/unit.cnf expect 3 '~*fail  openssl.cnf  *timeout*' '' -- mi-token keycheck "$ref"
sed 's/^\[azkv_section\]/&\ntoken-identity = client-id:11111111-2222-4333-8444-555555555555/' "$azkv_conf" >"$T/other.cnf"
OPENSSL_CONF=$T/other.cnf expect 4 '~*fail  identity *11111111-*fail  signature *' '' -- mi-token keycheck "$ref"
OPENSSL_CONF=$first_conf expect 0 '~*warn  openssl.cnf  loads azkv before default*' '' -- mi-token keycheck "$ref"
sed '/^default = /d' "$azkv_conf" >"$T/alone.cnf"
OPENSSL_CONF=$T/alone.cnf expect 3 '~*fail  openssl.cnf  *provider is not active*' '' -- mi-token keycheck "$ref"

OPENSSL_CONF=$T/nothing.cnf expect 3 "~*fail  openssl.cnf  cannot read '$T/nothing.cnf'*" '' -- mi-token keycheck "$ref"
sed 's/^\[azkv_section\]/&\nidentiti = system/' "$azkv_conf" >"$T/typo.cnf"
OPENSSL_CONF=$T/typo.cnf expect 3 '~*fail  openssl.cnf  *identiti: there is no such option*' '' -- mi-token keycheck "$ref"
sed 's/^activate = 1/activate = 0/' "$azkv_conf" >"$T/asleep.cnf"
OPENSSL_CONF=$T/asleep.cnf expect 3 '~*fail  openssl.cnf  *activate*' '' -- mi-token keycheck "$ref"

it 'keycheck tells a key that may not sign, and a vault that is away'
OPENSSL_CONF=$azkv_conf expect 5 '~*ok    key *fail  signature *KeyDisabled*' '' -- mi-token keycheck $vault/keys/disabled
sim_faults '[{"service":"vault","status":503}]'
OPENSSL_CONF=$azkv_conf expect 6 '~*fail  key *HTTP status 503*' '' -- mi-token keycheck $vault/keys/rsa3072
sim_faults '[]'
OPENSSL_CONF=$azkv_conf expect 2 '~*fail  key *not in a vault*' '' -- mi-token keycheck "$T/plain.key"
