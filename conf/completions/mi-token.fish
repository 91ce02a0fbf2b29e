# fish completion for mi-token(1): words from here and from `mi-token config`, no network.
# SPDX-License-Identifier: MIT

set -l commands get whoami decode sources config cache git query doctor explain roles report curl az exec serve keep-fresh keycert keycheck keyref openssl-conf verify wait help
set -l other decode sources config cache git query doctor explain roles report curl az exec serve keep-fresh keycert keycheck keyref openssl-conf verify wait help
set -l git configure unconfigure check
set -l first "not __fish_seen_subcommand_from $commands"
set -l asking "not __fish_seen_subcommand_from $other"
set -l printing "not __fish_seen_subcommand_from whoami $other"
set -l in_git "__fish_seen_subcommand_from git"
set -l in_query "__fish_seen_subcommand_from query"
set -l in_roles "__fish_seen_subcommand_from roles"
set -l in_review "__fish_seen_subcommand_from roles report"
set -l in_doctor "__fish_seen_subcommand_from doctor"
set -l in_explain "__fish_seen_subcommand_from explain"
set -l in_verify "__fish_seen_subcommand_from verify"
set -l writing "$in_git; and __fish_seen_subcommand_from configure unconfigure"
set -l checking "$in_git; and __fish_seen_subcommand_from check"

function __mi_token_identities
	printf '%s\n' system default client-id: object-id: resource-id:
	mi-token config 2>/dev/null | string replace -rf '^identities\.([A-Za-z][A-Za-z0-9_-]*).*' '$1'
end

complete -c mi-token -f
complete -c mi-token -n $first -a get -d 'print an access token'
complete -c mi-token -n $first -a whoami -d 'tell which identity this machine acts as'
complete -c mi-token -n $first -a decode -d 'show the claims of a token from stdin'
complete -c mi-token -n $first -a sources -d 'tell where tokens could come from'
complete -c mi-token -n $first -a config -d 'print the configuration in effect'
complete -c mi-token -n $first -a cache -d 'list or remove the tokens that are kept'
complete -c mi-token -n $first -a az -d 'what the Azure CLI does with a managed identity'
complete -c mi-token -n '__fish_seen_subcommand_from az' -a 'account acr cloud config keyvault login logout rest version'
complete -c mi-token -n $first -a git -d 'set up git for Azure Repos, and check it'
complete -c mi-token -n $first -a curl -d 'run curl with a token'
complete -c mi-token -n $first -a query -d 'search JSON on stdin with JMESPath'
complete -c mi-token -n $first -a doctor -d 'find what is in the way of a token'
complete -c mi-token -n $in_doctor -l json -d 'an object'
complete -c mi-token -n $in_doctor -l markdown -d 'a table for a ticket or a wiki'
complete -c mi-token -n $in_doctor -s i -l identity -x -a '(__mi_token_identities)' -d 'which identity'
complete -c mi-token -n $in_doctor -s S -l source -x -a 'workload service-fabric app-service app-service-2017 azure-ml cloud-shell arc imds' -d 'ask this source only'
complete -c mi-token -n $in_doctor -s r -l resource -x -d 'token for this resource'
complete -c mi-token -n $in_doctor -s t -l timeout -x -d 'bound on the whole call'
complete -c mi-token -n $first -a explain -d 'tell what a pasted failure means'
complete -c mi-token -n $in_explain -l json -d 'an array of objects'
complete -c mi-token -n $in_explain -F
complete -c mi-token -n $first -a roles -d 'show the role assignments, and what is wrong with them'
complete -c mi-token -n $first -a report -d 'write a page for the runbook'
complete -c mi-token -n $in_roles -s a -l all -d 'every assignment that may be read'
complete -c mi-token -n $in_roles -s s -l scope -x -d 'those that count at this scope'
complete -c mi-token -n $in_roles -s p -l principal -x -d 'those of this object id'
complete -c mi-token -n $in_roles -s o -l output -x -a 'table tsv csv json markdown' -d 'format of the result'
complete -c mi-token -n $in_review -s u -l subscription -x -d 'in this subscription alone'
complete -c mi-token -n $in_review -s i -l identity -x -a '(__mi_token_identities)' -d 'which identity'
complete -c mi-token -n $in_review -s S -l source -x -a 'workload service-fabric app-service app-service-2017 azure-ml cloud-shell arc imds' -d 'ask this source only'
complete -c mi-token -n $in_review -s t -l timeout -x -d 'of each request'
complete -c mi-token -n $first -a verify -d 'tell whether an access token is good'
complete -c mi-token -n $in_verify -s a -l audience -x -d 'who we are'
complete -c mi-token -n $in_verify -s t -l tenant -x -d 'whose tokens are good'
complete -c mi-token -n $in_verify -l issuer -x -d 'the same as it stands in the token'
complete -c mi-token -n $in_verify -l allow-appid -x -d 'let in this application'
complete -c mi-token -n $in_verify -l allow-oid -x -d 'let in this identity'
complete -c mi-token -n $in_verify -l require-role -x -d 'the token has this app role'
complete -c mi-token -n $in_verify -l app-only -d 'no token that acts for a user'
complete -c mi-token -n $in_verify -l skew -x -d 'how far clocks may differ'
complete -c mi-token -n $in_verify -l jwks -r -F -d 'keys from a file'
complete -c mi-token -n $in_verify -l cache -x -a '(__fish_complete_directories)' -d 'keep fetched keys there'
complete -c mi-token -n $in_verify -l cloud -x -a 'public usgov china' -d 'which cloud'
complete -c mi-token -n $in_verify -s o -l output -x -a 'json text' -d 'format of the claims'
complete -c mi-token -n $in_verify -l serve -d 'answer a reverse proxy'
complete -c mi-token -n $in_verify -l listen -x -a 'unix: 127.0.0.1:' -d 'where to serve'
complete -c mi-token -n $in_verify -s v -l verbose -d 'tell who is refused, and why'
complete -c mi-token -n $in_verify -F
complete -c mi-token -n $first -a exec -d 'run a command with this identity'
complete -c mi-token -n $first -a serve -d 'serve tokens to programs that ask an endpoint'
complete -c mi-token -n $first -a keep-fresh -d 'keep a token in a file'
complete -c mi-token -n $first -a keyref -d 'stand for a key that is in a vault'
complete -c mi-token -n $first -a keycert -d 'write a certificate that is in a vault'
complete -c mi-token -n $first -a keycheck -d 'tell whether a key in a vault works'
complete -c mi-token -n $first -a openssl-conf -d 'have OpenSSL know keys in vaults'
complete -c mi-token -n $first -a wait -d 'wait until the identity has a token'
complete -c mi-token -n $first -a help -d 'tell what a command does'
complete -c mi-token -n $asking -a 'arm graph storage vault hsm sql oss-rdbms cosmos redis kusto datalake servicebus eventhubs eventgrid appconfig signalr webpubsub acr aks devops databricks synapse batch monitor metrics loganalytics appinsights cognitive openai search ml maps iothub iotcentral digitaltwins attest purview powerbi fabric avd vm-login token-exchange' -d 'service'
complete -c mi-token -n '__fish_seen_subcommand_from cache' -a 'list clear'
complete -c mi-token -n '__fish_seen_subcommand_from help' -a "$commands"
complete -c mi-token -n "$in_git; and not __fish_seen_subcommand_from $git" -a configure -d 'have git ask mi-token'
complete -c mi-token -n "$in_git; and not __fish_seen_subcommand_from $git" -a unconfigure -d 'take that back'
complete -c mi-token -n "$in_git; and not __fish_seen_subcommand_from $git" -a check -d 'tell what is in the way'
complete -c mi-token -n $writing -l global -d 'the configuration of the user'
complete -c mi-token -n $writing -l system -d 'the configuration of the machine'
complete -c mi-token -n "$in_git; and __fish_seen_subcommand_from configure check" -s i -l identity -x -a '(__mi_token_identities)' -d 'which identity'
complete -c mi-token -n $checking -l probe -d 'ask the repository'
complete -c mi-token -n $checking -l json -d 'the report as an object'

set -l in_exec '__fish_seen_subcommand_from exec'
set -l in_serve '__fish_seen_subcommand_from serve'
set -l in_fresh '__fish_seen_subcommand_from keep-fresh'
complete -c mi-token -n $in_exec -a '(__fish_complete_command)'
complete -c mi-token -n "$in_exec; or $in_serve; or $in_fresh" -s i -l identity -x -a '(__mi_token_identities)' -d 'this identity and no other'
complete -c mi-token -n "$in_exec; or $in_serve" -s a -l allow -x -d 'only this resource or alias'
complete -c mi-token -n "$in_exec; or $in_fresh" -s r -l resource -x -d 'what the token in the file is for'
complete -c mi-token -n $in_exec -s u -l via -r -F -d 'unix socket of a server outside'
complete -c mi-token -n $in_exec -s k -l keep-fresh -r -F -d 'keep a token in this file'
complete -c mi-token -n $in_exec -l no-shims -d 'leave PATH as it is'
complete -c mi-token -n $in_serve -s p -l port -x -d 'listen on this port'
complete -c mi-token -n $in_serve -s u -l unix -r -F -d 'listen on a unix socket'
complete -c mi-token -n $in_serve -l user -x -a '(__fish_complete_users)' -d 'serve this user as well'
complete -c mi-token -n $in_serve -l imds -d 'serve the dialects without a secret, too'
complete -c mi-token -n "$in_serve; or $in_fresh" -l lifeline -x -d 'end with this descriptor'
complete -c mi-token -n $in_fresh -l once -d 'write it once'
complete -c mi-token -n $in_fresh -F

set -l in_keys '__fish_seen_subcommand_from keyref keycert keycheck'
set -l in_conf '__fish_seen_subcommand_from openssl-conf'
complete -c mi-token -n $in_keys -s i -l identity -x -a '(__mi_token_identities)' -d 'which identity'
complete -c mi-token -n '__fish_seen_subcommand_from keyref keycert' -s o -l output -r -F -d 'write there'
complete -c mi-token -n '__fish_seen_subcommand_from keycheck' -l json -d 'the report as an object'
complete -c mi-token -n '__fish_seen_subcommand_from keycheck' -F
complete -c mi-token -n $in_conf -l show -d 'print what install adds'
complete -c mi-token -n $in_conf -l install -d 'add the provider'
complete -c mi-token -n $in_conf -l remove -d 'take it out again'
complete -c mi-token -n $in_conf -l file -r -F -d 'this configuration'

set -l in_wait '__fish_seen_subcommand_from wait'
complete -c mi-token -n $in_wait -l for -x -a 'token role' -d 'what to wait for'
complete -c mi-token -n $in_wait -s t -l timeout -x -d 'how long at most'
complete -c mi-token -n $in_wait -s r -l resource -x -d 'a token for this resource'
complete -c mi-token -n $in_wait -s i -l identity -x -a '(__mi_token_identities)' -d 'which identity'
complete -c mi-token -n $in_wait -l source -x -a 'workload service-fabric app-service app-service-2017 azure-ml cloud-shell arc imds' -d 'ask this source only'
complete -c mi-token -n $in_wait -a 'arm graph storage vault hsm devops acr' -d 'service'

complete -c mi-token -n $asking -s r -l resource -x -d 'token for this resource, byte for byte'
complete -c mi-token -n '__fish_seen_subcommand_from curl' -l resource -x -d 'token for this resource'
complete -c mi-token -n '__fish_seen_subcommand_from curl' -l identity -x -a '(__mi_token_identities)' -d 'which identity'
complete -c mi-token -n $asking -s s -l scope -x -d 'token for this scope'
complete -c mi-token -n $asking -s i -l identity -x -a '(__mi_token_identities)' -d 'which identity'
complete -c mi-token -n $asking -l client-id -x -d 'identity by client id'
complete -c mi-token -n $asking -l object-id -x -d 'identity by object id'
complete -c mi-token -n $asking -l resource-id -x -d 'identity by resource id'
complete -c mi-token -n $asking -l federate -x -d 'be this application, which the identity vouches for'
complete -c mi-token -n $asking -l tenant -x -d 'with --federate: the tenant'
complete -c mi-token -n $asking -s m -l min-valid -x -d 'seconds the token must live'
complete -c mi-token -n $asking -s f -l refresh -d 'ask the source even if the cache has one'
complete -c mi-token -n $asking -s t -l timeout -x -d 'bound on the whole call'
complete -c mi-token -n $asking -s S -l source -x -a 'workload service-fabric app-service app-service-2017 azure-ml cloud-shell arc imds environment azure-cli' -d 'ask this source only'
complete -c mi-token -n $printing -s o -l output -x -a 'token json header curl env env-no-export fish az azd kube exp' -d 'format of the result'
complete -c mi-token -n '__fish_seen_subcommand_from config' -l check -d 'only tell whether it is in order'
complete -c mi-token -s E -l error-format -x -a 'text json' -d 'format of errors'
complete -c mi-token -n "__fish_seen_subcommand_from whoami $other; and not $in_git; and not $in_query; and not $in_explain; and not $in_verify; and not $in_doctor; and not $in_review; and not $in_keys; and not $in_conf; and not $in_wait" -s o -l output -x -a 'text json' -d 'format of the result'
complete -c mi-token -n $in_query -s o -l output -x -a 'json jsonc yaml yamlc table tsv none' -d 'format of the result'
complete -c mi-token -n "not $in_query; and not $in_explain; and not $in_verify; and not $in_doctor; and not $in_review; and not $in_keys; and not $in_conf" -s q -l quiet -d 'no warnings'
complete -c mi-token -n "not $in_git; and not $in_query; and not $in_explain; and not $in_verify; and not $in_keys; and not $in_conf" -s v -l verbose -d 'tell what happens'
complete -c mi-token -s h -l help -d 'help'
complete -c mi-token -s V -l version -d 'the version'
