# shellcheck shell=sh
# Helpers for the tests of git with our credential helper; they come after lib.sh.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2154 # what lib.sh and the tests share with it

: "${T:?git-lib.sh comes after lib.sh}"

command -v git >/dev/null || {
	echo 'git is missing' >&2
	exit 77
}

# Nothing of the machine's own configuration, and nobody to ask.
export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0 HOME="$T/home"
unset GIT_ASKPASS SSH_ASKPASS
repo=https://dev.azure.com/org/proj/_git/repo
devops=499b84ac-1321-427f-aa17-267ca6975798
plain_path=$PATH

# A home with this configuration: one `git config` argument list a line.
git_home()
{
	rm -rf "$HOME"
	mkdir -p "$HOME"
	git config --global user.name tester
	git config --global user.email tester@example.com
	git config --global init.defaultBranch main
	git config --global protocol.file.allow always
	while read -r git_key git_value; do
		git config --global --add "$git_key" "$git_value"
	done
}

# Another start: no token anywhere, counters at 0, nothing goes wrong.
fresh()
{
	sim_faults '[]'
	sim_reset
	mi-token cache clear -q >"$T/cleared"
}

# bare NAME: an empty repository of the organization org, with one commit.
bare()
{
	rm -rf "$SIM_STATE/repos/org/proj/$1" "$T/seed"
	git init -q --bare "$SIM_STATE/repos/org/proj/$1"
	git init -q "$T/seed"
	echo "$1" >"$T/seed/$1"
	git -C "$T/seed" add .
	git -C "$T/seed" commit -qm "$1"
	git -C "$T/seed" push -q "$SIM_STATE/repos/org/proj/$1" HEAD:refs/heads/main
}

# each_git FUNCTION: once with every git there is (with sanitizers, the system's), first in PATH. $git_name and
# $git_version are its own, $git_number is 247 for 2.47.
each_git()
{
	"$root/tests/gits" list >"$T/gits"
	case $B in *san-*) sed -i 1q "$T/gits" ;; esac # our programs are the same for all
	while read -r git_name git_path git_version <&3; do
		if [ "$git_path" = - ]; then
			it "git $git_name does what the others do"
			skip "$git_version"
			continue
		fi
		git_number=$(echo "$git_version" | awk -F. '{ print $1 * 100 + $2 }')
		PATH=$T/bin:$B/bin:${git_path%/*}:$plain_path
		"$1"
	done 3<"$T/gits"
	PATH=$plain_path
}

# ask OPERATION [ARGUMENT...] with the lines on stdin: our helper, alone.
ask()
{
	ask_operation=$1
	shift
	git-credential-mi-token "$@" "$ask_operation"
}

# A helper in front of ours that writes down what it was asked.
mkdir -p "$T/bin"
cat >"$T/bin/git-credential-counted" <<END
#!/bin/sh
for op; do :; done
echo "\$op" >>$T/asked
exec git-credential-mi-token "\$@"
END
chmod +x "$T/bin/git-credential-counted"
plain_path=$T/bin:$plain_path
PATH=$plain_path

# asked OPERATION: how often it was, since the file was removed.
asked()
{
	grep -cx "$1" "$T/asked" 2>/dev/null || :
}
