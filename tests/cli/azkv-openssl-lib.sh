# shellcheck shell=sh
# Helpers for the tests of azkv in OpenSSL's programs; they come after lib.sh.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034,SC2154 # what lib.sh and the tests share with it

: "${T:?azkv-openssl-lib.sh comes after lib.sh}"

case $B in *san-*)
	it 'azkv in programs of others'
	skip 'a sanitizer has to be in the program'
	exit 0
	;;
esac

vault=azkv://demo.vault.azure.net
hsm=azkv://demo-hsm.managedhsm.azure.net

# azkv_conf FILE PROVIDER...: a configuration that activates them in this order.
azkv_conf()
{
	azkv_file=$1
	shift
	{
		printf 'openssl_conf = init\n[init]\nproviders = providers\n[providers]\n'
		for azkv_name; do
			printf '%s = %s_section\n' "$azkv_name" "$azkv_name"
		done
		printf '[default_section]\nactivate = 1\n'
		printf '[azkv_section]\nmodule = %s\nactivate = 1\n' "$T/lib/ossl-modules/azkv.so"
		printf '[req]\ndistinguished_name = dn\n[dn]\n'
	} >"$azkv_file"
}

# plain ARGUMENT...: openssl as it is without us.
plain()
{
	OPENSSL_CONF=/dev/null openssl "$@"
}

# run COMMAND...: it must succeed; what it says is in $T/out and $T/err.
run()
{
	"$@" >"$T/out" 2>"$T/err" </dev/null || bad "failed: $*" "$(cat "$T/err")"
}

# fails MESSAGE COMMAND...: it must fail, and say so; MESSAGE as for same().
fails()
{
	fails_message=$1
	shift
	if "$@" >"$T/out" 2>"$T/err" </dev/null; then
		bad "did not fail: $*"
	fi
	is "stderr of $*" "$(cat "$T/err")" "$fails_message"
}

# requests VAULT TOKENS: since the last sim_reset.
requests()
{
	is 'requests to vaults' "$(sim_counter vault)+$(sim_counter hsm)" "$1+0"
	is 'requests to the metadata service' "$(sim_counter imds)" "$2"
}

# Where programs in the folder of tests/debian13 reach it too.
mkdir "$T/lib" && cp -R "$B/lib/ossl-modules" "$B/lib/mi-token" "$T/lib/"
azkv_conf "$T/openssl.cnf" default azkv
azkv_conf "$T/reversed.cnf" azkv default
export OPENSSL_CONF="$T/openssl.cnf"
printf 'what is signed\n' >"$T/text"
