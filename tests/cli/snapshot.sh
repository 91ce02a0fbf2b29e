#!/bin/sh
# The configuration is parsed once, and obeyed as it stands every time.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

one=6f0c0000-0000-4000-8000-0000000000a1
two=6f0c0000-0000-4000-8000-0000000000a2
etc=/etc/mi-token/mi-token.conf
users=$HOME/.config/mi-token/mi-token.conf
dir=$XDG_RUNTIME_DIR/mi-token

sim_start vm-both
mkdir -p /etc/mi-token/conf.d "${users%/*}"
chmod 755 /etc/mi-token /etc/mi-token/conf.d

# put FILE: what stands on stdin.
put()
{
	cat >"$1"
	chmod 644 "$1"
}

# parses WANT COMMAND...: whether libconfig is loaded for it (yes, no); it ends well.
parses()
{
	parses_want=$1
	shift
	expect 0 - - -- env LD_DEBUG=files "$@"
	parses_got=no
	! grep -q libconfig "$T/err" || parses_got=yes
	is "parsed by $*" "$parses_got" "$parses_want"
}

# snapshots WANT: so many files are in the cache.
snapshots()
{
	is 'snapshots' "$(find "$dir" -name '*.conf' | wc -l)" "$1"
}

# timeout_is LINE: what `mi-token config` says of it.
timeout_is()
{
	is 'timeout' "$(mi-token config | grep '^timeout')" "$1"
}

it 'without a word of configuration there is nothing to remember'
parses no mi-token config
put "$etc" <"$root/conf/mi-token.conf"
parses no mi-token config
snapshots 0

it 'files are parsed by the first process only'
put "$etc" <<END
identity = "one";
timeout = "4s";
endpoints = { allow_hosts = ( "agent.internal" ); };
identities = {
	one = { client_id = "$one"; };
	two = { client_id = "$two"; object_id = "0b1e0000-0000-4000-8000-0000000000a2"; };
};
rules = (
	{ host = "dev.azure.com"; path = "/a \"b\""; deny = true; },
	{ resource = "https://storage.azure.com"; identity = "two"; }
);
final = ( "cloud" );
END
echo 'identities = { mine = { resource_id = "/subscriptions/s"; }; }; source = "imds"' | put "$users"
parses yes mi-token config
cp "$T/out" "$T/first"
parses no mi-token config
cmp -s "$T/first" "$T/out" || bad 'other words' "$(diff "$T/first" "$T/out")"
parses no mi-token vault
is 'identity' "$(jwt_claims <"$T/out" | json | sed -n 's/^appid=//p')" "$one"
parses no mi-token storage
is 'identity' "$(jwt_claims <"$T/out" | json | sed -n 's/^appid=//p')" "$two"
is 'files' "$(stat -c '%a %u %h' "$dir"/*.conf)" "600 $(id -u) 1"
snapshots 1

it 'the cache counts and shows tokens only, and clear forgets all'
expect 0 "~$dir: 2 tokens*" '' -- mi-token cache
is 'lines with files' "$(grep -c '\.conf' "$T/out")" 0
expect 0 '~*2 tokens removed*' '' -- mi-token cache clear
snapshots 0
parses yes mi-token config

it 'an edit is obeyed at once, even when size and times are the same'
touch -r "$etc" "$T/time"
sed -i 's/timeout = "4s"/timeout = "7s"/' "$etc"
touch -r "$T/time" "$etc"
timeout_is "timeout = \"7s\"; // $etc:2"
parses no mi-token config
echo 'timeout = "8s";' | put /etc/mi-token/conf.d/a.conf
timeout_is 'timeout = "8s"; // /etc/mi-token/conf.d/a.conf:1'
mv /etc/mi-token/conf.d/a.conf /etc/mi-token/conf.d/b.conf
timeout_is 'timeout = "8s"; // /etc/mi-token/conf.d/b.conf:1'
rm /etc/mi-token/conf.d/b.conf
timeout_is "timeout = \"7s\"; // $etc:2"
is 'with a variable' "$(MI_TOKEN_TIMEOUT=9s mi-token config | grep '^timeout')" 'timeout = "9s"; // MI_TOKEN_TIMEOUT'
timeout_is "timeout = \"7s\"; // $etc:2"

it 'what has become untrusted or wrong is refused all the same'
parses no mi-token config
chmod 666 "$etc"
expect 3 '' "~*$etc*can be written by others*" -- mi-token vault
chmod 644 "$etc"
parses no mi-token config
expect 3 '' "~*made final by $etc:12*" -- env MI_TOKEN_CLOUD=china mi-token vault
cp "$etc" "$T/good"
echo 'timeout = 1;' >>"$etc"
for again in 1 2; do
	expect 3 '' "~*$etc:13: *" -- mi-token vault
	is "again $again" "$(wc -l <"$T/err")" 1
done
put "$etc" <"$T/good"

it 'each environment has its own'
echo 'timeout = "3s";' | put "$T/other.conf"
for want in yes no; do
	parses "$want" env MI_TOKEN_CONFIG="$T/other.conf" mi-token config
	is 'timeout' "$(grep '^timeout' "$T/out")" "timeout = \"3s\"; // $T/other.conf:1"
done
timeout_is "timeout = \"7s\"; // $etc:2"

# Rows of a command that spoils the snapshot; the files are parsed and it is made anew.
it 'a snapshot that is damaged, in any way, is none'
while IFS='|' read -r what command; do
	mi-token cache clear >"$T/cleared"
	mi-token config >"$T/first"
	file=$(ls "$dir"/*.conf)
	export file
	sh -c "$command" || bad "cannot prepare: $what"
	parses yes mi-token config
	cmp -s "$T/first" "$T/out" || bad "$what" "$(diff "$T/first" "$T/out")"
	parses no mi-token config
done <<'END'
empty|: >"$file"
cut|head -c 700 "$file" >"$file.x" && mv "$file.x" "$file"
longer|echo x >>"$file"
a value|sed -i 's/+7s/+1s/' "$file"
random|head -c 2000 /dev/urandom >"$file"
readable for others|chmod 644 "$file"
a link|mv "$file" /run/moved && ln -s /run/moved "$file"
END

it 'without a place for it the files are parsed each time'
mv /run/user /run/no-user
parses yes env XDG_RUNTIME_DIR= mi-token config
parses yes env XDG_RUNTIME_DIR= mi-token config
mv /run/no-user /run/user
