#!/bin/sh
# The versions of git that tests/gits has built do what the tests need of them.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.com
export GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0

# repository FOLDER [SUBMODULE...]: with one commit.
repository()
{
	git init -q "$1"
	for module in a b c d; do
		[ "$2" = none ] || git -C "$1" -c protocol.file.allow=always submodule --quiet add "file://$2" $module
	done
	git -C "$1" commit -q --allow-empty -m one
}

# works NAME GIT: a clone of $T/super, a push from it, http and credentials.
works()
{
	rm -rf "$T/clone" "$T/bare"
	"$2" clone -q --bare "file://$T/super" "$T/bare" || bad "clone --bare"
	"$2" -c protocol.file.allow=always clone -q --recurse-submodules -j4 "file://$T/bare" "$T/clone" ||
		bad "clone --recurse-submodules"
	is 'submodules' "$(find "$T/clone" -mindepth 2 -maxdepth 2 -name .git | wc -l)" 4
	"$2" -C "$T/clone" submodule --quiet deinit --all --force || bad "submodule deinit"
	"$2" -C "$T/clone" -c protocol.file.allow=always submodule --quiet update --init --jobs=4 ||
		bad "submodule update"
	for command in 'commit -q --allow-empty -m two' 'push -q' 'fetch -q'; do
		# shellcheck disable=SC2086 # arguments
		"$2" -C "$T/clone" $command || bad "$command"
	done
	printf '%s\n' protocol=https host=example.com '' |
		"$2" -c credential.helper= -c credential.helper='!printf "username=u\npassword=p\n";:' credential fill >"$T/filled"
	is 'credential fill' "$(tail -n 2 "$T/filled")" "username=u
password=p"
	same "$("$2" ls-remote https://127.0.0.1:1/x 2>&1)" '~*onnect*' || bad "https: $("$2" ls-remote https://127.0.0.1:1/x 2>&1)"
	"$2" http-backend </dev/null 2>&1 | grep -q '^Status: 500' || bad "http-backend"
}

command -v git >/dev/null || { it 'gits'; skip 'no git'; exit; }
repository "$T/sub" none
repository "$T/super" "$T/sub"

"$root/tests/gits" list >"$T/list" || bad "tests/gits list"
is 'lines' "$(cut -d' ' -f1 "$T/list" | xargs)" 'system 2.34 2.43 2.47 newest'
while read -r name program version; do
	it "git $name is the version it is called, and works"
	if [ "$program" = - ]; then
		skip "git $name: $version"
		continue
	fi
	is 'version' "$("$program" version)" "~git version $version*"
	case $name in 2.*) is 'version' "$version" "~$name.*" ;; esac
	works "$name" "$program"
done <"$T/list"

it 'in an empty folder none but the system'\''s is there'
mkdir "$T/none"
is 'list' "$(GITS_DIR=$T/none "$root/tests/gits" list | sed 1d | cut -d' ' -f2- | sort -u)" '- not available'

it 'a version nobody wants is refused, and nothing made'
expect 2 '' '~usage: tests/gits build*' -- env GITS_DIR="$T/no" "$root/tests/gits" build 2.47 1.0
[ ! -e "$T/no" ] || bad "$T/no"

it 'another user'\''s folder is not built into'
mkdir "$T/other"
if chown 12345 "$T/other" 2>/dev/null; then
	expect 1 '' "~*/other is not yours" -- env GITS_DIR="$T/other" "$root/tests/gits" build 2.47
else
	skip 'needs root'
fi
