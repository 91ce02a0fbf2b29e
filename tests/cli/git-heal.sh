#!/bin/sh
# A token that Azure Repos refuses: healed where git can, ended soon where nothing helps, told
# in one line.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/git-lib.sh
. "$root/tests/cli/git-lib.sh"

sim_start vm-system

# ready: a clone, a cached token that was taken, and nothing counted yet.
ready()
{
	git_home <<-END
		credential.helper counted
		credential.https://dev.azure.com.useHttpPath true
	END
	rm -rf "$T/clone"
	bare repo
	fresh
	expect 0 '' '' -- git clone -q "$repo" "$T/clone"
	before=$(sim_counter imds)
	rm -f "$T/asked"
}

# Requests for a token since then.
requests()
{
	echo $(($(sim_counter imds) - before))
}

# revoke [?keep=1]: Azure Repos refuses all tokens that exist.
revoke()
{
	sim_control "/revoke${1-}" -X POST
}

push()
{
	head -c 2500000 /dev/urandom >"$T/clone/large"
	git -C "$T/clone" add large
	git -C "$T/clone" commit -qm large
	git -C "$T/clone" push -q origin HEAD
}

# Git before 2.46 fails, and the next command works.
can_heal()
{
	[ "$git_number" -ge 246 ]
}

heals()
{
	it "git $git_version gets over a token that is not taken any more"
	ready
	revoke
	if can_heal; then
		expect 0 '' '' -- git -C "$T/clone" fetch
		is 'gets' "$(asked get)" 2
		is 'erasures' "$(asked erase)" 0
	else
		expect 128 '' '~mi-token: Azure DevOps refused a valid token: *' -- git -C "$T/clone" fetch
		is 'erasures' "$(asked erase)" 1
		expect 0 '' '' -- git -C "$T/clone" fetch
	fi
	is 'requests' "$(requests)" 1

	it "git $git_version gets over a refusal in the middle of a push"
	ready
	sim_faults '[{"service":"repos","path":"/org/proj/_git/repo/git-receive-pack","refuse":true,"first":1}]'
	if can_heal; then
		expect 0 '' '' -- push
		is 'gets' "$(asked get)" 2
	else
		expect 1 '' '~*refused a valid token*' -- push
		expect 0 '' '' -- push
	fi
	is 'requests' "$(requests)" 1

	it "git $git_version gets over a refusal where the URL has a user"
	ready
	revoke
	git -C "$T/clone" remote set-url origin https://org@dev.azure.com/org/proj/_git/repo
	can_heal || expect 128 '' - -- git -C "$T/clone" fetch
	expect 0 '' '' -- git -C "$T/clone" fetch
	is 'requests' "$(requests)" 1
}

ends()
{
	for service in /info/refs /git-upload-pack /git-receive-pack; do
		it "git $git_version ends soon when $service refuses everything, and says why"
		ready
		sim_faults "[{\"service\":\"repos\",\"path\":\"/org/proj/_git/repo$service\",\"refuse\":true}]"
		case $service in
		/git-receive-pack) expect '~1*' '' - -- push ;;
		*) expect '~1*' '' - -- git -C "$T/clone" ls-remote ;;
		esac
		is 'lines of ours' "$(grep -c '^mi-token: ' "$T/err")" 1
		is 'cause and cure' "$(grep '^mi-token: ' "$T/err")" \
			"~*object id 0b1e0000-* is no user of the organization 'org'*https://dev.azure.com/org/_settings/users*"
		is 'gets' "$(asked get)" '~[123]'
		is 'requests' "$(requests)" '~[012]'
	done
}

# An answer is asked for again and again, as by impatient people.
rates()
{
	it "git $git_version asks the platform no more than once for a token that it gives again"
	ready
	revoke '?keep=1'
	for _ in 1 2 3 4; do
		expect 128 '' - -- git -C "$T/clone" fetch
	done
	is 'requests' "$(requests)" 1
}

both()
{
	heals
	ends
	rates
}

each_git both

it 'the same is told once a minute'
ready
revoke '?keep=1'
for _ in 1 2 3; do
	git -C "$T/clone" fetch 2>>"$T/said"
done
is 'lines' "$(grep -c '^mi-token: ' "$T/said")" 1

it 'other orgs of the same identity are told apart'
git -C "$T/clone" remote set-url origin https://orga.visualstudio.com/proj/_git/repo
expect 128 '' "~mi-token: *organization 'orga'*" -- git -C "$T/clone" fetch

it 'two organizations that disagree about a token do not have the platform asked in turns'
ready
for _ in 1 2 3 4; do
	sim_faults '[{"service":"repos","path":"/org/proj/_git/repo","refuse":true}]'
	expect 128 '' - -- git -C "$T/clone" fetch
	sim_faults '[]'
	expect 0 - - -- git -C "$T/clone" ls-remote
done
is 'requests' "$(requests)" 1

it 'a user of our name in the URL is nobody refused'
ready
git -C "$T/clone" remote set-url origin https://mi-token@dev.azure.com/org/proj/_git/repo
expect 0 '' '' -- git -C "$T/clone" fetch
expect 0 '' '' -- git -C "$T/clone" fetch
is 'requests' "$(requests)" '~[01]'

it 'an organization of another tenant is named with both tenants'
sed '$d' "$scenarios/vm-system.json" >"$T/tenant.json"
echo ',"repos":{"tenant":"11111111-2222-4333-8444-555555555555"}}' >>"$T/tenant.json"
sim_scenario "$T/tenant.json"
fresh
git_home <<END
credential.helper mi-token
credential.https://dev.azure.com.useHttpPath true
END
if [ "$(git version | awk -F'[. ]' '{ print $3 * 100 + $4 }')" -ge 241 ]; then
	expect 128 '' "~mi-token: *'org' belongs to tenant 11111111-2222-4333-8444-555555555555, the identity to tenant $SIM_TENANT; *federated*" -- git ls-remote "$repo"
else
	expect 128 '' "~mi-token: *which may belong to another tenant than $SIM_TENANT*" -- git ls-remote "$repo"
fi
