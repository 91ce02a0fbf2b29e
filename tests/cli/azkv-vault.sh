#!/bin/sh
# The vault client over the real transport: connections, tokens, retries, forks.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

demo=demo.vault.azure.net
rsa=azkv://$demo/keys/rsa2048
hsm=azkv://demo-hsm.managedhsm.azure.net/keys/rsa2048

sim_start azkv
# Keys are made when they are first used: not in the time of a test.
vault "sign $rsa" "sign $hsm" >/dev/null 2>&1

# counters REQUESTS CONNECTIONS TOKENS of the vault
counters()
{
	is requests "$(sim_counter $demo)" "$1"
	is connections "$(sim_counter $demo-connections)" "$2"
	is tokens "$(sim_counter tokens)" "$3"
}

# fresh [FAULTS]: no tokens are kept, nothing has been counted.
fresh()
{
	mi-token cache clear >"$T/cleared" 2>&1 || bad "$(cat "$T/cleared")"
	sim_faults "${1-[]}"
	sim_reset
}

it 'a hundred signatures are one token and one connection'
fresh
expect 0 'signed 100' - -- vault "sign $rsa 100"
counters 101 1 1

it 'threads have a connection each at most, and share the token'
fresh
expect 0 'signed 200' - -- vault "threads 8 $rsa 25"
is requests "$(sim_counter $demo)" 201
is tokens "$(sim_counter tokens)" 1
# A sanitizer's handshakes may take longer than is waited for.
case $B in *san-*) most=16 ;; *) most=8 ;; esac
[ "$(sim_counter $demo-connections)" -le $most ] || bad "$(sim_counter $demo-connections) connections"

it 'children sign with the key that their parent loaded, and it goes on after them'
fresh
expect 0 'signed 5
4 children signed
signed 5' - -- vault "sign $rsa 5" 'fork 4 - 10' 'sign - 5'
counters 51 5 1

it 'children of threads sign too'
fresh
expect 0 'signed 40
3 children signed' - -- vault "threads 4 $rsa 10" 'fork 3 - 5'
is tokens "$(sim_counter tokens)" 1

it 'a client may be taken down together with OpenSSL'
fresh
expect 0 'signed 1' - -- vault "sign $rsa" late
expect 0 'signed 1
2 children signed' - -- vault "sign $rsa" late 'fork 2 - 1'

it 'connections that the server closes cost nothing but a connection'
for how in abrupt notify; do
	fresh "[{\"service\":\"vault\",\"close\":\"$how\"}]"
	expect 0 'signed 10' - -- vault "sign $rsa 10"
	is "$how" "$(sim_counter vault-sign)" 10
done

it 'what is throttled waits as long as it is asked to'
fresh '[{"service":"vault","ends":"/sign","first":1,"status":429,"headers":{"Retry-After":"1"}}]'
expect 0 'signed 1' - -- vault "sign $rsa"
counters 3 1 1
fresh '[{"service":"vault","ends":"/sign","first":1,"status":503,"retry_date":2}]'
expect 0 'signed 1' - -- vault "sign $rsa"
counters 3 1 1

it 'and gives up at once when that is too long'
fresh '[{"service":"vault","ends":"/sign","status":429,"headers":{"Retry-After":"60"}}]'
expect 1 '~signed 0
temporary: cannot sign with azkv://*: HTTP status 429 Too Many Requests, request id *; *limit*' - -- vault "sign $rsa"
counters 2 1 1

it 'a vault that is down is tried three times, then left alone for a second'
fresh '[{"service":"vault","ends":"/sign","status":503}]'
expect 1 - - -- vault "sign $rsa 20"
is tries "$(sim_counter vault-sign)" 3
sim_faults '[]'
expect 0 - - -- vault "sign $rsa"

it 'after a second it is tried again'
fresh '[{"service":"vault","ends":"/sign","first":3,"status":503}]'
expect 1 '~signed 0*signed 1' - -- vault "sign $rsa" 'sleep 1000' 'sign -'
is tries "$(sim_counter vault-sign)" 4

it 'connections that break at once are tried again'
fresh '[{"service":"azure","connect":true,"requests":[1],"reset":true}]'
expect 0 'signed 1' - -- vault "sign $rsa"

it 'silence is not waited for longer than the time that there is'
fresh '[{"service":"vault","ends":"/sign","silence":true}]'
begin=$(date +%s)
expect 1 '~signed 0
temporary: *: no answer in time (no answer in *), after 2 tries; *' - -- \
	env VAULT_TIMEOUT_MS=2000 vault "sign $rsa"
[ $(($(date +%s) - begin)) -le 8 ] || bad "$(($(date +%s) - begin)) s"

it 'a token that is not good any more is replaced, on the same connection'
fresh
expect 0 'signed 1
signed 1' - -- vault "sign $rsa" "sh curl -sSX POST $SIM_CONTROL/revoke" 'sign -'
counters 4 1 2

it 'a challenge for another service gets no other token'
fresh '[{"service":"vault","ends":"/sign","status":401,
	"headers":{"WWW-Authenticate":"Bearer authorization=\"https://login.microsoftonline.com/x\", resource=\"https://management.azure.com\""}}]'
expect 1 '~signed 0
bad-answer: cannot sign with *: it wants tokens for *' - -- vault "sign $rsa"
counters 2 1 1

it 'a redirect is not followed'
fresh '[{"service":"vault","ends":"/sign","status":307,"headers":{"Location":"https://other.vault.azure.net/"}}]'
expect 1 '~signed 0
bad-answer: cannot sign with *: HTTP status 307, *' - -- vault "sign $rsa"
counters 2 1 1
is other "$(sim_counter other.vault.azure.net)" 0

it 'the version that was loaded signs, also when there is a newer one'
fresh
expect 0 'EC 256
signed 1' - -- vault "key azkv://$demo/keys/p256" "sh curl -sSX POST '$SIM_CONTROL/vault/rotate?vault=demo&key=p256'" \
	'sign -'

it 'another version that signed is an error'
fresh "[{\"service\":\"vault\",\"ends\":\"/sign?api-version=7.4\",\"set\":{\"kid\":\"https://$demo/keys/rsa2048/0123456789abcdef0123456789abcdef\"}},
	{\"service\":\"vault\",\"ends\":\"/sign\",\"set\":{\"kid\":\"https://$demo/keys/rsa2048/0123456789abcdef0123456789abcdef\"}}]"
expect 1 '~signed 0
bad-answer: cannot sign with *: the version 0123456789abcdef0123456789abcdef of the key did it, *keyref*' - -- vault "sign $rsa"

it 'keys and certificates are listed, and read with their issuers'
fresh
expect 0 "~azkv://$demo/keys/*azkv://$demo/certificates/portable" - -- vault 'list azkv://demo'
expect 0 '~azkv://demo-hsm.managedhsm.azure.net/keys/*' - -- vault 'list azkv://demo-hsm.managedhsm.azure.net'
expect 0 'site.example' - -- vault 'certs azkv://demo/certificates/site'
expect 0 'site.example
mi-token test vaults' - -- vault 'certs azkv://demo/certificates/site?chain=yes'
expect 0 'portable
mi-token test vaults' - -- vault 'certs azkv://demo/certificates/portable?chain=yes'
expect 0 'RSA 2048
signed 2' - -- vault 'key azkv://demo/certificates/site' 'sign azkv://demo/certificates/site 2'

it 'keys of a Managed HSM sign with a token of its own'
fresh
expect 0 'signed 3' - -- vault "sign $hsm 3"
is resource "$(sim_log imds | grep -c managedhsm.azure.net)" 1

it 'who may not is told which role is missing'
fresh
expect 1 "~denied: cannot read azkv://other.*'Key Vault Crypto User'*--name other *" - -- \
	vault 'key azkv://other/keys/rsa2048'
expect 1 "~denied: cannot read azkv://other-hsm.*'Managed HSM Crypto User'*--scope /keys/rsa2048" - -- \
	vault 'key azkv://other-hsm.managedhsm.azure.net/keys/rsa2048'
expect 1 '~*the vault is of the tenant 91880000-0000-4000-8000-00000000a009, the identity of the tenant 91880000-0000-4000-8000-00000000a001*' - -- \
	vault 'key azkv://partner/keys/p256'

it 'no token is sent to a host that nobody vouches for'
fresh
expect 1 '~usage: cannot read azkv://dev.azure.com/*: *no token goes there; *' - -- \
	vault 'key azkv://dev.azure.com/keys/k'
is requests "$(sim_counter requests)" 0

it 'a token that the platform has no other for is refused, and not asked for again and again'
fresh
expect 1 '~signed 1
signed 0
denied: cannot sign with azkv://*: HTTP status 401 Unauthorized (Unauthorized): AKV10001*' - -- \
	vault "sign $rsa" "sh curl -sSX POST $SIM_CONTROL/revoke?keep=1" 'sign - 5'
is requests "$(sim_counter $demo)" 4
