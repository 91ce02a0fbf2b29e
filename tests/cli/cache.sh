#!/bin/sh
# The cache: ours alone, never in the way, and never believed when something is wrong.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

vault=https://vault.azure.net
uid=$(id -u)
dir=$XDG_RUNTIME_DIR/mi-token

sim_start vm-system

# get ARGUMENT...
get()
{
	mi-token --resource "$vault" "$@"
}

# requests N COMMAND...: a token comes, and this many requests are made for it.
requests()
{
	requests_want=$1
	shift
	sim_reset
	expect 0 '~ey*' '' -- "$@"
	is "requests of $*" "$(sim_counter imds)" "$requests_want"
}

it 'directory and files are for their owner alone'
requests 1 get
requests 0 get
is 'directory' "$(stat -c '%a %u' "$dir")" "700 $uid"
is 'files' "$(stat -c '%a %u %h' "$dir"/* | sort -u)" "600 $uid 1"
(umask 0 && rm -r "$dir" && get >"$T/out")
is 'without umask' "$(stat -c %a "$dir" "$dir"/* | sort -u | tr '\n' ' ')" '600 700 '

it 'RUNTIME_DIRECTORY of a service comes first'
mkdir -m 700 /run/service
requests 1 env RUNTIME_DIRECTORY=/run/service:/run/other mi-token --resource "$vault"
is 'directory' "$(ls -d /run/service/*)" /run/service/mi-token
requests 0 env RUNTIME_DIRECTORY=/run/service XDG_RUNTIME_DIR= mi-token --resource "$vault"
is 'directory' "$(RUNTIME_DIRECTORY=/run/service mi-token cache | head -n 1)" '/run/service/mi-token: 1 token'

it 'without XDG_RUNTIME_DIR the user'\''s own directory is found'
requests 0 env -u XDG_RUNTIME_DIR mi-token --resource "$vault"

# Rows of a command that spoils the cache's place; the token comes all the same.
it 'a place that is not safe is not used, and is no error'
mv /run/user /run/no-user # so that there is no other
while IFS='|' read -r what command; do
	rm -rf /run/x /run/y
	mkdir -m 700 /run/x
	sh -c "$command" || bad "cannot prepare: $what"
	find /run/x /run/y 2>/dev/null | sort >"$T/before"
	requests 1 env XDG_RUNTIME_DIR=/run/x mi-token --resource "$vault"
	requests 1 env XDG_RUNTIME_DIR=/run/x mi-token --resource "$vault"
	find /run/x /run/y 2>/dev/null | sort | diff "$T/before" - >"$T/diff" || bad "$what" "$(cat "$T/diff")"
	is "$what" "$(XDG_RUNTIME_DIR=/run/x mi-token cache)" '~no cache: *'
done <<'END'
no directory|rmdir /run/x
a file|rmdir /run/x && touch /run/x
a place that others can write|chmod 777 /run/x
a place that the group can write|chmod 770 /run/x
a symbolic link in it|mkdir -m 700 /run/y && ln -s /run/y /run/x/mi-token
a link to nowhere|ln -s /run/nowhere /run/x/mi-token
a directory that others can read|mkdir -m 755 /run/x/mi-token
a directory that the group can read|mkdir -m 740 /run/x/mi-token
a file in its place|touch /run/x/mi-token
a FIFO in its place|mkfifo /run/x/mi-token
END

it 'a relative or empty place, a home and /tmp are none'
mkdir -p "$T/cwd/mi-token"
for place in . '' relative "$T/../test/nowhere"; do
	requests 1 env "XDG_RUNTIME_DIR=$place" sh -c 'cd /run/test/cwd && exec mi-token --resource "$1"' sh "$vault"
done
is 'files' "$(find "$T/cwd" /run/home -type f | wc -l)" 0

it 'a file system that is no tmpfs is not used: tokens do not survive a reboot'
place=$(mktemp -d "${TMPDIR:-/tmp}/mi-token-test.XXXXXX")
case $(stat -f -c %T "$place") in
tmpfs | ramfs) skip "$place is a tmpfs" ;;
*)
	requests 1 env XDG_RUNTIME_DIR="$place" mi-token --resource "$vault"
	requests 1 env XDG_RUNTIME_DIR="$place" mi-token --resource "$vault"
	is 'tokens' "$(find "$place" -type f | wc -l)" 0
	;;
esac
rm -r "$place"

it 'another user'\''s directory is neither read nor written (sudo -E, su)'
rm -rf /run/x && mkdir -m 700 /run/x /run/x/mi-token
if chown 1234 /run/x/mi-token 2>/dev/null; then
	requests 1 env XDG_RUNTIME_DIR=/run/x mi-token --resource "$vault"
	is 'files' "$(find /run/x/mi-token -mindepth 1 | wc -l)" 0
	chown 0 /run/x/mi-token && chown 1234 /run/x
	requests 1 env XDG_RUNTIME_DIR=/run/x mi-token --resource "$vault"
	is 'files' "$(find /run/x/mi-token -mindepth 1 | wc -l)" 0
else
	skip 'one user only'
fi

it 'in /run/mi-token each user has a directory, and reads no other'
mkdir /run/mi-token && chmod 1733 /run/mi-token
# as_nobody COMMAND...
as_nobody()
{
	PATH=$(public_bin):$PATH setpriv --reuid 65534 --regid 65534 --clear-groups \
		env XDG_RUNTIME_DIR= "$@"
}
requests 1 env XDG_RUNTIME_DIR= mi-token --resource "$vault"
if as_nobody true 2>/dev/null; then
	requests 1 as_nobody mi-token --resource "$vault"
	requests 0 as_nobody mi-token --resource "$vault"
	requests 0 env XDG_RUNTIME_DIR= mi-token --resource "$vault"
	is 'directories' "$(stat -c '%n %a %u' /run/mi-token/* | tr '\n' ' ')" \
		"/run/mi-token/u$uid 700 $uid /run/mi-token/u65534 700 65534 "
	as_nobody ls /run/mi-token/u0 2>/dev/null && bad 'nobody reads the other one'
	as_nobody rm -rf /run/mi-token/u0 2>/dev/null && bad 'nobody removes the other one'
	rm -rf /run/mi-token/u0
	as_nobody mkdir -m 777 /run/mi-token/u0
	requests 1 env XDG_RUNTIME_DIR= mi-token --resource "$vault"
	is 'files in the trap' "$(find /run/mi-token/u0 -mindepth 1 | wc -l)" 0
else
	skip 'one user only'
fi
rm -rf /run/mi-token
mv /run/no-user /run/user

it 'a full, read-only or vanishing file system does not cost the token'
mkdir /run/small
if mount -t tmpfs -o size=4k,mode=700,uid="$uid" tmpfs /run/small 2>/dev/null; then
	mkdir -m 700 /run/small/mi-token
	head -c 100000 /dev/zero >/run/small/fill 2>/dev/null
	requests 1 env XDG_RUNTIME_DIR=/run/small mi-token --resource "$vault"
	is 'pieces left' "$(find /run/small/mi-token -name '.new-*' | wc -l)" 0
	is 'tokens' "$(find /run/small/mi-token -name '*.token' | wc -l)" 0
	expect 0 '~ey*' '~*No space left*' -- env XDG_RUNTIME_DIR=/run/small mi-token -v --resource "$vault"
	mount -o remount,ro /run/small
	requests 1 env XDG_RUNTIME_DIR=/run/small mi-token --resource "$vault"
	umount /run/small
else
	skip 'no mounts here'
fi

it 'a file that is damaged, in any way, is a miss'
while IFS='|' read -r what command; do
	mi-token cache clear >"$T/cleared"
	get >"$T/out"
	file=$(ls "$dir"/*.token)
	export file
	sh -c "$command" || bad "cannot prepare: $what"
	requests 1 get
	requests 0 get
done <<'END'
empty|: >"$file"
cut|head -c 100 "$file" >"$file.x" && mv "$file.x" "$file"
longer|echo x >>"$file"
no checksum|sed -i '$d' "$file"
a bit of the token|sed -i 's/^token eyJ0/token eyJ1/' "$file"
another time|sed -i 's/^expires .*/expires 9999999999/' "$file"
another key|sed -i 's/^key .*/key other/' "$file"
zeros|head -c 2000 /dev/zero >"$file"
large|head -c 200000 /dev/zero >"$file"
random|head -c 2000 /dev/urandom >"$file"
readable for others|chmod 644 "$file"
readable for the group|chmod 640 "$file"
a second name|ln "$file" "$file.y"; rm -f "$file.z"
a link|mv "$file" /run/moved && ln -s /run/moved "$file"
END
for what in mkdir mkfifo; do
	mi-token cache clear >"$T/cleared"
	get >"$T/out"
	file=$(ls "$dir"/*.token)
	rm "$file" && $what "$file"
	requests 1 get
	rm -r "$file"
done

it 'damaged locks and other files do not stop a request'
for kind in lock failure cloud; do
	for file in "$dir"/*."$kind"; do
		[ -e "$file" ] || continue
		rm -f "$file"
		mkdir "$file"
	done
done
requests 1 get --refresh
requests 2 mi-token --refresh arm
rm -rf "$dir"

it 'a token for other pins, identities, sources or resources is another'
requests 1 get
requests 1 get --identity system
requests 1 get --client-id 6f0c0000-0000-4000-8000-0000000000c1
requests 1 get --object-id 0b1e0000-0000-4000-8000-0000000000b1
requests 1 env AZURE_POD_IDENTITY_AUTHORITY_HOST=http://169.254.169.254:80 mi-token --resource "$vault"
requests 0 get
mkdir -p /etc/mi-token
chmod 755 /etc/mi-token
printf 'identity = "a"; identities = { a = { client_id = "6f0c0000-0000-4000-8000-0000000000c1"; tenant_id = "%s"; }; };' \
	"$SIM_TENANT" >/etc/mi-token/mi-token.conf
requests 1 get
rm /etc/mi-token/mi-token.conf
requests 0 get

it 'cache clear removes tokens and remembered failures, and no other file'
: >"$dir/other"
sim_faults '[{"service":"imds","status":429,"headers":{"Retry-After":"60"}}]'
get --refresh >"$T/out" 2>"$T/err"
sim_faults '[]'
expect 6 '' '~*not asked again*' -- get --refresh
expect 0 '~*tokens removed' '' -- mi-token cache clear
requests 1 get
is 'other' "$(ls "$dir/other")" "$dir/other"

it 'an old token is given when the source has no new one; an expired one never'
mi-token cache clear >"$T/cleared"
now=$(date +%s)
sim_faults "[{\"service\":\"imds\",\"set\":{\"expires_on\":\"$((now + 64))\",\"expires_in\":\"64\"}}]"
get >"$T/first"
sim_faults '[{"service":"imds","status":500}]'
expect 0 "$(cat "$T/first")" '' -- get
expect 6 '' - -- get --refresh --timeout 500ms
sleep 5
expect 6 '' - -- get --timeout 500ms
sim_faults '[]'

it 'another application of the same user gets no token of this one'
sim_scenario app-service
mi-token cache clear >"$T/cleared"
as app-service mi-token --resource https://vault.azure.net >"$T/token" || bad 'no token'
as app-service IDENTITY_HEADER=another mi-token --resource https://vault.azure.net \
	>"$T/other" 2>"$T/err" && bad 'a token without the secret'
is 'stdout' "$(cat "$T/other")" ''
