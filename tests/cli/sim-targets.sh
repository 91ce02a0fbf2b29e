#!/bin/sh
# The simulator's Storage services, Service Bus, Cosmos DB, App Configuration, registries, ARM
# and an API of one's own: who comes in, and how others are refused, word by word.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

reader=0b1e0000-0000-4000-8000-0000000000a1 # the object id of vm-user's identity
subscription=11110000-0000-4000-8000-000000000001
partner=91880000-0000-4000-8000-00000000a009

# scenario MEMBERS: one identity and these members.
scenario()
{
	sed '/"repos": {/,$d' "$scenarios/vm-user.json" | sed '$s/,$//' >"$T/scenario.json"
	echo "${1:+,$1}}" >>"$T/scenario.json"
	sim_scenario "$T/scenario.json"
}

# token RESOURCE: as the metadata service hands it out.
token()
{
	curl -sS --noproxy '*' -H Metadata:true "$SIM_IMDS/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1" |
		json_field access_token
}

# get STATUS BODY TOKEN CURL-ARGUMENT...: with this token; its headers stay in $T/head.
get()
{
	get_status=$1 get_body=$2 get_token=$3
	shift 3
	http "$get_status" - "$get_body" -D "$T/head" -H "Authorization: Bearer $get_token" "$@"
}

# seen HEADER-LINE: the last answer has it, letter by letter.
seen()
{
	tr -d '\r' <"$T/head" | grep -qxF -e "$1" || bad "no $1" "$(cat "$T/head")"
}

# blob STATUS CODE TOKEN HOST-AND-PATH: a request to Storage.
blob()
{
	blob_code='~*'"${2:+[<\"]*$2[<\"]}"'*'
	get "$1" "$blob_code" "$3" -H 'x-ms-version: 2023-11-03' -H 'x-ms-file-request-intent: backup' "https://$4"
	[ -z "$2" ] || seen "x-ms-error-code: $2"
}

sim_start vm-user
scenario ''
storage=$(token https://storage.azure.com/)
arm=$(token https://management.azure.com/)
vault=$(token https://vault.azure.net)

it 'each service of an account answers its smallest list and one thing'
while read -r at want; do
	get 200 "~*$want*" "$storage" -H 'x-ms-version: 2023-11-03' -H 'x-ms-file-request-intent: backup' "https://mystorage.$at"
done <<'END'
blob.core.windows.net/?comp=list <Container><Name>docs</Name>
blob.core.windows.net/docs?restype=container&comp=list <Name>hello.txt</Name>
blob.core.windows.net/docs/hello.txt hello?from?mystorage.blob.core.windows.net/docs/hello.txt
queue.core.windows.net/?comp=list <Queue><Name>orders</Name>
queue.core.windows.net/orders/messages?peekonly=true <QueueMessagesList?/>
table.core.windows.net/Tables "value":\[\]
file.core.windows.net/?comp=list <Share><Name>home</Name>
file.core.windows.net/home?restype=directory&comp=list <Name>hello.txt</Name>
dfs.core.windows.net/?resource=account "filesystems":
dfs.core.windows.net/docs?resource=filesystem&recursive=false "paths":
END
blob 400 InvalidQueryParameterValue "$storage" 'mystorage.blob.core.windows.net/'
http 200 - - -I -H "Authorization: Bearer $storage" -H 'x-ms-version: 2023-11-03' https://mystorage.blob.core.windows.net/docs/hello.txt

it 'Storage takes its audience with and without the slash, the account'"'"'s own, and no other'
for audience in https://storage.azure.com https://mystorage.queue.core.windows.net; do
	blob 200 '' "$(token $audience)" 'mystorage.queue.core.windows.net/?comp=list'
done
blob 401 InvalidAuthenticationInfo "$arm" 'mystorage.queue.core.windows.net/?comp=list'
is 'detail' "$(cat "$T/body")" '~*<AuthenticationErrorDetail>Audience validation failed. Audience did not match.</AuthenticationErrorDetail></Error>'
seen "WWW-Authenticate: Bearer authorization_uri=https://login.microsoftonline.com/$SIM_TENANT/oauth2/authorize resource_id=https://storage.azure.com"
blob 401 InvalidAuthenticationInfo "${storage}x" 'mystorage.table.core.windows.net/Tables'
is 'form' "$(cat "$T/body")" '~{"odata.error":{"code":"InvalidAuthenticationInfo","message":{"lang":"en-US","value":"Server failed*'
blob 401 InvalidAuthenticationInfo "$vault" 'mystorage.dfs.core.windows.net/?resource=account'
is 'form' "$(cat "$T/body")" '~{"error":{"code":"InvalidAuthenticationInfo","message":"Server failed*Audience validation failed*'
scenario '"access":{"mystorage":{"tenant":"'$partner'"}}'
blob 401 InvalidAuthenticationInfo "$storage" 'mystorage.blob.core.windows.net/?comp=list'
is 'detail' "$(cat "$T/body")" '~*Issuer validation failed. Issuer did not match.*'
seen "WWW-Authenticate: Bearer authorization_uri=https://login.microsoftonline.com/$partner/oauth2/authorize resource_id=https://storage.azure.com"

it 'Storage wants a version that knows tokens, and files the intent'
scenario ''
get 403 '~*<Code>AuthenticationFailed</Code>*Authentication scheme Bearer is not supported in this version.*' "$storage" 'https://mystorage.queue.core.windows.net/?comp=list'
get 403 '~*AuthenticationFailed*' "$storage" -H 'x-ms-version: 2021-08-06' -H 'x-ms-file-request-intent: backup' 'https://mystorage.file.core.windows.net/?comp=list'
get 400 '~*<Code>MissingRequiredHeader</Code>*<HeaderName>x-ms-file-request-intent</HeaderName>*' "$storage" -H 'x-ms-version: 2023-11-03' 'https://mystorage.file.core.windows.net/?comp=list'
http 401 - '~*NoAuthenticationInformation*' 'https://mystorage.dfs.core.windows.net/?resource=account'

it 'no role, a role for one container, and what is not there'
scenario '"access":{"mystorage":{"readers":[]}}'
for at in blob.core.windows.net/?comp=list queue.core.windows.net/?comp=list table.core.windows.net/Tables file.core.windows.net/?comp=list dfs.core.windows.net/?resource=account; do
	blob 403 AuthorizationPermissionMismatch "$storage" "mystorage.$at"
done
scenario '"access":{"mystorage":{"readers":["'$reader'"],"only":["/docs"],"has":["/docs/hello.txt"]}}'
blob 403 AuthorizationPermissionMismatch "$storage" 'mystorage.blob.core.windows.net/?comp=list'
blob 403 AuthorizationPermissionMismatch "$storage" 'mystorage.blob.core.windows.net/other/hello.txt'
blob 200 '' "$storage" 'mystorage.blob.core.windows.net/docs/hello.txt'
blob 404 BlobNotFound "$storage" 'mystorage.blob.core.windows.net/docs/none'
scenario '"access":{"mystorage":{"has":["/docs/hello.txt"]}}'
blob 404 ContainerNotFound "$storage" 'mystorage.blob.core.windows.net/none/x'
blob 404 QueueNotFound "$storage" 'mystorage.queue.core.windows.net/none/messages?peekonly=true'
blob 404 TableNotFound "$storage" 'mystorage.table.core.windows.net/none()'
blob 404 ShareNotFound "$storage" 'mystorage.file.core.windows.net/none?restype=share'
blob 404 FilesystemNotFound "$storage" 'mystorage.dfs.core.windows.net/none?resource=filesystem'
blob 404 PathNotFound "$storage" 'mystorage.dfs.core.windows.net/docs/none'

it 'network rules, an account that is off, and a role on its way'
scenario '"access":{"mystorage":{"deny":"network"},"other.queue.core.windows.net":{"deny":"disabled"}}'
blob 403 AuthorizationFailure "$storage" 'mystorage.blob.core.windows.net/?comp=list'
is 'sentence' "$(cat "$T/body")" '~*<Message>This request is not authorized to perform this operation.?RequestId:*'
blob 403 AccountIsDisabled "$storage" 'other.queue.core.windows.net/?comp=list'
blob 200 '' "$storage" 'other.blob.core.windows.net/?comp=list'
scenario '"access":{"mystorage":{"pending":2}}'
for status in 403 403 200 200; do
	blob $status '' "$storage" 'mystorage.blob.core.windows.net/?comp=list'
done

it 'Service Bus says what fails in the phrase of the status'
scenario ''
bus=$(token https://servicebus.azure.net/)
hubs=$(token https://eventhubs.azure.net/)
for one in "$bus" "$hubs" "$(token https://servicebus.azure.net)"; do
	get 200 '~<feed *' "$one" 'https://demo.servicebus.windows.net/$Resources/queues?api-version=2021-05'
done
get 201 '' "$bus" -d hello https://demo.servicebus.windows.net/orders/messages
get 204 '' "$bus" -X DELETE https://demo.servicebus.windows.net/orders/messages/head
http 401 - '~<Error><Code>401</Code><Detail>MissingToken: *TrackingId:*_G7, SystemTracker:demo.servicebus.windows.net:orders, Timestamp:*' -D "$T/head" https://demo.servicebus.windows.net/orders
seen 'HTTP/1.1 401 SubCode=40102: Missing authorization token'
get 401 '~*InvalidAudience: Invalid authorization token audience.*' "$arm" https://demo.servicebus.windows.net/orders
seen 'HTTP/1.1 401 SubCode=40103: Invalid authorization token signature'
get 401 - "${bus}x" https://demo.servicebus.windows.net/orders
scenario '"access":{"demo":{"tenant":"'$partner'"}}'
get 401 '~*claim is empty or token is invalid. TrackingId:*' "$bus" https://demo.servicebus.windows.net/orders

it 'Service Bus names the claim that is missing'
scenario '"access":{"demo":{"rights":["Listen"],"has":["/orders"]}}'
get 401 "~*Unauthorized access for 'Send' operation on endpoint 'sb://demo.servicebus.windows.net/orders/messages'. TrackingId:*" "$bus" -d x https://demo.servicebus.windows.net/orders/messages
seen 'HTTP/1.1 401 SubCode=40100: Unauthorized'
get 200 - "$bus" https://demo.servicebus.windows.net/orders
get 404 - "$bus" https://demo.servicebus.windows.net/none
get 204 '' "$bus" -X DELETE https://demo.servicebus.windows.net/orders/messages/head
scenario '"access":{"demo":{"readers":[]},"other":{"deny":"network"}}'
get 401 '~*Manage,EntityRead claims required for this operation. *' "$bus" 'https://demo.servicebus.windows.net/$Resources/queues'
get 401 "~*'Listen' operation*" "$bus" -X DELETE https://demo.servicebus.windows.net/orders/messages/head
get 403 '~*Ip has been prevented to connect to the endpoint.*' "$bus" https://other.servicebus.windows.net/orders
seen 'HTTP/1.1 403 SubCode=40300: Forbidden'

# cosmos STATUS BODY TOKEN PATH [CURL-ARGUMENT...]
cosmos()
{
	cosmos_status=$1 cosmos_body=$2 cosmos_token=$3 cosmos_path=$4
	shift 4
	http "$cosmos_status" - "$cosmos_body" -D "$T/head" -H "Authorization: type%3Daad%26ver%3D1.0%26sig%3D$cosmos_token" \
		-H 'x-ms-version: 2018-12-31' -H 'x-ms-date: Tue, 14 Nov 2023 22:13:20 GMT' "$@" "https://demo.documents.azure.com$cosmos_path"
}

it 'Cosmos DB wants its own form of the token, for exactly its audience'
scenario ''
db=$(token https://cosmos.azure.com)
cosmos 200 '~{"_self":"","id":"demo",*' "$db" /
cosmos 200 '~*"Documents":\[\]*' "$db" /dbs/a/colls/b/docs
cosmos 200 '~{"id":"b",*' "$db" /dbs/a/colls/b
cosmos 200 - "$(token https://demo.documents.azure.com)" /
cosmos 401 '~{"code":"Unauthorized","message":"Request blocked by Auth demo : Provided AAD token is intended for \[https://cosmos.azure.com/\]. This database account accepts*' "$(token https://cosmos.azure.com/)" /
seen 'x-ms-substatus: 5008'
cosmos 401 '~*intended for \[https://management.azure.com/\]*' "$arm" /
cosmos 401 '~*invalid signature*' "${db}x" /
get 401 '~*Authorization header doesn?t confirm to the required format.*' "$db" https://demo.documents.azure.com/
http 401 - '~*Required Header authorization is missing.*' https://demo.documents.azure.com/
scenario '"access":{"demo":{"tenant":"'$partner'"}}'
cosmos 401 "~*issued by the authority \\[$SIM_TENANT\\] which is not trusted by this database account.*\\[$partner\\]*" "$db" /
seen 'x-ms-substatus: 5007'

it 'Cosmos DB refuses with sub-statuses'
scenario ''
cosmos 403 '~{"code":"Forbidden","message":"*The given request \[GET /dbs\] cannot be authorized by AAD token in data plane. *' "$db" /dbs
seen 'x-ms-substatus: 5300'
cosmos 403 '~*\[POST /dbs\] cannot*' "$db" /dbs -d '{"id":"x"}'
scenario '"access":{"demo":{"readers":[]}}'
cosmos 403 "~*Request blocked by Auth demo : Request is blocked because principal \\[$reader\\] does not have required RBAC permissions to perform action \\[Microsoft.DocumentDB/databaseAccounts/readMetadata\\] on resource \\[/\\].*" "$db" /
seen 'x-ms-substatus: 5301'
scenario '"access":{"demo":{"rights":["readMetadata"]}}'
cosmos 200 - "$db" /
cosmos 403 '~*/sqlDatabases/containers/items/read\]*' "$db" /dbs/a/colls/b/docs
seen 'x-ms-substatus: 5302'
scenario '"access":{"demo":{"only":["/dbs/a/colls/b"],"has":["/dbs/a/colls/b"]}}'
cosmos 403 - "$db" /dbs/a/colls/c/docs
cosmos 200 - "$db" /dbs/a/colls/b
scenario '"access":{"demo":{"has":["/dbs/a"]}}'
cosmos 404 '~{"code":"NotFound",*' "$db" /dbs/z
scenario '"access":{"demo":{"deny":"perimeter"}}'
cosmos 403 - "$db" /
seen 'x-ms-substatus: 5307'
scenario '"access":{"demo":{"deny":"network"}}'
cosmos 403 '~*This is blocked by your Cosmos DB account firewall settings.*' "$db" /
grep -qi '^x-ms-substatus' "$T/head" && bad 'a sub-status of roles'

it 'App Configuration has its challenges, a role and its own form of errors'
scenario ''
config=$(token https://azconfig.io)
for one in "$config" "$(token https://appconfig.azure.com)" "$(token https://demo.azconfig.io)"; do
	get 200 '{"items":[{"key":"hello","label":null,"value":"world"}]}' "$one" 'https://demo.azconfig.io/kv?api-version=1.0'
done
get 400 '~{"type":"https://azconfig.io/errors/invalid-argument",*,"status":400}' "$config" https://demo.azconfig.io/kv
http 401 - '' -D "$T/head" 'https://demo.azconfig.io/kv?api-version=1.0'
seen 'WWW-Authenticate: HMAC-SHA256, Bearer'
get 401 '' "$vault" 'https://demo.azconfig.io/kv?api-version=1.0'
seen 'WWW-Authenticate: HMAC-SHA256, Bearer error="invalid_token", error_description="Authorization token failed validation"'
scenario '"access":{"demo.azconfig.io":{"readers":[]},"other":{"deny":"network"}}'
get 403 '' "$config" 'https://demo.azconfig.io/kv?api-version=1.0'
get 403 '~{"type":"https://azconfig.io/errors/ip-address-rejected",*' "$config" 'https://other.azconfig.io/kv?api-version=1.0'

it 'an API of one'"'"'s own wants its audience to the letter, and an app role'
sed 's/"client_id": "6f0c0000-0000-4000-8000-0000000000a1",/&"roles":{"api:\/\/contoso-api":["Invoice.Read"]},/' "$scenarios/vm-user.json" >"$T/roles.json"
scenario ''
api=$(token api://contoso-api)
get 200 '{"hello":"world"}' "$api" https://api.contoso.example/invoices
http 401 - '' -D "$T/head" https://api.contoso.example/invoices
seen 'WWW-Authenticate: Bearer'
get 401 '' "$arm" https://api.contoso.example/invoices
seen "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The audience 'https://management.azure.com/' is invalid\""
get 401 '' "$(token api://contoso-api/)" https://api.contoso.example/invoices
scenario '"access":{"api":{"tenant":"'$partner'"},"other":{"audience":"api://other","roles":["Invoice.Read"]}}'
get 401 '' "$api" https://api.contoso.example/invoices
seen "WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The issuer 'https://sts.windows.net/$SIM_TENANT/' is invalid\""
get 403 '' "$(token api://other)" https://other.contoso.example/
sed '/"repos": {/,$d' "$T/roles.json" | sed '$s/,$//' >"$T/with.json"
echo ',"access":{"api":{"roles":["Invoice.Read","Invoice.Write"]}}}' >>"$T/with.json"
sim_scenario "$T/with.json"
api=$(token api://contoso-api)
is 'claim' "$(printf %s "$api" | jwt_claims)" '~*"roles":\["Invoice.Read"\]*'
get 200 - "$api" https://api.contoso.example/
case $(token https://vault.azure.net | jwt_claims) in *'"roles"'*) bad 'roles for another resource' ;; esac

it 'a vault takes no token with a slash too many'
scenario ''
get 401 '~*"AKV10022: Invalid audience. Expected https://vault.azure.net, found: https://vault.azure.net/."*' "$(token https://vault.azure.net/)" 'https://myvault.vault.azure.net/secrets?api-version=7.4'

it 'ARM lists resources by type and name, and refuses with its reasons'
scenario '"arm":{"unassigned":["/subscriptions/'$subscription'/resourceGroups/secret"],"deny":["/subscriptions/'$subscription'/resourceGroups/app"],"policies":["/subscriptions/'$subscription'/resourceGroups/demo"],"resources":{"/subscriptions/'$subscription'/resourceGroups/demo/providers/Microsoft.KeyVault/vaults/v":{"id":"/v","name":"v","type":"Microsoft.KeyVault/vaults"},"/subscriptions/'$subscription'/resourceGroups/demo/providers/Microsoft.Storage/storageAccounts/s":{"id":"/s","name":"s","type":"Microsoft.Storage/storageAccounts"}}}'
at="https://management.azure.com/subscriptions/$subscription"
get 200 '~{"value":\[{"id":"/v",*},{"id":"/s",*}\]}' "$arm" "$at/resources?api-version=2021-04-01"
get 200 '~{"value":\[{"id":"/s",*}\]}' "$arm" -G --data-urlencode "\$filter=resourceType eq 'Microsoft.Storage/storageAccounts' and name eq 'S'" "$at/resources?api-version=2021-04-01"
get 200 '{"value":[]}' "$arm" -G --data-urlencode "\$filter=name eq 'none'" "$at/resources?api-version=2021-04-01"
get 403 "~*AuthorizationFailed*perform action 'Microsoft.KeyVault/vaults/read' over scope '/subscriptions/$subscription/resourceGroups/secret/providers/Microsoft.KeyVault/vaults/x'*" "$arm" "$at/resourceGroups/secret/providers/Microsoft.KeyVault/vaults/x?api-version=2021-04-01"
get 403 '~*DenyAssignmentAuthorizationFailed*however, the access is denied because of the deny assignment with name*' "$arm" "$at/resourceGroups/app?api-version=2021-04-01"
get 403 "~*RequestDisallowedByPolicy*Resource 'vm1' was disallowed by policy.*" "$arm" -X PATCH -d '{}' "$at/resourceGroups/demo/providers/Microsoft.Compute/virtualMachines/vm1?api-version=2021-04-01"

it 'Azure DevOps tells whose token it is, and of its projects'
scenario ''
mkdir -p "$SIM_STATE/repos/org/proj"
devops=$(token 499b84ac-1321-427f-aa17-267ca6975798)
get 200 '~{"authenticatedUser":{"id":"'$reader'",*' "$devops" https://dev.azure.com/org/_apis/connectionData
get 200 '~*"name":"proj",*' "$devops" 'https://dev.azure.com/org/_apis/projects/proj?api-version=7.1'
get 404 '~VS800075: *' "$devops" 'https://org.visualstudio.com/_apis/projects/none?api-version=7.1'
get 401 '~*TF400813*' "$arm" https://dev.azure.com/org/_apis/connectionData

it 'a registry has a catalogue and a firewall'
scenario '"registries":{"registry":{},"other":{"deny":"network"}}'
refresh=$(curl -sS --noproxy '*' -d grant_type=access_token -d service=registry.azurecr.io --data-urlencode "access_token=$arm" https://registry.azurecr.io/oauth2/exchange | json_field refresh_token)
access=$(curl -sS --noproxy '*' -d grant_type=refresh_token -d service=registry.azurecr.io -d 'scope=registry:catalog:*' -d "refresh_token=$refresh" https://registry.azurecr.io/oauth2/token | json_field access_token)
get 200 '{"repositories":["app"]}' "$access" https://registry.azurecr.io/v2/_catalog
http 401 - - -D "$T/head" https://registry.azurecr.io/v2/_catalog
seen 'WWW-Authenticate: Bearer realm="https://registry.azurecr.io/oauth2/token",service="registry.azurecr.io",scope="registry:catalog:*"'
http 403 - "~{\"errors\":\\[{\"code\":\"DENIED\",\"message\":\"client with IP '127.0.0.1' is not allowed access.*" https://other.azurecr.io/v2/

it 'the clock of the scenario is that of tokens, refusals and Date'
scenario '"clock":86400'
http 200 - - -D "$T/head" -H Metadata:true "$SIM_IMDS/metadata/versions"
ahead=$(($(date -d "$(tr -d '\r' <"$T/head" | sed -n 's/^Date: //p')" +%s) - $(date +%s)))
if [ $ahead -lt 86395 ] || [ $ahead -gt 86405 ]; then bad "ahead by $ahead"; fi
blob 200 '' "$(token https://storage.azure.com/)" 'mystorage.blob.core.windows.net/?comp=list'
is 'valid from' "$(($(token https://storage.azure.com/ | jwt_claims | json_field nbf) > $(date +%s)))" 1
scenario '"clock":-86400'
blob 401 InvalidAuthenticationInfo "$storage" 'mystorage.blob.core.windows.net/?comp=list'

it 'a member of access that is misspelt is no scenario'
echo '{"access":{"a":{"reader":[]}}}' >"$T/bad.json"
is 'answer' "$(curl -sS --noproxy '*' --data-binary "@$T/bad.json" "$SIM_CONTROL/scenario")" "'access' of 'a' has no 'reader'"
echo '{"access":{"a":{"deny":"nowhere"}}}' >"$T/bad.json"
is 'answer' "$(curl -sS --noproxy '*' --data-binary "@$T/bad.json" "$SIM_CONTROL/scenario")" "'access' of 'a' has no 'nowhere'"

it 'each has its counter'
scenario ''
sim_reset
http 401 - - https://mystorage.dfs.core.windows.net/
http 401 - - https://demo.documents.azure.com/
is 'requests' "$(sim_counter dfs) $(sim_counter cosmos) $(sim_counter storage) $(sim_counter servicebus)" '1 1 0 0'
