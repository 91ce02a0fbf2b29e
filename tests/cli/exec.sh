#!/bin/sh
# mi-token exec: the command is itself, has what it needs, and leaves nothing behind.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/serve-lib.sh
. "$(dirname "$0")/serve-lib.sh"

sim_start vm-both
token=$(mi-token --resource $vault)
ports=$(listening)
mkdir -p /run/libexec

# nothing_left: no process, no port, no file
nothing_left()
{
	is 'processes' "$(left)" ''
	is 'ports' "$(listening)" "$ports"
	is 'files' "$(find /run "$T" -newer "$T/mark" \( -type s -o -name '*mi-token*' \) 2>/dev/null | grep -v "^$HOME\|/run/user\|/dev/shm")" ''
}
: >"$T/mark"

it 'the exit status is the command'\''s'
for status in 0 1 2 7 126 127 255; do
	expect $status '' '' -- mi-token exec -- sh -c "exit $status"
done
expect 127 '' "~mi-token: cannot run 'no-such-command': No such file*" -- mi-token exec no-such-command
expect 126 '' "~mi-token: cannot run '/etc/passwd': Permission denied*" -- mi-token exec -- /etc/passwd
# shellcheck disable=SC2016 # the child's
for signal in 2 9 11 15; do
	# Not the shell's own message.
	(mi-token exec sh -c 'kill -'$signal' $$') >"$T/out" 2>"$T/err"
	is "signal $signal" "$?" $((128 + signal))
done
nothing_left

it 'options end at the command, whose own are not touched'
expect 0 '-v --identity x -- -h' '' -- mi-token exec echo -v --identity x -- -h
expect 0 '-n' '' -- mi-token exec --no-shims -- printf %s -n
expect 2 '' '~mi-token: no command to run; *' -- mi-token exec
expect 2 '' '~mi-token: no command to run; *' -- mi-token exec --
expect 2 '' '~mi-token: --nonsense is no option; *' -- mi-token exec --nonsense true
expect 2 '' '~mi-token: *need each other; *' -- mi-token exec --keep-fresh "$T/x" true
expect 2 '' '~mi-token: *the server outside*' -- mi-token exec --via /x --identity system true
expect 4 '' '~mi-token: --via: cannot connect*' -- mi-token exec --via /run/nowhere true
expect 2 '' '~mi-token: *' -- mi-token exec --identity 'no such!' true
expect 2 '' '~mi-token: --allow: *' -- mi-token exec --allow 'no such' true
nothing_left

it 'stdin, stdout and stderr are the command'\''s, and end with it'
is 'stdin' "$(echo text | mi-token exec cat)" text
is 'stdout' "$(mi-token exec sh -c 'echo out; echo err >&2' 2>"$T/err")" out
is 'stderr' "$(cat "$T/err")" err
is 'whoever waits for the end' "$(timeout 10 sh -c 'mi-token exec sh -c "echo a" 2>&1 | cat')" a
is 'closed stdin' "$(mi-token exec sh -c 'cat 2>/dev/null; echo $?' <&-)" 1
mi-token exec sh -c 'ls /proc/self/fd | wc -l' >"$T/inside"
sh -c 'ls /proc/self/fd | wc -l' >"$T/outside"
is 'descriptors' "$(cat "$T/inside")" "$(cat "$T/outside")"

it 'the server keeps no descriptor of the caller'
nothing_left # so that there is one server
# shellcheck disable=SC2016 # the child's
mi-token exec sh -c 'pid=$(pgrep -x mi-token-serve); ls -l /proc/$pid/fd' 8>"$T/held" >"$T/out"
is 'the file' "$(grep -c "$T/held" "$T/out")" 0
is 'descriptors 0-2' "$(grep -c '[012] -> /dev/null' "$T/out")" 3

it 'what a process inherits is as without exec'
show='umask; ulimit -c; trap; grep -E "^Sig(Ign|Blk|Cgt)" /proc/self/status; ps -o pgid= -o sid= -o tty= -p $$ | wc -l'
is 'umask, limits and signals' "$(umask 027 && mi-token exec sh -c "$show")" "$(umask 027 && sh -c "$show")"
is 'ignored SIGCHLD' "$(env --ignore-signal=CHLD mi-token exec grep SigIgn /proc/self/status)" \
	"$(env --ignore-signal=CHLD grep SigIgn /proc/self/status)"
# shellcheck disable=SC2016 # the child's
is 'children' "$(mi-token exec sh -c 'read -r x </proc/$$/task/$$/children; echo "$x"')" ''
# shellcheck disable=SC2016
is 'same process' "$(sh -c 'echo $$; exec mi-token exec sh -c "echo \$\$"' | uniq | wc -l)" 1

it 'the environment names the endpoint, keeps tokens out, and shadows nothing'
IDENTITY_SERVER_THUMBPRINT=x IMDS_ENDPOINT=x AZURE_FEDERATED_TOKEN_FILE='' ARM_CLIENT_SECRET=x AZURE_CLIENT_ID=keep \
	mi-token exec env >"$T/env"
for name in IDENTITY_ENDPOINT IDENTITY_HEADER MSI_ENDPOINT MSI_SECRET ARM_MSI_ENDPOINT \
	AZURE_POD_IDENTITY_AUTHORITY_HOST ARM_USE_MSI=true AZURE_TOKEN_CREDENTIALS=ManagedIdentityCredential AZURE_CLIENT_ID=keep; do
	is "$name" "$(grep -c "^$name" "$T/env")" 1
done
is 'what leads elsewhere' "$(grep -E '^(IDENTITY_SERVER|IMDS_|AZURE_FED|ARM_CLIENT)' "$T/env")" ''
echo "$token" >"$T/secrets"
is 'pieces' "$(pieces "$T/secrets" <"$T/env")" ''
AZURE_CLIENT_ID=x ARM_CLIENT_ID=x mi-token exec --identity system env >"$T/env"
is 'client ids' "$(grep -c 'CLIENT_ID' "$T/env")" 0
is 'identity' "$(grep MI_TOKEN_IDENTITY "$T/env")" MI_TOKEN_IDENTITY=system
is 'no proxy' "$(http_proxy=http://127.0.0.1:9 NO_PROXY=a mi-token exec env | grep -i ^no_proxy | sort | tr '\n' ' ')" \
	'NO_PROXY=a,127.0.0.1 no_proxy=127.0.0.1 '

it 'shims are first in PATH, once, and --no-shims leaves it alone'
if [ ! -d "$B/libexec/mi-token/shims" ]; then
	skip 'no shims are built'
else
	is 'first' "$(mi-token exec env | sed -n 's/^PATH=//p')" "~*libexec/mi-token/shims:$PATH"
	is 'once' "$(mi-token exec -- mi-token exec env | grep '^PATH=' | tr : '\n' | grep -c mi-token/shims)" 1
fi
is 'none' "$(mi-token exec --no-shims env | sed -n 's/^PATH=//p')" "$PATH"

it 'clients inside get tokens, with and without a secret'
sim_reset
# shellcheck disable=SC2016 # the child's
mi-token exec sh -c 'curl -s -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$0"
	curl -s -H Metadata:true "$ARM_MSI_ENDPOINT?api-version=2018-02-01&resource=$0"
	curl -s -H Metadata:true "$AZURE_POD_IDENTITY_AUTHORITY_HOST/metadata/identity/oauth2/token/?api-version=2018-02-01&resource=$0"' \
	$vault >"$T/out"
is 'tokens' "$(grep -o "$token" "$T/out" | wc -l)" 3
is 'requests' "$(sim_counter imds)" 0
is 'mi-token' "$(mi-token exec mi-token whoami vault | sed -n 's/^source *//p')" app-service
is 'an exec in an exec' "$(mi-token exec -- mi-token exec -- mi-token --resource $vault)" "$token"

it '--identity and --allow hold inside'
expect 5 '' '~mi-token: *--allow*' -- mi-token exec --allow vault -- mi-token --refresh arm
expect 0 '~ey*' '' -- mi-token exec --allow vault --identity system -- mi-token vault
nothing_left

it 'nothing is left when the command, or exec itself, is killed with SIGKILL'
mi-token exec sleep 60 &
pid=$!
for _ in $(seq 100); do [ "$(cat /proc/$pid/comm)" = sleep ] && break; sleep 0.02; done
is 'the server runs' "$(pgrep -xc mi-token-serve)" 1
kill -9 $pid
wait $pid 2>/dev/null
is 'status' "$?" 137
nothing_left
for delay in 0 0.001 0.002 0.004 0.006 0.008 0.01 0.015; do
	mi-token exec --keep-fresh "$T/fresh" --resource vault sleep 60 &
	pid=$!
	sleep $delay
	kill -9 $pid
	wait $pid 2>/dev/null
done
nothing_left
for _ in $(seq 100); do [ -e "$T/fresh" ] || break; sleep 0.02; done
is 'token file' "$(ls "$T/fresh" 2>/dev/null)" ''

it 'a server that is killed leaves nothing, and the command goes on'
# shellcheck disable=SC2016 # the child's
expect 0 'refused' '' -- mi-token exec sh -c 'kill -9 $(pgrep -x mi-token-serve)
	for i in $(seq 100); do curl -s -o /dev/null "$IDENTITY_ENDPOINT" || break; sleep 0.05; done
	curl -s "$IDENTITY_ENDPOINT" || echo refused'
nothing_left

it '^C and ^Z on a terminal go to the command alone'
if ! command -v script >/dev/null; then
	skip 'no script(1)'
else
	# shellcheck disable=SC2016 # the child's
	cat >"$T/job" <<-'END'
		trap 'echo got INT; curl -s -o /dev/null -w "%{http_code}" "$IDENTITY_ENDPOINT"; exit 3' INT
		echo ready
		while :; do sleep 0.1; done
	END
	# seen TEXT: until it stands on the terminal
	seen()
	{
		for _ in $(seq 400); do grep -q "$1" "$T/typed" 2>/dev/null && break; sleep 0.05; done
	}
	# With "exec" no shell waits in between, which ^C would end too: the one that script
	# takes from SHELL is in the same process group. Its stdin ends after the command.
	{
		seen ready
		printf '\003'
		seen 401
	} | SHELL=/bin/sh script -qefc "exec mi-token exec sh $T/job" "$T/typed" >"$T/out" 2>&1
	is 'status' "$?" 3
	is 'seen' "$(tr -d '\r\n' <"$T/out")" '~*ready*got INT401*'
	# shellcheck disable=SC2088 # a pattern
	is 'terminal' "$(SHELL=/bin/sh script -qefc 'exec mi-token exec tty' /dev/null </dev/null | tr -d '\r')" '~/dev/pts/*'
fi
nothing_left

it 'inside a container a relay leads to the server outside'
serve_path=/run/outside.sock
serve --unix $serve_path --allow vault
# shellcheck disable=SC2016 # the child's
expect 0 "$token" '' -- mi-token exec --via $serve_path mi-token vault
expect 5 '' '~*--allow*' -- mi-token exec --via $serve_path mi-token --refresh arm
# shellcheck disable=SC2016
is 'IMDS' "$(mi-token exec --via $serve_path sh -c \
	'curl -s -H Metadata:true "$ARM_MSI_ENDPOINT?api-version=2018-02-01&resource=https://vault.azure.net"' | json_field access_token)" "$token"
for _ in $(seq 100); do [ -z "$(pgrep -x mi-token-exec)" ] && break; sleep 0.05; done # one relay
# shellcheck disable=SC2016 # the child's
is 'threads end' "$(mi-token exec --via $serve_path sh -c 'for i in 1 2 3 4; do curl -s -o /dev/null "$IDENTITY_ENDPOINT"; done
	relay=$(pgrep -x mi-token-exec)
	for i in $(seq 100); do [ "$(ls /proc/$relay/task | wc -l)" = 1 ] && break; sleep 0.05; done
	ls /proc/$relay/task | wc -l')" 1
mi-token exec --via $serve_path sleep 60 &
pid=$!
sleep 0.2
kill -9 $pid
wait $pid 2>/dev/null
serve_end
nothing_left
