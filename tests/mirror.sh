# shellcheck shell=sh disable=SC2034,SC2154
# Packages of Debian and Ubuntu from the mirrors that this machine uses, verified by their
# suites' signatures, for tests that need more than the machine has. For scripts in tests/:
# $dir is the folder of what they keep, $me the script's name, $patience seconds for apt.
# SPDX-License-Identifier: MIT

# Where a distribution keeps debootstrap, which knows the other's mirror, and the other's keys.
tools() {
	case $1 in
	debian) echo trixie main ;;
	ubuntu) echo noble main universe ;;
	esac
}

# The machine's apt is asked where it gets its packages, so whatever form its sources have.
# What it knows to be the distribution's is better than what looks like it.
own_mirror() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
		awk -v id="$ID" -v suites=" ${VERSION_CODENAME:-sid} stable oldstable testing unstable sid " '
			$3 != "main" || !index(suites, " " $2 " ") { next }
			tolower($4) == id { print $1; known = 1; exit }
			!guess { guess = $1 }
			END { if (!known && guess) print guess }'
}

# An apt that leaves the machine's alone: only how to get to the network is taken from there.
# The sources are in $work/sources.list, one line of `deb` or `deb-src` for each suite.
apt() {
	mkdir -p "$work/apt/state" "$work/apt/cache" || return 1
	: >"$work/apt/status"
	cat >"$work/apt/conf" <<-END
		Dir::State "$work/apt/state";
		Dir::State::status "$work/apt/status";
		Dir::Cache "$work/apt/cache";
		Dir::Etc::sourcelist "$work/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		Dir::Etc::trusted "/dev/null";
		Dir::Etc::trustedparts "/dev/null";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
		APT::Update::Error-Mode "any";
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Retries "1";
		Acquire::http::Timeout "10";
		Acquire::https::Timeout "10";
	END
	timeout -k 5 "$patience" apt-get -q -c "$work/apt/conf" "$@"
}

# Both are packages of the machine's distribution: the other's keys, and its mirrors.
get_tools() {
	# shellcheck disable=SC2046 # a suite and components
	set -- $(tools "$ID")
	echo "deb [signed-by=$own_keys] $own_mirror $*" >"$work/sources.list"
	mkdir "$work/debs" && apt update || return 1
	case $ID in
	debian) set -- ubuntu-keyring ;;
	ubuntu) set -- debian-archive-keyring ;;
	esac
	(cd "$work/debs" && apt download debootstrap "$1") || return 1
	for deb in "$work"/debs/*.deb; do
		dpkg-deb -x "$deb" "$work/tools" || return 1
	done
}

# Sets keys and mirrors of distribution $1, for its suite $2. Which mirror has an old suite
# changes with time, and debootstrap's script asks the Internet: it is read, not run.
find_archive() {
	if [ "$1" = "$ID" ]; then
		mirrors=$own_mirror keys=$own_keys
		return
	fi
	[ -d "$work/tools" ] || get_tools || return 1
	keys=$work/tools/usr/share/keyrings/$1-archive-keyring.gpg
	case $1 in
	debian) mirrors=$(sed -n 's/^DEF_MIRROR="\(.*\)"$/\1/p' "$work/tools/usr/sbin/debootstrap") ;;
	ubuntu)
		mirrors=$(awk '$1 == "default_mirror" && !seen[$2]++ { print $2 }' \
			"$work/tools/usr/share/debootstrap/scripts/${2%%-*}")
		;;
	esac
}

# Others could have made a folder of this name before us, and put their programs into it.
make_folder() {
	mkdir -p "$dir" || exit 1
	dir=$(cd "$dir" && pwd -P) || exit 1
	if [ "$(stat -c %u "$dir")" != "$(id -u)" ]; then
		echo "tests/$me: $dir is not yours" >&2
		exit 1
	fi
	work=$dir/.build-$$
	for old in "$dir"/.build-*; do # what a killed one has left
		kill -0 "${old##*-}" 2>/dev/null || rm -rf "$old"
	done
	trap 'rm -rf "$work"' EXIT
	trap 'exit 1' INT TERM HUP
	mkdir "$work" || exit 1
}

# What must be there before anything is fetched; says why when it is not.
find_mirror() {
	ID='' own_mirror=''
	# shellcheck disable=SC1091
	[ ! -e /etc/os-release ] || . /etc/os-release
	case $ID in
	debian | ubuntu) own_keys=/usr/share/keyrings/$ID-archive-keyring.gpg ;;
	*) echo "tests/$me: packages are got on Debian and Ubuntu alone" >&2 && return 1 ;;
	esac
	own_mirror=$(own_mirror)
	[ -n "$own_mirror" ] && return
	echo "tests/$me: apt's sources do not have $ID" >&2
	return 1
}

# Unpacks packages of Debian (sid, or $suite), and all that they depend on, into $work/root.
# Nothing of it is run but in a chroot. 77: they cannot be had here; it has said why.
get_root() { # PACKAGE...
	find_mirror && find_archive debian "${suite:-sid}" || return 77
	for mirror in $mirrors; do
		echo "deb [signed-by=$keys] $mirror ${suite:-sid} main" >"$work/sources.list"
		unpack_root "$@" >"$work/log" 2>&1 && return
		grep -E '^(E|W|dpkg-deb): *' "$work/log" | tail -n 12 >&2
	done
	return 77
}

unpack_root() { # PACKAGE...
	rm -rf "$work/root" "$work/apt/cache"
	apt update && apt -y --no-install-recommends --download-only install \
		base-files ca-certificates coreutils dash libc-bin "$@" || return 1
	mkdir "$work/root" || return 1
	for deb in "$work"/apt/cache/archives/*.deb; do
		dpkg-deb -x "$deb" "$work/root" || return 1
	done
	mkdir -p "$work/root/etc/ssl/certs" "$work/root/proc" "$work/root/dev" "$work/root/run" \
		"$work/root/host" || return 1
	for file in $root_files; do
		: >"$work/root/$file" || return 1
	done
}

# Puts it where it stays, as $dir/root; $1 is a file that must be in it.
keep_root() {
	[ -e "$work/root/$1" ] || return 77
	mv -T "$work/root" "$dir/root" 2>/dev/null || [ -e "$dir/root/$1" ]
}

# The namespace's own, so that its names and its CA hold in $root too.
root_files='etc/hosts etc/resolv.conf etc/passwd etc/group etc/ssl/certs/ca-certificates.crt'

# In a namespace (of mounts): what programs of $root need. The machine is /host there.
enter_root() {
	unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME # bytecode is ten times faster
	for file in $root_files; do
		[ ! -e "/$file" ] || mount --bind "/$file" "$root/$file" || return 1
	done
	for place in dev run proc; do
		mount --rbind "/$place" "$root/$place" || return 1
	done
	mount --rbind / "$root/host"
}
