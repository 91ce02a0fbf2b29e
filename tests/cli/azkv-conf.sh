#!/bin/sh
# mi-token openssl-conf: lines of its own in OpenSSL's configuration, and nothing else.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/azkv-lib.sh
. "$(dirname "$0")/azkv-lib.sh"

file=$T/o.cnf

# written STATEMENT: the file is what printf makes of it.
written()
{
	printf %b "$1" >"$file"
	cp "$file" "$T/before"
}

# loads PROVIDER...: what OpenSSL loads with the file.
loads()
{
	OPENSSL_CONF=$file openssl list -providers >"$T/list" 2>&1
	sed -n 's/^  \([a-z]*\)$/\1/p' "$T/list" | paste -sd ' '
}

install()
{
	expect 0 '' '' -- mi-token openssl-conf --install --file "$file"
}

removed()
{
	expect 0 '' '' -- mi-token openssl-conf --remove --file "$file"
	cmp -s "$file" "$T/before" || bad 'it is not as before' "$(diff "$T/before" "$file")"
}

debian12='openssl_conf = openssl_init\n[openssl_init]\n# providers = provider_sect\n# [provider_sect]\n# default = default_sect\n# [default_sect]\n# activate = 1\n[ ca ]\nx = 1\n'
debian13='openssl_conf = openssl_init\n[openssl_init]\nproviders = provider_sect\n[provider_sect]\ndefault = default_sect\n[default_sect]\n# activate = 1\n[ ca ]\nx = 1\n'

for name in debian12 debian13 ''; do
	it "it adds the provider to ${name:-an empty file}, after an active default, and takes it out again"
	case $name in debian12) text=$debian12 ;; debian13) text=$debian13 ;; *) text='# nothing\n' ;; esac
	written "$text"
	install
	is 'providers' "$(loads)" 'azkv default'
	OPENSSL_CONF=$file openssl genpkey -algorithm EC -pkeyopt group:P-256 -out "$T/k" || bad 'EC keys are made'
	cp "$file" "$T/once"
	install
	cmp -s "$file" "$T/once" || bad 'twice is not once'
	removed
	removed
done

it 'the configuration of this machine'
file=$T/machine.cnf
cp "$(openssl version -d | sed 's/.*"\(.*\)"/\1/')/openssl.cnf" "$file"
cp "$file" "$T/before"
install
is 'providers' "$(loads)" 'azkv default'
removed
file=$T/o.cnf

it 'a file that is not there is made, and gone again'
rm -f "$file"
install
is 'providers' "$(loads)" 'azkv default'
expect 0 '' '' -- mi-token openssl-conf --remove --file "$file"
[ ! -e "$file" ] || bad 'it is still there'

it 'OPENSSL_CONF names the file'
written "$debian12"
OPENSSL_CONF=$file expect 0 '' '' -- mi-token openssl-conf --install
is 'providers' "$(loads)" 'azkv default'
removed

it 'providers that were chosen stay chosen'
written 'openssl_conf = i\n[i]\nproviders = p\n[p]\nlegacy = l\nbase = b\n[l]\nactivate = 1\n[b]\nactivate = yes\n'
install
is 'providers' "$(loads)" '~*azkv*'
grep -q '^default' "$file" && bad 'default was added'
removed

it "the provider's options stay when it is installed again"
written "$debian12"
install
sed -i 's/^\[mi_token_azkv\]/&\ntimeout = 5s\n# ours/' "$file"
cp "$file" "$T/once"
install
is 'options' "$(sed -n '/^\[mi_token_azkv\]/,/^# mi-token end/p' "$file" | grep -c -e '^timeout = 5s$' -e '^# ours$')" 2
removed

it 'mode, owner and links of the file stay'
written "$debian12"
chmod 640 "$file"
chown 33:33 "$file"
ln -sf o.cnf "$T/link.cnf"
expect 0 '' '' -- mi-token openssl-conf --install --file "$T/link.cnf"
is 'link' "$(readlink "$T/link.cnf")" o.cnf
is 'mode and owner' "$(stat -c '%a %u %g' "$file")" '640 33 33'
is 'providers' "$(loads)" 'azkv default'
chown 0:0 "$file"

it "another's lines are left alone"
written 'openssl_conf = i\n[i]\nproviders = p\n[p]\nazkv = a\n[a]\nactivate = 1\n'
expect 3 '' "~mi-token: *has azkv already*[[]p]*" -- mi-token openssl-conf --install --file "$file"
cmp -s "$file" "$T/before" || bad 'it was changed'
expect 0 '' '' -- mi-token openssl-conf --remove --file "$file"
cmp -s "$file" "$T/before" || bad 'it was changed'

it 'a file that OpenSSL cannot read, or with damaged lines of ours, is not touched'
written '[broken\n'
expect 3 '' "~mi-token: *line 1*" -- mi-token openssl-conf --install --file "$file"
cmp -s "$file" "$T/before" || bad 'it was changed'
written '# mi-token begin: keys in Azure Key Vault, azkv(7)\n[x]\n'
expect 3 '' "~mi-token: *damaged*" -- mi-token openssl-conf --remove --file "$file"
expect 3 '' '~mi-token: *' -- mi-token openssl-conf --install --file "$T/nowhere/x.cnf"
expect 2 '' '~mi-token: *one of them*' -- mi-token openssl-conf --install --remove --file "$file"

it 'alone it shows what it would add'
written "$debian13"
expect 0 '~# mi-token begin*azkv = *# mi-token end' '' -- mi-token openssl-conf --file "$file"
cmp -s "$file" "$T/before" || bad 'it was changed'
