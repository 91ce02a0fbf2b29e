#!/bin/sh
# az account get-access-token and azd auth token, as the SDKs run them.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

PATH=$B/libexec/mi-token/shims:$PATH
storage=https://storage.azure.com/
sub=11110000-0000-4000-8000-000000000001
arm=https://management.core.windows.net/
mkdir -p "$HOME"
sim_start vm-system

# fresh: no token anywhere, counters at 0, nothing goes wrong.
fresh()
{
	sim_faults '[]'
	sim_reset
	mi-token cache clear -q >"$T/cleared"
}

# asked: the resource in the newest request, decoded.
asked()
{
	sim_log imds | tail -n 1 | sed 's/.*[?&]resource=\([^&" ]*\).*/\1/; s/%3A/:/g; s/%2F/\//g'
}

it 'six keys in order, with both expiries in their types, and nothing on stderr'
expect 0 - '' -- az account get-access-token --resource $storage
token=$(json_field accessToken <"$T/out")
epoch=$(json_field expires_on <"$T/out")
is 'answer' "$(cat "$T/out")" "{
  \"accessToken\": \"$token\",
  \"expiresOn\": \"$(TZ=UTC date -d "@$epoch" '+%Y-%m-%d %H:%M:%S').000000\",
  \"expires_on\": $epoch,
  \"subscription\": \"$sub\",
  \"tenant\": \"$SIM_TENANT\",
  \"tokenType\": \"Bearer\"
}"
is 'token' "$(mi-token --resource $storage)" "$token"
is 'requests' "$(sim_counter imds)" 1

it 'the expiry is in the time zone of whoever asks'
while read -r zone; do
	TZ=$zone
	export TZ
	expect 0 "$(date -d "@$epoch" '+%Y-%m-%d %H:%M:%S').000000" '' \
		-- az account get-access-token --resource $storage --query expiresOn -o tsv
done <<'END'
UTC
America/New_York
Asia/Kolkata
EST5EDT,M3.2.0,M11.1.0
<-03>3
Nowhere/Nothing
END
unset TZ

it 'each format says the same'
local_time=$(date -d "@$epoch" '+%Y-%m-%d %H:%M:%S').000000
tab=$(printf '\t')
cell="$tab$local_time$tab$epoch$tab$sub$tab$SIM_TENANT${tab}Bearer"
expect 0 "$token$cell" '' -- az account get-access-token --resource $storage -o tsv
expect 0 "$token$cell" '' -- az account get-access-token --resource $storage --out=TSV
expect 0 "accessToken: $token
expiresOn: '$local_time'
expires_on: $epoch
subscription: $sub
tenant: $SIM_TENANT
tokenType: Bearer" '' -- az account get-access-token --resource $storage -oyaml
expect 0 "~AccessToken  *ExpiresOn  *Expires_on  *Subscription  *Tenant  *TokenType*$token  $local_time*" '' \
	-- az account get-access-token --resource $storage -o table
expect 0 '' '' -- az account get-access-token --resource $storage -o none
AZURE_CORE_OUTPUT=tsv expect 0 "$token$cell" '' -- env AZURE_CORE_OUTPUT=tsv az account get-access-token --resource $storage

it 'what it is for: resource, kind, scope, or Azure Resource Manager'
while IFS='|' read -r want options; do
	fresh
	eval "set -- $options"
	expect 0 - '' -- az account get-access-token "$@"
	is "resource of $options" "$(asked)" "$want"
done <<END
$arm|
$arm|--resource ''
$storage|--resource $storage
https://storage.azure.com|--resource https://storage.azure.com
$arm|--resource-type ARM
https://graph.microsoft.com/|--resource-type ms-graph
https://ossrdbms-aad.database.windows.net|--resource-type oss-rdbms
https://storage.azure.com|--scope https://storage.azure.com/.default
$storage|--scope https://storage.azure.com//.default
https://storage.azure.com|--scope https://storage.azure.com/user_impersonation
https://vault.azure.net|--scope https://vault.azure.net/.default $storage --resource $arm
$arm|--scope
END
fresh

it 'the tenant may be the own one, in any case, or none; the subscription is left out then'
upper=$(echo "$SIM_TENANT" | tr a-f A-F)
expect 0 '~*"tenant"*' '' -- az account get-access-token --tenant "$upper"
is 'subscription' "$(grep -c subscription "$T/out")" 0
expect 0 '~*"subscription"*' '' -- az account get-access-token --tenant ''
expect 1 '' "ERROR: For managed identity account, getting access token for non-current tenants is not supported. The specified tenant must be the current tenant $SIM_TENANT" \
	-- az account get-access-token -t common
expect 1 '' 'ERROR: Please specify only one of subscription and tenant, not both' \
	-- az account get-access-token -t common -s $sub
expect 0 "$sub" '' -- az account get-access-token --subscription "$sub" --query subscription -o tsv

it 'nothing but PATH in the environment is enough'
expect 0 "$sub" '' -- env -i PATH="$PATH" az account get-access-token --query subscription -o tsv

it 'closed descriptors, no terminal, another folder, a full disk'
for closed in '<&-' '2>&-' '<&- 2>&-'; do
	expect 0 Bearer '' -- sh -c "cd / && az account get-access-token --query tokenType -o tsv $closed"
done
expect 1 '' '~ERROR: cannot write to stdout*' -- sh -c 'az account get-access-token >/dev/full'
expect 1 '' '~ERROR: *' -- sh -c 'az account get-access-token >&-'

it '200 for two audiences, 50 at a time, cold, make one request for each and say the same'
fresh
mkdir -p "$T/many"
seq 200 | xargs -P 50 -I{} sh -c 'case {} in *[02468]) r=$1 ;; *) r=$2 ;; esac
	az account get-access-token --resource "$r" >"$3/{}" 2>"$3/{}.err"' - $storage https://vault.azure.net "$T/many"
is 'requests' "$(sim_counter imds)" 2
is 'answers' "$(cat "$T"/many/*[0-9] | grep accessToken | sort | uniq -c | awk '{ print $1 }' | tr '\n' ' ')" '100 100 '
is 'different answers' "$(cat "$T"/many/*[0-9] | sort -u | wc -l)" '~[89]'
is 'stderr' "$(cat "$T"/many/*.err)" ''
rm "$T"/many/*

it 'a user-assigned identity: the machine is asked for its subscription, once'
sim_scenario vm-user
fresh
i=0
while [ $i -lt 10 ]; do
	az account get-access-token --query subscription -o tsv >"$T/many/$i" 2>"$T/many/$i.err" &
	i=$((i + 1))
done
# shellcheck disable=SC2046 # several
wait $(jobs -p)
is 'requests' "$(sim_counter imds)" 2
is 'answers' "$(cat "$T"/many/[0-9] | sort -u)" "$sub"
sim_scenario vm-system

it 'failures say what happened, and invite to sign in only when there is no identity'
for row in '{"status":500}' '{"status":403,"body":"run az login: az: not found"}' '{"status":429}' \
	'{"silence":true}' '{"reset":true,"cut":10}'; do
	fresh
	sim_faults "[{\"service\":\"imds\",${row#?}]"
	expect 1 '' '~ERROR: *' -- env MI_TOKEN_TIMEOUT="$patience" az account get-access-token
	is "words after $row" "$(grep -ciE 'az login|az account set|azd?:.*not found|CLIInternalError' "$T/err")" 0
done
fresh
expect 1 '' '~ERROR: *AADSTS500011*' -- az account get-access-token --resource https://nosuch.example
is 'words' "$(grep -ci 'az login' "$T/err")" 0
sim_scenario vm-none
fresh
expect 1 '' "~ERROR: *
Please run 'az login' to setup account." -- az account get-access-token
expect 1 '' '~ERROR: *
not logged in, run `azd auth login` to login' -- azd auth token --output json --scope $storage/.default
sim_scenario vm-system
fresh

it 'usage errors end with 2 and az own words'
expect 2 '' 'ERROR: ambiguous option: --res could match --resource, --resource-type' \
	-- az account get-access-token --res x
expect 2 '' 'ERROR: unrecognized arguments: --bogus x' -- az account get-access-token --bogus x
expect 2 '' "ERROR: argument --query: invalid jmespath_type value: 'foo['
To learn more about --query, please visit: 'https://learn.microsoft.com/cli/azure/query-azure-cli'" \
	-- az account get-access-token --query 'foo['
expect 1 '' 'ERROR: Invalid jmespath query supplied for `--query`: Unknown function: badfn()
To learn more about --query, please visit: '"'https://learn.microsoft.com/cli/azure/query-azure-cli'" \
	-- az account get-access-token --query 'badfn()'

it 'a file in the place of a value'
printf 'tokenType\n\n' >"$T/query"
expect 0 Bearer '' -- az account get-access-token --query "@$T/query" -o tsv
expect 0 Bearer '' -- sh -c "echo tokenType | az account get-access-token --query=@- -o tsv"

it 'azd: an object with the expiry in UTC'
epoch=$(az account get-access-token --resource https://storage.azure.com --query expires_on)
expect 0 - '' -- azd auth token --output json --no-prompt --scope https://storage.azure.com/.default
is 'answer' "$(cat "$T/out")" "{\"token\":\"$(mi-token --resource https://storage.azure.com)\",\"expiresOn\":\"$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)\"}"
expect 0 '~{*' '' -- azd auth token --output json --no-prompt --scope https://storage.azure.com/.default --tenant-id "$upper"
expect 1 '' '~ERROR: the managed identity is of tenant*' -- azd auth token --output json --scope a/.default --scope https://storage.azure.com/.default --tenant-id x
expect 2 '' '~ERROR: *' -- azd up

it 'mi-token az is the same program'
expect 0 Bearer '' -- mi-token az account get-access-token --query tokenType -o tsv
