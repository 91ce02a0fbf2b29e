#!/bin/sh
# mi-token.conf(5) as programs obey it: identities, rules, pins, final keys, bad files.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

one=6f0c0000-0000-4000-8000-0000000000a1
two=6f0c0000-0000-4000-8000-0000000000a2
system=6f0c0000-0000-4000-8000-0000000000c1
tenant=91880000-0000-4000-8000-00000000a001
etc=/etc/mi-token/mi-token.conf
users=$HOME/.config/mi-token/mi-token.conf
vault=https://vault.azure.net

sim_start vm-both
mkdir -p /etc/mi-token/conf.d "${users%/*}"

# conf: /etc/mi-token/mi-token.conf is what stands on stdin; nothing else is there.
conf()
{
	rm -rf "$etc" "$users" /etc/mi-token/conf.d/*
	cat >"$etc"
	mi-token cache clear >"$T/cleared" 2>&1
}

# acts_as CLIENT-ID ARGUMENT...: the token is that identity's.
acts_as()
{
	acts_want=$1
	shift
	expect 0 - '' -- "$@"
	is "identity of $*" "$(jwt_claims <"$T/out" | json | sed -n 's/^appid=//p')" "$acts_want"
}

# invalid MESSAGE [COMMAND]...: status 3 and the message; no request.
invalid()
{
	invalid_message=$1
	shift
	[ $# -gt 0 ] || set -- mi-token
	sim_reset
	expect 3 '' "~mi-token: *$invalid_message*" -- "$@" --resource "$vault"
	is 'lines' "$(wc -l <"$T/err")" 1
	is 'requests' "$(sim_counter requests)" 0
	expect 3 '' "~mi-token: *$invalid_message*" -- "$@" config --check
}

it 'option goes before variable, variable before rule, rule before identity'
conf <<END
identity = "one";
identities = {
	one = { client_id = "$one"; };
	two = { object_id = "0b1e0000-0000-4000-8000-0000000000a2"; };
};
rules = ( { resource = "https://storage.azure.com"; identity = "two"; } );
END
acts_as $one mi-token --resource "$vault"
acts_as $two mi-token --resource https://storage.azure.com/
acts_as $two mi-token storage
acts_as $system env MI_TOKEN_IDENTITY=system mi-token --resource https://storage.azure.com/
acts_as $one env MI_TOKEN_IDENTITY=system mi-token --identity one --resource https://storage.azure.com/
acts_as $two mi-token --identity two --resource "$vault"

it 'rules look at host and path, without case, in whole segments and below a dot'
conf <<END
identities = { one = { client_id = "$one"; }; two = { client_id = "$two"; }; };
rules = (
	{ host = "dev.azure.com"; path = "/orgB"; identity = "two"; },
	{ host = "dev.azure.com"; path = "/partner"; deny = true; },
	{ host = ".blob.core.windows.net"; identity = "one"; }
);
END
acts_as $two mi-token https://dev.azure.com/orgB/project
acts_as $two mi-token https://DEV.azure.com/ORGb
acts_as $two mi-token https://dev.azure.com/%6frgB/x
acts_as $system mi-token https://dev.azure.com/orgBB
acts_as $system mi-token https://dev.azure.com/
acts_as $one mi-token https://demo.blob.core.windows.net/docs
acts_as $system mi-token "$vault"

it 'a denied place has no token, whatever options and variables say'
for url in https://dev.azure.com/partner https://dev.azure.com/partner/x https://dev.azure.com/PARTNER/ \
	https://dev.azure.com/%70artner 'https://dev.azure.com/x/../partner' https://dev.azure.com//partner; do
	sim_reset
	expect '~[25]' '' '~mi-token: *' -- env MI_TOKEN_IDENTITY=one mi-token --identity two "$url"
	is "requests for $url" "$(sim_counter requests)" 0
done

it 'a resource can be denied to all'
conf <<END
rules = ( { resource = "$vault"; deny = true; } );
END
for target in vault "$vault" https://myvault.vault.azure.net "--resource=$vault" "--resource=$vault/" \
	--resource=HTTPS://VAULT.azure.net "--scope=$vault/.default"; do
	sim_reset
	expect 5 '' "~mi-token: *$etc:1*" -- mi-token --client-id "$one" "$target"
	is "requests for $target" "$(sim_log imds | grep -c /metadata/identity)" 0
done
acts_as $system mi-token arm

it 'what is pinned is verified in the token, and both values are told'
conf <<END
identity = "one";
identities = { one = { client_id = "$one"; tenant_id = "99999999-8888-7777-6666-555555555555"; }; };
END
expect 5 '' "~mi-token: *$tenant*" -- mi-token --resource "$vault"
is 'the other value' "$(cat "$T/err")" '~*99999999-8888-7777-6666-555555555555*'
is 'cached' "$(mi-token cache | sed -n '1s/.*: //p')" '0 tokens'
expect 5 '' - -- mi-token --resource "$vault"
conf <<END
identity = "one";
identities = { one = { client_id = "$one"; object_id = "0b1e0000-0000-4000-8000-0000000000a2"; }; };
END
expect 5 '' '~mi-token: *0b1e0000-0000-4000-8000-0000000000a[12]*0b1e0000-0000-4000-8000-0000000000a[12]*' -- \
	mi-token --resource "$vault"
conf <<END
identity = "one";
identities = { one = { client_id = "$one"; object_id = "0b1e0000-0000-4000-8000-0000000000a1"; tenant_id = "$tenant"; }; };
END
acts_as $one mi-token --resource "$vault"

it 'another identity'\''s token, an expired one and an opaque one do not pass a pin'
other=$(mi-token --client-id $two --resource "$vault")
sim_faults "[{\"service\":\"imds\",\"set\":{\"access_token\":\"$other\"}}]"
expect 5 '' "~mi-token: *$two*" -- mi-token --refresh --resource "$vault"
sim_faults '[{"service":"imds","set":{"access_token":"opaque"}}]'
expect '~[57]' '' '~mi-token: *' -- mi-token --refresh --resource "$vault"
sim_faults '[]'

it 'drop-ins come after the main file, in the order of their names'
conf <<END
timeout = "9s";
cloud = "public";
END
printf 'timeout = "8s";\nidentities = { one = { client_id = "%s"; }; };\n' $two >/etc/mi-token/conf.d/10-a.conf
printf 'timeout = "7s";\nidentities = { one = { client_id = "%s"; }; };\nidentity = "one";\n' $one >/etc/mi-token/conf.d/20-b.conf
printf 'timeout = "6s";\n' >/etc/mi-token/conf.d/30-c.conf.disabled
printf 'timeout = "6s";\n' >/etc/mi-token/conf.d/.40-d.conf
mi-token config >"$T/config"
is 'timeout' "$(grep '^timeout' "$T/config")" 'timeout = "7s"; // /etc/mi-token/conf.d/20-b.conf:1'
is 'cloud' "$(grep '^cloud' "$T/config")" "cloud = \"public\"; // $etc:2"
is 'source' "$(grep '^source' "$T/config")" 'source = "auto"; // default'
acts_as $one mi-token --resource "$vault"

it 'the user'\''s file comes last, and variables after it'
printf 'timeout = "4s";\nidentity = "system";\n' >"$users"
is 'timeout' "$(mi-token config | grep '^timeout')" "timeout = \"4s\"; // $users:1"
is 'timeout' "$(MI_TOKEN_TIMEOUT=3s mi-token config | grep '^timeout')" 'timeout = "3s"; // MI_TOKEN_TIMEOUT'
acts_as $system mi-token --resource "$vault"
acts_as $one env MI_TOKEN_CONFIG=/dev/null mi-token --resource "$vault"
cp "$users" "$T/other.conf"
acts_as $system env HOME=/nowhere MI_TOKEN_CONFIG="$T/other.conf" mi-token --resource "$vault"

it 'what is final can be changed by nobody else'
conf <<END
identity = "client-id:$one";
final = ( "identity", "timeout" );
END
printf 'identity = "system";\n' >"$users"
invalid "$users:1: 'identity' was made final by $etc:2"
rm "$users"
invalid "MI_TOKEN_IDENTITY is set, but 'identity' was made final" env MI_TOKEN_IDENTITY=system mi-token
invalid "MI_TOKEN_TIMEOUT is set" env MI_TOKEN_TIMEOUT=1s mi-token
acts_as $one mi-token --resource "$vault"
printf 'endpoints = { allow_hosts = ( "evil.example" ); };\n' >"$users"
invalid "'endpoints.allow_hosts' may stand in files of /etc/mi-token only"
printf 'final = ( "source" );\n' >"$users"
invalid "'final' may stand"

it 'files that others can write, and what is no file, are refused; a missing one is none'
conf </dev/null
for mode in 666 664 606; do
	chmod $mode "$etc"
	invalid "$etc*writ"
done
rm "$etc"
acts_as $system mi-token --resource "$vault"
mkfifo "$etc"
invalid "$etc"
rm "$etc"
mkdir "$etc"
invalid "$etc"
rmdir "$etc"
chown 1234 /etc/mi-token/conf.d 2>/dev/null && invalid conf.d
chown 0 /etc/mi-token/conf.d
printf 'timeout = "4s";\n' >"$users"
chmod 666 "$users"
invalid "$users*writ"

it 'mistakes are told with file, line and what was meant'
while IFS='|' read -r line message; do
	printf '// first line\n%s\n' "$line" >"$T/conf"
	conf <"$T/conf"
	invalid "$etc:2: $message"
done <<'END'
identiy = "system";|unknown key 'identiy'*did you mean 'identity'
@include "/etc/passwd"|@include is not allowed
  @include "x"|@include is not allowed
timeout = 5;|timeout wants a text
timeout = "5";|timeout '5' is no time
cloud = "mars";|cloud 'mars' is not one of
identity = "nobody";|no identity is called 'nobody'
identities = { a = { client = "x"; }; };|unknown key 'client' of an identity
identities = { a = { tenant_id = "91880000-0000-4000-8000-00000000a001"; }; };|the identity 'a' has no client_id
identities = { a = { client_id = "x"; }; };|client_id 'x'
rules = ( { identity = "system"; } );|the rule matches nothing
rules = ( { host = "a"; } );|the rule has neither identity nor deny
rules = ( { host = "https://a/"; deny = true; } );|host 'https://a/'
rules = ( { path = "/a%2fb"; deny = true; } );|path
rules = ( { resource = "vault"; deny = true; } );|resource 'vault' is neither
source = "imds"; source = "arc";|
final = ( "colour" );|final 'colour' is no key
END
printf 'timeout = "5s\n' | conf
invalid "$etc:2: syntax error"
printf '// first line\nsource = "nowhere";\n' | conf
invalid "$etc:2: no source 'nowhere'"

it 'large, binary and deep files are refused'
head -c 70000 /dev/zero | tr '\0' '/' | conf
invalid "$etc"
printf 'identity = "system\0";' | conf
invalid NUL
head -c 20000 /dev/zero | tr '\0' '(' | sed 's/^/rules = /' | conf
invalid "$etc:1"

it 'the cloud decides what aliases and URLs mean'
sim_scenario vm-both
conf <<END
cloud = "usgov";
END
while read -r target resource; do
	sim_reset
	mi-token "$target" >"$T/out" 2>"$T/err"
	is "resource of $target" "$(sim_request imds | sed -n '1s/.*resource=\([^& ]*\).*/\1/p')" "$resource"
	is 'requests for the cloud' "$(sim_log imds | grep -c /metadata/instance)" 0
done <<'END'
arm https%3A%2F%2Fmanagement.usgovcloudapi.net%2F
vault https%3A%2F%2Fvault.usgovcloudapi.net
storage https%3A%2F%2Fstorage.azure.com%2F
END
conf </dev/null
sim_scenario vm-usgov
sim_reset
expect 0 - '' -- mi-token arm
is 'resource' "$(sim_request imds 2 | sed -n '1s/.*resource=\([^& ]*\).*/\1/p')" https%3A%2F%2Fmanagement.usgovcloudapi.net%2F
expect 0 - '' -- mi-token --refresh vault
is 'requests for the cloud' "$(sim_log imds | grep -c /metadata/instance)" 1

it 'the file that is installed says what the defaults are'
sed 's|^//||' "$root/conf/mi-token.conf" >"$T/all.conf"
conf <"$root/conf/mi-token.conf"
expect 0 '' '' -- mi-token config --check
mi-token config | sed 's| // .*||' >"$T/installed"
conf </dev/null
mi-token config | sed 's| // .*||' | diff - "$T/installed" >"$T/diff" || bad "$(cat "$T/diff")"
conf <"$T/all.conf"
expect 0 '' '' -- mi-token config --check

it 'config in JSON has the same keys, values and origins'
conf <<END
identity = "client-id:$one";
END
mi-token config -o json | json >"$T/json"
is 'key' "$(grep -c '^[0-9]*\.key=' "$T/json")" "$(mi-token config | wc -l)"
is 'first' "$(sed -n 's/^0\.//p' "$T/json" | tr '\n' ' ')" "key=identity value=\"client-id:$one\" origin=$etc:1 "
