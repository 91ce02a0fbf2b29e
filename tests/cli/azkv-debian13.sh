#!/bin/sh
# The openssl program of Debian 13, OpenSSL 3.5, with the same azkv.so and the same tests.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

folder=${DEBIAN13_DIR:-/var/tmp/mi-token-debian13-$(id -u)}
if [ ! -x "$folder/root/usr/bin/openssl" ]; then
	it 'OpenSSL 3.5'
	skip 'Debian 13 is not here; tests/debian13 get'
	exit 0
fi

# there COMMAND...: with that folder's programs in PATH.
there()
{
	cd "$root" || exit 1
	if [ "$(id -u)" = 0 ]; then
		sh tests/debian13 inside "$@"
	else
		unshare -r -m sh tests/debian13 inside "$@"
	fi
}

for test in openssl tls; do
	rm -rf "$T" "$XDG_RUNTIME_DIR/mi-token" # tokens of another simulator
	there sh "tests/cli/azkv-$test.sh" >/run/lines || lib_failed=1
	sed 's/^\(not \)\{0,1\}ok - /&OpenSSL 3.5: /' /run/lines
done

# Keys that are in no vault, by the programs that test them here; what these were linked with
# is there too, but for the sanitizers.
case $B in */plain) ;; *) exit "${lib_failed:-0}" ;; esac
units=/run/units/tests/unit
mkdir -p "$units" && cp -R "$B/lib" /run/units/
for unit in table key foreign foreign_forms foreign_pki foreign_tls foreign_threads; do
	cp "$B/tests/unit/azkv_$unit" "$units/"
done
there sh -c 'status=0
	for unit in "$1"/*; do
		chroot "$DEBIAN13_DIR/root" env LD_LIBRARY_PATH=/run/debian13/lib "$unit" || status=1
	done
	exit $status' sh "$units" >/run/lines || lib_failed=1
sed 's/^\(not \)\{0,1\}ok - /&OpenSSL 3.5: /' /run/lines
