# shellcheck shell=sh
# Helpers for the tests of mi-token serve and exec.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# shellcheck disable=SC2034 # the tests use them
vault=https://vault.azure.net
# shellcheck disable=SC2034
vault_encoded=https%3A%2F%2Fvault.azure.net
serve_path=/run/serve.sock # where a unix socket is

# serve OPTION...: a server, with its variables set, and $origin and $port; ended by serve_end.
serve()
{
	rm -f "$T/env"
	mi-token serve "$@" >"$T/env" 2>"$T/serve.err" &
	serve_pid=$!
	for _ in $(seq 250); do
		grep -q ^MSI_SECRET "$T/env" && break
		case " $* " in *' --unix '*)
			# The file may be that of a server that was killed.
			curl -s -o "$T/none" --max-time 2 --unix-socket "$serve_path" http://localhost/ && return
			;;
		esac
		sleep 0.02
	done
	# shellcheck disable=SC1091 # written by the server
	. "$T/env"
	origin=${IDENTITY_ENDPOINT%/msi/token}
	port=${origin##*:}
}

serve_end()
{
	kill "$serve_pid" || return
	for _ in $(seq 250); do
		kill -0 "$serve_pid" 2>/dev/null || break
		sleep 0.04
	done
	kill -9 "$serve_pid" 2>/dev/null && bad 'the server did not end'
	wait "$serve_pid"
}

# left: our processes that stay behind; what has just been told to end gets two seconds.
left()
{
	for _ in $(seq 100); do
		left=''
		for dir in /proc/[0-9]*; do
			# What has ended meanwhile has no file.
			name=$(cat "$dir/comm" 2>/dev/null)
			state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "$dir/status" 2>/dev/null)
			case $name in mi-token*) [ "$state" = Z ] || left="$left${dir#/proc/} $name " ;; esac
		done
		[ -n "$left" ] || return 0
		sleep 0.02
	done
	echo "$left"
}

# listening: the ports of 127.0.0.1 that somebody listens on, in hexadecimal.
listening()
{
	awk '$4 == "0A" { print $2 }' /proc/net/tcp | sort | tr '\n' ' '
}

# raw TEXT: the status line that these bytes get; backslashes as for printf.
raw()
{
	# shellcheck disable=SC2059 # it is a format on purpose
	printf "$1" | timeout 10 curl -sS --max-time 8 "telnet://127.0.0.1:$port" 2>/dev/null | tr -d '\r' | sed -n 1p
}
