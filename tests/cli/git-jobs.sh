#!/bin/sh
# Azure Repos with every git there is: clone, fetch, push, submodules, LFS, for one token.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/git-lib.sh
. "$root/tests/cli/git-lib.sh"

sim_start vm-system

# What an administrator writes, and nothing else.
one_line='credential.https://dev.azure.com.helper mi-token'

submodules()
{
	for n in one two three four; do
		bare "$n"
		git -C "$T/clone" submodule add -q "https://dev.azure.com/org/proj/_git/$n" "$n" || return 1
	done
	git -C "$T/clone" commit -qm submodules
	git -C "$T/clone" push -q
}

jobs()
{
	git_home <<-END
		$one_line
	END
	rm -rf "$T/clone" "$T/again" "$T/all"
	bare repo
	fresh

	it "git $git_version clones, fetches and pushes 3 MB with one line of configuration"
	expect 0 '' '' -- git clone -q "$repo" "$T/clone"
	is 'the file' "$(cat "$T/clone/repo")" repo
	expect 0 '' '' -- git -C "$T/clone" fetch -q
	head -c 3000000 /dev/urandom >"$T/clone/large"
	git -C "$T/clone" add large
	git -C "$T/clone" commit -qm large
	expect 0 '' - -- git -C "$T/clone" push -q origin HEAD
	expect 0 '' '' -- git clone -q "$repo" "$T/again"
	expect 0 '' '' -- cmp "$T/clone/large" "$T/again/large"

	it "git $git_version gets four submodules at once"
	expect 0 - - -- submodules
	expect 0 - - -- git clone -q --recurse-submodules -j4 "$repo" "$T/all"
	is 'submodules' "$(cat "$T/all/one/one" "$T/all/four/four")" 'one
four'

	it "git $git_version stores and fetches large files by Git LFS"
	if command -v git-lfs >/dev/null; then
		expect 0 - - -- lfs
		expect 0 '' '' -- cmp "$T/clone/big.bin" "$T/lfs/big.bin"
	else
		skip 'git-lfs is not installed'
	fi

	it "git $git_version needs one request for a token for all of that"
	is 'requests' "$(sim_counter imds)" 1
	is 'schemes with two credentials' "$(sim_log repos | grep -oi 'authorization: [a-z]* [^\\]*' | sort -u |
		cut -d' ' -f2 | uniq -d)" ''
	secrets
}

# The token that all of it was done with is where it belongs.
secrets()
{
	mi-token --resource $devops | tr -d '\n' >"$T/secret"
	it "git $git_version leaves the token nowhere"
	tail -c 24 "$T/secret" >"$T/tail"
	is 'files' "$(grep -rlFf "$T/tail" /run /tmp /var/tmp /dev/shm "${TMPDIR:-/tmp}" 2>/dev/null |
		grep -v -e "^$T/secret$" -e "^$T/tail$" -e "^/run/.stage" -e '^/run/azure-sim' | sort -u)" "$(ls "$XDG_RUNTIME_DIR"/mi-token/*.token)"
	if command -v strace >/dev/null; then
		GIT_TRACE="$T/git-trace" GIT_TRACE_CURL="$T/git-trace" strace -f -v -s 100000 -e trace=execve -o "$T/processes" git -C "$T/clone" fetch >"$T/fetch" 2>&1
		cat "$T/fetch" "$T/git-trace" "$T/processes" | grep -v '^$' >"$T/seen"
		is 'processes' "$(grep -c git-credential-mi-token "$T/seen")" '~[1-9]*'
		is 'arguments, environments and texts' "$(pieces "$T/secret" <"$T/seen")" ''
		rm -f "$T/git-trace" "$T/seen"
	fi
}

lfs()
{
	git -C "$T/clone" lfs install --local || return 1
	git -C "$T/clone" lfs track '*.bin'
	head -c 500000 /dev/urandom >"$T/clone/big.bin"
	git -C "$T/clone" add .gitattributes big.bin
	git -C "$T/clone" commit -qm lfs
	git -C "$T/clone" push -q || return 1
	rm -rf "$T/lfs"
	git lfs install --skip-repo
	git clone -q "$repo" "$T/lfs"
}

each_git jobs

it 'both addresses of an organization work, and a user in the URL as the site shows it'
git_home <<END
$one_line
credential.https://*.visualstudio.com.helper mi-token
END
bare repo
for url in https://org@dev.azure.com/org/proj/_git/repo https://org.visualstudio.com/proj/_git/repo \
	https://org.visualstudio.com/DefaultCollection/proj/_git/repo; do
	expect 0 - '' -- git ls-remote "$url"
done

# scenario NAME MEMBERS: a machine whose Azure DevOps has these members.
scenario()
{
	sed '$d' "$scenarios/vm-system.json" >"$T/$1.json"
	echo ",\"repos\":{$2}}" >>"$T/$1.json"
	sim_scenario "$T/$1.json"
	fresh
}

it 'a first challenge on a POST, where git does not say what it can, is answered'
scenario public '"anonymous_get":true'
expect 0 - '' -- git ls-remote "$repo"
is 'requests' "$(sim_counter imds)" 1

it 'a sign-in page instead of a challenge asks for no token'
scenario page '"sign_in_page":true'
expect 128 '' - -- git ls-remote "$repo"
is 'requests' "$(sim_counter imds)" 0
