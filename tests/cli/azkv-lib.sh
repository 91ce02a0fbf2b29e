# shellcheck shell=sh
# Helpers for the tests of azkv: OpenSSL's configuration, servers, handshakes.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# Our own programs are built with the sanitizer as azkv.so is.
case $B:$0 in
*san-*azkv-tools.sh) ;;
*san-*:*)
	it 'azkv in programs of others'
	skip 'a sanitizer has to be in the program'
	exit 0
	;;
esac

PATH=$PATH:/usr/sbin:/sbin
# Where servers that have given up root can read them, and a chroot has them too.
mkdir -p /run/azkv && {
	[ -d /run/mi-token ] || mkdir -m 1733 /run/mi-token # as conf/tmpfiles.d has it
} && cp -R "$B/lib" /run/azkv/ && chmod -R a+rX /run/azkv
plain_conf=$T/plain.cnf
azkv_conf=$T/azkv.cnf
: >"$plain_conf"
# default is first, as `mi-token openssl-conf` writes it.
cat >"$azkv_conf" <<-END
	openssl_conf = init
	[init]
	providers = providers
	[providers]
	default = default_section
	azkv = azkv_section
	[default_section]
	activate = 1
	[azkv_section]
	module = /run/azkv/lib/ossl-modules/azkv.so
	activate = 1
END
# And the other way round.
first_conf=$T/azkv-first.cnf
sed '/^default = /d; s/^azkv = .*/&\ndefault = default_section/' "$azkv_conf" >"$first_conf"
export OPENSSL_CONF="$azkv_conf"

# plainly COMMAND...: with an OpenSSL that knows nothing of us.
plainly()
{
	OPENSSL_CONF=$plain_conf "$@"
}

roots=''

# Everything that was started by start, ended in turn at the end.
started=''

# start PORT COMMAND...: a server, until it listens there.
start()
{
	port=$1
	shift
	"$@" >"$T/server.log" 2>&1 &
	started="$started $!"
	wait_for_port "$port" || bad "no server on port $port:" "$(tail -n 5 "$T/server.log")"
}

wait_for_port()
{
	for _ in $(seq 250); do
		ss -Hltn "sport = :$1" | grep -q . && return
		sleep 0.02
	done
	return 1
}

# Ends what runs, and waits until it has.
stop_all()
{
	for pid in $started; do
		kill "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
	done
	started=''
}

# handshake PORT OPTION...: one whole handshake with the server there, by a plain OpenSSL that
# trusts $roots (set it before); what it says stays in $T/shake.
handshake()
{
	lib_port=$1
	shift
	plainly timeout 20 openssl s_client -connect "127.0.0.1:$lib_port" -servername site.example \
		-verify_hostname site.example -verify_return_error -CAfile "$roots" "$@" \
		</dev/null >"$T/shake" 2>&1
}

# nginx_conf CERTIFICATE KEY [LINES]: four workers on port 8443.
nginx_conf()
{
	cat <<-END
		daemon off;
		user www-data;
		worker_processes 4;
		pid $T/nginx.pid;
		error_log $T/nginx.log info;
		events { worker_connections 64; }
		http {
			access_log off;
			client_body_temp_path $T/body; proxy_temp_path $T/proxy; fastcgi_temp_path $T/fcgi;
			uwsgi_temp_path $T/uwsgi; scgi_temp_path $T/scgi;
			server {
				listen 127.0.0.1:8443 ssl;
				ssl_certificate $1;
				ssl_certificate_key $2;
				ssl_protocols TLSv1.2 TLSv1.3;
				ssl_session_tickets off;
				${3-}
				location / { return 200 "hello from the vault\n"; }
			}
		}
	END
}

# both_versions PORT: handshakes in TLS 1.2 and 1.3.
both_versions()
{
	for version in tls1_2 tls1_3; do
		handshake "$1" -$version || bad "$version" "$(tail -n 8 "$T/shake")"
	done
}
