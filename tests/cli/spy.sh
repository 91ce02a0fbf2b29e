#!/bin/sh
# Where secrets are found: on stdout and in the cache file, and nowhere else, whatever
# happens. tests/spy looks into what the program gives back and leaves behind.
case ${B-} in *san-*) echo "ok - the spy # SKIP sanitizers have an allocator of their own" && exit 0 ;; esac
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

vault=https://vault.azure.net
T=$T/spy # apart from what is searched
mkdir "$T"
export LD_BIND_NOW=1 # tests/spy says why

sim_start vm-both

# learn SOURCE: its secrets, from a first run without a spy; the platform gives the same
# token again, and where it would not, a fault does.
learn()
{
	sim_reset
	{
		as "$1" mi-token --refresh --resource "$vault"
		as "$1" mi-token --refresh arm
		echo "$SIM_SECRET"
		[ ! -f "$T/assertion" ] || cat "$T/assertion"
	} >"$T/secrets"
	mi-token cache clear >"$T/cleared"
	case $1 in
	cloud-shell) learn_service=cloud-shell ;;
	workload) learn_service=entra ;;
	aks-proxy) learn_service=aks-proxy ;;
	*) return ;;
	esac
	sim_faults "[{\"service\":\"$learn_service\",\"set\":{\"access_token\":\"$(head -n 1 "$T/secrets")\"}}]"
}

# spied SOURCE STATUS COMMAND...: runs it under the spy. What it finds is in $T/report.
spied()
{
	spied_source=$1 spied_status=$2
	shift 2
	rm -f "$T/report"
	as "$spied_source" SPY_SECRETS="$T/secrets" SPY_REPORT="$T/report" LD_PRELOAD="$B/tests/cli/spy.so" \
		"$@" >"$T/out" 2>"$T/err"
	is "status of $*" "$?" "$spied_status"
	is "$spied_source: stderr of $*" "$(pieces "$T/secrets" <"$T/err")" ''
	is 'the spy saw the end' "$(tail -n 1 "$T/report")" end
}

# clean [LIBRARIES]: nothing was found in memory, but in what these libraries gave back.
clean()
{
	is "$spied_source: memory" "$(grep -v -e '^end' -e "^free of [0-9]* bytes by lib\(${1:-none}\)\." "$T/report")" ''
}

it 'the spy finds what is not wiped'
learn imds
rm -f "$T/report"
cp "$T/secrets" "$T/copy"
SPY_SECRETS="$T/secrets" SPY_REPORT="$T/report" LD_PRELOAD="$B/tests/cli/spy.so" \
	json <"$T/copy" >"$T/out" 2>&1
is 'findings' "$(grep -c '^left' "$T/report")" '~[1-9]*'
expect 2 '' 'spy: LD_BIND_NOW is not set' -- env -u LD_BIND_NOW SPY_SECRETS="$T/secrets" \
	SPY_REPORT="$T/report" LD_PRELOAD="$B/tests/cli/spy.so" json

it 'success over plain HTTP: wiped in what is freed, and nothing left at the end'
for source in imds app-service app-service-2017 azure-ml cloud-shell arc; do
	sim_scenario vm-both
	[ $source = imds ] || sim_scenario app-service
	[ $source != arc ] || sim_scenario arc
	learn "$source"
	spied "$source" 0 mi-token --resource "$vault" -v
	is "$source: token" "$(cat "$T/out")" "$(head -n 1 "$T/secrets")"
	clean
done

it 'success over TLS: nothing but in what the TLS libraries gave back'
sim_scenario app-service
learn service-fabric
spied service-fabric 0 mi-token --resource "$vault" -v
clean 'ssl\|crypto'
sim_scenario workload
# shellcheck disable=SC2119 # it has no arguments here
sim_assertion >"$T/../assertion"
cp "$T/../assertion" "$T/assertion"
for source in workload aks-proxy; do
	learn $source
	spied $source 0 mi-token --resource "$vault" -v
	clean 'ssl\|crypto'
done

sim_faults '[]'

it 'every output format, and the other commands'
sim_scenario vm-both
rm "$T/assertion"
learn imds
for format in header curl env env-no-export fish az azd kube exp json; do
	spied imds 0 mi-token --resource "$vault" -o $format
	clean
done
spied imds 0 mi-token whoami vault
is 'token' "$(pieces "$T/secrets" <"$T/out")" ''
clean
spied imds 0 mi-token cache
is 'token' "$(pieces "$T/secrets" <"$T/out")" ''
clean
head -n 1 "$T/secrets" >"$T/token"
spied imds 0 sh -c 'exec mi-token decode </run/test/spy/token'
clean

it 'each operation of the git helper, at success and when the server refuses'
devops=499b84ac-1321-427f-aa17-267ca6975798
sim_reset
mi-token --refresh --resource $devops >"$T/secrets"
mi-token cache clear >"$T/cleared"
printf '%s\n' protocol=https host=dev.azure.com path=org/p/_git/r 'capability[]=authtype' 'capability[]=state' >"$T/get"
{ cat "$T/get" && printf 'username=mi-token\npassword=%s\n' "$(cat "$T/secrets")"; } >"$T/known"
{ cat "$T/get" && echo 'state[]=mi-token:0123456789abcdef'; } >"$T/round"
for row in 'get get' 'get get' 'store known' 'erase known' 'get round' 'get round' 'erase known' 'erase get' 'frobnicate known'; do
	spied imds 0 sh -c "exec git-credential-mi-token -v ${row% *} <$T/${row#* }"
	[ "${row% *}" = get ] || is "$row: stdout" "$(cat "$T/out")" ''
	clean
done
spied imds 2 sh -c "exec git-credential-mi-token --auth=\"\$(cat $T/secrets)\" get <$T/get"
is 'stdout' "$(cat "$T/out")" ''

it 'mi-token curl, up to the moment when curl takes its place'
learn imds
mi-token --refresh --resource "$vault" >"$T/secrets"
mkdir "$T/broken"
: >"$T/broken/curl"
chmod +x "$T/broken/curl"
for url in https://a.vault.azure.net/ 'https://a.vault.azure.net/ --next https://b.vault.azure.net/'; do
	# What cannot be run is there, so that the end can be seen.
	rm -f "$T/report"
	# shellcheck disable=SC2086 # several arguments
	SPY_SECRETS="$T/secrets" SPY_REPORT="$T/report" LD_PRELOAD="$B/tests/cli/spy.so" PATH="$T/broken:$B/bin" \
		mi-token curl $url >"$T/out" 2>"$T/err"
	is 'status' "$?" 127
	is 'stderr' "$(pieces "$T/secrets" <"$T/err")" ''
	is 'the spy saw the end' "$(tail -n 1 "$T/report")" end
	clean
done

it 'docker'\''s credential helper, at success and when the registry refuses'
echo registry.azurecr.io >"$T/server"
docker-credential-mi-token get <"$T/server" >"$T/out"
{ sed 's/.*"Secret":"\([^"]*\).*/\1/' "$T/out" && mi-token acr; } >"$T/secrets"
sim_faults "[{\"service\":\"acr\",\"set\":{\"refresh_token\":\"$(head -n 1 "$T/secrets")\"}}]"
spied imds 0 sh -c "exec docker-credential-mi-token get <$T/server"
clean 'ssl\|crypto'
sim_faults '[{"service":"acr","status":401}]'
spied imds 1 sh -c "exec docker-credential-mi-token get <$T/server"
is 'stdout' "$(pieces "$T/secrets" <"$T/out")" ''
clean 'ssl\|crypto'
sim_faults '[]'
printf '{"ServerURL":"registry.azurecr.io","Username":"me","Secret":"%s"}' "$(head -n 1 "$T/secrets")" >"$T/stored"
spied imds 0 sh -c "exec docker-credential-mi-token store <$T/stored"
is 'stdout' "$(pieces "$T/secrets" <"$T/out")" ''
clean
it 'az and azd, in every format, and where they send a token'
without_shims=$PATH
PATH=$B/libexec/mi-token/shims:$PATH
mkdir -p "$HOME"
learn imds
for format in json tsv yaml table none; do
	spied imds 0 az account get-access-token --resource "$vault" -o $format
	clean
done
spied imds 0 az account get-access-token --resource "$vault" --query accessToken
clean
spied imds 0 azd auth token --output json --scope "$vault/.default"
clean
spied imds 1 az account get-access-token --resource "$vault" --query 'badfn(@)'
clean
sim_scenario az
learn imds
az account get-access-token --query accessToken -o tsv >>"$T/secrets"
spied imds 0 az login --identity
is 'token' "$(pieces "$T/secrets" <"$T/out")" ''
clean 'ssl\|crypto'
spied imds 0 az rest --url '/subscriptions?api-version=2022-12-01'
clean 'ssl\|crypto'
spied imds 0 az keyvault secret show --vault-name myvault -n db
clean 'ssl\|crypto'
PATH=$without_shims
sim_scenario vm-both

it 'across tenants: both steps, and when the second is refused'
sim_scenario federate
sim_reset
user=6f0c0000-0000-4000-8000-0000000000a1
across="--federate a4400000-0000-4000-8000-0000000000f1 --tenant 91880000-0000-4000-8000-00000000b002 --client-id $user"
# shellcheck disable=SC2086 # several arguments
{
	mi-token --refresh $across --resource "$vault"
	mi-token --client-id $user token-exchange
} >"$T/secrets"
mi-token cache clear >"$T/cleared"
sim_faults "[{\"service\":\"entra\",\"set\":{\"access_token\":\"$(head -n 1 "$T/secrets")\"}}]"
# shellcheck disable=SC2086
spied imds 0 mi-token $across --resource "$vault" -v
clean 'ssl\|crypto'
# shellcheck disable=SC2086
spied imds 0 mi-token $across --resource "$vault" -v # a kept one
clean
sim_faults '[{"service":"entra","status":400,"body":"{\"error\":\"x\",\"error_description\":\"AADSTS70021: '"$(tail -n 1 "$T/secrets")"'\",\"error_codes\":[70021]}"}]'
# shellcheck disable=SC2086
spied imds 5 mi-token --refresh $across --timeout 700ms --resource "$vault" -v
is 'stdout' "$(cat "$T/out")" ''
sim_faults '[]'

it 'a service principal: its secret, its key and the password of that'
openssl req -x509 -newkey rsa:2048 -passout pass:Zx7qWm2.Rt5Lp8Hn3 -keyout "$T/key.pem" -out "$T/cert.pem" \
	-subj /CN=app -days 2 2>/dev/null
cat "$T/cert.pem" >>"$T/key.pem"
sed 's|"federated": \[|"secret": "kQ8x7Vz_pR2m.Lw4tYb9", "certificate": "'"$T"'/cert.pem", &|' \
	"$scenarios/federate.json" >"$T/scenario.json"
sim_scenario "$T/scenario.json"
export AZURE_TENANT_ID="$SIM_TENANT" AZURE_CLIENT_ID=a4400000-0000-4000-8000-0000000000f1
for variable in AZURE_CLIENT_SECRET=kQ8x7Vz_pR2m.Lw4tYb9 AZURE_CLIENT_CERTIFICATE_PATH="$T/key.pem"; do
	export "${variable?}" AZURE_CLIENT_CERTIFICATE_PASSWORD=Zx7qWm2.Rt5Lp8Hn3
	mi-token cache clear >"$T/cleared"
	mi-token --refresh --source environment --resource "$vault" >"$T/secrets"
	sim_faults "[{\"service\":\"entra\",\"set\":{\"access_token\":\"$(head -n 1 "$T/secrets")\"}}]"
	# What tokens and assertions claim looks alike; the signature does not.
	sed -i 's/.*\.//' "$T/secrets"
	printf '%s\n' kQ8x7Vz_pR2m.Lw4tYb9 Zx7qWm2.Rt5Lp8Hn3 >>"$T/secrets"
	# Its first lines name its ciphers, as certificates do.
	sed '/^-----/d' "$T/key.pem" | sed -n 5,20p >>"$T/secrets"
	spied imds 0 mi-token --refresh --source environment --resource "$vault" -v
	clean 'ssl\|crypto'
	unset "${variable%%=*}" AZURE_CLIENT_CERTIFICATE_PASSWORD
	sim_faults '[]'
done
unset AZURE_TENANT_ID AZURE_CLIENT_ID
sim_scenario vm-both

it 'each failure after a token has come'
learn imds
while IFS='|' read -r status fault; do
	sim_faults "[{\"service\":\"imds\",\"path\":\"/metadata/identity\",$fault}]"
	spied imds "$status" mi-token --refresh --timeout 700ms --resource "$vault" -v
	is "stdout with $fault" "$(cat "$T/out")" ''
	clean
done <<'END'
7|"set":{"token_type":"mac"}
7|"remove":["expires_on","expires_in"]
7|"set":{"expires_on":"1727193299"}
7|"set":{"resource":"https://graph.microsoft.com/"}
6|"cut":1500
6|"cut":1500,"reset":true
6|"drip":1000
7|"headers":{"Content-Encoding":"gzip"}
7|"pad":40000
6|"status":500
5|"status":403
END
sim_faults '[]'
mi-token --client-id 6f0c0000-0000-4000-8000-0000000000a2 --resource "$vault" >>"$T/secrets"
mi-token cache clear >"$T/cleared"
other=$(tail -n 1 "$T/secrets")
sim_faults "[{\"service\":\"imds\",\"set\":{\"access_token\":\"$other\"}}]"
spied imds 5 mi-token --refresh --resource "$vault" -v --client-id 6f0c0000-0000-4000-8000-0000000000a1
clean
sim_faults '[]'

it 'refused secrets, keys and assertions are not told'
sim_scenario app-service
learn app-service
sim_faults '[{"service":"app-service","status":401}]'
spied app-service 5 mi-token --refresh --resource "$vault" -v
clean
sim_faults '[]'
sim_scenario workload
cp "$T/../assertion" "$T/assertion"
learn workload
sim_faults '[{"service":"entra","status":400,"body":"{\"error\":\"invalid_client\",\"error_description\":\"AADSTS700027: '"$(cat "$T/assertion")"'\"}"}]'
spied workload 5 mi-token --refresh --resource "$vault" -v
spied workload 5 mi-token --refresh --resource "$vault" -v --error-format json
sim_faults '[]'
sim_scenario arc
rm "$T/assertion"
learn arc
sim_faults '[{"service":"arc","requests":[2],"status":403,"body":"{\"error\":\"x\",\"error_description\":\"no\"}"}]'
sim_reset
spied arc 5 mi-token --refresh --resource "$vault" -v
clean

it 'a full stdout and a full cache'
sim_faults '[]'
sim_scenario vm-both
learn imds
rm -f "$T/report"
SPY_SECRETS="$T/secrets" SPY_REPORT="$T/report" LD_PRELOAD="$B/tests/cli/spy.so" \
	mi-token --resource "$vault" -v >/dev/full 2>"$T/err"
spied_source=imds
clean
is 'stderr' "$(pieces "$T/secrets" <"$T/err")" ''

it 'no other process and no file sees it: command line, environment, files'
learn imds
sim_faults '[{"service":"imds","delay_ms":800}]'
: >"$T/mark"
mi-token --resource "$vault" >"$T/out" 2>"$T/err" &
pid=$!
sleep 0.4
head -n 1 "$T/secrets" >"$T/token" && mv "$T/token" "$T/secrets" # the environment is ours
tr '\0' '\n' <"/proc/$pid/cmdline" | pieces "$T/secrets" >"$T/found"
{ tr '\0' '\n' <"/proc/$pid/environ" | pieces "$T/secrets"; } >>"$T/found" 2>/dev/null # not ours to read: better
is 'children' "$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)" ''
is 'core size' "$(tr -s ' ' <"/proc/$pid/limits" | sed -n 's/^Max core file size //p')" '0 0 bytes '
wait $pid
is 'command line and environment' "$(cat "$T/found")" ''
sim_faults '[]'
tail -c 30 "$T/out" >"$T/tail"
# What this machine has mounted there is not looked into.
find /run /tmp /var/tmp /dev/shm "$HOME" "${TMPDIR:-/tmp}" -xdev -type f -newer "$T/mark" \
	-exec grep -lFf "$T/tail" {} + 2>/dev/null | grep -v -e "^$T" -e "^/run/.stage" | sort -u >"$T/files"
is 'files' "$(cat "$T/files")" "$(ls "$XDG_RUNTIME_DIR"/mi-token/*.token)"
