#!/bin/sh
# Azure Artifacts with npm, pip, cargo and Maven as README says, and through git's credential
# protocol; the token stays out of files and of argument lists.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/git-lib.sh
. "$root/tests/cli/git-lib.sh"

# What the machine tells these programs is not for the tests; its toolchains are.
for name in $(env | sed -n 's/^\([A-Za-z_0-9]*\)=.*/\1/p'); do
	case $name in
	RUSTUP_*) ;;
	PIP_* | PYTHON* | UV_* | npm_* | NPM_* | NODE_* | CARGO* | RUST* | MAVEN_*) unset "$name" ;;
	esac
done
export RUSTUP_HOME="${RUSTUP_HOME-$(getent passwd "$(id -u)" | cut -d: -f6)/.rustup}"

sim_start vm-system
export NODE_EXTRA_CA_CERTS="$SIM_CA" PIP_CERT="$SIM_CA"
export PIP_DISABLE_PIP_VERSION_CHECK=1 npm_config_update_notifier=false
host=https://pkgs.dev.azure.com
feed=$SIM_STATE/feeds/org/tools
files=$host/org/_packaging/0a0a0000-0000-4000-8000-0000000000f1 # feeds have two names

# readme LANGUAGE N: the N-th example in this language that README has about feeds.
readme()
{
	awk -v language="$1" -v n="$2" '
		/^## / { here = $0 == "## Azure Artifacts" }
		/^```/ { inside = !inside && here && substr($0, 4) == language && ++seen == n; next }
		inside' "$root/README.md" |
		sed "s,FEED,tools,g; s,ORG,org,g; s,/usr/local/bin,$T/bin,g"
}

# The cached token, as it is and as a password, in pieces.
cut_token()
{
	mi-token devops >"$T/token"
	{
		sed 's/.*\.//' "$T/token"
		for user in mi-token org any; do
			printf '%s:' "$user" | cat - "$T/token" | tr -d '\n' | base64 -w 0 | tail -c 400
			echo
		done
	} | fold -w 12 | grep '.\{12\}' >"$T/pieces"
}

# watched COMMAND...: runs it; all arguments of all programs are in $T/arguments.
watched()
{
	if command -v strace >/dev/null; then
		strace -f -qq -s 99999 -e trace=execve -o "$T/arguments" "$@"
	else
		"$@"
	fi
}

# try NAME WHY-NOT: prepare_NAME makes a package and who wants it, install_NAME prints the
# command of README, found_NAME what is in the package then.
try()
{
	try_name=$1
	if [ -z "$2" ]; then
		git_home </dev/null
		rm -rf "$T/work"
		mkdir "$T/work"
		cd "$T/work" || exit 1
		"prepare_$1"
		fresh
	fi

	it "$1 gets a package from a feed, for one request for a token"
	if [ -n "$2" ]; then skip "$2"; else try_install; fi

	it "$1 leaves the token in no file and in no list of arguments"
	if [ -n "$2" ]; then skip "$2"; else try_leaks; fi
	cd "$T" || exit 1
}

try_install()
{
	expect 0 - - -- watched sh -c "$("install_$try_name")"
	is 'the package' "$("found_$try_name")" 42
	is 'requests' "$(sim_counter imds)" 1
	is 'with a token' "$(sim_log artifacts | grep -ci 'authorization: ')" '~[1-9]*'
}

try_leaks()
{
	cut_token
	is 'files' "$(grep -rlaFf "$T/pieces" "$HOME" "$T/work" "$T/out" "$T/err")" ''
	if ! command -v strace >/dev/null; then
		skip 'strace is not installed'
		return
	fi
	is 'programs' "$(grep -c 'execve.*"mi-token"' "$T/arguments")" '~[1-9]*'
	is 'arguments' "$(grep -cFf "$T/pieces" "$T/arguments")" 0
}

prepare_npm()
{
	mkdir -p "$feed/npm/registry/tiny" "$feed/../${files##*/}/npm/registry/tiny/-" package
	echo '{"name":"tiny","version":"1.0.0","answer":42}' >package/package.json
	tar -czf "$feed/../${files##*/}/npm/registry/tiny/-/tiny-1.0.0.tgz" package
	cat >"$feed/npm/registry/tiny/index.json" <<-END
		{"name":"tiny","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"tiny","version":"1.0.0",
		"dist":{"tarball":"$files/npm/registry/tiny/-/tiny-1.0.0.tgz"}}}}
	END
	rm -r package
	echo '{"dependencies":{"tiny":"1.0.0"}}' >package.json
	readme ini 1 >.npmrc
}

install_npm()
{
	readme sh 1
}

found_npm()
{
	json_field answer <node_modules/tiny/package.json
}

if npm --version >"$T/version" 2>&1; then why=''; else why='npm is not installed'; fi
try npm "$why"

it 'npm takes the token from the variables of mi-token -o env as well'
if [ -n "$why" ]; then
	skip "$why"
else
	rm -rf "$T/work/node_modules" "$HOME/.npm"
	cd "$T/work" || exit 1
	# shellcheck disable=SC2016 # it is a command
	expect 0 - - -- sh -c 'eval "$(mi-token -o env devops)"; npm install'
	is 'the package' "$(found_npm)" 42
	rm -rf node_modules "$HOME/.npm"
	expect 1 - '~*E401*' -- npm install
	cd "$T" || exit 1
fi

# A wheel, and a source package that needs it to be built.
prepare_pip()
{
	mkdir -p "$feed/pypi/simple/tiny" "$feed/pypi/simple/heavy" heavy-1.0
	cat >heavy-1.0/backend.py <<-'END'
		import os, sys, zipfile
		def wheel(to, name, text):
		    file, info = name + '-1.0-py3-none-any.whl', name + '-1.0.dist-info/'
		    with zipfile.ZipFile(os.path.join(to, file), 'w') as z:
		        z.writestr(name + '.py', text)
		        z.writestr(info + 'METADATA', 'Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n' % name)
		        z.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n')
		        z.writestr(info + 'RECORD', '')
		    return file
		def build_wheel(to, settings=None, metadata=None):
		    import tiny
		    return wheel(to, 'heavy', 'answer = %d\n' % tiny.answer)
		if __name__ == '__main__':
		    wheel(sys.argv[1], 'tiny', 'answer = 42\n')
	END
	cat >heavy-1.0/pyproject.toml <<-'END'
		[build-system]
		requires = ["tiny"]
		build-backend = "backend"
		backend-path = ["."]
	END
	printf 'Metadata-Version: 2.1\nName: heavy\nVersion: 1.0\n' >heavy-1.0/PKG-INFO
	python3 heavy-1.0/backend.py "$feed/pypi/simple/tiny"
	tar -czf "$feed/pypi/simple/heavy/heavy-1.0.tar.gz" heavy-1.0
	rm -r heavy-1.0
	for file in tiny/tiny-1.0-py3-none-any.whl heavy/heavy-1.0.tar.gz; do
		echo "<!DOCTYPE html><a href=\"${file#*/}\">${file#*/}</a>" >"$feed/pypi/simple/${file%%/*}/index.html"
	done
}

pip_install='python3 -m pip install --target site heavy'

install_pip()
{
	readme sh 2
	echo "$pip_install"
}

found_pip()
{
	sed -n 's/answer = //p' site/heavy.py
}

# at_least PROGRAM MAJOR MINOR: whether "PROGRAM ... VERSION" in $T/version is that new.
at_least()
{
	sed -n "s/^$1 \([0-9]*\)\.\([0-9]*\).*/\1 \2/p" "$T/version" | {
		read -r major minor && [ $((major * 1000 + minor)) -ge $(($2 * 1000 + $3)) ]
	}
}

why='pip is not installed'
if python3 -m pip --version >"$T/version" 2>&1; then
	why="$(head -n 1 "$T/version" | cut -d' ' -f1-2) knows no program keyring"
	if at_least pip 23 0; then why=''; fi
fi
try pip "$why"

it 'pip shows a token in the address of an index to everybody, which is why README does not'
if [ -n "$why" ]; then
	skip "$why"
elif ! command -v strace >/dev/null; then
	skip 'strace is not installed'
else
	rm -rf "$T/work/site" "$HOME/.cache"
	cd "$T/work" || exit 1
	expect 0 - - -- watched sh -c \
		"PIP_INDEX_URL=https://any:\$(mi-token devops)@${host#https://}/org/_packaging/tools/pypi/simple/ $pip_install"
	is 'arguments' "$(grep -cFf "$T/pieces" "$T/arguments")" '~[1-9]*'
	cd "$T" || exit 1
fi

# crate NAME: its Cargo.toml; dependencies may follow.
crate()
{
	printf '[package]\nname = "%s"\nversion = "1.0.0"\nedition = "2018"\n[dependencies]\n' "$1"
}

prepare_cargo()
{
	mkdir -p "$feed/Cargo/index/ti/ny" "$feed/Cargo/crates/tiny/1.0.0" tiny-1.0.0/src src .cargo
	crate tiny >tiny-1.0.0/Cargo.toml
	echo 'pub const ANSWER: u8 = 42;' >tiny-1.0.0/src/lib.rs
	tar -czf "$feed/Cargo/crates/tiny/1.0.0/download" tiny-1.0.0
	rm -r tiny-1.0.0
	sum=$(sha256sum <"$feed/Cargo/crates/tiny/1.0.0/download" | cut -d' ' -f1)
	echo '{"name":"tiny","vers":"1.0.0","deps":[],"cksum":"'"$sum"'","features":{},"yanked":false}' \
		>"$feed/Cargo/index/ti/ny/tiny"
	echo '{"dl":"'$host/org/_packaging/tools/Cargo/crates'","auth-required":true}' >"$feed/Cargo/index/config.json"
	crate prog >Cargo.toml
	echo 'tiny = { version = "1", registry = "tools" }' >>Cargo.toml
	echo 'pub const ANSWER: [u8; 42] = [0; tiny::ANSWER as usize];' >src/lib.rs
	readme toml 1 >.cargo/config.toml
}

install_cargo()
{
	echo 'cargo build'
}

found_cargo()
{
	grep -rh ANSWER "$HOME/.cargo/registry/src" | sed 's/.*= \(.*\);/\1/'
}

why='cargo is not installed'
if cargo --version >"$T/version" 2>&1; then
	why="$(head -n 1 "$T/version" | cut -d' ' -f1-2) cannot sign in to registries"
	if at_least cargo 1 74; then why=''; fi
fi
try cargo "$why"

it 'cargo shows why there is no token'
if [ -n "$why" ]; then
	skip "$why"
else
	rm -rf "$T/work/target" "$T/work/Cargo.lock" "$HOME/.cargo"
	sim_scenario vm-none
	fresh
	cd "$T/work" || exit 1
	expect 101 '' '~*mi-token: *az vm identity assign*' -- cargo build
	cd "$T" || exit 1
	sim_scenario vm-system
fi

it 'cargo gets a dependency in Azure Repos by the helper'
if [ -n "$why" ]; then
	skip "$why"
else
	git_home <<-END
		credential.https://dev.azure.com.helper mi-token
	END
	rm -rf "$SIM_STATE/repos/org/proj/tiny" "$T/tiny"
	git init -q --bare "$SIM_STATE/repos/org/proj/tiny"
	git init -q "$T/tiny"
	mkdir "$T/tiny/src"
	crate tiny >"$T/tiny/Cargo.toml"
	echo 'pub const ANSWER: u8 = 42;' >"$T/tiny/src/lib.rs"
	git -C "$T/tiny" add .
	git -C "$T/tiny" commit -qm tiny
	git -C "$T/tiny" push -q "$SIM_STATE/repos/org/proj/tiny" HEAD:refs/heads/main
	cd "$T/work" || exit 1
	rm -rf target Cargo.lock .cargo
	crate prog >Cargo.toml
	echo 'tiny = { git = "https://dev.azure.com/org/proj/_git/tiny", branch = "main" }' >>Cargo.toml
	fresh
	expect 0 - - -- cargo build
	is 'requests' "$(sim_counter imds)" 1
	cd "$T" || exit 1
fi

# Maven gets its parent from the feed, which needs no plugins.
prepare_maven()
{
	mkdir -p "$feed/maven/v1/tiny/tiny/1.0"
	model='<project><modelVersion>4.0.0</modelVersion>'
	echo "$model<groupId>tiny</groupId><artifactId>tiny</artifactId><version>1.0</version>
		<packaging>pom</packaging><description>42</description></project>" >"$feed/maven/v1/tiny/tiny/1.0/tiny-1.0.pom"
	echo "$model<parent><groupId>tiny</groupId><artifactId>tiny</artifactId><version>1.0</version><relativePath/></parent>
		<artifactId>prog</artifactId><packaging>pom</packaging>
		<repositories><repository><id>tools</id><url>$host/org/_packaging/tools/maven/v1</url></repository></repositories>
		</project>" >pom.xml
	mkdir "$HOME/.m2"
	readme xml 1 >"$HOME/.m2/settings.xml"
	keytool -importcert -noprompt -alias sim -file "$SIM_CA" -keystore trust -storepass changeit >"$T/keytool" 2>&1
}

install_maven()
{
	echo "export MAVEN_OPTS='-Duser.home=$HOME -Djavax.net.ssl.trustStore=trust -Djavax.net.ssl.trustStorePassword=changeit'"
	# shellcheck disable=SC2016 # it is a command
	echo 'MI_TOKEN=$(mi-token devops) mvn -q validate'
}

found_maven()
{
	sed -n 's/.*<description>\([0-9]*\).*/\1/p' "$HOME/.m2/repository/tiny/tiny/1.0/tiny-1.0.pom"
}

if mvn --version >"$T/version" 2>&1; then why=''; else why='maven is not installed'; fi
try maven "$why"

sim_scenario vm-users
invoicing=client-id:6f0c0000-0000-4000-8000-0000000000a1
backup=client-id:6f0c0000-0000-4000-8000-0000000000a2

# rules TEXT: what root's rules are.
rules()
{
	mkdir -p /etc/mi-token/conf.d
	chmod 755 /etc/mi-token /etc/mi-token/conf.d
	rm -f /etc/mi-token/conf.d/*
	(umask 022 && echo "identity = \"$invoicing\"; rules = ( $1 );" >/etc/mi-token/conf.d/50-test.conf)
}

# who [TOKEN-PREFIX]: the last digits of the object id in the token on stdin, which stands
# behind this prefix; nothing when there is none.
who()
{
	sed -n "s/^${1-}//p" | jwt_claims | json_field oid | sed 's/.*-0*//'
}

# filled URL: whose token `git credential fill` has for it.
filled()
{
	echo "url=$1" | git credential fill 2>"$T/err" | who password=
}

# shown URL: whose token the keyring of README has for it.
shown()
{
	sh "$T/bin/keyring" get "$1" mi-token 2>"$T/err" | who
}

ours='credential.https://pkgs.dev.azure.com.helper mi-token
credential.https://*.pkgs.visualstudio.com.helper mi-token'
readme sh 2 | sed '/^export/d' >"$T/make-keyring"
sh "$T/make-keyring"

it 'the hosts of Artifacts get nothing by git'"'"'s protocol as long as no rule of root'"'"'s names them'
echo "$ours" | git_home
for rule in '' '{ host = "dev.azure.com"; identity = "default"; }' '{ host = "pkgs.dev.azure.com"; deny = true; }' \
	"{ resource = \"$devops\"; identity = \"$invoicing\"; }"; do
	rules "$rule"
	for url in $host/org https://org.pkgs.visualstudio.com/; do
		is "$url with $rule" "$(filled "$url")" ''
	done
done
rules ''
mkdir -p "$HOME/.config/mi-token"
echo "rules = ( { host = \"pkgs.dev.azure.com\"; identity = \"$invoicing\"; } );" >"$HOME/.config/mi-token/mi-token.conf"
is 'with a rule of the user'"'"'s' "$(filled $host/org)" ''

it 'with the rule in README both get it, as README asks'
git_home </dev/null
rules ''
sim_scenario vm-system
fresh
readme sh 3 >"$T/fill"
expect 0 - '' -- sh "$T/fill"
is 'token' "$(who password= <"$T/out")" b1
is 'user' "$(grep -c '^username=.' "$T/out")" 1
echo "$ours" | git_home
for url in $host/org https://org@pkgs.dev.azure.com/org https://pkgs.dev.azure.com:443/org https://PKGS.dev.azure.com/org \
	https://org.pkgs.visualstudio.com/_packaging; do
	is "$url" "$(filled "$url")" b1
done
is 'requests' "$(sim_counter imds)" 1
for at in http://pkgs.dev.azure.com pkgs.dev.azure.com:8443 feeds.dev.azure.com vssps.dev.azure.com \
	pkgs.dev.azure.com.example.com apkgs.dev.azure.com a.b.pkgs.visualstudio.com pkgs.visualstudio.com.example.com; do
	case $at in http:*) protocol=http ;; *) protocol=https ;; esac
	printf 'protocol=%s\nhost=%s\n' $protocol "${at#http://}" | ask get >"$T/out" 2>"$T/err"
	is "$at" "$(cat "$T/out")" ''
done

it 'rules with a path choose the identity of an organization, and deny others'
sim_scenario vm-users
echo "$ours
credential.https://pkgs.dev.azure.com.useHttpPath true" | git_home
rules "{ host = \"pkgs.dev.azure.com\"; path = \"/partner\"; deny = true; },
	{ host = \"pkgs.dev.azure.com\"; path = \"/orgb\"; identity = \"$backup\"; },
	{ host = \"pkgs.dev.azure.com\"; identity = \"$invoicing\"; }"
fresh
while read -r url want; do
	is "git: $url" "$(filled "$url")" "$want"
	case $url in $host/*) is "keyring: $url" "$(shown "$url")" "$want" ;; esac
done <<END
$host/org/_packaging/tools/pypi/simple/ a1
$host/orgb/_packaging/tools/pypi/simple/ a2
$host/OrgB/proj/_packaging/tools/pypi/simple/ a2
https://orgb.pkgs.visualstudio.com/_packaging/tools/pypi/simple/ a2
$host/orgbank/_packaging/tools/pypi/simple/ a1
$host/partner/_packaging/tools/pypi/simple/
https://partner.pkgs.visualstudio.com/_packaging/tools/pypi/simple/
$host/org/../partner/_packaging/tools/pypi/simple/
$host/%70artner/_packaging/tools/pypi/simple/
END
filled $host/partner/_packaging
is 'reason' "$(head -n 1 "$T/err")" "~mi-token: no token for host 'pkgs.dev.azure.com', path 'partner/_packaging': denied by the rule at *"

it 'without useHttpPath there is no token where a rule wants to see the path, and the line says so'
echo "$ours" | git_home
is 'token' "$(filled $host/org)" ''
is 'reason' "$(head -n 1 "$T/err")" '~mi-token: *useHttpPath true'
is 'token' "$(filled https://orgb.pkgs.visualstudio.com/)" a2

it 'the keyring in README knows no other host and no other command'
rules ''
fresh
for url in pkgs.dev.azure.com http://pkgs.dev.azure.com/org/ https://pkgs.dev.azure.com.example.com/ \
	https://pkgs.dev.azure.com@example.com/ https://mystorage.blob.core.windows.net/ https://example.com/pkgs.dev.azure.com/; do
	expect 1 '' '' -- sh "$T/bin/keyring" get "$url" mi-token
done
expect 1 '' '' -- sh "$T/bin/keyring" set "$host/org/" mi-token
is 'requests' "$(sim_counter imds)" 0
