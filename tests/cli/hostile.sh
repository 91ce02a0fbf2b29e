#!/bin/sh
# A hostile environment: nothing it names gets a connection, a secret or a say.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

sim_start vm-system

# The evil one is a simulator of its own on an address that is not this machine's loopback:
# it would answer with tokens, and it counts connections.
ip address add 10.9.9.9/32 dev lo || exit 77
mkdir "$T/evil"
evil_pid=$(azure-sim --background --state "$T/evil" --scenario "$scenarios/vm-system.json" \
	--listen control=127.0.0.1:8098 --listen imds=10.9.9.9:80 --listen app-service=10.9.9.9:41013 \
	--listen ml=10.9.9.9:46808 --listen cloud-shell=10.9.9.9:3128 --listen arc=10.9.9.9:40342 \
	--listen fabric=10.9.9.9:2377 --listen azure=10.9.9.9:443 --listen aks-proxy=10.9.9.9:6443) || exit 1
evil=http://127.0.0.1:8098/counters

connections()
{
	curl -sS --noproxy '*' "$evil" | json | awk -F= '/-connections/ { n += $2 } END { print n + 0 }'
}

# untouched WHAT
untouched()
{
	is "connections to the evil listener after $1" "$(connections)" 0
}

# still_works COMMAND...: the token is the real machine's.
still_works()
{
	mi-token cache clear >"$T/cleared"
	expect 0 '~ey*' '' -- "$@" mi-token --resource https://vault.azure.net
	untouched "$*"
}

it 'the evil listener does count'
curl -sS --noproxy '*' -o "$T/body" http://10.9.9.9/
is 'connections' "$(connections)" 1
curl -sS --noproxy '*' -X POST http://127.0.0.1:8098/reset
untouched 'reset'

it 'proxies of the environment get no request for the metadata service'
for name in http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
	for proxy in http://10.9.9.9:3128 https://10.9.9.9:443 socks5h://10.9.9.9:3128 10.9.9.9; do
		still_works env "$name=$proxy"
	done
done
still_works env http_proxy=http://10.9.9.9 no_proxy=example.com NO_PROXY=

it 'nor for the agents on loopback'
for source in app-service azure-ml cloud-shell service-fabric; do
	sim_scenario app-service
	still_works as "$source" http_proxy=http://10.9.9.9:3128 all_proxy=http://10.9.9.9:3128 \
		https_proxy=http://10.9.9.9:3128
done
sim_scenario arc
still_works as arc http_proxy=http://10.9.9.9:3128 all_proxy=http://10.9.9.9:3128
sim_scenario vm-system

it 'files of curl and of the user'\''s other programs have no effect'
mkdir -p "$T/home/.config"
printf 'machine 169.254.169.254 login evil password evil\ndefault login evil password evil\n' >"$T/home/.netrc"
printf 'proxy = "http://10.9.9.9:3128"\nlocation\nnetrc\nconnect-to = "::10.9.9.9:80"\n' >"$T/home/.curlrc"
cp "$T/home/.curlrc" "$T/home/.config/curlrc"
sim_reset
still_works env HOME="$T/home" CURL_HOME="$T/home" NETRC="$T/home/.netrc" SSLKEYLOGFILE="$T/keys"
is 'Authorization' "$(sim_request imds | grep -ic '^authorization')" 0

# Rows of URLs that lead, or could lead, to the evil one.
urls()
{
	cat <<-'END'
		http://10.9.9.9/
		http://10.9.9.9:41013/msi/token
		https://10.9.9.9/msi/token
		http://168364297/
		http://0x0a090909/
		http://0x0a.0x09.0x09.0x09/
		http://012.011.011.011/
		http://10.9.2313/
		http://127.0.0.1@10.9.9.9/
		http://127.0.0.1:80@10.9.9.9/
		http://user:word@127.0.0.1@10.9.9.9/
		http://10.9.9.9\@127.0.0.1/
		http://127.0.0.1\@10.9.9.9/
		http://10.9.9.9#@127.0.0.1/
		http://127.0.0.1#@10.9.9.9/
		http://127.0.0.1 @10.9.9.9/
		http://evil.test/
		http://127.0.0.1.evil.test/
		http://localhost.evil.test/
		http://169.254.169.254.evil.test/
		http://[::ffff:10.9.9.9]/
		http://[::ffff:a09:909]/
		http:10.9.9.9/
		//10.9.9.9/
		10.9.9.9
		file:///etc/passwd
		gopher://10.9.9.9/
		ftp://10.9.9.9/
		unix:///run/evil
	END
}
printf '10.9.9.9 %s\n' evil.test 127.0.0.1.evil.test localhost.evil.test 169.254.169.254.evil.test >>/etc/hosts

# refused_url COMMAND...: for each URL in $url, status 3 and not a word sent.
refused_url()
{
	expect 3 '' '~mi-token: *' -- "$@" mi-token --refresh --resource https://vault.azure.net
	is 'lines' "$(wc -l <"$T/err")" 1
	case $(cat "$T/err") in *word*) bad 'the URL'\''s password is on stderr' ;; esac
	untouched "$url"
}

it 'endpoints of the environment that are not this machine are refused, however written'
urls >"$T/urls"
while read -r url; do
	refused_url env "AZURE_POD_IDENTITY_AUTHORITY_HOST=$url"
	refused_url env "IDENTITY_ENDPOINT=$url" IDENTITY_HEADER=secret-of-the-app
	refused_url env "IDENTITY_ENDPOINT=$url" IDENTITY_HEADER=secret-of-the-app IDENTITY_SERVER_THUMBPRINT=00
	refused_url env "IDENTITY_ENDPOINT=$url" "IMDS_ENDPOINT=$url"
	refused_url env "MSI_ENDPOINT=$url" MSI_SECRET=secret-of-the-app
	refused_url env "MSI_ENDPOINT=$url"
	refused_url as workload "AZURE_AUTHORITY_HOST=$url"
done <"$T/urls"

it 'a name that resolves to this machine is no way around'
echo '127.0.0.1 rebound.test' >>/etc/hosts
url=http://rebound.test:41013/msi/token
refused_url env "IDENTITY_ENDPOINT=$url" IDENTITY_HEADER=secret

it 'localhost is this machine, whatever /etc/hosts says'
sed 's/^127.0.0.1 localhost$/10.9.9.9 localhost/' /etc/hosts >"$T/hosts"
cat "$T/hosts" >/etc/hosts
sim_scenario app-service
still_works env IDENTITY_ENDPOINT=http://localhost:41013/msi/token IDENTITY_HEADER="$SIM_SECRET"
sim_scenario vm-system

it 'redirects are not followed, neither to another host nor to the same'
for place in http://10.9.9.9/ http://10.9.9.9/metadata/identity/oauth2/token //10.9.9.9/ file:///etc/passwd /metadata/versions; do
	for status in 301 302 303 307 308; do
		sim_faults "[{\"service\":\"imds\",\"status\":$status,\"headers\":{\"Location\":\"$place\"}}]"
		sim_reset
		expect 7 '' '~mi-token: *redirect*' -- mi-token --refresh --resource https://vault.azure.net
		is 'requests' "$(sim_counter imds)" 1
		untouched "$status to $place"
	done
done
sim_faults '[]'

it 'no configuration comes from the working directory or a relative path'
mkdir -p "$T/clone/mi-token" "$T/clone/.config/mi-token" "$T/clone/conf.d"
printf 'identity = "client-id:6f0c0000-0000-4000-8000-0000000000ff";\n' >"$T/clone/mi-token.conf"
for file in mi-token/mi-token.conf .config/mi-token/mi-token.conf conf.d/x.conf .mi-token.conf; do
	cp "$T/clone/mi-token.conf" "$T/clone/$file"
done
cd "$T/clone" || exit 1
still_works env XDG_CONFIG_HOME=.
still_works env HOME=.
still_works env HOME='' XDG_CONFIG_HOME=''
expect 3 '' '~mi-token: *absolute*' -- env MI_TOKEN_CONFIG=mi-token.conf mi-token --resource https://vault.azure.net

it 'nor programs, libraries and modules'
for name in curl az git sh openssl.cnf libcurl.so.4 transport.so json.so; do
	printf '#!/bin/sh\necho evil >%s/was-here\n' "$T" >"$name"
	chmod +x "$name"
done
mkdir mi-token/mi-token
cp transport.so json.so mi-token
still_works env "PATH=.:$PATH" MI_TOKEN_LIBDIR=. OPENSSL_CONF=openssl.cnf
[ ! -e "$T/was-here" ] || bad 'a program of the working directory ran'
cd / || exit 1

it 'what looks like shell, options or parameters stays data'
while IFS='|' read -r resource coded; do
	sim_reset
	expect 5 '' '~*AADSTS500011*' -- mi-token "--resource=$resource"
	is 'request' "$(sim_request imds | head -n 1)" \
		"~GET /metadata/identity/oauth2/token?api-version=2018-02-01&resource=$coded HTTP/1.1?"
done <<'END'
api://a&client_id=b&resource=c|api%3A%2F%2Fa%26client_id%3Db%26resource%3Dc
api://$(touch>/run/test/was-here)|api%3A%2F%2F%24%28touch%3E%2Frun%2Ftest%2Fwas-here%29
api://;id>/run/test/was-here|api%3A%2F%2F%3Bid%3E%2Frun%2Ftest%2Fwas-here
api://`id`#x|api%3A%2F%2F%60id%60%23x
--source=x|--source%3Dx
END
[ ! -e "$T/was-here" ] || bad 'a shell ran'

it 'with all of it at once the evil listener has seen nothing'
still_works env http_proxy=http://10.9.9.9 ALL_PROXY=http://10.9.9.9 HTTPS_PROXY=http://10.9.9.9
is 'connections' "$(connections)" 0
kill "$evil_pid"
