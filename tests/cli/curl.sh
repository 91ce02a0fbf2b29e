#!/bin/sh
# mi-token curl and the shim: where the token goes, and where it does not.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

shims=$B/libexec/mi-token/shims
blob=https://mystorage.blob.core.windows.net/docs/hello.txt
other=https://other.blob.core.windows.net/docs/hello.txt
version='x-ms-version: 2021-08-06'
storage=https://storage.azure.com/
vault=https://vault.azure.net

sim_start vm-system

# Instead of curl: prints its arguments, and for a configuration of ours what the token in it
# is for.
mkdir "$T/fake"
cat >"$T/fake/curl" <<'END'
#!/bin/sh
line=''
for word; do
	case $word in
	/dev/fd/*)
		text=$(cat "$word")
		case $text in 'proto-redir = "=https"'*) ;; *) echo "odd: $text" ;; esac
		word=$(echo "$text" | sed -n 's/^oauth2-bearer = "[^.]*\.\([^.]*\)\..*/\1/p' | tr '_-' '/+' |
			base64 -d 2>/dev/null | sed 's/.*"aud":"\([^"]*\)".*/<\1>/')
		;;
	esac
	line="$line${line:+ }$word"
done
echo "$line"
exit "${FAKE_STATUS-0}"
END
chmod +x "$T/fake/curl"

# fake COMMAND...: with that in place of curl.
fake()
{
	env PATH="$T/fake:$B/bin:$PATH" "$@"
}

# shim ARGUMENT...: by the name of curl.
shim()
{
	PATH="$shims:$PATH" command curl "$@"
}

fake_shim()
{
	PATH="$shims:$T/fake:$PATH" command curl "$@"
}

it 'the token reaches the host it is for, and curl does the rest'
expect 0 'hello from mystorage.blob.core.windows.net/docs/hello.txt' '' -- mi-token curl -sS -H "$version" $blob
expect 0 'hello from mystorage.blob.core.windows.net/docs/hello.txt' '' -- shim -sS -H "$version" $blob
expect 0 'hello from mystorage.blob.core.windows.net/docs/hello.txt' '' -- \
	mi-token curl -- -sSH "$version" --url $blob
is 'requests for a token' "$(sim_counter imds)" 1

it 'each section gets its own token, at its start'
a=https://a.vault.azure.net/x b=https://mystorage.blob.core.windows.net/y
while IFS='|' read -r given want; do
	# shellcheck disable=SC2086 # several arguments
	expect 0 "$want" '' -- fake mi-token curl $given
	# shellcheck disable=SC2086
	expect 0 "$want" '' -- fake_shim $given
done <<END
$a|-K <$vault> $a
-s $a -o x|-K <$vault> -s $a -o x
-q -s $a|-q -K <$vault> -s $a
-qo x $a|-qo x -K <$vault> $a
-s -- $a|-K <$vault> -s -- $a
$a --next $b|-K <$vault> $a --next -K <$storage> $b
$a -s: $b|-K <$vault> $a -s: -K <$storage> $b
$b $other|-K <$storage> $b $other
-d @- --json {} -G $a|-K <$vault> -d @- --json {} -G $a
-T - $b|-K <$storage> -T - $b
-L --proto =https --proto-redir =https $a|-K <$vault> -L --proto =https --proto-redir =https $a
$a/{x,y}/[1-3]|-K <$vault> $a/{x,y}/[1-3]
-x http://proxy:3128 --resolve a:1:b --connect-to a:1:b:2 $a|-K <$vault> -x http://proxy:3128 --resolve a:1:b --connect-to a:1:b:2 $a
--cacert x --proxy-header Authorization:x $a|-K <$vault> --cacert x --proxy-header Authorization:x $a
-H @headers $a|-K <$vault> -H @headers $a
HTTPS://A.VAULT.AZURE.NET:443/|-K <$vault> HTTPS://A.VAULT.AZURE.NET:443/
END

it 'what would lead a token astray is refused; the shim goes without one and says so'
while IFS='|' read -r why given; do
	# shellcheck disable=SC2086 # several arguments
	expect 2 '' "~mi-token: *$why*" -- fake mi-token curl $given
	is "lines about $given" "$(wc -l <"$T/err")" 1
	# shellcheck disable=SC2086
	expect 0 "$given" "~mi-token: curl runs without a token: *$why*" -- fake_shim $given
done <<END
--location-trusted|--location-trusted $a
--location-trusted|-s --Location-Trusted $a
--insecure|-k $a
--insecure|-sSkL $a
--insecure|-k --next $a
configuration file|-K x $a
configuration file|-sK- $a
over https alone|http://a.vault.azure.net/
over https alone|a.vault.azure.net/
URLs of other hosts|$a https://evil.example/
URLs of other hosts|https://evil.example/ $a
URLs of other hosts|$a http://evil.example/
URLs of other hosts|$a https://{a,evil.example/}.vault.azure.net/
URLs of other hosts|$a https://a.vault.azure.net:8443/
URLs of other hosts|--url $a --url ftp://a/
different tokens|$a $b
elsewhere|--url @list $a
elsewhere|--expand-url {{x}} $a
proto-redir|--proto-redir https $a
proto-redir|--proto-redir=+http $a
into a file|--trace x $a
into a file|--libcurl x $a
not known|--frobnicate x $a
not known|--locat $a
not known|-s@ $a
END

it 'a section that is refused takes the token from no other one, with the shim'
expect 0 "-k $a --next -K <$storage> $b" "~*--insecure*" -- fake_shim -k $a --next $b
expect 2 '' "~*--insecure*" -- fake mi-token curl -k $a --next $b
expect 0 "$b -K <$vault>" - -- fake_shim $b -K "<$vault>"

it 'who brings credentials uses those'
while read -r given; do
	# shellcheck disable=SC2086 # several arguments
	expect 0 "$given" '~*credentials of its own*' -- fake mi-token curl $given
	# shellcheck disable=SC2086
	expect 0 "$given" '' -- fake_shim $given
done <<END
-u a:b $a
-sHauthorization:x $a
-H api-key:x $a
--oauth2-bearer x $a
-n $a
$b?sv=2021&sig=abc
https://u:p@a.vault.azure.net/
END

it 'other hosts get nothing: mi-token curl says it once, the shim is silent'
while read -r given; do
	# shellcheck disable=SC2086 # several arguments
	expect 0 "$given" '~mi-token: curl runs without a token: *' -- fake mi-token curl $given
	is "lines about $given" "$(wc -l <"$T/err")" 1
	# shellcheck disable=SC2086
	expect 0 "$given" '' -- fake mi-token curl --quiet $given
	# shellcheck disable=SC2086
	expect 0 "$given" '' -- fake_shim $given
done <<'END'
https://example.com/
https://example.com/ --next https://example.org/
https://vault.azure.net.evil.example/
https://a.vault.azure.net.
https://a_b.vault.azure.net/
https://a.vault.azure.net?@evil.example/
https://evilvault.azure.net/
https://a.vault.azure.net@evil.example/
https://a.vault.azure.net\.evil.example/
https://a.vault.azure.net%2eevil.example/
https://{a,b}.vault.azure.net/
https://a.vault.azure.net{.evil.example,}/
https://a.vault.azure.net:8443/
http://example.com/
file:///etc/passwd
ftp://a.vault.azure.net/
END
expect 0 '--version' '' -- fake_shim --version
expect 0 '' '' -- fake_shim
expect 0 "--help $a" '' -- fake_shim --help $a
expect 0 "$a -o" '' -- fake_shim $a -o

it '--resource gives a token to one host that is not known, and to no two'
expect 0 "-K <$vault> https://vault.corp.example:8443/x" '' -- fake mi-token curl --resource $vault https://vault.corp.example:8443/x
expect 0 "-K <$vault> $b --next -K <$vault> $b" '' -- fake mi-token curl --resource=$vault $b --next $b
expect 2 '' '~*of one host*' -- fake mi-token curl --resource $vault https://one.example/ https://two.example/
expect 2 '' '~*of one host*' -- fake mi-token curl --resource $vault https://one.example/ --next https://two.example/
expect 2 '' '~*https alone*' -- fake mi-token curl --resource $vault http://one.example/
expect 2 '' '~*--insecure*' -- fake mi-token curl --resource $vault -k https://one.example/
expect 0 "--resource $vault https://one.example/" '~*not known*' -- fake_shim --resource $vault https://one.example/

it 'the default configuration counts as well, wherever curl may find it'
mkdir -p "$T/curl-home" "$HOME/.config"
while IFS='|' read -r file text want; do
	printf '%b' "$text" >"$file"
	expect 0 - - -- env CURL_HOME="$T/curl-home" PATH="$shims:$T/fake:$PATH" curl -s $a
	is "with $text" "$(cat "$T/out"):$(sed 's/.*without a token: *//; s/;.*//' "$T/err")" "$want"
	expect 0 "-q -K <$vault> $a" '' -- env CURL_HOME="$T/curl-home" PATH="$shims:$T/fake:$PATH" curl -q $a
	rm "$file"
done <<END
$HOME/.curlrc|silent\nproxy = "http://p:3128"\n|-K <$vault> -s $a:
$HOME/.curlrc|location-trusted\n|~-s $a:*--location-trusted*
$HOME/.curlrc|-k|~-s $a:*--insecure*
$HOME/.config/curlrc|url = https://evil.example/\n|~-s $a:*configuration file*
$T/curl-home/.curlrc|next\n|~-s $a:*configuration file*
$T/curl-home/.curlrc|user = a:b|-s $a:
$HOME/.curlrc|what-is-this|~-s $a:*not known*
END
mkfifo "$HOME/.curlrc"
expect 0 "-s $a" '~*configuration file*' -- fake_shim -s $a
rm "$HOME/.curlrc"

it 'exit status, stdin and signals are curl'\''s'
expect 22 '' - -- mi-token curl -fsS $blob # no version: the service refuses
expect 7 '' - -- mi-token curl -sS --connect-to ::127.0.0.1:1 $blob
expect 6 '' - -- mi-token curl --quiet -sS https://does.not.exist.example/
expect 2 - - -- shim --frobnicate
echo 'from stdin' >"$T/in"
mi-token curl -s -d @- -o /dev/null -w '%{size_upload}' $blob <"$T/in" >"$T/out"
is 'bytes' "$(cat "$T/out")" 10
FAKE_STATUS=99 fake mi-token curl $a >"$T/out"
is 'status' "$?" 99
cat >"$T/fake/show" <<'END'
#!/bin/sh
umask
grep SigIgn /proc/self/status
ls /proc/self/fd | tr '\n' ' '
tr '\0' '\n' </proc/self/environ | grep -v -e ^PATH= -e ^MI_TOKEN_CURL= -e ^_= | sort
END
chmod +x "$T/fake/show"
mv "$T/fake/curl" "$T/fake/curl.real"
mv "$T/fake/show" "$T/fake/curl"
(umask 027 && POSIXLY_CORRECT=1 fake mi-token curl $a) >"$T/ours"
(umask 027 && POSIXLY_CORRECT=1 fake curl $a) >"$T/theirs"
is 'surroundings, but for one descriptor' "$(diff "$T/ours" "$T/theirs" | grep -c '^[<>]')" 2
is 'one descriptor' "$(($(sed -n 3p "$T/ours" | wc -w) - $(sed -n 3p "$T/theirs" | wc -w)))" 1
mv "$T/fake/curl.real" "$T/fake/curl"

it 'neither the list of processes nor the environment has the token, nor does any file'
mi-token $storage >"$T/secrets" 2>/dev/null || mi-token --resource $storage >"$T/secrets"
cat >"$T/fake/curl" <<'END'
#!/bin/sh
cat /proc/self/cmdline /proc/$$/cmdline /proc/$$/environ
END
fake mi-token curl $blob | tr '\0' '\n' >"$T/seen"
is 'arguments' "$(grep -c /dev/fd/ "$T/seen")" '~[1-9]*'
is 'token' "$(pieces "$T/secrets" <"$T/seen")" ''

it 'a token that cannot be had: an error of mi-token curl, and a curl without one'
cat >"$T/fake/curl" <<'END'
#!/bin/sh
echo "$*"
END
mi-token cache clear >"$T/cleared"
sim_faults '[{"service":"imds","path":"/metadata/identity","status":400,"body":"{\"error\":\"invalid_request\",\"error_description\":\"Identity not found\"}"}]'
expect 4 '' '~mi-token: *' -- fake mi-token curl $a
expect 0 "$a" '~mi-token: curl runs without a token: *' -- fake_shim $a
sim_faults '[]'
echo 'source = ;' >/etc/mi-token/mi-token.conf
expect 3 '' '~mi-token: *' -- fake mi-token curl $a
expect 0 "$a" '~mi-token: curl runs without a token: *' -- fake_shim $a
rm /etc/mi-token/mi-token.conf
expect 2 '' '~mi-token: *nonsense*' -- fake mi-token curl --identity nonsense $a

it 'a redirect takes the token along to the same host only, and never out of https'
redirect()
{
	sim_faults '[{"service":"storage","requests":[1],"status":302,"headers":{"Location":"'"$1"'"}}]'
	sim_reset
}
redirect "$other"
expect 0 - '' -- mi-token curl -sSL -H "$version" $blob
is 'first' "$(sim_request storage 1 | grep -c '^Authorization: Bearer ')" 1
is 'second' "$(sim_request storage 2 | grep -c '^Authorization')" 0
is 'second host' "$(sim_request storage 2 | grep -ci '^host: other\.')" 1
redirect "https://mystorage.blob.core.windows.net/docs/moved.txt"
expect 0 'hello from mystorage.blob.core.windows.net/docs/moved.txt' '' -- mi-token curl -sSL -H "$version" $blob
redirect "http://127.0.0.1:8099/counters"
expect 1 - '~*Protocol*' -- mi-token curl -sSL -H "$version" $blob
sim_faults '[]'

it 'of two sections with the real curl, each host sees what is its own'
sim_reset
expect 0 - '~*credentials of its own' -- mi-token curl -sS -H "$version" $blob --next -sS -u a:b -H "$version" $other
is 'first' "$(sim_request storage 1 | grep -c '^Authorization: Bearer ')" 1
is 'second' "$(sim_request storage 2 | grep '^Authorization' | tr -d '\r')" 'Authorization: Basic YTpi'
sim_reset
expect 0 - '' -- mi-token curl -sS -H "$version" $blob --next -sS -H "$version" $other
is 'second' "$(sim_request storage 2 | grep -c '^Authorization: Bearer ')" 1

it 'plain http in a section of its own sees nothing, whatever stands beside it'
sim_reset
expect 0 - '~*--insecure*' -- shim -sS -H "$version" $blob --next -sS http://127.0.0.1:46808/msi/auth --next -k -sS $other
is 'first' "$(sim_request storage 1 | grep -c '^Authorization: Bearer ')" 1
is 'plain' "$(sim_request ml 1 | grep -c '^GET /msi/auth ') $(sim_request ml 1 | grep -c '^Authorization')" '1 0'
is 'insecure' "$(sim_request storage 2 | grep -c '^Authorization')" 0

it 'with -v, which shows it, there is no token, wherever stderr goes'
expect 2 '' '~mi-token: *-v shows the token*' -- mi-token curl -sSv -H "$version" $blob
expect 2 '' '~mi-token: *-v shows the token*' -- mi-token curl -sS -v --stderr "$T/leak" -H "$version" $blob
[ ! -e "$T/leak" ] || bad 'curl was run'

it 'without another curl there is an error, not a loop'
mkdir -p "$T/only" "$T/second"
ln -sf "$shims/curl" "$T/only/curl"
expect 127 '' '~mi-token: there is no curl in PATH; *' -- env PATH="$shims:$T/only::." "$shims/curl" $a
expect 127 '' '~mi-token: there is no curl in PATH; *' -- env PATH= "$shims/curl" $a
cp "$B/libexec/mi-token/mi-token-curl" "$T/second/curl" # another installation
expect 127 '' '~mi-token: there is no curl in PATH; *' -- env PATH="$shims:$T/second" "$shims/curl" file:///x

it 'the options are those of the curl that is here'
command curl --help all | sed -n 's/^ *\(-[^ ]*, \)\{0,1\}--\(no-\)\{0,1\}\([^ ]*\) \([[<]\)\{0,1\}.*/\3 \4/p' >"$T/options"
while read -r name takes; do
	row=$(sed -n "s/^	{ \"$name\", .*\(true\|false\).*/\1/p" "$root/helper/curl/options.c")
	case $name:$row:$takes in
	help:* | *:true:[\<[] | *:false:) ;;
	*::*) echo "# a newer curl has --$name" ;; # refused, and no harm
	*) bad "--$name: $row" ;;
	esac
done <"$T/options"

it 'help, version and mistakes in our own options'
expect 0 '~usage: mi-token curl*' '' -- mi-token curl --help
expect 0 '~usage: mi-token curl*' '' -- mi-token help curl
expect 0 '~mi-token [0-9]*' '' -- mi-token curl --version
expect 2 '' '~mi-token: --resource lacks its value*' -- mi-token curl --resource
expect 0 '--help' '' -- fake mi-token curl -- --help

it 'a script of the same name that calls us is no way round in circles'
mkdir -p "$T/wrapper"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$shims/curl" >"$T/wrapper/curl"
chmod +x "$T/wrapper/curl"
for path in "$T/wrapper:$shims:$PATH" "$T/wrapper:$PATH"; do
	expect 0 '~curl [0-9]*' '' -- timeout 10 env PATH="$path" "$T/wrapper/curl" --version
done
for mark in 1.1.a:ff 1.7.0:0; do
	expect 0 '~curl [0-9]*' '' -- env MI_TOKEN_CURL=$mark "$shims/curl" --version
done
for mark in '' x 1 1.1 1.1.a 1.1.a: 1.1.a:ffx 1.1.:ff ' 1.1.a:ff' 1.-1.a:ff a.1.a:ff 1.8.a:ff 1.99999999999999999999.a:ff; do
	expect 127 '' '~mi-token: there is no curl in PATH; *' -- env MI_TOKEN_CURL="$mark" "$shims/curl" --version
done
