#!/bin/sh
# mi-token doctor URL: which of its reasons a service has, for each service.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

oid=0b1e0000-0000-4000-8000-0000000000b1
sub=/subscriptions/11110000-0000-4000-8000-000000000001
foreign=91880000-0000-4000-8000-00000000a002
assign="az role assignment create --assignee-object-id $oid --assignee-principal-type ServicePrincipal"
tab=$(printf '\t')

sim_start target

# target STATUS URL [OPTION...] -- LINE...: the last rung, and what follows it; patterns.
target()
{
	lib_status=$1
	shift
	lib_args=''
	while [ "$1" != -- ]; do
		lib_args="$lib_args $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # options without blanks
	expect "$lib_status" - '' -- mi-token doctor $lib_args
	sed -n '/^[a-z]*  *target /,$p' "$T/out" >"$T/rung"
	[ -s "$T/rung" ] || bad 'there is no rung for the target in:' "$(cat "$T/out")"
	for lib_line; do
		same "$(cat "$T/rung")" "~*$lib_line*" || bad "for$lib_args no '$lib_line' in:" "$(cat "$T/rung")"
	done
}

# in_all STATUS PATTERN: of each URL on stdin; its own pattern may follow it.
in_all()
{
	while IFS=$tab read -r url own more; do
		target "$1" "$url" -- "$2" "$own" "$more"
	done
}

it 'the services that let the identity in'
in_all 0 "ok    target *lets the identity in (object id $oid)" <<'END'
https://demo.blob.core.windows.net
https://demo.blob.core.windows.net/docs
https://demo.blob.core.windows.net/docs/a.txt
https://demo.queue.core.windows.net/orders
https://demo.queue.core.windows.net/orders/messages
https://demo.table.core.windows.net/people
https://demo.file.core.windows.net/home
https://demo.file.core.windows.net/home/a/b.txt
https://demo.dfs.core.windows.net
https://demo.dfs.core.windows.net/docs/a.txt
https://demo.vault.azure.net	it may list secrets
https://demo.vault.azure.net/secrets/db	it may get the secret
https://demo-hsm.managedhsm.azure.net	it may list keys
https://demo.documents.azure.com/dbs/d/colls/c	it may read metadata
https://demo.servicebus.windows.net/q
https://demo.azconfig.io
https://registry.azurecr.io	it may sign in
https://registry.azurecr.io/app:v1	it may pull
https://management.azure.com	it may read
https://management.azure.com/subscriptions/11110000-0000-4000-8000-000000000001
https://dev.azure.com/org
END
target 0 https://api.contoso.example/v1 --resource api://contoso-api -- 'ok    target *api.contoso.example lets'
sim_log vault | grep '/secrets/db' >"$T/asked"
[ -s "$T/asked" ] || bad 'nothing was asked of the secret'
is 'its value is asked for' "$(grep -vcE '/secrets/db/(0{32}|versions)' "$T/asked")" 0

it 'what is not there, though it could be read'
in_all 0 'ok    target *lets the identity in *and has nothing at' <<'END'
https://demo.blob.core.windows.net/nope
https://demo.vault.azure.net/secrets/nope
https://management.azure.com/subscriptions/11110000-0000-4000-8000-000000000001/resourceGroups/nope
END

it 'a service that is not asked: its audience'
target 0 https://s.database.windows.net -- 'ok    target *there is a token for https://database.windows.net/ '
target 0 https://demo.file.core.windows.net -- 'is not asked' 'name a share'
target 0 https://p.postgres.database.azure.com -- 'a token for https://ossrdbms-aad.database.windows.net '

it 'no role: the least one that would do, for this very identity, where the resource lies'
in_all 5 'fail  target' <<END
https://other.vault.azure.net/secrets/x	Microsoft.KeyVault/vaults/secrets/getSecret/action	$assign --role 'Key Vault Secrets User' --scope $sub/resourcegroups/demo/providers/microsoft.keyvault/vaults/other
https://other.vault.azure.net/keys/x	Microsoft.KeyVault/vaults/keys/read	--role 'Key Vault Crypto User'
https://other.vault.azure.net/certificates/x	Microsoft.KeyVault/vaults/certificates/read	--role 'Key Vault Certificate User'
https://other-hsm.managedhsm.azure.net/keys/k		az keyvault role assignment create --hsm-name other-hsm --assignee-object-id $oid --assignee-principal-type ServicePrincipal --role 'Managed HSM Crypto User' --scope /keys/k
https://other.file.core.windows.net/home		$assign --role 'Storage File Data Privileged Reader' --scope $sub/resourceGroups/data/providers/Microsoft.Storage/storageAccounts/other/fileServices/default/fileshares/home
https://other.servicebus.windows.net/q		$assign --role 'Azure Service Bus Data Receiver' --scope /subscriptions/SUBSCRIPTION-ID/resourceGroups/RESOURCE-GROUP/providers/Microsoft.ServiceBus/namespaces/other
https://other.documents.azure.com	Cosmos DB's own	az cosmosdb sql role assignment create --account-name other --resource-group RG --principal-id $oid --scope / --role-definition-id 00000000-0000-0000-0000-000000000001
https://other.azurecr.io/app		$assign --role AcrPull --scope
https://management.azure.com/subscriptions/11110000-0000-4000-8000-000000000002	Microsoft.Resources/subscriptions/read	$assign --role Reader --scope /subscriptions/11110000-0000-4000-8000-000000000002
https://graph.microsoft.com/v1.0/servicePrincipals	app role	appRoleAssignments
END
target 5 https://other.contoso.example/v1 --resource api://contoso-api -- \
	'wants an app role' "the token's app roles: none" 'mi-token verify --audience api://contoso-api'

it 'a role that is assigned, and why that does not help'
in_all 5 'fail  target' <<END
https://other.blob.core.windows.net/docs	'Storage Blob Data Reader' is assigned to it, but on something else than the target	is assigned at $sub/resourceGroups/demo/providers/Microsoft.Compute/virtualMachines/vm1
https://other.queue.core.windows.net/orders	'Storage Queue Data Reader' is assigned to it there: it is not in force yet	mi-token wait --for role https://other.queue.core.windows.net/orders
https://other.table.core.windows.net/people	'Storage Table Data Reader' is assigned to its client id, which is not its object id	$assign
https://other.azconfig.io	'Contributor' is assigned to it, which is about the resource, and not about the data in it	--role 'App Configuration Data Reader'
END

it 'one container, and another one'
target 0 https://mystorage.dfs.core.windows.net/docs -- 'lets the identity in'
target 5 https://mystorage.dfs.core.windows.net/other -- '/blobServices/default/containers/other'

it 'access policies, networks, things switched off, organisations'
in_all 5 'fail  target' <<END
https://myvault.vault.azure.net/secrets/x	goes by access policies	az keyvault set-policy --name myvault --object-id $oid --secret-permissions get list
https://mystorage.blob.core.windows.net/docs	network rules	az storage account network-rule add --account-name mystorage
https://mystorage.queue.core.windows.net/orders	the storage account is disabled
https://demo.vault.azure.net/secrets/old	the secret is disabled	az keyvault secret set-attributes --vault-name demo --name old --enabled true
https://dev.azure.com/orga	no member of the organisation	its object id is $oid
END

it 'another tenant: both are named'
in_all 5 "its tenant is 91880000-0000-4000-8000-00000000a001, the target's $foreign" <<'END'
https://mystorage.table.core.windows.net/people
https://partner.vault.azure.net/secrets/x
https://management.azure.com/subscriptions/11110000-0000-4000-8000-000000000003
END

it 'another audience by one slash: both spellings are told'
target 5 https://api.contoso.example/v1 --resource api://contoso-api/ -- \
	"its audience is 'api://contoso-api/', and 'api://contoso-api' is taken" \
	'mi-token --resource api://contoso-api'

it 'a role that takes its time'
target 5 https://mystorage.file.core.windows.net/home -- "mi-token wait --for role https://mystorage.file.core.windows.net/home"
target 5 https://mystorage.file.core.windows.net/home -- 'fail  target'
target 0 https://mystorage.file.core.windows.net/home -- 'ok    target'

it 'a service that is busy, or cannot be reached, is no refusal'
sim_faults '[{ "service": "storage", "status": 503, "headers": { "Retry-After": "3" } }]'
target 6 https://demo.blob.core.windows.net -- 'fail  target'
sim_faults '[]'
target 6 https://nosuch.blob.core.windows.net -- 'the host name is not found' 'privatelink.blob.core.windows.net'

it 'all that is asked takes no longer than --timeout allows'
sim_faults '[{ "service": "vault", "delay_ms": 1500 }, { "service": "arm", "status": 429, "headers": { "Retry-After": "20" } }]'
begin=$(date +%s%3N)
target 5 https://other.vault.azure.net --timeout 2s -- 'the vault goes by roles' "--role 'Key Vault Secrets User'"
took=$(($(date +%s%3N) - begin))
[ "$took" -lt 5000 ] || bad "it took $took ms"
sim_faults '[]'

it 'another port is not asked'
target 2 https://api.contoso.example:8443/v1 --resource api://contoso-api -- 'its port is not 443'

it 'no token, and no secret, is told'
: >"$T/all"
for url in https://demo.vault.azure.net/secrets/db https://other.blob.core.windows.net/docs https://registry.azurecr.io/a; do
	mi-token doctor "$url" >>"$T/all" 2>&1
	mi-token doctor --json "$url" >>"$T/all" 2>&1
done
mi-token https://demo.vault.azure.net >"$T/token"
is 'pieces of the token' "$(pieces "$T/token" <"$T/all")" ''
is 'the secret' "$(grep -c hunter2 "$T/all")" 0
