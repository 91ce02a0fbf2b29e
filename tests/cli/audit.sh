#!/bin/sh
# The audit trail: one line in the system's log for each time that a source is asked.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

one=6f0c0000-0000-4000-8000-0000000000a1
vault=https://vault.azure.net
etc=/etc/mi-token/mi-token.conf
users=$HOME/.config/mi-token/mi-token.conf
log=$T/log

# listen [KIND]: the system's log from now on, empty.
listen()
{
	[ -z "${listener-}" ] || kill "$listener"
	rm -f "$log" /dev/log
	listener=$(devlog "${1-datagram}" /dev/log "$log")
}

# lines N: so many are in the log, and no more come.
lines()
{
	tries=0
	while [ "$(wc -l <"$log")" -lt "$1" ] && [ $tries -lt 100 ]; do
		tries=$((tries + 1))
		sleep 0.02
	done
	# The line was sent before the command ended; what has not come by now was not sent.
	is 'lines in the log' "$(wc -l <"$log")" "$1"
}

# anew [CONF]: nothing cached, and the administrator's file says CONF.
anew()
{
	echo "${1-audit = true;}" >"$etc"
	rm -f "$users"
	mi-token cache clear >"$T/cleared" 2>&1
	sim_reset
	: >"$log"
}

# field KEY [N]: of the N-th line, without quotes.
field()
{
	sed -n "${2-1}p" "$log" | sed -n "s/.* $1=\"\\{0,1\\}\\([^\" ]*\\).*/\\1/p"
}

mkdir -p /etc/mi-token "${users%/*}"
sim_start vm-both
listen

it 'nothing is written unless it is asked for'
anew ''
expect 0 - '' -- mi-token --resource "$vault"
lines 0
anew 'audit = false;'
expect 0 - '' -- mi-token --resource "$vault"
lines 0

it 'an acquisition is one line of facts in their order, an answer from the cache is none'
anew
expect 0 - '' -- mi-token --identity "client-id:$one" --resource "$vault"
lines 1
claims=$(jwt_claims <"$T/out")
is 'the line' "$(cat "$log")" "~<86>mi-token\[[0-9]*\]: audit uid=$(id -u) pid=[0-9]* \
program=\"$B/bin/mi-token\" identity=\"client-id:$one\" resource=\"$vault\" source=\"imds\" \
outcome=\"ok\" http=0 aadsts=0 uti=\"$(echo "$claims" | json_field uti)\" client_id=\"$one\" \
object_id=\"$(echo "$claims" | json_field oid)\" expires=\"20[0-9-]*T[0-9:]*Z\""
is 'expiry' "$(date -ud "$(field expires)" +%s)" "$(echo "$claims" | json_field exp)"
is 'parts of tokens in it' "$(pieces "$T/out" <"$log")" ''
is 'process ids' "$(field pid)" "$(sed 's/^[^[]*\[\([0-9]*\)\].*/\1/' "$log")"
expect 0 - '' -- mi-token --identity "client-id:$one" --resource "$vault"
expect 0 - '' -- mi-token cache list
lines 1

it 'a failure is a line of severity warning with what the source answered'
anew
sim_faults '[{"service":"imds","status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"AADSTS700016: Application not found\"}"}]'
expect 5 '' - -- mi-token --resource "$vault"
lines 1
is 'the line' "$(cat "$log")" "~<84>mi-token\[*\]: audit *resource=\"$vault\" source=\"imds\" \
outcome=\"denied\" http=400 aadsts=700016 uti=\"\" client_id=\"\" object_id=\"\" expires=\"\""
sim_faults '[]'

it 'a token that a pin refuses is told with its own claims'
anew "audit = true; identities = { two = { client_id = \"$one\";
	object_id = \"0b1e0000-0000-4000-8000-0000000000ff\"; }; };"
expect 5 '' - -- mi-token --identity two --resource "$vault"
lines 1
is 'outcome' "$(field outcome) $(field http) $(field client_id) $(field expires)" "denied 200 $one "

it 'who waits for the request of another writes nothing'
anew
sim_faults '[{"service":"imds","delay_ms":300}]'
crowd 20 "$T" mi-token --timeout 20s --resource "$vault" >"$T/crowd" 2>&1
is 'statuses' "$(sed -n 1p "$T/crowd")" '20 with status 0'
is 'requests' "$(sim_counter imds)" 1
lines 1
sim_faults '[]'

it 'what root switched on stays on, whatever a user says'
anew
echo 'audit = false;' >"$users"
expect 3 '' "~mi-token: $users:1: 'audit' was switched on by $etc:1; remove it here*" -- \
	mi-token --resource "$vault"
expect 0 - '' -- env MI_TOKEN_CONFIG=/dev/null AUDIT=false MI_TOKEN_AUDIT=false mi-token --resource "$vault"
lines 1
echo 'audit = true;' >"$users"
expect 0 "~*
audit = true; // $etc:1
*" '' -- mi-token config

it 'a user may switch it on, and not where root made that final'
anew ''
echo 'audit = true;' >"$users"
expect 0 - '' -- mi-token --resource "$vault"
lines 1
echo 'final = ( "audit" );' >"$etc"
expect 3 '' "~*'audit' was made final by $etc:1*" -- mi-token --resource "$vault"

it 'only true and false switch it'
anew 'audit = "true";'
expect 3 '' "~mi-token: $etc:1: audit wants true or false; *" -- mi-token --resource "$vault"

it 'no text of a caller or a token can end the line, its value or its quotes'
anew
cp "$B/bin/mi-token" "$T/x\" outcome=\"ok\\
<0>mi-token[1]: audit"
ln -sfn "$B/lib" /run/lib
expect - - - -- "$T/x\" outcome=\"ok\\
<0>mi-token[1]: audit" --resource 'api://a"b\c'
lines 1
is 'program' "$(sed 's/.* program=\(.*\) identity=.*/\1/' "$log")" \
	"\"$T/x\\x22 outcome=\\x22ok\\x5c\\x0a<0>mi-token[1]: audit\""
is 'resource' "$(sed 's/.* resource=\(.*\) source=.*/\1/' "$log")" '"api://a\x22b\x5cc"'
is 'quotes' "$(tr -cd '"' <"$log" | wc -c)" 18
rm "$T"/x*

it 'a line has a limit, and no part of a token that strayed into the request'
anew
long=$(printf '%01000d' 0)
expect - - - -- mi-token --resource "api://$long"
lines 1
is 'resource' "$(field resource | wc -c)" 257
is 'its end' "$(field resource)" '~*0...'
: >"$log"
expect - - - -- mi-token --resource "api://eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2lnbmF0dXJl"
lines 1
is 'resource' "$(field resource)" 'api://***'

it 'where there is no /proc, as in many a chroot, the program has its short name'
anew
case $B in *san-*) mounts='' ;; *) mounts=$(unshare -m true 2>&1 && echo yes) ;; esac # sanitizers need /proc
if [ "$mounts" = yes ]; then
	expect 0 - '' -- unshare -m sh -c "mount -t tmpfs none /usr/local/lib &&
		ln -s $B/lib/mi-token /usr/local/lib/ && mount -t tmpfs none /proc && exec mi-token --resource $vault"
	lines 1
	is 'program' "$(field program)" mi-token
else
	skip 'no mounting here'
fi

it 'git and az leave the same line, each with its own program'
anew
expect 0 - '' -- sh -c 'printf "protocol=https\nhost=dev.azure.com\npath=org/p\n\n" | git-credential-mi-token get'
lines 1
is 'git' "$(field program) $(field source) $(field outcome)" "$B/bin/git-credential-mi-token imds ok"
is 'secrets' "$(pieces "$T/out" <"$log")" ''
anew
expect 0 - '' -- env PATH="$B/libexec/mi-token/shims:$PATH" az account get-access-token --resource "$vault" --query accessToken -o tsv
lines 1
is 'az' "$(field program) $(field resource)" "$B/libexec/mi-token/mi-token-az $vault"
is 'secrets' "$(pieces "$T/out" <"$log")" ''

it 'below mi-token exec, who asks the endpoint and who asks for it leave one each'
anew
expect 0 - '' -- mi-token exec -- az account get-access-token --resource "$vault" --query accessToken -o tsv
lines 2
is 'endpoint' "$(field program 1) $(field source 1)" "$B/libexec/mi-token/mi-token-serve imds"
is 'az' "$(field program 2) $(field source 2)" "$B/libexec/mi-token/mi-token-az app-service"
is 'token ids' "$(field uti 1)" "$(field uti 2)"

it 'a log that is full keeps nobody waiting'
anew
listen deaf
before=$(date +%s%N)
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	mi-token --refresh --resource "$vault" || bad "request $n failed"
done >"$T/out" 2>"$T/err"
is 'stderr' "$(cat "$T/err")" ''
[ $((($(date +%s%N) - before) / 1000000)) -lt 10000 ] || bad 'that took more than 10 s'
expect 0 - '~*audit: not written: Resource temporarily unavailable*' -- \
	mi-token -v --refresh --resource "$vault"

it 'a log that listens on a stream gets the line too'
listen stream
anew
expect 0 - '' -- mi-token --resource "$vault"
lines 1
is 'outcome' "$(field outcome)" ok

it 'without a log all goes on, and -v tells'
kill "$listener"
rm -f /dev/log
anew
expect 0 - '~*audit: not written: No such file or directory*' -- mi-token -v --resource "$vault"
expect 0 - '' -- mi-token --refresh --resource "$vault"
