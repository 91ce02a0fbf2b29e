# bash completion for mi-token(1): words from here and from `mi-token config`, no network.
# SPDX-License-Identifier: MIT

_mi_token_identities() {
	printf '%s\n' system default client-id: object-id: resource-id:
	"$1" config 2>/dev/null | sed -n 's/^identities\.\([A-Za-z][A-Za-z0-9_-]*\).*/\1/p'
}

_mi_token() {
	local commands='get whoami decode sources config cache git query doctor explain roles report curl az exec serve keep-fresh keycert keycheck keyref openssl-conf verify wait help'
	local common='--error-format --quiet --verbose --help --version'
	local asking='--resource --scope --identity --client-id --object-id --resource-id
		--federate --tenant --output --min-valid --refresh --timeout --source'
	local aliases='arm graph storage vault hsm sql oss-rdbms cosmos redis kusto datalake
		servicebus eventhubs eventgrid appconfig signalr webpubsub acr aks devops databricks
		synapse batch monitor metrics loganalytics appinsights cognitive openai search ml maps
		iothub iotcentral digitaltwins attest purview powerbi fabric avd vm-login
		token-exchange'
	local sources='workload service-fabric app-service app-service-2017 azure-ml
		cloud-shell arc imds environment azure-cli'
	local cur prev command=get words='' i
	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	COMPREPLY=()
	# ":" and "=" are words of their own to bash.
	case $cur in : | =) cur='' ;; esac
	if [[ $prev == [:=] && $COMP_CWORD -ge 2 ]]; then
		[[ $prev == : ]] && return
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		case " $commands " in
		*" ${COMP_WORDS[i]} "*)
			command=${COMP_WORDS[i]}
			break
			;;
		esac
	done
	if [[ $command == git ]]; then
		common='--error-format --quiet --help --version'
		for ((i++; i < COMP_CWORD; i++)); do
			case ${COMP_WORDS[i]} in configure | unconfigure | check) command=git-${COMP_WORDS[i]} ;; esac
		done
	fi
	[[ $command == az ]] && common=''
	[[ $command == query || $command == explain || $command == verify || $command == doctor ]] && common='--error-format --help --version'
	# What follows is another command, or is of its options.
	[[ $command == exec && $cur != -* && $prev != -* ]] && {
		COMPREPLY=()
		while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen -c -- "$cur")
		return
	}
	case $command in keyref | keycert | keycheck | openssl-conf) common='--error-format --help --version' ;; esac
	[[ $command == roles || $command == report ]] && common='--error-format --help --version'
	[[ $command == wait ]] && common='--error-format --help --version'
	case $command in exec | serve | keep-fresh) common='--identity --error-format --help --version' ;; esac
	case $command$prev in
	roles-o | roles--output) prev='' words='table tsv csv json markdown' ;;
	roles-s | roles--scope) prev='' words='/subscriptions/ /providers/Microsoft.Management/managementGroups/' ;;
	roles-p | roles--principal | roles-u | roles--subscription | report--subscription) return ;;
	verify--cloud) prev='' words='public usgov china' ;;
	verify--listen) prev='' words='unix: 127.0.0.1:' ;;
	verify--jwks | verify--cache)
		while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen -f -- "$cur")
		return
		;;
	verify-a | verify--audience | verify-t | verify--tenant | verify--issuer | verify--skew | \
		verify--allow-appid | verify--allow-oid | verify--require-role)
		return
		;;
	esac
	case $prev in
	'') ;;
	-a | --allow) words=$aliases ;;
	-u | --unix | --via | -k | --keep-fresh)
		while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen -f -- "$cur")
		return
		;;
	-U | --user)
		while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen -u -- "$cur")
		return
		;;
	-i | --identity) words=$(_mi_token_identities "${COMP_WORDS[0]}") ;;
	-S | --source) words=$sources ;;
	-E | --error-format) words='text json' ;;
	--for) words='token role' ;;
	-o | --output)
		words='text json'
		[[ $command == get ]] && words='token json header curl env env-no-export fish az azd kube exp'
		[[ $command == query ]] && words='json jsonc yaml yamlc table tsv none'
		[[ $command == key* ]] && {
			while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen -f -- "$cur")
			return
		}
		;;
	--file)
		while IFS= read -r i; do COMPREPLY+=("$i"); done < <(compgen -f -- "$cur")
		return
		;;
	-r | --resource | -s | --scope | --client-id | --object-id | --resource-id | --federate | --tenant | \
		-m | --min-valid | -t | --timeout | --port | --lifeline)
		return
		;;
	*)
		case $command in
		get) words="$asking $common $aliases" ;;
		whoami) words="$asking $common $aliases" ;;
		cache) words="list clear --output $common" ;;
		curl) words='--resource --identity --quiet --help --version' ;;
		az) words='account acr cloud config keyvault login logout rest version --help --version' ;;
		exec) words="--allow --via --keep-fresh --resource --no-shims $common" ;;
		serve) words="--allow --port --unix --user --imds --lifeline --verbose $common" ;;
		keep-fresh) words="--resource --once --lifeline --verbose $common" ;;
		git) words='configure unconfigure check --help --version' ;;
		git-configure) words="--global --system --identity $common" ;;
		git-unconfigure) words="--global --system $common" ;;
		git-check) words="https://dev.azure.com/ --identity --probe --json $common" ;;
		keyref | keycert) words="azkv:// --identity --output $common" ;;
		keycheck) words="azkv:// --identity --json $common $(compgen -f -- "$cur")" ;;
		wait) words="--for --timeout --resource --identity --source --quiet --verbose $common $aliases" ;;
		openssl-conf) words="--show --install --remove --file $common" ;;
		verify) words="--audience --tenant --issuer --allow-appid --allow-oid --require-role --app-only --skew
			--jwks --cache --cloud --output --serve --listen --verbose $common $(compgen -f -- "$cur")" ;;
		roles) words="--all --scope --principal --subscription --identity --source --output --timeout --verbose $common" ;;
		report) words="--subscription --identity --source --timeout --verbose $common" ;;
		doctor) words="--identity --source --resource --timeout --json --markdown --verbose $common" ;;
		explain) words="--json $common $(compgen -f -- "$cur")" ;;
		config) words="--check --output $common" ;;
		help) words=$commands ;;
		*) words="--output $common" ;;
		esac
		[[ $COMP_CWORD == 1 ]] && words="$commands $words"
		;;
	esac
	while IFS= read -r i; do
		COMPREPLY+=("$i")
	done < <(compgen -W "$words" -- "$cur")
}

complete -F _mi_token mi-token
