#!/bin/sh
# mi-token roles: what is read of role assignments, what is said of them, and that a part never
# passes for the whole. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# The leak checker of gcc 12 takes what stands before a thread's own variables for their size.
export ASAN_OPTIONS="${ASAN_OPTIONS-}:intercept_tls_get_addr=0"

me=0b1e0000-0000-4000-8000-0000000000a1
group=0b1e0000-0000-4000-8000-0000000000f1
app=0b1e0000-0000-4000-8000-0000000000e1
gone=0b1e0000-0000-4000-8000-0000000000e9
first=11110000-0000-4000-8000-000000000001
second=11110000-0000-4000-8000-000000000002
sub=/subscriptions/$first
rg=$sub/resourceGroups/demo
account=$rg/providers/Microsoft.Storage/storageAccounts/demo
vault=$rg/providers/Microsoft.KeyVault/vaults/demo
vm=$rg/providers/Microsoft.Compute/virtualMachines/vm1
mg=/providers/Microsoft.Management/managementGroups/contoso
place=providers/Microsoft.Authorization/roleAssignments

# assigned PRINCIPAL ROLE SCOPE [MEMBERS]: an element of the scenario's array.
assigned()
{
	printf '{"principal":"%s","role":"%s","scope":"%s"%s},' "$1" "$2" "$3" "${4:+,$4}"
}

# world ASSIGNMENTS [MEMBERS-OF-ARM] [MEMBERS]: two identities, of which the first asks.
world()
{
	sed '$d' "$scenarios/vm-users.json" >"$T/scenario.json"
	cat >>"$T/scenario.json" <<-END
		, "arm": { "page": 2, "subscriptions": [
			{ "id": "$first", "name": "Contoso Prod", "managementGroups": ["contoso"] },
			{ "id": "$second", "name": "Contoso Test" } ],
			"groups": { "$group": ["$me"] }${2:+,$2},
			"assignments": [${1%,}] },
		"graph": { "objects": [ { "id": "$app", "displayName": "billing" },
			{ "id": "$group", "displayName": "readers", "type": "group" } ] }${3:+,$3} }
	END
	sim_scenario "$T/scenario.json"
}

roles()
{
	mi-token roles --identity client-id:6f0c0000-0000-4000-8000-0000000000a1 "$@"
}

# finds WANT ARGUMENT...: "finding severity", sorted, with commas between them.
finds()
{
	finds_want=$1
	shift
	roles -o json "$@" >"$T/json" 2>"$T/err"
	finds_status=$?
	is "findings of $*" "$(mi-token query 'assignments[].findings[].[finding, severity]' -o tsv <"$T/json" |
		tr '\t' ' ' | LC_ALL=C sort | paste -sd, -)" "$finds_want"
	is "status of $*" "$finds_status" "$([ -n "$finds_want" ] && echo 8 || echo 0)"
	is "stderr of $*" "$(cat "$T/err")" ''
}

sim_start vm-users

it 'no assignment is no finding'
world ''
expect 0 '0 role assignments, 0 findings' '' -- roles
expect 0 '{
  "object_id": "'$me'",
  "complete": true,
  "groups": true,
  "directory": "not-asked",
  "unread": [],
  "assignments": [],
  "findings": {"orphaned-principal": 0, "broad-scope": 0, "over-privileged-role": 0, "control-plane-role": 0, "assigned-on-itself": 0, "duplicate": 0}
}' '' -- roles -o json

it 'its own assignments are shown with those of its groups, from all subscriptions and pages'
world "$(assigned $me Reader $sub)$(assigned $me 'Storage Blob Data Reader' "$account" '"condition":"@Resource[a] = b"')$(assigned $group 'Key Vault Secrets User' "$vault" '"type":"Group","created":"2024-01-02T03:04:05Z"')$(assigned $app Owner "$vault")$(assigned $me Reader /subscriptions/$second)"
sim_reset
expect 0 'role                      scope                      condition         inherited  principal                             created     findings
Reader                    subscription Contoso Prod                    no         this identity                         2026-03-01
Storage Blob Data Reader  storage account demo       @Resource[a] = b  no         this identity                         2026-03-01
Key Vault Secrets User    key vault demo                               no         0b1e0000-0000-4000-8000-0000000000f1  2024-01-02
Reader                    subscription Contoso Test                    no         this identity                         2026-03-01

4 role assignments, 0 findings' '' -- roles
is 'requests' "$(sim_log arm | grep -c roleAssignments) $(sim_counter graph)" '3 0'

it 'where groups are not told, it says so, and what is direct is shown'
world "$(assigned $me Reader $sub)$(assigned $group Reader $sub '"type":"Group"')" '"no_assigned_to":true'
expect 0 '~*1 role assignment, 0 findings' 'mi-token: roles that come through groups are not among them: Azure does not tell' -- roles
is 'groups' "$(roles -o json 2>/dev/null | mi-token query groups -o tsv)" false

it 'a principal that is a group has its own'
world "$(assigned $me Reader $sub)$(assigned $group Reader "$account" '"type":"Group"')"
expect 0 '~*readers*1 role assignment, 0 findings' - -- roles --principal $group

it 'one subscription alone is asked for'
world "$(assigned $me Reader $sub)$(assigned $me Reader /subscriptions/$second)"
sim_reset
expect 0 '~*1 role assignment, 0 findings' '' -- roles --subscription $second
is 'requests' "$(sim_counter arm)" 1

it 'at a scope are those of everybody, there and above'
world "$(assigned $app Reader $mg)$(assigned $me Reader $sub)$(assigned $app 'Storage Blob Data Reader' "$account")$(assigned $app 'Key Vault Secrets User' "$vault")"
expect 8 "role,scope,condition,inherited,principal,created,findings,scope_id,principal_id,assignment_id
Reader,management group contoso,,yes,billing,2026-03-01,broad-scope,$mg,$app,$mg/$place/b5510000-0000-4000-8000-000000000000
Reader,subscription $first,,yes,this identity,2026-03-01,,$sub,$me,$sub/$place/b5510000-0000-4000-8000-000000000001
Key Vault Secrets User,key vault demo,,no,billing,2026-03-01,,$vault,$app,$vault/$place/b5510000-0000-4000-8000-000000000003" '' -- \
	sh -c 'mi-token roles --identity client-id:6f0c0000-0000-4000-8000-0000000000a1 --scope "$1" -o csv >/run/test/csv; s=$?; tr -d "\r" </run/test/csv; exit $s' sh "$vault/"

it 'wider scopes are worse'
world "$(assigned $app 'Key Vault Secrets User' "$mg")" && finds 'broad-scope high' --all
world "$(assigned $app 'Key Vault Secrets User' '')" && finds 'broad-scope high' --scope / 2>/dev/null
world "$(assigned $app 'Key Vault Secrets User' $sub)" && finds 'broad-scope medium' --all
world "$(assigned $app 'Key Vault Secrets User' "$rg")" && finds 'broad-scope low' --all
world "$(assigned $app 'Key Vault Secrets User' "$vault")" && finds '' --all
world "$(assigned $app Reader $sub)" && finds 'broad-scope low' --all

it 'the role that reads role assignments is no finding of who uses it'
world "$(assigned $me Reader $sub)$(assigned $me Reader "$rg")" && finds 'duplicate low'
world "$(assigned $me Contributor $sub)" && finds 'broad-scope medium,over-privileged-role high'

it 'roles that may do everything, or give roles, are found, and custom ones by what they allow'
world "$(assigned $app Owner "$vm")" && finds 'over-privileged-role high' --all
world "$(assigned $app Contributor "$vm")" && finds 'over-privileged-role medium' --all
world "$(assigned $app 'User Access Administrator' "$vm")" && finds 'over-privileged-role high' --all
world "$(assigned $app 'Role Based Access Control Administrator' "$vm")" && finds 'over-privileged-role high' --all
world "$(assigned $app 'Role Based Access Control Administrator' "$vm" '"condition":"x"')" && finds 'over-privileged-role medium' --all
world "$(assigned $app 'Key Vault Administrator' "$vault")" && finds 'over-privileged-role medium' --all
world "$(assigned $app 'Storage Blob Data Owner' "$account")" && finds 'over-privileged-role medium' --all
custom()
{
	world "$(assigned $app Own "$vm")" '"roles":[{"id":"c0570000-0000-4000-8000-000000000001","name":"Own",'"$1}]"
}
custom '"actions":["*"]' && finds 'over-privileged-role high' --all
custom '"actions":["*"],"notActions":["Microsoft.Authorization/*"]' && finds 'over-privileged-role medium' --all
custom '"actions":["*"],"notActions":["Microsoft.Authorization/roleDefinitions/write"]' && finds 'over-privileged-role high' --all
custom '"actions":["*/write"]' && finds 'over-privileged-role high' --all
custom '"actions":["Microsoft.Authorization/roleAssignments/*"]' && finds 'over-privileged-role high' --all
custom '"dataActions":["Microsoft.Storage/storageAccounts/*"]' && finds 'assigned-on-itself medium,over-privileged-role medium' --all
custom '"dataActions":["Microsoft.Storage/storageAccounts/*/read"]' && finds 'assigned-on-itself medium' --all
custom '"actions":["Microsoft.Compute/*/read","Microsoft.Support/*"]' && finds '' --all

it 'the narrower role is named where it can be told'
cure()
{
	is "cure of $1" "$(roles --all -o json | mi-token query 'assignments[0].findings[0].cure' -o tsv)" "$2"
}
narrower="az role assignment delete --ids $account/$place/b5510000-0000-4000-8000-000000000000"
world "$(assigned $app Owner "$account")" && cure Owner "narrower: Storage Blob Data Reader
$narrower"
world "$(assigned $app 'Storage Blob Data Owner' "$account")" && cure 'Data Owner' "narrower: Storage Blob Data Contributor
$narrower"
world "$(assigned $app 'User Access Administrator' "$account")" && cure 'access' "narrower: Role Based Access Control Administrator with a condition that names the roles it may give
$narrower"
world "$(assigned $app 'Key Vault Secrets User' "$rg")" && cure 'scope' "az role assignment create --assignee-object-id $app --assignee-principal-type ServicePrincipal --role 'Key Vault Secrets User' --scope RESOURCE-ID
az role assignment delete --ids $rg/$place/b5510000-0000-4000-8000-000000000000"

it 'a command is a command, whatever a role or a container is called'
world "$(assigned $app Own "$rg")" '"roles":[{"id":"c0570000-0000-4000-8000-000000000001","name":"Own","actions":["a/read"]}]'
sed 's/"name":"Own"/"name":"O'"'"'$(touch run)\\"`x`"/' "$T/scenario.json" >"$T/evil.json"
sed -i 's/"role":"Own"/"role":"c0570000-0000-4000-8000-000000000001"/' "$T/evil.json"
sim_scenario "$T/evil.json"
roles --all -o json | mi-token query 'assignments[0].findings[0].cure' -o tsv >"$T/cure"
mkdir -p "$T/bin"
printf '#!/bin/sh\nprintf "<%%s>" "$@"\n' >"$T/bin/az"
chmod 755 "$T/bin/az"
is 'words' "$(PATH=$T/bin:$PATH sh "$T/cure")" "<role><assignment><create><--assignee-object-id><$app><--assignee-principal-type><ServicePrincipal><--role><O'\$(touch run)\"\`x\`><--scope><RESOURCE-ID><role><assignment><delete><--ids><$rg/$place/b5510000-0000-4000-8000-000000000000>"
world "$(assigned $gone Reader "$account/blobServices/default/containers/\$web")"
is 'container' "$(roles --all -o json | mi-token query 'assignments[0].findings[0].cure' -o tsv)" "az role assignment delete --ids '$account/blobServices/default/containers/\$web/$place/b5510000-0000-4000-8000-000000000000'"

it 'a role that manages a service is no role on its data'
for role in Reader 'Storage Account Contributor'; do
	world "$(assigned $app "$role" "$account")" && finds 'control-plane-role low' --all
done
world "$(assigned $app Contributor "$vault")" && finds 'control-plane-role low,over-privileged-role medium' --all
world "$(assigned $app Reader "$account" '"type":"User"')" && finds '' --all
world "$(assigned $app Reader "$vm")" && finds '' --all
cure=$(world "$(assigned $app Reader "$vault")" >&2 && roles --all -o json | mi-token query 'assignments[0].findings[0].cure' -o tsv)
is cure "$cure" 'if its data is meant: Key Vault Secrets User'

it 'who has a role on the data as well knows the difference'
for data in "$account" "$account/blobServices/default/containers/logs"; do
	world "$(assigned $app Reader "$account")$(assigned $app 'Storage Blob Data Reader' "$data")" && finds '' --all
done
world "$(assigned $app Reader "$account")$(assigned $app 'Storage Blob Data Reader' "$rg")" && finds 'broad-scope low' --all
world "$(assigned $app Reader "$account")$(assigned $me 'Storage Blob Data Reader' "$account")" && finds 'control-plane-role low' --all
world "$(assigned $app Reader "$account")$(assigned $app 'Storage Blob Data Reader' "${account}2")" && finds 'control-plane-role low' --all

it 'a role on the machine itself is found, but not one that is about machines'
world "$(assigned $me Reader "$vm")" && finds 'assigned-on-itself medium'
world "$(assigned $me 'Storage Blob Data Reader' "$vm")" && finds 'assigned-on-itself medium'
world "$(assigned $me 'Virtual Machine Contributor' "$vm")" && finds ''
world "$(assigned $app 'Storage Blob Data Reader' "$vm")" && finds 'assigned-on-itself medium' --all
world "$(assigned $app Reader "$vm")" && finds '' --all
identity=$(mi-token query 'users[0].resource_id' -o tsv <"$scenarios/vm-users.json")
world "$(assigned $me Reader "$identity")" && finds 'assigned-on-itself medium'
world "$(assigned $me 'Managed Identity Operator' "$identity")" && finds ''

it 'the same role from above is a duplicate, unless it has a condition of its own'
world "$(assigned $app Reader $sub)$(assigned $app Reader "$vm")" && finds 'broad-scope low,duplicate low' --all
# Whoever pastes all of the commands is left with one of the two.
is 'deletions' "$(roles --all -o json | grep -o "assignment delete" | wc -l)" 1
world "$(assigned $app Reader $mg)$(assigned $app Reader "$vm")" && finds 'broad-scope medium,duplicate low' --all
world "$(assigned $app Reader $sub '"condition":"x"')$(assigned $app Reader "$vm")" && finds 'broad-scope low' --all
world "$(assigned $app Reader $sub '"condition":"x"')$(assigned $app Reader "$vm" '"condition":"x"')" && finds 'broad-scope low,duplicate low' --all
world "$(assigned $app Reader $sub)$(assigned $app Reader "$vm" '"condition":"x"')" && finds 'broad-scope low,duplicate low' --all
world "$(assigned $app Reader $sub)$(assigned $me Reader "${vm}2")" && finds 'broad-scope low' --all
world "$(assigned $app Reader "$vm")$(assigned $app Reader "${vm}2")" && finds '' --all
world "$(assigned $app Reader "$mg")$(assigned $app Reader /subscriptions/$second)" && finds 'broad-scope low,broad-scope medium' --all

it 'who is not in the directory any more is an orphan, and no more is said of it'
world "$(assigned $gone Owner $sub)$(assigned $app Reader "$vm")" && finds 'orphaned-principal medium' --all
finds 'orphaned-principal medium' --principal $gone
world "$(assigned $gone Reader "$vm" '"type":"ForeignGroup"')" && finds '' --all
is 'names' "$(world "$(assigned $app Reader "$vm")" >&2; roles --all -o json | mi-token query 'assignments[0].[principal_name, principal_state]' -o tsv | paste -sd ' ' -)" 'billing exists'

it 'in a subscription of another tenant, which is delegated, nobody is an orphan'
world "$(assigned $gone Reader "$vm")$(assigned $app Reader "$vm")"
sed "s/\"name\": \"Contoso Prod\",/&\"tenant\":\"91880000-0000-4000-8000-00000000a009\",\"managedByTenants\":[{\"tenantId\":\"91880000-0000-4000-8000-00000000a001\"}],/" \
	"$T/scenario.json" >"$T/delegated.json"
sim_scenario "$T/delegated.json"
for question in --all '--all --subscription '$first "--scope $vm" "--principal $gone"; do
	# shellcheck disable=SC2086 # options without blanks
	finds '' $question
done
is 'state' "$(roles --all -o json 2>/dev/null | mi-token query 'assignments[].principal_state' -o tsv | sort | paste -sd ' ' -)" 'exists unknown'

it 'where Graph does not tell, that is said once, and nobody is an orphan'
world "$(assigned $gone Reader "$vm")$(assigned $app Reader "$vm")" '' ''
sed 's/"graph": {/"graph": { "readers": [],/' "$T/scenario.json" >"$T/no-graph.json"
sim_scenario "$T/no-graph.json"
expect 0 '~*'$gone'*2 role assignments, 0 findings' 'mi-token: whether principals still exist is unknown: (Authorization_RequestDenied) Insufficient privileges to complete the operation.; Graph tells who has its application permission Directory.Read.All' -- roles --all
is 'directory' "$(roles --all -o json 2>/dev/null | mi-token query '[directory, assignments[0].principal_state]' -o tsv | paste -sd ' ' -)" 'refused unknown'

it 'roles that Azure has and few know are asked for, and those that are gone are an id'
world "$(assigned $app 'Contoso Built-in Data Owner' "$vault")$(assigned $app c0ffee00-0000-4000-8000-000000000000 "$vault")"
finds 'over-privileged-role medium' --all
is 'names' "$(mi-token query 'assignments[].[role, role_id, custom]' -o tsv <"$T/json" | tr '\t' ' ' | paste -sd, -)" \
	'Contoso Built-in Data Owner 0a3b2f6d-6b4c-4d0e-9c2f-5a1d7e8f9b02 False,None c0ffee00-0000-4000-8000-000000000000 None'

it 'definitions that may not be read make the result incomplete'
sim_faults '[{"service":"arm","path":"/subscriptions/'$first'/providers/Microsoft.Authorization/roleDefinitions","status":403,"body":"{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"no\"}}"}]'
expect 5 - 'mi-token: 2 role assignments have a role whose definition cannot be read: (AuthorizationFailed) no' -- roles --all
sim_faults '[]'

it 'a subscription that cannot be read is told with the line that lets it, and is status 5'
cure="az role assignment create --assignee-object-id $me --assignee-principal-type ServicePrincipal --role Reader --scope"
world "$(assigned $me Reader $sub)$(assigned $app Owner "$vm")"
sed 's/"Contoso Test"/"Contoso Test", "roleReaders": []/' "$T/scenario.json" >"$T/part.json"
sim_scenario "$T/part.json"
for mode in '' --all; do
	# shellcheck disable=SC2086 # it may be nothing
	expect 5 '~*not whole: 1 of 2 scopes could not be read' "~mi-token: not read: /subscriptions/$second: (AuthorizationFailed) The client*; $cure /subscriptions/$second
mi-token: the result is not whole: 1 of 2 subscriptions could not be read" -- roles $mode
done
expect 5 - - -- roles --all -o json
is 'complete' "$(mi-token query '[complete, unread[0].scope, unread[0].code, unread[0].cure]' -o tsv <"$T/out" | paste -sd ' ' -)" \
	"false /subscriptions/$second denied $cure /subscriptions/$second"
expect 5 '' "~mi-token: /subscriptions/$second: (AuthorizationFailed) *; $cure /subscriptions/$second" -- roles --subscription $second
expect 5 '' "~*; $cure '/subscriptions/$second/resourceGroups/a(b)'" -- roles --scope "/subscriptions/$second/resourceGroups/a(b)"

it 'who sees no subscription is told what would let it'
sed 's/"name": "Contoso/"readers": [], &/' "$T/scenario.json" >"$T/none.json"
sim_scenario "$T/none.json"
expect 5 '' "mi-token: the identity $me sees no subscription: it has no role in any, or none but on data; $cure $sub" -- roles

it 'a list that breaks off is not whole, and what came before is shown'
world "$(assigned $me Reader $sub)$(assigned $me Reader "$vm")$(assigned $me Reader "$account")"
sim_faults '[{"service":"arm","path":"/subscriptions/'$first'/providers","after":1,"status":500}]'
expect 6 '~*2 role assignments, *not whole: 1 of 2 scopes could not be read' "~mi-token: not read: $sub: management.azure.com: HTTP status 500
mi-token: the result is not whole: 1 of 2 subscriptions could not be read" -- roles
sim_faults '[{"service":"arm","path":"/subscriptions/'$first'/providers","set":{"nextLink":"https://evil.example/"}}]'
expect 7 - '~*goes on at another host*' -- roles
sim_faults '[{"service":"arm","path":"/subscriptions/'$first'/providers","set":{"value":[{"id":"x"}]}}]'
expect 7 - '~*a role assignment without id, scope, role or principal*' -- roles
sim_faults '[]'

it 'a busy service is waited for'
sim_faults '[{"service":"arm","path":"/subscriptions/'$first'/providers","first":1,"status":429,"headers":{"Retry-After":"1"}}]'
expect 8 '~*3 role assignments*' '' -- roles
sim_faults '[]'

it 'what spreadsheets, terminals and Markdown mind is defused'
name='=cmd|/c calc!A0'
world "$(assigned $app Own "$vm" '"condition":"a,\"b\"\n\u001b[31m|c"')" '"roles":[{"id":"c0570000-0000-4000-8000-000000000001","name":"'"$name"'","actions":["Microsoft.Compute/*/read"]}]'
sed "s/\"role\":\"Own\"/\"role\":\"$(echo "$name" | sed 's,[/|],\\&,g')\"/; s/\"billing\"/\"-billing <b>*x*\"/" "$T/scenario.json" >"$T/evil.json"
sim_scenario "$T/evil.json"
roles --all -o csv >"$T/csv"
is 'csv' "$(tail -n 1 "$T/csv")" "~\"'=cmd|/c calc!A0\",virtual machine vm1,\"a,\"\"b\"\" ?\[31m|c\",no,\"'-billing <b>\*x\*\",2026-03-01,,*"
is 'line ends' "$(tr -cd '\r' <"$T/csv" | wc -c | tr -d ' ')" 2
expect 0 '~*| =cmd\\|/c calc!A0 | virtual machine vm1 | a,"b" ?\\\[31m\\|c | no | -billing \\<b\\>\\\*x\\\* |*' '' -- roles --all -o markdown
is 'tsv' "$(roles --all -o tsv | tr '\t' '!')" "$name!virtual machine vm1!a,\"b\" ?[31m|c!no!-billing <b>*x*!2026-03-01!!$vm!$app!$vm/$place/b5510000-0000-4000-8000-000000000000"
is 'json' "$(roles --all -o json | mi-token query 'assignments[0].[role, condition, principal_name]' -o json | tr -d '\n')" '[  "=cmd|/c calc!A0",  "a,\"b\" ?[31m|c",  "-billing <b>*x*"]'

it 'findings are lists in Markdown, and lines below a table'
world "$(assigned $app Owner "$vm")"
expect 8 "| role | scope | condition | inherited | principal | created | findings |
| --- | --- | --- | --- | --- | --- | --- |
| Owner | virtual machine vm1 |  | no | billing | 2026-03-01 | over-privileged-role |

- **high** over-privileged-role: Owner at virtual machine vm1: manages everything, and gives roles to anybody
  - narrower: Reader, or the role for the data it uses, at that resource
  - \`az role assignment delete --ids $vm/$place/b5510000-0000-4000-8000-000000000000\`

1 role assignment, 1 finding (1 high)" '' -- roles --all -o markdown
expect 8 "role   scope                condition  inherited  principal  created     findings
Owner  virtual machine vm1             no         billing    2026-03-01  over-privileged-role

high    over-privileged-role: Owner at virtual machine vm1: manages everything, and gives roles to anybody
        narrower: Reader, or the role for the data it uses, at that resource
        az role assignment delete --ids $vm/$place/b5510000-0000-4000-8000-000000000000
1 role assignment, 1 finding (1 high)" '' -- roles --all

it 'what takes long is told on a terminal and with --verbose, and nowhere else'
world "$(assigned $me Reader $sub)"
sim_faults '[{"service":"arm","path":"/subscriptions/'$second'/providers","delay_ms":1200}]'
expect 0 - '' -- roles
expect 0 - '~*mi-token: role assignments: 1, scope 2 of 2*' -- roles --verbose
if script -qec true /dev/null >/dev/null 2>&1; then
	script -qec "mi-token roles --identity client-id:6f0c0000-0000-4000-8000-0000000000a1 >$T/out" "$T/screen" >"$T/terminal" </dev/null
	is 'terminal' "$(tr '\r\033' '<^' <"$T/terminal")" '<^[Krole assignments: 1, scope 2 of 2<^[K'
else
	skip 'there are no terminals here'
fi
sim_faults '[]'

it 'ten thousand assignments in a hundred pages: what is planted is found, in 64 MiB'
world ''
plants="$(assigned $app Owner $sub)$(assigned $gone Reader "$vault")$(assigned 9e4e0000-0000-4000-8000-000000000007 'Storage Blob Data Reader' $sub/resourceGroups/group3)$(assigned $app Reader "$account")$(assigned $me 'Key Vault Administrator' "$vault")"
sed "s|\"page\": 2|\"page\": 100|; s|\"assignments\": \[\]|\"assignments\": {\"generate\": 10000, \"plant\": [${plants%,}]}|" "$T/scenario.json" >"$T/many.json"
sim_scenario "$T/many.json"
sim_reset
for format in json table csv markdown; do
	peak=$("$B/bench/ratio" 1 -- true -- sh -c 'mi-token roles --identity client-id:6f0c0000-0000-4000-8000-0000000000a1 --subscription '$first' --all -o '$format' >/run/test/many.'$format'.out; [ $? = 8 ]' | awk '{ print $4 }')
	case $B in
	*san-*) ;;
	*) [ "${peak:-99999}" -lt 65536 ] || bad "roles --all -o $format took ${peak:-no} KiB" ;;
	esac
done
is 'requests for pages' "$(sim_log arm | grep -c 'roleAssignments?')" 404
is 'batches of principals' "$(sim_counter graph)" 12
is 'assignments' "$(grep -c '"principal_state"' "$T/many.json.out")" 10005
is 'rows' "$(wc -l <"$T/many.csv.out" | tr -d ' ')" 10006
is 'findings' "$(grep -o '"finding": "[a-z-]*", "severity": "[a-z]*"' "$T/many.json.out" | sed 's/"finding": "\([a-z-]*\)", "severity": "\([a-z]*\)"/\1 \2/' | LC_ALL=C sort | paste -sd, -)" \
	'broad-scope low,broad-scope medium,control-plane-role low,duplicate low,duplicate low,orphaned-principal medium,over-privileged-role high,over-privileged-role medium'
is 'duplicates' "$(grep '"finding": "duplicate"' "$T/many.json.out" | grep -o '"scope": "[^"]*"' | grep -o '[a-z0-9]*"$' | paste -sd ' ' -)" 'account30" account31"'

it 'wrong usage is told'
for wrong in '--all --scope /' '--all --principal x' '--scope x' '--scope /subscriptions' '--scope /subscriptions/a/b/c' '--scope /subscriptions/a?b' \
	'--principal x' '--subscription x' '--scope /subscriptions/a --subscription '$first '-o yaml' '--timeout 5' 'word' '--nonsense'; do
	# shellcheck disable=SC2086 # words
	expect 2 '' '~mi-token: *; see mi-token roles --help' -- mi-token roles $wrong
done
expect 0 '~usage: mi-token roles *' '' -- mi-token roles --help
expect 0 '~usage: mi-token roles *' '' -- mi-token help roles

it 'without an identity there is nothing to ask about'
sim_scenario vm-none
expect 4 '' '~mi-token: *' -- mi-token roles
expect 4 '' '~{"code": "no-identity",*' -- mi-token roles --error-format json
