#!/bin/sh
# mi-token verify --serve: what a reverse proxy is told, and nginx that asks it.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/verify-lib.sh
. "$(dirname "$0")/verify-lib.sh"

socket=$T/verify.sock
server=''

# serve ARGUMENT...: starts a server and waits until it listens; errors are in $T/log.
serve()
{
	mi-token verify --serve --audience api://orders --tenant $tenant "$@" >"$T/log" 2>&1 &
	server=$!
	for lib_try in $(seq 100); do
		curl -s -o "$T/body" --unix-socket "$socket" http://verify/ && return
		curl -s -o "$T/body" http://127.0.0.1:8090/ && return
		sleep 0.05
	done
	bad "the server does not start ($lib_try)" "$(cat "$T/log")"
}

# stop: SIGTERM; it ends with status 0.
stop()
{
	[ -n "$server" ] || return 0
	kill -TERM "$server"
	wait "$server"
	is 'status of the server' $? 0
	server=''
}

# ask STATUS CURL-ARGUMENT...: headers in $T/headers.
ask()
{
	lib_want=$1
	shift
	lib_got=$(curl -sS -D "$T/headers" -o "$T/body" -w '%{http_code}' --unix-socket "$socket" "$@" http://verify/any?thing)
	is "status of $*" "$lib_got" "$lib_want"
	is "body of $*" "$(wc -c <"$T/body")" 0
}

header()
{
	tr -d '\r' <"$T/headers" | sed -n "s/^$1: //p"
}

bearer()
{
	printf 'Authorization: Bearer %s' "$(cat "$T/token")"
}

sim_start vm-system
serve --listen "unix:$socket"

it 'a good token is let in, with its claims as headers'
token roles='["Orders.Read","a,b"]'
ask 200 -H "$(bearer)"
is Appid "$(header X-MI-Token-Appid)" $client
is Oid "$(header X-MI-Token-Oid)" $object
is Tid "$(header X-MI-Token-Tid)" $tenant
is Sub "$(header X-MI-Token-Sub)" $object
is Roles "$(header X-MI-Token-Roles)" 'Orders.Read,a%2Cb'
is Cache-Control "$(header Cache-Control)" no-store
ask 200 -X POST -d 'a body' -H "$(bearer)"
ask 200 -X DELETE -H "$(bearer)"
is Scp "$(header X-MI-Token-Scp)" ''
is 'of the claims' "$(header X-MI-Token-Appid)" $client

it 'a token that acts for a user says so, and one that is bound to a key is refused'
token more=',"scp":"Orders.Read Orders.List"' idtyp=user
ask 200 -H "$(bearer)"
is Scp "$(header X-MI-Token-Scp)" 'Orders.Read%20Orders.List'
token more=',"cnf":{"kid":"abc"}'
ask 401 -H "$(bearer)"
is challenge "$(header WWW-Authenticate)" 'Bearer error="invalid_token", error_description="the token is bound to a key"'

it 'who brings no token, or a bad one, is told as RFC 6750 has it'
ask 401
is challenge "$(header WWW-Authenticate)" 'Bearer realm="api"'
ask 401 -u user:password
is challenge "$(header WWW-Authenticate)" 'Bearer realm="api"'
ask 401 -H 'Authorization: Bearer x'
is challenge "$(header WWW-Authenticate)" 'Bearer error="invalid_token", error_description="the token is no signed JSON Web Token"'
ask 401 -H "$(bearer)" -H 'Authorization: Bearer x'
is 'challenge for two' "$(header WWW-Authenticate)" 'Bearer realm="api"'
token exp=$(($(date +%s) - 4000))
ask 401 -H "$(bearer)"
is challenge "$(header WWW-Authenticate)" 'Bearer error="invalid_token", error_description="the token has expired"'
is 'no claims' "$(header X-MI-Token-Appid)" ''

it 'the socket is for everybody, and goes away at the end'
is mode "$(stat -c %a "$socket")" 666
stop
[ ! -e "$socket" ] || bad 'the socket is still there'
is 'what it said' "$(cat "$T/log")" ''

it 'who is not allowed is told 403, and with --verbose we are told why'
serve --listen "unix:$socket" --require-role Admin --verbose
token
ask 403 -H "$(bearer)"
is challenge "$(header WWW-Authenticate)" 'Bearer error="insufficient_scope", error_description="the token lacks a role"'
ask 401 -H 'Authorization: Bearer eyJx.eyJ5.abc'
stop
is 'the log' "$(grep -c "^mi-token: verify: 403: the token is refused (role): it lacks the role 'Admin'" "$T/log")" 1
is 'tokens in the log' "$(grep -c eyJ "$T/log")" 0

it 'without keys it is 503, and works as soon as they are there'
rm -rf "$XDG_RUNTIME_DIR/mi-token-verify"
sim_faults '[{"service":"entra","status":503}]'
serve --listen "unix:$socket"
token
ask 503 -H "$(bearer)"
is Retry-After "$(header Retry-After)" 10
is 'told without --verbose' "$(grep -c 'verify: 503: ' "$T/log")" 1
sim_faults '[]'
sleep 10
ask 200 -H "$(bearer)"
stop

it 'a crowd is served by one fetch of the keys'
rm -rf "$XDG_RUNTIME_DIR/mi-token-verify"
sim_reset
sim_faults '[{"service":"entra","delay_ms":300}]'
serve --listen "unix:$socket"
token
bearer >"$T/header"
seq 40 | xargs -P 20 -I{} curl -s -o /dev/null -w '%{http_code}\n' --unix-socket "$socket" -H "@$T/header" http://verify/ >"$T/codes"
is 'answers' "$(sort "$T/codes" | uniq -c | tr -s ' ')" ' 40 200'
is 'requests' "$(sim_counter entra)" 2
sim_faults '[]'
stop

it 'a port is of 127.0.0.1 alone, and a slow client is shown out'
serve --listen 127.0.0.1:8090
token
is 'by TCP' "$(curl -s -o "$T/body" -w '%{http_code}' -H "$(bearer)" http://127.0.0.1:8090/)" 200
is 'listens at' "$(awk '$2 ~ /:1F9A$/ && $4 == "0A" { print $2 }' /proc/net/tcp)" 0100007F:1F9A
start=$(date +%s)
{ printf 'GET / HTTP/1.1\r\nHost: x\r\n'; sleep 8; } | timeout 20 curl -s telnet://127.0.0.1:8090 >"$T/body"
[ $(($(date +%s) - start)) -le 12 ] || bad 'a slow client stays'
head -c 200000 /dev/zero | tr '\0' a | sed 's/^/Authorization: Bearer /' >"$T/huge"
case $(curl -s -o "$T/body" -w '%{http_code}' -H "@$T/huge" http://127.0.0.1:8090/) in
4?? | 000) ;;
*) bad 'a huge header is taken' ;;
esac
is 'it still serves' "$(curl -s -o "$T/body" -w '%{http_code}' -H "$(bearer)" http://127.0.0.1:8090/)" 200
stop

it 'it is not in the way of another server'
serve --listen 127.0.0.1:8090
expect 3 '' '~mi-token: cannot listen on 127.0.0.1 port 8090: Address already in use' -- \
	mi-token verify --serve --listen 127.0.0.1:8090 -a api://orders -t $tenant
stop

it 'nginx lets in who has a good token, and passes the claims on'
if ! PATH=$PATH:/usr/sbin command -v nginx >"$T/nginx"; then
	skip 'no nginx'
else
	# The manual's own example, on ports that are free here.
	mkdir -p /run/mi-token-verify "$T/ngx"
	{
		echo "user root; daemon off; pid $T/ngx/pid; error_log $T/ngx/log; events { }"
		echo "http { access_log off; client_body_temp_path $T/ngx/1; proxy_temp_path $T/ngx/2; fastcgi_temp_path $T/ngx/3; uwsgi_temp_path $T/ngx/4; scgi_temp_path $T/ngx/5;"
		sed -n '/^upstream verify/,/^\.Ed/p' "$root/man/mi-token-verify.1" | grep -v '^\.Ed' |
			sed 's/^server {/server { listen 127.0.0.1:8091;/'
		echo 'server { listen 127.0.0.1:8000; location / { return 200 "appid=$http_x_mi_token_appid auth=$http_authorization roles=$http_x_mi_token_roles others=$http_x_mi_token_oid$http_x_mi_token_tid$http_x_mi_token_sub$http_x_mi_token_scp"; } }'
		echo '}'
	} >"$T/nginx.conf"
	socket=/run/mi-token-verify/verify.sock
	serve --listen "unix:$socket" --require-role Orders.Read
	"$(cat "$T/nginx")" -c "$T/nginx.conf" 2>"$T/ngx/start" &
	nginx=$!
	for try in $(seq 100); do
		curl -s -o "$T/body" http://127.0.0.1:8091/ && break
		[ "$try" != 100 ] || bad 'nginx does not start' "$(cat "$T/ngx/start" "$T/ngx/log")"
		sleep 0.05
	done
	token
	is 'the API sees' "$(curl -sS -H "$(bearer)" -H 'X-MI-Token-Appid: forged' http://127.0.0.1:8091/orders)" "appid=$client auth= roles=Orders.Read others="
set --
for name in Appid Oid Tid Sub Roles Scp; do
	set -- "$@" -H "X-MI-Token-$name: forged" -H "x_mi_token_$name: forged"
done
is 'what a client sends itself' "$(curl -sS -H "$(bearer)" "$@" http://127.0.0.1:8091/orders)" "appid=$client auth= roles=Orders.Read others="
	is 'with a body' "$(curl -sS -H "$(bearer)" -d "$(seq 1000)" http://127.0.0.1:8091/orders)" "appid=$client auth= roles=Orders.Read others="
	is 'without a token' "$(curl -s -D "$T/headers" -o "$T/body" -w '%{http_code}' http://127.0.0.1:8091/)" 401
	is 'its challenge' "$(header WWW-Authenticate)" 'Bearer realm="api"'
	token roles='["Other"]'
	is 'without the role' "$(curl -s -o "$T/body" -w '%{http_code}' -H "$(bearer)" http://127.0.0.1:8091/)" 403
	is 'the way around' "$(curl -s -o "$T/body" -w '%{http_code}' -H "$(bearer)" http://127.0.0.1:8091/verify)" 404
	token aud=api://other
	is 'for another' "$(curl -s -D "$T/headers" -o "$T/body" -w '%{http_code}' -H "$(bearer)" http://127.0.0.1:8091/)" 401
	is 'its challenge' "$(header WWW-Authenticate)" 'Bearer error="invalid_token", error_description="the token is for another audience"'
	stop
	token
	is 'when nobody verifies' "$(curl -s -o "$T/body" -w '%{http_code}' -H "$(bearer)" http://127.0.0.1:8091/)" 500
	kill $nginx
	wait $nginx
fi

it 'systemd-analyze has nothing to say about the units'
if ! command -v systemd-analyze >"$T/which"; then
	skip 'no systemd-analyze'
else
	mkdir -p "$T/units"
	for unit in socket service; do
		sed "s|^ExecStart=[^ ]*|ExecStart=$B/bin/mi-token|; s|^EnvironmentFile=|&-|" "$B/systemd/mi-token-verify.$unit" >"$T/units/mi-token-verify.$unit"
	done
	expect 0 '' '' -- systemd-analyze verify --man=no "$T/units/mi-token-verify.socket" "$T/units/mi-token-verify.service"
fi

it 'a socket that systemd passes is served'
cat >"$T/pass.py" <<'PY'
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1]); s.listen(8)
os.dup2(s.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])
PY
if ! command -v python3 >"$T/which"; then
	skip 'no python3'
else
	socket=$T/passed.sock
	python3 "$T/pass.py" "$socket" mi-token verify --serve -a api://orders -t $tenant >"$T/log" 2>&1 &
	server=$!
	for try in $(seq 100); do
		[ ! -S "$socket" ] || break
		sleep 0.05
	done
	token
	ask 200 -H "$(bearer)"
	stop
fi
