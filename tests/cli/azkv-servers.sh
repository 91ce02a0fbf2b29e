#!/bin/sh
# Servers and clients of Debian, unchanged, with a private key that is in a vault.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/azkv-lib.sh
. "$(dirname "$0")/azkv-lib.sh"

sim_start azkv
vault=https://demo.vault.azure.net
# The first with RSA 2048, the second with P-256.
for name in site site-ec; do
	mi-token keyref $vault/certificates/$name -o "$T/$name.key" || exit 1
	mi-token keycert $vault/certificates/$name -o "$T/$name.crt" || exit 1
	cat "$T/$name.crt" "$T/$name.key" >"$T/$name.both"
done
key=$T/site.key cert=$T/site.crt roots=$SIM_CA
chmod a+rx /run/test

# there COMMAND: is it installed; else the sentence is skipped.
there()
{
	command -v "$1" >"$T/which" && return
	skip "$1 is not installed"
	return 1
}

# one_token_and_connections AT_MOST: since the last sim_reset.
one_token_and_connections()
{
	[ "$(sim_counter imds)" -le 1 ] || bad "identity requests: $(sim_counter imds)"
	[ "$(sim_counter vault-connections)" -le "$1" ] || bad "connections: $(sim_counter vault-connections)"
}

# keys_serve NAME PORT: with each of the two keys the server of config_NAME and command_NAME
# does handshakes in both versions of TLS.
keys_serve()
{
	there "${1%_*}" || return
	for site in site site-ec; do
		sim_reset
		"config_$1" "$T/$site.crt" "$T/$site.key" "$T/$site.both" >"$T/$1.conf"
		start "$2" "command_$1" "$T/$1.conf"
		both_versions "$2"
		one_token_and_connections 3
		stop_all
	done
}

config_nginx() { nginx_conf "$1" "$2"; }
command_nginx() { exec nginx -c "$1"; }

config_haproxy()
{
	cat <<-END
		defaults
			mode http
			timeout client 5s
			timeout connect 5s
			timeout server 5s
		frontend site
			bind 127.0.0.1:8444 ssl crt $3
			http-request return status 200 content-type text/plain string hello
	END
}
command_haproxy() { exec haproxy -db -f "$1"; }

config_stunnel()
{
	cat <<-END
		foreground = yes
		pid =
		[site]
		accept = 127.0.0.1:8445
		exec = /bin/echo
		execArgs = echo hello
		cert = $1
		key = $2
	END
}
command_stunnel() { exec stunnel "$1"; }

config_apache2()
{
	mkdir -p "$T/www"
	cat <<-END
		ServerName site.example
		ServerRoot $T
		PidFile $T/apache.pid
		Listen 127.0.0.1:8446
		LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
		LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
		LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so
		User www-data
		ErrorLog $T/apache.log
		DocumentRoot $T/www
		Mutex posixsem
		SSLEngine on
		SSLCertificateFile $1
		SSLCertificateKeyFile $2
	END
}
command_apache2() { exec apache2 -DFOREGROUND -f "$1"; }

config_python3()
{
	cat <<-END
		import http.server, ssl
		context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
		context.load_cert_chain("$1", "$2")
		server = http.server.HTTPServer(("127.0.0.1", 8447), http.server.SimpleHTTPRequestHandler)
		server.socket = context.wrap_socket(server.socket, server_side=True)
		server.serve_forever()
	END
}
# Its OpenSSL is the system's only where Python is.
command_python3() { exec "$python" "$1"; }
python=python3
[ ! -x /usr/bin/python3 ] || [ -e /run/debian13 ] || python=/usr/bin/python3

port=8443
for name in nginx haproxy stunnel apache2 python3; do
	it "$name serves TLS 1.2 and 1.3 with an RSA and with an EC key"
	keys_serve $name $port
	port=$((port + 1))
done

it 'nginx serves both at once, and its configuration is checked without a request'
if there nginx; then
	sim_reset
	nginx_conf "$cert" "$key" "ssl_certificate $T/site-ec.crt; ssl_certificate_key $T/site-ec.key;" >"$T/nginx.conf"
	nginx -t -c "$T/nginx.conf" 2>"$T/log" || bad "$(cat "$T/log")"
	is 'requests' "$(sim_counter requests)" 0
	start 8443 nginx -c "$T/nginx.conf"
	is 'requests at the start' "$(sim_counter requests)" 0
	handshake 8443 -tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256 || bad "$(tail -n 5 "$T/shake")"
	handshake 8443 -tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256 || bad "$(tail -n 5 "$T/shake")"
	is 'signatures' "$(sim_counter vault-sign)" 2
	is 'page' "$(plainly curl -sS --resolve site.example:8443:127.0.0.1 https://site.example:8443/)" 'hello from the vault'
	stop_all
fi

it 'nginx with 4 workers, 200 handshakes and 3 reloads'
if there nginx; then
	sim_reset
	rm -rf /run/mi-token/u* # the workers' cache
	nginx_conf "$cert" "$key" >"$T/nginx.conf"
	start 8443 nginx -c "$T/nginx.conf"
	failures=0
	for round in 1 2 3 4; do
		for _ in $(seq 50); do
			handshake 8443 -tls1_3 || failures=$((failures + 1))
		done
		[ $round = 4 ] || nginx -s reload -c "$T/nginx.conf" 2>"$T/log" || bad "$(cat "$T/log")"
	done
	is 'failed handshakes' $failures 0
	is 'signatures' "$(sim_counter vault-sign)" 200
	is 'requests to the vault' "$(sim_counter vault)" 200
	is 'identity requests' "$(sim_counter imds)" 1
	# Each reload makes four workers anew.
	[ "$(sim_counter vault-connections)" -le 16 ] || bad "connections: $(sim_counter vault-connections)"
	[ "$(sim_counter vault-peak)" -le 5 ] || bad "at once: $(sim_counter vault-peak)"
	is 'alerts in the log' "$(grep -cE 'alert|SSL_do_handshake|crit' "$T/nginx.log")" 0
	stop_all
fi

# Whom servers become for their work; in a namespace of an ordinary user there is nobody else.
nobody()
{
	setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}

it 'haproxy serves as another user, for whom it allows no thread and no process'
if ! nobody true 2>"$T/log"; then
	skip 'one user only'
elif there haproxy; then
	for site in site site-ec; do
		sim_reset
		{
			printf 'global\n\tuser nobody\n\tgroup nogroup\n'
			config_haproxy '' '' "$T/$site.both"
		} >"$T/haproxy.conf"
		start 8444 command_haproxy "$T/haproxy.conf"
		both_versions 8444
		one_token_and_connections 3
		stop_all
	done
fi

it 'a program that may start no thread signs, and is told the truth when a name is not found'
if [ -e /run/debian13 ]; then
	skip 'root alone enters that folder'
elif ! nobody true 2>"$T/log"; then
	skip 'one user only'
else
	cp "$key" "$azkv_conf" /run/azkv && chmod a+r /run/azkv/*.key /run/azkv/*.cnf
	without_threads()
	{
		OPENSSL_CONF=/run/azkv/azkv.cnf nobody prlimit --nproc=0:0 -- openssl dgst -sha256 -sign "$1" -out /dev/null /etc/passwd
	}
	sim_reset
	expect 0 '' '' -- without_threads /run/azkv/site.key
	is 'signatures' "$(sim_counter vault-sign)" 1
	expect 1 '' '~*its name cannot be resolved*' -- without_threads azkv://nowhere.vault.azure.net/keys/a
fi

it 'resumed sessions ask nobody'
start 8443 openssl s_server -accept 127.0.0.1:8443 -cert "$cert" -cert_chain "$cert" -key "$key" -www
handshake 8443 -tls1_2 -sess_out "$T/session" || bad "$(tail -n 5 "$T/shake")"
sim_reset
handshake 8443 -tls1_2 -sess_in "$T/session" || bad "$(tail -n 5 "$T/shake")"
grep -q '^Reused' "$T/shake" || bad 'it is not resumed'
is 'requests' "$(sim_counter requests)" 0
stop_all

it 'curl shows it as a client certificate, from a file and from two'
plainly openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/own.key" -out "$T/own.crt" -days 2 \
	-subj /CN=own.example -addext subjectAltName=DNS:own.example 2>"$T/log"
start 8448 env OPENSSL_CONF="$plain_conf" openssl s_server -accept 127.0.0.1:8448 -cert "$T/own.crt" -key "$T/own.key" \
	-Verify 3 -verify_return_error -CAfile "$roots" -www
for site in site site-ec; do
	for how in "--cert $T/$site.crt --key $T/$site.key" "--cert $T/$site.both"; do
		# shellcheck disable=SC2086 # words
		expect 0 '' '' -- curl -sS -o "$T/page" --cacert "$T/own.crt" \
			--resolve own.example:8448:127.0.0.1 $how https://own.example:8448/
		grep -q 'Subject:.*site\.example' "$T/page" || bad "$how: the server has seen no certificate"
	done
done
stop_all
