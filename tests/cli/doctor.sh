#!/bin/sh
# mi-token doctor: each rung, what fails it, what is not tried then, and that nothing is
# changed. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

azure=https://management.azure.com/
unset KUBERNETES_SERVICE_HOST container

# told MARK RUNG: the texts of these, one a line.
told()
{
	awk -v mark="$1" -v rung="$2" '
		{ m = substr($0, 1, 4); r = substr($0, 7, 14); gsub(/ *$/, "", m); gsub(/ *$/, "", r) }
		m == mark && r == rung { print substr($0, 22) }' "$T/out"
}

# rung MARK RUNG PATTERN: the doctor has a line like that.
rung()
{
	same "$(told "$1" "$2")" "~*$3*" || bad "no '$*' in:" "$(cat "$T/out")"
}

# fails [RUNG]: that rung fails, and no other.
fails()
{
	is 'rungs that fail' "$(awk '/^fail/ { r = substr($0, 7, 14); gsub(/ *$/, "", r); print r }' "$T/out")" "${1-}"
}

sim_start vm-system

it 'a machine in good order: no rung fails, within a second'
begin=$(date +%s%3N)
expect 0 - '' -- mi-token doctor
took=$(($(date +%s%3N) - begin))
[ "$took" -lt 1000 ] || bad "it took $took ms"
fails ''
rung ok configuration 'no file says anything'
rung ok configuration 'no identity is named'
rung ok sources 'imds: *'
rung ok proxies 'none are set'
rung ok connect 'http://169.254.169.254 answers'
rung ok clock 'within'
rung ok service "it is Azure's metadata service, IMDS/"
rung ok machine 'vm1, resource group demo, subscription 11110000-*, cloud AzurePublicCloud, region westeurope'
rung ok identity "system-assigned identity of 'vm1': client id 6f0c0000-0000-4000-8000-0000000000c1, object id 0b1e0000-0000-4000-8000-0000000000b1, tenant 91880000-"
rung ok pins 'none: *identity = "system" in mi-token.conf pins it'
rung ok token "Bearer for $azure"
rung ok token 'issued *, expires in 2*until about 20'
rung ok token 'version 1.0, kind app, with 0 groups'
rung ok cache 'nothing is kept yet'
rung ok SDKs 'of Go, Python, .NET, JavaScript, C++: ManagedIdentityCredential from imds'

it 'what services call things is no command and no markup'
sim_faults '[{ "service": "imds", "path": "/metadata/instance/compute", "set": { "name": "vm\n$(id)", "resourceGroupName": "rg(x)`<img src=x>" } },
	{ "service": "imds", "path": "/metadata/identity", "status": 400, "body": "{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}" }]'
expect 4 - '' -- mi-token doctor
rung fail identity 'is not assigned'
# shellcheck disable=SC2016 # as it is printed
grep -qF -- "az vm identity show --resource-group 'rg(x)\`<img src=x>' --name 'vm?\$(id)'" "$T/out" ||
	bad 'no such command in:' "$(cat "$T/out")"
expect 4 - '' -- mi-token doctor --markdown
is 'markup' "$(grep -cF ' <img' "$T/out")$(grep -cE '[^\\]<img' "$T/out")" 00
sim_faults '[]'
expect 2 '' '~mi-token: the URL has a blank, *' -- mi-token doctor "$(printf 'https://x.example/\033[31m')"

it 'what stands in NO_PROXY is no command'
NO_PROXY='a b$(id)' http_proxy=http://p:1 expect 0 '~*export NO_PROXY='"'169.254.169.254,a b\$(id)'"'*' '' -- mi-token doctor

it 'a git that hangs is waited for two seconds, and is no git that is missing'
mkdir -p "$T/hangs" && printf '#!/bin/sh\nexec sleep 60\n' >"$T/hangs/git" && chmod 755 "$T/hangs/git"
begin=$(date +%s%3N)
PATH=$T/hangs:$PATH expect 6 - '' -- mi-token doctor
took=$(($(date +%s%3N) - begin))
[ "$took" -lt 6000 ] || bad "it took $took ms"
rung fail tools 'git: *takes too long'

it 'nothing is written, made or kept'
if command -v strace >/dev/null && strace -o "$T/try" true 2>/dev/null; then
	strace -f -o "$T/calls" mi-token doctor https://demo.vault.azure.net/secrets/hello >"$T/out" 2>&1
	is 'calls' "$(grep -E '(open|openat)\(.*(O_WRONLY|O_RDWR|O_CREAT)|[0-9] +(creat|mkdir|mkdirat|unlink|unlinkat|rename|renameat2?|link|linkat|symlink|chmod|fchmod|fchmodat|truncate|ftruncate|utimensat|mknod|memfd_create)\(' "$T/calls" |
		grep -vE '"/dev/(null|tty)"|= -1 E')" ''
else
	skip 'no strace'
fi
is 'the cache' "$(find "/run/user/$(id -u)" "$XDG_RUNTIME_DIR" -name mi-token 2>/dev/null)" ''

it 'no token is shown, in no form'
mi-token --resource "$azure" >"$T/token"
for form in '' --json --markdown '--verbose'; do
	# shellcheck disable=SC2086 # a word or none
	mi-token doctor $form >"$T/out" 2>"$T/err"
	is "$form" "$(cat "$T/out" "$T/err" | pieces "$T/token")" ''
done

it 'the cache that is there is told, and left as it is'
expect 0 - '' -- mi-token doctor
rung ok cache 'mi-token: 1 token'
is 'files' "$(find / -xdev -path '*mi-token/*.token' -newer "$T/token" 2>/dev/null)" ''
sim_reset

it 'marks are coloured on a terminal, and never with NO_COLOR, in pipes, or where TERM is dumb'
if script -qec true /dev/null >/dev/null 2>&1; then
	colour=$(printf '\033[32m')
	TERM=xterm script -qec 'mi-token doctor' /dev/null >"$T/out" </dev/null
	grep -qF "$colour" "$T/out" || bad 'no colour on a terminal'
	NO_COLOR=1 TERM=xterm script -qec 'mi-token doctor' /dev/null >"$T/out" </dev/null
	grep -qF "$colour" "$T/out" && bad 'colour with NO_COLOR'
	TERM=dumb script -qec 'mi-token doctor' /dev/null >"$T/out" </dev/null
	grep -qF "$colour" "$T/out" && bad 'colour on a dumb terminal'
	TERM=xterm script -qec 'mi-token doctor --json' /dev/null >"$T/out" </dev/null
	grep -qF "$colour" "$T/out" && bad 'colour in JSON'
else
	skip 'no pseudo-terminal to be had'
fi
TERM=xterm mi-token doctor >"$T/out"
grep -q "$(printf '\033')" "$T/out" && bad 'colour in a pipe'

it 'as JSON: rungs with mark, text and cure'
sim_scenario vm-none
expect 4 - '' -- mi-token doctor --json
json <"$T/out" >"$T/flat" || bad 'no JSON'
is 'status' "$(sed -n 's/^status=//p' "$T/flat")" 4
n=$(sed -n 's/^rungs\.\([0-9]*\)\.mark=fail/\1/p' "$T/flat")
is 'rung' "$(sed -n "s/^rungs\.$n\.rung=//p" "$T/flat")" identity
is 'text' "$(sed -n "s/^rungs\.$n\.text=//p" "$T/flat")" "~*Identity not found*"
is 'cure' "$(sed -n "s/^rungs\.$n\.cure\.1=//p" "$T/flat")" 'az vm identity assign --resource-group demo --name vm1'
is 'not tried' "$(sed -n 's/^rungs\.\([0-9]*\)\.mark=not tried/\1/p' "$T/flat" | wc -l)" 2

it 'as Markdown: a table whose cells hold what they are told'
expect 4 '~| | rung | found |
|---|---|---|
*| **fail** | identity | *<br>az vm identity assign --resource-group demo --name vm1<br>*' '' -- mi-token doctor --markdown
is 'lines that are no rows' "$(grep -cv '^|.*|$' "$T/out")" 0

it 'wrong usage'
expect 2 '' '~mi-token: *one of them*--help' -- mi-token doctor --json --markdown
expect 2 '' '~mi-token: the URL does not begin with https://*' -- mi-token doctor http://x
expect 2 '' '~mi-token: more than one URL*' -- mi-token doctor https://a https://b
expect 2 '' '~mi-token: --timeout wants*' -- mi-token doctor --timeout 5

it 'the last line says what fails first, and the status'
sim_scenario vm-system
mi-token doctor | tail -n 1 >"$T/out"
is 'in order' "$(cat "$T/out")" 'nothing fails (status 0)'
mi-token doctor --identity client-id:6f0c0000-0000-4000-8000-00000000dead | tail -n 1 >"$T/out"
is 'no such identity' "$(cat "$T/out")" 'it fails at: identity (status 4, no-identity)'

it 'configuration: a mistake with file and line, and what is above is not tried'
sim_scenario vm-system
printf 'identity = "system";\nnonsense = 1;\n' >/etc/mi-token/mi-token.conf
expect 3 - '' -- mi-token doctor
fails configuration
rung fail configuration 'mi-token.conf:2'
rung - connect 'the configuration is not in order'
rung - token 'not tried'
printf 'identity = "system";\n' >/etc/mi-token/mi-token.conf
expect 0 - '' -- mi-token doctor
rung ok configuration '/etc/mi-token/mi-token.conf'
rung ok configuration 'identity system, by /etc/mi-token/mi-token.conf:1'
rung ok pins 'verified in the token: system, by /etc/mi-token/mi-token.conf:1'
cat >/etc/mi-token/mi-token.conf <<'END'
rules = ( { host = "demo.vault.azure.net"; deny = true; } );
END
expect 5 - '' -- mi-token doctor https://demo.vault.azure.net
fails configuration
rung fail configuration 'mi-token.conf:1'
rm /etc/mi-token/mi-token.conf
expect 2 - '' -- mi-token doctor --identity nosuch
fails configuration

it 'sources: what is asked for is not here'
expect 4 - '' -- mi-token doctor --source arc
fails sources
rung fail sources 'arc*not here'
rung - connect 'there is nobody to ask'

it 'sources: variables that are left over'
IDENTITY_ENDPOINT=http://127.0.0.1:9/x IDENTITY_HEADER=h expect 6 - '' -- mi-token doctor --timeout 500ms
fails connect
grep -q 'left over; unset IDENTITY_ENDPOINT IDENTITY_HEADER$' "$T/out" || bad 'no cure'
IDENTITY_ENDPOINT=http://127.0.0.1:9/x IDENTITY_HEADER=h WEBSITE_SITE_NAME=app1 expect 6 - '' -- mi-token doctor --timeout 500ms
grep -q 'left over' "$T/out" && bad 'left over on App Service'

it 'sources: a pod that is not set up for workload identity'
KUBERNETES_SERVICE_HOST=10.0.0.1 expect 0 - '' -- mi-token doctor
rung warn sources 'lacks AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE'

it 'proxies: set and not used, and whether others do without them'
HTTP_PROXY=http://ann:secret@proxy:8080/x expect 0 - '' -- mi-token doctor
rung warn proxies 'HTTP_PROXY=http://proxy:8080: *does not have 169.254.169.254'
grep -q 'export NO_PROXY=169.254.169.254$' "$T/out" || bad 'no cure'
grep -q secret "$T/out" && bad "the proxy's password"
http_proxy=http://proxy:8080 NO_PROXY=localhost,169.254.0.0/16 expect 0 - '' -- mi-token doctor
rung ok proxies 'http_proxy=http://proxy:8080'
HTTPS_PROXY=http://proxy:8080 expect 0 - '' -- mi-token doctor
rung ok proxies 'HTTPS_PROXY=http://proxy:8080'

# state IMDS STATUS TEXT
state()
{
	expect "$2" - '' -- "$root/tests/netns" --imds "$1" mi-token doctor --timeout 2s
	fails connect
	rung fail connect "$3"
	rung - service 'nobody answers'
	rung - token 'nobody answers'
}

it 'connect: each reason of the kernel'
state prohibit 5 'may not connect*Permission denied'
state absent 4 'there is no route*Network is unreachable'
state unreachable 4 'there is no route*No route to host'
state blackhole 4 'blackhole route'
state up 6 'nothing listens there'

it 'connect: packets that disappear take no longer than --timeout'
sim_faults '[{"service":"imds","connect":true,"silence":true}]'
begin=$(date +%s%3N)
expect 6 - '' -- mi-token doctor --timeout 1s
took=$(($(date +%s%3N) - begin))
[ "$took" -lt 2000 ] || bad "it took $took ms"
fails connect
rung fail connect 'no answer in time'

# answer JSON STATUS RUNG TEXT: all answers of the metadata service are so.
answer()
{
	sim_faults "[{\"service\":\"imds\",$1}]"
	expect "$2" - '' -- mi-token doctor --timeout "$patience"
	fails "$3"
	rung fail "$3" "$4"
}

it 'service: who answers in its place'
answer '"status":200,"headers":{"Content-Type":"text/html"},"body":"<html>Sign in</html>"' 7 service 'metadata service'
answer '"status":302,"headers":{"Location":"http://portal/"},"body":""' 7 service 'a redirect'
answer '"status":403,"body":"connecting to 169.254.169.254:80: dial: unreachable"' 4 service "Docker Desktop's proxy"
answer '"status":403' 5 service 'Guest Proxy Agent'
answer '"status":421' 6 service 'Guest Proxy Agent'
answer '"status":502' 6 service 'Guest Proxy Agent'
answer '"status":401,"headers":{"Server":"EC2ws"},"body":"<?xml version=\"1.0\"?><error/>"' 7 service "is not Azure's"
grep -q 'of Amazon EC2 (server: EC2ws)' "$T/out" || bad 'Amazon is not named'
answer '"status":404,"headers":{"Metadata-Flavor":"Google","Server":"Metadata Server for VM"},"body":"<!DOCTYPE html>"' 7 service "is not Azure's"
grep -q 'of Google Cloud' "$T/out" || bad 'Google is not named'
answer '"status":410,"body":"Gone"' 6 service 'being updated'
answer '"status":429' 6 service 'too many requests'

it 'a refusal of the token alone is the token'\''s'
sim_faults '[{"service":"imds","path":"/metadata/identity","status":403,"body":"{\"error\":\"access_denied\"}"}]'
expect 5 - '' -- mi-token doctor
fails token
rung ok service 'it is Azure'
rung fail token 'access was denied'
expect 5 - '' -- mi-token doctor --resource https://nosuch.example
sim_faults '[]'
expect 5 - '' -- mi-token doctor --resource https://nosuch.example
fails token
rung ok identity 'one answers'
rung fail token 'AADSTS500011'

it 'clock: a day off is the first to be named'
sim_faults '[{"service":"imds","headers":{"Date":"Tue, 01 Sep 2020 00:00:00 GMT"}}]'
expect 3 - '' -- mi-token doctor
rung fail clock 'ahead: the service says 2020-09-01T00:00:00Z'
grep -q 'timedatectl set-ntp true' "$T/out" || bad 'no cure'
sim_faults '[]'

it 'machine: one of a scale set, in another cloud'
cat >"$T/vmss.json" <<'END'
{ "cloud": "AzureUSGovernmentCloud", "machine": { "vmScaleSetName": "set1", "name": "set1_3", "location": "usgovvirginia" } }
END
sim_scenario "$T/vmss.json"
expect 4 - '' -- mi-token doctor
rung ok machine 'set1_3, of scale set set1, *cloud AzureUSGovernmentCloud, region usgovvirginia'
grep -q 'az vmss identity assign --resource-group demo --name set1$' "$T/out" || bad 'no cure'

it 'identity: none, several, and one that is not attached'
sim_scenario vm-none
expect 4 - '' -- mi-token doctor
fails identity
rung fail identity 'Identity not found'
sim_scenario vm-users
expect 4 - '' -- mi-token doctor
fails identity
rung fail identity 'several user-assigned identities'
grep -q '^ *az vm identity assign' "$T/out" && bad 'a cure of another failure'
expect 4 - '' -- mi-token doctor --identity client-id:6f0c0000-0000-4000-8000-0000000000ff
fails identity
rung fail identity 'is not assigned to this machine'

it 'identity: deleted and created anew, and another one than before'
sim_scenario vm-system
mi-token cache clear >/dev/null
mi-token --identity system --resource "$azure" >/dev/null
sed 's/0b1e0000-0000-4000-8000-0000000000b1/0b1e0000-0000-4000-8000-0000000000e1/; s/6f0c0000-0000-4000-8000-0000000000c1/6f0c0000-0000-4000-8000-0000000000e2/' \
	"$scenarios/vm-system.json" >"$T/anew.json"
sim_scenario "$T/anew.json"
for _ in 1 2; do
	expect 0 - '' -- mi-token doctor --identity system
	rung ok identity 'object id 0b1e0000-0000-4000-8000-0000000000e1'
	rung warn identity 'created anew: its object id was 0b1e0000-0000-4000-8000-0000000000b1'
	mi-token --identity system --refresh --resource "$azure" >/dev/null
done
mi-token cache clear >/dev/null
expect 0 - '' -- mi-token doctor --identity system
grep -q 'created anew' "$T/out" && bad 'what was forgotten is told'
sim_scenario vm-user
mi-token --resource "$azure" >/dev/null
sim_scenario vm-both
expect 0 - '' -- mi-token doctor
rung warn identity 'another identity answers than before'
mi-token cache clear >/dev/null

it 'identity: one that was there, by a token that is kept'
sim_scenario vm-system
mi-token --resource "$azure" >/dev/null
sim_scenario vm-none
expect 4 - '' -- mi-token doctor
fails identity
grep -q 'it was there before, as object id 0b1e0000-0000-4000-8000-0000000000b1' "$T/out" || bad 'not told'
rung ok cache 'programs go on with what is kept'
mi-token cache clear >/dev/null

it 'pins: the token is of another'
sim_scenario vm-system
cat >/etc/mi-token/mi-token.conf <<'END'
identities = { it = { client_id = "6f0c0000-0000-4000-8000-0000000000c1"; tenant_id = "91880000-0000-4000-8000-0000000000ff"; } };
identity = "it";
END
expect 5 - '' -- mi-token doctor
fails pins
rung ok identity 'one answers'
rung fail pins "its tenant is '91880000-0000-4000-8000-00000000a001'"
rung - token 'is not the one that is pinned'
sed -i 's/0000000000ff/00000000a001/' /etc/mi-token/mi-token.conf
expect 0 - '' -- mi-token doctor
rung ok pins 'verified in the token: { client_id = *tenant_id = *mi-token.conf:1'
rm /etc/mi-token/mi-token.conf

it 'cache: no safe place, and why'
mkdir -p "$T/not-ours" && chmod 777 "$T/not-ours"
rm -rf "/run/user/$(id -u)"
RUNTIME_DIRECTORY=$T/not-ours XDG_RUNTIME_DIR=/nowhere expect 0 - '' -- mi-token doctor
rung warn cache 'not-ours/mi-token: others may write to its parent; /nowhere/mi-token: its parent is not there'

it 'SDKs: stale variables that win over the identity'
AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-0000000000a1 AZURE_TENANT_ID=t AZURE_CLIENT_SECRET=stale-secret expect 0 - '' -- mi-token doctor
rung warn SDKs 'Go, Python, .NET, JavaScript, C++ is not this identity: EnvironmentCredential, by AZURE_CLIENT_SECRET'
grep -q 'unset AZURE_CLIENT_SECRET AZURE_CLIENT_ID AZURE_TENANT_ID' "$T/out" || bad 'no cure'
grep -q stale-secret "$T/out" && bad 'the secret'
AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-0000000000a1 expect 0 - '' -- mi-token doctor
rung warn SDKs 'Go, Python, .NET, JavaScript is not this identity: *for client id 6f0c0000-0000-4000-8000-0000000000a1'
rung ok SDKs 'C++'
AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-0000000000C1 expect 0 - '' -- mi-token doctor
rung ok SDKs 'Go, Python, .NET, JavaScript: *for client id'
expect 0 - '' -- mi-token doctor --identity system
rung ok SDKs 'of Go, Python, .NET, JavaScript, C++: ManagedIdentityCredential from imds'
AZURE_AUTHORITY_HOST=https://login.microsoftonline.us/ expect 0 - '' -- mi-token doctor
rung warn SDKs 'AZURE_AUTHORITY_HOST is of another cloud'
MSAL_MANAGED_IDENTITY_ENDPOINT=http://x expect 0 - '' -- mi-token doctor
rung warn SDKs 'MSAL_MANAGED_IDENTITY_ENDPOINT'
AZURE_FEDERATED_TOKEN_FILE=/nowhere expect 0 - '' -- mi-token doctor --source imds
rung warn SDKs '/nowhere*cannot be read'

it 'identity: of an application nobody says that it is there, but Entra'
AZURE_TENANT_ID=$SIM_TENANT AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-00000000dead AZURE_CLIENT_SECRET=x \
	expect 5 - '' -- mi-token doctor --source environment
fails token
rung ok identity 'application 6f0c0000-0000-4000-8000-00000000dead, by AZURE_CLIENT_ID'

it 'SDKs: a pod has another application than mi-token is told'
sim_scenario workload
# shellcheck disable=SC2119 # it has no arguments here
sim_assertion >"$T/assertion"
expect 5 - '' -- as workload mi-token doctor --identity client-id:6f0c0000-0000-4000-8000-00000000dead
rung warn SDKs 'JavaScript, C++ is not this identity: WorkloadIdentityCredential'
grep -q 'set AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-00000000dead' "$T/out" || bad 'no cure'
expect 0 - '' -- as workload mi-token doctor
rung ok SDKs 'WorkloadIdentityCredential'

it 'SDKs: an identity is named to mi-token, and to them not'
sim_scenario vm-both
expect 0 - '' -- mi-token doctor --identity client-id:6f0c0000-0000-4000-8000-0000000000a1
rung warn SDKs 'Go, Python, .NET, JavaScript, C++ may be another identity: ManagedIdentityCredential from imds, whichever'
grep -q 'set AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-0000000000a1' "$T/out" || bad 'no cure'
AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-0000000000a1 expect 0 - '' -- mi-token doctor --identity client-id:6f0c0000-0000-4000-8000-0000000000a1
rung ok SDKs 'Go, Python, .NET, JavaScript: *for client id'
rung warn SDKs 'of C++ may be another identity'
expect 0 - '' -- mi-token doctor --identity client-id:6f0c0000-0000-4000-8000-0000000000c1
rung ok SDKs 'of Go, Python, .NET, JavaScript, C++: ManagedIdentityCredential from imds'
sim_scenario federate
cat >/etc/mi-token/mi-token.conf <<'END'
identities = { partner = { client_id = "6f0c0000-0000-4000-8000-0000000000a1";
  federate = { client_id = "a4400000-0000-4000-8000-0000000000f1"; tenant_id = "91880000-0000-4000-8000-00000000b002"; }; }; };
END
expect 0 - '' -- mi-token doctor --identity partner --resource https://vault.azure.net
rung ok identity 'application, vouched for by client-id:6f0c0000-0000-4000-8000-0000000000a1: client id a4400000-0000-4000-8000-0000000000f1, object id a44'
rung warn SDKs 'Go, Python, .NET, JavaScript, C++ is not this identity: ManagedIdentityCredential from imds'
rm /etc/mi-token/mi-token.conf
sim_scenario vm-system

it 'target: a URL is shown without what may be secret in it'
for form in '' --json --markdown; do
	# shellcheck disable=SC2086 # none, or one
	expect 0 - '' -- mi-token doctor $form 'https://mystorage.blob.core.windows.net/docs/a?sv=1&sig=secret-sig#x'
	grep -q secret "$T/out" && bad 'the signature'
	expect 2 - '' -- mi-token doctor $form 'https://me:secret@mystorage.blob.core.windows.net/docs'
	grep -q secret "$T/out" && bad 'the password'
	expect - - - -- mi-token doctor $form --resource api://contoso-api 'https://me:secret@api.contoso.example/'
	grep -q secret "$T/out" "$T/err" && bad 'the password of an API'
done

it 'target: whether the identity gets in, with the command that lets it in'
expect 0 - '' -- mi-token doctor https://demo.vault.azure.net/secrets/hello
fails
rung ok target 'demo.vault.azure.net lets the identity in'
expect 5 - '' -- mi-token doctor https://other.blob.core.windows.net/c/b
fails target
rung ok token 'Bearer for https://storage.azure.com'
rung fail target 'the identity has no role'
grep -q '^ *az role assignment create --assignee-object-id 0b1e0000-0000-4000-8000-0000000000b1 --assignee-principal-type ServicePrincipal --role .Storage Blob Data Reader. --scope /subscriptions/' "$T/out" ||
	bad 'no cure'
expect 2 - '' -- mi-token doctor https://nobody.example/x
fails target
rung fail target 'no service of Azure'
sim_scenario vm-none
expect 4 - '' -- mi-token doctor https://demo.vault.azure.net/secrets/hello
rung - target 'not tried: there is no identity'
sim_scenario vm-system

it 'tools: a chain of helpers that leads elsewhere is told as git check tells it'
if command -v git >/dev/null; then
	expect 0 - '' -- mi-token doctor
	rung ok tools 'does not ask mi-token for Azure Repos'
	mi-token git configure >/dev/null
	expect 0 - '' -- mi-token doctor
	rung ok tools 'git helper: 1. mi-token (global'
	printf '[credential]\n\thelper =\n' >>"$HOME/.gitconfig"
	expect 3 - '' -- mi-token doctor
	fails tools
	rung fail tools 'git helper: *an empty line'
	rm "$HOME/.gitconfig"
else
	skip 'no git'
fi

it 'tools: az and docker'
mkdir -p "$T/az" "$HOME/.docker"
ln -sf "$B/libexec/mi-token/shims/az" "$T/az/az"
PATH=$T/az:$PATH expect 0 - '' -- mi-token doctor
rung ok tools "az: $T/az/az is mi-token's"
rm "$T/az/az"
printf '#!/bin/sh\n' >"$T/az/az" && chmod +x "$T/az/az"
PATH=$T/az:$PATH expect 0 - '' -- mi-token doctor
rung ok tools 'az/az is the Azure CLI'
echo '{"credHelpers":{"registry.azurecr.io":"mi-token"}}' >"$HOME/.docker/config.json"
expect 0 - '' -- mi-token doctor
rung ok tools 'docker: asks * for 1 registry'
echo '{"credsStore":"mi-token"}' >"$HOME/.docker/config.json"
expect 0 - '' -- mi-token doctor
rung warn tools 'docker: credsStore'

it 'on App Service, the rungs of a virtual machine are left out'
sim_scenario app-service
WEBSITE_SITE_NAME=app1 REGION_NAME=westeurope expect 0 - '' -- as app-service mi-token doctor
fails ''
rung ok sources 'app-service: '
rung ok machine 'App Service app1, region westeurope: /subscriptions/'
grep -qE '^[a-z-]* *(clock|himds group) ' "$T/out" && bad 'a rung of another platform'

it 'on Azure Arc, the group of who may read the keys'
sim_scenario arc
expect 0 - '' -- as arc mi-token doctor
rung ok sources 'arc: '
rung ok 'himds group' 'may read the agent'
