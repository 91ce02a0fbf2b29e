#!/bin/sh
# mi-token keep-fresh: the file has a good token, is never half written, and goes.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/serve-lib.sh
. "$(dirname "$0")/serve-lib.sh"

sim_start vm-both
token=$(mi-token --resource $vault)
file=$T/token

# appears: waits for the file
appears()
{
	for _ in $(seq 200); do [ -s "$file" ] && return; sleep 0.02; done
	bad 'there is no file'
}

it '--once writes it and leaves it, for our user alone'
expect 0 '' '' -- mi-token keep-fresh --once --resource $vault "$file"
is 'token' "$(cat "$file")" "$token"
is 'bytes' "$(wc -c <"$file")" ${#token}
is 'mode' "$(stat -c %a "$file")" 600
is 'other files' "$(find "$T" -name "*mi-token*" | wc -l)" 0

it 'an older file is replaced, whatever it was'
echo old >"$T/target"
ln -sf "$T/target" "$file"
chmod 666 "$T/target"
expect 0 '' '' -- mi-token keep-fresh --once --resource vault "$file"
is 'token' "$(cat "$file")" "$token"
is 'link' "$([ -L "$file" ] && echo link)" ''
is 'target' "$(cat "$T/target")" old
rm "$file"

it 'what cannot be had or written is an error, and no file'
expect 2 '' '~mi-token: *--resource is missing*' -- mi-token keep-fresh "$file"
expect 2 '' '~mi-token: *one argument*' -- mi-token keep-fresh --resource vault
expect 2 '' '~mi-token: *' -- mi-token keep-fresh --resource vault --once "$file" more
expect 2 '' '~mi-token: *' -- mi-token keep-fresh --resource 'no such' --once "$file"
expect 3 '' "~mi-token: cannot write '$T': *" -- mi-token keep-fresh --resource vault --once "$T"
expect 3 '' '~mi-token: cannot write *: No such file*' -- mi-token keep-fresh --resource vault --once "$T/no/file"
expect 3 '' '~mi-token: cannot write *' -- mi-token keep-fresh --resource vault --once /proc/version
is 'files' "$(find "$T" -name "*mi-token*" | wc -l)" 0

# short_lived [FAULT]: the first token lives for 63 s, and then FAULT plays.
short_lived()
{
	mi-token cache clear >"$T/out"
	sim_reset
	now=$(date +%s)
	sim_faults '[{"service":"imds","path":"/metadata/identity","first":1,"set":{"expires_in":"63","expires_on":"'$((now + 63))'"}}'"${1-}]"
	mi-token keep-fresh --resource vault "$file" 2>"$T/err" &
	pid=$!
	appears
	first=$(cat "$file") inode=$(stat -c %i "$file")
}

it 'before it is old another replaces it, and it goes with SIGTERM'
short_lived
# The platform may give the same token once more, in another file.
for _ in $(seq 100); do [ "$(sim_log imds | grep -c metadata/identity)" -ge 2 ] && break; sleep 0.2; done
sleep 0.2
is 'requests' "$(sim_log imds | grep -c metadata/identity)" '~[2-9]'
is 'file' "$([ "$(stat -c %i "$file")" != "$inode" ] && echo another)" another
kill $pid
wait $pid
is 'status' "$?" 0
is 'file' "$(ls "$file" 2>/dev/null)" ''
is 'stderr' "$(cat "$T/err")" ''

it 'failures are told, and meanwhile the token stays'
short_lived ',{"service":"imds","path":"/metadata/identity","status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}'
for _ in $(seq 150); do [ -s "$T/err" ] && break; sleep 0.1; done
is 'stderr' "$(cat "$T/err")" '~mi-token: *Identity not found*'
is 'token' "$(cat "$file")" "$first"
kill $pid
wait $pid
is 'status' "$?" 0
sim_faults '[]'

it 'a file that somebody else has put there stays'
mi-token keep-fresh --resource vault "$file" &
pid=$!
appears
echo mine >"$T/other"
mv "$T/other" "$file"
kill $pid
wait $pid
is 'file' "$(cat "$file")" mine
rm "$file"

it 'it ends with who started it'
sh -c 'mi-token keep-fresh --resource vault "$1" & sleep 60' sh "$file" &
pid=$!
appears
kill -9 $pid
wait $pid 2>/dev/null
is 'left' "$(left)" ''
is 'file' "$(ls "$file" 2>/dev/null)" ''

it 'exec keeps one while the command runs, with the identity of exec'
# shellcheck disable=SC2016 # the child's
expect 0 '~ey*' '' -- mi-token exec --identity system --keep-fresh "$file" --resource vault sh -c 'cat "$0"' "$file"
is 'left' "$(left)" ''
is 'file' "$(ls "$file" 2>/dev/null)" ''
expect 3 '' '~mi-token: cannot write*' -- mi-token exec --keep-fresh "$T/no/file" --resource vault echo ran
is 'left' "$(left)" ''
mi-token exec --keep-fresh "$file" --resource vault sleep 60 &
pid=$!
appears
for _ in $(seq 100); do [ "$(cat /proc/$pid/comm)" = sleep ] && break; sleep 0.02; done
kill -9 $pid
wait $pid 2>/dev/null
is 'left' "$(left)" ''
is 'file' "$(ls "$file" 2>/dev/null)" ''
