#!/bin/sh
# mi-token serve: what is refused, without asking anybody.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/serve-lib.sh
. "$(dirname "$0")/serve-lib.sh"

sim_start vm-both
serve --imds
query="api-version=2019-08-01&resource=https://never.example"
form="api-version=2018-02-01&resource=https://never.example"

# status_of TARGET [HEADER]: asks with all that a right request has
status_of()
{
	raw "GET $1 HTTP/1.1\r\nHost: 127.0.0.1:$port\r\nMetadata: true\r\nX-IDENTITY-HEADER: $IDENTITY_HEADER\r\n${2-}Connection: close\r\n\r\n" |
		cut -d' ' -f2
}

it 'tricks with the URL are refused with 400, and nobody is asked'
sim_reset
while read -r path; do
	# shellcheck disable=SC1003 # a backslash for printf
	target=$(printf %s "$path" | sed 's/%/%%/g; s/\\/\\\\/g')
	case $path in
	*msi* | *MSI*) is "$path" "$(status_of "$target?$query")" 400 ;;
	*) is "$path" "$(status_of "$target?$form")" 400 ;;
	esac
done <<'END'
/
/metadata/identity\oauth2\token/
/metadata\identity\oauth2\token
/metadata/identity%2foauth2%2ftoken
/metadata/identity%2Foauth2/token
/metadata/identity%5coauth2%5ctoken
/metadata/identity%252foauth2/token
//metadata/identity/oauth2/token
/metadata//identity/oauth2/token
/metadata/identity/oauth2/token//
/metadata/identity/oauth2/token;x
/metadata/identity/oauth2/token;
/metadata/./identity/oauth2/token
/metadata/instance/../identity/oauth2/token
/metadata/identity/oauth2/token/..
/metadata/identity/oauth2/token/../token
/metadata/identity/%2e%2e/identity/oauth2/token
/Metadata/Identity/OAuth2/Token
/METADATA/identity/oauth2/token
/metadata/identity/oauth2/token%00
/metadata/identity/oauth2/token%20
/metadata/identity/oauth2/token%3f
/metadata/identity/oauth2/token.
/metadata/identity/oauth2/tokens
/metadata/identity/oauth2/toke%6e
/metadata/identity/oauth2/token/x
/metadata/identity/info
/metadata/instance
/metadata/versions
/machine
http://169.254.169.254/metadata/identity/oauth2/token
http://127.0.0.1/msi/token
https://vault.azure.net/metadata/identity/oauth2/token
//169.254.169.254/metadata/identity/oauth2/token
169.254.169.254:80
/MSI/token
/msi/token;/
/msi//token
/msi%2ftoken
/msi\token
/msi/./token
/x/../msi/token
*
END
is 'requests' "$(sim_counter requests)" 0

it 'parameters that can be read in two ways are refused, and nobody is asked'
while read -r parameters; do
	http 400 - '~{*}' -g -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?$parameters"
done <<END
resource=$vault
api-version=2019-08-01
$query&resource=$vault
$query&%72esource=$vault
$query&api-version=2019-08-01
api-version=2018-02-01&resource=$vault
api-version=2019-08-01&resource=
api-version=2019-08-01&resource=a%00b
api-version=2019-08-01&resource=a%0d%0aHost:x
api-version=2019-08-01&resource=a%zz
api-version=2019-08-01&Resource=$vault
$query&client_id=
$query&client_id=x;y
$query&client_id=6f0c0000-0000-4000-8000-0000000000c1&object_id=6f0c0000-0000-4000-8000-0000000000c1
$query&mi_res_id=/etc/passwd
END
is 'requests' "$(sim_counter requests)" 0

it 'a wrong secret, Host or sign of a proxy is refused, and nobody is asked'
ask() { # STATUS CURL-ARGUMENT...
	ask_status=$1
	shift
	http "$ask_status" - '~{*}' "$@" "$IDENTITY_ENDPOINT?$query"
}
secret="X-IDENTITY-HEADER: $IDENTITY_HEADER"
ask 401
ask 401 -H 'X-IDENTITY-HEADER;'
ask 401 -H 'X-IDENTITY-HEADER: x'
ask 401 -H "${secret}0"
ask 401 -H "$(printf %s "$secret" | sed 's/.$//')"
ask 401 -H "secret: $IDENTITY_HEADER" -H 'Metadata: true'
ask 400 -H "$secret" -H "$secret"
ask 400 -H "$secret" -H 'Host: evil.example'
ask 400 -H "$secret" -H "Host: 127.0.0.1:$port.evil.example"
ask 400 -H "$secret" -H "Host: 127.0.0.1"
ask 400 -H "$secret" -H "Host: evil.example:$port"
ask 400 -H "$secret" -H 'Host:' -0
ask 400 -H "$secret" -H 'X-Forwarded-For: 127.0.0.1'
ask 400 -H "$secret" -H 'x-forwarded-for;'
ask 400 -H "$secret" -H 'Forwarded: for=x'
ask 400 -H "$secret" -H 'Origin: http://127.0.0.1'
ask 400 -H "$secret" -X POST
ask 400 -H "$secret" -X PUT
ask 400 -H "$secret" -X OPTIONS
ask 400 -H "$secret" -d x
ask 400 -H "$secret" -X GET -d x=y
ask 400 -H "$secret" -X GET -H 'Transfer-Encoding: chunked' -d x
http 400 - '~{"error":{*}}' -H 'Metadata: true' -d "resource=$vault&x=$(head -c 3000 /dev/zero | tr '\0' a)" "$origin/oauth2/token"
http 400 - '~{"error":{*}}' -H 'Metadata: true' -d "resource=$vault&client_id=6f0c0000-0000-4000-8000-0000000000c1" "$origin/oauth2/token"
printf 'resource=%s\0&resource=x' "$vault" >"$T/form"
http 400 - '~{"error":{*}}' -H 'Metadata: true' --data-binary "@$T/form" "$origin/oauth2/token"
is 'requests' "$(sim_counter requests)" 0

it 'framings that two readers understand differently get no token'
good="GET /msi/token?$query HTTP/1.1\r\nHost: 127.0.0.1:$port\r\nX-IDENTITY-HEADER: $IDENTITY_HEADER\r\n"
for more in 'Content-Length: 5\r\nContent-Length: 6\r\n' 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n' \
	'Transfer-Encoding: identity\r\n' 'Content-Length: +3\r\n' 'Content-Length: 0x3\r\n' \
	'Host: 127.0.0.1:1\r\n'; do
	case $(raw "$good$more"'\r\nGET / HTTP/1.1\r\n\r\n') in
	'HTTP/1.1 400'* | '') ;;
	*) bad "$more is taken" ;;
	esac
done
case $(raw 'GET /msi/token HTTP/0.9\r\n\r\n')$(raw 'PRI * HTTP/2.0\r\n\r\n')$(raw '\r\n\r\n\r\n') in
*' 200 '*) bad 'an old or new version is taken' ;;
esac
is 'requests' "$(sim_counter requests)" 0
serve_end

it 'only the identity and the resources that are named are served'
one=6f0c0000-0000-4000-8000-0000000000c1
two=6f0c0000-0000-4000-8000-0000000000a1
serve --identity "client-id:$one" --allow vault --allow https://storage.azure.com/
sim_reset
ask_for() { # STATUS PARAMETERS
	http "$1" - '~{*}' -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&$2"
}
ask_for 403 resource=https://management.azure.com/
ask_for 403 resource=https://vault.azure.net.evil.example
ask_for 403 resource=https://VAULT.azure.net
ask_for 403 "resource=$vault&client_id=$two"
is 'requests' "$(sim_counter requests)" 0
ask_for 200 "resource=$vault"
ask_for 200 "resource=$vault&client_id=$one"
ask_for 200 "resource=$vault/"
ask_for 200 resource=https://storage.azure.com
ask_for 403 "resource=$vault&object_id=$two"
ask_for 403 "resource=$vault&mi_res_id=/subscriptions/x"
ask_for 200 "resource=$vault&object_id=0b1e0000-0000-4000-8000-0000000000b1"
serve_end

it 'what cannot be limited is an error before anybody listens'
expect 2 '' '~mi-token: *' -- mi-token serve --allow 'no such alias'
expect 2 '' '~mi-token: *' -- mi-token serve --identity 'no such!'
expect 2 '' '~mi-token: *' -- mi-token serve --user 'no such user'
expect 2 '' '~mi-token: *' -- mi-token serve --port 70000
expect 2 '' '~mi-token: *' -- mi-token serve --port 1 --unix /run/x
expect 2 '' '~mi-token: *' -- mi-token serve --lifeline 77
expect 2 '' '~mi-token: *' -- mi-token serve something
is 'left' "$(left)" ''

it 'another user gets 403 and no token, with every secret there is'
if [ "$(id -u)" != 0 ] || ! command -v setpriv >/dev/null; then
	skip 'needs root and setpriv'
else
	serve --imds
	sim_reset
	other() { # STATUS CURL-ARGUMENT...
		other_status=$1
		shift
		is "status of $*" "$(setpriv --reuid 65534 --regid 65534 --clear-groups curl -s -o /dev/null -w '%{http_code}' "$@")" "$other_status"
	}
	other 403 -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?$query"
	other 403 -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?$form"
	is 'requests' "$(sim_counter requests)" 0
	serve_end
	serve --imds --user 65534
	other 200 -H 'Metadata: true' "$origin/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$vault"
	serve_end
fi
