# shellcheck shell=sh
# Tokens for the tests of mi-token verify.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

tenant=91880000-0000-4000-8000-00000000a001
client=6f0c0000-0000-4000-8000-0000000000c1
object=0b1e0000-0000-4000-8000-0000000000b1

# token [NAME=VALUE...]: a token of Entra's with these claims, into $T/token; alg is RS256, PS256
# or ES256, version 1 or 2.
token()
{
	alg=RS256 version=1 aud=api://orders appid=$client oid=$object roles='["Orders.Read"]'
	tid=$tenant idtyp=app more='' nbf=$(($(date +%s) - 300)) exp=$(($(date +%s) + 3600))
	iss=https://sts.windows.net/$tenant/ ver=1.0 name=appid
	case " $* " in
	*' version=2 '*) iss=https://login.microsoftonline.com/$tenant/v2.0 ver=2.0 name=azp ;;
	esac
	for lib_pair; do
		eval "${lib_pair%%=*}=\${lib_pair#*=}"
	done
	: "$version" # has said what it had to
	sim_control "/sign?alg=$alg" --data-binary "{\"aud\":\"$aud\",\"iss\":\"$iss\",\"iat\":$nbf,\"nbf\":$nbf,\"exp\":$exp,\"$name\":\"$appid\",\"idtyp\":\"$idtyp\",\"oid\":\"$oid\",\"roles\":$roles,\"sub\":\"$oid\",\"tid\":\"$tid\",\"ver\":\"$ver\"$more}" >"$T/token"
}
