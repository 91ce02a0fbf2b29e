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

# rejected GIT-ARGUMENT...: git with the token $given fails to sign in.
# git_with SCHEME TOKEN ARGUMENT...: git with this credential and no other.
git_with()
{
	case $1 in
	Bearer) git_header="Bearer $2" ;;
	*) git_header="Basic $(printf 'any:%s' "$2" | base64 | tr -d '\n')" ;;
	esac
	shift 2
	git -c "http.extraHeader=Authorization: $git_header" -c credential.helper= "$@"
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
