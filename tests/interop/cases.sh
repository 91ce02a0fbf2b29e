#!/bin/sh
# Microsoft's libraries get tokens, and their own kinds of errors, from our az, our azd and what
# `mi-token exec` gives to a program. SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/../cli/lib.sh"
# shellcheck source=tests/mirror.sh
. "$(dirname "$0")/../mirror.sh"

here=$root/tests/interop
shims=$B/libexec/mi-token/shims
vault=https://vault.azure.net
one=6f0c0000-0000-4000-8000-0000000000c1 # the client id of vm-system
tenant=91880000-0000-4000-8000-00000000a001
elsewhere=91880000-0000-4000-8000-00000000a009
export REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt HOME="$T"
unset PYTHONPATH NODE_OPTIONS NODE_PATH

# The programs of a folder of packages see the machine below /host, and our programs from there.
start_python()
{
	python_root=$PY_ROOT
	[ -n "$python_root" ] || return 0
	root=$python_root enter_root || return 1
	mkdir -p "$T/shims"
	for name in az azd; do
		printf '#!/bin/sh\nexec /usr/sbin/chroot /host "%s/%s" "$@"\n' "$shims" "$name" >"$T/shims/$name"
		chmod +x "$T/shims/$name"
	done
	cp "$here/client.py" "$T/"
}

# client LANGUAGE CREDENTIAL SCOPE [OPTIONS]: with our az and azd in PATH, and no other.
client()
{
	client_language=$1
	shift
	case $client_language in
	js)
		cp "$here/client.mjs" "$T/"
		[ -e "$T/node_modules" ] || ln -s "$JS_DIR/node_modules" "$T/node_modules"
		env PATH="${client_path-$shims:$PATH}" NODE_EXTRA_CA_CERTS="$SIM_CA" "$(command -v node)" "$T/client.mjs" "$@"
		;;
	python)
		if [ -n "$PY_ROOT" ]; then
			chroot "$PY_ROOT" /usr/bin/env PATH="${client_path-$T/shims:/usr/bin:/bin}" \
				/usr/bin/python3 "$T/client.py" "$@"
		else
			env PATH="${client_path-$shims:$PATH}" "$(command -v python3)" "$here/client.py" "$@"
		fi
		;;
	esac
}

# under LANGUAGE [OPTION...] -- CREDENTIAL SCOPE [OPTIONS]: the same below mi-token exec. It
# takes its programs from the script again, because a function is none.
under()
{
	under_language=$1
	shift
	under_options=''
	while [ "$1" != -- ]; do
		under_options="$under_options $1"
		shift
	done
	shift
	# shellcheck disable=SC2086 # words on purpose
	mi-token exec $under_options -- sh "$here/cases.sh" --client "$under_language" "$@"
}

# options LANGUAGE NAME VALUE: the JSON of that option.
options()
{
	case $1:$2 in
	js:tenant) echo "{\"tenantId\":\"$3\"}" ;;
	python:tenant) echo "{\"tenant_id\":\"$3\"}" ;;
	js:client) echo "{\"clientId\":\"$3\"}" ;;
	python:client) echo "{\"client_id\":\"$3\"}" ;;
	esac
}

# refused LANGUAGE: what each calls a credential that is there and does not get a token; Python
# tells it from one that is not there.
refused()
{
	case $1 in
	js) echo CredentialUnavailableError ;;
	python) echo ClientAuthenticationError ;;
	esac
}

if [ "${1-}" = --client ]; then
	trap - EXIT
	shift
	client "$@"
	exit
fi

[ -n "${LANGUAGES# }" ] || {
	echo 'no language is here'
	exit 77
}
sim_start vm-system
case $LANGUAGES in *python*) start_python || LANGUAGES=${LANGUAGES%python} ;; esac

for language in $LANGUAGES; do
	mine=$(options $language tenant $tenant) other=$(options $language tenant $elsewhere)
	if [ -x "$shims/az" ]; then
		it "$language: AzureCliCredential gets tokens from our az"
		sim_scenario vm-system
		for scope in $vault/.default https://management.azure.com/.default https://storage.azure.com/.default; do
			expect 0 "~${scope%/.default}* $one" '' -- client $language AzureCliCredential $scope
		done
		expect 0 "$vault $one" '' -- client $language AzureCliCredential $vault/.default "$mine"

		it "$language: DefaultAzureCredential finds our az where there is nothing else"
		expect 0 "$vault $one" '' -- env AZURE_TOKEN_CREDENTIALS=AzureCliCredential sh "$here/cases.sh" --client $language DefaultAzureCredential $vault/.default

		it "$language: AzureCliCredential says that another tenant cannot be had"
		expect 1 "~$(refused $language): *must be the current tenant $tenant*" - -- client $language AzureCliCredential $vault/.default "$other"

		it "$language: AzureCliCredential passes on what Entra says to an unknown resource"
		expect 1 "~$(refused $language): *AADSTS500011*" - -- client $language AzureCliCredential https://nosuch.example/.default

		it "$language: AzureCliCredential asks to log in where there is no identity"
		sim_scenario vm-none
		expect 1 '~CredentialUnavailableError: *az login*' - -- client $language AzureCliCredential https://cosmos.azure.com/.default

		it "$language: AzureCliCredential has no such advice where Azure is only busy"
		sim_scenario vm-system
		sim_faults '[{"service":"imds","status":429}]'
		expect 1 "~$(refused $language): *" - -- client $language AzureCliCredential https://graph.microsoft.com/.default
		grep -q 'az login' "$T/out" && [ "$language" = python ] && bad 'it has'
		sim_faults '[]'

		it "$language: AzureCliCredential knows when there is no az"
		client_path=/nonexistent
		expect 1 '~CredentialUnavailableError: *Azure CLI*' - -- client $language AzureCliCredential $vault/.default
		unset client_path
	else
		it "$language: AzureCliCredential over our az"
		skip 'our az is not built'
	fi

	if [ -x "$shims/azd" ]; then
		it "$language: AzureDeveloperCliCredential gets tokens from our azd"
		sim_scenario vm-system
		expect 0 "$vault $one" '' -- client $language AzureDeveloperCliCredential $vault/.default
		expect 0 "$vault $one" '' -- client $language AzureDeveloperCliCredential $vault/.default "$mine"

		it "$language: AzureDeveloperCliCredential is unavailable where there is no identity"
		sim_scenario vm-none
		expect 1 '~CredentialUnavailableError: *' - -- client $language AzureDeveloperCliCredential https://graph.microsoft.com/.default

		it "$language: AzureDeveloperCliCredential passes on what Entra says to an unknown resource"
		sim_scenario vm-system
		expect 1 "~$(refused $language): *AADSTS500011*" - -- client $language AzureDeveloperCliCredential https://nosuch.example/.default
	else
		it "$language: AzureDeveloperCliCredential over our azd"
		skip 'our azd is not built'
	fi

	if [ -x "$B/libexec/mi-token/mi-token-exec" ]; then
		it "$language: ManagedIdentityCredential gets tokens below mi-token exec"
		sim_scenario vm-system
		expect 0 "$vault $one" '' -- under $language -- ManagedIdentityCredential $vault/.default
		expect 0 "~https://management.azure.com* $one" '' -- under $language -- ManagedIdentityCredential https://management.azure.com/.default

		it "$language: DefaultAzureCredential gets tokens below mi-token exec"
		expect 0 "$vault $one" '' -- under $language -- DefaultAzureCredential $vault/.default

		if [ $language = js ]; then
			it "$language: a blob is read below mi-token exec, by either credential"
			expect 0 'hello from demo.blob.core.windows.net/c/hello' '' -- under $language -- ManagedIdentityCredential blob
			expect 0 'hello from demo.blob.core.windows.net/c/hello' '' -- under $language -- DefaultAzureCredential blob
		fi

		it "$language: ManagedIdentityCredential is refused what exec does not allow, at once"
		began=$(date +%s)
		expect 1 '~*Error: *' - -- under $language --allow $vault -- ManagedIdentityCredential https://management.azure.com/.default
		expect 0 "$vault $one" '' -- under $language --allow $vault -- ManagedIdentityCredential $vault/.default
		[ $(($(date +%s) - began)) -lt 15 ] || bad 'it took long'

		it "$language: ManagedIdentityCredential is refused another identity than exec's"
		expect 1 '~*Error: *' - -- under $language -- ManagedIdentityCredential $vault/.default "$(options $language client 6f0c0000-0000-4000-8000-0000000000ff)"

		it "$language: ManagedIdentityCredential passes on what Entra says to an unknown resource"
		expect 1 '~*Error: *AADSTS500011*' - -- under $language -- ManagedIdentityCredential https://nosuch.example/.default

		it "$language: AzureCliCredential works below mi-token exec too"
		expect 0 "$vault $one" '' -- under $language -- AzureCliCredential $vault/.default
	else
		it "$language: ManagedIdentityCredential and DefaultAzureCredential below mi-token exec"
		skip 'mi-token exec is not built'
	fi
done
