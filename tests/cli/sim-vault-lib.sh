# shellcheck shell=sh
# Helpers for the tests of the simulator's vaults; they come after lib.sh.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2154 # what lib.sh and the tests share with it

: "${T:?sim-vault-lib.sh comes after lib.sh}"

vault=https://demo.vault.azure.net
hsm=https://demo-hsm.managedhsm.azure.net
v=api-version=7.4
me=0b1e0000-0000-4000-8000-0000000000d1

# token RESOURCE: as the metadata service hands it out.
token()
{
	curl -sS --noproxy '*' -H Metadata:true "$SIM_IMDS/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1" |
		json_field access_token
}

# tokens: new ones, as headers in files.
tokens()
{
	echo "Authorization: Bearer $(token https://vault.azure.net)" >"$T/to-vault"
	echo "Authorization: Bearer $(token https://managedhsm.azure.net)" >"$T/to-hsm"
}

# get STATUS BODY URL [CURL-ARGUMENT]...: with the token for that host; headers in $T/head.
get()
{
	get_status=$1 get_body=$2
	shift 2
	case $1 in
	*.managedhsm.*) get_token=$T/to-hsm ;;
	*) get_token=$T/to-vault ;;
	esac
	http "$get_status" - "$get_body" -D "$T/head" -H "@$get_token" "$@"
}

# post STATUS BODY PATH JSON [CURL-ARGUMENT]...: PATH is of $base.
post()
{
	post_status=$1 post_body=$2 post_path=$3 post_json=$4
	shift 4
	get "$post_status" "$post_body" "$base/$post_path?$v" -H 'Content-Type: application/json' --data-binary "$post_json" "$@"
}

# forbidden INNER MESSAGE ARGUMENT...: 403, by what follows (a get or a post without STATUS
# and BODY).
forbidden()
{
	forbidden_inner=$1 forbidden_message=$2 forbidden_by=$3
	shift 3
	"$forbidden_by" 403 "~{\"error\":{\"code\":\"Forbidden\",\"message\":\"$forbidden_message\",\"innererror\":{\"code\":\"$forbidden_inner\"}}}" "$@"
}

# bad_parameter MESSAGE PATH JSON
bad_parameter()
{
	post 400 "~{\"error\":{\"code\":\"BadParameter\",\"message\":\"$1\"}}" "$2" "$3"
}

base64url()
{
	base64 -w 0 | tr '+/' '-_' | tr -d =
}

# digest NAME [FILE]: of $T/text, base64url.
digest()
{
	openssl dgst -"$1" -binary "${2-$T/text}" | base64url
}

# value: of the last answer, as bytes.
value()
{
	json_field value <"$T/body" | base64url_decode
}

# der SIZE: r and s on stdin, SIZE bytes each, as ECDSA signatures are written.
der()
{
	od -An -v -tx1 | tr -d ' \n' >"$T/rs"
	is 'length of r and s' "$(wc -c <"$T/rs")" $((4 * $1))
	printf 'asn1=SEQUENCE:rs\n[rs]\nr=INTEGER:0x%s\ns=INTEGER:0x%s\n' "$(cut -c1-$((2 * $1)) "$T/rs")" "$(cut -c$((2 * $1 + 1))- "$T/rs")" >"$T/conf"
	openssl asn1parse -genconf "$T/conf" -noout -out "$T/der"
	cat "$T/der"
}

# scenario VAULTS: the machine of azkv.json with these vaults.
scenario()
{
	sed -n '1,/^	},/p' "$scenarios/azkv.json" >"$T/scenario.json"
	echo "\"vaults\":{$1}}" >>"$T/scenario.json"
	sim_scenario "$T/scenario.json"
	tokens
}

sim_start azkv
tokens
printf 'what is signed\n' >"$T/text"
base=$vault
