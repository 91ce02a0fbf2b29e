# shellcheck shell=sh
# Helpers for the tests of whole programs; tests/README.md shows how to write one.
# SPDX-License-Identifier: MIT

root=$(cd "$(dirname "$0")/../.." && pwd)
B=$(cd "$root" && cd "${B:-build/plain}" && pwd) || exit 1
export B

# Started by hand, a test goes into the namespaces itself.
[ -n "${SIM_STATE-}" ] || exec "$root/tests/netns" sh "$0" "$@"

PATH=$B/bin:$B/tests/cli:$PATH
umask 077 # what is printed may be a token
T=/run/test # on the namespace's tmpfs
mkdir -p "$T"
scenarios=$root/tests/data/scenarios
# Enough for one exchange and for no second try.
# shellcheck disable=SC2034 # the tests use it
case $B in *san-*) patience=3s ;; *) patience=700ms ;; esac
lib_name='' lib_bad='' lib_skip='' lib_failed=0

# it SENTENCE: what must hold; checks follow, until the next one.
it()
{
	lib_end
	lib_name=$1 lib_bad='' lib_skip=''
}

# skip WHY: the rest of this sentence cannot be tried here.
skip()
{
	lib_skip=$1
}

# bad LINE...: the sentence does not hold.
bad()
{
	lib_bad=1
	[ -n "$lib_name" ] || lib_failed=1
	printf '# %s\n' "$@" >&2
}

lib_end()
{
	[ -n "$lib_name" ] || return 0
	if [ -n "$lib_bad" ]; then
		lib_failed=1
		echo "not ok - $lib_name"
	elif [ -n "$lib_skip" ]; then
		echo "ok - $lib_name # SKIP $lib_skip"
	else
		echo "ok - $lib_name"
	fi
	lib_name=''
}

lib_exit()
{
	status=$?
	[ "$status" = 0 ] || bad "the script ended with status $status"
	lib_end
	sim_stop
	[ "$status" = 0 ] || exit "$status"
	exit "$lib_failed"
}
trap lib_exit EXIT

# same GOT WANT: WANT is the text itself, "-" for any, or "~GLOB".
same()
{
	case $2 in
	-) return 0 ;;
	'~'*)
		# shellcheck disable=SC2254 # it is a pattern
		case $1 in
		${2#\~}) return 0 ;;
		esac
		;;
	*) [ "$1" = "$2" ] && return 0 ;;
	esac
	return 1
}

# is WHAT GOT WANT
is()
{
	same "$2" "$3" || bad "$1" "  got:  $2" "  want: $3"
}

# expect STATUS STDOUT STDERR -- COMMAND...; both texts are without their last newline and
# as for same(). They stay in $T/out and $T/err.
expect()
{
	lib_status=$1 lib_out=$2 lib_err=$3
	shift 4
	"$@" >"$T/out" 2>"$T/err"
	is "status of $*" "$?" "$lib_status"
	is "stdout of $*" "$(cat "$T/out")" "$lib_out"
	is "stderr of $*" "$(cat "$T/err")" "$lib_err"
}

# sim_start NAME|FILE: the simulator, with its variables (SIM_CONTROL, ...) set.
sim_start()
{
	sim_stop
	lib_sim=$(azure-sim --background --state "$SIM_STATE" --scenario "$(sim_file "$1")") || {
		bad "azure-sim does not start with $1"
		exit 1
	}
	set -a
	# shellcheck disable=SC1091 # written by the simulator
	. "$SIM_STATE/env"
	set +a
}

sim_stop()
{
	[ -n "${lib_sim-}" ] || return 0
	kill "$lib_sim"
	while kill -0 "$lib_sim" 2>/dev/null; do
		sleep 0.02
	done
	lib_sim=''
}

sim_file()
{
	if [ -f "$1" ]; then echo "$1"; else echo "$scenarios/$1.json"; fi
}

sim_control()
{
	lib_path=$1
	shift
	curl -sS --fail-with-body --noproxy '*' "$@" "$SIM_CONTROL$lib_path" || bad "control: $lib_path"
}

# sim_scenario NAME|FILE: another machine from now on; counters and log go on.
sim_scenario()
{
	sim_control /scenario --data-binary "@$(sim_file "$1")"
}

# sim_faults JSON: these faults and no others.
sim_faults()
{
	sim_control /faults --data-binary "$1"
}

# Counters, log, platform's token cache and the faults' counting start anew.
sim_reset()
{
	sim_control /reset -X POST
}

# sim_counter NAME: a number, for example of "imds", "imds-peak", "tokens".
sim_counter()
{
	sim_control "/counters/$1"
}

# sim_log [SERVICE]: requests as JSON lines.
sim_log()
{
	sim_control "/log${1:+?service=$1}"
}

# sim_request SERVICE [N]: the bytes of its n-th request since the last reset.
sim_request()
{
	sim_control "/request?service=$1&n=${2-1}"
}

# sim_assertion [QUERY]: a token as Kubernetes projects it; QUERY replaces claims, for
# example "subject=other" or "life=-10".
sim_assertion()
{
	sim_control "/assertion?${1-}"
}

# http STATUS LENGTH BODY CURL-ARGUMENT...: an answer, looked at with curl; LENGTH and BODY
# as for same(). The body stays in $T/body.
http()
{
	lib_status=$1 lib_length=$2 lib_out=$3
	shift 3
	lib_got=$(curl -sS --noproxy '*' -o "$T/body" -w '%{http_code} %{size_download}' "$@")
	is "status of $*" "${lib_got%% *}" "$lib_status"
	is "length of $*" "${lib_got##* }" "$lib_length"
	is "body of $*" "$(cat "$T/body")" "$lib_out"
}

# json_field NAME: the value of the first such member of the JSON on stdin; texts and
# numbers only, no escapes.
json_field()
{
	sed -n "s/.*\"$1\": *\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p" | head -n 1
}

# jwt_claims: the claims of the token on stdin, as JSON.
jwt_claims()
{
	cut -d. -f2 | base64url_decode
}

base64url_decode()
{
	lib_text=$(tr -d '\n' | tr '_-' '/+')
	while [ $((${#lib_text} % 4)) -ne 0 ]; do
		lib_text=$lib_text=
	done
	printf %s "$lib_text" | base64 -d
}

# pieces SECRETS: the first 12 bytes on stdin that stand in that file as well.
pieces()
{
	tr -c 'A-Za-z0-9._-' '\n' | awk -v file="$1" '
		BEGIN { while ((getline line <file) > 0) secrets = secrets line "\n" }
		{ for (i = 1; i + 11 <= length($0); i++)
			if (index(secrets, substr($0, i, 12))) { print substr($0, i, 12); exit } }'
}

# public_bin: prints a folder with the programs that other users can reach too, wherever the
# build tree lies.
public_bin()
{
	if [ ! -d /run/public ]; then
		mkdir -p /run/public/bin /run/public/lib
		cp "$B/bin/mi-token" /run/public/bin/
		cp -R "$B/lib/mi-token" /run/public/lib/
		chmod -R a+rX /run/public
	fi
	echo /run/public/bin
}

# as SOURCE COMMAND...: on a machine where tokens come from SOURCE. For the kinds of
# workload identity $T/assertion is the service account's token.
as()
{
	lib_source=$1
	shift
	case $lib_source in
	imds) ;;
	app-service) set -- IDENTITY_ENDPOINT="$SIM_APP_SERVICE" IDENTITY_HEADER="$SIM_SECRET" "$@" ;;
	app-service-2017) set -- MSI_ENDPOINT="$SIM_APP_SERVICE" MSI_SECRET="$SIM_SECRET" "$@" ;;
	azure-ml) set -- MSI_ENDPOINT="$SIM_ML" MSI_SECRET="$SIM_SECRET" AZUREML_RUN_ID=run1 "$@" ;;
	cloud-shell) set -- MSI_ENDPOINT="$SIM_CLOUD_SHELL" "$@" ;;
	service-fabric) set -- IDENTITY_ENDPOINT="$SIM_FABRIC" IDENTITY_HEADER="$SIM_SECRET" \
		IDENTITY_SERVER_THUMBPRINT="$SIM_FABRIC_THUMBPRINT" "$@" ;;
	arc) set -- IDENTITY_ENDPOINT="$SIM_ARC/metadata/identity/oauth2/token" IMDS_ENDPOINT="$SIM_ARC" "$@" ;;
	aks-proxy) set -- AZURE_KUBERNETES_TOKEN_PROXY="$SIM_PROXY" AZURE_KUBERNETES_CA_FILE="$SIM_PROXY_CA" \
		AZURE_KUBERNETES_SNI_NAME="$SIM_PROXY_NAME" "$@" ;;
	esac
	case $lib_source in
	workload | aks-proxy) set -- AZURE_CLIENT_ID=6f0c0000-0000-4000-8000-0000000000a1 \
		AZURE_TENANT_ID="$SIM_TENANT" AZURE_FEDERATED_TOKEN_FILE="$T/assertion" "$@" ;;
	esac
	env "$@"
}
