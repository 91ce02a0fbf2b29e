#!/bin/sh
# The simulator's Azure Repos and Azure Artifacts: who comes in, how others are refused.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || {
	echo 'git is missing' >&2
	exit 77
}

devops=499b84ac-1321-427f-aa17-267ca6975798
nobody='aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa'
member=0b1e0000-0000-4000-8000-0000000000a1
url=https://dev.azure.com/org/proj/_git/repo
export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 HOME="$T"
git config --global user.name tester
git config --global user.email tester@example.com
git config --global init.defaultBranch main
git config --global protocol.version 2
git config --global core.compression 0

# scenario REPOS [MORE]: two identities and these members of "repos".
scenario()
{
	sed '$d' "$scenarios/vm-users.json" >"$T/scenario.json"
	echo ",\"repos\":{$1}${2-}}" >>"$T/scenario.json"
	sim_scenario "$T/scenario.json"
}

# token [CLIENT-ID [RESOURCE]]: as the metadata service hands it out.
token()
{
	curl -sS --noproxy '*' -H Metadata:true "$SIM_IMDS/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${2-$devops}&client_id=${1-6f0c0000-0000-4000-8000-0000000000a1}" |
		json_field access_token
}

# seen HEADER-LINE: the last answer has it, letter by letter.
seen()
{
	tr -d '\r' <"$T/head" | grep -qxF -- "$1" || bad "no header line '$1'" "$(cat "$T/head")"
}

# refs STATUS BODY CURL-ARGUMENT...: the first request of a fetch.
refs()
{
	refs_status=$1 refs_body=$2
	shift 2
	http "$refs_status" - "$refs_body" -D "$T/head" "$@" "$url/info/refs?service=git-upload-pack"
}

cat >"$T/helper" <<'END'
#!/bin/sh
[ "$1" != get ] || printf 'username=any\npassword=%s\n' "$GIVEN"
END
chmod +x "$T/helper"

# git_with SCHEME TOKEN ARGUMENT...: git with this credential and no other.
git_with()
{
	git_scheme=$1 GIVEN=$2
	export GIVEN
	shift 2
	case $git_scheme in
	Bearer) git -c "http.extraHeader=Authorization: Bearer $GIVEN" -c credential.helper= "$@" ;;
	*) git -c "credential.helper=$T/helper" "$@" ;;
	esac
}

sim_start vm-users
git init -q --bare "$SIM_STATE/repos/org/proj/repo"
git init -q --bare "$SIM_STATE/repos/org/proj/second one"
git init -q --bare "$SIM_STATE/repos/partner/proj/repo"
good=$(token)

it 'a request without a token gets the three challenges and TF400813'
refs 401 "~*TF400813: The user '$nobody' is not authorized*"
seen "WWW-Authenticate: Bearer authorization_uri=https://login.microsoftonline.com/$SIM_TENANT"
seen 'WWW-Authenticate: Basic realm="https://tfsprodwcus0.app.visualstudio.com/"'
seen 'WWW-Authenticate: TFS-Federated'
seen "X-VSS-ResourceTenant: $SIM_TENANT"
seen 'Content-Type: text/html; charset=utf-8'
is 'error' "$(grep -c '^X-TFS-ServiceError: TF400813%3A%20The%20user%20' "$T/head")" 1
is 'ids' "$(grep -cE '^(X-TFS-ProcessId|ActivityId): .{36}' "$T/head")" 2

it 'a token is taken as Bearer, and as password of any user with a name'
refs 200 - -H "Authorization: Bearer $good"
seen 'Content-Type: application/x-git-upload-pack-advertisement'
refs 200 - -u "any:$good"
refs 200 - -u "org:$good"
refs 401 - -u ":$good"
refs 401 - -u "$good:"

it 'a user name ends at its first colon'
refs 401 - -u "id://6f0c0000-0000-4000-8000-0000000000a1:$good"

it 'a push and a clone go over TLS with either scheme'
git init -q "$T/work"
head -c 3000000 /dev/urandom >"$T/work/large"
git -C "$T/work" add large
git -C "$T/work" commit -qm large
for scheme in Bearer Basic; do
	expect 0 '' - -- git_with $scheme "$good" -C "$T/work" push -q "$url" HEAD:refs/heads/$scheme
	rm -rf "$T/clone"
	expect 0 '' '' -- git_with $scheme "$good" clone -q -b $scheme "$url" "$T/clone"
	expect 0 '' '' -- cmp "$T/work/large" "$T/clone/large"
done

it 'a push of 16 MB and its clone arrive whole, in chunks and with a length'
head -c 16000000 /dev/urandom >"$T/work/large"
git -C "$T/work" commit -qam larger
for buffer in 1048576 67108864; do
	expect 0 '' - -- git_with Basic "$good" -c http.postBuffer=$buffer -C "$T/work" push -q "$url" HEAD:refs/heads/b$buffer
	git -C "$SIM_STATE/repos/org/proj/repo" update-ref -d "refs/heads/b$buffer"
	git -C "$SIM_STATE/repos/org/proj/repo" reflog expire --expire=now --all
	git -C "$SIM_STATE/repos/org/proj/repo" prune --expire=now
done
is 'pushes in chunks' "$(sim_log repos | grep -c 'git-receive-pack HTTP.*Transfer-Encoding: chunked')" '~[1-9]*'
expect 0 '' - -- git_with Basic "$good" -C "$T/work" push -q "$url" HEAD:refs/heads/main
rm -rf "$T/clone"
expect 0 '' '' -- git_with Bearer "$good" clone -q -b main "$url" "$T/clone"
expect 0 '' '' -- cmp "$T/work/large" "$T/clone/large"
rm -rf "$T/clone"

it 'all addresses of a repository lead to it'
git init -q --bare "$SIM_STATE/repos/org/repo/repo"
for address in https://org@dev.azure.com/org/proj/_git/repo https://DEV.azure.com/Org/proj/_git/repo.git \
	https://org.visualstudio.com/proj/_git/repo https://org.visualstudio.com/DefaultCollection/proj/_git/repo \
	https://dev.azure.com/org/proj/_git/second%20one https://dev.azure.com/org/_git/repo \
	https://partner.visualstudio.com/proj/_git/repo; do
	http 200 - - -H "Authorization: Bearer $good" "$address/info/refs?service=git-upload-pack"
done

it 'what is no repository is TF401019 for who is signed in, and 401 for others'
for address in https://dev.azure.com/org/proj/_git/none https://dev.azure.com/orga/proj/_git/repo \
	https://dev.azure.com/org/other/_git/repo; do
	http 404 - '~TF401019: The Git repository with name or identifier *' -H "Authorization: Bearer $good" "$address/info/refs"
	http 401 - - "$address/info/refs"
done
expect 128 '' '~*remote: TF401019*' -- git_with Basic "$good" ls-remote https://dev.azure.com/org/proj/_git/none
http 400 - - --path-as-is -H "Authorization: Bearer $good" https://dev.azure.com/org/proj/_git/../../x
http 404 - - -H "Authorization: Bearer $good" https://dev.azure.com/org/_apis/build

it 'tokens that are foreign, old or for something else are refused as nobody'"'"'s'
refs 401 "~*TF400813: The user '$nobody'*" -H "Authorization: Bearer ${good}x"
refs 401 "~*$nobody*" -H 'Authorization: Bearer x'
refs 401 "~*$nobody*" -H 'Authorization: Basic x'
refs 401 "~*$nobody*" -H "Authorization: $good"
refs 401 "~*$nobody*" -H "Authorization: Bearer $(token 6f0c0000-0000-4000-8000-0000000000a1 https://vault.azure.net)"
scenario '' ',"token":{"life":60,"age":61}'
refs 401 "~*$nobody*" -H "Authorization: Bearer $(token)"
refs 200 - -H "Authorization: Bearer $good"

it 'an organisation of another tenant names it, and knows nobody of ours'
home=11110000-0000-4000-8000-00000000a002
scenario '"organizations":{"org":{"tenant":"'$home'"}}'
refs 401 "~*$nobody*" -u "any:$(token)"
seen "WWW-Authenticate: Bearer authorization_uri=https://login.microsoftonline.com/$home"
seen "X-VSS-ResourceTenant: $home"
http 200 - - -u "any:$(token)" 'https://partner.visualstudio.com/proj/_git/repo/info/refs?service=git-upload-pack'
scenario '"tenant":"'$home'"'
refs 401 "~*$nobody*" -u "any:$(token)"

it 'who is no member gets TF401444 with his tenant and object id'
scenario '"members":["'$member'"]'
refs 200 - -u "any:$(token)"
refs 401 "~*TF401444: Sign-in at least once as $SIM_TENANT\\\\$SIM_TENANT\\\\0b1e0000-0000-4000-8000-0000000000a2 in *" \
	-u "any:$(token 6f0c0000-0000-4000-8000-0000000000a2)"
seen 'WWW-Authenticate: TFS-Federated'
scenario '"members":[],"organizations":{"org":{"members":["'$member'"]}}'
refs 200 - -u "any:$(token)"
http 401 - '~*TF401444*' -u "any:$(token)" https://partner.visualstudio.com/proj/_git/repo/info/refs

it 'a sign-in page comes instead of 401, and git takes it for no repository'
scenario '"sign_in_page":true'
refs 203 '~<!DOCTYPE html>*Sign In*'
is 'challenges' "$(grep -c '^WWW-Authenticate' "$T/head")" 0
expect 128 '' '~*not valid: is this a git repository?*' -- git -c credential.helper= ls-remote "$url"
refs 200 - -u "any:$(token)"

it 'a public project is read without a token, and no more'
scenario '"anonymous_get":true'
refs 200 -
refs 401 - -u any:wrong
http 401 - - --data-binary 0000 -H 'Content-Type: application/x-git-upload-pack-request' "$url/git-upload-pack"
http 401 - - --data-binary 0000 -H 'Content-Type: application/x-git-receive-pack-request' "$url/git-receive-pack"
http 403 - - "$url/info/refs?service=git-receive-pack"

it 'a fault refuses tokens where a test wants it, with the service'"'"'s own answer'
scenario ''
good=$(token)
sim_faults '[{"service":"repos","refuse":true,"first":1}]'
refs 401 "~*$nobody*"
refs 401 "~*$nobody*" -u "any:$good"
seen 'WWW-Authenticate: TFS-Federated'
refs 200 - -u "any:$good"
sim_faults '[{"service":"repos","refuse":true,"path":"/org/proj/_git/repo/git-upload-pack"}]'
refs 200 - -u "any:$good"
expect 128 '' '~*RPC failed; HTTP 401*' -- git_with Basic "$good" clone -q "$url" "$T/clone"
sim_faults '[{"service":"repos","refuse":true,"path":"/org/proj/_git/repo/git-receive-pack"}]'
expect 0 '' '' -- git_with Basic "$good" clone -q "$url" "$T/clone"
expect 1 '' '~*RPC failed; HTTP 401*' -- git_with Basic "$good" -C "$T/work" push -q "$url" HEAD:refs/heads/no
sim_faults '[{"service":"repos","refuse":true,"after":2,"first":1}]'
for status in 200 200 401 200; do
	refs $status - -u "any:$good"
done
sim_faults '[]'

it 'revoked tokens are refused, and a new one is good'
sim_control /revoke -X POST
refs 401 "~*$nobody*" -u "any:$good"
new=$(token)
[ "$new" != "$good" ] || bad 'the platform hands out the old token'
refs 200 - -u "any:$new"
sim_reset
refs 401 - -u "any:$good"
refs 200 - -u "any:$new"

it 'the platform may keep a revoked token'
good=$(token)
sim_control '/revoke?keep=1' -X POST
is 'token' "$(token)" "$good"
refs 401 - -u "any:$good"
sim_control /revoke -X POST
refs 200 - -u "any:$(token)"
good=$(token)

# lfs STATUS BODY PATH CURL-ARGUMENT...
lfs()
{
	lfs_status=$1 lfs_body=$2 lfs_path=$3
	shift 3
	http "$lfs_status" - "$lfs_body" -u "any:$good" "$@" "$url/info/lfs/$lfs_path"
}

it 'an object of Git LFS goes up, is verified and comes down'
oid=$(sha256sum "$T/work/large" | cut -d' ' -f1)
object='{"oid":"'$oid'","size":16000000}'
lfs 200 '~*"error":{"code":404,*' objects/batch -d '{"operation":"download","objects":['"$object"']}'
lfs 200 "~*\"upload\":{\"href\":\"$url/info/lfs/objects/$oid\"},\"verify\":{\"href\":\"$url/info/lfs/verify\"}*" \
	objects/batch -d '{"operation":"upload","transfers":["basic"],"objects":['"$object"']}'
lfs 404 - verify -d "$object"
lfs 422 - "objects/$oid" -X PUT -d wrong
lfs 200 '' "objects/$oid" -T "$T/work/large"
lfs 200 '' verify -d "$object"
lfs 200 '~*"objects":\[{"oid":"'"$oid"'","size":16000000}\]*' objects/batch -d '{"operation":"upload","objects":['"$object"']}'
lfs 200 "~*\"download\":{\"href\":\"$url/info/lfs/objects/$oid\"}*" objects/batch -d '{"operation":"download","objects":['"$object"']}'
is 'status' "$(curl -sS -o "$T/down" -w '%{http_code}' -u "any:$good" "$url/info/lfs/objects/$oid")" 200
expect 0 '' '' -- cmp "$T/work/large" "$T/down"
http 401 - - -d '{}' "$url/info/lfs/objects/batch"

it 'a feed'"'"'s files have the same door'
feed=$SIM_STATE/feeds/org/tools
mkdir -p "$feed/npm/registry/tiny/-" "$feed/pypi/simple/tiny" "$feed/Cargo/index/ti/ny"
echo '{"name":"tiny"}' >"$feed/npm/registry/tiny/index.json"
printf tarball >"$feed/npm/registry/tiny/-/tiny-1.0.0.tgz"
echo '<a href="tiny.whl">tiny</a>' >"$feed/pypi/simple/tiny/index.html"
echo '{"auth-required":true}' >"$feed/Cargo/index/config.json"
echo '{"name":"tiny"}' >"$feed/Cargo/index/ti/ny/tiny"
for origin in https://pkgs.dev.azure.com/org/_packaging/tools https://pkgs.dev.azure.com/org/proj/_packaging/tools \
	https://org.pkgs.visualstudio.com/_packaging/tools; do
	http 401 - "~*$nobody*" "$origin/npm/registry/tiny"
	http 200 16 '{"name":"tiny"}' -H "Authorization: Bearer $good" "$origin/npm/registry/tiny"
	http 200 7 tarball -u "any:$good" "$origin/npm/registry/tiny/-/tiny-1.0.0.tgz"
	http 200 - '~<a href=*' -D "$T/head" -u "any:$good" "$origin/pypi/simple/tiny/"
	seen 'Content-Type: text/html; charset=utf-8'
	http 200 - '{"auth-required":true}' -D "$T/head" -u "any:$good" "$origin/Cargo/index/config.json"
	seen 'Content-Type: application/json; charset=utf-8'
	http 200 - '{"name":"tiny"}' -u "any:$good" "$origin/Cargo/index/ti/ny/tiny"
	http 404 - - -u "any:$good" "$origin/npm/registry/none"
	http 405 - - -u "any:$good" -d x "$origin/npm/registry/tiny"
done
is 'requests' "$(sim_counter artifacts)" 24

# raw CHUNKS: the status of a POST with these bytes after its head.
raw()
{
	printf 'POST /faults HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n\r\n%b' "${2-Transfer-Encoding: chunked}" "$1" |
		curl -sS --noproxy '*' -m 5 "telnet://${SIM_CONTROL#http://}" | sed -n '1s/HTTP.1.1 \(...\).*/\1/p'
}

it 'chunks are read as they are written, and broken ones refused'
is 'whole' "$(raw '1\r\n[\r\n001\r\n]\r\n0\r\n\r\n')" 204
is 'trailer' "$(raw '2\r\n[]\r\n0\r\nX: y\r\n\r\n')" 204
for body in '3\r\n[]x]\r\n0\r\n\r\n' '-2\r\n[]\r\n0\r\n\r\n' '0x2\r\n[]\r\n0\r\n\r\n' '\r\n0\r\n\r\n' \
	'2;a=b\r\n[]\r\n0\r\n\r\n' 'ffffffff\r\n' '000000002\r\n[]\r\n0\r\n\r\n'; do
	is "$body" "$(raw "$body")" 400
done
is 'length too' "$(raw '2\r\n[]\r\n0\r\n\r\n' 'Transfer-Encoding: chunked
Content-Length: 2')" 400
is 'other coding' "$(raw '[]' 'Transfer-Encoding: gzip')" 400
