#!/bin/sh
# The real az as a source, only where somebody has named it; here one of the test's stands
# for it, which prints what az prints.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

vault=https://vault.azure.net
client=6f0c0000-0000-4000-8000-0000000000c1
object=0b1e0000-0000-4000-8000-0000000000b1
export MI_TOKEN_CONFIG=/dev/null
sim_start vm-system

mkdir -p "$T/real" "$HOME/.azure"
echo '{"subscriptions": []}' >"$HOME/.azure/azureProfile.json"
cat >"$T/real/az" <<'END'
#!/bin/sh
T=/run/test
{ printf '%s|' "$@" && echo; } >>$T/calls
{ pwd && env && ls /proc/self/fd && cat; } >$T/seen 2>&1
case $(cat $T/mode) in
good | old | noisy)
	token=$(curl -sS --noproxy '*' -H Metadata:true --get --data-urlencode "resource=$6" \
		"$SIM_IMDS/metadata/identity/oauth2/token?api-version=2018-02-01" | sed 's/.*"access_token":"\([^"]*\).*/\1/')
	later=$(($(date +%s) + 3600))
	[ "$(cat $T/mode)" != noisy ] || echo 'WARNING: you have 2 updates available' >&2
	cat <<JSON
{
  "accessToken": "$token",
  "expiresOn": "$(date -d "@$later" '+%Y-%m-%d %H:%M:%S').000000",
$([ "$(cat $T/mode)" = old ] || echo "  \"expires_on\": $later,")
  "subscription": "11110000-0000-4000-8000-000000000001",
  "tenant": "91880000-0000-4000-8000-00000000a001",
  "tokenType": "Bearer"
}
JSON
	;;
out) echo "ERROR: Please run 'az login' to setup account." >&2; exit 1 ;;
old-login)
	echo 'ERROR: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks.' >&2
	echo 'Interactive authentication is needed. Please run:' >&2
	echo 'az login --tenant "91880000-0000-4000-8000-00000000a001" --scope "https://vault.azure.net/.default"' >&2
	exit 1
	;;
broken) echo 'Traceback (most recent call last):' >&2; exit 1 ;;
slow) echo $$ >$T/pid; sleep 60 & sleep 60 ;;
endless) yes ;;
words) echo 'hello' ;;
END
printf 'esac\n' >>"$T/real/az"
chmod 755 "$T/real/az"
echo good >"$T/mode"
: >"$T/calls"

# cli ARGUMENT...: with that az in PATH, and that source.
cli()
{
	env PATH="$T/real:$PATH" mi-token --source azure-cli "$@"
}

it 'az is run for a token as its users are told to, and nothing else of ours reaches it'
expect 0 '~ey*.*.*' '' -- cli --resource $vault
claims=$(jwt_claims <"$T/out")
is 'identity' "$claims" "~*\"appid\":\"$client\"*"
is 'audience' "$claims" "~*\"aud\":\"$vault\"*"
is 'arguments' "$(cat "$T/calls")" "account|get-access-token|-o|json|--resource|$vault|"
is 'folder' "$(head -n 1 "$T/seen")" /
is 'mark' "$(grep -c '^MI_TOKEN_AZURE_CLI=1$' "$T/seen")" 1
is 'descriptors' "$(sed -n '/^[0-9]*$/p' "$T/seen" | tr '\n' ' ')" '0 1 2 3 '

it 'the token is kept, until somebody else is signed in'
expect 0 '~ey*' '' -- cli --resource $vault
is 'calls' "$(wc -l <"$T/calls")" 1
echo '{"subscriptions": [ "another" ]}' >"$HOME/.azure/azureProfile.json"
expect 0 '~ey*' '' -- cli --resource $vault
is 'calls' "$(wc -l <"$T/calls")" 2

it 'an old az tells the local time only'
echo old >"$T/mode"
expect 0 '~*"expires_on": *' '' -- env TZ=XYZ-5 PATH="$T/real:$PATH" mi-token --source azure-cli --refresh --resource $vault -o json
left=$(($(json_field expires_on <"$T/out") - $(date +%s)))
if [ "$left" -le 3500 ] || [ "$left" -gt 3600 ]; then bad "seconds left: $left"; fi
echo noisy >"$T/mode"
expect 0 '~ey*' '' -- cli --refresh --resource $vault

it 'it is never taken where nobody has named it'
: >"$T/calls"
expect 0 '~ey*' '' -- env PATH="$T/real:$PATH" mi-token --refresh --resource $vault
is 'calls' "$(wc -l <"$T/calls")" 0
is 'sources' "$(env PATH="$T/real:$PATH" mi-token sources | grep '^[* ] azure-cli')" \
	'  azure-cli          whoever is signed in to the Azure CLI; only when it is named'

it 'a pinned tenant is asked for, and what is pinned is verified'
echo good >"$T/mode"
cat >/etc/mi-token/mi-token.conf <<END
source = ( "environment", "azure-cli" );
identity = "me";
identities = {
  me = { object_id = "$object"; tenant_id = "91880000-0000-4000-8000-00000000a001"; };
  other = { object_id = "0b1e0000-0000-4000-8000-0000000000ff"; };
};
END
expect 0 '~ey*' '' -- env PATH="$T/real:$PATH" mi-token --resource $vault
is 'arguments' "$(cat "$T/calls")" \
	"account|get-access-token|-o|json|--resource|$vault|--tenant|91880000-0000-4000-8000-00000000a001|"
expect 5 '' "~*its object id is '$object'*" -- env PATH="$T/real:$PATH" mi-token --identity other --resource $vault
rm /etc/mi-token/mi-token.conf

it 'our own az is passed by, under every name, and so are relative folders'
shims=$B/libexec/mi-token/shims
mkdir -p "$T/linked"
ln -sf "$shims/az" "$T/linked/az"
: >"$T/calls"
expect 0 '~ey*' '' -- env PATH="$shims:$T/linked:$T/real:$B/bin:/usr/bin:/bin" mi-token --source azure-cli --refresh --resource $vault
is 'calls' "$(wc -l <"$T/calls")" 1
cd "$T/real" || exit
expect 4 '' "~mi-token: source 'azure-cli' is not here: PATH has no az, but for mi-token's own*" -- \
	env PATH=".:real:$shims:$T/linked:$B/bin" mi-token --source azure-cli --resource $vault
cd /
expect 4 '' "~mi-token: source 'azure-cli' is not here: asked by the az that it would run*" -- \
	env MI_TOKEN_AZURE_CLI=1 PATH="$T/real:$PATH" mi-token --source azure-cli --resource $vault

it 'our az may be asked and asks the real one'
: >"$T/calls"
expect 0 '~*"accessToken": "ey*' '' -- env PATH="$shims:$T/real:$PATH" MI_TOKEN_SOURCE=azure-cli \
	az account get-access-token --resource $vault
is 'calls' "$(wc -l <"$T/calls")" '~[01]'

it 'who is not signed in is told how to'
mi-token cache clear >"$T/cleared"
while IFS='|' read -r mode status says; do
	echo "$mode" >"$T/mode"
	mi-token cache clear >"$T/cleared"
	expect "$status" '' "~mi-token: $says*" -- cli --refresh --resource $vault
done <<'END'
out|4|az: status 1: 'Please run 'az login' to setup account.'; sign in: az login
old-login|5|az: status 1: 'AADSTS70043: *; sign in: az login --tenant "91880000-0000-4000-8000-00000000a001" --scope "https://vault.azure.net/.default"
broken|6|az: status 1: 'Traceback *see for yourself: az account get-access-token --resource https://vault.azure.net
words|7|az: an answer that is no JSON object
endless|7|az: an answer that is too long
END

it 'one that hangs is killed with all it has started'
echo slow >"$T/mode"
mi-token cache clear >"$T/cleared"
expect 6 '' '~mi-token: az: no answer in *ms, and it was stopped*--timeout*' -- cli --timeout 900ms --resource $vault
for _ in 1 2 3 4 5 6 7 8 9 10; do
	kill -0 "-$(cat "$T/pid")" 2>/dev/null || break
	sleep 0.2
done
kill -0 "-$(cat "$T/pid")" 2>/dev/null && bad 'its group is still there'

it 'a program with raised rights runs no az'
if [ "$(id -u)" = 0 ]; then
	public=$(public_bin)
	cp "$public/mi-token" /run/public/bin/raised
	chmod 4755 /run/public/bin/raised
	mkdir -p /run/public/az
	cp "$T/real/az" /run/public/az/
	chmod -R a+rX /run/public
	: >"$T/calls"
	if command -v setpriv >/dev/null; then
		setpriv --reuid 65534 --regid 65534 --clear-groups env PATH="/run/public/az:$PATH" \
			/run/public/bin/raised --source azure-cli --resource $vault >"$T/out" 2>"$T/err"
		is 'stdout' "$(cat "$T/out")" ''
		is 'calls' "$(wc -l <"$T/calls")" 0
	else
		skip 'there is no setpriv'
	fi
else
	skip 'only root can make such a program'
fi
