#compdef mi-token
# zsh completion for mi-token(1): words from here and from `mi-token config`, no network.
# SPDX-License-Identifier: MIT

_mi_token_identities() {
	local -a names
	names=(system default client-id: object-id: resource-id:
		${(f)"$(_call_program identities "$words[1] config" 2>/dev/null |
			sed -n 's/^identities\.\([A-Za-z][A-Za-z0-9_-]*\).*/\1/p')"})
	compadd -a names
}

_mi_token_target() {
	compadd arm graph storage vault hsm sql oss-rdbms cosmos redis kusto datalake \
		servicebus eventhubs eventgrid appconfig signalr webpubsub acr aks devops \
		databricks synapse batch monitor metrics loganalytics appinsights cognitive \
		openai search ml maps iothub iotcentral digitaltwins attest purview powerbi \
		fabric avd vm-login token-exchange
}

_mi_token_git() {
	local -a commands options

	commands=(
		'configure:have git ask mi-token'
		'unconfigure:take that back'
		'check:tell what is in the way'
	)
	options=(
		'--error-format[format of errors]:format:(text json)'
		'(-q --quiet)'{-q,--quiet}'[no warnings]'
		'(-h --help)'{-h,--help}'[help]'
		'(-V --version)'{-V,--version}'[the version]'
	)
	if (( CURRENT == 3 )) && [[ $words[3] != -* ]]; then
		_describe -t commands command commands
		return
	fi
	case $words[3] in
	configure | unconfigure) options+=(
		'(--system)--global[the configuration of the user]'
		'(--global)--system[the configuration of the machine]') ;;
	check) options+=(
		'--probe[ask the repository]'
		'--json[the report as an object]'
		'*:URL:_urls') ;;
	esac
	[[ $words[3] == unconfigure ]] ||
		options+=('(-i --identity)'{-i,--identity}'[which identity]:selector:_mi_token_identities')
	_arguments -s $options
}

_mi_token_endpoint() {
	local -a options

	options=(
		'(-i --identity)'{-i,--identity}'[this identity and no other]:selector:_mi_token_identities'
		'(-E --error-format)'{-E,--error-format}'[format of errors]:format:(text json)'
		'(-h --help)'{-h,--help}'[help]'
		'(-V --version)'{-V,--version}'[the version]'
	)
	case $1 in
	exec) _arguments -s $options \
		'*'{-a,--allow}'[only this resource or alias]:resource:_mi_token_target' \
		'(-u --via)'{-u,--via}'[unix socket of a server outside]:socket:_files' \
		'(-k --keep-fresh)'{-k,--keep-fresh}'[keep a token in this file]:file:_files' \
		'(-r --resource)'{-r,--resource}'[what the token in the file is for]:resource:_mi_token_target' \
		'--no-shims[leave PATH as it is]' \
		'(-)2:command:_command_names -e' '*::arguments:_normal' ;;
	serve) _arguments -s $options \
		'*'{-a,--allow}'[only this resource or alias]:resource:_mi_token_target' \
		'(-p --port)'{-p,--port}'[listen on this port]:port:' \
		'(-u --unix)'{-u,--unix}'[listen on a unix socket]:socket:_files' \
		'*--user[serve this user as well]:user:_users' \
		'--imds[serve the dialects without a secret, too]' \
		'--lifeline[end with this descriptor]:descriptor:' \
		'(-v --verbose)'{-v,--verbose}'[tell what is asked]' ;;
	keep-fresh) _arguments -s $options \
		'(-r --resource)'{-r,--resource}'[what the token is for]:resource:_mi_token_target' \
		'--once[write it once]' \
		'--lifeline[end with this descriptor]:descriptor:' \
		'(-v --verbose)'{-v,--verbose}'[tell what happens]' '*:file:_files' ;;
	esac
}

_mi_token_keys() {
	local -a options

	options=(
		'--error-format[format of errors]:format:(text json)'
		'(-h --help)'{-h,--help}'[help]'
		'(-V --version)'{-V,--version}'[the version]'
	)
	[[ $1 == openssl-conf ]] ||
		options+=('(-i --identity)'{-i,--identity}'[which identity]:selector:_mi_token_identities')
	case $1 in
	keyref | keycert) options+=(
		'(-o --output)'{-o,--output}'[write there]:file:_files' '*:URI:') ;;
	keycheck) options+=('--json[the report as an object]' '*:URI or file:_files') ;;
	openssl-conf) options+=(
		'(--install --remove)--show[print what --install adds]'
		'(--show --remove)--install[add the provider]'
		'(--show --install)--remove[take it out again]'
		'--file[this configuration]:file:_files') ;;
	esac
	_arguments -s $options
}

_mi_token_roles() {
	local -a options

	options=(
		'(-u --subscription)'{-u,--subscription}'[in this subscription alone]:GUID:'
		'(-i --identity)'{-i,--identity}'[which identity]:selector:_mi_token_identities'
		'(-S --source)'{-S,--source}'[ask this source only]:source:(workload service-fabric app-service app-service-2017 azure-ml cloud-shell arc imds)'
		'(-t --timeout)'{-t,--timeout}'[of each request]:time:'
		'--error-format[format of errors]:format:(text json)'
		'(-v --verbose)'{-v,--verbose}'[tell what happens]'
		'(-h --help)'{-h,--help}'[help]' '(-V --version)'{-V,--version}'[the version]'
	)
	[[ $1 == roles ]] && options+=(
		'(-a --all -s --scope -p --principal)'{-a,--all}'[every assignment that may be read]'
		'(-a --all -s --scope -p --principal)'{-s,--scope}'[those that count at this scope]:id:'
		'(-a --all -s --scope -p --principal)'{-p,--principal}'[those of this object id]:GUID:'
		'(-o --output)'{-o,--output}'[format of the result]:format:(table tsv csv json markdown)'
	)
	_arguments -s $options
}

_mi_token_verify() {
	_arguments -s '*'{-a,--audience}'[who we are]:URI or GUID:' \
		'(-t --tenant)'{-t,--tenant}'[whose tokens are good]:GUID or domain:' \
		'--issuer[the same as it stands in the token]:URL:' \
		'*--allow-appid[let in this application]:GUID:' \
		'*--allow-oid[let in this identity]:GUID:' \
		'*--require-role[the token has this app role]:role:' \
		'--app-only[no token that acts for a user]' \
		'--skew[how far clocks may differ]:time:' \
		'--jwks[keys from a file]:file:_files' \
		'--cache[keep fetched keys there]:folder:_directories' \
		'--cloud[which cloud]:cloud:(public usgov china)' \
		'(-o --output)'{-o,--output}'[format of the claims]:format:(json text)' \
		'--serve[answer a reverse proxy]' \
		'--listen[where to serve]:where:(unix\: 127.0.0.1\:)' \
		'--error-format[format of errors]:format:(text json)' \
		'(-v --verbose)'{-v,--verbose}'[tell who is refused, and why]' \
		'(-h --help)'{-h,--help}'[help]' '(-V --version)'{-V,--version}'[the version]' \
		'1:file:_files'
}

_mi_token() {
	local -a commands common asking querying formats
	local command=get

	commands=(
		'get:print an access token'
		'whoami:tell which identity this machine acts as'
		'decode:show the claims of a token from stdin'
		'sources:tell where tokens could come from'
		'config:print the configuration in effect'
		'cache:list or remove the tokens that are kept'
		'az:what the Azure CLI does with a managed identity'
		'git:set up git for Azure Repos, and check it'
		'curl:run curl with a token'
		'query:search JSON on stdin with JMESPath'
		'doctor:find what is in the way of a token'
		'explain:tell what a pasted failure means'
		'exec:run a command with this identity'
		'serve:serve tokens to programs that ask an endpoint'
		'keep-fresh:keep a token in a file'
		'keyref:stand for a key that is in a vault'
		'keycert:write a certificate that is in a vault'
		'keycheck:tell whether a key in a vault works'
		'openssl-conf:have OpenSSL know keys in vaults'
		'roles:show the role assignments, and what is wrong with them'
		'report:write a page for the runbook'
		'verify:tell whether an access token is good'
		'wait:wait until the identity has a token'
		'help:tell what a command does'
	)
	(( CURRENT > 2 )) && (( $commands[(I)$words[2]:*] )) && command=$words[2]
	formats=(text json)
	[[ $command == get ]] && formats=(token json header curl env env-no-export fish az azd kube exp)
	common=(
		'(-o --output)'{-o,--output}"[format of the result]:format:($formats)"
		'(-E --error-format)'{-E,--error-format}'[format of errors]:format:(text json)'
		'(-q --quiet)'{-q,--quiet}'[no warnings]'
		'(-v --verbose)'{-v,--verbose}'[tell what happens]'
		'(-h --help)'{-h,--help}'[help]'
		'(-V --version)'{-V,--version}'[the version]'
	)
	querying=(
		'(-o --output)'{-o,--output}'[format of the result]:format:(json jsonc yaml yamlc table tsv none)'
		'--error-format[format of errors]:format:(text json)'
		'(-h --help)'{-h,--help}'[help]'
		'(-V --version)'{-V,--version}'[the version]'
	)
	asking=(
		'(-r --resource)'{-r,--resource}'[token for this resource, byte for byte]:URI:'
		'(-s --scope)'{-s,--scope}'[token for this scope]:scope:'
		'(-i --identity)'{-i,--identity}'[which identity]:selector:_mi_token_identities'
		'--client-id[identity by client id]:GUID:'
		'--object-id[identity by object id]:GUID:'
		'--resource-id[identity by resource id]:id:'
		'--federate[be this application]:client id:'
		'--tenant[with --federate: the tenant]:GUID:'
		'(-m --min-valid)'{-m,--min-valid}'[seconds the token must live]:seconds:'
		'(-f --refresh)'{-f,--refresh}'[ask the source even if the cache has one]'
		'(-t --timeout)'{-t,--timeout}'[bound on the whole call]:time:'
		'(-S --source)'{-S,--source}'[ask this source only]:source:(workload service-fabric app-service app-service-2017 azure-ml cloud-shell arc imds environment azure-cli)'
	)
	if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
		_describe -t commands command commands
		_mi_token_target
		return
	fi
	case $command in
	az) (( CURRENT == 3 )) && compadd account acr cloud config keyvault login logout rest version ;;
	git) _mi_token_git ;;
	curl) _arguments '--resource[token for this resource]:URI:' \
		'--identity[which identity]:selector:_mi_token_identities' '--quiet[no warnings]' \
		'--help[help]' '--version[the version]' '*:argument of curl:_urls' ;;
	query) _arguments -s $querying '*:expression:' ;;
	doctor) _arguments -s '(--markdown)--json[an object]' '(--json)--markdown[a table for a ticket or a wiki]' \
		'(-r --resource)'{-r,--resource}'[token for this resource]:URI:' \
		'(-i --identity)'{-i,--identity}'[which identity]:selector:_mi_token_identities' \
		'(-S --source)'{-S,--source}'[ask this source only]:source:' '(-t --timeout)'{-t,--timeout}'[bound on the whole call]:time:' \
		'--error-format[format of errors]:format:(text json)' '(-v --verbose)'{-v,--verbose}'[tell what happens]' \
		'(-h --help)'{-h,--help}'[help]' '(-V --version)'{-V,--version}'[the version]' '1:URL:_urls' ;;
	explain) _arguments -s '--json[an array of objects]' '--error-format[format of errors]:format:(text json)' \
		'(-h --help)'{-h,--help}'[help]' '(-V --version)'{-V,--version}'[the version]' '1:file:_files' ;;
	roles | report) _mi_token_roles $command ;;
	verify) _mi_token_verify ;;
	exec | serve | keep-fresh) _mi_token_endpoint $command ;;
	keyref | keycert | keycheck | openssl-conf) _mi_token_keys $command ;;
	wait) _arguments -s \
		'--for[what to wait for]:what:(token role)' \
		'(-t --timeout)'{-t,--timeout}'[how long at most]:time:' \
		'(-r --resource)'{-r,--resource}'[a token for this resource]:URI:' \
		'(-i --identity)'{-i,--identity}'[which identity]:selector:_mi_token_identities' \
		'--source[ask this source only]:source:(workload service-fabric app-service app-service-2017 azure-ml cloud-shell arc imds)' \
		'--error-format[format of errors]:format:(text json)' \
		'(-q --quiet)'{-q,--quiet}'[tell nothing while waiting]' \
		'(-v --verbose)'{-v,--verbose}'[tell what happens]' \
		'(-h --help)'{-h,--help}'[help]' '(-V --version)'{-V,--version}'[the version]' \
		'1:target:_mi_token_target' ;;
	get | whoami) _arguments -s $common $asking '*:target:_mi_token_target' ;;
	cache) _arguments -s $common '*:what:(list clear)' ;;
	config) _arguments -s $common '--check[only tell whether it is in order]' ;;
	help) _arguments -s $common '*:command:(${commands%%:*})' ;;
	*) _arguments -s $common ;;
	esac
}

_mi_token "$@"
