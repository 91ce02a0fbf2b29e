#!/bin/sh
# mi-token git configure and check, when something is in the way: the cure that they name
# is one.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || { echo "ok - mi-token git check # SKIP no git"; exit 0; }

GIT_CONFIG_SYSTEM=$T/gitconfig # nothing of this machine's
export GIT_CONFIG_SYSTEM
real_git=$(command -v git)
cd "$T" || exit 1
conf=$HOME/.gitconfig
repository=https://dev.azure.com/org/p/_git/r
sim_start vm-system

# stub FOLDER COMMAND...: a git there whose ls-remote does that.
stub()
{
	mkdir -p "$T/$1"
	printf '#!/bin/sh\n[ "$1" = -C ] || exec "%s" "$@"\n%s\n' "$real_git" "$2" >"$T/$1/git"
	chmod +x "$T/$1/git"
}

# report LINE...: check's report has each of these lines; a line is a pattern.
report()
{
	for lib_line; do
		same "$(cat "$T/out")" "~*$lib_line*" || bad "the report lacks: $lib_line"
	done
	[ -z "$lib_bad" ] || sed 's/^/# /' "$T/out" >&2
}

# The longest goes on beside the others: a server that says nothing.
mkdir "$T/home-silent"
HOME=$T/home-silent mi-token git configure >/dev/null
stub silent 'exec sleep 120'
(HOME=$T/home-silent PATH=$T/silent:$PATH mi-token git check --probe $repository >"$T/silent-out" 2>&1
	echo $? >"$T/silent-status") &
silent=$!

it 'an empty line behind ours is told of, and configure writes behind it'
mi-token git configure >/dev/null
printf '[credential]\n\thelper =\n' >>"$conf"
expect 3 - '' -- mi-token git check
report "fail  helper *an empty line 'credential.helper' (global, $conf) takes back*
*run ?mi-token git configure?, *"
expect 0 '~written: *written: *done *' '' -- mi-token git configure
expect 0 - '' -- mi-token git check
is 'path' "$(git config --global --get-all credential.https://dev.azure.com.useHttpPath)" true
cp "$conf" "$T/first"
expect 0 '~*nothing to change*' '' -- mi-token git configure
cmp "$conf" "$T/first" || bad 'the file changed again'
expect 0 '~removed: *' '' -- mi-token git unconfigure
is 'file' "$(cat "$conf")" '[credential]
	helper ='

it 'so it does with a helper of somebody else in the section, and with options'
cat >"$conf" <<'END'
[credential "https://dev.azure.com"]
	helper = store
	helper =
	helper = mi-token -i system
	useHttpPath = false
[credential "https://*.azure.com"]
	helper =
END
expect 0 - - -- mi-token git configure
is 'values' "$(git config --global --get-all credential.https://dev.azure.com.helper | tr '\n' ,)" 'store,,mi-token -i system,'
is 'path' "$(git config --global --get-all credential.https://dev.azure.com.useHttpPath)" false
expect 0 - '' -- mi-token git check

it 'a section that others hold in its place is told of, with the line to remove'
cat >"$conf" <<'END'
[credential "https://dev.azure.com"]
	username = ann
[credential]
	helper =
END
expect 3 '' "~mi-token: git still does not ask *'credential.helper' (global, $conf)*git config --file *" -- mi-token git configure
sh -c "$(sed 's/.*`\(.*\)`.*/\1/' "$T/err")" || bad 'the cure fails'
expect 0 - '' -- mi-token git configure
expect 0 - '' -- mi-token git check
is 'user' "$(git config --global --get credential.https://dev.azure.com.username)" ann

it 'where configure cannot help, check says so and what to remove'
rm "$conf"
mi-token git configure >/dev/null
git init -q "$T/repository"
git -C "$T/repository" config credential.helper ''
cd "$T/repository" || exit 1
expect 3 - '' -- mi-token git check
report "fail  helper *'credential.helper' (local, .git/config) takes back*
*?mi-token git configure? cannot help; *git config --file '.git/config' *"
expect 0 '~*nothing to change*' "~mi-token: an empty line 'credential.helper' (local, .git/config) takes *" -- mi-token git configure
sh -c "$(mi-token git check | sed -n 's/.*help; `\(.*\)`.*/\1/p')" || bad 'the cure fails'
expect 0 - '' -- mi-token git check
cd "$T" || exit 1
GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper GIT_CONFIG_VALUE_0='' expect 3 - '' -- mi-token git check
report 'fail  helper *(command)*' "cannot help; take 'credential.helper=' away *GIT_CONFIG_COUNT*"
git config --global credential.https://dev.azure.com/orgB.helper ''
expect 3 - '' -- mi-token git check https://dev.azure.com/orgB
report "fail  helper *'credential.https://dev.azure.com/orgB.helper'*" 'configure? cannot help; *'
expect 0 - '' -- mi-token git check https://dev.azure.com/orgA
git config --global credential.https://orgB.visualstudio.com.helper ''
expect 3 - '' -- mi-token git check https://orgB.visualstudio.com
report 'configure? cannot help; *'
git config --global credential.https://dev.azure.com/.helper ''
expect 3 - '' -- mi-token git check
report '*run ?mi-token git configure?, *'
expect 0 - '' -- mi-token git configure
expect 0 - '' -- mi-token git check
rm "$conf"
mi-token git configure >/dev/null

it 'the identity shown is the one for what git tells the helper'
mkdir -p /etc/mi-token
cat >/etc/mi-token/mi-token.conf <<'END'
rules = ( { host = "dev.azure.com"; path = "/orgB"; identity = "system"; },
          { host = "org.visualstudio.com"; path = "/p"; deny = true; } );
END
expect 0 '~*identity     system, by /etc/mi-token/mi-token.conf:1*' '' -- mi-token git check https://dev.azure.com/orgB
expect 0 '~*identity     default, *' '' -- mi-token git check https://dev.azure.com/orgA
git config --global credential.https://dev.azure.com.useHttpPath false
expect 5 '~*warn  path *the host alone, and rules that look at the path refuse the token
*run ?git config --global credential.https://dev.azure.com.useHttpPath true?*fail  token *path, which is not known*' '' -- \
	mi-token git check https://dev.azure.com/orgA
git config --global credential.https://dev.azure.com.useHttpPath true
expect 5 '~*ok    path *the host alone*fail  token *which is not known*' '' -- mi-token git check https://org.visualstudio.com/q
git config --global 'credential.https://*.visualstudio.com.useHttpPath' true
expect 0 '~*ok    path *tells the helper the path*' '' -- mi-token git check https://org.visualstudio.com/q
expect 5 '~*denied by the rule*' '' -- mi-token git check https://org.visualstudio.com/p

it 'a URL without an organisation is no failure where rules ask for one'
expect 0 '~*warn  token *names none
*as in mi-token git check https://dev.azure.com/ORG*' '' -- mi-token git check
rm /etc/mi-token/mi-token.conf

it 'without a URL, check is about the repository that it is run in'
cd "$T/repository" || exit 1
expect 0 '~https://dev.azure.com
*' '' -- mi-token git check
git remote add origin https://org@dev.azure.com/org/p/_git/r
expect 0 "~https://org@dev.azure.com/org/p/_git/r
*ok    url *origin*" '' -- mi-token git check
expect 0 '~https://dev.azure.com/x
*' '' -- mi-token git check https://dev.azure.com/x
for url in https://github.com/x/y git@ssh.dev.azure.com:v3/org/p/r https://ann:SPYMARK@dev.azure.com/o; do
	git remote set-url origin "$url"
	expect 0 '~https://dev.azure.com
*' '' -- mi-token git check
	grep -q SPYMARK "$T/out" && bad 'a password was shown'
done
cd "$T" || exit 1

it 'a line that our helper refuses is a failure, in its words'
git config --global --replace-all credential.https://dev.azure.com.helper 'mi-token --auth=odd' mi-token
expect 3 - '' -- mi-token git check
report "fail  helper       1. mi-token --auth=odd (global, $conf): --auth is auto, basic or bearer
*see git-credential-mi-token --help"
git config --global --replace-all credential.https://dev.azure.com.helper 'mi-token --ident=system --auth bearer' mi-token
expect 0 '~*identity     system, by the helper'\''s line*' '' -- mi-token git check
rm "$conf"
mi-token git configure >/dev/null

it 'a host of Artifacts without a helper gets the exact line'
expect 3 - '' -- mi-token git check https://pkgs.dev.azure.com/x
report 'fail  helper *run ?git config --global credential.https://pkgs.dev.azure.com.helper mi-token?*'
expect 3 - '' -- mi-token git check https://github.com/x
grep -q 'git configure' "$T/out" && bad 'configure is named, which is not for it'

# probe STATUS LINE... -- COMMAND: what the probe says when ls-remote does that.
probe()
{
	stub probe "$2"
	PATH=$T/probe:$PATH expect "$1" - '' -- mi-token git check --probe $repository
	shift 2
	report "$@"
	grep 'see above' "$T/out" && bad 'nothing is above'
}

it 'the helper'\''s own words are the advice, others only without them'
probe 5 "echo 'mi-token: no member' >&2; echo \"fatal: Authentication failed for 'x'\" >&2; exit 128" \
	'fail  probe        the repository is refused
                   mi-token: no member'
grep -q 'Basic licence' "$T/out" && bad 'general advice beside the special one'
probe 5 "echo \"fatal: Authentication failed for 'x'\" >&2; exit 128" 'Basic licence'

it 'pages to sign in and redirects to them are named, each with a cure'
probe 5 "echo \"fatal: https://x/info/refs not valid: is this a git repository?\" >&2; exit 128" \
	'the server sent a page to sign in' 'connected to the identity'
probe 5 "echo 'fatal: unable to update url base from redirection:' >&2; echo '  asked for: x' >&2; exit 128" \
	'the server sends git to a page to sign in' 'connected to the identity'
probe 5 "echo \"fatal: could not read Username for 'x': terminal prompts disabled\" >&2; exit 128" \
	'the helper gave no token' 'GIT_TRACE'

it 'several pieces of advice are an array in JSON'
stub probe "echo 'mi-token: one' >&2; echo 'mi-token: two' >&2; echo 'fatal: Authentication failed' >&2; exit 128"
PATH=$T/probe:$PATH expect 5 - '' -- mi-token git check --json --probe $repository
json <"$T/out" >"$T/json" || bad 'no JSON'
is 'advice' "$(sed -n 's/^facts\.[0-9]*\.advice\.[01]=//p' "$T/json")" 'mi-token: one
mi-token: two'

it 'a git that cannot read its configuration is heard'
cp "$conf" "$T/good"
echo '[broken' >"$conf"
printf '#!/bin/sh\necho "fatal: bad config line 1 in file %s" >&2\nexit 128\n' "$conf" >"$T/probe/git"
PATH=$T/probe:$PATH expect 3 "~*fail  git          git does not work: bad config line 1 in file *
*with an editor*" '' -- mi-token git check
expect 3 '' '~mi-token: git does not work: bad config line 1 *; mend that file with an editor' -- mi-token git configure
cp "$T/good" "$conf"

it 'what cannot be written is told with a cure'
touch "$conf.lock"
rm -f "$conf"
expect 3 '' "~*File exists; *rm '$conf.lock'" -- mi-token git configure
rm "$conf.lock"
expect 3 '' '~*HOME not set; set HOME, or use --system' -- env -u HOME -u XDG_CONFIG_HOME mi-token git configure
# says WHY: a git that cannot write.
says()
{
	printf '#!/bin/sh\ncase $* in *--add*) echo "error: $WHY" >&2; exit 255 ;; esac\nexec "%s" "$@"\n' "$real_git" >"$T/probe/git"
	export WHY="could not lock config file /etc/gitconfig: $1"
}
says 'Permission denied'
PATH=$T/probe:$PATH expect 3 '' '~*git config --system: *; run it as root' -- mi-token git configure --system
PATH=$T/probe:$PATH expect 3 '' '~*git config --global: *; *belongs to somebody else' -- mi-token git configure
says 'Read-only file system'
PATH=$T/probe:$PATH expect 3 '' '~*git config --global: *; GIT_CONFIG_GLOBAL *' -- mi-token git configure

it 'a server that says nothing costs 20 seconds, and names what may be in between'
wait "$silent"
is 'status' "$(cat "$T/silent-status")" 6
cp "$T/silent-out" "$T/out"
report 'fail  probe        the server does not answer within 20 s
*firewall*proxy*'
