#!/bin/sh
# mi-token git configure, unconfigure and check.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

command -v git >/dev/null || { echo "ok - mi-token git # SKIP no git"; exit 0; }

real_git=$(command -v git)
id=6f0c0000-0000-4000-8000-0000000000a1
GIT_CONFIG_SYSTEM=$T/gitconfig # nothing of this machine's
export GIT_CONFIG_SYSTEM
cd "$T" || exit 1
conf=$HOME/.gitconfig

mkdir -p "$T/git"

# git_is VERSION: what git says it is; "" for its own.
git_is()
{
	printf '#!/bin/sh\n[ "$1" = version ] && exec echo "git version %s"\nexec "%s" "$@"\n' \
		"$1" "$real_git" >"$T/git/git"
	chmod +x "$T/git/git"
}
git_is 2.39.5
PATH=$T/git:$PATH

# git_file FILE: on stdin, what is in it before.
git_file()
{
	cat >"$1"
	cp "$1" "$1.before"
}

blank=' ' # git writes one behind the sign
ours="[credential \"https://dev.azure.com\"]
	helper =$blank
	helper = mi-token
	useHttpPath = true
[credential \"https://*.visualstudio.com\"]
	helper =$blank
	helper = mi-token"

sim_start vm-system

it 'mi-token git is a program of its own that gets its arguments as they are'
expect 0 '~usage: mi-token git COMMAND*configure*unconfigure*check*' '' -- mi-token git --help
expect 0 "$(mi-token git --help)" '' -- mi-token help git
expect 0 '~usage: mi-token git check *--probe*' '' -- mi-token git check --help
expect 0 "$(mi-token git check --help)" '' -- mi-token help git check
expect 0 "$(mi-token git check --help)" '' -- mi-token git help check
expect 0 "$(mi-token --version)" '' -- mi-token git --version
expect 2 '' "~mi-token: no identity is called 'git'*" -- mi-token get --identity git arm
is 'listed' "$(mi-token --help | grep -c '^  git  ')" 1

it 'where the program is missing, one line says what to install'
mkdir -p "$T/alone/bin"
cp "$B/bin/mi-token" "$T/alone/bin/"
expect 1 '' "~mi-token: cannot run */mi-token-git: No such file or directory; install *'git'" -- \
	"$T/alone/bin/mi-token" git check

it 'wrong usage is status 2 and one line, which repeats no secret'
expect 2 '' '~mi-token: *; see mi-token git --help' -- mi-token git
expect 2 '' '~mi-token: no such command*configure, unconfigure, check' -- mi-token git SPYMARK
expect 2 '' '~mi-token: --frobnicate is no option; *' -- mi-token git check --frobnicate
expect 2 '' '~mi-token: *--identity lacks its value*' -- mi-token git check --identity
expect 2 '' "~mi-token: 'git configure' does not take --probe; *" -- mi-token git configure --probe
expect 2 '' "~mi-token: 'git unconfigure' does not take --identity; *" -- mi-token git unconfigure -i system
expect 2 '' "~mi-token: 'git configure' takes no argument, not 1; *" -- mi-token git configure x
expect 2 '' '~mi-token: *one of them' -- mi-token git configure --global --system
expect 2 '' '~{"code": "*", "message": *' -- mi-token git configure --probe --error-format json
expect 2 '' '~{"code": "*--bogus is no option*' -- mi-token git check --bogus --error-format json
expect 2 '' "~mi-token: options of 'git' come after it, as in mi-token git *" -- mi-token -v git check
expect 2 '' '~mi-token: there is no such command *' -- mi-token help nosuch
expect 2 '' '~mi-token: no such command *' -- mi-token git help nosuch
expect 0 "$(mi-token --help)" '' -- mi-token help
expect 0 "$(mi-token git --help)" '' -- mi-token git help
expect 2 '' '~mi-token: --error-format *' -- mi-token git configure --error-format yaml

it 'configure writes these lines and no others, once'
rm -f "$conf"
expect 0 '~written: *written: *done *' '' -- mi-token git configure
is 'file' "$(cat "$conf")" "$ours"
cp "$conf" "$T/first"
expect 0 '~kept: *kept: *nothing to change*' '' -- mi-token git configure --global
cmp "$conf" "$T/first" || bad 'the second run changed the file'
is 'helpers that git sees' "$(git config --get-urlmatch credential.helper https://org.visualstudio.com)" mi-token
is 'path' "$(git config --type=bool --get-urlmatch credential.useHttpPath https://dev.azure.com/org)" true

it 'unconfigure takes them back and leaves no empty section'
expect 0 '~removed: *removed: *done *' '' -- mi-token git unconfigure
is 'file' "$(cat "$conf")" ''
expect 0 '~nothing to change*' '' -- mi-token git unconfigure
is 'file' "$(cat "$conf")" ''
rm "$conf"
expect 0 '~nothing to change*' '' -- mi-token git unconfigure --global
[ ! -e "$conf" ] || bad 'a file was made'

it 'what others wrote stays as it was, to the byte'
git_file "$conf" <<'END'
# mine
[user]
	name = Ann   ; a comment
[credential]
	helper = store
[credential "https://dev.azure.com/orgB"]
	helper =
	helper = mi-token --identity=backup
[http "https://dev.azure.com"]
	proactiveAuth = auto
END
expect 0 - '' -- mi-token git configure
is 'file' "$(cat "$conf")" "$(cat "$conf.before")
$ours"
expect 0 - '' -- mi-token git unconfigure
cmp "$conf" "$conf.before" || bad 'not as before'

it 'a helper of somebody else in the very section is kept, and named'
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	helper = "!f() { echo password=SPYMARK; }; f"
	helper = store
	username = ann
END
expect 0 - '~*another helper of \[credential "https://dev.azure.com"\] is kept: a line of shell*kept: store*' -- \
	mi-token git configure
is 'values' "$(git config --global --get-all credential.https://dev.azure.com.helper | tail -n +2)" 'store

mi-token'
grep -q SPYMARK "$T/out" "$T/err" && bad 'a line of shell was repeated'
expect 0 - '~*is kept: store*' -- mi-token git configure
expect 0 '~*nothing to change*' '' -- mi-token git configure -q
expect 0 '~*kept: *useHttpPath = true*to remove it: git config --global --unset-all credential.https://dev.azure.com.useHttpPath
*' '~*is kept: store*' -- mi-token git unconfigure
is 'other keys' "$(git config --global --get credential.https://dev.azure.com.username)" ann
eval "$(sed -n 's/.*to remove it: //p' "$T/out")" # it might be theirs
cmp "$conf" "$conf.before" || bad 'not as before'

it 'an empty line that is not ours stays, in its place'
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	helper =
	helper = store
END
expect 0 - - -- mi-token git configure
is 'values' "$(git config --global --get-all credential.https://dev.azure.com.helper | tr '\n' ,)" ',store,,mi-token,'
expect 0 - - -- mi-token git unconfigure
is 'values' "$(git config --global --get-all credential.https://dev.azure.com.helper | tr '\n' ,)" ',store,'

it 'a line of ours without its reset is put right'
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	helper = mi-token
	helper = mi-token
END
expect 0 - '' -- mi-token git configure
is 'values' "$(git config --global --get-all credential.https://dev.azure.com.helper | tr '\n' ,)" ',mi-token,'

it 'useHttpPath = false is somebody'\''s decision'
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	useHttpPath = false
END
expect 0 - '~mi-token: useHttpPath * is kept as it is*' -- mi-token git configure
expect 0 - - -- mi-token git unconfigure
cmp "$conf" "$conf.before" || bad 'not as before'

it 'git-credential-manager'\''s useHttpPath alone is not ours to remove'
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	useHttpPath = true
END
expect 0 '~nothing to change*' '' -- mi-token git unconfigure
cmp "$conf" "$conf.before" || bad 'not as before'

it '--identity stands in the line, is replaced by another, and stays when none is named'
rm -f "$conf"
expect 0 - '' -- mi-token git configure --identity "client-id:$id"
is 'value' "$(git config --global --get-urlmatch credential.helper https://dev.azure.com)" \
	"mi-token --identity=client-id:$id"
cp "$conf" "$T/first"
expect 0 "~kept: *--identity=client-id:$id*nothing to change*" '' -- mi-token git configure
cmp "$conf" "$T/first" || bad 'the file changed'
expect 0 - '' -- mi-token git configure -i system
is 'value' "$(git config --global --get-urlmatch credential.helper https://org.visualstudio.com)" \
	'mi-token --identity=system'
is 'lines' "$(wc -l <"$conf")" 7
expect 0 - '' -- mi-token git unconfigure
is 'file' "$(cat "$conf")" ''

it 'store behind ours is warned of, where it would be given the token'
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	helper =
	helper = mi-token
[credential]
	helper = store
END
expect 0 - "~mi-token: store (global, $conf) is asked as well: *look there for a token*" -- mi-token git configure
git_is 2.54.0
expect 0 - '' -- mi-token git configure
git_is 2.39.5
rm -f "$conf"

it 'a folder that cron does not look in is told of, and the name is written all the same'
expect 0 "~*note: the helper is in $B/bin; *PATH=/usr/bin:/bin*" '' -- mi-token git configure
is 'value' "$(git config --global --get-urlmatch credential.helper https://dev.azure.com)" mi-token
mi-token git unconfigure >/dev/null

it 'an identity is judged before it is written, and a shell takes it as it is'
expect 2 '' "~mi-token: no identity is called 'nobody'*" -- mi-token git configure --identity nobody
is 'file' "$(cat "$conf")" ''
group='/subscriptions/6f0c0000-0000-4000-8000-000000000001/resourceGroups/a(1)/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x'
expect 0 - '' -- mi-token git configure --identity "resource-id:$group"
is 'words' "$(eval "printf '%s\n' $(git config --global --get-urlmatch credential.helper https://dev.azure.com)")" \
	"mi-token
--identity=resource-id:$group"

it '--system writes the machine'\''s file, for everybody to read whatever the umask'
rm -f "$conf" "$GIT_CONFIG_SYSTEM"
expect 0 '~*--system*' '' -- mi-token git configure --system
is 'file' "$(cat "$GIT_CONFIG_SYSTEM")" "$ours"
is 'mode' "$(stat -c %a "$GIT_CONFIG_SYSTEM")" 644
[ ! -e "$conf" ] || bad 'the user has a file'
expect 0 '~*nothing to change*--system*' '' -- mi-token git configure --system
expect 0 '~removed: *' '' -- mi-token git unconfigure --system
is 'file' "$(cat "$GIT_CONFIG_SYSTEM")" ''

it 'where git will not find the helper, its path is written'
rm -f "$conf"
mkdir -p "$T/moved dir/bin" "$T/moved dir/libexec/mi-token" "$T/moved dir/lib"
cp "$B/bin/mi-token" "$T/moved dir/bin/"
cp "$B/libexec/mi-token/mi-token-git" "$T/moved dir/libexec/mi-token/"
cp -R "$B/lib/mi-token" "$T/moved dir/lib/"
PATH=$T/git:/usr/bin:/bin expect 3 '' '~mi-token: there is no git-credential-mi-token *' -- \
	"$T/moved dir/bin/mi-token" git configure
cp "$(command -v git-credential-mi-token)" "$T/moved dir/bin/"
PATH=$T/git:/usr/bin:/bin expect 0 - '' -- "$T/moved dir/bin/mi-token" git configure
is 'value' "$(git config --global --get-urlmatch credential.helper https://dev.azure.com)" \
	"$T/moved\\ dir/bin/git-credential-mi-token"
PATH=$T/git:/usr/bin:/bin expect 0 - '' -- "$T/moved dir/bin/mi-token" git check

it 'a configuration that git cannot read is status 3, in its words'
echo '[broken' >"$conf"
expect 3 '' '~mi-token: git config --global: *bad config line 1*' -- mi-token git configure
expect 3 '~*fail  git *bad config line 1*' '' -- mi-token git check
rm "$conf"
expect 3 '' '~mi-token: there is no git *' -- env PATH="$B/bin" mi-token git configure

# report LINE...: check's report has each of these lines; a line is a pattern.
report()
{
	for lib_line; do
		same "$(cat "$T/out")" "~*$lib_line*" || bad "the report lacks: $lib_line"
	done
	[ -z "$lib_bad" ] || sed 's/^/# /' "$T/out" >&2
}

it 'check is content with what configure wrote'
mi-token git configure >/dev/null
expect 0 '~https://dev.azure.com
ok *' '' -- mi-token git check
report "ok    git          $T/git/git, version 2.39.5" 'ok    mode         Basic*' \
	"ok    helper       1. mi-token (global, $conf)" 'ok    path *' \
	'ok    identity     default, by *' 'ok    source       imds, by *' \
	'ok    tenant       9188*' 'ok    client id    6f0c*' 'ok    object id    0b1e*' \
	'ok    audience     499b84ac-1321-427f-aa17-267ca6975798' 'ok    expires *'
grep -vE '^(ok  |https:)' "$T/out" && bad 'not all is ok'
grep -qF "$(mi-token devops | cut -c 1-12)" "$T/out" && bad 'the token is in it'

it 'the mode is that of the git at hand'
for row in '2.34.1 Basic*fails*' '2.45.9 Basic*fails*' '2.46.0 Basic*replaced*' '2.53.2 Basic*replaced*' \
	'2.54.0 Bearer*replaced*' '2.54.0.rc1 Bearer*' '3.0.0 Bearer*'; do
	git_is "${row%% *}"
	expect 0 - '' -- mi-token git check
	report "version ${row%% *}" "mode         ${row#* }"
done
git_is 2.47.3
git config --global --replace-all credential.https://dev.azure.com.helper 'mi-token --auth=bearer' mi-token
expect 0 - '' -- mi-token git check
report 'warn  mode         Bearer*http.postBuffer*'
git_is nonsense
expect 3 '~*fail  git *does not tell its version*' '' -- mi-token git check
git_is 2.39.5

it 'without a helper, check says how to get one'
rm -f "$conf"
expect 3 - '' -- mi-token git check
report 'fail  helper       git does not ask mi-token for this URL*mi-token git configure' 'warn  path *' 'ok    expires *'

it 'store in front answers first, and is warned of'
git_file "$conf" <<'END'
[credential]
	helper = store --file ~/SPYMARK
[credential "https://dev.azure.com"]
	helper = mi-token
	useHttpPath = true
END
expect 0 - '' -- mi-token git check https://dev.azure.com/org/p/_git/r
report "warn  helper       1. store (global, $conf): it writes the token *in clear, *; it is in front*
*mi-token git configure*" 'ok    helper       2. mi-token '
grep -q SPYMARK "$T/out" && bad 'more than the name of a helper is shown'

it 'store behind gets the token from git before 2.54, and not from later ones'
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	helper =
	helper = mi-token
	useHttpPath = true
[credential]
	helper = /usr/lib/git-core/git-credential-store
END
expect 0 - '' -- mi-token git check
report 'ok    helper       1. mi-token ' 'warn  helper       2. store *in clear*
*behind it*'
git_is 2.54.0
expect 0 - '' -- mi-token git check
report 'ok    helper       2. store *not given*'

it 'libsecret is warned of before git 2.41, cache never'
git_is 2.40.1
git_file "$conf" <<'END'
[credential "https://dev.azure.com"]
	helper = cache --timeout 60
	helper = mi-token
	helper = libsecret
	helper = !git credential-libsecret
	useHttpPath = yes
END
expect 0 - '' -- mi-token git check
report 'ok    helper       1. cache *memory*' 'warn  helper       3. libsecret *2.41*' 'warn  helper       4. a line of shell that runs libsecret*'
git_is 2.41.0
expect 0 - '' -- mi-token git check
grep -q '^warn' "$T/out" && bad 'warned'
git_is 2.39.5

it 'another helper in front is named; one of another host is not in the chain'
git_file "$conf" <<'END'
[credential "https://github.com"]
	helper = store
[credential "https://dev.azure.com/other"]
	helper = store
[credential "dev.azure.com"]
	helper = /opt/gcm/git-credential-manager --x
[credential "https://*.azure.com"]
	helper = "!echo password=SPYMARK #"
[credential "https://dev.azure.com"]
	helper = mi-token
	useHttpPath = true
END
expect 0 - '' -- mi-token git check https://dev.azure.com/org
report 'warn  helper       1. manager (*' 'warn  helper       2. a line of shell (*' 'ok    helper       3. mi-token '
grep -qE 'SPYMARK|store' "$T/out" && bad 'too much is in the report'
expect 0 - '' -- mi-token git check https://dev.azure.com/other/p
report '1. store '
expect 3 - '' -- mi-token git check https://org.visualstudio.com
report 'fail  helper *'
expect 3 - '' -- mi-token git check https://dev.azure.com:8443/org
report "fail  token        'dev.azure.com:8443' is no host of Azure DevOps; *"

it 'a helper of the repository counts, and a section with quotes harms nobody'
mkdir -p "$T/repository" && git init -q "$T/repository"
git -C "$T/repository" config credential.helper cache
git -C "$T/repository" config 'credential.https://a"b\c.helper' store
(cd "$T/repository" && mi-token git check) >"$T/out"
report '4. cache (local, .git/config)'

it 'our helper that is not there is a failure'
git config --global --replace-all credential.https://dev.azure.com.helper /nowhere/git-credential-mi-token
expect 3 '~*fail  helper *git will not find git-credential-mi-token*' '' -- mi-token git check

it 'an extra header and a proxy are told of, their values never'
rm "$conf"
mi-token git configure >/dev/null
git config --global http.extraHeader 'X-A: SPYMARK'
git config --global http.https://dev.azure.com.extraHeader 'Authorization: Bearer SPYMARK'
git config --global http.https://github.com.extraHeader 'Authorization: Bearer SPYMARK'
git config --global http.proxy http://ann:SPYMARK@127.0.0.1:1
expect 0 - '' -- mi-token git check
is 'headers' "$(grep -c '^warn  header ' "$T/out")" 2
report 'ok    proxy  *'
grep -q SPYMARK "$T/out" "$T/err" && bad 'a value was shown'
git config --global --add http.https://dev.azure.com.extraHeader ''
expect 0 - '' -- mi-token git check
grep -q 'header ' "$T/out" && bad 'a header that was taken back is told of'

it 'settings of git-credential-manager are seen, and honoured from configure on'
rm "$conf"
mi-token git configure >/dev/null
git config --global credential.azreposManagedIdentity "id://$id"
expect 0 '~*warn  manager *not honoured*mi-token git configure*' '' -- mi-token git check
expect 0 '~*ok    manager *not used: --identity goes first*' '' -- mi-token git check --identity system
MI_TOKEN_IDENTITY=system expect 0 '~*ok    manager *not used: MI_TOKEN_IDENTITY *' '' -- mi-token git check
expect 0 '~*honoured (--gcm)*done*' '' -- mi-token git configure
is 'value' "$(git config --global --get-urlmatch credential.helper https://dev.azure.com)" 'mi-token --gcm'
expect 0 '~*nothing to change*' '' -- mi-token git configure
expect 4 "~*ok    manager *honoured*ok    identity     client-id:$id, by credential.azreposManagedIdentity*" '' -- mi-token git check
GCM_AZREPOS_MANAGEDIDENTITY=system expect 0 '~*ok    manager *honoured*ok    identity     system, by GCM_AZREPOS_MANAGEDIDENTITY*' '' -- mi-token git check
GCM_AZREPOS_MANAGEDIDENTITY=nonsense expect 3 '~*fail  manager *names no identity*' '' -- mi-token git check
expect 0 '~*not used: --identity goes first*' '' -- mi-token git configure --identity system
expect 0 - '' -- mi-token git unconfigure
is 'file' "$(git config --global --list)" "credential.azreposmanagedidentity=id://$id"
rm "$conf"
mi-token git configure >/dev/null

it 'the identity is that of the helper'\''s line, or of --identity'
mi-token git configure --identity "client-id:$id" >/dev/null
expect 4 "~*identity     client-id:$id, by the helper's line
*fail  token        *$id* is not assigned*" '' -- mi-token git check
expect 0 '~*identity     system, by --identity*' '' -- mi-token git check --identity system
expect 2 "~*fail  token *no identity is called 'nobody'*" '' -- mi-token git check -i nobody
rm "$conf"
mi-token git configure >/dev/null

it 'a rule that denies the organisation is status 5'
mkdir -p /etc/mi-token
cat >/etc/mi-token/mi-token.conf <<'END'
rules = ( { host = "dev.azure.com"; path = "/partner"; deny = true; },
          { host = "dev.azure.com"; path = "/orgB"; identity = "system"; },
          { host = "pkgs.dev.azure.com"; identity = "system"; } );
END
expect 5 '~*fail  token *' '' -- mi-token git check https://dev.azure.com/partner/p/_git/r
expect 0 '~*identity     system, by /etc/mi-token/mi-token.conf:2*' '' -- mi-token git check https://dev.azure.com/orgB
expect 3 '~*ok    host         pkgs.dev.azure.com is granted by a rule*' '' -- mi-token git check https://pkgs.dev.azure.com/x
rm /etc/mi-token/mi-token.conf
expect 3 "~*ok    helper       git does not ask*fail  token        'example.com' is no host of Azure DevOps; this helper is not for it*" '' -- mi-token git check https://example.com

it 'URLs that are not plain https are refused, and not repeated'
for url in http://dev.azure.com/SPYMARK ssh://dev.azure.com SPYMARK https:/dev.azure.com https:// https://-/ \
	https://ann:SPYMARK@dev.azure.com/o https://org:@dev.azure.com/o https://a@b@dev.azure.com 'https://dev.azure.com/o?SPYMARK' \
	'https://dev.azure.com/#SPYMARK' 'https://dev.azure.com/a b' 'https://dev.azure.com/%zz' \
	'https://dev.azure.com/%00' 'https://dev.azure.com/%0a' 'https://dev.azure.com/a%2fb' \
	'https://dev.azure.com:x/' 'https://dev.azure.com:0/' 'https://dev..azure.com' 'https://dev.azure.com.' \
	'https://dev.azure.com\@evil.com' ''; do
	expect 2 '' '~mi-token: *URL*' -- mi-token git check "$url"
	grep -q SPYMARK "$T/err" && bad "repeated: $url"
done
for url in https://dev.azure.com/ https://dev.azure.com:443/org/a%20b/_git/r HTTPS://DEV.AZURE.COM/org \
	https://org@dev.azure.com/org/p/_git/r; do
	expect 0 - '' -- mi-token git check "$url"
done

it '--json has the same, and the status'
expect 0 - '' -- mi-token git check --json
json <"$T/out" >"$T/json" || bad 'no JSON'
is 'url' "$(sed -n 's/^url=//p' "$T/json")" https://dev.azure.com
is 'status' "$(sed -n 's/^status=//p' "$T/json")" 0
is 'marks' "$(sed -n 's/^facts\.[0-9]*\.mark=//p' "$T/json" | sort -u)" ok
mi-token git unconfigure >/dev/null
expect 3 - '' -- mi-token git check --json
json <"$T/out" >"$T/json" || bad 'no JSON'
is 'status' "$(sed -n 's/^status=//p' "$T/json")" 3
is 'advice' "$(sed -n 's/^facts\.[0-9]*\.advice\.0=//p' "$T/json" | head -n 1)" 'run `mi-token git configure`'
mi-token git configure >/dev/null

it 'a machine without identity still gets the rest of the report'
sim_faults '[{"service": "imds", "status": 400, "body": "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}]'
mi-token cache clear >/dev/null
expect 4 '~*ok    helper *fail  token *' '' -- mi-token git check
sim_faults '[]'

# What ls-remote says, written by the test; the arguments are left in $T/args.
probe_is()
{
	printf '#!/bin/sh\n[ "$1" = version ] && exec echo "git version 2.39.5"\n[ "$1" = -C ] || exec "%s" "$@"\nprintf "%%s\\n" "$@" >"%s/args"\nenv >"%s/env"\n%s\n' \
		"$real_git" "$T" "$T" "$1" >"$T/git/git"
}
repository=https://dev.azure.com/org/p/_git/r

it '--probe asks the repository with our helper alone'
probe_is 'echo 0123 HEAD; echo 0123 refs/heads/main'
GIT_ASKPASS=/bin/false GIT_TERMINAL_PROMPT=1 expect 0 '~*ok    probe        *2 references*' '' -- \
	mi-token git check --probe $repository
is 'arguments' "$(tr '\n' ' ' <"$T/args")" "-C / -c credential.helper= -c credential.helper=$(command -v git-credential-mi-token) --diagnose -c core.askPass= -c http.extraHeader= ls-remote -- $repository "
is 'environment' "$(grep -E '^GIT_(ASK|TERM)' "$T/env")" GIT_TERMINAL_PROMPT=0
expect 2 '' '~mi-token: --probe wants *' -- mi-token git check --probe
expect 2 '' '~mi-token: --probe wants *' -- mi-token git check --probe https://dev.azure.com/org

it 'what the probe got is told in a word, with our helper'\''s own lines'
probe_is "echo 'mi-token: not a member of the organisation' >&2; echo \"fatal: Authentication failed for 'x'\" >&2; exit 128"
expect 5 '~*fail  probe        the repository is refused
*mi-token: not a member of the organisation' '' -- mi-token git check --probe $repository
probe_is "echo \"fatal: repository 'x' not found\" >&2; exit 128"
expect 5 '~*the repository is not found*' '' -- mi-token git check --probe $repository
probe_is "echo \"fatal: could not read Username for 'x': terminal prompts disabled\" >&2; exit 128"
expect 5 '~*refused: the helper gave no token*' '' -- mi-token git check --probe $repository
probe_is "echo \"fatal: unable to access 'x': Could not resolve host\" >&2; exit 128"
expect 6 '~*the repository is not reachable*Could not resolve host*' '' -- mi-token git check --probe $repository
probe_is 'while :; do echo 0123456789012345678901234567890123456789; done'
expect 1 '~*fail  probe *it says too much*' '' -- mi-token git check --probe $repository

# repos MEMBERS: Azure Repos with these settings, for the machine's own identity.
repos()
{
	sed '$d' "$scenarios/vm-system.json" >"$T/scenario.json"
	echo ",\"repos\":{$1}}" >>"$T/scenario.json"
	sim_scenario "$T/scenario.json"
	mi-token cache clear >/dev/null
}
oid=0b1e0000-0000-4000-8000-0000000000b1

it '--probe gets in where the identity is a member, and says why not elsewhere'
git_is ''
rm "$T/git/git"
git init -q --bare "$SIM_STATE/repos/org/p/r"
repos "\"members\":[\"$oid\"]"
git config --global credential.helper store # ours alone is asked
echo 'https://ann:SPYMARK@dev.azure.com' >"$HOME/.git-credentials"
expect 0 '~*ok    probe        the repository answers*' '' -- mi-token git check --probe $repository
repos '"members":[]'
expect 5 '~*fail  probe        the repository is refused*mi-token: *object id*' '' -- mi-token git check --probe $repository
expect 5 '~*mi-token: *object id*' '' -- mi-token git check --probe $repository # not once a minute
! grep -q SPYMARK "$T/out" || bad 'store was asked'
