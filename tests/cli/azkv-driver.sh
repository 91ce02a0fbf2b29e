#!/bin/sh
# azkv in a program with threads, children, other users, contexts that come and go, and
# vaults that fail in every way; where it can be had under valgrind, too.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/azkv-lib.sh
. "$(dirname "$0")/azkv-lib.sh"

# Only the driver loads azkv: a sanitized one does not fit into other programs.
unset OPENSSL_CONF
# azkv's own time-out, for failures, and others: it is not to fail for want of time.
usual_conf=$azkv_conf hasty_conf=$T/hasty.cnf patient_conf=$T/patient.cnf
{ cat "$usual_conf" && echo 'timeout = 2s'; } >"$hasty_conf"
{ cat "$usual_conf" && echo 'timeout = 60s'; } >"$patient_conf"
azkv_conf=$patient_conf

times=50 # a new context, a connection and two providers each
connections=8
case $B in
*san-*)
	times=15
	connections=16 # a handshake may last too long
	;;
esac

# Where each sanitizer has a word to say, it says it by the status. After tests/run's own
# options: there are leaks to look for.
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=1"
export TSAN_OPTIONS="die_after_fork=0:suppressions=$root/tests/data/azkv-driver.tsan"
tool=''

# drive STEP...: the driver with azkv
drive()
{
	# The tool is words.
	# shellcheck disable=SC2086
	OPENSSL_CONF=$azkv_conf OPENSSL_MODULES=/run/azkv/lib/ossl-modules $tool "$B/tests/cli/azkv-driver" "$@"
}

# drive_leaky STEP...: where the leak check cannot work. It traces the process, which the
# kernel forbids to other users, falls over threads that call exit(), and in a child does not
# know the stacks of its parent's threads.
drive_leaky()
{
	(ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 && drive "$@")
}

demo=demo.vault.azure.net
other=myvault.vault.azure.net
# One key for each way to fail, so that all are tried at the same time.
failures='away reset cut down throttled forbidden rotated short long wrong redirected'
names="rsa ec slow dead refused $failures"
cat >"$T/scenario.json" <<END
{ "tenant": "91880000-0000-4000-8000-00000000a001",
  "system": { "client_id": "6f0c0000-0000-4000-8000-0000000000d1", "object_id": "0b1e0000-0000-4000-8000-0000000000d1",
    "resource_id": "/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/demo/providers/Microsoft.Compute/virtualMachines/vm1" },
  "vaults": {
    "demo": { "keys": { $(for name in $names; do
		[ "$name" = rsa ] || printf '"%s": { "kty": "EC" }, ' "$name"
	done)"rsa": {} } },
    "myvault": { "keys": { "away": { "kty": "EC" } } } } }
END
sim_start "$T/scenario.json"
# A handshake with valgrind or a sanitizer spends its time on reading all the roots that there
# are; the namespace has its own files of them.
for name in /etc/ssl/certs/ca-certificates.crt /etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem; do
	[ ! -f "$name" ] || cat "$SIM_CA" >"$name"
done
for name in $names; do
	host=$demo
	[ "$name" = away ] && host=$other
	mi-token keyref "azkv://$host/keys/$name" -o "$T/$name" || bad "no reference file of $name"
done
chmod a+x "$T" # its files are everybody's
ec=$T/ec rsa=$T/rsa slow=$T/slow
delay='{"service":"vault","path":"/keys/slow/","ends":"/sign","delay_ms":400}'

# fresh [FAULT...]: no tokens are kept, nothing has been counted.
fresh()
{
	mi-token cache clear >"$T/cleared" 2>&1 || bad "$(cat "$T/cleared")"
	sim_faults "[$(IFS=, && echo "$*")]"
	sim_reset
}

# counted SIGNATURES REQUESTS CONNECTIONS TOKENS: what was asked for
counted()
{
	is signatures "$(sim_counter vault-sign)" "$1"
	is requests "$(sim_counter $demo)" "$2"
	is connections "$(sim_counter $demo-connections)" "$3"
	is tokens "$(sim_log imds | grep -c /metadata/identity)" "$4"
}

# at_most WHAT COUNTER MOST
at_most()
{
	[ "$(sim_counter "$2")" -le "$3" ] || bad "$(sim_counter "$2") $1, not $3"
}

it 'keys sign by file and by URI, and leave the error queue as it was'
fresh
expect 0 'signed 10 of 10
signed 10 of 10
signed 1 of 1
signed 1 of 1' '' -- drive "sign $rsa 10" "sign $ec 10" "sign azkv://$demo/keys/rsa" 'sign azkv://demo/keys/ec'
counted 22 24 1 1
expect 0 "signed
7 the program's first
8 the program's second" '' -- drive "guest $ec"

it 'eight threads sign while others load the keys: a connection each at most, and one token'
fresh
expect 0 'signed 200 of 200' '' -- drive "threads 8 25 2 $rsa $ec"
counted 200 200 - 1
at_most connections $demo-connections $connections
expect 0 'signed 200 of 200' '' -- drive "threads 8 25 2 $rsa azkv://$demo/keys/rsa $ec azkv://$demo/keys/ec"
is signatures "$(sim_counter vault-sign)" 400
is tokens "$(sim_counter imds)" 1

roots=/etc/ssl/certs/ca-certificates.crt
[ -f "$roots" ] || roots=/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem
cp "$roots" "$T/roots"

it "the system's certificates are read once for all connections"
if [ -n "${B##*san-*}" ] && command -v strace >"$T/which"; then
	fresh
	tool="strace -f -o $T/calls -e trace=openat"
	expect 0 'signed 200 of 200' '' -- drive "threads 8 25 2 $rsa $ec"
	tool=''
	is readings "$(grep -c "\"$roots\"" "$T/calls")" 1
	[ "$(sim_counter $demo-connections)" -gt 1 ] || bad 'there was but one connection'
else
	skip 'strace is not installed, or there is a sanitizer, which traces too'
fi

it 'and anew when they have changed: one that is taken away is believed no more'
echo "cat $SIM_STATE/proxy-ca.pem >$roots" >"$T/take"
echo "cat $T/roots >$roots" >"$T/give"
fresh '{"service":"vault","ends":"/sign","requests":[3],"cut":0,"reset":true}' # so that nothing is resumed
expect 1 "~signed 2 of 2
signed 0 of 1
not signed
not a good answer of the vault: cannot sign with azkv://$demo/keys/ec/*: no TLS connection that can be trusted (*
signed 2 of 2" '' -- drive "sign $ec 2" "sh $T/take" "sign $ec" "sh $T/give" 'sleep 1200' "sign $ec 2"
cmp "$T/roots" "$roots" || bad 'the certificates are not what they were'

it 'and a file of them that holds none is named'
echo ": >$roots" >"$T/take"
fresh
expect 1 "~signed 0 of 1
not signed
*: no TLS connection that can be trusted (the system's certificates cannot be read: $roots)*
signed 1 of 1" '' -- drive "sh $T/take" "sign $ec" "sh $T/give" 'sleep 1200' "sign $ec"

it 'children and their children sign, beside their parent: each process has its own connection'
fresh
expect 0 '6 children of 6
signed 11 of 11' '' -- drive "fork 4 5 $ec"
counted 55 55 9 1

it 'children are born while a thread of their parent is signing'
case $B in
*san-thread*) skip 'the thread sanitizer has no threads in children of threads' ;; # and libcurl asks for names in one
*)
	fresh "$delay"
	expect 0 '4 children of 4
signed 2 of 2' '' -- drive_leaky "fork-busy 4 2 $slow"
	counted 15 15 9 1
	;;
esac

it "a master's workers are another user, and have one token"
if [ "$(id -u)" != 0 ]; then
	skip 'only root can become another user'
else
	fresh
	expect 0 '4 children of 4' '' -- drive_leaky "workers 33 4 5 $ec"
	counted 20 20 4 1
	fresh
	expect 0 '4 children of 4' '' -- drive_leaky "workers 34 4 5 azkv://$demo/keys/ec"
	counted 20 21 5 2 # root asked for the key
fi

it 'providers come and go with their contexts, and leave no descriptor'
fresh
expect 0 "signed $times of $times" '' -- drive "contexts $times $ec"
counted "$times" "$times" "$times" 1

it 'several contexts at once, ended in another order, do not disturb each other'
fresh
expect 0 'signed 10 of 10
signed 1 of 1' '' -- drive "several 4 $ec" "sign $ec"
counted 11 11 5 1

it 'a library that uses keys can be closed, and opened again'
fresh
expect 0 'signed 5 of 5
signed 1 of 1' '' -- drive "plugin 5 $B/tests/cli/azkv-plugin.so $ec" "sign $ec"

it 'a process ends in any way: keys alive, OpenSSL cleaned up by hand, from another thread'
fresh "$delay"
expect 0 'signed 1 of 1' '' -- drive "sign $ec" exit
expect 0 'signed 1 of 1' '' -- drive "sign $ec" cleanup
expect 0 'signed 1 of 1' '' -- drive_leaky "sign $ec" 'exit-in-thread 0'
expect 0 'signed 1 of 1' '' -- drive_leaky "sign $ec" "exit-in-thread 100 $slow"

# sign_fault NAME MEMBERS: what befalls signatures with that key
sign_fault()
{
	printf '{"service":"vault","path":"/keys/%s/","ends":"/sign",%s}' "$1" "$2"
}

forbidden='{\"error\":{\"code\":\"Forbidden\",\"message\":\"Caller is not authorized.\",\"innererror\":{\"code\":\"ForbiddenByRbac\"}}}'
challenge='"status":401,"headers":{"WWW-Authenticate":"Bearer authorization=\"https://login.microsoftonline.com/91880000-0000-4000-8000-00000000a001\", resource=\"https://vault.azure.net\""}'
stranger=0123456789abcdef0123456789abcdef

# hosts ADDRESS: where the other vault is
hosts()
{
	sed "s/.* $other\$/$1 $other/" /etc/hosts >"$T/hosts"
	cat "$T/hosts" >/etc/hosts
}

# What each driver does after its signature failed, and before it tries again.
cat >"$T/wait" <<-END
	until [ -e $T/mended ]; do sleep 0.05; done
END

# fail_all: each key fails in a driver of its own, and is used again later than a second
# after the vault has been mended.
fail_all()
{
	azkv_conf=$usual_conf
	rm -f "$T/mended" "$T"/*.said
	for name in $failures; do
		drive 'limit 11000' "sign $T/$name" 'limit 0' "sh $T/wait" 'sleep 1200' "sign $T/$name 3" \
			>"$T/$name.said" 2>&1 &
	done
	for _ in $(seq 400); do
		[ "$(grep -l '^signed' "$T"/*.said | wc -l)" = "$(echo "$failures" | wc -w)" ] && break
		sleep 0.05
	done
	hosts 127.0.0.1
	sim_faults '[]'
	touch "$T/mended"
	wait
	azkv_conf=$patient_conf
}

# fails NAME REASON WORDS: the first signature, with this reason and these words
fails()
{
	host=$demo
	[ "$1" = away ] && host=$other
	is "$1" "$(cat "$T/$1.said")" "~signed 0 of 1
not signed
$2: cannot sign with azkv://$host/keys/$1/*: $3
signed 3 of 3"
}

it 'failures say what was tried with which key, and what came of it, in time; it works again when the vault does'
fresh "$(sign_fault reset '"cut":0,"reset":true')" \
	"$(sign_fault cut '"cut":300')" \
	"$(sign_fault down '"status":503')" \
	"$(sign_fault throttled '"status":429,"headers":{"Retry-After":"60"}')" \
	"$(sign_fault forbidden "\"status\":403,\"body\":\"$forbidden\"")" \
	"$(sign_fault rotated "\"set\":{\"kid\":\"https://$demo/keys/rotated/$stranger\"}")" \
	"$(sign_fault short '"set":{"value":"AAAA"}')" \
	"$(sign_fault long '"append":{"value":"AAAA"}')" \
	"$(sign_fault wrong "\"set\":{\"value\":\"$(printf '%085dA' 0)\"}")" \
	"$(sign_fault redirected "\"status\":307,\"headers\":{\"Location\":\"https://other.vault.azure.net/keys/redirected\"}")"
hosts 127.0.0.2 # nobody listens there
fail_all
fails away 'the vault does not answer' 'no connection (*refused*), after 3 tries; *'
fails reset 'the vault does not answer' 'the connection broke off (*)*; *'
fails cut 'the vault does not answer' 'the connection broke off (*)*; *'
fails down 'the vault does not answer' 'HTTP status 503 Service Unavailable, request id *'
fails throttled 'the vault does not answer' 'HTTP status 429 Too Many Requests, request id *; *limit*'
fails forbidden 'refused by the vault' "HTTP status 403 Forbidden (ForbiddenByRbac): Caller is not authorized, request id *; *'Key Vault Crypto User'*"
fails rotated 'the key has another version' "the version $stranger of the key did it, *"
fails short 'not a good answer of the vault' 'the signature has 3 bytes instead of 64'
fails long 'not a good answer of the vault' 'the signature has 67 bytes instead of 64'
fails wrong 'not a good answer of the vault' "the signature is not one of that key and version: *"
fails redirected 'not a good answer of the vault' 'HTTP status 307, request id *'
is 'requests to where a redirect led' "$(sim_counter other.vault.azure.net-connections)" 0
mi-token --resource https://vault.azure.net >"$T/token" || bad 'no token to look for'
is 'pieces of the token' "$(cat "$T"/*.said | pieces "$T/token")" ''

it 'a key that cannot be read is an error that says so'
fresh '{"service":"vault","path":"/keys/down","status":503}'
expect 1 "~signed 0 of 1
not loaded
*the vault does not answer: cannot read azkv://$demo/keys/down: HTTP status 503 Service Unavailable, request id *" '' -- \
	drive "sign azkv://$demo/keys/down"

it 'a token that is refused once is replaced, once'
echo "unset OPENSSL_CONF; curl -sS --noproxy '*' -X POST '$SIM_CONTROL/revoke'" >"$T/revoke"
fresh
expect 0 'signed 1 of 1
signed 3 of 3' '' -- drive "sign $ec" "sh $T/revoke" "sign $ec 3"
counted 4 5 1 2
is 'new tokens' "$(sim_counter tokens)" 2

it 'one that is refused twice is an error, and all is well when it is not refused any more'
echo "unset OPENSSL_CONF; curl -sS --noproxy '*' -d '[]' '$SIM_CONTROL/faults'" >"$T/mend"
fresh "$(sign_fault refused "$challenge")"
expect 1 "~signed 0 of 1
not signed
refused by the vault: cannot sign with azkv://$demo/keys/refused/*: HTTP status 401 Unauthorized, request id *
signed 1 of 1" '' -- drive "sign $T/refused" "sh $T/mend" 'sleep 1200' "sign $T/refused"
counted 3 3 1 2

it 'a dead vault costs one time-out for twenty signatures in a row'
fresh "$(sign_fault dead '"silence":true')"
azkv_conf=$hasty_conf
expect 1 "~signed 0 of 20
not signed
the vault does not answer: cannot sign with azkv://$demo/keys/dead/*: no answer in time (*), after * tries; *" '' -- \
	drive 'limit 6000' "sign $T/dead 20"
at_most tries vault-sign 3

# under_valgrind STEP...
under_valgrind()
{
	tool='valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=99'
	drive "$@"
	tool_status=$?
	tool=''
	return $tool_status
}

it 'valgrind finds nothing to say about all that'
case $B in
*san-*) skip 'a sanitizer looks already' ;;
*)
	azkv_conf=$patient_conf
	fresh "$(sign_fault down '"status":503')" "$(sign_fault refused "\"first\":1,$challenge")"
	if command -v valgrind >"$T/which"; then
		expect 1 "~signed 1 of 1
signed 8 of 8
3 children of 3
signed 3 of 3
signed 3 of 3
signed 6 of 6
signed 1 of 1
signed 0 of 1
not signed
*HTTP status 503*
signed 1 of 1" '' -- under_valgrind "sign azkv://$demo/keys/ec" "threads 4 2 1 $rsa $ec" "fork 1 1 $ec" \
			"contexts 3 $ec" "several 3 $ec" "plugin 1 $B/tests/cli/azkv-plugin.so $ec" "sign $T/down" "sign $T/refused"
		expect 0 'signed 1 of 1' '' -- under_valgrind "sign $rsa" cleanup
	else
		skip 'valgrind is not installed'
	fi
	;;
esac
