#!/bin/sh
# What git-credential-mi-token says to whom: hosts, odd input, identities, failures.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/git-lib.sh
. "$root/tests/cli/git-lib.sh"

sim_start vm-both
mkdir -p "$HOME"
first=6f0c0000-0000-4000-8000-0000000000a1
second=6f0c0000-0000-4000-8000-0000000000a2

# get [ARGUMENT...]: an answer, and its token's client id as $client.
get()
{
	expect 0 '~*password=*' '' -- ask get "$@"
	client=$(sed -n 's/^password=//p' "$T/out" | jwt_claims | json_field appid)
}

# lines LINE...: as git writes them.
lines()
{
	printf '%s\n' "$@" >"$T/in"
}

# configure LINE...: root's configuration.
configure()
{
	printf '%s\n' "$@" >/etc/mi-token/mi-token.conf
}

# silent STDERR [ARGUMENT...]: no answer to $T/in, and no failure.
silent()
{
	silent_err=$1
	shift
	expect 0 '' "$silent_err" -- ask get "$@" <"$T/in"
}

it 'Azure Repos is answered, in any case, with a path or without'
for host in dev.azure.com DEV.AZURE.COM dev.azure.com:443 org.visualstudio.com MYORG.VISUALSTUDIO.COM; do
	lines protocol=https "host=$host"
	get <"$T/in"
	lines protocol=https "host=$host" path=org/p/_git/r username=org
	get <"$T/in"
	is 'user' "$(grep ^username= "$T/out")" username=org
done
is 'requests' "$(sim_counter imds)" 1

it 'nobody else is answered, or told of'
sim_reset
while read -r host; do
	lines protocol=https "host=$host"
	silent ''
done <<'END'
visualstudio.com
testvisualstudio.com
testdev.azure.com
test.dev.azure.com
vs-ssh.myorg.visualstudio.com
vs-ssh.visualstudio.com
ssh.dev.azure.com
dev.azure.com:456
dev.azure.com:0443
dev.azure.com.
dev.azure.com.evil.example
evil.example#dev.azure.com
evil.example\@dev.azure.com
dev.azure.com@evil.example
dev.azure.com%00.evil.example
dev%2eazure.com
org.visualstudio.com.evil.example
a.b.visualstudio.com
xn--dev-azure.com
pkgs.dev.azure.com
org.pkgs.visualstudio.com
example.com
example.com:not-a-port
github.com
x.blob.core.windows.net
169.254.169.254

END
is 'requests' "$(sim_counter imds)" 0

case $B in *san-*) strace='' ;; *) strace=$(command -v strace) ;; esac # sanitizers do more
it 'a host that is not ours costs no network, no process and no configuration'
if [ -n "$strace" ]; then
	configure 'this is no configuration'
	for op in get store erase frobnicate; do
		printf 'protocol=https\nhost=github.com\npassword=x\n' |
			strace -f -o "$T/trace" git-credential-mi-token "$op" >"$T/out" 2>"$T/err"
		is "$op" "$? $(cat "$T/out" "$T/err")" '0 '
		is "$op: sockets, processes and files of ours" \
			"$(grep -E 'socket|connect|clone|fork|open.*mi-token' "$T/trace")" ''
	done
	rm /etc/mi-token/mi-token.conf
else
	skip 'strace is missing'
fi

it 'a cached answer runs no other program and loads no libcurl'
if [ -n "$strace" ]; then
	lines protocol=https host=dev.azure.com
	get <"$T/in"
	strace -f -o "$T/trace" git-credential-mi-token get <"$T/in" >"$T/out"
	is 'sockets, processes and libraries' \
		"$(grep -E 'socket|connect|clone|fork|libcurl|libcrypto|libjson|libconfig|execve' "$T/trace" | grep -vc 'execve.*get"')" 0
else
	skip 'strace is missing'
fi

it 'http is refused aloud, and only where https would have been answered'
lines protocol=http host=dev.azure.com
silent "mi-token: refusing to send a token over http to 'dev.azure.com'; use https:// in the URL"
lines protocol=http host=github.com
silent ''
lines protocol=ssh host=dev.azure.com
silent ''

it 'odd input gets no answer'
sim_reset
for input in '' '\n' 'protocol=https\n' 'host=dev.azure.com\n' 'protocol=https\nhost=\n' \
	'protocol=https\nhost=dev.azure.com\nhost=github.com\n' \
	'protocol=https\nprotocol=http\nhost=dev.azure.com\n' \
	'protocol=https\nhost=dev.azure.com\r\n' 'protocol=https\nhost=dev.azure.com\0.example\n' \
	'protocol=https\nhost=dev.azure.com\npath=a\001\n' 'protocol=https\r\nhost=dev.azure.com\r\n' \
	'\nprotocol=https\nhost=dev.azure.com\n' 'GET / HTTP/1.1\nHost: dev.azure.com\n'; do
	# shellcheck disable=SC2059 # it is a format on purpose
	printf "$input" >"$T/in"
	silent ''
done
{
	printf 'protocol=https\nhost=dev.azure.com\npath='
	head -c 70000 /dev/zero | tr '\0' x
} >"$T/in"
silent ''
head -c 3000000 /dev/zero >"$T/in"
silent ''
is 'requests' "$(sim_counter imds)" 0

it 'an empty line is the end, though the pipe stays open'
mkfifo "$T/pipe"
(printf 'protocol=https\nhost=dev.azure.com\n\n' && sleep 5) >"$T/pipe" &
writer=$!
get <"$T/pipe"
kill -0 $writer 2>/dev/null || bad 'it waited for the end of the pipe'
kill $writer 2>/dev/null

it 'without an operation, or with a wrong option, there is usage and status 2'
expect 2 '' '~mi-token: no operation; *' -- git-credential-mi-token
expect 2 '' '~mi-token: no operation; *' -- git-credential-mi-token --identity=system
expect 2 '' '~mi-token: --auth is auto, basic or bearer; *' -- ask get --auth=digest
expect 2 '' '~mi-token: --on-failure is silent or quit; *' -- ask get --on-failure=panic
expect 2 '' '~mi-token: --timeout wants *' -- ask get --timeout=5
expect 2 '' 'mi-token: --frob is no option; see git-credential-mi-token --help' -- ask get --frob
expect 2 '' 'mi-token: --idenity is no option; did you mean --identity?' -- ask get --idenity=x
expect 2 '' 'mi-token: --identity lacks its value; see git-credential-mi-token --help' -- git-credential-mi-token get --identity
expect 2 '' '~mi-token: one operation, not several; *' -- ask get get
expect 0 '~usage: git-credential-mi-token *' '' -- git-credential-mi-token --help
expect 0 'version 0
capability authtype
capability state' '' -- git-credential-mi-token capability

it 'user names are sent back unless Basic cannot carry them'
for user in 'a:b' 'id://6f0c' ':'; do
	lines protocol=https host=dev.azure.com "username=$user"
	get <"$T/in"
	is "user for $user" "$(grep ^username= "$T/out")" username=mi-token
done

it 'Bearer and Basic as asked for, as git can, and as --auth says'
lines 'capability[]=authtype' 'capability[]=state' protocol=https host=dev.azure.com
for row in '2.47.3 auto username' '2.53.9 auto username' '2.54.0 auto authtype' '3.0.0 auto authtype' \
	'2.47.3 bearer authtype' '2.54.0 basic username' 'nonsense auto username'; do
	# Three words on purpose.
	# shellcheck disable=SC2086
	set -- $row
	mkdir -p "$T/git-$1"
	printf '#!/bin/sh\necho git version %s\necho run >>%s\n' "$1" "$T/git-$1/runs" >"$T/git-$1/git"
	chmod +x "$T/git-$1/git"
	for _ in 1 2; do
		GIT_EXEC_PATH="$T/git-$1" ask get --auth="$2" <"$T/in" >"$T/out" 2>"$T/err"
		is "answer to git $1 with $2" "$(sed -n 's/=.*//; 3p' "$T/out") $(cat "$T/err")" "$3 "
	done
	[ "$2" != auto ] || is "runs of git $1" "$(wc -l <"$T/git-$1/runs")" 1
done
is 'the rest' "$(sed -n 's/=..*//; 4,$p' "$T/out" | tr '\n' ' ')" 'password ephemeral password_expiry_utc state[] continue '
lines protocol=https host=dev.azure.com # an old git announces nothing
GIT_EXEC_PATH="$T/git-2.54.0" get --auth=bearer <"$T/in"
is 'keys' "$(sed 's/=.*//' "$T/out" | tr '\n' ' ')" 'username password password_expiry_utc '

it 'expiry is told in seconds of UTC'
is 'expiry' "$(sed -n 's/^password_expiry_utc=//p' "$T/out")" "$(sed -n 's/^password=//p' "$T/out" | jwt_claims | json_field exp)"

it 'the identity is the option, the environment, the rule, in this order'
configure "identities = { b = { client_id = \"$second\"; }; };" \
	'rules = ( { host = "dev.azure.com"; path = "/orgb"; identity = "b"; },' \
	'          { host = "dev.azure.com"; path = "/partner"; deny = true; } );'
lines protocol=https host=dev.azure.com path=orgB/p/_git/r
get <"$T/in"
is 'by rule' "$client" $second
lines protocol=https host=orgb.visualstudio.com path=p/_git/r
get <"$T/in"
is 'by rule, other name' "$client" $second
lines protocol=https host=orgb.visualstudio.com
get <"$T/in"
is 'by rule, without path' "$client" $second
MI_TOKEN_IDENTITY=$first get <"$T/in"
is 'by variable' "$client" $first
MI_TOKEN_IDENTITY=$second get --identity="client-id:$first" <"$T/in"
is 'by option' "$client" $first
GCM_AZREPOS_MANAGEDIDENTITY="id://$first" get <"$T/in"
is "by GCM's variable" "$client" $first
GCM_AZREPOS_MANAGEDIDENTITY="$second" MI_TOKEN_IDENTITY=$first get <"$T/in"
is 'by our variable first' "$client" $first
lines protocol=https host=dev.azure.com path=orgA/p/_git/r
get <"$T/in"
is 'by default' "$client" 6f0c0000-0000-4000-8000-0000000000c1
GCM_AZREPOS_MANAGEDIDENTITY=SYSTEM get <"$T/in"
is "by GCM's variable, system" "$client" 6f0c0000-0000-4000-8000-0000000000c1

it "what root made final, no variable and no setting of another program changes"
mkdir -m 755 /etc/mi-token/conf.d
echo 'identity = "system"; final = ( "identity" );' >/etc/mi-token/conf.d/final.conf
lines protocol=https host=dev.azure.com path=orgA/p/_git/r
GCM_AZREPOS_MANAGEDIDENTITY=$first silent '~mi-token: *final*'
rm -r /etc/mi-token/conf.d

it 'a rule that denies beats everything, by any spelling'
for place in 'dev.azure.com path=partner/p' 'dev.azure.com path=Partner' 'partner.visualstudio.com path=p' \
	'PARTNER.visualstudio.com:443 path=DefaultCollection/p' 'dev.azure.com path=p%61rtner/x' \
	'partner.visualstudio.com'; do
	# One or two words on purpose.
	# shellcheck disable=SC2086
	lines protocol=https host=$place
	silent '~mi-token: no token for host *denied by the rule at /etc/mi-token/mi-token.conf:3; *' --identity=system
done
lines protocol=https host=dev.azure.com path=x//partner
silent '~mi-token: no token for host *is not clear; *'
lines protocol=https host=dev.azure.com
silent "~mi-token: no token for host 'dev.azure.com': *git config --global credential.https://dev.azure.com.useHttpPath true"
rm /etc/mi-token/mi-token.conf

it 'other services of Azure DevOps are answered when root says so, and only then'
for host in pkgs.dev.azure.com org.pkgs.visualstudio.com; do
	configure 'rules = ( { host = "pkgs.dev.azure.com"; identity = "default"; } );'
	lines protocol=https "host=$host" path=org/_packaging/feed
	get <"$T/in"
	configure 'rules = ( { host = "pkgs.dev.azure.com"; deny = true; } );'
	silent ''
	rm /etc/mi-token/mi-token.conf
	silent ''
	mkdir -p "$HOME/.config/mi-token"
	echo 'rules = ( { host = "pkgs.dev.azure.com"; identity = "default"; } );' >"$HOME/.config/mi-token/mi-token.conf"
	silent ''
	rm "$HOME/.config/mi-token/mi-token.conf"
done

it "git-credential-manager's settings are honoured by their values"
git_home <<END
credential.https://dev.azure.com.azreposManagedIdentity id://$second
credential.https://dev.azure.com/orgA.azreposManagedIdentity $first
END
lines protocol=https host=dev.azure.com path=org/p
get --gcm <"$T/in"
is 'by setting' "$client" $second
get <"$T/in"
is 'without --gcm' "$client" 6f0c0000-0000-4000-8000-0000000000c1
lines protocol=https host=dev.azure.com path=orgA/p
get --gcm <"$T/in"
is 'by setting of an organization' "$client" $first
git init -q "$T/hostile"
git -C "$T/hostile" config credential.azreposManagedIdentity "$first"
lines protocol=https host=dev.azure.com path=orgB/p
(cd "$T/hostile" && GIT_DIR="$T/hostile/.git" git-credential-mi-token --gcm get <"$T/in" >"$T/out")
is "not by a repository's own setting" "$(sed -n 's/^password=//p' "$T/out" | jwt_claims | json_field appid)" $second
for value in 'unknown://x' 'this is a string' "resource://$first"; do
	GCM_AZREPOS_MANAGEDIDENTITY=$value silent "~mi-token: GCM_AZREPOS_MANAGEDIDENTITY is '$value', which names no identity; *"
	git config --global credential.azreposManagedIdentity "$value"
	lines protocol=https host=org.visualstudio.com
	silent "~mi-token: credential.azreposManagedIdentity is '$value', which names no identity; *" --gcm
done

it 'per-organization helpers need no useHttpPath'
git_home <<END
credential.https://dev.azure.com.helper mi-token
credential.https://dev.azure.com/orgB.helper
credential.https://dev.azure.com/orgB.helper mi-token --identity=client-id:$second
END
for org in orga orgb; do
	rm -rf "$SIM_STATE/repos/$org"
	git init -q --bare "$SIM_STATE/repos/$org/proj/repo"
done
fresh
expect 0 '' '' -- git ls-remote https://dev.azure.com/orgA/proj/_git/repo
expect 0 '' '' -- git ls-remote https://dev.azure.com/orgB/proj/_git/repo
is 'identities asked for' "$(sim_log imds | grep -c "client_id=$second") of $(sim_counter imds)" '1 of 2'

it 'a failure is one line, and the next helper is asked; or git ends'
mi-token cache clear -q >"$T/cleared"
sim_faults '[{"service":"imds","status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}]'
lines protocol=https host=dev.azure.com
silent '~mi-token: *Identity not found*; *'
is 'lines' "$(wc -l <"$T/err")" 1
expect 0 'quit=1' '~mi-token: *Identity not found*' -- ask get --on-failure=quit <"$T/in"
git_home <<END
credential.helper mi-token --on-failure=quit
END
expect 128 '' "~*told us to quit" -- git ls-remote "$repo"
sim_faults '[]'
configure 'nonsense'
silent '~mi-token: /etc/mi-token/mi-token.conf:*'
expect 0 'quit=1' - -- ask get --on-failure=quit <"$T/in"
rm /etc/mi-token/mi-token.conf
silent "~mi-token: no identity is called 'nobody'; *" --identity=nobody

it 'no answer comes in the time that was allowed'
sim_faults '[{"service":"imds","silence":true}]'
silent '~mi-token: *' --timeout=600ms
sim_faults '[]'

it 'store and unknown operations ask nobody and say nothing'
sim_reset
lines protocol=https host=dev.azure.com password=x
for op in store frobnicate; do
	expect 0 '' '' -- ask $op <"$T/in"
done
is 'requests' "$(sim_counter imds)" 0

it 'erase takes the token that was refused and no other, and a person takes any'
sim_reset
lines protocol=https host=dev.azure.com path=org/p
get <"$T/in"
cp "$T/out" "$T/answer"
lines protocol=https host=dev.azure.com path=org/p username=somebody password=else
expect 0 '' '' -- ask erase <"$T/in"
lines protocol=https host=dev.azure.com path=org/p
get <"$T/in"
is 'requests' "$(sim_counter imds)" 1
{
	lines protocol=https host=dev.azure.com path=org/p
	cat "$T/in" "$T/answer"
} >"$T/erase"
expect 0 '' '~mi-token: Azure DevOps refused *' -- ask erase <"$T/erase"
get <"$T/in"
is 'requests' "$(sim_counter imds)" 2
expect 0 '' '' -- ask erase <"$T/in"
rm -f "$T"/erase "$T"/answer

it 'without a cache there are answers, and a line for each refusal'
mv /run/user /run/no-user
unset XDG_RUNTIME_DIR
sim_reset
for _ in 1 2; do
	lines protocol=https host=dev.azure.com path=org/p
	get <"$T/in"
	grep ^password= "$T/out" >>"$T/in"
	expect 0 '' '~mi-token: Azure DevOps refused *' -- ask erase <"$T/in"
done
is 'requests' "$(sim_counter imds)" 2
mv /run/no-user /run/user
