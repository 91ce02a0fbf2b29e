#!/bin/sh
# The simulator's role assignments, role definitions, permissions and Graph's getByIds, as the
# documents have them. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

me=0b1e0000-0000-4000-8000-0000000000a1
group=0b1e0000-0000-4000-8000-0000000000f1
other=0b1e0000-0000-4000-8000-0000000000e1
sub=/subscriptions/11110000-0000-4000-8000-000000000001
rg=$sub/resourceGroups/demo
account=$rg/providers/Microsoft.Storage/storageAccounts/demo
mg=/providers/Microsoft.Management/managementGroups/contoso
arm=https://management.azure.com
place=providers/Microsoft.Authorization
first=6f0c0000-0000-4000-8000-0000000000a1

scenario()
{
	sed '$d' "$scenarios/vm-users.json" >"$T/scenario.json"
	echo ",$1}" >>"$T/scenario.json"
	sim_scenario "$T/scenario.json"
}

token()
{
	curl -sS --noproxy '*' -H Metadata:true "$SIM_IMDS/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1&client_id=$first" |
		json_field access_token
}

# ask PATH [FILTER]: the answer on stdout.
ask()
{
	curl -sS -G -H "Authorization: Bearer $token" --data-urlencode api-version=2022-04-01 \
		${2:+--data-urlencode "\$filter=$2"} "$arm$1"
}

# lists WANT PATH [FILTER]: the last parts of the ids.
lists()
{
	lists_want=$1
	shift
	is "of $*" "$(ask "$@" | mi-token query 'value[].properties.[scope, principalId]' -o tsv |
		sed 's,.*/\([^/	]*\)	.*\(..\)$,\1:\2,' | paste -sd ' ' -)" "$lists_want"
}

# denied CODE MESSAGE PATH [FILTER]
denied()
{
	denied_code=$1 denied_message=$2
	shift 2
	is "of $*" "$(ask "$@")" "~{\"error\":{\"code\":\"$denied_code\",\"message\":\"$denied_message\"*}}"
}

all='11110000-0000-4000-8000-000000000001:a1 demo:a1 demo:f1 contoso:e1'
sim_start vm-users
token=$(token https://management.azure.com/)
graph_token=$(token https://graph.microsoft.com/)
scenario '"arm":{"page":2,
	"subscriptions":[{"id":"11110000-0000-4000-8000-000000000001","name":"One","managementGroups":["contoso"]},
		{"id":"two","name":"Two","roleReaders":[]}],
	"groups":{"'$group'":["'$me'"]},
	"roles":[{"id":"c0570000-0000-4000-8000-000000000001","name":"Own","actions":["*"],"dataActions":["a/b"]}],
	"assignments":[
		{"principal":"'$me'","role":"Reader","scope":"'$sub'"},
		{"principal":"'$me'","role":"Own","scope":"'$account'","condition":"@a","created":"2024-01-02T03:04:05Z"},
		{"principal":"'$group'","type":"Group","role":"Storage Blob Data Reader","scope":"'$rg'"},
		{"principal":"'$other'","role":"Owner","scope":"'$mg'"},
		{"principal":"'$me'","role":"Owner","scope":"'$rg'2"}]},
	"graph":{"objects":[{"id":"'$other'","displayName":"somebody","type":"user"}]}'

it 'without a filter a list has what is at a scope, above and below'
lists "$all" "$rg/$place/roleAssignments"
lists "$all" "$account/$place/roleAssignments"

it 'atScope() leaves out what is below, and filters on principals all others'
lists '11110000-0000-4000-8000-000000000001:a1 demo:f1 contoso:e1' "$rg/$place/roleAssignments" 'atScope()'
lists '11110000-0000-4000-8000-000000000001:a1 demo:a1' "$rg/$place/roleAssignments" "principalId eq '$me'"
lists '11110000-0000-4000-8000-000000000001:a1 demo:a1 demo:f1' "$rg/$place/roleAssignments" "assignedTo('$me')"
lists '11110000-0000-4000-8000-000000000001:a1 demo:f1' "$rg/$place/roleAssignments" "atScope() and assignedTo('$me')"

it 'filters that cannot be combined, and those that do not exist, are refused'
for filter in "atScope() and principalId eq '$me'" "principalId eq '$me' and atScope()" 'roleName eq 1' "principalId eq '$me' x"; do
	denied UnsupportedQuery "The filter*is not supported.*" "$rg/$place/roleAssignments" "$filter"
done
denied BadRequestFormat '*' "$rg/$place/roleAssignments" "assignedTo('$group')"

it 'a list of a subscription has pages, and its links keep the filter'
ask "$sub/$place/roleAssignments" "assignedTo('$me')" >"$T/page"
is 'length' "$(mi-token query 'length(value)' -o tsv <"$T/page")" 2
link=$(mi-token query nextLink -o tsv <"$T/page")
is 'link' "$link" "$arm$sub/$place/roleAssignments?api-version=2022-04-01&\$filter=assignedTo%28%27$me%27%29&\$skipToken=2"
curl -gsS -H "Authorization: Bearer $token" "$link" >"$T/page"
is 'length and link' "$(mi-token query '[length(value), nextLink]' -o tsv <"$T/page" | tr '\n' ' ')" '2 None '

it 'an assignment has the members of the service'
is 'members' "$(ask "$account/$place/roleAssignments" 'atScope()' | mi-token query 'value[1].[type, properties.roleDefinitionId, properties.principalType, properties.condition, properties.conditionVersion, properties.createdOn]' -o tsv | paste -sd ' ' -)" \
	"Microsoft.Authorization/roleAssignments $sub/$place/roleDefinitions/c0570000-0000-4000-8000-000000000001 ServicePrincipal @a 2.0 2024-01-02T03:04:05Z"

it 'who may not read assignments is told the action and the scope'
denied AuthorizationFailed "The client '$me' with object id '$me' does not have authorization to perform action 'Microsoft.Authorization/roleAssignments/read' over scope '/subscriptions/two' or the scope is invalid.*" "/subscriptions/two/$place/roleAssignments"

it 'role definitions are listed, filtered and found by their id'
is 'custom' "$(ask "$sub/$place/roleDefinitions" "type eq 'CustomRole'" | mi-token query 'value[].[name, properties.roleName, properties.permissions[0].dataActions[0]]' -o tsv | paste -sd ' ' -)" \
	"c0570000-0000-4000-8000-000000000001	Own	a/b"
is 'by name' "$(ask "$sub/$place/roleDefinitions" "roleName eq 'reader'" | mi-token query 'value[].name' -o tsv)" acdd72a7-3385-48ef-bd42-f606fba81ae7
is 'by id' "$(ask "$sub/$place/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635" | mi-token query properties.roleName -o tsv)" Owner
denied RoleDefinitionDoesNotExist '*' "$sub/$place/roleDefinitions/8e3af657-a8ff-443c-a75c-000000000000"
denied UnsupportedQuery '*' "$sub/$place/roleDefinitions" 'x eq 1'

it 'permissions are those of all roles at a scope and above, groups too'
is 'of the group' "$(ask "$rg/$place/permissions" | mi-token query 'value[].dataActions[]' -o tsv)" Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read
is 'of the account' "$(ask "$account/$place/permissions" | mi-token query 'length(value)' -o tsv)" 3
denied InvalidResourceType '*' "$sub/$place/permissions"

# by_ids STATUS BODY JSON
by_ids()
{
	http "$1" - "$2" -H "Authorization: Bearer $graph_token" -H 'Content-Type: application/json' -d "$3" \
		https://graph.microsoft.com/v1.0/directoryObjects/getByIds
}

it 'Graph leaves out the ids that are nobody, and those of other types'
by_ids 200 '~{"@odata.context":*,"value":\[{"@odata.type":"#microsoft.graph.servicePrincipal","id":"'$me'",*},{"@odata.type":"#microsoft.graph.user","id":"'$other'","displayName":"somebody"}\]}' "{\"ids\":[\"$me\",\"gone\",\"$other\"]}"
by_ids 200 '~*"value":\[{"@odata.type":"#microsoft.graph.user",*}\]}' "{\"ids\":[\"$me\",\"$other\"],\"types\":[\"user\"]}"
by_ids 400 '~*no JSON*' '{"id":1}'
by_ids 400 '~*over the limit of 1000*' "{\"ids\":[$(seq -s, 1001)]}"
http 405 - - -H "Authorization: Bearer $graph_token" https://graph.microsoft.com/v1.0/directoryObjects/getByIds

it 'ten thousand assignments are made on the way, and what is planted stands among them'
scenario '"arm":{"assignments":{"generate":10000,"plant":[{"principal":"'$other'","role":"Owner","scope":"'$sub'"},{"principal":"'$me'","role":"Reader","scope":"'$account'"}]}}'
ask "$sub/$place/roleAssignments" >"$T/page"
is 'first' "$(mi-token query 'value[:2].properties.scope' -o tsv <"$T/page" | paste -sd ' ' -)" "$sub $sub/resourceGroups/group0/providers/Microsoft.Storage/storageAccounts/account0"
is 'length' "$(mi-token query 'length(value)' -o tsv <"$T/page")" 100
is 'planted' "$(ask "$sub/$place/roleAssignments" "principalId eq '$other'" | mi-token query 'value[].properties.scope' -o tsv)" "$sub"
curl -gsS -H "Authorization: Bearer $token" "$arm$sub/$place/roleAssignments?api-version=2022-04-01&\$skipToken=9950" >"$T/page"
is 'last' "$(mi-token query '[length(value), value[-1].properties.scope, nextLink]' -o tsv <"$T/page" | tr '\n' ' ')" "52 $sub/resourceGroups/group999/providers/Microsoft.Storage/storageAccounts/account9999 None "
by_ids 200 '~{*"value":\[{"@odata.type":"#microsoft.graph.servicePrincipal","id":"9e4e0000-0000-4000-8000-000000002499",*}\]}' '{"ids":["9e4e0000-0000-4000-8000-000000002499","9e4e0000-0000-4000-8000-000000002500"]}'
scenario '"graph":{"readers":[]}'
by_ids 403 '~*Authorization_RequestDenied*' '{"ids":[]}'
