#!/bin/sh
# mi-token serve: sockets, slow clients, crowds, and the end.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/serve-lib.sh
. "$(dirname "$0")/serve-lib.sh"

sim_start vm-both
path="api-version=2018-02-01&resource=$vault"

it 'a unix socket is for our user alone, needs no secret, and is gone at the end'
serve --unix $serve_path
is 'mode' "$(stat -c %a $serve_path)" 600
is 'stdout' "$(cat "$T/env")" ''
http 200 - - --unix-socket $serve_path -H 'Metadata: true' "http://169.254.169.254/metadata/identity/oauth2/token?$path"
http 200 - - --unix-socket $serve_path "http://localhost/msi/token?api-version=2019-08-01&resource=$vault"
http 400 - - --unix-socket $serve_path "http://169.254.169.254/metadata/identity/oauth2/token?$path"
http 400 - - --unix-socket $serve_path -H 'Metadata: true' "http://evil.example/metadata/identity/oauth2/token?$path"
expect 3 '' "~mi-token: cannot listen on '$serve_path': *" -- mi-token serve --unix $serve_path
serve_end
is 'socket' "$(ls $serve_path 2>/dev/null)" ''

it 'the socket of a server that was killed is replaced, a file is not'
serve --unix $serve_path
kill -9 "$serve_pid"
wait "$serve_pid" 2>/dev/null
is 'socket' "$([ -S $serve_path ] && echo there)" there
serve --unix $serve_path
http 200 - - --unix-socket $serve_path -H 'Metadata: true' "http://localhost/metadata/identity/oauth2/token?$path"
serve_end
echo x >$serve_path
expect 3 '' - -- mi-token serve --unix $serve_path
is 'file' "$(cat $serve_path)" x
rm $serve_path

it 'another user may not connect, and with --user that one may'
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
	skip 'needs root and setpriv'
else
	status_as() { # UID
		setpriv --reuid "$1" --regid "$1" --clear-groups curl -s -o /dev/null -w '%{http_code}' --unix-socket $serve_path \
			-H 'Metadata: true' "http://localhost/metadata/identity/oauth2/token?$path"
	}
	serve --unix $serve_path
	is 'stranger' "$(status_as 65534)" 000
	serve_end
	serve --unix $serve_path --user 65534
	is 'friend' "$(status_as 65534)" 200
	is 'stranger' "$(status_as 65533)" 403
	serve_end
fi

it 'a socket that systemd passes is served, and is not removed'
if ! command -v systemd-socket-activate >/dev/null; then
	skip 'no systemd-socket-activate'
else
	systemd-socket-activate -l $serve_path mi-token serve 2>"$T/activate" &
	serve_pid=$!
	for _ in $(seq 100); do [ -S $serve_path ] && break; sleep 0.02; done
	http 200 - - --unix-socket $serve_path -H 'Metadata: true' "http://localhost/metadata/identity/oauth2/token?$path"
	serve_end
	rm -f $serve_path
fi

it 'slow clients are shown out after some seconds, and meanwhile others are served'
serve --imds
date +%s >"$T/start"
for _ in 1 2 3; do
	# A header that never ends, a byte at a time.
	{
		printf 'GET /msi/token HTTP/1.1\r\nX: '
		for _ in $(seq 60); do printf x || break; sleep 0.25; done
	} 2>/dev/null | curl -s --max-time 14 "telnet://127.0.0.1:$port" >>"$T/slow" 2>&1 &
done
http 200 - - -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?$path"
for _ in $(seq 60); do
	[ "$(awk -v p=":$(printf %04X "$port")" '$4 == "01" && index($2, p)' /proc/net/tcp | wc -l)" = 0 ] && break
	sleep 0.2
done
took=$(($(date +%s) - $(cat "$T/start")))
[ $took -le 9 ] || bad "they were there for $took s"
http 200 - - -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?$path"

it 'more connections than there is room for: a bounded number of threads, and it recovers'
for _ in $(seq 160); do
	curl -s --max-time 3 "telnet://127.0.0.1:$port" </dev/zero >/dev/null 2>&1 &
done
sleep 0.5
threads=$(sed -n 's/^Threads:[[:space:]]*//p' "/proc/$serve_pid/status")
[ "$threads" -le 140 ] || bad "$threads threads"
for _ in $(seq 50); do
	[ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?$path")" = 200 ] && break
	sleep 0.2
done
http 200 - - -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?$path"

it 'a server that waits for the platform ends at once all the same'
sim_faults '[{"service":"imds","silence":true}]'
curl -s -o /dev/null --max-time 10 -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://slow.example" &
sleep 0.3
date +%s%N >"$T/start"
serve_end
took=$((($(date +%s%N) - $(cat "$T/start")) / 1000000))
[ $took -le 1000 ] || bad "it took $took ms"
sim_faults '[]'
is 'left' "$(left)" ''

it 'with a life line it goes to the background, and ends with that'
mkfifo "$T/line"
sh -c 'exec 3<>"$1"; exec mi-token serve --lifeline 3' sh "$T/line" >"$T/env"
is 'status' "$?" 0
. "$T/env"
http 200 - - -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$vault"
echo x >"$T/line"
is 'left' "$(left)" ''

it 'no token is in its output, its arguments or its environment'
mi-token --resource $vault >"$T/secrets"
serve --imds -v
http 200 - - -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?$path"
http 400 - - "$origin/metadata/identity/oauth2/token?$path"
for pid in $(pgrep -x mi-token-serve); do
	cat "/proc/$pid/cmdline" "/proc/$pid/environ" >>"$T/serve.err" 2>/dev/null
done
serve_end
is 'it tells what is asked' "$(grep -c "serve: imds: $vault - *: a token" "$T/serve.err")" 1
is 'pieces' "$(pieces "$T/secrets" <"$T/serve.err")" ''
