#!/bin/sh
# The simulator's faults, and many clients at once.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sim_start vm-system
url="$SIM_IMDS/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net"

# fault JSON-MEMBERS: one fault of imds.
fault()
{
	sim_faults "[{\"service\":\"imds\",$1}]"
}

# imds STATUS LENGTH BODY CURL-ARGUMENT...
imds()
{
	imds_status=$1 imds_length=$2 imds_body=$3
	shift 3
	http "$imds_status" "$imds_length" "$imds_body" "$@" -H Metadata:true "$url"
}

# ends CURL-STATUS CURL-ARGUMENT...: no answer, and this is how it ends.
ends()
{
	want=$1
	shift
	curl -sS --noproxy '*' -o "$T/body" "$@" -H Metadata:true "$url" 2>"$T/err"
	is "end of curl $*" "$?" "$want"
}

it 'a fault of the first N requests goes away, and the next one in the list has its turn'
sim_faults '[{"service":"imds","first":1,"status":410,"body":"Gone"},
	{"service":"imds","first":2,"status":429,"headers":{"Retry-After":"1"}}]'
imds 410 4 Gone
imds 429 0 '' -D "$T/head"
is 'Retry-After' "$(grep -c '^Retry-After: 1' "$T/head")" 1
imds 200 - '~{"access_token":*'
is 'faults played' "$(sim_counter faults)" 2

it 'a fault plays at the requests it names, on the path it names'
fault '"requests":[2,3],"path":"/metadata/identity","status":500'
http 200 - - -H Metadata:true "$SIM_IMDS/metadata/versions"
for status in 200 500 500 200; do
	imds "$status" - -
done

it 'a reset lets faults count from the start'
sim_reset
imds 200 - -
imds 500 - -

it 'faults and members that are not known are refused in words'
http 400 - "a fault's 'stauts' is not known" -d '[{"service":"imds","stauts":1}]' "$SIM_CONTROL/faults"
http 400 - "a fault's 'endless' is not understood" -d '[{"service":"imds","endless":"x"}]' "$SIM_CONTROL/faults"
http 400 - "a fault's 'status' is not understood" -d '[{"service":"imds","status":"x"}]' "$SIM_CONTROL/faults"
http 400 - "a fault's service 'idms' is not known" -d '[{"service":"idms"}]' "$SIM_CONTROL/faults"
sim_faults '[]'

it 'members of a JSON answer can be set and removed'
fault '"set":{"expires_on":5,"access_token":null},"remove":["resource"]'
imds 200 - '~{"access_token":null,"client_id":*,"expires_on":5,"ext_*'
is 'resource' "$(json_field resource <"$T/body")" ''

it 'bodies may be anything, repeated, binary, compressed'
fault '"status":502,"headers":{"Content-Type":"text/html"},"body":"<html>"'
imds 502 6 '<html>' -D "$T/head"
is 'types' "$(grep -c '^Content-Type' "$T/head")" 1
fault '"body":"[","repeat":100000'
imds 200 100000 -
fault '"body":"0123456789abcdef","repeat":1638400'
imds 200 26214400 -
fault '"headers":{"Content-Encoding":"gzip"},"body_base64":"'"$(printf '{"a":1}' | gzip | base64 | tr -d '\n')"'"'
imds 200 - '{"a":1}' --compressed

it 'answers can be late, slow, cut, reset or missing'
fault '"delay_ms":400,"status":504'
ends 28 -m 0.2
imds 504 - - -m 2
fault '"drip":20'
ends 28 -m 0.5
is 'bytes dripped' "$([ "$(wc -c <"$T/body")" -lt 20 ] && echo few)" few
fault '"cut":1000'
ends 18
fault '"cut":0'
ends 52
fault '"cut":1000,"reset":true'
ends 56
fault '"headers":{"Content-Length":"99999"}'
ends 18
fault '"headers":{"Transfer-Encoding":"chunked"},"body":"3\r\nabc\r\n"'
ends 18
fault '"silence":true'
ends 28 -m 0.3

it 'endless bodies, chunks, 1xx answers and headers go on until the client has enough'
for endless in body chunks; do
	fault "\"endless\":\"$endless\""
	got=$(curl -sS -H Metadata:true "$url" 2>"$T/err" | head -c 3000000 | wc -c)
	is "bytes of endless $endless" "$got" 3000000
done
for endless in 1xx headers; do
	fault "\"endless\":\"$endless\""
	ends '~[1-9]*' -m 1
done
fault '"pad":307200'
ends 56
fault '"pad":50000'
imds 200 - -

it 'raw bytes are sent instead of HTTP, on every port'
fault '"raw":"SSH-2.0-x\r\n"'
ends 1
fault '"raw":"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"'
imds 200 2 ok
fault '"raw_base64":"SFRUUC8xLjEgMjAwIE9LDQpDb250ZW50LUxlbmd0aDogMw0KDQoA//4="'
imds 200 3 - -D "$T/head"
is 'binary body' "$(od -An -tx1 <"$T/body")" ' 00 ff fe'
sim_faults '[{"service":"entra","raw":"HTTP/1.1 418 x\r\nContent-Length: 0\r\n\r\n"}]'
http 418 0 '' https://login.microsoftonline.com/x

it 'a connection can end or be silent before the first byte'
sim_faults '[{"service":"imds","connect":true,"reset":true}]'
ends '~[57]*' # the client may learn of it while it connects
sim_faults '[{"service":"imds","connect":true,"raw":"bytes"}]'
ends 1
sim_faults '[{"service":"azure","connect":true,"raw":"no TLS"}]'
curl -sS -o "$T/body" https://login.microsoftonline.com/x 2>"$T/err"
is 'TLS' "$?" 35
sim_faults '[{"service":"imds","connect":true,"silence":true}]'
ends 28 -m 0.3
sim_faults '[]'

it 'a connection serves several requests, and is counted once'
sim_reset
curl -sS --noproxy '*' -o "$T/a" -o "$T/b" -H Metadata:true "$url" "$url"
is 'connections' "$(sim_counter imds-connections)" 1
is 'requests' "$(sim_counter imds)" 2
curl -sS -o "$T/a" -o "$T/b" https://login.microsoftonline.com/x/discovery/keys https://login.microsoftonline.com/x/discovery/keys
is 'handshakes' "$(sim_counter handshakes)" 1

it 'requests that are not HTTP/1.1 as it is written get 400 or nothing'
for bad in 'GET / HTTP/1.1\r\n\r\n' 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n' \
	'GET / HTTP/1.1\r\nHost : a\r\n\r\n' 'GET x HTTP/1.1\r\nHost: a\r\n\r\n' \
	'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n'; do
	# shellcheck disable=SC2059 # it holds the escapes
	printf "$bad" >"$T/request"
	is "$bad" "$(curl -sS -m 5 telnet://169.254.169.254:80 <"$T/request" | head -c 12)" 'HTTP/1.1 400'
done

it '500 clients at once are all answered'
sim_reset
fault '"delay_ms":3000'
half()
{
	curl --no-progress-meter --noproxy '*' --parallel --parallel-immediate --parallel-max 250 -m 60 -o /dev/null \
		-w '%{http_code}\n' -H Metadata:true "$url&x=[1-250]"
}
half >"$T/first" &
half >"$T/second"
wait $!
is 'answers' "$(cat "$T/first" "$T/second" | sort | uniq -c | tr -s ' ')" ' 500 200'
is 'at once' "$(sim_counter imds-peak)" 500
is 'tokens' "$(sim_counter tokens)" 1
