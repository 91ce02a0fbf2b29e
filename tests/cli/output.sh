#!/bin/sh
# What is printed, where, and with which status.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

vault=https://vault.azure.net
storage=https://storage.azure.com/

sim_start vm-system
token=$(mi-token --resource "$storage")
exp=$(echo "$token" | jwt_claims | json | sed -n 's/^exp=//p')

# get ARGUMENT...: the same token again.
get()
{
	mi-token --resource "$storage" "$@"
}

it 'token, header, curl, env, env-no-export, fish and exp are what they are called'
expect 0 "$token" '' -- get
expect 0 "$token" '' -- get --output token
expect 0 "Authorization: Bearer $token" '' -- get --output=header
expect 0 "header = \"Authorization: Bearer $token\"" '' -- get -o curl
expect 0 "export MI_TOKEN='$token'
export MI_TOKEN_EXPIRES_ON=$exp" '' -- get -o env
expect 0 "MI_TOKEN='$token'
MI_TOKEN_EXPIRES_ON=$exp" '' -- get -o env-no-export
expect 0 "set -gx MI_TOKEN '$token'
set -gx MI_TOKEN_EXPIRES_ON $exp" '' -- get -o fish
expect 0 "$exp" '' -- get -oexp
is 'last newline' "$(get | tail -c 1 | od -An -tx1)" ' 0a'

it 'az is what the Azure CLI prints: its members in their order, the caller'\''s time'
local=$(TZ=Asia/Kolkata date -d "@$exp" '+%Y-%m-%d %H:%M:%S.000000')
expect 0 "{
  \"accessToken\": \"$token\",
  \"expiresOn\": \"$local\",
  \"expires_on\": $exp,
  \"tenant\": \"91880000-0000-4000-8000-00000000a001\",
  \"tokenType\": \"Bearer\"
}" '' -- env TZ=Asia/Kolkata mi-token --resource "$storage" -o az

it 'azd is what the Azure Developer CLI prints: UTC'
expect 0 "{
  \"token\": \"$token\",
  \"expiresOn\": \"$(date -u -d "@$exp" +%Y-%m-%dT%H:%M:%SZ)\"
}" '' -- env TZ=Asia/Kolkata mi-token --resource "$storage" -o azd

# kube VERSION TOKEN EXPIRES: an ExecCredential.
kube()
{
	printf '{"kind": "ExecCredential", "apiVersion": "client.authentication.k8s.io/%s", ' "$1"
	printf '"spec": {"interactive": false}, "status": {"expirationTimestamp": "%s", "token": "%s"}}' \
		"$(date -u -d "@$3" +%Y-%m-%dT%H:%M:%SZ)" "$2"
}

it 'kube is an ExecCredential of the version that the client speaks'
expect 0 "$(kube v1beta1 "$token" "$exp")" '' -- get -o kube
for version in v1 v1beta1; do
	info='{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/'$version'","spec":{"interactive":true}}'
	expect 0 "$(kube $version "$token" "$exp")" '' -- \
		env KUBERNETES_EXEC_INFO="$info" mi-token --resource "$storage" -o kube
done
expect 0 "$(kube v1beta1 "$token" "$exp")" '' -- env KUBERNETES_EXEC_INFO= mi-token --resource "$storage" -o kube
for info in '{"apiVersion":"client.authentication.k8s.io/v1alpha1"}' '{}' '[]' '{"apiVersion":1}'; do
	expect 2 '' '~mi-token: KUBERNETES_EXEC_INFO wants the version *v1beta1*' -- \
		env KUBERNETES_EXEC_INFO="$info" mi-token --resource "$storage" -o kube
done
expect 2 '' '~mi-token: KUBERNETES_EXEC_INFO is no JSON' -- \
	env KUBERNETES_EXEC_INFO='{' mi-token --resource "$storage" -o kube

it 'kube without a resource is for the API servers of AKS'
expect 5 '' - -- mi-token -o kube # the simulated tenant has none
is 'resource' "$(sim_log imds | tail -n 1)" '~*resource=6dae42f8-4368-4678-94ff-3960e28e3630*'

it 'json is JSON with the documented members'
get -o json | json >"$T/json"
is 'members' "$(sed 's/=.*//' "$T/json" | sort | tr '\n' ' ')" \
	'access_token client_id expires_in expires_on resource tenant_id token_type '
is 'token' "$(sed -n 's/^access_token=//p' "$T/json")" "$token"
is 'expires_on' "$(sed -n 's/^expires_on=//p' "$T/json")" "$exp"
is 'token_type' "$(sed -n 's/^token_type=//p' "$T/json")" Bearer
is 'resource' "$(sed -n 's/^resource=//p' "$T/json")" "$storage"

it 'a shell takes the variables over, exported or not'
# shellcheck disable=SC2016 # the child's
is 'exported' "$(sh -c 'eval "$(mi-token --resource "$1" -o env)" && env' sh "$storage" | grep -c '^MI_TOKEN[_A-Z]*=')" 2
# shellcheck disable=SC2016
is 'not exported' "$(sh -c 'eval "$(mi-token --resource "$1" -o env-no-export)" && env && echo "=$MI_TOKEN"' sh "$storage" |
	grep MI_TOKEN)" ''
# shellcheck disable=SC2016
is 'value' "$(sh -c 'eval "$(mi-token --resource "$1" -o env-no-export)" && echo "$MI_TOKEN"' sh "$storage")" "$token"

it 'fish takes them over as well'
if command -v fish >/dev/null; then
	# shellcheck disable=SC2016
	is 'value' "$(fish --no-config -c 'mi-token --resource '"$storage"' -o fish | source; echo $MI_TOKEN')" "$token"
else
	skip 'no fish'
fi

it 'curl reads its header from a file, not from the command line'
get -o curl >"$T/curlrc"
http 200 - '~*hello.txt*' -K "$T/curlrc" -H 'x-ms-version: 2021-08-06' \
	'https://demo.blob.core.windows.net/docs?restype=container&comp=list'

it 'a token that a URL or a scope asks for is the resource'\''s'
expect 0 "$token" '' -- mi-token https://demo.blob.core.windows.net/docs/hello.txt
expect 0 "$token" '' -- mi-token storage
expect 0 "$token" '' -- mi-token get storage
expect 0 "$token" '' -- mi-token --scope "$storage/.default"

it 'the other spelling of a known resource is sent as it is, with one line of warning'
sim_reset
expect 0 '~ey*' "~mi-token: *$vault*" -- mi-token --resource "$vault/"
is 'resource' "$(sim_request imds | sed -n '1s/.*resource=\([^ ]*\).*/\1/p')" https%3A%2F%2Fvault.azure.net%2F
is 'lines' "$(wc -l <"$T/err")" 1
expect 0 '~ey*' '' -- mi-token -q --resource "$vault/"

it 'a good token comes from the cache; --refresh asks again, --min-valid when it is too short'
sim_reset
expect 0 - '' -- mi-token --resource "$vault"
expect 0 - '' -- mi-token --resource "$vault"
expect 0 - '' -- mi-token --resource "$vault" --min-valid 3600
is 'requests' "$(sim_counter imds)" 1
expect 0 - '' -- mi-token --resource "$vault" --refresh
expect 0 - '' -- mi-token --resource "$vault" -f
is 'requests' "$(sim_counter imds)" 3
sim_faults '[{"service":"imds","set":{"expires_in":"600","expires_on":"'"$(($(date +%s) + 600))"'"}}]'
expect 0 - '' -- mi-token --resource "$vault" --refresh --min-valid 500
expect 6 '' '~mi-token: the token has [56]?? s of life left, but 700 were asked for; *' -- \
	mi-token --resource "$vault" --min-valid 700
is 'requests' "$(sim_counter imds)" 5
sim_faults '[]'

token=$(get --refresh) exp=$(get -o exp) # the platform forgets at a reset

it '-v tells source, status and durations, and no 12 bytes of the token'
mi-token cache clear >"$T/cleared"
expect 0 "$token" '~*imds*200*ms*' -- get -v
cp "$T/err" "$T/said"
expect 0 "$token" '~*cache: hit*' -- get -v
cat "$T/err" >>"$T/said"
expect 0 - - -- get -v -o json --refresh
cat "$T/err" >>"$T/said"
is 'lines without the name in front' "$(grep -vc '^mi-token: ' "$T/said")" 0
tr -c 'A-Za-z0-9._-' '\n' <"$T/said" | awk -v token="$token" '
	{ for (i = 1; i + 11 <= length($0); i++) if (index(token, substr($0, i, 12))) { print substr($0, i, 12); exit } }' >"$T/pieces"
is 'pieces' "$(cat "$T/pieces")" ''

it 'a file that others can read gets its token and a warning; -q says nothing'
: >"$T/readable"
chmod 644 "$T/readable"
get >"$T/readable" 2>"$T/err"
is 'warning' "$(cat "$T/err")" '~mi-token: others can read the file that the token goes to*'
get -q >"$T/readable" 2>"$T/err"
is 'warning' "$(cat "$T/err")" ''
is 'token' "$(cat "$T/readable")" "$token"
for output in exp env; do
	get -o $output 2>&1 >"$T/private" | grep . && bad 'a warning for a private file'
done
get 2>"$T/err" | cat >"$T/readable"
is 'warning for a pipe' "$(cat "$T/err")" ''

it 'a full device, a closed stdout and a closed pipe are errors of one line'
get >/dev/full 2>"$T/err"
is 'status' "$?" 1
is 'line' "$(cat "$T/err")" '~mi-token: cannot write to stdout: No space left on device'
get 2>"$T/err" >&-
is 'status' "$?" 1
is 'line' "$(cat "$T/err")" 'mi-token: cannot write to stdout: Bad file descriptor'
{
	get 2>"$T/err"
	echo $? >"$T/status"
} | true
is 'status' "$(cat "$T/status")" '~[01]'
mi-token --help >/dev/full 2>"$T/err"
is 'status' "$?" 1
is 'lines' "$(wc -l <"$T/err")" 1

it 'closed descriptors are nobody'\''s: no answer of the network lands in them'
mi-token cache clear >"$T/cleared"
get <&- >"$T/out" 2>"$T/err"
is 'stdin closed' "$? $(cat "$T/out")" "0 $token"
get <&- 2>&- >"$T/out" --refresh
is 'stdin and stderr closed' "$? $(cat "$T/out")" "0 $token"
get <&- >&- 2>&- -v --refresh
is 'all closed' "$?" '~[01]'

it 'whoami tells the claims that matter and no signature'
expect 0 - '' -- mi-token whoami
while read -r line; do
	is "$line" "$(grep -cx "$line" "$T/out")" 1
done <<'END'
identity *system-assigned
client id *6f0c0000-0000-4000-8000-0000000000c1
object id *0b1e0000-0000-4000-8000-0000000000b1
tenant *91880000-0000-4000-8000-00000000a001
audience *https://management.azure.com/
source *imds
expires *20.*Z (in 2[34] h .*)
END
mi-token whoami vault -o json | json >"$T/json"
is 'client_id' "$(sed -n 's/^client_id=//p' "$T/json")" 6f0c0000-0000-4000-8000-0000000000c1
is 'audience' "$(sed -n 's/^audience=//p' "$T/json")" "$vault"
is 'signature' "$(mi-token whoami vault -o json | grep -c "${token##*.}")" 0

it 'decode shows header and claims of a token on stdin, with times for people'
echo "$token" | mi-token decode >"$T/out" 2>"$T/err"
is 'status and stderr' "$? $(cat "$T/err")" '0 '
is 'aud' "$(sed -n 's/^aud  *//p' "$T/out")" "$storage"
exp=$(echo "$token" | jwt_claims | json | sed -n 's/^exp=//p')
is 'exp' "$(sed -n 's/^exp  *//p' "$T/out")" "~$exp (20*Z)"
is 'signature' "$(grep -c "${token##*.}" "$T/out")" 0
echo "Bearer $token" | mi-token decode -o json | json >"$T/json"
is 'alg' "$(sed -n 's/^header.alg=//p' "$T/json")" RS256
is 'appid' "$(sed -n 's/^payload.appid=//p' "$T/json")" 6f0c0000-0000-4000-8000-0000000000c1

it 'decode refuses garbage with status 2, one line, and no echo of it'
for garbage in '' garbage a.b a.b.c a.b.c.d e30.e30 'e30.W10.x' '....' 'secret-secret-secret' \
	"$(printf '\377\376\001.\002.\003')" 'e30.eyJhIjp9.x'; do
	printf %s "$garbage" | mi-token decode >"$T/out" 2>"$T/err"
	is "status of '$garbage'" "$?" 2
	is 'stdout' "$(cat "$T/out")" ''
	is 'lines' "$(wc -l <"$T/err")" 1
	case $(cat "$T/err") in *secret-secret*) bad 'it is echoed' ;; esac
done
head -c 100000 /dev/zero | tr '\0' a | mi-token decode >"$T/out" 2>"$T/err"
is 'status of a large one' "$?" 2
mi-token decode <&- >"$T/out" 2>"$T/err"
is 'status without stdin' "$?" 2
expect 2 '' '~*reads the token from stdin*' -- mi-token decode "$token"
is 'echo' "$(grep -c "${token##*.}" "$T/err")" 0

it 'claims with control characters cannot write on the terminal'
payload=$(printf '{"evil":"\\u001b[31mred\\u0007","name\\u001b":"x"}' | base64 | tr -d '=\n' | tr '+/' '-_')
echo "e30.$payload.x" | mi-token decode >"$T/out" 2>"$T/err"
is 'control characters' "$(tr -d '\n\t -~' <"$T/out" | wc -c)" 0

it 'cache lists tokens without showing one, in text and JSON'
# shellcheck disable=SC2088 # a pattern
expect 0 '~/run/user/*/mi-token: * tokens*' '' -- mi-token cache
is 'token' "$(grep -c "${token##*.}" "$T/out")" 0
expect 0 - '' -- mi-token cache list -o json
json <"$T/out" >"$T/json" || bad 'no JSON'
is 'resources' "$(grep -c '^tokens.[0-9]*.resource=https' "$T/json")" "$(mi-token cache | grep -c '^https')"
expect 0 '~{"removed": [1-9]*}' '' -- mi-token cache clear -o json
expect 0 '0 tokens removed' '' -- mi-token cache clear
expect 0 '~*: 0 tokens' '' -- mi-token cache
mi-token cache -o json | json >"$T/json" || bad 'no JSON'

it 'sources has all of them, in text and JSON'
mi-token sources -o json | json >"$T/json" || bad 'no JSON'
is 'names' "$(sed -n 's/^[0-9]*\.name=//p' "$T/json" | tr '\n' ' ')" \
	'workload service-fabric app-service azure-ml app-service-2017 cloud-shell arc imds '
is 'chosen' "$(grep -c 'chosen=true' "$T/json")" 1
is 'lines' "$(mi-token sources | wc -l)" 10

it 'usage errors have status 2, one line, and echo nothing that may be a secret'
secret=eyJhbGciOiJub25lIn0.c2VjcmV0.c2VjcmV0
while IFS='|' read -r arguments message; do
	# shellcheck disable=SC2086 # several arguments
	expect 2 '' "~mi-token: *$message*" -- mi-token $arguments
	is "lines of $arguments" "$(wc -l <"$T/err")" 1
	is "echo of $arguments" "$(grep -c eyJh "$T/err")" 0
done <<END
|a token for what?
get|a token for what?
--frobnicate|is no option
--$secret|is no option
--token=$secret|is no option
-x$secret|is no option
--resource|lacks its value
-r|lacks its value
--output arm|no output format
-o $secret arm|no output format
--source $secret arm|
cache -o $secret|
arm vault|takes one argument
arm $secret|takes one argument
$secret|
--resource $vault --scope $vault/.default|
--resource $vault arm|
--identity system --client-id 6f0c0000-0000-4000-8000-0000000000c1 arm|one of them
--identity $secret arm|
--client-id nonsense arm|
--timeout 5 arm|its unit
--timeout -1s arm|
--timeout 0s arm|
--min-valid 0 arm|1 to 86400
--min-valid 99999999999999999999 arm|1 to 86400
--min-valid 5m arm|1 to 86400
-o yaml arm|no output format
--error-format xml arm|text or json
--check arm|does not take --check
decode --resource $vault|does not take --resource
cache steal|list or clear
cache clear list|takes
config -o yaml|text or json
sources -o yaml|text or json
whoami -o token|text or json
unknown-alias|
END

it 'help and version go to stdout, for each command'
expect 0 '~usage: mi-token*' '' -- mi-token --help
expect 0 '~mi-token [0-9]*.[0-9]*' '' -- mi-token --version
for command in get whoami decode sources config cache; do
	expect 0 "~usage: mi-token $command*" '' -- mi-token $command --help
	is 'in the list' "$(mi-token --help | grep -c "^  $command ")" 1
done

it 'errors of the very command line are in the format that it asks for, in every program'
for program in serve keep-fresh query 'git check'; do
	# One or two words on purpose.
	# shellcheck disable=SC2086
	expect 2 '' '~{"code": *"--bogus is no option"*' -- mi-token $program --bogus --error-format json
	# shellcheck disable=SC2086
	expect 2 '' '~mi-token: --error-format is text or json; *' -- mi-token $program --error-format xml
done
expect 2 '' '~{"code": *"--bogus is no option"*' -- mi-token exec --error-format=json --bogus true
expect 0 '--error-format json' '' -- mi-token exec echo --error-format json
