#!/bin/sh
# az login, account, config, cloud, version and help; and a real az for all else.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

shims=$B/libexec/mi-token/shims
plain=$PATH
PATH=$shims:$PATH
prod=11110000-0000-4000-8000-000000000001
test=11110000-0000-4000-8000-000000000002
state=$HOME/.local/state/mi-token/az
mkdir -p "$HOME"
sim_start az

it 'login shows and remembers what the identity reaches, for the user alone'
expect 0 'Contoso Prod
Contoso Test & Dev
Prüfung
managed' '' -- az login --identity --query '[].name' -o tsv
is 'mode' "$(stat -c %a "$state")" 600
expect 0 '~*
  "environmentName": "AzureCloud",
*' '' -- az account show
expect 0 "~Name *CloudName *SubscriptionId *TenantId *State *IsDefault
*Contoso Prod *AzureCloud *$prod *True*" '' -- az account list -o table
is 'disabled ones' "$(grep -c Disabled "$T/out")" 0
expect 0 '~*Disabled*' '' -- az account list --all -o table

it 'the chosen subscription stays, by name or id, in any case'
expect 0 '' '' -- az account set --name 'contoso test & dev'
expect 0 "$test" '' -- az account show --query id -o tsv
expect 0 "$test" '' -- az account get-access-token --query subscription -o tsv
expect 0 "$prod" '' -- az account get-access-token -s 'Contoso Prod' --query subscription -o tsv
expect 1 '' "ERROR: The subscription of 'nosuch' doesn't exist in cloud 'AzureCloud'." -- az account set -s nosuch
expect 1 '' "ERROR: Subscription 'nosuch' not found. Check the spelling and casing and try again." -- az account show -s nosuch
expect 0 "$test" '' -- az account show --query id -o tsv

it 'another start is not signed in: other settings, or an identity in the environment'
expect 0 "$prod" '' -- env AZURE_CONFIG_DIR="$T/other" az account show --query id -o tsv
expect 0 "$prod" '' -- env MI_TOKEN_IDENTITY=system az account show --query id -o tsv
expect 0 "$test" '' -- az account show --query id -o tsv

it 'broken, foreign and missing state are no error'
echo 'mi-token az 9' >"$state"
expect 0 "$prod" '' -- az account show --query id -o tsv
printf '\0\0\0' >"$state"
expect 0 "$prod" '' -- az account show --query id -o tsv
rm -rf "${state%/az}"
expect 0 "$prod" '' -- az account show --query id -o tsv
: >"${state%/mi-token/az}/file"
expect 1 '' '~ERROR: cannot write*' -- env XDG_STATE_HOME="${state%/mi-token/az}/file" az login -i

it 'without a login it is as if there had been one'
expect 0 '' '' -- az logout
expect 0 'systemAssignedIdentity	servicePrincipal	MSI' '' -- az account show --query '[[user.name,user.type,user.assignedIdentityInfo]]' -o tsv
expect 0 '' '' -- az account clear

it 'each way to name an identity'
sim_scenario vm-users
mi-token cache clear -q >"$T/cleared"
first=6f0c0000-0000-4000-8000-0000000000a1
for way in "--client-id $first" "-u $first" "--username=$first"; do
	# shellcheck disable=SC2086 # an option and its value
	expect 0 "MSIClient-$first" '' -- az login --identity $way --allow-no-subscriptions --query '[0].user.assignedIdentityInfo' -o tsv
	expect 0 "$first" '' -- sh -c 'az account get-access-token --query accessToken -o tsv | cut -d. -f2 | tr _- /+ | base64 -d 2>/dev/null | sed "s/.*\"appid\":\"\([^\"]*\).*/\1/"'
done
object=$(sed -n 's/.*"object_id": "\([^"]*\)".*/\1/p' "$scenarios/vm-users.json" | head -n 1)
for way in "--object-id $object" "-u $object"; do
	# shellcheck disable=SC2086
	expect 0 "MSIObject-$object" '' -- az login --identity $way --allow-no-subscriptions --query '[0].user.assignedIdentityInfo' -o tsv
done
expect 1 '' '~ERROR: *Multiple user assigned identities*
Please run *' -- az login -i
expect 1 '' '~ERROR: *is not assigned to this machine*
Please run *' -- az login -i --client-id 00000000-0000-4000-8000-0000000000ff
expect 1 '' 'ERROR: Usage error: Provide only one of --client-id, --object-id, --resource-id.' \
	-- az login -i --client-id a --object-id b
expect 1 '' "ERROR: usage error: '--identity' is not applicable with other arguments" -- az login -i --tenant x
expect 1 '' '~ERROR: mi-token signs in with*--identity' -- az login
az account clear

it 'nothing to be reached is an error, unless it was said to be none'
cat >"$T/empty.json" <<'END'
{ "tenant": "91880000-0000-4000-8000-00000000a001", "arm": { "subscriptions": [] },
  "system": { "client_id": "6f0c0000-0000-4000-8000-0000000000c1", "object_id": "0b1e0000-0000-4000-8000-0000000000b1",
  "resource_id": "/subscriptions/11110000-0000-4000-8000-000000000001/resourcegroups/demo/providers/Microsoft.Compute/virtualMachines/vm1" } }
END
sim_scenario "$T/empty.json"
mi-token cache clear -q >"$T/cleared"
expect 1 '' '~ERROR: No access was configured for the managed identity*' -- az login --identity
expect 0 "[
  {
    \"environmentName\": \"AzureCloud\",
    \"id\": \"$SIM_TENANT\",
    \"isDefault\": true,
    \"name\": \"N/A(tenant level account)\",
    \"state\": \"Enabled\",
    \"tenantId\": \"$SIM_TENANT\",
    \"user\": {
      \"assignedIdentityInfo\": \"MSI\",
      \"name\": \"systemAssignedIdentity\",
      \"type\": \"servicePrincipal\"
    }
  }
]" '' -- az login --identity --allow-no-subscriptions
az account clear

it 'no identity: an empty list and a warning, and errors with an invitation'
sim_scenario vm-none
mi-token cache clear -q >"$T/cleared"
expect 0 '[]' 'WARNING: Please run "az login" to access your accounts.' -- az account list
expect 0 '[]' '' -- az account list --only-show-errors
expect 1 '' "~ERROR: *
Please run 'az login' to setup account." -- az account show

it 'versions that SDKs and Terraform take'
expect 0 2.91.0 '' -- az version --query '"azure-cli"' -o tsv
expect 0 '{}' '' -- az version --query extensions
expect 0 '~azure-cli                         2.91.0
*' '' -- az --version

it 'settings are az own, and changed in place'
expect 0 '' '' -- az config set core.output=tsv a.b='c d'
printf '# kept\n[core]\noutput = tsv\nother = 1\n' >"$HOME/.azure/config"
expect 0 '' '' -- az config set core.output=table
is 'file' "$(cat "$HOME/.azure/config")" '# kept
[core]
output = table
other = 1'
expect 0 table '' -- az config get core.output --query value -o tsv
expect 1 '' "ERROR: Configuration 'core.nosuch' is not set." -- az config get core.nosuch
expect 1 '' 'ERROR: usage error: [section].[name]=[value] ...' -- az config set nonsense
expect 0 '' '' -- az config unset core.other
is 'file' "$(cat "$HOME/.azure/config")" '# kept
[core]
output = table'
rm "$HOME/.azure/config"

it 'clouds, and the one that is chosen'
expect 0 'https://management.azure.com/' '' -- az cloud show --query endpoints.resourceManager -o tsv
expect 0 '.vault.usgovcloudapi.net' '' -- az cloud show -n azureusgovernment --query suffixes.keyvaultDns -o tsv
expect 0 '' '' -- az cloud set --name AzureUSGovernment
expect 0 'AzureUSGovernment' '' -- az cloud list --query '[?isActive].name' -o tsv
rm "$HOME/.azure/config"
expect 1 '' "ERROR: The cloud 'x' is not registered." -- az cloud show -n x

it 'help for all groups and commands, without a request'
sim_reset
expect 0 '~*Subgroups:*' '' -- az
for words in '' account 'account get-access-token' 'account show' 'account list' 'account set' 'account clear' login logout \
	version cloud 'cloud show' 'cloud list' config 'config get' 'config set' rest keyvault 'keyvault secret show' 'acr login'; do
	# shellcheck disable=SC2086 # words
	expect 0 "~*az $words*" '' -- az $words --help
done
is 'requests' "$(sim_counter requests)" 0

it 'what ours does not know goes to a real az, which is ended like it'
mkdir -p "$T/real" "$T/loop"
printf '#!/bin/sh\nprintf "%%s|" real "$@"; umask; echo oops >&2; exit 7\n' >"$T/real/az"
chmod +x "$T/real/az"
mode=$(umask)
PATH=$shims:$T/real:$plain
expect 7 "real|vm|list|-o|a b||$mode" oops -- az vm list -o 'a b' ''
expect 7 "real|acr|login|-n|x|$mode" oops -- az acr login -n x
expect 7 "real|vm|$mode" oops -- mi-token az vm
expect 0 2.91.0 '' -- az version --query '"azure-cli"' -o tsv

it 'and never comes back: links, copies, scripts that call ours, no PATH'
ln -s "$shims/az" "$T/loop/az"
unknown="ERROR: 'vm' is misspelled or not recognized by the system.
mi-token has the commands for managed identities, and for the others it found no Azure CLI in PATH."
PATH=$shims:$T/loop:$plain
expect 2 '' "$unknown" -- az vm
printf '#!/bin/sh\nexec mi-token az "$@"\n' >"$T/real/az"
PATH=$T/real:$shims:$plain
expect 2 '' "$unknown" -- az vm
printf '#!/bin/sh\nmi-token az "$@"\n' >"$T/real/az"
expect 2 '' "$unknown" -- az vm
expect 2 '' "$unknown" -- env -u PATH "$shims/az" vm
PATH=$shims:$plain
expect 2 '' "ERROR: 'acr login' is not supported without --expose-token
mi-token has the commands for managed identities, and for the others it found no Azure CLI in PATH." -- az acr login -n x
