#!/bin/sh
# Other helpers beside ours: what they may see, and where the token must not be found.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/git-lib.sh
. "$root/tests/cli/git-lib.sh"

sim_start vm-system

# chain HELPER...: these, in this order.
chain()
{
	for helper; do
		echo "credential.helper $helper"
	done | git_home
	fresh
}

disk()
{
	for order in 'store mi-token' 'mi-token store'; do
		# Two words on purpose.
		# shellcheck disable=SC2086
		chain $order
		bare repo
		rm -rf "$T/clone"
		it "git $git_version with the helpers $order: works, and check tells what lands on disk"
		expect 0 '' '' -- git clone -q "$repo" "$T/clone"
		expect 0 '' '' -- git -C "$T/clone" fetch
		is 'requests' "$(sim_counter imds)" 1
		mi-token git check "$repo" >"$T/check" 2>&1
		if [ "$git_number" -ge 254 ]; then
			is 'file' "$(cat "$HOME/.git-credentials" 2>/dev/null)" ''
			is 'warnings of the disk' "$(grep -c 'in clear' "$T/check")" 0
		else
			is 'file' "$(cat "$HOME/.git-credentials")" '~https://mi-token:*@dev.azure.com'
			is 'warnings of the disk' "$(grep -c '^warn .*store .*writes the token into ~/.git-credentials in clear' "$T/check")" 1
		fi
	done

	it "git $git_version keeps a helper away from the token by a line of reset"
	chain store
	expect 0 - - -- mi-token git configure
	expect 0 - '' -- git ls-remote -q "$repo" main
	is 'file' "$(cat "$HOME/.git-credentials" 2>/dev/null)" ''
}

each_git disk

it 'what another helper gave stays its own affair'
cat >"$T/bin/git-credential-other" <<'END'
#!/bin/sh
[ "$1" != get ] || printf 'username=somebody\npassword=else\n'
END
chmod +x "$T/bin/git-credential-other"
chain other mi-token
mi-token --resource $devops >"$T/token"
expect 128 '' '~*Authentication failed*' -- git ls-remote "$repo"
is 'lines of ours' "$(grep -c '^mi-token' "$T/err")" 0
mi-token --resource $devops >"$T/token"
is 'requests' "$(sim_counter imds)" 1
